//! Two values in their plain forms, field by field.

use crate::engine::{Decimal, HIDDEN};
use serde_json::Value;

/// The fields in which two values differ, each as `PATH: expected A, found B`.
/// A value of a field that is secret is not shown.
pub(crate) fn differences(expected: &Value, found: &Value, is_secret: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut differences = Differences { is_secret, found: Vec::new() };
    differences.walk("", expected, found);
    differences.found
}

struct Differences<'a> {
    is_secret: &'a dyn Fn(&str) -> bool,
    found: Vec<String>,
}

impl Differences<'_> {
    fn walk(&mut self, path: &str, expected: &Value, found: &Value) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        match (expected, found) {
            (Value::Object(a), Value::Object(b)) => {
                for (name, value) in a {
                    let below = below(name);
                    match b.get(name) {
                        Some(other) => self.walk(&below, value, other),
                        None => {
                            let value = self.shown(&below, value);
                            self.found.push(format!("{below}: expected {value}, found nothing"));
                        }
                    }
                }
                for (name, value) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
                    let below = below(name);
                    let value = self.shown(&below, value);
                    self.found.push(format!("{below}: expected nothing, found {value}"));
                }
            }
            (Value::Array(a), Value::Array(b)) => {
                for (at, (value, other)) in a.iter().zip(b).enumerate() {
                    self.walk(&format!("{path}[{}]", at + 1), value, other);
                }
                if a.len() != b.len() {
                    self.found.push(format!("{path}: expected {} times, found {} times", a.len(), b.len()));
                }
            }
            (a, b) if a == b => {}
            (a, b) => {
                let (a, b) = (self.shown(path, a), self.shown(path, b));
                self.found.push(format!("{path}: expected {a}, found {b}"));
            }
        }
    }

    /// A value without what is secret in it.
    fn shown(&self, path: &str, value: &Value) -> String {
        shown(&self.hidden(path, value))
    }

    fn hidden(&self, path: &str, value: &Value) -> Value {
        if (self.is_secret)(path) {
            return Value::String(HIDDEN.to_owned());
        }
        match value {
            Value::Array(items) => items.iter().map(|it| self.hidden(path, it)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, it)| (name.clone(), self.hidden(&format!("{path}/{name}"), it))).collect()
            }
            other => other.clone(),
        }
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
