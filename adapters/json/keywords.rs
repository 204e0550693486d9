//! One schema object's keywords, typed.
//!
//! **Invariant:** what would change a verdict is kept, or is a diagnostic: nothing of it is passed over.

use crate::{
    calendar::Form,
    facets::{NumberFacets, TextFacets},
    layout::{Code, Rule},
    pattern,
    tree::{Data, Entry, Forest, NodeId},
};
use latimer_engine::{Decimal, Diagnostics, Span, rules::Pattern};

/// The JSON types, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) const NONE: Kinds = Kinds(0);
    pub(crate) const NULL: Kinds = Kinds(1);
    pub(crate) const YES_NO: Kinds = Kinds(2);
    pub(crate) const NUMBER: Kinds = Kinds(4);
    pub(crate) const TEXT: Kinds = Kinds(8);
    pub(crate) const ARRAY: Kinds = Kinds(16);
    pub(crate) const OBJECT: Kinds = Kinds(32);
    pub(crate) const ALL: Kinds = Kinds(63);

    pub(crate) fn has(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
}

/// Which words of JSON Schema a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// `$ref` makes its neighbours void (up to draft-07, and in OpenAPI 3.0).
    pub(crate) ref_alone: bool,
    /// `exclusiveMinimum` is true or false (draft-04, OpenAPI 3.0).
    pub(crate) exclusive_flags: bool,
    /// `nullable` (OpenAPI 3.0).
    pub(crate) nullable: bool,
}

impl Dialect {
    /// 2019-09 and 2020-12.
    pub(crate) const NEW: Dialect = Dialect { ref_alone: false, exclusive_flags: false, nullable: false };
    /// draft-06 and draft-07.
    pub(crate) const DRAFT_07: Dialect = Dialect { ref_alone: true, ..Dialect::NEW };
    pub(crate) const DRAFT_04: Dialect = Dialect { exclusive_flags: true, ..Dialect::DRAFT_07 };
    pub(crate) const OPENAPI_30: Dialect = Dialect { nullable: true, ..Dialect::DRAFT_04 };

    /// The one of a `$schema`.
    pub(crate) fn of(uri: &str) -> Option<Dialect> {
        let uri = uri.trim_end_matches('#').replacen("https:", "http:", 1);
        Some(match uri.as_str() {
            "http://json-schema.org/draft/2020-12/schema" | "http://json-schema.org/draft/2019-09/schema" => Dialect::NEW,
            "http://json-schema.org/draft-07/schema" | "http://json-schema.org/draft-06/schema" => Dialect::DRAFT_07,
            "http://json-schema.org/draft-04/schema" => Dialect::DRAFT_04,
            _ => return None,
        })
    }
}

/// The keywords of one schema object.
#[derive(Debug)]
pub(crate) struct Keywords {
    pub(crate) span: Span,
    /// What `type` says.
    pub(crate) kinds: Option<Kinds>,
    /// The types that the other keywords are about.
    pub(crate) about: Kinds,
    pub(crate) codes: Option<Vec<Code>>,
    pub(crate) text: TextFacets,
    pub(crate) number: NumberFacets,
    pub(crate) object: ObjectFacets,
    pub(crate) array: ArrayFacets,
    /// `allOf` and `$ref`: these hold as well; `true` if they stand before the members.
    pub(crate) all: Vec<NodeId>,
    pub(crate) all_first: bool,
    pub(crate) groups: Vec<GroupAt>,
    pub(crate) secret: bool,
}

#[derive(Debug, Default)]
pub(crate) struct ObjectFacets {
    pub(crate) properties: Vec<(String, NodeId)>,
    pub(crate) required: Vec<String>,
    pub(crate) additional: Option<NodeId>,
    /// `not: { required: [..] }`.
    pub(crate) forbidden: Vec<String>,
    pub(crate) fewest: u32,
    pub(crate) most: Option<u32>,
    pub(crate) dependents: Vec<(String, Vec<String>)>,
}

#[derive(Debug, Default)]
pub(crate) struct ArrayFacets {
    pub(crate) first: Vec<NodeId>,
    pub(crate) items: Option<NodeId>,
    pub(crate) fewest: u32,
    pub(crate) most: Option<u32>,
}

/// `oneOf`, `anyOf`, `if`, a schema in `dependentSchemas`.
#[derive(Clone, Debug)]
pub(crate) struct GroupAt {
    pub(crate) rule: Rule,
    pub(crate) span: Span,
    /// `None`: nothing more is asked.
    pub(crate) alternatives: Vec<Option<NodeId>>,
    /// Of `if`: these members are there, and these, if there, have one of the values.
    pub(crate) present: Vec<String>,
    pub(crate) values: Vec<(String, Vec<Code>)>,
}

impl Keywords {
    /// Whether everything is allowed, what it refers to apart.
    pub(crate) fn is_free(&self) -> bool {
        self.kinds.is_none() && self.about == Kinds::NONE && self.codes.is_none() && self.groups.is_empty()
    }
}

/// What is kept.
const KEPT: [&str; 32] = [
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "items",
    "additionalItems",
    "prefixItems",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "$ref",
    "allOf",
    "oneOf",
    "anyOf",
    "if",
    "then",
    "else",
];

/// What says nothing about which messages are valid.
const ANNOTATIONS: [&str; 25] = [
    "title",
    "description",
    "examples",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$defs",
    "definitions",
    "$vocabulary",
    "externalDocs",
    "xml",
    "discriminator",
    "contentMediaType",
    "contentEncoding",
    "contentSchema",
    "nullable",
    "x-decimal",
    "x-secret",
];

/// What would change a verdict, and what can be written instead.
const REFUSED: [(&str, &str); 11] = [
    ("patternProperties", "name the members in `properties`, and say in `additionalProperties` what others must be"),
    ("propertyNames", "name the members in `properties`, and set `additionalProperties` to false"),
    ("unevaluatedProperties", "name all members in `properties` beside an `additionalProperties`"),
    ("unevaluatedItems", "say in `items` what the items behind `prefixItems` must be"),
    ("uniqueItems", "leave it out, and let a `verify` of the mapping compare the items"),
    ("contains", "leave it out, and let a `verify` of the mapping count the items"),
    ("minContains", "leave it out, and let a `verify` of the mapping count the items"),
    ("maxContains", "leave it out, and let a `verify` of the mapping count the items"),
    ("$dynamicRef", "write the `$ref` that is meant here"),
    ("$recursiveRef", "write the `$ref` that is meant here"),
    ("not", "only `\"not\": { \"required\": [\"name\"] }` is kept: say what is allowed instead"),
];

/// Reads the keywords of a schema object.
pub(crate) struct Reader<'a> {
    pub(crate) forest: &'a Forest,
    pub(crate) dialect: Dialect,
    pub(crate) diagnostics: &'a mut Diagnostics,
    /// The file's own schema: only there `$id` says nothing.
    pub(crate) root: NodeId,
    /// Where a `$ref` leads.
    pub(crate) target: Option<NodeId>,
}

impl Reader<'_> {
    /// The keywords of an object, or of `true` or `false`.
    pub(crate) fn read(&mut self, node: NodeId) -> Keywords {
        let forest = self.forest;
        let mut made = Keywords {
            span: forest.span(node),
            kinds: None,
            about: Kinds::NONE,
            codes: None,
            text: TextFacets::default(),
            number: NumberFacets::default(),
            object: ObjectFacets::default(),
            array: ArrayFacets::default(),
            all: Vec::new(),
            all_first: true,
            groups: Vec::new(),
            secret: false,
        };
        match forest.data(node) {
            Data::YesNo(true) => {}
            Data::YesNo(false) => made.kinds = Some(Kinds::NONE),
            Data::Object(entries) if self.dialect.ref_alone && forest.entry(node, "$ref").is_some() => {
                entries.iter().filter(|it| it.name == "$ref").for_each(|it| self.keyword(node, it, &mut made));
            }
            Data::Object(entries) => entries.iter().for_each(|it| self.keyword(node, it, &mut made)),
            _ => self.wrong(made.span, "a schema is an object, true or false"),
        }
        self.nullable(node, &mut made);
        self.check_codes(node, &made);
        made
    }

    fn keyword(&mut self, node: NodeId, entry: &Entry, made: &mut Keywords) {
        let about = match entry.name.as_str() {
            "nullable" => return,
            "type" => return self.kinds(entry, made),
            "enum" | "const" => return self.codes(entry, made),
            "$ref" => return made.all.extend(self.target),
            "allOf" => {
                made.all_first &= made.object.properties.is_empty();
                return made.all.extend(self.schemas(entry));
            }
            "oneOf" => return self.group(Rule::One, entry, made),
            "anyOf" => return self.group(Rule::Any, entry, made),
            "if" => return self.condition(node, entry, made),
            "then" | "else" => return,
            "x-secret" => return made.secret = self.yes_no(entry),
            "x-decimal" => return self.decimals(entry, made),
            "$id" | "id" => return self.id(node, entry),
            "not" => return self.not(entry, made),
            "properties"
            | "required"
            | "additionalProperties"
            | "minProperties"
            | "maxProperties"
            | "dependentRequired"
            | "dependentSchemas" => self.object(entry, made),
            "dependencies" => self.object(entry, made),
            "items" | "additionalItems" | "prefixItems" | "minItems" | "maxItems" => self.array(node, entry, made),
            "minLength" | "maxLength" | "pattern" | "format" => self.text(entry, made),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => self.number(node, entry, made),
            _ => return self.other(entry),
        };
        made.about = made.about.or(about);
    }

    /// A keyword that is not kept.
    fn other(&mut self, entry: &Entry) {
        let name = entry.name.as_str();
        if ANNOTATIONS.contains(&name) || name.starts_with("x-") {
            return;
        }
        if let Some((_, help)) = REFUSED.iter().find(|(it, _)| *it == name) {
            let is_void =
                matches!(self.forest.data(entry.value), Data::YesNo(allowed) if *allowed == name.starts_with("unevaluated"));
            if !is_void {
                self.diagnostics
                    .error("S102", entry.span, format!("`{name}` is not kept"))
                    .label("messages could be valid that this forbids")
                    .help(*help);
            }
            return;
        }
        match KEPT.iter().find(|it| is_near(it, name)) {
            Some(meant) => {
                self.diagnostics
                    .error("S102", entry.span, format!("`{name}` is no keyword of JSON Schema"))
                    .label("it would have no effect")
                    .fix(format!("did you mean `{meant}`?"), entry.span, format!("\"{meant}\""));
            }
            None => {
                self.diagnostics
                    .warning("S111", entry.span, format!("`{name}` is no keyword of JSON Schema"))
                    .label("it has no effect")
                    .help(format!("call it `x-{name}` if it is for people or other programs"));
            }
        }
    }

    fn wrong(&mut self, span: Span, message: &str) {
        self.diagnostics.error("S103", span, message).label("this is something else").help(
            "JSON Schema 2020-12 says what each keyword takes: https://json-schema.org/draft/2020-12/json-schema-validation",
        );
    }

    fn yes_no(&mut self, entry: &Entry) -> bool {
        if let Data::YesNo(it) = self.forest.data(entry.value) {
            return *it;
        }
        self.wrong(self.forest.span(entry.value), &format!("`{}` is true or false", entry.name));
        false
    }

    /// A count; beyond 2^32 there is no difference.
    fn count(&mut self, entry: &Entry) -> Option<u32> {
        let count = self.forest.decimal(entry.value).and_then(|it| it.rescale(0)).map(|it| it.coefficient);
        if count.is_none_or(|it| it < 0) {
            self.wrong(self.forest.span(entry.value), &format!("`{}` is a whole number from 0", entry.name));
        }
        count.filter(|it| *it >= 0).map(|it| u32::try_from(it).unwrap_or(u32::MAX))
    }

    fn names(&mut self, list: NodeId, keyword: &str) -> Vec<String> {
        let names: Option<Vec<String>> = match self.forest.data(list) {
            Data::List(items) => items.iter().map(|it| self.forest.text(*it).map(str::to_owned)).collect(),
            _ => None,
        };
        if names.is_none() {
            self.wrong(self.forest.span(list), &format!("`{keyword}` is a list of names"));
        }
        names.unwrap_or_default()
    }

    /// A list of schemas.
    fn schemas(&mut self, entry: &Entry) -> Vec<NodeId> {
        match self.forest.data(entry.value) {
            Data::List(items) if !items.is_empty() => items.clone(),
            _ => {
                self.wrong(self.forest.span(entry.value), &format!("`{}` is a list of schemas", entry.name));
                Vec::new()
            }
        }
    }

    fn kinds(&mut self, entry: &Entry, made: &mut Keywords) {
        let names = match self.forest.data(entry.value) {
            Data::List(items) => items.clone(),
            _ => vec![entry.value],
        };
        let mut kinds = Kinds::NONE;
        let mut is_whole = false;
        for name in names {
            let kind = match self.forest.text(name) {
                Some("null") => Kinds::NULL,
                Some("boolean") => Kinds::YES_NO,
                Some("integer") => {
                    is_whole |= !kinds.has(Kinds::NUMBER);
                    Kinds::NUMBER
                }
                Some("number") => {
                    is_whole = false;
                    Kinds::NUMBER
                }
                Some("string") => Kinds::TEXT,
                Some("array") => Kinds::ARRAY,
                Some("object") => Kinds::OBJECT,
                _ => {
                    let message = "`type` is null, boolean, integer, number, string, array, object, or a list of these";
                    return self.wrong(self.forest.span(name), message);
                }
            };
            kinds = kinds.or(kind);
        }
        made.number.whole |= is_whole;
        made.kinds = Some(kinds);
    }

    fn code(&self, value: NodeId) -> Option<Code> {
        Some(match self.forest.data(value) {
            Data::Null => Code::Null,
            Data::YesNo(it) => Code::YesNo(*it),
            Data::Number(_) => Code::Number(self.forest.decimal(value)?),
            Data::Text(it) => Code::Text(it.clone()),
            Data::List(_) | Data::Object(_) => return None,
        })
    }

    fn codes(&mut self, entry: &Entry, made: &mut Keywords) {
        let values = match (entry.name.as_str(), self.forest.data(entry.value)) {
            ("const", _) => vec![entry.value],
            (_, Data::List(items)) => items.clone(),
            _ => return self.wrong(self.forest.span(entry.value), "`enum` is a list of values"),
        };
        let mut codes = Vec::new();
        for value in values {
            match self.code(value) {
                Some(code) => codes.push(code),
                None => {
                    self.diagnostics
                        .error("S102", self.forest.span(value), format!("`{}` of this value is not kept", entry.name))
                        .label("a list, an object, or a number of more than 38 digits")
                        .help("describe it by `properties` or `items`");
                }
            }
        }
        made.codes = Some(match made.codes.take() {
            Some(others) => others.into_iter().filter(|it| codes.contains(it)).collect(),
            None => codes,
        });
    }

    /// Warns of a code that `type` forbids: in YAML `00` is a number, not a text.
    fn check_codes(&mut self, node: NodeId, made: &Keywords) {
        let (Some(kinds), Some(entry)) = (made.kinds, self.forest.entry(node, "enum")) else { return };
        for value in self.forest.items(entry.value) {
            let (kind, is_number) = match self.forest.data(*value) {
                Data::Null => (Kinds::NULL, false),
                Data::YesNo(_) => (Kinds::YES_NO, false),
                Data::Number(_) => (Kinds::NUMBER, true),
                Data::Text(_) => (Kinds::TEXT, false),
                _ => continue,
            };
            if kinds.has(kind) || (kind == Kinds::NULL && self.dialect.nullable) {
                continue;
            }
            let span = self.forest.span(*value);
            let warning = self.diagnostics.warning("S107", span, "`type` forbids this value of `enum`");
            warning.label("no message can have it");
            if is_number && kinds.has(Kinds::TEXT) {
                warning.help("put it into quotes if it is a text");
            } else {
                warning.help("leave it out, or allow its type");
            }
        }
    }

    /// Another base for the references below it.
    fn id(&mut self, node: NodeId, entry: &Entry) {
        let is_base = self.forest.text(entry.value).is_some_and(|it| !it.starts_with('#'));
        if is_base && node != self.root {
            self.diagnostics
                .error("S102", entry.span, format!("`{}` within a file is not kept", entry.name))
                .label("references below it would lead elsewhere")
                .help("leave it out, or put this schema into a file of its own");
        }
    }

    /// OpenAPI 3.0.3: `nullable` widens the `type` beside it and nothing else; an `enum` must name null itself.
    fn nullable(&mut self, node: NodeId, made: &mut Keywords) {
        let Some(entry) = self.forest.entry(node, "nullable") else { return };
        if !matches!(self.forest.data(entry.value), Data::YesNo(true)) {
            return;
        }
        match made.kinds {
            Some(kinds) if self.dialect.nullable => made.kinds = Some(kinds.or(Kinds::NULL)),
            _ if self.dialect.nullable => {
                self.diagnostics
                    .warning("S111", entry.span, "`nullable` without `type` has no effect")
                    .label("null is not allowed by this")
                    .help("put a `type` beside it, as OpenAPI 3.0.3 asks for");
            }
            _ => {
                self.diagnostics
                    .error("S102", entry.span, "`nullable` is a word of OpenAPI 3.0 only")
                    .label("it would have no effect")
                    .help("add \"null\" to `type`: `\"type\": [\"string\", \"null\"]`");
            }
        }
    }

    /// `not: { required: [a] }`: a is not there.
    fn not(&mut self, entry: &Entry, made: &mut Keywords) {
        let inner = self.forest.entries(entry.value);
        if let [only] = inner
            && only.name == "required"
            && let [name] = self.forest.items(only.value)
            && let Some(name) = self.forest.text(*name)
        {
            made.object.forbidden.push(name.to_owned());
            // What is no object has no members, so that `required` holds for it and `not` does not.
            made.kinds = Some(made.kinds.unwrap_or(Kinds::ALL).and(Kinds::OBJECT));
            return;
        }
        self.other(entry);
    }

    fn decimals(&mut self, entry: &Entry, made: &mut Keywords) {
        let numbers: Vec<_> =
            self.forest.items(entry.value).iter().filter_map(|it| self.forest.decimal(*it)?.rescale(0)).collect();
        let counts: Vec<_> = numbers.iter().filter_map(|it| u32::try_from(it.coefficient).ok()).collect();
        match counts.as_slice() {
            [digits, decimals] if decimals <= digits && *digits >= 1 && *digits <= latimer_engine::DIGITS_MAX => {
                made.text.decimal = Some((*digits, *decimals));
                made.number.decimal = made.text.decimal;
            }
            _ => self.wrong(
                self.forest.span(entry.value),
                "`x-decimal` is a list of two numbers, all digits (at most 38) and the decimals among them",
            ),
        }
    }

    fn text(&mut self, entry: &Entry, made: &mut Keywords) -> Kinds {
        match entry.name.as_str() {
            "minLength" => made.text.min = self.count(entry).unwrap_or(0),
            "maxLength" => made.text.max = self.count(entry),
            "pattern" => self.pattern(entry, made),
            _ => {
                let form = match self.forest.text(entry.value) {
                    Some("date") => Form::Date,
                    Some("time") => Form::Time,
                    Some("date-time") => Form::DateTime,
                    Some("uuid") => Form::Uuid,
                    Some(_) => return Kinds::NONE,
                    None => {
                        self.wrong(self.forest.span(entry.value), "`format` is a text");
                        return Kinds::NONE;
                    }
                };
                made.text.forms.push(form);
            }
        }
        Kinds::TEXT
    }

    fn pattern(&mut self, entry: &Entry, made: &mut Keywords) {
        let Some(pattern) = self.forest.text(entry.value) else {
            return self.wrong(self.forest.span(entry.value), "`pattern` is a text");
        };
        let translated = pattern::translate(pattern).and_then(|it| Pattern::new(&it).map(|_| it));
        match translated {
            Ok(it) => made.text.patterns.push(it),
            Err(why) => {
                let why = why.lines().last().unwrap_or_default().to_owned();
                self.diagnostics
                    .error("S105", self.forest.span(entry.value), "this pattern cannot be kept")
                    .label(why)
                    .help("say it without look-around and back-references, or in two `pattern`s under `allOf`");
            }
        }
    }

    fn number(&mut self, node: NodeId, entry: &Entry, made: &mut Keywords) -> Kinds {
        let name = entry.name.as_str();
        if self.dialect.exclusive_flags && name.starts_with("exclusive") {
            self.yes_no(entry);
            return Kinds::NONE;
        }
        let Some(value) = self.forest.decimal(entry.value) else {
            self.wrong(self.forest.span(entry.value), &format!("`{name}` is a number of at most 38 digits"));
            return Kinds::NUMBER;
        };
        let flagged = |flag: &str| {
            self.dialect.exclusive_flags
                && self.forest.entry(node, flag).is_some_and(|it| matches!(self.forest.data(it.value), Data::YesNo(true)))
        };
        match name {
            "minimum" => made.number.at_least(value, !flagged("exclusiveMinimum")),
            "maximum" => made.number.at_most(value, !flagged("exclusiveMaximum")),
            "exclusiveMinimum" => made.number.at_least(value, false),
            "exclusiveMaximum" => made.number.at_most(value, false),
            _ if value > Decimal::ZERO => made.number.multiple_of = Some(value.trim(0)),
            _ => self.wrong(self.forest.span(entry.value), "`multipleOf` is greater than 0"),
        }
        Kinds::NUMBER
    }

    fn object(&mut self, entry: &Entry, made: &mut Keywords) -> Kinds {
        match entry.name.as_str() {
            "properties" => {
                let members = self.members(entry);
                made.object.properties = members;
            }
            "required" => made.object.required = self.names(entry.value, "required"),
            "additionalProperties" => made.object.additional = Some(entry.value),
            "minProperties" => made.object.fewest = self.count(entry).unwrap_or(0),
            "maxProperties" => made.object.most = self.count(entry),
            _ => {
                for (name, needs) in self.members(entry) {
                    // `dependencies` of draft-07 takes both.
                    if matches!(self.forest.data(needs), Data::List(_)) {
                        let names = self.names(needs, &entry.name);
                        made.object.dependents.push((name, names));
                    } else {
                        made.groups.push(GroupAt {
                            rule: Rule::If,
                            span: entry.span,
                            alternatives: vec![Some(needs), None],
                            present: vec![name],
                            values: Vec::new(),
                        });
                    }
                }
            }
        }
        Kinds::OBJECT
    }

    fn members(&mut self, entry: &Entry) -> Vec<(String, NodeId)> {
        if !matches!(self.forest.data(entry.value), Data::Object(_)) {
            self.wrong(self.forest.span(entry.value), &format!("`{}` is an object", entry.name));
        }
        self.forest.entries(entry.value).iter().map(|it| (it.name.clone(), it.value)).collect()
    }

    fn array(&mut self, node: NodeId, entry: &Entry, made: &mut Keywords) -> Kinds {
        let is_list = |it: NodeId| matches!(self.forest.data(it), Data::List(_));
        match entry.name.as_str() {
            "minItems" => made.array.fewest = self.count(entry).unwrap_or(0),
            "maxItems" => made.array.most = self.count(entry),
            "prefixItems" => made.array.first = self.schemas(entry),
            // The form of draft-07 for positions; `additionalItems` says what follows, and nothing without it.
            "items" if is_list(entry.value) => made.array.first = self.schemas(entry),
            "items" => made.array.items = Some(entry.value),
            _ if self.forest.entry(node, "items").is_some_and(|it| is_list(it.value)) => {
                made.array.items = Some(entry.value);
            }
            _ => return Kinds::NONE,
        }
        Kinds::ARRAY
    }

    fn group(&mut self, rule: Rule, entry: &Entry, made: &mut Keywords) {
        let alternatives = self.schemas(entry).into_iter().map(Some).collect();
        let (present, values) = (Vec::new(), Vec::new());
        made.groups.push(GroupAt { rule, span: entry.span, alternatives, present, values });
    }

    /// `if`: kept where it asks for members that are there, or for values of members, since that is decided exactly before
    /// the object is read.
    fn condition(&mut self, node: NodeId, entry: &Entry, made: &mut Keywords) {
        let branch = |name: &str| self.forest.entry(node, name).map(|it| it.value);
        let alternatives = vec![branch("then"), branch("else")];
        if alternatives.iter().all(Option::is_none) {
            return;
        }
        let mut group = GroupAt { rule: Rule::If, span: entry.span, alternatives, present: Vec::new(), values: Vec::new() };
        let mut is_kept = matches!(self.forest.data(entry.value), Data::Object(_));
        for part in self.forest.entries(entry.value) {
            match part.name.as_str() {
                "required" => group.present = self.names(part.value, "required"),
                "properties" => {
                    for (name, value) in self.members(part) {
                        match self.values(value) {
                            Some(values) => group.values.push((name, values)),
                            None => is_kept = false,
                        }
                    }
                }
                "type" => is_kept &= self.forest.text(part.value) == Some("object"),
                name => is_kept &= ANNOTATIONS.contains(&name),
            }
        }
        if is_kept {
            made.groups.push(group);
            made.about = made.about.or(Kinds::OBJECT);
        } else {
            self.diagnostics
                .error("S102", entry.span, "this `if` is not kept")
                .label("it asks for more than names and values of members")
                .help("ask for `required` names, or for a `const` or an `enum` of members in `properties`");
        }
    }

    /// The only values that a schema allows, if it is no more than `enum` or `const`.
    fn values(&self, schema: NodeId) -> Option<Vec<Code>> {
        let mut values = None;
        for entry in self.forest.entries(schema) {
            match entry.name.as_str() {
                "const" => values = Some(vec![self.code(entry.value)?]),
                "enum" => values = Some(self.forest.items(entry.value).iter().map(|it| self.code(*it)).collect::<Option<_>>()?),
                "type" | "title" | "description" | "$comment" | "default" => {}
                _ => return None,
            }
        }
        // A `type` beside the values must not forbid one of them, or it would say more than they do.
        let kind = self.forest.entry(schema, "type").map(|it| self.forest.text(it.value));
        let fits = |code: &Code| match (kind, code) {
            (None, _) | (Some(Some("string")), Code::Text(_)) | (Some(Some("boolean")), Code::YesNo(_)) => true,
            (Some(Some("number")), Code::Number(_)) => true,
            (Some(Some("integer")), Code::Number(it)) => it.rescale(0).is_some(),
            _ => false,
        };
        values.filter(|it| it.iter().all(fits))
    }
}

/// Whether two words differ in letter case, one letter, or two neighbours that changed places.
fn is_near(word: &str, other: &str) -> bool {
    let (a, b) = (word.to_lowercase().into_bytes(), other.to_lowercase().into_bytes());
    let same_start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let longest = a.len().max(b.len());
    let is_one_letter = longest.abs_diff(a.len().min(b.len())) <= 1 && same_start + same_end + 1 >= longest;
    let is_swap = a.len() == b.len() && same_start + same_end + 2 >= longest && {
        let (mut a, mut b) = (a.clone(), b.clone());
        a.sort_unstable();
        b.sort_unstable();
        a == b
    };
    a.len() > 4 && (is_one_letter || is_swap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        for (word, other, near) in [
            ("minLength", "minLenght", true),
            ("minLength", "minlength", true),
            ("required", "require", true),
            ("required", "requirred", true),
            ("maximum", "minimum", false),
            ("pattern", "patterns", true),
            ("enum", "enun", false),
            ("properties", "attributes", false),
        ] {
            assert_eq!(is_near(word, other), near, "{word} {other}");
        }
    }

    #[test]
    fn every_keyword_is_in_one_list() {
        for word in KEPT {
            assert!(!ANNOTATIONS.contains(&word) && REFUSED.iter().all(|(it, _)| *it != word), "{word}");
        }
    }
}
