//! ISO 4217.

use std::sync::OnceLock;

/// An active currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    /// Three letters.
    pub code: &'static str,
    /// Three digits.
    pub number: &'static str,
    /// Decimals of the minor unit; none for metals and the like.
    pub decimals: Option<u8>,
}

fn table() -> &'static [Currency] {
    static TABLE: OnceLock<Vec<Currency>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = super::rows(include_str!("currencies.tsv"));
        let mut table: Vec<_> = rows
            .filter_map(|row| match row.as_slice() {
                [code, number, decimals, ..] => Some(Currency { code, number, decimals: decimals.parse().ok() }),
                _ => None,
            })
            .collect();
        table.sort_by_key(|it| it.code);
        table
    })
}

/// The currency of three letters.
pub fn by_code(code: &[u8]) -> Option<Currency> {
    let table = table();
    table.binary_search_by(|it| it.code.as_bytes().cmp(code)).ok().and_then(|at| table.get(at)).copied()
}

/// The currency of three digits.
pub fn by_number(number: &[u8]) -> Option<Currency> {
    table().iter().find(|it| it.number.as_bytes() == number).copied()
}

/// The most decimals that any currency has.
pub fn decimals_max() -> u8 {
    table().iter().filter_map(|it| it.decimals).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units() {
        let decimals = |code: &str| by_code(code.as_bytes()).and_then(|it| it.decimals);
        assert_eq!(
            [decimals("JPY"), decimals("EUR"), decimals("KWD"), decimals("CLF"), decimals("XAU")],
            [Some(0), Some(2), Some(3), Some(4), None]
        );
        assert_eq!(by_code(b"XXQ"), None);
        assert_eq!(by_number(b"978").unwrap().code, "EUR");
        assert_eq!(decimals_max(), 4);
    }
}
