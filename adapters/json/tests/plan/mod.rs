//! A plan that wants every field of a schema and writes it again: what `decode` and `encode` do, made for tests.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::collapsible_match,
    reason = "a test may panic, and each test file uses what it needs of it"
)]

use latimer_engine::{
    ArenaShape, Codec, Decoder, Diagnostics, Encoder, Fault, Faults, FieldId, Format, FormatOption, Frame, Kind, Limits, Node,
    Options, Outcome, Part, Place, Presence, Reading, Record, Schema, Section, Shape, Slot, SlotKind, Sources, Span, Values,
    Want, Wanted,
};
use latimer_json::Json;
use std::{fmt::Write, sync::Arc};

/// A codec of a JSON Schema; what is wrong with it is printed.
pub fn codec(schema: &str) -> Arc<dyn Codec> {
    codec_with(schema, "document")
}

pub fn codec_with(schema: &str, framing: &str) -> Arc<dyn Codec> {
    match try_codec(schema, framing) {
        Ok(codec) => codec,
        Err(wrong) => panic!("{wrong}\n{schema}"),
    }
}

pub fn try_codec(schema: &str, framing: &str) -> Result<Arc<dyn Codec>, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add("schema.json", schema);
    let span = Span { end: 0, ..sources.span(file) };
    let option = FormatOption { name: "framing".to_owned(), words: vec![framing.to_owned()], span };
    let options = Options { list: vec![option], ..Options::default() };
    let made = Json.compile(&sources, file, &options, &mut diagnostics);
    made.ok_or_else(|| diagnostics.iter().map(|it| format!("{} {} {}\n", it.code, it.message, it.label)).collect())
}

/// Everything a schema has, down to some depth.
pub struct Plan {
    pub wanted: Vec<Wanted>,
    pub arenas: Vec<ArenaShape>,
    pub shape: Shape,
    pub cut: Vec<FieldId>,
}

impl Plan {
    /// Of whole messages.
    pub fn new(schema: &Schema, depth: usize) -> Plan {
        Plan::cut(schema, depth, &[])
    }

    /// Of messages cut at these repeats.
    pub fn cut(schema: &Schema, depth: usize, cut: &[FieldId]) -> Plan {
        let arenas = vec![ArenaShape { stride: 0, level: 0 }; cut.len() + 1];
        let mut plan = Plan { wanted: Vec::new(), arenas, shape: Shape::default(), cut: cut.to_vec() };
        for level in 0..=cut.len() {
            plan.arenas[level].level = level as u8;
        }
        plan.shape.nodes = match schema.type_of(Schema::ROOT).kind {
            Kind::Group | Kind::Choice => plan.members(schema, Schema::ROOT, 0, depth),
            _ => vec![plan.leaf(Schema::ROOT, 0)],
        };
        plan
    }

    fn place(&mut self, arena: u16) -> Place {
        let stride = &mut self.arenas[usize::from(arena)].stride;
        *stride += 1;
        Place { arena, slot: *stride - 1 }
    }

    fn want(&mut self, field: FieldId, arena: u16, want: Want) -> Place {
        let place = self.place(arena);
        self.wanted.push(Wanted { field, place, want });
        place
    }

    fn leaf(&mut self, field: FieldId, arena: u16) -> Node {
        Node::Leaf(field, self.want(field, arena, Want::Value))
    }

    fn members(&mut self, schema: &Schema, group: FieldId, arena: u16, depth: usize) -> Vec<Node> {
        if depth == 0 {
            return Vec::new();
        }
        schema.children(group).into_iter().map(|it| self.field(schema, it, arena, depth)).collect()
    }

    fn field(&mut self, schema: &Schema, field: FieldId, arena: u16, depth: usize) -> Node {
        if !schema.repeats(field) {
            return self.once(schema, field, arena, depth);
        }
        let level = self.cut.iter().position(|it| *it == field).map(|it| it as u16 + 1);
        let rows = level.unwrap_or(self.arenas.len() as u16);
        if level.is_none() {
            let level = self.arenas[usize::from(arena)].level;
            self.arenas.push(ArenaShape { stride: 0, level });
        }
        let place = self.want(field, arena, Want::Rows(rows));
        let content = match schema.type_of(field).kind {
            Kind::Group | Kind::Choice => {
                let presence = self.want(field, rows, Want::Presence);
                vec![Node::Group(field, Presence::Any(vec![presence]), self.members(schema, field, rows, depth - 1))]
            }
            _ => vec![self.once(schema, field, rows, depth)],
        };
        let content = match content.as_slice() {
            [Node::Group(_, _, nodes)] if matches!(schema.type_of(field).kind, Kind::Group | Kind::Choice) => nodes.clone(),
            _ => content,
        };
        if let Some(level) = level {
            return Node::Stream(field, level, content);
        }
        Node::Rows(field, place, rows, content)
    }

    fn once(&mut self, schema: &Schema, field: FieldId, arena: u16, depth: usize) -> Node {
        let def = schema.type_of(field);
        match def.kind {
            Kind::Group | Kind::Choice => {
                let presence = self.want(field, arena, Want::Presence);
                let nodes = self.members(schema, field, arena, depth - 1);
                Node::Group(field, Presence::Any(vec![presence]), nodes)
            }
            Kind::Leaf(_) if !def.members.is_empty() => {
                let mut nodes = self.members(schema, field, arena, depth);
                nodes.push(self.leaf(field, arena));
                let places = nodes.iter().map(|it| if let Node::Leaf(_, place) = it { *place } else { unreachable!() });
                Node::Group(field, Presence::Any(places.collect()), nodes)
            }
            _ => self.leaf(field, arena),
        }
    }

    pub fn record(&self) -> Record {
        Record::new(&self.arenas, &[])
    }

    pub fn reading<'a>(&'a self, limits: &'a Limits) -> Reading<'a> {
        Reading { wanted: &self.wanted, cut: &self.cut, limits, plain: false }
    }
}

/// The frame of a whole message at the start of a stream.
pub fn whole(message: &[u8]) -> Frame {
    Frame { part: Part::Whole, bytes: 0..message.len(), consumed: message.len(), at: 0, number: 1 }
}

/// A decoder that reads message after message, wanting everything.
pub struct Reader {
    decoder: Box<dyn Decoder>,
    record: Record,
    faults: Faults,
}

impl Reader {
    pub fn new(codec: &dyn Codec) -> Reader {
        let plan = Plan::new(codec.schema(), 5);
        let decoder = codec.decoder(&plan.reading(&Limits::default()));
        Reader { decoder, record: plan.record(), faults: Faults::new(16) }
    }

    pub fn read(&mut self, message: &[u8]) -> (Outcome, Vec<Fault>) {
        self.record.begin(0, 0);
        self.faults.clear();
        let outcome = self.decoder.decode(&whole(message), message, &mut self.record, &mut self.faults);
        (outcome, self.faults.list().to_vec())
    }
}

/// What a message is: its values, or its faults.
pub struct Decoded {
    pub outcome: Outcome,
    pub faults: Vec<Fault>,
    pub remarks: usize,
    /// A line a value: `transfers[1]/amount = 12.50`.
    pub values: String,
}

pub fn decode(codec: &dyn Codec, message: &[u8]) -> Decoded {
    decode_with(codec, &Plan::new(codec.schema(), 6), message, &Limits::default())
}

pub fn decode_with(codec: &dyn Codec, plan: &Plan, message: &[u8], limits: &Limits) -> Decoded {
    let mut decoder = codec.decoder(&plan.reading(limits));
    let (mut record, mut faults) = (plan.record(), Faults::new(limits.faults_max));
    record.begin(0, 0);
    let outcome = decoder.decode(&whole(message), message, &mut record, &mut faults);
    let mut values = String::new();
    if outcome == Outcome::Clean {
        show(codec.schema(), &plan.shape.nodes, &mut Values { record: &mut record, part: message }, "", &mut values);
    }
    Decoded { outcome, faults: faults.list().to_vec(), remarks: faults.remarks().len(), values }
}

/// Faults as a person reads them: `json/facet transfers[2]/amount at 17`.
pub fn faults(schema: &Schema, faults: &[Fault]) -> Vec<String> {
    let shown = faults.iter().map(|it| {
        let path = it.field.map_or(String::new(), |field| schema.path_with(field, &it.rows));
        format!("{} {path} at {}", it.code.name(), it.offset)
    });
    shown.collect()
}

pub fn value(values: &Values<'_>, slot: Slot) -> String {
    match slot.kind() {
        SlotKind::Raw => format!("raw {:?}", values.bytes(slot)),
        SlotKind::List => {
            let items = values.record.items(slot).to_vec();
            format!("[{}]", items.iter().map(|it| value(values, *it)).collect::<Vec<_>>().join(", "))
        }
        _ => String::from_utf8_lossy(values.bytes(slot)).into_owned(),
    }
}

pub fn show(schema: &Schema, nodes: &[Node], values: &mut Values<'_>, path: &str, out: &mut String) {
    for node in nodes {
        match node {
            Node::Leaf(field, place) => {
                let slot = values.slot(*place);
                if !slot.is_absent() {
                    let name = schema.name_of(*field);
                    let _ = writeln!(out, "{path}{name} = {}", value(values, slot));
                }
            }
            Node::Group(field, Presence::Any(places), nodes) => {
                if places.iter().any(|it| !values.slot(*it).is_absent()) {
                    let path = format!("{path}{}/", schema.name_of(*field));
                    let _ = writeln!(out, "{path}");
                    show(schema, nodes, values, &path, out);
                }
            }
            Node::Rows(field, place, arena, nodes) => {
                let (first, count) = values.rows(*place);
                for row in 0..count {
                    values.record.seek(*arena, first + row);
                    let path = format!("{path}{}[{}]/", schema.name_of(*field), row + 1);
                    let _ = writeln!(out, "{path}");
                    show(schema, nodes, values, &path, out);
                }
            }
            _ => {}
        }
    }
}

/// The content of a stream node.
pub fn stream(nodes: &[Node], number: u16) -> Option<&[Node]> {
    nodes.iter().find_map(|node| match node {
        Node::Stream(_, it, nodes) if *it == number => Some(nodes.as_slice()),
        Node::Stream(_, _, nodes) | Node::Group(_, _, nodes) | Node::Rows(_, _, _, nodes) => stream(nodes, number),
        _ => None,
    })
}

/// Writes what was decoded.
pub fn encode(codec: &dyn Codec, plan: &Plan, encoder: &mut dyn Encoder, message: &[u8]) -> Result<Vec<u8>, String> {
    let limits = Limits::default();
    let mut decoder = codec.decoder(&plan.reading(&limits));
    let (mut record, mut faults) = (plan.record(), Faults::new(16));
    record.begin(0, 0);
    let outcome = decoder.decode(&whole(message), message, &mut record, &mut faults);
    if outcome != Outcome::Clean {
        return Err(format!("{:?}", self::faults(codec.schema(), faults.list())));
    }
    let mut out = Vec::new();
    let mut values = Values { record: &mut record, part: message };
    encoder.encode(Section::Whole(0), &mut values, &mut out).map_err(|it| format!("{it:?}"))?;
    Ok(out)
}
