//! Items to nodes: sizes, offsets, slack bytes, tables and views.

use crate::{
    copybook::Item,
    layout::{Anchor, Located, Node, NodeId, NodeKind, Part, Record, Table, View, located, members, node},
    names::{Names, is_nameless},
    options::Settings,
    spelling::{self, Spelling},
};
use latimer_engine::{Diagnostics, FieldId, Span};

/// What becomes a layout when it has a schema.
pub(crate) struct Placed {
    pub(crate) nodes: Vec<Node>,
    pub(crate) records: Vec<Record>,
    pub(crate) anchors: usize,
}

/// Lays the records out. `name` is that of the record of a copybook without level 01.
pub(crate) fn place(items: &[Item], name: &str, settings: &Settings, diagnostics: &mut Diagnostics) -> Placed {
    let placed = Placed { nodes: Vec::new(), records: Vec::new(), anchors: 1 };
    let mut builder = Builder {
        items,
        settings,
        diagnostics,
        placed,
        node_of: vec![None; items.len()],
        active: vec![0],
        tables: Vec::new(),
        record: 0,
    };
    builder.records(name);
    builder.counters();
    builder.placed
}

struct Builder<'a> {
    items: &'a [Item],
    settings: &'a Settings,
    diagnostics: &'a mut Diagnostics,
    placed: Placed,
    node_of: Vec<Option<NodeId>>,
    /// The anchors that are set where the builder is.
    active: Vec<Anchor>,
    /// Tables with a counter, their level 01 item, and the anchors that are set where they begin.
    tables: Vec<(NodeId, usize, Vec<Anchor>)>,
    record: usize,
}

/// Where the next item goes.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    anchor: Anchor,
    at: u32,
    /// The same from the start of the record, while that is known: for alignment.
    absolute: Option<u32>,
}

/// The most bytes of a record: what IBM Enterprise COBOL allows for an item.
const SIZE_MAX: u32 = 134_217_727;

impl Cursor {
    const START: Cursor = Cursor { anchor: 0, at: 0, absolute: Some(0) };
}

impl<'a> Builder<'a> {
    #[expect(clippy::indexing_slicing, reason = "numbers of items come from the list itself")]
    fn item(&self, item: usize) -> &'a Item {
        &self.items[item]
    }

    #[expect(clippy::indexing_slicing, reason = "ids are made with the nodes they name, and no node goes")]
    fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.placed.nodes[id]
    }

    fn records(&mut self, name: &str) {
        let tops: Vec<usize> = (0..self.items.len()).filter(|it| self.item(*it).parent.is_none()).collect();
        let firsts: Vec<usize> = tops.iter().copied().filter(|it| self.item(*it).level == 1).collect();
        if !firsts.is_empty() {
            for top in tops.iter().filter(|it| !firsts.contains(it)) {
                self.outside(self.item(*top));
            }
            for first in firsts {
                self.record(first);
            }
            return;
        }
        match tops.as_slice() {
            [] => {}
            [one] if !self.item(*one).children.is_empty() && self.item(*one).name.is_some() => self.record(*one),
            several => {
                let record = self.push(name.to_owned(), None, Cursor::START, NodeKind::Group(Vec::new()));
                let mut end = Cursor::START;
                let parts = self.group(several, &mut end);
                self.finish_group(record, parts, Cursor::START, end);
                self.add_record(record);
            }
        }
    }

    /// An item beside the level 01 items.
    fn outside(&mut self, item: &Item) {
        let name = item.name.as_deref().unwrap_or("FILLER");
        let message = format!("`{name}` is in no record");
        if item.level == 77 {
            let warning = self.diagnostics.warning("S306", item.span, message);
            warning.label("level 77 stands alone: left out");
        } else {
            let error = self.diagnostics.error("S306", item.span, message);
            error.label(format!("level {:02} before the first level 01", item.level));
        }
    }

    fn record(&mut self, number: usize) {
        let item = self.item(number);
        self.active = vec![0];
        self.record = number;
        let name = item.name.clone().unwrap_or_else(|| "FILLER".to_owned());
        let mut cursor = Cursor::START;
        let node = self.place(number, name, &mut cursor);
        self.add_record(node);
    }

    fn add_record(&mut self, id: NodeId) {
        let node = self.node(id);
        let length = match &node.table {
            None => node.size,
            Some(table) if table.behind.is_some() => None,
            Some(table) => node.size.and_then(|it| it.checked_mul(table.max)),
        };
        self.placed.records.push(Record { node: id, length, padded: None, is_filled: true, select: None });
    }

    /// What is in a group, with names for what has none.
    fn group(&mut self, children: &[usize], cursor: &mut Cursor) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut names = Names::of(self.items, children);
        self.sequence(children, cursor, &mut names, &mut parts);
        name_fillers(&mut self.placed.nodes, &parts);
        parts
    }

    /// Siblings, one behind the other; what redefines another starts with it.
    fn sequence(&mut self, children: &[usize], cursor: &mut Cursor, names: &mut Names, parts: &mut Vec<Part>) {
        let mut rest = children;
        while let Some((first, behind)) = rest.split_first() {
            let views = behind.iter().take_while(|it| self.item(**it).redefines.is_some()).count();
            let (same, behind) = rest.split_at(views + 1);
            rest = behind;
            self.check_views(same);
            self.align(*first, cursor, parts);
            if let [one] = same {
                self.sibling(*one, cursor, names, parts);
            } else {
                self.union(same, cursor, names, parts);
            }
        }
    }

    /// Each item that redefines must name one of those right before it.
    fn check_views(&mut self, same: &[usize]) {
        for (number, view) in same.iter().enumerate() {
            let Some((name, span)) = &self.item(*view).redefines else { continue };
            let is_it = |it: &usize| self.item(*it).name.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(name));
            if !same.iter().take(number).any(is_it) {
                let message = format!("`{name}` does not stand right before what redefines it");
                let error = self.diagnostics.error("S304", *span, message);
                error.label("redefined here").help("only items that redefine it too may stand between the two");
            }
        }
    }

    /// One item of a sequence: its node, or the nodes of a group without a name.
    fn sibling(&mut self, number: usize, cursor: &mut Cursor, names: &mut Names, parts: &mut Vec<Part>) {
        let item = self.item(number);
        if names.dissolves(self.items, item) {
            return self.sequence(&item.children, cursor, names, parts);
        }
        let start = *cursor;
        let name = names.give(item, self.diagnostics);
        let id = self.place(number, name, cursor);
        parts.push(Part::Node(id));
        if item.name.is_some() || !is_nameless(self.items, item) {
            return;
        }
        if item.occurs.is_some() || !item.children.is_empty() {
            if cursor.anchor != start.anchor {
                return;
            }
            // Occurrences of nothing are one filler.
            let bytes = cursor.at - start.at;
            let node = self.node(id);
            node.kind = NodeKind::Leaf(Spelling::Text { at_right: false });
            (node.table, node.size) = (None, Some(bytes));
        }
        self.node(id).is_filler = true;
    }

    /// Views of the same bytes: as long as the longest, the others filled up.
    fn union(&mut self, same: &[usize], cursor: &mut Cursor, names: &mut Names, parts: &mut Vec<Part>) {
        let start = *cursor;
        let mut views = Vec::new();
        let mut longest = 0;
        for item in same {
            let mut end = start;
            let mut parts = Vec::new();
            let active = self.active.clone();
            self.sibling(*item, &mut end, names, &mut parts);
            if end.anchor != start.anchor {
                let message = "a view of a `REDEFINES` has no fixed length";
                let error = self.diagnostics.error("S305", self.item(*item).span, message);
                error.label("it holds a table with `DEPENDING ON`");
                end = start;
            }
            self.active.clone_from(&active);
            longest = longest.max(end.at - start.at);
            views.push((View { item: *item, parts, active, select: None }, end));
        }
        let end = Cursor { at: start.at + longest, absolute: start.absolute.map(|it| it + longest), ..start };
        for (view, short) in &mut views {
            self.filler(*short, end.at - short.at, Spelling::Text { at_right: false }, &mut view.parts);
        }
        parts.push(Part::Choice(views.into_iter().map(|it| it.0).collect()));
        *cursor = end;
    }

    /// An item and all in it, with all its occurrences.
    fn place(&mut self, number: usize, name: String, cursor: &mut Cursor) -> NodeId {
        let item = self.item(number);
        let start = *cursor;
        let id = self.push(name, Some(number), start, NodeKind::Group(Vec::new()));
        if let Some(it) = self.node_of.get_mut(number) {
            *it = Some(id);
        }
        let outer = self.active.clone();
        // Within a table offsets count from the start of the occurrence.
        let row = item.occurs.is_some().then(|| self.anchor());
        let inner = row.map_or(start, |anchor| Cursor { anchor, at: 0, ..start });
        let mut end = inner;
        if item.children.is_empty() {
            let (spelling, length) = self.leaf(item);
            self.node(id).kind = NodeKind::Leaf(spelling);
            self.node(id).size = Some(length);
            self.advance(&mut end, length, item.span);
        } else {
            self.check_group(item);
            let mut parts = self.group(&item.children, &mut end);
            if row.is_some() {
                self.round(item, &mut end, &mut parts);
            }
            self.finish_group(id, parts, inner, end);
        }
        match row {
            None => *cursor = end,
            Some(row) => {
                self.active = outer;
                self.table(id, item, row, cursor);
            }
        }
        id
    }

    /// Moves behind all occurrences.
    fn table(&mut self, id: NodeId, item: &Item, row: Anchor, cursor: &mut Cursor) {
        let Some(occurs) = &item.occurs else { return };
        let depends = occurs.depending.is_some();
        let (min, max) = match (occurs.min, occurs.max) {
            (_, None) if !depends => {
                let error = self.diagnostics.error("S301", occurs.span, "`UNBOUNDED` needs `DEPENDING ON`");
                error.label("nothing says how many there are");
                (1, 1)
            }
            (Some(min), Some(max)) if min > max => {
                let error = self.diagnostics.error("S301", occurs.span, format!("{min} is more than {max}"));
                error.label("no number of occurrences fits");
                (max, max)
            }
            // `OCCURS 5 DEPENDING ON` is 1 TO 5 in the manual and 0 TO 5 in the files.
            (min, max) if depends => (min.unwrap_or(0), max.unwrap_or(u32::MAX)),
            // Without a counter all of them are always there.
            (_, max) => (max.unwrap_or(1), max.unwrap_or(1)),
        };
        if depends {
            self.tables.push((id, self.record, self.active.clone()));
        }
        let size = self.node(id).size;
        let mut behind = None;
        match size {
            Some(size) if !depends => {
                let total = size.saturating_mul(max);
                self.advance(cursor, total, item.span);
            }
            _ => {
                let anchor = self.anchor();
                behind = Some(anchor);
                *cursor = Cursor { anchor, at: 0, absolute: None };
            }
        }
        self.node(id).table = Some(Table { min, max, counter: None, row, behind });
    }

    fn check_group(&mut self, item: &Item) {
        if let Some((_, text, span)) = &item.picture {
            let name = item.name.as_deref().unwrap_or("FILLER");
            let error = self.diagnostics.error("S301", *span, format!("the group `{name}` has a picture"));
            error.label(format!("`{text}` needs an item without items in it"));
        }
    }

    fn leaf(&mut self, item: &Item) -> (Spelling, u32) {
        let span = item.picture.as_ref().map_or(item.span, |it| it.2);
        let name = item.name.as_deref().unwrap_or("FILLER");
        match spelling::of(item, self.settings) {
            Ok((spelling, length)) => {
                if let (Spelling::Bytes { unread: Some(what), .. }, Some(name)) = (spelling, &item.name) {
                    let warning = self.diagnostics.warning("S311", span, format!("`{name}` is not read as text"));
                    warning.label(format!("{what}: its bytes are kept as they stand"));
                }
                (spelling, length)
            }
            Err(_) if item.is_broken => (Spelling::SLACK, 1),
            Err((code, what)) => {
                self.diagnostics.error(code, span, format!("`{name}` {what}")).label("here");
                (Spelling::SLACK, 1)
            }
        }
    }

    /// Slack bytes so that the first leaf of an item stands at its boundary (IBM Enterprise COBOL Language Reference,
    /// "SYNCHRONIZED clause": slack bytes within records). They stand before the groups that the leaf begins.
    fn align(&mut self, item: usize, cursor: &mut Cursor, parts: &mut Vec<Part>) {
        let mut first = self.item(item);
        while let Some(child) = first.children.first() {
            first = self.item(*child);
        }
        let boundary = spelling::boundary(first);
        if boundary < 2 {
            return;
        }
        let Some(absolute) = cursor.absolute else {
            let error = self.diagnostics.error("S305", first.span, "`SYNC` behind a table with `DEPENDING ON`");
            error.label("its place has no fixed boundary");
            return;
        };
        let slack = absolute.next_multiple_of(boundary) - absolute;
        self.filler(*cursor, slack, Spelling::SLACK, parts);
        self.advance(cursor, slack, first.span);
    }

    /// Slack bytes at the end of an occurrence, so that the next one stands like the first ("slack bytes between
    /// occurrences").
    fn round(&mut self, item: &Item, end: &mut Cursor, parts: &mut Vec<Part>) {
        let boundary = self.boundary_within(item);
        if boundary > 1 && end.absolute.is_some() {
            let slack = end.at.next_multiple_of(boundary) - end.at;
            self.filler(*end, slack, Spelling::SLACK, parts);
            self.advance(end, slack, item.span);
            name_fillers(&mut self.placed.nodes, parts);
        }
    }

    fn boundary_within(&self, item: &Item) -> u32 {
        let within = item.children.iter().map(|it| self.boundary_within(self.item(*it))).max();
        within.unwrap_or_else(|| spelling::boundary(item))
    }

    /// Bytes that no line describes.
    fn filler(&mut self, at: Cursor, length: u32, spelling: Spelling, parts: &mut Vec<Part>) {
        if length > 0 {
            let id = self.push(String::new(), None, at, NodeKind::Leaf(spelling));
            let node = self.node(id);
            (node.size, node.is_filler) = (Some(length), true);
            parts.push(Part::Node(id));
        }
    }

    fn advance(&mut self, cursor: &mut Cursor, bytes: u32, span: Span) {
        match cursor.at.checked_add(bytes).filter(|it| *it <= SIZE_MAX) {
            Some(at) => {
                cursor.at = at;
                cursor.absolute = cursor.absolute.and_then(|it| it.checked_add(bytes));
            }
            None => {
                let message = format!("the record is longer than {SIZE_MAX} bytes");
                self.diagnostics.error("S305", span, message).label("with this item");
            }
        }
    }

    fn anchor(&mut self) -> Anchor {
        let anchor = self.placed.anchors;
        self.placed.anchors += 1;
        self.active.push(anchor);
        anchor
    }

    fn push(&mut self, name: String, item: Option<usize>, cursor: Cursor, kind: NodeKind) -> NodeId {
        let Cursor { anchor, at, .. } = cursor;
        let is_named = !name.is_empty();
        let (field, size, table, is_filler, is_counter) = (FieldId(0), None, None, false, false);
        let node = Node { name, field, item, anchor, at, size, kind, table, is_named, is_filler, is_counter };
        self.placed.nodes.push(node);
        self.placed.nodes.len() - 1
    }

    fn finish_group(&mut self, id: NodeId, parts: Vec<Part>, start: Cursor, end: Cursor) {
        let node = self.node(id);
        node.size = (start.anchor == end.anchor).then(|| end.at - start.at);
        node.kind = NodeKind::Group(parts);
    }

    /// Finds what the tables depend on.
    fn counters(&mut self) {
        for (table, record, active) in std::mem::take(&mut self.tables) {
            let item = node(&self.placed.nodes, table).item.map(|it| self.item(it));
            let Some((names, span)) = item.and_then(|it| it.occurs.as_ref()).and_then(|it| it.depending.as_ref()) else {
                continue;
            };
            if let Some(counter) = self.counter(names, *span, record, &active) {
                self.node(counter.node).is_counter = true;
                if let Some(table) = &mut self.node(table).table {
                    table.counter = Some(counter);
                }
            }
        }
    }

    /// The counter of a name: in the same record, before the table, in no other table.
    fn counter(&mut self, names: &[String], span: Span, record: usize, active: &[Anchor]) -> Option<Located> {
        let name = names.join(" OF ");
        let named: Vec<usize> = (0..self.items.len()).filter(|it| is_named(self.items, *it, names)).collect();
        let all: Vec<Located> = named
            .iter()
            .filter(|it| self.is_in(**it, record))
            .filter_map(|it| located(&self.placed.nodes, (*self.node_of.get(*it)?)?))
            .collect();
        let found: Vec<Located> = all.iter().copied().filter(|it| active.contains(&it.anchor)).collect();
        let (message, label) = match found.as_slice() {
            [one] if one.spelling.number().is_some_and(|it| it.scale == 0) => return Some(*one),
            [_] => (format!("`{name}` cannot count: it is no whole number"), "not PIC 9"),
            [] if named.is_empty() => (format!("there is no `{name}`"), "not in the copybook"),
            [] if all.is_empty() => (format!("`{name}` is not in this record"), "the counter must be in the record"),
            [] => (format!("`{name}` does not stand before the table, at a fixed place"), "the counter of this table"),
            _ => (format!("there are several items `{name}`"), "which of them"),
        };
        let error = self.diagnostics.error("S304", span, message);
        error.label(label);
        if found.len() > 1 {
            error.help(format!("say in which group it is:  DEPENDING ON {name} OF GROUP"));
        }
        None
    }

    fn is_in(&self, item: usize, record: usize) -> bool {
        let mut at = Some(item);
        while let Some(number) = at {
            if number == record {
                return true;
            }
            at = self.item(number).parent;
        }
        // A copybook without level 01 is one record.
        !self.items.iter().any(|it| it.level == 1)
    }
}

/// Whether an item has this name and stands in groups of these names, the innermost first.
pub(crate) fn is_named(items: &[Item], item: usize, names: &[String]) -> bool {
    let mut names = names.iter();
    let Some(item) = items.get(item) else { return false };
    let is = |item: &Item, name: &String| item.name.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(name));
    if !names.next().is_some_and(|name| is(item, name)) {
        return false;
    }
    let mut above = item.parent.and_then(|it| items.get(it));
    let mut name = names.next();
    while let (Some(group), Some(wanted)) = (above, name) {
        if is(group, wanted) {
            name = names.next();
        }
        above = group.parent.and_then(|it| items.get(it));
    }
    name.is_none()
}

/// Names the fillers of a group `FILLER`, `FILLER-2`, those that no line describes behind the others.
pub(crate) fn name_fillers(nodes: &mut [Node], parts: &[Part]) {
    let all = members(parts);
    let is_called = |it: &&NodeId| !node(nodes, **it).is_named && !node(nodes, **it).name.is_empty();
    let mut number = all.iter().filter(is_called).count();
    for is_described in [true, false] {
        for id in &all {
            if let Some(node) = nodes.get_mut(*id)
                && node.name.is_empty()
                && node.item.is_some() == is_described
            {
                number += 1;
                node.name = if number == 1 { "FILLER".to_owned() } else { format!("FILLER-{number}") };
            }
        }
    }
}
