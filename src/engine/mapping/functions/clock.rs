//! What is known of the message beside its bytes.

use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::{Lasting, Value, ValueKind};
use crate::mapping::typed::{Class, Typed};
use crate::moment::Moment;
use crate::{Slot, Type};
use jiff::tz::TimeZone;

pub(super) static NOW: Function = Function {
    name: "now",
    family: "Context",
    way: Way::Context,
    usage: "now()",
    summary: "The time of the message, the same wherever it is asked; with the mapping's offset and milliseconds",
    faults: &[],
    class: Class::Generated,
    examples: &[example("now()", "2026-01-02T12:00:00+00:00")],
    takes_list: false,
    check: |site| {
        let zone = site.zone()?;
        once(site, Typed::new(Type::Instant), now_in(zone))
    },
};

pub(super) static TODAY: Function = Function {
    name: "today",
    family: "Context",
    way: Way::Context,
    usage: "today()",
    summary: "The day of the message in the mapping's time zone",
    faults: &[],
    class: Class::Generated,
    examples: &[example("today()", "2026-01-02")],
    takes_list: false,
    check: |site| {
        let zone = site.zone()?;
        let run = Run::new(move |call| {
            call.scratch.clear();
            Moment::in_zone(call.context.now, &zone).write_date(call.scratch);
            let crate::call::Call { record, scratch, .. } = call;
            Ok(record.hold_from(Slot::ABSENT, |held| held.extend_from_slice(scratch)))
        });
        once(site, Typed::new(Type::Date), run)
    },
};

/// The time of the message by the clocks of a zone, with its offset and milliseconds.
pub(crate) fn now_in(zone: TimeZone) -> Run {
    Run::new(move |call| {
        call.scratch.clear();
        Moment::in_zone(call.context.now, &zone).write(3, call.scratch);
        let crate::call::Call { record, scratch, .. } = call;
        Ok(record.hold_from(Slot::ABSENT, |held| held.extend_from_slice(scratch)))
    })
}

/// A value that is worked out once for a message.
fn once(site: &mut Site<'_, '_>, typed: Typed, run: Run) -> Option<Value> {
    let mut value = site.give(typed, Vec::new(), run)?;
    if let ValueKind::Call(call) = &mut value.kind {
        call.lasts = Lasting::Clock;
    }
    Some(value)
}
