//! Mappings with one mistake each, written by others: codes, places and helps are those that the language promises.
//!
//! They stand beside the project, in `../shared/examples/mistakes` or `LATIMER_EXAMPLES`; without them nothing is tested here.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it left out")]

mod pasted;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A diagnostic: `SEVERITY[CODE] LINE:COLUMN`, what its title has in it, and helps it must give.
type Said = (&'static str, &'static str, &'static [&'static str]);

const MISTAKES: [(&str, &[Said]); 17] = [
    (
        "01-unknown",
        &[
            ("error[E101] 43:7", "there is no `EndToEndID` here", &["did you mean `EndToEndId`?"]),
            ("error[E101] 65:42", "`ibna`", &[]),
        ],
    ),
    (
        "02-length",
        &[
            (
                "error[E201] 30:27",
                "36 characters do not fit into 35",
                &[
                    "keep it whole without dashes:   | uuid-compact   (32 characters, works both ways)",
                    "refuse what does not fit:       | must-fit",
                    "cut and acknowledge the loss:   | cut        (or  | cut mark \"+\")",
                ],
            ),
            ("error[E201] 71:27", "200 characters do not fit into 140", &[]),
        ],
    ),
    (
        "03-decimals",
        &[
            (
                "error[E202] 52:23",
                "18 digits before the point and 5 decimals do not fit into 11 and 2",
                &["refuse what cannot be kept exactly:  | exact", "or round, and say how:               | round(half-even)"],
            ),
            ("error[E202] 64:23", "", &[]),
        ],
    ),
    (
        "04-mandatory",
        &[
            ("error[E302] 29:3", "1 mandatory field of the target has no rule", &[]),
            (
                "error[E302] 38:3",
                "2 mandatory fields of the target have no rule",
                &["add a rule for each, for example:  FIELD = \"...\"   or   FIELD <- ..."],
            ),
            ("error[E701] 6:6", "2 of 32 source fields are neither mapped nor ignored", &[]),
        ],
    ),
    (
        "05-absent",
        &[(
            "error[E301] 43:27",
            "`EndToEndId` is mandatory, but its value can be missing",
            &["say what to send then:  else \"NOTPROVIDED\"", "or refuse the message:   else reject \"NARR\" \"why\""],
        )],
    ),
    (
        "06-codes",
        &[
            (
                "error[E501] 47:35",
                "this comparison is never true: `order/channel` is never \"INSTNT\"",
                &["did you mean \"INSTANT\"?"],
            ),
            (
                "error[E203] 53:45",
                "table `charge-bearer` has no row for \"PAYEE\"",
                &["add the missing rows, or a last row `other -> ...` or `other -> reject \"...\"`"],
            ),
        ],
    ),
    (
        "07-invert",
        &[(
            "error[E601] 19:3",
            "this table cannot be read backwards",
            &["make the row that must not be used going back one-way:  replace `<->` by `->`"],
        )],
    ),
    (
        "08-law",
        &[
            (
                "error[E602] 53:1",
                "round trip core -> sts -> core does not hold",
                &["accept it:  law round-trip core except RPL-STATUS = \"11\"", "or give the two codes different targets"],
            ),
            ("error[E602] 53:1", "round trip core -> sts -> core does not hold", &[]),
        ],
    ),
    (
        "09-notprovided",
        &[
            ("error[E207] 36:33", "\"NOTPROVIDED\" is not a BIC", &["leave the field out, or  else reject \"RC01\" \"...\""]),
            ("error[E207] 66:52", "", &[]),
        ],
    ),
    (
        "10-twice",
        &[(
            "error[E401] 44:7",
            "`InstrId` is written twice",
            &["remove one line, or give both a `when` that excludes the other"],
        )],
    ),
    (
        "11-coverage",
        &[
            ("warning[W502] 42:44", "this part can never be used", &["remove the `else`"]),
            (
                "error[E701] 6:6",
                "2 of 32 source fields are neither mapped nor ignored",
                &["map them, or write:  ignore order/... because \"...\""],
            ),
        ],
    ),
    (
        "12-charset",
        &[(
            "error[E209] 40:23",
            "this text may hold characters that the target code page has not",
            &["choose once for the file:  policy { bad-chars = transliterate \"epc217-08\" }   (or = reject)"],
        )],
    ),
    ("13-dangling", &[("error[E001] 64:60", "an adapter is missing after `|`", &[])]),
    (
        "14-choose",
        &[(
            "error[E301] 35:27",
            "`SttlmMtd` is mandatory, but its value can be missing",
            &[
                "say what to send then:  \"...\" otherwise   (one of INDA, INGA, COVE, CLRG)",
                "or refuse the message:   else reject \"NARR\" \"why\"",
            ],
        )],
    ),
    ("15-choose2", &[("error[E203] 38:7", "\"CVOE\" is not a code of `SttlmMtd`", &["did you mean \"COVE\"?"])]),
    (
        "20-mojaloop",
        &[
            ("error[E302] 5:7", "", &[]),
            (
                "error[E401] 8:3",
                "`InstrId` is written twice",
                &["remove one line, or give both a `when` that excludes the other"],
            ),
        ],
    ),
    ("21-mt", &[]),
];

#[test]
fn each_mistake_is_told_as_promised() {
    let Some(folder) = examples() else { return };
    let mut failures = Vec::new();
    for (name, expected) in MISTAKES {
        let file = folder.join("mistakes").join(name).with_extension("map");
        let mut latimer = Command::new(env!("CARGO_BIN_EXE_latimer"));
        let output = latimer.args(["check", "--output", "json"]).arg(&file).output().unwrap();
        let exit = if expected.is_empty() { 0 } else { 1 };
        if output.status.code() != Some(exit) {
            failures.push(format!("{name}: exit {:?}, not {exit}", output.status.code()));
        }
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = found.as_array().unwrap();
        let text =
            |it: &serde_json::Value, path: &str| it.pointer(path).map(|it| it.to_string().trim_matches('"').to_owned()).unwrap();
        let heads: Vec<String> = found
            .iter()
            .map(|it| {
                let (severity, code) = (text(it, "/severity"), text(it, "/code"));
                format!("{severity}[{code}] {}:{}", text(it, "/place/line"), text(it, "/place/column"))
            })
            .filter(|it| !it.starts_with("note"))
            .collect();
        let wanted: Vec<&str> = expected.iter().map(|it| it.0).collect();
        if heads != wanted {
            failures.push(format!("{name}: said {heads:?}, not {wanted:?}"));
            continue;
        }
        for ((_, title, helps), found) in expected.iter().zip(found.iter().filter(|it| it["severity"] != "note")) {
            let message = found["message"].as_str().unwrap();
            let given: Vec<&str> = found["helps"].as_array().unwrap().iter().filter_map(|it| it["text"].as_str()).collect();
            let missing: Vec<_> = helps.iter().filter(|it| !given.contains(*it)).collect();
            if !message.contains(title) || !missing.is_empty() {
                failures.push(format!("{name}: `{message}` with {given:?} lacks {missing:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_help_that_can_be_pasted_removes_its_diagnostic() {
    let Some(folder) = examples() else { return };
    let (mut tried, mut failures) = (0, Vec::new());
    for (name, _) in MISTAKES {
        let scratch = tempfile::tempdir().unwrap();
        copy(&folder, scratch.path());
        copy(&folder.join("mistakes"), scratch.path());
        let (count, failed) = pasted::paste_all(scratch.path(), &format!("{name}.map"), &[Path::new(env!("CARGO_MANIFEST_DIR"))]);
        tried += count;
        failures.extend(failed.into_iter().map(|it| format!("{name}: {it}")));
    }
    assert!(failures.is_empty(), "{} of {tried}:\n{}", failures.len(), failures.join("\n"));
    assert!(tried > 0);
}

/// Copies the files of a folder and of its folders.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::write(target, fs::read(&path).unwrap()).unwrap();
        }
    }
}

/// The folder of the examples, looked for beside the project and above it.
fn examples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = root.ancestors().map(|it| it.join("../shared/examples"));
    let found =
        std::env::var_os("LATIMER_EXAMPLES").map(PathBuf::from).into_iter().chain(beside).find(|it| it.join("mistakes").is_dir());
    if found.is_none() {
        eprintln!("mistakes: there are no examples beside the project: nothing was tested");
    }
    found
}
