//! Works out a value without sides, by the resolver, the plan and the machine that mappings have: the examples of the manual.

use super::ast::Ast;
use super::lower::{Naming, lower_value};
use super::resolve::{Alone, Unit, resolve_value};
use super::{Example, parse, parse::parse_type, parse_value};
use crate::call::{Context, Store, is_nothing};
use crate::machine::{Around, Machine};
use crate::plan::Plan;
use crate::{Diagnostics, Limits, Slot, SlotKind, Sources, Type};

/// What the value stands in: a mapping with a zone and a sequence.
const MAPPING: &str = "latimer 1
mapping example version \"1\"
policy { time-zone = \"UTC\" }
sequence tickets digits 6
";

/// The value of an expression as text (see [`Example::gives`]); or what is wrong with it, one diagnostic a line.
#[doc(hidden)]
pub fn evaluate(expression: &str, into: Option<&str>, back: bool, context: &Context) -> Result<String, String> {
    evaluate_often(expression, into, back, context, 1)
}

/// The same, worked out so many times with one machine, as so many messages would be: what that allocates can be measured.
#[doc(hidden)]
pub fn evaluate_often(expression: &str, into: Option<&str>, back: bool, context: &Context, times: u32) -> Result<String, String> {
    let mut sources = Sources::default();
    let mapping = sources.add("example.map", MAPPING);
    let file = sources.add("the expression", expression);
    let kind = into.map(|it| sources.add("the type", it));
    let mut diagnostics = Diagnostics::default();
    let ast = parse(&sources, mapping, &mut diagnostics);
    let expr = parse_value(&sources, file, &mut diagnostics);
    let into = kind.map(|it| parse_type(&sources, it, &mut diagnostics));
    let (Some(expr), Some(into)) = (expr, into.map_or(Some(None), |it| it.map(Some))) else {
        return Err(said(&diagnostics));
    };
    let unit = Unit { file: mapping, ast, libraries: Vec::<(_, Ast)>::new() };
    let alone = Alone { expr: &expr, into: into.as_ref(), back };
    let resolved = resolve_value(&unit, &alone, &sources, &mut diagnostics);
    let Some(resolved) = resolved.filter(|_| !diagnostics.has_errors()) else { return Err(said(&diagnostics)) };
    let is_bytes = matches!(resolved.1.typed.value(), Some(Type::Bytes(..))) && resolved.2.is_none();
    let naming = Naming { sources: &sources, name: "example", version: "1", telling: false };
    let (plan, program, place) = lower_value(resolved, &naming, &Limits::default(), &mut diagnostics);
    let mut store = Tickets::default();
    let mut machine = Machine::new(&plan);
    machine.context = context.clone();
    machine.position = 1;
    for _ in 0..times {
        machine.faults.clear();
        machine.losses.clear();
        machine.record.begin(0, 0);
        for (arena, shape) in (0_u16..).zip(&plan.arenas).skip(1) {
            if shape.level != crate::ArenaShape::FOR_EVER {
                machine.record.renew(arena);
            }
        }
        let mut around = Around { plan: &plan, part: b"", store: &mut store };
        machine.run(&mut around, &plan.prelude);
        machine.run(&mut around, &program);
    }
    Ok(shown(&machine, &plan, machine.record.get(place), is_bytes))
}

impl Example {
    /// What it gives in truth.
    #[doc(hidden)]
    pub fn evaluate(&self, context: &Context) -> Result<String, String> {
        evaluate(self.call, self.into, self.back, context)
    }
}

fn said(diagnostics: &Diagnostics) -> String {
    let lines: Vec<_> = diagnostics.iter().map(|it| format!("{}: {}", it.code, it.message)).collect();
    lines.join("\n")
}

fn shown(machine: &Machine, plan: &Plan, slot: Slot, is_bytes: bool) -> String {
    if let Some(noted) = machine.faults.first() {
        let own = noted.refusal.and_then(|it| plan.refusals.get(usize::from(it)));
        return format!("bad {}", own.map_or(noted.fault.code.reason(), |it| it.code.as_str()));
    }
    text_of(machine, slot, is_bytes)
}

fn text_of(machine: &Machine, slot: Slot, is_bytes: bool) -> String {
    let parts = || machine.record.items(slot).iter().map(|it| text_of(machine, *it, is_bytes)).collect::<Vec<_>>();
    match slot.kind() {
        SlotKind::List => format!("[{}]", parts().join(", ")),
        SlotKind::Amount => parts().join(" "),
        SlotKind::Number => machine.record.number_of(slot).map_or(String::new(), |it| it.to_string()),
        _ if is_nothing(slot) => "absent".to_owned(),
        _ if is_bytes => machine.record.bytes(slot, b"").iter().map(|it| format!("{it:02X}")).collect(),
        _ => String::from_utf8_lossy(machine.record.bytes(slot, b"")).into_owned(),
    }
}

/// A store that counts and forgets.
#[derive(Debug, Default)]
struct Tickets(u64);

impl Store for Tickets {
    fn next(&mut self, _sequence: &str, _key: &[u8]) -> u64 {
        self.0 += 1;
        self.0
    }

    fn recall(&mut self, _memo: &str, _key: &[u8], _fields: &mut dyn FnMut(usize, Option<&[u8]>)) -> bool {
        false
    }

    fn remember(&mut self, _memo: &str, _key: &[u8], _fields: &[Option<&[u8]>]) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{FUNCTIONS, Way};

    /// The time of the examples, and what their identifiers are made of.
    fn context() -> Context {
        let now = "2026-01-02T12:00:00Z".parse().unwrap();
        Context { now, file_name: "orders.json".into(), message: 1 }
    }

    #[test]
    fn every_page_has_an_example_and_names_its_faults() {
        let mut unsaid = Vec::new();
        let mut names: Vec<_> = FUNCTIONS.iter().map(|it| it.name).collect();
        for function in FUNCTIONS {
            assert!(!function.examples.is_empty(), "{}", function.name);
            assert!(function.examples.iter().any(|it| it.call.contains(function.name)), "{}", function.name);
            for bad in function.examples.iter().filter_map(|it| it.gives.strip_prefix("bad ")) {
                assert!(function.faults.iter().any(|it| it.reason() == bad), "{}: {bad}", function.name);
            }
            for fault in function.faults {
                let said = format!("[{}]", fault.reason());
                let is_said = function.summary.contains(&said);
                if !is_said {
                    unsaid.push(format!("{}: {said} is not in its summary", function.name));
                }
            }
        }
        assert!(unsaid.is_empty(), "\n{}", unsaid.join("\n"));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FUNCTIONS.len());
    }

    #[test]
    fn mistakes_are_told_and_not_worked_out() {
        for (call, told) in [
            ("\"abc\" | uper", "E102: there is no adapter or table `uper`"),
            ("\"abc\" | keep(digit)", "E103: `keep` is used wrongly: this must be one of `digits`"),
            ("\"abc\" | chars(0, 2)", "E103: `chars` is used wrongly: characters are counted from 1"),
            ("\"abc\" | cut(3, 4)", "E103: `cut` is used wrongly: it does not take this"),
            ("\"260101\" | date(\"YYMMDD\")", "E103: `date` is used wrongly: a year of two digits needs a window"),
            ("now() | date(\"YYYYMMDD\")", "E204: `date` works on a date or a text"),
            ("\"x\" | minor-units", "E103: `minor-units` is used wrongly: the currency is missing"),
            ("divide(1, 2, decimals: 2)", "E103: `divide` is used wrongly: the rounding must be said"),
            ("\"a\" | first(2)", "E204: `first` works on a list"),
            ("list(1, \"a\") | sort", "E204: `list` works on values of one kind"),
        ] {
            let why = evaluate(call, None, false, &context()).unwrap_err();
            assert!(why.starts_with(told), "{call}: {why}");
        }
    }

    #[test]
    fn a_page_has_all_there_is_to_know() {
        let page = FUNCTIONS.iter().find(|it| it.name == "iban").unwrap().page();
        for words in ["iban   <->   Identifiers", "| iban", "mod 97", "AC01 (not an IBAN)", "keeps    guarded", "gives  bad AC01"]
        {
            assert!(page.contains(words), "{words} is not in\n{page}");
        }
    }

    /// For every two-way adapter: forth, back and forth again gives what forth gave.
    #[test]
    fn what_came_back_goes_forth_to_the_same() {
        let context = context();
        let run = |call: &str, into, back| evaluate(call, into, back, &context).unwrap_or_else(|why| format!("error {why}"));
        let (mut tried, mut wrong) = (0, Vec::new());
        for function in FUNCTIONS.iter().filter(|it| it.way == Way::Both) {
            for example in function.examples.iter().filter(|it| !it.back && !it.gives.starts_with("bad")) {
                let Some((first, adapter)) = example.call.rsplit_once(" | ") else { continue };
                let is_literal = first.starts_with(|it: char| it == '"' || it == '-' || it.is_ascii_digit());
                if !is_literal || first.contains('|') || !adapter.starts_with(function.name) {
                    continue;
                }
                let back = run(&format!("({}) | {adapter}", example.call), example.into, true);
                let is_number = back.starts_with(|it: char| it == '-' || it.is_ascii_digit());
                let literal = if first.starts_with('"') || !is_number { format!("\"{back}\"") } else { back.clone() };
                let again = run(&format!("{literal} | {adapter}"), example.into, false);
                if again != example.gives {
                    wrong.push(format!("{} came back as {back}, and went forth to {again}", example.call));
                }
                tried += 1;
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        assert!(tried > 50, "{tried}");
    }

    #[test]
    fn every_example_gives_what_it_says() {
        let mut wrong = Vec::new();
        for function in FUNCTIONS {
            for example in function.examples {
                let given = example.evaluate(&context()).unwrap_or_else(|why| format!("error {why}"));
                if given != example.gives {
                    let way = if example.back { " (back)" } else { "" };
                    wrong.push(format!("{}: {}{way} gives {given}, not {}", function.name, example.call, example.gives));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
