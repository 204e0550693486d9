//! Dates and times as text: `2026-03-02`, `09:15:00.5`, `2026-03-02T09:15:00+01:00`.
//!
//! Values stay text until a step computes with them; then they are one of these.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// A date, a time or both, with a zone if one was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day; of a time alone, none.
    pub date: Option<Date>,
    /// The time; of a date alone, none.
    pub time: Option<Time>,
    /// `Z` or `+01:00`.
    pub offset: Option<Offset>,
}

/// Digits at a place of a text, as a number; no sign, no blank.
fn digits(text: &[u8], from: usize, to: usize) -> Option<i32> {
    let digits = text.get(from..to)?;
    digits.iter().try_fold(0_i32, |sum, it| it.is_ascii_digit().then(|| sum * 10 + i32::from(it - b'0')))
}

impl Moment {
    /// Reads a date, a time or a date-time. `24:00:00` is the next day's midnight; a fraction has up to nine digits that
    /// count.
    pub fn parse(text: &[u8]) -> Option<Moment> {
        let is_time = text.get(2) == Some(&b':');
        if is_time {
            let (time, carried, rest) = parse_time(text)?;
            return (!carried).then_some(Moment { date: None, time: Some(time), offset: parse_zone(rest)? });
        }
        let date = date_of(digits(text, 0, 4)?, digits(text, 5, 7)?, digits(text, 8, 10)?)?;
        if text.get(4) != Some(&b'-') || text.get(7) != Some(&b'-') {
            return None;
        }
        let rest = text.get(10..)?;
        if rest.first() != Some(&b'T') {
            return Some(Moment { date: Some(date), time: None, offset: parse_zone(rest)? });
        }
        let (time, carried, rest) = parse_time(rest.get(1..)?)?;
        let date = if carried { date.tomorrow().ok()? } else { date };
        Some(Moment { date: Some(date), time: Some(time), offset: parse_zone(rest)? })
    }

    /// A local date-time.
    pub fn local(date: Date, time: Time) -> Moment {
        Moment { date: Some(date), time: Some(time), offset: None }
    }

    /// A point in time as a zone's clocks show it.
    pub fn in_zone(instant: Timestamp, zone: &TimeZone) -> Moment {
        let exact = zone.to_offset(instant);
        // An offset is written in minutes. Clocks of a hundred years ago had seconds in theirs: the point in time must stay.
        let offset = Offset::from_seconds(exact.seconds() - exact.seconds() % 60).unwrap_or(exact);
        let local = offset.to_datetime(instant);
        Moment { date: Some(local.date()), time: Some(local.time()), offset: Some(offset) }
    }

    /// The point in time, of a date-time with a zone; of one without, in the zone given, if its clocks show that time once.
    pub fn instant(&self, zone: Option<&TimeZone>) -> Option<Timestamp> {
        let local = DateTime::from_parts(self.date?, self.time.unwrap_or(Time::midnight()));
        match (self.offset, zone) {
            (Some(offset), _) => offset.to_timestamp(local).ok(),
            (None, Some(zone)) => {
                // Asked first: an error of the library costs memory, and this is one of every value it is about.
                let known = zone.to_ambiguous_timestamp(local);
                if known.is_ambiguous() { None } else { known.compatible().ok() }
            }
            (None, None) => None,
        }
    }

    /// The point in time where clocks show a time twice or never: the earlier or the later reading.
    pub fn instant_or(&self, zone: &TimeZone, later: bool) -> Option<Timestamp> {
        let local = DateTime::from_parts(self.date?, self.time.unwrap_or(Time::midnight()));
        let ambiguous = zone.to_ambiguous_timestamp(local);
        if later { ambiguous.later().ok() } else { ambiguous.earlier().ok() }
    }

    /// Orders by time: as points in time where both have a zone or neither, else not comparable. A date alone is its day.
    pub fn compare(&self, other: &Moment, zone: Option<&TimeZone>) -> Option<std::cmp::Ordering> {
        if self.time.is_none() || other.time.is_none() {
            if self.date.is_some() && other.date.is_some() {
                return Some(self.date.cmp(&other.date));
            }
            return None;
        }
        if self.date.is_none() || other.date.is_none() {
            return Some(self.time.cmp(&other.time));
        }
        match (self.instant(zone), other.instant(zone)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ if self.offset.is_none() && other.offset.is_none() => Some((self.date, self.time).cmp(&(other.date, other.time))),
            _ => None,
        }
    }

    /// Appends the date: `2026-03-02`.
    pub fn write_date(&self, out: &mut Vec<u8>) {
        let Some(date) = self.date else { return };
        put(out, i64::from(date.year()), 4);
        out.push(b'-');
        put(out, i64::from(date.month()), 2);
        out.push(b'-');
        put(out, i64::from(date.day()), 2);
    }

    /// Appends the time: `09:15:00`, with its fraction if that is not zero, without zeros at its end; at most so many
    /// digits of it.
    pub fn write_time(&self, precision: usize, out: &mut Vec<u8>) {
        let Some(time) = self.time else { return };
        put(out, i64::from(time.hour()), 2);
        out.push(b':');
        put(out, i64::from(time.minute()), 2);
        out.push(b':');
        put(out, i64::from(time.second()), 2);
        let digits = precision.min(9);
        let mut fraction = time.subsec_nanosecond().unsigned_abs() / 10_u32.pow(9 - u32::try_from(digits).unwrap_or(9));
        let mut kept = digits;
        while kept > 0 && fraction.is_multiple_of(10) {
            fraction /= 10;
            kept -= 1;
        }
        self.write_fraction(kept, out);
    }

    /// Appends a point and exactly so many digits of the fraction, nothing for none of them; zeros at the end are not left
    /// out.
    pub fn write_fraction(&self, digits: usize, out: &mut Vec<u8>) {
        let Some(time) = self.time.filter(|_| digits > 0) else { return };
        let first = out.len() + 1;
        out.push(b'.');
        put(out, i64::from(time.subsec_nanosecond()), 9);
        out.truncate(first + digits.min(9));
    }

    /// Appends the zone, if there is one: `Z` for UTC when `z` is said, else `+00:00`.
    pub fn write_zone(&self, z: bool, out: &mut Vec<u8>) {
        let Some(offset) = self.offset else { return };
        let seconds = offset.seconds();
        if seconds == 0 && z {
            out.push(b'Z');
            return;
        }
        out.push(if seconds < 0 { b'-' } else { b'+' });
        let minutes = i64::from(seconds.unsigned_abs() / 60);
        put(out, minutes / 60, 2);
        out.push(b':');
        put(out, minutes % 60, 2);
    }

    /// Appends all there is.
    pub fn write(&self, precision: usize, out: &mut Vec<u8>) {
        self.write_date(out);
        if self.date.is_some() && self.time.is_some() {
            out.push(b'T');
        }
        self.write_time(precision, out);
        self.write_zone(false, out);
    }
}

/// Appends a number with leading zeros.
pub(crate) fn put(out: &mut Vec<u8>, number: i64, width: usize) {
    let first = out.len();
    out.resize(first + width, b'0');
    let mut rest = number.unsigned_abs();
    for digit in out.iter_mut().skip(first).rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

/// The day of three numbers, if there is such. What there is not is found here: an error of the library costs memory.
pub(crate) fn date_of(year: i32, month: i32, day: i32) -> Option<Date> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let exists = (0..=9999).contains(&year) && (1..=days).contains(&day);
    exists.then(|| Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok())?
}

/// The time of day of its numbers, if there is such.
pub(crate) fn time_of(hour: i32, minute: i32, second: i32, nanos: i32) -> Option<Time> {
    let is_within = |number: i32, end: i32| (0..end).contains(&number);
    let exists = is_within(hour, 24) && is_within(minute, 60) && is_within(second, 60) && is_within(nanos, 1_000_000_000);
    exists.then(|| Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, nanos).ok())?
}

/// The time, whether it was 24:00:00, and what follows it.
fn parse_time(text: &[u8]) -> Option<(Time, bool, &[u8])> {
    if text.get(2) != Some(&b':') || text.get(5) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (digits(text, 0, 2)?, digits(text, 3, 5)?, digits(text, 6, 8)?);
    let mut rest = text.get(8..)?;
    let mut nanos = 0;
    if rest.first() == Some(&b'.') {
        let count = rest.iter().skip(1).take_while(|it| it.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        for at in 1..=9 {
            let digit = rest.get(at).filter(|_| at <= count).map_or(0, |it| i32::from(it - b'0'));
            nanos = nanos * 10 + digit;
        }
        rest = rest.get(count + 1..)?;
    }
    let carried = hour == 24;
    if carried && (minute, second, nanos) != (0, 0, 0) {
        return None;
    }
    let time = time_of(if carried { 0 } else { hour }, minute, second, nanos)?;
    Some((time, carried, rest))
}

/// The zone that is all of the text; `None` where it is something else.
#[expect(clippy::option_option, reason = "no zone is a good answer, no answer is not")]
pub(crate) fn parse_zone(text: &[u8]) -> Option<Option<Offset>> {
    match text {
        [] => Some(None),
        b"Z" => Some(Some(Offset::UTC)),
        [sign @ (b'+' | b'-'), rest @ ..] if rest.len() == 5 && rest.get(2) == Some(&b':') => {
            let (hours, minutes) = (digits(rest, 0, 2)?, digits(rest, 3, 5)?);
            if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            Some(Some(Offset::from_seconds(if *sign == b'-' { -seconds } else { seconds }).ok()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> Option<String> {
        let mut out = Vec::new();
        Moment::parse(text.as_bytes())?.write(9, &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_is_read_is_written() {
        for text in ["2026-03-02", "09:15:00", "2026-03-02T09:15:00", "2026-03-02T09:15:00.123456789-03:30", "2026-03-02+01:00"] {
            assert_eq!(round(text).as_deref(), Some(text));
        }
        assert_eq!(round("2026-02-28T24:00:00Z").as_deref(), Some("2026-03-01T00:00:00+00:00"));
        assert_eq!(round("2026-03-02T09:15:00.500").as_deref(), Some("2026-03-02T09:15:00.5"));
    }

    #[test]
    fn what_does_not_exist_is_not_read() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-3-2",
            "24:00:01",
            "09:15",
            "2026-03-02T",
            "2026-03-02T09:15:60",
            "2026-03-02T09:15:00+15:00",
            "2026-03-02 09:15:00",
            "",
            "20260302",
        ] {
            assert_eq!(round(text), None, "{text}");
        }
    }

    #[test]
    fn points_in_time() {
        let berlin = crate::call::time_zone("Europe/Berlin").unwrap();
        let moment = |text: &str| Moment::parse(text.as_bytes()).unwrap();
        assert_eq!(moment("2026-03-02T09:15:00").instant(Some(&berlin)), moment("2026-03-02T08:15:00Z").instant(None));
        // The clocks jump from 02:00 to 03:00, and in autumn show 02:30 twice.
        assert_eq!(moment("2026-03-29T02:30:00").instant(Some(&berlin)), None);
        assert_eq!(moment("2026-10-25T02:30:00").instant(Some(&berlin)), None);
        assert_eq!(moment("2026-10-25T02:30:00").instant_or(&berlin, false), moment("2026-10-25T00:30:00Z").instant(None));
        assert!(moment("2026-03-02T09:00:00+01:00").compare(&moment("2026-03-02T08:30:00Z"), None).unwrap().is_lt());
        assert_eq!(moment("2026-03-02T09:00:00").compare(&moment("2026-03-02T08:30:00Z"), None), None);
    }

    #[test]
    fn a_fraction_is_cut_and_has_no_zeros_at_its_end() {
        let written = |text: &str, precision| {
            let mut out = Vec::new();
            Moment::parse(text.as_bytes()).unwrap().write(precision, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("09:15:00.120456", 3), "09:15:00.12");
        assert_eq!(written("09:15:00.000456", 3), "09:15:00");
        assert_eq!(written("09:15:00.000456", 9), "09:15:00.000456");
        assert_eq!(written("09:15:00.5", 0), "09:15:00");
    }

    #[test]
    fn seconds_of_an_old_offset_do_not_move_the_point_in_time() {
        // Monrovia was 44 minutes and 30 seconds behind until 1972.
        let monrovia = crate::call::time_zone("Africa/Monrovia").unwrap();
        let instant: Timestamp = "1960-01-01T00:00:00Z".parse().unwrap();
        let moment = Moment::in_zone(instant, &monrovia);
        assert_eq!(moment.offset.unwrap().seconds() % 60, 0);
        assert_eq!(moment.instant(None), Some(instant));
    }
}
