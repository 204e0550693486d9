//! What is fuzzed: each parser of what an author writes, each decoder and framer of what a sender sends, the plain form.
//!
//! A target runs on any bytes and returns whether they were understood; it panics where a law does not hold.

mod texts;

use latimer::catalog::{self, Search};
use latimer::engine::{Codec, Cut, Diagnostics, Format, FormatOption, Limits, Options, Part, Sources};
use latimer::plain::{self, Way};
use latimer::registry;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use texts as t;

/// A target.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Takes an input; whether it was understood.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of the language of the inputs.
    pub words: &'static [&'static str],
}

/// All targets.
pub const TARGETS: [Target; 10] = [
    Target { name: "mapping", run: mapping, seeds: || seeds(&t::MAPPINGS), words: &t::MAPPING_WORDS },
    Target { name: "copybook", run: copybook, seeds: || seeds(&t::COPYBOOKS), words: &t::COPYBOOK_WORDS },
    Target { name: "json-schema", run: json_schema, seeds: || seeds(&t::JSON_SCHEMAS), words: &t::JSON_SCHEMA_WORDS },
    Target { name: "xsd", run: xsd, seeds: || seeds(&t::XSDS), words: &t::XSD_WORDS },
    Target { name: "json", run: |data| message(&JSON, data), seeds: || seeds(&t::JSON_MESSAGES), words: &t::JSON_WORDS },
    Target { name: "xml", run: |data| message(&XML, data), seeds: || seeds(&t::XML_MESSAGES), words: &t::XML_WORDS },
    Target { name: "soap", run: |data| message(&SOAP, data), seeds: || seeds(&t::SOAP_MESSAGES), words: &t::XML_WORDS },
    Target { name: "records", run: |data| message(&RECORDS, data), seeds: records, words: &[] },
    Target { name: "plain-xml", run: |data| plain_form(&XML, data), seeds: || seeds(&t::PLAIN_XML), words: &t::JSON_WORDS },
    Target {
        name: "plain-records",
        run: |data| plain_form(&RECORDS, data),
        seeds: || seeds(&t::PLAIN_RECORDS),
        words: &t::JSON_WORDS,
    },
];

fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|it| it.as_bytes().to_vec()).collect()
}

/// Records are bytes: those that the plain form gives.
fn records() -> Vec<Vec<u8>> {
    let (format, codec) = RECORDS.codec();
    let values = t::PLAIN_RECORDS.iter().filter_map(|it| latimer_value(it));
    values.filter_map(|it| plain::encoded(format, codec, &it).ok()).collect()
}

fn latimer_value(text: &str) -> Option<Value> {
    text.parse().ok()
}

// ---- what an author writes -----------------------------------------------------------------------------------------

/// A mapping over two schemas; one that checks is run.
fn mapping(data: &[u8]) -> bool {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("latimer-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in [
            ("in.json", t::JSON_SCHEMAS[0]),
            ("out.json", t::JSON_SCHEMAS[1]),
            ("rec.cpy", t::COPYBOOKS[0]),
            ("lib.map", t::LIBRARY),
            ("towns.csv", "id,name\n1,Bonn\n"),
        ] {
            std::fs::write(folder.join(name), text).expect("a file");
        }
        folder
    });
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let path = folder.join("case.map");
    std::fs::write(&path, text).expect("a file");
    let search = Search { here: folder.clone(), folders: Vec::new() };
    let Ok(loaded) = catalog::load(&path, &search, &Limits::default()) else { return false };
    let _ = latimer::render::diagnostics(&loaded.sources, &loaded.diagnostics, false);
    let mut ran = false;
    for back in [false, true] {
        let Some(translation) = loaded.translation(back) else { continue };
        for message in t::JSON_MESSAGES {
            let mut state = latimer::state::State::none(Default::default());
            state.declare(&translation.plan.memos);
            let context = latimer::engine::call::Context::default();
            latimer::pipeline::whole(&translation, &mut translation.session(), message.as_bytes(), &mut state, &context);
            ran = true;
        }
    }
    ran || loaded.diagnostics.len() < 3
}

fn copybook(data: &[u8]) -> bool {
    compiled("copybook", data, &[("charset", "cp037")]).is_some_and(|codec| tried("copybook", &codec, &[0xF1; 400]))
}

fn json_schema(data: &[u8]) -> bool {
    compiled("json", data, &[]).is_some_and(|codec| tried("json", &codec, t::JSON_MESSAGES[0].as_bytes()))
}

fn xsd(data: &[u8]) -> bool {
    let soap = compiled("soap", data, &[]).is_some();
    soap | compiled("xml", data, &[]).is_some_and(|codec| tried("xml", &codec, t::XML_MESSAGES[0].as_bytes()))
}

fn tried(format: &str, codec: &Arc<dyn Codec>, message: &[u8]) -> bool {
    let format = registry::format(format).expect("a format");
    let _ = plain::decoded(format, codec, message);
    true
}

fn compiled(format: &str, data: &[u8], options: &[(&str, &str)]) -> Option<Arc<dyn Codec>> {
    let text = std::str::from_utf8(data).ok()?;
    let mut sources = Sources::default();
    let file = sources.add("schema", text.to_owned());
    let span = sources.span(file);
    let format = registry::format(format).expect("a format");
    format.wants(text);
    let option = |(name, word): &(&str, &str)| FormatOption { name: (*name).into(), words: vec![(*word).into()], span };
    let options = Options { list: options.iter().map(option).collect(), ..Options::default() };
    let mut diagnostics = Diagnostics::default();
    let codec = format.compile(&sources, file, &options, &mut diagnostics);
    // What is refused has a reason, and each reason can be shown.
    assert!(codec.is_some() || diagnostics.has_errors(), "refused without a word");
    let _ = latimer::render::diagnostics(&sources, &diagnostics, false);
    codec
}

// ---- what a sender sends -------------------------------------------------------------------------------------------

struct Side {
    format: &'static str,
    schema: &'static str,
    options: &'static [(&'static str, &'static str)],
    codec: OnceLock<Arc<dyn Codec>>,
}

static JSON: Side = Side { format: "json", schema: t::JSON_SCHEMAS[0], options: &[], codec: OnceLock::new() };
static XML: Side = Side { format: "xml", schema: t::XSDS[0], options: &[], codec: OnceLock::new() };
static SOAP: Side = Side { format: "soap", schema: t::XSDS[0], options: &[], codec: OnceLock::new() };
static RECORDS: Side = Side {
    format: "copybook",
    schema: t::COPYBOOKS[0],
    options: &[("charset", "cp1047"), ("bad-number", "raw")],
    codec: OnceLock::new(),
};

impl Side {
    fn codec(&self) -> (&'static dyn Format, &Arc<dyn Codec>) {
        let codec = self.codec.get_or_init(|| compiled(self.format, self.schema.as_bytes(), self.options).expect("a schema"));
        (registry::format(self.format).expect("a format"), codec)
    }
}

/// A message is understood or refused; the plain form of what is understood gives itself again.
fn message(side: &Side, data: &[u8]) -> bool {
    let (format, codec) = side.codec();
    pieces(codec, data);
    let Ok(values) = plain::decoded(format, codec, data) else { return false };
    for value in &values {
        let bytes = match plain::encoded(format, codec, value) {
            Ok(bytes) => bytes,
            // Codes of other namespaces are read as they stand, and not written (adapters/soap/code.rs).
            Err(why) if why.starts_with("soap/fault-code") => continue,
            Err(why) => panic!("{why}: what was decoded is not encoded"),
        };
        let again = plain::decoded(format, codec, &bytes).unwrap_or_else(|why| panic!("{why}: what was encoded is not decoded"));
        assert_eq!(again.len(), 1);
        assert_eq!(&again[0], value, "another value came back");
    }
    !values.is_empty()
}

/// A framer that sees its stream grow never goes behind what it saw.
fn pieces(codec: &Arc<dyn Codec>, data: &[u8]) {
    let mut random = Random(data.len() as u64 + 1);
    let translation = plain::translation(registry::FORMATS[0], codec, Way::Decode, &Limits::default());
    let mut framer = translation.framer();
    let (mut start, mut end) = (0, 0);
    for _ in 0..2 * data.len() + 16 {
        let window = &data[start..end];
        match framer.next(window, end == data.len()) {
            Ok(Cut::Frame(frame)) => {
                assert!(frame.bytes.end <= window.len() && frame.consumed <= window.len(), "a frame beyond the window");
                assert!(frame.consumed > 0 || frame.part != Part::Whole, "a message of nothing");
                start += frame.consumed;
            }
            Ok(Cut::Incomplete) if end < data.len() => end = (end + 1 + random.below(16)).min(data.len()),
            Ok(Cut::Incomplete) => panic!("incomplete at the end of the stream"),
            Ok(Cut::Keep) => {}
            Ok(Cut::Rewind(_)) | Ok(Cut::End) | Err(_) => return,
        }
    }
}

fn is_misfit(why: &str) -> bool {
    why.starts_with("xml/unexpected") || why.starts_with("xml/text")
}

/// A line of the plain form is a message or refused; what comes of it gives itself again.
fn plain_form(side: &Side, data: &[u8]) -> bool {
    let (format, codec) = side.codec();
    let Some(value) = std::str::from_utf8(data).ok().and_then(latimer_value) else { return false };
    let Ok(bytes) = plain::encoded(format, codec, &value) else { return false };
    if bytes.is_empty() {
        return false;
    }
    let values = match plain::decoded(format, codec, &bytes) {
        Ok(values) => values,
        // What stands for a wildcard is written if it is well-formed, whether or not it fits (adapters/xml/README.md).
        Err(why) if is_misfit(&why) && value.to_string().contains("$xml") => return false,
        Err(why) => panic!("{why}: what was encoded is not decoded"),
    };
    let again: Vec<u8> = values.iter().flat_map(|it| plain::encoded(format, codec, it).expect("what was decoded")).collect();
    if side.format == "copybook" {
        assert_eq!(again, bytes, "other bytes came back");
        return true;
    }
    // A default that was left out is there when it was read.
    let read = plain::decoded(format, codec, &again).unwrap_or_else(|why| panic!("{why}: what was encoded is not decoded"));
    assert_eq!(read, values, "another value came back");
    true
}

// ---- mutations -----------------------------------------------------------------------------------------------------

/// Numbers of which none is special (xorshift64*).
pub struct Random(pub u64);

impl Random {
    /// A number below another.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }
}

/// Changes an input a little: bytes, stretches, words of its language, stretches of other inputs.
pub fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str], random: &mut Random) {
    let length = input.len();
    let at = random.below(length + 1);
    let end = (at + 1 + random.below(24)).min(length);
    let at = at.min(end);
    match random.below(10) {
        0 if length > 0 => {
            let at = at.min(length - 1);
            input[at] ^= 1 << random.below(8);
        }
        1 => input.insert(at, random.below(256) as u8),
        2 => drop(input.drain(at..end)),
        3 => {
            let stretch = input[at..end].to_vec();
            let to = random.below(length + 1);
            input.splice(to..to, stretch);
        }
        4 => input.truncate(at),
        5 | 6 if !words.is_empty() => {
            let word = words[random.below(words.len())].bytes();
            let end = if random.below(2) == 0 { at } else { end };
            input.splice(at..end, word);
        }
        7 => {
            let other = &corpus[random.below(corpus.len())];
            let from = random.below(other.len() + 1);
            let to = (from + random.below(200)).min(other.len());
            input.splice(at..end, other[from..to].iter().copied());
        }
        8 => {
            // A number becomes another.
            if let Some(digit) = (at..length).find(|it| input[*it].is_ascii_digit()) {
                let numbers: [&[u8]; 8] = [
                    b"0",
                    b"-1",
                    b"65536",
                    b"4294967296",
                    b"99999999999999999999999999999999999999999",
                    b"1e9",
                    b"0.00000001",
                    b"255",
                ];
                input.splice(digit..digit + 1, numbers[random.below(8)].iter().copied());
            }
        }
        _ => {
            let times = random.below(50);
            let stretch = input[at..end].to_vec();
            for _ in 0..times {
                input.splice(at..at, stretch.iter().copied());
            }
        }
    }
}

/// Runs a target by its name.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|it| it.name == name).expect("a target");
    (target.run)(data);
}
