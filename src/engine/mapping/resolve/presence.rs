//! What is there whenever its group is: E301, E302, E303, and the branches of choices: E402.

use super::assign::scope_word;
use super::exclusion::exclude;
use super::group::Writer;
use super::{Atom, Direction, Resolver};
use crate::mapping::ast::Scope;
use crate::mapping::typed::{Kind, Presence, Typed};
use crate::rules::TextCheck;
use crate::{FieldId, Kind as FieldKind, Particle, Schema, Span, Text, Type};

/// How a group is written.
#[derive(Clone, Copy, Debug)]
struct Written {
    /// Whenever its parent is.
    always: bool,
    /// Whether one of the groups around it is asked for already.
    asked: bool,
}

/// What its group asks of a child.
#[derive(Clone, Copy, Debug)]
struct Needed {
    /// It must be there whenever its group is.
    needed: bool,
    /// It may be absent then.
    absent: bool,
    asked: bool,
}

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
            self.check_group(tree, 0, Written { always: true, asked: false }, &[]);
        }
    }

    /// Checks a group while it is written.
    fn check_group(&mut self, tree: usize, at: usize, written: Written, around: &[Atom]) {
        let Some(it) = self.trees.get(tree) else { return };
        let Some(records) = self.sides.get(it.side).map(|it| it.about.records) else { return };
        let schema = self.schema(it.side);
        let node = it.node(at);
        // A group without a block of its own stands under the conditions of what is around it.
        let guards = if node.guards.is_empty() { around.to_vec() } else { node.guards.clone() };
        let (span, initialized, field) = (node.span, node.initialized, node.field);
        let children: Vec<usize> = node.children.clone();
        self.check_choices(tree, at, &schema);
        let written_always = written.always || children.iter().any(|it| self.gives(tree, *it, &guards) == There::Always);
        let mut missing: Vec<FieldId> = Vec::new();
        let mandatory = mandatory(&schema, field, records);
        for member in &mandatory {
            let written = self.trees.get(tree).is_some_and(|it| it.children_of(at, *member).next().is_some());
            if !written && !initialized && !self.broken_at(tree, at) {
                missing.push(*member);
            }
        }
        self.choice_missing(tree, at, &schema, &mut missing);
        if !missing.is_empty() {
            self.no_rule(tree, span, &schema, &missing);
        }
        for child in children {
            let Some(it) = self.trees.get(tree) else { return };
            let of = it.node(child).field;
            let same: Vec<usize> = it.children_of(at, of).collect();
            // A child that holds all rules of an optional group is there when the group is.
            let alone = !written_always && it.node(at).children.iter().all(|it| same.contains(it));
            let needed = mandatory.contains(&of) && !alone && same.first() == Some(&child);
            let absent =
                needed && same.iter().all(|it| self.gives(tree, *it, &guards) == There::Maybe) && !self.implied(tree, at, &same);
            self.check_child(tree, child, Needed { needed, absent, asked: written.asked }, &guards);
        }
    }

    fn check_child(&mut self, tree: usize, child: usize, it: Needed, guards: &[Atom]) {
        let Some(node) = self.trees.get(tree).map(|it| it.node(child)) else { return };
        let is_repeat = node.node.is_some();
        let schema = self.schema(self.trees.get(tree).map_or(0, |it| it.side));
        let is_leaf = schema.type_of(node.field).members.iter().all(|it| it.is_attribute());
        if is_leaf {
            if it.absent {
                self.absent_leaf_of(tree, child, &schema);
            }
            return;
        }
        if is_repeat {
            // Its occurrences are checked, each for itself.
            return self.check_group(tree, child, Written { always: true, asked: false }, guards);
        }
        let known = self.diagnostics.len();
        self.check_group(tree, child, Written { always: it.needed, asked: it.asked || it.absent }, guards);
        let told = self.diagnostics.len() > known;
        // The outermost group is named, and only where nothing in it is.
        if it.absent && !it.asked && !told {
            self.absent_group(tree, child, &schema);
        }
    }

    fn broken_at(&self, tree: usize, at: usize) -> bool {
        self.unit.ast.broken || self.trees.get(tree).is_some_and(|it| it.node(at).failed)
    }

    /// Whether a node is written whenever its group is.
    fn gives(&self, tree: usize, at: usize, guards: &[Atom]) -> There {
        let Some(it) = self.trees.get(tree) else { return There::Maybe };
        let Some(side) = self.sides.get(it.side) else { return There::Maybe };
        let (schema, node) = (side.codec.schema(), it.node(at));
        // Occurrences of an OCCURS without a value are blank or zero without a word, and groups of a record are always there.
        let in_table = side.about.records && schema.repeats(node.field);
        let of_record = side.about.records
            && !schema.type_of(node.field).members.is_empty()
            && schema.parent(node.field) != Some(Schema::ROOT);
        if node.failed || node.reject.is_some() || in_table || of_record {
            return There::Always;
        }
        if node.node.is_some() {
            // What a loop writes is there when there is something to write; a filter may leave nothing, and then nothing is due.
            return There::Always;
        }
        if schema.type_of(node.field).members.iter().all(|it| it.is_attribute()) {
            return leaf_presence(&node.writers, guards);
        }
        let own = if node.guards.is_empty() { guards } else { &node.guards };
        let under_condition = own.iter().any(|it| !guards.contains(it));
        let any = node.children.iter().any(|it| self.gives(tree, *it, own) == There::Always);
        if any && !under_condition { There::Always } else { There::Maybe }
    }

    /// Whether whatever gives the group a value gives the mandatory child one too: they stand under the same condition.
    fn implied(&self, tree: usize, group: usize, nodes: &[usize]) -> bool {
        let Some(tree) = self.trees.get(tree) else { return false };
        let children = &tree.node(group).children;
        let conditions = |at: usize| -> Option<Vec<Atom>> {
            all_writers(tree, at)
                .into_iter()
                .map(|it| it.implied.clone())
                .reduce(|a, b| a.into_iter().filter(|it| b.contains(it)).collect())
        };
        // A rule whose value can be missing for a reason that no condition names is implied by nothing.
        // A total of what was written is missing where nothing was, and then its siblings are.
        let reads = |it: &&Writer| self.hir.rules.get(usize::from(it.rule.0)).is_some_and(|it| it.source.is_some());
        let is_explained =
            |it: &&Writer| it.typed.presence != Presence::Maybe || it.implied.len() > it.guards.len() || !reads(it);
        if !nodes.iter().all(|it| all_writers(tree, *it).iter().all(is_explained)) {
            return false;
        }
        let Some(mine) = nodes.first().and_then(|it| conditions(*it)) else { return false };
        let others = children.iter().filter(|it| !nodes.contains(it));
        // The child is there under `mine`; each of the others must hold at least that.
        let mut others = others.peekable();
        others.peek().is_some()
            && others.all(|it| conditions(*it).is_some_and(|theirs| mine.iter().all(|atom| theirs.contains(atom))))
    }

    // ---- what is told ----------------------------------------------------------------------------------------------

    /// E301.
    fn absent_leaf_of(&mut self, tree: usize, leaf: usize, schema: &Schema) {
        let Some(node) = self.trees.get(tree).map(|it| it.node(leaf)) else { return };
        let Some(last) = node.writers.last() else { return };
        let scope = self.hir.rules.get(usize::from(last.rule.0)).map_or(Scope::Message, |it| it.scope);
        let guarded = last.guarded && last.typed.presence != Presence::Maybe;
        let (field, value) = (node.field, last.value_span);
        self.absent_leaf(field, value, scope, guarded, schema);
    }

    /// E303.
    fn absent_group(&mut self, tree: usize, group: usize, schema: &Schema) {
        let Some(it) = self.trees.get(tree).filter(|it| !it.has_failed(group)) else { return };
        let node = it.node(group);
        let (name, span) = (schema.name_of(node.field).to_owned(), node.span);
        let words = |it: &&Writer| self.sources.slice(it.value_span).split_whitespace().collect::<Vec<_>>().join(" ");
        let witness: Vec<String> = all_writers(it, group).iter().map(words).collect();
        self.diagnostics
            .error("E303", span, format!("`{name}` is mandatory, but all its rules can be absent"))
            .label("may be left out")
            .add_note(format!("when there is none of: {}", witness.join("; ")))
            .help(format!("refuse the message then:  {name} else reject \"NARR\" \"why\" {{ .. }}"))
            .help("or give one of its fields a default:  else \"..\"");
    }

    fn absent_leaf(&mut self, field: FieldId, value: Span, scope: Scope, guarded: bool, schema: &Schema) {
        let name = schema.name_of(field).to_owned();
        let target = Typed::of_field(schema, field);
        let is_choose = self.sources.slice(value).trim_end().ends_with('}');
        let records = self.sides.iter().any(|it| std::ptr::eq(it.codec.schema().as_ref(), schema) && it.about.records);
        let words = self.first_words(value);
        let (at, end) = (value.after(), Span { start: value.end.saturating_sub(1), end: value.end.saturating_sub(1), ..value });
        let scope = scope_word(scope);
        let (line, forth) = (self.two_way_line(value), self.direction == Direction::Forth);
        let has_condition = line.is_some_and(|it| self.sources.slice(it).split_whitespace().any(|it| it == "when"));
        let diagnostic = self.diagnostics.error("E301", value, format!("`{name}` is mandatory, but its value can be missing"));
        diagnostic.label(if guarded { "its condition may not hold" } else { "may be absent" });
        if let Some((words, described)) = words {
            diagnostic.add_note(format!("`{words}` is {described}"));
        }
        diagnostic.add_note(format!("`{name}` is {}", target.describe()));
        diagnostic.add_note("the target schema requires this field whenever its group is written");
        let codes = target.as_text().map_or(Vec::new(), |it| it.codes.clone());
        if let Some(line) = line {
            let default = match codes.first() {
                Some(code) => Some(format!("\"{code}\"")),
                None if is_free(&target) => Some("\"NOTPROVIDED\"".to_owned()),
                None => records.then(|| "blank".to_owned()),
            };
            let arrow = if forth { "->" } else { "<-" };
            if let Some(default) = default.filter(|_| !guarded && !has_condition) {
                let words = format!("else {arrow} {default}");
                diagnostic.fix(format!("say what to send then, in this direction:  {words}"), line.after(), format!(" {words}"));
            }
            diagnostic.help("write the two directions as two lines:  LEFT <- .. else ..   and   .. -> RIGHT");
            return;
        }
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

/// Whether a group's content may be nothing at all.
pub(crate) fn may_be_empty(schema: &Schema, field: FieldId) -> bool {
    let def = schema.type_of(field);
    fn nothing(particle: &Particle, members: &[crate::Member]) -> bool {
        match particle {
            Particle::Member(it) => members.get(*it as usize).is_none_or(|it| it.occurs.min == 0),
            Particle::Sequence(parts, occurs) => occurs.min == 0 || parts.iter().all(|it| nothing(it, members)),
            Particle::Choice(parts, occurs) => occurs.min == 0 || parts.iter().any(|it| nothing(it, members)),
            Particle::All(parts) => parts.iter().all(|it| nothing(it, members)),
        }
    }
    nothing(&def.content, &def.members)
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
