//! Values to canonical XML: literals with holes, in the order of the schema.
//!
//! Tags are bytes made once. A group that turns out to hold nothing is written as an empty tag. What is said here of each
//! piece is what holds; the commonest values are written by [`Script`](crate::script::Script), which has the pieces laid flat.
//!
//! **Invariant:** what comes out is well-formed whatever the values are: each is escaped, or is XML that was checked, or
//! refused.

use crate::{
    escape::{push_base64, push_hex, push_text},
    fragment::Fragment,
    layout::{Content, Element, Envelope, INSTANCE_NAMESPACE, Layout, NO_NAMESPACE, NONE, XML_NAMESPACE},
    scan,
    script::{PAGE, Script},
};
use latimer_engine::{
    Encoder, Fault, FaultCode, FieldId, Kind as EngineKind, Node, Place, Presence, Schema, Section, Shape, Slot, SlotKind, Type,
    Values,
};
use std::{ops::Range, sync::Arc};

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Writes the messages of one schema for one plan.
#[derive(Debug)]
pub(crate) struct XmlEncoder {
    layout: Arc<Layout>,
    literals: Vec<u8>,
    sections: Vec<Written>,
    fragment: Fragment,
    made: Vec<u8>,
    page: Box<[u8; PAGE]>,
}

/// How a section is written.
#[derive(Debug)]
struct Written {
    section: Section,
    pieces: Vec<Piece>,
    script: Script,
}

/// A stretch of the literals.
pub(crate) type Literal = Range<usize>;

/// A piece of a section.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Literal(Literal),
    /// A value between its tags; left out when absent. A list is one of them each.
    Leaf {
        open: Literal,
        close: Literal,
        hole: Hole,
    },
    /// A value whose tags are around it already.
    Value(Hole),
    /// An attribute, from the blank before its name.
    Attribute {
        open: Literal,
        hole: Hole,
    },
    Group {
        tags: Tags,
        presence: Presence,
        attributes: Vec<Piece>,
        content: Vec<Piece>,
    },
    /// The start of a group whose end is in another section, and the end. Of a group that begins with the only stream node of
    /// its section, the start tag is not ended before something stands in it.
    GroupOpens {
        tags: Tags,
        presence: Presence,
        attributes: Vec<Piece>,
        content: Vec<Piece>,
        is_around: bool,
    },
    GroupCloses {
        tags: Tags,
        presence: Presence,
        content: Vec<Piece>,
        is_around: bool,
    },
    Rows {
        place: Place,
        arena: u16,
        content: Vec<Piece>,
    },
    /// A literal that XML cannot hold.
    Unwritable(FieldId),
}

/// `<A>` and `</A>`.
#[derive(Clone, Debug)]
pub(crate) struct Tags {
    pub(crate) open: Literal,
    pub(crate) close: Literal,
    pub(crate) nillable: bool,
}

/// Where a value goes.
#[derive(Clone, Debug)]
pub(crate) struct Hole {
    field: FieldId,
    pub(crate) place: Place,
    pub(crate) spelling: Spelling,
    /// The simple type that has the last word, or `NONE`.
    pub(crate) check: u32,
    /// The element's only value.
    fixed: Option<Box<[u8]>>,
    /// Whether the element may say that it has no value.
    nillable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Text,
    Attribute,
    Base64,
    Hex,
    /// XML that stands for itself.
    Xml,
}

impl XmlEncoder {
    pub(crate) fn new(layout: Arc<Layout>, shape: &Shape) -> Self {
        let is_only = streams(&shape.nodes) == 1;
        let mut build = Build { layout: &layout, literals: Vec::new(), sections: Vec::new(), is_only };
        let declaration = build.literal(DECLARATION);
        let end = build.literal(b"\n");
        let mut halves = build.nodes(&shape.nodes, Schema::ROOT, NO_NAMESPACE);
        halves.before.insert(0, Piece::Literal(declaration));
        halves.last().push(Piece::Literal(end));
        build.sections(0, halves);
        let Build { literals, sections, .. } = build;
        let written = |(section, pieces): (Section, Vec<Piece>)| {
            let script = Script::new(&pieces, &literals);
            Written { section, pieces, script }
        };
        let sections = sections.into_iter().map(written).collect();
        XmlEncoder { layout, literals, sections, fragment: Fragment::default(), made: Vec::new(), page: Box::new([0; PAGE]) }
    }
}

// ---------------------------------------------------------------------------------------------------- at load

struct Build<'a> {
    layout: &'a Layout,
    literals: Vec<u8>,
    sections: Vec<(Section, Vec<Piece>)>,
    /// Whether the section has one stream node.
    is_only: bool,
}

/// How many stream nodes a section has.
fn streams(nodes: &[Node]) -> usize {
    let of = |node: &Node| match node {
        Node::Group(_, _, nodes) => streams(nodes),
        Node::Stream(..) => 1,
        _ => 0,
    };
    nodes.iter().map(of).sum()
}

/// The pieces before the stream node within, and those behind it if there is one.
struct Halves {
    before: Vec<Piece>,
    after: Option<Vec<Piece>>,
}

impl Halves {
    fn last(&mut self) -> &mut Vec<Piece> {
        self.after.as_mut().unwrap_or(&mut self.before)
    }
}

impl Build<'_> {
    fn literal(&mut self, bytes: &[u8]) -> Literal {
        let from = self.literals.len();
        self.literals.extend_from_slice(bytes);
        from..self.literals.len()
    }

    fn sections(&mut self, stream: u16, halves: Halves) {
        match halves.after {
            None => {
                self.sections.push((Section::Whole(stream), halves.before));
            }
            Some(after) => {
                self.sections.push((Section::Open(stream), halves.before));
                self.sections.push((Section::Close(stream), after));
            }
        }
    }

    /// The content of a field, whose elements without a prefix are in a namespace.
    fn nodes(&mut self, nodes: &[Node], within: FieldId, default: u32) -> Halves {
        let mut halves = Halves { before: Vec::new(), after: None };
        for node in nodes {
            match node {
                Node::Literal(field, text) => {
                    let piece = self.literal_node(*field, text, within, default);
                    halves.last().push(piece);
                }
                Node::Leaf(field, place) => {
                    let piece = self.leaf(*field, *place, within, default);
                    halves.last().push(piece);
                }
                Node::Group(field, presence, nodes) => {
                    let (open, close) = self.element(*field, presence.clone(), nodes, default);
                    halves.last().push(open);
                    if let Some(close) = close {
                        halves.after.get_or_insert_default().push(close);
                    }
                }
                Node::Rows(field, place, arena, nodes) => {
                    let (piece, _) = self.element(*field, Presence::Always, nodes, default);
                    halves.last().push(Piece::Rows { place: *place, arena: *arena, content: vec![piece] });
                }
                Node::Stream(field, stream, nodes) => {
                    let outer = std::mem::replace(&mut self.is_only, streams(nodes) == 1);
                    let (open, close) = self.element(*field, Presence::Always, nodes, default);
                    self.is_only = outer;
                    self.sections(*stream, Halves { before: vec![open], after: close.map(|it| vec![it]) });
                    halves.after.get_or_insert_default();
                }
            }
        }
        halves
    }

    /// The element of a field around its content; two halves if there is a stream node within.
    fn element(&mut self, field: FieldId, presence: Presence, nodes: &[Node], default: u32) -> (Piece, Option<Piece>) {
        let (tags, inner) = self.tags(field, default);
        let is_attribute = |node: &&Node| match node {
            Node::Literal(field, _) | Node::Leaf(field, _) => self.layout.schema.name_of(*field).starts_with('@'),
            _ => false,
        };
        let attributes: Vec<_> = nodes.iter().filter(is_attribute).cloned().collect();
        let content: Vec<_> = nodes.iter().filter(|it| !is_attribute(it)).cloned().collect();
        let attributes = self.nodes(&attributes, field, inner).before;
        let content = self.nodes(&content, field, inner);
        let begins = nodes.iter().find(|it| !is_attribute(it)).is_some_and(|it| matches!(it, Node::Stream(..)));
        let is_around = self.is_only && begins;
        match content.after {
            None => (Piece::Group { tags, presence, attributes, content: content.before }, None),
            Some(after) => {
                let closes = Piece::GroupCloses { tags: tags.clone(), presence: presence.clone(), content: after, is_around };
                (Piece::GroupOpens { tags, presence, attributes, content: content.before, is_around }, Some(closes))
            }
        }
    }

    /// The tags of a field, and the default namespace within them.
    fn tags(&mut self, field: FieldId, default: u32) -> (Tags, u32) {
        let layout = self.layout;
        let Some(element) = element_of(layout, field) else {
            return (Tags { open: 0..0, close: 0..0, nillable: false }, default);
        };
        if let Some(envelope) = layout.envelope.filter(|it| it.namespace == element.namespace) {
            return (self.envelope_tags(field, element, envelope), default);
        }
        let mut open = vec![b'<'];
        open.extend_from_slice(&element.name);
        if element.namespace != default {
            open.extend_from_slice(b" xmlns=\"");
            let uri = layout.namespaces.get(element.namespace as usize).map_or(&[][..], |it| it);
            let _ = push_text(uri, true, &mut open);
            open.push(b'"');
        }
        open.push(b'>');
        let close = [b"</", &*element.name, b">"].concat();
        let nillable = element.nillable && element.fixed.is_none();
        (Tags { open: self.literal(&open), close: self.literal(&close), nillable }, element.namespace)
    }

    /// The tags of an element of the envelope: with its prefix, which the root declares.
    fn envelope_tags(&mut self, field: FieldId, element: &Element, envelope: Envelope) -> Tags {
        let (prefix, name) = (envelope.prefix.as_bytes(), &*element.name);
        let mut open = [b"<", prefix, b":", name].concat();
        if self.layout.schema.parent(field) == Some(Schema::ROOT) {
            open.extend([b" xmlns:", prefix, b"=\""].concat());
            let uri = self.layout.namespaces.get(envelope.namespace as usize).map_or(&[][..], |it| it);
            let _ = push_text(uri, true, &mut open);
            open.push(b'"');
        }
        open.push(b'>');
        let close = [b"</", prefix, b":", name, b">"].concat();
        Tags { open: self.literal(&open), close: self.literal(&close), nillable: false }
    }

    fn literal_node(&mut self, field: FieldId, text: &str, within: FieldId, default: u32) -> Piece {
        let mut bytes = Vec::new();
        let attribute = self.layout.schema.name_of(field).starts_with('@');
        if attribute {
            bytes.extend(self.attribute_open(field));
        }
        if push_text(text.as_bytes(), attribute, &mut bytes).is_err() {
            return Piece::Unwritable(field);
        }
        if attribute {
            bytes.push(b'"');
        } else if field != within {
            let (tags, _) = self.tags(field, default);
            let mut whole = self.literals.get(tags.open).unwrap_or_default().to_vec();
            if bytes.is_empty() {
                whole.pop();
                whole.extend_from_slice(b"/>");
            } else {
                whole.append(&mut bytes);
                whole.extend_from_slice(self.literals.get(tags.close).unwrap_or_default());
            }
            bytes = whole;
        }
        Piece::Literal(self.literal(&bytes))
    }

    fn leaf(&mut self, field: FieldId, place: Place, within: FieldId, default: u32) -> Piece {
        let layout = self.layout;
        let name = layout.schema.name_of(field);
        let attribute = name.starts_with('@');
        let kind = layout.kinds.get(layout.schema.type_id(field).0 as usize);
        let spelling = match &layout.schema.type_of(field).kind {
            _ if attribute => Spelling::Attribute,
            EngineKind::Leaf(it) if matches!(**it, Type::Bytes(..)) => {
                if kind.is_some_and(|it| it.hex) {
                    Spelling::Hex
                } else {
                    Spelling::Base64
                }
            }
            EngineKind::Leaf(_) => Spelling::Text,
            _ => Spelling::Xml,
        };
        let fixed =
            if attribute { fixed_attribute(layout, field) } else { element_of(layout, field).and_then(|it| it.fixed.clone()) };
        let check = kind.filter(|it| it.says_more || fixed.is_some()).map_or(NONE, |it| it.simple);
        let nillable = !attribute && element_of(layout, field).is_some_and(|it| it.nillable && it.fixed.is_none());
        let hole = Hole { field, place, spelling, check, fixed, nillable };
        if attribute {
            let open = self.attribute_open(field);
            return Piece::Attribute { open: self.literal(&open), hole };
        }
        if field == within || name == crate::compile::WILD_FIELD {
            return Piece::Value(hole);
        }
        let (tags, _) = self.tags(field, default);
        Piece::Leaf { open: tags.open, close: tags.close, hole }
    }

    /// From the blank before an attribute's name to the quote before its value.
    fn attribute_open(&self, field: FieldId) -> Vec<u8> {
        let layout = self.layout;
        let mut open = vec![b' '];
        let Some(attribute) = attribute_of(layout, field) else { return open };
        let prefix = match attribute.namespace {
            NO_NAMESPACE => &b""[..],
            XML_NAMESPACE => b"xml:",
            INSTANCE_NAMESPACE => b"xsi:",
            _ => b"a:",
        };
        if prefix.len() == 2 || prefix == b"xsi:" {
            open.extend_from_slice(b"xmlns:");
            open.extend_from_slice(prefix.strip_suffix(b":").unwrap_or(prefix));
            open.extend_from_slice(b"=\"");
            let uri = layout.namespaces.get(attribute.namespace as usize).map_or(&[][..], |it| it);
            let _ = push_text(uri, true, &mut open);
            open.extend_from_slice(b"\" ");
        }
        open.extend_from_slice(prefix);
        open.extend_from_slice(&attribute.name);
        open.extend_from_slice(b"=\"");
        open
    }
}

/// The element of a field, as its parent's type declares it.
fn element_of(layout: &Layout, field: FieldId) -> Option<&Element> {
    let parent = layout.schema.parent(field)?;
    let member = layout.schema.member_index(field)?;
    let kind = layout.kinds.get(layout.schema.type_id(parent).0 as usize)?;
    let transitions = match kind.content {
        Content::All { first, count, .. } => layout.transitions.get(first as usize..first as usize + usize::from(count))?,
        Content::Elements(_) => {
            let states = layout.states.get(kind.states.0 as usize..(kind.states.0 + kind.states.1) as usize)?;
            let last = states.iter().map(|it| it.first as usize + usize::from(it.count)).max()?;
            layout.transitions.get(states.first()?.first as usize..last)?
        }
        _ => return None,
    };
    let found = transitions.iter().find(|it| u32::from(it.member) == member)?;
    layout.elements.get(found.element as usize)
}

fn attribute_of(layout: &Layout, field: FieldId) -> Option<&crate::layout::Attribute> {
    let parent = layout.schema.parent(field)?;
    let kind = layout.kinds.get(layout.schema.type_id(parent).0 as usize)?;
    layout.attributes(kind).get(layout.schema.member_index(field)? as usize)
}

fn fixed_attribute(layout: &Layout, field: FieldId) -> Option<Box<[u8]>> {
    attribute_of(layout, field)?.fixed.clone()
}

// --------------------------------------------------------------------------------------------------- at work

impl Encoder for XmlEncoder {
    fn encode(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let XmlEncoder { layout, literals, sections, fragment, made, page } = self;
        let mut writer = Writer { layout, literals, values, fragment, made, is_empty: false };
        let (asked, written) = match section {
            Section::First(it) => (Section::Open(it), false),
            Section::Empty(it) => {
                let opens = sections.iter().find(|it| it.section == Section::Open(section.stream()));
                writer.is_empty = opens.is_some_and(|it| writer.is_unended(&it.pieces));
                (Section::Close(it), !writer.is_empty)
            }
            _ => (section, true),
        };
        let Some(found) = sections.iter_mut().find(|it| it.section == asked) else { return Ok(()) };
        if written {
            return writer.script(&mut found.script, page, out);
        }
        if writer.is_empty {
            return writer.pieces(&found.pieces, out);
        }
        if writer.is_unended(&found.pieces) {
            out.push(b'>');
        }
        Ok(())
    }

    fn separator(&self) -> &'static [u8] {
        b""
    }
}

#[cfg(test)]
impl XmlEncoder {
    /// Writes a section as its pieces say.
    pub(crate) fn by_pieces(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let XmlEncoder { layout, literals, sections, fragment, made, .. } = self;
        let mut writer = Writer { layout, literals, values, fragment, made, is_empty: false };
        let found = sections.iter().find(|it| it.section == section);
        found.map_or(Ok(()), |it| writer.pieces(&it.pieces, out))
    }
}

pub(crate) struct Writer<'a, 'v> {
    layout: &'a Layout,
    literals: &'a [u8],
    pub(crate) values: &'a mut Values<'v>,
    fragment: &'a mut Fragment,
    made: &'a mut Vec<u8>,
    /// Whether there was no occurrence in a group that begins with them: its start tag is not ended yet.
    is_empty: bool,
}

impl Writer<'_, '_> {
    #[inline]
    fn put(&self, range: &Literal, out: &mut Vec<u8>) {
        out.extend_from_slice(scan::slice(self.literals, range.start, range.end));
    }

    pub(crate) fn pieces(&mut self, pieces: &[Piece], out: &mut Vec<u8>) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => self.put(literal, out),
                Piece::Leaf { open, close, hole } => self.leaf(open, close, hole, out)?,
                Piece::Value(hole) => self.each(hole, out, |it, slot, out| it.value(hole, slot, out))?,
                Piece::Attribute { open, hole } => self.attribute(open, hole, out)?,
                Piece::Group { tags, presence, attributes, content } => {
                    if self.is_there(presence) {
                        self.open(tags, attributes, out)?;
                        if tags.nillable && self.is_nil(presence, content) {
                            nil(out);
                            continue;
                        }
                        let mark = out.len();
                        self.pieces(content, out)?;
                        self.close(mark, &tags.close, out);
                    }
                }
                Piece::GroupOpens { tags, presence, attributes, content, is_around } => {
                    if self.is_there(presence) {
                        self.open(tags, attributes, out)?;
                        if tags.nillable && self.is_nil(presence, &[]) {
                            nil(out);
                        } else {
                            self.pieces(content, out)?;
                            if *is_around {
                                out.pop();
                            }
                        }
                    }
                }
                Piece::GroupCloses { tags, presence, content, is_around } => {
                    if !self.is_there(presence) || (tags.nillable && self.is_nil(presence, &[])) {
                        continue;
                    }
                    if *is_around && self.is_empty {
                        out.push(b'>');
                        let mark = out.len();
                        self.pieces(content, out)?;
                        self.close(mark, &tags.close, out);
                    } else {
                        self.pieces(content, out)?;
                        self.put(&tags.close, out);
                    }
                }
                Piece::Rows { place, arena, content } => {
                    let (first, count) = self.values.rows(*place);
                    let before = self.values.record.row(*arena);
                    for row in first..first.saturating_add(count) {
                        self.values.record.seek(*arena, row);
                        self.pieces(content, out)?;
                    }
                    self.values.record.seek(*arena, before);
                }
                Piece::Unwritable(field) => return Err(Fault::new(FaultCode::MapCharset, 0).at(*field)),
            }
        }
        Ok(())
    }

    /// Whether the section that was written from these pieces left a start tag without its end.
    fn is_unended(&self, pieces: &[Piece]) -> bool {
        let opens = pieces.iter().find_map(|it| match it {
            Piece::GroupOpens { tags, presence, content, is_around, .. } => Some((tags, presence, content, *is_around)),
            _ => None,
        });
        opens.is_some_and(|(tags, presence, content, is_around)| {
            let is_open = self.is_there(presence) && !(tags.nillable && self.is_nil(presence, &[]));
            is_open && (is_around || self.is_unended(content))
        })
    }

    /// Writes a start tag.
    #[inline]
    fn open(&mut self, tags: &Tags, attributes: &[Piece], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.put(&tags.open, out);
        if !attributes.is_empty() {
            out.pop();
            self.pieces(attributes, out)?;
            out.push(b'>');
        }
        Ok(())
    }

    /// Ends an element; one that holds nothing becomes an empty tag.
    #[inline]
    fn close(&self, mark: usize, close: &Literal, out: &mut Vec<u8>) {
        if out.len() == mark {
            out.pop();
            out.extend_from_slice(b"/>");
        } else {
            self.put(close, out);
        }
    }

    fn is_there(&self, presence: &Presence) -> bool {
        match presence {
            Presence::Always => true,
            Presence::Any(places) => places.iter().any(|it| is_value(self.values.slot(*it))),
            Presence::When(place) => self.values.is_present(*place),
        }
    }

    /// Whether an element says that it is nil: a group that it is there, a leaf instead of its value.
    fn is_nil(&self, presence: &Presence, content: &[Piece]) -> bool {
        let is_nil = |place: &Place| self.values.slot(*place) == Slot::NIL;
        let group = matches!(presence, Presence::Any(places) if places.iter().any(is_nil));
        group || matches!(content, [Piece::Value(hole)] if is_nil(&hole.place))
    }

    /// For a value, and for each value of a list.
    #[inline]
    fn each(
        &mut self,
        hole: &Hole,
        out: &mut Vec<u8>,
        mut write: impl FnMut(&mut Self, Slot, &mut Vec<u8>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let slot = self.values.slot(hole.place);
        if slot.kind() != SlotKind::List {
            return if is_value(slot) { write(self, slot, out) } else { Ok(()) };
        }
        for number in 0..slot.length() {
            let item = self.values.record.item(slot, number);
            if is_value(item) {
                write(self, item, out)?;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn leaf(&mut self, open: &Literal, close: &Literal, hole: &Hole, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.each(hole, out, |it, slot, out| {
            it.put(open, out);
            if slot == Slot::NIL && hole.nillable {
                nil(out);
                return Ok(());
            }
            let mark = out.len();
            it.value(hole, slot, out)?;
            it.close(mark, close, out);
            Ok(())
        })
    }

    fn attribute(&mut self, open: &Literal, hole: &Hole, out: &mut Vec<u8>) -> Result<(), Fault> {
        if !is_value(self.values.slot(hole.place)) {
            return Ok(());
        }
        self.put(open, out);
        let mark = out.len();
        self.each(hole, out, |it, slot, out| {
            if out.len() > mark {
                out.push(b' ');
            }
            it.value(hole, slot, out)
        })?;
        out.push(b'"');
        Ok(())
    }

    /// Appends a value.
    #[inline(never)]
    fn value(&mut self, hole: &Hole, slot: Slot, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mark = out.len();
        if slot == Slot::NIL {
            return Err(self.fault(FaultCode::XmlNil, hole, slot));
        }
        if let Some(number) = self.values.record.number_of(slot) {
            number.write(out);
            if hole.check != NONE && !self.allows(hole, out.get(mark..).unwrap_or_default().to_vec().as_slice()) {
                return Err(self.fault(FaultCode::MapFacet, hole, slot));
            }
            return Ok(());
        }
        let bytes = self.values.bytes(slot);
        let written = match hole.spelling {
            Spelling::Text => push_text(bytes, false, out),
            Spelling::Attribute => push_text(bytes, true, out),
            Spelling::Base64 => {
                push_base64(bytes, out);
                Ok(())
            }
            Spelling::Hex => {
                push_hex(bytes, out);
                Ok(())
            }
            Spelling::Xml => {
                out.extend_from_slice(bytes);
                Ok(())
            }
        };
        if written.is_err() {
            return Err(self.fault(FaultCode::MapCharset, hole, slot));
        }
        if hole.spelling == Spelling::Xml {
            // The text may come from anywhere: it must be whole elements, and bring its namespaces.
            let fine = self.fragment.is_well_formed(out.get(mark..).unwrap_or_default());
            return if fine { Ok(()) } else { Err(self.fault(FaultCode::MapFacet, hole, slot)) };
        }
        if hole.check != NONE && matches!(hole.spelling, Spelling::Text | Spelling::Attribute) {
            let bytes = self.values.bytes(slot).to_vec();
            if !self.allows(hole, &bytes) {
                return Err(self.fault(FaultCode::MapFacet, hole, slot));
            }
        }
        Ok(())
    }

    /// Whether the schema's own type allows a value, where the engine's type says less.
    fn allows(&mut self, hole: &Hole, bytes: &[u8]) -> bool {
        let Some(simple) = self.layout.simples.get(hole.check as usize) else { return true };
        let clean = simple.read(bytes, self.made);
        let fixed = hole.fixed.as_deref();
        clean.is_some_and(|it| fixed.is_none_or(|fixed| fixed == crate::decode::clean_bytes(it, bytes, self.made)))
    }

    #[cold]
    fn fault(&self, code: FaultCode, hole: &Hole, slot: Slot) -> Fault {
        let offset = self.values.record.origin(slot).map_or(self.values.record.start(), |it| it.0);
        Fault::new(code, offset).at(hole.field)
    }
}

/// Makes an open start tag that of an element that is nil, which ends there.
fn nil(out: &mut Vec<u8>) {
    out.pop();
    out.extend_from_slice(b" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>");
}

pub(crate) fn is_value(slot: Slot) -> bool {
    !matches!(slot.kind(), SlotKind::Absent | SlotKind::Failed)
}
