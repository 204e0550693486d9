//! Facets, compiled: what a schema says of a value, as fast as it can be asked.

use crate::moment::Moment;
use crate::{Decimal, Number, Text, Type};
use regex_automata::{
    Anchored,
    dfa::{Automaton, dense},
    meta,
    util::{primitives::StateID, start, syntax},
};
use std::collections::HashMap;

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
    /// Nearly every pattern: an identifier's.
    Small(Box<Table>),
    Table {
        dfa: Box<dense::DFA<Vec<u32>>>,
        start: StateID,
    },
    /// For what would be too large a table.
    Search(Box<meta::Regex>),
}

/// A deterministic automaton over classes of bytes: two loads a byte, and no question until the end.
#[derive(Debug)]
struct Table {
    classes: [u8; 256],
    /// By state and class, the row of the next state.
    next: Vec<u32>,
    /// By row of a state, whether a text may end there.
    accepts: Vec<bool>,
    start: u32,
}

/// Bytes that the table of one pattern may take, and those up to which it is made anew, which takes time at load.
const TABLE_MAX: usize = 4 << 20;
const SMALL_MAX: usize = 4 << 10;

impl Table {
    /// The same automaton, by its states that can be reached.
    fn new(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> Option<Table> {
        let mut states = vec![start];
        let mut numbers = HashMap::from([(start, 0_u32)]);
        // By byte, where it leads from every state.
        let mut columns = vec![Vec::new(); 256];
        let mut at = 0;
        while let Some(state) = states.get(at).copied() {
            let mut last = (state, u32::try_from(at).ok()?);
            for (byte, column) in (0..=u8::MAX).zip(&mut columns) {
                let next = dfa.next_state(state, byte);
                if next != last.0 {
                    let number = u32::try_from(states.len()).ok()?;
                    let number = *numbers.entry(next).or_insert_with(|| {
                        states.push(next);
                        number
                    });
                    last = (next, number);
                }
                column.push(last.1);
            }
            at += 1;
        }
        let mut distinct: Vec<&Vec<u32>> = Vec::new();
        let mut classes = [0; 256];
        for (class, column) in classes.iter_mut().zip(&columns) {
            let known = distinct.iter().position(|it| *it == column).unwrap_or_else(|| {
                distinct.push(column);
                distinct.len() - 1
            });
            *class = u8::try_from(known).ok()?;
        }
        let width = u32::try_from(distinct.len()).ok()?;
        let next = (0..states.len()).flat_map(|state| distinct.iter().filter_map(move |it| it.get(state)).map(|it| it * width));
        // A state that gives up is as good as dead: no text ends there.
        let is_end = |state: &StateID| {
            let gives_up = dfa.is_dead_state(*state) || dfa.is_quit_state(*state);
            !gives_up && dfa.is_match_state(dfa.next_eoi_state(*state))
        };
        let accepts = states.iter().flat_map(|it| std::iter::repeat_n(is_end(it), distinct.len())).collect();
        Some(Table { classes, next: next.collect(), accepts, start: 0 })
    }

    #[inline]
    fn matches(&self, text: &[u8]) -> bool {
        let mut row = self.start as usize;
        for byte in text {
            let class = self.classes.get(usize::from(*byte)).copied().unwrap_or(0);
            let Some(next) = self.next.get(row + usize::from(class)) else { return false };
            row = *next as usize;
        }
        self.accepts.get(row) == Some(&true)
    }
}

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
            let small = (dfa.memory_usage() <= SMALL_MAX).then(|| Table::new(&dfa, start)).flatten();
            return Ok(Pattern(match small {
                Some(table) => Machine::Small(Box::new(table)),
                None => Machine::Table { dfa: Box::new(dfa), start },
            }));
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
            Machine::Small(table) => table.matches(text),
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

    /// The least and the greatest length, in Unicode scalar values.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        (self.min as usize, self.max as usize)
    }

    /// Whether only the length of a text decides.
    pub(crate) fn is_length(&self) -> bool {
        self.codes.is_empty() && self.patterns.is_empty()
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

/// Whether digits are clean, and allowed by their count alone, zeros at the end included. `false` says nothing: what only its
/// value can decide is not looked at.
#[inline]
pub(crate) fn allows_plainly(number: &Number, digits: &[u8]) -> bool {
    let is_free = number.least.is_none() && number.greatest.is_none() && number.multiple_of.is_none() && number.codes.is_empty();
    let unsigned = if number.signed { digits.strip_prefix(b"-").unwrap_or(digits) } else { digits };
    let point = unsigned.iter().position(|it| !it.is_ascii_digit()).unwrap_or(unsigned.len());
    let fraction = match unsigned.get(point..).unwrap_or_default() {
        [] => 0,
        [b'.', fraction @ ..] if fraction.iter().all(u8::is_ascii_digit) => fraction.len(),
        _ => return false,
    };
    let is_clean = point == 1 || (point > 1 && unsigned.first() != Some(&b'0'));
    let fits = |count: usize, max: Option<u32>| max.is_none_or(|max| count <= max as usize);
    is_free
        && is_clean
        && fits(point, number.integer_max)
        && fits(fraction, number.decimals_max)
        && fits(point + fraction, number.digits_max)
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
