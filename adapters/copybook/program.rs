//! What a decoder does with a record: operations with fixed offsets, compiled once of a plan's wishes.

use crate::{
    layout::{Anchor, Layout, NodeId, NodeKind, Part as LayoutPart, Record as LayoutRecord, View},
    options::{BadNumber, Settings},
    select::Condition,
    spelling::Spelling,
    walk::Occurrences,
};
use latimer_engine::{FieldId, Place, Want, Wanted};
use latimer_wire::{Number, ebcdic, zoned::Zoned};
use std::{collections::HashMap, sync::Arc};

/// What is done with one kind of record.
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    pub(crate) end: (Anchor, u32),
    /// The arena its occurrences are rows of, and what counts them.
    pub(crate) rows: Option<(u16, Option<Place>)>,
}

pub(crate) enum Op {
    /// Texts from one anchor that stand at the left and lose their blanks, as most do.
    Texts(Anchor, Vec<Leaf>),
    /// All others.
    Text {
        leaf: Leaf,
        at_right: bool,
    },
    /// A text with level 88: blanks are a value like any other.
    Code {
        leaf: Leaf,
        at_right: bool,
    },
    /// The two spellings that most numbers have, and all others.
    Packed(Leaf, Number),
    Zoned(Leaf, Zoned),
    Number(Leaf),
    Bytes(Leaf),
    CheckText(Leaf),
    CheckNumber(Leaf),
    /// Of the plain form: nothing when it is as it would be written without a value.
    Filler(Box<(Leaf, Vec<u8>)>),
    /// The same behind the last table, up to the end of the record.
    Rest {
        field: FieldId,
        place: Place,
        from: (Anchor, u32),
        padded: u32,
    },
    Group {
        place: Place,
        from: (Anchor, u32),
        end: (Anchor, u32),
    },
    Table(Box<TableOp>),
    Choice(Box<ChoiceOp>),
}

pub(crate) struct Leaf {
    pub(crate) anchor: Anchor,
    pub(crate) at: u32,
    pub(crate) length: u32,
    pub(crate) spelling: Spelling,
    pub(crate) field: FieldId,
    pub(crate) place: Place,
}

pub(crate) struct TableOp {
    pub(crate) table: Occurrences,
    pub(crate) field: FieldId,
    pub(crate) rows: Option<(u16, Place)>,
    pub(crate) body: Vec<Op>,
    pub(crate) end: (Anchor, u32),
}

pub(crate) struct ChoiceOp {
    pub(crate) views: Vec<(Option<Arc<Condition>>, Vec<Op>)>,
    /// To blame where none is chosen.
    pub(crate) field: FieldId,
    pub(crate) from: (Anchor, u32),
}

/// Where nothing is put.
pub(crate) const NOWHERE: Place = Place { arena: u16::MAX, slot: u16::MAX };

/// Compiles what a plan wants of the records of a copybook.
pub(crate) struct Compiler<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) settings: &'a Settings,
    pub(crate) wanted: &'a HashMap<FieldId, Vec<Wanted>>,
    pub(crate) plain: bool,
}

impl Compiler<'_> {
    pub(crate) fn record(&self, record: &LayoutRecord, is_file: bool, is_cut: bool) -> Program {
        let node = self.layout.node(record.node);
        let mut ops = Vec::new();
        self.node(record.node, record, &mut ops);
        let asked = self.asked(node.field).iter().find_map(|it| match it.want {
            Want::Rows(arena) => Some((arena, Some(it.place))),
            _ => None,
        });
        let rows = match asked {
            Some(rows) if is_file => Some(rows),
            _ if is_cut => Some((1, None)),
            _ => None,
        };
        Program { ops, end: self.layout.end(record.node), rows }
    }

    fn asked(&self, field: FieldId) -> &[Wanted] {
        self.wanted.get(&field).map_or(&[], Vec::as_slice)
    }

    fn node(&self, id: NodeId, record: &LayoutRecord, ops: &mut Vec<Op>) {
        let node = self.layout.node(id);
        let Some(table) = &node.table else { return self.one(id, record, ops) };
        let rows = self.asked(node.field).iter().find_map(|it| match it.want {
            Want::Rows(arena) => Some((arena, it.place)),
            _ => None,
        });
        let mut body = Vec::new();
        self.one(id, record, &mut body);
        if body.is_empty() && rows.is_none() && table.behind.is_none() {
            return;
        }
        let (table, field, end) = (Occurrences::of(node, table), node.field, self.layout.end_of_one(id));
        ops.push(Op::Table(Box::new(TableOp { table, field, rows, body, end })));
    }

    /// One occurrence of a node.
    fn one(&self, id: NodeId, record: &LayoutRecord, ops: &mut Vec<Op>) {
        let node = self.layout.node(id);
        let from = node.table.as_ref().map_or((node.anchor, node.at), |table| (table.row, 0));
        match &node.kind {
            NodeKind::Group(parts) => {
                self.parts(parts, record, ops);
                let end = self.layout.end_of_one(id);
                let asked = self.asked(node.field).iter().filter(|it| it.want == Want::Presence);
                ops.extend(asked.map(|it| Op::Group { place: it.place, from, end }));
            }
            NodeKind::Leaf(spelling) => {
                let leaf = |place| Leaf {
                    anchor: from.0,
                    at: from.1,
                    length: node.size.unwrap_or(0),
                    spelling: *spelling,
                    field: node.field,
                    place,
                };
                let values: Vec<_> = self.asked(node.field).iter().filter(|it| it.want == Want::Value).collect();
                values.iter().for_each(|it| self.leaf(leaf(it.place), node.is_filler, ops));
                if values.is_empty() && !node.is_filler {
                    ops.extend(self.check(leaf(NOWHERE)));
                }
            }
            NodeKind::Rest => {
                let padded = record.padded.unwrap_or(0);
                let values = self.asked(node.field).iter().filter(|it| it.want == Want::Value);
                let (field, from) = (node.field, self.layout.end(record.node));
                ops.extend(values.map(|it| Op::Rest { field, place: it.place, from, padded }));
            }
        }
    }

    fn parts(&self, parts: &[LayoutPart], record: &LayoutRecord, ops: &mut Vec<Op>) {
        for part in parts {
            match part {
                LayoutPart::Node(id) => self.node(*id, record, ops),
                LayoutPart::Choice(views) => self.choice(views, record, ops),
            }
        }
    }

    fn choice(&self, views: &[View], record: &LayoutRecord, ops: &mut Vec<Op>) {
        let programs: Vec<Vec<Op>> = views
            .iter()
            .map(|view| {
                let mut ops = Vec::new();
                self.parts(&view.parts, record, &mut ops);
                ops
            })
            .collect();
        if views.iter().any(|it| it.select.is_some()) {
            let first = views.first().and_then(|it| crate::layout::members(&it.parts).first().copied());
            let node = first.map(|it| self.layout.node(it));
            let (field, from) = node.map_or((FieldId(0), (0, 0)), |it| (it.field, (it.anchor, it.at)));
            let views = views.iter().map(|it| it.select.clone()).zip(programs).collect();
            ops.push(Op::Choice(Box::new(ChoiceOp { views, field, from })));
            return;
        }
        // Nothing chooses. The plain form shows the first; a plan may look at the same bytes in several ways.
        let is_wanted = |it: &&View| !self.plain && self.wants_any(&it.parts);
        let any = views.iter().any(|it| is_wanted(&it));
        for (number, (view, program)) in views.iter().zip(programs).enumerate() {
            if is_wanted(&view) || (!any && number == 0) {
                ops.extend(program);
            }
        }
    }

    fn wants_any(&self, parts: &[LayoutPart]) -> bool {
        crate::layout::members(parts)
            .into_iter()
            .any(|id| !self.asked(self.layout.node(id).field).is_empty() || self.wants_any(self.layout.parts(id)))
    }

    fn has_codes(&self, field: FieldId) -> bool {
        let kind = &self.layout.schema.type_of(field).kind;
        matches!(kind, latimer_engine::Kind::Leaf(it) if matches!(&**it, latimer_engine::Type::Text(it) if !it.codes.is_empty()))
    }

    fn leaf(&self, leaf: Leaf, is_filler: bool, ops: &mut Vec<Op>) {
        if is_filler {
            let mut blank = vec![0; leaf.length as usize];
            leaf.spelling.fill_blank(self.settings.page, &mut blank);
            return ops.push(Op::Filler(Box::new((leaf, blank))));
        }
        let op = match leaf.spelling {
            Spelling::Text { at_right } if !self.plain && self.has_codes(leaf.field) => Op::Code { leaf, at_right },
            Spelling::Text { at_right: false } if self.settings.trims => match ops.last_mut() {
                Some(Op::Texts(anchor, leaves)) if *anchor == leaf.anchor => return leaves.push(leaf),
                _ => Op::Texts(leaf.anchor, vec![leaf]),
            },
            Spelling::Text { at_right } => Op::Text { leaf, at_right },
            Spelling::Bytes { .. } => Op::Bytes(leaf),
            Spelling::Packed(number) => Op::Packed(leaf, number),
            Spelling::Zoned { zoned, blank_zero: None } => Op::Zoned(leaf, zoned),
            _ => Op::Number(leaf),
        };
        ops.push(op);
    }

    fn check(&self, leaf: Leaf) -> Option<Op> {
        match leaf.spelling {
            Spelling::Text { .. } if ebcdic::is_total(self.settings.page) => None,
            Spelling::Text { .. } => Some(Op::CheckText(leaf)),
            Spelling::Bytes { .. } => None,
            _ if self.settings.bad_number != BadNumber::Reject => None,
            _ => Some(Op::CheckNumber(leaf)),
        }
    }
}
