//! Amounts: a number with its currency, as a list of the two.

use super::number::not_a_number;
use super::{Function, Way, example};
use crate::call::Run;
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::standards::currencies;
use crate::{FaultCode, Number, Text, Type};

pub(super) static AMOUNT: Function = Function {
    name: "amount",
    family: "Numbers and money",
    way: Way::Forth,
    usage: "| amount",
    summary: "The number of an amount",
    faults: &[],
    class: Class::Exact,
    examples: &[example("money(12.5, \"EUR\") | amount", "12.5")],
    takes_list: false,
    check: |site| {
        let input = site.input()?;
        let Some(Type::Amount(number)) = input.typed.value().cloned() else {
            return site.wrong_kind(&input, "an amount with currency", "");
        };
        let typed = input.typed.with(Type::Number(number));
        site.give(typed, vec![input], Run::new(|call| Ok(call.amount(0).0)))
    },
};

pub(super) static CURRENCY: Function = Function {
    name: "currency",
    family: "Numbers and money",
    way: Way::Forth,
    usage: "| currency",
    summary: "The currency of an amount",
    faults: &[],
    class: Class::Exact,
    examples: &[example("money(12.5, \"EUR\") | currency", "EUR")],
    takes_list: false,
    check: |site| {
        let input = site.input()?;
        if !matches!(input.typed.value(), Some(Type::Amount(_))) {
            return site.wrong_kind(&input, "an amount with currency", "");
        }
        let text = Text { min: 3, max: Some(3), patterns: vec!["[A-Z]{3}".to_owned()], ..Text::default() };
        let typed = input.typed.with(Type::Text(text));
        site.give(typed, vec![input], Run::new(|call| Ok(call.amount(0).1)))
    },
};

pub(super) static MONEY: Function = Function {
    name: "money",
    family: "Numbers and money",
    way: Way::Function,
    usage: "money(value, currency)",
    summary: "An amount; drops trailing zeros beyond the currency's decimals (`125000.00` JPY is 125000); other digits there: bad [AM12]; unknown currency: bad [AM03]",
    faults: &[FaultCode::MapDigits, FaultCode::MapCurrency, FaultCode::MapNumber],
    class: Class::Guarded,
    examples: &[
        example("money(\"125000.00\" | decimal, \"JPY\") | amount", "125000"),
        example("money(\"12.50\" | decimal, \"EUR\") | amount", "12.50"),
        example("money(\"0.5\" | decimal, \"JPY\") | amount", "bad AM12"),
        example("money(\"1\" | decimal, \"XXQ\") | amount", "bad AM03"),
    ],
    takes_list: false,
    check: |site| {
        let Some(value) = site.positional() else { return site.wrong("the value is missing") };
        let Some(currency) = site.positional() else { return site.wrong("the currency is missing") };
        let value = site.value(value)?;
        let currency = site.original(currency)?;
        let Some(number) = value.typed.digits() else { return not_a_number(site, &value) };
        if currency.typed.as_text().is_none() || currency.typed.many.is_some() {
            return site.wrong_kind(&currency, "a currency of three letters", "");
        }
        let most = u32::from(currencies::decimals_max());
        let number = Number { decimals_max: Some(number.decimals_max.map_or(most, |it| it.min(most))), ..number };
        let mut typed = Typed { class: value.typed.class, ..Typed::new(Type::Amount(number)) }.class(Class::Guarded);
        typed.currency = match &currency.kind {
            crate::mapping::hir::ValueKind::Field(path) => Some(path.field),
            _ => None,
        };
        if matches!(value.typed.kind, Kind::Empty) {
            typed.presence = Presence::Maybe;
        }
        let run = Run::new(|call| {
            let known = currencies::by_code(call.bytes(1)).ok_or(FaultCode::MapCurrency)?;
            let number = call.number(0)?;
            let decimals = known.decimals.unwrap_or_else(currencies::decimals_max);
            let value = call.arg(0);
            // Digits that were read stay as they stand.
            let value = if number.scale <= decimals {
                value
            } else {
                let kept = number.rescale(decimals).ok_or(FaultCode::MapDigits)?;
                call.give_number(kept)?
            };
            let currency = call.arg(1);
            Ok(call.record.amount(value, currency))
        });
        site.give(typed, vec![value, currency], run)
    },
};
