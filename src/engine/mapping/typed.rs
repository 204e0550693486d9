//! What the checker knows of a value: its type, whether it is there, how much of the sender's value it keeps.

use crate::{FieldId, Number, Occurs, Schema, Text, Type, language};

/// What is known of a value before any message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Typed {
    pub(crate) kind: Kind,
    /// The name of the type in its schema: `Max35Text`, `PIC X(35)`, `uuid`; empty for what was computed.
    pub(crate) name: String,
    pub(crate) presence: Presence,
    /// A list, and how many values it has.
    pub(crate) many: Option<Occurs>,
    /// Never printed.
    pub(crate) secret: bool,
    /// How much of the source it keeps.
    pub(crate) class: Class,
    /// Text as the sender wrote it: the policy on bad characters is about it.
    pub(crate) raw: bool,
    /// The field that an amount's currency comes from.
    pub(crate) currency: Option<FieldId>,
    /// A count or position: it takes the target's size, and what does not fit rejects the file.
    pub(crate) elastic: bool,
    /// Branches of a mandatory choice, one of which is there: the choice, those covered, and how many it has.
    pub(crate) branches: Option<(FieldId, Vec<u32>, usize)>,
    /// Lines that may be more than are held: their width, and how many are. `cut` or `must-fit` must follow.
    pub(crate) wrapped: Option<(u32, u32)>,
    /// `blank` was said somewhere: the format's emptiness may be written.
    pub(crate) may_write_blank: bool,
}

/// The kind of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A value of a type that fields can have.
    Value(Type),
    /// A group: only its presence can be asked.
    Group,
    /// Whatever the sender likes.
    Any,
    /// Several values.
    Tuple(Vec<Typed>),
    /// The format's emptiness, absence.
    Empty,
}

/// Whether a value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Presence {
    /// It always is.
    Always,
    /// The schema requires it and lets it be empty.
    MayBeBlank,
    /// It may be missing.
    Maybe,
}

/// How much of the source's value a rule keeps. Later ones contain earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The same whatever comes in.
    Constant,
    /// Made here: a time, an identifier, a sequence, a total.
    Generated,
    /// Can be undone bit for bit.
    Exact,
    /// The same after normal form: padding, letter case, date picture.
    Canonical,
    /// May reject, never changes.
    Guarded,
    /// An acknowledged loss.
    Reduced,
}

impl Class {
    /// As reports print it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Constant => "constant",
            Class::Generated => "generated",
            Class::Exact => "exact",
            Class::Canonical => "canonical",
            Class::Guarded => "guarded",
            Class::Reduced => "reduced",
        }
    }
}

impl Typed {
    /// A value of a type that is always there and was made here.
    pub(crate) fn new(kind: Type) -> Self {
        Typed {
            kind: Kind::Value(kind),
            name: String::new(),
            presence: Presence::Always,
            many: None,
            secret: false,
            class: Class::Generated,
            raw: false,
            currency: None,
            elastic: false,
            branches: None,
            wrapped: None,
            may_write_blank: false,
        }
    }

    /// Something that is no value.
    pub(crate) fn of_kind(kind: Kind) -> Self {
        Typed { kind, ..Typed::new(Type::YesNo) }
    }

    /// A literal text.
    pub(crate) fn literal(text: &str) -> Self {
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let kind = Type::Text(Text { min: length, max: Some(length), codes: vec![text.to_owned()], ..Text::default() });
        Typed { class: Class::Constant, ..Typed::new(kind) }
    }

    /// A text of at most so many characters.
    pub(crate) fn text(min: u32, max: Option<u32>) -> Self {
        Typed::new(Type::Text(Text { min, max, ..Text::default() }))
    }

    /// What a field's type says, without what stands above it.
    pub(crate) fn of_field(schema: &Schema, field: FieldId) -> Self {
        let def = schema.type_of(field);
        let member = schema.member(field);
        let mut typed = match &def.kind {
            crate::Kind::Leaf(kind) => {
                let kind = match &**kind {
                    Type::Text(text) => Type::Text(language::narrowed(text)),
                    other => other.clone(),
                };
                let raw = matches!(kind, Type::Text(_));
                Typed { raw, ..Typed::new(kind) }
            }
            crate::Kind::Group | crate::Kind::Choice => Typed::of_kind(Kind::Group),
            crate::Kind::Any => Typed::of_kind(Kind::Any),
        };
        typed.name.clone_from(&def.name);
        typed.class = Class::Exact;
        typed.secret = member.is_some_and(|it| it.secrecy == crate::Secrecy::Secret);
        if matches!(&typed.kind, Kind::Value(Type::Text(text)) if text.may_be_blank()) {
            typed.presence = Presence::MayBeBlank;
        }
        typed
    }

    /// The same, of another type.
    pub(crate) fn with(&self, kind: Type) -> Self {
        Typed {
            kind: Kind::Value(kind),
            name: String::new(),
            raw: false,
            currency: None,
            elastic: false,
            branches: None,
            wrapped: None,
            ..self.clone()
        }
    }

    /// The same, of a class at least as far from the source.
    pub(crate) fn class(mut self, class: Class) -> Self {
        self.class = self.class.max(class);
        self
    }

    /// The same, perhaps missing.
    pub(crate) fn maybe(mut self) -> Self {
        self.presence = Presence::Maybe;
        self
    }

    /// The type of the value, if it has one.
    pub(crate) fn value(&self) -> Option<&Type> {
        match &self.kind {
            Kind::Value(kind) => Some(kind),
            _ => None,
        }
    }

    /// The text type, if it is a text.
    pub(crate) fn as_text(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Value(Type::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number type, of a number.
    pub(crate) fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Value(Type::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The type of the number that it is or that its digits spell: `Max15NumericText` counts as digits.
    pub(crate) fn digits(&self) -> Option<Number> {
        match &self.kind {
            Kind::Value(Type::Number(number)) => Some(number.clone()),
            Kind::Value(Type::Text(text)) if language::is_spelled_with(text, |it| it.is_ascii_digit()) => {
                Some(Number { integer_max: text.max, decimals_max: Some(0), ..Number::default() })
            }
            _ => None,
        }
    }

    /// In words, with the name of its type: `text, up to 35 characters (Max35Text)`.
    pub(crate) fn describe(&self) -> String {
        let words = match &self.kind {
            Kind::Value(kind) => kind.describe(),
            Kind::Group => "a group".to_owned(),
            Kind::Any => "anything".to_owned(),
            Kind::Tuple(parts) => format!("{} values", parts.len()),
            Kind::Empty => "empty".to_owned(),
        };
        let list = match self.many {
            Some(Occurs { max: Some(max), .. }) => format!("up to {max} times "),
            Some(_) => "any number of times ".to_owned(),
            None => String::new(),
        };
        if self.name.is_empty() { format!("{list}{words}") } else { format!("{list}{words} ({})", self.name) }
    }

    /// What either of two values may be; `None` where they are of different kinds.
    pub(crate) fn join(&self, other: &Typed) -> Option<Typed> {
        let mut joined = self.clone();
        joined.kind = match (&self.kind, &other.kind) {
            (Kind::Empty, kind) => {
                joined.name.clone_from(&other.name);
                kind.clone()
            }
            (kind, Kind::Empty) => kind.clone(),
            (Kind::Value(a), Kind::Value(b)) => Kind::Value(join_types(a, b)?),
            (Kind::Tuple(a), Kind::Tuple(b)) if a.len() == b.len() => {
                Kind::Tuple(a.iter().zip(b).map(|(a, b)| a.join(b)).collect::<Option<_>>()?)
            }
            (a, b) if a == b => a.clone(),
            _ => return None,
        };
        if self.name != other.name && other.class != Class::Constant && other.kind != Kind::Empty {
            joined.name = if self.class == Class::Constant { other.name.clone() } else { self.name.clone() };
        }
        joined.many = match (self.many, other.many) {
            (None, None) => None,
            (a, b) => {
                let (a, b) = (a.unwrap_or(Occurs::ONCE), b.unwrap_or(Occurs::ONCE));
                Some(Occurs { min: a.min.min(b.min), max: a.max.zip(b.max).map(|(a, b)| a.max(b)) })
            }
        };
        joined.presence = self.presence.max(other.presence);
        joined.secret |= other.secret;
        joined.class = self.class.max(other.class);
        joined.raw |= other.raw;
        joined.currency = if self.currency == other.currency { self.currency } else { None };
        joined.elastic &= other.elastic;
        joined.branches = None;
        joined.wrapped = None;
        joined.may_write_blank |= other.may_write_blank;
        Some(joined)
    }
}

fn join_types(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (Type::Text(a), Type::Text(b)) => Type::Text(join_texts(a, b)),
        (Type::Number(a), Type::Number(b)) => Type::Number(join_numbers(a, b)),
        (Type::Amount(a), Type::Amount(b)) => Type::Amount(join_numbers(a, b)),
        (Type::Date | Type::DateTime | Type::Instant, Type::Date | Type::DateTime | Type::Instant) => {
            if a == b {
                a.clone()
            } else {
                Type::DateTime
            }
        }
        (a, b) if a == b => a.clone(),
        _ => return None,
    })
}

fn join_texts(a: &Text, b: &Text) -> Text {
    let codes = if a.codes.is_empty() || b.codes.is_empty() {
        Vec::new()
    } else {
        let mut codes = a.codes.clone();
        codes.extend(b.codes.iter().filter(|it| !a.codes.contains(it)).cloned());
        codes
    };
    // A pattern stays when every text of the other side matches it.
    let patterns = |mine: &Text, theirs: &Text| -> Vec<String> {
        let fits = |it: &&String| {
            let target = Text { patterns: vec![(*it).clone()], ..Text::default() };
            language::relation(theirs, &target) == language::Relation::Within
        };
        mine.patterns.iter().filter(fits).cloned().collect()
    };
    let mut kept = if a.codes.is_empty() { patterns(a, b) } else { Vec::new() };
    if b.codes.is_empty() {
        kept.extend(patterns(b, a).into_iter().filter(|it| !kept.contains(it)).collect::<Vec<_>>());
    }
    Text {
        min: a.min.min(b.min),
        max: a.max.zip(b.max).map(|(a, b)| a.max(b)),
        codes,
        patterns: kept,
        decimal: if a.decimal == b.decimal { a.decimal } else { None },
        repertoire: if a.repertoire == b.repertoire { a.repertoire.clone() } else { None },
    }
}

fn join_numbers(a: &Number, b: &Number) -> Number {
    let most = |a: Option<u32>, b: Option<u32>| a.zip(b).map(|(a, b)| a.max(b));
    Number {
        integer_max: most(a.integer_max, b.integer_max),
        decimals_max: most(a.decimals_max, b.decimals_max),
        digits_max: most(a.digits_max, b.digits_max),
        signed: a.signed || b.signed,
        ..Number::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_of_the_list_keeps_the_list() {
        let codes = Text { codes: vec!["DEBT".to_owned(), "SLEV".to_owned()], max: Some(4), ..Text::default() };
        let charges = Typed::new(Type::Text(codes));
        let joined = charges.join(&Typed::literal("SLEV")).unwrap();
        assert_eq!(joined.as_text().unwrap().codes, ["DEBT", "SLEV"]);
        assert!(charges.join(&Typed::new(Type::Date)).is_none());
    }

    #[test]
    fn a_pattern_stays_where_the_default_matches_it() {
        let bic = Text { patterns: vec!["[A-Z]{8}".to_owned()], ..Text::default() };
        let typed = Typed::new(Type::Text(bic));
        assert_eq!(typed.join(&Typed::literal("BANKDEFF")).unwrap().as_text().unwrap().patterns.len(), 1);
        assert_eq!(typed.join(&Typed::literal("none")).unwrap().as_text().unwrap().patterns.len(), 0);
    }
}
