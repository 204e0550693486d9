//! Sums of money: other signs, other scales, quotients, other currencies.

use super::digits::{known_currency, sized};
use super::{Function, Site, Way, example};
use crate::call::{LossKind, Run, is_nothing};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::{Decimal, FaultCode, Number, Rounding, Slot, SlotKind, Text, Type};

pub(super) static NEGATE: Function = Function {
    name: "negate",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| negate",
    summary: "The number with the other sign",
    faults: &[],
    class: Class::Exact,
    examples: &[example("12.50 | negate", "-12.50"), example("-12.50 | negate", "12.50").back()],
    takes_list: false,
    check: |site| {
        let (input, number) = site.number_input()?;
        let typed = sized(&input, Number { signed: true, ..plain(&number) }, Class::Exact);
        let run = Run::new(|call| {
            let number = call.number(0)?.negated();
            call.give_number(number)
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static ABSOLUTE: Function = Function {
    name: "absolute",
    family: "Numbers and money",
    way: Way::Forth,
    usage: "| absolute",
    summary: "The number without its sign",
    faults: &[],
    class: Class::Reduced,
    examples: &[example("-12.50 | absolute", "12.50")],
    takes_list: false,
    check: |site| {
        let (input, number) = site.number_input()?;
        let typed = sized(&input, Number { signed: false, ..plain(&number) }, Class::Reduced);
        let run = Run::new(|call| {
            let number = call.number(0)?;
            call.give_number(Decimal { coefficient: number.coefficient.abs(), ..number })
        });
        site.give(typed, vec![input], run)
    },
};

/// How many digits a number has, without what else its schema says.
fn plain(number: &Number) -> Number {
    Number {
        integer_max: number.integer_max,
        decimals_max: number.decimals_max,
        digits_max: number.digits_max,
        signed: number.signed,
        ..Number::default()
    }
}

// ---- scales ----------------------------------------------------------------------------------------------------------

pub(super) static PERCENT: Function = Function {
    name: "percent",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| percent",
    summary: "A hundred times the number; its inverse is `from-percent`; more than 38 digits: bad [AM12]",
    faults: &[FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[example("0.0125 | percent", "1.25"), example("1.25 | percent", "0.0125").back()],
    takes_list: false,
    check: |site| shifted(site, 2),
};

pub(super) static FROM_PERCENT: Function = Function {
    name: "from-percent",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| from-percent",
    summary: "A hundredth of the number; its inverse is `percent`; more than 38 digits: bad [AM12]",
    faults: &[FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[example("1.25 | from-percent", "0.0125"), example("0.5 | from-percent", "50").back()],
    takes_list: false,
    check: |site| shifted(site, -2),
};

pub(super) static BASIS_POINTS: Function = Function {
    name: "basis-points",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| basis-points",
    summary: "Ten thousand times the number; its inverse is `from-basis-points`; more than 38 digits: bad [AM12]",
    faults: &[FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[example("0.0125 | basis-points", "125"), example("125 | basis-points", "0.0125").back()],
    takes_list: false,
    check: |site| shifted(site, 4),
};

pub(super) static FROM_BASIS_POINTS: Function = Function {
    name: "from-basis-points",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| from-basis-points",
    summary: "A ten-thousandth of the number; its inverse is `basis-points`; more than 38 digits: bad [AM12]",
    faults: &[FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[example("125 | from-basis-points", "0.0125"), example("0.0125 | from-basis-points", "125").back()],
    takes_list: false,
    check: |site| shifted(site, -4),
};

/// The number with its point so many places to the right.
fn shifted(site: &mut Site<'_, '_>, places: i32) -> Option<Value> {
    let (input, number) = site.number_input()?;
    let places = if site.back { -places } else { places };
    let right = places.max(0).unsigned_abs();
    let left = (-places).max(0).unsigned_abs();
    let size = Number {
        integer_max: number.integer_max.map(|it| it + right),
        decimals_max: number.decimals_max.map(|it| it.saturating_sub(right) + left),
        signed: number.signed,
        ..Number::default()
    };
    let typed = sized(&input, size, Class::Canonical);
    let run = Run::new(move |call| {
        let number = call.number(0)?;
        call.give_number(shift(number, places).ok_or(FaultCode::MapNumber)?)
    });
    site.give(typed, vec![input], run)
}

fn shift(number: Decimal, places: i32) -> Option<Decimal> {
    let scale = i32::from(number.scale) - places;
    match u8::try_from(scale) {
        Ok(scale) if u32::from(scale) <= crate::DIGITS_MAX => Some(Decimal { scale, ..number }),
        Ok(_) => None,
        Err(_) => {
            let tens = u8::try_from(-scale).ok()?;
            Decimal { scale: 0, ..number }.rescale(tens).map(|it| Decimal { scale: 0, ..it })
        }
    }
}

// ---- quotients and currencies ----------------------------------------------------------------------------------------

pub(super) static DIVIDE: Function = Function {
    name: "divide",
    family: "Numbers and money",
    way: Way::Function,
    usage: "divide(a, b, decimals: 2, rounding: half-even)",
    summary: "The only division: the exact quotient rounded once; b = 0 is bad [AM12]. Modes: `half-even half-up half-down up down ceiling floor`",
    faults: &[FaultCode::MapDivision, FaultCode::MapNumber],
    class: Class::Reduced,
    examples: &[
        example("divide(10, 3, decimals: 4, rounding: half-even)", "3.3333"),
        example("divide(1, 8, decimals: 2, rounding: half-up)", "0.13"),
        example("divide(1, \"0\" | integer, decimals: 2, rounding: up)", "bad AM12"),
    ],
    takes_list: false,
    check: |site| {
        let decimals = match site.named_integer("decimals")? {
            Some(decimals) if decimals <= 18 => decimals,
            Some(_) => return site.wrong("a quotient has at most 18 decimals"),
            None => return site.wrong("the decimals must be said"),
        };
        let mode = rounding(site)?;
        let (a, size) = site.number_input()?;
        site.input = None;
        let (b, by) = site.number_input()?;
        // The least divisor but zero is one unit of its last decimal.
        let whole = size.integer_max.zip(by.decimals_max).map(|(a, b)| a + b + 1);
        let number =
            Number { integer_max: whole, decimals_max: Some(decimals), signed: size.signed || by.signed, ..Number::default() };
        let typed = Typed { secret: a.typed.secret || b.typed.secret, ..Typed::new(Type::Number(number)) }.class(Class::Reduced);
        let scale = u8::try_from(decimals).unwrap_or(u8::MAX);
        let run = Run::new(move |call| {
            let (a, b) = (call.number(0)?, call.number(1)?);
            let (quotient, is_exact) = a.divide(b, scale, mode).ok_or(FaultCode::MapDivision)?;
            if !is_exact {
                call.lose(LossKind::Round, 1);
            }
            call.give_number(quotient)
        });
        site.give(typed, vec![a, b], run)
    },
};

fn rounding(site: &mut Site<'_, '_>) -> Option<Rounding> {
    match site.named("rounding") {
        Some(arg) => site.word(arg, &Rounding::ALL),
        None => site.wrong("the rounding must be said"),
    }
}

pub(super) static CONVERT: Function = Function {
    name: "convert",
    family: "Numbers and money",
    way: Way::Function,
    usage: "convert(amount, rate, to: \"USD\", rounding: half-even)",
    summary: "The amount times the rate in another currency, rounded once to its minor unit; an unknown currency: bad [AM03], more than 38 digits: bad [AM12]",
    faults: &[FaultCode::MapCurrency, FaultCode::MapNumber],
    class: Class::Reduced,
    examples: &[
        example("convert(money(100, \"EUR\"), 1.08345, to: \"USD\", rounding: half-even)", "108.34 USD"),
        example("convert(money(100, \"EUR\"), 161.275, to: \"JPY\", rounding: half-up)", "16128 JPY"),
        example("convert(money(1, \"EUR\"), 2, to: \"XXQ\", rounding: up)", "bad AM03"),
    ],
    takes_list: false,
    check: |site| {
        let Some(to) = site.named("to") else { return site.wrong("the new currency must be said") };
        let to = site.currency_argument(to)?;
        let mode = rounding(site)?;
        let amount = site.input()?;
        let Some(Type::Amount(size)) = amount.typed.value().cloned() else {
            return site.wrong_kind(&amount, "an amount with currency", "make it one first:  money(value, currency)");
        };
        let (rate, by) = site.number_input()?;
        let most = u32::from(crate::standards::currencies::decimals_max());
        let number = Number {
            integer_max: size.integer_max.zip(by.integer_max).map(|(a, b)| a + b + 1),
            decimals_max: Some(most),
            signed: size.signed || by.signed,
            ..Number::default()
        };
        let mut typed = Typed { secret: amount.typed.secret, ..Typed::new(Type::Amount(number)) }.class(Class::Reduced);
        typed.currency = match &to.kind {
            crate::mapping::hir::ValueKind::Field(path) => Some(path.field),
            _ => None,
        };
        let run = Run::new(move |call| {
            let known = known_currency(call.bytes(2))?;
            let decimals = known.decimals.ok_or(FaultCode::MapCurrency)?;
            let value = call.number_of(call.amount(0).0)?;
            let exact = value.trim(0).multiply(call.number(1)?.trim(0)).ok_or(FaultCode::MapNumber)?;
            let rounded = exact.round(decimals, mode);
            if rounded != exact {
                call.lose(LossKind::Round, usize::from(exact.scale.saturating_sub(decimals)));
            }
            let number = call.give_number(rounded.rescale(decimals).ok_or(FaultCode::MapNumber)?)?;
            let code = call.give_text(known.code.as_bytes());
            Ok(call.record.amount(number, code))
        });
        site.give(typed, vec![amount, rate, to], run)
    },
};

pub(super) static CREDIT_DEBIT: Function = Function {
    name: "credit-debit",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| credit-debit",
    summary: "A signed number to two values, the number without its sign and `CRDT` or `DBIT`; zero is `CRDT`. Two such values to the signed number; another word: bad [AM12]",
    faults: &[FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[
        example("-12.50 | credit-debit", "[12.50, DBIT]"),
        example("0 | credit-debit", "[0, CRDT]"),
        example("(12.50, \"DBIT\") | credit-debit", "-12.50").back(),
    ],
    takes_list: false,
    check: |site| {
        let input = site.input()?;
        let Kind::Tuple(parts) = input.typed.kind.clone() else {
            site.input = Some(input);
            return split(site);
        };
        let (Some(size), Some(word), 2) =
            (parts.first().and_then(Typed::digits), parts.get(1).filter(|it| it.as_text().is_some()), parts.len())
        else {
            return site.wrong_kind(&input, "a number and a word", "name both in brackets:  (amount, indicator)");
        };
        let number = Number { signed: true, ..plain(&size) };
        let presence = parts.iter().map(|it| it.presence).max().unwrap_or(Presence::Always);
        let secret = word.secret || input.typed.secret;
        let class = input.typed.class.max(Class::Canonical);
        let typed = Typed { presence, secret, class, ..Typed::new(Type::Number(number)) };
        let run = Run::new(|call| {
            // Two values of the rule, or the two that a step before has given.
            let (number, word) = match call.arg(0) {
                list if list.kind() == SlotKind::List => (call.record.item(list, 0), call.record.item(list, 1)),
                number => (number, call.arg(1)),
            };
            if is_nothing(number) || is_nothing(word) {
                return Ok(Slot::ABSENT);
            }
            let number = call.number_of(number)?;
            let is_negative = match call.record.bytes(word, call.part) {
                b"CRDT" => false,
                b"DBIT" => true,
                _ => return Err(FaultCode::MapNumber),
            };
            if number.coefficient < 0 {
                return Err(FaultCode::MapNumber);
            }
            call.give_number(if is_negative { number.negated() } else { number })
        });
        let args = match input.kind {
            crate::mapping::hir::ValueKind::Tuple(values) => values,
            kind => vec![Value { kind, ..input }],
        };
        site.give(typed, args, run)
    },
};

fn split(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, number) = site.number_input()?;
    let codes = vec!["CRDT".to_owned(), "DBIT".to_owned()];
    let word = Text { min: 4, max: Some(4), codes, ..Text::default() };
    let amount = sized(&input, Number { signed: false, ..plain(&number) }, Class::Canonical);
    let class = amount.class;
    let parts = vec![amount, input.typed.with(Type::Text(word)).class(Class::Canonical)];
    let typed = Typed { class, presence: input.typed.presence, ..Typed::of_kind(Kind::Tuple(parts)) };
    let run = Run::new(|call| {
        let number = call.number(0)?;
        let word: &[u8] = if number.coefficient < 0 { b"DBIT" } else { b"CRDT" };
        let amount = call.give_number(Decimal { coefficient: number.coefficient.abs(), ..number })?;
        let word = call.give_text(word);
        Ok(call.record.list([amount, word]))
    });
    site.give(typed, vec![input], run)
}
