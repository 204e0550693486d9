//! Mappings over small schemas, from text to bytes: what oracles found, kept as cases.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use latimer::catalog::{self, Search};
use latimer::engine::call::{Context, NoStore};
use latimer::engine::output::{Noted, Outputs};
use latimer::engine::{Cut, Limits, Translation, Verdict};
use std::fs;

const SCHEMA: &str = r##"{ "type":"object", "required":["id","items"], "properties":{
  "id":{"type":"string","minLength":1,"maxLength":10},
  "note":{"type":"string","maxLength":10},
  "items":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"object","required":["name","value","currency"],"properties":{
    "name":{"type":"string","maxLength":10}, "due":{"type":"string","format":"date"}, "iban":{"type":"string","maxLength":34},
    "value":{"type":"string","pattern":"^[0-9]{1,5}([.][0-9]{1,3})?$"},
    "currency":{"type":"string","pattern":"^[A-Z]{3}$","minLength":3,"maxLength":3}}}}}}"##;

const TARGET: &str = r##"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" xmlns="urn:t" elementFormDefault="qualified">
  <xs:element name="Out"><xs:complexType><xs:sequence>
    <xs:element name="Id" type="T"/><xs:element name="Note" type="T" minOccurs="0"/><xs:element name="Sum" type="A"/>
    <xs:element name="Item" maxOccurs="3"><xs:complexType><xs:sequence>
      <xs:element name="Name" type="T" minOccurs="0"/><xs:element name="Bank" type="T" minOccurs="0"/><xs:element name="Amt" type="A"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
  <xs:simpleType name="T"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="10"/></xs:restriction></xs:simpleType>
  <xs:complexType name="A"><xs:simpleContent><xs:extension base="D"><xs:attribute name="Ccy" type="C" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:simpleType name="D"><xs:restriction base="xs:decimal"><xs:fractionDigits value="5"/><xs:totalDigits value="18"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="C"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{3}"/></xs:restriction></xs:simpleType>
</xs:schema>"##;

const MAPPING: &str = r##"latimer 1
mapping small version "1"
from in  : json "in.schema.json"
to   out : xml  "out.xsd" at Out
policy { bad-chars = reject time-zone = "Europe/Berlin" }
lookup banks (iban) -> bank from csv "banks.csv" key country = iban | iban-country, id = iban | iban-bank value bank
verify same(in/items/currency) else reject "AM03" "one currency"
write out {
  Id   <- in/id
  Note <- in/note
  Sum  <- sum(written Item/Amt) | exact
  Item <- each in/items as t where t/due is absent or t/due <= today() else reject message "DT01" "not due" {
    Name <- t/name
    Bank <- banks(t/iban)
    Amt  <- money(t/value | decimal, t/currency)
  }
}
"##;

fn translation() -> (tempfile::TempDir, Translation) {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("in.schema.json", SCHEMA),
        ("out.xsd", TARGET),
        ("small.map", MAPPING),
        ("banks.csv", "country,id,bank\nDE,37040044,COBA\n"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let search = Search { folders: Vec::new(), here: folder.path().to_path_buf() };
    let loaded = catalog::load(&folder.path().join("small.map"), &search, &Limits::default()).unwrap();
    let errors = latimer::render::diagnostics(&loaded.sources, &loaded.diagnostics, false);
    assert!(!loaded.diagnostics.has_errors(), "{errors}");
    (folder, loaded.translation(false).unwrap())
}

/// The output, or `CODE REASON SOURCE TEXT` of each fault.
fn run(message: &str) -> Result<String, Vec<String>> {
    let (_folder, translation) = translation();
    let (mut session, mut out) = (translation.session(), Outputs::default());
    session.open(Context { now: "2026-03-02T12:00:00Z".parse().unwrap(), ..Context::default() });
    let mut framer = translation.framer();
    let Ok(Cut::Frame(frame)) = framer.next(message.as_bytes(), true) else { panic!("one message") };
    if session.part(&frame, message.as_bytes(), &mut NoStore, &mut out) == Verdict::Release {
        let mut bytes = Vec::new();
        out.lanes().iter().for_each(|it| it.merge(&mut bytes));
        return Ok(String::from_utf8(bytes).unwrap());
    }
    let (plan, schema) = (&translation.plan, translation.source.schema());
    let told = |it: &Noted| {
        let rows: Vec<u32> = it.fault.rows.iter().copied().chain(it.numbers).filter(|it| *it > 0).collect();
        let path = it.fault.field.map(|field| schema.path_with(field, &rows)).unwrap_or_default();
        let refusal = it.refusal.map(|it| &plan.refusals[usize::from(it)]);
        let reason = refusal.map_or(it.fault.code.reason(), |it| it.code.as_str());
        let text = refusal.and_then(|it| it.text.as_deref()).unwrap_or(it.fault.code.text());
        format!("{} {reason} {path} {text}", it.fault.code.name())
    };
    Err(out.rejects.iter().flat_map(|it| it.faults.iter().map(told)).collect())
}

fn item(more: &str) -> String {
    format!(r#"{{"id":"M1","items":[{{"name":"n","value":"1.50","currency":"EUR"{more}}}]}}"#)
}

#[test]
fn a_blank_of_an_optional_field_is_nothing() {
    let expected = run(&item("")).unwrap();
    for blank in ["", " ", "     "] {
        let message = item("").replace(r#""items""#, &format!(r#""note":"{blank}","items""#));
        assert_eq!(run(&message).unwrap(), expected, "{blank:?}");
    }
    // One that the schema requires and lets be empty goes to an optional target as nothing, too.
    assert!(!run(&item("").replace(r#""n""#, r#""  ""#)).unwrap().contains("<Name"));
}

#[test]
fn an_unknown_currency_is_wrong_where_it_stands() {
    let message = item("").replace("EUR", "ZZZ");
    assert_eq!(run(&message).unwrap_err(), ["map/currency AM03 items[1]/currency the currency is unknown"]);
    let message = item("").replace("1.50", "1.505");
    assert_eq!(run(&message).unwrap_err(), ["map/digits AM12 items[1]/value digits would be lost"]);
}

#[test]
fn a_rule_says_once_what_is_wrong_with_a_value() {
    let message = item(r#","iban":"DE00370400440532013000""#);
    assert_eq!(run(&message).unwrap_err(), ["map/iban AC01 items[1]/iban not an IBAN"]);
}

#[test]
fn a_filter_says_what_it_asked() {
    let message = item(r#","due":"2026-03-03""#);
    assert_eq!(run(&message).unwrap_err(), ["map/rejected DT01 items[1]/due not due"]);
}

#[test]
fn what_must_hold_of_the_whole_has_its_own_words_first() {
    let message = r#"{"id":"M1","items":[{"name":"n","value":"1","currency":"EUR"},{"name":"n","value":"1","currency":"USD"}]}"#;
    let faults = run(message).unwrap_err();
    assert_eq!(faults[0], "map/verify AM03 items/currency one currency");
    assert_eq!(faults.len(), 2, "the sum of both has no value");
}

#[test]
fn items_too_many_are_said_of_the_first_one_too_many() {
    let one = r#"{"name":"n","value":"1","currency":"EUR"}"#;
    let message = format!(r#"{{"id":"M1","items":[{one},{one},{one},{one},{one}]}}"#);
    assert_eq!(run(&message).unwrap_err().len(), 1);
}
