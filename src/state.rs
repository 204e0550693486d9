//! What outlives a run: sequences and memos, in files that people and tests may write.
//!
//! `DIR/memo/NAME.jsonl` has `{"key":"T017","at":"2026-..","fields":{..}}` a line, `DIR/sequence/NAME.jsonl`
//! `{"key":"MSG-1","value":17}`. Read at start, appended when the run ends well. What a message took or remembered counts
//! only when it is released.

use crate::engine::call::Store;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// The state of a run.
#[derive(Debug, Default)]
pub struct State {
    folder: Option<PathBuf>,
    sequences: BTreeMap<String, Sequence>,
    memos: BTreeMap<String, Memo>,
    /// What the current message did.
    open: Vec<Change>,
    /// What the released messages of the current input did.
    released: Vec<Change>,
    /// What is to be appended.
    done: Vec<Change>,
    now: Timestamp,
    /// Whether something was asked that only a folder could have kept.
    pub was_asked: bool,
}

#[derive(Debug, Default)]
struct Sequence {
    last: u64,
    by_key: HashMap<Vec<u8>, u64>,
}

#[derive(Debug, Default)]
struct Memo {
    fields: Vec<String>,
    /// Seconds until a record is forgotten.
    expires: i64,
    by_key: HashMap<Vec<u8>, Remembered>,
}

/// When it was remembered, and its fields.
type Remembered = (Timestamp, Vec<Option<Vec<u8>>>);

#[derive(Clone, Debug)]
enum Change {
    Number { sequence: String, key: Vec<u8>, value: u64, last: u64 },
    Remembered { memo: String, key: Vec<u8>, before: Option<Remembered> },
}

impl State {
    /// Nothing is kept.
    pub fn none(now: Timestamp) -> Self {
        State { now, ..State::default() }
    }

    /// Reads a folder; `memos` are their names, fields and seconds to live.
    pub fn open(folder: &Path, memos: &[(String, Vec<String>, i64)], now: Timestamp) -> io::Result<Self> {
        let mut state = State { folder: Some(folder.to_path_buf()), now, ..State::default() };
        state.declare(memos);
        for path in files(&folder.join("sequence"))? {
            let name = stem(&path);
            let sequence = state.sequences.entry(name).or_default();
            for line in lines(&path)? {
                let (Some(key), Some(value)) =
                    (line.get("key").and_then(Value::as_str), line.get("value").and_then(Value::as_u64))
                else {
                    return Err(bad(&path, "a line is not {\"key\":\"..\",\"value\":1}"));
                };
                sequence.last = sequence.last.max(value);
                sequence.by_key.insert(key.as_bytes().to_vec(), value);
            }
        }
        for path in files(&folder.join("memo"))? {
            let name = stem(&path);
            for line in lines(&path)? {
                state.remembered(&name, &line).map_err(|why| bad(&path, why))?;
            }
        }
        Ok(state)
    }

    /// Takes a line of a memo's file.
    fn remembered(&mut self, name: &str, line: &Value) -> Result<(), &'static str> {
        let Some(memo) = self.memos.get_mut(name) else { return Ok(()) };
        let key = line.get("key").and_then(Value::as_str);
        let at = line.get("at").and_then(Value::as_str).and_then(|it| it.parse::<Timestamp>().ok());
        let (Some(key), Some(at)) = (key, at) else {
            return Err("a line is not {\"key\":\"..\",\"at\":\"..\",\"fields\":{..}}");
        };
        let fields = memo.fields.iter().map(|name| line.get("fields").and_then(|it| it.get(name)).and_then(text_of));
        let fields = fields.collect();
        memo.by_key.insert(key.as_bytes().to_vec(), (at, fields));
        Ok(())
    }

    /// Takes the lines that a memo's file would have: for tests.
    pub fn remember_lines(&mut self, name: &str, lines: &str) -> Result<(), String> {
        for line in lines.lines().filter(|it| !it.trim().is_empty()) {
            let line = serde_json::from_str(line).map_err(|it| format!("memo `{name}`: {it}"))?;
            self.remembered(name, &line)?;
        }
        Ok(())
    }

    /// The memos that a mapping names.
    pub fn declare(&mut self, memos: &[(String, Vec<String>, i64)]) {
        for (name, fields, expires) in memos {
            let memo = self.memos.entry(name.clone()).or_default();
            memo.fields.clone_from(fields);
            memo.expires = *expires;
        }
    }

    /// Gives a memo what every recall of it finds: for tests.
    pub fn preset(&mut self, memo: &str, fields: Vec<Option<Vec<u8>>>) {
        let it = self.memos.entry(memo.to_owned()).or_default();
        it.by_key.insert(ANY.to_vec(), (self.now, fields));
    }

    /// The message was released: what it did counts, unless its input is refused.
    pub fn commit(&mut self) {
        self.released.append(&mut self.open);
    }

    /// The input ended: what its messages did counts.
    pub fn commit_input(&mut self) {
        self.done.append(&mut self.released);
    }

    /// The input was refused: nothing of it counts.
    pub fn rollback_input(&mut self) {
        let mut all = std::mem::take(&mut self.released);
        all.append(&mut self.open);
        self.open = all;
        self.rollback();
    }

    /// The message was refused: nothing of it counts.
    pub fn rollback(&mut self) {
        for change in std::mem::take(&mut self.open).into_iter().rev() {
            match change {
                Change::Number { sequence, key, last, .. } => {
                    if let Some(it) = self.sequences.get_mut(&sequence) {
                        it.by_key.remove(&key);
                        it.last = last;
                    }
                }
                Change::Remembered { memo, key, before } => {
                    if let Some(it) = self.memos.get_mut(&memo) {
                        match before {
                            Some(before) => it.by_key.insert(key, before),
                            None => it.by_key.remove(&key),
                        };
                    }
                }
            }
        }
    }

    /// The run ended well: what counts is appended.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for change in &self.done {
            match change {
                Change::Number { sequence, key, value, .. } => {
                    let path = folder.join("sequence").join(format!("{sequence}.jsonl"));
                    let line = json!({ "key": String::from_utf8_lossy(key), "value": value });
                    files.entry(path).or_default().push_str(&format!("{line}\n"));
                }
                Change::Remembered { memo, key, .. } => {
                    let Some(it) = self.memos.get(memo) else { continue };
                    let Some((at, values)) = it.by_key.get(key) else { continue };
                    let mut fields = serde_json::Map::new();
                    for (name, value) in it.fields.iter().zip(values) {
                        if let Some(value) = value {
                            fields.insert(name.clone(), json!(String::from_utf8_lossy(value)));
                        }
                    }
                    let path = folder.join("memo").join(format!("{memo}.jsonl"));
                    let line = json!({ "key": String::from_utf8_lossy(key), "at": at.to_string(), "fields": fields });
                    files.entry(path).or_default().push_str(&format!("{line}\n"));
                }
            }
        }
        for (path, lines) in files {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&path)?;
            file.write_all(lines.as_bytes())?;
            file.sync_data()?;
        }
        self.done.clear();
        Ok(())
    }
}

/// The key under which a test gives what every recall finds.
const ANY: &[u8] = b"\0any";

impl Store for State {
    fn next(&mut self, sequence: &str, key: &[u8]) -> u64 {
        self.was_asked = true;
        let it = self.sequences.entry(sequence.to_owned()).or_default();
        // A sequence without keys has nothing to know a message again by: each time is the next number.
        if let Some(known) = it.by_key.get(key).filter(|_| !key.is_empty()) {
            return *known;
        }
        let last = it.last;
        it.last += 1;
        it.by_key.insert(key.to_vec(), it.last);
        self.open.push(Change::Number { sequence: sequence.to_owned(), key: key.to_vec(), value: it.last, last });
        it.last
    }

    fn recall(&mut self, memo: &str, key: &[u8], fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool {
        self.was_asked = true;
        let Some(it) = self.memos.get(memo) else { return false };
        let Some((at, values)) = it.by_key.get(key).or_else(|| it.by_key.get(ANY)) else { return false };
        if it.expires > 0 && self.now.as_second() - at.as_second() > it.expires {
            return false;
        }
        for (number, value) in values.iter().enumerate() {
            fields(number, value.as_deref());
        }
        true
    }

    fn remember(&mut self, memo: &str, key: &[u8], fields: &[Option<&[u8]>]) {
        self.was_asked = true;
        let it = self.memos.entry(memo.to_owned()).or_default();
        let values = fields.iter().map(|it| it.map(<[u8]>::to_vec)).collect();
        let before = it.by_key.insert(key.to_vec(), (self.now, values));
        self.open.push(Change::Remembered { memo: memo.to_owned(), key: key.to_vec(), before });
    }
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files: Vec<PathBuf> = entries.map(|it| it.map(|it| it.path())).collect::<Result<_, _>>()?;
    files.retain(|it| it.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    Ok(files)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |it| it.to_string_lossy().into_owned())
}

fn lines(path: &Path) -> io::Result<Vec<Value>> {
    let mut values = Vec::new();
    for line in BufReader::new(fs::File::open(path)?).lines() {
        let line = line?;
        if !line.trim().is_empty() {
            values.push(serde_json::from_str(&line).map_err(|_| bad(path, "a line is not JSON"))?);
        }
    }
    Ok(values)
}

fn text_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone().into_bytes()),
        other => Some(other.to_string().into_bytes()),
    }
}

fn bad(path: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_key_has_its_old_number() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let mut state = State::open(folder.path(), &[], now).unwrap();
        assert_eq!([state.next("s", b"a"), state.next("s", b"b"), state.next("s", b"a")], [1, 2, 1]);
        state.commit();
        state.commit_input();
        assert_eq!(state.next("s", b"c"), 3);
        state.rollback();
        state.finish().unwrap();
        let mut again = State::open(folder.path(), &[], now).unwrap();
        assert_eq!([again.next("s", b"b"), again.next("s", b"c")], [2, 3]);
    }

    #[test]
    fn a_memo_is_found_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let memos = [("payment".to_owned(), vec!["id".to_owned(), "x".to_owned()], 60)];
        let now = Timestamp::UNIX_EPOCH;
        let mut state = State::open(folder.path(), &memos, now).unwrap();
        state.remember("payment", b"T1", &[Some(b"E1"), None]);
        state.commit();
        state.commit_input();
        state.finish().unwrap();
        let found = |now: Timestamp| {
            let mut state = State::open(folder.path(), &memos, now).unwrap();
            let mut values = Vec::new();
            let known = state.recall("payment", b"T1", &mut |_, it| values.push(it.map(<[u8]>::to_vec)));
            (known, values)
        };
        assert_eq!(found(now), (true, vec![Some(b"E1".to_vec()), None]));
        assert!(!found(now + jiff::SignedDuration::from_secs(61)).0);
    }
}
