//! Lists shortened and put in order.

use super::{Function, Site, Way, example};
use crate::call::{LossKind, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Presence};
use crate::moment::Moment;
use crate::{Decimal, Occurs, Record, Slot, Type};
use std::cmp::Ordering;

pub(super) static FIRST: Function = Function {
    name: "first",
    family: "Repeats, totals, order",
    way: Way::Forth,
    usage: "| first(3)",
    summary: "The first n values of a list; the others are lost. `first(1)` is a single value",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("list(\"a\", \"b\", \"c\") | first(2)", "[a, b]"),
        example("list(\"a\", \"b\", \"c\") | first(1)", "a"),
        example("list(none, \"b\") | first(5)", "[b]"),
    ],
    takes_list: true,
    check: |site| shorten(site, |count, kept| 0..kept.min(count)),
};

pub(super) static LAST: Function = Function {
    name: "last",
    family: "Repeats, totals, order",
    way: Way::Forth,
    usage: "| last(3)",
    summary: "The last n values of a list, in their order; the others are lost. `last(1)` is a single value",
    faults: &[],
    class: Class::Reduced,
    examples: &[example("list(\"a\", \"b\", \"c\") | last(2)", "[b, c]"), example("list(\"a\", \"b\", \"c\") | last(1)", "c")],
    takes_list: true,
    check: |site| shorten(site, |count, kept| count.saturating_sub(kept)..count),
};

/// So many values of a list, those that `choose` says of how many there are and how many are kept.
fn shorten(site: &mut Site<'_, '_>, choose: fn(u32, u32) -> std::ops::Range<u32>) -> Option<Value> {
    let input = site.input()?;
    let Some(arg) = site.positional() else { return site.wrong("the number of values is missing") };
    let kept = site.integer(arg)?;
    if kept == 0 {
        return site.wrong_at(arg.value.span, "at least one value is kept");
    }
    let Some(many) = input.typed.many.filter(|_| input.typed.wrapped.is_none()) else {
        return site.wrong_kind(&input, "a list", "leave it out: a single value is the first and the last");
    };
    let mut typed = input.typed.clone();
    if many.max.is_none_or(|it| it > kept) {
        typed = typed.class(Class::Reduced);
    }
    if kept == 1 {
        typed.many = None;
        typed.presence = if many.min > 0 { typed.presence } else { Presence::Maybe };
    } else {
        typed.many = Some(Occurs { min: many.min.min(kept), max: Some(many.max.map_or(kept, |it| it.min(kept))) });
    }
    let run = Run::new(move |call| {
        let list = call.arg(0);
        let count = list.length();
        let range = choose(count, kept);
        let lost = count.saturating_sub(kept);
        if lost > 0 {
            call.lose(LossKind::Repeats, lost as usize);
        }
        if kept == 1 {
            return Ok(range.last().map_or(Slot::ABSENT, |it| call.record.item(list, it)));
        }
        if lost == 0 {
            return Ok(list);
        }
        for number in range {
            let item = call.record.item(list, number);
            call.record.push_item(item);
        }
        Ok(call.record.list_of_last(kept as usize))
    });
    site.give(typed, vec![input], run)
}

pub(super) static DISTINCT: Function = Function {
    name: "distinct",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "distinct(path)   | distinct",
    summary: "A list without repeats, each value where it stands first; numbers, and dates and times, are equal by value",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("distinct(list(\"b\", \"a\", \"b\"))", "[b, a]"),
        example("list(\"1.0\" | decimal, \"1.00\" | decimal) | distinct", "[1.0]"),
    ],
    takes_list: true,
    check: |site| {
        let (input, order) = sortable(site)?;
        let mut typed = input.typed.clone().class(Class::Reduced);
        typed.many = typed.many.map(|it| Occurs { min: it.min.min(1), ..it });
        let run = Run::new(move |call| {
            let (list, part) = (call.arg(0), call.part);
            Ok(call.record.ordered(list, true, |record, a, b| order(record, part, a, b)))
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static SORT: Function = Function {
    name: "sort",
    family: "Repeats, totals, order",
    way: Way::Forth,
    usage: "| sort   | sort(descending)",
    summary: "The values of a list in order, equal ones as they stood: texts by code point, numbers, dates and times by value",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("list(\"b\", \"a\", \"B\") | sort", "[B, a, b]"),
        example("list(10, 9, 9.5) | sort(descending)", "[10, 9.5, 9]"),
    ],
    takes_list: true,
    check: |site| {
        let is_down = site.positional_word(&[("ascending", false), ("descending", true)])?.unwrap_or(false);
        let (input, order) = sortable(site)?;
        let typed = input.typed.clone().class(Class::Reduced);
        let run = Run::new(move |call| {
            let (list, part) = (call.arg(0), call.part);
            Ok(call.record.ordered(list, false, |record, a, b| {
                let order = order(record, part, a, b);
                if is_down { order.reverse() } else { order }
            }))
        });
        site.give(typed, vec![input], run)
    },
};

/// How two values of a list stand to each other.
type Order = fn(&Record, &[u8], Slot, Slot) -> Ordering;

/// The list, and how its values are compared.
fn sortable(site: &mut Site<'_, '_>) -> Option<(Value, Order)> {
    let input = site.input()?;
    if input.typed.many.is_none() || input.typed.wrapped.is_some() {
        return site.wrong_kind(&input, "a list", "leave it out: a single value is in order");
    }
    let order: Order = match input.typed.value() {
        Some(Type::Text(_) | Type::YesNo | Type::Bytes(..)) => {
            |record, part, a, b| record.bytes(a, part).cmp(record.bytes(b, part))
        }
        Some(Type::Number(_)) => |record, part, a, b| number(record, part, a).cmp(&number(record, part, b)),
        Some(Type::Date | Type::Time | Type::DateTime | Type::Instant) => {
            |record, part, a, b| key(record.bytes(a, part)).cmp(&key(record.bytes(b, part)))
        }
        _ => return site.wrong_kind(&input, "texts, numbers, dates or times", ""),
    };
    Some((input, order))
}

fn number(record: &Record, part: &[u8], slot: Slot) -> Option<Decimal> {
    record.number_of(slot).or_else(|| Decimal::parse(record.bytes(slot, part)))
}

/// Where a date or time stands on one line of time; one without a zone as if it were UTC, so that every two can be compared.
fn key(text: &[u8]) -> Option<(Option<jiff::Timestamp>, Option<jiff::civil::Time>)> {
    let moment = Moment::parse(text)?;
    Some((moment.instant(Some(&jiff::tz::TimeZone::UTC)), moment.time.filter(|_| moment.date.is_none())))
}
