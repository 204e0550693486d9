//! The same jobs written for speed, each for its own messages: borrowed texts by serde_json, a loop over the events of quick-xml, a
//! loop over bytes, tables that are indexed, amounts as integers, output put by hand into one buffer that stays.
//! They check what the ordinary programs check; where a rare form needs a library (`jiff`, NFC), the common one does without.

pub(crate) mod batch;
pub(crate) mod order;
pub(crate) mod pacs;
pub(crate) mod plain;
pub(crate) mod record;
pub(crate) mod reply;
pub(crate) mod soap;
mod moment;
mod rules;
mod text;
mod xml;

type Checked<T> = Result<T, &'static str>;

fn require(holds: bool, what: &'static str) -> Checked<()> {
    if holds { Ok(()) } else { Err(what) }
}
