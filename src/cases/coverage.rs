//! Which rules, branches and rows of tables the cases of a mapping came to.

use super::{Case, Outcome};
use crate::catalog::Loaded;
use crate::engine::mapping::ast::{Arrow, SectionKind, TableClause};
use crate::engine::plan::{Mark, Plan};
use crate::engine::{RuleId, Span, What};
use std::collections::{BTreeMap, BTreeSet};

/// Parts of a mapping of one kind.
#[derive(Debug)]
pub struct Coverage {
    /// `rules`, `branches`, `table rows`.
    pub what: &'static str,
    /// How many there are.
    pub all: usize,
    /// Those that no case came to: the place, the words.
    pub missed: Vec<(String, String)>,
}

/// What the cases of a mapping came to, in both directions.
pub fn coverage(loaded: &Loaded, cases: &[(Case, Outcome)]) -> Vec<Coverage> {
    let Some(plans) = &loaded.plans else { return Vec::new() };
    let mut all: [BTreeMap<(u32, bool), (Span, String)>; 3] = Default::default();
    let mut reached: [BTreeSet<(u32, bool)>; 3] = Default::default();
    for (plan, reverse) in [(Some(&plans.forth), false), (plans.back.as_ref(), true)] {
        let Some(plan) = plan else { continue };
        let way = match (plans.back.is_some(), reverse) {
            (false, _) => "",
            (true, false) => "  (forth)",
            (true, true) => "  (back)",
        };
        let words = |span: Span| loaded.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ") + way;
        let [rules, branches, rows] = &mut all;
        for (rule, mark) in &plan.marks {
            match (mark, plan.rule(*rule)) {
                (Mark::Wrote(..), Some(it)) => drop(rules.insert((it.span.start, reverse), (it.span, words(it.span)))),
                (Mark::Branch(span), _) => drop(branches.insert((span.start, reverse), (*span, words(*span)))),
                _ => {}
            }
        }
        for (_, span) in tables(loaded, plan).into_iter().flat_map(|it| rows_of(it, reverse)) {
            rows.insert((span.start, reverse), (span, words(span)));
        }
        for (case, outcome) in cases {
            if case.reverse == reverse {
                outcome.events.iter().for_each(|it| reach(loaded, plan, (it.rule, &it.what), reverse, &mut reached));
            }
        }
    }
    let kinds = ["rules", "branches", "table rows"];
    let parts = kinds.into_iter().zip(all).zip(reached).map(|((what, all), reached)| {
        let missed = all.iter().filter(|(key, _)| !reached.contains(key)).map(|(_, (span, words))| {
            let place = format!("{}:{}", loaded.sources.path(span.file), loaded.sources.position(*span).line);
            (place, words.clone())
        });
        Coverage { what, missed: missed.collect(), all: all.len() }
    });
    parts.filter(|it| it.all > 0).collect()
}

fn reach(loaded: &Loaded, plan: &Plan, (rule, what): (RuleId, &What), reverse: bool, reached: &mut [BTreeSet<(u32, bool)>; 3]) {
    let [rules, branches, rows] = reached;
    match what {
        What::Wrote(..) => {
            rules.extend(plan.rule(rule).map(|it| (it.span.start, reverse)));
        }
        What::Branch(mark) => {
            if let Some((_, Mark::Branch(span))) = plan.marks.get(*mark as usize) {
                branches.insert((span.start, reverse));
            }
        }
        What::Called { label, row: Some(row), .. } => {
            let table = tables(loaded, plan).into_iter().find(|it| it.name.text == table_name(label));
            let rows_there = table.map(|it| rows_of(it, reverse)).unwrap_or_default();
            rows.extend(rows_there.into_iter().find(|(number, _)| number == row).map(|(_, span)| (span.start, reverse)));
        }
        _ => {}
    }
}

/// The tables that a plan asks.
fn tables<'a>(loaded: &'a Loaded, plan: &Plan) -> Vec<&'a TableClause> {
    let asked: BTreeSet<&str> = plan.labels().map(table_name).collect();
    let files = std::iter::once(&loaded.unit.ast).chain(loaded.unit.libraries.iter().map(|(_, ast)| ast));
    let sections = files.flat_map(|it| &it.sections);
    let tables = sections.filter_map(|it| if let SectionKind::Table(table) = &it.kind { Some(table) } else { None });
    tables.filter(|it| asked.contains(it.name.text.as_str())).collect()
}

/// `| status/reason` asks the table `status`.
fn table_name(label: &str) -> &str {
    let name = label.trim_start_matches('|').trim_start();
    name.split(|it: char| it == '/' || it == '(' || it.is_whitespace()).next().unwrap_or(name)
}

/// The rows of a table that serve one way, numbered as they are asked.
fn rows_of(table: &TableClause, reverse: bool) -> Vec<(u32, Span)> {
    let serves = |arrow: Arrow| arrow == Arrow::Both || (arrow == Arrow::Back) == reverse;
    (0..).zip(table.rows.iter().filter(|it| serves(it.arrow)).map(|it| it.span)).collect()
}
