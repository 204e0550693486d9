//! Laws: what must hold for every valid message, tried with random ones.
//!
//! ```text
//! Schema --Maker--> record --Plain--> bytes --there--> bytes --back--> bytes --Plain--> record    the same?
//!                     ^----------------------- shrink ------------------------------------' no
//! ```
//!
//! Everything is drawn from a seed: the same seed gives the same records, the same verdicts and the same witness.

mod digits;
mod random;
mod record;
mod same;
mod shrink;
mod text;
mod trip;

pub use random::Random;
pub use record::{Form, Maker};
pub use same::{Difference, differences};
pub use shrink::shrink;
pub use trip::{Tried, Witness, tried};

use crate::engine::Format;

impl Form {
    /// How the records of a format are spelled.
    pub fn of(format: &dyn Format) -> Form {
        match (format.name(), format.about().records) {
            ("json", _) => Form::Json,
            (_, true) => Form::Record,
            _ => Form::Plain,
        }
    }
}
