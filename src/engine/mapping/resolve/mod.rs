//! Names to fields, types checked against both schemas: the tree of a mapping becomes one whose every part is known.
//!
//! A mistake costs its rule only: the others are checked all the same, and a field whose rule failed counts as written.

mod alone;
mod assign;
mod cond;
mod cover;
mod declare;
mod each;
mod exclusion;
mod group;
mod law;
mod literal;
mod memo;
mod over;
mod path;
mod presence;
mod rule;
mod slice;
mod table;
mod two_way;
mod value;

pub(crate) use alone::{Alone, resolve_value};
pub(crate) use assign::TargetType;
pub(crate) use exclusion::Atom;
pub(crate) use group::Tree;
pub use law::Law;
pub(crate) use law::check as check_laws;
pub(crate) use over::Over;
pub(crate) use presence::{mandatory, may_be_empty};
pub(crate) use table::{LookupData, TableData, TableWay};
pub(crate) use value::Want;

use super::ast::{self, Ast, Role, SectionKind};
use super::hir::{Hir, Item, LoopId, NodeId, SourcePath};
use super::typed::Typed;
use crate::plan::ReplyValue;
use crate::{About, Codec, Diagnostics, FieldId, FileId, Limits, RuleId, Schema, Sources, Span};
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
pub(crate) enum Direction {
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
    /// The limit of the rows of one.
    lookup_rows_max: u64,
    /// Look-ups whose file could not be read, which was said.
    pub(crate) unread: Vec<String>,
    pub(crate) sequences: BTreeMap<String, declare::SequenceData>,
    pub(crate) memos: Vec<declare::MemoData>,
    pub(crate) fragments: BTreeMap<String, ast::FragmentClause>,
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
    /// What is known of the values of rules, by tree and leaf: `written` reads them.
    pub(crate) written: HashMap<(usize, usize), Typed>,
    pub(crate) later: Vec<rule::Later>,
    /// The groups that `pair`s read, innermost last; whether repeats on the way stand for their only occurrence.
    pub(crate) pairs: Vec<(SourcePath, bool)>,
    /// The two ends of the two-way lines of the blocks one is in.
    pub(crate) lines: Vec<(ast::Path, ast::Path)>,
    /// Fields that are never printed.
    pub(crate) secrets: Vec<FieldId>,
    /// The same of what is written, each with its side.
    pub(crate) written_secrets: Vec<(usize, FieldId)>,
    /// The loops whose current occurrences the paths of a file key mean.
    pub(crate) current: Vec<LoopId>,
    /// The keys of output files as written, and what is known of them.
    pub(crate) key_exprs: Vec<(ast::Expr, Typed)>,
    /// The types of the paths that were read, by where they stand.
    pub(crate) noted: Vec<(Span, String)>,
    pub(crate) version: String,
    pub(crate) once: Vec<usize>,
    pub(crate) reply: Vec<(String, ReplyValue)>,
    /// The lines `A <-> B`.
    pub(crate) two_way_lines: Vec<law::TwoWayLine>,
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

/// A mapping in one direction, every name looked up.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) hir: Hir,
    pub(crate) trees: Vec<Tree>,
    pub(crate) policy: Policy,
    pub(crate) roots: Vec<FieldId>,
    pub(crate) source: usize,
    pub(crate) secrets: Vec<FieldId>,
    pub(crate) written_secrets: Vec<(usize, FieldId)>,
    pub(crate) tables: BTreeMap<String, Arc<TableData>>,
    pub(crate) memos: Vec<declare::MemoData>,
    /// A side that the mapping stands for only a part of: it can be checked, but not run.
    pub(crate) partial: bool,
    /// The trees that are written `once`: one file for each message.
    pub(crate) once: Vec<usize>,
    pub(crate) reply: Vec<(String, ReplyValue)>,
    /// The lines `A <-> B`.
    pub(crate) lines: Vec<law::TwoWayLine>,
    /// What becomes of the fields of the source.
    pub(crate) coverage: crate::plan::Coverage,
}

impl Resolved {
    /// Whether a rule writes a field of the target.
    fn writes(&self, field: FieldId) -> bool {
        self.hir.rules.iter().any(|it| it.target.is_some_and(|(_, target)| target == field))
    }

    /// Whether a rule reads a field of the source.
    fn reads(&self, field: FieldId) -> bool {
        self.hir.rules.iter().any(|it| it.source == Some(field))
    }
}

/// Resolves a mapping in one direction.
pub(crate) fn resolve(
    unit: &Unit,
    sides: &[Side],
    (direction, limits): (Direction, &Limits),
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Resolved {
    let mut resolver = Resolver::new(unit, sides, direction, sources, diagnostics);
    resolver.lookup_rows_max = limits.lookup_rows_max;
    resolver.find_roots();
    resolver.declare();
    resolver.plant_trees();
    resolver.sections();
    resolver.resolve_later();
    resolver.check_presence();
    resolver.check_coverage();
    resolver.resolved()
}

impl<'a> Resolver<'a> {
    fn new(
        unit: &'a Unit,
        sides: &'a [Side],
        direction: Direction,
        sources: &'a Sources,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let version = unit.ast.sections.iter().find_map(|it| match &it.kind {
            SectionKind::Mapping { version, .. } => Some(version.text.clone()),
            _ => None,
        });
        Resolver {
            sources,
            diagnostics,
            unit,
            sides,
            direction,
            policy: Policy::default(),
            roots: vec![Schema::ROOT; sides.len()],
            names: Vec::new(),
            tables: BTreeMap::new(),
            lookups: BTreeMap::new(),
            lookup_rows_max: Limits::default().lookup_rows_max,
            unread: Vec::new(),
            sequences: BTreeMap::new(),
            memos: Vec::new(),
            fragments: BTreeMap::new(),
            hir: Hir::default(),
            read: HashSet::new(),
            covered: HashSet::new(),
            same: HashSet::new(),
            trees: Vec::new(),
            within: Vec::new(),
            charset_said: false,
            rule: RuleId(0),
            scope: ast::Scope::Message,
            first_read: None,
            depth: 0,
            used: HashSet::new(),
            written: HashMap::new(),
            later: Vec::new(),
            pairs: Vec::new(),
            lines: Vec::new(),
            secrets: Vec::new(),
            written_secrets: Vec::new(),
            current: Vec::new(),
            key_exprs: Vec::new(),
            noted: Vec::new(),
            version: version.unwrap_or_default(),
            once: Vec::new(),
            reply: Vec::new(),
            two_way_lines: Vec::new(),
        }
    }

    /// `at PATH`: its first name may stand anywhere if it is unique.
    fn find_roots(&mut self) {
        let unit = self.unit;
        for section in &unit.ast.sections {
            let SectionKind::Side(clause) = &section.kind else { continue };
            let Some(side) = self.sides.iter().position(|it| it.alias == clause.alias.text) else { continue };
            let Some(path) = &clause.at else { continue };
            let schema = self.schema(side);
            let mut places = schema.places(path.first(), 8);
            // The nearest to the root, if there is one nearest.
            if let Some(top) = places.iter().copied().find(|it| schema.parent(*it) == Some(Schema::ROOT)) {
                places = vec![top];
            }
            let [top] = places.as_slice() else {
                self.no_root(&schema, path, &places);
                continue;
            };
            let mut field = *top;
            let mut found = true;
            for segment in path.segments.iter().skip(1) {
                match schema.child(field, &segment.name.text) {
                    Some(child) => field = child,
                    None => {
                        self.unknown_field(side, field, segment);
                        found = false;
                        break;
                    }
                }
            }
            if let Some(root) = self.roots.get_mut(side).filter(|_| found) {
                *root = field;
            }
        }
    }

    fn no_root(&mut self, schema: &Schema, path: &ast::Path, places: &[FieldId]) {
        let name = path.first().to_owned();
        let span = path.segments.first().map_or(path.span, |it| it.name.span);
        let known: Vec<String> = schema
            .children(Schema::ROOT)
            .into_iter()
            .flat_map(|it| schema.children(it))
            .map(|it| schema.name_of(it).to_owned())
            .collect();
        let top: Vec<String> = schema.children(Schema::ROOT).into_iter().map(|it| schema.name_of(it).to_owned()).collect();
        let diagnostic = if places.is_empty() {
            self.diagnostics.error("E101", span, format!("there is no `{name}` here"))
        } else {
            self.diagnostics.error("E101", span, format!("`{name}` stands in several places"))
        };
        diagnostic.label(format!("not in {}", schema.name));
        if !places.is_empty() {
            diagnostic.label(format!("which one in {}?", schema.name));
            let paths: Vec<_> = places.iter().map(|it| schema.path(*it)).collect();
            diagnostic.help(format!("write one of: {}", paths.join(", ")));
            return;
        }
        let names: Vec<_> = top.iter().chain(&known).map(String::as_str).collect();
        match super::nearest(&name, names.iter().copied()) {
            Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), span, near),
            None => diagnostic.help(format!("it has: {}", names.join(", "))),
        };
    }

    fn plant_trees(&mut self) {
        for (side, it) in self.sides.iter().enumerate() {
            if !self.reads(it) {
                // A fault stands beside what the side stands for.
                let root = match self.writes_fault(&it.alias) {
                    true => Schema::ROOT,
                    false => self.roots.get(side).copied().unwrap_or(Schema::ROOT),
                };
                self.trees.push(Tree::new(side, root, it.span));
                self.hir.items.push(Vec::new());
            }
        }
    }

    /// The tree of a side that is written.
    fn tree_of(&mut self, name: &ast::Name) -> Option<usize> {
        let tree = self.trees.iter().position(|it| self.sides.get(it.side).is_some_and(|it| it.alias == name.text));
        if tree.is_none() {
            let targets: Vec<String> =
                self.trees.iter().filter_map(|it| self.sides.get(it.side)).map(|it| it.alias.clone()).collect();
            let near = super::nearest(&name.text, targets.iter().map(String::as_str)).map(str::to_owned);
            let diagnostic = self.diagnostics.error("E100", name.span, format!("`{}` is not a side that is written", name.text));
            match near {
                Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), name.span, near),
                None => diagnostic.help(format!("written is: {}", targets.join(", "))),
            };
        }
        tree
    }

    fn sections(&mut self) {
        let unit = self.unit;
        // What others refer to comes first.
        for section in &unit.ast.sections {
            match &section.kind {
                SectionKind::FilePer { side, value, alias } => {
                    if let Some(tree) = self.tree_of(side) {
                        self.file_key(tree, value, alias, section.span);
                    }
                }
                SectionKind::Recall { memo, by, or, reject, .. } => self.recall(memo, by, or.as_ref(), reject, section.span),
                SectionKind::Ignore { path, .. } => self.ignore(path),
                // What one side must be is asked where messages come from it.
                SectionKind::Verify { each, cond, reject } if !self.is_of_other_direction(cond) => {
                    self.verify(each, cond, reject, section.span);
                }
                _ => {}
            }
        }
        for section in &unit.ast.sections {
            self.scope = ast::Scope::Message;
            match &section.kind {
                SectionKind::Write(clause) => self.write(clause, section.span),
                SectionKind::Pair(pair) => self.top_pair(pair, section.span),
                SectionKind::OnlyTo { side, block } => self.only_to(side, block),
                // A side that goes both ways is initialized where it is written.
                SectionKind::Initialize { path, .. } if self.goes_both_ways() && self.is_source(path.first()) => {}
                SectionKind::Initialize { path, .. } => self.initialize(path),
                SectionKind::OnReject { name, block } => self.on_reject(name, block),
                SectionKind::Remember { memo, key, value, fields } => self.remember(memo, key, value, fields, section.span),
                _ => {}
            }
        }
    }

    /// Where the rules of a target stand.
    fn top(&mut self, tree: usize) -> Option<Within> {
        let it = self.trees.get(tree)?;
        let (side, span) = (it.side, it.node(0).span);
        let (root, schema) = (it.node(0).field, self.schema(side));
        let line = if root == self.root(side) { Vec::new() } else { schema.line(self.root(side)) };
        Some(self.top_at(tree, &line, span))
    }

    /// Where the rules of a target's fault stand.
    fn fault_top(&mut self, tree: usize, clause: &ast::WriteClause) -> Option<Within> {
        let side = self.trees.get(tree)?.side;
        let Some(fault) = self.schema(side).child(Schema::ROOT, "Fault") else {
            let format = self.sides.get(side).map_or("", |it| it.format.as_str());
            self.diagnostics
                .error("E100", clause.path.span, format!("messages of the format `{format}` cannot be a fault"))
                .help("leave out `fault`, or write to a side of the format `soap`");
            return None;
        };
        if clause.path.segments.len() > 1 || matches!(clause.often, ast::Often::Each(..)) {
            self.not_built(clause.path.span, "faults that are not written once for the whole message");
            return None;
        }
        Some(self.top_at(tree, &[fault], clause.path.span))
    }

    fn top_at(&mut self, tree: usize, line: &[FieldId], span: Span) -> Within {
        let mut top = Within { tree, group: 0, field: self.root(0), node: None };
        if let Some(it) = self.trees.get_mut(tree) {
            for field in line {
                top.group = it.child(top.group, *field, 1, span);
            }
            top.field = it.node(top.group).field;
            if !it.tops.contains(&top.group) {
                it.tops.push(top.group);
            }
        }
        top
    }

    /// Whether a `write .. fault` names a side.
    fn writes_fault(&self, alias: &str) -> bool {
        let of = |it: &ast::WriteClause| it.fault && it.path.segments.first().is_some_and(|it| it.name.text == alias);
        self.unit.ast.sections.iter().any(|it| matches!(&it.kind, SectionKind::Write(clause) if of(clause)))
    }

    fn write(&mut self, clause: &ast::WriteClause, span: Span) {
        let Some((first, rest)) = clause.path.segments.split_first() else { return };
        let Some(tree) = self.tree_of(&first.name) else { return };
        let top = if clause.fault { self.fault_top(tree, clause) } else { self.top(tree) };
        let Some(top) = top else { return };
        let path = ast::Path { segments: rest.to_vec(), span: clause.path.span };
        self.within.push(top);
        if rest.is_empty()
            && let Some(it) = self.trees.get_mut(tree)
        {
            let root = it.node_mut(top.group);
            root.span = clause.path.span;
            root.explicit = true;
        }
        let items = match &clause.often {
            ast::Often::Each(loops, tail) => {
                let (guard, reject) = (clause.guard.as_ref(), clause.reject.as_ref());
                let each = each::Each {
                    path: &path,
                    loops,
                    tail,
                    guard,
                    reject,
                    block: &clause.block,
                    span,
                    is_record: true,
                    is_pair: false,
                };
                self.each(&each, &[]).into_iter().collect()
            }
            often => {
                if matches!(often, ast::Often::Once) && !self.once.contains(&tree) {
                    self.once.push(tree);
                }
                self.write_once(clause, &path, span)
            }
        };
        self.within.pop();
        if let Some(all) = self.hir.items.get_mut(tree) {
            all.extend(items);
        }
    }

    fn write_once(&mut self, clause: &ast::WriteClause, path: &ast::Path, span: Span) -> Vec<Item> {
        let mut items = Vec::new();
        if let (Some(guard), Some(reject)) = (&clause.guard, &clause.reject) {
            let id = self.new_rule(guard.span, "when".to_owned(), None);
            let negated = ast::Expr { kind: ast::ExprKind::Not(Box::new(guard.clone())), span: guard.span };
            let reject = self.reject(reject);
            if let Some(when) = self.cond(&negated) {
                items.push(Item::Refuse { rule: id, when, reject });
            }
        }
        let kind =
            ast::RuleKind::Group { path: path.clone(), when: clause.guard.clone(), reject: None, block: clause.block.clone() };
        let rule = ast::Rule { kind, span, remark: None };
        items.extend(self.block(std::slice::from_ref(&rule), &[]));
        items
    }

    fn top_pair(&mut self, pair: &ast::PairClause, span: Span) {
        let written = if self.direction == Direction::Forth { &pair.right } else { &pair.left };
        let Some((first, rest)) = written.segments.split_first() else { return };
        let Some(tree) = self.tree_of(&first.name) else { return };
        let Some(top) = self.top(tree) else { return };
        let path = ast::Path { segments: rest.to_vec(), span: written.span };
        let mut inner = pair.clone();
        if self.direction == Direction::Forth {
            inner.right = path
        } else {
            inner.left = path
        }
        self.within.push(top);
        let mut items = Vec::new();
        self.pair(&inner, span, &[], &mut items);
        self.within.pop();
        if let Some(all) = self.hir.items.get_mut(tree) {
            all.extend(items);
        }
    }

    fn only_to(&mut self, side: &ast::Name, block: &[ast::Rule]) {
        let known = self.sides.iter().any(|it| it.alias == side.text);
        let tree = self.trees.iter().position(|it| self.sides.get(it.side).is_some_and(|it| it.alias == side.text));
        match tree {
            Some(tree) => {
                let Some(top) = self.top(tree) else { return };
                self.within.push(top);
                let items = self.block(block, &[]);
                self.within.pop();
                if let Some(all) = self.hir.items.get_mut(tree) {
                    all.extend(items);
                }
            }
            // The other direction writes it.
            None if known => {}
            None => {
                self.tree_of(side);
            }
        }
    }

    fn initialize(&mut self, path: &ast::Path) {
        let Some((first, rest)) = path.segments.split_first() else { return };
        let Some(tree) = self.tree_of(&first.name) else { return };
        let Some(top) = self.top(tree) else { return };
        let node = if rest.is_empty() {
            Some(0)
        } else {
            self.target_path(top, &ast::Path { segments: rest.to_vec(), span: path.span })
        };
        if let (Some(node), Some(tree)) = (node, self.trees.get_mut(tree)) {
            tree.node_mut(node).initialized = true;
        }
    }

    /// What was found.
    fn resolved(self) -> Resolved {
        let (partial, source, coverage) = (self.is_partial(), self.source_side(), self.coverage());
        let Resolver {
            hir,
            trees,
            policy,
            roots,
            secrets,
            written_secrets,
            tables,
            memos,
            once,
            reply,
            two_way_lines: lines,
            ..
        } = self;
        Resolved {
            hir,
            trees,
            policy,
            roots,
            source,
            secrets,
            written_secrets,
            tables,
            memos,
            partial,
            once,
            reply,
            lines,
            coverage,
        }
    }

    /// Whether a side stands for a part of its message, and what is above needs more than that part.
    fn is_partial(&self) -> bool {
        let partial = |tree: &Tree| {
            let schema = self.schema(tree.side);
            let root = self.root(tree.side);
            let records = self.sides.get(tree.side).is_some_and(|it| it.about.records);
            schema.line(root).into_iter().any(|it| {
                schema.parent(it).is_some_and(|parent| {
                    let needed = presence::mandatory(&schema, parent, records);
                    needed.iter().any(|member| *member != it)
                })
            })
        };
        self.trees.iter().any(partial)
    }
}
