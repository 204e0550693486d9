//! `law round-trip SIDE`: what leaves a side and comes back is what it was. Proved line by line: an adapter of a two-way line
//! undoes itself, a table must give back the code that was asked; anything else must be excepted by name.

use super::table::cell_matches;
use super::{Resolved, Side, TableData, TableWay, Unit};
use crate::mapping::ast::{Adapter, Arrow, Cell, CellKind, LawClause, Path, SectionKind};
use crate::mapping::typed::{Presence, Typed};
use crate::{Diagnostics, FieldId, Schema, Sources, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A line `A <-> B`, in the direction one is reading.
#[derive(Debug)]
pub(crate) struct TwoWayLine {
    /// Where the values come from.
    pub(crate) from: Vec<FieldId>,
    /// The adapters as they stand.
    pub(crate) adapters: Vec<Adapter>,
    /// What is sent when there is no value.
    pub(crate) otherwise: Option<Span>,
}

/// A law of a mapping, for whoever tries it with records: what leaves a side and comes back is what it was.
#[derive(Clone, Debug)]
pub struct Law {
    /// The side where the trip begins and ends, by its number.
    pub side: usize,
    /// Where the law stands.
    pub span: Span,
    /// The fields it is about, each with what is within.
    pub about: Vec<FieldId>,
    /// Those of them that it is not about.
    pub except: Vec<FieldId>,
    /// A field with a value of which it is not about: nor, then, about the fields that travel in a line with it.
    pub unless: Vec<(FieldId, String, Vec<FieldId>)>,
    /// Fields whose values are not to be shown.
    pub secret: Vec<FieldId>,
}

/// Checks every law of a mapping; `forth` and `back` are its two directions. Gives those whose fields are known.
pub(crate) fn check(
    unit: &Unit,
    sides: &[Side],
    directions: [&Resolved; 2],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Law> {
    let mut laws = Vec::new();
    for section in &unit.ast.sections {
        let SectionKind::Law(law) = &section.kind else { continue };
        let Some(side) = sides.iter().position(|it| it.alias == law.side.text) else {
            let known: Vec<_> = sides.iter().map(|it| it.alias.as_str()).collect();
            diagnostics
                .error("E102", law.side.span, format!("there is no side `{}`", law.side.text))
                .help(format!("there are: {}", known.join(", ")));
            continue;
        };
        let [forth, back] = directions;
        let (away, home, way) = if forth.source == side { (forth, back, TableWay::Forth) } else { (back, forth, TableWay::Back) };
        let Some(schema) = sides.get(side).map(|it| Arc::clone(it.codec.schema())) else { continue };
        let root = away.roots.get(side).copied().unwrap_or(Schema::ROOT);
        let name = sides.get(home.source).map_or("", |it| it.alias.as_str());
        let mut trip =
            Trip { law, span: section.span, schema: &schema, root, away, home, way, other: name, sources, diagnostics };
        laws.extend(trip.check(side));
    }
    laws
}

/// One law.
struct Trip<'a> {
    law: &'a LawClause,
    span: Span,
    schema: &'a Schema,
    root: FieldId,
    away: &'a Resolved,
    home: &'a Resolved,
    way: TableWay,
    /// The alias of the other side.
    other: &'a str,
    sources: &'a Sources,
    diagnostics: &'a mut Diagnostics,
}

/// A value of a law's counter-example; nothing is absence.
type Witness = Option<String>;

impl Trip<'_> {
    fn check(&mut self, side: usize) -> Option<Law> {
        let law = self.law;
        let on: Vec<FieldId> = law.on.iter().filter_map(|it| self.field(it)).collect();
        let except: Vec<(FieldId, Option<&str>)> = law
            .except
            .iter()
            .filter_map(|(path, value)| Some((self.field(path)?, value.as_ref().map(|it| it.text.as_str()))))
            .collect();
        if on.len() < law.on.len() || except.len() < law.except.len() {
            return None;
        }
        let is_excepted = |it: FieldId| {
            except.iter().any(|(field, value)| value.is_none() && (it == *field || self.schema.is_within(it, *field)))
        };
        let wanted = self.fields(&on).into_iter().filter(|it| !is_excepted(*it)).collect::<Vec<_>>();
        let mut lost = Vec::new();
        for field in &wanted {
            let lines = self.away.lines.iter().filter(|it| it.from.contains(field)).collect::<Vec<_>>();
            if lines.is_empty() {
                lost.push(*field);
            }
            for line in lines {
                self.line(line, *field, &wanted, &except);
            }
        }
        self.lost(&lost);
        let mut made = Law { side, span: self.span, about: on, except: Vec::new(), unless: Vec::new(), secret: Vec::new() };
        if made.about.is_empty() {
            made.about.push(self.root);
        }
        made.secret.clone_from(&self.away.secrets);
        for (field, value) in except {
            match value {
                None => made.except.push(field),
                Some(value) => made.unless.push((field, value.to_owned(), self.beside(field))),
            }
        }
        Some(made)
    }

    /// A field, and those that travel in a line with it.
    fn beside(&self, field: FieldId) -> Vec<FieldId> {
        let lines = self.away.lines.iter().filter(|it| it.from.contains(&field));
        lines.flat_map(|it| it.from.iter().copied()).chain([field]).collect()
    }

    /// A path of the law, from where its side begins.
    fn field(&mut self, path: &Path) -> Option<FieldId> {
        let mut field = self.root;
        let names = path.segments.iter().map(|it| &it.name);
        // The side's own name may stand first.
        for name in names.skip_while(|it| it.text == self.law.side.text) {
            let Some(child) = self.schema.child(field, &name.text) else {
                let schema = self.schema.name.clone();
                self.diagnostics
                    .error("E101", name.span, format!("there is no `{}` here", name.text))
                    .label(format!("not in {schema}"));
                return None;
            };
            field = child;
        }
        Some(field)
    }

    /// The leaves that the law is about.
    fn fields(&self, on: &[FieldId]) -> Vec<FieldId> {
        let mut fields = Vec::new();
        self.schema.walk(|it| {
            let member = self.schema.member(it);
            let counts = member.is_some_and(|it| !it.kept_by_engine);
            let is_leaf = matches!(self.schema.type_of(it).kind, crate::Kind::Leaf(_));
            let named = if on.is_empty() {
                self.root == Schema::ROOT || self.schema.is_within(it, self.root)
            } else {
                on.iter().any(|of| it == *of || self.schema.is_within(it, *of))
            };
            if is_leaf && counts && named {
                fields.push(it);
            }
            fields.len() < FIELDS_MAX
        });
        fields
    }

    /// Fields that no two-way line carries.
    fn lost(&mut self, fields: &[FieldId]) {
        let shown = |it: &FieldId| self.shown(*it);
        let goes = |it: &FieldId| self.away.reads(*it);
        let (one_way, gone): (Vec<FieldId>, Vec<FieldId>) = fields.iter().partition(|it| goes(it) && self.home.writes(**it));
        let one_way: Vec<String> = one_way.iter().map(shown).collect();
        let gone: Vec<String> = gone.iter().map(shown).collect();
        for name in one_way {
            let exception = self.exception(&name);
            self.broken(format!("`{name}` goes and comes by lines of one way"))
                .add_note("nothing shows that the line back undoes the line forth")
                .fix(format!("accept it:  {}", exception.0), exception.1, exception.2);
        }
        let Some(first) = gone.first() else { return };
        let exception = self.exception(&gone.join(", "));
        let more = if gone.len() > 1 { format!(", and {} more", gone.len() - 1) } else { String::new() };
        let diagnostic = self.broken(format!("`{first}` comes back absent{more}"));
        for name in gone.iter().skip(1).take(NAMED_MAX) {
            diagnostic.add_note(format!("`{name}` too"));
        }
        if gone.len() <= NAMED_MAX {
            diagnostic.fix(format!("accept it:  {}", exception.0), exception.1, exception.2);
        }
        diagnostic.help("or name what must come back:  .. on FIELD, ..");
    }

    fn line(&mut self, line: &TwoWayLine, field: FieldId, wanted: &[FieldId], except: &[(FieldId, Option<&str>)]) {
        let typed = Typed::of_field(self.schema, field);
        let name = self.shown(field);
        if let (Some(span), true) = (line.otherwise, typed.presence == Presence::Maybe) {
            let value = self.sources.slice(span).to_owned();
            let exception = self.exception(&name);
            self.broken(format!("`{name}` that is absent comes back as {value}")).fix(
                format!("accept it:  {}", exception.0),
                exception.1,
                exception.2,
            );
        }
        for adapter in &line.adapters {
            let Some(table) = self.away.tables.get(&adapter.name.text) else { continue };
            let table = Arc::clone(table);
            self.table(&table, line, field, wanted, except);
        }
    }

    /// Every row of a table there, and back.
    fn table(
        &mut self,
        table: &TableData,
        line: &TwoWayLine,
        field: FieldId,
        wanted: &[FieldId],
        except: &[(FieldId, Option<&str>)],
    ) {
        let Some(at) = line.from.iter().position(|it| *it == field) else { return };
        // A witness is told of the first of its fields that does not come back.
        let named: Vec<bool> = line.from.iter().map(|it| wanted.contains(it)).collect();
        let mut witnesses: BTreeMap<Witness, (Witness, bool)> = BTreeMap::new();
        for case in self.cases(table, line) {
            let excepted =
                line.from.iter().zip(&case).any(|(field, value)| {
                    except.iter().any(|(of, but)| of == field && but.is_some() && *but == value.as_deref())
                });
            let Some((row, given)) = asked(table, self.way, &case).filter(|_| !excepted) else { continue };
            let home = if self.way == TableWay::Forth { TableWay::Back } else { TableWay::Forth };
            let came = if given.iter().all(Option::is_none) {
                vec![None; case.len()]
            } else {
                match asked(table, home, &given) {
                    Some((_, came)) => came,
                    None => {
                        witnesses.entry(case.get(at).cloned().flatten()).or_insert((Some(REFUSED.to_owned()), row));
                        continue;
                    }
                }
            };
            let first = (0..case.len()).find(|it| named.get(*it) == Some(&true) && case.get(*it) != came.get(*it));
            if first == Some(at) {
                let came = came.get(at).cloned().flatten();
                witnesses.entry(case.get(at).cloned().flatten()).or_insert((came, row));
            }
        }
        for (value, (came, one_way)) in witnesses {
            self.witness(&table.name, field, &value, &came, one_way);
        }
    }

    fn witness(&mut self, table: &str, field: FieldId, value: &Witness, came: &Witness, one_way: bool) {
        let name = self.shown(field);
        let words = |it: &Witness| it.as_ref().map_or("absent".to_owned(), |it| format!("\"{it}\""));
        let outcome = match came {
            Some(came) if came == REFUSED => "is refused on the way back".to_owned(),
            came => format!("comes back as {}", words(came)),
        };
        let is = if value.is_some() { format!(" = {}", words(value)) } else { " that is absent".to_owned() };
        let exception = match value {
            Some(value) => self.exception(&format!("{name} = \"{value}\"")),
            None => self.exception(&name),
        };
        let diagnostic = self.broken(format!("`{name}`{is} {outcome}"));
        let row = format!("the row for {} in table `{table}`", words(value));
        if one_way {
            diagnostic.add_note(format!("{row} is one-way"));
        } else {
            diagnostic.add_note(format!("{row} gives what another row gives too"));
        }
        diagnostic.fix(format!("accept it:  {}", exception.0), exception.1, exception.2);
        diagnostic.help("or give the two codes different targets");
    }

    /// Every tuple of values that a line can ask a table with: the codes of the fields; else those of the table, and another one.
    fn cases(&self, table: &TableData, line: &TwoWayLine) -> Vec<Vec<Witness>> {
        let mut cases: Vec<Vec<Witness>> = vec![Vec::new()];
        for (at, field) in line.from.iter().enumerate() {
            let typed = Typed::of_field(self.schema, *field);
            let codes = typed.as_text().map_or(&[][..], |it| it.codes.as_slice());
            let mut values: Vec<Witness> = codes.iter().cloned().map(Some).collect();
            if codes.is_empty() {
                for (cells, _) in table.rows.iter().filter_map(|it| it.cells(self.way)) {
                    if let Some(CellKind::Text(code)) = cells.get(at).map(|it| &it.kind)
                        && !values.iter().flatten().any(|it| it == code)
                    {
                        values.push(Some(code.clone()));
                    }
                }
                let most = typed.as_text().and_then(|it| it.max).unwrap_or(u32::MAX) as usize;
                values.extend(another(&values, most).map(Some));
            }
            if typed.presence == Presence::Maybe {
                values.push(None);
            }
            cases =
                cases.iter().flat_map(|case| values.iter().map(move |it| [case.clone(), vec![it.clone()]].concat())).collect();
            if cases.len() > CASES_MAX {
                return Vec::new();
            }
        }
        cases
    }

    fn broken(&mut self, label: String) -> &mut crate::diagnostic::Diagnostic {
        let (side, other) = (&self.law.side.text, self.other);
        self.diagnostics.error("E602", self.span, format!("round trip {side} -> {other} -> {side} does not hold")).label(label)
    }

    /// The law with one more exception: as it reads, and as an edit.
    fn exception(&self, what: &str) -> (String, Span, String) {
        let law = self.sources.slice(self.span).trim_end();
        // A law `on` fields has no exceptions: the field is to be left out there.
        let (begin, joint) = match (self.law.on.is_empty(), self.law.except.is_empty()) {
            (false, _) => (format!("law round-trip {}", self.law.side.text), " except "),
            (true, true) => (law.to_owned(), " except "),
            (true, false) => (law.to_owned(), ", "),
        };
        let edited = format!("{begin}{joint}{what}");
        (edited.clone(), self.span, edited)
    }

    /// A field as the law names it.
    fn shown(&self, field: FieldId) -> String {
        let (full, root) = (self.schema.path(field), self.schema.path(self.root));
        full.strip_prefix(&format!("{root}/")).unwrap_or(&full).to_owned()
    }
}

/// Fields a law looks at.
const FIELDS_MAX: usize = 20_000;
/// Fields that are named in one diagnostic.
const NAMED_MAX: usize = 8;
/// Tuples of values that a table is tried with.
const CASES_MAX: usize = 4096;
/// Stands for a refusal among values.
const REFUSED: &str = "\u{0}";

/// What a table answers, and whether by a row of one way; nothing where it refuses.
fn asked(table: &TableData, way: TableWay, case: &[Witness]) -> Option<(bool, Vec<Witness>)> {
    let matches =
        |cells: &[Cell]| cells.iter().zip(case).all(|(cell, it)| cell_matches(&cell.kind, it.as_deref().map(str::as_bytes)));
    let rows = table.rows.iter().filter_map(|it| it.cells(way).map(|cells| (it, cells)));
    let Some((row, (_, given))) = rows.into_iter().find(|(_, (cells, _))| matches(cells)) else {
        // Absent in every column passes as absent.
        let columns = if way == TableWay::Forth { table.right.len() } else { table.left.len() };
        return case.iter().all(Option::is_none).then(|| (false, vec![None; columns]));
    };
    let values = given.iter().map(|it| match &it.kind {
        CellKind::Text(code) => Some(Some(code.clone())),
        CellKind::None => Some(None),
        _ => None,
    });
    Some((row.arrow != Arrow::Both, values.collect::<Option<_>>()?))
}

/// A text that is none of these.
fn another(values: &[Witness], most: usize) -> Option<String> {
    let candidates = ["OTHER", "ZZ", "Z", "9", "8"].into_iter().filter(|it| it.len() <= most);
    candidates.map(str::to_owned).find(|it| !values.iter().flatten().any(|known| known == it))
}
