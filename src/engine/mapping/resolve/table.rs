//! Code tables and look-ups.

use super::Resolver;
use super::value::Want;
use crate::call::{Run, Strictness, is_nothing};
use crate::mapping::ast::{Adapter, Arg, Arrow, Cell, CellKind, LookupClause, Name, Row, TableClause};
use crate::mapping::hir::{CallValue, RejectId, Rejection, Value, ValueKind};
use crate::mapping::typed::{Class, Kind, Presence, Typed};
use crate::{Diagnostics, FaultCode, Slot, Sources, Span, Text, Type};
use std::collections::HashMap;
use std::sync::Arc;

/// A code table, checked.
#[derive(Debug)]
pub(crate) struct TableData {
    pub(crate) name: String,
    pub(crate) left: Vec<String>,
    pub(crate) right: Vec<String>,
    pub(crate) arrow: Arrow,
    pub(crate) rows: Vec<TableRow>,
    /// Right before the closing brace.
    pub(crate) end: Span,
}

/// A row.
#[derive(Debug)]
pub(crate) struct TableRow {
    pub(crate) left: Vec<Cell>,
    pub(crate) arrow: Arrow,
    pub(crate) right: Vec<Cell>,
    #[expect(dead_code, reason = "where a row is that cannot be read backwards")]
    pub(crate) span: Span,
}

/// Which way a table is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableWay {
    Forth,
    Back,
}

impl TableRow {
    /// What is asked and what is answered, if the row serves this way.
    pub(crate) fn cells(&self, way: TableWay) -> Option<(&[Cell], &[Cell])> {
        match (way, self.arrow) {
            (TableWay::Forth, Arrow::Forth | Arrow::Both) => Some((&self.left, &self.right)),
            (TableWay::Back, Arrow::Back | Arrow::Both) => Some((&self.right, &self.left)),
            _ => None,
        }
    }
}

impl TableData {
    /// Takes a table of the file; says what is wrong with its rows.
    pub(crate) fn of(clause: &TableClause, sources: &Sources, diagnostics: &mut Diagnostics) -> TableData {
        let names = |it: &[Name]| it.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
        let mut rows = Vec::new();
        for row in &clause.rows {
            for (cells, columns, side) in [(&row.left, &clause.left, "left"), (&row.right, &clause.right, "right")] {
                let is_reject = matches!(cells.as_slice(), [Cell { kind: CellKind::Reject(_), .. }]);
                if cells.len() != columns.len() && !is_reject {
                    diagnostics
                        .error(
                            "E103",
                            row.span,
                            format!("the row has {} on the {side}, the table {}", cells_of(cells.len()), columns.len()),
                        )
                        .help("write a cell for each column, `none` where there is no value");
                }
            }
            let serves = clause.arrow == Arrow::Both || clause.arrow == row.arrow;
            if !serves {
                diagnostics
                    .error("E103", row.arrow_span, "the table is not read this way")
                    .help("say `<->` between the columns of the table");
            }
            rows.push(TableRow { left: row.left.clone(), arrow: row.arrow, right: row.right.clone(), span: row.span });
        }
        for (at, row) in clause.rows.iter().enumerate().filter(|(_, it)| it.arrow == Arrow::Both) {
            let earlier = clause.rows.iter().take(at).filter(|it| it.arrow == Arrow::Both);
            not_invertible(row, earlier, sources, diagnostics);
        }
        TableData {
            name: clause.name.text.clone(),
            left: names(&clause.left),
            right: names(&clause.right),
            arrow: clause.arrow,
            rows,
            end: clause.end,
        }
    }

    fn columns(&self, way: TableWay) -> (&[String], &[String]) {
        match way {
            TableWay::Forth => (&self.left, &self.right),
            TableWay::Back => (&self.right, &self.left),
        }
    }

    fn serves(&self, way: TableWay) -> bool {
        self.arrow == Arrow::Both || (self.arrow == Arrow::Forth) == (way == TableWay::Forth)
    }
}

/// E601: a row that serves both ways must not share its cells with an earlier one, and every cell of it must be a value.
fn not_invertible<'r>(row: &Row, earlier: impl Iterator<Item = &'r Row>, sources: &Sources, diagnostics: &mut Diagnostics) {
    let kinds = |cells: &[Cell]| cells.iter().map(|it| it.kind.clone()).collect::<Vec<_>>();
    let is_open = |cells: &[Cell]| cells.iter().any(|it| matches!(it.kind, CellKind::Other | CellKind::Any));
    let one_way = |diagnostic: &mut crate::diagnostic::Diagnostic, by: &str| {
        let text = format!("make the row that must not be used going back one-way:  replace `<->` by `{by}`");
        diagnostic.fix(text, row.arrow_span, by);
    };
    let rejects = |cells: &[Cell]| cells.iter().any(|it| matches!(it.kind, CellKind::Reject(_)));
    if is_open(&row.left) || is_open(&row.right) || rejects(&row.left) || rejects(&row.right) {
        let left = is_open(&row.left) || rejects(&row.right);
        let diagnostic = diagnostics.error("E601", row.span, "this table cannot be read backwards");
        diagnostic.label("a cell that is no value").add_note("`other`, `any` and `reject` cannot be sent");
        one_way(diagnostic, if left { "->" } else { "<-" });
        return;
    }
    for before in earlier {
        let same_right = kinds(&before.right) == kinds(&row.right);
        if !same_right && kinds(&before.left) != kinds(&row.left) {
            continue;
        }
        let (side, way, by) = if same_right { ("right", "back", "->") } else { ("left", "forth", "<-") };
        let line = sources.position(before.span).line;
        let diagnostic = diagnostics.error("E601", row.span, "this table cannot be read backwards");
        diagnostic
            .label(format!("same codes on the {side} as an earlier row"))
            .add_note(format!("line {line}:  {}", sources.slice(before.span).trim_end()))
            .add_note(format!("going {way}, the engine would have to choose between the two"));
        one_way(diagnostic, by);
        return;
    }
}

/// Whether a cell matches a value: a code, `none` absence, `other` any value, `any` everything.
pub(crate) fn cell_matches(cell: &CellKind, value: Option<&[u8]>) -> bool {
    match (cell, value) {
        (CellKind::Text(code), Some(value)) => code.as_bytes() == trimmed(value),
        (CellKind::None, None) | (CellKind::Other, Some(_)) | (CellKind::Any, _) => true,
        _ => false,
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|it| **it == b' ').count();
    text.get(..text.len() - blanks).unwrap_or(text)
}

/// What a table is asked with: the values of a tuple, or one.
fn parts_of(typed: &Typed) -> Vec<Typed> {
    match &typed.kind {
        Kind::Tuple(parts) => parts.clone(),
        _ => vec![typed.clone()],
    }
}

impl Resolver<'_> {
    /// `value | table`, `value | table/column`.
    pub(crate) fn table(&mut self, input: Value, adapter: &Adapter, label: String) -> Option<Value> {
        self.table_way(input, adapter, label, TableWay::Forth)
    }

    /// A table read one way or the other.
    pub(crate) fn table_way(&mut self, input: Value, adapter: &Adapter, label: String, way: TableWay) -> Option<Value> {
        let table = Arc::clone(self.tables.get(&adapter.name.text)?);
        self.used.insert(table.name.clone());
        let name = adapter.name.span;
        if !table.serves(way) {
            self.diagnostics
                .error("E603", name, format!("table `{}` is not read this way", table.name))
                .help("say `<->` between its columns, and in the rows that serve both ways");
            return None;
        }
        let (asked, given) = table.columns(way);
        let parts = parts_of(&input.typed);
        if parts.len() != asked.len() {
            self.diagnostics
                .error("E103", name, format!("table `{}` is asked with {} values, not {}", table.name, asked.len(), parts.len()))
                .help(format!("its columns: {}", asked.join(", ")));
            return None;
        }
        for part in &parts {
            if part.as_text().is_none() && part.digits().is_none() && part.kind != Kind::Empty {
                self.diagnostics.error("E204", name, "a table is asked with texts").label(part.describe());
                return None;
            }
        }
        let column = match &adapter.column {
            Some(column) => match given.iter().position(|it| *it == column.text) {
                Some(at) => Some(at),
                None => {
                    let known = given.join(", ");
                    self.diagnostics
                        .error("E102", column.span, format!("table `{}` has no column `{}`", table.name, column.text))
                        .help(format!("its columns: {known}"));
                    return None;
                }
            },
            None => None,
        };
        self.rows_suffice(&table, way, &parts, &input, name)?;
        Some(self.table_value(&table, way, input, column, label, adapter.span))
    }

    /// E203: a code that no row covers.
    fn rows_suffice(&mut self, table: &TableData, way: TableWay, parts: &[Typed], input: &Value, name: Span) -> Option<()> {
        // The codes of each column; absence where it may be.
        let mut cases: Vec<Vec<Option<String>>> = vec![Vec::new()];
        for part in parts {
            let Some(text) = part.as_text().filter(|it| !it.codes.is_empty()) else { return Some(()) };
            let mut values: Vec<Option<String>> = text.codes.iter().cloned().map(Some).collect();
            if part.presence == Presence::Maybe && parts.len() > 1 {
                values.push(None);
            }
            cases = cases
                .iter()
                .flat_map(|case| values.iter().map(move |value| [case.clone(), vec![value.clone()]].concat()))
                .collect();
            if cases.len() > 4096 {
                return Some(());
            }
        }
        let covered = |case: &[Option<String>]| {
            let all_absent = case.iter().all(Option::is_none);
            all_absent || table.rows.iter().filter_map(|it| it.cells(way)).any(|(asked, _)| row_matches(asked, case))
        };
        let missing = cases.iter().find(|case| !covered(case));
        let Some(missing) = missing else { return Some(()) };
        let shown: Vec<_> = missing.iter().map(|it| it.as_ref().map_or("none".to_owned(), |it| format!("\"{it}\""))).collect();
        let words = self.sources.slice(self.words_of(input)).to_owned();
        let dash = vec!["other"; parts.len()].join(", ");
        let row =
            if way == TableWay::Forth { format!("{dash} -> reject \"NARR\"") } else { format!("reject \"NARR\" <- {dash}") };
        let help = if way == TableWay::Forth {
            "`other -> ...` or `other -> reject \"...\"`"
        } else {
            "`... <- other` or `reject \"...\" <- other`"
        };
        let diagnostic =
            self.diagnostics.error("E203", name, format!("table `{}` has no row for {}", table.name, shown.join(", ")));
        diagnostic.label("not every code is covered");
        if let [one] = parts {
            diagnostic.add_note(format!("`{words}` can be: {}", one.as_text().map_or(String::new(), |it| it.codes.join(", "))));
        }
        diagnostic.fix(
            format!("add the missing rows, or a last row {help}"),
            Span { end: table.end.start, ..table.end },
            format!("  {row}\n"),
        );
        None
    }

    fn table_value(
        &mut self,
        table: &Arc<TableData>,
        way: TableWay,
        input: Value,
        column: Option<usize>,
        label: String,
        span: Span,
    ) -> Value {
        let (_, given) = table.columns(way);
        let wanted: Vec<usize> = column.map_or_else(|| (0..given.len()).collect(), |it| vec![it]);
        let parts = parts_of(&input.typed);
        let all_absent = parts.iter().all(|it| it.presence != Presence::Always);
        let types: Vec<Typed> = wanted.iter().map(|at| self.column_type(table, way, *at, &parts, all_absent)).collect();
        let rejects: Vec<(String, RejectId)> = self.table_rejects(table, way);
        let lossy = self.is_many_to_one(table, way, &wanted);
        let table = Arc::clone(table);
        let single = types.len() == 1;
        let class = if lossy { Class::Reduced } else { Class::Canonical };
        let class = input.typed.class.max(class);
        let secret = input.typed.secret;
        let typed = match types.as_slice() {
            [one] => Typed { class, secret, ..one.clone() },
            _ => Typed { class, secret, presence: Presence::Maybe, ..Typed::of_kind(Kind::Tuple(types)) },
        };
        let rows = compiled(&table, way, &wanted, &rejects);
        let input_span = input.span;
        let args = match input.kind {
            ValueKind::Tuple(values) => values,
            _ => vec![input],
        };
        let run = Run::new(move |call| {
            let absent = (0..call.args.len()).all(|at| is_nothing(call.arg(at)));
            for (number, row) in (0_u32..).zip(&rows) {
                let matches = row.asked.iter().enumerate().all(|(at, cell)| {
                    let value = if is_nothing(call.arg(at)) { None } else { Some(call.bytes(at)) };
                    cell_matches(cell, value)
                });
                if !matches {
                    continue;
                }
                call.row = Some(number);
                if let Some(reject) = row.reject {
                    return Err(call.refuse(reject.0));
                }
                return Ok(row.give(call, single));
            }
            // Absent in every column passes as absent.
            if absent { Ok(Slot::ABSENT) } else { Err(FaultCode::MapCode) }
        });
        let call = CallValue { strictness: Strictness::Lenient, ..CallValue::new(run, args, label) };
        Value { kind: ValueKind::Call(Box::new(call)), typed, span: input_span.to(span) }
    }

    /// What a column can give.
    fn column_type(&self, table: &TableData, way: TableWay, column: usize, parts: &[Typed], may_be_absent: bool) -> Typed {
        let mut codes: Vec<String> = Vec::new();
        let mut maybe = may_be_absent;
        let codes_of = |at: usize| parts.get(at).and_then(|it| it.as_text()).map_or(&[][..], |it| it.codes.as_slice());
        for (asked, given) in table.rows.iter().filter_map(|it| it.cells(way)) {
            // A row for a code that never comes gives nothing.
            let comes = asked.iter().enumerate().all(|(at, cell)| match &cell.kind {
                CellKind::Text(code) if !codes_of(at).is_empty() => codes_of(at).contains(code),
                _ => true,
            });
            match given.get(column).map(|it| &it.kind) {
                Some(CellKind::Text(code)) if comes && !codes.contains(code) => codes.push(code.clone()),
                Some(CellKind::None) if comes => maybe = true,
                _ => {}
            }
        }
        let length = |it: &String| u32::try_from(it.chars().count()).unwrap_or(u32::MAX);
        let (min, max) = (codes.iter().map(length).min().unwrap_or(0), codes.iter().map(length).max());
        let presence = if maybe { Presence::Maybe } else { Presence::Always };
        Typed { presence, ..Typed::new(Type::Text(Text { min, max, codes, ..Text::default() })) }
    }

    fn table_rejects(&mut self, table: &TableData, way: TableWay) -> Vec<(String, RejectId)> {
        let mut rejects: Vec<(String, RejectId)> = Vec::new();
        for (_, given) in table.rows.iter().filter_map(|it| it.cells(way)) {
            for cell in given {
                if let CellKind::Reject(code) = &cell.kind
                    && !rejects.iter().any(|(it, _)| it == code)
                {
                    let text = Some(format!("table `{}` refuses the code", table.name));
                    let id = self.new_reject(Rejection { scope: None, code: code.clone(), text });
                    rejects.push((code.clone(), id));
                }
            }
        }
        rejects
    }

    /// Whether two rows give the same, so that the code that was asked is lost.
    fn is_many_to_one(&self, table: &TableData, way: TableWay, wanted: &[usize]) -> bool {
        let mut seen: Vec<Vec<&CellKind>> = Vec::new();
        for (asked, given) in table.rows.iter().filter_map(|it| it.cells(way)) {
            let row: Vec<_> = wanted.iter().filter_map(|at| given.get(*at)).map(|it| &it.kind).collect();
            let open = asked.iter().any(|it| matches!(it.kind, CellKind::Other | CellKind::Any));
            let rejects = given.iter().any(|it| matches!(it.kind, CellKind::Reject(_)));
            if !rejects && (open || seen.contains(&row)) {
                return true;
            }
            seen.push(row);
        }
        false
    }

    // ---- look-ups --------------------------------------------------------------------------------------------------

    /// `lookup(key, ..)` or `key | lookup`.
    pub(crate) fn lookup(&mut self, name: &Name, input: Option<Value>, args: &[Arg], span: Span, label: String) -> Option<Value> {
        let data = self.lookups.get(&name.text)?.clone();
        self.used.insert(name.text.clone());
        let given = args.len() + usize::from(input.is_some());
        if given != data.takes.len() {
            self.diagnostics
                .error("E103", name.span, format!("look-up `{}` takes {} values, not {given}", name.text, data.takes.len()))
                .help(format!("it is written:  {}({})", name.text, data.takes.join(", ")));
            return None;
        }
        let mut keys = Vec::new();
        if let Some(input) = input {
            // The key behind a bar is the value itself; only keys without a formula can be asked so.
            let [(_, None)] = data.keys.as_slice() else {
                self.diagnostics
                    .error("E103", name.span, "this look-up is called like a function")
                    .help(format!("write:  {}(..)", name.text));
                return None;
            };
            keys.push(input);
        } else {
            let bound: Vec<_> = data.takes.iter().cloned().zip(args.iter().map(|it| it.value.clone())).collect();
            let formulas: Vec<_> = data.keys.clone();
            let resolved = self.with_arguments(bound, |it| {
                formulas.iter().map(|(column, formula)| it.key_of(column, formula.as_ref())).collect::<Option<Vec<_>>>()
            });
            keys = resolved?;
        }
        let types: Vec<Typed> =
            data.longest.iter().map(|longest| Typed::text(1, Some(*longest)).maybe().class(Class::Reduced)).collect();
        let typed = match types.as_slice() {
            [one] => one.clone(),
            _ => Typed { class: Class::Reduced, ..Typed::of_kind(Kind::Tuple(types)).maybe() },
        };
        let (index, single) = (Arc::clone(&data.index), data.longest.len() == 1);
        let run = Run::new(move |call| {
            call.scratch.clear();
            for at in 0..call.args.len() {
                let crate::call::Call { record, part, scratch, args, .. } = call;
                let bytes = record.bytes(args.get(at).copied().unwrap_or(Slot::ABSENT), part);
                scratch.extend_from_slice(trimmed(bytes));
                scratch.push(SEPARATOR);
            }
            let Some(values) = index.get(call.scratch.as_slice()) else { return Ok(Slot::ABSENT) };
            for value in values {
                let slot = if value.is_empty() { Slot::ABSENT } else { call.give_text(value.as_bytes()) };
                if single {
                    return Ok(slot);
                }
                call.record.push_item(slot);
            }
            Ok(call.record.list_of_last(values.len()))
        });
        let call = CallValue::new(run, keys, label);
        Some(Value { kind: ValueKind::Call(Box::new(call)), typed, span })
    }

    fn key_of(&mut self, column: &str, formula: Option<&crate::mapping::ast::Expr>) -> Option<Value> {
        match formula {
            Some(formula) => self.value(formula, Want::PLAIN),
            None => {
                let binding = self.binding(column)?;
                let super::Binding::Argument(expr, known) = binding else { return None };
                let span = expr.span;
                self.argument(&expr, known, span)
            }
        }
    }
}

fn row_matches(asked: &[Cell], case: &[Option<String>]) -> bool {
    asked.iter().zip(case).all(|(cell, value)| cell_matches(&cell.kind, value.as_ref().map(String::as_bytes)))
}

/// A row as it is run.
#[derive(Debug)]
struct CompiledRow {
    asked: Vec<CellKind>,
    given: Vec<Option<Vec<u8>>>,
    reject: Option<RejectId>,
}

impl CompiledRow {
    fn give(&self, call: &mut crate::call::Call<'_>, single: bool) -> Slot {
        let put = |call: &mut crate::call::Call<'_>, value: &Option<Vec<u8>>| match value {
            Some(value) => {
                let from = call.arg(0);
                call.record.hold_from(from, |held| held.extend_from_slice(value))
            }
            None => Slot::ABSENT,
        };
        if single {
            return self.given.first().map_or(Slot::ABSENT, |it| put(call, it));
        }
        for value in &self.given {
            let slot = put(call, value);
            call.record.push_item(slot);
        }
        call.record.list_of_last(self.given.len())
    }
}

fn compiled(table: &TableData, way: TableWay, wanted: &[usize], rejects: &[(String, RejectId)]) -> Vec<CompiledRow> {
    let rows = table.rows.iter().filter_map(|it| it.cells(way));
    rows.map(|(asked, given)| {
        let reject = given.iter().find_map(|it| match &it.kind {
            CellKind::Reject(code) => rejects.iter().find(|(known, _)| known == code).map(|(_, id)| *id),
            _ => None,
        });
        let text = |cell: &Cell| match &cell.kind {
            CellKind::Text(code) => Some(code.clone().into_bytes()),
            _ => None,
        };
        CompiledRow {
            asked: asked.iter().map(|it| it.kind.clone()).collect(),
            given: wanted.iter().map(|at| given.get(*at).and_then(text)).collect(),
            reject,
        }
    })
    .collect()
}

fn cells_of(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

/// Between the parts of a key.
const SEPARATOR: u8 = 0x1F;

/// A look-up, its file read.
#[derive(Clone, Debug)]
pub(crate) struct LookupData {
    pub(crate) takes: Vec<String>,
    pub(crate) keys: Vec<(String, Option<crate::mapping::ast::Expr>)>,
    /// Of each column that is given: its longest value.
    pub(crate) longest: Vec<u32>,
    pub(crate) index: Arc<HashMap<Vec<u8>, Vec<String>>>,
}

impl LookupData {
    /// Reads the file of a look-up, which must be linked to the mapping.
    pub(crate) fn of(clause: &LookupClause, text: &str, rows_max: u64, diagnostics: &mut Diagnostics) -> Option<LookupData> {
        let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(false).from_reader(text.as_bytes());
        let bad = |diagnostics: &mut Diagnostics, why: String| {
            diagnostics
                .error("E002", clause.file.span, format!("`{}` cannot be read as CSV", clause.file.text))
                .add_note(why.trim_start_matches("CSV error: ").to_owned())
                .help("the first line names the columns, and each line has as many values");
        };
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => {
                bad(diagnostics, error.to_string());
                return None;
            }
        };
        let column = |name: &Name, diagnostics: &mut Diagnostics| {
            let found = headers.iter().position(|it| it.trim_start_matches('\u{feff}') == name.text);
            if found.is_none() {
                let known: Vec<_> = headers.iter().collect();
                diagnostics
                    .error("E101", name.span, format!("there is no column `{}`", name.text))
                    .label(format!("not in {}", clause.file.text))
                    .help(format!("its columns: {}", known.join(", ")));
            }
            found
        };
        let keys: Option<Vec<_>> = clause.keys.iter().map(|(name, _)| column(name, diagnostics)).collect();
        let values: Option<Vec<_>> = clause.values.iter().map(|name| column(name, diagnostics)).collect();
        let (keys, values) = (keys?, values?);
        if clause.values.len() != clause.gives.len() {
            diagnostics.error("E103", clause.name.span, "the look-up gives another number of values than it names columns");
            return None;
        }
        let mut index: HashMap<Vec<u8>, Vec<String>> = HashMap::new();
        let mut longest = vec![0_u32; values.len()];
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    bad(diagnostics, error.to_string());
                    return None;
                }
            };
            let mut key = Vec::new();
            for at in &keys {
                key.extend_from_slice(trimmed(record.get(*at).unwrap_or("").as_bytes()));
                key.push(SEPARATOR);
            }
            let row: Vec<String> = values.iter().map(|at| record.get(*at).unwrap_or("").to_owned()).collect();
            for (longest, value) in longest.iter_mut().zip(&row) {
                *longest = (*longest).max(u32::try_from(value.chars().count()).unwrap_or(u32::MAX));
            }
            if index.insert(key, row).is_some() {
                bad(diagnostics, format!("line {}: a key stands there twice", record.position().map_or(0, csv::Position::line)));
                return None;
            }
            if index.len() as u64 > rows_max {
                bad(diagnostics, format!("it has more rows than the limit `lookup_rows_max` ({rows_max})"));
                return None;
            }
        }
        let takes = clause.takes.iter().map(|it| it.text.clone()).collect();
        let keys = clause.keys.iter().map(|(name, formula)| (name.text.clone(), formula.clone())).collect();
        Some(LookupData { takes, keys, longest, index: Arc::new(index) })
    }
}
