//! The tree of what is written: one node for each field and occurrence that a rule names, whoever names it.

use super::Atom;
use crate::mapping::hir::{NodeId, RejectId};
use crate::mapping::typed::{Presence, Typed};
use crate::{FieldId, RuleId, Span};

/// What is written of one target.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The side.
    pub(crate) side: usize,
    /// The root first.
    pub(crate) nodes: Vec<TreeNode>,
    /// The nodes that a `write` begins at: the root, or what is written of a target that may also be a fault.
    pub(crate) tops: Vec<usize>,
}

/// A field of a target that something writes, or a group that holds such.
#[derive(Debug)]
pub(crate) struct TreeNode {
    pub(crate) field: FieldId,
    /// Which occurrence, from 1.
    pub(crate) occurrence: u32,
    pub(crate) parent: Option<usize>,
    /// In the order they were named.
    pub(crate) children: Vec<usize>,
    /// The rules of a leaf.
    pub(crate) writers: Vec<Writer>,
    /// Where it was first named: a group's incompleteness is shown there.
    pub(crate) span: Span,
    /// Whether it is named by a line of its own, not only on the way to another field.
    pub(crate) explicit: bool,
    /// The repeat that a loop writes here.
    pub(crate) node: Option<NodeId>,
    /// The conditions under which its block runs.
    pub(crate) guards: Vec<Atom>,
    /// `else reject`: the group is mandatory.
    pub(crate) reject: Option<RejectId>,
    /// A rule for it could not be resolved: it counts as written.
    pub(crate) failed: bool,
    /// `initialize`: the fields without a rule are blank on purpose.
    pub(crate) initialized: bool,
}

/// A rule that writes a leaf.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) rule: RuleId,
    /// The rule's words for the field.
    pub(crate) span: Span,
    /// The rule's value.
    pub(crate) value_span: Span,
    /// All conditions it stands under, its own included.
    pub(crate) guards: Vec<Atom>,
    /// The same, and what the value itself implies.
    pub(crate) implied: Vec<Atom>,
    pub(crate) typed: Typed,
    /// Whether it has a `when` of its own.
    pub(crate) guarded: bool,
}

impl Writer {
    /// Whether the rule gives a value whenever its group is written.
    pub(crate) fn is_always(&self, block: &[Atom]) -> bool {
        self.typed.presence != Presence::Maybe && self.guards.iter().all(|it| block.contains(it))
    }
}

impl Tree {
    /// A tree of which only the root is known.
    pub(crate) fn new(side: usize, root: FieldId, span: Span) -> Self {
        Tree { side, nodes: vec![TreeNode::new(root, 1, None, span)], tops: Vec::new() }
    }

    /// A node; the root for a number that is none.
    pub(crate) fn node(&self, at: usize) -> &TreeNode {
        self.nodes.get(at).or(self.nodes.first()).unwrap_or_else(|| unreachable!("a tree has a root"))
    }

    /// The same, to change.
    pub(crate) fn node_mut(&mut self, at: usize) -> &mut TreeNode {
        let at = if at < self.nodes.len() { at } else { 0 };
        self.nodes.get_mut(at).unwrap_or_else(|| unreachable!("a tree has a root"))
    }

    /// The child of a node for a field and occurrence, made if need be.
    pub(crate) fn child(&mut self, parent: usize, field: FieldId, occurrence: u32, span: Span) -> usize {
        let known = self.node(parent).children.iter().copied();
        let found = known.into_iter().find(|it| self.node(*it).field == field && self.node(*it).occurrence == occurrence);
        if let Some(found) = found {
            return found;
        }
        self.nodes.push(TreeNode::new(field, occurrence, Some(parent), span));
        let child = self.nodes.len() - 1;
        self.node_mut(parent).children.push(child);
        child
    }

    /// The children that write a field, whatever the occurrence.
    pub(crate) fn children_of(&self, parent: usize, field: FieldId) -> impl Iterator<Item = usize> {
        self.node(parent).children.iter().copied().filter(move |it| self.node(*it).field == field)
    }

    /// The nodes from the root to this one.
    pub(crate) fn line(&self, at: usize) -> Vec<usize> {
        let mut line = vec![at];
        let mut at = at;
        while let Some(parent) = self.node(at).parent {
            line.push(parent);
            at = parent;
        }
        line.reverse();
        line
    }

    /// Whether what is written is a fault, or one or the other.
    pub(crate) fn may_be_fault(&self) -> bool {
        self.tops.iter().any(|it| self.node(*it).field != self.node(0).field)
    }

    /// Whether anything at or below a node failed to resolve.
    pub(crate) fn has_failed(&self, at: usize) -> bool {
        self.node(at).failed || self.node(at).children.iter().any(|it| self.has_failed(*it))
    }
}

impl TreeNode {
    fn new(field: FieldId, occurrence: u32, parent: Option<usize>, span: Span) -> Self {
        TreeNode {
            field,
            occurrence,
            parent,
            children: Vec::new(),
            writers: Vec::new(),
            span,
            explicit: false,
            node: None,
            guards: Vec::new(),
            reject: None,
            failed: false,
            initialized: false,
        }
    }
}
