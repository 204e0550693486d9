//! Dates and times: their parts, as digits, as business days.

use super::spelled::{Spelling, read_by};
use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::Value;
use crate::mapping::picture::Picture;
use crate::mapping::typed::{Class, Typed};
use crate::moment::Moment;
use crate::standards::calendar::{Calendar, Roll};
use crate::{FaultCode, Number, Type};

pub(super) static DIGITS: Function = Function {
    name: "digits",
    family: "Dates and times",
    way: Way::Both,
    usage: "| digits \"YYYYMMDD\"   | digits(\"YYMMDD\", window: 1970)",
    summary: "A date or time as a number, by a picture of `YYYY YY MM DD DDD HH mm SS f`; what the picture has not (fractions) is dropped; and such a number back to the date or time; else bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"2026-03-02\" | date(\"YYYY-MM-DD\") | digits \"YYYYMMDD\"", "20260302"),
        example("20260302 | digits \"YYYYMMDD\"", "2026-03-02").back(),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the picture is missing") };
        let text = site.literal(arg)?;
        let Some(picture) = Picture::parse(&text).filter(Picture::is_digits) else {
            return site.wrong_at(arg.value.span, "this must be a picture of digits, for example `\"YYYYMMDD\"`");
        };
        let window = site.named_integer("window")?;
        let input = site.input()?;
        if matches!(input.typed.value(), Some(Type::Number(_) | Type::Text(_))) {
            return read_digits(site, input, picture, window);
        }
        site.input = Some(input);
        let (input, kind) = site.moment_input()?;
        if (picture.has_date() && kind == Type::Time) || (picture.has_time() && kind == Type::Date) {
            return site.wrong_at(arg.value.span, "the picture asks for what the value has not");
        }
        let number = Number::integer(u32::try_from(picture.length()).unwrap_or(u32::MAX), false);
        let typed = input.typed.with(Type::Number(number)).class(Class::Canonical);
        let run = Run::new(move |call| {
            call.give(0, |text, out| {
                let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                picture.write(&moment, out).ok_or(FaultCode::MapDate)
            })
        });
        site.give(typed, vec![input], run)
    },
};

/// A number back to the date or time that its picture spells.
fn read_digits(site: &mut Site<'_, '_>, input: Value, picture: Picture, window: Option<u32>) -> Option<Value> {
    let kind = match (picture.has_whole_date(), picture.has_whole_time()) {
        (true, true) => Type::DateTime,
        (true, false) if !picture.has_time() => Type::Date,
        (false, true) if !picture.has_date() => Type::Time,
        _ => return site.wrong("the picture has not all that a date or time needs"),
    };
    let spelling = Spelling::new(site, picture, window)?;
    read_by(site, input, spelling, kind)
}

pub(super) static DATE_PART: Function = Function {
    name: "date-part",
    family: "Dates and times",
    way: Way::Forth,
    usage: "| date-part",
    summary: "The day of a zoned date-time in the mapping's time zone, of another as it stands; a date's own zone is dropped; not a date: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[example("now() | date-part", "2026-01-02")],
    takes_list: false,
    check: |site| {
        let (input, kind) = site.moment_input()?;
        if kind == Type::Time {
            return site.wrong_kind(&input, "a date or date-time", "");
        }
        let zone = if kind == Type::Date { None } else { Some(site.zone()?) };
        let typed = input.typed.with(Type::Date).class(Class::Canonical);
        let run = Run::new(move |call| {
            if call.bytes(0).len() == 10 {
                return Ok(call.arg(0));
            }
            call.give(0, |text, out| {
                let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                in_zone(moment, zone.as_ref())?.write_date(out);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static TIME_PART: Function = Function {
    name: "time-part",
    family: "Dates and times",
    way: Way::Forth,
    usage: "| time-part",
    summary: "The time of a zoned date-time in the mapping's time zone, of another as it stands; not a time: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[example("now() | time-part", "12:00:00")],
    takes_list: false,
    check: |site| {
        let (input, kind) = site.moment_input()?;
        if kind == Type::Date {
            return site.wrong_kind(&input, "a time or date-time", "");
        }
        let zone = if kind == Type::Time { None } else { Some(site.zone()?) };
        let typed = input.typed.with(Type::Time).class(Class::Canonical);
        let run = Run::new(move |call| {
            call.give(0, |text, out| {
                let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                in_zone(moment, zone.as_ref())?.write_time(9, out);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

/// A zoned date-time as the mapping's clocks show it; others as they stand.
fn in_zone(moment: Moment, zone: Option<&jiff::tz::TimeZone>) -> Result<Moment, FaultCode> {
    match (moment.time.and(moment.offset), zone) {
        (Some(_), Some(zone)) => Ok(Moment::in_zone(moment.instant(None).ok_or(FaultCode::MapDate)?, zone)),
        _ => Ok(moment),
    }
}

pub(super) static BUSINESS_DAY: Function = Function {
    name: "business-day",
    family: "Dates and times",
    way: Way::Function,
    usage: "business-day(date, calendar: \"TARGET\", roll: following)",
    summary: "The day if it is a business day, else rolled (`following` [default], `preceding`, `modified-following`); `TARGET` is built in, other names are files `calendars/NAME.csv`, one date a line; before the calendar begins: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Reduced,
    examples: &[example("business-day(\"2026-04-03\" | date(\"YYYY-MM-DD\"), calendar: \"TARGET\")", "2026-04-07")],
    takes_list: false,
    check: |site| {
        let calendar = calendar_of(site)?;
        let roll = match site.named("roll") {
            Some(arg) => site.word(arg, &Roll::ALL)?,
            None => Roll::Following,
        };
        let (input, kind) = site.moment_input()?;
        if kind != Type::Date {
            return site.wrong_kind(&input, "a date", "take the day first:  | date-part");
        }
        let typed = Typed { presence: input.typed.presence, ..input.typed.with(Type::Date) }.class(Class::Reduced);
        let run = Run::new(move |call| {
            call.give(0, |text, out| {
                let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                let day = calendar.roll(moment.date.ok_or(FaultCode::MapDate)?, roll).ok_or(FaultCode::MapDate)?;
                Moment { date: Some(day), time: None, offset: None }.write_date(out);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

/// The calendar named by the argument `calendar`.
pub(super) fn calendar_of(site: &mut Site<'_, '_>) -> Option<Calendar> {
    let Some(arg) = site.named("calendar") else { return site.wrong("the calendar must be said") };
    let name = site.literal(arg)?;
    if name == "TARGET" {
        return Some(Calendar::Target);
    }
    let file = format!("calendars/{name}.csv");
    let (from, sources) = (arg.value.span.file, site.resolver.sources);
    match sources.linked(from, &file).map(|it| Calendar::parse(sources.text(it))) {
        Some(Ok(calendar)) => Some(calendar),
        Some(Err(why)) => site.wrong_at(arg.value.span, &format!("in {file}: {why}")),
        // That the file is missing was said when it was looked for.
        None => None,
    }
}
