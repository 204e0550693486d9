//! Identifiers with check digits: pass or bad.

use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::Value;
use crate::mapping::typed::Class;
use crate::standards::{countries, iban, national};
use crate::{FaultCode, Text, Type};

/// The shape of what passes: its lengths and its pattern.
type Shape = (u32, u32, &'static str);

/// Blanks removed, in capitals, if the check holds.
fn compact(site: &mut Site<'_, '_>, shape: Shape, holds: fn(&[u8]) -> bool) -> Option<Value> {
    let (input, _) = site.text_input()?;
    let typed = input.typed.with(Type::Text(text(shape))).class(Class::Guarded);
    let run = Run::new(move |call| {
        if holds(call.bytes(0)) && !call.bytes(0).iter().any(|it| *it == b' ' || it.is_ascii_lowercase()) {
            return Ok(call.arg(0));
        }
        call.give(0, |text, out| {
            iban::compact(text, out);
            holds(out).then_some(()).ok_or(FaultCode::MapIdentifier)
        })
    });
    site.give(typed, vec![input], run)
}

/// Unchanged, if the check holds.
fn pass(site: &mut Site<'_, '_>, shape: Shape, holds: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Option<Value> {
    let (input, given) = site.text_or_digits_input(shape.0)?;
    let max = given.max.map_or(shape.1, |it| it.min(shape.1));
    let is_number = matches!(input.typed.value(), Some(Type::Number(_)));
    let made = Text { min: shape.0.min(max), max: Some(max), patterns: vec![shape.2.to_owned()], ..Text::default() };
    let typed = input.typed.with(Type::Text(made)).class(Class::Guarded);
    let least = shape.0 as usize;
    let run = Run::new(move |call| {
        if !is_number {
            return if holds(call.bytes(0)) { Ok(call.arg(0)) } else { Err(FaultCode::MapIdentifier) };
        }
        super::spelled::padded(call, least, true);
        if holds(call.scratch) { Ok(call.give_scratch(0)) } else { Err(FaultCode::MapIdentifier) }
    });
    site.give(typed, vec![input], run)
}

fn text((min, max, pattern): Shape) -> Text {
    Text { min, max: Some(max), patterns: vec![pattern.to_owned()], ..Text::default() }
}

fn digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The value of a digit; nothing else comes here.
fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

pub(super) static LEI: Function = Function {
    name: "lei",
    family: "Identifiers",
    way: Way::Both,
    usage: "| lei",
    summary: "A legal entity identifier (ISO 17442): 20 letters and digits, mod 97-10; blanks removed, in capitals; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[
        example("\"5493001KJTIIGC8Y1R12\" | lei", "5493001KJTIIGC8Y1R12"),
        example("\"5493001KJTIIGC8Y1R13\" | lei", "bad FF01"),
    ],
    takes_list: false,
    check: |site| compact(site, (20, 20, "[A-Z0-9]{18}[0-9]{2}"), is_lei),
};

fn is_lei(text: &[u8]) -> bool {
    let shape = text.len() == 20 && text.iter().all(u8::is_ascii_alphanumeric) && text.get(18..).is_some_and(digits);
    shape && iban::remainder(&[text]) == Some(1)
}

pub(super) static CREDITOR_REFERENCE: Function = Function {
    name: "creditor-reference",
    family: "Identifiers",
    way: Way::Both,
    usage: "| creditor-reference",
    summary: "A structured creditor reference (ISO 11649): `RF`, check digits, up to 21 letters and digits, mod 97-10; blanks removed, in capitals; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[
        example("\"RF18 5390 0754 7034\" | creditor-reference", "RF18539007547034"),
        example("\"RF19539007547034\" | creditor-reference", "bad FF01"),
    ],
    takes_list: false,
    check: |site| compact(site, (5, 25, "RF[0-9]{2}[A-Z0-9]{1,21}"), is_creditor_reference),
};

fn is_creditor_reference(text: &[u8]) -> bool {
    let Some((head, body)) = text.split_at_checked(4) else { return false };
    let shape = (1..=21).contains(&body.len()) && body.iter().all(u8::is_ascii_alphanumeric);
    let head_fits = head.get(..2).is_some_and(|it| it.eq_ignore_ascii_case(b"RF")) && head.get(2..).is_some_and(digits);
    shape && head_fits && iban::remainder(&[body, head]) == Some(1)
}

pub(super) static CREDITOR_ID: Function = Function {
    name: "creditor-id",
    family: "Identifiers",
    way: Way::Both,
    usage: "| creditor-id",
    summary: "A SEPA creditor identifier (EPC262-08): country, check digits, business code, national identifier; mod 97-10 without the business code; blanks removed, in capitals; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[
        example("\"DE98ZZZ09999999999\" | creditor-id", "DE98ZZZ09999999999"),
        example("\"DE98ABC09999999999\" | creditor-id", "DE98ABC09999999999"),
        example("\"DE99ZZZ09999999999\" | creditor-id", "bad FF01"),
    ],
    takes_list: false,
    check: |site| compact(site, (8, 35, "[A-Z]{2}[0-9]{2}[A-Z0-9]{4,31}"), is_creditor_id),
};

fn is_creditor_id(text: &[u8]) -> bool {
    let (Some(head), Some(national)) = (text.get(..4), text.get(7..)) else { return false };
    let country = head.first_chunk::<2>().map(|it| it.map(|letter| letter.to_ascii_uppercase()));
    let known = country.is_some_and(|it| countries::by_code(&it).is_some());
    let shape = (1..=28).contains(&national.len()) && text.iter().all(u8::is_ascii_alphanumeric);
    shape && known && head.get(2..).is_some_and(digits) && iban::remainder(&[national, head]) == Some(1)
}

pub(super) static ABA: Function = Function {
    name: "aba",
    family: "Identifiers",
    way: Way::Both,
    usage: "| aba",
    summary: "A routing number of the American Bankers Association: nine digits, weights 3 7 1; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[example("\"111000025\" | aba", "111000025"), example("\"111000026\" | aba", "bad FF01")],
    takes_list: false,
    check: |site| {
        pass(site, (9, 9, "[0-9]{9}"), |text| {
            let sum: u32 = text.iter().zip([3, 7, 1].iter().cycle()).map(|(digit, weight)| value(*digit) * weight).sum();
            text.len() == 9 && digits(text) && sum.is_multiple_of(10)
        })
    },
};

pub(super) static SORT_CODE: Function = Function {
    name: "sort-code",
    family: "Identifiers",
    way: Way::Both,
    usage: "| sort-code",
    summary: "A sort code of the United Kingdom or Ireland: six digits, blanks and dashes between them removed; there is no check digit; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[example("\"60-16-13\" | sort-code", "601613"), example("\"60161\" | sort-code", "bad FF01")],
    takes_list: false,
    check: |site| {
        let (input, _) = site.text_input()?;
        let typed = input.typed.with(Type::Text(text((6, 6, "[0-9]{6}")))).class(Class::Guarded);
        let run = Run::new(|call| {
            call.give(0, |text, out| {
                out.extend(text.iter().filter(|it| !matches!(it, b' ' | b'-')));
                (out.len() == 6 && digits(out)).then_some(()).ok_or(FaultCode::MapIdentifier)
            })
        });
        site.give(typed, vec![input], run)
    },
};

pub(super) static NATIONAL_ID: Function = Function {
    name: "national-id",
    family: "Identifiers",
    way: Way::Both,
    usage: "| national-id(nl-bsn)",
    summary: "An identifier of a country, with its check digits: `be-nn de-idnr es-dni fr-siren fr-siret nl-bsn no-orgnr pl-pesel se-orgnr`; blanks removed, in capitals; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[
        example("\"111222333\" | national-id(nl-bsn)", "111222333"),
        example("\"54362315k\" | national-id(es-dni)", "54362315K"),
        example("\"732829320\" | national-id(fr-siren)", "732829320"),
        example("\"732829321\" | national-id(fr-siren)", "bad FF01"),
    ],
    takes_list: false,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the system is missing") };
        let system = site.word(arg, &national::SYSTEMS.map(|it| (it.name, it)))?;
        let pattern = if system.ends_in_letter { "[0-9]+[A-Z]" } else { "[0-9]+" };
        compact(site, (system.length, system.length, pattern), system.holds)
    },
};

// ---- check digits alone ----------------------------------------------------------------------------------------------

pub(super) static LUHN: Function = Function {
    name: "luhn",
    family: "Identifiers",
    way: Way::Both,
    usage: "| luhn",
    summary: "Digits, the last of which is the check digit of ISO/IEC 7812-1; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[example("\"79927398713\" | luhn", "79927398713"), example("\"79927398710\" | luhn", "bad FF01")],
    takes_list: false,
    check: |site| pass(site, (2, 255, "[0-9]+"), is_luhn),
};

fn is_luhn(text: &[u8]) -> bool {
    text.len() > 1 && digits(text) && national::luhn(text)
}

pub(super) static MOD97: Function = Function {
    name: "mod97",
    family: "Identifiers",
    way: Way::Both,
    usage: "| mod97",
    summary: "Digits and letters (10 to 35) with two check digits at the end, ISO 7064 mod 97-10; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[example("\"79444\" | mod97", "79444"), example("\"79445\" | mod97", "bad FF01")],
    takes_list: false,
    check: |site| {
        pass(site, (3, 255, "[0-9A-Z]+"), |text| {
            text.len() > 2 && !text.iter().any(u8::is_ascii_lowercase) && iban::remainder(&[text]) == Some(1)
        })
    },
};

pub(super) static MOD11: Function = Function {
    name: "mod11",
    family: "Identifiers",
    way: Way::Both,
    usage: "| mod11(5, 4, 3, 2, 7, 6, 5, 4, 3, 2)",
    summary: "Digits with a check digit behind them, `X` for 10: the digits times the weights, and the check digit, are together a multiple of 11; else bad [FF01]",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[
        example("\"86011117947\" | mod11(5, 4, 3, 2, 7, 6, 5, 4, 3, 2)", "86011117947"),
        example("\"080442957X\" | mod11(10, 9, 8, 7, 6, 5, 4, 3, 2)", "080442957X"),
        example("\"0804429570\" | mod11(10, 9, 8, 7, 6, 5, 4, 3, 2)", "bad FF01"),
    ],
    takes_list: false,
    check: |site| {
        let mut weights = Vec::new();
        let input = site.input()?;
        while let Some(arg) = site.positional() {
            weights.push(site.integer(arg)?);
        }
        if weights.is_empty() || weights.len() > 40 || weights.iter().any(|it| *it > 1000) {
            return site.wrong("it takes one to forty weights of at most 1000");
        }
        site.input = Some(input);
        let length = u32::try_from(weights.len()).unwrap_or(0) + 1;
        pass(site, (length, length, "[0-9]+[0-9X]"), move |text| {
            let Some((check, digits)) = text.split_last() else { return false };
            let check = match check {
                b'X' => 10,
                it if it.is_ascii_digit() => value(*it),
                _ => return false,
            };
            let fits = digits.len() == weights.len() && digits.iter().all(u8::is_ascii_digit);
            let sum: u32 = digits.iter().zip(&weights).map(|(digit, weight)| value(*digit) * weight).sum();
            fits && (sum + check).is_multiple_of(11)
        })
    },
};

// ---- cards -----------------------------------------------------------------------------------------------------------

pub(super) static PAN: Function = Function {
    name: "pan",
    family: "Identifiers",
    way: Way::Both,
    usage: "| pan",
    summary: "A card number: 12 to 19 digits, Luhn; else bad [FF01]. It is secret from here on, whatever its schema says",
    faults: &[FaultCode::MapIdentifier],
    class: Class::Guarded,
    examples: &[example("\"4111111111111111\" | pan", "4111111111111111"), example("\"4111111111111112\" | pan", "bad FF01")],
    takes_list: false,
    check: |site| {
        let mut value = pass(site, (12, 19, "[0-9]{12,19}"), |text| (12..=19).contains(&text.len()) && is_luhn(text))?;
        value.typed.secret = true;
        Some(value)
    },
};

pub(super) static MASK: Function = Function {
    name: "mask",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| mask   | mask(keep-first: 6, keep-last: 4)",
    summary: "`*` for every character but the first and last ones; a text that is not longer than those is all `*`. With at most six and four (PCI DSS) it is no secret any more",
    faults: &[],
    class: Class::Reduced,
    examples: &[
        example("\"4111111111111111\" | mask(keep-first: 6, keep-last: 4)", "411111******1111"),
        example("\"12345678\" | mask(keep-first: 6, keep-last: 4)", "********"),
    ],
    takes_list: false,
    check: |site| {
        let first = site.named_integer("keep-first")?.unwrap_or(6);
        let last = site.named_integer("keep-last")?.unwrap_or(4);
        let (input, given) = site.text_or_digits_input(0)?;
        let made = Text { min: given.min, max: given.max, repertoire: given.repertoire, ..Text::default() };
        let typed = Site::text_like(&input, made, Class::Reduced);
        let (shown, hidden_after) = (first as usize, last as usize);
        let run = Run::new(move |call| {
            super::spelled::padded(call, 0, false);
            let text = std::str::from_utf8(call.scratch).unwrap_or("");
            let count = text.chars().count();
            let is_short = count <= shown.saturating_add(hidden_after);
            let crate::call::Call { record, args, .. } = call;
            let from = args.first().copied().unwrap_or(crate::Slot::ABSENT);
            Ok(record.hold_from(from, |held| {
                let mut room = [0; 4];
                for (at, letter) in text.chars().enumerate() {
                    let is_kept = !is_short && (at < shown || at >= count - hidden_after);
                    let letter = if is_kept { letter } else { '*' };
                    held.extend_from_slice(letter.encode_utf8(&mut room).as_bytes());
                }
            }))
        });
        let mut value = site.give(typed, vec![input], run)?;
        value.typed.secret &= first > 6 || last > 4;
        Some(value)
    },
};
