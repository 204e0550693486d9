//! Texts: cut, join, wrap, case.

use super::{Example, Function, Site, Way};
use crate::call::{LossKind, Run, Strictness};
use crate::mapping::ast::{Arg, ExprKind};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::rules::characters as count_characters;
use crate::{FaultCode, Occurs, Slot, Text, Type};

pub(super) static CUT: Function = Function {
    name: "cut",
    family: "Text",
    way: Way::Forth,
    usage: "| cut   | cut(35)   | cut mark \"+\"",
    summary: "The first n characters, n the length of the target if not given; with a mark, the last kept character is replaced by it where something was lost",
    examples: &[
        Example { call: "\"Gesellschaft\" | cut(6)", gives: "Gesell" },
        Example { call: "\"Gesellschaft\" | cut(6) mark \"+\"", gives: "Gesel+" },
        Example { call: "\"Gesell\" | cut(6) mark \"+\"", gives: "Gesell" },
    ],
    takes_list: false,
    check: |site| {
        if site.input.as_ref().is_some_and(|it| it.typed.wrapped.is_some()) {
            return cut_lines(site);
        }
        let (input, text) = site.text_input()?;
        let length = match site.positional() {
            Some(arg) => site.integer(arg)?,
            None => target_length(site)?,
        };
        let mark = mark_of(site)?;
        let max = Some(text.max.map_or(length, |it| it.min(length)));
        let typed = if text.max.is_some_and(|it| it <= length) {
            input.typed.clone()
        } else {
            Site::text_like(
                &input,
                Text { min: text.min.min(length), max, repertoire: text.repertoire.clone(), ..Text::default() },
                Class::Reduced,
            )
        };
        let length = length as usize;
        let run = Run::new(move |call| {
            let count = count_characters(call.bytes(0));
            if count <= length {
                return Ok(call.arg(0));
            }
            let kept = if mark.is_empty() { length } else { length.saturating_sub(count_characters(mark.as_bytes())) };
            call.lose(LossKind::Cut, count - kept);
            let end = end_of(call.bytes(0), kept);
            if mark.is_empty() {
                return Ok(call.give_slice(0, 0, end));
            }
            call.give(0, |text, out| {
                out.extend_from_slice(text.get(..end).unwrap_or_default());
                out.extend_from_slice(mark.as_bytes());
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static MUST_FIT: Function = Function {
    name: "must-fit",
    family: "Text",
    way: Way::Both,
    usage: "| must-fit",
    summary: "Unchanged; longer than the target: bad [FF01]",
    examples: &[],
    takes_list: false,
    check: |site| {
        if let Some((_, lines)) = site.input.as_ref().and_then(|it| it.typed.wrapped) {
            let input = site.input()?;
            let mut typed = input.typed.clone().class(Class::Guarded);
            typed.many = Some(Occurs { min: 0, max: Some(lines) });
            typed.wrapped = None;
            let run =
                Run::new(move |call| if call.arg(0).length() > lines { Err(FaultCode::MapLength) } else { Ok(call.arg(0)) });
            return site.give(typed, vec![input], run);
        }
        let (input, text) = site.text_input()?;
        let length = target_length(site)?;
        let mut typed = input.typed.clone();
        if text.max.is_none_or(|it| it > length) {
            let text = Text { max: Some(length), ..text };
            typed = Typed {
                name: typed.name.clone(),
                branches: typed.branches.clone(),
                ..Site::text_like(&input, text, Class::Guarded)
            };
        }
        let length = length as usize;
        let run = Run::new(
            move |call| {
                if count_characters(call.bytes(0)) > length { Err(FaultCode::MapLength) } else { Ok(call.arg(0)) }
            },
        );
        site.give(typed, vec![input], run)
    },
};

pub(super) static WRAP: Function = Function {
    name: "wrap",
    family: "Text",
    way: Way::Forth,
    usage: "| wrap(35)   | wrap(27, lines: 4) | cut mark \"+\"",
    summary: "Lines of at most n characters, broken at blanks and line feeds; a run of them at a break is dropped, elsewhere kept; a word longer than n is broken at n; no empty line. What is beyond `lines` [what the target holds] needs `cut`, `cut mark` or `must-fit` right behind",
    examples: &[
        Example { call: "join(\"to be or not to be\" | wrap(6), \"/\")", gives: "to be/or not/to be" },
        Example { call: "join(\"abcdefgh ij\" | wrap(3), \"/\")", gives: "abc/def/gh/ij" },
        Example { call: "join(\"to be or not\" | wrap(5, lines: 1) | cut mark \"+\", \"/\")", gives: "to b+" },
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let Some(arg) = site.positional() else { return site.wrong("the length of a line is missing") };
        let width = site.integer(arg)?.max(1);
        let said = match site.named("lines") {
            Some(arg) => Some(site.integer(arg)?),
            None => None,
        };
        let held = site.target().and_then(|it| it.occurs).and_then(|it| it.max);
        let most = text.max.map(|it| lines_of(it, width));
        let mut typed = Site::text_like(
            &input,
            Text {
                min: 1,
                max: Some(text.max.map_or(width, |it| it.min(width))),
                repertoire: text.repertoire,
                ..Text::default()
            },
            Class::Canonical,
        );
        typed.many = Some(Occurs { min: u32::from(text.min > 0), max: most });
        typed.presence = if text.min > 0 { Presence::Always } else { Presence::Maybe };
        if let Some(lines) = said.or(held)
            && most.is_none_or(|it| it > lines)
        {
            typed.wrapped = Some((width, lines));
        }
        let width = width as usize;
        let run = Run::new(move |call| {
            // Lines are stretches of the text, so that only a line feed within one costs a copy.
            let mut at = 0;
            let mut count = 0;
            while let Some((from, to, next)) = next_line(call.bytes(0), at, width) {
                at = next;
                let has_feed = call.bytes(0).get(from..to).is_some_and(|it| it.iter().any(|it| matches!(it, b'\n' | b'\r')));
                let line = if has_feed {
                    call.give(0, |text, out| {
                        out.extend(
                            text.get(from..to)
                                .unwrap_or_default()
                                .iter()
                                .map(|it| if matches!(it, b'\n' | b'\r') { b' ' } else { *it }),
                        );
                        Ok(())
                    })?
                } else {
                    call.give_slice(0, from, to)
                };
                call.record.push_item(line);
                count += 1;
            }
            Ok(call.record.list_of_last(count))
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static UNWRAP: Function = Function {
    name: "unwrap",
    family: "Text",
    way: Way::Forth,
    usage: "| unwrap   | unwrap(\" \")",
    summary: "The present values of a list, joined with a blank or the separator given",
    examples: &[Example { call: "list(\"to be\", \"or not\") | unwrap", gives: "to be or not" }],
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
    examples: &[
        Example { call: "join(list(\"a\", none, \"b\"), \", \")", gives: "a, b" },
        Example { call: "join(list(none, none), \", \")", gives: "absent" },
    ],
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

pub(super) static TRIM: Function = Function {
    name: "trim",
    family: "Text",
    way: Way::Both,
    usage: "| trim",
    summary: "Without blanks at both ends; two-way but for padding",
    examples: &[Example { call: "\"  a b \" | trim", gives: "a b" }, Example { call: "\"   \" | trim", gives: "absent" }],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let mut typed = Site::text_like(&input, Text { min: 0, ..text.clone() }, Class::Canonical);
        if text.codes.is_empty() && text.patterns.is_empty() && typed.presence == Presence::Always {
            typed.presence = Presence::MayBeBlank;
        }
        let run = Run::new(|call| {
            let text = call.bytes(0);
            let start = text.iter().take_while(|it| **it == b' ').count();
            let end = text.len() - text.iter().rev().take_while(|it| **it == b' ').count();
            if start == 0 && end == text.len() {
                return Ok(call.arg(0));
            }
            Ok(call.give_slice(0, start, end.max(start)))
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static UPPER: Function = Function {
    name: "upper",
    family: "Text",
    way: Way::Forth,
    usage: "| upper",
    summary: "In capitals, by Unicode's simple mapping; no locale",
    examples: &[Example { call: "\"acme ä\" | upper", gives: "ACME Ä" }],
    takes_list: false,
    check: |site| {
        change_case(site, u8::is_ascii_lowercase, |it, out| out.extend_from_slice(simple(it, it.to_uppercase()).as_bytes()))
    },
};

pub(super) static LOWER: Function = Function {
    name: "lower",
    family: "Text",
    way: Way::Forth,
    usage: "| lower",
    summary: "In small letters, by Unicode's simple mapping; no locale",
    examples: &[Example { call: "\"ACME Ä\" | lower", gives: "acme ä" }],
    takes_list: false,
    check: |site| {
        change_case(site, u8::is_ascii_uppercase, |it, out| out.extend_from_slice(simple(it, it.to_lowercase()).as_bytes()))
    },
};

/// The one character that a letter becomes; itself where Unicode's full mapping has several.
fn simple(letter: char, mut mapped: impl Iterator<Item = char>) -> String {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one.to_string(),
        _ => letter.to_string(),
    }
}

fn change_case(site: &mut Site<'_, '_>, changes: fn(&u8) -> bool, put: fn(char, &mut Vec<u8>)) -> Option<Value> {
    let (input, text) = site.text_input()?;
    let codes: Vec<String> = text
        .codes
        .iter()
        .map(|code| {
            let mut out = Vec::new();
            code.chars().for_each(|it| put(it, &mut out));
            String::from_utf8(out).unwrap_or_default()
        })
        .collect();
    let typed = Site::text_like(
        &input,
        Text { min: text.min, max: text.max, codes, repertoire: text.repertoire, ..Text::default() },
        Class::Canonical,
    );
    let run = Run::new(move |call| {
        if call.bytes(0).iter().all(|it| it.is_ascii() && !changes(it)) {
            return Ok(call.arg(0));
        }
        call.give(0, |text, out| {
            std::str::from_utf8(text).unwrap_or("").chars().for_each(|it| put(it, out));
            Ok(())
        })
    });
    site.give(typed, vec![input], run)
}

pub(super) static LIST: Function = Function {
    name: "list",
    family: "Text",
    way: Way::Function,
    usage: "list(a, b, ..)",
    summary: "The values that are present, as a repeat",
    examples: &[Example { call: "join(list(\"a\", none, \"b\"), \"-\")", gives: "a-b" }],
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

// ---- shared ----------------------------------------------------------------------------------------------------------

/// A closure that takes so many characters from a place counted from 1; out of range is absent.
pub(crate) fn characters(from: usize, count: usize) -> Run {
    Run::new(move |call| {
        let text = call.bytes(0);
        if count_characters(text) < from {
            return Ok(Slot::ABSENT);
        }
        let start = end_of(text, from - 1);
        let end = start + end_of(text.get(start..).unwrap_or_default(), count);
        Ok(call.give_slice(0, start, end))
    })
}

/// The byte behind so many characters.
fn end_of(text: &[u8], count: usize) -> usize {
    if text.is_ascii() {
        return count.min(text.len());
    }
    let starts = text.iter().enumerate().filter(|(_, it)| (**it as i8) >= -0x40);
    starts.map(|(at, _)| at).nth(count).unwrap_or(text.len())
}

/// How long the target's text may be.
fn target_length(site: &mut Site<'_, '_>) -> Option<u32> {
    match site.target().and_then(TargetLength::of) {
        Some(TargetLength(length)) => Some(length),
        None if site.want.is_lost => None,
        None => site.wrong("the target has no length, so the number of characters must be said"),
    }
}

struct TargetLength(u32);

impl TargetLength {
    fn of(target: &super::TargetType) -> Option<TargetLength> {
        target.typed.as_text().and_then(|it| it.max).map(TargetLength)
    }
}

fn mark_of(site: &mut Site<'_, '_>) -> Option<String> {
    match site.named("mark") {
        Some(Arg { value, .. }) => match &value.kind {
            ExprKind::Text(mark) if mark.chars().count() == 1 => Some(mark.clone()),
            _ => {
                let span = value.span;
                site.wrong_at(span, "the mark must be one character")
            }
        },
        None => Some(String::new()),
    }
}

/// The most lines a text of so many characters can need: of two that follow each other, the word that did not fit and the
/// blank before it are longer than a line.
fn lines_of(length: u32, width: u32) -> u32 {
    let (pairs, rest) = (length / (width + 1), length % (width + 1));
    (2 * pairs + u32::from(rest > 0)).max(1)
}

/// The next line of a text: where it begins and ends, and where the search for the one after it goes on.
fn next_line(text: &[u8], at: usize, width: usize) -> Option<(usize, usize, usize)> {
    let blank = |it: &u8| matches!(it, b' ' | b'\n' | b'\r');
    let from = at + text.get(at..)?.iter().take_while(|it| blank(it)).count();
    let rest = text.get(from..).filter(|it| !it.is_empty())?;
    let limit = end_of(rest, width);
    if limit == rest.len() {
        let kept = rest.len() - rest.iter().rev().take_while(|it| blank(it)).count();
        return Some((from, from + kept, text.len()));
    }
    // A blank right behind the line is a break too.
    let window = rest.get(..=limit).unwrap_or(rest);
    match window.iter().rposition(|it| blank(it)) {
        Some(brk) => {
            let line = rest.get(..brk).unwrap_or_default();
            let kept = line.len() - line.iter().rev().take_while(|it| blank(it)).count();
            Some((from, from + kept, from + brk))
        }
        None => Some((from, from + limit, from + limit)),
    }
}

/// `wrap(..) | cut`: the lines that are too many are dropped; a mark stands after the last kept one.
fn cut_lines(site: &mut Site<'_, '_>) -> Option<Value> {
    let input = site.input()?;
    let Some((width, lines)) = input.typed.wrapped else { return None };
    let mark = mark_of(site)?;
    let mut typed = input.typed.clone().class(Class::Reduced);
    typed.many = Some(Occurs { min: typed.many.map_or(0, |it| it.min), max: Some(lines) });
    typed.wrapped = None;
    let (width, lines) = (width as usize, lines as usize);
    let run = Run::new(move |call| {
        let list = call.arg(0);
        let count = call.record.items(list).len();
        if count <= lines {
            return Ok(list);
        }
        let dropped =
            call.record.items(list).iter().skip(lines).map(|it| count_characters(call.record.bytes(*it, call.part))).sum();
        call.lose(LossKind::Cut, dropped);
        let last = call.record.item(list, u32::try_from(lines.saturating_sub(1)).unwrap_or(0));
        call.scratch.clear();
        call.scratch.extend_from_slice(call.record.bytes(last, call.part));
        let marked = if mark.is_empty() {
            last
        } else {
            if count_characters(call.scratch) >= width {
                let kept = end_of(call.scratch, width - 1);
                call.scratch.truncate(kept);
            }
            call.scratch.extend_from_slice(mark.as_bytes());
            let crate::call::Call { record, scratch, .. } = call;
            record.hold_from(last, |held| held.extend_from_slice(scratch))
        };
        for number in 0..lines.saturating_sub(1) {
            let line = call.record.item(list, u32::try_from(number).unwrap_or(0));
            call.record.push_item(line);
        }
        call.record.push_item(marked);
        Ok(call.record.list_of_last(lines))
    });
    site.give(typed, vec![input], run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> Vec<&str> {
        let mut lines = Vec::new();
        let mut at = 0;
        while let Some((from, to, next)) = next_line(text.as_bytes(), at, width) {
            lines.push(&text[from..to]);
            at = next;
        }
        lines
    }

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrapped("to be or not to be", 6), ["to be", "or not", "to be"]);
        assert_eq!(wrapped("  two  blanks   stay  ", 11), ["two  blanks", "stay"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("äöü äöü", 3), ["äöü", "äöü"]);
        assert_eq!(wrapped("a\nb", 10), ["a\nb"]);
        assert_eq!(wrapped("   ", 3), [""; 0]);
    }

    #[test]
    fn no_text_needs_more_lines_than_said() {
        // Every text of blanks and letters up to ten characters.
        for width in 1..6 {
            for bits in 0..1_u32 << 10 {
                for length in 1..=10_u32 {
                    let text: String = (0..length).map(|it| if bits >> it & 1 == 1 { ' ' } else { 'x' }).collect();
                    assert!(wrapped(&text, width as usize).len() <= lines_of(length, width) as usize, "{text:?} {width}");
                }
            }
        }
    }
}
