//! What a value may look like: the data types of XML Schema part 2 (second edition), section 3, with their facets.
//!
//! Reading a value checks it and gives it clean: white space as the type says, numbers without `+` and leading zeros,
//! bytes decoded.

use crate::{runs::Runs, scan};
use latimer_engine::{
    Number,
    rules::{TextCheck, allows_number},
};

/// A simple type, compiled.
#[derive(Debug)]
pub(crate) struct Simple {
    pub(crate) shape: Shape,
    pub(crate) space: Space,
    /// Of texts all facets; of other types codes and patterns, which are about the spelling.
    pub(crate) check: TextCheck,
    /// Patterns that `check` need not look at.
    pub(crate) runs: Vec<Runs>,
    /// Whether `check` refuses anything.
    pub(crate) checked: bool,
    /// The least and greatest number of characters, bytes or items.
    pub(crate) length: (usize, usize),
    /// Whether it is a text of which only the length is asked.
    pub(crate) is_free: bool,
}

/// What values are.
#[derive(Debug)]
pub(crate) enum Shape {
    Atom(Atom),
    Decimal(Box<Digits>),
    List(Box<Simple>),
    /// The first that fits.
    Union(Vec<Simple>),
}

/// The kinds of values that have no parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Text,
    Name,
    PlainName,
    NameToken,
    Language,
    QualifiedName,
    Boolean,
    Date,
    Time,
    DateTime,
    Year,
    YearMonth,
    Month,
    MonthDay,
    Day,
    Duration,
    Float,
    Base64,
    Hex,
}

/// What a number may be.
#[derive(Debug)]
pub(crate) struct Digits {
    pub(crate) number: Number,
    /// Whether the spelling has no point.
    pub(crate) whole: bool,
    /// Whether there is more to ask than how many digits there are, and the sign.
    pub(crate) bounded: bool,
}

/// What becomes of white space (part 2, section 4.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Space {
    Preserve,
    Replace,
    Collapse,
}

/// A value that is allowed, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clean {
    /// All of what was read.
    All,
    /// From one byte to another of what was read.
    Part(usize, usize),
    /// In the buffer that was given for it.
    Made,
    Yes,
    No,
}

impl Simple {
    /// Checks a value, references resolved; `made` is room for a value that is not a stretch of what was read.
    #[inline]
    pub(crate) fn read(&self, value: &[u8], made: &mut Vec<u8>) -> Option<Clean> {
        if let Shape::Atom(Atom::Text) = self.shape
            && self.space == Space::Preserve
        {
            return self.allows(value).then_some(Clean::All);
        }
        self.read_other(value, made)
    }

    #[inline]
    fn allows(&self, text: &[u8]) -> bool {
        (!self.checked || self.check.allows(text)) && self.runs.iter().all(|it| it.matches(text))
    }

    #[inline(never)]
    fn read_other(&self, value: &[u8], made: &mut Vec<u8>) -> Option<Clean> {
        if let Shape::Atom(Atom::Base64) = self.shape
            && !self.checked
            && self.runs.is_empty()
        {
            return self.read_atom(Atom::Base64, value, made);
        }
        let space = if let Shape::Union(_) = self.shape { Space::Preserve } else { self.space };
        let Some((from, to)) = normal(value, space) else {
            let mut text = std::mem::take(made);
            text.clear();
            normalize(value, space, &mut text);
            let clean = self.read_normal(&text, made)?;
            if matches!(clean, Clean::All | Clean::Part(..)) {
                *made = text;
                return Some(Clean::Made);
            }
            return Some(clean);
        };
        let text = scan::slice(value, from, to);
        Some(match self.read_normal(text, made)? {
            Clean::All if text.len() == value.len() => Clean::All,
            Clean::All => Clean::Part(from, to),
            Clean::Part(first, last) => Clean::Part(from + first, from + last),
            other => other,
        })
    }

    /// Checks a value whose white space is what it should be.
    fn read_normal(&self, text: &[u8], made: &mut Vec<u8>) -> Option<Clean> {
        if !self.allows(text) {
            return None;
        }
        match &self.shape {
            Shape::Atom(atom) => self.read_atom(*atom, text, made),
            Shape::Decimal(digits) => decimal(digits, text, made),
            Shape::List(item) => {
                let mut count = 0;
                for one in text.split(|it| *it == b' ').filter(|it| !it.is_empty()) {
                    item.read(one, made)?;
                    count += 1;
                }
                self.has_room_for(count).then_some(Clean::All)
            }
            Shape::Union(members) => members.iter().find_map(|it| it.read(text, made)),
        }
    }

    fn has_room_for(&self, count: usize) -> bool {
        count >= self.length.0 && count <= self.length.1
    }

    fn read_atom(&self, atom: Atom, text: &[u8], made: &mut Vec<u8>) -> Option<Clean> {
        let rest = match atom {
            Atom::Text => return Some(Clean::All),
            Atom::Boolean => {
                return match text {
                    b"true" | b"1" => Some(Clean::Yes),
                    b"false" | b"0" => Some(Clean::No),
                    _ => None,
                };
            }
            Atom::Base64 | Atom::Hex => {
                made.clear();
                if atom == Atom::Hex {
                    decode_hex(text, made)?
                } else {
                    decode_base64(text, made)?
                }
                return self.has_room_for(made.len()).then_some(Clean::Made);
            }
            Atom::Name => name(text, |it| it == ':')?,
            Atom::PlainName => name(text, |_| false)?,
            Atom::NameToken => {
                let text = std::str::from_utf8(text).ok()?;
                let fits = !text.is_empty() && text.chars().all(|it| it == ':' || scan::is_name_character(it, false));
                return fits.then_some(Clean::All);
            }
            Atom::QualifiedName => qualified_name(text)?,
            Atom::Language => language(text)?,
            Atom::Date => zone(day_of(year_month(text)?)?)?,
            Atom::Time => zone(time(text)?)?,
            Atom::DateTime => zone(time(day_of(year_month(text)?)?.strip_prefix(b"T")?)?)?,
            Atom::Year => zone(year(text)?.1)?,
            Atom::YearMonth => zone(year_month(text)?.2)?,
            Atom::Month => zone(month(text.strip_prefix(b"--")?)?.1)?,
            Atom::MonthDay => {
                let (month, rest) = month(text.strip_prefix(b"--")?)?;
                zone(day_of((LEAP_YEAR, month, rest))?)?
            }
            Atom::Day => {
                let (day, rest) = two_digits(text.strip_prefix(b"---")?)?;
                if !(1..=31).contains(&day) {
                    return None;
                }
                zone(rest)?
            }
            Atom::Duration => duration(text)?,
            Atom::Float => float(text)?,
        };
        rest.is_empty().then_some(Clean::All)
    }
}

/// The stretch that is left when white space is treated, if what is left is a stretch.
#[inline]
fn normal(value: &[u8], space: Space) -> Option<(usize, usize)> {
    match space {
        Space::Preserve => Some((0, value.len())),
        Space::Replace => value.iter().all(|it| !matches!(it, b'\t' | b'\n' | b'\r')).then_some((0, value.len())),
        // Nearly all values have no white space: one look at all bytes, several at a time.
        Space::Collapse if !value.iter().fold(false, |found, it| found | (*it <= b' ')) => Some((0, value.len())),
        Space::Collapse => {
            let from = scan::skip_space(value, 0);
            let text = scan::trim(value);
            let mut blank = false;
            for it in text {
                let space = scan::is_space(*it);
                if space && (blank || *it != b' ') {
                    return None;
                }
                blank = space;
            }
            Some((from, from + text.len()))
        }
    }
}

fn normalize(value: &[u8], space: Space, out: &mut Vec<u8>) {
    if space == Space::Replace {
        out.extend(value.iter().map(|it| if scan::is_space(*it) { b' ' } else { *it }));
        return;
    }
    for word in value.split(|it| scan::is_space(*it)).filter(|it| !it.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// Decimal numbers (section 3.2.3): digits count by value, so zeros in front and behind do not.
fn decimal(digits: &Digits, text: &[u8], made: &mut Vec<u8>) -> Option<Clean> {
    let (negative, from) = match text.first()? {
        b'-' => (true, 1),
        b'+' => (false, 1),
        _ => (false, 0),
    };
    let unsigned = text.get(from..)?;
    let point = unsigned.iter().position(|it| !it.is_ascii_digit()).unwrap_or(unsigned.len());
    let (whole, fraction) = unsigned.split_at_checked(point)?;
    let has_point = !fraction.is_empty();
    let fraction = match fraction {
        [] => fraction,
        [b'.', fraction @ ..] if !digits.whole && fraction.iter().all(u8::is_ascii_digit) => fraction,
        _ => return None,
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let zeros = whole.iter().take_while(|it| **it == b'0').count();
    let whole_digits = whole.len() - zeros;
    let fraction_digits = fraction.len() - fraction.iter().rev().take_while(|it| **it == b'0').count();
    let number = &digits.number;
    let fits = |count: usize, max: Option<u32>| max.is_none_or(|max| count <= max as usize);
    let is_zero = whole_digits == 0 && fraction_digits == 0;
    if !fits(whole_digits, number.integer_max)
        || !fits(fraction_digits, number.decimals_max)
        || !fits(whole_digits + fraction_digits, number.digits_max)
        || (negative && !number.signed && !is_zero)
    {
        return None;
    }
    let clean = !whole.is_empty()
        && (zeros == 0 || whole.len() == 1)
        && (!has_point || !fraction.is_empty())
        && text.first() != Some(&b'+');
    if clean {
        return (!digits.bounded || allows_number(number, text)).then_some(Clean::All);
    }
    made.clear();
    if negative {
        made.push(b'-');
    }
    made.extend_from_slice(if whole_digits == 0 { b"0" } else { whole.get(zeros..)? });
    if !fraction.is_empty() {
        made.push(b'.');
        made.extend_from_slice(fraction);
    }
    (!digits.bounded || allows_number(number, made)).then_some(Clean::Made)
}

const LEAP_YEAR: u32 = 4;

fn two_digits(text: &[u8]) -> Option<(u32, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => Some((u32::from(a - b'0') * 10 + u32::from(b - b'0'), rest)),
        _ => None,
    }
}

/// The year within its four centuries, which is all that leap days ask for (section 3.2.7.1: four digits or more, no zero in
/// front of more than four, and no year 0000).
fn year(text: &[u8]) -> Option<(u32, &[u8])> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let length = text.iter().position(|it| !it.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(length)?;
    if length < 4 || (length > 4 && digits.first() == Some(&b'0')) || digits.iter().all(|it| *it == b'0') {
        return None;
    }
    let year = digits.iter().fold(0, |year, digit| (year * 10 + u32::from(digit - b'0')) % 400);
    Some((year, rest))
}

fn month(text: &[u8]) -> Option<(u32, &[u8])> {
    two_digits(text).filter(|(month, _)| (1..=12).contains(month))
}

fn year_month(text: &[u8]) -> Option<(u32, u32, &[u8])> {
    let (year, rest) = year(text)?;
    let (month, rest) = month(rest.strip_prefix(b"-")?)?;
    Some((year, month, rest))
}

/// What follows `-DD`.
fn day_of((year, month, rest): (u32, u32, &[u8])) -> Option<&[u8]> {
    let (day, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// What follows `hh:mm:ss.fff` (section 3.2.7.1: 24:00:00 is allowed, a 60th second is not).
fn time(text: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(b":")?)?;
    let (second, mut rest) = two_digits(rest.strip_prefix(b":")?)?;
    let mut fraction: &[u8] = &[];
    if let Some(behind) = rest.strip_prefix(b".") {
        let length = behind.iter().position(|it| !it.is_ascii_digit()).unwrap_or(behind.len());
        (fraction, rest) = behind.split_at_checked(length)?;
        if fraction.is_empty() {
            return None;
        }
    }
    let midnight = hour == 24 && minute == 0 && second == 0 && fraction.iter().all(|it| *it == b'0');
    ((hour < 24 && minute < 60 && second < 60) || midnight).then_some(rest)
}

/// What follows an optional zone, up to 14 hours from Greenwich (section 3.2.7.3).
fn zone(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'Z', rest @ ..] => Some(rest),
        [b'+' | b'-', rest @ ..] => {
            let (hour, rest) = two_digits(rest)?;
            let (minute, rest) = two_digits(rest.strip_prefix(b":")?)?;
            (minute < 60 && (hour < 14 || (hour == 14 && minute == 0))).then_some(rest)
        }
        _ => Some(text),
    }
}

/// Section 3.2.6.1.
fn duration(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"-").unwrap_or(text).strip_prefix(b"P")?;
    let after_date = units(rest, b"YMD", false)?;
    let Some(time) = after_date.strip_prefix(b"T") else {
        return (after_date.len() < rest.len()).then_some(after_date);
    };
    let after_time = units(time, b"HMS", true)?;
    (after_time.len() < time.len()).then_some(after_time)
}

/// Numbers with these units in this order, the last with a fraction if it may have one.
fn units<'a>(mut text: &'a [u8], units: &[u8], fraction: bool) -> Option<&'a [u8]> {
    for (index, unit) in units.iter().enumerate() {
        let length = text.iter().position(|it| !it.is_ascii_digit()).unwrap_or(text.len());
        if length == 0 {
            return Some(text);
        }
        let mut rest = text.get(length..)?;
        if fraction
            && index + 1 == units.len()
            && let Some(behind) = rest.strip_prefix(b".")
        {
            let length = behind.iter().position(|it| !it.is_ascii_digit()).unwrap_or(behind.len());
            if length == 0 {
                return None;
            }
            rest = behind.get(length..)?;
        }
        if rest.first() == Some(unit) {
            text = rest.get(1..)?;
        }
    }
    // Digits without a unit that may stand here are left, and refused as what follows.
    Some(text)
}

/// Sections 3.2.4.1 and 3.2.5.1.
fn float(text: &[u8]) -> Option<&[u8]> {
    if let b"INF" | b"-INF" | b"NaN" = text {
        return Some(&[]);
    }
    let digits = |text: &[u8]| text.iter().take_while(|it| it.is_ascii_digit()).count();
    let unsigned = if let [b'+' | b'-', rest @ ..] = text { rest } else { text };
    let whole = digits(unsigned);
    let mut rest = unsigned.get(whole..)?;
    let mut fraction = 0;
    if let Some(behind) = rest.strip_prefix(b".") {
        fraction = digits(behind);
        rest = behind.get(fraction..)?;
    }
    if whole + fraction == 0 {
        return None;
    }
    let [b'e' | b'E', exponent @ ..] = rest else { return Some(rest) };
    let exponent = if let [b'+' | b'-', rest @ ..] = exponent { rest } else { exponent };
    let length = digits(exponent);
    if length == 0 { None } else { exponent.get(length..) }
}

fn name(text: &[u8], also: impl Fn(char) -> bool) -> Option<&[u8]> {
    let text = std::str::from_utf8(text).ok()?;
    let mut characters = text.chars();
    let first = characters.next().filter(|it| also(*it) || scan::is_name_character(*it, true));
    (first.is_some() && characters.all(|it| also(it) || scan::is_name_character(it, false))).then_some(&[])
}

fn qualified_name(text: &[u8]) -> Option<&[u8]> {
    match text.iter().position(|it| *it == b':') {
        None => name(text, |_| false),
        Some(colon) => {
            name(text.get(..colon)?, |_| false)?;
            name(text.get(colon + 1..)?, |_| false)
        }
    }
}

/// `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`
fn language(text: &[u8]) -> Option<&[u8]> {
    for (index, tag) in text.split(|it| *it == b'-').enumerate() {
        let fits = |it: &u8| it.is_ascii_alphabetic() || (index > 0 && it.is_ascii_digit());
        if !(1..=8).contains(&tag.len()) || !tag.iter().all(fits) {
            return None;
        }
    }
    Some(&[])
}

fn decode_hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    for [high, low] in pairs {
        let value = char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?;
        out.push(u8::try_from(value).ok()?);
    }
    Some(())
}

/// Section 3.2.16: groups of four, blanks between them, and no bits left over at the end.
fn decode_base64(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut bits: u32 = 0;
    let mut count = 0_u32;
    let mut padding = 0_u32;
    for it in text.iter().filter(|it| !scan::is_space(**it)) {
        let value = match it {
            b'A'..=b'Z' => it - b'A',
            b'a'..=b'z' => it - b'a' + 26,
            b'0'..=b'9' => it - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if padding < 2 => {
                padding += 1;
                count += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(bits.to_be_bytes().get(1..)?);
            bits = 0;
        }
    }
    if !count.is_multiple_of(4) {
        return None;
    }
    match padding {
        0 => {}
        1 if bits & 0b11 == 0 => out.extend_from_slice((bits << 6).to_be_bytes().get(1..3)?),
        2 if bits & 0b1111 == 0 => out.push(u8::try_from(bits >> 4).ok()?),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use latimer_engine::Text;

    fn simple(shape: Shape) -> Simple {
        let check = TextCheck::new(&Text::default()).unwrap();
        Simple { shape, space: Space::Collapse, check, runs: Vec::new(), checked: false, length: (0, usize::MAX), is_free: false }
    }

    fn accepts(atom: Atom, good: &[&str], bad: &[&str]) {
        let it = simple(Shape::Atom(atom));
        for text in good {
            assert!(it.read(text.as_bytes(), &mut Vec::new()).is_some(), "{atom:?} {text}");
        }
        for text in bad {
            assert!(it.read(text.as_bytes(), &mut Vec::new()).is_none(), "{atom:?} {text}");
        }
    }

    #[test]
    fn days_and_times() {
        accepts(
            Atom::Date,
            &["2024-02-29", "2000-02-29", "-0004-02-29", "12024-02-29", "2026-03-02Z", "2026-03-02+14:00", " 2026-03-02\n"],
            &[
                "2023-02-29",
                "1900-02-29",
                "0000-01-01",
                "02026-01-01",
                "2026-13-01",
                "2026-04-31",
                "2026-00-01",
                "2026-01-00",
                "26-01-01",
                "2026-03-02+14:01",
                "2026-03-02+9:00",
                "2026-03-02T",
                "+2026-01-01",
                "2026-3-2",
            ],
        );
        accepts(
            Atom::DateTime,
            &["2026-03-02T09:15:00", "2026-03-02T24:00:00", "2026-03-02T24:00:00.000Z", "2026-03-02T09:15:00.123456789012-13:59"],
            &[
                "2026-03-02",
                "2026-03-02T09:15",
                "2026-03-02T24:00:01",
                "2026-03-02T23:59:60",
                "2026-03-02T09:15:00.",
                "2026-03-02t09:15:00",
                "2026-03-02T25:00:00",
                "2026-03-02T09:60:00",
                "2026-03-02T09:15:00z",
                "2026-03-02T09:15:00 Z",
            ],
        );
        accepts(Atom::Time, &["09:15:00", "24:00:00", "23:59:59.9Z"], &["9:15:00", "24:00:00.1", "09:15:60", "T09:15:00"]);
        accepts(Atom::Year, &["2026", "2026Z", "12026", "-0001"], &["0000", "026", "2026-01"]);
        accepts(Atom::YearMonth, &["2026-12", "2026-01+02:00"], &["2026-13", "2026-1"]);
        accepts(Atom::Month, &["--12", "--01Z"], &["--13", "-01", "--1"]);
        accepts(Atom::MonthDay, &["--02-29", "--12-31Z"], &["--02-30", "--04-31"]);
        accepts(Atom::Day, &["---31", "---01Z"], &["---32", "---00"]);
        accepts(
            Atom::Duration,
            &["P1Y", "P1Y2M3DT4H5M6.7S", "-P1D", "PT0S", "P0Y"],
            &["P", "PT", "P1YT", "1Y", "P1M1Y", "P1.5Y", "PT1.S", "P1", "P-1Y", "PT1D"],
        );
    }

    #[test]
    fn numbers_and_names() {
        accepts(Atom::Float, &["1", "-1.5E-4", ".5", "5.", "INF", "-INF", "NaN"], &["", ".", "+INF", "1E", "1e1.0", "E1"]);
        accepts(Atom::Boolean, &["true", "0", " 1 "], &["TRUE", "yes", ""]);
        accepts(Atom::PlainName, &["a", "_a-1.b", "é"], &["", "1", "a:b", "a b"]);
        accepts(Atom::Name, &["a:b", ":"], &["-a"]);
        accepts(Atom::NameToken, &["1a:", "-"], &["", "a b"]);
        accepts(Atom::QualifiedName, &["a", "a:b"], &[":b", "a:", "a:b:c"]);
        accepts(Atom::Language, &["en", "de-CH-1996"], &["", "e1", "abcdefghi", "en-"]);
    }

    #[test]
    fn decimals_are_cleaned() {
        let number =
            Number { integer_max: Some(18), decimals_max: Some(5), digits_max: Some(18), signed: true, ..Number::default() };
        let it = simple(Shape::Decimal(Box::new(Digits { number, whole: false, bounded: false })));
        for (text, clean) in [
            ("5.", "5"),
            (".5", "0.5"),
            ("+1.50", "1.50"),
            ("-007", "-7"),
            ("0", "0"),
            ("-0", "-0"),
            ("00.0", "0.0"),
            (" 12.3 ", "12.3"),
            ("-.5", "-0.5"),
            ("1.1200000", "1.1200000"),
            ("000000000000000000000001", "1"),
        ] {
            let mut made = Vec::new();
            let found = match it.read(text.as_bytes(), &mut made) {
                Some(Clean::All) => text,
                Some(Clean::Part(from, to)) => &text[from..to],
                Some(Clean::Made) => std::str::from_utf8(&made).unwrap(),
                _ => "refused",
            };
            assert_eq!(found, clean, "{text}");
        }
        for text in
            ["", ".", "+", "-", "1,5", "1e5", "1.123456", "1234567890123456789", "12345678901234.12345", "--1", "1 2", "0x1"]
        {
            assert_eq!(it.read(text.as_bytes(), &mut Vec::new()), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_decoded() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("QQ==", Some(b"A")),
            ("QUI=", Some(b"AB")),
            ("QUJD", Some(b"ABC")),
            ("QU JD", Some(b"ABC")),
            (" Q\nQ = = ", Some(b"A")),
            ("QR==", None),
            ("QUJ=", None),
            ("QQ=", None),
            ("Q===", None),
            ("QUJD=", None),
            ("QQ==QQ==", None),
            ("QUJ-", None),
            ("====", None),
        ] {
            let mut made = Vec::new();
            let read = simple(Shape::Atom(Atom::Base64)).read(text.as_bytes(), &mut made);
            if bytes.is_some_and(|it| !it.is_empty()) {
                assert!(read.is_some(), "{text}");
            }
            assert_eq!(read.is_some(), bytes.is_some(), "{text}");
        }
        let mut made = Vec::new();
        assert_eq!(simple(Shape::Atom(Atom::Hex)).read(b"0aFF", &mut made), Some(Clean::Made));
        assert_eq!(made, [0x0A, 0xFF]);
        assert_eq!(simple(Shape::Atom(Atom::Hex)).read(b"0aF", &mut made), None);
    }

    #[test]
    fn white_space() {
        let text = simple(Shape::Atom(Atom::Text));
        let mut made = Vec::new();
        assert_eq!(text.read(b" a b ", &mut made), Some(Clean::Part(1, 4)));
        assert_eq!(text.read(b"a  b\tc", &mut made), Some(Clean::Made));
        assert_eq!(made, b"a b c");
    }
}
