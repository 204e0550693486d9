//! Binary numbers: `COMP`, `COMP-4` and `BINARY` hold the digits of their picture, `COMP-5` what their bytes can.

use crate::{
    Unfit,
    digits::{self, Digits, Number},
};

/// A binary item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary {
    /// Its digits and its point; of a full item, as many digits as the bytes can hold.
    pub number: Number,
    /// Whether the least byte comes first.
    pub little: bool,
    /// Whether all that the bytes can hold is allowed (`COMP-5`), not only the digits of the picture.
    pub full: bool,
}

/// The most bytes an item has.
pub const LENGTH_MAX: usize = 16;

/// Appends the number as text; says whether [`write()`] would write the same bytes, which it would.
#[inline]
pub fn read(bytes: &[u8], binary: Binary, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    let (magnitude, negative) = value(bytes, binary)?;
    if magnitude < REGISTER_MAX {
        let nibbles = digits::from_binary(u64::try_from(magnitude).unwrap_or(0));
        Digits::of_nibbles(nibbles).write(negative, binary.number.scale, out);
        return Ok(true);
    }
    let mut buffer = [b'0'; 48];
    fill(magnitude, &mut buffer);
    let digits = buffer.get(buffer.len() - usize::from(binary.number.digits)..).unwrap_or_default();
    digits::write(digits, negative, binary.number.scale, out);
    Ok(true)
}

/// What an item without a point says, most often a counter; `None` for other items, and where the bytes are no such number or
/// it is negative or large.
#[inline]
pub fn small(bytes: &[u8], binary: Binary) -> Option<u32> {
    let (magnitude, negative) = value(bytes, binary).ok()?;
    let is_whole = binary.number.scale == 0 && !negative;
    u32::try_from(magnitude).ok().filter(|_| is_whole)
}

/// Whether the bytes are such a number.
#[inline]
pub fn check(bytes: &[u8], binary: Binary) -> Result<(), Unfit> {
    value(bytes, binary).map(|_| ())
}

/// Writes a number in text; the field must have the item's length.
#[inline]
pub fn write(text: &[u8], binary: Binary, field: &mut [u8]) -> Result<(), Unfit> {
    let (magnitude, negative) = magnitude(text, binary.number)?;
    if magnitude > limit(field.len(), binary.number.signed, negative) {
        return Err(Unfit::Size);
    }
    let register = if negative { magnitude.wrapping_neg() } else { magnitude };
    let bytes = register.to_be_bytes();
    if binary.little {
        field.iter_mut().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
    } else {
        field.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
    }
    Ok(())
}

/// The digits of a number in text, without point and sign, and whether it is negative.
#[inline]
fn magnitude(text: &[u8], number: Number) -> Result<(u128, bool), Unfit> {
    if number.digits <= 16 {
        let (nibbles, negative) = digits::place_register(text, number)?;
        return Ok((u128::from(digits::to_binary(nibbles)), negative));
    }
    let mut buffer = [b'0'; 48];
    let negative = digits::place(text, number, &mut buffer)?;
    let mut magnitude = 0u128;
    for digit in buffer.iter().skip(buffer.len() - usize::from(number.digits)) {
        let grown = magnitude.checked_mul(10).and_then(|it| it.checked_add(u128::from(digit & 0xF)));
        magnitude = grown.ok_or(Unfit::Size)?;
    }
    Ok((magnitude, negative))
}

/// The greatest and, for signed items, the least magnitude that so many bytes can hold.
pub fn limit(length: usize, signed: bool, negative: bool) -> u128 {
    let bits = u32::try_from(length.clamp(1, LENGTH_MAX) * 8).unwrap_or(128);
    match (signed, negative) {
        (false, true) => 0,
        (false, false) => u128::MAX >> (128 - bits),
        (true, negative) => (u128::MAX >> (129 - bits)) + u128::from(negative),
    }
}

/// What sixteen digits can hold.
const REGISTER_MAX: u128 = 10u128.pow(16);

/// The magnitude, and whether it is negative.
#[inline]
fn value(bytes: &[u8], binary: Binary) -> Result<(u128, bool), Unfit> {
    if bytes.is_empty() || bytes.len() > LENGTH_MAX {
        return Err(Unfit::Digits);
    }
    let register = if binary.little {
        let mut turned = [0; LENGTH_MAX];
        turned.iter_mut().rev().zip(bytes).for_each(|(to, from)| *to = *from);
        u128::from_be_bytes(turned)
    } else {
        let (front, back) = bytes.split_at(bytes.len().saturating_sub(8));
        u128::from(digits::load(front)) << 64 | u128::from(digits::load(back))
    };
    let free = u32::try_from(LENGTH_MAX - bytes.len()).unwrap_or(0) * 8;
    let negative = binary.number.signed && (register << free).leading_ones() > 0;
    let magnitude = if negative { (register << free).wrapping_neg() >> free } else { register };
    // Zero minus the least number is that number again: the shift has kept it, since it is unsigned here.
    if !binary.full && magnitude >= power(binary.number.digits) {
        return Err(Unfit::Digits);
    }
    Ok((magnitude, negative))
}

fn power(digits: u8) -> u128 {
    10u128.checked_pow(u32::from(digits)).unwrap_or(u128::MAX)
}

/// The decimal digits, at the end of the buffer.
fn fill(magnitude: u128, buffer: &mut digits::Buffer) {
    let mut places = buffer.iter_mut().rev();
    let mut rest = magnitude;
    // Division of 128 bits is slow, and few numbers need it.
    while rest > u128::from(u64::MAX) {
        if let Some(place) = places.next() {
            *place = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
    }
    let mut rest = u64::try_from(rest).unwrap_or(0);
    while rest > 0 {
        if let Some(place) = places.next() {
            *place = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(digits: u8, scale: i8, signed: bool, full: bool) -> Binary {
        Binary { number: Number { digits, scale, signed }, little: false, full }
    }

    fn text(bytes: &[u8], binary: Binary) -> Result<String, Unfit> {
        let mut out = Vec::new();
        assert!(read(bytes, binary, &mut out)?);
        assert_eq!(check(bytes, binary), Ok(()));
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_two_bytes() {
        for little in [false, true] {
            for all in 0..=u16::MAX {
                let field = if little { all.to_le_bytes() } else { all.to_be_bytes() };
                let with = |binary: Binary| Binary { little, ..binary };
                let signed = i32::from(all.cast_signed());
                let back = |value: &str, binary| {
                    let mut written = [0; 2];
                    write(value.as_bytes(), binary, &mut written).unwrap();
                    assert_eq!(written, field, "{value}");
                };
                let full = with(item(5, 0, true, true));
                assert_eq!(text(&field, full), Ok(signed.to_string()));
                back(&signed.to_string(), full);
                let unsigned = with(item(5, 0, false, true));
                assert_eq!(text(&field, unsigned), Ok(all.to_string()));
                back(&all.to_string(), unsigned);
                let picture = with(item(4, 0, true, false));
                let expected = if signed.abs() < 10_000 { Ok(signed.to_string()) } else { Err(Unfit::Digits) };
                assert_eq!(text(&field, picture), expected);
            }
        }
    }

    #[test]
    fn bounds_of_every_length() {
        for (length, least, greatest, unsigned) in [
            (1, i128::from(i8::MIN), i128::from(i8::MAX), u128::from(u8::MAX)),
            (2, i128::from(i16::MIN), i128::from(i16::MAX), u128::from(u16::MAX)),
            (4, i128::from(i32::MIN), i128::from(i32::MAX), u128::from(u32::MAX)),
            (8, i128::from(i64::MIN), i128::from(i64::MAX), u128::from(u64::MAX)),
        ] {
            let signed = item(20, 0, true, true);
            for value in [least, greatest] {
                let mut field = vec![0; length];
                write(value.to_string().as_bytes(), signed, &mut field).unwrap();
                assert_eq!(text(&field, signed), Ok(value.to_string()));
            }
            let mut field = vec![0; length];
            for value in [least - 1, greatest + 1] {
                assert_eq!(write(value.to_string().as_bytes(), signed, &mut field), Err(Unfit::Size));
            }
            let item = item(20, 0, false, true);
            write(unsigned.to_string().as_bytes(), item, &mut field).unwrap();
            assert_eq!(text(&field, item), Ok(unsigned.to_string()));
            assert_eq!(write((unsigned + 1).to_string().as_bytes(), item, &mut field), Err(Unfit::Size));
            assert_eq!(write(b"-1", item, &mut field), Err(Unfit::Size));
        }
        let widest = item(38, 0, true, false);
        let mut field = [0; 16];
        let value = format!("-{}", "9".repeat(38));
        write(value.as_bytes(), widest, &mut field).unwrap();
        assert_eq!(text(&field, widest), Ok(value));
    }

    #[test]
    fn known_numbers() {
        assert_eq!(text(&[0x00, 0x7D], item(4, 1, true, false)), Ok("12.5".to_owned()));
        assert_eq!(text(&[0xFF, 0x83], item(4, 3, true, false)), Ok("-0.125".to_owned()));
        assert_eq!(text(&[0x00, 0x05], item(4, -3, true, false)), Ok("5000".to_owned()));
        // Blanks are beyond nine digits: not 1077952576.
        assert_eq!(text(&[0x40; 4], item(9, 0, true, false)), Err(Unfit::Digits));
        assert_eq!(text(&[], item(9, 0, true, false)), Err(Unfit::Digits));
        let mut field = [0; 2];
        assert_eq!(write(b"10000", item(4, 0, true, false), &mut field), Err(Unfit::Size));
        assert_eq!(write(b"1.25", item(4, 1, true, false), &mut field), Err(Unfit::Inexact));
        write(b"5000", item(4, -3, true, false), &mut field).unwrap();
        assert_eq!(field, [0, 5]);
    }
}
