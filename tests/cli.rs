//! The program from outside: exit codes, what is written where, and what is said.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const IN: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false, "properties": {
    "id": { "type": "string", "minLength": 1, "maxLength": 8 },
    "list": { "type": "array", "items": { "type": "object", "required": ["key", "n"], "properties": {
        "key": { "type": "string", "minLength": 1, "maxLength": 4 }, "n": { "type": "integer", "minimum": 0, "maximum": 999 } } } } } }"#;

const OUT: &str = r#"{ "type": "object", "required": ["id"], "properties": {
    "id": { "type": "string", "minLength": 1, "maxLength": 4 }, "number": { "type": "integer", "minimum": 0, "maximum": 999 } } }"#;

const RECORDS: &str = "       01  ITEM.\n           05  ITEM-KEY  PIC X(4).\n           05  ITEM-N    PIC 9(3).\n       01  TOTAL.\n           05  T-COUNT  PIC 9(5).\n           05  T-N      PIC 9(7).\n";

/// Ids of more than four characters are refused.
const IDS: &str = r#"latimer 1
mapping ids version "1.0.0" "an example"
from a : json "in.json"
to   b : json "out.json"
write b { id <- a/id | must-fit  else reject "X-NONE" "no id" }
ignore a/list because "an example"
"#;

const CUTS: &str = r#"latimer 1
mapping cuts version "1.0.0" "an example"
from a : json "in.json"
to   b : json "out.json"
sequence number digits 3 keyed-by a/id
write b {
  id     <- a/id | cut
  number <- next(number)
}
ignore a/list because "an example"
"#;

const FILES: &str = r#"latimer 1
mapping files version "1.0.0" "an example"
from a : json     "in.json"
to   b : copybook "records.cpy" charset "ascii"
policy { bad-chars = reject }
file b per a/list/key as key
write b/ITEM each a/list as l where l/n > 0 else reject record "AM01" "nothing" {
  ITEM-KEY <- l/key
  ITEM-N   <- l/n
}
write b/TOTAL once {
  T-COUNT <- count(written b/ITEM)
  T-N     <- sum(written b/ITEM/ITEM-N) | exact
}
ignore a/id because "an example"
"#;

const BOTH: &str = r#"latimer 1
mapping both version "1.0.0" "an example"
between a : copybook "pair.cpy" charset "cp037" at PAIR
and     b : json     "both.json"
policy { bad-chars = reject }
pair a with b {
  P-ID     <-> id
  P-NUMBER <-> number  else <- 0
}
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pair = "       01  PAIR.\n           05  P-ID      PIC X(4).\n           05  P-NUMBER  PIC 9(3).\n";
    let both = OUT.replace("\"required\": [\"id\"]", "\"required\": [\"id\", \"number\"]");
    let files = [
        ("both.json", both.as_str()),
        ("in.json", IN),
        ("out.json", OUT),
        ("records.cpy", RECORDS),
        ("pair.cpy", pair),
        ("ids.map", IDS),
        ("cuts.map", CUTS),
        ("files.map", FILES),
        ("both.map", BOTH),
        ("good", r#"{"id":"A"}"#),
        ("bad", r#"{"id":"TOO-LONG"}"#),
        ("some", "{\"id\":\"A\"}\n{\"id\":\"TOO-LONG\"}\n{\"id\":\"B\"}\n"),
        ("broken", r#"{"id":"A"#),
        ("keys", r#"{"id":"K","list":[{"key":"X","n":1},{"key":"Y","n":2},{"key":"X","n":0},{"key":"X","n":3}]}"#),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn latimer(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_latimer")).current_dir(folder).args(words).stdin(Stdio::null()).output().unwrap()
}

fn fed(folder: &Path, words: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latimer"));
    command.current_dir(folder).args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    output
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn exit_codes() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("wrong.map"), IDS.replace(" | must-fit", "")).unwrap();
    fs::write(folder.join("ids.md"), "## it is not B\n\n```input\n{\"id\":\"A\"}\n```\n\n```output\n{\"id\":\"B\"}\n```\n")
        .unwrap();
    let json = ["--format", "json", "--schema", "in.json"];
    let validate = |file: &'static str| [&["validate"], &json[..], &[file]].concat();
    let cases: Vec<(Vec<&str>, i32)> = vec![
        (vec!["translate", "ids.map", "good"], 0),
        (vec!["check", "ids.map"], 0),
        (validate("good"), 0),
        (vec!["check", "wrong.map"], 1),
        (vec!["translate", "wrong.map", "good"], 1),
        (vec!["validate", "--format", "json", "--schema", "none.json", "good"], 1),
        (vec!["test", "ids.map"], 1),
        (vec!["translate"], 2),
        (vec!["translate", "ids.map", "--reverse", "good"], 2),
        (vec!["translate", "ids.map", "--limit", "bytes=1", "good"], 2),
        (vec!["translate", "ids.map", "--now", "today", "good"], 2),
        (vec!["translate", "files.map", "keys"], 2),
        (vec!["help", "E999"], 2),
        (vec!["translate", "ids.map", "some"], 3),
        (vec!["translate", "ids.map", "good", "bad"], 3),
        (vec!["translate", "ids.map", "bad"], 65),
        (vec!["translate", "ids.map", "broken"], 65),
        (validate("bad"), 0),
        (validate("broken"), 65),
        (vec!["translate", "ids.map", "nothing"], 66),
        (vec!["translate", "nothing.map", "good"], 66),
        (vec!["translate", "ids.map", "bad", "nothing"], 66),
        (vec!["check", "nothing.map"], 66),
        (vec!["translate", "ids.map", "good", "-o", "good/out.json"], 74),
        (vec!["translate", "ids.map", "good", "--rejects", "good/rejects"], 74),
        (vec!["translate", "cuts.map", "good", "--state", "good/state"], 74),
    ];
    for (words, code) in cases {
        let output = latimer(folder, &words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}{}", out(&output), err(&output));
        assert!(code == 0 || !err(&output).is_empty() || !out(&output).is_empty(), "{words:?} says nothing");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = folder();
    let before = names(folder.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_latimer"));
    command.current_dir(folder.path()).args(["translate", "ids.map", "-o", "out"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"id\":\"A\"}\n{\"id\":\"B\"}\n{\"id\":").unwrap();
    stdin.flush().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    std::thread::sleep(std::time::Duration::from_millis(200));
    // The flag is seen with the next bytes that come, or at the end of the input.
    drop(stdin.write_all(b"\"C\"}\n"));
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", err(&output));
    assert_eq!(names(folder.path()), before, "{}", err(&output));
}

#[test]
fn messages_go_to_standard_output_and_words_to_standard_error() {
    let folder = folder();
    let output = latimer(folder.path(), &["translate", "ids.map", "some"]);
    assert_eq!(out(&output), "{\"id\":\"A\"}\n{\"id\":\"B\"}\n");
    assert_eq!(
        err(&output),
        "rejected message 2: FF01 the text is too long\n  --> some:2:8  id\n   = rule: ids.map:5  id\n\
         read 3, written 2, rejected 1   (messages: read 3, written 2, rejected 1)\n"
    );
    let quiet = latimer(folder.path(), &["translate", "ids.map", "some", "--quiet"]);
    assert_eq!((out(&quiet), err(&quiet).as_str()), (out(&output), ""));
    let json = latimer(folder.path(), &["translate", "ids.map", "some", "--log-format", "json"]);
    let said = lines(&err(&json));
    assert_eq!(said[0]["code"], "map/length");
    assert_eq!(said[1]["summary"]["rejected"], 1);
}

#[test]
fn a_file_or_a_folder_of_files() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(latimer(folder, &["translate", "ids.map", "some", "-o", "all.json"]).status.code(), Some(3));
    assert_eq!(text(folder, "all.json"), "{\"id\":\"A\"}\n{\"id\":\"B\"}\n");
    assert_eq!(latimer(folder, &["translate", "ids.map", "some", "good", "-o", "each/"]).status.code(), Some(3));
    assert_eq!(names(&folder.join("each")), ["good.json", "some-3.json", "some.json"]);
    assert_eq!(text(folder, "each/some-3.json"), "{\"id\":\"B\"}\n");
    let output = fed(folder, &["translate", "ids.map", "-", "-o", "each"], b"{\"id\":\"C\"}");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(text(folder, "each/message.json"), "{\"id\":\"C\"}\n");
    let output = latimer(folder, &["translate", "files.map", "keys", "-o", "keyed"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    assert_eq!(names(&folder.join("keyed")), ["keys-X.dat", "keys-Y.dat"]);
    assert_eq!(text(folder, "keyed/keys-X.dat"), "X   001X   003000020000004");
    assert_eq!(text(folder, "keyed/keys-Y.dat"), "Y   002000010000002");
    fs::write(folder.join("odd"), r#"{"id":"K","list":[{"key":"a/b","n":1},{"key":"..","n":1}]}"#).unwrap();
    assert_eq!(latimer(folder, &["translate", "files.map", "odd", "-o", "odd-keys/"]).status.code(), Some(0));
    let odd = names(&folder.join("odd-keys"));
    assert!(odd.contains(&"odd-a%2Fb.dat".to_owned()) && odd.len() == 2, "{odd:?}");
}

#[test]
fn what_fails_leaves_things_as_they_were() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("out"), "before").unwrap();
    let before = names(folder);
    for input in ["bad", "broken", "nothing"] {
        assert_ne!(latimer(folder, &["translate", "ids.map", input, "-o", "out"]).status.code(), Some(0));
        assert_eq!(text(folder, "out"), "before", "{input}");
        assert_eq!(names(folder), before, "{input}");
    }
    fs::write(folder.join("half"), "{\"id\":\"A\"}\n{\"id\":\"B\"").unwrap();
    let output = latimer(folder, &["translate", "ids.map", "half"]);
    assert_eq!((out(&output).as_str(), output.status.code()), ("{\"id\":\"A\"}\n", Some(3)));
}

#[test]
fn rejects_are_kept_with_their_bytes() {
    let folder = folder();
    let folder = folder.path();
    let output = latimer(folder, &["translate", "files.map", "keys", "-o", "keyed", "--rejects", "rejects.jsonl"]);
    assert_eq!(output.status.code(), Some(3));
    let rows = lines(&text(folder, "rejects.jsonl"));
    assert_eq!(rows.len(), 1);
    let row = rows[0].as_object().unwrap();
    let expected = serde_json::json!({
        "input": "keys", "message": 1, "record": 3, "scope": "record", "reason": "AM01", "text": "nothing", "code": "map/rejected",
        "source": "list[3]/n", "target": null, "rule": "files.map:7", "mapping": "files@1.0.0", "faults": [],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(row.get(name), Some(value), "{name} of {row:?}");
    }
    for name in ["line", "column", "offset", "bytes"] {
        assert!(row.contains_key(name), "{name} of {row:?}");
    }
    use base64::Engine;
    let bytes = base64::prelude::BASE64_STANDARD.decode(row["bytes"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains(r#"{"key":"X","n":0}"#));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.join("rejects.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn no_more_than_twenty_rejects_are_shown() {
    let folder = folder();
    fs::write(folder.path().join("many"), "{\"id\":\"TOO-LONG\"}\n".repeat(25)).unwrap();
    let output = latimer(folder.path(), &["translate", "ids.map", "many"]);
    let said = err(&output);
    assert_eq!(said.matches("rejected message").count(), 20, "{said}");
    assert!(said.contains("5 more") && said.contains("--rejects"), "{said}");
}

#[test]
fn workers_keep_the_order() {
    let folder = folder();
    let folder = folder.path();
    let many: String = (0..30_000)
        .map(|it| if it % 7 == 0 { "{\"id\":\"TOO-LONG\"}\n".to_owned() } else { format!("{{\"id\":\"{}\"}}\n", it % 9999) })
        .collect();
    fs::write(folder.join("many"), many).unwrap();
    let rows: String = (0..40_000).map(|it| format!("{{\"key\":\"K{}\",\"n\":{}}},", it % 3, it % 5)).collect();
    fs::write(folder.join("long"), format!("{{\"id\":\"L\",\"list\":[{}]}}", rows.trim_end_matches(','))).unwrap();
    for (mapping, input) in [("ids.map", "many"), ("files.map", "long")] {
        let run = |jobs: &str| {
            let to = format!("{input}-{jobs}/");
            let rejects = format!("{input}-{jobs}.rejects");
            let output =
                latimer(folder, &["translate", mapping, input, "-o", &to, "--jobs", jobs, "--rejects", &rejects, "--quiet"]);
            assert!(matches!(output.status.code(), Some(3 | 65)), "{}", err(&output));
            let files = names(&folder.join(&to)).into_iter().map(|it| (it.clone(), fs::read(folder.join(&to).join(it)).unwrap()));
            (files.collect::<Vec<_>>(), text(folder, &rejects))
        };
        // One file a message would be thirty thousand files: one is enough there.
        if mapping == "ids.map" {
            let one = |jobs| latimer(folder, &["translate", mapping, input, "--jobs", jobs]);
            let (a, b) = (one("1"), one("4"));
            assert_eq!((a.stdout == b.stdout, a.stderr == b.stderr), (true, true), "{mapping}");
            continue;
        }
        let (a, b) = (run("1"), run("4"));
        assert!(a == b, "{mapping}: {} and {} files", a.0.len(), b.0.len());
    }
}

#[test]
fn several_inputs_none_and_an_empty_one() {
    let folder = folder();
    let folder = folder.path();
    let output = latimer(folder, &["translate", "ids.map", "good", "some"]);
    assert_eq!(out(&output), "{\"id\":\"A\"}\n{\"id\":\"A\"}\n{\"id\":\"B\"}\n");
    let piped = fed(folder, &["translate", "ids.map"], b"{\"id\":\"P\"}");
    assert_eq!((out(&piped).as_str(), piped.status.code()), ("{\"id\":\"P\"}\n", Some(0)));
    let empty = latimer(folder, &["translate", "ids.map"]);
    assert_eq!((out(&empty).as_str(), empty.status.code()), ("", Some(0)));
    fs::write(folder.join("empty"), "").unwrap();
    // A file of lines may have none; a document is there.
    let lines = ["validate", "--format", "json", "--schema", "in.json", "--option", "framing=lines", "empty"];
    let lines = latimer(folder, &lines);
    assert_eq!((out(&lines).as_str(), lines.status.code()), ("empty: valid\n", Some(0)));
    let json = latimer(folder, &["validate", "--format", "json", "--schema", "in.json", "empty"]);
    assert_eq!(json.status.code(), Some(65), "{}", out(&json));
    let xml = latimer(folder, &["validate", "--format", "iso20022", "--schema", "pacs.008.001.08", "empty"]);
    assert_eq!(xml.status.code(), Some(65), "{}", out(&xml));
}

#[test]
fn a_state_outlives_a_run() {
    let folder = folder();
    let folder = folder.path();
    let run = |id: &str, state: &[&str]| {
        let output = fed(folder, &[&["translate", "cuts.map"], state].concat(), format!("{{\"id\":\"{id}\"}}").as_bytes());
        (lines(&out(&output))[0]["number"].as_u64().unwrap(), err(&output))
    };
    let kept = ["--state", "state"];
    assert_eq!([run("A", &kept).0, run("B", &kept).0, run("A", &kept).0, run("C", &kept).0], [1, 2, 1, 3]);
    let without = run("Z", &[]);
    assert_eq!(without.0, 1);
    assert!(without.1.contains("no --state DIR keeps them between runs"), "{}", without.1);
    assert!(text(folder, "state/sequence/number.jsonl").contains(r#"{"key":"B","value":2}"#));
    // By a key that is not there no message is known again.
    let output = fed(folder, &["translate", "cuts.map"], b"{\"list\":[]} {\"list\":[]}");
    assert!(out(&output).is_empty() && err(&output).contains("rejected message 2: FF01"), "{}", err(&output));
    // Without a key each message has a number of its own.
    fs::write(folder.join("cuts.map"), CUTS.replace(" keyed-by a/id", "")).unwrap();
    let output = fed(folder, &["translate", "cuts.map"], b"{\"id\":\"A\"} {\"id\":\"A\"}");
    assert_eq!(lines(&out(&output)).iter().map(|it| it["number"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn rows_of_a_lookup_are_limited() {
    let folder = folder();
    let folder = folder.path();
    let lookup = "lookup town (id) -> name from csv \"towns.csv\" key id = id value name\nwrite b {";
    fs::write(folder.join("towns.map"), CUTS.replace("write b {", lookup)).unwrap();
    fs::write(folder.join("towns.csv"), "id,name\n1,Bonn\n2,Ulm\n").unwrap();
    let refused = |limit: &str| {
        let output = latimer(folder, &["check", "towns.map", "--limit", limit]);
        (out(&output) + &err(&output)).contains("lookup_rows_max")
    };
    assert!(refused("lookup_rows_max=1") && !refused("lookup_rows_max=2"));
}

#[test]
fn what_is_lost_is_reported() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(latimer(folder, &["translate", "cuts.map", "some", "--report", "report.jsonl"]).status.code(), Some(0));
    let rows = lines(&text(folder, "report.jsonl"));
    assert_eq!((&rows[0]["kind"], &rows[0]["message"], &rows[0]["lost"]), (&"cut".into(), &2.into(), &4.into()), "{rows:?}");
    let summary = &rows.last().unwrap()["summary"];
    for (name, count) in [("read", 3), ("written", 3), ("rejected", 0), ("filtered", 0), ("lost", 1)] {
        assert_eq!(summary[name], count, "{name}");
    }
}

#[test]
fn both_ways_give_the_same_bytes() {
    let folder = folder();
    let folder = folder.path();
    let record = [0xC1, 0xC2, 0x40, 0x40, 0xF0, 0xF1, 0xF2];
    fs::write(folder.join("record"), record).unwrap();
    assert_eq!(latimer(folder, &["translate", "both.map", "record", "-o", "there"]).status.code(), Some(0));
    assert_eq!(text(folder, "there"), "{\"id\":\"AB\",\"number\":12}\n");
    assert_eq!(latimer(folder, &["translate", "both.map", "there", "--reverse", "-o", "back"]).status.code(), Some(0));
    assert_eq!(fs::read(folder.join("back")).unwrap(), record);
    let schema = ["--format", "copybook", "--schema", "pair.cpy", "--option", "charset=cp037"];
    let decoded = latimer(folder, &[&["decode"], &schema[..], &["record"]].concat());
    assert_eq!(out(&decoded), "{\"PAIR\":{\"P-ID\":\"AB\",\"P-NUMBER\":12}}\n");
    let encoded = fed(folder, &[&["encode"], &schema[..]].concat(), &decoded.stdout);
    assert_eq!(encoded.stdout, record);
}

#[test]
fn verdicts() {
    let folder = folder();
    let folder = folder.path();
    let words = ["validate", "--format", "json", "--schema", "in.json"];
    fs::write(folder.join("wrong"), "{\"id\":\"\",\"ids\":1}").unwrap();
    let output = latimer(folder, &[&words[..], &["good", "wrong", "broken"]].concat());
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(
        out(&output),
        "good: valid\n\
         wrong: invalid\n\
         \x20 1:7 id json/facet the value is not allowed by the schema: it is text, up to 8 characters (string)\n\
         \x20 1:10 - json/unknown-field the schema names no such member\n\
         broken: invalid\n\
         \x20 1:9 - frame/truncated the input ends inside a message\n"
    );
    let output = latimer(folder, &[&words[..], &["--output", "json", "good", "wrong"]].concat());
    let rows = lines(&out(&output));
    assert_eq!((&rows[0]["input"], &rows[0]["valid"]), (&"good".into(), &true.into()));
    assert_eq!((&rows[1]["input"], &rows[1]["message"], &rows[1]["valid"]), (&"wrong".into(), &1.into(), &false.into()));
    assert_eq!(rows[1]["faults"][0]["code"], "json/facet");
}

#[test]
fn faults_of_long_messages_and_of_the_plain_form() {
    let folder = folder();
    let folder = folder.path();
    let code = |words: &[&str], input: &[u8]| {
        let output = fed(folder, &[words, &["--rejects", "why", "-o", "to/", "--quiet"]].concat(), input);
        let why = text(folder, "why");
        let first = lines(&why).first().map(|it| it["code"].as_str().unwrap().to_owned());
        first.unwrap_or_else(|| panic!("{words:?}: {:?} {}", output.status.code(), err(&output)))
    };
    let long = format!("{{\"id\":\"{}\"}}", "A".repeat(2000));
    assert_eq!(code(&["translate", "ids.map", "--limit", "part_bytes_max=1000"], long.as_bytes()), "frame/limit");
    // What stands behind the items is needed by each of them: it is kept from a first reading.
    let row = |it: usize| format!("<item>{it}</item>");
    let items: String = (0..30_000).map(row).collect();
    let xsd = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:element name=\"all\"><xs:complexType><xs:sequence>
        <xs:element name=\"item\" type=\"xs:string\" maxOccurs=\"unbounded\"/><xs:element name=\"end\" type=\"xs:string\"/>
        </xs:sequence></xs:complexType></xs:element></xs:schema>";
    fs::write(folder.join("all.xsd"), xsd).unwrap();
    let late = "latimer 1\nmapping late version \"1\" \"an example\"\nfrom a : xml \"all.xsd\" at all\nto b : json \"lines.json\"\n\
                write b { lines <- each a/item as i { text <- i  end <- a/end } }\n";
    fs::write(folder.join("late.map"), late.replace("  end <-", "\nend <-")).unwrap();
    let lines_json = r#"{ "type": "object", "properties": { "lines": { "type": "array", "items": { "type": "object",
        "properties": { "text": { "type": "string" }, "end": { "type": "string" } } } } } }"#;
    fs::write(folder.join("lines.json"), lines_json).unwrap();
    let message = format!("<all>{items}<end>the end</end></all>");
    let good = fed(folder, &["translate", "late.map"], message.as_bytes());
    assert!(out(&good).contains(r#"{"text":"29999","end":"the end"}]"#), "{}", err(&good));
    fs::write(folder.join("twice"), [message.as_str(), "<all><item>a</item><end>b</end></all>", &message].concat()).unwrap();
    let twice = latimer(folder, &["translate", "late.map", "twice"]);
    assert_eq!(out(&twice), format!("{0}{{\"lines\":[{{\"text\":\"a\",\"end\":\"b\"}}]}}\n{0}", out(&good)), "{}", err(&twice));
    assert_eq!(code(&["translate", "late.map", "--limit", "held_bytes_max=1"], message.as_bytes()), "limit/held");
    // In the plain form of a long message what the schema puts before the items comes before them.
    let xsd = xsd.replace("<xs:element name=\"item\"", "<xs:element name=\"id\" type=\"xs:string\"/><xs:element name=\"item\"");
    fs::write(folder.join("plain.xsd"), xsd.replace("<xs:element name=\"end\" type=\"xs:string\"/>", "")).unwrap();
    let items: Vec<_> = (0..60_000).map(|it| format!("\"{it}\"")).collect();
    let plain = format!("{{\"all\":{{\"item\":[{}],\"id\":\"1\"}}}}", items.join(","));
    assert_eq!(code(&["encode", "--format", "xml", "--schema", "plain.xsd"], plain.as_bytes()), "json/order");
    let encode = |copybook: &str, options: &[&str], json: &str| {
        fs::write(folder.join("plain.cpy"), copybook).unwrap();
        let words = ["encode", "--format", "copybook", "--schema", "plain.cpy", "--option", "charset=cp037"];
        code(&[&words[..], options].concat(), json.as_bytes())
    };
    let views = "       01  R.\n           05  T  PIC X(3).\n           05  N  REDEFINES T PIC 9(3).\n";
    assert_eq!(encode(views, &[], r#"{"R":{"T":"ABC","N":1}}"#), "copybook/view");
    let bytes = "       01  R.\n           05  D  PIC N(3) USAGE NATIONAL.\n";
    assert_eq!(encode(bytes, &[], r#"{"R":{"D":"0041"}}"#), "json/facet");
    let table = "       01  R.\n           05  C  PIC 9(1).\n           05  L  OCCURS 0 TO 9 DEPENDING ON C PIC X(2).\n";
    let fixed = ["--option", "record=fixed 5"];
    assert_eq!(encode(table, &fixed, r#"{"R":{"L":["1","2","3"]}}"#), "frame/length");
}

#[test]
fn the_reference_comes_from_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let say = |words: &[&str]| {
        let output = latimer(folder.path(), words);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", err(&output));
        out(&output)
    };
    let version = say(&["--version"]);
    assert!(version.starts_with("latimer ") && version.contains("commit ") && version.contains("ISO 4217"), "{version}");
    let formats = say(&["formats"]);
    for it in latimer::registry::FORMATS {
        assert!(formats.contains(it.name()), "{}", it.name());
        assert!(it.about().options.iter().all(|option| formats.contains(option.name)), "{}", it.name());
    }
    let functions = say(&["functions"]);
    for it in latimer::engine::mapping::FUNCTIONS {
        assert!(functions.contains(it.name), "{}", it.name);
    }
    assert!(say(&["functions", "must-fit"]).contains("must-fit"));
    assert!(say(&["help", "E201"]).starts_with("E201 a text may be too long"));
    assert!(say(&["help", "map/charset"]).starts_with("map/charset"));
    assert!(say(&["help", "translate"]).contains("Example: latimer translate"));
    let help = say(&["help"]);
    for command in [
        "check",
        "translate",
        "validate",
        "decode",
        "encode",
        "explain",
        "test",
        "formats",
        "functions",
        "help",
        "completions",
        "man",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{command}: {help}");
        assert!(say(&[command, "--help"]).contains("Example: latimer "), "{command} --help has no example");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(say(&["completions", shell]).contains("translate"), "{shell}");
    }
    say(&["man", "pages"]);
    let pages = names(&folder.path().join("pages"));
    assert!(pages.contains(&"latimer.1".to_owned()) && pages.contains(&"latimer-translate.1".to_owned()), "{pages:?}");
}

#[test]
fn tests_pass_fail_and_are_written_anew() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("ids.md"), "## an id\n\n```input\n{\"id\":\"A\"}\n```\n\n```output\n{\"id\":\"B\"}\n```\n").unwrap();
    let failed = latimer(folder, &["test", "ids.map"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(out(&failed).contains("b: id: expected \"B\", found \"A\""), "{}", out(&failed));
    let junit = latimer(folder, &["test", "ids.map", "--output", "junit"]);
    assert!(out(&junit).contains("<testsuites tests=\"1\" failures=\"1\">"), "{}", out(&junit));
    assert_eq!(latimer(folder, &["test", "ids.map", "--update"]).status.code(), Some(0));
    let passed = latimer(folder, &["test", "ids.map"]);
    assert_eq!((passed.status.code(), err(&passed).as_str()), (Some(0), "1 passed, 0 failed\n"));
}
