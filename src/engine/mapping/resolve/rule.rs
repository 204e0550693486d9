//! Rules and blocks: what is written where, under which conditions.

use super::each::Each;
use super::exclusion::exclude;
use super::group::Writer;
use super::value::Want;
use super::{Atom, Binding, Resolver, TargetType, Within};
use crate::mapping::ast::{self, Comparison, Expr, ExprKind, OtherCase, Path, Reject, Rule, RuleKind, Scope, Target};
use crate::mapping::hir::{BlockItem, Item, NodeId, RejectId, Rejection, RuleInfo, RuleItem, TargetLeaf, Value, ValueKind};
use crate::mapping::typed::{Class, Kind, Typed};
use crate::{FieldId, RuleId, Span};

/// A rule that reads what other rules wrote: resolved when all of them are known.
#[derive(Debug)]
pub(crate) struct Later {
    place: usize,
    target: Target,
    value: Expr,
    when: Option<Expr>,
    span: Span,
    remark: Option<String>,
    names: Vec<(String, Binding)>,
    within: Vec<Within>,
    guards: Vec<Atom>,
    scope: Scope,
}

/// A field with its value, as the many spellings of a rule all say it.
pub(super) struct Assignment<'r> {
    pub(super) target: &'r Target,
    pub(super) value: &'r Expr,
    pub(super) when: Option<&'r Expr>,
    pub(super) span: Span,
    pub(super) remark: Option<&'r String>,
}

/// A rule whose value is still to be resolved.
pub(super) struct Begun {
    pub(super) rule: RuleId,
    /// The nodes of the target's tree that it writes.
    pub(super) nodes: Vec<Option<usize>>,
    pub(super) targets: Vec<Option<TargetType>>,
}

/// What the fields that a rule writes want of its value.
pub(super) fn wanted(targets: &[Option<TargetType>]) -> Want<'_> {
    let target = if let [only] = targets { only.as_ref() } else { None };
    let clean = targets.iter().flatten().all(|it| it.typed.as_text().is_some_and(|it| it.codes.is_empty()));
    Want { target, is_lost: targets.iter().any(Option::is_none), clean }
}

impl Resolver<'_> {
    /// The rules of a block, in the order of their lines.
    pub(crate) fn block(&mut self, rules: &[Rule], guards: &[Atom]) -> Vec<Item> {
        let (known, lines) = (self.names.len(), self.lines.len());
        self.lines.extend(rules.iter().filter_map(|rule| match &rule.kind {
            RuleKind::Both(it) => Some((it.left.paths.first()?.clone(), it.right.paths.first()?.clone())),
            _ => None,
        }));
        let mut items = Vec::new();
        for rule in rules {
            match self.slice_of(rule) {
                Some(slice) => items.extend(self.slices(rule, &slice, rules, guards)),
                None => self.rule_item(rule, guards, &mut items),
            }
        }
        self.names.truncate(known);
        self.lines.truncate(lines);
        items
    }

    fn rule_item(&mut self, rule: &Rule, guards: &[Atom], items: &mut Vec<Item>) {
        let remark = rule.remark.as_ref();
        match &rule.kind {
            // In a pair the arrow points at the left side, which only the way back writes. A constant there is asked for on
            // the way forth.
            RuleKind::Assign { .. } if !self.pairs.is_empty() && self.direction == super::Direction::Forth => {}
            RuleKind::Constant { path, value, when } if !self.pairs.is_empty() && self.direction == super::Direction::Forth => {
                if when.is_none() {
                    items.extend(self.expected(path, value, rule.span));
                }
            }
            RuleKind::Constant { path, value, when } => {
                let target = Target { paths: vec![path.clone()], span: path.span };
                let assignment = Assignment { target: &target, value, when: when.as_ref(), span: rule.span, remark };
                items.extend(self.assignment(&assignment, guards));
            }
            RuleKind::Assign { target, value, when } => {
                let assignment = Assignment { target, value, when: when.as_ref(), span: rule.span, remark };
                items.extend(self.assignment(&assignment, guards));
            }
            RuleKind::Header { name, .. } => self.not_built(name.span, "headers of a message"),
            RuleKind::Each { path, loops, tail, guard, reject, block } => {
                let each = Each {
                    path,
                    loops,
                    tail,
                    guard: guard.as_ref(),
                    reject: reject.as_ref(),
                    block,
                    span: rule.span,
                    is_record: false,
                    is_pair: false,
                };
                items.extend(self.each(&each, guards));
            }
            RuleKind::Copy { path, from, except } => self.copy(path, from, except, rule, guards, items),
            RuleKind::Group { path, when, reject, block } => {
                items.extend(self.group(path, when.as_ref(), reject.as_ref(), block, rule, guards));
            }
            RuleKind::ChooseOn { path, cases, other } => self.choose_on(path, cases, other.as_ref(), rule, guards, items),
            RuleKind::Let(clause) => self.names.push((clause.name.text.clone(), Binding::Let(clause.path.clone()))),
            RuleKind::Right { value, target, when } => {
                if self.two_way_only(rule.span) && self.direction == super::Direction::Forth {
                    let assignment = Assignment { target, value, when: when.as_ref(), span: rule.span, remark };
                    items.extend(self.assignment(&assignment, guards));
                }
            }
            RuleKind::Both(both) => {
                if self.two_way_only(rule.span) {
                    items.extend(self.both(both, rule, guards));
                }
            }
            RuleKind::Pair(pair) => {
                if self.two_way_only(rule.span) {
                    self.pair(pair, rule.span, guards, items);
                }
            }
        }
    }

    /// Whether the mapping goes both ways.
    pub(super) fn goes_both_ways(&self) -> bool {
        self.sides.iter().any(|it| matches!(it.role, ast::Role::Between | ast::Role::And))
    }

    /// `->`, `<->` and `pair` belong to mappings with two readable sides.
    fn two_way_only(&mut self, span: Span) -> bool {
        let two_way = self.goes_both_ways();
        if !two_way {
            self.diagnostics
                .error("E001", span, "this line goes both ways, and the mapping does not")
                .help("write `TARGET <- value`, or declare the sides with `between` and `and`");
        }
        two_way
    }

    /// What the language has and this program does not do yet.
    pub(crate) fn not_built(&mut self, span: Span, what: &str) {
        self.diagnostics.error("E004", span, format!("{what} are not built yet")).help("leave it out for now");
    }

    // ---- rules of record keeping -----------------------------------------------------------------------------------

    /// A new rule for reports and faults.
    pub(crate) fn new_rule(&mut self, span: Span, name: String, remark: Option<String>) -> RuleId {
        let id = RuleId(u16::try_from(self.hir.rules.len()).unwrap_or(u16::MAX));
        let scope = self.scope;
        self.hir.rules.push(RuleInfo { span, target: None, source: None, name, class: Class::Constant, remark, scope });
        self.rule = id;
        self.first_read = None;
        id
    }

    pub(crate) fn rule_info(&mut self, id: RuleId) -> Option<&mut RuleInfo> {
        self.hir.rules.get_mut(usize::from(id.0))
    }

    /// A refusal in the author's words.
    pub(crate) fn reject(&mut self, reject: &Reject) -> RejectId {
        self.reason_code(&reject.code);
        let text = reject.text.as_ref().map(|it| it.text.clone());
        self.new_reject(Rejection { scope: reject.scope, code: reject.code.text.clone(), text })
    }

    pub(crate) fn new_reject(&mut self, rejection: Rejection) -> RejectId {
        let known = self
            .hir
            .rejects
            .iter()
            .position(|it| it.code == rejection.code && it.text == rejection.text && it.scope == rejection.scope);
        let at = known.unwrap_or_else(|| {
            self.hir.rejects.push(rejection);
            self.hir.rejects.len() - 1
        });
        RejectId(u16::try_from(at).unwrap_or(u16::MAX))
    }

    /// E212: a code is one of ISO's or begins with `X-`.
    fn reason_code(&mut self, code: &ast::TextLit) {
        if code.text.starts_with("X-") && code.text.len() > 2 || crate::standards::reasons::is_known(&code.text) {
            return;
        }
        let near = crate::mapping::nearest(&code.text, crate::standards::reasons::all()).map(str::to_owned);
        let diagnostic = self.diagnostics.error("E212", code.span, format!("\"{}\" is no reason code of ISO 20022", code.text));
        diagnostic.label("neither ISO nor `X-..`");
        if let Some(near) = near {
            diagnostic.fix(format!("did you mean \"{near}\"?"), code.span, format!("\"{near}\""));
        }
        diagnostic.fix(
            format!("a code of your own begins with `X-`:  \"X-{}\"", code.text),
            code.span,
            format!("\"X-{}\"", code.text),
        );
    }

    // ---- one field -------------------------------------------------------------------------------------------------

    /// `TARGET <- VALUE when COND`
    fn assignment(&mut self, it: &Assignment<'_>, guards: &[Atom]) -> Option<Item> {
        if reads_written(it.value) || it.when.is_some_and(reads_written) {
            let place = self.hir.later.len();
            self.hir.later.push(None);
            // The field counts as written from now on, whatever becomes of the value.
            let later = Later {
                place,
                target: it.target.clone(),
                value: it.value.clone(),
                when: it.when.cloned(),
                span: it.span,
                remark: it.remark.cloned(),
                names: self.names.clone(),
                within: self.within.clone(),
                guards: guards.to_vec(),
                scope: self.scope,
            };
            self.later.push(later);
            return Some(Item::Later(place));
        }
        self.rule_of(it, guards).map(Item::Rule)
    }

    /// Resolves the rules that read what others wrote.
    pub(crate) fn resolve_later(&mut self) {
        let mut open = std::mem::take(&mut self.later);
        // A total may be of what another total feeds: those come after it.
        open.sort_by_key(|it| it.span.start);
        for later in open {
            self.names = later.names;
            self.within = later.within;
            self.scope = later.scope;
            let it = Assignment {
                target: &later.target,
                value: &later.value,
                when: later.when.as_ref(),
                span: later.span,
                remark: later.remark.as_ref(),
            };
            let item = self.rule_of(&it, &later.guards);
            if let Some(place) = self.hir.later.get_mut(later.place) {
                *place = item;
            }
        }
    }

    fn rule_of(&mut self, it: &Assignment<'_>, guards: &[Atom]) -> Option<RuleItem> {
        let Begun { rule, nodes, targets } = self.begun(it.target, it.span, it.remark)?;
        let mut atoms = guards.to_vec();
        let when = match it.when {
            Some(when) => {
                atoms.extend(self.atoms(when));
                Some(self.cond(when))
            }
            None => None,
        };
        self.first_read = None;
        let value = self.value(it.value, wanted(&targets));
        let source = self.first_read;
        let resolved = self.assigned(value, &nodes, &targets, &atoms, it);
        let (value, targets) = self.ended(rule, source, &nodes, resolved)?;
        let when = match when {
            Some(None) => return None,
            Some(when) => when,
            None => None,
        };
        Some(RuleItem { rule, when, targets, value })
    }

    /// The number of a rule, and what it writes.
    pub(super) fn begun(&mut self, target: &Target, span: Span, remark: Option<&String>) -> Option<Begun> {
        let within = *self.within.last()?;
        let nodes: Vec<_> = target.paths.iter().map(|path| self.leaf_of(within, path)).collect();
        let name = self.sources.slice(target.span).to_owned();
        let rule = self.new_rule(span, name, remark.cloned());
        let targets = nodes.iter().map(|node| node.and_then(|node| self.target_type(within.tree, node))).collect();
        Some(Begun { rule, nodes, targets })
    }

    /// Keeps what a rule reads and writes. The fields of one that failed count as written.
    pub(super) fn ended(
        &mut self,
        rule: RuleId,
        source: Option<FieldId>,
        nodes: &[Option<usize>],
        resolved: Option<(Value, Vec<TargetLeaf>, Class)>,
    ) -> Option<(Value, Vec<TargetLeaf>)> {
        let tree = self.within.last()?.tree;
        let written = nodes.iter().flatten().next().and_then(|node| {
            let it = self.trees.get(tree)?;
            Some((u8::try_from(it.side).unwrap_or(u8::MAX), it.node(*node).field))
        });
        let info = self.rule_info(rule)?;
        (info.source, info.target) = (source, written);
        if let Some((.., class)) = &resolved {
            info.class = *class;
        } else {
            for node in nodes.iter().flatten() {
                if let Some(tree) = self.trees.get_mut(tree) {
                    tree.node_mut(*node).failed = true;
                }
            }
        }
        resolved.map(|(value, targets, _)| (value, targets))
    }

    /// Checks a value against the fields it goes to and notes who writes them.
    pub(super) fn assigned(
        &mut self,
        value: Option<Value>,
        nodes: &[Option<usize>],
        targets: &[Option<TargetType>],
        atoms: &[Atom],
        it: &Assignment<'_>,
    ) -> Option<(Value, Vec<TargetLeaf>, Class)> {
        let value = value?;
        let count = it.target.paths.len();
        let values: Vec<Typed> = match &value.typed.kind {
            Kind::Tuple(parts) => parts.clone(),
            _ => vec![value.typed.clone()],
        };
        if values.len() != count {
            self.diagnostics
                .error("E103", it.target.span, format!("{count} fields are given {} values", values.len()))
                .help("name as many fields as the table has columns, or take one column with `| table/column`");
            return None;
        }
        let within = *self.within.last()?;
        let mut leaves = Vec::new();
        let mut class = Class::Constant;
        let mut sound = true;
        for (at, (node, target)) in nodes.iter().zip(targets).enumerate() {
            let (Some(node), Some(target)) = (node, target) else {
                sound = false;
                continue;
            };
            if let Some(typed) = values.get(at) {
                self.written.insert((within.tree, *node), typed.clone());
            }
            let assigned = if count == 1 {
                self.assign(&value, target)
            } else {
                // A part of a tuple stands for the whole in messages.
                let part = Value { kind: ValueKind::Nothing, typed: values.get(at)?.clone(), span: value.span };
                self.assign_typed(&part, target)
            };
            let Some((needed, finish)) = assigned else {
                sound = false;
                continue;
            };
            class = class.max(needed);
            let typed = values.get(at)?.clone();
            self.note_writer(*node, typed, atoms, it);
            leaves.push(TargetLeaf { leaf: *node, finish });
        }
        sound.then_some((value, leaves, class))
    }

    fn note_writer(&mut self, node: usize, typed: Typed, atoms: &[Atom], it: &Assignment<'_>) {
        let Some(within) = self.within.last().copied() else { return };
        let rule = self.rule;
        let span = it
            .target
            .paths
            .iter()
            .map(|it| it.segments.last().map_or(it.span, |last| last.name.span))
            .next()
            .unwrap_or(it.target.span);
        let whole = it.target.paths.first().map_or(span, |it| it.span);
        let value_span = it.value.span;
        let mut implied = atoms.to_vec();
        if let Some(subject) = self.subject_of(it.value) {
            implied.push(Atom::present(subject));
        }
        let guarded = it.when.is_some();
        let Some(tree) = self.trees.get(within.tree) else { return };
        let clash = tree.node(node).writers.iter().find(|other| !exclude(&implied, &other.implied)).map(|it| it.span);
        if let Some(first) = clash {
            let name = self.schema(tree.side).name_of(tree.node(node).field).to_owned();
            let line = self.sources.position(first).line;
            self.diagnostics
                .error("E401", whole, format!("`{name}` is written twice"))
                .label("second time here")
                .add_note(format!("first time in line {line}; only one of the two values can leave"))
                .help("remove one line, or give both a `when` that excludes the other");
        }
        let writer = Writer { rule, span, value_span, guards: atoms.to_vec(), implied, typed, guarded };
        if let Some(tree) = self.trees.get_mut(within.tree) {
            tree.node_mut(node).writers.push(writer);
        }
    }

    /// The path that a value is present with: a chain without `else`.
    fn subject_of(&self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Path(_) => Some(self.words(value)),
            ExprKind::Chain(first, links, _) if links.iter().all(|it| matches!(it, ast::Link::Adapter(_))) => {
                self.subject_of(first)
            }
            _ => None,
        }
    }

    /// The node of a leaf.
    pub(super) fn leaf_of(&mut self, within: Within, path: &Path) -> Option<usize> {
        self.target_path(within, path)
    }

    /// What a leaf of a target takes.
    pub(crate) fn target_type(&mut self, tree: usize, node: usize) -> Option<TargetType> {
        let tree = self.trees.get(tree)?;
        let field = tree.node(node).field;
        let side = self.sides.get(tree.side)?;
        let in_record = side.about.records;
        let schema = self.schema(tree.side);
        let member = schema.member(field)?;
        if member.kept_by_engine {
            let name = member.name.clone();
            let span = tree.node(node).span;
            self.diagnostics
                .warning("W703", span, format!("`{name}` is kept by the engine"))
                .label("it counts its table by itself")
                .help("remove the rule");
        }
        let typed = Typed::of_field(&schema, field);
        let occurs = member.repeats.then_some(member.occurs);
        Some(TargetType { typed, occurs, name: member.name.clone(), in_record })
    }

    // ---- shorthands ------------------------------------------------------------------------------------------------

    /// `choose on PATH { "A" { .. } other { .. } }`: a block for each case, under its condition.
    fn choose_on(
        &mut self,
        path: &Path,
        cases: &[(Vec<ast::TextLit>, Vec<Rule>)],
        other: Option<&OtherCase>,
        rule: &Rule,
        guards: &[Atom],
        items: &mut Vec<Item>,
    ) {
        let Some(within) = self.within.last().copied() else { return };
        let subject = Expr { kind: ExprKind::Path(path.clone()), span: path.span };
        let one_of = |codes: &[ast::TextLit]| {
            let texts: Vec<_> = codes.iter().map(|it| Expr { kind: ExprKind::Text(it.text.clone()), span: it.span }).collect();
            let span = codes.first().map_or(path.span, |it| it.span);
            match texts.as_slice() {
                [one] => Expr {
                    kind: ExprKind::Compare(Comparison::Equal, Box::new(subject.clone()), Box::new(one.clone())),
                    span: path.span,
                },
                _ => {
                    let list = Expr { kind: ExprKind::Tuple(texts), span };
                    Expr { kind: ExprKind::Compare(Comparison::In, Box::new(subject.clone()), Box::new(list)), span }
                }
            }
        };
        for (codes, block) in cases {
            let cond = one_of(codes);
            self.case(&cond, block, rule, guards, within, items);
        }
        let all: Vec<_> = cases.iter().flat_map(|(codes, _)| codes.clone()).collect();
        let matched = one_of(&all);
        let present = Expr { kind: ExprKind::Is(Box::new(subject.clone()), ast::Being::Present, false), span: path.span };
        let rest = Expr { kind: ExprKind::Not(Box::new(matched)), span: path.span };
        let cond = Expr { kind: ExprKind::And(Box::new(present), Box::new(rest)), span: path.span };
        match other {
            Some(OtherCase::Block(block)) => self.case(&cond, block, rule, guards, within, items),
            Some(OtherCase::Reject(reject)) => {
                let id = self.new_rule(rule.span, "other".to_owned(), None);
                let reject = self.reject(reject);
                if let Some(when) = self.cond(&cond) {
                    items.push(Item::Refuse { rule: id, when, reject });
                }
            }
            None => {}
        }
    }

    fn case(&mut self, cond: &Expr, block: &[Rule], rule: &Rule, guards: &[Atom], within: Within, items: &mut Vec<Item>) {
        let id = self.new_rule(Span { end: cond.span.end, ..rule.span }, String::new(), None);
        let mut atoms = guards.to_vec();
        atoms.extend(self.atoms(cond));
        let when = self.cond(cond);
        let inner = self.block(block, &atoms);
        if let Some(when) = when {
            items.push(Item::Block(BlockItem { rule: id, when: Some(when), group: within.group, reject: None, items: inner }));
        }
    }

    /// `A <- b copy`: a rule for each field that both groups have.
    fn copy(&mut self, path: &Path, from: &Path, except: &[Path], rule: &Rule, guards: &[Atom], items: &mut Vec<Item>) {
        let Some(within) = self.within.last().copied() else { return };
        let Some(node) = self.target_path(within, path) else { return };
        let Some(source) = self.source_path(from) else { return };
        let ValueKind::Field(source_path) = source.kind else { return };
        let side = self.trees.get(within.tree).map_or(0, |it| it.side);
        let field = self.trees.get(within.tree).map_or(within.field, |it| it.node(node).field);
        let (target, origin) = (self.schema(side), self.schema(self.source_side()));
        let names: Vec<String> = target.children(field).into_iter().map(|it| target.name_of(it).to_owned()).collect();
        for name in names {
            let left_out = except.iter().any(|it| it.segments.len() == 1 && it.first() == name);
            let (Some(to), Some(of)) = (target.child(field, &name), origin.child(source_path.field, &name)) else {
                continue;
            };
            if left_out {
                continue;
            }
            let segment = ast::Segment { name: ast::Name { text: name.clone(), span: path.span }, quoted: true, index: None };
            let longer = |path: &Path| {
                let mut path = path.clone();
                path.segments.push(segment.clone());
                path
            };
            let (path, from) = (longer(path), longer(from));
            let below: Vec<Path> = except
                .iter()
                .filter(|it| it.segments.len() > 1 && it.first() == name)
                .map(|it| Path { segments: it.segments.iter().skip(1).cloned().collect(), span: it.span })
                .collect();
            if target.type_of(to).members.iter().any(|it| !it.is_attribute()) {
                self.copy(&path, &from, &below, rule, guards, items);
            } else {
                let value = Expr { kind: ExprKind::Path(from), span: rule.span };
                let to = Target { paths: vec![path], span: rule.span };
                let assignment =
                    Assignment { target: &to, value: &value, when: None, span: rule.span, remark: rule.remark.as_ref() };
                items.extend(self.assignment(&assignment, guards));
            }
            let _ = of;
        }
    }

    /// A repeat that the current rules stand in, for `position`.
    pub(crate) fn current_node(&self) -> Option<NodeId> {
        self.within.iter().rev().find_map(|it| it.node)
    }
}

/// Whether a value reads what rules wrote.
pub(super) fn reads_written(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Written(_) => true,
        ExprKind::Call(_, args) => args.iter().any(|it| reads_written(&it.value)),
        ExprKind::Tuple(values) => values.iter().any(reads_written),
        ExprKind::Choose(branches) => {
            branches.iter().any(|(value, cond)| reads_written(value) || cond.as_ref().is_some_and(reads_written))
        }
        ExprKind::Binary(_, a, b) | ExprKind::Compare(_, a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            reads_written(a) || reads_written(b)
        }
        ExprKind::Is(inner, ..) | ExprKind::Not(inner) => reads_written(inner),
        ExprKind::Chain(first, links, _) => {
            reads_written(first)
                || links.iter().any(|it| match it {
                    ast::Link::Adapter(adapter) => adapter.args.iter().any(|it| reads_written(&it.value)),
                    ast::Link::Else(value) => reads_written(value),
                    _ => false,
                })
        }
        _ => false,
    }
}
