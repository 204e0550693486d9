//! JSONTestSuite (github.com/nst/JSONTestSuite): what every parser must accept, must refuse, and may do as it likes.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic, and says what it did not find")]

mod dice;
mod plan;

use dice::{Dice, instance, spelled};
use latimer_engine::{Cut, Limits, Outcome};
use plan::{codec, decode, faults};
use std::path::{Path, PathBuf};

/// The folder of vectors: `LATIMER_VECTORS`, or `shared/vectors` beside the project or one above it.
fn vectors(folder: &str) -> Option<PathBuf> {
    let named = std::env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = named.into_iter().chain(above).map(|it| it.join(folder)).find(|it| it.is_dir());
    if found.is_none() {
        println!("vectors `{folder}` are not here: nothing was tested with them");
    }
    found
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .map(|it| (it.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(it).unwrap()))
        .collect();
    files.sort();
    files
}

/// Files that must be accepted and are not: a member named twice has no meaning that two programs agree on.
const REFUSED: [&str; 2] = ["y_object_duplicated_key", "y_object_duplicated_key_and_value"];

/// Files that may be accepted, and are: numbers of any size are JSON. Where a number is wanted, one of more than 38 digits is refused.
const ACCEPTED: [&str; 10] = [
    "i_number_double_huge_neg_exp",
    "i_number_huge_exp",
    "i_number_neg_int_huge_exp",
    "i_number_pos_double_huge_exp",
    "i_number_real_neg_overflow",
    "i_number_real_pos_overflow",
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
];

#[test]
fn parsing() {
    let Some(folder) = vectors("hostile/json/JSONTestSuite/test_parsing") else { return };
    let codec = codec("true");
    let all = files(&folder);
    for (name, text) in &all {
        let found = decode(&*codec, text);
        let expected = match name.split_at(2).0 {
            "y_" => !REFUSED.contains(&name.as_str()),
            "n_" => false,
            _ => ACCEPTED.contains(&name.as_str()),
        };
        assert_eq!(found.outcome == Outcome::Clean, expected, "{name} {:?}", faults(codec.schema(), &found.faults));
    }
    assert_eq!(all.len(), 318);
}

/// As a stream each file is refused or accepted in the same way, but where it holds two values with a blank between.
#[test]
fn framing() {
    let Some(folder) = vectors("hostile/json/JSONTestSuite/test_parsing") else { return };
    let codec = codec("true");
    let limits = Limits::default();
    for (name, text) in files(&folder) {
        let mut framer = codec.framer(&[], &[], &limits);
        let (mut at, mut messages, mut good) = (0, 0, true);
        loop {
            match framer.next(&text[at..], true) {
                Ok(Cut::Frame(frame)) => {
                    good &= decode(&*codec, &text[at..][frame.bytes.clone()]).outcome == Outcome::Clean;
                    at += frame.consumed;
                    messages += 1;
                }
                Ok(Cut::End) => break,
                Ok(_) => unreachable!("{name}"),
                Err(_) => {
                    good = false;
                    break;
                }
            }
        }
        let expected = match name.as_str() {
            // Two messages, each of them good.
            "n_structure_object_with_trailing_garbage" => (2, true),
            // Nothing is no message.
            "n_single_space" | "n_structure_no_data" | "n_structure_UTF8_BOM_no_data" => (0, true),
            // A byte order mark may begin a stream.
            "i_structure_UTF-8_BOM_empty_object" => (1, true),
            _ => (messages, decode(&*codec, &text).outcome == Outcome::Clean),
        };
        assert_eq!((messages, good), expected, "{name}");
        assert!(messages <= 2, "{name}");
    }
}

#[test]
fn transforming() {
    let Some(folder) = vectors("hostile/json/JSONTestSuite/test_transform") else { return };
    let numbers = codec(r#"{"type":"array","items":{"type":"number"}}"#);
    let strings = codec(r#"{"type":"array","items":{"type":"string"}}"#);
    let objects = codec(r#"{"type":"object"}"#);
    for (name, text) in files(&folder) {
        let codec = match name.split('_').next().unwrap() {
            "number" => &numbers,
            "string" => &strings,
            _ => &objects,
        };
        let found = decode(&**codec, &text);
        let expected = match name.as_str() {
            // More than 38 digits.
            "number_1e-999" => None,
            "number_1e6" => Some("1000000"),
            "number_-9223372036854775808" | "number_-9223372036854775809" | "number_1.0" => name.strip_prefix("number_"),
            "number_1.000000000000000005" | "number_1000000000000000" => name.strip_prefix("number_"),
            "number_10000000000000000999" => name.strip_prefix("number_"),
            "number_9223372036854775807" | "number_9223372036854775808" => name.strip_prefix("number_"),
            // Two spellings of one name in Unicode are two names.
            "object_key_nfc_nfd" | "object_key_nfd_nfc" => Some(std::str::from_utf8(&text).unwrap().trim()),
            "string_with_escaped_NULL" => Some("A\0B"),
            _ if name.starts_with("object_same_key") => None,
            _ => {
                assert!(name.contains("invalid_codepoint"), "{name}");
                None
            }
        };
        let values = (found.outcome == Outcome::Clean)
            .then(|| found.values.lines().find_map(|it| it.split_once(" = ").map(|it| it.1)).unwrap_or_default());
        assert_eq!(values, expected, "{name} {:?}", faults(codec.schema(), &found.faults));
    }
}

/// Whatever partners really send is read, and written again as it was but for blanks and escapes.
#[test]
fn messages_of_partners() {
    let Some(folder) = vectors("partner-json") else { return };
    let codec = codec("true");
    let mut count = 0;
    for source in std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_dir()) {
        for (name, text) in files(&source) {
            let found = decode(&*codec, &text);
            let theirs = serde_json::from_slice::<serde_json::Value>(&text);
            assert_eq!(found.outcome == Outcome::Clean, theirs.is_ok(), "{name}");
            let Ok(theirs) = theirs else { continue };
            let ours = found.values.trim_start_matches(" = ").trim_end();
            assert_eq!(serde_json::from_str::<serde_json::Value>(ours).unwrap(), theirs, "{name}");
            assert!(!ours.contains('\n'), "{name}");
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}

/// Schemas of a partner's, against the messages that they are about.
#[test]
fn schemas_of_partners() {
    let Some(folder) = vectors("partner-json") else { return };
    let mut schemas = 0;
    for (name, text) in files(&folder.join("iso20022-json-tazama")) {
        let text = String::from_utf8(text).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        let codec = codec(&text);
        let oracle = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&schema);
        // The array form of `items` belongs to draft-07, which the files do not name.
        let oracle = oracle.or_else(|_| jsonschema::options().with_draft(jsonschema::Draft::Draft7).build(&schema)).unwrap();
        let (mut seen, mut valid) = (0, 0);
        let mut dice = Dice(3);
        for _ in 0..2000 {
            let value = instance(&mut dice, &schema, &schema, 12);
            let message = spelled(&mut dice, &value);
            let found = decode(&*codec, message.as_bytes());
            assert_eq!(found.outcome == Outcome::Clean, oracle.is_valid(&value), "{name} {message}");
            valid += usize::from(found.outcome == Outcome::Clean);
        }
        assert!(valid > 0, "{name} {valid}");
        for source in ["iso20022-json-mojaloop", "openbanking-uk", "berlin-group"] {
            for (message, text) in files(&folder.join(source)) {
                let Ok(value) = serde_json::from_slice::<serde_json::Value>(&text) else { continue };
                let found = decode(&*codec, &text);
                assert_eq!(found.outcome == Outcome::Clean, oracle.is_valid(&value), "{name} {message}");
                seen += 1;
            }
        }
        assert!(seen > 250);
        schemas += 1;
    }
    assert_eq!(schemas, 4);
}
