//! Records in a stream: of one length, or as long as their counters say.
//!
//! A copybook with one level 01 gives a message a record. With several the file is the message: small ones whole, larger
//! ones as the records before the first that is cut at, each of these, and the rest.

use crate::{
    decode::{chosen, cut_record},
    layout::{Anchor, Layout, Record},
    walk::{self, Lost, Step},
};
use latimer_engine::{Cut, Fault, FaultCode, FieldId, Frame, Framer, Limits, Part};
use std::{ops::Range, sync::Arc};

/// A file below this size is one part.
const WHOLE_MAX: usize = 256 << 10;

/// Finds the records of one copybook.
pub(crate) struct RecordFramer {
    layout: Arc<Layout>,
    kinds: Vec<Measure>,
    /// The record that is cut at, of several.
    cut: Option<usize>,
    /// The bytes in which the conditions look.
    reach: usize,
    part_bytes_max: usize,
    anchors: Vec<usize>,
    scratch: Vec<u8>,
    /// The stream's offset of the buffer.
    at: u64,
    number: u64,
    state: State,
    /// How far the head was looked through.
    seen: usize,
}

/// How long a kind of record is.
struct Measure {
    fixed: Option<usize>,
    steps: Vec<Step>,
    end: (Anchor, u32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Start,
    Items,
    Tail,
    Done,
}

impl RecordFramer {
    pub(crate) fn new(layout: &Arc<Layout>, cut: &[FieldId], limits: &Limits) -> RecordFramer {
        let kinds = layout.records.iter().map(|it| Measure::of(layout, it)).collect();
        let reach = layout.records.iter().filter_map(|it| it.select.as_ref()).map(|it| it.reach()).max();
        RecordFramer {
            layout: Arc::clone(layout),
            kinds,
            cut: cut.first().and_then(|it| cut_record(layout, *it)),
            reach: reach.unwrap_or(0),
            part_bytes_max: usize::try_from(limits.part_bytes_max).unwrap_or(usize::MAX),
            anchors: vec![0; layout.anchors],
            scratch: Vec::new(),
            at: 0,
            number: 0,
            state: State::Start,
            seen: 0,
        }
    }

    fn frame(&mut self, part: Part, bytes: Range<usize>, number: u64) -> Cut {
        let consumed = bytes.end;
        let at = self.at + bytes.start as u64;
        self.at += consumed as u64;
        Cut::Frame(Frame { part, bytes, consumed, at, number })
    }

    fn fault(&self, code: FaultCode, offset: usize) -> Fault {
        Fault::new(code, self.at + offset as u64)
    }

    /// The length of the record of this kind at a place; `None` when it does not end here.
    fn length(&mut self, kind: usize, buffer: &[u8], from: usize, end: bool) -> Result<Option<usize>, Fault> {
        let Some(measure) = self.kinds.get(kind) else { return Ok(None) };
        let rest = buffer.get(from..).unwrap_or_default();
        let known = match measure.fixed {
            Some(length) if length <= rest.len() => return Ok(Some(length)),
            Some(length) => Some(length),
            None => {
                walk::set(&mut self.anchors, 0, 0);
                match walk::walk(&measure.steps, rest, &mut self.anchors, &mut self.scratch) {
                    Ok(()) => {
                        let length = walk::place(&self.anchors, measure.end);
                        if length <= rest.len() {
                            return Ok(Some(length));
                        }
                        None
                    }
                    Err(Lost::Short) => None,
                    Err(Lost::Digits(counter)) => {
                        let at = from + walk::place(&self.anchors, (counter.anchor, counter.at));
                        return Err(self.fault(FaultCode::CopybookDigits, at).at(counter.field));
                    }
                    Err(Lost::Range(counter)) => {
                        let at = from + walk::place(&self.anchors, (counter.anchor, counter.at));
                        return Err(self.fault(FaultCode::CopybookCounter, at).at(counter.field));
                    }
                }
            }
        };
        if end {
            // Of records of one length the remainder says what is wrong: record headers, line ends, another length.
            return Err(match known {
                Some(_) => self.fault(FaultCode::FrameLength, from).detail(u16::try_from(rest.len()).unwrap_or(u16::MAX)),
                None => self.fault(FaultCode::FrameTruncated, buffer.len()),
            });
        }
        if rest.len() > self.part_bytes_max { Err(self.fault(FaultCode::FrameLimit, from)) } else { Ok(None) }
    }

    /// The kind of the record at a place; `None` when more bytes are needed to say.
    fn kind(&mut self, buffer: &[u8], from: usize, end: bool) -> Result<Option<usize>, Fault> {
        if buffer.len() < from + self.reach && !end {
            return Ok(None);
        }
        walk::set(&mut self.anchors, 0, 0);
        let rest = buffer.get(from..).unwrap_or_default();
        let conditions = self.layout.records.iter().map(|it| it.select.as_ref());
        match chosen(conditions, rest, &self.anchors, &mut self.scratch) {
            Some(kind) => Ok(Some(kind)),
            None => Err(self.fault(FaultCode::CopybookSelect, from)),
        }
    }

    /// Records that are messages.
    fn single(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        if buffer.is_empty() {
            return Ok(if end { Cut::End } else { Cut::Incomplete });
        }
        match self.length(0, buffer, 0, end)? {
            // A layout without bytes would never end.
            Some(0) | None => Ok(Cut::Incomplete),
            Some(length) => {
                self.number += 1;
                Ok(self.frame(Part::Whole, 0..length, self.number))
            }
        }
    }

    fn start(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        if buffer.len() < WHOLE_MAX || self.cut.is_none() {
            if !end {
                let is_large = buffer.len() > self.part_bytes_max;
                return if is_large { Err(self.fault(FaultCode::FrameLimit, 0)) } else { Ok(Cut::Incomplete) };
            }
            self.state = State::Done;
            return Ok(if buffer.is_empty() { Cut::End } else { self.frame(Part::Whole, 0..buffer.len(), 1) });
        }
        let cut = self.cut.unwrap_or(0);
        while self.seen < buffer.len() || !end {
            let Some(kind) = self.kind(buffer, self.seen, end)? else { return self.more(buffer) };
            if kind >= cut {
                break;
            }
            let Some(length) = self.length(kind, buffer, self.seen, end)? else { return self.more(buffer) };
            self.seen += length;
        }
        self.state = State::Items;
        let head = 0..std::mem::take(&mut self.seen);
        Ok(self.frame(Part::Head(0), head, 1))
    }

    fn more(&self, buffer: &[u8]) -> Result<Cut, Fault> {
        if buffer.len() > self.part_bytes_max { Err(self.fault(FaultCode::FrameLimit, 0)) } else { Ok(Cut::Incomplete) }
    }

    fn items(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        let cut = self.cut.unwrap_or(0);
        if buffer.is_empty() && !end {
            return Ok(Cut::Incomplete);
        }
        if !buffer.is_empty() {
            let Some(kind) = self.kind(buffer, 0, end)? else { return Ok(Cut::Incomplete) };
            if kind == cut {
                let Some(length) = self.length(kind, buffer, 0, end)? else { return Ok(Cut::Incomplete) };
                self.number += 1;
                return Ok(self.frame(Part::Item, 0..length, self.number));
            }
        }
        self.state = State::Tail;
        self.tail(buffer, end)
    }

    fn tail(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        if !end {
            return self.more(buffer);
        }
        self.state = State::Done;
        Ok(self.frame(Part::Tail(0), 0..buffer.len(), self.number))
    }
}

impl Measure {
    fn of(layout: &Layout, record: &Record) -> Measure {
        let fixed = record.padded.or(record.length).map(|it| it as usize);
        Measure { fixed, steps: walk::steps(layout, record.node), end: layout.end(record.node) }
    }
}

impl Framer for RecordFramer {
    fn next(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        if self.kinds.len() == 1 {
            return self.single(buffer, end);
        }
        match self.state {
            State::Start => self.start(buffer, end),
            State::Items => self.items(buffer, end),
            State::Tail => self.tail(buffer, end),
            State::Done if !buffer.is_empty() => Err(self.fault(FaultCode::FrameTrailing, 0)),
            State::Done => Ok(if end { Cut::End } else { Cut::Incomplete }),
        }
    }

    fn recover(&mut self, buffer: &[u8], _end: bool) -> Option<usize> {
        // Only records of one length say where the next begins.
        let length = match self.kinds.as_slice() {
            [one] => one.fixed?,
            _ => return None,
        };
        let dropped = length.min(buffer.len());
        self.at += dropped as u64;
        Some(dropped)
    }

    fn mark(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.at.to_le_bytes());
        into.extend_from_slice(&self.number.to_le_bytes());
        into.push(match self.state {
            State::Start => 0,
            State::Items => 1,
            State::Tail => 2,
            State::Done => 3,
        });
    }

    fn resume(&mut self, mark: &[u8]) {
        let number = |from: usize| mark.get(from..)?.first_chunk::<8>().map(|it| u64::from_le_bytes(*it));
        self.at = number(0).unwrap_or(0);
        self.number = number(8).unwrap_or(0);
        self.state = match mark.get(16) {
            Some(1) => State::Items,
            Some(2) => State::Tail,
            Some(3) => State::Done,
            _ => State::Start,
        };
        self.seen = 0;
    }
}
