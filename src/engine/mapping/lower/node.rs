//! Targets and the repeats of them that stream: what is worked out when, and what feeds the accumulators.

use super::Lowerer;
use super::emit::{Code, first_field, first_fold};
use super::item::{Codes, condition};
use crate::call::Run;
use crate::mapping::hir::{CheckEach, EachItem, FoldKind, FoldOver, Item, LoopId, NodeId};
use crate::plan::{LoopStep, NodePlan, Program, RecallPlan, RememberPlan, Step, Tag, VerifyPlan};
use crate::{FaultCode, Place, RuleId};

impl Lowerer<'_> {
    /// A whole target; gives the node of its root.
    pub(super) fn target(&mut self, tree: usize) -> usize {
        let items = self.resolved.hir.items.get_mut(tree).map(std::mem::take).unwrap_or_default();
        // `write SIDE each ..` makes the whole target the repeat.
        let whole = matches!(items.as_slice(), [Item::Each(each)] if each.group == 0 && self.streams_at(&each.loops).is_some());
        let mut items = items;
        if whole && let Some(Item::Each(each)) = items.pop() {
            return self.stream(tree, each, Vec::new(), None);
        }
        let node = self.empty_node(tree, None, 0, RuleId(0));
        let arena = self.new_arena(0);
        let mut codes = Codes::new(|| Code::new(arena, 0, tree, Some(node)), 0, false);
        self.items(&mut codes, items);
        let applies = std::mem::take(&mut codes.applies);
        self.finish_node(node, arena, codes, false);
        if self.conditional_trees.get(tree).copied().unwrap_or(false)
            && let Some(it) = self.nodes.get_mut(node)
        {
            it.applies = applies;
        }
        node
    }

    fn empty_node(&mut self, tree: usize, parent: Option<usize>, level: u8, rule: RuleId) -> usize {
        let stream = u16::try_from(self.nodes.iter().filter(|it| it.target == tree).count()).unwrap_or(u16::MAX);
        let tag = self.tag(Tag { rule, field: None, refusal: None });
        self.nodes.push(NodePlan {
            target: tree,
            stream,
            parent,
            level,
            arenas: Vec::new(),
            guard: None,
            key: None,
            applies: Vec::new(),
            open: 0..0,
            ordered: 0..0,
            open_is_late: false,
            close: 0..0,
            has_streams: false,
            waits: false,
            feeds: 0..0,
            is_record: false,
            skip: None,
            most: None,
            tag,
        });
        let at = self.nodes.len() - 1;
        if let Some(level) = self.levels.get_mut(usize::from(level)) {
            level.nodes.push(at);
        }
        at
    }

    /// A repeat of a target that is written as the source streams.
    fn stream(&mut self, tree: usize, each: EachItem, around: Vec<Place>, parent: Option<usize>) -> usize {
        let EachItem { rule, loops, node: id, group, guard, reject, items } = each;
        let level = self.streams_at(&loops).unwrap_or(0);
        let node = self.empty_node(tree, parent, level, rule);
        self.streams.insert((tree, group), node);
        let arena = self.new_arena(level);
        let make = || Code::new(arena, level, tree, Some(node));
        let is_deepest = usize::from(level) == self.cut.len();
        let mut codes = Codes::new(make, group, is_deepest);
        let mut guarding = make();
        guarding.rule = rule;
        let asked = guard.as_ref().and_then(super::emit::first_field);
        let condition_slot = self.guard(&mut guarding, &around, guard.map(|it| (rule, it)));
        let refusal = reject.map(|it| self.tag(Tag { rule, field: asked, refusal: Some(it.0) }));
        let waits = guarding.is_late;
        for field in std::mem::take(&mut guarding.early) {
            self.push_early(field);
        }
        let guard = condition_slot.map(|holds| (self.program(guarding.steps), holds, refusal));
        let key = self.key(tree, id, arena, level, node);
        self.items(&mut codes, items);
        let is_record = self.resolved.hir.nodes.get(usize::from(id.0)).is_some_and(|it| it.is_record);
        let most = self.most_of(tree, group);
        self.finish_node(node, arena, codes, waits);
        if let Some(it) = self.nodes.get_mut(node) {
            it.guard = guard;
            it.key = key;
            it.is_record = is_record;
            it.most = (most != u32::MAX && group != 0).then_some(most);
        }
        node
    }

    /// The conditions around a repeat and its own filter, as one.
    fn guard(&mut self, code: &mut Code, around: &[Place], own: Option<(RuleId, crate::mapping::hir::Value)>) -> Option<Place> {
        if around.is_empty() && own.is_none() {
            return None;
        }
        let to = self.new_slot(code.arena);
        code.steps.push(Step::Truth { yes: false, to });
        let jumps: Vec<_> = around
            .iter()
            .map(|slot| {
                code.steps.push(Step::IfNot { slot: *slot, to: 0 });
                code.here() - 1
            })
            .collect();
        match own {
            Some((rule, value)) => {
                let from = condition(self, code, rule, value);
                code.steps.push(Step::Copy { from, to });
            }
            None => code.steps.push(Step::Truth { yes: true, to }),
        }
        for jump in jumps {
            code.land(jump);
        }
        Some(to)
    }

    /// The key of the output that an occurrence goes to.
    fn key(&mut self, tree: usize, id: NodeId, arena: u16, level: u8, node: usize) -> Option<(Program, Place, u32)> {
        let file_key = self.resolved.hir.file_keys.iter_mut().find(|it| it.tree == tree)?;
        let rule = file_key.rule;
        let at = file_key.values.iter().position(|(it, _)| *it == id)?;
        let (_, value) = file_key.values.remove(at);
        let mut code = Code::new(arena, level, tree, Some(node));
        code.rule = rule;
        code.source = first_field(&value);
        let from = self.value(&mut code, value);
        let tag = self.tag_of(&code, None, None);
        // Every rule that names the key reads it from one place.
        let to = self.key_place(tree);
        code.steps.push(Step::Copy { from, to });
        Some((self.program(code.steps), to, tag))
    }

    fn key_place(&mut self, tree: usize) -> Place {
        if let Some(place) = self.key_places.get(&tree) {
            return *place;
        }
        let place = self.new_slot(self.shared);
        self.key_places.insert(tree, place);
        place
    }

    fn finish_node(&mut self, node: usize, arena: u16, codes: Codes, waits: bool) {
        let Codes { mut open, ordered, mut close, streams, .. } = codes;
        let tree = open.tree;
        let has_streams = !streams.is_empty();
        for (each, around) in streams {
            self.stream(tree, each, around, Some(node));
        }
        for code in [&mut open, &mut close] {
            let required = std::mem::take(&mut code.requires);
            let steps = self.require_steps(tree, required);
            code.steps.extend(steps);
        }
        let group = self.streams.iter().find(|((of, _), it)| *of == tree && **it == node).map_or(0, |((_, group), _)| *group);
        let lists = self.occurrence_steps(tree, group, arena);
        open.steps.extend(lists);
        let level = self.nodes.get(node).map_or(0, |it| it.level);
        let is_innermost = usize::from(level) == self.cut.len();
        let arenas: Vec<u16> = [arena]
            .into_iter()
            .chain(self.row_arenas_of_node.iter().filter(|(it, _)| *it == node).map(|(_, arena)| *arena))
            .collect();
        let (open_is_late, skip) = (open.is_late, open.skip);
        if !open_is_late && has_streams {
            for field in std::mem::take(&mut open.early) {
                self.push_early(field);
            }
        }
        let feeds = self.written_feeds(node, &mut open);
        let (open, ordered, close) = (self.program(open.steps), self.program(ordered.steps), self.program(close.steps));
        let feeds = self.program(feeds);
        if let Some(it) = self.nodes.get_mut(node) {
            it.arenas = arenas;
            it.open = open;
            it.ordered = ordered;
            it.close = close;
            it.has_streams = has_streams;
            it.open_is_late = open_is_late && has_streams;
            it.waits = waits || (open_is_late && !has_streams && !is_innermost);
            it.feeds = feeds;
            it.skip = skip;
        }
    }

    /// What the accumulators over a node's occurrences are fed with.
    fn written_feeds(&mut self, node: usize, open: &mut Code) -> Vec<Step> {
        let mut steps = Vec::new();
        let tree = open.tree;
        let Some(group) = self.streams.iter().find(|(_, it)| **it == node).map(|((_, group), _)| *group) else {
            return steps;
        };
        let wanted: Vec<_> = self
            .resolved
            .hir
            .folds
            .iter()
            .enumerate()
            .filter_map(|(at, fold)| match &fold.over {
                FoldOver::Written(id, leaf) => {
                    let info = self.resolved.hir.nodes.get(usize::from(id.0))?;
                    (info.tree == tree && info.group == group).then(|| (at, *leaf, fold.kind.clone(), fold.rule))
                }
                FoldOver::Source(_) => None,
            })
            .collect();
        for (at, leaf, kind, rule) in wanted {
            let number = self.number_of_fold(at);
            if let Some(plan) = self.folds.get_mut(usize::from(number)) {
                plan.written = Some(tree);
            }
            let value = match leaf {
                None => None,
                Some((leaf, number_only)) => {
                    let Some(place) = self.leaf_values.get(&(tree, leaf)).copied() else { continue };
                    let is_amount = self.leaf_is_amount(tree, leaf);
                    if is_amount && number_only { self.leaf_places.get(&(tree, leaf)).copied() } else { Some(place) }
                }
            };
            if let (FoldKind::Hash { last, letters_are_zero: false, .. }, Some(value)) = (&kind, value) {
                // Letters reject the record, so they are looked for before it is written.
                open.rule = rule;
                let last = *last as usize;
                let run = Run::new(move |call| {
                    let digits = crate::fold::last_characters(call.bytes(0), last).iter().all(u8::is_ascii_digit);
                    if digits { Ok(call.arg(0)) } else { Err(FaultCode::MapFacet) }
                });
                self.own_call(open, run, vec![value], "digits only");
            }
            let tag = self.tag(Tag { rule, field: None, refusal: None });
            steps.push(Step::Feed { fold: number, value, tag });
        }
        steps
    }

    /// The number of an accumulator; the value that reads it may be lowered later than what feeds it.
    fn number_of_fold(&mut self, at: usize) -> u16 {
        let id = crate::mapping::hir::FoldId(u16::try_from(at).unwrap_or(u16::MAX));
        if let Some(number) = self.fold_numbers.get(&id) {
            return *number;
        }
        self.reserve_fold(id)
    }

    // ---- the source ------------------------------------------------------------------------------------------------

    /// By level: steps that feed the accumulators over the source.
    pub(super) fn source_feeds(&mut self) -> Vec<Program> {
        let depth = self.cut.len();
        let mut codes: Vec<Code> = (0..=depth)
            .map(|level| {
                Code::new(self.feed_arenas.get(level).copied().unwrap_or(0), u8::try_from(level).unwrap_or(u8::MAX), 0, None)
            })
            .collect();
        for at in 0..self.resolved.hir.folds.len() {
            let Some(fold) = self.resolved.hir.folds.get_mut(at) else { continue };
            let rule = fold.rule;
            let FoldOver::Source(value) = &mut fold.over else { continue };
            if matches!(value.kind, crate::mapping::hir::ValueKind::Nothing | crate::mapping::hir::ValueKind::Written(_)) {
                // Worked out where it is read.
                continue;
            }
            let is_count = fold.kind == FoldKind::Count;
            let value = std::mem::replace(&mut **value, super::emit::nothing());
            let level = self.deepest(&value, 0);
            if level == 0 {
                // Nobody reads it.
                continue;
            }
            let number = self.number_of_fold(at);
            let Some(code) = codes.get_mut(usize::from(level)) else { continue };
            code.rule = rule;
            code.source = first_field(&value);
            let field = code.source;
            // The occurrences themselves are counted; of anything else, those that are there.
            let counts_items = is_count
                && matches!(&value.kind, crate::mapping::hir::ValueKind::Field(path) if self.cut.get(usize::from(level) - 1) == Some(&path.field));
            let mut inner = std::mem::replace(code, Code::new(0, 0, 0, None));
            let place = if counts_items { None } else { Some(self.value(&mut inner, value)) };
            inner.is_late = false;
            let tag = self.tag(Tag { rule, field, refusal: None });
            inner.steps.push(Step::Feed { fold: number, value: place, tag });
            if let Some(code) = codes.get_mut(usize::from(level)) {
                *code = inner;
            }
        }
        for check in std::mem::take(&mut self.resolved.hir.checks) {
            self.check_each(&mut codes, check);
        }
        codes.into_iter().map(|it| self.program(it.steps)).collect()
    }

    /// `verify each`: at the innermost level of its loops that streams, over the rows of the others.
    fn check_each(&mut self, codes: &mut [Code], check: CheckEach) {
        let level_of = |it: &LoopId| self.level_of_loop.get(usize::from(it.0)).copied().flatten();
        let level = check.loops.iter().filter_map(level_of).max().unwrap_or(0);
        let rows: Vec<usize> = check.loops.iter().filter(|it| level_of(it).is_none()).map(|it| usize::from(it.0)).collect();
        let Some(code) = codes.get_mut(usize::from(level)) else { return };
        let arena = if rows.is_empty() { code.arena } else { self.new_arena(level) };
        let mut body = Code::new(arena, level, 0, None);
        let holds = condition(self, &mut body, check.rule, check.cond);
        let tag = self.tag(Tag { rule: check.rule, field: body.source, refusal: Some(check.reject.0) });
        body.steps.push(Step::Demand { holds, tag });
        if rows.is_empty() {
            // A jump is counted from the start of its own steps.
            let at = code.here();
            code.steps.extend(body.steps.into_iter().map(|it| super::moved(it, at)));
            return;
        }
        let count = self.new_slot(code.arena);
        let body = self.program(body.steps);
        let (guard, refusal, skip, most) = (None, None, None, u32::MAX);
        let step = LoopStep { loops: rows, guard, refusal, body, rows: (arena, count), skip, most, tag };
        code.steps.push(Step::Loop(Box::new(step)));
    }

    pub(super) fn verifies(&mut self) -> Vec<VerifyPlan> {
        let verifies = std::mem::take(&mut self.resolved.hir.verifies);
        let mut plans = Vec::new();
        for it in verifies {
            let arena = self.feed_arenas.first().copied().unwrap_or(0);
            let mut code = Code::new(arena, 0, 0, None);
            let summed = first_fold(&it.cond).and_then(|fold| self.fold_field(fold));
            let holds = condition(self, &mut code, it.rule, it.cond);
            let source = code.source.or(summed);
            let tag = self.tag(Tag { rule: it.rule, field: source, refusal: Some(it.reject.0) });
            plans.push(VerifyPlan { program: self.program(code.steps), holds, tag });
        }
        plans
    }

    // ---- memos -----------------------------------------------------------------------------------------------------

    /// Every field of a memo that is recalled has a slot.
    pub(super) fn memos(&mut self) {
        let recalled: Vec<(u16, usize)> = self
            .resolved
            .hir
            .recalls
            .iter()
            .map(|it| (it.memo, self.resolved.memos.get(usize::from(it.memo)).map_or(0, |it| it.fields.len())))
            .collect();
        for (memo, count) in recalled {
            for field in 0..count {
                let place = self.new_slot(self.shared);
                self.memo_places.insert((memo, u16::try_from(field).unwrap_or(u16::MAX)), place);
            }
        }
    }

    pub(super) fn recalls(&mut self) -> Vec<RecallPlan> {
        let mut recalls = std::mem::take(&mut self.resolved.hir.recalls);
        recalls.retain(|it| self.memos_read.contains(&it.memo));
        let mut plans = Vec::new();
        for it in recalls {
            let arena = self.feed_arenas.first().copied().unwrap_or(0);
            let mut code = Code::new(arena, 0, 0, None);
            let key = condition(self, &mut code, it.rule, it.key);
            let tag = self.tag(Tag { rule: it.rule, field: code.source, refusal: Some(it.reject.0) });
            let damage = self.tag(Tag { rule: it.rule, field: code.source, refusal: None });
            let Some(data) = self.resolved.memos.get(usize::from(it.memo)) else { continue };
            let memo = data.name.clone();
            let places = (0..).map(|field| self.memo_places.get(&(it.memo, field)).copied());
            let fields = data.fields.iter().zip(places);
            let fields = fields.filter_map(|((_, optional, kind), place)| Some((place?, *optional, kind.clone()))).collect();
            plans.push(RecallPlan { memo, program: self.program(code.steps), key, fields, tag, damage });
        }
        plans
    }

    pub(super) fn remembers(&mut self) -> Vec<RememberPlan> {
        let remembers = std::mem::take(&mut self.resolved.hir.remembers);
        let mut plans = Vec::new();
        for it in remembers {
            let arena = self.feed_arenas.first().copied().unwrap_or(0);
            let mut code = Code::new(arena, 0, 0, None);
            let key = condition(self, &mut code, it.rule, it.key);
            let source = code.source;
            let fields = it
                .fields
                .into_iter()
                .map(|field| {
                    field.map(|field| {
                        code.source = first_field(&field);
                        self.value(&mut code, field)
                    })
                })
                .collect();
            let tag = self.tag(Tag { rule: it.rule, field: source, refusal: None });
            let memo = self.resolved.memos.get(usize::from(it.memo)).map_or(String::new(), |it| it.name.clone());
            plans.push(RememberPlan { memo, program: self.program(code.steps), key, fields, tag });
        }
        plans
    }
}
