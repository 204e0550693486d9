//! Adapters of two-way lines: read from left to right as they stand, from right to left by their inverses.

use super::value::Want;
use super::{Direction, Resolver, TableWay};
use crate::mapping::ast::{Adapter, Arg, Expr, ExprKind, Path};
use crate::mapping::functions::{self, Site, Way};
use crate::mapping::hir::{Value, ValueKind};
use crate::mapping::typed::{Presence, Typed};

impl Resolver<'_> {
    /// The adapter, with every argument that is a field of the side one writes replaced by the other end of that field's line.
    fn with_other_ends(&mut self, adapter: &Adapter) -> Option<Adapter> {
        let args = adapter.args.iter().map(|arg| {
            let ExprKind::Path(path) = &arg.value.kind else { return Some(arg.clone()) };
            let other = self.other_end(path, arg.name.as_ref().is_some_and(|it| it.text == "year-near"))?;
            Some(Arg { value: Expr { kind: ExprKind::Path(other), ..arg.value }, ..arg.clone() })
        });
        Some(Adapter { args: args.collect::<Option<_>>()?, ..adapter.clone() })
    }

    /// Where a field can be read in the direction one is reading; E605 where it cannot.
    fn other_end(&mut self, path: &Path, is_only_forth: bool) -> Option<Path> {
        let first = path.segments.first()?;
        let Some(start) = self.pair_start(first) else { return Some(path.clone()) };
        let same = |it: &Path| self.sources.slice(it.span) == self.sources.slice(path.span);
        if is_only_forth || self.is_below(&start, first) || first.name.text == "." {
            return Some(path.clone());
        }
        let forth = self.direction == Direction::Forth;
        let ends = self.lines.iter().rev().map(|(left, right)| if forth { (right, left) } else { (left, right) });
        let other = ends.into_iter().find(|(written, _)| same(written)).map(|(_, read)| read.clone());
        let is_field = self.within.last().is_some_and(|within| {
            let side = self.trees.get(within.tree).map(|it| it.side);
            side.is_some_and(|side| self.schema(side).child(within.field, &first.name.text).is_some())
        });
        if other.is_none() && is_field {
            let words = self.sources.slice(path.span).to_owned();
            self.diagnostics
                .error("E605", path.span, format!("`{words}` is not known in the other direction"))
                .label("a field of the side that is written then")
                .help(format!("give it a two-way line of its own:  {words} <-> .."));
            return None;
        }
        Some(other.unwrap_or_else(|| path.clone()))
    }

    /// One adapter of a two-way line.
    pub(crate) fn two_way_adapter(&mut self, input: Value, adapter: &Adapter, want: Want<'_>, forth: bool) -> Option<Value> {
        let name = &adapter.name.text;
        let label = format!("| {}", self.sources.slice(adapter.span));
        if self.tables.contains_key(name) {
            let way = if forth { TableWay::Forth } else { TableWay::Back };
            return self.table_way(input, adapter, label, way);
        }
        if let Some(function) = functions::find(name)
            && function.way != Way::Both
        {
            self.diagnostics
                .error("E603", adapter.name.span, format!("`{name}` cannot be undone, so it cannot stand in a two-way line"))
                .label("works one way only")
                .help("write the two directions as two lines:  LEFT <- ..   and   .. -> RIGHT");
            return None;
        }
        let adapter = &self.with_other_ends(adapter)?;
        if forth {
            let span = input.span;
            return self.adapter(input, adapter, span, want);
        }
        let Some(function) = functions::find(name) else {
            let span = input.span;
            return self.adapter(input, adapter, span, want);
        };
        let span = input.span.to(adapter.span);
        let each = input.typed.many.is_some() && !function.takes_list;
        let (many, presence) = (input.typed.many, input.typed.presence);
        let input =
            if each { Value { typed: Typed { many: None, presence: Presence::Always, ..input.typed }, ..input } } else { input };
        let mut site = Site::new(self, function, &adapter.name, &adapter.args, want);
        site.label = format!("{label} (back)");
        site.span = span;
        site.input = Some(input);
        site.back = true;
        let mut value = (function.check)(&mut site)?;
        if each {
            value.typed.many = many;
            value.typed.presence = presence;
            if let ValueKind::Call(call) = &mut value.kind {
                call.each = true;
            }
        }
        Some(value)
    }
}
