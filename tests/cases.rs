//! The cases of `tests/cases`: every diagnostic and every fault with its full text, its help and its page.
//!
//! A case brings its mapping (`mapping`) and its files (`file NAME`) along; `UPDATE=1 cargo test --test cases` writes what
//! was found into those that failed, to be read before it is kept. `(part_bytes_max=40)` at the end of a heading is a limit.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod pasted;

use latimer::cases::{Case, Expected, Suite, run};
use latimer::catalog::Search;
use latimer::engine::{FaultCode, Limits};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_cases_pass() {
    let update = std::env::var_os("UPDATE").is_some();
    let (mut failures, mut count) = (Vec::new(), 0);
    for (file, cases) in suites() {
        let mut found = Vec::new();
        for case in &cases {
            count += 1;
            let (search, limits) = (search(), limits(&case.title));
            match run(case, None, &search, &limits) {
                Ok(outcome) if outcome.failures.is_empty() => {}
                Ok(outcome) if update => found.push((case.line, outcome.found)),
                Ok(outcome) => {
                    failures.push(format!("{} ({}:{})\n{}", case.title, file.display(), case.line, outcome.failures.join("\n")))
                }
                Err(why) => failures.push(format!("{} ({}:{})\n{why}", case.title, file.display(), case.line)),
            }
        }
        if !found.is_empty() {
            Suite::update(&file, &found).unwrap();
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases failed:\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn every_code_of_the_sources_has_a_case() {
    let mut said = BTreeSet::new();
    for (_, cases) in suites() {
        for expected in cases.iter().flat_map(|it| &it.expected) {
            let Expected::Diagnostics(text) = expected else { continue };
            let heads = text.lines().filter_map(|it| it.split_once("]: ")?.0.split_once('['));
            said.extend(heads.map(|(_, code)| code.to_owned()));
        }
    }
    let missing: Vec<_> = codes().into_iter().filter(|it| !said.contains(it)).collect();
    assert!(missing.is_empty(), "no case in tests/cases prints {}", missing.join(", "));
}

#[test]
fn every_fault_has_a_case() {
    let mut said = BTreeSet::new();
    for (_, cases) in suites() {
        for expected in cases.iter().flat_map(|it| &it.expected) {
            let Expected::Fault(lines) = expected else { continue };
            assert!(!lines.is_empty(), "a `fault` fence without a fault");
            said.extend(lines.iter().filter_map(|it| Some(it.split(' ').next()?.to_owned())));
        }
    }
    // What needs long messages or the plain form stands there, by name.
    let elsewhere = concat!(include_str!("cli.rs"), include_str!("nil.rs"));
    // A defect of ours cannot be asked for; every byte of every code page is a character, so far; bytes of another length
    // than their field's are refused before they come to the encoder.
    let cannot = [FaultCode::Defect, FaultCode::CopybookCharset, FaultCode::CopybookSize];
    let is_shown = |it: &str| said.contains(it) || elsewhere.contains(&format!("\"{it}\""));
    let missing: Vec<_> =
        FaultCode::ALL.iter().filter(|it| !cannot.contains(it)).map(|it| it.name()).filter(|it| !is_shown(it)).collect();
    assert!(missing.is_empty(), "no case in tests/cases is refused with {}", missing.join(", "));
}

#[test]
fn every_help_that_can_be_pasted_removes_its_diagnostic() {
    let (mut tried, mut failures) = (0, Vec::new());
    for (file, cases) in suites() {
        for case in cases.iter().filter(|it| it.expected.iter().any(|it| matches!(it, Expected::Diagnostics(_)))) {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in &case.files {
                fs::write(folder.path().join(name), text).unwrap();
            }
            let (count, failed) = pasted::paste_all(folder.path(), "case.map", &[root()]);
            tried += count;
            failures.extend(failed.into_iter().map(|it| format!("{}:{}: {it}", file.display(), case.line)));
        }
    }
    assert!(failures.is_empty(), "{} of {tried}:\n{}", failures.len(), failures.join("\n"));
    assert!(tried > 0);
}

#[test]
fn every_code_has_a_page() {
    let pages = fs::read_to_string(root().join("src/cmd/codes.md")).unwrap();
    let mut known = BTreeSet::new();
    for page in pages.split("\n## ").skip(1) {
        let (title, body) = page.split_once('\n').unwrap();
        let (code, words) = title.split_once(' ').unwrap();
        assert!(!words.is_empty() && words.chars().next().is_some_and(|it| !it.is_uppercase()), "{title}: lower case");
        assert!(body.contains("\n**What to do.** "), "{code}: its page does not say what to do");
        assert!(body.contains("```"), "{code}: its page has no example");
        assert!(known.insert(code.to_owned()), "{code} has two pages");
    }
    let codes = codes();
    let missing: Vec<_> = codes.difference(&known).cloned().collect();
    let unknown: Vec<_> = known.difference(&codes).cloned().collect();
    assert!(missing.is_empty() && unknown.is_empty(), "without a page: {missing:?}; pages without a code: {unknown:?}");
}

/// Every code that the sources can print: `E101`, `W502`, `N702`, `S203` in quotation marks.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut open = vec![root().join("src"), root().join("adapters")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let is_test = ["tests", "benches", "examples"].iter().any(|it| path.ends_with(it));
            open.extend(if is_test { Vec::new() } else { fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()).collect() });
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            codes.extend(product.split('"').filter(|it| is_code(it)).map(str::to_owned));
        }
    }
    codes
}

fn is_code(word: &str) -> bool {
    word.len() == 4 && word.starts_with(['E', 'W', 'N', 'S']) && word[1..].bytes().all(|it| it.is_ascii_digit())
}

/// The case files with their cases, in the order of their names.
fn suites() -> Vec<(PathBuf, Vec<Case>)> {
    let mut files = Vec::new();
    let mut open = vec![root().join("tests/cases")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
        } else if path.extension().is_some_and(|it| it == "md") && !path.ends_with("README.md") {
            files.push(path);
        }
    }
    files.sort();
    let cases = |file: &Path| Suite::of(file, &search(), &Limits::default(), false).unwrap().cases;
    files.into_iter().map(|file| (file.clone(), cases(&file))).collect()
}

/// The limits of a case: what stands in brackets at the end of its title.
fn limits(title: &str) -> Limits {
    let mut limits = Limits::default();
    let words = title.strip_suffix(')').and_then(|it| it.rsplit_once('(')).map_or("", |it| it.1);
    for (name, value) in words.split(", ").filter_map(|it| it.split_once('=')) {
        *limits.named(name).unwrap() = value.parse().unwrap();
    }
    limits
}

fn search() -> Search {
    // Where tests run: the folder of the package, without its path in what is said.
    Search { folders: Vec::new(), here: PathBuf::from(".") }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
