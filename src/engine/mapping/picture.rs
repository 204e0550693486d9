//! Pictures of dates and times: `YYYY-MM-DD`, `YYYYMMDD`, `HHmmSS`, `DD.MM.YY`.

use crate::moment::{Moment, put};
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

const LETTERS: [(&str, Part); 9] = [
    ("YYYY", Part::Year4),
    ("YY", Part::Year2),
    ("MM", Part::Month),
    ("DDD", Part::DayOfYear),
    ("DD", Part::Day),
    ("HH", Part::Hour),
    ("mm", Part::Minute),
    ("SS", Part::Second),
    ("Z", Part::Zone),
];

impl Picture {
    /// Reads a picture; `None` where a letter stands for nothing, or where it has no part at all.
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
        let means = parts.iter().any(|it| !matches!(it, Part::Sign(_)));
        means.then_some(Picture { parts })
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

    /// Whether it says something of the time.
    pub(crate) fn has_time(&self) -> bool {
        self.parts.iter().any(|it| matches!(it, Part::Hour | Part::Minute | Part::Second | Part::Fraction(_)))
    }

    /// Whether it has a year of two digits, which needs a window.
    pub(crate) fn has_short_year(&self) -> bool {
        self.parts.contains(&Part::Year2)
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
            Part::Sign(_) => 1,
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
                Part::Year2 => put(out, i64::from(date.year() % 100), 2),
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
        let (mut hour, mut minute, mut second, mut nanos) = (0, 0, 0, 0_i32);
        let mut offset = None;
        let mut rest = text;
        for part in &self.parts {
            match part {
                Part::Year4 => year = Some(i16::try_from(take(&mut rest, 4)?).ok()?),
                Part::Year2 => {
                    let short = i16::try_from(take(&mut rest, 2)?).ok()?;
                    let century = window - window.rem_euclid(100) + short;
                    year = Some(if century < window { century + 100 } else { century });
                }
                Part::Month => month = Some(i8::try_from(take(&mut rest, 2)?).ok()?),
                Part::Day => day = Some(i8::try_from(take(&mut rest, 2)?).ok()?),
                Part::DayOfYear => of_year = Some(i16::try_from(take(&mut rest, 3)?).ok()?),
                Part::Hour => hour = i8::try_from(take(&mut rest, 2)?).ok()?,
                Part::Minute => minute = i8::try_from(take(&mut rest, 2)?).ok()?,
                Part::Second => second = i8::try_from(take(&mut rest, 2)?).ok()?,
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
        let date = match (year, month, day, of_year) {
            (Some(year), _, _, Some(number)) => {
                let first = Date::new(year, 1, 1).ok()?;
                (1..=first.days_in_year()).contains(&number).then_some(())?;
                Some(first.with().day_of_year(number).build().ok()?)
            }
            (Some(year), Some(month), Some(day), None) => Some(Date::new(year, month, day).ok()?),
            _ => None,
        };
        let time = if self.has_time() { Some(Time::new(hour, minute, second, nanos).ok()?) } else { None };
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
    // A zone is read as every other text of one is.
    let mut whole = b"00:00:00".to_vec();
    whole.extend_from_slice(zone);
    Moment::parse(&whole)?.offset
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
    fn letters_that_mean_nothing() {
        for text in ["", "YYY", "yyyy", "--", "YYYYMMDDx", "ffffffffff"] {
            assert!(Picture::parse(text).is_none(), "{text}");
        }
    }
}
