//! `latimer formats`: the formats with their options, from the code itself.

use super::{Exit, Settings, say};
use crate::registry;
use clap::Args;

/// Lists the formats with their options.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer formats")]
pub struct Formats {}

impl Formats {
    pub(super) fn run(&self, _settings: &Settings) -> Exit {
        for (number, format) in registry::FORMATS.iter().enumerate() {
            let about = format.about();
            if number > 0 {
                say("");
            }
            let ways = match (about.reads, about.writes) {
                (true, true) => "read and written",
                (true, false) => "read",
                _ => "written",
            };
            say(&format!("{}   {} ({ways})", format.name(), about.summary));
            say(&format!("  schema: {}", about.schema));
            for option in about.options {
                say(&format!("  {:<12} {}", option.name, option.summary));
            }
        }
        Exit::Done
    }
}
