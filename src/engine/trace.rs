//! What happens while steps run, in words: for whoever explains a message or asks which rules a test reached. Only plans that
//! were made for it tell ([`Plan::marks`](crate::plan::Plan::marks)); others run without.

use crate::call::{LossKind, is_nothing};
use crate::machine::Machine;
use crate::plan::{Mark, Plan};
use crate::{FieldId, RuleId, Secrecy, Slot, SlotKind};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub what: What,
    /// Of which rule.
    pub rule: RuleId,
    /// The numbers of the occurrences cut at, outermost first; 0 is none.
    pub numbers: [u32; 3],
    /// The value; none where it is absent.
    pub value: Option<String>,
    /// Where it comes from in the stream: its byte, its length.
    pub origin: Option<(u64, u32)>,
    /// Whether it failed.
    pub failed: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A field of the source was read.
    Read(FieldId),
    /// A field of a memo was read.
    Memo(String),
    /// A function gave a value; of a table, by this row of those that serve this way.
    Called {
        /// As the author wrote it.
        label: String,
        /// The row.
        row: Option<u32>,
        /// What was lost.
        lost: Option<(LossKind, u32)>,
    },
    /// A branch of a value was taken: its number among [`Plan::marks`](crate::plan::Plan::marks).
    Branch(u32),
    /// The rule gave its value for a field of this target.
    Wrote(usize, FieldId),
}

impl Machine {
    /// Notes a mark that was passed.
    pub(crate) fn passed(&mut self, plan: &Plan, number: u32, slot: Slot, part: &[u8]) {
        if self.trace.is_none() {
            return;
        }
        let Some((rule, mark)) = plan.marks.get(number as usize) else { return };
        let what = match mark {
            Mark::Read(field) => What::Read(*field),
            Mark::Memo(name) => What::Memo(name.clone()),
            Mark::Shared(label) => What::Called { label: label.clone(), row: None, lost: None },
            Mark::Branch(_) => What::Branch(number),
            Mark::Wrote(target, field) => What::Wrote(*target, *field),
        };
        self.note(plan, *rule, what, slot, part);
    }

    /// Notes something with its value.
    pub(crate) fn note(&mut self, plan: &Plan, rule: RuleId, what: What, slot: Slot, part: &[u8]) {
        let is_secret = plan.rule(rule).is_some_and(|it| it.secrecy == Secrecy::Secret)
            || matches!(what, What::Wrote(target, field) if plan.targets.get(target).is_some_and(|it| it.is_secret(field)));
        let value = self.words(slot, part).map(|it| if is_secret { HIDDEN.to_owned() } else { it });
        let origin = self.record.origin(slot);
        let event = Event { what, rule, numbers: self.numbers, value, origin, failed: slot.kind() == SlotKind::Failed };
        if let Some(trace) = &mut self.trace {
            trace.push(event);
        }
    }

    /// A value as people read it.
    fn words(&self, slot: Slot, part: &[u8]) -> Option<String> {
        let parts = || {
            let count = self.record.items(slot).len();
            (0..count).filter_map(|at| self.words(self.record.item(slot, u32::try_from(at).ok()?), part)).collect::<Vec<_>>()
        };
        match slot.kind() {
            SlotKind::Absent | SlotKind::Failed => None,
            SlotKind::Yes => Some("true".to_owned()),
            SlotKind::No => Some("false".to_owned()),
            SlotKind::List => Some(parts().join(", ")),
            SlotKind::Amount => Some(parts().join(" ")),
            SlotKind::Number => self.record.number_of(slot).map(|it| it.to_string()),
            SlotKind::Rows => Some(format!("{} occurrences", slot.length())),
            _ if is_nothing(slot) => Some(String::new()),
            _ => Some(String::from_utf8_lossy(self.record.bytes(slot, part)).into_owned()),
        }
    }
}

/// Stands for a secret value.
pub const HIDDEN: &str = "(secret)";
