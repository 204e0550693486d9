//! Parts of texts: characters by number, pieces between separators.

use super::text::characters;
use super::{Function, Site, Way, example};
use crate::call::{Call, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Presence};
use crate::{FaultCode, Occurs, Slot, Text, Type};
use memchr::memmem;

pub(super) static CHARS: Function = Function {
    name: "chars",
    family: "Text",
    way: Way::Forth,
    usage: "| chars(5, 3)",
    summary: "So many characters from a place on, counted from 1, as COBOL's reference modification; where the text ends before, what there is; behind its end absent",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"ABCDEFG\" | chars(3, 2)", "CD"),
        example("\"ABCDEFG\" | chars(6, 5)", "FG"),
        example("\"ABC/D\" | part(\"/\", 1) | chars(4, 1)", "absent"),
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let Some(from) = site.positional() else { return site.wrong("the first character is missing") };
        let Some(count) = site.positional() else { return site.wrong("the number of characters is missing") };
        let (first, length) = (site.integer(from)?, site.integer(count)?);
        if first == 0 || length == 0 {
            return site.wrong("characters are counted from 1, and at least one is taken");
        }
        let left = |all: u32| all.saturating_sub(first - 1).min(length);
        let max = text.max.map_or(length, left);
        if max == 0 {
            return site.wrong_at(from.value.span, "the text is never that long");
        }
        let patterns = class_of(&text);
        let made = Text { min: left(text.min), max: Some(max), patterns, repertoire: text.repertoire.clone(), ..Text::default() };
        let mut typed = Site::text_like(&input, made, Class::Reduced);
        if text.min < first {
            typed = typed.maybe();
        }
        site.give(typed, vec![input], characters(first as usize, length as usize, false))
    },
};

/// What every stretch of a text still is: digits, if it has nothing else.
pub(super) fn class_of(text: &Text) -> Vec<String> {
    if crate::language::is_spelled_with(text, |it| it.is_ascii_digit()) { vec!["[0-9]+".to_owned()] } else { Vec::new() }
}

pub(super) static SPLIT: Function = Function {
    name: "split",
    family: "Text",
    way: Way::Forth,
    usage: "| split(\",\")",
    summary: "The pieces between the separators, as a list; empty pieces are left out",
    faults: &[],
    class: Class::Canonical,
    examples: &[example("\"a,b,,c\" | split(\",\")", "[a, b, c]"), example("\"a\" | split(\", \")", "[a]")],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let separator = separator_of(site)?;
        let width = u32::try_from(separator.chars().count()).unwrap_or(u32::MAX);
        let made = Text { min: 1, max: text.max, repertoire: text.repertoire.clone(), ..Text::default() };
        let mut typed = Site::text_like(&input, made, Class::Canonical);
        let most = text.max.map(|it| it.div_ceil(width.saturating_add(1)).max(1));
        typed.many = Some(Occurs { min: 0, max: most });
        typed.presence = Presence::Maybe;
        let run = Run::new(move |call| {
            let (mut from, mut count) = (0, 0);
            loop {
                let rest = call.bytes(0).get(from..).unwrap_or_default();
                let found = memmem::find(rest, separator.as_bytes());
                let to = from + found.unwrap_or(rest.len());
                if to > from {
                    let piece = call.give_slice(0, from, to);
                    call.record.push_item(piece);
                    count += 1;
                }
                match found {
                    Some(_) => from = to + separator.len(),
                    None => break,
                }
            }
            Ok(call.record.list_of_last(count))
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static PART: Function = Function {
    name: "part",
    family: "Text",
    way: Way::Forth,
    usage: "| part(\"/\", 2)",
    summary: "The piece of a number between separators, counted from 1, empty ones too; a piece that is not there or empty is absent",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"MAND1/INV77/X\" | part(\"/\", 2)", "INV77"),
        example("\"MAND1\" | part(\"/\", 2)", "absent"),
        example("\"a//c\" | part(\"/\", 3)", "c"),
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let separator = separator_of(site)?;
        let Some(arg) = site.positional() else { return site.wrong("the number of the piece is missing") };
        let number = site.integer(arg)? as usize;
        if number == 0 {
            return site.wrong_at(arg.value.span, "pieces are counted from 1");
        }
        let made = Text { min: 1, max: text.max, repertoire: text.repertoire.clone(), ..Text::default() };
        let typed = Site::text_like(&input, made, Class::Reduced).maybe();
        let run = Run::new(move |call| {
            let mut from = 0;
            for _ in 1..number {
                let rest = call.bytes(0).get(from..).unwrap_or_default();
                match memmem::find(rest, separator.as_bytes()) {
                    Some(at) => from += at + separator.len(),
                    None => return Ok(Slot::ABSENT),
                }
            }
            let rest = call.bytes(0).get(from..).unwrap_or_default();
            let to = from + memmem::find(rest, separator.as_bytes()).unwrap_or(rest.len());
            Ok(call.give_slice(0, from, to))
        });
        site.give(typed, vec![input], run)
    },
};

fn separator_of(site: &mut Site<'_, '_>) -> Option<String> {
    let Some(arg) = site.positional() else { return site.wrong("the separator is missing") };
    let separator = site.literal(arg)?;
    if separator.is_empty() {
        return site.wrong_at(arg.value.span, "the separator is empty");
    }
    Some(separator)
}

pub(super) static REPLACE: Function = Function {
    name: "replace",
    family: "Text",
    way: Way::Forth,
    usage: "| replace(\"-\", \"\")",
    summary: "Every occurrence of the first text becomes the second, read once from left to right; no pattern",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"12-34-56\" | replace(\"-\", \"\")", "123456"),
        example("\"aaa\" | replace(\"aa\", \"b\")", "ba"),
        example("\"--\" | replace(\"-\", \"\")", "absent"),
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let Some(arg) = site.positional() else { return site.wrong("the text to be replaced is missing") };
        let old = site.literal(arg)?;
        if old.is_empty() {
            return site.wrong_at(arg.value.span, "an empty text stands everywhere");
        }
        let Some(arg) = site.positional() else { return site.wrong("the text that replaces it is missing") };
        let new = site.literal(arg)?;
        let count = |it: &str| u32::try_from(it.chars().count()).unwrap_or(u32::MAX);
        let (before, after) = (count(&old), count(&new));
        let sized = |all: u32| (all / before).saturating_mul(after).saturating_add(all % before);
        let made = Text {
            min: if after < before { sized(text.min) } else { text.min },
            max: text.max.map(|it| if after > before { sized(it) } else { it }),
            ..Text::default()
        };
        let may_be_empty = made.min == 0;
        let mut typed = Site::text_like(&input, made, Class::Reduced);
        if may_be_empty && typed.presence == Presence::Always {
            typed.presence = Presence::MayBeBlank;
        }
        let finder = memmem::Finder::new(old.as_bytes()).into_owned();
        let length = old.len();
        let run = Run::new(move |call| {
            if finder.find(call.bytes(0)).is_none() {
                return Ok(call.arg(0));
            }
            call.give(0, |text, out| {
                let mut rest = text;
                while let Some(at) = finder.find(rest) {
                    out.extend_from_slice(rest.get(..at).unwrap_or_default());
                    out.extend_from_slice(new.as_bytes());
                    rest = rest.get(at + length..).unwrap_or_default();
                }
                out.extend_from_slice(rest);
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static SQUEEZE: Function = Function {
    name: "squeeze",
    family: "Text",
    way: Way::Forth,
    usage: "| squeeze",
    summary: "Every run of blanks becomes one",
    faults: &[],
    class: Class::Canonical,
    examples: &[example("\"a   b  c\" | squeeze", "a b c")],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let made = Text { min: text.min.min(1), max: text.max, repertoire: text.repertoire.clone(), ..Text::default() };
        let typed = Site::text_like(&input, made, Class::Canonical);
        let run = Run::new(|call| {
            if memmem::find(call.bytes(0), b"  ").is_none() {
                return Ok(call.arg(0));
            }
            call.give(0, |text, out| {
                for byte in text {
                    if *byte != b' ' || out.last() != Some(&b' ') {
                        out.push(*byte);
                    }
                }
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static PAD_LEFT: Function = Function {
    name: "pad-left",
    family: "Text",
    way: Way::Both,
    usage: "| pad-left(\"0\", 10)",
    summary: "Filled on the left with a character to a length; longer: bad [FF01]; a negative number: bad [AM12]. Back: without the fillers on the left, of which one stays if there is nothing else, unless it is a blank",
    faults: &[FaultCode::MapLength, FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[
        example("\"4711\" | pad-left(\"0\", 8)", "00004711"),
        example("\"123456789\" | pad-left(\"0\", 8)", "bad FF01"),
        example("\"00004711\" | pad-left(\"0\", 8)", "4711").back(),
        example("\"00000000\" | pad-left(\"0\", 8)", "0").back(),
    ],
    takes_list: false,
    check: |site| pad(site, true),
};

pub(super) static PAD_RIGHT: Function = Function {
    name: "pad-right",
    family: "Text",
    way: Way::Both,
    usage: "| pad-right(\" \", 10)",
    summary: "Filled on the right with a character to a length; longer: bad [FF01]; a negative number: bad [AM12]. Back: without the fillers on the right, of which one stays if there is nothing else, unless it is a blank",
    faults: &[FaultCode::MapLength, FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[example("\"AB\" | pad-right(\"*\", 4)", "AB**"), example("\"AB**\" | pad-right(\"*\", 4)", "AB").back()],
    takes_list: false,
    check: |site| pad(site, false),
};

fn pad(site: &mut Site<'_, '_>, is_left: bool) -> Option<Value> {
    let Some(arg) = site.positional() else { return site.wrong("the filler is missing") };
    let filler = site.literal(arg)?;
    let mut letters = filler.chars();
    let (Some(filler), None) = (letters.next(), letters.next()) else {
        return site.wrong_at(arg.value.span, "the filler is one character");
    };
    let Some(arg) = site.positional() else { return site.wrong("the length is missing") };
    let length = site.integer(arg)?;
    if length == 0 || length > 4096 {
        return site.wrong_at(arg.value.span, "the length is 1 to 4096");
    }
    let (input, text) = site.text_or_digits_input(0)?;
    let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
    let mut room = [0; 4];
    let filler: Vec<u8> = filler.encode_utf8(&mut room).as_bytes().to_vec();
    let digits = class_of(&text);
    let patterns = if filler.iter().all(u8::is_ascii_digit) { digits } else { Vec::new() };
    if site.back {
        let made = Text { min: 0, max: text.max, patterns, repertoire: text.repertoire.clone(), ..Text::default() };
        let mut typed = Site::text_like(&input, made, Class::Canonical);
        if filler == b" " && typed.presence == Presence::Always {
            typed.presence = Presence::MayBeBlank;
        }
        return site.give(typed, vec![input], Run::new(move |call| Ok(unpadded(call, &filler, is_left))));
    }
    let made = Text { min: length, max: Some(length), patterns, repertoire: text.repertoire.clone(), ..Text::default() };
    let typed = Site::text_like(&input, made, Class::Canonical);
    let run = Run::new(move |call| {
        let slot = super::digits_run(call)?;
        if is_number && call.record.bytes(slot, call.part).starts_with(b"-") {
            return Err(FaultCode::MapNumber);
        }
        let count = crate::rules::characters(call.record.bytes(slot, call.part));
        let missing = (length as usize).checked_sub(count).ok_or(FaultCode::MapLength)?;
        if missing == 0 {
            return Ok(slot);
        }
        let Call { record, part, scratch, .. } = call;
        scratch.clear();
        let fill = |scratch: &mut Vec<u8>| (0..missing).for_each(|_| scratch.extend_from_slice(&filler));
        if is_left {
            fill(scratch);
        }
        scratch.extend_from_slice(record.bytes(slot, part));
        if !is_left {
            fill(scratch);
        }
        Ok(record.hold_from(slot, |held| held.extend_from_slice(scratch)))
    });
    site.give(typed, vec![input], run)
}

fn unpadded(call: &mut Call<'_>, filler: &[u8], is_left: bool) -> Slot {
    let text = call.bytes(0);
    let (mut from, mut to) = (0, text.len());
    while to > from
        && let Some(rest) = text.get(from..to)
        && (if is_left { rest.starts_with(filler) } else { rest.ends_with(filler) })
    {
        if filler != b" " && to - from == filler.len() {
            break;
        }
        if is_left {
            from += filler.len();
        } else {
            to -= filler.len();
        }
    }
    call.give_slice(0, from, to)
}
