//! Lines that write parts of one field, `X[1..2] <- a` and `X[3..6] <- b`: what they give is put together.

use super::rule::Assignment;
use super::value::Want;
use super::{Atom, Resolver, TargetType};
use crate::call::{Call, Run, Strictness, is_nothing};
use crate::mapping::ast::{Expr, ExprKind, IndexKind, Path, Rule, RuleKind, Target};
use crate::mapping::hir::{CallValue, Item, PieceValue, RuleItem, Value, ValueKind};
use crate::mapping::typed::{Class, Presence, Typed};
use crate::{FaultCode, RuleId, Span, Text, Type};

/// The part of a field that a line writes.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    /// The field.
    path: Path,
    /// The first character, from 1, and the last.
    from: u32,
    to: u32,
    /// `[1..2]`
    span: Span,
}

impl Slice {
    /// Whether both are of one field.
    fn is_beside(&self, other: &Slice) -> bool {
        let (mine, theirs) = (&self.path.segments, &other.path.segments);
        let same = |(a, b): (&crate::mapping::ast::Segment, &crate::mapping::ast::Segment)| {
            a.name.text == b.name.text && a.index == b.index
        };
        mine.len() == theirs.len() && mine.iter().zip(theirs).all(same)
    }

    fn words(&self) -> String {
        format!("[{}..{}]", self.from, self.to)
    }
}

impl Resolver<'_> {
    /// The part of a field that a line writes in the direction one is reading, if it is not the whole.
    pub(super) fn slice_of(&self, rule: &Rule) -> Option<Slice> {
        let forth = self.direction == super::Direction::Forth;
        let two_way = self.goes_both_ways();
        let path = match &rule.kind {
            RuleKind::Assign { .. } | RuleKind::Constant { .. } if !self.pairs.is_empty() && forth => return None,
            RuleKind::Constant { path, .. } => path,
            RuleKind::Assign { target, .. } => target.only()?,
            RuleKind::Right { target, .. } if two_way && forth => target.only()?,
            RuleKind::Both(both) if two_way => if forth { &both.right } else { &both.left }.only()?,
            _ => return None,
        };
        let index = path.segments.last()?.index.as_deref()?;
        let IndexKind::Slice(from, to) = index.kind else { return None };
        let mut path = path.clone();
        path.segments.last_mut()?.index = None;
        path.span.end = index.span.start;
        Some(Slice { path, from, to, span: index.span })
    }

    /// The field that a line writes a part of, with all lines of its block that do: made where the last of them stands.
    pub(super) fn slices(&mut self, rule: &Rule, slice: &Slice, block: &[Rule], guards: &[Atom]) -> Option<Item> {
        let lines: Vec<(&Rule, Slice)> =
            block.iter().filter_map(|it| Some((it, self.slice_of(it)?))).filter(|(_, it)| it.is_beside(slice)).collect();
        if !lines.last().is_some_and(|(it, _)| std::ptr::eq(*it, rule)) {
            return None;
        }
        let within = *self.within.last()?;
        let node = self.target_path(within, &slice.path)?;
        let made = self.put_together(node, &lines, guards);
        if made.is_none()
            && let Some(tree) = self.trees.get_mut(within.tree)
        {
            tree.node_mut(node).failed = true;
        }
        made.map(Item::Rule)
    }

    fn put_together(&mut self, node: usize, lines: &[(&Rule, Slice)], guards: &[Atom]) -> Option<RuleItem> {
        let within = *self.within.last()?;
        let whole = self.target_type(within.tree, node)?;
        let field = self.trees.get(within.tree)?.node(node).field;
        let side = u8::try_from(self.trees.get(within.tree)?.side).unwrap_or(u8::MAX);
        let (_, first) = lines.first()?;
        let Some(text) = whole.typed.as_text().filter(|_| whole.occurs.is_none()).cloned() else {
            let described = whole.typed.describe();
            self.diagnostics.error("E204", first.span, "only a text has characters").label(described);
            return None;
        };
        let mut pieces = Vec::new();
        for (rule, slice) in lines {
            let id = self.new_rule(
                rule.span,
                format!("{}{}", self.sources.slice(slice.path.span), slice.words()),
                rule.remark.clone(),
            );
            let piece = self.piece(id, rule, slice, &whole);
            let source = self.first_read;
            if let Some(info) = self.rule_info(id) {
                info.source = source;
                info.target = Some((side, field));
                info.class = piece.as_ref().map_or(Class::Constant, |it| it.typed.class);
            }
            pieces.push(piece);
        }
        let source = self.first_read;
        self.covered_once(lines, &whole, &text)?;
        let pieces = pieces.into_iter().collect::<Option<Vec<_>>>()?;
        let (line, _) = lines.last()?;
        let value = assembled(pieces, lines, &text, whole.in_record, first.path.span);
        let target = Target { paths: vec![first.path.clone()], span: first.path.span };
        let nothing = Expr { kind: ExprKind::None, span: first.path.span };
        let it = Assignment { target: &target, value: &nothing, when: None, span: line.span, remark: None };
        let id = self.new_rule(line.span, self.sources.slice(first.path.span).to_owned(), None);
        let (value, targets, class) = self.assigned(Some(value), &[Some(node)], &[Some(whole)], guards, &it)?;
        if let Some(info) = self.rule_info(id) {
            info.class = class;
            info.source = source;
        }
        Some(RuleItem { rule: id, when: None, targets, value })
    }

    /// What one line gives.
    fn piece(&mut self, id: RuleId, rule: &Rule, slice: &Slice, whole: &TargetType) -> Option<Value> {
        let text = whole.typed.as_text()?;
        let room = Text { min: 0, max: Some(slice.to - slice.from + 1), repertoire: text.repertoire.clone(), ..Text::default() };
        let target = TargetType {
            typed: Typed { name: String::new(), ..whole.typed.with(Type::Text(room)) },
            occurs: None,
            name: format!("{}{}", whole.name, slice.words()),
            in_record: whole.in_record,
        };
        self.first_read = None;
        let want = Want { target: Some(&target), is_lost: false, clean: true };
        let (value, when) = match &rule.kind {
            RuleKind::Both(both) => (self.both_value(both, want), both.when.as_ref()),
            RuleKind::Constant { value, when, .. }
            | RuleKind::Assign { value, when, .. }
            | RuleKind::Right { value, when, .. } => {
                if super::rule::reads_written(value) || when.as_ref().is_some_and(super::rule::reads_written) {
                    self.diagnostics
                        .error("E004", value.span, "what was written cannot go into a part of a field")
                        .help("write it to a field of its own");
                    return None;
                }
                (self.value(value, want), when.as_ref())
            }
            _ => return None,
        };
        let read = self.first_read;
        let when = match when {
            Some(when) => Some(self.cond(when)?),
            None => None,
        };
        self.first_read = read;
        let value = value?;
        let span = value.span;
        let (class, finish) = self.assign(&value, &target)?;
        let typed = Typed { class, ..value.typed.clone() };
        let value =
            Value { kind: ValueKind::Piece(Box::new(PieceValue { rule: id, value, finish })), typed: typed.clone(), span };
        Some(match when {
            Some(when) => Value { kind: ValueKind::Choose(vec![(value, Some(when))]), typed: typed.maybe(), span },
            None => value,
        })
    }

    /// E606: every character is written once; what no line writes takes the field's pad, where it has one.
    fn covered_once(&mut self, lines: &[(&Rule, Slice)], whole: &TargetType, text: &Text) -> Option<()> {
        let name = &whole.name;
        let mut order: Vec<&Slice> = lines.iter().map(|(_, it)| it).collect();
        order.sort_by_key(|it| (it.from, it.to));
        let mut end = 0;
        let mut before: Option<&Slice> = None;
        for slice in order {
            if let Some(max) = text.max.filter(|max| slice.to > *max) {
                self.diagnostics
                    .error("E606", slice.span, format!("`{name}` ends at character {max}"))
                    .label("goes beyond it")
                    .add_note(format!("`{name}` is {}", whole.typed.describe()))
                    .fix(
                        format!("end there:  [{}..{max}]", slice.from.min(max)),
                        slice.span,
                        format!("[{}..{max}]", slice.from.min(max)),
                    );
                return None;
            }
            if slice.from <= end
                && let Some(before) = before
            {
                let line = self.sources.position(before.span).line;
                let (first, last) = (slice.from, slice.to.min(end));
                self.diagnostics
                    .error("E606", slice.span, format!("{} of `{name}` would be written twice", characters(first, last)))
                    .label(format!("overlaps {}", before.words()))
                    .add_note(format!("`{name}{}` is written in line {line}", before.words()))
                    .help(format!("let it begin behind what is written there, at character {}", end + 1));
                return None;
            }
            if slice.from > end + 1 && !whole.in_record {
                self.hole(slice.span, (end + 1, slice.from - 1), "would be written by no line", whole);
                return None;
            }
            end = slice.to;
            before = Some(slice);
        }
        if end < text.min
            && !whole.in_record
            && let Some(before) = before
        {
            self.hole(before.span, (end + 1, text.min), "must be there and would be written by no line", whole);
            return None;
        }
        Some(())
    }

    fn hole(&mut self, span: Span, (first, last): (u32, u32), words: &str, whole: &TargetType) {
        let name = &whole.name;
        self.diagnostics
            .error("E606", span, format!("{} of `{name}` {words}", characters(first, last)))
            .label(if words.starts_with("must") { "the last part" } else { "there is a hole before it" })
            .add_note(format!("`{name}` is {}: nothing stands for characters that are not written", whole.typed.describe()))
            .help(format!("write them as well:  {name}[{first}..{last}] = \"..\""));
    }
}

/// `character 3`, `characters 3 to 5`
fn characters(first: u32, last: u32) -> String {
    if first == last { format!("character {first}") } else { format!("characters {first} to {last}") }
}

/// The parts as one text.
fn assembled(pieces: Vec<Value>, lines: &[(&Rule, Slice)], text: &Text, has_pad: bool, span: Span) -> Value {
    let mut parts: Vec<(u32, u32, Value)> =
        lines.iter().zip(pieces).map(|((_, slice), value)| (slice.from, slice.to, value)).collect();
    parts.sort_by_key(|(from, ..)| *from);
    let end = parts.last().map_or(0, |(_, to, _)| *to);
    let first = parts.iter().map(|(.., it)| it.typed.presence).min().unwrap_or(Presence::Maybe);
    let of_record = |it: Presence| if has_pad { it.min(Presence::MayBeBlank) } else { it };
    let kind = Type::Text(Text { min: 0, max: Some(end), repertoire: text.repertoire.clone(), ..Text::default() });
    let typed = Typed {
        presence: of_record(first),
        secret: parts.iter().any(|(.., it)| it.typed.secret),
        class: parts.iter().map(|(.., it)| it.typed.class).max().unwrap_or(Class::Constant),
        ..Typed::new(kind)
    };
    let label = parts.iter().map(|(from, to, _)| format!("[{from}..{to}]")).collect::<Vec<_>>().join(" ");
    let bounds: Vec<(usize, usize)> = parts.iter().map(|(from, to, _)| (*from as usize, *to as usize)).collect();
    let args = parts.into_iter().map(|(.., it)| it).collect();
    let call = CallValue { strictness: Strictness::Lenient, ..CallValue::new(join(bounds, has_pad), args, label) };
    Value { kind: ValueKind::Call(Box::new(call)), typed, span }
}

fn join(bounds: Vec<(usize, usize)>, has_pad: bool) -> Run {
    Run::new(move |call| {
        let Call { record, scratch, part, args, .. } = call;
        scratch.clear();
        let mut at = 0;
        for (slot, (from, to)) in args.iter().zip(&bounds).filter(|(slot, _)| !is_nothing(**slot)) {
            // Without a pad only the last part may be shorter than its place.
            if !has_pad && at + 1 < *from {
                return Err(FaultCode::MapFacet);
            }
            scratch.resize(scratch.len() + (from - 1).saturating_sub(at), b' ');
            let text = record.bytes(*slot, part);
            scratch.extend_from_slice(text);
            let length = text.iter().filter(|it| (**it as i8) >= -0x40).count();
            at = (from - 1 + length).min(*to);
        }
        if scratch.is_empty() {
            return Ok(crate::Slot::ABSENT);
        }
        let origin = args.iter().copied().find(|it| !is_nothing(*it)).unwrap_or(crate::Slot::ABSENT);
        Ok(record.hold_from(origin, |held| held.extend_from_slice(scratch)))
    })
}
