//! Identifiers that a country gives, and their check digits.

/// A system of identifiers.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// Country and name, as mappings say it.
    pub name: &'static str,
    /// How many characters it has.
    pub length: u32,
    /// Whether the last is a letter.
    pub ends_in_letter: bool,
    /// Whether a text without blanks is such an identifier.
    pub holds: fn(&[u8]) -> bool,
}

/// Every system.
pub const SYSTEMS: [System; 9] = [
    // Belgium, national register: 97 less the remainder; who was born since 2000 has a 2 before it.
    System { name: "be-nn", length: 11, ends_in_letter: false, holds: belgian },
    // Germany, tax number (section 139b AO): ISO 7064 mod 11,10; of ten digits one stands twice or thrice.
    System { name: "de-idnr", length: 11, ends_in_letter: false, holds: german },
    // Spain, Real Decreto 1553/2005: the letter at the remainder by 23.
    System { name: "es-dni", length: 9, ends_in_letter: true, holds: spanish },
    System { name: "fr-siren", length: 9, ends_in_letter: false, holds: |it| it.len() == 9 && digits(it) && luhn(it) },
    System { name: "fr-siret", length: 14, ends_in_letter: false, holds: french_site },
    System { name: "nl-bsn", length: 9, ends_in_letter: false, holds: dutch },
    System { name: "no-orgnr", length: 9, ends_in_letter: false, holds: norwegian },
    System { name: "pl-pesel", length: 11, ends_in_letter: false, holds: polish },
    System { name: "se-orgnr", length: 10, ends_in_letter: false, holds: |it| it.len() == 10 && digits(it) && luhn(it) },
];

fn digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

fn number(text: &[u8]) -> u64 {
    text.iter().fold(0, |sum, it| sum * 10 + u64::from(value(*it)))
}

fn weighted(text: &[u8], weights: &[u32]) -> u32 {
    text.iter().zip(weights).map(|(digit, weight)| value(*digit) * weight).sum()
}

/// Whether the last of some digits is the check digit of ISO/IEC 7812-1, annex B.
pub fn luhn(text: &[u8]) -> bool {
    let sum: u32 = text
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match value(*digit) << (at % 2) {
            it if it > 9 => it - 9,
            it => it,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn belgian(text: &[u8]) -> bool {
    let Some((body, check)) = text.split_at_checked(9).filter(|_| text.len() == 11 && digits(text)) else { return false };
    let (body, check) = (number(body), number(check));
    check == 97 - body % 97 || check == 97 - (2_000_000_000 + body) % 97
}

fn german(text: &[u8]) -> bool {
    let Some((check, body)) = text.split_last().filter(|_| text.len() == 11 && digits(text)) else { return false };
    let mut counts = [0_u8; 10];
    for digit in body {
        if let Some(count) = counts.get_mut(value(*digit) as usize) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|it| **it > 1).count() == 1 && counts.iter().all(|it| *it <= 3);
    let product = body.iter().fold(10, |product, digit| {
        let sum = (value(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    text.first() != Some(&b'0') && repeated && (11 - product) % 10 == value(*check)
}

fn spanish(text: &[u8]) -> bool {
    let Some((letter, body)) = text.split_last().filter(|_| text.len() == 9) else { return false };
    let wanted = usize::try_from(number(body) % 23).ok().and_then(|it| b"TRWAGMYFPDXBNJZSQVHLCKE".get(it));
    digits(body) && wanted == Some(letter)
}

fn french_site(text: &[u8]) -> bool {
    // La Poste has so many sites under one number that theirs only add up to a multiple of five (INSEE).
    let is_post = text.starts_with(b"356000000") && text.iter().map(|it| value(*it)).sum::<u32>().is_multiple_of(5);
    let company = text.get(..9).is_some_and(luhn);
    text.len() == 14 && digits(text) && company && (luhn(text) || is_post)
}

fn dutch(text: &[u8]) -> bool {
    let Some((check, body)) = text.split_last().filter(|_| text.len() == 9 && digits(text)) else { return false };
    number(text) > 0 && weighted(body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == value(*check)
}

fn norwegian(text: &[u8]) -> bool {
    text.len() == 9 && digits(text) && weighted(text, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

fn polish(text: &[u8]) -> bool {
    text.len() == 11 && digits(text) && weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_and_what_is_none() {
        for (name, good) in [
            ("be-nn", "85073003328"),
            ("de-idnr", "36574261809"),
            ("es-dni", "54362315K"),
            ("fr-siren", "552008443"),
            ("fr-siret", "73282932000074"),
            ("nl-bsn", "111222333"),
            ("no-orgnr", "988077917"),
            ("pl-pesel", "44051401359"),
            ("se-orgnr", "1234567897"),
        ] {
            let system = SYSTEMS.iter().find(|it| it.name == name).unwrap();
            assert!((system.holds)(good.as_bytes()), "{name}");
            assert_eq!(system.length as usize, good.len(), "{name}");
            let mut bad = good.as_bytes().to_vec();
            bad[4] = if bad[4] == b'9' { b'8' } else { bad[4] + 1 };
            assert!(!(system.holds)(&bad), "{name}");
            for text in ["", "1", "ABCDEFGHIJK", "ÄÖÜ"] {
                assert!(!(system.holds)(text.as_bytes()), "{name} {text}");
            }
        }
    }
}
