//! Values to envelopes of one version.

use crate::{code, envelope::Version, fields::Side};
use latimer_engine::{Encoder, Fault, FaultCode, FieldId, Node, Place, Presence, Schema, Section, Shape, Slot, SlotKind, Values};
use std::sync::Arc;

/// Writes messages of one version for one plan.
pub(crate) struct SoapEncoder {
    schema: Arc<Schema>,
    side: Side,
    encoder: Box<dyn Encoder>,
    /// Where the code of a fault comes from, if it is no constant.
    code: Option<Place>,
    /// A field with a text that the version has no place for, where it is written always.
    unwritable: Option<FieldId>,
    /// Slots of the fields that the version does not have.
    homeless: Vec<(FieldId, Place)>,
    made: Vec<u8>,
}

/// A shape of ours as one of a version.
struct Turn<'a> {
    schema: &'a Schema,
    side: &'a Side,
    code: Option<Place>,
    unwritable: Option<FieldId>,
    homeless: Vec<(FieldId, Place)>,
}

impl SoapEncoder {
    pub(crate) fn new(schema: &Arc<Schema>, side: &Side, shape: &Shape) -> Option<Self> {
        let mut turn = Turn { schema, side, code: None, unwritable: None, homeless: Vec::new() };
        let nodes = turn.message(&shape.nodes)?;
        let Turn { code, unwritable, homeless, .. } = turn;
        let encoder = side.codec.encoder(&Shape { nodes })?;
        let (schema, side) = (Arc::clone(schema), side.clone());
        Some(SoapEncoder { schema, side, encoder, code, unwritable, homeless, made: Vec::new() })
    }

    /// Spells the code of a fault; gives back what was there.
    fn spell(&mut self, place: Place, values: &mut Values<'_>) -> Result<Slot, Fault> {
        let slot = values.slot(place);
        if matches!(slot.kind(), SlotKind::Absent | SlotKind::Failed) {
            return Ok(slot);
        }
        let text = std::str::from_utf8(values.bytes(slot)).ok();
        let Some(spelled) = text.and_then(|it| code::written(self.side.version, it)) else {
            return Err(self.unwritable(self.schema.find("Fault/faultcode")));
        };
        self.made.clear();
        self.made.extend_from_slice(spelled.as_bytes());
        let made = values.record.hold_from(slot, |out| out.extend_from_slice(&self.made));
        values.record.set(place, made);
        Ok(slot)
    }

    fn unwritable(&self, field: Option<FieldId>) -> Fault {
        Fault { field, ..Fault::new(FaultCode::SoapCode, 0) }
    }
}

impl Encoder for SoapEncoder {
    fn encode(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        // A fault stands in the message itself, never in what streams.
        let (Section::Open(stream)
        | Section::First(stream)
        | Section::Close(stream)
        | Section::Empty(stream)
        | Section::Whole(stream)) = section;
        if stream == 0 {
            let homeless = self.homeless.iter().find(|(_, place)| values.is_present(*place));
            if let Some(field) = homeless.map(|(field, _)| *field).or(self.unwritable) {
                return Err(self.unwritable(Some(field)));
            }
            if let Some(place) = self.code {
                let before = self.spell(place, values)?;
                let written = self.encoder.encode(section, values, out);
                values.record.set(place, before);
                return written.map_err(|it| self.side.outer_fault(&self.schema, it));
            }
        }
        self.encoder.encode(section, values, out).map_err(|it| self.side.outer_fault(&self.schema, it))
    }

    fn separator(&self) -> &'static [u8] {
        self.encoder.separator()
    }
}

impl Turn<'_> {
    fn inner(&self, field: FieldId) -> Option<FieldId> {
        self.side.inner(self.schema, field)
    }

    /// A field of the version's envelope.
    fn field(&self, path: &str) -> Option<FieldId> {
        self.side.codec.schema().find(path)
    }

    fn message(&mut self, nodes: &[Node]) -> Option<Vec<Node>> {
        let mut content = Vec::new();
        for node in nodes {
            let Node::Group(field, presence, nodes) = node else { continue };
            if self.schema.name_of(*field) == "Fault" {
                let nodes = self.fault(nodes)?;
                content.push(Node::Group(self.inner(*field)?, presence.clone(), nodes));
            } else {
                for node in nodes {
                    let node = self.node(node)?;
                    content.push(within(node, presence));
                }
            }
        }
        let body = Node::Group(self.field("Envelope/Body")?, Presence::Always, content);
        Some(vec![Node::Group(self.field("Envelope")?, Presence::Always, vec![body])])
    }

    fn nodes(&self, nodes: &[Node]) -> Option<Vec<Node>> {
        nodes.iter().map(|it| self.node(it)).collect()
    }

    /// A node whose fields are in both schemas.
    fn node(&self, node: &Node) -> Option<Node> {
        Some(match node {
            Node::Literal(field, text) => Node::Literal(self.inner(*field)?, text.clone()),
            Node::Leaf(field, place) => Node::Leaf(self.inner(*field)?, *place),
            Node::Group(field, presence, nodes) => Node::Group(self.inner(*field)?, presence.clone(), self.nodes(nodes)?),
            Node::Rows(field, place, arena, nodes) => Node::Rows(self.inner(*field)?, *place, *arena, self.nodes(nodes)?),
            Node::Stream(field, stream, nodes) => Node::Stream(self.inner(*field)?, *stream, self.nodes(nodes)?),
        })
    }

    /// The content of a fault.
    fn fault(&mut self, nodes: &[Node]) -> Option<Vec<Node>> {
        let mut content = Vec::new();
        let mut code = Vec::new();
        for node in nodes {
            let field = of_node(node);
            let name = self.schema.name_of(field);
            let (is_code, is_subcode) = (name == "faultcode", name == "subcode");
            if self.side.version.place(name).is_none() {
                match node {
                    Node::Leaf(_, place) => self.homeless.push((field, *place)),
                    _ => self.unwritable = Some(field),
                }
                continue;
            }
            let node = match node {
                Node::Literal(_, text) if is_code => match code::written(self.side.version, text) {
                    Some(text) => Node::Literal(self.inner(field)?, text),
                    None => {
                        self.unwritable = Some(field);
                        continue;
                    }
                },
                Node::Leaf(_, place) if is_code => {
                    self.code = Some(*place);
                    self.node(node)?
                }
                node => self.node(node)?,
            };
            match self.side.version {
                Version::V11 => content.push(node),
                Version::V12 if is_code => code.push(node),
                Version::V12 if is_subcode => {
                    let subcode = self.field("Envelope/Body/Fault/Code/Subcode")?;
                    code.push(Node::Group(subcode, presence_of(&node), vec![node]));
                }
                Version::V12 if name == "faultstring" => content.push(self.reason(node)?),
                Version::V12 => content.push(node),
            }
        }
        if !code.is_empty() {
            content.insert(0, Node::Group(self.field("Envelope/Body/Fault/Code")?, Presence::Always, code));
        }
        Some(content)
    }

    /// `<soap:Reason><soap:Text xml:lang="en">`: SOAP 1.2 demands a language (part 1, section 5.4.2), and ours have none.
    fn reason(&self, node: Node) -> Option<Node> {
        let reason = self.field("Envelope/Body/Fault/Reason")?;
        let text = self.side.codec.schema().child(reason, "Text")?;
        let language = self.side.codec.schema().child(text, "@lang")?;
        let presence = presence_of(&node);
        let text = Node::Group(text, presence, vec![Node::Literal(language, "en".to_owned()), node]);
        Some(Node::Group(reason, Presence::Always, vec![text]))
    }
}

/// The field that a node writes.
fn of_node(node: &Node) -> FieldId {
    match node {
        Node::Literal(field, _)
        | Node::Leaf(field, _)
        | Node::Group(field, ..)
        | Node::Rows(field, ..)
        | Node::Stream(field, ..) => *field,
    }
}

/// When a leaf is written.
fn presence_of(node: &Node) -> Presence {
    match node {
        Node::Leaf(_, place) => Presence::Any(vec![*place]),
        _ => Presence::Always,
    }
}

/// A node that is written only when what is around it is, where that leaves no tag of its own.
fn within(node: Node, presence: &Presence) -> Node {
    match node {
        _ if *presence == Presence::Always => node,
        Node::Group(field, Presence::Always, nodes) => Node::Group(field, presence.clone(), nodes),
        Node::Literal(field, text) => Node::Group(field, presence.clone(), vec![Node::Literal(field, text)]),
        node => node,
    }
}
