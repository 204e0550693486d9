//! `latimer test`: runs the cases of mappings.

use super::check::mappings;
use super::{Exit, Settings, complain, say};
use crate::cases::coverage::{self, Coverage};
use crate::cases::{self, Case, Fence, Outcome, Suite};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Runs the tests of mappings: those in the file, and the cases in the Markdown file beside it.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer test mappings/core --coverage")]
pub struct Test {
    /// Mapping files, case files, or folders with *.map in them [mappings]
    paths: Vec<PathBuf>,
    /// Writes what was found into the case files
    #[arg(long)]
    update: bool,
    /// Says which rules, branches and rows of tables no case came to
    #[arg(long)]
    coverage: bool,
    /// The form of what is printed
    #[arg(long, value_enum, default_value_t = Output::Human)]
    output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Human,
    Junit,
}

/// The cases of one mapping, run.
struct Ran {
    mapping: PathBuf,
    coverage: Vec<Coverage>,
    cases: Vec<(Case, Outcome)>,
}

impl Test {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        let paths = match mappings(&self.paths) {
            Ok(paths) => paths,
            Err(why) => {
                complain(&format!("error: {why}"));
                return Exit::NoInput;
            }
        };
        let mut all = Vec::new();
        for path in paths {
            match ran(&path, settings, self.coverage) {
                Ok(ran) => all.push(ran),
                Err(why) => {
                    complain(&format!("error: {why}"));
                    return Exit::Author;
                }
            }
        }
        if self.update
            && let Err(why) = all.iter().try_for_each(update)
        {
            complain(&format!("error: {why}"));
            return Exit::World;
        }
        match self.output {
            Output::Human => self.print(&all, settings),
            Output::Junit => say(&junit(&all)),
        }
        let failed = all.iter().flat_map(|it| &it.cases).any(|(case, it)| !it.failures.is_empty() && !self.updates(case));
        if failed { Exit::Author } else { Exit::Done }
    }

    /// Whether what was found takes the place of what was expected.
    fn updates(&self, case: &Case) -> bool {
        self.update && case.file.extension().is_some_and(|it| it == "md")
    }

    fn print(&self, all: &[Ran], settings: &Settings) {
        let (mut passed, mut failed, mut updated) = (0, 0, 0);
        for ran in all {
            if !settings.quiet && !ran.cases.is_empty() {
                say(&ran.mapping.display().to_string());
            }
            for (case, outcome) in &ran.cases {
                let word = match (outcome.failures.is_empty(), self.updates(case)) {
                    (true, _) => "ok",
                    (false, true) => "new",
                    (false, false) => "FAILED",
                };
                match word {
                    "ok" => passed += 1,
                    "new" => updated += 1,
                    _ => failed += 1,
                }
                if word == "ok" {
                    if !settings.quiet {
                        say(&format!("  ok      {}", case.title));
                    }
                    continue;
                }
                say(&format!("  {word:<6}  {}  ({}:{})", case.title, case.file.display(), case.line));
                for failure in &outcome.failures {
                    say(&format!("          {}", failure.replace('\n', "\n          ")));
                }
            }
            for it in &ran.coverage {
                say(&format!("  {} of {} {} reached", it.all - it.missed.len(), it.all, it.what));
                it.missed.iter().for_each(|(place, words)| say(&format!("    not: {place}  {words}")));
            }
        }
        let updated = if updated > 0 { format!(", {updated} written anew") } else { String::new() };
        complain(&format!("{passed} passed, {failed} failed{updated}"));
    }
}

fn ran(path: &Path, settings: &Settings, telling: bool) -> Result<Ran, String> {
    let suite = Suite::of(path, &settings.search, &settings.limits, telling)?;
    let mut ran = Vec::new();
    for case in suite.cases {
        let outcome = cases::run(&case, suite.loaded.as_ref(), &settings.search, &settings.limits);
        let outcome = outcome.unwrap_or_else(|why| Outcome { failures: vec![why], ..Outcome::default() });
        ran.push((case, outcome));
    }
    let loaded = suite.loaded.as_ref().filter(|_| telling);
    let coverage = loaded.map(|it| coverage::coverage(it, &ran)).unwrap_or_default();
    Ok(Ran { mapping: suite.mapping, coverage, cases: ran })
}

/// Writes what was found for the cases that failed.
fn update(ran: &Ran) -> Result<(), String> {
    let mut found: BTreeMap<PathBuf, Vec<(usize, Vec<Fence>)>> = BTreeMap::new();
    for (case, outcome) in ran.cases.iter().filter(|(_, it)| !it.failures.is_empty()) {
        if case.file.extension().is_some_and(|it| it == "md") && !outcome.found.is_empty() {
            found.entry(case.file.clone()).or_default().push((case.line, outcome.found.clone()));
        }
    }
    found.iter().try_for_each(|(file, found)| Suite::update(file, found))
}

/// The form that build servers read.
fn junit(all: &[Ran]) -> String {
    let count = |ran: &Ran| (ran.cases.len(), ran.cases.iter().filter(|(_, it)| !it.failures.is_empty()).count());
    let (tests, failures) = all.iter().map(count).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!("<testsuites tests=\"{tests}\" failures=\"{failures}\">\n"));
    for ran in all {
        let (tests, failures) = count(ran);
        let suite = escaped(&ran.mapping.display().to_string());
        text.push_str(&format!("  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\">\n"));
        for (case, outcome) in &ran.cases {
            let (name, file) = (escaped(&case.title), escaped(&case.file.display().to_string()));
            let head = format!("    <testcase name=\"{name}\" classname=\"{suite}\" file=\"{file}\" line=\"{}\"", case.line);
            if outcome.failures.is_empty() {
                text.push_str(&format!("{head}/>\n"));
                continue;
            }
            let first = escaped(outcome.failures.first().map_or("", String::as_str));
            let whole = escaped(&outcome.failures.join("\n"));
            text.push_str(&format!("{head}>\n      <failure message=\"{first}\">{whole}</failure>\n    </testcase>\n"));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>");
    text
}

/// A text in XML; characters that XML has not are left as their numbers.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' | '\r' => out.push(' '),
            it if it.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(it))),
            it => out.push(it),
        }
    }
    out
}
