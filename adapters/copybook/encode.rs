//! Slots to bytes: a copy of the record's image, and a store for each value.

use crate::{
    layout::Layout,
    options::Settings,
    spelling::{self, Spelling},
    template::{self, Count, FixedTable, Leaf, Piece, Source, Store, Table, Template, ViewImage, What},
};
use latimer_engine::{Encoder, Fault, FaultCode, FieldId, Place, Presence, Section, Shape, Slot, SlotKind, Values};
use latimer_wire::{
    Unfit,
    ebcdic::{self, CodePage, TextUnfit},
    packed, zoned,
};

/// Writes the records of one copybook for one plan.
pub(crate) struct RecordEncoder {
    sections: Vec<(Section, Vec<Template>)>,
    settings: Settings,
    /// Repeats around a record: of several kinds each is one.
    depth: usize,
    cells: Vec<Cell>,
    scratch: Vec<u8>,
}

/// How many occurrences a counter counts, and whether there are tables at all that it counts.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    count: u32,
    counts: bool,
}

impl RecordEncoder {
    pub(crate) fn new(layout: &Layout, settings: &Settings, shape: &Shape) -> Option<RecordEncoder> {
        let sections = template::compile(layout, settings, shape)?;
        let counters = layout.nodes.iter().filter(|it| it.is_counter).count();
        Some(RecordEncoder {
            sections,
            settings: *settings,
            depth: usize::from(layout.records.len() > 1),
            cells: vec![Cell::default(); counters],
            scratch: Vec::new(),
        })
    }
}

impl Encoder for RecordEncoder {
    fn encode(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let section = section.with_or_without();
        let templates = self.sections.iter().find(|it| it.0 == section).map_or(&[][..], |it| &it.1);
        let (page, cells, scratch) = (self.settings.page, &mut self.cells, &mut self.scratch);
        let mut writing = Writing { values, page, cells, scratch, rows: [0; 2], depth: self.depth };
        for template in templates {
            if !writing.is_written(&template.when) {
                continue;
            }
            let Some((place, arena)) = template.rows else {
                writing.record(template, out)?;
                continue;
            };
            let (first, count) = writing.values.rows(place);
            for number in 0..count {
                writing.values.record.seek(arena, first + number);
                writing.rows = [number + 1, 0];
                writing.record(template, out)?;
            }
        }
        Ok(())
    }

    fn separator(&self) -> &'static [u8] {
        b""
    }
}

struct Writing<'w, 'v> {
    values: &'w mut Values<'v>,
    page: &'static CodePage,
    cells: &'w mut [Cell],
    scratch: &'w mut Vec<u8>,
    rows: [u32; 2],
    depth: usize,
}

impl Writing<'_, '_> {
    fn record(&mut self, template: &Template, out: &mut Vec<u8>) -> Result<(), Fault> {
        let start = out.len();
        self.pieces(&template.pieces, template.padded.map(|it| start + it as usize), out)?;
        let Some(padded) = template.padded else { return Ok(()) };
        let end = start + padded as usize;
        if out.len() > end {
            return Err(Fault::new(FaultCode::FrameLength, self.values.record.start()).rows(self.rows));
        }
        out.resize(end, spelling::blank(self.page));
        Ok(())
    }

    fn pieces(&mut self, pieces: &[Piece], end: Option<usize>, out: &mut Vec<u8>) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Image { bytes, stores } => {
                    let start = out.len();
                    out.extend_from_slice(bytes);
                    let image = out.get_mut(start..).unwrap_or_default();
                    self.stores(stores, image)?;
                }
                Piece::Count(count) => self.count(count)?,
                Piece::Table(table) => self.table(table, out)?,
                Piece::Rest(field, place) => self.rest(*field, *place, end, out)?,
            }
        }
        Ok(())
    }

    #[inline]
    fn stores(&mut self, stores: &[Store], image: &mut [u8]) -> Result<(), Fault> {
        for store in stores {
            if !store.when.is_empty() && !store.when.iter().all(|it| self.is_written(it)) {
                continue;
            }
            match &store.what {
                What::Leaf(leaf) => {
                    let slot = self.values.slot(leaf.place);
                    if !slot.is_absent() {
                        self.leaf(leaf, slot, region(image, store.at, leaf.length))?;
                    }
                }
                What::Bytes(bytes) => {
                    if let Some(field) = image.get_mut(store.at..store.at + bytes.len()) {
                        field.copy_from_slice(bytes);
                    }
                }
                What::Fault(fault) => return Err(fault.rows(self.rows)),
                What::Counter { leaf, cell, has_value } => {
                    let slot = if *has_value { self.values.slot(leaf.place) } else { Slot::ABSENT };
                    self.counter(leaf, *cell, slot, region(image, store.at, leaf.length))?;
                }
                What::Table(table) => {
                    self.fixed_table(table, image.get_mut(store.at..).unwrap_or_default())?;
                }
                What::Choice { field, views } => {
                    self.choice(*field, views, image.get_mut(store.at..).unwrap_or_default())?;
                }
            }
        }
        Ok(())
    }

    fn is_written(&self, presence: &Presence) -> bool {
        match presence {
            Presence::Always => true,
            Presence::Any(places) => places.iter().any(|it| self.values.is_present(*it)),
            Presence::When(place) => self.values.is_present(*place),
        }
    }

    /// A value into its field, which is blank.
    #[inline]
    fn leaf(&mut self, leaf: &Leaf, slot: Slot, field: &mut [u8]) -> Result<(), Fault> {
        let text = match slot.kind() {
            SlotKind::Part | SlotKind::Held => self.values.bytes(slot),
            _ => return self.other(leaf, slot, field),
        };
        let written = match leaf.spelling {
            Spelling::Text { at_right } => write_text(self.page, text, at_right, field),
            // The two spellings that most numbers have, and all others.
            Spelling::Packed(number) => packed::write(text, number, field).map_err(number_code),
            Spelling::Zoned { zoned, blank_zero: None } => zoned::write(text, zoned, field).map_err(number_code),
            Spelling::Bytes { .. } => write_bytes(text, field),
            number => number.write_number(text, field).map_err(number_code),
        };
        written.map_err(|code| self.fault(code, leaf.field, slot))
    }

    /// Values that are not text: numbers that a step computed, bytes that stay as they are, lists.
    #[cold]
    fn other(&mut self, leaf: &Leaf, slot: Slot, field: &mut [u8]) -> Result<(), Fault> {
        let written = match slot.kind() {
            SlotKind::Raw => write_bytes(self.values.bytes(slot), field),
            SlotKind::List => {
                let first = self.values.record.item(slot, 0);
                return if first.is_absent() || first.kind() == SlotKind::List { Ok(()) } else { self.leaf(leaf, first, field) };
            }
            SlotKind::Number | SlotKind::Yes | SlotKind::No => {
                self.scratch.clear();
                match self.values.record.number_of(slot) {
                    Some(number) => number.write(self.scratch),
                    None => self.scratch.extend_from_slice(self.values.bytes(slot)),
                }
                match leaf.spelling {
                    Spelling::Text { at_right } => write_text(self.page, self.scratch, at_right, field),
                    Spelling::Bytes { .. } => Err(FaultCode::CopybookSize),
                    number => number.write_number(self.scratch, field).map_err(number_code),
                }
            }
            _ => Ok(()),
        };
        written.map_err(|code| self.fault(code, leaf.field, slot))
    }

    #[cold]
    fn fault(&self, code: FaultCode, field: FieldId, slot: Slot) -> Fault {
        let offset = self.values.record.origin(slot).map_or(self.values.record.start(), |it| it.0);
        Fault::new(code, offset).at(field).rows(self.rows)
    }

    /// A counter says what its tables have, whatever a rule gave it; bytes that stay as they are must agree.
    fn counter(&mut self, leaf: &Leaf, cell: usize, slot: Slot, field: &mut [u8]) -> Result<(), Fault> {
        let cell = self.cells.get(cell).copied().unwrap_or_default();
        if !cell.counts && !slot.is_absent() {
            return self.leaf(leaf, slot, field);
        }
        let mut digits = [0; 10];
        let count = decimal(cell.count, &mut digits);
        if slot.kind() == SlotKind::Raw {
            self.scratch.clear();
            let raw = self.values.bytes(slot);
            let agrees = raw.len() == field.len()
                && leaf.spelling.read_number(raw, self.scratch).is_ok()
                && self.scratch.as_slice() == count;
            if !agrees {
                return Err(self.fault(FaultCode::CopybookCounter, leaf.field, slot));
            }
            field.copy_from_slice(raw);
            return Ok(());
        }
        let written = leaf.spelling.write_number(count, field);
        written.map_err(|_| self.fault(FaultCode::MapRepeat, leaf.field, slot))
    }

    /// Finds out how many occurrences a counter counts, before anything of its scope is written.
    fn count(&mut self, count: &Count) -> Result<(), Fault> {
        let mut cell = Cell::default();
        for path in &count.paths {
            self.longest(path, &mut cell);
        }
        if cell.count > count.max {
            return Err(self.fault(FaultCode::MapRepeat, count.field, Slot::ABSENT));
        }
        cell.count = cell.count.max(count.min);
        if let Some(it) = self.cells.get_mut(count.cell) {
            *it = cell;
        }
        Ok(())
    }

    /// The most occurrences of the table at the end of a path, over all rows on the way.
    fn longest(&mut self, path: &[Source], cell: &mut Cell) {
        let Some((first, behind)) = path.split_first() else { return };
        if behind.is_empty() {
            cell.counts = true;
            cell.count = cell.count.max(self.occurrences(first));
            return;
        }
        match first {
            Source::Rows(place, arena) => {
                let (first, count) = self.values.rows(*place);
                let here = self.values.record.row(*arena);
                for number in 0..count {
                    self.values.record.seek(*arena, first + number);
                    self.longest(behind, cell);
                }
                self.values.record.seek(*arena, here);
            }
            Source::First(presence) if self.is_written(presence) => self.longest(behind, cell),
            _ => {}
        }
    }

    fn occurrences(&self, source: &Source) -> u32 {
        match source {
            Source::None => 0,
            Source::Rows(place, _) => self.values.rows(*place).1,
            Source::Values(place) => {
                let slot = self.values.slot(*place);
                match slot.kind() {
                    SlotKind::List => slot.length(),
                    SlotKind::Absent | SlotKind::Failed => 0,
                    _ => 1,
                }
            }
            Source::First(presence) => u32::from(self.is_written(presence)),
        }
    }

    fn table(&mut self, table: &Table, out: &mut Vec<u8>) -> Result<(), Fault> {
        let is_written = table.when.iter().all(|it| self.is_written(it));
        let given = if is_written { self.occurrences(&table.source) } else { 0 };
        let count = match table.count {
            Ok(cell) => self.cells.get(cell).map_or(0, |it| it.count),
            Err(all) => all,
        };
        if given > count {
            return Err(self.fault(FaultCode::MapRepeat, table.field, Slot::ABSENT));
        }
        let rows = self.rows;
        for number in 0..count {
            if let Some(row) = self.rows.get_mut(self.depth) {
                *row = number + 1;
            }
            self.depth += 1;
            if number < given {
                self.occurrence(&table.source, &table.row, number, out)?;
            } else {
                self.pieces(&table.blank, None, out)?;
            }
            self.depth -= 1;
        }
        self.rows = rows;
        Ok(())
    }

    fn occurrence(&mut self, source: &Source, row: &[Piece], number: u32, out: &mut Vec<u8>) -> Result<(), Fault> {
        match source {
            Source::Rows(place, arena) => {
                let (first, _) = self.values.rows(*place);
                self.values.record.seek(*arena, first + number);
                self.pieces(row, None, out)
            }
            Source::Values(place) => {
                let slot = self.value(*place, number);
                for piece in row {
                    let Piece::Image { bytes, stores } = piece else { continue };
                    let start = out.len();
                    out.extend_from_slice(bytes);
                    self.value_stores(stores, slot, out.get_mut(start..).unwrap_or_default())?;
                }
                Ok(())
            }
            Source::First(_) | Source::None => self.pieces(row, None, out),
        }
    }

    /// One value of a list; of what is no list, the value itself.
    fn value(&self, place: Place, number: u32) -> Slot {
        let slot = self.values.slot(place);
        match slot.kind() {
            SlotKind::List => self.values.record.item(slot, number),
            _ if number == 0 => slot,
            _ => Slot::ABSENT,
        }
    }

    fn value_stores(&mut self, stores: &[Store], slot: Slot, image: &mut [u8]) -> Result<(), Fault> {
        for store in stores {
            if let What::Leaf(leaf) = &store.what
                && !slot.is_absent()
            {
                self.leaf(leaf, slot, region(image, store.at, leaf.length))?;
            }
        }
        Ok(())
    }

    fn fixed_table(&mut self, table: &FixedTable, image: &mut [u8]) -> Result<(), Fault> {
        let given = self.occurrences(&table.source);
        if given > table.max {
            return Err(self.fault(FaultCode::MapRepeat, table.field, Slot::ABSENT));
        }
        let rows = self.rows;
        let occurrences = image.chunks_exact_mut(table.stride.max(1));
        for (number, occurrence) in (0..given).zip(occurrences) {
            occurrence.copy_from_slice(&table.image);
            if let Some(row) = self.rows.get_mut(self.depth) {
                *row = number + 1;
            }
            self.depth += 1;
            match &table.source {
                Source::Values(place) => {
                    let slot = self.value(*place, number);
                    self.value_stores(&table.stores, slot, occurrence)?;
                }
                Source::Rows(place, arena) => {
                    let (first, _) = self.values.rows(*place);
                    self.values.record.seek(*arena, first + number);
                    self.stores(&table.stores, occurrence)?;
                }
                Source::First(_) | Source::None => self.stores(&table.stores, occurrence)?,
            }
            self.depth -= 1;
        }
        self.rows = rows;
        Ok(())
    }

    /// The view that has a value; two of them would overwrite each other.
    fn choice(&mut self, field: FieldId, views: &[ViewImage], image: &mut [u8]) -> Result<(), Fault> {
        let mut found = None;
        for view in views {
            let is_counted = |it: &usize| self.cells.get(*it).is_some_and(|it| it.counts && it.count > 0);
            let is_there =
                view.always || view.signs.iter().any(|it| self.values.is_present(*it)) || view.cells.iter().any(is_counted);
            if is_there && found.replace(view).is_some() {
                return Err(self.fault(FaultCode::CopybookView, field, Slot::ABSENT));
            }
        }
        let Some(view) = found else { return Ok(()) };
        let Some(image) = image.get_mut(..view.image.len()) else { return Ok(()) };
        image.copy_from_slice(&view.image);
        self.stores(&view.stores, image)
    }

    fn rest(&mut self, field: FieldId, place: Option<Place>, end: Option<usize>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let (start, end) = (out.len(), end.unwrap_or(out.len()));
        if start > end {
            return Err(Fault::new(FaultCode::FrameLength, self.values.record.start()).rows(self.rows));
        }
        out.resize(end, spelling::blank(self.page));
        let Some(place) = place else { return Ok(()) };
        let slot = self.values.slot(place);
        let leaf = Leaf { length: end - start, spelling: Spelling::Text { at_right: false }, field, place };
        let region = out.get_mut(start..).unwrap_or_default();
        if slot.is_absent() { Ok(()) } else { self.leaf(&leaf, slot, region) }
    }
}

#[inline]
fn region(image: &mut [u8], at: usize, length: usize) -> &mut [u8] {
    image.get_mut(at..at + length).unwrap_or_default()
}

/// A text into a blank field: at its left, or at its right where it is `JUSTIFIED`.
#[inline]
pub(crate) fn write_text(page: &CodePage, text: &[u8], at_right: bool, field: &mut [u8]) -> Result<(), FaultCode> {
    let written = match ebcdic::encode(page, text, field) {
        Ok(written) => written,
        Err(TextUnfit::Length) => return Err(FaultCode::MapLength),
        Err(TextUnfit::Character(_)) => return Err(FaultCode::MapCharset),
    };
    if written != text.len() {
        // Characters of several bytes: what was tried for each byte goes.
        field.get_mut(written..).unwrap_or_default().fill(spelling::blank(page));
    }
    if at_right {
        field.rotate_left(written);
    }
    Ok(())
}

fn write_bytes(bytes: &[u8], field: &mut [u8]) -> Result<(), FaultCode> {
    if bytes.len() != field.len() {
        return Err(FaultCode::CopybookSize);
    }
    field.copy_from_slice(bytes);
    Ok(())
}

/// What it means for a mapping that a number does not fit.
pub(crate) fn number_code(unfit: Unfit) -> FaultCode {
    match unfit {
        Unfit::Inexact => FaultCode::MapDigits,
        Unfit::Digits | Unfit::Size => FaultCode::MapNumber,
    }
}

fn decimal(count: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut rest = count;
    let mut first = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        first = at;
        if rest == 0 {
            break;
        }
    }
    digits.get(first..).unwrap_or_default()
}
