//! ISO 639.

use std::sync::OnceLock;

/// A language that has a code of two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// Two letters, set 1.
    pub code: &'static str,
    /// Three letters, set 2/T.
    pub code3: &'static str,
    /// Three letters, set 2/B; empty where it is the same.
    pub library: &'static str,
}

fn table() -> &'static [Language] {
    static TABLE: OnceLock<Vec<Language>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = super::rows(include_str!("languages.tsv"));
        rows.filter_map(|row| match row.as_slice() {
            [code, code3, library] => Some(Language { code, code3, library }),
            _ => None,
        })
        .collect()
    })
}

/// The language of two letters, or of three by either spelling.
pub fn by_any_code(code: &[u8]) -> Option<Language> {
    let is_it = |it: &&Language| [it.code, it.code3, it.library].iter().any(|name| name.as_bytes() == code);
    table().iter().filter(|_| !code.is_empty()).find(is_it).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert_eq!(by_any_code(b"de").unwrap().code3, "deu");
        assert_eq!(by_any_code(b"ger").unwrap().code, "de");
        assert_eq!(by_any_code(b""), None);
        assert_eq!(by_any_code(b"xx"), None);
        assert!(table().len() > 180);
    }
}
