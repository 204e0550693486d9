//! The files of a schema: which they are, which dialect each speaks, and where a `$ref` leads.

use crate::{
    keywords::Dialect,
    tree::{Data, Forest, NodeId},
};
use latimer_engine::{Diagnostics, FileId, Sources, Span};
use std::collections::{HashMap, HashSet};

/// The trees of a schema's files, each read when first referred to.
pub(crate) struct Files<'a> {
    sources: &'a Sources,
    pub(crate) forest: Forest,
    files: HashMap<FileId, Option<File>>,
    /// What a `$ref` calls the schema it leads to.
    pub(crate) names: HashMap<NodeId, String>,
}

#[derive(Clone, Debug)]
struct File {
    root: NodeId,
    dialect: Dialect,
    /// The URI it gives itself.
    id: Option<String>,
}

impl<'a> Files<'a> {
    pub(crate) fn new(sources: &'a Sources) -> Self {
        let (forest, files, names) = (Forest::default(), HashMap::new(), HashMap::new());
        Files { sources, forest, files, names }
    }

    /// Reads a file, in the dialect of the one that refers to it unless it names its own.
    pub(crate) fn load(&mut self, file: FileId, from: Dialect, diagnostics: &mut Diagnostics) -> Option<NodeId> {
        if !self.files.contains_key(&file) {
            let loaded = self.forest.read(self.sources, file, diagnostics);
            let loaded = loaded.map(|root| self.describe(root, from, diagnostics));
            self.files.insert(file, loaded);
        }
        self.files.get(&file)?.as_ref().map(|it| it.root)
    }

    fn describe(&mut self, root: NodeId, from: Dialect, diagnostics: &mut Diagnostics) -> File {
        let forest = &self.forest;
        let text = |name: &str| forest.entry(root, name).and_then(|it| forest.text(it.value));
        let id = text("$id").or(text("id")).map(|it| it.trim_end_matches('#').to_owned());
        let mut dialect = from;
        if let Some(version) = text("openapi") {
            dialect = if version.starts_with("3.0") { Dialect::OPENAPI_30 } else { Dialect::NEW };
        } else if let Some(entry) = forest.entry(root, "$schema") {
            match forest.text(entry.value).and_then(Dialect::of) {
                Some(named) => dialect = named,
                None => {
                    diagnostics
                        .error("S108", forest.span(entry.value), "this dialect of JSON Schema is unknown")
                        .label("its words could mean something else")
                        .help("write `https://json-schema.org/draft/2020-12/schema`, or leave `$schema` out");
                }
            }
        }
        File { root, dialect, id }
    }

    fn file(&self, node: NodeId) -> Option<&File> {
        self.files.get(&self.forest.span(node).file)?.as_ref()
    }

    /// The dialect a node is written in.
    pub(crate) fn dialect(&self, node: NodeId) -> Dialect {
        self.file(node).map_or(Dialect::NEW, |it| it.dialect)
    }

    /// The outermost value of a node's file.
    pub(crate) fn root(&self, node: NodeId) -> NodeId {
        self.file(node).map_or(node, |it| it.root)
    }

    /// Where the `$ref` of a schema object leads.
    pub(crate) fn target(&mut self, node: NodeId, diagnostics: &mut Diagnostics) -> Option<NodeId> {
        let entry = self.forest.entry(node, "$ref")?;
        let span = self.forest.span(entry.value);
        let Some(reference) = self.forest.text(entry.value).map(str::to_owned) else {
            diagnostics
                .error("S103", span, "`$ref` is a text")
                .label("this is something else")
                .help("write where the schema stands: `#/$defs/Amount`, or `common.json#/$defs/Amount` in another file");
            return None;
        };
        let (path, fragment) = reference.split_once('#').unwrap_or((&reference, ""));
        let root = self.root_of(node, path, span, diagnostics)?;
        let found = self.fragment(root, fragment);
        match found {
            Some(found) => {
                let stem = |path: &str| path.rsplit('/').next()?.split('.').next().map(str::to_owned);
                let name = fragment.rsplit('/').next().filter(|it| !it.is_empty()).map(decoded);
                if let Some(name) = name.or_else(|| stem(path)).filter(|it| !it.is_empty()) {
                    self.names.entry(found).or_insert(name);
                }
            }
            None => self.missing(root, fragment, span, diagnostics),
        }
        found
    }

    /// The file that the part of a reference before `#` names.
    fn root_of(&mut self, node: NodeId, path: &str, span: Span, diagnostics: &mut Diagnostics) -> Option<NodeId> {
        let own = self.file(node)?.clone();
        if path.is_empty() || own.id.as_deref() == Some(path) {
            return Some(own.root);
        }
        if let Some(file) = self.sources.linked(span.file, path) {
            return self.load(file, own.dialect, diagnostics);
        }
        let error = diagnostics.error("S104", span, format!("the file `{path}` is missing"));
        if path.contains("://") {
            error.label("nothing is fetched from the net").help("save it beside this file, and refer to it by its name");
        } else {
            error.label("it is named here").help("put it beside this file");
        }
        None
    }

    /// What a fragment names in a file: a JSON Pointer or an anchor.
    pub(crate) fn fragment(&self, root: NodeId, fragment: &str) -> Option<NodeId> {
        let fragment = decoded(fragment);
        match fragment.as_str() {
            "" => Some(root),
            _ if fragment.starts_with('/') => self.forest.pointer(root, &fragment),
            _ => self.anchor(root, &fragment),
        }
    }

    fn anchor(&self, root: NodeId, name: &str) -> Option<NodeId> {
        let mut stack = vec![root];
        let mut seen = HashSet::new();
        while let Some(node) = stack.pop() {
            // YAML's aliases can lead to one value from many places.
            if !seen.insert(node) {
                continue;
            }
            match self.forest.data(node) {
                Data::Object(entries) => {
                    let text = |it: &str| self.forest.entry(node, it).and_then(|it| self.forest.text(it.value));
                    if text("$anchor") == Some(name) || text("$id").and_then(|it| it.strip_prefix('#')) == Some(name) {
                        return Some(node);
                    }
                    stack.extend(entries.iter().map(|it| it.value));
                }
                Data::List(items) => stack.extend(items),
                _ => {}
            }
        }
        None
    }

    fn missing(&self, root: NodeId, fragment: &str, span: Span, diagnostics: &mut Diagnostics) {
        let error = diagnostics.error("S104", span, format!("`{fragment}` leads nowhere"));
        error.label("there is no such schema");
        let (parent, name) = fragment.rsplit_once('/').unwrap_or(("", fragment));
        let siblings = self.fragment(root, parent).map(|it| self.forest.entries(it)).unwrap_or_default();
        match siblings.iter().find(|it| it.name.eq_ignore_ascii_case(name)) {
            Some(sibling) => {
                error.help(format!("did you mean `{parent}/{}`?", sibling.name));
            }
            None if siblings.is_empty() => {
                error.help("a reference is a file's name and the path to a schema: `common.json#/$defs/Amount`");
            }
            None => {
                let names: Vec<_> = siblings.iter().map(|it| it.name.as_str()).take(12).collect();
                error.help(format!("there is {}", names.join(", ")));
            }
        }
    }
}

/// The other files that the references of a text name. Of an OpenAPI document only its schemas are looked at.
pub(crate) fn wanted(text: &str) -> Vec<String> {
    let (mut sources, mut forest, mut diagnostics) = (Sources::default(), Forest::default(), Diagnostics::default());
    let file = sources.add("", text);
    let Some(root) = forest.read(&sources, file, &mut diagnostics) else { return Vec::new() };
    let is_openapi = forest.entry(root, "openapi").is_some();
    let start = if is_openapi { forest.pointer(root, "/components/schemas") } else { Some(root) };
    let own = forest.entry(root, "$id").and_then(|it| forest.text(it.value)).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    let mut stack: Vec<NodeId> = start.into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(node) = stack.pop().filter(|_| found.len() < 4096) {
        if !seen.insert(node) {
            continue;
        }
        match forest.data(node) {
            Data::Object(entries) => {
                let reference = forest.entry(node, "$ref").and_then(|it| forest.text(it.value)).unwrap_or_default();
                let path = reference.split('#').next().unwrap_or_default();
                let is_other = !path.is_empty() && !path.contains("://") && path != own.trim_end_matches('#');
                if is_other && !found.iter().any(|it| it == path) {
                    found.push(path.to_owned());
                }
                stack.extend(entries.iter().rev().map(|it| it.value));
            }
            Data::List(items) => stack.extend(items.iter().rev()),
            _ => {}
        }
    }
    found
}

/// A fragment without percent-encoding (RFC 3986, 2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|it| char::from(*it).to_digit(16));
        rest = behind;
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high << 4 | low));
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_referred_to() {
        let json = r##"{"$id":"https://x/a.json","a":{"$ref":"b.json#/$defs/X"},"b":[{"$ref":"../c.yaml"}],
            "c":{"$ref":"#/a"},"d":{"$ref":"b.json"},"e":{"$ref":"https://x/a.json#/a"},"f":{"$ref":"https://y/z.json"}}"##;
        assert_eq!(wanted(json), ["b.json", "../c.yaml"]);
        let yaml = "openapi: 3.0.3\npaths: {x: {$ref: 'paths.yaml'}}\ncomponents:\n  schemas:\n    A: {$ref: 's.yaml#/B'}\n";
        assert_eq!(wanted(yaml), ["s.yaml"]);
        assert_eq!(wanted("{"), [""; 0]);
    }

    #[test]
    fn percent_signs() {
        assert_eq!(decoded("/a%20b%7E1%zz%"), "/a b~1%zz%");
    }
}
