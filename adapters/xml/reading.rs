//! What is wanted of a schema, as a tree beside its types: where values go, which groups are rows, where parts are cut.
//!
//! Node `n`, for every type `n`, is that type with nothing wanted in it; the wanted ones come behind. A decoder always is
//! at a node, so that skipping and keeping are one path.

use crate::layout::{Attribute, Content, Layout, NO_MEMBER, NO_NAMESPACE, NONE};
use latimer_engine::{FieldId, Place, Reading, Schema, TypeId, Want};
use std::collections::HashMap;

/// The nodes of one reading.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    /// By `Node::links` and member: its node.
    links: Vec<u32>,
    places: Vec<Place>,
    /// The nodes for types that `xsi:type` may put in the place of others.
    variants: HashMap<(u32, u32), u32>,
    /// The node of the whole message.
    pub(crate) root: u32,
    /// The repeats cut at, outermost first.
    pub(crate) cuts: Vec<CutNode>,
    /// How many states the nodes have together.
    pub(crate) learned: usize,
}

/// A type where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: u32,
    /// The first of its links, or `NONE` where every member leads to the node of its type.
    links: u32,
    /// The simple type of a value, or `NONE`.
    pub(crate) simple: u32,
    pub(crate) shape: NodeShape,
    /// Whether its value or its presence is wanted.
    pub(crate) is_watched: bool,
    values: (u32, u32),
    presences: (u32, u32),
    pub(crate) rows: Rows,
    /// Whether its content has states.
    pub(crate) has_states: bool,
    /// The state its content begins with.
    pub(crate) start: u32,
    /// What is added to a state to find what was learned of it here.
    pub(crate) learned: u32,
}

/// How an element of a type is read when its tag has no attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeShape {
    /// A value, at once.
    Value,
    /// A value with one attribute, which must be there: an amount with its currency.
    Amount,
    /// Elements in an order, and nothing else.
    Group,
    /// With all that there is to ask.
    Other,
}

/// What an occurrence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    No,
    /// Opens a row that the slot counts.
    Counted(u16, Place),
    /// Opens a row.
    Opened(u16),
}

/// A repeat cut at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CutNode {
    /// The node it is a member of, and which.
    pub(crate) parent: u32,
    pub(crate) member: u16,
}

impl Node {
    /// Whether something of it is wanted, if only how often it stands.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_watched || self.rows != Rows::No
    }
}

impl Program {
    /// Lays out what a plan wants.
    pub(crate) fn new(layout: &Layout, reading: &Reading<'_>) -> Program {
        let mut program = Program {
            nodes: Vec::new(),
            links: Vec::new(),
            places: Vec::new(),
            variants: HashMap::new(),
            root: 0,
            cuts: Vec::new(),
            learned: 0,
        };
        for kind in 0..layout.kinds.len() {
            program.push(layout, u32::try_from(kind).unwrap_or(NONE));
        }
        let mut known = HashMap::new();
        program.root = program.push(layout, layout.schema.root_type().0);
        program.link_all(layout, program.root);
        known.insert(Schema::ROOT, program.root);
        for (level, cut) in (1..).zip(cuttable(layout, reading.cut)) {
            program.cut(layout, *cut, level, &mut known);
        }
        for field in fields(reading) {
            let node = program.node(layout, field, &mut known);
            program.want(node, field, reading);
        }
        program.vary(layout);
        program
    }

    fn push(&mut self, layout: &Layout, kind: u32) -> u32 {
        let Some(it) = layout.kinds.get(kind as usize) else { return 0 };
        let plain = it.attributes.1 == 0 && !it.is_abstract;
        let simple = |it: &Attribute| it.required && it.fixed.is_none() && it.namespace == NO_NAMESPACE;
        let amount = matches!(layout.attributes(it), [one] if simple(one)) && !it.is_abstract;
        let (shape, start) = match it.content {
            Content::Value if plain => (NodeShape::Value, 0),
            Content::Value if amount => (NodeShape::Amount, 0),
            Content::Elements(start) if plain && !it.opaque => (NodeShape::Group, start),
            Content::Elements(start) => (NodeShape::Other, start),
            _ => (NodeShape::Other, 0),
        };
        self.nodes.push(Node {
            kind,
            links: NONE,
            simple: if it.content == Content::Value { it.simple } else { NONE },
            shape,
            is_watched: false,
            values: (0, 0),
            presences: (0, 0),
            rows: Rows::No,
            has_states: it.states.1 > 0,
            start,
            learned: u32::try_from(self.learned).unwrap_or(0).wrapping_sub(it.states.0),
        });
        self.learned += it.states.1 as usize;
        u32::try_from(self.nodes.len() - 1).unwrap_or(NONE)
    }

    /// Gives a node links of its own, to the nodes of the members' types.
    fn link_all(&mut self, layout: &Layout, node: u32) {
        let links = u32::try_from(self.links.len()).unwrap_or(NONE);
        let Some(it) = self.nodes.get_mut(node as usize) else { return };
        it.links = links;
        let members = &layout.schema.type_def(TypeId(it.kind)).members;
        self.links.extend(members.iter().map(|it| it.kind.0));
    }

    /// The node of a field, made with all above it.
    fn node(&mut self, layout: &Layout, field: FieldId, known: &mut HashMap<FieldId, u32>) -> u32 {
        if let Some(node) = known.get(&field) {
            return *node;
        }
        let parent = layout.schema.parent(field).unwrap_or(Schema::ROOT);
        let parent = self.node(layout, parent, known);
        let node = self.push(layout, layout.schema.type_id(field).0);
        self.link_all(layout, node);
        known.insert(field, node);
        let links = self.nodes.get(parent as usize).map_or(NONE, |it| it.links);
        let member = layout.schema.member_index(field).unwrap_or(0);
        if let Some(link) = self.links.get_mut(links as usize + member as usize) {
            *link = node;
        }
        node
    }

    fn cut(&mut self, layout: &Layout, field: FieldId, level: u16, known: &mut HashMap<FieldId, u32>) {
        let node = self.node(layout, field, known);
        let parent = self.node(layout, layout.schema.parent(field).unwrap_or(Schema::ROOT), known);
        let member = layout.schema.member_index(field).and_then(|it| u16::try_from(it).ok()).unwrap_or(NO_MEMBER);
        self.cuts.push(CutNode { parent, member });
        if let Some(it) = self.nodes.get_mut(node as usize) {
            it.rows = Rows::Opened(level);
        }
    }

    fn want(&mut self, node: u32, field: FieldId, reading: &Reading<'_>) {
        let of_field = || reading.wanted.iter().filter(|it| it.field == field);
        let values = self.keep(of_field().filter(|it| it.want == Want::Value).map(|it| it.place));
        let presences = self.keep(of_field().filter(|it| it.want == Want::Presence).map(|it| it.place));
        let Some(it) = self.nodes.get_mut(node as usize) else { return };
        (it.values, it.presences) = (values, presences);
        it.is_watched = values.0 != values.1 || presences.0 != presences.1;
        for wanted in of_field() {
            if let Want::Rows(arena) = wanted.want {
                it.rows = Rows::Counted(arena, wanted.place);
            }
        }
    }

    fn keep(&mut self, places: impl Iterator<Item = Place>) -> (u32, u32) {
        let first = self.places.len();
        self.places.extend(places);
        let place = |it: usize| u32::try_from(it).unwrap_or(NONE);
        (place(first), place(self.places.len()))
    }

    /// Makes nodes for derived types in wanted places; members of the same name lead where those of the base lead.
    fn vary(&mut self, layout: &Layout) {
        let wanted = layout.kinds.len()..self.nodes.len();
        for at in wanted {
            let Some(base) = self.nodes.get(at).copied() else { continue };
            for kind in 0..u32::try_from(layout.kinds.len()).unwrap_or(0) {
                if kind == base.kind || !layout.is_derived(kind, base.kind) {
                    continue;
                }
                let variant = self.push(layout, kind);
                self.link_all(layout, variant);
                let (ours, theirs) = (layout.schema.type_def(TypeId(kind)), layout.schema.type_def(TypeId(base.kind)));
                let links = self.nodes.get(variant as usize).map_or(0, |it| it.links as usize);
                for (member, it) in ours.members.iter().enumerate() {
                    let same = theirs.members.iter().position(|other| other.name == it.name && other.kind == it.kind);
                    let target = same.and_then(|same| self.links.get(base.links as usize + same).copied());
                    if let (Some(target), Some(link)) = (target, self.links.get_mut(links + member)) {
                        *link = target;
                    }
                }
                if let Some(it) = self.nodes.get_mut(variant as usize) {
                    (it.values, it.presences, it.rows) = (base.values, base.presences, base.rows);
                    it.is_watched = base.is_watched;
                }
                let key = (u32::try_from(at).unwrap_or(NONE), kind);
                self.variants.insert(key, variant);
            }
        }
    }

    /// A node.
    #[inline]
    pub(crate) fn get(&self, node: u32) -> &Node {
        static NOWHERE: Node = Node {
            kind: NONE,
            links: NONE,
            simple: NONE,
            shape: NodeShape::Other,
            is_watched: false,
            values: (0, 0),
            presences: (0, 0),
            rows: Rows::No,
            has_states: false,
            start: 0,
            learned: 0,
        };
        self.nodes.get(node as usize).unwrap_or(&NOWHERE)
    }

    /// The node of a member whose type is given.
    #[inline]
    pub(crate) fn child(&self, node: &Node, member: u16, kind: u32) -> u32 {
        if node.links == NONE || member == NO_MEMBER {
            return kind;
        }
        self.links.get(node.links as usize + usize::from(member)).copied().unwrap_or(kind)
    }

    /// The node for a type in the place of another.
    pub(crate) fn variant(&self, node: u32, kind: u32) -> u32 {
        self.variants.get(&(node, kind)).copied().unwrap_or(kind)
    }

    /// Where the value goes.
    #[inline]
    pub(crate) fn values(&self, node: &Node) -> &[Place] {
        self.places.get(node.values.0 as usize..node.values.1 as usize).unwrap_or_default()
    }

    /// Where it is noted that the group is there.
    #[inline]
    pub(crate) fn presences(&self, node: &Node) -> &[Place] {
        self.places.get(node.presences.0 as usize..node.presences.1 as usize).unwrap_or_default()
    }
}

/// The wanted fields, each once.
fn fields(reading: &Reading<'_>) -> Vec<FieldId> {
    let mut fields: Vec<_> = reading.wanted.iter().map(|it| it.field).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// The first of these repeats, each in the one before, at which a message can be cut: those whose occurrences stand next to
/// each other, in groups that do not repeat themselves.
pub(crate) fn cuttable<'c>(layout: &Layout, cut: &'c [FieldId]) -> &'c [FieldId] {
    let mut above = Schema::ROOT;
    let mut levels = 0;
    for field in cut {
        let line = layout.schema.line(*field);
        let below: Vec<_> = line.iter().copied().skip_while(|it| above != Schema::ROOT && *it != above).collect();
        let below = if above == Schema::ROOT { below.as_slice() } else { below.get(1..).unwrap_or_default() };
        let Some((last, groups)) = below.split_last() else { break };
        if groups.iter().any(|it| layout.schema.repeats(*it)) || last != field || !is_contiguous(layout, *field) {
            break;
        }
        above = *field;
        levels += 1;
    }
    cut.get(..levels).unwrap_or_default()
}

/// Whether all occurrences of a member of its group stand next to each other.
fn is_contiguous(layout: &Layout, field: FieldId) -> bool {
    let (Some(parent), Some(member)) = (layout.schema.parent(field), layout.schema.member_index(field)) else {
        return false;
    };
    let Some(kind) = layout.kinds.get(layout.schema.type_id(parent).0 as usize) else { return false };
    let Content::Elements(_) = kind.content else { return false };
    let states = layout.states.get(kind.states.0 as usize..(kind.states.0 + kind.states.1) as usize);
    let mut leads_to = None;
    for state in states.unwrap_or_default() {
        for it in layout.transitions(state).iter().filter(|it| u32::from(it.member) == member) {
            // Another place, or the same place again by way of a group around it.
            let again = u32::from(state.member) == member && !it.again;
            if leads_to.is_some_and(|known| known != it.next) || again {
                return false;
            }
            leads_to = Some(it.next);
        }
    }
    let max = leads_to.and_then(|it| layout.states.get(it as usize)).map_or(0, |it| it.max);
    max > 1 && !comes_back(layout, kind.states, leads_to.unwrap_or(NONE))
}

/// Whether a state can be come back to once it was left.
fn comes_back(layout: &Layout, states: (u32, u32), from: u32) -> bool {
    let mut seen = vec![false; states.1 as usize];
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let Some(state) = layout.states.get(at as usize) else { continue };
        let elements = layout.transitions(state).iter().filter(|it| !it.again).map(|it| it.next);
        let gaps = layout.gaps(state).iter().filter(|it| !it.again).map(|it| it.next);
        for next in elements.chain(gaps) {
            if next == from {
                return true;
            }
            if let Some(seen) = seen.get_mut((next - states.0) as usize)
                && !std::mem::replace(seen, true)
            {
                open.push(next);
            }
        }
    }
    false
}
