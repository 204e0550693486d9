//! Walks a tree of names.

use super::ast::{
    Arg, Ast, BothRule, Expr, ExprKind, FragmentBody, Link, LoopTail, Often, OtherCase, Path, Rule, RuleKind, SectionKind,
    TestStep,
};

/// The names below `detail` in the blocks of `write ALIAS fault`, in the order written.
pub(super) fn fault_details(ast: &Ast, alias: &str) -> Vec<String> {
    let mut names = Vec::new();
    for section in &ast.sections {
        let SectionKind::Write(clause) = &section.kind else { continue };
        if clause.fault && clause.path.segments.first().is_some_and(|it| it.name.text == alias) {
            details(&clause.block, false, &mut names);
        }
    }
    names
}

fn details(rules: &[Rule], within: bool, names: &mut Vec<String>) {
    for rule in rules {
        match &rule.kind {
            RuleKind::Group { path, block, .. }
                if !within && matches!(path.segments.as_slice(), [one] if one.name.text == "detail") =>
            {
                details(block, true, names);
            }
            RuleKind::Constant { path, .. } | RuleKind::Copy { path, .. } => note_detail(path, within, names),
            RuleKind::Assign { target, .. } => target.paths.iter().for_each(|it| note_detail(it, within, names)),
            _ => {}
        }
    }
}

fn note_detail(path: &Path, within: bool, names: &mut Vec<String>) {
    let mut segments = path.segments.iter().map(|it| it.name.text.as_str());
    let is_below = within || segments.next() == Some("detail");
    let name = if is_below { segments.next() } else { None };
    if let Some(name) = name.filter(|name| !names.iter().any(|it| it == name)) {
        names.push(name.to_owned());
    }
}

/// Visits every argument of every call.
pub(super) fn arguments(ast: &Ast, visit: &mut dyn FnMut(&Arg)) {
    expressions(ast, &mut |expr| {
        let args: Vec<&Arg> = match &expr.kind {
            ExprKind::Call(_, args) => args.iter().collect(),
            ExprKind::Chain(_, links, _) => links
                .iter()
                .filter_map(|it| match it {
                    Link::Adapter(adapter) => Some(&adapter.args),
                    _ => None,
                })
                .flatten()
                .collect(),
            _ => Vec::new(),
        };
        args.into_iter().for_each(&mut *visit);
    });
}

/// Visits every expression, outer ones first.
pub(super) fn expressions(ast: &Ast, visit: &mut dyn FnMut(&Expr)) {
    for section in &ast.sections {
        match &section.kind {
            SectionKind::Side(clause) => clause.select.iter().for_each(|(_, it)| walk(it, visit)),
            SectionKind::Lookup(clause) => clause.keys.iter().filter_map(|(_, it)| it.as_ref()).for_each(|it| walk(it, visit)),
            SectionKind::Sequence { keyed_by, .. } => keyed_by.iter().for_each(|it| walk(it, visit)),
            SectionKind::Remember { value, fields, .. } => {
                walk(value, visit);
                fields.iter().for_each(|(_, it)| walk(it, visit));
            }
            SectionKind::Fragment(clause) => match &clause.body {
                FragmentBody::Value(_, value) => walk(value, visit),
                FragmentBody::Rules(rules) => walk_rules(rules, visit),
            },
            SectionKind::Verify { cond, .. } => walk(cond, visit),
            SectionKind::FilePer { value, .. } => walk(value, visit),
            SectionKind::Write(clause) => {
                if let Often::Each(_, tail) = &clause.often {
                    walk_tail(tail, visit);
                }
                clause.guard.iter().for_each(|it| walk(it, visit));
                walk_rules(&clause.block, visit);
            }
            SectionKind::Pair(pair) => walk_rules(&pair.block, visit),
            SectionKind::OnlyTo { block, .. } | SectionKind::OnReject { block, .. } => walk_rules(block, visit),
            SectionKind::Test(test) => {
                for step in &test.steps {
                    match step {
                        TestStep::Given(_, fields) => fields.iter().for_each(|(_, it)| walk(it, visit)),
                        TestStep::Expect(_, value) => walk(value, visit),
                        _ => {}
                    }
                }
            }
            SectionKind::Change { rule, .. } => walk_rules(std::slice::from_ref(&**rule), visit),
            _ => {}
        }
    }
}

fn walk_tail(tail: &LoopTail, visit: &mut dyn FnMut(&Expr)) {
    tail.group_by.iter().flat_map(|(values, _)| values).for_each(|it| walk(it, visit));
}

fn walk_rules(rules: &[Rule], visit: &mut dyn FnMut(&Expr)) {
    for rule in rules {
        match &rule.kind {
            RuleKind::Constant { value, when, .. }
            | RuleKind::Assign { value, when, .. }
            | RuleKind::Header { value, when, .. }
            | RuleKind::Right { value, when, .. } => {
                walk(value, visit);
                when.iter().for_each(|it| walk(it, visit));
            }
            RuleKind::Each { tail, guard, block, .. } => {
                walk_tail(tail, visit);
                guard.iter().for_each(|it| walk(it, visit));
                walk_rules(block, visit);
            }
            RuleKind::Group { when, block, .. } => {
                when.iter().for_each(|it| walk(it, visit));
                walk_rules(block, visit);
            }
            RuleKind::ChooseOn { cases, other, .. } => {
                cases.iter().for_each(|(_, block)| walk_rules(block, visit));
                if let Some(OtherCase::Block(block)) = other {
                    walk_rules(block, visit);
                }
            }
            RuleKind::Both(BothRule { adapters, else_right, else_left, when, .. }) => {
                adapters.iter().flat_map(|it| &it.args).for_each(|it| walk(&it.value, visit));
                [else_right, else_left, when].into_iter().flatten().for_each(|it| walk(it, visit));
            }
            RuleKind::Pair(pair) => walk_rules(&pair.block, visit),
            RuleKind::Copy { .. } | RuleKind::Let(_) => {}
        }
    }
}

/// Visits an expression and those within, outer ones first.
pub(super) fn walk(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Call(_, args) => args.iter().for_each(|it| walk(&it.value, visit)),
        ExprKind::Tuple(values) => values.iter().for_each(|it| walk(it, visit)),
        ExprKind::Choose(branches) => {
            for (value, cond) in branches {
                walk(value, visit);
                cond.iter().for_each(|it| walk(it, visit));
            }
        }
        ExprKind::Binary(_, a, b) | ExprKind::Compare(_, a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            walk(a, visit);
            walk(b, visit);
        }
        ExprKind::Is(inner, ..) | ExprKind::Not(inner) => walk(inner, visit),
        ExprKind::Chain(first, links, _) => {
            walk(first, visit);
            for link in links {
                match link {
                    Link::Adapter(adapter) => adapter.args.iter().for_each(|it| walk(&it.value, visit)),
                    Link::Else(value) => walk(value, visit),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}
