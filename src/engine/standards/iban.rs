//! ISO 13616: account numbers and their parts, by the registry.

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
    Some(Structure { country, length, bban, bank: range(3), branch: range(4), account: range(5) })
}

/// The structure of a country's account numbers.
pub fn structure(country: &[u8]) -> Option<&'static Structure> {
    let table = table();
    table.binary_search_by(|it| it.country.as_slice().cmp(country)).ok().and_then(|at| table.get(at))
}

/// The structure of an IBAN without blanks in capitals, if it is one: length, characters and check digits are right.
pub fn check(iban: &[u8]) -> Option<&'static Structure> {
    let structure = structure(iban.get(..2)?)?;
    let bban = iban.get(4..)?;
    let fits = iban.len() == structure.length
        && iban.get(2..4)?.iter().all(u8::is_ascii_digit)
        && bban.len() == structure.bban.len()
        && bban.iter().zip(&structure.bban).all(|(byte, kind)| belongs(*byte, *kind));
    (fits && remainder(&[bban, iban.get(..4)?]) == Some(1)).then_some(structure)
}

fn belongs(byte: u8, kind: u8) -> bool {
    match kind {
        b'n' => byte.is_ascii_digit(),
        b'a' => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
    }
}

/// ISO 7064 mod 97-10 of a text in pieces, letters as 10 to 35; `None` for other characters.
pub fn remainder(pieces: &[&[u8]]) -> Option<u32> {
    let mut remainder: u32 = 0;
    for byte in pieces.iter().copied().flatten() {
        remainder = match byte {
            b'0'..=b'9' => remainder * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => remainder * 100 + u32::from(byte - b'A') + 10,
            b'a'..=b'z' => remainder * 100 + u32::from(byte - b'a') + 10,
            _ => return None,
        } % 97;
    }
    Some(remainder)
}

/// Appends the check digits that make an IBAN of a country and a BBAN.
pub fn check_digits(country: &[u8], bban: &[u8]) -> Option<[u8; 2]> {
    let digits = 98 - remainder(&[bban, country, b"00"])?;
    Some([b'0' + u8::try_from(digits / 10).ok()?, b'0' + u8::try_from(digits % 10).ok()?])
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
    fn parts_by_country() {
        let german = structure(b"DE").unwrap();
        assert_eq!((german.bank.clone(), german.branch.clone(), german.account.clone()), (Some(4..12), None, Some(12..22)));
    }
}
