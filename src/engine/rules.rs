//! Facets, compiled: what a schema says of a value, as fast as it can be asked.

use crate::moment::Moment;
use crate::{Decimal, Number, Text, Type};
use regex_automata::{
    Anchored,
    dfa::{Automaton, dense},
    meta,
    util::{primitives::StateID, start, syntax},
};

/// What a [`Text`] allows.
#[derive(Debug)]
pub struct TextCheck {
    min: u32,
    max: u32,
    /// Sorted.
    codes: Vec<String>,
    patterns: Vec<Pattern>,
}

/// A regular expression that the whole of a text must match.
#[derive(Debug)]
pub struct Pattern(Machine);

#[derive(Debug)]
enum Machine {
    Table {
        dfa: Box<dense::DFA<Vec<u32>>>,
        start: StateID,
    },
    /// For what would be too large a table.
    Search(Box<meta::Regex>),
}

/// Bytes that the table of one pattern may take.
const TABLE_MAX: usize = 4 << 20;

impl Pattern {
    /// Compiles an expression in the syntax of the `regex` crate, anchored at both ends.
    pub fn new(expression: &str) -> Result<Self, String> {
        let anchored = format!("^(?:{expression})$");
        let config = dense::Config::new()
            .start_kind(regex_automata::dfa::StartKind::Anchored)
            .dfa_size_limit(Some(TABLE_MAX))
            .determinize_size_limit(Some(TABLE_MAX));
        // `$` must be the end of the text, not of a line; `.` is what the schema's dialect says, which the adapter wrote out.
        let parsed = syntax::Config::new();
        if let Ok(dfa) = dense::Builder::new().configure(config).syntax(parsed).build(&anchored)
            && let Ok(start) = dfa.start_state(&start::Config::new().anchored(Anchored::Yes))
        {
            return Ok(Pattern(Machine::Table { dfa: Box::new(dfa), start }));
        }
        let regex = meta::Regex::builder()
            .configure(meta::Config::new().nfa_size_limit(Some(TABLE_MAX)))
            .build(&anchored)
            .map_err(|error| error.syntax_error().map_or_else(|| error.to_string(), |it| last_line(&it.to_string())))?;
        Ok(Pattern(Machine::Search(Box::new(regex))))
    }

    /// Whether the whole text matches. The text must be UTF-8.
    #[inline]
    pub fn matches(&self, text: &[u8]) -> bool {
        match &self.0 {
            Machine::Table { dfa, start } => {
                let mut state = *start;
                for byte in text {
                    state = dfa.next_state(state, *byte);
                    if dfa.is_special_state(state) && (dfa.is_dead_state(state) || dfa.is_quit_state(state)) {
                        return false;
                    }
                }
                dfa.is_match_state(dfa.next_eoi_state(state))
            }
            Machine::Search(regex) => regex.is_match(text),
        }
    }
}

impl TextCheck {
    /// Compiles; a pattern that cannot be is an error in words.
    pub fn new(text: &Text) -> Result<Self, String> {
        let mut codes = text.codes.clone();
        codes.sort_unstable();
        let patterns = text.patterns.iter().map(|it| Pattern::new(it)).collect::<Result<_, _>>()?;
        Ok(TextCheck { min: text.min, max: text.max.unwrap_or(u32::MAX), codes, patterns })
    }

    /// Whether every text is allowed.
    pub fn is_empty(&self) -> bool {
        self.min == 0 && self.max == u32::MAX && self.codes.is_empty() && self.patterns.is_empty()
    }

    /// Whether the text, which must be UTF-8, is allowed.
    #[inline]
    pub fn allows(&self, text: &[u8]) -> bool {
        self.fits(text) && (self.codes.is_empty() || self.has_code(text)) && self.patterns.iter().all(|it| it.matches(text))
    }

    /// Whether the text has a length that is allowed, in Unicode scalar values.
    #[inline]
    pub fn fits(&self, text: &[u8]) -> bool {
        let (min, max) = (self.min as usize, self.max as usize);
        // A scalar value has one to four bytes: most lengths are decided without counting.
        if text.len() <= max && text.len() >= min.saturating_mul(4) {
            return true;
        }
        let count = characters(text);
        count >= min && count <= max
    }

    fn has_code(&self, text: &[u8]) -> bool {
        self.codes.binary_search_by(|it| it.as_bytes().cmp(text)).is_ok()
    }
}

/// Unicode scalar values of a UTF-8 text.
#[inline]
pub fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// Whether a number of clean digits (no `+`, no leading zeros) has a value that is allowed.
///
/// Counts digits as XML Schema does: leading and trailing zeros that do not change the value do not count.
pub fn allows_number(number: &Number, digits: &[u8]) -> bool {
    let unsigned = digits.strip_prefix(b"-").unwrap_or(digits);
    let mut parts = unsigned.splitn(2, |it| *it == b'.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let whole_digits = whole.iter().skip_while(|it| **it == b'0').count();
    let fraction_digits = fraction.len() - fraction.iter().rev().take_while(|it| **it == b'0').count();
    let is_zero = whole_digits == 0 && fraction_digits == 0;
    let fits = |count: usize, max: Option<u32>| max.is_none_or(|max| count <= max as usize);
    // Zeros right behind the point of a number below one are digits of it only when no digit stands before the point.
    let total = whole_digits + fraction_digits;
    if !fits(whole_digits, number.integer_max)
        || !fits(fraction_digits, number.decimals_max)
        || !fits(total, number.digits_max)
        || (!number.signed && !is_zero && digits.first() == Some(&b'-'))
    {
        return false;
    }
    if number.least.is_none() && number.greatest.is_none() && number.multiple_of.is_none() && number.codes.is_empty() {
        return true;
    }
    // More digits than 38 are beyond every bound that a schema can have here, but not known to be a multiple.
    let Some(value) = Decimal::parse(digits) else {
        let negative = digits.first() == Some(&b'-');
        let bound = if negative { &number.least } else { &number.greatest };
        return bound.is_none() && number.multiple_of.is_none() && number.codes.is_empty();
    };
    let multiple = number.multiple_of.is_none_or(|step| {
        let scale = value.scale.max(step.scale);
        match (value.rescale(scale), step.rescale(scale)) {
            (Some(value), Some(step)) => step.coefficient != 0 && value.coefficient % step.coefficient == 0,
            _ => false,
        }
    });
    multiple
        && number.least.is_none_or(|(least, included)| value > least || (included && value == least))
        && number.greatest.is_none_or(|(greatest, included)| value < greatest || (included && value == greatest))
        && (number.codes.is_empty() || number.codes.contains(&value))
}

/// The last line of what a parser says: the reason, below the picture of the place.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// Whether a value that people or other programs may have written is one of its type.
pub(crate) fn allows_remembered(kind: &Type, value: &[u8]) -> bool {
    match kind {
        Type::Text(text) => std::str::from_utf8(value).is_ok() && text.max.is_none_or(|max| characters(value) <= max as usize),
        Type::Number(number) => value.first() != Some(&b'+') && Decimal::parse(value).is_some() && allows_number(number, value),
        Type::Date => Moment::parse(value).is_some_and(|it| it.date.is_some() && it.time.is_none()),
        _ => Moment::parse(value).is_some_and(|it| it.date.is_some() && it.time.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: Text) -> TextCheck {
        TextCheck::new(&text).unwrap()
    }

    #[test]
    fn length_counts_scalar_values() {
        let it = check(Text { min: 1, max: Some(3), ..Text::default() });
        for (text, allowed) in [("", false), ("abc", true), ("abcd", false), ("äöü", true), ("𝄞𝄞𝄞", true), ("𝄞𝄞𝄞𝄞", false)]
        {
            assert_eq!(it.allows(text.as_bytes()), allowed, "{text}");
        }
    }

    #[test]
    fn a_pattern_is_about_the_whole_text() {
        let bic = "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}";
        let it = check(Text { patterns: vec![bic.to_owned()], ..Text::default() });
        for (text, allowed) in [
            ("BANKDEFF", true),
            ("BANKDEFFXXX", true),
            ("BANKDEFFX", false),
            ("BANK1EFF", false),
            ("BANKDEFF\n", false),
            ("", false),
        ] {
            assert_eq!(it.allows(text.as_bytes()), allowed, "{text}");
        }
        let long = check(Text { patterns: vec![r"[\s\S]{1,2000}".to_owned()], ..Text::default() });
        assert!(long.allows("ä".repeat(2000).as_bytes()) && !long.allows("ä".repeat(2001).as_bytes()));
    }

    #[test]
    fn codes_are_exact() {
        let it = check(Text { codes: vec!["SHAR".to_owned(), "DEBT".to_owned()], ..Text::default() });
        assert!(it.allows(b"DEBT") && !it.allows(b"debt") && !it.allows(b"DEB"));
    }

    #[test]
    fn digits_count_by_value() {
        let amount = Number {
            integer_max: Some(18),
            decimals_max: Some(5),
            digits_max: Some(18),
            least: Some((Decimal::ZERO, true)),
            signed: true,
            ..Number::default()
        };
        for (digits, allowed) in [
            ("0", true),
            ("1.1200000", true),
            ("1.123456", false),
            ("999999999999999999", true),
            ("9999999999999999999", false),
            ("99999999999999.12345", false),
            ("9999999999999.12345", true),
            ("-1", false),
            ("-0", true),
        ] {
            assert_eq!(allows_number(&amount, digits.as_bytes()), allowed, "{digits}");
        }
        let step = Number { multiple_of: Decimal::parse(b"0.05"), signed: true, ..Number::default() };
        assert!(allows_number(&step, b"1.15") && allows_number(&step, b"-2") && !allows_number(&step, b"1.16"));
    }
}
