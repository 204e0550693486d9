//! How long a record is: the way over its tables, without a look at anything else.

use crate::layout::{Anchor, Layout, Located, Node, NodeId, NodeKind, Part, Table};

/// A table that is on the way: one whose length counters decide.
#[derive(Debug)]
pub(crate) struct Step {
    table: Occurrences,
    inner: Vec<Step>,
    /// The byte behind an occurrence.
    end: (Anchor, u32),
}

/// What is needed to go over the occurrences of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occurrences {
    pub(crate) anchor: Anchor,
    pub(crate) at: u32,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) counter: Option<Located>,
    pub(crate) row: Anchor,
    pub(crate) stride: Option<u32>,
    pub(crate) behind: Option<Anchor>,
}

/// Why a record's length cannot be told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lost {
    /// The bytes end before it is known.
    Short,
    /// The counter is no number.
    Digits(Located),
    /// The counter is outside of its clause.
    Range(Located),
}

/// The most occurrences that are more than there are bytes.
const EMPTY_MAX: usize = 1024;

impl Occurrences {
    pub(crate) fn of(node: &Node, table: &Table) -> Occurrences {
        let (anchor, at, stride) = (node.anchor, node.at, node.size);
        let Table { min, max, counter, row, behind } = *table;
        Occurrences { anchor, at, min, max, counter, row, stride, behind }
    }

    /// How many there are.
    #[inline]
    pub(crate) fn count(&self, part: &[u8], anchors: &[usize], scratch: &mut Vec<u8>) -> Result<u32, Lost> {
        let Some(counter) = &self.counter else { return Ok(self.max) };
        let bytes = counter.bytes(part, anchors).ok_or(Lost::Short)?;
        let count = match counter.spelling.small(bytes) {
            Some(count) => Some(count),
            None => any_count(counter, bytes, scratch)?,
        };
        let count = count.filter(|it| (self.min..=self.max).contains(it)).ok_or(Lost::Range(*counter))?;
        // Occurrences can be without a byte, when all in them is counted by others: a counter must not make us busy.
        let left = part.len().saturating_sub(place(anchors, (self.anchor, self.at)));
        if self.stride.is_none() && count as usize > left.max(EMPTY_MAX) {
            return Err(Lost::Short);
        }
        Ok(count)
    }
}

/// A counter of any spelling; nothing where it counts in no way: it is negative, or no whole number.
#[inline(never)]
fn any_count(counter: &Located, bytes: &[u8], scratch: &mut Vec<u8>) -> Result<Option<u32>, Lost> {
    scratch.clear();
    counter.spelling.read_number(bytes, scratch).map_err(|_| Lost::Digits(*counter))?;
    Ok(str::from_utf8(scratch).unwrap_or_default().parse().ok())
}

/// The tables on the way through a node.
pub(crate) fn steps(layout: &Layout, id: NodeId) -> Vec<Step> {
    let node = layout.node(id);
    let inner: Vec<Step> = match &node.kind {
        NodeKind::Group(parts) => parts.iter().flat_map(|it| steps_of(layout, it)).collect(),
        _ => Vec::new(),
    };
    match &node.table {
        Some(table) if table.behind.is_some() => {
            vec![Step { table: Occurrences::of(node, table), inner, end: layout.end_of_one(id) }]
        }
        // What is in a table of fixed length is of fixed length.
        Some(_) => Vec::new(),
        None => inner,
    }
}

fn steps_of(layout: &Layout, part: &Part) -> Vec<Step> {
    match part {
        Part::Node(id) => steps(layout, *id),
        // Views have one length.
        Part::Choice(_) => Vec::new(),
    }
}

/// Sets the anchors behind all tables.
pub(crate) fn walk(steps: &[Step], part: &[u8], anchors: &mut [usize], scratch: &mut Vec<u8>) -> Result<(), Lost> {
    for step in steps {
        let table = &step.table;
        let count = table.count(part, anchors, scratch)?;
        let mut position = place(anchors, (table.anchor, table.at));
        match table.stride {
            Some(stride) => position += count as usize * stride as usize,
            None => {
                for _ in 0..count {
                    set(anchors, table.row, position);
                    walk(&step.inner, part, anchors, scratch)?;
                    position = place(anchors, step.end);
                }
            }
        }
        if position > part.len() {
            return Err(Lost::Short);
        }
        if let Some(behind) = table.behind {
            set(anchors, behind, position);
        }
    }
    Ok(())
}

/// The byte at an offset from an anchor.
#[inline]
pub(crate) fn place(anchors: &[usize], (anchor, at): (Anchor, u32)) -> usize {
    anchors.get(anchor).copied().unwrap_or(0) + at as usize
}

/// Moves an anchor.
#[inline]
pub(crate) fn set(anchors: &mut [usize], anchor: Anchor, position: usize) {
    if let Some(it) = anchors.get_mut(anchor) {
        *it = position;
    }
}
