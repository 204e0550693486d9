//! Floating point, `COMP-1` (4 bytes) and `COMP-2` (8 bytes): IBM hexadecimal and IEEE 754.
//!
//! Read are the fewest digits that give the same value again. A number is written only if it would be read back with the
//! digits it was given: a float that swallows digits of money is refused.
//!
//! IBM hexadecimal (z/Architecture Principles of Operation, chapter "Hexadecimal-Floating-Point Instructions"): a sign,
//! seven bits of exponent to the base 16 with 64 added, and a fraction of 6 or 14 hexadecimal digits behind the point.

use crate::{Unfit, digits::sign_of};
use std::io::Write;

/// A floating-point item; whether it is short or long, its bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Float {
    /// IBM's own form, else IEEE 754.
    pub hexadecimal: bool,
    /// Whether the least byte comes first.
    pub little: bool,
}

/// Appends the number as text; says whether [`write()`] would write the same bytes.
pub fn read(bytes: &[u8], float: Float, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    let (number, same) = number(bytes, float)?;
    number.write(out);
    Ok(same)
}

/// Whether the bytes are such a number.
pub fn check(bytes: &[u8], float: Float) -> Result<(), Unfit> {
    let bits = bits(bytes, float)?;
    let is_number = match bytes.len() {
        // All hexadecimal floats are numbers.
        _ if float.hexadecimal => true,
        4 => f32::from_bits((bits & 0xFFFF_FFFF) as u32).is_finite(),
        _ => f64::from_bits(bits).is_finite(),
    };
    if is_number { Ok(()) } else { Err(Unfit::Digits) }
}

/// Writes a number in text; the field must have 4 or 8 bytes.
pub fn write(text: &[u8], float: Float, field: &mut [u8]) -> Result<(), Unfit> {
    let given = Scientific::parse(text)?;
    let bits = match (float.hexadecimal, field.len()) {
        (true, 4) => to_hexadecimal(&given, 24)?,
        (true, _) => to_hexadecimal(&given, 56)?,
        (false, 4) => u64::from(clean(text)?.parse::<f32>().map_err(|_| Unfit::Digits)?.to_bits()),
        (false, _) => clean(text)?.parse::<f64>().map_err(|_| Unfit::Digits)?.to_bits(),
    };
    let bytes = bits.to_be_bytes();
    let bytes = bytes.get(bytes.len().saturating_sub(field.len())..).unwrap_or_default();
    for (to, from) in field.iter_mut().zip(bytes) {
        *to = *from;
    }
    if float.little {
        field.reverse();
    }
    match number(field, float) {
        Ok((found, _)) if found.digits() == given.digits() && found.exponent == given.exponent => Ok(()),
        Ok(_) => Err(Unfit::Inexact),
        // Infinite.
        Err(_) => Err(Unfit::Size),
    }
}

/// A number as `0.d1d2d3.. * 10^exponent`; zero has no digits.
#[derive(Debug)]
struct Scientific {
    negative: bool,
    digits: [u8; DIGITS_MAX],
    count: usize,
    exponent: i32,
}

/// More digits than the shortest form of any value has (17 for IEEE, 18 for IBM).
const DIGITS_MAX: usize = 20;

fn clean(text: &[u8]) -> Result<&str, Unfit> {
    str::from_utf8(text).map_err(|_| Unfit::Digits)
}

impl Scientific {
    fn zero() -> Scientific {
        Scientific { negative: false, digits: [0; DIGITS_MAX], count: 0, exponent: 0 }
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    fn push(&mut self, digit: u8) -> Result<(), Unfit> {
        *self.digits.get_mut(self.count).ok_or(Unfit::Inexact)? = digit;
        self.count += 1;
        Ok(())
    }

    fn parse(text: &[u8]) -> Result<Scientific, Unfit> {
        let (negative, unsigned) = sign_of(text);
        let mut it = Scientific { negative, ..Scientific::zero() };
        let (mut any, mut point, mut zeros) = (false, false, 0);
        for byte in unsigned {
            match byte {
                b'.' if !point => point = true,
                b'0'..=b'9' => {
                    any = true;
                    match (byte - b'0', it.count) {
                        (0, 0) => it.exponent -= i32::from(point),
                        (0, _) => {
                            zeros += 1;
                            it.exponent += i32::from(!point);
                        }
                        (digit, _) => {
                            for _ in 0..zeros {
                                it.push(0)?;
                            }
                            zeros = 0;
                            it.push(digit)?;
                            it.exponent += i32::from(!point);
                        }
                    }
                }
                _ => return Err(Unfit::Digits),
            }
        }
        if it.count == 0 {
            it = Scientific::zero();
        }
        if any { Ok(it) } else { Err(Unfit::Digits) }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.count == 0 {
            return out.push(b'0');
        }
        if self.negative {
            out.push(b'-');
        }
        let ascii = |digits: &[u8], out: &mut Vec<u8>| out.extend(digits.iter().map(|it| b'0' + it));
        match usize::try_from(self.exponent) {
            Ok(whole) if whole >= self.count => {
                ascii(self.digits(), out);
                out.resize(out.len() + whole - self.count, b'0');
            }
            Ok(whole) if whole > 0 => {
                let (whole, fraction) = self.digits().split_at(whole);
                ascii(whole, out);
                out.push(b'.');
                ascii(fraction, out);
            }
            _ => {
                out.extend_from_slice(b"0.");
                out.resize(out.len() + self.exponent.unsigned_abs() as usize, b'0');
                ascii(self.digits(), out);
            }
        }
    }
}

fn bits(bytes: &[u8], float: Float) -> Result<u64, Unfit> {
    Ok(match <[u8; 4]>::try_from(bytes) {
        Ok(short) if float.little => u64::from(u32::from_le_bytes(short)),
        Ok(short) => u64::from(u32::from_be_bytes(short)),
        Err(_) => {
            let long = <[u8; 8]>::try_from(bytes).map_err(|_| Unfit::Digits)?;
            if float.little { u64::from_le_bytes(long) } else { u64::from_be_bytes(long) }
        }
    })
}

/// The number of the bytes, and whether they are how it is written.
fn number(bytes: &[u8], float: Float) -> Result<(Scientific, bool), Unfit> {
    let bits = bits(bytes, float)?;
    let is_short = bytes.len() == 4;
    if float.hexadecimal {
        return from_hexadecimal(bits, if is_short { 24 } else { 56 });
    }
    // Rust's own form of a float is the shortest, without exponent; 1074 decimals at most start with 323 zeros.
    let mut buffer = [0; 400];
    let mut rest = &mut buffer[..];
    let written = if is_short {
        let value = f32::from_bits((bits & 0xFFFF_FFFF) as u32);
        if value.is_finite() { write!(rest, "{value}") } else { return Err(Unfit::Digits) }
    } else {
        let value = f64::from_bits(bits);
        if value.is_finite() { write!(rest, "{value}") } else { return Err(Unfit::Digits) }
    };
    let left = rest.len();
    written.map_err(|_| Unfit::Digits)?;
    let number = Scientific::parse(buffer.get(..buffer.len() - left).unwrap_or_default())?;
    let same = number.count > 0 || bits == 0;
    Ok((number, same))
}

/// The shortest digits of a hexadecimal float, by the method of Steele and White: digits are made from the exact value
/// until what is left is within half a unit of the last place, on either side.
fn from_hexadecimal(bits: u64, fraction_bits: u32) -> Result<(Scientific, bool), Unfit> {
    let negative = bits >> (fraction_bits + 7) & 1 == 1;
    let mut power = i32::from((bits >> fraction_bits & 0x7F) as u8);
    let mut fraction = bits & !(u64::MAX << fraction_bits);
    let mut it = Scientific { negative, ..Scientific::zero() };
    if fraction == 0 {
        it.negative = false;
        return Ok((it, bits == 0));
    }
    let top = fraction_bits - 4;
    let mut same = true;
    while fraction >> top == 0 && power > 0 {
        fraction <<= 4;
        power -= 1;
        same = false;
    }
    // value = value / unit; `above` and `below` are half of the distance to the neighbours.
    let shift = (power - 64) * 4 - i32::try_from(fraction_bits).unwrap_or(0);
    let (mut value, mut unit) = (Big::from(fraction), Big::from(1));
    let (mut above, mut below) = (Big::from(1), Big::from(1));
    value.shift(1);
    unit.shift(1);
    for it in [&mut value, &mut above, &mut below] {
        it.shift(shift.max(0).unsigned_abs());
    }
    unit.shift(shift.min(0).unsigned_abs());
    if fraction == 1 << top && power > 0 {
        // The neighbour below has a smaller exponent and is sixteen times nearer.
        for it in [&mut value, &mut above, &mut unit] {
            it.shift(4);
        }
    }
    // 10^exponent is just above the value; the estimate by bits (log10(2) = 1233/4096) may be one too small.
    let length = i32::try_from(u64::BITS - fraction.leading_zeros()).unwrap_or(0) + shift;
    it.exponent = ((length - 1) * 1233) >> 12;
    for _ in 0..it.exponent.max(0) {
        unit.multiply(10);
    }
    for _ in 0..it.exponent.min(0).unsigned_abs() {
        [&mut value, &mut above, &mut below].into_iter().for_each(|it| it.multiply(10));
    }
    while value.plus(&above).is_above(&unit) {
        unit.multiply(10);
        it.exponent += 1;
    }
    loop {
        [&mut value, &mut above, &mut below].into_iter().for_each(|it| it.multiply(10));
        let mut digit = 0;
        while !unit.is_above(&value) {
            value.subtract(&unit);
            digit += 1;
        }
        let low = below.is_above(&value);
        let high = value.plus(&above).is_above(&unit);
        if !low && !high {
            it.push(digit)?;
            continue;
        }
        let up = high && (!low || !unit.is_above(&value.plus(&value)));
        it.push(digit + u8::from(up))?;
        return Ok((it, same));
    }
}

/// The nearest hexadecimal float, halves to the even one.
fn to_hexadecimal(number: &Scientific, fraction_bits: u32) -> Result<u64, Unfit> {
    if number.count == 0 {
        return Ok(0);
    }
    if number.exponent > 77 {
        return Err(Unfit::Size);
    }
    // 16^-65 is about 10^-78; what is much less is lost.
    let decimals = i32::try_from(number.count).unwrap_or(0) - number.exponent;
    if number.exponent < -96 {
        return Err(Unfit::Inexact);
    }
    let mut value = Big::from(0);
    for digit in number.digits() {
        value.multiply(10);
        value.add(u32::from(*digit));
    }
    for _ in 0..decimals.min(0).unsigned_abs() {
        value.multiply(10);
    }
    // Enough bits that the quotient has more than the fraction; what is divided off only counts as "not zero".
    let room = decimals.max(0) * 4 + 64;
    value.shift(room.unsigned_abs());
    let mut rest = false;
    for _ in 0..decimals.max(0) {
        rest |= value.divide(10) != 0;
    }
    let length = i32::try_from(value.bits()).unwrap_or(0);
    // The value is between 2^(above - 1) and 2^above.
    let above = length - room;
    let mut power = above.div_euclid(4) + i32::from(above.rem_euclid(4) > 0);
    power = power.max(-64);
    let drop = room - i32::try_from(fraction_bits).unwrap_or(0) + power * 4;
    let mut fraction = value.rounded_shift(drop.max(0).unsigned_abs(), rest);
    if fraction >> fraction_bits > 0 {
        fraction >>= 4;
        power += 1;
    }
    let biased = u64::try_from(power + 64).map_err(|_| Unfit::Inexact)?;
    if biased > 127 {
        return Err(Unfit::Size);
    }
    Ok(u64::from(number.negative) << (fraction_bits + 7) | biased << fraction_bits | fraction)
}

/// A whole number of 768 bits, least part first: toy arithmetic, as far as it is needed here.
#[derive(Clone, Copy, Debug)]
struct Big([u32; 24]);

impl Big {
    fn from(value: u64) -> Big {
        let mut it = Big([0; 24]);
        it.0[0] = (value & 0xFFFF_FFFF) as u32;
        it.0[1] = (value >> 32) as u32;
        it
    }

    fn add(&mut self, small: u32) {
        let mut carry = u64::from(small);
        for part in &mut self.0 {
            carry += u64::from(*part);
            *part = (carry & 0xFFFF_FFFF) as u32;
            carry >>= 32;
        }
    }

    fn multiply(&mut self, small: u32) {
        let mut carry = 0;
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(small);
            *part = (carry & 0xFFFF_FFFF) as u32;
            carry >>= 32;
        }
    }

    /// Divides and gives the remainder.
    fn divide(&mut self, small: u32) -> u32 {
        let mut rest = 0;
        for part in self.0.iter_mut().rev() {
            let all = rest << 32 | u64::from(*part);
            *part = ((all / u64::from(small)) & 0xFFFF_FFFF) as u32;
            rest = all % u64::from(small);
        }
        (rest & 0xFFFF_FFFF) as u32
    }

    fn shift(&mut self, bits: u32) {
        self.0.rotate_right((bits / 32) as usize);
        self.multiply(1 << (bits % 32));
    }

    fn plus(&self, other: &Big) -> Big {
        let mut sum = *self;
        let mut carry = 0;
        for (part, more) in sum.0.iter_mut().zip(&other.0) {
            carry += u64::from(*part) + u64::from(*more);
            *part = (carry & 0xFFFF_FFFF) as u32;
            carry >>= 32;
        }
        sum
    }

    /// The other must not be greater.
    fn subtract(&mut self, other: &Big) {
        let mut borrow = false;
        for (part, less) in self.0.iter_mut().zip(&other.0) {
            let (one, first) = part.overflowing_sub(*less);
            let (two, second) = one.overflowing_sub(u32::from(borrow));
            *part = two;
            borrow = first || second;
        }
    }

    fn is_above(&self, other: &Big) -> bool {
        self.0.iter().rev().gt(other.0.iter().rev())
    }

    fn bits(&self) -> u32 {
        let top = self.0.iter().rposition(|it| *it != 0);
        top.and_then(|at| Some(u32::try_from(at).ok()? * 32 + 32 - self.0.get(at)?.leading_zeros())).unwrap_or(0)
    }

    fn bit(&self, at: u32) -> bool {
        self.0.get((at / 32) as usize).is_some_and(|it| it >> (at % 32) & 1 == 1)
    }

    /// Without so many of its last bits, rounded, halves to even; `rest` says that something below was lost already.
    fn rounded_shift(&self, drop: u32, rest: bool) -> u64 {
        let kept = (0..64).fold(0, |all, at| all | u64::from(self.bit(drop + at)) << at);
        let half = drop > 0 && self.bit(drop - 1);
        let below = rest || (0..drop.saturating_sub(1)).any(|at| self.bit(at));
        kept + u64::from(half && (below || kept & 1 == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IBM: Float = Float { hexadecimal: true, little: false };
    const IEEE: Float = Float { hexadecimal: false, little: false };

    fn text(bytes: &[u8], float: Float) -> Result<(String, bool), Unfit> {
        let mut out = Vec::new();
        assert_eq!(check(bytes, float), read(bytes, float, &mut out).map(|_| ()));
        out.clear();
        let same = read(bytes, float, &mut out)?;
        Ok((String::from_utf8(out).unwrap(), same))
    }

    fn bytes(text: &str, float: Float, length: usize) -> Result<Vec<u8>, Unfit> {
        let mut field = vec![0xEE; length];
        write(text.as_bytes(), float, &mut field)?;
        Ok(field)
    }

    fn random(seed: &mut u64) -> u64 {
        // xorshift64*, Vigna 2016.
        *seed ^= *seed >> 12;
        *seed ^= *seed << 25;
        *seed ^= *seed >> 27;
        seed.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    #[test]
    fn known_hexadecimal() {
        for (bits, value) in [
            (0x4314_2EFCu32, "322.9365"),
            (0xC13C_0000, "-3.75"),
            (0x4264_0000, "100"),
            (0x4110_0000, "1"),
            (0x4019_999A, "0.1"),
            (0x427B_74BC, "123.456"),
        ] {
            assert_eq!(text(&bits.to_be_bytes(), IBM), Ok((value.to_owned(), true)), "{bits:08X}");
            assert_eq!(bytes(value, IBM, 4), Ok(bits.to_be_bytes().to_vec()), "{value}");
        }
        let greatest = text(&0x7FFF_FFFF_FFFF_FFFFu64.to_be_bytes(), IBM).unwrap().0;
        assert!(greatest.starts_with("72370055773322621") && greatest.len() == 76, "{greatest}");
        assert_eq!(text(&0x4111_9999_9999_999Au64.to_be_bytes(), IBM), Ok(("1.1".to_owned(), true)));
    }

    /// Digits and exponent worked out by a search over exact fractions, not by this method; powers of 16 have neighbours at
    /// different distances.
    #[test]
    fn shortest_digits() {
        for (bits, digits, exponent) in [
            (0x0010_0000u64, "5397605", -78),
            (0x7FFF_FFFF, "7237005", 76),
            (0x4210_0000, "16", 2),
            (0x4110_0001, "1000001", 1),
            (0x40FF_FFFF, "99999994", 0),
            (0x3B10_0000, "5960465", -7),
            (0x4E10_0000, "45036", 16),
            (0x5097_9A53, "10924135", 20),
            (0x4AD9_5C7E, "93355966", 12),
            (0x08E3_3FEC, "32926405", -67),
            (0x4D84_491E, "2327193", 16),
            (0x0010_0000_0000_0000, "5397605346934028", -78),
            (0x4BDB_A849_3CEB_3FFD, "150947393573639993", 14),
            (0x10B1_B1B4_8B52_9B4A, "110579347953797804", -57),
            (0x75BD_ADFA_5EB5_61A4, "487685388829773865", 64),
            (0x3CAD_C94F_9A9A_80FD, "103584749048605243", -4),
        ] {
            let fraction_bits = if bits >> 32 == 0 { 24 } else { 56 };
            let (found, same) = from_hexadecimal(bits, fraction_bits).unwrap();
            let found_digits: String = found.digits().iter().map(|it| char::from(b'0' + it)).collect();
            assert_eq!((found_digits.as_str(), found.exponent, same), (digits, exponent, true), "{bits:X}");
        }
    }

    #[test]
    fn zeros_and_what_is_not_normal() {
        assert_eq!(text(&[0; 4], IBM), Ok(("0".to_owned(), true)));
        assert_eq!(text(&[0x80, 0, 0, 0], IBM), Ok(("0".to_owned(), false)));
        assert_eq!(text(&[0x42, 0, 0, 0], IBM), Ok(("0".to_owned(), false)));
        assert_eq!(text(&[0x42, 0x01, 0, 0], IBM), Ok(("1".to_owned(), false)));
        assert_eq!(text(&[0x80, 0, 0, 0], IEEE), Ok(("0".to_owned(), false)));
        assert_eq!(text(&[0x7F, 0x80, 0, 0], IEEE), Err(Unfit::Digits));
        assert_eq!(text(&f64::NAN.to_be_bytes(), IEEE), Err(Unfit::Digits));
        assert_eq!(bytes("-0.00", IBM, 4), Ok(vec![0; 4]));
        assert_eq!(bytes("1000000000000000000000000000000000000000", IEEE, 4), Err(Unfit::Size));
    }

    #[test]
    fn digits_that_a_float_would_swallow_are_refused() {
        for float in [IBM, IEEE] {
            assert_eq!(bytes("123456789", float, 4), Err(Unfit::Inexact));
            assert!(bytes("123456789", float, 8).is_ok());
            assert_eq!(bytes("12345678901234567890123", float, 8), Err(Unfit::Inexact));
            for bad in ["", "1e5", "inf", "nan", "1.2.3", "-", "."] {
                assert_eq!(bytes(bad, float, 8), Err(Unfit::Digits), "{bad}");
            }
        }
    }

    #[test]
    fn random_bits_come_back() {
        let mut seed = 7;
        for float in [IBM, IEEE, Float { little: true, ..IEEE }] {
            for _ in 0..3000 {
                let bits = random(&mut seed);
                for field in [&bits.to_be_bytes()[..], &bits.to_be_bytes()[..4]] {
                    let Ok((value, same)) = text(field, float) else { continue };
                    let back = bytes(&value, float, field.len()).unwrap();
                    assert_eq!(back == field, same, "{field:02X?} {value}");
                }
            }
        }
    }

    /// Fifteen digits are always kept by eight bytes, and six by four.
    #[test]
    fn decimals_come_back() {
        let mut seed = 11;
        for _ in 0..3000 {
            let all = random(&mut seed);
            for (length, digits, scale) in [(8, all % 1_000_000_000_000_000, 7), (4, all % 1_000_000, 3)] {
                let mut value = Vec::new();
                crate::digits::write(format!("{digits:015}").as_bytes(), all >> 63 == 1, scale, &mut value);
                let value = String::from_utf8(value).unwrap();
                let value = value.trim_end_matches('0').trim_end_matches('.');
                let field = bytes(value, IBM, length).unwrap();
                assert_eq!(text(&field, IBM).unwrap().0, value);
            }
        }
    }
}
