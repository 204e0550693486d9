//! Aggregates: what they go over, in the source or in what was written.

use super::Resolver;
use super::value::Want;
use crate::mapping::ast::{self, Expr, ExprKind, Path};
use crate::mapping::hir::{Fold, FoldId, FoldKind, FoldOver, NodeId, Value, ValueKind};
use crate::mapping::typed::{Kind, Typed};
use crate::{Span, Type};

impl Resolver<'_> {
    /// What an aggregate goes over.
    pub(crate) fn over(&mut self, expr: &Expr) -> Option<Over> {
        let (path, links) = match &expr.kind {
            ExprKind::Written(path) => (path, None),
            ExprKind::Chain(first, links, _) => match &first.kind {
                ExprKind::Written(path) => (path, Some(links)),
                _ => return self.over_source(expr),
            },
            _ => return self.over_source(expr),
        };
        if let Some(link) = links.and_then(|it| it.first()) {
            if let (ast::Link::Adapter(adapter), [_]) = (link, links.map_or(&[][..], |it| it.as_slice()))
                && adapter.name.text == "amount"
            {
                return self.over_written(path, expr.span, true);
            }
            self.not_built(expr.span, "adapters on what was written (but `| amount`)");
            return None;
        }
        self.over_written(path, expr.span, false)
    }

    fn over_source(&mut self, expr: &Expr) -> Option<Over> {
        let value = self.value(expr, Want::PLAIN)?;
        if value.typed.many.is_none() {
            self.diagnostics
                .error("E210", expr.span, "this is one value, not a repeat")
                .label(value.typed.describe())
                .help("use the value itself");
            return None;
        }
        Some(Over::Source(value))
    }

    /// `written P`: from a target side, else below the nearest enclosing target, going outwards.
    fn over_written(&mut self, path: &Path, span: Span, number_only: bool) -> Option<Over> {
        let (tree, start, rest) = self.written_start(path)?;
        let side = self.trees.get(tree)?.side;
        let schema = self.schema(side);
        let (mut at, mut field) = (start, self.trees.get(tree)?.node(start).field);
        let mut repeat: Option<(NodeId, usize)> = None;
        for segment in rest {
            let Some(child) = schema.child(field, &segment.name.text) else {
                self.unknown_field(side, field, segment);
                return None;
            };
            let known = self.trees.get(tree)?.children_of(at, child).next();
            let Some(node) = known else {
                self.diagnostics
                    .error("E101", segment.name.span, format!("no rule writes `{}`", segment.name.text))
                    .label("nothing of it is written")
                    .help("name a field that a rule of this mapping writes");
                return None;
            };
            (at, field) = (node, child);
            if let Some(id) = self.trees.get(tree)?.node(node).node {
                repeat = Some((id, node));
            }
        }
        let leaf = self.written.get(&(tree, at)).cloned().map(|typed| match typed.value() {
            Some(Type::Amount(number)) if number_only => typed.with(Type::Number(number.clone())),
            _ => typed,
        });
        match (repeat, leaf) {
            (Some((id, node)), leaf) if node == at && leaf.is_none() => {
                let many = Some(self.many_of(id));
                Some(Over::Written { node: id, leaf: None, typed: Typed { many, ..Typed::of_kind(Kind::Group) }, span })
            }
            (Some((id, _)), Some(typed)) => {
                let many = Some(self.many_of(id));
                Some(Over::Written { node: id, leaf: Some((at, number_only)), typed: Typed { many, ..typed }, span })
            }
            // A list that the same occurrence writes.
            (None, Some(typed)) if typed.many.is_some() => Some(Over::Here { leaf: at, typed, span }),
            _ => {
                if self.trees.get(tree).is_some_and(|it| it.has_failed(at)) {
                    return None;
                }
                self.diagnostics.error("E210", span, "this is written once, not repeatedly").help("use the value itself");
                None
            }
        }
    }

    fn many_of(&self, id: NodeId) -> crate::Occurs {
        let schema = self.schema(self.source_side());
        let mut max = Some(1_u32);
        for it in self.hir.nodes.get(usize::from(id.0)).into_iter().flat_map(|it| &it.loops) {
            let most = self.hir.loops.get(usize::from(it.0)).and_then(|it| schema.member(it.field)).and_then(|it| it.occurs.max);
            max = max.zip(most).and_then(|(a, b)| a.checked_mul(b));
        }
        crate::Occurs { min: 0, max }
    }

    fn written_start<'p>(&mut self, path: &'p Path) -> Option<(usize, usize, &'p [ast::Segment])> {
        let first = path.segments.first()?;
        let tree = self.trees.iter().position(|it| self.sides.get(it.side).is_some_and(|it| it.alias == first.name.text));
        if let Some(tree) = tree {
            return Some((tree, 0, path.segments.get(1..)?));
        }
        for within in self.within.clone().iter().rev() {
            let schema = self.schema(self.trees.get(within.tree)?.side);
            if schema.child(within.field, &first.name.text).is_some() {
                return Some((within.tree, within.group, &path.segments));
            }
        }
        let within = self.within.last().copied()?;
        let side = self.trees.get(within.tree)?.side;
        self.unknown_field(side, within.field, first);
        None
    }

    /// A new accumulator, or the one that does the same already.
    pub(crate) fn fold(&mut self, kind: FoldKind, over: Over, typed: Typed, span: Span) -> Value {
        let over = match over {
            Over::Source(value) => FoldOver::Source(Box::new(value)),
            Over::Written { node, leaf, .. } => FoldOver::Written(node, leaf),
            Over::Here { leaf, typed: list, .. } => {
                let value = Value { kind: ValueKind::Written(leaf), typed: list, span };
                FoldOver::Source(Box::new(value))
            }
        };
        let id = FoldId(u16::try_from(self.hir.folds.len()).unwrap_or(u16::MAX));
        self.hir.folds.push(Fold { kind, over, rule: self.rule });
        Value { kind: ValueKind::Fold(id), typed, span }
    }
}

/// What an aggregate goes over.
#[derive(Debug)]
pub(crate) enum Over {
    /// A list of the source.
    Source(Value),
    /// What was written of a repeat: the occurrences themselves, or the values of a leaf in them.
    Written { node: NodeId, leaf: Option<(usize, bool)>, typed: Typed, span: Span },
    /// A list that another rule of the same occurrence writes.
    Here { leaf: usize, typed: Typed, span: Span },
}

impl Over {
    /// What is known of the values.
    pub(crate) fn typed(&self) -> &Typed {
        match self {
            Over::Source(value) => &value.typed,
            Over::Written { typed, .. } | Over::Here { typed, .. } => typed,
        }
    }

    /// The kind of one value.
    pub(crate) fn operand(&self) -> &Kind {
        &self.typed().kind
    }

    /// The most values there can be.
    pub(crate) fn most(&self) -> Option<u32> {
        self.typed().many.and_then(|it| it.max)
    }

    /// Where it is named.
    pub(crate) fn span(&self) -> Span {
        match self {
            Over::Source(value) => value.span,
            Over::Written { span, .. } | Over::Here { span, .. } => *span,
        }
    }

    /// Says that the values are no numbers.
    pub(crate) fn not_numbers<T>(&self, site: &mut crate::mapping::functions::Site<'_, '_>) -> Option<T> {
        let value = Value { kind: ValueKind::Nothing, typed: self.typed().clone(), span: self.span() };
        site.wrong_kind(&value, "numbers", "make them numbers first:  | decimal")
    }
}
