//! Packed decimal, `COMP-3`: two digits a byte, the sign in the last half-byte; `COMP-6` has no sign.
//!
//! Signs: C A E F are plus, B D minus (IBM Enterprise COBOL Programming Guide, "Sign representation of zoned and
//! packed-decimal data", NUMPROC(NOPFD)); written are C, D, and F for items without sign.

use crate::{
    Unfit,
    digits::{self, Digits, Number},
};

/// How many bytes the item has.
pub const fn length(number: Number, has_sign: bool) -> usize {
    (number.digits as usize + has_sign as usize).div_ceil(2)
}

/// Appends the number as text; says whether [`write()`] would write the same bytes.
#[inline(always)]
pub fn read(bytes: &[u8], number: Number, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    if bytes.len() > 8 {
        return read_long(bytes, number, true, out);
    }
    let register = digits::load(bytes);
    let (negative, preferred) = sign_of((register & 0xF) as u8, number)?;
    let nibbles = register >> 4;
    if digits::has_bad_nibble(nibbles) || beyond(nibbles, number) {
        return Err(Unfit::Digits);
    }
    Digits::of_nibbles(nibbles).write(negative, number.scale, out);
    Ok(preferred && !(negative && nibbles == 0))
}

/// What an item of at most fifteen digits without a point says, most often a counter; `None` for other items, and where the
/// bytes are no such number or it is negative or large.
#[inline]
pub fn small(bytes: &[u8], number: Number) -> Option<u32> {
    check(bytes, number).ok().filter(|()| bytes.len() <= 8 && number.scale == 0)?;
    let register = digits::load(bytes);
    let (negative, _) = sign_of((register & 0xF) as u8, number).ok()?;
    u32::try_from(digits::to_binary(register >> 4)).ok().filter(|_| !negative)
}

/// Whether the bytes are such a number.
#[inline]
pub fn check(bytes: &[u8], number: Number) -> Result<(), Unfit> {
    if bytes.len() > 8 {
        let mut buffer = [0; 48];
        return unpack(bytes, number, true, &mut buffer).map(|_| ());
    }
    let register = digits::load(bytes);
    sign_of((register & 0xF) as u8, number)?;
    let nibbles = register >> 4;
    if digits::has_bad_nibble(nibbles) || beyond(nibbles, number) { Err(Unfit::Digits) } else { Ok(()) }
}

/// Writes a number in text; the field must have the item's length.
#[inline]
pub fn write(text: &[u8], number: Number, field: &mut [u8]) -> Result<(), Unfit> {
    if number.digits > 15 {
        return write_long(text, number, true, field);
    }
    let (nibbles, negative) = digits::place_register(text, number)?;
    digits::store(nibbles << 4 | u64::from(sign(negative, number)), field);
    Ok(())
}

/// As [`read`], of an item without a sign half-byte (`COMP-6`).
pub fn read_unsigned(bytes: &[u8], number: Number, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    read_long(bytes, number, false, out)
}

/// As [`write()`], of an item without a sign half-byte (`COMP-6`).
pub fn write_unsigned(text: &[u8], number: Number, field: &mut [u8]) -> Result<(), Unfit> {
    write_long(text, number, false, field)
}

/// The half-byte for the sign: C, D, F.
pub const fn sign(negative: bool, number: Number) -> u8 {
    match (number.signed, negative) {
        (false, _) => 0xF,
        (true, false) => 0xC,
        (true, true) => 0xD,
    }
}

/// Whether it is minus, and whether it is the one that is written.
#[inline]
fn sign_of(nibble: u8, number: Number) -> Result<(bool, bool), Unfit> {
    let negative = matches!(nibble, 0xB | 0xD);
    if nibble < 0xA || (negative && !number.signed) {
        return Err(Unfit::Digits);
    }
    Ok((negative, nibble == sign(negative, number)))
}

/// An even number of digits leaves a half-byte in front, which is not the item's.
#[inline]
fn beyond(nibbles: u64, number: Number) -> bool {
    let room = u32::from(number.digits) * 4;
    room < 64 && nibbles >> room != 0
}

fn read_long(bytes: &[u8], number: Number, has_sign: bool, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    let mut buffer = [0; 48];
    let (negative, preferred) = unpack(bytes, number, has_sign, &mut buffer)?;
    let digits = buffer.get(buffer.len() - usize::from(number.digits)..).unwrap_or_default();
    let is_zero = digits.iter().all(|it| *it == b'0');
    digits::write(digits, negative, number.scale, out);
    Ok(preferred && !(negative && is_zero))
}

/// Fills the end of the buffer with the digits in ASCII.
fn unpack(bytes: &[u8], number: Number, has_sign: bool, buffer: &mut digits::Buffer) -> Result<(bool, bool), Unfit> {
    let signs = match (bytes.last(), has_sign) {
        (Some(last), true) => sign_of(last & 0xF, number)?,
        (Some(_), false) => (false, true),
        (None, _) => return Err(Unfit::Digits),
    };
    let nibbles = bytes.iter().rev().flat_map(|it| [it & 0xF, it >> 4]).skip(usize::from(has_sign));
    let mut places = buffer.iter_mut().rev();
    for (at, nibble) in nibbles.enumerate() {
        let beyond = at >= usize::from(number.digits) && nibble != 0;
        match places.next() {
            Some(place) if nibble <= 9 && !beyond => *place = b'0' + nibble,
            _ => return Err(Unfit::Digits),
        }
    }
    Ok(signs)
}

fn write_long(text: &[u8], number: Number, has_sign: bool, field: &mut [u8]) -> Result<(), Unfit> {
    let mut buffer = [b'0'; 48];
    let negative = digits::place(text, number, &mut buffer)?;
    let mut nibbles = has_sign.then(|| sign(negative, number)).into_iter().chain(buffer.iter().rev().map(|it| it & 0xF));
    for byte in field.iter_mut().rev() {
        *byte = nibbles.next().unwrap_or(0) | nibbles.next().unwrap_or(0) << 4;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], number: Number) -> Result<(String, bool), Unfit> {
        let mut out = Vec::new();
        let same = read(bytes, number, &mut out)?;
        assert_eq!(check(bytes, number), Ok(()));
        Ok((String::from_utf8(out).unwrap(), same))
    }

    fn bytes(value: &str, number: Number) -> Result<Vec<u8>, Unfit> {
        let mut field = vec![0xEE; length(number, true)];
        write(value.as_bytes(), number, &mut field)?;
        Ok(field)
    }

    /// Three bytes with every half-byte in the last three places: what is a number is read as arithmetic says, and written
    /// back; all else is refused.
    #[test]
    fn every_three_bytes() {
        for digits in [4, 5] {
            for signed in [false, true] {
                let number = Number { digits, scale: 2, signed };
                let fronts = (0u32..1 << 12).filter(|it| (0..3).all(|at| [0, 9, 10, 15].contains(&(it >> (at * 4) & 0xF))));
                for all in fronts.flat_map(|front| (0..1 << 12).map(move |back| front << 12 | back)) {
                    let nibbles: Vec<u32> = (0..6).rev().map(|it| all >> (it * 4) & 0xF).collect();
                    let field = &all.to_be_bytes()[1..];
                    let is_digits = nibbles[..5].iter().all(|it| *it <= 9) && (digits == 5 || nibbles[0] == 0);
                    let minus = matches!(nibbles[5], 0xB | 0xD);
                    let mut out = Vec::new();
                    let found = read(field, number, &mut out);
                    if !is_digits || nibbles[5] < 10 || (minus && !signed) {
                        assert_eq!(found, Err(Unfit::Digits), "{field:02X?}");
                        continue;
                    }
                    let value = nibbles[..5].iter().fold(0, |all, it| all * 10 + it);
                    let sign = if minus && value > 0 { "-" } else { "" };
                    assert_eq!(out, format!("{sign}{}.{:02}", value / 100, value % 100).as_bytes());
                    let back = bytes(str::from_utf8(&out).unwrap(), number).unwrap();
                    assert_eq!(back == field, found.unwrap(), "{field:02X?}");
                }
            }
        }
    }

    #[test]
    fn every_number_of_four_digits() {
        let number = Number { digits: 4, scale: 0, signed: true };
        for value in -9999i32..=9999 {
            let field = bytes(&value.to_string(), number).unwrap();
            assert_eq!(field.len(), 3);
            assert_eq!(text(&field, number), Ok((value.to_string(), true)));
        }
    }

    #[test]
    fn every_length() {
        for digits in 1..=38u8 {
            let number = Number { digits, scale: (digits / 3) as i8, signed: true };
            let value: String = (0..digits).map(|it| char::from(b'1' + it % 9)).collect();
            let (whole, fraction) = value.split_at(usize::from(digits - digits / 3));
            let value = if fraction.is_empty() { format!("-{whole}") } else { format!("-{whole}.{fraction}") };
            let field = bytes(&value, number).unwrap();
            assert_eq!(field.len(), usize::from(digits) / 2 + 1);
            assert_eq!(text(&field, number), Ok((value.clone(), true)));
            let mut bad = field.clone();
            bad[0] |= 0xA0;
            assert_eq!(text(&bad, number), Err(Unfit::Digits));
            assert_eq!(check(&bad, number), Err(Unfit::Digits));
            assert!(bytes(&format!("{value}1"), number).is_err());
        }
    }

    #[test]
    fn known_numbers() {
        let money = Number { digits: 13, scale: 2, signed: true };
        assert_eq!(bytes("125000.5", money), Ok(vec![0, 0, 0, 0x01, 0x25, 0x00, 0x05, 0x0C].split_off(1)));
        let scaled = Number { digits: 3, scale: -3, signed: true };
        assert_eq!(text(&[0x36, 0x9C], scaled), Ok(("369000".to_owned(), true)));
        let tiny = Number { digits: 5, scale: 7, signed: true };
        assert_eq!(text(&[0x12, 0x34, 0x5D], tiny), Ok(("-0.0012345".to_owned(), true)));
        assert_eq!(bytes("-0.0012345", tiny), Ok(vec![0x12, 0x34, 0x5D]));
        assert_eq!(text(&[], tiny), Err(Unfit::Digits));
        let blanks = Number { digits: 3, scale: 0, signed: false };
        assert_eq!(text(&[0x40, 0x40], blanks), Err(Unfit::Digits));
    }

    #[test]
    fn without_a_sign() {
        let number = Number { digits: 5, scale: 2, signed: false };
        let mut field = vec![0; length(number, false)];
        write_unsigned(b"123.45", number, &mut field).unwrap();
        assert_eq!(field, [0x01, 0x23, 0x45]);
        let mut out = Vec::new();
        assert_eq!(read_unsigned(&field, number, &mut out), Ok(true));
        assert_eq!(out, b"123.45");
        assert_eq!(read_unsigned(&[0x11, 0x23, 0x45], number, &mut out), Err(Unfit::Digits));
        assert_eq!(read_unsigned(&[0x01, 0x23, 0x4C], number, &mut out), Err(Unfit::Digits));
    }
}
