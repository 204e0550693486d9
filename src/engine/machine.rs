//! Runs the steps of a plan over a record: nothing here knows of parts, lanes or bytes of output.

use crate::call::{Call, Context, LossKind, Store, Strictness, is_nothing};
use crate::fast::FastPath;
use crate::fold::{FoldResult, FoldState};
use crate::output::Noted;
use crate::plan::{LoopStep, Plan, PlanCall, Program, Reach, Scope, Step};
use crate::trace::{Event, What};
use crate::{Fault, FaultCode, Place, Record, RuleId, Slot, SlotKind};

/// One worker's state while steps run.
pub(crate) struct Machine {
    pub(crate) record: Record,
    pub(crate) context: Context,
    /// Accumulators; of outputs told apart by a key, those of the current one.
    pub(crate) folds: Vec<FoldState>,
    /// Faults since they were last looked at.
    pub(crate) faults: Vec<Noted>,
    /// Losses since they were last looked at, each with its rule.
    pub(crate) losses: Vec<(RuleId, LossKind, u32)>,
    /// The number of the record in its output.
    pub(crate) position: u64,
    /// The numbers of the occurrences cut at, outermost first.
    pub(crate) numbers: [u32; 3],
    scratch: Vec<u8>,
    args: Vec<Slot>,
    gathered: Vec<Slot>,
    lost: Vec<(LossKind, u32)>,
    /// Texts that change with the clock only; empty where none is known.
    kept: Vec<Vec<u8>>,
    /// What happened, for whoever explains a message; off as a rule.
    pub(crate) trace: Option<Vec<Event>>,
}

/// What steps are run with beside the machine's own.
pub(crate) struct Around<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) part: &'a [u8],
    pub(crate) store: &'a mut dyn Store,
}

impl Machine {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut record = Record::new(&plan.arenas, &plan.literals);
        let slots = Record::literals(&plan.literals);
        record.renew(plan.constants);
        for (number, slot) in (0_u16..).zip(slots) {
            record.set(Place { arena: plan.constants, slot: number }, slot);
        }
        Machine {
            record,
            context: Context::default(),
            folds: vec![FoldState::default(); plan.folds.len()],
            faults: Vec::new(),
            losses: Vec::new(),
            position: 0,
            numbers: [0; 3],
            scratch: Vec::new(),
            args: Vec::new(),
            gathered: Vec::new(),
            lost: Vec::new(),
            kept: vec![Vec::new(); plan.calls.iter().filter(|it| it.kept.is_some()).count()],
            trace: None,
        }
    }

    /// Runs a program.
    pub(crate) fn run(&mut self, around: &mut Around<'_>, program: &Program) {
        let plan = around.plan;
        let mut at = program.start;
        while at < program.end {
            let Some(step) = plan.steps.get(at as usize) else { return };
            at += 1;
            let step = match step {
                Step::Fast { path } => match plan.paths.get(*path as usize) {
                    Some(path) => match self.fast(path, around.part) {
                        Some(next) => {
                            at = next;
                            continue;
                        }
                        // What does not pass a call's look is called for.
                        None => match &path.first {
                            Step::Call { call, to } if let Some(call) = plan.calls.get(*call as usize) => {
                                let slot = self.call_with(around, call);
                                self.record.set(*to, slot);
                                continue;
                            }
                            first => first,
                        },
                    },
                    None => step,
                },
                step => step,
            };
            match step {
                Step::Copy { from, to } => {
                    let slot = self.record.get(*from);
                    self.record.set(*to, slot);
                }
                Step::Unblank { from, to } => {
                    let slot = self.unblanked(around, self.record.get(*from));
                    self.record.set(*to, slot);
                }
                Step::Call { call, to } => {
                    let slot = self.call(around, *call);
                    self.record.set(*to, slot);
                }
                Step::Jump { to } => at = *to,
                Step::IfThere { slot, to } => {
                    if !is_nothing(self.record.get(*slot)) {
                        at = *to;
                    }
                }
                Step::IfNot { slot, to } => {
                    if self.record.get(*slot).kind() != SlotKind::Yes {
                        at = *to;
                    }
                }
                Step::IfAny { slots, to } => {
                    if plan.list(slots).iter().any(|it| !is_nothing(self.record.get(*it))) {
                        at = *to;
                    }
                }
                Step::Item { from, number, to } => {
                    let slot = self.part_of(self.record.get(*from), *number);
                    self.record.set(*to, slot);
                }
                Step::Truth { yes, to } => self.record.set(*to, Slot::yes_no(*yes, 0)),
                Step::Not { from, to } => {
                    let slot = match self.record.get(*from).kind() {
                        SlotKind::Failed => Slot::FAILED,
                        kind => Slot::yes_no(kind != SlotKind::Yes, 0),
                    };
                    self.record.set(*to, slot);
                }
                Step::DropBlank { slot } => {
                    if is_nothing(self.record.get(*slot)) {
                        self.record.set(*slot, Slot::ABSENT);
                    }
                }
                Step::Clear { slot } => self.record.set(*slot, Slot::ABSENT),
                Step::Mark { mark, value } => {
                    let slot = value.map_or(Slot::ABSENT, |it| self.record.get(it));
                    self.passed(plan, *mark, slot, around.part);
                }
                other => self.rare(around, other),
            }
        }
    }

    /// Takes a fast path if the value passes; gives the step to go on with.
    #[inline]
    fn fast(&mut self, path: &FastPath, part: &[u8]) -> Option<u32> {
        let slot = self.record.get(path.from);
        let way = if slot.is_absent() {
            path.absent.as_ref()?
        } else if path.checks.pass(slot, self.record.bytes(slot, part)) {
            &path.kept
        } else {
            return None;
        };
        for (to, count) in &way.to {
            self.record.fill(*to, *count, slot);
        }
        Some(way.next)
    }

    /// Steps that are not on every rule's way.
    fn rare(&mut self, around: &mut Around<'_>, step: &Step) {
        let plan = around.plan;
        match step {
            Step::DropBlanks { list } => {
                let slot = self.without_blanks(around, self.record.get(*list));
                self.record.set(*list, slot);
            }
            Step::List { from, to } => {
                self.gathered.clear();
                self.gathered.extend(plan.list(from).iter().map(|it| self.record.get(*it)));
                let list = self.record.list(self.gathered.iter().copied());
                self.record.set(*to, list);
            }
            Step::Amount { number, currency, to } => {
                let slot = match self.record.get(*number) {
                    number if is_nothing(number) || number.kind() == SlotKind::Failed => number,
                    number => {
                        let currency = currency.map_or(Slot::ABSENT, |it| self.record.get(it));
                        self.record.amount(number, currency)
                    }
                };
                self.record.set(*to, slot);
            }
            Step::Gather { reach, field, to, tag } => {
                let slot = self.gather(plan, reach, *tag, |record| match field {
                    Some(field) => record.get(*field),
                    None => Slot::group(0, 1),
                });
                self.record.set(*to, slot);
            }
            Step::GatherAmounts { reach, number, currency, to, tag } => {
                let slot = self.gather(plan, reach, *tag, |record| {
                    let value = record.get(*number);
                    if is_nothing(value) {
                        return Slot::ABSENT;
                    }
                    let currency = currency.map_or(Slot::ABSENT, |it| record.get(it));
                    record.amount(value, currency)
                });
                self.record.set(*to, slot);
            }
            Step::Refuse { tag, to } => {
                self.fault(plan, FaultCode::MapRejected, *tag, Slot::ABSENT);
                if let Some(last) = self.faults.last_mut() {
                    last.is_absent = true;
                }
                self.record.set(*to, Slot::FAILED);
            }
            Step::Demand { holds, tag } if self.record.get(*holds).kind() == SlotKind::No => {
                self.fault(plan, FaultCode::MapVerify, *tag, Slot::ABSENT);
            }
            Step::Require { own, with, always, code, tag } => {
                let there = |places: &[Place]| places.iter().any(|it| !is_nothing(self.record.get(*it)));
                if !there(plan.list(own)) && (*always || there(plan.list(with))) {
                    self.fault(plan, *code, *tag, Slot::ABSENT);
                }
            }
            Step::Loop(step) => self.rows(around, step),
            Step::Fold { fold, to, tag } => {
                let slot = self.folded(plan, *fold, *tag);
                self.record.set(*to, slot);
            }
            Step::Feed { fold, value, tag } => self.feed(around, *fold, *value, *tag),
            Step::FoldList { fold, list, to, tag } => {
                if let Some(state) = self.folds.get_mut(usize::from(*fold)) {
                    state.clear();
                }
                self.feed(around, *fold, Some(*list), *tag);
                let slot = self.folded(plan, *fold, *tag);
                self.record.set(*to, slot);
            }
            _ => {}
        }
    }

    /// A blank text is the empty one.
    fn unblanked(&mut self, around: &Around<'_>, slot: Slot) -> Slot {
        let text = self.record.bytes(slot, around.part);
        match text.first() {
            Some(b' ') if matches!(slot.kind(), SlotKind::Part | SlotKind::Held) && text.iter().all(|it| *it == b' ') => {
                Slot::part(slot.at(), 0)
            }
            _ => slot,
        }
    }

    fn part_of(&self, slot: Slot, number: u32) -> Slot {
        match slot.kind() {
            SlotKind::List | SlotKind::Amount => self.record.item(slot, number),
            SlotKind::Failed => Slot::FAILED,
            _ if number == 0 => slot,
            _ => Slot::ABSENT,
        }
    }

    // ---- calls -----------------------------------------------------------------------------------------------------

    #[inline]
    fn call(&mut self, around: &mut Around<'_>, number: u32) -> Slot {
        let plan = around.plan;
        let Some(call) = plan.calls.get(number as usize) else { return Slot::ABSENT };
        if let Some(only) = call.only
            && let Some(slot) = call.run.at_once(self.record.get(only), &self.record, around.part)
            && self.trace.is_none()
        {
            return slot;
        }
        match call.kept {
            Some(kept) if self.trace.is_none() => self.call_kept(around, call, kept),
            _ => self.call_with(around, call),
        }
    }

    /// Gives what a function of the clock gave before, while the clock says the same.
    fn call_kept(&mut self, around: &mut Around<'_>, call: &PlanCall, kept: u16) -> Slot {
        if let Some(known) = self.kept.get(usize::from(kept)).filter(|it| !it.is_empty()) {
            return self.record.hold_from(Slot::ABSENT, |out| out.extend_from_slice(known));
        }
        let lost = self.losses.len();
        let slot = self.call_with(around, call);
        if slot.kind() == SlotKind::Held
            && self.losses.len() == lost
            && let Some(room) = self.kept.get_mut(usize::from(kept))
        {
            room.extend_from_slice(self.record.bytes(slot, around.part));
        }
        slot
    }

    /// The time of the message; what was kept of another is forgotten.
    pub(crate) fn set_context(&mut self, context: Context) {
        if self.context.now != context.now {
            self.kept.iter_mut().for_each(Vec::clear);
        }
        self.context = context;
    }

    /// Calls a function with the values of its arguments.
    #[inline(never)]
    fn call_with(&mut self, around: &mut Around<'_>, call: &PlanCall) -> Slot {
        let places = around.plan.list(&call.args);
        let mut room = [Slot::ABSENT; 4];
        match room.get_mut(..places.len()) {
            Some(args) => self.call_of(around, call, places, args),
            None => {
                let mut args = std::mem::take(&mut self.args);
                args.clear();
                args.resize(places.len(), Slot::ABSENT);
                let result = self.call_of(around, call, places, &mut args);
                self.args = args;
                result
            }
        }
    }

    #[inline(always)]
    fn call_of(&mut self, around: &mut Around<'_>, call: &PlanCall, places: &[Place], args: &mut [Slot]) -> Slot {
        for (arg, place) in args.iter_mut().zip(places) {
            let slot = self.record.get(*place);
            if slot.kind() == SlotKind::Failed {
                return Slot::FAILED;
            }
            if call.strictness == Strictness::Strict && is_nothing(slot) {
                // An absent value passes through untouched, a blank one as a blank.
                return if slot.kind() == SlotKind::List { Slot::ABSENT } else { slot };
            }
            *arg = slot;
        }
        if call.each && args.first().is_some_and(|it| it.kind() == SlotKind::List) {
            return self.call_each(around, call, args);
        }
        self.call_once(around, call, args)
    }

    /// Calls a function for every element of its first argument.
    #[inline(never)]
    fn call_each(&mut self, around: &mut Around<'_>, call: &PlanCall, args: &mut [Slot]) -> Slot {
        let mut gathered = std::mem::take(&mut self.gathered);
        gathered.clear();
        let mut failed = false;
        let list = args.first().copied().unwrap_or(Slot::ABSENT);
        for item in 0..list.length() {
            let slot = self.record.item(list, item);
            if let Some(first) = args.first_mut() {
                *first = slot;
            }
            let result = if is_nothing(slot) { Slot::ABSENT } else { self.call_once(around, call, args) };
            failed |= result.kind() == SlotKind::Failed;
            if !is_nothing(result) {
                gathered.push(result);
            }
        }
        let slot = if failed { Slot::FAILED } else { self.record.list(gathered.iter().copied()) };
        self.gathered = gathered;
        slot
    }

    #[inline(always)]
    fn call_once(&mut self, around: &mut Around<'_>, it: &PlanCall, args: &[Slot]) -> Slot {
        let mut call = Call {
            record: &mut self.record,
            part: around.part,
            args,
            context: &self.context,
            scratch: &mut self.scratch,
            losses: &mut self.lost,
            position: self.position,
            store: around.store,
            refusal: None,
            row: None,
        };
        let result = it.run.call(&mut call);
        let (refusal, row) = (call.refusal, call.row);
        let output = match result {
            Ok(slot) => slot,
            Err(code) => self.failed(around.plan, it, args, (code, refusal)),
        };
        if self.trace.is_some() || !self.lost.is_empty() {
            self.called(around, it, row, output);
        }
        output
    }

    /// A call failed: its fault is that of its first argument, or of the last where that one is to blame.
    #[cold]
    fn failed(&mut self, plan: &Plan, it: &PlanCall, args: &[Slot], (code, refusal): (FaultCode, Option<u16>)) -> Slot {
        let first = args.first().copied().unwrap_or(Slot::ABSENT);
        let (tag, slot) = match code {
            FaultCode::MapCurrency => (it.last, args.last().copied().unwrap_or(first)),
            _ => (it.tag, first),
        };
        self.fault_with(plan, code, tag, slot, refusal);
        Slot::FAILED
    }

    /// Notes what a call lost, and that it was called where somebody listens.
    #[inline(never)]
    fn called(&mut self, around: &Around<'_>, it: &PlanCall, row: Option<u32>, output: Slot) {
        let rule = around.plan.tag(it.tag).rule;
        if self.trace.is_some() {
            let what = What::Called { label: it.label.clone(), row, lost: self.lost.first().copied() };
            self.note(around.plan, rule, what, output, around.part);
        }
        self.losses.extend(self.lost.drain(..).map(|(kind, lost)| (rule, kind, lost)));
    }

    /// Notes a fault of a rule; its place is that of the value that was worked on.
    pub(crate) fn fault(&mut self, plan: &Plan, code: FaultCode, tag: u32, slot: Slot) {
        self.fault_with(plan, code, tag, slot, None);
    }

    fn fault_with(&mut self, plan: &Plan, code: FaultCode, tag: u32, slot: Slot, refusal: Option<u16>) {
        let tag = plan.tag(tag);
        let offset =
            self.record.origin(slot).or_else(|| self.origin_of(plan, tag.field)).map_or_else(|| self.here(plan), |(at, _)| at);
        let mut fault = Fault::new(code, offset).by(tag.rule);
        fault.field = tag.field;
        let refusal = tag.refusal.or(refusal);
        let worded = refusal.and_then(|it| plan.refusals.get(usize::from(it))).and_then(|it| it.scope);
        let scope = worded.unwrap_or_else(|| {
            let own = plan.rule(tag.rule).map_or(Scope::Message, |it| it.scope);
            // A count that the target cannot hold, a sequence at its end: the file is wrong, not the record.
            if matches!(code, FaultCode::MapCount | FaultCode::MapSequence) { Scope::File } else { own }
        });
        let noted = Noted { fault, refusal, scope, numbers: self.numbers, is_absent: code == FaultCode::MapAbsent };
        // A rule that takes two parts of one bad value says so once.
        if !self.faults.contains(&noted) {
            self.faults.push(noted);
        }
    }

    /// Where a field of the current occurrences stands.
    fn origin_of(&self, plan: &Plan, field: Option<crate::FieldId>) -> Option<(u64, u32)> {
        let is_it = |it: &&crate::Wanted| Some(it.field) == field && !matches!(it.want, crate::Want::Rows(_));
        let place = plan.wanted.iter().find(is_it)?.place;
        let slot = self.record.get(place);
        let is_current = place.arena <= u16::from(plan.depth());
        self.record.origin(slot).filter(|_| is_current)
    }

    /// The byte where the innermost occurrence begins.
    pub(crate) fn here(&self, plan: &Plan) -> u64 {
        for level in (1..=plan.depth()).rev() {
            let Some(place) = plan.starts.get(usize::from(level) - 1) else { continue };
            let current = self.numbers.get(usize::from(level) - 1).is_some_and(|it| *it > 0);
            if let Some((at, _)) = self.record.origin(self.record.get(*place)).filter(|_| current) {
                return at;
            }
        }
        self.record.start()
    }

    // ---- repeats ---------------------------------------------------------------------------------------------------

    fn gather(&mut self, plan: &Plan, reach: &Program, tag: u32, read: impl Fn(&mut Record) -> Slot) -> Slot {
        let reaches = plan.reaches.get(reach.start as usize..reach.end as usize).unwrap_or_default();
        let is_single = reaches.iter().all(|it| it.pick.is_some());
        let mut gathered = std::mem::take(&mut self.gathered);
        gathered.clear();
        let too_many = self.reach_rows(reaches, &mut gathered, &read);
        let slot = match (is_single, gathered.first()) {
            (true, first) => first.copied().unwrap_or(Slot::ABSENT),
            (false, _) => self.record.list(gathered.iter().copied()),
        };
        self.gathered = gathered;
        if too_many {
            self.fault(plan, FaultCode::MapRepeat, tag, slot);
            return Slot::FAILED;
        }
        slot
    }

    /// A list of texts without those of blanks.
    fn without_blanks(&mut self, around: &Around<'_>, list: Slot) -> Slot {
        if list.kind() != SlotKind::List {
            return list;
        }
        let mut kept = std::mem::take(&mut self.gathered);
        kept.clear();
        for at in 0..list.length() {
            let item = self.record.item(list, at);
            if !is_nothing(self.unblanked(around, item)) {
                kept.push(item);
            }
        }
        let is_same = kept.len() == list.length() as usize;
        let slot = if is_same { list } else { self.record.list(kept.iter().copied()) };
        self.gathered = kept;
        slot
    }

    /// Visits the rows on the way; true where there are several and only one may be.
    fn reach_rows(&mut self, reaches: &[Reach], gathered: &mut Vec<Slot>, read: &impl Fn(&mut Record) -> Slot) -> bool {
        let Some((reach, rest)) = reaches.split_first() else {
            let slot = read(&mut self.record);
            if !slot.is_absent() {
                gathered.push(slot);
            }
            return false;
        };
        let rows = self.record.get(reach.rows);
        let (first, count) = if rows.kind() == SlotKind::Rows { (rows.at(), rows.length()) } else { (0, 0) };
        let (from, to) = match reach.pick {
            None => (0, count),
            Some(0) if count > 1 => return true,
            Some(0) => (0, count),
            Some(number) => (number - 1, number.min(count)),
        };
        let before = self.record.row(reach.arena);
        let mut too_many = false;
        for row in from..to {
            self.record.seek(reach.arena, first + row);
            too_many |= self.reach_rows(rest, gathered, read);
        }
        self.record.seek(reach.arena, before);
        too_many
    }

    /// A loop within a section: a row of the target for each row of the source that passes the filter.
    fn rows(&mut self, around: &mut Around<'_>, step: &LoopStep) {
        let mut written = 0;
        self.rows_of(around, step, 0, &mut written);
        if written > step.most {
            self.fault(around.plan, FaultCode::MapRepeat, step.tag, Slot::ABSENT);
        }
    }

    fn rows_of(&mut self, around: &mut Around<'_>, step: &LoopStep, depth: usize, written: &mut u32) {
        let Some(it) = step.loops.get(depth).and_then(|it| around.plan.loops.get(*it)) else {
            return self.row(around, step, written);
        };
        let rows = self.record.get(it.rows);
        let before = self.record.row(it.arena);
        if it.or_none && (rows.kind() != SlotKind::Rows || rows.length() == 0) {
            self.record.seek_nothing(it.arena);
            self.rows_of(around, step, depth + 1, written);
            return self.record.seek(it.arena, before);
        }
        if rows.kind() != SlotKind::Rows {
            return;
        }
        for row in 0..rows.length() {
            self.record.seek(it.arena, rows.at() + row);
            self.rows_of(around, step, depth + 1, written);
        }
        self.record.seek(it.arena, before);
    }

    fn row(&mut self, around: &mut Around<'_>, step: &LoopStep, written: &mut u32) {
        let (arena, of) = step.rows;
        self.record.open_row(arena);
        if let Some((program, holds)) = &step.guard {
            self.run(around, program);
            let kind = self.record.get(*holds).kind();
            if kind != SlotKind::Yes {
                if let (Some(tag), SlotKind::No) = (step.refusal, kind) {
                    self.fault(around.plan, FaultCode::MapRejected, tag, Slot::ABSENT);
                }
                return self.record.close_row(arena);
            }
        }
        self.run(around, &step.body);
        let skipped = step.skip.is_some_and(|it| self.record.get(it).kind() == SlotKind::Yes);
        if skipped {
            return self.record.close_row(arena);
        }
        self.record.count_row(arena, of);
        *written += 1;
    }

    // ---- accumulators ----------------------------------------------------------------------------------------------

    fn feed(&mut self, around: &Around<'_>, fold: u16, value: Option<Place>, tag: u32) {
        let plan = around.plan;
        let Some(work) = plan.folds.get(usize::from(fold)).map(|it| &it.work) else { return };
        let Some(place) = value else {
            if let Some(state) = self.folds.get_mut(usize::from(fold)) {
                state.count();
            }
            return;
        };
        let slot = self.record.get(place);
        let is_amount = matches!(work, crate::plan::FoldWork::SumAmounts);
        let is_list = slot.kind() == SlotKind::List;
        let count = if is_list { slot.length() } else { 1 };
        for number in 0..count {
            let item = if is_list { self.record.item(slot, number) } else { slot };
            if is_nothing(item) || item.kind() == SlotKind::Failed {
                continue;
            }
            let value = if is_amount { self.record.item(item, 0) } else { item };
            let currency = if is_amount { self.record.item(item, 1) } else { Slot::ABSENT };
            let text = self.record.bytes(value, around.part);
            let number = self.record.number_of(value);
            let Some(state) = self.folds.get_mut(usize::from(fold)) else { return };
            let mut fed = state.feed(work, text, number);
            if is_amount && fed.is_ok() {
                fed = state.currency(self.record.bytes(currency, around.part));
            }
            if let Err(code) = fed {
                self.fault(plan, code, tag, value);
                return;
            }
        }
    }

    fn folded(&mut self, plan: &Plan, fold: u16, _tag: u32) -> Slot {
        let Some(work) = plan.folds.get(usize::from(fold)).map(|it| &it.work) else { return Slot::ABSENT };
        let Some(state) = self.folds.get(usize::from(fold)) else { return Slot::ABSENT };
        match state.result(work) {
            FoldResult::Nothing => Slot::ABSENT,
            FoldResult::Number(number) => self.record.number(number),
            FoldResult::YesNo(yes) => Slot::yes_no(yes, 0),
            FoldResult::Amount(number, currency) => {
                let currency = self.record.hold_from(Slot::ABSENT, |out| out.extend_from_slice(currency));
                let number = self.record.number(number);
                self.record.amount(number, currency)
            }
        }
    }
}
