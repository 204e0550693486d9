//! Bytes that are at hand through a translation, in memory: for tests, explanations and whoever embeds the engine.

use crate::engine::call::Context;
use crate::engine::output::{Loss, Outputs, Reject};
use crate::engine::{Cut, Fault, FaultCode, Part, Session, Translation, Verdict};
use crate::state::State;

/// What came of it.
#[derive(Debug, Default)]
pub struct Whole {
    /// What was released, in order.
    pub outputs: Vec<Output>,
    /// What was refused.
    pub rejects: Vec<Reject>,
    /// What was lost.
    pub losses: Vec<Loss>,
}

/// An output of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The number of the target in the plan.
    pub target: usize,
    /// The key of the file; empty where there is none.
    pub key: String,
    /// The bytes, whole.
    pub bytes: Vec<u8>,
}

/// Translates all messages of some bytes.
pub fn whole(translation: &Translation, session: &mut Session, bytes: &[u8], state: &mut State, context: &Context) -> Whole {
    let mut found = Whole::default();
    let recoded = match recoded(translation, bytes) {
        Ok(recoded) => recoded,
        Err(fault) => {
            let mut out = Outputs::default();
            session.open(context.clone());
            session.abort(fault, &mut out);
            found.rejects.append(&mut out.rejects);
            return found;
        }
    };
    let window = recoded.as_deref().unwrap_or(bytes);
    let mut run = Run { translation, session, state, context, found, out: Outputs::default(), done: Vec::new(), is_open: false };
    run.messages(window);
    run.found
}

fn recoded(translation: &Translation, bytes: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let beginning = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let Some(mut recoder) = translation.source.recoder(beginning)? else { return Ok(None) };
    let mut recoded = Vec::new();
    recoder.recode(bytes, true, &mut recoded)?;
    Ok(Some(recoded))
}

struct Run<'a> {
    translation: &'a Translation,
    session: &'a mut Session,
    state: &'a mut State,
    context: &'a Context,
    found: Whole,
    out: Outputs,
    /// What parts of the message gave so far, by lane.
    done: Vec<Vec<u8>>,
    is_open: bool,
}

impl Run<'_> {
    fn messages(&mut self, bytes: &[u8]) {
        let mut framer = self.translation.framer();
        let (mut at, mut mark, mut number) = (0, 0, self.context.message);
        // What the plan reads twice is given again from here; what the framer does, it gives again itself.
        let mut is_first_reading = false;
        loop {
            let window = bytes.get(at..).unwrap_or_default();
            match framer.next(window, true) {
                Ok(Cut::Frame(frame)) => {
                    if !self.is_open {
                        mark = at;
                        is_first_reading = self.translation.plan.reads_twice && frame.part != Part::Whole;
                        self.open(number, is_first_reading);
                    }
                    let verdict = self.session.part(&frame, window, self.state, &mut self.out);
                    at += frame.consumed;
                    self.keep();
                    if verdict == Verdict::Going && is_first_reading && frame.part == Part::Tail(0) {
                        is_first_reading = false;
                        framer = self.translation.framer();
                        at = mark;
                        self.again(number);
                        continue;
                    }
                    if verdict != Verdict::Going {
                        self.end(verdict);
                        number += 1;
                    }
                    if verdict == Verdict::RefuseInput {
                        self.found.outputs.clear();
                        return;
                    }
                }
                Ok(Cut::Keep) => {
                    mark = at;
                    self.open(number, true);
                }
                Ok(Cut::Rewind(_)) => {
                    at = mark;
                    self.again(number);
                }
                Ok(Cut::Incomplete) => return self.broken(Fault::new(FaultCode::FrameTruncated, at as u64), number),
                Ok(Cut::End) if self.is_open => return self.broken(Fault::new(FaultCode::FrameTruncated, at as u64), number),
                Ok(Cut::End) => return,
                Err(fault) => {
                    self.broken(fault, number);
                    number += 1;
                    match framer.recover(bytes.get(at..).unwrap_or_default(), true) {
                        Some(count) if count > 0 => at += count,
                        _ => return,
                    }
                }
            }
        }
    }

    /// The same message from its first byte, to be translated.
    fn again(&mut self, number: u64) {
        self.session.second(Context { message: number, ..self.context.clone() });
        self.out.next_message();
        self.done.clear();
    }

    fn open(&mut self, number: u64, twice: bool) {
        self.out.next_message();
        self.done.clear();
        self.is_open = true;
        let context = Context { message: number, ..self.context.clone() };
        if twice { self.session.survey(context) } else { self.session.open(context) }
    }

    /// Takes what lanes have, so that the places of inserts stay right.
    fn keep(&mut self) {
        for (at, lane) in self.out.lanes_mut().iter_mut().enumerate() {
            if self.done.len() <= at {
                self.done.resize_with(at + 1, Vec::new);
            }
            if let Some(done) = self.done.get_mut(at) {
                lane.take(done);
            }
        }
        self.found.rejects.append(&mut self.out.rejects);
        self.found.losses.append(&mut self.out.losses);
    }

    fn end(&mut self, verdict: Verdict) {
        self.is_open = false;
        if verdict != Verdict::Release {
            self.state.rollback();
            return;
        }
        self.state.commit();
        for (lane, body) in self.out.lanes().iter().zip(&self.done) {
            let (mut bytes, mut from) = (Vec::with_capacity(body.len()), 0);
            for insert in &lane.inserts {
                let at = usize::try_from(insert.at).unwrap_or(usize::MAX).min(body.len());
                bytes.extend_from_slice(body.get(from..at).unwrap_or_default());
                bytes.extend_from_slice(lane.insert(insert));
                from = at;
            }
            bytes.extend_from_slice(body.get(from..).unwrap_or_default());
            let key = String::from_utf8_lossy(&lane.key).into_owned();
            self.found.outputs.push(Output { target: lane.target, key, bytes });
        }
    }

    fn broken(&mut self, fault: Fault, number: u64) {
        if !self.is_open {
            self.open(number, false);
        }
        let verdict = self.session.abort(fault, &mut self.out);
        self.keep();
        self.end(verdict);
    }
}
