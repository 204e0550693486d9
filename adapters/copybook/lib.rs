//! Fixed-width mainframe records, described by a COBOL copybook.
//!
//! ```text
//! copybook --lex, copy--> words --copybook--> items --place--> nodes (bytes) --schema--> Schema (names, types)
//!
//! stream --frame--> record --decode--> slots (plan) values --template, encode--> record
//! ```

#![deny(clippy::disallowed_methods)]

mod copy;
mod copybook;
mod decode;
mod encode;
mod frame;
mod layout;
mod lex;
mod names;
mod options;
mod picture;
mod place;
mod program;
mod schema;
mod select;
mod spelling;
mod template;
mod walk;

#[cfg(test)]
mod corpus;

use latimer_engine::{
    About, Codec, Decoder, Diagnostics, Encoder, FieldId, FileId, Format, Framer, Limits, Options, Reading, Schema, Severity,
    Shape, Sources, Span,
};
use layout::Layout;
use options::Settings;
use std::sync::Arc;

/// The format `copybook`.
#[derive(Debug)]
pub struct Copybook;

impl Format for Copybook {
    fn name(&self) -> &'static str {
        "copybook"
    }

    fn about(&self) -> &'static About {
        &About {
            summary: "fixed-width mainframe records",
            schema: "a COBOL copybook, in fixed or free reference format",
            extension: "dat",
            text: false,
            records: true,
            reads: true,
            writes: true,
            options: options::OPTIONS,
        }
    }

    fn wants(&self, schema: &str) -> Vec<String> {
        lex::copied(schema)
    }

    fn compile(
        &self,
        sources: &Sources,
        schema: FileId,
        options: &Options,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<dyn Codec>> {
        let (layout, settings) = compile(sources, schema, options, diagnostics)?;
        Some(Arc::new(CopybookCodec { layout: Arc::new(layout), settings }))
    }
}

struct CopybookCodec {
    layout: Arc<Layout>,
    settings: Settings,
}

impl Codec for CopybookCodec {
    fn schema(&self) -> &Arc<Schema> {
        &self.layout.schema
    }

    fn cuts_at(&self, repeat: FieldId) -> bool {
        decode::cut_record(&self.layout, repeat).is_some()
    }

    fn framer(&self, cut: &[FieldId], _early: &[FieldId], limits: &Limits) -> Box<dyn Framer> {
        Box::new(frame::RecordFramer::new(&self.layout, cut, limits))
    }

    fn decoder(&self, reading: &Reading<'_>) -> Box<dyn Decoder> {
        Box::new(decode::RecordDecoder::new(&self.layout, &self.settings, reading))
    }

    fn encoder(&self, shape: &Shape) -> Option<Box<dyn Encoder>> {
        Some(Box::new(encode::RecordEncoder::new(&self.layout, &self.settings, shape)?))
    }
}

/// From text to layout; `None` after an error.
fn compile(sources: &Sources, file: FileId, options: &Options, diagnostics: &mut Diagnostics) -> Option<(Layout, Settings)> {
    let errors = |it: &Diagnostics| it.iter().filter(|it| it.severity == Severity::Error).count();
    let before = errors(diagnostics);
    let span = sources.span(file);
    let settings = options::read(options, Span { end: span.start, ..span }, diagnostics);
    let tokens = copy::expand(sources, file, diagnostics);
    let items = copybook::parse(&tokens, diagnostics);
    if items.is_empty() && errors(diagnostics) == before {
        diagnostics.error("S301", span, "the copybook describes nothing").label("no level number");
    }
    let settings = settings?;
    if items.is_empty() {
        return None;
    }
    let name = sources.name(file);
    let stem = name.split('.').next().unwrap_or(name);
    let placed = place::place(&items, stem, &settings, diagnostics);
    let source = schema::Source { items: &items, name, span, options, settings: &settings };
    let layout = schema::describe(&source, placed, diagnostics);
    (errors(diagnostics) == before).then_some((layout, settings))
}
