//! Lists: made, joined, shortened, put in order.

use super::{Function, Site, Way, example};
use crate::call::{Run, Strictness};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Kind, Presence};
use crate::{Occurs, Slot, Text, Type};

pub(super) static UNWRAP: Function = Function {
    name: "unwrap",
    family: "Text",
    way: Way::Forth,
    usage: "| unwrap   | unwrap(\" \")",
    summary: "The present values of a list, joined with a blank or the separator given",
    faults: &[],
    class: Class::Canonical,
    examples: &[example("list(\"to be\", \"or not\") | unwrap", "to be or not")],
    takes_list: true,
    check: |site| {
        let list = site.input()?;
        let separator = match site.positional() {
            Some(arg) => site.literal(arg)?,
            None => " ".to_owned(),
        };
        join(site, list, separator)
    },
};

pub(super) static JOIN: Function = Function {
    name: "join",
    family: "Text",
    way: Way::Function,
    usage: "join(list, \" \")",
    summary: "The present values of a list, joined with the separator; an empty list is absent",
    faults: &[],
    class: Class::Canonical,
    examples: &[example("join(list(\"a\", none, \"b\"), \", \")", "a, b"), example("join(list(none, none), \", \")", "absent")],
    takes_list: true,
    check: |site| {
        let list = site.input()?;
        let Some(arg) = site.positional() else { return site.wrong("the separator is missing") };
        let separator = site.literal(arg)?;
        join(site, list, separator)
    },
};

fn join(site: &mut Site<'_, '_>, list: Value, separator: String) -> Option<Value> {
    let (Some(text), Some(occurs)) = (list.typed.as_text().cloned(), list.typed.many) else {
        return site.wrong_kind(&list, "a list of texts", "a single text needs no `join`");
    };
    let between = u32::try_from(separator.chars().count()).unwrap_or(u32::MAX);
    let max = text
        .max
        .zip(occurs.max)
        .and_then(|(length, count)| length.checked_mul(count)?.checked_add(between.checked_mul(count.saturating_sub(1))?));
    let mut typed =
        Site::text_like(&list, Text { min: text.min, max, repertoire: text.repertoire, ..Text::default() }, Class::Canonical);
    typed.many = None;
    let run = Run::new(move |call| {
        call.scratch.clear();
        let list = call.arg(0);
        let (mut only, mut count) = (Slot::ABSENT, 0);
        for number in 0..list.length() {
            let item = call.record.item(list, number);
            if crate::call::is_nothing(item) {
                continue;
            }
            if count > 0 {
                call.scratch.extend_from_slice(separator.as_bytes());
            }
            call.scratch.extend_from_slice(call.record.bytes(item, call.part));
            only = item;
            count += 1;
        }
        match count {
            0 => Ok(Slot::ABSENT),
            1 => Ok(only),
            _ => {
                let crate::call::Call { record, scratch, .. } = call;
                Ok(record.hold_from(only, |held| held.extend_from_slice(scratch)))
            }
        }
    });
    site.give(typed, vec![list], run)
}

pub(super) static LIST: Function = Function {
    name: "list",
    family: "Text",
    way: Way::Function,
    usage: "list(a, b, ..)",
    summary: "The values that are present, as a repeat",
    faults: &[],
    class: Class::Exact,
    examples: &[example("join(list(\"a\", none, \"b\"), \"-\")", "a-b")],
    takes_list: true,
    check: |site| {
        let mut values = Vec::new();
        while let Some(arg) = site.positional() {
            values.push(site.value(arg)?);
        }
        let mut typed = match values.first() {
            Some(first) => first.typed.clone(),
            None => return site.wrong("it is a list of nothing"),
        };
        for value in values.iter().skip(1) {
            match typed.join(&value.typed) {
                Some(joined) => typed = joined,
                None => return site.wrong_kind(value, "values of one kind", ""),
            }
        }
        if values.iter().any(|it| it.typed.many.is_some()) {
            return site.wrong("its values are lists already");
        }
        let always = values.iter().filter(|it| it.typed.presence == Presence::Always).count();
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        typed.many = Some(Occurs { min: count(always), max: Some(count(values.len())) });
        typed.presence = if always > 0 { Presence::Always } else { Presence::Maybe };
        if typed.kind == Kind::Empty {
            typed.kind = Kind::Value(Type::Text(Text::default()));
        }
        let run = Run::new(|call| {
            let mut count = 0;
            for at in 0..call.args.len() {
                let value = call.arg(at);
                if !crate::call::is_nothing(value) {
                    call.record.push_item(value);
                    count += 1;
                }
            }
            Ok(call.record.list_of_last(count))
        });
        site.give_as(typed, values, run, Strictness::Lenient)
    },
};
