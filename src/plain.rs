//! The plain JSON form of every format: what `decode` prints, `encode` reads, and tests compare.

use crate::engine::call::Context;
use crate::engine::{Codec, FieldId, Format, Identity, Limits, Translation, identity};
use crate::pipeline::{largest_chain, tell, whole};
use crate::registry;
use crate::state::State;
use serde_json::Value;
use std::sync::Arc;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The format to JSON.
    Decode,
    /// JSON to the format.
    Encode,
}

/// The translation between a format and its plain form.
pub fn translation(format: &dyn Format, codec: &Arc<dyn Codec>, way: Way, limits: &Limits) -> Translation {
    let codec = Arc::clone(codec);
    let plain = registry::plain(format, &codec);
    // JSON is its own plain form: the value as it is.
    let verbatim = Arc::ptr_eq(&plain, &codec);
    let (source, target) = if way == Way::Decode { (codec, plain) } else { (plain, codec) };
    let cuts_at = |it: &&FieldId| source.cuts_at(**it) && target.cuts_at(**it);
    let cut: Vec<_> = largest_chain(source.schema()).iter().take_while(cuts_at).copied().collect();
    let (name, plain) = (format.name(), way == Way::Decode);
    let plan = identity(&Identity { name, schema: source.schema(), cut: &cut, verbatim, plain, limits });
    Translation { plan: Arc::new(plan), source, targets: vec![target] }
}

/// Messages as JSON values; or the reason of the first that is refused.
pub fn decoded(format: &dyn Format, codec: &Arc<dyn Codec>, bytes: &[u8]) -> Result<Vec<Value>, String> {
    let lines = through(&translation(format, codec, Way::Decode, &Limits::default()), bytes)?;
    serde_json::Deserializer::from_slice(&lines).into_iter().collect::<Result<_, _>>().map_err(|it| it.to_string())
}

/// A message of a JSON value; or the reason why there is none.
pub fn encoded(format: &dyn Format, codec: &Arc<dyn Codec>, value: &Value) -> Result<Vec<u8>, String> {
    through(&translation(format, codec, Way::Encode, &Limits::default()), value.to_string().as_bytes())
}

fn through(translation: &Translation, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut state = State::none(jiff::Timestamp::UNIX_EPOCH);
    let found = whole(translation, &mut translation.session(), bytes, &mut state, &Context::default());
    match found.rejects.first().and_then(|it| it.faults.first()) {
        Some(noted) => {
            let told = tell(&translation.plan, translation.source.schema(), noted);
            Err(format!("{} {} {}", told.code, told.source, told.text))
        }
        None => Ok(found.outputs.into_iter().flat_map(|it| it.bytes).collect()),
    }
}
