//! Declarations to tables: numbers types, members and states, and finds what cannot be one schema.

use crate::{
    complex::{Content as Declared, ElementUse, Namespaces, Order, Part, Wildcard},
    layout::{
        Attribute, Content, Element, Envelope, Gap, Kind, Layout, NO_MEMBER, NONE, State, Tag, Transition, Wild, WildNamespaces,
        name_word,
    },
    members::{Uses, all_of, most},
    model::{self, Model},
    simple::SimpleType,
    tree::SCHEMA,
    xsd::{Global, Place, TypeKey, Xsd},
};
use latimer_engine::{Diagnostics, FileId, Kind as EngineKind, Member, Occurs, Particle, Schema, Sources, Type, TypeDef, TypeId};
use std::{collections::HashMap, sync::Arc};

/// The name of the field that holds what a wildcard took, beside fields with names.
pub(crate) const WILD_FIELD: &str = "$xml";

/// Compiles a schema file with all it includes and imports.
/// `envelope` is the prefix of the schema's own namespace where that is an envelope's.
pub(crate) fn compile(
    sources: &Sources,
    file: FileId,
    envelope: Option<&'static str>,
    diagnostics: &mut Diagnostics,
) -> Option<Layout> {
    let xsd = Xsd::read(sources, file, diagnostics);
    let mut xsd = xsd.filter(|it| !it.diagnostics.has_errors())?;
    let name = sources.name(file).to_owned();
    let mut build = Build::new(&mut xsd);
    let root = build.roots()?;
    for place in build.xsd.all(Global::Type) {
        build.kind(&TypeKey::At(place), "");
    }
    build.work();
    build.name_globals();
    let Build { layout, defs, .. } = build;
    if xsd.diagnostics.has_errors() {
        return None;
    }
    let own = layout.namespace(xsd.target(Place { document: 0, node: 0 }).as_bytes());
    let envelope = envelope.map(|prefix| Envelope { namespace: own, prefix });
    Some(Layout { schema: Arc::new(Schema::new(name, defs, TypeId(root))), envelope, ..layout })
}

struct Build<'x, 'a> {
    xsd: &'x mut Xsd<'a>,
    layout: Layout,
    defs: Vec<TypeDef>,
    ids: HashMap<TypeKey, u32>,
    /// The simple types that are compiled: patterns take their time.
    compiled: HashMap<TypeKey, u32>,
    /// What has a number and no content yet, with the name it goes by if it has none.
    queue: Vec<(TypeKey, u32, String)>,
}

fn number(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(NONE)
}

impl<'x, 'a> Build<'x, 'a> {
    fn new(xsd: &'x mut Xsd<'a>) -> Self {
        let layout = Layout::nothing();
        Build { xsd, layout, defs: Vec::new(), ids: HashMap::new(), compiled: HashMap::new(), queue: Vec::new() }
    }

    /// The type whose members a message may begin with: the global elements of the schema's own namespace.
    fn roots(&mut self) -> Option<u32> {
        let root = self.reserve();
        let own = self.xsd.target(Place { document: 0, node: 0 }).to_owned();
        let mut parts = Vec::new();
        for place in self.xsd.all(Global::Element) {
            let Some(element) = self.xsd.element(place) else { continue };
            if element.name.0 == own && !element.is_abstract {
                parts.push(Part::Element(Box::new(element), Occurs::ONCE));
            }
        }
        if parts.is_empty() {
            let span = self.xsd.whole();
            if !self.xsd.diagnostics.has_errors() {
                self.xsd
                    .diagnostics
                    .error("S211", span, "the schema declares no element that a message could begin with")
                    .label("only types, or elements that are abstract");
            }
            return None;
        }
        let content = Declared { particle: Some(Part::Group(Order::Choice, parts, Occurs::ONCE)), ..Declared::default() };
        let place = Place { document: 0, node: 0 };
        self.complex(root, String::new(), &content, place);
        Some(root)
    }

    fn reserve(&mut self) -> u32 {
        self.layout.kinds.push(blank_kind());
        let content = Particle::Sequence(Vec::new(), Occurs::ONCE);
        self.defs.push(TypeDef { name: String::new(), kind: EngineKind::Any, members: Vec::new(), content });
        number(self.defs.len() - 1)
    }

    /// The number of a type; `name` is what an anonymous one goes by.
    fn kind(&mut self, key: &TypeKey, name: &str) -> u32 {
        if let Some(known) = self.ids.get(key) {
            return *known;
        }
        let id = self.reserve();
        self.ids.insert(key.clone(), id);
        self.queue.push((key.clone(), id, name.to_owned()));
        id
    }

    fn work(&mut self) {
        while let Some((key, id, name)) = self.queue.pop() {
            match &key {
                TypeKey::Any => self.anything(id),
                TypeKey::At(place) if self.xsd.kind(*place) == "complexType" => {
                    let shown = self.xsd.attribute(*place, "name").unwrap_or(name);
                    if let Some(content) = self.xsd.content(*place) {
                        self.complex(id, shown, &content, *place);
                    }
                }
                key => {
                    let user = if let TypeKey::At(place) = key { *place } else { Place { document: 0, node: 0 } };
                    let shown = self.xsd.attribute(user, "name").filter(|_| matches!(key, TypeKey::At(_)));
                    if let Some(simple) = self.xsd.simple(key, user)
                        && let Some(index) = self.named_simple(key, user)
                    {
                        let shown = shown.unwrap_or(if let TypeKey::At(_) = key { name } else { simple.name.clone() });
                        self.value(id, shown, &simple, index);
                    }
                }
            }
        }
    }

    fn anything(&mut self, id: u32) {
        let any_attribute = self.wildcard(&crate::complex::ANYTHING);
        if let Some(kind) = self.layout.kinds.get_mut(id as usize) {
            *kind = Kind { any_attribute, mixed: true, opaque: true, ..blank_kind() };
        }
        if let Some(def) = self.defs.get_mut(id as usize) {
            def.name = "anyType".to_owned();
        }
    }

    fn value(&mut self, id: u32, name: String, simple: &SimpleType, index: u32) {
        let base = simple.base.as_ref().map_or(NONE, |base| self.kind(base, ""));
        if let Some(kind) = self.layout.kinds.get_mut(id as usize) {
            *kind = Kind {
                content: Content::Value,
                simple: index,
                base,
                hex: simple.is_hex(),
                says_more: simple.says_more(),
                ..blank_kind()
            };
        }
        if let Some(def) = self.defs.get_mut(id as usize) {
            *def = TypeDef::leaf(name, simple.engine_type());
        }
    }

    fn named_simple(&mut self, key: &TypeKey, user: Place) -> Option<u32> {
        if let Some(known) = self.compiled.get(key) {
            return Some(*known);
        }
        let simple = self.xsd.simple(key, user)?;
        let index = self.simple(&simple)?;
        self.compiled.insert(key.clone(), index);
        Some(index)
    }

    fn simple(&mut self, simple: &SimpleType) -> Option<u32> {
        match simple.compile() {
            Ok(compiled) => {
                self.layout.simples.push(compiled);
                Some(number(self.layout.simples.len() - 1))
            }
            Err(error) => {
                let span = self.xsd.whole();
                let message = format!("a pattern of `{}` cannot be used", simple.name);
                self.xsd.diagnostics.error("S206", span, message).label("too large").add_note(error);
                None
            }
        }
    }

    fn complex(&mut self, id: u32, name: String, content: &Declared, place: Place) {
        let mut members = Vec::new();
        let attributes = self.attributes(content, place, &mut members);
        let any_attribute = content.any_attribute.as_ref().map_or(NONE, |it| self.wildcard(it));
        let base = content.base.as_ref().filter(|it| **it != TypeKey::Any).map_or(NONE, |base| self.kind(base, ""));
        let mut kind = Kind {
            attributes,
            any_attribute,
            mixed: content.mixed && content.simple.is_none(),
            is_abstract: content.is_abstract,
            blocks: content.blocks,
            base,
            ..blank_kind()
        };
        let mut particle = Particle::Sequence(Vec::new(), Occurs::ONCE);
        let engine_kind = if let Some(simple) = &content.simple {
            let Some(index) = self.simple(simple) else { return };
            kind = Kind { content: Content::Value, simple: index, hex: simple.is_hex(), says_more: simple.says_more(), ..kind };
            let currency = members.iter().any(|it: &Member| it.name == "@Ccy" && it.occurs.min == 1);
            EngineKind::Leaf(Box::new(match simple.engine_type() {
                Type::Number(number) if simple.is_decimal() && currency => Type::Amount(number),
                other => other,
            }))
        } else {
            let part = content.particle.clone().unwrap_or(Part::Group(Order::Sequence, Vec::new(), Occurs::ONCE));
            let mut uses = Uses { elements: Vec::new(), gaps: 0 };
            uses.collect(&part);
            let opaque = kind.mixed || (uses.elements.is_empty() && uses.gaps > 0);
            let mut leaves = Leaves { members: &mut members, opaque, leaves: Vec::new() };
            let Some(modelled) = self.model(&part, &mut leaves) else { return };
            let Leaves { leaves, .. } = leaves;
            kind.opaque = opaque;
            if !self.machine(&part, &modelled.0, &leaves, &mut kind, place) {
                return;
            }
            if opaque {
                EngineKind::Any
            } else {
                particle = modelled.1;
                let counts = most(&particle, &members);
                members.iter_mut().zip(counts).for_each(|(member, count)| member.repeats |= count > 1);
                let one = matches!(&particle, Particle::Choice(_, Occurs { max: Some(1), .. }));
                if one { EngineKind::Choice } else { EngineKind::Group }
            }
        };
        if let Some(it) = self.layout.kinds.get_mut(id as usize) {
            *it = kind;
        }
        if let Some(def) = self.defs.get_mut(id as usize) {
            *def = TypeDef { name, kind: engine_kind, members, content: particle };
        }
    }

    fn attributes(&mut self, content: &Declared, place: Place, members: &mut Vec<Member>) -> (u32, u16) {
        let first = number(self.layout.attributes.len());
        for it in &content.attributes {
            let name = format!("@{}", it.name.1);
            if members.iter().any(|member| member.name == name) {
                let message = format!("two attributes `{}` of different namespaces", it.name.1);
                let span = self.xsd.span(place);
                self.xsd.diagnostics.error("S208", span, message).label("cannot be told apart by name");
                continue;
            }
            let id = self.kind(&it.key, &it.name.1);
            let Some(simple) = self.named_simple(&it.key, place) else { continue };
            let namespace = self.namespace(&it.name.0);
            let occurs = if it.required { Occurs::ONCE } else { Occurs::OPTIONAL };
            members.push(Member { occurs, ..Member::once(name, TypeId(id)) });
            let default = self.clean(simple, it.default.as_deref(), place);
            let fixed = self.clean(simple, it.fixed.as_deref(), place);
            let name = it.name.1.as_bytes().into();
            let required = it.required;
            self.layout.attributes.push(Attribute { name, namespace, simple, required, default, fixed });
        }
        let count = self.layout.attributes.len() - first as usize;
        if count > crate::decode::ATTRIBUTES_MAX {
            let message = format!("more than {} attributes of one type", crate::decode::ATTRIBUTES_MAX);
            let span = self.xsd.span(place);
            self.xsd.diagnostics.error("S210", span, message).label("too many");
        }
        (first, u16::try_from(count).unwrap_or(0))
    }

    /// A default or fixed value as it is read; says so if the type does not allow it.
    fn clean(&mut self, simple: u32, value: Option<&str>, place: Place) -> Option<Box<[u8]>> {
        let value = value?.as_bytes();
        let mut made = Vec::new();
        let read = self.layout.simples.get(simple as usize)?.read(value, &mut made);
        let clean = read.map(|it| crate::decode::clean_bytes(it, value, &made).to_owned());
        if clean.is_none() {
            let span = self.xsd.span(place);
            let message = format!("`{}` is not a value of its type", String::from_utf8_lossy(value));
            self.xsd.diagnostics.error("S205", span, message).label("default or fixed value");
        }
        clean.map(Vec::into_boxed_slice)
    }

    fn namespace(&mut self, uri: &str) -> u32 {
        let known = self.layout.namespace(uri.as_bytes());
        if known != NONE {
            return known;
        }
        self.layout.namespaces.push(uri.as_bytes().into());
        number(self.layout.namespaces.len() - 1)
    }

    fn wildcard(&mut self, it: &Wildcard) -> u32 {
        let namespaces = match &it.namespaces {
            Namespaces::Any => WildNamespaces::Any,
            Namespaces::Other(target) => WildNamespaces::Other(self.namespace(target)),
            Namespaces::List(list) => WildNamespaces::List(list.iter().map(|it| self.namespace(it)).collect()),
        };
        let wild = Wild { namespaces, process: it.process };
        if let Some(known) = self.layout.wildcards.iter().position(|it| *it == wild) {
            return number(known);
        }
        self.layout.wildcards.push(wild);
        number(self.layout.wildcards.len() - 1)
    }

    /// A part as a model for the machine and as the engine's particle; its elements become members.
    fn model(&mut self, part: &Part, leaves: &mut Leaves<'_>) -> Option<(Model, Particle)> {
        match part {
            Part::Element(element, occurs) => {
                let kind = self.kind(&element.kind, &element.name.1);
                let member = self.member(&element.name.1, kind, *occurs, element, leaves)?;
                let index = self.element(element, kind);
                leaves.leaves.push(Leaf { what: What::Element(index), member });
                let particle = Particle::Member(if member == NO_MEMBER { NONE } else { u32::from(member) });
                Some((Model::Leaf(leaves.leaves.len() - 1, *occurs), particle))
            }
            Part::Any(wildcard, occurs) => {
                let wildcard = self.wildcard(wildcard);
                let member = self.wild_member(*occurs, leaves);
                leaves.leaves.push(Leaf { what: What::Gap(wildcard), member });
                let particle = Particle::Member(if member == NO_MEMBER { NONE } else { u32::from(member) });
                Some((Model::Leaf(leaves.leaves.len() - 1, *occurs), particle))
            }
            Part::Group(order, parts, occurs) => {
                let modelled: Vec<_> = parts.iter().map(|it| self.model(it, leaves)).collect();
                let (models, particles): (Vec<_>, Vec<_>) = modelled.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
                Some(match order {
                    Order::Sequence => (Model::Sequence(models, *occurs), Particle::Sequence(particles, *occurs)),
                    Order::Choice => (Model::Choice(models, *occurs), Particle::Choice(particles, *occurs)),
                    Order::All => (Model::Sequence(models, *occurs), Particle::All(particles)),
                })
            }
        }
    }

    fn member(&mut self, name: &str, kind: u32, occurs: Occurs, element: &ElementUse, leaves: &mut Leaves<'_>) -> Option<u16> {
        if leaves.opaque {
            return Some(NO_MEMBER);
        }
        let known = leaves.members.iter().position(|it| it.name == name);
        let Some(at) = known else {
            let member = Member { nullable: element.nillable, ..Member::occurring(name, TypeId(kind), occurs) };
            leaves.members.push(member);
            return self.member_number(leaves.members.len() - 1, element.place);
        };
        let it = leaves.members.get_mut(at)?;
        let same = it.kind == TypeId(kind) && it.nullable == element.nillable;
        // The same name twice is one field, with the wider of what the places say.
        it.occurs.min = it.occurs.min.min(occurs.min);
        it.occurs.max = it.occurs.max.zip(occurs.max).map(|(a, b)| a.max(b));
        it.repeats |= occurs.max != Some(1);
        if !same {
            let message = format!("two elements `{name}` of different types in one content model");
            let span = self.xsd.span_of(element.place, "name");
            self.xsd.diagnostics.error("S208", span, message).label("cannot be told apart by name");
        }
        self.member_number(at, element.place)
    }

    fn member_number(&mut self, at: usize, place: Place) -> Option<u16> {
        let member = u16::try_from(at).ok().filter(|it| *it != NO_MEMBER);
        if member.is_none() {
            let span = self.xsd.span(place);
            self.xsd.diagnostics.error("S210", span, "more than 65534 elements in one content model").label("too many");
        }
        member
    }

    fn wild_member(&mut self, occurs: Occurs, leaves: &mut Leaves<'_>) -> u16 {
        if leaves.opaque {
            return NO_MEMBER;
        }
        let any = TypeId(self.kind(&TypeKey::Any, ""));
        let known = leaves.members.iter().position(|it| it.name == WILD_FIELD);
        let at = known.unwrap_or_else(|| {
            leaves.members.push(Member::occurring(WILD_FIELD, any, occurs));
            leaves.members.len() - 1
        });
        if let Some(it) = leaves.members.get_mut(at).filter(|_| known.is_some()) {
            *it = Member { repeats: true, occurs: Occurs { min: 0, max: None }, ..it.clone() };
        }
        u16::try_from(at).unwrap_or(NO_MEMBER)
    }

    fn element(&mut self, it: &ElementUse, kind: u32) -> u32 {
        let namespace = self.namespace(&it.name.0);
        let text = |it: &Option<String>| it.as_ref().map(|it| it.as_bytes().into());
        self.layout.elements.push(Element {
            name: it.name.1.as_bytes().into(),
            namespace,
            kind,
            nillable: it.nillable,
            is_abstract: it.is_abstract,
            blocks: it.blocks,
            default: text(&it.default),
            fixed: text(&it.fixed),
        });
        number(self.layout.elements.len() - 1)
    }

    /// The states of a content model; whether it could be made.
    fn machine(&mut self, part: &Part, model: &Model, leaves: &[Leaf], kind: &mut Kind, place: Place) -> bool {
        match all_of(part) {
            Ok(Some(optional)) => return self.all(leaves, model, optional, kind, place),
            Ok(None) => {}
            Err(()) => {
                let span = self.xsd.span(place);
                self.xsd
                    .diagnostics
                    .error("S203", span, "`all` within or beside another group is not supported")
                    .label("XML Schema 1.0 does not allow it");
                return false;
            }
        }
        let Ok(machine) = model::machine(model) else {
            let span = self.xsd.span(place);
            self.xsd
                .diagnostics
                .error("S210", span, "the content model is too large")
                .label("a group within repeats so often that it cannot be written out")
                .help("use `maxOccurs=\"unbounded\"`");
            return false;
        };
        let base = number(self.layout.states.len());
        kind.content = Content::Elements(base);
        kind.states = (base, number(machine.positions.len()));
        for (at, position) in machine.positions.iter().enumerate() {
            let mut next: Vec<(usize, usize, bool)> = Vec::new();
            if position.max > 1 {
                next.push((position.leaf, at, true));
            }
            for to in &position.follow {
                next.push((machine.positions.get(*to).map_or(usize::MAX, |it| it.leaf), *to, false));
            }
            self.check_ambiguity(&next, position, leaves, place);
            self.state(&next, position, leaves, base);
        }
        true
    }

    fn state(&mut self, next: &[(usize, usize, bool)], position: &model::Position, leaves: &[Leaf], base: u32) {
        let (first, first_gap) = (number(self.layout.transitions.len()), number(self.layout.gaps.len()));
        for (leaf, to, again) in next {
            let Some(leaf) = leaves.get(*leaf) else { continue };
            let (next, again) = (base + number(*to), *again);
            match leaf.what {
                What::Gap(wildcard) => self.layout.gaps.push(Gap { wildcard, next, member: leaf.member, again }),
                What::Element(element) => {
                    let transition = self.transition(element, next, leaf.member, again);
                    let free = if again { position.max == u32::MAX } else { position.min <= 1 };
                    self.layout.transitions.extend(transition.map(|it| Transition { free, eager: free && it.direct, ..it }));
                }
            }
        }
        let count = |from: u32, to: usize| u16::try_from(to - from as usize).unwrap_or(u16::MAX);
        self.layout.states.push(State {
            first,
            count: count(first, self.layout.transitions.len()),
            gaps: count(first_gap, self.layout.gaps.len()),
            first_gap,
            min: position.min,
            max: position.max,
            member: leaves.get(position.leaf).map_or(NO_MEMBER, |it| it.member),
            last: position.last,
        });
    }

    fn transition(&self, element: u32, next: u32, member: u16, again: bool) -> Option<Transition> {
        let it = self.layout.elements.get(element as usize)?;
        let (word, mask) = name_word(&it.name);
        let open = Tag::new(&[b"<", &*it.name, b">"].concat());
        let close = Tag::new(&[b"</", &*it.name, b">"].concat());
        let length = u16::try_from(it.name.len()).ok()?;
        let direct = !it.is_abstract && it.default.is_none() && it.fixed.is_none();
        let (namespace, kind) = (it.namespace, it.kind);
        Some(Transition {
            word,
            mask,
            open,
            close,
            namespace,
            element,
            kind,
            next,
            length,
            member,
            again,
            direct,
            free: false,
            eager: false,
        })
    }

    fn all(&mut self, leaves: &[Leaf], model: &Model, optional: bool, kind: &mut Kind, place: Place) -> bool {
        let first = number(self.layout.transitions.len());
        let mut required = 0;
        let parts = if let Model::Sequence(parts, _) = model { parts.as_slice() } else { &[] };
        let parts = if let [Model::Sequence(inner, _)] = parts { inner.as_slice() } else { parts };
        for part in parts {
            let Model::Leaf(leaf, occurs) = part else { continue };
            let Some(Leaf { what: What::Element(element), member }) = leaves.get(*leaf) else { continue };
            let bit = self.layout.transitions.len() - first as usize;
            if occurs.max != Some(1) || bit >= 64 {
                let span = self.xsd.span(place);
                self.xsd
                    .diagnostics
                    .error("S203", span, "`all` with more than 64 elements, or with one that repeats, is not supported")
                    .label("XML Schema 1.0 does not allow repeats");
                return false;
            }
            required |= u64::from(occurs.min > 0) << bit;
            let transition = self.transition(*element, 0, *member, false);
            self.layout.transitions.extend(transition);
        }
        let count = u16::try_from(self.layout.transitions.len() - first as usize).unwrap_or(0);
        kind.content = Content::All { first, count, required, optional };
        true
    }

    fn check_ambiguity(&mut self, next: &[(usize, usize, bool)], position: &model::Position, leaves: &[Leaf], place: Place) {
        let what = |it: &(usize, usize, bool)| leaves.get(it.0).map(|it| it.what);
        let fixed = position.min == position.max;
        for (index, it) in next.iter().enumerate() {
            // After a count that cannot vary, what follows is told apart by the count.
            let rivals = next.iter().take(index).filter(|rival| rival.0 != it.0 && !(rival.2 && fixed));
            for rival in rivals {
                match (what(it), what(rival)) {
                    (Some(What::Element(a)), Some(What::Element(b))) if self.same_name(a, b) => {
                        let name = self.layout.elements.get(a as usize).map_or(&[][..], |it| &it.name);
                        let message =
                            format!("the content model is ambiguous: `{}` may be either of two", String::from_utf8_lossy(name));
                        let span = self.xsd.span(place);
                        self.xsd
                            .diagnostics
                            .error("S207", span, message)
                            .label("not an XML Schema")
                            .help("XML Schema demands that one look at a name tells which particle it is (part 1, 3.8.6)");
                        return;
                    }
                    (Some(What::Gap(gap)), Some(What::Element(e))) | (Some(What::Element(e)), Some(What::Gap(gap))) => {
                        let namespace = self.layout.elements.get(e as usize).map_or(NONE, |it| it.namespace);
                        if self.layout.wildcards.get(gap as usize).is_some_and(|it| it.takes(namespace)) {
                            self.prefer_elements(place);
                        }
                    }
                    _ => {}
                }
            }
        }
        // A greedy count could take what the next round needs.
        let own_again = position.min > 1 && position.min != position.max;
        if own_again && next.iter().any(|it| !it.2 && it.0 == position.leaf) {
            let span = self.xsd.span(place);
            self.xsd
                .diagnostics
                .error("S207", span, "the content model is ambiguous: where one round ends cannot be told")
                .label("an element that repeats within a group that repeats");
        }
    }

    fn prefer_elements(&mut self, place: Place) {
        if self.xsd.said.contains(&"gap") {
            return;
        }
        self.xsd.said.push("gap");
        let span = self.xsd.span(place);
        self.xsd
            .diagnostics
            .note("S207", span, "`any` takes elements that are also named beside it: the named ones are preferred")
            .label("ambiguous in XML Schema 1.0, not in 1.1");
    }

    fn same_name(&self, a: u32, b: u32) -> bool {
        let name = |it: u32| self.layout.elements.get(it as usize).map(|it| (it.namespace, &it.name));
        name(a) == name(b)
    }

    /// What `xsi:type` and wildcards find by name.
    fn name_globals(&mut self) {
        for place in self.xsd.all(Global::Element) {
            let Some(element) = self.xsd.element(place) else { continue };
            let kind = self.kind(&element.kind, &element.name.1);
            let index = self.element(&element, kind);
            let namespace = self.namespace(&element.name.0);
            self.layout.globals.insert(namespace, &element.name.1, index);
        }
        for place in self.xsd.all(Global::Attribute) {
            let Some(attribute) = self.xsd.global_attribute(place) else { continue };
            if let Some(simple) = self.named_simple(&attribute.key, place) {
                let namespace = self.namespace(&attribute.name.0);
                self.layout.global_attributes.insert(namespace, &attribute.name.1, simple);
            }
        }
        self.work();
        let mut named: Vec<_> = self.ids.iter().map(|(key, id)| (key.clone(), *id)).collect();
        named.sort_unstable();
        for (key, id) in named {
            let name = match key {
                TypeKey::Any => (SCHEMA.to_owned(), "anyType".to_owned()),
                TypeKey::BuiltIn(name) => (SCHEMA.to_owned(), name.to_owned()),
                TypeKey::At(place) => match self.xsd.attribute(place, "name") {
                    Some(name) => (self.xsd.target(place).to_owned(), name),
                    None => continue,
                },
            };
            let namespace = self.namespace(&name.0);
            self.layout.named.insert(namespace, &name.1, id);
        }
        self.clean_elements();
    }

    /// Default and fixed values of elements as they are read: known only when all types are.
    fn clean_elements(&mut self) {
        for at in 0..self.layout.elements.len() {
            let Some(it) = self.layout.elements.get(at) else { break };
            let (default, fixed, kind) = (it.default.clone(), it.fixed.clone(), it.kind);
            let simple = self.layout.kinds.get(kind as usize).map_or(NONE, |it| it.simple);
            if simple == NONE || (default.is_none() && fixed.is_none()) {
                continue;
            }
            let place = Place { document: 0, node: 0 };
            let mut clean = |it: Option<Box<[u8]>>| {
                let text = it.as_deref().map(String::from_utf8_lossy);
                self.clean(simple, text.as_deref(), place)
            };
            let (default, fixed) = (clean(default), clean(fixed));
            if let Some(it) = self.layout.elements.get_mut(at) {
                (it.default, it.fixed) = (default, fixed);
            }
        }
    }
}

fn blank_kind() -> Kind {
    Kind {
        content: Content::Anything,
        simple: NONE,
        attributes: (0, 0),
        any_attribute: NONE,
        mixed: false,
        is_abstract: false,
        blocks: false,
        base: NONE,
        states: (0, 0),
        opaque: false,
        hex: false,
        says_more: false,
    }
}

/// A place of a content model.
struct Leaf {
    what: What,
    member: u16,
}

#[derive(Clone, Copy)]
enum What {
    Element(u32),
    Gap(u32),
}

/// The leaves of a content model as they get their numbers.
struct Leaves<'a> {
    members: &'a mut Vec<Member>,
    opaque: bool,
    leaves: Vec<Leaf>,
}
