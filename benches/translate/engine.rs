//! The engine's public interface, one worker, in memory.

use crate::allocations;
use crate::messages::{Messages, Places};
use crate::ordinary::reply;
use latimer::catalog::{self, SchemaArguments, Search};
use latimer::engine::call::{Context, Store};
use latimer::engine::output::Outputs;
use latimer::engine::{Cut, Limits, Session, Translation, Verdict};
use latimer::plain::{self, Way};
use std::hint::black_box;
use std::path::Path;

/// The time of every message.
pub(crate) const NOW: &str = "2026-03-02T12:00:00+01:00";

/// A translation with what one worker keeps.
pub(crate) struct Engine {
    translation: Translation,
    session: Session,
    out: Outputs,
    context: Context,
    merged: Vec<u8>,
}

/// A format and its schema, as the command line names them.
pub(crate) struct Shape {
    pub(crate) format: &'static str,
    pub(crate) schema: &'static str,
    pub(crate) options: &'static [&'static str],
}

impl Engine {
    /// What a mapping says.
    pub(crate) fn mapping(places: &Places, name: &str) -> Self {
        let loaded = catalog::load(&places.mappings.join(name), &search(&places.xsd), &Limits::default()).unwrap();
        assert!(!loaded.diagnostics.has_errors(), "the mapping compiles");
        Engine::of(loaded.translation(false).unwrap())
    }

    /// Messages to JSON, or back.
    pub(crate) fn plain(places: &Places, shape: &Shape, way: Way) -> Self {
        let arguments = SchemaArguments {
            format: shape.format.to_owned(),
            schema: places.schemas.join(shape.schema).to_str().unwrap().to_owned(),
            options: shape.options.iter().map(|it| (*it).to_owned()).collect(),
        };
        let found = catalog::codec(&arguments, &search(&places.schemas), &Limits::default());
        let (codec, format) = found.map_err(|(_, diagnostics)| format!("{diagnostics:?}")).unwrap();
        Engine::of(plain::translation(format, &codec, way, &Limits::default()))
    }

    fn of(translation: Translation) -> Self {
        let context = Context { now: NOW.parse().unwrap(), ..Context::default() };
        Engine { session: translation.session(), translation, out: Outputs::default(), context, merged: Vec::new() }
    }

    /// Messages that follow each other in a stream, each from its first byte to the bytes of its outputs. Gives the allocations
    /// behind the first message: opening a stream is not a message's cost.
    fn stream(&mut self, stream: &[u8], mut took: impl FnMut(&[u8])) -> u64 {
        let mut framer = self.translation.framer();
        let (mut at, mut is_open, mut first) = (0, false, None);
        loop {
            let frame = match framer.next(&stream[at..], true).unwrap() {
                Cut::Frame(frame) => frame,
                Cut::End => return first.map_or(0, |it: u64| allocations::count() - it),
                other => panic!("{other:?}"),
            };
            if !is_open {
                self.out.next_message();
                self.session.open(self.context.clone());
            }
            let verdict = self.session.part(&frame, &stream[at..], &mut One, &mut self.out);
            at += frame.consumed;
            is_open = verdict == Verdict::Going;
            assert!(is_open || verdict == Verdict::Release, "{:?}", self.out.rejects);
            if !is_open {
                self.merged.clear();
                for lane in self.out.lanes() {
                    lane.merge(&mut self.merged);
                }
                self.out.losses.clear();
                took(&self.merged);
                first.get_or_insert_with(allocations::count);
            }
        }
    }

    /// What becomes of each message.
    pub(crate) fn outputs(&mut self, messages: &Messages) -> Vec<Vec<u8>> {
        let mut outputs = Vec::new();
        self.stream(&messages.stream, |it| outputs.push(it.to_vec()));
        assert_eq!(outputs.len(), messages.each.len(), "a message each");
        outputs
    }

    /// All messages once; gives the allocations behind the first.
    pub(crate) fn round(&mut self, messages: &Messages) -> u64 {
        self.stream(&messages.stream, |it| {
            black_box(it);
        })
    }
}

fn search(schemas: &Path) -> Search {
    Search { folders: vec![schemas.to_path_buf()], here: std::env::current_dir().unwrap() }
}

/// Numbers of sequences without a memory, the same request for each reply: what a state keeps is not the translation's cost.
struct One;

impl Store for One {
    fn next(&mut self, _sequence: &str, _key: &[u8]) -> u64 {
        1
    }

    fn recall(&mut self, _memo: &str, _key: &[u8], fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool {
        reply::MEMO.into_iter().enumerate().for_each(|(at, value)| fields(at, value));
        true
    }

    fn remember(&mut self, _memo: &str, _key: &[u8], _fields: &[Option<&[u8]>]) {}
}
