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
