//! Lanes: the outputs of a message, told apart by target and key.

use super::{LaneState, Session};
use crate::call::is_nothing;
use crate::fold::FoldState;
use crate::machine::Around;
use crate::output::{Noted, Outputs};
use crate::plan::{NodePlan, Plan, Scope};
use crate::{Fault, FaultCode, RuleId, Section, Slot, SlotKind, Values};

impl Session {
    pub(super) fn number_of(&self, lane: usize) -> usize {
        self.lanes.get(lane).map_or(usize::MAX, |it| it.number)
    }

    /// The lane that an occurrence goes to; opened with its first one.
    pub(super) fn lane_of(&mut self, around: &mut Around<'_>, node: &NodePlan, out: &mut Outputs) -> Option<usize> {
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

    pub(super) fn parent_lane(&self, node: &NodePlan) -> Option<usize> {
        let parent = node.parent?;
        self.active.get(parent).filter(|it| it.is_open).map(|it| it.lane)
    }

    pub(super) fn open_lane(&mut self, around: &Around<'_>, target: usize, key: &[u8], out: &mut Outputs) -> Option<usize> {
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
    pub(super) fn close_lane(&mut self, target: usize, lane: usize, out: &mut Outputs) {
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
    pub(super) fn go_to_lane(&mut self, plan: &Plan, lane: usize) {
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
    pub(super) fn show_key(&mut self, around: &Around<'_>, lane: usize) {
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
    pub(super) fn separate(&mut self, around: &mut Around<'_>, node: &NodePlan, lane: usize, out: &mut Outputs) {
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
    pub(super) fn close(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, lane: usize, out: &mut Outputs) {
        let is_empty = self.is_empty(around.plan, at, lane);
        let section = if is_empty { Section::Empty(node.stream) } else { Section::Close(node.stream) };
        self.write(around, node, lane, section, out);
    }

    /// Whether no occurrence within a node was written.
    pub(super) fn is_empty(&self, plan: &Plan, at: usize, lane: usize) -> bool {
        let Some(state) = self.lanes.get(lane) else { return true };
        plan.nodes.iter().zip(&state.written).all(|(it, written)| it.parent != Some(at) || *written == 0)
    }

    /// Writes a section at the end of a lane; false where the encoder found a fault.
    pub(super) fn write(
        &mut self,
        around: &mut Around<'_>,
        node: &NodePlan,
        lane: usize,
        section: Section,
        out: &mut Outputs,
    ) -> bool {
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
    pub(super) fn insert(&mut self, around: &mut Around<'_>, at: usize, node: &NodePlan, place: (usize, u64), out: &mut Outputs) {
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
    pub(super) fn encode_fault(&mut self, plan: &Plan, node: &NodePlan, fault: Fault) {
        let writes = |rule: &crate::plan::PlanRule| rule.target == fault.field.map(|field| (node.target, field));
        let at = plan.rules.iter().position(writes);
        let rule = at.and_then(|it| u16::try_from(it).ok()).map(RuleId);
        let source = at.and_then(|it| plan.rules.get(it)).and_then(|it| it.source);
        let scope = at.and_then(|it| plan.rules.get(it)).map_or(Scope::Message, |it| it.scope);
        let fault = Fault { rule, field: source, offset: self.machine.here(plan), ..fault };
        self.machine.faults.push(Noted { fault, refusal: None, scope, numbers: self.machine.numbers, is_absent: false });
    }
}
