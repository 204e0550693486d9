//! The bytes of JSON (RFC 8259): where strings and numbers end, and what escapes mean.
//!
//! **Invariant:** nothing here looks behind the slice it is given, and what is beyond its end reads as a NUL, which JSON allows
//! nowhere. The bytes are UTF-8, which is checked once for a whole part, except where a framer looks at them first.

use wide::u8x16;

/// What is wrong, and at which byte.
pub(crate) type Broken = usize;

/// The byte at a place; NUL behind the end.
#[inline(always)]
pub(crate) fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// The bytes of a range; none where it reaches beyond the end.
#[inline(always)]
pub(crate) fn slice(text: &[u8], from: usize, to: usize) -> &[u8] {
    text.get(from..to).unwrap_or_default()
}

/// Sixteen bytes from a place, if there are so many.
#[inline(always)]
pub(crate) fn chunk(text: &[u8], at: usize) -> Option<&[u8; 16]> {
    text.get(at..)?.first_chunk()
}

/// Whether the byte is white space of JSON.
#[inline(always)]
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// The first place from here that is not white space.
#[inline(always)]
pub(crate) fn blanks(text: &[u8], at: usize) -> usize {
    if byte(text, at) > b' ' { at } else { more_blanks(text, at) }
}

fn more_blanks(text: &[u8], mut at: usize) -> usize {
    while is_blank(byte(text, at)) {
        at += 1;
    }
    at
}

/// One bit for each of sixteen bytes that cannot stand for itself in a string: a quote, a backslash, a control character.
#[inline(always)]
pub(crate) fn special(chunk: &[u8; 16]) -> u32 {
    let bytes = u8x16::new(*chunk);
    let last_control = u8x16::splat(0x1F);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    let control = bytes.max(last_control).simd_eq(last_control);
    (quote | backslash | control).to_bitmask()
}

/// The first byte from here that cannot stand for itself in a string; the end of the text if there is none.
#[inline(always)]
pub(crate) fn plain_until(text: &[u8], from: usize) -> usize {
    // Most strings are shorter than this.
    if let Some(chunk) = chunk(text, from) {
        let mask = special(chunk);
        if mask != 0 {
            return from + mask.trailing_zeros() as usize;
        }
        return plain_until_far(text, from + 16);
    }
    plain_until_far(text, from)
}

#[inline(never)]
fn plain_until_far(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = chunk(text, at) {
        let mask = special(chunk);
        if mask != 0 {
            return at + mask.trailing_zeros() as usize;
        }
        at += 16;
    }
    let rest = text.get(at..).unwrap_or_default();
    let special = |it: &u8| *it < b' ' || *it == b'"' || *it == b'\\';
    at + rest.iter().position(special).unwrap_or(rest.len())
}

/// Unicode scalar values of a text.
#[inline]
pub(crate) fn characters(text: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while let Some(chunk) = chunk(text, at) {
        // All bytes but those that continue a character, which are 0x80 to 0xBF.
        let shifted = u8x16::new(*chunk) ^ u8x16::splat(0x80);
        let continues = shifted.max(u8x16::splat(0x3F)).simd_eq(u8x16::splat(0x3F));
        count += 16 - continues.to_bitmask().count_ones() as usize;
        at += 16;
    }
    let rest = text.get(at..).unwrap_or_default();
    count + rest.iter().filter(|it| **it & 0xC0 != 0x80).count()
}

/// One bit for each of sixteen bytes that is a hexadecimal digit.
#[inline(always)]
pub(crate) fn hex_digits(chunk: &[u8; 16]) -> u32 {
    let is_within = |bytes: u8x16, first: u8, last: u8| {
        // What is below the first byte wraps around to a large distance from it.
        let distance = bytes - u8x16::splat(first);
        distance.min(u8x16::splat(last - first)).simd_eq(distance)
    };
    let bytes = u8x16::new(*chunk);
    let letters = is_within(bytes | u8x16::splat(0x20), b'a', b'f');
    (is_within(bytes, b'0', b'9') | letters).to_bitmask()
}

/// The closing quote of the string whose first character is at `from`, and whether there are escapes in it.
#[inline(always)]
pub(crate) fn string(text: &[u8], from: usize) -> Result<(usize, bool), Broken> {
    let at = plain_until(text, from);
    if byte(text, at) == b'"' { Ok((at, false)) } else { escaped_string(text, at).map(|end| (end, true)) }
}

/// The same from the first byte that does not stand for itself.
#[cold]
fn escaped_string(text: &[u8], mut at: usize) -> Result<usize, Broken> {
    loop {
        match byte(text, at) {
            b'"' => return Ok(at),
            b'\\' => at += escape(text, at).ok_or(at)?.1,
            _ => return Err(at),
        }
        at = plain_until(text, at);
    }
}

/// The character that the escape at a backslash means, and the bytes it takes. A surrogate without its other half is none.
fn escape(text: &[u8], at: usize) -> Option<(char, usize)> {
    let character = match byte(text, at + 1) {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = hex(text, at + 2)?;
            if !(0xD800..0xE000).contains(&first) {
                return Some((char::from_u32(first)?, 6));
            }
            let is_pair = first < 0xDC00 && slice(text, at + 6, at + 8) == b"\\u";
            let second = if is_pair { hex(text, at + 8)? } else { return None };
            let low = second.checked_sub(0xDC00).filter(|it| *it < 0x400)?;
            return Some((char::from_u32(0x10000 + ((first - 0xD800) << 10) + low)?, 12));
        }
        _ => return None,
    };
    Some((character, 2))
}

fn hex(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// Appends what a string means. Its escapes were checked.
#[cold]
pub(crate) fn unescape(string: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < string.len() {
        let end = memchr::memchr(b'\\', string.get(at..).unwrap_or_default()).map_or(string.len(), |it| at + it);
        out.extend_from_slice(slice(string, at, end));
        at = end;
        if let Some((character, length)) = escape(string, at) {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            at += length;
        } else {
            at += 1;
        }
    }
}

/// A number as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// What follows it.
    pub(crate) end: usize,
    /// The length of what stands before its point, or of all of it.
    pub(crate) whole: usize,
    pub(crate) has_exponent: bool,
}

/// The number that begins here.
#[inline(always)]
pub(crate) fn number(text: &[u8], from: usize) -> Result<Number, Broken> {
    let first = from + usize::from(byte(text, from) == b'-');
    let mut at = digits(text, first);
    let whole = at - from;
    if at == first || (byte(text, first) == b'0' && at > first + 1) {
        return Err(at);
    }
    if byte(text, at) == b'.' {
        let fraction = at + 1;
        at = digits(text, fraction);
        if at == fraction {
            return Err(at);
        }
    }
    if byte(text, at) | 0x20 != b'e' {
        return Ok(Number { end: at, whole, has_exponent: false });
    }
    at += 1;
    at += usize::from(matches!(byte(text, at), b'+' | b'-'));
    let exponent = at;
    at = digits(text, exponent);
    if at == exponent { Err(at) } else { Ok(Number { end: at, whole, has_exponent: true }) }
}

#[inline(always)]
fn digits(text: &[u8], mut at: usize) -> usize {
    while byte(text, at).is_ascii_digit() {
        at += 1;
    }
    at
}

/// Whether the word stands here.
#[inline(always)]
pub(crate) fn word(text: &[u8], at: usize, word: &[u8]) -> bool {
    text.get(at..at + word.len()) == Some(word)
}

/// The brackets that are open, one bit each; set bits are objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brackets {
    /// The innermost ones: as many as there are beyond those of `outer`.
    inner: u64,
    /// 64 in each word, the outermost first.
    outer: Vec<u64>,
    depth: u32,
}

impl Brackets {
    /// `None` beyond the limit.
    #[inline]
    pub(crate) fn open(&mut self, is_object: bool, depth_max: u32) -> Option<()> {
        if self.depth >= depth_max {
            return None;
        }
        if self.depth.is_multiple_of(64) && self.depth > 0 {
            self.outer.push(self.inner);
        }
        self.inner = self.inner << 1 | u64::from(is_object);
        self.depth += 1;
        Some(())
    }

    /// Whether the innermost one is an object's; `None` if none is open.
    #[inline]
    pub(crate) fn innermost(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.inner & 1 != 0)
    }

    #[inline]
    pub(crate) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.inner >>= 1;
        if self.depth.is_multiple_of(64) && self.depth > 0 {
            self.inner = self.outer.pop().unwrap_or(0);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.depth = 0;
        self.outer.clear();
    }

    #[inline]
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }
}

/// What follows the value at a place, whose names are not compared; `None` where it is broken or too deep.
pub(crate) fn skip(text: &[u8], at: usize, depth_max: u32) -> Option<usize> {
    let rest_of = |brackets: &mut Brackets, at: usize| -> Option<(usize, bool)> {
        let at = blanks(text, at);
        match byte(text, at) {
            b'"' => string(text, at + 1).ok().map(|(end, _)| (end + 1, true)),
            open @ (b'{' | b'[') => {
                brackets.open(open == b'{', depth_max)?;
                Some((at + 1, false))
            }
            b't' => word(text, at, b"true").then_some((at + 4, true)),
            b'f' => word(text, at, b"false").then_some((at + 5, true)),
            b'n' => word(text, at, b"null").then_some((at + 4, true)),
            _ => number(text, at).ok().map(|it| (it.end, true)),
        }
    };
    let mut brackets = Brackets::default();
    let (mut at, mut is_complete) = rest_of(&mut brackets, at)?;
    while let Some(in_object) = brackets.innermost() {
        at = blanks(text, at);
        let closes = if in_object { b'}' } else { b']' };
        if byte(text, at) == closes {
            brackets.close();
            (at, is_complete) = (at + 1, true);
            continue;
        }
        if is_complete {
            if byte(text, at) != b',' {
                return None;
            }
            at = blanks(text, at + 1);
        }
        if in_object {
            if byte(text, at) != b'"' {
                return None;
            }
            at = blanks(text, string(text, at + 1).ok()?.0 + 1);
            if byte(text, at) != b':' {
                return None;
            }
            at += 1;
        }
        (at, is_complete) = rest_of(&mut brackets, at)?;
    }
    Some(at)
}

/// Appends a number without its exponent; `None` where that takes more than 38 digits.
#[cold]
pub(crate) fn without_exponent(number: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let e = number.iter().position(|it| it | 0x20 == b'e').unwrap_or(number.len());
    let (mantissa, exponent) = number.split_at_checked(e)?;
    let (sign, mantissa) = match mantissa.strip_prefix(b"-") {
        Some(rest) => (&b"-"[..], rest),
        None => (&b""[..], mantissa),
    };
    let point = mantissa.iter().position(|it| *it == b'.').unwrap_or(mantissa.len());
    let is_zero = mantissa.iter().all(|it| matches!(it, b'0' | b'.'));
    // Zero stays zero, however large the exponent is.
    let exponent = exponent.get(1..).filter(|_| !is_zero).map_or(Some(0), small)?;
    let whole = slice(mantissa, 0, point);
    let fraction = mantissa.get(point + 1..).unwrap_or_default();
    // Where the point stands among the digits, leading zeros among them.
    let scale = i64::try_from(fraction.len()).ok()? - exponent;
    let digits = whole.iter().chain(fraction);
    let leading = digits.clone().take_while(|it| **it == b'0').count();
    let significant = digits.clone().count() - leading;
    let zeros_behind = usize::try_from(-scale).unwrap_or(0);
    let scale = usize::try_from(scale).unwrap_or(0);
    if significant.saturating_add(zeros_behind).max(scale) > latimer_engine::DIGITS_MAX as usize {
        return None;
    }
    out.extend_from_slice(sign);
    let zeros_before = (scale + 1).saturating_sub(significant + zeros_behind);
    let count = zeros_before + significant + zeros_behind;
    let all =
        std::iter::repeat_n(&b'0', zeros_before).chain(digits.skip(leading)).chain(std::iter::repeat_n(&b'0', zeros_behind));
    for (place, digit) in all.enumerate() {
        if scale > 0 && place == count - scale {
            out.push(b'.');
        }
        out.push(*digit);
    }
    Some(())
}

/// An exponent; what has more digits than any number here can need is far beyond.
fn small(exponent: &[u8]) -> Option<i64> {
    const FAR: i64 = 1 << 40;
    let (negative, digits) = match exponent.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, exponent),
    };
    let value = digits.iter().fold(0i64, |value, it| (value * 10 + i64::from(it & 0xF)).min(FAR));
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(string: &str) -> String {
        let mut out = Vec::new();
        unescape(string.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_end_at_their_quote() {
        for (text, expected) in [
            (r#"abc""#, Ok((3, false))),
            (r#"""#, Ok((0, false))),
            (r#"0123456789abcdef0123456789abcdef""#, Ok((32, false))),
            (r#"a\"b""#, Ok((4, true))),
            (r#"a\\\"b""#, Ok((6, true))),
            (r#"\uD834\uDd1e""#, Ok((12, true))),
            (r#"\uD834""#, Err(0)),
            (r#"\uD834\u0041""#, Err(0)),
            (r#"ab\uDd1e""#, Err(2)),
            (r#"\u12G4""#, Err(0)),
            (r#"\x""#, Err(0)),
            ("a\nb\"", Err(1)),
            ("a\u{7f}b\"", Ok((3, false))),
            ("abc", Err(3)),
            ("", Err(0)),
            ("\\", Err(0)),
        ] {
            assert_eq!(string(text.as_bytes(), 0), expected, "{text}");
        }
    }

    #[test]
    fn every_place_of_every_byte_in_a_chunk() {
        for byte in 0..=255u8 {
            for place in 0..40 {
                let mut text = [b'x'; 40];
                text[place] = byte;
                let expected = if byte < 0x20 || byte == b'"' || byte == b'\\' { place } else { 40 };
                assert_eq!(plain_until(&text, 0), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn characters_and_digits_of_every_byte() {
        let text: String = (0..600).filter_map(|it| char::from_u32(it * 37)).collect();
        for end in (0..text.len()).filter(|it| text.is_char_boundary(*it)) {
            assert_eq!(characters(&text.as_bytes()[..end]), text[..end].chars().count());
        }
        for byte in 0..=255u8 {
            let expected = if byte.is_ascii_hexdigit() { 0xFFFF } else { 0 };
            assert_eq!(hex_digits(&[byte; 16]), expected, "{byte}");
        }
    }

    #[test]
    fn escapes_mean_characters() {
        assert_eq!(unescaped(r#"\"\\\/\b\f\n\r\t"#), "\"\\/\u{8}\u{c}\n\r\t");
        assert_eq!(unescaped(r"Zo\u00eb \u20AC \ud834\udd1E!"), "Zoë € 𝄞!");
    }

    #[test]
    fn numbers_as_the_grammar_says() {
        for (text, expected) in [
            ("0", Ok((1, false))),
            ("-0", Ok((2, false))),
            ("-0.50,", Ok((5, false))),
            ("12E+3]", Ok((5, true))),
            ("1.5e-3", Ok((6, true))),
            ("01", Err(2)),
            ("-", Err(1)),
            ("1.", Err(2)),
            ("1.e1", Err(2)),
            ("1e", Err(2)),
            ("1e+", Err(3)),
            (".5", Err(0)),
            ("+1", Err(0)),
        ] {
            let found = number(text.as_bytes(), 0).map(|it| (it.end, it.has_exponent));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn exponents_are_worked_out() {
        for (text, expected) in [
            ("1e2", Some("100")),
            ("1.50e1", Some("15.0")),
            ("-1.5E3", Some("-1500")),
            ("1e-2", Some("0.01")),
            ("0.05e1", Some("0.5")),
            ("-0e5", Some("-0")),
            ("0.00e999999999999999999999", Some("0.00")),
            ("123.456e0", Some("123.456")),
            ("1e37", Some("10000000000000000000000000000000000000")),
            ("1e38", None),
            ("1e-38", Some("0.00000000000000000000000000000000000001")),
            ("1e-39", None),
            ("1e400", None),
            ("1e-99999999999999999999999", None),
            ("100000000000000000000000000000000000000e-3", None),
        ] {
            let mut out = Vec::new();
            let found = without_exponent(text.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
