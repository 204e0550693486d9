//! Which members lead to the arrays that messages are cut at.

use crate::{
    layout::{BracketShape, Field, Layout, Value, What},
    walk::Way,
};
use latimer_engine::{FieldId, Schema};

/// The ways to these repeats, outermost first. `None` where one leads through alternatives or positions, so that the members that
/// are allowed are known only when all of an object was seen: such messages are read whole.
pub(crate) fn ways(layout: &Layout, schema: &Schema, cut: &[FieldId], early: &[FieldId]) -> Option<Vec<Way>> {
    let mut ways = Vec::new();
    let (mut value, mut group) = (layout.root, Schema::ROOT);
    for repeat in cut {
        let mut way = Way::default();
        let line = schema.line(*repeat);
        let start = line.iter().position(|it| *it == group).map_or(0, |at| at + 1);
        let steps = line.get(start..)?;
        for (object, field) in steps.iter().enumerate() {
            let member = schema.member_index(*field)?;
            match value.what {
                What::Object(at) => {
                    let found = layout.objects.get(at as usize)?.members.iter();
                    let found = found.into_iter().find(|it| it.field == Field::Member(member))?;
                    let others = early.iter().filter(|it| leads_through(schema, **it, group, *field));
                    for other in others {
                        let name = member_below(schema, *other, group)?;
                        if !way.early.contains(&(object, name.clone())) {
                            way.early.push((object, name));
                        }
                    }
                    way.names.push(found.name.clone().into_bytes());
                    value = found.value;
                }
                // The items of an array in an array: nothing leads there but its bracket.
                What::Array(_) if layout.brackets_of(schema.type_id(group)) == BracketShape::Array => {}
                _ => return None,
            }
            group = *field;
        }
        let What::Array(at) = value.what else { return None };
        let array = layout.arrays.get(at as usize).filter(|it| !it.is_tuple)?;
        value = Value { nullable: false, ..array.item };
        ways.push(way);
    }
    Some(ways)
}

/// Whether a field stands in a group, but not within the member that leads on.
fn leads_through(schema: &Schema, field: FieldId, group: FieldId, on: FieldId) -> bool {
    field != group && schema.is_within(field, group) && !schema.is_within(field, on)
}

/// The member of a group that a field is, or stands in.
fn member_below(schema: &Schema, field: FieldId, group: FieldId) -> Option<Vec<u8>> {
    let mut at = field;
    while let Some(parent) = schema.parent(at) {
        if parent == group {
            return Some(schema.name_of(at).as_bytes().to_vec());
        }
        at = parent;
    }
    None
}
