//! Digits as text and as a register: what the number spellings share.
//!
//! Sixteen digits fit into a register of half-bytes, the least last. Text, zones and packed bytes become such a register,
//! and a register becomes them, some dozen operations for all digits at once; longer numbers take the way over a buffer.
//! No number becomes binary on its way from text to digits.

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

/// Eight bytes of the same value.
pub(crate) const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The last eight bytes or fewer as a register; what is not there is zero.
#[inline]
pub(crate) fn load(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_be_bytes(*last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        // The two halves overlap and agree where they do.
        let behind = (bytes.len() - 4) * 8;
        return u64::from(u32::from_be_bytes(*first)) << behind | u64::from(u32::from_be_bytes(*last));
    }
    bytes.iter().fold(0, |all, it| all << 8 | u64::from(*it))
}

/// Stores the last bytes of a register into a field of at most eight.
#[inline]
pub(crate) fn store(register: u64, field: &mut [u8]) {
    let length = field.len();
    if let Some(all) = field.first_chunk_mut::<8>() {
        *all = register.to_be_bytes();
        return;
    }
    // The first byte of the field leads.
    let [a, b, c, d, ..] = register.unbounded_shl(u32::try_from((8 - length) * 8).unwrap_or(64)).to_be_bytes();
    let [.., e, f, g, h] = register.to_be_bytes();
    if let Some(first) = field.first_chunk_mut::<4>() {
        *first = [a, b, c, d];
        if let Some(last) = field.last_chunk_mut::<4>() {
            *last = [e, f, g, h];
        }
        return;
    }
    for (to, from) in field.iter_mut().zip([a, b, c]) {
        *to = from;
    }
}

/// The bits of the last bytes of a register; of 0 to 8 bytes.
#[inline]
pub(crate) fn last(bytes: usize) -> u64 {
    if bytes < 8 { !(u64::MAX << (bytes * 8)) } else { u64::MAX }
}

/// Whether each byte of the register is a digit 0 to 9.
#[inline]
pub(crate) fn are_digits(register: u64) -> bool {
    (register.wrapping_add(eight(0x76)) | register) & eight(0x80) == 0
}

/// The last eight half-bytes become eight bytes.
#[inline]
pub(crate) fn spread(nibbles: u64) -> u64 {
    let x = nibbles & 0xFFFF_FFFF;
    let x = (x | x << 16) & 0x0000_FFFF_0000_FFFF;
    let x = (x | x << 8) & 0x00FF_00FF_00FF_00FF;
    (x | x << 4) & 0x0F0F_0F0F_0F0F_0F0F
}

/// Eight bytes below 16 become eight half-bytes.
#[inline]
pub(crate) fn gather(bytes: u64) -> u64 {
    let x = (bytes | bytes >> 4) & 0x00FF_00FF_00FF_00FF;
    let x = (x | x >> 8) & 0x0000_FFFF_0000_FFFF;
    (x | x >> 16) & 0xFFFF_FFFF
}

/// Whether any of sixteen half-bytes is above 9.
#[inline]
pub(crate) fn has_bad_nibble(nibbles: u64) -> bool {
    (nibbles >> 3) & (nibbles >> 2 | nibbles >> 1) & 0x1111_1111_1111_1111 != 0
}

/// A number below 10^16 as half-bytes: it is split into halves until each part is a digit, all parts at once.
#[inline]
pub(crate) fn from_binary(value: u64) -> u64 {
    let digits = |value: u64| {
        let x = ((value / 10_000) << 32) | (value % 10_000);
        // 10486 / 2^20 is a hundredth for all below 10^4, 103 / 2^10 a tenth for all below 10^2.
        let hundreds = ((x * 10_486) >> 20) & 0x0000_007F_0000_007F;
        let x = hundreds << 16 | (x - hundreds * 100);
        let tens = ((x * 103) >> 10) & 0x000F_000F_000F_000F;
        gather(tens << 8 | (x - tens * 10))
    };
    digits(value / 100_000_000) << 32 | digits(value % 100_000_000)
}

/// Half-bytes as a number: the same way back.
#[inline]
pub(crate) fn to_binary(nibbles: u64) -> u64 {
    let x = (nibbles & 0x0F0F_0F0F_0F0F_0F0F) + (nibbles >> 4 & 0x0F0F_0F0F_0F0F_0F0F) * 10;
    let x = (x & 0x00FF_00FF_00FF_00FF) + (x >> 8 & 0x00FF_00FF_00FF_00FF) * 100;
    let x = (x & 0x0000_FFFF_0000_FFFF) + (x >> 16 & 0x0000_FFFF_0000_FFFF) * 10_000;
    (x & 0xFFFF_FFFF) + (x >> 32) * 100_000_000
}

/// Eight digits by value as a number.
#[inline]
pub(crate) fn bytes_to_binary(digits: u64) -> u64 {
    let x = (digits & 0x00FF_00FF_00FF_00FF) + (digits >> 8 & 0x00FF_00FF_00FF_00FF) * 10;
    let x = (x & 0x0000_FFFF_0000_FFFF) + (x >> 16 & 0x0000_FFFF_0000_FFFF) * 100;
    (x & 0xFFFF_FFFF) + (x >> 32) * 10_000
}

/// Sixteen digits by value, eight in each half, the least last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    pub(crate) high: u64,
    pub(crate) low: u64,
}

impl Digits {
    #[inline]
    pub(crate) fn of_nibbles(nibbles: u64) -> Digits {
        let high = if nibbles >> 32 == 0 { 0 } else { spread(nibbles >> 32) };
        Digits { high, low: spread(nibbles) }
    }

    /// Itself, if each byte is a digit.
    #[inline]
    pub(crate) fn checked(self) -> Result<Digits, Unfit> {
        if are_digits(self.high) && are_digits(self.low) { Ok(self) } else { Err(Unfit::Digits) }
    }

    #[inline]
    pub(crate) fn are_zero(self) -> bool {
        self.high | self.low == 0
    }

    #[inline]
    fn leading_zeros(self) -> u32 {
        if self.high != 0 { self.high.leading_zeros() / 8 } else { 8 + self.low.leading_zeros() / 8 }
    }

    /// Appends the last eight as clean text; the first must be zero.
    #[inline]
    pub(crate) fn write_whole(self, out: &mut Vec<u8>) {
        // One digit is left of zero.
        let zeros = (self.low | 1).leading_zeros() / 8;
        let end = out.len() + 8 - zeros as usize;
        out.extend_from_slice(&((self.low | eight(b'0')) << (zeros * 8)).to_be_bytes());
        out.truncate(end);
    }

    /// Appends them as clean text.
    #[inline(always)]
    pub(crate) fn write(self, negative: bool, scale: i8, out: &mut Vec<u8>) {
        // Bytes are moved by reading the buffer from another place; what lies behind the digits is never kept.
        let mut buffer = [b'0'; 32];
        if let Some((first, rest)) = buffer.split_first_chunk_mut::<8>()
            && let Some(second) = rest.first_chunk_mut::<8>()
        {
            *first = (self.high | eight(b'0')).to_be_bytes();
            *second = (self.low | eight(b'0')).to_be_bytes();
        }
        if !(0..=15).contains(&scale) {
            return write(buffer.first_chunk::<16>().unwrap_or(&[b'0'; 16]), negative, scale, out);
        }
        let fraction = usize::from(scale.unsigned_abs());
        let zeros = (self.leading_zeros() as usize).min(15 - fraction);
        let whole = 16 - fraction - zeros;
        if negative && !self.are_zero() {
            out.push(b'-');
        }
        append(&buffer, zeros, whole, out);
        if fraction > 0 {
            out.push(b'.');
            append(&buffer, 16 - fraction, fraction, out);
        }
    }
}

/// Appends up to sixteen bytes: all sixteen in one store, and what was too much is taken back.
#[inline]
fn append(buffer: &[u8; 32], from: usize, count: usize, out: &mut Vec<u8>) {
    let end = out.len() + count;
    if let Some(bytes) = buffer.get(from..).and_then(|it| it.first_chunk::<16>()) {
        out.extend_from_slice(bytes);
        out.truncate(end);
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

/// Puts a number in text where the digits of an item of at most sixteen are; says whether it is negative.
#[inline]
pub(crate) fn place_register(text: &[u8], number: Number) -> Result<(u64, bool), Unfit> {
    let (negative, unsigned) = sign_of(text);
    match place_expected(unsigned, number) {
        Some(nibbles) => signed(negative && nibbles != 0, number).map(|negative| (nibbles, negative)),
        None => place_any(text, number),
    }
}

/// Short numbers with as many decimals as the item has, which most are: the point is where it is expected.
#[inline]
fn place_expected(unsigned: &[u8], number: Number) -> Option<u64> {
    let scale = usize::try_from(number.scale).ok().filter(|it| *it <= 8)?;
    let (whole, fraction) = if scale == 0 {
        (unsigned, &[][..])
    } else {
        let (whole, rest) = unsigned.split_at_checked(unsigned.len().checked_sub(scale + 1)?)?;
        (whole, rest.strip_prefix(b".")?)
    };
    if !(1..=8).contains(&whole.len()) {
        return None;
    }
    let high = (load(whole) ^ eight(b'0')) & last(whole.len());
    let low = if scale == 0 { 0 } else { (load(fraction) ^ eight(b'0')) & last(scale) };
    let nibbles = gather(high) << (scale * 4) | gather(low);
    let fits = number.digits >= 16 || nibbles >> (u32::from(number.digits) * 4) == 0;
    (are_digits(high) && are_digits(low) && fits).then_some(nibbles)
}

/// All others.
fn place_any(text: &[u8], number: Number) -> Result<(u64, bool), Unfit> {
    let (negative, unsigned) = sign_of(text);
    let length = unsigned.len();
    let scale = u32::from(number.scale.unsigned_abs());
    let is_plain = (1..=16).contains(&length) && number.scale >= 0 && number.scale.unsigned_abs() <= number.digits;
    if !is_plain {
        return place_long(text, number);
    }
    let (front, back) = unsigned.split_at(length.saturating_sub(8));
    // Each digit by its value; `.` becomes 1E, and nothing else a digit.
    let mut low = (load(back) ^ eight(b'0')) & last(back.len());
    let mut high = (load(front) ^ eight(b'0')) & last(front.len());
    let mut behind = 16;
    if let Some(at) = take_point(&mut low) {
        behind = at;
    } else if let Some(at) = take_point(&mut high) {
        behind = at + 8;
    }
    if !are_digits(low) || !are_digits(high) || (length == 1 && behind < 16) {
        return Err(Unfit::Digits);
    }
    let mut nibbles = gather(high) << 32 | gather(low);
    let fraction = if behind < 16 {
        let below = !(u64::MAX << (behind * 4));
        nibbles = nibbles >> (behind * 4) >> 4 << (behind * 4) | nibbles & below;
        behind
    } else {
        0
    };
    if fraction > scale {
        return place_long(text, number);
    }
    let free = nibbles.leading_zeros();
    let used = 64 - free + (scale - fraction) * 4;
    if nibbles != 0 && used > (u32::from(number.digits) * 4).min(64) {
        return Err(Unfit::Size);
    }
    let nibbles = if nibbles == 0 { 0 } else { nibbles << ((scale - fraction) * 4) };
    signed(negative && nibbles != 0, number).map(|negative| (nibbles, negative))
}

/// Makes the last `.` of eight bytes a zero; says how many bytes stand behind it.
#[inline]
fn take_point(digits: &mut u64) -> Option<u32> {
    let points = *digits ^ eight(b'.' ^ b'0');
    // The first zero byte from the right is found by the lowest borrow.
    let found = points.wrapping_sub(eight(0x01)) & !points & eight(0x80);
    let found = found & found.wrapping_neg();
    *digits &= !((found >> 7) * 0xFF);
    (found != 0).then(|| found.trailing_zeros() / 8)
}

#[cold]
fn place_long(text: &[u8], number: Number) -> Result<(u64, bool), Unfit> {
    let mut buffer = [b'0'; 48];
    let negative = place(text, number, &mut buffer)?;
    let (front, back) = buffer.split_at(buffer.len() - 8);
    Ok((gather(load(front) ^ eight(b'0')) << 32 | gather(load(back) ^ eight(b'0')), negative))
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
            let (digits, negative) = place_register(text.as_bytes(), number).unwrap();
            Digits::of_nibbles(digits).write(negative, number.scale, &mut short);
            assert_eq!(short, out, "{text} {number:?}");
        }
        Ok(String::from_utf8(out).unwrap())
    }

    fn error(number: Number, text: &str) -> Unfit {
        let short = place_register(text.as_bytes(), number).map(|_| ());
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
        let texts = ["0", "1", "-1", "12.5", "9999.9999", "-0.0001", "1234567.1234567", "12345678901234567", "0.5000000"];
        for digits in 1..=16 {
            for scale in -3..=17 {
                for signed in [false, true] {
                    let number = Number { digits, scale, signed };
                    for text in texts {
                        let mut buffer = [b'0'; 48];
                        let long = place(text.as_bytes(), number, &mut buffer);
                        let short = place_register(text.as_bytes(), number);
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
        let bytes: Vec<u8> = (1..=8).collect();
        for length in 0..=8 {
            let register = load(&bytes[..length]);
            assert_eq!(register & !last(length), 0);
            let mut field = vec![0; length];
            store(register, &mut field);
            assert_eq!(field, &bytes[..length]);
        }
        let nibbles = 0x0123_4567;
        assert_eq!(gather(spread(nibbles)), nibbles);
        for nibble in 0..16 {
            assert_eq!(has_bad_nibble(nibble << 20), nibble > 9);
            assert_eq!(are_digits(nibble << 16), nibble < 10);
        }
        for value in (0..10_000u64).chain([99_999_999, 100_000_000, 12_345_678_901_234, 9_999_999_999_999_999]) {
            let nibbles = from_binary(value);
            assert_eq!(format!("{nibbles:x}"), value.to_string());
            assert_eq!(to_binary(nibbles), value);
        }
    }
}
