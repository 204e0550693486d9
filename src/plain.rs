//! The plain JSON form of every format: what `decode` prints, `encode` reads, and tests compare.

use crate::engine::call::Context;
use crate::engine::{Codec, FieldId, Format, Identity, Limits, Session, Translation, identity};
use crate::pipeline::{largest_chain, tell, whole};
use crate::registry;
use crate::state::State;
use latimer_json::Json;
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
    let target = if verbatim { Json::same(target) } else { target };
    let cuts_at = |it: &&FieldId| source.cuts_at(**it) && target.cuts_at(**it);
    let cut: Vec<_> = largest_chain(source.schema()).iter().take_while(cuts_at).copied().collect();
    let (name, plain) = (format.name(), way == Way::Decode);
    let plan = identity(&Identity { name, schema: source.schema(), cut: &cut, verbatim, plain, limits });
    Translation { plan: Arc::new(plan), source, targets: vec![target] }
}

/// Messages of a codec and their plain form, both ways, for whoever asks often.
pub struct Plain {
    decode: (Translation, Session),
    encode: (Translation, Session),
}

impl Plain {
    /// Of a codec that can write.
    pub fn new(format: &dyn Format, codec: &Arc<dyn Codec>, limits: &Limits) -> Self {
        let [decode, encode] = [Way::Decode, Way::Encode].map(|way| {
            let translation = translation(format, codec, way, limits);
            let session = translation.session();
            (translation, session)
        });
        Plain { decode, encode }
    }

    /// Messages as JSON values; or the reason of the first that is refused.
    pub fn decoded(&mut self, bytes: &[u8]) -> Result<Vec<Value>, String> {
        let (translation, session) = &mut self.decode;
        values(&through(translation, session, bytes)?)
    }

    /// A message of a JSON value; or the reason why there is none.
    pub fn encoded(&mut self, value: &Value) -> Result<Vec<u8>, String> {
        let (translation, session) = &mut self.encode;
        through(translation, session, value.to_string().as_bytes())
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain")
    }
}

/// Messages as JSON values; or the reason of the first that is refused.
pub fn decoded(format: &dyn Format, codec: &Arc<dyn Codec>, bytes: &[u8]) -> Result<Vec<Value>, String> {
    let translation = translation(format, codec, Way::Decode, &Limits::default());
    values(&through(&translation, &mut translation.session(), bytes)?)
}

/// A message of a JSON value; or the reason why there is none.
pub fn encoded(format: &dyn Format, codec: &Arc<dyn Codec>, value: &Value) -> Result<Vec<u8>, String> {
    let translation = translation(format, codec, Way::Encode, &Limits::default());
    through(&translation, &mut translation.session(), value.to_string().as_bytes())
}

fn values(lines: &[u8]) -> Result<Vec<Value>, String> {
    serde_json::Deserializer::from_slice(lines).into_iter().collect::<Result<_, _>>().map_err(|it| it.to_string())
}

fn through(translation: &Translation, session: &mut Session, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut state = State::none(jiff::Timestamp::UNIX_EPOCH);
    let found = whole(translation, session, bytes, &mut state, &Context::default());
    match found.rejects.first().and_then(|it| it.faults.first()) {
        Some(noted) => {
            let told = tell(&translation.plan, translation.source.schema(), noted);
            Err(format!("{} {} {}", told.code, told.source, told.text))
        }
        None => Ok(found.outputs.into_iter().flat_map(|it| it.bytes).collect()),
    }
}
