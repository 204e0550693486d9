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
    let naming = Naming { sources: &sources, name: "example", version: "1" };
    let (plan, program, place) = lower_value(resolved, &naming, &Limits::default(), &mut diagnostics);
    let mut store = Tickets::default();
    let mut machine = Machine::new(&plan);
    machine.context = context.clone();
    machine.position = 1;
    machine.record.begin(0, 0);
    for (arena, shape) in (0_u16..).zip(&plan.arenas).skip(1) {
        if shape.level != crate::ArenaShape::FOR_EVER {
            machine.record.renew(arena);
        }
    }
    let mut around = Around { plan: &plan, part: b"", store: &mut store };
    machine.run(&mut around, &plan.prelude);
    machine.run(&mut around, &program);
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
    use crate::mapping::FUNCTIONS;

    /// The time of the examples, and what their identifiers are made of.
    fn context() -> Context {
        let now = "2026-01-02T12:00:00Z".parse().unwrap();
        Context { now, file_name: "orders.json".to_owned(), message: 1, seed: std::array::from_fn(|it| it as u8) }
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
