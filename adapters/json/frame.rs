//! A stream -> messages, and long messages -> heads, items and tails.
//!
//! ```text
//! document   {..} {..}          one value or several, blanks between
//! lines      {..}\n{..}\n       a value ends with its line
//! array      [{..},{..}]        the elements of one array
//! ```
//!
//! A message that ends within 256 KiB is whole. A longer one is cut at the first array its way leads to: the head ends behind
//! the bracket of the array, an item is an element, the tail begins with the closing bracket; commas belong to no part.
//! Where an element of an outer array has no inner one, its head ends before its bracket, and its tail is that bracket.
//!
//! **Invariant:** what is cut where depends on the bytes of the stream alone, not on how they arrive.

use crate::{
    extent::Extent,
    scan,
    walk::{Step, Walk, Way},
};
use latimer_engine::{Cut, Fault, FaultCode, Frame, Framer, Limits, Part};
use std::ops::Range;

/// How messages follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// One value or several, blanks between.
    Document,
    /// A value ends with its line.
    Lines,
    /// The elements of a top-level array.
    Array,
}

impl Framing {
    /// The framing of a name.
    pub(crate) fn named(name: &str) -> Option<Framing> {
        Some(match name {
            "document" => Framing::Document,
            "lines" => Framing::Lines,
            "array" => Framing::Array,
            _ => return None,
        })
    }
}

/// A message that ends within so many bytes is one part.
const WHOLE_MAX: usize = 256 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Cuts a stream.
pub(crate) struct JsonFramer {
    framing: Framing,
    part_bytes_max: usize,
    depth_max: u32,
    /// By level, the repeat that the level is cut at.
    ways: Vec<Way>,
    rest: Rest,
    /// The same at the start of the message, to which a second reading goes back.
    start: Rest,
    reading: Reading,
    look: Look,
}

/// Where the stream stands between two parts: all that must outlive a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rest {
    /// The offset of the first byte of the buffer.
    at: u64,
    /// Messages so far.
    messages: u64,
    place: Place,
    /// By level, items so far of the array that is open.
    items: Vec<u64>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The first message, or the array of all.
    #[default]
    Start,
    /// What follows a message.
    Behind,
    /// The end of a line that is bad.
    BadLine,
    /// The first item of the array of a level, or the array's end.
    FirstItem(u8),
    /// What follows an item of the array of a level.
    BehindItem(u8),
    /// The tail of a level whose array was not there.
    NoItems(u8),
}

/// Which reading of a message this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The first, and nothing speaks against it being the only one.
    Only,
    /// The first of two.
    First,
    /// The end of the first of two was reached.
    Again,
    /// The second: nothing is asked any more.
    Second,
}

/// How far the bytes of the buffer were looked at since the last part.
#[derive(Clone, Debug, Default)]
struct Look {
    stage: Stage,
    /// The first byte not looked at.
    at: usize,
    /// The line's end, or how far it was looked for.
    line: usize,
    extent: Extent,
    walk: Walk,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Before what the place says.
    #[default]
    Before,
    /// Behind the bracket of the array of all messages.
    FirstElement,
    /// Behind a comma: an element must follow.
    Element,
    /// Behind the array of all messages.
    Over,
    /// Within the message that begins there, which may be whole.
    Message(usize),
    /// Within the occurrence of a level that begins there, on the way to its array.
    Way(usize),
    /// The array of the message that begins there was found; the items there are looked at, at this level.
    Ahead { begin: usize, first: usize, level: usize },
    /// Within the item that begins there.
    Item(usize),
    /// Within the tail that begins there.
    Tail(usize),
}

impl JsonFramer {
    pub(crate) fn new(framing: Framing, ways: Vec<Way>, limits: &Limits) -> Self {
        let rest = Rest { at: 0, messages: 0, place: Place::Start, items: vec![0; ways.len()] };
        JsonFramer {
            framing,
            part_bytes_max: usize::try_from(limits.part_bytes_max).unwrap_or(usize::MAX),
            depth_max: u32::try_from(limits.depth_max).unwrap_or(u32::MAX),
            ways,
            start: rest.clone(),
            rest,
            reading: Reading::Only,
            look: Look::default(),
        }
    }
}

impl Framer for JsonFramer {
    fn next(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        if self.reading == Reading::Again {
            self.reading = Reading::Second;
            self.rest = self.start.clone();
            self.look_anew();
            return Ok(Cut::Rewind(0));
        }
        let (view, is_all) = match self.rest.place {
            Place::Start | Place::Behind | Place::BadLine if self.is_before() => match self.before(buffer, end)? {
                Some(cut) => return Ok(cut),
                None => self.view(buffer, end),
            },
            _ => self.view(buffer, end),
        };
        match (self.rest.place, self.look.stage) {
            (_, Stage::Message(begin)) => self.whole(buffer, (view, is_all), begin),
            (_, Stage::Ahead { begin, first, level }) => self.ahead((view, is_all), begin, first, level),
            (Place::Start | Place::Behind | Place::BadLine, Stage::Way(begin)) => self.way((view, is_all), begin),
            (Place::NoItems(_), _) if view.is_empty() => self.incomplete((view, is_all), 0),
            (Place::NoItems(level), _) => {
                let length = usize::from(scan::byte(view, 0) == b'}');
                self.tail((view, is_all), level, 0..length)
            }
            (Place::FirstItem(level) | Place::BehindItem(level), _) => self.items((view, is_all), level),
            _ => Ok(Cut::Incomplete),
        }
    }

    fn recover(&mut self, buffer: &[u8], _end: bool) -> Option<usize> {
        if self.framing != Framing::Lines {
            return None;
        }
        let found = memchr::memchr(b'\n', buffer);
        let dropped = found.map_or(buffer.len(), |it| it + 1);
        self.rest.at += dropped as u64;
        // Without the line's end, what comes is still this line.
        self.rest.place = if found.is_some() { Place::Start } else { Place::BadLine };
        self.reading = Reading::Only;
        self.look_anew();
        Some(dropped)
    }

    fn mark(&self, into: &mut Vec<u8>) {
        self.rest.mark(into);
        self.start.mark(into);
        into.push(self.reading as u8);
    }

    fn resume(&mut self, mark: &[u8]) {
        let mut left = mark;
        let levels = self.ways.len();
        let (rest, start) = (Rest::resumed(&mut left, levels), Rest::resumed(&mut left, levels));
        if let (Some(rest), Some(start), [reading]) = (rest, start, left) {
            (self.rest, self.start) = (rest, start);
            let readings = [Reading::Only, Reading::First, Reading::Again, Reading::Second];
            self.reading = readings.get(usize::from(*reading)).copied().unwrap_or(Reading::Only);
        }
        self.look_anew();
    }
}

impl Rest {
    fn mark(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.at.to_le_bytes());
        into.extend_from_slice(&self.messages.to_le_bytes());
        into.extend_from_slice(&match self.place {
            Place::Start => [0, 0],
            Place::Behind => [1, 0],
            Place::BadLine => [2, 0],
            Place::FirstItem(level) => [3, level],
            Place::BehindItem(level) => [4, level],
            Place::NoItems(level) => [5, level],
        });
        for count in &self.items {
            into.extend_from_slice(&count.to_le_bytes());
        }
    }

    fn resumed(mark: &mut &[u8], levels: usize) -> Option<Rest> {
        fn number(mark: &mut &[u8]) -> Option<u64> {
            let (number, rest) = mark.split_first_chunk()?;
            *mark = rest;
            Some(u64::from_le_bytes(*number))
        }
        let (at, messages) = (number(mark)?, number(mark)?);
        let ([kind, level], rest) = mark.split_first_chunk()?;
        *mark = rest;
        let place = match kind {
            0 => Place::Start,
            1 => Place::Behind,
            2 => Place::BadLine,
            3 => Place::FirstItem(*level),
            4 => Place::BehindItem(*level),
            _ => Place::NoItems(*level),
        };
        let items = (0..levels).map(|_| number(mark)).collect::<Option<_>>()?;
        Some(Rest { at, messages, place, items })
    }
}

/// The bytes in which what is looked at must end, and whether no more of them will come.
type View<'a> = (&'a [u8], bool);

impl JsonFramer {
    fn fault(&self, code: FaultCode, at: usize) -> Fault {
        Fault::new(code, self.rest.at + at as u64)
    }

    fn look_anew(&mut self) {
        (self.look.stage, self.look.at, self.look.line) = (Stage::Before, 0, 0);
    }

    fn is_before(&self) -> bool {
        matches!(self.look.stage, Stage::Before | Stage::FirstElement | Stage::Element | Stage::Over)
    }

    /// Of lines, the line; otherwise all.
    fn view<'a>(&mut self, buffer: &'a [u8], end: bool) -> View<'a> {
        if self.framing != Framing::Lines {
            return (buffer, end);
        }
        match memchr::memchr(b'\n', buffer.get(self.look.line..).unwrap_or_default()) {
            Some(found) => {
                self.look.line += found;
                (buffer.get(..self.look.line).unwrap_or_default(), true)
            }
            None => {
                self.look.line = buffer.len();
                (buffer, end)
            }
        }
    }

    /// What begins there has not ended: because the stream did, or is too long for one part, or has not all come.
    fn incomplete(&self, (view, is_all): View<'_>, begin: usize) -> Result<Cut, Fault> {
        if view.len().saturating_sub(begin) > self.part_bytes_max {
            return Err(self.fault(FaultCode::FrameLimit, begin));
        }
        if is_all { Err(self.fault(FaultCode::FrameTruncated, view.len())) } else { Ok(Cut::Incomplete) }
    }

    /// Gives a part, behind which the stream stands at a place.
    fn part(&mut self, part: Part, bytes: Range<usize>, number: u64, place: Place) -> Result<Cut, Fault> {
        if bytes.len() > self.part_bytes_max {
            return Err(self.fault(FaultCode::FrameLimit, bytes.start));
        }
        let (at, consumed) = (self.rest.at + bytes.start as u64, bytes.end);
        self.rest.at += consumed as u64;
        self.rest.place = place;
        // What was looked through for the end of the line is not looked through again.
        let line = self.look.line.saturating_sub(consumed);
        self.look_anew();
        self.look.line = line;
        Ok(Cut::Frame(Frame { part, bytes, consumed, at, number }))
    }

    /// Whether a line has nothing more behind a message; `None` if that is not here yet.
    fn ends_line(&self, (view, is_all): View<'_>, at: usize) -> Option<bool> {
        let is_blank = scan::blanks(view, at) >= view.len();
        if self.framing != Framing::Lines || (is_blank && is_all) {
            return Some(true);
        }
        if is_blank { None } else { Some(false) }
    }
}

// Messages ------------------------------------------------------------------------------------------------------------

impl JsonFramer {
    /// Finds the first byte of a message; gives what is to be said if there is none.
    fn before(&mut self, buffer: &[u8], end: bool) -> Result<Option<Cut>, Fault> {
        if self.rest.at == 0 && self.look.at == 0 {
            if buffer.len() < 3 && BYTE_ORDER_MARK.starts_with(buffer) && !end {
                return Ok(Some(Cut::Incomplete));
            }
            self.look.at = if buffer.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
        }
        if self.rest.place == Place::BadLine && self.look.at == 0 {
            match memchr::memchr(b'\n', buffer) {
                Some(found) => self.look.at = found + 1,
                None if end => return Ok(Some(Cut::End)),
                None => return self.incomplete((buffer, false), 0).map(Some),
            }
        }
        loop {
            let at = scan::blanks(buffer, self.look.at);
            self.look.at = at;
            let is_array = self.framing == Framing::Array;
            let Some(byte) = buffer.get(at).copied() else {
                if end && is_array && self.look.stage != Stage::Over {
                    return Err(self.fault(FaultCode::FrameTruncated, at));
                }
                return if end { Ok(Some(Cut::End)) } else { self.incomplete((buffer, false), 0).map(Some) };
            };
            let stage = match (self.look.stage, self.rest.place, byte) {
                (Stage::Over, ..) => return Err(self.fault(FaultCode::FrameTrailing, at)),
                (Stage::Before, Place::Start, b'[') if is_array => Stage::FirstElement,
                (Stage::Before, Place::Behind, b',') if is_array => Stage::Element,
                (Stage::Before, Place::Behind, b']') if is_array => Stage::Over,
                (Stage::FirstElement, _, b']') => Stage::Over,
                (Stage::Before, ..) if is_array => return Err(self.fault(FaultCode::JsonSyntax, at)),
                (_, _, b',' | b']') if is_array => return Err(self.fault(FaultCode::JsonSyntax, at)),
                // Blanks stand between messages: what follows one at once is part of no message.
                (Stage::Before, Place::Behind, _) if at == 0 && self.framing == Framing::Document => {
                    return Err(self.fault(FaultCode::FrameTrailing, at));
                }
                _ => {
                    self.look.stage = Stage::Message(at);
                    self.look.line = at;
                    self.look.extent.begin(buffer, at, is_array);
                    return Ok(None);
                }
            };
            self.look.stage = stage;
            self.look.at += 1;
        }
    }

    /// A message that may be one part.
    fn whole(&mut self, buffer: &[u8], (view, is_all): View<'_>, begin: usize) -> Result<Cut, Fault> {
        let is_cut = !self.ways.is_empty();
        if self.framing == Framing::Lines {
            if is_all && (!is_cut || view.len() - begin <= WHOLE_MAX) {
                let blanks = view.iter().rev().take_while(|it| scan::is_blank(**it)).count();
                let cut = self.message(begin..view.len() - blanks, view.len() + 1)?;
                let Cut::Frame(frame) = cut else { return Ok(cut) };
                let consumed = frame.consumed.min(buffer.len());
                self.rest.at -= (frame.consumed - consumed) as u64;
                return Ok(Cut::Frame(Frame { consumed, ..frame }));
            }
        } else {
            let limit = if is_cut { view.len().min(begin + WHOLE_MAX) } else { view.len() };
            let within = view.get(..limit).unwrap_or_default();
            let found = self.look.extent.end(within, is_all && limit == view.len(), self.depth_max);
            if let Some(end) = found.map_err(|(code, at)| self.fault(code, at))? {
                return self.message(begin..end, end);
            }
        }
        if !is_cut || view.len() - begin < WHOLE_MAX || (is_all && view.len() - begin == WHOLE_MAX) {
            return self.incomplete((view, is_all), begin);
        }
        if let Some(way) = self.ways.first() {
            self.look.walk.begin(way, begin);
        }
        self.look.stage = Stage::Way(begin);
        self.way((view, is_all), begin)
    }

    /// A whole message.
    fn message(&mut self, bytes: Range<usize>, consumed: usize) -> Result<Cut, Fault> {
        self.rest.messages += 1;
        let place = if self.framing == Framing::Lines { Place::Start } else { Place::Behind };
        let cut = self.part(Part::Whole, bytes, self.rest.messages, place)?;
        let Cut::Frame(frame) = cut else { return Ok(cut) };
        self.look.line = 0;
        self.rest.at += (consumed - frame.consumed) as u64;
        Ok(Cut::Frame(Frame { consumed, ..frame }))
    }

    /// A long message up to its array.
    fn way(&mut self, (view, is_all): View<'_>, begin: usize) -> Result<Cut, Fault> {
        let Some(way) = self.ways.first() else { return Ok(Cut::Incomplete) };
        let step = self.look.walk.go(way, view, is_all, self.depth_max);
        match step.map_err(|(code, at)| self.fault(code, at))? {
            Step::Incomplete => self.incomplete((view, is_all), begin),
            Step::Array(first) => {
                let may_stand_behind = self.look.walk.lacks_early();
                self.start = self.rest.clone();
                if self.reading == Reading::Only && may_stand_behind {
                    self.reading = Reading::First;
                    // Nothing is asked of the items any more: they are read twice as well.
                    self.look.stage = Stage::Ahead { begin, first, level: usize::MAX };
                    return Ok(Cut::Keep);
                }
                if let Some(way) = self.ways.get(1) {
                    self.look.walk.begin(way, first);
                }
                self.look.stage = Stage::Ahead { begin, first, level: 1 };
                self.ahead((view, is_all), begin, first, 1)
            }
            Step::End(end) => match self.ends_line((view, is_all), end) {
                Some(true) => self.message(begin..end, end),
                Some(false) => Err(self.fault(FaultCode::FrameTrailing, end)),
                None => self.incomplete((view, is_all), begin),
            },
        }
    }

    /// Looks at the first item, whether its own array begins too early: senders write all items alike, and the message can only
    /// be kept from its start on as long as nothing of it was given away.
    fn ahead(&mut self, (view, is_all): View<'_>, begin: usize, first: usize, mut level: usize) -> Result<Cut, Fault> {
        while self.reading == Reading::Only
            && scan::byte(view, first) != b']'
            && let Some(way) = self.ways.get(level)
        {
            let step = self.look.walk.go(way, view, is_all, self.depth_max);
            match step.map_err(|(code, at)| self.fault(code, at))? {
                Step::Incomplete => return self.incomplete((view, is_all), begin),
                Step::Array(_) if self.look.walk.lacks_early() => {
                    self.reading = Reading::First;
                    self.look.stage = Stage::Ahead { begin, first, level: usize::MAX };
                    return Ok(Cut::Keep);
                }
                Step::Array(next) => {
                    level += 1;
                    if let Some(way) = self.ways.get(level) {
                        self.look.walk.begin(way, next);
                    }
                    self.look.stage = Stage::Ahead { begin, first, level };
                }
                Step::End(_) => break,
            }
        }
        self.rest.messages += 1;
        self.count(0, 0);
        self.part(Part::Head(0), begin..first, self.rest.messages, Place::FirstItem(0))
    }
}

// Items ---------------------------------------------------------------------------------------------------------------

impl JsonFramer {
    fn count(&mut self, level: usize, items: u64) {
        if let Some(count) = self.rest.items.get_mut(level) {
            *count = items;
        }
    }

    /// The next item of an array, or the tail behind it.
    fn items(&mut self, (view, is_all): View<'_>, level: u8) -> Result<Cut, Fault> {
        let at_level = usize::from(level);
        let number = self.rest.items.get(at_level).copied().unwrap_or(0) + 1;
        if self.is_before() {
            let begun = self.before_item(view, level)?;
            if !begun {
                return self.incomplete((view, is_all), 0);
            }
        }
        match self.look.stage {
            Stage::Item(begin) => {
                let end = self.look.extent.end(view, is_all, self.depth_max);
                match end.map_err(|(code, at)| self.fault(code, at))? {
                    None => self.incomplete((view, is_all), begin),
                    Some(end) => {
                        self.count(at_level, number);
                        self.part(Part::Item, begin..end, number, Place::BehindItem(level))
                    }
                }
            }
            Stage::Way(begin) => self.inner((view, is_all), level, begin, number),
            // Behind the message its line must end, too.
            Stage::Tail(_) if level == 0 && self.framing == Framing::Lines && !is_all => self.incomplete((view, is_all), 0),
            Stage::Tail(begin) => {
                let end = if self.ways.get(at_level).is_some_and(|it| it.names.is_empty()) {
                    Some(begin + 1)
                } else {
                    let end = self.look.extent.end(view, is_all, self.depth_max);
                    end.map_err(|(code, at)| self.fault(code, at))?
                };
                match end {
                    None => self.incomplete((view, is_all), begin),
                    Some(end) => self.tail((view, is_all), level, begin..end),
                }
            }
            _ => Ok(Cut::Incomplete),
        }
    }

    /// Finds the first byte of an item or a tail; whether it is there.
    fn before_item(&mut self, view: &[u8], level: u8) -> Result<bool, Fault> {
        loop {
            let at = scan::blanks(view, self.look.at);
            self.look.at = at;
            let Some(byte) = view.get(at).copied() else { return Ok(false) };
            let is_first = matches!(self.rest.place, Place::FirstItem(_));
            let way = self.ways.get(usize::from(level)).map_or(0, |it| it.names.len());
            match (byte, self.look.stage) {
                (b']', Stage::Before) => {
                    let objects = crate::layout::index(way);
                    let begun = self.look.extent.begin_within(objects, at + 1, self.depth_max);
                    begun.map_err(|(code, at)| self.fault(code, at))?;
                    self.look.stage = Stage::Tail(at);
                    return Ok(true);
                }
                (b',', Stage::Before) if !is_first => {
                    self.look.stage = Stage::Element;
                    self.look.at += 1;
                }
                (b',' | b']', _) => return Err(self.fault(FaultCode::JsonSyntax, at)),
                (_, Stage::Before) if !is_first => return Err(self.fault(FaultCode::JsonSyntax, at)),
                _ => {
                    match self.ways.get(usize::from(level) + 1) {
                        Some(way) => {
                            self.look.walk.begin(way, at);
                            self.look.stage = Stage::Way(at);
                        }
                        None => {
                            self.look.extent.begin(view, at, true);
                            self.look.stage = Stage::Item(at);
                        }
                    }
                    return Ok(true);
                }
            }
        }
    }

    /// An item that has an array of its own to be cut at.
    fn inner(&mut self, (view, is_all): View<'_>, level: u8, begin: usize, number: u64) -> Result<Cut, Fault> {
        let inner = level + 1;
        let Some(way) = self.ways.get(usize::from(inner)) else { return Ok(Cut::Incomplete) };
        let step = self.look.walk.go(way, view, is_all, self.depth_max);
        let (end, place) = match step.map_err(|(code, at)| self.fault(code, at))? {
            Step::Incomplete => return self.incomplete((view, is_all), begin),
            Step::Array(_) if self.reading == Reading::Only && self.look.walk.lacks_early() => {
                self.reading = Reading::First;
                return Ok(Cut::Keep);
            }
            Step::Array(first) => (first, Place::FirstItem(inner)),
            // The bracket of an object is left for the tail.
            Step::End(end) => (end - usize::from(scan::byte(view, begin) == b'{'), Place::NoItems(inner)),
        };
        self.count(usize::from(level), number);
        self.count(usize::from(inner), 0);
        self.part(Part::Head(inner), begin..end, number, place)
    }

    /// The tail of a level.
    fn tail(&mut self, view: View<'_>, level: u8, bytes: Range<usize>) -> Result<Cut, Fault> {
        let number = self.rest.items.get(usize::from(level)).copied().unwrap_or(0);
        if level > 0 {
            return self.part(Part::Tail(level), bytes, number, Place::BehindItem(level - 1));
        }
        match self.ends_line(view, bytes.end) {
            Some(true) => {}
            Some(false) => return Err(self.fault(FaultCode::FrameTrailing, bytes.end)),
            None => return self.incomplete(view, bytes.start),
        }
        self.reading = match self.reading {
            Reading::First => Reading::Again,
            _ => Reading::Only,
        };
        let place = if self.framing == Framing::Lines { Place::Start } else { Place::Behind };
        self.part(Part::Tail(0), bytes, number, place)
    }
}
