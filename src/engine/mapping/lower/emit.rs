//! Values to steps.

use super::Lowerer;
use crate::call::{Run, Strictness};
use crate::mapping::hir::{
    Alternative, CallValue, FoldId, FoldKind, FoldOver, Lasting, PieceValue, SourcePath, Value, ValueKind,
};
use crate::mapping::typed::{Kind, Presence};
use crate::plan::{FoldPlan, FoldWork, Mark, PlanCall, Step, Tag};
use crate::{FaultCode, FieldId, Place, RuleId, Type};

/// Steps while they are made.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) steps: Vec<Step>,
    /// Where new slots are.
    pub(super) arena: u16,
    /// The level whose current occurrence one is at.
    pub(super) bound: u8,
    pub(super) tree: usize,
    /// The node that the steps belong to.
    pub(super) node: Option<usize>,
    pub(super) rule: RuleId,
    pub(super) source: Option<FieldId>,
    /// Whether something was read that is known only later.
    pub(super) is_late: bool,
    /// The slot that leaves out what a `skip` is about.
    pub(super) skip: Option<Place>,
    /// Checks that come behind all rules: what must be there is.
    pub(super) requires: Vec<Required>,
    /// Fields that must have come when the steps run before the items.
    pub(super) early: Vec<FieldId>,
}

/// A leaf or group of the target that must have a value while what it is mandatory in is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Required {
    pub(super) node: usize,
    pub(super) code: FaultCode,
    pub(super) tag: u32,
}

impl Code {
    pub(super) fn new(arena: u16, bound: u8, tree: usize, node: Option<usize>) -> Self {
        Code {
            steps: Vec::new(),
            arena,
            bound,
            tree,
            node,
            rule: RuleId(0),
            source: None,
            is_late: false,
            skip: None,
            requires: Vec::new(),
            early: Vec::new(),
        }
    }

    /// Where the next step will stand.
    pub(super) fn here(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }

    /// Makes the jump at a place lead to here.
    pub(super) fn land(&mut self, jump: u32) {
        let here = self.here();
        if let Some(Step::Jump { to } | Step::IfThere { to, .. } | Step::IfAny { to, .. } | Step::IfNot { to, .. }) =
            self.steps.get_mut(jump as usize)
        {
            *to = here;
        }
    }
}

impl Lowerer<'_> {
    /// Steps that give a value; says where it will be.
    pub(super) fn value(&mut self, code: &mut Code, value: Value) -> Place {
        let Value { kind, typed, .. } = value;
        match kind {
            ValueKind::Text(text) => self.literal(text.as_bytes()),
            ValueKind::Number(number) => self.literal(number.to_string().as_bytes()),
            ValueKind::Blank => self.literal(b""),
            ValueKind::Nothing => self.new_slot(code.arena),
            ValueKind::Field(path) => {
                let place = self.field(code, &path, &typed);
                if typed.secret {
                    self.secret_rules.insert(code.rule);
                }
                self.mark(code, Mark::Read(path.field), Some(place));
                place
            }
            ValueKind::Call(call) => self.call(code, *call),
            ValueKind::Else(first, alternative) => self.or_else(code, *first, alternative),
            ValueKind::Choose(branches) => self.choose(code, branches),
            ValueKind::Tuple(values) => {
                let places: Vec<_> = values.into_iter().map(|it| self.value(code, it)).collect();
                let from = self.list(places);
                let to = self.new_slot(code.arena);
                code.steps.push(Step::List { from, to });
                to
            }
            ValueKind::And(left, right) => self.both(code, *left, *right, true),
            ValueKind::Or(left, right) => self.both(code, *left, *right, false),
            ValueKind::Not(inner) => {
                let from = self.value(code, *inner);
                let to = self.new_slot(code.arena);
                code.steps.push(Step::Not { from, to });
                to
            }
            ValueKind::Fold(fold) => self.fold_value(code, fold),
            ValueKind::Written(leaf) => match self.leaf_values.get(&(code.tree, leaf)) {
                Some(place) => *place,
                None => self.new_slot(code.arena),
            },
            ValueKind::Piece(piece) => self.piece(code, *piece),
            ValueKind::FileKey(key) => self.key_slot(code, usize::from(key)),
            ValueKind::Memo(memo, field) => {
                self.memos_read.insert(memo);
                let place = match self.memo_places.get(&(memo, field)) {
                    Some(place) => *place,
                    None => self.new_slot(code.arena),
                };
                if self.marks.is_some() {
                    let data = self.resolved.memos.get(usize::from(memo));
                    let name = data.map(|it| it.name.clone()).unwrap_or_default();
                    let field = data.and_then(|it| it.fields.get(usize::from(field))).map(|it| it.0.clone()).unwrap_or_default();
                    self.mark(code, Mark::Memo(format!("{name}/{field}")), Some(place));
                }
                place
            }
        }
    }

    /// A part of a field: what it does is told, and goes wrong, as its own rule.
    fn piece(&mut self, code: &mut Code, piece: PieceValue) -> Place {
        let PieceValue { rule, value, finish } = piece;
        self.note_reads(rule, std::iter::once(&value));
        let fields: Vec<_> =
            self.resolved.hir.rules.get(usize::from(rule.0)).and_then(|it| it.target).map(|it| it.1).into_iter().collect();
        self.note_secrecy(rule, &[&value], (code.tree, &fields));
        let source = self.resolved.hir.rules.get(usize::from(rule.0)).and_then(|it| it.source);
        let outer = (std::mem::replace(&mut code.rule, rule), std::mem::replace(&mut code.source, source));
        let from = self.value(code, value);
        let place = match finish {
            Some(run) => self.own_call(code, run, vec![from], "fits the target"),
            None => from,
        };
        let field = self.resolved.hir.rules.get(usize::from(rule.0)).and_then(|it| it.target);
        if let Some((_, field)) = field {
            self.mark(code, Mark::Wrote(code.tree, field), Some(place));
        }
        (code.rule, code.source) = outer;
        place
    }

    /// Tells something, in a plan that does.
    pub(super) fn mark(&mut self, code: &mut Code, mark: Mark, value: Option<Place>) {
        let Some(marks) = &mut self.marks else { return };
        let number = u32::try_from(marks.len()).unwrap_or(u32::MAX);
        marks.push((code.rule, mark));
        code.steps.push(Step::Mark { mark: number, value });
    }

    // ---- fields ----------------------------------------------------------------------------------------------------

    fn field(&mut self, code: &mut Code, path: &SourcePath, typed: &crate::mapping::typed::Typed) -> Place {
        self.note_early(code, path.field);
        let reach = self.reach(path, code.bound);
        let is_amount = matches!(typed.kind, Kind::Value(Type::Amount(_)));
        if is_amount {
            return self.amount(code, path, reach.is_empty());
        }
        let is_group = typed.kind == Kind::Group || typed.kind == Kind::Any;
        let from = if is_group && self.source.repeats(path.field) {
            None
        } else if is_group {
            Some(self.presence_slot(path.field))
        } else {
            Some(self.value_slot(path.field))
        };
        let place = match from {
            Some(from) if reach.is_empty() => from,
            _ => self.gather(code, reach, from, Some(path.field)),
        };
        // A schema that lets a text be empty lets it be blanks as well, and those are nothing.
        let may_be_blank = typed.as_text().is_some_and(crate::Text::may_be_blank);
        if may_be_blank && typed.many.is_some() {
            code.steps.push(Step::DropBlanks { list: place });
            return place;
        }
        if may_be_blank && !self.is_trimmed() {
            let to = self.passing_slot(code);
            code.steps.push(Step::Unblank { from: place, to });
            // Only what the schema requires has to be told from nothing: it may go to a target that takes a blank.
            if typed.presence == Presence::Maybe {
                code.steps.push(Step::DropBlank { slot: to });
            }
            return to;
        }
        place
    }

    /// Whether the source's decoder gives texts without blanks at their ends.
    fn is_trimmed(&self) -> bool {
        self.sides.get(self.resolved.source).is_some_and(|it| it.about.records)
    }

    /// An amount is its number and its currency.
    fn amount(&mut self, code: &mut Code, path: &SourcePath, at_hand: bool) -> Place {
        let number = self.value_slot(path.field);
        let currency = self.source.child(path.field, "@Ccy").map(|it| self.value_slot(it));
        let to = self.new_slot(code.arena);
        if at_hand {
            code.steps.push(Step::Amount { number, currency, to });
            return to;
        }
        let reach = self.reach(path, code.bound);
        let tag = self.tag_of(code, Some(path.field), None);
        let range = self.reach_range(reach);
        code.steps.push(Step::GatherAmounts { reach: range, number, currency, to, tag });
        to
    }

    fn reach_range(&mut self, reach: Vec<crate::plan::Reach>) -> std::ops::Range<u32> {
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let start = number(self.reaches.len());
        self.reaches.extend(reach);
        start..number(self.reaches.len())
    }

    fn gather(&mut self, code: &mut Code, reach: Vec<crate::plan::Reach>, field: Option<Place>, of: Option<FieldId>) -> Place {
        let to = self.new_slot(code.arena);
        let tag = self.tag_of(code, of, None);
        let range = self.reach_range(reach);
        code.steps.push(Step::Gather { reach: range, field, to, tag });
        to
    }

    /// What heads and items read must be there before the items come; what comes behind them makes the section late.
    fn note_early(&mut self, code: &mut Code, field: FieldId) {
        let level = self.level_of(field);
        if usize::from(level) >= self.cut.len() {
            return;
        }
        let behind = self.comes_behind(field);
        if level < code.bound {
            // An item needs what its head or tail has.
            if behind {
                self.reads_twice = true;
            }
            self.push_early(field);
        } else if behind {
            code.is_late = true;
        } else {
            code.early.push(field);
        }
    }

    pub(super) fn push_early(&mut self, field: FieldId) {
        if !self.early.contains(&field) {
            self.early.push(field);
        }
    }

    pub(super) fn tag_of(&mut self, code: &Code, field: Option<FieldId>, refusal: Option<u16>) -> u32 {
        self.tag(Tag { rule: code.rule, field: field.or(code.source), refusal })
    }

    // ---- calls -----------------------------------------------------------------------------------------------------

    fn call(&mut self, code: &mut Code, call: CallValue) -> Place {
        let CallValue { run, args, strictness, each, lasts, ordered, label, on_fail } = call;
        let once = lasts != Lasting::Call;
        let field = args.first().and_then(first_field);
        let last = args.last().and_then(first_field).or(field);
        let places: Vec<_> = args.into_iter().map(|it| self.value(code, it)).collect();
        if ordered {
            self.is_ordered = true;
        }
        // Worked out when the message begins; a file's key and what is recalled of a memo are not known by then.
        let is_early = |it: &Place| self.shared_values.values().any(|known| known == it);
        let fixed = |it: &Place| it.arena == self.constants || is_early(it);
        let is_shared = !ordered && places.iter().all(fixed) && places.iter().any(is_early) || once;
        let on_fail = on_fail.map(|it| it.0);
        let (tag, last) = (self.tag_of(code, field, on_fail), self.tag_of(code, last, on_fail));
        // The same words may mean another size elsewhere: only what takes nothing of its rule is shared between rules.
        let key = if once { format!("{label} {places:?}") } else { format!("{label} {places:?} {:?}", code.rule) };
        if is_shared && let Some(known) = self.shared_values.get(&key).copied() {
            self.mark(code, Mark::Shared(label), Some(known));
            return known;
        }
        let (only, first) = (only_of(&places), places.first().copied());
        let kept = self.kept(lasts == Lasting::Clock || (!ordered && self.is_of_clock(&places)));
        let args = self.list(places);
        let number = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        self.calls.push(PlanCall { run, args, only, strictness, each, kept, tag, last, label: label.clone() });
        if is_shared {
            let to = self.new_slot(self.shared);
            self.clock_places.extend(kept.map(|_| to));
            self.prelude.push(Step::Call { call: number, to });
            self.shared_values.insert(key, to);
            self.mark(code, Mark::Shared(label), Some(to));
            return to;
        }
        let to = self.taken(first).unwrap_or_else(|| self.new_slot(code.arena));
        self.passing.insert(to);
        code.steps.push(Step::Call { call: number, to });
        to
    }

    /// A new slot for a value that only the step behind it reads.
    fn passing_slot(&mut self, code: &Code) -> Place {
        let to = self.new_slot(code.arena);
        self.passing.insert(to);
        to
    }

    /// The slot of a value that nobody else reads: what is made of it can take its place.
    fn taken(&mut self, place: Option<Place>) -> Option<Place> {
        place.filter(|it| self.passing.remove(it))
    }

    /// Whether what is made of these values changes with the clock only.
    fn is_of_clock(&self, places: &[Place]) -> bool {
        let is_of_clock = |it: &Place| self.clock_places.contains(it);
        places.iter().any(is_of_clock) && places.iter().all(|it| it.arena == self.constants || is_of_clock(it))
    }

    /// The number under which a result is kept between messages, if it may be.
    fn kept(&mut self, may_be: bool) -> Option<u16> {
        may_be.then(|| {
            self.kept += 1;
            self.kept - 1
        })
    }

    /// A call of our own: a last check.
    pub(super) fn own_call(&mut self, code: &mut Code, run: Run, args: Vec<Place>, label: &str) -> Place {
        let tag = self.tag_of(code, None, None);
        let (only, first) = (only_of(&args), args.first().copied());
        let kept = self.kept(self.is_of_clock(&args));
        let args = self.list(args);
        let number = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        let (strictness, each) = (Strictness::Strict, false);
        self.calls.push(PlanCall { run, args, only, strictness, each, kept, tag, last: tag, label: label.to_owned() });
        let to = self.taken(first).unwrap_or_else(|| self.new_slot(code.arena));
        code.steps.push(Step::Call { call: number, to });
        to
    }

    fn or_else(&mut self, code: &mut Code, first: Value, alternative: Alternative) -> Place {
        let field = first_field(&first);
        let from = self.value(code, first);
        let to = self.own(code, from);
        let jump = code.here();
        code.steps.push(Step::IfThere { slot: to, to: 0 });
        match alternative {
            Alternative::Value(other) => {
                self.mark(code, Mark::Branch(other.span), None);
                let other = self.value(code, *other);
                code.steps.push(Step::Copy { from: other, to });
            }
            Alternative::Reject(refusal) => {
                let tag = self.tag_of(code, field, Some(refusal.0));
                code.steps.push(Step::Refuse { tag, to });
            }
            Alternative::Skip => {
                let skip = match code.skip {
                    Some(skip) => skip,
                    None => {
                        let skip = self.new_slot(code.arena);
                        code.skip = Some(skip);
                        skip
                    }
                };
                code.steps.push(Step::Truth { yes: true, to: skip });
                code.steps.push(Step::Clear { slot: to });
            }
        }
        code.land(jump);
        self.passing.insert(to);
        to
    }

    fn choose(&mut self, code: &mut Code, branches: Vec<(Value, Option<Value>)>) -> Place {
        let to = self.new_slot(code.arena);
        let mut ends = Vec::new();
        for (value, cond) in branches {
            let next = cond.map(|cond| {
                let holds = self.value(code, cond);
                code.steps.push(Step::IfNot { slot: holds, to: 0 });
                code.here() - 1
            });
            self.mark(code, Mark::Branch(value.span), None);
            let from = self.value(code, value);
            code.steps.push(Step::Copy { from, to });
            ends.push(code.here());
            code.steps.push(Step::Jump { to: 0 });
            if let Some(next) = next {
                code.land(next);
            }
        }
        for end in ends {
            code.land(end);
        }
        self.passing.insert(to);
        to
    }

    /// `and`, `or`: the second is not looked at when the first decides.
    fn both(&mut self, code: &mut Code, left: Value, right: Value, is_and: bool) -> Place {
        let first = self.value(code, left);
        let to = self.own(code, first);
        let decided = if is_and {
            code.steps.push(Step::IfNot { slot: to, to: 0 });
            code.here() - 1
        } else {
            let negated = self.new_slot(code.arena);
            code.steps.push(Step::Not { from: to, to: negated });
            code.steps.push(Step::IfNot { slot: negated, to: 0 });
            code.here() - 1
        };
        let second = self.value(code, right);
        code.steps.push(Step::Copy { from: second, to });
        code.land(decided);
        self.passing.insert(to);
        to
    }

    /// A slot with a value that may still be replaced: its own where nobody else reads that, or a copy.
    fn own(&mut self, code: &mut Code, from: Place) -> Place {
        self.taken(Some(from)).unwrap_or_else(|| {
            let to = self.new_slot(code.arena);
            code.steps.push(Step::Copy { from, to });
            to
        })
    }

    fn key_slot(&mut self, code: &Code, _key: usize) -> Place {
        match self.key_places.get(&code.tree) {
            Some(place) => *place,
            None => {
                let place = self.new_slot(self.shared);
                self.key_places.insert(code.tree, place);
                place
            }
        }
    }

    // ---- accumulators ----------------------------------------------------------------------------------------------

    /// What an accumulator over the source reads.
    pub(super) fn fold_field(&self, id: FoldId) -> Option<FieldId> {
        match &self.resolved.hir.folds.get(usize::from(id.0))?.over {
            FoldOver::Source(value) => first_field(value),
            FoldOver::Written(..) => None,
        }
    }

    fn fold_value(&mut self, code: &mut Code, id: crate::mapping::hir::FoldId) -> Place {
        let to = self.new_slot(code.arena);
        let Some(fold) = self.resolved.hir.folds.get(usize::from(id.0)) else { return to };
        let is_amount = matches!(fold.over, FoldOver::Source(ref value) if matches!(value.typed.kind, Kind::Value(Type::Amount(_))))
            || matches!(fold.over, FoldOver::Written(_, Some((leaf, false))) if self.is_amount_leaf(fold, leaf));
        let work = match &fold.kind {
            FoldKind::Count => FoldWork::Count,
            FoldKind::Sum if is_amount => FoldWork::SumAmounts,
            FoldKind::Sum => FoldWork::Sum,
            FoldKind::Min => FoldWork::Min,
            FoldKind::Max => FoldWork::Max,
            FoldKind::Same => FoldWork::Same,
            FoldKind::Hash { last, digits, .. } => FoldWork::hash(*last, *digits),
        };
        let streams = match &fold.over {
            FoldOver::Written(..) => true,
            FoldOver::Source(value) => self.deepest(value, code.bound) > code.bound,
        };
        let number = match self.fold_numbers.get(&id) {
            Some(number) => *number,
            None => self.reserve_fold(id),
        };
        if let Some(plan) = self.folds.get_mut(usize::from(number)) {
            *plan = FoldPlan { work, owner: code.node, written: plan.written };
        }
        if streams {
            code.is_late = true;
            let tag = self.tag_of(code, None, None);
            code.steps.push(Step::Fold { fold: number, to, tag });
            return to;
        }
        // All of it is at hand: the list is worked out, then folded.
        let Some(fold) = self.resolved.hir.folds.get_mut(usize::from(id.0)) else { return to };
        let FoldOver::Source(value) = &mut fold.over else { return to };
        let value = std::mem::replace(&mut **value, nothing());
        let field = first_field(&value);
        let list = self.value(code, value);
        let tag = self.tag_of(code, field, None);
        code.steps.push(Step::FoldList { fold: number, list, to, tag });
        to
    }

    /// A number for an accumulator; what it does is said where it is read.
    pub(super) fn reserve_fold(&mut self, id: crate::mapping::hir::FoldId) -> u16 {
        let number = u16::try_from(self.folds.len()).unwrap_or(u16::MAX);
        self.folds.push(FoldPlan { work: FoldWork::Count, owner: None, written: None });
        self.fold_numbers.insert(id, number);
        number
    }

    fn is_amount_leaf(&self, fold: &crate::mapping::hir::Fold, leaf: usize) -> bool {
        let FoldOver::Written(node, _) = &fold.over else { return false };
        let Some(tree) = self.resolved.hir.nodes.get(usize::from(node.0)).map(|it| it.tree) else {
            return false;
        };
        let Some(tree) = self.resolved.trees.get(tree) else { return false };
        tree.node(leaf).writers.iter().any(|it| matches!(it.typed.kind, Kind::Value(Type::Amount(_))))
    }

    /// The deepest level that any field of a value streams at.
    pub(super) fn deepest(&self, value: &Value, bound: u8) -> u8 {
        let mut deepest = 0;
        visit_fields(value, &mut |path| deepest = deepest.max(self.streams_to(path, bound)));
        deepest
    }
}

/// The argument of a call that has one.
fn only_of(args: &[Place]) -> Option<Place> {
    if let [only] = args { Some(*only) } else { None }
}

/// What stands where a value was taken away.
pub(super) fn nothing() -> Value {
    let span = crate::Span { file: crate::FileId::NONE, start: 0, end: 0 };
    Value { kind: ValueKind::Nothing, typed: crate::mapping::typed::Typed::of_kind(Kind::Empty), span }
}

/// The field that a value begins with.
pub(super) fn first_field(value: &Value) -> Option<FieldId> {
    let mut first = None;
    visit_fields(value, &mut |path| {
        first.get_or_insert(path.field);
    });
    first
}

/// The accumulator that a value reads first.
pub(super) fn first_fold(value: &Value) -> Option<FoldId> {
    match &value.kind {
        ValueKind::Fold(fold) => Some(*fold),
        ValueKind::Call(call) => call.args.iter().find_map(first_fold),
        ValueKind::Not(inner) => first_fold(inner),
        ValueKind::And(a, b) | ValueKind::Or(a, b) => first_fold(a).or_else(|| first_fold(b)),
        _ => None,
    }
}

/// Every field that a value reads.
pub(super) fn visit_fields(value: &Value, visit: &mut dyn FnMut(&SourcePath)) {
    match &value.kind {
        ValueKind::Field(path) => visit(path),
        ValueKind::Call(call) => call.args.iter().for_each(|it| visit_fields(it, visit)),
        ValueKind::Else(first, alternative) => {
            visit_fields(first, visit);
            if let Alternative::Value(other) = alternative {
                visit_fields(other, visit);
            }
        }
        ValueKind::Choose(branches) => {
            for (value, cond) in branches {
                visit_fields(value, visit);
                if let Some(cond) = cond {
                    visit_fields(cond, visit);
                }
            }
        }
        ValueKind::Tuple(values) => values.iter().for_each(|it| visit_fields(it, visit)),
        ValueKind::Piece(piece) => visit_fields(&piece.value, visit),
        ValueKind::Not(inner) => visit_fields(inner, visit),
        ValueKind::And(a, b) | ValueKind::Or(a, b) => {
            visit_fields(a, visit);
            visit_fields(b, visit);
        }
        _ => {}
    }
}

/// The fields that a value reads.
pub(super) fn fields_of(value: &Value) -> Vec<FieldId> {
    let mut fields = Vec::new();
    visit_fields(value, &mut |path| fields.push(path.field));
    fields
}

/// Whether a value must be worked out in the order of the records.
pub(super) fn is_ordered(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Call(call) => call.ordered || call.args.iter().any(is_ordered),
        ValueKind::Else(first, alternative) => {
            is_ordered(first) || matches!(alternative, Alternative::Value(other) if is_ordered(other))
        }
        ValueKind::Choose(branches) => {
            branches.iter().any(|(value, cond)| is_ordered(value) || cond.as_ref().is_some_and(is_ordered))
        }
        ValueKind::Tuple(values) => values.iter().any(is_ordered),
        ValueKind::Piece(piece) => is_ordered(&piece.value),
        ValueKind::Not(inner) => is_ordered(inner),
        ValueKind::And(a, b) | ValueKind::Or(a, b) => is_ordered(a) || is_ordered(b),
        _ => false,
    }
}

/// Whether a value may be a blank that stands for nothing.
pub(super) fn may_be_blank(value: &Value) -> bool {
    value.typed.presence == Presence::MayBeBlank
}
