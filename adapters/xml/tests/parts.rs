//! Framing, and messages in parts: the same however they are delivered and cut.

use super::{
    Bench, compile,
    everything::Mirror,
    message, schema,
    suites::{Random, mutate},
};
use latimer_engine::{ArenaShape, Codec, Cut, Fault, FaultCode, FieldId, Frame, Framer, Limits, Outcome, Part};
use std::sync::Arc;

/// A batch: a header, payments with transfers, a sum.
fn batch() -> Arc<dyn Codec> {
    compile(&schema(
        "<xs:element name='Doc'><xs:complexType><xs:sequence>\
           <xs:element name='Hdr' type='xs:string'/>\
           <xs:element name='Body'><xs:complexType><xs:sequence>\
             <xs:element name='Pmt' maxOccurs='unbounded'><xs:complexType><xs:sequence>\
               <xs:element name='Id' type='xs:string'/>\
               <xs:element name='Tx' minOccurs='0' maxOccurs='500'><xs:complexType><xs:sequence>\
                 <xs:element name='Amt'><xs:complexType><xs:simpleContent><xs:extension base='xs:decimal'><xs:attribute name='Ccy' type='xs:string' use='required'/></xs:extension></xs:simpleContent></xs:complexType></xs:element>\
                 <xs:element name='Inf' type='xs:string' minOccurs='0' maxOccurs='3'/>\
                 <xs:element name='Any' minOccurs='0'><xs:complexType><xs:sequence><xs:any processContents='lax'/></xs:sequence></xs:complexType></xs:element>\
               </xs:sequence></xs:complexType></xs:element>\
               <xs:element name='End' type='xs:string' minOccurs='0'/>\
             </xs:sequence><xs:attribute name='n' type='xs:int'/></xs:complexType></xs:element>\
           </xs:sequence></xs:complexType></xs:element>\
           <xs:element name='Sum' type='xs:decimal'/>\
         </xs:sequence></xs:complexType></xs:element>",
    ))
}

/// A batch beyond the size of one part, with markup that looks like tags; `prefix` is empty or ends in a colon.
fn large(prefix: &str, pretty: bool) -> String {
    let (blank, p) = (if pretty { "\n    " } else { "" }, prefix);
    let declare =
        if p.is_empty() { "xmlns=\"urn:t\"".to_owned() } else { format!("xmlns:{}=\"urn:t\"", p.trim_end_matches(':')) };
    let mut text =
        format!("<?xml version=\"1.0\"?>\n<!-- </{p}Doc> --><{p}Doc {declare}><{p}Hdr>h &amp; é</{p}Hdr>{blank}<{p}Body>");
    for payment in 0..9 {
        text += &format!("{blank}<{p}Pmt n='{payment}'{blank}><{p}Id>P{payment}</{p}Id>");
        let transfers = if payment == 4 { 0 } else { 300 };
        for transfer in 0..transfers {
            text += blank;
            match transfer % 50 {
                7 => text += &format!("<!-- <{p}Tx> --><?pi </{p}Tx> ?>"),
                9 => text += &format!("<{p}Tx><{p}Amt Ccy='a>b'>1</{p}Amt><{p}Inf><![CDATA[</{p}Tx><{p}Tx>]]></{p}Inf></{p}Tx>"),
                11 => text += &format!("<{p}Tx><{p}Amt Ccy='X'>2</{p}Amt><{p}Any><Tx xmlns=''><Tx/></Tx></{p}Any></{p}Tx>"),
                _ => {}
            }
            text += &format!(
                "<{p}Tx><{p}Amt Ccy=\"EUR\">{transfer}.50</{p}Amt>{blank}<{p}Inf>one &lt; two, and a text that makes the batch longer than one part may be</{p}Inf><{p}Inf>ünï {payment}</{p}Inf></{p}Tx >"
            );
        }
        if payment % 2 == 0 {
            text += &format!("{blank}<{p}End>e</{p}End>");
        }
        text += &format!("</{p}Pmt>");
    }
    text + &format!("{blank}</{p}Body><{p}Sum>12</{p}Sum>{blank}</{p}Doc>\n")
}

/// A part, where it stands, its number and its bytes.
type Found = (Part, u64, u64, Vec<u8>);

/// All parts of a stream that is delivered so many bytes at a time, and how it ends.
fn frames(framer: &mut dyn Framer, stream: &[u8], piece: usize) -> (Vec<Found>, Option<Fault>) {
    let mut parts = Vec::new();
    let (mut from, mut to) = (0, piece.min(stream.len()));
    loop {
        let end = to == stream.len();
        match framer.next(&stream[from..to], end) {
            Ok(Cut::Frame(Frame { part, bytes, consumed, at, number })) => {
                let absolute = from + bytes.start;
                assert_eq!(at, absolute as u64);
                parts.push((part, at, number, stream[absolute..from + bytes.end].to_vec()));
                from += consumed;
                assert!(from <= to);
            }
            Ok(Cut::Incomplete) => {
                assert!(!end, "nothing more will come");
                to = (to + piece).min(stream.len());
            }
            Ok(Cut::End) => {
                assert!(end);
                return (parts, None);
            }
            Ok(other) => panic!("{other:?}"),
            Err(fault) => return (parts, Some(fault)),
        }
    }
}

fn cuts(codec: &Arc<dyn Codec>) -> Vec<FieldId> {
    ["Doc/Body/Pmt", "Doc/Body/Pmt/Tx"].map(|it| codec.schema().find(it).unwrap()).into()
}

#[test]
fn parts_do_not_depend_on_delivery() {
    let codec = batch();
    let cut = cuts(&codec);
    let small = "<Doc xmlns='urn:t'><Hdr/><Body><Pmt><Id/></Pmt></Body><Sum>1</Sum></Doc>";
    let streams = [
        large("", false),
        format!("{small}\n\n<!-- between -->{small}<?pi?> \u{FEFF}<?xml version='1.0'?>{small}\n"),
        format!("{}{small}<!-- end -->", large("p:", true)),
        format!("\u{FEFF}{small}"),
        "<a/>junk".to_owned(),
        format!("{small}<!DOCTYPE a><a/>"),
        String::new(),
        " \n".to_owned(),
    ];
    for stream in &streams {
        for levels in 0..=2 {
            let make = || codec.framer(&cut[..levels], &[], &Limits::default());
            let whole = frames(&mut *make(), stream.as_bytes(), stream.len().max(1));
            for piece in [1, 7, 4096, 100_000] {
                // One byte at a time takes its time on the long streams.
                let piece = if stream.len() > 200_000 { piece.max(1021) } else { piece };
                assert_eq!(frames(&mut *make(), stream.as_bytes(), piece), whole, "{levels} {piece}");
            }
        }
    }
    let between = frames(&mut *codec.framer(&[], &[], &Limits::default()), streams[1].as_bytes(), 10);
    assert_eq!((between.0.len(), between.1), (3, None));
}

/// Reads and writes a stream part by part.
fn written(codec: &Arc<dyn Codec>, cut: &[FieldId], stream: &[u8]) -> (Vec<u8>, usize) {
    let mut mirror = Mirror::new(codec, cut);
    let (parts, fault) = frames(&mut *mirror.framer(), stream, 70_000);
    assert_eq!(fault, None);
    let mut out = Vec::new();
    for (part, at, number, bytes) in &parts {
        let frame = Frame { part: *part, bytes: 0..bytes.len(), consumed: bytes.len(), at: *at, number: *number };
        let outcome = mirror.part(&frame, bytes, &mut out);
        assert_eq!(outcome, Outcome::Clean, "{frame:?} {:?}", mirror.bench.faults.list());
    }
    (out, parts.len())
}

#[test]
fn a_message_in_parts_says_the_same() {
    let codec = batch();
    let cut = cuts(&codec);
    for text in [large("", false), large("p:", true), large("", true)] {
        let (whole, parts) = written(&codec, &[], text.as_bytes());
        assert_eq!(parts, 1);
        let (pieces, parts) = written(&codec, &cut, text.as_bytes());
        assert_eq!(parts, 2 + 9 * 2 + 8 * (300 + 12), "two heads, tails and items");
        // A group whose repeat is empty cannot be known to be so when it opens.
        assert_eq!(String::from_utf8(pieces).unwrap(), String::from_utf8(whole.clone()).unwrap());
        let (pieces, parts) = written(&codec, &cut[..1], text.as_bytes());
        assert_eq!(parts, 2 + 9);
        assert!(pieces == whole);
    }
}

#[test]
fn a_real_message_in_parts_says_the_same() {
    let Some(codec) = message("pain.001.001.09") else { return };
    let path = super::vectors().unwrap().join("iso20022/samples/valid/sebastienrousseau-pain001__pain.001.001.09.xml");
    let text = super::read(&path);
    let cut: Vec<_> = ["Document/CstmrCdtTrfInitn/PmtInf", "Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"]
        .map(|it| codec.schema().find(it).unwrap())
        .into();
    let (from, to) = (text.find("<CdtTrfTxInf>").unwrap(), text.rfind("</CdtTrfTxInf>").unwrap() + 14);
    let long = format!("{}{}{}", &text[..from], text[from..to].repeat(2000), &text[to..]);
    assert!(long.len() > 400_000);
    let (whole, _) = written(&codec, &[], long.as_bytes());
    let (pieces, parts) = written(&codec, &cut, long.as_bytes());
    assert!(parts > 2000, "{parts}");
    let differs = whole.iter().zip(&pieces).position(|(a, b)| a != b);
    let near =
        |it: &[u8]| differs.map(|at| String::from_utf8_lossy(&it[at.saturating_sub(300)..(at + 100).min(it.len())]).into_owned());
    assert!(whole == pieces, "{:?}\n{:?}", near(&whole), near(&pieces));
}

#[test]
fn a_framer_goes_on_after_a_restart() {
    let codec = batch();
    let cut = cuts(&codec);
    let text = format!("{}{}", large("p:", true), large("", false));
    let make = || codec.framer(&cut, &[], &Limits::default());
    let (all, _) = frames(&mut *make(), text.as_bytes(), 10_000);
    for stop in [0, 1, 2, 3, 310, 1242, 1243, 1244, 1245, 2510, 2511, 2512, 2513, 3000] {
        let mut framer = make();
        let mut at = 0;
        for _ in 0..stop {
            let Ok(Cut::Frame(frame)) = framer.next(&text.as_bytes()[at..], true) else { panic!("{stop}") };
            at += frame.consumed;
        }
        let mut mark = Vec::new();
        framer.mark(&mut mark);
        let mut resumed = make();
        resumed.resume(&mark);
        for expected in &all[stop..] {
            let Ok(Cut::Frame(frame)) = resumed.next(&text.as_bytes()[at..], true) else { panic!("{stop}") };
            assert_eq!((frame.part, frame.at, frame.number), (expected.0, expected.1, expected.2));
            at += frame.consumed;
        }
    }
}

/// The first fault of a stream run in parts.
fn fault_of(codec: &Arc<dyn Codec>, cut: &[FieldId], stream: &[u8]) -> Option<Fault> {
    let levels = u8::try_from(cut.len()).unwrap();
    let arenas: Vec<_> = (0..=levels).map(|level| ArenaShape { stride: 1, level }).collect();
    let mut bench = Bench::new(codec, &[], cut, &arenas);
    let mut framer = codec.framer(cut, &[], &Limits::default());
    let mut at = 0;
    loop {
        match framer.next(&stream[at..], true) {
            Ok(Cut::Frame(frame)) => {
                bench.decode(&frame, &stream[at..]);
                if let Some(fault) = bench.faults.list().first() {
                    return Some(*fault);
                }
                at += frame.consumed;
            }
            Ok(_) => return None,
            Err(fault) => return Some(fault),
        }
    }
}

#[test]
fn every_prefix_is_a_fault() {
    let codec = batch();
    let cut = cuts(&codec);
    let small = "<?xml version='1.0'?><!-- c --><Doc xmlns='urn:t'><Hdr>&lt;é</Hdr><Body><Pmt n='1'><Id>a</Id>\
                 <Tx><Amt Ccy='EUR'>1</Amt><Inf><![CDATA[x]]></Inf></Tx></Pmt></Body><Sum>1</Sum></Doc>";
    assert_eq!(fault_of(&codec, &[], small.as_bytes()), None);
    for length in 1..small.len() {
        assert!(fault_of(&codec, &[], &small.as_bytes()[..length]).is_some(), "{}", &small[..length.min(small.len())].len());
    }
    let long = large("", true);
    assert_eq!(fault_of(&codec, &cut, long.as_bytes()), None);
    let mut random = Random(3);
    for _ in 0..60 {
        let length = random.below(long.len() - 2);
        assert!(fault_of(&codec, &cut, &long.as_bytes()[..length]).is_some(), "{length}");
    }
}

#[test]
fn faults_of_parts_have_their_place() {
    let codec = batch();
    let cut = cuts(&codec);
    let good = large("", false);
    let check = |text: &str, code: FaultCode, path: &str, at: usize| {
        let fault = fault_of(&codec, &cut, text.as_bytes()).unwrap();
        let field = fault.field.map(|it| codec.schema().path(it)).unwrap_or_default();
        assert_eq!((fault.code, field.as_str(), fault.offset), (code, path, at as u64), "{fault:?}");
    };
    let late = good.find("P7").unwrap();
    let amount = late + good[late..].find("299.50").unwrap();
    let wrong = format!("{}29x.50{}", &good[..amount], &good[amount + 6..]);
    check(&wrong, FaultCode::XmlFacet, "Doc/Body/Pmt/Tx/Amt", amount);
    let sum = good.rfind("<Sum>").unwrap();
    let wrong = format!("{}{}", &good[..sum], &good[sum + 15 - 2..]);
    check(&wrong, FaultCode::XmlMissing, "Doc", sum);
    let many = good.find("P2").unwrap();
    let many = many + good[many..].find("<Tx>").unwrap();
    let wrong = format!("{}{}{}", &good[..many], "<Tx><Amt Ccy='E'>1</Amt></Tx>".repeat(200), &good[many..]);
    let fault = fault_of(&codec, &cut, wrong.as_bytes()).unwrap();
    assert_eq!(fault.code, FaultCode::XmlUnexpected, "the 501st");
    let no_payment = format!("<Doc xmlns='urn:t'><Hdr>{}</Hdr><Body></Body><Sum>1</Sum></Doc>", "x".repeat(300_000));
    check(&no_payment, FaultCode::XmlMissing, "Doc/Body", no_payment.find("</Body>").unwrap());
}

#[test]
fn parts_that_are_not_what_they_should_be_are_refused() {
    let codec = batch();
    let cut = cuts(&codec);
    let arenas: Vec<_> = (0..3).map(|level| ArenaShape { stride: 1, level }).collect();
    let mut bench = Bench::new(&codec, &[], &cut, &arenas);
    let mut run = |parts: &[(Part, u64, &str)]| {
        let mut last = Outcome::Clean;
        for (part, number, text) in parts {
            let frame = Frame { part: *part, bytes: 0..text.len(), consumed: text.len(), at: 0, number: *number };
            last = bench.decode(&frame, text.as_bytes());
            if last != Outcome::Clean {
                break;
            }
        }
        last
    };
    let head = (Part::Head(0), 1, "<Doc xmlns='urn:t'><Hdr/><Body>");
    let payment = (Part::Head(1), 1, "<Pmt><Id/>");
    let item = (Part::Item, 1, "<Tx><Amt Ccy=''>1</Amt></Tx>");
    assert_eq!(
        run(&[head, payment, item, (Part::Tail(1), 1, "</Pmt>"), (Part::Tail(0), 1, "</Body><Sum>1</Sum></Doc>")]),
        Outcome::Clean
    );
    let twice = "<Tx><Amt Ccy=''>1</Amt></Tx><Tx><Amt Ccy=''>1</Amt></Tx>";
    for wrong in [
        &[head, payment, (Part::Item, 1, twice)][..],
        &[head, payment, (Part::Item, 1, "<Tx><Amt Ccy=''>1</Amt>")],
        &[head, payment, (Part::Item, 1, "<Amt Ccy=''>1</Amt>")],
        &[head, payment, (Part::Item, 1, "")],
        &[head, payment, (Part::Item, 1, "</Pmt>")],
        &[head, payment, (Part::Item, 1, "<Tx xmlns=''><Amt Ccy=''>1</Amt></Tx>")],
        &[head, payment, (Part::Item, 501, item.2)],
        &[head, (Part::Item, 1, item.2)],
        &[head, payment, item, (Part::Tail(1), 1, "</Pmt></Body>")],
        &[head, payment, item, (Part::Tail(1), 1, "")],
        &[head, payment, item, (Part::Tail(1), 501, "</Pmt>")],
        &[head, (Part::Tail(0), 0, "</Body><Sum>1</Sum></Doc>")],
        &[head, (Part::Tail(0), 1, "</Body><Sum>1</Sum></Doc><Doc/>")],
        &[(Part::Head(0), 1, "<Doc xmlns='urn:t'><Hdr/>"), payment],
        &[(Part::Head(0), 1, "<Doc xmlns='urn:t'><Body>"), payment],
    ] {
        assert_ne!(run(wrong), Outcome::Clean, "{wrong:?}");
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let codec = batch();
    let cut = cuts(&codec);
    let mut mirrors = [Mirror::new(&codec, &[]), Mirror::new(&codec, &cut)];
    let small = "<?xml version='1.0'?><!-- c --><p:Doc xmlns:p='urn:t'><p:Hdr>&lt;é</p:Hdr><p:Body><p:Pmt n='1'><p:Id>a</p:Id>\
                 <p:Tx><p:Amt Ccy='EUR'>1</p:Amt><p:Inf><![CDATA[x]]></p:Inf></p:Tx></p:Pmt></p:Body><p:Sum>1</p:Sum></p:Doc>";
    let long = large("", true);
    let mut random = Random(11);
    let mut clean = 0;
    for round in 0..6000 {
        let original = if round % 300 == 0 { long.as_bytes() } else { small.as_bytes() };
        let bytes = mutate(original, &mut random);
        let mirror = &mut mirrors[round % 2];
        let mut framer = mirror.framer();
        let (mut at, mut out) = (0, Vec::new());
        while let Ok(Cut::Frame(frame)) = framer.next(&bytes[at..], true) {
            let outcome = mirror.part(&frame, &bytes[at..], &mut out);
            clean += usize::from(outcome == Outcome::Clean);
            at += frame.consumed;
            if outcome == Outcome::Broken {
                break;
            }
        }
    }
    assert!(clean > 50, "{clean}");
}
