//! Dates and times as others spell them: by a picture, one way and back.

use super::site::ZeroDates;
use super::{Function, Site, Way, example};
use crate::call::{Call, Run};
use crate::mapping::hir::Value;
use crate::mapping::picture::Picture;
use crate::mapping::typed::Class;
use crate::moment::Moment;
use crate::{FaultCode, Slot, Text, Type};
use jiff::tz::TimeZone;

pub(super) static DATE: Function = Function {
    name: "date",
    family: "Dates and times",
    way: Way::Both,
    usage: "| date(\"YYYY-MM-DD\")   | date(\"DD.MM.YY\", window: 1970)",
    summary: "A date from a text or number of this picture, and back; strict (31.02. is bad [DT01]); a year of two digits needs the first year of its hundred",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"02.03.2026\" | date(\"DD.MM.YYYY\")", "2026-03-02"),
        example("\"2026-03-02\" | date(\"DD.MM.YYYY\")", "bad DT01"),
        example("\"31.02.2026\" | date(\"DD.MM.YYYY\")", "bad DT01"),
        example("\"690302\" | date(\"YYMMDD\", window: 1970)", "2069-03-02"),
        example("20260302 | date(\"YYYYMMDD\")", "2026-03-02"),
        example("today() | date(\"DD.MM.YYYY\")", "02.01.2026").back(),
    ],
    takes_list: false,
    check: |site| {
        let spelling = spelling_of(site, "`\"YYYYMMDD\"`", |it| it.has_whole_date() && !it.has_time() && !it.has_zone())?;
        spelled(site, spelling, Type::Date)
    },
};

pub(super) static TIME: Function = Function {
    name: "time",
    family: "Dates and times",
    way: Way::Both,
    usage: "| time(\"HHmmSS\")",
    summary: "A time of day from a text or number of this picture, and back; what the picture cannot hold is bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"091500\" | time(\"HHmmSS\")", "09:15:00"),
        example("91500 | time(\"HHmmSS\")", "09:15:00"),
        example("\"246000\" | time(\"HHmmSS\")", "bad DT01"),
        example("(now() | time-part) | time(\"HH.mm\")", "12.00").back(),
        example("\"091530\" | time(\"HHmmSS\") | time(\"HH:mm\")", "bad DT01"),
    ],
    takes_list: false,
    check: |site| {
        let spelling = spelling_of(site, "`\"HHmmSS\"`", |it| it.has_whole_time() && !it.has_date() && !it.has_zone())?;
        spelled(site, spelling, Type::Time)
    },
};

pub(super) static DATE_TIME: Function = Function {
    name: "date-time",
    family: "Dates and times",
    way: Way::Both,
    usage: "| date-time(\"YYYYMMDDHHmmSS\")",
    summary: "A date-time from a text or number of this picture, and back; with `Z` in the picture a point in time, else a local one; what the picture cannot hold, a zone too, is bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"20260302091500\" | date-time(\"YYYYMMDDHHmmSS\")", "2026-03-02T09:15:00"),
        example("\"2026-03-02 09:15+01:00\" | date-time(\"YYYY-MM-DD HH:mmZ\")", "2026-03-02T09:15:00+01:00"),
        example("now() | date-time(\"YYYYMMDDHHmmSSZ\")", "20260102120000Z").back(),
    ],
    takes_list: false,
    check: |site| {
        let wanted = |it: &Picture| it.has_whole_date() && it.has_whole_time();
        let spelling = spelling_of(site, "`\"YYYYMMDDHHmmSS\"`", wanted)?;
        let kind = if spelling.picture.has_zone() { Type::Instant } else { Type::DateTime };
        spelled(site, spelling, kind)
    },
};

pub(super) static JULIAN: Function = Function {
    name: "julian",
    family: "Dates and times",
    way: Way::Both,
    usage: "| julian   | julian(\"YYDDD\", window: 1970)   | julian(\"CYYDDD\")",
    summary: "A date from the year and the number of its day, `YYYYDDD` if no picture is given, and back; else bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"2026061\" | julian", "2026-03-02"),
        example("\"126061\" | julian(\"CYYDDD\")", "2026-03-02"),
        example("\"2026366\" | julian", "bad DT01"),
        example("today() | julian(\"YYDDD\", window: 1970)", "26002").back(),
    ],
    takes_list: false,
    check: |site| {
        let given = site.has_positional();
        let spelling = if given {
            spelling_of(site, "`\"YYDDD\"`", |it| it.is_ordinal() && it.has_whole_date() && !it.has_time() && !it.has_zone())?
        } else {
            fixed("YYYYDDD")?
        };
        spelled(site, spelling, Type::Date)
    },
};

pub(super) static CYYMMDD: Function = Function {
    name: "cyymmdd",
    family: "Dates and times",
    way: Way::Both,
    usage: "| cyymmdd",
    summary: "A date from the seven digits of AS/400, and back; the first is the century: 0 is 19xx, 1 is 20xx; else bad [DT01]",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"1260302\" | cyymmdd", "2026-03-02"),
        example("991231 | cyymmdd", "1999-12-31"),
        example("today() | cyymmdd", "1260102").back(),
    ],
    takes_list: false,
    check: |site| {
        let spelling = fixed("CYYMMDD")?;
        spelled(site, spelling, Type::Date)
    },
};

/// The picture of `TIMESTAMP(6)` as Db2 for z/OS prints it.
const DB2: &str = "YYYY-MM-DD-HH.mm.SS.ffffff";

pub(super) static DB2_TIMESTAMP: Function = Function {
    name: "db2-timestamp",
    family: "Dates and times",
    way: Way::Both,
    usage: "| db2-timestamp   | db2-timestamp(earlier)",
    summary: "`YYYY-MM-DD-HH.mm.SS.ffffff` to a point in time in the mapping's zone (local without one), and back with six decimals; more that are not zero, and a time that the zone's clocks show twice or never: bad [DT01], unless `earlier` or `later` is said",
    faults: &[FaultCode::MapDate],
    class: Class::Canonical,
    examples: &[
        example("\"2026-03-02-09.15.00.000000\" | db2-timestamp", "2026-03-02T09:15:00+00:00"),
        example("\"2026-03-02-09.15.00.123456\" | db2-timestamp", "2026-03-02T09:15:00.123456+00:00"),
        example("\"2026-03-02 09:15:00\" | db2-timestamp", "bad DT01"),
        example("now() | db2-timestamp", "2026-01-02-12.00.00.000000").back(),
    ],
    takes_list: false,
    check: |site| {
        let which = site.positional_word(&[("earlier", false), ("later", true)])?;
        let zone = site.resolver.policy.time_zone.as_ref().map(|(_, zone)| zone.clone());
        let input = site.input()?;
        let spelling = fixed(DB2)?;
        let gives = if zone.is_some() { Type::Instant } else { Type::DateTime };
        match input.typed.value() {
            Some(Type::Text(_)) => {
                let zero = site.zero_dates();
                let mut typed = input.typed.with(gives).class(Class::Canonical);
                if zero.is_said() {
                    typed = typed.maybe();
                }
                let run = Run::new(move |call| read_db2(call, &spelling, zone.as_ref(), which, &zero));
                site.give(typed, vec![input], run)
            }
            Some(Type::DateTime | Type::Instant) => {
                let typed = input.typed.with(Type::Text(spelling.text())).class(Class::Canonical);
                let run = Run::new(move |call| {
                    call.give(0, |text, out| {
                        let moment = Moment::parse(text).ok_or(FaultCode::MapDate)?;
                        let local = local(moment, zone.as_ref(), which)?;
                        // What could not be read again is not written: an hour that the clocks never show, or show twice.
                        if let (Some(zone), None) = (&zone, which)
                            && local.instant(Some(zone)).is_none()
                        {
                            return Err(FaultCode::MapDate);
                        }
                        spelling.write(&local, out)
                    })
                });
                site.give(typed, vec![input], run)
            }
            _ => site.wrong_kind(&input, "a text or a date-time", ""),
        }
    },
};

fn read_db2(
    call: &mut Call<'_>,
    spelling: &Spelling,
    zone: Option<&TimeZone>,
    which: Option<bool>,
    zero: &ZeroDates,
) -> Result<Slot, FaultCode> {
    if zero.has(call.bytes(0)) {
        return Ok(Slot::ABSENT);
    }
    call.give(0, |text, out| {
        let local = spelling.picture.read(text, spelling.window).ok_or(FaultCode::MapDate)?;
        let moment = match zone {
            Some(zone) => placed(local, zone, which)?,
            None => local,
        };
        moment.write(9, out);
        Ok(())
    })
}

/// A local date-time as a point in time; of one that clocks show twice or never, the reading that was said.
pub(super) fn placed(local: Moment, zone: &TimeZone, which: Option<bool>) -> Result<Moment, FaultCode> {
    let instant = match which {
        Some(later) => local.instant_or(zone, later),
        None => local.instant(Some(zone)),
    };
    let moment = Moment::in_zone(instant.ok_or(FaultCode::MapDate)?, zone);
    Ok(moment)
}

/// A date-time as the zone's clocks show it; what would be read as another point in time is bad, unless a reading was said.
pub(super) fn local(moment: Moment, zone: Option<&TimeZone>, which: Option<bool>) -> Result<Moment, FaultCode> {
    let local = match (moment.offset, zone) {
        (None, _) => return Ok(moment),
        (Some(_), None) => return Err(FaultCode::MapDate),
        (Some(_), Some(zone)) => {
            let instant = moment.instant(None).ok_or(FaultCode::MapDate)?;
            let local = Moment { offset: None, ..Moment::in_zone(instant, zone) };
            if which.is_none() && local.instant(Some(zone)) != Some(instant) {
                return Err(FaultCode::MapDate);
            }
            local
        }
    };
    Ok(local)
}

// ---- pictures --------------------------------------------------------------------------------------------------------

/// A picture with the hundred years of its short ones.
#[derive(Clone, Debug)]
pub(super) struct Spelling {
    picture: Picture,
    window: i16,
}

impl Spelling {
    /// A picture, with a window if its years are short.
    pub(super) fn new(site: &mut Site<'_, '_>, picture: Picture, window: Option<u32>) -> Option<Self> {
        let window = match (picture.has_short_year(), window) {
            (true, None) => return site.wrong("a year of two digits needs a window, for example `window: 1970`"),
            (false, Some(_)) => return site.wrong("the picture has all of the year, so it needs no window"),
            (_, Some(year)) if year > 9900 => return site.wrong("the window is a year"),
            (_, window) => i16::try_from(window.unwrap_or(0)).ok()?,
        };
        Some(Spelling { picture, window })
    }

    /// The texts it writes.
    fn text(&self) -> Text {
        let length = u32::try_from(self.picture.length()).unwrap_or(u32::MAX);
        let min = if self.picture.has_zone() { length.saturating_sub(5) } else { length };
        Text { min, max: Some(length), patterns: vec![self.picture.pattern()], ..Text::default() }
    }

    /// Appends a date or time; what the picture cannot hold is bad.
    fn write(&self, moment: &Moment, out: &mut Vec<u8>) -> Result<(), FaultCode> {
        let window = i32::from(self.window);
        let in_window = |year: i16| (window..window + 100).contains(&i32::from(year));
        let fits = self.picture.holds(moment)
            && (!self.picture.has_short_year() || moment.date.is_none_or(|it| in_window(it.year())))
            && (self.picture.has_zone() || moment.offset.is_none());
        if !fits {
            return Err(FaultCode::MapDate);
        }
        self.picture.write(moment, out).ok_or(FaultCode::MapDate)
    }
}

/// A picture that needs no window.
fn fixed(picture: &str) -> Option<Spelling> {
    Some(Spelling { picture: Picture::parse(picture)?, window: 0 })
}

/// The picture of the arguments, which must say what is wanted.
fn spelling_of(site: &mut Site<'_, '_>, sample: &str, wanted: fn(&Picture) -> bool) -> Option<Spelling> {
    let window = site.named_integer("window")?;
    let Some(arg) = site.positional() else { return site.wrong("the picture is missing") };
    let text = site.literal(arg)?;
    let span = arg.value.span;
    let Some(picture) = Picture::parse(&text).filter(wanted) else {
        return site.wrong_at(span, &format!("this must be a whole picture, for example {sample}"));
    };
    Spelling::new(site, picture, window)
}

/// A text or number read by a picture; a date or time written by it.
fn spelled(site: &mut Site<'_, '_>, spelling: Spelling, kind: Type) -> Option<Value> {
    let input = site.input()?;
    match input.typed.value() {
        Some(Type::Text(_)) => read_by(site, input, spelling, kind),
        Some(Type::Number(number)) if number.decimals_max == Some(0) && spelling.picture.is_digits() => {
            read_by(site, input, spelling, kind)
        }
        Some(Type::Number(_)) => site.wrong_kind(&input, "a text, or a whole number where the picture has digits only", ""),
        Some(found) if is_written_by(found, &kind) => {
            let typed = input.typed.with(Type::Text(spelling.text())).class(Class::Canonical);
            let run = Run::new(move |call| {
                call.give(0, |text, out| spelling.write(&Moment::parse(text).ok_or(FaultCode::MapDate)?, out))
            });
            site.give(typed, vec![input], run)
        }
        Some(Type::DateTime | Type::Instant) if kind == Type::Date => {
            site.wrong_kind(&input, "a date or a text", "take the day first:  | date-part")
        }
        Some(Type::DateTime | Type::Instant) if kind == Type::Time => {
            site.wrong_kind(&input, "a time or a text", "take the time first:  | time-part")
        }
        Some(Type::Instant) => site.wrong_kind(
            &input,
            "a local date-time, for the picture has no zone",
            "say whose clocks are meant first:  | at-zone(\"UTC\")",
        ),
        _ => site.wrong_kind(&input, "a text, a number, or a date or time of this kind", ""),
    }
}

/// Text or digits that are read by the picture.
pub(super) fn read_by(site: &mut Site<'_, '_>, input: Value, spelling: Spelling, kind: Type) -> Option<Value> {
    let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
    let zero = site.zero_dates();
    let mut typed = input.typed.with(kind).class(Class::Canonical);
    if zero.is_said() {
        typed = typed.maybe();
    }
    let run = Run::new(move |call| read(call, &spelling, &zero, is_number));
    site.give(typed, vec![input], run)
}

/// Whether a picture of one kind of value can hold another: a local date-time may have a zone or not, as the value says.
fn is_written_by(found: &Type, kind: &Type) -> bool {
    found == kind || (*found == Type::DateTime && *kind == Type::Instant)
}

fn read(call: &mut Call<'_>, spelling: &Spelling, zero: &ZeroDates, is_number: bool) -> Result<Slot, FaultCode> {
    padded(call, spelling.picture.length(), is_number);
    if zero.has(call.scratch) {
        return Ok(Slot::ABSENT);
    }
    let moment = spelling.picture.read(call.scratch, spelling.window).ok_or(FaultCode::MapDate)?;
    call.scratch.clear();
    moment.write(9, call.scratch);
    Ok(call.give_scratch(0))
}

/// Puts a text into the scratch room, or a number with the leading zeros that numbers have not and pictures have.
pub(super) fn padded(call: &mut Call<'_>, width: usize, is_number: bool) {
    let slot = call.arg(0);
    call.scratch.clear();
    match call.record.number_of(slot) {
        Some(number) => number.write(call.scratch),
        None => call.scratch.extend_from_slice(call.record.bytes(slot, call.part)),
    }
    if is_number {
        let missing = width.saturating_sub(call.scratch.len());
        call.scratch.resize(call.scratch.len() + missing, b'0');
        call.scratch.rotate_right(missing);
    }
}
