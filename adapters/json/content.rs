//! Which members an object must have, once all were read.

use crate::layout::Object;
use latimer_engine::{Occurs, Particle};

/// The members of an object that were there.
pub(crate) struct Seen<'a> {
    pub(crate) word: u64,
    pub(crate) words: &'a [u64],
}

impl Seen<'_> {
    fn has(&self, number: usize) -> bool {
        (number < 64 && self.word >> number & 1 != 0)
            || self.words.get(number / 64).is_some_and(|it| it >> (number % 64) & 1 != 0)
    }

    pub(crate) fn count(&self) -> usize {
        let count = self.word.count_ones() + self.words.iter().map(|it| it.count_ones()).sum::<u32>();
        count as usize
    }
}

impl Object {
    pub(crate) fn is_satisfied(&self, seen: &Seen<'_>, count: usize) -> bool {
        (0..self.members.len()).all(|it| !self.lacks(it, seen))
            && !self.has_wrong_count(count)
            && self.content.as_ref().is_none_or(|it| check(it, self, seen) == Content::Fine)
    }

    /// Whether a member is missing that is required, or that another one needs.
    pub(crate) fn lacks(&self, number: usize, seen: &Seen<'_>) -> bool {
        let is_required = self.members.get(number).is_some_and(|it| it.required);
        let is_needed = || {
            let dependents = self.dependents.iter().filter(|(it, _)| seen.has(*it as usize));
            dependents.into_iter().any(|(_, needs)| needs.iter().any(|it| *it as usize == number))
        };
        !seen.has(number) && (is_required || is_needed())
    }

    pub(crate) fn has_wrong_count(&self, count: usize) -> bool {
        count < self.fewest as usize || self.most.is_some_and(|most| count > most as usize)
    }
}

/// Whether members satisfy a content model, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Fine,
    /// A member is missing.
    Missing(usize),
    /// Members stand together that may not.
    Other,
}

/// Of a part of a content model that has members in the object, whether they are all it needs; of one that has none,
/// whether it may be left out.
pub(crate) fn check(content: &Particle, layout: &Object, seen: &Seen<'_>) -> Content {
    let is_there = is_there(content, seen);
    match content {
        Particle::Member(at) => {
            let is_optional = layout.members.get(*at as usize).is_none_or(|it| it.is_optional);
            if is_there || is_optional { Content::Fine } else { Content::Missing(*at as usize) }
        }
        Particle::Sequence(_, Occurs { min: 0, .. }) | Particle::Choice(_, Occurs { min: 0, .. }) if !is_there => Content::Fine,
        Particle::Sequence(parts, _) | Particle::All(parts) => {
            parts.iter().map(|it| check(it, layout, seen)).find(|it| *it != Content::Fine).unwrap_or(Content::Fine)
        }
        Particle::Choice(parts, _) if !is_there => {
            let can_be_empty = parts.is_empty() || parts.iter().any(|it| check(it, layout, seen) == Content::Fine);
            if can_be_empty { Content::Fine } else { Content::Other }
        }
        Particle::Choice(parts, occurs) => {
            let found = parts.iter().filter(|it| self::is_there(it, seen));
            if occurs.max == Some(1) && found.clone().count() > 1 {
                return Content::Other;
            }
            found.map(|it| check(it, layout, seen)).find(|it| *it != Content::Fine).unwrap_or(Content::Fine)
        }
    }
}

fn is_there(content: &Particle, seen: &Seen<'_>) -> bool {
    match content {
        Particle::Member(at) => seen.has(*at as usize),
        Particle::Sequence(parts, _) | Particle::Choice(parts, _) | Particle::All(parts) => {
            parts.iter().any(|it| is_there(it, seen))
        }
    }
}
