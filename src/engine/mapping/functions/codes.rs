//! Codes that a standard lists: countries, languages, currencies, reasons.

use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::Value;
use crate::mapping::typed::Class;
use crate::standards::{countries, currencies, languages, reasons};
use crate::{FaultCode, Slot, SlotKind, Text, Type};

pub(super) static CURRENCY_NUMERIC: Function = Function {
    name: "currency-numeric",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| currency-numeric",
    summary: "\"978\" from \"EUR\" (ISO 4217); its inverse is `currency-alpha`; unknown: bad [AM03]",
    faults: &[FaultCode::MapCurrency],
    class: Class::Canonical,
    examples: &[
        example("\"EUR\" | currency-numeric", "978"),
        example("\"ALL\" | currency-numeric", "008"),
        example("\"978\" | currency-numeric", "EUR").back(),
        example("\"XXQ\" | currency-numeric", "bad AM03"),
    ],
    takes_list: false,
    check: |site| if site.back { currency_alpha(site) } else { currency_numeric(site) },
};

pub(super) static CURRENCY_ALPHA: Function = Function {
    name: "currency-alpha",
    family: "Numbers and money",
    way: Way::Both,
    usage: "| currency-alpha",
    summary: "\"EUR\" from \"978\" (ISO 4217); its inverse is `currency-numeric`; unknown: bad [AM03]",
    faults: &[FaultCode::MapCurrency],
    class: Class::Canonical,
    examples: &[
        example("\"978\" | currency-alpha", "EUR"),
        example("8 | currency-alpha", "ALL"),
        example("\"EUR\" | currency-alpha", "978").back(),
    ],
    takes_list: false,
    check: |site| if site.back { currency_numeric(site) } else { currency_alpha(site) },
};

fn currency_numeric(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, _) = site.text_input()?;
    listed(site, input, ("[0-9]{3}", FaultCode::MapCurrency), |code| currencies::by_code(code).map(|it| it.number))
}

fn currency_alpha(site: &mut Site<'_, '_>) -> Option<Value> {
    let (input, _) = site.text_or_digits_input(3)?;
    listed(site, input, ("[A-Z]{3}", FaultCode::MapCurrency), |code| currencies::by_number(code).map(|it| it.code))
}

/// The entry that a list has for a code.
fn listed(
    site: &mut Site<'_, '_>,
    input: Value,
    (pattern, fault): (&'static str, FaultCode),
    find: fn(&[u8]) -> Option<&'static str>,
) -> Option<Value> {
    let length = if pattern.ends_with("{2}") { 2 } else { 3 };
    let text = Text { min: length, max: Some(length), patterns: vec![pattern.to_owned()], ..Text::default() };
    let typed = input.typed.with(Type::Text(text)).class(Class::Canonical);
    let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
    let run = Run::new(move |call| {
        let slot = super::digits_run(call)?;
        call.scratch.clear();
        call.scratch.extend_from_slice(call.record.bytes(slot, call.part));
        if is_number {
            // Codes of three digits keep their zeros, numbers do not.
            let missing = 3_usize.saturating_sub(call.scratch.len());
            call.scratch.resize(call.scratch.len() + missing, b'0');
            call.scratch.rotate_right(missing);
        }
        let found = find(call.scratch).filter(|it| !it.is_empty()).ok_or(fault)?;
        if found.as_bytes() == call.scratch.as_slice() && !is_number {
            return Ok(call.arg(0));
        }
        let from = call.arg(0);
        Ok(call.record.hold_from(from, |held| held.extend_from_slice(found.as_bytes())))
    });
    site.give(typed, vec![input], run)
}

// ---- countries and languages -----------------------------------------------------------------------------------------

/// How a list spells its codes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Two,
    Three,
    Digits,
}

const COUNTRIES: [(&str, Spelling); 3] =
    [("alpha-2", Spelling::Two), ("alpha-3", Spelling::Three), ("numeric", Spelling::Digits)];

pub(super) static COUNTRY: Function = Function {
    name: "country",
    family: "Codes, tables, look-ups",
    way: Way::Both,
    usage: "| country   | country(alpha-3)   | country(numeric, alpha-3)",
    summary: "A country of ISO 3166-1 as `alpha-2`, `alpha-3` or `numeric`, whichever of the three it comes as; `alpha-2` if nothing is said. Back: as the second word says, `alpha-2` without one. Unknown: bad [NARR]",
    faults: &[FaultCode::MapCode],
    class: Class::Canonical,
    examples: &[
        example("\"DEU\" | country", "DE"),
        example("\"DE\" | country(alpha-3)", "DEU"),
        example("40 | country(alpha-3)", "AUT"),
        example("\"DEU\" | country(alpha-3)", "DE").back(),
        example("\"ZZ\" | country", "bad NARR"),
    ],
    takes_list: false,
    check: |site| {
        let wanted = spelling(site, &COUNTRIES)?;
        let (input, _) = site.text_or_digits_input(3)?;
        let fault = FaultCode::MapCode;
        match wanted {
            Spelling::Two => listed(site, input, ("[A-Z]{2}", fault), |it| countries::by_any_code(it).map(|it| it.code)),
            Spelling::Three => listed(site, input, ("[A-Z]{3}", fault), |it| countries::by_any_code(it).map(|it| it.code3)),
            Spelling::Digits => listed(site, input, ("[0-9]{3}", fault), |it| countries::by_any_code(it).map(|it| it.number)),
        }
    },
};

pub(super) static LANGUAGE: Function = Function {
    name: "language",
    family: "Codes, tables, look-ups",
    way: Way::Both,
    usage: "| language   | language(alpha-3)",
    summary: "A language of ISO 639 as `alpha-2` or `alpha-3` (set 2/T), whichever it comes as (set 2/B too); `alpha-2` if nothing is said. Back: as the second word says, `alpha-2` without one. Unknown, or without a code of two letters: bad [NARR]",
    faults: &[FaultCode::MapCode],
    class: Class::Canonical,
    examples: &[
        example("\"ger\" | language", "de"),
        example("\"de\" | language(alpha-3)", "deu"),
        example("\"deu\" | language(alpha-3)", "de").back(),
        example("\"xx\" | language", "bad NARR"),
    ],
    takes_list: false,
    check: |site| {
        let known = [("alpha-2", Spelling::Two), ("alpha-3", Spelling::Three)];
        let wanted = spelling(site, &known)?;
        let (input, _) = site.text_input()?;
        let fault = FaultCode::MapCode;
        match wanted {
            Spelling::Two => listed(site, input, ("[a-z]{2}", fault), |it| languages::by_any_code(it).map(|it| it.code)),
            _ => listed(site, input, ("[a-z]{3}", fault), |it| languages::by_any_code(it).map(|it| it.code3)),
        }
    },
};

/// The spelling that is wanted in the direction one is reading.
fn spelling(site: &mut Site<'_, '_>, known: &[(&str, Spelling)]) -> Option<Spelling> {
    let forth = site.positional_word(known)?;
    let back = site.positional_word(known)?;
    Some(if site.back { back } else { forth }.unwrap_or(Spelling::Two))
}

pub(super) static EXTERNAL_CODE: Function = Function {
    name: "external-code",
    family: "Codes, tables, look-ups",
    way: Way::Both,
    usage: "| external-code(\"ExternalStatusReason1Code\")",
    summary: "Unchanged, if it is a code of the external code set of ISO 20022; unknown: bad [NARR]. The set that is built in: `ExternalStatusReason1Code`",
    faults: &[FaultCode::MapCode],
    class: Class::Guarded,
    examples: &[
        example("\"AC01\" | external-code(\"ExternalStatusReason1Code\")", "AC01"),
        example("\"ZZ99\" | external-code(\"ExternalStatusReason1Code\")", "bad NARR"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the code set is missing") };
        site.word(arg, &[("ExternalStatusReason1Code", ())])?;
        let (input, text) = site.text_input()?;
        let codes = if text.codes.is_empty() { reasons::all().map(str::to_owned).collect() } else { text.codes };
        let text = Text { min: 1, max: Some(4), codes, ..Text::default() };
        let typed = input.typed.with(Type::Text(text)).class(Class::Guarded);
        let run = Run::new(|call| if reasons::is_known(call.text(0)) { Ok(call.arg(0)) } else { Err(FaultCode::MapCode) });
        site.give(typed, vec![input], run)
    },
};

// ---- yes and no ------------------------------------------------------------------------------------------------------

pub(super) static YES_NO: Function = Function {
    name: "yes-no",
    family: "Codes, tables, look-ups",
    way: Way::Both,
    usage: "| yes-no(\"Y\", \"N\")",
    summary: "Two codes to yes and no, and back; another code: bad [NARR]",
    faults: &[FaultCode::MapCode],
    class: Class::Canonical,
    examples: &[
        example("\"Y\" | yes-no(\"Y\", \"N\")", "true"),
        example("\"J\" | yes-no(\"Y\", \"N\")", "bad NARR"),
        example("(1 = 2) | yes-no(\"Y\", \"N\")", "N").back(),
    ],
    takes_list: false,
    check: |site| {
        let (Some(yes), Some(no)) = (site.positional(), site.positional()) else {
            return site.wrong("the codes for yes and no are missing");
        };
        let span = no.value.span;
        let (yes, no) = (site.literal(yes)?, site.literal(no)?);
        if yes == no || yes.is_empty() || no.is_empty() {
            return site.wrong_at(span, "the two codes differ, and none is empty");
        }
        let input = site.input()?;
        match input.typed.value() {
            Some(Type::YesNo) => {
                let length = |it: &str| u32::try_from(it.chars().count()).unwrap_or(u32::MAX);
                let (a, b) = (length(&yes), length(&no));
                let text = Text { min: a.min(b), max: Some(a.max(b)), codes: vec![yes.clone(), no.clone()], ..Text::default() };
                let typed = input.typed.with(Type::Text(text)).class(Class::Canonical);
                let run = Run::new(move |call| {
                    let code = if call.arg(0).kind() == SlotKind::Yes { &yes } else { &no };
                    let from = call.arg(0);
                    Ok(call.record.hold_from(from, |held| held.extend_from_slice(code.as_bytes())))
                });
                site.give(typed, vec![input], run)
            }
            Some(Type::Text(_)) => {
                let typed = input.typed.with(Type::YesNo).class(Class::Canonical);
                let run = Run::new(move |call| match call.bytes(0) {
                    it if it == yes.as_bytes() => Ok(Slot::yes_no(true, 0)),
                    it if it == no.as_bytes() => Ok(Slot::yes_no(false, 0)),
                    _ => Err(FaultCode::MapCode),
                });
                site.give(typed, vec![input], run)
            }
            _ => site.wrong_kind(&input, "a text or yes and no", ""),
        }
    },
};

pub(super) static MTI: Function = Function {
    name: "mti",
    family: "Codes, tables, look-ups",
    way: Way::Forth,
    usage: "| mti(reply)",
    summary: "The ISO 8583 message type of the reply to a request, advice or notification: 0200 to 0210, 0420 to 0430; one that has none: bad [NARR]",
    faults: &[FaultCode::MapCode],
    class: Class::Reduced,
    examples: &[
        example("\"0200\" | mti(reply)", "0210"),
        example("\"0421\" | mti(reply)", "0430"),
        example("\"0210\" | mti(reply)", "bad NARR"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("what is wanted is missing") };
        site.word(arg, &[("reply", ())])?;
        let (input, _) = site.text_input()?;
        let text = Text { min: 4, max: Some(4), patterns: vec!["[0-9]{4}".to_owned()], ..Text::default() };
        let typed = input.typed.with(Type::Text(text)).class(Class::Reduced);
        let run = Run::new(|call| {
            let [version, class, function, origin] = *call.bytes(0) else { return Err(FaultCode::MapCode) };
            let digits = [version, class, function, origin].iter().all(u8::is_ascii_digit);
            // ISO 8583, the third digit of the message type: 0 and 2 ask, 1 and 3 answer; a repeat is answered as its first.
            let asks = digits && matches!(function, b'0' | b'2');
            asks.then_some(()).ok_or(FaultCode::MapCode)?;
            let origin = if origin % 2 == 1 { origin - 1 } else { origin };
            Ok(call.give_text(&[version, class, function + 1, origin]))
        });
        site.give(typed, vec![input], run)
    },
};
