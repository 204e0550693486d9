//! `latimer translate`: messages in, messages out.

use super::job::{Places, Work};
use super::{Exit, Settings, complain};
use crate::catalog;
use crate::engine::Translation;
use crate::render;
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;

/// Translates messages.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: latimer translate mappings/acme/order-to-pacs008.map order.json -o out/ --rejects rejects.jsonl"
)]
pub struct Translate {
    /// The mapping file
    mapping: PathBuf,
    #[command(flatten)]
    places: Places,
    /// From the `and` side of a two-way mapping to its `between` side
    #[arg(long)]
    reverse: bool,
    /// Lists what was lost, as JSON lines, and the totals
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The time that `now()` gives, for example 2026-03-02T09:15:00+01:00 [the clock]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// The folder where sequences and memos are kept between runs
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl Translate {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        let translation = match self.load(settings) {
            Ok(translation) => translation,
            Err(exit) => return exit,
        };
        let now = match self.now.as_deref().map_or_else(|| Ok(Timestamp::now()), parse_time) {
            Ok(now) => now,
            Err(why) => {
                complain(&format!("error: {why}"));
                return Exit::Usage;
            }
        };
        let (translation, is_text, extensions) = translation;
        let (report, state) = (self.report.as_deref(), self.state.as_deref());
        self.places.run(settings, &Work { translation: &translation, is_text, extensions, now, report, state })
    }

    fn load(&self, settings: &Settings) -> Result<(Translation, bool, Vec<&'static str>), Exit> {
        let loaded = catalog::load(&self.mapping, &settings.search, &settings.limits).map_err(|why| {
            complain(&format!("error: {why}"));
            Exit::NoInput
        })?;
        if loaded.diagnostics.has_errors() || loaded.plans.is_none() {
            complain(render::diagnostics(&loaded.sources, &loaded.diagnostics, settings.colors_stderr()).trim_end());
            if !loaded.diagnostics.has_errors() {
                complain(&format!("error: {}: there is nothing to translate in this file", self.mapping.display()));
            }
            return Err(Exit::Author);
        }
        let two_way = loaded.plans.as_ref().is_some_and(|it| it.back.is_some());
        if self.reverse && !two_way {
            complain(&format!("error: {} goes one way only: it cannot be read in reverse", self.mapping.display()));
            return Err(Exit::Usage);
        }
        let formats: Vec<(String, &'static crate::engine::About)> =
            loaded.sides.iter().map(|it| (it.alias.clone(), it.about)).collect();
        let about = |alias: &str| formats.iter().find(|(it, _)| it == alias).map(|(_, about)| *about);
        let source_is_text = {
            use crate::engine::mapping::ast::Role;
            let wanted = if self.reverse { Role::And } else { Role::Between };
            loaded.sides.iter().find(|it| it.role == Role::From || it.role == wanted).is_some_and(|it| it.about.text)
        };
        let Some(translation) = loaded.translation(self.reverse) else { return Err(Exit::Author) };
        if translation.plan.is_partial {
            complain(&format!(
                "error: {}: `at` leaves mandatory fields out above, so the mapping can be checked but not run",
                self.mapping.display()
            ));
            return Err(Exit::Author);
        }
        let extensions = translation.plan.targets.iter().map(|it| about(&it.alias).map_or("bin", |it| it.extension)).collect();
        Ok((translation, source_is_text, extensions))
    }
}

/// A time of the command line: with a zone.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>().map_err(|_| format!("`{text}` is not a time with a zone, such as 2026-03-02T09:15:00+01:00"))
}
