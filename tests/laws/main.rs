//! What holds for every format, by being registered: random records of random and of real schemas are written, read, cut into
//! pieces, cut short and made long.
//!
//! What is random is so by fixed seeds. What a schema does not say of a record, its codec does: a record that it refuses is no
//! record, but most must be.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod schemas;

use latimer::catalog::{self, SchemaArguments, Search};
use latimer::engine::{
    ArenaShape, Codec, Cut, Faults, FieldId, Format, Frame, Identity, Kind, Limits, Outcome, Part, Particle, Place, Reading, Record,
    Schema, Translation, Want, Wanted, identity,
};
use latimer::engine::call::Context;
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
    let folded = |text: Option<&str>| text.unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
    let blank = |text: Option<&str>| text.is_none_or(|it| it.chars().all(|it| matches!(it, '0' | '.' | ' ')));
    folded(there) != folded(back) && !(there.is_none() && blank(back))
}

fn is_open(record: &Value) -> bool {
    record.to_string().contains("\"$xml\"")
}

fn has_views(schema: &Schema) -> bool {
    schema.types().iter().any(|it| matches!(it.kind, Kind::Group) && has_choice(&it.content)) && schema.types().iter().any(|it| it.name.starts_with("PIC"))
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
