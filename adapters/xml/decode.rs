//! Parts to records: every byte is checked against XML 1.0, Namespaces 1.0 and the schema, and what is wanted is kept.
//!
//! ```text
//! Whole, Head(0)   [<?xml ..?>] [comments ..] <Document ..> content ..
//! Head(n), Item    [comments ..] <Cut ..> content ..          below the open elements that the head above left behind
//! Tail(n)          content .. </..>                           within them
//! ```
//!
//! **Invariant:** a decoder keeps nothing between parts but which element followed which. The elements a head leaves open,
//! how far their content models were read and the namespaces in scope are in the record's context; so any worker can take
//! any item, and a tail goes on exactly where the head was, whatever a framer chose to cut.

use crate::{
    layout::{Content, Layout, NO_MEMBER, NONE, State, Transition},
    lexical::Clean,
    namespaces::Namespaces,
    quick::Step,
    reading::{NodeShape, Program, Rows},
    scan::{self, AMPERSAND, BEYOND, BRACKET, CONTROL},
    tag::Found,
};
use latimer_engine::{Decoder, FaultCode, Faults, Frame, Limits, Outcome, Part, Reading, Record, Slot};
use std::sync::Arc;

/// Attributes of one type: each has a bit.
pub(crate) const ATTRIBUTES_MAX: usize = 128;

/// Decodes the messages of one schema for one plan.
#[derive(Debug)]
pub(crate) struct XmlDecoder {
    layout: Arc<Layout>,
    program: Program,
    depth_max: usize,
    /// Whether it is for the plain JSON form, which shows what is nil.
    plain: bool,
    scratch: Scratch,
}

/// Buffers that are used again for every part.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) stack: Vec<Open>,
    pub(crate) namespaces: Namespaces,
    pub(crate) attributes: Vec<Found>,
    /// For attributes in the order of their names.
    pub(crate) order: Vec<u32>,
    /// The names of elements that an earlier part opened.
    pub(crate) names: Vec<u8>,
    /// A value whose references are resolved.
    pub(crate) text: Vec<u8>,
    /// A value made clean.
    pub(crate) made: Vec<u8>,
    pub(crate) canonical: crate::canonical::Canonical,
    /// By state of a node: which step it was that was taken last, or `NONE`.
    pub(crate) learned: Vec<u32>,
    pub(crate) steps: Vec<Step>,
    opening: Opening,
    /// The context that `stack` was made from, while its elements are untouched.
    pub(crate) restored: Vec<u8>,
    pub(crate) is_restored: bool,
    pub(crate) restored_depth: usize,
}

/// How the last message began: most begin with the same bytes.
#[derive(Debug, Default)]
struct Opening {
    /// From the declaration to behind the root's start tag.
    bytes: Vec<u8>,
    /// What was open then, and the namespaces in scope.
    stack: Vec<Open>,
    namespaces: Namespaces,
}

/// An opening longer than this is read anew each time.
const OPENING_MAX: usize = 1 << 10;

/// An element whose end tag has not come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) node: u32,
    /// How far its content model was read: the state and how often its element stood; of an `all`, the elements that were
    /// there as two halves of a bit set.
    pub(crate) state: u32,
    pub(crate) count: u32,
    /// Which occurrence it is, and of which member of the element around it.
    pub(crate) row: u32,
    pub(crate) member: u16,
    pub(crate) level: u8,
    pub(crate) flags: u8,
    /// Its start tag, and what follows that.
    pub(crate) at: u32,
    pub(crate) content: u32,
    /// Its name as written: in the part, or among the names of earlier parts.
    pub(crate) name: u32,
    pub(crate) name_length: u32,
    /// The namespaces declared outside it.
    pub(crate) bindings: u32,
    /// The node of the wildcard it stands for, or `NONE`.
    pub(crate) gap: u32,
    /// The transition that its name is spelled like, without a prefix, or `NONE`.
    pub(crate) spelled: u32,
}

/// Text may stand in it.
pub(crate) const MIXED: u8 = 1;
/// The schema does not know it; its content may be anything ...
pub(crate) const WILD: u8 = 2;
/// ... and is not looked up.
pub(crate) const SKIPPED: u8 = 4;
/// No path of the schema leads here.
pub(crate) const FOREIGN: u8 = 8;
/// An earlier part opened it.
pub(crate) const RESTORED: u8 = 16;

/// The part cannot be read on; the fault is noted.
#[derive(Debug)]
pub(crate) struct Broken;

/// Where a part stands in the message while it is decoded.
pub(crate) struct Run<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) program: &'a Program,
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) record: &'a mut Record,
    pub(crate) faults: &'a mut Faults,
    pub(crate) depth_max: usize,
    pub(crate) plain: bool,
    /// The level of the head or item.
    pub(crate) level: u8,
    /// Whether the part may end before its elements do.
    pub(crate) is_head: bool,
    /// Where the part begins in the stream.
    pub(crate) start: u64,
    /// The elements that earlier parts opened.
    pub(crate) base: usize,
    /// Whether the part is one occurrence of a repeat, whose row the session opened ..
    pub(crate) is_occurrence: bool,
    /// .. and whether its element has not been opened yet.
    pub(crate) is_first: bool,
}

impl XmlDecoder {
    pub(crate) fn new(layout: Arc<Layout>, reading: &Reading<'_>) -> Self {
        let program = Program::new(&layout, reading);
        let learned = vec![NONE; program.learned];
        let scratch = Scratch { learned, ..Scratch::default() };
        let Limits { depth_max, .. } = *reading.limits;
        XmlDecoder { layout, program, depth_max: usize::try_from(depth_max).unwrap_or(usize::MAX), plain: reading.plain, scratch }
    }
}

impl Decoder for XmlDecoder {
    fn decode(&mut self, frame: &Frame, buffer: &[u8], record: &mut Record, faults: &mut Faults) -> Outcome {
        let bytes = buffer.get(frame.bytes.clone()).unwrap_or_default();
        let before = faults.list().len();
        let mut run = Run {
            layout: &self.layout,
            program: &self.program,
            bytes,
            at: 0,
            scratch: &mut self.scratch,
            record,
            faults,
            depth_max: self.depth_max,
            plain: self.plain,
            level: 0,
            is_head: false,
            start: frame.at,
            base: 1,
            is_occurrence: false,
            is_first: false,
        };
        let outcome = run.part(frame);
        match outcome {
            Err(Broken) => Outcome::Broken,
            Ok(()) if faults.list().len() > before => Outcome::Faulty,
            Ok(()) => Outcome::Clean,
        }
    }
}

impl<'a> Run<'a> {
    fn part(&mut self, frame: &Frame) -> Result<(), Broken> {
        if simdutf8::basic::from_utf8(self.bytes).is_err() {
            let wrong = simdutf8::compat::from_utf8(self.bytes).map_or_else(|error| error.valid_up_to(), str::len);
            self.begin_message();
            return Err(self.fail(FaultCode::XmlUtf8, wrong));
        }
        match frame.part {
            Part::Whole => {
                self.begin_message();
                self.prolog()?;
                self.content(1)?;
                self.epilog()
            }
            Part::Head(0) => {
                self.is_head = true;
                self.begin_message();
                self.prolog()?;
                self.content(1)?;
                self.save();
                Ok(())
            }
            Part::Head(level) => {
                self.is_head = true;
                self.level = level;
                self.restore();
                self.cut_item(usize::from(level), frame.number)?;
                self.content(self.base)?;
                self.save();
                Ok(())
            }
            Part::Item => {
                self.level = u8::try_from(self.program.cuts.len()).unwrap_or(u8::MAX);
                self.restore();
                self.cut_item(self.program.cuts.len(), frame.number)?;
                self.content(self.base)?;
                self.end_of_part()
            }
            Part::Tail(level) => {
                self.level = level;
                self.restore();
                self.scratch.is_restored = false;
                if frame.number > 0 {
                    self.skip_items(usize::from(level) + 1, frame.number)?;
                }
                let below = |it: &&Open| it.flags & RESTORED == 0 || it.level < level;
                let base = self.scratch.stack.iter().take_while(below).count();
                self.content(base)?;
                if level == 0 { self.epilog() } else { self.end_of_part() }
            }
        }
    }

    pub(crate) fn begin_message(&mut self) {
        self.scratch.is_restored = false;
        self.scratch.names.clear();
        self.scratch.namespaces.clear();
        self.scratch.stack.clear();
        let root = self.root();
        self.scratch.stack.push(root);
    }

    /// The message itself, around its first element.
    pub(crate) fn root(&self) -> Open {
        let kind = self.layout.kinds.get(self.program.get(self.program.root).kind as usize);
        let state = match kind.map(|it| it.content) {
            Some(Content::Elements(state)) => state,
            _ => 0,
        };
        Open {
            node: self.program.root,
            state,
            count: 0,
            row: 0,
            member: NO_MEMBER,
            level: 0,
            flags: 0,
            at: 0,
            content: 0,
            name: 0,
            name_length: 0,
            bindings: 0,
            gap: NONE,
            spelled: NONE,
        }
    }

    /// The byte at a place; NUL behind the end.
    #[inline]
    pub(crate) fn byte(&self, at: usize) -> u8 {
        scan::byte(self.bytes, at)
    }

    fn prolog(&mut self) -> Result<(), Broken> {
        let Scratch { opening, stack, namespaces, .. } = &mut *self.scratch;
        if !opening.bytes.is_empty() && self.bytes.starts_with(&opening.bytes) {
            self.at = opening.bytes.len();
            stack.clone_from(&opening.stack);
            namespaces.copy_from(&opening.namespaces);
            if let Some(root) = stack.last().copied() {
                self.note_presence(&root);
            }
            return Ok(());
        }
        let before = self.faults.list().len();
        let utf_8 = self.read_prolog()?;
        // Only what says no more than its name can be taken from memory: values and rows are made anew.
        let Scratch { opening, stack, namespaces, .. } = &mut *self.scratch;
        let plain = stack.get(1).is_some_and(|root| {
            let node = self.program.get(root.node);
            root.flags == 0 && node.shape == NodeShape::Group && node.rows == Rows::No
        });
        if utf_8 && plain && self.at <= OPENING_MAX && self.faults.list().len() == before {
            opening.bytes.clear();
            opening.bytes.extend_from_slice(scan::slice(self.bytes, 0, self.at));
            opening.stack.clone_from(stack);
            opening.namespaces.copy_from(namespaces);
        }
        Ok(())
    }

    /// Reads to behind the root's start tag; whether the declaration lets what follows be UTF-8.
    fn read_prolog(&mut self) -> Result<bool, Broken> {
        let mut utf_8 = true;
        if self.bytes.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        }
        if self.bytes.get(self.at..).is_some_and(|it| it.starts_with(b"<?xml")) && scan::is_space(self.byte(self.at + 5)) {
            match crate::declaration::read(self.bytes, self.at) {
                Ok((end, says)) => (self.at, utf_8) = (end, says),
                Err((code, at)) => return Err(self.fail(code, at)),
            }
        }
        self.misc()?;
        if self.byte(self.at) != b'<' {
            let code = if self.at >= self.bytes.len() { FaultCode::FrameTruncated } else { FaultCode::XmlSyntax };
            return Err(self.fail(code, self.at));
        }
        if self.bytes.get(self.at..).is_some_and(|it| it.starts_with(b"<!DOCTYPE")) {
            return Err(self.fail(FaultCode::XmlDoctype, self.at));
        }
        self.open()?;
        Ok(utf_8)
    }

    fn epilog(&mut self) -> Result<(), Broken> {
        if !self.is_head {
            self.misc()?;
        }
        self.end_of_part()
    }

    fn end_of_part(&mut self) -> Result<(), Broken> {
        if self.at < self.bytes.len() { Err(self.fail(FaultCode::FrameTrailing, self.at)) } else { Ok(()) }
    }

    /// Skips white space, comments and processing instructions.
    pub(crate) fn misc(&mut self) -> Result<(), Broken> {
        loop {
            self.at = scan::skip_space(self.bytes, self.at);
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            if rest.starts_with(b"<!--") || rest.starts_with(b"<?") {
                self.markup(0)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Reads on until no more than so many elements are open.
    pub(crate) fn content(&mut self, base: usize) -> Result<(), Broken> {
        loop {
            self.quick(base);
            if self.scratch.stack.len() <= base {
                return Ok(());
            }
            let byte = self.byte(self.at);
            if byte == b'<' {
                match self.byte(self.at + 1) {
                    b'/' => self.close()?,
                    b'!' | b'?' => {
                        let flags = self.scratch.stack.last().map_or(0, |it| it.flags);
                        self.markup(flags)?;
                    }
                    _ => self.open()?,
                }
            } else if scan::is_space(byte) {
                self.at = scan::skip_space(self.bytes, self.at + 1);
            } else if self.at >= self.bytes.len() {
                if self.is_head {
                    return Ok(());
                }
                return Err(self.fail(FaultCode::FrameTruncated, self.at));
            } else {
                self.stray_text()?;
            }
        }
    }

    /// Text that is not white space: right in mixed content only.
    fn stray_text(&mut self) -> Result<(), Broken> {
        let flags = self.scratch.stack.last().map_or(0, |it| it.flags);
        if flags & (MIXED | WILD) != 0 {
            let (end, met) = scan::text(self.bytes, self.at);
            self.check_text(self.at, end, met)?;
            self.at = end;
            return Ok(());
        }
        // A reference to white space is white space.
        if self.byte(self.at) == b'&' {
            match scan::reference(self.bytes, self.at) {
                Ok((' ' | '\t' | '\n' | '\r', end)) => {
                    self.at = end;
                    return Ok(());
                }
                Ok(_) => {}
                Err(code) => return Err(self.fail(code, self.at)),
            }
        }
        let (end, met) = scan::text(self.bytes, self.at);
        self.check_text(self.at, end, met)?;
        Err(self.fail(FaultCode::XmlText, self.at))
    }

    /// A comment, a processing instruction, or a CDATA section, whose text is right where text is.
    pub(crate) fn markup(&mut self, flags: u8) -> Result<(), Broken> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = if rest.starts_with(b"<!--") {
            scan::comment(self.bytes, self.at)
        } else if rest.starts_with(b"<?") {
            if self.layout.envelope.is_some() {
                return Err(self.fail(FaultCode::XmlInstruction, self.at));
            }
            scan::instruction(self.bytes, self.at)
        } else {
            let text = self.cdata()?;
            let text = scan::slice(self.bytes, text.0, text.1);
            if flags & (MIXED | WILD) == 0 && !text.iter().all(|it| scan::is_space(*it)) {
                return Err(self.fail(FaultCode::XmlText, self.at));
            }
            return Ok(());
        };
        match end {
            Ok(Some(end)) => {
                self.at = end;
                Ok(())
            }
            Ok(None) => Err(self.fail(FaultCode::FrameTruncated, self.bytes.len())),
            Err((code, at)) => Err(self.fail(code, at)),
        }
    }

    /// Goes behind a CDATA section and gives where its text is.
    pub(crate) fn cdata(&mut self) -> Result<(usize, usize), Broken> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(b"<![CDATA[") || self.scratch.stack.len() <= 1 {
            let code = if rest.starts_with(b"<!DOCTYPE") { FaultCode::XmlDoctype } else { FaultCode::XmlSyntax };
            return Err(self.fail(code, self.at));
        }
        let from = self.at + 9;
        let Some(length) = memchr::memmem::find(self.bytes.get(from..).unwrap_or_default(), b"]]>") else {
            return Err(self.fail(FaultCode::FrameTruncated, self.bytes.len()));
        };
        if let Some(bad) = scan::bad_character(scan::slice(self.bytes, from, from + length)) {
            return Err(self.fail(FaultCode::XmlCharacter, from + bad));
        }
        self.at = from + length + 3;
        Ok((from, from + length))
    }

    /// Checks the characters and references of a text that met something.
    #[cold]
    pub(crate) fn check_text(&mut self, from: usize, to: usize, met: u8) -> Result<(), Broken> {
        let text = scan::slice(self.bytes, from, to);
        if met & (CONTROL | BEYOND) != 0
            && let Some(bad) = scan::bad_character(text)
        {
            return Err(self.fail(FaultCode::XmlCharacter, from + bad));
        }
        if met & BRACKET != 0
            && let Some(at) = memchr::memmem::find(text, b"]]>")
        {
            return Err(self.fail(FaultCode::XmlSyntax, from + at));
        }
        if met & AMPERSAND != 0 {
            for at in memchr::memchr_iter(b'&', text) {
                if let Err(code) = scan::reference(self.bytes, from + at) {
                    return Err(self.fail(code, from + at));
                }
            }
        }
        Ok(())
    }

    /// Reads the end tag of the innermost open element.
    fn close(&mut self) -> Result<(), Broken> {
        let Some(open) = self.scratch.stack.last().copied() else { return Err(Broken) };
        let tag = self.at;
        let end = tag + 2 + open.name_length as usize;
        let same = if open.flags & RESTORED == 0 {
            scan::same(self.bytes, open.name as usize, tag + 2, open.name_length as usize)
        } else {
            name_of(&open, self.bytes, &self.scratch.names) == scan::slice(self.bytes, tag + 2, end)
        };
        if !same || self.scratch.stack.len() <= 1 {
            return Err(self.bad_end(tag));
        }
        let end = if self.byte(end) == b'>' { end } else { scan::skip_space(self.bytes, end) };
        if self.byte(end) != b'>' {
            return Err(self.bad_end(tag));
        }
        self.at = end + 1;
        self.leave(&open, tag)
    }

    /// Ends the innermost open element, whose end tag (or the end of its empty tag) is at a byte.
    #[inline]
    pub(crate) fn leave(&mut self, open: &Open, tag: usize) -> Result<(), Broken> {
        let node = self.program.get(open.node);
        if open.flags & WILD == 0 {
            let state = self.layout.states.get(open.state as usize);
            let is_group = node.shape == NodeShape::Group;
            if !(is_group && state.is_some_and(|it| it.last && open.count >= it.min)) {
                self.check_complete(open, tag);
            }
        }
        if node.is_watched && open.flags & RESTORED == 0 {
            let length = u32::try_from(self.at).unwrap_or(u32::MAX).saturating_sub(open.at);
            for place in self.program.presences(node) {
                self.record.set(*place, Slot::group(open.at, length));
            }
            let opaque = self.layout.kinds.get(node.kind as usize).is_some_and(|it| it.opaque);
            if opaque && open.flags & WILD == 0 && !self.program.values(node).is_empty() {
                self.keep_canonical(open.node, open.content as usize, tag);
            }
        }
        if self.scratch.namespaces.len() > open.bindings as usize {
            self.scratch.namespaces.truncate(open.bindings as usize);
        }
        if open.gap != NONE {
            self.keep_canonical(open.gap, open.at as usize, self.at);
        }
        self.scratch.stack.pop();
        Ok(())
    }

    /// Keeps XML that the schema does not look into, in exclusive canonical form.
    pub(crate) fn keep_canonical(&mut self, node: u32, from: usize, to: usize) {
        let node = self.program.get(node);
        if self.program.values(node).is_empty() {
            return;
        }
        let Scratch { canonical, namespaces, .. } = &mut *self.scratch;
        let bytes = self.bytes;
        let (at, length) = (u32::try_from(from).unwrap_or(0), u32::try_from(to.saturating_sub(from)).unwrap_or(0));
        let slot = self.record.hold(at, length, |out| canonical.write(scan::slice(bytes, from, to), namespaces, out));
        for place in self.program.values(node) {
            self.record.set(*place, slot);
        }
    }

    /// Opens the row of an occurrence.
    #[inline]
    pub(crate) fn open_row(&mut self, rows: Rows) {
        if std::mem::replace(&mut self.is_first, false) {
            return;
        }
        match rows {
            Rows::No => {}
            Rows::Counted(arena, place) => self.record.push_row(arena, place),
            Rows::Opened(arena) => {
                self.record.open_row(arena);
            }
        }
    }

    /// Puts a value where it is wanted; it stands at a place of the part or, `held`, in the scratch text made from there.
    #[inline]
    pub(crate) fn keep(&mut self, node: u32, clean: Clean, at: usize, length: usize, held: bool) {
        let node = self.program.get(node);
        let places = self.program.values(node);
        if places.is_empty() {
            return;
        }
        let offset = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let slot = match clean {
            Clean::Yes => Slot::yes_no(true, offset(at)),
            Clean::No => Slot::yes_no(false, offset(at)),
            Clean::All if !held => Slot::part(offset(at), offset(length)),
            Clean::Part(from, to) if !held => Slot::part(offset(at + from), offset(to - from)),
            _ => {
                let bytes = clean_bytes(clean, &self.scratch.text, &self.scratch.made);
                self.record.hold(offset(at), offset(length), |out| out.extend_from_slice(bytes))
            }
        };
        for place in places {
            self.record.set(*place, slot);
        }
    }
}

/// The elements of an `all` that were there.
pub(crate) fn seen(open: &Open) -> u64 {
    u64::from(open.state) << 32 | u64::from(open.count)
}

/// Whether a transition may be taken after so many occurrences.
#[inline]
pub(crate) fn allows(transition: &Transition, state: &State, count: u32) -> bool {
    if transition.free {
        return true;
    }
    if transition.again { state.max == u32::MAX || count < state.max } else { count >= state.min }
}

/// The name of an open element.
pub(crate) fn name_of<'b>(open: &Open, part: &'b [u8], names: &'b [u8]) -> &'b [u8] {
    let from = open.name as usize;
    let bytes = if open.flags & RESTORED == 0 { part } else { names };
    scan::slice(bytes, from, from + open.name_length as usize)
}

/// The bytes of a value that was read.
pub(crate) fn clean_bytes<'b>(clean: Clean, read: &'b [u8], made: &'b [u8]) -> &'b [u8] {
    match clean {
        Clean::All => read,
        Clean::Part(from, to) => scan::slice(read, from, to),
        Clean::Made => made,
        Clean::Yes => b"true",
        Clean::No => b"false",
    }
}
