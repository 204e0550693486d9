//! Texts as JSON spells them.
use crate::scan;

/// Bytes that are copied at once: most literals are shorter.
pub(crate) const BLOCK: usize = 32;

/// Appends a text so that it can stand between quotes: RFC 8259, section 7, and no more escapes than it asks for.
#[inline]
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    let end = scan::plain_until(text, 0);
    out.extend_from_slice(scan::slice(text, 0, end));
    if end < text.len() {
        escape_rest(text, end, out);
    }
}

/// Appends so many bytes of a source from a place; short ones as a block that is then cut, without a call.
#[inline(always)]
pub(crate) fn append(source: &[u8], at: usize, length: usize, out: &mut Vec<u8>) {
    match source.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        Some(block) if length <= BLOCK => {
            let end = out.len() + length;
            out.extend_from_slice(block);
            out.truncate(end);
        }
        _ => out.extend_from_slice(scan::slice(source, at, at + length)),
    }
}

/// Appends the text of so many bytes at the start of a source as [`escape`] does. What stands behind it is not looked at, but
/// whole blocks can be read where it is there.
#[inline(always)]
pub(crate) fn escape_start(source: &[u8], length: usize, out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(chunk) = scan::chunk(source, at) {
        let (left, special) = (length - at, scan::special(chunk));
        if left <= 16 {
            if special & ((1 << left) - 1) != 0 {
                break;
            }
            let end = out.len() + left;
            out.extend_from_slice(chunk);
            return out.truncate(end);
        }
        if special != 0 {
            break;
        }
        out.extend_from_slice(chunk);
        at += 16;
    }
    escape_slowly(scan::slice(source, at, length), out);
}

#[inline(never)]
fn escape_slowly(text: &[u8], out: &mut Vec<u8>) {
    escape(text, out);
}

#[cold]
fn escape_rest(text: &[u8], mut at: usize, out: &mut Vec<u8>) {
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend([byte >> 4, byte & 0xF].map(|it| HEX.get(usize::from(it)).copied().unwrap_or(b'0')));
            }
        }
        let next = scan::plain_until(text, at + 1);
        out.extend_from_slice(scan::slice(text, at + 1, next));
        at = next;
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
