//! Numbers as digits: without a point, with the sign inside, in the minor unit of a currency.

use super::{Function, Site, Way, example};
use crate::call::{Call, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Typed};
use crate::standards::currencies;
use crate::{Decimal, FaultCode, Number, Slot, Text, Type};

pub(super) static INTEGER: Function = Function {
    name: "integer",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| integer",
    summary: "Text to a whole number: a sign and digits, leading zeros are not kept; a number stays, if it is whole; else bad [AM12]",
    faults: &[FaultCode::MapNumber, FaultCode::MapDigits],
    class: Class::Canonical,
    examples: &[
        example("\"000123\" | integer", "123"),
        example("\"12.0\" | integer", "bad AM12"),
        example("12.00 | integer", "12"),
        example("12 | integer", "12").back(),
    ],
    takes_list: false,
    check: |site| {
        let input = site.input()?;
        match input.typed.value().cloned() {
            Some(Type::Text(text)) => {
                let signed = input.typed.digits().is_none();
                let size = Number { integer_max: text.max, decimals_max: Some(0), signed, ..Number::default() };
                let typed = input.typed.with(Type::Number(size)).class(Class::Canonical);
                let run = Run::new(|call| {
                    let is_whole = !call.bytes(0).contains(&b'.');
                    let number = Decimal::parse(call.bytes(0)).filter(|_| is_whole).ok_or(FaultCode::MapNumber)?;
                    call.give_number(number)
                });
                site.give(typed, vec![input], run)
            }
            Some(Type::Number(number)) => {
                let class = if number.decimals_max == Some(0) { Class::Exact } else { Class::Guarded };
                let size = Number { decimals_max: Some(0), ..number };
                let typed = input.typed.with(Type::Number(size)).class(class);
                let run = Run::new(|call| {
                    let number = call.number(0)?.rescale(0).ok_or(FaultCode::MapDigits)?;
                    call.give_number(number)
                });
                site.give(typed, vec![input], run)
            }
            _ => site.wrong_kind(&input, "a text or a number", ""),
        }
    },
};

pub(super) static IMPLIED: Function = Function {
    name: "implied",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| implied(2)",
    summary: "Digits without a point, of which the last n are decimals, to a number; a number with decimals to such digits, filled with zeros to the length of a field of fixed length. A sign or more decimals than n: bad [AM12]",
    faults: &[FaultCode::MapNumber, FaultCode::MapDigits],
    class: Class::Canonical,
    examples: &[
        example("\"000000001250\" | implied(2)", "12.50"),
        example("12.5 | implied(2)", "000000001250").to("text(12)").back(),
        example("12.505 | implied(2)", "bad AM12"),
        example("\"12.50\" | implied(2)", "bad AM12"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the number of decimals is missing") };
        let places = decimals_of(site, arg)?;
        let input = site.input()?;
        if !is_written(site, &input) {
            return read(site, input, places, Sign::Without);
        }
        write(site, input, places, Sign::Without)
    },
};

fn decimals_of(site: &mut Site<'_, '_>, arg: &crate::mapping::ast::Arg) -> Option<u8> {
    let places = site.integer(arg)?;
    match u8::try_from(places) {
        Ok(places) if places <= 18 => Some(places),
        _ => site.wrong_at(arg.value.span, "there are at most 18 decimals"),
    }
}

/// Whether a number is to be written as digits: on the way back, and where it has decimals of its own.
fn is_written(site: &Site<'_, '_>, input: &Value) -> bool {
    match input.typed.value() {
        Some(Type::Number(number)) => site.back || number.decimals_max != Some(0),
        Some(Type::Amount(_)) => true,
        _ => false,
    }
}

// ---- signs -----------------------------------------------------------------------------------------------------------

/// Where the sign of digits stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// There is none.
    Without,
    /// `1250-`, `1250+` or `1250`.
    Trailing,
    /// `-1250` or `+1250`.
    Separate,
    /// In the last digit: `125}` is -1250.
    Overpunch,
}

/// The last digit of a zoned number as EBCDIC shows it: `{ABCDEFGHI` are +0 to +9, `}JKLMNOPQR` are -0 to -9.
const POSITIVE: &[u8; 10] = b"{ABCDEFGHI";
const NEGATIVE: &[u8; 10] = b"}JKLMNOPQR";

pub(super) static SIGN_TRAILING: Function = Function {
    name: "sign-trailing",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| sign-trailing   | sign-trailing(2)",
    summary: "Digits with the sign behind them (`-`, `+`, blank or none), the last n of them decimals, to a number, and back with `-` or `+`; else bad [AM12]",
    faults: &[FaultCode::MapNumber, FaultCode::MapDigits],
    class: Class::Canonical,
    examples: &[
        example("\"0001250-\" | sign-trailing(2)", "-12.50"),
        example("\"1250\" | sign-trailing", "1250"),
        example("-12.5 | sign-trailing(2)", "0001250-").to("text(8)").back(),
    ],
    takes_list: false,
    check: |site| signed(site, Sign::Trailing),
};

pub(super) static SIGN_SEPARATE: Function = Function {
    name: "sign-separate",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| sign-separate   | sign-separate(2)",
    summary: "Digits with the sign before them (`-` or `+`), the last n of them decimals, to a number, and back; else bad [AM12]",
    faults: &[FaultCode::MapNumber, FaultCode::MapDigits],
    class: Class::Canonical,
    examples: &[
        example("\"-0001250\" | sign-separate(2)", "-12.50"),
        example("\"1250\" | sign-separate", "bad AM12"),
        example("12.5 | sign-separate(2)", "+0001250").to("text(8)").back(),
    ],
    takes_list: false,
    check: |site| signed(site, Sign::Separate),
};

pub(super) static OVERPUNCH: Function = Function {
    name: "overpunch",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| overpunch   | overpunch(2)",
    summary: "Digits with the sign in the last (`{ABCDEFGHI` are +0 to +9, `}JKLMNOPQR` are -0 to -9, a digit has none), the last n of them decimals, to a number, and back; else bad [AM12]",
    faults: &[FaultCode::MapNumber, FaultCode::MapDigits],
    class: Class::Canonical,
    examples: &[
        example("\"0000125}\" | overpunch(2)", "-12.50"),
        example("\"12E\" | overpunch", "125"),
        example("-12.5 | overpunch(2)", "0000125}").to("text(8)").back(),
    ],
    takes_list: false,
    check: |site| signed(site, Sign::Overpunch),
};

fn signed(site: &mut Site<'_, '_>, sign: Sign) -> Option<Value> {
    let places = match site.positional() {
        Some(arg) => decimals_of(site, arg)?,
        None => 0,
    };
    let input = site.input()?;
    match input.typed.value() {
        Some(Type::Number(_)) => write(site, input, places, sign),
        _ => read(site, input, places, sign),
    }
}

/// Digits as a number.
fn read(site: &mut Site<'_, '_>, input: Value, places: u8, sign: Sign) -> Option<Value> {
    let (length, signed) = match input.typed.value() {
        Some(Type::Text(text)) => (text.max, sign != Sign::Without),
        Some(Type::Number(number)) if number.decimals_max == Some(0) => (number.integer_max, number.signed),
        _ => return site.wrong_kind(&input, "a text of digits or a whole number", ""),
    };
    let extra = u32::from(matches!(sign, Sign::Separate));
    let decimals = u32::from(places);
    let size = Number {
        integer_max: length.map(|it| it.saturating_sub(decimals + extra)),
        decimals_max: Some(decimals),
        signed,
        ..Number::default()
    };
    let is_text = matches!(input.typed.value(), Some(Type::Text(_)));
    let typed = input.typed.with(Type::Number(size)).class(Class::Canonical);
    let run = Run::new(move |call| {
        let number =
            if is_text { spelled(call.bytes(0), sign).ok_or(FaultCode::MapNumber)? } else { call.number(0)?.coefficient };
        call.give_number(Decimal { coefficient: number, scale: places })
    });
    site.give(typed, vec![input], run)
}

/// The number that digits with a sign in its place spell.
fn spelled(text: &[u8], sign: Sign) -> Option<i128> {
    let whole = |digits: &[u8]| {
        let is_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        Decimal::parse(digits).filter(|_| is_digits).map(|it| it.coefficient)
    };
    match (sign, text.split_first(), text.split_last()) {
        (Sign::Separate, Some((b'-', digits)), _) | (Sign::Trailing, _, Some((b'-', digits))) => whole(digits).map(|it| -it),
        (Sign::Separate, Some((b'+', digits)), _) | (Sign::Trailing, _, Some((b'+' | b' ', digits))) => whole(digits),
        (Sign::Separate, ..) => None,
        (Sign::Overpunch, _, Some((last, digits))) if !last.is_ascii_digit() => {
            let digit_of = |table: &[u8; 10]| table.iter().position(|it| it == last).and_then(|it| i128::try_from(it).ok());
            let head = if digits.is_empty() { 0 } else { whole(digits)? };
            let with = |digit: i128| head.checked_mul(10)?.checked_add(digit).filter(|it| *it < 10_i128.pow(crate::DIGITS_MAX));
            digit_of(POSITIVE).and_then(with).or_else(|| digit_of(NEGATIVE).and_then(with).map(|it| -it))
        }
        _ => whole(text),
    }
}

/// A number as digits; zeros before them fill a field of fixed length.
fn write(site: &mut Site<'_, '_>, input: Value, places: u8, sign: Sign) -> Option<Value> {
    let Some(number) = input.typed.as_number().cloned() else {
        return site.wrong_kind(&input, "a number", "take the number of the amount first:  | amount");
    };
    let extra = u32::from(matches!(sign, Sign::Separate | Sign::Trailing));
    let width = site.width().filter(|it| *it <= 40).unwrap_or(1 + extra);
    let most = number.integer_max.map(|it| (it + u32::from(places) + extra).max(width));
    let patterns = match sign {
        Sign::Without => vec!["[0-9]+".to_owned()],
        Sign::Trailing => vec!["[0-9]+[+-]".to_owned()],
        Sign::Separate => vec!["[+-][0-9]+".to_owned()],
        Sign::Overpunch => vec!["[0-9]*[{A-I}J-R]".to_owned()],
    };
    let typed = input.typed.with(Type::Text(Text { min: width, max: most, patterns, ..Text::default() })).class(Class::Canonical);
    let run = Run::new(move |call| put(call, places, sign, width as usize));
    site.give(typed, vec![input], run)
}

fn put(call: &mut Call<'_>, places: u8, sign: Sign, width: usize) -> Result<Slot, FaultCode> {
    let number = call.number(0)?.rescale(places).ok_or(FaultCode::MapDigits)?;
    let is_negative = number.coefficient < 0;
    if is_negative && sign == Sign::Without {
        return Err(FaultCode::MapNumber);
    }
    let (mark, digits) = (if is_negative { b'-' } else { b'+' }, Decimal::integer(number.coefficient.abs()));
    call.scratch.clear();
    if sign == Sign::Separate {
        call.scratch.push(mark);
    }
    let first = call.scratch.len();
    let wanted = width.saturating_sub(first + usize::from(sign == Sign::Trailing));
    digits.write(call.scratch);
    let missing = wanted.saturating_sub(call.scratch.len().saturating_sub(first));
    call.scratch.resize(call.scratch.len() + missing, b'0');
    if let Some(written) = call.scratch.get_mut(first..) {
        written.rotate_right(missing);
    }
    match (sign, call.scratch.last_mut()) {
        (Sign::Trailing, _) => call.scratch.push(mark),
        (Sign::Overpunch, Some(last)) => {
            let table = if is_negative { NEGATIVE } else { POSITIVE };
            *last = table.get(usize::from(last.wrapping_sub(b'0'))).copied().unwrap_or(*last);
        }
        _ => {}
    }
    Ok(call.give_scratch(0))
}

// ---- minor units -----------------------------------------------------------------------------------------------------

pub(super) static MINOR_UNITS: Function = Function {
    name: "minor-units",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| minor-units(currency)",
    summary: "An amount, or a number with decimals, to a whole number in the currency's minor unit (JPY 0, EUR 2, KWD 3, CLF 4 decimals); a whole number to the number or amount. The currency is three letters or digits; of an amount it is its own. More decimals: bad [AM12]; an unknown currency, or one without a minor unit: bad [AM03]",
    faults: &[FaultCode::MapNumber, FaultCode::MapDigits, FaultCode::MapCurrency],
    class: Class::Canonical,
    examples: &[
        example("1250 | minor-units(\"EUR\")", "12.50"),
        example("\"000000001250\" | minor-units(\"414\")", "1.250"),
        example("1250 | minor-units(\"JPY\")", "1250"),
        example("1250 | minor-units(8)", "12.50"),
        example("12.5 | minor-units(\"EUR\")", "1250").back(),
        example("money(12.5, \"EUR\") | minor-units", "1250"),
        example("12.505 | minor-units(\"EUR\")", "bad AM12"),
        example("1250 | minor-units(\"XAU\")", "bad AM03"),
    ],
    takes_list: false,
    check: |site| {
        let input = site.input()?;
        if let Some(Type::Amount(number)) = input.typed.value().cloned() {
            let typed = input.typed.with(Type::Number(in_units(&number))).class(Class::Guarded);
            let run = Run::new(|call| {
                let (value, currency) = call.amount(0);
                let number = units(call.number_of(value)?, call.record.bytes(currency, call.part))?;
                call.give_number(number)
            });
            return site.give(typed, vec![input], run);
        }
        let Some(arg) = site.positional() else { return site.wrong("the currency is missing") };
        let currency = site.currency_argument(arg)?;
        let number = match input.typed.value() {
            Some(Type::Text(text)) => Number { integer_max: text.max, decimals_max: Some(0), ..Number::default() },
            Some(Type::Number(number)) => number.clone(),
            _ => return site.wrong_kind(&input, "an amount, a number or a text of digits", ""),
        };
        if is_written(site, &input) {
            let typed = input.typed.with(Type::Number(in_units(&number))).class(Class::Guarded);
            let run = Run::new(|call| {
                let number = units(call.number(0)?, call.bytes(1))?;
                call.give_number(number)
            });
            return site.give(typed, vec![input, currency], run);
        }
        let is_text = matches!(input.typed.value(), Some(Type::Text(_)));
        let most = u32::from(currencies::decimals_max());
        let size =
            Number { integer_max: number.integer_max, decimals_max: Some(most), signed: number.signed, ..Number::default() };
        let is_amount = site.target().is_some_and(|it| matches!(it.typed.value(), Some(Type::Amount(_))));
        let kind = if is_amount { Type::Amount(size) } else { Type::Number(size) };
        let typed = input.typed.with(kind).class(Class::Canonical);
        let run = Run::new(move |call| {
            let known = known_currency(call.bytes(1))?;
            let decimals = known.decimals.ok_or(FaultCode::MapCurrency)?;
            let number = match is_text {
                true => spelled(call.bytes(0), Sign::Without).ok_or(FaultCode::MapNumber)?,
                false => call.number(0)?.rescale(0).ok_or(FaultCode::MapNumber)?.coefficient,
            };
            let number = call.give_number(Decimal { coefficient: number, scale: decimals })?;
            if !is_amount {
                return Ok(number);
            }
            let code = call.give_text(known.code.as_bytes());
            Ok(call.record.amount(number, code))
        });
        site.give(typed, vec![input, currency], run)
    },
};

/// The size of a number in a minor unit.
fn in_units(number: &Number) -> Number {
    let most = u32::from(currencies::decimals_max());
    Number {
        integer_max: number.integer_max.map(|it| it + most),
        decimals_max: Some(0),
        signed: number.signed,
        ..Number::default()
    }
}

/// A number in the minor unit of a currency.
fn units(number: Decimal, currency: &[u8]) -> Result<Decimal, FaultCode> {
    let decimals = known_currency(currency)?.decimals.ok_or(FaultCode::MapCurrency)?;
    let units = number.rescale(decimals).ok_or(FaultCode::MapDigits)?;
    Ok(Decimal::integer(units.coefficient))
}

/// A currency by its letters or its digits.
pub(super) fn known_currency(code: &[u8]) -> Result<currencies::Currency, FaultCode> {
    // A number has lost the zeros of its code: 8 is 008, Albania's lek.
    let mut digits = [b'0'; 3];
    if let Some(room) = 3_usize.checked_sub(code.len()).and_then(|missing| digits.get_mut(missing..)) {
        room.copy_from_slice(code);
    }
    currencies::by_code(code).or_else(|| currencies::by_number(&digits)).ok_or(FaultCode::MapCurrency)
}

/// A number that was made of another, of the same kind.
pub(super) fn sized(input: &Value, size: Number, class: Class) -> Typed {
    input.typed.with(Type::Number(size)).class(class)
}
