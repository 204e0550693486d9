//! `law round-trip SIDE`, tried: random valid records of the side go there and back.

use super::random::Random;
use super::record::{Form, Maker};
use super::same::differences;
use super::shrink::shrink;
use crate::cases::usual_time;
use crate::catalog::Loaded;
use crate::engine::call::{Context, LossKind};
use crate::engine::mapping::Law;
use crate::engine::mapping::ast::Role;
use crate::engine::{FieldId, HIDDEN, Limits, Schema, Secrecy, Session, Translation, Type};
use crate::pipeline::{tell, whole};
use crate::plain::Plain;
use crate::registry;
use crate::state::State;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What came of a law.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// `law round-trip SIDE`.
    pub title: String,
    /// The line where it stands.
    pub line: usize,
    /// Valid records that were tried.
    pub records: usize,
    /// Those of them that passed there, without a loss of characters.
    pub passed: usize,
    /// The first of them that did not come back as it was, made small.
    pub witness: Option<Witness>,
    /// Why the records that did not pass were refused: each reason and how often, the most frequent first.
    pub refused: Vec<(String, usize)>,
}

/// A record for which a law does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What is wrong, a line each.
    pub wrong: Vec<String>,
    /// The record in its plain form; secret values are hidden.
    pub record: String,
    /// What was recalled of each memo.
    pub memos: Vec<String>,
}

impl Tried {
    /// What is wrong, in words; nothing: the law held wherever it was tried.
    pub fn failure(&self) -> Option<Vec<String>> {
        match &self.witness {
            Some(it) => {
                let record = [format!("record: {}", it.record)];
                Some(it.wrong.iter().cloned().chain(record).chain(it.memos.iter().cloned()).collect())
            }
            None if self.passed == 0 => {
                let mut lines = vec!["no record passed forth: the law was not tested".to_owned()];
                lines.extend(self.refused.iter().take(3).map(|(why, count)| format!("{count} refused: {why}")));
                Some(lines)
            }
            None => None,
        }
    }
}

/// Tries a law of a mapping with so many valid records of a seed.
pub fn tried(loaded: &Loaded, law: &Law, (seed, count): (u64, usize), limits: &Limits) -> Result<Tried, String> {
    let mut trip = Trip::new(loaded, law, limits)?;
    let schema = Arc::clone(&trip.schema);
    let form = Form::of(trip.format);
    let mut maker = Maker::new(&schema, form, words(loaded));
    // Of all that a large schema has, what the mapping reads decides whether a record passes.
    maker.favour(trip.away.0.plan.wanted.iter().map(|it| it.field));
    let mut found = Tried {
        title: format!("law round-trip {}", loaded.sides.get(law.side).map_or("", |it| it.alias.as_str())),
        line: loaded.sources.position(law.span).line as usize,
        ..Tried::default()
    };
    // Records that passed; others are made of them, since many mappings let only few of all records pass.
    let mut passed: Vec<(Value, Memos)> = Vec::new();
    let mut refused: HashMap<String, usize> = HashMap::new();
    let mut number = 0;
    while found.records < count && number < count as u64 * ATTEMPTS {
        number += 1;
        let mut random = Random::of(seed, number);
        let known = random.pick(&passed).filter(|_| number % 4 != 0).cloned();
        let (value, mut memos) = match known {
            Some((known, memos)) => {
                let memos = if random.one_in(4) { trip.memos(&mut maker, loaded, &mut random) } else { memos };
                (maker.changed(&known, random), memos)
            }
            None => {
                let memos = trip.memos(&mut maker, loaded, &mut random);
                (maker.record(random), memos)
            }
        };
        let mut verdict = trip.judge(&value, &memos);
        // Memos are declared more loosely than what is made of them: where only the memo is refused, another one is taken.
        let mut more = Random::of(!seed, number);
        for _ in 0..OTHER_MEMOS {
            if memos.is_empty() || !verdict.is_refused_on_the_way_back() {
                break;
            }
            let others = trip.memos(&mut maker, loaded, &mut more);
            let other = trip.judge(&value, &others);
            if !other.is_refused_on_the_way_back() && !matches!(other, Verdict::Refused(_)) {
                (verdict, memos) = (other, others);
            }
        }
        match verdict {
            Verdict::Invalid => continue,
            Verdict::Refused(why) => *refused.entry(why).or_default() += 1,
            verdict => {
                found.passed += 1;
                if let (Verdict::Broken(broken), None) = (verdict, &found.witness) {
                    found.witness = Some(trip.witness(&value, &memos, &broken));
                }
                if passed.len() < KEPT {
                    passed.push((value, memos));
                } else if let Some(old) = passed.get_mut(found.passed % KEPT) {
                    *old = (value, memos);
                }
            }
        }
        found.records += 1;
    }
    found.refused = refused.into_iter().collect();
    found.refused.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(found)
}

/// Records that are made for one that is valid, at most.
const ATTEMPTS: u64 = 20;
/// Records that passed, to make others of.
const KEPT: usize = 64;
/// Memos that are tried for a record that is refused on the way back.
const OTHER_MEMOS: usize = 32;
/// How often a witness is made smaller.
const SHRINKS: usize = 4000;

/// What a record is to a law.
#[derive(Clone, Debug, PartialEq)]
enum Verdict {
    /// It is not valid: nothing is said of it.
    Invalid,
    /// It does not pass; the reason.
    Refused(String),
    Holds,
    Broken(Broken),
}

impl Verdict {
    fn is_refused_on_the_way_back(&self) -> bool {
        matches!(self, Verdict::Broken(Broken { field: None, .. }))
    }
}

/// In what a law is broken.
#[derive(Clone, Debug, PartialEq)]
struct Broken {
    /// The field that came back otherwise; none where the whole was refused.
    field: Option<FieldId>,
    wrong: Vec<String>,
}

type Memos = Vec<(String, Vec<Option<Vec<u8>>>)>;

/// The way there and the way back.
struct Trip<'a> {
    law: &'a Law,
    schema: Arc<Schema>,
    format: &'static dyn crate::engine::Format,
    plain: Plain,
    away: (Translation, Session),
    home: (Translation, Session),
}

impl<'a> Trip<'a> {
    fn new(loaded: &Loaded, law: &'a Law, limits: &Limits) -> Result<Self, String> {
        let side = loaded.sides.get(law.side).ok_or("there is no such side")?;
        let format = registry::format(&side.format).ok_or("there is no such format")?;
        let way = |back: bool| {
            let translation = loaded.translation(back).ok_or("the mapping does not check")?;
            let session = translation.session();
            Ok::<_, String>((translation, session))
        };
        let is_right = side.role == Role::And;
        let (away, home) = (way(is_right)?, way(!is_right)?);
        let plain = Plain::new(format, &side.codec, limits);
        Ok(Trip { law, schema: Arc::clone(side.codec.schema()), format, plain, away, home })
    }

    /// What every recall of a memo finds, the same on both ways.
    fn memos(&self, maker: &mut Maker<'_>, loaded: &Loaded, random: &mut Random) -> Memos {
        let memos = loaded.plans.iter().flat_map(|it| &it.memos);
        let value = |(_, optional, kind): &(String, bool, Type), maker: &mut Maker<'_>, random: &mut Random| {
            let is_there = !*optional || random.one_in(2);
            let own = Random::of(random.below(usize::MAX) as u64, 0);
            // A blank is no value.
            let text = maker.leaf(kind, own);
            is_there.then(|| if text.trim().is_empty() { b"1".to_vec() } else { text.into_bytes() })
        };
        memos.map(|(name, fields)| (name.clone(), fields.iter().map(|it| value(it, maker, random)).collect())).collect()
    }

    fn judge(&mut self, value: &Value, memos: &Memos) -> Verdict {
        let Ok(bytes) = self.plain.encoded(value) else { return Verdict::Invalid };
        // What was written is what the law is about: the codec may have filled blanks in.
        let Ok(there) = self.plain.decoded(&bytes) else { return Verdict::Invalid };
        let [there] = there.as_slice() else { return Verdict::Invalid };
        let sent = match through(&mut self.away, &bytes, memos) {
            Ok(sent) => sent,
            Err(why) => return Verdict::Refused(why),
        };
        let broken = |wrong: String| Verdict::Broken(Broken { field: None, wrong: vec![wrong] });
        let came = match through(&mut self.home, &sent, memos) {
            Ok(came) => came,
            Err(why) => return broken(format!("is refused on the way back: {why}")),
        };
        let back = match self.plain.decoded(&came) {
            Ok(back) => joined(back),
            Err(why) => return broken(format!("what comes back cannot be read: {why}")),
        };
        self.compare(there, &back)
    }

    fn compare(&self, there: &Value, back: &Value) -> Verdict {
        let (schema, law) = (&self.schema, self.law);
        let is_in = |field: FieldId, fields: &[FieldId]| fields.iter().any(|it| schema.is_within(field, *it));
        let freed: Vec<FieldId> = law
            .unless
            .iter()
            .filter(|(field, value, _)| has(schema, there, *field, value))
            .flat_map(|(.., freed)| freed.iter().copied())
            .collect();
        let counts = |field: FieldId| {
            let is_kept = schema.member(field).is_some_and(|it| it.kept_by_engine || it.filler);
            !is_kept && is_in(field, &law.about) && !is_in(field, &law.except) && !is_in(field, &freed)
        };
        let found = differences(schema, self.format.about().records, counts, [there, back]);
        let Some(first) = found.first() else { return Verdict::Holds };
        let wrong = found.iter().map(|it| {
            let shown = |value: &Option<String>| match value {
                Some(_) if self.is_secret(it.field) => HIDDEN.to_owned(),
                Some(value) => format!("{value:?}"),
                None => "absent".to_owned(),
            };
            format!("`{}` = {} comes back as {}", it.path, shown(&it.there), shown(&it.back))
        });
        Verdict::Broken(Broken { field: Some(first.field), wrong: wrong.collect() })
    }

    fn is_secret(&self, field: FieldId) -> bool {
        let is_marked = |it: FieldId| self.schema.member(it).is_some_and(|it| it.secrecy == Secrecy::Secret);
        self.law.secret.iter().any(|it| self.schema.is_within(field, *it)) || self.schema.line(field).into_iter().any(is_marked)
    }

    /// The smallest record found that breaks the law in the same field.
    fn witness(&mut self, value: &Value, memos: &Memos, broken: &Broken) -> Witness {
        let mut small = shrink(value, SHRINKS, |it| match self.judge(it, memos) {
            Verdict::Broken(found) => found.field == broken.field,
            _ => false,
        });
        let wrong = match self.judge(&small, memos) {
            Verdict::Broken(found) => found.wrong,
            _ => broken.wrong.clone(),
        };
        self.hide(Schema::ROOT, &mut small);
        let plan = &self.away.0.plan.memos;
        let memos = memos.iter().filter_map(|(name, values)| {
            let (_, fields, _) = plan.iter().find(|(it, ..)| it == name)?;
            let text = |it: &Option<Vec<u8>>| it.as_ref().map(|it| Value::String(String::from_utf8_lossy(it).into_owned()));
            let given = fields.iter().zip(values).filter_map(|(name, value)| Some((name.clone(), text(value)?)));
            Some(format!("memo {name}: {}", Value::Object(given.collect())))
        });
        Witness { wrong, record: small.to_string(), memos: memos.collect() }
    }

    fn hide(&self, field: FieldId, value: &mut Value) {
        if field != Schema::ROOT && self.is_secret(field) {
            *value = Value::String(HIDDEN.to_owned());
            return;
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|it| self.hide(field, it)),
            Value::Object(members) => members.iter_mut().for_each(|(name, it)| {
                if let Some(child) = self.schema.child(field, name) {
                    self.hide(child, it);
                }
            }),
            _ => {}
        }
    }
}

/// All that a way makes of some bytes; or why it does not make it.
fn through((translation, session): &mut (Translation, Session), bytes: &[u8], memos: &Memos) -> Result<Vec<u8>, String> {
    let now = usual_time();
    let mut state = State::none(now);
    state.declare(&translation.plan.memos);
    for (name, fields) in memos {
        state.preset(name, fields.clone());
    }
    let context = Context { now, ..Context::default() };
    let found = whole(translation, session, bytes, &mut state, &context);
    if let Some(noted) = found.rejects.first().and_then(|it| it.faults.first()) {
        let told = tell(&translation.plan, translation.source.schema(), noted);
        let place = if told.target.is_empty() { told.source } else { told.target };
        let rule = if told.rule.is_empty() { String::new() } else { format!(", {}", told.rule) };
        return Err(format!("{} {} ({place}{rule})", told.reason, told.text));
    }
    if found.losses.iter().any(|it| it.kind == LossKind::Characters) {
        return Err("characters are lost".to_owned());
    }
    if found.outputs.is_empty() {
        return Err("nothing is written".to_owned());
    }
    Ok(found.outputs.into_iter().flat_map(|it| it.bytes).collect())
}

/// Messages as one: a message of several repeats may come back as several of one. Repeats are joined, of all else the first
/// counts.
fn joined(messages: Vec<Value>) -> Value {
    fn join(all: &mut Value, more: Value) {
        match (all, more) {
            (Value::Object(all), Value::Object(more)) => {
                for (name, value) in more {
                    match all.get_mut(&name) {
                        Some(known) => join(known, value),
                        None => drop(all.insert(name, value)),
                    }
                }
            }
            (Value::Array(all), Value::Array(more)) => all.extend(more),
            _ => {}
        }
    }
    messages
        .into_iter()
        .reduce(|mut all, more| {
            join(&mut all, more);
            all
        })
        .unwrap_or(Value::Null)
}

/// Whether a field of a message has a value, in any of its places.
fn has(schema: &Schema, message: &Value, field: FieldId, value: &str) -> bool {
    fn within(value: &Value, names: &[&str], wanted: &str) -> bool {
        match (value, names) {
            (Value::Array(items), _) => items.iter().any(|it| within(it, names, wanted)),
            (Value::String(text), []) => text.trim_end_matches(' ') == wanted,
            (Value::Object(members), []) => members.get("$value").is_some_and(|it| within(it, names, wanted)),
            (Value::Number(it), []) => it.as_str() == wanted,
            (Value::Bool(it), []) => wanted == if *it { "true" } else { "false" },
            (Value::Null, []) => false,
            (other, [name, rest @ ..]) => other.get(name).is_some_and(|it| within(it, rest, wanted)),
        }
    }
    let line = schema.line(field);
    let names: Vec<&str> = line.iter().map(|it| schema.name_of(*it)).collect();
    within(message, &names, value)
}

/// The texts in a mapping and its libraries: codes of tables, values of tests, whatever its author thought of.
fn words(loaded: &Loaded) -> Vec<String> {
    let files = std::iter::once(loaded.unit.file).chain(loaded.unit.libraries.iter().map(|it| it.0));
    let mut words: Vec<String> = Vec::new();
    for file in files {
        for line in loaded.sources.text(file).lines() {
            // Between the first and the second quotation mark, between the third and the fourth ..
            let quoted = line.split('"').skip(1).step_by(2).filter(|it| !it.is_empty() && it.len() <= WORD_MAX);
            words.extend(quoted.map(str::to_owned));
        }
    }
    words.sort();
    words.dedup();
    words
}

/// The longest text of a mapping that is tried as a value, in bytes.
const WORD_MAX: usize = 70;
