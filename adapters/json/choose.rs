//! Which of several an object is, found before it is read.

use crate::{
    decode::{JsonDecoder, Run},
    layout::{Code, Condition, Decision, Rule},
    scan,
};
use latimer_engine::{Decimal, FaultCode};

/// Members that are looked at, at most: the compiler of schemas keeps to it.
pub(crate) const FACTS_MAX: usize = 64;
/// Decisions of one object, at most.
pub(crate) const DECISIONS_MAX: usize = 64;

/// Where the value of each member that is looked at begins; 0 where it is not there.
type Facts = [usize; FACTS_MAX];

impl JsonDecoder {
    /// Reads an object that must be one of several; `at` is its bracket.
    pub(crate) fn choice(&mut self, run: &mut Run<'_>, choice: u32, at: usize) -> Option<usize> {
        let layout = std::sync::Arc::clone(&self.layout);
        let bound = self.bound.choices.get(choice as usize)?;
        let table = layout.choices.get(bound.layout as usize)?;
        let (facts, end) = self.look_at(run, &table.facts, at)?;
        let mut taken = [None; DECISIONS_MAX];
        for (number, decision) in table.decisions.iter().enumerate().take(DECISIONS_MAX) {
            let is_asked = decision
                .after
                .is_none_or(|(earlier, alternative)| taken.get(earlier as usize).copied().flatten() == Some(alternative));
            if is_asked {
                let alternative = self.decide(run, (choice, number), decision, &facts, at..end);
                let Some(alternative) = alternative else {
                    self.note(run, FaultCode::JsonChoice, at, b"")?;
                    return Some(end);
                };
                if let Some(it) = taken.get_mut(number) {
                    *it = Some(alternative);
                }
            }
        }
        let is_taken =
            |(decision, alternative): &(u32, u32)| taken.get(*decision as usize).copied().flatten() == Some(*alternative);
        let outcome = table.outcomes.iter().position(|(choices, _)| choices.iter().all(is_taken));
        let bound = self.bound.choices.get(choice as usize)?;
        match outcome.and_then(|it| bound.objects.get(it)).copied() {
            Some(object) => self.object(run, object, at),
            None => {
                self.note(run, FaultCode::JsonChoice, at, b"")?;
                Some(end)
            }
        }
    }

    /// Finds the members that are looked at, and the end of the object.
    fn look_at(&mut self, run: &mut Run<'_>, names: &[String], at: usize) -> Option<(Facts, usize)> {
        let mut facts = [0; FACTS_MAX];
        self.enter(at)?;
        let mut at = run.blanks(at + 1);
        if scan::byte(run.text, at) == b'}' {
            self.leave();
            return Some((facts, at + 1));
        }
        loop {
            if scan::byte(run.text, at) != b'"' {
                return self.broken(at);
            }
            let (end, has_escapes) = self.string(run, at + 1)?;
            let value = self.colon(run, end + 1)?;
            let mut name = scan::slice(run.text, at + 1, end);
            if has_escapes {
                self.spelled.clear();
                scan::unescape(name, &mut self.spelled);
                name = &self.spelled;
            }
            let fact = names.iter().position(|it| it.as_bytes() == name);
            if let Some(it) = fact.and_then(|it| facts.get_mut(it)).filter(|it| **it == 0) {
                *it = value;
            }
            // Names that come twice are found when the object is read; what is broken is said by the strict reading.
            at = match scan::skip(run.text, value, self.depth_left()) {
                Some(end) => run.blanks(end),
                None => self.skip(run, value).map(|it| run.blanks(it))?,
            };
            match scan::byte(run.text, at) {
                b',' => at = run.blanks(at + 1),
                b'}' => break,
                _ => return self.broken(at),
            }
        }
        self.leave();
        Some((facts, at + 1))
    }

    /// The alternative that an object has taken; `None` for none, or more than one of `oneOf`.
    fn decide(
        &mut self,
        run: &mut Run<'_>,
        (choice, number): (u32, usize),
        decision: &Decision,
        facts: &Facts,
        object: std::ops::Range<usize>,
    ) -> Option<u32> {
        let alternatives = (0u32..).zip(&decision.alternatives);
        if decision.rule == Rule::If {
            let holds = decision.alternatives.first().is_some_and(|it| self.is_met(run, &it.condition, facts));
            return Some(u32::from(!holds));
        }
        let mut candidates = alternatives.filter(|(_, it)| self.is_met(run, &it.condition, facts)).map(|it| it.0);
        let first = candidates.next()?;
        if candidates.next().is_none() {
            return Some(first);
        }
        let mut found = None;
        for (alternative, it) in (0u32..).zip(&decision.alternatives) {
            let trials = self.bound.choices.get(choice as usize).and_then(|it| it.trials.get(number));
            let Some(action) = trials.and_then(|it| it.get(alternative as usize)).copied() else { continue };
            if self.is_met(run, &it.condition, facts) && self.holds(run, action, object.start, object.len()) {
                if found.is_some() {
                    return None;
                }
                found = Some(alternative);
                if decision.rule == Rule::Any {
                    break;
                }
            }
        }
        // Where none holds, the first says what is wrong.
        found.or(Some(first))
    }

    fn is_met(&self, run: &Run<'_>, condition: &Condition, facts: &Facts) -> bool {
        let at = |fact: &u32| facts.get(*fact as usize).copied().unwrap_or(0);
        condition.present.iter().all(|it| at(it) > 0)
            && condition.codes.iter().all(|(fact, codes)| {
                let at = at(fact);
                at == 0 || codes.iter().any(|it| is_code(run.text, at, it))
            })
    }
}

/// Whether the value at a place is this one.
fn is_code(text: &[u8], at: usize, code: &Code) -> bool {
    match (code, scan::byte(text, at)) {
        (Code::Null, b'n') => true,
        (Code::YesNo(yes), b't' | b'f') => *yes == (scan::byte(text, at) == b't'),
        (Code::Text(code), b'"') => match scan::string(text, at + 1) {
            Ok((end, false)) => scan::slice(text, at + 1, end) == code.as_bytes(),
            Ok((end, true)) => {
                // Rare: a code that is spelled with escapes.
                let mut spelled = Vec::new();
                scan::unescape(scan::slice(text, at + 1, end), &mut spelled);
                spelled == code.as_bytes()
            }
            Err(_) => false,
        },
        (Code::Number(code), b'-' | b'0'..=b'9') => {
            let Ok(number) = scan::number(text, at) else { return false };
            let digits = scan::slice(text, at, number.end);
            if !number.has_exponent {
                return Decimal::parse(digits) == Some(*code);
            }
            let mut plain = Vec::new();
            scan::without_exponent(digits, &mut plain).is_some() && Decimal::parse(&plain) == Some(*code)
        }
        _ => false,
    }
}
