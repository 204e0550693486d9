//! The resolved mapping to a plan. Nothing can go wrong here any more but what is not built yet.
//!
//! ```text
//! cut      the deepest repeat of the first chain of loops: what streams
//! slots    one for each source field that is read, in the arena of its innermost repeat
//! nodes    each target, and each repeat of it that streams: steps before, in order, behind
//! shape    the target tree in the order of its schema, with the slots that fill it
//! ```

mod alone;
mod emit;
mod fast;
mod item;
mod node;
mod shape;
mod slots;

pub(crate) use alone::lower_value;

use super::hir::{FoldId, Item, LoopId};
use super::resolve::{Resolved, Side, Tree};
use crate::fast::FastPath;
use crate::plan::{
    FoldPlan, LevelPlan, LoopPlan, Mark, NodePlan, Plan, PlanCall, PlanRule, Program, Reach, Refusal, Scope, Step, Tag,
};
use crate::{ArenaShape, Diagnostics, FieldId, Limits, Place, Schema, Secrecy, Sources, Span, Want, Wanted};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Makes the plan; says what is not built yet.
pub(crate) fn lower(
    resolved: Resolved,
    sides: &[Side],
    naming: &Naming<'_>,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Plan {
    let mut lowerer = Lowerer::new(resolved, sides, naming.sources, diagnostics);
    lowerer.marks = naming.telling.then(Vec::new);
    lowerer.choose_cut();
    lowerer.number_loops();
    lowerer.plan(naming, limits)
}

/// What a mapping is called, and where its lines are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// Whether the plan tells what it does.
    pub(crate) telling: bool,
}

struct Lowerer<'a> {
    resolved: Resolved,
    sides: &'a [Side],
    sources: &'a Sources,
    diagnostics: &'a mut Diagnostics,
    source: Arc<Schema>,
    cut: Vec<FieldId>,
    /// By loop: the level it streams at, if it does.
    level_of_loop: Vec<Option<u8>>,
    arenas: Vec<ArenaShape>,
    literals: Vec<Vec<u8>>,
    known_literals: HashMap<Vec<u8>, u16>,
    wanted: Vec<Wanted>,
    /// Where a source field is kept.
    slots: HashMap<(FieldId, Sort), Place>,
    /// At how many of them the framer can cut.
    cuts: usize,
    /// The arena of the rows of a repeat that is not cut at.
    row_arenas: HashMap<FieldId, u16>,
    steps: Vec<Step>,
    places: Vec<Place>,
    reaches: Vec<Reach>,
    calls: Vec<PlanCall>,
    paths: Vec<FastPath>,
    tags: Vec<Tag>,
    loops: Vec<LoopPlan>,
    folds: Vec<FoldPlan>,
    fold_numbers: HashMap<FoldId, u16>,
    levels: Vec<LevelPlan>,
    nodes: Vec<NodePlan>,
    constants: u16,
    shared: u16,
    feed_arenas: Vec<u16>,
    prelude: Vec<Step>,
    /// What is known once for a message, by the words of it.
    shared_values: HashMap<String, Place>,
    /// The slot of each leaf that is written, by tree and leaf.
    leaf_places: HashMap<(usize, usize), Place>,
    /// The value of a leaf before an amount is taken apart.
    leaf_values: HashMap<(usize, usize), Place>,
    /// Constants that stand in the shape itself.
    leaf_literals: HashMap<(usize, usize), String>,
    /// The slot that counts the rows of a repeat within a section, and their arena.
    row_places: HashMap<(usize, usize), (Place, u16)>,
    /// The node of a repeat that streams, by tree and tree node.
    streams: HashMap<(usize, usize), usize>,
    memo_places: HashMap<(u16, u16), Place>,
    /// The memos that something reads: only these are recalled.
    memos_read: HashSet<u16>,
    /// The slot of the currency of an amount, by tree and leaf.
    amount_currency: HashMap<(usize, usize), Place>,
    /// The arenas of rows within a section, each with its node.
    row_arenas_of_node: Vec<(usize, u16)>,
    /// The list of several occurrences of a leaf, by tree, group and field.
    occurrence_lists: HashMap<(usize, usize, FieldId), Place>,
    /// Targets that are one file for each message.
    writes_once: Vec<usize>,
    /// Whether every write stands under a condition.
    conditional_roots: bool,
    /// The same of each target.
    conditional_trees: Vec<bool>,
    key_places: HashMap<usize, Place>,
    /// What changes with the clock only, and how many results of it are kept between messages.
    clock_places: HashSet<Place>,
    /// Slots that only the step behind the one that fills them reads.
    passing: HashSet<Place>,
    kept: u16,
    early: Vec<FieldId>,
    reads_twice: bool,
    is_ordered: bool,
    late_rules: Vec<(usize, crate::RuleId)>,
    /// What the plan tells, if it does.
    marks: Option<Vec<(crate::RuleId, Mark)>>,
    /// Rules whose values are never printed, and what they write.
    secret_rules: HashSet<crate::RuleId>,
    secret_targets: HashSet<(usize, FieldId)>,
    /// What each rule reads.
    reads: HashMap<crate::RuleId, Vec<FieldId>>,
}

/// What is kept of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Value,
    Presence,
    Rows,
}

impl<'a> Lowerer<'a> {
    fn new(resolved: Resolved, sides: &'a [Side], sources: &'a Sources, diagnostics: &'a mut Diagnostics) -> Self {
        let source = sides
            .get(resolved.source)
            .map_or_else(|| Arc::new(Schema::new("", Vec::new(), crate::TypeId(0))), |it| Arc::clone(it.codec.schema()));
        Lowerer {
            resolved,
            sides,
            sources,
            diagnostics,
            source,
            cut: Vec::new(),
            cuts: 0,
            level_of_loop: Vec::new(),
            arenas: Vec::new(),
            literals: Vec::new(),
            known_literals: HashMap::new(),
            wanted: Vec::new(),
            slots: HashMap::new(),
            row_arenas: HashMap::new(),
            steps: Vec::new(),
            places: Vec::new(),
            reaches: Vec::new(),
            calls: Vec::new(),
            paths: Vec::new(),
            tags: Vec::new(),
            loops: Vec::new(),
            folds: Vec::new(),
            fold_numbers: HashMap::new(),
            levels: Vec::new(),
            nodes: Vec::new(),
            constants: 0,
            shared: 0,
            feed_arenas: Vec::new(),
            prelude: Vec::new(),
            shared_values: HashMap::new(),
            leaf_places: HashMap::new(),
            leaf_values: HashMap::new(),
            leaf_literals: HashMap::new(),
            row_places: HashMap::new(),
            streams: HashMap::new(),
            memo_places: HashMap::new(),
            memos_read: HashSet::new(),
            amount_currency: HashMap::new(),
            row_arenas_of_node: Vec::new(),
            occurrence_lists: HashMap::new(),
            writes_once: Vec::new(),
            conditional_roots: false,
            conditional_trees: Vec::new(),
            key_places: HashMap::new(),
            clock_places: HashSet::new(),
            passing: HashSet::new(),
            kept: 0,
            early: Vec::new(),
            reads_twice: false,
            is_ordered: false,
            late_rules: Vec::new(),
            marks: None,
            secret_rules: HashSet::new(),
            secret_targets: HashSet::new(),
            reads: HashMap::new(),
        }
    }

    /// The deepest repeat of the first chain of loops within each other.
    fn choose_cut(&mut self) {
        // Whether a message is a fault or not must be known before its first byte is written.
        if self.resolved.trees.iter().any(Tree::may_be_fault) {
            return;
        }
        let items: Vec<&Item> = self.resolved.hir.items.iter().flatten().collect();
        let mut chain = Vec::new();
        first_chain(&items, &mut chain, &self.resolved.hir.loops);
        // What runs once with nothing must see that there is nothing: it comes as rows.
        let or_none = |it: &LoopId| self.resolved.hir.loops.get(usize::from(it.0)).is_some_and(|it| it.or_none);
        chain.truncate(chain.iter().position(or_none).unwrap_or(chain.len()));
        self.cut =
            chain.iter().filter_map(|it: &LoopId| self.resolved.hir.loops.get(usize::from(it.0))).map(|it| it.field).collect();
        let codec = self.sides.get(self.resolved.source).map(|it| &it.codec);
        // The same holds of a condition that decides whether there is an output at all.
        let trees = self.resolved.trees.iter().zip(&self.resolved.hir.items);
        let comes_late = trees
            .filter_map(|(tree, items)| conditions(tree, items))
            .flatten()
            .any(|when| emit::first_fold(when).is_some() || emit::fields_of(when).iter().any(|it| self.comes_behind(*it)));
        if comes_late {
            self.cut.clear();
        }
        self.cuts = self.cut.iter().take_while(|it| codec.is_some_and(|codec| codec.cuts_at(**it))).count();
    }

    /// Which loops stream: those over the repeats cut at, each within the one before it.
    fn number_loops(&mut self) {
        for it in &self.resolved.hir.loops {
            let level = match it.parent {
                None => Some(0),
                Some(parent) => self.level_of_loop.get(usize::from(parent.0)).copied().flatten(),
            };
            let mine = level.filter(|level| self.cut.get(usize::from(*level)) == Some(&it.field)).map(|it| it + 1);
            self.level_of_loop.push(mine);
        }
        let depth = self.cut.len();
        for level in 0..=depth {
            self.new_arena(u8::try_from(level).unwrap_or(u8::MAX));
        }
        self.constants = self.new_arena(ArenaShape::FOR_EVER);
        self.shared = self.new_arena(0);
        for level in 0..=depth {
            let arena = self.new_arena(u8::try_from(level).unwrap_or(u8::MAX));
            self.feed_arenas.push(arena);
            self.levels.push(LevelPlan::default());
        }
        for at in 0..self.resolved.hir.loops.len() {
            let Some(field) = self.resolved.hir.loops.get(at).map(|it| it.field) else { continue };
            let rows = self.rows_of(field);
            let arena = self.arena_of_repeat(field);
            let or_none = self.resolved.hir.loops.get(at).is_some_and(|it| it.or_none);
            self.loops.push(LoopPlan { arena, rows, or_none });
        }
    }

    /// Which targets are a file for each message, and whether all that is written stands under a condition.
    fn look_at_writes(&mut self) {
        self.writes_once.clone_from(&self.resolved.once);
        let items = self.resolved.trees.iter().zip(&self.resolved.hir.items);
        self.conditional_trees = items.clone().map(|(tree, items)| conditions(tree, items).is_some()).collect();
        // A target without a rule is no target.
        let mut all = items.filter(|(_, items)| !items.is_empty()).peekable();
        self.conditional_roots = all.peek().is_some() && all.all(|(tree, items)| conditions(tree, items).is_some());
    }

    fn plan(mut self, naming: &Naming<'_>, limits: &Limits) -> Plan {
        self.look_at_writes();
        self.memos();
        let trees = self.resolved.trees.len();
        let mut roots = Vec::new();
        for tree in 0..trees {
            roots.push(self.target(tree));
        }
        let verifies = self.verifies();
        let remembers = self.remembers();
        let recalls = self.recalls();
        // Last, since what reads an accumulator says what it does.
        let feeds = self.source_feeds();
        for (level, program) in feeds.into_iter().enumerate() {
            if let Some(it) = self.levels.get_mut(level) {
                it.feeds = program;
            }
        }
        let prelude = std::mem::take(&mut self.prelude);
        let prelude = self.program(prelude);
        let targets = roots.into_iter().enumerate().map(|(tree, root)| self.target_plan(tree, root)).collect();
        self.held_back_notes();
        self.put_waiting_nodes_last();
        let cut_rows = self.cut.clone().into_iter().map(|it| self.rows_of(it)).collect();
        let starts = self.cut.clone().into_iter().map(|it| self.presence_slot(it)).collect();
        let rules = self.rules();
        let refusals: Vec<Refusal> = self
            .resolved
            .hir
            .rejects
            .iter()
            .map(|it| Refusal { scope: it.scope.map(scope_of), code: it.code.clone(), text: it.text.clone() })
            .collect();
        let holds_input = refusals.iter().any(|it| it.scope == Some(Scope::File));
        let may_write_nothing = self.conditional_roots;
        Plan {
            name: naming.name.to_owned(),
            version: naming.version.to_owned(),
            cut: self.cut.get(..self.cuts).unwrap_or_default().to_vec(),
            wanted: self.wanted,
            source_root: self.resolved.roots.get(self.resolved.source).copied().unwrap_or(Schema::ROOT),
            early: self.early,
            reads_twice: self.reads_twice,
            holds_input,
            is_ordered: self.is_ordered || !recalls.is_empty() || !remembers.is_empty(),
            is_partial: self.resolved.partial,
            has_records: self.nodes.iter().any(|it| !it.has_streams && (it.parent.is_some() || it.is_record)),
            is_plain: false,
            coverage: self.resolved.coverage,
            marks: self.marks.unwrap_or_default(),
            rejects_unknown_fields: self.resolved.policy.reject_unknown_fields,
            rules,
            refusals,
            targets,
            limits: *limits,
            arenas: self.arenas,
            literals: self.literals,
            steps: self.steps,
            places: self.places,
            reaches: self.reaches,
            constants: self.constants,
            shared: self.shared,
            feed_arenas: self.feed_arenas,
            cut_rows,
            starts,
            calls: self.calls,
            paths: self.paths,
            tags: self.tags,
            loops: self.loops,
            folds: self.folds,
            levels: self.levels,
            nodes: self.nodes,
            verifies,
            recalls,
            remembers,
            prelude,
            may_write_nothing,
            memos: self
                .resolved
                .memos
                .iter()
                .map(|it| (it.name.clone(), it.fields.iter().map(|(name, ..)| name.clone()).collect(), it.expires))
                .collect(),
            reply: self.resolved.reply,
        }
    }

    /// A repeat of an outer level that stands behind one of an inner level is written when the outer occurrence ends.
    fn put_waiting_nodes_last(&mut self) {
        let places: Vec<(usize, Option<u32>, u8, Option<usize>)> =
            (0..self.nodes.len()).map(|at| self.place_of_node(at)).collect();
        for (at, (tree, index, level, parent)) in places.iter().enumerate() {
            let behind = places.iter().enumerate().any(|(other, (of, theirs, deeper, around))| {
                other != at && of == tree && around == parent && deeper > level && theirs < index
            });
            if let Some(node) = self.nodes.get_mut(at)
                && !node.has_streams
            {
                node.waits |= behind && usize::from(*level) < self.cut.len();
            }
        }
    }

    /// The tree, the place among its siblings (of records, in the order of the mapping), the level and the parent of a node.
    fn place_of_node(&self, at: usize) -> (usize, Option<u32>, u8, Option<usize>) {
        let Some(node) = self.nodes.get(at) else { return (0, None, 0, None) };
        let tree = node.target;
        let group = self.streams.iter().find(|(_, it)| **it == at).map(|((_, group), _)| *group);
        let index = group.and_then(|group| {
            let it = self.resolved.trees.get(tree)?;
            let side = self.sides.get(it.side)?;
            if side.about.records {
                return u32::try_from(at).ok();
            }
            side.codec.schema().member_index(it.node(group).field)
        });
        (tree, index, node.level, node.parent)
    }

    fn rules(&self) -> Vec<PlanRule> {
        let mut order: Vec<_> = self.resolved.hir.rules.iter().map(|it| it.span.start).collect();
        order.sort_unstable();
        let number = |start: u32| u32::try_from(order.partition_point(|it| *it < start)).unwrap_or(u32::MAX);
        let tree_of = |side: u8| self.resolved.trees.iter().position(|it| it.side == usize::from(side));
        let rules = self.resolved.hir.rules.iter().map(|it| PlanRule {
            place: format!("{}:{}", self.sources.path(it.span.file), self.sources.position(it.span).line),
            name: it.name.clone(),
            span: it.span,
            order: number(it.span.start),
            target: it.target.and_then(|(side, field)| Some((tree_of(side)?, field))),
            source: it.source,
            reads: Vec::new(),
            class: it.class.name(),
            remark: it.remark.clone(),
            scope: scope_of(it.scope),
            secrecy: it.source.map_or(Secrecy::Open, |it| self.secrecy_of(it)),
        });
        let mut rules: Vec<PlanRule> = rules.collect();
        for (id, reads) in &self.reads {
            let Some(rule) = rules.get_mut(usize::from(id.0)) else { continue };
            rule.reads.clone_from(reads);
            if reads.iter().any(|it| self.secrecy_of(*it) == Secrecy::Secret) {
                rule.secrecy = Secrecy::Secret;
            }
        }
        for id in &self.secret_rules {
            if let Some(rule) = rules.get_mut(usize::from(id.0)) {
                rule.secrecy = Secrecy::Secret;
            }
        }
        rules
    }

    /// Whether a field of a target is never printed.
    fn is_secret_target(&self, tree: usize, field: FieldId) -> bool {
        let Some(side) = self.resolved.trees.get(tree).map(|it| it.side) else { return false };
        let Some(schema) = self.sides.get(side).map(|it| it.codec.schema()) else { return false };
        let is_marked = |it: FieldId| schema.member(it).is_some_and(|it| it.secrecy == Secrecy::Secret);
        self.resolved.written_secrets.iter().any(|(of, it)| *of == side && schema.is_within(field, *it))
            || schema.line(field).into_iter().any(is_marked)
    }

    /// What a rule writes is as secret as what it reads, and the other way round.
    fn note_secrecy(&mut self, rule: crate::RuleId, values: &[&super::hir::Value], (tree, fields): (usize, &[FieldId])) {
        let reads = values
            .iter()
            .any(|value| value.typed.secret || emit::fields_of(value).iter().any(|it| self.secrecy_of(*it) == Secrecy::Secret));
        if reads || fields.iter().any(|it| self.is_secret_target(tree, *it)) {
            self.secret_rules.insert(rule);
            self.secret_targets.extend(fields.iter().map(|it| (tree, *it)));
        }
    }

    fn secrecy_of(&self, field: FieldId) -> Secrecy {
        let marked = self.resolved.secrets.iter().any(|it| self.source.is_within(field, *it));
        let by_schema =
            self.source.line(field).into_iter().any(|it| self.source.member(it).is_some_and(|it| it.secrecy == Secrecy::Secret));
        if marked || by_schema { Secrecy::Secret } else { Secrecy::Open }
    }

    /// N702: a section that needs what is written after it holds the output of a message back.
    fn held_back_notes(&mut self) {
        let mut told = Vec::new();
        for node in &self.nodes {
            if node.open_is_late && node.has_streams {
                told.push(node.target);
            }
        }
        told.dedup();
        for tree in told {
            let Some(it) = self.resolved.trees.get(tree) else { continue };
            let Some(side) = self.sides.get(it.side) else { continue };
            let (schema, root) = (side.codec.schema(), it.node(0).field);
            let skipped = schema.line(root).len();
            let short = |field: FieldId| {
                let names: Vec<_> = schema.line(field).into_iter().skip(skipped).map(|it| schema.name_of(it)).collect();
                names.join("/")
            };
            let mut names: Vec<String> = Vec::new();
            for (at, rule) in &self.late_rules {
                let field = self.resolved.hir.rules.get(usize::from(rule.0)).and_then(|it| it.target).map(|(_, field)| field);
                if let Some(field) = field.filter(|_| *at == tree) {
                    names.push(short(field));
                }
            }
            let streamed: Vec<String> =
                self.streams.keys().filter(|(at, _)| *at == tree).map(|(_, node)| short(it.node(*node).field)).collect();
            let source = self.cut.first().map_or(String::new(), |it| self.source.path(*it));
            let alias = self.sides.get(self.resolved.source).map_or(String::new(), |it| it.alias.clone());
            let most = self.cut.iter().try_fold(1_u32, |sum, it| sum.checked_mul(self.source.member(*it)?.occurs.max?));
            let size = match most {
                Some(most) => format!("at most {most} times {alias}/{source}"),
                None => format!("any number of {alias}/{source}; beyond the limit `held_bytes_max` it is spooled to disk"),
            };
            let span: Span = side.span;
            let (verb, them) = if names.len() == 1 { ("needs", "it") } else { ("need", "them") };
            self.diagnostics
                .note(
                    "N702",
                    span,
                    format!("{} {verb} all of {}, which is written after {them}", join_words(&names), join_words(&streamed)),
                )
                .add_note(format!("the output of one message is held back: {size}"))
                .at_the_end();
        }
    }

    fn program(&mut self, mut steps: Vec<Step>) -> Program {
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let (start, first) = (number(self.steps.len()), self.paths.len());
        // A plan that tells what it does takes every step.
        if self.marks.is_none() {
            fast::shorten(&mut steps, &self.calls, &mut self.paths);
        }
        for path in self.paths.iter_mut().skip(first) {
            path.kept.next += start;
            path.absent.iter_mut().for_each(|it| it.next += start);
        }
        self.steps.extend(steps.into_iter().map(|it| moved(it, start)));
        start..number(self.steps.len())
    }

    fn list(&mut self, places: impl IntoIterator<Item = Place>) -> std::ops::Range<u32> {
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let start = number(self.places.len());
        self.places.extend(places);
        start..number(self.places.len())
    }

    fn tag(&mut self, tag: Tag) -> u32 {
        let known = self.tags.iter().position(|it| *it == tag);
        let at = known.unwrap_or_else(|| {
            self.tags.push(tag);
            self.tags.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn want(&mut self, field: FieldId, place: Place, want: Want) {
        self.wanted.push(Wanted { field, place, want });
    }
}

/// Jumps of a program that is moved to its place among all steps.
fn moved(step: Step, by: u32) -> Step {
    match step {
        Step::Jump { to } => Step::Jump { to: to + by },
        Step::IfThere { slot, to } => Step::IfThere { slot, to: to + by },
        Step::IfAny { slots, to } => Step::IfAny { slots, to: to + by },
        Step::IfNot { slot, to } => Step::IfNot { slot, to: to + by },
        other => other,
    }
}

pub(super) fn scope_of(scope: super::ast::Scope) -> Scope {
    match scope {
        super::ast::Scope::Record => Scope::Record,
        super::ast::Scope::Message => Scope::Message,
        super::ast::Scope::File => Scope::File,
    }
}

/// `a`, `a and b`, `a, b and c`.
fn join_words(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The conditions of a target all of whose `write`s stand under one.
fn conditions<'i>(tree: &Tree, items: &'i [Item]) -> Option<Vec<&'i super::hir::Value>> {
    let written = items.iter().filter(|it| !matches!(it, Item::Refuse { .. }));
    let conditions: Vec<_> = written
        .map(|it| match it {
            Item::Block(block) if tree.tops.contains(&block.group) => block.when.as_ref(),
            _ => None,
        })
        .collect::<Option<_>>()?;
    (!conditions.is_empty()).then_some(conditions)
}

/// The loops of the first repeat that is written, and of the first one within it that goes on from its last loop.
fn first_chain(items: &[&Item], chain: &mut Vec<LoopId>, loops: &[super::hir::Loop]) -> bool {
    for item in items {
        match item {
            Item::Each(each) => {
                let goes_on = match (chain.last(), each.loops.first()) {
                    (None, Some(_)) => true,
                    (Some(last), Some(first)) => loops.get(usize::from(first.0)).is_some_and(|it| it.parent == Some(*last)),
                    _ => false,
                };
                if goes_on {
                    chain.extend(&each.loops);
                    first_chain(&each.items.iter().collect::<Vec<_>>(), chain, loops);
                    return true;
                }
                if chain.is_empty() && first_chain(&each.items.iter().collect::<Vec<_>>(), chain, loops) {
                    return true;
                }
            }
            Item::Block(block) if first_chain(&block.items.iter().collect::<Vec<_>>(), chain, loops) => {
                return true;
            }
            _ => {}
        }
    }
    false
}
