//! Decoding, encoding and framing of a 1.9 kB pacs.008 beside the event loops of two versions of quick-xml.
//!
//! `measure XSD` prints medians of interleaved rounds. `measure XSD WHAT COUNT` runs one thing so often: under
//! `valgrind --tool=callgrind` the difference of two counts is the instructions of one message.

use latimer_engine::{
    ArenaShape, Codec, Cut, Diagnostics, Faults, FieldId, Format, Frame, Kind, Limits, Node, Options,
    Outcome, Part, Place, Presence, Reading, Record, Schema, Section, Shape, Sources, Values, Want, Wanted,
};
use latimer_xml::Xml;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// Counts what is allocated.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"><FIToFICstmrCdtTrf><GrpHdr><MsgId>MSG20260302000001</MsgId><CreDtTm>2026-03-02T09:15:00.000Z</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Cd>TGT</Cd></ClrSys></SttlmInf></GrpHdr>";
const ITEM: &str = "<CdtTrfTxInf><PmtId><InstrId>INSTR0000000001</InstrId><EndToEndId>E2E-2026-0000001</EndToEndId><TxId>TX000000000001</TxId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SUPP</Cd></CtgyPurp></PmtTpInf><IntrBkSttlmAmt Ccy=\"EUR\">12345.67</IntrBkSttlmAmt><IntrBkSttlmDt>2026-03-02</IntrBkSttlmDt><ChrgBr>SHAR</ChrgBr><InstgAgt><FinInstnId><BICFI>BANKDEFFXXX</BICFI></FinInstnId></InstgAgt><InstdAgt><FinInstnId><BICFI>BANKFRPPXXX</BICFI></FinInstnId></InstdAgt><Dbtr><Nm>Acme Manufacturing GmbH</Nm><PstlAdr><StrtNm>Hauptstrasse</StrtNm><BldgNb>12</BldgNb><PstCd>60311</PstCd><TwnNm>Frankfurt am Main</TwnNm><Ctry>DE</Ctry></PstlAdr></Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>BANKDEFFXXX</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>BANKFRPPXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Fournisseur Lumiere SA</Nm><PstlAdr><StrtNm>Rue de la Paix</StrtNm><BldgNb>7</BldgNb><PstCd>75002</PstCd><TwnNm>Paris</TwnNm><Ctry>FR</Ctry></PstlAdr></Cdtr><CdtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></CdtrAcct><Purp><Cd>SUPP</Cd></Purp><RmtInf><Ustrd>Invoice 2026-0042 of 28 February 2026, order 7734</Ustrd></RmtInf></CdtTrfTxInf>";
const TAIL: &str = "</FIToFICstmrCdtTrf></Document>\n";

/// Everything the message has, wanted and written again.
fn lay_out(schema: &Schema, field: FieldId, text: &str, at: &mut u16, wanted: &mut Vec<Wanted>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for child in schema.children(field) {
        let name = schema.name_of(child);
        let used = if let Some(name) = name.strip_prefix('@') {
            text.contains(&format!(" {name}=\""))
        } else {
            text.contains(&format!("<{name}>")) || text.contains(&format!("<{name} "))
        };
        if !used || schema.line(child).len() > 9 || *at > 200 {
            continue;
        }
        let mut place = |want| {
            let place = Place { arena: 0, slot: *at };
            *at += 1;
            wanted.push(Wanted { field: child, place, want });
            place
        };
        let leaf = matches!(schema.type_of(child).kind, Kind::Leaf(_));
        if leaf && schema.children(child).is_empty() {
            nodes.push(Node::Leaf(child, place(Want::Value)));
            continue;
        }
        let presence = place(Want::Presence);
        let own = leaf.then(|| Node::Leaf(child, place(Want::Value)));
        let mut inner = lay_out(schema, child, text, at, wanted);
        inner.extend(own);
        nodes.push(Node::Group(child, Presence::When(presence), inner));
    }
    nodes
}

struct Subject {
    codec: Arc<dyn Codec>,
    message: Vec<u8>,
    wanted: Vec<Wanted>,
    shape: Shape,
    slots: u16,
}

fn whole(bytes: &[u8]) -> Frame {
    Frame { part: Part::Whole, bytes: 0..bytes.len(), consumed: bytes.len(), at: 0, number: 1 }
}

impl Subject {
    fn new(xsd: &str) -> Subject {
        let mut sources = Sources::default();
        let file =
            sources.add("schema.xsd", std::fs::read_to_string(xsd).expect("an XSD of pacs.008.001.08"));
        let mut diagnostics = Diagnostics::default();
        let codec =
            Xml::ISO20022.compile(&sources, file, &Options::default(), &mut diagnostics).expect("a schema");
        let message = format!("{HEAD}{ITEM}{TAIL}");
        let (mut at, mut wanted) = (0, Vec::new());
        let nodes = lay_out(codec.schema(), Schema::ROOT, &message, &mut at, &mut wanted);
        Subject { codec, message: message.into_bytes(), wanted, shape: Shape { nodes }, slots: at }
    }

    /// A closure that decodes the message once.
    fn decode(&self, wanted: &[Wanted]) -> impl FnMut() -> usize {
        let limits = Limits::default();
        let mut decoder = self.codec.decoder(&Reading { wanted, cut: &[], limits: &limits, plain: false });
        let mut record = Record::new(&[ArenaShape { stride: self.slots, level: 0 }], &[]);
        let mut faults = Faults::new(16);
        let bytes = self.message.clone();
        move || {
            record.begin(0, 0);
            let outcome = decoder.decode(&whole(&bytes), black_box(&bytes), &mut record, &mut faults);
            assert_eq!(outcome, Outcome::Clean, "{:?}", faults.list());
            bytes.len()
        }
    }

    fn encode(&self) -> impl FnMut() -> usize {
        let limits = Limits::default();
        let mut decoder =
            self.codec.decoder(&Reading { wanted: &self.wanted, cut: &[], limits: &limits, plain: false });
        let mut record = Record::new(&[ArenaShape { stride: self.slots, level: 0 }], &[]);
        record.begin(0, 0);
        let bytes = self.message.clone();
        decoder.decode(&whole(&bytes), &bytes, &mut record, &mut Faults::new(16));
        let mut encoder = self.codec.encoder(&self.shape).expect("it can be written");
        let mut out = Vec::new();
        move || {
            out.clear();
            encoder
                .encode(
                    Section::Whole(0),
                    &mut Values { record: &mut record, part: black_box(&bytes) },
                    &mut out,
                )
                .expect("it fits");
            out.len()
        }
    }

    /// Cuts 64 messages behind each other.
    fn frame(&self) -> impl FnMut() -> usize {
        let stream = self.message.repeat(64);
        let codec = Arc::clone(&self.codec);
        move || {
            let mut framer = codec.framer(&[], &[], &Limits::default());
            let mut at = 0;
            while let Cut::Frame(frame) = framer.next(black_box(&stream[at..]), true).expect("documents") {
                at += frame.consumed;
            }
            stream.len()
        }
    }

    /// Cuts one message of 1,000 items.
    fn items(&self) -> impl FnMut() -> usize {
        let stream = format!("{HEAD}{}{TAIL}", ITEM.repeat(1000)).into_bytes();
        let codec = Arc::clone(&self.codec);
        let cut = codec.schema().find("Document/FIToFICstmrCdtTrf/CdtTrfTxInf").expect("a repeat");
        move || {
            let mut framer = codec.framer(&[cut], &[], &Limits::default());
            let mut at = 0;
            while let Cut::Frame(frame) = framer.next(black_box(&stream[at..]), true).expect("documents") {
                at += frame.consumed;
            }
            stream.len()
        }
    }
}

macro_rules! events {
    ($name:ident, $krate:ident) => {
        fn $name(bytes: &[u8]) -> usize {
            use $krate::events::Event;
            let mut reader = $krate::Reader::from_reader(bytes);
            let mut seen = 0;
            loop {
                match reader.read_event().expect("well-formed") {
                    Event::Start(start) => {
                        seen +=
                            start.attributes().map(|it| it.expect("an attribute").value.len()).sum::<usize>()
                                + 1
                    }
                    Event::Text(text) => seen += text.len(),
                    Event::Eof => return seen,
                    _ => seen += 1,
                }
            }
        }
    };
}
events!(events_038, quick_xml_038);
events!(events_042, quick_xml_042);

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let subject = Subject::new(arguments.first().expect("measure XSD [WHAT COUNT]"));
    let message = subject.message.clone();
    let values: Vec<_> = subject.wanted.iter().filter(|it| it.want == Want::Value).copied().collect();
    let mut subjects: Vec<(&str, Box<dyn FnMut() -> usize>)> = vec![
        ("check", Box::new(subject.decode(&[]))),
        ("decode values", Box::new(subject.decode(&values))),
        ("decode all", Box::new(subject.decode(&subject.wanted))),
        ("encode", Box::new(subject.encode())),
        ("frame", Box::new(subject.frame())),
        ("items", Box::new(subject.items())),
        (
            "quick-xml-0.38",
            Box::new({
                let it = message.clone();
                move || {
                    black_box(events_038(black_box(&it)));
                    it.len()
                }
            }),
        ),
        (
            "quick-xml-0.42",
            Box::new({
                let it = message.clone();
                move || {
                    black_box(events_042(black_box(&it)));
                    it.len()
                }
            }),
        ),
    ];
    if let [_, what, count] = arguments.as_slice() {
        let (_, run) = subjects.iter_mut().find(|it| it.0 == what).expect("one of the names");
        for _ in 0..count.parse().expect("a count") {
            run();
        }
        return;
    }
    println!(
        "{} bytes, {} values and {} groups",
        message.len(),
        values.len(),
        subject.wanted.len() - values.len()
    );
    let allocations: Vec<_> = subjects
        .iter_mut()
        .map(|(_, run)| {
            run();
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            (0..100).for_each(|_| {
                run();
            });
            (ALLOCATIONS.load(Ordering::Relaxed) - before) as f64 / 100.0
        })
        .collect();
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..41 {
        for ((_, run), times) in subjects.iter_mut().zip(&mut times) {
            let start = Instant::now();
            let (mut bytes, mut rounds) = (0, 0);
            while bytes < 4_000_000 {
                bytes += run();
                rounds += 1;
            }
            let nanoseconds = start.elapsed().as_nanos() as f64;
            times.push((bytes as f64 / nanoseconds, nanoseconds / rounds as f64));
        }
    }
    for (at, ((name, _), mut times)) in subjects.into_iter().zip(times).enumerate() {
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (speed, time) = times[times.len() / 2];
        println!("{name:16} {speed:6.2} GB/s {time:12.0} ns {:8.2} allocations", allocations[at]);
    }
}
