//! One decoded part of a message as spans, and what the plan computed of it: all that runs between bytes and bytes.
//!
//! ```text
//! part     <CdtTrfTxInf>..<Nm>Zo&#xEB; &amp; Co</Nm>..<EndToEndId>E1</EndToEndId>..
//!                                                                 ^^ slot: in the part
//! held     [literals of the plan][head values kept]["Zoë & Co"]
//!                                                   ^^^^^^^^^^ slot: held
//! arenas   0: the message's slots   1, 2 ..: one row for each repeat cut at   then: rows of other repeats
//! ```
//!
//! **Invariant:** a slot holds clean UTF-8 text, digits or bytes. Decoders resolve escapes, white space, EBCDIC and
//! packed digits, so that no step knows a format. Numbers are digits with an optional `-` and point, without `+`,
//! leading zeros and exponent.
//!
//! **Invariant:** after warm-up nothing here allocates; all is cleared and filled again.

use crate::Decimal;
use std::cmp::Ordering;
use std::ops::Range;

/// A value: 8 bytes that say where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    at: u32,
    length_and_kind: u32,
}

const _: () = assert!(size_of::<Slot>() == 8);

/// What a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum SlotKind {
    /// There is no value.
    Absent = 0,
    /// A stretch of the part.
    Part = 1,
    /// A stretch of the record's own bytes.
    Held = 2,
    /// The rows of a repeat: the first and how many.
    Rows = 3,
    /// A group is there: its stretch of the part.
    Group = 4,
    /// An exact number that a step computed.
    Number = 5,
    /// A list of values: the first and how many.
    List = 6,
    /// Yes.
    Yes = 7,
    /// No.
    No = 8,
    /// A step failed, and the fault is noted: who reads it adds none.
    Failed = 9,
    /// Bytes of the part, held as they stand, since as a value they would not come back the same: `{"$hex":".."}` in the plain
    /// JSON form.
    Raw = 10,
    /// An amount: its number and its currency.
    Amount = 11,
    /// There is no value, and the message says so: `xsi:nil`, `null`. Only in the plain JSON form; to a mapping it is absent.
    Nil = 12,
}

const LENGTH_MAX: u32 = (1 << 28) - 1;

impl Slot {
    /// There is no value.
    pub const ABSENT: Slot = Slot { at: 0, length_and_kind: 0 };
    /// A step failed.
    pub const FAILED: Slot = Slot::of(SlotKind::Failed, 0, 0);
    /// The message says that there is no value.
    pub const NIL: Slot = Slot::of(SlotKind::Nil, 0, 0);

    const fn of(kind: SlotKind, at: u32, length: u32) -> Slot {
        let length = if length > LENGTH_MAX { LENGTH_MAX } else { length };
        Slot { at, length_and_kind: length | (kind as u32) << 28 }
    }

    /// A stretch of the part.
    #[inline]
    pub const fn part(at: u32, length: u32) -> Slot {
        Slot::of(SlotKind::Part, at, length)
    }

    /// The same held bytes, marked as bytes that stay as they are.
    #[inline]
    pub const fn as_raw(self) -> Slot {
        Slot::of(SlotKind::Raw, self.at, self.length())
    }

    /// A group that is there.
    #[inline]
    pub const fn group(at: u32, length: u32) -> Slot {
        Slot::of(SlotKind::Group, at, length)
    }

    /// True or false, at a byte of the part.
    #[inline]
    pub const fn yes_no(yes: bool, at: u32) -> Slot {
        Slot::of(if yes { SlotKind::Yes } else { SlotKind::No }, at, 0)
    }

    /// What it is.
    #[inline]
    pub const fn kind(self) -> SlotKind {
        match self.length_and_kind >> 28 {
            0 => SlotKind::Absent,
            1 => SlotKind::Part,
            2 => SlotKind::Held,
            3 => SlotKind::Rows,
            4 => SlotKind::Group,
            5 => SlotKind::Number,
            6 => SlotKind::List,
            7 => SlotKind::Yes,
            8 => SlotKind::No,
            10 => SlotKind::Raw,
            11 => SlotKind::Amount,
            12 => SlotKind::Nil,
            _ => SlotKind::Failed,
        }
    }

    /// Whether it is a text: a stretch of the part, or of the record's own bytes.
    #[inline]
    pub const fn is_text(self) -> bool {
        matches!(self.length_and_kind >> 28, 1 | 2)
    }

    /// Whether there is no value.
    #[inline]
    pub const fn is_absent(self) -> bool {
        self.length_and_kind >> 28 == SlotKind::Absent as u32
    }

    /// Bytes of a text, rows of a repeat, values of a list.
    #[inline]
    pub const fn length(self) -> u32 {
        self.length_and_kind & LENGTH_MAX
    }

    /// The first byte, row or value.
    #[inline]
    pub const fn at(self) -> u32 {
        self.at
    }

    /// The bytes of a text, where they stand.
    #[inline]
    pub const fn stretch(self) -> Range<usize> {
        self.at as usize..self.at as usize + self.length() as usize
    }
}

/// Where a slot stands: an arena, and the slot within the arena's current row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The arena.
    pub arena: u16,
    /// The slot in its row.
    pub slot: u16,
}

/// One arena of a record, as the plan lays it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArenaShape {
    /// Slots in a row.
    pub stride: u16,
    /// The level whose parts fill it. Arenas `0..levels` are the levels' own: arena `n` has level `n`.
    pub level: u8,
}

impl ArenaShape {
    /// The level of an arena that is filled once and never cleared.
    pub const FOR_EVER: u8 = u8::MAX;
}

/// One decoded part, as spans, and what was computed of it.
#[derive(Debug)]
pub struct Record {
    arenas: Vec<Arena>,
    held: Vec<u8>,
    lists: Vec<Slot>,
    numbers: Vec<Decimal>,
    context: Vec<u8>,
    /// By level: what belongs to the levels above it.
    marks: Vec<Mark>,
    /// The part's first byte in the stream.
    start: u64,
}

#[derive(Debug)]
struct Arena {
    slots: Vec<Slot>,
    /// The current row's first slot.
    base: u32,
    shape: ArenaShape,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    held: usize,
    lists: usize,
    numbers: usize,
    context: usize,
}

/// What stands before every held text: its place in the stream and its length there.
const TRACE: usize = 12;

#[expect(clippy::cast_possible_truncation, reason = "a part is at most `part_bytes_max`, far below 4 GiB")]
fn index(at: usize) -> u32 {
    at as u32
}

impl Record {
    /// A record with these arenas; `literals` are held for ever, see [`Record::literal`].
    pub fn new(shapes: &[ArenaShape], literals: &[Vec<u8>]) -> Self {
        let arenas: Vec<_> = shapes.iter().map(|shape| Arena { slots: Vec::new(), base: 0, shape: *shape }).collect();
        let levels =
            shapes.iter().filter(|it| it.level != ArenaShape::FOR_EVER).map(|it| usize::from(it.level) + 1).max().unwrap_or(1);
        let mut held = Vec::new();
        for literal in literals {
            held.extend_from_slice(&[0xFF; TRACE]);
            held.extend_from_slice(literal);
        }
        let mark = Mark { held: held.len(), ..Mark::default() };
        let (lists, numbers, context) = (Vec::new(), Vec::new(), Vec::new());
        Record { arenas, held, lists, numbers, context, marks: vec![mark; levels + 1], start: 0 }
    }

    /// The slots of the literals given to [`Record::new`], in their order.
    pub fn literals(literals: &[Vec<u8>]) -> Vec<Slot> {
        let mut at = 0;
        let mut slots = Vec::new();
        for literal in literals {
            at += TRACE;
            slots.push(Slot::of(SlotKind::Held, index(at), index(literal.len())));
            at += literal.len();
        }
        slots
    }

    /// Begins a part of a level: forgets what that level and those below it had, and opens its row.
    pub fn begin(&mut self, level: u8, start: u64) {
        for arena in &mut self.arenas {
            if arena.shape.level >= level && arena.shape.level != ArenaShape::FOR_EVER {
                arena.slots.clear();
                arena.base = 0;
            }
        }
        self.rewind(level);
        self.start = start;
        self.open_row(u16::from(level));
    }

    /// Begins the tail of a level: forgets what the levels below it had; its own row goes on.
    pub fn resume(&mut self, level: u8, start: u64) {
        for arena in &mut self.arenas {
            if arena.shape.level > level && arena.shape.level != ArenaShape::FOR_EVER {
                arena.slots.clear();
                arena.base = 0;
            }
        }
        self.rewind(level + 1);
        self.start = start;
    }

    fn rewind(&mut self, level: u8) {
        let mark = self.marks.get(usize::from(level)).copied().unwrap_or_default();
        self.held.truncate(mark.held);
        self.lists.truncate(mark.lists);
        self.numbers.truncate(mark.numbers);
        self.context.truncate(mark.context);
    }

    /// Ends the head of a level: what its slots say of the part is copied, since the part will go, and all that was
    /// made stays until the level ends.
    pub fn keep(&mut self, level: u8, part: &[u8]) {
        let start = self.start;
        for arena in &mut self.arenas {
            if arena.shape.level != level {
                continue;
            }
            for slot in &mut arena.slots {
                *slot = kept(&mut self.held, *slot, start, part);
            }
        }
        let first = self.marks.get(usize::from(level)).map_or(0, |it| it.lists);
        for slot in self.lists.iter_mut().skip(first) {
            *slot = kept(&mut self.held, *slot, start, part);
        }
        let mark =
            Mark { held: self.held.len(), lists: self.lists.len(), numbers: self.numbers.len(), context: self.context.len() };
        if let Some(next) = self.marks.get_mut(usize::from(level) + 1) {
            *next = mark;
        }
    }

    /// Makes this record equal to another of the same plan, as another worker's left it.
    pub fn copy_from(&mut self, other: &Record) {
        for (arena, theirs) in self.arenas.iter_mut().zip(&other.arenas) {
            arena.slots.clone_from(&theirs.slots);
            arena.base = theirs.base;
        }
        self.held.clone_from(&other.held);
        self.lists.clone_from(&other.lists);
        self.numbers.clone_from(&other.numbers);
        self.context.clone_from(&other.context);
        self.marks.clone_from(&other.marks);
        self.start = other.start;
    }

    /// Forgets the rows of an arena and opens a new one.
    #[inline]
    pub fn renew(&mut self, arena: u16) {
        if let Some(it) = self.arenas.get_mut(usize::from(arena)) {
            it.slots.clear();
        }
        self.open_row(arena);
    }

    /// Forgets the rows of an arena.
    #[inline]
    pub fn forget(&mut self, arena: u16) {
        if let Some(it) = self.arenas.get_mut(usize::from(arena)) {
            it.slots.clear();
            it.base = 0;
        }
    }

    /// Opens a row at the end of an arena and makes it the current one; gives its number.
    #[inline]
    pub fn open_row(&mut self, arena: u16) -> u32 {
        let Some(arena) = self.arenas.get_mut(usize::from(arena)) else { return 0 };
        let base = arena.slots.len();
        arena.slots.resize(base + usize::from(arena.shape.stride), Slot::ABSENT);
        arena.base = index(base);
        arena.base / u32::from(arena.shape.stride.max(1))
    }

    /// Forgets the last row of an arena.
    pub fn close_row(&mut self, arena: u16) {
        if let Some(it) = self.arenas.get_mut(usize::from(arena)) {
            let kept = it.slots.len().saturating_sub(usize::from(it.shape.stride));
            it.slots.truncate(kept);
            it.base = index(kept.saturating_sub(usize::from(it.shape.stride)));
        }
    }

    /// Opens a row of a repeat whose rows the slot at `of` counts.
    #[inline]
    pub fn push_row(&mut self, arena: u16, of: Place) {
        self.open_row(arena);
        self.count_row(arena, of);
    }

    /// Counts the current row of an arena among those of the slot at `of`.
    #[inline]
    pub fn count_row(&mut self, arena: u16, of: Place) {
        let row = self.row(arena);
        let rows = self.get(of);
        let (first, count) = if rows.is_absent() { (row, 0) } else { (rows.at(), rows.length()) };
        self.set(of, Slot::of(SlotKind::Rows, first, count + 1));
    }

    /// Opens so many rows of a repeat at once, where their number is known; the slot at `of` counts them, and the first is
    /// the current one.
    pub fn push_rows(&mut self, arena: u16, of: Place, count: u32) {
        if count == 0 {
            return;
        }
        let first = self.open_row(arena);
        if let Some(arena) = self.arenas.get_mut(usize::from(arena)) {
            let others = (count as usize - 1) * usize::from(arena.shape.stride);
            arena.slots.resize(arena.slots.len() + others, Slot::ABSENT);
        }
        self.set(of, Slot::of(SlotKind::Rows, first, count));
    }

    /// Makes the row behind the current one the current one.
    #[inline]
    pub fn next_row(&mut self, arena: u16) {
        if let Some(arena) = self.arenas.get_mut(usize::from(arena)) {
            arena.base += u32::from(arena.shape.stride);
        }
    }

    /// Makes a row the current one of its arena.
    #[inline]
    pub fn seek(&mut self, arena: u16, row: u32) {
        if let Some(arena) = self.arenas.get_mut(usize::from(arena)) {
            arena.base = row * u32::from(arena.shape.stride);
        }
    }

    /// Goes where there is no row: every slot is absent.
    pub fn seek_nothing(&mut self, arena: u16) {
        if let Some(arena) = self.arenas.get_mut(usize::from(arena)) {
            arena.base = u32::MAX - u32::from(u16::MAX);
        }
    }

    /// The current row of an arena.
    pub fn row(&self, arena: u16) -> u32 {
        self.arenas.get(usize::from(arena)).map_or(0, |it| it.base / u32::from(it.shape.stride.max(1)))
    }

    /// The slot at a place.
    #[inline]
    pub fn get(&self, place: Place) -> Slot {
        let arena = self.arenas.get(usize::from(place.arena));
        let slot = arena.and_then(|it| it.slots.get(it.base as usize + usize::from(place.slot)));
        slot.copied().unwrap_or(Slot::ABSENT)
    }

    /// Fills the slot at a place.
    #[inline]
    pub fn set(&mut self, place: Place, slot: Slot) {
        if let Some(arena) = self.arenas.get_mut(usize::from(place.arena))
            && let Some(it) = arena.slots.get_mut(arena.base as usize + usize::from(place.slot))
        {
            *it = slot;
        }
    }

    /// Fills so many slots of a row, from a place on.
    #[inline]
    pub fn fill(&mut self, place: Place, count: u16, slot: Slot) {
        if let Some(arena) = self.arenas.get_mut(usize::from(place.arena)) {
            let first = arena.base as usize + usize::from(place.slot);
            arena.slots.get_mut(first..first + usize::from(count)).unwrap_or_default().fill(slot);
        }
    }

    /// Holds the text that `write` appends; `at` and `length` say which bytes of the part it was made from.
    #[inline]
    pub fn hold(&mut self, at: u32, length: u32, write: impl FnOnce(&mut Vec<u8>)) -> Slot {
        self.hold_traced(self.start + u64::from(at), length, write)
    }

    /// Holds the text that `write` appends, made from the value of another slot.
    #[inline]
    pub fn hold_from(&mut self, from: Slot, write: impl FnOnce(&mut Vec<u8>)) -> Slot {
        let (at, length) = self.origin(from).unwrap_or((u64::MAX, 0));
        self.hold_traced(at, length, write)
    }

    /// Holds the text that `write` appends, made from the value of another slot; nothing where it fails.
    #[inline]
    pub fn hold_tried<E>(&mut self, from: Slot, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Slot, E> {
        let before = self.held.len();
        let mut written = Ok(());
        let slot = self.hold_from(from, |held| written = write(held));
        if written.is_err() {
            self.held.truncate(before);
        }
        written.map(|()| slot)
    }

    fn hold_traced(&mut self, origin: u64, length: u32, write: impl FnOnce(&mut Vec<u8>)) -> Slot {
        // One copy of known length: this runs for every value that a decoder makes.
        let trace = (u128::from(origin) | u128::from(length) << 64).to_le_bytes();
        self.held.extend_from_slice(trace.first_chunk::<TRACE>().unwrap_or(&[0xFF; TRACE]));
        let at = self.held.len();
        write(&mut self.held);
        Slot::of(SlotKind::Held, index(at), index(self.held.len().saturating_sub(at)))
    }

    /// A number that a step computed.
    pub fn number(&mut self, number: Decimal) -> Slot {
        self.numbers.push(number);
        Slot::of(SlotKind::Number, index(self.numbers.len() - 1), 0)
    }

    /// The number of a slot that a step computed.
    pub fn number_of(&self, slot: Slot) -> Option<Decimal> {
        (slot.kind() == SlotKind::Number).then(|| self.numbers.get(slot.at() as usize).copied()).flatten()
    }

    /// A list of these values.
    pub fn list(&mut self, values: impl IntoIterator<Item = Slot>) -> Slot {
        let at = self.lists.len();
        self.lists.extend(values);
        Slot::of(SlotKind::List, index(at), index(self.lists.len() - at))
    }

    /// An amount of a number and a currency.
    pub fn amount(&mut self, number: Slot, currency: Slot) -> Slot {
        let at = self.lists.len();
        self.lists.extend([number, currency]);
        Slot::of(SlotKind::Amount, index(at), 2)
    }

    /// A list of the last `count` values given to [`Record::push_item`].
    pub fn list_of_last(&mut self, count: usize) -> Slot {
        let at = self.lists.len().saturating_sub(count);
        Slot::of(SlotKind::List, index(at), index(count))
    }

    /// The values of a list in an order, equal ones as they stood, or the first only of equal ones, as they stood: a list of
    /// its own.
    pub fn ordered(&mut self, list: Slot, is_distinct: bool, order: impl Fn(&Record, Slot, Slot) -> Ordering) -> Slot {
        let mut lists = std::mem::take(&mut self.lists);
        let first = lists.len();
        // Numbers of values, that equal ones keep their places; a sort of values could only do so with memory of its own.
        lists.extend((0..list.length()).map(|it| Slot::part(it, 0)));
        let (known, made) = lists.split_at_mut(first);
        let from = list.at() as usize;
        let values = known.get(from..from + list.length() as usize).unwrap_or_default();
        let value = |it: &Slot| values.get(it.at() as usize).copied().unwrap_or(Slot::ABSENT);
        made.sort_unstable_by(|a, b| order(self, value(a), value(b)).then(a.at().cmp(&b.at())));
        let mut kept = made.len();
        if is_distinct {
            let mut last: Option<Slot> = None;
            kept = 0;
            for at in 0..made.len() {
                let Some(it) = made.get(at).copied() else { break };
                if last.is_none_or(|last| order(self, value(&last), value(&it)).is_ne()) {
                    made.swap(kept, at);
                    kept += 1;
                    last = Some(it);
                }
            }
            made.get_mut(..kept).unwrap_or_default().sort_unstable_by_key(|it| it.at());
        }
        for it in made.iter_mut() {
            *it = value(it);
        }
        lists.truncate(first + kept);
        self.lists = lists;
        Slot::of(SlotKind::List, index(first), index(kept))
    }

    /// Adds a value to the list that [`Record::list_of_last`] will make.
    pub fn push_item(&mut self, value: Slot) {
        self.lists.push(value);
    }

    /// The values of a list; the two parts of an amount.
    #[inline]
    pub fn items(&self, slot: Slot) -> &[Slot] {
        if !matches!(slot.kind(), SlotKind::List | SlotKind::Amount) {
            return &[];
        }
        let at = slot.at() as usize;
        self.lists.get(at..at + slot.length() as usize).unwrap_or_default()
    }

    /// The value of a list, by its number from 0.
    #[inline]
    pub fn item(&self, slot: Slot, number: u32) -> Slot {
        self.items(slot).get(number as usize).copied().unwrap_or(Slot::ABSENT)
    }

    /// The bytes of a slot; none for what has no bytes.
    #[inline]
    pub fn bytes<'a>(&'a self, slot: Slot, part: &'a [u8]) -> &'a [u8] {
        let (at, length) = (slot.at() as usize, slot.length() as usize);
        match slot.kind() {
            SlotKind::Part => part.get(at..at + length).unwrap_or_default(),
            SlotKind::Held | SlotKind::Raw => self.held.get(at..at + length).unwrap_or_default(),
            SlotKind::Yes => b"true",
            SlotKind::No => b"false",
            _ => &[],
        }
    }

    /// The bytes of the stream that a value was made from: the first and how many.
    pub fn origin(&self, slot: Slot) -> Option<(u64, u32)> {
        match slot.kind() {
            SlotKind::Part | SlotKind::Group => Some((self.start + u64::from(slot.at()), slot.length())),
            SlotKind::Yes | SlotKind::No => Some((self.start + u64::from(slot.at()), 1)),
            SlotKind::Held | SlotKind::Raw => {
                let trace = self.held.get((slot.at() as usize).checked_sub(TRACE)?..slot.at() as usize)?;
                let (at, length) = trace.split_at_checked(8)?;
                let at = u64::from_le_bytes(at.try_into().ok()?);
                (at != u64::MAX).then_some((at, u32::from_le_bytes(length.try_into().ok()?)))
            }
            _ => None,
        }
    }

    /// What a decoder leaves for the parts below a head (namespaces, open tags): all of it, of all levels above.
    pub fn context(&self) -> &[u8] {
        &self.context
    }

    /// The same, to add to.
    pub fn context_mut(&mut self) -> &mut Vec<u8> {
        &mut self.context
    }

    /// The part's first byte in the stream.
    pub fn start(&self) -> u64 {
        self.start
    }
}

fn kept(held: &mut Vec<u8>, slot: Slot, start: u64, part: &[u8]) -> Slot {
    let at = slot.at() as usize;
    match slot.kind() {
        SlotKind::Part => {
            held.extend_from_slice(&(start + u64::from(slot.at())).to_le_bytes());
            held.extend_from_slice(&slot.length().to_le_bytes());
            let first = held.len();
            held.extend_from_slice(part.get(at..at + slot.length() as usize).unwrap_or_default());
            Slot::of(SlotKind::Held, index(first), slot.length())
        }
        _ => slot,
    }
}

/// What an encoder reads: the record of the section's level and the part it refers to.
#[derive(Debug)]
pub struct Values<'a> {
    /// The record.
    pub record: &'a mut Record,
    /// The part.
    pub part: &'a [u8],
}

impl Values<'_> {
    /// The slot at a place.
    #[inline]
    pub fn slot(&self, place: Place) -> Slot {
        self.record.get(place)
    }

    /// The text, digits or bytes of a slot; none for what has none.
    #[inline]
    pub fn bytes(&self, slot: Slot) -> &[u8] {
        self.record.bytes(slot, self.part)
    }

    /// The bytes of a text with all that stands behind them, so that whole blocks of them can be read.
    #[inline]
    pub fn onwards(&self, slot: Slot) -> &[u8] {
        let source = if slot.kind() == SlotKind::Part { self.part } else { &self.record.held };
        source.get(slot.at() as usize..).unwrap_or_default()
    }

    /// Whether there is a value.
    #[inline]
    pub fn is_present(&self, place: Place) -> bool {
        !matches!(self.record.get(place).kind(), SlotKind::Absent | SlotKind::No | SlotKind::Failed)
    }

    /// The first row and the number of rows of a repeat.
    #[inline]
    pub fn rows(&self, place: Place) -> (u32, u32) {
        let slot = self.record.get(place);
        if slot.kind() == SlotKind::Rows { (slot.at(), slot.length()) } else { (0, 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Place = Place { arena: 0, slot: 0 };
    const ITEMS: Place = Place { arena: 0, slot: 1 };
    const CODE: Place = Place { arena: 1, slot: 0 };

    fn record() -> (Record, Vec<Slot>) {
        let literals = [b"SEPA".to_vec(), b"INST".to_vec()];
        let shapes = [ArenaShape { stride: 2, level: 0 }, ArenaShape { stride: 1, level: 1 }];
        (Record::new(&shapes, &literals), Record::literals(&literals))
    }

    #[test]
    fn a_head_outlives_its_part() {
        let (mut record, literals) = record();
        record.begin(0, 100);
        record.set(NAME, Slot::part(2, 3));
        record.keep(0, b"--abc--");
        for item in 0..3 {
            record.begin(1, 200 + item);
            record.set(CODE, Slot::part(0, 1));
            let made = record.hold(0, 1, |out| out.extend_from_slice(b"made"));
            assert_eq!(record.bytes(record.get(NAME), b"xyz"), b"abc");
            assert_eq!(record.bytes(record.get(CODE), b"xyz"), b"x");
            assert_eq!(record.bytes(made, b"xyz"), b"made");
            assert_eq!(record.origin(made), Some((200 + item, 1)));
        }
        record.resume(0, 300);
        assert_eq!(record.origin(record.get(NAME)), Some((102, 3)));
        assert_eq!(record.get(CODE), Slot::ABSENT);
        assert_eq!(record.bytes(literals[1], b""), b"INST");
        assert_eq!(record.origin(literals[1]), None);
    }

    #[test]
    fn rows_of_a_whole_message() {
        let (mut record, _) = record();
        record.begin(0, 0);
        for at in 0..3 {
            record.push_row(1, ITEMS);
            record.set(CODE, Slot::part(at, 1));
        }
        let rows = record.get(ITEMS);
        assert_eq!((rows.kind(), rows.at(), rows.length()), (SlotKind::Rows, 0, 3));
        record.seek(1, 1);
        assert_eq!(record.bytes(record.get(CODE), b"abc"), b"b");
    }

    #[test]
    fn rows_whose_number_is_known() {
        let (mut record, _) = record();
        record.begin(0, 0);
        record.push_rows(1, NAME, 0);
        assert!(record.get(NAME).is_absent());
        record.open_row(1);
        record.push_rows(1, ITEMS, 3);
        for at in 0..3 {
            record.set(CODE, Slot::part(at, 1));
            record.next_row(1);
        }
        let rows = record.get(ITEMS);
        assert_eq!((rows.kind(), rows.at(), rows.length()), (SlotKind::Rows, 1, 3));
        record.seek(1, 3);
        assert_eq!(record.bytes(record.get(CODE), b"abc"), b"c");
        assert_eq!(record.open_row(1), 4);
    }

    #[test]
    fn numbers_and_lists() {
        let (mut record, _) = record();
        record.begin(0, 0);
        let number = record.number(Decimal::integer(7));
        let list = record.list([number, Slot::ABSENT]);
        assert_eq!(record.items(list).len(), 2);
        assert_eq!(record.number_of(record.item(list, 0)), Some(Decimal::integer(7)));
        assert_eq!(record.number_of(Slot::ABSENT), None);
        record.begin(0, 0);
        assert_eq!(record.items(list), []);
    }
}
