//! Dates and times in the forms that are usual, and by `jiff` in all others.

use super::{Checked, require};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// Whether a text is `2026-03-02`, a day that exists.
pub(super) fn is_day(text: &[u8]) -> bool {
    let [year, month, day] = match text {
        [_, _, _, _, b'-', _, _, b'-', _, _] => [number(&text[..4]), number(&text[5..7]), number(&text[8..])],
        _ => return false,
    };
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return false };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// Whether a text is `09:15:00` with whatever stands between.
pub(super) fn is_time(text: &[u8], between: u8) -> bool {
    let is_below = |text: &[u8], limit| number(text).is_some_and(|it| it < limit);
    matches!(text, [_, _, a, _, _, b, _, _] if *a == between && *b == between)
        && is_below(&text[..2], 24)
        && is_below(&text[3..5], 60)
        && is_below(&text[6..], 60)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, it| it.is_ascii_digit().then(|| number * 10 + u32::from(it - b'0')))
}

/// A date that is not behind a day, which is `2026-03-02`.
pub(super) fn is_due(text: &str, today: &str) -> Checked<bool> {
    if is_day(text.as_bytes()) {
        return Ok(text <= today);
    }
    let day = text.parse::<Date>().map_err(|_| "executionDate")?;
    Ok(day <= today.parse().map_err(|_| "today")?)
}

/// A moment with its offset: `2026-03-02T09:15:00+01:00`.
pub(super) fn check_moment(text: &str) -> Checked<()> {
    let bytes = text.as_bytes();
    let is_usual = bytes.len() == 25
        && is_day(&bytes[..10])
        && bytes[10] == b'T'
        && is_time(&bytes[11..19], b':')
        && matches!(bytes[19], b'+' | b'-')
        && bytes[22] == b':'
        && number(&bytes[20..22]).is_some_and(|it| it < 15)
        && number(&bytes[23..]).is_some_and(|it| it < 60);
    require(is_usual || text.parse::<Timestamp>().is_ok(), "createdAt")
}

/// The day itself, or the Monday behind it. The holidays of TARGET are left out: the measured day is not one.
pub(super) fn business_day(mut day: Date) -> Date {
    while day.weekday().to_monday_one_offset() > 5 {
        day = day.tomorrow().unwrap();
    }
    day
}

/// The offset of local times of one zone: what was found last holds until the clocks change.
pub(super) struct Offsets {
    zone: TimeZone,
    from: [u8; 19],
    until: [u8; 19],
    offset: [u8; 6],
}

impl Offsets {
    pub(super) fn new(zone: TimeZone) -> Self {
        Offsets { zone, from: [0; 19], until: [0; 19], offset: [0; 6] }
    }

    /// Of a time as `2026-03-02T09:15:00`, which exists once; it is compared as text.
    pub(super) fn of(&mut self, local: &[u8; 19]) -> Checked<[u8; 6]> {
        if *local < self.from || *local >= self.until {
            self.find(local)?;
        }
        Ok(self.offset)
    }

    /// A day around a change of clocks belongs to no span, so that nothing in it is taken for unambiguous.
    fn find(&mut self, local: &[u8; 19]) -> Checked<()> {
        let text = std::str::from_utf8(local).map_err(|_| "the time")?;
        let local: DateTime = text.parse().map_err(|_| "the time")?;
        let known = self.zone.to_ambiguous_zoned(local);
        require(!known.is_ambiguous(), "the time exists twice or never")?;
        let zoned = known.compatible().map_err(|_| "the time")?;
        self.offset = written(&zoned.strftime("%:z").to_string())?;
        // A change at this very second is before it.
        let before = self.zone.preceding(zoned.timestamp() + 1.second()).next();
        let behind = self.zone.following(zoned.timestamp()).next();
        let civil = |it: Timestamp, days: i32| -> Zoned { it.to_zoned(self.zone.clone()).saturating_add(days.days()) };
        let text = |it: Zoned| written(&it.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        self.from = before.map_or(Ok([0; 19]), |it| text(civil(it.timestamp(), 1)))?;
        self.until = behind.map_or(Ok([0xFF; 19]), |it| text(civil(it.timestamp(), -1)))?;
        Ok(())
    }
}

fn written<const LENGTH: usize>(text: &str) -> Checked<[u8; LENGTH]> {
    text.as_bytes().try_into().map_err(|_| "the time")
}
