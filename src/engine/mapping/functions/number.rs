//! Numbers: read, kept, rounded.

use super::{Function, Site, Way, example};
use crate::call::{LossKind, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::{Class, Typed};
use crate::{Decimal, FaultCode, Number, Rounding, Slot, SlotKind, Text, Type, language};

pub(super) static DECIMAL: Function = Function {
    name: "decimal",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| decimal   | decimal(point: \",\", group: \".\")",
    summary: "Text to exact decimal: a sign, digits, a point, groups of three digits where a sign between them is given; no exponent, no blanks inside; else bad [AM12]. Back: the same text of the number",
    faults: &[FaultCode::MapNumber],
    class: Class::Canonical,
    examples: &[
        example("\"-012.50\" | decimal", "-12.50"),
        example("\"1.234,5\" | decimal(point: \",\", group: \".\")", "1234.5"),
        example("\"1.234\" | decimal(point: \",\", group: \".\")", "1234"),
        example("\"1.25\" | decimal(point: \",\", group: \".\")", "bad AM12"),
        example("\"1e5\" | decimal", "bad AM12"),
        example("-1234567.5 | decimal(point: \",\", group: \".\")", "-1.234.567,5").back(),
    ],
    takes_list: false,
    check: |site| {
        let point = sign_of(site, "point")?.unwrap_or(b'.');
        let group = sign_of(site, "group")?;
        if Some(point) == group {
            return site.wrong("the point and the sign between groups are the same");
        }
        let input = site.input()?;
        if let Some(number) = input.typed.as_number().cloned() {
            if point == b'.' && group.is_none() {
                // Its text is what a number is written as anyway.
                let typed = input.typed.clone();
                return site.give(typed, vec![input], Run::new(|call| Ok(call.arg(0))));
            }
            return written(site, input, &number, (point, group));
        }
        site.input = Some(input);
        let (input, text) = site.text_input()?;
        let typed = input.typed.with(Type::Number(size_of(&text))).class(Class::Canonical);
        let run = Run::new(move |call| {
            let number = parse(call.bytes(0), point, group).ok_or(FaultCode::MapNumber)?;
            let slot = call.arg(0);
            // Digits that are clean already stay where they are; with other signs `1.234` is another number.
            let stays = point == b'.' && group.is_none() && is_clean(call.bytes(0));
            if stays { Ok(slot) } else { call.give_number(number) }
        });
        site.give(typed, vec![input], run)
    },
};

/// A number as text, with its point and a sign between groups of three digits.
fn written(site: &mut Site<'_, '_>, input: Value, number: &Number, (point, group): (u8, Option<u8>)) -> Option<Value> {
    let groups = |whole: u32| if group.is_some() { whole.saturating_sub(1) / 3 } else { 0 };
    let max = number
        .integer_max
        .zip(number.decimals_max)
        .map(|(a, b)| a.max(1) + groups(a) + u32::from(b > 0) + b + u32::from(number.signed));
    let text =
        Text { min: 1, max, decimal: number.integer_max.zip(number.decimals_max).map(|(a, b)| (a + b, b)), ..Text::default() };
    let typed = input.typed.with(Type::Text(text)).class(Class::Canonical);
    let run = Run::new(move |call| {
        let number = call.number(0)?;
        let mut room = [0; crate::decimal::DIGITS_ROOM];
        let digits = number.digits(&mut room);
        let whole = digits.iter().position(|it| *it == b'.').unwrap_or(digits.len());
        call.scratch.clear();
        for (at, digit) in digits.iter().enumerate() {
            let left = whole.saturating_sub(at);
            if let Some(sign) = group.filter(|_| at > 0 && left > 0 && left % 3 == 0 && digits.get(at - 1) != Some(&b'-')) {
                call.scratch.push(sign);
            }
            call.scratch.push(if *digit == b'.' { point } else { *digit });
        }
        Ok(call.give_scratch(0))
    });
    site.give(typed, vec![input], run)
}

/// What number a text can spell: what its pattern allows, else what the schema says of it, else anything.
fn size_of(text: &Text) -> Number {
    let signed = !language::is_spelled_with(text, |it| it.is_ascii_digit() || it == '.' || it == '+' || it == ',');
    let by_pattern = text.patterns.iter().filter_map(|it| language::Language::of(it)).find_map(|it| it.digits());
    if let Some((whole, decimals)) = by_pattern {
        return Number { integer_max: Some(whole), decimals_max: Some(decimals), signed, ..Number::default() };
    }
    match text.decimal {
        Some((digits, decimals)) => Number {
            integer_max: Some(digits.saturating_sub(decimals)),
            decimals_max: Some(decimals),
            signed,
            ..Number::default()
        },
        None => Number { signed: true, ..Number::default() },
    }
}

fn sign_of(site: &mut Site<'_, '_>, name: &str) -> Option<Option<u8>> {
    let Some(arg) = site.named(name) else { return Some(None) };
    let sign = site.literal(arg)?;
    match sign.as_bytes() {
        [one] if !one.is_ascii_digit() => Some(Some(*one)),
        _ => site.wrong_at(arg.value.span, "this must be one sign, for example `\",\"`"),
    }
}

fn parse(text: &[u8], point: u8, group: Option<u8>) -> Option<Decimal> {
    if point == b'.' && group.is_none() {
        return Decimal::parse(text).filter(|_| text.first() != Some(&b'.') && text.last() != Some(&b'.'));
    }
    let mut plain = [0_u8; 64];
    let mut length = 0;
    // Digits since the last sign between groups, which stand in threes: `1.25` is no way to write 125.
    let (mut digits, mut is_grouped, mut is_fraction) = (0, false, false);
    let whole_fits = |digits: i32, is_grouped: bool| if is_grouped { digits == 3 } else { digits > 0 };
    for byte in text {
        if Some(*byte) == group {
            let fits = !is_fraction && if is_grouped { digits == 3 } else { (1..=3).contains(&digits) };
            fits.then_some(())?;
            (digits, is_grouped) = (0, true);
            continue;
        }
        if *byte == point {
            whole_fits(digits, is_grouped).then_some(())?;
            is_fraction = true;
        }
        digits += i32::from(byte.is_ascii_digit() && !is_fraction);
        *plain.get_mut(length)? = match *byte {
            it if it == point => b'.',
            b'.' => return None,
            it => it,
        };
        length += 1;
    }
    whole_fits(digits, is_grouped).then_some(())?;
    Decimal::parse(plain.get(..length)?).filter(|_| text.last() != Some(&point))
}

/// Whether a number is written as records hold it: no `+`, no leading zeros.
fn is_clean(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        [b'0', b'.', ..] | [b'0'] => digits.iter().all(|it| it.is_ascii_digit() || *it == b'.'),
        [b'1'..=b'9', ..] => digits.iter().all(|it| it.is_ascii_digit() || *it == b'.'),
        _ => false,
    }
}

pub(super) static EXACT: Function = Function {
    name: "exact",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| exact",
    summary: "To the target's digits and decimals; bad [AM12] if any digit but zero would be lost",
    faults: &[FaultCode::MapDigits, FaultCode::MapNumber],
    class: Class::Guarded,
    examples: &[example("12.50 | exact", "12.5").to("number(5, 1)"), example("12.55 | exact", "bad AM12").to("number(5, 1)")],
    takes_list: false,
    check: |site| {
        let target = target_size(site)?;
        let input = site.input()?;
        match input.typed.value().cloned() {
            Some(Type::Amount(number)) => {
                let kind = Type::Amount(narrowed(&number, &target));
                let typed = Typed { currency: input.typed.currency, ..input.typed.with(kind) }.class(Class::Guarded);
                let run = Run::new(move |call| {
                    let (value, currency) = call.amount(0);
                    let number = fitted(call.number_of(value)?, &target)?;
                    let value = call.give_number(number)?;
                    Ok(call.record.amount(value, currency))
                });
                site.give(typed, vec![input], run)
            }
            _ => {
                site.input = Some(input);
                let (input, number) = site.number_input()?;
                let typed = input.typed.with(Type::Number(narrowed(&number, &target))).class(Class::Guarded);
                let run = Run::new(move |call| {
                    let number = fitted(call.number(0)?, &target)?;
                    call.give_number(number)
                });
                site.give(typed, vec![input], run)
            }
        }
    },
};

/// The size of the field that a number goes to.
pub(super) fn target_size(site: &mut Site<'_, '_>) -> Option<Number> {
    let target = site.target().and_then(|it| match it.typed.value() {
        Some(Type::Number(number) | Type::Amount(number)) => Some(number.clone()),
        _ => it.typed.digits(),
    });
    match target {
        Some(number) => Some(number),
        None if site.want.is_lost => None,
        None => site.wrong("the target is not a number"),
    }
}

fn narrowed(number: &Number, target: &Number) -> Number {
    let least = |a: Option<u32>, b: Option<u32>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Number {
        integer_max: least(number.integer_max, target.integer_max),
        decimals_max: least(number.decimals_max, target.decimals_max),
        digits_max: least(number.digits_max, target.digits_max),
        signed: number.signed && target.signed,
        ..Number::default()
    }
}

/// The number with no more decimals than the target has, if nothing but zeros is lost.
fn fitted(number: Decimal, target: &Number) -> Result<Decimal, FaultCode> {
    let decimals = target.decimals_max.and_then(|it| u8::try_from(it).ok()).unwrap_or(u8::MAX);
    let number = if number.scale > decimals { number.rescale(decimals).ok_or(FaultCode::MapDigits)? } else { number };
    let whole = number.integer_digits();
    let all = whole + u32::from(number.trim(0).scale);
    if target.integer_max.is_some_and(|max| whole > max) || target.digits_max.is_some_and(|max| all > max) {
        return Err(FaultCode::MapDigits);
    }
    if number.coefficient < 0 && !target.signed {
        return Err(FaultCode::MapNumber);
    }
    Ok(number)
}

pub(super) static ROUND: Function = Function {
    name: "round",
    family: "Numbers and money",
    way: Way::Forth,
    usage: "| round(half-even)   | round(half-up, 2)",
    summary: "To the target's decimals, or those given; modes `half-even half-up half-down up down ceiling floor`, no default; digits before the point that do not fit are still bad [AM12]",
    faults: &[FaultCode::MapDigits, FaultCode::MapNumber],
    class: Class::Reduced,
    examples: &[
        example("\"12.345\" | decimal | round(half-even, 2)", "12.34"),
        example("\"12.345\" | decimal | round(half-up, 2)", "12.35"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the mode must be said") };
        let mode = site.word(arg, &Rounding::ALL)?;
        let (decimals, target) = match site.positional() {
            Some(arg) => (site.integer(arg)?, None),
            None => {
                let target = target_size(site)?;
                (target.decimals_max.unwrap_or(0), Some(target))
            }
        };
        let (input, number) = site.number_input()?;
        let mut size = Number { decimals_max: Some(number.decimals_max.map_or(decimals, |it| it.min(decimals))), ..number };
        // Rounding up may need one more digit, 99.9 becomes 100; the target's own size is checked when it runs.
        size.integer_max = match (&target, size.integer_max) {
            (Some(target), _) => target.integer_max,
            (None, whole) => whole.map(|it| it + 1),
        };
        let typed = input.typed.with(Type::Number(size)).class(Class::Reduced);
        let scale = u8::try_from(decimals).unwrap_or(u8::MAX);
        let run = Run::new(move |call| {
            let number = call.number(0)?;
            let rounded = number.round(scale, mode);
            if rounded != number {
                call.lose(LossKind::Round, usize::from(number.scale.saturating_sub(scale)));
            }
            let rounded = match &target {
                Some(target) => fitted(rounded, target)?,
                None => rounded,
            };
            call.give_number(rounded)
        });
        site.give(typed, vec![input], run)
    },
};

/// The digits of a slot, kept as they are or written out.
pub(crate) fn digits_run(call: &mut crate::call::Call<'_>) -> Result<crate::Slot, FaultCode> {
    let slot = call.arg(0);
    match call.record.number_of(slot) {
        None => Ok(slot),
        Some(number) => {
            call.scratch.clear();
            number.write(call.scratch);
            Ok(call.give_scratch(0))
        }
    }
}

/// The digits of a slot as a number is written, without a plus and leading zeros; made from another slot where it has none.
pub(crate) fn clean_digits(call: &mut crate::call::Call<'_>, slot: Slot, from: Slot) -> Result<Slot, FaultCode> {
    let number = match call.record.number_of(slot) {
        Some(number) => number,
        None if is_clean(call.record.bytes(slot, call.part)) => return Ok(slot),
        None => Decimal::parse(call.record.bytes(slot, call.part)).ok_or(FaultCode::MapNumber)?,
    };
    let from = if slot.kind() == SlotKind::Number { from } else { slot };
    Ok(call.record.hold_from(from, |held| number.write(held)))
}

/// A function's value that is a number made here.
pub(super) fn made(number: Number) -> Typed {
    Typed::new(Type::Number(number))
}

/// Unused inputs of the same kind are told the same way.
pub(super) fn not_a_number<T>(site: &mut Site<'_, '_>, value: &Value) -> Option<T> {
    site.wrong_kind(value, "a number", "make it one first:  | decimal")
}
