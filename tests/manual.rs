//! The examples of `mappings/README.md` run, and say what is written below them.
//!
//! Blocks: `file NAME` is a file from there on; `head` stands before every `map`, unless it is a `map alone`; `input`,
//! `output`, `rejects` and `diagnostics` belong to the `map` before them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::{Command, Output};

/// A block between fences: the words behind the first fence, and the text.
struct Block {
    words: String,
    text: String,
    line: usize,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in markdown.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(words)) => open = Some(Block { words: words.to_owned(), text: String::new(), line: number + 1 }),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block does not end");
    blocks
}

fn latimer(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_latimer")).current_dir(folder).args(words).output().unwrap()
}

/// The code and the words of each error.
fn diagnostics(output: &Output) -> String {
    let all = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let errors = all.lines().filter_map(|it| it.strip_prefix("error[")?.split_once("]: "));
    errors.map(|(code, words)| format!("{code} {words}\n")).collect()
}

/// Scope, reason and target of each reject.
fn rejects(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let rows = text.lines().map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap());
    let word = |row: &serde_json::Value, name: &str| row.get(name).and_then(|it| it.as_str().map(str::to_owned));
    rows.map(|row| {
        let words: Vec<_> = ["scope", "reason", "target"].iter().filter_map(|it| word(&row, it)).collect();
        words.join(" ").trim_end().to_owned() + "\n"
    })
    .collect()
}

#[test]
fn the_examples_do_what_they_say() {
    let markdown = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut head, mut maps, mut checked) = (String::new(), 0, 0);
    for Block { words, text, line } in blocks(&markdown) {
        let (kind, name) = words.split_once(' ').unwrap_or((&words, ""));
        match kind {
            "text" => {}
            "file" => std::fs::write(folder.join(name), text).unwrap(),
            "head" => head = text,
            "map" => {
                maps += 1;
                let whole = if name == "alone" { text } else { format!("{head}\n{text}") };
                std::fs::write(folder.join("example.map"), whole).unwrap();
            }
            "input" => std::fs::write(folder.join("input"), text.trim_end()).unwrap(),
            "output" | "rejects" => {
                let words = ["translate", "example.map", "input", "-o", "output", "--rejects", "rejects"];
                for old in ["output", "rejects"] {
                    let _ = std::fs::remove_file(folder.join(old));
                }
                let run = latimer(folder, &words);
                let said = String::from_utf8_lossy(&run.stderr);
                let found = match kind {
                    "output" => std::fs::read_to_string(folder.join("output")).unwrap_or_default(),
                    _ => rejects(&folder.join("rejects")),
                };
                assert_eq!(found.trim_end(), text.trim_end(), "line {line}: {said}");
                checked += 1;
            }
            "diagnostics" => {
                assert_eq!(diagnostics(&latimer(folder, &["check", "example.map"])), text, "line {line}");
                checked += 1;
            }
            other => assert_eq!(other, "", "line {line}: an unknown kind of block"),
        }
    }
    assert!(maps > 0 && checked == maps, "{checked} of {maps} examples say what they do");
}
