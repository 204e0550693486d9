//! The physical half of a copybook: where each item is in its record, and how it is spelled.
//!
//! A position is an offset from an *anchor*: the start of the record, of the current occurrence of a table, or the byte
//! behind a table whose length a counter decides. Between two anchors all offsets are fixed: a record without
//! `DEPENDING ON` has the anchor of its start and one more for each table.
//!
//! **Invariant:** every byte of a record belongs to exactly one leaf of the chosen views. Bytes that no line describes
//! (slack bytes of `SYNC`, what a shorter view of a `REDEFINES` leaves, padding) are fillers.

use crate::{select::Condition, spelling::Spelling};
use latimer_engine::{FieldId, Schema};
use std::sync::Arc;

/// An index into [`Layout::nodes`].
pub(crate) type NodeId = usize;

/// An index of the positions that are known while a record is walked; 0 is its start.
pub(crate) type Anchor = usize;

/// A copybook, placed.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) schema: Arc<Schema>,
    pub(crate) nodes: Vec<Node>,
    /// The level 01 items in file order.
    pub(crate) records: Vec<Record>,
    /// How many anchors there are.
    pub(crate) anchors: usize,
}

/// A level 01 item.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) node: NodeId,
    /// Its bytes; `None` where counters decide.
    pub(crate) length: Option<u32>,
    /// Its bytes with what fills it up, where all records have one length.
    pub(crate) padded: Option<u32>,
    /// Whether a filler of the schema is what fills it up; else it must be blanks.
    pub(crate) is_filled: bool,
    /// What it is told by.
    pub(crate) select: Option<Arc<Condition>>,
}

/// An item in its place.
#[derive(Debug)]
pub(crate) struct Node {
    /// As the schema names it.
    pub(crate) name: String,
    pub(crate) field: FieldId,
    /// The item it is made of; none for the record of a copybook without level 01 and for implied fillers.
    pub(crate) item: Option<usize>,
    pub(crate) anchor: Anchor,
    /// From the anchor to its first occurrence.
    pub(crate) at: u32,
    /// Of one occurrence; `None` where counters decide.
    pub(crate) size: Option<u32>,
    pub(crate) kind: NodeKind,
    pub(crate) table: Option<Table>,
    /// Whether a line gives it a name; the others are called `FILLER`.
    pub(crate) is_named: bool,
    /// Only the plain form sees it.
    pub(crate) is_filler: bool,
    /// It says how many occurrences a table has.
    pub(crate) is_counter: bool,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Leaf(Spelling),
    Group(Vec<Part>),
    /// What is left of a padded record whose counters decide how much that is.
    Rest,
}

#[derive(Debug)]
pub(crate) enum Part {
    Node(NodeId),
    /// The views of the same bytes.
    Choice(Vec<View>),
}

/// One view of a `REDEFINES`: an item with what fills it up, or the items of a group without a name.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) item: usize,
    pub(crate) parts: Vec<Part>,
    /// The anchors that are set where it is chosen.
    pub(crate) active: Vec<Anchor>,
    /// What it is chosen by.
    pub(crate) select: Option<Arc<Condition>>,
}

/// Occurrences.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// What says how many there are.
    pub(crate) counter: Option<Located>,
    /// The start of the current occurrence.
    pub(crate) row: Anchor,
    /// The byte behind the table, where that is not fixed.
    pub(crate) behind: Option<Anchor>,
}

/// A leaf that is read out of turn: a counter, or what a view is chosen by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located {
    pub(crate) node: NodeId,
    pub(crate) field: FieldId,
    pub(crate) anchor: Anchor,
    pub(crate) at: u32,
    pub(crate) length: u32,
    pub(crate) spelling: Spelling,
}

impl Layout {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        node(&self.nodes, id)
    }

    /// The byte behind one occurrence of a node.
    pub(crate) fn end_of_one(&self, id: NodeId) -> (Anchor, u32) {
        let node = self.node(id);
        let (anchor, at) = node.table.as_ref().map_or((node.anchor, node.at), |table| (table.row, 0));
        match node.size {
            Some(size) => (anchor, at + size),
            None => {
                let last = self.parts(id).iter().rev().find(|it| !self.is_rest(it));
                last.map_or((anchor, at), |it| self.end_of_part(it))
            }
        }
    }

    /// The byte behind all occurrences of a node.
    pub(crate) fn end(&self, id: NodeId) -> (Anchor, u32) {
        let node = self.node(id);
        match (&node.table, node.size) {
            (None, _) => self.end_of_one(id),
            (Some(Table { behind: Some(behind), .. }), _) => (*behind, 0),
            (Some(table), size) => (node.anchor, node.at + size.unwrap_or(0) * table.max),
        }
    }

    fn is_rest(&self, part: &Part) -> bool {
        matches!(part, Part::Node(id) if matches!(self.node(*id).kind, NodeKind::Rest))
    }

    fn end_of_part(&self, part: &Part) -> (Anchor, u32) {
        match part {
            Part::Node(id) => self.end(*id),
            // All views are filled up to the same length.
            Part::Choice(views) => {
                let last = views.first().and_then(|it| it.parts.last());
                last.map_or((0, 0), |it| self.end_of_part(it))
            }
        }
    }

    /// The parts of a record or group; none of a leaf.
    pub(crate) fn parts(&self, id: NodeId) -> &[Part] {
        match &self.node(id).kind {
            NodeKind::Group(parts) => parts,
            _ => &[],
        }
    }
}

/// A node by its number.
#[expect(clippy::indexing_slicing, reason = "ids are made with the nodes they name, and no node goes")]
pub(crate) fn node(nodes: &[Node], id: NodeId) -> &Node {
    &nodes[id]
}

/// A leaf as it can be read out of turn.
pub(crate) fn located(nodes: &[Node], id: NodeId) -> Option<Located> {
    let it = node(nodes, id);
    let NodeKind::Leaf(spelling) = it.kind else { return None };
    let (anchor, at) = it.table.as_ref().map_or((it.anchor, it.at), |table| (table.row, 0));
    Some(Located { node: id, field: it.field, anchor, at, length: it.size?, spelling })
}

/// All nodes of a group, those of all views too, in the order of the copybook.
pub(crate) fn members(parts: &[Part]) -> Vec<NodeId> {
    fn collect(parts: &[Part], nodes: &mut Vec<NodeId>) {
        for part in parts {
            match part {
                Part::Node(node) => nodes.push(*node),
                Part::Choice(views) => views.iter().for_each(|it| collect(&it.parts, nodes)),
            }
        }
    }
    let mut nodes = Vec::new();
    collect(parts, &mut nodes);
    nodes
}
