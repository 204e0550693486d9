//! JSON messages that follow a JSON Schema or a schema of an OpenAPI document, and the plain JSON form of other formats.
//!
//! ```text
//! schema   text --yaml, tree, files, resolve--> keywords --schema, alternatives--> Schema + layout (flat tables)
//! message  stream --frame--> part --decode, object, array, choose--> record        values --program, encode--> bytes
//! ```
//!
//! **Invariant:** what this crate accepts is JSON (RFC 8259) in UTF-8 without members named twice, and all of it is checked.

#![deny(clippy::disallowed_methods)]

mod alternatives;
mod array;
mod bind;
mod blocks;
mod calendar;
mod choose;
mod compile;
mod content;
mod cut;
mod decode;
mod encode;
mod escape;
mod extent;
mod facets;
mod files;
mod frame;
mod keywords;
mod layout;
mod locate;
mod names;
mod object;
mod part;
mod pattern;
mod plain;
mod program;
mod resolve;
mod rule;
mod same;
mod scan;
mod schema;
mod tree;
mod walk;
mod yaml;

use bind::bind;
use decode::JsonDecoder;
use encode::JsonEncoder;
use frame::{Framing, JsonFramer};
use latimer_engine::{
    About, Codec, Decoder, Diagnostics, Encoder, FieldId, FileId, Format, Framer, Limits, OptionAbout, Options, Reading, Schema,
    Shape, Sources,
};
use layout::Layout;
use same::Same;
use std::sync::Arc;

/// The format `json`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

static ABOUT: About = About {
    summary: "JSON (RFC 8259) with a JSON Schema or a schema of an OpenAPI document",
    schema: "JSON Schema 2020-12 (draft-07 accepted), or OpenAPI 3.x with `#/components/schemas/NAME`",
    extension: "json",
    text: true,
    records: false,
    reads: true,
    writes: true,
    options: &[OptionAbout {
        name: "framing",
        summary: "[document] values with blanks between, lines (a value a line), array (the elements of one array)",
    }],
};

impl Json {
    /// The plain JSON form of another format: the same fields as JSON. A member that the schema requires must be there.
    pub fn plain(schema: Arc<Schema>) -> Arc<dyn Codec> {
        let layout = Arc::new(plain::layout(&schema, false));
        Arc::new(JsonCodec { schema, layout, framing: Framing::Document })
    }

    /// A JSON codec for copies: what a plan takes as it stands from a decoder of this codec is written as it stands. The decoder
    /// checked it, so nothing is checked again; it is not for values that come from elsewhere.
    pub fn same(codec: Arc<dyn Codec>) -> Arc<dyn Codec> {
        Arc::new(Same { codec })
    }

    /// The plain JSON form of fixed-width records, whose members are blanks or zeros when they are missing.
    pub fn plain_record(schema: Arc<Schema>) -> Arc<dyn Codec> {
        let layout = Arc::new(plain::layout(&schema, true));
        Arc::new(JsonCodec { schema, layout, framing: Framing::Document })
    }
}

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn wants(&self, schema: &str) -> Vec<String> {
        files::wanted(schema)
    }

    fn compile(
        &self,
        sources: &Sources,
        schema: FileId,
        options: &Options,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<dyn Codec>> {
        let framing = compile::framing(options, diagnostics);
        let (schema, layout) = compile::compile(sources, schema, options, diagnostics)?;
        Some(Arc::new(JsonCodec { schema: Arc::new(schema), layout: Arc::new(layout), framing: framing? }))
    }
}

/// JSON with one schema.
#[derive(Debug)]
struct JsonCodec {
    schema: Arc<Schema>,
    layout: Arc<Layout>,
    framing: Framing,
}

impl Codec for JsonCodec {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn framer(&self, cut: &[FieldId], early: &[FieldId], limits: &Limits) -> Box<dyn Framer> {
        let ways = cut::ways(&self.layout, &self.schema, cut, early).unwrap_or_default();
        Box::new(JsonFramer::new(self.framing, ways, limits))
    }

    fn decoder(&self, reading: &Reading<'_>) -> Box<dyn Decoder> {
        let bound = bind(&self.layout, &self.schema, reading);
        let (layout, schema) = (Arc::clone(&self.layout), Arc::clone(&self.schema));
        Box::new(JsonDecoder::new(layout, schema, bound, reading.limits))
    }

    fn encoder(&self, shape: &Shape) -> Option<Box<dyn Encoder>> {
        let program = program::compile(&self.layout, &self.schema, shape)?;
        Some(Box::new(JsonEncoder { program }))
    }
}
