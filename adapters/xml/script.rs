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
    /// Each begins with a block, and the last block of each has NULs behind it.
    literals: Vec<[u8; BLOCK]>,
    /// What is written as a piece.
    rare: Vec<Piece>,
    places: Vec<Place>,
    /// Where the content of groups began that may turn out to hold nothing.
    marks: Vec<usize>,
}

/// A stretch of the script's literals, from the start of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stretch {
    block: u32,
    length: u32,
}

/// One thing to do. What `over` says is how many of the next ops are not done.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
enum Op {
    Put(Stretch),
    /// A value between literals, or else its piece; nothing where it is absent.
    Leaf {
        place: Place,
        rare: u32,
        open: Stretch,
        close: Stretch,
    },
    /// Passes over ops if there is no value.
    Unless {
        place: Place,
        over: u32,
    },
    /// The same if none of these places has one.
    UnlessAny {
        first: u32,
        count: u32,
        over: u32,
    },
    /// The same if the place does not say yes.
    UnlessYes {
        place: Place,
        over: u32,
    },
    /// A literal that ends with a start tag.
    Open {
        literal: Stretch,
        mark: u32,
    },
    /// The same if there is a value; else passes over ops.
    Group {
        place: Place,
        over: u32,
        literal: Stretch,
        mark: u32,
    },
    /// The end tag, if something was written since; else the start tag becomes an empty one.
    Close {
        literal: Stretch,
        mark: u32,
    },
    /// These, once a row.
    Rows {
        place: Place,
        arena: u16,
        over: u32,
    },
    /// The piece as it is.
    Rare(u32),
}

const _: () = assert!(size_of::<Op>() == 32);

/// Bytes of a literal that are copied at once: most are shorter.
const BLOCK: usize = 32;

/// Bytes of a value that are looked at and copied at once.
const STEP: usize = 16;

/// Bytes of a section that are written before they are appended to the output: where all of it is there already, whole blocks
/// are copied with one look at the room that is left, which a vector would have to be asked for.
pub(crate) const PAGE: usize = 4096;

// ---------------------------------------------------------------------------------------------------- at load

impl Script {
    /// Lays out pieces whose literals are given.
    pub(crate) fn new(pieces: &[Piece], literals: &[u8]) -> Script {
        let mut build = Build { script: Script::default(), literals, label: 0, marks: 0 };
        build.pieces(pieces);
        let Build { mut script, marks, .. } = build;
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
                if let (Presence::Any(places), true, false) = (presence, attributes.is_empty(), holds_something(content))
                    && let [place] = places.as_slice()
                {
                    return self.group(*place, tags, content);
                }
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
                self.push(Op::Rows { place: *place, arena: *arena, over: 0 });
                self.label = rows + 1;
                self.pieces(content);
                self.label_here(Some(rows));
            }
            _ => self.rare(piece),
        }
    }

    /// A group without attributes that is there when a value is.
    fn group(&mut self, place: Place, tags: &Tags, content: &[Piece]) {
        let (skip, mark) = (self.script.ops.len(), self.mark());
        let literal = self.literal(&self.bytes(&tags.open));
        self.push(Op::Group { place, over: 0, literal, mark });
        self.pieces(content);
        let literal = self.literal(&self.bytes(&tags.close));
        self.push(Op::Close { literal, mark });
        self.label_here(Some(skip));
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
        let block = index(self.script.literals.len());
        for chunk in bytes.chunks(BLOCK) {
            let mut padded = [0; BLOCK];
            padded.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.script.literals.push(padded);
        }
        Stretch { block, length: index(bytes.len()) }
    }

    /// Appends a literal to the one before, if nothing but that leads here.
    fn joined(&mut self, bytes: &[u8]) -> Stretch {
        let is_free = self.script.ops.len() > self.label;
        match self.script.ops.last().copied() {
            Some(Op::Put(before)) if is_free => {
                self.script.ops.pop();
                let blocks = self.script.literals.split_off(before.block as usize);
                let known = blocks.as_flattened();
                self.literal(&[scan::slice(known, 0, before.length as usize), bytes].concat())
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

    fn mark(&mut self) -> u32 {
        self.marks += 1;
        self.marks - 1
    }

    fn open(&mut self, bytes: &[u8]) -> u32 {
        let (literal, mark) = (self.joined(bytes), self.mark());
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
                [place] => Op::Unless { place: *place, over: 0 },
                places => {
                    let first = index(self.script.places.len());
                    self.script.places.extend(places);
                    Op::UnlessAny { first, count: index(places.len()), over: 0 }
                }
            },
            Presence::When(place) => Op::UnlessYes { place: *place, over: 0 },
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
        if let Some(
            Op::Unless { over, .. }
            | Op::UnlessAny { over, .. }
            | Op::UnlessYes { over, .. }
            | Op::Group { over, .. }
            | Op::Rows { over, .. },
        ) = self.script.ops.get_mut(from)
        {
            *over = index(here - from - 1);
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

/// The page that is written on, and what was written before it.
struct Page<'o> {
    bytes: &'o mut [u8; PAGE],
    at: usize,
    out: &'o mut Vec<u8>,
}

impl Page<'_> {
    /// How many bytes there are.
    #[inline(always)]
    fn length(&self) -> usize {
        self.out.len() + self.at
    }

    /// Writes a block of which so many bytes count.
    #[inline(always)]
    fn put<const N: usize>(&mut self, block: &[u8; N], length: usize) {
        if self.at > PAGE - N {
            self.turn();
        }
        if let Some(room) = self.bytes.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut::<N>) {
            *room = *block;
            self.at += length.min(N);
        }
    }

    /// Begins a new page.
    #[inline(always)]
    fn turn(&mut self) {
        append(self.bytes, self.at, self.out);
        self.at = 0;
    }

    /// Takes back what is beyond a length.
    #[inline(always)]
    fn cut(&mut self, length: usize) {
        self.at = length.saturating_sub(self.out.len());
        self.out.truncate(length);
    }

    #[inline(always)]
    fn literal(&mut self, script: &Script, literal: Stretch) {
        let (mut block, mut left) = (literal.block as usize, literal.length as usize);
        while let Some(bytes) = script.literals.get(block) {
            self.put(bytes, left);
            if left <= BLOCK {
                break;
            }
            (block, left) = (block + 1, left - BLOCK);
        }
    }
}

#[inline(never)]
fn append(bytes: &[u8; PAGE], length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(scan::slice(bytes, 0, length));
}

impl Writer<'_, '_> {
    /// Writes the section of a script.
    pub(crate) fn script(&mut self, script: &mut Script, bytes: &mut [u8; PAGE], out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut marks = std::mem::take(&mut script.marks);
        let written = self.ops(script, 0..script.ops.len(), &mut marks, Page { bytes, at: 0, out });
        script.marks = marks;
        written?.turn();
        Ok(())
    }

    fn ops<'o>(
        &mut self,
        script: &Script,
        range: std::ops::Range<usize>,
        marks: &mut [usize],
        page: Page<'o>,
    ) -> Result<Page<'o>, Fault> {
        let ops = script.ops.get(..range.end).unwrap_or_default();
        let mut at = range.start;
        // A copy of our own, that it need not be in memory.
        let mut page = Page { bytes: page.bytes, at: page.at, out: page.out };
        while let Some(op) = ops.get(at) {
            at += 1;
            match *op {
                Op::Put(literal) => page.literal(script, literal),
                Op::Leaf { place, rare, open, close } => {
                    let slot = self.values.slot(place);
                    let is_done = slot.is_absent() || (slot.is_text() && self.clean(script, [open, close], slot, &mut page));
                    if !is_done {
                        self.rare(script, rare, &mut page)?;
                    }
                }
                Op::Unless { place, over } => {
                    if !is_value(self.values.slot(place)) {
                        at += over as usize;
                    }
                }
                Op::UnlessAny { first, count, over } => {
                    let places = script.places.get(first as usize..(first + count) as usize).unwrap_or_default();
                    if !places.iter().any(|it| is_value(self.values.slot(*it))) {
                        at += over as usize;
                    }
                }
                Op::UnlessYes { place, over } => {
                    if !self.values.is_present(place) {
                        at += over as usize;
                    }
                }
                Op::Group { place, over, literal, mark } => {
                    if is_value(self.values.slot(place)) {
                        page.literal(script, literal);
                        set(marks, mark, page.length());
                    } else {
                        at += over as usize;
                    }
                }
                Op::Open { literal, mark } => {
                    page.literal(script, literal);
                    set(marks, mark, page.length());
                }
                Op::Close { literal, mark } => {
                    if marks.get(mark as usize) == Some(&page.length()) {
                        page.cut(page.length().saturating_sub(1));
                        page.put(b"/>", 2);
                    } else {
                        page.literal(script, literal);
                    }
                }
                Op::Rows { place, arena, over } => {
                    let (first, count) = self.values.rows(place);
                    let before = self.values.record.row(arena);
                    let content = at..at + over as usize;
                    for row in first..first.saturating_add(count) {
                        self.values.record.seek(arena, row);
                        page = self.ops(script, content.clone(), marks, page)?;
                    }
                    self.values.record.seek(arena, before);
                    at += over as usize;
                }
                Op::Rare(rare) => self.rare(script, rare, &mut page)?,
            }
        }
        Ok(page)
    }

    #[inline(always)]
    fn rare(&mut self, script: &Script, rare: u32, page: &mut Page<'_>) -> Result<(), Fault> {
        page.turn();
        match script.rare.get(rare as usize) {
            Some(piece) => self.pieces(std::slice::from_ref(piece), page.out),
            None => Ok(()),
        }
    }

    /// Appends a text that needs no escapes between its literals, if it is one: whole blocks are copied and looked at, and
    /// what is beyond the text is written over. `false`, and nothing, where it is none, or stands too near the end of what it
    /// stands in.
    #[inline(always)]
    fn clean(&self, script: &Script, [open, close]: [Stretch; 2], slot: Slot, page: &mut Page<'_>) -> bool {
        let before = page.length();
        let mut rest = self.values.onwards(slot);
        let mut left = slot.length() as usize;
        page.literal(script, open);
        while let Some((block, behind)) = rest.split_first_chunk::<STEP>() {
            if left == 0 || !scan::is_clean(block, left) {
                break;
            }
            page.put(block, left);
            if left <= STEP {
                page.literal(script, close);
                return true;
            }
            (rest, left) = (behind, left - STEP);
        }
        page.cut(before);
        false
    }
}

#[inline(always)]
fn set(marks: &mut [usize], mark: u32, length: usize) {
    if let Some(it) = marks.get_mut(mark as usize) {
        *it = length;
    }
}

/// Whether there is a value.
#[inline(always)]
fn is_value(slot: Slot) -> bool {
    crate::encode::is_value(slot)
}
