//! What several schema objects say together of one value, JSON type by JSON type.
//!
//! A *set* is a list of schema objects that all hold for a value: a property that three parts of an `allOf` describe has a set
//! of three. [`Resolver::closure`] adds what they refer to; [`Resolver::resolve`] says what is left for a text, a number, an object.
//! `oneOf` and `anyOf` are split by JSON type first; only what remains for objects must be told apart when a message runs.

use crate::{
    facets::{NumberFacets, TextFacets},
    files::Files,
    keywords::{GroupAt, Keywords, Kinds, Reader},
    layout::{Code, Rule},
    tree::NodeId,
};
use latimer_engine::{Decimal, Diagnostics, Span};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// Schema objects that all hold.
pub(crate) type Set = Vec<NodeId>;

/// What a set allows.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// Everything is allowed.
    pub(crate) is_free: bool,
    pub(crate) null: bool,
    pub(crate) yes: bool,
    pub(crate) no: bool,
    pub(crate) text: Option<Words>,
    pub(crate) number: Option<Numbers>,
    pub(crate) object: Option<Objects>,
    pub(crate) array: Option<Items>,
}

#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) facets: TextFacets,
    /// The only texts there are; `None` without an enumeration.
    pub(crate) codes: Option<Vec<String>>,
}

#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) facets: NumberFacets,
    pub(crate) codes: Option<Vec<Decimal>>,
}

/// The objects that are allowed: one kind, or several to be told apart.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    pub(crate) kinds: Vec<ObjectKind>,
    pub(crate) groups: Vec<Group>,
}

/// One kind of object.
#[derive(Clone, Debug)]
pub(crate) struct ObjectKind {
    /// Closed, and without alternatives.
    pub(crate) set: Set,
    /// What was decided: group and alternative.
    pub(crate) choices: Vec<(u32, u32)>,
}

/// Alternatives for an object.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) at: GroupAt,
    pub(crate) after: Option<(u32, u32)>,
}

/// The items of an array.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// One set for each of the first positions.
    pub(crate) first: Vec<Set>,
    /// Of all others.
    pub(crate) others: Set,
    pub(crate) fewest: u32,
    pub(crate) most: Option<u32>,
}

/// Kinds of object that one object can be, and alternatives in all.
const KINDS_MAX: usize = 64;
/// Values of enumerations that are tried against alternatives.
const TRIALS_MAX: u32 = 1_000_000;
/// Sets that a schema may need.
const SETS_MAX: usize = 100_000;

/// Reads keywords and puts them together.
pub(crate) struct Resolver<'a> {
    pub(crate) files: Files<'a>,
    pub(crate) diagnostics: &'a mut Diagnostics,
    keywords: HashMap<NodeId, Rc<Keywords>>,
    resolved: HashMap<Set, Rc<Resolved>>,
    kinds: HashMap<Set, Kinds>,
    open: HashSet<Set>,
    /// How many more values may be tried against alternatives.
    trials: u32,
    noted: HashSet<NodeId>,
    is_too_large: bool,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(files: Files<'a>, diagnostics: &'a mut Diagnostics) -> Self {
        Resolver {
            files,
            diagnostics,
            keywords: HashMap::new(),
            resolved: HashMap::new(),
            kinds: HashMap::new(),
            open: HashSet::new(),
            trials: TRIALS_MAX,
            noted: HashSet::new(),
            is_too_large: false,
        }
    }

    /// The keywords of a schema object.
    pub(crate) fn keywords(&mut self, node: NodeId) -> Rc<Keywords> {
        if let Some(known) = self.keywords.get(&node) {
            return Rc::clone(known);
        }
        let target = self.files.target(node, self.diagnostics);
        let (dialect, root) = (self.files.dialect(node), self.files.root(node));
        let diagnostics = &mut *self.diagnostics;
        let read = Reader { forest: &self.files.forest, dialect, diagnostics, root, target }.read(node);
        let read = Rc::new(read);
        self.keywords.insert(node, Rc::clone(&read));
        read
    }

    /// The set with all that it refers to by `$ref` and `allOf`, in the order of the text.
    pub(crate) fn closure(&mut self, set: &[NodeId]) -> Set {
        let (mut closed, mut seen) = (Vec::new(), HashSet::new());
        set.iter().for_each(|it| self.close(*it, &mut closed, &mut seen));
        closed
    }

    fn close(&mut self, node: NodeId, closed: &mut Set, seen: &mut HashSet<NodeId>) {
        if !seen.insert(node) {
            return;
        }
        let keywords = self.keywords(node);
        // What only refers to another is that other one: its type is made once, wherever it is referred to.
        let is_said = !keywords.is_free() || keywords.secret;
        if is_said && !keywords.all_first {
            closed.push(node);
        }
        keywords.all.iter().for_each(|it| self.close(*it, closed, seen));
        if is_said && keywords.all_first {
            closed.push(node);
        }
    }

    /// What a `$ref` calls the schema, if one led to it.
    pub(crate) fn name(&self, set: &[NodeId]) -> Option<String> {
        set.iter().find_map(|it| self.files.names.get(it)).cloned()
    }

    /// What a set allows.
    pub(crate) fn resolve(&mut self, set: &[NodeId]) -> Rc<Resolved> {
        let set = self.closure(set);
        if let Some(known) = self.resolved.get(&set) {
            return Rc::clone(known);
        }
        let is_new = self.open.insert(set.clone());
        if !is_new || self.resolved.len() > SETS_MAX {
            if let Some(first) = set.first() {
                self.too_large(*first, is_new);
            }
            return Rc::new(Resolved { is_free: true, null: true, ..Resolved::default() });
        }
        let made = Rc::new(self.put_together(&set));
        self.open.remove(&set);
        self.resolved.insert(set, Rc::clone(&made));
        made
    }

    fn too_large(&mut self, node: NodeId, is_new: bool) {
        if std::mem::replace(&mut self.is_too_large, true) {
            return;
        }
        let span = self.keywords(node).span;
        let (message, help) = if is_new {
            ("the schema is too large", "leave out what the messages do not have")
        } else {
            ("the alternatives of this schema are itself", "leave the alternative out that leads back here")
        };
        self.diagnostics.error("S109", span, message).label("this cannot be worked out").help(help);
    }

    /// What the base of a closed set says of the JSON types, its alternatives apart.
    fn base_kinds(&mut self, set: &[NodeId]) -> Kinds {
        let (mut kinds, mut about, mut is_said) = (Kinds::ALL, Kinds::NONE, false);
        for node in set {
            let keywords = self.keywords(*node);
            if let Some(it) = keywords.kinds {
                kinds = kinds.and(it);
                is_said = true;
            }
            if let Some(codes) = &keywords.codes {
                kinds = kinds.and(codes.iter().fold(Kinds::NONE, |kinds, it| kinds.or(kind_of(it))));
                is_said = true;
            }
            about = about.or(keywords.about);
        }
        if is_said || about == Kinds::NONE { kinds } else { about }
    }

    /// Says that only objects are accepted where only `properties` stand, which is stricter than JSON Schema is.
    fn note_implied(&mut self, set: &[NodeId]) {
        let mut about = Kinds::NONE;
        for node in set {
            let keywords = self.keywords(*node);
            if keywords.kinds.is_some() || keywords.codes.is_some() {
                return;
            }
            about = about.or(keywords.about);
        }
        let Some(first) = set.first().filter(|it| about != Kinds::NONE && self.noted.insert(**it)) else {
            return;
        };
        let span = self.keywords(*first).span;
        let kinds = [(Kinds::OBJECT, "object"), (Kinds::ARRAY, "array"), (Kinds::TEXT, "string")];
        let kind = kinds.iter().find(|(it, _)| about == *it).map_or("number", |(_, name)| name);
        self.diagnostics
            .note("S112", span, format!("`type` is missing: read as `{kind}`"))
            .label("its keywords are about this type only")
            .help(format!("write `\"type\": \"{kind}\"`"));
    }

    /// The JSON types that a closed set can allow.
    fn kinds(&mut self, set: &[NodeId]) -> Kinds {
        if let Some(known) = self.kinds.get(set) {
            return *known;
        }
        // An alternative that is its own alternative adds nothing.
        self.kinds.insert(set.to_vec(), Kinds::NONE);
        let mut kinds = self.base_kinds(set);
        for node in set {
            for group in self.keywords(*node).groups.iter().filter(|it| it.rule != Rule::If) {
                let mut either = Kinds::NONE;
                for alternative in group.alternatives.iter().flatten() {
                    let closed = self.closure(&[*alternative]);
                    either = either.or(self.kinds(&closed));
                }
                kinds = kinds.and(either);
            }
        }
        self.kinds.insert(set.to_vec(), kinds);
        kinds
    }

    fn put_together(&mut self, set: &[NodeId]) -> Resolved {
        let is_free = set.iter().all(|it| self.keywords(*it).is_free());
        if is_free {
            return Resolved { is_free, null: true, yes: true, no: true, ..Resolved::default() };
        }
        self.note_implied(set);
        let kinds = self.kinds(set);
        self.check_conditions(set, kinds);
        Resolved {
            is_free,
            null: kinds.has(Kinds::NULL) && self.accepts(set, &Code::Null, 0),
            yes: kinds.has(Kinds::YES_NO) && self.accepts(set, &Code::YesNo(true), 0),
            no: kinds.has(Kinds::YES_NO) && self.accepts(set, &Code::YesNo(false), 0),
            text: kinds.has(Kinds::TEXT).then(|| self.words(set)).flatten(),
            number: kinds.has(Kinds::NUMBER).then(|| self.numbers(set)).flatten(),
            object: kinds.has(Kinds::OBJECT).then(|| self.objects(set)).flatten(),
            array: kinds.has(Kinds::ARRAY).then(|| self.items(set)).flatten(),
        }
    }

    /// A condition holds for everything that is no object: it is kept where only objects can stand.
    fn check_conditions(&mut self, set: &[NodeId], kinds: Kinds) {
        if kinds.and(Kinds::OBJECT) == kinds {
            return;
        }
        for node in set {
            let keywords = self.keywords(*node);
            if let Some(group) = keywords.groups.iter().find(|it| it.rule == Rule::If) {
                self.diagnostics
                    .error("S102", group.span, "this condition is kept for objects only")
                    .label("it would hold for values of other types")
                    .help("write `\"type\": \"object\"` beside it");
            }
        }
    }

    /// Whether null, true, false, a text or a number of an enumeration is valid.
    fn accepts(&mut self, set: &[NodeId], code: &Code, depth: u32) -> bool {
        self.trials = self.trials.saturating_sub(1);
        if self.trials == 0
            && let Some(first) = set.first()
        {
            self.too_large(*first, true);
        }
        if self.trials == 0 || depth > 64 || !self.base_kinds(set).has(kind_of(code)) {
            return false;
        }
        for node in set {
            let keywords = self.keywords(*node);
            let is_coded = keywords.codes.as_ref().is_none_or(|it| it.contains(code));
            if !is_coded || !fits(&keywords, code) {
                return false;
            }
            for group in keywords.groups.iter().filter(|it| it.rule != Rule::If) {
                let mut count = 0;
                for alternative in group.alternatives.iter().flatten() {
                    let closed = self.closure(&[*alternative]);
                    count += u32::from(self.accepts(&closed, code, depth + 1));
                }
                if count == 0 || (count > 1 && group.rule == Rule::One) {
                    return false;
                }
            }
        }
        true
    }

    /// The closed set with all alternatives that are the only ones for a JSON type, and the groups that have more than one.
    pub(crate) fn single(&mut self, set: &[NodeId], kind: Kinds) -> Option<(Set, Vec<GroupAt>)> {
        let mut all = set.to_vec();
        let (mut several, mut at) = (Vec::new(), 0);
        while let Some(node) = all.get(at).copied() {
            at += 1;
            let keywords = self.keywords(node);
            for group in keywords.groups.iter().filter(|it| it.rule != Rule::If || kind == Kinds::OBJECT) {
                let alternatives = self.alternatives(group, kind);
                match alternatives.as_slice() {
                    [] => return None,
                    [Some(only)] => {
                        let closed = self.closure(&[*only]);
                        all.extend(closed.into_iter().filter(|it| !all.contains(it)).collect::<Vec<_>>());
                    }
                    _ => several.push(GroupAt { alternatives, ..group.clone() }),
                }
            }
        }
        Some((all, several))
    }

    /// The alternatives that a JSON type can have.
    fn alternatives(&mut self, group: &GroupAt, kind: Kinds) -> Vec<Option<NodeId>> {
        if group.rule == Rule::If {
            return group.alternatives.clone();
        }
        let mut kept = Vec::new();
        for alternative in group.alternatives.iter().flatten() {
            let closed = self.closure(&[*alternative]);
            // An alternative has the type of what it is an alternative of.
            self.noted.extend(closed.first());
            if self.kinds(&closed).has(kind) {
                kept.push(Some(*alternative));
            }
        }
        kept
    }

    /// The values of one JSON type that a set enumerates, each valid; `None` if it does not enumerate them.
    fn codes(&mut self, set: &[NodeId], all: &[NodeId], several: &[GroupAt]) -> Option<Vec<Code>> {
        let mut found: Option<Vec<Code>> = None;
        for node in all {
            if let Some(codes) = &self.keywords(*node).codes {
                found.get_or_insert_with(|| codes.clone());
            }
        }
        for group in several.iter().take(usize::from(found.is_none()) * several.len()) {
            let mut either = Vec::new();
            for alternative in group.alternatives.iter().flatten() {
                let closed = self.closure(&[*alternative]);
                let codes = closed.iter().find_map(|it| self.keywords(*it).codes.clone());
                match codes {
                    Some(codes) => either.extend(codes),
                    None => {
                        self.not_told_apart(group.span, "only objects and enumerations have alternatives");
                        return None;
                    }
                }
            }
            found.get_or_insert(either);
        }
        let mut codes = Vec::new();
        for code in found? {
            if !codes.contains(&code) && self.accepts(set, &code, 0) {
                codes.push(code);
            }
        }
        Some(codes)
    }

    /// The alternatives cannot be told apart.
    pub(crate) fn not_told_apart(&mut self, span: Span, label: &str) {
        self.diagnostics
            .error("S106", span, "these alternatives cannot be told apart before they are read")
            .label(label)
            .help("give a required member of each a `const` of its own, or let each require a member of its own");
    }

    fn words(&mut self, set: &[NodeId]) -> Option<Words> {
        let (all, several) = self.single(set, Kinds::TEXT)?;
        let mut facets = TextFacets::default();
        all.iter().for_each(|it| facets.and(&self.keywords(*it).text));
        let codes = self
            .codes(set, &all, &several)
            .map(|codes| codes.into_iter().filter_map(|it| if let Code::Text(it) = it { Some(it) } else { None }).collect());
        (codes.as_ref().is_none_or(|it: &Vec<String>| !it.is_empty())).then_some(Words { facets, codes })
    }

    fn numbers(&mut self, set: &[NodeId]) -> Option<Numbers> {
        let (all, several) = self.single(set, Kinds::NUMBER)?;
        let mut facets = NumberFacets::default();
        for node in &all {
            let keywords = self.keywords(*node);
            if facets.and(&keywords.number).is_none() {
                self.diagnostics
                    .error("S103", keywords.span, "these `multipleOf` have no common multiple of 38 digits")
                    .label("this one and another")
                    .help("leave one of them out");
            }
        }
        let codes = self
            .codes(set, &all, &several)
            .map(|codes| codes.into_iter().filter_map(|it| if let Code::Number(it) = it { Some(it) } else { None }).collect());
        (codes.as_ref().is_none_or(|it: &Vec<Decimal>| !it.is_empty())).then_some(Numbers { facets, codes })
    }

    fn items(&mut self, set: &[NodeId]) -> Option<Items> {
        let (all, several) = self.single(set, Kinds::ARRAY)?;
        if let Some(group) = several.first() {
            self.not_told_apart(group.span, "arrays have no members that differ");
        }
        let mut made = Items::default();
        let positions = all.iter().map(|it| self.keywords(*it).array.first.len()).max().unwrap_or(0);
        made.first = vec![Vec::new(); positions];
        for node in &all {
            let array = &self.keywords(*node).array;
            for (at, position) in made.first.iter_mut().enumerate() {
                position.extend(array.first.get(at).or(array.items.as_ref()));
            }
            made.others.extend(array.items);
            made.fewest = made.fewest.max(array.fewest);
            made.most = [made.most, array.most].into_iter().flatten().min();
        }
        Some(made)
    }

    fn objects(&mut self, set: &[NodeId]) -> Option<Objects> {
        let mut made = Objects::default();
        let mut pending: Vec<Group> = Vec::new();
        let (all, several) = self.single(set, Kinds::OBJECT)?;
        pending.extend(several.into_iter().map(|at| Group { at, after: None }));
        made.kinds.push(ObjectKind { set: all, choices: Vec::new() });
        while let Some(group) = (!pending.is_empty()).then(|| pending.remove(0)) {
            let number = crate::layout::index(made.groups.len());
            let (span, count) = (group.at.span, group.at.alternatives.len());
            let mut kinds = Vec::new();
            for kind in made.kinds {
                if group.after.is_some_and(|it| !kind.choices.contains(&it)) {
                    kinds.push(kind);
                    continue;
                }
                for (at, alternative) in (0..).zip(&group.at.alternatives) {
                    let mut next = kind.clone();
                    next.choices.push((number, at));
                    let Some(alternative) = alternative else {
                        kinds.push(next);
                        continue;
                    };
                    let closed = self.closure(&[*alternative]);
                    let Some((closed, nested)) = self.single(&closed, Kinds::OBJECT) else { continue };
                    next.set.extend(closed.into_iter().filter(|it| !kind.set.contains(it)).collect::<Vec<_>>());
                    kinds.push(next);
                    let after = Some((number, at));
                    let is_known = pending.iter().any(|it| it.after == after);
                    pending.extend(nested.into_iter().filter(|_| !is_known).map(|at| Group { at, after }));
                }
            }
            made.kinds = kinds;
            made.groups.push(group);
            if made.kinds.len() > KINDS_MAX || count > KINDS_MAX || made.groups.len() > KINDS_MAX {
                self.diagnostics
                    .error("S109", span, format!("more than {KINDS_MAX} kinds of object in one place"))
                    .label("with these alternatives")
                    .help("leave out the alternatives that the messages do not have");
                return None;
            }
        }
        Some(made)
    }
}

fn kind_of(code: &Code) -> Kinds {
    match code {
        Code::Null => Kinds::NULL,
        Code::YesNo(_) => Kinds::YES_NO,
        Code::Number(_) => Kinds::NUMBER,
        Code::Text(_) => Kinds::TEXT,
    }
}

/// Whether a value of an enumeration satisfies the other facets.
fn fits(keywords: &Keywords, code: &Code) -> bool {
    match code {
        Code::Text(text) => keywords.text.rule(&[]).is_ok_and(|it| it.allows(text.as_bytes())),
        Code::Number(number) => {
            let mut digits = Vec::new();
            number.write(&mut digits);
            latimer_engine::rules::allows_number(&keywords.number.number(&[]), &digits)
        }
        Code::Null | Code::YesNo(_) => true,
    }
}
