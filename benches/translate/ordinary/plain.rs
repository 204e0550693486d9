//! Orders, pacs.008 and SOAP answers to JSON and back: owned structs by serde.

use crate::shapes::order::Order;
use crate::shapes::pacs::{Document, Root, Shown, Written};
use crate::shapes::soap::{Body, Content, Envelope, Fault, Plain};

/// An order to itself, by owned texts.
pub(crate) fn order(json: &[u8], out: &mut Vec<u8>) {
    let order: Order<String> = serde_json::from_slice(json).unwrap();
    serde_json::to_writer(out, &order).unwrap();
}

/// A pacs.008 to JSON.
pub(crate) fn pacs_shown(xml: &[u8], out: &mut Vec<u8>) {
    let document: Document<String, Shown> = quick_xml::de::from_str(std::str::from_utf8(xml).unwrap()).unwrap();
    serde_json::to_writer(out, &Root { document }).unwrap();
}

/// JSON to a pacs.008.
pub(crate) fn pacs_written(json: &[u8], out: &mut Vec<u8>) {
    let Root { mut document } = serde_json::from_slice::<Root<String, Written>>(json).unwrap();
    document.namespace = Some("urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08");
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    quick_xml::se::to_writer(&mut text, &document).unwrap();
    text.push('\n');
    out.extend_from_slice(text.as_bytes());
}

/// A SOAP answer to JSON.
pub(crate) fn soap_shown(xml: &[u8], out: &mut Vec<u8>) {
    let Envelope { body, .. } = quick_xml::de::from_str::<Envelope<String>>(std::str::from_utf8(xml).unwrap()).unwrap();
    let fault = body.fault.map(|it| Fault { faultcode: it.faultcode.rsplit(':').next().unwrap().to_owned(), ..it });
    let shown = Plain { body: body.response.map(|response| Body { response }), fault };
    serde_json::to_writer(out, &shown).unwrap();
}

/// JSON to a SOAP answer.
pub(crate) fn soap_written(json: &[u8], out: &mut Vec<u8>) {
    let Plain { body, fault } = serde_json::from_slice::<Plain<String>>(json).unwrap();
    let fault = fault.map(|it| Fault { faultcode: format!("soap:{}", it.faultcode), ..it });
    let envelope = Envelope::new(Content { response: body.map(|it| it.response), fault });
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    quick_xml::se::to_writer(&mut text, &envelope).unwrap();
    text.push('\n');
    out.extend_from_slice(text.as_bytes());
}
