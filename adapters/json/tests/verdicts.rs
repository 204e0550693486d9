//! Verdicts beside those of programs we did not write: serde_json for the grammar, jsonschema for the schema.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod dice;
mod plan;

use dice::{Dice, edited, instance, schema, spelled, wild};
use latimer_engine::Outcome;
use plan::{Reader, codec, faults, try_codec};

/// Whether serde_json reads it as one value in which no member is named twice.
fn is_json(text: &[u8]) -> bool {
    struct Unique;
    impl<'de> serde::de::Visitor<'de> for Unique {
        type Value = bool;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("json")
        }
        fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
            Ok(true)
        }
        fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
            Ok(true)
        }
        fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
            Ok(true)
        }
        fn visit_str<E>(self, _: &str) -> Result<bool, E> {
            Ok(true)
        }
        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(true)
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
            let mut unique = true;
            while let Some(item) = seq.next_element_seed(Unique)? {
                unique &= item;
            }
            Ok(unique)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let (mut unique, mut names) = (true, std::collections::HashSet::new());
            while let Some(name) = map.next_key::<String>()? {
                // Numbers of any size come as maps of this one name.
                unique &= names.insert(name);
                unique &= map.next_value_seed(Unique)?;
            }
            Ok(unique)
        }
    }
    impl<'de> serde::de::DeserializeSeed<'de> for Unique {
        type Value = bool;
        fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
            from.deserialize_any(self)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    serde::de::DeserializeSeed::deserialize(Unique, &mut reader).is_ok_and(|it| it) && reader.end().is_ok()
}

#[test]
fn the_grammar_is_that_of_serde_json() {
    let any = codec("true");
    let object = codec(r#"{"type":"object","properties":{"a":{},"id":{},"name":{"type":"object"}}}"#);
    let mut dice = Dice(1);
    let (mut good, mut bad) = (0, 0);
    let (mut any_reader, mut object_reader) = (Reader::new(&*any), Reader::new(&*object));
    for round in 0..40_000 {
        let mut value = wild(&mut dice);
        for _ in 0..dice.roll(4) {
            value = serde_json::json!({ "a": value, "id": [wild(&mut dice), wild(&mut dice)], "x": wild(&mut dice) });
        }
        let text = spelled(&mut dice, &value).into_bytes();
        let text = if round % 4 == 0 { text } else { edited(&mut dice, &text) };
        let expected = is_json(&text);
        let shown = String::from_utf8_lossy(&text);
        let (outcome, found) = any_reader.read(&text);
        assert_eq!(outcome == Outcome::Clean, expected, "{shown} {:?}", faults(any.schema(), &found));
        // With a schema the same text is broken at the same byte, or not at all.
        let (with_schema, _) = object_reader.read(&text);
        assert_eq!(outcome == Outcome::Broken, with_schema == Outcome::Broken, "{shown}");
        good += usize::from(expected);
        bad += usize::from(!expected);
    }
    assert!(good > 12_000 && bad > 12_000, "{good} {bad}");
}

#[test]
fn verdicts_are_those_of_json_schema() {
    let mut dice = Dice(2);
    let (mut valid, mut invalid, mut refused) = (0, 0, 0);
    for _ in 0..1200 {
        let schema = schema(&mut dice);
        let text = schema.to_string();
        let codec = match try_codec(&text, "document") {
            Ok(codec) => codec,
            // Dice make alternatives that cannot be told apart, and schemas that nothing satisfies.
            Err(why) if why.contains("S106") || why.contains("S107 no message") || why.contains("S102 this condition") => {
                refused += 1;
                continue;
            }
            Err(why) => panic!("{why}\n{text}"),
        };
        let oracle = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let mut reader = Reader::new(&*codec);
        for _ in 0..20 {
            let message = instance(&mut dice, &schema, &schema, 4);
            let spelled = spelled(&mut dice, &message);
            let (outcome, found) = reader.read(spelled.as_bytes());
            let expected = oracle.is_valid(&message);
            let all: Vec<String> = oracle.iter_errors(&message).map(|it| it.to_string()).collect();
            assert_eq!(outcome == Outcome::Clean, expected, "{text}\n{spelled}\n{:?}\n{all:?}", faults(codec.schema(), &found));
            valid += usize::from(expected);
            invalid += usize::from(!expected);
        }
    }
    assert!(valid > 4_000 && invalid > 4_000 && refused < 400, "{valid} {invalid} {refused}");
}
