//! Items to steps: rules, blocks, repeats within a section.

use super::Lowerer;
use super::emit::{Code, Required, is_ordered, may_be_blank};
use crate::mapping::hir::{BlockItem, EachItem, Item, LoopId, RuleItem, TargetLeaf, Value, ValueKind};
use crate::mapping::resolve::{mandatory, may_be_empty};
use crate::plan::{LoopStep, Mark, Step};
use crate::{FaultCode, Place, RuleId};

/// The three stretches of a node's steps.
#[derive(Debug)]
pub(super) struct Codes {
    /// Before its streams; all of it where it has none.
    pub(super) open: Code,
    /// In the order of the records.
    pub(super) ordered: Code,
    /// Behind its streams.
    pub(super) close: Code,
    /// Rules that read what others of the same occurrence wrote, with the conditions around them.
    later: Vec<(RuleItem, Vec<Place>)>,
    /// The conditions one is within.
    around: Vec<Place>,
    /// The tree node of the repeat or target they belong to.
    group: usize,
    /// Whether positions and sequences come after everything else.
    splits_order: bool,
    /// Repeats of the target that stream, to be nodes of their own.
    pub(super) streams: Vec<(EachItem, Vec<Place>)>,
    /// The conditions of the `write`s of a target.
    pub(super) applies: Vec<Place>,
}

/// Which stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    Open,
    Ordered,
    Close,
}

impl Codes {
    pub(super) fn new(code: impl Fn() -> Code, group: usize, splits_order: bool) -> Self {
        let (open, ordered, close) = (code(), code(), code());
        Codes {
            open,
            ordered,
            close,
            later: Vec::new(),
            around: Vec::new(),
            group,
            splits_order,
            streams: Vec::new(),
            applies: Vec::new(),
        }
    }

    fn code(&mut self, stretch: Stretch) -> &mut Code {
        match stretch {
            Stretch::Open => &mut self.open,
            Stretch::Ordered => &mut self.ordered,
            Stretch::Close => &mut self.close,
        }
    }
}

impl Lowerer<'_> {
    /// The items of a node, each to the stretch it belongs to.
    pub(super) fn items(&mut self, codes: &mut Codes, items: Vec<Item>) {
        self.some_items(codes, items);
        for (rule, around) in std::mem::take(&mut codes.later) {
            let stretch = self.stretch_of(codes, &rule);
            let jumps: Vec<_> = around.iter().map(|slot| Lowerer::jump_unless(codes.code(stretch), *slot)).collect();
            self.rule(codes.code(stretch), rule);
            for jump in jumps {
                codes.code(stretch).land(jump);
            }
        }
    }

    fn some_items(&mut self, codes: &mut Codes, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Rule(rule) => {
                    let stretch = self.stretch_of(codes, &rule);
                    self.rule(codes.code(stretch), rule);
                }
                Item::Later(at) => {
                    if let Some(rule) = self.resolved.hir.later.get_mut(at).and_then(Option::take) {
                        let around = codes.around.clone();
                        codes.later.push((rule, around));
                    }
                }
                Item::Block(block) => self.block(codes, block),
                Item::Refuse { rule, when, reject } => {
                    codes.open.rule = rule;
                    codes.open.source = super::emit::first_field(&when);
                    let slot = self.value(&mut codes.open, when);
                    let jump = Lowerer::jump_unless(&mut codes.open, slot);
                    let tag = self.tag_of(&codes.open, None, Some(reject.0));
                    let to = self.new_slot(codes.open.arena);
                    codes.open.steps.push(Step::Refuse { tag, to });
                    codes.open.land(jump);
                }
                Item::Each(each) => {
                    if self.streams_at(&each.loops).is_some() {
                        let around = codes.around.clone();
                        codes.streams.push((each, around));
                    } else {
                        self.rows_each(codes, each);
                    }
                }
            }
        }
    }

    /// The level that a repeat of the target streams at: that of its last loop.
    pub(super) fn streams_at(&self, loops: &[LoopId]) -> Option<u8> {
        loops
            .iter()
            .map(|it| self.level_of_loop.get(usize::from(it.0)).copied().flatten())
            .collect::<Option<Vec<_>>>()?
            .last()
            .copied()
    }

    fn jump_unless(code: &mut Code, slot: Place) -> u32 {
        let at = code.here();
        code.steps.push(Step::IfNot { slot, to: 0 });
        at
    }

    fn block(&mut self, codes: &mut Codes, block: BlockItem) {
        let BlockItem { rule, when, group, reject, items } = block;
        self.note_reads(rule, when.iter());
        let holds = when.map(|when| {
            codes.open.rule = rule;
            codes.open.source = super::emit::first_field(&when);
            self.value(&mut codes.open, when)
        });
        let is_top = self.resolved.trees.get(codes.open.tree).is_some_and(|it| it.tops.contains(&group));
        codes.applies.extend(holds.filter(|_| is_top && codes.around.is_empty()));
        let marks = [Stretch::Open, Stretch::Ordered, Stretch::Close].map(|it| codes.code(it).here());
        let mut jumps = [None; 3];
        if let Some(holds) = holds {
            codes.around.push(holds);
            for (stretch, jump) in [Stretch::Open, Stretch::Ordered, Stretch::Close].into_iter().zip(&mut jumps) {
                *jump = Some(Lowerer::jump_unless(codes.code(stretch), holds));
            }
        }
        let outer_skip = codes.open.skip.take();
        self.some_items(codes, items);
        let tree = codes.open.tree;
        let is_group = self.group_is_optional(tree, group);
        if let Some(skip) = codes.open.skip.take() {
            if is_group { self.clear_if(codes, tree, group, skip) } else { codes.open.skip = Some(skip) }
        }
        if codes.open.skip.is_none() {
            codes.open.skip = outer_skip;
        }
        if let Some(reject) = reject {
            codes.open.rule = rule;
            let slots = self.group_places(tree, group);
            let slots = self.list(slots);
            let at = codes.open.here();
            codes.open.steps.push(Step::IfAny { slots, to: 0 });
            let tag = self.tag_of(&codes.open, None, Some(reject.0));
            let to = self.new_slot(codes.open.arena);
            codes.open.steps.push(Step::Refuse { tag, to });
            codes.open.land(at);
        }
        if holds.is_some() {
            codes.around.pop();
        }
        for ((stretch, jump), mark) in [Stretch::Open, Stretch::Ordered, Stretch::Close].into_iter().zip(jumps).zip(marks) {
            let Some(jump) = jump else { continue };
            let code = codes.code(stretch);
            if code.here() == jump + 1 {
                // Nothing stands under the condition here.
                code.steps.truncate(mark as usize);
            } else {
                code.land(jump);
            }
        }
    }

    fn group_is_optional(&self, tree: usize, group: usize) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        let Some(side) = self.sides.get(it.side) else { return false };
        group != 0 && side.codec.schema().member(it.node(group).field).is_some_and(|it| it.occurs.min == 0)
    }

    /// What was skipped is written nowhere.
    fn clear_if(&mut self, codes: &mut Codes, tree: usize, group: usize, skip: Place) {
        let jump = Lowerer::jump_unless(&mut codes.open, skip);
        for slot in self.group_places(tree, group) {
            codes.open.steps.push(Step::Clear { slot });
        }
        codes.open.land(jump);
    }

    /// Where a rule belongs: by the place of what it writes among the streams of the node.
    fn stretch_of(&self, codes: &Codes, rule: &RuleItem) -> Stretch {
        let behind = rule.targets.first().is_some_and(|it| self.is_behind_streams(codes.open.tree, codes.group, it.leaf));
        if behind {
            return Stretch::Close;
        }
        let ordered = codes.splits_order && (is_ordered(&rule.value) || rule.when.as_ref().is_some_and(is_ordered));
        if ordered { Stretch::Ordered } else { Stretch::Open }
    }

    /// Whether a leaf stands behind the repeats of its node that stream, in the order of the schema.
    pub(super) fn is_behind_streams(&self, tree: usize, group: usize, leaf: usize) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        let Some(side) = self.sides.get(it.side) else { return false };
        let schema = side.codec.schema();
        let mine = it.line(leaf);
        let streams = self
            .resolved
            .hir
            .nodes
            .iter()
            .filter(|node| node.tree == tree && node.group != group && self.streams_at(&node.loops).is_some());
        streams.map(|node| it.line(node.group)).any(|theirs| {
            let Some(at) = mine.iter().zip(&theirs).position(|(a, b)| a != b) else { return false };
            let (Some(a), Some(b)) = (mine.get(at), theirs.get(at)) else { return false };
            // Only streams within this node count.
            theirs.contains(&group) && schema.member_index(it.node(*a).field) > schema.member_index(it.node(*b).field)
        })
    }

    // ---- rules -----------------------------------------------------------------------------------------------------

    fn rule(&mut self, code: &mut Code, item: RuleItem) {
        let RuleItem { rule, when, targets, value } = item;
        code.rule = rule;
        code.source = self.resolved.hir.rules.get(usize::from(rule.0)).and_then(|it| it.source);
        self.note_reads(rule, when.iter().chain([&value]));
        let tree = self.resolved.trees.get(code.tree);
        let fields: Vec<_> = targets.iter().filter_map(|it| Some(tree?.node(it.leaf).field)).collect();
        self.note_secrecy(rule, &when.iter().chain([&value]).collect::<Vec<_>>(), (code.tree, &fields));
        let late = std::mem::replace(&mut code.is_late, false);
        let guard = when.map(|when| {
            let slot = self.value(code, when);
            Lowerer::jump_unless(code, slot)
        });
        let single = targets.len() == 1;
        if let (Some(target), ValueKind::Text(text), true) =
            (targets.first(), &value.kind, guard.is_none() && single && self.is_only_writer(code.tree, &targets))
        {
            let text = text.clone();
            if self.stands_in_shape(code.tree, target.leaf) {
                if self.marks.is_some() {
                    let place = self.literal(text.as_bytes());
                    self.mark_written(code, target.leaf, place);
                }
                self.leaf_literals.insert((code.tree, target.leaf), text);
                code.is_late = late;
                return;
            }
        }
        let (blank, says_blank) = (may_be_blank(&value), value.typed.may_write_blank);
        let from = self.value(code, value);
        for (number, target) in (0_u32..).zip(targets) {
            let part = if single {
                from
            } else {
                let to = self.new_slot(code.arena);
                code.steps.push(Step::Item { from, number, to });
                to
            };
            self.mark_written(code, target.leaf, part);
            let blank = blank || (says_blank && !self.leaf_is_text(code.tree, target.leaf));
            self.store(code, target, part, blank, guard.is_some());
        }
        if code.is_late {
            self.late_rules.push((code.tree, rule));
        }
        code.is_late |= late;
        if let Some(guard) = guard {
            code.land(guard);
        }
    }

    /// Keeps what a rule reads.
    pub(super) fn note_reads<'v>(&mut self, rule: RuleId, values: impl Iterator<Item = &'v Value>) {
        let reads = self.reads.entry(rule).or_default();
        for value in values {
            super::emit::visit_fields(value, &mut |path| {
                if !reads.contains(&path.field) {
                    reads.push(path.field);
                }
            });
        }
    }

    fn mark_written(&mut self, code: &mut Code, leaf: usize, place: Place) {
        let field = self.resolved.trees.get(code.tree).map(|it| it.node(leaf).field);
        if let Some(field) = field {
            self.mark(code, Mark::Wrote(code.tree, field), Some(place));
        }
    }

    fn is_only_writer(&self, tree: usize, targets: &[TargetLeaf]) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        targets.iter().all(|target| it.node(target.leaf).writers.len() == 1)
    }

    /// Whether a constant can stand in the shape itself: no condition is around it.
    fn stands_in_shape(&self, tree: usize, leaf: usize) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        let node = it.node(leaf);
        let plain = node.writers.iter().all(|it| it.guards.is_empty() && !it.guarded);
        let is_text = self.sides.get(it.side).is_some_and(|side| {
            let def = side.codec.schema().type_of(node.field);
            matches!(&def.kind, crate::Kind::Leaf(_)) && def.members.is_empty()
        });
        let repeats = self.sides.get(it.side).is_some_and(|side| side.codec.schema().repeats(node.field));
        plain && is_text && !repeats && node.occurrence == 1
    }

    /// Stores a value for a leaf, behind its last check.
    fn store(&mut self, code: &mut Code, target: TargetLeaf, from: Place, blank: bool, guarded: bool) {
        let TargetLeaf { leaf, finish } = target;
        let tree = code.tree;
        let checked = match finish {
            Some(run) => self.own_call(code, run, vec![from], "fits the target"),
            None => from,
        };
        // Other rules may read what this one writes.
        self.passing.remove(&checked);
        let foreign = checked.arena != code.arena;
        let shared_leaf = self.resolved.trees.get(tree).is_some_and(|it| it.node(leaf).writers.len() > 1);
        let conditional = guarded || self.has_guards(tree, leaf);
        let is_amount = self.leaf_is_amount(tree, leaf);
        let place = match self.leaf_values.get(&(tree, leaf)) {
            Some(known) => {
                code.steps.push(Step::Copy { from: checked, to: *known });
                *known
            }
            None if shared_leaf || (foreign && (conditional || blank)) => {
                let own = self.new_slot(code.arena);
                code.steps.push(Step::Copy { from: checked, to: own });
                own
            }
            None => checked,
        };
        self.leaf_values.insert((tree, leaf), place);
        if is_amount {
            self.take_apart(code, leaf, place);
        } else {
            self.leaf_places.insert((tree, leaf), place);
        }
        if blank {
            self.blank(code, leaf, place);
        }
    }

    fn has_guards(&self, tree: usize, leaf: usize) -> bool {
        self.resolved.trees.get(tree).is_some_and(|it| it.node(leaf).writers.iter().any(|it| !it.guards.is_empty()))
    }

    pub(super) fn leaf_is_amount(&self, tree: usize, leaf: usize) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        let Some(side) = self.sides.get(it.side) else { return false };
        let def = side.codec.schema().type_of(it.node(leaf).field);
        matches!(&def.kind, crate::Kind::Leaf(kind) if matches!(**kind, crate::Type::Amount(_)))
    }

    fn leaf_is_text(&self, tree: usize, leaf: usize) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        let Some(side) = self.sides.get(it.side) else { return false };
        let def = side.codec.schema().type_of(it.node(leaf).field);
        matches!(&def.kind, crate::Kind::Leaf(kind) if matches!(**kind, crate::Type::Text(_)))
    }

    /// The number and the currency of an amount are two leaves.
    fn take_apart(&mut self, code: &mut Code, leaf: usize, from: Place) {
        let tree = code.tree;
        let (number, currency) = match (self.leaf_places.get(&(tree, leaf)), self.amount_currency.get(&(tree, leaf))) {
            (Some(number), Some(currency)) => (*number, *currency),
            _ => (self.new_slot(code.arena), self.new_slot(code.arena)),
        };
        self.leaf_places.insert((tree, leaf), number);
        self.amount_currency.insert((tree, leaf), currency);
        code.steps.push(Step::Item { from, number: 0, to: number });
        code.steps.push(Step::Item { from, number: 1, to: currency });
    }

    /// A blank goes to an optional field as nothing, to a mandatory one as blank where its type allows that; else it rejects.
    fn blank(&mut self, code: &mut Code, leaf: usize, slot: Place) {
        let tag = self.tag_of(code, None, None);
        let Some(it) = self.resolved.trees.get(code.tree) else { return };
        let Some(side) = self.sides.get(it.side) else { return };
        let (schema, field) = (side.codec.schema(), it.node(leaf).field);
        let records = side.about.records;
        let Some(parent) = schema.parent(field) else { return };
        let is_mandatory = mandatory(schema, parent, records).contains(&field);
        let typed = crate::mapping::typed::Typed::of_field(schema, field);
        // A text with level 88 is never blank.
        let stays = typed.as_text().map_or(records, crate::Text::may_be_blank);
        if is_mandatory && stays {
            // A blank number is one that is not there: its place keeps the zeros of an empty record.
            if typed.as_text().is_none() {
                code.steps.push(Step::DropBlank { slot });
            }
            return;
        }
        if is_mandatory {
            let code_of = if records { FaultCode::MapBlank } else { FaultCode::MapAbsent };
            code.requires.push(Required { node: leaf, code: code_of, tag });
        }
        code.steps.push(Step::DropBlank { slot });
        // What contains it and is mandatory is written empty; where it may not be empty, that is refused.
        let mut group = it.node(leaf).parent;
        while let Some(at) = group.filter(|at| *at != 0 && self.is_mandatory(code.tree, *at)) {
            let field = it.node(at).field;
            let required = Required { node: at, code: FaultCode::MapBlank, tag };
            let known = code.requires.iter().any(|it| it.node == at);
            if !known && mandatory(schema, field, records).is_empty() && !may_be_empty(schema, field) {
                code.requires.push(required);
            }
            group = it.node(at).parent;
        }
    }

    /// Steps that look whether what must be there is, when all slots of the targets are known.
    pub(super) fn require_steps(&mut self, tree: usize, required: Vec<Required>) -> Vec<Step> {
        let mut steps = Vec::new();
        for Required { node, code, tag } in required {
            let own = self.group_places(tree, node);
            let Some(parent) = self.resolved.trees.get(tree).and_then(|it| it.node(node).parent) else { continue };
            let (top, always) = self.written_with(tree, parent);
            let with: Vec<_> = self.group_places(tree, top).into_iter().filter(|it| !own.contains(it)).collect();
            let own = self.list(own);
            let with = if always { 0..0 } else { self.list(with) };
            steps.push(Step::Require { own, with, always, code, tag });
        }
        steps
    }

    /// Whether a node is mandatory in the group it stands in.
    fn is_mandatory(&self, tree: usize, at: usize) -> bool {
        let Some(it) = self.resolved.trees.get(tree) else { return false };
        let Some(side) = self.sides.get(it.side) else { return false };
        let (schema, field) = (side.codec.schema(), it.node(at).field);
        schema.parent(field).is_some_and(|parent| mandatory(schema, parent, side.about.records).contains(&field))
    }

    /// The outermost group that is written whenever this one is; whether that is always.
    fn written_with(&self, tree: usize, group: usize) -> (usize, bool) {
        let Some(it) = self.resolved.trees.get(tree) else { return (group, false) };
        let mut at = group;
        loop {
            let node = it.node(at);
            if at == 0 || node.node.is_some() || self.row_places.contains_key(&(tree, at)) {
                return (at, true);
            }
            match node.parent.filter(|_| self.is_mandatory(tree, at)) {
                Some(parent) => at = parent,
                None => return (at, false),
            }
        }
    }

    /// The slots at and below a group of which one makes it be written.
    pub(super) fn group_places(&self, tree: usize, group: usize) -> Vec<Place> {
        let Some(it) = self.resolved.trees.get(tree) else { return Vec::new() };
        let mut places = Vec::new();
        let mut open = vec![group];
        while let Some(at) = open.pop() {
            if let Some(place) = self.leaf_places.get(&(tree, at)) {
                places.push(*place);
            }
            if let Some((place, _)) = self.row_places.get(&(tree, at)) {
                places.push(*place);
                continue;
            }
            open.extend(&it.node(at).children);
        }
        places
    }

    // ---- repeats within a section ----------------------------------------------------------------------------------

    fn rows_each(&mut self, codes: &mut Codes, each: EachItem) {
        let EachItem { rule, loops, group, guard, reject, items, .. } = each;
        let tree = codes.open.tree;
        let behind = self.is_behind_streams(tree, codes.group, group);
        let (bound, node, outer) = (codes.open.bound, codes.open.node, codes.open.arena);
        let level = self.arenas.get(usize::from(outer)).map_or(0, |it| it.level);
        let arena = self.new_arena(level);
        let rows = self.new_slot(outer);
        self.row_places.insert((tree, group), (rows, arena));
        let mut inner = Codes::new(|| Code::new(arena, bound, tree, node), group, false);
        inner.open.rule = rule;
        self.note_reads(rule, guard.iter());
        let asked = guard.as_ref().and_then(super::emit::first_field);
        let guard = guard.map(|guard| {
            let mut code = Code::new(arena, bound, tree, node);
            code.rule = rule;
            code.source = super::emit::first_field(&guard);
            let holds = self.value(&mut code, guard);
            codes.open.is_late |= code.is_late;
            (self.program(code.steps), holds)
        });
        self.items(&mut inner, items);
        for (each, _) in std::mem::take(&mut inner.streams) {
            let span = self.resolved.hir.rules.get(usize::from(each.rule.0)).map(|it| it.span);
            if let Some(span) = span {
                self.diagnostics
                    .error("E004", span, "a repeat that streams cannot stand in one that does not")
                    .help("put the loops into one `each`");
            }
        }
        let mut steps = inner.open.steps;
        let required = std::mem::take(&mut inner.open.requires);
        steps.extend(self.require_steps(tree, required));
        codes.open.is_late |= inner.open.is_late;
        let body = self.program(steps);
        let refusal = reject.map(|it| self.tag(crate::plan::Tag { rule, field: asked, refusal: Some(it.0) }));
        let tag = self.tag(crate::plan::Tag { rule, field: None, refusal: None });
        let most = self.most_of(tree, group);
        let loops = loops.iter().map(|it| usize::from(it.0)).collect();
        let step =
            Step::Loop(Box::new(LoopStep { loops, guard, refusal, body, rows: (arena, rows), skip: inner.open.skip, most, tag }));
        self.row_arenas_of_node.push((node.unwrap_or(0), arena));
        if behind { codes.close.steps.push(step) } else { codes.open.steps.push(step) }
    }

    pub(super) fn most_of(&self, tree: usize, group: usize) -> u32 {
        let Some(it) = self.resolved.trees.get(tree) else { return u32::MAX };
        let Some(side) = self.sides.get(it.side) else { return u32::MAX };
        let member = side.codec.schema().member(it.node(group).field);
        match member {
            Some(member) if member.repeats => member.occurs.max.unwrap_or(u32::MAX),
            Some(_) => 1,
            None => u32::MAX,
        }
    }
}

/// A condition that is worked out by itself.
pub(super) fn condition(lowerer: &mut Lowerer<'_>, code: &mut Code, rule: RuleId, value: Value) -> Place {
    code.rule = rule;
    code.source = super::emit::first_field(&value);
    lowerer.value(code, value)
}
