//! Messages and their plain form as structs: with owned texts for the ordinary programs, with borrowed ones for the tuned.

pub(crate) mod order;
pub(crate) mod pacs;
pub(crate) mod soap;
