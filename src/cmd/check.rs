//! `latimer check`: compiles mappings and their schemas and prints what is wrong with them.

use super::{Exit, Settings, complain, say};
use crate::catalog::{self, Loaded};
use crate::engine::{Diagnostics, Severity, Sources};
use crate::render;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Compiles mappings and their schemas and prints what is wrong with them.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer check mappings/acme --report")]
pub struct Check {
    /// Mapping files, or folders with *.map in them [mappings]
    paths: Vec<PathBuf>,
    /// The form of what is printed
    #[arg(long, value_enum, default_value_t = Output::Human)]
    output: Output,
    /// What each rule does to its value: coverage, loss classes, memory, files found
    #[arg(long)]
    report: bool,
    /// What else fails the check: warnings
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    deny: Option<String>,
    /// Prints an overlay as one file
    #[arg(long, value_name = "OVERLAY")]
    flat: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Human,
    Json,
    Sarif,
}

impl Check {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        if self.flat.is_some() {
            complain("error: overlays are not built yet");
            return Exit::Usage;
        }
        let paths = match mappings(&self.paths) {
            Ok(paths) => paths,
            Err(why) => {
                complain(&format!("error: {why}"));
                return Exit::NoInput;
            }
        };
        let mut worst = None;
        let mut all: Vec<(Sources, Diagnostics)> = Vec::new();
        let mut objects: Vec<Value> = Vec::new();
        for path in &paths {
            let loaded = match catalog::load(path, &settings.search, &settings.limits) {
                Ok(loaded) => loaded,
                Err(why) => {
                    complain(&format!("error: {why}"));
                    return Exit::NoInput;
                }
            };
            worst = worst.max(loaded.diagnostics.iter().map(|it| it.severity).max());
            match self.output {
                Output::Human => self.print(path, &loaded, settings),
                Output::Json => objects.extend(loaded.diagnostics.iter().map(|it| render::diagnostic_json(&loaded.sources, it))),
                Output::Sarif => {}
            }
            all.push((loaded.sources, loaded.diagnostics));
        }
        match self.output {
            Output::Human => {}
            Output::Json => say(&Value::Array(objects).to_string()),
            Output::Sarif => say(&render::sarif(&all).to_string()),
        }
        let fails = |severity: Severity| severity == Severity::Error || (severity == Severity::Warning && self.deny.is_some());
        if worst.is_some_and(fails) { Exit::Author } else { Exit::Done }
    }

    fn print(&self, path: &Path, loaded: &Loaded, settings: &Settings) {
        let text = render::diagnostics(&loaded.sources, &loaded.diagnostics, settings.colors_stdout());
        if !text.is_empty() {
            say(text.trim_end());
            say("");
        }
        if self.report && loaded.plans.is_some() {
            say(&render::report(loaded));
        }
        if settings.quiet {
            return;
        }
        let count = |severity: Severity| loaded.diagnostics.iter().filter(|it| it.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let plural = |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
        let verdict = match (errors, warnings) {
            (0, 0) if loaded.is_library && loaded.plans.is_none() => "a library, nothing wrong".to_owned(),
            (0, 0) => "nothing wrong".to_owned(),
            (0, warnings) => plural(warnings, "warning"),
            (errors, 0) => plural(errors, "error"),
            (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
        };
        complain(&format!("{}: {verdict}", path.display()));
    }
}

/// The mapping files that paths mean: a folder means its `*.map`.
pub(super) fn mappings(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let default = [PathBuf::from("mappings")];
    let given = if paths.is_empty() { &default[..] } else { paths };
    let mut found = Vec::new();
    for path in given {
        if path.is_dir() {
            let before = found.len();
            collect(path, &mut found)?;
            if found.len() == before {
                return Err(format!("{}: no *.map in this folder", path.display()));
            }
        } else if path.exists() {
            found.push(path.clone());
        } else {
            return Err(format!("{}: no such file or folder", path.display()));
        }
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut entries: Vec<PathBuf> = entries.filter_map(|it| it.ok().map(|it| it.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|it| it == "map") {
            found.push(path);
        }
    }
    Ok(())
}
