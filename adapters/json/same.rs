//! Messages that are copied as they were read.

use latimer_engine::{
    Codec, Decoder, Encoder, Fault, FieldId, Framer, Kind, Limits, Node, Place, Reading, Recoder, Schema, Section, Shape,
    SlotKind, Values,
};
use std::sync::Arc;

/// A codec whose encoder takes a message that is one value for what the codec's own decoder made of it.
pub(crate) struct Same {
    pub(crate) codec: Arc<dyn Codec>,
}

impl Codec for Same {
    fn schema(&self) -> &Arc<Schema> {
        self.codec.schema()
    }

    fn cuts_at(&self, repeat: FieldId) -> bool {
        self.codec.cuts_at(repeat)
    }

    fn framer(&self, cut: &[FieldId], early: &[FieldId], limits: &Limits) -> Box<dyn Framer> {
        self.codec.framer(cut, early, limits)
    }

    fn decoder(&self, reading: &Reading<'_>) -> Box<dyn Decoder> {
        self.codec.decoder(reading)
    }

    fn encoder(&self, shape: &Shape) -> Option<Box<dyn Encoder>> {
        let inner = self.codec.encoder(shape)?;
        match shape.nodes.as_slice() {
            // Of a leaf the decoder gives the value; of everything else, JSON without blanks.
            [Node::Leaf(Schema::ROOT, place)] if !matches!(self.schema().type_of(Schema::ROOT).kind, Kind::Leaf(_)) => {
                Some(Box::new(Copier { place: *place, inner }))
            }
            _ => Some(inner),
        }
    }

    fn recoder(&self, start: &[u8]) -> Result<Option<Box<dyn Recoder>>, Fault> {
        self.codec.recoder(start)
    }
}

/// Copies a message.
struct Copier {
    place: Place,
    /// For what is no stretch of JSON: null, nothing.
    inner: Box<dyn Encoder>,
}

impl Encoder for Copier {
    fn encode(&mut self, section: Section, values: &mut Values<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let slot = values.slot(self.place);
        if section != Section::Whole(0) || !matches!(slot.kind(), SlotKind::Part | SlotKind::Held) {
            return self.inner.encode(section, values, out);
        }
        let json = values.bytes(slot);
        out.reserve(json.len() + 1);
        out.extend_from_slice(json);
        out.push(b'\n');
        Ok(())
    }

    fn separator(&self) -> &'static [u8] {
        self.inner.separator()
    }
}
