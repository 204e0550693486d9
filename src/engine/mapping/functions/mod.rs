//! The functions and adapters of the language: each says what it takes, what type it gives, and gives the closure that runs.
//!
//! To add one: its [`Function`] in the file of its family, and its name in [`ALL`]. Its examples are its tests and its page
//! in the manual.

mod aggregate;
mod amount;
mod clock;
mod date;
mod identifier;
mod number;
pub(crate) mod text;
mod uetr;

pub(crate) use number::digits_run as number_digits;

use super::ast::{Arg, Expr, ExprKind, Name};
use super::hir::{CallValue, Value, ValueKind};
use super::resolve::{Resolver, TargetType, Want};
use super::typed::{Class, Kind, Presence, Typed};
use crate::call::{Run, Strictness};
use crate::{Number, Span, Text, Type};

/// A function or adapter.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The family, as the manual orders them.
    pub family: &'static str,
    /// Which ways it goes.
    pub way: Way,
    /// How it is written.
    pub usage: &'static str,
    /// What it does, precisely.
    pub summary: &'static str,
    /// What it gives for what: tests and manual at once.
    pub examples: &'static [Example],
    /// Whether it takes a list as a whole; others work on each element.
    pub(crate) takes_list: bool,
    /// Checks a use of it and gives the value.
    pub(crate) check: fn(&mut Site<'_, '_>) -> Option<Value>,
}

/// Which ways a function goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An adapter with an inverse.
    Both,
    /// An adapter without one.
    Forth,
    /// A function with arguments.
    Function,
    /// What is known of the message.
    Context,
}

impl Way {
    /// As the manual prints it.
    pub fn sign(self) -> &'static str {
        match self {
            Way::Both => "<->",
            Way::Forth => "->",
            Way::Function => "f",
            Way::Context => "c",
        }
    }
}

/// An expression and what it gives.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The expression.
    pub call: &'static str,
    /// Its value as text; `absent`; `bad AC01`.
    pub gives: &'static str,
}

/// Every function and adapter, in the order of the manual.
pub static ALL: &[&Function] = &[
    &text::CUT,
    &text::MUST_FIT,
    &text::WRAP,
    &text::UNWRAP,
    &text::JOIN,
    &text::TRIM,
    &text::UPPER,
    &text::LOWER,
    &text::LIST,
    &number::DECIMAL,
    &number::EXACT,
    &number::ROUND,
    &amount::AMOUNT,
    &amount::CURRENCY,
    &amount::MONEY,
    &date::DIGITS,
    &date::DATE_PART,
    &date::TIME_PART,
    &date::BUSINESS_DAY,
    &clock::NOW,
    &clock::TODAY,
    &identifier::IBAN,
    &identifier::IBAN_COUNTRY,
    &identifier::IBAN_BANK,
    &identifier::IBAN_BRANCH,
    &identifier::IBAN_ACCOUNT,
    &identifier::BBAN,
    &identifier::BIC,
    &identifier::BIC8,
    &identifier::BIC11,
    &uetr::UUID_COMPACT,
    &uetr::UUID_DASHED,
    &uetr::UETR_FROM,
    &aggregate::COUNT,
    &aggregate::SUM,
    &aggregate::MIN,
    &aggregate::MAX,
    &aggregate::HASH_TOTAL,
    &aggregate::SAME,
    &aggregate::POSITION,
    &aggregate::NEXT,
];

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|it| it.name == name).copied()
}

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

    /// An argument that is one of some words.
    pub(crate) fn word<T: Copy>(&mut self, arg: &Arg, known: &[(&str, T)]) -> Option<T> {
        let found = word_of(&arg.value);
        if let Some((_, value)) = known.iter().find(|(name, _)| Some(*name) == found.as_deref()) {
            return Some(*value);
        }
        let names: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
        let span = arg.value.span;
        self.wrong_at(span, &format!("this must be one of {}", names.join(", ")))
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

    /// The arguments are wrong here.
    pub(crate) fn wrong_at<T>(&mut self, span: Span, why: &str) -> Option<T> {
        let (name, usage) = (self.function.name, self.function.usage);
        self.resolver
            .diagnostics
            .error("E103", span, format!("`{name}` is used wrongly: {why}"))
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
        self.resolver
            .diagnostics
            .error("E103", span, format!("`{name}` needs a time zone, and the mapping names none"))
            .help("say it once for the file:  policy { time-zone = \"Europe/Berlin\" }");
        None
    }

    /// The type of the field that the value goes to.
    pub(crate) fn target(&self) -> Option<&TargetType> {
        self.want.target
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
        let call = CallValue { run, args, strictness, each: false, once: false, ordered: false, label, on_fail: None };
        Some(Value { kind: ValueKind::Call(Box::new(call)), typed, span: self.span })
    }

    /// A text made of the input's: the same but for its length and letters.
    pub(crate) fn text_like(input: &Value, text: Text, class: Class) -> Typed {
        let raw = input.typed.raw;
        Typed { raw, ..input.typed.with(Type::Text(text)) }.class(class)
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
