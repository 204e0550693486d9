//! A target's shape -> a straight list of what is written, each step with the text that leads up to it.
//!
//! ```text
//! {"id":..,"order":{"lines":[ .. ],"total":..}}
//! open `{`  value `"id":"`  open `"order":{`  | split `"lines":[` `]` |  value `"total":`  close `}`  close `}`
//! ```
//!
//! A comma stands before a step if something of the same object or array was written before; one bit of state says so. It is the
//! first byte of every lead, so that lead and comma are one copy.

use crate::{
    bind::NOWHERE,
    escape::{BLOCK, escape},
    layout::{ArrayStyle, BracketShape, Layout, index},
    rule,
};
use latimer_engine::{FieldId, Kind, Node, Place, Presence, Schema, Shape, Type};
use std::ops::Range;

/// What is written for one target.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    pub(crate) literals: Vec<u8>,
    /// Places that decide whether a group is written, where there are several.
    pub(crate) tests: Vec<Place>,
    /// By the number of the stream node.
    pub(crate) streams: Vec<Stream>,
    /// The message is one value that is written as it stands; absence is null.
    pub(crate) is_verbatim: bool,
}

/// The steps of one stream node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream {
    pub(crate) steps: Range<u32>,
    /// The stream node within it.
    pub(crate) split: Option<Split>,
}

/// Where a stream node stands in another.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    /// The step.
    pub(crate) at: u32,
    /// Its name and bracket.
    pub(crate) lead: Lead,
    /// Whether they are written when it is empty.
    pub(crate) writes_empty: bool,
    /// The conditions of the groups around it, outermost first.
    pub(crate) guards: Vec<u32>,
}

/// A stretch of [`Program::literals`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal {
    pub(crate) at: u32,
    pub(crate) length: u32,
}

/// A stretch of [`Program::literals`] that leads up to something: a comma, and the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    pub(crate) at: u32,
    pub(crate) length: u32,
}

impl Lead {
    /// The same without the bracket or quote at its end.
    pub(crate) fn without_last(self) -> Lead {
        Lead { length: self.length.saturating_sub(1), ..self }
    }
}

/// One step. `to` is the step behind those that belong to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// A comma if need be and the text, behind which nothing of the group has been written.
    Open(Lead),
    /// The text, behind which something has.
    Close(Literal),
    /// A comma if need be, and the text.
    Constant(Lead),
    /// The text alone.
    Text(Literal),
    /// A text if it is there; the lead has its opening quote.
    Quoted { lead: Lead, place: Place, field: FieldId },
    /// A value if it is there.
    Value { lead: Lead, place: Place, spelling: Spelling, field: FieldId },
    /// Passes over the steps unless one of the tests has a value.
    Unless { test: Place, others: u32, count: u16, to: u32 },
    /// Passes over the steps unless the slot says yes.
    UnlessYes { place: Place, to: u32 },
    /// The steps once for each row, between brackets.
    Rows { lead: Option<Lead>, place: Place, arena: u16, style: ArrayStyle, to: u32 },
    /// The positions of a tuple, each a step of its own with steps.
    Tuple { lead: Lead, to: u32 },
    /// A position.
    Position { nullable: bool, field: FieldId, to: u32 },
    /// Where the occurrences of a stream node stand.
    Split,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) kind: SpellingKind,
    /// The slot may be a list, which becomes an array.
    pub(crate) is_list: bool,
    /// The value stands in an object of its own: `{"$value":..}`.
    pub(crate) is_boxed: bool,
}

impl Spelling {
    /// Between quotes.
    pub(crate) const TEXT: Spelling = Spelling { kind: SpellingKind::Text, is_list: false, is_boxed: false };
    /// Without quotes.
    pub(crate) const NUMBER: Spelling = Spelling { kind: SpellingKind::Number, is_list: false, is_boxed: false };
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpellingKind {
    Text,
    Number,
    YesNo,
    Hex,
    /// The value is JSON.
    Json,
    /// `{"$xml":".."}`.
    Xml,
}

/// Compiles; `None` where the occurrences that stream do not stand in one place.
pub(crate) fn compile(layout: &Layout, schema: &Schema, shape: &Shape) -> Option<Program> {
    let mut compiler = Compiler { layout, schema, program: Program::default(), guards: Vec::new() };
    compiler.stream(Schema::ROOT, 0, &shape.nodes, b"\n")?;
    let is_open = !matches!(schema.type_of(Schema::ROOT).kind, Kind::Leaf(_));
    // Literals are copied in blocks: there are always so many bytes behind the start of one.
    compiler.program.literals.extend_from_slice(&[0; BLOCK]);
    compiler.program.is_verbatim = is_open && matches!(shape.nodes.as_slice(), [Node::Leaf(Schema::ROOT, _)]);
    Some(compiler.program)
}

struct Compiler<'a> {
    layout: &'a Layout,
    schema: &'a Schema,
    program: Program,
    /// The conditions of the groups that are open.
    guards: Vec<u32>,
}

impl Compiler<'_> {
    fn literal(&mut self, text: &[u8]) -> Literal {
        let at = index(self.program.literals.len());
        self.program.literals.extend_from_slice(text);
        Literal { at, length: index(text.len()) }
    }

    fn lead(&mut self, parts: &[&[u8]]) -> Lead {
        let Literal { at, length } = self.literal(&[b",", parts.concat().as_slice()].concat());
        Lead { at, length }
    }

    fn push(&mut self, op: Op) -> u32 {
        self.program.ops.push(op);
        index(self.program.ops.len() - 1)
    }

    fn here(&self) -> u32 {
        index(self.program.ops.len())
    }

    /// Ends the steps that belong to one.
    fn end(&mut self, at: u32) {
        let here = self.here();
        if let Some(
            Op::Unless { to, .. }
            | Op::UnlessYes { to, .. }
            | Op::Rows { to, .. }
            | Op::Tuple { to, .. }
            | Op::Position { to, .. },
        ) = self.program.ops.get_mut(at as usize)
        {
            *to = here;
        }
    }

    /// The steps of a stream node. Those within it come behind them.
    fn stream(&mut self, field: FieldId, number: u16, nodes: &[Node], behind: &[u8]) -> Option<()> {
        let guards = std::mem::take(&mut self.guards);
        let at = usize::from(number);
        if self.program.streams.len() <= at {
            self.program.streams.resize(at + 1, Stream::default());
        }
        let start = self.here();
        let inner = self.item(field, b"", nodes)?;
        let literal = self.literal(behind);
        self.push(Op::Text(literal));
        let end = self.here();
        let stream = self.program.streams.get_mut(at)?;
        stream.steps = start..end;
        if let Some(found) = inner {
            stream.split = Some(found.split);
            self.stream(found.field, found.number, found.nodes, b"")?;
        }
        self.guards = guards;
        Some(())
    }

    /// One occurrence of a field behind a text; nodes are what is in it, or the field again where it is a leaf.
    fn item<'n>(&mut self, field: FieldId, lead: &[u8], nodes: &'n [Node]) -> Option<Option<Inner<'n>>> {
        if let [Node::Group(again, Presence::Always, inner)] = nodes
            && *again == field
        {
            return self.item(field, lead, inner);
        }
        let def = self.schema.type_of(field);
        if let [only @ Node::Leaf(again, _)] = nodes
            && *again == field
            && matches!(def.kind, Kind::Group | Kind::Choice)
        {
            // All of it, as it stands.
            self.value(only, lead, false);
            return Some(None);
        }
        match &def.kind {
            Kind::Group | Kind::Choice => match self.layout.brackets_of(self.schema.type_id(field)) {
                BracketShape::Object => self.object(field, lead, nodes),
                BracketShape::Array => match nodes {
                    [only] => self.node(field, only, lead),
                    _ => {
                        let constant = self.lead(&[lead, b"[]"]);
                        self.push(Op::Constant(constant));
                        Some(None)
                    }
                },
                BracketShape::Tuple => self.tuple(field, lead, nodes),
            },
            Kind::Leaf(_) if !def.members.is_empty() => self.object(field, lead, nodes),
            Kind::Leaf(_) | Kind::Any => {
                if let [only] = nodes {
                    self.value(only, lead, false);
                }
                Some(None)
            }
        }
    }

    fn object<'n>(&mut self, field: FieldId, lead: &[u8], nodes: &'n [Node]) -> Option<Option<Inner<'n>>> {
        let lead = self.lead(&[lead, b"{"]);
        self.push(Op::Open(lead));
        let inner = self.members(field, nodes)?;
        let literal = self.literal(b"}");
        self.push(Op::Close(literal));
        Some(inner)
    }

    fn members<'n>(&mut self, group: FieldId, nodes: &'n [Node]) -> Option<Option<Inner<'n>>> {
        let mut inner = None;
        for node in nodes {
            if self.leaf_with_attributes(group, node, nodes) {
                continue;
            }
            let name = if field_of(node) == group { "$value" } else { self.schema.name_of(field_of(node)) };
            match (self.node(group, node, &member_lead(name))?, &inner) {
                (Some(found), None) => inner = Some(found),
                // A second place where occurrences stream has no section.
                (Some(_), Some(_)) => return None,
                (None, _) => {}
            }
        }
        Some(inner)
    }

    /// Whether a node belongs to a leaf of the group that has attributes in the same list; all of them are written with the first.
    fn leaf_with_attributes(&mut self, group: FieldId, node: &Node, nodes: &[Node]) -> bool {
        let leaf_of = |it: &Node| {
            let field = field_of(it);
            let parent = self.schema.parent(field).filter(|it| *it != group && field != group);
            parent.unwrap_or(field)
        };
        let leaf = leaf_of(node);
        let parts: Vec<&Node> = nodes.iter().filter(|it| leaf_of(it) == leaf).collect();
        if parts.iter().all(|it| field_of(it) == leaf) || leaf == group {
            return false;
        }
        if !parts.first().is_some_and(|it| std::ptr::eq(*it, node)) {
            return true;
        }
        let places = parts.iter().filter_map(|it| if let Node::Leaf(_, place) = it { Some(*place) } else { None });
        let is_always = parts.iter().any(|it| matches!(it, Node::Literal(..)));
        let guard = if is_always { None } else { Some(self.unless(&places.collect::<Vec<_>>())) };
        let lead = self.lead(&[&member_lead(self.schema.name_of(leaf)), b"{"]);
        self.push(Op::Open(lead));
        for part in parts {
            let field = field_of(part);
            let name = if field == leaf { "$value" } else { self.schema.name_of(field) };
            self.value(part, &member_lead(name), false);
        }
        let literal = self.literal(b"}");
        self.push(Op::Close(literal));
        if let Some(guard) = guard {
            self.end(guard);
        }
        true
    }

    /// The condition that one of these places has a value.
    fn unless(&mut self, places: &[Place]) -> u32 {
        let (test, rest) = places.split_first().map_or((NOWHERE, places), |(test, rest)| (*test, rest));
        let others = index(self.program.tests.len());
        self.program.tests.extend_from_slice(rest);
        let count = u16::try_from(rest.len()).unwrap_or(u16::MAX);
        self.push(Op::Unless { test, others, count, to: 0 })
    }

    fn node<'n>(&mut self, group: FieldId, node: &'n Node, lead: &[u8]) -> Option<Option<Inner<'n>>> {
        match node {
            Node::Leaf(field, _) | Node::Literal(field, _) => {
                // The value of an occurrence that has attributes is no list.
                self.value(node, lead, self.schema.repeats(*field) && *field != group);
                Some(None)
            }
            Node::Group(field, presence, nodes) => self.group(*field, presence, nodes, lead),
            Node::Rows(field, place, arena, nodes) => {
                let at = self.schema.member_index(*field).unwrap_or(u32::MAX);
                let style = self.layout.array_style(self.schema.type_id(group), at);
                let lead = Some(self.lead(&[lead, b"["]));
                let (place, arena) = (*place, *arena);
                let rows = self.push(Op::Rows { lead, place, arena, style, to: 0 });
                let inner = self.item(*field, b"", nodes)?;
                self.end(rows);
                if inner.is_some() { None } else { Some(None) }
            }
            Node::Stream(field, number, nodes) => {
                let lead = self.lead(&[lead, b"["]);
                let member = self.schema.member_index(*field).unwrap_or(u32::MAX);
                let writes_empty = self.layout.array_style(self.schema.type_id(group), member).writes_empty;
                let split = Split { at: self.push(Op::Split), lead, writes_empty, guards: self.guards.clone() };
                Some(Some(Inner { field: *field, number: *number, nodes, split }))
            }
        }
    }

    fn group<'n>(&mut self, field: FieldId, presence: &Presence, nodes: &'n [Node], lead: &[u8]) -> Option<Option<Inner<'n>>> {
        let guard = match presence {
            Presence::Always => None,
            Presence::Any(places) => {
                u16::try_from(places.len()).ok()?;
                Some(self.unless(places))
            }
            Presence::When(place) => Some(self.push(Op::UnlessYes { place: *place, to: 0 })),
        };
        self.guards.extend(guard);
        let inner = self.item(field, lead, nodes);
        if let Some(guard) = guard {
            self.guards.pop();
            self.end(guard);
        }
        inner
    }

    fn tuple<'n>(&mut self, field: FieldId, lead: &[u8], nodes: &'n [Node]) -> Option<Option<Inner<'n>>> {
        let lead = self.lead(&[lead, b"["]);
        let tuple = self.push(Op::Tuple { lead, to: 0 });
        let members = self.schema.children(field);
        for member in members {
            let nullable = self.schema.member(member).is_some_and(|it| it.nullable);
            let is_rest = self.schema.repeats(member);
            let node = nodes.iter().find(|it| field_of(it) == member);
            let position = self.push(Op::Position { nullable, field: member, to: 0 });
            let inner = match node {
                // What follows the positions stands in the same brackets.
                Some(Node::Rows(_, place, arena, nodes)) if is_rest => {
                    let at = self.schema.member_index(member).unwrap_or(u32::MAX);
                    let style = self.layout.array_style(self.schema.type_id(field), at);
                    let (place, arena) = (*place, *arena);
                    let rows = self.push(Op::Rows { lead: None, place, arena, style, to: 0 });
                    let inner = self.item(member, b"", nodes)?;
                    self.end(rows);
                    inner
                }
                Some(node) => self.node(field, node, b"")?,
                None => None,
            };
            self.end(position);
            if inner.is_some() {
                return None;
            }
        }
        self.end(tuple);
        Some(None)
    }

    /// A leaf, as a list if it is the repeat and not one of its items.
    fn value(&mut self, node: &Node, lead: &[u8], is_list: bool) {
        let field = field_of(node);
        let def = self.schema.type_of(field);
        let kind = match &def.kind {
            Kind::Leaf(leaf) => match **leaf {
                Type::Number(_) | Type::Amount(_) => SpellingKind::Number,
                Type::YesNo => SpellingKind::YesNo,
                Type::Bytes(..) => SpellingKind::Hex,
                _ => SpellingKind::Text,
            },
            _ if self.layout.plain => SpellingKind::Xml,
            _ => SpellingKind::Json,
        };
        // `"$value":` leads to a value that is in its object already.
        let is_boxed = matches!(def.kind, Kind::Leaf(_)) && !def.members.is_empty() && lead != b"\"$value\":";
        let spelling = Spelling { kind, is_list, is_boxed };
        match node {
            Node::Literal(_, text) => {
                let mut constant = lead.to_vec();
                spell_constant(spelling, text.as_bytes(), &mut constant);
                let constant = self.lead(&[&constant]);
                self.push(Op::Constant(constant));
            }
            Node::Leaf(_, place) if spelling == Spelling::TEXT => {
                let lead = self.lead(&[lead, b"\""]);
                self.push(Op::Quoted { lead, place: *place, field });
            }
            Node::Leaf(_, place) => {
                let lead = self.lead(&[lead]);
                self.push(Op::Value { lead, place: *place, spelling, field });
            }
            _ => {}
        }
    }
}

/// A stream node within the steps of another.
struct Inner<'n> {
    field: FieldId,
    number: u16,
    nodes: &'n [Node],
    split: Split,
}

/// `"name":`
fn member_lead(name: &str) -> Vec<u8> {
    let mut lead = vec![b'"'];
    escape(name.as_bytes(), &mut lead);
    lead.extend_from_slice(b"\":");
    lead
}

fn field_of(node: &Node) -> FieldId {
    match node {
        Node::Literal(field, _)
        | Node::Leaf(field, _)
        | Node::Group(field, ..)
        | Node::Rows(field, ..)
        | Node::Stream(field, ..) => *field,
    }
}

fn spell_constant(spelling: Spelling, text: &[u8], out: &mut Vec<u8>) {
    if spelling.is_boxed {
        out.extend_from_slice(b"{\"$value\":");
    }
    let is_bare = match spelling.kind {
        SpellingKind::Number => rule::is_clean(text),
        SpellingKind::YesNo => matches!(text, b"true" | b"false"),
        SpellingKind::Json => true,
        SpellingKind::Text | SpellingKind::Hex | SpellingKind::Xml => false,
    };
    if is_bare {
        out.extend_from_slice(text);
    } else {
        out.push(b'"');
        escape(text, out);
        out.push(b'"');
    }
    if spelling.is_boxed {
        out.push(b'}');
    }
}
