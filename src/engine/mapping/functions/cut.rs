//! Texts that may be longer than their field: cut, refused, broken into lines.

use super::text::{composed, end_of};
use super::{Function, Site, Way, example};
use crate::call::{Known, LossKind, Run};
use crate::mapping::ast::{Arg, ExprKind};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Presence, Typed};
use crate::rules::characters as count_characters;
use crate::{FaultCode, Occurs, Text};

pub(super) static CUT: Function = Function {
    name: "cut",
    family: "Text",
    way: Way::Forth,
    usage: "| cut   | cut(35)   | cut mark \"+\"",
    summary: "The first n characters, n the length of the target if not given; with a mark, the last kept character is replaced by it where something was lost",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"Gesellschaft\" | cut(6)", "Gesell"),
        example("\"Gesellschaft\" | cut(6) mark \"+\"", "Gesel+"),
        example("\"Gesell\" | cut(6) mark \"+\"", "Gesell"),
        // Two characters that make one: NFC comes before the count.
        example("\"Mu\u{308}ller\" | cut(5)", "M\u{fc}lle"),
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
            if count_characters(call.bytes(0)) <= length {
                return Ok(call.arg(0));
            }
            let whole = composed(call);
            let count = count_characters(call.record.bytes(whole, call.part));
            if count <= length {
                return Ok(whole);
            }
            let kept = if mark.is_empty() { length } else { length.saturating_sub(count_characters(mark.as_bytes())) };
            call.lose(LossKind::Cut, count - kept);
            let end = end_of(call.record.bytes(whole, call.part), kept);
            if mark.is_empty() && whole == call.arg(0) {
                return Ok(call.give_slice(0, 0, end));
            }
            call.scratch.clear();
            let text = call.record.bytes(whole, call.part);
            call.scratch.extend_from_slice(text.get(..end).unwrap_or_default());
            call.scratch.extend_from_slice(mark.as_bytes());
            Ok(call.give_scratch(0))
        })
        .knowing(Known::Short(length));
        site.give(typed, vec![input], run)
    },
};

pub(super) static MUST_FIT: Function = Function {
    name: "must-fit",
    family: "Text",
    way: Way::Both,
    usage: "| must-fit",
    summary: "Unchanged; longer than the target: bad [FF01]",
    faults: &[FaultCode::MapLength],
    class: Class::Guarded,
    examples: &[
        example("\"abc\" | must-fit", "abc").to("text(3)"),
        example("(\"ab\" & \"cd\") | must-fit", "bad FF01").to("text(3)"),
    ],
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
        if site.target().is_some_and(|it| it.typed.as_text().is_some_and(|it| it.max.is_none())) {
            // Every length fits.
            let typed = input.typed.clone();
            return site.give(typed, vec![input], Run::new(|call| Ok(call.arg(0))));
        }
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
        )
        .knowing(Known::Short(length));
        site.give(typed, vec![input], run)
    },
};

pub(super) static WRAP: Function = Function {
    name: "wrap",
    family: "Text",
    way: Way::Forth,
    usage: "| wrap(35)   | wrap(27, lines: 4) | cut mark \"+\"",
    summary: "Lines of at most n characters, broken at blanks and line feeds; a run of them at a break is dropped, elsewhere kept; a word longer than n is broken at n; no empty line. What is beyond `lines` [what the target holds] needs `cut`, `cut mark` or `must-fit` right behind",
    faults: &[],
    class: Class::Canonical,
    examples: &[
        example("join(\"to be or not to be\" | wrap(6), \"/\")", "to be/or not/to be"),
        example("join(\"abcdefgh ij\" | wrap(3), \"/\")", "abc/def/gh/ij"),
        example("join(\"to be or not\" | wrap(5, lines: 1) | cut mark \"+\", \"/\")", "to b+"),
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
                let has_feed = call.bytes(0).get(from..to).is_some_and(|it| memchr::memchr2(b'\n', b'\r', it).is_some());
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

/// How long the target's text may be.
fn target_length(site: &mut Site<'_, '_>) -> Option<u32> {
    match site.target().and_then(|it| it.typed.as_text()).and_then(|it| it.max) {
        Some(length) => Some(length),
        None if site.want.is_lost => None,
        None => site.wrong("the target has no length, so the number of characters must be said"),
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
    match window.iter().rposition(&blank) {
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
    let (width, lines) = input.typed.wrapped?;
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
