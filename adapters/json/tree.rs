//! Schema files as trees that know where each word stands, which libraries for JSON forget.

use crate::{scan, yaml};
use latimer_engine::{Decimal, Diagnostics, FileId, Sources, Span};
use std::collections::HashMap;

/// A value in a [`Forest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

/// The values of all files of a schema.
#[derive(Debug, Default)]
pub(crate) struct Forest {
    nodes: Vec<Node>,
}

/// A value.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) data: Data,
}

/// What it is.
#[derive(Debug)]
pub(crate) enum Data {
    Null,
    YesNo(bool),
    /// The digits as written.
    Number(String),
    Text(String),
    List(Vec<NodeId>),
    Object(Vec<Entry>),
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Of the name.
    pub(crate) span: Span,
    pub(crate) value: NodeId,
}

/// Nesting of a schema file.
const DEPTH_MAX: u32 = 256;

impl Forest {
    pub(crate) fn push(&mut self, span: Span, data: Data) -> NodeId {
        self.nodes.push(Node { span, data });
        NodeId(crate::layout::index(self.nodes.len() - 1))
    }

    #[expect(clippy::indexing_slicing, reason = "only `push` makes ids, and nothing is ever taken out")]
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn data(&self, id: NodeId) -> &Data {
        &self.node(id).data
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// The members of an object; none of what is not one.
    pub(crate) fn entries(&self, id: NodeId) -> &[Entry] {
        if let Data::Object(entries) = self.data(id) { entries } else { &[] }
    }

    /// A member of an object.
    pub(crate) fn entry(&self, id: NodeId, name: &str) -> Option<&Entry> {
        self.entries(id).iter().find(|it| it.name == name)
    }

    /// The items of a list; none of what is not one.
    pub(crate) fn items(&self, id: NodeId) -> &[NodeId] {
        if let Data::List(items) = self.data(id) { items } else { &[] }
    }

    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        if let Data::Text(text) = self.data(id) { Some(text) } else { None }
    }

    /// A number without its exponent.
    pub(crate) fn decimal(&self, id: NodeId) -> Option<Decimal> {
        let Data::Number(digits) = self.data(id) else { return None };
        let mut plain = Vec::new();
        scan::without_exponent(digits.as_bytes(), &mut plain)?;
        Decimal::parse(&plain)
    }

    /// What a JSON Pointer (RFC 6901) leads to.
    pub(crate) fn pointer(&self, from: NodeId, pointer: &str) -> Option<NodeId> {
        let steps = pointer.split('/').skip(1);
        steps.into_iter().try_fold(from, |at, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            match self.data(at) {
                Data::Object(entries) => entries.iter().find(|it| it.name == step).map(|it| it.value),
                Data::List(items) => items.get(step.parse::<usize>().ok()?).copied(),
                _ => None,
            }
        })
    }

    /// Reads a file, JSON or YAML; what is wrong with it goes to `diagnostics`.
    pub(crate) fn read(&mut self, sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<NodeId> {
        let text = sources.text(file);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let skipped = sources.text(file).len() - text.len();
        let first = scan::blanks(text.as_bytes(), 0);
        if matches!(scan::byte(text.as_bytes(), first), b'{' | b'[') {
            Reader { text: text.as_bytes(), skipped, file, forest: self, diagnostics }.file()
        } else {
            yaml::read(self, text, skipped, file, diagnostics)
        }
    }
}

/// A span of a file in bytes.
pub(crate) fn span(file: FileId, start: usize, end: usize) -> Span {
    let index = crate::layout::index;
    Span { file, start: index(start), end: index(end) }
}

struct Reader<'a> {
    text: &'a [u8],
    skipped: usize,
    file: FileId,
    forest: &'a mut Forest,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        span(self.file, self.skipped + start, self.skipped + end)
    }

    fn file(&mut self) -> Option<NodeId> {
        let (root, end) = self.value(scan::blanks(self.text, 0), 0)?;
        let end = scan::blanks(self.text, end);
        if end < self.text.len() { self.broken(end, "something stands behind the value") } else { Some(root) }
    }

    fn broken<T>(&mut self, at: usize, label: &str) -> Option<T> {
        let at = at.min(self.text.len());
        // The whole character, so that the span can be cut out of the text.
        let length = self
            .text
            .get(at..)
            .map_or(0, |rest| rest.iter().skip(1).take_while(|it| (**it & 0xC0) == 0x80).count() + usize::from(!rest.is_empty()));
        let span = self.span(at, at + length);
        self.diagnostics
            .error("S101", span, "this is not JSON")
            .label(label)
            .help("a schema file is JSON, or YAML that does not begin with a bracket");
        None
    }

    fn value(&mut self, at: usize, depth: u32) -> Option<(NodeId, usize)> {
        if depth > DEPTH_MAX {
            return self.broken(at, "the nesting is deeper than any schema needs");
        }
        let (data, end) = match scan::byte(self.text, at) {
            b'{' => self.object(at + 1, depth)?,
            b'[' => self.list(at + 1, depth)?,
            b'"' => {
                let (text, end) = self.string(at)?;
                (Data::Text(text), end)
            }
            b't' if scan::word(self.text, at, b"true") => (Data::YesNo(true), at + 4),
            b'f' if scan::word(self.text, at, b"false") => (Data::YesNo(false), at + 5),
            b'n' if scan::word(self.text, at, b"null") => (Data::Null, at + 4),
            _ => match scan::number(self.text, at) {
                Ok(it) => (Data::Number(self.lossless(at, it.end)), it.end),
                Err(_) => return self.broken(at, "expected a value"),
            },
        };
        let span = self.span(at, end);
        Some((self.forest.push(span, data), end))
    }

    fn lossless(&self, start: usize, end: usize) -> String {
        String::from_utf8_lossy(scan::slice(self.text, start, end)).into_owned()
    }

    /// The string at a quote, and what follows it.
    fn string(&mut self, at: usize) -> Option<(String, usize)> {
        if scan::byte(self.text, at) != b'"' {
            return self.broken(at, "expected a name in quotes");
        }
        match scan::string(self.text, at + 1) {
            Ok((end, false)) => Some((self.lossless(at + 1, end), end + 1)),
            Ok((end, true)) => {
                let mut out = Vec::new();
                scan::unescape(scan::slice(self.text, at + 1, end), &mut out);
                Some((String::from_utf8_lossy(&out).into_owned(), end + 1))
            }
            Err(at) => self.broken(at, "the string is not closed, or this cannot stand in it"),
        }
    }

    fn object(&mut self, at: usize, depth: u32) -> Option<(Data, usize)> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut names: HashMap<String, Span> = HashMap::new();
        let mut at = scan::blanks(self.text, at);
        if scan::byte(self.text, at) == b'}' {
            return Some((Data::Object(entries), at + 1));
        }
        loop {
            let (name, end) = self.string(at)?;
            let span = self.span(at, end);
            if let Some(first) = names.insert(name.clone(), span) {
                self.diagnostics
                    .error("S101", span, format!("`{name}` stands twice in one object"))
                    .label("for the second time")
                    .other(first, "for the first time")
                    .help("leave one of them out");
            }
            at = scan::blanks(self.text, end);
            if scan::byte(self.text, at) != b':' {
                return self.broken(at, "expected `:`");
            }
            let (value, end) = self.value(scan::blanks(self.text, at + 1), depth + 1)?;
            entries.push(Entry { name, span, value });
            at = scan::blanks(self.text, end);
            match scan::byte(self.text, at) {
                b',' => at = scan::blanks(self.text, at + 1),
                b'}' => return Some((Data::Object(entries), at + 1)),
                _ => return self.broken(at, "expected `,` or `}`"),
            }
        }
    }

    fn list(&mut self, at: usize, depth: u32) -> Option<(Data, usize)> {
        let mut items = Vec::new();
        let mut at = scan::blanks(self.text, at);
        if scan::byte(self.text, at) == b']' {
            return Some((Data::List(items), at + 1));
        }
        loop {
            let (value, end) = self.value(at, depth + 1)?;
            items.push(value);
            at = scan::blanks(self.text, end);
            match scan::byte(self.text, at) {
                b',' => at = scan::blanks(self.text, at + 1),
                b']' => return Some((Data::List(items), at + 1)),
                _ => return self.broken(at, "expected `,` or `]`"),
            }
        }
    }
}
