//! What all workers read from: inputs one after the other, cut into blocks of whole messages.

use super::block::{Block, Event, Origin};
use super::stream::{Broken, Input, Stream};
use crate::engine::{Cut, Fault, FaultCode, Framer, Part, Translation};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Bytes of messages that a worker takes at once: half of what a core keeps near, with as much for what is written.
const BLOCK: usize = 256 << 10;

/// Inputs while they are read.
pub(super) struct Feed<'a> {
    translation: &'a Translation,
    is_text: bool,
    inputs: std::vec::IntoIter<Input>,
    open: Option<Reading>,
    /// The number that the next block gets.
    ticket: u64,
    /// Bytes read so far.
    read: Arc<AtomicU64>,
}

/// An input while it is read.
pub(super) struct Reading {
    /// Where it comes from.
    pub origin: Arc<Origin>,
    /// Its bytes.
    pub stream: Stream,
    /// Finds its messages.
    pub framer: Box<dyn Framer>,
    /// The number of the message that comes next.
    pub number: u64,
}

/// What stands behind the messages of a block.
pub(super) enum Behind {
    /// More of the same.
    More,
    /// What only the turn can deal with: the first part of a long message.
    Long(Cut),
    /// A message that is broken; there may be others behind it.
    Fault(Fault),
    /// A fault behind which the input cannot be read.
    Last(Fault),
    /// Nothing.
    Nothing,
}

impl<'a> Feed<'a> {
    /// These inputs, for a translation.
    pub(super) fn new(translation: &'a Translation, is_text: bool, inputs: Vec<Input>, read: &Arc<AtomicU64>) -> Self {
        Feed { translation, is_text, inputs: inputs.into_iter(), open: None, ticket: 0, read: Arc::clone(read) }
    }

    /// The number of a block that was taken.
    pub(super) fn ticket(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket - 1
    }

    /// The input that is being read.
    pub(super) fn reading(&mut self) -> Option<&mut Reading> {
        self.open.as_mut()
    }

    /// Whether there is nothing left to read.
    pub(super) fn is_done(&self) -> bool {
        self.open.is_none() && self.inputs.len() == 0
    }

    /// The rest of the input is not read.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// Fills a block with whole messages; says what stands behind them.
    pub(super) fn take(&mut self, block: &mut Block) -> Result<Behind, Broken> {
        block.clear();
        if let Some(open) = &self.open {
            block.stretch(open.stream.at(), open.stream.here());
        }
        loop {
            if block.bytes.len() >= BLOCK {
                return Ok(Behind::More);
            }
            let Some(reading) = &mut self.open else {
                let Some(input) = self.inputs.next() else { return Ok(Behind::Nothing) };
                if let Some(fault) = self.open(input, block)? {
                    return Ok(Behind::Last(fault));
                }
                continue;
            };
            if reading.origin.is_refused() {
                self.open = None;
                block.events.push(Event::End);
                continue;
            }
            let stream = &mut reading.stream;
            match reading.framer.next(stream.window(), stream.has_ended()) {
                Ok(Cut::Frame(mut frame)) if frame.part == Part::Whole => {
                    let start = block.bytes.len();
                    block.bytes.extend_from_slice(stream.window().get(..frame.consumed).unwrap_or_default());
                    stream.consume(frame.consumed);
                    frame.bytes = frame.bytes.start + start..frame.bytes.end + start;
                    let (number, origin) = (reading.number, Arc::clone(&reading.origin));
                    block.events.push(Event::Message { frame, number, origin });
                    reading.number += 1;
                }
                Ok(Cut::End) => {
                    self.open = None;
                    block.events.push(Event::End);
                }
                Ok(Cut::Incomplete) => {
                    // What is there leaves before more is waited for.
                    if reading.origin.input == Input::Stdin && !block.is_empty() {
                        return Ok(Behind::More);
                    }
                    match reading.fill(self.translation.plan.limits.part_bytes_max) {
                        Err(Broken::Sender(fault)) => return Ok(Behind::Last(fault)),
                        other => other?,
                    }
                }
                Ok(cut) => return Ok(Behind::Long(cut)),
                Err(fault) => return Ok(Behind::Fault(fault)),
            }
        }
    }

    /// Opens the next input; gives what is wrong with its first bytes.
    fn open(&mut self, input: Input, block: &mut Block) -> Result<Option<Fault>, Broken> {
        let origin = Arc::new(Origin::new(input));
        block.events.push(Event::Begin(Arc::clone(&origin)));
        let mut stream = Stream::open(&origin.input, self.is_text).map_err(|it| of(&origin, it))?;
        stream.count_into(&self.read);
        block.stretch(stream.at(), stream.here());
        let framer = self.translation.framer();
        let mut reading = Reading { origin, stream, framer, number: 1 };
        let fault = match reading.stream.recode(self.translation.source.as_ref()) {
            Ok(()) => None,
            Err(Broken::Sender(fault)) => Some(fault),
            Err(world) => return Err(of(&reading.origin, world)),
        };
        self.open = Some(reading);
        Ok(fault)
    }
}

/// An error that names the input.
fn of(origin: &Origin, broken: Broken) -> Broken {
    match broken {
        Broken::World(error) => Broken::World(io::Error::new(error.kind(), format!("{}: {error}", origin.name))),
        sender => sender,
    }
}

impl Reading {
    /// Reads on, unless a part is longer than it may be.
    pub(super) fn fill(&mut self, part_bytes_max: u64) -> Result<(), Broken> {
        if self.stream.window().len() as u64 > part_bytes_max {
            return Err(Broken::Sender(Fault::new(FaultCode::FrameLimit, self.stream.at())));
        }
        self.stream.fill().map_err(|it| of(&self.origin, it))
    }

    /// On to the next message behind a broken one, if it can be found.
    pub(super) fn recover(&mut self) -> Result<bool, Broken> {
        loop {
            match self.framer.recover(self.stream.window(), self.stream.has_ended()) {
                Some(0) if !self.stream.has_ended() => self.stream.fill()?,
                Some(count) => {
                    self.stream.consume(count);
                    return Ok(true);
                }
                None => return Ok(false),
            }
        }
    }
}
