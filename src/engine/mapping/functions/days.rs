//! Days: of the short dates of card messages, counted, added.

use super::spelled::{local, padded, placed};
use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::Value;
use crate::mapping::picture::Picture;
use crate::mapping::typed::Class;
use crate::moment::Moment;
use crate::standards::calendar::plus_days;
use crate::{Decimal, FaultCode, Number, Text, Type};
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(super) static MMDDHHMMSS: Function = Function {
    name: "mmddhhmmss",
    family: "Dates and times",
    way: Way::Both,
    usage: "| mmddhhmmss(zone: \"UTC\", year-near: now())",
    summary: "Ten digits without a year (ISO 8583 field 7) to the point in time that is nearest to a given one, by the clocks of a zone [the mapping's], and back; a part of a second: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"1231235959\" | mmddhhmmss(zone: \"UTC\", year-near: now())", "2025-12-31T23:59:59+00:00"),
        example("\"0102115900\" | mmddhhmmss(zone: \"UTC\", year-near: now())", "2026-01-02T11:59:00+00:00"),
        example("\"0229120000\" | mmddhhmmss(zone: \"UTC\", year-near: now())", "bad DT01"),
        example("now() | mmddhhmmss(zone: \"Asia/Tokyo\", year-near: now())", "0102210000").back(),
    ],
    takes_list: false,
    check: |site| {
        let arg = site.named("zone");
        let zone = site.zone_of(arg)?;
        let picture = Picture::parse("MMDDHHmmSS")?;
        let whole = Picture::parse("YYYYMMDDHHmmSS")?;
        let Some(near) = near(site)? else {
            let input = site.input()?;
            if !matches!(input.typed.value(), Some(Type::DateTime | Type::Instant)) {
                return site.wrong_kind(&input, "a date-time", "");
            }
            let zone = Some(zone);
            return write(site, input, 10, move |moment, out| {
                let local = local(moment, zone.as_ref(), None)?;
                let fits = picture.holds(&local) && picture.write(&local, out).is_some();
                fits.then_some(()).ok_or(FaultCode::MapDate)
            });
        };
        let (input, _) = site.text_or_digits_input(10)?;
        let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
        let typed = input.typed.with(Type::Instant).class(Class::Canonical);
        let run = Run::new(move |call| {
            let near = Moment::parse(call.bytes(1)).ok_or(FaultCode::MapDate)?;
            padded(call, 10, is_number);
            let read = |year: i16, digits: &[u8]| {
                let text = with_year::<14>(year, digits)?;
                placed(whole.read(&text, 0)?, &zone, None).ok()
            };
            let around = near.instant(Some(&TimeZone::UTC)).ok_or(FaultCode::MapDate)?;
            let away = |it: &Moment| it.instant(None).map(|it| it.duration_since(around).unsigned_abs());
            let found = nearest(near.date, |year| read(year, call.scratch), away)?;
            call.scratch.clear();
            found.write(9, call.scratch);
            Ok(call.give_scratch(0))
        });
        site.give(typed, vec![input, near], run)
    },
};

pub(super) static MMDD: Function = Function {
    name: "mmdd",
    family: "Dates and times",
    way: Way::Both,
    usage: "| mmdd(year-near: today())",
    summary: "Four digits without a year (ISO 8583 fields 13 and 15) to the date that is nearest to a given day, and back; else bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"1231\" | mmdd(year-near: today())", "2025-12-31"),
        example("103 | mmdd(year-near: today())", "2026-01-03"),
        example("today() | mmdd(year-near: today())", "0102").back(),
    ],
    takes_list: false,
    check: |site| {
        let picture = Picture::parse("MMDD")?;
        let whole = Picture::parse("YYYYMMDD")?;
        let Some(near) = near(site)? else {
            let input = date_input(site)?;
            return write(site, input, 4, move |moment, out| picture.write(&moment, out).ok_or(FaultCode::MapDate));
        };
        let (input, _) = site.text_or_digits_input(4)?;
        let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
        let typed = input.typed.with(Type::Date).class(Class::Canonical);
        let run = Run::new(move |call| {
            let near = Moment::parse(call.bytes(1)).and_then(|it| it.date).ok_or(FaultCode::MapDate)?;
            padded(call, 4, is_number);
            let read = |year: i16, digits: &[u8]| whole.read(&with_year::<8>(year, digits)?, 0);
            let away = |it: &Moment| it.date.map(|it| it.duration_since(near).unsigned_abs());
            let found = nearest(Some(near), |year| read(year, call.scratch), away)?;
            call.scratch.clear();
            found.write_date(call.scratch);
            Ok(call.give_scratch(0))
        });
        site.give(typed, vec![input, near], run)
    },
};

/// Digits with a year before them; `None` if they are not as many as that.
fn with_year<const N: usize>(year: i16, digits: &[u8]) -> Option<[u8; N]> {
    let mut text = [b'0'; N];
    let mut rest = u16::try_from(year).ok()?;
    for digit in text.iter_mut().take(4).rev() {
        *digit = b'0' + u8::try_from(rest % 10).ok()?;
        rest /= 10;
    }
    let room = text.get_mut(4..)?;
    (room.len() == digits.len()).then(|| room.copy_from_slice(digits))?;
    Some(text)
}

/// The reading of the year before, this year or the next that is the least away.
fn nearest<D: Ord>(
    near: Option<Date>,
    read: impl Fn(i16) -> Option<Moment>,
    away: impl Fn(&Moment) -> Option<D>,
) -> Result<Moment, FaultCode> {
    let year = near.ok_or(FaultCode::MapDate)?.year();
    let all = (year - 1..=year + 1).filter_map(read).filter_map(|it| Some((away(&it)?, it)));
    all.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, it)| it).ok_or(FaultCode::MapDate)
}

/// What the year must be near to; nothing where a date or time is written, which has its year.
#[expect(clippy::option_option, reason = "an argument that is wrong is not one that is not needed")]
fn near(site: &mut Site<'_, '_>) -> Option<Option<Value>> {
    let Some(arg) = site.named("year-near") else { return site.wrong("what the year is near to must be said") };
    let input = site.input()?;
    let is_moment = matches!(input.typed.value(), Some(Type::Date | Type::DateTime | Type::Instant));
    site.input = Some(input);
    if site.back || is_moment {
        return Some(None);
    }
    let near = site.original(arg)?;
    match near.typed.value() {
        Some(Type::Date | Type::DateTime | Type::Instant) if near.typed.many.is_none() => Some(Some(near)),
        _ => site.wrong_kind(&near, "a date or date-time here", "for example  year-near: now()"),
    }
}

fn date_input(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, kind) = site.moment_input()?;
    match kind {
        Type::Date => Some(input),
        _ => site.wrong_kind(&input, "a date", "take the day first:  | date-part"),
    }
}

/// A date or time as so many digits.
fn write(
    site: &mut Site<'_, '_>,
    input: Value,
    digits: u32,
    put: impl Fn(Moment, &mut Vec<u8>) -> Result<(), FaultCode> + Send + Sync + 'static,
) -> Option<Value> {
    let text = Text { min: digits, max: Some(digits), patterns: vec![format!("[0-9]{{{digits}}}")], ..Text::default() };
    let typed = input.typed.with(Type::Text(text)).class(Class::Canonical);
    let run = Run::new(move |call| call.give(0, |text, out| put(Moment::parse(text).ok_or(FaultCode::MapDate)?, out)));
    site.give(typed, vec![input], run)
}

pub(super) static YYMM: Function = Function {
    name: "yymm",
    family: "Dates and times",
    way: Way::Both,
    usage: "| yymm   | yymm(window: 1980)",
    summary: "The year and month of an expiry (ISO 8583 field 14) to the last day of that month, and back; the years are 2000 to 2099, or a hundred from the window on. Another day than the last: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"2802\" | yymm", "2028-02-29"),
        example("\"2813\" | yymm", "bad DT01"),
        example("(\"2028-02-29\" | date(\"YYYY-MM-DD\")) | yymm", "2802").back(),
        example("(\"2028-02-28\" | date(\"YYYY-MM-DD\")) | yymm", "bad DT01").back(),
    ],
    takes_list: false,
    check: |site| {
        let window = site.named_integer("window")?.unwrap_or(2000);
        let Ok(window) = i16::try_from(window) else { return site.wrong("the window is a year") };
        if window > 9900 {
            return site.wrong("the window is a year");
        }
        let input = site.input()?;
        let is_moment = matches!(input.typed.value(), Some(Type::Date | Type::DateTime | Type::Instant));
        site.input = Some(input);
        if is_moment {
            let input = date_input(site)?;
            let picture = Picture::parse("YYMM")?;
            return write(site, input, 4, move |moment, out| {
                let date = moment.date.ok_or(FaultCode::MapDate)?;
                let fits = date == date.last_of_month() && (window..window + 100).contains(&date.year());
                fits.then(|| picture.write(&moment, out)).flatten().ok_or(FaultCode::MapDate)
            });
        }
        let (input, _) = site.text_or_digits_input(4)?;
        let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
        let typed = input.typed.with(Type::Date).class(Class::Canonical);
        let picture = Picture::parse("YYMMDD")?;
        let run = Run::new(move |call| {
            padded(call, 4, is_number);
            call.scratch.extend_from_slice(b"01");
            let first = picture.read(call.scratch, window).and_then(|it| it.date).ok_or(FaultCode::MapDate)?;
            call.scratch.clear();
            Moment { date: Some(first.last_of_month()), time: None, offset: None }.write_date(call.scratch);
            Ok(call.give_scratch(0))
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static LILIAN: Function = Function {
    name: "lilian",
    family: "Dates and times",
    way: Way::Both,
    usage: "| lilian",
    summary: "A day number of COBOL and Language Environment (1 is 1582-10-15, the first day of the Gregorian calendar) to a date, and back; else bad [DT01], not a number: bad [AM12]",
    faults: &[FaultCode::MapDate, FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[
        example("1 | lilian", "1582-10-15"),
        example("161883 | lilian", "2026-01-02"),
        example("0 | lilian", "bad DT01"),
        example("today() | lilian", "161883").back(),
    ],
    takes_list: false,
    check: |site| {
        let origin = Date::new(1582, 10, 14).ok()?;
        let input = site.input()?;
        if matches!(input.typed.value(), Some(Type::Date)) {
            let typed = input.typed.with(Type::Number(Number::integer(7, false))).class(Class::Canonical);
            let run = Run::new(move |call| {
                let date = Moment::parse(call.bytes(0)).and_then(|it| it.date).ok_or(FaultCode::MapDate)?;
                let days = origin.until(date).map_err(|_| FaultCode::MapDate)?.get_days();
                (days > 0).then_some(()).ok_or(FaultCode::MapDate)?;
                call.give_number(Decimal::integer(i128::from(days)))
            });
            return site.give(typed, vec![input], run);
        }
        site.input = Some(input);
        let (input, _) = site.number_input()?;
        let typed = input.typed.with(Type::Date).class(Class::Canonical);
        let run = Run::new(move |call| {
            let days = call.number(0)?.rescale(0).ok_or(FaultCode::MapDate)?.coefficient;
            let days = i64::try_from(days).ok().filter(|it| *it > 0).ok_or(FaultCode::MapDate)?;
            let date = plus_days(origin, days).ok_or(FaultCode::MapDate)?;
            call.give(0, |_, out| {
                Moment { date: Some(date), time: None, offset: None }.write_date(out);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

// ---- added -----------------------------------------------------------------------------------------------------------

pub(super) static ADD_DAYS: Function = Function {
    name: "add-days",
    family: "Dates and times",
    way: Way::Function,
    usage: "add-days(date, 3)   | add-days(-1)",
    summary: "So many days later, or earlier; beyond the year 9999: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[example("add-days(today(), 60)", "2026-03-03"), example("today() | add-days(-2)", "2025-12-31")],
    takes_list: false,
    check: |site| add(site, Class::Canonical, plus_days),
};

pub(super) static ADD_MONTHS: Function = Function {
    name: "add-months",
    family: "Dates and times",
    way: Way::Function,
    usage: "add-months(date, 1)   | add-months(-12)",
    summary: "So many months later, or earlier; a day that the month has not becomes its last; beyond the year 9999: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Reduced,
    examples: &[
        example("add-months(\"2026-01-31\" | date(\"YYYY-MM-DD\"), 1)", "2026-02-28"),
        example("today() | add-months(-1)", "2025-12-02"),
    ],
    takes_list: false,
    check: |site| add(site, Class::Reduced, |date, months| date.checked_add(jiff::Span::new().try_months(months).ok()?).ok()),
};

pub(super) static ADD_BUSINESS_DAYS: Function = Function {
    name: "add-business-days",
    family: "Dates and times",
    way: Way::Function,
    usage: "add-business-days(date, 2, calendar: \"TARGET\")",
    summary: "So many business days later, or earlier; 0 is the day itself, rolled to the next if it is none. Calendars as in `business-day`; more than 1000 days, or before the calendar begins: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Reduced,
    examples: &[
        example("add-business-days(\"2026-04-02\" | date(\"YYYY-MM-DD\"), 1, calendar: \"TARGET\")", "2026-04-07"),
        example("add-business-days(today(), -1, calendar: \"TARGET\")", "2025-12-31"),
    ],
    takes_list: false,
    check: |site| {
        let calendar = super::date::calendar_of(site)?;
        add(site, Class::Reduced, move |date, days| if days.abs() <= 1000 { calendar.add(date, days) } else { None })
    },
};

fn add(site: &mut Site<'_, '_>, class: Class, step: impl Fn(Date, i64) -> Option<Date> + Send + Sync + 'static) -> Option<Value> {
    let input = date_input(site)?;
    let Some(arg) = site.positional() else { return site.wrong("how many is missing") };
    let count = site.whole_number(arg)?;
    let typed = input.typed.with(Type::Date).class(class);
    let run = Run::new(move |call| {
        let count = call.number(1)?.rescale(0).ok_or(FaultCode::MapDate)?.coefficient;
        let count = i64::try_from(count).map_err(|_| FaultCode::MapDate)?;
        call.give(0, |text, out| {
            let date = Moment::parse(text).and_then(|it| it.date).ok_or(FaultCode::MapDate)?;
            let date = step(date, count).filter(|it| it.year() > 0).ok_or(FaultCode::MapDate)?;
            Moment { date: Some(date), time: None, offset: None }.write_date(out);
            Ok(())
        })
    });
    site.give(typed, vec![input, count], run)
}
