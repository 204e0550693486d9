//! A plan that wants everything and writes everything back: what the plain form does, in small.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "each test uses a part of it, and may panic"
)]

use latimer_copybook::Copybook;
use latimer_engine::{
    ArenaShape, Codec, Cut, Decoder, Diagnostics, Encoder, Faults, FieldId, Format, FormatOption, Frame, Kind, Limits, Node,
    Options, Outcome, Part, Particle, Place, Presence, Reading, Record, Schema, Section, Select, Shape, Slot, SlotKind, Sources,
    Type, Values, Want, Wanted,
};
use serde_json::{Map, Value};
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folder of the test vectors, if it is there.
pub(crate) fn vectors() -> Option<PathBuf> {
    let given = env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = given.into_iter().chain(above).find(|it| it.is_dir());
    if found.is_none() {
        eprintln!("no test vectors here (LATIMER_VECTORS): nothing was compared");
    }
    found.map(|it| it.join("mainframe"))
}

/// A file as text, whatever its encoding.
pub(crate) fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// Options as on a command line: `charset=cp037`, `record=fixed 300`.
pub(crate) fn options(sources: &Sources, list: &[&str], select: Vec<Select>) -> Options {
    let span = sources.files().next().map(|it| sources.span(it)).unwrap();
    let option = |it: &&str| {
        let (name, words) = it.split_once('=').unwrap();
        FormatOption { name: name.to_owned(), words: words.split(' ').map(str::to_owned).collect(), span }
    };
    Options { list: list.iter().map(option).collect(), select, ..Options::default() }
}

/// A compiled copybook, or its diagnostics.
pub(crate) fn compile(copybook: &str, list: &[&str], select: Vec<Select>) -> Result<Arc<dyn Codec>, Vec<String>> {
    let mut sources = Sources::default();
    let file = sources.add("TEST.cpy", copybook);
    let options = options(&sources, list, select);
    let mut diagnostics = Diagnostics::default();
    let codec = Copybook.compile(&sources, file, &options, &mut diagnostics);
    codec.ok_or_else(|| {
        let line = |it: &latimer_engine::Diagnostic| format!("{} {} {}", it.code, sources.position(it.span), it.message);
        diagnostics.iter().map(line).collect()
    })
}

/// Reads and writes whole records.
pub(crate) struct Plain {
    pub(crate) codec: Arc<dyn Codec>,
    pub(crate) arenas: Vec<ArenaShape>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) shape: Shape,
    decoder: Box<dyn Decoder>,
    encoder: Box<dyn Encoder>,
}

impl Plain {
    pub(crate) fn new(codec: Arc<dyn Codec>) -> Plain {
        Plain::with(codec, true)
    }

    pub(crate) fn with(codec: Arc<dyn Codec>, plain: bool) -> Plain {
        let mut everything = Everything {
            schema: Arc::clone(codec.schema()),
            wanted: Vec::new(),
            arenas: vec![ArenaShape { stride: 0, level: 0 }],
            plain,
        };
        let nodes = everything.group(Schema::ROOT, 0);
        let Everything { wanted, arenas, .. } = everything;
        let shape = Shape { nodes };
        let limits = Limits::default();
        let reading = Reading { wanted: &wanted, cut: &[], limits: &limits, plain };
        let decoder = codec.decoder(&reading);
        let encoder = codec.encoder(&shape).unwrap();
        Plain { codec, arenas, wanted, shape, decoder, encoder }
    }

    /// The codec of a copybook, in the plain form.
    pub(crate) fn of(copybook: &str, list: &[&str]) -> Plain {
        Plain::new(compile(copybook, list, Vec::new()).unwrap())
    }

    pub(crate) fn decoder(&self) -> Box<dyn Decoder> {
        let limits = Limits::default();
        let reading = Reading { wanted: &self.wanted, cut: &[], limits: &limits, plain: false };
        self.codec.decoder(&reading)
    }

    pub(crate) fn encoder(&self) -> Box<dyn Encoder> {
        self.codec.encoder(&self.shape).unwrap()
    }

    pub(crate) fn record(&self) -> Record {
        Record::new(&self.arenas, &[])
    }

    /// Decodes one part.
    pub(crate) fn read(&mut self, bytes: &[u8], record: &mut Record) -> (Outcome, Faults) {
        let mut faults = Faults::new(16);
        record.begin(0, 0);
        let frame = Frame { part: Part::Whole, bytes: 0..bytes.len(), consumed: bytes.len(), at: 0, number: 1 };
        let outcome = self.decoder.decode(&frame, bytes, record, &mut faults);
        (outcome, faults)
    }

    /// Encodes what a record holds.
    pub(crate) fn write(&mut self, bytes: &[u8], record: &mut Record) -> Result<Vec<u8>, latimer_engine::Fault> {
        let mut out = Vec::new();
        let mut values = Values { record, part: bytes };
        self.encoder.encode(Section::Whole(0), &mut values, &mut out)?;
        Ok(out)
    }

    /// The record as JSON, or its faults as `code path offset`.
    pub(crate) fn decode(&mut self, bytes: &[u8]) -> Result<Value, Vec<String>> {
        let mut record = self.record();
        let (outcome, faults) = self.read(bytes, &mut record);
        if outcome != Outcome::Clean {
            assert!(!faults.is_empty());
            return Err(self.faults(&faults));
        }
        assert!(faults.is_empty());
        Ok(self.json(&self.shape.nodes, &mut record, bytes))
    }

    pub(crate) fn faults(&self, faults: &Faults) -> Vec<String> {
        let path =
            |it: &latimer_engine::Fault| it.field.map_or(String::new(), |field| self.codec.schema().path_with(field, &it.rows));
        faults.list().iter().map(|it| format!("{} {} {}", it.code.name(), path(it), it.offset)).collect()
    }

    /// Decodes and encodes: the bytes must come back.
    pub(crate) fn round_trip(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Vec<String>> {
        let mut record = self.record();
        let (outcome, faults) = self.read(bytes, &mut record);
        if outcome != Outcome::Clean {
            return Err(self.faults(&faults));
        }
        Ok(self.write(bytes, &mut record).unwrap())
    }

    /// All records of a stream.
    pub(crate) fn frames(&self, stream: &[u8]) -> Vec<Vec<u8>> {
        let mut framer = self.codec.framer(&[], &[], &Limits::default());
        let mut frames = Vec::new();
        let mut at = 0;
        loop {
            match framer.next(&stream[at..], true).unwrap() {
                Cut::Frame(frame) => {
                    frames.push(stream[at..][frame.bytes.clone()].to_vec());
                    at += frame.consumed;
                }
                _ => return frames,
            }
        }
    }

    /// Encodes a JSON object, by the names of the schema.
    pub(crate) fn encode(&mut self, json: &Value) -> Result<Vec<u8>, String> {
        let mut record = self.record();
        record.begin(0, 0);
        fill(self.codec.schema(), &self.shape.nodes, json, &mut record);
        self.write(&[], &mut record).map_err(|fault| {
            let field = fault.field.map_or(String::new(), |it| self.codec.schema().path_with(it, &fault.rows));
            format!("{} {field}", fault.code.name())
        })
    }

    fn json(&self, nodes: &[Node], record: &mut Record, part: &[u8]) -> Value {
        let mut object = Map::new();
        let schema = self.codec.schema();
        for node in nodes {
            let (field, value) = match node {
                Node::Leaf(field, place) => (*field, self.value(*field, record, record.get(*place), part)),
                Node::Group(field, _, nodes) => (*field, Some(self.json(nodes, record, part))),
                Node::Rows(field, place, arena, nodes) => {
                    let rows = record.get(*place);
                    let count = if rows.kind() == SlotKind::Rows { rows.length() } else { 0 };
                    let mut list = Vec::new();
                    for number in 0..count {
                        record.seek(*arena, rows.at() + number);
                        list.push(match nodes.as_slice() {
                            [Node::Leaf(leaf, place)] if leaf == field => {
                                self.value(*field, record, record.get(*place), part).unwrap_or(Value::Null)
                            }
                            nodes => self.json(nodes, record, part),
                        });
                    }
                    (*field, Some(Value::Array(list)))
                }
                Node::Literal(..) | Node::Stream(..) => unreachable!(),
            };
            let empty = matches!(&value, Some(Value::Object(it)) if it.is_empty());
            if let Some(value) = value.filter(|_| !empty) {
                object.insert(schema.name_of(field).to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn value(&self, field: FieldId, record: &Record, slot: Slot, part: &[u8]) -> Option<Value> {
        let bytes = record.bytes(slot, part);
        match slot.kind() {
            SlotKind::Absent => None,
            SlotKind::Raw => {
                let hex: String = bytes.iter().map(|it| format!("{it:02X}")).collect();
                Some(serde_json::json!({ "$hex": hex }))
            }
            SlotKind::Part | SlotKind::Held => {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                let is_number =
                    matches!(&self.codec.schema().type_of(field).kind, Kind::Leaf(it) if matches!(**it, Type::Number(_)));
                if is_number { Some(serde_json::from_str(&text).unwrap()) } else { Some(Value::String(text)) }
            }
            kind => panic!("{kind:?}"),
        }
    }
}

pub(crate) fn decode_into(decoder: &mut dyn Decoder, bytes: &[u8], record: &mut Record, faults: &mut Faults) -> Outcome {
    let frame = Frame { part: Part::Whole, bytes: 0..bytes.len(), consumed: bytes.len(), at: 0, number: 1 };
    decoder.decode(&frame, bytes, record, faults)
}

pub(crate) fn encode_into(encoder: &mut dyn Encoder, part: &[u8], record: &mut Record, out: &mut Vec<u8>) {
    encoder.encode(Section::Whole(0), &mut Values { record, part }, out).unwrap();
}

struct Everything {
    schema: Arc<Schema>,
    wanted: Vec<Wanted>,
    arenas: Vec<ArenaShape>,
    plain: bool,
}

impl Everything {
    fn place(&mut self, arena: u16) -> Place {
        let shape = &mut self.arenas[usize::from(arena)];
        shape.stride += 1;
        Place { arena, slot: shape.stride - 1 }
    }

    fn group(&mut self, group: FieldId, arena: u16) -> Vec<Node> {
        let schema = Arc::clone(&self.schema);
        let mut nodes = Vec::new();
        for field in schema.children(group) {
            let member = schema.member(field).unwrap();
            if member.filler && !self.plain {
                continue;
            }
            let is_leaf = matches!(schema.type_of(field).kind, Kind::Leaf(_));
            let in_choice = is_in_choice(&schema.type_of(group).content, schema.member_index(field).unwrap());
            let place = self.place(arena);
            if member.repeats {
                let inner = u16::try_from(self.arenas.len()).unwrap();
                self.arenas.push(ArenaShape { stride: 0, level: 0 });
                self.wanted.push(Wanted { field, place, want: Want::Rows(inner) });
                let content = if is_leaf {
                    let place = self.place(inner);
                    self.wanted.push(Wanted { field, place, want: Want::Value });
                    vec![Node::Leaf(field, place)]
                } else {
                    self.group(field, inner)
                };
                nodes.push(Node::Rows(field, place, inner, content));
            } else if is_leaf {
                self.wanted.push(Wanted { field, place, want: Want::Value });
                nodes.push(Node::Leaf(field, place));
            } else {
                let content = self.group(field, arena);
                let presence = if in_choice { Presence::Any(places(&content)) } else { Presence::Always };
                nodes.push(Node::Group(field, presence, content));
            }
        }
        nodes
    }
}

fn places(nodes: &[Node]) -> Vec<Place> {
    let each = nodes.iter().flat_map(|it| match it {
        Node::Leaf(_, place) | Node::Rows(_, place, ..) => vec![*place],
        Node::Group(_, _, nodes) => places(nodes),
        Node::Literal(..) | Node::Stream(..) => Vec::new(),
    });
    each.collect()
}

fn is_in_choice(particle: &Particle, member: u32) -> bool {
    fn has(particle: &Particle, member: u32) -> bool {
        match particle {
            Particle::Member(it) => *it == member,
            Particle::Sequence(all, _) | Particle::Choice(all, _) | Particle::All(all) => all.iter().any(|it| has(it, member)),
        }
    }
    match particle {
        Particle::Choice(..) => has(particle, member),
        Particle::Sequence(all, _) | Particle::All(all) => all.iter().any(|it| is_in_choice(it, member)),
        Particle::Member(_) => false,
    }
}

fn fill(schema: &Schema, nodes: &[Node], json: &Value, record: &mut Record) {
    for node in nodes {
        match node {
            Node::Leaf(field, place) => {
                if let Some(value) = json.get(schema.name_of(*field)) {
                    let slot = hold(value, record);
                    record.set(*place, slot);
                }
            }
            Node::Group(field, _, nodes) => {
                fill(schema, nodes, json.get(schema.name_of(*field)).unwrap_or(&Value::Null), record);
            }
            Node::Rows(field, place, arena, nodes) => {
                let rows = json.get(schema.name_of(*field)).and_then(Value::as_array);
                for row in rows.into_iter().flatten() {
                    record.push_row(*arena, *place);
                    match nodes.as_slice() {
                        [Node::Leaf(leaf, place)] if leaf == field => {
                            let slot = hold(row, record);
                            record.set(*place, slot);
                        }
                        nodes => fill(schema, nodes, row, record),
                    }
                }
            }
            Node::Literal(..) | Node::Stream(..) => unreachable!(),
        }
    }
}

fn hold(value: &Value, record: &mut Record) -> Slot {
    let mut held = |bytes: &[u8]| record.hold(0, 0, |out| out.extend_from_slice(bytes));
    match value {
        Value::Null => Slot::ABSENT,
        Value::String(text) => held(text.as_bytes()),
        Value::Object(object) => {
            let hex = object["$hex"].as_str().unwrap();
            let pairs = hex.as_bytes().chunks(2).map(|it| u8::from_str_radix(str::from_utf8(it).unwrap(), 16).unwrap());
            held(&pairs.collect::<Vec<u8>>()).as_raw()
        }
        number => held(number.to_string().as_bytes()),
    }
}
