//! What the mappings check, by tables that are indexed with letters and by integers.

use super::text::put_number;
use super::{Checked, require};
use crate::ordinary::rules::{COUNTRIES, CURRENCIES, IBANS, table};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The places of a bank within an IBAN.
type Range = (u8, u8);

/// What is made once.
pub(super) struct Rules {
    /// By country: how long an IBAN is, and where it names the bank.
    ibans: Vec<Option<(u8, Option<Range>)>>,
    countries: Vec<bool>,
    /// By currency: its decimals.
    currencies: Vec<Option<u8>>,
}

/// The place of capital letters in a table.
fn place(letters: &[u8]) -> Option<usize> {
    letters.iter().try_fold(0, |place, it| it.is_ascii_uppercase().then(|| place * 26 + usize::from(it - b'A')))
}

/// A table with a place for each text of so many letters.
fn placed<T: Clone>(rows: impl Iterator<Item = (&'static str, T)>, letters: u32, none: T) -> Vec<T> {
    let mut places = vec![none; 26_usize.pow(letters)];
    rows.for_each(|(key, value)| places[place(key.as_bytes()).unwrap()] = value);
    places
}

impl Rules {
    pub(super) fn new() -> Self {
        let range = |it: &str| it.split_once('-').map(|(a, b)| (a.parse::<u8>().unwrap() - 1, b.parse().unwrap()));
        let iban = |row: Vec<&'static str>| (row[0], Some((row[1].parse().unwrap(), row.get(3).copied().and_then(range))));
        Rules {
            ibans: placed(table(IBANS).map(iban), 2, None),
            countries: placed(table(COUNTRIES).map(|row| (row[0], true)), 2, false),
            currencies: placed(table(CURRENCIES).map(|row| (row[0], Some(row[2].parse().unwrap_or(0)))), 3, None),
        }
    }

    /// The decimals of a currency.
    pub(super) fn decimals(&self, currency: &str) -> Checked<u8> {
        require(currency.len() == 3, "AM03 currency")?;
        place(currency.as_bytes()).and_then(|it| self.currencies[it]).ok_or("AM03 currency")
    }

    /// Whether a business identifier code names a country that exists.
    pub(super) fn is_of_country(&self, bic: &str) -> bool {
        bic.get(4..6).and_then(|it| place(it.as_bytes())).is_some_and(|it| self.countries[it])
    }

    /// An IBAN without blanks, in capitals, of the right length, with the right check digits.
    pub(super) fn iban(&self, text: &str) -> Checked<Iban> {
        let mut iban = Iban { bytes: [0; 34], length: 0, bank: None };
        for byte in text.bytes().filter(|it| *it != b' ') {
            require(byte.is_ascii_alphanumeric() && iban.length < 34, "AC01")?;
            iban.bytes[iban.length] = byte.to_ascii_uppercase();
            iban.length += 1;
        }
        let of_country = place(&iban.bytes[..2]).and_then(|it| self.ibans[it]);
        let (length, bank) = of_country.ok_or("AC01")?;
        require(iban.length == usize::from(length), "AC01")?;
        iban.bank = bank;
        let (head, rest) = iban.bytes().split_at(4);
        // ISO 7064, MOD 97-10. The remainder is taken when eighteen digits are full, not at each.
        let remainder = rest.iter().chain(head).fold(0_u64, |sum, it| {
            let sum = if sum < 10_u64.pow(16) { sum } else { sum % 97 };
            if it.is_ascii_digit() { sum * 10 + u64::from(it - b'0') } else { sum * 100 + u64::from(it - b'A' + 10) }
        });
        require(remainder % 97 == 1, "AC01")?;
        Ok(iban)
    }
}

/// An IBAN that was checked.
pub(super) struct Iban {
    bytes: [u8; 34],
    length: usize,
    bank: Option<Range>,
}

impl Iban {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Which bank has which code: sorted by country and national identifier.
pub(super) struct Directory(Vec<(Vec<u8>, String)>);

impl Directory {
    pub(super) fn new(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let rows = text.lines().skip(1).map(|it| it.split(',').collect::<Vec<_>>());
        let mut rows: Vec<_> = rows.map(|it| ([it[0], it[1]].concat().into_bytes(), it[2].to_owned())).collect();
        rows.sort();
        Directory(rows)
    }

    /// The code of the bank of an IBAN.
    pub(super) fn bic(&self, iban: &Iban) -> Option<&str> {
        let (from, to) = iban.bank?;
        let key = (&iban.bytes[..2], &iban.bytes[usize::from(from)..usize::from(to)]);
        let found = self.0.binary_search_by(|(row, _)| row.split_at(2).cmp(&key)).ok()?;
        Some(&self.0[found].1)
    }
}

/// An amount in the smallest unit of its decimals.
#[derive(Clone, Copy)]
pub(super) struct Amount {
    pub(super) units: u64,
    pub(super) scale: u8,
}

impl Amount {
    /// `10.50`: the decimals beyond those that are wanted must be zeros.
    pub(super) fn new(text: &str, decimals: u8) -> Checked<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let (kept, cut) = fraction.as_bytes().split_at(fraction.len().min(usize::from(decimals)));
        require(
            !text.is_empty() && text != "." && whole.len() + usize::from(decimals) < 19 && cut.iter().all(|it| *it == b'0'),
            "AM12",
        )?;
        let mut digits = whole.bytes().chain(kept.iter().copied());
        let units = digits.try_fold(0, |units, it| it.is_ascii_digit().then(|| units * 10 + u64::from(it - b'0')));
        Ok(Amount { units: units.ok_or("AM12")?, scale: kept.len() as u8 })
    }

    /// The units at two decimals, of a number as XML Schema has them: `+5` and `.5` are some.
    pub(super) fn cents(text: &str) -> Checked<u64> {
        let amount = Amount::new(text.strip_prefix('+').unwrap_or(text), 2)?;
        Ok(amount.units * 10_u64.pow(2 - u32::from(amount.scale)))
    }

    /// The sum, at the decimals of the finer one.
    pub(super) fn plus(self, other: Amount) -> Amount {
        let scale = self.scale.max(other.scale);
        let at_scale = |it: Amount| it.units * 10_u64.pow(u32::from(scale - it.scale));
        Amount { units: at_scale(self) + at_scale(other), scale }
    }

    pub(super) fn put(self, out: &mut Vec<u8>) {
        let scale = usize::from(self.scale);
        put_number(self.units, scale + 1, out);
        if scale > 0 {
            out.insert(out.len() - scale, b'.');
        }
    }
}

/// Whether an order writes an amount so: at most twelve digits, at most three decimals.
pub(super) fn is_value(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    (1..=12).contains(&whole.len()) && fraction.is_none_or(|it| (1..=3).contains(&it.len()))
}

/// Whether a text is a UUID; puts it without dashes and in small letters.
pub(super) fn put_compact(uuid: &str, out: &mut Vec<u8>) -> Checked<()> {
    let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let is_uuid =
        |it: &[u8]| it.iter().enumerate().all(|(at, it)| if is_dash(at) { *it == b'-' } else { it.is_ascii_hexdigit() });
    require(uuid.len() == 36 && is_uuid(uuid.as_bytes()), "messageId")?;
    for part in [0..8, 9..13, 14..18, 19..23, 24..36] {
        out.extend(uuid.as_bytes()[part].iter().map(u8::to_ascii_lowercase));
    }
    Ok(())
}

/// Whether a text is a UETR: a UUID of version 4 in small letters.
pub(super) fn is_uetr(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, it)| match at {
            8 | 13 | 18 | 23 => it == b'-',
            14 => it == b'4',
            19 => matches!(it, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(it, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Puts the UETR that two texts make.
pub(super) fn put_uetr(parts: [&str; 2], out: &mut Vec<u8>) {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    for (at, byte) in digest[..16].iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        let byte = match at {
            6 => byte & 0x0F | 0x40,
            8 => byte & 0x3F | 0x80,
            _ => *byte,
        };
        let digit = |it: u8| b"0123456789abcdef"[usize::from(it)];
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 0x0F)]);
    }
}

/// Whether a text is a business identifier code.
pub(super) fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text.bytes().enumerate().all(|(at, it)| it.is_ascii_uppercase() || it.is_ascii_digit() && !matches!(at, 4 | 5))
}
