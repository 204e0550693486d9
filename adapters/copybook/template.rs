//! A target's shape to images of records with places to fill in.
//!
//! What is always the same (blanks, zeros, the texts of rules) is spelled once, when the mapping is compiled. A record is
//! then a copy of its image and a store for each value. Where a table's length depends on a counter the image ends, and the
//! occurrences are appended one by one.

use crate::{
    encode::write_text,
    layout::{Layout, NodeId, NodeKind, Part, Record as LayoutRecord, View, members},
    options::Settings,
    spelling::Spelling,
};
use latimer_engine::{Fault, FaultCode, FieldId, Node, Place, Presence, Section, Shape};
use std::collections::HashMap;

/// A record to be written.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) when: Presence,
    /// What each of several is a row of.
    pub(crate) rows: Option<(Place, u16)>,
    pub(crate) pieces: Vec<Piece>,
    /// The length of all records, where there is one.
    pub(crate) padded: Option<u32>,
}

/// A stretch of a record.
#[derive(Debug)]
pub(crate) enum Piece {
    /// How many occurrences the tables of a counter have.
    Count(Count),
    Image {
        bytes: Vec<u8>,
        stores: Vec<Store>,
    },
    /// Occurrences whose number or length counters decide.
    Table(Box<Table>),
    /// What fills a record up to the length of all.
    Rest(FieldId, Option<Place>),
}

/// The tables of one counter: the rows on the way to each, and its own.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) cell: usize,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) paths: Vec<Vec<Source>>,
    pub(crate) field: FieldId,
}

/// Where occurrences come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// No rule gives any.
    None,
    Rows(Place, u16),
    /// A list of values, or one.
    Values(Place),
    /// The first only, when its group is written.
    First(Presence),
}

/// A value at an offset from the start of the image.
#[derive(Debug)]
pub(crate) struct Store {
    /// Groups that may be left out, outermost first.
    pub(crate) when: Vec<Presence>,
    pub(crate) at: usize,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    Leaf(Leaf),
    /// A text that a rule always gives, in a group that may be left out.
    Bytes(Vec<u8>),
    /// A text that does not fit: the plan has let it pass.
    Fault(Fault),
    Counter {
        leaf: Leaf,
        cell: usize,
        has_value: bool,
    },
    Table(Box<FixedTable>),
    Choice {
        field: FieldId,
        views: Vec<ViewImage>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) length: usize,
    pub(crate) spelling: Spelling,
    pub(crate) field: FieldId,
    pub(crate) place: Place,
}

/// Occurrences of a fixed number and length.
#[derive(Debug)]
pub(crate) struct FixedTable {
    pub(crate) source: Source,
    pub(crate) stride: usize,
    pub(crate) max: u32,
    /// An occurrence that is there.
    pub(crate) image: Vec<u8>,
    pub(crate) stores: Vec<Store>,
    pub(crate) field: FieldId,
}

/// One view of a `REDEFINES`.
#[derive(Debug)]
pub(crate) struct ViewImage {
    /// It is written when one of these has a value.
    pub(crate) signs: Vec<Place>,
    /// Or one of these counters counts something.
    pub(crate) cells: Vec<usize>,
    /// Or always: a rule gives it a text.
    pub(crate) always: bool,
    pub(crate) image: Vec<u8>,
    pub(crate) stores: Vec<Store>,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) when: Vec<Presence>,
    pub(crate) source: Source,
    /// The cell with their number, or the number.
    pub(crate) count: Result<usize, u32>,
    pub(crate) row: Vec<Piece>,
    /// An occurrence that nothing gives.
    pub(crate) blank: Vec<Piece>,
    pub(crate) field: FieldId,
}

/// What is written for each section; `None` for shapes that no record has.
pub(crate) fn compile(layout: &Layout, settings: &Settings, shape: &Shape) -> Option<Vec<(Section, Vec<Template>)>> {
    let streams = shape.nodes.iter().filter(|it| matches!(it, Node::Stream(..))).count();
    let mut sections = Vec::new();
    let (mut open, mut close) = (Vec::new(), Vec::new());
    let mut seen = 0;
    for node in &shape.nodes {
        let template = template(layout, settings, node)?;
        match node {
            Node::Stream(_, stream, _) => {
                seen += 1;
                sections.push((Section::Whole(*stream), vec![template]));
            }
            _ if seen == 0 => open.push(template),
            _ if seen == streams => close.push(template),
            // Nothing asks for what stands between two streams.
            _ => return None,
        }
    }
    if streams == 0 {
        sections.push((Section::Whole(0), open));
    } else {
        sections.push((Section::Open(0), open));
        sections.push((Section::Close(0), close));
    }
    Some(sections)
}

fn template(layout: &Layout, settings: &Settings, node: &Node) -> Option<Template> {
    let field = field_of(node);
    let record = layout.records.iter().find(|it| layout.node(it.node).field == field)?;
    let (when, rows) = match node {
        Node::Group(_, presence, _) => (presence.clone(), None),
        Node::Rows(_, place, arena, _) if layout.node(record.node).table.is_none() => (Presence::Always, Some((*place, *arena))),
        _ => (Presence::Always, None),
    };
    let pieces = Builder::new(layout, settings, record).record(node)?;
    Some(Template { when, rows, pieces, padded: record.padded })
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

fn children(node: &Node) -> &[Node] {
    match node {
        Node::Group(_, _, nodes) | Node::Rows(_, _, _, nodes) | Node::Stream(_, _, nodes) => nodes,
        Node::Literal(..) | Node::Leaf(..) => &[],
    }
}

/// The shape's nodes of one group, by field.
type Wanted<'a> = HashMap<FieldId, &'a Node>;

struct Builder<'a> {
    layout: &'a Layout,
    settings: &'a Settings,
    record: &'a LayoutRecord,
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
    stores: Vec<Store>,
    /// Groups around that may be left out.
    when: Vec<Presence>,
    /// The rows on the way to where the builder is.
    path: Vec<Source>,
    uses: Vec<Use>,
    /// Counters, whose index is their cell.
    counters: Vec<NodeId>,
}

/// A table and how many rows around it its counter stands in.
struct Use {
    cell: usize,
    depth: usize,
    path: Vec<Source>,
    min: u32,
    max: u32,
    field: FieldId,
}

impl<'a> Builder<'a> {
    fn new(layout: &'a Layout, settings: &'a Settings, record: &'a LayoutRecord) -> Builder<'a> {
        Builder {
            layout,
            settings,
            record,
            pieces: Vec::new(),
            bytes: Vec::new(),
            stores: Vec::new(),
            when: Vec::new(),
            path: Vec::new(),
            uses: Vec::new(),
            counters: Vec::new(),
        }
    }

    fn record(mut self, node: &'a Node) -> Option<Vec<Piece>> {
        if has_stream(children(node)) {
            return None;
        }
        find_counters(self.layout, self.record.node, &mut self.counters);
        // A record that is a repeat of the file is not one within itself.
        let wanted: Wanted<'_> = [(field_of(node), node)].into_iter().collect();
        let mut inner = wanted;
        if let (Node::Stream(..) | Node::Rows(..) | Node::Group(..), None) = (node, &self.layout.node(self.record.node).table) {
            inner = children(node).iter().map(|it| (field_of(it), it)).collect();
            match &self.layout.node(self.record.node).kind {
                NodeKind::Group(parts) => self.parts(parts, &inner),
                // The rows of an elementary item: the value is the field again.
                _ => self.node(self.record.node, &inner),
            }
        } else {
            self.node(self.record.node, &inner);
        }
        Some(self.finish())
    }

    /// The pieces of a scope: a record, or an occurrence whose length is not fixed.
    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.counts(0);
        self.pieces
    }

    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            let (bytes, stores) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.stores));
            self.pieces.push(Piece::Image { bytes, stores });
        }
    }

    /// Puts the counts of this scope's counters before all else.
    fn counts(&mut self, depth: usize) {
        let (own, outer): (Vec<Use>, Vec<Use>) = std::mem::take(&mut self.uses).into_iter().partition(|it| it.depth >= depth);
        self.uses = outer;
        let mut counts: Vec<Count> = Vec::new();
        for it in own {
            let path = it.path.get(depth..).unwrap_or_default().to_vec();
            match counts.iter_mut().find(|count| count.cell == it.cell) {
                Some(count) => {
                    count.paths.push(path);
                    (count.min, count.max) = (count.min.max(it.min), count.max.min(it.max));
                }
                None => {
                    let Use { cell, min, max, field, .. } = it;
                    counts.push(Count { cell, min, max, paths: vec![path], field });
                }
            }
        }
        self.pieces.splice(0..0, counts.into_iter().map(Piece::Count));
    }

    fn parts(&mut self, parts: &'a [Part], wanted: &Wanted<'a>) {
        for part in parts {
            match part {
                Part::Node(id) => self.node(*id, wanted),
                Part::Choice(views) => self.choice(views, wanted),
            }
        }
    }

    fn node(&mut self, id: NodeId, wanted: &Wanted<'a>) {
        let node = self.layout.node(id);
        let rule = wanted.get(&node.field).copied();
        match &node.table {
            None => self.one(id, rule),
            Some(table) if table.behind.is_some() => self.table(id, rule),
            Some(_) => self.fixed_table(id, rule),
        }
    }

    /// One occurrence of a node.
    fn one(&mut self, id: NodeId, rule: Option<&'a Node>) {
        let node = self.layout.node(id);
        match &node.kind {
            NodeKind::Rest => {
                self.flush();
                let place = match rule {
                    Some(Node::Leaf(_, place)) => Some(*place),
                    _ => None,
                };
                self.pieces.push(Piece::Rest(node.field, place));
            }
            NodeKind::Leaf(spelling) => self.leaf(id, *spelling, rule),
            NodeKind::Group(parts) => {
                let inner: Wanted<'_> = match rule {
                    Some(rule) => children(rule).iter().map(|it| (field_of(it), it)).collect(),
                    None => Wanted::new(),
                };
                let conditional = match rule {
                    Some(Node::Group(_, presence, _)) if *presence != Presence::Always => Some(presence.clone()),
                    _ => None,
                };
                let depth = self.when.len();
                self.when.extend(conditional);
                self.parts(parts, &inner);
                self.when.truncate(depth);
            }
        }
    }

    fn leaf(&mut self, id: NodeId, spelling: Spelling, rule: Option<&'a Node>) {
        let node = self.layout.node(id);
        let at = self.bytes.len();
        let length = node.size.unwrap_or(0) as usize;
        self.bytes.resize(at + length, 0);
        let field = self.bytes.get_mut(at..).unwrap_or_default();
        spelling.fill_blank(self.settings.page, field);
        let cell = self.counters.iter().position(|it| *it == id);
        let what = match rule {
            Some(Node::Literal(..)) if cell.is_some() => None,
            Some(Node::Literal(name, text)) => match literal(self.settings, spelling, text, field) {
                Err(code) => Some(What::Fault(Fault::new(code, 0).at(*name))),
                Ok(()) if self.when.is_empty() => None,
                Ok(()) => {
                    let bytes = field.to_vec();
                    spelling.fill_blank(self.settings.page, field);
                    Some(What::Bytes(bytes))
                }
            },
            Some(Node::Leaf(name, place)) => Some(What::Leaf(Leaf { length, spelling, field: *name, place: *place })),
            _ => None,
        };
        let what = match (cell, what) {
            (Some(cell), Some(What::Leaf(leaf))) => Some(What::Counter { leaf, cell, has_value: true }),
            (Some(cell), _) => {
                let place = Place { arena: u16::MAX, slot: u16::MAX };
                let leaf = Leaf { length, spelling, field: node.field, place };
                Some(What::Counter { leaf, cell, has_value: false })
            }
            (None, what) => what,
        };
        if let Some(what) = what {
            self.stores.push(Store { when: self.when.clone(), at, what });
        }
    }

    /// An occurrence built apart from what is around it.
    fn apart(&mut self, build: impl FnOnce(&mut Builder<'a>)) -> Builder<'a> {
        let mut inner = Builder::new(self.layout, self.settings, self.record);
        inner.counters.clone_from(&self.counters);
        inner.path.clone_from(&self.path);
        build(&mut inner);
        self.uses.append(&mut inner.uses);
        inner
    }

    fn source(&self, rule: Option<&'a Node>) -> (Source, Option<&'a Node>) {
        match rule {
            None => (Source::None, None),
            Some(Node::Rows(_, place, arena, nodes)) => {
                // Rows of a leaf hold the leaf itself.
                let leaf = nodes.iter().find(|it| rule.is_some_and(|rule| field_of(it) == field_of(rule)));
                (Source::Rows(*place, *arena), leaf.or(rule))
            }
            Some(Node::Leaf(_, place)) => (Source::Values(*place), rule),
            Some(Node::Group(_, presence, _)) => (Source::First(presence.clone()), rule),
            Some(Node::Literal(..) | Node::Stream(..)) => (Source::First(Presence::Always), rule),
        }
    }

    fn fixed_table(&mut self, id: NodeId, rule: Option<&'a Node>) {
        let node = self.layout.node(id);
        let (source, inner) = self.source(rule);
        let at = self.bytes.len();
        let max = node.table.as_ref().map_or(0, |it| it.max);
        let blank = self.apart(|it| it.one(id, None)).bytes;
        for _ in 0..max {
            self.bytes.extend_from_slice(&blank);
        }
        if !matches!(source, Source::None) {
            let filled = self.apart(|it| it.one(id, inner));
            let (image, stores) = (filled.bytes, filled.stores);
            let table = FixedTable { source, stride: blank.len(), max, image, stores, field: node.field };
            self.stores.push(Store { when: self.when.clone(), at, what: What::Table(Box::new(table)) });
        }
    }

    fn table(&mut self, id: NodeId, rule: Option<&'a Node>) {
        self.flush();
        let node = self.layout.node(id);
        let Some(table) = &node.table else { return };
        let (source, inner) = self.source(rule);
        let cell = table.counter.and_then(|it| self.counters.iter().position(|id| *id == it.node));
        self.path.push(source.clone());
        if let (Some(cell), Some(counter)) = (cell, table.counter) {
            let depth = depth_of(self.layout, self.record.node, counter.node).unwrap_or(0);
            let (min, max) = (table.min, table.max);
            let path = self.path.clone();
            self.uses.push(Use { cell, depth, path, min, max, field: node.field });
        }
        let depth = self.path.len();
        let row = self.scope(depth, |it| it.one(id, inner));
        let blank = self.scope(depth, |it| it.one(id, None));
        self.path.pop();
        let count = cell.ok_or(table.max);
        let (when, field) = (self.when.clone(), node.field);
        self.pieces.push(Piece::Table(Box::new(Table { when, source, count, row, blank, field })));
    }

    fn scope(&mut self, depth: usize, build: impl FnOnce(&mut Builder<'a>)) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let inner = self.apart(|it| {
            build(it);
            it.flush();
            it.counts(depth);
            pieces = std::mem::take(&mut it.pieces);
        });
        drop(inner);
        pieces
    }

    /// The first view is there unless a value of another is; its bytes stay where they all have none.
    fn choice(&mut self, views: &'a [View], wanted: &Wanted<'a>) {
        let at = self.bytes.len();
        let mut images = Vec::new();
        for (number, view) in views.iter().enumerate() {
            if number == 0 {
                let first = self.apart(|it| it.parts(&view.parts, &Wanted::new())).bytes;
                self.bytes.extend_from_slice(&first);
            }
            let (mut signs, mut cells) = (Vec::new(), Vec::new());
            let mut always = false;
            for id in members(&view.parts) {
                let mut counters = Vec::new();
                find_counters(self.layout, id, &mut counters);
                cells.extend(counters.iter().filter_map(|it| self.counters.iter().position(|own| own == it)));
                if let Some(rule) = wanted.get(&self.layout.node(id).field) {
                    always |= signs_of(rule, &mut signs);
                }
            }
            if !signs.is_empty() || !cells.is_empty() || always {
                let built = self.apart(|it| it.parts(&view.parts, wanted));
                images.push(ViewImage { signs, cells, always, image: built.bytes, stores: built.stores });
            }
        }
        let first = views.first().and_then(|it| members(&it.parts).first().copied());
        if let (false, Some(first)) = (images.is_empty(), first) {
            let field = self.layout.node(first).field;
            self.stores.push(Store { when: self.when.clone(), at, what: What::Choice { field, views: images } });
        }
    }
}

/// What tells that a view is meant; `true` if a rule always gives it something.
fn signs_of(rule: &Node, signs: &mut Vec<Place>) -> bool {
    match rule {
        Node::Literal(..) => true,
        Node::Leaf(_, place) | Node::Rows(_, place, _, _) => {
            signs.push(*place);
            false
        }
        Node::Group(_, Presence::When(place), _) => {
            signs.push(*place);
            false
        }
        Node::Group(_, Presence::Any(places), _) => {
            signs.extend(places);
            false
        }
        Node::Group(_, Presence::Always, nodes) => nodes.iter().fold(false, |all, it| signs_of(it, signs) | all),
        Node::Stream(..) => false,
    }
}

fn literal(settings: &Settings, spelling: Spelling, text: &str, field: &mut [u8]) -> Result<(), FaultCode> {
    match spelling {
        Spelling::Text { at_right } => write_text(settings.page, text.as_bytes(), at_right, field),
        Spelling::Bytes { .. } => Err(FaultCode::CopybookSize),
        number => number.write_number(text.as_bytes(), field).map_err(crate::encode::number_code),
    }
}

fn has_stream(nodes: &[Node]) -> bool {
    nodes.iter().any(|it| matches!(it, Node::Stream(..)) || has_stream(children(it)))
}

fn find_counters(layout: &Layout, id: NodeId, counters: &mut Vec<NodeId>) {
    if layout.node(id).is_counter {
        counters.push(id);
    }
    for child in members(layout.parts(id)) {
        find_counters(layout, child, counters);
    }
}

/// How many tables a node stands in.
fn depth_of(layout: &Layout, from: NodeId, wanted: NodeId) -> Option<usize> {
    let own = usize::from(layout.node(from).table.is_some());
    if from == wanted {
        return Some(0);
    }
    members(layout.parts(from)).into_iter().find_map(|it| depth_of(layout, it, wanted)).map(|it| it + own)
}
