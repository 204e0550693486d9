//! Universally unique identifiers: two spellings, and one made of what a payment says.

use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::{Lasting, Value, ValueKind};
use crate::mapping::typed::{Class, Presence, Typed};
use crate::{FaultCode, Text, Type};
use sha2::{Digest, Sha256};

pub(super) static UUID_COMPACT: Function = Function {
    name: "uuid-compact",
    family: "Identifiers",
    way: Way::Both,
    usage: "| uuid-compact",
    summary: "32 hexadecimal digits in small letters, from a UUID of 36 characters; back: the dashes; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Canonical,
    examples: &[example("\"3F8E0E1C-5A52-4A52-9A2E-8C2C1DDC9F01\" | uuid-compact", "3f8e0e1c5a524a529a2e8c2c1ddc9f01")],
    takes_list: false,
    check: |site| if site.back { dashed(site) } else { compact(site) },
};

pub(super) static UUID_DASHED: Function = Function {
    name: "uuid-dashed",
    family: "Identifiers",
    way: Way::Both,
    usage: "| uuid-dashed",
    summary: "A UUID of 36 characters in small letters, from 32 hexadecimal digits; back: without the dashes; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Canonical,
    examples: &[example("\"3f8e0e1c5a524a529a2e8c2c1ddc9f01\" | uuid-dashed", "3f8e0e1c-5a52-4a52-9a2e-8c2c1ddc9f01")],
    takes_list: false,
    check: |site| if site.back { compact(site) } else { dashed(site) },
};

/// Where the dashes stand among 36 characters.
const DASHES: [usize; 4] = [8, 13, 18, 23];

/// Where the two digits of each byte stand among 36 characters.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

fn hex_digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' - 10 + half }
}

fn compact(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, _) = site.text_input()?;
    let text = Text { min: 32, max: Some(32), patterns: vec!["[0-9a-f]{32}".to_owned()], ..Text::default() };
    let typed = input.typed.with(Type::Text(text)).class(Class::Canonical);
    let run = Run::new(|call| {
        call.give(0, |text, out| {
            let dashed = text.len() == 36 && DASHES.iter().all(|it| text.get(*it) == Some(&b'-'));
            let first = out.len();
            text.split(|it| *it == b'-').for_each(|it| out.extend_from_slice(it));
            out.make_ascii_lowercase();
            (dashed && is_hex(out.get(first..).unwrap_or_default())).then_some(()).ok_or(FaultCode::MapIdentifier)
        })
    });
    site.give(typed, vec![input], run)
}

fn dashed(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, _) = site.text_input()?;
    let typed = input.typed.with(Type::Text(uuid(false))).class(Class::Canonical);
    let run = Run::new(|call| {
        call.give(0, |text, out| {
            is_hex(text).then_some(()).ok_or(FaultCode::MapIdentifier)?;
            put_dashed(text, out);
            Ok(())
        })
    });
    site.give(typed, vec![input], run)
}

fn is_hex(text: &[u8]) -> bool {
    text.len() == 32 && text.iter().all(u8::is_ascii_hexdigit)
}

fn put_dashed(hex: &[u8], out: &mut Vec<u8>) {
    for (at, byte) in hex.iter().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push(b'-');
        }
        out.push(byte.to_ascii_lowercase());
    }
}

/// The type of a UUID with dashes; of version 4, as ISO 20022's `UUIDv4Identifier` wants it.
fn uuid(version4: bool) -> Text {
    let pattern = if version4 {
        "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"
    } else {
        "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"
    };
    Text { min: 36, max: Some(36), patterns: vec![pattern.to_owned()], ..Text::default() }
}

pub(super) static UETR: Function = Function {
    name: "uetr",
    family: "Identifiers",
    way: Way::Both,
    usage: "| uetr",
    summary: "A UUID of version 4 as ISO 20022's `UUIDv4Identifier` wants it, in small letters; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[
        example("\"3F8E0E1C-5A52-4A52-9A2E-8C2C1DDC9F01\" | uetr", "3f8e0e1c-5a52-4a52-9a2e-8c2c1ddc9f01"),
        example("\"3f8e0e1c-5a52-1a52-9a2e-8c2c1ddc9f01\" | uetr", "bad FF01"),
    ],
    takes_list: false,
    check: |site| {
        let (input, _) = site.text_input()?;
        let typed = input.typed.with(Type::Text(uuid(true))).class(Class::Guarded);
        let run = Run::new(|call| {
            let text = call.bytes(0);
            let dashed = text.len() == 36 && DASHES.iter().all(|it| text.get(*it) == Some(&b'-'));
            let hex = text.iter().enumerate().all(|(at, it)| DASHES.contains(&at) || it.is_ascii_hexdigit());
            // RFC 9562, section 5.4: version 4 in the 13th digit, variant 10 in the 17th.
            let version = text.get(14) == Some(&b'4') && matches!(text.get(19), Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B'));
            if !(dashed && hex && version) {
                return Err(FaultCode::MapIdentifier);
            }
            if !text.iter().any(u8::is_ascii_uppercase) {
                return Ok(call.arg(0));
            }
            call.give(0, |text, out| {
                out.extend(text.iter().map(u8::to_ascii_lowercase));
                Ok(())
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static UETR_FROM: Function = Function {
    name: "uetr-from",
    family: "Identifiers",
    way: Way::Function,
    usage: "uetr-from(a, b, ..)",
    summary: "An identifier made of the values as the sender wrote them: SHA-256 of the parts, version and variant bits of UUID v4; same input, same identifier",
    faults: &[],
    class: Class::Generated,
    examples: &[example("uetr-from(\"M1\", \"T1\")", "f09bab0a-a3a7-4559-973c-d9a010dfdeee")],
    takes_list: false,
    check: |site| {
        let mut parts = Vec::new();
        while let Some(arg) = site.positional() {
            let part = site.original(arg)?;
            if part.typed.value().is_none() || part.typed.many.is_some() {
                return site.wrong_kind(&part, "single values", "");
            }
            parts.push(part);
        }
        if parts.is_empty() {
            return site.wrong("it is made of nothing");
        }
        let mut typed = Typed::new(Type::Text(uuid(true)));
        typed.presence = Presence::Always;
        let run = Run::new(|call| {
            // Each part with its length before it, so that no two lists of parts look alike.
            let mut digest = Sha256::new();
            for at in 0..call.args.len() {
                let bytes = call.bytes(at);
                digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(bytes);
            }
            let digest: [u8; 32] = digest.finalize().into();
            let mut id = [b'-'; 36];
            // RFC 9562, section 5.4: version 4 in the 13th digit, variant 10 in the 17th.
            let bits = u128::from_be_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16])) & !(0xF << 76 | 0x3 << 62);
            let bits = bits | 0x4 << 76 | 0x2 << 62;
            for (byte, place) in bits.to_be_bytes().into_iter().zip(PLACES) {
                if let Some([high, low]) = id.get_mut(place..place + 2) {
                    (*high, *low) = (hex_digit(byte >> 4), hex_digit(byte & 15));
                }
            }
            call.append(0, |_, out| {
                out.extend_from_slice(&id);
                Ok(())
            })
        });
        site.give(typed, parts, run)
    },
};

pub(super) static NEW_ID: Function = Function {
    name: "new-id",
    family: "Identifiers",
    way: Way::Context,
    usage: "new-id()   | new-id(35)",
    summary: "A new identifier of the message, of 26 characters or as many as said (16 to 61) out of A-Z and 0-9; later ones sort behind earlier ones, and a replay gives the same again",
    faults: &[],
    class: Class::Generated,
    examples: &[example("new-id()", "01KDZ98CG0SMK645AEDNVB5CNS"), example("new-id(16)", "01KDZ98CG0SMK645")],
    takes_list: false,
    check: |site| {
        let length = match site.positional() {
            Some(arg) => site.integer(arg)?,
            None => 26,
        };
        if !(16..=61).contains(&length) {
            return site.wrong("it has 16 to 61 characters");
        }
        let text = Text { min: length, max: Some(length), patterns: vec![format!("[0-9A-Z]{{{length}}}")], ..Text::default() };
        let run = Run::new(move |call| {
            call.scratch.clear();
            // It is asked for when a message begins: the part is the message, or the head of a long one.
            let mut seed = Sha256::new();
            seed.update(call.part);
            seed.update(call.context.message.to_be_bytes());
            new_id(call.context.now.as_millisecond(), &seed.finalize().into(), length as usize, call.scratch);
            Ok(call.give_scratch(0))
        });
        let mut value = site.give(Typed::new(Type::Text(text)), Vec::new(), run)?;
        if let ValueKind::Call(call) = &mut value.kind {
            call.lasts = Lasting::Message;
        }
        Some(value)
    },
};

/// Crockford's base 32: digits and capitals without I, L, O and U.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten characters of the time in milliseconds, the others from the message: the layout of a ULID.
fn new_id(millis: i64, seed: &[u8; 32], length: usize, out: &mut Vec<u8>) {
    let digit = |value: u64| BASE32.get(usize::try_from(value % 32).unwrap_or(0)).copied().unwrap_or(b'0');
    let millis = u64::try_from(millis).unwrap_or(0);
    out.extend((0..10).rev().map(|place| digit(millis >> (5 * place))));
    // Five bytes are eight digits.
    let bits = seed.chunks(5).map(|it| it.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - it.len())));
    let digits = bits.flat_map(|it| (0..8).rev().map(move |place| digit(it >> (5 * place))));
    out.extend(digits.take(length.saturating_sub(10)));
}
