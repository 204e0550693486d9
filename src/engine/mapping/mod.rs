//! The mapping language: text to tree, names to fields, fields to plan. Nothing of it is alive when a message runs.

pub mod ast;
mod evaluate;
mod functions;
mod hir;
mod resolve;
mod lex;
mod lower;
mod parse;
pub(crate) mod picture;
mod typed;
mod visit;

#[doc(hidden)]
pub use evaluate::{evaluate, evaluate_often};
pub use functions::{ALL as FUNCTIONS, Example, Function, Way};
pub use parse::{parse, parse_path, parse_select, parse_value};
pub use resolve::{Law, Side, Unit};

use crate::plan::Plan;
use crate::{Diagnostics, Limits, Sources, Type};
use ast::{Role, SectionKind};
use resolve::Direction;
use std::sync::Arc;

/// The fields of a memo: the name, whether it may be absent, the type.
pub type MemoFields = Vec<(String, bool, Type)>;

/// The plans of a mapping.
#[derive(Debug)]
pub struct Plans {
    /// From the left side to the right.
    pub forth: Arc<Plan>,
    /// From the `and` side to the `between` side, of a two-way mapping.
    pub back: Option<Arc<Plan>>,
    /// What its author says of both directions together.
    pub laws: Vec<Law>,
    /// Its memos, by name.
    pub memos: Vec<(String, MemoFields)>,
}

/// Compiles a mapping against the schemas of its sides. Mistakes go to `diagnostics`; with an error among them there are no
/// plans. The stages: names to fields with their types ([`resolve`]), fields to slots and steps ([`lower`]).
/// Plans that are `telling` say what they do while they run, for a session that listens.
pub fn compile(
    unit: &Unit,
    sides: &[Side],
    sources: &Sources,
    (limits, telling): (&Limits, bool),
    diagnostics: &mut Diagnostics,
) -> Option<Plans> {
    let two_way = sides.iter().any(|it| matches!(it.role, Role::Between | Role::And));
    let forth = resolve::resolve(unit, sides, (Direction::Forth, limits), sources, diagnostics);
    let back = two_way.then(|| {
        let mut own = Diagnostics::default();
        let back = resolve::resolve(unit, sides, (Direction::Back, limits), sources, &mut own);
        diagnostics.append_new(own);
        back
    });
    // What is said of a table that cannot be read backwards is not said again of each law.
    let known = back.as_ref().filter(|_| diagnostics.iter().all(|it| it.code != "E601"));
    let laws = known.map(|back| resolve::check_laws(unit, sides, [&forth, back], sources, diagnostics)).unwrap_or_default();
    if diagnostics.has_errors() {
        return None;
    }
    let memos = forth.memos.iter().map(|it| (it.name.clone(), it.fields.clone())).collect();
    let (name, version) = named(unit);
    let naming = lower::Naming { sources, name, version, telling };
    let forth = lower::lower(forth, sides, &naming, limits, diagnostics);
    let back = back.map(|it| lower::lower(it, sides, &naming, limits, diagnostics));
    (!diagnostics.has_errors()).then(|| Plans { forth: Arc::new(forth), back: back.map(Arc::new), laws, memos })
}

/// The names of the text elements that a mapping writes into the detail of a side's fault, in the order written: no schema
/// declares them.
pub fn fault_details(ast: &ast::Ast, alias: &str) -> Vec<String> {
    visit::fault_details(ast, alias)
}

/// The calendars that a mapping names, the built-in one apart, each with its place.
pub fn calendars(ast: &ast::Ast) -> Vec<(String, crate::Span)> {
    let mut found = Vec::new();
    visit::arguments(ast, &mut |arg| {
        if arg.name.as_ref().is_some_and(|it| it.text == "calendar")
            && let ast::ExprKind::Text(name) = &arg.value.kind
            && name != "TARGET"
        {
            found.push((name.clone(), arg.value.span));
        }
    });
    found
}

/// The name and version of a mapping; a file without them is a library.
pub fn named(unit: &Unit) -> (&str, &str) {
    let section = unit.ast.sections.iter().find_map(|it| match &it.kind {
        SectionKind::Mapping { name, version, .. } => Some((name.text.as_str(), version.text.as_str())),
        _ => None,
    });
    section.unwrap_or(("", ""))
}

/// The name of a list that was probably meant: at most a third of its letters differ.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let scored = known.into_iter().map(|it| (distance(&wanted, &it.to_lowercase()), it));
    let (distance, near) = scored.min_by_key(|(distance, it)| (*distance, it.len()))?;
    let longest = name.chars().count().max(near.chars().count());
    // Of a single letter nothing would be left.
    (distance < longest && distance <= (longest / 3).max(1)).then_some(near)
}

/// Whether a field can be named without backticks.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let name = name.strip_prefix('@').unwrap_or(name);
    name.starts_with(|it: char| it.is_alphabetic())
        && name.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '_')
        && !name.ends_with('-')
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    let cell = |rows: &[Vec<usize>], i: usize, j: usize| rows.get(i).and_then(|it| it.get(j)).copied().unwrap_or(usize::MAX / 2);
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let left = row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut least = (cell(&rows, i, j) + usize::from(x != y)).min(cell(&rows, i, j + 1) + 1).min(left + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(cell(&rows, i - 1, j - 1) + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    cell(&rows, a.len(), b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant() {
        let known = ["InstrId", "EndToEndId", "TxId", "UETR", "ClrSysRef"];
        assert_eq!(nearest("EndToEndID", known), Some("EndToEndId"));
        assert_eq!(nearest("ibna", ["name", "iban", "bic", "address"]), Some("iban"));
        assert_eq!(nearest("Creditor", known), None);
        assert_eq!(nearest("INSTNT", ["BATCH", "INSTANT"]), Some("INSTANT"));
        assert_eq!(nearest("CVOE", ["INDA", "INGA", "COVE", "CLRG"]), Some("COVE"));
    }
}
