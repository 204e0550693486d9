//! What is there whenever its group is: E301, E302, E303, and the branches of choices: E402.

use super::assign::scope_word;
use super::exclusion::exclude;
use super::group::Writer;
use super::{Atom, Resolver};
use crate::mapping::ast::Scope;
use crate::mapping::typed::{Kind, Presence, Typed};
use crate::rules::TextCheck;
use crate::{FieldId, Kind as FieldKind, Particle, Schema, Span, Text, Type};

/// Whether something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum There {
    Always,
    Maybe,
}

impl Resolver<'_> {
    /// Checks every target whose rules are all known.
    pub(crate) fn check_presence(&mut self) {
        for tree in 0..self.trees.len() {
            self.check_group(tree, 0, true);
        }
    }

    /// Checks a group that is written: `always` whenever its parent is, or only with one of its own rules.
    fn check_group(&mut self, tree: usize, at: usize, always: bool) -> There {
        let Some(it) = self.trees.get(tree) else { return There::Maybe };
        let schema = self.schema(it.side);
        let (node, field) = (it.node(at), it.node(at).field);
        let (span, guards, initialized) = (node.span, node.guards.clone(), node.initialized);
        let children: Vec<usize> = node.children.clone();
        let said = node.reject.is_some();
        self.check_choices(tree, at, &schema);
        // The presence of each child while this group is written.
        let mut there: Vec<(usize, There)> = Vec::new();
        for child in &children {
            let state = self.child_presence(tree, *child, &guards);
            there.push((*child, state));
        }
        let any_always = there.iter().any(|(_, it)| *it == There::Always);
        let written_always = always || any_always;
        let records = self.trees.get(tree).and_then(|it| self.sides.get(it.side)).is_some_and(|it| it.about.records);
        let mut missing: Vec<FieldId> = Vec::new();
        for member in mandatory(&schema, field, records) {
            let nodes: Vec<_> = there
                .iter()
                .filter(|(child, _)| self.trees.get(tree).is_some_and(|it| it.node(*child).field == member))
                .copied()
                .collect();
            if nodes.is_empty() {
                if !initialized && !self.broken_at(tree, at) {
                    missing.push(member);
                }
                continue;
            }
            let ok = nodes.iter().any(|(_, it)| *it == There::Always);
            // A child that holds all rules of an optional group is there when the group is.
            let alone = !written_always && children.iter().all(|it| nodes.iter().any(|(node, _)| node == it));
            if ok || alone || self.implied(tree, &children, &nodes) {
                continue;
            }
            for (child, _) in nodes {
                self.may_be_absent(tree, child, &schema);
            }
        }
        // A choice that must be made and whose branches may all be absent is told by its group (E303).
        self.choice_missing(tree, at, &schema, &mut missing);
        if !missing.is_empty() {
            self.no_rule(tree, span, &schema, &missing);
        }
        if said || any_always { There::Always } else { There::Maybe }
    }

    fn broken_at(&self, tree: usize, at: usize) -> bool {
        self.unit.ast.broken || self.trees.get(tree).is_some_and(|it| it.node(at).failed)
    }

    fn child_presence(&mut self, tree: usize, child: usize, guards: &[Atom]) -> There {
        let Some(it) = self.trees.get(tree) else { return There::Maybe };
        let node = it.node(child);
        let is_leaf = self.schema(it.side).type_of(node.field).members.iter().all(|it| it.is_attribute());
        if node.failed || is_leaf {
            return if node.failed { There::Always } else { leaf_presence(&node.writers, guards) };
        }
        if node.node.is_some() {
            // A repeat: its occurrences are checked, and there may be none.
            let schema = self.schema(it.side);
            let source = self.schema(self.source_side());
            let loops = node.node.and_then(|id| self.hir.nodes.get(usize::from(id.0))).map_or(Vec::new(), |it| it.loops.clone());
            let least = loops
                .iter()
                .filter_map(|it| self.hir.loops.get(usize::from(it.0)))
                .all(|it| source.member(it.field).is_some_and(|it| it.occurs.min > 0));
            let guarded = self.is_guarded(tree, child);
            let needs = schema.member(node.field).is_some_and(|it| it.occurs.min > 0);
            self.check_group(tree, child, true);
            // What a loop writes is there when there is something to write; a filter may leave nothing.
            return if (least && !guarded) || !needs || least { There::Always } else { There::Maybe };
        }
        let own: Vec<Atom> = node.guards.clone();
        let extra = own.iter().any(|it| !guards.contains(it));
        let schema = self.schema(it.side);
        let is_mandatory = schema.member(node.field).is_some_and(|it| it.occurs.min > 0)
            && self.sides.get(it.side).is_some_and(|it| it.about.records);
        let inner = self.check_group(tree, child, is_mandatory);
        if is_mandatory || (inner == There::Always && !extra) { There::Always } else { There::Maybe }
    }

    fn is_guarded(&self, tree: usize, child: usize) -> bool {
        self.trees.get(tree).is_some_and(|it| !it.node(child).guards.is_empty())
    }

    /// Whether whatever gives the group a value gives the mandatory child one too: they stand under the same condition.
    fn implied(&self, tree: usize, children: &[usize], nodes: &[(usize, There)]) -> bool {
        let Some(tree) = self.trees.get(tree) else { return false };
        let conditions = |at: usize| -> Option<Vec<Atom>> {
            all_writers(tree, at)
                .into_iter()
                .map(|it| it.implied.clone())
                .reduce(|a, b| a.into_iter().filter(|it| b.contains(it)).collect())
        };
        let Some(mine) = nodes.first().and_then(|(it, _)| conditions(*it)) else { return false };
        let others = children.iter().filter(|it| !nodes.iter().any(|(node, _)| node == *it));
        // The child is there under `mine`; each of the others must hold at least that.
        let mut others = others.peekable();
        others.peek().is_some()
            && others.all(|it| conditions(*it).is_some_and(|theirs| mine.iter().all(|atom| theirs.contains(atom))))
    }

    // ---- what is told ----------------------------------------------------------------------------------------------

    /// E301 of a leaf, E303 of a group.
    fn may_be_absent(&mut self, tree: usize, child: usize, schema: &Schema) {
        let Some(it) = self.trees.get(tree) else { return };
        let node = it.node(child);
        if node.failed || it.has_failed(child) || node.node.is_some() && node.writers.is_empty() {
            return;
        }
        let is_leaf = schema.type_of(node.field).members.iter().all(|it| it.is_attribute());
        if is_leaf {
            if let Some(last) = node.writers.last() {
                let (field, value_span, scope) = (
                    node.field,
                    last.value_span,
                    self.hir.rules.get(usize::from(last.rule.0)).map_or(Scope::Message, |it| it.scope),
                );
                let guarded = last.guarded && last.typed.presence != Presence::Maybe;
                let typed = last.typed.clone();
                self.absent_leaf(field, value_span, scope, &typed, guarded, schema);
            }
            return;
        }
        let (name, span) = (schema.name_of(node.field).to_owned(), node.span);
        let witness: Vec<String> =
            all_writers(it, child).iter().map(|it| self.sources.slice(it.value_span).trim().to_owned()).collect();
        self.diagnostics
            .error("E303", span, format!("`{name}` is mandatory, but all its rules can be absent"))
            .label("may be left out")
            .add_note(format!("when there is none of: {}", witness.join("; ")))
            .fix(
                format!("refuse the message then:  {name} else reject \"NARR\" \"why\" {{ .. }}"),
                span.after(),
                " else reject \"NARR\" \"why\"",
            );
    }

    fn absent_leaf(&mut self, field: FieldId, value: Span, scope: Scope, typed: &Typed, guarded: bool, schema: &Schema) {
        let name = schema.name_of(field).to_owned();
        let target = Typed::of_field(schema, field);
        let is_choose = self.sources.slice(value).trim_end().ends_with('}');
        let records = self.sides.iter().any(|it| std::ptr::eq(it.codec.schema().as_ref(), schema) && it.about.records);
        let words = self.first_words(value);
        let (at, end) = (value.after(), Span { start: value.end.saturating_sub(1), end: value.end.saturating_sub(1), ..value });
        let scope = scope_word(scope);
        let diagnostic = self.diagnostics.error("E301", value, format!("`{name}` is mandatory, but its value can be missing"));
        diagnostic.label(if guarded { "its condition may not hold" } else { "may be absent" });
        if let Some((words, described)) = words {
            diagnostic.add_note(format!("`{words}` is {described}"));
        }
        diagnostic.add_note(format!("`{name}` is {}", target.describe()));
        diagnostic.add_note("the target schema requires this field whenever its group is written");
        let _ = typed;
        let codes = target.as_text().map_or(Vec::new(), |it| it.codes.clone());
        match (is_choose, codes.first()) {
            (true, Some(code)) => {
                let list = codes.join(", ");
                diagnostic.fix(
                    format!("say what to send then:  \"...\" otherwise   (one of {list})"),
                    end,
                    format!("  \"{code}\"  otherwise\n    "),
                );
            }
            (false, Some(code)) if !guarded => {
                let list = codes.join(", ");
                diagnostic.fix(
                    format!("say what to send then:  else \"{code}\"   (one of {list})"),
                    at,
                    format!(" else \"{code}\""),
                );
            }
            (false, None) if !guarded && is_free(&target) => {
                diagnostic.fix("say what to send then:  else \"NOTPROVIDED\"", at, " else \"NOTPROVIDED\"");
            }
            (false, None) if !guarded && records => {
                diagnostic.fix("leave it blank then:     else blank", at, " else blank");
            }
            _ => {}
        }
        if guarded {
            diagnostic.help("give the field a value under the opposite condition too");
        } else {
            diagnostic.fix(format!("or refuse the {scope}:   else reject \"NARR\" \"why\""), at, " else reject \"NARR\" \"why\"");
        }
    }

    /// The path a value begins with, and its type, for notes.
    fn first_words(&self, value: Span) -> Option<(String, String)> {
        let (span, described) = self.noted.iter().find(|(span, _)| span.file == value.file && span.start == value.start)?;
        Some((self.sources.slice(*span).to_owned(), described.clone()))
    }

    /// E302.
    fn no_rule(&mut self, tree: usize, span: Span, schema: &Schema, missing: &[FieldId]) {
        let records = self.trees.get(tree).and_then(|it| self.sides.get(it.side)).is_some_and(|it| it.about.records);
        let mut deepest = Vec::new();
        for field in missing {
            descend(schema, *field, records, &mut deepest);
        }
        let count = deepest.len();
        let message = if count == 1 {
            "1 mandatory field of the target has no rule".to_owned()
        } else {
            format!("{count} mandatory fields of the target have no rule")
        };
        let diagnostic = self.diagnostics.error("E302", span, message);
        diagnostic.label("this group is incomplete");
        for field in &deepest {
            diagnostic.add_note(format!("{} {}", schema.path(*field), Typed::of_field(schema, *field).describe()));
        }
        diagnostic.help("add a rule for each, for example:  FIELD = \"...\"   or   FIELD <- ...");
    }

    /// A mandatory choice of a group without any rule in it.
    fn choice_missing(&self, tree: usize, at: usize, schema: &Schema, missing: &mut Vec<FieldId>) {
        let Some(tree_data) = self.trees.get(tree) else { return };
        let field = tree_data.node(at).field;
        let def = schema.type_of(field);
        if !matches!(def.kind, FieldKind::Choice) || self.broken_at(tree, at) {
            return;
        }
        if tree_data.node(at).children.is_empty() && !tree_data.node(at).failed {
            missing.push(field);
        }
    }

    // ---- choices ---------------------------------------------------------------------------------------------------

    /// E402: two branches that may both be written.
    fn check_choices(&mut self, tree: usize, at: usize, schema: &Schema) {
        let Some(it) = self.trees.get(tree) else { return };
        let node = it.node(at);
        let def = schema.type_of(node.field);
        let branch = |child: usize| schema.member_index(it.node(child).field).and_then(|member| branch_of(&def.content, member));
        let mut clashes = Vec::new();
        for (number, first) in node.children.iter().enumerate() {
            for second in node.children.iter().skip(number + 1) {
                let (Some(a), Some(b)) = (branch(*first), branch(*second)) else { continue };
                let differ = a.iter().zip(&b).any(|((choice, one), (same, other))| choice == same && one != other);
                if !differ {
                    continue;
                }
                let excluded = all_writers(it, *first)
                    .iter()
                    .all(|a| all_writers(it, *second).iter().all(|b| exclude(&a.implied, &b.implied)));
                if !excluded && !it.node(*first).failed && !it.node(*second).failed {
                    clashes.push((*first, *second));
                }
            }
        }
        for (first, second) in clashes {
            let Some(it) = self.trees.get(tree) else { return };
            let names = (schema.name_of(it.node(first).field).to_owned(), schema.name_of(it.node(second).field).to_owned());
            let place = |at: usize| all_writers(it, at).first().map_or(it.node(at).span, |it| it.span);
            let (one, other) = (place(first), place(second));
            let line = self.sources.position(one).line;
            self.diagnostics
                .error("E402", other, format!("`{}` and `{}` are branches of one choice", names.0, names.1))
                .label("only one of them may be written")
                .add_note(format!("`{}` is written in line {line}", names.0))
                .help("give both a `when` that excludes the other, for example:  when .. is absent");
        }
    }
}

/// Whether rules for one leaf give it a value whenever its group is written.
fn leaf_presence(writers: &[Writer], guards: &[Atom]) -> There {
    if writers.iter().any(|it| it.is_always(guards)) {
        return There::Always;
    }
    // A condition and its negation, each with a value.
    let extra = |it: &Writer| -> Vec<Atom> { it.guards.iter().filter(|it| !guards.contains(it)).cloned().collect() };
    for a in writers.iter().filter(|it| it.typed.presence != Presence::Maybe) {
        for b in writers.iter().filter(|it| it.typed.presence != Presence::Maybe) {
            if let ([one], [other]) = (extra(a).as_slice(), extra(b).as_slice())
                && one.negated() == *other
            {
                return There::Always;
            }
        }
    }
    // A rule that is present with P, and one for its absence.
    for a in writers.iter().filter(|it| it.typed.presence == Presence::Maybe && !it.guarded) {
        for b in writers.iter().filter(|it| it.typed.presence != Presence::Maybe) {
            let implied: Vec<_> = a.implied.iter().filter(|it| !a.guards.contains(it)).collect();
            if let ([one], [other]) = (implied.as_slice(), extra(b).as_slice())
                && one.negated() == *other
            {
                return There::Always;
            }
        }
    }
    There::Maybe
}

/// Every rule at or below a node.
fn all_writers(tree: &super::Tree, at: usize) -> Vec<&Writer> {
    let node = tree.node(at);
    let mut writers: Vec<_> = node.writers.iter().collect();
    for child in &node.children {
        writers.extend(all_writers(tree, *child));
    }
    writers
}

/// The fields that must be there whenever their group is.
pub(crate) fn mandatory(schema: &Schema, field: FieldId, records: bool) -> Vec<FieldId> {
    let def = schema.type_of(field);
    if records && field == Schema::ROOT {
        return Vec::new();
    }
    let mut members = Vec::new();
    required(&def.content, &mut members);
    let written = |it: &&u32| {
        def.members
            .get(**it as usize)
            .is_some_and(|it| (it.occurs.min > 0 || (records && it.repeats)) && !it.filler && !it.kept_by_engine)
    };
    members.iter().filter(written).map(|it| schema.nth(field, *it)).collect()
}

fn required(particle: &Particle, members: &mut Vec<u32>) {
    match particle {
        Particle::Member(it) => members.push(*it),
        Particle::Sequence(parts, occurs) if occurs.min > 0 => parts.iter().for_each(|it| required(it, members)),
        Particle::All(parts) => parts.iter().for_each(|it| required(it, members)),
        Particle::Choice(parts, _) if parts.len() == 1 => parts.iter().for_each(|it| required(it, members)),
        _ => {}
    }
}

/// From a missing field to the deepest fields that are mandatory in it.
fn descend(schema: &Schema, field: FieldId, records: bool, found: &mut Vec<FieldId>) {
    let below = mandatory(schema, field, records);
    if below.is_empty() || found.len() > 200 {
        found.push(field);
        return;
    }
    for child in below {
        descend(schema, child, records, found);
    }
}

/// In which branch of which choice a member stands, outermost first.
fn branch_of(particle: &Particle, member: u32) -> Option<Vec<(usize, usize)>> {
    fn find(particle: &Particle, member: u32, path: &mut Vec<(usize, usize)>) -> bool {
        match particle {
            Particle::Member(it) => *it == member,
            Particle::Sequence(parts, _) | Particle::All(parts) => parts.iter().any(|it| find(it, member, path)),
            Particle::Choice(parts, occurs) => {
                let known = path.len();
                for (number, part) in parts.iter().enumerate() {
                    if occurs.max == Some(1) {
                        path.push((std::ptr::from_ref(particle).addr(), number));
                    }
                    if find(part, member, path) {
                        return true;
                    }
                    path.truncate(known);
                }
                false
            }
        }
    }
    let mut path = Vec::new();
    find(particle, member, &mut path).then_some(path).filter(|it| !it.is_empty())
}

/// Whether a text takes `NOTPROVIDED`.
fn is_free(target: &Typed) -> bool {
    let Kind::Value(Type::Text(text)) = &target.kind else { return false };
    text.patterns.is_empty() && TextCheck::new(&Text { ..text.clone() }).is_ok_and(|it| it.allows(b"NOTPROVIDED"))
}
