//! Texts: blanks, case, parts.

use super::{Function, Site, Way, example};
use crate::call::{Call, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Presence};
use crate::rules::characters as count_characters;
use crate::{Slot, Text};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

pub(super) static TRIM: Function = Function {
    name: "trim",
    family: "Text",
    way: Way::Both,
    usage: "| trim",
    summary: "Without blanks at both ends; two-way but for padding",
    faults: &[],
    class: Class::Canonical,
    examples: &[example("\"  a b \" | trim", "a b"), example("\"   \" | trim", "absent")],
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
    faults: &[],
    class: Class::Canonical,
    examples: &[example("\"acme ä\" | upper", "ACME Ä")],
    takes_list: false,
    check: |site| change_case(site, u8::is_ascii_lowercase, |it, out| simple(it, it.to_uppercase(), out)),
};

pub(super) static LOWER: Function = Function {
    name: "lower",
    family: "Text",
    way: Way::Forth,
    usage: "| lower",
    summary: "In small letters, by Unicode's simple mapping; no locale",
    faults: &[],
    class: Class::Canonical,
    examples: &[example("\"ACME Ä\" | lower", "acme ä")],
    takes_list: false,
    check: |site| change_case(site, u8::is_ascii_uppercase, |it, out| simple(it, it.to_lowercase(), out)),
};

/// Appends the one character that a letter becomes; itself where Unicode's full mapping has several.
fn simple(letter: char, mut mapped: impl Iterator<Item = char>, out: &mut Vec<u8>) {
    let one = match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => letter,
    };
    out.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The text of the input in composed form, if it is not in it already: what people see as one character is one then.
pub(super) fn composed(call: &mut Call<'_>) -> Slot {
    let text = call.text(0);
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return call.arg(0);
    }
    let Call { record, part, scratch, args, .. } = call;
    let slot = args.first().copied().unwrap_or(Slot::ABSENT);
    scratch.clear();
    let text = std::str::from_utf8(record.bytes(slot, part)).unwrap_or("");
    text.nfc().for_each(|it| scratch.extend_from_slice(it.encode_utf8(&mut [0; 4]).as_bytes()));
    record.hold_from(slot, |held| held.extend_from_slice(scratch))
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

/// A closure that takes so many characters from a place counted from 1; out of range is absent.
pub(crate) fn characters(from: usize, count: usize, trims: bool) -> Run {
    Run::new(move |call| {
        let text = call.bytes(0);
        if count_characters(text) < from {
            return Ok(Slot::ABSENT);
        }
        let start = end_of(text, from - 1);
        let mut end = start + end_of(text.get(start..).unwrap_or_default(), count);
        if trims {
            let part = text.get(start..end).unwrap_or_default();
            end -= part.iter().rev().take_while(|it| **it == b' ').count();
            if end == start {
                return Ok(Slot::ABSENT);
            }
        }
        Ok(call.give_slice(0, start, end))
    })
}

/// The byte behind so many characters.
pub(super) fn end_of(text: &[u8], count: usize) -> usize {
    if text.is_ascii() {
        return count.min(text.len());
    }
    let starts = text.iter().enumerate().filter(|(_, it)| (**it as i8) >= -0x40);
    starts.map(|(at, _)| at).nth(count).unwrap_or(text.len())
}
