//! Literals against the field they go to: everything about them is known before the first message.

use super::{Resolver, TargetType};
use crate::mapping::nearest;
use crate::mapping::typed::Kind;
use crate::moment::Moment;
use crate::rules::{TextCheck, allows_number};
use crate::standards::{bic, countries, currencies, iban};
use crate::{Decimal, Number, Span, Text, Type};

impl Resolver<'_> {
    /// A text as the author wrote it; says what is wrong with it for the target.
    pub(crate) fn literal_text(&mut self, text: &str, span: Span, target: &TargetType) -> Option<()> {
        match target.typed.kind.clone() {
            Kind::Value(Type::Text(allowed)) => self.literal_in_text(text, span, target, &allowed),
            Kind::Value(Type::Number(number)) => match Decimal::parse(text.as_bytes()) {
                Some(_) => self.literal_number(text, span, target, &number),
                None => self.literal_kind(span, target, "a number in digits, without quotation marks"),
            },
            Kind::Value(Type::Amount(_)) => self.literal_kind(span, target, "an amount:  money(12.50, \"EUR\")"),
            Kind::Value(kind @ (Type::Date | Type::Time | Type::DateTime | Type::Instant)) => {
                let moment = Moment::parse(text.as_bytes());
                let fits = moment.is_some_and(|it| match kind {
                    Type::Date => it.time.is_none(),
                    Type::Time => it.date.is_none(),
                    Type::Instant => it.time.is_some() && it.date.is_some() && it.offset.is_some(),
                    _ => it.time.is_some() && it.date.is_some(),
                });
                if fits {
                    Some(())
                } else {
                    self.literal_kind(
                        span,
                        target,
                        "a value such as \"2026-03-02\", \"09:15:00\" or \"2026-03-02T09:15:00+01:00\"",
                    )
                }
            }
            Kind::Value(Type::YesNo) if matches!(text, "true" | "false") => Some(()),
            Kind::Value(Type::YesNo) => self.literal_kind(span, target, "\"true\" or \"false\""),
            _ => self.literal_kind(span, target, "a rule for each of its fields"),
        }
    }

    fn literal_kind(&mut self, span: Span, target: &TargetType, wanted: &str) -> Option<()> {
        let (name, described) = (&target.name, target.typed.describe());
        self.diagnostics
            .error("E204", span, format!("this is no value for `{name}`"))
            .add_note(format!("`{name}` is {described}"))
            .help(format!("it takes {wanted}"));
        None
    }

    fn literal_in_text(&mut self, text: &str, span: Span, target: &TargetType, allowed: &Text) -> Option<()> {
        let (name, described) = (target.name.clone(), target.typed.describe());
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        if !allowed.codes.is_empty() && !allowed.codes.iter().any(|it| it == text) {
            let near = nearest(text, allowed.codes.iter().map(String::as_str)).map(str::to_owned);
            let diagnostic = self.diagnostics.error("E203", span, format!("\"{text}\" is not a code of `{name}`"));
            diagnostic.label("not one of its codes").add_note(format!("`{name}` is {described}"));
            match near.or_else(|| allowed.codes.first().cloned()) {
                Some(near) => diagnostic.fix(format!("did you mean \"{near}\"?"), span, format!("\"{near}\"")),
                None => diagnostic,
            };
            return None;
        }
        if let Some(max) = allowed.max.filter(|max| length > *max) {
            self.diagnostics
                .error("E201", span, format!("{length} characters do not fit into {max}"))
                .label("too long")
                .add_note(format!("`{name}` is {described}"))
                .help(format!("write at most {max} characters"));
            return None;
        }
        let check = TextCheck::new(allowed).ok()?;
        if !check.allows(text.as_bytes()) {
            let why = if length < allowed.min { "is too short for" } else { "does not match the pattern of" };
            let diagnostic = self.diagnostics.error("E208", span, format!("\"{text}\" {why} `{name}`"));
            diagnostic.label("the target does not allow it").add_note(format!("`{name}` is {described}"));
            for pattern in &allowed.patterns {
                diagnostic.add_note(format!("its pattern: {pattern}"));
            }
            diagnostic.help(format!(
                "write a text of {} to {} characters that it allows",
                allowed.min,
                allowed.max.map_or("any number of".to_owned(), |it| it.to_string())
            ));
            return None;
        }
        if let Some(missing) = allowed.repertoire.as_ref().and_then(|it| text.chars().find(|character| !it.has(*character))) {
            self.diagnostics
                .error("E208", span, format!("the code page of `{name}` has no `{missing}`"))
                .add_note(format!("`{name}` is {described}"))
                .help("write the text with letters that the code page has");
            return None;
        }
        self.literal_meaning(text, span, target)
    }

    /// E207: what passes the schema and is wrong.
    fn literal_meaning(&mut self, text: &str, span: Span, target: &TargetType) -> Option<()> {
        let (what, label, cure) = match target.meaning() {
            Meaning::Bic if !bic::is_bic(text.as_bytes()) => {
                let label = match bic::country(text.as_bytes()) {
                    Some(country) => format!(
                        "it passes the XSD pattern as bank {} in {} ({})",
                        text.get(..4).unwrap_or(""),
                        country.name,
                        country.code
                    ),
                    None => format!("it passes the XSD pattern, but there is no country {}", text.get(4..6).unwrap_or("")),
                };
                ("a BIC", label, "leave the field out, or  else reject \"RC01\" \"...\"")
            }
            Meaning::Iban if iban::check(text.as_bytes()).is_none() => {
                let label = "it passes the XSD pattern, but its length or check digits are wrong".to_owned();
                ("an IBAN", label, "leave the field out, or  else reject \"AC01\" \"...\"")
            }
            Meaning::Country if countries::by_code(text.as_bytes()).is_none() => {
                let label = "it passes the XSD pattern, but ISO 3166 has no such country".to_owned();
                ("a country", label, "write the two letters of a country")
            }
            Meaning::Currency if currencies::by_code(text.as_bytes()).is_none() => {
                let label = "it passes the XSD pattern, but ISO 4217 has no such currency".to_owned();
                ("a currency", label, "write the three letters of a currency")
            }
            _ => return Some(()),
        };
        let (name, described) = (&target.name, target.typed.describe());
        self.diagnostics
            .error("E207", span, format!("\"{text}\" is not {what}"))
            .label(label)
            .add_note(format!("`{name}` is {described}"))
            .help(cure);
        None
    }

    /// A number as the author wrote it.
    pub(crate) fn literal_number(&mut self, digits: &str, span: Span, target: &TargetType, number: &Number) -> Option<()> {
        if allows_number(number, digits.as_bytes()) {
            return Some(());
        }
        let (name, described) = (&target.name, target.typed.describe());
        self.diagnostics
            .error("E202", span, format!("{digits} does not fit into `{name}`"))
            .add_note(format!("`{name}` is {described}"))
            .help("write a number that it can hold");
        None
    }
}

/// What a type means beyond its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A BIC.
    Bic,
    /// An IBAN.
    Iban,
    /// A country.
    Country,
    /// A currency.
    Currency,
    /// Nothing special.
    Plain,
}

impl TargetType {
    /// What the type of the field means, by the name ISO 20022 gives it.
    pub(crate) fn meaning(&self) -> Meaning {
        Meaning::of(&self.typed.name)
    }
}

impl Meaning {
    /// By the name of a type: `BICFIDec2014Identifier`, `IBAN2007Identifier`, `CountryCode`, `ActiveCurrencyCode`.
    pub(crate) fn of(name: &str) -> Meaning {
        let is_identifier = name.ends_with("Identifier");
        match name {
            _ if is_identifier && (name.starts_with("BIC") || name.starts_with("AnyBIC")) => Meaning::Bic,
            _ if is_identifier && name.starts_with("IBAN") => Meaning::Iban,
            "CountryCode" => Meaning::Country,
            _ if name.ends_with("CurrencyCode") => Meaning::Currency,
            _ => Meaning::Plain,
        }
    }
}
