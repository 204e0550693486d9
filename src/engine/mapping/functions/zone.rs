//! Points in time: of local clocks, as counters of machines, and how they are written.

use super::spelled::{local, placed};
use super::{Function, Site, Way, example};
use crate::call::{LossKind, Run};
use crate::mapping::hir::{Lasting, Value, ValueKind};
use crate::mapping::typed::{Class, Typed};
use crate::moment::Moment;
use crate::{Decimal, FaultCode, Number, Text, Type};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(super) static AT_ZONE: Function = Function {
    name: "at-zone",
    family: "Dates and times",
    way: Way::Both,
    usage: "| at-zone(\"Europe/Berlin\")   | at-zone(\"Europe/Berlin\", earlier)",
    summary: "A local date-time to the point in time when the zone's clocks show it, and back; a time that they show twice or never: bad [DT01], unless `earlier` or `later` is said",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example(
            "\"2026-03-02 09:15\" | date-time(\"YYYY-MM-DD HH:mm\") | at-zone(\"Europe/Berlin\")",
            "2026-03-02T09:15:00+01:00",
        ),
        example("\"2026-10-25 02:30\" | date-time(\"YYYY-MM-DD HH:mm\") | at-zone(\"Europe/Berlin\")", "bad DT01"),
        example(
            "\"2026-10-25 02:30\" | date-time(\"YYYY-MM-DD HH:mm\") | at-zone(\"Europe/Berlin\", later)",
            "2026-10-25T02:30:00+01:00",
        ),
        example("now() | at-zone(\"America/New_York\")", "2026-01-02T07:00:00").back(),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the zone is missing") };
        let zone = site.zone_of(Some(arg))?;
        let which = site.positional_word(&[("earlier", false), ("later", true)])?;
        let (input, kind) = site.moment_input()?;
        match kind {
            Type::DateTime if !site.back => {
                let typed = input.typed.with(Type::Instant).class(Class::Canonical);
                let run = moment_run(move |moment| match moment.offset {
                    None => placed(moment, &zone, which),
                    Some(_) => Ok(Moment::in_zone(moment.instant(None).ok_or(FaultCode::MapDate)?, &zone)),
                });
                site.give(typed, vec![input], run)
            }
            Type::DateTime | Type::Instant => {
                let typed = input.typed.with(Type::DateTime).class(Class::Canonical);
                site.give(typed, vec![input], moment_run(move |moment| local(moment, Some(&zone), which)))
            }
            _ => site.wrong_kind(&input, "a date-time", ""),
        }
    },
};

/// A step from one date or time to another.
fn moment_run(step: impl Fn(Moment) -> Result<Moment, FaultCode> + Send + Sync + 'static) -> Run {
    Run::new(move |call| {
        call.give(0, |text, out| {
            step(Moment::parse(text).ok_or(FaultCode::MapDate)?)?.write(9, out);
            Ok(())
        })
    })
}

pub(super) static UTC: Function = Function {
    name: "utc",
    family: "Dates and times",
    way: Way::Forth,
    usage: "| utc",
    summary: "A point in time written in UTC, with `Z`; a date-time without a zone: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("now() | offset(\"Asia/Tokyo\") | utc", "2026-01-02T12:00:00Z"),
        example("\"202603020915\" | date-time(\"YYYYMMDDHHmm\") | utc", "bad DT01"),
    ],
    takes_list: false,
    check: |site| {
        let input = instant_input(site)?;
        let typed = input.typed.with(Type::Instant).class(Class::Canonical);
        let run = Run::new(|call| {
            call.give(0, |text, out| {
                let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                let moment = Moment::in_zone(moment.instant(None).ok_or(FaultCode::MapDate)?, &TimeZone::UTC);
                moment.write_date(out);
                out.push(b'T');
                moment.write_time(9, out);
                moment.write_zone(true, out);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static OFFSET: Function = Function {
    name: "offset",
    family: "Dates and times",
    way: Way::Forth,
    usage: "| offset   | offset(\"Asia/Tokyo\")",
    summary: "A point in time written with the offset of the mapping's zone, or of the one named; a date-time without a zone: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("now() | offset(\"Asia/Tokyo\")", "2026-01-02T21:00:00+09:00"),
        example("now() | offset", "2026-01-02T12:00:00+00:00"),
    ],
    takes_list: false,
    check: |site| {
        let arg = site.positional();
        let zone = site.zone_of(arg)?;
        let input = instant_input(site)?;
        let typed = input.typed.with(Type::Instant).class(Class::Canonical);
        let run = moment_run(move |moment| Ok(Moment::in_zone(moment.instant(None).ok_or(FaultCode::MapDate)?, &zone)));
        site.give(typed, vec![input], run)
    },
};

/// The input, which must be a date-time.
fn instant_input(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, kind) = site.moment_input()?;
    match kind {
        Type::DateTime | Type::Instant => Some(input),
        _ => site.wrong_kind(&input, "a date-time", ""),
    }
}

pub(super) static PRECISION: Function = Function {
    name: "precision",
    family: "Dates and times",
    way: Way::Forth,
    usage: "| precision(s)   | precision(ms)   | precision(us)",
    summary: "A time or date-time with none, exactly three or exactly six digits of the fraction; the others are cut; not a time: bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Reduced,
    examples: &[
        example("now() | precision(ms)", "2026-01-02T12:00:00.000+00:00"),
        example("\"09:15:00.987\" | time(\"HH:mm:SS.fff\") | precision(s)", "09:15:00"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the precision must be said") };
        let digits = site.word(arg, &[("s", 0), ("ms", 3), ("us", 6)])?;
        let (input, kind) = site.moment_input()?;
        if kind == Type::Date {
            return site.wrong_kind(&input, "a time or date-time", "");
        }
        let typed = input.typed.with(kind).class(Class::Reduced);
        let run = Run::new(move |call| {
            let mut is_cut = false;
            let slot = call.give(0, |text, out| {
                let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                let nanos = moment.time.map_or(0, |it| it.subsec_nanosecond().unsigned_abs());
                is_cut = nanos % 10_u32.pow(9 - u32::try_from(digits).unwrap_or(0)) != 0;
                moment.write_date(out);
                if moment.date.is_some() {
                    out.push(b'T');
                }
                moment.write_time(0, out);
                moment.write_fraction(digits, out);
                moment.write_zone(text.ends_with(b"Z"), out);
                Ok(())
            })?;
            if is_cut {
                call.lose(LossKind::Round, 1);
            }
            Ok(slot)
        });
        site.give(typed, vec![input], run)
    },
};

// ---- counters --------------------------------------------------------------------------------------------------------

pub(super) static EPOCH_MILLIS: Function = Function {
    name: "epoch-millis",
    family: "Dates and times",
    way: Way::Both,
    usage: "| epoch-millis",
    summary: "Milliseconds since 1970-01-01 UTC to a point in time, and back; a part of a millisecond: bad [DT01], not a number: bad [AM12]",
    faults: &[FaultCode::MapDate, FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[
        example("1767355200123 | epoch-millis", "2026-01-02T12:00:00.123+00:00"),
        example("now() | epoch-millis", "1767355200000").back(),
    ],
    takes_list: false,
    check: |site| {
        let zone = zone_or_utc(site);
        let input = site.input()?;
        if matches!(input.typed.value(), Some(Type::DateTime | Type::Instant)) {
            let typed = input.typed.with(Type::Number(Number::integer(15, true))).class(Class::Canonical);
            let run = Run::new(|call| {
                let nanos = nanoseconds(call.bytes(0))?;
                let millis = (nanos % 1_000_000 == 0).then_some(nanos / 1_000_000).ok_or(FaultCode::MapDate)?;
                call.give_number(Decimal::integer(millis))
            });
            return site.give(typed, vec![input], run);
        }
        site.input = Some(input);
        let (input, _) = site.number_input()?;
        let typed = input.typed.with(Type::Instant).class(Class::Canonical);
        let run = Run::new(move |call| {
            let millis = call.number(0)?.rescale(0).ok_or(FaultCode::MapDate)?.coefficient;
            let instant = i64::try_from(millis).ok().and_then(|it| Timestamp::from_millisecond(it).ok());
            let moment = Moment::in_zone(instant.ok_or(FaultCode::MapDate)?, &zone);
            call.give(0, |_, out| {
                moment.write(9, out);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

fn zone_or_utc(site: &Site<'_, '_>) -> TimeZone {
    site.resolver.policy.time_zone.as_ref().map_or(TimeZone::UTC, |(_, zone)| zone.clone())
}

/// The point in time of a date-time that has a zone, in nanoseconds.
fn nanoseconds(text: &[u8]) -> Result<i128, FaultCode> {
    let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
    Ok(moment.instant(None).ok_or(FaultCode::MapDate)?.as_nanosecond())
}

/// 1900-01-01 in seconds before 1970-01-01. z/Architecture Principles of Operation, "Time-of-Day Clock": bit 51 is a
/// microsecond since then.
const TOD_EPOCH: i128 = 2_208_988_800;

pub(super) static STCK: Function = Function {
    name: "stck",
    family: "Dates and times",
    way: Way::Both,
    usage: "| stck",
    summary: "The eight bytes of a TOD clock, or their 16 hexadecimal digits, to a point in time, and back; what is finer than a nanosecond is dropped, leap seconds are not counted. Else bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Reduced,
    examples: &[
        example("\"7D91048BCA000000\" | stck", "1970-01-01T00:00:00+00:00"),
        example("\"E2B6C85D2C000000\" | stck | stck", "E2B6C85D2C000000"),
        example("\"7D91\" | stck", "bad DT01"),
    ],
    takes_list: false,
    check: |site| {
        let zone = zone_or_utc(site);
        let input = site.input()?;
        match input.typed.value() {
            Some(Type::DateTime | Type::Instant) => {
                let is_bytes = site.target().is_some_and(|it| matches!(it.typed.value(), Some(Type::Bytes(..))));
                let text = Text { min: 16, max: Some(16), patterns: vec!["[0-9A-F]{16}".to_owned()], ..Text::default() };
                let kind = if is_bytes { Type::Bytes(8, Some(8)) } else { Type::Text(text) };
                let typed = input.typed.with(kind).class(Class::Canonical);
                let run = Run::new(move |call| {
                    let nanos = nanoseconds(call.bytes(0))? + TOD_EPOCH * 1_000_000_000;
                    // Rounded up, so that what is read of it, rounded down, is the same.
                    let ticks = (nanos * 4096 + 999).div_euclid(1000);
                    let ticks = u64::try_from(ticks).map_err(|_| FaultCode::MapDate)?;
                    call.give(0, |_, out| {
                        if is_bytes {
                            out.extend_from_slice(&ticks.to_be_bytes());
                        } else {
                            super::charset::write_hex(&ticks.to_be_bytes(), out);
                        }
                        Ok(())
                    })
                });
                site.give(typed, vec![input], run)
            }
            Some(Type::Text(_) | Type::Bytes(..)) => {
                let is_bytes = matches!(input.typed.value(), Some(Type::Bytes(..)));
                let typed = input.typed.with(Type::Instant).class(Class::Reduced);
                let run = Run::new(move |call| {
                    call.give(0, |bytes, out| {
                        if is_bytes {
                            out.extend_from_slice(bytes);
                        } else {
                            super::charset::read_hex(bytes, out).ok_or(FaultCode::MapDate)?;
                        }
                        let ticks: [u8; 8] = out.as_slice().try_into().map_err(|_| FaultCode::MapDate)?;
                        let nanos = i128::from(u64::from_be_bytes(ticks)) * 1000 / 4096 - TOD_EPOCH * 1_000_000_000;
                        let instant = Timestamp::from_nanosecond(nanos).map_err(|_| FaultCode::MapDate)?;
                        out.clear();
                        Moment::in_zone(instant, &zone).write(9, out);
                        Ok(())
                    })
                });
                site.give(typed, vec![input], run)
            }
            _ => site.wrong_kind(&input, "bytes, their hexadecimal digits or a date-time", ""),
        }
    },
};

// ---- the time of the message -----------------------------------------------------------------------------------------

pub(super) static CUT_OFF: Function = Function {
    name: "cut-off",
    family: "Dates and times",
    way: Way::Function,
    usage: "cut-off(\"16:00\", zone: \"Europe/Berlin\")",
    summary: "Yes if the message arrived before this time of its day, by the clocks of the mapping's zone or of the one named",
    faults: &[],
    class: Class::Generated,
    examples: &[example("cut-off(\"16:00\")", "true"), example("cut-off(\"16:00\", zone: \"Asia/Tokyo\")", "false")],
    takes_list: false,
    check: |site| {
        let arg = site.named("zone");
        let zone = site.zone_of(arg)?;
        let Some(arg) = site.positional() else { return site.wrong("the time is missing") };
        let text = site.literal(arg)?;
        let whole = if text.len() == 5 { format!("{text}:00") } else { text };
        let Some(limit) = Moment::parse(whole.as_bytes()).filter(|it| it.date.is_none() && it.offset.is_none()) else {
            return site.wrong_at(arg.value.span, "this must be a time of day, for example `\"16:00\"`");
        };
        let run = Run::new(move |call| Ok(call.give_yes_no(Moment::in_zone(call.context.now, &zone).time < limit.time)));
        let mut value = site.give(Typed::new(Type::YesNo), Vec::new(), run)?;
        if let ValueKind::Call(call) = &mut value.kind {
            call.lasts = Lasting::Clock;
        }
        Some(value)
    },
};
