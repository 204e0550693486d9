//! What holds for every format, by being registered: random records of random and of real schemas are written, read, cut into
//! pieces, cut short and made long.
//!
//! What is random is so by fixed seeds. What a schema does not say of a record, its codec does: a record that it refuses is no
//! record, but most must be.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod schemas;

use latimer::catalog::{self, SchemaArguments, Search};
use latimer::engine::call::Context;
use latimer::engine::{
    ArenaShape, Codec, Cut, Faults, FieldId, Format, Frame, Identity, Kind, Limits, Outcome, Part, Particle, Place, Reading,
    Record, Schema, Translation, Want, Wanted, identity,
};
use latimer::laws::{Form, Maker, Random, differences};
use latimer::pipeline::{largest_chain, whole};
use latimer::plain::{Plain, Way, translation};
use latimer::state::State;
use latimer::{registry, render};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A format with a schema.
struct Subject {
    name: String,
    format: &'static dyn Format,
    codec: Arc<dyn Codec>,
    plain: Plain,
}

impl Subject {
    fn new(format: &str, schema: &str, options: &[&str], folder: &Path) -> Option<Subject> {
        let options = options.iter().map(|it| (*it).to_owned()).collect();
        let arguments = SchemaArguments { format: format.to_owned(), schema: schema.to_owned(), options };
        let search = Search { folders: Vec::new(), here: folder.to_path_buf() };
        match catalog::codec(&arguments, &search, &Limits::default()) {
            Ok((codec, format)) => {
                let plain = Plain::new(format, &codec, &Limits::default());
                Some(Subject { name: format!("{} {schema}", format.name()), format, codec, plain })
            }
            Err((sources, diagnostics)) => {
                let said = render::diagnostics(&sources, &diagnostics, false);
                assert!(folder != project(), "{format} {schema}:\n{said}");
                None
            }
        }
    }

    fn schema(&self) -> &Schema {
        self.codec.schema()
    }

    /// Random records that the codec takes, with their bytes; at least one in ten must be one.
    fn records(&mut self, seed: u64, count: usize) -> Vec<(Value, Vec<u8>)> {
        let codec = Arc::clone(&self.codec);
        let mut maker = Maker::new(codec.schema(), Form::of(self.format), Vec::new());
        let (mut records, mut refusals) = (Vec::new(), Vec::new());
        for number in 0..count as u64 * 10 {
            if records.len() == count {
                break;
            }
            let record = maker.record(Random::of(seed, number));
            match self.plain.encoded(&record) {
                // Whether XML may stand where a schema leaves the place open is asked when it is read.
                Ok(bytes) if is_open(&record) && self.plain.decoded(&bytes).is_err() => {}
                Ok(bytes) => records.push((record, bytes)),
                Err(why) => refusals.push(why),
            }
        }
        refusals.sort();
        refusals.dedup();
        assert!(records.len() == count, "{}: {} of {count} records: {refusals:#?}", self.name, records.len());
        records
    }

    /// What a record and its bytes must do.
    fn hold(&mut self, record: &Value, bytes: &[u8]) {
        let shown = || format!("{}\n{record}\n{}", self.name, String::from_utf8_lossy(bytes));
        let read = self.plain.decoded(bytes).unwrap_or_else(|why| panic!("{why}\n{}", shown()));
        let [read] = read.as_slice() else { panic!("{} messages\n{}", read.len(), shown()) };
        let written = self.plain.encoded(read).unwrap_or_else(|why| panic!("{why}\n{read}\n{}", shown()));
        assert!(written == bytes, "what was read is written as\n{}\n{}", String::from_utf8_lossy(&written), shown());
        if has_views(self.schema()) {
            // Of several views of the same bytes, another one may be read; it was written as it was.
            return;
        }
        let kept = |field: FieldId| !self.schema().member(field).is_some_and(|it| it.kept_by_engine || it.filler);
        let found = differences(self.schema(), self.format.about().records, kept, [record, read]);
        let told: Vec<_> = found.iter().filter(|it| says_more(it.there.as_deref(), it.back.as_deref())).collect();
        assert!(told.is_empty(), "{told:#?}\n{}", shown());
    }
}

/// Whether a difference is one: white space is as the type says, base64 has its own spelling, and nothing in a record is 0.
fn says_more(there: Option<&str>, back: Option<&str>) -> bool {
    // Bytes of a record that are no text are marked as such.
    let bare = |text: &str| text.trim_start_matches("{\"$hex\":\"").trim_end_matches("\"}").to_owned();
    let folded = |text: Option<&str>| bare(text.unwrap_or("")).split_whitespace().collect::<Vec<_>>().join(" ");
    let blank = |text: Option<&str>| text.is_none_or(|it| it.chars().all(|it| matches!(it, '0' | '.' | ' ')));
    folded(there) != folded(back) && !(there.is_none() && (blank(back) || back.is_some_and(|it| it.contains("$hex"))))
}

fn is_open(record: &Value) -> bool {
    record.to_string().contains("\"$xml\"")
}

fn has_views(schema: &Schema) -> bool {
    schema.types().iter().any(|it| matches!(it.kind, Kind::Group) && has_choice(&it.content))
        && schema.types().iter().any(|it| it.name.starts_with("PIC"))
}

fn has_choice(content: &Particle) -> bool {
    match content {
        Particle::Member(_) => false,
        Particle::Choice(..) => true,
        Particle::Sequence(parts, _) | Particle::All(parts) => parts.iter().any(has_choice),
    }
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The schemas of the project, compiled as a user would.
fn own() -> Vec<Subject> {
    let all: [(&str, &str, &[&str]); 9] = [
        ("json", "acme-transfer.schema.json", &[]),
        ("iso20022", "pacs.008.001.08", &[]),
        ("iso20022", "pacs.002.001.10", &[]),
        ("iso20022", "pain.001.001.09", &[]),
        ("iso20022", "head.001.001.02", &[]),
        ("soap", "PaymentService.xsd", &[]),
        ("copybook", "corereply.cpy", &["charset=cp1047"]),
        ("copybook", "corerequest.cpy", &["charset=cp037"]),
        ("copybook", "corebatch.cpy#TXN-DTL", &["charset=cp273"]),
    ];
    all.into_iter().map(|(format, schema, options)| Subject::new(format, schema, options, &project()).unwrap()).collect()
}

/// Every format with a random schema.
fn random(seed: u64) -> Vec<Subject> {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::of(seed, 0);
    let fields = schemas::message(&mut random);
    let copybook = schemas::copybook(&fields, &mut random);
    let files = [("m.xsd", schemas::xsd(&fields)), ("m.json", schemas::json(&fields)), ("m.cpy", copybook)];
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    registry::FORMATS
        .iter()
        .map(|format| {
            let (schema, options): (_, &[&str]) = match format.name() {
                "json" => ("m.json", &[]),
                "copybook" => ("m.cpy", &["charset=cp500"]),
                _ => ("m.xsd", &[]),
            };
            let made = Subject::new(format.name(), schema, options, folder.path());
            made.unwrap_or_else(|| panic!("{} does not compile: {:#?}", format.name(), files.iter().find(|it| it.0 == schema)))
        })
        .collect()
}

#[test]
fn records_of_random_schemas_come_back() {
    for seed in 0..40 {
        for mut subject in random(seed) {
            for (record, bytes) in subject.records(seed, 8) {
                subject.hold(&record, &bytes);
            }
        }
    }
}

#[test]
fn a_repeat_without_end_in_one_that_ends_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="A"><xs:complexType><xs:sequence>
        <xs:element name="B" maxOccurs="3"><xs:complexType><xs:sequence>
        <xs:element name="C" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="D" type="xs:string"/></xs:sequence>
        </xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"#;
    std::fs::write(folder.path().join("a.xsd"), text).unwrap();
    let mut subject = Subject::new("xml", "a.xsd", &[], folder.path()).unwrap();
    let record = serde_json::json!({ "A": { "B": [{ "C": [{ "D": "1" }, { "D": "2" }] }, { "C": [{ "D": "3" }] }] } });
    let bytes = subject.plain.encoded(&record).unwrap();
    assert!(bytes.starts_with(b"<?xml"));
    subject.hold(&record, &bytes);
}

#[test]
fn a_value_that_no_condition_names_comes_back() {
    let mut subject = Subject::new("copybook", "corereply.cpy", &["charset=cp037"], &project()).unwrap();
    for status in ["77", "", "00"] {
        let record = serde_json::json!({ "CORE-REPLY": { "RPL-TXN-ID": "T", "RPL-STATUS": status } });
        let bytes = subject.plain.encoded(&record).unwrap();
        subject.hold(&record, &bytes);
    }
}

#[test]
fn records_of_our_schemas_come_back() {
    for mut subject in own() {
        for (record, bytes) in subject.records(7, 40) {
            subject.hold(&record, &bytes);
        }
    }
}

// Schemas that are not ours -----------------------------------------------------------------------------------------------

/// A folder of data that is not ours.
fn vectors(folder: &str) -> Option<PathBuf> {
    let given = std::env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = given.into_iter().chain(above).map(|it| it.join(folder)).find(|it| it.is_dir());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a test says that it has nothing to test")]
        {
            eprintln!("no folder `shared/vectors/{folder}`: no laws are tried with its schemas");
        }
    }
    found
}

/// The files below a folder with these endings, in the order of their names.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_named = path.extension().is_some_and(|it| endings.iter().any(|ending| it.eq_ignore_ascii_case(ending)));
            if path.is_dir() {
                open.push(path);
            } else if is_named {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Of the schemas of a folder, every so many; the number of those that records came back of.
fn tried(format: &str, paths: &[PathBuf], step: usize, options: &[&str]) -> usize {
    let mut count = 0;
    for path in paths.iter().step_by(step) {
        let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_string_lossy());
        let Some(mut subject) = Subject::new(format, &name, options, folder) else { continue };
        // Which kind of record, and which view of the same bytes, must be told.
        let is_file = subject.schema().type_of(Schema::ROOT).members.len() > 1;
        if format == "copybook" && (is_file || has_views(subject.schema())) {
            continue;
        }
        for (record, bytes) in subject.records(1, 2) {
            subject.hold(&record, &bytes);
        }
        count += 1;
    }
    count
}

#[test]
fn records_of_official_messages_come_back() {
    let Some(folder) = vectors("iso20022/xsd") else { return };
    let paths = files(&folder, &["xsd"]);
    assert!(tried("iso20022", &paths, 60, &[]) >= paths.len() / 60);
}

#[test]
fn records_of_copybooks_come_back() {
    let Some(folder) = vectors("mainframe") else { return };
    let paths = files(&folder, &["cpy", "cbl", "cob", "cobol"]);
    // Some are whole programs, or not of this compiler's language.
    assert!(tried("copybook", &paths, 3, &["charset=cp037"]) > paths.len() / 24);
}

// Streams -----------------------------------------------------------------------------------------------------------------

/// All that a framer says of a stream that arrives in pieces of a size: each part with its place, a fault last.
fn framed(codec: &dyn Codec, cut: &[FieldId], stream: &[u8], piece: usize) -> Vec<String> {
    let mut framer = codec.framer(cut, &[], &Limits::default());
    let (mut said, mut start, mut here, mut kept) = (Vec::new(), 0, 0, 0);
    loop {
        let end = here == stream.len();
        match framer.next(&stream[start..here], end) {
            Ok(Cut::Frame(Frame { part, bytes, consumed, at, number })) => {
                assert_eq!(at, (start + bytes.start) as u64);
                said.push(format!("{part:?} {number} {at} {}", bytes.len()));
                start += consumed;
            }
            Ok(Cut::Incomplete) if end => {
                said.push("incomplete".to_owned());
                return said;
            }
            Ok(Cut::Incomplete) => here = (here + piece).min(stream.len()),
            Ok(Cut::Keep) => kept = start,
            Ok(Cut::Rewind(_)) => start = kept,
            Ok(Cut::End) => return said,
            Err(fault) => {
                said.push(format!("{} at {}", fault.code.name(), fault.offset));
                match framer.recover(&stream[start..here], end) {
                    Some(dropped) if dropped > 0 => start += dropped,
                    _ => return said,
                }
            }
        }
    }
}

#[test]
fn streams_are_cut_the_same_however_they_arrive() {
    for seed in 100..110 {
        for mut subject in random(seed).into_iter().chain(if seed == 100 { own() } else { Vec::new() }) {
            let stream: Vec<u8> = subject.records(seed, 3).into_iter().flat_map(|it| it.1).collect();
            let chain = largest_chain(subject.schema());
            let cut: Vec<FieldId> = chain.into_iter().take_while(|it| subject.codec.cuts_at(*it)).collect();
            for cut in [&cut[..], &[]] {
                let whole = framed(&*subject.codec, cut, &stream, stream.len());
                for piece in [1, 2, 3, 7, 61, 1024] {
                    assert_eq!(framed(&*subject.codec, cut, &stream, piece), whole, "{} in pieces of {piece}", subject.name);
                }
            }
        }
    }
}

#[test]
fn what_is_cut_short_or_changed_is_a_fault_or_another_message() {
    for seed in 200..206 {
        let mut random_numbers = Random::of(seed, 0);
        for mut subject in random(seed).into_iter().chain(if seed == 200 { own() } else { Vec::new() }) {
            for (record, bytes) in subject.records(seed, 3) {
                let most = bytes.len() - 1;
                let lengths: Vec<usize> = if most < 80 {
                    (0..=most).collect()
                } else {
                    (0..60).map(|_| random_numbers.below(most + 1)).chain([0, most]).collect()
                };
                for length in lengths {
                    // What is read of a prefix is a message of its own, or more than one: it is written as it stands.
                    let Ok(read) = subject.plain.decoded(&bytes[..length]) else { continue };
                    let written: Vec<u8> = read.iter().flat_map(|it| subject.plain.encoded(it).unwrap()).collect();
                    let written = written.strip_suffix(b"\n").unwrap_or(&written);
                    assert_eq!(written, &bytes[..length], "{} {length} {record}", subject.name);
                }
                for _ in 0..60 {
                    let mut bytes = bytes.clone();
                    for _ in 0..random_numbers.between(1, 3) {
                        let at = random_numbers.below(bytes.len());
                        bytes[at] = u8::try_from(random_numbers.below(256)).unwrap();
                    }
                    // No bytes bring it down; what is taken, is taken for good.
                    let Ok(read) = subject.plain.decoded(&bytes) else { continue };
                    for message in read {
                        let written = match subject.plain.encoded(&message) {
                            Ok(written) => written,
                            // A code of a fault is read as it stands, with a prefix that nothing declares, too.
                            Err(why) if why.starts_with("soap/fault-code") => continue,
                            Err(why) => panic!("{why}\n{} {message}", subject.name),
                        };
                        assert_eq!(subject.plain.decoded(&written).unwrap(), [message], "{}", subject.name);
                    }
                }
            }
        }
    }
}

/// A message through a translation that cuts at these repeats.
fn uncut(subject: &Subject, way: Way, bytes: &[u8]) -> Vec<u8> {
    let cutting = translation(subject.format, &subject.codec, way, &Limits::default());
    let verbatim = subject.format.name() == "json";
    let (schema, limits) = (cutting.source.schema(), Limits::default());
    let plan = identity(&Identity { name: "whole", schema, cut: &[], verbatim, plain: way == Way::Decode, limits: &limits });
    let whole_translation = Translation { plan: Arc::new(plan), ..cutting };
    let mut state = State::none(jiff::Timestamp::UNIX_EPOCH);
    let found = whole(&whole_translation, &mut whole_translation.session(), bytes, &mut state, &Context::default());
    assert!(found.rejects.is_empty(), "{}: {:?}", subject.name, found.rejects);
    found.outputs.into_iter().flat_map(|it| it.bytes).collect()
}

/// Makes the first repeat of a path so long that a message with it is cut into parts; whether there was one.
fn lengthen(value: &mut Value, names: &[&str]) -> bool {
    match (value, names) {
        (Value::Array(items), []) if !items.is_empty() => {
            let size: usize = items.iter().map(|it| it.to_string().len()).sum();
            let times = 420_000 / size.max(1) + 1;
            *items = std::iter::repeat_n(items.clone(), times).flatten().collect();
            true
        }
        (Value::Object(members), [name, rest @ ..]) => members.get_mut(*name).is_some_and(|it| lengthen(it, rest)),
        (Value::Array(items), names) => items.first_mut().is_some_and(|it| lengthen(it, names)),
        _ => false,
    }
}

/// XML in which an element without content is written as one tag; where it may have occurrences in other parts, it has two.
fn shut(bytes: &[u8]) -> Vec<u8> {
    let mut shut: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = bytes[at..].strip_prefix(b"></").and_then(|it| it.iter().position(|it| *it == b'>')).map(|it| at + 3 + it);
        let name = end.and_then(|_| shut.iter().rposition(|it| *it == b'<')).map(|it| it + 1);
        match (name, end) {
            (Some(name), Some(end)) if shut[name..] == bytes[at + 3..end] => {
                shut.extend_from_slice(b"/>");
                at = end + 1;
            }
            _ => {
                shut.push(*byte);
                at += 1;
            }
        }
    }
    shut
}

#[test]
fn a_long_message_says_the_same_in_parts() {
    let mut formats = std::collections::BTreeMap::<&str, usize>::new();
    let ours = own().into_iter().filter(|it| it.name.contains("pain.001"));
    for mut subject in (300..330).flat_map(random).chain(ours) {
        let tried = formats.entry(subject.format.name()).or_default();
        let chain = largest_chain(subject.schema());
        let Some(first) = chain.first().filter(|it| *tried < 1 && subject.codec.cuts_at(**it)) else { continue };
        let line = subject.schema().line(*first);
        let names: Vec<String> = line.iter().map(|it| subject.schema().name_of(*it).to_owned()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(record) =
            subject.records(5, 8).into_iter().map(|it| it.0).find_map(|mut it| lengthen(&mut it, &names).then_some(it))
        else {
            continue;
        };
        *tried += 1;
        let bytes = subject.plain.encoded(&record).unwrap_or_else(|why| panic!("{}: {why}", subject.name));
        assert!(bytes.len() > 100_000, "{}: {}", subject.name, bytes.len());
        let (bytes, whole) = (shut(&bytes), shut(&uncut(&subject, Way::Encode, record.to_string().as_bytes())));
        if let Some(at) = (0..bytes.len()).find(|it| bytes.get(*it) != whole.get(*it)) {
            let around =
                |bytes: &[u8]| String::from_utf8_lossy(&bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())]).into_owned();
            panic!("{} is written otherwise in parts:\n{}\n{}", subject.name, around(&bytes), around(&whole));
        }
        let read = subject.plain.decoded(&bytes).unwrap_or_else(|why| panic!("{}: {why}", subject.name));
        let whole: Value = serde_json::from_slice(&uncut(&subject, Way::Decode, &bytes)).unwrap();
        assert!(read == [whole], "{} is read otherwise in parts", subject.name);
    }
    assert!(formats.iter().all(|(format, tried)| *tried > 0 || *format == "copybook"), "{formats:?}");
}

// Plans -------------------------------------------------------------------------------------------------------------------

/// What is read of a message where these fields are wanted.
fn values(codec: &dyn Codec, fields: &[FieldId], bytes: &[u8]) -> Vec<String> {
    let places = (0..).map(|slot| Place { arena: 0, slot });
    let wanted: Vec<Wanted> =
        fields.iter().zip(places).map(|(field, place)| Wanted { field: *field, place, want: Want::Value }).collect();
    let limits = Limits::default();
    let mut decoder = codec.decoder(&Reading { wanted: &wanted, cut: &[], limits: &limits, plain: false });
    let shape = ArenaShape { stride: u16::try_from(fields.len()).unwrap(), level: 0 };
    let mut record = Record::new(&[shape], &[]);
    let Ok(Cut::Frame(frame)) = codec.framer(&[], &[], &limits).next(bytes, true) else { panic!("no frame") };
    assert_eq!(frame.part, Part::Whole);
    record.begin(0, frame.at);
    let mut faults = Faults::new(4);
    assert_eq!(decoder.decode(&frame, bytes, &mut record, &mut faults), Outcome::Clean, "{:?}", faults.list());
    let part = &bytes[frame.bytes.clone()];
    let shown = |it: &Wanted| {
        let slot = record.get(it.place);
        let number = record.number_of(slot).map(|it| it.to_string());
        format!("{:?} {} {:?}", slot.kind(), String::from_utf8_lossy(record.bytes(slot, part)), number)
    };
    wanted.iter().map(shown).collect()
}

#[test]
fn fewer_fields_have_the_same_values() {
    for seed in 400..410 {
        let mut random_numbers = Random::of(seed, 0);
        for mut subject in random(seed).into_iter().chain(if seed == 400 { own() } else { Vec::new() }) {
            let codec = Arc::clone(&subject.codec);
            let schema = codec.schema();
            let mut leaves = Vec::new();
            schema.walk(|it| {
                let is_leaf = matches!(schema.type_of(it).kind, Kind::Leaf(_));
                let is_filler = schema.member(it).is_some_and(|it| it.filler);
                if is_leaf && !is_filler && !schema.line(it).into_iter().any(|it| schema.repeats(it)) {
                    leaves.push(it);
                }
                leaves.len() < 200
            });
            for (record, bytes) in subject.records(seed, 4) {
                let all = values(&*codec, &leaves, &bytes);
                for _ in 0..4 {
                    let some: Vec<usize> = (0..leaves.len()).filter(|_| random_numbers.one_in(3)).collect();
                    let fields: Vec<FieldId> = some.iter().map(|it| leaves[*it]).collect();
                    let expected: Vec<&String> = some.iter().map(|it| &all[*it]).collect();
                    assert_eq!(
                        values(&*codec, &fields, &bytes).iter().collect::<Vec<_>>(),
                        expected,
                        "{} {record}",
                        subject.name
                    );
                }
            }
        }
    }
}
