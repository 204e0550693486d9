//! One run of a mapping over inputs: the loop that every byte passes through.

use super::deliver::Delivery;
use super::rejects::{Rejected, Rejects};
use super::report::Report;
use super::stream::{Broken, Input, Stream};
use crate::engine::call::{Context, LossKind};
use crate::engine::output::{Counts, Outputs};
use crate::engine::{Cut, Fault, FaultCode, Frame, Framer, Part, Position, Session, Translation, Verdict};
use crate::state::State;
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;

/// What is to be done.
pub struct Job<'a> {
    /// The mapping.
    pub translation: &'a Translation,
    /// Whether places in the source are lines and columns.
    pub is_text: bool,
    /// The time of the job.
    pub now: Timestamp,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Records.
    pub counts: Counts,
    /// Messages read, written, rejected.
    pub messages: [u64; 3],
    /// Whether the whole input was refused.
    pub refused_input: bool,
}

/// A run while it goes on.
pub struct Run<'a> {
    job: Job<'a>,
    /// Where outputs go.
    pub delivery: Delivery,
    /// Where rejects go.
    pub rejects: Rejects,
    /// Where losses go.
    pub report: Option<Report>,
    /// Sequences and memos.
    pub state: State,
    session: Session,
    out: Outputs,
    /// The places of faults whose message goes on.
    places: HashMap<u64, Position>,
    /// Counts of everything so far.
    pub summary: Summary,
}

impl<'a> Run<'a> {
    /// A run with everything it needs.
    pub fn new(job: Job<'a>, delivery: Delivery, rejects: Rejects, report: Option<Report>, state: State) -> Self {
        let session = job.translation.session();
        Run {
            job,
            delivery,
            rejects,
            report,
            state,
            session,
            out: Outputs::default(),
            places: HashMap::new(),
            summary: Summary::default(),
        }
    }

    /// One input from its first byte to its last.
    pub fn input(&mut self, input: &Input) -> Result<(), Broken> {
        self.delivery.input(input.stem())?;
        let before = self.summary;
        let mut stream = match Stream::open(input, self.job.translation.source.as_ref(), self.job.is_text) {
            Ok(stream) => stream,
            Err(Broken::Sender(fault)) => {
                self.open(input, 1, false);
                return Ok(self.refuse_all(input, fault)?);
            }
            Err(world) => return Err(world),
        };
        let mut framer = self.job.translation.framer();
        let mut number = 1;
        // The message that is being read, if one is.
        let mut is_open = false;
        let mut refused_input = false;
        loop {
            let cut = framer.next(stream.window(), stream.has_ended());
            match cut {
                Ok(Cut::Frame(frame)) => {
                    if !is_open {
                        let twice = self.job.translation.plan.reads_twice && frame.part != Part::Whole;
                        if twice {
                            stream.keep()?;
                        }
                        self.open(input, number, twice);
                        is_open = true;
                    }
                    let verdict = self.part(input, &mut stream, &frame)?;
                    if verdict != Verdict::Going {
                        refused_input |= verdict == Verdict::RefuseInput;
                        is_open = false;
                        number += 1;
                    }
                    if refused_input {
                        break;
                    }
                }
                Ok(Cut::Incomplete) => {
                    let held = stream.window().len() as u64;
                    if held > self.job.translation.plan.limits.part_bytes_max {
                        let fault = Fault::new(FaultCode::FrameLimit, stream.at());
                        self.broken(input, &stream, fault, is_open, number)?;
                        break;
                    }
                    if let Err(error) = stream.fill() {
                        match error {
                            Broken::Sender(fault) => {
                                self.broken(input, &stream, fault, is_open, number)?;
                                break;
                            }
                            world => return Err(world),
                        }
                    }
                }
                Ok(Cut::Keep) => {
                    stream.keep()?;
                    self.open(input, number, true);
                    is_open = true;
                }
                Ok(Cut::Rewind(_)) => {
                    stream.rewind()?;
                    self.session.second(self.context(input, number));
                    self.out.next_message();
                }
                Ok(Cut::End) => break,
                Err(fault) => {
                    self.broken(input, &stream, fault, is_open, number)?;
                    is_open = false;
                    number += 1;
                    match self.recover(&mut stream, framer.as_mut())? {
                        true => {}
                        false => break,
                    }
                }
            }
        }
        if refused_input {
            self.delivery.refuse_input()?;
            self.state.rollback_input();
            // What this input had released goes back to the rejected.
            let gone = self.summary.counts.written - before.counts.written;
            self.summary.counts.written -= gone;
            self.summary.counts.rejected += gone;
            let gone = self.summary.messages[1] - before.messages[1];
            self.summary.messages[1] -= gone;
            self.summary.messages[2] += gone;
            self.summary.refused_input = true;
        }
        self.state.commit_input();
        Ok(())
    }

    fn context(&self, input: &Input, number: u64) -> Context {
        let file_name =
            input.path().and_then(|it| it.file_name()).map_or_else(|| "-".to_owned(), |it| it.to_string_lossy().into_owned());
        Context { now: self.job.now, file_name, message: number, seed: [0; 32] }
    }

    fn open(&mut self, input: &Input, number: u64, twice: bool) {
        let context = self.context(input, number);
        self.out.next_message();
        self.places.clear();
        if twice { self.session.survey(context) } else { self.session.open(context) }
    }

    /// Takes a part through the session, and what it gave to where it goes.
    fn part(&mut self, input: &Input, stream: &mut Stream, frame: &Frame) -> io::Result<Verdict> {
        let verdict = self.session.part(frame, stream.window(), &mut self.state, &mut self.out);
        for noted in self.session.refused() {
            if self.places.len() < 64 {
                self.places.entry(noted.fault.offset).or_insert_with(|| stream.position(noted.fault.offset));
            }
        }
        self.told(input, stream)?;
        match verdict {
            Verdict::Going => self.delivery.take(self.out.lanes_mut(), 0)?,
            Verdict::Release => {
                let number = self.session.message();
                self.delivery.release(self.out.lanes_mut(), number)?;
                self.state.commit();
                self.end_of_message(1);
            }
            Verdict::Refuse | Verdict::RefuseInput => {
                self.delivery.refuse();
                self.state.rollback();
                self.end_of_message(2);
            }
        }
        if let Part::Head(level) = frame.part {
            stream.keep_head(level, frame.bytes.clone());
        }
        stream.consume(frame.consumed);
        Ok(verdict)
    }

    fn end_of_message(&mut self, outcome: usize) {
        self.summary.counts.add(self.out.counts);
        self.summary.messages[0] += 1;
        if let Some(count) = self.summary.messages.get_mut(outcome) {
            *count += 1;
        }
    }

    /// Rejects and losses go to their files.
    fn told(&mut self, input: &Input, stream: &Stream) -> io::Result<()> {
        let plan = &self.job.translation.plan;
        let name = input.name();
        for reject in self.out.rejects.drain(..) {
            let place = |offset: u64| self.places.get(&offset).copied().unwrap_or_else(|| stream.position(offset));
            let places: Vec<Position> = reject.faults.iter().map(|it| place(it.fault.offset)).collect();
            let bytes = reject.at.and_then(|(at, length)| stream.bytes(at, length));
            let rejected = Rejected { reject: &reject, input: &name, places: &places, bytes };
            self.rejects.push(plan, self.job.translation.source.schema(), &rejected)?;
        }
        for loss in self.out.losses.drain(..) {
            if let Some(report) = &mut self.report {
                let unknown = (loss.kind == LossKind::UnknownField).then(|| name_at(stream, loss.offset));
                report.push(plan, &loss, unknown.as_deref())?;
            }
        }
        Ok(())
    }

    /// The stream cannot be cut: the message is refused.
    fn broken(&mut self, input: &Input, stream: &Stream, fault: Fault, is_open: bool, number: u64) -> io::Result<()> {
        if !is_open {
            self.open(input, number, false);
        }
        self.places.insert(fault.offset, stream.position(fault.offset));
        self.session.abort(fault, &mut self.out);
        // The rest of the input, or as much of it as is at hand, is what was refused.
        let rest = u32::try_from(stream.window().len()).unwrap_or(u32::MAX);
        for reject in &mut self.out.rejects {
            reject.at = reject.at.or(Some((stream.at(), rest)));
        }
        self.told(input, stream)?;
        self.delivery.refuse();
        self.state.rollback();
        self.end_of_message(2);
        Ok(())
    }

    /// On to the next message, if it can be found.
    fn recover(&mut self, stream: &mut Stream, framer: &mut dyn Framer) -> Result<bool, Broken> {
        loop {
            match framer.recover(stream.window(), stream.has_ended()) {
                Some(0) if !stream.has_ended() => stream.fill()?,
                Some(count) => {
                    stream.consume(count);
                    return Ok(true);
                }
                None => return Ok(false),
            }
        }
    }

    fn refuse_all(&mut self, input: &Input, fault: Fault) -> io::Result<()> {
        self.session.abort(fault, &mut self.out);
        let plan = &self.job.translation.plan;
        for reject in self.out.rejects.drain(..) {
            let rejected = Rejected { reject: &reject, input: &input.name(), places: &[], bytes: None };
            self.rejects.push(plan, self.job.translation.source.schema(), &rejected)?;
        }
        self.end_of_message(2);
        Ok(())
    }
}

/// The name of a member that the schema does not know: names are no secrets.
fn name_at(stream: &Stream, offset: u64) -> String {
    let bytes = stream.bytes(offset, 1).map(|_| ()).and_then(|()| {
        let from = usize::try_from(offset - stream.at()).ok()?;
        stream.window().get(from..)
    });
    let text = bytes.unwrap_or_default();
    let name: Vec<u8> = text.iter().skip_while(|it| **it == b'"').take_while(|it| **it != b'"').take(128).copied().collect();
    String::from_utf8_lossy(&name).into_owned()
}
