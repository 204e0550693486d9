//! ISO 3166-1.

use super::Letters;
use std::sync::OnceLock;

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Two letters.
    pub code: &'static str,
    /// Three letters.
    pub code3: &'static str,
    /// Three digits; empty for a user-assigned code.
    pub number: &'static str,
    /// A short English name.
    pub name: &'static str,
}

fn table() -> &'static [Country] {
    static TABLE: OnceLock<Vec<Country>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = super::rows(include_str!("countries.tsv"));
        let mut table: Vec<_> = rows
            .filter_map(|row| match row.as_slice() {
                [code, code3, number, name] => Some(Country { code, code3, number, name }),
                _ => None,
            })
            .collect();
        table.sort_by_key(|it| it.code);
        table
    })
}

/// The country of two letters.
pub fn by_code(code: &[u8]) -> Option<Country> {
    static PLACES: OnceLock<Letters> = OnceLock::new();
    let places = PLACES.get_or_init(|| Letters::new(table().iter().filter_map(|it| it.code.as_bytes().try_into().ok())));
    places.find(code).and_then(|at| table().get(at)).copied()
}

/// The country of two letters, three letters or three digits.
pub fn by_any_code(code: &[u8]) -> Option<Country> {
    by_code(code).or_else(|| table().iter().find(|it| it.code3.as_bytes() == code || it.number.as_bytes() == code).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names() {
        assert_eq!(by_code(b"RO").unwrap().name, "Romania");
        assert_eq!(by_any_code(b"DEU").unwrap().code, "DE");
        assert_eq!(by_any_code(b"276").unwrap().code, "DE");
        assert_eq!(by_code(b"ZZ"), None);
        assert_eq!(table().len(), 250);
    }
}
