use std::fmt;

/// A file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A stretch of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

const _: () = assert!(size_of::<Span>() == 12);

/// The texts of mappings, schemas and tables, read by somebody else: the engine never opens a file.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    path: String,
    text: String,
    /// What this file calls others, and which they are.
    names: Vec<(String, FileId)>,
}

/// A place as people count: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl FileId {
    /// No file.
    pub const NONE: FileId = FileId(u32::MAX);
}

impl Span {
    /// From the start of this one to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span { end: other.end.max(self.end), ..self }
    }

    /// The empty stretch right behind this one.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

impl Sources {
    /// Adds a file under the path that messages show.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { path: path.into(), text: text.into(), names: Vec::new() });
        id
    }

    /// Notes that `from` calls the file `to` by `name` (an import, a `$ref`, a `COPY`, a `use`).
    pub fn link(&mut self, from: FileId, name: impl Into<String>, to: FileId) {
        if let Some(source) = self.files.get_mut(from.0 as usize) {
            source.names.push((name.into(), to));
        }
    }

    /// The file that `from` calls by `name`.
    pub fn linked(&self, from: FileId, name: &str) -> Option<FileId> {
        let source = self.files.get(from.0 as usize)?;
        source.names.iter().find(|(it, _)| it == name).map(|(_, id)| *id)
    }

    /// Every file this one was linked to, by the name it uses.
    pub fn links(&self, from: FileId) -> impl Iterator<Item = (&str, FileId)> {
        let names = self.files.get(from.0 as usize).map_or(&[][..], |it| &it.names);
        names.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// The path that messages show.
    pub fn path(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |it| &it.path)
    }

    /// The last part of the path.
    pub fn name(&self, file: FileId) -> &str {
        let path = self.path(file);
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The whole text.
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |it| &it.text)
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The span of a whole file.
    pub fn span(&self, file: FileId) -> Span {
        Span { file, start: 0, end: u32::try_from(self.text(file).len()).unwrap_or(u32::MAX) }
    }

    /// Where a span starts.
    pub fn position(&self, span: Span) -> Position {
        let before = self.text(span.file).get(..span.start as usize).unwrap_or("");
        let line = before.bytes().filter(|it| *it == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(column) }
    }
}
