//! Schemas and messages from dice with a fixed seed.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::collapsible_match,
    reason = "a test may panic, and each test file uses what it needs of it"
)]

use serde_json::{Map, Value, json};

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 16) as usize % sides.max(1)
    }

    /// True once in so many.
    pub fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.roll(list.len())].clone()
    }
}

const NAMES: [&str; 14] = [
    "id",
    "name",
    "amount",
    "currency",
    "kind",
    "iban",
    "lines",
    "party",
    "a",
    "b",
    "zë",
    "a\"b",
    "transactionInformation",
    "aVeryLongMemberNameThatNoLiteralHolds",
];

/// A schema whose definitions may lead back to themselves.
pub fn schema(dice: &mut Dice) -> Value {
    let mut root = object(dice, 3, true);
    let defs = json!({ "A": object(dice, 2, false), "B": object(dice, 2, false) });
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$defs"] = defs;
    root
}

fn any(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 9 } else { 15 }) {
        0..=3 => text(dice),
        4 | 5 => number(dice),
        6 => json!({ "type": "boolean" }),
        7 => match dice.roll(4) {
            0 => json!({ "enum": ["A", "B", 1, null, true] }),
            1 => json!({ "type": ["string", "null"], "maxLength": 3 }),
            2 => json!({ "oneOf": [{ "const": "X" }, { "enum": ["Y", "Z"] }] }),
            _ => json!({ "type": ["string", "integer"], "minLength": 1, "minimum": 0 }),
        },
        8 => json!(true),
        9 | 10 => object(dice, depth - 1, false),
        11 | 12 => array(dice, depth - 1),
        13 => json!({ "$ref": dice.of(&["#/$defs/A", "#/$defs/B"]) }),
        _ => json!({ "anyOf": [{ "type": "null" }, any(dice, 0)] }),
    }
}

fn text(dice: &mut Dice) -> Value {
    let mut made = json!({ "type": "string" });
    match dice.roll(8) {
        0 => made["enum"] = json!(["EUR", "USD", "a longer code of sixteen"]),
        1 => made["const"] = json!("SEPA"),
        2 => made["pattern"] = json!(dice.of(&["^[A-Z]{2,3}$", "[0-9]", "^a|b$", r"^\d+([.,]\d{1,2})?$", r"^[^\s]*$"])),
        3 => made["format"] = json!(dice.of(&["date", "date-time", "time", "uuid", "account"])),
        4 | 5 => {
            made["minLength"] = json!(dice.roll(3));
            made["maxLength"] = json!(2 + dice.roll(20));
        }
        _ => {}
    }
    made
}

fn number(dice: &mut Dice) -> Value {
    let mut made = json!({ "type": dice.of(&["number", "integer"]) });
    match dice.roll(6) {
        0 => made["minimum"] = json!(0),
        1 => {
            made["exclusiveMinimum"] = json!(-5);
            made["maximum"] = serde_json::from_str("99.995").unwrap();
        }
        2 => made["multipleOf"] = serde_json::from_str(dice.of(&["0.01", "0.05", "1", "3", "0.5"])).unwrap(),
        3 => made["enum"] = serde_json::from_str("[1, 2.50, 100]").unwrap(),
        4 => made["exclusiveMaximum"] = json!(1000),
        _ => {}
    }
    made
}

fn array(dice: &mut Dice, depth: usize) -> Value {
    let mut made = json!({ "type": "array" });
    if dice.one_in(5) {
        made["prefixItems"] = json!([any(dice, depth), any(dice, depth)]);
        if dice.one_in(2) {
            made["items"] = if dice.one_in(2) { json!(false) } else { any(dice, depth) };
        }
    } else {
        made["items"] = any(dice, depth);
    }
    if dice.one_in(3) {
        made["minItems"] = json!(dice.roll(3));
    }
    if dice.one_in(3) {
        made["maxItems"] = json!(2 + dice.roll(2));
    }
    made
}

fn object(dice: &mut Dice, depth: usize, is_root: bool) -> Value {
    let mut properties = Map::new();
    for _ in 0..1 + dice.roll(6) {
        properties.insert(dice.of(&NAMES).to_owned(), any(dice, depth));
    }
    let names: Vec<String> = properties.keys().cloned().collect();
    let mut made = json!({ "type": "object", "properties": properties });
    made["required"] = names.iter().filter(|_| dice.one_in(3)).cloned().collect();
    match dice.roll(6) {
        0 => made["additionalProperties"] = json!(false),
        1 => made["additionalProperties"] = text(dice),
        _ => {}
    }
    if dice.one_in(6) {
        made["minProperties"] = json!(1 + dice.roll(2));
    }
    if dice.one_in(6) {
        made["maxProperties"] = json!(2 + dice.roll(4));
    }
    if dice.one_in(8) {
        let needs = [dice.of(&NAMES).to_owned()];
        made["dependentRequired"] = json!({ names[0].as_str(): needs });
    }
    if dice.one_in(8) {
        made["not"] = json!({ "required": [dice.of(&NAMES)] });
    }
    if depth > 0 && !is_root && dice.one_in(4) || dice.one_in(6) {
        alternatives(dice, depth, &mut made);
    }
    if dice.one_in(8) {
        let part = object(dice, 0, true);
        made["allOf"] = json!([part]);
    }
    made
}

fn alternatives(dice: &mut Dice, depth: usize, made: &mut Value) {
    match dice.roll(5) {
        0 => {
            let mut kinds = Vec::new();
            for code in ["card", "iban", "other"] {
                let mut kind = object(dice, depth.saturating_sub(1).min(1), true);
                kind["properties"]["kind"] = json!({ "const": code });
                kind["required"] = json!(["kind"]);
                kinds.push(kind);
            }
            made["properties"]["kind"] = json!({ "type": "string" });
            made[dice.of(&["oneOf", "anyOf"])] = json!(kinds);
        }
        1 => made[dice.of(&["oneOf", "anyOf"])] = json!([{ "required": ["iban"] }, { "required": ["name", "b"] }]),
        2 => {
            let mut iban = json!({ "type": "object", "required": ["iban"] });
            iban["properties"] = json!({ "iban": text(dice), "b": text(dice) });
            let mut bban = json!({ "type": "object", "required": ["a"] });
            bban["properties"] = json!({ "a": number(dice), "b": any(dice, 0) });
            made["properties"].as_object_mut().unwrap().remove("b");
            made[dice.of(&["oneOf", "anyOf"])] = json!([iban, bban]);
        }
        3 => {
            made["if"] = json!({ "properties": { "kind": { "enum": ["card", "EUR"] } }, "required": ["kind"] });
            made["then"] = json!({ "type": "object", "required": ["iban"], "properties": { "iban": text(dice) } });
            if dice.one_in(2) {
                made["else"] = json!({ "type": "object", "properties": { "amount": number(dice) } });
            }
        }
        _ => made["dependentSchemas"] = json!({ "name": { "type": "object", "required": ["a"], "maxProperties": 3 } }),
    }
}

/// A value that the schema may well allow.
pub fn instance(dice: &mut Dice, schema: &Value, root: &Value, depth: usize) -> Value {
    if dice.one_in(60) {
        return wild(dice);
    }
    let Some(keywords) = schema.as_object() else { return wild(dice) };
    if let Some(target) = keywords.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(target.trim_start_matches('#')).unwrap();
        return instance(dice, target, root, depth);
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(list) = keywords.get(word).and_then(Value::as_array)
            && !keywords.contains_key("properties")
        {
            let part = dice.of(list);
            return instance(dice, &part, root, depth);
        }
    }
    if let Some(code) = keywords.get("const") {
        return code.clone();
    }
    if let Some(codes) = keywords.get("enum").and_then(Value::as_array) {
        return dice.of(codes).clone();
    }
    let kind = match keywords.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => dice.of(kinds).as_str().unwrap().to_owned(),
        _ => return wild(dice),
    };
    match kind.as_str() {
        "string" => json!(word(dice, keywords)),
        "integer" | "number" => serde_json::from_str(&digits(dice)).unwrap(),
        "boolean" => json!(dice.one_in(2)),
        "null" => Value::Null,
        "array" => {
            let first = keywords.get("prefixItems").or(keywords.get("items")).and_then(Value::as_array);
            let first = first.cloned().unwrap_or_default();
            let count = if depth == 0 { 0 } else { dice.roll(4) };
            let item = keywords.get("items").cloned().unwrap_or(json!(true));
            (0..count).map(|at| instance(dice, first.get(at).unwrap_or(&item), root, depth - 1)).collect()
        }
        _ => {
            let mut made = Map::new();
            members(dice, schema, root, depth, &mut made);
            Value::Object(made)
        }
    }
}

fn members(dice: &mut Dice, schema: &Value, root: &Value, depth: usize, made: &mut Map<String, Value>) {
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = properties.keys().cloned().collect();
    if dice.one_in(2) {
        names.reverse();
    }
    for name in names {
        let is_required = required.iter().any(|it| it.as_str() == Some(&name));
        let wanted = depth > 0 && if is_required { !dice.one_in(30) } else { !dice.one_in(3) };
        if wanted {
            made.insert(name.clone(), instance(dice, &properties[&name], root, depth.saturating_sub(1)));
        }
    }
    for name in required.iter().filter_map(Value::as_str) {
        if !made.contains_key(name) && !dice.one_in(4) {
            made.insert(name.to_owned(), wild(dice));
        }
    }
    for word in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[word].as_array() {
            let part = dice.of(list);
            members(dice, &part, root, depth, made);
        }
    }
    for word in ["then", "else"] {
        if !schema[word].is_null() && dice.one_in(2) {
            members(dice, &schema[word].clone(), root, depth, made);
        }
    }
    if dice.one_in(6) {
        made.insert(dice.of(&NAMES).to_owned(), wild(dice));
    }
}

pub fn wild(dice: &mut Dice) -> Value {
    match dice.roll(9) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([1, "x", { "a": [] }]),
        3 => json!({ "a": 1, "b": { "c": "d" } }),
        4 => serde_json::from_str(&digits(dice)).unwrap(),
        _ => {
            json!(dice.of(&["", "A", "EUR", "card", "iban", "a, \"quoted\" text\n", "ÄÖ€𝄞", "12.50", "SEPA"]))
        }
    }
}

fn word(dice: &mut Dice, keywords: &Map<String, Value>) -> String {
    let format = keywords.get("format").and_then(Value::as_str).unwrap_or_default();
    let list: &[&str] = match (format, keywords.get("pattern").is_some()) {
        ("date", _) => &["2026-03-02", "2024-02-29", "2023-02-29", "2026-13-01", "x"],
        ("time", _) => &["09:15:00Z", "09:15:00+01:00", "25:00:00Z", "09:15:00"],
        ("date-time", _) => &["2026-03-02T09:15:00Z", "2026-03-02T09:15:00.123+01:00", "2026-02-30T09:15:00Z", "2026-03-02"],
        ("uuid", _) => &["123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"],
        (_, true) => &["AB", "ABC", "abc", "7", "12,50", "a", "xb", "no blanks", ""],
        _ => &["", "a", "ab", "abc", "Zoë", "€€", "a text of more than twenty characters", "tab\tquote\"back\\slash/"],
    };
    dice.of(list).to_owned()
}

pub fn digits(dice: &mut Dice) -> String {
    let list = [
        "0",
        "1",
        "-1",
        "5",
        "99.99",
        "99.995",
        "100",
        "1000",
        "-5",
        "2.5",
        "2.50",
        "1.00",
        "0.05",
        "0.015",
        "123456789.01",
        "1e2",
        "1.5e1",
        "12E-2",
        "-0",
        "-0.0",
        "3",
        "0.5",
        "1000000000000000000000",
        "99999999999999999999",
    ];
    dice.of(&list).to_owned()
}

/// A message that the schema may well allow.
pub fn message(dice: &mut Dice, schema: &Value) -> String {
    let value = instance(dice, schema, schema, 4);
    spelled(dice, &value)
}

/// The text of a value, with blanks and escapes that mean nothing.
pub fn spelled(dice: &mut Dice, value: &Value) -> String {
    let mut out = String::new();
    let style = dice.roll(3);
    spell(dice, value, style, &mut out);
    out
}

fn spell(dice: &mut Dice, value: &Value, style: usize, out: &mut String) {
    let blank = |dice: &mut Dice, out: &mut String| {
        if style == 2 {
            out.push_str(dice.of(&["", " ", "\n  ", "\t", "\r\n"]));
        }
    };
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                blank(dice, out);
                spell(dice, item, style, out);
                blank(dice, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, item)) in members.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                blank(dice, out);
                letters(dice, name, style, out);
                blank(dice, out);
                out.push(':');
                blank(dice, out);
                spell(dice, item, style, out);
                blank(dice, out);
            }
            out.push('}');
        }
        Value::String(text) => letters(dice, text, style, out),
        other => out.push_str(&other.to_string()),
    }
}

fn letters(dice: &mut Dice, text: &str, style: usize, out: &mut String) {
    if style == 0 || !dice.one_in(8) {
        out.push_str(&serde_json::to_string(text).unwrap());
        return;
    }
    out.push('"');
    for unit in text.encode_utf16() {
        out.push_str(&format!("\\u{unit:04x}"));
    }
    out.push('"');
}

/// A text with one to three changes.
pub fn edited(dice: &mut Dice, text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(text.len() + 1);
        match dice.roll(5) {
            0 if at < text.len() => {
                text.remove(at);
            }
            1 => text.insert(at, dice.of(br#"{}[]",:\0e-. ntfu"#)),
            2 if at < text.len() => text[at] = dice.of(br#"{}[]",:\0e-. ntfu"#),
            3 => text.truncate(at),
            _ if at < text.len() => text[at] ^= 1 << dice.roll(8),
            _ => {}
        }
    }
    text
}
