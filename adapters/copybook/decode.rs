//! Bytes to slots.
//!
//! The operations of a record have fixed offsets; only tables whose length a counter decides move the anchors that offsets
//! count from. A field that nobody wants costs a check of its digits, a text nothing.

use crate::{
    layout::{Anchor, Layout, Record as LayoutRecord},
    options::{BadNumber, Settings},
    program::{ChoiceOp, Compiler, Leaf, Op, Program, TableOp},
    select::{self, Condition},
    spelling::Spelling,
    walk::{self, Lost},
};
use latimer_engine::{
    Decoder, Fault, FaultCode, Faults, FieldId, Frame, Outcome, Part, Place, Reading, Record, Slot, SlotKind, Wanted,
};
use latimer_wire::{Unfit, ebcdic, packed, zoned};
use std::{collections::HashMap, sync::Arc};

/// Reads the records of one copybook for one plan.
pub(crate) struct RecordDecoder {
    layout: Arc<Layout>,
    settings: Settings,
    records: Vec<Program>,
    /// The record that the framer cuts at.
    cut: Option<usize>,
    plain: bool,
    anchors: Vec<usize>,
    scratch: Vec<u8>,
}

impl RecordDecoder {
    pub(crate) fn new(layout: &Arc<Layout>, settings: &Settings, reading: &Reading<'_>) -> RecordDecoder {
        let mut wanted: HashMap<FieldId, Vec<Wanted>> = HashMap::new();
        for it in reading.wanted {
            wanted.entry(it.field).or_default().push(*it);
        }
        let is_file = layout.records.len() > 1;
        let cut = reading.cut.first().and_then(|it| cut_record(layout, *it));
        let compiler = Compiler { layout, settings, wanted: &wanted, plain: reading.plain };
        let records = (layout.records.iter().enumerate())
            .map(|(number, record)| compiler.record(record, is_file, cut == Some(number)))
            .collect();
        RecordDecoder {
            layout: Arc::clone(layout),
            settings: *settings,
            records,
            cut,
            plain: reading.plain,
            anchors: vec![0; layout.anchors],
            scratch: Vec::new(),
        }
    }
}

/// The record of a field that is cut at.
pub(crate) fn cut_record(layout: &Layout, field: FieldId) -> Option<usize> {
    let is_file = layout.records.len() > 1;
    layout.records.iter().position(|it| is_file && layout.node(it.node).field == field)
}

impl Decoder for RecordDecoder {
    fn decode(&mut self, frame: &Frame, buffer: &[u8], record: &mut Record, faults: &mut Faults) -> Outcome {
        let Some(part) = buffer.get(frame.bytes.clone()) else { return Outcome::Broken };
        let mut run = Run {
            part,
            record,
            faults,
            settings: &self.settings,
            plain: self.plain,
            anchors: &mut self.anchors,
            scratch: &mut self.scratch,
            start: frame.at,
            rows: [0; 2],
            depth: 0,
            mute: false,
            clean: true,
        };
        let number = u32::try_from(frame.number).unwrap_or(0);
        let records = &self.layout.records;
        let done = match (frame.part, self.records.as_slice(), self.cut) {
            (_, [one], _) => records.first().ok_or(()).and_then(|it| run.only(it, one)),
            (Part::Item, all, Some(cut)) => match (all.get(cut), records.get(cut)) {
                (Some(program), Some(record)) => run.item(record, program, number),
                _ => Err(()),
            },
            (Part::Head(_), all, Some(cut)) => run.file(records, all, 0..cut),
            (Part::Tail(_), all, Some(cut)) => run.file(records, all, cut + 1..all.len()),
            (_, all, _) => run.file(records, all, 0..all.len()),
        };
        match (done, run.clean) {
            (Err(()), _) => Outcome::Broken,
            (Ok(()), true) => Outcome::Clean,
            (Ok(()), false) => Outcome::Faulty,
        }
    }
}

/// One part being read. `Err` where the rest of it cannot be.
struct Run<'a> {
    part: &'a [u8],
    record: &'a mut Record,
    faults: &'a mut Faults,
    settings: &'a Settings,
    plain: bool,
    anchors: &'a mut [usize],
    scratch: &'a mut Vec<u8>,
    /// The part's first byte in the stream.
    start: u64,
    rows: [u32; 2],
    depth: usize,
    /// Whether values are only checked: all occurrences but the first of a repeat whose rows nobody wants.
    mute: bool,
    clean: bool,
}

impl<'a> Run<'a> {
    /// A part that is one record.
    fn only(&mut self, record: &LayoutRecord, program: &Program) -> Result<(), ()> {
        walk::set(self.anchors, 0, 0);
        if record.select.as_ref().is_some_and(|it| !it.holds(self.part, self.anchors, self.scratch)) {
            return self.broken(FaultCode::CopybookSelect, 0, None);
        }
        self.whole(record, program)
    }

    /// A part that is one record of the kind that is cut at.
    fn item(&mut self, record: &LayoutRecord, program: &Program, number: u32) -> Result<(), ()> {
        walk::set(self.anchors, 0, 0);
        (self.rows, self.depth) = ([number, 0], 1);
        self.whole(record, program)
    }

    fn whole(&mut self, record: &LayoutRecord, program: &Program) -> Result<(), ()> {
        let end = self.record(record, program)?;
        if end == self.part.len() { Ok(()) } else { self.broken(FaultCode::FrameLength, end, None) }
    }

    /// A part that is records of several kinds, in the order of the copybook.
    fn file(&mut self, records: &[LayoutRecord], programs: &[Program], allowed: std::ops::Range<usize>) -> Result<(), ()> {
        let mut position = 0;
        let (mut kind, mut number) = (allowed.start, 0);
        self.depth = 1;
        while position < self.part.len() {
            walk::set(self.anchors, 0, position);
            let conditions = records.iter().map(|it| it.select.as_ref());
            let Some(found) = chosen(conditions, self.part, self.anchors, self.scratch) else {
                return self.broken(FaultCode::CopybookSelect, position, None);
            };
            let (Some(record), Some(program)) = (records.get(found), programs.get(found)) else {
                return Err(());
            };
            if found < kind || !allowed.contains(&found) {
                return self.broken(FaultCode::CopybookOrder, position, None);
            }
            number = if found == kind { number + 1 } else { 1 };
            kind = found;
            self.rows = [number, 0];
            match program.rows {
                Some((arena, Some(place))) => self.record.push_row(arena, place),
                Some((arena, None)) => {
                    self.record.open_row(arena);
                }
                None => {}
            }
            self.mute = program.rows.is_none() && number > 1;
            position = self.record(record, program)?;
        }
        Ok(())
    }

    /// The record at anchor 0; gives the byte behind it.
    fn record(&mut self, record: &LayoutRecord, program: &Program) -> Result<usize, ()> {
        let start = walk::place(self.anchors, (0, 0));
        let fixed = record.padded.or(record.length);
        if let Some(length) = fixed
            && self.part.len() < start + length as usize
        {
            return self.broken(FaultCode::FrameTruncated, self.part.len(), None);
        }
        self.run(&program.ops)?;
        let end = walk::place(self.anchors, program.end);
        let Some(padded) = record.padded else { return Ok(end) };
        let padded = start + padded as usize;
        let blank = self.settings.blank;
        let is_good = match self.part.get(end..padded) {
            Some(rest) => record.is_filled || rest.iter().all(|it| *it == blank),
            None => false,
        };
        if !is_good {
            return self.broken(FaultCode::FrameLength, end.min(padded), None);
        }
        Ok(padded)
    }

    fn run(&mut self, ops: &[Op]) -> Result<(), ()> {
        for op in ops {
            self.op(op)?;
        }
        Ok(())
    }

    #[inline]
    fn op(&mut self, op: &Op) -> Result<(), ()> {
        match op {
            Op::Packed(leaf, number) => self.number(leaf, |bytes, out| packed::read(bytes, *number, out)),
            Op::Zoned(leaf, zoned) => self.number(leaf, |bytes, out| zoned::read(bytes, *zoned, out)),
            Op::Texts(anchor, leaves) => self.texts(*anchor, leaves),
            Op::Text { leaf, at_right } => self.text(leaf, *at_right),
            Op::Code { leaf, at_right } => self.code(leaf, *at_right),
            Op::Number(leaf) => self.number(leaf, |bytes, out| leaf.spelling.read_number(bytes, out)),
            Op::CheckNumber(leaf) => self.check_number(leaf),
            Op::CheckText(leaf) => self.check_text(leaf),
            Op::Bytes(leaf) => self.opaque(leaf),
            Op::Filler(filler) => self.filler(&filler.0, &filler.1),
            Op::Rest { field, place, from, padded } => self.rest(*field, *place, *from, *padded),
            Op::Group { place, from, end } => {
                let (from, end) = (walk::place(self.anchors, *from), walk::place(self.anchors, *end));
                self.set(*place, Slot::group(short(from), short(end.saturating_sub(from))));
                Ok(())
            }
            Op::Table(table) => self.table(table),
            Op::Choice(choice) => self.choice(choice),
        }
    }

    #[inline]
    fn bytes(&mut self, leaf: &Leaf) -> Result<(usize, &'a [u8]), ()> {
        let at = walk::place(self.anchors, (leaf.anchor, leaf.at));
        match self.part.get(at..at + leaf.length as usize) {
            Some(bytes) => Ok((at, bytes)),
            None => self.broken(FaultCode::FrameTruncated, self.part.len(), Some(leaf.field)),
        }
    }

    #[inline]
    fn set(&mut self, place: Place, slot: Slot) {
        if !self.mute {
            self.record.set(place, slot);
        }
    }

    #[inline]
    fn number(&mut self, leaf: &Leaf, reader: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<bool, Unfit>) -> Result<(), ()> {
        let (at, bytes) = self.bytes(leaf)?;
        let mut read = Ok(true);
        let slot = self.record.hold(short(at), leaf.length, |out| read = reader(bytes, out));
        match read {
            Ok(same) if same || !self.plain => self.set(leaf.place, slot),
            Ok(_) => self.raw(leaf, at, bytes),
            Err(_) => match self.settings.bad_number {
                BadNumber::Reject => self.fault(FaultCode::CopybookDigits, at, leaf.field),
                // What is absent is written as zero.
                BadNumber::Absent if !self.plain => {}
                BadNumber::Absent | BadNumber::Raw => self.raw(leaf, at, bytes),
            },
        }
        Ok(())
    }

    fn check_number(&mut self, leaf: &Leaf) -> Result<(), ()> {
        let (at, bytes) = self.bytes(leaf)?;
        if leaf.spelling.check_number(bytes, self.scratch).is_err() {
            self.fault(FaultCode::CopybookDigits, at, leaf.field);
        }
        Ok(())
    }

    #[inline(never)]
    fn texts(&mut self, anchor: Anchor, leaves: &[Leaf]) -> Result<(), ()> {
        let (page, blank, is_ascii) = (self.settings.page, self.settings.blank, self.settings.is_ascii);
        let start = walk::place(self.anchors, (anchor, 0));
        for leaf in leaves {
            let at = start + leaf.at as usize;
            let Some(bytes) = self.part.get(at..at + leaf.length as usize) else {
                return self.broken(FaultCode::FrameTruncated, self.part.len(), Some(leaf.field));
            };
            let text = trim_end(bytes, blank);
            if is_ascii || matches!(text, [] | [.., 0]) {
                self.text(leaf, false)?;
                continue;
            }
            let mut read = Ok(());
            let slot = self.record.hold(short(at), short(text.len()), |out| {
                read = ebcdic::decode_padded(page, bytes, text.len(), out);
            });
            match read {
                Ok(()) => self.set(leaf.place, slot),
                Err(it) => self.unmapped(leaf, (at, bytes), it.0),
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn text(&mut self, leaf: &Leaf, at_right: bool) -> Result<(), ()> {
        let (at, bytes) = self.bytes(leaf)?;
        let blank = self.settings.blank;
        let mut text = bytes;
        if self.settings.trims {
            text = if at_right { trim_start(bytes, blank) } else { trim_end(bytes, blank) };
        } else if bytes.iter().all(|it| *it == blank) {
            text = &[];
        }
        let padding = if at_right { text.first() } else { text.last() };
        if padding == Some(&0) {
            // Low-values where blanks should be are blanks, but would come back as blanks.
            if self.plain {
                self.raw(leaf, at, bytes);
                return Ok(());
            }
            text = trim_low_values(text, blank, at_right, self.settings.trims);
        }
        let skipped = if at_right { bytes.len() - text.len() } else { 0 };
        let start = short(at + skipped);
        if text.is_empty() || (self.settings.is_ascii && text.is_ascii()) {
            self.set(leaf.place, Slot::part(start, short(text.len())));
            return Ok(());
        }
        let mut read = Ok(());
        let slot = self.record.hold(start, short(text.len()), |out| {
            read = ebcdic::decode(self.settings.page, text, out);
        });
        match read {
            Ok(()) => self.set(leaf.place, slot),
            Err(it) => self.unmapped(leaf, (at, bytes), skipped + it.0),
        }
        Ok(())
    }

    /// A byte of a text that has no character.
    #[cold]
    fn unmapped(&mut self, leaf: &Leaf, (at, bytes): (usize, &[u8]), behind: usize) {
        if self.plain {
            self.raw(leaf, at, bytes);
        } else {
            self.fault(FaultCode::CopybookCharset, at + behind, leaf.field);
        }
    }

    fn code(&mut self, leaf: &Leaf, at_right: bool) -> Result<(), ()> {
        if at_right || !self.settings.trims {
            self.text(leaf, at_right)?;
        } else {
            self.texts(leaf.anchor, std::slice::from_ref(leaf))?;
        }
        let slot = self.record.get(leaf.place);
        if slot.kind() == SlotKind::Part && slot.length() == 0 {
            let blank = self.record.hold(slot.at(), leaf.length, |out| out.push(b' '));
            self.set(leaf.place, blank);
        }
        Ok(())
    }

    fn check_text(&mut self, leaf: &Leaf) -> Result<(), ()> {
        let (at, bytes) = self.bytes(leaf)?;
        if let Err(it) = ebcdic::check(self.settings.page, bytes) {
            self.fault(FaultCode::CopybookCharset, at + it.0, leaf.field);
        }
        Ok(())
    }

    fn opaque(&mut self, leaf: &Leaf) -> Result<(), ()> {
        let (at, bytes) = self.bytes(leaf)?;
        if self.plain {
            self.raw(leaf, at, bytes);
        } else {
            self.set(leaf.place, Slot::part(short(at), leaf.length));
        }
        Ok(())
    }

    fn filler(&mut self, leaf: &Leaf, blank: &[u8]) -> Result<(), ()> {
        let (at, bytes) = self.bytes(leaf)?;
        if bytes == blank {
            return Ok(());
        }
        match leaf.spelling {
            Spelling::Text { at_right } => self.text(leaf, at_right),
            spelling => {
                let mut read = Ok(false);
                let slot = self.record.hold(short(at), leaf.length, |out| read = spelling.read_number(bytes, out));
                match read {
                    Ok(true) => self.set(leaf.place, slot),
                    _ => self.raw(leaf, at, bytes),
                }
                Ok(())
            }
        }
    }

    fn rest(&mut self, field: FieldId, place: Place, from: (Anchor, u32), padded: u32) -> Result<(), ()> {
        let end = walk::place(self.anchors, (0, padded));
        let start = walk::place(self.anchors, from);
        let Some(left) = end.checked_sub(start) else {
            return self.broken(FaultCode::FrameLength, end, None);
        };
        let spelling = Spelling::Text { at_right: false };
        let leaf = Leaf { anchor: from.0, at: from.1, length: short(left), spelling, field, place };
        let (_, bytes) = self.bytes(&leaf)?;
        let blank = self.settings.blank;
        if bytes.iter().all(|it| *it == blank) { Ok(()) } else { self.text(&leaf, false) }
    }

    fn table(&mut self, op: &TableOp) -> Result<(), ()> {
        let table = &op.table;
        let start = walk::place(self.anchors, (table.anchor, table.at));
        let count = match table.count(self.part, self.anchors, self.scratch) {
            Ok(count) => count,
            Err(lost) => return self.lost(lost),
        };
        let mut position = start;
        if let Some(stride) = table.stride
            && self.part.len().saturating_sub(start) < count as usize * stride as usize
        {
            // Before rows are made for what is not there.
            return self.broken(FaultCode::FrameTruncated, self.part.len(), Some(op.field));
        }
        if op.body.is_empty() && op.rows.is_none() && table.stride.is_some() {
            position += table.stride.unwrap_or(0) as usize * count as usize;
        } else {
            let (rows, mute) = (self.rows, self.mute);
            let arena = op.rows.filter(|_| !mute);
            let at_once = arena.filter(|_| table.stride.is_some());
            if let Some((arena, place)) = at_once {
                self.record.push_rows(arena, place, count);
            }
            self.depth += 1;
            for number in 0..count {
                walk::set(self.anchors, table.row, position);
                if let Some(row) = self.rows.get_mut(self.depth - 1) {
                    *row = number + 1;
                }
                match (arena, at_once) {
                    (Some((arena, _)), Some(_)) if number > 0 => self.record.next_row(arena),
                    (Some((arena, place)), None) => self.record.push_row(arena, place),
                    (Some(_), _) => {}
                    (None, _) => self.mute |= number > 0,
                }
                self.run(&op.body)?;
                position = walk::place(self.anchors, op.end);
            }
            self.depth -= 1;
            (self.rows, self.mute) = (rows, mute);
        }
        if position > self.part.len() {
            return self.broken(FaultCode::FrameTruncated, self.part.len(), None);
        }
        if let Some(behind) = table.behind {
            walk::set(self.anchors, behind, position);
        }
        Ok(())
    }

    fn choice(&mut self, op: &ChoiceOp) -> Result<(), ()> {
        let conditions = op.views.iter().map(|it| it.0.as_ref());
        match select::choose(conditions, self.part, self.anchors, self.scratch).and_then(|it| op.views.get(it)) {
            Some((_, ops)) => self.run(ops),
            None => {
                let at = walk::place(self.anchors, op.from);
                self.fault(FaultCode::CopybookSelect, at, op.field);
                Ok(())
            }
        }
    }

    /// The bytes as they stand.
    #[cold]
    fn raw(&mut self, leaf: &Leaf, at: usize, bytes: &[u8]) {
        let slot = self.record.hold(short(at), leaf.length, |out| out.extend_from_slice(bytes));
        self.set(leaf.place, slot.as_raw());
    }

    #[cold]
    fn lost(&mut self, lost: Lost) -> Result<(), ()> {
        let (code, counter) = match lost {
            Lost::Short => return self.broken(FaultCode::FrameTruncated, self.part.len(), None),
            Lost::Digits(counter) => (FaultCode::CopybookDigits, counter),
            Lost::Range(counter) => (FaultCode::CopybookCounter, counter),
        };
        let at = walk::place(self.anchors, (counter.anchor, counter.at));
        let offset = self.start + at as u64;
        if self.faults.list().last().is_some_and(|it| it.offset == offset && it.field == Some(counter.field)) {
            // Its digits were found to be wrong when it was read in turn.
            return Err(());
        }
        self.broken(code, at, Some(counter.field))
    }

    #[cold]
    fn fault(&mut self, code: FaultCode, at: usize, field: FieldId) {
        self.clean = false;
        self.faults.push(Fault::new(code, self.start + at as u64).at(field).rows(self.rows));
    }

    #[cold]
    fn broken<T>(&mut self, code: FaultCode, at: usize, field: Option<FieldId>) -> Result<T, ()> {
        let fault = Fault { field, ..Fault::new(code, self.start + at as u64) };
        self.faults.push(fault.rows(self.rows));
        Err(())
    }
}

/// Offsets in a part are below its limit, far below 4 GiB.
#[inline]
fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[inline]
fn trim_end(bytes: &[u8], blank: u8) -> &[u8] {
    if bytes.last() != Some(&blank) {
        return bytes;
    }
    let mut text = bytes;
    let blanks = u128::from_le_bytes([blank; 16]);
    while let Some((rest, last)) = text.split_last_chunk::<16>() {
        // The bits that differ: of the last byte they are the highest.
        let differ = u128::from_le_bytes(*last) ^ blanks;
        if differ != 0 {
            let blanks = (differ.leading_zeros() / 8) as usize;
            return text.get(..text.len() - blanks).unwrap_or(text);
        }
        text = rest;
    }
    while let Some((last, rest)) = text.split_last() {
        if *last != blank {
            break;
        }
        text = rest;
    }
    text
}

fn trim_start(bytes: &[u8], blank: u8) -> &[u8] {
    let first = bytes.iter().position(|it| *it != blank).unwrap_or(bytes.len());
    bytes.get(first..).unwrap_or_default()
}

/// Without the blanks and low-values that fill the text up; where nothing is trimmed, only if there is nothing else.
#[cold]
fn trim_low_values(bytes: &[u8], blank: u8, at_right: bool, trims: bool) -> &[u8] {
    let is_text = |it: &u8| *it != blank && *it != 0;
    let (Some(first), Some(last)) = (bytes.iter().position(is_text), bytes.iter().rposition(is_text)) else {
        return &[];
    };
    match (trims, at_right) {
        (false, _) => bytes,
        (true, true) => bytes.get(first..).unwrap_or_default(),
        (true, false) => bytes.get(..=last).unwrap_or_default(),
    }
}

/// Of the records of a file one must be chosen by its own condition, or be the only one without.
pub(crate) fn chosen<'a>(
    conditions: impl Iterator<Item = Option<&'a Arc<Condition>>> + Clone,
    part: &[u8],
    anchors: &[usize],
    scratch: &mut Vec<u8>,
) -> Option<usize> {
    // Without any condition nothing tells them apart.
    if conditions.clone().filter(Option::is_none).count() > 1 {
        let holds = |it: Option<&Arc<Condition>>| it.is_some_and(|it| it.holds(part, anchors, scratch));
        return conditions.clone().position(holds);
    }
    select::choose(conditions, part, anchors, scratch)
}
