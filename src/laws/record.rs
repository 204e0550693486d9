//! Random records in their plain form: valid by their schema as far as it says, the rest is for the codec to judge.

use super::digits;
use super::random::Random;
use super::text::Texts;
use crate::engine::{FieldId, Kind, Member, Occurs, Particle, Schema, Type, TypeDef, TypeId};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

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
    /// Fields that are there more often than not, and what they stand in.
    favoured: HashSet<FieldId>,
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
        let (favoured, texts, random) = (HashSet::new(), HashMap::new(), Random::of(0, 0));
        Maker { schema, form, words, favoured, texts, random, richness: 0, room: 0 }
    }

    /// Has these fields in most records.
    pub fn favour(&mut self, fields: impl IntoIterator<Item = FieldId>) {
        for field in fields {
            self.favoured.extend(self.schema.line(field));
        }
    }

    /// A record, the same for the same random numbers.
    pub fn record(&mut self, random: Random) -> Value {
        self.begin(random);
        self.value(Schema::ROOT, 0)
    }

    /// A record that is another one but for one of its parts.
    pub fn changed(&mut self, value: &Value, random: Random) -> Value {
        self.begin(random);
        let mut value = value.clone();
        self.change(&mut value, Schema::ROOT, 0);
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

    fn value(&mut self, field: FieldId, depth: usize) -> Value {
        let def = self.schema.type_of(field);
        self.room = self.room.saturating_sub(1);
        match &def.kind {
            Kind::Any => self.open(),
            Kind::Leaf(leaf) if def.members.is_empty() => self.leaf_of(leaf, Some(self.schema.type_id(field))),
            _ => Value::Object(self.group(def, field, depth)),
        }
    }

    fn group(&mut self, def: &TypeDef, group: FieldId, depth: usize) -> Map<String, Value> {
        let mut content = Content { def, group, depth, counts: vec![None; def.members.len()] };
        for (at, _) in (0..).zip(&def.members).filter(|(_, it)| it.is_attribute()) {
            self.particle(&Particle::Member(at), &mut content);
        }
        self.particle(&def.content, &mut content);
        let mut object = Map::new();
        for ((at, member), count) in (0..).zip(&def.members).zip(content.counts) {
            if let Some(count) = count
                && let Some(value) = self.member(member, self.schema.nth(group, at), count, depth)
            {
                object.insert(member.name.clone(), value);
            }
        }
        if let Kind::Leaf(leaf) = &def.kind {
            object.insert("$value".to_owned(), self.leaf_of(leaf, Some(self.schema.type_id(group))));
        }
        object
    }

    /// How often each member stands in a group.
    fn particle(&mut self, particle: &Particle, content: &mut Content<'_>) {
        let is_favoured = self.is_favoured(particle, content);
        match particle {
            Particle::Member(at) => {
                let Some(member) = content.def.members.get(*at as usize) else { return };
                let more = self.count(member.occurs, content.depth, is_favoured);
                if let Some(count) = content.counts.get_mut(*at as usize) {
                    *count = Some(count.unwrap_or(0) + more);
                }
            }
            Particle::Sequence(parts, occurs) => {
                for _ in 0..self.count(*occurs, content.depth, is_favoured) {
                    parts.iter().for_each(|it| self.particle(it, content));
                }
            }
            Particle::Choice(parts, occurs) => {
                let favoured: Vec<&Particle> = parts.iter().filter(|it| self.is_favoured(it, content)).collect();
                for _ in 0..self.count(*occurs, content.depth, is_favoured) {
                    let favoured = self.random.pick(&favoured).copied().filter(|_| !self.random.one_in(4));
                    if let Some(part) = favoured.or_else(|| self.random.pick(parts)) {
                        self.particle(part, content);
                    }
                }
            }
            Particle::All(parts) => parts.iter().for_each(|it| self.particle(it, content)),
        }
    }

    fn is_favoured(&self, particle: &Particle, content: &Content<'_>) -> bool {
        if self.favoured.is_empty() {
            return false;
        }
        match particle {
            Particle::Member(at) => self.favoured.contains(&self.schema.nth(content.group, *at)),
            Particle::Sequence(parts, _) | Particle::Choice(parts, _) | Particle::All(parts) => {
                parts.iter().any(|it| self.is_favoured(it, content))
            }
        }
    }

    fn count(&mut self, occurs: Occurs, depth: usize, is_favoured: bool) -> usize {
        let (least, most) = (occurs.min as usize, occurs.max.map_or(usize::MAX, |it| it as usize));
        let mut count = least;
        if is_favoured && least == 0 && most > 0 && !self.random.one_in(8) {
            count = 1;
        }
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

    fn member(&mut self, member: &Member, field: FieldId, count: usize, depth: usize) -> Option<Value> {
        if member.kept_by_engine || member.filler && !self.random.one_in(6) {
            return None;
        }
        // A field of a record that is left out is blank, which no code is.
        let may_be_blank = self.form == Form::Record && depth > 0 && !member.repeats && !has_codes(self.schema.type_of(field));
        if may_be_blank && self.random.one_in(12) {
            return None;
        }
        if member.repeats {
            if count == 0 && (self.form != Form::Json || self.random.one_in(4)) && member.occurs.min == 0 {
                return None;
            }
            return Some(Value::Array((0..count).map(|_| self.one(member, field, depth)).collect()));
        }
        (count > 0).then(|| self.one(member, field, depth))
    }

    fn one(&mut self, member: &Member, field: FieldId, depth: usize) -> Value {
        let has_null = match self.form {
            Form::Record => false,
            Form::Json => true,
            // A nil with attributes has them in its object, and occurrences of groups are objects.
            _ => {
                let of = self.schema.type_of(field);
                of.members.is_empty() || !(member.repeats || of.members.iter().any(|it| it.is_attribute()))
            }
        };
        if member.nullable && has_null && self.random.one_in(8) {
            return Value::Null;
        }
        self.value(field, depth + 1)
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
    fn change(&mut self, value: &mut Value, field: FieldId, depth: usize) {
        let def = self.schema.type_of(field);
        let is_group = matches!(def.kind, Kind::Group | Kind::Choice);
        let Some(object) = value.as_object_mut().filter(|it| is_group && !it.is_empty() && !self.random.one_in(6)) else {
            *value = self.value(field, depth);
            return;
        };
        let at = self.random.below(def.members.len());
        let Some(member) = def.members.get(at) else { return };
        let field = self.schema.nth(field, u32::try_from(at).unwrap_or(u32::MAX));
        match object.get_mut(&member.name) {
            None => {
                if let Some(value) = self.member(member, field, 1, depth + 1) {
                    object.insert(member.name.clone(), value);
                    in_order(object, def);
                }
            }
            Some(_) if member.occurs.min == 0 && self.random.one_in(4) => {
                object.shift_remove(&member.name);
            }
            Some(Value::Array(items)) => match self.random.below(4) {
                0 => items.push(self.one(member, field, depth)),
                1 => drop(items.pop()),
                _ => {
                    let at = self.random.below(items.len());
                    if let Some(item) = items.get_mut(at) {
                        self.change(item, field, depth + 1);
                    }
                }
            },
            Some(below) => self.change(below, field, depth + 1),
        }
    }
}

/// The members of a group while they are counted.
struct Content<'a> {
    def: &'a TypeDef,
    group: FieldId,
    depth: usize,
    /// How often each member stands there; none where no particle asked for it.
    counts: Vec<Option<usize>>,
}

fn has_codes(def: &TypeDef) -> bool {
    match &def.kind {
        Kind::Leaf(kind) => match &**kind {
            Type::Text(text) => !text.codes.is_empty(),
            Type::Number(number) => !number.codes.is_empty(),
            _ => false,
        },
        _ => false,
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
