//! `latimer test --laws`: what leaves a side and comes back is what it was, tried with random records.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::{Command, Output};

const COPYBOOK: &str = "       01  REC.\n           05  REF PIC X(8).\n           05  COUNT-OF PIC S9(3)V99 COMP-3.\n";

const SCHEMA: &str = r#"{"type":"object","required":["ref","count"],"properties":{"ref":{"type":"string","pattern":"^[A-Z0-9]{1,8}$","minLength":1,"maxLength":8},
    "count":{"type":"number","minimum":-999.99,"maximum":999.99,"multipleOf":0.01},
    "note":{"type":"string","minLength":1,"maxLength":8,"x-secret":true}}}"#;

fn mapping(lines: &str) -> String {
    format!(
        "latimer 1\nmapping trip version \"1.0.0\" \"there and back\"\n\
         between core : copybook \"rec.cpy\" charset \"cp1047\" at REC\nand     json : json \"rec.json\"\n\
         policy {{ bad-chars = reject }}\n{lines}\n"
    )
}

fn tried(folder: &Path, lines: &str, words: &[&str]) -> (Option<i32>, String) {
    for (name, text) in [("rec.cpy", COPYBOOK), ("rec.json", SCHEMA), ("trip.map", &mapping(lines))] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_latimer"));
    let Output { status, stdout, stderr } =
        command.current_dir(folder).args(["test", "trip.map", "--laws"]).args(words).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

const LINES: &str =
    "pair core with json {\n  REF <-> ref\n  COUNT-OF <-> count\n}\nignore json/note because \"not for the core\"";

#[test]
fn a_law_that_holds_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let lines = format!("{LINES}\nlaw round-trip core\nlaw round-trip json except note");
    let (code, said) = tried(folder.path(), &lines, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("  ok      law round-trip core: 1000 records, "), "{said}");
    assert!(said.contains("2 passed, 0 failed, seed 1"), "{said}");
    // The same seed says the same, another one tries other records.
    assert_eq!(tried(folder.path(), &lines, &["--seed", "1"]).1, said);
    let (code, other) = tried(folder.path(), &lines, &["--seed", "2"]);
    assert_eq!(code, Some(0), "{other}");
    assert_ne!(other, said);
}

#[test]
fn a_law_that_does_not_hold_shows_a_small_witness() {
    let folder = tempfile::tempdir().unwrap();
    // Back, a record with a reference that begins with a zero is refused: no line of the mapping shows that.
    let lines =
        format!("verify not (json/ref starts-with \"0\") else reject \"X-ZERO\" \"no zero\"\n{LINES}\nlaw round-trip core");
    let (code, said) = tried(folder.path(), &lines, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is refused on the way back: X-ZERO no zero"), "{said}");
    assert!(said.contains(r#"record: {"REC":{"REF":"0"}}"#), "{said}");
    assert!(said.contains("again: latimer test trip.map --laws --seed 1"), "{said}");
    assert!(said.contains("0 passed, 1 failed, seed 1"), "{said}");
    let (code, junit) = tried(folder.path(), &lines, &["--output", "junit"]);
    assert_eq!(code, Some(1));
    assert!(junit.contains("<testsuites tests=\"1\" failures=\"1\">"), "{junit}");
    assert!(junit.contains("<testcase name=\"law round-trip core: 1000 records, "), "{junit}");
    assert!(junit.contains("<failure message=\"is refused on the way back: X-ZERO no zero"), "{junit}");
}

#[test]
fn a_law_that_nothing_reaches_is_no_law_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let lines =
        format!("verify core/REF = \"A\" and core/REF = \"B\" else reject \"X-NONE\"\n{LINES}\nlaw round-trip core on REF");
    let (code, said) = tried(folder.path(), &lines, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no record passed forth: the law was not tested"), "{said}");
    assert!(said.contains("refused: X-NONE"), "{said}");
}

#[test]
fn a_verify_of_one_side_is_asked_of_its_messages() {
    let folder = tempfile::tempdir().unwrap();
    tried(folder.path(), &format!("verify json/ref = \"A\" else reject \"X-JSON\"\n{LINES}"), &[]);
    let translate = |input: &[u8], words: &[&str]| {
        std::fs::write(folder.path().join("input"), input).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_latimer"));
        command.current_dir(folder.path()).args(["translate", "trip.map", "input"]).args(words).output().unwrap()
    };
    // B, six blanks .. and 0.
    let mut record = vec![0xC2];
    record.extend_from_slice(&[0x40; 7]);
    record.extend_from_slice(&[0x00, 0x00, 0x0C]);
    assert_eq!(String::from_utf8(translate(&record, &[]).stdout).unwrap(), "{\"ref\":\"B\",\"count\":0.00}\n");
    let back = translate(b"{\"ref\":\"B\",\"count\":0}", &["--reverse"]);
    assert_eq!(back.status.code(), Some(65));
    assert!(String::from_utf8(back.stderr).unwrap().contains("X-JSON"));
    assert_eq!(translate(b"{\"ref\":\"A\",\"count\":0}", &["--reverse"]).status.code(), Some(0));
}
