//! `latimer test`: runs the cases of mappings.

use super::check::mappings;
use super::{Exit, Settings, complain, say};
use crate::cases::coverage::{self, Coverage};
use crate::cases::{self, Case, Fence, Outcome, Suite};
use crate::laws::{self, Tried};
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
    /// Tries the laws of the mappings, too, each with 1,000 random valid records
    #[arg(long)]
    laws: bool,
    /// Where the random records begin: the same number gives the same records
    #[arg(long, default_value_t = 1, requires = "laws")]
    seed: u64,
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
    laws: Vec<Tried>,
}

/// Records that a law is tried with.
const RECORDS: usize = 1000;

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
            match self.ran(&path, settings) {
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
        let broken = all.iter().flat_map(|it| &it.laws).any(|it| it.failure().is_some());
        if failed || broken { Exit::Author } else { Exit::Done }
    }

    /// Whether what was found takes the place of what was expected.
    fn updates(&self, case: &Case) -> bool {
        self.update && case.file.extension().is_some_and(|it| it == "md")
    }

    fn print(&self, all: &[Ran], settings: &Settings) {
        let (mut passed, mut failed, mut updated) = (0, 0, 0);
        for ran in all {
            if !(settings.quiet || ran.cases.is_empty() && ran.laws.is_empty()) {
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
            for law in &ran.laws {
                match law.failure() {
                    None => passed += 1,
                    Some(_) => failed += 1,
                }
                self.print_law(ran, law, settings);
            }
        }
        let updated = if updated > 0 { format!(", {updated} written anew") } else { String::new() };
        let seed = if self.laws { format!(", seed {}", self.seed) } else { String::new() };
        complain(&format!("{passed} passed, {failed} failed{updated}{seed}"));
    }

    fn ran(&self, path: &Path, settings: &Settings) -> Result<Ran, String> {
        let suite = Suite::of(path, &settings.search, &settings.limits, self.coverage)?;
        let (mut ran, mut before) = (Vec::new(), String::new());
        for case in suite.cases {
            let outcome = cases::run(&case, suite.loaded.as_ref(), &settings.search, &settings.limits);
            let outcome = outcome.unwrap_or_else(|why| {
                // What keeps all cases from running is said once.
                let said = if why == before { "as above".to_owned() } else { why.clone() };
                before = why;
                Outcome { failures: vec![said], ..Outcome::default() }
            });
            ran.push((case, outcome));
        }
        let mut tried = Vec::new();
        if let Some(loaded) = suite.loaded.as_ref().filter(|_| self.laws) {
            // A mapping that does not check has no laws to try; its cases say why.
            for law in loaded.plans.iter().flat_map(|it| &it.laws) {
                tried.push(laws::tried(loaded, law, (self.seed, RECORDS), &settings.limits)?);
            }
        }
        let loaded = suite.loaded.as_ref().filter(|_| self.coverage);
        let coverage = loaded.map(|it| coverage::coverage(it, &ran)).unwrap_or_default();
        Ok(Ran { mapping: suite.mapping, coverage, cases: ran, laws: tried })
    }

    fn print_law(&self, ran: &Ran, law: &Tried, settings: &Settings) {
        let said = told(law);
        let Some(failure) = law.failure() else {
            if !settings.quiet {
                say(&format!("  ok      {said}"));
            }
            return;
        };
        say(&format!("  FAILED  {said}  ({}:{})", ran.mapping.display(), law.line));
        for line in failure {
            say(&format!("          {line}"));
        }
        say(&format!("          again: latimer test {} --laws --seed {}", ran.mapping.display(), self.seed));
    }
}

/// `law round-trip core: 1000 records, 412 passed forth`
fn told(law: &Tried) -> String {
    format!("{}: {} records, {} passed forth", law.title, law.records, law.passed)
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
    let count = |ran: &Ran| {
        let cases = ran.cases.iter().filter(|(_, it)| !it.failures.is_empty()).count();
        let laws = ran.laws.iter().filter(|it| it.failure().is_some()).count();
        (ran.cases.len() + ran.laws.len(), cases + laws)
    };
    let (tests, failures) = all.iter().map(count).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!("<testsuites tests=\"{tests}\" failures=\"{failures}\">\n"));
    for ran in all {
        let (tests, failures) = count(ran);
        let suite = escaped(&ran.mapping.display().to_string());
        text.push_str(&format!("  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\">\n"));
        let cases = ran
            .cases
            .iter()
            .map(|(case, outcome)| (case.title.clone(), case.file.display().to_string(), case.line, outcome.failures.clone()));
        let laws =
            ran.laws.iter().map(|it| (told(it), ran.mapping.display().to_string(), it.line, it.failure().unwrap_or_default()));
        for (name, file, line, failures) in cases.chain(laws) {
            let (name, file) = (escaped(&name), escaped(&file));
            let head = format!("    <testcase name=\"{name}\" classname=\"{suite}\" file=\"{file}\" line=\"{line}\"");
            let Some(first) = failures.first() else {
                text.push_str(&format!("{head}/>\n"));
                continue;
            };
            let (first, whole) = (escaped(first), escaped(&failures.join("\n")));
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
