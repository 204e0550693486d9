//! Names within one group of the schema. The items of a group without a name are named without it, as in COBOL, and so
//! join the names around it.

use crate::copybook::Item;
use latimer_engine::Diagnostics;

/// The names of a group: how often each is described, and how often it was given.
pub(crate) struct Names {
    described: Vec<(String, usize)>,
    given: Vec<(String, usize)>,
}

impl Names {
    /// The names of these siblings.
    pub(crate) fn of(items: &[Item], siblings: &[usize]) -> Names {
        let mut names = Names { described: Vec::new(), given: Vec::new() };
        names.add(items, siblings);
        names
    }

    fn add(&mut self, items: &[Item], siblings: &[usize]) {
        for item in siblings.iter().filter_map(|it| items.get(*it)) {
            match &item.name {
                Some(name) => match find(&mut self.described, name) {
                    Some(found) => found.1 += 1,
                    None => self.described.push((name.clone(), 1)),
                },
                None if item.occurs.is_none() => self.add(items, &item.children),
                None => {}
            }
        }
    }

    /// Whether the items of this group can stand beside those around it: it has no name, and theirs are not taken.
    pub(crate) fn dissolves(&mut self, items: &[Item], group: &Item) -> bool {
        if group.name.is_some() || group.occurs.is_some() || group.children.is_empty() {
            return false;
        }
        let inner = Names::of(items, &group.children).described;
        inner.iter().all(|(name, _)| find(&mut self.described, name).is_none_or(|it| it.1 == 1))
    }

    /// The name of an item in the schema, empty for an item without one; the second of a name gets a number.
    pub(crate) fn give(&mut self, item: &Item, diagnostics: &mut Diagnostics) -> String {
        let Some(name) = &item.name else { return String::new() };
        let Some(given) = find(&mut self.given, name) else {
            self.given.push((name.clone(), 1));
            return name.clone();
        };
        given.1 += 1;
        let called = format!("{name}-{}", given.1);
        let warning = diagnostics.warning("S312", item.span, format!("`{name}` stands in its group before"));
        warning.label(format!("this one is called `{called}`"));
        called
    }
}

fn find<'a>(names: &'a mut [(String, usize)], name: &str) -> Option<&'a mut (String, usize)> {
    names.iter_mut().find(|it| it.0.eq_ignore_ascii_case(name))
}

/// Whether nothing in an item has a name.
pub(crate) fn is_nameless(items: &[Item], item: &Item) -> bool {
    item.name.is_none() && item.children.iter().filter_map(|it| items.get(*it)).all(|it| is_nameless(items, it))
}
