//! Names to fields, types checked against both schemas: the tree of a mapping becomes one whose every part is known.
//!
//! A mistake costs its rule only: the others are checked all the same, and a field whose rule failed counts as written.

mod assign;
mod cond;
mod cover;
mod declare;
mod exclusion;
mod group;
mod literal;
mod path;
mod presence;
mod rule;
mod table;
mod value;

pub(crate) use assign::TargetType;
pub(crate) use exclusion::Atom;
pub(crate) use group::{Tree, TreeNode};
pub(crate) use table::{LookupData, TableData};

use super::ast::{self, Ast, Role, SectionKind};
use super::hir::{Fold, Hir, Item, Loop, LoopId, NodeId, RejectId, Rejection, RuleInfo};
use super::typed::{Class, Typed};
use crate::call::time_zone;
use crate::{About, Codec, Diagnostics, FieldId, FileId, RuleId, Schema, Sources, Span};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// One end of a mapping, its schema compiled.
#[derive(Clone)]
pub struct Side {
    /// Which end.
    pub role: Role,
    /// The name that paths begin with.
    pub alias: String,
    /// The name of the format.
    pub format: String,
    /// The format with this schema.
    pub codec: Arc<dyn Codec>,
    /// The format in words.
    pub about: &'static About,
    /// Where the mapping names it.
    pub span: Span,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").field("alias", &self.alias).finish_non_exhaustive()
    }
}

/// A mapping file with the libraries it uses, all parsed.
#[derive(Debug)]
pub struct Unit {
    /// The mapping.
    pub file: FileId,
    /// Its tree.
    pub ast: Ast,
    /// The files of its `use` sections, by the name used there.
    pub libraries: Vec<(FileId, Ast)>,
}

/// Which way a mapping is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the left (`from`, `between`) to the right.
    Forth,
    /// From the `and` side to the `between` side.
    Back,
}

/// What was decided once for the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) bad_chars: BadChars,
    /// The name of the zone and where it was said.
    pub(crate) time_zone: Option<(String, jiff::tz::TimeZone)>,
    pub(crate) reject_unknown_fields: bool,
    pub(crate) zero_is_absent: bool,
    /// What stands for no date, as the policy lists it.
    pub(crate) zero_dates: Vec<String>,
}

/// What happens to characters that a target cannot hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum BadChars {
    /// Nothing was said.
    #[default]
    Unsaid,
    /// They become others.
    Transliterate(String),
    /// They reject.
    Reject,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Binding {
    /// The current occurrence of a loop.
    Loop(LoopId),
    /// A path.
    Let(ast::Path),
    /// The key of the output file.
    FileKey(u16),
    /// An argument of a look-up or fragment, with the number of names that were known where it stands.
    Argument(Box<ast::Expr>, usize),
    /// A parameter whose value is already being given (nothing to look up twice).
    Group(usize, FieldId),
}

pub(crate) struct Resolver<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) unit: &'a Unit,
    pub(crate) sides: &'a [Side],
    pub(crate) direction: Direction,
    pub(crate) policy: Policy,
    /// The field of each side that its alias stands for.
    pub(crate) roots: Vec<FieldId>,
    pub(crate) names: Vec<(String, Binding)>,
    pub(crate) tables: BTreeMap<String, Arc<TableData>>,
    pub(crate) lookups: BTreeMap<String, LookupData>,
    pub(crate) sequences: BTreeMap<String, declare::SequenceData>,
    pub(crate) memos: Vec<declare::MemoData>,
    pub(crate) recalls: Vec<declare::RecallData>,
    pub(crate) fragments: BTreeMap<String, (ast::FragmentClause, FileId)>,
    pub(crate) hir: Hir,
    /// Source fields that something reads or ignores.
    pub(crate) read: HashSet<FieldId>,
    /// Groups of the source whose whole content counts as read.
    pub(crate) covered: HashSet<FieldId>,
    /// Repeats of which all occurrences are known to have the same value: `verify same(P)`.
    pub(crate) same: HashSet<FieldId>,
    pub(crate) trees: Vec<Tree>,
    /// The targets one is within, innermost last: `written` counts from them.
    pub(crate) within: Vec<Within>,
    /// E209 is raised once a file.
    pub(crate) charset_said: bool,
    /// What the current rule is: for faults and reports.
    pub(crate) rule: RuleId,
    pub(crate) scope: ast::Scope,
    /// The first field of the source that the current rule reads.
    pub(crate) first_read: Option<FieldId>,
    /// How deep fragments are within each other.
    pub(crate) depth: u32,
    /// Named things that were used, for those that never are.
    pub(crate) used: HashSet<String>,
    /// The values of rules by target leaf: types of what `written` reads.
    pub(crate) written: HashMap<(usize, FieldId), Typed>,
    pub(crate) later: Vec<rule::Later<'a>>,
}

/// A target that rules stand in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    /// The tree.
    pub(crate) tree: usize,
    /// The node of the tree.
    pub(crate) group: usize,
    /// Its field.
    pub(crate) field: FieldId,
    /// The repeat that is written for it, if it is one of those `written` and `position` count.
    pub(crate) node: Option<NodeId>,
}
