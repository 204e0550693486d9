//! How bytes spell letters and numbers: free functions on bytes and integers.
//!
//! ```text
//! text   ebcdic   code page        <-> UTF-8
//! number zoned    F1 F2 C5         <-> "12.5"      DISPLAY
//!        packed   01 25 0C         <-> "12.5"      COMP-3
//!        binary   00 7D            <-> "12.5"      COMP, COMP-5
//!        float    42 7D 00 00      <-> "125"       COMP-1, COMP-2
//! ```
//!
//! A number in text is clean: an optional `-`, digits without leading zeros, and where it has decimals a point with all
//! decimals that the item has. A reader says whether the writer would write the same bytes again.
//!
//! **Invariant:** nothing here knows a record, a schema or a format, and nothing guesses: bytes that are not what they
//! should be are an error value.

#![deny(clippy::disallowed_methods)]

pub mod binary;
mod digits;
pub mod ebcdic;
pub mod float;
pub mod packed;
pub mod zoned;

pub use digits::{DIGITS_MAX, Number};

/// Why a number cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The bytes, or the text, are not such a number.
    Digits,
    /// It has more digits before the point than there is room for, or a sign that cannot be written.
    Size,
    /// Digits behind the point, or digits that are always zero, would be lost.
    Inexact,
}
