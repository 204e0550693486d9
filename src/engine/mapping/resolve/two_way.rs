//! Adapters of two-way lines: read from left to right as they stand, from right to left by their inverses.

use super::each::Each;
use super::law::TwoWayLine;
use super::rule::{Assignment, Begun, wanted};
use super::value::Want;
use super::{Atom, Direction, Resolver, TableWay, Within};
use crate::Span;
use crate::mapping::ast::{
    self, Adapter, Arg, Being, BothRule, Comparison, Expr, ExprKind, LoopTail, PairClause, Path, Rule, Target,
};
use crate::mapping::functions::{self, Site, Way};
use crate::mapping::hir::{BlockItem, Item, Rejection, RuleItem, Value, ValueKind};
use crate::mapping::typed::{Class, Kind, Presence, Typed};

impl Resolver<'_> {
    /// `LEFT <-> RIGHT | adapters`, in the direction one is reading.
    pub(super) fn both(&mut self, both: &BothRule, rule: &Rule, guards: &[Atom]) -> Option<Item> {
        let forth = self.direction == super::Direction::Forth;
        let (from, to) = if forth { (&both.left, &both.right) } else { (&both.right, &both.left) };
        let Begun { rule: id, nodes, targets } = self.begun(to, rule.span, rule.remark.as_ref())?;
        let mut atoms = guards.to_vec();
        let when = match &both.when {
            Some(when) => {
                atoms.extend(self.atoms(when));
                Some(self.cond(when)?)
            }
            None => None,
        };
        self.first_read = None;
        let value = self.both_value(both, wanted(&targets));
        let source = self.first_read;
        // Absent and blank are each other's image in the texts of a record.
        let is_record_text = targets.iter().flatten().all(|it| it.in_record && it.typed.as_text().is_some());
        let value = value.map(|it| {
            let presence = if is_record_text { it.typed.presence.min(Presence::MayBeBlank) } else { it.typed.presence };
            Value { typed: Typed { presence, ..it.typed }, ..it }
        });
        // The value is there when the one field is that it comes from; what a table gives is not.
        let asks_table = both.adapters.iter().any(|it| self.tables.contains_key(&it.name.text));
        let kind = match from.only() {
            Some(path) if !asks_table => ExprKind::Path(path.clone()),
            _ => ExprKind::None,
        };
        let expr = Expr { kind, span: from.span };
        let it = Assignment { target: to, value: &expr, when: both.when.as_ref(), span: rule.span, remark: rule.remark.as_ref() };
        let resolved = self.assigned(value, &nodes, &targets, &atoms, &it);
        let (value, targets) = self.ended(id, source, &nodes, resolved)?;
        Some(Item::Rule(RuleItem { rule: id, when, targets, value }))
    }

    /// What a line gives in the direction one is reading, its `else` of that direction included.
    pub(super) fn both_value(&mut self, both: &BothRule, want: Want<'_>) -> Option<Value> {
        let forth = self.direction == super::Direction::Forth;
        let (from, otherwise) = if forth { (&both.left, &both.else_right) } else { (&both.right, &both.else_left) };
        let value = self.two_way_value(from, &both.adapters, want, forth);
        self.note_line(from, both, otherwise.as_ref());
        let value = value?;
        let Some(otherwise) = otherwise else { return Some(value) };
        let other = self.value(otherwise, want)?;
        let typed = Typed { presence: other.typed.presence.min(value.typed.presence), ..value.typed.join(&other.typed)? };
        let span = value.span;
        let alternative = crate::mapping::hir::Alternative::Value(Box::new(other));
        Some(Value { kind: ValueKind::Else(Box::new(value), alternative), typed, span })
    }

    /// Keeps a line for the laws.
    fn note_line(&mut self, from: &Target, both: &BothRule, otherwise: Option<&Expr>) {
        let known = self.diagnostics.len();
        let fields = from.paths.iter().filter_map(|path| match self.source_path(path)?.kind {
            ValueKind::Field(path) => Some(path.field),
            _ => None,
        });
        let from = fields.collect();
        self.diagnostics.truncate(known);
        let otherwise = otherwise.map(|it| it.span);
        self.two_way_lines.push(TwoWayLine { from, adapters: both.adapters.clone(), otherwise });
    }

    /// The value of a two-way line: the chain forth, its inverse back.
    fn two_way_value(&mut self, from: &Target, adapters: &[Adapter], want: Want<'_>, forth: bool) -> Option<Value> {
        let asks_table = adapters.iter().any(|it| self.tables.contains_key(&it.name.text));
        let inner = Want { clean: want.clean && !asks_table, ..want };
        let values: Vec<_> = from
            .paths
            .iter()
            .map(|path| {
                let value = self.source_path(path)?;
                Some(if inner.clean { self.clean(value) } else { value })
            })
            .collect::<Option<_>>()?;
        let mut value = match values.len() {
            1 => values.into_iter().next()?,
            _ => {
                let parts = values.iter().map(|it| it.typed.clone()).collect();
                let typed = Typed { class: Class::Exact, ..Typed::of_kind(Kind::Tuple(parts)) };
                Value { kind: ValueKind::Tuple(values), typed, span: from.span }
            }
        };
        let order: Vec<&Adapter> = if forth { adapters.iter().collect() } else { adapters.iter().rev().collect() };
        for adapter in order {
            value = self.two_way_adapter(value, adapter, want, forth)?;
        }
        Some(value)
    }

    /// `pair A with B { .. }`: the target side's group, in the direction one is reading.
    pub(crate) fn pair(&mut self, pair: &PairClause, span: Span, guards: &[Atom], items: &mut Vec<Item>) {
        let forth = self.direction == super::Direction::Forth;
        let (source, target) = if forth { (&pair.left, &pair.right) } else { (&pair.right, &pair.left) };
        let Some(within) = self.within.last().copied() else { return };
        if pair.each {
            // A name that no author can write.
            let alias = ast::Name { text: format!("pair {}", self.names.len()), span: source.span };
            let loops = [ast::Loop { path: source.clone(), alias, or: None }];
            let tail = LoopTail::default();
            let (guard, reject, is_record, is_pair) = (None, None, true, true);
            let each =
                Each { path: target, loops: &loops, tail: &tail, guard, reject, block: &pair.block, span, is_record, is_pair };
            items.extend(self.each(&each, guards));
            return;
        }
        let Some(Value { kind: ValueKind::Field(mut from), .. }) = self.source_path(source) else { return };
        if self.schema(self.source_side()).repeats(from.field) {
            from.picks.push((from.field, 0));
        }
        let Some(node) = self.target_path(within, target) else { return };
        let Some(field) = self.trees.get(within.tree).map(|it| it.node(node).field) else { return };
        if let Some(tree) = self.trees.get_mut(within.tree) {
            let it = tree.node_mut(node);
            it.explicit = true;
            it.span = target.span;
        }
        let id = self.new_rule(
            Span { end: target.span.end.max(source.span.end), ..span },
            self.sources.slice(target.span).to_owned(),
            None,
        );
        self.within.push(Within { group: node, field, node: None, ..within });
        self.pairs.push((from, true));
        let inner = self.block(&pair.block, guards);
        self.pairs.pop();
        self.within.pop();
        items.push(Item::Block(BlockItem { rule: id, when: None, group: node, reject: None, items: inner }));
    }

    /// `LEFT = constant` in a pair, read from left to right: what has another value there is refused.
    pub(super) fn expected(&mut self, path: &Path, value: &Expr, span: Span) -> Option<Item> {
        let field = Box::new(Expr { kind: ExprKind::Path(path.clone()), span: path.span });
        let (kind, words) = match &value.kind {
            ExprKind::Blank => (ExprKind::Is(field, Being::Present, false), "blank".to_owned()),
            _ => {
                let equal = ExprKind::Compare(Comparison::Equal, field, Box::new(value.clone()));
                (ExprKind::Not(Box::new(Expr { kind: equal, span })), self.sources.slice(value.span).to_owned())
            }
        };
        let name = self.sources.slice(path.span).to_owned();
        let text = Some(format!("`{name}` is not {words}"));
        let id = self.new_rule(span, name, None);
        // What is wrong with the constant is said where it is written.
        let known = self.diagnostics.len();
        let when = self.cond(&Expr { kind, span });
        self.diagnostics.truncate(known);
        let reject = self.new_reject(Rejection { scope: None, code: "NARR".to_owned(), text });
        Some(Item::Refuse { rule: id, when: when?, reject })
    }

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
