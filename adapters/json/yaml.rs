//! YAML 1.2 with the core schema (chapter 10.3) as the same trees: OpenAPI documents are written in it.
//!
//! `no`, `on` and `00` are what they look like, not booleans and octal numbers: those were YAML 1.1.

use crate::tree::{Data, Entry, Forest, NodeId, span};
use latimer_engine::{Diagnostics, FileId, Span};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::HashMap;

/// Reads the first document of a file; `skipped` bytes of it came before `text`.
pub(crate) fn read(
    forest: &mut Forest,
    text: &str,
    skipped: usize,
    file: FileId,
    diagnostics: &mut Diagnostics,
) -> Option<NodeId> {
    let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
    let places = Places { text, bytes, skipped, file };
    let mut builder = Builder { forest, places, open: Vec::new(), anchors: HashMap::new(), root: None };
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, at)) => builder.event(event, builder.places.span(at.start, at.end)),
            Err(error) => Err((builder.places.span(*error.marker(), *error.marker()), error.info().to_owned())),
        };
        if let Err((span, label)) = step {
            diagnostics
                .error("S101", span, "this is not YAML")
                .label(label)
                .help("a schema file is JSON, or YAML that does not begin with a bracket");
            return None;
        }
    }
    builder.root
}

type Wrong = (Span, String);

struct Places<'a> {
    text: &'a str,
    /// The byte of each character; empty where they are the same.
    bytes: Vec<usize>,
    skipped: usize,
    file: FileId,
}

impl Places<'_> {
    fn byte(&self, marker: Marker) -> usize {
        let at = if self.bytes.is_empty() {
            marker.index()
        } else {
            self.bytes.get(marker.index()).copied().unwrap_or(self.text.len())
        };
        self.skipped + at.min(self.text.len())
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        span(self.file, self.byte(start), self.byte(end))
    }
}

struct Builder<'a> {
    forest: &'a mut Forest,
    places: Places<'a>,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    root: Option<NodeId>,
}

/// A collection that is being read.
struct Open {
    span: Span,
    anchor: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<NodeId>),
    Object { entries: Vec<Entry>, names: HashMap<String, Span>, name: Option<(String, Span)> },
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Wrong> {
        let wrong = |label: &str| Err((span, label.to_owned()));
        match event {
            Event::DocumentStart(_) if self.root.is_some() => wrong("a second document"),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.add(*node, span),
                None => wrong("an alias of what is not complete yet"),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|it| it.suffix == "str");
                if self.takes_name(&text, span)? {
                    return Ok(());
                }
                let data = if is_text { Data::Text(text.into_owned()) } else { plain(&text) };
                let node = self.forest.push(span, data);
                self.anchors.insert(anchor, node);
                self.add(node, span)
            }
            Event::SequenceStart(anchor, _) => self.begin(span, anchor, Parts::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                let (entries, names, name) = (Vec::new(), HashMap::new(), None);
                self.begin(span, anchor, Parts::Object { entries, names, name })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let data = match open.parts {
                    Parts::List(items) => Data::List(items),
                    Parts::Object { entries, .. } => Data::Object(entries),
                };
                let node = self.forest.push(open.span.to(span), data);
                self.anchors.insert(open.anchor, node);
                self.add(node, span)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, span: Span, anchor: usize, parts: Parts) -> Result<(), Wrong> {
        if let Some(Open { parts: Parts::Object { name: None, .. }, .. }) = self.open.last() {
            return Err((span, "a name must be a text".to_owned()));
        }
        if self.open.len() > 256 {
            return Err((span, "the nesting is deeper than any schema needs".to_owned()));
        }
        self.open.push(Open { span, anchor, parts });
        Ok(())
    }

    /// Whether the scalar is the name of a member.
    fn takes_name(&mut self, text: &str, span: Span) -> Result<bool, Wrong> {
        let Some(Open { parts: Parts::Object { names, name, .. }, .. }) = self.open.last_mut() else {
            return Ok(false);
        };
        if name.is_some() {
            return Ok(false);
        }
        if text == "<<" {
            return Err((span, "merge keys are not YAML 1.2".to_owned()));
        }
        if names.insert(text.to_owned(), span).is_some() {
            return Err((span, format!("`{text}` stands twice in one mapping")));
        }
        *name = Some((text.to_owned(), span));
        Ok(true)
    }

    fn add(&mut self, node: NodeId, span: Span) -> Result<(), Wrong> {
        match self.open.last_mut().map(|it| &mut it.parts) {
            None => self.root = Some(node),
            Some(Parts::List(items)) => items.push(node),
            Some(Parts::Object { entries, name, .. }) => match name.take() {
                Some((name, span)) => entries.push(Entry { name, span, value: node }),
                None => return Err((span, "a name must be a text".to_owned())),
            },
        }
        Ok(())
    }
}

/// What a scalar without quotes is by the core schema.
fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::YesNo(true),
        "false" | "False" | "FALSE" => Data::YesNo(false),
        _ if is_number(text) => Data::Number(text.to_owned()),
        _ => Data::Text(text.to_owned()),
    }
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at).unwrap_or(""), unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|it| it.strip_prefix(['-', '+']).unwrap_or(it));
    digits(whole)
        && digits(fraction)
        && (!whole.is_empty() || !fraction.is_empty())
        && exponent.is_none_or(|it| !it.is_empty() && digits(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use latimer_engine::Sources;

    /// The tree of a text, as JSON; a number as it was written.
    fn shown(text: &str) -> String {
        let (mut sources, mut forest, mut diagnostics) = (Sources::default(), Forest::default(), Diagnostics::default());
        let file = sources.add("a.yaml", text);
        match forest.read(&sources, file, &mut diagnostics) {
            Some(root) => show(&forest, root),
            None => diagnostics.iter().map(|it| format!("{}: {}", it.message, it.label)).collect(),
        }
    }

    fn show(forest: &Forest, node: NodeId) -> String {
        match forest.data(node) {
            Data::Null => "null".to_owned(),
            Data::YesNo(it) => it.to_string(),
            Data::Number(it) => it.clone(),
            Data::Text(it) => format!("{it:?}"),
            Data::List(items) => {
                format!("[{}]", items.iter().map(|it| show(forest, *it)).collect::<Vec<_>>().join(","))
            }
            Data::Object(entries) => {
                let entries = entries.iter().map(|it| format!("{:?}:{}", it.name, show(forest, it.value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn the_core_schema() {
        for (text, expected) in [
            ("a: [no, on, yes, NO, ~, null, 012, -1.50, .5, 1e3, 0x1F, 2026-03-02, '1', \"2\"]", None),
            ("a: &x {b: 1}\nc: *x", Some(r#"{"a":{"b":1},"c":{"b":1}}"#)),
            ("200: ok\n404:\n  - x\n", Some(r#"{"200":"ok","404":["x"]}"#)),
            ("a: !!str 5\nb: |\n  one\n  two\n", Some(r#"{"a":"5","b":"one\ntwo\n"}"#)),
        ] {
            let all = r#"{"a":["no","on","yes","NO",null,null,012,-1.50,.5,1e3,"0x1F","2026-03-02","1","2"]}"#;
            assert_eq!(shown(text), expected.unwrap_or(all), "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for text in ["a: 1\na: 2", "a: {<<: {b: 1}}", "a: 1\n---\nb: 2", "a: [1", "? [a]\n: b", "a: &x [*x]"] {
            assert!(shown(text).starts_with("this is not YAML: "), "{text}: {}", shown(text));
        }
    }

    #[test]
    fn places_are_bytes() {
        let (mut sources, mut forest, mut diagnostics) = (Sources::default(), Forest::default(), Diagnostics::default());
        let file = sources.add("a.yaml", "\u{FEFF}ä: ü\nname: 'x'\nlist:\n  - 12\n");
        let root = forest.read(&sources, file, &mut diagnostics).unwrap();
        let words: Vec<_> = forest
            .entries(root)
            .iter()
            .flat_map(|it| [it.span, forest.span(it.value)])
            .map(|it| sources.slice(it).trim())
            .collect();
        assert_eq!(words, ["ä", "ü", "name", "'x'", "list", "- 12"]);
    }
}
