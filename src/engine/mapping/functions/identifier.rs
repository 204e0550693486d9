//! Identifiers of accounts and banks.

use super::{Function, Site, Way, example};
use crate::call::{Known, Run};
use crate::mapping::hir::Value;
use crate::mapping::typed::Class;
use crate::standards::{bic, iban};
use crate::{FaultCode, Slot, Text, Type};
use std::ops::Range;

pub(super) static IBAN: Function = Function {
    name: "iban",
    family: "Identifiers",
    way: Way::Both,
    usage: "| iban",
    summary: "Blanks removed, upper case, length by the registry, mod 97; else bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Guarded,
    examples: &[
        example("\"de89 3704 0044 0532 0130 00\" | iban", "DE89370400440532013000"),
        example("\"DE88370400440532013000\" | iban", "bad AC01"),
    ],
    takes_list: false,
    check: |site| {
        let (input, text) = site.text_input()?;
        let patterns = vec!["[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}".to_owned()];
        let max = Some(text.max.map_or(34, |it| it.min(34)));
        let typed = input.typed.with(Type::Text(Text { min: 5, max, patterns, ..Text::default() })).class(Class::Guarded);
        let run = Run::new(|call| {
            if iban::check(call.bytes(0)).is_some() {
                return Ok(call.arg(0));
            }
            call.give(0, |text, out| {
                iban::compact(text, out);
                iban::check(out).map(|_| ()).ok_or(FaultCode::MapIban)
            })
        })
        .knowing(Known::Passing(|text| iban::check(text).is_some()));
        site.give(typed, vec![input], run)
    },
};

pub(super) static IBAN_COUNTRY: Function = Function {
    name: "iban-country",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| iban-country",
    summary: "The country of an IBAN; not an IBAN: bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Reduced,
    examples: &[example("\"DE89370400440532013000\" | iban-country", "DE")],
    takes_list: false,
    check: |site| take(site, |_| Some(0..2)),
};

pub(super) static IBAN_BANK: Function = Function {
    name: "iban-bank",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| iban-bank",
    summary: "The bank in an IBAN, where the registry says which characters it is; not an IBAN: bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Reduced,
    examples: &[example("\"DE89370400440532013000\" | iban-bank", "37040044")],
    takes_list: false,
    check: |site| take(site, |it| it.bank.clone()),
};

pub(super) static IBAN_BRANCH: Function = Function {
    name: "iban-branch",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| iban-branch",
    summary: "The branch in an IBAN, where there is one; not an IBAN: bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Reduced,
    examples: &[example("\"DE89370400440532013000\" | iban-branch", "absent")],
    takes_list: false,
    check: |site| take(site, |it| it.branch.clone()),
};

pub(super) static IBAN_ACCOUNT: Function = Function {
    name: "iban-account",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| iban-account",
    summary: "The account in an IBAN; not an IBAN: bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Reduced,
    examples: &[example("\"DE89370400440532013000\" | iban-account", "0532013000")],
    takes_list: false,
    check: |site| take(site, |it| it.account.clone()),
};

pub(super) static BBAN: Function = Function {
    name: "bban",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| bban",
    summary: "The IBAN without country and check digits; not an IBAN: bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Reduced,
    examples: &[example("\"DE89370400440532013000\" | bban", "370400440532013000")],
    takes_list: false,
    check: |site| take(site, |it| Some(4..it.length)),
};

/// A part of an IBAN, as people write it or not.
fn take(site: &mut Site<'_, '_>, choose: fn(&iban::Structure) -> Option<Range<usize>>) -> Option<Value> {
    let (input, _) = site.text_input()?;
    let typed = input.typed.with(Type::Text(Text { min: 1, max: Some(30), ..Text::default() })).class(Class::Reduced).maybe();
    let run = Run::new(move |call| {
        call.scratch.clear();
        let crate::call::Call { record, part, scratch, args, .. } = call;
        let input = args.first().copied().unwrap_or(Slot::ABSENT);
        iban::compact(record.bytes(input, part), scratch);
        let structure = iban::check(scratch).ok_or(FaultCode::MapIban)?;
        let Some(range) = choose(structure) else { return Ok(Slot::ABSENT) };
        Ok(record.hold_from(input, |held| held.extend_from_slice(scratch.get(range).unwrap_or_default())))
    });
    site.give(typed, vec![input], run)
}

pub(super) static BIC: Function = Function {
    name: "bic",
    family: "Identifiers",
    way: Way::Both,
    usage: "| bic",
    summary: "The shape of ISO 9362, the country exists, not a placeholder (`NOTPROVIDED`, `XXXXXXXX`); else bad [RC01]",
    faults: &[FaultCode::MapBic],
    class: Class::Guarded,
    examples: &[example("\"BANKDEFF\" | bic", "BANKDEFF"), example("\"NOTPROVIDED\" | bic", "bad RC01")],
    takes_list: false,
    check: |site| bic_of(site, 8, 11, <[u8]>::len),
};

pub(super) static BIC8: Function = Function {
    name: "bic8",
    family: "Identifiers",
    way: Way::Forth,
    usage: "| bic8",
    summary: "The first eight characters of a BIC; not a BIC: bad [RC01]",
    faults: &[FaultCode::MapBic],
    class: Class::Reduced,
    examples: &[example("\"BANKDEFF123\" | bic8", "BANKDEFF")],
    takes_list: false,
    check: |site| bic_of(site, 8, 8, |_| 8),
};

pub(super) static BIC11: Function = Function {
    name: "bic11",
    family: "Identifiers",
    way: Way::Both,
    usage: "| bic11",
    summary: "A BIC of eight characters with `XXX` for the head office; back: without a final `XXX`; not a BIC: bad [RC01]",
    faults: &[FaultCode::MapBic],
    class: Class::Guarded,
    examples: &[example("\"BANKDEFF\" | bic11", "BANKDEFFXXX"), example("\"BANKDEFF123\" | bic11", "BANKDEFF123")],
    takes_list: false,
    check: |site| {
        if site.back {
            return bic_of(site, 8, 11, |text| if text.ends_with(b"XXX") { 8 } else { text.len() });
        }
        bic_of(site, 11, 11, |_| 11)
    },
};

const HEAD_OFFICE: &[u8] = b"XXX";

/// A BIC with so many of its characters, the head office added where more are wanted than there are.
fn bic_of(site: &mut Site<'_, '_>, min: u32, max: u32, keep: fn(&[u8]) -> usize) -> Option<Value> {
    let (input, _) = site.text_input()?;
    let branch = if max == 8 {
        ""
    } else if min == 11 {
        "[A-Z0-9]{3,3}"
    } else {
        "([A-Z0-9]{3,3}){0,1}"
    };
    let patterns = vec![format!("[A-Z0-9]{{4,4}}[A-Z]{{2,2}}[A-Z0-9]{{2,2}}{branch}")];
    let typed = input.typed.with(Type::Text(Text { min, max: Some(max), patterns, ..Text::default() })).class(Class::Guarded);
    let run = Run::new(move |call| {
        let text = call.bytes(0);
        if !bic::is_bic(text) {
            return Err(FaultCode::MapBic);
        }
        let wanted = keep(text);
        match wanted.cmp(&text.len()) {
            std::cmp::Ordering::Equal => Ok(call.arg(0)),
            std::cmp::Ordering::Less => Ok(call.give_slice(0, 0, wanted)),
            std::cmp::Ordering::Greater => call.give(0, |text, out| {
                out.extend_from_slice(text);
                out.extend_from_slice(HEAD_OFFICE);
                Ok(())
            }),
        }
    });
    site.give(typed, vec![input], run)
}
