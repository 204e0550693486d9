//! Digits as text and as registers: what the number spellings share.
//!
//! Sixteen digits fit into a register of sixteen bytes, most significant first, and are moved at once; longer numbers
//! take the way over a buffer. No number becomes binary on its way from text to digits.

use crate::Unfit;

/// The most digits that an item can store.
pub const DIGITS_MAX: usize = 38;

/// How the digits of an item are meant: `value = digits / 10^scale`.
///
/// `PIC S9(5)V99` has 7 digits and scale 2; `PIC 9(3)P(2)` 3 digits and scale -2; `PIC VP(2)9(3)` 3 digits and scale 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The digits that are stored, [`DIGITS_MAX`] at most.
    pub digits: u8,
    /// How many digits stand behind the point.
    pub scale: i8,
    /// Whether it may be negative.
    pub signed: bool,
}

/// Room for all digits of any item, a multiple of 16.
pub(crate) type Buffer = [u8; 48];

/// Sixteen bytes of the same value.
const fn all(byte: u8) -> u128 {
    u128::from_ne_bytes([byte; 16])
}

/// The last sixteen bytes or fewer as a register; what is not there is zero.
#[inline]
pub(crate) fn load(bytes: &[u8]) -> u128 {
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        // The two halves overlap and agree where they do.
        let behind = (length.min(16) - 8) * 8;
        return u128::from(u64::from_be_bytes(*first)) << behind | u128::from(u64::from_be_bytes(*last));
    }
    u128::from(load_few(bytes))
}

/// The last eight bytes or fewer as a register.
#[inline]
pub(crate) fn load_few(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_be_bytes(*last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let behind = (bytes.len() - 4) * 8;
        return u64::from(u32::from_be_bytes(*first)) << behind | u64::from(u32::from_be_bytes(*last));
    }
    bytes.iter().fold(0, |all, it| all << 8 | u64::from(*it))
}

/// Stores the last bytes of a register into a field of at most sixteen.
#[inline]
pub(crate) fn store(register: u128, field: &mut [u8]) {
    let bytes = register.to_be_bytes();
    match field.len() {
        8 => copy::<8>(&bytes, field),
        length @ 4..8 => {
            // Two halves that overlap.
            let high = register << ((12 + 4 - length) * 8);
            if let (Some(to), Some(from)) =
                (field.first_chunk_mut::<4>(), high.to_be_bytes().first_chunk::<4>())
            {
                *to = *from;
            }
            copy::<4>(&bytes, field);
        }
        _ => {
            for (to, from) in field.iter_mut().rev().zip(bytes.iter().rev()) {
                *to = *from;
            }
        }
    }
}

#[inline]
fn copy<const N: usize>(bytes: &[u8; 16], field: &mut [u8]) {
    if let (Some(to), Some(from)) = (field.last_chunk_mut::<N>(), bytes.last_chunk::<N>()) {
        *to = *from;
    }
}

/// Whether each byte of the register is a digit 0 to 9.
#[inline]
pub(crate) fn are_digits(register: u128) -> bool {
    (register.wrapping_add(all(0x76)) | register) & all(0x80) == 0
}

/// Eight nibbles become eight bytes.
#[inline]
fn spread(nibbles: u32) -> u64 {
    let x = u64::from(nibbles);
    let x = (x | x << 16) & 0x0000_FFFF_0000_FFFF;
    let x = (x | x << 8) & 0x00FF_00FF_00FF_00FF;
    (x | x << 4) & 0x0F0F_0F0F_0F0F_0F0F
}

/// Sixteen nibbles become sixteen bytes.
#[inline]
pub(crate) fn spread_nibbles(nibbles: u64) -> u128 {
    u128::from(spread((nibbles >> 32) as u32)) << 64 | u128::from(spread((nibbles & 0xFFFF_FFFF) as u32))
}

/// Eight bytes below 16 become eight nibbles.
#[inline]
fn gather(bytes: u64) -> u64 {
    let x = (bytes | bytes >> 4) & 0x00FF_00FF_00FF_00FF;
    let x = (x | x >> 8) & 0x0000_FFFF_0000_FFFF;
    (x | x >> 16) & 0xFFFF_FFFF
}

#[inline]
fn halves(register: u128) -> [u64; 2] {
    let half = |bytes: &[u8]| bytes.first_chunk().map_or(0, |it| u64::from_be_bytes(*it));
    let bytes = register.to_be_bytes();
    let (high, low) = bytes.split_at(8);
    [half(high), half(low)]
}

/// Sixteen bytes below 16 become sixteen nibbles.
#[inline]
pub(crate) fn gather_nibbles(bytes: u128) -> u64 {
    let [high, low] = halves(bytes);
    gather(high) << 32 | gather(low)
}

/// Whether any of sixteen nibbles is above 9.
#[inline]
pub(crate) fn has_bad_nibble(nibbles: u64) -> bool {
    (nibbles >> 3) & (nibbles >> 2 | nibbles >> 1) & 0x1111_1111_1111_1111 != 0
}

/// Appends sixteen digits, given by value, as clean text.
#[inline]
pub(crate) fn write_sixteen(digits: u128, negative: bool, scale: i8, out: &mut Vec<u8>) {
    if !(0..=15).contains(&scale) {
        return write(&(digits | all(b'0')).to_be_bytes(), negative, scale, out);
    }
    let fraction = u32::from(scale.unsigned_abs());
    let zeros = (digits.leading_zeros() / 8).min(15 - fraction);
    let whole = 16 - fraction - zeros;
    if negative && digits != 0 {
        out.push(b'-');
    }
    // A copy of sixteen bytes is one store; what was too much is taken back.
    let text = (digits | all(b'0')) << (zeros * 8);
    let end = out.len() + whole as usize;
    out.extend_from_slice(&text.to_be_bytes());
    out.truncate(end);
    if fraction > 0 {
        out.push(b'.');
        out.extend_from_slice(&(text << (whole * 8)).to_be_bytes());
        out.truncate(end + 1 + fraction as usize);
    }
}

/// Appends ASCII digits as clean text.
pub(crate) fn write(digits: &[u8], negative: bool, scale: i8, out: &mut Vec<u8>) {
    let is_zero = digits.iter().all(|it| *it == b'0');
    if negative && !is_zero {
        out.push(b'-');
    }
    let fraction = usize::from(scale.unsigned_abs());
    if scale < 0 {
        let kept = digits.iter().position(|it| *it != b'0');
        match kept.and_then(|at| digits.get(at..)) {
            None => out.push(b'0'),
            Some(kept) => {
                out.extend_from_slice(kept);
                out.resize(out.len() + fraction, b'0');
            }
        }
        return;
    }
    let (whole, decimals) = digits.split_at(digits.len().saturating_sub(fraction));
    let first = whole.iter().position(|it| *it != b'0').unwrap_or(whole.len());
    match whole.get(first..) {
        None | Some([]) => out.push(b'0'),
        Some(kept) => out.extend_from_slice(kept),
    }
    if fraction > 0 {
        out.push(b'.');
        out.resize(out.len() + fraction.saturating_sub(decimals.len()), b'0');
        out.extend_from_slice(decimals);
    }
}

/// Puts a number in text where the sixteen digits of an item are, by value; says whether it is negative.
#[inline]
pub(crate) fn place_sixteen(text: &[u8], number: Number) -> Result<(u128, bool), Unfit> {
    let (negative, unsigned) = sign_of(text);
    let length = unsigned.len();
    let scale = u32::from(number.scale.unsigned_abs());
    if length > 16
        || length == 0
        || number.scale < 0
        || scale > 15
        || number.scale.unsigned_abs() > number.digits
    {
        return place_long(text, number);
    }
    let free = (16 - length) * 8;
    let padded = if free == 0 { load(unsigned) } else { load(unsigned) | all(b'0') << (length * 8) };
    // The point is the only byte that becomes zero here; the first from the right is found by the lowest borrow.
    let points = padded ^ all(b'.');
    let found = points.wrapping_sub(all(0x01)) & !points & all(0x80);
    let (digits, fraction) = if found == 0 {
        (padded ^ all(b'0'), 0)
    } else {
        if length == 1 {
            return Err(Unfit::Digits);
        }
        let at = found.trailing_zeros() / 8;
        let behind = padded & !(u128::MAX << (at * 8));
        // Two steps, since a shift by 128 is none.
        let before = padded >> (at * 8) >> 8 << (at * 8);
        ((before | behind | u128::from(b'0') << 120) ^ all(b'0'), at)
    };
    if !are_digits(digits) {
        return Err(Unfit::Digits);
    }
    if fraction > scale {
        return place_long(text, number);
    }
    let shift = (scale - fraction) * 8;
    let room = u32::from(number.digits) * 8;
    if (shift > 0 && digits >> (128 - shift) != 0) || (room < 128 && digits << shift >> room != 0) {
        return Err(Unfit::Size);
    }
    let digits = digits << shift;
    signed(negative && digits != 0, number).map(|negative| (digits, negative))
}

#[cold]
fn place_long(text: &[u8], number: Number) -> Result<(u128, bool), Unfit> {
    let mut buffer = [b'0'; 48];
    let negative = place(text, number, &mut buffer)?;
    Ok((load(buffer.last_chunk::<16>().unwrap_or(&[0; 16])) ^ all(b'0'), negative))
}

/// Puts a number in text where the digits of an item are, at the end of a buffer of `0`; says whether it is negative.
pub(crate) fn place(text: &[u8], number: Number, buffer: &mut Buffer) -> Result<bool, Unfit> {
    let (negative, unsigned) = sign_of(text);
    let point = unsigned.iter().position(|it| *it == b'.');
    let (whole, fraction) = match point.and_then(|at| unsigned.split_at_checked(at)) {
        Some((whole, fraction)) => (whole, fraction.get(1..).unwrap_or_default()),
        None => (unsigned, &[][..]),
    };
    if whole.len() + fraction.len() == 0 || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return Err(Unfit::Digits);
    }
    let zeros = whole.iter().take_while(|it| **it == b'0').count();
    let whole = whole.get(zeros..).unwrap_or_default();
    let is_zero = whole.is_empty() && fraction.iter().all(|it| *it == b'0');
    let negative = signed(negative && !is_zero, number)?;
    // The digit of each place, from the least that is stored: place 0 counts 10^-scale.
    let digit = |place: isize| -> u8 {
        let power = place - isize::from(number.scale);
        let found = match usize::try_from(power) {
            Ok(power) => whole.len().checked_sub(power + 1).and_then(|at| whole.get(at)),
            Err(_) => fraction.get(power.unsigned_abs() - 1),
        };
        found.copied().unwrap_or(b'0')
    };
    let digits = isize::from(number.digits);
    let top = isize::try_from(whole.len()).unwrap_or(isize::MAX) + isize::from(number.scale);
    if (digits..top.max(digits)).any(|place| digit(place) != b'0') {
        return Err(Unfit::Size);
    }
    // Where all digits stand behind the point (`VPP99`), those in front of them are none that fit.
    if (digits..isize::from(number.scale)).any(|place| digit(place) != b'0') {
        return Err(Unfit::Size);
    }
    let bottom = isize::from(number.scale) - isize::try_from(fraction.len()).unwrap_or(isize::MAX);
    if (bottom.min(isize::from(number.scale.min(0)))..0).any(|place| digit(place) != b'0') {
        return Err(Unfit::Inexact);
    }
    for (place, to) in (0..digits).zip(buffer.iter_mut().rev()) {
        *to = digit(place);
    }
    Ok(negative)
}

fn signed(negative: bool, number: Number) -> Result<bool, Unfit> {
    if negative && !number.signed { Err(Unfit::Size) } else { Ok(negative) }
}

#[inline]
pub(crate) fn sign_of(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(number: Number, text: &str) -> Result<String, Unfit> {
        let mut buffer = [b'0'; 48];
        let negative = place(text.as_bytes(), number, &mut buffer)?;
        let mut out = Vec::new();
        write(&buffer[48 - usize::from(number.digits)..], negative, number.scale, &mut out);
        if number.digits <= 16 {
            let mut short = Vec::new();
            let (digits, negative) = place_sixteen(text.as_bytes(), number).unwrap();
            write_sixteen(digits, negative, number.scale, &mut short);
            assert_eq!(short, out, "{text} {number:?}");
        }
        Ok(String::from_utf8(out).unwrap())
    }

    fn error(number: Number, text: &str) -> Unfit {
        let short = place_sixteen(text.as_bytes(), number).map(|_| ());
        let long = place(text.as_bytes(), number, &mut [b'0'; 48]).map(|_| ());
        assert_eq!(short, long, "{text}");
        long.unwrap_err()
    }

    const MONEY: Number = Number { digits: 13, scale: 2, signed: true };
    const COUNT: Number = Number { digits: 4, scale: 0, signed: false };
    const THOUSANDS: Number = Number { digits: 3, scale: -3, signed: true };
    const TINY: Number = Number { digits: 3, scale: 5, signed: true };
    const LONG: Number = Number { digits: 38, scale: 10, signed: true };

    #[test]
    fn a_number_keeps_its_decimals() {
        for (number, text, clean) in [
            (MONEY, "12.5", "12.50"),
            (MONEY, "-0.05", "-0.05"),
            (MONEY, "-0", "0.00"),
            (MONEY, "+7", "7.00"),
            (MONEY, "7.", "7.00"),
            (MONEY, ".5", "0.50"),
            (MONEY, "99999999999.99", "99999999999.99"),
            (MONEY, "000000000000000000000000000000000000001.5000000000000", "1.50"),
            (COUNT, "0", "0"),
            (COUNT, "0012", "12"),
            (COUNT, "12.000", "12"),
            (THOUSANDS, "369000", "369000"),
            (THOUSANDS, "-1000.00", "-1000"),
            (THOUSANDS, "0", "0"),
            (TINY, "0.00123", "0.00123"),
            (TINY, "-0.00003", "-0.00003"),
            (LONG, "-1234567890123456789012345678.0123456789", "-1234567890123456789012345678.0123456789"),
            (Number { digits: 16, scale: 16, signed: true }, "0.1234567890123456", "0.1234567890123456"),
            (Number { digits: 16, scale: 15, signed: true }, "-9.87654321098765", "-9.876543210987650"),
            (Number { digits: 16, scale: 0, signed: true }, "-9876543210987654", "-9876543210987654"),
        ] {
            assert_eq!(both_ways(number, text), Ok(clean.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (number, text, why) in [
            (MONEY, "100000000000", Unfit::Size),
            (MONEY, "1234567890123456", Unfit::Size),
            (MONEY, "0.001", Unfit::Inexact),
            (MONEY, "", Unfit::Digits),
            (MONEY, "-", Unfit::Digits),
            (MONEY, ".", Unfit::Digits),
            (MONEY, "1.2.3", Unfit::Digits),
            (MONEY, "1e5", Unfit::Digits),
            (MONEY, " 1", Unfit::Digits),
            (MONEY, "--1", Unfit::Digits),
            (MONEY, "\u{1}2", Unfit::Digits),
            (COUNT, "-1", Unfit::Size),
            (COUNT, "12345", Unfit::Size),
            (COUNT, "1.5", Unfit::Inexact),
            (THOUSANDS, "1000000", Unfit::Size),
            (THOUSANDS, "1500", Unfit::Inexact),
            (THOUSANDS, "5", Unfit::Inexact),
            (THOUSANDS, "0.5", Unfit::Inexact),
            (TINY, "1", Unfit::Size),
            (TINY, "0.01", Unfit::Size),
            (TINY, "0.1", Unfit::Size),
            (TINY, "0.000001", Unfit::Inexact),
        ] {
            assert_eq!(error(number, text), why, "{text}");
        }
    }

    #[test]
    fn both_ways_agree_for_every_shape() {
        let texts = [
            "0",
            "1",
            "-1",
            "12.5",
            "9999.9999",
            "-0.0001",
            "1234567.1234567",
            "12345678901234567",
            "0.5000000",
        ];
        for digits in 1..=16 {
            for scale in -3..=17 {
                for signed in [false, true] {
                    let number = Number { digits, scale, signed };
                    for text in texts {
                        let mut buffer = [b'0'; 48];
                        let long = place(text.as_bytes(), number, &mut buffer);
                        let short = place_sixteen(text.as_bytes(), number);
                        assert_eq!(short.map(|it| it.1), long, "{text} {number:?}");
                        if long.is_ok() {
                            let _ = both_ways(number, text);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn registers_hold_what_was_loaded() {
        let bytes: Vec<u8> = (1..=16).collect();
        for length in 0..=16 {
            let register = load(&bytes[..length]);
            let mut field = vec![0; length];
            store(register, &mut field);
            assert_eq!(field, &bytes[..length]);
        }
        let nibbles = 0x0123_4567_8901_2345;
        assert_eq!(gather_nibbles(spread_nibbles(nibbles)), nibbles);
        for nibble in 0..16 {
            assert_eq!(has_bad_nibble(nibble << 20), nibble > 9);
        }
    }
}
