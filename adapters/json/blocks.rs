//! Sixty-four bytes of JSON at once, one bit for each.
//!
//! ```text
//! bytes    {"a":"x, y", "b":1}
//! quotes    1 1 1    1  1 1        bits of the bytes that are quotes
//! quoted    11  11111   11         those behind an odd number of quotes: a prefix exclusive-or
//! ```

use wide::u8x16;

/// Bytes that are looked at at once.
pub(crate) const BLOCK: usize = 64;

/// One bit for each byte of which a question holds; it answers with all bits or none of each.
#[inline(always)]
pub(crate) fn bits(block: &[u8; BLOCK], holds: impl Fn(u8x16) -> u8x16) -> u64 {
    let mut bits = 0;
    for (number, bytes) in quarters(block).into_iter().enumerate() {
        bits |= u64::from(holds(bytes).to_bitmask()) << (16 * number);
    }
    bits
}

/// Whether a question holds of any byte.
#[inline(always)]
pub(crate) fn any(block: &[u8; BLOCK], holds: impl Fn(u8x16) -> u8x16) -> bool {
    let [a, b, c, d] = quarters(block).map(holds);
    ((a | b) | (c | d)).to_bitmask() != 0
}

#[inline(always)]
fn quarters(block: &[u8; BLOCK]) -> [u8x16; 4] {
    let (quarters, _) = block.as_chunks::<16>();
    match quarters {
        [a, b, c, d] => [*a, *b, *c, *d].map(u8x16::new),
        _ => [u8x16::ZERO; 4],
    }
}

/// The bytes that are this one.
#[inline(always)]
pub(crate) fn is(byte: u8) -> impl Fn(u8x16) -> u8x16 {
    move |bytes| bytes.simd_eq(u8x16::splat(byte))
}

/// The bytes from a quote on to before the one that closes it.
#[inline(always)]
pub(crate) fn quoted(quotes: u64, in_string: bool) -> u64 {
    let mut quoted = quotes;
    for shift in [1, 2, 4, 8, 16, 32] {
        quoted ^= quoted << shift;
    }
    quoted ^ u64::from(in_string).wrapping_neg()
}

/// Blanks outside of strings, block by block. What is looked through was found to be JSON.
#[derive(Default)]
struct Blanks {
    in_string: bool,
    /// Whether the first byte of the next block is escaped.
    is_escaped: bool,
}

impl Blanks {
    #[inline(always)]
    fn of(&mut self, block: &[u8; BLOCK]) -> u64 {
        let mut quotes = bits(block, is(b'"'));
        if self.is_escaped || any(block, is(b'\\')) {
            quotes &= !self.escaped(bits(block, is(b'\\')));
        }
        let quoted = quoted(quotes, self.in_string);
        self.in_string = quoted >> (BLOCK - 1) != 0;
        // No control character stands in a string, and no other than blanks elsewhere.
        bits(block, |it| it.max(u8x16::splat(b' ')).simd_eq(u8x16::splat(b' '))) & !quoted
    }

    /// The bytes behind a backslash that is not escaped itself.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        let mut escaped = u64::from(std::mem::take(&mut self.is_escaped));
        let mut left = backslashes & !escaped;
        while left != 0 {
            let first = left & left.wrapping_neg();
            let next = first << 1;
            self.is_escaped = next == 0;
            escaped |= next;
            left &= !(first | next);
        }
        escaped
    }
}

/// Appends JSON without the blanks between its parts.
pub(crate) fn compact(json: &[u8], out: &mut Vec<u8>) {
    let mut blanks = Blanks::default();
    let (blocks, rest) = json.as_chunks::<BLOCK>();
    // The last block is filled up with what is no blank.
    let mut last = [b'0'; BLOCK];
    for (to, byte) in last.iter_mut().zip(rest) {
        *to = *byte;
    }
    let mut from = 0;
    for (number, block) in blocks.iter().chain([&last]).enumerate() {
        let mut left = blanks.of(block);
        while left != 0 {
            let blank = number * BLOCK + left.trailing_zeros() as usize;
            left &= left - 1;
            if from < blank {
                out.extend_from_slice(json.get(from..blank).unwrap_or_default());
            }
            from = blank + 1;
        }
    }
    out.extend_from_slice(json.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_go_and_strings_stay() {
        for (text, expected) in [
            (" [ 1 , \"a b\" ,\n{ \"x y\" : \" \" }\t]\r", r#"[1,"a b",{"x y":" "}]"#),
            (r#"" \" \\" "#, r#"" \" \\""#),
            (r#""\\\" " "#, r#""\\\" ""#),
            ("", ""),
            ("  ", ""),
            (r#"[1,"a b\\"]"#, r#"[1,"a b\\"]"#),
        ] {
            // Each byte comes to stand at each place of a block, the last of a block among them.
            for place in 0..130 {
                for inside in ["x", "\\\\", "\\\"", "x \\\\"] {
                    let lead = format!("\"{}{}\"", inside, "y".repeat(place));
                    let mut out = Vec::new();
                    compact(format!("{lead}{text}").as_bytes(), &mut out);
                    assert_eq!(String::from_utf8(out).unwrap(), format!("{lead}{expected}"), "{place}");
                }
            }
        }
    }
}
