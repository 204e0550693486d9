//! ISO 13616: account numbers and their parts, by the registry.

use super::Letters;
use std::ops::Range;
use std::sync::OnceLock;

/// What the account numbers of a country look like. Positions are of the whole IBAN, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Two letters.
    pub country: [u8; 2],
    /// Characters in all.
    pub length: usize,
    /// Behind the check digits: `n` a digit, `a` a capital letter, `c` a letter or digit.
    pub bban: Vec<u8>,
    /// The bank.
    pub bank: Option<Range<usize>>,
    /// The branch.
    pub branch: Option<Range<usize>>,
    /// The account.
    pub account: Option<Range<usize>>,
    /// The check digits of the country itself.
    pub national: Option<Range<usize>>,
}

fn table() -> &'static [Structure] {
    static TABLE: OnceLock<Vec<Structure>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Vec<_> = super::rows(include_str!("iban.tsv")).filter_map(|row| structure_of(&row)).collect();
        table.sort_by_key(|it| it.country);
        table
    })
}

fn structure_of(row: &[&str]) -> Option<Structure> {
    let column = |at: usize| row.get(at).copied().unwrap_or("");
    let range = |at: usize| {
        let (from, to) = column(at).split_once('-')?;
        Some(from.parse::<usize>().ok()?.checked_sub(1)?..to.parse().ok()?)
    };
    let mut bban = Vec::new();
    let mut count = 0;
    for byte in column(2).bytes() {
        match byte {
            b'0'..=b'9' => count = count * 10 + usize::from(byte - b'0'),
            b'!' => {}
            kind => {
                bban.resize(bban.len() + count, kind);
                count = 0;
            }
        }
    }
    let country = column(0).as_bytes().try_into().ok()?;
    let length = column(1).parse().ok()?;
    Some(Structure { country, length, bban, bank: range(3), branch: range(4), account: range(5), national: range(6) })
}

/// The structure of a country's account numbers.
pub fn structure(country: &[u8]) -> Option<&'static Structure> {
    static PLACES: OnceLock<Letters> = OnceLock::new();
    let places = PLACES.get_or_init(|| Letters::new(table().iter().map(|it| it.country)));
    places.find(country).and_then(|at| table().get(at))
}

/// The structure of an IBAN without blanks in capitals, if it is one: length, characters and check digits are right.
pub fn check(iban: &[u8]) -> Option<&'static Structure> {
    let structure = structure(iban.get(..2)?)?;
    let bban = iban.get(4..)?;
    let fits = iban.len() == structure.length
        && iban.get(2..4)?.iter().all(u8::is_ascii_digit)
        && bban.len() == structure.bban.len()
        && bban.iter().zip(&structure.bban).fold(true, |fits, (byte, kind)| fits & belongs(*byte, *kind));
    (fits && remainder(&[bban, iban.get(..4)?]) == Some(1)).then_some(structure)
}

#[inline]
fn belongs(byte: u8, kind: u8) -> bool {
    let (is_digit, is_capital) = (byte.wrapping_sub(b'0') < 10, byte.wrapping_sub(b'A') < 26);
    (is_digit & (kind != b'a')) | (is_capital & (kind != b'n'))
}

/// ISO 7064 mod 97-10 of a text in pieces, letters as 10 to 35; `None` for other characters.
pub fn remainder(pieces: &[&[u8]]) -> Option<u32> {
    let mut remainder: u64 = 0;
    for piece in pieces {
        // Eight characters are at most sixteen digits: behind a remainder of two they fit, and one division serves them all.
        for stretch in piece.chunks(8) {
            if let Some(digits) = stretch.first_chunk().and_then(eight_digits) {
                remainder = (remainder * 100_000_000 + digits) % 97;
                continue;
            }
            for byte in stretch {
                remainder = match byte {
                    b'0'..=b'9' => remainder * 10 + u64::from(byte - b'0'),
                    b'A'..=b'Z' => remainder * 100 + u64::from(byte - b'A') + 10,
                    b'a'..=b'z' => remainder * 100 + u64::from(byte - b'a') + 10,
                    _ => return None,
                };
            }
            remainder %= 97;
        }
    }
    u32::try_from(remainder).ok()
}

/// The number of eight digits, all in one register.
fn eight_digits(digits: &[u8; 8]) -> Option<u64> {
    let bytes = u64::from_le_bytes(*digits);
    let values = bytes ^ 0x3030_3030_3030_3030;
    // A digit's value has no high nibble, and none with six more.
    if (values | values.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 != 0 {
        return None;
    }
    // Pairs, fours, eights: the first digit stands lowest.
    let pairs = (values * 10 + (values >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

/// Appends the check digits that make an IBAN of a country and a BBAN.
pub fn check_digits(country: &[u8], bban: &[u8]) -> Option<[u8; 2]> {
    let digits = 98 - remainder(&[bban, country, b"00"])?;
    Some([b'0' + u8::try_from(digits / 10).ok()?, b'0' + u8::try_from(digits % 10).ok()?])
}

/// The check digits of the country itself, for an IBAN in which they are still missing; `None` where the country's rule is
/// not known here. Their number stands beside them.
pub fn national_digits(country: &[u8], iban: &[u8]) -> Option<([u8; 2], usize)> {
    let bban = iban.get(4..)?;
    let body = |range: Range<usize>| bban.get(range);
    let two = |number: u32| Some(([b'0' + u8::try_from(number / 10).ok()?, b'0' + u8::try_from(number % 10).ok()?], 2));
    let one = |digit: u8| Some(([digit, 0], 1));
    let last_two = || bban.len().checked_sub(2);
    match country {
        // ISO 7064 mod 97-10 over all before them.
        b"BA" | b"ME" | b"MK" | b"PT" | b"RS" | b"SI" | b"TL" => two(98 - remainder(&[body(0..last_two()?)?, b"00"])?),
        b"BE" => match remainder(&[body(0..10)?])? {
            0 => two(97),
            rest => two(rest),
        },
        // The key of a French account; letters count as digits: A and J as 1, B, K and S as 2, and so on.
        b"FR" | b"MC" => {
            let mut rest = 0;
            for byte in body(0..21)?.iter().chain(b"00") {
                let digit = match byte {
                    b'0'..=b'9' => byte - b'0',
                    b'A'..=b'I' => byte - b'A' + 1,
                    b'J'..=b'R' => byte - b'J' + 1,
                    b'S'..=b'Z' => byte - b'S' + 2,
                    _ => return None,
                };
                rest = (rest * 10 + u32::from(digit)) % 97;
            }
            two(97 - rest)
        }
        b"ES" => {
            let digit = |digits: &[u8], weights: &[u32]| match 11 - weighted(digits, weights)? % 11 {
                11 => Some(b'0'),
                10 => Some(b'1'),
                it => Some(b'0' + u8::try_from(it).ok()?),
            };
            let (bank, account) = (body(0..8)?, body(10..20)?);
            Some(([digit(bank, &[4, 8, 5, 10, 9, 7, 3, 6])?, digit(account, &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6])?], 2))
        }
        b"IT" | b"SM" => {
            // Odd places by this list, even ones by their own number.
            const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
            let mut sum = 0;
            for (at, byte) in body(1..23)?.iter().enumerate() {
                let number = match byte {
                    b'0'..=b'9' => byte - b'0',
                    b'A'..=b'Z' => byte - b'A',
                    _ => return None,
                };
                sum += if at % 2 == 0 { *ODD.get(usize::from(number))? } else { u32::from(number) };
            }
            one(b'A' + u8::try_from(sum % 26).ok()?)
        }
        // Of an account that begins with 00 the bank is not in the sum.
        b"NO" => match 11
            - if body(4..6)? == b"00" {
                weighted(body(6..10)?, &[5, 4, 3, 2])?
            } else {
                weighted(body(0..10)?, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])?
            } % 11
        {
            11 => one(b'0'),
            10 => None,
            it => one(b'0' + u8::try_from(it).ok()?),
        },
        _ => None,
    }
}

/// The sum of digits, each times its weight.
fn weighted(digits: &[u8], weights: &[u32]) -> Option<u32> {
    let products =
        digits.iter().zip(weights).map(|(digit, weight)| digit.is_ascii_digit().then(|| u32::from(digit - b'0') * weight));
    products.sum()
}

/// The text of an IBAN as people write it, without its blanks and in capitals.
pub fn compact(text: &[u8], out: &mut Vec<u8>) {
    out.extend(text.iter().filter(|it| **it != b' ').map(u8::to_ascii_uppercase));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the registry itself.
    const EXAMPLES: [&str; 12] = [
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "GB29NWBK60161331926819",
        "MT84MALT011000012345MTLCAST001S",
        "NO9386011117947",
        "SE4550000000058398257466",
        "CH9300762011623852957",
        "SA0380000000608010167519",
        "BR1800360305000010009795493C1",
        "NL91ABNA0417164300",
        "XK051212012345678906",
        "LC55HEMM000100010012001200023015",
    ];

    #[test]
    fn examples_of_the_registry() {
        for iban in EXAMPLES {
            assert!(check(iban.as_bytes()).is_some(), "{iban}");
            let bban = &iban.as_bytes()[4..];
            assert_eq!(check_digits(&iban.as_bytes()[..2], bban).unwrap(), iban.as_bytes()[2..4], "{iban}");
        }
    }

    #[test]
    fn national_check_digits_of_the_registrys_examples() {
        for iban in [
            "ES9121000418450200051332",
            "IT60X0542811101000000123456",
            "SM86U0322509800000000270100",
            "BE68539007547034",
            "NO9386011117947",
            "PT50000201231234567890154",
            "SI56263300012039086",
            "RS35260005601001611379",
            "BA391290079401028494",
            "ME25505000012345678951",
            "MK07250120000058984",
            "TL380080012345678910157",
            "FR1420041010050500013M02606",
            "MC5811222000010123456789030",
        ] {
            let structure = check(iban.as_bytes()).unwrap();
            let (digits, length) = national_digits(&structure.country, iban.as_bytes()).unwrap();
            assert_eq!(&digits[..length], &iban.as_bytes()[structure.national.clone().unwrap()], "{iban}");
        }
    }

    #[test]
    fn any_wrong_digit_is_found() {
        for at in 2..22 {
            let mut iban = *b"DE89370400440532013000";
            iban[at] = if iban[at] == b'9' { b'0' } else { iban[at] + 1 };
            assert!(check(&iban).is_none(), "{at}");
        }
        assert!(check(b"DE8937040044053201300").is_none());
        assert!(check(b"ZZ89370400440532013000").is_none());
        assert!(check(b"de89370400440532013000").is_none());
    }

    #[test]
    fn eight_digits_are_a_number_or_none() {
        for number in (0..100_000_000_u64).step_by(99_991).chain([99_999_999]) {
            let text = format!("{number:08}");
            assert_eq!(eight_digits(text.as_bytes().try_into().unwrap()), Some(number));
            for at in 0..8 {
                for byte in [b'0' - 1, b'9' + 1, b'A', b' ', 0, 0xFF] {
                    let mut other: [u8; 8] = text.as_bytes().try_into().unwrap();
                    other[at] = byte;
                    assert_eq!(eight_digits(&other), None, "{other:?}");
                }
            }
        }
    }

    #[test]
    fn parts_by_country() {
        let german = structure(b"DE").unwrap();
        assert_eq!((german.bank.clone(), german.branch.clone(), german.account.clone()), (Some(4..12), None, Some(12..22)));
    }
}
