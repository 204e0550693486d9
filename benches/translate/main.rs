//! The two main jobs, messages at hand and in memory, one worker: the engine's public interface beside `ordinary`, a program
//! that does the same the way such programs are written. The outputs are compared before anything is measured.
//!
//! `translate FOLDER` prints a table; `translate FOLDER CASE ROUNDS` runs one case for callgrind (`instructions.sh`).

mod ordinary;

use latimer::catalog::{self, Search};
use latimer::engine::call::{Context, Store};
use latimer::engine::output::Outputs;
use latimer::engine::{Cut, Limits, Session, Translation, Verdict};
use std::alloc::{GlobalAlloc, Layout, System};
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

/// Numbers of sequences without a memory: what a state keeps is not the translation's cost.
struct One;

impl Store for One {
    fn next(&mut self, _sequence: &str, _key: &[u8]) -> u64 {
        1
    }

    fn recall(&mut self, _memo: &str, _key: &[u8], _fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool {
        false
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
        let search = Search { folders: vec![schemas.to_path_buf()], here: std::env::current_dir().unwrap() };
        let loaded = catalog::load(mapping, &search, &Limits::default()).unwrap();
        assert!(!loaded.diagnostics.has_errors(), "the mapping compiles");
        let translation = loaded.translation(false).unwrap();
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

    fn each(&self, mut run: impl FnMut(&[u8])) {
        self.each.iter().for_each(|it| run(it));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(&arguments[0]);
    let (mappings, schemas) = (PathBuf::from(variable("LATIMER_EXAMPLES")), PathBuf::from(variable("LATIMER_XSD")));
    let orders = Messages::new(lines(&folder.join("orders.jsonl")));
    let files = Messages::new(files(&folder.join("pain001")));
    let mut first = Ours::new(&mappings.join("acme-to-pacs008.map"), &schemas);
    let mut second = Ours::new(&mappings.join("pain001-to-corebatch.map"), &schemas);
    let mut by_hand = ordinary::Program::new(NOW, &mappings.join("tables/bic-directory.csv"));
    let mut batch = ordinary::Program::new_batch(NOW);
    let chosen = arguments.get(1).zip(arguments.get(2));
    if chosen.is_none() {
        same_outputs(&orders, &mut first, |it| by_hand.order(it).into_bytes());
        same_outputs(&files, &mut second, |it| batch.batch(it));
    }
    let mut cases: Vec<Case<'_>> = vec![
        case("order to pacs.008, engine", &orders, |it| first.round(it)),
        case("order to pacs.008, ordinary", &orders, |it| it.each(|it| drop(black_box(by_hand.order(it))))),
        case("pain.001 to batch, engine", &files, |it| second.round(it)),
        case("pain.001 to batch, ordinary", &files, |it| it.each(|it| drop(black_box(batch.batch(it))))),
    ];
    if let Some((name, rounds)) = chosen {
        let case = cases.iter_mut().find(|it| it.name == name).expect("a case of this name");
        for _ in 0..rounds.parse().unwrap() {
            (case.run)(case.messages);
        }
        return;
    }
    measure(&mut cases);
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

fn same_outputs(messages: &Messages, ours: &mut Ours, mut theirs: impl FnMut(&[u8]) -> Vec<u8>) {
    let mut outputs = Vec::new();
    ours.stream(&messages.stream, |it| outputs.push(it.to_vec()));
    assert_eq!(outputs.len(), messages.each.len(), "a message each");
    for (message, one) in messages.each.iter().zip(&outputs) {
        let other = theirs(message);
        let at = one.iter().zip(&other).position(|(a, b)| a != b).unwrap_or(one.len().min(other.len()));
        if *one != other {
            let around = |it: &[u8]| String::from_utf8_lossy(&it[at.saturating_sub(80)..it.len().min(at + 80)]).into_owned();
            panic!(
                "the outputs differ at byte {at}:\n{}\n{}\nof {}",
                around(one),
                around(&other),
                String::from_utf8_lossy(message)
            );
        }
    }
    println!("{} messages: the same bytes from both", outputs.len());
}

struct Case<'a> {
    name: &'static str,
    messages: &'a Messages,
    run: Box<dyn FnMut(&Messages) + 'a>,
}

fn case<'a>(name: &'static str, messages: &'a Messages, run: impl FnMut(&Messages) + 'a) -> Case<'a> {
    Case { name, messages, run: Box::new(run) }
}

/// All cases take turns, so that a noisy machine is noisy for all; the best round counts.
fn measure(cases: &mut [Case<'_>]) {
    let mut best = vec![f64::MAX; cases.len()];
    let mut allocations = vec![0; cases.len()];
    for round in 0..ROUNDS {
        for (at, case) in cases.iter_mut().enumerate() {
            OF_MESSAGES.store(u64::MAX, Ordering::Relaxed);
            let (before, start) = (ALLOCATIONS.load(Ordering::Relaxed), Instant::now());
            (case.run)(case.messages);
            let seconds = start.elapsed().as_secs_f64();
            // The first rounds warm up.
            if round > 1 {
                best[at] = best[at].min(seconds);
                allocations[at] = match OF_MESSAGES.load(Ordering::Relaxed) {
                    u64::MAX => ALLOCATIONS.load(Ordering::Relaxed) - before,
                    of_messages => of_messages,
                };
            }
        }
    }
    println!(
        "{:30} {:>10} {:>8} {:>12} {:>12} {:>22}",
        "", "bytes", "MB/s", "messages/s", "ns a message", "allocations a message"
    );
    for (at, case) in cases.iter().enumerate() {
        let count = case.messages.each.len() as f64;
        let bytes: usize = case.messages.each.iter().map(Vec::len).sum();
        println!(
            "{:30} {:>10.0} {:>8.1} {:>12.0} {:>12.0} {:>22.2}",
            case.name,
            bytes as f64 / count,
            bytes as f64 / best[at] / 1e6,
            count / best[at],
            best[at] / count * 1e9,
            allocations[at] as f64 / count,
        );
    }
    for pair in best.chunks(2) {
        if let [ours, theirs] = pair {
            println!("ratio {:.2}", theirs / ours);
        }
    }
}
