//! Where a value ends, found by quotes and brackets alone, however the bytes arrive.
//!
//! Sixty-four bytes are looked at at once: one bit for each quote and bracket. What is between quotes is found by a prefix
//! exclusive-or (a bit is set while an odd number of quotes came before); blocks with a backslash are read byte by byte.
//!
//! **Invariant:** brackets must match, so that no message is cut elsewhere than the decoder, which checks the rest, would end it.

use crate::{
    blocks::{self, BLOCK},
    scan::{self, Brackets},
};
use latimer_engine::FaultCode;
use wide::u8x16;

/// A value that is being looked through. Places count from the first byte of the buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extent {
    /// The first byte not yet looked at.
    at: usize,
    brackets: Brackets,
    in_string: bool,
    /// Whether a backslash came just before.
    is_escaped: bool,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Brackets,
    Text,
    /// A number, `true`, or nothing that is JSON: up to a blank, and in an array up to a comma or a bracket.
    Word {
        in_array: bool,
    },
}

/// What is wrong, and where.
pub(crate) type Wrong = (FaultCode, usize);

impl Extent {
    /// Begins with the value at a place, whose first byte is there.
    pub(crate) fn begin(&mut self, buffer: &[u8], at: usize, in_array: bool) {
        self.brackets.clear();
        (self.at, self.in_string, self.is_escaped) = (at, false, false);
        self.kind = match scan::byte(buffer, at) {
            b'{' | b'[' => Kind::Brackets,
            b'"' => {
                self.at += 1;
                Kind::Text
            }
            _ => Kind::Word { in_array },
        };
    }

    /// Begins inside so many objects.
    pub(crate) fn begin_within(&mut self, objects: u32, at: usize, depth_max: u32) -> Result<(), Wrong> {
        self.brackets.clear();
        (self.at, self.in_string, self.is_escaped, self.kind) = (at, false, false, Kind::Brackets);
        (0..objects).try_for_each(|_| self.brackets.open(true, depth_max)).ok_or((FaultCode::JsonDepth, at))
    }

    /// What follows the value, or `None` if its end is not here yet; `is_all` says that no more will come.
    pub(crate) fn end(&mut self, buffer: &[u8], is_all: bool, depth_max: u32) -> Result<Option<usize>, Wrong> {
        match self.kind {
            Kind::Brackets => self.end_of_brackets(buffer, depth_max),
            Kind::Text => Ok(self.end_of_text(buffer)),
            Kind::Word { in_array } => {
                let rest = buffer.get(self.at..).unwrap_or_default();
                let ends = |it: &u8| scan::is_blank(*it) || (in_array && matches!(it, b',' | b']' | b'}'));
                let found = rest.iter().position(ends);
                self.at += found.unwrap_or(rest.len());
                Ok((found.is_some() || is_all).then_some(self.at))
            }
        }
    }

    /// The closing quote of the string that this is, if it is complete.
    pub(crate) fn end_of_text(&mut self, buffer: &[u8]) -> Option<usize> {
        loop {
            if std::mem::take(&mut self.is_escaped) {
                if self.at >= buffer.len() {
                    self.is_escaped = true;
                    return None;
                }
                self.at += 1;
            }
            let rest = buffer.get(self.at..).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', rest) {
                None => {
                    self.at = buffer.len().max(self.at);
                    return None;
                }
                Some(found) => {
                    self.at += found + 1;
                    if rest.get(found) == Some(&b'"') {
                        return Some(self.at);
                    }
                    self.is_escaped = true;
                }
            }
        }
    }

    fn end_of_brackets(&mut self, buffer: &[u8], depth_max: u32) -> Result<Option<usize>, Wrong> {
        let (blocks, rest) = buffer.get(self.at..).unwrap_or_default().as_chunks::<BLOCK>();
        for block in blocks {
            let found = if self.is_escaped || blocks::any(block, blocks::is(b'\\')) {
                self.bytes(block, depth_max)?
            } else {
                self.block(block, depth_max)?
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        self.bytes(rest, depth_max)
    }

    /// A block without backslashes.
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK], depth_max: u32) -> Result<Option<usize>, Wrong> {
        let quoted = blocks::quoted(blocks::bits(block, blocks::is(b'"')), self.in_string);
        let mut brackets = blocks::bits(block, is_bracket) & !quoted;
        while brackets != 0 {
            let place = brackets.trailing_zeros() as usize;
            brackets &= brackets - 1;
            if self.bracket(scan::byte(block, place), self.at + place, depth_max)? {
                self.at += place + 1;
                return Ok(Some(self.at));
            }
        }
        self.in_string = quoted >> (BLOCK - 1) != 0;
        self.at += BLOCK;
        Ok(None)
    }

    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8], depth_max: u32) -> Result<Option<usize>, Wrong> {
        for byte in bytes {
            let at = self.at;
            self.at += 1;
            if std::mem::take(&mut self.is_escaped) {
                continue;
            }
            match byte {
                b'"' => self.in_string = !self.in_string,
                b'\\' if self.in_string => self.is_escaped = true,
                b'{' | b'[' | b'}' | b']' if !self.in_string && self.bracket(*byte, at, depth_max)? => {
                    return Ok(Some(self.at));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether a bracket closes the value.
    #[inline(always)]
    fn bracket(&mut self, byte: u8, at: usize, depth_max: u32) -> Result<bool, Wrong> {
        match byte {
            b'{' | b'[' => {
                self.brackets.open(byte == b'{', depth_max).ok_or((FaultCode::JsonDepth, at))?;
                Ok(false)
            }
            _ if self.brackets.innermost() == Some(byte == b'}') => {
                self.brackets.close();
                Ok(self.brackets.depth() == 0)
            }
            _ => Err((FaultCode::JsonSyntax, at)),
        }
    }
}

/// `[` and `{`, `]` and `}` differ in one bit.
#[inline(always)]
fn is_bracket(bytes: u8x16) -> u8x16 {
    let folded = bytes | u8x16::splat(0x20);
    folded.simd_eq(u8x16::splat(b'{')) | folded.simd_eq(u8x16::splat(b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of the value at the start of a text that arrives in pieces of a size.
    fn end(text: &str, piece: usize) -> Result<Option<usize>, Wrong> {
        let mut extent = Extent::default();
        extent.begin(text.as_bytes(), 0, false);
        let mut found = Ok(None);
        let mut length = 0;
        while found == Ok(None) && length < text.len() {
            length = (length + piece).min(text.len());
            found = extent.end(&text.as_bytes()[..length], length == text.len(), 8);
        }
        found
    }

    #[test]
    fn ends_are_found_in_pieces_of_every_size() {
        let long = format!(r#"{{"a":"{}","b":[{}{{}}]}} "#, r#"}\"]"#.repeat(40), "[1],".repeat(40));
        let plain = format!(r#"[{}{{"x":"{{[]}}"}}]"#, r#"{"key":"value with ] in it"},"#.repeat(20));
        for (text, expected) in [
            (long.as_str(), Ok(Some(long.len() - 1))),
            (plain.as_str(), Ok(Some(plain.len()))),
            (r#""a\"b" "#, Ok(Some(6))),
            (r#""a\\""#, Ok(Some(5))),
            ("12.5 ", Ok(Some(4))),
            ("12.5", Ok(Some(4))),
            ("[1,2", Ok(None)),
            (r#""abc"#, Ok(None)),
            (r#"{"a":1]"#, Err((FaultCode::JsonSyntax, 6))),
            (r#"[[[[[[[[[1]]]]]]]]]"#, Err((FaultCode::JsonDepth, 8))),
        ] {
            for piece in [1, 2, 3, 7, 63, 64, 65, 4096] {
                assert_eq!(end(text, piece), expected, "{text} {piece}");
            }
        }
    }
}
