//! What a mapping's plan asks of the encoder: constants, streams, lists, groups that may be left out.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod plain;

use latimer_engine::{ArenaShape, Codec, Decimal, Encoder, FieldId, Node, Place, Presence, Record, Section, Shape, Slot, Values};
use plain::compile;
use std::sync::Arc;

const BATCH: &str = "
       01  FILE-HDR.
           05  HDR-REC-TYPE          PIC X(02).
           05  HDR-SEQ-NO            PIC 9(06).
           05  HDR-CCY               PIC X(03).
           05  FILLER                PIC X(09).
       01  TXN-DTL.
           05  DTL-REC-TYPE          PIC X(02).
           05  DTL-AMOUNT            PIC S9(5)V99 COMP-3.
           05  DTL-PARTY.
               10  DTL-CODE          PIC X(02).
               10  DTL-NAME          PIC X(03).
           05  DTL-RMT-LINE          PIC X(03) OCCURS 3 TIMES.
       01  FILE-TRL.
           05  TRL-REC-TYPE          PIC X(02).
           05  TRL-TXN-COUNT         PIC 9(07).
           05  FILLER                PIC X(011).
";

const fn place(slot: u16) -> Place {
    Place { arena: 0, slot }
}

struct Writer {
    codec: Arc<dyn Codec>,
    encoder: Box<dyn Encoder>,
    record: Record,
}

impl Writer {
    fn new(copybook: &str, shape: impl Fn(&dyn Fn(&str) -> FieldId) -> Vec<Node>) -> Option<Writer> {
        let codec = compile(copybook, &["charset=cp037"], Vec::new()).unwrap();
        let nodes = shape(&|path| codec.schema().find(path).unwrap());
        let encoder = codec.encoder(&Shape { nodes })?;
        let mut record = Record::new(&[ArenaShape { stride: 8, level: 0 }], &[]);
        record.begin(0, 0);
        Some(Writer { codec, encoder, record })
    }

    fn text(&mut self, text: &str) -> Slot {
        self.record.hold(0, 0, |out| out.extend_from_slice(text.as_bytes()))
    }

    fn set(&mut self, slot: u16, text: &str) {
        let it = self.text(text);
        self.record.set(place(slot), it);
    }

    /// The section in hexadecimal, or the fault with its field.
    fn write(&mut self, section: Section) -> Result<String, String> {
        let mut out = Vec::new();
        let mut values = Values { record: &mut self.record, part: b"" };
        match self.encoder.encode(section, &mut values, &mut out) {
            Ok(()) => Ok(out.iter().map(|it| format!("{it:02X}")).collect()),
            Err(fault) => {
                let path = |it| self.codec.schema().path_with(it, &fault.rows);
                Err(format!("{} {}", fault.code.name(), fault.field.map_or(String::new(), path)))
            }
        }
    }
}

#[test]
fn a_file_that_streams() {
    let mut writer = Writer::new(BATCH, |find| {
        let header = vec![
            Node::Literal(find("FILE-HDR/HDR-REC-TYPE"), "00".to_owned()),
            Node::Literal(find("FILE-HDR/HDR-SEQ-NO"), "17".to_owned()),
            Node::Leaf(find("FILE-HDR/HDR-CCY"), place(0)),
        ];
        let party = vec![
            Node::Literal(find("TXN-DTL/DTL-PARTY/DTL-CODE"), "P1".to_owned()),
            Node::Leaf(find("TXN-DTL/DTL-PARTY/DTL-NAME"), place(2)),
        ];
        let detail = vec![
            Node::Literal(find("TXN-DTL/DTL-REC-TYPE"), "10".to_owned()),
            Node::Leaf(find("TXN-DTL/DTL-AMOUNT"), place(1)),
            Node::Group(find("TXN-DTL/DTL-PARTY"), Presence::Any(vec![place(2)]), party),
            Node::Leaf(find("TXN-DTL/DTL-RMT-LINE"), place(3)),
        ];
        let trailer = vec![
            Node::Literal(find("FILE-TRL/TRL-REC-TYPE"), "99".to_owned()),
            Node::Leaf(find("FILE-TRL/TRL-TXN-COUNT"), place(4)),
        ];
        vec![
            Node::Group(find("FILE-HDR"), Presence::Always, header),
            Node::Stream(find("TXN-DTL"), 1, detail),
            Node::Group(find("FILE-TRL"), Presence::When(place(5)), trailer),
        ]
    })
    .unwrap();
    writer.set(0, "EUR");
    assert_eq!(writer.write(Section::Open(0)).unwrap(), format!("F0F0F0F0F0F0F1F7C5E4D9{}", "40".repeat(9)));
    // A number that a step computed, a list, a group that is left out with its constant.
    let amount = writer.record.number(Decimal { coefficient: -12345, scale: 1 });
    writer.record.set(place(1), amount);
    let lines = [writer.text("ABC"), Slot::ABSENT];
    let lines = writer.record.list(lines);
    writer.record.set(place(3), lines);
    let detail = format!("F1F00123450D{}C1C2C3404040404040", "40".repeat(5));
    assert_eq!(writer.write(Section::Whole(1)).unwrap(), detail);
    writer.set(2, "Z");
    assert_eq!(writer.write(Section::Whole(1)).unwrap(), "F1F00123450DD7F1E94040C1C2C3404040404040");
    // A value that is no list is the first of it.
    writer.set(3, "Q");
    assert_eq!(writer.write(Section::Whole(1)).unwrap(), "F1F00123450DD7F1E94040D84040404040404040");
    let many = [writer.text("A"); 4];
    let many = writer.record.list(many);
    writer.record.set(place(3), many);
    assert_eq!(writer.write(Section::Whole(1)), Err("map/repeat TXN-DTL/DTL-RMT-LINE".to_owned()));
    let long = [writer.text("A"), writer.text("ABCD")];
    let long = writer.record.list(long);
    writer.record.set(place(3), long);
    assert_eq!(writer.write(Section::Whole(1)), Err("map/length TXN-DTL/DTL-RMT-LINE[2]".to_owned()));
    writer.record.set(place(1), Slot::ABSENT);
    writer.record.set(place(3), Slot::ABSENT);
    assert_eq!(writer.write(Section::Whole(1)).unwrap(), "F1F00000000CD7F1E94040404040404040404040");
    // The trailer is written when its slot says so.
    writer.set(4, "2");
    assert_eq!(writer.write(Section::Close(0)).unwrap(), "");
    writer.record.set(place(5), Slot::yes_no(true, 0));
    let trailer = format!("F9F9F0F0F0F0F0F0F2{}", "40".repeat(11));
    assert_eq!(writer.write(Section::Close(0)).unwrap(), trailer);
    assert_eq!(writer.write(Section::Whole(7)).unwrap(), "");
}

#[test]
fn a_record_of_lists() {
    let copybook = "
       01  REPLY.
           05  ID PIC X(2).
           05  N PIC 9.
           05  MSG PIC X(2) OCCURS 0 TO 3 TIMES DEPENDING ON N.
           05  PAIR PIC 9 COMP-3 OCCURS 2.
";
    let mut writer = Writer::new(copybook, |find| {
        let nodes = vec![
            Node::Leaf(find("REPLY/ID"), place(0)),
            Node::Leaf(find("REPLY/MSG"), place(1)),
            Node::Literal(find("REPLY/PAIR"), "7".to_owned()),
        ];
        vec![Node::Group(find("REPLY"), Presence::Always, nodes)]
    })
    .unwrap();
    assert_eq!(writer.write(Section::Whole(0)).unwrap(), "4040F07F0F");
    let list = [writer.text("A"), writer.text("BC")];
    let list = writer.record.list(list);
    writer.record.set(place(1), list);
    assert_eq!(writer.write(Section::Whole(0)).unwrap(), "4040F2C140C2C37F0F");
    writer.set(1, "D");
    assert_eq!(writer.write(Section::Whole(0)).unwrap(), "4040F1C4407F0F");
    let list = [writer.text("A"); 4];
    let list = writer.record.list(list);
    writer.record.set(place(1), list);
    assert_eq!(writer.write(Section::Whole(0)), Err("map/repeat REPLY/MSG".to_owned()));
}

#[test]
fn constants_that_do_not_fit() {
    let mut writer = Writer::new("01 R. 05 A PIC X(2). 05 B PIC 9.", |find| {
        let nodes = vec![Node::Literal(find("R/A"), "ABC".to_owned())];
        vec![Node::Group(find("R"), Presence::Always, nodes)]
    })
    .unwrap();
    assert_eq!(writer.write(Section::Whole(0)), Err("map/length R/A".to_owned()));
}

/// Shapes that no record has: occurrences within a record do not stream.
#[test]
fn tables_do_not_stream() {
    let found = Writer::new("01 R. 05 T PIC X OCCURS 2.", |find| {
        vec![Node::Group(find("R"), Presence::Always, vec![Node::Stream(find("R/T"), 1, Vec::new())])]
    });
    assert!(found.is_none());
}
