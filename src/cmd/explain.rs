//! `latimer explain`: where every field of an output comes from.

use super::translate::parse_time;
use super::{Exit, Settings, complain, say};
use crate::catalog::{self, Loaded};
use crate::engine::Translation;
use crate::engine::call::Context;
use crate::engine::mapping::ast::Role;
use crate::explain::{self, is_meant, lineage};
use crate::render;
use crate::state::State;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Says for each field of an output: the rule and its line, what was read and where, every step's value, what is lost.
///
/// Without an input: the rules as they stand. A code instead of a mapping is explained as `help` does.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer explain mappings/acme/order-to-pacs008.map order.json CdtTrfTxInf/Cdtr/Nm")]
pub struct Explain {
    /// The mapping file
    mapping: PathBuf,
    /// A file of messages, - for standard input; and a path of the target, to see only that
    #[arg(num_args = 0..=2)]
    arguments: Vec<String>,
    /// The rules that read a field of the source
    #[arg(long, value_name = "SOURCE-PATH")]
    where_used: Option<String>,
    /// From the `and` side of a two-way mapping to its `between` side
    #[arg(long)]
    reverse: bool,
    /// The time that `now()` gives [the clock]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// The folder where sequences and memos are kept; nothing is written there
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// The form of what is printed
    #[arg(long, value_enum, default_value_t = Output::Human)]
    output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Human,
    Json,
}

impl Explain {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        if let Some(page) = self.mapping.to_str().filter(|_| !self.mapping.exists()).and_then(super::help::page) {
            say(&page);
            return Exit::Done;
        }
        let loaded = match catalog::load_telling(&self.mapping, &settings.search, &settings.limits) {
            Ok(loaded) => loaded,
            Err(why) => {
                complain(&format!("error: {why}"));
                return Exit::NoInput;
            }
        };
        let Some(translation) = loaded.translation(self.reverse) else {
            complain(render::diagnostics(&loaded.sources, &loaded.diagnostics, settings.colors_stderr()).trim_end());
            if !loaded.diagnostics.has_errors() {
                complain(&format!("error: {} goes one way only", self.mapping.display()));
                return Exit::Usage;
            }
            return Exit::Author;
        };
        let (input, path) = match self.arguments.as_slice() {
            [input, path] => (Some(input.as_str()), Some(path.as_str())),
            // One argument is a file if there is one, else a path.
            [one] if one == "-" || Path::new(one).exists() => (Some(one.as_str()), None),
            [one] => (None, Some(one.as_str())),
            _ => (None, None),
        };
        match input {
            Some(input) => self.message(&loaded, &translation, input, path),
            None => self.rules(&loaded, &translation, path),
        }
    }

    /// The rules as they stand.
    fn rules(&self, loaded: &Loaded, translation: &Translation, path: Option<&str>) -> Exit {
        let mut shown = 0;
        for line in lineage(loaded, &translation.plan, translation.source.schema()) {
            if path.is_some_and(|it| !is_meant(&line.target, it)) {
                continue;
            }
            if let Some(used) = &self.where_used
                && !line.reads.iter().any(|it| is_meant(it, used))
            {
                continue;
            }
            shown += 1;
            let rule = line.rule;
            if self.output == Output::Json {
                say(&json!({
                    "target": line.target, "rule": rule.place, "name": rule.name, "class": rule.class, "text": line.words,
                    "sources": line.reads, "remark": rule.remark,
                })
                .to_string());
                continue;
            }
            say(&format!("{}\n  rule  {}  ({})\n        {}", line.target, rule.place, rule.class, line.words));
            for source in &line.reads {
                say(&format!("  from  {source}"));
            }
            if let Some(remark) = &rule.remark {
                say(&format!("  ##    {remark}"));
            }
        }
        self.nothing(shown, path)
    }

    fn message(&self, loaded: &Loaded, translation: &Translation, input: &str, path: Option<&str>) -> Exit {
        let now = match self.now.as_deref().map_or_else(|| Ok(Timestamp::now()), parse_time) {
            Ok(now) => now,
            Err(why) => {
                complain(&format!("error: {why}"));
                return Exit::Usage;
            }
        };
        let mut bytes = Vec::new();
        let read = if input == "-" {
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
        } else {
            std::fs::read(input).map(|it| bytes = it)
        };
        let memos = &translation.plan.memos;
        let state = read.and_then(|()| match &self.state {
            Some(folder) => State::open(folder, memos, now),
            None => {
                let mut state = State::none(now);
                state.declare(memos);
                Ok(state)
            }
        });
        let mut state = match state {
            Ok(state) => state,
            Err(error) => {
                complain(&format!("error: {input}: {error}"));
                return if error.kind() == std::io::ErrorKind::NotFound { Exit::NoInput } else { Exit::World };
            }
        };
        let wanted = if self.reverse { Role::And } else { Role::Between };
        let is_text = loaded.sides.iter().find(|it| it.role == Role::From || it.role == wanted).is_some_and(|it| it.about.text);
        let file_name = Path::new(input).file_name().map_or("-".into(), |it| it.to_string_lossy());
        let context = Context { now, file_name: file_name.as_ref().into(), ..Context::default() };
        let found = explain::explain(translation, is_text, &bytes, &mut state, &context);
        let plan = &translation.plan;
        let mut shown = 0;
        for field in &found.fields {
            let is_used = |used: &String| field.steps.iter().any(|it| it.is_read && is_meant(&it.label, used));
            if path.is_some_and(|it| !is_meant(&field.target, it)) || self.where_used.as_ref().is_some_and(|it| !is_used(it)) {
                continue;
            }
            shown += 1;
            match self.output {
                Output::Human => say(&explain::text(plan, field, input)),
                Output::Json => say(&explain::object(plan, field).to_string()),
            }
        }
        for told in &found.rejects {
            complain(&format!("rejected: {} {}  {}  {}", told.reason, told.text, told.source, told.rule));
        }
        match (found.rejects.is_empty(), found.fields.is_empty()) {
            (true, _) if shown == 0 && path.is_some() => {
                // The rule is there, but this message did not come to it.
                complain("not written for this message; the rules for it:");
                self.rules(loaded, translation, path)
            }
            (true, _) => self.nothing(shown, path),
            (false, true) => Exit::Refused,
            (false, false) => Exit::SomeRejected,
        }
    }

    fn nothing(&self, shown: usize, path: Option<&str>) -> Exit {
        if shown == 0 && (path.is_some() || self.where_used.is_some()) {
            let what = self.where_used.as_deref().map_or_else(
                || format!("no rule writes `{}`", path.unwrap_or_default()),
                |used| format!("no rule reads `{used}`"),
            );
            complain(&what);
        }
        Exit::Done
    }
}
