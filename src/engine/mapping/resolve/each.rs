//! Groups and repeats of a target, with the loops that write them.

use super::{Atom, Binding, Resolver, Within};
use crate::mapping::ast::{self, Expr, LoopTail, Path, Reject, Rule, Scope};
use crate::mapping::hir::{BlockItem, EachItem, Item, Loop, LoopId, NodeId, NodeInfo, SourcePath, ValueKind};
use crate::{FieldId, Span};

/// A repeat that is written, and the loops it is written for.
type Streamed = (NodeId, Vec<LoopId>);

impl Resolver<'_> {
    pub(super) fn group(
        &mut self,
        path: &Path,
        when: Option<&Expr>,
        reject: Option<&Reject>,
        block: &[Rule],
        rule: &Rule,
        guards: &[Atom],
    ) -> Option<Item> {
        let within = *self.within.last()?;
        let node = self.target_path(within, path);
        let name = self.sources.slice(path.span).to_owned();
        let id = self.new_rule(Span { end: path.span.end, ..rule.span }, name, rule.remark.clone());
        let mut atoms = guards.to_vec();
        let cond = match when {
            Some(when) => {
                atoms.extend(self.atoms(when));
                self.cond(when).map(Some)
            }
            None => Some(None),
        };
        let reject = reject.map(|it| self.reject(it));
        let node = node?;
        let field = self.trees.get(within.tree)?.node(node).field;
        let tree = self.trees.get_mut(within.tree)?;
        let it = tree.node_mut(node);
        if !it.explicit {
            it.span = path.span;
        }
        it.explicit = true;
        it.reject = it.reject.or(reject);
        if it.guards.is_empty() {
            it.guards.clone_from(&atoms);
        }
        self.within.push(Within { group: node, field, node: None, ..within });
        let items = self.block(block, &atoms);
        self.within.pop();
        Some(Item::Block(BlockItem { rule: id, when: cond?, group: node, reject, items }))
    }

    /// A repeat that is written for each occurrence of a loop.
    pub(crate) fn each(&mut self, it: &Each<'_>, guards: &[Atom]) -> Option<Item> {
        let within = *self.within.last()?;
        if let Some((values, _)) = &it.tail.group_by {
            let span = values.first().map_or(it.span, |it| it.span);
            self.not_built(span, "groups (`group by`)");
        }
        if let Some(number) = &it.tail.at_most {
            self.not_built(number.span, "limits on a loop (`at most`)");
        }
        let node = if it.path.segments.is_empty() { Some(within.group) } else { self.target_path(within, it.path) };
        let known = self.names.len();
        let loops = self.loops(it.loops);
        let name = self.sources.slice(it.path.span).to_owned();
        let id = self.new_rule(Span { end: it.path.span.end.max(it.span.start), ..it.span }, name, None);
        let outer = self.scope;
        if it.is_record {
            self.scope = Scope::Record;
        }
        if let Some(info) = self.hir.rules.get_mut(usize::from(id.0)) {
            info.scope = self.scope;
        }
        let mut atoms = guards.to_vec();
        let guard = match it.guard {
            Some(guard) => {
                atoms.extend(self.atoms(guard));
                self.cond(guard).map(Some)
            }
            None => Some(None),
        };
        let reject = it.reject.map(|it| self.reject(it));
        let result = match (node, loops) {
            (Some(node), Some(loops)) => self.each_items(it, node, loops, &atoms).map(|(items, repeat)| {
                guard.map(|guard| {
                    Item::Each(EachItem { rule: id, loops: repeat.1, node: repeat.0, group: node, guard, reject, items })
                })
            }),
            (Some(node), None) => {
                // What the loop is about is not known, so nothing is said of what its block lacks.
                if let Some(tree) = self.within.last().and_then(|it| self.trees.get_mut(it.tree)) {
                    tree.node_mut(node).failed = true;
                }
                None
            }
            _ => None,
        };
        self.names.truncate(known);
        self.scope = outer;
        result.flatten()
    }

    fn each_items(&mut self, it: &Each<'_>, node: usize, loops: Vec<LoopId>, atoms: &[Atom]) -> Option<(Vec<Item>, Streamed)> {
        let within = *self.within.last()?;
        let field = self.trees.get(within.tree)?.node(node).field;
        let is_root = node == 0;
        self.capacity(it, within.tree, field, &loops, is_root);
        let id = NodeId(u16::try_from(self.hir.nodes.len()).unwrap_or(u16::MAX));
        let is_record = it.is_record;
        self.hir.nodes.push(NodeInfo { tree: within.tree, group: node, loops: loops.clone(), is_record });
        let tree = self.trees.get_mut(within.tree)?;
        let target = tree.node_mut(node);
        if !target.explicit {
            target.span = it.path.span;
        }
        target.explicit = true;
        if target.guards.is_empty() {
            target.guards = atoms.to_vec();
        }
        target.node.get_or_insert(id);
        self.within.push(Within { group: node, field, node: Some(id), ..within });
        if it.is_record {
            self.key_of_repeat(within.tree, id, &loops);
        }
        let whole = loops.last().filter(|_| it.is_pair).and_then(|id| Some((*id, self.hir.loops.get(usize::from(id.0))?.field)));
        if let Some((base, field)) = whole {
            self.pairs.push((SourcePath { field, base: Some(base), picks: Vec::new() }, false));
        }
        let items = self.block(it.block, atoms);
        if whole.is_some() {
            self.pairs.pop();
        }
        self.within.pop();
        Some((items, (id, loops)))
    }

    /// E210 and W504 of a loop.
    fn capacity(&mut self, it: &Each<'_>, tree: usize, field: FieldId, loops: &[LoopId], is_root: bool) {
        let Some(side) = self.trees.get(tree).map(|it| it.side) else { return };
        let (target, source) = (self.schema(side), self.schema(self.source_side()));
        let mut many = Some(1_u32);
        for id in loops {
            let Some(repeat) = self.hir.loops.get(usize::from(id.0)).map(|it| it.field) else { return };
            let max = source.member(repeat).and_then(|it| it.occurs.max);
            many = many.zip(max).and_then(|(a, b)| a.checked_mul(b));
        }
        if is_root || target.type_of(field).members.is_empty() && target.member(field).is_none() {
            return;
        }
        let Some(member) = target.member(field) else { return };
        let room = if member.repeats { member.occurs.max } else { Some(1) };
        if let Some(room) = room
            && many.is_none_or(|it| it > room)
            && it.guard.is_none()
        {
            let have = many.map_or("any number of".to_owned(), |it| format!("up to {it}"));
            let name = member.name.clone();
            let span = it.loops.last().map_or(it.span, |it| it.path.span);
            self.diagnostics
                .error("E210", span, format!("{have} occurrences do not fit into {room}"))
                .label("some would be lost")
                .add_note(format!("`{name}` occurs at most {room} times"))
                .help("say which are taken with `where .. else reject \"..\"`; more than fit then reject");
        }
    }

    /// The loops of an `each`, outermost first; their names are known from here on.
    pub(crate) fn loops(&mut self, loops: &[ast::Loop]) -> Option<Vec<LoopId>> {
        let mut ids = Vec::new();
        for it in loops {
            let value = self.source_path(&it.path)?;
            let ValueKind::Field(path) = value.kind else {
                self.diagnostics.error("E204", it.path.span, "this is not a repeat of the source");
                return None;
            };
            let schema = self.schema(self.source_side());
            if !path.picks.is_empty() {
                self.diagnostics
                    .error("E210", it.path.span, "a loop goes over all occurrences")
                    .help("take one with a path outside of the loop");
                return None;
            }
            if !schema.repeats(path.field) {
                self.diagnostics
                    .error("E210", it.path.span, format!("`{}` is not a repeat", schema.name_of(path.field)))
                    .label("it occurs once at most")
                    .help("write a block with `when .. is present` instead");
                return None;
            }
            if schema.member(path.field).is_some_and(|it| it.occurs.max == Some(1)) {
                let name = schema.name_of(path.field).to_owned();
                self.diagnostics
                    .warning("W504", it.path.span, format!("`{name}` occurs once at most"))
                    .label("the loop runs once at most")
                    .help("leave it so if the schema will grow");
            }
            // Repeats on the way are loops without a name.
            let from = path.base.and_then(|it| self.hir.loops.get(usize::from(it.0)).map(|it| it.field));
            let mut parent = path.base;
            for field in schema.line(path.field) {
                let below = from.is_none_or(|from| field != from && schema.is_within(field, from));
                if below && schema.repeats(field) {
                    let alias = if field == path.field { it.alias.text.clone() } else { String::new() };
                    let or_none = matches!(it.or, Some(ast::LoopOr::None(_))) && field == path.field;
                    let id = LoopId(u16::try_from(self.hir.loops.len()).unwrap_or(u16::MAX));
                    self.hir.loops.push(Loop { field, parent, alias, or_none });
                    ids.push(id);
                    parent = Some(id);
                }
            }
            self.names.push((it.alias.text.clone(), Binding::Loop(*ids.last()?)));
        }
        self.inner_may_be_empty(loops);
        Some(ids)
    }

    /// E213: an inner list that may be empty makes its outer item vanish.
    fn inner_may_be_empty(&mut self, loops: &[ast::Loop]) {
        let schema = self.schema(self.source_side());
        for it in loops.iter().skip(1).filter(|it| it.or.is_none()) {
            let Some(Binding::Loop(id)) = self.binding(&it.alias.text) else { continue };
            let Some(field) = self.hir.loops.get(usize::from(id.0)).map(|it| it.field) else { continue };
            if schema.member(field).is_some_and(|it| it.occurs.min == 0) {
                let name = schema.name_of(field).to_owned();
                let at = it.alias.span.after();
                self.diagnostics
                    .error(
                        "E213",
                        it.path.span,
                        format!("`{name}` may be empty, and then what contains it vanishes without a word"),
                    )
                    .label("may have no occurrence")
                    .fix("say that this is meant:  or skip because \"...\"", at, " or skip because \"nothing to write\"")
                    .help(format!("`or none` there lets it run once, without `{}`", it.alias.text));
            }
        }
    }
}

/// A repeat with its rules, as `write .. each`, `<- each` and `pair each` say it.
pub(crate) struct Each<'r> {
    pub(crate) path: &'r Path,
    pub(crate) loops: &'r [ast::Loop],
    pub(crate) tail: &'r LoopTail,
    pub(crate) guard: Option<&'r Expr>,
    pub(crate) reject: Option<&'r Reject>,
    pub(crate) block: &'r [Rule],
    pub(crate) span: Span,
    /// Of a `write`: a reject is about the record.
    pub(crate) is_record: bool,
    /// Of a `pair each`: the names in it are fields of the occurrence.
    pub(crate) is_pair: bool,
}
