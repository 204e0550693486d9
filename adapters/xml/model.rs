//! Content models as machines: which element may follow which.
//!
//! A place of a model (a *position*) becomes a state, and what may follow it its transitions, as in Glushkov's construction;
//! how often one element may repeat is counted in its state. Groups that repeat a fixed number of times are written out.
//!
//! **Invariant:** from one state no two transitions are for the same name, unless they come from the same particle. XML
//! Schema demands it (part 1, section 3.8.6), and one look at a name is then enough.

use latimer_engine::Occurs;

/// A content model before it is a machine; leaves are numbers that the caller knows.
#[derive(Clone, Debug)]
pub(crate) enum Model {
    Leaf(usize, Occurs),
    Sequence(Vec<Model>, Occurs),
    Choice(Vec<Model>, Occurs),
}

/// A state.
#[derive(Debug)]
pub(crate) struct Position {
    /// The leaf that leads here.
    pub(crate) leaf: usize,
    /// How often it stands here before another may follow.
    pub(crate) min: u32,
    /// How often it may; `u32::MAX` without a limit.
    pub(crate) max: u32,
    pub(crate) follow: Vec<usize>,
    /// Whether nothing need follow.
    pub(crate) last: bool,
}

/// The states of a model. The first is where it begins, and has no leaf.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) positions: Vec<Position>,
}

/// A model that would have more positions than this is refused.
const POSITIONS_MAX: usize = 20_000;

/// The model is too large.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// What is known of a part: whether it may be empty, what it begins and ends with.
#[derive(Clone, Debug, Default)]
struct Part {
    nullable: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

/// Makes the machine.
pub(crate) fn machine(model: &Model) -> Result<Machine, TooLarge> {
    let mut machine = Machine { positions: Vec::new() };
    machine.push(usize::MAX, Occurs { min: 0, max: Some(0) })?;
    let part = machine.add(model)?;
    if let Some(start) = machine.positions.first_mut() {
        start.follow = part.first;
        start.last = part.nullable;
    }
    for at in part.last {
        if let Some(position) = machine.positions.get_mut(at) {
            position.last = true;
        }
    }
    machine.merge_copies();
    Ok(machine)
}

impl Machine {
    fn push(&mut self, leaf: usize, occurs: Occurs) -> Result<usize, TooLarge> {
        if self.positions.len() >= POSITIONS_MAX {
            return Err(TooLarge);
        }
        let max = occurs.max.unwrap_or(u32::MAX);
        self.positions.push(Position { leaf, min: occurs.min, max, follow: Vec::new(), last: false });
        Ok(self.positions.len() - 1)
    }

    fn add(&mut self, model: &Model) -> Result<Part, TooLarge> {
        match model {
            Model::Leaf(_, Occurs { max: Some(0), .. }) => Ok(Part { nullable: true, ..Part::default() }),
            Model::Leaf(leaf, occurs) => {
                let at = self.push(*leaf, *occurs)?;
                Ok(Part { nullable: occurs.min == 0, first: vec![at], last: vec![at] })
            }
            Model::Sequence(_, occurs) | Model::Choice(_, occurs) => self.repeat(model, *occurs),
        }
    }

    fn repeat(&mut self, model: &Model, occurs: Occurs) -> Result<Part, TooLarge> {
        match (occurs.min, occurs.max) {
            (_, Some(0)) => return Ok(Part { nullable: true, ..Part::default() }),
            (min, Some(1)) => {
                let mut part = self.once(model)?;
                part.nullable |= min == 0;
                return Ok(part);
            }
            _ => {}
        }
        // Copies that must be there, then those that may: nested, so that a second one needs the first.
        let mut whole = Part { nullable: true, ..Part::default() };
        let must = if occurs.max.is_none() { occurs.min.saturating_sub(1) } else { occurs.min };
        for _ in 0..must {
            let part = self.once(model)?;
            whole = self.then(whole, part);
        }
        let rest = match occurs.max {
            None => {
                let mut part = self.once(model)?;
                self.link(&part.last, &part.first);
                part.nullable |= occurs.min == 0;
                part
            }
            Some(max) => {
                let mut rest = Part { nullable: true, ..Part::default() };
                for _ in must..max {
                    let part = self.once(model)?;
                    rest = self.then(part, rest);
                    rest.nullable = true;
                }
                rest
            }
        };
        Ok(self.then(whole, rest))
    }

    fn once(&mut self, model: &Model) -> Result<Part, TooLarge> {
        match model {
            Model::Leaf(..) => self.add(model),
            Model::Sequence(models, _) => {
                let mut whole = Part { nullable: true, ..Part::default() };
                for model in models {
                    let part = self.add(model)?;
                    whole = self.then(whole, part);
                }
                Ok(whole)
            }
            Model::Choice(models, _) => {
                // A choice of nothing has nothing that could stand there.
                let mut whole = Part::default();
                for model in models {
                    let part = self.add(model)?;
                    whole.nullable |= part.nullable;
                    whole.first.extend(part.first);
                    whole.last.extend(part.last);
                }
                Ok(whole)
            }
        }
    }

    fn then(&mut self, first: Part, second: Part) -> Part {
        self.link(&first.last, &second.first);
        let mut whole = Part { nullable: first.nullable && second.nullable, first: first.first, last: second.last };
        if first.nullable {
            whole.first.extend(second.first);
        }
        if second.nullable {
            whole.last.extend(first.last);
        }
        whole
    }

    fn link(&mut self, from: &[usize], to: &[usize]) {
        for at in from {
            if let Some(position) = self.positions.get_mut(*at) {
                position.follow.extend(to);
            }
        }
    }

    /// Keeps of several copies of one leaf that may follow a position the first: it leaves the most copies to come.
    fn merge_copies(&mut self) {
        let leaves: Vec<_> = self.positions.iter().map(|it| it.leaf).collect();
        let mut seen = vec![usize::MAX; leaves.iter().filter(|it| **it != usize::MAX).max().map_or(0, |it| it + 1)];
        for (number, position) in self.positions.iter_mut().enumerate() {
            position.follow.retain(|at| {
                let leaf = leaves.get(*at).copied().unwrap_or(usize::MAX);
                seen.get_mut(leaf).is_none_or(|seen| std::mem::replace(seen, number) != number)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONCE: Occurs = Occurs::ONCE;

    fn occurs(min: u32, max: u32) -> Occurs {
        Occurs { min, max: (max != u32::MAX).then_some(max) }
    }

    /// Whether the machine takes the leaves, as a decoder walks it.
    fn takes(machine: &Machine, leaves: &[usize]) -> bool {
        let (mut at, mut count) = (0, 0);
        for leaf in leaves {
            let position = &machine.positions[at];
            if at != 0 && position.leaf == *leaf && count < position.max {
                count += 1;
                continue;
            }
            let next = position.follow.iter().find(|it| machine.positions[**it].leaf == *leaf);
            let Some(next) = next.filter(|_| count >= position.min) else { return false };
            (at, count) = (*next, 1);
        }
        machine.positions[at].last && count >= machine.positions[at].min
    }

    /// The same by trying everything.
    fn matches(model: &Model, leaves: &[usize]) -> Vec<usize> {
        type Ends<'m> = Box<dyn Fn(&[usize]) -> Vec<usize> + 'm>;
        let (inner, occurs): (Ends<'_>, _) = match model {
            Model::Leaf(leaf, occurs) => {
                (Box::new(move |it: &[usize]| if it.first() == Some(leaf) { vec![1] } else { vec![] }), occurs)
            }
            Model::Sequence(models, occurs) => (
                Box::new(move |it: &[usize]| {
                    models.iter().fold(vec![0], |ends, model| {
                        ends.iter().flat_map(|end| matches(model, &it[*end..]).into_iter().map(move |n| end + n)).collect()
                    })
                }),
                occurs,
            ),
            Model::Choice(models, occurs) => {
                (Box::new(move |it: &[usize]| models.iter().flat_map(|model| matches(model, it)).collect()), occurs)
            }
        };
        let mut all = Vec::new();
        let mut ends = std::collections::BTreeSet::from([0]);
        for round in 0..=u32::try_from(leaves.len()).unwrap() + occurs.min {
            if round >= occurs.min {
                all.extend(&ends);
            }
            if occurs.max.is_some_and(|max| round >= max) {
                break;
            }
            ends = ends.iter().flat_map(|end| inner(&leaves[*end..]).into_iter().map(move |n| end + n)).collect();
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn machines_take_what_models_say() {
        let leaf = |it, min, max| Model::Leaf(it, occurs(min, max));
        let models = [
            Model::Sequence(vec![leaf(0, 1, 1), leaf(1, 0, 3), leaf(2, 2, 2)], ONCE),
            Model::Choice(vec![leaf(0, 1, 1), leaf(1, 1, 2)], ONCE),
            Model::Choice(vec![leaf(0, 1, 1), leaf(1, 1, 1), leaf(2, 1, 1)], occurs(0, u32::MAX)),
            Model::Sequence(vec![leaf(0, 1, 1), leaf(1, 0, 1)], occurs(2, 3)),
            Model::Sequence(vec![leaf(0, 0, 1), leaf(1, 0, 1)], occurs(2, 3)),
            Model::Sequence(vec![leaf(0, 1, 1), leaf(1, 0, 1)], occurs(2, u32::MAX)),
            Model::Sequence(
                vec![
                    leaf(0, 0, 1),
                    Model::Choice(
                        vec![leaf(1, 1, 1), Model::Sequence(vec![leaf(2, 1, u32::MAX), leaf(0, 1, 1)], ONCE)],
                        occurs(1, 2),
                    ),
                ],
                ONCE,
            ),
            Model::Sequence(vec![Model::Choice(vec![], ONCE), leaf(0, 1, 1)], ONCE),
            Model::Sequence(vec![Model::Choice(vec![leaf(1, 1, 1)], occurs(0, 0)), leaf(0, 0, 2)], ONCE),
        ];
        for model in &models {
            let machine = machine(model).unwrap();
            let mut words = vec![vec![]];
            for _ in 0..7 {
                let longer: Vec<Vec<usize>> =
                    words.iter().flat_map(|it: &Vec<usize>| (0..3).map(|leaf| [&it[..], &[leaf]].concat())).collect();
                for word in &words {
                    assert_eq!(takes(&machine, word), matches(model, word).contains(&word.len()), "{model:?} {word:?}");
                }
                words = longer;
            }
        }
    }

    #[test]
    fn a_model_that_would_be_huge_is_refused() {
        let leaf = Model::Leaf(0, ONCE);
        let inner = Model::Sequence(vec![leaf], occurs(0, 1000));
        assert!(machine(&Model::Sequence(vec![inner], occurs(0, 1000))).is_err());
    }
}
