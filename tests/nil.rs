//! What says that it is nil, in the plain form and in XML, and elements that hold nothing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use latimer::engine::{Codec, Diagnostics, Limits, Options, Sources};
use latimer::plain::Plain;
use latimer::registry;
use serde_json::{Value, json};
use std::sync::Arc;

const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:n" xmlns="urn:n" elementFormDefault="qualified">
  <xs:complexType name="Amount"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="Ccy" type="xs:string" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="Group"><xs:sequence><xs:element name="x" type="xs:string"/></xs:sequence><xs:attribute name="id" type="xs:string"/></xs:complexType>
  <xs:element name="D"><xs:complexType><xs:sequence>
    <xs:element name="n" type="xs:int" nillable="true" minOccurs="0" maxOccurs="unbounded"/>
    <xs:element name="m" type="xs:string" nillable="true" minOccurs="0"/>
    <xs:element name="a" type="Amount" nillable="true" minOccurs="0"/>
    <xs:element name="b" type="Amount" minOccurs="0"/>
    <xs:element name="g" type="Group" nillable="true" minOccurs="0"/>
    <xs:element name="h" type="Group" nillable="true" minOccurs="0" maxOccurs="3"/>
    <xs:element name="w" nillable="true" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="i" type="Group" minOccurs="0" maxOccurs="unbounded"/><xs:element name="u" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"#;

const NIL: &str = r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>"#;

fn plain() -> Plain {
    let mut sources = Sources::default();
    let file = sources.add("nil.xsd", SCHEMA.to_owned());
    let format = registry::format("xml").unwrap();
    let codec: Arc<dyn Codec> = format.compile(&sources, file, &Options::default(), &mut Diagnostics::default()).unwrap();
    Plain::new(format, &codec, &Limits::default())
}

/// What stands in the root of the message made of a value.
fn content(plain: &mut Plain, value: &Value) -> String {
    let made = String::from_utf8(plain.encoded(&json!({ "D": value })).unwrap()).unwrap();
    let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><D xmlns=\"urn:n\">";
    made.strip_prefix(start).and_then(|it| it.strip_suffix("</D>\n")).unwrap().to_owned()
}

#[test]
fn nil_is_null_both_ways() {
    let mut plain = plain();
    for (value, expected) in [
        (json!({ "n": [null, 1], "m": null }), format!("<n{NIL}<n>1</n><m{NIL}")),
        (json!({ "n": [1, null] }), format!("<n>1</n><n{NIL}")),
        (json!({ "n": [null] }), format!("<n{NIL}")),
        (json!({ "m": "" }), "<m/>".to_owned()),
        (json!({ "a": { "@Ccy": "EUR", "$value": null } }), format!("<a Ccy=\"EUR\"{NIL}")),
        (json!({ "m": null, "g": null, "h": [{ "x": "1" }] }), format!("<m{NIL}<g{NIL}<h><x>1</x></h>")),
        (json!({ "g": null, "w": null }), format!("<g{NIL}<w{NIL}")),
    ] {
        assert_eq!(content(&mut plain, &value), expected, "{value}");
        let bytes = plain.encoded(&json!({ "D": value })).unwrap();
        assert_eq!(plain.decoded(&bytes).unwrap(), [json!({ "D": value })]);
    }
}

#[test]
fn nil_in_a_long_message() {
    let mut plain = plain();
    let items = |it: Value| Value::Array(vec![it; 60_000]);
    for value in [
        json!({ "D": { "n": items(Value::Null), "m": null } }),
        json!({ "D": { "m": null, "w": { "i": items(json!({ "x": "1" })) } } }),
    ] {
        let bytes = plain.encoded(&value).unwrap();
        assert!(bytes.len() > 1 << 19);
        assert!(plain.decoded(&bytes).unwrap() == [value]);
    }
}

#[test]
fn a_nil_that_cannot_be_said_is_refused() {
    let mut plain = plain();
    for (value, code) in [
        (json!({ "b": { "@Ccy": "EUR", "$value": null } }), "xml/nil"),
        (json!({ "b": null }), "json/type"),
        (json!({ "a": null }), "json/type"),
        (json!({ "h": [null] }), "json/type"),
        (json!({ "n": null }), "json/type"),
    ] {
        let why = plain.encoded(&json!({ "D": value })).unwrap_err();
        assert!(why.starts_with(&format!("{code} ")), "{value}: {why}");
    }
    for (content, place) in [("<g id='1' xsi:nil='true'/>", "D/g"), ("<h><x>1</x></h><h xsi:nil='1'></h>", "D/h[2]")] {
        let text = format!("<D xmlns='urn:n' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>{content}</D>");
        let why = plain.decoded(text.as_bytes()).unwrap_err();
        assert!(why.starts_with(&format!("{} {place} ", "xml/nil-group")), "{content}: {why}");
    }
}

#[test]
fn an_element_that_holds_nothing_is_an_empty_tag() {
    let mut plain = plain();
    for (value, expected) in [
        (json!({ "w": {} }), "<w/>"),
        (json!({ "w": { "u": "1" } }), "<w><u>1</u></w>"),
        (json!({ "w": { "i": [{ "x": "" }, { "x": "2" }] } }), "<w><i><x/></i><i><x>2</x></i></w>"),
        (json!({ "w": { "i": [{ "x": "1" }], "u": "2" } }), "<w><i><x>1</x></i><u>2</u></w>"),
    ] {
        assert_eq!(content(&mut plain, &value), expected, "{value}");
    }
}
