//! Facts that others decide: currencies, countries, account structures, holidays, characters. Each table names its source.

pub mod bic;
pub mod calendar;
pub mod characters;
pub mod countries;
pub mod currencies;
pub mod iban;
pub mod languages;
pub mod national;
pub mod reasons;

/// The rows of a table of facts: lines of columns between tabs; `#` begins a comment.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// Where each code of two capital letters stands in a table: asked for every account number and address.
struct Letters([u16; 26 * 26]);

impl Letters {
    fn new(codes: impl Iterator<Item = [u8; 2]>) -> Self {
        let mut places = [u16::MAX; 26 * 26];
        for (at, code) in (0..).zip(codes) {
            if let Some(place) = Letters::number(&code).and_then(|it| places.get_mut(it)) {
                *place = at;
            }
        }
        Letters(places)
    }

    fn number(code: &[u8]) -> Option<usize> {
        match code {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Some(usize::from(a - b'A') * 26 + usize::from(b - b'A')),
            _ => None,
        }
    }

    fn find(&self, code: &[u8]) -> Option<usize> {
        let place = *self.0.get(Letters::number(code)?)?;
        (place != u16::MAX).then_some(usize::from(place))
    }
}
