//! Texts as JSON spells them, and JSON without blanks.
use crate::scan;

/// Appends a text so that it can stand between quotes: RFC 8259, section 7, and no more escapes than it asks for.
#[inline]
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    let end = scan::plain_until(text, 0);
    out.extend_from_slice(scan::slice(text, 0, end));
    if end < text.len() {
        escape_rest(text, end, out);
    }
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

/// Appends JSON without the blanks between its parts.
pub(crate) fn compact(json: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                let end = scan::string(json, at + 1).map_or(json.len(), |(end, _)| end + 1);
                out.extend_from_slice(scan::slice(json, at, end));
                at = end;
            }
            byte => {
                if !scan::is_blank(*byte) {
                    out.push(*byte);
                }
                at += 1;
            }
        }
    }
}
