//! What a session gives: lanes of bytes, rejects, losses, counts. The face drains them after each part.

use crate::call::LossKind;
use crate::plan::Scope;
use crate::{Fault, RuleId};
use std::ops::Range;

/// One output of a message: a target, and where the mapping says `file .. per`, a key.
#[derive(Debug, Default)]
pub struct Lane {
    /// The number of the target in [`Plan::targets`](crate::plan::Plan::targets).
    pub target: usize,
    /// The key; empty where there is none.
    pub key: Vec<u8>,
    /// What has come since the face last took it.
    pub body: Vec<u8>,
    /// What the face took already, in bytes.
    pub taken: u64,
    /// What was known only later, in the order of its places.
    pub inserts: Vec<Insert>,
    insert_bytes: Vec<u8>,
}

/// Bytes that belong at a place of a lane's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// How many bytes of the body stand before it.
    pub at: u64,
    bytes: Range<usize>,
}

impl Lane {
    /// How many bytes of body there are, those taken included.
    pub fn len(&self) -> u64 {
        self.taken + self.body.len() as u64
    }

    /// Whether it has no body.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the body; the place of what follows stays known.
    pub fn take(&mut self, into: &mut Vec<u8>) {
        self.taken += self.body.len() as u64;
        into.extend_from_slice(&self.body);
        self.body.clear();
    }

    /// The bytes of an insert.
    pub fn insert(&self, insert: &Insert) -> &[u8] {
        self.insert_bytes.get(insert.bytes.clone()).unwrap_or_default()
    }

    /// Appends the whole lane, inserts in their places; only where nothing was taken.
    pub fn merge(&self, into: &mut Vec<u8>) {
        let mut from = 0;
        for insert in &self.inserts {
            let at = usize::try_from(insert.at).unwrap_or(usize::MAX).min(self.body.len());
            into.extend_from_slice(self.body.get(from..at).unwrap_or_default());
            into.extend_from_slice(self.insert(insert));
            from = at;
        }
        into.extend_from_slice(self.body.get(from..).unwrap_or_default());
    }

    /// Notes what `write` appends as an insert at a place.
    pub(crate) fn insert_at<E>(&mut self, at: u64, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.insert_bytes.len();
        if let Err(error) = write(&mut self.insert_bytes) {
            self.insert_bytes.truncate(start);
            return Err(error);
        }
        let bytes = start..self.insert_bytes.len();
        let place = self.inserts.partition_point(|it| it.at <= at);
        self.inserts.insert(place, Insert { at, bytes });
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.key.clear();
        self.body.clear();
        self.inserts.clear();
        self.insert_bytes.clear();
        self.taken = 0;
        self.target = 0;
    }
}

/// Why a message or a record was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// How much.
    pub scope: Scope,
    /// The message's number in its input, from 1.
    pub message: u64,
    /// The record's number in the message, from 1; 0 for a whole message.
    pub record: u64,
    /// The faults in the order of the mapping's lines; the first gives the reason.
    pub faults: Vec<Noted>,
    /// Where the refused part is in the stream, and its bytes; not known of a message that comes in parts.
    pub at: Option<(u64, u32)>,
}

/// A fault with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noted {
    /// The fault.
    pub fault: Fault,
    /// Its refusal in the author's words: a number of [`Plan::refusals`](crate::plan::Plan::refusals).
    pub refusal: Option<u16>,
    /// How much it refuses.
    pub scope: Scope,
    /// The numbers of the occurrences cut at, outermost first; 0 is unknown.
    pub numbers: [u32; 3],
    /// Whether the source field is what is missing.
    pub is_absent: bool,
}

impl Noted {
    /// A fault that refuses a message.
    pub(crate) fn of_message(fault: Fault, numbers: [u32; 3]) -> Self {
        Noted { fault, refusal: None, scope: Scope::Message, numbers, is_absent: false }
    }
}

/// What a rule really lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The message's number.
    pub message: u64,
    /// The record's number; 0 outside of records.
    pub record: u64,
    /// The rule; none for a field the schema does not name.
    pub rule: Option<RuleId>,
    /// What was lost.
    pub kind: LossKind,
    /// How much: characters, digits, occurrences.
    pub lost: u32,
    /// Of an unknown field: its byte in the stream.
    pub offset: u64,
}

/// How many records: read = written + rejected + filtered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Occurrences of what the mapping writes one by one; messages where there is no such.
    pub read: u64,
    /// Those that left.
    pub written: u64,
    /// Those that were refused, alone or with their message.
    pub rejected: u64,
    /// Those that a filter left out.
    pub filtered: u64,
}

impl Counts {
    /// Adds others.
    pub fn add(&mut self, other: Counts) {
        self.read += other.read;
        self.written += other.written;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
    }
}

/// What a session gives.
#[derive(Debug, Default)]
pub struct Outputs {
    lanes: Vec<Lane>,
    used: usize,
    /// What was refused, in order.
    pub rejects: Vec<Reject>,
    /// What was lost, as the author allowed.
    pub losses: Vec<Loss>,
    /// What the message counted so far.
    pub counts: Counts,
}

impl Outputs {
    /// The outputs of the current message.
    pub fn lanes(&self) -> &[Lane] {
        self.lanes.get(..self.used).unwrap_or_default()
    }

    /// The same, to take from.
    pub fn lanes_mut(&mut self) -> &mut [Lane] {
        self.lanes.get_mut(..self.used).unwrap_or_default()
    }

    /// Forgets the lanes of a message and keeps their memory.
    pub fn next_message(&mut self) {
        for lane in self.lanes.iter_mut().take(self.used) {
            lane.clear();
        }
        self.used = 0;
        self.counts = Counts::default();
    }

    /// A new lane; gives its number.
    pub(crate) fn open(&mut self, target: usize, key: &[u8]) -> usize {
        if self.used == self.lanes.len() {
            self.lanes.push(Lane::default());
        }
        if let Some(lane) = self.lanes.get_mut(self.used) {
            lane.clear();
            lane.target = target;
            lane.key.extend_from_slice(key);
        }
        self.used += 1;
        self.used - 1
    }

    /// Forgets the lane that was opened last.
    pub(crate) fn take_back(&mut self) {
        self.used = self.used.saturating_sub(1);
        if let Some(lane) = self.lanes.get_mut(self.used) {
            lane.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_go_to_their_places() {
        let mut outputs = Outputs::default();
        let lane = outputs.open(0, b"EUR");
        let lane = &mut outputs.lanes_mut()[lane];
        lane.body.extend_from_slice(b"<a><b/></a>");
        let put = |text: &'static [u8]| {
            move |out: &mut Vec<u8>| -> Result<(), ()> {
                out.extend_from_slice(text);
                Ok(())
            }
        };
        lane.insert_at(3, put(b"two")).unwrap();
        lane.insert_at(0, put(b"one")).unwrap();
        let mut merged = Vec::new();
        lane.merge(&mut merged);
        assert_eq!(String::from_utf8(merged).unwrap(), "one<a>two<b/></a>");
    }
}
