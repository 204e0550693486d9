//! Start tags to elements of the schema, and the values in them.
//! Everything that may be written is read here; what nearly always is, by [`Run::quick`](crate::decode::Run).

use crate::{
    complex::Process,
    decode::{Broken, FOREIGN, MIXED, Open, RESTORED, Run, SKIPPED, Scratch, WILD, allows, clean_bytes, seen},
    layout::{Content, NO_MEMBER, NONE, Transition},
    reading::{Node, Rows},
    scan::{self, AMPERSAND, CONTROL},
    tag::Tag,
};
use latimer_engine::{FaultCode, Kind as EngineKind, Slot, TypeId};

/// An element that begins: what it is and where.
#[derive(Clone, Copy, Debug)]
struct Start {
    element: u32,
    node: u32,
    member: u16,
    row: u32,
    /// The `<`, and the end of the name.
    at: usize,
    name_end: usize,
    flags: u8,
    /// The node of the wildcard it stands for, or `NONE`.
    gap: u32,
}

/// A name as it is meant: its namespace, and where its local part stands.
struct Named {
    namespace: u32,
    local: usize,
    name_end: usize,
}

impl<'a> Run<'a> {
    /// Reads a start tag, and a value with its end tag.
    #[inline(never)]
    pub(crate) fn open(&mut self) -> Result<(), Broken> {
        let at = self.at;
        let Some(top) = self.scratch.stack.last().copied() else { return Err(Broken) };
        if let Some((transition, end)) = self.predict(&top, at) {
            let tag = self.tag(end)?;
            if !tag.declares {
                self.advance(transition);
                return self.begin(transition, at, end, &tag);
            }
            return self.open_named(&top, end, &tag);
        }
        let end = self.tag_name(at)?;
        let tag = self.tag(end)?;
        self.open_named(&top, end, &tag)
    }

    /// The transition whose element begins here, if its tag is spelled as nearly all are.
    fn predict(&mut self, top: &Open, at: usize) -> Option<(&'a Transition, usize)> {
        let (layout, node) = (self.layout, self.program.get(top.node));
        if !node.has_states {
            return None;
        }
        let state = layout.states.get(top.state as usize)?;
        let tag = crate::quick::TagHere { bytes: self.bytes, namespaces: &self.scratch.namespaces, layout, at };
        let (number, transition, end) = tag.find(state, top.count)?;
        self.scratch.learn(self.program, layout, node.learned.wrapping_add(top.state) as usize, [top.node, number]);
        Some((transition, end))
    }

    /// Notes that a group is there. How long it is shows at its end, which may come in another part.
    pub(crate) fn note_presence(&mut self, open: &Open) {
        for place in self.program.presences(self.program.get(open.node)) {
            self.record.set(*place, Slot::group(open.at, 0));
        }
    }

    /// Where the name of the tag here ends.
    fn tag_name(&mut self, at: usize) -> Result<usize, Broken> {
        let mut from = at + 1;
        let mut end = scan::name(self.bytes, from);
        if end > from && self.byte(end) == b':' {
            from = end + 1;
            end = scan::name(self.bytes, from);
        }
        if end > from {
            return Ok(end);
        }
        let code = if end >= self.bytes.len() { FaultCode::FrameTruncated } else { FaultCode::XmlSyntax };
        Err(self.fail(code, end))
    }

    #[inline]
    fn advance(&mut self, transition: &Transition) {
        if let Some(top) = self.scratch.stack.last_mut() {
            top.count = if transition.again { top.count.saturating_add(1) } else { 1 };
            top.state = transition.next;
        }
    }

    /// Begins the element of a head or an item, to which its parent's content model was advanced.
    pub(crate) fn cut_element(&mut self, transition: &Transition) -> Result<(), Broken> {
        let at = self.at;
        let Some(top) = self.scratch.stack.last().copied() else { return Err(Broken) };
        if self.byte(at) != b'<' {
            let code = if at >= self.bytes.len() { FaultCode::FrameTruncated } else { FaultCode::XmlSyntax };
            return Err(self.fail(code, at));
        }
        let end = self.tag_name(at)?;
        let tag = self.tag(end)?;
        let (namespace, local) = self.resolve(at, end)?;
        let element = self.layout.elements.get(transition.element as usize);
        if element.is_none_or(|it| it.namespace != namespace || *it.name != *scan::slice(self.bytes, local, end)) {
            return Err(self.unexpected(&top, at));
        }
        self.begin(transition, at, end, &tag)
    }

    /// The namespace of a tag's name, and where its local part begins.
    fn resolve(&mut self, at: usize, name_end: usize) -> Result<(u32, usize), Broken> {
        let name = scan::slice(self.bytes, at + 1, name_end);
        let colon = name.iter().position(|it| *it == b':');
        let prefix = colon.and_then(|colon| name.get(..colon)).unwrap_or_default();
        match self.scratch.namespaces.find(prefix) {
            Some((namespace, _)) => Ok((namespace, at + 1 + colon.map_or(0, |colon| colon + 1))),
            None => Err(self.fail(FaultCode::XmlNamespace, at)),
        }
    }

    /// Finds what a tag that was read is, by its namespace and name.
    fn open_named(&mut self, top: &Open, name_end: usize, tag: &Tag) -> Result<(), Broken> {
        let at = self.at;
        let (namespace, local) = self.resolve(at, name_end)?;
        let layout = self.layout;
        if top.flags & WILD != 0 {
            let process = if top.flags & SKIPPED != 0 { Process::Skip } else { Process::Lax };
            return self.open_gap(process, namespace, local, Start { flags: FOREIGN, ..start(at, name_end) }, tag);
        }
        let found = Named { namespace, local, name_end };
        let kind = layout.kinds.get(self.program.get(top.node).kind as usize);
        match kind.map(|it| it.content) {
            Some(Content::Elements(_)) => self.open_next(top, &found, tag),
            Some(Content::All { first, count, .. }) => self.open_of_all(top, (first, count), &found, tag),
            Some(Content::Anything) => {
                let begun = Start { flags: FOREIGN, ..start(at, name_end) };
                self.open_gap(Process::Lax, namespace, local, begun, tag)
            }
            _ => Err(self.unexpected(top, at)),
        }
    }

    fn is_named(&self, transition: &Transition, found: &Named) -> bool {
        let element = self.layout.elements.get(transition.element as usize);
        let name = scan::slice(self.bytes, found.local, found.name_end);
        element.is_some_and(|it| it.namespace == found.namespace && *it.name == *name)
    }

    /// The next element of an ordered content model: one that is named there, or else one that a wildcard takes.
    fn open_next(&mut self, top: &Open, found: &Named, tag: &Tag) -> Result<(), Broken> {
        let (layout, at) = (self.layout, self.at);
        let Some(state) = layout.states.get(top.state as usize) else { return Err(Broken) };
        let transitions = layout.transitions(state);
        let named = transitions.iter().find(|it| self.is_named(it, found) && allows(it, state, top.count));
        if let Some(named) = named {
            self.advance(named);
            return self.begin(named, at, found.name_end, tag);
        }
        let free = |again: bool| match again {
            true => state.max == u32::MAX || top.count < state.max,
            false => top.count >= state.min,
        };
        let takes = |wildcard: u32| layout.wildcards.get(wildcard as usize).is_some_and(|it| it.takes(found.namespace));
        if let Some(gap) = layout.gaps(state).iter().find(|it| free(it.again) && takes(it.wildcard)) {
            let row = if gap.again { top.count.saturating_add(1) } else { 1 };
            if let Some(top) = self.scratch.stack.last_mut() {
                (top.state, top.count) = (gap.next, row);
            }
            let node = match gap.member {
                NO_MEMBER => NONE,
                member => self.program.child(self.program.get(top.node), member, NONE),
            };
            let process = layout.wildcards.get(gap.wildcard as usize).map_or(Process::Strict, |it| it.process);
            let begun = Start { member: gap.member, row, gap: node, flags: FOREIGN, ..start(at, found.name_end) };
            return self.open_gap(process, found.namespace, found.local, begun, tag);
        }
        let name = scan::slice(self.bytes, found.local, found.name_end);
        let misplaced = transitions.iter().find(|it| {
            let element = layout.elements.get(it.element as usize);
            element.is_some_and(|it| it.namespace != found.namespace && *it.name == *name)
        });
        match misplaced {
            Some(it) if self.scratch.stack.len() > 1 => {
                let fault = self.fault_of(FaultCode::XmlNamespace, at, it.member, 0);
                self.faults.push(fault);
                Err(Broken)
            }
            _ => Err(self.unexpected(top, at)),
        }
    }

    /// An element of an `all`, whose transitions are given by the first and how many: each may stand once.
    fn open_of_all(&mut self, top: &Open, all: (u32, u16), found: &Named, tag: &Tag) -> Result<(), Broken> {
        let (first, at) = (all.0 as usize, self.at);
        let transitions = self.layout.transitions.get(first..first + usize::from(all.1)).unwrap_or_default();
        let bit = transitions.iter().position(|it| self.is_named(it, found));
        let Some((bit, transition)) = bit.filter(|bit| seen(top) >> bit & 1 == 0).zip(bit.and_then(|it| transitions.get(it)))
        else {
            return Err(self.unexpected(top, at));
        };
        let now = seen(top) | 1 << bit;
        if let Some(top) = self.scratch.stack.last_mut() {
            (top.state, top.count) = (half(now >> 32), half(now & u64::from(u32::MAX)));
        }
        self.begin(transition, at, found.name_end, tag)
    }

    /// Begins an element that a wildcard takes.
    fn open_gap(&mut self, process: Process, namespace: u32, local: usize, begun: Start, tag: &Tag) -> Result<(), Broken> {
        if begun.gap != NONE {
            let rows = self.program.get(begun.gap).rows;
            self.open_row(rows);
        }
        let name = scan::slice(self.bytes, local, begun.name_end);
        let declared = if process == Process::Skip { None } else { self.layout.globals.get(namespace, name) };
        if let Some(element) = declared {
            let node = self.layout.elements.get(element as usize).map_or(NONE, |it| it.kind);
            return self.enter(&Start { element, node, ..begun }, tag);
        }
        if process == Process::Strict {
            let Some(top) = self.scratch.stack.last().copied() else { return Err(Broken) };
            return Err(self.unexpected(&top, begun.at));
        }
        let wild = WILD | FOREIGN | if process == Process::Skip { SKIPPED } else { 0 };
        let open = self.push(&Start { node: NONE, flags: wild, ..begun }, tag, 0)?;
        if tag.empty { self.leave(&open, tag.end) } else { Ok(()) }
    }

    /// Begins an element that the schema names, whose content model was advanced to it.
    fn begin(&mut self, transition: &Transition, at: usize, name_end: usize, tag: &Tag) -> Result<(), Broken> {
        let Some(top) = self.scratch.stack.last() else { return Err(Broken) };
        let row = top.count;
        let node = self.program.child(self.program.get(top.node), transition.member, transition.kind);
        let rows = self.program.get(node).rows;
        self.open_row(rows);
        let (element, member) = (transition.element, transition.member);
        self.enter(&Start { element, node, member, row, ..start(at, name_end) }, tag)
    }

    /// Opens an element; reads its value if it has one.
    fn enter(&mut self, start: &Start, tag: &Tag) -> Result<(), Broken> {
        let Some(element) = self.layout.elements.get(start.element as usize) else { return Err(Broken) };
        let mut node = start.node;
        let mut flags = start.flags;
        let mut open = self.push(&Start { node, ..*start }, tag, 0)?;
        if !tag.has_attributes {
            self.scratch.attributes.clear();
        }
        let instance = self.instance();
        if let Some(index) = instance.kind {
            let (kind, value_at) = self.instance_type(index);
            let from = self.layout.kinds.get(element.kind as usize);
            let anything = from.is_some_and(|it| it.content == Content::Anything);
            let same = kind == element.kind;
            let blocked = element.blocks || from.is_some_and(|it| it.blocks);
            if kind == NONE || (!same && (blocked || !(anything || self.layout.is_derived(kind, element.kind)))) {
                return Err(self.fail(FaultCode::XmlType, value_at));
            }
            if !same {
                node = self.program.variant(node, kind);
                flags |= FOREIGN;
            }
        }
        let Some(kind) = self.layout.kinds.get(self.program.get(node).kind as usize) else {
            return Err(Broken);
        };
        if kind.is_abstract || element.is_abstract {
            return Err(self.fail(FaultCode::XmlType, start.at));
        }
        open.node = node;
        open.flags = flags | if kind.mixed { MIXED } else { 0 };
        (open.state, open.count) = match kind.content {
            Content::Elements(state) => (state, 0),
            _ => (0, 0),
        };
        if let Some(top) = self.scratch.stack.last_mut() {
            *top = open;
        }
        self.note_presence(&open);
        if tag.has_attributes || kind.attributes.1 > 0 {
            self.check_attributes(node, kind, start.at);
        }
        match instance.nil {
            Some(_) if !element.nillable => {
                let fault = self.fault(FaultCode::XmlNil, start.at);
                self.faults.push(fault);
            }
            Some(true) => return self.nil(&open, element.fixed.is_some(), tag),
            _ => {}
        }
        if kind.content == Content::Value {
            return self.open_value(&Start { node, flags, ..*start }, &open, tag);
        }
        if tag.empty { self.leave(&open, start.at) } else { Ok(()) }
    }

    #[inline]
    fn push(&mut self, start: &Start, tag: &Tag, state: u32) -> Result<Open, Broken> {
        if self.scratch.stack.len() > self.depth_max {
            return Err(self.fail(FaultCode::XmlDepth, start.at));
        }
        let place = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let open = Open {
            node: start.node,
            state,
            count: 0,
            row: start.row,
            member: start.member,
            level: 0,
            flags: start.flags,
            at: place(start.at),
            content: place(tag.end),
            name: place(start.at + 1),
            name_length: place(start.name_end - start.at - 1),
            bindings: place(tag.bindings),
            gap: start.gap,
            spelled: NONE,
        };
        self.scratch.stack.push(open);
        self.at = tag.end;
        Ok(open)
    }

    /// An element that says it is nil: nothing may stand in it (XML Schema part 1, section 3.3.4).
    fn nil(&mut self, open: &Open, fixed: bool, tag: &Tag) -> Result<(), Broken> {
        if fixed {
            let fault = self.fault(FaultCode::XmlNil, open.at as usize);
            self.faults.push(fault);
        }
        if !tag.empty {
            while self.byte(self.at) == b'<' && matches!(self.byte(self.at + 1), b'!' | b'?') {
                let before = self.at;
                self.markup(0)?;
                if self.bytes.get(before..).is_some_and(|it| it.starts_with(b"<![")) && self.at > before + 12 {
                    return Err(self.fail(FaultCode::XmlNil, before));
                }
            }
            if self.byte(self.at) != b'<' || self.byte(self.at + 1) != b'/' {
                let code = if self.at >= self.bytes.len() { FaultCode::FrameTruncated } else { FaultCode::XmlNil };
                return Err(self.fail(code, self.at));
            }
            self.end_tag(self.at, open.name as usize, (open.name + open.name_length) as usize)?;
        }
        // There is no content model to complete: it counts as read.
        if let Some(top) = self.scratch.stack.last_mut() {
            top.flags |= WILD;
        }
        let open = Open { flags: open.flags | WILD, ..*open };
        if self.plain && !self.can_show_nil(open.node) {
            let fault = self.fault(FaultCode::XmlNilGroup, open.at as usize);
            self.faults.push(fault);
        }
        self.leave(&open, open.at as usize)?;
        if self.plain {
            self.keep_nil(open.node);
        }
        Ok(())
    }

    /// Whether the plain form has a place for a nil: a group has none for its attributes then, and one of many none at all.
    fn can_show_nil(&self, node: u32) -> bool {
        let node = self.program.get(node);
        let is_one_of_many = node.rows != Rows::No && self.program.values(node).is_empty();
        self.is_leaf(node) || !node.is_wanted() || !(is_one_of_many || self.has_own_attributes())
    }

    fn is_leaf(&self, node: &Node) -> bool {
        matches!(self.layout.schema.type_def(TypeId(node.kind)).kind, EngineKind::Leaf(_) | EngineKind::Any)
    }

    /// Notes for the plain form what is nil: the value of a leaf, the presence of a group.
    fn keep_nil(&mut self, node: u32) {
        let node = self.program.get(node);
        let is_leaf = self.is_leaf(node);
        let (values, presences) = (self.program.values(node), self.program.presences(node));
        for place in values.iter().chain(presences.iter().filter(|_| !is_leaf)) {
            self.record.set(*place, Slot::NIL);
        }
    }

    fn open_value(&mut self, start: &Start, open: &Open, tag: &Tag) -> Result<(), Broken> {
        if tag.empty {
            self.value_or_default(start, tag.end, tag.end, false);
        } else {
            let (from, to, held) = self.value_text(start.at + 1, start.name_end)?;
            self.value_or_default(start, from, to, held);
        }
        self.leave(open, start.at)
    }

    /// Reads text to the end tag and behind it: where it stands, and whether it is in the scratch text instead.
    #[inline]
    fn value_text(&mut self, name: usize, name_end: usize) -> Result<(usize, usize, bool), Broken> {
        let from = self.at;
        let (end, met) = scan::text(self.bytes, from);
        if self.byte(end + 1) == b'/' && met & AMPERSAND == 0 && end < self.bytes.len() {
            if met != 0 {
                self.check_text(from, end, met)?;
            }
            if met & CONTROL == 0 || !scan::slice(self.bytes, from, end).contains(&b'\r') {
                self.end_tag(end, name, name_end)?;
                return Ok((from, end, false));
            }
        }
        self.glued_text(name, name_end)
    }

    /// Text with references, CDATA sections, comments or CR.
    #[cold]
    fn glued_text(&mut self, name: usize, name_end: usize) -> Result<(usize, usize, bool), Broken> {
        let from = self.at;
        self.scratch.text.clear();
        loop {
            let (end, met) = scan::text(self.bytes, self.at);
            if end > self.at {
                self.check_text(self.at, end, met)?;
                let text = scan::slice(self.bytes, self.at, end);
                if let Err((code, at)) = scan::append_text(text, &mut self.scratch.text) {
                    return Err(self.fail(code, self.at + at));
                }
            }
            self.at = end;
            if end >= self.bytes.len() {
                return Err(self.fail(FaultCode::FrameTruncated, end));
            }
            match self.byte(end + 1) {
                b'/' => {
                    self.end_tag(end, name, name_end)?;
                    return Ok((from, end, true));
                }
                b'!' if self.bytes.get(end..).is_some_and(|it| it.starts_with(b"<![")) => {
                    let (from, to) = self.cdata()?;
                    // There are no references in it, so only line ends change.
                    let mut text = scan::slice(self.bytes, from, to);
                    while let Some(cr) = memchr::memchr(b'\r', text) {
                        self.scratch.text.extend_from_slice(text.get(..cr).unwrap_or_default());
                        self.scratch.text.push(b'\n');
                        let behind = cr + 1 + usize::from(scan::byte(text, cr + 1) == b'\n');
                        text = text.get(behind..).unwrap_or_default();
                    }
                    self.scratch.text.extend_from_slice(text);
                }
                b'!' | b'?' => self.markup(0)?,
                _ => {
                    let at = self.at;
                    self.tag_name(at)?;
                    return Err(self.fail(FaultCode::XmlUnexpected, at));
                }
            }
        }
    }

    /// Reads the end tag of the element whose name stands at a place.
    #[inline]
    fn end_tag(&mut self, tag: usize, name: usize, name_end: usize) -> Result<(), Broken> {
        let end = tag + 2 + name_end - name;
        if scan::slice(self.bytes, tag + 2, end) == scan::slice(self.bytes, name, name_end) && self.byte(tag + 1) == b'/' {
            if self.byte(end) == b'>' {
                self.at = end + 1;
                return Ok(());
            }
            let end = scan::skip_space(self.bytes, end);
            if self.byte(end) == b'>' {
                self.at = end + 1;
                return Ok(());
            }
        }
        Err(self.bad_end(tag))
    }

    /// Checks a value and keeps it where it is wanted.
    #[inline]
    fn value(&mut self, start: &Start, from: usize, to: usize, held: bool) {
        let node = self.program.get(start.node);
        let (layout, part) = (self.layout, self.bytes);
        let Some(simple) = layout.simples.get(node.simple as usize) else { return };
        let Scratch { text, made, .. } = &mut *self.scratch;
        let bytes = if held { text.as_slice() } else { scan::slice(part, from, to) };
        match simple.read(bytes, made) {
            Some(_) if !node.is_watched => return,
            Some(clean) => self.keep(start.node, clean, from, to - from, held),
            None => self.bad_value(start, from),
        }
        for place in self.program.presences(node) {
            let offset = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            self.record.set(*place, Slot::group(offset(start.at), offset(self.at - start.at)));
        }
    }

    /// The same where the element may have a default, or may have one value only.
    fn value_or_default(&mut self, start: &Start, from: usize, to: usize, held: bool) {
        let element = self.layout.elements.get(start.element as usize);
        if element.is_none_or(|it| it.default.is_none() && it.fixed.is_none()) {
            return self.value(start, from, to, held);
        }
        let node = self.program.get(start.node);
        let (Some(simple), Some(element)) =
            (self.layout.simples.get(node.simple as usize), self.layout.elements.get(start.element as usize))
        else {
            return;
        };
        let Scratch { text, made, .. } = &mut *self.scratch;
        let mut bytes = if held { text.as_slice() } else { scan::slice(self.bytes, from, to) };
        let mut held = held;
        if let (true, Some(default)) = (bytes.is_empty(), element.default.as_ref().or(element.fixed.as_ref())) {
            text.clear();
            text.extend_from_slice(default);
            (bytes, held) = (text.as_slice(), true);
        }
        let clean = simple.read(bytes, made);
        let fixed = |clean| element.fixed.as_deref().is_none_or(|it| it == clean_bytes(clean, bytes, made));
        match clean {
            Some(clean) if fixed(clean) => self.keep(start.node, clean, from, to - from, held),
            _ => self.bad_value(start, from),
        }
    }

    #[cold]
    fn bad_value(&mut self, start: &Start, at: usize) {
        // A value without attributes was not opened: the innermost open element is the one around it.
        let opened = |it: &Open| it.flags & RESTORED == 0 && it.at as usize == start.at && start.at > 0;
        let fault = if self.scratch.stack.last().is_some_and(opened) {
            self.fault(FaultCode::XmlFacet, at)
        } else {
            self.fault_of(FaultCode::XmlFacet, at, start.member, start.row)
        };
        self.faults.push(fault);
    }
}

fn start(at: usize, name_end: usize) -> Start {
    Start { element: NONE, node: NONE, member: NO_MEMBER, row: 1, at, name_end, flags: 0, gap: NONE }
}

/// Half of a bit set.
fn half(bits: u64) -> u32 {
    u32::try_from(bits).unwrap_or(0)
}
