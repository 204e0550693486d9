//! How a function of the mapping language runs: arguments as slots, one result.
//!
//! A function is compiled to a closure that has all it can know beforehand (a picture, a table, a time zone), so that a
//! message only costs the work on its values.

use crate::rules::{TextCheck, allows_plainly};
use crate::standards::characters::Profile;
use crate::{Decimal, FaultCode, Number, Record, Slot, SlotKind};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt;
use std::sync::Arc;

/// A compiled function.
pub struct Run {
    body: Box<Body>,
    known: Known,
}

type Body = dyn Fn(&mut Call<'_>) -> Result<Slot, FaultCode> + Send + Sync;

/// What a function gives for most values, as far as that is known without calling it.
///
/// Most values of most messages pass their checks and have nothing to replace: they cost a look and no call.
#[derive(Clone, Debug, Default)]
pub(crate) enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// It keeps the texts that a field allows.
    Allowed(Arc<TextCheck>),
    /// It keeps digits that are clean and allowed.
    Digits(Arc<Number>),
    /// It keeps texts of the characters of a profile.
    Clean(&'static Profile),
    /// It keeps texts of at most so many bytes: they have no more characters.
    Short(usize),
    /// It keeps texts that pass a test.
    Passing(fn(&[u8]) -> bool),
    /// It says whether there is a value, or whether there is none.
    Presence(bool),
    /// It says whether the value is this text, or whether it is not; blanks at its end do not count.
    Spelled(Arc<[u8]>, bool),
}

impl Run {
    /// From a closure that has all it can know beforehand.
    pub fn new(body: impl Fn(&mut Call<'_>) -> Result<Slot, FaultCode> + Send + Sync + 'static) -> Self {
        Run { body: Box::new(body), known: Known::Nothing }
    }

    /// The same, of which this is known.
    pub(crate) fn knowing(self, known: Known) -> Self {
        Run { known, ..self }
    }

    /// Runs it.
    #[inline]
    pub fn call(&self, call: &mut Call<'_>) -> Result<Slot, FaultCode> {
        (self.body)(call)
    }

    /// What it gives for a value, if that is known.
    #[inline]
    pub(crate) fn at_once(&self, slot: Slot, record: &Record, part: &[u8]) -> Option<Slot> {
        if let Known::Presence(wanted) = self.known {
            return (slot.kind() != SlotKind::Failed).then(|| Slot::yes_no(is_nothing(slot) != wanted, 0));
        }
        if !slot.is_text() || slot.length() == 0 {
            return None;
        }
        if let Known::Spelled(wanted, yes) = &self.known {
            let text = record.bytes(slot, part);
            // A text that only begins like it may end in blanks.
            let is_it = text == &**wanted;
            return (is_it || !text.ends_with(b" ")).then(|| Slot::yes_no(is_it == *yes, 0));
        }
        self.known.keeps(record.bytes(slot, part)).then_some(slot)
    }

    /// What is known of it.
    pub(crate) fn known(&self) -> &Known {
        &self.known
    }
}

impl Known {
    /// Whether a text, which is not empty, is kept as it is.
    #[inline]
    pub(crate) fn keeps(&self, text: &[u8]) -> bool {
        match self {
            Known::Nothing | Known::Presence(_) | Known::Spelled(..) => false,
            Known::Allowed(check) => check.allows(text),
            Known::Digits(number) => allows_plainly(number, text),
            Known::Clean(profile) => profile.is_clean(text),
            Known::Short(bytes) => text.len() <= *bytes,
            Known::Passing(test) => test(text),
        }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Run")
    }
}

/// What an argument that is not there means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// The result is not there either; the function is not called.
    Strict,
    /// The function looks at it.
    Lenient,
}

/// What is known of a message beside its bytes; fixed while it runs.
#[derive(Clone, Debug)]
pub struct Context {
    /// The time of the message: the job's start, the record's time, the arrival.
    pub now: Timestamp,
    /// The input's name.
    pub file_name: Arc<str>,
    /// The message's number in its input, from 1.
    pub message: u64,
}

impl Default for Context {
    fn default() -> Self {
        Context { now: Timestamp::UNIX_EPOCH, file_name: Arc::from(""), message: 1 }
    }
}

/// What was lost of a value, as the author allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossKind {
    /// Characters behind the last that fits.
    Cut,
    /// Digits.
    Round,
    /// Characters that became others.
    Characters,
    /// Occurrences.
    Repeats,
    /// Codes that share a target.
    Codes,
    /// A member that the schema does not name.
    UnknownField,
}

impl LossKind {
    /// As reports print it.
    pub fn name(self) -> &'static str {
        match self {
            LossKind::Cut => "cut",
            LossKind::Round => "round",
            LossKind::Characters => "characters",
            LossKind::Repeats => "repeats",
            LossKind::Codes => "codes",
            LossKind::UnknownField => "unknown-field",
        }
    }
}

/// What the face keeps beyond a message: sequences and memos. What was taken counts only when the message is released.
pub trait Store {
    /// The number of a key in a sequence: the known one, or the next after the highest given, from 1.
    fn next(&mut self, sequence: &str, key: &[u8]) -> u64;

    /// Fills `fields` with what was remembered under a key, in the order of the memo's fields; says whether there is such.
    fn recall(&mut self, memo: &str, key: &[u8], fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool;

    /// Remembers fields under a key.
    fn remember(&mut self, memo: &str, key: &[u8], fields: &[Option<&[u8]>]);
}

/// Keeps nothing: for plans that neither take numbers nor remember ([`Plan::is_ordered`](crate::plan::Plan::is_ordered) is
/// false).
#[derive(Clone, Copy, Debug)]
pub struct NoStore;

impl Store for NoStore {
    fn next(&mut self, _sequence: &str, _key: &[u8]) -> u64 {
        1
    }

    fn recall(&mut self, _memo: &str, _key: &[u8], _fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool {
        false
    }

    fn remember(&mut self, _memo: &str, _key: &[u8], _fields: &[Option<&[u8]>]) {}
}

/// A call while it runs.
pub struct Call<'a> {
    /// The record the slots refer to.
    pub record: &'a mut Record,
    /// The part.
    pub part: &'a [u8],
    /// The arguments; the value behind the `|` comes first.
    pub args: &'a [Slot],
    /// The message.
    pub context: &'a Context,
    /// Room to work in.
    pub scratch: &'a mut Vec<u8>,
    /// What was lost, to be reported for the rule.
    pub losses: &'a mut Vec<(LossKind, u32)>,
    /// The number of the record in its output.
    pub position: u64,
    /// What outlives the message.
    pub store: &'a mut dyn Store,
    /// The refusal in the author's words that made the function fail.
    pub refusal: Option<u16>,
    /// The row of a table that answered, for whoever explains a message.
    pub row: Option<u32>,
}

/// Whether a slot has nothing that could be used: absent, or a blank text.
#[inline]
pub fn is_nothing(slot: Slot) -> bool {
    let has_length = matches!(slot.kind(), SlotKind::Part | SlotKind::Held | SlotKind::List | SlotKind::Rows);
    slot.length() == 0 && (has_length || slot.is_absent())
}

impl Call<'_> {
    /// An argument.
    #[inline]
    pub fn arg(&self, at: usize) -> Slot {
        self.args.get(at).copied().unwrap_or(Slot::ABSENT)
    }

    /// The bytes of an argument.
    #[inline]
    pub fn bytes(&self, at: usize) -> &[u8] {
        self.record.bytes(self.arg(at), self.part)
    }

    /// The text of an argument.
    #[inline]
    pub fn text(&self, at: usize) -> &str {
        std::str::from_utf8(self.bytes(at)).unwrap_or("")
    }

    /// The number of an argument: one that was computed, or digits.
    pub fn number(&self, at: usize) -> Result<Decimal, FaultCode> {
        self.number_of(self.arg(at))
    }

    /// The number of a slot.
    pub fn number_of(&self, slot: Slot) -> Result<Decimal, FaultCode> {
        match slot.kind() {
            SlotKind::Number => self.record.number_of(slot).ok_or(FaultCode::MapNumber),
            _ => Decimal::parse(self.record.bytes(slot, self.part)).ok_or(FaultCode::MapNumber),
        }
    }

    /// The two parts of an amount.
    pub fn amount(&self, at: usize) -> (Slot, Slot) {
        let amount = self.arg(at);
        (self.record.item(amount, 0), self.record.item(amount, 1))
    }

    /// Gives a number.
    pub fn give_number(&mut self, number: Decimal) -> Result<Slot, FaultCode> {
        Ok(self.record.number(number))
    }

    /// Gives a text that was made from an argument: `write` appends it, reading the argument's bytes.
    pub fn give(
        &mut self,
        at: usize,
        write: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<(), FaultCode>,
    ) -> Result<Slot, FaultCode> {
        self.scratch.clear();
        let slot = self.arg(at);
        write(self.record.bytes(slot, self.part), self.scratch)?;
        let Call { record, scratch, .. } = self;
        Ok(record.hold_from(slot, |held| held.extend_from_slice(scratch)))
    }

    /// The same for what only appends and does not look at what is there: a stretch of the part is not copied on its way.
    pub(crate) fn append(
        &mut self,
        at: usize,
        write: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<(), FaultCode>,
    ) -> Result<Slot, FaultCode> {
        let slot = self.arg(at);
        if slot.kind() == SlotKind::Part {
            return self.record.hold_tried(slot, |held| write(self.part.get(slot.stretch()).unwrap_or_default(), held));
        }
        self.give(at, write)
    }

    /// Gives the text in the scratch room, made from an argument.
    pub fn give_scratch(&mut self, at: usize) -> Slot {
        let slot = self.arg(at);
        let Call { record, scratch, .. } = self;
        record.hold_from(slot, |held| held.extend_from_slice(scratch))
    }

    /// Gives a text of no argument in particular.
    pub fn give_text(&mut self, text: &[u8]) -> Slot {
        self.record.hold_from(Slot::ABSENT, |held| held.extend_from_slice(text))
    }

    /// Gives a stretch of an argument's bytes.
    pub fn give_slice(&mut self, at: usize, from: usize, to: usize) -> Slot {
        let slot = self.arg(at);
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        if slot.kind() == SlotKind::Part {
            return Slot::part(slot.at() + count(from), count(to.saturating_sub(from)));
        }
        let stretch = slot.stretch();
        let within = stretch.start.saturating_add(from)..stretch.start.saturating_add(to).min(stretch.end);
        if slot.kind() == SlotKind::Held && within.start <= within.end {
            return self.record.hold_from(slot, |held| held.extend_from_within(within));
        }
        self.give_text(&[])
    }

    /// Fails with a refusal in the author's words.
    pub(crate) fn refuse(&mut self, refusal: u16) -> FaultCode {
        self.refusal = Some(refusal);
        FaultCode::MapRejected
    }

    /// Reports a loss.
    pub fn lose(&mut self, kind: LossKind, lost: usize) {
        self.losses.push((kind, u32::try_from(lost).unwrap_or(u32::MAX)));
    }

    /// Yes or no.
    pub fn give_yes_no(&self, yes: bool) -> Slot {
        Slot::yes_no(yes, 0)
    }
}

/// A time zone of jiff's bundled data; the machine's own is never asked.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}
