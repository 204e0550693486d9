//! What a content model names, and how often.

use crate::{
    complex::{Order, Part},
    xsd::Name,
};
use latimer_engine::{Member, Occurs, Particle};

/// What a content model names.
pub(crate) struct Uses {
    pub(crate) elements: Vec<Name>,
    pub(crate) gaps: usize,
}

impl Uses {
    pub(crate) fn collect(&mut self, part: &Part) {
        match part {
            Part::Element(element, _) => self.elements.push(element.name.clone()),
            Part::Any(..) => self.gaps += 1,
            Part::Group(_, parts, _) => parts.iter().for_each(|it| self.collect(it)),
        }
    }
}

/// How often each member may stand in its group, all places and repeating groups counted; no limit is `u64::MAX`.
pub(crate) fn most(particle: &Particle, members: &[Member]) -> Vec<u64> {
    let times = |counts: Vec<u64>, occurs: Occurs| {
        let times = occurs.max.map_or(u64::MAX, u64::from);
        counts.into_iter().map(|it| it.saturating_mul(times)).collect()
    };
    let merge = |parts: &[Particle], join: fn(u64, u64) -> u64| {
        parts
            .iter()
            .fold(vec![0; members.len()], |sum, part| sum.into_iter().zip(most(part, members)).map(|(a, b)| join(a, b)).collect())
    };
    match particle {
        Particle::Member(at) => {
            let count = |(index, it): (usize, &Member)| match u32::try_from(index) == Ok(*at) {
                true => it.occurs.max.map_or(u64::MAX, u64::from),
                false => 0,
            };
            members.iter().enumerate().map(count).collect()
        }
        Particle::Sequence(parts, occurs) => times(merge(parts, u64::saturating_add), *occurs),
        Particle::Choice(parts, occurs) => times(merge(parts, u64::max), *occurs),
        Particle::All(parts) => merge(parts, u64::saturating_add),
    }
}

/// Whether the whole model is one `all`, and if so whether it is optional; an error where one stands deeper.
pub(crate) fn all_of(part: &Part) -> Result<Option<bool>, ()> {
    fn has_all(part: &Part) -> bool {
        match part {
            Part::Group(order, parts, _) => *order == Order::All || parts.iter().any(has_all),
            _ => false,
        }
    }
    match part {
        Part::Group(Order::All, parts, occurs) => {
            let simple = parts.iter().all(|it| matches!(it, Part::Element(..)));
            if simple && occurs.max == Some(1) { Ok(Some(occurs.min == 0)) } else { Err(()) }
        }
        Part::Group(Order::Sequence, parts, Occurs::ONCE) => match parts.as_slice() {
            [one] => all_of(one),
            parts if parts.iter().any(has_all) => Err(()),
            _ => Ok(None),
        },
        other if has_all(other) => Err(()),
        _ => Ok(None),
    }
}
