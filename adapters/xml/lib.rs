//! XML documents that follow an XML Schema, ISO 20022 messages among them.
//!
//! ```text
//! schema   XSD text --tree, xsd, simple, complex--> declarations --model, compile--> Schema + layout (flat tables)
//! message  stream --recode--> UTF-8 --frame--> part --decode, element, tag--> record        values --encode--> bytes
//! ```
//!
//! **Invariant:** what this crate accepts is well-formed (XML 1.0, Namespaces 1.0) and valid (XML Schema 1.0); a document
//! type declaration is refused, so nothing is ever fetched or expanded.

#![deny(clippy::disallowed_methods)]

mod canonical;
mod compile;
mod complex;
mod declaration;
mod decode;
mod element;
mod encode;
mod escape;
mod fault;
mod fragment;
mod frame;
mod layout;
mod lexical;
mod members;
mod model;
mod namespaces;
mod parts;
mod pattern;
mod quick;
mod reading;
mod recode;
mod runs;
mod scan;
mod script;
mod simple;
mod tag;
mod tree;
mod xsd;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests read files")]
mod tests;

use latimer_engine::{
    About, Codec, Decoder, Diagnostics, Encoder, Fault, FieldId, FileId, Format, Framer, Limits, OptionAbout, Options, Reading,
    Recoder, Schema, Shape, Sources,
};
use quick_xml::{Reader, events::Event};
use std::sync::Arc;

/// The formats `xml` and `iso20022`: the same, but for what their options say.
///
/// ```
/// use latimer_engine::{Diagnostics, Format, Options, Sources};
/// let text = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='A' type='xs:date'/></xs:schema>";
/// let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
/// let file = sources.add("a.xsd", text);
/// let codec = latimer_xml::Xml::PLAIN.compile(&sources, file, &Options::default(), &mut diagnostics);
/// assert!(codec.is_some_and(|it| it.schema().find("A").is_some()));
/// ```
#[derive(Debug)]
pub struct Xml {
    about: &'static About,
    name: &'static str,
    /// Of an envelope: the prefix of its namespace.
    envelope: Option<&'static str>,
}

impl Xml {
    /// Any XML with an XSD.
    pub const PLAIN: Xml = Xml { name: "xml", about: &PLAIN, envelope: None };
    /// ISO 20022 messages.
    pub const ISO20022: Xml = Xml { name: "iso20022", about: &ISO20022, envelope: None };
    /// What SOAP stands on: a schema whose own namespace is that of an envelope around elements of other schemas. Its
    /// elements are written with the prefix `soap`, which the root declares, and what is in them as if they were not
    /// there; processing instructions are refused.
    #[doc(hidden)]
    pub const ENVELOPE: Xml = Xml { name: "envelope", about: &PLAIN, envelope: Some("soap") };
}

const PLAIN: About = About {
    summary: "XML documents with a schema",
    schema: "XML Schema 1.0",
    extension: "xml",
    text: true,
    records: false,
    reads: true,
    writes: true,
    options: &[],
};

const ISO20022: About = About {
    summary: "ISO 20022 messages",
    schema: "the message's XSD, or that of a usage guideline",
    options: &[
        OptionAbout { name: "rules", summary: "what is asked beyond the schema: [none], bank, or a profile" },
        OptionAbout { name: "envelope", summary: "where the business application header stands: [auto], head.001" },
    ],
    ..PLAIN
};

/// The options of ISO 20022 with the value that is built.
const DEFAULTS: [(&str, &str); 2] = [("rules", "none"), ("envelope", "auto")];

impl Format for Xml {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static About {
        self.about
    }

    fn wants(&self, schema: &str) -> Vec<String> {
        locations(schema)
    }

    fn compile(
        &self,
        sources: &Sources,
        schema: FileId,
        options: &Options,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<dyn Codec>> {
        for (name, built) in DEFAULTS.iter().filter(|(name, _)| self.about.options.iter().any(|it| it.name == *name)) {
            if let Some(option) = options.get(name)
                && option.words != [*built]
            {
                let message = format!("`{name} {}` is not built yet", option.words.join(" "));
                diagnostics
                    .error("E004", option.span, message)
                    .label("cannot be used")
                    .help(format!("write `{name} {built}`, or leave it out"));
            }
        }
        let mut found = Diagnostics::default();
        let layout = compile::compile(sources, schema, self.envelope, &mut found);
        diagnostics.append(found);
        if diagnostics.has_errors() {
            return None;
        }
        Some(Arc::new(XmlCodec { layout: Arc::new(layout?) }))
    }
}

/// The files that `import`, `include` and `redefine` name, each once.
fn locations(schema: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut reader = Reader::from_str(schema);
    while let Ok(event) = reader.read_event() {
        let start = match event {
            Event::Start(start) | Event::Empty(start) => start,
            Event::Eof => break,
            _ => continue,
        };
        if !matches!(start.local_name().as_ref(), b"import" | b"include" | b"redefine") {
            continue;
        }
        let get = |name: &str| start.try_get_attribute(name).ok().flatten()?.unescape_value().ok().map(String::from);
        let location = get("schemaLocation").map(|it| it.trim().to_owned());
        // The attributes of this namespace are built in.
        if get("namespace").as_deref() != Some(tree::XML)
            && let Some(location) = location.filter(|it| !found.contains(it))
        {
            found.push(location);
        }
    }
    found
}

/// One schema, compiled.
struct XmlCodec {
    layout: Arc<layout::Layout>,
}

impl Codec for XmlCodec {
    fn schema(&self) -> &Arc<Schema> {
        &self.layout.schema
    }

    fn framer(&self, cut: &[FieldId], _: &[FieldId], _: &Limits) -> Box<dyn Framer> {
        let schema = &self.layout.schema;
        let mut above = 0;
        let mut paths = Vec::new();
        for field in reading::cuttable(&self.layout, cut) {
            let line = schema.line(*field);
            let names = line.iter().skip(above).map(|it| schema.name_of(*it).as_bytes().into()).collect();
            above = line.len();
            paths.push(names);
        }
        Box::new(frame::XmlFramer::new(paths, self.layout.envelope.is_none()))
    }

    fn decoder(&self, reading: &Reading<'_>) -> Box<dyn Decoder> {
        Box::new(decode::XmlDecoder::new(Arc::clone(&self.layout), reading))
    }

    fn encoder(&self, shape: &Shape) -> Option<Box<dyn Encoder>> {
        Some(Box::new(encode::XmlEncoder::new(Arc::clone(&self.layout), shape)))
    }

    fn recoder(&self, start: &[u8]) -> Result<Option<Box<dyn Recoder>>, Fault> {
        recode::recoder(start)
    }
}
