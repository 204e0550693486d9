//! Conditions.

use super::Resolver;
use super::value::Want;
use crate::call::{Call, Known, Run, Strictness, is_nothing};
use crate::mapping::ast::{Being, Comparison, Expr, ExprKind};
use crate::mapping::hir::{CallValue, Value, ValueKind};
use crate::mapping::nearest;
use crate::mapping::typed::{Kind, Presence, Typed};
use crate::moment::Moment;
use crate::rules::{Pattern, TextCheck};
use crate::{FaultCode, Slot, SlotKind, Span, Type};
use jiff::tz::TimeZone;
use std::cmp::Ordering;
use std::sync::Arc;

/// The mapping's time zone, for date-times without one.
type Zone = Option<TimeZone>;

/// What two values are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Text,
    Number,
    Moment,
    YesNo,
}

impl Resolver<'_> {
    /// An expression that holds or does not.
    pub(crate) fn cond(&mut self, expr: &Expr) -> Option<Value> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::And(left, right) => {
                let (left, right) = (self.cond(left), self.cond(right));
                Some(truth(ValueKind::And(Box::new(left?), Box::new(right?)), span))
            }
            ExprKind::Or(left, right) => {
                let (left, right) = (self.cond(left), self.cond(right));
                Some(truth(ValueKind::Or(Box::new(left?), Box::new(right?)), span))
            }
            ExprKind::Not(inner) => Some(truth(ValueKind::Not(Box::new(self.cond(inner)?)), span)),
            ExprKind::Is(subject, being, negated) => self.being(subject, *being, *negated, span),
            ExprKind::Compare(comparison, left, right) => self.comparison(*comparison, left, right, span),
            _ => {
                let value = self.value(expr, Want::PLAIN)?;
                if value.typed.value() == Some(&Type::YesNo) && value.typed.many.is_none() {
                    return Some(value);
                }
                self.diagnostics.error("E204", span, "a condition is expected here").label(value.typed.describe()).fix(
                    "ask whether it is there:  is present",
                    span.after(),
                    " is present",
                );
                None
            }
        }
    }

    fn being(&mut self, subject: &Expr, being: Being, negated: bool, span: Span) -> Option<Value> {
        let value = self.value(subject, Want::PLAIN)?;
        let wanted = !negated;
        let run = match being {
            Being::Present => {
                Run::new(move |call| Ok(call.give_yes_no(is_nothing(call.arg(0)) != wanted))).knowing(Known::Presence(wanted))
            }
            Being::Absent => {
                Run::new(move |call| Ok(call.give_yes_no(is_nothing(call.arg(0)) == wanted))).knowing(Known::Presence(!wanted))
            }
            Being::Blank => Run::new(move |call| {
                let is_text = matches!(call.arg(0).kind(), SlotKind::Part | SlotKind::Held);
                let blank = is_text && call.bytes(0).iter().all(|it| *it == b' ');
                Ok(call.give_yes_no(blank == wanted))
            }),
        };
        Some(self.asked(vec![value], run, span))
    }

    fn asked(&self, args: Vec<Value>, run: Run, span: Span) -> Value {
        let label = self.sources.slice(span).to_owned();
        let strictness = Strictness::Lenient;
        let call = CallValue { strictness, ..CallValue::new(run, args, label) };
        truth(ValueKind::Call(Box::new(call)), span)
    }

    fn comparison(&mut self, comparison: Comparison, left: &Expr, right: &Expr, span: Span) -> Option<Value> {
        let (a, b) = (self.value(left, Want::PLAIN), self.value(right, Want::PLAIN));
        let (a, b) = (a?, b?);
        if comparison == Comparison::Matches {
            return self.matches(a, &b, span);
        }
        let kind = self.compared_as(&a, &b)?;
        if matches!(comparison, Comparison::Equal | Comparison::In | Comparison::Contains) {
            self.never_true(&a, &b, comparison)?;
            self.never_true(&b, &a, comparison)?;
        }
        self.list_fits(&a, &b, comparison)?;
        if let (As::Text, Comparison::Equal | Comparison::Unequal, ValueKind::Text(text)) = (kind, comparison, &b.kind)
            && !trimmed(text.as_bytes()).is_empty()
        {
            let run = spelled(text, comparison == Comparison::Equal);
            return Some(self.asked(vec![a], run, span));
        }
        let zone = self.policy.time_zone.as_ref().map(|(_, zone)| zone.clone());
        let run = match comparison {
            Comparison::Equal => comparing(kind, zone.clone(), Ordering::is_eq),
            Comparison::Unequal => {
                let equal = comparing(kind, zone.clone(), Ordering::is_eq);
                Run::new(move |call| {
                    let equal = equal.call(call)?.kind() == SlotKind::Yes;
                    Ok(call.give_yes_no(!equal))
                })
            }
            Comparison::Less => comparing(kind, zone.clone(), Ordering::is_lt),
            Comparison::AtMost => comparing(kind, zone.clone(), Ordering::is_le),
            Comparison::Greater => comparing(kind, zone.clone(), Ordering::is_gt),
            Comparison::AtLeast => comparing(kind, zone.clone(), Ordering::is_ge),
            Comparison::In => membership(kind, zone, 0, 1),
            Comparison::Contains if a.typed.many.is_some() => membership(kind, zone, 1, 0),
            Comparison::Contains => Run::new(|call| {
                let (whole, part) = (call.bytes(0), call.bytes(1));
                let found =
                    !is_nothing(call.arg(0)) && !is_nothing(call.arg(1)) && memchr::memmem::find(whole, trimmed(part)).is_some();
                Ok(call.give_yes_no(found))
            }),
            Comparison::StartsWith => Run::new(|call| {
                let starts =
                    !is_nothing(call.arg(0)) && !is_nothing(call.arg(1)) && call.bytes(0).starts_with(trimmed(call.bytes(1)));
                Ok(call.give_yes_no(starts))
            }),
            Comparison::Matches => return None,
        };
        Some(self.asked(vec![a, b], run, span))
    }

    /// What is a list, and what may be one.
    fn list_fits(&mut self, a: &Value, b: &Value, comparison: Comparison) -> Option<()> {
        let lists_ok = match comparison {
            Comparison::In => a.typed.many.is_none(),
            Comparison::Contains => b.typed.many.is_none(),
            _ => a.typed.many.is_none() && b.typed.many.is_none(),
        };
        if lists_ok {
            return Some(());
        }
        let list = if a.typed.many.is_some() { a } else { b };
        self.diagnostics
            .error("E210", list.span, "a list cannot be compared like one value")
            .label(list.typed.describe())
            .help("ask with `contains` or `in`, take one with `[1]` or `| first(1)`, or use an aggregate such as `same(..)`");
        None
    }

    fn matches(&mut self, value: Value, pattern: &Value, span: Span) -> Option<Value> {
        let ValueKind::Text(expression) = &pattern.kind else {
            self.diagnostics.error("E103", pattern.span, "the expression must be a text in quotation marks");
            return None;
        };
        let pattern = match Pattern::new(expression) {
            Ok(pattern) => pattern,
            Err(why) => {
                self.diagnostics.error("E103", pattern.span, "this is not a regular expression").add_note(why);
                return None;
            }
        };
        if value.typed.as_text().is_none() || value.typed.many.is_some() {
            self.diagnostics.error("E204", value.span, "only a text can match").label(value.typed.describe());
            return None;
        }
        let run = Run::new(move |call| Ok(call.give_yes_no(!is_nothing(call.arg(0)) && pattern.matches(call.bytes(0)))));
        Some(self.asked(vec![value], run, span))
    }

    /// Numbers and digit texts compare by value, date-times as instants, texts by code point.
    fn compared_as(&mut self, a: &Value, b: &Value) -> Option<As> {
        let sorts = |value: &Value| match &value.typed.kind {
            Kind::Tuple(parts) => parts.clone(),
            _ => vec![value.typed.clone()],
        };
        let all: Vec<Typed> = sorts(a).into_iter().chain(sorts(b)).filter(|it| it.kind != Kind::Empty).collect();
        let is_text = |it: &Typed| it.as_text().is_some();
        let is_number = |it: &Typed| it.digits().is_some();
        let is_moment = |it: &Typed| matches!(it.value(), Some(Type::Date | Type::Time | Type::DateTime | Type::Instant));
        let is_yes_no = |it: &Typed| it.value() == Some(&Type::YesNo);
        let a_number = all.iter().any(|it| it.as_number().is_some());
        if a_number && all.iter().all(is_number) {
            return Some(As::Number);
        }
        if all.iter().all(is_text) {
            return Some(As::Text);
        }
        let literal_moment = |it: &Typed| matches!(it.as_text().map(|it| it.codes.as_slice()), Some([code]) if Moment::parse(code.as_bytes()).is_some());
        if all.iter().any(is_moment) && all.iter().all(|it| is_moment(it) || literal_moment(it)) {
            return Some(As::Moment);
        }
        if all.iter().all(is_yes_no) {
            return Some(As::YesNo);
        }
        self.diagnostics
            .error("E204", a.span.to(b.span), "these two are of different kinds")
            .add_note(format!("`{}` is {}", self.sources.slice(a.span), a.typed.describe()))
            .add_note(format!("`{}` is {}", self.sources.slice(b.span), b.typed.describe()))
            .help("convert one of them with an adapter, in brackets:  (x | decimal)");
        None
    }

    /// E501: a literal that the other side can never be.
    fn never_true(&mut self, field: &Value, literal: &Value, comparison: Comparison) -> Option<()> {
        if let ValueKind::Tuple(values) = &literal.kind {
            for value in values {
                self.never_true(field, value, comparison)?;
            }
            return Some(());
        }
        let (Some(text), ValueKind::Text(wanted)) = (field.typed.as_text().cloned(), &literal.kind) else {
            return Some(());
        };
        if matches!(field.kind, ValueKind::Text(_)) || (comparison == Comparison::Contains && field.typed.many.is_none()) {
            return Some(());
        }
        let Ok(check) = TextCheck::new(&text) else { return Some(()) };
        let blanks = trimmed(wanted.as_bytes()).is_empty() || check.allows(wanted.as_bytes());
        // Texts compare without trailing blanks, so a code may be longer than the literal.
        let padded = text.codes.iter().any(|it| trimmed(it.as_bytes()) == trimmed(wanted.as_bytes()))
            || (text.codes.is_empty() && text.min > 0 && wanted.chars().count() < text.min as usize && text.patterns.is_empty());
        if blanks || padded {
            return Some(());
        }
        let words = self.sources.slice(self.words_of(field)).to_owned();
        let diagnostic = self.diagnostics.error(
            "E501",
            literal.span,
            format!("this comparison is never true: `{words}` is never \"{wanted}\""),
        );
        if text.codes.is_empty() {
            diagnostic.label("the schema does not allow it").add_note(format!("`{words}` is {}", field.typed.describe()));
            diagnostic.help("compare with a value that can occur");
            return None;
        }
        diagnostic.label("not one of its codes").add_note(format!("its codes: {}", text.codes.join(", ")));
        match nearest(wanted, text.codes.iter().map(String::as_str)) {
            Some(near) => diagnostic.fix(format!("did you mean \"{near}\"?"), literal.span, format!("\"{near}\"")),
            None => diagnostic.help("compare with one of its codes"),
        };
        None
    }
}

fn truth(kind: ValueKind, span: Span) -> Value {
    let typed = Typed { presence: Presence::Always, ..Typed::new(Type::YesNo) };
    Value { kind, typed, span }
}

/// A text without the blanks at its end.
fn trimmed(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|it| **it == b' ').count();
    text.get(..text.len() - blanks).unwrap_or(text)
}

/// Whether a value is a text, or is not.
fn spelled(text: &str, wanted: bool) -> Run {
    let text: Arc<[u8]> = trimmed(text.as_bytes()).into();
    let known = Known::Spelled(Arc::clone(&text), wanted);
    Run::new(move |call| Ok(call.give_yes_no((trimmed(call.bytes(0)) == &*text) == wanted))).knowing(known)
}

/// Whether a list has a value.
fn membership(kind: As, zone: Zone, one: usize, many: usize) -> Run {
    Run::new(move |call| {
        let (value, list) = (call.arg(one), call.arg(many));
        let count = if list.kind() == SlotKind::List { list.length() } else { 1 };
        let mut found = false;
        for number in 0..count {
            let item = if list.kind() == SlotKind::List { call.record.item(list, number) } else { list };
            let both = !is_nothing(value) && !is_nothing(item);
            found |= both && compare(call, kind, zone.as_ref(), (value, item))?.is_some_and(Ordering::is_eq);
        }
        Ok(call.give_yes_no(found))
    })
}

/// A comparison that is false when a side is absent.
fn comparing(kind: As, zone: Zone, holds: fn(Ordering) -> bool) -> Run {
    Run::new(move |call| {
        let (a, b) = (call.arg(0), call.arg(1));
        if is_nothing(a) || is_nothing(b) {
            return Ok(call.give_yes_no(false));
        }
        let ordering = compare(call, kind, zone.as_ref(), (a, b))?;
        Ok(call.give_yes_no(ordering.is_some_and(holds)))
    })
}

fn compare(call: &Call<'_>, kind: As, zone: Option<&TimeZone>, (a, b): (Slot, Slot)) -> Result<Option<Ordering>, FaultCode> {
    let bytes = |slot| call.record.bytes(slot, call.part);
    Ok(match kind {
        As::Text => Some(trimmed(bytes(a)).cmp(trimmed(bytes(b)))),
        As::Number => Some(call.number_of(a)?.cmp(&call.number_of(b)?)),
        As::YesNo => Some(a.kind().eq(&SlotKind::Yes).cmp(&b.kind().eq(&SlotKind::Yes))),
        As::Moment => {
            let (a, b) = (bytes(a), bytes(b));
            // Days without zone are ordered as texts are.
            if a.len() == 10 && b.len() == 10 {
                return Ok(Some(a.cmp(b)));
            }
            let (Some(a), Some(b)) = (Moment::parse(a), Moment::parse(b)) else {
                return Err(FaultCode::MapDate);
            };
            a.compare(&b, zone)
        }
    })
}
