//! The XML declaration (XML 1.0, section 2.8) and the encodings it may name.

use crate::scan::{self, Wrong};
use latimer_engine::FaultCode;

/// Where the declaration that begins with `<?xml` here ends, and whether it says UTF-8. The bytes are UTF-8 by now; so must
/// it say, or name an encoding in which all that follows is the same, being ASCII.
pub(crate) fn read(bytes: &[u8], at: usize) -> Result<(usize, bool), Wrong> {
    let declaration = parse(bytes, at)?;
    let mut utf_8 = true;
    if let Some((from, to)) = declaration.encoding {
        let name = scan::slice(bytes, from, to);
        utf_8 = name.eq_ignore_ascii_case(b"utf-8");
        let ascii =
            |name: &[u8]| encoding_rs::Encoding::for_label(name).is_some_and(|it| it.is_ascii_compatible()) && bytes.is_ascii();
        if !utf_8 && !ascii(name) {
            return Err((FaultCode::XmlEncoding, from));
        }
    }
    Ok((declaration.end, utf_8))
}

/// A declaration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    /// The name of the encoding.
    pub(crate) encoding: Option<(usize, usize)>,
    /// The byte behind `?>`.
    pub(crate) end: usize,
}

/// Reads a declaration of ASCII bytes.
pub(crate) fn parse(bytes: &[u8], at: usize) -> Result<Declaration, Wrong> {
    let (name, value, mut end) = pseudo_attribute(bytes, at + 5)?;
    let version = scan::slice(bytes, value.0, value.1);
    // Fifth edition, production 26: a later 1.x is read as 1.0.
    let known = version.strip_prefix(b"1.").is_some_and(|it| !it.is_empty() && it.iter().all(u8::is_ascii_digit));
    if name != b"version" || !known {
        return Err((FaultCode::XmlSyntax, value.0));
    }
    let mut encoding = None;
    let mut standalone = false;
    loop {
        let behind = scan::skip_space(bytes, end);
        if bytes.get(behind..).is_some_and(|it| it.starts_with(b"?>")) {
            return Ok(Declaration { encoding, end: behind + 2 });
        }
        let (name, value, next) = pseudo_attribute(bytes, end)?;
        let text = scan::slice(bytes, value.0, value.1);
        match name {
            b"encoding" if encoding.is_none() && !standalone && is_encoding_name(text) => encoding = Some(value),
            b"standalone" if !standalone && matches!(text, b"yes" | b"no") => standalone = true,
            _ => return Err((FaultCode::XmlSyntax, value.0)),
        }
        end = next;
    }
}

fn is_encoding_name(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.iter().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'))
}

type PseudoAttribute<'b> = (&'b [u8], (usize, usize), usize);

fn pseudo_attribute(bytes: &[u8], at: usize) -> Result<PseudoAttribute<'_>, Wrong> {
    let from = scan::skip_space(bytes, at);
    let end = scan::name(bytes, from);
    let equals = scan::skip_space(bytes, end);
    let quote_at = scan::skip_space(bytes, equals + 1);
    let quote = scan::byte(bytes, quote_at);
    if from == at || end == from || scan::byte(bytes, equals) != b'=' || !matches!(quote, b'"' | b'\'') {
        return Err((FaultCode::XmlSyntax, from));
    }
    let value = bytes.get(quote_at + 1..).unwrap_or_default();
    let Some(length) = value.iter().take(256).position(|it| *it == quote) else {
        return Err((FaultCode::XmlSyntax, quote_at));
    };
    Ok((scan::slice(bytes, from, end), (quote_at + 1, quote_at + 1 + length), quote_at + 2 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        for (text, fine) in [
            ("<?xml version=\"1.0\"?>", true),
            ("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>", true),
            ("<?xml version=\"1.1\" encoding=\"utf-8\"?>", true),
            ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>", true),
            ("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", false),
            ("<?xml version=\"1.0\" encoding=\"Klingon\"?>", false),
            ("<?xml version=\"2.0\"?>", false),
            ("<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>", false),
            ("<?xml version=\"1.0\"encoding=\"UTF-8\"?>", false),
            ("<?xml encoding=\"UTF-8\"?>", false),
            ("<?xml version=\"1.0\" standalone=\"maybe\"?>", false),
            ("<?xml version=\"1.0\" ?", false),
            ("<?xml ?>", false),
        ] {
            assert_eq!(read(text.as_bytes(), 0).is_ok(), fine, "{text}");
        }
        let beyond = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>é</a>";
        assert_eq!(read(beyond.as_bytes(), 0), Err((FaultCode::XmlEncoding, 30)));
    }
}
