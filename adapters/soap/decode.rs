//! Parts to records: by the codec of the version that the envelope's namespace says.

use crate::{code, envelope::Version, fields::Side, header};
use latimer_engine::{
    Decoder, Fault, FaultCode, Faults, Frame, Outcome, Part, Place, Reading, Record, Schema, Slot, SlotKind, Want,
};
use std::sync::Arc;

/// Decodes messages of one or both versions for one plan.
pub(crate) struct SoapDecoder {
    schema: Arc<Schema>,
    sides: Vec<(Side, Box<dyn Decoder>)>,
    /// The version of the last message: most streams have one.
    last: usize,
    found: Faults,
    /// Where the code of a fault goes.
    codes: Vec<Place>,
}

/// Stands before what the second version's decoder leaves for the parts below a head; it says to that decoder that no
/// namespace was declared before the first element.
const SECOND: [u8; 8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

impl SoapDecoder {
    pub(crate) fn new(schema: &Arc<Schema>, sides: &[Side], reading: &Reading<'_>) -> Self {
        let make = |side: &Side| {
            let wanted = side.wanted(schema, reading.wanted);
            let cut: Vec<_> = reading.cut.iter().filter_map(|it| side.inner(schema, *it)).collect();
            let decoder = side.codec.decoder(&Reading { wanted: &wanted, cut: &cut, ..*reading });
            (side.clone(), decoder)
        };
        let code = schema.find("Fault/faultcode");
        let of_code = reading.wanted.iter().filter(|it| it.want == Want::Value && Some(it.field) == code);
        SoapDecoder {
            schema: Arc::clone(schema),
            sides: sides.iter().map(make).collect(),
            last: 0,
            found: Faults::new(reading.limits.faults_max),
            codes: of_code.map(|it| it.place).collect(),
        }
    }

    /// The first part of a message: the version is the one whose envelope it is.
    fn begin(&mut self, frame: &Frame, buffer: &[u8], record: &mut Record) -> Outcome {
        let before = record.context().len();
        let mut outcome = Outcome::Broken;
        for _ in 0..self.sides.len() {
            self.found.clear();
            record.context_mut().truncate(before);
            if self.last > 0 {
                record.context_mut().extend_from_slice(&SECOND);
            }
            let Some((_, decoder)) = self.sides.get_mut(self.last) else { break };
            outcome = decoder.decode(frame, buffer, record, &mut self.found);
            let other = outcome == Outcome::Broken && self.found.list().first().is_some_and(|it| it.code == FaultCode::XmlRoot);
            if !other {
                return outcome;
            }
            self.last = (self.last + 1) % self.sides.len().max(1);
        }
        outcome
    }

    /// The code of a fault without the prefix, in the spelling of both versions.
    fn read_codes(&self, version: Version, frame: &Frame, part: &[u8], record: &mut Record) {
        for place in &self.codes {
            let slot = record.get(*place);
            if !matches!(slot.kind(), SlotKind::Part | SlotKind::Held) {
                continue;
            }
            let (at, _) = record.origin(slot).unwrap_or((frame.at, 0));
            let at = usize::try_from(at.saturating_sub(frame.at)).unwrap_or(usize::MAX);
            // What stands in the part is borrowed from there, so that the record can hold what is made of it.
            let held;
            let value = match slot.kind() {
                SlotKind::Part => part.get(slot.stretch()).unwrap_or_default(),
                _ => {
                    held = record.bytes(slot, part).to_vec();
                    held.as_slice()
                }
            };
            let Some(colon) = memchr::memchr(b':', value) else { continue };
            let (prefix, name) = (value.get(..colon).unwrap_or_default(), value.get(colon + 1..).unwrap_or_default());
            if !code::is_of_envelope(version, part, at, prefix) {
                continue;
            }
            let clean = code::read(version, name);
            let skipped = u32::try_from(colon + 1).unwrap_or(0);
            let slot = if clean == name && slot.kind() == SlotKind::Part {
                Slot::part(slot.at() + skipped, slot.length() - skipped)
            } else {
                record.hold_from(slot, |out| out.extend_from_slice(clean))
            };
            record.set(*place, slot);
        }
    }
}

impl Decoder for SoapDecoder {
    fn decode(&mut self, frame: &Frame, buffer: &[u8], record: &mut Record, faults: &mut Faults) -> Outcome {
        let part = buffer.get(frame.bytes.clone()).unwrap_or_default();
        let begins = matches!(frame.part, Part::Whole | Part::Head(0));
        let mut outcome = if begins {
            self.begin(frame, buffer, record)
        } else {
            let side = usize::from(record.context().starts_with(&SECOND));
            self.found.clear();
            match self.sides.get_mut(side) {
                Some((_, decoder)) => decoder.decode(frame, buffer, record, &mut self.found),
                None => Outcome::Broken,
            }
        };
        let side = if begins { self.last } else { usize::from(record.context().starts_with(&SECOND)) };
        let Some((side, _)) = self.sides.get(side) else { return Outcome::Broken };
        for fault in self.found.list() {
            faults.push(side.outer_fault(&self.schema, *fault));
        }
        for remark in self.found.remarks() {
            faults.remark(side.outer_fault(&self.schema, *remark));
        }
        if begins && outcome != Outcome::Broken {
            if let Some(at) = header::not_understood(side.version, part) {
                faults.push(Fault::new(FaultCode::SoapMustUnderstand, frame.at + at as u64));
                outcome = Outcome::Faulty;
            }
            self.read_codes(side.version, frame, part, record);
        }
        outcome
    }
}
