//! The fields of a message, which are the same in both versions, and where each version has them.
//!
//! ```text
//! Body  / SubmitPaymentResponse / ..                              soap:Envelope / soap:Body / SubmitPaymentResponse
//! Fault / faultcode subcode faultstring faultactor detail         soap:Envelope / soap:Body / soap:Fault / ..
//! ```

use crate::envelope::Version;
use latimer_engine::{Codec, Fault, FieldId, Kind, Member, Occurs, Particle, Schema, TypeDef, TypeId, Want, Wanted};
use std::sync::Arc;

/// The fields of a fault, in the order of both versions; whether each must be there.
const FAULT: [(&str, bool); 5] =
    [("faultcode", true), ("subcode", false), ("faultstring", true), ("faultactor", false), ("detail", false)];

/// One version with the codec of its envelope.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) version: Version,
    pub(crate) codec: Arc<dyn Codec>,
}

/// The schema of both versions. `sides` has at least one.
pub(crate) fn schema(name: &str, sides: &[Side]) -> Option<Schema> {
    let first = sides.first()?.codec.schema();
    let mut types = first.types().to_vec();
    let mut add = |def: TypeDef| {
        types.push(def);
        TypeId(u32::try_from(types.len() - 1).unwrap_or(u32::MAX))
    };
    let body = first.type_of(first.find("Envelope/Body")?);
    let elements: Vec<Member> = body.members.iter().filter(|it| it.name != "Fault").cloned().collect();
    let body = match elements.as_slice() {
        [_] => TypeDef::sequence("", elements),
        _ => TypeDef::choice("", elements),
    };
    let mut members = Vec::new();
    for (field, must) in FAULT {
        // The types are those of the first version that has the field: texts both times.
        let Some((side, place)) = sides.iter().find_map(|it| Some((it, it.version.place(field)?))) else {
            continue;
        };
        let theirs = side.codec.schema();
        let inner = theirs.find(&format!("Envelope/Body/Fault/{place}"))?;
        let def = theirs.type_of(inner);
        let kind = match def.kind {
            // The language of a text is not kept.
            Kind::Leaf(_) => {
                add(TypeDef { members: Vec::new(), content: Particle::Sequence(Vec::new(), Occurs::ONCE), ..def.clone() })
            }
            _ => theirs.type_id(inner),
        };
        let occurs = if must { Occurs::ONCE } else { Occurs::OPTIONAL };
        members.push(Member::occurring(field, kind, occurs));
    }
    let fault = add(TypeDef::sequence("Fault", members));
    let body = add(body);
    let root = TypeDef::choice("", vec![Member::once("Body", body), Member::once("Fault", fault)]);
    let root = add(root);
    Some(Schema::new(name, types, root))
}

impl Side {
    /// The field of this version, if it has it.
    pub(crate) fn inner(&self, schema: &Schema, field: FieldId) -> Option<FieldId> {
        let line = schema.line(field);
        let theirs = self.codec.schema();
        let mut names = line.iter().map(|it| schema.name_of(*it));
        let body = theirs.find("Envelope/Body");
        let start = match (names.next()?, line.len()) {
            ("Body", _) => body,
            (_, 1) => theirs.child(body?, "Fault"),
            (_, _) => theirs.find(&format!("Envelope/Body/Fault/{}", self.version.place(names.next()?)?)),
        };
        names.try_fold(start?, |at, name| theirs.child(at, name))
    }

    /// What is wanted of this version.
    pub(crate) fn wanted(&self, schema: &Schema, wanted: &[Wanted]) -> Vec<Wanted> {
        let mut all = Vec::new();
        for it in wanted {
            let Some(field) = self.inner(schema, it.field) else { continue };
            if it.want == Want::Presence && schema.path(it.field) == "Body" {
                // Our body is there when one of its elements is: theirs is also around a fault.
                let theirs = self.codec.schema().children(field).into_iter();
                let elements = theirs.filter(|it| self.codec.schema().name_of(*it) != "Fault");
                all.extend(elements.map(|field| Wanted { field, ..*it }));
            } else {
                all.push(Wanted { field, ..*it });
            }
        }
        all
    }

    /// The field that one of this version is, or the nearest around it.
    fn outer(&self, schema: &Schema, inner: FieldId) -> Option<FieldId> {
        let theirs = self.codec.schema();
        let line = theirs.line(inner);
        let names: Vec<&str> = line.iter().skip(2).map(|it| theirs.name_of(*it)).collect();
        let body = schema.find("Body").filter(|_| line.len() > 1);
        let Some((first, rest)) = names.split_first() else { return body };
        if *first != "Fault" {
            return names.iter().try_fold(body?, |at, name| schema.child(at, name));
        }
        let fault = schema.find("Fault")?;
        let held = FAULT.iter().find_map(|(field, _)| {
            let place: Vec<&str> = self.version.place(field)?.split('/').collect();
            let below = rest.strip_prefix(place.as_slice())?;
            Some((schema.child(fault, field)?, below))
        });
        let Some((field, below)) = held else { return Some(fault) };
        let deepest = below.iter().try_fold(field, |at, name| schema.child(at, name));
        Some(deepest.unwrap_or(field))
    }

    /// A fault of this version in our fields.
    pub(crate) fn outer_fault(&self, schema: &Schema, fault: Fault) -> Fault {
        let Some(inner) = fault.field else { return Fault { detail: 0, ..fault } };
        let field = self.outer(schema, inner);
        // What was expected is told by its number among members that both have.
        let count = |schema: &Schema, field| schema.type_of(field).members.len();
        let same = field.is_some_and(|it| {
            let of_body = schema.path(it) == "Body" && usize::from(fault.detail) <= count(schema, it);
            of_body || count(schema, it) == count(self.codec.schema(), inner)
        });
        Fault { field, detail: if same { fault.detail } else { 0 }, ..fault }
    }
}
