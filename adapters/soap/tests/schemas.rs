//! What a mapping gets to see, and what is said of schemas and options that cannot be used.

use super::{BATCH, PLAIN, attempt, compile};
use latimer_engine::Kind;

#[test]
fn the_fields_are_those_of_the_body_and_of_a_fault() {
    let codec = compile(PLAIN, "operation Submit detail reason reference");
    let schema = codec.schema();
    let mut paths = Vec::new();
    schema.walk(|it| {
        paths.push(schema.path(it));
        true
    });
    assert_eq!(
        paths.join(" "),
        "Body Fault Body/Answer Body/Ping Fault/faultcode Fault/subcode Fault/faultstring Fault/faultactor Fault/detail \
         Body/Answer/reference Body/Answer/amount Body/Answer/message Fault/detail/reason Fault/detail/reference \
         Fault/detail/$xml Body/Answer/message/text"
    );
    let codec = compile(BATCH, "version 1.1");
    let schema = codec.schema();
    assert!(schema.find("Fault/subcode").is_none() && schema.find("Body/Batch/Tx").is_some());
    assert!(matches!(schema.type_of(schema.find("Fault/detail").unwrap()).kind, Kind::Any));
    assert_eq!(schema.name, "test.xsd");
}

#[test]
fn options_that_cannot_be_used() {
    let said = |words: &str| attempt(PLAIN, words).1.join(" | ");
    assert_eq!(said(""), "");
    assert_eq!(said("version 1.3"), "E003 `version 1.3` is not an option of `soap`");
    assert_eq!(said("operation"), "E003 `operation ` is not an option of `soap`");
    assert_eq!(said("message fault"), "E004 `message` cannot be used with an XML Schema");
    assert_eq!(said("detail a<b"), "E003 `detail a<b` is not an option of `soap`");
    assert!(attempt(PLAIN, "version 1.3").0.is_none());
}

#[test]
fn schemas_that_cannot_be_used() {
    let said = |text: &str| attempt(text, "").1.join(" | ");
    assert!(said("<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>").starts_with("E004 a WSDL"));
    let fault = PLAIN.replace("name='Ping'", "name='Fault'");
    assert_eq!(said(&fault), "S213 no envelope can be put around this schema");
    let broken = PLAIN.replace("xs:decimal", "xs:decimals");
    assert!(said(&broken).contains("decimals"), "{}", said(&broken));
    assert!(attempt(&broken, "").0.is_none() && attempt(&fault, "").0.is_none());
}
