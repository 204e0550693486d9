//! The set of texts a field may hold, as a machine: how long they can be, which characters they have, and whether all of one
//! set belong to another. This is what lets the checker decide before the first message.

use crate::Text;
use regex_automata::{
    Anchored,
    dfa::{Automaton, StartKind, dense},
    util::start,
};
use std::collections::HashMap;

/// The texts that match an expression, as a table of states over bytes; dead states are left out.
#[derive(Debug)]
pub struct Language {
    states: Vec<State>,
}

#[derive(Debug)]
struct State {
    accepts: bool,
    /// Sorted by byte: where each leads, if anywhere that can still accept.
    next: Vec<(u8, u32)>,
}

/// More states than this are not explored: the answer is "unknown".
const STATES_MAX: usize = 4_000;
const TABLE_MAX: usize = 4 << 20;

/// How one set of texts lies to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Every text of the first is one of the second.
    Within,
    /// Some are, or it is not known.
    Partly,
    /// None is.
    Apart,
}

impl Language {
    /// The language of an expression in the syntax of the `regex` crate; `None` where it is too large to be explored.
    pub fn of(expression: &str) -> Option<Language> {
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(TABLE_MAX))
            .determinize_size_limit(Some(TABLE_MAX));
        let dfa = dense::Builder::new().configure(config).build(&format!("^(?:{expression})$")).ok()?;
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        let mut numbers = HashMap::from([(start, 0_u32)]);
        let mut order = vec![start];
        let mut states = Vec::new();
        while let Some(id) = order.get(states.len()).copied() {
            let mut next = Vec::new();
            for byte in 0..=255_u8 {
                let to = dfa.next_state(id, byte);
                if dfa.is_dead_state(to) || dfa.is_quit_state(to) {
                    continue;
                }
                let number = *numbers.entry(to).or_insert_with(|| {
                    order.push(to);
                    u32::try_from(order.len() - 1).unwrap_or(u32::MAX)
                });
                next.push((byte, number));
            }
            if order.len() > STATES_MAX {
                return None;
            }
            states.push(State { accepts: dfa.is_match_state(dfa.next_eoi_state(id)), next });
        }
        let mut language = Language { states };
        language.prune();
        Some(language)
    }

    /// Leaves out what can never accept.
    fn prune(&mut self) {
        let mut alive: Vec<bool> = self.states.iter().map(|it| it.accepts).collect();
        loop {
            let mut changed = false;
            for (at, state) in self.states.iter().enumerate().rev() {
                let leads = state.next.iter().any(|(_, to)| alive.get(*to as usize) == Some(&true));
                if let Some(it) = alive.get_mut(at)
                    && leads
                    && !*it
                {
                    *it = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for state in &mut self.states {
            state.next.retain(|(_, to)| alive.get(*to as usize) == Some(&true));
        }
    }

    /// The fewest and the most characters of its texts; without a most where there is none.
    pub fn lengths(&self) -> (u32, Option<u32>) {
        let shortest = self.shortest();
        let mut known = vec![Visit::New; self.states.len()];
        (shortest, self.longest(0, &mut known, &|byte| u32::from(starts_character(byte))))
    }

    fn shortest(&self) -> u32 {
        let mut best = vec![u32::MAX; self.states.len()];
        if let Some(first) = best.first_mut() {
            *first = 0;
        }
        loop {
            let mut changed = false;
            for (at, state) in self.states.iter().enumerate() {
                let here = best.get(at).copied().unwrap_or(u32::MAX);
                if here == u32::MAX {
                    continue;
                }
                for (byte, to) in &state.next {
                    let cost = here + u32::from(starts_character(*byte));
                    if let Some(it) = best.get_mut(*to as usize)
                        && cost < *it
                    {
                        *it = cost;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let accepting = self.states.iter().zip(&best).filter(|(state, _)| state.accepts);
        accepting.map(|(_, cost)| *cost).min().unwrap_or(0)
    }

    /// The most that `weight` adds up to on a way from a state to the end; `None` where a way is endless.
    fn longest(&self, at: u32, known: &mut [Visit], weight: &dyn Fn(u8) -> u32) -> Option<u32> {
        match known.get(at as usize)? {
            Visit::Done(best) => return Some(*best),
            Visit::Open => return None,
            Visit::New => {}
        }
        *known.get_mut(at as usize)? = Visit::Open;
        let mut best = 0;
        for (byte, to) in &self.states.get(at as usize)?.next {
            best = best.max(self.longest(*to, known, weight)?.checked_add(weight(*byte))?);
        }
        *known.get_mut(at as usize)? = Visit::Done(best);
        Some(best)
    }

    /// The most digits before the point and after it that a decimal number among its texts can have; `None` where there
    /// is no limit.
    pub fn digits(&self) -> Option<(u32, u32)> {
        let whole = self.only(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'));
        let mut known = vec![Visit::New; whole.states.len()];
        // Digits before the point: the longest way that ends at the end or at a point.
        let before = whole.longest(0, &mut known, &|byte| u32::from(byte.is_ascii_digit()))?;
        let all = self.only(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
        let mut after = 0;
        for state in &all.states {
            for (byte, to) in &state.next {
                if *byte == b'.' {
                    let fraction = all.only(|it| it.is_ascii_digit());
                    let mut known = vec![Visit::New; fraction.states.len()];
                    after = after.max(fraction.longest(*to, &mut known, &|_| 1)?);
                }
            }
        }
        Some((before, after))
    }

    /// The same states with only some of the bytes; states stay, so that numbers stay.
    fn only(&self, keep: impl Fn(u8) -> bool) -> Language {
        let states = self.states.iter().map(|state| State {
            accepts: state.accepts,
            next: state.next.iter().copied().filter(|(byte, _)| keep(*byte)).collect(),
        });
        Language { states: states.collect() }
    }

    /// Whether every text has only characters of which `has` is true. Only asks about single-byte characters: other
    /// bytes make it false.
    pub fn only_ascii(&self, has: impl Fn(char) -> bool) -> bool {
        let reachable = self.reachable();
        let states = self.states.iter().zip(reachable).filter(|(_, reached)| *reached);
        states.flat_map(|(state, _)| &state.next).all(|(byte, _)| byte.is_ascii() && has(char::from(*byte)))
    }

    fn reachable(&self) -> Vec<bool> {
        let mut reached = vec![false; self.states.len()];
        let mut open = vec![0_u32];
        while let Some(at) = open.pop() {
            if let Some(it) = reached.get_mut(at as usize)
                && !*it
            {
                *it = true;
                open.extend(self.states.get(at as usize).into_iter().flat_map(|it| it.next.iter().map(|(_, to)| *to)));
            }
        }
        reached
    }

    /// How this set lies to another.
    pub fn relation(&self, other: &Language) -> Relation {
        let mut seen = HashMap::from([((0_u32, Some(0_u32)), ())]);
        let mut open = vec![(0_u32, Some(0_u32))];
        let (mut shared, mut outside) = (false, false);
        while let Some((a, b)) = open.pop() {
            let (Some(state), theirs) = (self.states.get(a as usize), b.and_then(|it| other.states.get(it as usize))) else {
                return Relation::Partly;
            };
            if state.accepts {
                if theirs.is_some_and(|it| it.accepts) { shared = true } else { outside = true }
            }
            for (byte, to) in &state.next {
                let follows = theirs.and_then(|it| {
                    let at = it.next.binary_search_by_key(byte, |(byte, _)| *byte).ok()?;
                    it.next.get(at).map(|(_, to)| *to)
                });
                if seen.insert((*to, follows), ()).is_none() {
                    open.push((*to, follows));
                }
            }
            if seen.len() > STATES_MAX * 8 {
                return Relation::Partly;
            }
        }
        match (shared, outside) {
            (_, false) => Relation::Within,
            (false, true) => Relation::Apart,
            (true, true) => Relation::Partly,
        }
    }
}

#[derive(Clone, Copy)]
enum Visit {
    New,
    Open,
    Done(u32),
}

fn starts_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The same type with the lengths that its patterns and codes allow: `BICFIDec2014Identifier` has a pattern only, and is
/// up to 11 characters long.
pub fn narrowed(text: &Text) -> Text {
    let mut text = text.clone();
    let mut lengths: Vec<(u32, Option<u32>)> =
        text.patterns.iter().filter_map(|it| Language::of(it)).map(|it| it.lengths()).collect();
    if !text.codes.is_empty() {
        let counts = || text.codes.iter().map(|it| u32::try_from(it.chars().count()).unwrap_or(u32::MAX));
        lengths.push((counts().min().unwrap_or(0), counts().max()));
    }
    for (min, max) in lengths {
        text.min = text.min.max(min);
        text.max = match (text.max, max) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    text
}

/// How the texts of a source lie to those that a target allows, the lengths apart.
pub fn relation(source: &Text, target: &Text) -> Relation {
    if !source.codes.is_empty() {
        let Ok(check) = crate::rules::TextCheck::new(&Text { min: 0, max: None, ..target.clone() }) else {
            return Relation::Partly;
        };
        let allowed = source.codes.iter().filter(|it| check.allows(it.as_bytes())).count();
        return match allowed {
            0 => Relation::Apart,
            it if it == source.codes.len() => Relation::Within,
            _ => Relation::Partly,
        };
    }
    if target.codes.is_empty() && target.patterns.is_empty() {
        return Relation::Within;
    }
    if target.codes.is_empty() && target.patterns.iter().all(|it| source.patterns.contains(it)) {
        return Relation::Within;
    }
    let mut wanted = target.patterns.clone();
    if !target.codes.is_empty() {
        wanted.push(target.codes.iter().map(|it| escaped(it)).collect::<Vec<_>>().join("|"));
    }
    let sources: Vec<_> = source.patterns.iter().filter_map(|it| Language::of(it)).collect();
    let mut relation = Relation::Within;
    for expression in wanted {
        let Some(target) = Language::of(&expression) else { return Relation::Partly };
        // One pattern of the source that lies within is enough; one that is apart excludes all.
        let each: Vec<_> = sources.iter().map(|it| it.relation(&target)).collect();
        if each.contains(&Relation::Apart) {
            return Relation::Apart;
        }
        if !each.contains(&Relation::Within) {
            relation = Relation::Partly;
        }
    }
    relation
}

/// Whether every text a field may hold is spelled with characters of which `has` is true (only ASCII is asked about).
pub fn is_spelled_with(text: &Text, has: impl Fn(char) -> bool) -> bool {
    if !text.codes.is_empty() {
        return text.codes.iter().all(|it| it.chars().all(&has));
    }
    text.patterns.iter().filter_map(|it| Language::of(it)).any(|it| it.only_ascii(&has))
}

fn escaped(text: &str) -> String {
    let mut expression = String::new();
    for character in text.chars() {
        if !character.is_alphanumeric() {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIC: &str = "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}";

    fn text(patterns: &[&str], codes: &[&str]) -> Text {
        let own = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        Text { patterns: own(patterns), codes: own(codes), ..Text::default() }
    }

    #[test]
    fn lengths_of_patterns() {
        let lengths = |it: &str| Language::of(it).unwrap().lengths();
        assert_eq!(lengths(BIC), (8, Some(11)));
        assert_eq!(lengths("[0-9]{1,15}"), (1, Some(15)));
        assert_eq!(lengths("[A-Z]+"), (1, None));
        assert_eq!(lengths("[äöü]{2}|x"), (1, Some(2)));
        assert_eq!(narrowed(&text(&[], &["A", "ABC"])).max, Some(3));
    }

    #[test]
    fn digits_of_patterns() {
        let digits = |it: &str| Language::of(it).unwrap().digits();
        assert_eq!(digits("[0-9]{1,12}([.][0-9]{1,3})?"), Some((12, 3)));
        assert_eq!(digits("-?[0-9]+"), None);
        assert_eq!(digits("[0-9]{3}"), Some((3, 0)));
        assert_eq!(digits("[0-9]{1,3}[.][0-9]*"), None);
    }

    #[test]
    fn one_set_and_another() {
        let relation = |a: &Text, b: &Text| super::relation(a, b);
        let (bic, loose) = (text(&[BIC], &[]), text(&["[A-Z0-9]{11}"], &[]));
        assert_eq!(relation(&loose, &bic), Relation::Partly);
        assert_eq!(relation(&bic, &bic), Relation::Within);
        assert_eq!(relation(&text(&["[A-Z]{11}"], &[]), &bic), Relation::Within);
        assert_eq!(relation(&text(&["[0-9]{11}"], &[]), &bic), Relation::Apart);
        assert_eq!(relation(&text(&[], &["SHAR", "DEBT"]), &text(&[], &["SHAR", "DEBT", "CRED"])), Relation::Within);
        assert_eq!(relation(&text(&[], &["SHAR", "X"]), &text(&[], &["SHAR"])), Relation::Partly);
        assert_eq!(relation(&text(&["[A-D]"], &[]), &text(&[], &["A", "B", "C", "D"])), Relation::Within);
        assert_eq!(relation(&text(&[], &[]), &bic), Relation::Partly);
        assert_eq!(relation(&bic, &text(&[], &[])), Relation::Within);
    }

    #[test]
    fn characters_of_a_set() {
        assert!(is_spelled_with(&text(&["[A-Z]{3}"], &[]), |it| it.is_ascii_uppercase()));
        assert!(!is_spelled_with(&text(&["[A-Za-z]{3}"], &[]), |it| it.is_ascii_uppercase()));
        assert!(!is_spelled_with(&text(&[], &[]), |_| true));
    }
}
