//! `latimer decode` and `latimer encode`: messages as plain JSON, and back.

use super::job::{Places, Work};
use super::{Exit, SchemaFlags, Settings, complain};
use crate::catalog;
use crate::engine::{Codec, Identity, Translation, identity};
use crate::pipeline::largest_chain;
use crate::registry;
use crate::render;
use clap::Args;
use jiff::Timestamp;
use std::sync::Arc;

/// Shows messages as JSON, one object a line.
///
/// Example: latimer decode --format copybook --schema corebatch.cpy --option charset=cp1047 batch.dat
#[derive(Debug, Args)]
pub struct Decode {
    #[command(flatten)]
    schema: SchemaFlags,
    #[command(flatten)]
    places: Places,
}

/// Makes messages of JSON, the form that `decode` prints.
///
/// Example: latimer encode --format copybook --schema corebatch.cpy --option charset=cp1047 batch.jsonl -o batch.dat
#[derive(Debug, Args)]
pub struct Encode {
    #[command(flatten)]
    schema: SchemaFlags,
    #[command(flatten)]
    places: Places,
}

impl Decode {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        run(Way::Decode, &self.schema, &self.places, settings)
    }
}

impl Encode {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        run(Way::Encode, &self.schema, &self.places, settings)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Decode,
    Encode,
}

fn run(way: Way, schema: &SchemaFlags, places: &Places, settings: &Settings) -> Exit {
    let (codec, format) = match catalog::codec(&schema.arguments(), &settings.search, &settings.limits) {
        Ok(found) => found,
        Err((sources, diagnostics)) => {
            complain(render::diagnostics(&sources, &diagnostics, settings.colors_stderr()).trim_end());
            return Exit::Author;
        }
    };
    let about = format.about();
    let plain = registry::plain(format, &codec);
    // JSON is its own plain form: the value as it is.
    let verbatim = Arc::ptr_eq(&plain, &codec);
    let (source, target) = if way == Way::Decode { (codec, plain) } else { (plain, codec) };
    let chain = largest_chain(source.schema());
    let cuts_at = |it: &&crate::engine::FieldId| source.cuts_at(**it) && target.cuts_at(**it);
    let cut: Vec<_> = chain.iter().take_while(cuts_at).copied().collect();
    let plan = identity(&Identity {
        name: format.name(),
        schema: source.schema(),
        cut: &cut,
        verbatim,
        plain: way == Way::Decode,
        limits: &settings.limits,
    });
    let translation = Translation { plan: Arc::new(plan), source, targets: vec![target] };
    let (is_text, extension) = if way == Way::Decode { (about.text, "jsonl") } else { (true, about.extension) };
    let (extensions, now) = (vec![extension], Timestamp::now());
    places.run(settings, &Work { translation: &translation, is_text, extensions, now, report: None, state: None })
}
