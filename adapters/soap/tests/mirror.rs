//! A reading that wants all of a schema, and the shape that writes all of it again.

use latimer_engine::{
    ArenaShape, Codec, Cut, Decoder, Encoder, Fault, FaultCode, Faults, FieldId, Frame, Framer, Kind, Limits, Node, Outcome,
    Part, Place, Presence, Reading, Record, Schema, Section, Shape, Values, Want, Wanted,
};
use std::sync::Arc;

/// What wants everything.
struct Everything<'a> {
    schema: &'a Schema,
    cut: &'a [FieldId],
    wanted: Vec<Wanted>,
    arenas: Vec<ArenaShape>,
}

impl Everything<'_> {
    fn want(&mut self, field: FieldId, arena: u16, want: Want) -> Place {
        let stride = &mut self.arenas[usize::from(arena)].stride;
        let place = Place { arena, slot: *stride };
        *stride += 1;
        self.wanted.push(Wanted { field, place, want });
        place
    }

    fn nodes(&mut self, field: FieldId, arena: u16) -> Vec<Node> {
        self.schema.children(field).into_iter().map(|child| self.node(child, arena)).collect()
    }

    fn node(&mut self, child: FieldId, arena: u16) -> Node {
        if !self.schema.repeats(child) {
            let leaf = matches!(self.schema.type_of(child).kind, Kind::Leaf(_) | Kind::Any);
            if leaf && self.schema.children(child).is_empty() {
                return Node::Leaf(child, self.want(child, arena, Want::Value));
            }
            let presence = self.want(child, arena, Want::Presence);
            return Node::Group(child, Presence::When(presence), self.content(child, arena));
        }
        let level = self.cut.iter().position(|it| *it == child).map(|it| u16::try_from(it + 1).unwrap());
        let inner = level.unwrap_or_else(|| {
            let level = self.arenas[usize::from(arena)].level;
            self.arenas.push(ArenaShape { stride: 0, level });
            u16::try_from(self.arenas.len() - 1).unwrap()
        });
        let rows = self.want(child, arena, Want::Rows(inner));
        let nodes = self.content(child, inner);
        match level {
            Some(level) => Node::Stream(child, level, nodes),
            None => Node::Rows(child, rows, inner, nodes),
        }
    }

    fn content(&mut self, field: FieldId, arena: u16) -> Vec<Node> {
        let mut nodes = self.nodes(field, arena);
        if matches!(self.schema.type_of(field).kind, Kind::Leaf(_) | Kind::Any) {
            let value = self.want(field, arena, Want::Value);
            nodes.push(Node::Leaf(field, value));
        }
        nodes
    }
}

/// Runs streams through one codec and out of another of the same schema.
pub(crate) struct Mirror {
    codec: Arc<dyn Codec>,
    decoder: Box<dyn Decoder>,
    encoder: Option<Box<dyn Encoder>>,
    pub(crate) record: Record,
    pub(crate) faults: Faults,
    cut: Vec<FieldId>,
}

/// A part, where it stands, its number and its bytes.
pub(crate) type Found = (Part, u64, u64, Vec<u8>);

impl Mirror {
    /// Reads and writes by one codec.
    pub(crate) fn new(codec: &Arc<dyn Codec>, cut: &[FieldId]) -> Mirror {
        Mirror::between(codec, codec, cut)
    }

    /// Reads by one codec and writes by another, whose fields are found by the same paths.
    pub(crate) fn between(codec: &Arc<dyn Codec>, target: &Arc<dyn Codec>, cut: &[FieldId]) -> Mirror {
        let schema = codec.schema();
        let arenas = (0..=u8::try_from(cut.len()).unwrap()).map(|level| ArenaShape { stride: 0, level }).collect();
        let mut all = Everything { schema, cut, wanted: Vec::new(), arenas };
        let mut nodes = all.nodes(Schema::ROOT, 0);
        let Everything { wanted, arenas, .. } = all;
        let limits = Limits::default();
        let decoder = codec.decoder(&Reading { wanted: &wanted, cut, limits: &limits, plain: false });
        nodes.iter_mut().for_each(|it| move_to(it, schema, target.schema()));
        let encoder = target.encoder(&Shape { nodes });
        let record = Record::new(&arenas, &[]);
        Mirror { codec: Arc::clone(codec), decoder, encoder, record, faults: Faults::new(16), cut: cut.to_vec() }
    }

    pub(crate) fn framer(&self) -> Box<dyn Framer> {
        self.codec.framer(&self.cut, &[], &Limits::default())
    }

    /// One part, read, and written if it is clean.
    pub(crate) fn part(&mut self, frame: &Frame, buffer: &[u8], out: &mut Vec<u8>) -> Result<Outcome, Fault> {
        let levels = u8::try_from(self.cut.len()).unwrap();
        match frame.part {
            Part::Whole | Part::Head(0) => self.record.begin(0, frame.at),
            Part::Head(level) => self.record.begin(level, frame.at),
            Part::Item => self.record.begin(levels, frame.at),
            Part::Tail(level) => self.record.resume(level, frame.at),
        }
        self.faults.clear();
        let outcome = self.decoder.decode(frame, buffer, &mut self.record, &mut self.faults);
        assert_eq!(outcome == Outcome::Clean, self.faults.is_empty(), "{outcome:?} {:?}", self.faults.list());
        if let Part::Head(level) = frame.part {
            self.record.keep(level, &buffer[frame.bytes.clone()]);
        }
        if outcome != Outcome::Clean {
            return Ok(outcome);
        }
        let section = match frame.part {
            Part::Whole => Section::Whole(0),
            Part::Item => Section::Whole(u16::from(levels)),
            Part::Head(level) => Section::Open(u16::from(level)),
            Part::Tail(level) if frame.number == 0 => Section::Empty(u16::from(level)),
            Part::Tail(level) => Section::Close(u16::from(level)),
        };
        let is_first = frame.number == 1 && matches!(section, Section::Open(1..) | Section::Whole(1..));
        let mut values = Values { record: &mut self.record, part: &buffer[frame.bytes.clone()] };
        if is_first {
            self.encoder.as_mut().unwrap().encode(Section::First(section.stream() - 1), &mut values, out)?;
        }
        self.encoder.as_mut().unwrap().encode(section, &mut values, out)?;
        Ok(outcome)
    }

    /// All messages of a stream, read and written; or the first fault.
    pub(crate) fn stream(&mut self, bytes: &[u8]) -> Result<String, Fault> {
        let (parts, fault) = frames(&mut *self.framer(), bytes, bytes.len().max(1));
        let mut out = Vec::new();
        for (part, at, number, bytes) in &parts {
            let frame = Frame { part: *part, bytes: 0..bytes.len(), consumed: bytes.len(), at: *at, number: *number };
            self.part(&frame, bytes, &mut out)?;
            if let Some(fault) = self.faults.list().first() {
                return Err(*fault);
            }
        }
        match fault {
            Some(fault) => Err(fault),
            None if parts.is_empty() => Err(Fault::new(FaultCode::FrameTruncated, 0)),
            None => Ok(String::from_utf8(out).unwrap()),
        }
    }

    /// The name of the first fault, its field and its byte.
    pub(crate) fn fault(&mut self, text: &str) -> (&'static str, String, usize) {
        let fault = self.stream(text.as_bytes()).expect_err(text);
        let path = fault.field.map(|it| self.codec.schema().path(it)).unwrap_or_default();
        (fault.code.name(), path, usize::try_from(fault.offset).unwrap())
    }
}

/// The same node of another schema; what that does not have stays and is dropped by nobody.
fn move_to(node: &mut Node, from: &Schema, to: &Schema) {
    let find = |field: &mut FieldId| *field = to.find(&from.path(*field)).unwrap();
    match node {
        Node::Literal(field, _) | Node::Leaf(field, _) => find(field),
        Node::Group(field, _, nodes) | Node::Rows(field, _, _, nodes) | Node::Stream(field, _, nodes) => {
            find(field);
            nodes.retain(|it| {
                let (Node::Literal(field, _)
                | Node::Leaf(field, _)
                | Node::Group(field, ..)
                | Node::Rows(field, ..)
                | Node::Stream(field, ..)) = it;
                to.find(&from.path(*field)).is_some()
            });
            nodes.iter_mut().for_each(|it| move_to(it, from, to));
        }
    }
}

/// All parts of a stream that is delivered so many bytes at a time, and how it ends.
pub(crate) fn frames(framer: &mut dyn Framer, stream: &[u8], piece: usize) -> (Vec<Found>, Option<Fault>) {
    let mut parts = Vec::new();
    let (mut from, mut to) = (0, piece.min(stream.len()));
    loop {
        let end = to == stream.len();
        match framer.next(&stream[from..to], end) {
            Ok(Cut::Frame(Frame { part, bytes, consumed, at, number })) => {
                let absolute = from + bytes.start;
                parts.push((part, at, number, stream[absolute..from + bytes.end].to_vec()));
                from += consumed;
            }
            Ok(Cut::Incomplete) => {
                assert!(!end, "nothing more will come");
                to = (to + piece).min(stream.len());
            }
            Ok(Cut::End) => return (parts, None),
            Ok(other) => panic!("{other:?}"),
            Err(fault) => return (parts, Some(fault)),
        }
    }
}
