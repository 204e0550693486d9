//! `select NAME when CONDITION`: which record, and which view of a `REDEFINES`, the bytes are.
//!
//! Values are turned into bytes, or into clean digits, when the copybook is compiled. The first that holds is chosen, else
//! the first without a condition.

use crate::{
    copybook::Item,
    layout::{Anchor, Located, Node, NodeKind, Part, Record, View, located},
    options::Settings,
    place::is_named,
    schema::Source,
    spelling::{self, Spelling},
};
use latimer_engine::{Diagnostics, SelectWhen, Span};
use latimer_wire::ebcdic;
use std::sync::Arc;

/// A condition on bytes of the record.
#[derive(Debug)]
pub(crate) enum Condition {
    /// The bytes are one of these, or none of them.
    Bytes {
        at: Located,
        values: Vec<Vec<u8>>,
        is: bool,
    },
    /// The number is one of these, or none of them.
    Number {
        at: Located,
        values: Vec<Vec<u8>>,
        is: bool,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// One that was said before.
    Same(Arc<Condition>),
}

impl Condition {
    /// Whether it holds; not, where the bytes are not there or no number.
    pub(crate) fn holds(&self, part: &[u8], anchors: &[usize], scratch: &mut Vec<u8>) -> bool {
        match self {
            Condition::Bytes { at, values, is } => {
                at.bytes(part, anchors).is_some_and(|bytes| values.iter().any(|it| it == bytes) == *is)
            }
            Condition::Number { at, values, is } => at.bytes(part, anchors).is_some_and(|bytes| {
                scratch.clear();
                let read = at.spelling.read_number(bytes, scratch).is_ok();
                read && values.contains(scratch) == *is
            }),
            Condition::All(all) => all.iter().all(|it| it.holds(part, anchors, scratch)),
            Condition::Any(any) => any.iter().any(|it| it.holds(part, anchors, scratch)),
            Condition::Same(same) => same.holds(part, anchors, scratch),
        }
    }
}

impl Condition {
    /// How many bytes of a record it looks at, where all that it looks at has a fixed place.
    pub(crate) fn reach(&self) -> usize {
        match self {
            Condition::Bytes { at, .. } | Condition::Number { at, .. } => (at.at + at.length) as usize,
            Condition::All(all) | Condition::Any(all) => all.iter().map(Condition::reach).max().unwrap_or(0),
            Condition::Same(same) => same.reach(),
        }
    }
}

impl Located {
    /// Its bytes in a part.
    #[inline]
    pub(crate) fn bytes<'a>(&self, part: &'a [u8], anchors: &[usize]) -> Option<&'a [u8]> {
        let start = anchors.get(self.anchor)?.checked_add(self.at as usize)?;
        part.get(start..start.checked_add(self.length as usize)?)
    }
}

/// The index of what is chosen.
pub(crate) fn choose<'a>(
    conditions: impl Iterator<Item = Option<&'a Arc<Condition>>> + Clone,
    part: &[u8],
    anchors: &[usize],
    scratch: &mut Vec<u8>,
) -> Option<usize> {
    let holds = |it: Option<&Arc<Condition>>| it.is_some_and(|it| it.holds(part, anchors, scratch));
    conditions.clone().position(holds).or_else(|| conditions.clone().position(|it| it.is_none()))
}

/// Compiles the conditions and gives them to their records and views.
pub(crate) fn resolve(
    source: &Source<'_>,
    nodes: &mut [Node],
    records: &mut [Record],
    others: &[String],
    diagnostics: &mut Diagnostics,
) {
    let Source { items, settings, .. } = *source;
    for select in &source.options.select {
        if others.contains(&select.name) {
            continue;
        }
        let mut names: Vec<String> = select.name.split('/').map(str::to_owned).collect();
        names.reverse();
        let named: Vec<usize> = (0..items.len()).filter(|it| is_named(items, *it, &names)).collect();
        let record = records.iter().position(|it| node(nodes, it.node).is_some_and(|it| it.name == select.name));
        let views = views(nodes, &named, &select.name);
        let (active, top) = match (record, views.as_slice()) {
            (Some(record), []) => (vec![0], records.get(record).and_then(|it| node(nodes, it.node)?.item)),
            (None, [one]) => (one.active.clone(), Some(top_of(items, one.item))),
            (None, []) => {
                let message = format!("`{}` is no record and no view of a `REDEFINES`", select.name);
                let known: Vec<_> = records.iter().filter_map(|it| node(nodes, it.node)).map(|it| it.name.as_str()).collect();
                diagnostics
                    .error("S309", select.span, message)
                    .label("nothing to choose")
                    .add_note(format!("the records are: {}", known.join(", ")));
                continue;
            }
            _ => {
                let error = diagnostics.error("S309", select.span, format!("there are several items `{}`", select.name));
                error.label("which of them").help("write the groups it is in before it:  GROUP/NAME");
                continue;
            }
        };
        let mut compiler = Compiler { items, nodes, settings, diagnostics, active: &active, top, span: select.span };
        let Some(condition) = compiler.condition(&select.when) else { continue };
        let target = match (record, views.first()) {
            (Some(record), _) => records.get_mut(record).map(|it| &mut it.select),
            (None, Some(place)) => view(nodes, place).map(|it| &mut it.select),
            (None, None) => None,
        };
        if let Some(target) = target {
            *target = Some(Arc::new(match target.take() {
                // Said twice: either will do.
                Some(other) => Condition::Any(vec![Condition::Same(other), condition]),
                None => condition,
            }));
        }
    }
}

fn node(nodes: &[Node], id: usize) -> Option<&Node> {
    nodes.get(id)
}

/// Where a view stands: the group, the part of it that is the choice, the number in that.
struct Place {
    group: usize,
    path: Vec<(usize, usize)>,
    item: usize,
    active: Vec<Anchor>,
}

/// The views made of these items; of groups without a name, those called `FILLER`, `FILLER-2` within their group.
fn views(nodes: &[Node], named: &[usize], name: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for (group, node) in nodes.iter().enumerate() {
        if let NodeKind::Group(parts) = &node.kind {
            find(parts, group, &mut Vec::new(), &mut |place, view| {
                let is_filler = name.eq_ignore_ascii_case("FILLER") && is_dissolved(nodes, view);
                if named.contains(&view.item) || is_filler {
                    found.push(place);
                }
            });
        }
    }
    found
}

/// Whether the view is made of the items of a group without a name.
fn is_dissolved(nodes: &[Node], view: &View) -> bool {
    !nodes.iter().any(|it| it.item == Some(view.item) && it.is_named)
}

fn find(parts: &[Part], group: usize, path: &mut Vec<(usize, usize)>, found: &mut impl FnMut(Place, &View)) {
    for (part, choice) in parts.iter().enumerate() {
        let Part::Choice(views) = choice else { continue };
        for (number, view) in views.iter().enumerate() {
            path.push((part, number));
            found(Place { group, path: path.clone(), item: view.item, active: view.active.clone() }, view);
            find(&view.parts, group, path, found);
            path.pop();
        }
    }
}

fn view<'a>(nodes: &'a mut [Node], place: &Place) -> Option<&'a mut View> {
    let NodeKind::Group(parts) = &mut nodes.get_mut(place.group)?.kind else { return None };
    let mut parts: &mut Vec<Part> = parts;
    let (last, path) = place.path.split_last()?;
    for (part, number) in path {
        let Part::Choice(views) = parts.get_mut(*part)? else { return None };
        parts = &mut views.get_mut(*number)?.parts;
    }
    let Part::Choice(views) = parts.get_mut(last.0)? else { return None };
    views.get_mut(last.1)
}

fn top_of(items: &[Item], item: usize) -> usize {
    let mut at = item;
    while let Some(parent) = items.get(at).and_then(|it| it.parent) {
        at = parent;
    }
    at
}

struct Compiler<'a> {
    items: &'a [Item],
    nodes: &'a [Node],
    settings: &'a Settings,
    diagnostics: &'a mut Diagnostics,
    active: &'a [Anchor],
    /// The level 01 item that is chosen, or that the view is in.
    top: Option<usize>,
    span: Span,
}

impl Compiler<'_> {
    fn condition(&mut self, when: &SelectWhen) -> Option<Condition> {
        match when {
            SelectWhen::Is(path, values, is) => self.is(path, values, *is),
            SelectWhen::All(all) => Some(Condition::All(self.each(all)?)),
            SelectWhen::Any(any) => Some(Condition::Any(self.each(any)?)),
        }
    }

    fn each(&mut self, all: &[SelectWhen]) -> Option<Vec<Condition>> {
        let each: Vec<_> = all.iter().map(|it| self.condition(it)).collect();
        each.into_iter().collect()
    }

    fn is(&mut self, path: &str, values: &[String], is: bool) -> Option<Condition> {
        let at = self.leaf(path)?;
        let mut images = Vec::new();
        for value in values {
            match self.image(at, value) {
                Some(image) => images.push(image),
                None => {
                    let message = format!("\"{value}\" can never stand in `{path}`");
                    self.diagnostics.error("S309", self.span, message).label("not a value of this picture");
                    return None;
                }
            }
        }
        Some(match at.spelling {
            Spelling::Text { .. } => Condition::Bytes { at, values: images, is },
            _ => Condition::Number { at, values: images, is },
        })
    }

    /// The bytes of a text, or the clean digits of a number.
    fn image(&self, at: Located, value: &str) -> Option<Vec<u8>> {
        let mut field = vec![0; at.length as usize];
        match at.spelling {
            Spelling::Text { at_right } => {
                let written = ebcdic::encode(self.settings.page, value.as_bytes(), &mut field).ok()?;
                field.get_mut(written..)?.fill(spelling::blank(self.settings.page));
                if at_right {
                    field.rotate_left(written);
                }
                Some(field)
            }
            spelling => {
                spelling.write_number(value.as_bytes(), &mut field).ok()?;
                let mut clean = Vec::new();
                spelling.read_number(&field, &mut clean).ok()?;
                Some(clean)
            }
        }
    }

    /// The leaf of a path: in the record itself, or at a fixed place of another record of the file.
    fn leaf(&mut self, path: &str) -> Option<Located> {
        let mut names: Vec<String> = path.split('/').map(str::to_owned).collect();
        names.reverse();
        let all: Vec<(bool, Located)> = (self.nodes.iter().enumerate())
            .filter_map(|(id, node)| Some((id, node.item?)))
            .filter(|(_, item)| is_named(self.items, *item, &names))
            .filter_map(|(id, item)| {
                let own = self.top.is_none_or(|top| top_of(self.items, item) == top);
                Some((own, located(self.nodes, id)?))
            })
            .collect();
        let reachable = |own: bool| -> Vec<Located> {
            let fits = |it: &&(bool, Located)| it.0 == own && (own || it.1.anchor == 0);
            all.iter().filter(fits).map(|it| it.1).filter(|it| self.active.contains(&it.anchor)).collect()
        };
        let mut found = reachable(true);
        if found.is_empty() {
            found = reachable(false);
        }
        let found: Vec<Located> = found.into_iter().filter(|it| !matches!(it.spelling, Spelling::Bytes { .. })).collect();
        let (message, label) = match found.as_slice() {
            [one] => return Some(*one),
            [] if all.is_empty() => (format!("there is no field `{path}`"), "unknown field"),
            [] => (format!("`{path}` has no fixed place here"), "behind a table, or in one"),
            _ => (format!("there are several fields `{path}`"), "which of them"),
        };
        self.diagnostics.error("S309", self.span, message).label(label);
        None
    }
}
