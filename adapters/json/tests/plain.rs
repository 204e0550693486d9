//! The plain form of other formats: what must stand before the array of a long message.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use latimer_engine::{
    ArenaShape, Codec, Cut, Faults, FieldId, Limits, Member, Occurs, Part, Reading, Record, Schema, Text, Type, TypeDef, TypeId,
};
use latimer_json::Json;
use std::sync::Arc;

/// `{"Doc":{"b0":..,"Head":{"x":..},"Tx":[{"t":..}],"Sum":..}}` with so many members `b`.
fn schema(before: usize) -> Arc<Schema> {
    let text = TypeId(0);
    let optional = |name: &str, kind| Member { occurs: Occurs::OPTIONAL, ..Member::once(name, kind) };
    let mut members: Vec<_> = (0..before).map(|it| optional(&format!("b{it}"), text)).collect();
    members.push(Member::once("Head", TypeId(1)));
    members.push(Member::occurring("Tx", TypeId(2), Occurs { min: 0, max: None }));
    members.push(optional("Sum", text));
    let types = vec![
        TypeDef::leaf("text", Type::Text(Text::default())),
        TypeDef::sequence("Head", vec![optional("x", text)]),
        TypeDef::sequence("Tx", vec![optional("t", text), optional("u", text)]),
        TypeDef::sequence("Doc", members),
        TypeDef::sequence("", vec![Member::once("Doc", TypeId(3))]),
    ];
    Arc::new(Schema::new("test", types, TypeId(4)))
}

/// The parts of a stream, and its first fault: code, path, byte.
fn read(codec: &dyn Codec, cut: &[FieldId], text: &str) -> (usize, Option<(&'static str, String, usize)>) {
    let limits = Limits::default();
    let mut framer = codec.framer(cut, &[], &limits);
    let mut decoder = codec.decoder(&Reading { wanted: &[], cut, limits: &limits, plain: false });
    let arenas: Vec<_> = (0..=u8::try_from(cut.len()).unwrap()).map(|level| ArenaShape { stride: 1, level }).collect();
    let (mut record, mut faults, mut at, mut parts) = (Record::new(&arenas, &[]), Faults::new(16), 0, 0);
    loop {
        let buffer = &text.as_bytes()[at..];
        let frame = match framer.next(buffer, true).unwrap() {
            Cut::Frame(frame) => frame,
            Cut::End => return (parts, None),
            other => panic!("{other:?}"),
        };
        match frame.part {
            Part::Whole | Part::Head(0) => record.begin(0, frame.at),
            Part::Item => record.begin(1, frame.at),
            Part::Head(level) => record.begin(level, frame.at),
            Part::Tail(level) => record.resume(level, frame.at),
        }
        decoder.decode(&frame, buffer, &mut record, &mut faults);
        if let Part::Head(level) = frame.part {
            record.keep(level, &buffer[frame.bytes.clone()]);
        }
        if let Some(fault) = faults.list().first() {
            let path = codec.schema().path(fault.field.unwrap_or(Schema::ROOT));
            return (parts, Some((fault.code.name(), path, usize::try_from(fault.offset).unwrap())));
        }
        parts += 1;
        at += frame.consumed;
    }
}

#[test]
fn what_the_target_puts_before_the_array_must_come_before_it() {
    // Members in one word, and in more than one.
    for before in [3, 62, 63, 80] {
        let codec = Json::plain(schema(before));
        let cut = [codec.schema().find("Doc/Tx").unwrap()];
        let items = vec![r#"{"u":"a","t":"an item that makes it long"}"#; 8000].join(",");
        let long = |head: &str, tail: &str| format!(r#"{{"Doc":{{{head}"Tx":[{items}]{tail}}}}}"#);
        let check = |head: &str, tail: &str, fault: Option<(&'static str, &str, &str)>| {
            let text = long(head, tail);
            let fault = fault.map(|(code, path, of)| (code, path.to_owned(), text.rfind(of).unwrap()));
            let (parts, found) = read(codec.as_ref(), &cut, &text);
            assert_eq!(found, fault, "{before} {head} {tail}");
            assert!(parts > 8000);
        };
        let last = format!("b{}", before - 1);
        let (quoted, path) = (format!("\"{last}\""), format!("Doc/{last}"));
        check(r#""b0":"x","Head":{},"#, r#","Sum":"1""#, None);
        check(r#""Sum":"1","Head":{},"#, "", None);
        check(r#""Head":{},"#, r#","b0":"x""#, Some(("json/order", "Doc/b0", "\"b0\"")));
        check(r#""Head":{},"#, &format!(r#","Sum":"1",{quoted}:"x""#), Some(("json/order", &path, &quoted)));
        check("", r#","Head":{"x":"1"},"Sum":"1""#, Some(("json/order", "Doc/Head", "\"Head\"")));
        // What came before comes twice; what never comes is missing.
        check(r#""b1":"1","Head":{},"#, r#","b1":"x""#, Some(("json/duplicate", "Doc/b1", "\"b1\"")));
        let text = long("", r#","Sum":"1""#);
        assert_eq!(read(codec.as_ref(), &cut, &text).1, Some(("json/missing", "Doc/Head".to_owned(), text.len() - 2)));
        // A message that is one part is read at once, whatever the order.
        let short = r#"{"Doc":{"Tx":[{}],"Sum":"1","Head":{"x":"1"},"b0":"x"}}"#;
        assert_eq!(read(codec.as_ref(), &cut, short), (1, None));
    }
}
