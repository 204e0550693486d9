//! Adapters of two-way lines: read from left to right as they stand, from right to left by their inverses.

use super::value::Want;
use super::{Resolver, TableWay};
use crate::mapping::ast::Adapter;
use crate::mapping::functions::{self, Site, Way};
use crate::mapping::hir::{Value, ValueKind};
use crate::mapping::typed::{Presence, Typed};

impl Resolver<'_> {
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
