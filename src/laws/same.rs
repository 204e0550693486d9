//! Whether two messages say the same after normal form: blanks behind a text, the scale of a number, and in records the
//! difference between a blank field and one that is not there, say nothing.

use crate::engine::{FieldId, Kind, Schema};
use serde_json::Value;

/// A field of which two messages say different things; nothing is absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field.
    pub field: FieldId,
    /// Its path from the root, with the numbers of occurrences.
    pub path: String,
    /// What one says.
    pub there: Option<String>,
    /// What the other says.
    pub back: Option<String>,
}

/// The first fields that differ, of those that count.
pub fn differences(
    schema: &Schema,
    is_record: bool,
    counts: impl Fn(FieldId) -> bool,
    [there, back]: [&Value; 2],
) -> Vec<Difference> {
    let mut walk = Walk { schema, is_record, counts, rows: Vec::new(), found: Vec::new() };
    walk.values(Schema::ROOT, Some(there), Some(back));
    walk.found
}

/// Differences that are told at most.
const MOST: usize = 16;

struct Walk<'a, F> {
    schema: &'a Schema,
    is_record: bool,
    counts: F,
    rows: Vec<u32>,
    found: Vec<Difference>,
}

impl<F: Fn(FieldId) -> bool> Walk<'_, F> {
    fn values(&mut self, field: FieldId, there: Option<&Value>, back: Option<&Value>) {
        if self.found.len() >= MOST || there == back {
            return;
        }
        let of = |value: Option<&Value>, name: &str| value.and_then(|it| it.get(name)).cloned();
        let def = self.schema.type_of(field);
        if matches!(def.kind, Kind::Leaf(_) | Kind::Any) {
            let is_object = |value: Option<&Value>| value.is_some_and(|it| it.get("$value").is_some());
            let own = |value: Option<&Value>| if is_object(value) { of(value, "$value") } else { value.cloned() };
            self.leaf(field, own(there), own(back));
        }
        for (child, member) in self.schema.children(field).into_iter().zip(&def.members) {
            let (there, back) = (of(there, &member.name), of(back, &member.name));
            if member.repeats {
                self.repeat(child, there, back);
            } else {
                self.values(child, there.as_ref(), back.as_ref());
            }
        }
    }

    fn repeat(&mut self, field: FieldId, there: Option<Value>, back: Option<Value>) {
        let items = |value: Option<Value>| match value {
            Some(Value::Array(items)) => items,
            other => other.into_iter().collect(),
        };
        let (there, back) = (items(there), items(back));
        for (at, row) in (0..there.len().max(back.len())).zip(1..) {
            self.rows.push(row);
            self.values(field, there.get(at), back.get(at));
            self.rows.pop();
        }
    }

    fn leaf(&mut self, field: FieldId, there: Option<Value>, back: Option<Value>) {
        let normal = |value: Option<Value>| value.and_then(|it| normal(&it)).filter(|it| !self.is_record || !it.is_empty());
        let (there, back) = (normal(there), normal(back));
        if there != back && (self.counts)(field) {
            let path = self.schema.path_with(field, &self.rows);
            self.found.push(Difference { field, path, there, back });
        }
    }
}

/// A value without what says nothing.
fn normal(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim_end_matches(' ').to_owned()),
        Value::Number(number) => {
            let digits = number.to_string();
            let is_fixed = digits.contains('.') && !digits.contains(['e', 'E']);
            let digits = if is_fixed { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
            Some(if digits == "-0" { "0" } else { digits }.to_owned())
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Member, Occurs, Type, TypeDef, TypeId};
    use serde_json::json;

    #[test]
    fn only_what_says_something_is_a_difference() {
        let leaf = TypeDef::leaf("Text", Type::Text(crate::engine::Text::default()));
        let many = Occurs { min: 0, max: None };
        let members = vec![Member::once("A", TypeId(0)), Member::occurring("B", TypeId(0), many)];
        let schema = Schema::new("s", vec![leaf, TypeDef::sequence("", members)], TypeId(1));
        let found = |is_record, there, back| {
            let found = differences(&schema, is_record, |_| true, [&there, &back]);
            found.into_iter().map(|it| format!("{} {:?} {:?}", it.path, it.there, it.back)).collect::<Vec<_>>()
        };
        assert!(found(true, json!({ "A": "x ", "B": ["", "1"] }), json!({ "A": "x", "B": [null, "1"] })).is_empty());
        assert!(found(false, json!({ "A": 1.50 }), json!({ "A": 1.5 })).is_empty());
        assert_eq!(found(false, json!({ "A": "" }), json!({})), [r#"A Some("") None"#]);
        assert_eq!(found(true, json!({ "B": ["1", "2"] }), json!({ "B": ["1"] })), [r#"B[2] Some("2") None"#]);
        let child = schema.find("A").unwrap();
        assert!(differences(&schema, true, |it| it != child, [&json!({ "A": 1 }), &json!({})]).is_empty());
    }
}
