//! What a message contains: names, types and repetition, the shape that all formats share.
//!
//! **Invariant:** a schema says nothing about bytes. How a format writes these fields (offsets, bitmaps, namespaces) is
//! the private business of its [`Codec`](crate::Codec).

use crate::Decimal;
use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, PoisonError, RwLock},
};

/// A field of a [`Schema`]: one path from the root. Made when first asked for, so that recursion and messages of
/// 8,000 paths cost nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u32);

/// A type of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// Types and their members, each once.
#[derive(Debug)]
pub struct Schema {
    /// The file, as messages show it: `pacs.008.001.08.xsd`.
    pub name: String,
    types: Vec<TypeDef>,
    root: TypeId,
    fields: RwLock<Fields>,
}

#[derive(Debug)]
struct Fields {
    nodes: Vec<Node>,
    known: HashMap<(FieldId, u32), FieldId>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: FieldId,
    /// The type that has this member, and which one it is.
    owner: TypeId,
    member: u32,
    kind: TypeId,
}

/// One type.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// As the schema calls it, or how it is written there: `Max35Text`, `PIC X(35)`, `uuid`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The fields in it, in the order of the schema; of a leaf, its attributes.
    pub members: Vec<Member>,
    /// How the members (attributes apart) may follow each other. A leaf has the empty sequence.
    pub content: Particle,
}

/// What a field holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Other fields.
    Group,
    /// Other fields, one of them at a time.
    Choice,
    /// A value.
    Leaf(Box<Type>),
    /// Whatever the sender likes: only `raw` and `ignore` may use it.
    Any,
}

/// A field within a type.
#[derive(Clone, Debug)]
pub struct Member {
    /// As the partner writes it; an attribute's begins with `@`.
    pub name: String,
    /// Its type.
    pub kind: TypeId,
    /// How often it stands in its group.
    pub occurs: Occurs,
    /// Whether it is a repeat, even if it occurs once at most (an array of one, `OCCURS 1`).
    pub repeats: bool,
    /// Whether a null may stand for the value.
    pub nullable: bool,
    /// Whether its value may be printed.
    pub secrecy: Secrecy,
    /// Whether the engine writes it by itself (the counter of an `OCCURS .. DEPENDING ON`).
    pub kept_by_engine: bool,
    /// Whether only the plain JSON form sees it (`FILLER`): no mapping can name it, and none must.
    pub filler: bool,
}

/// How often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurs {
    /// At least.
    pub min: u32,
    /// At most; `None` without a limit.
    pub max: Option<u32>,
}

/// How members may follow each other; numbers are indexes into [`TypeDef::members`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Particle {
    /// A member, as often as it says itself.
    Member(u32),
    /// All, in this order.
    Sequence(Vec<Particle>, Occurs),
    /// One.
    Choice(Vec<Particle>, Occurs),
    /// All, in any order.
    All(Vec<Particle>),
}

/// Whether a value may appear in a log, a fault or a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It never may.
    Secret,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Characters.
    Text(Text),
    /// A number.
    Number(Number),
    /// A number with a currency, which stands in the child `@Ccy`.
    Amount(Number),
    /// Bytes that are no text; their least and greatest number.
    Bytes(u32, Option<u32>),
    /// True or false.
    YesNo,
    /// A calendar day, `2026-03-02`.
    Date,
    /// A time of day, `09:15:00`.
    Time,
    /// A day and a time, with a zone or without, as the value says.
    DateTime,
    /// A point in time: a date-time that always has a zone.
    Instant,
}

/// What a text may be. All of it holds at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The fewest characters (Unicode scalar values).
    pub min: u32,
    /// The most.
    pub max: Option<u32>,
    /// The only values there are, if not empty: an enumeration, the conditions of level 88.
    pub codes: Vec<String>,
    /// Regular expressions in the syntax of the `regex` crate; the whole text must match each.
    pub patterns: Vec<String>,
    /// Total digits and decimals of the number that the text spells (`x-decimal`).
    pub decimal: Option<(u32, u32)>,
    /// The characters that can be written, if not all of Unicode.
    pub repertoire: Option<Arc<Repertoire>>,
}

/// What a number may be. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Number {
    /// The most digits before the point.
    pub integer_max: Option<u32>,
    /// The most digits after the point.
    pub decimals_max: Option<u32>,
    /// The most digits in all, if that is less than the two together.
    pub digits_max: Option<u32>,
    /// Whether it may be negative.
    pub signed: bool,
    /// The least value, and whether that value itself is allowed.
    pub least: Option<(Decimal, bool)>,
    /// The greatest value, and whether that value itself is allowed.
    pub greatest: Option<(Decimal, bool)>,
    /// Every value is a multiple of this.
    pub multiple_of: Option<Decimal>,
    /// The only values there are, if not empty.
    pub codes: Vec<Decimal>,
}

/// The characters of a code page.
#[derive(Debug, PartialEq, Eq)]
pub struct Repertoire {
    /// `EBCDIC`, `ASCII`.
    pub name: String,
    characters: Vec<char>,
}

impl Repertoire {
    /// From all its characters.
    pub fn new(name: impl Into<String>, characters: impl IntoIterator<Item = char>) -> Self {
        let mut characters: Vec<char> = characters.into_iter().collect();
        characters.sort_unstable();
        characters.dedup();
        Repertoire { name: name.into(), characters }
    }

    /// Whether it has the character.
    pub fn has(&self, character: char) -> bool {
        self.characters.binary_search(&character).is_ok()
    }
}

impl Occurs {
    /// Exactly once.
    pub const ONCE: Occurs = Occurs { min: 1, max: Some(1) };
    /// At most once.
    pub const OPTIONAL: Occurs = Occurs { min: 0, max: Some(1) };

    /// Whether so many are too many.
    pub fn exceeded_by(self, count: u64) -> bool {
        self.max.is_some_and(|max| count > u64::from(max))
    }
}

impl Member {
    /// A field that stands exactly once.
    pub fn once(name: impl Into<String>, kind: TypeId) -> Self {
        let (repeats, nullable, kept_by_engine, filler) = (false, false, false, false);
        Member {
            name: name.into(),
            kind,
            occurs: Occurs::ONCE,
            repeats,
            nullable,
            secrecy: Secrecy::Open,
            kept_by_engine,
            filler,
        }
    }

    /// A field that occurs so often; more than once makes it a repeat.
    pub fn occurring(name: impl Into<String>, kind: TypeId, occurs: Occurs) -> Self {
        Member { occurs, repeats: occurs.max != Some(1), ..Member::once(name, kind) }
    }

    /// Whether it is an attribute.
    pub fn is_attribute(&self) -> bool {
        self.name.starts_with('@')
    }
}

impl TypeDef {
    /// A value without attributes.
    pub fn leaf(name: impl Into<String>, kind: Type) -> Self {
        let content = Particle::Sequence(Vec::new(), Occurs::ONCE);
        TypeDef { name: name.into(), kind: Kind::Leaf(Box::new(kind)), members: Vec::new(), content }
    }

    /// A group whose members stand in this order.
    pub fn sequence(name: impl Into<String>, members: Vec<Member>) -> Self {
        let content = Particle::Sequence(Particle::each(&members), Occurs::ONCE);
        TypeDef { name: name.into(), kind: Kind::Group, members, content }
    }

    /// A group whose members stand in any order.
    pub fn all(name: impl Into<String>, members: Vec<Member>) -> Self {
        let content = Particle::All(Particle::each(&members));
        TypeDef { name: name.into(), kind: Kind::Group, members, content }
    }

    /// A group that has one of its members at a time.
    pub fn choice(name: impl Into<String>, members: Vec<Member>) -> Self {
        let content = Particle::Choice(Particle::each(&members), Occurs::ONCE);
        TypeDef { name: name.into(), kind: Kind::Choice, members, content }
    }

    /// The index of a member.
    pub fn member(&self, name: &str) -> Option<u32> {
        let at = self.members.iter().position(|it| it.name == name)?;
        u32::try_from(at).ok()
    }
}

impl Particle {
    /// One particle for each member that is not an attribute.
    pub fn each(members: &[Member]) -> Vec<Particle> {
        let elements = (0..).zip(members).filter(|(_, it)| !it.is_attribute());
        elements.map(|(at, _)| Particle::Member(at)).collect()
    }
}

impl Schema {
    /// A schema with these types; the members of `root` are what a message may begin with: the global elements of an
    /// XSD, the level 01 items of a copybook, the members of a JSON object.
    pub fn new(name: impl Into<String>, types: Vec<TypeDef>, root: TypeId) -> Self {
        let top = Node { parent: FieldId(0), owner: root, member: u32::MAX, kind: root };
        let fields = RwLock::new(Fields { nodes: vec![top], known: HashMap::new() });
        Schema { name: name.into(), types, root, fields }
    }

    /// The field that holds the whole message.
    pub const ROOT: FieldId = FieldId(0);

    /// The type of the whole message.
    pub fn root_type(&self) -> TypeId {
        self.root
    }

    /// Every type.
    pub fn types(&self) -> &[TypeDef] {
        &self.types
    }

    /// A type.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        static NOTHING: TypeDef =
            TypeDef { name: String::new(), kind: Kind::Any, members: Vec::new(), content: Particle::All(Vec::new()) };
        self.types.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    fn node(&self, field: FieldId) -> Node {
        let fields = self.fields.read().unwrap_or_else(PoisonError::into_inner);
        let none = Node { parent: FieldId(0), owner: TypeId(u32::MAX), member: u32::MAX, kind: TypeId(u32::MAX) };
        fields.nodes.get(field.0 as usize).copied().unwrap_or(none)
    }

    /// The type of a field.
    pub fn type_of(&self, field: FieldId) -> &TypeDef {
        self.type_def(self.node(field).kind)
    }

    /// The id of the type of a field.
    pub fn type_id(&self, field: FieldId) -> TypeId {
        self.node(field).kind
    }

    /// The group a field is in; the root has none.
    pub fn parent(&self, field: FieldId) -> Option<FieldId> {
        (field != Schema::ROOT).then(|| self.node(field).parent)
    }

    /// A field as its group describes it; the root has no such description.
    pub fn member(&self, field: FieldId) -> Option<&Member> {
        let node = self.node(field);
        self.type_def(node.owner).members.get(node.member as usize)
    }

    /// The index of a field in its group.
    pub fn member_index(&self, field: FieldId) -> Option<u32> {
        (field != Schema::ROOT).then(|| self.node(field).member)
    }

    /// The last name of a field's path.
    pub fn name_of(&self, field: FieldId) -> &str {
        self.member(field).map_or("", |it| &it.name)
    }

    /// The field of this name within another.
    pub fn child(&self, field: FieldId, name: &str) -> Option<FieldId> {
        Some(self.nth(field, self.type_of(field).member(name)?))
    }

    /// The fields within another, attributes too.
    pub fn children(&self, field: FieldId) -> Vec<FieldId> {
        let count = u32::try_from(self.type_of(field).members.len()).unwrap_or(0);
        (0..count).map(|member| self.nth(field, member)).collect()
    }

    /// The field of this index within another; the index must be one of the type's.
    pub fn nth(&self, field: FieldId, member: u32) -> FieldId {
        {
            let fields = self.fields.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = fields.known.get(&(field, member)) {
                return *known;
            }
        }
        let owner = self.node(field).kind;
        let kind = self.type_def(owner).members.get(member as usize).map_or(TypeId(u32::MAX), |it| it.kind);
        let mut fields = self.fields.write().unwrap_or_else(PoisonError::into_inner);
        let Fields { nodes, known } = &mut *fields;
        *known.entry((field, member)).or_insert_with(|| {
            nodes.push(Node { parent: field, owner, member, kind });
            FieldId(u32::try_from(nodes.len() - 1).unwrap_or(u32::MAX))
        })
    }

    /// The field of a path from the root, without indexes: `Document/CstmrCdtTrfInitn/GrpHdr`.
    pub fn find(&self, path: &str) -> Option<FieldId> {
        let names = path.split('/').filter(|it| !it.is_empty());
        names.into_iter().try_fold(Schema::ROOT, |field, name| self.child(field, name))
    }

    /// The fields from the root to this one, the root left out.
    pub fn line(&self, field: FieldId) -> Vec<FieldId> {
        let mut line = Vec::new();
        let mut at = field;
        while let Some(parent) = self.parent(at) {
            line.push(at);
            at = parent;
        }
        line.reverse();
        line
    }

    /// The path from the root, without indexes.
    pub fn path(&self, field: FieldId) -> String {
        let names: Vec<_> = self.line(field).into_iter().map(|it| self.name_of(it)).collect();
        names.join("/")
    }

    /// The path from the root, with the numbers of the repeats it goes through, outermost first; 0 is unknown.
    pub fn path_with(&self, field: FieldId, rows: &[u32]) -> String {
        let mut path = String::new();
        let mut rows = rows.iter();
        for at in self.line(field) {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(self.name_of(at));
            if self.repeats(at)
                && let Some(row) = rows.next().filter(|it| **it > 0)
            {
                let _ = write!(path, "[{row}]");
            }
        }
        path
    }

    /// Whether a field is a repeat.
    pub fn repeats(&self, field: FieldId) -> bool {
        self.member(field).is_some_and(|it| it.repeats)
    }

    /// Whether one field is, or stands within, another.
    pub fn is_within(&self, field: FieldId, group: FieldId) -> bool {
        let mut at = Some(field);
        while let Some(field) = at {
            if field == group {
                return true;
            }
            at = self.parent(field);
        }
        false
    }

    /// Every place where a name stands, breadth first, at most so many; a type within itself is not entered again.
    pub fn places(&self, name: &str, most: usize) -> Vec<FieldId> {
        let mut found = Vec::new();
        self.walk(|field| {
            if self.name_of(field) == name {
                found.push(field);
            }
            found.len() < most
        });
        found
    }

    /// Visits every path breadth first until `visit` says no; a type within itself is not entered again.
    pub fn walk(&self, mut visit: impl FnMut(FieldId) -> bool) {
        let mut queue = std::collections::VecDeque::from([Schema::ROOT]);
        while let Some(field) = queue.pop_front() {
            for child in self.children(field) {
                if !visit(child) {
                    return;
                }
                let kind = self.type_id(child);
                let mut above = Some(field);
                let mut recursive = false;
                while let Some(at) = above {
                    recursive |= self.type_id(at) == kind;
                    above = self.parent(at);
                }
                if !recursive && !self.type_def(kind).members.is_empty() {
                    queue.push_back(child);
                }
            }
        }
    }
}

impl Type {
    /// In words: `text, up to 35 characters`, `number, up to 11 digits before the point, 2 decimals`.
    pub fn describe(&self) -> String {
        match self {
            Type::Text(text) => text.describe(),
            Type::Number(number) => format!("number{}", number.describe()),
            Type::Amount(number) => format!("amount with currency{}", number.describe()),
            Type::Bytes(..) => "bytes".to_owned(),
            Type::YesNo => "true or false".to_owned(),
            Type::Date => "date".to_owned(),
            Type::Time => "time".to_owned(),
            Type::DateTime => "date-time".to_owned(),
            Type::Instant => "point in time".to_owned(),
        }
    }
}

impl Text {
    fn describe(&self) -> String {
        match (self.codes.as_slice(), self.max) {
            ([], None) => "text of any length".to_owned(),
            ([], Some(max)) => format!("text, up to {max} characters"),
            ([one], _) => format!("always {one}"),
            (codes, _) => format!("one of {}", codes.join(", ")),
        }
    }

    /// Whether the empty text is one of these, so that a value may be there and say nothing.
    pub fn may_be_blank(&self) -> bool {
        self.min == 0 && self.codes.is_empty() && self.patterns.is_empty()
    }
}

impl Number {
    /// Whole numbers of so many digits.
    pub fn integer(digits: u32, signed: bool) -> Self {
        Number { integer_max: Some(digits), decimals_max: Some(0), signed, ..Number::default() }
    }

    fn describe(&self) -> String {
        match (self.integer_max, self.decimals_max) {
            (None, None) => " of any size".to_owned(),
            (Some(whole), Some(0)) => format!(", up to {whole} digits"),
            (Some(whole), Some(decimals)) => {
                format!(", up to {whole} digits before the point, {decimals} decimals")
            }
            (Some(whole), None) => format!(", up to {whole} digits before the point"),
            (None, Some(0)) => ", whole, of any size".to_owned(),
            (None, Some(decimals)) => format!(", {decimals} decimals"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type that contains itself: Party { Name, Agent: Party* }.
    fn recursive() -> Schema {
        let name = TypeDef::leaf("Max35Text", Type::Text(Text { min: 1, max: Some(35), ..Text::default() }));
        let many = Occurs { min: 0, max: None };
        let party =
            TypeDef::sequence("Party", vec![Member::once("Name", TypeId(0)), Member::occurring("Agent", TypeId(1), many)]);
        Schema::new("party.xsd", vec![name, party], TypeId(1))
    }

    #[test]
    fn a_path_is_made_once() {
        let schema = recursive();
        let deep = schema.find("Agent/Agent/Agent/Name").unwrap();
        assert_eq!(schema.find("Agent/Agent/Agent/Name"), Some(deep));
        assert_eq!(schema.path(deep), "Agent/Agent/Agent/Name");
        assert_eq!(schema.path_with(deep, &[1, 2]), "Agent[1]/Agent[2]/Agent/Name");
        assert!(schema.is_within(deep, schema.find("Agent/Agent").unwrap()));
        assert_eq!(schema.find("Agent/Nam"), None);
    }

    #[test]
    fn walking_does_not_enter_a_type_within_itself() {
        let schema = recursive();
        let mut paths = Vec::new();
        schema.walk(|it| {
            paths.push(schema.path(it));
            true
        });
        assert_eq!(paths, ["Name", "Agent"]);
    }

    #[test]
    fn types_in_words() {
        let text = |codes: &[&str], max| {
            Type::Text(Text { max, codes: codes.iter().map(|it| (*it).to_owned()).collect(), ..Text::default() })
        };
        assert_eq!(text(&[], Some(35)).describe(), "text, up to 35 characters");
        assert_eq!(text(&["DEBT", "CRED"], None).describe(), "one of DEBT, CRED");
        let amount = Number { integer_max: Some(18), decimals_max: Some(5), digits_max: Some(18), ..Number::default() };
        assert_eq!(Type::Amount(amount).describe(), "amount with currency, up to 18 digits before the point, 5 decimals");
    }
}
