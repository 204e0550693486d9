//! Check sums over values: seals of files.

use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Typed};
use crate::{Text, Type};
use sha2::{Digest, Sha256, Sha512};

pub(super) static DIGEST: Function = Function {
    name: "digest",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "digest(sha-256, a, b, ..)",
    summary: "`sha-256` or `sha-512` over the UTF-8 text of the values, a line feed between them, in hexadecimal digits; numbers as they are written, an absent value makes the result absent",
    faults: &[],
    class: Class::Generated,
    examples: &[
        example("digest(sha-256, \"abc\")", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        example("digest(sha-256, \"M1\", 12.50)", "10a1c163418bf14cda12196d5d7a1557dc307ad1cdfc352eed7e61cb4a7d1037"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the kind of digest is missing") };
        let is_long = site.word(arg, &[("sha-256", false), ("sha-512", true)])?;
        let parts = parts(site)?;
        let run = Run::new(move |call| {
            joined(call);
            let mut hex = Hex::default();
            if is_long {
                hex.write(&Sha512::digest(call.scratch.as_slice()));
            } else {
                hex.write(&Sha256::digest(call.scratch.as_slice()));
            }
            Ok(call.give_text(hex.text()))
        });
        hexadecimal(site, if is_long { 128 } else { 64 }, parts, run)
    },
};

pub(super) static CRC32: Function = Function {
    name: "crc32",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "crc32(a, b, ..)",
    summary: "The check sum of ISO 3309 (as zip and PNG use it) over the UTF-8 text of the values, a line feed between them, in eight hexadecimal digits; an absent value makes the result absent",
    faults: &[],
    class: Class::Generated,
    examples: &[example("crc32(\"123456789\")", "cbf43926"), example("crc32(\"a\")", "e8b7be43")],
    takes_list: false,
    check: |site| {
        let parts = parts(site)?;
        let run = Run::new(|call| {
            joined(call);
            let mut hex = Hex::default();
            hex.write(&crc32(call.scratch).to_be_bytes());
            Ok(call.give_text(hex.text()))
        });
        hexadecimal(site, 8, parts, run)
    },
};

fn parts(site: &mut Site<'_, '_>) -> Option<Vec<Value>> {
    let mut parts = Vec::new();
    if let Some(input) = site.input.take() {
        parts.push(input);
    }
    while let Some(arg) = site.positional() {
        let part = site.original(arg)?;
        if matches!(part.typed.value(), None | Some(Type::Amount(_) | Type::Bytes(..))) || part.typed.many.is_some() {
            return site.wrong_kind(&part, "single values", "take the number of an amount first:  | amount");
        }
        parts.push(part);
    }
    if parts.is_empty() {
        return site.wrong("it is made of nothing");
    }
    Some(parts)
}

/// Puts the values into the scratch room, a line feed between them.
fn joined(call: &mut crate::call::Call<'_>) {
    call.scratch.clear();
    for at in 0..call.args.len() {
        if at > 0 {
            call.scratch.push(b'\n');
        }
        let slot = call.arg(at);
        match call.record.number_of(slot) {
            Some(number) => number.write(call.scratch),
            None => call.scratch.extend_from_slice(call.record.bytes(slot, call.part)),
        }
    }
}

fn hexadecimal(site: &mut Site<'_, '_>, length: u32, parts: Vec<Value>, run: Run) -> Option<Value> {
    let patterns = vec![format!("[0-9a-f]{{{length}}}")];
    let text = Text { min: length, max: Some(length), patterns, ..Text::default() };
    site.give(Typed::new(Type::Text(text)), parts, run)
}

/// Room for the digits of the longest digest.
struct Hex {
    digits: [u8; 128],
    length: usize,
}

impl Default for Hex {
    fn default() -> Self {
        Hex { digits: [b'0'; 128], length: 0 }
    }
}

impl Hex {
    fn write(&mut self, bytes: &[u8]) {
        for half in bytes.iter().flat_map(|it| [it >> 4, it & 15]) {
            if let Some(digit) = self.digits.get_mut(self.length) {
                *digit = if half < 10 { b'0' + half } else { b'a' + half - 10 };
                self.length += 1;
            }
        }
    }

    fn text(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }
}

/// By the byte that leaves the register, with the reversed polynomial of ISO 3309.
const CRC: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut at = 0;
    let mut start = 0_u32;
    while at < 256 {
        let mut value = start;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "worked out while it compiles, where `get_mut` cannot be called")]
        {
            table[at] = value;
        }
        at += 1;
        start += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        crc >> 8 ^ CRC.get(usize::from(low ^ byte)).copied().unwrap_or(0)
    })
}
