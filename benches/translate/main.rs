//! Four jobs, and messages to JSON and back, at hand and in memory, one worker: the engine's public interface beside programs
//! that do the same the way such programs are written (`ordinary`, `replies`, `forms`), and, of messages to JSON and back,
//! beside some that were written for speed. The outputs are compared before anything is measured.
//!
//! `translate FOLDER` prints a table; `translate FOLDER CASE ROUNDS` runs one case for callgrind (`instructions.sh`).

mod forms;
mod ordinary;
mod replies;

use latimer::catalog::{self, SchemaArguments, Search};
use latimer::engine::call::{Context, Store};
use latimer::engine::output::Outputs;
use latimer::engine::{Cut, Limits, Session, Translation, Verdict};
use latimer::plain::{self, Way};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Counts every allocation of the process.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// The allocations of the last stream behind its first message: opening a stream is not a message's cost.
static OF_MESSAGES: AtomicU64 = AtomicU64::new(u64::MAX);

// The allocator of the system does the work; only a counter is added.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: &str = "2026-03-02T12:00:00+01:00";
const ROUNDS: usize = 15;

/// Numbers of sequences without a memory, the same request for each reply: what a state keeps is not the translation's cost.
struct One;

impl Store for One {
    fn next(&mut self, _sequence: &str, _key: &[u8]) -> u64 {
        1
    }

    fn recall(&mut self, _memo: &str, _key: &[u8], fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool {
        replies::MEMO.into_iter().enumerate().for_each(|(at, value)| fields(at, value));
        true
    }

    fn remember(&mut self, _memo: &str, _key: &[u8], _fields: &[Option<&[u8]>]) {}
}

/// A translation with what one worker keeps.
struct Ours {
    translation: Translation,
    session: Session,
    out: Outputs,
    context: Context,
    merged: Vec<u8>,
}

impl Ours {
    fn new(mapping: &Path, schemas: &Path) -> Self {
        let loaded = catalog::load(mapping, &search(schemas), &Limits::default()).unwrap();
        assert!(!loaded.diagnostics.has_errors(), "the mapping compiles");
        Ours::of(loaded.translation(false).unwrap())
    }

    /// Messages to JSON, or back.
    fn plain(format: &str, schema: &str, options: &[&str], way: Way) -> Self {
        let schemas = PathBuf::from(variable("LATIMER_SCHEMAS"));
        let schema = schemas.join(schema).to_str().unwrap().to_owned();
        let options = options.iter().map(|it| (*it).to_owned()).collect();
        let arguments = SchemaArguments { format: format.to_owned(), schema, options };
        let found = catalog::codec(&arguments, &search(&schemas), &Limits::default());
        let (codec, format) = found.map_err(|(_, diagnostics)| format!("{diagnostics:?}")).unwrap();
        Ours::of(plain::translation(format, &codec, way, &Limits::default()))
    }

    fn of(translation: Translation) -> Self {
        let context = Context { now: NOW.parse().unwrap(), ..Context::default() };
        Ours { session: translation.session(), translation, out: Outputs::default(), context, merged: Vec::new() }
    }

    /// Messages that follow each other in a stream, each from its first byte to the bytes of its outputs.
    fn stream(&mut self, stream: &[u8], mut took: impl FnMut(&[u8])) {
        let mut framer = self.translation.framer();
        let (mut at, mut is_open, mut first) = (0, false, None);
        loop {
            let frame = match framer.next(&stream[at..], true).unwrap() {
                Cut::Frame(frame) => frame,
                Cut::End => {
                    let before: u64 = first.unwrap_or_default();
                    return OF_MESSAGES.store(ALLOCATIONS.load(Ordering::Relaxed) - before, Ordering::Relaxed);
                }
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
                first.get_or_insert_with(|| ALLOCATIONS.load(Ordering::Relaxed));
            }
        }
    }

    /// What becomes of each message.
    fn outputs(&mut self, messages: &Messages) -> Vec<Vec<u8>> {
        let mut outputs = Vec::new();
        self.stream(&messages.stream, |it| outputs.push(it.to_vec()));
        assert_eq!(outputs.len(), messages.each.len(), "a message each");
        outputs
    }

    fn round(&mut self, messages: &Messages) {
        self.stream(&messages.stream, |it| {
            black_box(it);
        });
    }
}

/// Messages, each alone and one behind the other.
struct Messages {
    each: Vec<Vec<u8>>,
    stream: Vec<u8>,
}

impl Messages {
    fn new(each: Vec<Vec<u8>>) -> Self {
        Messages { stream: each.join(&b'\n'), each }
    }

    /// Records, which nothing stands between.
    fn records(stream: Vec<u8>) -> Self {
        let mut each = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (record, behind) = rest.split_at(replies::length(rest));
            each.push(record.to_vec());
            rest = behind;
        }
        Messages { each, stream }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(&arguments[0]);
    let (mappings, schemas) = (PathBuf::from(variable("LATIMER_EXAMPLES")), PathBuf::from(variable("LATIMER_XSD")));
    let orders = Messages::new(lines(&folder.join("orders.jsonl")));
    let files = Messages::new(files(&folder.join("pain001")));
    let replies = Messages::records(std::fs::read(folder.join("replies.dat")).unwrap());
    let job = |name: &str| Ours::new(&mappings.join(name), &schemas);
    let (mut to_pacs, mut to_batch) = (job("acme-to-pacs008.map"), job("pain001-to-corebatch.map"));
    let (mut to_report, mut to_answer) = (job("core-reply-pacs002.map"), job("core-reply-soap.map"));
    let (order, pacs) = (("json", "json/acme-transfer.schema.json"), ("iso20022", "iso20022/pacs.008.001.08.xsd"));
    let (reply, page) = (("copybook", "copybook/corereply.cpy"), ["charset=cp1047"]);
    let mut order_shown = Ours::plain(order.0, order.1, &[], Way::Decode);
    let mut pacs_shown = Ours::plain(pacs.0, pacs.1, &[], Way::Decode);
    let mut pacs_written = Ours::plain(pacs.0, pacs.1, &[], Way::Encode);
    let mut reply_shown = Ours::plain(reply.0, reply.1, &page, Way::Decode);
    let mut reply_written = Ours::plain(reply.0, reply.1, &page, Way::Encode);
    // What one makes the next reads.
    let pacs = Messages::new(to_pacs.outputs(&orders));
    let shown_pacs = Messages::new(pacs_shown.outputs(&pacs));
    let shown_replies = Messages::new(reply_shown.outputs(&replies));
    let by_hand = RefCell::new(ordinary::Program::new(NOW, &mappings.join("tables/bic-directory.csv")));
    let batch = RefCell::new(ordinary::Program::new_batch(NOW));
    let core = replies::Replies::new(NOW, replies.each.len());
    let tables = forms::Tables::new();
    let mut jobs: Vec<Job<'_>> = vec![
        Job::new("order to pacs.008", &orders, &mut to_pacs)
            .beside("ordinary", |it, out| out.extend_from_slice(by_hand.borrow_mut().order(it).as_bytes())),
        Job::new("pain.001 to batch", &files, &mut to_batch)
            .beside("ordinary", |it, out| out.extend_from_slice(&batch.borrow_mut().batch(it))),
        Job::new("reply to pacs.002", &replies, &mut to_report)
            .beside("ordinary", |it, out| out.extend_from_slice(&core.report(it))),
        Job::new("reply to SOAP", &replies, &mut to_answer).beside("ordinary", |it, out| out.extend_from_slice(&core.answer(it))),
        Job::new("decode order", &orders, &mut order_shown)
            .beside("ordinary", forms::order)
            .beside("tuned", forms::order_tuned)
            .in_json(),
        Job::new("decode pacs.008", &pacs, &mut pacs_shown)
            .beside("ordinary", forms::pacs_shown)
            .beside("tuned", forms::pacs_shown_tuned)
            .in_json(),
        Job::new("encode pacs.008", &shown_pacs, &mut pacs_written).beside("ordinary", forms::pacs_written),
        Job::new("decode record", &replies, &mut reply_shown)
            .beside("ordinary", |it, out| out.extend_from_slice(&core.decode(it)))
            .beside("tuned", |it, out| tables.shown(it, out))
            .in_json(),
        Job::new("encode record", &shown_replies, &mut reply_written)
            .beside("ordinary", |it, out| out.extend_from_slice(&core.encode(it)))
            .beside("tuned", |it, out| tables.written(it, out)),
    ];
    if let (Some(name), Some(rounds)) = (arguments.get(1), arguments.get(2)) {
        return only(&mut jobs, name, rounds.parse().unwrap());
    }
    let all = jobs.len();
    jobs.retain_mut(Job::agrees);
    measure(&mut jobs);
    assert_eq!(jobs.len(), all, "every program gives the same");
}

fn search(schemas: &Path) -> Search {
    Search { folders: vec![schemas.to_path_buf()], here: std::env::current_dir().unwrap() }
}

/// Runs one program of one job, for callgrind: `decode order, tuned`.
fn only(jobs: &mut [Job<'_>], name: &str, rounds: usize) {
    let (job, program) = name.split_once(", ").unwrap();
    let job = jobs.iter_mut().find(|it| it.name == job).expect("a job of this name");
    let at = job.names().position(|it| it == program).expect("a program of this name");
    (0..rounds).for_each(|_| job.run(at));
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by run.sh"))
}

fn lines(path: &Path) -> Vec<Vec<u8>> {
    std::fs::read_to_string(path).unwrap().lines().map(|it| it.as_bytes().to_vec()).collect()
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let names: BTreeMap<_, _> =
        std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).map(|it| (it.clone(), it)).collect();
    names.into_keys().map(|it| std::fs::read(it).unwrap()).collect()
}

type Program<'a> = Box<dyn Fn(&[u8], &mut Vec<u8>) + 'a>;

/// The same work done by several programs, ours first.
struct Job<'a> {
    name: &'static str,
    messages: &'a Messages,
    ours: &'a mut Ours,
    others: Vec<(&'static str, Program<'a>)>,
    is_json: bool,
    out: Vec<u8>,
}

impl<'a> Job<'a> {
    fn new(name: &'static str, messages: &'a Messages, ours: &'a mut Ours) -> Self {
        Job { name, messages, ours, others: Vec::new(), is_json: false, out: Vec::new() }
    }

    fn beside(mut self, name: &'static str, program: impl Fn(&[u8], &mut Vec<u8>) + 'a) -> Self {
        self.others.push((name, Box::new(program)));
        self
    }

    /// Outputs are compared as JSON: a text may be escaped or not.
    fn in_json(self) -> Self {
        Job { is_json: true, ..self }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once("engine").chain(self.others.iter().map(|it| it.0))
    }

    fn run(&mut self, at: usize) {
        match at.checked_sub(1).and_then(|it| self.others.get(it)) {
            None => self.ours.round(self.messages),
            Some((_, program)) => {
                for message in &self.messages.each {
                    self.out.clear();
                    program(message, &mut self.out);
                    black_box(&self.out);
                }
            }
        }
    }

    /// Whether every program gives the same for every message; else it is not measured.
    fn agrees(&mut self) -> bool {
        let outputs = self.ours.outputs(self.messages);
        for (message, one) in self.messages.each.iter().zip(&outputs) {
            for (name, program) in &self.others {
                self.out.clear();
                program(message, &mut self.out);
                let value = |it: &[u8]| serde_json::from_slice::<serde_json::Value>(it).unwrap();
                if *one != self.out && !(self.is_json && value(one) == value(&self.out)) {
                    let at = one.iter().zip(&self.out).position(|(a, b)| a != b).unwrap_or(one.len().min(self.out.len()));
                    let around =
                        |it: &[u8]| String::from_utf8_lossy(&it[at.saturating_sub(80)..it.len().min(at + 80)]).into_owned();
                    let (ours, theirs) = (around(one), around(&self.out));
                    eprintln!("{}, {name}: at byte {at}\n{ours}\n{theirs}\nof {}", self.name, String::from_utf8_lossy(message));
                    return false;
                }
            }
        }
        true
    }
}

/// All programs take turns, so that a noisy machine is noisy for all; the best round counts.
fn measure(jobs: &mut [Job<'_>]) {
    let mut best: Vec<Vec<(f64, u64)>> = jobs.iter().map(|it| vec![(f64::MAX, 0); it.others.len() + 1]).collect();
    for round in 0..ROUNDS {
        for (job, best) in jobs.iter_mut().zip(&mut best) {
            for (at, best) in best.iter_mut().enumerate() {
                OF_MESSAGES.store(u64::MAX, Ordering::Relaxed);
                let (before, start) = (ALLOCATIONS.load(Ordering::Relaxed), Instant::now());
                job.run(at);
                let seconds = start.elapsed().as_secs_f64();
                // The first rounds warm up.
                if round > 1 {
                    let allocations = match OF_MESSAGES.load(Ordering::Relaxed) {
                        u64::MAX => ALLOCATIONS.load(Ordering::Relaxed) - before,
                        of_messages => of_messages,
                    };
                    *best = (best.0.min(seconds), allocations);
                }
            }
        }
    }
    println!("| Job | bytes a message | | messages/s | MB/s | allocations a message | time, engine = 1 |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (job, best) in jobs.iter().zip(&best) {
        let count = job.messages.each.len() as f64;
        let bytes: usize = job.messages.each.iter().map(Vec::len).sum();
        for (at, (name, (seconds, allocations))) in job.names().zip(best).enumerate() {
            let (job, size) = if at == 0 { (job.name, format!("{:.0}", bytes as f64 / count)) } else { ("", String::new()) };
            println!(
                "| {job} | {size} | {name} | {:.0} | {:.1} | {:.0} | {:.2} |",
                count / seconds,
                bytes as f64 / seconds / 1e6,
                *allocations as f64 / count,
                seconds / best[0].0,
            );
        }
    }
}
