//! A reading that wants all of a schema, and the shape that writes all of it again.

use super::{Bench, compile, message, read, vectors};
use latimer_engine::{
    ArenaShape, Codec, Cut, Encoder, FieldId, Frame, Framer, Kind, Limits, Node, Outcome, Part, Place, Presence, Schema, Section,
    Shape, Values, Want, Wanted,
};
use std::sync::Arc;

/// What wants everything.
pub(super) struct Everything {
    pub(super) wanted: Vec<Wanted>,
    pub(super) arenas: Vec<ArenaShape>,
    pub(super) shape: Shape,
}

/// Lays out every field of a schema, cut at these repeats.
pub(super) fn everything(schema: &Schema, cut: &[FieldId]) -> Everything {
    let arenas = (0..=u8::try_from(cut.len()).unwrap()).map(|level| ArenaShape { stride: 0, level }).collect();
    let mut layout = Layouter { schema, cut, wanted: Vec::new(), arenas };
    let nodes = layout.nodes(Schema::ROOT, 0);
    Everything { wanted: layout.wanted, arenas: layout.arenas, shape: Shape { nodes } }
}

struct Layouter<'a> {
    schema: &'a Schema,
    cut: &'a [FieldId],
    wanted: Vec<Wanted>,
    arenas: Vec<ArenaShape>,
}

impl Layouter<'_> {
    fn want(&mut self, field: FieldId, arena: u16, want: Want) -> Place {
        let stride = &mut self.arenas[usize::from(arena)].stride;
        let place = Place { arena, slot: *stride };
        *stride += 1;
        self.wanted.push(Wanted { field, place, want });
        place
    }

    fn nodes(&mut self, field: FieldId, arena: u16) -> Vec<Node> {
        let mut nodes = Vec::new();
        for child in self.schema.children(field) {
            let line = self.schema.line(field);
            // A type within itself is followed twice.
            if line.iter().filter(|it| self.schema.type_id(**it) == self.schema.type_id(child)).count() < 2 {
                nodes.push(self.node(child, arena));
            }
        }
        nodes
    }

    fn node(&mut self, child: FieldId, arena: u16) -> Node {
        if !self.schema.repeats(child) {
            return self.one(child, arena);
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

    /// What stands in an occurrence.
    fn content(&mut self, field: FieldId, arena: u16) -> Vec<Node> {
        match self.schema.type_of(field).kind {
            Kind::Leaf(_) | Kind::Any => {
                let mut nodes = self.nodes(field, arena);
                let value = self.want(field, arena, Want::Value);
                nodes.push(Node::Leaf(field, value));
                nodes
            }
            _ => self.nodes(field, arena),
        }
    }

    fn one(&mut self, field: FieldId, arena: u16) -> Node {
        let leaf = matches!(self.schema.type_of(field).kind, Kind::Leaf(_) | Kind::Any);
        if leaf && self.schema.children(field).is_empty() {
            return Node::Leaf(field, self.want(field, arena, Want::Value));
        }
        let presence = self.want(field, arena, Want::Presence);
        Node::Group(field, Presence::When(presence), self.content(field, arena))
    }
}

/// Runs streams through a schema and back.
pub(super) struct Mirror {
    pub(super) bench: Bench,
    encoder: Box<dyn Encoder>,
    cut: Vec<FieldId>,
}

impl Mirror {
    pub(super) fn new(codec: &Arc<dyn Codec>, cut: &[FieldId]) -> Mirror {
        let all = everything(codec.schema(), cut);
        let bench = Bench::new(codec, &all.wanted, cut, &all.arenas);
        Mirror { bench, encoder: codec.encoder(&all.shape).unwrap(), cut: cut.to_vec() }
    }

    pub(super) fn framer(&self) -> Box<dyn Framer> {
        self.bench.codec.framer(&self.cut, &[], &Limits::default())
    }

    /// One part, read and written.
    pub(super) fn part(&mut self, frame: &Frame, buffer: &[u8], out: &mut Vec<u8>) -> Outcome {
        let outcome = self.bench.decode(frame, buffer);
        if outcome != Outcome::Clean {
            return outcome;
        }
        let levels = u16::try_from(self.cut.len()).unwrap();
        let section = match frame.part {
            Part::Whole => Section::Whole(0),
            Part::Item => Section::Whole(levels),
            Part::Head(level) => Section::Open(u16::from(level)),
            Part::Tail(level) if frame.number == 0 => Section::Empty(u16::from(level)),
            Part::Tail(level) => Section::Close(u16::from(level)),
        };
        let is_first = frame.number == 1 && matches!(section, Section::Open(1..) | Section::Whole(1..));
        let mut values = Values { record: &mut self.bench.record, part: &buffer[frame.bytes.clone()] };
        if is_first {
            self.encoder.encode(Section::First(section.stream() - 1), &mut values, out).unwrap();
        }
        self.encoder.encode(section, &mut values, out).unwrap();
        outcome
    }

    /// A whole message in canonical form.
    pub(super) fn canonical(&mut self, bytes: &[u8]) -> Vec<u8> {
        assert!(self.cut.is_empty());
        let bytes = super::recode(&self.bench.codec, bytes).unwrap().unwrap_or_else(|| bytes.to_vec());
        let Cut::Frame(frame) = self.framer().next(&bytes, true).unwrap() else { panic!("no message") };
        let mut out = Vec::new();
        let outcome = self.part(&frame, &bytes, &mut out);
        assert_eq!(outcome, Outcome::Clean, "{:?}", self.bench.faults.list());
        out
    }
}

/// Names, attributes and texts as quick-xml reads them, prefixes and indentation left out.
fn said(bytes: &[u8]) -> Vec<String> {
    use quick_xml::events::Event;
    let text = std::str::from_utf8(bytes).unwrap();
    let mut reader = quick_xml::Reader::from_str(text);
    let local = |name: &[u8]| String::from_utf8_lossy(name.rsplit(|it| *it == b':').next().unwrap()).into_owned();
    let mut all = Vec::new();
    let mut value = String::new();
    // An amount is the same amount with other zeros and signs before it.
    let end = |all: &mut Vec<String>, value: &mut String| {
        let it = value.trim();
        if !it.is_empty() {
            let number = it.trim_start_matches('+').trim_end_matches('.');
            all.push(latimer_engine::Decimal::parse(number.as_bytes()).map_or(it.to_owned(), |it| it.trim(0).to_string()));
        }
        value.clear();
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                end(&mut all, &mut value);
                all.push(format!("<{}", local(start.name().as_ref())));
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref();
                    if !name.starts_with(b"xmlns") && !name.starts_with(b"xsi:") {
                        all.push(format!("@{}={}", local(name), attribute.unescape_value().unwrap()));
                    }
                }
            }
            Event::End(_) => end(&mut all, &mut value),
            Event::Text(it) => value.push_str(&it.xml_content().unwrap()),
            Event::CData(it) => value.push_str(&String::from_utf8_lossy(&it)),
            Event::GeneralRef(it) => match it.resolve_char_ref().unwrap() {
                Some(it) => value.push(it),
                None => value.push_str(quick_xml::escape::resolve_predefined_entity(std::str::from_utf8(&it).unwrap()).unwrap()),
            },
            Event::Eof => return all,
            _ => {}
        }
    }
}

#[test]
fn messages_of_others_come_back_in_canonical_form() {
    let Some(root) = vectors() else { return };
    let manifest = read(&root.join("iso20022/samples/MANIFEST.md"));
    let mut count = 0;
    let mut mirrors = std::collections::HashMap::new();
    for line in manifest.lines().filter(|it| it.starts_with("| ")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let path = root.join("iso20022/samples/valid").join(cells[1]);
        let (true, "valid") = (path.is_file(), cells[5]) else { continue };
        let Some(bytes) = std::fs::read(&path).ok() else { continue };
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let mirror = mirrors.entry(cells[2].to_owned()).or_insert_with(|| Mirror::new(&message(cells[2]).unwrap(), &[]));
        let once = mirror.canonical(&bytes);
        assert_eq!(said(&once), said(text.trim_start_matches('\u{FEFF}').as_bytes()), "{}", path.display());
        assert!(once.starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><"), "{}", path.display());
        assert!(once.ends_with(b">\n"));
        let twice = mirror.canonical(&once);
        assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once), "{}", path.display());
        count += 1;
    }
    assert!(count >= 130, "{count}");
}

#[test]
fn canonical_form_is_that_of_the_product() {
    let codec = compile(&super::schema(
        "<xs:element name='A'><xs:complexType><xs:sequence>\
           <xs:element name='T' type='xs:string' maxOccurs='3'/>\
           <xs:element name='N' type='xs:decimal' minOccurs='0'/>\
           <xs:element name='E' minOccurs='0'><xs:complexType><xs:sequence><xs:any processContents='skip' minOccurs='0' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>\
           <xs:element name='G' minOccurs='0'><xs:complexType><xs:sequence><xs:element name='X' type='xs:base64Binary' minOccurs='0'/><xs:element name='H' type='xs:hexBinary' form='unqualified' minOccurs='0'/></xs:sequence><xs:attribute name='a' type='xs:boolean'/><xs:attribute name='l' type='xs:string'/></xs:complexType></xs:element>\
         </xs:sequence></xs:complexType></xs:element>",
    ));
    let mut mirror = Mirror::new(&codec, &[]);
    for (input, canonical) in [
        ("<A xmlns='urn:t'><T>a&#13;b &gt; &amp;</T></A>", "<A xmlns=\"urn:t\"><T>a&#13;b &gt; &amp;</T></A>"),
        (
            "<p:A xmlns:p='urn:t'>\n <p:T><![CDATA[<x>]]>y<!-- c -->z</p:T><p:T/><p:N> +007. </p:N></p:A>",
            "<A xmlns=\"urn:t\"><T>&lt;x&gt;yz</T><T/><N>7</N></A>",
        ),
        (
            "<A xmlns='urn:t'><T> </T><N>-.50</N><E><B xmlns='urn:u' b='2' a='&quot;'/><C xmlns=''>c</C></E></A>",
            "<A xmlns=\"urn:t\"><T> </T><N>-0.50</N><E><B xmlns=\"urn:u\" a=\"&quot;\" b=\"2\"></B><C xmlns=\"\">c</C></E></A>",
        ),
        (
            "<A xmlns='urn:t'><T>x</T><G a='1' l='a&#10;\"b'><X>QU JD</X><H xmlns=''>0aff</H></G></A>",
            "<A xmlns=\"urn:t\"><T>x</T><G a=\"true\" l=\"a&#10;&quot;b\"><X>QUJD</X><H xmlns=\"\">0AFF</H></G></A>",
        ),
        ("<A xmlns='urn:t'><T>x</T><G></G></A>", "<A xmlns=\"urn:t\"><T>x</T><G/></A>"),
        ("<A xmlns='urn:t'><T>x</T><G a='false'/></A>", "<A xmlns=\"urn:t\"><T>x</T><G a=\"false\"/></A>"),
    ] {
        let canonical = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{canonical}\n");
        assert_eq!(String::from_utf8(mirror.canonical(input.as_bytes())).unwrap(), canonical);
        assert_eq!(String::from_utf8(mirror.canonical(canonical.as_bytes())).unwrap(), canonical);
    }
}

/// The same document with a blank at the end of each tag, which nearly no sender writes: the general path reads it.
fn roomy(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut inside = false;
    for byte in bytes {
        match byte {
            b'<' => inside = true,
            b'>' if inside => {
                // An empty tag ends in two characters that stay together.
                if out.last() == Some(&b'/') {
                    out.insert(out.len() - 1, b' ');
                } else if out.last() != Some(&b'?') {
                    out.push(b' ');
                }
                inside = false;
            }
            _ => {}
        }
        out.push(*byte);
    }
    out
}

#[test]
fn the_quick_path_reads_what_the_general_one_does() {
    let Some(root) = vectors() else { return };
    let mut random = super::suites::Random(5);
    let (mut clean, mut refused) = (0, 0);
    for name in ["pacs.008.001.08", "pain.001.001.03", "camt.053.001.02"] {
        let codec = message(name).unwrap();
        let (mut quick, mut general) = (Mirror::new(&codec, &[]), Mirror::new(&codec, &[]));
        for entry in std::fs::read_dir(root.join("iso20022/samples/valid")).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let is_of = memchr::memmem::find(&bytes, format!("xsd:{name}\"").as_bytes()).is_some();
            if !is_of || bytes.len() > 20_000 || memchr::memmem::find(&bytes, b"<!").is_some() {
                continue;
            }
            for round in 0..100 {
                let mut bytes = bytes.clone();
                // Values and names get other bytes; tags stay tags.
                for _ in 0..if round == 0 { 0 } else { 1 + random.below(2) } {
                    let at = random.below(bytes.len());
                    let places = b"<>&\"'= /?![]";
                    if !places.contains(&bytes[at]) {
                        bytes[at] = b"aZ09.-+ \n"[random.below(9)];
                    }
                }
                let (mut one, mut other) = (Vec::new(), Vec::new());
                let roomy = roomy(&bytes);
                let frame =
                    |bytes: &[u8]| Frame { part: Part::Whole, bytes: 0..bytes.len(), consumed: bytes.len(), at: 0, number: 1 };
                let first = quick.part(&frame(&bytes), &bytes, &mut one);
                let second = general.part(&frame(&roomy), &roomy, &mut other);
                let faults = |mirror: &Mirror| {
                    mirror.bench.faults.list().iter().map(|it| (it.code, it.field, it.rows, it.detail)).collect::<Vec<_>>()
                };
                assert_eq!((first, faults(&quick)), (second, faults(&general)), "{}", String::from_utf8_lossy(&bytes));
                assert!(one == other);
                if first == Outcome::Clean { clean += 1 } else { refused += 1 }
            }
        }
    }
    assert!(clean > 300 && refused > 300, "{clean} {refused}");
}

/// Writes one record of slots through a shape of one element `A` with one leaf.
fn write(
    codec: &Arc<dyn Codec>,
    path: &str,
    make: impl Fn(&mut latimer_engine::Record) -> latimer_engine::Slot,
) -> Result<String, latimer_engine::Fault> {
    let schema = codec.schema();
    let place = Place { arena: 0, slot: 0 };
    let field = schema.find(path).unwrap();
    let nodes = schema.line(field).into_iter().rev().fold(vec![Node::Leaf(field, place)], |inner, it| {
        if it == field { inner } else { vec![Node::Group(it, Presence::Always, inner)] }
    });
    let mut encoder = codec.encoder(&Shape { nodes }).unwrap();
    let mut record = latimer_engine::Record::new(&[ArenaShape { stride: 1, level: 0 }], &[]);
    record.begin(0, 77);
    let slot = make(&mut record);
    record.set(place, slot);
    let mut out = Vec::new();
    encoder.encode(Section::Whole(0), &mut Values { record: &mut record, part: b"" }, &mut out)?;
    let text = String::from_utf8(out).unwrap();
    Ok(text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap().trim_end().to_owned())
}

#[test]
fn what_is_written_is_well_formed_and_of_its_type() {
    use latimer_engine::{FaultCode, Record, Slot};
    let codec = compile(&super::schema(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='t' type='xs:string' maxOccurs='9'/><xs:element name='n' type='Digits' minOccurs='0'/><xs:element name='f' type='xs:int' fixed='5' minOccurs='0'/>\
           <xs:element name='l' minOccurs='0'><xs:simpleType><xs:list itemType='xs:int'/></xs:simpleType></xs:element><xs:element name='x' minOccurs='0'/></xs:sequence><xs:attribute name='a' type='xs:string'/></xs:complexType></xs:element>\
         <xs:simpleType name='Digits'><xs:restriction base='xs:decimal'><xs:pattern value='[0-9]+\\.[0-9]{2}'/></xs:restriction></xs:simpleType>",
    ));
    let text = |text: &'static str| move |record: &mut Record| record.hold(3, 4, |out| out.extend_from_slice(text.as_bytes()));
    let check = |path, value: &'static str, expected: Result<&str, FaultCode>| {
        let written = write(&codec, path, text(value));
        let expected = expected.map(|it| it.replace("<A", "<A xmlns=\"urn:t\""));
        assert_eq!(written.as_ref().map_err(|it| it.code), expected.as_ref().map_err(|it| *it), "{value}");
        if let Err(fault) = written {
            assert_eq!((fault.field, fault.offset), (codec.schema().find(path), 80));
        }
    };
    check("A/t", "a < b", Ok("<A><t>a &lt; b</t></A>"));
    check("A/t", "", Ok("<A><t/></A>"));
    check("A/t", "\u{1}", Err(FaultCode::MapCharset));
    check("A/t", "a text of some length with \u{FFFF} in it", Err(FaultCode::MapCharset));
    check("A/@a", "\"<\n", Ok("<A a=\"&quot;&lt;&#10;\"/>"));
    check("A/n", "1.20", Ok("<A><n>1.20</n></A>"));
    check("A/n", "1.2", Err(FaultCode::MapFacet));
    check("A/f", "5", Ok("<A><f>5</f></A>"));
    check("A/f", "6", Err(FaultCode::MapFacet));
    check("A/l", "1 2", Ok("<A><l>1 2</l></A>"));
    check("A/l", "one", Err(FaultCode::MapFacet));
    check("A/x", "<b xmlns=\"\">c</b> &amp;", Ok("<A><x><b xmlns=\"\">c</b> &amp;</x></A>"));
    for wrong in ["</x>", "<b>", "<b></c>", "<p:b/>", "&nbsp;", "<!DOCTYPE a>", "a]]>", "<!-- a", "\u{1}", "<b></b></x><x>"] {
        check("A/x", wrong, Err(FaultCode::MapFacet));
    }
    let number = write(&codec, "A/n", |record| record.number(latimer_engine::Decimal::parse(b"12.50").unwrap()));
    assert_eq!(number.unwrap(), "<A xmlns=\"urn:t\"><n>12.50</n></A>");
    let list = write(&codec, "A/t", |record| {
        let items = ["a", "b"].map(|it| record.hold(0, 0, |out| out.extend_from_slice(it.as_bytes())));
        record.list([items[0], Slot::ABSENT, items[1]])
    });
    assert_eq!(list.unwrap(), "<A xmlns=\"urn:t\"><t>a</t><t>b</t></A>");
    assert_eq!(write(&codec, "A/t", |_| Slot::ABSENT).unwrap(), "<A xmlns=\"urn:t\"/>");
    assert_eq!(write(&codec, "A/t", |_| Slot::yes_no(false, 0)).unwrap(), "<A xmlns=\"urn:t\"><t>false</t></A>");
}
