//! Tests of mappings: the `test` sections of a mapping, and the cases beside it in Markdown.

pub mod coverage;
mod differ;
mod inline;
mod markdown;
mod run;

use crate::catalog::{self, Loaded, Search};
use crate::engine::{Event, Limits};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

pub use run::run;

/// A test of a mapping.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is tested.
    pub title: String,
    /// The file it stands in.
    pub file: PathBuf,
    /// The line where it begins.
    pub line: usize,
    /// Whether the mapping is read in reverse.
    pub reverse: bool,
    /// The time of `now()`.
    pub now: Timestamp,
    /// What goes in.
    pub given: Option<Given>,
    /// What every recall of a memo finds: its name, names and values of its fields.
    pub recalled: Vec<(String, Vec<Field>)>,
    /// What a memo has: its name, JSON lines.
    pub memos: Vec<(String, String)>,
    /// What must come of it.
    pub expected: Vec<Expected>,
    /// Files that the case brings along: a mapping of its own, schemas.
    pub files: Vec<(String, String)>,
}

/// A name and its value.
pub type Field = (String, String);

/// What goes into a mapping.
#[derive(Clone, Debug)]
pub enum Given {
    /// Bytes.
    Bytes(Vec<u8>),
    /// Fields of a side, encoded by its codec.
    Fields(String, Vec<(Vec<Step>, Literal)>),
}

/// A step of a path in a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name.
    pub name: String,
    /// Which occurrence, from 1.
    pub number: Option<usize>,
    /// The occurrence whose field has a value; of a side, the file with this key.
    pub has: Option<(String, Literal)>,
}

/// A value in a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Digits or text; nothing is absence.
    pub text: Option<String>,
    /// Whether it is compared as a number.
    pub is_number: bool,
}

/// What must come of a case.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The output with this key is these bytes.
    Output(String, Vec<u8>),
    /// A field of a side has this value.
    Field(String, Vec<Step>, Literal),
    /// The output of a side is what a file has.
    File(String, PathBuf),
    /// Something is refused for this reason.
    Reject(String),
    /// These refusals: `SCOPE REASON TARGET`.
    Rejects(Vec<String>),
    /// These faults of the source: `CODE SOURCE`.
    Fault(Vec<String>),
    /// What `check` says.
    Diagnostics(String),
}

/// The words behind the backticks of a fence, and its text.
pub type Fence = (String, String);

/// What came of a case.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was not as expected; nothing: the case passed.
    pub failures: Vec<String>,
    /// What was found, as fences of a case file.
    pub found: Vec<Fence>,
    /// What the mapping did, if it tells.
    pub events: Vec<Event>,
}

/// The cases of a mapping, or of a case file that brings its mapping along.
#[derive(Debug)]
pub struct Suite {
    /// The mapping.
    pub mapping: PathBuf,
    /// The mapping, compiled; none where each case has one of its own.
    pub loaded: Option<Loaded>,
    /// Its cases, those within it first.
    pub cases: Vec<Case>,
}

impl Suite {
    /// The cases of a mapping, or of a case file; `telling` for coverage.
    pub fn of(path: &Path, search: &Search, limits: &Limits, telling: bool) -> Result<Suite, String> {
        let (mapping, file) = (path.with_extension("map"), path.with_extension("md"));
        let mut cases = Vec::new();
        let loaded = if mapping.is_file() {
            let load = if telling { catalog::load_telling } else { catalog::load };
            let loaded = load(&mapping, search, limits)?;
            // What is wrong with the mapping comes before what a test of it cannot find.
            let own = inline::cases(&mapping, &loaded).map_err(|why| match loaded.diagnostics.has_errors() {
                true => format!(
                    "the mapping does not check:\n{}",
                    crate::render::diagnostics(&loaded.sources, &loaded.diagnostics, false).trim_end()
                ),
                false => why,
            })?;
            cases.extend(own);
            Some(loaded)
        } else {
            None
        };
        if file.is_file() {
            cases.extend(markdown::cases(&file)?);
        }
        let mapping = if loaded.is_some() { mapping } else { file };
        Ok(Suite { mapping, loaded, cases })
    }

    /// Writes what was found into the case file, for the cases that failed.
    pub fn update(file: &Path, found: &[(usize, Vec<Fence>)]) -> Result<(), String> {
        markdown::update(file, found)
    }
}

/// The time at which tests run that say none.
pub(crate) fn usual_time() -> Timestamp {
    "2026-01-02T12:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Bytes as two digits each; blanks and what stands behind `#` are left out.
pub(crate) fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> =
        text.lines().flat_map(|it| it.split('#').next().unwrap_or("").bytes().filter(|it| !it.is_ascii_whitespace())).collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).ok().filter(|it| it.len() == 2));
    pairs
        .map(|it| it.and_then(|it| u8::from_str_radix(it, 16).ok()).ok_or_else(|| "the bytes are not two digits each".to_owned()))
        .collect()
}
