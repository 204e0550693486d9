//! Values: what a rule takes, strictly from left to right.

use super::{BadChars, Binding, Resolver, TargetType};
use crate::call::Run;
use crate::mapping::ast::{Adapter, Arg, Expr, ExprKind, Link, Name, Operator};
use crate::mapping::functions::{self, Site};
use crate::mapping::hir::{Alternative, CallValue, RejectId, Value, ValueKind};
use crate::mapping::nearest;
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::{Decimal, FaultCode, Number, Span, Text, Type};

/// What a value is wanted for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want<'t> {
    /// The field it goes to: adapters such as `cut` and `exact` take its size.
    pub(crate) target: Option<&'t TargetType>,
    /// Whether that field could not be found: what needs its size is told nothing more.
    pub(crate) is_lost: bool,
    /// Whether the policy on bad characters is about it: texts that a rule takes into a text without code list, not
    /// conditions, keys and what tables are asked.
    pub(crate) clean: bool,
}

impl Want<'_> {
    /// For a condition, a key, an argument.
    pub(crate) const PLAIN: Want<'static> = Want { target: None, is_lost: false, clean: false };
}

impl<'a> Resolver<'a> {
    /// An expression as a value.
    pub(crate) fn value(&mut self, expr: &Expr, want: Want<'_>) -> Option<Value> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Text(text) => Some(Value { kind: ValueKind::Text(text.clone()), typed: Typed::literal(text), span }),
            ExprKind::Number(digits) => self.number_literal(digits, span),
            ExprKind::Blank => {
                let typed = Typed { may_write_blank: true, class: Class::Constant, ..Typed::of_kind(Kind::Empty) };
                Some(Value { kind: ValueKind::Blank, typed, span })
            }
            ExprKind::None => {
                let typed = Typed { class: Class::Constant, ..Typed::of_kind(Kind::Empty).maybe() };
                Some(Value { kind: ValueKind::Nothing, typed, span })
            }
            ExprKind::Path(path) => {
                let value = self.source_path(path)?;
                Some(if want.clean { self.clean(value) } else { value })
            }
            ExprKind::Written(_) => {
                self.diagnostics
                    .error("E103", span, "`written` is read by `count`, `sum`, `min`, `max`, `same` and `hash-total` only")
                    .help("give the field its value again, or use an aggregate");
                None
            }
            ExprKind::Call(name, args) => self.function(name, args, span, want),
            ExprKind::Tuple(values) => self.tuple(values, span, want),
            ExprKind::Choose(branches) => self.choose(branches, span, want),
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right, span, want),
            ExprKind::Compare(..) | ExprKind::Is(..) | ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Not(..) => {
                self.cond(expr)
            }
            ExprKind::Chain(first, links, on_fail) => {
                let mut value = self.chain(first, links, span, want)?;
                if let Some(reject) = on_fail {
                    let reject = self.reject(reject);
                    name_failures(&mut value, reject);
                }
                Some(value)
            }
        }
    }

    fn number_literal(&mut self, digits: &str, span: Span) -> Option<Value> {
        let Some(number) = Decimal::parse(digits.as_bytes()) else {
            self.diagnostics.error("E103", span, "a number has at most 38 digits");
            return None;
        };
        let kind = Type::Number(Number {
            integer_max: Some(number.integer_digits()),
            decimals_max: Some(u32::from(number.scale)),
            signed: number.coefficient < 0,
            ..Number::default()
        });
        let typed = Typed { class: Class::Constant, ..Typed::new(kind) };
        Some(Value { kind: ValueKind::Number(number), typed, span })
    }

    fn tuple(&mut self, values: &[Expr], span: Span, want: Want<'_>) -> Option<Value> {
        let values: Vec<_> = values.iter().map(|it| self.value(it, want)).collect();
        let values: Vec<_> = values.into_iter().collect::<Option<_>>()?;
        let parts: Vec<_> = values.iter().map(|it| it.typed.clone()).collect();
        let class = parts.iter().map(|it| it.class).max().unwrap_or(Class::Constant);
        let secret = parts.iter().any(|it| it.secret);
        let typed = Typed { class, secret, ..Typed::of_kind(Kind::Tuple(parts)) };
        Some(Value { kind: ValueKind::Tuple(values), typed, span })
    }

    fn choose(&mut self, branches: &[(Expr, Option<Expr>)], span: Span, want: Want<'_>) -> Option<Value> {
        let mut resolved = Vec::new();
        let mut failed = false;
        let mut otherwise: Option<Span> = None;
        for (value, cond) in branches {
            if let Some(first) = otherwise {
                self.diagnostics
                    .warning("W502", value.span, "this part can never be used")
                    .label("unreachable")
                    .other(first, "`otherwise` takes everything that comes here")
                    .help("put `otherwise` last");
            }
            let cond = match cond {
                Some(cond) => Some(self.cond(cond)),
                None => {
                    otherwise = Some(value.span);
                    None
                }
            };
            match (self.value(value, want), cond) {
                (Some(value), None) => resolved.push((value, None)),
                (Some(value), Some(Some(cond))) => resolved.push((value, Some(cond))),
                _ => failed = true,
            }
        }
        if failed {
            return None;
        }
        let mut values = resolved.iter();
        let mut typed = values.next()?.0.typed.clone();
        for (value, _) in values {
            typed = self.joined(&typed, value)?;
        }
        if otherwise.is_none() {
            typed.presence = Presence::Maybe;
        }
        if typed.class == Class::Constant {
            typed.class = Class::Reduced;
        }
        Some(Value { kind: ValueKind::Choose(resolved), typed, span })
    }

    /// What either of two values may be; reports where they are of different kinds.
    fn joined(&mut self, typed: &Typed, other: &Value) -> Option<Typed> {
        let joined = typed.join(&other.typed);
        if joined.is_none() {
            self.diagnostics
                .error("E204", other.span, "this is of another kind than what stands before it")
                .label(other.typed.describe())
                .add_note(format!("before it: {}", typed.describe()))
                .help("convert one of the two with an adapter, in brackets:  (x | decimal)");
        }
        joined
    }

    // ---- chains ----------------------------------------------------------------------------------------------------

    fn chain(&mut self, first: &Expr, links: &[Link], span: Span, want: Want<'_>) -> Option<Value> {
        // What a table is asked is the original.
        let asks_table = links.iter().any(|it| matches!(it, Link::Adapter(adapter) if self.is_table(&adapter.name.text)));
        let inner = Want { clean: want.clean && !asks_table, ..want };
        let mut value = self.value(first, inner);
        for link in links {
            value = match (value, link) {
                (Some(value), Link::Adapter(adapter)) => self.adapter(value, adapter, span, want),
                (Some(value), Link::Else(expr)) => self.alternative(value, expr, inner),
                (Some(value), Link::Reject(reject)) => {
                    self.unreachable_else(&value, reject.span);
                    let id = self.reject(reject);
                    Some(or_else(value, Alternative::Reject(id), reject.span))
                }
                (Some(value), Link::Skip(skip)) => {
                    self.unreachable_else(&value, *skip);
                    Some(or_else(value, Alternative::Skip, *skip))
                }
                (None, Link::Else(expr)) => {
                    // Its mistakes are told too.
                    let _ = self.value(expr, inner);
                    None
                }
                (None, _) => None,
            };
        }
        value.map(|it| Value { span, ..it })
    }

    fn unreachable_else(&mut self, value: &Value, other: Span) {
        if value.typed.presence != Presence::Always || value.typed.kind == Kind::Empty {
            return;
        }
        let words = self.sources.slice(self.words_of(value)).to_owned();
        let all = self.else_before(other);
        self.diagnostics
            .warning("W502", other, "this part can never be used")
            .label("unreachable")
            .add_note(format!("`{words}` is always present, so nothing after `else` is reached"))
            .fix("remove the `else`", all, "");
    }

    /// The `else` before a span, with it and the blanks around.
    fn else_before(&self, other: Span) -> Span {
        let text = self.sources.text(other.file).get(..other.start as usize).unwrap_or("");
        let at = text.rfind("else").unwrap_or(text.len());
        let blanks = text.get(..at).unwrap_or("").trim_end().len();
        Span { start: u32::try_from(blanks).unwrap_or(other.start), ..other }
    }

    fn alternative(&mut self, value: Value, expr: &Expr, want: Want<'_>) -> Option<Value> {
        self.unreachable_else(&value, expr.span);
        let other = self.value(expr, want)?;
        let mut typed = self.joined(&value.typed, &other)?;
        typed.presence = other.typed.presence.min(value.typed.presence);
        if let (Some((group, mine, count)), Some((same, theirs, _))) = (&value.typed.branches, &other.typed.branches)
            && group == same
        {
            let mut covered = mine.clone();
            covered.extend(theirs.iter().filter(|it| !mine.contains(it)));
            if covered.len() == *count {
                typed.presence = Presence::Always;
            }
            typed.branches = Some((*group, covered, *count));
        }
        let span = value.span.to(other.span);
        Some(Value { kind: ValueKind::Else(Box::new(value), Alternative::Value(Box::new(other))), typed, span })
    }

    /// The author's words for a value: of a chain, the path it begins with.
    pub(crate) fn words_of(&self, value: &Value) -> Span {
        match &value.kind {
            ValueKind::Call(call) => {
                call.args.first().filter(|it| it.span.start == value.span.start).map_or(value.span, |it| self.words_of(it))
            }
            ValueKind::Else(first, _) => self.words_of(first),
            _ => value.span,
        }
    }

    // ---- adapters and functions ------------------------------------------------------------------------------------

    fn is_table(&self, name: &str) -> bool {
        self.tables.contains_key(name) || self.lookups.contains_key(name)
    }

    /// `value | adapter`
    pub(crate) fn adapter(&mut self, input: Value, adapter: &Adapter, chain: Span, want: Want<'_>) -> Option<Value> {
        let name = &adapter.name.text;
        let label = format!("| {}", self.sources.slice(adapter.span));
        if self.tables.contains_key(name) {
            return self.table(input, adapter, label);
        }
        if let Some(column) = &adapter.column {
            self.diagnostics.error("E102", column.span, format!("`{name}` is not a table: it has no columns"));
            return None;
        }
        if self.lookups.contains_key(name) {
            let span = input.span.to(adapter.span);
            return self.lookup(&adapter.name, Some(input), &adapter.args, span, label);
        }
        let Some(function) = functions::find(name) else {
            self.unknown_function(&adapter.name, true);
            return None;
        };
        let span = Span { start: chain.start.min(input.span.start), ..adapter.span };
        let each = input.typed.many.is_some() && !function.takes_list && input.typed.wrapped.is_none();
        let many = input.typed.many;
        let presence = input.typed.presence;
        let input =
            if each { Value { typed: Typed { many: None, presence: Presence::Always, ..input.typed }, ..input } } else { input };
        let mut site = Site::new(self, function, &adapter.name, &adapter.args, want);
        site.label = label;
        site.span = span;
        site.input = Some(input);
        let mut value = (function.check)(&mut site)?;
        if each {
            value.typed.many = many;
            value.typed.presence = presence;
            if let ValueKind::Call(call) = &mut value.kind {
                call.each = true;
            }
        }
        Some(value)
    }

    /// `name(args)`
    fn function(&mut self, name: &Name, args: &[Arg], span: Span, want: Want<'_>) -> Option<Value> {
        let label = self.sources.slice(span).to_owned();
        if self.lookups.contains_key(&name.text) {
            return self.lookup(name, None, args, span, label);
        }
        if self.fragments.contains_key(&name.text) {
            return self.fragment_value(name, args, span, want);
        }
        let Some(function) = functions::find(&name.text) else {
            self.unknown_function(name, false);
            return None;
        };
        let mut site = Site::new(self, function, name, args, want);
        site.label = label;
        site.span = span;
        (function.check)(&mut site)
    }

    fn unknown_function(&mut self, name: &Name, is_adapter: bool) {
        if self.unread.contains(&name.text) {
            return;
        }
        let mut known: Vec<String> = functions::ALL.iter().map(|it| it.name.to_owned()).collect();
        known.extend(self.tables.keys().chain(self.lookups.keys()).chain(self.fragments.keys()).cloned());
        let what = if is_adapter { "adapter or table" } else { "function" };
        let near = nearest(&name.text, known.iter().map(String::as_str)).map(str::to_owned);
        let diagnostic = self.diagnostics.error("E102", name.span, format!("there is no {what} `{}`", name.text));
        diagnostic.label("not known");
        match near {
            Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), name.span, near),
            None => diagnostic.help("`latimer functions` lists them all"),
        };
    }

    /// A text of the source behind the policy on bad characters.
    pub(crate) fn clean(&mut self, value: Value) -> Value {
        let BadChars::Transliterate(profile) = &self.policy.bad_chars else { return value };
        let Some(text) = value.typed.as_text().cloned() else { return value };
        if !value.typed.raw {
            return value;
        }
        let Some(table) = crate::standards::characters::profile(profile) else { return value };
        let stays = |it: char| it.is_ascii() && table.keeps(it);
        if crate::language::is_spelled_with(&text, stays) {
            return value;
        }
        let label = format!("| bad-chars {profile}");
        let typed = Typed {
            raw: false,
            name: value.typed.name.clone(),
            ..value.typed.with(Type::Text(Text { patterns: Vec::new(), repertoire: None, ..text }))
        };
        let typed = Typed { branches: value.typed.branches.clone(), ..typed }.class(Class::Reduced);
        let each = value.typed.many.is_some();
        let run = functions::replacing(table);
        let span = value.span;
        let call = CallValue { each, ..CallValue::new(run, vec![value], label) };
        Value { kind: ValueKind::Call(Box::new(call)), typed, span }
    }

    /// `path[1..2]`
    pub(crate) fn slice(&mut self, value: Value, from: u32, to: u32) -> Option<Value> {
        let Some(text) = value.typed.as_text() else {
            let described = value.typed.describe();
            self.diagnostics.error("E204", value.span, "only a text has characters").label(described);
            return None;
        };
        let length = to - from + 1;
        // Blanks at the end of a part of a record are its pad, as they are at the end of the whole.
        let has_pad = self.sides.get(self.source_side()).is_some_and(|it| it.about.records);
        let least = if has_pad { 0 } else { text.min.saturating_sub(from - 1).min(length) };
        let mut typed = value.typed.with(Type::Text(Text {
            min: least,
            max: Some(length),
            repertoire: text.repertoire.clone(),
            ..Text::default()
        }));
        if text.min < from {
            typed = typed.maybe();
        }
        typed = typed.class(Class::Reduced);
        let each = value.typed.many.is_some();
        let label = format!("[{from}..{to}]");
        let run = functions::text::characters(from as usize, length as usize, has_pad);
        let span = value.span;
        let call = CallValue { each, ..CallValue::new(run, vec![value], label) };
        Some(Value { kind: ValueKind::Call(Box::new(call)), typed, span })
    }

    /// The argument of a look-up or fragment, in the names that were known where it stands.
    pub(crate) fn argument(&mut self, expr: &Expr, known: usize, span: Span) -> Option<Value> {
        let hidden = self.names.split_off(known.min(self.names.len()));
        let value = self.value(expr, Want::PLAIN);
        self.names.extend(hidden);
        value.map(|it| Value { span, ..it })
    }

    /// Binds arguments to names while `body` resolves.
    pub(crate) fn with_arguments<T>(&mut self, bound: Vec<(String, Expr)>, body: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.names.len();
        for (name, expr) in bound {
            self.names.push((name, Binding::Argument(Box::new(expr), known)));
        }
        let result = body(self);
        self.names.truncate(known);
        result
    }

    // ---- operators -------------------------------------------------------------------------------------------------

    fn binary(&mut self, operator: Operator, left: &Expr, right: &Expr, span: Span, want: Want<'_>) -> Option<Value> {
        let want = Want { target: None, ..want };
        let (left, right) = (self.value(left, want), self.value(right, want));
        let (left, right) = (left?, right?);
        let (kind, run) = match operator {
            Operator::Join => self.joining(&left, &right)?,
            _ => self.arithmetic(operator, &left, &right)?,
        };
        let mut typed = Typed::new(kind);
        typed.presence = if left.typed.presence == Presence::Always && right.typed.presence == Presence::Always {
            Presence::Always
        } else {
            Presence::Maybe
        };
        typed.class = left.typed.class.max(right.typed.class).max(Class::Generated);
        if typed.class == Class::Exact {
            typed.class = Class::Canonical;
        }
        typed.secret = left.typed.secret || right.typed.secret;
        typed.raw = left.typed.raw || right.typed.raw;
        let label = self.sources.slice(span).to_owned();
        let call = CallValue::new(run, vec![left, right], label);
        Some(Value { kind: ValueKind::Call(Box::new(call)), typed, span })
    }

    fn joining(&mut self, left: &Value, right: &Value) -> Option<(Type, Run)> {
        let (Some(a), Some(b)) = (self.text_of(left), self.text_of(right)) else { return None };
        let text = Text { min: a.min + b.min, max: a.max.zip(b.max).map(|(a, b)| a + b), ..Text::default() };
        let run = Run::new(|call| {
            call.scratch.clear();
            call.scratch.extend_from_slice(call.record.bytes(call.arg(0), call.part));
            call.scratch.extend_from_slice(call.record.bytes(call.arg(1), call.part));
            Ok(call.give_scratch(0))
        });
        Some((Type::Text(text), run))
    }

    fn text_of(&mut self, value: &Value) -> Option<Text> {
        if let (Some(text), None) = (value.typed.as_text(), value.typed.many) {
            return Some(text.clone());
        }
        self.diagnostics
            .error("E204", value.span, "`&` joins texts")
            .label(value.typed.describe())
            .help("make it a text first, or join a list with `join(list, \" \")`");
        None
    }

    fn arithmetic(&mut self, operator: Operator, left: &Value, right: &Value) -> Option<(Type, Run)> {
        let mut sizes = Vec::new();
        for value in [left, right] {
            match value.typed.digits().filter(|_| value.typed.many.is_none()) {
                Some(number) => sizes.push(number),
                None => {
                    self.diagnostics.error("E204", value.span, "this is not a number").label(value.typed.describe()).fix(
                        "make it one:  | decimal",
                        value.span,
                        format!("({} | decimal)", self.sources.slice(value.span)),
                    );
                    return None;
                }
            }
        }
        let [a, b] = sizes.as_slice() else { return None };
        let both = |f: fn(u32, u32) -> u32, x: Option<u32>, y: Option<u32>| x.zip(y).map(|(x, y)| f(x, y));
        let sum = |x: u32, y: u32| x + y;
        let kind = match operator {
            Operator::Times => Number {
                integer_max: both(sum, a.integer_max, b.integer_max),
                decimals_max: both(sum, a.decimals_max, b.decimals_max),
                signed: a.signed || b.signed,
                ..Number::default()
            },
            _ => Number {
                integer_max: both(|x, y| x.max(y) + 1, a.integer_max, b.integer_max),
                decimals_max: both(u32::max, a.decimals_max, b.decimals_max),
                signed: a.signed || b.signed || operator == Operator::Minus,
                ..Number::default()
            },
        };
        if both(sum, kind.integer_max, kind.decimals_max).is_some_and(|it| it > crate::DIGITS_MAX) {
            self.diagnostics
                .error("E202", left.span.to(right.span), "the result may have more than 38 digits")
                .help("say how large the operands are with `| exact` or `| round(..)` on their way into a smaller field");
            return None;
        }
        let run = Run::new(move |call| {
            let (a, b) = (call.number(0)?, call.number(1)?);
            let result = match operator {
                Operator::Times => a.multiply(b),
                Operator::Minus => a.plus(Decimal { coefficient: -b.coefficient, ..b }),
                _ => a.plus(b),
            };
            call.give_number(result.ok_or(FaultCode::MapNumber)?)
        });
        Some((Type::Number(kind), run))
    }
}

fn or_else(value: Value, alternative: Alternative, other: Span) -> Value {
    let typed = Typed { presence: Presence::Always, ..value.typed.clone() };
    let typed = Typed { class: typed.class.max(Class::Guarded), ..typed };
    let span = value.span.to(other);
    Value { kind: ValueKind::Else(Box::new(value), alternative), typed, span }
}

/// `on fail reject ..` is about every step of the chain.
fn name_failures(value: &mut Value, reject: RejectId) {
    match &mut value.kind {
        ValueKind::Call(call) => {
            call.on_fail = Some(reject);
            call.args.iter_mut().for_each(|it| name_failures(it, reject));
        }
        ValueKind::Else(first, alternative) => {
            name_failures(first, reject);
            if let Alternative::Value(other) = alternative {
                name_failures(other, reject);
            }
        }
        ValueKind::Choose(branches) => branches.iter_mut().for_each(|(it, _)| name_failures(it, reject)),
        _ => {}
    }
}
