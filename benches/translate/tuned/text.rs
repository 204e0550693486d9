//! Texts: borrowed from JSON, replaced by the table of the Payments Council, escaped, cut into lines, numbers as digits.

use crate::ordinary::rules::epc_table;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::Deref;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text that is borrowed where it has no escapes.
#[derive(Deserialize, Serialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// At most seven bytes; the last place is their number.
#[derive(Clone, Copy)]
pub(super) struct Short([u8; 8]);

impl Short {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut short = [0; 8];
        short[..bytes.len()].copy_from_slice(bytes);
        short[7] = bytes.len() as u8;
        Short(short)
    }

    /// Eight bytes are copied whatever the number is, and those too many taken back: that is one store.
    #[inline]
    pub(super) fn put(self, out: &mut Vec<u8>) {
        let end = out.len() + usize::from(self.0[7]);
        out.extend_from_slice(&self.0);
        out.truncate(end);
    }
}

/// What characters are replaced with. All that the table has, but for the euro, lies below U+0460.
pub(super) struct Epc {
    ascii: [u8; 128],
    low: Vec<Short>,
    euro: Short,
}

const LOW: u32 = 0x460;
const DOT: &[u8] = b".";

impl Epc {
    pub(super) fn new() -> Self {
        let table = epc_table();
        let of = |it: u32| {
            let character = char::from_u32(it).unwrap();
            let stays = character.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(character);
            if stays { Short::new(&[character as u8]) } else { Short::new(table.get(&character).map_or(DOT, |it| it.as_bytes())) }
        };
        assert!(table.keys().all(|it| u32::from(*it) < LOW || *it == '€'), "the table is as it was");
        Epc { ascii: std::array::from_fn(|it| of(it as u32).0[0]), low: (0..LOW).map(of).collect(), euro: of('€'.into()) }
    }

    /// What a character is replaced with.
    pub(super) fn of(&self, character: char) -> Short {
        match self.low.get(character as usize) {
            Some(short) => *short,
            None if character == '€' => self.euro,
            None => Short::new(DOT),
        }
    }

    /// Puts a text with its characters replaced; gives the number of characters, which are ASCII.
    pub(super) fn put(&self, text: &str, out: &mut Vec<u8>) -> usize {
        let from = out.len();
        out.reserve(4 * text.len() + 8);
        if text.is_ascii() {
            out.extend(text.bytes().map(|it| self.ascii[usize::from(it & 0x7F)]));
        } else if text.chars().all(|it| it < '\u{300}') || is_nfc_quick(text.chars()) == IsNormalized::Yes {
            // Below U+0300 nothing composes.
            text.chars().for_each(|it| self.of(it).put(out));
        } else {
            text.nfc().for_each(|it| self.of(it).put(out));
        }
        out.len() - from
    }
}

/// A text with more than blanks in it.
pub(super) fn present(text: &str) -> Option<&str> {
    text.bytes().any(|it| it != b' ').then_some(text)
}

/// Whether a text has at most so many characters; most have not even so many bytes.
pub(super) fn is_within(text: &str, length: usize) -> bool {
    text.len() <= length || text.chars().count() <= length
}

/// Puts pieces one behind the other.
#[inline]
pub(super) fn put<const COUNT: usize>(pieces: [&str; COUNT], out: &mut Vec<u8>) {
    pieces.iter().for_each(|it| out.extend_from_slice(it.as_bytes()));
}

/// Puts a text of XML.
pub(super) fn put_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|it| matches!(it, b'&' | b'<' | b'>')) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(entity(rest[at]));
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Puts an element of XML that has a text, or has none.
#[inline]
pub(super) fn put_element(name: &str, text: &str, out: &mut Vec<u8>) {
    let from = put_start(name, out);
    put_escaped(text, out);
    put_end(name, from, out);
}

/// Puts the start of an element; gives where what it holds begins.
#[inline]
pub(super) fn put_start(name: &str, out: &mut Vec<u8>) -> usize {
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
    out.len()
}

/// Puts the end of an element; one that holds nothing is closed where it began.
#[inline]
pub(super) fn put_end(name: &str, from: usize, out: &mut Vec<u8>) {
    if out.len() == from {
        out.pop();
        out.extend_from_slice(b"/>");
        return;
    }
    out.extend_from_slice(b"</");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

fn entity(byte: u8) -> &'static [u8] {
    match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        _ => b"&gt;",
    }
}

/// A character as it stands in XML.
pub(super) fn escaped(character: char) -> Short {
    match character {
        '&' | '<' | '>' => Short::new(entity(character as u8)),
        _ => Short::new(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// The lines of an ASCII text, cut at blanks where there are any.
pub(super) fn wrap(text: &[u8], width: usize, mut line: impl FnMut(&[u8])) {
    let mut rest = text.trim_ascii();
    while rest.len() > width {
        let at = rest[..=width].iter().rposition(|it| *it == b' ').filter(|it| *it > 0).unwrap_or(width);
        line(rest[..at].trim_ascii_end());
        rest = rest[at..].trim_ascii_start();
    }
    if !rest.is_empty() {
        line(rest);
    }
}

/// Puts the digits of a number, at least so many.
pub(super) fn put_number(value: u64, digits: usize, out: &mut Vec<u8>) {
    let mut text = [b'0'; 20];
    let (mut rest, mut at) = (value, text.len());
    while rest > 0 || text.len() - at < digits {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&text[at..]);
}
