//! Runs a case: what is given goes through the mapping, what came is held against what is expected.

use super::differ::{differences, equals, shown};
use super::{Case, Expected, Given, Literal, Outcome, Step};
use crate::catalog::{self, Loaded, Search};
use crate::engine::call::Context;
use crate::engine::mapping::Side;
use crate::engine::plan::TargetPlan;
use crate::engine::{FieldId, HIDDEN, Kind, Limits, Schema, Translation, Type};
use crate::pipeline::{Output, Told, Whole, tell, whole};
use crate::state::State;
use crate::{plain, registry, render};
use serde_json::{Map, Value};
use std::fs;
use std::sync::Arc;

/// Runs a case of a mapping; `loaded` is the mapping, if the case does not bring one along.
pub fn run(case: &Case, loaded: Option<&Loaded>, search: &Search, limits: &Limits) -> Result<Outcome, String> {
    if case.files.iter().any(|(name, _)| name == "case.map") {
        let folder = tempfile::tempdir().map_err(|it| it.to_string())?;
        for (name, text) in &case.files {
            fs::write(folder.path().join(name), text).map_err(|it| it.to_string())?;
        }
        // Paths are shown from there, so that they are the same everywhere.
        let search =
            Search { here: folder.path().to_path_buf(), folders: [search.folders.clone(), vec![search.here.clone()]].concat() };
        let own = catalog::load(&folder.path().join("case.map"), &search, limits)?;
        return Running { case, loaded: &own }.run();
    }
    let loaded = loaded.ok_or("there is no mapping beside the case file, and the case has none")?;
    Running { case, loaded }.run()
}

struct Running<'a> {
    case: &'a Case,
    loaded: &'a Loaded,
}

impl Running<'_> {
    fn run(&self) -> Result<Outcome, String> {
        let mut outcome = Outcome::default();
        let said = render::diagnostics(&self.loaded.sources, &self.loaded.diagnostics, false);
        let said = said.trim_end();
        for expected in &self.case.expected {
            if let Expected::Diagnostics(text) = expected {
                outcome.found.push(("diagnostics".to_owned(), said.to_owned()));
                if text.trim_end() != said {
                    outcome.failures.push(format!("`check` says otherwise:\n{said}"));
                }
                if self.case.given.is_none() {
                    return Ok(outcome);
                }
            }
        }
        let Some(translation) = self.loaded.translation(self.case.reverse) else {
            let why = if said.is_empty() { "there is nothing to run this way" } else { said };
            return Err(format!("the mapping does not check:\n{why}"));
        };
        let Some(given) = &self.case.given else { return Err("nothing is given".to_owned()) };
        let bytes = match given {
            Given::Bytes(bytes) => bytes.clone(),
            Given::Fields(side, fields) => self.encoded(side, fields)?,
        };
        let mut state = self.state(&translation)?;
        let context = Context { now: self.case.now, file_name: Arc::from("-"), ..Context::default() };
        let mut session = translation.session();
        session.listen();
        let found = whole(&translation, &mut session, &bytes, &mut state, &context);
        outcome.events = session.events();
        let schema = translation.source.schema();
        let told: Vec<Refusal> = found
            .rejects
            .iter()
            .map(|it| (it.scope.name(), it.faults.iter().map(|it| tell(&translation.plan, schema, it)).collect()))
            .collect();
        self.compare(&translation, &found, &told, &mut outcome);
        Ok(outcome)
    }

    fn state(&self, translation: &Translation) -> Result<State, String> {
        let memos = &translation.plan.memos;
        let mut state = State::none(self.case.now);
        state.declare(memos);
        for (name, lines) in &self.case.memos {
            state.remember_lines(name, lines)?;
        }
        for (name, given) in &self.case.recalled {
            let Some((_, fields, _)) = memos.iter().find(|(it, ..)| it == name) else { continue };
            if let Some((unknown, _)) = given.iter().find(|(it, _)| !fields.contains(it)) {
                return Err(format!("memo `{name}` has no field `{unknown}`"));
            }
            let value = |field: &String| given.iter().find(|(it, _)| it == field).map(|(_, text)| text.clone().into_bytes());
            state.preset(name, fields.iter().map(value).collect());
        }
        Ok(state)
    }

    fn compare(&self, translation: &Translation, found: &Whole, told: &[Refusal], outcome: &mut Outcome) {
        let expected = &self.case.expected;
        let says_rejects =
            expected.iter().any(|it| matches!(it, Expected::Reject(_) | Expected::Rejects(_) | Expected::Fault(_)));
        if !says_rejects {
            for (scope, it) in told.iter().filter_map(|(scope, faults)| Some((scope, faults.first()?))) {
                let place = if it.target.is_empty() { &it.source } else { &it.target };
                outcome.failures.push(format!("rejected {scope}: {} {} ({place})", it.reason, it.text));
            }
        }
        let says_output = expected.iter().any(|it| matches!(it, Expected::Output(..)));
        for it in expected {
            match it {
                Expected::Output(key, bytes) => self.output(translation, found, (key, bytes), outcome),
                Expected::Field(side, path, literal) => self.field(translation, found, (side, path, literal), outcome),
                Expected::File(side, file) => match fs::read(file) {
                    Ok(bytes) => self.file(translation, found, (side, &bytes), outcome),
                    Err(error) => outcome.failures.push(format!("{}: {error}", file.display())),
                },
                Expected::Reject(code) => {
                    let faults = || told.iter().flat_map(|(_, faults)| faults);
                    if !faults().any(|it| it.reason == *code) {
                        let reasons: Vec<_> = faults().map(|it| it.reason.as_str()).collect();
                        let found = if reasons.is_empty() { "nothing was".to_owned() } else { reasons.join(", ") };
                        outcome.failures.push(format!("expected to be rejected with {code}; {found}"));
                    }
                }
                Expected::Rejects(lines) => {
                    compare_lines("rejects", lines, &reject_lines(told), outcome);
                }
                Expected::Fault(lines) => {
                    compare_lines("faults", lines, &fault_lines(told), outcome);
                }
                Expected::Diagnostics(_) => {}
            }
        }
        let is_named = |it: &&Output| {
            expected.iter().any(|expected| matches!(expected, Expected::Output(key, _) if names(translation, it, key)))
        };
        if says_output {
            for output in found.outputs.iter().filter(|it| !is_named(it)) {
                outcome.failures.push(format!("an output that is not expected: {}", heading(translation, output)));
            }
        }
        self.fences(translation, found, told, outcome);
    }

    /// What was found, as fences.
    fn fences(&self, translation: &Translation, found: &Whole, told: &[Refusal], outcome: &mut Outcome) {
        for output in &found.outputs {
            let is_text = self.side(translation, output).is_some_and(|it| it.about.text);
            let text = if is_text {
                String::from_utf8_lossy(&output.bytes).trim_end_matches('\n').to_owned()
            } else {
                let rows = output.bytes.chunks(BYTES_A_LINE);
                rows.map(|row| row.iter().map(|it| format!("{it:02X}")).collect::<String>()).collect::<Vec<_>>().join("\n")
            };
            let words = [if is_text { "output" } else { "output hex" }, output.key.as_str()];
            outcome.found.push((words.join(" ").trim_end().to_owned(), text));
        }
        if !told.is_empty() {
            let is_fault = self.case.expected.iter().any(|it| matches!(it, Expected::Fault(_)));
            let (words, lines) = if is_fault { ("fault", fault_lines(told)) } else { ("rejects", reject_lines(told)) };
            outcome.found.push((words.to_owned(), lines.join("\n")));
        }
    }

    fn side(&self, translation: &Translation, output: &Output) -> Option<&Side> {
        translation.plan.targets.get(output.target).and_then(|it| self.loaded.sides.get(it.side))
    }

    fn output(&self, translation: &Translation, found: &Whole, (key, bytes): (&str, &[u8]), outcome: &mut Outcome) {
        let outputs: Vec<&Output> = found.outputs.iter().filter(|it| names(translation, it, key)).collect();
        let Some(first) = outputs.first() else {
            let name = if key.is_empty() { String::new() } else { format!(" `{key}`") };
            return outcome.failures.push(format!("there is no output{name}"));
        };
        let Some(side) = self.side(translation, first) else { return };
        let all: Vec<u8> = outputs.iter().flat_map(|it| it.bytes.iter().copied()).collect();
        let is_text = side.about.text;
        let trimmed = |it: &[u8]| if is_text { it.strip_suffix(b"\n").unwrap_or(it).to_vec() } else { it.to_vec() };
        if trimmed(&all) != trimmed(bytes) {
            self.differ(translation, side, (bytes, &all), outcome);
        }
    }

    fn file(&self, translation: &Translation, found: &Whole, (side, bytes): (&str, &[u8]), outcome: &mut Outcome) {
        let is_it = |it: &&Output| self.side(translation, it).is_some_and(|it| it.alias == side);
        let all: Vec<u8> = found.outputs.iter().filter(is_it).flat_map(|it| it.bytes.iter().copied()).collect();
        let Some(side) = self.loaded.sides.iter().find(|it| it.alias == side) else { return };
        let plain = |bytes: &[u8]| plain::decoded(registry::format(&side.format)?, &side.codec, bytes).ok();
        match (plain(bytes), plain(&all)) {
            (Some(a), Some(b)) if a == b => {}
            (None, None) if bytes == all.as_slice() => {}
            _ => self.differ(translation, side, (bytes, &all), outcome),
        }
    }

    /// Says in which fields two outputs differ, or at which byte.
    fn differ(&self, translation: &Translation, side: &Side, (expected, found): (&[u8], &[u8]), outcome: &mut Outcome) {
        let target = translation.plan.targets.iter().find(|it| it.alias == side.alias);
        let is_secret = |path: &str| target.is_some_and(|it| it.is_secret(field_at(&it.schema, path)));
        let before = outcome.failures.len();
        let format = registry::format(&side.format);
        let plain = |bytes: &[u8]| plain::decoded(format?, &side.codec, bytes).ok();
        if let (Some(a), Some(b)) = (plain(expected), plain(found)) {
            if a.len() != b.len() {
                outcome.failures.push(format!("{}: expected {} messages, found {}", side.alias, a.len(), b.len()));
            }
            for (a, b) in a.iter().zip(&b) {
                outcome.failures.extend(differences(a, b, &is_secret).into_iter().map(|it| format!("{}: {it}", side.alias)));
            }
        }
        if outcome.failures.len() == before {
            let at = expected.iter().zip(found).position(|(a, b)| a != b).unwrap_or(expected.len().min(found.len()));
            let hides = target.is_some_and(TargetPlan::has_secrets);
            let about = |it: &[u8]| {
                if hides {
                    return HIDDEN.to_owned();
                }
                let bytes = it.get(at..(at + 16).min(it.len())).unwrap_or_default();
                if side.about.text { format!("{:?}", String::from_utf8_lossy(bytes)) } else { format!("{bytes:02X?}") }
            };
            outcome.failures.push(format!(
                "{}: byte {at} of {} (expected {}): expected {}, found {}",
                side.alias,
                found.len(),
                expected.len(),
                about(expected),
                about(found)
            ));
        }
    }

    /// `expect PATH = VALUE`: the mapping is run once more, its targets in their plain form.
    fn field(
        &self,
        translation: &Translation,
        found: &Whole,
        (alias, path, literal): (&str, &[Step], &Literal),
        outcome: &mut Outcome,
    ) {
        let wrong = |outcome: &mut Outcome, why: String| {
            let shown: Vec<_> = path.iter().map(|it| it.name.as_str()).collect();
            outcome.failures.push(format!("{}: {why}", shown.join("/")));
        };
        let key = path.first().and_then(|it| it.has.as_ref()).and_then(|(_, value)| value.text.clone());
        let is_it = |it: &&(usize, String, Value)| {
            let target = translation.plan.targets.get(it.0);
            target.is_some_and(|it| it.alias == alias) && key.as_ref().is_none_or(|key| *key == it.1)
        };
        let values = match self.plain_outputs(translation) {
            Ok(values) => values,
            Err(why) => return wrong(outcome, why),
        };
        let Some((target, _, value)) = values.iter().find(is_it) else {
            let why = if found.outputs.is_empty() { "nothing was released" } else { "there is no such output" };
            return wrong(outcome, why.to_owned());
        };
        let Some(target) = translation.plan.targets.get(*target) else { return };
        // The alias stands for the field that its side is `at`.
        let above: Vec<Step> = target
            .schema
            .line(target.root_field)
            .into_iter()
            .map(|it| Step { name: target.schema.name_of(it).to_owned(), number: None, has: None })
            .collect();
        let mut steps = above.iter().chain(path.iter().skip(1));
        let at = steps.try_fold(value, step_into).map(first_of);
        match (at, &literal.text) {
            (None, None) => {}
            (Some(value), Some(text)) if equals(value, text, literal.is_number) => {}
            (at, text) => {
                let names: Vec<&str> = above.iter().chain(path.iter().skip(1)).map(|it| it.name.as_str()).collect();
                let hides = target.is_secret(field_at(&target.schema, &names.join("/")));
                let hidden = |it: String| if hides { HIDDEN.to_owned() } else { it };
                let expected = text.as_ref().map_or("nothing".to_owned(), |it| hidden(format!("{it:?}")));
                let found = at.map_or("nothing".to_owned(), |it| hidden(shown(it)));
                wrong(outcome, format!("expected {expected}, found {found}"));
            }
        }
    }

    /// The outputs in their plain form, with target and key.
    fn plain_outputs(&self, translation: &Translation) -> Result<Vec<(usize, String, Value)>, String> {
        let side_of = |target: &crate::engine::plan::TargetPlan| self.loaded.sides.get(target.side);
        let targets = translation.plan.targets.iter().zip(&translation.targets).map(|(target, codec)| {
            let format = side_of(target).and_then(|it| registry::format(&it.format));
            format.map_or_else(|| Arc::clone(codec), |it| registry::plain(it, codec))
        });
        let plain = Translation { targets: targets.collect(), ..translation.clone() };
        let bytes = match &self.case.given {
            Some(Given::Bytes(bytes)) => bytes.clone(),
            Some(Given::Fields(side, fields)) => self.encoded(side, fields)?,
            None => Vec::new(),
        };
        let mut state = self.state(translation)?;
        let context = Context { now: self.case.now, file_name: Arc::from("-"), ..Context::default() };
        let found = whole(&plain, &mut plain.session(), &bytes, &mut state, &context);
        let values = found.outputs.into_iter().filter_map(|it| {
            let value = serde_json::from_slice(&it.bytes).ok()?;
            Some((it.target, it.key, value))
        });
        Ok(values.collect())
    }

    /// `given SIDE { .. }` as that side's codec writes it.
    fn encoded(&self, alias: &str, fields: &[(Vec<Step>, Literal)]) -> Result<Vec<u8>, String> {
        let side = self.loaded.sides.iter().find(|it| it.alias == alias).ok_or("there is no such side")?;
        let format = registry::format(&side.format).ok_or("there is no such format")?;
        let schema = side.codec.schema();
        let plans = self.loaded.plans.as_ref().ok_or("the mapping does not check")?;
        let plan = if self.case.reverse { plans.back.as_ref().ok_or("the mapping goes one way only")? } else { &plans.forth };
        let root = plan.source_root;
        let mut message = Value::Object(Map::new());
        for (path, literal) in fields {
            let Some(text) = &literal.text else { continue };
            let names: Vec<String> = schema.line(root).into_iter().map(|it| schema.name_of(it).to_owned()).collect();
            let steps = names.into_iter().map(|name| Step { name, number: None, has: None }).chain(path.iter().cloned());
            put(&mut message, schema, Schema::ROOT, &steps.collect::<Vec<_>>(), text)?;
        }
        plain::encoded(format, &side.codec, &message)
    }
}

/// How much was refused, and why.
type Refusal = (&'static str, Vec<Told>);

/// Bytes of an output in a line of a case file.
const BYTES_A_LINE: usize = 32;

/// A line for each refusal: the first fault gives the reason.
fn reject_lines(told: &[Refusal]) -> Vec<String> {
    told.iter().filter_map(|(scope, faults)| faults.first().map(|it| line(&[scope, &it.reason, &it.target]))).collect()
}

/// A line for each fault.
fn fault_lines(told: &[Refusal]) -> Vec<String> {
    told.iter().flat_map(|(_, faults)| faults).map(|it| line(&[it.code, &it.source])).collect()
}

/// Words with blanks between, without those at the end that are empty.
fn line(words: &[&str]) -> String {
    words.join(" ").trim_end().to_owned()
}

fn compare_lines(what: &str, expected: &[String], found: &[String], outcome: &mut Outcome) {
    if expected != found {
        let all = |lines: &[String]| if lines.is_empty() { "none".to_owned() } else { lines.join("; ") };
        outcome.failures.push(format!("{what}: expected {}, found {}", all(expected), all(found)));
    }
}

/// Whether a fence's key names an output: the key of its file, or the alias of its side.
fn names(translation: &Translation, output: &Output, key: &str) -> bool {
    output.key == key || translation.plan.targets.get(output.target).is_some_and(|it| output.key.is_empty() && it.alias == key)
}

fn heading(translation: &Translation, output: &Output) -> String {
    let alias = translation.plan.targets.get(output.target).map_or("", |it| it.alias.as_str());
    format!("{alias} {}", output.key).trim_end().to_owned()
}

/// One step down; a repeat stands for its first occurrence.
fn step_into<'v>(value: &'v Value, step: &Step) -> Option<&'v Value> {
    let below = first_of(value).get(&step.name)?;
    match (below, step.number, &step.has) {
        (Value::Array(items), Some(number), _) => items.get(number.checked_sub(1)?),
        (Value::Array(items), None, Some((path, wanted))) => items.iter().find(|it| {
            let found = path.split('/').try_fold(*it, |value, name| first_of(value).get(name));
            found.is_some_and(|it| wanted.text.as_ref().is_some_and(|text| equals(it, text, wanted.is_number)))
        }),
        (other, None | Some(1), _) => Some(other),
        _ => None,
    }
}

fn first_of(value: &Value) -> &Value {
    match value {
        Value::Array(items) => items.first().unwrap_or(value),
        other => other,
    }
}

/// Puts a text at its place in a message's plain form.
/// The field of a path in the plain form, or the last one above it that the schema knows.
fn field_at(schema: &Schema, path: &str) -> FieldId {
    let names = path.split('/').map(|it| it.split('[').next().unwrap_or(it));
    names
        .fold((Schema::ROOT, true), |(at, known), name| match schema.child(at, name).filter(|_| known) {
            Some(child) => (child, true),
            None => (at, false),
        })
        .0
}

fn put(within: &mut Value, schema: &Schema, group: FieldId, path: &[Step], text: &str) -> Result<(), String> {
    let Some((step, rest)) = path.split_first() else { return Ok(()) };
    let field = schema.child(group, &step.name).ok_or_else(|| format!("there is no `{}` in {}", step.name, schema.name))?;
    let Value::Object(object) = within else { return Err(format!("`{}` stands in a value", step.name)) };
    let below = object.entry(step.name.clone()).or_insert(Value::Null);
    let below = if schema.repeats(field) {
        if below.is_null() {
            *below = Value::Array(Vec::new());
        }
        let Value::Array(items) = below else { return Ok(()) };
        let number = step.number.unwrap_or(1).max(1);
        items.resize(items.len().max(number), Value::Null);
        items.get_mut(number - 1).ok_or("there is no such occurrence")?
    } else {
        below
    };
    if rest.is_empty() {
        *below = leaf(schema, field, text);
        return Ok(());
    }
    if below.is_null() {
        *below = Value::Object(Map::new());
    }
    put(below, schema, field, rest, text)
}

/// A value as the plain form has it.
fn leaf(schema: &Schema, field: FieldId, text: &str) -> Value {
    let number = || serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
    match &schema.type_of(field).kind {
        Kind::Leaf(kind) => match &**kind {
            Type::Number(_) => number().unwrap_or_else(|| Value::String(text.to_owned())),
            Type::YesNo => Value::Bool(text == "true"),
            Type::Amount(_) => match text.rsplit_once(' ') {
                Some((digits, currency)) => {
                    serde_json::json!({ "@Ccy": currency, "$value": serde_json::from_str::<Value>(digits).unwrap_or_default() })
                }
                None => number().unwrap_or_else(|| Value::String(text.to_owned())),
            },
            _ => Value::String(text.to_owned()),
        },
        _ => Value::String(text.to_owned()),
    }
}
