//! A mapping with every name looked up and every type known: what the checker speaks about and the plan is made of.

use super::ast::Scope;
use super::typed::{Class, Typed};
use crate::call::{Run, Strictness};
use crate::{Decimal, FieldId, Span};

/// A loop of the source: a repeat, and which occurrence of what contains it.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    /// The repeat.
    pub(crate) field: FieldId,
    /// The loop it stands in, if any.
    pub(crate) parent: Option<LoopId>,
    /// Its name in the mapping.
    #[expect(dead_code, reason = "what an explanation of a message shows")]
    pub(crate) alias: String,
    /// Whether it runs once with nothing when there is no occurrence (`or none`).
    pub(crate) or_none: bool,
}

/// A loop of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LoopId(pub(crate) u16);

/// A field of the source as a rule reads it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SourcePath {
    /// The field.
    pub(crate) field: FieldId,
    /// The loop whose current occurrence it belongs to; none: the message.
    pub(crate) base: Option<LoopId>,
    /// `[2]` behind a repeat on the way; 0 for the only occurrence there may be.
    pub(crate) picks: Vec<(FieldId, u32)>,
}

/// A value and what is known of it.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) kind: ValueKind,
    pub(crate) typed: Typed,
    pub(crate) span: Span,
}

/// What gives a value.
#[derive(Debug)]
pub(crate) enum ValueKind {
    /// A text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// The format's emptiness.
    Blank,
    /// Absent.
    Nothing,
    /// A leaf, an amount with its currency, the presence of a group; a list where repeats are on the way.
    Field(SourcePath),
    /// A function or adapter.
    Call(Box<CallValue>),
    /// The first that is there.
    Else(Box<Value>, Alternative),
    /// The first whose condition holds.
    Choose(Vec<(Value, Option<Value>)>),
    /// Several values.
    Tuple(Vec<Value>),
    /// Both; the second is not looked at when the first decides.
    And(Box<Value>, Box<Value>),
    /// One of both.
    Or(Box<Value>, Box<Value>),
    /// The opposite.
    Not(Box<Value>),
    /// What an accumulator has.
    Fold(FoldId),
    /// The value of another rule of the same occurrence: a leaf of the target tree.
    Written(usize),
    /// `file .. per`: the key of the output.
    FileKey(u16),
    /// A field of a memo that was recalled.
    Memo(u16, u16),
    /// A part of a field, by a rule of its own.
    Piece(Box<PieceValue>),
}

/// What a line gives for a part of a field.
pub(crate) struct PieceValue {
    pub(crate) rule: crate::RuleId,
    pub(crate) value: Value,
    /// What makes the value fit for its place.
    pub(crate) finish: Option<Run>,
}

impl std::fmt::Debug for PieceValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PieceValue").field("rule", &self.rule).field("value", &self.value).finish_non_exhaustive()
    }
}

/// A function with its arguments.
pub(crate) struct CallValue {
    /// What it does.
    pub(crate) run: Run,
    /// What it is given.
    pub(crate) args: Vec<Value>,
    /// What an absent argument means.
    pub(crate) strictness: Strictness,
    /// Whether a list is taken element by element.
    pub(crate) each: bool,
    /// How long a result holds whatever the message says.
    pub(crate) lasts: Lasting,
    /// Whether it must be called in the order of the records (sequences, positions).
    pub(crate) ordered: bool,
    /// As the author wrote it: `| cut mark "+"`.
    pub(crate) label: String,
    /// What a failure is called instead.
    pub(crate) on_fail: Option<RejectId>,
}

/// How long a result holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// It is made of the arguments.
    Call,
    /// For the whole message (a new identifier).
    Message,
    /// As long as the clock says the same (today).
    Clock,
}

impl CallValue {
    /// A call that gives nothing where an argument is absent.
    pub(crate) fn new(run: Run, args: Vec<Value>, label: String) -> Self {
        let (strictness, lasts) = (Strictness::Strict, Lasting::Call);
        CallValue { run, args, strictness, each: false, lasts, ordered: false, label, on_fail: None }
    }
}

impl std::fmt::Debug for CallValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallValue").field("label", &self.label).field("args", &self.args).finish_non_exhaustive()
    }
}

/// What is taken when a value is absent.
#[derive(Debug)]
pub(crate) enum Alternative {
    /// Another value.
    Value(Box<Value>),
    /// A refusal.
    Reject(RejectId),
    /// Nothing: the innermost optional group or repeat is left out.
    Skip,
}

/// An accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FoldId(pub(crate) u16);

/// A refusal as a rule words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RejectId(pub(crate) u16);

/// What an accumulator does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FoldKind {
    /// How many.
    Count,
    /// The sum; of amounts, with their one currency.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Whether all are equal.
    Same,
    /// The sum of the last so many digits, kept to so many digits; whether letters count as zero.
    Hash { last: u32, digits: u32, letters_are_zero: bool },
}

/// What an accumulator goes over.
#[derive(Debug)]
pub(crate) enum FoldOver {
    /// Every occurrence of a value of the source.
    Source(Box<Value>),
    /// Every occurrence of a target node that was written; with a leaf, its
    /// value; of an amount, perhaps the number only.
    Written(NodeId, Option<(usize, bool)>),
}

/// An accumulator of the mapping.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) kind: FoldKind,
    pub(crate) over: FoldOver,
    /// The rule that asks for it.
    pub(crate) rule: crate::RuleId,
}

/// A repeat of the target that is written once for each occurrence of a loop, or a whole target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u16);

/// A refusal as a rule words it.
#[derive(Clone, Debug)]
pub(crate) struct Rejection {
    /// How much is refused.
    pub(crate) scope: Option<Scope>,
    /// The reason code.
    pub(crate) code: String,
    /// For people; without one, the fault's own words.
    pub(crate) text: Option<String>,
}

/// A rule, for whoever asks afterwards what it does.
#[derive(Clone, Debug)]
pub(crate) struct RuleInfo {
    /// Where it stands.
    pub(crate) span: Span,
    /// What it writes, as a path of the target's schema; none for conditions and checks.
    pub(crate) target: Option<(u8, FieldId)>,
    /// What it reads first.
    pub(crate) source: Option<FieldId>,
    /// The rule's own words for the target.
    pub(crate) name: String,
    /// The loss class.
    pub(crate) class: Class,
    /// The author's remark.
    pub(crate) remark: Option<String>,
    /// What a bare `reject` and a built-in failure refuse here.
    pub(crate) scope: Scope,
}

/// What is written, in the order of the mapping's lines.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most items are rules, and a mapping has some hundreds")]
pub(crate) enum Item {
    /// A field.
    Rule(RuleItem),
    /// Several items under one condition; the group's own path is in the tree of targets.
    Block(BlockItem),
    /// A repeat: one occurrence for each of a loop's.
    Each(EachItem),
    /// A refusal under a condition.
    Refuse { rule: crate::RuleId, when: Value, reject: RejectId },
    /// A rule that reads what others wrote: its number in [`Hir::later`].
    Later(usize),
}

/// A field that is written.
#[derive(Debug)]
pub(crate) struct RuleItem {
    pub(crate) rule: crate::RuleId,
    pub(crate) when: Option<Value>,
    /// The fields of the target; several where a table gives several columns.
    pub(crate) targets: Vec<TargetLeaf>,
    pub(crate) value: Value,
}

/// A leaf of the target with what its type asks of a value.
#[derive(Debug)]
pub(crate) struct TargetLeaf {
    /// The node of the target tree.
    pub(crate) leaf: usize,
    /// What makes the value fit for the target: digits, a last check; nothing where it is proved.
    pub(crate) finish: Option<Run>,
}

/// Items under one condition.
#[derive(Debug)]
pub(crate) struct BlockItem {
    pub(crate) rule: crate::RuleId,
    pub(crate) when: Option<Value>,
    /// The group in the target tree.
    pub(crate) group: usize,
    pub(crate) reject: Option<RejectId>,
    pub(crate) items: Vec<Item>,
}

/// A repeat that is written.
#[derive(Debug)]
pub(crate) struct EachItem {
    pub(crate) rule: crate::RuleId,
    /// The loops, outermost first.
    pub(crate) loops: Vec<LoopId>,
    pub(crate) node: NodeId,
    /// The repeat in the target tree.
    pub(crate) group: usize,
    pub(crate) guard: Option<Value>,
    pub(crate) reject: Option<RejectId>,
    pub(crate) items: Vec<Item>,
}

/// What must hold before anything is released.
#[derive(Debug)]
pub(crate) struct Verify {
    pub(crate) rule: crate::RuleId,
    pub(crate) cond: Value,
    pub(crate) reject: RejectId,
}

/// `verify each LOOPS: COND else reject ..`
#[derive(Debug)]
pub(crate) struct CheckEach {
    pub(crate) rule: crate::RuleId,
    pub(crate) loops: Vec<LoopId>,
    pub(crate) cond: Value,
    pub(crate) reject: RejectId,
}

/// `file SIDE per VALUE as NAME`
#[derive(Debug)]
pub(crate) struct FileKey {
    pub(crate) rule: crate::RuleId,
    pub(crate) tree: usize,
    /// For each repeat that is written.
    pub(crate) values: Vec<(NodeId, Value)>,
}

/// A repeat of the target that `written` and `position` count, or a whole target.
#[derive(Debug)]
pub(crate) struct NodeInfo {
    pub(crate) tree: usize,
    pub(crate) group: usize,
    pub(crate) loops: Vec<LoopId>,
    /// Whether it is of a `write .. each`, so that a reject is about the record.
    pub(crate) is_record: bool,
}

/// What is remembered for a reply.
#[derive(Debug)]
pub(crate) struct Remember {
    pub(crate) rule: crate::RuleId,
    pub(crate) memo: u16,
    pub(crate) key: Value,
    /// In the order of the memo's fields.
    pub(crate) fields: Vec<Option<Value>>,
}

/// What a reply needs of its request.
#[derive(Debug)]
pub(crate) struct Recall {
    pub(crate) rule: crate::RuleId,
    pub(crate) memo: u16,
    pub(crate) key: Value,
    pub(crate) reject: RejectId,
}

/// A whole mapping in one direction.
#[derive(Debug, Default)]
pub(crate) struct Hir {
    pub(crate) loops: Vec<Loop>,
    pub(crate) folds: Vec<Fold>,
    pub(crate) rejects: Vec<Rejection>,
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) nodes: Vec<NodeInfo>,
    /// By target tree, in the order of the lines.
    pub(crate) items: Vec<Vec<Item>>,
    /// Rules that read what others wrote; [`Item::Later`] says where they stand.
    pub(crate) later: Vec<Option<RuleItem>>,
    pub(crate) verifies: Vec<Verify>,
    /// What must hold of every occurrence.
    pub(crate) checks: Vec<CheckEach>,
    pub(crate) file_keys: Vec<FileKey>,
    pub(crate) remembers: Vec<Remember>,
    pub(crate) recalls: Vec<Recall>,
}
