//! A schema file -> types and layout: which part of which file is the schema of a message.

use crate::{files::Files, frame::Framing, keywords::Dialect, layout::Layout, resolve::Resolver, schema, tree::NodeId};
use latimer_engine::{Diagnostics, FileId, Limits, Options, Schema, Sources, Span};

/// Types and layout of a file; `None` where a diagnostic says why not.
pub(crate) fn compile(
    sources: &Sources,
    file: FileId,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<(Schema, Layout)> {
    let bytes_max = Limits::default().schema_bytes_max;
    if sources.text(file).len() as u64 > bytes_max {
        let span = Span { end: 0, ..sources.span(file) };
        diagnostics
            .error("S109", span, format!("the file has more than {bytes_max} bytes"))
            .label("this file")
            .help("leave out what the messages do not have");
        return None;
    }
    let had_errors = diagnostics.iter().filter(|it| it.severity == latimer_engine::Severity::Error).count();
    let mut files = Files::new(sources);
    let Some(root) = files.load(file, Dialect::NEW, diagnostics) else {
        // A file without a value is YAML without a mistake.
        if diagnostics.iter().filter(|it| it.severity == latimer_engine::Severity::Error).count() == had_errors {
            let span = Span { end: 0, ..sources.span(file) };
            diagnostics
                .error("S101", span, "the schema is empty")
                .label("nothing stands here")
                .help("write `{}` for a schema that allows everything");
        }
        return None;
    };
    let (node, name) = start(&files, root, file, sources, options, diagnostics)?;
    let resolver = Resolver::new(files, diagnostics);
    let made = schema::build(resolver, vec![node], sources.name(file), &name);
    let has_errors = diagnostics.iter().filter(|it| it.severity == latimer_engine::Severity::Error).count();
    (has_errors == had_errors).then_some(made)
}

/// The schema of a message within the file, and what its type is called.
fn start(
    files: &Files<'_>,
    root: NodeId,
    file: FileId,
    sources: &Sources,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<(NodeId, String)> {
    let stem = sources.name(file).split('.').next().unwrap_or_default().to_owned();
    let fragment = options.fragment.trim_start_matches('#');
    let is_openapi = files.forest.entry(root, "openapi").is_some();
    let schemas = || files.forest.pointer(root, "/components/schemas");
    let names = |of: Option<NodeId>| {
        let entries = of.map(|it| files.forest.entries(it)).unwrap_or_default();
        entries.iter().map(|it| it.name.as_str()).take(12).collect::<Vec<_>>().join(", ")
    };
    let span = options.span.unwrap_or(Span { end: 0, ..sources.span(file) });
    if fragment.is_empty() {
        if !is_openapi {
            return Some((root, stem));
        }
        diagnostics.error("S110", span, "an OpenAPI document has many schemas").label("which one is a message?").help(format!(
            "write `{}#/components/schemas/NAME`, NAME being {}",
            sources.name(file),
            names(schemas())
        ));
        return None;
    }
    match files.fragment(root, fragment) {
        Some(node) => Some((node, fragment.rsplit('/').next().unwrap_or(&stem).to_owned())),
        None => {
            let parent = fragment.rsplit_once('/').map_or("", |(parent, _)| parent);
            let siblings = names(files.fragment(root, parent));
            let error = diagnostics.error("S110", span, format!("`{}` has no `#{fragment}`", sources.name(file)));
            error.label("this leads nowhere");
            if siblings.is_empty() {
                error.help("write `#/components/schemas/NAME` for a schema of an OpenAPI document");
            } else {
                error.help(format!("there is {siblings}"));
            }
            None
        }
    }
}

/// How messages follow each other, as the options say.
pub(crate) fn framing(options: &Options, diagnostics: &mut Diagnostics) -> Option<Framing> {
    let Some(option) = options.get("framing") else { return Some(Framing::Document) };
    let framing = match option.words.as_slice() {
        [word] => Framing::named(word),
        _ => None,
    };
    if framing.is_none() {
        diagnostics
            .error("E003", option.span, "`framing` of JSON is `document`, `lines` or `array`")
            .label("this is something else")
            .fix("values with blanks between them", option.span, "framing document");
    }
    framing
}
