//! Coverage: every field of the source is read, or ignored in so many words.

use super::Resolver;
use crate::mapping::ast::{Path, SectionKind};
use crate::mapping::typed::Typed;
use crate::plan::Coverage;
use crate::{FieldId, Schema};
use std::collections::HashSet;

/// A leaf that nothing reads is told with so many others.
const TOLD_MAX: usize = 20;

impl Resolver<'_> {
    /// `ignore PATH because "..."`
    pub(crate) fn ignore(&mut self, path: &Path) {
        let Some(side) = self.sides.iter().position(|it| it.alias == path.first()) else {
            let known: Vec<_> = self.sides.iter().map(|it| it.alias.clone()).collect();
            self.diagnostics
                .error("E100", path.span, format!("there is no side `{}`", path.first()))
                .help(format!("a path begins with one of: {}", known.join(", ")));
            return;
        };
        if let Some(field) = self.plain_field(side, path)
            && side == self.source_side()
        {
            self.covered.insert(field);
        }
    }

    /// E701.
    pub(crate) fn check_coverage(&mut self) {
        if self.unit.ast.broken {
            return;
        }
        let source = self.source_side();
        let schema = self.schema(source);
        if self.covered.contains(&self.root(source)) {
            return;
        }
        let mut leaves = 0_usize;
        let mut missing = Vec::new();
        self.visit(&schema, self.root(source), &mut HashSet::new(), &mut |field, covered| {
            leaves += 1;
            if !covered && missing.len() <= TOLD_MAX * 500 {
                missing.push(field);
            }
        });
        if missing.is_empty() {
            return;
        }
        let Some(side) = self.sides.get(source) else { return };
        let (alias, span) = (side.alias.clone(), side.span);
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let message = format!("{} of {leaves} source fields {verb} neither mapped nor ignored", missing.len());
        let told: Vec<_> =
            missing.iter().take(TOLD_MAX).map(|it| (schema.path(*it), Typed::of_field(&schema, *it).describe())).collect();
        let end = self.unit.ast.sections.iter().rfind(|it| !matches!(it.kind, SectionKind::Test(_))).map_or(span, |it| it.span);
        let edit: String =
            missing.iter().map(|it| format!("\nignore {} because \"not needed\"", self.ignorable(&schema, *it))).collect();
        let diagnostic = self.diagnostics.error("E701", span, message);
        diagnostic.label("data would be dropped without a word");
        for (path, described) in &told {
            diagnostic.add_note(format!("{alias}:{path}   {described}"));
        }
        if missing.len() > told.len() {
            diagnostic.add_note(format!("and {} more", missing.len() - told.len()));
        }
        diagnostic
            .fix(format!("map them, or write:  ignore {alias}/... because \"...\""), end.after(), format!("\n{edit}\n"))
            .at_the_end();
    }

    /// How many leaves the source has at and below its root, how many are read, how many are ignored in so many words.
    pub(crate) fn coverage(&self) -> Coverage {
        let source = self.source_side();
        let schema = self.schema(source);
        let mut coverage = Coverage::default();
        self.visit(&schema, self.root(source), &mut HashSet::new(), &mut |field, covered| {
            coverage.fields += 1;
            let is_read = self.read.contains(&field);
            coverage.read += usize::from(is_read);
            coverage.ignored += usize::from(covered && !is_read);
        });
        coverage
    }

    /// A path as an `ignore` names it.
    fn ignorable(&self, schema: &Schema, field: FieldId) -> String {
        let source = self.source_side();
        let alias = self.sides.get(source).map_or("", |it| it.alias.as_str());
        let line = schema.line(field);
        let skipped = schema.line(self.root(source)).len();
        let names: Vec<_> = line.into_iter().skip(skipped).map(|it| schema.name_of(it)).collect();
        let quote = |it: &&str| if crate::mapping::is_plain_name(it) { (*it).to_owned() } else { format!("`{it}`") };
        let names: Vec<_> = names.iter().map(quote).collect();
        if names.is_empty() { format!("{alias}/**") } else { format!("{alias}/{}", names.join("/")) }
    }

    /// Visits the leaves at and below a field, each with whether it is covered; types within themselves are entered once.
    fn visit(&self, schema: &Schema, field: FieldId, open: &mut HashSet<crate::TypeId>, each: &mut dyn FnMut(FieldId, bool)) {
        if self.covered.contains(&field) {
            // Its leaves count, but none is missing.
            self.count(schema, field, open, each);
            return;
        }
        let kind = schema.type_id(field);
        let def = schema.type_of(field);
        let is_leaf = !matches!(def.kind, crate::Kind::Group | crate::Kind::Choice);
        if is_leaf && field != Schema::ROOT {
            each(field, self.read.contains(&field));
        }
        if def.members.is_empty() || !open.insert(kind) {
            return;
        }
        for child in schema.children(field) {
            let skipped = schema.member(child).is_some_and(|it| it.filler || it.kept_by_engine);
            if !skipped {
                self.visit(schema, child, open, each);
            }
        }
        open.remove(&kind);
    }

    fn count(&self, schema: &Schema, field: FieldId, open: &mut HashSet<crate::TypeId>, each: &mut dyn FnMut(FieldId, bool)) {
        let kind = schema.type_id(field);
        let def = schema.type_of(field);
        if !matches!(def.kind, crate::Kind::Group | crate::Kind::Choice) {
            each(field, true);
        }
        if def.members.is_empty() || !open.insert(kind) {
            return;
        }
        for child in schema.children(field) {
            self.count(schema, child, open, each);
        }
        open.remove(&kind);
    }
}
