//! Random records in their plain form: valid by their schema as far as it says, the rest is for the codec to judge.

use super::digits;
use super::random::Random;
use super::text::Texts;
use crate::engine::{Kind, Member, Occurs, Particle, Schema, Type, TypeDef, TypeId};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How values are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON's own.
    Json,
    /// The plain form of formats whose fields are there or not.
    Plain,
    /// The plain form of records, in which a field that is not there is blank.
    Record,
}

/// Makes records of a schema.
#[derive(Debug)]
pub struct Maker<'a> {
    schema: &'a Schema,
    form: Form,
    /// Texts that mean something to whoever reads the records.
    words: Vec<String>,
    texts: HashMap<TypeId, Texts>,
    random: Random,
    /// How many optional fields there are in the record, in eighths.
    richness: usize,
    /// How many more values the record may have before it is brought to an end.
    room: usize,
}

/// Values in a record, about.
const VALUES: usize = 250;
/// Groups within groups; deeper there is only what must be.
const DEPTH: usize = 24;

impl<'a> Maker<'a> {
    /// Makes records of a schema; `words` are texts to be tried where they are allowed.
    pub fn new(schema: &'a Schema, form: Form, words: Vec<String>) -> Self {
        let (texts, random) = (HashMap::new(), Random::of(0, 0));
        Maker { schema, form, words, texts, random, richness: 0, room: 0 }
    }

    /// A record, the same for the same random numbers.
    pub fn record(&mut self, random: Random) -> Value {
        self.begin(random);
        self.value(self.schema.root_type(), 0)
    }

    /// A record that is another one but for one of its parts.
    pub fn changed(&mut self, value: &Value, random: Random) -> Value {
        self.begin(random);
        let mut value = value.clone();
        self.change(&mut value, self.schema.root_type(), 0);
        value
    }

    /// A value of a type, alone.
    pub fn leaf(&mut self, kind: &Type, random: Random) -> String {
        self.begin(random);
        match self.leaf_of(kind, None) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    fn begin(&mut self, random: Random) {
        self.random = random;
        self.richness = self.random.below(8);
        self.room = VALUES;
    }

    // Groups ----------------------------------------------------------------------------------------------------------

    fn value(&mut self, kind: TypeId, depth: usize) -> Value {
        let def = self.schema.type_def(kind);
        self.room = self.room.saturating_sub(1);
        match &def.kind {
            Kind::Any => self.open(),
            Kind::Leaf(leaf) if def.members.is_empty() => self.leaf_of(leaf, Some(kind)),
            _ => Value::Object(self.group(def, kind, depth)),
        }
    }

    fn group(&mut self, def: &TypeDef, kind: TypeId, depth: usize) -> Map<String, Value> {
        let mut counts = vec![0; def.members.len()];
        for (count, member) in counts.iter_mut().zip(&def.members) {
            if member.is_attribute() {
                *count = self.count(member.occurs, depth);
            }
        }
        self.particle(def, &def.content, depth, &mut counts);
        let mut object = Map::new();
        for (member, count) in def.members.iter().zip(counts) {
            if let Some(value) = self.member(member, count, depth) {
                object.insert(member.name.clone(), value);
            }
        }
        if let Kind::Leaf(leaf) = &def.kind {
            object.insert("$value".to_owned(), self.leaf_of(leaf, Some(kind)));
        }
        object
    }

    /// How often each member stands in a group.
    fn particle(&mut self, def: &TypeDef, content: &Particle, depth: usize, counts: &mut [usize]) {
        match content {
            Particle::Member(at) => {
                let Some(member) = def.members.get(*at as usize) else { return };
                let more = self.count(member.occurs, depth);
                if let Some(count) = counts.get_mut(*at as usize) {
                    *count += more;
                }
            }
            Particle::Sequence(parts, occurs) => {
                for _ in 0..self.count(*occurs, depth) {
                    parts.iter().for_each(|it| self.particle(def, it, depth, counts));
                }
            }
            Particle::Choice(parts, occurs) => {
                for _ in 0..self.count(*occurs, depth) {
                    if let Some(part) = self.random.pick(parts) {
                        self.particle(def, part, depth, counts);
                    }
                }
            }
            Particle::All(parts) => parts.iter().for_each(|it| self.particle(def, it, depth, counts)),
        }
    }

    fn count(&mut self, occurs: Occurs, depth: usize) -> usize {
        let most = occurs.max.map_or(usize::MAX, |it| it as usize);
        let mut count = occurs.min as usize;
        while count < most && self.wants_more(depth) {
            count += 1;
        }
        // A repeat that is full.
        if most > 1 && most <= 12 && self.room > 50 && self.random.one_in(16) { most } else { count }
    }

    /// Whether one more of what may be there is; the deeper, the less.
    fn wants_more(&mut self, depth: usize) -> bool {
        self.room > 0 && depth < DEPTH && self.random.below(32 + 6 * depth) < 4 * self.richness
    }

    fn member(&mut self, member: &Member, count: usize, depth: usize) -> Option<Value> {
        let is_record = self.form == Form::Record;
        let is_left_out = member.kept_by_engine || member.filler && !self.random.one_in(6);
        if is_left_out || is_record && count > 0 && !member.repeats && depth > 0 && self.random.one_in(12) {
            return None;
        }
        if member.repeats {
            if count == 0 && (self.form != Form::Json || self.random.one_in(4)) && member.occurs.min == 0 {
                return None;
            }
            return Some(Value::Array((0..count).map(|_| self.one(member, depth)).collect()));
        }
        (count > 0).then(|| self.one(member, depth))
    }

    fn one(&mut self, member: &Member, depth: usize) -> Value {
        if member.nullable && self.form != Form::Record && self.random.one_in(8) {
            return Value::Null;
        }
        self.value(member.kind, depth + 1)
    }

    // Values ----------------------------------------------------------------------------------------------------------

    fn leaf_of(&mut self, kind: &Type, id: Option<TypeId>) -> Value {
        let random = &mut self.random;
        let is_json = self.form == Form::Json;
        match kind {
            Type::Text(rule) => {
                let mut text = match id {
                    Some(id) => self.texts.entry(id).or_insert_with(|| Texts::new(rule)).draw(&self.words, random),
                    None => Texts::new(rule).draw(&self.words, random),
                };
                if self.form == Form::Record {
                    text.truncate(text.trim_end_matches(' ').len());
                }
                Value::String(text)
            }
            Type::Number(number) | Type::Amount(number) => {
                let digits = digits::number(number, random);
                serde_json::from_str(&digits).unwrap_or(Value::String(digits))
            }
            Type::Bytes(least, most) => {
                let most = most.map_or(least + 12, |it| it.min(least + 64)) as usize;
                let count = random.between(*least as usize, most);
                Value::String((0..count * 2).map(|_| random.character(b"0123456789ABCDEF")).collect())
            }
            Type::YesNo => Value::Bool(random.one_in(2)),
            Type::Date => Value::String(digits::date(random)),
            Type::Time => {
                let zone = if is_json || random.one_in(4) { digits::zone(random) } else { "" };
                Value::String(digits::time(random) + zone)
            }
            Type::DateTime => {
                let zoned = random.one_in(2);
                Value::String(digits::moment(zoned, random))
            }
            Type::Instant => Value::String(digits::moment(true, random)),
        }
    }

    /// What a schema leaves open.
    fn open(&mut self) -> Value {
        let random = &mut self.random;
        if self.form == Form::Json {
            let samples = ["null", "true", "17", "-0.50", "\"a \\\"b\\\"\"", "[]", "[1,[2]]", "{}", "{\"x\":{\"y\":[null]}}"];
            return random.pick(&samples).and_then(|it| serde_json::from_str(it).ok()).unwrap_or(Value::Null);
        }
        let samples = ["<a xmlns=\"urn:x\">1 &amp; 2</a>", "<b xmlns=\"urn:y\" n=\"1\"><c></c></b>"];
        let text = random.pick(&samples).copied().unwrap_or_default();
        Value::Object(Map::from_iter([("$xml".to_owned(), Value::String(text.to_owned()))]))
    }

    // Changes ---------------------------------------------------------------------------------------------------------

    /// Makes one part of a value anew.
    fn change(&mut self, value: &mut Value, kind: TypeId, depth: usize) {
        let def = self.schema.type_def(kind);
        let is_group = matches!(def.kind, Kind::Group | Kind::Choice);
        let Some(object) = value.as_object_mut().filter(|it| is_group && !it.is_empty() && !self.random.one_in(6)) else {
            *value = self.value(kind, depth);
            return;
        };
        let Some(member) = self.random.pick(&def.members) else { return };
        match object.get_mut(&member.name) {
            None => {
                if let Some(value) = self.member(member, 1, depth + 1) {
                    object.insert(member.name.clone(), value);
                    in_order(object, def);
                }
            }
            Some(_) if member.occurs.min == 0 && self.random.one_in(4) => {
                object.shift_remove(&member.name);
            }
            Some(Value::Array(items)) => match self.random.below(4) {
                0 => items.push(self.one(member, depth)),
                1 => drop(items.pop()),
                _ => {
                    let at = self.random.below(items.len());
                    if let Some(item) = items.get_mut(at) {
                        self.change(item, member.kind, depth + 1);
                    }
                }
            },
            Some(below) => self.change(below, member.kind, depth + 1),
        }
    }
}

/// Members in message order.
fn in_order(object: &mut Map<String, Value>, def: &TypeDef) {
    let mut all = std::mem::take(object);
    for member in &def.members {
        if let Some(value) = all.shift_remove(&member.name) {
            object.insert(member.name.clone(), value);
        }
    }
    object.append(&mut all);
}
