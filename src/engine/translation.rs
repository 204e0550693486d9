//! The data path: part -> record -> steps -> values -> lanes. One function, [`Session::part`], that every face uses.

use crate::call::{Context, LossKind, Store, is_nothing};
use crate::fold::FoldState;
use crate::machine::{Around, Machine};
use crate::output::{Counts, Lane, Loss, Noted, Outputs, Reject};
use crate::plan::{NodePlan, Plan, Scope};
use crate::rules::allows_remembered;
use crate::trace::Event;
use crate::{
    Codec, Decoder, Encoder, Fault, FaultCode, Faults, Frame, Framer, Outcome, Part, Place, Reading, RuleId, Section, Slot,
    SlotKind, Values,
};
use std::sync::Arc;

/// A compiled mapping in one direction, with the codecs of its sides.
#[derive(Clone)]
pub struct Translation {
    /// What is done.
    pub plan: Arc<Plan>,
    /// The codec of the source.
    pub source: Arc<dyn Codec>,
    /// The codecs of the targets, as the plan numbers them.
    pub targets: Vec<Arc<dyn Codec>>,
}

impl std::fmt::Debug for Translation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Translation").field("name", &self.plan.name).finish_non_exhaustive()
    }
}

/// What becomes of a message, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Going,
    /// It is over: what it wrote may leave.
    Release,
    /// It is over: nothing of it may leave.
    Refuse,
    /// It is over, and nothing of this input may leave.
    RefuseInput,
}

/// Which time a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// The only one.
    Only,
    /// The first of two: heads and tails are decoded, nothing is done.
    Survey,
    /// The second: what tails have is known.
    Second,
}

/// One worker's state: makes outputs of parts. Everything in it is used again for the next message.
pub struct Session {
    plan: Arc<Plan>,
    machine: Machine,
    decoder: Box<dyn Decoder>,
    encoders: Vec<Box<dyn Encoder>>,
    faults: Faults,
    /// Faults that refuse the message.
    refused: Vec<Noted>,
    pass: Pass,
    /// What the survey found, by occurrence of a head: level, slot, bytes.
    surveyed: Vec<Vec<(u16, Vec<u8>)>>,
    surveyed_bytes: usize,
    /// Where it became more than may be held.
    too_much: Option<u64>,
    heads: usize,
    lanes: Vec<LaneState>,
    /// How many of them are of this message.
    open_lanes: usize,
    /// By target, the lane one is at.
    current: Vec<Option<usize>>,
    /// By node: whether its occurrence is being written, the lane, the place of its insert.
    active: Vec<Active>,
    records: u64,
    counts: Counts,
    wrote: bool,
    /// The key of the lane that is being opened.
    key: Vec<u8>,
}

#[derive(Debug, Default)]
struct LaneState {
    /// The number in [`Outputs`].
    number: usize,
    target: usize,
    key: Vec<u8>,
    /// By node: how many occurrences were written.
    written: Vec<u64>,
    folds: Vec<FoldState>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Active {
    is_open: bool,
    lane: usize,
    insert_at: u64,
}

impl Translation {
    /// A new worker.
    pub fn session(&self) -> Session {
        let plan = Arc::clone(&self.plan);
        let reading = Reading { wanted: &plan.wanted, cut: &plan.cut, limits: &plan.limits, plain: plan.is_plain };
        let decoder = self.source.decoder(&reading);
        let encoders =
            plan.targets.iter().zip(&self.targets).filter_map(|(target, codec)| codec.encoder(&target.shape)).collect();
        let machine = Machine::new(&plan);
        let faults = Faults::new(plan.limits.faults_max);
        Session {
            machine,
            decoder,
            encoders,
            faults,
            refused: Vec::new(),
            pass: Pass::Only,
            surveyed: Vec::new(),
            surveyed_bytes: 0,
            too_much: None,
            heads: 0,
            lanes: Vec::new(),
            open_lanes: 0,
            current: vec![None; plan.targets.len()],
            active: vec![Active::default(); plan.nodes.len()],
            records: 0,
            counts: Counts::default(),
            wrote: false,
            key: Vec::new(),
            plan,
        }
    }

    /// Cuts the source's stream into parts.
    pub fn framer(&self) -> Box<dyn Framer> {
        self.source.framer(&self.plan.cut, &self.plan.early, &self.plan.limits)
    }
}

impl Session {
    /// Opens a new message.
    pub fn open(&mut self, context: Context) {
        self.pass = Pass::Only;
        self.start(context);
    }

    /// Opens a message that is read twice, the first time.
    pub fn survey(&mut self, context: Context) {
        self.pass = Pass::Survey;
        self.surveyed.clear();
        self.surveyed_bytes = 0;
        self.too_much = None;
        self.start(context);
    }

    /// Opens the same message again, to translate it.
    pub fn second(&mut self, context: Context) {
        self.pass = Pass::Second;
        self.start(context);
        if let Some(at) = self.too_much.take() {
            self.refused.push(Noted::of_message(Fault::new(FaultCode::LimitHeld, at), self.machine.numbers));
        }
    }

    fn start(&mut self, context: Context) {
        self.machine.context = context;
        self.machine.faults.clear();
        self.machine.losses.clear();
        self.machine.numbers = [0; 3];
        self.machine.position = 0;
        self.refused.clear();
        for fold in &mut self.machine.folds {
            fold.clear();
        }
        self.open_lanes = 0;
        self.current.fill(None);
        self.active.fill(Active::default());
        self.records = 0;
        self.heads = 0;
        self.counts = Counts::default();
        self.wrote = false;
    }

    /// Takes a part of the message.
    pub fn part(&mut self, frame: &Frame, buffer: &[u8], store: &mut dyn Store, out: &mut Outputs) -> Verdict {
        let plan = Arc::clone(&self.plan);
        let part = buffer.get(frame.bytes.clone()).unwrap_or_default();
        let depth = plan.item_level();
        self.number(frame, depth);
        match frame.part {
            Part::Whole => self.machine.record.begin(0, frame.at),
            Part::Head(level) => self.machine.record.begin(level, frame.at),
            Part::Item => self.machine.record.begin(depth, frame.at),
            Part::Tail(level) => self.machine.record.resume(level, frame.at),
        }
        if self.pass == Pass::Survey {
            return self.look_ahead(frame, buffer, &plan);
        }
        let is_over = matches!(frame.part, Part::Whole | Part::Tail(0));
        if self.refused.len() < usize::try_from(plan.limits.faults_max).unwrap_or(usize::MAX) {
            self.decode(frame, buffer, &plan, out);
        }
        let mut around = Around { plan: &plan, part, store };
        let is_judged = self.refused.is_empty();
        if is_judged {
            match frame.part {
                Part::Whole => {
                    self.begin_message(&mut around, out);
                    self.level(&mut around, 0, out);
                }
                Part::Head(level) => {
                    self.restore(level);
                    self.machine.record.keep(level, part);
                    if level == 0 {
                        self.begin_message(&mut around, out);
                    }
                    self.enter(&mut around, level, out);
                    // What was made while the part was there stays as long as the level.
                    self.machine.record.keep(level, part);
                }
                Part::Item => self.level(&mut around, depth, out),
                Part::Tail(level) => self.leave(&mut around, level, out),
            }
        } else if frame.part == Part::Item {
            self.counts.read += u64::from(plan.has_records);
            self.records += 1;
        }
        if !is_over {
            out.counts = self.counts;
            return Verdict::Going;
        }
        self.finish(&mut around, frame, is_judged, out)
    }

    /// The stream cannot be cut any further: the message is refused with what the framer found.
    pub fn abort(&mut self, fault: Fault, out: &mut Outputs) -> Verdict {
        self.refused.push(Noted::of_message(fault, self.machine.numbers));
        self.refuse(None, out)
    }

    /// The faults that will refuse the message, so far.
    pub fn refused(&self) -> &[Noted] {
        &self.refused
    }

    /// The number of the current message.
    pub fn message(&self) -> u64 {
        self.machine.context.message
    }

    /// From now on what happens is noted.
    pub fn listen(&mut self) {
        self.machine.trace = Some(Vec::new());
    }

    /// What happened since the last time.
    pub fn events(&mut self) -> Vec<Event> {
        self.machine.trace.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn number(&mut self, frame: &Frame, depth: u8) {
        let level = match frame.part {
            Part::Head(level) | Part::Tail(level) => level,
            Part::Item => depth,
            Part::Whole => 0,
        };
        let is_new = !matches!(frame.part, Part::Tail(_));
        if let Some(number) = usize::from(level).checked_sub(1).and_then(|it| self.machine.numbers.get_mut(it))
            && is_new
        {
            *number = u32::try_from(frame.number).unwrap_or(u32::MAX);
        }
        for deeper in self.machine.numbers.iter_mut().skip(usize::from(level)) {
            *deeper = 0;
        }
    }

    fn decode(&mut self, frame: &Frame, buffer: &[u8], plan: &Plan, out: &mut Outputs) {
        self.faults.clear();
        let outcome = self.decoder.decode(frame, buffer, &mut self.machine.record, &mut self.faults);
        if outcome == Outcome::Clean && self.faults.remarks().is_empty() {
            return;
        }
        let in_whole = frame.part == Part::Whole;
        let numbers = if in_whole { [0; 3] } else { self.machine.numbers };
        for fault in self.faults.list() {
            self.refused.push(Noted::of_message(*fault, numbers));
        }
        for fault in self.faults.remarks() {
            if plan.rejects_unknown_fields {
                self.refused.push(Noted::of_message(*fault, numbers));
            } else {
                let (message, record) = (self.machine.context.message, 0);
                out.losses.push(Loss {
                    message,
                    record,
                    rule: None,
                    kind: LossKind::UnknownField,
                    lost: 1,
                    offset: fault.offset,
                });
            }
        }
        if outcome != Outcome::Clean && self.refused.is_empty() {
            // A decoder that complains says why; this is our own defence.
            let fault = Fault::new(FaultCode::FrameTruncated, frame.at);
            self.refused.push(Noted::of_message(fault, numbers));
        }
    }

    // ---- messages that are read twice ------------------------------------------------------------------------------

    fn look_ahead(&mut self, frame: &Frame, buffer: &[u8], plan: &Plan) -> Verdict {
        let part = buffer.get(frame.bytes.clone()).unwrap_or_default();
        let level = match frame.part {
            Part::Head(level) | Part::Tail(level) => level,
            _ => return Verdict::Going,
        };
        self.faults.clear();
        let _ = self.decoder.decode(frame, buffer, &mut self.machine.record, &mut self.faults);
        self.machine.record.keep(level, part);
        if matches!(frame.part, Part::Head(_)) {
            return Verdict::Going;
        }
        // In the order in which heads come again: that of level 0 is known last, and comes first.
        let stride = plan.arenas.get(usize::from(level)).map_or(0, |it| it.stride);
        let mut values = Vec::new();
        for slot in 0..stride {
            let value = self.machine.record.get(Place { arena: u16::from(level), slot });
            if matches!(value.kind(), SlotKind::Held) {
                let bytes = self.machine.record.bytes(value, part).to_vec();
                self.surveyed_bytes += bytes.len() + 32;
                values.push((slot, bytes));
            }
        }
        if level == 0 {
            self.surveyed.insert(0, values)
        } else {
            self.surveyed.push(values)
        }
        if self.surveyed_bytes as u64 > plan.limits.held_bytes_max {
            // Said in the second reading, which has the whole message behind it then.
            self.too_much.get_or_insert(frame.at);
            self.surveyed.clear();
        }
        Verdict::Going
    }

    /// What the tail of this occurrence has, as the survey found it.
    fn restore(&mut self, level: u8) {
        if self.pass != Pass::Second {
            return;
        }
        let at = if level == 0 { 0 } else { self.heads + 1 };
        self.heads += usize::from(level > 0);
        let Some(values) = self.surveyed.get(at) else { return };
        for (slot, bytes) in values {
            let place = Place { arena: u16::from(level), slot: *slot };
            if self.machine.record.get(place).is_absent() {
                let held = self.machine.record.hold_from(Slot::ABSENT, |out| out.extend_from_slice(bytes));
                self.machine.record.set(place, held);
            }
        }
    }

    // ---- levels ----------------------------------------------------------------------------------------------------

    /// A whole occurrence of a level, its repeats as rows.
    fn level(&mut self, around: &mut Around<'_>, level: u8, out: &mut Outputs) {
        self.enter(around, level, out);
        if level < around.plan.depth() {
            let inner = usize::from(level);
            let rows = around.plan.cut_rows.get(inner).map_or(Slot::ABSENT, |it| self.machine.record.get(*it));
            if rows.kind() == SlotKind::Rows {
                for row in 0..rows.length() {
                    self.machine.record.seek(u16::from(level) + 1, rows.at() + row);
                    if let Some(number) = self.machine.numbers.get_mut(inner) {
                        *number = row + 1;
                    }
                    self.level(around, level + 1, out);
                }
            }
            if let Some(number) = self.machine.numbers.get_mut(inner) {
                *number = 0;
            }
            self.leave(around, level, out);
        }
    }

    fn begin_message(&mut self, around: &mut Around<'_>, out: &mut Outputs) {
        self.machine.record.renew(around.plan.shared);
        // What is worked out once is told where it is used.
        let trace = self.machine.trace.take();
        self.machine.run(around, &around.plan.prelude);
        self.machine.trace = trace;
        for recall in &around.plan.recalls {
            if let Some(arena) = around.plan.feed_arenas.first() {
                self.machine.record.renew(*arena);
            }
            self.machine.run(around, &recall.program);
            self.recall(around, recall);
        }
        self.take_faults(false, out);
    }

    fn recall(&mut self, around: &mut Around<'_>, recall: &crate::plan::RecallPlan) {
        let slot = self.machine.record.get(recall.key);
        if slot.kind() == SlotKind::Failed {
            return;
        }
        let key = self.machine.record.bytes(slot, around.part).to_vec();
        let record = &mut self.machine.record;
        let mut is_whole = true;
        let found = !is_nothing(slot)
            && around.store.recall(&recall.memo, &key, &mut |at, value| {
                let Some((place, is_optional, kind)) = recall.fields.get(at) else { return };
                let held = match value.filter(|it| it.iter().any(|it| *it != b' ')) {
                    // People and other programs write memos: nothing is taken for what it was declared to be.
                    Some(value) if allows_remembered(kind, value) => {
                        record.hold_from(Slot::ABSENT, |out| out.extend_from_slice(value))
                    }
                    None if *is_optional => Slot::ABSENT,
                    _ => Slot::FAILED,
                };
                is_whole &= held.kind() != SlotKind::Failed;
                record.set(*place, held);
            });
        if !found {
            self.machine.fault(around.plan, FaultCode::MapRejected, recall.tag, slot);
        } else if !is_whole {
            self.machine.fault(around.plan, FaultCode::MapMemo, recall.damage, slot);
        }
    }

    /// An occurrence of a level begins (of the innermost: it is all there).
    fn enter(&mut self, around: &mut Around<'_>, level: u8, out: &mut Outputs) {
        let Some(it) = around.plan.levels.get(usize::from(level)) else { return };
        let is_innermost = level == around.plan.depth();
        if is_innermost {
            self.records += 1;
        }
        if let Some(arena) = around.plan.feed_arenas.get(usize::from(level)) {
            self.machine.record.renew(*arena);
        }
        self.machine.run(around, &it.feeds);
        self.take_faults(false, out);
        for at in &it.nodes {
            let Some(node) = around.plan.nodes.get(*at) else { continue };
            if node.parent.is_none() && level == 0 && self.is_root(around.plan, *at) {
                self.enter_root(around, *at, node, out);
            } else if node.has_streams {
                self.enter_node(around, *at, node, out);
            } else if is_innermost || !node.waits {
                self.occurrence(around, *at, node, out);
            }
        }
    }

    /// An occurrence of a level ends.
    fn leave(&mut self, around: &mut Around<'_>, level: u8, out: &mut Outputs) {
        let Some(it) = around.plan.levels.get(usize::from(level)) else { return };
        for at in &it.nodes {
            let Some(node) = around.plan.nodes.get(*at) else { continue };
            if node.parent.is_none() && level == 0 && self.is_root(around.plan, *at) {
                self.leave_root(around, *at, node, out);
            } else if node.has_streams {
                self.leave_node(around, *at, node, out);
            } else if node.waits {
                self.occurrence(around, *at, node, out);
            }
        }
    }

    fn is_root(&self, plan: &Plan, at: usize) -> bool {
        plan.nodes.get(at).and_then(|it| plan.targets.get(it.target)).is_some_and(|it| it.root == at)
            && plan.nodes.get(at).is_some_and(|it| !it.is_record)
    }

    // ---- whole targets ---------------------------------------------------------------------------------------------

    fn enter_root(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
        let Some(target) = around.plan.targets.get(node.target) else { return };
        if target.has_key || !node.has_streams {
            // Outputs open with their first record; without repeats that stream everything is written at the end.
            if around.plan.depth() == 0 {
                self.leave_root(around, at, node, out);
            }
            return;
        }
        if let Some(lane) = self.open_lane(around, node.target, &[], out) {
            self.set_active(at, Active { is_open: true, lane, insert_at: 0 });
            self.open_root(around, node, lane, out);
        }
    }

    /// The beginning of an output, where all of it is known.
    fn open_root(&mut self, around: &mut Around<'_>, node: &NodePlan, lane: usize, out: &mut Outputs) {
        if node.open_is_late {
            return;
        }
        self.renew(node);
        self.machine.run(around, &node.open);
        if self.take_faults(false, out) {
            return;
        }
        if !self.applies(node) {
            return self.close_lane(node.target, lane, out);
        }
        self.write(around, node, lane, Section::Open(node.stream), out);
    }

    /// Whether a `write` of a target applies, where all of them stand under conditions.
    fn applies(&self, node: &NodePlan) -> bool {
        node.applies.is_empty() || node.applies.iter().any(|it| self.machine.record.get(*it).kind() == SlotKind::Yes)
    }

    fn leave_root(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
        let Some(target) = around.plan.targets.get(node.target) else { return };
        if around.plan.depth() == 0 && self.wrote_root(at) {
            return;
        }
        if !node.has_streams {
            let lane = self.open_lane(around, node.target, &[], out);
            self.renew(node);
            self.machine.run(around, &node.open);
            self.machine.run(around, &node.ordered);
            self.set_active(at, Active { is_open: true, lane: lane.unwrap_or(0), insert_at: 0 });
            if self.take_faults(false, out) {
                return;
            }
            let Some(lane) = lane else { return };
            if !self.applies(node) {
                return self.close_lane(node.target, lane, out);
            }
            self.write(around, node, lane, Section::Whole(node.stream), out);
            self.wrote = true;
            return;
        }
        for lane in 0..self.open_lanes {
            if self.lanes.get(lane).is_none_or(|it| it.target != node.target) {
                continue;
            }
            self.go_to_lane(around.plan, lane);
            if target.has_key {
                self.show_key(around, lane);
            }
            self.renew(node);
            if node.open_is_late {
                self.machine.run(around, &node.open);
            }
            self.machine.run(around, &node.close);
            if self.take_faults(false, out) {
                continue;
            }
            if node.open_is_late {
                self.insert(around, at, node, (lane, 0), out);
            }
            self.close(around, at, node, lane, out);
            self.wrote = true;
        }
    }

    fn wrote_root(&self, at: usize) -> bool {
        self.active.get(at).is_some_and(|it| it.is_open)
    }

    // ---- repeats that stream ---------------------------------------------------------------------------------------

    /// A repeat with repeats in it: its beginning.
    fn enter_node(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
        self.set_active(at, Active::default());
        if !self.parent_is_open(node) || !self.passes(around, node, out) {
            return;
        }
        let Some(lane) = self.lane_of(around, node, out) else { return };
        let insert_at = out.lanes().get(self.number_of(lane)).map_or(0, Lane::len);
        self.separate(around, node, lane, out);
        self.set_active(at, Active { is_open: true, lane, insert_at });
        for fold in 0..around.plan.folds.len() {
            if around.plan.folds.get(fold).is_some_and(|it| it.owner == Some(at))
                && let Some(state) = self.machine.folds.get_mut(fold)
            {
                state.clear();
            }
        }
        if let Some(state) = self.lanes.get_mut(lane) {
            for (inner, written) in state.written.iter_mut().enumerate() {
                if around.plan.nodes.get(inner).is_some_and(|it| it.parent == Some(at)) {
                    *written = 0;
                }
            }
        }
        self.renew(node);
        if node.open_is_late {
            return;
        }
        self.machine.run(around, &node.open);
        self.machine.run(around, &node.ordered);
        if self.take_faults(node.is_record, out) {
            self.set_active(at, Active::default());
            return;
        }
        self.write(around, node, lane, Section::Open(node.stream), out);
    }

    fn leave_node(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
        let Some(active) = self.active.get(at).copied().filter(|it| it.is_open) else { return };
        self.go_to_lane(around.plan, active.lane);
        if node.open_is_late {
            self.machine.run(around, &node.open);
        }
        self.machine.run(around, &node.close);
        // Its items have left already: what is wrong now is wrong with the message.
        if self.take_faults(false, out) {
            return;
        }
        if node.open_is_late {
            self.insert(around, at, node, (active.lane, active.insert_at), out);
        }
        self.close(around, at, node, active.lane, out);
        self.machine.run(around, &node.feeds);
        self.count_written(node, active.lane, at);
    }

    /// One occurrence of a repeat without repeats in it.
    fn occurrence(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
        if !self.parent_is_open(node) {
            return;
        }
        self.counts.read += 1;
        if !self.passes(around, node, out) {
            return;
        }
        self.machine.run(around, &node.open);
        if self.refuses(node, out) {
            return;
        }
        if node.skip.is_some_and(|it| self.machine.record.get(it).kind() == SlotKind::Yes) {
            self.counts.filtered += 1;
            return;
        }
        let Some(lane) = self.lane_of(around, node, out) else {
            self.counts.rejected += 1;
            return;
        };
        let written = self.lanes.get(lane).and_then(|it| it.written.get(at)).copied().unwrap_or(0);
        if node.most.is_some_and(|most| written >= u64::from(most)) {
            self.machine.fault(around.plan, FaultCode::MapRepeat, node.tag, Slot::ABSENT);
        }
        if !node.ordered.is_empty() {
            self.machine.position = self.position_of(around.plan, node, lane) + 1;
            self.machine.run(around, &node.ordered);
        }
        if self.refuses(node, out) {
            return;
        }
        let number = self.number_of(lane);
        let before = out.lanes().get(number).map_or(0, |it| it.body.len());
        self.separate(around, node, lane, out);
        if !self.write(around, node, lane, Section::Whole(node.stream), out) {
            if let Some(lane) = out.lanes_mut().get_mut(number) {
                lane.body.truncate(before);
            }
            self.refuses(node, out);
            return;
        }
        self.machine.run(around, &node.feeds);
        self.count_written(node, lane, at);
        self.report_losses(out);
        self.counts.written += 1;
        self.wrote = true;
    }

    /// Whether an occurrence is refused; says so where it is one of its own.
    fn refuses(&mut self, node: &NodePlan, out: &mut Outputs) -> bool {
        if self.machine.faults.is_empty() {
            return false;
        }
        self.take_faults(true, out);
        let _ = node;
        self.counts.rejected += 1;
        true
    }

    /// Begins the slots of an occurrence and asks its filter.
    fn passes(&mut self, around: &mut Around<'_>, node: &NodePlan, out: &mut Outputs) -> bool {
        self.renew(node);
        let Some((program, holds, refusal)) = &node.guard else { return true };
        self.machine.run(around, program);
        match (self.machine.record.get(*holds).kind(), refusal) {
            (SlotKind::Yes, _) => true,
            (SlotKind::No, None) => {
                self.counts.filtered += u64::from(!node.has_streams);
                false
            }
            (SlotKind::No, Some(tag)) => {
                self.machine.fault(around.plan, FaultCode::MapRejected, *tag, Slot::ABSENT);
                self.counts.rejected += u64::from(!node.has_streams);
                self.take_faults(true, out);
                false
            }
            _ => {
                self.counts.rejected += u64::from(!node.has_streams);
                self.take_faults(true, out);
                false
            }
        }
    }

    fn renew(&mut self, node: &NodePlan) {
        let mut arenas = node.arenas.iter();
        if let Some(own) = arenas.next() {
            self.machine.record.renew(*own);
        }
        for rows in arenas {
            self.machine.record.forget(*rows);
        }
    }

    fn parent_is_open(&self, node: &NodePlan) -> bool {
        let Some(parent) = node.parent else { return true };
        let is_plain_root = self.plan.nodes.get(parent).is_some_and(|it| it.parent.is_none() && !it.is_record);
        is_plain_root || self.active.get(parent).is_some_and(|it| it.is_open)
    }

    fn position_of(&self, plan: &Plan, node: &NodePlan, lane: usize) -> u64 {
        // Positions count the target, whichever rule wrote it.
        let Some(state) = self.lanes.get(lane) else { return 0 };
        let same = |it: &NodePlan| it.target == node.target && it.parent == node.parent && it.level == node.level;
        plan.nodes.iter().zip(&state.written).filter(|(it, _)| same(it)).map(|(_, written)| *written).sum()
    }

    fn set_active(&mut self, at: usize, active: Active) {
        if let Some(it) = self.active.get_mut(at) {
            *it = active;
        }
    }

    fn count_written(&mut self, _node: &NodePlan, lane: usize, at: usize) {
        if let Some(written) = self.lanes.get_mut(lane).and_then(|it| it.written.get_mut(at)) {
            *written += 1;
        }
    }

    // ---- lanes -----------------------------------------------------------------------------------------------------

    fn number_of(&self, lane: usize) -> usize {
        self.lanes.get(lane).map_or(usize::MAX, |it| it.number)
    }

    /// The lane that an occurrence goes to; opened with its first one.
    fn lane_of(&mut self, around: &mut Around<'_>, node: &NodePlan, out: &mut Outputs) -> Option<usize> {
        let Some((program, place, tag)) = &node.key else {
            let lane = self.parent_lane(node).or_else(|| self.current.get(node.target).copied().flatten());
            return lane.or_else(|| self.open_lane(around, node.target, &[], out));
        };
        self.machine.run(around, program);
        let slot = self.machine.record.get(*place);
        if slot.kind() == SlotKind::Failed || is_nothing(slot) {
            if is_nothing(slot) {
                self.machine.fault(around.plan, FaultCode::MapKey, *tag, slot);
            }
            self.take_faults(true, out);
            return None;
        }
        let key = self.machine.record.bytes(slot, around.part);
        if key.len() as u64 > around.plan.limits.name_bytes_max {
            self.machine.fault(around.plan, FaultCode::LimitName, *tag, slot);
            self.take_faults(true, out);
            return None;
        }
        let here = self.current.get(node.target).copied().flatten();
        let is_it = |lane: usize| self.lanes.get(lane).is_some_and(|it| it.target == node.target && it.key == key);
        if let Some(lane) = here.filter(|it| is_it(*it)) {
            return Some(lane);
        }
        if let Some(lane) = (0..self.open_lanes).find(|it| is_it(*it)) {
            self.go_to_lane(around.plan, lane);
            return Some(lane);
        }
        let mut kept = std::mem::take(&mut self.key);
        kept.clear();
        kept.extend_from_slice(key);
        let lane = self.open_lane(around, node.target, &kept, out);
        self.key = kept;
        let lane = lane?;
        let root = around.plan.targets.get(node.target).map_or(0, |it| it.root);
        if let Some(root) = around.plan.nodes.get(root) {
            self.open_root(around, root, lane, out);
        }
        Some(lane)
    }

    fn parent_lane(&self, node: &NodePlan) -> Option<usize> {
        let parent = node.parent?;
        self.active.get(parent).filter(|it| it.is_open).map(|it| it.lane)
    }

    fn open_lane(&mut self, around: &Around<'_>, target: usize, key: &[u8], out: &mut Outputs) -> Option<usize> {
        if self.open_lanes as u64 >= around.plan.limits.files_max {
            let fault = Fault::new(FaultCode::LimitFiles, self.machine.here(around.plan));
            self.refused.push(Noted::of_message(fault, self.machine.numbers));
            return None;
        }
        if self.open_lanes == self.lanes.len() {
            self.lanes.push(LaneState::default());
        }
        let lane = self.open_lanes;
        self.open_lanes += 1;
        let number = out.open(target, key);
        let nodes = around.plan.nodes.len();
        let folds = around.plan.targets.get(target).map_or(0, |it| it.lane_folds.len());
        if let Some(state) = self.lanes.get_mut(lane) {
            state.number = number;
            state.target = target;
            state.key.clear();
            state.key.extend_from_slice(key);
            state.written.clear();
            state.written.resize(nodes, 0);
            state.folds.resize_with(folds, FoldState::default);
            state.folds.iter_mut().for_each(FoldState::clear);
        }
        self.go_to_lane(around.plan, lane);
        Some(lane)
    }

    /// Takes back a lane that was opened last and has nothing in it.
    fn close_lane(&mut self, target: usize, lane: usize, out: &mut Outputs) {
        if lane + 1 == self.open_lanes {
            self.open_lanes = lane;
            out.take_back();
            if let Some(it) = self.current.get_mut(target) {
                *it = None;
            }
        }
        self.active.iter_mut().zip(&self.plan.nodes).filter(|(_, it)| it.target == target).for_each(|(it, _)| it.is_open = false);
    }

    /// The accumulators of a lane take the place of those of the lane before.
    fn go_to_lane(&mut self, plan: &Plan, lane: usize) {
        let Some(target) = self.lanes.get(lane).map(|it| it.target) else { return };
        let Some(folds) = plan.targets.get(target).map(|it| &it.lane_folds) else { return };
        let before = self.current.get(target).copied().flatten();
        if before == Some(lane) {
            return;
        }
        for at in [before, Some(lane)].into_iter().flatten() {
            for (number, fold) in folds.iter().enumerate() {
                let theirs = self.lanes.get_mut(at).and_then(|it| it.folds.get_mut(number));
                if let (Some(theirs), Some(mine)) = (theirs, self.machine.folds.get_mut(usize::from(*fold))) {
                    std::mem::swap(theirs, mine);
                }
            }
        }
        if let Some(it) = self.current.get_mut(target) {
            *it = Some(lane);
        }
    }

    /// The key of a lane, where its rules read it.
    fn show_key(&mut self, around: &Around<'_>, lane: usize) {
        let Some(state) = self.lanes.get(lane) else { return };
        let place = around
            .plan
            .nodes
            .iter()
            .filter(|it| it.target == state.target)
            .find_map(|it| it.key.as_ref().map(|(_, place, _)| *place));
        if let Some(place) = place {
            let held = self.machine.record.hold_from(Slot::ABSENT, |out| out.extend_from_slice(&state.key));
            self.machine.record.set(place, held);
        }
    }

    /// What stands before an occurrence: between it and the one before, or before the first.
    fn separate(&mut self, around: &mut Around<'_>, node: &NodePlan, lane: usize, out: &mut Outputs) {
        let Some(parent) = node.parent.and_then(|it| around.plan.nodes.get(it)) else { return };
        if self.position_of(around.plan, node, lane) == 0 {
            if !parent.open_is_late {
                self.write(around, parent, lane, Section::First(parent.stream), out);
            }
            return;
        }
        let separator = self.encoders.get(node.target).map(|it| it.separator()).unwrap_or_default();
        let number = self.number_of(lane);
        if let Some(lane) = out.lanes_mut().get_mut(number) {
            lane.body.extend_from_slice(separator);
        }
    }

    /// What stands behind the occurrences within a node.
    fn close(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, lane: usize, out: &mut Outputs) {
        let is_empty = self.is_empty(around.plan, at, lane);
        let section = if is_empty { Section::Empty(node.stream) } else { Section::Close(node.stream) };
        self.write(around, node, lane, section, out);
    }

    /// Whether no occurrence within a node was written.
    fn is_empty(&self, plan: &Plan, at: usize, lane: usize) -> bool {
        let Some(state) = self.lanes.get(lane) else { return true };
        plan.nodes.iter().zip(&state.written).all(|(it, written)| it.parent != Some(at) || *written == 0)
    }

    /// Writes a section at the end of a lane; false where the encoder found a fault.
    fn write(&mut self, around: &mut Around<'_>, node: &NodePlan, lane: usize, section: Section, out: &mut Outputs) -> bool {
        let number = self.number_of(lane);
        let (Some(encoder), Some(lane)) = (self.encoders.get_mut(node.target), out.lanes_mut().get_mut(number)) else {
            return true;
        };
        let before = lane.body.len();
        let mut values = Values { record: &mut self.machine.record, part: around.part };
        match encoder.encode(section, &mut values, &mut lane.body) {
            Ok(()) => true,
            Err(fault) => {
                lane.body.truncate(before);
                self.encode_fault(around.plan, node, fault);
                if !matches!(section, Section::Whole(_)) || node.parent.is_none() {
                    self.take_faults(false, out);
                }
                false
            }
        }
    }

    /// Writes the beginning of a node, known only now, at the place where it belongs.
    fn insert(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, place: (usize, u64), out: &mut Outputs) {
        let is_empty = self.is_empty(around.plan, at, place.0);
        let number = self.number_of(place.0);
        let (Some(encoder), Some(lane)) = (self.encoders.get_mut(node.target), out.lanes_mut().get_mut(number)) else {
            return;
        };
        let mut values = Values { record: &mut self.machine.record, part: around.part };
        let written = lane.insert_at(place.1, |bytes| {
            encoder.encode(Section::Open(node.stream), &mut values, bytes)?;
            if is_empty { Ok(()) } else { encoder.encode(Section::First(node.stream), &mut values, bytes) }
        });
        if let Err(fault) = written {
            self.encode_fault(around.plan, node, fault);
            self.take_faults(false, out);
        }
    }

    /// A fault of an encoder is about a field of the target: the rule that writes it is blamed.
    fn encode_fault(&mut self, plan: &Plan, node: &NodePlan, fault: Fault) {
        let writes = |rule: &crate::plan::PlanRule| rule.target == fault.field.map(|field| (node.target, field));
        let at = plan.rules.iter().position(writes);
        let rule = at.and_then(|it| u16::try_from(it).ok()).map(RuleId);
        let source = at.and_then(|it| plan.rules.get(it)).and_then(|it| it.source);
        let scope = at.and_then(|it| plan.rules.get(it)).map_or(Scope::Message, |it| it.scope);
        let fault = Fault { rule, field: source, offset: self.machine.here(plan), ..fault };
        self.machine.faults.push(Noted { fault, refusal: None, scope, numbers: self.machine.numbers, is_absent: false });
    }

    // ---- faults and ends -------------------------------------------------------------------------------------------

    /// Sorts the faults since the last time: those of a record make a reject, the others refuse the message. True if there
    /// were any.
    fn take_faults(&mut self, in_record: bool, out: &mut Outputs) -> bool {
        if self.machine.faults.is_empty() {
            return false;
        }
        let worst = self.machine.faults.iter().map(|it| it.scope).max().unwrap_or(Scope::Message);
        let most = usize::try_from(self.plan.limits.faults_max).unwrap_or(usize::MAX);
        if in_record && worst == Scope::Record {
            let mut faults = std::mem::take(&mut self.machine.faults);
            self.in_line_order(&mut faults);
            faults.truncate(most);
            let at = self.stretch();
            let (message, record) = (self.machine.context.message, self.records);
            out.rejects.push(Reject { scope: Scope::Record, message, record, faults, at });
        } else {
            let room = most.saturating_sub(self.refused.len());
            let faults = self.machine.faults.drain(..).take(room);
            self.refused.extend(faults.map(|it| Noted { scope: it.scope.max(Scope::Message), ..it }));
            self.machine.faults.clear();
        }
        self.machine.losses.clear();
        true
    }

    fn in_line_order(&self, faults: &mut [Noted]) {
        faults.sort_by_key(|it| it.fault.rule.and_then(|rule| self.plan.rule(rule)).map_or(0, |it| it.order));
    }

    /// The stretch of the innermost occurrence in the stream.
    fn stretch(&self) -> Option<(u64, u32)> {
        let place = self.plan.starts.last()?;
        self.machine.record.origin(self.machine.record.get(*place))
    }

    fn report_losses(&mut self, out: &mut Outputs) {
        let (message, record) = (self.machine.context.message, self.records);
        for (rule, kind, lost) in self.machine.losses.drain(..) {
            out.losses.push(Loss { message, record, rule: Some(rule), kind, lost, offset: 0 });
        }
    }

    fn finish(&mut self, around: &mut Around<'_>, frame: &Frame, is_judged: bool, out: &mut Outputs) -> Verdict {
        // Where every part went through the plan, what must hold of the whole is known, whatever its rules found.
        if is_judged {
            self.verify(around, out);
        }
        if self.refused.is_empty() {
            self.remember(around, out);
        }
        if self.refused.is_empty() && !self.wrote && around.plan.may_write_nothing {
            let fault = Fault::new(FaultCode::MapNothing, frame.at);
            self.refused.push(Noted::of_message(fault, [0; 3]));
        }
        if !self.refused.is_empty() {
            let whole = (frame.part == Part::Whole).then(|| (frame.at, u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX)));
            return self.refuse(whole, out);
        }
        self.report_losses(out);
        if !around.plan.has_records {
            self.counts = Counts { read: 1, written: 1, ..Counts::default() };
        }
        out.counts = self.counts;
        Verdict::Release
    }

    fn verify(&mut self, around: &mut Around<'_>, out: &mut Outputs) {
        for verify in &around.plan.verifies {
            if let Some(arena) = around.plan.feed_arenas.first() {
                self.machine.record.renew(*arena);
            }
            self.machine.run(around, &verify.program);
            if self.machine.record.get(verify.holds).kind() == SlotKind::No {
                self.machine.fault(around.plan, FaultCode::MapVerify, verify.tag, Slot::ABSENT);
            }
            self.take_faults(false, out);
        }
    }

    fn remember(&mut self, around: &mut Around<'_>, out: &mut Outputs) {
        for remember in &around.plan.remembers {
            if let Some(arena) = around.plan.feed_arenas.first() {
                self.machine.record.renew(*arena);
            }
            self.machine.run(around, &remember.program);
            let key = self.machine.record.get(remember.key);
            if is_nothing(key) {
                self.machine.fault(around.plan, FaultCode::MapAbsent, remember.tag, key);
            }
            if self.take_faults(false, out) {
                continue;
            }
            let record = &self.machine.record;
            let bytes = |slot: Slot| (!is_nothing(slot)).then(|| record.bytes(slot, around.part));
            let fields: Vec<Option<&[u8]>> = remember.fields.iter().map(|it| it.and_then(|it| bytes(record.get(it)))).collect();
            around.store.remember(&remember.memo, record.bytes(key, around.part), &fields);
        }
    }

    fn refuse(&mut self, whole: Option<(u64, u32)>, out: &mut Outputs) -> Verdict {
        let mut faults = std::mem::take(&mut self.refused);
        let scope = faults.iter().map(|it| it.scope).max().unwrap_or(Scope::Message).max(Scope::Message);
        self.in_line_order(&mut faults);
        let most = usize::try_from(self.plan.limits.faults_max).unwrap_or(usize::MAX);
        faults.truncate(most);
        out.rejects.push(Reject { scope, message: self.machine.context.message, record: 0, faults, at: whole });
        // What was written goes back to the rejected.
        let read = if self.plan.has_records { self.counts.read.max(1) } else { 1 };
        self.counts = Counts { read, written: 0, filtered: self.counts.filtered, rejected: read - self.counts.filtered };
        out.counts = self.counts;
        if scope == Scope::File { Verdict::RefuseInput } else { Verdict::Refuse }
    }
}
