//! A value without sides: an example of the manual.

use super::{Direction, Resolved, Resolver, TargetType, Unit, Want, Within};
use crate::call::Run;
use crate::mapping::ast::{Expr, ExprKind, Link, TypeLit};
use crate::mapping::hir::{NodeId, Value};
use crate::mapping::typed::Typed;
use crate::{Diagnostics, Schema, Sources};

/// A value that stands alone.
#[derive(Debug)]
pub(crate) struct Alone<'e> {
    pub(crate) expr: &'e Expr,
    /// The type of the field it goes to.
    pub(crate) into: Option<&'e TypeLit>,
    /// Whether its adapters are read from right to left, each by its inverse.
    pub(crate) back: bool,
}

/// Resolves a value as a rule of the mapping would; gives what makes it fit for its field, too.
pub(crate) fn resolve_value(
    unit: &Unit,
    alone: &Alone<'_>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<(Resolved, Value, Option<Run>)> {
    let mut resolver = Resolver::new(unit, &[], Direction::Forth, sources, diagnostics);
    resolver.declare();
    // It is the first of a repeat, so that it has a position.
    resolver.within.push(Within { tree: 0, group: 0, field: Schema::ROOT, node: Some(NodeId(0)) });
    let target = alone.into.map(|lit| resolver.target_of(lit));
    let want = Want { target: target.as_ref(), is_lost: false, clean: false };
    let value = match &alone.expr.kind {
        ExprKind::Chain(first, links, None) if alone.back => {
            let mut value = resolver.value(first, want)?;
            for link in links.iter().rev() {
                let Link::Adapter(adapter) = link else { return None };
                value = resolver.two_way_adapter(value, adapter, want, false)?;
            }
            value
        }
        _ => resolver.value(alone.expr, want)?,
    };
    let finish = match &target {
        Some(target) => resolver.assign(&value, target)?.1,
        None => None,
    };
    Some((resolver.resolved(), value, finish))
}

impl Resolver<'_> {
    fn target_of(&mut self, lit: &TypeLit) -> TargetType {
        let typed = Typed::new(self.type_of_lit(lit));
        let name = self.sources.slice(lit.span).to_owned();
        TargetType { typed, occurs: None, name, in_record: true }
    }
}
