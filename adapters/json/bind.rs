//! A layout with the slots that a plan wants: what the decoder runs over.
//!
//! The layout is about types, what is wanted is about paths. Along the wanted paths each object gets a table of its own;
//! everywhere else one table serves all places of a type, so that a type within itself needs no more than one.

use crate::{
    layout::{Field, Layout, Object, Value, What, index},
    rule::TextRule,
    scan,
};
use latimer_engine::{FieldId, Occurs, Particle, Place, Reading, Schema, Want};
use std::collections::{BTreeMap, HashMap};
use wide::u8x16;

/// No slot: what is set there is forgotten.
pub(crate) const NOWHERE: Place = Place { arena: u16::MAX, slot: u16::MAX };

/// What is done with a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Action {
    pub(crate) act: Act,
    /// Whether null may stand for it.
    pub(crate) nullable: bool,
    pub(crate) slot: Place,
}

/// What is done with a value; numbers are indexes into the tables of [`Bound`], of texts and numbers into those of [`Layout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Its grammar is checked.
    Skip,
    Never,
    Text(u32),
    Number(u32),
    YesNo(bool, bool),
    Object(u32),
    Choice(u32),
    Array(u32),
    Mixed(u32),
    Bytes(u32),
    Xml,
    /// More than one thing.
    Also(u32),
}

/// All tables of a decoder.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    pub(crate) objects: Vec<BoundObject>,
    pub(crate) arrays: Vec<BoundArray>,
    pub(crate) choices: Vec<BoundChoice>,
    pub(crate) mixed: Vec<BoundMixed>,
    pub(crate) also: Vec<Also>,
    /// Level 0 is the message; the others are the items of the repeats cut at.
    pub(crate) levels: Vec<Level>,
}

/// A level of a message that is cut into parts.
#[derive(Debug)]
pub(crate) struct Level {
    /// What its occurrences are.
    pub(crate) field: FieldId,
    pub(crate) action: Action,
    /// The objects that are open where the next level's array begins.
    pub(crate) open: Vec<Step>,
    /// The next level's array.
    pub(crate) array: u32,
}

/// An object on the way to a cut array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) object: u32,
    pub(crate) field: FieldId,
    /// The member that leads on.
    pub(crate) member: u32,
}

/// An object. What has been learned of the order of its members is here, too.
#[derive(Debug)]
pub(crate) struct BoundObject {
    /// Its table in the layout.
    pub(crate) layout: u32,
    /// The members of the layout, then names that were learned.
    pub(crate) entries: Vec<Entry>,
    pub(crate) known: usize,
    /// The member that is expected first.
    pub(crate) first: u32,
    /// The members that must be there, of the first 64.
    pub(crate) required: u64,
    /// Whether there are more members than bits in a word, so that those seen are kept in memory.
    pub(crate) is_wide: bool,
    /// Members of which exactly one is asked for: a choice; none where there is no such question.
    pub(crate) one_of: u64,
    /// Whether more is asked than required members and one of a choice.
    pub(crate) is_special: bool,
    pub(crate) additional: Action,
    /// By hash of the name: a member's number plus one.
    index: Vec<u32>,
    pub(crate) presence: Place,
}

/// A member: its name as it stands in the message, and what is done with its value.
#[derive(Debug)]
pub(crate) struct Entry {
    literal: [u8x16; 2],
    /// One bit for each byte of the literal.
    mask: [u32; 2],
    /// Bytes of the literal.
    pub(crate) length: u32,
    /// Bytes of a text that is surely allowed, if its length says so.
    pub(crate) sure: (u32, u32),
    /// The member that came behind it when it was last looked up.
    pub(crate) next: u32,
    pub(crate) name: Box<[u8]>,
    pub(crate) action: Action,
}

/// An array.
#[derive(Debug)]
pub(crate) struct BoundArray {
    /// Its table in the layout.
    pub(crate) layout: u32,
    pub(crate) first: Vec<Action>,
    pub(crate) item: Action,
    /// Each item opens a row of this arena, counted there.
    pub(crate) rows: Option<(u16, Place)>,
    /// The items become a list there.
    pub(crate) list: Place,
    pub(crate) presence: Place,
    /// The level whose parts its items can be; 0 for none.
    pub(crate) level: u8,
}

/// An object that must be one of several.
#[derive(Debug)]
pub(crate) struct BoundChoice {
    /// Its table in the layout.
    pub(crate) layout: u32,
    /// By decision and alternative.
    pub(crate) trials: Vec<Vec<Action>>,
    /// By outcome.
    pub(crate) objects: Vec<u32>,
}

/// What is done by JSON type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoundMixed {
    pub(crate) text: Option<Act>,
    pub(crate) number: Option<Act>,
    pub(crate) yes_no: Option<Act>,
    pub(crate) object: Option<Act>,
    pub(crate) array: Option<Act>,
}

/// What is done beside reading a value.
#[derive(Debug)]
pub(crate) struct Also {
    pub(crate) action: Action,
    /// The value goes there as well.
    pub(crate) copies: Vec<Place>,
    /// That it is there is noted there.
    pub(crate) presence: Vec<Place>,
    /// Its JSON goes there.
    pub(crate) json: Vec<Place>,
}

/// The paths that are wanted, as a tree.
#[derive(Clone, Debug, Default)]
struct Wish {
    children: BTreeMap<u32, Wish>,
    wants: Vec<(Place, Want)>,
    /// The level that the items of this repeat are.
    level: u8,
}

/// Tables for a plan.
pub(crate) fn bind(layout: &Layout, schema: &Schema, reading: &Reading<'_>) -> Bound {
    let mut root = Wish::default();
    let wish_at = |root: &mut Wish, field: FieldId, use_it: &mut dyn FnMut(&mut Wish)| {
        let line = schema.line(field);
        let at = line
            .iter()
            .filter_map(|it| schema.member_index(*it))
            .fold(root, |wish, member| wish.children.entry(member).or_default());
        use_it(at);
    };
    for wanted in reading.wanted {
        wish_at(&mut root, wanted.field, &mut |it| it.wants.push((wanted.place, wanted.want)));
    }
    for (level, field) in (1..).zip(reading.cut) {
        wish_at(&mut root, *field, &mut |it| it.level = level);
    }
    let mut binder = Binder { layout, bound: Bound::default(), plain: HashMap::new(), open: Vec::new(), schema };
    for field in std::iter::once(&Schema::ROOT).chain(reading.cut) {
        let action = Action { act: Act::Skip, nullable: false, slot: NOWHERE };
        binder.bound.levels.push(Level { field: *field, action, open: Vec::new(), array: 0 });
    }
    let action = binder.value(layout.root, Some(&root), Schema::ROOT);
    if let Some(level) = binder.bound.levels.first_mut() {
        level.action = action;
    }
    binder.bound
}

struct Binder<'a> {
    layout: &'a Layout,
    schema: &'a Schema,
    bound: Bound,
    /// Where nothing is wanted: the tables by what they are of.
    plain: HashMap<What, Act>,
    /// The objects that are open from the last level on.
    open: Vec<Step>,
}

impl Binder<'_> {
    /// What is done with a value of a field. The wish is the field's own, of one item where it is a repeat.
    fn value(&mut self, value: Value, wish: Option<&Wish>, field: FieldId) -> Action {
        let nullable = value.nullable;
        let is_wished = |it: &&Wish| !it.wants.is_empty() || !it.children.is_empty() || it.level > 0;
        let Some(wish) = wish.filter(is_wished).filter(|_| value.what != What::Never) else {
            return Action { act: self.unwanted(value.what), nullable, slot: NOWHERE };
        };
        let places = |want: fn(&Want) -> bool| -> Vec<Place> {
            wish.wants.iter().filter(|(_, it)| want(it)).map(|(place, _)| *place).collect()
        };
        let mut values = places(|it| *it == Want::Value);
        let mut presence = places(|it| *it == Want::Presence);
        let mut json = Vec::new();
        let act = match value.what {
            What::Object(_) | What::Choice(_) => {
                // The value of a leaf with attributes is a member of its object.
                if self.has_own_value(value.what) {
                    values.clear();
                }
                json.append(&mut values);
                // The object notes itself that it is there.
                let place = if presence.is_empty() { NOWHERE } else { presence.remove(0) };
                self.group(value.what, wish, field, place)
            }
            What::Array(at) => {
                // An array that is not a member's repeat is a group: its items are the repeat `[]` in it.
                json.append(&mut values);
                Act::Array(self.nested(at, wish, field))
            }
            What::Any | What::Mixed(_) => {
                json.append(&mut values);
                self.unwanted(value.what)
            }
            what => self.unwanted(what),
        };
        let slot = values.first().copied().unwrap_or(NOWHERE);
        let copies = values.get(1..).unwrap_or_default().to_vec();
        let action = Action { act, nullable, slot };
        if copies.is_empty() && presence.is_empty() && json.is_empty() {
            return action;
        }
        self.bound.also.push(Also { action, copies, presence, json });
        Action { act: Act::Also(index(self.bound.also.len() - 1)), nullable, slot }
    }

    fn group(&mut self, what: What, wish: &Wish, field: FieldId, presence: Place) -> Act {
        match what {
            What::Object(at) => Act::Object(self.object(at, Some((wish, field)), presence)),
            What::Choice(at) => {
                let made = self.choice(at, |binder, object| binder.object(object, Some((wish, field)), presence));
                self.bound.choices.push(made);
                Act::Choice(index(self.bound.choices.len() - 1))
            }
            _ => self.unwanted(what),
        }
    }

    fn choice(&mut self, at: u32, mut object: impl FnMut(&mut Self, u32) -> u32) -> BoundChoice {
        let layout = self.layout;
        let choice = layout.choices.get(at as usize);
        let objects = choice.iter().flat_map(|it| &it.outcomes).map(|(_, it)| object(self, *it)).collect();
        let decisions = choice.iter().flat_map(|it| &it.decisions);
        let trials =
            decisions.map(|it| it.alternatives.iter().map(|it| self.value(it.trial, None, Schema::ROOT)).collect()).collect();
        BoundChoice { layout: at, trials, objects }
    }

    /// What is done where nothing is wanted.
    fn unwanted(&mut self, what: What) -> Act {
        if let Some(known) = self.plain.get(&what) {
            return *known;
        }
        match what {
            What::Any => Act::Skip,
            What::Never => Act::Never,
            What::Text(rule) => Act::Text(rule),
            What::Number(rule) => Act::Number(rule),
            What::YesNo(yes, no) => Act::YesNo(yes, no),
            What::Bytes(limits) => Act::Bytes(limits),
            What::Xml => Act::Xml,
            What::Object(at) => Act::Object(self.object(at, None, NOWHERE)),
            What::Array(at) => {
                let made = index(self.bound.arrays.len());
                self.plain.insert(what, Act::Array(made));
                self.bound.arrays.push(BoundArray::new(at));
                let (first, item) = self.items_unwanted(at);
                self.set_items(made, first, item);
                Act::Array(made)
            }
            What::Choice(at) => {
                let made = index(self.bound.choices.len());
                self.plain.insert(what, Act::Choice(made));
                self.bound.choices.push(BoundChoice { layout: at, trials: Vec::new(), objects: Vec::new() });
                let choice = self.choice(at, |binder, object| binder.object(object, None, NOWHERE));
                if let Some(it) = self.bound.choices.get_mut(made as usize) {
                    *it = choice;
                }
                Act::Choice(made)
            }
            What::Mixed(at) => {
                let made = index(self.bound.mixed.len());
                self.plain.insert(what, Act::Mixed(made));
                let (text, number, yes_no, object, array) = (None, None, None, None, None);
                self.bound.mixed.push(BoundMixed { text, number, yes_no, object, array });
                let mixed = self.layout.mixed.get(at as usize).copied().unwrap_or_default();
                let bound = BoundMixed {
                    text: mixed.text.map(|it| self.unwanted(it)),
                    number: mixed.number.map(|it| self.unwanted(it)),
                    yes_no: mixed.yes_no.map(|it| self.unwanted(it)),
                    object: mixed.object.map(|it| self.unwanted(it)),
                    array: mixed.array.map(|it| self.unwanted(it)),
                };
                if let Some(it) = self.bound.mixed.get_mut(made as usize) {
                    *it = bound;
                }
                Act::Mixed(made)
            }
        }
    }

    fn object(&mut self, at: u32, wish: Option<(&Wish, FieldId)>, presence: Place) -> u32 {
        static NOTHING: Object = Object {
            members: Vec::new(),
            additional: Value { what: What::Any, nullable: true },
            is_reported: false,
            fewest: 0,
            most: None,
            dependents: Vec::new(),
            content: None,
        };
        let layout = self.layout.objects.get(at as usize).unwrap_or(&NOTHING);
        let made = index(self.bound.objects.len());
        if wish.is_none() {
            self.plain.insert(What::Object(at), Act::Object(made));
        }
        self.bound.objects.push(BoundObject::new(at, layout, presence));
        if let Some((_, field)) = wish {
            self.open.push(Step { object: made, field, member: 0 });
        }
        let mut actions = Vec::new();
        for (number, member) in (0..).zip(&layout.members) {
            if let Some(step) = self.open.last_mut().filter(|_| wish.is_some()) {
                step.member = number;
            }
            let found = wish.and_then(|(wish, field)| match member.field {
                Field::Nothing => None,
                Field::Member(at) => Some((wish.children.get(&at)?.clone(), self.schema.nth(field, at))),
                Field::Own => {
                    let values = wish.wants.iter().filter(|(_, want)| *want == Want::Value).copied().collect();
                    Some((Wish { wants: values, ..Wish::default() }, field))
                }
            });
            actions.push(match (found, member.value.what) {
                (Some((wish, field)), What::Array(at)) if self.schema.repeats(field) => {
                    let act = Act::Array(self.repeat(at, &wish, field));
                    Action { act, nullable: member.value.nullable, slot: NOWHERE }
                }
                (Some((wish, field)), _) => self.value(member.value, Some(&wish), field),
                (None, _) => self.value(member.value, None, Schema::ROOT),
            });
        }
        let additional = self.value(layout.additional, None, Schema::ROOT);
        if wish.is_some() {
            self.open.pop();
        }
        if let Some(object) = self.bound.objects.get_mut(made as usize) {
            object.additional = additional;
            for (entry, action) in object.entries.iter_mut().zip(actions) {
                entry.action = action;
                if let Act::Text(rule) = action.act {
                    entry.sure = self.layout.texts.get(rule as usize).map_or((1, 0), TextRule::sure);
                }
            }
        }
        made
    }

    fn has_own_value(&self, what: What) -> bool {
        let What::Object(at) = what else { return false };
        let object = self.layout.objects.get(at as usize);
        object.is_some_and(|it| it.members.iter().any(|it| it.field == Field::Own))
    }

    /// An array that is a repeat: what is wanted of each item, and where the items are counted.
    fn repeat(&mut self, at: u32, wish: &Wish, field: FieldId) -> u32 {
        let made = index(self.bound.arrays.len());
        self.bound.arrays.push(BoundArray::new(at));
        let rows = wish.wants.iter().find_map(|(place, want)| match want {
            Want::Rows(arena) => Some((*arena, *place)),
            _ => None,
        });
        let rows = rows.or((wish.level > 0).then_some((u16::from(wish.level), NOWHERE)));
        let arena = rows.map_or(u16::MAX, |(arena, _)| arena);
        let mut of_item = Wish { children: wish.children.clone(), ..Wish::default() };
        let (mut list, mut presence) = (NOWHERE, NOWHERE);
        for (place, want) in &wish.wants {
            match want {
                Want::Presence if place.arena != arena => presence = *place,
                Want::Value if rows.is_none() => {
                    list = *place;
                    of_item.wants.push((*place, *want));
                }
                Want::Presence | Want::Value => of_item.wants.push((*place, *want)),
                Want::Rows(_) => {}
            }
        }
        let above = (wish.level > 0).then(|| std::mem::take(&mut self.open));
        let item = self.layout.arrays.get(at as usize).map_or(Value::default(), |it| it.item);
        let item = self.value(item, Some(&of_item), field);
        if let Some(above) = above {
            let level = usize::from(wish.level);
            if let Some(it) = self.bound.levels.get_mut(level - 1) {
                it.open.clone_from(&above);
                it.array = made;
            }
            if let Some(it) = self.bound.levels.get_mut(level) {
                it.action = item;
            }
            self.open = above;
        }
        if let Some(it) = self.bound.arrays.get_mut(made as usize) {
            *it = BoundArray { item, rows, list, presence, level: wish.level, ..BoundArray::new(at) };
        }
        made
    }

    /// An array that is a group: its positions, or its items under the name `[]`.
    fn nested(&mut self, at: u32, wish: &Wish, field: FieldId) -> u32 {
        let layout = self.layout;
        let Some(array) = layout.arrays.get(at as usize) else { return 0 };
        let rest = index(array.first.len());
        let nothing = Wish::default();
        let made = if array.is_tuple && !array.has_rest {
            self.bound.arrays.push(BoundArray::new(at));
            let item = self.value(array.item, None, Schema::ROOT);
            let made = index(self.bound.arrays.len() - 1);
            self.set_items(made, Vec::new(), item);
            made
        } else {
            self.repeat(at, wish.children.get(&rest).unwrap_or(&nothing), self.schema.nth(field, rest))
        };
        let first =
            (0..).zip(&array.first).map(|(at, value)| self.value(*value, wish.children.get(&at), self.schema.nth(field, at)));
        let first = first.collect();
        if let Some(it) = self.bound.arrays.get_mut(made as usize) {
            it.first = first;
        }
        made
    }

    fn items_unwanted(&mut self, at: u32) -> (Vec<Action>, Action) {
        let layout = self.layout;
        let array = layout.arrays.get(at as usize);
        let first = array.iter().flat_map(|it| &it.first).map(|it| self.value(*it, None, Schema::ROOT)).collect();
        let item = array.map_or(Value::default(), |it| it.item);
        (first, self.value(item, None, Schema::ROOT))
    }

    fn set_items(&mut self, array: u32, first: Vec<Action>, item: Action) {
        if let Some(it) = self.bound.arrays.get_mut(array as usize) {
            it.first = first;
            it.item = item;
        }
    }
}

/// The members of a choice of one; `None` for every other content.
fn one_of(content: &Particle) -> Option<u64> {
    let Particle::Choice(parts, Occurs { max: Some(1), .. }) = content else { return None };
    let bit = |it: &Particle| match it {
        Particle::Member(at @ 0..64) => Some(1 << at),
        _ => None,
    };
    parts.iter().try_fold(0, |bits, it| Some(bits | bit(it)?)).filter(|it| *it != 0)
}

impl BoundArray {
    fn new(layout: u32) -> Self {
        let item = Action { act: Act::Skip, nullable: false, slot: NOWHERE };
        let (first, rows) = (Vec::new(), None);
        BoundArray { layout, first, item, rows, list: NOWHERE, presence: NOWHERE, level: 0 }
    }
}

/// Members of an object together with the names that are learned: one bit each.
const ENTRIES_MAX: usize = 64;

impl BoundObject {
    fn new(at: u32, layout: &Object, presence: Place) -> Self {
        let is_wide = layout.members.len() > 64;
        let one_of = layout.content.as_ref().map_or(Some(0), one_of);
        let mut made = BoundObject {
            layout: at,
            entries: Vec::new(),
            known: layout.members.len(),
            first: 0,
            required: 0,
            is_wide,
            one_of: one_of.unwrap_or(0),
            // `required` has no bits for members beyond 64, and what was noted of them must be forgotten at the end.
            is_special: is_wide
                || layout.fewest > 0
                || layout.most.is_some()
                || !layout.dependents.is_empty()
                || one_of.is_none(),
            additional: Action { act: Act::Skip, nullable: true, slot: NOWHERE },
            index: Vec::new(),
            presence,
        };
        let size = (layout.members.len() + ENTRIES_MAX).next_power_of_two() * 2;
        made.index = vec![0; size];
        for (at, member) in layout.members.iter().enumerate() {
            made.add(member.name.as_bytes());
            if member.required && at < 64 {
                made.required |= 1 << at;
            }
        }
        made
    }

    /// Whether members that were seen are all that is asked for; `false` where it is asked in another way, too.
    #[inline(always)]
    pub(crate) fn is_surely_satisfied(&self, seen: u64) -> bool {
        let has_one = self.one_of == 0 || (seen & self.one_of).is_power_of_two();
        self.required & !seen == 0 && has_one && !self.is_special
    }

    /// Adds a name. The member behind it is expected to be the next of the table.
    fn add(&mut self, name: &[u8]) -> usize {
        let number = self.entries.len();
        let mut text = vec![b'"'];
        crate::escape::escape(name, &mut text);
        text.extend_from_slice(b"\":");
        let mut bytes = [0; 32];
        for (to, byte) in bytes.iter_mut().zip(&text) {
            *to = *byte;
        }
        let (first, second) = bytes.split_at(16);
        let half = |it: &[u8]| u8x16::new(it.first_chunk().copied().unwrap_or_default());
        let (literal, length) = ([half(first), half(second)], index(text.len()));
        // A name that is too long for a literal is always looked up: no byte is equal to all bits beyond sixteen.
        let mask = match length {
            0..32 => [0xFFFF & ((1 << length) - 1), ((1 << length) - 1) >> 16],
            32 => [0xFFFF; 2],
            _ => [u32::MAX; 2],
        };
        let action = Action { act: Act::Skip, nullable: true, slot: NOWHERE };
        let next = index(number + 1);
        let sure = (1, 0);
        self.entries.push(Entry { literal, mask, length, sure, next, name: name.into(), action });
        let mut at = self.bucket(name);
        while self.index.get(at).is_some_and(|it| *it != 0) {
            at = (at + 1) & (self.index.len() - 1);
        }
        if let Some(it) = self.index.get_mut(at) {
            *it = next;
        }
        number
    }

    /// Learns a name that the schema does not have, if it is short and there is room.
    pub(crate) fn learn(&mut self, name: &[u8]) -> Option<usize> {
        let has_room = self.entries.len() < ENTRIES_MAX;
        if !has_room || self.is_wide || name.len() > 29 {
            return None;
        }
        Some(self.add(name))
    }

    /// Notes that a member came behind another, or first.
    pub(crate) fn expect(&mut self, last: u32, number: usize) {
        match self.entries.get_mut(last as usize) {
            Some(entry) => entry.next = index(number),
            None => self.first = index(number),
        }
    }

    fn bucket(&self, name: &[u8]) -> usize {
        let hash = name
            .iter()
            .fold(name.len() as u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23));
        // The low bits are all that count, and `index` has a power of two of places.
        #[expect(clippy::cast_possible_truncation, reason = "the high bits are masked away")]
        let hash = hash as usize;
        hash & (self.index.len() - 1)
    }

    /// The number of a name.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        let mut at = self.bucket(name);
        loop {
            let number = (self.index.get(at).copied()? as usize).checked_sub(1)?;
            if self.entries.get(number).is_some_and(|it| *it.name == *name) {
                return Some(number);
            }
            at = (at + 1) & (self.index.len() - 1);
        }
    }

    /// The member whose name and colon stand here, if it is the expected one or one of the two behind it.
    #[inline(always)]
    pub(crate) fn predicted(&self, text: &[u8], at: usize, expected: u32) -> Option<(u32, &Entry)> {
        let rest = text.get(at..)?;
        let chunk = u8x16::new(*rest.first_chunk()?);
        let entry = self.entries.get(expected as usize)?;
        if entry.is_here(chunk, rest) { Some((expected, entry)) } else { self.predicted_behind(rest, entry.next) }
    }

    #[inline(never)]
    fn predicted_behind(&self, rest: &[u8], mut number: u32) -> Option<(u32, &Entry)> {
        let chunk = u8x16::new(*rest.first_chunk()?);
        for _ in 0..2 {
            let entry = self.entries.get(number as usize)?;
            if entry.is_here(chunk, rest) {
                return Some((number, entry));
            }
            number = entry.next;
        }
        None
    }
}

impl Entry {
    /// Whether the name and its colon stand here; the chunk is the first of it.
    #[inline(always)]
    fn is_here(&self, chunk: u8x16, rest: &[u8]) -> bool {
        let ([first, second], [mask, second_mask]) = (self.literal, self.mask);
        let is_same = |chunk: u8x16, literal: u8x16, mask: u32| chunk.simd_eq(literal).to_bitmask() & mask == mask;
        is_same(chunk, first, mask)
            && (self.length <= 16 || scan::chunk(rest, 16).is_some_and(|it| is_same(u8x16::new(*it), second, second_mask)))
    }
}
