//! The bytes of XML: where names, values and markup end, and which characters may stand in them.
//!
//! **Invariant:** nothing here looks behind the slice it is given, and what is beyond its end reads as a NUL, which XML
//! allows nowhere. Except where a function says otherwise the bytes are UTF-8, which is checked once for a whole part.

use latimer_engine::FaultCode;
use wide::u8x16;

const NAME_START: u8 = 1;
const NAME: u8 = 2;
const SPACE: u8 = 4;

/// What a byte can be; those of longer characters are looked at as characters.
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "computed at compile time")]
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let it = byte as u8;
        if it.is_ascii_alphabetic() || it == b'_' {
            table[byte] = NAME_START | NAME;
        } else if it.is_ascii_digit() || it == b'-' || it == b'.' {
            table[byte] = NAME;
        } else if it == b' ' || it == b'\t' || it == b'\n' || it == b'\r' {
            table[byte] = SPACE;
        }
        byte += 1;
    }
    table
};

#[inline]
fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The byte at a place; NUL behind the end.
#[inline]
pub(crate) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The bytes of a range; none where it reaches beyond the end.
#[inline]
pub(crate) fn slice(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to).unwrap_or_default()
}

/// Sixteen bytes as a number, the first one lowest; NULs behind the end.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> u128 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        Some(chunk) => u128::from_le_bytes(*chunk),
        None => short_word(bytes, at),
    }
}

/// The first sixteen bytes as a number, where there are so many.
#[inline(always)]
pub(crate) fn first_word(bytes: &[u8]) -> Option<u128> {
    bytes.first_chunk::<16>().map(|it| u128::from_le_bytes(*it))
}

#[cold]
fn short_word(bytes: &[u8], at: usize) -> u128 {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().take(16).rev().fold(0, |word, byte| word << 8 | u128::from(*byte))
}

/// Whether two stretches of so many bytes are the same.
#[inline]
pub(crate) fn same(bytes: &[u8], a: usize, b: usize, length: usize) -> bool {
    if length.wrapping_sub(1) < 16 {
        return (word(bytes, a) ^ word(bytes, b)) << (128 - 8 * length) == 0 && b.max(a) + length <= bytes.len();
    }
    slice(bytes, a, a + length) == slice(bytes, b, b + length)
}

/// Whether the byte is white space of XML (production 3).
#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    class(byte) & SPACE != 0
}

/// The first place from here that is not white space.
#[inline]
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while is_space(byte(bytes, at)) {
        at += 1;
    }
    at
}

/// White space at both ends taken off.
#[inline]
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Where the name without a colon that begins here ends (Namespaces in XML 1.0, production 4); the same place if none does.
#[inline]
pub(crate) fn name(bytes: &[u8], from: usize) -> usize {
    let first = byte(bytes, from);
    if class(first) & NAME_START == 0 && first < 0x80 {
        return from;
    }
    let mut at = from;
    loop {
        let it = byte(bytes, at);
        if class(it) & NAME != 0 {
            at += 1;
        } else if it < 0x80 {
            return at;
        } else {
            match character(bytes, at) {
                Some((it, length)) if is_name_character(it, at == from) => at += length,
                _ => return at,
            }
        }
    }
}

/// Where the name ends that begins here, by bytes alone: for a framer, which meets bytes that nobody checked yet.
pub(crate) fn raw_name(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let it = byte(bytes, at);
        if it >= 0x80 || it == b':' || class(it) & NAME != 0 {
            at += 1;
        } else {
            return at;
        }
    }
}

/// The character that begins here and its bytes.
fn character(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let length = match byte(bytes, at) {
        0..0x80 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    let text = std::str::from_utf8(bytes.get(at..at + length)?).ok()?;
    Some((text.chars().next()?, length))
}

/// XML 1.0 fifth edition, productions 4 and 4a, without the colon.
pub(crate) fn is_name_character(it: char, first: bool) -> bool {
    matches!(it, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
        || (!first && matches!(it, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}'))
}

/// XML 1.0, production 2.
pub(crate) fn is_character(it: char) -> bool {
    matches!(it, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// A stretch of text met a reference.
pub(crate) const AMPERSAND: u8 = 1;
/// A stretch of text met a `]`, which may be the first of `]]>`.
pub(crate) const BRACKET: u8 = 2;
/// A stretch of text met white space other than blanks, or a character that XML does not allow.
pub(crate) const CONTROL: u8 = 4;
/// A stretch of text met characters beyond ASCII.
pub(crate) const BEYOND: u8 = 8;

/// Where the text from here ends, at the next `<` or at the end, and what it met.
#[inline(always)]
pub(crate) fn text(bytes: &[u8], from: usize) -> (usize, u8) {
    let mut at = from;
    let mut met = 0;
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let mut special = marked(block, |it| (it == b'<') | (it == b'&') | (it == b']') | ((it as i8) < 0x20));
        // Bytes from 0x80 are negative as signed numbers: one compare finds them and the control characters.
        while special != 0 {
            let index = special.trailing_zeros() & !7;
            let it = byte(block, (index / 8) as usize);
            if it == b'<' {
                return (at + (index / 8) as usize, met);
            }
            met |= met_by(it);
            special &= !(0xFF << index);
        }
        at += 16;
    }
    loop {
        let it = byte(bytes, at);
        if it == b'<' || at >= bytes.len() {
            return (at.min(bytes.len()), met);
        }
        met |= met_by(it);
        at += 1;
    }
}

/// The text up to the next `<`, what is behind that, and whether it is of ASCII only; where nothing in it has to be looked at,
/// and a whole block stands where it ends.
#[inline(always)]
pub(crate) fn plain_text(bytes: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let mut rest = bytes;
    let mut before = 0;
    loop {
        let (block, behind) = rest.split_first_chunk::<16>()?;
        let block = u8x16::new(*block);
        let is = |it: u8| block.simd_eq(u8x16::splat(it));
        let control = block.max(u8x16::splat(0x1F)).simd_eq(u8x16::splat(0x1F));
        let odd = (is(b'&') | is(b']') | is(0xEF) | control).to_bitmask();
        let ends = is(b'<').to_bitmask();
        // The bits below the first `<`, or all sixteen.
        let within = (ends.wrapping_sub(1) & !ends) & 0xFFFF;
        if odd & within != 0 {
            return None;
        }
        before |= block.to_bitmask() & within;
        if ends != 0 {
            let length = bytes.len() - rest.len() + ends.trailing_zeros() as usize;
            return Some((bytes.get(..length)?, bytes.get(length + 1..)?, before == 0));
        }
        rest = behind;
    }
}

#[inline]
fn met_by(byte: u8) -> u8 {
    match byte {
        b'&' => AMPERSAND,
        b']' => BRACKET,
        0..b' ' => CONTROL,
        0x80.. => BEYOND,
        _ => 0,
    }
}

/// Which of sixteen bytes are marked: 0xFF for each that is, the first lowest. Written so that the compiler compares all
/// of them at once.
#[inline(always)]
fn marked(block: &[u8; 16], is_marked: impl Fn(u8) -> bool) -> u128 {
    let mut marks = [0_u8; 16];
    for (mark, it) in marks.iter_mut().zip(block) {
        *mark = if is_marked(*it) { 0xFF } else { 0 };
    }
    u128::from_le_bytes(marks)
}

/// The first byte of the text that must be written as a reference (`&`, `<`, `>`, CR and, for attributes, `"`, TAB and LF)
/// or that XML cannot hold, or that begins a character which has to be looked at.
#[inline]
pub(crate) fn first_unclean(text: &[u8]) -> Option<usize> {
    first(text, is_unclean)
}

/// The first byte of its kind.
#[inline(always)]
fn first(text: &[u8], is_one: impl Fn(u8) -> bool) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<16>();
    for (number, block) in blocks.iter().enumerate() {
        let found = marked(block, &is_one);
        if found != 0 {
            return Some(16 * number + (found.trailing_zeros() / 8) as usize);
        }
    }
    // The bytes behind the last whole block, looked at with those before them where there are any.
    match text.last_chunk::<16>().filter(|_| !rest.is_empty()) {
        Some(block) => {
            let found = marked(block, &is_one);
            (found != 0).then(|| text.len() - 16 + (found.trailing_zeros() / 8) as usize)
        }
        None => rest.iter().position(|it| is_one(*it)),
    }
}

/// Whether sixteen bytes begin with so many that are clean.
#[inline]
pub(crate) fn is_clean(block: &[u8; 16], length: usize) -> bool {
    let bytes = u8x16::new(*block);
    let is = |it: u8| u8x16::splat(it);
    let control = bytes.max(is(0x1F)).simd_eq(is(0x1F));
    // Two that differ in one bit are found as one.
    let quote_or_ampersand = (bytes & is(0xFB)).simd_eq(is(b'"'));
    let less_or_greater = (bytes & is(0xFD)).simd_eq(is(b'<'));
    let unclean = (control | quote_or_ampersand | less_or_greater | bytes.simd_eq(is(0xEF))).to_bitmask();
    unclean << (32 - length.min(16)) == 0
}

#[inline(always)]
fn is_unclean(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == 0xEF)
}

/// The first character of a UTF-8 text that XML does not allow: most control characters, U+FFFE and U+FFFF.
pub(crate) fn bad_character(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + first(text.get(from..)?, |it| (it < b' ') | (it == 0xEF))?;
        match text.get(at..)? {
            [b'\t' | b'\n' | b'\r', ..] => {}
            [0..b' ', ..] | [0xEF, 0xBF, 0xBE | 0xBF, ..] => return Some(at),
            _ => {}
        }
        from = at + 1;
    }
}

/// The character of the reference that begins at an ampersand, and where it ends (XML 1.0, sections 4.1 and 4.6).
pub(crate) fn reference(bytes: &[u8], at: usize) -> Result<(char, usize), FaultCode> {
    let rest = bytes.get(at + 1..).unwrap_or_default();
    if rest.first() == Some(&b'#') {
        return character_reference(bytes, at);
    }
    let end = name(bytes, at + 1);
    if end == at + 1 || byte(bytes, end) != b';' {
        return Err(FaultCode::XmlSyntax);
    }
    let character = match slice(bytes, at + 1, end) {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return Err(FaultCode::XmlEntity),
    };
    Ok((character, end + 1))
}

fn character_reference(bytes: &[u8], at: usize) -> Result<(char, usize), FaultCode> {
    let (radix, from) = if byte(bytes, at + 2) == b'x' { (16, at + 3) } else { (10, at + 2) };
    let mut code: u32 = 0;
    let mut end = from;
    while let Some(digit) = char::from(byte(bytes, end)).to_digit(radix) {
        code = code.saturating_mul(radix).saturating_add(digit);
        end += 1;
    }
    if end == from || byte(bytes, end) != b';' {
        return Err(FaultCode::XmlSyntax);
    }
    let character = char::from_u32(code).filter(|it| is_character(*it)).ok_or(FaultCode::XmlCharacter)?;
    Ok((character, end + 1))
}

/// What went wrong and where.
pub(crate) type Wrong = (FaultCode, usize);

/// Where the comment ends that begins with `<!--` here (XML 1.0, production 15); `None` if it does not end.
pub(crate) fn comment(bytes: &[u8], at: usize) -> Result<Option<usize>, Wrong> {
    let Some(dashes) = memchr::memmem::find(bytes.get(at + 4..).unwrap_or_default(), b"--") else {
        return Ok(None);
    };
    let end = at + 4 + dashes;
    match bytes.get(end + 2) {
        None => Ok(None),
        Some(b'>') => match bad_character(slice(bytes, at + 4, end)) {
            Some(bad) => Err((FaultCode::XmlCharacter, at + 4 + bad)),
            None => Ok(Some(end + 3)),
        },
        Some(_) => Err((FaultCode::XmlSyntax, end)),
    }
}

/// Where the processing instruction ends that begins with `<?` here (production 16); `None` if it does not end.
pub(crate) fn instruction(bytes: &[u8], at: usize) -> Result<Option<usize>, Wrong> {
    let Some(end) = memchr::memmem::find(bytes.get(at + 2..).unwrap_or_default(), b"?>") else {
        return Ok(None);
    };
    let end = at + 2 + end;
    let target = name(bytes, at + 2);
    let reserved = slice(bytes, at + 2, target).eq_ignore_ascii_case(b"xml");
    if target == at + 2 || reserved || (target != end && !is_space(byte(bytes, target))) {
        return Err((FaultCode::XmlSyntax, at));
    }
    match bad_character(slice(bytes, at, end)) {
        Some(bad) => Err((FaultCode::XmlCharacter, at + bad)),
        None => Ok(Some(end + 2)),
    }
}

/// Appends a text as an application sees it: references resolved, line ends as LF (XML 1.0, section 2.11).
pub(crate) fn append_text(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Wrong> {
    append(bytes, out, |it| it)
}

/// Appends an attribute's value as an application sees it: white space as blanks (XML 1.0, section 3.3.3).
pub(crate) fn append_attribute(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Wrong> {
    append(bytes, out, |it| if it == b'\n' || it == b'\t' { b' ' } else { it })
}

fn append(bytes: &[u8], out: &mut Vec<u8>, space: impl Fn(u8) -> u8) -> Result<(), Wrong> {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|it| !it.is_empty()) {
        let plain = first(rest, |it| (it == b'&') | (it == b'\r') | (it == b'\n') | (it == b'\t')).unwrap_or(rest.len());
        out.extend_from_slice(slice(rest, 0, plain));
        at += plain;
        match rest.get(plain..).unwrap_or_default() {
            [] => break,
            [b'&', ..] => {
                let (character, end) = reference(bytes, at).map_err(|code| (code, at))?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                at = end;
                continue;
            }
            [b'\r', b'\n', ..] => {}
            [b'\r' | b'\n', ..] => out.push(space(b'\n')),
            [it, ..] => out.push(space(*it)),
        }
        at += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_at_any_place_of_a_block() {
        for length in 0..50 {
            for (byte, met) in [(b'a', 0), (b'&', AMPERSAND), (b']', BRACKET), (b'\n', CONTROL), (0xC3, BEYOND)] {
                for odd in 0..length {
                    let mut bytes = vec![b'x'; length];
                    bytes[odd] = byte;
                    assert_eq!(text(&bytes, 0), (length, met));
                    bytes.push(b'<');
                    bytes.extend_from_slice(b"&]\0behind");
                    assert_eq!(text(&bytes, 0), (length, met), "{length} {byte}");
                }
            }
        }
    }

    #[test]
    fn unclean_bytes_are_found_at_every_place() {
        let clean: Vec<u8> = (0..=255).filter(|it| !is_unclean(*it)).collect();
        assert_eq!(first_unclean(&clean), None);
        for unclean in (0..=255).filter(|it| is_unclean(*it)) {
            for at in 0..40 {
                let mut text = vec![b'a'; 40];
                text[at] = unclean;
                assert_eq!(first_unclean(&text), Some(at), "{unclean} at {at}");
            }
        }
    }

    #[test]
    fn names_of_the_fifth_edition() {
        for (text, end) in [("Ab1-.>", 5), ("1a", 0), ("", 0), ("a:b", 1), ("é\u{300}x y", 5), ("\u{300}", 0), ("-", 0)] {
            assert_eq!(name(text.as_bytes(), 0), end, "{text}");
        }
    }

    #[test]
    fn references() {
        for (text, found) in [
            ("&amp;x", Ok(('&', 5))),
            ("&#65;", Ok(('A', 5))),
            ("&#x1F600;", Ok(('😀', 9))),
            ("&#xD;", Ok(('\r', 5))),
            ("&#0;", Err(FaultCode::XmlCharacter)),
            ("&#xFFFE;", Err(FaultCode::XmlCharacter)),
            ("&#xD800;", Err(FaultCode::XmlCharacter)),
            ("&#99999999999;", Err(FaultCode::XmlCharacter)),
            ("&#;", Err(FaultCode::XmlSyntax)),
            ("&#X41;", Err(FaultCode::XmlSyntax)),
            ("&amp", Err(FaultCode::XmlSyntax)),
            ("& ", Err(FaultCode::XmlSyntax)),
            ("&nbsp;", Err(FaultCode::XmlEntity)),
        ] {
            assert_eq!(reference(text.as_bytes(), 0), found, "{text}");
        }
    }

    #[test]
    fn comments_and_instructions_end() {
        assert_eq!(comment(b"<!-- a -->b", 0), Ok(Some(10)));
        assert_eq!(comment(b"<!---->", 0), Ok(Some(7)));
        assert_eq!(comment(b"<!--->", 0), Ok(None));
        assert_eq!(comment(b"<!-- a -- -->", 0), Err((FaultCode::XmlSyntax, 7)));
        assert_eq!(comment(b"<!-- a ---> ", 0), Err((FaultCode::XmlSyntax, 7)));
        assert_eq!(instruction(b"<?a b?>", 0), Ok(Some(7)));
        assert_eq!(instruction(b"<?a?>", 0), Ok(Some(5)));
        assert_eq!(instruction(b"<?a", 0), Ok(None));
        assert_eq!(instruction(b"<?XmL a?>", 0), Err((FaultCode::XmlSyntax, 0)));
        assert_eq!(instruction(b"<? a?>", 0), Err((FaultCode::XmlSyntax, 0)));
    }

    #[test]
    fn line_ends_and_white_space() {
        let mut out = Vec::new();
        append_text(b"a\r\nb\rc\n&#13;&#xA;\t&lt;", &mut out).unwrap();
        assert_eq!(out, b"a\nb\nc\n\r\n\t<");
        out.clear();
        append_attribute(b"a\r\nb\tc&#9;", &mut out).unwrap();
        assert_eq!(out, b"a b c\t");
    }
}
