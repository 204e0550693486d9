//! `oneOf`, `anyOf`, `if`: what is asked of an object before it is read, so that it is read once.
//!
//! An alternative's *condition* is what it needs in any case: members that it requires, and members whose only values it lists.
//! Where one alternative is left, the object is read as that one. Where several are (each requires a name, and the object has
//! both), each is tried, so that the verdict is the one of JSON Schema.

use crate::{
    layout::{Alternative, Choice, Code, Condition, Decision, Rule, Value, index},
    resolve::{Group, Objects, Resolved},
    schema::{Builder, Target},
    tree::NodeId,
};

impl Builder<'_, '_> {
    /// The decisions for an object; its outcomes are added by the caller.
    pub(crate) fn choice(&mut self, objects: &Objects) -> Choice {
        let mut made = Choice::default();
        let always: Vec<String> = objects.kinds.first().map(|it| self.required(&it.set)).unwrap_or_default();
        let always: Vec<String> =
            always.into_iter().filter(|name| objects.kinds.iter().all(|it| self.required(&it.set).contains(name))).collect();
        for group in &objects.groups {
            let decision = if group.at.rule == Rule::If {
                self.condition(group, &mut made.facts)
            } else {
                self.alternatives(group, &always, &mut made.facts)
            };
            made.decisions.push(decision);
        }
        made
    }

    fn required(&mut self, set: &[NodeId]) -> Vec<String> {
        set.iter().flat_map(|it| self.resolver.keywords(*it).object.required.clone()).collect()
    }

    fn condition(&mut self, group: &Group, facts: &mut Vec<String>) -> Decision {
        let condition = Condition {
            present: group.at.present.iter().map(|it| fact(facts, it)).collect(),
            codes: group.at.values.iter().map(|(name, codes)| (fact(facts, name), codes.clone())).collect(),
        };
        let trial = Value { nullable: true, ..Value::default() };
        let alternatives = vec![Alternative { condition, trial }, Alternative { condition: Condition::default(), trial }];
        Decision { rule: Rule::If, after: group.after, alternatives }
    }

    fn alternatives(&mut self, group: &Group, always: &[String], facts: &mut Vec<String>) -> Decision {
        let mut alternatives = Vec::new();
        for node in group.at.alternatives.iter().flatten() {
            let set = self.resolver.closure(&[*node]);
            let set = self.resolver.single(&set, crate::keywords::Kinds::OBJECT).map_or(set, |(all, _)| all);
            let mut condition = Condition::default();
            for name in self.required(&set).iter().filter(|it| !always.contains(it)) {
                condition.present.push(fact(facts, name));
            }
            for name in self.names(&set) {
                let members = self.member_set(&set, &name);
                let resolved = self.resolver.resolve(&members);
                if let Some(codes) = values(&resolved) {
                    condition.codes.push((fact(facts, &name), codes));
                }
            }
            let trial = self.value(&[*node], Target::Nothing);
            alternatives.push(Alternative { condition, trial });
        }
        let asked: Vec<u32> = always.iter().map(|it| fact(facts, it)).collect();
        let is_told_apart = alternatives
            .iter()
            .enumerate()
            .all(|(at, one)| alternatives.iter().skip(at + 1).all(|other| differ(&one.condition, &other.condition, &asked)));
        if !is_told_apart {
            self.resolver.not_told_apart(group.at.span, "two of them ask for the same members with the same values");
        }
        Decision { rule: group.at.rule, after: group.after, alternatives }
    }
}

fn fact(facts: &mut Vec<String>, name: &str) -> u32 {
    match facts.iter().position(|it| it == name) {
        Some(known) => index(known),
        None => {
            facts.push(name.to_owned());
            index(facts.len() - 1)
        }
    }
}

/// All values there are, if they are few.
fn values(resolved: &Resolved) -> Option<Vec<Code>> {
    if resolved.is_free || resolved.object.is_some() || resolved.array.is_some() {
        return None;
    }
    let mut codes = Vec::new();
    if let Some(words) = &resolved.text {
        codes.extend(words.codes.as_ref()?.iter().cloned().map(Code::Text));
    }
    if let Some(numbers) = &resolved.number {
        codes.extend(numbers.codes.as_ref()?.iter().copied().map(Code::Number));
    }
    codes.extend([true, false].into_iter().filter(|it| if *it { resolved.yes } else { resolved.no }).map(Code::YesNo));
    codes.extend(resolved.null.then_some(Code::Null));
    Some(codes)
}

/// Whether no object, or only one that has the required names of both, satisfies two conditions.
fn differ(a: &Condition, b: &Condition, always: &[u32]) -> bool {
    let needs = |fact: &u32| a.present.contains(fact) || b.present.contains(fact) || always.contains(fact);
    let by_value = a.codes.iter().any(|(fact, codes)| {
        let others = b.codes.iter().find(|(it, _)| it == fact);
        needs(fact) && others.is_some_and(|(_, others)| codes.iter().all(|it| !others.contains(it)))
    });
    let by_name = a.present.iter().any(|it| !b.present.contains(it)) || b.present.iter().any(|it| !a.present.contains(it));
    by_value || by_name
}
