//! Lists shortened and put in order.

use super::{Function, Site, Way, example};
use crate::call::{LossKind, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Presence};
use crate::{Occurs, Slot};

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
    examples: &[
        example("list(\"a\", \"b\", \"c\") | last(2)", "[b, c]"),
        example("list(\"a\", \"b\", \"c\") | last(1)", "c"),
    ],
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
