//! The target tree in the order of its schema, with the slots that fill it.

use super::Lowerer;
use crate::plan::{Step, TargetPlan};
use crate::{Kind, Node, Place, Presence, Schema, Shape};
use std::sync::Arc;

impl Lowerer<'_> {
    pub(super) fn target_plan(&mut self, tree: usize, root: usize) -> TargetPlan {
        let side = self.resolved.trees.get(tree).map_or(0, |it| it.side);
        let about = self.sides.get(side);
        let alias = about.map_or(String::new(), |it| it.alias.clone());
        let records = about.is_some_and(|it| it.about.records);
        let schema =
            about.map_or_else(|| Arc::new(Schema::new("", Vec::new(), crate::TypeId(0))), |it| Arc::clone(it.codec.schema()));
        let shape = self.shape(tree, &schema, records);
        let has_key = self.nodes.iter().any(|it| it.target == tree && it.key.is_some());
        let is_file = self.writes_once.contains(&tree);
        let of_lane = |it: &(u16, &crate::plan::FoldPlan)| has_key && it.1.written == Some(tree);
        let root_field = self.resolved.trees.get(tree).map_or(Schema::ROOT, |it| it.node(0).field);
        let lane_folds = (0_u16..).zip(&self.folds).filter(of_lane).map(|(number, _)| number).collect();
        let mut secret: Vec<_> = self.secret_targets.iter().filter(|(it, _)| *it == tree).map(|(_, field)| *field).collect();
        secret.extend(self.resolved.written_secrets.iter().filter(|(it, _)| *it == side).map(|(_, field)| *field));
        TargetPlan { side, alias, shape, schema, has_key, is_file, root_field, secret, root, lane_folds }
    }

    fn shape(&self, tree: usize, schema: &Schema, records: bool) -> Shape {
        let Some(it) = self.resolved.trees.get(tree) else { return Shape::default() };
        let root = it.node(0).field;
        let mut nodes = self.children(tree, 0, schema, records);
        // A message always starts at the schema's root.
        for field in schema.line(root).into_iter().rev() {
            nodes = vec![Node::Group(field, Presence::Always, nodes)];
        }
        Shape { nodes }
    }

    /// The nodes within a group, in the order of the schema.
    fn children(&self, tree: usize, at: usize, schema: &Schema, records: bool) -> Vec<Node> {
        let Some(it) = self.resolved.trees.get(tree) else { return Vec::new() };
        let mut order: Vec<usize> = it.node(at).children.clone();
        order.sort_by_key(|child| (schema.member_index(it.node(*child).field), it.node(*child).occurrence));
        let mut nodes = Vec::new();
        let mut lists: Vec<crate::FieldId> = Vec::new();
        for child in order {
            let field = it.node(child).field;
            // Several occurrences of a leaf are one list.
            if let Some(place) = self.occurrence_lists.get(&(tree, at, field)) {
                if !lists.contains(&field) {
                    lists.push(field);
                    nodes.push(Node::Leaf(field, *place));
                }
                continue;
            }
            nodes.extend(self.node_of(tree, child, schema, records));
        }
        nodes
    }

    fn node_of(&self, tree: usize, at: usize, schema: &Schema, records: bool) -> Option<Node> {
        let it = self.resolved.trees.get(tree)?;
        let node = it.node(at);
        let field = node.field;
        if let Some(stream) = self.streams.get(&(tree, at)) {
            let number = self.nodes.get(*stream).map_or(0, |it| it.stream);
            return Some(Node::Stream(field, number, self.children(tree, at, schema, records)));
        }
        if let Some((place, arena)) = self.row_places.get(&(tree, at)) {
            return Some(Node::Rows(field, *place, *arena, self.children(tree, at, schema, records)));
        }
        let is_leaf = matches!(schema.type_of(field).kind, Kind::Leaf(_) | Kind::Any);
        if is_leaf {
            return self.leaf(tree, at, schema, records);
        }
        let children = self.children(tree, at, schema, records);
        if children.is_empty() {
            return None;
        }
        let is_mandatory = schema
            .parent(field)
            .is_some_and(|parent| crate::mapping::resolve::mandatory(schema, parent, records).contains(&field));
        // A mandatory group is there whenever what contains it is, empty if need be.
        let presence = if is_mandatory { Presence::Always } else { presence_of(&children) };
        Some(Node::Group(field, presence, children))
    }

    fn leaf(&self, tree: usize, at: usize, schema: &Schema, records: bool) -> Option<Node> {
        let it = self.resolved.trees.get(tree)?;
        let field = it.node(at).field;
        let value = match (self.leaf_literals.get(&(tree, at)), self.leaf_places.get(&(tree, at))) {
            (Some(text), _) => Some(Node::Literal(field, text.clone())),
            (None, Some(place)) => Some(Node::Leaf(field, *place)),
            (None, None) => None,
        };
        let mut attributes: Vec<Node> = Vec::new();
        if let (Some(currency), Some(of)) = (self.amount_currency.get(&(tree, at)), schema.child(field, "@Ccy")) {
            attributes.push(Node::Leaf(of, *currency));
        }
        attributes.extend(self.children(tree, at, schema, records));
        if attributes.is_empty() {
            return value;
        }
        let presence = match &value {
            Some(Node::Literal(..)) => Presence::Always,
            Some(Node::Leaf(_, place)) => Presence::Any(vec![*place]),
            _ => presence_of(&attributes),
        };
        attributes.extend(value);
        Some(Node::Group(field, presence, attributes))
    }

    /// Steps that put several occurrences of a leaf into one list.
    pub(super) fn occurrence_steps(&mut self, tree: usize, group: usize, arena: u16) -> Vec<Step> {
        let Some(it) = self.resolved.trees.get(tree) else { return Vec::new() };
        let Some(side) = self.sides.get(it.side) else { return Vec::new() };
        let schema = side.codec.schema();
        let mut found: Vec<(usize, crate::FieldId, Vec<_>)> = Vec::new();
        let mut open = vec![group];
        while let Some(at) = open.pop() {
            for child in &it.node(at).children {
                let node = it.node(*child);
                if self.streams.contains_key(&(tree, *child)) || self.row_places.contains_key(&(tree, *child)) {
                    continue;
                }
                let is_numbered =
                    schema.repeats(node.field) && it.children_of(at, node.field).any(|it_| it.node(it_).occurrence > 1);
                if let (true, Some(place)) = (is_numbered, self.leaf_places.get(&(tree, *child))) {
                    match found.iter_mut().find(|(of, field, _)| *of == at && *field == node.field) {
                        Some((_, _, places)) => places.push((node.occurrence, *place)),
                        None => found.push((at, node.field, vec![(node.occurrence, *place)])),
                    }
                }
                open.push(*child);
            }
        }
        let mut steps = Vec::new();
        for (at, field, mut places) in found {
            places.sort_unstable();
            let last = places.last().map_or(0, |(number, _)| *number);
            let nothing = self.new_slot(arena);
            let all: Vec<_> = (1..=last)
                .map(|number| places.iter().find(|(it, _)| *it == number).map_or(nothing, |(_, place)| *place))
                .collect();
            let from = self.list(all);
            let to = self.new_slot(arena);
            steps.push(Step::List { from, to });
            self.occurrence_lists.insert((tree, at, field), to);
        }
        steps
    }
}

/// A group is written when one of its leaves has a value; a constant counts.
fn presence_of(nodes: &[Node]) -> Presence {
    let mut places = Vec::new();
    if collect(nodes, &mut places) { Presence::Always } else { Presence::Any(places) }
}

/// The slots of which one makes a group be written; true where something always does.
fn collect(nodes: &[Node], places: &mut Vec<Place>) -> bool {
    for node in nodes {
        match node {
            Node::Literal(..) | Node::Stream(..) => return true,
            Node::Leaf(_, place) | Node::Rows(_, place, ..) => places.push(*place),
            Node::Group(_, Presence::Always, inner) => {
                if collect(inner, places) {
                    return true;
                }
            }
            Node::Group(_, Presence::Any(inner), _) => places.extend(inner),
            Node::Group(_, Presence::When(place), _) => places.push(*place),
        }
    }
    false
}
