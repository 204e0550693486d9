//! What a request remembers, its reply recalls: two runs of the program with one folder of state.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::{Command, Output};

const LIBRARY: &str = r#"latimer 1
memo known key id : text(4) expires 5 days {
  customer  : text(20)
  note?     : text(20)
}
"#;

const REQUEST: &str = r#"latimer 1
mapping request version "1.0.0" "a request remembers"
from order : json "order.json"
to   core  : copybook "request.cpy" charset "cp1047" at REQ
use "library.map" (known)
policy { bad-chars = transliterate "epc217-08" }
remember known id = order/id | must-fit {
  customer = order/customer
  note     = order/note
}
write core {
  REQ-ID     <- order/id | must-fit
  REQ-AMOUNT <- order/amount
}
"#;

/// Two ways, since what is recalled goes to one side only.
const REPLY: &str = r#"latimer 1
mapping reply version "1.0.0" "a reply recalls"
between core   : copybook "reply.cpy" charset "cp1047" at RPL
and     status : json "status.json"
use "library.map" (known)
policy { bad-chars = transliterate "epc217-08" }
recall known by core/RPL-ID or status/id else reject "X-NOREQ" "reply without request"
pair core with status {
  RPL-ID         <-> id | must-fit
  RPL-CODE       <-> code
  known/customer  -> customer
  known/note      -> note
}
ignore status/customer because "the core knows it by the number"
ignore status/note     because "the core knows it by the number"
"#;

const FILES: [(&str, &str); 7] = [
    ("library.map", LIBRARY),
    ("request.map", REQUEST),
    ("reply.map", REPLY),
    (
        "order.json",
        r#"{"type":"object","required":["id","customer","amount"],"properties":{"id":{"type":"string","minLength":1},
           "customer":{"type":"string","minLength":1,"maxLength":20},"note":{"type":"string","minLength":1,"maxLength":20},
           "amount":{"type":"integer","minimum":0,"maximum":999}}}"#,
    ),
    ("request.cpy", "       01  REQ.\n           05  REQ-ID PIC X(4).\n           05  REQ-AMOUNT PIC 9(3).\n"),
    (
        "reply.cpy",
        "       01  RPL.\n           05  RPL-ID PIC X(4).\n           05  RPL-CODE PIC X(2).\n               88 DONE VALUE '00'.\n",
    ),
    (
        "status.json",
        r#"{"type":"object","required":["id","code","customer"],"properties":{"id":{"type":"string","minLength":1,"maxLength":9},
           "code":{"enum":["00"]},"customer":{"type":"string","minLength":1,"maxLength":20},
           "note":{"type":"string","minLength":1,"maxLength":20}}}"#,
    ),
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Translates a message at a time of 2 March 2026.
fn translate(folder: &Path, mapping: &str, input: &[u8], words: &[&str]) -> Output {
    std::fs::write(folder.join("input"), input).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_latimer"));
    command.current_dir(folder).args(["translate", mapping, "input", "--state", "state"]).args(words);
    command.output().unwrap()
}

/// `T017`, and a code, as EBCDIC has them.
const REPLY_BYTES: &[u8] = &[0xE3, 0xF0, 0xF1, 0xF7, 0xF0, 0xF0];

#[test]
fn a_reply_says_what_its_request_said() {
    let folder = folder();
    let order = r#"{"id":"T017","customer":"Müller & Söhne","amount":7}"#;
    let request = translate(folder.path(), "request.map", order.as_bytes(), &["--now", "2026-03-02T09:00:00Z"]);
    assert_eq!(request.stdout, [0xE3, 0xF0, 0xF1, 0xF7, 0xF0, 0xF0, 0xF7], "{}", String::from_utf8_lossy(&request.stderr));
    // The memo has what was sent; the rule that uses it keeps to the letters that were agreed.
    let reply = translate(folder.path(), "reply.map", REPLY_BYTES, &["--now", "2026-03-07T08:59:59Z"]);
    let said = String::from_utf8_lossy(&reply.stderr);
    let expected = "{\"id\":\"T017\",\"code\":\"00\",\"customer\":\"Muller + Sohne\"}\n";
    assert_eq!(String::from_utf8_lossy(&reply.stdout), expected, "{said}");
    // Five days are over.
    let late = translate(folder.path(), "reply.map", REPLY_BYTES, &["--now", "2026-03-07T09:00:01Z"]);
    assert_eq!(late.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&late.stderr).contains("X-NOREQ reply without request"));
}

#[test]
fn a_refused_request_is_not_remembered() {
    let folder = folder();
    let order = r#"{"id":"T0170","customer":"Acme","amount":7}"#;
    let request = translate(folder.path(), "request.map", order.as_bytes(), &["--now", "2026-03-02T09:00:00Z"]);
    assert_eq!(request.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&request.stderr).contains("FF01"));
    let memo = std::fs::read_to_string(folder.path().join("state/memo/known.jsonl")).unwrap_or_default();
    assert_eq!(memo, "");
}

#[test]
fn what_a_memo_does_not_declare_is_not_taken_for_it() {
    let recalled = |fields: &str| {
        let folder = folder();
        let line = format!("{{\"key\":\"T017\",\"at\":\"2026-03-02T09:00:00Z\",\"fields\":{fields}}}\n");
        std::fs::create_dir_all(folder.path().join("state/memo")).unwrap();
        std::fs::write(folder.path().join("state/memo/known.jsonl"), line).unwrap();
        let reply = translate(folder.path(), "reply.map", REPLY_BYTES, &["--now", "2026-03-02T09:00:01Z"]);
        let said = String::from_utf8_lossy(&reply.stderr).into_owned();
        assert_eq!(said.contains("what was remembered is not what the memo declares"), reply.stdout.is_empty(), "{said}");
        String::from_utf8(reply.stdout).unwrap()
    };
    // A field that must be there is missing, blank or too long; so is one that may be left out.
    for wrong in [
        r#"{}"#,
        r#"{"customer":""}"#,
        r#"{"customer":"012345678901234567890"}"#,
        r#"{"customer":"A","note":"012345678901234567890"}"#,
    ] {
        assert_eq!(recalled(wrong), "", "{wrong}");
    }
    let right = "{\"id\":\"T017\",\"code\":\"00\",\"customer\":\"A\"}\n";
    assert_eq!([recalled(r#"{"customer":"A"}"#), recalled(r#"{"customer":"A","note":" "}"#)], [right, right]);
}

#[test]
fn what_is_not_read_is_not_recalled() {
    let folder = folder();
    let status = r#"{"id":"T017","code":"00","customer":"Acme"}"#;
    let back = translate(folder.path(), "reply.map", status.as_bytes(), &["--reverse"]);
    assert_eq!(back.stdout, REPLY_BYTES, "{}", String::from_utf8_lossy(&back.stderr));
}
