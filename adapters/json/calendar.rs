//! Dates, times and UUIDs as texts: shapes, and days that exist.

use crate::scan;

/// A text that is more than characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// RFC 3339 `full-date`.
    Date,
    /// RFC 3339 `full-time`, capital `Z`, no second 60.
    Time,
    /// RFC 3339 `date-time`, capital `T` and `Z`, no second 60.
    DateTime,
    /// RFC 9562, in either letter case.
    Uuid,
    /// XML Schema 1.0, part 2, 3.2.9: years beyond 9999 and before 1, a zone or none.
    XmlDate,
    /// XML Schema 1.0, part 2, 3.2.8.
    XmlTime,
    /// XML Schema 1.0, part 2, 3.2.7; `true` if it must have a zone.
    XmlDateTime(bool),
}

impl Form {
    /// Whether the text has this form.
    pub(crate) fn allows(self, text: &[u8]) -> bool {
        match self {
            Form::Date => text.len() == 10 && date(text) == Some(10),
            Form::Time => clock(text, false).is_some_and(|rest| zone(rest, 23) == Some(true)),
            Form::DateTime => {
                date(text) == Some(10)
                    && text.get(10) == Some(&b'T')
                    && text.get(11..).and_then(|it| clock(it, false)).is_some_and(|rest| zone(rest, 23) == Some(true))
            }
            Form::Uuid => uuid(text),
            Form::XmlDate => xml_date(text).is_some_and(|rest| zone(rest, 14).is_some()),
            Form::XmlTime => clock(text, true).is_some_and(|rest| zone(rest, 14).is_some()),
            Form::XmlDateTime(zoned) => xml_date(text)
                .and_then(|rest| rest.strip_prefix(b"T"))
                .and_then(|rest| clock(rest, true))
                .and_then(|rest| zone(rest, 14))
                .is_some_and(|has_zone| has_zone || !zoned),
        }
    }
}

/// Two digits at a place.
fn pair(text: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (*text.get(at)?, *text.get(at + 1)?);
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

/// The length of the date at the start of a text, if it is a day of the Gregorian calendar.
fn date(text: &[u8]) -> Option<usize> {
    let year = pair(text, 0)? * 100 + pair(text, 2)?;
    month_and_day(text.get(4..)?, year).then_some(10)
}

fn month_and_day(text: &[u8], year: u32) -> bool {
    let (Some(month), Some(day)) = (pair(text, 1), pair(text, 4)) else { return false };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    text.first() == Some(&b'-') && text.get(3) == Some(&b'-') && day >= 1 && day <= days
}

/// What follows a time of day; `midnight` allows `24:00:00` for the end of the day.
fn clock(text: &[u8], midnight: bool) -> Option<&[u8]> {
    let (hour, minute, second) = (pair(text, 0)?, pair(text, 3)?, pair(text, 6)?);
    let mut rest = text.get(8..)?;
    let mut is_exact = true;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|it| it.is_ascii_digit()).count();
        let (digits, behind) = fraction.split_at_checked(length)?;
        is_exact = digits.iter().all(|it| *it == b'0');
        rest = behind;
        if length == 0 {
            return None;
        }
    }
    let is_end_of_day = midnight && is_exact && (hour, minute, second) == (24, 0, 0);
    let is_time = (hour < 24 && minute < 60 && second < 60) || is_end_of_day;
    (text.get(2) == Some(&b':') && text.get(5) == Some(&b':') && is_time).then_some(rest)
}

/// Whether this is a zone, `false` where there is none; `None` where it is something else.
fn zone(text: &[u8], hour_max: u32) -> Option<bool> {
    match text {
        [] => Some(false),
        b"Z" => Some(true),
        [b'+' | b'-', _, _, b':', _, _] => {
            let (hour, minute) = (pair(text, 1)?, pair(text, 4)?);
            // XML Schema ends at 14:00; RFC 3339 has any hour of the day.
            let is_past_the_last = hour_max == 14 && hour == 14 && minute > 0;
            (hour <= hour_max && minute < 60 && !is_past_the_last).then_some(true)
        }
        _ => None,
    }
}

/// What follows a date of XML Schema.
fn xml_date(text: &[u8]) -> Option<&[u8]> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let length = unsigned.iter().take_while(|it| it.is_ascii_digit()).count();
    let (year, rest) = unsigned.split_at_checked(length)?;
    let is_padded = length > 4 && year.first() == Some(&b'0');
    if length < 4 || is_padded || year.iter().all(|it| *it == b'0') {
        return None;
    }
    // Leap years repeat after 400 years, and 400 divides 10,000.
    let last_four = year.iter().rev().take(4).rev().fold(0, |year, it| year * 10 + u32::from(it - b'0'));
    month_and_day(rest, last_four).then_some(())?;
    rest.get(6..)
}

fn uuid(text: &[u8]) -> bool {
    // Sixteen bytes from 0, from 16 and from 20 are all 36. Clear bits are dashes.
    let chunks = [(0, 0b1101_1110_1111_1111), (16, 0b1111_1111_0111_1011), (20, 0b1111_1111_1111_0111)];
    text.len() == 36
        && [8, 13, 18, 23].iter().all(|it| text.get(*it) == Some(&b'-'))
        && chunks.iter().all(|(at, digits)| scan::chunk(text, *at).is_some_and(|it| scan::hex_digits(it) == *digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_all(form: Form, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(form.allows(text.as_bytes()), "{form:?} {text}");
        }
        for text in bad {
            assert!(!form.allows(text.as_bytes()), "{form:?} {text}");
        }
    }

    #[test]
    fn every_day_of_four_kinds_of_year() {
        for (year, leap) in [(1900, false), (2000, true), (2023, false), (2024, true)] {
            let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for month in 0..100 {
                for day in 0..100 {
                    let exists = (1..=12).contains(&month) && day >= 1 && day <= days[month - 1];
                    let text = format!("{year}-{month:02}-{day:02}");
                    assert_eq!(Form::Date.allows(text.as_bytes()), exists, "{text}");
                    assert_eq!(Form::XmlDate.allows(text.as_bytes()), exists, "{text}");
                }
            }
        }
    }

    #[test]
    fn dates_and_times_of_json() {
        assert_all(Form::Date, &["2026-03-02", "0000-02-29"], &["2026-3-2", "2026/03/02", "02026-03-02", "2026-03-02Z"]);
        assert_all(
            Form::DateTime,
            &["2026-03-02T09:15:00Z", "2026-03-02T23:59:59.123456789-23:59", "2026-03-02T00:00:00.0+00:00"],
            &[
                "2026-03-02t09:15:00Z",
                "2026-03-02T09:15:00z",
                "2026-03-02 09:15:00Z",
                "2026-03-02T09:15:60Z",
                "2026-03-02T24:00:00Z",
                "2026-02-30T09:15:00Z",
                "2026-03-02T09:15:00",
                "2026-03-02T09:15:00.Z",
                "2026-03-02T09:15Z",
                "2026-03-02T09:15:00+24:00",
                "2026-03-02T09:15:00+0100",
                "2026-03-02T09:15:00Z ",
            ],
        );
        assert_all(Form::Time, &["09:15:00Z", "09:15:00.5+01:00"], &["09:15:00", "9:15:00Z", "09:60:00Z"]);
    }

    #[test]
    fn dates_and_times_of_xml() {
        assert_all(
            Form::XmlDate,
            &["2026-03-02", "2026-03-02Z", "2026-03-02+14:00", "-0044-03-15", "12026-03-02", "-12024-02-29"],
            &["0000-01-01", "02026-03-02", "2026-03-02+14:01", "2023-02-29", "12023-02-29", "+2026-03-02", "2026-03-02T"],
        );
        assert_all(
            Form::XmlTime,
            &["09:15:00", "24:00:00", "24:00:00.00", "09:15:00.123Z"],
            &["24:00:01", "24:00:00.01", "25:00:00", "09:15"],
        );
        assert_all(Form::XmlDateTime(false), &["2026-03-02T09:15:00", "2026-03-02T09:15:00-05:00"], &["2026-03-02"]);
        assert_all(Form::XmlDateTime(true), &["2026-03-02T09:15:00Z"], &["2026-03-02T09:15:00"]);
    }

    #[test]
    fn uuids() {
        let good = "123e4567-e89b-12d3-A456-426614174000";
        assert_all(Form::Uuid, &[good], &["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"]);
        assert!(!Form::Uuid.allows(format!("{{{good}}}").as_bytes()));
    }
}
