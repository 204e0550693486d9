//! What a script writes is what its pieces write, whatever the values are.

use super::{Random, everything::everything, schema};
use crate::{compile, encode::XmlEncoder};
use latimer_engine::{
    ArenaShape, Decimal, Diagnostics, Encoder, Node, Place, Presence, Record, Section, Shape, Slot, Sources, Values, Want, Wanted,
};
use std::sync::Arc;

const DECLARATIONS: &str = r#"<xs:element name="A"><xs:complexType><xs:sequence>
  <xs:element name="B" type="xs:string"/>
  <xs:element name="C"><xs:complexType><xs:sequence><xs:element name="D"><xs:complexType><xs:sequence>
    <xs:element name="ANameThatIsLongerThanOneBlockOfThirtyTwoBytes" type="xs:string"/>
  </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
  <xs:element name="E"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="f" type="xs:string"/><xs:attribute name="g" type="xs:hexBinary"/>
  </xs:extension></xs:simpleContent></xs:complexType></xs:element>
  <xs:element name="H" nillable="true"><xs:complexType><xs:sequence><xs:element name="I" type="xs:duration"/></xs:sequence>
    <xs:attribute name="j" type="xs:string"/></xs:complexType></xs:element>
  <xs:element name="K" type="xs:string" maxOccurs="9"/>
  <xs:element name="L" maxOccurs="9"><xs:complexType><xs:sequence>
    <xs:element name="M" type="xs:string"/><xs:element name="N" type="xs:string" minOccurs="0" maxOccurs="2"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>"#;

/// Says of each group that it is there when its slot has a value, or when the first leaf in it does, or always.
fn vary(nodes: &[Node], random: &mut Random) -> Vec<Node> {
    let leaf = |nodes: &[Node]| nodes.iter().find_map(|it| if let Node::Leaf(_, place) = it { Some(*place) } else { None });
    let vary = |node: &Node| match node {
        Node::Group(field, Presence::When(place), nodes) => {
            let nodes = vary(nodes, random);
            let presence = match random.below(4) {
                0 => Presence::Always,
                1 => Presence::When(*place),
                2 => Presence::Any(vec![*place, leaf(&nodes).unwrap_or(*place)]),
                _ => Presence::Any(vec![leaf(&nodes).unwrap_or(*place)]),
            };
            Node::Group(*field, presence, nodes)
        }
        Node::Rows(field, place, arena, nodes) => Node::Rows(*field, *place, *arena, vary(nodes, random)),
        Node::Leaf(field, _) if random.below(6) == 0 => Node::Literal(*field, "a literal & more".to_owned()),
        other => other.clone(),
    };
    nodes.iter().map(vary).collect()
}

fn value(record: &mut Record, random: &mut Random) -> Slot {
    const PART: [(u32, u32); 6] = [(0, 3), (4, 16), (0, 17), (20, 90), (95, 5), (0, 0)];
    match random.below(9) {
        0 => Slot::ABSENT,
        1 => record.hold(0, 1, |out| out.extend_from_slice("in the last bytes: é".as_bytes())),
        2 => record.hold(0, 1, |out| out.extend_from_slice(b"a text of more than one block \r < & \" and behind it more")),
        3 => [Slot::NIL, Slot::FAILED, Slot::yes_no(true, 0), Slot::yes_no(false, 0)][random.below(4)],
        4 => record.number(Decimal::integer(42)),
        5 => record.list([Slot::part(0, 4), Slot::part(4, 4)].into_iter().take(random.below(3))),
        _ => {
            let (at, length) = PART[random.below(PART.len())];
            Slot::part(at, length)
        }
    }
}

fn fill(record: &mut Record, wanted: &[Wanted], arena: u16, random: &mut Random) {
    for it in wanted.iter().filter(|it| it.place.arena == arena) {
        match it.want {
            Want::Rows(rows) => {
                for _ in 0..random.below(3) {
                    record.push_row(rows, it.place);
                    fill(record, wanted, rows, random);
                }
            }
            Want::Presence => record.set(it.place, if random.below(3) > 0 { Slot::group(0, 1) } else { Slot::ABSENT }),
            Want::Value => {
                let slot = value(record, random);
                record.set(it.place, slot);
            }
        }
    }
}

#[test]
fn a_script_writes_what_its_pieces_write() {
    let mut sources = Sources::default();
    let file = sources.add("test.xsd", schema(DECLARATIONS));
    let layout = Arc::new(compile::compile(&sources, file, None, &mut Diagnostics::default()).unwrap());
    let all = everything(&layout.schema, &[]);
    let part =
        "0123456789 of a part that is a little longer than a hundred bytes, as are those that begin with a head éé: the end";
    let (mut written, mut refused) = (0, 0);
    for seed in 0..3000 {
        let random = &mut Random(seed);
        let shape = Shape { nodes: vary(&all.shape.nodes, random) };
        let mut encoder = XmlEncoder::new(Arc::clone(&layout), &shape);
        let mut record = Record::new(&all.arenas, &[]);
        record.begin(0, 0);
        fill(&mut record, &all.wanted, 0, random);
        let mut values = Values { record: &mut record, part: part.as_bytes() };
        let (mut script, mut pieces) = (b"before".to_vec(), b"before".to_vec());
        let one = encoder.encode(Section::Whole(0), &mut values, &mut script);
        let other = encoder.by_pieces(Section::Whole(0), &mut values, &mut pieces);
        assert_eq!(one, other, "{seed}");
        if one.is_ok() {
            assert_eq!(String::from_utf8_lossy(&script), String::from_utf8_lossy(&pieces), "{seed}");
            written += 1;
        } else {
            refused += 1;
        }
    }
    assert!(written > 300 && refused > 300, "{written} written, {refused} refused");
}

#[test]
fn a_section_is_longer_than_a_page() {
    let mut sources = Sources::default();
    let file = sources.add("test.xsd", schema(DECLARATIONS));
    let layout = Arc::new(compile::compile(&sources, file, None, &mut Diagnostics::default()).unwrap());
    let field = |path: &str| layout.schema.find(path).unwrap();
    let place = |arena, slot| Place { arena, slot };
    let leaf = Node::Leaf(field("A/L/M"), place(1, 0));
    let rows = Node::Rows(field("A/L"), place(0, 0), 1, vec![leaf]);
    let shape = Shape { nodes: vec![Node::Group(field("A"), Presence::Always, vec![rows])] };
    let mut encoder = XmlEncoder::new(Arc::clone(&layout), &shape);
    // Every length, so that a page ends at every place of a tag and of a value.
    let part = [b"x".repeat(200), b"&".to_vec(), b"y".repeat(200)].concat();
    let mut record = Record::new(&[ArenaShape { stride: 1, level: 0 }, ArenaShape { stride: 1, level: 0 }], &[]);
    for length in 0..400 {
        record.begin(0, 0);
        for row in 0..60 {
            record.push_row(1, place(0, 0));
            record.set(place(1, 0), Slot::part((row * 3) % 7, length / (1 + row % 3)));
        }
        let mut values = Values { record: &mut record, part: &part };
        let (mut script, mut pieces) = (Vec::new(), Vec::new());
        encoder.encode(Section::Whole(0), &mut values, &mut script).unwrap();
        encoder.by_pieces(Section::Whole(0), &mut values, &mut pieces).unwrap();
        assert_eq!(String::from_utf8_lossy(&script), String::from_utf8_lossy(&pieces), "{length}");
    }
}
