//! `latimer translate`: messages in, messages out.

use super::{Exit, Settings, complain};
use crate::catalog;
use crate::engine::Translation;
use crate::pipeline::Broken;
use crate::pipeline::{Delivery, Destination, Input, Job, Rejects, Report, Run, Summary};
use crate::render;
use crate::state::State;
use clap::Args;
use jiff::Timestamp;
use std::io;
use std::path::PathBuf;

/// Translates messages.
///
/// Example: latimer translate mappings/acme/order-to-pacs008.map order.json -o out/ --rejects rejects.jsonl
#[derive(Debug, Args)]
pub struct Translate {
    /// The mapping file
    mapping: PathBuf,
    /// Files of messages; - or none is standard input
    inputs: Vec<String>,
    /// A file, or a folder for one file a message [standard output]
    #[arg(short = 'o', long = "output", value_name = "OUTPUT")]
    output: Option<String>,
    /// From the `and` side of a two-way mapping to its `between` side
    #[arg(long)]
    reverse: bool,
    /// Keeps what was rejected, with its bytes, as JSON lines
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Lists what was lost, as JSON lines, and the totals
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The time that `now()` gives, for example 2026-03-02T09:15:00+01:00 [the clock]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Workers; the order is kept [all cores]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
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
        match self.translate(settings, &translation) {
            Ok(exit) => exit,
            Err(error) => {
                complain(&format!("error: {error}"));
                Exit::World
            }
        }
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

    fn translate(&self, settings: &Settings, loaded: &(Translation, bool, Vec<&'static str>)) -> io::Result<Exit> {
        let (translation, is_text, extensions) = loaded;
        let plan = &translation.plan;
        let has_key = plan.targets.iter().any(|it| it.has_key);
        let Some(destination) = Destination::of(self.output.as_deref(), has_key) else {
            complain("error: the mapping writes a file for each key (`file .. per`): name a folder with -o");
            return Ok(Exit::Usage);
        };
        let now = match self.now.as_deref().map(parse_time) {
            Some(Ok(now)) => now,
            Some(Err(why)) => {
                complain(&format!("error: {why}"));
                return Ok(Exit::Usage);
            }
            None => Timestamp::now(),
        };
        let state = match &self.state {
            Some(folder) => State::open(folder, &plan.memos, now)?,
            None => {
                let mut state = State::none(now);
                state.declare(&plan.memos);
                state
            }
        };
        let delivery = Delivery::new(destination, plan, extensions.clone())?;
        let rejects = Rejects::new(self.rejects.as_deref(), settings.quiet, settings.json_log, *is_text)?;
        let report = self.report.as_deref().map(Report::new).transpose()?;
        let job = Job { translation, is_text: *is_text, now };
        let mut run = Run::new(job, delivery, rejects, report, state);
        let inputs = if self.inputs.is_empty() { vec!["-".to_owned()] } else { self.inputs.clone() };
        let mut missing = false;
        let mut broken = None;
        for input in inputs.iter().map(|it| Input::of(it)) {
            if let Some(path) = input.path()
                && !path.is_file()
            {
                complain(&format!("error: {}: no such file", path.display()));
                missing = true;
                continue;
            }
            match run.input(&input) {
                Ok(()) => {}
                Err(Broken::World(error)) => {
                    broken = Some(io::Error::new(error.kind(), format!("{}: {error}", input.name())));
                    break;
                }
                Err(Broken::Sender(fault)) => {
                    complain(&format!("error: {}: {}", input.name(), fault.code.text()));
                    missing = true;
                }
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
        self.finish(settings, run, missing)
    }

    fn finish(&self, settings: &Settings, run: Run<'_>, missing: bool) -> io::Result<Exit> {
        let Run { delivery, rejects, report, mut state, summary, .. } = run;
        let released = delivery.released_any;
        let rejected = rejects.count;
        delivery.finish()?;
        state.finish()?;
        rejects.finish(self.rejects.is_some())?;
        if let Some(report) = report {
            report.finish(summary.counts, summary.messages)?;
        }
        if !settings.quiet {
            if state.was_asked && self.state.is_none() {
                complain("note: sequences begin at 1 and memos are empty: no --state DIR keeps them between runs");
            }
            complain(&summary_line(&summary, settings.json_log));
        }
        Ok(match (missing, rejected > 0, released) {
            (true, ..) => Exit::NoInput,
            (false, true, false) => Exit::Refused,
            (false, true, true) => Exit::SomeRejected,
            (false, false, _) => Exit::Done,
        })
    }
}

/// What became of everything.
fn summary_line(summary: &Summary, json: bool) -> String {
    let counts = summary.counts;
    let [read, written, rejected] = summary.messages;
    if json {
        return serde_json::json!({ "summary": {
            "read": counts.read, "written": counts.written, "rejected": counts.rejected, "filtered": counts.filtered,
            "messages": { "read": read, "written": written, "rejected": rejected },
        }})
        .to_string();
    }
    let filtered = if counts.filtered > 0 { format!(", filtered {}", counts.filtered) } else { String::new() };
    format!(
        "read {}, written {}, rejected {}{filtered}   (messages: read {read}, written {written}, rejected {rejected})",
        counts.read, counts.written, counts.rejected
    )
}

/// A time of the command line: with a zone.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>().map_err(|_| format!("`{text}` is not a time with a zone, such as 2026-03-02T09:15:00+01:00"))
}
