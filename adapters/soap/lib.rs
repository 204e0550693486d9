//! SOAP 1.1 and 1.2 messages whose body follows an XML Schema.
//!
//! ```text
//! schema   XSD of the body --envelope--> an XSD of each version's envelope --latimer-xml--> codecs --fields--> one Schema
//! message  part --header, latimer-xml, code--> record        values --encode, latimer-xml--> part
//! ```
//!
//! **Invariant:** every byte is read and written by `latimer-xml`; what is here says which schema that follows, and looks at
//! headers and codes of faults once more.

#![deny(clippy::disallowed_methods)]

mod code;
mod decode;
mod encode;
mod envelope;
mod fields;
mod header;
mod options;

#[cfg(test)]
mod tests;

use envelope::Body;
use fields::Side;
use latimer_engine::{
    About, Codec, Decoder, Diagnostics, Encoder, Fault, FieldId, FileId, Format, Framer, Limits, OptionAbout, Options, Reading,
    Recoder, Schema, Shape, Sources,
};
use latimer_xml::Xml;
use quick_xml::{Reader, events::Event};
use std::sync::Arc;

/// The format `soap`.
///
/// ```
/// use latimer_engine::{Diagnostics, Format, Options, Sources};
/// let text = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='A' type='xs:date'/></xs:schema>";
/// let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
/// let file = sources.add("a.xsd", text);
/// let codec = latimer_soap::Soap.compile(&sources, file, &Options::default(), &mut diagnostics);
/// assert!(codec.is_some_and(|it| it.schema().find("Body/A").is_some() && it.schema().find("Fault/faultcode").is_some()));
/// ```
#[derive(Debug)]
pub struct Soap;

const ABOUT: About = About {
    summary: "SOAP 1.1 and 1.2 messages",
    schema: "the XML Schema of the body; its global elements are what a body may hold",
    extension: "xml",
    text: true,
    records: false,
    reads: true,
    writes: true,
    options: &[
        OptionAbout { name: "operation", summary: "the operation the messages belong to" },
        OptionAbout { name: "message", summary: "which message of the operation: needs a WSDL, which is not built yet" },
        OptionAbout { name: "version", summary: "[auto] reads both and writes 1.1, 1.1, 1.2" },
        OptionAbout { name: "detail", summary: "the names of the text elements in a fault's detail; without them it is any XML" },
    ],
};

impl Format for Soap {
    fn name(&self) -> &'static str {
        "soap"
    }

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn wants(&self, schema: &str) -> Vec<String> {
        Xml::PLAIN.wants(schema)
    }

    fn compile(
        &self,
        sources: &Sources,
        schema: FileId,
        options: &Options,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<dyn Codec>> {
        if is_wsdl(sources.text(schema)) {
            diagnostics
                .error("E004", sources.span(schema), "a WSDL cannot be used yet")
                .label("not an XML Schema")
                .help("name the XML Schema of the body, which stands in its `types` or is imported there");
            return None;
        }
        let known = diagnostics.len();
        let chosen = options::read(options, diagnostics);
        // The body's schema by itself first: what is wrong with it is said of its own file.
        let body = Xml::PLAIN.compile(sources, schema, &Options::default(), diagnostics)?;
        if diagnostics.iter().skip(known).any(|it| it.severity == latimer_engine::Severity::Error) {
            return None;
        }
        let elements: Vec<String> =
            body.schema().type_def(body.schema().root_type()).members.iter().map(|it| it.name.clone()).collect();
        let body = Body {
            location: "body",
            namespace: &target_namespace(sources.text(schema)),
            elements: &elements,
            detail: &chosen.detail,
        };
        let mut sides = Vec::new();
        for version in chosen.versions {
            let codec = around(sources, schema, &version.schema(&body), diagnostics)?;
            sides.push(Side { version, codec });
        }
        let schema = Arc::new(fields::schema(sources.name(schema), &sides)?);
        let written = sides.first()?.clone();
        Some(Arc::new(SoapCodec { schema, sides, written }))
    }
}

/// The codec of an envelope whose schema imports a file as `body`.
fn around(sources: &Sources, schema: FileId, envelope: &str, diagnostics: &mut Diagnostics) -> Option<Arc<dyn Codec>> {
    // All files keep their numbers.
    let mut all = Sources::default();
    for file in sources.files() {
        all.add(sources.path(file), sources.text(file));
    }
    for file in sources.files() {
        for (name, linked) in sources.links(file) {
            all.link(file, name, linked);
        }
    }
    let file = all.add("envelope.xsd", envelope);
    all.link(file, "body", schema);
    let mut found = Diagnostics::default();
    let codec = Xml::ENVELOPE.compile(&all, file, &Options::default(), &mut found);
    if codec.is_none() {
        let error = diagnostics.error("S213", sources.span(schema), "no envelope can be put around this schema");
        error.label("its elements cannot stand in the body of a SOAP message");
        for why in found.iter() {
            error.add_note(why.message.clone());
        }
        error.help("a global element must not be called `Fault`, nor be of the namespace of SOAP");
    }
    codec
}

/// Whether a text is a WSDL.
fn is_wsdl(text: &str) -> bool {
    root(text).is_some_and(|(name, _)| name == "definitions" || name == "description")
}

/// The target namespace of a schema.
fn target_namespace(text: &str) -> String {
    root(text).map_or(String::new(), |(_, namespace)| namespace)
}

/// The local name of the root element, and its target namespace.
fn root(text: &str) -> Option<(String, String)> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                let namespace = start.try_get_attribute("targetNamespace").ok()?;
                let namespace = namespace.and_then(|it| it.unescape_value().ok().map(String::from));
                return Some((name, namespace.unwrap_or_default()));
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// One body's schema in the envelopes of one or both versions.
struct SoapCodec {
    schema: Arc<Schema>,
    /// The versions that are read, the one that is written first.
    sides: Vec<Side>,
    written: Side,
}

impl Codec for SoapCodec {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn cuts_at(&self, repeat: FieldId) -> bool {
        let mut sides = self.sides.iter();
        sides.all(|it| it.inner(&self.schema, repeat).is_some_and(|inner| it.codec.cuts_at(inner)))
    }

    fn framer(&self, cut: &[FieldId], early: &[FieldId], limits: &Limits) -> Box<dyn Framer> {
        // Names are the same in both versions, and a framer looks at no more.
        let side = &self.written;
        let inner =
            |fields: &[FieldId]| -> Vec<FieldId> { fields.iter().filter_map(|it| side.inner(&self.schema, *it)).collect() };
        side.codec.framer(&inner(cut), &inner(early), limits)
    }

    fn decoder(&self, reading: &Reading<'_>) -> Box<dyn Decoder> {
        Box::new(decode::SoapDecoder::new(&self.schema, &self.sides, reading))
    }

    fn encoder(&self, shape: &Shape) -> Option<Box<dyn Encoder>> {
        let encoder = encode::SoapEncoder::new(&self.schema, &self.written, shape)?;
        Some(Box::new(encoder))
    }

    fn recoder(&self, start: &[u8]) -> Result<Option<Box<dyn Recoder>>, Fault> {
        self.written.codec.recoder(start)
    }
}
