//! Characters: which ones stay, which become others, bytes as text.

use super::{Function, Site, Way, example};
use crate::call::{Known, LossKind, Run};
use crate::mapping::hir::Value;
use crate::mapping::nearest;
use crate::mapping::typed::{Class, Presence, Typed};
use crate::standards::characters::{self, Profile};
use crate::{FaultCode, Text, Type};

/// A set of characters that has a name.
#[derive(Clone, Copy)]
struct Set {
    name: &'static str,
    has: fn(char) -> bool,
    /// The same as a regular expression, of sets within ASCII.
    pattern: Option<&'static str>,
}

// SWIFT standards, MT general information, "character sets": X and Z; EPC217-08, chapter 4: the basic set.
const SETS: [Set; 8] = [
    Set { name: "digits", has: |it| it.is_ascii_digit(), pattern: Some("[0-9]*") },
    Set { name: "letters", has: char::is_alphabetic, pattern: None },
    Set { name: "alnum", has: |it| it.is_alphabetic() || it.is_ascii_digit(), pattern: None },
    Set { name: "swift-x", has: |it| is_basic(it) || matches!(it, '\r' | '\n'), pattern: Some(r"[A-Za-z0-9/\-?:().,'+ \r\n]*") },
    Set {
        name: "swift-z",
        has: |it| is_basic(it) || "\r\n=!\"%&*<>;{@#_".contains(it),
        pattern: Some(r#"[A-Za-z0-9/\-?:().,'+ \r\n=!"%\&*<>;{@#_]*"#),
    },
    Set { name: "sepa", has: is_basic, pattern: Some(r"[A-Za-z0-9/\-?:().,'+ ]*") },
    Set { name: "ascii", has: |it| matches!(it, ' '..='~'), pattern: Some("[ -~]*") },
    Set { name: "latin-1", has: |it| matches!(it, ' '..='~' | '\u{A0}'..='\u{FF}'), pattern: None },
];

fn is_basic(it: char) -> bool {
    it.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(it)
}

pub(super) static KEEP: Function = Function {
    name: "keep",
    family: "Text",
    way: Way::Forth,
    usage: "| keep(digits)",
    summary: "Without the characters outside a class: `digits letters alnum swift-x swift-z sepa ascii latin-1`; letters are those of any script",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"+49 (89) 1234\" | keep(digits)", "49891234"),
        example("\"Ä-1!\" | keep(alnum)", "Ä1"),
        example("\"a_b\" | keep(sepa)", "ab"),
    ],
    takes_list: false,
    check: |site| choose(site, true),
};

pub(super) static DROP: Function = Function {
    name: "drop",
    family: "Text",
    way: Way::Forth,
    usage: "| drop(letters)",
    summary: "Without the characters of a class: `digits letters alnum swift-x swift-z sepa ascii latin-1`",
    faults: &[],
    class: Class::Reduced,
    examples: &[example("\"INV 77\" | drop(letters) | trim", "77"), example("\"abc\" | drop(letters)", "absent")],
    takes_list: false,
    check: |site| choose(site, false),
};

fn set_of(site: &mut Site<'_, '_>) -> Option<Set> {
    let known: Vec<(&str, Set)> = SETS.iter().map(|it| (it.name, *it)).collect();
    match site.positional() {
        Some(arg) => site.word(arg, &known),
        None => site.wrong("the class of characters is missing"),
    }
}

fn choose(site: &mut Site<'_, '_>, keeps: bool) -> Option<Value> {
    let (input, text) = site.text_input()?;
    let set = set_of(site)?;
    let patterns = set.pattern.filter(|_| keeps).map(str::to_owned).into_iter().collect();
    let made = Text { min: 0, max: text.max, patterns, repertoire: text.repertoire.clone(), ..Text::default() };
    let mut typed = Site::text_like(&input, made, Class::Reduced);
    if typed.presence == Presence::Always {
        typed.presence = Presence::MayBeBlank;
    }
    let run = Run::new(move |call| {
        let count = call.text(0).chars().filter(|it| (set.has)(*it) != keeps).count();
        if count == 0 {
            return Ok(call.arg(0));
        }
        call.lose(LossKind::Characters, count);
        call.give(0, |text, out| {
            let mut room = [0; 4];
            for letter in std::str::from_utf8(text).unwrap_or("").chars().filter(|it| (set.has)(*it) == keeps) {
                out.extend_from_slice(letter.encode_utf8(&mut room).as_bytes());
            }
            Ok(())
        })
    });
    site.give(typed, vec![input], run)
}

pub(super) static TRANSLITERATE: Function = Function {
    name: "transliterate",
    family: "Characters",
    way: Way::Forth,
    usage: "| transliterate(\"epc217-08\")",
    summary: "Characters outside a profile's set become their entry in its table, `.` without one; NFC first. Profiles: `epc217-08`, `de-umlaut` (ä becomes ae, all else stays), `swift-x`, `ascii`",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"Müller & Söhne\" | transliterate(\"epc217-08\")", "Muller + Sohne"),
        example("\"Größe\" | transliterate(\"de-umlaut\")", "Groesse"),
        example("\"漢\" | transliterate(\"ascii\")", "."),
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let Some(arg) = site.positional() else { return site.wrong("the profile is missing") };
        let name = site.literal(arg)?;
        let Some(profile) = characters::profile(&name) else {
            let near = nearest(&name, characters::PROFILES).map(str::to_owned);
            return site.near_miss(arg, &format!("there is no profile \"{name}\""), near);
        };
        let pattern = SETS.iter().find(|it| it.name == if name == "epc217-08" { "sepa" } else { name.as_str() });
        let patterns = pattern.and_then(|it| it.pattern).map(str::to_owned).into_iter().collect();
        let made = Text { min: text.min, max: text.max, patterns, ..Text::default() };
        let typed = Typed { raw: name == "de-umlaut" && input.typed.raw, ..Site::text_like(&input, made, Class::Reduced) };
        site.give(typed, vec![input], replacing(profile))
    },
};

/// Replaces the characters that a profile has not, and reports them.
pub(crate) fn replacing(profile: &'static Profile) -> Run {
    let run = Run::new(move |call| {
        let mut replaced = 0;
        let slot = call.append(0, |text, out| {
            replaced = profile.write(text, out)?;
            Ok(())
        })?;
        if replaced > 0 {
            call.lose(LossKind::Characters, replaced);
        }
        Ok(slot)
    });
    run.knowing(Known::Clean(profile))
}

pub(super) static CHARSET_CHECK: Function = Function {
    name: "charset-check",
    family: "Characters",
    way: Way::Both,
    usage: "| charset-check(sepa)",
    summary: "Unchanged; a character outside the set is bad [RR10]. Sets: `digits letters alnum swift-x swift-z sepa ascii latin-1`",
    faults: &[FaultCode::MapCharset],
    class: Class::Guarded,
    examples: &[
        example("\"Acme (EU) 7\" | charset-check(sepa)", "Acme (EU) 7"),
        example("\"Müller\" | charset-check(sepa)", "bad RR10"),
        example("\"A-1\" | charset-check(swift-x)", "A-1").back(),
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let set = set_of(site)?;
        let mut patterns = text.patterns.clone();
        patterns.extend(set.pattern.map(str::to_owned));
        let typed =
            Typed { name: input.typed.name.clone(), ..Site::text_like(&input, Text { patterns, ..text }, Class::Guarded) };
        let run = Run::new(move |call| {
            let fits = call.text(0).chars().all(set.has);
            if fits { Ok(call.arg(0)) } else { Err(FaultCode::MapCharset) }
        });
        site.give(typed, vec![input], run)
    },
};

// ---- bytes -----------------------------------------------------------------------------------------------------------

pub(super) static HEX: Function = Function {
    name: "hex",
    family: "Characters",
    way: Way::Both,
    usage: "| hex",
    summary: "Bytes as hexadecimal digits in capitals, and such a text as bytes; what is none: bad [FF01]",
    faults: &[FaultCode::MapFacet],
    class: Class::Canonical,
    examples: &[
        example("\"9F26ab\" | hex", "9F26AB"),
        example("\"9F2\" | hex", "bad FF01"),
        example("\"9f26\" | hex | hex", "9F26"),
    ],
    takes_list: false,
    check: |site| {
        let half = |it: u32| it / 2;
        bytes(site, ("[0-9A-F]*", |it| it.checked_mul(2), half), (write_hex, read_hex))
    },
};

pub(super) static BASE64: Function = Function {
    name: "base64",
    family: "Characters",
    way: Way::Both,
    usage: "| base64",
    summary: "Bytes as text by RFC 4648, section 4, with its padding, and such a text as bytes; what is none: bad [FF01]",
    faults: &[FaultCode::MapFacet],
    class: Class::Canonical,
    examples: &[
        example("\"9F26AB\" | hex | base64", "nyar"),
        example("\"nyY=\" | base64 | hex", "9F26"),
        example("\"nyZ=\" | base64", "bad FF01"),
    ],
    takes_list: false,
    check: |site| {
        let four = |it: u32| it.div_ceil(3).checked_mul(4);
        bytes(site, ("[A-Za-z0-9+/]*={0,2}", four, |it| it / 4 * 3), (write_base64, read_base64))
    },
};

type Convert = fn(&[u8], &mut Vec<u8>) -> Option<()>;
type Lengths = (&'static str, fn(u32) -> Option<u32>, fn(u32) -> u32);

/// Bytes become text, text becomes bytes.
fn bytes(site: &mut Site<'_, '_>, (pattern, longer, shorter): Lengths, (write, read): (Convert, Convert)) -> Option<Value> {
    let input = site.input()?;
    let (typed, convert) = match input.typed.value() {
        Some(Type::Bytes(min, max)) => {
            let min = longer(*min).unwrap_or(0);
            let made = Text { min, max: max.and_then(longer), patterns: vec![pattern.to_owned()], ..Text::default() };
            (input.typed.with(Type::Text(made)).class(Class::Canonical), write)
        }
        Some(Type::Text(text)) => (input.typed.with(Type::Bytes(0, text.max.map(shorter))).class(Class::Canonical), read),
        _ => return site.wrong_kind(&input, "bytes or a text", ""),
    };
    let run = Run::new(move |call| call.give(0, |bytes, out| convert(bytes, out).ok_or(FaultCode::MapFacet)));
    site.give(typed, vec![input], run)
}

/// Appends two digits for each byte.
#[expect(clippy::unnecessary_wraps, reason = "its inverse can fail")]
pub(super) fn write_hex(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let digit = |half: u8| if half < 10 { b'0' + half } else { b'A' + half - 10 };
    out.extend(bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]));
    Some(())
}

/// Appends a byte for each two digits.
pub(super) fn read_hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (pairs, rest) = text.as_chunks::<2>();
    for pair in pairs {
        let [high, low] = pair.map(|it| char::from(it).to_digit(16));
        out.push(u8::try_from(high? << 4 | low?).ok()?);
    }
    rest.is_empty().then_some(())
}

const BASE64_DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[expect(clippy::unnecessary_wraps, reason = "its inverse can fail")]
fn write_base64(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | chunk.get(at).map_or(0, |it| usize::from(*it)));
        for place in 0..4 {
            let digit = BASE64_DIGITS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            out.push(if place > chunk.len() { b'=' } else { digit });
        }
    }
    Some(())
}

fn read_base64(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (chunks, rest) = text.as_chunks::<4>();
    for (number, chunk) in chunks.iter().enumerate() {
        let pads = chunk.iter().rev().take_while(|it| **it == b'=').count();
        if pads > 2 || (pads > 0 && number + 1 < chunks.len()) {
            return None;
        }
        let mut bits = 0_u32;
        for byte in chunk.iter().take(4 - pads) {
            let digit = BASE64_DIGITS.iter().position(|it| it == byte)?;
            bits = bits << 6 | u32::try_from(digit).ok()?;
        }
        bits <<= 6 * pads;
        let [_, bytes @ ..] = bits.to_be_bytes();
        let (kept, dropped) = bytes.split_at(3 - pads);
        // RFC 4648, section 3.5: bits behind the last byte are zero.
        if dropped.iter().any(|it| *it != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    rest.is_empty().then_some(())
}
