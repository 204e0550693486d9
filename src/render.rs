//! Diagnostics and faults as people read them, and as programs do.

use crate::engine::plan::Coverage;
use crate::engine::{Diagnostic, Diagnostics, Severity, Sources, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

/// A line is shown whole, however long it is.
const WIDTH: usize = 100_000;

/// One diagnostic in rustc's manner.
pub fn diagnostic(sources: &Sources, diagnostic: &Diagnostic, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let text = sources.text(diagnostic.span.file);
    let range = |span: Span| {
        let end = (span.end as usize).min(text.len());
        (span.start as usize).min(end)..end
    };
    let mut caret = AnnotationKind::Primary.span(range(diagnostic.span));
    if !diagnostic.label.is_empty() {
        caret = caret.label(diagnostic.label.as_str());
    }
    let mut snippet = Snippet::source(text).path(sources.path(diagnostic.span.file)).annotation(caret);
    for (span, label) in diagnostic.others.iter().filter(|(span, _)| span.file == diagnostic.span.file) {
        snippet = snippet.annotation(AnnotationKind::Context.span(range(*span)).label(label.as_str()));
    }
    let mut group = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code)).element(snippet);
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for help in &diagnostic.helps {
        group = group.element(Level::HELP.message(help.text.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group]).to_string()
}

/// All of them, an empty line between two.
pub fn diagnostics(sources: &Sources, all: &Diagnostics, color: bool) -> String {
    let mut text = String::new();
    for it in all.iter() {
        text.push_str(&diagnostic(sources, it, color));
        text.push_str("\n\n");
    }
    text
}

/// A diagnostic as one JSON object.
pub fn diagnostic_json(sources: &Sources, it: &Diagnostic) -> Value {
    let place = |span: Span| {
        let start = sources.position(span);
        let end = sources.position(span.after());
        json!({ "file": sources.path(span.file), "line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column })
    };
    let helps: Vec<Value> = it
        .helps
        .iter()
        .map(|help| match &help.edit {
            Some(edit) => json!({ "text": help.text, "edit": { "place": place(edit.span), "text": edit.text } }),
            None => json!({ "text": help.text }),
        })
        .collect();
    json!({
        "code": it.code,
        "severity": it.severity.name(),
        "message": it.message,
        "place": place(it.span),
        "label": it.label,
        "notes": it.notes,
        "helps": helps,
    })
}

/// All diagnostics as one SARIF 2.1.0 log, for code review tools.
pub fn sarif(found: &[(Sources, Diagnostics)]) -> Value {
    let region = |sources: &Sources, span: Span| {
        let (start, end) = (sources.position(span), sources.position(span.after()));
        json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
    };
    let mut results = Vec::new();
    for (sources, diagnostics) in found {
        for it in diagnostics.iter() {
            let level = it.severity.name();
            let uri = sources.path(it.span.file);
            let fixes: Vec<Value> = it
                .helps
                .iter()
                .filter_map(|help| {
                    let edit = help.edit.as_ref()?;
                    let change = json!({ "deletedRegion": region(sources, edit.span), "insertedContent": { "text": edit.text } });
                    let file = json!({ "artifactLocation": { "uri": sources.path(edit.span.file) }, "replacements": [change] });
                    Some(json!({ "description": { "text": help.text }, "artifactChanges": [file] }))
                })
                .collect();
            let location =
                json!({ "physicalLocation": { "artifactLocation": { "uri": uri }, "region": region(sources, it.span) } });
            results.push(json!({
                "ruleId": it.code,
                "level": level,
                "message": { "text": it.message },
                "locations": [location],
                "fixes": fixes,
            }));
        }
    }
    let driver = json!({ "name": "latimer", "version": env!("CARGO_PKG_VERSION") });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "results": results }],
    })
}

/// What each rule does: coverage, loss classes, memory class, files found.
pub fn report(loaded: &crate::catalog::Loaded) -> String {
    let Some(plans) = &loaded.plans else { return String::new() };
    let mut text = String::new();
    for plan in [Some(&plans.forth), plans.back.as_ref()].into_iter().flatten() {
        text.push_str(&report_of(plan, loaded));
    }
    text.push_str("files\n");
    for (name, path) in &loaded.found {
        text.push_str(&format!("  {name:<32} {path}\n"));
    }
    text.trim_end().to_owned()
}

fn report_of(plan: &crate::engine::plan::Plan, loaded: &crate::catalog::Loaded) -> String {
    let mut text = format!("{} {}\n", plan.name, plan.version);
    let mut rules: Vec<_> = plan.rules.iter().filter(|it| it.target.is_some()).collect();
    rules.sort_by_key(|it| it.order);
    let mut classes = std::collections::BTreeMap::new();
    for rule in rules {
        *classes.entry(rule.class).or_insert(0) += 1;
        let line = loaded.sources.position(rule.span).line;
        let remark = rule.remark.as_deref().map(|it| format!("   ## {it}")).unwrap_or_default();
        text.push_str(&format!("  {line:>4}  {:<10} {}{remark}\n", rule.class, rule.name));
    }
    let classes: Vec<String> = classes.iter().map(|(class, count)| format!("{count} {class}")).collect();
    text.push_str(&format!("  loss classes: {}\n", classes.join(", ")));
    let Coverage { fields, read, ignored } = plan.coverage;
    text.push_str(&format!("  source fields: {fields}, read {read}, ignored or copied {ignored}\n"));
    let memory = match (plan.cut.is_empty(), plan.reads_twice) {
        (true, _) => "one message at a time".to_owned(),
        (false, false) => "constant: the source streams".to_owned(),
        (false, true) => "constant: the source streams and is read twice".to_owned(),
    };
    text.push_str(&format!("  memory: {memory}\n"));
    text
}
