//! The data path: part -> record -> steps -> values -> lanes. One function, [`Session::part`], that every face uses.

mod ends;
mod lanes;
mod nodes;

use crate::call::{Context, LossKind, Store, is_nothing};
use crate::fold::FoldState;
use crate::machine::{Around, Machine};
use crate::output::{Counts, Loss, Noted, Outputs};
use crate::plan::Plan;
use crate::rules::allows_remembered;
use crate::trace::Event;
use crate::{Codec, Decoder, Encoder, Fault, FaultCode, Faults, Frame, Framer, Outcome, Part, Place, Reading, Slot, SlotKind};
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
        self.machine.set_context(context);
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
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.extend_from_slice(self.machine.record.bytes(slot, around.part));
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
        self.key = key;
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
}
