//! What is secret is in the output and in the rejects' `bytes`, and nowhere else: every kind of failure at secret fields,
//! through every command, and then the values are searched in all that was said.

#![expect(clippy::unwrap_used, clippy::string_slice, clippy::indexing_slicing, reason = "a test may panic")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A card number whose check digit is right; one whose is not; both would be found by five of their digits.
const CARD: &str = "4929718306521746";
const WRONG: &str = "4929718306521741";
/// Marked by the schema.
const PIN: &str = "739158";

const SOURCE: &str = r#"{ "type": "object", "required": ["id", "card", "pin"], "properties": {
  "id":    { "type": "string", "minLength": 1, "maxLength": 8 },
  "card":  { "type": "string", "minLength": 12, "maxLength": 19, "pattern": "^[0-9]+$" },
  "pin":   { "type": "string", "minLength": 4, "maxLength": 8, "x-secret": true },
  "words": { "type": "array", "maxItems": 3, "items": { "type": "string", "minLength": 1, "maxLength": 20 } } } }"#;

const TARGET: &str = r#"{ "type": "object", "required": ["id"], "properties": {
  "id":    { "type": "string", "minLength": 1, "maxLength": 8 },
  "long":  { "type": "string", "maxLength": 80 },
  "short": { "type": "string", "maxLength": 9 },
  "code":  { "enum": ["A", "B"] },
  "total": { "type": "number", "minimum": 0, "maximum": 999999999999999999, "x-decimal": [18, 0] },
  "group": { "type": "object", "properties": { "inner": { "type": "string", "maxLength": 40 } } },
  "list":  { "type": "array", "maxItems": 4, "items": { "type": "object", "properties": { "text": { "type": "string", "maxLength": 40 } } } } } }"#;

/// Rules that fail at a secret field, lose a part of it, or carry it on.
const RULES: [(&str, &str); 14] = [
    ("as it is", "long <- in/card"),
    ("no card", "long <- in/card | pan"),
    ("too long", "short <- in/card | must-fit"),
    ("cut", "short <- in/card | cut\n  long <- in/pin"),
    ("no row", "code <- in/pin | pins"),
    ("not found", "long <- cards(in/card) else reject \"X-CARD\" \"no such card\""),
    ("named", "short <- in/card | must-fit on fail reject \"X-LONG\" \"too long for us\""),
    ("a number", "total <- in/card | decimal | exact"),
    ("joined", "long <- in/pin & \"-\" & in/card & \"-\" & in/id"),
    ("chosen", "long <- choose { in/card when in/pin = \"0000\"  in/pin otherwise }"),
    ("within", "group { inner <- in/card | upper }"),
    ("repeated", "list <- each in/words as w { text <- w & in/pin }"),
    ("masked", "long <- in/card | mask(keep-first: 6, keep-last: 4)"),
    ("asked", "long <- in/id when in/pin <> \"0000\""),
];

fn mapping(rule: &str, extra: &str) -> String {
    format!(
        r#"latimer 1
mapping secrets version "1.0.0" "secrets"
from in  : json "source.json"
to   out : json "target.json"
policy {{ bad-chars = reject }}
secret in/card
table pins (pin -> code) {{
  "0000" -> "A"
  "1111" -> "B"
}}
lookup cards (card) -> bank from csv "cards.csv" key card = card value bank
{extra}
write out {{
  id <- in/id
  {rule}
}}
ignore in/** because "an example"
test "the fields" {{
  given  in "good.json"
  expect out/long = "L"
  expect out/short = "S"
  expect out/total = 7
  expect out/group/inner = "I"
}}
"#
    )
}

fn message(card: &str, pin: &str) -> String {
    format!(r#"{{"id":"M1","card":"{card}","pin":"{pin}","words":["one","two"]}}"#)
}

/// A case whose expected output differs in every field.
fn case(message: &str) -> String {
    let output = r#"{"id":"X","long":"L","short":"S","code":"A","total":1,"group":{"inner":"I"},"list":[{"text":"T"}]}"#;
    format!(
        "# Cases\n\n## All differs\n\n```input\n{message}\n```\n\n```output\n{output}\n```\n\n## Nothing is expected\n\n```input\n{message}\n```\n\n```output\n{{\"id\":\"M1\"}}\n```\n"
    )
}

fn latimer(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_latimer")).current_dir(folder).args(arguments).output().unwrap()
}

/// Says where a secret stands: all of a pin, five digits of a card.
fn searched(said: &str, what: &str, found: &mut Vec<String>) {
    let parts = [CARD, WRONG].iter().flat_map(|it| (0..=it.len() - 5).map(|at| &it[at..at + 5])).chain([PIN]);
    if let Some(part) = parts.into_iter().find(|it| said.contains(*it)) {
        let line = said.lines().find(|it| it.contains(part)).unwrap_or_default();
        found.push(format!("{what}: {line}"));
    }
}

fn folder_with(rule: &str, extra: &str, message: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let good = self::message(CARD, PIN);
    let files = [
        ("source.json", SOURCE.to_owned()),
        ("target.json", TARGET.to_owned()),
        ("cards.csv", "card,bank\n1,ONE\n".to_owned()),
        ("secrets.map", mapping(rule, extra)),
        ("secrets.md", case(message)),
        ("good.json", good),
        ("input.json", message.to_owned()),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Everything that is said about a message, data apart; of the first message of a mapping, what is said of the mapping too.
fn said(folder: &Path, is_first: bool) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
    let both: [&[&str]; 15] = [
        &["check", "secrets.map"],
        &["check", "--report", "secrets.map"],
        &["check", "--output", "json", "secrets.map"],
        &["check", "--output", "sarif", "secrets.map"],
        &["explain", "secrets.map"],
        &["explain", "secrets.map", "input.json"],
        &["explain", "secrets.map", "input.json", "--output", "json"],
        &["explain", "secrets.map", "input.json", "--where-used", "card"],
        &["explain", "secrets.map", "input.json", "long"],
        &["test", "secrets.map"],
        &["test", "secrets.map", "--coverage"],
        &["test", "secrets.map", "--output", "junit"],
        &["validate", "--format", "json", "--schema", "source.json", "input.json"],
        &["validate", "--format", "json", "--schema", "source.json", "--output", "json", "input.json"],
        &["translate", "secrets.map", "input.json", "-o", "out.json"],
    ];
    for arguments in both.into_iter().filter(|it| is_first || it.contains(&"input.json") || it[0] == "test") {
        let done = latimer(folder, arguments);
        all.push((format!("{arguments:?} stdout"), text(&done.stdout)));
        all.push((format!("{arguments:?} stderr"), text(&done.stderr)));
    }
    let talk: [&[&str]; 3] = [
        &["translate", "secrets.map", "input.json", "--log-format", "json", "--rejects", "rejects", "--report", "report"],
        &["decode", "--format", "json", "--schema", "source.json", "input.json"],
        &["encode", "--format", "json", "--schema", "source.json", "input.json"],
    ];
    for arguments in talk {
        all.push((format!("{arguments:?} stderr"), text(&latimer(folder, arguments).stderr)));
    }
    all.push(("--report".to_owned(), fs::read_to_string(folder.join("report")).unwrap_or_default()));
    for line in fs::read_to_string(folder.join("rejects")).unwrap_or_default().lines() {
        let mut reject: Value = serde_json::from_str(line).unwrap();
        // The refused message as it came is data, and the only member that is.
        assert!(reject.as_object_mut().unwrap().remove("bytes").is_some(), "a reject keeps its bytes");
        all.push(("--rejects".to_owned(), reject.to_string()));
    }
    all
}

#[test]
fn nothing_says_a_secret() {
    let messages = [
        ("good", message(CARD, PIN)),
        ("wrong check digit", message(WRONG, PIN)),
        ("too short", message(&CARD[..8], PIN)),
        ("too long", message(&CARD.repeat(2), &PIN.repeat(2))),
        ("another type", format!(r#"{{"id":"M1","card":{CARD},"pin":{PIN}}}"#)),
        ("letters", message(&format!("{CARD}X"), PIN)),
        ("broken", format!(r#"{{"id":"M1","card":"{CARD}","pin":"{PIN}"#)),
        ("twice", format!(r#"{{"id":"M1","card":"{CARD}","card":"{CARD}","pin":"{PIN}","pin":"{PIN}"}}"#)),
        ("a control", format!("{{\"id\":\"M1\",\"card\":\"{CARD}\u{1}\",\"pin\":\"{PIN}\"}}")),
    ];
    let (mut found, mut searches, mut written, mut refused) = (Vec::new(), 0, 0, 0);
    for (name, rule) in RULES {
        for (kind, message) in &messages {
            // A message that is no JSON fails before any rule: once is enough.
            if !["good", "wrong check digit"].contains(kind) && name != "as it is" {
                continue;
            }
            let folder =
                folder_with(rule, "verify in/card starts-with \"4\" else reject \"X-CARD\" \"not one of ours\"", message);
            let checked = latimer(folder.path(), &["check", "secrets.map"]);
            assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
            for (what, said) in said(folder.path(), *kind == "good") {
                searches += 1;
                searched(&said, &format!("{name}, {kind}: {what}"), &mut found);
            }
            let output = fs::read_to_string(folder.path().join("out.json")).unwrap_or_default();
            written += usize::from(output.contains(CARD) || output.contains(PIN));
            refused += usize::from(fs::metadata(folder.path().join("rejects")).is_ok_and(|it| it.len() > 0));
        }
    }
    assert!(found.is_empty(), "{} of {searches}:\n{}", found.len(), found.join("\n"));
    // The search could not fail if nothing secret went through, or nothing failed.
    assert!(written >= 5 && refused >= 10, "{written} written, {refused} refused");
}

#[test]
fn a_check_that_fails_names_no_secret() {
    let mut found = Vec::new();
    let verify = "verify in/card starts-with \"5\" and in/pin <> \"1\" else reject \"X-CARD\" \"not one of ours\"";
    let folder = folder_with("long <- in/card", verify, &message(CARD, PIN));
    for (what, said) in said(folder.path(), true) {
        searched(&said, &what, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_was_hidden_is_marked() {
    let folder = folder_with("long <- in/pin & \"-\" & in/card", "", &message(CARD, PIN));
    let done = latimer(folder.path(), &["explain", "secrets.map", "input.json"]);
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("long = (secret)"), "{text}");
    assert!(text.contains("id = \"M1\""), "{text}");
    let done = latimer(folder.path(), &["test", "secrets.map"]);
    let text = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(text.contains("long: expected \"(secret)\", found \"(secret)\""), "{text}");
    assert!(text.contains("id: expected \"X\", found \"M1\""), "{text}");
}

#[test]
fn a_target_and_a_memo_can_be_secret_too() {
    let folder = folder_with("long <- in/words[1]", "secret out/long", &message(CARD, PIN));
    let done = latimer(folder.path(), &["explain", "secrets.map", "input.json", "long"]);
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("(secret)") && !text.contains("one"), "{text}");
    let memo = "memo known key id : text(8) expires 5 days {\n  customer : text(20)\n}\nsecret known/customer\nrecall known by in/id else reject \"X-NO\"";
    let folder = folder_with("long <- known/customer", memo, &message(CARD, PIN));
    fs::create_dir_all(folder.path().join("state/memo")).unwrap();
    let kept = r#"{"key":"M1","at":"2026-03-02T09:00:00Z","fields":{"customer":"Wilhelmina"}}"#;
    fs::write(folder.path().join("state/memo/known.jsonl"), format!("{kept}\n")).unwrap();
    let at = ["--state", "state", "--now", "2026-03-02T10:00:00Z"];
    let done = latimer(folder.path(), &[&["explain", "secrets.map", "input.json", "long"], &at[..]].concat());
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("long = (secret)") && !text.contains("Wilhelmina"), "{text}");
}

/// The code of what `check` says to a mapping.
fn codes(extra: &str, rule: &str) -> String {
    let folder = folder_with(rule, extra, &message(CARD, PIN));
    let done = latimer(folder.path(), &["check", "secrets.map"]);
    String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
}

#[test]
fn a_secret_does_not_reach_a_reply() {
    for value in ["in/card", "in/pin", "in/pin & \"x\"", "in/card | upper"] {
        let said = codes(&format!("on reject reply problem {{\n  title <- {value}\n}}"), "long <- in/id");
        assert!(said.contains("E801"), "{value}: {said}");
    }
    let said = codes("on reject reply problem {\n  title <- error/text\n}", "long <- in/id");
    assert!(!said.contains("E801"), "{said}");
}

#[test]
fn a_secret_does_not_reach_the_name_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("source.json", SOURCE), ("target.json", TARGET)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for (key, is_refused) in [("in/card", true), ("in/pin & in/id", true), ("in/id", false)] {
        let mapping = format!(
            "latimer 1\nmapping secrets version \"1.0.0\" \"secrets\"\nfrom in : json \"source.json\"\nto out : json \"target.json\"\n\
             secret in/card\nfile out per {key} as name\nwrite out each in/words as w {{\n  id <- w | cut\n}}\nignore in/** because \"t\"\n"
        );
        fs::write(folder.path().join("secrets.map"), mapping).unwrap();
        let done = latimer(folder.path(), &["check", "secrets.map"]);
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert_eq!(said.contains("E801"), is_refused, "{key}: {said}");
    }
}
