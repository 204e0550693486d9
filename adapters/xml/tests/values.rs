//! What a decoder keeps, and what it says of what is wrong.

use super::{Bench, compile, schema};
use latimer_engine::{ArenaShape, Codec, FaultCode, Frame, Outcome, Part, Place, Slot, SlotKind, Want, Wanted};
use std::sync::Arc;

fn frame(text: &str) -> Frame {
    Frame { part: Part::Whole, bytes: 0..text.len(), consumed: text.len(), at: 1000, number: 1 }
}

fn order() -> Arc<dyn Codec> {
    compile(&schema(
        "<xs:element name='A'><xs:complexType><xs:sequence>\
           <xs:element name='t' type='xs:string' minOccurs='0'/><xs:element name='n' type='xs:decimal' minOccurs='0'/><xs:element name='k' type='xs:token' minOccurs='0'/>\
           <xs:element name='b' type='xs:base64Binary' minOccurs='0'/><xs:element name='y' type='xs:boolean' minOccurs='0' nillable='true'/>\
           <xs:element name='d' type='xs:int' default='7' minOccurs='0'/>\
           <xs:element name='amt' minOccurs='0'><xs:complexType><xs:simpleContent><xs:extension base='xs:decimal'><xs:attribute name='Ccy' type='xs:string' use='required'/><xs:attribute name='f' type='xs:boolean' default='true'/></xs:extension></xs:simpleContent></xs:complexType></xs:element>\
           <xs:element name='any' minOccurs='0'><xs:complexType><xs:sequence><xs:any processContents='lax' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>\
           <xs:element name='r' minOccurs='0' maxOccurs='unbounded'><xs:complexType><xs:choice><xs:element name='x' type='Short'/><xs:element name='l' type='Short' maxOccurs='3'/></xs:choice></xs:complexType></xs:element>\
         </xs:sequence></xs:complexType></xs:element>\
         <xs:simpleType name='Short'><xs:restriction base='xs:string'><xs:maxLength value='3'/></xs:restriction></xs:simpleType>",
    ))
}

/// The slot of a path, and its bytes.
fn value(codec: &Arc<dyn Codec>, path: &str, text: &str) -> (Slot, Vec<u8>) {
    let place = Place { arena: 0, slot: 0 };
    let field = codec.schema().find(path).unwrap();
    let mut bench = Bench::new(codec, &[Wanted { field, place, want: Want::Value }], &[], &[ArenaShape { stride: 1, level: 0 }]);
    let outcome = bench.decode(&frame(text), text.as_bytes());
    assert_eq!(outcome, Outcome::Clean, "{text}: {:?}", bench.faults.list());
    let slot = bench.record.get(place);
    (slot, bench.record.bytes(slot, text.as_bytes()).to_vec())
}

#[test]
fn values_are_clean() {
    let codec = order();
    for (path, content, expected, kind) in [
        ("A/t", "<t> a </t>", " a ", SlotKind::Part),
        ("A/t", "<t></t>", "", SlotKind::Part),
        ("A/t", "<t/>", "", SlotKind::Part),
        ("A/t", "<t>a&lt;b</t>", "a<b", SlotKind::Held),
        ("A/t", "<t>a<!-- c -->b<?p i?>c<![CDATA[<d>]]></t >", "abc<d>", SlotKind::Held),
        ("A/t", "<t>a\r\nb\rc</t>", "a\nb\nc", SlotKind::Held),
        ("A/t", "<t>Zoë\n&#x20AC;</t>", "Zoë\n€", SlotKind::Held),
        ("A/t", "<t>Zoë 日本</t>", "Zoë 日本", SlotKind::Part),
        ("A/n", "<n>\n 12.50 </n>", "12.50", SlotKind::Part),
        ("A/n", "<n>+007.</n>", "7", SlotKind::Held),
        ("A/n", "<n>-.5</n>", "-0.5", SlotKind::Held),
        ("A/k", "<k>  a b </k>", "a b", SlotKind::Part),
        ("A/k", "<k>a \n b</k>", "a b", SlotKind::Held),
        ("A/b", "<b>QUJD</b>", "ABC", SlotKind::Held),
        ("A/y", "<y>1</y>", "true", SlotKind::Yes),
        ("A/y", "<y> false </y>", "false", SlotKind::No),
        ("A/y", "<y xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'/>", "", SlotKind::Absent),
        ("A/d", "<d/>", "7", SlotKind::Held),
        ("A/d", "<d>8</d>", "8", SlotKind::Part),
        ("A/d", "", "", SlotKind::Absent),
        ("A/amt", "<amt Ccy='EUR'>1</amt>", "1", SlotKind::Part),
        ("A/amt/@Ccy", "<amt Ccy='EUR'>1</amt>", "EUR", SlotKind::Part),
        ("A/amt/@Ccy", "<amt Ccy='E&amp;\nR'>1</amt>", "E& R", SlotKind::Held),
        ("A/amt/@f", "<amt Ccy=''>1</amt>", "true", SlotKind::Yes),
        ("A/amt/@f", "<amt Ccy='' f='0'>1</amt>", "false", SlotKind::No),
        ("A/any", "<any><q:x xmlns:q='urn:q' b='1' a=''/></any>", "<q:x xmlns:q=\"urn:q\" a=\"\" b=\"1\"></q:x>", SlotKind::Held),
        ("A/any", "<any>\n<t>1</t><!-- c --></any>", "\n<t xmlns=\"urn:t\">1</t>", SlotKind::Held),
    ] {
        let text = format!("<A xmlns='urn:t'>{content}</A>");
        let (slot, bytes) = value(&codec, path, &text);
        assert_eq!((String::from_utf8(bytes).unwrap().as_str(), slot.kind()), (expected, kind), "{content}");
    }
}

#[test]
fn values_know_where_they_come_from() {
    let codec = order();
    let place = Place { arena: 0, slot: 0 };
    let field = codec.schema().find("A/t").unwrap();
    let mut bench = Bench::new(&codec, &[Wanted { field, place, want: Want::Value }], &[], &[ArenaShape { stride: 1, level: 0 }]);
    for content in ["<t>plain</t>", "<t>a &amp; b</t>"] {
        let text = format!("<A xmlns='urn:t'>{content}</A>");
        bench.decode(&frame(&text), text.as_bytes());
        let (at, length) = bench.record.origin(bench.record.get(place)).unwrap();
        let from = usize::try_from(at).unwrap() - 1000;
        assert_eq!(&text[from..from + length as usize], &content[3..content.len() - 4]);
    }
}

#[test]
fn repeats_are_rows() {
    let codec = order();
    let find = |path: &str| codec.schema().find(path).unwrap();
    let place = |arena, slot| Place { arena, slot };
    let wanted = [
        Wanted { field: find("A/r"), place: place(0, 0), want: Want::Rows(1) },
        Wanted { field: find("A/r/x"), place: place(1, 0), want: Want::Value },
        Wanted { field: find("A/r/l"), place: place(1, 1), want: Want::Rows(2) },
        Wanted { field: find("A/r/l"), place: place(2, 0), want: Want::Value },
        Wanted { field: find("A/r"), place: place(1, 2), want: Want::Presence },
    ];
    let arenas = [1, 3, 1].map(|stride| ArenaShape { stride, level: 0 });
    let mut bench = Bench::new(&codec, &wanted, &[], &arenas);
    let text = "<A xmlns='urn:t'><r><x>a</x></r>\n<r><l>1</l><l>2</l></r><r><l>3</l></r></A>";
    assert_eq!(bench.decode(&frame(text), text.as_bytes()), Outcome::Clean);
    let record = &mut bench.record;
    let rows = record.get(place(0, 0));
    assert_eq!((rows.kind(), rows.at(), rows.length()), (SlotKind::Rows, 0, 3));
    let mut found = Vec::new();
    for row in 0..3 {
        record.seek(1, row);
        let inner = record.get(place(1, 1));
        let group = record.get(place(1, 2));
        let stretch = &text[group.at() as usize..(group.at() + group.length()) as usize];
        let mut list = Vec::new();
        for row in inner.at()..inner.at() + inner.length() {
            record.seek(2, row);
            list.push(String::from_utf8_lossy(record.bytes(record.get(place(2, 0)), text.as_bytes())).into_owned());
        }
        let x = String::from_utf8_lossy(record.bytes(record.get(place(1, 0)), text.as_bytes())).into_owned();
        found.push((x, list.join(","), stretch.to_owned()));
    }
    let expect = |x: &str, list: &str, stretch: &str| (x.to_owned(), list.to_owned(), stretch.to_owned());
    assert_eq!(
        found,
        [expect("a", "", "<r><x>a</x></r>"), expect("", "1,2", "<r><l>1</l><l>2</l></r>"), expect("", "3", "<r><l>3</l></r>"),]
    );
}

#[test]
fn faults_say_what_and_where() {
    let codec = order();
    let mut bench = Bench::checking(&codec);
    let xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    // `^` stands before the byte that is blamed.
    for (content, code, path, rows) in [
        ("<n>^1,5</n>", FaultCode::XmlFacet, "A/n", [0, 0]),
        ("<r><x>a</x></r><r><x>^abcd</x></r>", FaultCode::XmlFacet, "A/r/x", [2, 0]),
        ("<r><x>a</x></r><r><l>a</l><l>^abcd</l></r>", FaultCode::XmlFacet, "A/r/l", [2, 2]),
        ("^<amt>1</amt>", FaultCode::XmlAttribute, "A/amt/@Ccy", [0, 0]),
        ("<amt Ccy='' ^z='1'>1</amt>", FaultCode::XmlAttribute, "A/amt", [0, 0]),
        ("<amt Ccy='' f='^maybe'>1</amt>", FaultCode::XmlFacet, "A/amt/@f", [0, 0]),
        ("<amt Ccy='EUR'>1</amt>^<amt>2</amt>", FaultCode::XmlUnexpected, "A", [0, 0]),
        ("<k/>^<n>1</n>", FaultCode::XmlUnexpected, "A", [0, 0]),
        ("<r>^</r>", FaultCode::XmlMissing, "A/r", [1, 0]),
        ("<n>1^<t/></n>", FaultCode::XmlUnexpected, "A/n", [0, 0]),
        ("^text", FaultCode::XmlText, "A", [0, 0]),
        ("<t>^\u{1}</t>", FaultCode::XmlCharacter, "A/t", [0, 0]),
        ("<t>a^]]></t>", FaultCode::XmlSyntax, "A/t", [0, 0]),
        ("<t>^&nbsp;</t>", FaultCode::XmlEntity, "A/t", [0, 0]),
        ("<t>^&#2;</t>", FaultCode::XmlCharacter, "A/t", [0, 0]),
        ("<t>a^</n>", FaultCode::XmlMismatch, "A/t", [0, 0]),
        ("^<q:t/>", FaultCode::XmlNamespace, "A", [0, 0]),
        ("^<t xmlns='urn:o'/>", FaultCode::XmlNamespace, "A/t", [0, 0]),
        ("<t a='1' ^a='2'/>", FaultCode::XmlSyntax, "A", [0, 0]),
        ("<t a=^1/>", FaultCode::XmlSyntax, "A", [0, 0]),
        ("<t ^xmlns:xml='urn:x'/>", FaultCode::XmlNamespace, "A", [0, 0]),
        (&format!("<n {xsi} xsi:type='^A'>1</n>"), FaultCode::XmlType, "A/n", [0, 0]),
        (&format!("^<n {xsi} xsi:nil='true'/>"), FaultCode::XmlNil, "A/n", [0, 0]),
        ("<!-- a ^-- b -->", FaultCode::XmlSyntax, "A", [0, 0]),
        ("^<!ELEMENT a>", FaultCode::XmlSyntax, "A", [0, 0]),
    ] {
        let marked = format!("<A xmlns='urn:t'>{content}</A>");
        let at = marked.find('^').unwrap();
        let text = marked.replace('^', "");
        bench.decode(&frame(&text), text.as_bytes());
        let fault = bench.faults.list()[0];
        let found = fault.field.map(|it| codec.schema().path(it)).unwrap_or_default();
        assert_eq!((fault.code, found.as_str(), fault.rows, fault.offset), (code, path, rows, 1000 + at as u64), "{text}");
    }
    let mut fault = |text: &str| {
        bench.decode(&frame(text), text.as_bytes());
        let fault = bench.faults.list()[0];
        (fault.code, fault.offset - 1000)
    };
    assert_eq!(fault("<B xmlns='urn:t'/>"), (FaultCode::XmlRoot, 0));
    assert_eq!(fault("<A/>"), (FaultCode::XmlRoot, 0));
    assert_eq!(fault("<!DOCTYPE A><A xmlns='urn:t'/>"), (FaultCode::XmlDoctype, 0));
    assert_eq!(fault("<A xmlns='urn:t'/><A/>"), (FaultCode::FrameTrailing, 18));
    assert_eq!(fault("<A xmlns='urn:t'>"), (FaultCode::FrameTruncated, 17));
    assert_eq!(fault("junk"), (FaultCode::XmlSyntax, 0));
}

#[test]
fn what_was_expected_is_named() {
    let codec = compile(&schema(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='a' minOccurs='0'/><xs:element name='b' minOccurs='2' maxOccurs='3'/><xs:element name='c'/></xs:sequence></xs:complexType></xs:element>",
    ));
    let mut bench = Bench::checking(&codec);
    for (content, code, expected) in [
        ("", FaultCode::XmlMissing, "b"),
        ("<a/><c/>", FaultCode::XmlUnexpected, "b"),
        ("<b/>", FaultCode::XmlMissing, "b"),
        ("<b/><c/>", FaultCode::XmlUnexpected, "b"),
        ("<b/><b/>", FaultCode::XmlMissing, "c"),
        ("<b/><b/><b/><b/>", FaultCode::XmlUnexpected, "c"),
    ] {
        let text = format!("<A xmlns='urn:t'>{content}</A>");
        bench.decode(&frame(&text), text.as_bytes());
        let fault = bench.faults.list()[0];
        let schema = codec.schema();
        let member = schema.nth(schema.find("A").unwrap(), u32::from(fault.detail) - 1);
        assert_eq!((fault.code, schema.name_of(member)), (code, expected), "{content}");
    }
}

#[test]
fn facet_faults_are_collected() {
    let codec = order();
    let mut bench = Bench::checking(&codec);
    let text = "<A xmlns='urn:t'><n>x</n><b>?</b><y>maybe</y><amt>1</amt><r><x>long</x></r></A>";
    assert_eq!(bench.decode(&frame(text), text.as_bytes()), Outcome::Faulty);
    let paths: Vec<_> = bench.faults.list().iter().map(|it| codec.schema().path(it.field.unwrap())).collect();
    assert_eq!(paths, ["A/n", "A/b", "A/y", "A/amt/@Ccy", "A/r/x"]);
    let broken = "<A xmlns='urn:t'><n>x</n><zz/></A>";
    assert_eq!(bench.decode(&frame(broken), broken.as_bytes()), Outcome::Broken);
    assert_eq!(bench.faults.list().len(), 2);
}

#[test]
fn a_tag_without_attributes_has_none_of_the_one_before() {
    let codec = order();
    let mut bench = Bench::checking(&codec);
    let both = "<A xmlns='urn:t'><amt Ccy='EUR'>1</amt></A>";
    assert_eq!(bench.decode(&frame(both), both.as_bytes()), Outcome::Clean);
    let none = "<A xmlns='urn:t'><amt>1</amt></A>";
    assert_eq!(bench.decode(&frame(none), none.as_bytes()), Outcome::Faulty);
}

#[test]
fn derived_types_keep_what_is_wanted_of_their_base() {
    let codec = compile(&schema(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='b' type='Base'/></xs:sequence></xs:complexType></xs:element>\
         <xs:complexType name='Base'><xs:sequence><xs:element name='x' type='xs:string'/></xs:sequence></xs:complexType>\
         <xs:complexType name='More'><xs:complexContent><xs:extension base='Base'><xs:sequence><xs:element name='y' type='xs:int'/></xs:sequence><xs:attribute name='l'/></xs:extension></xs:complexContent></xs:complexType>",
    ));
    let xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    let text = format!("<A xmlns='urn:t' {xsi}><b xsi:type='More' l=''><x>kept</x><y>1</y></b></A>");
    assert_eq!(value(&codec, "A/b/x", &text).1, b"kept");
}
