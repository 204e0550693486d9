//! What became of a record or a message: its faults sorted, its checks made, its verdict.

use super::{Session, Verdict};
use crate::call::is_nothing;
use crate::machine::Around;
use crate::output::{Counts, Loss, Noted, Outputs, Reject};
use crate::plan::Scope;
use crate::{Fault, FaultCode, Frame, Part, Slot, SlotKind};

impl Session {
    /// Sorts the faults since the last time: those of a record make a reject, the others refuse the message. True if there
    /// were any.
    pub(super) fn take_faults(&mut self, in_record: bool, out: &mut Outputs) -> bool {
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

    pub(super) fn in_line_order(&self, faults: &mut [Noted]) {
        faults.sort_by_key(|it| it.fault.rule.and_then(|rule| self.plan.rule(rule)).map_or(0, |it| it.order));
    }

    /// The stretch of the innermost occurrence in the stream.
    pub(super) fn stretch(&self) -> Option<(u64, u32)> {
        let place = self.plan.starts.last()?;
        self.machine.record.origin(self.machine.record.get(*place))
    }

    pub(super) fn report_losses(&mut self, out: &mut Outputs) {
        let (message, record) = (self.machine.context.message, self.records);
        for (rule, kind, lost) in self.machine.losses.drain(..) {
            out.losses.push(Loss { message, record, rule: Some(rule), kind, lost, offset: 0 });
        }
    }

    pub(super) fn finish(&mut self, around: &mut Around<'_>, frame: &Frame, is_judged: bool, out: &mut Outputs) -> Verdict {
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

    pub(super) fn verify(&mut self, around: &mut Around<'_>, out: &mut Outputs) {
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

    pub(super) fn remember(&mut self, around: &mut Around<'_>, out: &mut Outputs) {
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

    pub(super) fn refuse(&mut self, whole: Option<(u64, u32)>, out: &mut Outputs) -> Verdict {
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
