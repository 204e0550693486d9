//! Business days: TARGET by its rule, other calendars from a list of dates.

use jiff::civil::{Date, Weekday};

/// The days on which business rests, beside Saturdays and Sundays.
#[derive(Clone, Debug)]
pub enum Calendar {
    /// TARGET (T2): 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December, since 2002.
    ///
    /// Source: ECB press release of 14 December 2000, "TARGET: long-term calendar for closing days".
    Target,
    /// The dates of a file, sorted.
    Listed(Vec<Date>),
}

/// What happens to a day that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roll {
    /// The next one.
    Following,
    /// The one before.
    Preceding,
    /// The next one, unless it is in another month; then the one before.
    ModifiedFollowing,
}

impl Roll {
    /// Every way, with the name a mapping gives it.
    pub const ALL: [(&'static str, Roll); 3] =
        [("following", Roll::Following), ("preceding", Roll::Preceding), ("modified-following", Roll::ModifiedFollowing)];
}

impl Calendar {
    /// A calendar of a file: one date a line; `#` begins a comment.
    pub fn parse(text: &str) -> Result<Calendar, String> {
        let mut dates = Vec::new();
        for line in text.lines() {
            let date = line.split('#').next().unwrap_or("").trim();
            if !date.is_empty() {
                dates.push(date.parse::<Date>().map_err(|_| format!("`{date}` is not a date"))?);
            }
        }
        dates.sort_unstable();
        Ok(Calendar::Listed(dates))
    }

    /// Whether business is done on a day; `None` before the calendar begins.
    pub fn is_open(&self, day: Date) -> Option<bool> {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self {
            Calendar::Target if day.year() < 2002 => None,
            Calendar::Target => Some(!weekend && !is_target_holiday(day)),
            Calendar::Listed(dates) => Some(!weekend && dates.binary_search(&day).is_err()),
        }
    }

    /// The day if it is a business day, else the one it rolls to.
    pub fn roll(&self, day: Date, roll: Roll) -> Option<Date> {
        match roll {
            Roll::Following => self.next_open(day, 1),
            Roll::Preceding => self.next_open(day, -1),
            Roll::ModifiedFollowing => {
                let next = self.next_open(day, 1)?;
                if next.month() == day.month() { Some(next) } else { self.next_open(day, -1) }
            }
        }
    }

    fn next_open(&self, day: Date, step: i64) -> Option<Date> {
        let mut day = day;
        // No calendar rests for a year.
        for _ in 0..366 {
            if self.is_open(day)? {
                return Some(day);
            }
            day = plus_days(day, step)?;
        }
        None
    }

    /// So many business days later (or earlier).
    pub fn add(&self, day: Date, days: i64) -> Option<Date> {
        let step = days.signum();
        let mut day = if days == 0 { return self.next_open(day, 1) } else { day };
        for _ in 0..days.abs() {
            day = self.next_open(plus_days(day, step)?, step)?;
        }
        Some(day)
    }
}

/// So many days later (or earlier).
pub(crate) fn plus_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn is_target_holiday(day: Date) -> bool {
    if matches!((day.month(), day.day()), (1, 1) | (5, 1) | (12, 25 | 26)) {
        return true;
    }
    let easter = easter_sunday(day.year());
    let friday_or_monday = [easter.and_then(|it| plus_days(it, -2)), easter.and_then(|it| plus_days(it, 1))];
    friday_or_monday.contains(&Some(day))
}

/// Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
fn easter_sunday(year: i16) -> Option<Date> {
    let year32 = i32::from(year);
    let (a, b, c) = (year32 % 19, year32 / 100, year32 % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn easter_of_many_years() {
        for it in ["2002-03-31", "2008-03-23", "2011-04-24", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25", "2100-03-28"]
        {
            assert_eq!(easter_sunday(day(it).year()), Some(day(it)));
        }
    }

    #[test]
    fn days_on_which_target_rests() {
        for it in ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2026-12-26", "2026-03-07"] {
            assert_eq!(Calendar::Target.is_open(day(it)), Some(false), "{it}");
        }
        assert_eq!(Calendar::Target.is_open(day("2026-01-06")), Some(true));
        assert_eq!(Calendar::Target.is_open(day("2001-12-31")), None);
    }

    #[test]
    fn rolling_and_adding() {
        let roll = |it: &str, roll| Calendar::Target.roll(day(it), roll).unwrap().to_string();
        assert_eq!(roll("2026-04-03", Roll::Following), "2026-04-07");
        assert_eq!(roll("2026-04-03", Roll::Preceding), "2026-04-02");
        assert_eq!(roll("2026-05-30", Roll::ModifiedFollowing), "2026-05-29");
        assert_eq!(Calendar::Target.add(day("2026-04-02"), 1).unwrap().to_string(), "2026-04-07");
        assert_eq!(Calendar::Target.add(day("2026-04-07"), -1).unwrap().to_string(), "2026-04-02");
        let own = Calendar::parse("2026-03-02 # bank holiday\n").unwrap();
        assert_eq!(own.is_open(day("2026-03-02")), Some(false));
        assert!(Calendar::parse("2. März").is_err());
    }
}
