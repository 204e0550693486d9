//! Heads and tails: a level that was cut at its array, and what its tail must know of its head.
//!
//! ```text
//! {"id":"1","order":{"lines":[ {..} , {..} ],"total":2}}
//! head .......................              tail ....... from the bracket on; the comma between items is the framer's
//! ```
//!
//! What an open object had is left in [`Record::context`](latimer_engine::Record::context), the innermost first, and its
//! length behind it:
//!
//! ```text
//! object: one bit for each member, names the schema does not have   .. repeated ..   in array?   length of all this
//! ```

use crate::{
    bind::{NOWHERE, Step},
    decode::{JsonDecoder, Open, Run, Stop, index},
    scan,
};
use latimer_engine::{FaultCode, Place, Slot};

impl JsonDecoder {
    /// The cut array begins: the head ends behind its bracket.
    #[cold]
    pub(crate) fn head_ends(&mut self, run: &mut Run<'_>, presence: Place, at: usize, next: usize) -> Option<usize> {
        // The framer cut at the first place that this path leads to; elsewhere the part does not end.
        if next < run.text.len() {
            return self.broken(next);
        }
        if presence != NOWHERE {
            run.record.set(presence, Slot::group(index(at), index(next - at)));
        }
        self.stop = Stop::Head { in_array: true };
        None
    }

    /// What the objects that stay open leave for the tail, the innermost first.
    #[cold]
    pub(crate) fn leave_open(&mut self, run: &mut Run<'_>, innermost: Open, base: usize) {
        let is_head = matches!(self.stop, Stop::Head { .. });
        let mut open = Some(innermost);
        while let Some(it) = open {
            if is_head {
                self.leave_one(run, &it);
            }
            open = if self.nest.len() > base { self.nest.pop() } else { None };
        }
    }

    fn leave_one(&mut self, run: &mut Run<'_>, open: &Open) {
        let Some(bound) = self.bound.objects.get(open.object as usize) else { return };
        if bound.presence != NOWHERE {
            let start = open.start as usize;
            run.record.set(bound.presence, Slot::group(index(start), index(run.text.len() - start)));
        }
        let context = run.record.context_mut();
        let words = if bound.is_wide { self.wide.get(open.wide as usize..).unwrap_or_default() } else { &[] };
        let words = words.iter().copied().take(bound.known.div_ceil(64));
        let of_word = std::iter::once(open.seen).take(usize::from(!bound.is_wide));
        for word in words.chain(of_word) {
            context.extend_from_slice(&word.to_le_bytes());
        }
        let learned = bound.entries.iter().enumerate().skip(bound.known);
        let learned = learned.filter(|(number, _)| *number < 64 && open.seen >> number & 1 != 0);
        let names = learned.map(|(_, it)| &*it.name).chain(self.names.each(open.names, run.text));
        for name in names {
            context.extend_from_slice(&(index(name.len()) + 1).to_le_bytes());
            context.extend_from_slice(name);
        }
        context.extend_from_slice(&0u32.to_le_bytes());
        // What is left belongs to the objects around it.
        self.names.truncate(open.names);
        self.wide.truncate(open.wide as usize);
    }

    /// Closes what the head leaves.
    pub(crate) fn end_head(&mut self, run: &mut Run<'_>, in_array: bool) {
        self.stop = Stop::Nothing;
        self.names.truncate(crate::names::Mark::default());
        // All of the level is behind what the levels above it left.
        let start = self.context_start;
        let context = run.record.context_mut();
        context.push(u8::from(in_array));
        let length = index(context.len().saturating_sub(start));
        context.extend_from_slice(&length.to_le_bytes());
    }

    /// Goes on where the head of a level ended.
    pub(crate) fn tail(&mut self, run: &mut Run<'_>, level: usize) -> Option<()> {
        let context = run.record.context();
        let (rest, length) = context.split_last_chunk::<4>()?;
        let left = rest.len().checked_sub(u32::from_le_bytes(*length) as usize).and_then(|it| rest.get(it..));
        let (in_array, left) = left?.split_last()?;
        let in_array = *in_array != 0;
        let mut bytes = std::mem::take(&mut self.left);
        bytes.clear();
        bytes.extend_from_slice(left);
        let mut left = Left { bytes, at: 0 };
        let end = self.tail_from(run, level, in_array, &mut left);
        self.left = left.bytes;
        let end = run.blanks(end?);
        if end < run.text.len() { self.broken(end) } else { Some(()) }
    }

    fn tail_from(&mut self, run: &mut Run<'_>, level: usize, in_array: bool, left: &mut Left) -> Option<usize> {
        let count = if in_array { self.bound.levels.get(level)?.open.len() } else { 1 };
        self.set_depth(self.depth_of(level) + index(count) + u32::from(in_array));
        let mut at = run.blanks(0);
        if in_array {
            if scan::byte(run.text, at) != b']' {
                return self.broken(at);
            }
            let array = self.bound.levels.get(level)?.array;
            let layout = self.bound.arrays.get(array as usize)?.layout;
            let items = usize::try_from(run.frame.number).unwrap_or(usize::MAX);
            // That there are too many was said of the first of them.
            if self.layout.arrays.get(layout as usize).is_some_and(|it| items < it.fewest as usize) {
                self.note(run, FaultCode::JsonItems, at, b"")?;
            }
            self.leave();
            at += 1;
        }
        for number in (0..count).rev() {
            let step = *self.bound.levels.get(level)?.open.get(number)?;
            at = self.rest_of(run, step, left, at)?;
        }
        Some(at)
    }

    /// Reads an object from behind one of its values, and gives what follows its bracket.
    fn rest_of(&mut self, run: &mut Run<'_>, step: Step, left: &mut Left, at: usize) -> Option<usize> {
        let object = step.object;
        let mut open = self.open(object, 0);
        open.last = step.member;
        // The target of a plain form is written as it comes: what stands before the array there must come before it here.
        open.floor = if self.layout.plain { step.member } else { 0 };
        let bound = self.bound.objects.get_mut(object as usize)?;
        open.next = bound.entries.get(step.member as usize).map_or(open.next, |it| it.next);
        // Whether it is there was noted by the head, which knows where it begins.
        let presence = std::mem::replace(&mut bound.presence, NOWHERE);
        self.restore(&mut open, left)?;
        let base = self.nest.len();
        let end = self.objects(run, &mut open, base, (at, false));
        if let Some(bound) = self.bound.objects.get_mut(object as usize) {
            bound.presence = presence;
        }
        end
    }

    fn restore(&mut self, open: &mut Open, left: &mut Left) -> Option<()> {
        let bound = self.bound.objects.get(open.object as usize)?;
        for number in 0..if bound.is_wide { bound.known.div_ceil(64) } else { 1 } {
            let word = u64::from_le_bytes(*left.take(8)?.first_chunk()?);
            if bound.is_wide {
                *self.wide.get_mut(open.wide as usize + number)? = word;
            } else {
                open.seen = word;
            }
        }
        if !bound.is_wide && bound.known < 64 {
            open.seen &= (1 << bound.known) - 1;
        }
        loop {
            let length = u32::from_le_bytes(*left.take(4)?.first_chunk()?).checked_sub(1);
            let Some(length) = length else { return Some(()) };
            let name = left.take(length as usize)?;
            // This worker may have learned the name, or another one did.
            match self.bound.objects.get(open.object as usize)?.find(name) {
                Some(number) if number < 64 => open.seen |= 1 << number,
                _ => {
                    self.names.push_spelled(name, 0);
                }
            }
        }
    }
}

/// What a head left.
struct Left {
    bytes: Vec<u8>,
    at: usize,
}

impl Left {
    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }
}
