//! What `translate`, `decode` and `encode` have in common: inputs through one translation to where they go.

use super::{Exit, Settings, complain};
use crate::engine::Translation;
use crate::pipeline::{self, Delivery, Destination, Input, Job, Outbox, Rejects, Report, Stopped, Summary};
use crate::state::State;
use clap::Args;
use jiff::Timestamp;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Inputs and where things go.
#[derive(Debug, Args)]
pub(super) struct Places {
    /// Files of messages; - or none is standard input
    inputs: Vec<String>,
    /// A file, or a folder for one file a message [standard output]
    #[arg(short = 'o', long = "output", value_name = "OUTPUT")]
    output: Option<String>,
    /// Keeps what was rejected, with its bytes, as JSON lines
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Workers; the order is kept [all cores]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

/// A translation with what is said of it outside.
pub(super) struct Work<'a> {
    pub(super) translation: &'a Translation,
    /// Whether places in the source are lines and columns.
    pub(super) is_text: bool,
    /// Endings of files, by target.
    pub(super) extensions: Vec<&'static str>,
    pub(super) now: Timestamp,
    pub(super) report: Option<&'a Path>,
    pub(super) state: Option<&'a Path>,
}

impl Places {
    /// Runs it.
    pub(super) fn run(&self, settings: &Settings, work: &Work<'_>) -> Exit {
        self.work(settings, work).unwrap_or_else(|error| {
            // Who closes a pipe knows it.
            if error.kind() != io::ErrorKind::BrokenPipe {
                complain(&format!("error: {error}"));
            }
            Exit::World
        })
    }

    fn work(&self, settings: &Settings, work: &Work<'_>) -> io::Result<Exit> {
        let translation = work.translation;
        let plan = &translation.plan;
        let has_key = plan.targets.iter().any(|it| it.has_key);
        let Some(destination) = Destination::of(self.output.as_deref(), has_key) else {
            complain("error: the mapping writes a file for each key (`file .. per`): name a folder with -o");
            return Ok(Exit::Usage);
        };
        let (inputs, missing) = self.inputs();
        let state = match work.state {
            Some(folder) => State::open(folder, &plan.memos, work.now)?,
            None => {
                let mut state = State::none(work.now);
                state.declare(&plan.memos);
                state
            }
        };
        let delivery = Delivery::new(destination, plan, work.extensions.clone())?;
        let rejects = Rejects::new(self.rejects.as_deref(), settings.quiet, settings.json_log, work.is_text)?;
        let report = work.report.map(Report::new).transpose()?;
        let stop = stop_flag()?;
        let jobs = self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let shows_progress = !settings.quiet && !settings.json_log && std::io::stderr().is_terminal();
        let job = Job { translation, is_text: work.is_text, now: work.now, jobs, shows_progress, stop: &stop };
        let mut outbox = Outbox::new(translation, delivery, rejects, report, state);
        match pipeline::run(&job, inputs, &mut outbox) {
            Ok(()) => self.finish(settings, work, outbox, missing),
            Err(Stopped::World(error)) => Err(error),
            Err(Stopped::Interrupted) => {
                complain("interrupted: files are as they were before");
                Ok(Exit::Interrupted)
            }
        }
    }

    /// The inputs that are there, and whether one is missing.
    fn inputs(&self) -> (Vec<Input>, bool) {
        if self.inputs.is_empty() {
            return (vec![Input::Stdin], false);
        }
        let (there, missing): (Vec<Input>, Vec<Input>) =
            self.inputs.iter().map(|it| Input::of(it)).partition(|it| it.path().is_none_or(Path::exists));
        for input in &missing {
            complain(&format!("error: {}: no such file", input.name()));
        }
        (there, !missing.is_empty())
    }

    fn finish(&self, settings: &Settings, work: &Work<'_>, outbox: Outbox<'_>, missing: bool) -> io::Result<Exit> {
        let Outbox { delivery, rejects, report, mut state, summary, .. } = outbox;
        let released = delivery.released_any;
        let rejected = rejects.count;
        delivery.finish()?;
        state.finish()?;
        rejects.finish(self.rejects.is_some())?;
        if let Some(report) = report {
            report.finish(summary.counts, summary.messages)?;
        }
        if !settings.quiet {
            if state.was_asked && work.state.is_none() {
                complain("note: sequences begin at 1 and memos are empty: no --state DIR keeps them between runs");
            }
            complain(&summary_line(&summary, settings.json_log));
        }
        Ok(match (missing, rejected > 0, released) {
            _ if summary.defects > 0 => Exit::Defect,
            (true, ..) => Exit::NoInput,
            (false, true, false) => Exit::Refused,
            (false, true, true) => Exit::SomeRejected,
            (false, false, _) => Exit::Done,
        })
    }
}

/// Is set by the first interrupt; the second one ends the program.
fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, i32::from(Exit::Interrupted.code()), Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
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
