//! A stream of bytes in a window that moves, with lines counted, and read a second time where that is needed.

use crate::engine::{Codec, Fault, FieldId, Position, Recoder, Schema, TypeId};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read at once.
const BLOCK: usize = 256 << 10;

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// `-` is standard input.
    pub fn of(argument: &str) -> Self {
        if argument == "-" { Input::Stdin } else { Input::File(PathBuf::from(argument)) }
    }

    /// As people read it.
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.to_string_lossy().into_owned(),
            Input::Stdin => "-".to_owned(),
        }
    }

    /// The name of outputs made of it: the file's without its ending.
    pub fn stem(&self) -> String {
        match self {
            Input::File(path) => path.file_stem().map_or_else(|| "message".to_owned(), |it| it.to_string_lossy().into_owned()),
            Input::Stdin => "message".to_owned(),
        }
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Input::File(path) => Some(path),
            Input::Stdin => None,
        }
    }
}

enum Reader {
    /// Can be sought back.
    File(File),
    /// Cannot.
    Stdin,
}

/// Why a stream cannot go on.
#[derive(Debug)]
pub enum Broken {
    /// The world failed.
    World(io::Error),
    /// The bytes are not in an encoding that is read.
    Sender(Fault),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Broken::World(error)
    }
}

/// A window on a stream.
pub struct Stream {
    reader: Reader,
    recoder: Option<Box<dyn Recoder>>,
    /// What was read and is not done with begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    raw: Vec<u8>,
    /// The place of `start` in the stream.
    at: u64,
    ended: bool,
    /// Lines are counted, of text.
    counts_lines: bool,
    /// The line and column of `start`.
    here: Position,
    /// Where a second reading begins, and the line and column there.
    mark: Option<(u64, Position)>,
    /// What was read since then, of a stream that cannot be sought back.
    kept: Option<File>,
    /// What is read again before the stream goes on.
    replay: Option<File>,
    /// The heads of the levels one is in, outermost first: what is said of a message at its end has a place there.
    heads: Vec<Head>,
    /// Who wants to know how many bytes were read.
    read: Arc<AtomicU64>,
}

/// The bytes of a head, where they begin, and the line and column there.
struct Head {
    at: u64,
    position: Position,
    bytes: Vec<u8>,
}

impl Stream {
    /// Opens an input and reads its first bytes.
    pub fn open(input: &Input, counts_lines: bool) -> Result<Self, Broken> {
        let reader = match input {
            Input::File(path) => Reader::File(File::open(path)?),
            Input::Stdin => Reader::Stdin,
        };
        let mut stream = Stream {
            reader,
            recoder: None,
            buffer: Vec::with_capacity(4 * BLOCK),
            start: 0,
            raw: Vec::new(),
            at: 0,
            ended: false,
            counts_lines,
            here: Position { line: 1, column: 1 },
            mark: None,
            kept: None,
            replay: None,
            heads: Vec::new(),
            read: Arc::default(),
        };
        stream.fill()?;
        Ok(stream)
    }

    /// Adds what is read to a count.
    pub fn count_into(&mut self, read: &Arc<AtomicU64>) {
        read.fetch_add(self.read.load(Ordering::Relaxed), Ordering::Relaxed);
        self.read = Arc::clone(read);
    }

    /// Makes UTF-8 of what follows, if the codec finds another encoding in the first bytes.
    pub fn recode(&mut self, codec: &dyn Codec) -> Result<(), Broken> {
        let beginning = self.buffer.get(..self.buffer.len().min(1024)).unwrap_or_default();
        if let Some(mut recoder) = codec.recoder(beginning).map_err(Broken::Sender)? {
            let read = std::mem::take(&mut self.buffer);
            recoder.recode(&read, self.ended, &mut self.buffer).map_err(Broken::Sender)?;
            self.recoder = Some(recoder);
        }
        Ok(())
    }

    /// What is not done with.
    pub fn window(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Whether no more will come.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The place of the window in the stream.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The line and column of the window.
    pub fn here(&self) -> Position {
        self.here
    }

    /// Reads on.
    pub fn fill(&mut self) -> Result<(), Broken> {
        if self.start > 0 && self.start >= self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let length = self.buffer.len();
        if let Some(file) = &mut self.replay {
            self.buffer.resize(length + BLOCK, 0);
            let read = read(file, self.buffer.get_mut(length..).unwrap_or_default());
            self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
            if read? > 0 {
                if let Some(kept) = &mut self.kept {
                    kept.write_all(self.buffer.get(length..).unwrap_or_default())?;
                }
                return Ok(());
            }
            self.replay = None;
        }
        match &mut self.recoder {
            None => {
                self.buffer.resize(length + BLOCK, 0);
                let read = self.reader.read(self.buffer.get_mut(length..).unwrap_or_default());
                self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
                let read = read?;
                self.read.fetch_add(read as u64, Ordering::Relaxed);
                self.ended = read == 0;
            }
            Some(recoder) => {
                self.raw.resize(BLOCK, 0);
                let read = self.reader.read(&mut self.raw)?;
                self.read.fetch_add(read as u64, Ordering::Relaxed);
                self.ended = read == 0;
                recoder.recode(self.raw.get(..read).unwrap_or_default(), self.ended, &mut self.buffer).map_err(Broken::Sender)?;
            }
        }
        if let Some(file) = &mut self.kept {
            file.write_all(self.buffer.get(length..).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Is done with so many bytes of the window.
    pub fn consume(&mut self, count: usize) {
        let end = (self.start + count).min(self.buffer.len());
        let done = self.buffer.get(self.start..end).unwrap_or_default();
        if self.counts_lines {
            self.here = advanced(self.here, done);
        }
        self.at += (end - self.start) as u64;
        self.start = end;
    }

    /// Keeps the bytes of a head, of the window, for as long as its level goes on.
    pub fn keep_head(&mut self, level: u8, head: Range<usize>) {
        let position = self.position(self.at + head.start as u64);
        let mut kept = std::mem::take(&mut self.heads);
        kept.resize_with(usize::from(level) + 1, || Head { at: 0, position, bytes: Vec::new() });
        if let Some(it) = kept.last_mut() {
            it.at = self.at + head.start as u64;
            it.position = position;
            it.bytes.clear();
            it.bytes.extend_from_slice(self.window().get(head).unwrap_or_default());
        }
        self.heads = kept;
    }

    /// The line and column of a byte in the window, or in a head that was kept.
    pub fn position(&self, offset: u64) -> Position {
        if offset < self.at {
            let is_in = |it: &&Head| it.at <= offset && offset - it.at <= it.bytes.len() as u64;
            if let Some(head) = self.heads.iter().rev().find(is_in) {
                let length = usize::try_from(offset - head.at).unwrap_or(usize::MAX);
                return advanced(head.position, head.bytes.get(..length).unwrap_or_default());
            }
        }
        let length = usize::try_from(offset.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let before = self.window().get(..length.min(self.window().len())).unwrap_or_default();
        advanced(self.here, before)
    }

    /// The bytes of a stretch, if they are in the window.
    pub fn bytes(&self, at: u64, length: u32) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.at)?).ok()?;
        self.window().get(from..from.checked_add(length as usize)?)
    }

    /// From here on the message will be read a second time.
    pub fn keep(&mut self) -> io::Result<()> {
        self.mark = Some((self.at, self.here));
        if matches!(self.reader, Reader::Stdin) || self.recoder.is_some() || self.replay.is_some() {
            let mut file = tempfile::tempfile()?;
            file.write_all(self.window())?;
            self.kept = Some(file);
        }
        Ok(())
    }

    /// Back to where [`Stream::keep`] was.
    pub fn rewind(&mut self) -> Result<(), Broken> {
        let Some((at, here)) = self.mark.take() else { return Ok(()) };
        match (self.kept.take(), &mut self.reader) {
            (Some(mut file), _) => {
                file.seek(SeekFrom::Start(0))?;
                // What was to be read again and was not yet stands behind what was kept.
                if let Some(mut rest) = self.replay.take() {
                    file.seek(SeekFrom::End(0))?;
                    io::copy(&mut rest, &mut file)?;
                    file.seek(SeekFrom::Start(0))?;
                }
                self.replay = Some(file);
            }
            (None, Reader::File(file)) => {
                file.seek(SeekFrom::Start(at))?;
            }
            (None, Reader::Stdin) => {}
        }
        self.buffer.clear();
        self.start = 0;
        self.ended = false;
        (self.at, self.here) = (at, here);
        Ok(())
    }
}

impl Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Reader::File(file) => read(file, into),
            Reader::Stdin => read(&mut io::stdin().lock(), into),
        }
    }
}

fn read(reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The line and column behind some bytes.
pub fn advanced(from: Position, bytes: &[u8]) -> Position {
    let Position { line, column } = from;
    let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    let characters = |bytes: &[u8]| count(bytes.iter().filter(|it| (**it as i8) >= -0x40).count());
    match memchr::memrchr(b'\n', bytes) {
        None => Position { line, column: column.saturating_add(characters(bytes)) },
        Some(last) => {
            let lines = count(memchr::memchr_iter(b'\n', bytes).count());
            Position { line: line.saturating_add(lines), column: 1 + characters(bytes.get(last + 1..).unwrap_or_default()) }
        }
    }
}

/// The chain of unbounded repeats with the most fields below: where a message without a mapping is cut.
pub fn largest_chain(schema: &Schema) -> Vec<FieldId> {
    let mut sizes = HashMap::new();
    let mut chain: Vec<FieldId> = Vec::new();
    let mut group = Schema::ROOT;
    while chain.len() < LEVELS_MAX {
        let mut found = Vec::new();
        repeats_within(schema, group, 0, &mut found);
        let sized = found.into_iter().map(|it| (size(schema, schema.type_id(it), &mut sizes, 0), it));
        let Some((below, repeat)) = sized.max_by_key(|(below, _)| *below) else { break };
        // Where most of a repeat is beside its inner repeats, it is cut no further.
        let whole = size(schema, schema.type_id(group), &mut sizes, 0);
        if !chain.is_empty() && below * 4 < whole {
            break;
        }
        chain.push(repeat);
        group = repeat;
    }
    chain
}

/// Levels of a message that are cut.
const LEVELS_MAX: usize = 3;

/// The unbounded repeats of a group that stand in no other one.
fn repeats_within(schema: &Schema, group: FieldId, depth: u32, found: &mut Vec<FieldId>) {
    if depth > 6 {
        return;
    }
    for child in schema.children(group) {
        let Some(member) = schema.member(child) else { continue };
        if member.repeats && member.occurs.max.is_none() {
            found.push(child);
        } else if !member.repeats {
            // Within a repeat that is not cut at, nothing can be.
            repeats_within(schema, child, depth + 1, found);
        }
    }
}

/// How many fields a type has below it; a type within itself counts once.
fn size(schema: &Schema, kind: TypeId, sizes: &mut HashMap<TypeId, usize>, depth: u32) -> usize {
    if let Some(known) = sizes.get(&kind) {
        return *known;
    }
    sizes.insert(kind, 1);
    let members = &schema.type_def(kind).members;
    let below = if depth > 32 {
        0
    } else {
        members.iter().map(|it| size(schema, it.kind, sizes, depth + 1)).fold(0, usize::saturating_add)
    };
    sizes.insert(kind, below.saturating_add(1));
    below.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::{Position, advanced};

    #[test]
    fn columns_count_characters() {
        let at = |line, column| Position { line, column };
        assert_eq!(advanced(at(1, 1), b"ab\ncd"), at(2, 3));
        assert_eq!(advanced(at(3, 5), "äö".as_bytes()), at(3, 7));
        assert_eq!(advanced(at(1, 1), b"\n"), at(2, 1));
    }
}
