//! The way such programs are written: owned structs by serde, serde_json and quick-xml, `rust_decimal`, `format!`, maps, patterns.
//! What the mappings check is checked, and a refusal is an error with a text; what the schemas say of fields that no rule
//! reads is not looked at, nor are places kept.

mod batch;
mod order;
mod pacs;
pub(crate) mod plain;
pub(crate) mod reply;
pub(crate) mod rules;
