//! Bytes -> record: everything is checked, what is wanted is kept.
//!
//! ```text
//! decode ─ value ─┬─ text, number ..            one slot each
//!                 ├─ object ─ members ─ value   the next name is tested by one compare of 16 bytes; a miss looks it up
//!                 ├─ array ─ value              a row for each item
//!                 └─ choice                     which object it is, found by its names and codes before it is read
//! ```
//!
//! Structure that is broken ends the part. Wrong types, facets, names and counts are noted, and the decoder goes on.
//!
//! **Invariant:** nothing here allocates after warm-up, and nothing keeps a state from part to part but the order of members.

use crate::{
    bind::{Act, Action, Bound, NOWHERE},
    blocks,
    layout::Layout,
    locate::{self, From},
    names::{Mark, Names},
    rule, scan,
};
use latimer_engine::{Decoder, Fault, FaultCode, Faults, Frame, Limits, Outcome, Part, Place, Record, Schema, Slot};
use std::sync::Arc;

/// Part to record, for one plan.
pub(crate) struct JsonDecoder {
    pub(crate) layout: Arc<Layout>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) bound: Bound,
    pub(crate) names: Names,
    /// The objects around the one that is being read.
    pub(crate) nest: Vec<Open>,
    /// Members seen of objects that have more of them than a word has bits.
    pub(crate) wide: Vec<u64>,
    /// Texts and names without their escapes.
    pub(crate) spelled: Vec<u8>,
    pub(crate) depth: u32,
    pub(crate) depth_max: u32,
    /// Why the part ends here.
    pub(crate) stop: Stop,
    is_faulty: bool,
    /// Whether alternatives are tried: then nothing is noted, and the first fault ends the trial.
    is_trial: bool,
    /// Bytes that trials may still read.
    trial_bytes: usize,
    /// What the head of this tail left.
    pub(crate) left: Vec<u8>,
    /// Where in the context of the record this head begins.
    pub(crate) context_start: usize,
    where_from: Vec<latimer_engine::FieldId>,
}

/// Why a part ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It does not.
    Nothing,
    /// The head of a level ends where its array begins, or before its object ends.
    Head { in_array: bool },
    /// The structure is broken.
    Broken(FaultCode, usize),
    /// What is tried does not hold.
    Trial,
}

/// The part that is decoded.
pub(crate) struct Run<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) record: &'a mut Record,
    pub(crate) faults: &'a mut Faults,
    pub(crate) frame: &'a Frame,
    /// Whether blanks were passed.
    pub(crate) has_blanks: bool,
}

impl Run<'_> {
    /// The first place from here that is not white space. Whatever of the part stands between two tokens is passed here.
    #[inline(always)]
    pub(crate) fn blanks(&mut self, at: usize) -> usize {
        if scan::byte(self.text, at) > b' ' { at } else { self.more_blanks(at) }
    }

    #[inline(never)]
    pub(crate) fn more_blanks(&mut self, at: usize) -> usize {
        let behind = scan::blanks(self.text, at);
        self.has_blanks |= behind > at;
        behind
    }
}

/// An object that is being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) object: u32,
    /// Its bracket.
    pub(crate) start: u32,
    /// One bit for each member seen, of the first 64.
    pub(crate) seen: u64,
    /// The member that was read last; 2^32 - 1 for none.
    pub(crate) last: u32,
    /// The member that is expected.
    pub(crate) next: u32,
    /// Names that have no entry.
    pub(crate) names: Mark,
    /// Where its members seen begin, if it has more than 64.
    pub(crate) wide: u32,
    /// Members of lower numbers come too late: those before the array, in the tail of a plain form.
    pub(crate) floor: u32,
}

/// However deep a limit allows: each level takes stack.
const DEPTH_MAX: u64 = 1024;
/// How often the bytes of a part may be read to try alternatives.
const TRIALS_MAX: usize = 64;

impl JsonDecoder {
    pub(crate) fn new(layout: Arc<Layout>, schema: Arc<Schema>, bound: Bound, limits: &Limits) -> Self {
        JsonDecoder {
            layout,
            schema,
            bound,
            names: Names::default(),
            nest: Vec::new(),
            wide: Vec::new(),
            spelled: Vec::new(),
            depth: 0,
            depth_max: u32::try_from(limits.depth_max.min(DEPTH_MAX)).unwrap_or(u32::MAX),
            stop: Stop::Nothing,
            is_faulty: false,
            is_trial: false,
            trial_bytes: 0,
            left: Vec::new(),
            context_start: 0,
            where_from: Vec::new(),
        }
    }
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, frame: &Frame, buffer: &[u8], record: &mut Record, faults: &mut Faults) -> Outcome {
        let text = scan::slice(buffer, frame.bytes.start, frame.bytes.end);
        let mut run = Run { text, record, faults, frame, has_blanks: false };
        self.names.truncate(Mark::default());
        self.wide.clear();
        self.nest.clear();
        (self.depth, self.stop, self.is_faulty, self.is_trial) = (0, Stop::Nothing, false, false);
        self.context_start = run.record.context().len();
        self.trial_bytes = text.len().saturating_mul(TRIALS_MAX);
        // Texts are UTF-8 as a whole: a byte order mark is for the framer, at the start of a stream.
        if text.len() >= PART_BYTES_MAX {
            self.stop = Stop::Broken(FaultCode::FrameLimit, 0);
        } else if let Err(error) = simdutf8::basic::from_utf8(text).map_err(|_| simdutf8::compat::from_utf8(text)) {
            let at = error.map_or_else(|it| it.valid_up_to(), |_| 0);
            self.stop = Stop::Broken(FaultCode::JsonUtf8, at);
        } else if self.part(&mut run).is_none() && !matches!(self.stop, Stop::Broken(..)) {
            // A tail without its head, or tables that do not belong together: never taken for clean.
            self.stop = Stop::Broken(FaultCode::JsonSyntax, 0);
        }
        match self.stop {
            Stop::Broken(code, at) => {
                self.note(&mut run, code, at, b"");
                Outcome::Broken
            }
            _ if self.is_faulty => Outcome::Faulty,
            _ => Outcome::Clean,
        }
    }
}

// Parts ---------------------------------------------------------------------------------------------------------------

impl JsonDecoder {
    fn part(&mut self, run: &mut Run<'_>) -> Option<()> {
        let level = match run.frame.part {
            Part::Whole => 0,
            Part::Head(level) => usize::from(level),
            Part::Item => self.bound.levels.len() - 1,
            Part::Tail(level) => return self.tail(run, usize::from(level)),
        };
        self.depth = self.depth_of(level);
        if level > 0 {
            self.check_number(run, level - 1);
        }
        let action = self.bound.levels.get(level)?.action;
        let start = run.blanks(0);
        let end = self.value(run, action, start);
        if let (Part::Head(_), Stop::Head { in_array }) = (run.frame.part, self.stop) {
            self.end_head(run, in_array);
            return Some(());
        }
        let end = run.blanks(end?);
        if end < run.text.len() || matches!(run.frame.part, Part::Head(_)) {
            return self.broken(end);
        }
        Some(())
    }

    /// The groups around an occurrence of a level.
    pub(crate) fn depth_of(&self, level: usize) -> u32 {
        self.bound.levels.iter().take(level).map(|it| index(it.open.len()) + 1).sum()
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    pub(crate) fn depth_left(&self) -> u32 {
        self.depth_max.saturating_sub(self.depth)
    }

    pub(crate) fn set_depth(&mut self, depth: u32) {
        self.depth = depth;
    }

    /// Whether there may be as many items as this one's number says.
    fn check_number(&mut self, run: &mut Run<'_>, level: usize) {
        let array = self.bound.levels.get(level).and_then(|it| self.bound.arrays.get(it.array as usize));
        let most = array.and_then(|it| self.layout.arrays.get(it.layout as usize)).and_then(|it| it.most);
        if most.is_some_and(|most| run.frame.number == u64::from(most) + 1) {
            self.note(run, FaultCode::JsonItems, 0, b"");
        }
    }

    #[cold]
    pub(crate) fn broken<T>(&mut self, at: usize) -> Option<T> {
        self.break_with(FaultCode::JsonSyntax, at)
    }

    #[cold]
    fn break_with<T>(&mut self, code: FaultCode, at: usize) -> Option<T> {
        self.stop = if self.is_trial { Stop::Trial } else { Stop::Broken(code, at) };
        None
    }

    /// Notes a fault at a byte of the part; `member` names the member of the object there that is meant. `None` ends a trial.
    #[cold]
    pub(crate) fn note(&mut self, run: &mut Run<'_>, code: FaultCode, at: usize, member: &[u8]) -> Option<()> {
        if self.is_trial {
            self.stop = Stop::Trial;
            return None;
        }
        self.is_faulty = true;
        if run.faults.is_full() {
            return Some(());
        }
        let (level, in_tail) = match run.frame.part {
            Part::Whole => (0, false),
            Part::Head(level) => (usize::from(level), false),
            Part::Item => (self.bound.levels.len() - 1, false),
            Part::Tail(level) => (usize::from(level), true),
        };
        self.where_from.clear();
        let start = self.bound.levels.get(level).map_or(Schema::ROOT, |it| it.field);
        if in_tail {
            self.where_from.extend(self.bound.levels.get(level).iter().flat_map(|it| &it.open).map(|it| it.field));
        }
        let from = if in_tail { From::Tail(start, &self.where_from) } else { From::Value(start) };
        let place = locate::locate(&self.schema, run.text, from, at, member);
        let fault = Fault::new(code, run.frame.at + at as u64).at(place.field).rows(place.rows);
        run.faults.push(fault.detail(place.member));
        Some(())
    }
}

// Values --------------------------------------------------------------------------------------------------------------

impl JsonDecoder {
    /// Reads the value at a place and gives what follows it.
    #[inline]
    pub(crate) fn value(&mut self, run: &mut Run<'_>, action: Action, at: usize) -> Option<usize> {
        match (action.act, scan::byte(run.text, at)) {
            (Act::Text(rule), b'"') => self.text(run, rule, action.slot, at + 1),
            (Act::Number(rule), b'-' | b'0'..=b'9') => self.number(run, rule, action.slot, at),
            (Act::Object(object), b'{') => self.object(run, object, at),
            (Act::Array(array), b'[') => self.array(run, array, at),
            (Act::Skip, _) => self.skip(run, at),
            _ => self.other(run, action, at),
        }
    }

    /// What is rarer, and what is wrong.
    fn other(&mut self, run: &mut Run<'_>, action: Action, at: usize) -> Option<usize> {
        let byte = scan::byte(run.text, at);
        if byte == b'n' && action.nullable && !matches!(action.act, Act::Also(_)) {
            if self.layout.plain {
                self.nil(run, action);
            }
            return self.word(run, at, b"null");
        }
        match (action.act, byte) {
            (Act::YesNo(yes, _), b't') => {
                let end = self.word(run, at, b"true")?;
                self.yes_no(run, yes, true, action.slot, at)?;
                Some(end)
            }
            (Act::YesNo(_, no), b'f') => {
                let end = self.word(run, at, b"false")?;
                self.yes_no(run, no, false, action.slot, at)?;
                Some(end)
            }
            (Act::Choice(choice), b'{') => self.choice(run, choice, at),
            (Act::Also(also), _) => self.also(run, also, at),
            (Act::Mixed(mixed), _) => self.mixed(run, mixed, action, at),
            _ if self.layout.plain => self.plain(run, action, at),
            _ => self.mismatch(run, at),
        }
    }

    /// A value of a type that the schema does not have here.
    #[cold]
    pub(crate) fn mismatch(&mut self, run: &mut Run<'_>, at: usize) -> Option<usize> {
        let end = self.skip(run, at)?;
        self.note(run, FaultCode::JsonType, at, b"")?;
        Some(end)
    }

    fn word(&mut self, run: &Run<'_>, at: usize, word: &[u8]) -> Option<usize> {
        if scan::word(run.text, at, word) { Some(at + word.len()) } else { self.broken(at) }
    }

    fn yes_no(&mut self, run: &mut Run<'_>, allowed: bool, is: bool, slot: Place, at: usize) -> Option<()> {
        if !allowed {
            return self.note(run, FaultCode::JsonFacet, at, b"");
        }
        run.record.set(slot, Slot::yes_no(is, index(at)));
        Some(())
    }

    /// The end of the string whose first character is at `from`, and whether it has escapes.
    #[inline]
    pub(crate) fn string(&mut self, run: &Run<'_>, from: usize) -> Option<(usize, bool)> {
        match scan::string(run.text, from) {
            Ok(found) => Some(found),
            Err(at) => self.broken(at),
        }
    }

    #[inline]
    fn text(&mut self, run: &mut Run<'_>, rule: u32, slot: Place, from: usize) -> Option<usize> {
        let (end, has_escapes) = self.string(run, from)?;
        if has_escapes {
            return self.escaped_text(run, rule, slot, from, end);
        }
        let text = scan::slice(run.text, from, end);
        if self.layout.texts.get(rule as usize).is_some_and(|it| it.allows(text)) {
            run.record.set(slot, Slot::part(index(from), index(end - from)));
        } else {
            self.note(run, FaultCode::JsonFacet, from - 1, b"")?;
        }
        Some(end + 1)
    }

    #[cold]
    fn escaped_text(&mut self, run: &mut Run<'_>, rule: u32, slot: Place, from: usize, end: usize) -> Option<usize> {
        self.spelled.clear();
        scan::unescape(scan::slice(run.text, from, end), &mut self.spelled);
        if !self.layout.texts.get(rule as usize).is_some_and(|it| it.allows(&self.spelled)) {
            self.note(run, FaultCode::JsonFacet, from - 1, b"")?;
        } else if slot != NOWHERE {
            let spelled = &self.spelled;
            let held = run.record.hold(index(from), index(end - from), |out| out.extend_from_slice(spelled));
            run.record.set(slot, held);
        }
        Some(end + 1)
    }

    #[inline]
    fn number(&mut self, run: &mut Run<'_>, rule: u32, slot: Place, at: usize) -> Option<usize> {
        let scan::Number { end, whole, has_exponent } = match scan::number(run.text, at) {
            Ok(found) => found,
            Err(at) => return self.broken(at),
        };
        if has_exponent {
            return self.number_with_exponent(run, rule, slot, at, end);
        }
        let digits = scan::slice(run.text, at, end);
        if self.layout.numbers.get(rule as usize).is_some_and(|it| it.allows(digits, whole)) {
            run.record.set(slot, Slot::part(index(at), index(end - at)));
        } else {
            self.note(run, FaultCode::JsonFacet, at, b"")?;
        }
        Some(end)
    }

    #[cold]
    fn number_with_exponent(&mut self, run: &mut Run<'_>, rule: u32, slot: Place, at: usize, end: usize) -> Option<usize> {
        self.spelled.clear();
        let worked_out = scan::without_exponent(scan::slice(run.text, at, end), &mut self.spelled);
        let rule = self.layout.numbers.get(rule as usize);
        if worked_out.is_none() || !rule.is_some_and(|it| it.allows(&self.spelled, rule::whole(&self.spelled))) {
            self.note(run, FaultCode::JsonFacet, at, b"")?;
        } else if slot != NOWHERE {
            let digits = &self.spelled;
            let held = run.record.hold(index(at), index(end - at), |out| out.extend_from_slice(digits));
            run.record.set(slot, held);
        }
        Some(end)
    }

    /// A value of one of several JSON types.
    fn mixed(&mut self, run: &mut Run<'_>, mixed: u32, action: Action, at: usize) -> Option<usize> {
        let mixed = self.bound.mixed.get(mixed as usize).copied()?;
        let act = match scan::byte(run.text, at) {
            b'"' => mixed.text,
            b'-' | b'0'..=b'9' => mixed.number,
            b't' | b'f' => mixed.yes_no,
            b'{' => mixed.object,
            b'[' => mixed.array,
            _ => None,
        };
        match act {
            Some(act) => self.value(run, Action { act, nullable: false, ..action }, at),
            None => self.mismatch(run, at),
        }
    }

    /// A value of which more is wanted.
    fn also(&mut self, run: &mut Run<'_>, also: u32, at: usize) -> Option<usize> {
        let action = self.bound.also.get(also as usize)?.action;
        let had_blanks = std::mem::take(&mut run.has_blanks);
        let end = self.value(run, action, at)?;
        let has_blanks = run.has_blanks;
        run.has_blanks |= had_blanks;
        let also = self.bound.also.get(also as usize)?;
        if scan::byte(run.text, at) == b'n' {
            for place in also.copies.iter().chain(&also.json).filter(|_| self.layout.plain && action.nullable) {
                run.record.set(*place, Slot::NIL);
            }
            return Some(end);
        }
        for place in &also.copies {
            let slot = run.record.get(action.slot);
            run.record.set(*place, slot);
        }
        for place in &also.presence {
            run.record.set(*place, Slot::group(index(at), index(end - at)));
        }
        for place in &also.json {
            let json = scan::slice(run.text, at, end);
            let slot = if has_blanks {
                run.record.hold(index(at), index(end - at), |out| blocks::compact(json, out))
            } else {
                Slot::part(index(at), index(end - at))
            };
            run.record.set(*place, slot);
        }
        Some(end)
    }

    /// Checks the grammar of a value of which nothing is known.
    #[inline]
    pub(crate) fn skip(&mut self, run: &mut Run<'_>, at: usize) -> Option<usize> {
        match scan::byte(run.text, at) {
            b'"' => Some(self.string(run, at + 1)?.0 + 1),
            b'-' | b'0'..=b'9' => match scan::number(run.text, at) {
                Ok(it) => Some(it.end),
                Err(at) => self.broken(at),
            },
            _ => self.skip_other(run, at),
        }
    }

    fn skip_other(&mut self, run: &mut Run<'_>, at: usize) -> Option<usize> {
        match scan::byte(run.text, at) {
            b'{' => {
                self.enter(at)?;
                let end = self.skip_object(run, at + 1)?;
                self.leave();
                Some(end)
            }
            b'[' => {
                self.enter(at)?;
                let end = self.skip_array(run, at + 1)?;
                self.leave();
                Some(end)
            }
            b't' => self.word(run, at, b"true"),
            b'f' => self.word(run, at, b"false"),
            b'n' => self.word(run, at, b"null"),
            _ => self.broken(at),
        }
    }

    /// One level deeper.
    #[inline]
    pub(crate) fn enter(&mut self, at: usize) -> Option<()> {
        self.depth += 1;
        if self.depth > self.depth_max { self.break_with(FaultCode::JsonDepth, at) } else { Some(()) }
    }

    #[inline]
    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    fn skip_object(&mut self, run: &mut Run<'_>, at: usize) -> Option<usize> {
        let mark = self.names.mark();
        let mut at = run.blanks(at);
        if scan::byte(run.text, at) == b'}' {
            return Some(at + 1);
        }
        // Most objects are small, and most names differ in this: only where two agree are they compared.
        let mut fingerprints = 0;
        let mut may_repeat = false;
        loop {
            if scan::byte(run.text, at) != b'"' {
                return self.broken(at);
            }
            let (end, has_escapes) = self.string(run, at + 1)?;
            let fingerprint = self.push_name(run.text, at + 1, end, has_escapes);
            may_repeat |= fingerprints & fingerprint != 0;
            fingerprints |= fingerprint;
            at = self.colon(run, end + 1)?;
            at = self.skip(run, at)?;
            at = run.blanks(at);
            match scan::byte(run.text, at) {
                b',' => at = run.blanks(at + 1),
                b'}' => break,
                _ => return self.broken(at),
            }
        }
        if may_repeat {
            if let Some(at) = self.names.close(mark, run.text) {
                self.note(run, FaultCode::JsonDuplicate, at, b"")?;
            }
        } else {
            self.names.truncate(mark);
        }
        Some(at + 1)
    }

    fn skip_array(&mut self, run: &mut Run<'_>, at: usize) -> Option<usize> {
        let mut at = run.blanks(at);
        if scan::byte(run.text, at) == b']' {
            return Some(at + 1);
        }
        loop {
            at = self.skip(run, at)?;
            at = run.blanks(at);
            match scan::byte(run.text, at) {
                b',' => at = run.blanks(at + 1),
                b']' => return Some(at + 1),
                _ => return self.broken(at),
            }
        }
    }

    /// Remembers a name, and gives a bit that is the same for the same name.
    #[inline]
    pub(crate) fn push_name(&mut self, text: &[u8], from: usize, to: usize, has_escapes: bool) -> u64 {
        if has_escapes {
            self.spelled.clear();
            scan::unescape(scan::slice(text, from, to), &mut self.spelled);
            self.names.push_spelled(&self.spelled, from)
        } else {
            self.names.push(text, from, to)
        }
    }

    /// The value behind a colon.
    #[inline]
    pub(crate) fn colon(&mut self, run: &mut Run<'_>, at: usize) -> Option<usize> {
        let at = run.blanks(at);
        if scan::byte(run.text, at) == b':' { Some(run.blanks(at + 1)) } else { self.broken(at) }
    }

    /// Whether a value satisfies an alternative. Each trial takes from what all together may read, so that alternatives within
    /// alternatives cost no more than some readings of the part.
    pub(crate) fn holds(&mut self, run: &mut Run<'_>, action: Action, at: usize, length: usize) -> bool {
        let Some(left) = self.trial_bytes.checked_sub(length) else { return false };
        self.trial_bytes = left;
        let (depth, mark, was_trial) = (self.depth, self.names.mark(), self.is_trial);
        let wide = self.wide.len();
        self.is_trial = true;
        let holds = self.value(run, action, at).is_some();
        self.is_trial = was_trial;
        self.depth = depth;
        self.names.truncate(mark);
        self.wide.truncate(wide);
        self.stop = Stop::Nothing;
        holds
    }

    /// A member that the schema does not name, which does not refuse the message.
    pub(crate) fn remark(&self, run: &mut Run<'_>, at: usize) {
        if !self.is_trial {
            run.faults.remark(Fault::new(FaultCode::JsonUnknown, run.frame.at + at as u64));
        }
    }

    pub(crate) fn in_trial(&self) -> bool {
        self.is_trial
    }
}

/// A place of the part in 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "`decode` refuses parts of 2^28 bytes")]
#[inline(always)]
pub(crate) fn index(at: usize) -> u32 {
    at as u32
}

/// A slot has 28 bits for a length: beyond that a text would be cut.
const PART_BYTES_MAX: usize = 1 << 28;
