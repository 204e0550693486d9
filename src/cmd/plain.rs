//! `latimer decode` and `latimer encode`: messages as plain JSON, and back.

use super::job::{Places, Work};
use super::{Exit, SchemaFlags, Settings, complain};
use crate::catalog;
use crate::plain::{self, Way};
use crate::render;
use clap::Args;
use jiff::Timestamp;

/// Shows messages as JSON, one object a line.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer decode --format copybook --schema corebatch.cpy --option charset=cp1047 batch.dat")]
pub struct Decode {
    #[command(flatten)]
    schema: SchemaFlags,
    #[command(flatten)]
    places: Places,
}

/// Makes messages of JSON, the form that `decode` prints.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: latimer encode --format copybook --schema corebatch.cpy --option charset=cp1047 batch.jsonl -o batch.dat"
)]
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

fn run(way: Way, schema: &SchemaFlags, places: &Places, settings: &Settings) -> Exit {
    let (codec, format) = match catalog::codec(&schema.arguments(), &settings.search, &settings.limits) {
        Ok(found) => found,
        Err((sources, diagnostics)) => {
            complain(render::diagnostics(&sources, &diagnostics, settings.colors_stderr()).trim_end());
            return Exit::Author;
        }
    };
    let about = format.about();
    let translation = plain::translation(format, &codec, way, &settings.limits);
    let (is_text, extension) = if way == Way::Decode { (about.text, "jsonl") } else { (true, about.extension) };
    let (extensions, now) = (vec![extension], Timestamp::now());
    places.run(settings, &Work { translation: &translation, is_text, extensions, now, report: None, state: None })
}
