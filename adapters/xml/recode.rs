//! Streams in UTF-16, ISO 8859-1, windows-1252 or ASCII to UTF-8, before they are framed (XML 1.0, appendix F).

use crate::declaration::parse;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use latimer_engine::{Fault, FaultCode, Recoder};

/// What the first bytes of a stream ask for: nothing where they are UTF-8.
pub(crate) fn recoder(start: &[u8]) -> Result<Option<Box<dyn Recoder>>, Fault> {
    let encoding = match start {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            return Err(Fault::new(FaultCode::XmlEncoding, 0));
        }
        [0xFF, 0xFE, ..] | [b'<', 0, b'?', 0, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] | [0, b'<', 0, b'?', ..] => UTF_16BE,
        _ => match declared(start)? {
            Some(encoding) => encoding,
            None => return Ok(None),
        },
    };
    let latin = Latin::of(encoding, start);
    Ok(Some(Box::new(XmlRecoder {
        decoder: encoding.new_decoder_with_bom_removal(),
        latin,
        position: 0,
        held: Some(Vec::new()),
    })))
}

/// The encoding that the declaration names, if it is not UTF-8.
fn declared(start: &[u8]) -> Result<Option<&'static Encoding>, Fault> {
    let at = if start.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    if start.get(at..).is_none_or(|it| !it.starts_with(b"<?xml")) {
        return Ok(None);
    }
    // A declaration that is wrong is the decoder's to refuse.
    let Some((from, to)) = parse(start, at).ok().and_then(|it| it.encoding) else { return Ok(None) };
    let name = start.get(from..to).unwrap_or_default();
    let encoding = Encoding::for_label(name).filter(|it| {
        // Labels of the web map ISO 8859-1 and ASCII to windows-1252; which of them was meant is looked at below.
        [UTF_8, WINDOWS_1252].contains(it) && !(at > 0 && *it != UTF_8)
    });
    match encoding {
        Some(it) if it == UTF_8 => Ok(None),
        Some(it) => Ok(Some(it)),
        None => Err(Fault::new(FaultCode::XmlEncoding, from as u64)),
    }
}

/// Which bytes above ASCII a single-byte encoding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Latin {
    /// UTF-16: not a single-byte encoding.
    No,
    /// None.
    Ascii,
    /// 0x80 to 0x9F are control characters.
    Iso,
    /// 0x80 to 0x9F are letters and signs.
    Windows,
}

impl Latin {
    fn of(encoding: &'static Encoding, start: &[u8]) -> Latin {
        if encoding != WINDOWS_1252 {
            return Latin::No;
        }
        let name = parse(start, 0).ok().and_then(|it| it.encoding).and_then(|(from, to)| start.get(from..to));
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if name.windows(5).any(|it| it == b"ascii") || name.starts_with(b"ansi_x3") {
            Latin::Ascii
        } else if name.windows(4).any(|it| it == b"1252") {
            Latin::Windows
        } else {
            Latin::Iso
        }
    }
}

struct XmlRecoder {
    decoder: encoding_rs::Decoder,
    latin: Latin,
    /// Bytes taken so far.
    position: u64,
    /// What was recoded of the XML declaration, until its encoding's name can be written anew.
    held: Option<Vec<u8>>,
}

/// Beyond so many bytes there is no declaration to wait for.
const DECLARATION_MAX: usize = 1 << 10;

impl Recoder for XmlRecoder {
    fn recode(&mut self, bytes: &[u8], end: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
        let Some(mut held) = self.held.take() else {
            return self.append(bytes, end, out);
        };
        self.append(bytes, end, &mut held)?;
        let whole = end || held.len() > DECLARATION_MAX || memchr::memchr(b'>', &held).is_some();
        if !whole {
            self.held = Some(held);
            return Ok(());
        }
        // The name no longer is right; blanks keep what follows at its place.
        if let Ok(Some((from, to))) = parse(&held, 0).map(|it| it.encoding)
            && held.starts_with(b"<?xml")
        {
            let name = held.get(from..to).unwrap_or_default().to_ascii_lowercase();
            if self.latin == Latin::No && !name.starts_with(b"utf-16") && name != b"iso-10646-ucs-2" {
                return Err(Fault::new(FaultCode::XmlEncoding, from as u64));
            }
            let quote = held.get(to).copied().unwrap_or(b'"');
            let mut text = b"UTF-8".to_vec();
            text.push(quote);
            text.resize(text.len().max(to + 1 - from), b' ');
            held.splice(from..=to, text);
        }
        out.append(&mut held);
        Ok(())
    }
}

impl XmlRecoder {
    fn append(&mut self, bytes: &[u8], end: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
        let at = self.position;
        self.position += bytes.len() as u64;
        if self.latin == Latin::Ascii
            && let Some(beyond) = bytes.iter().position(|it| !it.is_ascii())
        {
            return Err(Fault::new(FaultCode::XmlEncoding, at + beyond as u64));
        }
        if self.latin == Latin::Iso {
            // Every byte is the character of its number.
            for byte in bytes {
                out.extend_from_slice(char::from(*byte).encode_utf8(&mut [0; 4]).as_bytes());
            }
            return Ok(());
        }
        let mut read = 0;
        loop {
            let rest = bytes.get(read..).unwrap_or_default();
            let room = self.decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(0);
            let from = out.len();
            out.resize(from + room.max(16), 0);
            let space = out.get_mut(from..).unwrap_or_default();
            let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(rest, space, end);
            out.truncate(from + written);
            read += taken;
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    return Err(Fault::new(FaultCode::XmlEncoding, at + read as u64));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recode(bytes: &[u8], piece: usize) -> Result<Vec<u8>, FaultCode> {
        let mut recoder = recoder(bytes).map_err(|it| it.code)?.expect("not UTF-8");
        let mut out = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (first, then) = rest.split_at(piece.min(rest.len()));
            recoder.recode(first, then.is_empty(), &mut out).map_err(|it| it.code)?;
            rest = then;
        }
        Ok(out)
    }

    #[test]
    fn latin_and_utf_16() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9\x80</a>";
        let windows = b"<?xml version='1.0' encoding='windows-1252'?><a>\xE9\x80</a>";
        let utf_16 = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>é😀</a>";
        let little: Vec<u8> = std::iter::once(0xFEFF).chain(utf_16.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = std::iter::once(0xFEFF).chain(utf_16.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(recode(latin, piece).unwrap(), "<?xml version=\"1.0\" encoding=\"UTF-8\"     ?><a>é\u{80}</a>".as_bytes());
            assert_eq!(recode(windows, piece).unwrap(), "<?xml version='1.0' encoding='UTF-8'       ?><a>é€</a>".as_bytes());
            for bytes in [&little, &big] {
                assert_eq!(recode(bytes, piece).unwrap(), "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><a>é😀</a>".as_bytes());
            }
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let code = |bytes: &[u8]| recoder(bytes).err().map(|it| it.code);
        assert_eq!(code(b"<?xml version=\"1.0\" encoding=\"EBCDIC-CP-US\"?>"), Some(FaultCode::XmlEncoding));
        assert_eq!(code(b"<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?>"), Some(FaultCode::XmlEncoding));
        assert_eq!(code(b"\0\0\xFE\xFF\0\0\0<"), Some(FaultCode::XmlEncoding));
        assert!(recoder(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>").unwrap().is_none());
        assert!(recoder(b"<a/>").unwrap().is_none());
        let ascii = b"<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a>\xE9</a>";
        assert_eq!(recode(ascii, 100), Err(FaultCode::XmlEncoding));
        assert_eq!(recode(b"\xFF\xFE<\0a", 100), Err(FaultCode::XmlEncoding));
        let lies = "\u{FEFF}<?xml version='1.0' encoding='utf-8'?><x/>".encode_utf16();
        assert_eq!(recode(&lies.flat_map(u16::to_le_bytes).collect::<Vec<_>>(), 3), Err(FaultCode::XmlEncoding));
    }
}
