//! One run of a mapping over inputs: the loop that every byte passes through.
//!
//! Workers take turns: each takes a block of messages with a number, translates it beside the others, and waits for its
//! number to come up before what it made leaves. So the order is kept, and no queue grows.
//!
//! ```text
//! feed (one at a time) --block n--> translate (all at once) --turn n--> outbox (one at a time)
//! ```
//!
//! A message too long for a block is translated part by part by the worker whose turn it is.

use super::block::{Block, Event, Origin};
use super::feed::{Behind, Feed, Reading};
use super::outbox::{Outbox, Source, refused};
use super::progress::Progress;
use super::stream::{Broken, Input, Stream};
use crate::engine::call::{Context, NoStore, Store};
use crate::engine::output::Outputs;
use crate::engine::{Cut, Fault, FaultCode, Frame, Part, Position, Session, Translation, Verdict};
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What is to be done.
pub struct Job<'a> {
    /// The mapping.
    pub translation: &'a Translation,
    /// Whether places in the source are lines and columns.
    pub is_text: bool,
    /// The time of the job.
    pub now: Timestamp,
    /// Workers.
    pub jobs: usize,
    /// Whether somebody watches a terminal.
    pub shows_progress: bool,
    /// Set from outside when the run must stop.
    pub stop: &'a AtomicBool,
}

/// Why a run did not come to its end.
#[derive(Debug)]
pub enum Stopped {
    /// The world failed.
    World(io::Error),
    /// Somebody stopped it.
    Interrupted,
}

/// Runs a job over inputs; the outbox has what came of it.
pub fn run(job: &Job<'_>, inputs: Vec<Input>, outbox: &mut Outbox<'_>) -> Result<(), Stopped> {
    // Where inputs are small a second worker has nothing to do; numbers of sequences follow the order of messages.
    let size = inputs.iter().map(size_of).fold(0, u64::saturating_add);
    let jobs = if job.translation.plan.is_ordered || size < SMALL { 1 } else { job.jobs.max(1) };
    let turn = Turn { outbox, number: 0, broken: None };
    let progress = Progress::new((size < u64::MAX).then_some(size));
    let feed = Feed::new(job.translation, job.is_text, inputs, &progress.read);
    let (next, is_broken) = (Condvar::new(), AtomicBool::new(false));
    let turns = Turns { feed: Mutex::new(feed), outbox: Mutex::new(turn), next, is_broken };
    std::thread::scope(|scope| {
        if job.shows_progress && size >= SMALL {
            scope.spawn(|| progress.show());
        }
        let _shown = progress.until_dropped();
        let others: Vec<_> = (1..jobs).map(|_| scope.spawn(|| Worker::new(job).work(&turns))).collect();
        Worker::new(job).work(&turns);
        // A worker that went wrong takes the run with it: a block would be missing.
        others.into_iter().for_each(|it| it.join().unwrap_or_else(|panic| resume_unwind(panic)));
    });
    let turn = turns.outbox.into_inner().unwrap_or_else(PoisonError::into_inner);
    match turn.broken {
        _ if job.stop.load(Ordering::Relaxed) => Err(Stopped::Interrupted),
        Some(error) => Err(Stopped::World(error)),
        None => Ok(()),
    }
}

/// Bytes below which one worker is enough.
const SMALL: u64 = 512 << 10;

fn size_of(input: &Input) -> u64 {
    input.path().and_then(|it| it.metadata().ok()).map_or(u64::MAX, |it| it.len())
}

/// What workers share. A worker that holds the feed may wait for its turn; one whose turn it is never waits for the feed.
struct Turns<'j, 't, 'a> {
    feed: Mutex<Feed<'j>>,
    outbox: Mutex<Turn<'t, 'a>>,
    next: Condvar,
    /// The world failed: nothing more is read.
    is_broken: AtomicBool,
}

struct Turn<'t, 'a> {
    outbox: &'t mut Outbox<'a>,
    /// The block whose turn it is.
    number: u64,
    broken: Option<io::Error>,
}

impl<'j, 't, 'a> Turns<'j, 't, 'a> {
    fn feed(&self) -> MutexGuard<'_, Feed<'j>> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is the turn of a block.
    fn wait(&self, ticket: u64) -> MutexGuard<'_, Turn<'t, 'a>> {
        let turn = self.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        self.next.wait_while(turn, |it| it.number != ticket).unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a block is done with, whatever happened, it is the turn of the next one.
struct Ticket<'w, 'j, 't, 'a> {
    turns: &'w Turns<'j, 't, 'a>,
    number: u64,
}

impl Drop for Ticket<'_, '_, '_, '_> {
    fn drop(&mut self) {
        self.turns.wait(self.number).number += 1;
        self.turns.next.notify_all();
    }
}

/// Translates blocks; everything in it is used again.
struct Worker<'a> {
    job: &'a Job<'a>,
    session: Option<Session>,
    block: Block,
    /// What the messages of a block gave, in order.
    results: Vec<(Verdict, Outputs)>,
    /// The places of faults whose message goes on.
    places: HashMap<u64, Position>,
}

impl<'a> Worker<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        Worker { job, session: None, block: Block::default(), results: Vec::new(), places: HashMap::new() }
    }

    fn work(mut self, turns: &Turns<'_, '_, '_>) {
        let is_ordered = self.job.translation.plan.is_ordered;
        loop {
            let mut feed = turns.feed();
            if self.job.stop.load(Ordering::Relaxed) || turns.is_broken.load(Ordering::Relaxed) || feed.is_done() {
                return;
            }
            let ticket = Ticket { turns, number: feed.ticket() };
            let behind = feed.take(&mut self.block);
            // What only the turn can deal with keeps the others from reading on.
            let mut held = (!matches!(behind, Ok(Behind::More | Behind::Nothing))).then_some(feed);
            if !is_ordered {
                self.translate();
            }
            let mut turn = turns.wait(ticket.number);
            if turn.broken.is_some() {
                return;
            }
            let delivered = self.deliver(turn.outbox, is_ordered).map_err(Broken::World);
            let done = delivered.and_then(|()| match (&mut held, behind) {
                (Some(feed), Ok(behind)) => self.behind(feed, behind, turn.outbox),
                (_, behind) => behind.map(|_| ()),
            });
            if let Err(Broken::World(error)) = done {
                turns.is_broken.store(true, Ordering::Relaxed);
                turn.broken = Some(error);
            }
        }
    }

    /// Translates the messages of the block, beside other workers.
    fn translate(&mut self) {
        let events = std::mem::take(&mut self.block.events);
        let messages = events.iter().filter(|it| matches!(it, Event::Message { .. }));
        for (at, message) in messages.enumerate() {
            self.message(at, message, &mut NoStore);
        }
        self.block.events = events;
    }

    /// What the block's messages gave goes to its places.
    fn deliver(&mut self, outbox: &mut Outbox<'_>, is_ordered: bool) -> io::Result<()> {
        let events = std::mem::take(&mut self.block.events);
        let mut at = 0;
        for event in &events {
            match event {
                Event::Begin(origin) => outbox.begin(origin)?,
                Event::End => outbox.end()?,
                Event::Message { frame, number, .. } => {
                    if !outbox.is_refused {
                        if is_ordered {
                            self.message(at, event, &mut outbox.state);
                        }
                        let source = InBlock { block: &self.block, within: frame.bytes.start };
                        if let Some((verdict, out)) = self.results.get_mut(at) {
                            outbox.message(*number, *verdict, out, &source)?;
                        }
                    }
                    // Where messages are translated one by one, there is one result.
                    at += usize::from(!is_ordered);
                }
            }
        }
        self.block.events = events;
        Ok(())
    }

    /// Translates a message of the block.
    fn message(&mut self, at: usize, event: &Event, store: &mut dyn Store) {
        let Event::Message { frame, number, origin } = event else { return };
        let context = self.context(origin, *number);
        let at = self.result(at);
        let (Some((verdict, out)), bytes) = (self.results.get_mut(at), &self.block.bytes) else { return };
        out.next_message();
        let session = self.session.get_or_insert_with(|| self.job.translation.session());
        let done = catch_unwind(AssertUnwindSafe(|| {
            session.open(context);
            session.part(frame, bytes, store, out)
        }));
        *verdict = done.unwrap_or_else(|_| {
            // What the session has in it is not to be trusted any more.
            self.session = None;
            let whole = (frame.at, u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX));
            refused(out, *number, Fault::new(FaultCode::Defect, frame.at), Some(whole));
            Verdict::Refuse
        });
    }

    /// The place of a result; there is one from now on.
    fn result(&mut self, at: usize) -> usize {
        if self.results.len() <= at {
            self.results.resize_with(at + 1, || (Verdict::Going, Outputs::default()));
        }
        at
    }

    fn context(&self, origin: &Origin, number: u64) -> Context {
        Context { now: self.job.now, file_name: Arc::clone(&origin.file_name), message: number }
    }

    // ---- what only the turn can deal with ------------------------------------------------------------------------

    fn behind(&mut self, feed: &mut Feed<'_>, behind: Behind, outbox: &mut Outbox<'_>) -> Result<(), Broken> {
        let Some(reading) = feed.reading() else { return Ok(()) };
        let goes_on = !outbox.is_refused
            && match behind {
                Behind::Long(cut) => self.long(reading, cut, outbox)?,
                Behind::Fault(fault) => {
                    self.open(reading, false);
                    self.broken(reading, fault, outbox)?;
                    reading.recover()?
                }
                Behind::Last(fault) => {
                    self.open(reading, false);
                    self.broken(reading, fault, outbox)?;
                    false
                }
                Behind::More | Behind::Nothing => true,
            };
        if !goes_on || outbox.is_refused {
            feed.close();
            outbox.end()?;
        }
        Ok(())
    }

    /// A message that is longer than a part, from its first part to its last; says whether the input goes on.
    fn long(&mut self, reading: &mut Reading, first: Cut, outbox: &mut Outbox<'_>) -> Result<bool, Broken> {
        let plan = &self.job.translation.plan;
        let mut is_open = false;
        // What the plan reads twice is given again from here; what the framer does, it gives again itself.
        let mut is_first_reading = false;
        let mut next = Ok(first);
        loop {
            match next {
                Ok(Cut::Frame(frame)) => {
                    if !is_open {
                        is_first_reading = plan.reads_twice && frame.part != Part::Whole;
                        if is_first_reading {
                            reading.stream.keep()?;
                        }
                        self.open(reading, is_first_reading);
                        is_open = true;
                    }
                    match self.part(reading, &frame, outbox)? {
                        Some(Verdict::Going) if is_first_reading && frame.part == Part::Tail(0) => {
                            is_first_reading = false;
                            reading.framer = self.job.translation.framer();
                            self.again(reading)?;
                        }
                        Some(Verdict::Going) => {}
                        Some(_) => return Ok(true),
                        None => return Ok(false),
                    }
                }
                Ok(Cut::Incomplete) => {
                    if self.job.stop.load(Ordering::Relaxed) {
                        return Err(Broken::World(io::ErrorKind::Interrupted.into()));
                    }
                    if let Err(broken) = reading.fill(plan.limits.part_bytes_max) {
                        let Broken::Sender(fault) = broken else { return Err(broken) };
                        self.broken(reading, fault, outbox)?;
                        return Ok(false);
                    }
                }
                Ok(Cut::Keep) => {
                    reading.stream.keep()?;
                    self.open(reading, true);
                    is_open = true;
                }
                Ok(Cut::Rewind(_)) => self.again(reading)?,
                // A message that was begun has an end, or a fault: none is forgotten.
                Ok(Cut::End) if is_open => {
                    self.broken(reading, Fault::new(FaultCode::FrameTruncated, reading.stream.at()), outbox)?;
                    return Ok(false);
                }
                Ok(Cut::End) => return Ok(false),
                Err(fault) => {
                    if !is_open {
                        self.open(reading, false);
                    }
                    self.broken(reading, fault, outbox)?;
                    return reading.recover();
                }
            }
            next = reading.framer.next(reading.stream.window(), reading.stream.has_ended());
        }
    }

    /// The same message from its first byte, to be translated.
    fn again(&mut self, reading: &mut Reading) -> Result<(), Broken> {
        reading.stream.rewind()?;
        let context = self.context(&reading.origin, reading.number);
        if let (Some(session), Some((_, out))) = (&mut self.session, self.results.first_mut()) {
            session.second(context);
            out.next_message();
        }
        Ok(())
    }

    fn open(&mut self, reading: &Reading, twice: bool) {
        let context = self.context(&reading.origin, reading.number);
        let at = self.result(0);
        if let Some((_, out)) = self.results.get_mut(at) {
            out.next_message();
        }
        self.places.clear();
        let session = self.session.get_or_insert_with(|| self.job.translation.session());
        if twice { session.survey(context) } else { session.open(context) }
    }

    /// Takes a part through the session, and what it gave to where it goes; nothing after a defect.
    fn part(&mut self, reading: &mut Reading, frame: &Frame, outbox: &mut Outbox<'_>) -> io::Result<Option<Verdict>> {
        let (Some(session), Some((_, out))) = (&mut self.session, self.results.first_mut()) else { return Ok(None) };
        let (stream, number) = (&mut reading.stream, reading.number);
        let state = &mut outbox.state;
        let done = catch_unwind(AssertUnwindSafe(|| session.part(frame, stream.window(), state, out)));
        let Ok(verdict) = done else {
            self.session = None;
            refused(out, number, Fault::new(FaultCode::Defect, frame.at), None);
            outbox.message(number, Verdict::Refuse, out, &InStream { stream, places: &self.places })?;
            return Ok(None);
        };
        for noted in session.refused() {
            if self.places.len() < PLACES_MAX {
                self.places.entry(noted.fault.offset).or_insert_with(|| stream.position(noted.fault.offset));
            }
        }
        let source = InStream { stream, places: &self.places };
        if verdict == Verdict::Going {
            outbox.part(out, &source)?;
        } else {
            outbox.message(number, verdict, out, &source)?;
            reading.number += 1;
        }
        if let Part::Head(level) = frame.part {
            stream.keep_head(level, frame.bytes.clone());
        }
        stream.consume(frame.consumed);
        Ok(Some(verdict))
    }

    /// The stream cannot be cut: the message is refused, with the rest of the input or as much of it as is at hand.
    fn broken(&mut self, reading: &mut Reading, fault: Fault, outbox: &mut Outbox<'_>) -> io::Result<()> {
        let (Some(session), Some((_, out))) = (&mut self.session, self.results.first_mut()) else { return Ok(()) };
        let stream = &reading.stream;
        self.places.insert(fault.offset, stream.position(fault.offset));
        let verdict = session.abort(fault, out);
        let rest = u32::try_from(stream.window().len()).unwrap_or(u32::MAX);
        for reject in &mut out.rejects {
            reject.at = reject.at.or(Some((stream.at(), rest)));
        }
        outbox.message(reading.number, verdict, out, &InStream { stream, places: &self.places })?;
        reading.number += 1;
        Ok(())
    }
}

/// Places that are remembered of a message's faults; as many faults as a reject can have.
const PLACES_MAX: usize = 64;

/// A message in a block.
struct InBlock<'b> {
    block: &'b Block,
    within: usize,
}

impl Source for InBlock<'_> {
    fn position(&self, offset: u64) -> Position {
        self.block.position(self.within, offset)
    }

    fn bytes(&self, at: u64, length: u32) -> Option<&[u8]> {
        self.block.slice(self.within, at, length)
    }
}

/// A message that goes on in its stream.
struct InStream<'s> {
    stream: &'s Stream,
    places: &'s HashMap<u64, Position>,
}

impl Source for InStream<'_> {
    fn position(&self, offset: u64) -> Position {
        self.places.get(&offset).copied().unwrap_or_else(|| self.stream.position(offset))
    }

    fn bytes(&self, at: u64, length: u32) -> Option<&[u8]> {
        self.stream.bytes(at, length)
    }
}
