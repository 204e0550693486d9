//! One use of a function in a mapping: its arguments, its input, and what is wrong with them.

use super::Function;
use crate::call::{Run, Strictness};
use crate::mapping::ast::{Arg, Expr, ExprKind, Name};
use crate::mapping::hir::{CallValue, Value, ValueKind};
use crate::mapping::nearest;
use crate::mapping::resolve::{Policy, Resolver, TargetType, Want};
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::moment::Moment;
use crate::{Number, Span, Text, Type};

/// One use of a function: what it is given, what it is wanted for, and where mistakes go.
pub(crate) struct Site<'s, 'a> {
    pub(crate) resolver: &'s mut Resolver<'a>,
    pub(crate) function: &'static Function,
    pub(crate) name: &'s Name,
    args: &'s [Arg],
    /// Which arguments were taken.
    taken: Vec<bool>,
    pub(crate) want: Want<'s>,
    /// What stands before the `|`.
    pub(crate) input: Option<Value>,
    /// The whole use.
    pub(crate) span: Span,
    /// As it was written.
    pub(crate) label: String,
    /// Whether the inverse is wanted: a two-way line read from right to left.
    pub(crate) back: bool,
}

impl<'s, 'a> Site<'s, 'a> {
    pub(crate) fn new(
        resolver: &'s mut Resolver<'a>,
        function: &'static Function,
        name: &'s Name,
        args: &'s [Arg],
        want: Want<'s>,
    ) -> Self {
        let taken = vec![false; args.len()];
        let (input, span, label) = (None, name.span, name.text.clone());
        Site { resolver, function, name, args, taken, want, input, span, label, back: false }
    }

    // ---- arguments -------------------------------------------------------------------------------------------------

    /// The next argument without a name.
    pub(crate) fn positional(&mut self) -> Option<&'s Arg> {
        let at = self.args.iter().zip(&self.taken).position(|(arg, taken)| arg.name.is_none() && !taken)?;
        *self.taken.get_mut(at)? = true;
        self.args.get(at)
    }

    /// Whether there is one more of them.
    pub(crate) fn has_positional(&self) -> bool {
        self.args.iter().zip(&self.taken).any(|(arg, taken)| arg.name.is_none() && !taken)
    }

    /// The argument of a name.
    pub(crate) fn named(&mut self, name: &str) -> Option<&'s Arg> {
        let at = self.args.iter().position(|it| it.name.as_ref().is_some_and(|it| it.text == name))?;
        *self.taken.get_mut(at)? = true;
        self.args.get(at)
    }

    /// The input of an adapter; where it is called like a function, its first argument.
    pub(crate) fn input(&mut self) -> Option<Value> {
        if let Some(input) = self.input.take() {
            return Some(input);
        }
        match self.positional() {
            Some(arg) => self.value(arg),
            None => self.wrong("there is nothing it could work on"),
        }
    }

    /// An argument as a value.
    pub(crate) fn value(&mut self, arg: &Arg) -> Option<Value> {
        let want = Want { target: None, ..self.want };
        self.resolver.value(&arg.value, want)
    }

    /// An argument as a value that sees the original, whatever the policy on characters: a key, a digest.
    pub(crate) fn original(&mut self, arg: &Arg) -> Option<Value> {
        self.resolver.value(&arg.value, Want::PLAIN)
    }

    /// An argument that must be a text in the mapping itself.
    pub(crate) fn literal(&mut self, arg: &Arg) -> Option<String> {
        match &arg.value.kind {
            ExprKind::Text(text) => Some(text.clone()),
            _ => {
                let span = arg.value.span;
                self.wrong_at(span, "this must be a text in quotation marks")
            }
        }
    }

    /// An argument that must be a whole number in the mapping itself.
    pub(crate) fn integer(&mut self, arg: &Arg) -> Option<u32> {
        match &arg.value.kind {
            ExprKind::Number(digits) if digits.parse::<u32>().is_ok() => digits.parse().ok(),
            _ => {
                let span = arg.value.span;
                self.wrong_at(span, "this must be a whole number")
            }
        }
    }

    /// The argument of a name, which must be a whole number.
    #[expect(clippy::option_option, reason = "an argument that is wrong is not one that was left out")]
    pub(crate) fn named_integer(&mut self, name: &str) -> Option<Option<u32>> {
        match self.named(name) {
            Some(arg) => self.integer(arg).map(Some),
            None => Some(None),
        }
    }

    /// An argument that may be left out, one of some words.
    #[expect(clippy::option_option, reason = "an argument that is wrong is not one that was left out")]
    pub(crate) fn positional_word<T: Copy>(&mut self, known: &[(&str, T)]) -> Option<Option<T>> {
        match self.positional() {
            Some(arg) => self.word(arg, known).map(Some),
            None => Some(None),
        }
    }

    /// The argument `zone`, or another that names one; without it, the zone of the mapping.
    pub(crate) fn zone_of(&mut self, arg: Option<&Arg>) -> Option<jiff::tz::TimeZone> {
        let Some(arg) = arg else { return self.zone() };
        let name = self.literal(arg)?;
        match crate::call::time_zone(&name) {
            Some(zone) => Some(zone),
            None => self.wrong_at(arg.value.span, "this must be the name of a zone, for example `\"Europe/Berlin\"`"),
        }
    }

    /// An argument that must be a whole number, in the mapping itself or as a value.
    pub(crate) fn whole_number(&mut self, arg: &Arg) -> Option<Value> {
        let value = self.value(arg)?;
        match value.typed.digits() {
            Some(number) if value.typed.many.is_none() && number.decimals_max == Some(0) => Some(value),
            _ => self.wrong_kind(&value, "whole numbers here", "make it one first:  (.. | integer)"),
        }
    }

    /// An argument that must be one text.
    pub(crate) fn text_argument(&mut self, arg: &Arg, wanted: &str) -> Option<Value> {
        let value = self.original(arg)?;
        if value.typed.as_text().is_none() || value.typed.many.is_some() {
            return self.wrong_kind(&value, wanted, "name a field with a text, or write one in quotation marks");
        }
        Some(value)
    }

    /// An argument that must be a currency: three letters or digits.
    pub(crate) fn currency_argument(&mut self, arg: &Arg) -> Option<Value> {
        let value = self.original(arg)?;
        if value.typed.many.is_some() || (value.typed.as_text().is_none() && value.typed.digits().is_none()) {
            return self.wrong_kind(&value, "a currency of three letters or digits here", "");
        }
        Some(value)
    }

    /// An argument that is one of some words.
    pub(crate) fn word<T: Copy>(&mut self, arg: &Arg, known: &[(&str, T)]) -> Option<T> {
        let found = word_of(&arg.value);
        if let Some((_, value)) = known.iter().find(|(name, _)| Some(*name) == found.as_deref()) {
            return Some(*value);
        }
        let names: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
        let near = found.as_deref().and_then(|it| nearest(it, known.iter().map(|(name, _)| *name)));
        self.near_miss(arg, &format!("this must be one of {}", names.join(", ")), near.map(str::to_owned))
    }

    /// Nothing may be left over.
    pub(crate) fn no_more(&mut self) -> Option<()> {
        match self.args.iter().zip(&self.taken).find(|(_, taken)| !**taken) {
            None => Some(()),
            Some((arg, _)) => {
                let span = arg.name.as_ref().map_or(arg.value.span, |it| it.span);
                self.wrong_at(span, "it does not take this")
            }
        }
    }

    // ---- mistakes --------------------------------------------------------------------------------------------------

    /// The arguments are wrong.
    pub(crate) fn wrong<T>(&mut self, why: &str) -> Option<T> {
        let span = self.name.span;
        self.wrong_at(span, why)
    }

    /// An argument is wrong here, and perhaps another word was meant.
    pub(crate) fn near_miss<T>(&mut self, arg: &Arg, why: &str, near: Option<String>) -> Option<T> {
        let Some(near) = near else { return self.wrong_at(arg.value.span, why) };
        let (name, span) = (self.function.name, arg.value.span);
        // A word keeps its quotation marks, if it has them.
        let text = if matches!(arg.value.kind, ExprKind::Text(_)) { format!("\"{near}\"") } else { near.clone() };
        self.resolver.diagnostics.error("E103", span, format!("`{name}` is used wrongly: {why}")).label("not one of them").fix(
            format!("did you mean `{near}`?"),
            span,
            text,
        );
        None
    }

    /// The arguments are wrong here.
    pub(crate) fn wrong_at<T>(&mut self, span: Span, why: &str) -> Option<T> {
        let (name, usage) = (self.function.name, self.function.usage);
        self.resolver
            .diagnostics
            .error("E103", span, format!("`{name}` is used wrongly: {why}"))
            .label("not as it is written")
            .help(format!("it is written:  {usage}"));
        None
    }

    /// The value is of a kind that the function does not work on.
    pub(crate) fn wrong_kind<T>(&mut self, value: &Value, wanted: &str, help: &str) -> Option<T> {
        let name = self.function.name;
        let described = value.typed.describe();
        let span = self.resolver.words_of(value);
        let words = self.resolver.sources.slice(span).to_owned();
        let diagnostic = self.resolver.diagnostics.error("E204", span, format!("`{name}` works on {wanted}"));
        diagnostic.label(described.clone()).add_note(format!("`{words}` is {described}"));
        if !help.is_empty() {
            diagnostic.help(help);
        }
        None
    }

    // ---- kinds of input --------------------------------------------------------------------------------------------

    /// The input, which must be a text.
    pub(crate) fn text_input(&mut self) -> Option<(Value, Text)> {
        let value = self.input()?;
        match value.typed.as_text() {
            Some(text) if value.typed.many.is_none() => {
                let text = text.clone();
                Some((value, text))
            }
            _ => self.wrong_kind(&value, "a text", ""),
        }
    }

    /// The input, which must be a text or a whole number, whose digits count as a text.
    pub(crate) fn text_or_digits_input(&mut self, digits: u32) -> Option<(Value, Text)> {
        let value = self.input()?;
        let text = match (value.typed.value(), value.typed.many) {
            (Some(Type::Text(text)), None) => Some(text.clone()),
            (Some(Type::Number(number)), None) if number.decimals_max == Some(0) => {
                let max = Some(number.integer_max.unwrap_or(digits).max(digits));
                Some(Text { min: digits, max, patterns: vec!["[0-9]+".to_owned()], ..Text::default() })
            }
            _ => None,
        };
        match text {
            Some(text) => Some((value, text)),
            None => self.wrong_kind(&value, "a text or a whole number", ""),
        }
    }

    /// The input, which must be a number or a text of digits.
    pub(crate) fn number_input(&mut self) -> Option<(Value, Number)> {
        let value = self.input()?;
        match value.typed.digits() {
            Some(number) if value.typed.many.is_none() => Some((value, number)),
            _ if matches!(value.typed.kind, Kind::Value(Type::Amount(_))) => {
                self.wrong_kind(&value, "a number", "take the number of the amount first:  | amount")
            }
            _ => self.wrong_kind(&value, "a number", "make it one first:  | decimal"),
        }
    }

    /// The input, which must be a date, a time or both.
    pub(crate) fn moment_input(&mut self) -> Option<(Value, Type)> {
        let value = self.input()?;
        match value.typed.value() {
            Some(kind @ (Type::Date | Type::Time | Type::DateTime | Type::Instant)) => {
                let kind = kind.clone();
                Some((value, kind))
            }
            _ => self.wrong_kind(&value, "a date or time", "make it one first:  | date(\"YYYY-MM-DD\")"),
        }
    }

    /// The zone of the mapping; without one, an error where it is needed.
    pub(crate) fn zone(&mut self) -> Option<jiff::tz::TimeZone> {
        if let Some((_, zone)) = &self.resolver.policy.time_zone {
            return Some(zone.clone());
        }
        let name = self.function.name;
        let span = self.name.span;
        let (at, text) = self.resolver.policy_edit("time-zone = \"Europe/Berlin\"");
        self.resolver.diagnostics.error("E103", span, format!("`{name}` needs a time zone, and the mapping names none")).fix(
            "say it once for the file:  policy { time-zone = \"Europe/Berlin\" }",
            at,
            text,
        );
        None
    }

    /// How many characters a text must have for its field, if that is always the same: a field of a record, a text with one
    /// length only.
    pub(crate) fn width(&self) -> Option<u32> {
        let target = self.target()?;
        let text = target.typed.as_text()?;
        text.max.filter(|max| target.in_record || *max == text.min)
    }

    /// The type of the field that the value goes to.
    pub(crate) fn target(&self) -> Option<&TargetType> {
        self.want.target
    }

    /// What stands for no date, by the policy.
    pub(crate) fn zero_dates(&self) -> ZeroDates {
        ZeroDates::of(&self.resolver.policy)
    }

    // ---- results ---------------------------------------------------------------------------------------------------

    /// What the use gives: absent where an argument is.
    pub(crate) fn give(&mut self, typed: Typed, args: Vec<Value>, run: Run) -> Option<Value> {
        self.give_as(typed, args, run, Strictness::Strict)
    }

    /// What the use gives.
    pub(crate) fn give_as(&mut self, typed: Typed, args: Vec<Value>, run: Run, strictness: Strictness) -> Option<Value> {
        self.no_more()?;
        let mut typed = typed;
        typed.secret |= args.iter().any(|it| it.typed.secret);
        if strictness == Strictness::Strict {
            let absent = args.iter().map(|it| it.typed.presence).max().unwrap_or(Presence::Always);
            typed.presence = typed.presence.max(absent);
        }
        let label = std::mem::take(&mut self.label);
        let call = CallValue { strictness, ..CallValue::new(run, args, label) };
        Some(Value { kind: ValueKind::Call(Box::new(call)), typed, span: self.span })
    }

    /// A text made of the input's: the same but for its length and letters.
    pub(crate) fn text_like(input: &Value, text: Text, class: Class) -> Typed {
        let raw = input.typed.raw;
        Typed { raw, ..input.typed.with(Type::Text(text)) }.class(class)
    }
}

/// Texts that stand for no date (`policy { zero-date = absent }`).
#[derive(Clone, Debug)]
pub(crate) struct ZeroDates(Vec<Vec<u8>>);

impl ZeroDates {
    /// Those of a mapping.
    pub(crate) fn of(policy: &Policy) -> Self {
        ZeroDates(policy.zero_dates.iter().map(|it| it.as_bytes().to_vec()).collect())
    }

    /// Those of them that a field of this type can hold.
    pub(crate) fn within(mut self, kind: &Type) -> Self {
        let holds = |moment: Moment| (moment.time.is_none() == (*kind == Type::Date)) && moment.date.is_some();
        self.0.retain(|it| Moment::parse(it).is_some_and(holds));
        self
    }

    /// Whether the policy says so at all.
    pub(crate) fn is_said(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a text is one of them: those of the list, blanks, low-values.
    pub(crate) fn has(&self, text: &[u8]) -> bool {
        let is_empty = || text.iter().all(|it| matches!(it, b' ' | 0));
        self.is_said() && (is_empty() || self.0.iter().any(|it| it == text))
    }
}

/// The word an argument consists of: `half-even`, `"half-even"`.
pub(crate) fn word_of(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Path(path) if path.segments.len() == 1 => path.segments.first().map(|it| it.name.text.clone()),
        ExprKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}
