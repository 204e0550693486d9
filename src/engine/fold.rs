//! Accumulators: counts, sums and totals while a message streams.
//!
//! Sums are exact and do not depend on the order, so that blocks of a message can be added up apart and joined.

use crate::plan::FoldWork;
use crate::{Decimal, FaultCode};

/// An accumulator while it runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoldState {
    count: u64,
    sum: Option<Decimal>,
    /// Of a total kept to so many digits.
    total: u64,
    /// The first value, or the currency of amounts.
    first: Vec<u8>,
    differs: bool,
}

/// What an accumulator has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FoldResult<'a> {
    Nothing,
    Number(Decimal),
    Amount(Decimal, &'a [u8]),
    YesNo(bool),
}

impl FoldState {
    /// Begins anew and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.count = 0;
        self.sum = None;
        self.total = 0;
        self.first.clear();
        self.differs = false;
    }

    /// One more occurrence.
    pub(crate) fn count(&mut self) {
        self.count += 1;
    }

    /// One more value.
    pub(crate) fn feed(&mut self, work: &FoldWork, text: &[u8], number: Option<Decimal>) -> Result<(), FaultCode> {
        self.count += 1;
        match work {
            FoldWork::Count => Ok(()),
            FoldWork::Same => {
                let text = trimmed(text);
                if self.count == 1 {
                    self.first.extend_from_slice(text);
                } else {
                    self.differs |= self.first != text;
                }
                Ok(())
            }
            FoldWork::Hash { last, modulus } => {
                let mut value: u64 = 0;
                for byte in last_characters(text, *last as usize) {
                    // A letter counts as zero.
                    let digit = if byte.is_ascii_digit() { u64::from(byte - b'0') } else { 0 };
                    value = value.wrapping_mul(10).wrapping_add(digit);
                }
                self.total = (self.total + value % modulus) % modulus;
                Ok(())
            }
            FoldWork::Sum | FoldWork::SumAmounts | FoldWork::Min | FoldWork::Max => {
                let number = number.or_else(|| Decimal::parse(text)).ok_or(FaultCode::MapNumber)?;
                self.sum = Some(match (self.sum, work) {
                    (None, _) => number,
                    (Some(so_far), FoldWork::Min) => so_far.min(number),
                    (Some(so_far), FoldWork::Max) => so_far.max(number),
                    (Some(so_far), _) => so_far.plus(number).ok_or(FaultCode::MapNumber)?,
                });
                Ok(())
            }
        }
    }

    /// The currency of an amount that was fed: it must be that of the others.
    pub(crate) fn currency(&mut self, currency: &[u8]) -> Result<(), FaultCode> {
        if self.count <= 1 {
            self.first.clear();
            self.first.extend_from_slice(currency);
            return Ok(());
        }
        if self.first == currency { Ok(()) } else { Err(FaultCode::MapMixed) }
    }

    /// What it has.
    pub(crate) fn result(&self, work: &FoldWork) -> FoldResult<'_> {
        match work {
            FoldWork::Count => FoldResult::Number(Decimal::integer(i128::from(self.count))),
            FoldWork::Sum => FoldResult::Number(self.sum.unwrap_or(Decimal::ZERO)),
            FoldWork::SumAmounts => self.sum.map_or(FoldResult::Nothing, |sum| FoldResult::Amount(sum, &self.first)),
            FoldWork::Min | FoldWork::Max => self.sum.map_or(FoldResult::Nothing, FoldResult::Number),
            FoldWork::Same => FoldResult::YesNo(!self.differs),
            FoldWork::Hash { .. } => FoldResult::Number(Decimal::integer(i128::from(self.total))),
        }
    }

    /// Adds what another had that came behind it.
    #[cfg_attr(not(test), expect(dead_code, reason = "parts of a message that were summed apart"))]
    pub(crate) fn join(&mut self, work: &FoldWork, later: &FoldState) -> Result<(), FaultCode> {
        if later.count == 0 {
            return Ok(());
        }
        if self.count == 0 {
            self.clone_from(later);
            return Ok(());
        }
        match work {
            FoldWork::Same => self.differs |= later.differs || self.first != later.first,
            FoldWork::SumAmounts if self.first != later.first => return Err(FaultCode::MapMixed),
            FoldWork::Hash { modulus, .. } => self.total = (self.total + later.total) % modulus,
            _ => {}
        }
        self.count += later.count;
        self.sum = match (self.sum, later.sum, work) {
            (Some(a), Some(b), FoldWork::Min) => Some(a.min(b)),
            (Some(a), Some(b), FoldWork::Max) => Some(a.max(b)),
            (Some(a), Some(b), _) => Some(a.plus(b).ok_or(FaultCode::MapNumber)?),
            (a, b, _) => a.or(b),
        };
        Ok(())
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|it| **it == b' ').count();
    text.get(..text.len() - blanks).unwrap_or(text)
}

/// The last so many characters of a text without its trailing blanks, as bytes; a character of several bytes counts as what
/// is no digit.
pub(crate) fn last_characters(text: &[u8], count: usize) -> &[u8] {
    let text = trimmed(text);
    if text.is_ascii() {
        return text.get(text.len().saturating_sub(count)..).unwrap_or(text);
    }
    let starts = text.iter().enumerate().rev().filter(|(_, it)| (**it as i8) >= -0x40).map(|(at, _)| at);
    let from = starts.take(count).last().unwrap_or(0);
    text.get(from..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(work: &FoldWork, values: &[&str]) -> FoldState {
        let mut state = FoldState::default();
        for value in values {
            state.feed(work, value.as_bytes(), None).unwrap();
        }
        state
    }

    #[test]
    fn sums_are_exact() {
        let state = fed(&FoldWork::Sum, &["0.1", "0.2", "999999999999999999.99"]);
        assert_eq!(state.result(&FoldWork::Sum), FoldResult::Number(Decimal::parse(b"1000000000000000000.29").unwrap()));
        assert_eq!(FoldState::default().result(&FoldWork::Sum), FoldResult::Number(Decimal::ZERO));
        assert_eq!(FoldState::default().result(&FoldWork::SumAmounts), FoldResult::Nothing);
    }

    #[test]
    fn a_hash_total_drops_on_the_left() {
        let work = FoldWork::hash(10, 4);
        let state = fed(&work, &["DE89370400440532013000", "GB29NWBK60161331926819  ", "AB"]);
        // 0532013000 + 1331926819 + 00 = 1863939819
        assert_eq!(state.result(&work), FoldResult::Number(Decimal::integer(9819)));
        assert_eq!(last_characters("aé1".as_bytes(), 2), "é1".as_bytes());
    }

    #[test]
    fn parts_join_to_the_whole() {
        let works = [FoldWork::Count, FoldWork::Sum, FoldWork::Min, FoldWork::Max, FoldWork::Same, FoldWork::hash(3, 3)];
        let values = ["5", "7.25", "7.25", "0", "999"];
        for work in &works {
            for cut in 0..=values.len() {
                let mut joined = fed(work, &values[..cut]);
                joined.join(work, &fed(work, &values[cut..])).unwrap();
                assert_eq!(joined.result(work), fed(work, &values).result(work), "{work:?} {cut}");
            }
        }
    }
}
