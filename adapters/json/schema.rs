//! JSON Schema -> the engine's types, which mappings see, and a layout, which decoders run over.
//!
//! ```text
//! {"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#/$defs/A"}}}}
//!     types:  root { a: A, repeats }    A { .. }
//!     layout: object { a: array of object A }
//! ```
//!
//! A *family* is a list of sets, one for each kind of object that can stand in a place: where `oneOf` gives a member two
//! descriptions, its type has the values of both, while each kind of object checks its own.

use crate::{
    facets::either,
    layout::{
        Array, ArrayStyle, BracketShape, Brackets, Field, Layout, Member as Entry, Mixed, Object, Rule, Value, What, index,
    },
    resolve::{Items, ObjectKind, Objects, Resolved, Resolver, Set},
    tree::NodeId,
};
use latimer_engine::{Kind, Member, Occurs, Particle, Schema, Secrecy, Span, Type, TypeDef, TypeId};
use std::{collections::HashMap, rc::Rc};

/// Types and layout of the schema object that all messages must satisfy; `name` is the file's.
pub(crate) fn build(mut resolver: Resolver<'_>, root: Set, name: &str, root_name: &str) -> (Schema, Layout) {
    let mut builder = Builder {
        any: TypeId(0),
        types: vec![any()],
        leaves: HashMap::new(),
        groups: HashMap::new(),
        lists: HashMap::new(),
        objects: HashMap::new(),
        choices: HashMap::new(),
        arrays: HashMap::new(),
        layout: Layout::default(),
        resolver: &mut resolver,
    };
    builder.layout.brackets.push(Brackets::default());
    let kind = builder.item_type(std::slice::from_ref(&root), root_name);
    builder.layout.root = builder.value(&root, Target::Field(kind));
    if builder.layout.root == (Value { what: What::Never, nullable: false }) {
        builder.unsatisfiable(&root);
    }
    let Builder { types, layout, .. } = builder;
    (Schema::new(name, types, kind), layout)
}

/// Where values are recorded, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Nothing,
    /// A field of this type.
    Field(TypeId),
    /// The repeat of a field of this type.
    Repeat(TypeId),
}

pub(crate) struct Builder<'a, 'b> {
    pub(crate) resolver: &'a mut Resolver<'b>,
    pub(crate) layout: Layout,
    any: TypeId,
    types: Vec<TypeDef>,
    leaves: HashMap<Vec<Set>, TypeId>,
    groups: HashMap<Vec<Set>, TypeId>,
    /// Of arrays within arrays, and of tuples.
    lists: HashMap<Vec<Set>, TypeId>,
    objects: HashMap<(Set, Target), u32>,
    choices: HashMap<(Set, Target), u32>,
    arrays: HashMap<(Set, Target), u32>,
}

/// What a family is to a mapping.
enum Seen {
    Any,
    Leaf(&'static str, Box<Type>),
    Group,
    /// The sets of the items.
    List(Vec<Set>, Occurs),
    Tuple,
}

fn any() -> TypeDef {
    TypeDef { name: "any".to_owned(), kind: Kind::Any, members: Vec::new(), content: Particle::All(Vec::new()) }
}

// Types ---------------------------------------------------------------------------------------------------------------

impl Builder<'_, '_> {
    fn new_type(&mut self, def: TypeDef) -> TypeId {
        self.types.push(def);
        self.layout.brackets.push(Brackets::default());
        TypeId(index(self.types.len() - 1))
    }

    /// The type of a field that is no repeat, or of one item of a repeat.
    fn item_type(&mut self, family: &[Set], name: &str) -> TypeId {
        match self.see(family) {
            Seen::Any => self.any,
            Seen::Leaf(word, kind) => match self.leaves.get(family) {
                Some(known) => *known,
                None => {
                    let made = self.new_type(TypeDef::leaf(word, *kind));
                    self.leaves.insert(family.to_vec(), made);
                    made
                }
            },
            Seen::Group => self.group_type(family, name),
            Seen::List(items, occurs) => self.list_type(family, &items, occurs, name),
            Seen::Tuple => self.tuple_type(family, name),
        }
    }

    fn resolved(&mut self, family: &[Set]) -> Vec<Rc<Resolved>> {
        family.iter().map(|it| self.resolver.resolve(it)).collect()
    }

    fn see(&mut self, family: &[Set]) -> Seen {
        let all = self.resolved(family);
        let has = |what: fn(&Resolved) -> bool| all.iter().any(|it| what(it));
        let kinds = [
            has(|it| it.text.is_some()),
            has(|it| it.number.is_some()),
            has(|it| it.yes || it.no),
            has(|it| it.object.is_some()),
            has(|it| it.array.is_some()),
        ];
        if has(|it| it.is_free) || kinds.iter().filter(|it| **it).count() != 1 {
            return Seen::Any;
        }
        let [_, _, yes_no, object, array] = kinds;
        if object {
            return self.see_object(&all);
        }
        if array {
            return see_array(&all);
        }
        if yes_no {
            return Seen::Leaf("boolean", Box::new(Type::YesNo));
        }
        let mut seen: Option<(&'static str, Type)> = None;
        for (name, kind) in all.iter().filter_map(|it| see_leaf(it)) {
            seen = match seen {
                None => Some((name, kind)),
                Some((other_name, other)) => match either(&other, &kind) {
                    Some(kind) if kind == other => Some((other_name, kind)),
                    Some(kind @ Type::Text(_)) => Some(("string", kind)),
                    Some(kind) => Some(("number", kind)),
                    None => return Seen::Any,
                },
            };
        }
        seen.map_or(Seen::Any, |(name, kind)| Seen::Leaf(name, Box::new(kind)))
    }

    /// An object without members is whatever the sender likes.
    fn see_object(&mut self, all: &[Rc<Resolved>]) -> Seen {
        let kinds = object_kinds(all);
        let has_members = kinds.iter().any(|it| !self.names(it).is_empty());
        if has_members { Seen::Group } else { Seen::Any }
    }

    /// The members that a kind of object names, in the order of the text.
    pub(crate) fn names(&mut self, set: &[NodeId]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let parts: Vec<_> = set.iter().map(|it| self.resolver.keywords(*it)).collect();
        let named = parts.iter().flat_map(|it| it.object.properties.iter().map(|(name, _)| name));
        let asked = parts.iter().flat_map(|it| {
            let dependents = it.object.dependents.iter();
            it.object.required.iter().chain(dependents.flat_map(|(name, needs)| [name].into_iter().chain(needs)))
        });
        for name in named.chain(asked) {
            if seen.insert(name.as_str()) {
                names.push(name.clone());
            }
        }
        names
    }

    /// All that a kind of object says of a member.
    pub(crate) fn member_set(&mut self, set: &[NodeId], name: &str) -> Set {
        let mut found = Set::new();
        for node in set {
            let object = &self.resolver.keywords(*node).object;
            let own = object.properties.iter().find(|(it, _)| it == name).map(|(_, node)| *node);
            if let Some(node) = own.or(object.additional)
                && !found.contains(&node)
            {
                found.push(node);
            }
        }
        found
    }

    fn is_forbidden(&mut self, set: &[NodeId], name: &str) -> bool {
        set.iter().any(|it| self.resolver.keywords(*it).object.forbidden.iter().any(|it| it == name))
    }

    fn requires(&mut self, set: &[NodeId], name: &str) -> bool {
        set.iter().any(|it| self.resolver.keywords(*it).object.required.iter().any(|it| it == name))
    }

    fn is_secret(&mut self, family: &[Set]) -> bool {
        let closed: Vec<_> = family.iter().map(|it| self.resolver.closure(it)).collect();
        closed.iter().flatten().any(|it| self.resolver.keywords(*it).secret)
    }

    /// The type of objects; a family of the same kinds of object has the same type.
    fn group_type(&mut self, family: &[Set], name: &str) -> TypeId {
        let all = self.resolved(family);
        let kinds = object_kinds(&all);
        if let Some(known) = self.groups.get(&kinds) {
            return *known;
        }
        let closed = family.first().map(|it| self.resolver.closure(it)).unwrap_or_default();
        let only = if let [only] = kinds.as_slice() { self.resolver.name(only) } else { None };
        let named = self.resolver.name(&closed).or(only).unwrap_or_else(|| name.to_owned());
        let made = self.new_type(TypeDef::all(named, Vec::new()));
        self.groups.insert(kinds.clone(), made);
        let mut names: Vec<String> = Vec::new();
        for kind in &kinds {
            let more = self.names(kind);
            names.extend(more.into_iter().filter(|it| !names.contains(it)).collect::<Vec<_>>());
        }
        let (mut members, mut arrays) = (Vec::new(), Vec::new());
        for name in names {
            if let Some((member, is_required, null_items)) = self.member(&kinds, &name) {
                arrays.push(ArrayStyle { writes_empty: is_required && member.repeats, null_items });
                members.push(member);
            }
        }
        let content = match all.as_slice() {
            [only] => only.object.as_ref().and_then(|it| self.content(it, &mut members)),
            _ => None,
        };
        let content = content.unwrap_or_else(|| Particle::All(Particle::each(&members)));
        if let Some(def) = self.types.get_mut(made.0 as usize) {
            def.members = members;
            def.content = content;
        }
        if let Some(brackets) = self.layout.brackets.get_mut(made.0 as usize) {
            brackets.arrays = arrays;
        }
        made
    }

    /// A member as the kinds of object describe it, whether all require it, and whether its items may be null; `None` if it may
    /// never be there.
    fn member(&mut self, kinds: &[Set], name: &str) -> Option<(Member, bool, bool)> {
        let mut family: Vec<Set> = Vec::new();
        let mut is_required = true;
        for kind in kinds {
            let is_named = self.names(kind).iter().any(|it| it == name);
            is_required &= is_named && self.requires(kind, name);
            let set = self.member_set(kind, name);
            if is_named && !self.is_forbidden(kind, name) && !family.contains(&set) && !self.is_never(&set) {
                family.push(set);
            }
        }
        if family.is_empty() {
            return None;
        }
        let nullable = self.has_null(&family);
        let min = u32::from(is_required);
        let (mut is_secret, mut null_items) = (self.is_secret(&family), false);
        let mut member = match self.see(&family) {
            Seen::List(items, occurs) => {
                is_secret |= self.is_secret(&items);
                null_items = self.has_null(&items);
                let kind = self.item_type(&items, name);
                let min = occurs.min * min;
                Member { repeats: true, ..Member::occurring(name, kind, Occurs { min, ..occurs }) }
            }
            _ => Member::occurring(name, self.item_type(&family, name), Occurs { min, max: Some(1) }),
        };
        member.nullable = nullable;
        member.secrecy = if is_secret { Secrecy::Secret } else { Secrecy::Open };
        Some((member, is_required, null_items))
    }

    fn has_null(&mut self, family: &[Set]) -> bool {
        self.resolved(family).iter().any(|it| it.null)
    }

    fn is_never(&mut self, set: &Set) -> bool {
        let it = self.resolver.resolve(set);
        let is_scalar = it.null || it.yes || it.no || it.text.is_some() || it.number.is_some();
        !it.is_free && !is_scalar && it.object.is_none() && it.array.is_none()
    }

    /// How members may stand together where alternatives say so; `None` where each stands for itself.
    ///
    /// Members that an alternative requires occur once in its branch. Of `oneOf`, what other alternatives require is left out
    /// of a branch: an object that has it too could be both.
    fn content(&mut self, objects: &Objects, members: &mut [Member]) -> Option<Particle> {
        let groups: Vec<_> = objects.groups.iter().filter(|it| it.after.is_none() && it.at.rule != Rule::If).collect();
        if groups.is_empty() {
            return None;
        }
        let mut is_placed = vec![false; members.len()];
        let mut parts = Vec::new();
        for group in groups {
            let mut branches = Vec::new();
            for alternative in &group.at.alternatives {
                let closed = self.resolver.closure(alternative.as_slice());
                let names = self.names(&closed);
                let required: Vec<_> = names.iter().filter(|it| self.requires(&closed, it)).cloned().collect();
                branches.push((names, required));
            }
            let introduced: Vec<usize> = (0..members.len())
                .filter(|at| {
                    let member = members.get(*at);
                    let is_in = |(names, _): &(Vec<String>, Vec<String>)| member.is_some_and(|it| names.contains(&it.name));
                    !is_placed.get(*at).copied().unwrap_or(true)
                        && member.is_some_and(|it| it.occurs.min == 0)
                        && branches.iter().any(is_in)
                })
                .collect();
            let mut choice = Vec::new();
            for (at, (names, required)) in branches.iter().enumerate() {
                let mut branch = Vec::new();
                for member in &introduced {
                    let Some(it) = members.get(*member) else { continue };
                    let is_other = branches.iter().enumerate().any(|(other, (_, needs))| other != at && needs.contains(&it.name));
                    if required.contains(&it.name) {
                        branch.push(Particle::Member(index(*member)));
                    } else if names.contains(&it.name) && !(is_other && group.at.rule == Rule::One)
                        || is_other && group.at.rule == Rule::Any
                    {
                        branch.push(Particle::Sequence(vec![Particle::Member(index(*member))], Occurs::OPTIONAL));
                    }
                }
                choice.push(Particle::Sequence(branch, Occurs::ONCE));
            }
            for member in introduced {
                let is_required_somewhere =
                    members.get(member).is_some_and(|it| branches.iter().any(|(_, required)| required.contains(&it.name)));
                if let Some(it) = members.get_mut(member).filter(|_| is_required_somewhere)
                    && !it.repeats
                {
                    it.occurs.min = 1;
                }
                if let Some(it) = is_placed.get_mut(member) {
                    *it = true;
                }
            }
            parts.push(Particle::Choice(choice, Occurs::ONCE));
        }
        let free = is_placed.iter().enumerate().filter(|(_, it)| !**it);
        let mut all: Vec<_> = free.map(|(at, _)| Particle::Member(index(at))).collect();
        all.extend(parts);
        Some(Particle::All(all))
    }

    /// An array that is the item of another, or the whole message: a group with one member, `[]`.
    fn list_type(&mut self, family: &[Set], items: &[Set], occurs: Occurs, name: &str) -> TypeId {
        if let Some(known) = self.lists.get(family) {
            return *known;
        }
        let made = self.new_type(TypeDef::all("array", Vec::new()));
        self.lists.insert(family.to_vec(), made);
        let kind = self.item_type(items, name);
        let mut member = Member { repeats: true, ..Member::occurring("[]", kind, occurs) };
        if self.is_secret(items) {
            member.secrecy = Secrecy::Secret;
        }
        let null_items = self.has_null(items);
        self.fill(made, vec![member], BracketShape::Array, ArrayStyle { writes_empty: true, null_items });
        made
    }

    /// An array with positions: a group with the members `[1]`, `[2]`, and `[]` for what follows.
    fn tuple_type(&mut self, family: &[Set], name: &str) -> TypeId {
        if let Some(known) = self.lists.get(family) {
            return *known;
        }
        let made = self.new_type(TypeDef::sequence(name, Vec::new()));
        self.lists.insert(family.to_vec(), made);
        let all = self.resolved(family);
        let arrays: Vec<&Items> = all.iter().filter_map(|it| it.array.as_ref()).collect();
        let positions = arrays.first().map_or(0, |it| it.first.len());
        let fewest = arrays.iter().map(|it| it.fewest).min().unwrap_or(0);
        let mut members = Vec::new();
        for at in 0..positions {
            let sets: Vec<Set> = arrays.iter().filter_map(|it| it.first.get(at).cloned()).collect();
            let kind = self.item_type(&sets, name);
            let occurs = if at < fewest as usize { Occurs::ONCE } else { Occurs::OPTIONAL };
            let mut member = Member::occurring(format!("[{}]", at + 1), kind, occurs);
            member.nullable = self.has_null(&sets);
            if self.is_secret(&sets) {
                member.secrecy = Secrecy::Secret;
            }
            members.push(member);
        }
        let mut null_items = false;
        if let Some(rest) = self.rest(&arrays) {
            let kind = self.item_type(&rest, name);
            let member = Member::occurring("[]", kind, Occurs { min: 0, max: None });
            null_items = self.has_null(&rest);
            members.push(Member { repeats: true, ..member });
        }
        self.fill(made, members, BracketShape::Tuple, ArrayStyle { writes_empty: false, null_items });
        made
    }

    /// What follows the positions of a tuple, if the schema says something of it.
    fn rest(&mut self, arrays: &[&Items]) -> Option<Vec<Set>> {
        let mut rest: Vec<Set> = Vec::new();
        for items in arrays {
            if items.others.is_empty() || self.is_never(&items.others) {
                return None;
            }
            rest.push(items.others.clone());
        }
        (!rest.is_empty()).then_some(rest)
    }

    fn fill(&mut self, kind: TypeId, members: Vec<Member>, shape: BracketShape, style: ArrayStyle) {
        if let Some(brackets) = self.layout.brackets.get_mut(kind.0 as usize) {
            *brackets = Brackets { shape, arrays: vec![style; members.len()] };
        }
        if let Some(def) = self.types.get_mut(kind.0 as usize) {
            def.content = match shape {
                BracketShape::Tuple => Particle::Sequence(Particle::each(&members), Occurs::ONCE),
                _ => Particle::All(Particle::each(&members)),
            };
            def.members = members;
        }
    }

    fn unsatisfiable(&mut self, root: &Set) {
        let Some(first) = root.first().filter(|_| !self.resolver.diagnostics.has_errors()) else { return };
        let span: Span = self.resolver.keywords(*first).span;
        self.resolver
            .diagnostics
            .error("S107", span, "no message can satisfy this schema")
            .label("its parts forbid each other")
            .help("look at `type`, `enum` and `allOf`: no value has them all");
    }
}

fn object_kinds(all: &[Rc<Resolved>]) -> Vec<Set> {
    let mut kinds: Vec<Set> = Vec::new();
    for kind in all.iter().filter_map(|it| it.object.as_ref()).flat_map(|it| &it.kinds) {
        if !kinds.contains(&kind.set) {
            kinds.push(kind.set.clone());
        }
    }
    kinds
}

fn see_leaf(resolved: &Resolved) -> Option<(&'static str, Type)> {
    if let Some(words) = &resolved.text {
        return Some(words.facets.describe(words.codes.as_deref().unwrap_or_default()));
    }
    let numbers = resolved.number.as_ref()?;
    let number = numbers.facets.number(numbers.codes.as_deref().unwrap_or_default());
    Some((if numbers.facets.whole { "integer" } else { "number" }, Type::Number(number)))
}

fn see_array(all: &[Rc<Resolved>]) -> Seen {
    let arrays: Vec<&Items> = all.iter().filter_map(|it| it.array.as_ref()).collect();
    let positions: Vec<usize> = arrays.iter().map(|it| it.first.len()).collect();
    match positions.first() {
        Some(0) if positions.iter().all(|it| *it == 0) => {
            let mut items: Vec<Set> = Vec::new();
            arrays.iter().for_each(|it| {
                if !items.contains(&it.others) {
                    items.push(it.others.clone());
                }
            });
            let min = arrays.iter().map(|it| it.fewest).min().unwrap_or(0);
            let max = arrays.iter().map(|it| it.most).reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten();
            Seen::List(items, Occurs { min, max })
        }
        Some(first) if positions.iter().all(|it| it == first) => Seen::Tuple,
        _ => Seen::Any,
    }
}

// Layout --------------------------------------------------------------------------------------------------------------

impl Builder<'_, '_> {
    /// What may stand where a set holds.
    pub(crate) fn value(&mut self, set: &[NodeId], target: Target) -> Value {
        let resolved = self.resolver.resolve(set);
        if resolved.is_free {
            return Value { what: What::Any, nullable: true };
        }
        let mixed = Mixed {
            text: resolved.text.as_ref().map(|it| {
                match it.facets.rule(it.codes.as_deref().unwrap_or_default()) {
                    Ok(rule) => self.layout.text(rule),
                    // Patterns were compiled when they were read.
                    Err(_) => What::Never,
                }
            }),
            number: resolved
                .number
                .as_ref()
                .map(|it| self.layout.number(it.facets.number(it.codes.as_deref().unwrap_or_default()))),
            yes_no: (resolved.yes || resolved.no).then_some(What::YesNo(resolved.yes, resolved.no)),
            object: resolved.object.as_ref().and_then(|it| self.objects(set, it, target)),
            array: resolved.array.as_ref().map(|it| self.array(set, it, target)),
        };
        let all = [mixed.text, mixed.number, mixed.yes_no, mixed.object, mixed.array];
        let mut kinds = all.into_iter().flatten();
        let what = match (kinds.next(), kinds.next()) {
            (None, _) => What::Never,
            (Some(only), None) => only,
            _ => {
                self.layout.mixed.push(mixed);
                What::Mixed(index(self.layout.mixed.len() - 1))
            }
        };
        Value { what, nullable: resolved.null }
    }

    fn shape(&self, target: Target) -> Option<(TypeId, BracketShape)> {
        let Target::Field(kind) = target else { return None };
        let is_group = self.types.get(kind.0 as usize).is_some_and(|it| !it.members.is_empty());
        is_group.then(|| (kind, self.layout.brackets_of(kind)))
    }

    fn objects(&mut self, set: &[NodeId], objects: &Objects, target: Target) -> Option<What> {
        if objects.groups.is_empty() {
            return objects.kinds.first().map(|it| What::Object(self.object(it, target)));
        }
        let key = (self.resolver.closure(set), target);
        if let Some(known) = self.choices.get(&key) {
            return Some(What::Choice(*known));
        }
        self.layout.choices.push(crate::layout::Choice::default());
        let at = index(self.layout.choices.len() - 1);
        self.choices.insert(key, at);
        let mut made = self.choice(objects);
        for kind in &objects.kinds {
            made.outcomes.push((kind.choices.clone(), self.object(kind, target)));
        }
        if let Some(it) = self.layout.choices.get_mut(at as usize) {
            *it = made;
        }
        Some(What::Choice(at))
    }

    fn object(&mut self, kind: &ObjectKind, target: Target) -> u32 {
        let key = (kind.set.clone(), target);
        if let Some(known) = self.objects.get(&key) {
            return *known;
        }
        self.layout.objects.push(Object::default());
        let at = index(self.layout.objects.len() - 1);
        self.objects.insert(key, at);
        let shape = self.shape(target).filter(|(_, shape)| *shape == BracketShape::Object);
        let mut made = Object { is_reported: shape.is_some(), ..Object::default() };
        for name in self.names(&kind.set) {
            let (field, inner) = self.field(shape.map(|(kind, _)| kind), &name);
            let members = self.member_set(&kind.set, &name);
            let is_forbidden = self.is_forbidden(&kind.set, &name);
            let value = if is_forbidden { Value { what: What::Never, nullable: false } } else { self.value(&members, inner) };
            let required = self.requires(&kind.set, &name);
            made.members.push(Entry { name, value, field, required, is_optional: true });
        }
        let mut others = Set::new();
        for node in &kind.set {
            let keywords = self.resolver.keywords(*node);
            let object = &keywords.object;
            others.extend(object.additional);
            made.fewest = made.fewest.max(object.fewest);
            made.most = [made.most, object.most].into_iter().flatten().min();
            // What must not be there, and is named nowhere else.
            for name in object
                .forbidden
                .iter()
                .filter(|name| made.members.iter().all(|it| it.name != **name))
                .cloned()
                .collect::<Vec<_>>()
            {
                let value = Value { what: What::Never, nullable: false };
                let (field, required, is_optional) = (Field::Nothing, false, true);
                made.members.push(Entry { name, value, field, required, is_optional });
            }
            let number = |name: &String| made.members.iter().position(|it| it.name == *name).map(index);
            for (name, needs) in &object.dependents {
                made.dependents.extend(number(name).map(|it| (it, needs.iter().filter_map(number).collect())));
            }
        }
        made.additional = self.value(&others, Target::Nothing);
        if let Some(it) = self.layout.objects.get_mut(at as usize) {
            *it = made;
        }
        at
    }

    /// The field that a member of a type is, and where its values go.
    fn field(&self, kind: Option<TypeId>, name: &str) -> (Field, Target) {
        let def = kind.and_then(|it| self.types.get(it.0 as usize));
        let member = def.and_then(|it| it.member(name).map(|at| (at, it)));
        let Some((at, member)) = member.and_then(|(at, it)| Some((at, it.members.get(at as usize)?))) else {
            return (Field::Nothing, Target::Nothing);
        };
        let target = if member.repeats { Target::Repeat(member.kind) } else { Target::Field(member.kind) };
        (Field::Member(at), target)
    }

    fn array(&mut self, set: &[NodeId], items: &Items, target: Target) -> What {
        let key = (self.resolver.closure(set), target);
        if let Some(known) = self.arrays.get(&key) {
            return What::Array(*known);
        }
        self.layout.arrays.push(Array::default());
        let at = index(self.layout.arrays.len() - 1);
        self.arrays.insert(key, at);
        let shape = self.shape(target);
        let inner = match (target, shape) {
            (Target::Repeat(kind), _) => Target::Field(kind),
            (_, Some((kind, BracketShape::Array))) => self.field(Some(kind), "[]").1,
            _ => Target::Nothing,
        };
        // The member `[]` is a repeat; what stands here is one of its items.
        let inner = if let Target::Repeat(kind) = inner { Target::Field(kind) } else { inner };
        let mut made = Array { fewest: items.fewest, most: items.most, ..Array::default() };
        made.is_tuple = !items.first.is_empty();
        if let Some((kind, _)) = shape.filter(|(_, shape)| *shape == BracketShape::Tuple) {
            for (at, set) in items.first.iter().enumerate() {
                let target = self.field(Some(kind), &format!("[{}]", at + 1)).1;
                made.first.push(self.value(set, target));
            }
            let (field, target) = self.field(Some(kind), "[]");
            made.has_rest = field != Field::Nothing;
            let target = if let Target::Repeat(kind) = target { Target::Field(kind) } else { target };
            made.item = self.value(&items.others, target);
        } else {
            made.first = items.first.iter().map(|it| self.value(it, Target::Nothing)).collect();
            made.item = self.value(&items.others, inner);
        }
        if let Some(it) = self.layout.arrays.get_mut(at as usize) {
            *it = made;
        }
        What::Array(at)
    }
}
