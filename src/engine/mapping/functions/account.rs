//! Account numbers made of their parts.

use super::{Function, Way, example};
use crate::call::{Call, Run};
use crate::mapping::typed::{Class, Typed};
use crate::standards::iban;
use crate::{FaultCode, Slot, Text, Type};
use std::ops::Range;

pub(super) static IBAN_FROM: Function = Function {
    name: "iban-from",
    family: "Identifiers",
    way: Way::Function,
    usage: "iban-from(country, bank, account)   | iban-from(country, bank, account, branch: branch, check: digits)",
    summary: "The IBAN of a country's parts with its check digits; the account is filled with zeros on the left to its length, blanks and dashes in the parts are dropped. National check digits are worked out for BA BE ES FR IT MC ME MK NO PT RS SI SM TL, and must be given as `check` elsewhere. What does not fit the registry's structure: bad [AC01]",
    faults: &[FaultCode::MapIban],
    class: Class::Guarded,
    examples: &[
        example("iban-from(\"DE\", \"37040044\", \"532013000\")", "DE89370400440532013000"),
        example("iban-from(\"GB\", \"NWBK\", \"31926819\", branch: \"60-16-13\")", "GB29NWBK60161331926819"),
        example("iban-from(\"FR\", \"20041\", \"0500013M026\", branch: \"01005\")", "FR1420041010050500013M02606"),
        example("iban-from(\"DE\", \"3704\", \"532013000\")", "bad AC01"),
    ],
    takes_list: false,
    check: |site| {
        let mut parts = Vec::new();
        for (what, sample) in [("country", "a country of two letters here"), ("bank", "a text here"), ("account", "a text here")]
        {
            let Some(arg) = site.positional() else { return site.wrong(&format!("the {what} is missing")) };
            let part = site.text_argument(arg, sample)?;
            parts.push(part);
        }
        let mut given = [None, None];
        for (at, name) in ["branch", "check"].into_iter().enumerate() {
            if let Some(arg) = site.named(name) {
                let part = site.text_argument(arg, "a text here")?;
                if let Some(it) = given.get_mut(at) {
                    *it = Some(parts.len());
                }
                parts.push(part);
            }
        }
        let [branch, check] = given;
        let patterns = vec!["[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}".to_owned()];
        let class = parts.iter().map(|it| it.typed.class).max().unwrap_or(Class::Guarded).max(Class::Guarded);
        let text = Text { min: 15, max: Some(34), patterns, ..Text::default() };
        let typed = Typed { class, ..Typed::new(Type::Text(text)) };
        let run = Run::new(move |call| {
            call.scratch.clear();
            let Call { record, part, scratch, args, .. } = call;
            let bytes = |at: usize| record.bytes(args.get(at).copied().unwrap_or(Slot::ABSENT), part);
            let optional = |at: Option<usize>| at.map_or(&b""[..], bytes);
            let parts = Parts { bank: bytes(1), branch: optional(branch), account: bytes(2), check: optional(check) };
            build(bytes(0), &parts, scratch).ok_or(FaultCode::MapIban)?;
            let from = args.get(2).copied().unwrap_or(Slot::ABSENT);
            Ok(record.hold_from(from, |held| held.extend_from_slice(scratch)))
        });
        site.give(typed, parts, run)
    },
};

struct Parts<'p> {
    bank: &'p [u8],
    branch: &'p [u8],
    account: &'p [u8],
    check: &'p [u8],
}

/// Appends the IBAN.
fn build(country: &[u8], parts: &Parts<'_>, out: &mut Vec<u8>) -> Option<()> {
    let structure = iban::structure(country)?;
    out.extend_from_slice(country);
    out.resize(structure.length, b'0');
    put(out, structure.bank.as_ref(), parts.bank, false)?;
    put(out, structure.branch.as_ref(), parts.branch, false)?;
    put(out, structure.account.as_ref(), parts.account, true)?;
    if let Some(range) = &structure.national {
        if parts.check.is_empty() {
            let (digits, length) = iban::national_digits(country, out)?;
            put(out, Some(range), digits.get(..length)?, false)?;
        } else {
            put(out, Some(range), parts.check, false)?;
        }
    } else if !parts.check.is_empty() {
        return None;
    }
    let digits = iban::check_digits(country, out.get(4..)?)?;
    out.get_mut(2..4)?.copy_from_slice(&digits);
    iban::check(out).map(|_| ())
}

/// Writes a part into its place, without its blanks and dashes; an account may be shorter.
fn put(out: &mut [u8], range: Option<&Range<usize>>, part: &[u8], fills: bool) -> Option<()> {
    let kept = || part.iter().filter(|it| !matches!(it, b' ' | b'-')).map(u8::to_ascii_uppercase);
    let Some(range) = range else { return (part.is_empty()).then_some(()) };
    let room = out.get_mut(range.clone())?;
    let missing = room.len().checked_sub(kept().count())?;
    if missing > 0 && !fills {
        return None;
    }
    for (place, byte) in room.iter_mut().skip(missing).zip(kept()) {
        *place = byte;
    }
    Some(())
}
