//! The plan that changes nothing: every field of a schema is read and written again. `decode` and `encode` are this plan
//! between a format and its plain JSON form.
//!
//! No step runs: the encoder's shape names the very slots that the decoder fills.

use crate::plan::{LevelPlan, NodePlan, Plan, TargetPlan};
use crate::{ArenaShape, FieldId, Kind, Limits, Node, Place, Presence, Schema, Shape, Want, Wanted};
use std::sync::Arc;

/// How often a type may stand within itself before what is deeper comes as it stands.
const WITHIN_ITSELF: usize = 3;

/// What is to be copied.
#[derive(Debug)]
pub struct Identity<'a> {
    /// As reports name it.
    pub name: &'a str,
    /// The fields, the same on both sides.
    pub schema: &'a Arc<Schema>,
    /// The repeats to cut at, outermost first.
    pub cut: &'a [FieldId],
    /// Whether the message is taken as one value that is not looked into but to check it.
    pub verbatim: bool,
    /// Whether all bytes must come back: the source keeps fillers, and values that its plain form shows as bytes.
    pub plain: bool,
    /// What one message may cost.
    pub limits: &'a Limits,
}

/// The plan that reads and writes every field.
pub fn identity(what: &Identity<'_>) -> Plan {
    let depth = if what.verbatim { 0 } else { what.cut.len() };
    let levels = (0..=depth).map(|it| u8::try_from(it).unwrap_or(u8::MAX));
    let arenas = levels.map(|level| ArenaShape { stride: 0, level }).collect();
    let mut layout = Layout { schema: what.schema, cut: what.cut, wanted: Vec::new(), arenas, cut_rows: Vec::new() };
    let nodes = match what.schema.type_of(Schema::ROOT).kind {
        Kind::Group | Kind::Choice if !what.verbatim => layout.members(Schema::ROOT, 0),
        _ => vec![Node::Leaf(Schema::ROOT, layout.want(Schema::ROOT, 0, Want::Value))],
    };
    let starts = what.cut.iter().take(depth).zip(1..).map(|(it, level)| layout.want(*it, level, Want::Presence)).collect();
    let Layout { wanted, mut arenas, cut_rows, .. } = layout;
    let [constants, shared] = [ArenaShape::FOR_EVER, 0].map(|level| {
        arenas.push(ArenaShape { stride: 0, level });
        u16::try_from(arenas.len() - 1).unwrap_or(u16::MAX)
    });
    let target = TargetPlan {
        side: 0,
        alias: what.name.to_owned(),
        shape: Shape { nodes },
        schema: Arc::clone(what.schema),
        has_key: false,
        is_file: false,
        root_field: Schema::ROOT,
        secret: Vec::new(),
        root: 0,
        lane_folds: Vec::new(),
    };
    Plan {
        name: what.name.to_owned(),
        version: String::new(),
        cut: what.cut.get(..depth).unwrap_or_default().to_vec(),
        wanted,
        source_root: Schema::ROOT,
        early: Vec::new(),
        reads_twice: false,
        holds_input: false,
        is_ordered: false,
        is_partial: false,
        has_records: false,
        is_plain: what.plain,
        rejects_unknown_fields: true,
        coverage: Default::default(),
        marks: Vec::new(),
        rules: Vec::new(),
        refusals: Vec::new(),
        targets: vec![target],
        limits: *what.limits,
        arenas,
        literals: Vec::new(),
        steps: Vec::new(),
        places: Vec::new(),
        reaches: Vec::new(),
        constants,
        shared,
        feed_arenas: Vec::new(),
        cut_rows,
        starts,
        calls: Vec::new(),
        paths: Vec::new(),
        tags: Vec::new(),
        loops: Vec::new(),
        folds: Vec::new(),
        levels: (0..=depth).map(|at| LevelPlan { feeds: 0..0, nodes: vec![at] }).collect(),
        nodes: (0..=depth).map(|at| node(at, depth)).collect(),
        verifies: Vec::new(),
        recalls: Vec::new(),
        remembers: Vec::new(),
        prelude: 0..0,
        may_write_nothing: false,
        memos: Vec::new(),
        reply: Vec::new(),
    }
}

/// What is written for a level.
fn node(at: usize, depth: usize) -> NodePlan {
    NodePlan {
        target: 0,
        stream: u16::try_from(at).unwrap_or(u16::MAX),
        parent: at.checked_sub(1),
        level: u8::try_from(at).unwrap_or(u8::MAX),
        arenas: Vec::new(),
        guard: None,
        key: None,
        applies: Vec::new(),
        open: 0..0,
        ordered: 0..0,
        open_is_late: false,
        close: 0..0,
        has_streams: at < depth,
        waits: false,
        feeds: 0..0,
        is_record: false,
        skip: None,
        most: None,
        tag: 0,
    }
}

/// Slots and nodes while they are laid out.
struct Layout<'a> {
    schema: &'a Schema,
    cut: &'a [FieldId],
    wanted: Vec<Wanted>,
    arenas: Vec<ArenaShape>,
    cut_rows: Vec<Place>,
}

impl Layout<'_> {
    fn want(&mut self, field: FieldId, arena: u16, want: Want) -> Place {
        let mut place = Place { arena, slot: 0 };
        if let Some(shape) = self.arenas.get_mut(usize::from(arena)) {
            place.slot = shape.stride;
            shape.stride += 1;
        }
        self.wanted.push(Wanted { field, place, want });
        place
    }

    fn members(&mut self, field: FieldId, arena: u16) -> Vec<Node> {
        self.schema.children(field).into_iter().map(|it| self.field(it, arena)).collect()
    }

    fn field(&mut self, field: FieldId, arena: u16) -> Node {
        if !self.schema.repeats(field) {
            return self.once(field, arena);
        }
        let level = self.cut.iter().position(|it| *it == field).and_then(|it| u16::try_from(it + 1).ok());
        let rows = level.unwrap_or_else(|| {
            let level = self.arenas.get(usize::from(arena)).map_or(0, |it| it.level);
            self.arenas.push(ArenaShape { stride: 0, level });
            u16::try_from(self.arenas.len() - 1).unwrap_or(u16::MAX)
        });
        let place = self.want(field, arena, Want::Rows(rows));
        match level {
            Some(level) => {
                self.cut_rows.push(place);
                Node::Stream(field, level, self.content(field, rows))
            }
            None => Node::Rows(field, place, rows, self.content(field, rows)),
        }
    }

    fn once(&mut self, field: FieldId, arena: u16) -> Node {
        let of = self.schema.type_of(field);
        let is_value = matches!(of.kind, Kind::Leaf(_) | Kind::Any);
        if (is_value && of.members.is_empty()) || self.is_too_deep(field) {
            return Node::Leaf(field, self.want(field, arena, Want::Value));
        }
        let presence = self.want(field, arena, Want::Presence);
        Node::Group(field, Presence::Any(vec![presence]), self.content(field, arena))
    }

    /// What stands in an occurrence of a field; of a value, its attributes and itself.
    fn content(&mut self, field: FieldId, arena: u16) -> Vec<Node> {
        if self.is_too_deep(field) {
            return vec![Node::Leaf(field, self.want(field, arena, Want::Value))];
        }
        let mut nodes = self.members(field, arena);
        if matches!(self.schema.type_of(field).kind, Kind::Leaf(_) | Kind::Any) {
            nodes.push(Node::Leaf(field, self.want(field, arena, Want::Value)));
        }
        nodes
    }

    /// Whether a group's type stands within itself so often that it is not taken apart any more.
    fn is_too_deep(&self, field: FieldId) -> bool {
        let kind = self.schema.type_id(field);
        let is_group = matches!(self.schema.type_def(kind).kind, Kind::Group | Kind::Choice);
        is_group && self.schema.line(field).iter().filter(|it| self.schema.type_id(**it) == kind).count() > WITHIN_ITSELF
    }
}
