//! Paths: the first name is a loop, a `let`, a side ..; the others are fields.

use super::{Binding, Resolver, Within};
use crate::call::Run;
use crate::mapping::ast::{IndexKind, Name, Path, Segment};
use crate::mapping::functions::ZeroDates;
use crate::mapping::hir::{CallValue, LoopId, SourcePath, Value, ValueKind};
use crate::mapping::nearest;
use crate::mapping::typed::{Kind, Presence, Typed};
use crate::{FieldId, Kind as FieldKind, Occurs, Particle, Schema, Slot, Span, Type};
use std::sync::Arc;

/// Names that are not fields, but known of every message.
const CONTEXT: [(&str, &str); 10] = [
    ("received-at", ""),
    ("file-name", ""),
    ("record-number", ""),
    ("correlation-id", ""),
    ("partner", "id"),
    ("mapping", "version"),
    ("error", "code"),
    ("error", "text"),
    ("error", "source-path"),
    ("error", "target-path"),
];

impl Resolver<'_> {
    /// The schema of a side.
    pub(crate) fn schema(&self, side: usize) -> Arc<Schema> {
        self.sides
            .get(side)
            .map_or_else(|| Arc::new(Schema::new("", Vec::new(), crate::TypeId(0))), |it| Arc::clone(it.codec.schema()))
    }

    /// The field a side's alias stands for.
    pub(crate) fn root(&self, side: usize) -> FieldId {
        self.roots.get(side).copied().unwrap_or(Schema::ROOT)
    }

    /// The side that is read.
    pub(crate) fn source_side(&self) -> usize {
        let wanted = |it: &&super::Side| self.reads(it);
        self.sides.iter().position(|it| wanted(&it)).unwrap_or(0)
    }

    /// Whether this is the name of the side that is read.
    pub(crate) fn is_source(&self, name: &str) -> bool {
        self.sides.get(self.source_side()).is_some_and(|it| it.alias == name)
    }

    /// Whether a side is read in this direction.
    pub(crate) fn reads(&self, side: &super::Side) -> bool {
        use crate::mapping::ast::Role;
        match self.direction {
            super::Direction::Forth => matches!(side.role, Role::From | Role::Between),
            super::Direction::Back => side.role == Role::And,
        }
    }

    /// What a name stands for, innermost first.
    pub(crate) fn binding(&self, name: &str) -> Option<Binding> {
        self.names.iter().rev().find(|(it, _)| it == name).map(|(_, binding)| binding.clone())
    }

    // ---- the source ------------------------------------------------------------------------------------------------

    /// A path as a value.
    pub(crate) fn source_path(&mut self, path: &Path) -> Option<Value> {
        let value = self.path_value(path)?;
        Some(self.without_zero(value))
    }

    /// By the policies on zeros, what stands for nothing is absent.
    fn without_zero(&self, value: Value) -> Value {
        if !matches!(value.kind, ValueKind::Field(_)) {
            return value;
        }
        let Some(kind) = value.typed.value() else { return value };
        let zero = ZeroDates::of(&self.policy).within(kind);
        let run = match kind {
            Type::Number(_) if self.policy.zero_is_absent => Run::new(|call| {
                let is_zero = call.number(0)?.coefficient == 0;
                Ok(if is_zero { Slot::ABSENT } else { call.arg(0) })
            }),
            Type::Date | Type::DateTime | Type::Instant if zero.is_said() => {
                Run::new(move |call| Ok(if zero.has(call.bytes(0)) { Slot::ABSENT } else { call.arg(0) }))
            }
            _ => return value,
        };
        let (each, span) = (value.typed.many.is_some(), value.span);
        let typed = value.typed.clone().maybe();
        let label = "| zero = absent".to_owned();
        let call = CallValue { each, ..CallValue::new(run, vec![value], label) };
        Value { kind: ValueKind::Call(Box::new(call)), typed, span }
    }

    fn path_value(&mut self, path: &Path) -> Option<Value> {
        let (first, rest) = path.segments.split_first()?;
        let span = path.span;
        match self.binding(&first.name.text) {
            Some(Binding::Loop(id)) => {
                let field = self.hir.loops.get(usize::from(id.0)).map(|it| it.field)?;
                let or_none = self.hir.loops.get(usize::from(id.0)).is_some_and(|it| it.or_none);
                let start = SourcePath { field, base: Some(id), picks: Vec::new() };
                return self.walk(start, or_none, first, rest, span);
            }
            Some(Binding::Let(target)) => {
                let mut spliced = target.clone();
                if let Some(last) = spliced.segments.last_mut()
                    && first.index.is_some()
                {
                    last.index.clone_from(&first.index);
                }
                spliced.segments.extend(rest.iter().cloned());
                spliced.span = span;
                return self.source_path(&spliced);
            }
            Some(Binding::FileKey(key)) if rest.is_empty() => {
                let typed = self.file_key_typed(key);
                return Some(Value { kind: ValueKind::FileKey(key), typed, span });
            }
            Some(Binding::Argument(expr, known)) if rest.is_empty() => {
                return self.argument(&expr, known, span);
            }
            _ => {}
        }
        if let Some(memo) = self.memos.iter().position(|it| it.name == first.name.text) {
            return self.memo_field(memo, rest, span);
        }
        match self.sides.iter().position(|it| it.alias == first.name.text) {
            Some(side) if self.sides.get(side).is_some_and(|it| self.reads(it)) => {
                let start = SourcePath { field: self.root(side), base: None, picks: Vec::new() };
                self.walk(start, false, first, rest, span)
            }
            Some(_) => {
                let name = &first.name.text;
                self.diagnostics
                    .error("E100", first.name.span, format!("`{name}` is written here, not read"))
                    .label("the target")
                    .help("what a rule has written is read with `written ..` in `count`, `sum` and the like");
                None
            }
            None => match self.pair_start(first).filter(|start| !self.is_context(path) || self.is_below(start, first)) {
                Some(start) => self.walk(
                    start,
                    false,
                    &Segment { name: Name { text: ".".to_owned(), span }, quoted: false, index: None },
                    &path.segments,
                    span,
                ),
                None if self.is_context(path) => self.context_value(path),
                None => {
                    self.unknown_name(first, rest);
                    None
                }
            },
        }
    }

    /// Within a `pair`, a first name that is a field of the group one reads.
    pub(crate) fn pair_start(&self, first: &Segment) -> Option<SourcePath> {
        let (start, _) = self.pairs.last()?;
        let schema = self.schema(self.source_side());
        let known = first.name.text == "." || schema.child(start.field, &first.name.text).is_some() || self.pairs.len() == 1;
        known.then(|| start.clone())
    }

    /// Whether a field of this name stands in the group one reads.
    pub(crate) fn is_below(&self, start: &SourcePath, first: &Segment) -> bool {
        self.schema(self.source_side()).child(start.field, &first.name.text).is_some()
    }

    fn is_context(&self, path: &Path) -> bool {
        let names: Vec<_> = path.segments.iter().map(|it| it.name.text.as_str()).collect();
        let matches = |first: &str, second: &str| match names.as_slice() {
            [one] => *one == first && second.is_empty(),
            [one, two] => *one == first && *two == second,
            _ => false,
        };
        CONTEXT.iter().any(|(first, second)| matches(first, second)) || names == ["error", "rule-line"]
    }

    fn unknown_name(&mut self, first: &Segment, rest: &[Segment]) {
        let name = &first.name.text;
        let source = self.source_side();
        let schema = self.schema(source);
        let alias = self.sides.get(source).map_or(String::new(), |it| it.alias.clone());
        let field_below = schema.child(self.root(source), name).is_some();
        let mut known: Vec<String> = self.names.iter().map(|(name, _)| name.clone()).collect();
        known.push(alias.clone());
        known.extend(self.memos.iter().map(|it| it.name.clone()));
        let is_function = rest.is_empty() && crate::mapping::functions::find(name).is_some();
        let diagnostic = self.diagnostics.error("E100", first.name.span, format!("there is no `{name}` here"));
        diagnostic.label("no side, loop or `let` has this name");
        if field_below {
            diagnostic.fix(format!("did you mean `{alias}/{name}`?"), first.name.span, format!("{alias}/{name}"));
        } else if is_function {
            diagnostic.help(format!("a function is called with brackets:  {name}(..)"));
        } else if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
            diagnostic.fix(format!("did you mean `{near}`?"), first.name.span, near);
        } else {
            diagnostic.help(format!("a path begins with one of: {}", known.join(", ")));
        }
    }

    /// From a field that is known on to the end of a path.
    fn walk(&mut self, start: SourcePath, or_none: bool, first: &Segment, rest: &[Segment], span: Span) -> Option<Value> {
        let side = self.source_side();
        let schema = self.schema(side);
        let mut at = start;
        let from = at.field;
        let through_only = self.pairs.last().is_some_and(|(_, only)| *only);
        let mut way = Way { maybe: or_none, many: None, outer: None, branches: None };
        let mut slice = None;
        if let Some(index) = &first.index {
            self.pick(&schema, &mut at, &mut way, index, &mut slice)?;
        }
        for segment in rest {
            match segment.name.text.as_str() {
                "." if !segment.quoted => continue,
                "**" if !segment.quoted => {
                    self.diagnostics
                        .error("E101", segment.name.span, "`**` stands for all fields below")
                        .help("only `ignore` can use it");
                    return None;
                }
                _ => {}
            }
            let Some(child) = self.find_child(&schema, at.field, segment) else {
                self.unknown_field(side, at.field, segment);
                self.meant(&schema, at.field, segment);
                return None;
            };
            // In a `pair` a repeat that a path goes through stands for its only occurrence.
            let passed = std::mem::replace(&mut at.field, child);
            if through_only && schema.repeats(passed) && passed != from && !at.picks.iter().any(|(it, _)| *it == passed) {
                at.picks.push((passed, 0));
                way.many = None;
            }
            way.step(&schema, passed, child);
            if let Some(id) = self.current_loop(at.base, child) {
                // The current occurrence of the loops that a file key is worked out for.
                at.base = Some(id);
                way.many = None;
            }
            if let Some(index) = &segment.index {
                self.pick(&schema, &mut at, &mut way, index, &mut slice)?;
            }
        }
        if rest.is_empty() && first.index.is_none() && at.base.is_some() {
            // The loop's own occurrence.
            way.many = None;
        }
        let mut typed = Typed::of_field(&schema, at.field);
        typed.many = way.many;
        typed.branches = way.branches;
        if way.maybe || way.many.is_some_and(|it| it.min == 0) {
            typed.presence = Presence::Maybe;
        }
        typed.secret |= self.is_secret(at.field);
        if self.first_read.is_none() && typed.kind != Kind::Group {
            self.first_read = Some(at.field);
        }
        self.read.insert(at.field);
        self.noted.push((span, typed.describe()));
        if matches!(typed.kind, Kind::Value(crate::Type::Amount(_)))
            && let Some(currency) = schema.child(at.field, "@Ccy")
        {
            typed.currency = Some(currency);
            self.read.insert(currency);
        }
        let value = Value { kind: ValueKind::Field(at), typed, span };
        match slice {
            Some((from, to)) => self.slice(value, from, to),
            None => Some(value),
        }
    }

    /// The field that was probably meant counts as read.
    fn meant(&mut self, schema: &Schema, group: FieldId, segment: &Segment) {
        let siblings: Vec<_> = schema.children(group).into_iter().map(|it| (schema.name_of(it), it)).collect();
        let near = nearest(&segment.name.text, siblings.iter().map(|(name, _)| *name));
        self.read.extend(siblings.iter().filter(|(name, _)| Some(*name) == near).map(|(_, field)| *field));
    }

    fn current_loop(&self, base: Option<LoopId>, field: FieldId) -> Option<LoopId> {
        let is_it = |id: &&LoopId| self.hir.loops.get(usize::from(id.0)).is_some_and(|it| it.field == field && it.parent == base);
        self.current.iter().find(is_it).copied()
    }

    fn find_child(&self, schema: &Schema, field: FieldId, segment: &Segment) -> Option<FieldId> {
        let child = schema.child(field, &segment.name.text)?;
        (!schema.member(child).is_some_and(|it| it.filler)).then_some(child)
    }

    fn pick(
        &mut self,
        schema: &Schema,
        at: &mut SourcePath,
        way: &mut Way,
        index: &crate::mapping::ast::Index,
        slice: &mut Option<(u32, u32)>,
    ) -> Option<()> {
        match &index.kind {
            IndexKind::At(number) if schema.repeats(at.field) => {
                at.picks.push((at.field, *number));
                let occurs = schema.member(at.field).map_or(Occurs::ONCE, |it| it.occurs);
                way.picked(occurs, *number);
                if occurs.exceeded_by(u64::from(*number)) {
                    let (name, max) = (schema.name_of(at.field), occurs.max.unwrap_or(0));
                    self.diagnostics.error("E210", index.span, format!("`{name}` has at most {max} occurrences"));
                    return None;
                }
                Some(())
            }
            IndexKind::At(_) => {
                let name = schema.name_of(at.field);
                self.diagnostics
                    .error("E210", index.span, format!("`{name}` is not a repeat"))
                    .help("characters of a text are `[1..1]`");
                None
            }
            IndexKind::Slice(from, to) => {
                *slice = Some((*from, *to));
                Some(())
            }
            IndexKind::Cond(_) => {
                self.diagnostics
                    .error("E004", index.span, "a condition in a path is for tests only")
                    .help("use a loop with `where`");
                None
            }
        }
    }

    /// Says that a group has no such field, and which it probably was.
    pub(crate) fn unknown_field(&mut self, side: usize, group: FieldId, segment: &Segment) {
        let schema = self.schema(side);
        let name = &segment.name.text;
        let siblings: Vec<String> = schema
            .children(group)
            .into_iter()
            .filter(|it| !schema.member(*it).is_some_and(|it| it.filler))
            .map(|it| schema.name_of(it).to_owned())
            .collect();
        let place = if group == Schema::ROOT { "the message".to_owned() } else { schema.path(group) };
        let near = nearest(name, siblings.iter().map(String::as_str)).map(str::to_owned);
        let elsewhere = if near.is_none() { schema.places(name, 3) } else { Vec::new() };
        let diagnostic = self.diagnostics.error("E101", segment.name.span, format!("there is no `{name}` here"));
        diagnostic.label(format!("not in {}", schema.name));
        if siblings.is_empty() {
            diagnostic.add_note(format!("{place} has no fields"));
        } else {
            diagnostic.add_note(format!("{place} has: {}", siblings.join(", ")));
        }
        match near {
            Some(near) => {
                diagnostic.fix(format!("did you mean `{near}`?"), segment.name.span, near);
            }
            None if !elsewhere.is_empty() => {
                let paths: Vec<_> = elsewhere.iter().map(|it| schema.path(*it)).collect();
                diagnostic.help(format!("`{name}` is at: {}", paths.join(", ")));
            }
            None => {
                diagnostic.help("name one of the fields above");
            }
        }
    }

    fn is_secret(&self, field: FieldId) -> bool {
        let schema = self.schema(self.source_side());
        let marked = self.secrets.iter().any(|it| schema.is_within(field, *it));
        marked
            || schema.line(field).into_iter().any(|it| schema.member(it).is_some_and(|it| it.secrecy == crate::Secrecy::Secret))
    }

    // ---- the target ------------------------------------------------------------------------------------------------

    /// The node of the target tree that a path names, from the group one is within.
    pub(crate) fn target_path(&mut self, within: Within, path: &Path) -> Option<usize> {
        let side = self.trees.get(within.tree)?.side;
        let schema = self.schema(side);
        let mut at = within.group;
        let mut field = within.field;
        for segment in &path.segments {
            if segment.name.text == "." && !segment.quoted {
                continue;
            }
            let Some(child) = self.find_child(&schema, field, segment) else {
                self.unknown_field(side, field, segment);
                self.proposed(within.tree, at, field, segment);
                return None;
            };
            let mut occurrence = 1;
            if let Some(index) = &segment.index {
                match index.kind {
                    IndexKind::At(number) if schema.repeats(child) => occurrence = number,
                    IndexKind::At(_) => {
                        self.diagnostics.error("E210", index.span, format!("`{}` is not a repeat", schema.name_of(child)));
                        return None;
                    }
                    _ => {
                        self.diagnostics
                            .error("E004", index.span, "a part of a field cannot be written here")
                            .help("a part is written at the end of a path, by a line of its own");
                        return None;
                    }
                }
                if schema.member(child).is_some_and(|it| it.occurs.exceeded_by(u64::from(occurrence))) {
                    self.diagnostics.error("E210", index.span, format!("`{}` has fewer occurrences", schema.name_of(child)));
                    return None;
                }
            }
            let span = Span { start: path.span.start, ..segment.name.span };
            at = self.trees.get_mut(within.tree)?.child(at, child, occurrence, span);
            field = child;
        }
        Some(at)
    }

    /// The field that was probably meant counts as written, so that nobody is told that it has no rule.
    fn proposed(&mut self, tree: usize, at: usize, field: FieldId, segment: &Segment) {
        let Some(it) = self.trees.get_mut(tree) else { return };
        let side = it.side;
        let schema = self.schema(side);
        let siblings: Vec<_> = schema.children(field).into_iter().map(|it| (schema.name_of(it).to_owned(), it)).collect();
        if let Some(near) = nearest(&segment.name.text, siblings.iter().map(|(name, _)| name.as_str()))
            && let Some((_, meant)) = siblings.iter().find(|(name, _)| name == near)
            && let Some(tree) = self.trees.get_mut(tree)
        {
            let node = tree.child(at, *meant, 1, segment.name.span);
            tree.node_mut(node).failed = true;
        } else if let Some(tree) = self.trees.get_mut(tree) {
            // Nothing is near: whatever the group lacks may be what was meant.
            tree.node_mut(at).failed = true;
        }
    }
}

/// What the way to a field says of its presence.
struct Way {
    maybe: bool,
    many: Option<Occurs>,
    /// `many` before the last step.
    outer: Option<Occurs>,
    branches: Option<(FieldId, Vec<u32>, usize)>,
}

impl Way {
    fn step(&mut self, schema: &Schema, parent: FieldId, child: FieldId) {
        let Some(member) = schema.member(child) else { return };
        let index = schema.member_index(child).unwrap_or(0);
        let def = schema.type_of(parent);
        self.outer = self.many;
        if member.repeats {
            self.branches = None;
            let inner = self.many.unwrap_or(Occurs::ONCE);
            let max = inner.max.zip(member.occurs.max).and_then(|(a, b)| a.checked_mul(b));
            self.many = Some(Occurs { min: inner.min.saturating_mul(member.occurs.min), max });
        } else if matches!(def.kind, FieldKind::Choice) {
            // One of the branches is there: which, only an `else` chain over all of them can say.
            if !self.maybe && self.branches.is_none() && member.occurs.min > 0 {
                self.branches = Some((parent, vec![index], def.members.len()));
            }
            self.maybe = true;
        } else if (member.occurs.min == 0 && !member.is_attribute()) || member.nullable || in_choice(&def.content, index, false) {
            self.maybe = true;
            self.branches = None;
        } else if member.is_attribute() && member.occurs.min == 0 {
            self.maybe = true;
        }
    }

    fn picked(&mut self, occurs: Occurs, number: u32) {
        if occurs.min < number {
            self.maybe = true;
        }
        // The repeat just entered is a list no more; those around it are.
        self.many = self.outer;
    }
}

/// Whether a member stands in a choice within the content of its group.
fn in_choice(particle: &Particle, member: u32, inside: bool) -> bool {
    match particle {
        Particle::Member(it) => inside && *it == member,
        Particle::Sequence(parts, occurs) => parts.iter().any(|it| in_choice(it, member, inside || occurs.min == 0)),
        Particle::Choice(parts, _) => parts.iter().any(|it| in_choice(it, member, true)),
        Particle::All(parts) => parts.iter().any(|it| in_choice(it, member, inside)),
    }
}
