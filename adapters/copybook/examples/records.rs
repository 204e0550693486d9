//! Records as lines `NAME=value`, both ways, for comparison with other programs:
//! `records decode COPYBOOK DATA OPTION=VALUE..` prints them, `---` behind each record;
//! `records encode COPYBOOK DATA OPTION=VALUE..` reads them and writes the data. `NAME(2)` is an occurrence.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for tests, not a part of the product"
)]

#[path = "../tests/plain/mod.rs"]
mod plain;

use latimer_engine::{Kind, Node, Outcome, Record, SlotKind, Type};
use plain::Plain;
use std::{collections::HashMap, env, fs, io::Read};

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let [work, copybook, data, options @ ..] = words.as_slice() else {
        panic!("records decode|encode COPYBOOK DATA OPTION=VALUE..");
    };
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let codec = plain::compile(&fs::read_to_string(copybook).unwrap(), &options, Vec::new());
    let mut plain = Plain::with(codec.unwrap_or_else(|said| panic!("{said:?}")), false);
    match work.as_str() {
        "decode" => {
            let data = fs::read(data).unwrap();
            let mut record = plain.record();
            for frame in plain.frames(&data) {
                let (outcome, faults) = plain.read(&frame, &mut record);
                assert_eq!(outcome, Outcome::Clean, "{:?}", plain.faults(&faults));
                show(&plain, &plain.shape.nodes, &mut record, &frame, "");
                println!("---");
            }
        }
        "encode" => {
            let mut lines = String::new();
            std::io::stdin().read_to_string(&mut lines).unwrap();
            let mut out = Vec::new();
            for lines in lines.split("---").filter(|it| !it.trim().is_empty()) {
                let values = lines.lines().filter_map(|it| it.split_once('=')).collect();
                let mut record = plain.record();
                record.begin(0, 0);
                fill(&plain, &plain.shape.nodes, &values, &mut record, "");
                out.extend(plain.write(&[], &mut record).unwrap_or_else(|it| panic!("{it:?}")));
            }
            fs::write(data, out).unwrap();
        }
        _ => panic!("decode or encode"),
    }
}

fn show(plain: &Plain, nodes: &[Node], record: &mut Record, part: &[u8], index: &str) {
    for node in nodes {
        match node {
            Node::Leaf(field, place) => {
                let value = String::from_utf8(record.bytes(record.get(*place), part).to_vec()).unwrap();
                println!("{}{index}={value}", plain.codec.schema().name_of(*field));
            }
            Node::Group(_, _, nodes) => show(plain, nodes, record, part, index),
            Node::Rows(_, place, arena, nodes) => {
                let rows = record.get(*place);
                let count = if rows.kind() == SlotKind::Rows { rows.length() } else { 0 };
                for number in 0..count {
                    record.seek(*arena, rows.at() + number);
                    show(plain, nodes, record, part, &format!("{index}({})", number + 1));
                }
            }
            Node::Literal(..) | Node::Stream(..) => {}
        }
    }
}

fn fill(plain: &Plain, nodes: &[Node], values: &HashMap<&str, &str>, record: &mut Record, index: &str) {
    let schema = plain.codec.schema();
    for node in nodes {
        match node {
            Node::Leaf(field, place) => {
                let Some(value) = values.get(format!("{}{index}", schema.name_of(*field)).as_str()) else {
                    continue;
                };
                let is_text = matches!(&schema.type_of(*field).kind, Kind::Leaf(it) if matches!(**it, Type::Text(_)));
                let value = if is_text { value.trim_end() } else { value.trim() };
                let slot = record.hold(0, 0, |out| out.extend_from_slice(value.as_bytes()));
                record.set(*place, slot);
            }
            Node::Group(_, _, nodes) => fill(plain, nodes, values, record, index),
            Node::Rows(field, place, arena, nodes) => {
                let mut number = 1;
                while has_any(plain, *field, nodes, values, &format!("{index}({number})")) {
                    record.push_row(*arena, *place);
                    fill(plain, nodes, values, record, &format!("{index}({number})"));
                    number += 1;
                }
            }
            Node::Literal(..) | Node::Stream(..) => {}
        }
    }
}

/// Whether there is a line for any leaf of an occurrence.
fn has_any(plain: &Plain, field: latimer_engine::FieldId, nodes: &[Node], values: &HashMap<&str, &str>, index: &str) -> bool {
    let name = |field| format!("{}{index}", plain.codec.schema().name_of(field));
    nodes.iter().any(|it| match it {
        Node::Leaf(leaf, _) => values.contains_key(name(*leaf).as_str()),
        _ => values.contains_key(name(field).as_str()),
    })
}
