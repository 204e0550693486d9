//! What the mapping compiler makes and a session runs: for each level a list of steps that only compute, and the shape of what
//! is written. A plain copy is no step but a slot of the source that the shape names.
//!
//! **Invariant:** nothing here knows a mapping file: names are slots, conditions are jumps. Jumps only lead forward, so every
//! program ends.

use crate::call::{Run, Strictness};
use crate::fast::FastPath;
use crate::{ArenaShape, FaultCode, FieldId, Limits, Place, RuleId, Schema, Secrecy, Shape, Span, Type, Wanted};
use std::ops::Range;
use std::sync::Arc;

/// Steps of a plan, by their numbers.
pub type Program = Range<u32>;

/// A compiled mapping in one direction.
#[derive(Debug)]
pub struct Plan {
    /// The mapping's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The repeats to cut the source at, outermost first.
    pub cut: Vec<FieldId>,
    /// The source fields that are read.
    pub wanted: Vec<Wanted>,
    /// The field of the source that the mapping's alias stands for: paths are shown from there.
    pub source_root: FieldId,
    /// Those that heads and items read.
    pub early: Vec<FieldId>,
    /// Whether items need what comes behind them, so that a long message is read twice.
    pub reads_twice: bool,
    /// Whether a refusal may be about the whole input, so that all of it is held back.
    pub holds_input: bool,
    /// Whether numbers are taken from sequences or memos, so that messages must be translated in their order.
    pub is_ordered: bool,
    /// A side stands for a part of its message only: the mapping can be checked, not run.
    pub is_partial: bool,
    /// Occurrences are counted as records; otherwise messages are.
    pub has_records: bool,
    /// The source is read for the plain JSON form, which keeps every byte.
    pub is_plain: bool,
    /// Members that the source's schema does not name refuse the message.
    pub rejects_unknown_fields: bool,
    /// What becomes of the fields of the source.
    pub coverage: Coverage,
    /// What it tells, and of which rule; nothing but in a plan that was made for it.
    pub marks: Vec<(RuleId, Mark)>,
    /// Every rule.
    pub rules: Vec<PlanRule>,
    /// The refusals in the author's words.
    pub refusals: Vec<Refusal>,
    /// The targets.
    pub targets: Vec<TargetPlan>,
    /// What one message may cost.
    pub limits: Limits,
    pub(crate) arenas: Vec<ArenaShape>,
    pub(crate) literals: Vec<Vec<u8>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) places: Vec<Place>,
    pub(crate) reaches: Vec<Reach>,
    /// The arena of what is always the same, and that of what is the same for a message.
    pub(crate) constants: u16,
    pub(crate) shared: u16,
    /// By level, the arena of what feeds accumulators.
    pub(crate) feed_arenas: Vec<u16>,
    /// By level, the slot that counts the rows of the next one in a whole message.
    pub(crate) cut_rows: Vec<Place>,
    /// By level from 1, the slot with the stretch of the occurrence.
    pub(crate) starts: Vec<Place>,
    pub(crate) calls: Vec<PlanCall>,
    pub(crate) paths: Vec<FastPath>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) loops: Vec<LoopPlan>,
    pub(crate) folds: Vec<FoldPlan>,
    pub(crate) levels: Vec<LevelPlan>,
    pub(crate) nodes: Vec<NodePlan>,
    pub(crate) verifies: Vec<VerifyPlan>,
    pub(crate) recalls: Vec<RecallPlan>,
    pub(crate) remembers: Vec<RememberPlan>,
    /// What is worked out when a message opens: the clock, new identifiers.
    pub(crate) prelude: Program,
    /// Whether every write stands under a condition, so that none may apply.
    pub(crate) may_write_nothing: bool,
    /// The memos: name, fields, seconds until a record is forgotten.
    pub memos: Vec<(String, Vec<String>, i64)>,
    /// Members of the reply to a refused message, if the mapping makes one.
    pub reply: Vec<(String, ReplyValue)>,
}

/// What becomes of the fields of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All leaves; a type within itself counts once.
    pub fields: usize,
    /// Those that something reads.
    pub read: usize,
    /// Those that are ignored, or copied with a group.
    pub ignored: usize,
}

/// A member of the reply to a refused message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyValue {
    /// The reason code.
    Code,
    /// The reason in words.
    Text,
    /// The path of the source field.
    SourcePath,
    /// The path of the target field.
    TargetPath,
    /// The line of the rule.
    RuleLine,
    /// Always the same.
    Literal(String),
}

/// A rule, for faults and reports.
#[derive(Clone, Debug)]
pub struct PlanRule {
    /// The file and line it stands in.
    pub place: String,
    /// Its words for what it writes.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The place of its line among the others.
    pub order: u32,
    /// What it writes: the target, the field.
    pub target: Option<(usize, FieldId)>,
    /// What it reads first.
    pub source: Option<FieldId>,
    /// All that it reads.
    pub reads: Vec<FieldId>,
    /// Its loss class.
    pub class: &'static str,
    /// The author's remark.
    pub remark: Option<String>,
    /// What a bare `reject` and a built-in failure refuse here.
    pub scope: Scope,
    /// Whether its values are never printed.
    pub secrecy: Secrecy,
}

/// How much a refusal refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One occurrence of a repeat that is written.
    Record,
    /// All that this message writes.
    Message,
    /// All of this input.
    File,
}

impl Scope {
    /// As rejects print it.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Record => "record",
            Scope::Message => "message",
            Scope::File => "file",
        }
    }
}

/// A refusal in the author's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// How much, if it was said.
    pub scope: Option<Scope>,
    /// The reason code.
    pub code: String,
    /// For people.
    pub text: Option<String>,
}

/// A target.
#[derive(Debug)]
pub struct TargetPlan {
    /// Which side of the mapping.
    pub side: usize,
    /// Its name in the mapping.
    pub alias: String,
    /// What is written.
    pub shape: Shape,
    /// Its schema.
    pub schema: Arc<Schema>,
    /// Whether the outputs of a message are told apart by a key.
    pub has_key: bool,
    /// Whether one message of the source writes one file (`write .. once`).
    pub is_file: bool,
    /// The field that its alias stands for.
    pub root_field: FieldId,
    /// Fields that are never printed: marked by the mapping, or written with what is secret.
    pub secret: Vec<FieldId>,
    /// The node that stands for the whole target.
    pub(crate) root: usize,
    /// Accumulators that each output has its own of.
    pub(crate) lane_folds: Vec<u16>,
}

/// One thing to do.
#[derive(Debug)]
pub(crate) enum Step {
    /// Takes a slot over.
    Copy { from: Place, to: Place },
    /// Makes the slot of a value that may be blank absent-like: a text of blanks becomes the empty text.
    Unblank { from: Place, to: Place },
    /// Calls a function.
    Call { call: u32, to: Place },
    /// A list of the values at these places.
    List { from: Range<u32>, to: Place },
    /// An amount of a number and a currency; nothing where there is no number.
    Amount { number: Place, currency: Option<Place>, to: Place },
    /// One value of a list.
    Item { from: Place, number: u32, to: Place },
    /// The value of a field in rows of repeats: one, where each repeat has its row picked; else a list. Without a field, one
    /// mark for each row.
    Gather { reach: Range<u32>, field: Option<Place>, to: Place, tag: u32 },
    /// The same for amounts.
    GatherAmounts { reach: Range<u32>, number: Place, currency: Option<Place>, to: Place, tag: u32 },
    /// Goes on elsewhere.
    Jump { to: u32 },
    /// Goes on elsewhere when a value is there (or has failed).
    IfThere { slot: Place, to: u32 },
    /// Goes on elsewhere when one of these has a value.
    IfAny { slots: Range<u32>, to: u32 },
    /// Goes on elsewhere when a condition does not hold (or has failed).
    IfNot { slot: Place, to: u32 },
    /// Yes or no.
    Truth { yes: bool, to: Place },
    /// The opposite of a condition.
    Not { from: Place, to: Place },
    /// Notes a refusal.
    Refuse { tag: u32, to: Place },
    /// A condition must hold.
    Demand { holds: Place, tag: u32 },
    /// A mandatory value must be there while one of these is.
    Require { own: Range<u32>, with: Range<u32>, always: bool, code: FaultCode, tag: u32 },
    /// A blank is not written at all.
    DropBlank { slot: Place },
    /// Blanks are no elements of a list.
    DropBlanks { list: Place },
    /// Nothing is written of this.
    Clear { slot: Place },
    /// Goes on behind several steps at once, where a value passes them all.
    Fast { path: u32 },
    /// Tells something, where somebody listens.
    Mark { mark: u32, value: Option<Place> },
    /// Does a program for every row of a repeat, into rows of another arena.
    Loop(Box<LoopStep>),
    /// What an accumulator has.
    Fold { fold: u16, to: Place, tag: u32 },
    /// Feeds an accumulator: with a value, or with one occurrence.
    Feed { fold: u16, value: Option<Place>, tag: u32 },
    /// Works an accumulator out over a list at once.
    FoldList { fold: u16, list: Place, to: Place, tag: u32 },
}

/// What a plan tells while it runs, if it was made for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A field of the source is read.
    Read(FieldId),
    /// A field of a memo is read.
    Memo(String),
    /// A value that is worked out once for the message is used.
    Shared(String),
    /// A branch of a value is taken: where it stands.
    Branch(Span),
    /// A rule gave its value for a field of a target.
    Wrote(usize, FieldId),
}

/// A loop within a section.
#[derive(Debug)]
pub(crate) struct LoopStep {
    /// The repeats of the source, outermost first.
    pub(crate) loops: Vec<usize>,
    /// Steps of a filter, and where it says yes or no.
    pub(crate) guard: Option<(Program, Place)>,
    /// What a filtered occurrence refuses.
    pub(crate) refusal: Option<u32>,
    pub(crate) body: Program,
    /// The arena of the target's rows, and the slot that counts them.
    pub(crate) rows: (u16, Place),
    /// The slot that leaves an occurrence out.
    pub(crate) skip: Option<Place>,
    /// The most rows the target holds.
    pub(crate) most: u32,
    pub(crate) tag: u32,
}

/// A repeat on the way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The slot that counts its rows.
    pub(crate) rows: Place,
    pub(crate) arena: u16,
    /// Which row, from 1; 0 for the only one there may be; none for all.
    pub(crate) pick: Option<u32>,
}

/// A function with its arguments.
#[derive(Debug)]
pub(crate) struct PlanCall {
    pub(crate) run: Run,
    /// In [`Plan::places`].
    pub(crate) args: Range<u32>,
    /// The first of them, where it is the only one.
    pub(crate) only: Option<Place>,
    pub(crate) strictness: Strictness,
    /// Whether a list is taken element by element.
    pub(crate) each: bool,
    /// Of what changes with the clock only: the number under which its text is kept between messages.
    pub(crate) kept: Option<u16>,
    pub(crate) tag: u32,
    /// The same with the field of the last argument, for what is wrong with that one: a currency behind its number.
    pub(crate) last: u32,
    /// As the author wrote it.
    pub(crate) label: String,
}

/// Whose step it is, for faults and traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) rule: RuleId,
    /// The source field that is worked on.
    pub(crate) field: Option<FieldId>,
    /// What a failure is called instead: a number of [`Plan::refusals`].
    pub(crate) refusal: Option<u16>,
}

/// A repeat of the source that something loops over.
#[derive(Debug)]
pub(crate) struct LoopPlan {
    /// Its rows.
    pub(crate) arena: u16,
    /// The slot of its parent that counts them; of a repeat cut at, in a whole message.
    pub(crate) rows: Place,
    /// Whether it runs once with nothing when there is no occurrence.
    pub(crate) or_none: bool,
}

/// What an accumulator does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FoldWork {
    Count,
    Sum,
    /// Of amounts: with the currency, which must be one.
    SumAmounts,
    Min,
    Max,
    Same,
    /// Of the digits among the last so many characters, modulo a power of ten.
    Hash {
        last: u32,
        modulus: u64,
    },
}

impl FoldWork {
    /// A total kept to so many digits, 18 at most, of the last so many characters.
    pub(crate) fn hash(last: u32, digits: u32) -> Self {
        FoldWork::Hash { last, modulus: 10_u64.pow(digits.min(18)) }
    }
}

/// An accumulator.
#[derive(Debug)]
pub(crate) struct FoldPlan {
    pub(crate) work: FoldWork,
    /// The node whose start clears it; none: the message.
    pub(crate) owner: Option<usize>,
    /// The target whose occurrences it is over, if it is over what was written.
    pub(crate) written: Option<usize>,
}

/// What happens at one level of the source.
#[derive(Debug, Default)]
pub(crate) struct LevelPlan {
    /// When an occurrence begins: accumulators of the source are fed.
    pub(crate) feeds: Program,
    /// The nodes that are written for it, in the order of the mapping.
    pub(crate) nodes: Vec<usize>,
}

/// A target, or a repeat of a target that is written one by one as the source streams.
#[derive(Debug)]
pub(crate) struct NodePlan {
    pub(crate) target: usize,
    /// Its number for the encoder.
    pub(crate) stream: u16,
    /// The node it stands in.
    pub(crate) parent: Option<usize>,
    /// The level whose occurrences write it.
    pub(crate) level: u8,
    /// Its slots; they begin anew with each occurrence.
    pub(crate) arenas: Vec<u16>,
    /// A filter: steps, where it says yes or no, the refusal of what it leaves out.
    pub(crate) guard: Option<(Program, Place, Option<u32>)>,
    /// The key of the output: steps, and where it is.
    pub(crate) key: Option<(Program, Place, u32)>,
    /// Of a target whose `write`s all stand under conditions: where those are; without one that holds nothing is written.
    pub(crate) applies: Vec<Place>,
    /// What is worked out before it is written.
    pub(crate) open: Program,
    /// What must be worked out in the order of the records: positions, sequences.
    pub(crate) ordered: Program,
    /// Whether `open` needs what comes later: the section is then an insert.
    pub(crate) open_is_late: bool,
    /// What is worked out for the section behind the repeats in it.
    pub(crate) close: Program,
    /// Whether repeats that stream stand in it.
    pub(crate) has_streams: bool,
    /// Whether it waits for the end of its level's occurrence: it reads what comes behind the items.
    pub(crate) waits: bool,
    /// Accumulators that count or add what it wrote.
    pub(crate) feeds: Program,
    /// Whether a refusal is about the record.
    pub(crate) is_record: bool,
    /// The slot that leaves an occurrence out.
    pub(crate) skip: Option<Place>,
    /// The most occurrences the target holds.
    pub(crate) most: Option<u32>,
    pub(crate) tag: u32,
}

/// What must hold before anything is released.
#[derive(Debug)]
pub(crate) struct VerifyPlan {
    pub(crate) program: Program,
    pub(crate) holds: Place,
    pub(crate) tag: u32,
}

/// What a reply needs of its request.
#[derive(Debug)]
pub(crate) struct RecallPlan {
    pub(crate) memo: String,
    pub(crate) program: Program,
    pub(crate) key: Place,
    /// The slots of its fields, in the order of the memo; whether each may be absent, and its type.
    pub(crate) fields: Vec<(Place, bool, Type)>,
    pub(crate) tag: u32,
    /// Of a record that is there, but is not what the memo declares.
    pub(crate) damage: u32,
}

/// What is remembered for a reply.
#[derive(Debug)]
pub(crate) struct RememberPlan {
    pub(crate) memo: String,
    pub(crate) program: Program,
    pub(crate) key: Place,
    pub(crate) fields: Vec<Option<Place>>,
    pub(crate) tag: u32,
}

impl TargetPlan {
    /// Whether the value of a field is never printed.
    pub fn is_secret(&self, field: FieldId) -> bool {
        let is_marked = |it: FieldId| self.schema.member(it).is_some_and(|it| it.secrecy == Secrecy::Secret);
        self.secret.iter().any(|it| self.schema.is_within(field, *it)) || self.schema.line(field).into_iter().any(is_marked)
    }

    /// Whether any field of it is never printed.
    pub fn has_secrets(&self) -> bool {
        let mut members = self.schema.types().iter().flat_map(|it| &it.members);
        !self.secret.is_empty() || members.any(|it| it.secrecy == Secrecy::Secret)
    }
}

impl Plan {
    /// The rule of a number.
    pub fn rule(&self, id: RuleId) -> Option<&PlanRule> {
        self.rules.get(usize::from(id.0))
    }

    /// The functions that are called, as the author wrote them.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.calls.iter().map(|it| it.label.as_str())
    }

    /// How many repeats within each other are levels. The framer cuts at the outer ones of them, [`Plan::cut`]; what it
    /// cannot cut at comes as rows of its part.
    pub(crate) fn depth(&self) -> u8 {
        u8::try_from(self.cut_rows.len()).unwrap_or(u8::MAX)
    }

    /// The level of an [`Item`](crate::Part::Item).
    pub(crate) fn item_level(&self) -> u8 {
        u8::try_from(self.cut.len()).unwrap_or(u8::MAX)
    }

    pub(crate) fn tag(&self, tag: u32) -> Tag {
        let none = Tag { rule: RuleId(0), field: None, refusal: None };
        self.tags.get(tag as usize).copied().unwrap_or(none)
    }

    pub(crate) fn list(&self, range: &Range<u32>) -> &[Place] {
        self.places.get(range.start as usize..range.end as usize).unwrap_or_default()
    }
}
