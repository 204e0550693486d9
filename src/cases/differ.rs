//! Two values in their plain forms, field by field.

use crate::engine::Decimal;
use serde_json::Value;

/// The fields in which two values differ, each as `PATH: expected A, found B`.
pub(crate) fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    walk("", expected, found, &mut differences);
    differences
}

fn walk(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                match b.get(name) {
                    Some(other) => walk(&below, value, other, differences),
                    None => differences.push(format!("{below}: expected {}, found nothing", shown(value))),
                }
            }
            for (name, value) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
                let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                differences.push(format!("{below}: expected nothing, found {}", shown(value)));
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for (at, (value, other)) in a.iter().zip(b).enumerate() {
                walk(&format!("{path}[{}]", at + 1), value, other, differences);
            }
            if a.len() != b.len() {
                differences.push(format!("{path}: expected {} times, found {} times", a.len(), b.len()));
            }
        }
        (a, b) if a == b => {}
        (a, b) => differences.push(format!("{path}: expected {}, found {}", shown(a), shown(b))),
    }
}

/// A value, not too long.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}..", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Characters of a value that are shown.
const SHOWN_MAX: usize = 120;

/// Whether a value is what a test says: as a number where both are numbers, else as text.
pub(crate) fn equals(value: &Value, text: &str, is_number: bool) -> bool {
    let found = match value {
        Value::String(it) => it.clone(),
        // An amount: its digits and its currency.
        Value::Object(it) => match (it.get("$value"), it.get("@Ccy").and_then(Value::as_str)) {
            (Some(number), Some(currency)) => {
                let Some((digits, wanted)) = text.rsplit_once(' ') else { return equals(number, text, is_number) };
                return wanted == currency && equals(number, digits, true);
            }
            (Some(number), None) => return equals(number, text, is_number),
            _ => return false,
        },
        Value::Null => return false,
        other => other.to_string(),
    };
    let number = |it: &str| Decimal::parse(it.as_bytes());
    if is_number && let (Some(a), Some(b)) = (number(&found), number(text)) {
        return a.cmp(&b).is_eq();
    }
    found == text
}
