//! What may stand where: a schema as flat tables, which the decoder runs over and the encoder asks for brackets.
//!
//! **Invariant:** a table holds indexes, never paths: a type within itself costs nothing.

use crate::{
    rule::{NumberRule, TextRule},
    scan,
};
use latimer_engine::{Decimal, Number, Particle, TypeId};

/// All tables of one schema.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The whole message.
    pub(crate) root: Value,
    pub(crate) texts: Vec<TextRule>,
    pub(crate) numbers: Vec<NumberRule>,
    /// How many bytes a hexadecimal text may spell.
    pub(crate) bytes: Vec<(u32, u32)>,
    pub(crate) objects: Vec<Object>,
    pub(crate) arrays: Vec<Array>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) mixed: Vec<Mixed>,
    /// By type: how a group is written.
    pub(crate) brackets: Vec<Brackets>,
    /// Whether this is the plain form of another format: numbers may be texts, bytes are hex, raw bytes are objects.
    pub(crate) plain: bool,
}

/// What may stand in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) what: What,
    /// Whether null may stand for it.
    pub(crate) nullable: bool,
}

/// What may stand in one place, null apart. Numbers are indexes into the tables of [`Layout`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// Anything that is JSON.
    #[default]
    Any,
    /// Nothing: the place must stay empty.
    Never,
    Text(u32),
    Number(u32),
    /// `true`, `false`: which of them.
    YesNo(bool, bool),
    Object(u32),
    /// An object that must be one of several.
    Choice(u32),
    Array(u32),
    /// Values of several JSON types.
    Mixed(u32),
    /// A text of hexadecimal digits; of the plain form.
    Bytes(u32),
    /// `{"$xml":".."}` or a text; of the plain form.
    Xml,
}

/// The members of an object.
#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) members: Vec<Member>,
    /// What members without an entry must be.
    pub(crate) additional: Value,
    /// Whether such members are worth a remark.
    pub(crate) is_reported: bool,
    pub(crate) fewest: u32,
    pub(crate) most: Option<u32>,
    /// Members that, when there, need others.
    pub(crate) dependents: Vec<(u32, Vec<u32>)>,
    /// Which members may stand together, where `required` does not say it all; of the plain form.
    pub(crate) content: Option<Particle>,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) field: Field,
    pub(crate) required: bool,
    /// Whether the object's content model can do without it where it names it.
    pub(crate) is_optional: bool,
}

/// Which field of the group a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// None.
    Nothing,
    /// The member of the type by its index.
    Member(u32),
    /// The leaf itself, whose object also holds its attributes.
    Own,
}

/// The items of an array.
#[derive(Debug, Default)]
pub(crate) struct Array {
    /// The first items, each of its own kind; they are the first members of their group.
    pub(crate) first: Vec<Value>,
    /// The others.
    pub(crate) item: Value,
    /// Whether this is a group of positions and not a repeat.
    pub(crate) is_tuple: bool,
    /// Whether items of a tuple behind its positions are a field, the member behind the positions.
    pub(crate) has_rest: bool,
    pub(crate) fewest: u32,
    pub(crate) most: Option<u32>,
}

/// An object that must be one of several, told apart before it is read.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// The members that are looked at.
    pub(crate) facts: Vec<String>,
    pub(crate) decisions: Vec<Decision>,
    /// What is read, by what was decided: decision and alternative.
    pub(crate) outcomes: Vec<(Vec<(u32, u32)>, u32)>,
}

/// One `oneOf`, `anyOf`, `if` or `dependentSchemas`.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) rule: Rule,
    /// Only where an earlier decision took this alternative.
    pub(crate) after: Option<(u32, u32)>,
    pub(crate) alternatives: Vec<Alternative>,
}

/// How alternatives are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Exactly one holds.
    One,
    /// At least one holds.
    Any,
    /// The first one if its condition holds, else the second.
    If,
}

/// One alternative.
#[derive(Debug)]
pub(crate) struct Alternative {
    /// What must hold for it; of an `if`, exactly when it is taken.
    pub(crate) condition: Condition,
    /// All of it, for objects that satisfy the conditions of several.
    pub(crate) trial: Value,
}

/// What is asked of the members of an object, by their numbers among the facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Condition {
    /// These are there.
    pub(crate) present: Vec<u32>,
    /// If they are there, these have one of the values.
    pub(crate) codes: Vec<(u32, Vec<Code>)>,
}

/// A value of `enum` or `const`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Code {
    Null,
    YesNo(bool),
    Number(Decimal),
    Text(String),
}

/// What is allowed of each JSON type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mixed {
    pub(crate) text: Option<What>,
    pub(crate) number: Option<What>,
    pub(crate) yes_no: Option<What>,
    pub(crate) object: Option<What>,
    pub(crate) array: Option<What>,
}

/// How a group is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brackets {
    pub(crate) shape: BracketShape,
    /// By member: how its array is written.
    pub(crate) arrays: Vec<ArrayStyle>,
}

/// How an array is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ArrayStyle {
    /// Whether it is written when it is empty.
    pub(crate) writes_empty: bool,
    /// Whether an item without a value is null.
    pub(crate) null_items: bool,
}

/// How a group is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BracketShape {
    /// `{"name":..}`.
    #[default]
    Object,
    /// `[..]`, the only member being the repeat in it.
    Array,
    /// `[..]`, the members being its positions.
    Tuple,
}

impl Layout {
    pub(crate) fn text(&mut self, rule: TextRule) -> What {
        self.texts.push(rule);
        What::Text(index(self.texts.len() - 1))
    }

    /// Whether a text satisfies a rule. Aside, since most lengths say so at once.
    #[inline(never)]
    pub(crate) fn allows(&self, rule: u32, text: &[u8]) -> bool {
        self.texts.get(rule as usize).is_some_and(|it| it.allows(text))
    }

    /// The end of the number at a place, if it satisfies a rule as it stands.
    #[inline]
    pub(crate) fn number_here(&self, text: &[u8], at: usize, rule: u32) -> Option<usize> {
        let found = scan::number(text, at).ok().filter(|it| !it.has_exponent)?;
        let is_allowed = self.numbers.get(rule as usize)?.allows(scan::slice(text, at, found.end), found.whole);
        is_allowed.then_some(found.end)
    }

    pub(crate) fn number(&mut self, number: Number) -> What {
        self.numbers.push(NumberRule::new(number));
        What::Number(index(self.numbers.len() - 1))
    }

    pub(crate) fn brackets_of(&self, kind: TypeId) -> BracketShape {
        self.brackets.get(kind.0 as usize).map_or(BracketShape::Object, |it| it.shape)
    }

    /// How the array of a member is written.
    pub(crate) fn array_style(&self, owner: TypeId, member: u32) -> ArrayStyle {
        let brackets = self.brackets.get(owner.0 as usize);
        brackets.and_then(|it| it.arrays.get(member as usize)).copied().unwrap_or_default()
    }
}

/// An index of a table, which never has 2^32 rows: schemas are limited in bytes.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
