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
    reading::{NodeShape, Program, Rows},
    scan::{self, AMPERSAND, BEYOND, BRACKET, CONTROL},
    tag::Found,
};
use latimer_engine::{
    Decoder, Fault, FaultCode, Faults, FieldId, Frame, Limits, Outcome, Part, Reading, Record, Schema, Slot,
};
use std::sync::Arc;

/// Attributes of one type: each has a bit.
pub(crate) const ATTRIBUTES_MAX: usize = 128;

/// Decodes the messages of one schema for one plan.
#[derive(Debug)]
pub(crate) struct XmlDecoder {
    layout: Arc<Layout>,
    program: Program,
    depth_max: usize,
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
    /// By state of a node: which transition was taken last.
    pub(crate) learned: Vec<u32>,
    opening: Opening,
    /// The context that `stack` was made from, while its elements are untouched.
    restored: Vec<u8>,
    is_restored: bool,
    restored_depth: usize,
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
    /// The level of the head or item.
    level: u8,
    /// Whether the part may end before its elements do.
    is_head: bool,
    /// Where the part begins in the stream.
    start: u64,
    /// The elements that earlier parts opened.
    base: usize,
    /// Whether the part is one occurrence of a repeat, whose row the session opened ..
    is_occurrence: bool,
    /// .. and whether its element has not been opened yet.
    pub(crate) is_first: bool,
}

impl XmlDecoder {
    pub(crate) fn new(layout: Arc<Layout>, reading: &Reading<'_>) -> Self {
        let program = Program::new(&layout, reading);
        let learned = program.first_guesses(&layout);
        let scratch = Scratch { learned, ..Scratch::default() };
        let Limits { depth_max, .. } = *reading.limits;
        XmlDecoder { layout, program, depth_max: usize::try_from(depth_max).unwrap_or(usize::MAX), scratch }
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
            let wrong =
                simdutf8::compat::from_utf8(self.bytes).map_or_else(|error| error.valid_up_to(), str::len);
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

    fn begin_message(&mut self) {
        self.scratch.is_restored = false;
        self.scratch.names.clear();
        self.scratch.namespaces.clear();
        self.scratch.stack.clear();
        let root = self.root();
        self.scratch.stack.push(root);
    }

    /// The message itself, around its first element.
    fn root(&self) -> Open {
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
        }
    }

    /// The byte at a place; NUL behind the end.
    #[inline]
    pub(crate) fn byte(&self, at: usize) -> u8 {
        scan::byte(self.bytes, at)
    }

    // ---------------------------------------------------------------------------------------------- the document

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
        if self.bytes.get(self.at..).is_some_and(|it| it.starts_with(b"<?xml"))
            && scan::is_space(self.byte(self.at + 5))
        {
            match crate::declaration::read(self.bytes, self.at) {
                Ok((end, says)) => (self.at, utf_8) = (end, says),
                Err((code, at)) => return Err(self.fail(code, at)),
            }
        }
        self.misc()?;
        if self.byte(self.at) != b'<' {
            let code =
                if self.at >= self.bytes.len() { FaultCode::FrameTruncated } else { FaultCode::XmlSyntax };
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
    fn misc(&mut self) -> Result<(), Broken> {
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

    // ------------------------------------------------------------------------------------------------- parts

    /// Opens the element of a head or an item; `cut` is its number among the cuts, from 1.
    fn cut_item(&mut self, cut: usize, number: u64) -> Result<(), Broken> {
        self.misc()?;
        let transition = self.cut_transition(cut, number)?;
        self.set_count(&transition, number);
        (self.is_occurrence, self.is_first) = (true, true);
        self.cut_element(&transition)
    }

    /// Goes on behind the items of a cut.
    fn skip_items(&mut self, cut: usize, number: u64) -> Result<(), Broken> {
        let transition = self.cut_transition(cut, number)?;
        self.set_count(&transition, number);
        Ok(())
    }

    fn set_count(&mut self, transition: &Transition, number: u64) {
        if let Some(top) = self.scratch.stack.last_mut() {
            top.state = transition.next;
            top.count = u32::try_from(number).unwrap_or(u32::MAX - 1);
        }
    }

    /// The transition by which the occurrence of this number of a cut may come next.
    fn cut_transition(&mut self, cut: usize, number: u64) -> Result<Transition, Broken> {
        let cut = cut.checked_sub(1).and_then(|it| self.program.cuts.get(it)).copied();
        let top = self.scratch.stack.last().copied();
        let (Some(cut), Some(top)) = (cut, top) else { return Err(self.fail(FaultCode::XmlSyntax, self.at)) };
        let state = self.layout.states.get(top.state as usize).copied();
        let (Some(state), true) = (state, cut.parent == top.node) else {
            return Err(self.fail(FaultCode::XmlSyntax, self.at));
        };
        let found = self.layout.transitions(&state).iter().find(|it| it.member == cut.member).copied();
        let max = |it: &Transition| self.layout.states.get(it.next as usize).map_or(0, |it| it.max);
        match found {
            Some(it) if top.count < state.min && !it.again => Err(self.unexpected(&top, self.at)),
            Some(it) if max(&it) != u32::MAX && number > u64::from(max(&it)) => {
                Err(self.unexpected(&top, self.at))
            }
            Some(it) => Ok(it),
            None => Err(self.unexpected(&top, self.at)),
        }
    }

    /// Leaves what is open for the parts below this head.
    fn save(&mut self) {
        let context = self.record.context_mut();
        for open in self.scratch.stack.iter().skip(self.base) {
            let name = name_of(open, self.bytes, &self.scratch.names);
            context.extend_from_slice(&open.node.to_le_bytes());
            context.extend_from_slice(&open.state.to_le_bytes());
            context.extend_from_slice(&open.count.to_le_bytes());
            context.extend_from_slice(&open.row.to_le_bytes());
            context.extend_from_slice(&open.gap.to_le_bytes());
            context.extend_from_slice(&open.bindings.to_le_bytes());
            context.extend_from_slice(&u32::from(open.member).to_le_bytes());
            context.extend_from_slice(&[open.flags, self.level]);
            push_bytes(context, name);
        }
        // All namespaces in scope, with how many elements they came after: few, and the last list holds.
        let all = &self.scratch.namespaces;
        context.extend_from_slice(&NONE.to_le_bytes());
        all.save(context);
    }

    /// Opens again what earlier heads left open.
    fn restore(&mut self) {
        if self.scratch.is_restored && self.scratch.restored == self.record.context() {
            self.scratch.stack.truncate(self.scratch.restored_depth);
            self.scratch.namespaces.rewind();
            self.base = self.scratch.restored_depth;
            if let Some(top) = self.scratch.stack.last_mut() {
                (top.state, top.count) = self.scratch.namespaces.kept_state;
            }
            return;
        }
        self.begin_message();
        let scratch = &mut *self.scratch;
        scratch.restored.clear();
        scratch.restored.extend_from_slice(self.record.context());
        let mut bytes = scratch.restored.as_slice();
        while let Some(first) = take_u32(&mut bytes) {
            if first == NONE {
                scratch.namespaces.restore(&mut bytes);
                continue;
            }
            let mut field = || take_u32(&mut bytes).unwrap_or(0);
            let (state, count, row, gap, bindings, member) =
                (field(), field(), field(), field(), field(), field());
            let [flags, level] = [take_u8(&mut bytes), take_u8(&mut bytes)];
            let text = take_bytes(&mut bytes);
            let name = u32::try_from(scratch.names.len()).unwrap_or(0);
            scratch.names.extend_from_slice(text);
            scratch.stack.push(Open {
                node: first,
                state,
                count,
                row,
                member: u16::try_from(member).unwrap_or(NO_MEMBER),
                level,
                flags: flags | RESTORED,
                at: 0,
                content: 0,
                name,
                name_length: u32::try_from(text.len()).unwrap_or(0),
                bindings,
                gap,
            });
        }
        scratch.namespaces.hold(self.layout);
        scratch.namespaces.kept_state = scratch.stack.last().map_or((0, 0), |it| (it.state, it.count));
        scratch.is_restored = true;
        scratch.restored_depth = scratch.stack.len();
        self.base = scratch.restored_depth;
    }

    // ----------------------------------------------------------------------------------------------- content

    /// Reads on until no more than so many elements are open.
    fn content(&mut self, base: usize) -> Result<(), Broken> {
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
            let code =
                if rest.starts_with(b"<!DOCTYPE") { FaultCode::XmlDoctype } else { FaultCode::XmlSyntax };
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
        let (at, length) =
            (u32::try_from(from).unwrap_or(0), u32::try_from(to.saturating_sub(from)).unwrap_or(0));
        let slot = self
            .record
            .hold(at, length, |out| canonical.write(scan::slice(bytes, from, to), namespaces, out));
        for place in self.program.values(node) {
            self.record.set(*place, slot);
        }
    }

    pub(crate) fn bad_end(&mut self, tag: usize) -> Broken {
        let from = tag + 2;
        let end = scan::name(self.bytes, from);
        let end = if self.byte(end) == b':' { scan::name(self.bytes, end + 1) } else { end };
        let behind = scan::skip_space(self.bytes, end);
        let code = if behind >= self.bytes.len() {
            FaultCode::FrameTruncated
        } else if end == from || self.byte(behind) != b'>' {
            FaultCode::XmlSyntax
        } else {
            FaultCode::XmlMismatch
        };
        self.fail(code, tag)
    }

    /// Notes what an element lacks.
    #[inline(never)]
    fn check_complete(&mut self, open: &Open, tag: usize) {
        let kind = self.layout.kinds.get(self.program.get(open.node).kind as usize);
        let missing = match kind.map(|it| it.content) {
            Some(Content::Elements(_)) => {
                let Some(state) = self.layout.states.get(open.state as usize) else { return };
                if open.count >= state.min && state.last {
                    return;
                }
                self.expected(open, state)
            }
            Some(Content::All { first, required, optional, .. }) => {
                let seen = seen(open);
                let lacks = required & !seen;
                if lacks == 0 || (optional && seen == 0) {
                    return;
                }
                let member = self.layout.transitions.get(first as usize + lacks.trailing_zeros() as usize);
                member.map_or(NO_MEMBER, |it| it.member)
            }
            _ => return,
        };
        let fault = self.fault(FaultCode::XmlMissing, tag);
        self.faults.push(fault.detail(missing.wrapping_add(1)));
    }

    /// The member that a content model waits for; `NO_MEMBER` if for none in particular.
    pub(crate) fn expected(&self, open: &Open, state: &State) -> u16 {
        if open.count < state.min {
            return state.member;
        }
        // What must come next stands behind what may.
        let last = self.layout.transitions(state).iter().rfind(|it| !it.again);
        last.filter(|_| !state.last).map_or(NO_MEMBER, |it| it.member)
    }

    pub(crate) fn unexpected(&mut self, top: &Open, at: usize) -> Broken {
        let kind = self.layout.kinds.get(self.program.get(top.node).kind as usize);
        let member = match (kind.map(|it| it.content), self.layout.states.get(top.state as usize)) {
            (Some(Content::Elements(_)), Some(state)) => self.expected(top, state),
            _ => NO_MEMBER,
        };
        let code = if self.scratch.stack.len() <= 1 { FaultCode::XmlRoot } else { FaultCode::XmlUnexpected };
        let fault = self.fault(code, at);
        self.faults.push(fault.detail(member.wrapping_add(1)));
        Broken
    }

    // ------------------------------------------------------------------------------------------------ values

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

    // ------------------------------------------------------------------------------------------------ faults

    /// Notes what the part cannot be read behind of.
    #[cold]
    pub(crate) fn fail(&mut self, code: FaultCode, at: usize) -> Broken {
        let fault = self.fault(code, at);
        self.faults.push(fault);
        Broken
    }

    /// A fault of the innermost open element.
    #[cold]
    pub(crate) fn fault(&self, code: FaultCode, at: usize) -> Fault {
        let fault = Fault::new(code, self.start + at as u64);
        let (field, rows) = self.field();
        if field == Schema::ROOT { fault } else { fault.at(field) }.rows(rows)
    }

    /// A fault of a member of the innermost open element.
    #[cold]
    pub(crate) fn fault_of(&self, code: FaultCode, at: usize, member: u16, row: u32) -> Fault {
        let fault = self.fault(code, at);
        let foreign = self.scratch.stack.iter().any(|it| it.flags & (FOREIGN | WILD) != 0);
        if member == NO_MEMBER || foreign {
            return fault;
        }
        let parent = fault.field.unwrap_or(Schema::ROOT);
        let schema = &self.layout.schema;
        let field = schema.nth(parent, u32::from(member));
        let mut rows = fault.rows;
        let own = self.is_occurrence && self.scratch.stack.len() == self.base;
        if !own
            && schema.repeats(field)
            && let Some(free) = rows.iter_mut().find(|it| **it == 0)
        {
            *free = row;
        }
        fault.at(field).rows(rows)
    }

    /// The deepest field that is open, and the occurrences on its path within the part.
    fn field(&self) -> (FieldId, [u32; 2]) {
        let schema = &self.layout.schema;
        let (mut field, mut rows, mut count) = (Schema::ROOT, [0; 2], 0);
        for (depth, open) in self.scratch.stack.iter().enumerate().skip(1) {
            if open.member == NO_MEMBER {
                break;
            }
            field = schema.nth(field, u32::from(open.member));
            let own = open.flags & RESTORED != 0 || (self.is_occurrence && depth == self.base);
            if schema.repeats(field) && !own {
                if let Some(row) = rows.get_mut(count) {
                    *row = open.row;
                }
                count += 1;
            }
            if open.flags & (FOREIGN | WILD) != 0 {
                break;
            }
        }
        (field, rows)
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

pub(crate) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(bytes);
}

pub(crate) fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (first, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*first))
}

pub(crate) fn take_u8(bytes: &mut &[u8]) -> u8 {
    let Some((first, rest)) = bytes.split_first() else { return 0 };
    *bytes = rest;
    *first
}

pub(crate) fn take_bytes<'b>(bytes: &mut &'b [u8]) -> &'b [u8] {
    let length = take_u32(bytes).unwrap_or(0) as usize;
    let (first, rest) = bytes.split_at_checked(length).unwrap_or((&[], &[]));
    *bytes = rest;
    first
}

/// Checks XML that is to be written as it stands.
#[derive(Debug, Default)]
pub(crate) struct Fragment {
    tools: Option<Box<Tools>>,
}

#[derive(Debug)]
struct Tools {
    layout: Layout,
    program: Program,
    scratch: Scratch,
    record: Record,
    faults: Faults,
    depth_max: usize,
}

impl Fragment {
    /// Whether the bytes are the content of an element: text and whole elements, with their namespaces.
    pub(crate) fn is_well_formed(&mut self, bytes: &[u8]) -> bool {
        let limits = Limits::default();
        let tools = self.tools.get_or_insert_with(|| {
            let layout = Layout::nothing();
            let reading = Reading { wanted: &[], cut: &[], limits: &limits, plain: false };
            Box::new(Tools {
                program: Program::new(&layout, &reading),
                layout,
                scratch: Scratch::default(),
                record: Record::new(&[], &[]),
                faults: Faults::new(1),
                depth_max: usize::try_from(limits.depth_max).unwrap_or(usize::MAX),
            })
        });
        tools.faults.clear();
        let mut run = Run {
            layout: &tools.layout,
            program: &tools.program,
            bytes,
            at: 0,
            scratch: &mut tools.scratch,
            record: &mut tools.record,
            faults: &mut tools.faults,
            depth_max: tools.depth_max,
            level: 0,
            is_head: true,
            start: 0,
            base: 1,
            is_occurrence: false,
            is_first: false,
        };
        run.begin_message();
        let around = Open { flags: WILD | SKIPPED | FOREIGN, node: NONE, ..run.root() };
        run.scratch.stack.push(around);
        let read = simdutf8::basic::from_utf8(bytes).is_ok() && run.content(1).is_ok();
        read && run.at == bytes.len() && run.scratch.stack.len() == 2 && tools.faults.is_empty()
    }
}
