//! A value against the field it goes to: kind, length, digits, codes, characters, repeats.

use super::Resolver;
use super::literal::Meaning;
use crate::call::{Call, Known, Run, is_nothing};
use crate::language::{self, Relation};
use crate::mapping::ast::Scope;
use crate::mapping::functions::{clean_digits, digits_run};
use crate::mapping::hir::{Alternative, Value, ValueKind};
use crate::mapping::typed::{Class, Kind, Typed};
use crate::rules::{TextCheck, allows_number};
use crate::{FaultCode, Number, Occurs, Slot, SlotKind, Span, Text, Type};
use std::sync::Arc;

/// A leaf of a target, as a value meets it.
#[derive(Clone, Debug)]
pub(crate) struct TargetType {
    pub(crate) typed: Typed,
    /// How often it occurs, of a repeat.
    pub(crate) occurs: Option<Occurs>,
    /// The last name of its path.
    pub(crate) name: String,
    /// Whether absence is written as blanks or zeros (fields of a record).
    pub(crate) in_record: bool,
}

impl Resolver<'_> {
    /// Checks a value for a field; gives the class of the rule and what must still be done when it runs.
    pub(crate) fn assign(&mut self, value: &Value, target: &TargetType) -> Option<(Class, Option<Run>)> {
        if matches!(target.typed.kind, Kind::Group | Kind::Any) {
            self.diagnostics
                .error("E206", value.span, format!("`{}` is a group: it takes no value", target.name))
                .help(format!("write rules for its fields:  {} {{ .. }}", target.name));
            return None;
        }
        let mut leaves = Vec::new();
        leaves_of(value, &mut leaves);
        let mut sound = true;
        let mut class = value.typed.class;
        // What the decoder lets through and the field allows needs no look when it runs.
        let mut is_known = value.typed.many.is_none() && target.occurs.is_none();
        for leaf in leaves {
            is_known &= matches!(leaf.kind, ValueKind::Field(_) | ValueKind::Text(_) | ValueKind::Nothing);
            sound &= match &leaf.kind {
                ValueKind::Text(text) => self.literal_text(text, leaf.span, target).is_some(),
                ValueKind::Number(number) => self.number_literal_fits(&number.to_string(), leaf.span, target).is_some(),
                ValueKind::Blank => self.blank_fits(leaf.span, target).is_some(),
                ValueKind::Nothing => true,
                _ => match self.leaf_fits(leaf, value.span, target) {
                    Some(needed) => {
                        class = class.max(needed);
                        let are_texts = leaf.typed.as_text().is_some() && target.typed.as_text().is_some();
                        is_known &= needed == Class::Exact && are_texts && leaf.typed.many.is_none();
                        true
                    }
                    None => false,
                },
            };
            if !sound {
                return None;
            }
        }
        self.repeats_fit(value, target)?;
        Some((class, if is_known { None } else { finish(target, &value.typed) }))
    }

    /// The same for one of several values that a table gives.
    pub(crate) fn assign_typed(&mut self, part: &Value, target: &TargetType) -> Option<(Class, Option<Run>)> {
        let class = self.leaf_fits(part, part.span, target)?;
        self.repeats_fit(part, target)?;
        Some((class, finish(target, &part.typed)))
    }

    fn number_literal_fits(&mut self, digits: &str, span: Span, target: &TargetType) -> Option<()> {
        match target.typed.value() {
            Some(Type::Number(number)) => {
                let number = number.clone();
                self.literal_number(digits, span, target, &number)
            }
            Some(Type::Text(_)) => self.literal_text(digits, span, target),
            _ => {
                self.mismatch(span, &format!("the number {digits}"), target, None);
                None
            }
        }
    }

    fn blank_fits(&mut self, span: Span, target: &TargetType) -> Option<()> {
        let fits = target.in_record || target.typed.as_text().is_some_and(Text::may_be_blank);
        if !fits {
            let (name, described) = (&target.name, target.typed.describe());
            self.diagnostics
                .error("E208", span, format!("`{name}` cannot be blank"))
                .add_note(format!("`{name}` is {described}"))
                .help("leave the field out, or give it a value");
        }
        fits.then_some(())
    }

    /// A value that is no literal.
    fn leaf_fits(&mut self, leaf: &Value, whole: Span, target: &TargetType) -> Option<Class> {
        let words = self.words_of(leaf);
        match (&leaf.typed.kind, &target.typed.kind) {
            (Kind::Value(Type::Text(source)), Kind::Value(Type::Text(allowed))) => {
                self.text_fits(leaf, source, whole, target, allowed)
            }
            (Kind::Value(Type::Number(source)), Kind::Value(Type::Number(allowed))) => {
                self.number_fits(leaf, source, whole, target, allowed)
            }
            (Kind::Value(Type::Amount(source)), Kind::Value(Type::Amount(allowed))) => {
                self.number_fits(leaf, source, whole, target, allowed)
            }
            (Kind::Value(Type::Number(source)), Kind::Value(Type::Text(_))) => {
                self.number_as_text_fits(leaf, source, whole, target)
            }
            (Kind::Value(Type::Text(_)), Kind::Value(Type::Number(allowed))) => match leaf.typed.digits() {
                Some(source) => self.number_fits(leaf, &source, whole, target, allowed).map(|it| it.max(Class::Canonical)),
                None => {
                    let bounded = allowed.integer_max.is_some() || allowed.decimals_max.is_some();
                    let adapter = if bounded { " | decimal | exact" } else { " | decimal" };
                    self.mismatch(whole, self.sources.slice(words), target, Some((leaf, adapter)));
                    None
                }
            },
            (Kind::Value(Type::DateTime | Type::Instant), Kind::Value(Type::Date)) => {
                let name = &target.name;
                self.diagnostics
                    .error("E205", whole, format!("a date-time does not go into the date `{name}` by itself"))
                    .label("has a time and perhaps a zone")
                    .add_note(format!("`{}` is {}", self.sources.slice(words), leaf.typed.describe()))
                    .add_note(format!("`{name}` is {}", target.typed.describe()))
                    .fix("take the day in the mapping's time zone:  | date-part", whole.after(), " | date-part");
                None
            }
            (Kind::Value(Type::Instant), Kind::Value(Type::DateTime)) => Some(Class::Exact),
            (Kind::Value(Type::DateTime), Kind::Value(Type::Instant)) => Some(Class::Guarded),
            (Kind::Value(Type::Bytes(_, a)), Kind::Value(Type::Bytes(_, b))) => {
                let fits = b.is_none_or(|b| a.is_some_and(|a| a <= b));
                Some(if fits { Class::Exact } else { Class::Guarded })
            }
            (Kind::Value(a), Kind::Value(b)) if a == b => Some(Class::Exact),
            (Kind::Group | Kind::Any, _) => {
                self.diagnostics
                    .error("E206", whole, "a group is not a value")
                    .add_note(format!("`{}` is {}", self.sources.slice(words), leaf.typed.describe()))
                    .help("name one of its fields");
                None
            }
            (Kind::Empty, _) => Some(Class::Constant),
            _ => {
                let help = conversion(leaf.typed.value(), target.typed.value());
                self.mismatch(whole, self.sources.slice(words), target, help.map(|it| (leaf, it)));
                None
            }
        }
    }

    /// E204.
    fn mismatch(&mut self, span: Span, words: &str, target: &TargetType, help: Option<(&Value, &str)>) {
        let (name, described) = (&target.name, target.typed.describe());
        let diagnostic = self.diagnostics.error("E204", span, format!("a value of another kind goes into `{name}`"));
        match help {
            Some((leaf, adapter)) => {
                diagnostic.add_note(format!("`{words}` is {}", leaf.typed.describe()));
                diagnostic.add_note(format!("`{name}` is {described}"));
                diagnostic.fix(format!("convert it:  {}", adapter.trim()), leaf.span.after(), adapter);
            }
            None => {
                diagnostic.add_note(format!("this is {words}")).add_note(format!("`{name}` is {described}"));
                diagnostic.help("convert it with an adapter; `latimer functions` lists them all");
            }
        }
    }

    // ---- texts -----------------------------------------------------------------------------------------------------

    fn text_fits(&mut self, leaf: &Value, source: &Text, whole: Span, target: &TargetType, allowed: &Text) -> Option<Class> {
        // Codes are translated, not cut.
        if !source.codes.is_empty() && !allowed.codes.is_empty() {
            self.codes_fit(leaf, source, target, allowed)?;
        }
        if let Some(max) = allowed.max
            && source.max.is_none_or(|it| it > max)
        {
            self.too_long(leaf, source.max, whole, target, max);
            return None;
        }
        let relation = language::relation(source, allowed);
        if relation == Relation::Apart {
            let name = &target.name;
            let words = self.sources.slice(self.words_of(leaf));
            self.diagnostics
                .error("E208", whole, format!("no value of `{words}` is allowed in `{name}`"))
                .add_note(format!("`{words}` is {}", leaf.typed.describe()))
                .add_note(format!("`{name}` is {}", target.typed.describe()))
                .help("convert it with an adapter or a table");
            return None;
        }
        self.characters_fit(leaf, source, whole, target, allowed)?;
        let shorter = source.min < allowed.min;
        Some(if relation == Relation::Within && !shorter { Class::Exact } else { Class::Guarded })
    }

    /// E201.
    fn too_long(&mut self, leaf: &Value, length: Option<u32>, whole: Span, target: &TargetType, max: u32) {
        let words = self.sources.slice(self.words_of(leaf)).to_owned();
        let described = self.source_type(leaf);
        let name = target.name.clone();
        let message = match length {
            Some(length) => format!("{length} characters do not fit into {max}"),
            None => format!("a text of any length does not fit into {max} characters"),
        };
        let is_uuid = leaf.typed.name == "uuid";
        let at = whole.after();
        // What a line loses that is read both ways does not come back.
        let two_way = self.is_two_way(whole);
        let diagnostic = self.diagnostics.error("E201", whole, message);
        diagnostic.label("may be cut");
        diagnostic.add_note(format!("`{words}` is {described}"));
        diagnostic.add_note(format!("`{name}` is {}", target.typed.describe()));
        if is_uuid && max >= 32 {
            diagnostic.fix(
                "keep it whole without dashes:   | uuid-compact   (32 characters, works both ways)",
                at,
                " | uuid-compact",
            );
        }
        diagnostic.fix("refuse what does not fit:       | must-fit", at, " | must-fit");
        if !two_way {
            diagnostic.fix("cut and acknowledge the loss:   | cut        (or  | cut mark \"+\")", at, " | cut");
        }
    }

    /// Whether a value stands in a line that is read both ways.
    pub(crate) fn is_two_way(&self, value: Span) -> bool {
        self.two_way_line(value).is_some()
    }

    /// The line that a value stands in, if it is read both ways.
    pub(super) fn two_way_line(&self, value: Span) -> Option<Span> {
        let rules = self.hir.rules.iter().map(|it| it.span).filter(|it| it.file == value.file);
        let mut around = rules.filter(|it| it.start <= value.start && value.end <= it.end);
        // A block holds lines of either kind: it is not the line itself.
        around.find(|it| self.sources.slice(*it).lines().count() == 1 && self.sources.slice(*it).contains("<->"))
    }

    /// The type of the field that a value begins with; of one that begins with none, its own.
    fn source_type(&self, leaf: &Value) -> String {
        fn first(value: &Value) -> &Value {
            match &value.kind {
                ValueKind::Call(call) => call.args.first().filter(|it| it.span.start == value.span.start).map_or(value, first),
                ValueKind::Else(inner, _) => first(inner),
                _ => value,
            }
        }
        first(leaf).typed.describe()
    }

    /// E203 between two lists of codes.
    fn codes_fit(&mut self, leaf: &Value, source: &Text, target: &TargetType, allowed: &Text) -> Option<()> {
        let foreign: Vec<_> = source.codes.iter().filter(|it| !allowed.codes.contains(it)).cloned().collect();
        let Some(first) = foreign.first() else { return Some(()) };
        let words = self.sources.slice(self.words_of(leaf)).to_owned();
        let name = &target.name;
        self.diagnostics
            .error("E203", leaf.span, format!("`{words}` can be \"{first}\", which is not a code of `{name}`"))
            .label("not every code is covered")
            .add_note(format!("`{words}` can be: {}", source.codes.join(", ")))
            .add_note(format!("`{name}` is {}", target.typed.describe()))
            .help("translate the codes with a table:  table NAME (from -> to) { .. }");
        None
    }

    /// E209, once a file.
    fn characters_fit(&mut self, leaf: &Value, source: &Text, whole: Span, target: &TargetType, allowed: &Text) -> Option<()> {
        let Some(repertoire) = &allowed.repertoire else { return Some(()) };
        if !leaf.typed.raw || self.charset_said || self.policy.bad_chars != super::BadChars::Unsaid {
            return Some(());
        }
        let same = source.repertoire.as_ref().is_some_and(|it| it == repertoire);
        if same || language::is_spelled_with(source, |it| repertoire.has(it)) {
            return Some(());
        }
        self.charset_said = true;
        let words = self.sources.slice(self.words_of(leaf)).to_owned();
        let from = source.repertoire.as_ref().map_or("UTF-8", |it| it.name.as_str());
        let name = &target.name;
        let described = self.source_type(leaf);
        let (at, text) = self.policy_edit("bad-chars = transliterate \"epc217-08\"");
        self.diagnostics
            .error("E209", whole, "this text may hold characters that the target code page has not")
            .label(format!("{from} text into {}", repertoire.name))
            .add_note(format!("`{words}` is {described}"))
            .add_note(format!("`{name}` is {}", target.typed.describe()))
            .fix("choose once for the file:  policy { bad-chars = transliterate \"epc217-08\" }   (or = reject)", at, text);
        None
    }

    // ---- numbers ---------------------------------------------------------------------------------------------------

    fn number_fits(
        &mut self,
        leaf: &Value,
        source: &Number,
        whole: Span,
        target: &TargetType,
        allowed: &Number,
    ) -> Option<Class> {
        if leaf.typed.elastic {
            return Some(Class::Generated);
        }
        let over = |have: Option<u32>, room: Option<u32>| room.is_some_and(|room| have.is_none_or(|have| have > room));
        let total = source.digits_max.or_else(|| source.integer_max.zip(source.decimals_max).map(|(a, b)| a + b));
        let in_all = allowed.digits_max.is_some_and(|room| {
            let parts = allowed.integer_max.zip(allowed.decimals_max).map(|(a, b)| a + b);
            parts.is_none_or(|parts| parts > room) && total.is_none_or(|total| total > room)
        });
        if !over(source.integer_max, allowed.integer_max) && !over(source.decimals_max, allowed.decimals_max) && !in_all {
            let bounded = allowed.least.is_some()
                || allowed.greatest.is_some()
                || allowed.multiple_of.is_some()
                || !allowed.codes.is_empty();
            let guarded = (source.signed && !allowed.signed) || (bounded && source != allowed);
            return Some(if guarded { Class::Guarded } else { Class::Exact });
        }
        let words = self.sources.slice(self.words_of(leaf)).to_owned();
        let described = self.source_type(leaf);
        let name = target.name.clone();
        let message =
            if in_all && !over(source.integer_max, allowed.integer_max) && !over(source.decimals_max, allowed.decimals_max) {
                format!(
                    "{} digits do not fit into {}",
                    total.map_or("any number of".to_owned(), |it| it.to_string()),
                    allowed.digits_max.unwrap_or(0)
                )
            } else {
                format!("{} do not fit into {}", size(source, true), size(allowed, false))
            };
        let at = whole.after();
        let two_way = self.is_two_way(whole);
        let diagnostic = self.diagnostics.error("E202", whole, message);
        diagnostic.label("may lose digits");
        diagnostic.add_note(format!("`{words}` is {described}"));
        diagnostic.add_note(format!("`{name}` is {}", target.typed.describe()));
        diagnostic.fix("refuse what cannot be kept exactly:  | exact", at, " | exact");
        if !two_way && !matches!(target.typed.kind, Kind::Value(Type::Amount(_))) {
            diagnostic.fix("or round, and say how:               | round(half-even)", at, " | round(half-even)");
        }
        None
    }

    fn number_as_text_fits(&mut self, leaf: &Value, source: &Number, whole: Span, target: &TargetType) -> Option<Class> {
        if leaf.typed.elastic {
            return Some(Class::Generated);
        }
        if let Some(allowed) = target.typed.digits() {
            let fits = self.number_fits(leaf, source, whole, target, &allowed)?;
            return Some(fits.max(Class::Canonical));
        }
        let max = target.typed.as_text().and_then(|it| it.max);
        let decimals = source.decimals_max.map(|it| if it > 0 { it + 1 } else { 0 });
        let length = source.integer_max.zip(decimals).map(|(a, b)| a.max(1) + b + u32::from(source.signed));
        if let Some(max) = max
            && length.is_none_or(|it| it > max)
        {
            self.too_long(leaf, length, whole, target, max);
            return None;
        }
        Some(Class::Canonical)
    }

    // ---- repeats ---------------------------------------------------------------------------------------------------

    /// E210.
    fn repeats_fit(&mut self, value: &Value, target: &TargetType) -> Option<()> {
        let Some(many) = value.typed.many else { return Some(()) };
        let words = self.sources.slice(self.words_of(value)).to_owned();
        let name = target.name.clone();
        let at = value.span.after();
        match target.occurs {
            None if many.max == Some(1) => Some(()),
            None => {
                self.diagnostics
                    .error("E210", value.span, format!("`{words}` is a list, and `{name}` takes one value"))
                    .label("the others would be lost")
                    .add_note(format!("`{words}` is {}", value.typed.describe()))
                    .fix("take the first and acknowledge the loss:  | first(1)", at, " | first(1)")
                    .help("or join them:  join(.., \" \")  , or aggregate them");
                None
            }
            Some(Occurs { max: None, .. }) => Some(()),
            Some(Occurs { max: Some(room), .. }) => {
                if many.max.is_some_and(|it| it <= room) {
                    return Some(());
                }
                let is_wrapped = value.typed.wrapped.is_some();
                let have = many.max.map_or("any number of".to_owned(), |it| format!("up to {it}"));
                let what = if is_wrapped { "lines" } else { "values" };
                let diagnostic = self.diagnostics.error("E210", value.span, format!("{have} {what} do not fit into {room}"));
                diagnostic.label("some would be lost").add_note(format!("`{name}` occurs at most {room} times"));
                if is_wrapped {
                    diagnostic.fix("refuse what does not fit:      | must-fit", at, " | must-fit");
                    diagnostic.fix("cut and acknowledge the loss:  | cut mark \"+\"", at, " | cut mark \"+\"");
                } else {
                    diagnostic.fix(
                        format!("keep the first {room} and acknowledge the loss:  | first({room})"),
                        at,
                        format!(" | first({room})"),
                    );
                }
                None
            }
        }
    }
}

/// The values that reach the target as they are: the ends of `else` and `choose`.
fn leaves_of<'v>(value: &'v Value, leaves: &mut Vec<&'v Value>) {
    match &value.kind {
        ValueKind::Else(first, alternative) => {
            leaves_of(first, leaves);
            if let Alternative::Value(other) = alternative {
                leaves_of(other, leaves);
            }
        }
        ValueKind::Choose(branches) => branches.iter().for_each(|(it, _)| leaves_of(it, leaves)),
        _ => leaves.push(value),
    }
}

/// `18 digits before the point and 5 decimals`, `11 and 2`.
fn size(number: &Number, long: bool) -> String {
    let part = |digits: Option<u32>| digits.map_or("any number of".to_owned(), |it| it.to_string());
    let (whole, decimals) = (part(number.integer_max), part(number.decimals_max));
    if long { format!("{whole} digits before the point and {decimals} decimals") } else { format!("{whole} and {decimals}") }
}

/// The adapter that makes one kind of value of another.
fn conversion(from: Option<&Type>, to: Option<&Type>) -> Option<&'static str> {
    Some(match (from?, to?) {
        (Type::Amount(_), Type::Number(_) | Type::Text(_)) => " | amount",
        (Type::Date, Type::Number(_)) => " | digits \"YYYYMMDD\"",
        (Type::Time, Type::Number(_)) => " | digits \"HHmmSS\"",
        (Type::DateTime | Type::Instant, Type::Number(_)) => " | date-part | digits \"YYYYMMDD\"",
        (Type::Text(_), Type::Date) => " | date(\"YYYY-MM-DD\")",
        (Type::Text(_), Type::Time) => " | time(\"HH:mm:SS\")",
        (Type::Text(_), Type::DateTime | Type::Instant) => " | date-time(\"YYYY-MM-DDTHH:mm:SSZ\")",
        (Type::Date, Type::Text(_)) => " | date(\"YYYY-MM-DD\")",
        (Type::Text(_), Type::YesNo) | (Type::YesNo, Type::Text(_)) => " | yes-no(\"Y\", \"N\")",
        (Type::Bytes(..), Type::Text(_)) | (Type::Text(_), Type::Bytes(..)) => " | hex",
        (Type::DateTime | Type::Instant, Type::Time) => " | time-part",
        _ => return None,
    })
}

// ---- what is left to do when it runs -----------------------------------------------------------------------------------

/// What makes a value fit for its field: digits written out, and the checks that could not be decided before.
fn finish(target: &TargetType, typed: &Typed) -> Option<Run> {
    let one = finish_one(target, typed)?;
    if target.occurs.is_none() && typed.many.is_none() {
        return Some(one);
    }
    let max = target.occurs.and_then(|it| it.max);
    Some(Run::new(move |call| {
        let list = call.arg(0);
        if list.kind() != SlotKind::List {
            return one.call(call);
        }
        if max.is_some_and(|max| list.length() > max) {
            return Err(FaultCode::MapRepeat);
        }
        for number in 0..list.length() {
            let item = [call.record.item(list, number)];
            let mut inner = Call {
                record: call.record,
                part: call.part,
                args: &item,
                context: call.context,
                scratch: call.scratch,
                losses: call.losses,
                position: call.position,
                store: call.store,
                refusal: None,
                row: None,
            };
            let done = one.call(&mut inner)?;
            call.record.push_item(done);
        }
        Ok(call.record.list_of_last(list.length() as usize))
    }))
}

fn finish_one(target: &TargetType, typed: &Typed) -> Option<Run> {
    let may_be_number = !matches!(typed.kind, Kind::Value(Type::Text(_)));
    match target.typed.value()? {
        Type::Text(allowed) => {
            let check = Arc::new(TextCheck::new(allowed).ok().filter(|it| !it.is_empty())?);
            let code = fault_of(target);
            let elastic = typed.elastic;
            let known = Known::Allowed(Arc::clone(&check));
            let run = Run::new(move |call| {
                let slot = if may_be_number { digits_run(call)? } else { call.arg(0) };
                let text = call.record.bytes(slot, call.part);
                if check.allows(text) {
                    return Ok(slot);
                }
                Err(if elastic {
                    FaultCode::MapCount
                } else if check.fits(text) {
                    code
                } else {
                    FaultCode::MapLength
                })
            });
            Some(run.knowing(known))
        }
        Type::Number(allowed) => {
            let (allowed, elastic, decimals) = (Arc::new(allowed.clone()), typed.elastic, allowed.decimals_max);
            let known = Known::Digits(Arc::clone(&allowed));
            let run = Run::new(move |call| {
                let slot = clean_digits(call, call.arg(0), call.arg(0))?;
                let digits = call.record.bytes(slot, call.part);
                if allows_number(&allowed, digits) {
                    return Ok(slot);
                }
                let lost = decimals
                    .is_some_and(|max| digits.iter().rev().position(|it| *it == b'.').is_some_and(|it| it > max as usize));
                Err(if elastic {
                    FaultCode::MapCount
                } else if lost {
                    FaultCode::MapDigits
                } else {
                    FaultCode::MapNumber
                })
            });
            Some(run.knowing(known))
        }
        Type::Amount(allowed) => {
            let allowed = allowed.clone();
            Some(Run::new(move |call| {
                let (value, currency) = call.amount(0);
                if is_nothing(value) {
                    return Ok(Slot::ABSENT);
                }
                let digits = clean_digits(call, value, currency)?;
                if !allows_number(&allowed, call.record.bytes(digits, call.part)) {
                    return Err(FaultCode::MapNumber);
                }
                Ok(call.record.amount(digits, currency))
            }))
        }
        Type::Instant if typed.value() == Some(&Type::DateTime) => Some(Run::new(|call| {
            let moment = crate::moment::Moment::parse(call.bytes(0)).ok_or(FaultCode::MapDate)?;
            if moment.offset.is_some() { Ok(call.arg(0)) } else { Err(FaultCode::MapDate) }
        })),
        Type::Bytes(min, max) => {
            let (min, max) = (*min as usize, max.map_or(usize::MAX, |it| it as usize));
            Some(Run::new(move |call| {
                let length = call.bytes(0).len();
                if length >= min && length <= max { Ok(call.arg(0)) } else { Err(FaultCode::MapLength) }
            }))
        }
        _ => None,
    }
}

/// The code of a value that its field does not allow.
fn fault_of(target: &TargetType) -> FaultCode {
    match target.meaning() {
        Meaning::Bic => FaultCode::MapBic,
        Meaning::Iban => FaultCode::MapIban,
        Meaning::Currency => FaultCode::MapCurrency,
        _ => FaultCode::MapFacet,
    }
}

/// How much a refusal in this place refuses, in words.
pub(crate) fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Record => "record",
        Scope::Message => "message",
        Scope::File => "file",
    }
}
