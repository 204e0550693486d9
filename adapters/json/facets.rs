//! What a schema says of texts and of numbers, gathered from all places that say something.

use crate::{calendar::Form, rule::TextRule};
use latimer_engine::{Decimal, Number, Text, Type};

/// What is said of a text. All of it holds at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TextFacets {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    pub(crate) patterns: Vec<String>,
    pub(crate) forms: Vec<Form>,
    pub(crate) decimal: Option<(u32, u32)>,
}

/// What is said of a number. All of it holds at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NumberFacets {
    pub(crate) whole: bool,
    pub(crate) least: Option<(Decimal, bool)>,
    pub(crate) greatest: Option<(Decimal, bool)>,
    pub(crate) multiple_of: Option<Decimal>,
    pub(crate) decimal: Option<(u32, u32)>,
}

impl NumberFacets {
    pub(crate) fn at_least(&mut self, bound: Decimal, included: bool) {
        let is_tighter = |(at, with): (Decimal, bool)| bound > at || (bound == at && with && !included);
        if self.least.is_none_or(is_tighter) {
            self.least = Some((bound, included));
        }
    }

    pub(crate) fn at_most(&mut self, bound: Decimal, included: bool) {
        let is_tighter = |(at, with): (Decimal, bool)| bound < at || (bound == at && with && !included);
        if self.greatest.is_none_or(is_tighter) {
            self.greatest = Some((bound, included));
        }
    }

    /// Both hold; `None` where 38 digits do not suffice to say so.
    pub(crate) fn and(&mut self, other: &NumberFacets) -> Option<()> {
        self.whole |= other.whole;
        if let Some((bound, included)) = other.least {
            self.at_least(bound, included);
        }
        if let Some((bound, included)) = other.greatest {
            self.at_most(bound, included);
        }
        self.decimal = both(self.decimal, other.decimal);
        self.multiple_of = match (self.multiple_of, other.multiple_of) {
            (Some(a), Some(b)) => Some(common_multiple(a, b)?),
            (a, b) => a.or(b),
        };
        Some(())
    }
}

impl TextFacets {
    /// Both hold.
    pub(crate) fn and(&mut self, other: &TextFacets) {
        self.min = self.min.max(other.min);
        self.max = [self.max, other.max].into_iter().flatten().min();
        self.patterns.extend(other.patterns.iter().filter(|it| !self.patterns.contains(it)).cloned().collect::<Vec<_>>());
        self.forms.extend(other.forms.iter().filter(|it| !self.forms.contains(it)).copied().collect::<Vec<_>>());
        self.decimal = both(self.decimal, other.decimal);
    }
}

impl TextFacets {
    /// What the decoder asks.
    pub(crate) fn rule(&self, codes: &[String]) -> Result<TextRule, String> {
        TextRule::new(&self.text(codes), self.forms.clone())
    }

    fn text(&self, codes: &[String]) -> Text {
        Text {
            min: self.min,
            max: self.max,
            codes: codes.to_vec(),
            patterns: self.patterns.clone(),
            decimal: self.decimal,
            repertoire: None,
        }
    }

    /// What a mapping sees: the name of the type, and the type.
    pub(crate) fn describe(&self, codes: &[String]) -> (&'static str, Type) {
        match self.forms.as_slice() {
            [Form::Date] => ("date", Type::Date),
            [Form::Time] => ("time", Type::Time),
            // RFC 3339 has a zone in every date-time.
            [Form::DateTime] => ("date-time", Type::Instant),
            [Form::Uuid] => {
                let mut text = self.text(codes);
                text.min = text.min.max(36);
                text.max = Some(text.max.unwrap_or(36).min(36));
                text.patterns.push(UUID.to_owned());
                ("uuid", Type::Text(text))
            }
            _ => ("string", Type::Text(self.text(codes))),
        }
    }
}

/// A UUID (RFC 9562), in either letter case.
const UUID: &str = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}";

impl NumberFacets {
    /// What a mapping sees, and what the decoder asks.
    pub(crate) fn number(&self, codes: &[Decimal]) -> Number {
        let is_positive = self.least.is_some_and(|(it, _)| it >= Decimal::ZERO);
        let by_bounds = match (self.least, self.greatest) {
            (Some((least, _)), Some((greatest, _))) => Some(least.integer_digits().max(greatest.integer_digits())),
            _ => None,
        };
        let by_hint = self.decimal.map(|(digits, decimals)| digits - decimals);
        let decimals =
            [self.whole.then_some(0), self.multiple_of.map(|it| u32::from(it.scale)), self.decimal.map(|(_, decimals)| decimals)];
        Number {
            integer_max: [by_bounds, by_hint].into_iter().flatten().min(),
            decimals_max: decimals.into_iter().flatten().min(),
            digits_max: None,
            signed: !is_positive,
            least: self.least,
            greatest: self.greatest,
            multiple_of: self.multiple_of,
            codes: codes.to_vec(),
        }
    }
}

/// A type that has the values of both; `None` where they are of different kinds.
pub(crate) fn either(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Text(a), Type::Text(b)) => Type::Text(either_text(a, b)),
        (Type::Number(a), Type::Number(b)) => Type::Number(either_number(a, b)),
        // A date is a text to whoever must take both.
        (Type::Text(_) | Type::Date | Type::Time | Type::Instant, Type::Text(_) | Type::Date | Type::Time | Type::Instant) => {
            Type::Text(Text::default())
        }
        _ => return None,
    })
}

fn either_text(a: &Text, b: &Text) -> Text {
    let mut codes = Vec::new();
    if !a.codes.is_empty() && !b.codes.is_empty() {
        codes.clone_from(&a.codes);
        codes.extend(b.codes.iter().filter(|it| !a.codes.contains(it)).cloned());
    }
    Text {
        min: a.min.min(b.min),
        max: a.max.zip(b.max).map(|(a, b)| a.max(b)),
        codes,
        patterns: if a.patterns == b.patterns { a.patterns.clone() } else { Vec::new() },
        decimal: if a.decimal == b.decimal { a.decimal } else { None },
        repertoire: None,
    }
}

fn either_number(a: &Number, b: &Number) -> Number {
    let most = |a: Option<u32>, b: Option<u32>| a.zip(b).map(|(a, b)| a.max(b));
    let bound = |a: Option<(Decimal, bool)>, b: Option<(Decimal, bool)>, is_least: bool| {
        let (a, b) = a.zip(b)?;
        if a.0 == b.0 {
            return Some((a.0, a.1 || b.1));
        }
        Some(if (a.0 < b.0) == is_least { a } else { b })
    };
    let mut codes = Vec::new();
    if !a.codes.is_empty() && !b.codes.is_empty() {
        codes.clone_from(&a.codes);
        codes.extend(b.codes.iter().filter(|it| !a.codes.contains(it)));
    }
    Number {
        integer_max: most(a.integer_max, b.integer_max),
        decimals_max: most(a.decimals_max, b.decimals_max),
        digits_max: None,
        signed: a.signed || b.signed,
        least: bound(a.least, b.least, true),
        greatest: bound(a.greatest, b.greatest, false),
        multiple_of: a.multiple_of.filter(|_| a.multiple_of == b.multiple_of),
        codes,
    }
}

/// The digits that both allow.
fn both(a: Option<(u32, u32)>, b: Option<(u32, u32)>) -> Option<(u32, u32)> {
    match (a, b) {
        (Some((digits, decimals)), Some((other_digits, other_decimals))) => {
            let decimals_both = decimals.min(other_decimals);
            Some(((digits - decimals).min(other_digits - other_decimals) + decimals_both, decimals_both))
        }
        (a, b) => a.or(b),
    }
}

/// The least number that is a multiple of both.
fn common_multiple(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale.max(b.scale);
    let (a, b) = (a.rescale(scale)?.coefficient, b.rescale(scale)?.coefficient);
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    let coefficient = (a / x).checked_mul(b)?;
    (coefficient < 10i128.pow(latimer_engine::DIGITS_MAX)).then_some(Decimal { coefficient, scale }.trim(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_of_both() {
        let decimal = |text: &str| Decimal::parse(text.as_bytes()).unwrap();
        for (a, b, expected) in [("0.05", "0.02", "0.1"), ("3", "4", "12"), ("0.5", "2", "2"), ("7", "7", "7")] {
            assert_eq!(common_multiple(decimal(a), decimal(b)).unwrap().to_string(), expected);
        }
        let huge = "99999999999999999999999999999999999999";
        assert!(common_multiple(decimal(huge), decimal("2")).is_none());
    }
}
