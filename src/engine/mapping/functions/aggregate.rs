//! Counts, sums and totals, of what came in or of what was really written.

use super::number::{made, target_size};
use super::{Function, Site, Way, example};
use crate::call::Run;
use crate::mapping::hir::{FoldKind, Value, ValueKind};
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::{Decimal, FaultCode, Number, Type};

pub(super) static COUNT: Function = Function {
    name: "count",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "count(path)   | count(written path)",
    summary: "How many there are; of what was written, after filters and rejects. Takes the target's size; what does not fit rejects the file [AM18]",
    faults: &[FaultCode::MapCount],
    class: Class::Generated,
    examples: &[example("count(list(\"a\", \"b\"))", "2")],
    takes_list: true,
    check: |site| {
        let over = argument(site)?;
        let typed = Typed { elastic: true, ..made(Number::integer(10, false)) };
        finish(site, FoldKind::Count, over, typed)
    },
};

pub(super) static SUM: Function = Function {
    name: "sum",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "sum(path)   | sum(written path)",
    summary: "The exact sum; of amounts, with their currency, which must be one. No item: 0, of amounts absent; more than 38 digits: bad [AM12], amounts of different currencies: bad [AM03]",
    faults: &[FaultCode::MapNumber, FaultCode::MapMixed],
    class: Class::Generated,
    examples: &[example("sum(list(1.50, 2))", "3.50"), example("sum(list(money(1, \"EUR\") | amount, 2))", "3")],
    takes_list: true,
    check: |site| {
        let over = argument(site)?;
        let typed = match over.operand() {
            Kind::Value(Type::Amount(number)) => {
                one_currency(site, &over)?;
                let typed = made(Number::default()).with(Type::Amount(grown(number, over.most())));
                Typed { currency: over.typed().currency, presence: Presence::Maybe, ..typed }
            }
            _ => match over.typed().digits() {
                Some(number) => made(grown(&number, over.most())),
                None => return over.not_numbers(site),
            },
        };
        finish(site, FoldKind::Sum, over, typed)
    },
};

/// The size of a sum: that of the operand, with as many digits more as the number of items has.
fn grown(number: &Number, most: Option<u32>) -> Number {
    let more = most.map_or(10, |it| it.max(1).ilog10() + 1);
    Number {
        integer_max: number.integer_max.map(|it| it + more),
        digits_max: number.digits_max.map(|it| it + more),
        decimals_max: number.decimals_max,
        signed: number.signed,
        ..Number::default()
    }
}

/// Amounts of different currencies have no sum.
fn one_currency(site: &mut Site<'_, '_>, over: &Over) -> Option<()> {
    let known = over.typed().currency.is_some_and(|it| site.resolver.same.contains(&it));
    if known {
        return Some(());
    }
    let span = over.span();
    let source = site.resolver.source_side();
    let schema = site.resolver.schema(source);
    let path = over.typed().currency.map(|it| (site.resolver.sources.slice(span).to_owned(), schema.name_of(it).to_owned()));
    let diagnostic = site.resolver.diagnostics.error("E211", span, "amounts of different currencies cannot be added");
    diagnostic.label("an amount with its currency").fix(
        "add the numbers, whatever they are:  | amount",
        span.after(),
        " | amount",
    );
    if let Some((path, currency)) = path {
        diagnostic.help(format!(
            "or make sure that there is one currency:  verify same({path}/{currency}) else reject \"AM03\" \"..\""
        ));
    }
    None
}

pub(super) static MIN: Function = Function {
    name: "min",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "min(path)   | min(written path)",
    summary: "The least; no item: absent",
    faults: &[],
    class: Class::Generated,
    examples: &[example("min(list(1.50, 2))", "1.50")],
    takes_list: true,
    check: |site| extreme(site, FoldKind::Min),
};

pub(super) static MAX: Function = Function {
    name: "max",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "max(path)   | max(written path)",
    summary: "The greatest; no item: absent",
    faults: &[],
    class: Class::Generated,
    examples: &[example("max(list(1.50, 2))", "2")],
    takes_list: true,
    check: |site| extreme(site, FoldKind::Max),
};

fn extreme(site: &mut Site<'_, '_>, kind: FoldKind) -> Option<Value> {
    let over = argument(site)?;
    let typed = match over.typed().digits() {
        Some(number) => Typed { presence: Presence::Maybe, ..made(Number { digits_max: None, ..number }) },
        None => return over.not_numbers(site),
    };
    finish(site, kind, over, typed)
}

pub(super) static SAME: Function = Function {
    name: "same",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "same(path)",
    summary: "Whether all values are equal",
    faults: &[],
    class: Class::Generated,
    examples: &[example("same(list(\"EUR\", \"EUR\"))", "true"), example("same(list(\"EUR\", \"USD\"))", "false")],
    takes_list: true,
    check: |site| {
        let over = argument(site)?;
        finish(site, FoldKind::Same, over, Typed::new(Type::YesNo))
    },
};

pub(super) static HASH_TOTAL: Function = Function {
    name: "hash-total",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "hash-total(written path, last: 10, letters: zero)",
    summary: "The sum of the last n characters (without trailing blanks) of each value read as digits, kept to the target's digits by dropping on the left; letters count as zero, or reject the record [FF01]",
    faults: &[FaultCode::MapFacet],
    class: Class::Generated,
    examples: &[example("hash-total(list(\"12345678\", \"98765432X\"), last: 8, letters: zero)", "99999998").to("number(8, 0)")],
    takes_list: true,
    check: |site| {
        let Some(last) = site.named("last") else {
            return site.wrong("how many characters count must be said");
        };
        let last = site.integer(last)?;
        let Some(letters) = site.named("letters") else { return site.wrong("what letters do must be said") };
        let letters_are_zero = site.word(letters, &[("zero", true), ("reject", false)])?;
        if last == 0 || last > 18 {
            return site.wrong("the number of characters is from 1 to 18");
        }
        let digits = target_size(site)?.integer_max.unwrap_or(18).min(18);
        let over = argument(site)?;
        if !matches!(over.operand(), Kind::Value(Type::Text(_) | Type::Number(_))) {
            return over.not_numbers(site);
        }
        let typed = made(Number::integer(digits, false));
        finish(site, FoldKind::Hash { last, digits, letters_are_zero }, over, typed)
    },
};

pub(super) static POSITION: Function = Function {
    name: "position",
    family: "Repeats, totals, order",
    way: Way::Function,
    usage: "position()",
    summary: "1, 2, 3 .. of what is being written, after filters; per output file. Takes the target's size; what does not fit rejects the file [AM18]",
    faults: &[FaultCode::MapCount],
    class: Class::Generated,
    examples: &[example("position()", "1")],
    takes_list: true,
    check: |site| {
        if site.resolver.current_node().is_none() {
            return site.wrong("nothing is repeated here");
        }
        let typed = Typed { elastic: true, ..made(Number::integer(10, false)) };
        let run = Run::new(|call| call.give_number(Decimal::integer(i128::from(call.position))));
        ordered(site, typed, Vec::new(), run)
    },
};

pub(super) static NEXT: Function = Function {
    name: "next",
    family: "Repeats, totals, order",
    way: Way::Context,
    usage: "next(sequence)",
    summary: "The next number of a declared sequence; the same key gives the same number again, and without its key there is none [FF01]. Past its digits it rejects the file [NARR]",
    faults: &[FaultCode::MapSequence, FaultCode::MapAbsent],
    class: Class::Generated,
    examples: &[example("next(tickets)", "1")],
    takes_list: true,
    check: |site| {
        let Some(arg) = site.positional() else { return site.wrong("the sequence is missing") };
        let Some(name) = super::word_of(&arg.value) else {
            return site.wrong_at(arg.value.span, "this must be the name of a sequence");
        };
        let Some(sequence) = site.resolver.sequence(&name) else {
            return site.wrong_at(arg.value.span, "there is no sequence of this name");
        };
        let mut keys = Vec::new();
        for key in &sequence.keyed_by {
            keys.push(site.resolver.value(key, crate::mapping::resolve::Want::PLAIN)?);
        }
        let digits = sequence.digits;
        let limit = 10_u64.saturating_pow(digits);
        let typed = Typed { presence: Presence::Always, ..made(Number::integer(digits, false)) };
        let run = Run::new(move |call| {
            // Parts with a bar between them, and a backslash before a bar of their own: no two keys are alike.
            call.scratch.clear();
            // By what is absent no message is known again, and all without a key would have one number.
            if !call.args.is_empty() && call.args.iter().all(|it| crate::call::is_nothing(*it)) {
                return Err(FaultCode::MapAbsent);
            }
            for at in 0..call.args.len() {
                let crate::call::Call { record, part, scratch, args, .. } = call;
                if at > 0 {
                    scratch.push(b'|');
                }
                let key = args.get(at).copied().unwrap_or(crate::Slot::ABSENT);
                if let Some(number) = record.number_of(key) {
                    number.write(scratch);
                }
                for byte in record.bytes(key, part) {
                    if matches!(byte, b'|' | b'\\') {
                        scratch.push(b'\\');
                    }
                    scratch.push(*byte);
                }
            }
            let number = call.store.next(&name, call.scratch);
            if number >= limit {
                return Err(FaultCode::MapSequence);
            }
            call.give_number(Decimal::integer(i128::from(number)))
        });
        let mut value = ordered(site, typed, keys, run)?;
        if let ValueKind::Call(call) = &mut value.kind {
            call.strictness = crate::call::Strictness::Lenient;
        }
        value.typed.presence = Presence::Always;
        Some(value)
    },
};

/// A value that must be worked out in the order of the records.
fn ordered(site: &mut Site<'_, '_>, typed: Typed, args: Vec<Value>, run: Run) -> Option<Value> {
    let mut value = site.give(typed, args, run)?;
    if let ValueKind::Call(call) = &mut value.kind {
        call.ordered = true;
    }
    Some(value)
}

// ---- what an aggregate goes over -------------------------------------------------------------------------------------

use crate::mapping::resolve::Over;

fn argument(site: &mut Site<'_, '_>) -> Option<Over> {
    let Some(arg) = site.positional() else { return site.wrong("what it goes over is missing") };
    site.resolver.over(&arg.value)
}

fn finish(site: &mut Site<'_, '_>, kind: FoldKind, over: Over, typed: Typed) -> Option<Value> {
    site.no_more()?;
    let typed = Typed { secret: over.typed().secret, ..typed };
    let span = site.span;
    Some(site.resolver.fold(kind, over, typed, span))
}
