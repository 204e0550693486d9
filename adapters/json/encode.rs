//! Values -> bytes: compact, in the order of the shape, what is absent left out.

use crate::{
    escape::{append, escape_start},
    program::{Lead, Literal, Op, Program, Spelling, SpellingKind, Split},
    rule, scan,
};
use latimer_engine::{Encoder, Fault, FaultCode, FieldId, Place, Schema, Section, Slot, SlotKind, Values};

/// Values to bytes, for one target.
pub(crate) struct JsonEncoder {
    pub(crate) program: Program,
}

impl Encoder for JsonEncoder {
    fn encode(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let number = section.stream();
        let program = &self.program;
        let Some(stream) = program.streams.get(usize::from(number)) else { return Ok(()) };
        let length = out.len();
        let mut writer = Writer { program, values, out, has_before: false };
        let (start, end) = (stream.steps.start, stream.steps.end);
        let written = match (section, &stream.split) {
            (Section::Open(_), Some(split)) => writer.run(start, split.at),
            (Section::First(_), Some(split)) => writer.first(start, split),
            (Section::Close(_), Some(split)) => writer.close(start, split, end),
            (Section::Empty(_), Some(split)) => writer.empty(start, split, end),
            (Section::Open(_) | Section::Whole(_), _) => writer.run(start, end),
            _ => Ok(()),
        };
        // Of a message that is no object, the value was absent.
        if out.get(length..) == Some(b"\n") && section == Section::Whole(0) {
            if program.is_verbatim {
                out.truncate(length);
                out.extend_from_slice(b"null\n");
                return written;
            }
            return Err(Fault::new(FaultCode::MapAbsent, 0).at(Schema::ROOT));
        }
        written
    }

    fn separator(&self) -> &'static [u8] {
        b","
    }
}

struct Writer<'a, 'v> {
    program: &'a Program,
    values: &'a mut Values<'v>,
    out: &'a mut Vec<u8>,
    /// Whether something of the object or array was written, so that a comma comes next.
    has_before: bool,
}

impl Writer<'_, '_> {
    /// Runs the steps from one to before another.
    fn run(&mut self, mut at: u32, end: u32) -> Result<(), Fault> {
        while at < end
            && let Some(op) = self.program.ops.get(at as usize)
        {
            at += 1;
            match *op {
                Op::Open(lead) => {
                    self.lead(lead);
                    self.has_before = false;
                }
                Op::Close(literal) => {
                    self.text(literal);
                    self.has_before = true;
                }
                Op::Constant(lead) => self.lead(lead),
                Op::Text(literal) => self.text(literal),
                Op::Quoted { lead, place, field } => {
                    let slot = self.values.slot(place);
                    if slot.is_text() {
                        self.lead(lead);
                        escape_start(self.values.onwards(slot), slot.length() as usize, self.out);
                        self.out.push(b'"');
                    } else if is_there(slot) {
                        self.lead(lead.without_last());
                        self.other(slot, Spelling::TEXT, field)?;
                    }
                }
                Op::Value { lead, place, spelling, field } => {
                    let slot = self.values.slot(place);
                    if is_there(slot) {
                        self.lead(lead);
                        self.other(slot, spelling, field)?;
                    }
                }
                // Most groups that a schema has are not there.
                Op::Unless { test, count: 0, to, .. } if self.values.slot(test).is_absent() => at = to,
                Op::Unless { to, .. } | Op::UnlessYes { to, .. } => {
                    if !self.is_met(op) {
                        self.null_of(op, at);
                        at = to;
                    }
                }
                Op::Rows { to, .. } => {
                    self.rows(op, at)?;
                    at = to;
                }
                Op::Tuple { lead, to } => {
                    self.tuple(lead, at, to)?;
                    at = to;
                }
                Op::Position { .. } | Op::Split => {}
            }
        }
        Ok(())
    }

    /// The name and bracket before the first occurrence of a stream node.
    fn first(&mut self, start: u32, split: &Split) -> Result<(), Fault> {
        if self.unmet(split).is_none() {
            self.again(start, split.at)?;
            self.lead(split.lead);
        }
        Ok(())
    }

    /// What stands behind the occurrences of a stream node.
    fn close(&mut self, start: u32, split: &Split, end: u32) -> Result<(), Fault> {
        if self.unmet(split).is_some() {
            return self.empty(start, split, end);
        }
        self.out.push(b']');
        self.has_before = true;
        self.run(split.at + 1, end)
    }

    /// The same where there were none. Where a group around the node was not written, its rest is not either.
    fn empty(&mut self, start: u32, split: &Split, end: u32) -> Result<(), Fault> {
        let Some(guard) = self.unmet(split) else {
            self.again(start, split.at)?;
            if split.writes_empty {
                self.lead(split.lead);
                self.out.push(b']');
            }
            return self.run(split.at + 1, end);
        };
        self.again(start, guard + 1)?;
        match self.program.ops.get(guard as usize) {
            Some(Op::Unless { to, .. } | Op::UnlessYes { to, .. }) => self.run(*to, end),
            _ => Ok(()),
        }
    }

    /// The outermost condition around a stream node that does not hold.
    fn unmet(&self, split: &Split) -> Option<u32> {
        let is_unmet = |it: &&u32| self.program.ops.get(**it as usize).is_some_and(|op| !self.is_met(op));
        split.guards.iter().find(is_unmet).copied()
    }

    /// Finds whether a comma comes next by going through what came before once more.
    fn again(&mut self, start: u32, end: u32) -> Result<(), Fault> {
        let length = self.out.len();
        let done = self.run(start, end);
        self.out.truncate(length);
        done
    }

    fn is_met(&self, op: &Op) -> bool {
        match op {
            Op::Unless { test, others, count, .. } => {
                let holds = |it: &Place| is_there(self.values.slot(*it)) && self.values.slot(*it) != Slot::NIL;
                holds(test) || (*count > 0 && self.others(*others, *count).iter().any(holds))
            }
            Op::UnlessYes { place, .. } => self.values.is_present(*place),
            _ => true,
        }
    }

    /// The places of a condition behind its first.
    fn others(&self, others: u32, count: u16) -> &[Place] {
        let from = others as usize;
        self.program.tests.get(from..from + usize::from(count)).unwrap_or_default()
    }

    #[inline]
    fn text(&mut self, literal: Literal) {
        append(&self.program.literals, literal.at as usize, literal.length as usize, self.out);
    }

    /// The text, with a comma before it if need be.
    #[inline]
    fn lead(&mut self, lead: Lead) {
        let passed = usize::from(!self.has_before);
        append(&self.program.literals, lead.at as usize + passed, lead.length as usize - passed, self.out);
        self.has_before = true;
    }

    fn rows(&mut self, op: &Op, at: u32) -> Result<(), Fault> {
        let Op::Rows { lead, place, arena, style, to } = *op else { return Ok(()) };
        let (first, count) = self.values.rows(place);
        if count == 0 && !style.writes_empty {
            return Ok(());
        }
        // The rest of a tuple has no brackets of its own.
        if let Some(lead) = lead {
            self.lead(lead);
            self.has_before = false;
        }
        for row in 0..count {
            self.values.record.seek(arena, first + row);
            let (length, had_before) = (self.out.len(), self.has_before);
            self.run(at, to)?;
            if self.out.len() > length {
                self.has_before = true;
            } else if style.null_items {
                self.null();
            } else {
                self.has_before = had_before;
            }
        }
        if lead.is_some() {
            self.out.push(b']');
            self.has_before = true;
        }
        Ok(())
    }

    /// Writes a group that says it is nil, whose bracket would be opened at a step.
    fn null_of(&mut self, op: &Op, at: u32) {
        let Op::Unless { test, others, count, .. } = op else { return };
        let mut tests = std::iter::once(test).chain(self.others(*others, *count));
        if tests.any(|it| self.values.slot(*it) == Slot::NIL)
            && let Some(Op::Open(lead)) = self.program.ops.get(at as usize)
        {
            self.lead(lead.without_last());
            self.out.extend_from_slice(b"null");
        }
    }

    fn null(&mut self) {
        if self.has_before {
            self.out.push(b',');
        }
        self.out.extend_from_slice(b"null");
        self.has_before = true;
    }

    /// Positions: what is absent is null, at the end nothing.
    fn tuple(&mut self, lead: Lead, mut at: u32, end: u32) -> Result<(), Fault> {
        self.lead(lead);
        self.has_before = false;
        // Where nulls at the end begin, and the first position that may not be null.
        let (mut nulls, mut missing): (Option<usize>, Option<FieldId>) = (None, None);
        while at < end
            && let Some(Op::Position { nullable, field, to }) = self.program.ops.get(at as usize).copied()
        {
            let length = self.out.len();
            self.run(at + 1, to)?;
            if self.out.len() == length {
                nulls.get_or_insert(length);
                if !nullable {
                    missing.get_or_insert(field);
                }
                self.null();
            } else if let Some(missing) = missing {
                return Err(Fault::new(FaultCode::MapAbsent, 0).at(missing));
            } else {
                nulls = None;
            }
            at = to;
        }
        if let Some(length) = nulls {
            self.out.truncate(length);
        }
        self.out.push(b']');
        self.has_before = true;
        Ok(())
    }
}

// Values --------------------------------------------------------------------------------------------------------------

/// Whether there is a value. `false` is one.
fn is_there(slot: Slot) -> bool {
    !matches!(slot.kind(), SlotKind::Absent | SlotKind::Failed)
}

impl Writer<'_, '_> {
    fn quoted(&mut self, slot: Slot) {
        let text = self.values.bytes(slot);
        self.out.push(b'"');
        escape_start(text, text.len(), self.out);
        self.out.push(b'"');
    }

    fn other(&mut self, slot: Slot, spelling: Spelling, field: FieldId) -> Result<(), Fault> {
        if spelling == Spelling::NUMBER && slot.is_text() {
            let text = self.values.bytes(slot);
            if rule::is_clean(text) {
                self.out.extend_from_slice(text);
                return Ok(());
            }
        }
        if spelling.is_list {
            return self.list(slot, Spelling { is_list: false, ..spelling }, field);
        }
        if spelling.is_boxed {
            self.out.extend_from_slice(b"{\"$value\":");
            self.other(slot, Spelling { is_boxed: false, ..spelling }, field)?;
            self.out.push(b'}');
            return Ok(());
        }
        if slot.kind() == SlotKind::Raw {
            self.hex_object(slot);
            return Ok(());
        }
        if slot == Slot::NIL {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        let refuse = |code: FaultCode| Err(Fault::new(code, 0).at(field));
        let number = self.values.record.number_of(slot);
        let text = self.values.record.bytes(slot, self.values.part);
        match spelling.kind {
            SpellingKind::Number => match number {
                Some(number) => number.write(self.out),
                None if rule::is_clean(text) => self.out.extend_from_slice(text),
                None => return refuse(FaultCode::MapNumber),
            },
            SpellingKind::YesNo => match text {
                b"true" | b"false" => self.out.extend_from_slice(text),
                _ => return refuse(FaultCode::MapFacet),
            },
            SpellingKind::Hex => {
                self.out.push(b'"');
                hex(text, self.out);
                self.out.push(b'"');
            }
            SpellingKind::Json => {
                // What is copied as it stands was JSON where it came from; what was made may be anything.
                let is_json = simdutf8::basic::from_utf8(text).is_ok() && scan::skip(text, 0, 1024) == Some(text.len());
                if !is_json {
                    return refuse(FaultCode::MapFacet);
                }
                self.out.extend_from_slice(text);
            }
            SpellingKind::Xml => {
                self.out.extend_from_slice(b"{\"$xml\":");
                self.quoted(slot);
                self.out.push(b'}');
            }
            SpellingKind::Text => match number {
                Some(number) => {
                    self.out.push(b'"');
                    number.write(self.out);
                    self.out.push(b'"');
                }
                None => self.quoted(slot),
            },
        }
        Ok(())
    }

    fn list(&mut self, slot: Slot, spelling: Spelling, field: FieldId) -> Result<(), Fault> {
        self.out.push(b'[');
        if slot.kind() != SlotKind::List {
            self.other(slot, spelling, field)?;
        }
        let mut is_first = true;
        for number in 0..if slot.kind() == SlotKind::List { slot.length() } else { 0 } {
            let item = self.values.record.item(slot, number);
            if is_there(item) {
                if !std::mem::take(&mut is_first) {
                    self.out.push(b',');
                }
                self.other(item, spelling, field)?;
            }
        }
        self.out.push(b']');
        Ok(())
    }

    /// Bytes that would not come back the same as a value.
    fn hex_object(&mut self, slot: Slot) {
        let bytes = self.values.record.bytes(slot, self.values.part);
        self.out.extend_from_slice(b"{\"$hex\":\"");
        hex(bytes, self.out);
        self.out.extend_from_slice(b"\"}");
    }
}

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |it: u8| DIGITS.get(usize::from(it)).copied().unwrap_or(b'0');
    out.extend(bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 0xF)]));
}
