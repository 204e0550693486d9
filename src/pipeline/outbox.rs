//! The side of a run that has an order: what messages gave goes to its places, one message after the other.

use super::block::Origin;
use super::deliver::Delivery;
use super::rejects::{Rejected, Rejects};
use super::report::Report;
use crate::engine::call::LossKind;
use crate::engine::output::{Counts, Noted, Outputs, Reject};
use crate::engine::{Fault, FaultCode, Position, Translation, Verdict};
use crate::state::State;
use std::io;
use std::sync::Arc;

/// What came of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Records.
    pub counts: Counts,
    /// Messages read, written, rejected.
    pub messages: [u64; 3],
    /// Messages that a defect of ours refused.
    pub defects: u64,
}

/// Where a message's bytes are, for those who speak about it.
pub trait Source {
    /// The line and column of a byte of the stream.
    fn position(&self, offset: u64) -> Position;
    /// A stretch of the stream, if it is at hand.
    fn bytes(&self, at: u64, length: u32) -> Option<&[u8]>;
}

/// Where everything goes.
pub struct Outbox<'a> {
    translation: &'a Translation,
    /// Where outputs go.
    pub delivery: Delivery,
    /// Where rejects go.
    pub rejects: Rejects,
    /// Where losses go.
    pub report: Option<Report>,
    /// Sequences and memos.
    pub state: State,
    /// Counts of everything so far.
    pub summary: Summary,
    /// The counts when the input began.
    before: Summary,
    origin: Option<Arc<Origin>>,
    /// Nothing of the current input leaves any more.
    pub is_refused: bool,
}

impl<'a> Outbox<'a> {
    /// These places.
    pub fn new(translation: &'a Translation, delivery: Delivery, rejects: Rejects, report: Option<Report>, state: State) -> Self {
        let summary = Summary::default();
        let (before, origin, is_refused) = (summary, None, false);
        Outbox { translation, delivery, rejects, report, state, summary, before, origin, is_refused }
    }

    /// An input begins.
    pub fn begin(&mut self, origin: &Arc<Origin>) -> io::Result<()> {
        self.delivery.input(origin.input.stem())?;
        self.before = self.summary;
        self.origin = Some(Arc::clone(origin));
        self.is_refused = false;
        Ok(())
    }

    /// The input ended.
    pub fn end(&mut self) -> io::Result<()> {
        if self.is_refused {
            self.delivery.refuse_input()?;
            self.state.rollback_input();
            // What this input had released goes back to the rejected.
            let gone = self.summary.counts.written - self.before.counts.written;
            self.summary.counts.written -= gone;
            self.summary.counts.rejected += gone;
            let [_, written, rejected] = &mut self.summary.messages;
            let [_, before, _] = self.before.messages;
            *rejected += *written - before;
            *written = before;
        }
        self.state.commit_input();
        Ok(())
    }

    /// What a part of a message gave so far.
    pub fn part(&mut self, out: &mut Outputs, source: &dyn Source) -> io::Result<()> {
        self.told(out, source)?;
        self.delivery.take(out.lanes_mut(), 0)
    }

    /// A message is over.
    pub fn message(&mut self, number: u64, verdict: Verdict, out: &mut Outputs, source: &dyn Source) -> io::Result<()> {
        self.told(out, source)?;
        let is_released = verdict == Verdict::Release;
        if is_released {
            self.delivery.release(out.lanes_mut(), number)?;
            self.state.commit();
        } else {
            self.delivery.refuse();
            self.state.rollback();
        }
        if let (Verdict::RefuseInput, Some(origin)) = (verdict, &self.origin) {
            self.is_refused = true;
            origin.refuse();
        }
        self.summary.counts.add(out.counts);
        let [read, written, rejected] = &mut self.summary.messages;
        *read += 1;
        *(if is_released { written } else { rejected }) += 1;
        Ok(())
    }

    /// Rejects and losses go to their files.
    fn told(&mut self, out: &mut Outputs, source: &dyn Source) -> io::Result<()> {
        let plan = &self.translation.plan;
        let name = self.origin.as_ref().map_or("-", |it| it.name.as_str());
        for reject in out.rejects.drain(..) {
            self.summary.defects += u64::from(reject.faults.iter().any(|it| it.fault.code == FaultCode::Defect));
            let places: Vec<Position> = reject.faults.iter().map(|it| source.position(it.fault.offset)).collect();
            let bytes = reject.at.and_then(|(at, length)| source.bytes(at, length));
            let rejected = Rejected { reject: &reject, input: name, places: &places, bytes };
            self.rejects.push(plan, self.translation.source.schema(), &rejected)?;
        }
        for loss in out.losses.drain(..) {
            if let Some(report) = &mut self.report {
                let unknown = (loss.kind == LossKind::UnknownField).then(|| name_at(source, loss.offset));
                report.push(plan, &loss, unknown.as_deref())?;
            }
        }
        Ok(())
    }
}

/// A message that was refused without a session: a defect, an input that cannot be read.
pub(super) fn refused(out: &mut Outputs, message: u64, fault: Fault, at: Option<(u64, u32)>) {
    use crate::engine::plan::Scope;
    out.next_message();
    out.rejects.clear();
    out.losses.clear();
    out.counts = Counts { read: 1, rejected: 1, ..Counts::default() };
    let noted = Noted { fault, refusal: None, scope: Scope::Message, numbers: [0; 3], is_absent: false };
    out.rejects.push(Reject { scope: Scope::Message, message, record: 0, faults: vec![noted], at });
}

/// The name of a member that the schema does not know: names are no secrets.
fn name_at(source: &dyn Source, offset: u64) -> String {
    let longest = (1..=128).rev().find_map(|length| source.bytes(offset, length)).unwrap_or_default();
    let name: Vec<u8> = longest.iter().skip_while(|it| **it == b'"').take_while(|it| **it != b'"').copied().collect();
    String::from_utf8_lossy(&name).into_owned()
}
