//! Cases in Markdown: a heading is a case, its fences are what goes in and what must come out.

use super::{Case, Expected, Fence, Given, unhex, usual_time};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// A fence that was found in a case file.
#[derive(Clone, Debug)]
struct Found {
    /// The words behind the backticks.
    words: String,
    text: String,
    /// The lines of its text, from 0.
    lines: Range<usize>,
}

/// A heading with what stands below it.
#[derive(Debug, Default)]
struct Section {
    title: Option<String>,
    line: usize,
    fences: Vec<Found>,
}

/// The cases of a file.
pub(crate) fn cases(file: &Path) -> Result<Vec<Case>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let sections = sections(&text);
    let shared = sections.first().filter(|it| it.title.is_none()).map_or(&[][..], |it| it.fences.as_slice());
    let titled = sections.iter().filter_map(|it| Some((it.title.as_ref()?, it)));
    titled
        .filter(|(_, section)| !section.fences.is_empty())
        .map(|(title, section)| {
            case(file, title, section, shared).map_err(|why| format!("{}:{}: {why}", file.display(), section.line))
        })
        .collect()
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut open: Option<(String, usize, usize)> = None;
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let ticks = line.bytes().take_while(|it| *it == b'`').count();
        match &open {
            Some((words, from, length)) if ticks >= *length && line.trim_end().len() == ticks => {
                let text = lines.get(*from..at).unwrap_or_default().join("\n");
                let fence = Found { words: words.clone(), text, lines: *from..at };
                if let Some(section) = sections.last_mut() {
                    section.fences.push(fence);
                }
                open = None;
            }
            Some(_) => {}
            None if ticks >= 3 => open = Some((line.trim_start_matches('`').trim().to_owned(), at + 1, ticks)),
            None => {
                if let Some(title) = line.strip_prefix("## ") {
                    sections.push(Section { title: Some(title.trim().to_owned()), line: at + 1, fences: Vec::new() });
                }
            }
        }
    }
    sections
}

fn case(file: &Path, title: &str, section: &Section, shared: &[Found]) -> Result<Case, String> {
    let mut case = Case {
        title: title.to_owned(),
        file: file.to_path_buf(),
        line: section.line,
        reverse: false,
        now: usual_time(),
        given: None,
        recalled: Vec::new(),
        memos: Vec::new(),
        expected: Vec::new(),
        files: Vec::new(),
    };
    // What the case says itself takes the place of what all share.
    let own = |it: &Found| !section.fences.iter().any(|own| own.words == it.words);
    for fence in shared.iter().filter(|it| own(it)).chain(&section.fences) {
        take(fence, &mut case)?;
    }
    Ok(case)
}

fn take(fence: &Found, case: &mut Case) -> Result<(), String> {
    let mut words: Vec<&str> = fence.words.split_whitespace().collect();
    let kind = if words.is_empty() { "" } else { words.remove(0) };
    let hex = words.first() == Some(&"hex");
    if hex {
        words.remove(0);
    }
    let bytes = || if hex { unhex(&fence.text) } else { Ok(fence.text.clone().into_bytes()) };
    let lines = || fence.text.lines().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    match kind {
        "now" => {
            let time = fence.text.trim();
            case.now = time.parse().map_err(|_| format!("`{time}` is not a time with a zone"))?;
        }
        "reverse" => case.reverse = true,
        "input" => case.given = Some(Given::Bytes(bytes()?)),
        "output" => {
            let key = words.first().map(|it| (*it).to_owned()).unwrap_or_default();
            case.expected.push(Expected::Output(key, bytes()?));
        }
        "rejects" => case.expected.push(Expected::Rejects(lines())),
        "fault" => case.expected.push(Expected::Fault(lines())),
        "diagnostics" => case.expected.push(Expected::Diagnostics(fence.text.clone())),
        "memo" => {
            let name = words.first().ok_or("`memo` needs the memo's name")?;
            case.memos.push(((*name).to_owned(), fence.text.clone()));
        }
        "mapping" => case.files.push(("case.map".to_owned(), fence.text.clone() + "\n")),
        "file" => {
            let name = words.first().ok_or("`file` needs the file's name")?;
            case.files.push(((*name).to_owned(), fence.text.clone() + "\n"));
        }
        // Other fences are for readers.
        _ => {}
    }
    Ok(())
}

/// Writes what was found into the fences of cases, which are known by their lines.
pub(crate) fn update(file: &Path, found: &[(usize, Vec<Fence>)]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(failed)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let sections = sections(&text);
    // From the end, so that lines before it stay where they are.
    for section in sections.iter().rev() {
        let Some((_, fences)) = found.iter().find(|(line, _)| *line == section.line && section.title.is_some()) else { continue };
        let end = section.fences.last().map_or(section.line, |it| it.lines.end + 1);
        let is_result = |it: &Found| ["output", "rejects", "fault", "diagnostics"].iter().any(|kind| it.words.starts_with(kind));
        let known = |words: &str| section.fences.iter().any(|it| it.words == words);
        for (words, text) in fences.iter().filter(|(words, _)| !known(words)).rev() {
            let added = [String::new(), format!("```{words}"), text.clone(), "```".to_owned()];
            lines.splice(end..end, added);
        }
        for fence in section.fences.iter().rev().filter(|it| is_result(it)) {
            match fences.iter().find(|(words, _)| *words == fence.words) {
                Some((_, text)) => drop(lines.splice(fence.lines.clone(), text.lines().map(str::to_owned).collect::<Vec<_>>())),
                None => drop(lines.drain(fence.lines.start - 1..=fence.lines.end)),
            }
        }
    }
    fs::write(file, lines.join("\n") + "\n").map_err(failed)
}
