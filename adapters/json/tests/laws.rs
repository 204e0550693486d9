//! What holds for every schema and every message: however it arrives, however it is cut, whatever is done to it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test may panic")]

mod dice;
mod plan;

use dice::{Dice, edited, message, schema, spelled};
use latimer_engine::{Codec, Cut, Faults, FieldId, Frame, Limits, Outcome, Part, Record, Schema, Section, Values};
use plan::{Plan, Reader, codec_with, decode_with, encode, faults, show, try_codec, whole};

/// All that a framer says of a stream that arrives in pieces of a size; parts as bytes, a fault last.
fn framed(codec: &dyn Codec, cut: &[FieldId], early: &[FieldId], text: &[u8], piece: usize) -> Vec<String> {
    let mut framer = codec.framer(cut, early, &Limits::default());
    let mut said = Vec::new();
    let (mut start, mut here, mut kept) = (0, 0, 0);
    loop {
        let end = here == text.len();
        match framer.next(&text[start..here], end) {
            Ok(Cut::Frame(Frame { part, bytes, consumed, at, number })) => {
                assert_eq!(at, (start + bytes.start) as u64);
                let part_text = String::from_utf8_lossy(&text[start..][bytes]).into_owned();
                said.push(format!("{part:?} {number} {part_text}"));
                start += consumed;
            }
            Ok(Cut::Incomplete) => {
                assert!(!end, "incomplete at the end");
                here = (here + piece).min(text.len());
            }
            Ok(Cut::Keep) => {
                kept = start;
                said.push(format!("keep from {start}"));
            }
            Ok(Cut::Rewind(rest)) => {
                said.push(format!("rewind {rest}"));
                // The message is given again from its first byte.
                start = kept;
            }
            Ok(Cut::End) => return said,
            Err(fault) => {
                said.push(format!("{} at {}", fault.code.name(), fault.offset));
                match framer.recover(&text[start..here], end) {
                    Some(dropped) => start += dropped,
                    None => return said,
                }
            }
        }
    }
}

#[test]
fn framing_does_not_depend_on_how_bytes_arrive() {
    let mut dice = Dice(10);
    let root = r#"{"type":"object","properties":{"a":{"type":"object","properties":{"items":{"type":"array","items":{"type":"object",
        "properties":{"b":{"type":"array","items":{"type":"string"}}}}},"late":{"type":"string"}}}}}"#;
    for framing in ["document", "lines", "array"] {
        let codec = codec_with(root, framing);
        let schema = codec.schema();
        let (items, b) = (schema.find("a/items").unwrap(), schema.find("a/items/b").unwrap());
        let late = schema.find("a/late").unwrap();
        for round in 0..60 {
            let mut stream = String::new();
            let count = dice.roll(4);
            stream.push_str(if framing == "array" { "[" } else { "" });
            for number in 0..count {
                let value = random_items(&mut dice, round % 5 == 0);
                let text = spelled(&mut dice, &value);
                // In lines a message has no line break.
                let text = if framing == "lines" { text.replace(['\n', '\r'], " ") } else { text };
                stream.push_str(match (framing, number) {
                    ("array", 1..) => " , ",
                    ("lines", 1..) => "\n",
                    _ => "\n ",
                });
                stream.push_str(&text);
            }
            stream.push_str(if framing == "array" { "]\n" } else { "\n" });
            let stream = stream.into_bytes();
            let stream = if round % 3 == 0 { edited(&mut dice, &stream) } else { stream };
            for (cut, early) in [(&[][..], &[][..]), (&[items], &[]), (&[items], &[late]), (&[items, b], &[late])] {
                let expected = framed(&*codec, cut, early, &stream, stream.len().max(1));
                // The smallest pieces of long streams once only: they take a while.
                let least = if stream.len() < 4000 || round == 0 { 1 } else { 4096 };
                for piece in [1, 7, 4096, 100_000].into_iter().filter(|it| *it >= least) {
                    assert_eq!(framed(&*codec, cut, early, &stream, piece), expected, "{framing} {piece}");
                }
            }
        }
    }
}

fn random_items(dice: &mut Dice, is_long: bool) -> serde_json::Value {
    let count = if is_long { 3000 } else { dice.roll(4) };
    let item = |dice: &mut Dice| {
        let mut item = serde_json::json!({ "x": "y".repeat(dice.roll(100)) });
        if !dice.one_in(5) {
            item["b"] = (0..dice.roll(3)).map(|_| serde_json::json!("]}\"{[")).collect();
        }
        item
    };
    let items: Vec<_> = (0..count).map(|_| item(dice)).collect();
    match dice.roll(4) {
        0 => serde_json::json!({ "a": { "items": items }, "z": 1 }),
        1 => serde_json::json!({ "y": [{}], "a": { "items": items, "late": "x" } }),
        2 => serde_json::json!({ "a": { "late": "x", "items": items } }),
        _ => serde_json::json!({ "a": { "late": "x" }, "z": items }),
    }
}

/// A restart between any two parts changes nothing.
#[test]
fn a_mark_is_enough_to_go_on() {
    let mut dice = Dice(11);
    let root = r#"{"type":"object","properties":{"a":{"type":"object","properties":{"items":{"type":"array","items":{"type":"object",
        "properties":{"b":{"type":"array","items":{"type":"string"}}}}},"late":{"type":"string"}}}}}"#;
    let limits = Limits::default();
    for framing in ["document", "lines", "array"] {
        let codec = codec_with(root, framing);
        let cut = [codec.schema().find("a/items").unwrap(), codec.schema().find("a/items/b").unwrap()];
        let messages: Vec<_> = (0..3).map(|at| random_items(&mut dice, at == 1).to_string()).collect();
        let text = match framing {
            "array" => format!("[{}]", messages.join(",")),
            _ => messages.join("\n"),
        };
        let text = text.as_bytes();
        let expected = framed(&*codec, &cut, &[], text, text.len());
        let (mut said, mut start, mut mark): (Vec<String>, usize, Vec<u8>) = (Vec::new(), 0, Vec::new());
        loop {
            let mut framer = codec.framer(&cut, &[], &limits);
            if !mark.is_empty() {
                framer.resume(&mark);
            }
            match framer.next(&text[start..], true).unwrap() {
                Cut::Frame(frame) => {
                    let bytes = String::from_utf8_lossy(&text[start..][frame.bytes.clone()]).into_owned();
                    assert_eq!(frame.at, (start + frame.bytes.start) as u64);
                    said.push(format!("{:?} {} {bytes}", frame.part, frame.number));
                    start += frame.consumed;
                }
                Cut::End => break,
                other => panic!("{other:?}"),
            }
            mark.clear();
            framer.mark(&mut mark);
        }
        assert_eq!(said, expected, "{framing}");
    }
}

/// What a stream of parts decodes to: the rows of the message itself at the end, and of each item as it comes.
fn cut_values(codec: &dyn Codec, plan: &Plan, text: &[u8]) -> (Outcome, String) {
    let limits = Limits::default();
    let mut framer = codec.framer(&plan.cut, &[], &limits);
    let mut decoder = codec.decoder(&plan.reading(&limits));
    let (mut record, mut faults) = (plan.record(), Faults::new(16));
    let (mut start, mut outcome) = (0, Outcome::Clean);
    let mut lines = Vec::new();
    loop {
        match framer.next(&text[start..], true) {
            Ok(Cut::Frame(frame)) => {
                let part = &text[start..][frame.bytes.clone()];
                let level = begin(&mut record, &frame, plan.cut.len());
                let found = decoder.decode(&frame, &text[start..], &mut record, &mut faults);
                if found != Outcome::Clean {
                    outcome = found;
                    break;
                }
                match frame.part {
                    Part::Head(level) => record.keep(level, part),
                    Part::Whole => rows_of(codec.schema(), plan, 0, &mut record, part, &mut lines),
                    _ => lines.push(values_of(codec.schema(), plan, level, &mut record, part)),
                }
                start += frame.consumed;
            }
            Ok(Cut::End) => break,
            other => {
                assert!(other.is_err(), "{other:?}");
                outcome = Outcome::Broken;
                break;
            }
        }
    }
    lines.sort();
    (outcome, lines.concat())
}

fn begin(record: &mut Record, frame: &Frame, levels: usize) -> u8 {
    match frame.part {
        Part::Tail(level) => {
            record.resume(level, frame.at);
            level
        }
        Part::Whole => {
            record.begin(0, frame.at);
            0
        }
        Part::Head(level) => {
            record.begin(level, frame.at);
            level
        }
        Part::Item => {
            record.begin(levels as u8, frame.at);
            levels as u8
        }
    }
}

/// The values of one level, its cut items apart.
fn values_of(schema: &Schema, plan: &Plan, level: u8, record: &mut Record, part: &[u8]) -> String {
    let mut nodes = plan.shape.nodes.as_slice();
    for number in 1..=u16::from(level) {
        nodes = plan::stream(nodes, number).unwrap();
    }
    let mut out = format!("level {level}\n");
    show(schema, nodes, &mut Values { record, part }, "", &mut out);
    out
}

/// The same lines of a message that was read whole.
fn whole_values(codec: &dyn Codec, plan: &Plan, text: &[u8]) -> (Outcome, String) {
    let limits = Limits::default();
    let mut decoder = codec.decoder(&plan.reading(&limits));
    let (mut record, mut faults) = (plan.record(), Faults::new(16));
    record.begin(0, 0);
    let outcome = decoder.decode(&whole(text), text, &mut record, &mut faults);
    let mut lines = Vec::new();
    if outcome == Outcome::Clean {
        rows_of(codec.schema(), plan, 0, &mut record, text, &mut lines);
    }
    lines.sort();
    (outcome, lines.concat())
}

fn rows_of(schema: &Schema, plan: &Plan, level: u8, record: &mut Record, part: &[u8], lines: &mut Vec<String>) {
    lines.push(values_of(schema, plan, level, record, part));
    let Some(field) = plan.cut.get(usize::from(level)) else { return };
    let rows = plan.wanted.iter().find(|it| it.field == *field && matches!(it.want, latimer_engine::Want::Rows(_)));
    let slot = record.get(rows.unwrap().place);
    let (first, count) = if slot.is_absent() { (0, 0) } else { (slot.at(), slot.length()) };
    for row in 0..count {
        record.seek(u16::from(level) + 1, first + row);
        rows_of(schema, plan, level + 1, record, part, lines);
    }
}

#[test]
fn parts_have_the_values_of_the_whole() {
    let mut dice = Dice(12);
    let root = r##"{"type":"object","required":["a"],"maxProperties":4,"properties":{
        "id":{"type":"string"},"a":{"type":"object","required":["late"],"additionalProperties":{"type":"string"},"properties":{
            "first":{"type":"number"},"late":{"type":"string"},
            "items":{"type":"array","minItems":2,"maxItems":4000,"items":{"type":"object","required":["k"],"properties":{
                "k":{"type":"string"},"b":{"type":"array","maxItems":3,"items":{"type":"object","properties":{"c":{"type":"string"}}}},
                "l":{"type":"array","items":{"type":"string"}},"v":{"type":"number"}}}}}},
        "end":{"type":"array","items":{"type":"integer"}}}}"##;
    let codec = codec_with(root, "document");
    let schema = codec.schema();
    let (items, b) = (schema.find("a/items").unwrap(), schema.find("a/items/b").unwrap());
    let (mut clean, mut not) = (0, 0);
    for round in 0..160 {
        let mut message = String::from("{");
        for member in shuffled(&mut dice, &["id", "a", "end", "zz"]) {
            let value = match member {
                "id" => r#""12\u0041""#.to_owned(),
                "end" => "[1,2,3]".to_owned(),
                "zz" => r#"{"unknown":[1]}"#.to_owned(),
                _ => a(&mut dice, round),
            };
            message.push_str(&format!("{}\"{member}\": {value}", if message.len() > 1 { "," } else { "" }));
        }
        // Now and then something that only head and tail together show.
        message.push_str(match dice.roll(8) {
            0 => r#","id":"again"}"#,
            1 => r#","zz":1}"#,
            2 => r#","yy":1}"#,
            _ => "}",
        });
        let message = message.into_bytes();
        let message = if dice.one_in(6) { edited(&mut dice, &message) } else { message };
        for cut in [&[items][..], &[items, b]] {
            let plan = Plan::cut(schema, 6, cut);
            let (expected, values) = whole_values(&*codec, &plan, &message);
            let (outcome, found) = cut_values(&*codec, &plan, &message);
            let text = String::from_utf8_lossy(&message);
            let shown = format!("{}..{}", text.chars().take(200).collect::<String>(), text.len());
            assert_eq!(expected == Outcome::Clean, outcome == Outcome::Clean, "{shown}");
            if expected == Outcome::Clean {
                assert_eq!(found, values, "{shown}");
                clean += 1;
            } else {
                not += 1;
            }
        }
    }
    assert!(clean > 60 && not > 60, "{clean} {not}");
}

fn shuffled<'a>(dice: &mut Dice, names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    for at in (1..names.len()).rev() {
        names.swap(at, dice.roll(at + 1));
    }
    names.retain(|_| !dice.one_in(12));
    names
}

fn a(dice: &mut Dice, round: usize) -> String {
    let count = if round.is_multiple_of(4) { dice.roll(4) } else { 2500 + dice.roll(1600) };
    let mut out = String::from("{");
    for member in shuffled(dice, &["first", "items", "late", "other"]) {
        let value = match member {
            "first" => "1.50".to_owned(),
            "items" => {
                let items: Vec<_> = (0..count).map(|_| item(dice)).collect();
                format!("[{}]", items.join(" ,\n"))
            }
            _ => r#""text \" with ] and }""#.to_owned(),
        };
        out.push_str(&format!("{}\"{member}\":{value}", if out.len() > 1 { "," } else { "" }));
    }
    out.push_str(if dice.one_in(10) { r#","late":"twice"}"# } else { "}" });
    out
}

fn item(dice: &mut Dice) -> String {
    let mut out = String::from("{\"k\":\"key of an item that is long enough for messages to be cut into parts\"");
    if dice.one_in(2) {
        out.push_str(&format!(",\"b\":[{}]", vec![r#"{"c":"ü"}"#; dice.roll(3)].join(",")));
    }
    out.push_str(if dice.one_in(3) { r#", "l":["x","\ud834\udd1e"]"# } else { "" });
    out.push_str(if dice.one_in(2) { r#","v":1e2}"# } else { ",\"unknown\":null}" });
    out
}

/// What is read is written again, byte for byte where it was canonical.
#[test]
fn what_is_read_is_written_again() {
    let mut dice = Dice(13);
    let mut count = 0;
    for _ in 0..1500 {
        let schema = schema(&mut dice);
        let Ok(codec) = try_codec(&schema.to_string(), "document") else { continue };
        let plan = Plan::new(codec.schema(), 7);
        let Some(mut encoder) = codec.encoder(&plan.shape) else { panic!("{schema}") };
        for _ in 0..10 {
            let message = message(&mut dice, &schema);
            let Ok(once) = encode(&*codec, &plan, &mut *encoder, message.as_bytes()) else { continue };
            let again = encode(&*codec, &plan, &mut *encoder, &once);
            let once = String::from_utf8(once).unwrap();
            // Members that the schema does not name are not written, and null is not: the rest may then lack them.
            match again {
                Ok(again) => assert_eq!(String::from_utf8(again).unwrap(), once, "{schema}\n{message}"),
                Err(why) => assert!(is_about_count(&why), "{schema}\n{message}\n{once}{why}"),
            }
            count += 1;
        }
    }
    assert!(count > 3000, "{count}");
}

fn is_about_count(why: &str) -> bool {
    why.contains("json/items") || why.contains("json/missing") || why.contains("json/choice")
}

/// Every prefix of a message is a fault, and no edit of it does more than be one.
#[test]
fn prefixes_and_edits() {
    let mut dice = Dice(14);
    for _ in 0..400 {
        let schema = schema(&mut dice);
        let Ok(codec) = try_codec(&schema.to_string(), "document") else { continue };
        let mut reader = Reader::new(&*codec);
        let message = message(&mut dice, &schema).into_bytes();
        for end in 0..message.len() {
            let (outcome, found) = reader.read(&message[..end]);
            assert_eq!(outcome, Outcome::Broken, "{:?}", String::from_utf8_lossy(&message[..end]));
            assert!(!found.is_empty());
        }
        for _ in 0..60 {
            let (outcome, found) = reader.read(&edited(&mut dice, &message));
            assert_eq!(outcome == Outcome::Clean, found.is_empty());
            faults(codec.schema(), &found);
        }
    }
}

/// Fewer wanted fields have the same values, and the verdict does not change.
#[test]
fn what_is_wanted_changes_nothing() {
    let mut dice = Dice(15);
    for _ in 0..300 {
        let schema = schema(&mut dice);
        let Ok(codec) = try_codec(&schema.to_string(), "document") else { continue };
        let all = Plan::new(codec.schema(), 5);
        for _ in 0..10 {
            let message = message(&mut dice, &schema).into_bytes();
            let expected = decode_with(&*codec, &all, &message, &Limits::default());
            let mut few = Plan::new(codec.schema(), 5);
            few.wanted.retain(|_| dice.one_in(2));
            let found = decode_with(&*codec, &few, &message, &Limits::default());
            assert_eq!(found.outcome, expected.outcome);
            assert_eq!(found.faults, expected.faults);
            for line in found.values.lines().filter(|it| it.contains(" = ")) {
                assert!(expected.values.contains(line), "{line}\n{}", expected.values);
            }
        }
    }
}

/// The sections of a target whose items stream are its whole text.
#[test]
fn sections_make_the_whole() {
    let root = r#"{"type":"object","properties":{"id":{"type":"string"},"a":{"type":"object","required":["items"],"properties":{
        "n":{"type":"number"},"items":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"},"b":{"type":"array",
        "items":{"type":"string"}},"t":{"type":"boolean"}}}},"end":{"type":"string"}}},"z":{"type":"integer"}}}"#;
    let codec = codec_with(root, "document");
    let schema = codec.schema();
    let items = schema.find("a/items").unwrap();
    let plan = Plan::cut(schema, 6, &[items]);
    let mut encoder = codec.encoder(&plan.shape).unwrap();
    let limits = Limits::default();
    let mut decoder = codec.decoder(&plan.reading(&limits));
    for text in [
        r#"{"id":"1","a":{"n":1.50,"items":[{"k":"x","b":["1","2"]},{"t":false}],"end":"e"},"z":5}"#,
        r#"{"a":{"items":[]}}"#,
        r#"{"a":{"items":[{}],"end":"e"}}"#,
        r#"{"id":"1","z":5}"#,
        r#"{"z":5}"#,
        "{}",
    ] {
        let (mut record, mut faults) = (plan.record(), Faults::new(16));
        record.begin(0, 0);
        assert_eq!(decoder.decode(&whole(text.as_bytes()), text.as_bytes(), &mut record, &mut faults), Outcome::Clean);
        let rows = plan.wanted.iter().find(|it| it.field == items && matches!(it.want, latimer_engine::Want::Rows(_)));
        let slot = record.get(rows.unwrap().place);
        let mut out = Vec::new();
        let mut values = Values { record: &mut record, part: text.as_bytes() };
        encoder.encode(Section::Open(0), &mut values, &mut out).unwrap();
        let rows = if slot.is_absent() { 0 } else { slot.length() };
        for row in 0..rows {
            if row > 0 {
                out.extend_from_slice(encoder.separator());
            } else {
                encoder.encode(Section::First(0), &mut values, &mut out).unwrap();
            }
            values.record.seek(1, slot.at() + row);
            encoder.encode(Section::Whole(1), &mut values, &mut out).unwrap();
        }
        // The closing section may be encoded into another buffer.
        let mut close = Vec::new();
        let section = if rows == 0 { Section::Empty(0) } else { Section::Close(0) };
        encoder.encode(section, &mut values, &mut close).unwrap();
        out.extend_from_slice(&close);
        assert_eq!(String::from_utf8(out).unwrap(), format!("{text}\n"));
    }
}
