//! Reason codes of ISO 20022's external code sets.

use std::sync::OnceLock;

/// Every code, sorted.
pub fn all() -> impl Iterator<Item = &'static str> {
    table().iter().copied()
}

/// Whether a code is one of ISO's.
pub fn is_known(code: &str) -> bool {
    table().binary_search(&code).is_ok()
}

fn table() -> &'static [&'static str] {
    static TABLE: OnceLock<Vec<&'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("reasons.txt").lines().filter(|it| !it.starts_with('#'));
        let mut codes: Vec<_> = lines.flat_map(str::split_whitespace).collect();
        codes.sort_unstable();
        codes
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultCode;

    #[test]
    fn our_own_reasons_are_known() {
        for code in FaultCode::ALL {
            assert!(is_known(code.reason()), "{} {}", code.name(), code.reason());
        }
        assert!(!is_known("X-NOREQ") && !is_known("ZZ99"));
    }
}
