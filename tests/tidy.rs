//! The rules of `src/README.md` that the compiler cannot keep.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each library crate may stand on; the adapters on the engine and the wire parts, and `soap` on `xml`.
const DEPENDENCIES: [(&str, &[&str]); 6] = [
    ("src/wire", &[]),
    ("src/engine", &["csv", "jiff", "memchr", "regex-automata", "sha2", "unicode-normalization"]),
    ("adapters/copybook", &["latimer-engine", "latimer-wire"]),
    ("adapters/json", &["latimer-engine", "memchr", "saphyr-parser", "simdutf8", "wide"]),
    ("adapters/xml", &["encoding_rs", "latimer-engine", "memchr", "quick-xml", "regex-automata", "simdutf8", "wide"]),
    ("adapters/soap", &["latimer-engine", "latimer-xml", "memchr", "quick-xml"]),
];

/// Names of files, folders and modules that say nothing.
const DRAWERS: [&str; 9] = ["utils", "util", "common", "helpers", "helper", "core", "manager", "types", "misc"];

#[test]
fn crates_stand_on_what_they_may() {
    for (folder, allowed) in DEPENDENCIES {
        let manifest = read(&root().join(folder).join("Cargo.toml"));
        let section = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        let names = section
            .lines()
            .filter_map(|it| it.split(['.', '=']).next())
            .map(str::trim)
            .filter(|it| !it.is_empty() && !it.starts_with('#'));
        let unknown: Vec<_> = names.filter(|it| !allowed.contains(it)).collect();
        assert!(unknown.is_empty(), "{folder}/Cargo.toml: {unknown:?} is not in the list of tests/tidy.rs");
    }
    let adapters: BTreeSet<_> = folders(&root().join("adapters")).into_iter().map(|it| format!("adapters/{it}")).collect();
    let listed: BTreeSet<_> = DEPENDENCIES.iter().map(|it| it.0.to_owned()).filter(|it| it.starts_with("adapters/")).collect();
    assert_eq!(adapters, listed);
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = read(&root().join("Cargo.toml"));
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let (mut before, mut has_reason) = ("", false);
    for line in section.lines().filter(|it| !it.is_empty()) {
        let own = line.contains("path = ");
        // A reason holds for the lines right below it.
        has_reason = line.starts_with('#') || has_reason && !before.is_empty() || own;
        assert!(has_reason, "Cargo.toml: `{line}` has no reason above it");
        before = line;
    }
}

#[test]
fn licences_are_permissive() {
    let allowed = read(&root().join(".cargo/deny.toml"));
    let allowed: Vec<&str> =
        allowed.split("allow = [").nth(1).unwrap().split(']').next().unwrap().split('"').skip(1).step_by(2).collect();
    // What is linked here is at hand: nothing is fetched.
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|it| it.strip_prefix("host: ")).unwrap();
    let words = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host];
    let output = Command::new(env!("CARGO")).current_dir(root()).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none");
        // `A OR B`: one of them is enough; `A AND B`: both are needed.
        let is_allowed = |it: &str| allowed.contains(&it.trim());
        let alternatives = licence.replace('/', " OR ").replace(['(', ')'], "");
        let fine = alternatives.split(" AND ").all(|needed| needed.split(" OR ").any(is_allowed));
        if !fine {
            wrong.push(format!("{} {}: {licence}", package["name"], package["version"]));
        }
    }
    assert!(wrong.is_empty(), "not in .cargo/deny.toml: {}", wrong.join("; "));
}

#[test]
fn what_runs_does_not_know_the_language() {
    for name in [
        "call",
        "decimal",
        "fault",
        "fold",
        "format",
        "limits",
        "machine",
        "output",
        "plan",
        "record",
        "rules",
        "schema",
        "translation",
    ] {
        let text = read(&root().join(format!("src/engine/{name}.rs")));
        let product = text.split("#[cfg(test)]").next().unwrap();
        let found = product.lines().find(|it| it.contains("mapping::") && !it.trim_start().starts_with("//"));
        assert!(found.is_none(), "src/engine/{name}.rs: {found:?}");
    }
}

#[test]
fn what_is_pure_says_so() {
    for (folder, _) in DEPENDENCIES {
        let text = read(&root().join(folder).join("lib.rs"));
        assert!(text.contains("#![deny(clippy::disallowed_methods)]"), "{folder}/lib.rs may open files");
    }
}

#[test]
fn files_and_folders_have_a_size() {
    let mut sizes = BTreeMap::new();
    for path in sources() {
        let shown = shown(&path);
        let lines = read(&path).lines().count();
        let is_table = shown.contains("/standards/");
        if lines > 800 && !is_table {
            sizes.insert(shown, lines);
        }
    }
    assert!(sizes.is_empty(), "longer than 800 lines: {sizes:?}");
}

#[test]
fn names_say_something() {
    for path in sources() {
        for part in shown(&path).split(['/', '.']) {
            assert!(!DRAWERS.contains(&part), "{}: `{part}` says nothing", path.display());
        }
    }
}

#[test]
fn folders_have_their_document() {
    for folder in ["", "adapters", "mappings", "schemas", "src", "tests", "benches", "tests/oracles", "tests/fuzz"] {
        assert!(root().join(folder).join("README.md").is_file(), "{folder}/README.md is missing");
    }
    let table = read(&root().join("adapters/README.md"));
    for adapter in folders(&root().join("adapters")) {
        let readme = read(&root().join("adapters").join(&adapter).join("README.md"));
        assert!(readme.lines().count() <= 120, "adapters/{adapter}/README.md is longer than two screens");
        assert!(
            table.contains(&format!("`{adapter}`")) || table.contains(&format!("[{adapter}]")),
            "adapters/README.md: no row for {adapter}"
        );
    }
}

#[test]
fn an_adapter_has_one_public_type() {
    for adapter in folders(&root().join("adapters")) {
        let folder = root().join("adapters").join(&adapter);
        let text = read(&folder.join("lib.rs"));
        let public: Vec<_> = text.lines().filter(|it| it.starts_with("pub ") && !it.starts_with("pub(")).collect();
        assert!(public.len() == 1, "adapters/{adapter}/lib.rs: {public:?}");
        for path in
            fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).filter(|it| it.extension().is_some_and(|it| it == "rs"))
        {
            if path.ends_with("lib.rs") {
                continue;
            }
            let found = read(&path).lines().find(|it| it.starts_with("pub ")).map(str::to_owned);
            assert!(found.is_none(), "{}: {found:?} is public", path.display());
        }
    }
}

#[test]
fn the_project_speaks_of_itself() {
    let words = ["/work/", "worktree", "TODO", "FIXME", "XXX:"];
    for path in sources().into_iter().filter(|it| !it.ends_with("tests/tidy.rs")) {
        for (at, line) in read(&path).lines().enumerate() {
            let found = words.iter().find(|it| line.contains(**it));
            assert!(found.is_none(), "{}:{}: {found:?}", path.display(), at + 1);
        }
    }
}

/// Every file of Rust, of the workspace and of the small ones beside it.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = ["src", "adapters", "tests", "benches", "build.rs"].iter().map(|it| root().join(it)).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            if !path.ends_with("target") {
                open.extend(fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn folders(of: &Path) -> Vec<String> {
    let entries = fs::read_dir(of).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_dir());
    let mut names: Vec<_> = entries.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
