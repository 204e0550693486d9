//! Finds the fast paths of a program: runs of steps that pass one value on, each asking something of it.

use crate::call::Strictness;
use crate::fast::{Checks, FastPath, Way};
use crate::plan::{PlanCall, Step};

/// Puts a fast path before every run of at least two such steps. Jumps stay as they are: a path takes the place of the first
/// step of its run, and keeps it.
pub(super) fn shorten(steps: &mut [Step], calls: &[PlanCall], paths: &mut Vec<FastPath>) {
    // Behind a call that did not keep the value, the rest of the run is asked again; elsewhere in a run it was asked already.
    let mut asked = 0;
    for at in 0..steps.len() {
        let follows_call = at.checked_sub(1).and_then(|it| steps.get(it)).is_some_and(|it| matches!(it, Step::Call { .. }));
        if at < asked && !follows_call {
            continue;
        }
        let Some(rest) = steps.get(at..) else { return };
        let Some((path, length)) = path(rest, at, calls) else { continue };
        asked = asked.max(at + length);
        let number = u32::try_from(paths.len()).unwrap_or(u32::MAX);
        if let Some(step) = steps.get_mut(at) {
            let first = std::mem::replace(step, Step::Fast { path: number });
            paths.push(FastPath { first, ..path });
        }
    }
}

/// The path that begins with the first of these steps, the place of which is `at`; and how many steps stand on it in a row.
fn path(steps: &[Step], at: usize, calls: &[PlanCall]) -> Option<(FastPath, usize)> {
    let from = match steps.first()? {
        Step::Unblank { from, .. } | Step::Copy { from, .. } => *from,
        Step::Call { call, .. } => calls.get(*call as usize)?.only?,
        _ => return None,
    };
    let number = |it: usize| u32::try_from(at + it).unwrap_or(u32::MAX);
    let (mut current, mut checks, mut kept) = (from, Checks::default(), Way::default());
    let (mut absent, mut keeps_absent) = (None, true);
    let (mut next, mut length, mut count) = (0, 0, 0);
    while let Some(step) = steps.get(next) {
        let to = match step {
            Step::Unblank { from, to } if *from == current => {
                checks.add_begins();
                *to
            }
            Step::Copy { from, to } if *from == current => *to,
            Step::DropBlank { slot } if *slot == current => current,
            Step::Call { call, to } => {
                let Some(call) = calls.get(*call as usize).filter(|it| it.only == Some(current)) else { break };
                if !checks.add(&call.run) {
                    break;
                }
                keeps_absent &= call.strictness == Strictness::Strict;
                *to
            }
            Step::IfThere { slot, to } if *slot == current => {
                // No value goes on behind this step, one that is there elsewhere.
                absent.get_or_insert_with(|| (Way { next: number(next + 1), ..kept.clone() }, keeps_absent));
                next = (*to as usize).checked_sub(at)?;
                count += 1;
                continue;
            }
            _ => break,
        };
        if to != current {
            kept.push(to);
        }
        current = to;
        next += 1;
        count += 1;
        if count == next {
            length = next;
        }
    }
    kept.next = number(next);
    checks.finish();
    let (absent, keeps) = absent.unwrap_or_else(|| (kept.clone(), keeps_absent));
    let absent = keeps.then_some(absent);
    let first = Step::Truth { yes: false, to: from };
    (count > 1).then_some((FastPath { first, from, checks, kept, absent }, length))
}
