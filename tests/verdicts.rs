//! `validate` gives the verdict that xmllint gave for every message of others against its official schema.
//!
//! They stand beside the project, in `../shared/vectors` or `LATIMER_VECTORS`; without them nothing is tested here.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says what it left out"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn samples_have_the_known_verdicts() {
    let Some(vectors) = vectors() else { return };
    let samples = vectors.join("samples");
    let manifest = fs::read_to_string(samples.join("MANIFEST.md")).unwrap();
    // By schema: files with their verdicts. What stands in an envelope is no document of its schema.
    let mut known: BTreeMap<String, Vec<(PathBuf, bool)>> = BTreeMap::new();
    for section in manifest.split("\n## ") {
        let folder = section.split([' ', '\n']).next().unwrap();
        if !matches!(folder, "valid" | "invalid") {
            continue;
        }
        let rows = section.lines().map(|it| it.split('|').map(str::trim).collect::<Vec<_>>());
        for row in rows.filter(|it| it.len() > 5 && matches!(it[5], "valid" | "invalid")) {
            known.entry(row[2].to_owned()).or_default().push((samples.join(folder).join(row[1]), row[5] == "valid"));
        }
    }
    let (mut count, mut without, mut wrong) = (0, Vec::new(), Vec::new());
    for (message, files) in &known {
        let schema = vectors.join("xsd").join(format!("{message}.xsd"));
        if !schema.is_file() {
            without.extend(files.iter().map(|it| it.0.display().to_string()));
            continue;
        }
        let mut latimer = Command::new(env!("CARGO_BIN_EXE_latimer"));
        latimer.args(["validate", "--output", "json", "--format", "iso20022", "--schema"]).arg(&schema);
        let output = latimer.args(files.iter().map(|it| &it.0)).output().unwrap();
        let rows = String::from_utf8(output.stdout).unwrap();
        let mut verdicts: BTreeMap<String, bool> = BTreeMap::new();
        for row in rows.lines().map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap()) {
            // A file of several documents is valid when each is.
            *verdicts.entry(row["input"].as_str().unwrap().to_owned()).or_insert(true) &= row["valid"] == true;
        }
        for (file, valid) in files {
            count += 1;
            let found = verdicts.get(&file.display().to_string());
            if found != Some(valid) {
                wrong.push(format!("{}: {message}: {found:?}, known {valid}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 200 && without.is_empty(), "{count} compared; without a schema: {without:?}");
}

/// The folder of ISO 20022 data that is not ours.
fn vectors() -> Option<PathBuf> {
    let given = std::env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("../shared/vectors"));
    let found = given.into_iter().chain(above).map(|it| it.join("iso20022")).find(|it| it.join("samples").is_dir());
    if found.is_none() {
        eprintln!("verdicts: there are no samples beside the project: nothing was compared");
    }
    found
}
