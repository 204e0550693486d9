//! ISO 9362.

use super::countries;

/// Texts that look like a BIC and are used where there is none.
const PLACEHOLDERS: [&[u8]; 3] = [b"NOTPROVIDED", b"XXXXXXXX", b"XXXXXXXXXXX"];

/// Whether a text is a BIC: eight or eleven characters, the country exists, not a placeholder.
///
/// ISO 9362:2014, clause 5: four characters for the party, two letters for the country, two characters for the location,
/// three for the branch. The party's may be digits since 2014.
pub fn is_bic(text: &[u8]) -> bool {
    let upper = |it: &u8| it.is_ascii_uppercase() || it.is_ascii_digit();
    matches!(text.len(), 8 | 11) && text.iter().all(upper) && country(text).is_some() && !is_placeholder(text)
}

/// Whether a text stands for "no BIC".
pub fn is_placeholder(text: &[u8]) -> bool {
    PLACEHOLDERS.contains(&text)
}

/// The country in a text of the shape of a BIC.
pub fn country(text: &[u8]) -> Option<countries::Country> {
    countries::by_code(text.get(4..6)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bics_and_what_only_looks_like_one() {
        for (text, expected) in [
            ("BANKDEFFXXX", true),
            ("BANKDEFF", true),
            ("B4NKDEFF", true),
            ("NOTPROVIDED", false),
            ("BANKZZFF", false),
            ("BANKDEF", false),
            ("bankdeff", false),
        ] {
            assert_eq!(is_bic(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(country(b"NOTPROVIDED").unwrap().name, "Romania");
    }
}
