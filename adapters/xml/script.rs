//! The pieces of a section laid flat: what nearly all of a message is, written without asking what it might be.
//!
//! ```text
//! pieces  Group a { Leaf b }, Group c { Leaf d, Group e { Leaf f } }
//! ops     Leaf <a><b>|</b></a>   Unless c -> end   Open <c>   Leaf <d>|</d>   Unless e -> close   Leaf ..   Close </c>
//! ```
//!
//! Literals that follow each other are one. A group that is there when its only leaf is, is part of that leaf's literals.
//!
//! **Invariant:** an op writes what its piece writes. Each looks for the commonest values only, and has the piece itself
//! written for all others; so an op never has to know what they are.

use crate::{
    encode::{Hole, Piece, Spelling, Tags, Writer},
    layout::NONE,
    scan,
};
use latimer_engine::{Fault, Place, Presence, Slot};

/// The ops of a section.
#[derive(Debug, Default)]
pub(crate) struct Script {
    ops: Vec<Op>,
    /// Behind the last are as many bytes as are copied at once.
    literals: Vec<u8>,
    /// What is written as a piece.
    rare: Vec<Piece>,
    places: Vec<Place>,
    /// Where the content of groups began that may turn out to hold nothing.
    marks: Vec<usize>,
}

/// A stretch of the script's literals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stretch {
    at: u32,
    length: u32,
}

/// One thing to do. What `to` says is the number of the op to go on with.
#[derive(Clone, Copy, Debug)]
enum Op {
    Put(Stretch),
    /// A value between literals, or else its piece; nothing where it is absent.
    Leaf {
        place: Place,
        rare: u32,
        open: Stretch,
        close: Stretch,
    },
    /// Goes on elsewhere if there is no value.
    Unless {
        place: Place,
        to: u32,
    },
    /// The same if none of these places has one.
    UnlessAny {
        first: u32,
        count: u32,
        to: u32,
    },
    /// The same if the place does not say yes.
    UnlessYes {
        place: Place,
        to: u32,
    },
    /// A literal that ends with a start tag.
    Open {
        literal: Stretch,
        mark: u32,
    },
    /// The end tag, if something was written since; else the start tag becomes an empty one.
    Close {
        literal: Stretch,
        mark: u32,
    },
    /// What follows, up to `to`, once a row.
    Rows {
        place: Place,
        arena: u16,
        to: u32,
    },
    /// The piece as it is.
    Rare(u32),
}

const _: () = assert!(size_of::<Op>() <= 28);

/// Bytes of a literal that are copied at once: most are shorter.
const BLOCK: usize = 32;

/// Bytes of a value that are looked at and copied at once.
const STEP: usize = 16;

// ---------------------------------------------------------------------------------------------------- at load

impl Script {
    /// Lays out pieces whose literals are given.
    pub(crate) fn new(pieces: &[Piece], literals: &[u8]) -> Script {
        let mut build = Build { script: Script::default(), literals, label: 0, marks: 0 };
        build.pieces(pieces);
        let Build { mut script, marks, .. } = build;
        script.literals.extend_from_slice(&[0; BLOCK]);
        script.marks = vec![0; marks as usize];
        script
    }
}

struct Build<'a> {
    script: Script,
    /// Those of the pieces.
    literals: &'a [u8],
    /// The op that something goes on with: what stands before it cannot be joined with it.
    label: usize,
    marks: u32,
}

impl Build<'_> {
    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            self.piece(piece);
        }
    }

    fn piece(&mut self, piece: &Piece) {
        if let Some((place, open, close)) = self.leaf(piece) {
            let (open, close) = (self.literal(&open), self.literal(&close));
            let rare = self.keep(piece);
            return self.push(Op::Leaf { place, rare, open, close });
        }
        match piece {
            Piece::Literal(it) => self.put(&self.bytes(it)),
            Piece::Leaf { hole, .. } | Piece::Value(hole) | Piece::Attribute { hole, .. } => {
                let skip = self.unless(&Presence::Any(vec![hole.place]));
                self.rare(piece);
                self.label_here(skip);
            }
            Piece::Group { tags, presence, attributes, content } if self.is_simple(tags) => {
                let skip = self.unless(presence);
                let open = self.start(tags, attributes);
                if holds_something(content) {
                    self.put(&open);
                    self.pieces(content);
                    self.put(&self.bytes(&tags.close));
                } else {
                    let mark = self.open(&open);
                    self.pieces(content);
                    let literal = self.literal(&self.bytes(&tags.close));
                    self.push(Op::Close { literal, mark });
                }
                self.label_here(skip);
            }
            Piece::GroupOpens { tags, presence, attributes, content, is_around } if self.is_simple(tags) => {
                let skip = self.unless(presence);
                let mut open = self.start(tags, attributes);
                if *is_around {
                    open.pop();
                }
                self.put(&open);
                self.pieces(content);
                self.label_here(skip);
            }
            Piece::GroupCloses { tags, presence, content, .. } if self.is_simple(tags) => {
                let skip = self.unless(presence);
                self.pieces(content);
                self.put(&self.bytes(&tags.close));
                self.label_here(skip);
            }
            Piece::Rows { place, arena, content } => {
                let rows = self.script.ops.len();
                self.push(Op::Rows { place: *place, arena: *arena, to: 0 });
                self.label = rows + 1;
                self.pieces(content);
                self.label_here(Some(rows));
            }
            _ => self.rare(piece),
        }
    }

    /// A value of which nothing is asked but that it is clean, with the tags around it that are there when it is: where it
    /// is, and what stands before and behind it.
    fn leaf(&self, piece: &Piece) -> Option<(Place, Vec<u8>, Vec<u8>)> {
        let plain = |hole: &Hole| hole.check == NONE && matches!(hole.spelling, Spelling::Text | Spelling::Attribute);
        match piece {
            Piece::Leaf { open, close, hole } if plain(hole) => Some((hole.place, self.bytes(open), self.bytes(close))),
            Piece::Attribute { open, hole } if plain(hole) => Some((hole.place, self.bytes(open), b"\"".to_vec())),
            Piece::Value(hole) if plain(hole) => Some((hole.place, Vec::new(), Vec::new())),
            Piece::Group { tags, presence: Presence::Any(places), attributes, content } => {
                let ([content], true, true) = (content.as_slice(), attributes.is_empty(), self.is_simple(tags)) else {
                    return None;
                };
                let (place, open, close) = self.leaf(content)?;
                let tags = [self.bytes(&tags.open), self.bytes(&tags.close)];
                (places.as_slice() == [place]).then(|| {
                    let [before, behind] = tags;
                    (place, [before, open].concat(), [close, behind].concat())
                })
            }
            _ => None,
        }
    }

    /// Whether a group is never nil, and its tags can be taken apart.
    fn is_simple(&self, tags: &Tags) -> bool {
        !tags.nillable && self.bytes(&tags.open).ends_with(b">")
    }

    /// What a start tag ends with; before it, its attributes were laid out if it has some.
    fn start(&mut self, tags: &Tags, attributes: &[Piece]) -> Vec<u8> {
        let mut open = self.bytes(&tags.open);
        if attributes.is_empty() {
            return open;
        }
        open.pop();
        self.put(&open);
        self.pieces(attributes);
        b">".to_vec()
    }

    fn bytes(&self, literal: &std::ops::Range<usize>) -> Vec<u8> {
        scan::slice(self.literals, literal.start, literal.end).to_vec()
    }

    fn literal(&mut self, bytes: &[u8]) -> Stretch {
        let at = index(self.script.literals.len());
        self.script.literals.extend_from_slice(bytes);
        Stretch { at, length: index(bytes.len()) }
    }

    /// Appends a literal to the one before, if nothing but that leads here.
    fn joined(&mut self, bytes: &[u8]) -> Stretch {
        let is_free = self.script.ops.len() > self.label;
        let end = index(self.script.literals.len());
        match self.script.ops.last().copied() {
            Some(Op::Put(before)) if is_free && before.at + before.length == end => {
                self.script.ops.pop();
                let length = self.literal(bytes).length;
                Stretch { at: before.at, length: before.length + length }
            }
            _ => self.literal(bytes),
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let literal = self.joined(bytes);
            self.push(Op::Put(literal));
        }
    }

    fn open(&mut self, bytes: &[u8]) -> u32 {
        let literal = self.joined(bytes);
        let mark = self.marks;
        self.marks += 1;
        self.push(Op::Open { literal, mark });
        mark
    }

    fn keep(&mut self, piece: &Piece) -> u32 {
        self.script.rare.push(piece.clone());
        index(self.script.rare.len() - 1)
    }

    fn rare(&mut self, piece: &Piece) {
        let rare = self.keep(piece);
        self.push(Op::Rare(rare));
    }

    fn push(&mut self, op: Op) {
        self.script.ops.push(op);
    }

    /// The op that goes elsewhere where a group is not there; none where it always is.
    fn unless(&mut self, presence: &Presence) -> Option<usize> {
        let op = match presence {
            Presence::Always => return None,
            Presence::Any(places) => match places.as_slice() {
                [place] => Op::Unless { place: *place, to: 0 },
                places => {
                    let first = index(self.script.places.len());
                    self.script.places.extend(places);
                    Op::UnlessAny { first, count: index(places.len()), to: 0 }
                }
            },
            Presence::When(place) => Op::UnlessYes { place: *place, to: 0 },
        };
        self.push(op);
        // What is only sometimes there is not joined with what stands before it.
        self.label = self.script.ops.len();
        Some(self.label - 1)
    }

    /// Makes an op lead here.
    fn label_here(&mut self, from: Option<usize>) {
        let Some(from) = from else { return };
        let here = self.script.ops.len();
        self.label = here;
        if let Some(Op::Unless { to, .. } | Op::UnlessAny { to, .. } | Op::UnlessYes { to, .. } | Op::Rows { to, .. }) =
            self.script.ops.get_mut(from)
        {
            *to = index(here);
        }
    }
}

/// Whether pieces write something whatever the values are.
fn holds_something(pieces: &[Piece]) -> bool {
    pieces.iter().any(|it| match it {
        Piece::Literal(literal) => !literal.is_empty(),
        Piece::Group { tags, presence: Presence::Always, .. } => !tags.open.is_empty(),
        _ => false,
    })
}

/// A number of a table, which no schema makes longer than 4 GiB.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

// --------------------------------------------------------------------------------------------------- at work

impl Writer<'_, '_> {
    /// Writes the section of a script.
    #[inline]
    pub(crate) fn script(&mut self, script: &mut Script, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut marks = std::mem::take(&mut script.marks);
        let written = self.ops(script, 0..script.ops.len(), &mut marks, out);
        script.marks = marks;
        written
    }

    fn ops(
        &mut self,
        script: &Script,
        range: std::ops::Range<usize>,
        marks: &mut [usize],
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let ops = script.ops.get(..range.end).unwrap_or_default();
        let mut at = range.start;
        while let Some(op) = ops.get(at) {
            at += 1;
            match *op {
                Op::Put(literal) => put(script, literal, out),
                Op::Leaf { place, rare, open, close } => {
                    let slot = self.values.slot(place);
                    if !slot.is_absent() && !(slot.is_text() && self.clean(script, [open, close], slot, out)) {
                        self.rare(script, rare, out)?;
                    }
                }
                Op::Unless { place, to } => {
                    if !is_value(self.values.slot(place)) {
                        at = to as usize;
                    }
                }
                Op::UnlessAny { first, count, to } => {
                    let places = script.places.get(first as usize..(first + count) as usize).unwrap_or_default();
                    if !places.iter().any(|it| is_value(self.values.slot(*it))) {
                        at = to as usize;
                    }
                }
                Op::UnlessYes { place, to } => {
                    if !self.values.is_present(place) {
                        at = to as usize;
                    }
                }
                Op::Open { literal, mark } => {
                    put(script, literal, out);
                    if let Some(it) = marks.get_mut(mark as usize) {
                        *it = out.len();
                    }
                }
                Op::Close { literal, mark } => {
                    if marks.get(mark as usize) == Some(&out.len()) {
                        out.pop();
                        out.extend_from_slice(b"/>");
                    } else {
                        put(script, literal, out);
                    }
                }
                Op::Rows { place, arena, to } => {
                    let (first, count) = self.values.rows(place);
                    let before = self.values.record.row(arena);
                    for row in first..first.saturating_add(count) {
                        self.values.record.seek(arena, row);
                        self.ops(script, at..to as usize, marks, out)?;
                    }
                    self.values.record.seek(arena, before);
                    at = to as usize;
                }
                Op::Rare(rare) => self.rare(script, rare, out)?,
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn rare(&mut self, script: &Script, rare: u32, out: &mut Vec<u8>) -> Result<(), Fault> {
        match script.rare.get(rare as usize) {
            Some(piece) => self.pieces(std::slice::from_ref(piece), out),
            None => Ok(()),
        }
    }

    /// Appends a text that needs no escapes between its literals, if it is one: whole blocks are copied and looked at, and
    /// what is beyond the text is cut off. `false`, and nothing, where it is none, or stands too near the end of what it
    /// stands in.
    #[inline(always)]
    fn clean(&self, script: &Script, [open, close]: [Stretch; 2], slot: Slot, out: &mut Vec<u8>) -> bool {
        let (before, length) = (out.len(), slot.length() as usize);
        put(script, open, out);
        let from = out.len();
        let mut rest = self.values.onwards(slot);
        let mut left = length;
        while let Some((block, behind)) = rest.split_first_chunk::<STEP>() {
            if left == 0 || !scan::is_clean(block, left) {
                break;
            }
            out.extend_from_slice(block);
            if left <= STEP {
                out.truncate(from + length);
                put(script, close, out);
                return true;
            }
            (rest, left) = (behind, left - STEP);
        }
        out.truncate(before);
        false
    }
}

/// Appends a literal in whole blocks, of which the last is cut.
#[inline(always)]
fn put(script: &Script, literal: Stretch, out: &mut Vec<u8>) {
    let end = out.len() + literal.length as usize;
    let mut at = literal.at as usize;
    loop {
        let block = script.literals.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>).unwrap_or(&[0; BLOCK]);
        out.extend_from_slice(block);
        if out.len() >= end {
            break;
        }
        at += BLOCK;
    }
    out.truncate(end);
}

/// Whether there is a value.
#[inline]
fn is_value(slot: Slot) -> bool {
    crate::encode::is_value(slot)
}
