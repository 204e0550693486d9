//! What several tests need: schemas compiled, streams run through recoder, framer and decoder, and a reading and a shape
//! that take everything a schema names.

mod everything;
mod parts;
mod schemas;
mod scripts;
mod suites;
mod values;
mod vectors;

pub(crate) use suites::Random;

use crate::Xml;
use latimer_engine::{
    ArenaShape, Codec, Cut, Decoder, Diagnostics, Fault, FaultCode, Faults, FieldId, Format, Frame, Limits, Options, Outcome,
    Part, Reading, Record, Sources, Wanted,
};
use std::{path::PathBuf, sync::Arc};

/// Compiles one schema text.
pub(super) fn compile(text: &str) -> Arc<dyn Codec> {
    let mut sources = Sources::default();
    let file = sources.add("test.xsd", text);
    let mut diagnostics = Diagnostics::default();
    let codec = Xml::PLAIN.compile(&sources, file, &Options::default(), &mut diagnostics);
    codec.unwrap_or_else(|| panic!("{:?}", diagnostics.iter().collect::<Vec<_>>()))
}

/// The diagnostics of a schema text, as codes and messages.
pub(super) fn diagnose(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("test.xsd", text);
    let mut diagnostics = Diagnostics::default();
    Xml::PLAIN.compile(&sources, file, &Options::default(), &mut diagnostics);
    diagnostics.iter().map(|it| format!("{} {}", it.code, it.message)).collect()
}

/// A schema around declarations, with the target namespace `urn:t` as default.
pub(super) fn schema(declarations: &str) -> String {
    format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"urn:t\" targetNamespace=\"urn:t\" \
         elementFormDefault=\"qualified\">{declarations}</xs:schema>"
    )
}

/// The folder of data that is not ours, if it is here.
pub(super) fn vectors() -> Option<PathBuf> {
    let mut candidates = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "only tests look for data")]
    candidates.extend(std::env::var("LATIMER_VECTORS").ok().map(PathBuf::from));
    for folder in std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors() {
        candidates.push(folder.join("shared/vectors"));
    }
    let found = candidates.into_iter().find(|it| it.is_dir());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a test says that it has nothing to test")]
        {
            eprintln!("no folder `shared/vectors`: nothing tested");
        }
    }
    found
}

/// The text of a file.
#[expect(clippy::disallowed_methods, reason = "only tests read files")]
pub(super) fn read(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The codec of an ISO 20022 message.
pub(super) fn message(name: &str) -> Option<Arc<dyn Codec>> {
    let path = vectors()?.join("iso20022/xsd").join(format!("{name}.xsd"));
    Some(compile(&read(&path)))
}

/// A decoder that wants nothing, with what it fills.
pub(super) struct Bench {
    pub(super) codec: Arc<dyn Codec>,
    pub(super) decoder: Box<dyn Decoder>,
    pub(super) record: Record,
    pub(super) faults: Faults,
    levels: u8,
}

impl Bench {
    /// Only checks.
    pub(super) fn checking(codec: &Arc<dyn Codec>) -> Bench {
        Bench::new(codec, &[], &[], &[ArenaShape { stride: 1, level: 0 }])
    }

    pub(super) fn new(codec: &Arc<dyn Codec>, wanted: &[Wanted], cut: &[FieldId], arenas: &[ArenaShape]) -> Bench {
        let limits = Limits::default();
        let decoder = codec.decoder(&Reading { wanted, cut, limits: &limits, plain: false });
        Bench {
            codec: Arc::clone(codec),
            decoder,
            record: Record::new(arenas, &[]),
            faults: Faults::new(16),
            levels: u8::try_from(cut.len()).unwrap(),
        }
    }

    /// Decodes a part as a session does.
    pub(super) fn decode(&mut self, frame: &Frame, buffer: &[u8]) -> Outcome {
        match frame.part {
            Part::Whole | Part::Head(0) => self.record.begin(0, frame.at),
            Part::Head(level) => self.record.begin(level, frame.at),
            Part::Item => self.record.begin(self.levels, frame.at),
            Part::Tail(level) => self.record.resume(level, frame.at),
        }
        self.faults.clear();
        let outcome = self.decoder.decode(frame, buffer, &mut self.record, &mut self.faults);
        assert_eq!(outcome == Outcome::Clean, self.faults.is_empty(), "{outcome:?} {:?}", self.faults.list());
        if let Part::Head(level) = frame.part {
            self.record.keep(level, &buffer[frame.bytes.clone()]);
        }
        outcome
    }

    /// The first fault of a message that stands alone, if it has one.
    pub(super) fn verdict(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let recoded = recode(&self.codec, bytes)?;
        let bytes = recoded.as_deref().unwrap_or(bytes);
        let mut framer = self.codec.framer(&[], &[], &Limits::default());
        let mut at = 0;
        let mut messages = 0;
        loop {
            match framer.next(&bytes[at..], true)? {
                Cut::Frame(frame) => {
                    self.decode(&frame, &bytes[at..]);
                    if let Some(fault) = self.faults.list().first() {
                        return Err(*fault);
                    }
                    at += frame.consumed;
                    messages += 1;
                }
                Cut::End if messages == 1 => return Ok(()),
                Cut::End => return Err(Fault::new(FaultCode::FrameTruncated, 0)),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// The stream in UTF-8, if it was not.
pub(super) fn recode(codec: &Arc<dyn Codec>, bytes: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let Some(mut recoder) = codec.recoder(bytes)? else { return Ok(None) };
    let mut out = Vec::new();
    recoder.recode(bytes, true, &mut out)?;
    Ok(Some(out))
}
