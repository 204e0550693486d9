//! What an adapter for a wire format implements.
//!
//! ```text
//! stream --Framer--> part --Decoder--> Record --(plan)--> Values --Encoder--> bytes
//! ```
//!
//! A message that ends within the buffer is one part, [`Part::Whole`], its repeats as rows. A longer one comes as
//! `Head(0) (Head(1) Item* Tail(1))* Tail(0)`, cut at the repeats the plan chose.

use crate::{Diagnostics, Fault, Faults, FieldId, FileId, Limits, Place, Record, Schema, Sources, Span, Values};
use std::{ops::Range, sync::Arc};

/// A wire format: turns its kind of schema file into a [`Codec`].
pub trait Format: Send + Sync {
    /// The name by which mappings ask for it.
    fn name(&self) -> &'static str;

    /// What can be said about it, for `latimer formats` and for the parser: an option's words end at the next option.
    fn about(&self) -> &'static About;

    /// The files a schema names (import, `$ref`, `COPY`): the catalog reads until nothing is missing and links each
    /// under the name given here.
    fn wants(&self, schema: &str) -> Vec<String>;

    /// Compiles a schema file; what is wrong with it goes to `diagnostics`.
    fn compile(
        &self,
        sources: &Sources,
        schema: FileId,
        options: &Options,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<dyn Codec>>;
}

/// A format in words.
#[derive(Debug)]
pub struct About {
    /// One line.
    pub summary: &'static str,
    /// What the schema is.
    pub schema: &'static str,
    /// The ending of files of this format: `xml`, `json`, `dat`.
    pub extension: &'static str,
    /// Whether its messages are text, so that a place in them is a line and a column.
    pub text: bool,
    /// Whether one file holds all records of a message, so that each record is written on its own.
    pub records: bool,
    /// Whether `decode`, `encode` and a mapping's sides may use it.
    pub reads: bool,
    /// Whether it can be written.
    pub writes: bool,
    /// The options.
    pub options: &'static [OptionAbout],
}

/// An option in words.
#[derive(Debug)]
pub struct OptionAbout {
    /// Its name.
    pub name: &'static str,
    /// What it decides, with its values; the default in square brackets.
    pub summary: &'static str,
}

/// The settings that a mapping or a command line gives to a format.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// As written: `charset "cp273"`, `record fixed 300`.
    pub list: Vec<FormatOption>,
    /// `select NAME when CONDITION, ..`: which record or REDEFINES a value chooses.
    pub select: Vec<Select>,
    /// What stood behind `#` in the schema's name: `/components/schemas/Payment`.
    pub fragment: String,
    /// The whole clause, for diagnostics about what is missing.
    pub span: Option<Span>,
}

/// One option with its words.
#[derive(Clone, Debug)]
pub struct FormatOption {
    /// The option.
    pub name: String,
    /// What follows it.
    pub words: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// What a value chooses.
#[derive(Clone, Debug)]
pub struct Select {
    /// A record or a view of a REDEFINES.
    pub name: String,
    /// When.
    pub when: SelectWhen,
    /// Where it stands.
    pub span: Span,
}

/// A condition on the fields of the record itself.
#[derive(Clone, Debug)]
pub enum SelectWhen {
    /// The field at a path has one of these values; `false` for none of them.
    Is(String, Vec<String>, bool),
    /// All hold.
    All(Vec<SelectWhen>),
    /// One holds.
    Any(Vec<SelectWhen>),
}

impl Options {
    /// The words of an option.
    pub fn get(&self, name: &str) -> Option<&FormatOption> {
        self.list.iter().find(|it| it.name == name)
    }
}

/// Which part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// From the start of an occurrence of a level to its first cut item; level 0 is the message.
    Head(u8),
    /// One occurrence of the innermost repeat cut at.
    Item,
    /// From behind the last cut item to the end of the occurrence of a level.
    Tail(u8),
}

/// A part that a framer found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Which.
    pub part: Part,
    /// Where in the buffer.
    pub bytes: Range<usize>,
    /// How many bytes of the buffer are done with.
    pub consumed: usize,
    /// Where the part begins in the stream.
    pub at: u64,
    /// The number of this occurrence in its parent, from 1, of an `Item` and of a `Head`; of a `Tail`, how many cut items
    /// its level had. The decoder checks them against the schema.
    pub number: u64,
}

/// What a framer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A part.
    Frame(Frame),
    /// Not a whole part yet.
    Incomplete,
    /// What heads and items need has not come yet and may come behind the items: keep the message's bytes. The parts go
    /// on, to be read for their fields only; then comes [`Cut::Rewind`].
    Keep,
    /// The message was read once: give it again from its first byte. This many bytes of the buffer belong to it still.
    Rewind(usize),
    /// The stream ended between two messages.
    End,
}

/// A field that the plan wants, and where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The field.
    pub field: FieldId,
    /// The slot.
    pub place: Place,
    /// What of it.
    pub want: Want,
}

/// What is wanted of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Its value, of a leaf or an attribute.
    Value,
    /// Whether the group is there: a slot of kind `Group` with its stretch of the part.
    Presence,
    /// Its occurrences, each a row of this arena; the slot counts them. What is wanted within the repeat has places in
    /// that arena. Of a repeat of leaves, the value itself is the field again with [`Want::Value`].
    Rows(u16),
}

/// How a decoder works.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// What is wanted; everything else is checked and skipped.
    pub wanted: &'a [Wanted],
    /// The repeats the framer cuts at, outermost first. The cut repeat of level `n` fills arena `n` (from 1): as rows of a
    /// [`Part::Whole`], one row a part otherwise.
    pub cut: &'a [FieldId],
    /// What one message may cost.
    pub limits: &'a Limits,
    /// For the plain JSON form, which keeps every byte: fillers may be wanted, and a value that would not come back byte for
    /// byte is given as [`SlotKind::Raw`](crate::SlotKind::Raw). What says that it is nil is [`Slot::NIL`](crate::Slot::NIL):
    /// of a leaf its value, of a group its presence.
    pub plain: bool,
}

/// How a part was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to complain about.
    Clean,
    /// Facets or content are wrong; the structure could be read to its end.
    Faulty,
    /// The structure is broken: the rest of the part was not read.
    Broken,
}

/// A wire format together with one schema: immutable, shared by all workers.
pub trait Codec: Send + Sync {
    /// What the messages contain.
    fn schema(&self) -> &Arc<Schema>;

    /// Whether the framer can cut at a repeat. A plan cuts no deeper than the repeats of which this holds: occurrences
    /// within a fixed-width record are always rows.
    fn cuts_at(&self, _repeat: FieldId) -> bool {
        true
    }

    /// Cuts a stream into parts at these repeats, outermost first; none: whole messages. `early` are the fields that heads
    /// and items need, for formats whose members come in any order.
    fn framer(&self, cut: &[FieldId], early: &[FieldId], limits: &Limits) -> Box<dyn Framer>;

    /// A decoder for a plan.
    fn decoder(&self, reading: &Reading<'_>) -> Box<dyn Decoder>;

    /// An encoder for a target; `None` where this schema can only be read.
    fn encoder(&self, shape: &Shape) -> Option<Box<dyn Encoder>>;

    /// What makes UTF-8 of a stream that is in another encoding and says so in its first bytes (XML in ISO 8859-1 or
    /// UTF-16). Most streams need none; offsets are those of the recoded stream.
    fn recoder(&self, _start: &[u8]) -> Result<Option<Box<dyn Recoder>>, Fault> {
        Ok(None)
    }
}

/// Turns a stream into UTF-8 before it is framed.
pub trait Recoder: Send {
    /// Appends the next bytes, recoded; `end` says that no more will come.
    fn recode(&mut self, bytes: &[u8], end: bool, out: &mut Vec<u8>) -> Result<(), Fault>;
}

/// Finds parts in a stream without reading from it.
pub trait Framer: Send {
    /// Looks at the bytes not yet consumed; `end` says that no more will come. After a fault, [`Framer::recover`] says
    /// whether there is a next message.
    fn next(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault>;

    /// After a fault: how many bytes to drop so that the next message begins, or `None` where it cannot be found.
    fn recover(&mut self, buffer: &[u8], end: bool) -> Option<usize>;

    /// Appends enough to go on at the next part after a restart.
    fn mark(&self, into: &mut Vec<u8>);

    /// Goes on where [`Framer::mark`] was.
    fn resume(&mut self, mark: &[u8]);
}

/// Part to record. One per worker. Keeps no state between parts but the order of members it learned: what an item needs of
/// the heads above it is in the record (values, and [`Record::context`]).
pub trait Decoder: Send {
    /// Decodes a part into the row the session opened; `buffer` is the framer's, the part is `buffer[frame.bytes]`, and
    /// slots count from the start of the part. Every byte is checked, also where nothing is wanted.
    fn decode(&mut self, frame: &Frame, buffer: &[u8], record: &mut Record, faults: &mut Faults) -> Outcome;
}

/// Which stretch of a target an encoder writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Of a stream node (0 is the message): from its start to the first stream node within it.
    Open(u16),
    /// What stands before the first occurrence within it (the name of an array in JSON).
    First(u16),
    /// From behind the last stream node within it to its end.
    Close(u16),
    /// The same where there was no occurrence within it.
    Empty(u16),
    /// A stream node that has none within it.
    Whole(u16),
}

impl Section {
    /// The stream node.
    pub fn stream(self) -> u16 {
        let (Section::Open(it) | Section::First(it) | Section::Close(it) | Section::Empty(it) | Section::Whole(it)) = self;
        it
    }

    /// For formats in which it makes no difference whether there were occurrences.
    pub fn with_or_without(self) -> Self {
        if let Section::Empty(it) = self { Section::Close(it) } else { self }
    }
}

/// Values to bytes. One per worker.
pub trait Encoder: Send {
    /// Appends a section. On a fault `out` may have grown: the caller cuts it back.
    fn encode(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault>;

    /// What stands between two occurrences of the same stream node (a comma in JSON).
    fn separator(&self) -> &'static [u8];
}

/// What a target is made of, in the order of its schema.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The nodes below the schema's root; stream 0.
    pub nodes: Vec<Node>,
}

/// A part of a target.
#[derive(Clone, Debug)]
pub enum Node {
    /// A leaf with the text it always has.
    Literal(FieldId, String),
    /// A leaf, or the repeat of a leaf where the slot is a list; left out (blank in a record) when absent.
    Leaf(FieldId, Place),
    /// A group.
    Group(FieldId, Presence, Vec<Node>),
    /// Occurrences within the section: the slot counts the rows of an arena.
    Rows(FieldId, Place, u16, Vec<Node>),
    /// Occurrences that are written one by one, as the source streams: the number of the stream node, and its content.
    Stream(FieldId, u16, Vec<Node>),
}

/// Whether a group is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Always,
    /// When one of these has a value.
    Any(Vec<Place>),
    /// When the slot says yes.
    When(Place),
}
