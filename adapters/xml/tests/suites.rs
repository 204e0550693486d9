//! Well-formedness alone: the W3C suite, hostile documents, and what another parser says of the same bytes.

use super::{Bench, read, vectors};
use crate::{
    XmlCodec,
    complex::Process,
    layout::{Content, Gap, Kind, Layout, NO_MEMBER, NONE, State, Wild, WildNamespaces},
};
use latimer_engine::{Codec, FaultCode, Kind as EngineKind, Particle, Schema, TypeDef, TypeId};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A codec for any document with one element.
pub(super) fn anything() -> Arc<dyn Codec> {
    let state = |gaps, min, max, last| State { first: 0, count: 0, gaps, first_gap: 0, min, max, member: NO_MEMBER, last };
    let root = TypeDef {
        name: String::new(),
        kind: EngineKind::Any,
        members: Vec::new(),
        content: Particle::Sequence(Vec::new(), latimer_engine::Occurs::ONCE),
    };
    let layout = Layout {
        schema: Arc::new(Schema::new("any", vec![root], TypeId(0))),
        kinds: vec![Kind {
            content: Content::Elements(0),
            simple: NONE,
            attributes: (0, 0),
            any_attribute: NONE,
            mixed: false,
            is_abstract: false,
            blocks: false,
            base: NONE,
            states: (0, 2),
            opaque: true,
            hex: false,
            says_more: false,
        }],
        states: vec![state(1, 0, 0, false), state(0, 1, 1, true)],
        gaps: vec![Gap { wildcard: 0, next: 1, member: NO_MEMBER, again: false }],
        wildcards: vec![Wild { namespaces: WildNamespaces::Any, process: Process::Skip }],
        ..Layout::nothing()
    };
    Arc::new(XmlCodec { layout: Arc::new(layout) })
}

/// A test of the W3C suite.
struct Case {
    path: PathBuf,
    kind: String,
    about: String,
}

/// The tests of a catalogue, which is itself not always a document of one element.
fn cases(catalogue: &Path) -> Vec<Case> {
    let text = String::from_utf8_lossy(&std::fs::read(catalogue).unwrap()).into_owned();
    let mut cases = Vec::new();
    for test in text.split("<TEST").skip(1).filter(|it| it.starts_with([' ', '\n', '\r', '\t'])) {
        let tag = &test[..test.find('>').unwrap()];
        let get = |name: &str| {
            let from = tag.find(&format!("{name}="))? + name.len() + 2;
            Some(tag[from..].split(['"', '\'']).next()?.to_owned())
        };
        let (Some(uri), Some(kind)) = (get("URI"), get("TYPE")) else { continue };
        let about = format!(
            "{} {} {}",
            get("RECOMMENDATION").unwrap_or_default(),
            get("VERSION").unwrap_or_default(),
            get("EDITION").unwrap_or_default()
        );
        cases.push(Case { path: catalogue.parent().unwrap().join(uri), kind, about });
    }
    cases
}

/// Documents on which we differ on purpose: the name ends so, and why.
const DIFFERENCES: [(&str, &str); 2] = [
    ("oasis/p04pass1.xml", "a name with a colon that is no prefix: Namespaces in XML forbids it"),
    ("oasis/p05pass1.xml", "names that are colons: Namespaces in XML forbids them"),
];

/// Documents that only speak of document type declarations, in comments, instructions and CDATA sections.
const MENTIONS: [&str; 3] = ["oasis/p15pass1.xml", "oasis/p16pass1.xml", "oasis/p18pass1.xml"];

#[test]
fn the_w3c_suite() {
    let Some(root) = vectors() else { return };
    let root = root.join("hostile/xml/w3c-xmlconf/xmlconf");
    let codec = anything();
    let mut bench = Bench::checking(&codec);
    let (mut refused, mut read_well, mut wrong) = (0, 0, Vec::new());
    let catalogues = [
        "sun/sun-valid.xml",
        "sun/sun-not-wf.xml",
        "sun/sun-invalid.xml",
        "oasis/oasis.xml",
        "ibm/ibm_oasis_valid.xml",
        "ibm/ibm_oasis_not-wf.xml",
        "ibm/ibm_oasis_invalid.xml",
        "eduni/namespaces/1.0/rmt-ns10.xml",
        "eduni/namespaces/errata-1e/errata1e.xml",
        "eduni/errata-2e/errata2e.xml",
        "eduni/errata-3e/errata3e.xml",
        "eduni/errata-4e/errata4e.xml",
        "eduni/misc/ht-bh.xml",
    ];
    for case in catalogues.iter().flat_map(|it| cases(&root.join(it))) {
        let Ok(bytes) = std::fs::read(&case.path) else { continue };
        // Other recommendations, and rules of earlier editions that the fifth gave up, are not what we follow.
        let other = case.about.contains("1.1");
        let edition =
            case.about.split_whitespace().last().is_some_and(|it| it.chars().all(|c| c.is_ascii_digit()) && !it.contains('5'));
        if other || edition {
            continue;
        }
        let has_doctype = memchr::memmem::find(&bytes, b"<!DOCTYPE").is_some()
            || memchr::memmem::find(&bytes, &"<!DOCTYPE".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()).is_some()
            || memchr::memmem::find(&bytes, &"<!DOCTYPE".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).is_some();
        let verdict = bench.verdict(&bytes);
        let name = case.path.strip_prefix(&root).unwrap().display().to_string();
        if let Some((_, why)) = DIFFERENCES.iter().find(|(it, _)| name.ends_with(it)) {
            assert!(verdict.is_err(), "{name}: {why}");
            continue;
        }
        let has_doctype = has_doctype && !MENTIONS.contains(&name.as_str());
        match case.kind.as_str() {
            // All document type declarations are refused, those of valid documents too.
            _ if has_doctype => {
                refused += 1;
                if verdict.is_ok() {
                    wrong.push(format!("{name}: accepted with its document type declaration"));
                }
            }
            "not-wf" => {
                refused += 1;
                if verdict.is_ok() {
                    wrong.push(format!("{name}: accepted, but not well-formed [{}]", case.about));
                }
            }
            "valid" | "invalid" => {
                read_well += 1;
                if let Err(fault) = verdict {
                    wrong.push(format!("{name}: {fault:?} [{}]", case.about));
                }
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    assert!(refused > 1000 && read_well > 30, "{refused} {read_well}");
}

#[test]
fn hostile_documents_are_refused() {
    let Some(root) = vectors() else { return };
    let codec = anything();
    let mut bench = Bench::checking(&codec);
    let folder = root.join("hostile/xml/defusedxml/xmltestdata");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = read(&path);
        let verdict = bench.verdict(text.as_bytes());
        if text.contains("<!DOCTYPE") {
            assert_eq!(verdict.unwrap_err().code, FaultCode::XmlDoctype, "{}", path.display());
            seen += 1;
        } else {
            assert!(verdict.is_ok(), "{}: {verdict:?}", path.display());
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn what_costs_too_much_is_refused() {
    let codec = anything();
    let mut bench = Bench::checking(&codec);
    let deep = format!("{}{}", "<a>".repeat(1000), "</a>".repeat(1000));
    assert_eq!(bench.verdict(deep.as_bytes()).unwrap_err().code, FaultCode::XmlDepth);
    let fine = format!("{}{}", "<a>".repeat(64), "</a>".repeat(64));
    assert!(bench.verdict(fine.as_bytes()).is_ok());
    let prefixes: String = (0..300).map(|it| format!(" xmlns:p{it}=\"u{it}\"")).collect();
    assert_eq!(bench.verdict(format!("<a{prefixes}/>").as_bytes()).unwrap_err().code, FaultCode::XmlNamespace);
    let many: String = (0..100_000).map(|it| format!(" a{it}=\"\"")).collect();
    assert!(bench.verdict(format!("<a{many}/>").as_bytes()).is_ok());
    let twice = format!("<a{many} a77=\"\"/>");
    assert_eq!(bench.verdict(twice.as_bytes()).unwrap_err().code, FaultCode::XmlSyntax);
}

/// Every name, text and attribute as quick-xml gives them; nothing where it refuses.
fn by_quick_xml(bytes: &[u8]) -> Option<Vec<String>> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::NsReader::from_reader(bytes);
    let config = reader.config_mut();
    (config.check_comments, config.allow_dangling_amp) = (true, false);
    let (mut all, mut depth) = (Vec::new(), 0);
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let push = |all: &mut Vec<String>, it: String| match all.last_mut() {
        Some(last) if last.starts_with('"') => last.push_str(&it),
        _ => all.push(format!("\"{it}")),
    };
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                all.push(format!("<{}", text(start.name().as_ref())?));
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    let raw = text(&attribute.value)?.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
                    let value = quick_xml::escape::unescape(&raw).ok()?.into_owned();
                    all.push(format!("@{}={value}", text(attribute.key.as_ref())?));
                }
                match event {
                    Event::Start(_) => depth += 1,
                    _ => all.push(">".to_owned()),
                }
            }
            Event::End(_) => {
                depth -= 1;
                all.push(">".to_owned());
            }
            Event::Text(it) if depth > 0 => push(&mut all, it.xml_content().ok()?.into_owned()),
            Event::CData(it) if depth > 0 => push(&mut all, text(&it)?.replace("\r\n", "\n").replace('\r', "\n")),
            Event::GeneralRef(it) if depth > 0 => match it.resolve_char_ref().ok()? {
                Some(it) => push(&mut all, it.to_string()),
                None => push(&mut all, quick_xml::escape::resolve_predefined_entity(&text(&it)?)?.to_owned()),
            },
            Event::Eof => return (depth == 0).then_some(all),
            _ => {}
        }
    }
}

/// The same of a document in canonical form.
fn canonical(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    crate::canonical::Canonical::default().write(bytes, &crate::namespaces::Namespaces::default(), &mut out);
    out
}

/// A generator of numbers that anybody can repeat.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // Multiplicative congruential, the constant of Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// One to four random edits of bytes.
pub(super) fn mutate(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    const SPICE: &[u8] = b"<>&;/!?-[]\"'= \t\r\n:x#\0\x1F\x80\xEF\xC3aA0.";
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => {
                bytes.remove(at);
            }
            1 => bytes[at] = SPICE[random.below(SPICE.len())],
            2 => bytes.insert(at, SPICE[random.below(SPICE.len())]),
            3 => {
                let to = (at + random.below(40)).min(bytes.len());
                let stretch = bytes[at..to].to_vec();
                let into = random.below(bytes.len());
                bytes.splice(into..into, stretch);
            }
            _ => {
                let to = (at + random.below(20)).min(bytes.len());
                bytes.drain(at..to);
            }
        }
        if bytes.is_empty() {
            return bytes;
        }
    }
    bytes
}

#[test]
fn another_parser_agrees() {
    let Some(root) = vectors() else { return };
    let codec = anything();
    let mut bench = Bench::checking(&codec);
    let mut random = Random(7);
    let (mut both, mut refused) = (0, 0);
    for folder in ["iso20022/samples/valid", "iso20022/mutants/wellformedness"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let original = std::fs::read(&path).unwrap();
            if original.len() > 20_000 {
                continue;
            }
            for round in 0..60 {
                let bytes = if round == 0 { original.clone() } else { mutate(&original, &mut random) };
                let theirs = by_quick_xml(&bytes);
                let ours = bench.verdict(&bytes);
                // Encodings are not its business here, nor documents that are not one.
                let Ok(()) = ours else {
                    refused += 1;
                    continue;
                };
                if crate::recode::recoder(&bytes).is_ok_and(|it| it.is_some()) {
                    continue;
                }
                let Some(theirs) = theirs else {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    panic!("{}: we accept what quick-xml refuses:\n{text}", path.display());
                };
                // In canonical form a document says the same, and the same as the other parser reads in it.
                let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
                let body =
                    &bytes[memchr::memmem::find(bytes, b"?>").filter(|_| bytes.starts_with(b"<?xml")).map_or(0, |it| it + 2)..];
                let once = canonical(body);
                let simple = |list: Vec<String>| {
                    let mut list: Vec<_> = list.into_iter().filter(|it| !it.starts_with("@xmlns")).collect();
                    // Attributes of one element stand in an order of their own in canonical form.
                    list.chunk_by_mut(|a, b| a.starts_with('@') && b.starts_with('@')).for_each(<[String]>::sort);
                    list
                };
                assert_eq!(simple(by_quick_xml(&once).unwrap()), simple(theirs), "{}", path.display());
                assert_eq!(canonical(&once), once, "{}", path.display());
                both += 1;
            }
        }
    }
    assert!(both > 500 && refused > 2000, "{both} {refused}");
}
