//! What a text and a number must satisfy, asked of bytes that were just scanned.
//!
//! The engine's [`allows_number`] and [`TextCheck`](latimer_engine::rules::TextCheck) say what is right; here the questions that
//! almost every value answers at once come first. The tests hold both against each other.

use crate::{calendar::Form, scan};
use latimer_engine::{
    Decimal, Number, Text,
    rules::{Pattern, allows_number},
};
use wide::u8x16;

/// What a text must satisfy.
#[derive(Debug)]
pub(crate) struct TextRule {
    /// So many bytes have a length that is allowed, whatever characters they are.
    sure: (usize, usize),
    min: usize,
    max: usize,
    more: Option<Box<More>>,
    /// What says the same as all of this, where only one length is allowed.
    shape: Option<Box<Shape>>,
}

/// A text of one length, up to sixteen, each byte of which is in one of two ranges: a country, a currency, a BIC.
#[derive(Debug)]
struct Shape {
    length: usize,
    /// By range, the first byte of it and how far the last one is from it.
    ranges: [(u8x16, u8x16); 2],
}

#[derive(Debug)]
struct More {
    has_codes: bool,
    /// Codes of up to 15 bytes, with their length in the last byte.
    short_codes: Vec<u128>,
    /// The others.
    long_codes: Vec<Box<[u8]>>,
    patterns: Vec<Pattern>,
    forms: Vec<Form>,
}

impl TextRule {
    /// Compiles; an expression that cannot be is an error in words.
    pub(crate) fn new(text: &Text, forms: Vec<Form>) -> Result<TextRule, String> {
        let (min, max) = (text.min as usize, text.max.map_or(usize::MAX, |it| it as usize));
        let patterns = text.patterns.iter().map(|it| Pattern::new(it)).collect::<Result<Vec<_>, _>>()?;
        let (short, long): (Vec<&String>, Vec<&String>) = text.codes.iter().partition(|it| it.len() < 16);
        let more = More {
            has_codes: !text.codes.is_empty(),
            short_codes: short.into_iter().map(|it| word(it.as_bytes())).collect(),
            long_codes: long.into_iter().map(|it| it.as_bytes().into()).collect(),
            patterns,
            forms,
        };
        let is_more = more.has_codes || !more.patterns.is_empty() || !more.forms.is_empty();
        // A character has one to four bytes.
        let sure = (min.saturating_mul(4), max);
        let shape = match text.patterns.as_slice() {
            [pattern] if !more.has_codes && more.forms.is_empty() => Shape::new(pattern),
            _ => None,
        };
        let shape = shape.filter(|it| it.length >= min && it.length <= max).map(Box::new);
        Ok(TextRule { sure, min, max, more: is_more.then(|| Box::new(more)), shape })
    }

    /// The least and the most bytes that are allowed whatever they are; none where more is asked.
    pub(crate) fn sure(&self) -> (u32, u32) {
        let bytes = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        if self.more.is_some() { (1, 0) } else { (bytes(self.sure.0), bytes(self.sure.1)) }
    }

    /// Whether the text, which is UTF-8, is allowed.
    #[inline(always)]
    pub(crate) fn allows(&self, text: &[u8]) -> bool {
        if let Some(shape) = &self.shape {
            return shape.allows(text);
        }
        let is_sure = text.len() >= self.sure.0 && text.len() <= self.sure.1;
        (is_sure || self.fits(text)) && self.more.as_ref().is_none_or(|it| it.allows(text))
    }

    #[inline(never)]
    fn fits(&self, text: &[u8]) -> bool {
        let count = scan::characters(text);
        count >= self.min && count <= self.max
    }
}

impl Shape {
    /// Of `[A-Z]{4}[A-Z0-9]{2}` and the like: classes of ASCII, each so many times; `None` for every other expression.
    fn new(pattern: &str) -> Option<Shape> {
        let mut ranges = [([0; 16], [0; 16]); 2];
        let (mut length, mut rest) = (0, pattern);
        while !rest.is_empty() {
            let (class, behind) = rest.strip_prefix('[')?.split_once(']')?;
            let mut pairs = class.as_bytes().chunks(3).map(|it| match it {
                [first, b'-', last] if first <= last && [first, last].iter().all(|it| it.is_ascii_alphanumeric()) => {
                    Some((*first, last - first))
                }
                _ => None,
            });
            let first = pairs.next()??;
            let second = pairs.next().unwrap_or(Some(first))?;
            if pairs.next().is_some() {
                return None;
            }
            let (count, behind) = match behind.strip_prefix('{') {
                Some(counted) => counted.split_once('}').and_then(|(count, behind)| Some((count.parse().ok()?, behind)))?,
                None => (1, behind),
            };
            for (range, (from, width)) in ranges.iter_mut().zip([first, second]) {
                range.0.get_mut(length..length + count)?.fill(from);
                range.1.get_mut(length..length + count)?.fill(width);
            }
            length += count;
            rest = behind;
        }
        // Behind the end, every byte is in a range that has them all.
        for range in &mut ranges {
            range.1.get_mut(length..)?.fill(u8::MAX);
        }
        Some(Shape { length, ranges: ranges.map(|(from, width)| (u8x16::new(from), u8x16::new(width))) })
    }

    #[inline]
    fn allows(&self, text: &[u8]) -> bool {
        let mut bytes = [0; 16];
        match bytes.get_mut(..text.len()) {
            Some(start) if text.len() == self.length => start.copy_from_slice(text),
            _ => return false,
        }
        let bytes = u8x16::new(bytes);
        let [first, second] = self.ranges.map(|(from, width)| {
            // What is below the first byte wraps around to a large distance from it.
            let distance = bytes - from;
            distance.min(width).simd_eq(distance)
        });
        (first | second).to_bitmask() == 0xFFFF
    }
}

impl More {
    #[inline(never)]
    fn allows(&self, text: &[u8]) -> bool {
        (!self.has_codes || self.has_code(text))
            && self.patterns.iter().all(|it| it.matches(text))
            && self.forms.iter().all(|it| it.allows(text))
    }

    fn has_code(&self, text: &[u8]) -> bool {
        if text.len() < 16 {
            let word = word(text);
            self.short_codes.contains(&word)
        } else {
            self.long_codes.iter().any(|it| **it == *text)
        }
    }
}

/// Up to 15 bytes and their number.
fn word(text: &[u8]) -> u128 {
    let bytes = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let shift = 8 * (text.len() - 8);
            u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << shift
        }
        _ => text.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte)),
    };
    bytes | (text.len() as u128) << 120
}

/// What a number must satisfy.
#[derive(Debug)]
pub(crate) struct NumberRule {
    number: Number,
    /// So many digits before and behind the point, and in all, are surely allowed.
    whole_max: usize,
    decimals_max: usize,
    digits_max: usize,
    signed: bool,
    values: Values,
}

/// Which values are allowed, apart from how they are written.
#[derive(Debug)]
enum Values {
    /// All.
    All,
    /// Those between two bounds, in units of 10^-18.
    Between(i128, i128),
    /// Those that the engine allows.
    Other,
}

/// Decimals that bounds are compared with.
const SCALE: u8 = 18;
/// 18 digits fit into 64 bits.
const DIGITS: usize = 18;

impl NumberRule {
    pub(crate) fn new(number: Number) -> NumberRule {
        let most = |it: Option<u32>| it.map_or(usize::MAX, |it| it as usize);
        // A multiple of 0.01 is a number of two decimals, and one that is not negative needs no bound.
        let step = number.multiple_of.map(|it| it.trim(0));
        let decimals = step.filter(|it| it.coefficient == 1).map(|it| u32::from(it.scale));
        let is_stepped = step.is_some() && decimals.is_none();
        let least = number.least.filter(|it| *it != (Decimal::ZERO, true) || number.signed);
        let bound = |it: Option<(Decimal, bool)>, none: i128, inwards: i128| match it {
            None => Some(none),
            Some((it, true)) => it.rescale(SCALE).map(|it| it.coefficient),
            // What is 10^-18 further in is the nearest value of at most 18 decimals.
            Some((it, false)) => it.rescale(SCALE).map(|it| it.coefficient + inwards),
        };
        let values = match (bound(least, i128::MIN, 1), bound(number.greatest, i128::MAX, -1)) {
            _ if is_stepped || !number.codes.is_empty() => Values::Other,
            (Some(i128::MIN), Some(i128::MAX)) => Values::All,
            (Some(least), Some(greatest)) => Values::Between(least, greatest),
            _ => Values::Other,
        };
        NumberRule {
            whole_max: most(number.integer_max),
            decimals_max: most([number.decimals_max, decimals].into_iter().flatten().min()),
            digits_max: most(number.digits_max),
            signed: number.signed,
            values,
            number,
        }
    }

    /// Whether the number, of clean digits, is allowed; `whole` is the length of what stands before its point.
    #[inline(always)]
    pub(crate) fn allows(&self, digits: &[u8], whole: usize) -> bool {
        let decimals = digits.len().saturating_sub(whole + 1);
        let is_written_well = whole <= self.whole_max
            && decimals <= self.decimals_max
            && whole + decimals <= self.digits_max
            && (self.signed || digits.first() != Some(&b'-'));
        is_written_well && matches!(self.values, Values::All) || self.allows_slowly(digits, whole, is_written_well)
    }

    #[inline(never)]
    fn allows_slowly(&self, digits: &[u8], whole: usize, is_written_well: bool) -> bool {
        if let Values::Between(least, greatest) = self.values
            && is_written_well
            && let Some(value) = units(digits, whole)
        {
            return value >= least && value <= greatest;
        }
        allows_number(&self.number, digits)
    }
}

/// A number in units of 10^-18, if it is short.
fn units(digits: &[u8], whole: usize) -> Option<i128> {
    let (is_negative, unsigned) = match digits.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let decimals = digits.len().saturating_sub(whole + 1);
    if unsigned.len() > DIGITS || decimals > usize::from(SCALE) {
        return None;
    }
    let digits = unsigned.iter().filter(|it| **it != b'.');
    let value = digits.fold(0u64, |value, it| value * 10 + u64::from(it & 0xF));
    let power = 10i128.pow(u32::from(SCALE) - u32::try_from(decimals).ok()?);
    let value = i128::from(value) * power;
    Some(if is_negative { -value } else { value })
}

/// What stands before the point of a number.
pub(crate) fn whole(digits: &[u8]) -> usize {
    memchr::memchr(b'.', digits).unwrap_or(digits.len())
}

/// Whether the text is a number as JSON writes it, without an exponent.
pub(crate) fn is_clean(digits: &[u8]) -> bool {
    matches!(scan::number(digits, 0), Ok(it) if it.end == digits.len() && !it.has_exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use latimer_engine::rules::TextCheck;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn numbers_as_the_engine_says() {
        let bounds = [None, Some("0"), Some("0.01"), Some("-5"), Some("99.995"), Some("1e")];
        let mut rules = Vec::new();
        for least in bounds {
            for greatest in bounds {
                for inclusive in [true, false] {
                    for (integer_max, decimals_max) in [(None, None), (Some(2), Some(2)), (Some(3), Some(0))] {
                        for step in [None, Some("0.01"), Some("0.05"), Some("1"), Some("0.5")] {
                            let bound = |it: Option<&str>| match it {
                                Some("1e") => Some((decimal("99999999999999999999999999999999999999"), inclusive)),
                                it => it.map(|it| (decimal(it), inclusive)),
                            };
                            let is_positive = bound(least).is_some_and(|it| it.0 >= Decimal::ZERO);
                            rules.push(Number {
                                integer_max,
                                decimals_max,
                                digits_max: integer_max,
                                signed: !is_positive,
                                least: bound(least),
                                greatest: bound(greatest),
                                multiple_of: step.map(decimal),
                                codes: Vec::new(),
                            });
                        }
                    }
                }
            }
        }
        let numbers = [
            "0",
            "-0",
            "-0.00",
            "0.00",
            "0.01",
            "0.010000",
            "0.001",
            "-5",
            "-5.0000001",
            "99.99",
            "99.995",
            "99.9950000",
            "99.996",
            "100",
            "999",
            "1000",
            "12.50",
            "12.55",
            "12.555",
            "0.000000000000000001",
            "0.0000000000000000001",
            "123456789012345678",
            "1234567890123456789",
            "99999999999999999999999999999999999999",
            "999999999999999999999999999999999999999",
            "-99999999999999999999999999999999999999",
        ];
        for rule in rules {
            let compiled = NumberRule::new(rule.clone());
            // The engine does not know whether a number of 38 digits is a multiple; here a step of 0.01 is only a count.
            for digits in numbers.iter().filter(|it| rule.multiple_of.is_none() || it.len() < 30) {
                let digits = digits.as_bytes();
                let expected = allows_number(&rule, digits);
                assert_eq!(compiled.allows(digits, whole(digits)), expected, "{rule:?} {digits:?}");
            }
        }
    }

    #[test]
    fn texts_as_the_engine_says() {
        let codes = ["", "A", "SHARED", "ABCDEFGH", "ABCDEFGHI", "123456789012345", "1234567890123456", "ä"];
        let texts = [
            "",
            "A",
            "B",
            "SHARED",
            "SHAREDX",
            "ABCDEFGH",
            "ABCDEFGHI",
            "ABCDEFGHJ",
            "123456789012345",
            "1234567890123456",
            "123456789012346",
            "ä",
            "äöü",
            "𝄞𝄞𝄞𝄞",
            "abcdefghijklmnopqrstuvwxyz",
        ];
        for (min, max) in [(0, None), (1, Some(3)), (0, Some(15)), (3, None), (16, Some(16))] {
            for codes in [&[][..], &codes[..], &codes[1..3]] {
                for patterns in [vec![], vec!["[A-Z]*".to_owned()]] {
                    let codes = codes.iter().map(|it| (*it).to_owned()).collect();
                    let text = Text { min, max, codes, patterns, ..Text::default() };
                    let (ours, theirs) = (TextRule::new(&text, Vec::new()).unwrap(), TextCheck::new(&text).unwrap());
                    for it in texts {
                        assert_eq!(ours.allows(it.as_bytes()), theirs.allows(it.as_bytes()), "{text:?} {it}");
                    }
                }
            }
        }
    }

    #[test]
    fn shapes_say_what_their_patterns_do() {
        let patterns = [
            ("[A-Z]{2}", true),
            ("[A-Z]{3}[0-9]", true),
            ("[A-Z0-9]{11}", true),
            ("[b-y]{16}", true),
            ("[0-9]{17}", false),
            ("[A-Z]{2,3}", false),
            ("[A-Z0-9a-z]{2}", false),
            ("[A-Z]*", false),
            ("[^A-Z]{2}", false),
            ("[A-Z]{2}|[0-9]{2}", false),
            ("[A-Z_]{2}", false),
            ("[A-Zä]", false),
            ("", true),
        ];
        for (pattern, has_shape) in patterns {
            let text = Text { patterns: vec![pattern.to_owned()], ..Text::default() };
            let (ours, theirs) = (TextRule::new(&text, Vec::new()).unwrap(), TextCheck::new(&text).unwrap());
            assert_eq!(ours.shape.is_some(), has_shape, "{pattern}");
            for length in 0..18 {
                for byte in 0..=127 {
                    for place in 0..length.max(1) {
                        for around in *b"AZ09by" {
                            let mut text = vec![around; length];
                            if let Some(it) = text.get_mut(place) {
                                *it = byte;
                            }
                            assert_eq!(ours.allows(&text), theirs.allows(&text), "{pattern} {text:?}");
                        }
                    }
                }
            }
        }
        // A length that another facet forbids.
        let text = Text { patterns: vec!["[A-Z]{2}".to_owned()], min: 3, ..Text::default() };
        assert!(!TextRule::new(&text, Vec::new()).unwrap().allows(b"AB"));
    }

    #[test]
    fn words_differ_where_texts_do() {
        let texts: Vec<String> = (0..16).flat_map(|length| ["a", "b", "\0"].map(|it| it.repeat(length))).collect();
        for (at, a) in texts.iter().enumerate() {
            for (other, b) in texts.iter().enumerate() {
                assert_eq!(word(a.as_bytes()) == word(b.as_bytes()), a == b, "{at} {other}");
            }
        }
    }
}
