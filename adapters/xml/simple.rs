//! Simple types of a schema (XML Schema part 2): what is built in, and what restrictions, lists and unions make of it.

use crate::{
    lexical::{Atom, Digits, Shape, Simple, Space},
    pattern,
    runs::Runs,
    xsd::{Global, Place, TypeKey, Xsd},
};
use latimer_engine::{Decimal, Number, Text, Type, rules::TextCheck};

/// A simple type with all it inherits.
#[derive(Clone, Debug)]
pub(crate) struct SimpleType {
    /// As messages show it.
    pub(crate) name: String,
    /// What it was derived from.
    pub(crate) base: Option<TypeKey>,
    variety: Variety,
    space: Space,
    min: u32,
    max: Option<u32>,
    codes: Vec<String>,
    /// In the syntax of the `regex` crate; all hold.
    patterns: Vec<String>,
    number: Number,
}

#[derive(Clone, Debug)]
enum Variety {
    Atom(Atom),
    Decimal { whole: bool },
    List(Box<SimpleType>),
    Union(Vec<SimpleType>),
}

/// The built-in types: their names, what each is derived from, and how its values look.
const BUILT_IN: [(&str, &str, Atom, Space); 26] = [
    ("anySimpleType", "", Atom::Text, Space::Preserve),
    ("string", "anySimpleType", Atom::Text, Space::Preserve),
    ("normalizedString", "string", Atom::Text, Space::Replace),
    ("token", "normalizedString", Atom::Text, Space::Collapse),
    ("language", "token", Atom::Language, Space::Collapse),
    ("NMTOKEN", "token", Atom::NameToken, Space::Collapse),
    ("Name", "token", Atom::Name, Space::Collapse),
    ("NCName", "Name", Atom::PlainName, Space::Collapse),
    ("ID", "NCName", Atom::PlainName, Space::Collapse),
    ("IDREF", "NCName", Atom::PlainName, Space::Collapse),
    ("anyURI", "anySimpleType", Atom::Text, Space::Collapse),
    ("QName", "anySimpleType", Atom::QualifiedName, Space::Collapse),
    ("boolean", "anySimpleType", Atom::Boolean, Space::Collapse),
    ("date", "anySimpleType", Atom::Date, Space::Collapse),
    ("time", "anySimpleType", Atom::Time, Space::Collapse),
    ("dateTime", "anySimpleType", Atom::DateTime, Space::Collapse),
    ("gYear", "anySimpleType", Atom::Year, Space::Collapse),
    ("gYearMonth", "anySimpleType", Atom::YearMonth, Space::Collapse),
    ("gMonth", "anySimpleType", Atom::Month, Space::Collapse),
    ("gMonthDay", "anySimpleType", Atom::MonthDay, Space::Collapse),
    ("gDay", "anySimpleType", Atom::Day, Space::Collapse),
    ("duration", "anySimpleType", Atom::Duration, Space::Collapse),
    ("float", "anySimpleType", Atom::Float, Space::Collapse),
    ("double", "anySimpleType", Atom::Float, Space::Collapse),
    ("base64Binary", "anySimpleType", Atom::Base64, Space::Collapse),
    ("hexBinary", "anySimpleType", Atom::Hex, Space::Collapse),
];

/// The numbers: what each is derived from, its least and its greatest value (part 2, sections 3.2.3 and 3.3.13 to 3.3.25).
const NUMBERS: [(&str, &str, Option<i128>, Option<i128>); 14] = [
    ("decimal", "anySimpleType", None, None),
    ("integer", "decimal", None, None),
    ("nonPositiveInteger", "integer", None, Some(0)),
    ("negativeInteger", "nonPositiveInteger", None, Some(-1)),
    ("long", "integer", Some(i64::MIN as i128), Some(i64::MAX as i128)),
    ("int", "long", Some(i32::MIN as i128), Some(i32::MAX as i128)),
    ("short", "int", Some(i16::MIN as i128), Some(i16::MAX as i128)),
    ("byte", "short", Some(i8::MIN as i128), Some(i8::MAX as i128)),
    ("nonNegativeInteger", "integer", Some(0), None),
    ("positiveInteger", "nonNegativeInteger", Some(1), None),
    ("unsignedLong", "nonNegativeInteger", Some(0), Some(u64::MAX as i128)),
    ("unsignedInt", "unsignedLong", Some(0), Some(u32::MAX as i128)),
    ("unsignedShort", "unsignedInt", Some(0), Some(u16::MAX as i128)),
    ("unsignedByte", "unsignedShort", Some(0), Some(u8::MAX as i128)),
];

/// The lists.
const LISTS: [(&str, &str); 2] = [("IDREFS", "IDREF"), ("NMTOKENS", "NMTOKEN")];

/// The built-in type of a name, under the name that lives for ever.
pub(crate) fn built_in_name(name: &str) -> Option<&'static str> {
    let names = BUILT_IN.iter().map(|it| it.0).chain(NUMBERS.iter().map(|it| it.0)).chain(LISTS.iter().map(|it| it.0));
    names.into_iter().find(|it| *it == name)
}

/// What is built in under a name.
pub(crate) fn built_in(name: &str) -> Option<SimpleType> {
    let blank = |name: &str, base: &str, variety, space| SimpleType {
        name: name.to_owned(),
        base: built_in_name(base).map(TypeKey::BuiltIn),
        variety,
        space,
        min: 0,
        max: None,
        codes: Vec::new(),
        patterns: Vec::new(),
        number: Number { signed: true, ..Number::default() },
    };
    if let Some((name, base, atom, space)) = BUILT_IN.iter().find(|it| it.0 == name) {
        return Some(blank(name, base, Variety::Atom(*atom), *space));
    }
    if let Some((name, item)) = LISTS.iter().find(|it| it.0 == name) {
        let item = built_in(item)?;
        let list = blank(name, "anySimpleType", Variety::List(Box::new(item)), Space::Collapse);
        return Some(SimpleType { min: 1, ..list });
    }
    let (name, base, least, greatest) = NUMBERS.iter().find(|it| it.0 == name)?;
    let whole = *name != "decimal";
    let mut it = blank(name, base, Variety::Decimal { whole }, Space::Collapse);
    if whole {
        it.number.decimals_max = Some(0);
    }
    it.number.least = least.map(|it| (Decimal::integer(it), true));
    it.number.greatest = greatest.map(|it| (Decimal::integer(it), true));
    it.number.signed = least.is_none_or(|it| it < 0);
    if let (Some(least), Some(greatest)) = (least, greatest) {
        let digits = |it: &i128| Decimal::integer(*it).integer_digits();
        it.number.integer_max = Some(digits(least).max(digits(greatest)));
    }
    Some(it)
}

impl Xsd<'_> {
    /// The type that an attribute of a node names.
    pub(crate) fn named_type(&mut self, place: Place, attribute: &str) -> Option<TypeKey> {
        let text = self.attribute(place, attribute)?;
        let (namespace, name) = self.resolve(place, &text);
        if namespace == crate::tree::SCHEMA && self.global(Global::Type, &(namespace, name.clone())).is_none() {
            if name == "anyType" {
                return Some(TypeKey::Any);
            }
            if let Some(name) = built_in_name(&name) {
                return Some(TypeKey::BuiltIn(name));
            }
            if let "ENTITY" | "ENTITIES" | "NOTATION" = name.as_str() {
                let help = "its values are declared in a DTD, which no message may have";
                self.unsupported_attribute(place, attribute).help(help);
                return None;
            }
        }
        self.refer(Global::Type, place, attribute).map(TypeKey::At)
    }

    /// A simple type; says so if the type is none.
    pub(crate) fn simple(&mut self, key: &TypeKey, user: Place) -> Option<SimpleType> {
        match key {
            TypeKey::Any => {
                let span = self.span(user);
                self.diagnostics.error("S202", span, "`anyType` is not a simple type").label("needs a simple type");
                None
            }
            TypeKey::BuiltIn(name) => {
                if let "ID" | "IDREF" | "IDREFS" = *name
                    && !self.said.contains(&"ID")
                {
                    self.said.push("ID");
                    let span = self.span(user);
                    self.diagnostics
                        .warning("S212", span, "that each `ID` is unique, and each `IDREF` has one, is not checked")
                        .label("checked as a name only");
                }
                built_in(name)
            }
            TypeKey::At(place) => {
                if let Some(known) = self.simples.get(key) {
                    return known.clone();
                }
                let made = self.read_simple(*place);
                self.simples.insert(key.clone(), made.clone());
                made
            }
        }
    }

    fn read_simple(&mut self, place: Place) -> Option<SimpleType> {
        if self.kind(place) != "simpleType" {
            let content = self.content(place)?;
            if content.simple.is_none() {
                let span = self.span(place);
                self.diagnostics.error("S202", span, "this is not a simple type").label("has elements");
            }
            return content.simple.clone();
        }
        self.enter(place)?;
        let made = self.read_simple_body(place);
        self.open.pop();
        made
    }

    /// Goes into a definition, unless it is being resolved already.
    pub(crate) fn enter(&mut self, place: Place) -> Option<()> {
        if self.open.contains(&place) {
            let span = self.span(place);
            self.diagnostics.error("S209", span, "this is defined by itself").label("a circle");
            return None;
        }
        self.open.push(place);
        Some(())
    }

    fn read_simple_body(&mut self, place: Place) -> Option<SimpleType> {
        let name = self.attribute(place, "name").unwrap_or_default();
        let Some(body) = self.children(place).into_iter().next() else {
            self.bad_simple(place);
            return None;
        };
        let made = match self.kind(body) {
            "restriction" => {
                let (base, key) = self.simple_of(body, "base")?;
                let made = self.restrict(body, base)?;
                SimpleType { base: Some(key), ..made }
            }
            "list" => {
                let (item, _) = self.simple_of(body, "itemType")?;
                let base = built_in("anySimpleType")?;
                SimpleType { variety: Variety::List(Box::new(item)), space: Space::Collapse, ..base }
            }
            "union" => self.read_union(body)?,
            _ => {
                self.bad_simple(place);
                return None;
            }
        };
        Some(SimpleType { name: if name.is_empty() { made.name.clone() } else { name }, ..made })
    }

    fn bad_simple(&mut self, place: Place) {
        let span = self.span(place);
        self.diagnostics.error("S205", span, "a simple type is a `restriction`, a `list` or a `union`").label("is none of them");
    }

    fn read_union(&mut self, body: Place) -> Option<SimpleType> {
        let mut members = Vec::new();
        for name in self.attribute(body, "memberTypes").unwrap_or_default().split_ascii_whitespace() {
            let (namespace, local) = self.resolve(body, name);
            let built = built_in_name(&local).filter(|_| namespace == crate::tree::SCHEMA).map(TypeKey::BuiltIn);
            let key = built.or_else(|| self.global(Global::Type, &(namespace, local)).map(TypeKey::At));
            let Some(key) = key else {
                let span = self.span_of(body, "memberTypes");
                self.diagnostics.error("S202", span, format!("there is no type `{name}`")).label("not declared");
                return None;
            };
            members.push(self.simple(&key, body)?);
        }
        for child in self.children(body) {
            members.push(self.simple(&TypeKey::At(child), body)?);
        }
        let base = built_in("anySimpleType")?;
        Some(SimpleType { variety: Variety::Union(members), ..base })
    }

    /// The type that an attribute names, or that stands within the node.
    fn simple_of(&mut self, place: Place, attribute: &str) -> Option<(SimpleType, TypeKey)> {
        let key = if self.attribute(place, attribute).is_some() {
            self.named_type(place, attribute)?
        } else {
            let inner = self.children(place).into_iter().find(|it| self.kind(*it) == "simpleType");
            let Some(inner) = inner else {
                let span = self.span(place);
                let message = format!("neither `{attribute}` nor a `simpleType` within");
                self.diagnostics.error("S205", span, message).label("of what type?");
                return None;
            };
            TypeKey::At(inner)
        };
        Some((self.simple(&key, place)?, key))
    }

    /// Applies the facets of a restriction.
    pub(crate) fn restrict(&mut self, place: Place, base: SimpleType) -> Option<SimpleType> {
        let mut it = base;
        let (mut patterns, mut codes): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut fine = true;
        for facet in self.children(place) {
            let kind = self.kind(facet).to_owned();
            // Codes and patterns keep their blanks.
            let value = self.node(facet).and_then(|it| it.get("value")).unwrap_or_default().to_owned();
            match kind.as_str() {
                "simpleType" | "attribute" | "attributeGroup" | "anyAttribute" => {}
                "enumeration" => codes.push(value),
                "pattern" => match pattern::translate(&value) {
                    Ok(translated) => patterns.push(translated),
                    Err(what) => {
                        let span = self.span_of(facet, "value");
                        let message = format!("the pattern cannot be used: {what}");
                        self.diagnostics.error("S206", span, message).label("not understood");
                        fine = false;
                    }
                },
                _ => fine &= self.apply(facet, &kind, value.trim(), &mut it),
            }
        }
        match patterns.as_slice() {
            [] => {}
            [one] => it.patterns.push(one.clone()),
            // Patterns of one step are alternatives, those of several steps hold all.
            several => it.patterns.push(several.iter().map(|it| format!("(?:{it})")).collect::<Vec<_>>().join("|")),
        }
        if !codes.is_empty() {
            fine &= self.apply_codes(place, codes, &mut it);
        }
        fine.then_some(it)
    }

    fn apply_codes(&mut self, place: Place, codes: Vec<String>, it: &mut SimpleType) -> bool {
        if let Variety::Decimal { .. } = it.variety {
            let values: Option<Vec<_>> = codes.iter().map(|it| Decimal::parse(it.trim().as_bytes())).collect();
            let Some(values) = values else {
                let span = self.span(place);
                self.diagnostics.error("S205", span, "an `enumeration` is not a number").label("cannot be used");
                return false;
            };
            it.number.codes = values;
            return true;
        }
        let collapse = |code: String| match it.space {
            Space::Collapse => code.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
            _ => code,
        };
        it.codes = codes.into_iter().map(collapse).collect();
        true
    }

    /// One facet that is neither a code nor a pattern; whether it could be used.
    fn apply(&mut self, facet: Place, kind: &str, value: &str, it: &mut SimpleType) -> bool {
        let count: Option<u32> = value.parse().ok();
        let decimal = matches!(it.variety, Variety::Decimal { .. });
        let sized = match it.variety {
            Variety::Atom(atom) => matches!(
                atom,
                Atom::Text | Atom::Name | Atom::PlainName | Atom::NameToken | Atom::Language | Atom::Base64 | Atom::Hex
            ),
            Variety::List(_) => true,
            _ => false,
        };
        let narrower = |old: Option<u32>, new: u32| Some(old.map_or(new, |old| old.min(new)));
        match (kind, count) {
            ("length", Some(count)) if sized => {
                it.min = it.min.max(count);
                it.max = narrower(it.max, count);
            }
            ("minLength", Some(count)) if sized => it.min = it.min.max(count),
            ("maxLength", Some(count)) if sized => it.max = narrower(it.max, count),
            ("totalDigits", Some(count)) if decimal => {
                it.number.digits_max = narrower(it.number.digits_max, count);
                it.number.integer_max = narrower(it.number.integer_max, count);
                it.number.decimals_max = narrower(it.number.decimals_max, count);
            }
            ("fractionDigits", Some(count)) if decimal => it.number.decimals_max = narrower(it.number.decimals_max, count),
            ("minInclusive" | "maxInclusive" | "minExclusive" | "maxExclusive", _) if decimal => {
                let Some(bound) = Decimal::parse(value.trim_start_matches('+').as_bytes()) else {
                    self.bad_value(facet, "value", "a number of up to 38 digits");
                    return false;
                };
                bound_by(&mut it.number, bound, kind.starts_with("min"), kind.ends_with("Inclusive"));
            }
            ("whiteSpace", _) => match value {
                "preserve" => {}
                "replace" => it.space = it.space.max(Space::Replace),
                "collapse" => it.space = Space::Collapse,
                _ => {
                    self.bad_value(facet, "value", "`preserve`, `replace` or `collapse`");
                    return false;
                }
            },
            ("length" | "minLength" | "maxLength" | "totalDigits" | "fractionDigits", None) => {
                self.bad_value(facet, "value", "a number of characters or digits");
                return false;
            }
            _ => {
                let message = format!("`{kind}` is not supported for a type like `{}`", it.name);
                let span = self.span(facet);
                self.diagnostics.error("S203", span, message).label("would change which messages are valid");
                return false;
            }
        }
        true
    }
}

fn bound_by(number: &mut Number, bound: Decimal, least: bool, included: bool) {
    let tighter = |old: Decimal| if least { bound > old } else { bound < old };
    let side = if least { &mut number.least } else { &mut number.greatest };
    match side {
        Some((old, old_included)) if !tighter(*old) => *old_included &= included || *old != bound,
        _ => *side = Some((bound, included)),
    }
    if least && bound >= Decimal::ZERO {
        number.signed = false;
    }
}

impl SimpleType {
    /// Whether its values are decimal numbers.
    pub(crate) fn is_decimal(&self) -> bool {
        matches!(self.variety, Variety::Decimal { .. })
    }

    /// Whether its values are written as hexadecimal digits, when they are bytes.
    pub(crate) fn is_hex(&self) -> bool {
        matches!(self.variety, Variety::Atom(Atom::Hex))
    }

    /// Whether a value that the engine's type allows may still be refused by this one.
    pub(crate) fn says_more(&self) -> bool {
        match &self.variety {
            Variety::Atom(atom) => match atom {
                Atom::Text | Atom::Name | Atom::PlainName | Atom::NameToken | Atom::Language | Atom::QualifiedName => false,
                Atom::Base64 | Atom::Hex => false,
                Atom::MonthDay | Atom::Duration | Atom::Year | Atom::YearMonth => true,
                _ => !self.codes.is_empty() || !self.patterns.is_empty(),
            },
            Variety::Decimal { .. } => !self.patterns.is_empty(),
            Variety::List(_) | Variety::Union(_) => true,
        }
    }

    /// Compiled for reading.
    pub(crate) fn compile(&self) -> Result<Simple, String> {
        let text =
            matches!(self.variety, Variety::Atom(Atom::Text | Atom::Name | Atom::PlainName | Atom::NameToken | Atom::Language));
        let (min, max) = if text { (self.min, self.max) } else { (0, None) };
        let (mut runs, mut patterns) = (Vec::new(), Vec::new());
        for pattern in &self.patterns {
            match Runs::new(pattern) {
                Some(it) => runs.push(it),
                None => patterns.push(pattern.clone()),
            }
        }
        let facets = Text { min, max, codes: self.codes.clone(), patterns, ..Text::default() };
        let check = TextCheck::new(&facets)?;
        let shape = match &self.variety {
            Variety::Atom(atom) => Shape::Atom(*atom),
            Variety::Decimal { whole } => {
                let number = self.number.clone();
                let zero = |it: Option<(Decimal, bool)>| it.is_none_or(|it| it == (Decimal::ZERO, true));
                let bounded = !zero(number.least) || number.greatest.is_some() || !number.codes.is_empty();
                Shape::Decimal(Box::new(Digits { number, whole: *whole, bounded }))
            }
            Variety::List(item) => Shape::List(Box::new(item.compile()?)),
            Variety::Union(members) => Shape::Union(members.iter().map(SimpleType::compile).collect::<Result<_, _>>()?),
        };
        let length = (self.min as usize, self.max.map_or(usize::MAX, |it| it as usize));
        let is_free = matches!(self.variety, Variety::Atom(Atom::Text))
            && self.space == Space::Preserve
            && self.codes.is_empty()
            && self.patterns.is_empty();
        Ok(Simple { shape, space: self.space, checked: !check.is_empty(), check, runs, length, is_free })
    }

    /// As the engine knows it.
    pub(crate) fn engine_type(&self) -> Type {
        let atom = match &self.variety {
            Variety::Atom(atom) => *atom,
            Variety::Decimal { .. } => return Type::Number(self.number.clone()),
            Variety::List(_) => return self.text(None),
            Variety::Union(members) => {
                let codes: Vec<_> = members.iter().flat_map(|it| it.codes.clone()).collect();
                let closed = members.iter().all(|it| !it.codes.is_empty());
                let codes = if closed && self.codes.is_empty() { codes } else { self.codes.clone() };
                return Type::Text(Text { codes, patterns: self.patterns.clone(), ..Text::default() });
            }
        };
        let (start, more) = (pattern::NAME_START, pattern::NAME_MORE);
        let zone = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?";
        match atom {
            Atom::Text => self.text(None),
            Atom::Name => self.text(Some(format!("[{start}:][{start}{more}:]*"))),
            Atom::PlainName => self.text(Some(format!("[{start}][{start}{more}]*"))),
            Atom::NameToken => self.text(Some(format!("[{start}{more}:]+"))),
            Atom::QualifiedName => self.text(Some(format!("(?:[{start}][{start}{more}]*:)?[{start}][{start}{more}]*"))),
            Atom::Language => self.text(Some("[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*".to_owned())),
            Atom::Boolean => Type::YesNo,
            Atom::Date => Type::Date,
            Atom::Time => Type::Time,
            Atom::DateTime if self.patterns.iter().any(|it| pattern::forces_zone(it)) => Type::Instant,
            Atom::DateTime => Type::DateTime,
            Atom::Year => self.text(Some(format!("-?(?:[1-9][0-9]{{4,}}|[0-9]{{4}}){zone}"))),
            Atom::YearMonth => self.text(Some(format!("-?(?:[1-9][0-9]{{4,}}|[0-9]{{4}})-(?:0[1-9]|1[0-2]){zone}"))),
            Atom::Month => self.text(Some(format!("--(?:0[1-9]|1[0-2]){zone}"))),
            Atom::MonthDay => self.text(Some(format!("--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]){zone}"))),
            Atom::Day => self.text(Some(format!("---(?:0[1-9]|[12][0-9]|3[01]){zone}"))),
            Atom::Duration => {
                let time = r"T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?";
                self.text(Some(format!("-?P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:{time})?")))
            }
            Atom::Float => self.text(Some(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|-?INF|NaN".to_owned())),
            Atom::Base64 | Atom::Hex => Type::Bytes(self.min, self.max),
        }
    }

    fn text(&self, spelling: Option<String>) -> Type {
        let list = matches!(self.variety, Variety::List(_));
        let (min, max) = if list { (0, None) } else { (self.min, self.max) };
        let patterns = self.patterns.iter().cloned().chain(spelling).collect();
        Type::Text(Text { min, max, codes: self.codes.clone(), patterns, ..Text::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_type_compiles() {
        for name in BUILT_IN.iter().map(|it| it.0).chain(NUMBERS.iter().map(|it| it.0)).chain(LISTS.iter().map(|it| it.0)) {
            let it = built_in(name).unwrap();
            it.compile().unwrap();
            if let Type::Text(text) = it.engine_type() {
                TextCheck::new(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }

    #[test]
    fn whole_numbers_have_their_range() {
        for (name, good, bad) in [
            ("byte", &["-128", "127", "+1"][..], &["128", "-129", "1.0"][..]),
            ("unsignedLong", &["18446744073709551615", "-0"], &["18446744073709551616", "-1"]),
            ("positiveInteger", &["1", "99999999999999999999999999999999999999999999"], &["0", "-5"]),
            ("negativeInteger", &["-1", "-99999999999999999999999999999999999999999999"], &["0", "1"]),
        ] {
            let it = built_in(name).unwrap().compile().unwrap();
            for text in good {
                assert!(it.read(text.as_bytes(), &mut Vec::new()).is_some(), "{name} {text}");
            }
            for text in bad {
                assert!(it.read(text.as_bytes(), &mut Vec::new()).is_none(), "{name} {text}");
            }
        }
    }

    #[test]
    fn bounds_only_tighten() {
        let mut number = Number { signed: true, ..Number::default() };
        let ten = Decimal::integer(10);
        bound_by(&mut number, ten, true, true);
        bound_by(&mut number, ten, true, false);
        bound_by(&mut number, Decimal::ZERO, true, true);
        assert_eq!(number.least, Some((ten, false)));
        assert!(!number.signed);
    }
}
