//! Fixed-width mainframe records, described by a COBOL copybook.
//!
//! ```text
//! copybook --lex, copy--> words --copybook--> items --place--> nodes (bytes) --schema--> Schema (names, types)
//! ```

#![deny(clippy::disallowed_methods)]

mod copy;
mod copybook;
mod layout;
mod lex;
mod names;
mod options;
mod picture;
mod place;
mod schema;
mod select;
mod spelling;

#[cfg(test)]
mod corpus;

use latimer_engine::{Diagnostics, FileId, Options, Sources};
use layout::Layout;

/// From text to layout; `None` after an error.
fn compile(
    sources: &Sources,
    file: FileId,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Layout> {
    let before = diagnostics.iter().filter(|it| it.severity == latimer_engine::Severity::Error).count();
    let span = sources.span(file);
    let settings = options::read(options, latimer_engine::Span { end: 0, ..span }, diagnostics);
    let tokens = copy::expand(sources, file, diagnostics);
    let items = copybook::parse(&tokens, diagnostics);
    if items.is_empty() {
        diagnostics.error("S301", span, "the copybook describes nothing").label("no level number");
    }
    let settings = settings?;
    let name = sources.name(file);
    let stem = name.split('.').next().unwrap_or(name);
    let placed = place::place(&items, stem, &settings, diagnostics);
    let source = schema::Source { items: &items, name, span, options, settings: &settings };
    let layout = schema::describe(&source, placed, diagnostics);
    let after = diagnostics.iter().filter(|it| it.severity == latimer_engine::Severity::Error).count();
    (after == before).then_some(layout)
}
