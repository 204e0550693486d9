//! Zoned decimal, `DISPLAY`: a digit a byte; the sign in the zone of the last or first byte, or in a byte of its own.
//!
//! In EBCDIC a digit is F0 to F9. A sign in a zone is C A E F for plus, B D for minus, and C or D are written (IBM
//! Enterprise COBOL Programming Guide, "Sign representation of zoned and packed-decimal data"); an item without sign has
//! digits only. A separate sign is `+` or `-`.

use crate::{
    Unfit,
    digits::{self, Digits, Number},
};

/// How digits and signs are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zones {
    /// F0 to F9; C0 to C9 plus, D0 to D9 minus.
    Ebcdic,
    /// `0` to `9`; what the EBCDIC signs become when a file is translated: `{ A..I` plus, `} J..R` minus.
    Translated,
    /// `0` to `9`, which is plus; `p` to `y` minus.
    Ascii,
}

/// Where the sign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// In the zone of the last byte; of an item without sign, nowhere.
    Trailing,
    /// In the zone of the first byte.
    Leading,
    /// In a byte behind the digits.
    TrailingSeparate,
    /// In a byte before the digits.
    LeadingSeparate,
}

/// A zoned item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zoned {
    /// Its digits.
    pub number: Number,
    /// Where its sign stands.
    pub sign: Sign,
    /// How it is spelled.
    pub zones: Zones,
}

/// How many bytes the item has.
pub const fn length(zoned: Zoned) -> usize {
    zoned.number.digits as usize + zoned.is_separate() as usize
}

/// Appends the number as text; says whether [`write()`] would write the same bytes.
#[inline]
pub fn read(bytes: &[u8], zoned: Zoned, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    if let Some(whole) = Whole::of(zoned) {
        whole.read(bytes)?.write_whole(out);
        return Ok(true);
    }
    if bytes.len() > 16 {
        return read_long(bytes, zoned, out);
    }
    let (digits, negative, preferred) = register(bytes, zoned)?;
    digits.write(negative, zoned.number.scale, out);
    Ok(preferred && !(negative && digits.are_zero()))
}

/// Whether the bytes are such a number.
#[inline]
pub fn check(bytes: &[u8], zoned: Zoned) -> Result<(), Unfit> {
    if bytes.len() > 16 {
        return unzone(bytes, zoned, &mut [0; 48]).map(|_| ());
    }
    register(bytes, zoned).map(|_| ())
}

/// What an item of at most eight digits without sign and point says, most often a counter; `None` for other items, and where
/// the bytes are no such number.
#[inline]
pub fn small(bytes: &[u8], zoned: Zoned) -> Option<u32> {
    let digits = Whole::of(zoned)?.read(bytes).ok()?;
    u32::try_from(digits::bytes_to_binary(digits.low)).ok()
}

/// Writes a number in text; the field must have the item's length.
#[inline]
pub fn write(text: &[u8], zoned: Zoned, field: &mut [u8]) -> Result<(), Unfit> {
    if let Some(whole) = Whole::of(zoned)
        && whole.write(text, field)
    {
        return Ok(());
    }
    let zone = zoned.zones.digit_zone();
    let separate = match (zoned.sign, zoned.is_separate()) {
        (Sign::LeadingSeparate, true) => field.split_first_mut(),
        (_, true) => field.split_last_mut(),
        _ => None,
    };
    let negative = match separate {
        Some((sign, digits)) => {
            let negative = write_digits(text, zoned.number, zone, digits)?;
            *sign = zoned.zones.separate(negative);
            return Ok(());
        }
        None => write_digits(text, zoned.number, zone, field)?,
    };
    if zoned.number.signed {
        let place = if zoned.sign == Sign::Leading { field.first_mut() } else { field.last_mut() };
        if let Some(place) = place {
            *place = zoned.zones.overpunch(*place & 0xF, negative);
        }
    }
    Ok(())
}

/// The zone of an item of at most eight digits without sign and point: the commonest, and one register.
struct Whole(u8);

impl Whole {
    #[inline]
    fn of(zoned: Zoned) -> Option<Whole> {
        let Number { digits, scale, signed } = zoned.number;
        (digits <= 8 && scale == 0 && !signed).then(|| Whole(zoned.zones.digit_zone()))
    }

    #[inline]
    fn read(&self, bytes: &[u8]) -> Result<Digits, Unfit> {
        let low = (digits::load(bytes) ^ digits::eight(self.0)) & digits::last(bytes.len());
        if (1..=8).contains(&bytes.len()) && digits::are_digits(low) { Ok(Digits { high: 0, low }) } else { Err(Unfit::Digits) }
    }

    /// Writes a text that is digits and no longer than the field; else nothing.
    #[inline]
    fn write(&self, text: &[u8], field: &mut [u8]) -> bool {
        let digits = (digits::load(text) ^ digits::eight(b'0')) & digits::last(text.len());
        let fits = (1..=field.len().min(8)).contains(&text.len()) && digits::are_digits(digits);
        if fits {
            digits::store(digits | digits::eight(self.0), field);
        }
        fits
    }
}

/// The digits, whether it is negative, whether the sign is the one that is written.
#[inline]
fn register(bytes: &[u8], zoned: Zoned) -> Result<(Digits, bool, bool), Unfit> {
    let in_last = zoned.zones == Zones::Ebcdic && zoned.sign == Sign::Trailing;
    if !zoned.number.signed {
        return halves(bytes, zoned.zones).and_then(Digits::checked).map(|it| (it, false, true));
    }
    if !in_last {
        return register_any(bytes, zoned);
    }
    let Digits { high, low } = halves(bytes, Zones::Ebcdic)?;
    // What the last zone differs from F in: C is 3, D is 2; A, B and E are 5, 4 and 1.
    let zone = low & 0xF0;
    let negative = zone == 0x20 || zone == 0x40;
    if zone > 0x50 {
        return Err(Unfit::Digits);
    }
    let digits = Digits { high, low: low ^ zone }.checked()?;
    Ok((digits, negative, zone == 0x30 || zone == 0x20))
}

/// The bytes without their zones, as digits if they are some.
#[inline]
fn halves(bytes: &[u8], zones: Zones) -> Result<Digits, Unfit> {
    let zone = digits::eight(zones.digit_zone());
    let (front, back) = bytes.split_at(bytes.len().saturating_sub(8));
    if back.is_empty() {
        return Err(Unfit::Digits);
    }
    let high = if front.is_empty() { 0 } else { (digits::load(front) ^ zone) & digits::last(front.len()) };
    Ok(Digits { high, low: (digits::load(back) ^ zone) & digits::last(back.len()) })
}

/// The same for signs in other places.
fn register_any(bytes: &[u8], zoned: Zoned) -> Result<(Digits, bool, bool), Unfit> {
    let (bytes, sign) = zoned.split(bytes)?;
    let Digits { mut high, mut low } = halves(bytes, zoned.zones)?;
    if let Some((digit, at_end)) = sign.digit {
        // The digit that shares the sign's byte, in its place.
        let front = bytes.len().saturating_sub(8);
        let (half, length) = if at_end || front == 0 { (&mut low, bytes.len()) } else { (&mut high, front) };
        let behind = if at_end { 0 } else { length.saturating_sub(1) * 8 };
        *half = *half & !(0xFF << behind) | u64::from(digit) << behind;
    }
    Ok((Digits { high, low }.checked()?, sign.negative, sign.preferred))
}

/// What the sign's place says.
struct Signed {
    negative: bool,
    preferred: bool,
    /// The digit that shares the sign's byte, and whether it is the last one.
    digit: Option<(u8, bool)>,
}

impl Zoned {
    const fn is_separate(self) -> bool {
        self.number.signed && matches!(self.sign, Sign::TrailingSeparate | Sign::LeadingSeparate)
    }

    /// The bytes of the digits, and the sign.
    #[inline]
    fn split(self, bytes: &[u8]) -> Result<(&[u8], Signed), Unfit> {
        if !self.number.signed {
            return Ok((bytes, Signed { negative: false, preferred: true, digit: None }));
        }
        let ((sign, rest), at_end) = match self.sign {
            Sign::Leading | Sign::LeadingSeparate => (bytes.split_first().ok_or(Unfit::Digits)?, false),
            _ => (bytes.split_last().ok_or(Unfit::Digits)?, true),
        };
        if self.is_separate() {
            let negative = *sign == self.zones.separate(true);
            if !negative && *sign != self.zones.separate(false) {
                return Err(Unfit::Digits);
            }
            return Ok((rest, Signed { negative, preferred: true, digit: None }));
        }
        let (digit, negative) = self.zones.overpunched(*sign).ok_or(Unfit::Digits)?;
        let preferred = *sign == self.zones.overpunch(digit, negative);
        Ok((bytes, Signed { negative, preferred, digit: Some((digit, at_end)) }))
    }
}

impl Zones {
    const fn digit_zone(self) -> u8 {
        if matches!(self, Zones::Ebcdic) { 0xF0 } else { 0x30 }
    }

    const fn separate(self, negative: bool) -> u8 {
        match (self, negative) {
            (Zones::Ebcdic, false) => 0x4E,
            (Zones::Ebcdic, true) => 0x60,
            (_, false) => b'+',
            (_, true) => b'-',
        }
    }

    /// The byte of a digit with a sign.
    #[inline]
    fn overpunch(self, digit: u8, negative: bool) -> u8 {
        match (self, negative) {
            (Zones::Ebcdic, false) => 0xC0 | digit,
            (Zones::Ebcdic, true) => 0xD0 | digit,
            (Zones::Translated, false) if digit == 0 => b'{',
            (Zones::Translated, true) if digit == 0 => b'}',
            (Zones::Translated, false) => b'A' - 1 + digit,
            (Zones::Translated, true) => b'J' - 1 + digit,
            (Zones::Ascii, false) => b'0' + digit,
            (Zones::Ascii, true) => b'p' + digit,
        }
    }

    /// The digit of a byte that may carry a sign, and whether that is minus.
    #[inline]
    fn overpunched(self, byte: u8) -> Option<(u8, bool)> {
        match self {
            Zones::Ebcdic => match (byte >> 4, byte & 0xF) {
                (_, 0xA..) => None,
                (0xA | 0xC | 0xE | 0xF, digit) => Some((digit, false)),
                (0xB | 0xD, digit) => Some((digit, true)),
                _ => None,
            },
            Zones::Translated => match byte {
                b'{' => Some((0, false)),
                b'}' => Some((0, true)),
                b'A'..=b'I' => Some((byte - b'A' + 1, false)),
                b'J'..=b'R' => Some((byte - b'J' + 1, true)),
                b'0'..=b'9' => Some((byte - b'0', false)),
                _ => None,
            },
            Zones::Ascii => match byte {
                b'0'..=b'9' => Some((byte - b'0', false)),
                b'p'..=b'y' => Some((byte - b'p', true)),
                _ => None,
            },
        }
    }
}

#[inline]
fn write_digits(text: &[u8], number: Number, zone: u8, field: &mut [u8]) -> Result<bool, Unfit> {
    if number.digits > 16 {
        let mut buffer = [b'0'; 48];
        let negative = digits::place(text, number, &mut buffer)?;
        for (to, from) in field.iter_mut().rev().zip(buffer.iter().rev()) {
            *to = from & 0xF | zone;
        }
        return Ok(negative);
    }
    let (nibbles, negative) = digits::place_register(text, number)?;
    let (front, back) = field.split_at_mut(field.len().saturating_sub(8));
    digits::store(digits::spread(nibbles) | digits::eight(zone), back);
    if !front.is_empty() {
        digits::store(digits::spread(nibbles >> 32) | digits::eight(zone), front);
    }
    Ok(negative)
}

fn read_long(bytes: &[u8], zoned: Zoned, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    let mut buffer = [0; 48];
    let (digits, negative, preferred) = unzone(bytes, zoned, &mut buffer)?;
    let is_zero = digits.iter().all(|it| *it == b'0');
    digits::write(digits, negative, zoned.number.scale, out);
    Ok(preferred && !(negative && is_zero))
}

/// Fills the start of the buffer with the digits in ASCII.
fn unzone<'a>(bytes: &[u8], zoned: Zoned, buffer: &'a mut digits::Buffer) -> Result<(&'a [u8], bool, bool), Unfit> {
    let zone = zoned.zones.digit_zone();
    let (bytes, sign) = zoned.split(bytes)?;
    let last = bytes.len().saturating_sub(1);
    let digits = buffer.get_mut(..bytes.len()).ok_or(Unfit::Digits)?;
    for (at, (to, from)) in digits.iter_mut().zip(bytes).enumerate() {
        let value = match sign.digit {
            Some((digit, at_end)) if at == if at_end { last } else { 0 } => digit,
            _ => from ^ zone,
        };
        if value > 9 {
            return Err(Unfit::Digits);
        }
        *to = b'0' + value;
    }
    Ok((digits, sign.negative, sign.preferred))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(digits: u8, scale: i8, sign: Option<Sign>, zones: Zones) -> Zoned {
        let number = Number { digits, scale, signed: sign.is_some() };
        Zoned { number, sign: sign.unwrap_or(Sign::Trailing), zones }
    }

    fn text(bytes: &[u8], zoned: Zoned) -> Result<(String, bool), Unfit> {
        let mut out = Vec::new();
        let found = read(bytes, zoned, &mut out);
        assert_eq!(check(bytes, zoned), found.map(|_| ()));
        found.map(|same| (String::from_utf8(out).unwrap(), same))
    }

    fn bytes(value: &str, zoned: Zoned) -> Result<Vec<u8>, Unfit> {
        let mut field = vec![0xEE; length(zoned)];
        write(value.as_bytes(), zoned, &mut field)?;
        Ok(field)
    }

    const ZONES: [Zones; 3] = [Zones::Ebcdic, Zones::Translated, Zones::Ascii];
    const SIGNS: [Option<Sign>; 5] =
        [None, Some(Sign::Trailing), Some(Sign::Leading), Some(Sign::TrailingSeparate), Some(Sign::LeadingSeparate)];

    #[test]
    fn every_number_of_three_digits() {
        for zones in ZONES {
            for sign in SIGNS {
                let zoned = item(3, 1, sign, zones);
                for value in -999i32..=999 {
                    let sign = if value < 0 { "-" } else { "" };
                    let value = format!("{sign}{}.{}", value.abs() / 10, value.abs() % 10);
                    match bytes(&value, zoned) {
                        Ok(field) => assert_eq!(text(&field, zoned), Ok((value, true)), "{zoned:?}"),
                        Err(why) => assert_eq!((why, zoned.number.signed), (Unfit::Size, false)),
                    }
                }
            }
        }
    }

    /// All two bytes in every form: read, and written back when that is said.
    #[test]
    fn every_two_bytes() {
        for zones in ZONES {
            for sign in SIGNS {
                let digits = if matches!(sign, Some(Sign::TrailingSeparate | Sign::LeadingSeparate)) { 1 } else { 2 };
                let zoned = item(digits, 0, sign, zones);
                let mut count = 0;
                for all in 0..=u16::MAX {
                    let field = all.to_be_bytes();
                    if let Ok((value, same)) = text(&field, zoned) {
                        assert_eq!(bytes(&value, zoned).unwrap() == field, same, "{field:02X?} {zoned:?}");
                        count += 1;
                    }
                }
                let expected = match (sign, zones) {
                    (None, _) => 100,
                    (Some(Sign::TrailingSeparate | Sign::LeadingSeparate), _) => 20,
                    (_, Zones::Ebcdic) => 600,
                    (_, Zones::Translated) => 300,
                    (_, Zones::Ascii) => 200,
                };
                assert_eq!(count, expected, "{zoned:?}");
            }
        }
    }

    #[test]
    fn every_length() {
        for zones in ZONES {
            for sign in SIGNS {
                for digits in 1..=38u8 {
                    let zoned = item(digits, (digits / 4) as i8, sign, zones);
                    let value: String = (0..digits).map(|it| char::from(b'1' + it % 9)).collect();
                    let (whole, fraction) = value.split_at(usize::from(digits - digits / 4));
                    let minus = if sign.is_some() { "-" } else { "" };
                    let point = if fraction.is_empty() { "" } else { "." };
                    let value = format!("{minus}{whole}{point}{fraction}");
                    let mut field = bytes(&value, zoned).unwrap();
                    assert_eq!(text(&field, zoned), Ok((value, true)));
                    let middle = field.len() / 2;
                    field[middle] = 0x7A;
                    assert_eq!(text(&field, zoned), Err(Unfit::Digits), "{field:02X?} {zoned:?}");
                }
            }
        }
    }

    #[test]
    fn known_numbers() {
        let zoned = |sign| item(4, 2, sign, Zones::Ebcdic);
        assert_eq!(bytes("-12.30", zoned(SIGNS[1])), Ok(vec![0xF1, 0xF2, 0xF3, 0xD0]));
        assert_eq!(bytes("12.30", zoned(SIGNS[2])), Ok(vec![0xC1, 0xF2, 0xF3, 0xF0]));
        assert_eq!(bytes("-12.30", zoned(SIGNS[3])), Ok(vec![0xF1, 0xF2, 0xF3, 0xF0, 0x60]));
        assert_eq!(bytes("12.30", zoned(SIGNS[4])), Ok(vec![0x4E, 0xF1, 0xF2, 0xF3, 0xF0]));
        // Letters, blanks and signs that are not there are no digits: the half-byte alone does not make one.
        for bad in [[0xC1, 0xC2, 0xC3, 0xC4], [0xF0, 0x40, 0xF1, 0xF2], [0x40; 4], [0xF1, 0xF2, 0xF3, 0xC4], [0; 4]] {
            assert_eq!(text(&bad, zoned(None)), Err(Unfit::Digits), "{bad:02X?}");
        }
    }
}
