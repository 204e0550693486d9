//! Why an output is what it is: each field with its rule, what was read for it, and every step in between.

use crate::catalog::Loaded;
use crate::engine::call::Context;
use crate::engine::plan::{Plan, PlanRule};
use crate::engine::{Event, Position, RuleId, Schema, Secrecy, Translation, What};
use crate::pipeline::{Told, advanced, below, tell, whole};
use crate::state::State;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A field of an output, and how it came about.
#[derive(Debug)]
pub struct Explained {
    /// Its path, from where the target's side begins.
    pub target: String,
    /// Its value; none where it was left out.
    pub value: Option<String>,
    /// The rule.
    pub rule: RuleId,
    /// What happened before, in order.
    pub steps: Vec<StepTaken>,
}

/// Something that was read, called or chosen.
#[derive(Clone, Debug)]
pub struct StepTaken {
    /// `order/channel`, `| cut`, `else`.
    pub label: String,
    /// Whether it is a field that was read.
    pub is_read: bool,
    /// What it gave.
    pub value: Option<String>,
    /// Its place in the input: line and column of text, the byte, the length.
    pub place: Option<(Option<Position>, u64, u32)>,
    /// What was lost.
    pub lost: Option<(&'static str, u32)>,
    /// Whether it failed.
    pub failed: bool,
}

/// What a message's translation did.
#[derive(Debug, Default)]
pub struct Explanation {
    /// The fields, in the order in which they were made.
    pub fields: Vec<Explained>,
    /// What was refused.
    pub rejects: Vec<Told>,
}

/// Explains the messages of some bytes. The mapping must have been loaded to tell.
pub fn explain(translation: &Translation, is_text: bool, bytes: &[u8], state: &mut State, context: &Context) -> Explanation {
    let mut session = translation.session();
    session.listen();
    let found = whole(translation, &mut session, bytes, state, context);
    let plan = &translation.plan;
    let source = translation.source.schema();
    let mut explanation = Explanation::default();
    // What was done for a rule since it last gave a value.
    let mut steps: HashMap<RuleId, Vec<StepTaken>> = HashMap::new();
    for event in session.events() {
        let What::Wrote(target, field) = event.what else {
            steps.entry(event.rule).or_default().extend(step(plan, source, is_text.then_some(bytes), &event));
            continue;
        };
        let Some(it) = plan.targets.get(target) else { continue };
        let numbers: Vec<u32> = event.numbers.iter().copied().take_while(|it| *it > 0).collect();
        let target = below(&it.schema, it.root_field, field, &numbers);
        // A rule that writes two fields does its steps once.
        let own = steps.remove(&event.rule).unwrap_or_default();
        let before = explanation.fields.last().filter(|it| it.rule == event.rule && own.is_empty());
        let steps = before.map_or(own, |it| it.steps.clone());
        explanation.fields.push(Explained { target, value: event.value, rule: event.rule, steps });
    }
    let faults = found.rejects.iter().flat_map(|it| &it.faults);
    explanation.rejects = faults.map(|it| tell(plan, source, it)).collect();
    explanation
}

fn step(plan: &Plan, source: &Schema, text: Option<&[u8]>, event: &Event) -> Option<StepTaken> {
    let (label, is_read, lost) = match &event.what {
        What::Read(field) => {
            let numbers: Vec<u32> = event.numbers.iter().copied().take_while(|it| *it > 0).collect();
            (below(source, plan.source_root, *field, &numbers), true, None)
        }
        What::Memo(name) => (name.clone(), true, None),
        // A last check that holds is nobody's step.
        What::Called { label, .. } if label == FITS && !event.failed => return None,
        What::Called { label, lost, .. } => (label.clone(), false, lost.map(|(kind, lost)| (kind.name(), lost))),
        What::Branch(_) | What::Wrote(..) => return None,
    };
    let place = event.origin.filter(|_| is_read).map(|(at, length)| {
        let position = text.map(|text| position(text, at));
        (position, at, length)
    });
    Some(StepTaken { label, is_read, value: event.value.clone(), place, lost, failed: event.failed })
}

/// The label of the check that the engine adds.
const FITS: &str = "fits the target";

/// The line and column of a byte of a text.
fn position(text: &[u8], at: u64) -> Position {
    let length = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    advanced(Position { line: 1, column: 1 }, text.get(..length).unwrap_or_default())
}

/// A rule as it stands in the file, without what an input would say.
#[derive(Debug)]
pub struct Lineage<'a> {
    /// The rule.
    pub rule: &'a PlanRule,
    /// Its target.
    pub target: String,
    /// The line in the author's words.
    pub words: String,
    /// What it reads.
    pub reads: Vec<String>,
}

/// Every rule that writes a field, in the order of the mapping's lines.
pub fn lineage<'a>(loaded: &Loaded, plan: &'a Plan, source: &Schema) -> Vec<Lineage<'a>> {
    let mut rules: Vec<&PlanRule> = plan.rules.iter().filter(|it| it.target.is_some()).collect();
    rules.sort_by_key(|it| it.order);
    let lines = rules.into_iter().filter_map(|rule| {
        let (target, field) = rule.target?;
        let it = plan.targets.get(target)?;
        let words = loaded.sources.slice(rule.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let reads = rule.reads.iter().map(|it| below(source, plan.source_root, *it, &[])).collect();
        Some(Lineage { rule, target: below(&it.schema, it.root_field, field, &[]), words, reads })
    });
    lines.collect()
}

/// Whether a path is what somebody asked for: all of it, its end, or a group above it; without regard to indexes.
pub fn is_meant(path: &str, asked: &str) -> bool {
    let bare = |it: &str| it.split('/').map(|it| it.split('[').next().unwrap_or(it).to_owned()).collect::<Vec<_>>();
    if asked.contains('[') && !path.contains(asked) {
        return false;
    }
    let (path, asked) = (bare(path), bare(asked));
    path.windows(asked.len().max(1)).any(|it| it == asked.as_slice())
}

/// A field as a person reads it.
pub fn text(plan: &Plan, field: &Explained, input: &str) -> String {
    let mut text = match &field.value {
        Some(value) => format!("{} = {}", field.target, quoted(value)),
        None => format!("{} is left out", field.target),
    };
    let Some(rule) = plan.rule(field.rule) else { return text };
    text.push_str(&format!("\n  rule  {}  {}  ({})", rule.place, rule.name, rule.class));
    for step in &field.steps {
        let label = if step.is_read { format!("from  {}", step.label) } else { format!("      {}", step.label) };
        let value = match (&step.value, step.failed) {
            (_, true) => "failed".to_owned(),
            (Some(value), _) => quoted(value),
            (None, _) => "absent".to_owned(),
        };
        let place = match step.place {
            Some((Some(position), _, length)) => format!("   {input}:{position}, {length} bytes"),
            Some((None, at, length)) => format!("   {input} byte {at}, {length} bytes"),
            None => String::new(),
        };
        let lost = step.lost.map(|(kind, lost)| format!("   lost: {lost} {kind}")).unwrap_or_default();
        text.push_str(&format!("\n  {label}  {value}{place}{lost}"));
    }
    if let Some(remark) = &rule.remark {
        text.push_str(&format!("\n  ##    {remark}"));
    }
    text
}

fn quoted(value: &str) -> String {
    if value == crate::engine::HIDDEN { value.to_owned() } else { format!("{value:?}") }
}

/// A field as a program reads it.
pub fn object(plan: &Plan, field: &Explained) -> Value {
    let rule = plan.rule(field.rule);
    let steps: Vec<Value> = field
        .steps
        .iter()
        .map(|it| {
            let mut step = json!({ if it.is_read { "source" } else { "step" }: it.label, "value": it.value });
            if let Some(object) = step.as_object_mut() {
                if let Some((position, at, length)) = it.place {
                    object.insert("offset".to_owned(), json!(at));
                    object.insert("length".to_owned(), json!(length));
                    if let Some(Position { line, column }) = position {
                        object.insert("line".to_owned(), json!(line));
                        object.insert("column".to_owned(), json!(column));
                    }
                }
                if let Some((kind, lost)) = it.lost {
                    object.insert("lost".to_owned(), json!({ "kind": kind, "lost": lost }));
                }
                if it.failed {
                    object.insert("failed".to_owned(), json!(true));
                }
            }
            step
        })
        .collect();
    json!({
        "target": field.target,
        "value": field.value,
        "rule": rule.map(|it| it.place.as_str()),
        "name": rule.map(|it| it.name.as_str()),
        "class": rule.map(|it| it.class),
        "remark": rule.and_then(|it| it.remark.as_deref()),
        "secret": rule.is_some_and(|it| it.secrecy == Secrecy::Secret),
        "steps": steps,
    })
}
