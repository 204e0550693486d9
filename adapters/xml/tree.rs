//! The text of a schema file as a tree with spans. Schemas are read once, at load: quick-xml does that.

use latimer_engine::{Diagnostics, FileId, Sources, Span};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// The namespace of XML Schema.
pub(crate) const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
/// The namespace of the prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of `xsi:type`, `xsi:nil` and the schema locations.
pub(crate) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Elements within elements of a schema; deeper ones nobody wrote by hand.
const DEPTH_MAX: usize = 200;

/// One file.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    scopes: Vec<Scope>,
}

/// One element.
#[derive(Debug)]
pub(crate) struct Node {
    /// The local name of an element of XML Schema, empty for one of another namespace.
    pub(crate) name: String,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<usize>,
    pub(crate) span: Span,
    scope: usize,
}

/// One attribute, namespace declarations left out.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) span: Span,
}

/// A namespace declaration and the scope around it.
#[derive(Debug)]
struct Scope {
    prefix: String,
    namespace: String,
    outer: usize,
}

impl Node {
    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.name == name).map(|it| it.value.as_str())
    }

    /// Where an attribute's value stands, or else the element.
    pub(crate) fn span_of(&self, name: &str) -> Span {
        self.attributes.iter().find(|it| it.name == name).map_or(self.span, |it| it.span)
    }
}

impl Tree {
    /// Reads a file; the first node is the root.
    pub(crate) fn read(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<Tree> {
        let text = sources.text(file);
        // The text of a file may begin with the mark that says UTF-8.
        let body = text.trim_start_matches('\u{FEFF}');
        let base = text.len() - body.len();
        let mut tree = Tree { nodes: Vec::new(), scopes: Vec::new() };
        tree.scopes.push(Scope { prefix: "xml".to_owned(), namespace: XML.to_owned(), outer: 0 });
        let mut reader = Reader::from_str(body);
        let mut open: Vec<usize> = Vec::new();
        loop {
            let from = base + position(&reader);
            let event = reader.read_event();
            let span = span(file, from, base + position(&reader));
            let mut wrong = |message: String| {
                diagnostics.error("S200", span, message).label("not an XML Schema");
            };
            match event {
                Ok(Event::Start(start)) => {
                    if open.len() >= DEPTH_MAX {
                        wrong(format!("elements are nested deeper than {DEPTH_MAX}"));
                        return None;
                    }
                    match tree.push(&start, text, span, open.last().copied()) {
                        Ok(node) => open.push(node),
                        Err(message) => {
                            wrong(message);
                            return None;
                        }
                    }
                }
                Ok(Event::Empty(start)) => {
                    if let Err(message) = tree.push(&start, text, span, open.last().copied()) {
                        wrong(message);
                        return None;
                    }
                }
                Ok(Event::End(_)) => {
                    open.pop();
                }
                Ok(Event::Eof) => break,
                Ok(_) => {}
                Err(error) => {
                    wrong(format!("this is not well-formed XML: {error}"));
                    return None;
                }
            }
        }
        if tree.nodes.is_empty() || !open.is_empty() {
            diagnostics.error("S200", sources.span(file), "the file ends before its elements do").label("not an XML Schema");
            return None;
        }
        Some(tree)
    }

    fn push(&mut self, start: &BytesStart<'_>, text: &str, span: Span, parent: Option<usize>) -> Result<usize, String> {
        let mut scope = parent.and_then(|it| self.nodes.get(it)).map_or(0, |it| it.scope);
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = attribute.unescape_value().map_err(|error| error.to_string())?.into_owned();
            let declared = name.strip_prefix("xmlns:").or_else(|| (name == "xmlns").then_some(""));
            if let Some(prefix) = declared {
                self.scopes.push(Scope { prefix: prefix.to_owned(), namespace: value, outer: scope });
                scope = self.scopes.len() - 1;
                continue;
            }
            // The value is borrowed from the text, so its address says where it stands.
            let from = (attribute.value.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
            let place = if from < text.len() { self::span(span.file, from, from + attribute.value.len()) } else { span };
            attributes.push(Attribute { name, value, span: place });
        }
        let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let local = if self.lookup(scope, prefix) == Some(SCHEMA) { local } else { "" };
        let children = Vec::new();
        self.nodes.push(Node { name: local.to_owned(), attributes, children, span, scope });
        let node = self.nodes.len() - 1;
        if let Some(parent) = parent.and_then(|it| self.nodes.get_mut(it)) {
            parent.children.push(node);
        }
        Ok(node)
    }

    /// The namespace of a prefix at a node; the empty prefix is the default namespace.
    pub(crate) fn namespace(&self, node: &Node, prefix: &str) -> Option<&str> {
        self.lookup(node.scope, prefix)
    }

    fn lookup(&self, mut at: usize, prefix: &str) -> Option<&str> {
        loop {
            let scope = self.scopes.get(at)?;
            if scope.prefix == prefix {
                return Some(&scope.namespace);
            }
            if at == 0 {
                return None;
            }
            at = scope.outer;
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn span(file: FileId, from: usize, to: usize) -> Span {
    let place = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    Span { file, start: place(from), end: place(to) }
}
