//! Values as text of XML: escaped, in base 64, in hexadecimal.

use crate::scan;

/// The text has a character that XML cannot hold.
#[derive(Debug)]
pub(crate) struct Unwritable;

/// Appends a text, or an attribute's value, with what XML wants escaped.
#[inline]
pub(crate) fn push_text(text: &[u8], attribute: bool, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    match scan::first_unclean(text) {
        None => {
            out.extend_from_slice(text);
            Ok(())
        }
        Some(_) => push_unclean(text, attribute, out),
    }
}

#[cold]
fn push_unclean(mut text: &[u8], attribute: bool, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    while let Some(at) = scan::first_unclean(text) {
        let (clean, rest) = text.split_at_checked(at).unwrap_or((text, &[]));
        out.extend_from_slice(clean);
        let reference: &[u8] = match rest.first() {
            Some(b'&') => b"&amp;",
            Some(b'<') => b"&lt;",
            Some(b'>') => b"&gt;",
            Some(b'\r') => b"&#13;",
            Some(b'"') if attribute => b"&quot;",
            Some(b'\t') if attribute => b"&#9;",
            Some(b'\n') if attribute => b"&#10;",
            Some(it @ (b'"' | b'\t' | b'\n')) => std::slice::from_ref(it),
            Some(it @ 0xEF) if scan::bad_character(rest.get(..3).unwrap_or_default()).is_none() => std::slice::from_ref(it),
            _ => return Err(Unwritable),
        };
        out.extend_from_slice(reference);
        text = rest.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(text);
    Ok(())
}

pub(crate) fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| LETTERS.get((bits & 63) as usize).copied().unwrap_or(b'=');
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, it| bits << 8 | u32::from(*it)) << (8 * (3 - group.len()));
        let four = [letter(bits >> 18), letter(bits >> 12), letter(bits >> 6), letter(bits)];
        out.extend_from_slice(four.get(..=group.len()).unwrap_or_default());
        out.extend(std::iter::repeat_n(b'=', 3 - group.len()));
    }
}

pub(crate) fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |it: u8| DIGITS.get(usize::from(it)).copied().unwrap_or(b'0');
    out.extend(bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        for (text, element, attribute) in [
            ("a<b>&\"'", "a&lt;b&gt;&amp;\"'", "a&lt;b&gt;&amp;&quot;'"),
            ("a\r\n\tb", "a&#13;\n\tb", "a&#13;&#10;&#9;b"),
            ("é\u{FFFD}😀", "é\u{FFFD}😀", "é\u{FFFD}😀"),
            (
                "a text that is longer than sixteen bytes & more",
                "a text that is longer than sixteen bytes &amp; more",
                "a text that is longer than sixteen bytes &amp; more",
            ),
        ] {
            for (is_attribute, expected) in [(false, element), (true, attribute)] {
                let mut out = Vec::new();
                push_text(text.as_bytes(), is_attribute, &mut out).unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), expected);
            }
        }
        for text in ["\u{1}", "a\u{FFFE}", "\u{FFFF}b", "\u{0}"] {
            assert!(push_text(text.as_bytes(), false, &mut Vec::new()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn bytes_are_written() {
        for (bytes, base64, hex) in [
            (&b""[..], "", ""),
            (b"A", "QQ==", "41"),
            (b"AB", "QUI=", "4142"),
            (b"ABC", "QUJD", "414243"),
            (b"\xFF\xFE", "//4=", "FFFE"),
        ] {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            push_base64(bytes, &mut one);
            push_hex(bytes, &mut other);
            assert_eq!((one.as_slice(), other.as_slice()), (base64.as_bytes(), hex.as_bytes()));
        }
    }
}
