//! Targets and their repeats: what is written when an occurrence begins, comes or ends.

use super::{Active, Session};
use crate::machine::Around;
use crate::output::{Lane, Outputs};
use crate::plan::{NodePlan, Plan};
use crate::{FaultCode, Section, Slot, SlotKind};

impl Session {
    pub(super) fn enter_root(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
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
    pub(super) fn open_root(&mut self, around: &mut Around<'_>, node: &NodePlan, lane: usize, out: &mut Outputs) {
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
    pub(super) fn applies(&self, node: &NodePlan) -> bool {
        node.applies.is_empty() || node.applies.iter().any(|it| self.machine.record.get(*it).kind() == SlotKind::Yes)
    }

    pub(super) fn leave_root(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
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

    pub(super) fn wrote_root(&self, at: usize) -> bool {
        self.active.get(at).is_some_and(|it| it.is_open)
    }

    // ---- repeats that stream ---------------------------------------------------------------------------------------

    /// A repeat with repeats in it: its beginning.
    pub(super) fn enter_node(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
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

    pub(super) fn leave_node(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
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
    pub(super) fn occurrence(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, out: &mut Outputs) {
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
    pub(super) fn refuses(&mut self, node: &NodePlan, out: &mut Outputs) -> bool {
        if self.machine.faults.is_empty() {
            return false;
        }
        self.take_faults(true, out);
        let _ = node;
        self.counts.rejected += 1;
        true
    }

    /// Begins the slots of an occurrence and asks its filter.
    pub(super) fn passes(&mut self, around: &mut Around<'_>, node: &NodePlan, out: &mut Outputs) -> bool {
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

    pub(super) fn renew(&mut self, node: &NodePlan) {
        let mut arenas = node.arenas.iter();
        if let Some(own) = arenas.next() {
            self.machine.record.renew(*own);
        }
        for rows in arenas {
            self.machine.record.forget(*rows);
        }
    }

    pub(super) fn parent_is_open(&self, node: &NodePlan) -> bool {
        let Some(parent) = node.parent else { return true };
        let is_plain_root = self.plan.nodes.get(parent).is_some_and(|it| it.parent.is_none() && !it.is_record);
        is_plain_root || self.active.get(parent).is_some_and(|it| it.is_open)
    }

    pub(super) fn position_of(&self, plan: &Plan, node: &NodePlan, lane: usize) -> u64 {
        // Positions count the target, whichever rule wrote it.
        let Some(state) = self.lanes.get(lane) else { return 0 };
        let same = |it: &NodePlan| it.target == node.target && it.parent == node.parent && it.level == node.level;
        plan.nodes.iter().zip(&state.written).filter(|(it, _)| same(it)).map(|(_, written)| *written).sum()
    }

    pub(super) fn set_active(&mut self, at: usize, active: Active) {
        if let Some(it) = self.active.get_mut(at) {
            *it = active;
        }
    }

    pub(super) fn count_written(&mut self, _node: &NodePlan, lane: usize, at: usize) {
        if let Some(written) = self.lanes.get_mut(lane).and_then(|it| it.written.get_mut(at)) {
            *written += 1;
        }
    }
}
