//! How one leaf is spelled: what its picture and usage make of it, its size, its emptiness, its bytes as a number.

use crate::{
    copybook::{Item, Usage},
    options::Settings,
    picture::Picture,
};
use latimer_wire::{
    Number, Unfit,
    binary::{self, Binary},
    ebcdic::{self, CodePage},
    float::{self, Float},
    packed,
    zoned::{self, Sign, Zoned},
};

/// How a leaf is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spelling {
    /// Characters; `JUSTIFIED` ones stand at the right.
    Text {
        at_right: bool,
    },
    /// Digits; of a `BLANK WHEN ZERO` item zero is blanks, whose byte is given.
    Zoned {
        zoned: Zoned,
        blank_zero: Option<u8>,
    },
    Packed(Number),
    PackedUnsigned(Number),
    Binary(Binary),
    Float(Float),
    /// Bytes that are not looked at: without a value these two in turn; what they would be if they were read.
    Bytes {
        blank: [u8; 2],
        unread: Option<&'static str>,
    },
}

/// The most digits of a binary item (IBM Enterprise COBOL, ARITH(EXTEND) too).
const BINARY_DIGITS_MAX: u8 = 18;

impl Spelling {
    /// Bytes for alignment only.
    pub(crate) const SLACK: Spelling = Spelling::Bytes { blank: [0, 0], unread: None };

    /// The digits of a number.
    pub(crate) fn number(self) -> Option<Number> {
        match self {
            Spelling::Zoned { zoned, .. } => Some(zoned.number),
            Spelling::Packed(number) | Spelling::PackedUnsigned(number) => Some(number),
            Spelling::Binary(binary) => Some(binary.number),
            _ => None,
        }
    }

    /// Appends a number as text; says whether [`Spelling::write_number`] would write the same bytes.
    #[inline]
    pub(crate) fn read_number(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<bool, Unfit> {
        match self {
            Spelling::Packed(number) => packed::read(bytes, number, out),
            Spelling::Zoned { zoned, blank_zero: None } => zoned::read(bytes, zoned, out),
            Spelling::Zoned { zoned, blank_zero: Some(blank) } => read_blank_zero(bytes, zoned, blank, out),
            Spelling::Binary(binary) => binary::read(bytes, binary, out),
            Spelling::PackedUnsigned(number) => packed::read_unsigned(bytes, number, out),
            Spelling::Float(float) => float::read(bytes, float, out),
            Spelling::Text { .. } | Spelling::Bytes { .. } => Err(Unfit::Digits),
        }
    }

    /// What a counter of the usual spellings says; `None` for others, and where the bytes are no such number.
    #[inline]
    pub(crate) fn small(&self, bytes: &[u8]) -> Option<u32> {
        match *self {
            Spelling::Zoned { zoned, blank_zero: None } => zoned::small(bytes, zoned),
            Spelling::Binary(binary) => binary::small(bytes, binary),
            Spelling::Packed(number) => packed::small(bytes, number),
            _ => None,
        }
    }

    /// Whether the bytes are a number of this spelling.
    #[inline]
    pub(crate) fn check_number(self, bytes: &[u8], scratch: &mut Vec<u8>) -> Result<(), Unfit> {
        match self {
            Spelling::Packed(number) => packed::check(bytes, number),
            Spelling::Zoned { zoned, blank_zero: None } => zoned::check(bytes, zoned),
            Spelling::Binary(binary) => binary::check(bytes, binary),
            Spelling::Float(float) => float::check(bytes, float),
            Spelling::Text { .. } | Spelling::Bytes { .. } => Ok(()),
            other => {
                scratch.clear();
                other.read_number(bytes, scratch).map(|_| ())
            }
        }
    }

    /// Writes a number in text into its field.
    #[inline]
    pub(crate) fn write_number(self, text: &[u8], field: &mut [u8]) -> Result<(), Unfit> {
        match self {
            Spelling::Packed(number) => packed::write(text, number, field),
            Spelling::Zoned { zoned, blank_zero } => {
                zoned::write(text, zoned, field)?;
                if let Some(blank) = blank_zero
                    && text.iter().all(|it| !(b'1'..=b'9').contains(it))
                {
                    field.fill(blank);
                }
                Ok(())
            }
            Spelling::Binary(binary) => binary::write(text, binary, field),
            Spelling::PackedUnsigned(number) => packed::write_unsigned(text, number, field),
            Spelling::Float(float) => float::write(text, float, field),
            Spelling::Text { .. } | Spelling::Bytes { .. } => Err(Unfit::Digits),
        }
    }

    /// Fills a field with what it is without a value: blanks, or zero.
    pub(crate) fn fill_blank(self, page: &CodePage, field: &mut [u8]) {
        match self {
            Spelling::Text { .. } => field.fill(blank(page)),
            Spelling::Bytes { blank, .. } => field.iter_mut().zip(blank.iter().cycle()).for_each(|(to, from)| *to = *from),
            // Zero fits into every picture.
            number => number.write_number(b"0", field).unwrap_or_default(),
        }
    }
}

/// The blank of a code page.
pub(crate) fn blank(page: &CodePage) -> u8 {
    ebcdic::byte(page, ' ').unwrap_or(b' ')
}

fn read_blank_zero(bytes: &[u8], zoned: Zoned, blank: u8, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    if bytes.iter().all(|it| *it == blank) {
        let mut zeros = [0; 64];
        let zeros = zeros.get_mut(..bytes.len()).ok_or(Unfit::Digits)?;
        zoned::write(b"0", zoned, zeros)?;
        return zoned::read(zeros, zoned, out);
    }
    let from = out.len();
    let same = zoned::read(bytes, zoned, out)?;
    let is_zero = out.iter().skip(from).all(|it| !(b'1'..=b'9').contains(it));
    Ok(same && !is_zero)
}

/// What picture and usage make of an elementary item, and its bytes; else the code of a diagnostic and what is wrong.
pub(crate) fn of(item: &Item, settings: &Settings) -> Result<(Spelling, u32), (&'static str, String)> {
    let usage = item.usage.as_ref().map_or(Usage::Display, |it| it.0);
    let Some((picture, _, _)) = &item.picture else {
        let float = Float { hexadecimal: settings.hexadecimal, little: settings.little && !settings.hexadecimal };
        return match usage {
            Usage::Float(is_long) => Ok((Spelling::Float(float), if is_long { 8 } else { 4 })),
            Usage::Opaque(length) => Ok((Spelling::SLACK, length)),
            _ => Err(("S301", "has neither a picture nor items in it".to_owned())),
        };
    };
    let word = item.usage.as_ref().map_or("DISPLAY", |it| it.1.as_str());
    check_clauses(item, picture, usage)?;
    let no_digits = || Err(("S303", format!("is no number, which `{word}` needs")));
    let bytes = |blank, unread, length: u32| (Spelling::Bytes { blank, unread: Some(unread) }, length.saturating_mul(2));
    match (picture, usage) {
        (_, Usage::Float(_) | Usage::Opaque(_)) => Err(("S301", format!("has a picture, and `{word}` has none"))),
        (Picture::National(length), Usage::Display | Usage::National) => Ok(bytes([0x00, 0x20], "UTF-16 characters", *length)),
        (Picture::Double(length), Usage::Display | Usage::Double) => Ok(bytes([0x40, 0x40], "double-byte characters", *length)),
        (Picture::Text(length) | Picture::Edited(length), Usage::Display) => {
            Ok((Spelling::Text { at_right: item.is_justified }, *length))
        }
        (Picture::Number(number), Usage::National) => Ok(bytes([0x00, 0x30], "digits in UTF-16", u32::from(number.digits))),
        (Picture::Number(number), Usage::Binary(_)) if number.digits > BINARY_DIGITS_MAX => {
            Err(("S303", format!("has {} digits, and `{word}` at most {BINARY_DIGITS_MAX}", number.digits)))
        }
        (Picture::Number(number), usage) => numeric(item, *number, usage, settings).map_or_else(no_digits, Ok),
        _ => no_digits(),
    }
}

/// Clauses that an item of this kind cannot have.
fn check_clauses(item: &Item, picture: &Picture, usage: Usage) -> Result<(), (&'static str, String)> {
    let is_display = usage == Usage::Display;
    let number = match picture {
        Picture::Number(number) => Some(number),
        _ => None,
    };
    if item.sign.is_some_and(|it| it.own) && !number.is_some_and(|it| it.signed && is_display) {
        return Err(("S301", "has a `SIGN` clause, which needs `S` in a `DISPLAY` picture".to_owned()));
    }
    if item.is_justified && number.is_some() {
        return Err(("S301", "is a number, and `JUSTIFIED` is for text".to_owned()));
    }
    let may_be_blank = matches!(picture, Picture::Edited(_)) || (number.is_some() && is_display);
    if item.is_blank_when_zero && !may_be_blank {
        return Err(("S301", "is no `DISPLAY` number, which `BLANK WHEN ZERO` needs".to_owned()));
    }
    Ok(())
}

fn numeric(item: &Item, number: Number, usage: Usage, settings: &Settings) -> Option<(Spelling, u32)> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    Some(match usage {
        Usage::Display => {
            let sign = match item.sign {
                Some(it) if it.leading && it.separate => Sign::LeadingSeparate,
                Some(it) if it.leading => Sign::Leading,
                Some(it) if it.separate => Sign::TrailingSeparate,
                _ => Sign::Trailing,
            };
            let zoned = Zoned { number, sign, zones: settings.zones };
            let blank_zero = item.is_blank_when_zero.then(|| blank(settings.page));
            (Spelling::Zoned { zoned, blank_zero }, length(zoned::length(zoned)))
        }
        Usage::Packed => (Spelling::Packed(number), length(packed::length(number, true))),
        Usage::PackedUnsigned => {
            let number = Number { signed: false, ..number };
            (Spelling::PackedUnsigned(number), length(packed::length(number, false)))
        }
        Usage::Binary(full) => {
            let bytes = binary_length(number);
            // As many digits as the bytes can hold: 65535 has five.
            let digits = match (full, bytes, number.signed) {
                (false, ..) => number.digits,
                (_, 2, _) => 5,
                (_, 4, _) => 10,
                (_, _, true) => 19,
                _ => 20,
            };
            let number = Number { digits, ..number };
            (Spelling::Binary(Binary { number, little: settings.little, full }), bytes)
        }
        _ => return None,
    })
}

/// Two, four or eight bytes by the digits of the picture.
fn binary_length(number: Number) -> u32 {
    match number.digits {
        0..=4 => 2,
        5..=9 => 4,
        _ => 8,
    }
}

/// The boundary that `SYNC` gives an item (IBM Enterprise COBOL Language Reference, "SYNCHRONIZED clause": halfword for 1
/// to 4 digits, fullword for 5 to 18 and for short floats, doubleword for long floats; packed and display items none).
pub(crate) fn boundary(item: &Item) -> u32 {
    if !item.is_synchronized {
        return 1;
    }
    match (item.usage.as_ref().map(|it| it.0), &item.picture) {
        (Some(Usage::Binary(_)), Some((Picture::Number(number), ..))) if number.digits <= 4 => 2,
        (Some(Usage::Binary(_)), _) => 4,
        (Some(Usage::Float(false)), _) => 4,
        (Some(Usage::Float(true)), _) => 8,
        (Some(Usage::Opaque(bytes)), _) => bytes,
        _ => 1,
    }
}
