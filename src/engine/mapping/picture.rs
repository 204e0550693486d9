//! Pictures of dates and times: `YYYY-MM-DD`, `YYYYMMDD`, `HHmmSS`, `DD.MM.YY`.

use crate::moment::{Moment, date_of, parse_zone, put, time_of};
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// A picture, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Year4,
    Year2,
    /// The century before a year of two digits, as AS/400 counts it: 0 is 19xx, 1 is 20xx.
    Century,
    Month,
    Day,
    DayOfYear,
    Hour,
    Minute,
    Second,
    /// So many digits of the fraction.
    Fraction(usize),
    Zone,
    Sign(u8),
}

const LETTERS: [(&str, Part); 10] = [
    ("YYYY", Part::Year4),
    ("YY", Part::Year2),
    ("C", Part::Century),
    ("MM", Part::Month),
    ("DDD", Part::DayOfYear),
    ("DD", Part::Day),
    ("HH", Part::Hour),
    ("mm", Part::Minute),
    ("SS", Part::Second),
    ("Z", Part::Zone),
];

/// The century that a century digit of zero means.
const FIRST_CENTURY: i64 = 19;

impl Part {
    /// What it says something of: no picture says that twice.
    fn says(&self) -> u8 {
        match self {
            Part::Year4 | Part::Year2 => 0,
            Part::Century => 1,
            Part::Month => 2,
            Part::Day => 3,
            Part::DayOfYear => 4,
            Part::Hour => 5,
            Part::Minute => 6,
            Part::Second => 7,
            Part::Fraction(_) => 8,
            Part::Zone => 9,
            Part::Sign(_) => 10,
        }
    }
}

impl Picture {
    /// Reads a picture; `None` where a letter stands for nothing, where it says the same twice, or has no part at all.
    pub(crate) fn parse(text: &str) -> Option<Picture> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            if let Some((letters, part)) = LETTERS.iter().find(|(letters, _)| rest.starts_with(letters)) {
                parts.push(part.clone());
                rest = rest.get(letters.len()..)?;
            } else if first == b'f' {
                let count = rest.bytes().take_while(|it| *it == b'f').count();
                if count > 9 {
                    return None;
                }
                parts.push(Part::Fraction(count));
                rest = rest.get(count..)?;
            } else if first.is_ascii_alphabetic() && first != b'T' || !first.is_ascii() {
                return None;
            } else {
                parts.push(Part::Sign(first));
                rest = rest.get(1..)?;
            }
        }
        let meant: Vec<_> = parts.iter().filter(|it| !matches!(it, Part::Sign(_))).map(Part::says).collect();
        let once = meant.iter().enumerate().all(|(at, it)| !meant.iter().take(at).any(|other| other == it));
        let has = |part: &Part| parts.contains(part);
        let ordinal = has(&Part::DayOfYear) && (has(&Part::Month) || has(&Part::Day));
        let century = has(&Part::Century) && !has(&Part::Year2);
        (!meant.is_empty() && once && !ordinal && !century).then_some(Picture { parts })
    }

    /// Whether it has digits only.
    pub(crate) fn is_digits(&self) -> bool {
        self.parts.iter().all(|it| !matches!(it, Part::Sign(_) | Part::Zone))
    }

    /// Whether it says something of the day.
    pub(crate) fn has_date(&self) -> bool {
        self.parts.iter().any(|it| matches!(it, Part::Year4 | Part::Year2 | Part::Month | Part::Day | Part::DayOfYear))
    }

    /// Whether it says which day of which year.
    pub(crate) fn has_whole_date(&self) -> bool {
        let has = |part: &Part| self.parts.contains(part);
        (has(&Part::Year4) || has(&Part::Year2)) && (has(&Part::DayOfYear) || (has(&Part::Month) && has(&Part::Day)))
    }

    /// Whether it numbers the days of the year.
    pub(crate) fn is_ordinal(&self) -> bool {
        self.parts.contains(&Part::DayOfYear)
    }

    /// Whether it says what time it is: without hours, minutes say nothing.
    pub(crate) fn has_whole_time(&self) -> bool {
        let has = |part: &Part| self.parts.contains(part);
        let fraction = self.parts.iter().any(|it| matches!(it, Part::Fraction(_)));
        has(&Part::Hour) && (has(&Part::Minute) || !has(&Part::Second)) && (has(&Part::Second) || !fraction)
    }

    /// Whether it says something of the time.
    pub(crate) fn has_time(&self) -> bool {
        self.parts.iter().any(|it| matches!(it, Part::Hour | Part::Minute | Part::Second | Part::Fraction(_)))
    }

    /// Whether it has a year of two digits and no century, which needs a window.
    pub(crate) fn has_short_year(&self) -> bool {
        self.parts.contains(&Part::Year2) && !self.parts.contains(&Part::Century)
    }

    /// Whether it has all digits of a fraction that are not zero, and of the time behind its last part.
    pub(crate) fn holds(&self, moment: &Moment) -> bool {
        let Some(time) = moment.time else { return true };
        let digits = self.parts.iter().find_map(|it| if let Part::Fraction(count) = it { Some(*count) } else { None });
        let unit = 10_i32.pow(9 - u32::try_from(digits.unwrap_or(0)).unwrap_or(0).min(9));
        let has = |part: &Part| self.parts.contains(part);
        time.subsec_nanosecond() % unit == 0
            && (has(&Part::Second) || time.second() == 0)
            && (has(&Part::Minute) || time.minute() == 0)
    }

    /// A regular expression for the texts it writes.
    pub(crate) fn pattern(&self) -> String {
        let mut pattern = String::new();
        for part in &self.parts {
            match part {
                Part::Year4 => pattern.push_str("[0-9]{4}"),
                Part::Month => pattern.push_str("(0[1-9]|1[0-2])"),
                Part::Day => pattern.push_str("(0[1-9]|[12][0-9]|3[01])"),
                Part::DayOfYear => pattern.push_str("[0-3][0-9]{2}"),
                Part::Hour => pattern.push_str("([01][0-9]|2[0-3])"),
                Part::Minute | Part::Second => pattern.push_str("[0-5][0-9]"),
                Part::Century => pattern.push_str("[0-9]"),
                Part::Year2 => pattern.push_str("[0-9]{2}"),
                Part::Fraction(count) => pattern.push_str(&format!("[0-9]{{{count}}}")),
                Part::Zone => pattern.push_str("(Z|[+-][0-9]{2}:[0-9]{2})"),
                Part::Sign(sign) if sign.is_ascii_alphanumeric() || *sign == b' ' => pattern.push(char::from(*sign)),
                Part::Sign(sign) => {
                    pattern.push('\\');
                    pattern.push(char::from(*sign));
                }
            }
        }
        pattern
    }

    /// Whether it has a zone.
    pub(crate) fn has_zone(&self) -> bool {
        self.parts.contains(&Part::Zone)
    }

    /// How long a text of it is, a zone taken as `+00:00`.
    pub(crate) fn length(&self) -> usize {
        let lengths = self.parts.iter().map(|it| match it {
            Part::Year4 => 4,
            Part::DayOfYear => 3,
            Part::Fraction(count) => *count,
            Part::Zone => 6,
            Part::Sign(_) | Part::Century => 1,
            _ => 2,
        });
        lengths.sum()
    }

    /// Appends a date or time; `None` where the picture asks for what there is not.
    pub(crate) fn write(&self, moment: &Moment, out: &mut Vec<u8>) -> Option<()> {
        let date = moment.date.unwrap_or(Date::ZERO);
        let time = moment.time.unwrap_or(Time::midnight());
        if (self.has_date() && moment.date.is_none()) || (self.has_time() && moment.time.is_none()) {
            return None;
        }
        for part in &self.parts {
            match part {
                Part::Year4 => put(out, i64::from(date.year()), 4),
                Part::Year2 => put(out, i64::from(date.year().rem_euclid(100)), 2),
                Part::Century => {
                    let century = i64::from(date.year()) / 100 - FIRST_CENTURY;
                    (0..=9).contains(&century).then_some(())?;
                    put(out, century, 1);
                }
                Part::Month => put(out, i64::from(date.month()), 2),
                Part::Day => put(out, i64::from(date.day()), 2),
                Part::DayOfYear => put(out, i64::from(date.day_of_year()), 3),
                Part::Hour => put(out, i64::from(time.hour()), 2),
                Part::Minute => put(out, i64::from(time.minute()), 2),
                Part::Second => put(out, i64::from(time.second()), 2),
                Part::Fraction(count) => {
                    let nanos = i64::from(time.subsec_nanosecond());
                    put(out, nanos / 10_i64.pow(u32::try_from(9 - count).ok()?), *count);
                }
                Part::Zone => {
                    moment.offset?;
                    moment.write_zone(true, out);
                }
                Part::Sign(sign) => out.push(*sign),
            }
        }
        Some(())
    }

    /// Reads a text of exactly this picture; years of two digits are those from `window` on for a hundred years.
    pub(crate) fn read(&self, text: &[u8], window: i16) -> Option<Moment> {
        let (mut year, mut month, mut day, mut of_year) = (None, None, None, None);
        let mut century = None;
        let (mut hour, mut minute, mut second, mut nanos) = (0, 0, 0, 0_i32);
        let mut offset = None;
        let mut rest = text;
        for part in &self.parts {
            match part {
                Part::Year4 => year = Some(i16::try_from(take(&mut rest, 4)?).ok()?),
                Part::Year2 => {
                    let short = i16::try_from(take(&mut rest, 2)?).ok()?;
                    let in_window = window - window.rem_euclid(100) + short;
                    year = Some(if in_window < window { in_window + 100 } else { in_window });
                }
                Part::Century => century = Some(take(&mut rest, 1)?),
                Part::Month => month = Some(take(&mut rest, 2)?),
                Part::Day => day = Some(take(&mut rest, 2)?),
                Part::DayOfYear => of_year = Some(i16::try_from(take(&mut rest, 3)?).ok()?),
                Part::Hour => hour = take(&mut rest, 2)?,
                Part::Minute => minute = take(&mut rest, 2)?,
                Part::Second => second = take(&mut rest, 2)?,
                Part::Fraction(count) => nanos = take(&mut rest, *count)? * 10_i32.pow(u32::try_from(9 - count).ok()?),
                Part::Zone => offset = Some(take_zone(&mut rest)?),
                Part::Sign(sign) => {
                    let (first, others) = rest.split_first()?;
                    if first != sign {
                        return None;
                    }
                    rest = others;
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
        if let (Some(century), Some(it)) = (century, year) {
            year = Some(i16::try_from((i64::from(century) + FIRST_CENTURY) * 100).ok()? + it.rem_euclid(100));
        }
        let date = match (year, month, day, of_year) {
            (Some(year), _, _, Some(number)) => {
                let first = date_of(i32::from(year), 1, 1)?;
                (1..=first.days_in_year()).contains(&number).then_some(())?;
                Some(first.with().day_of_year(number).build().ok()?)
            }
            (Some(year), Some(month), Some(day), None) => Some(date_of(i32::from(year), month, day)?),
            _ => None,
        };
        let time = if self.has_time() { Some(time_of(hour, minute, second, nanos)?) } else { None };
        Some(Moment { date, time, offset })
    }
}

/// So many digits at the start of a text.
fn take(rest: &mut &[u8], count: usize) -> Option<i32> {
    let (digits, others) = rest.split_at_checked(count)?;
    *rest = others;
    digits.iter().try_fold(0, |sum, it| it.is_ascii_digit().then(|| sum * 10 + i32::from(it - b'0')))
}

fn take_zone(rest: &mut &[u8]) -> Option<Offset> {
    let length = if rest.first() == Some(&b'Z') { 1 } else { 6 };
    let (zone, others) = rest.split_at_checked(length)?;
    *rest = others;
    parse_zone(zone)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(picture: &str, text: &str) -> Option<String> {
        let picture = Picture::parse(picture).unwrap();
        let mut out = Vec::new();
        picture.write(&picture.read(text.as_bytes(), 1970)?, &mut out)?;
        assert!(out.len() <= picture.length());
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_is_read_is_written() {
        for (picture, text) in [
            ("YYYY-MM-DD", "2026-03-02"),
            ("YYYYMMDD", "20260302"),
            ("DD.MM.YY", "02.03.26"),
            ("YYYYDDD", "2024366"),
            ("HHmmSS", "091500"),
            ("YYYY-MM-DD-HH.mm.SS.ffffff", "2026-03-02-09.15.00.123456"),
            ("YYYY-MM-DDTHH:mm:SSZ", "2026-03-02T09:15:00+01:00"),
            ("CYYMMDD", "1260302"),
            ("CYYDDD", "099365"),
        ] {
            assert_eq!(round(picture, text).as_deref(), Some(text));
        }
    }

    #[test]
    fn strict_about_the_calendar() {
        for (picture, text) in [
            ("YYYY-MM-DD", "2026-02-31"),
            ("YYYYDDD", "2026366"),
            ("HHmmSS", "246000"),
            ("YYYYMMDD", "2026 302"),
            ("YYYYMMDD", "202603021"),
        ] {
            assert_eq!(round(picture, text), None, "{text}");
        }
    }

    #[test]
    fn a_window_of_a_hundred_years() {
        let year = |text: &str, window| {
            Picture::parse("YY").unwrap().parts.len()
                + usize::from(
                    Picture::parse("YYMMDD").unwrap().read(text.as_bytes(), window).unwrap().date.unwrap().year().unsigned_abs(),
                )
        };
        assert_eq!(year("700101", 1970), 1971);
        assert_eq!(year("690101", 1970), 2070);
        assert_eq!(year("000101", 1970), 2001);
    }

    #[test]
    fn what_is_written_matches_the_pattern() {
        for (picture, text) in [
            ("DD.MM.YYYY HH:mm", "31.12.2026 23:59"),
            ("YYYY-MM-DDTHH:mm:SSZ", "2026-03-02T09:15:00+01:00"),
            ("CYYDDD", "126366"),
            ("(YYYY)", "(2026)"),
        ] {
            let pattern = crate::rules::Pattern::new(&Picture::parse(picture).unwrap().pattern()).unwrap();
            assert!(pattern.matches(text.as_bytes()), "{picture} {text}");
            assert!(!pattern.matches(b"2026"), "{picture}");
        }
    }

    #[test]
    fn letters_that_mean_nothing() {
        for text in ["", "YYY", "yyyy", "--", "YYYYMMDDx", "ffffffffff", "CYYYYMMDD", "YYYYMMMM", "YYYYDDDMM", "HHmmSSfYYf"] {
            assert!(Picture::parse(text).is_none(), "{text}");
        }
    }
}
