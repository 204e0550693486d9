//! SOAP answers to JSON and back: a loop over events, borrowed structs by serde_json, output put by hand.

use super::text::{Text, put, put_element};
use super::xml::Document;
use super::{Checked, require};
use crate::shapes::soap::{Fault, NAMESPACE, Plain, Response};

/// A SOAP answer to JSON.
pub(crate) fn shown(xml: &[u8], out: &mut Vec<u8>) {
    put_shown(xml, out).unwrap();
}

/// JSON to a SOAP answer.
pub(crate) fn written(json: &[u8], out: &mut Vec<u8>) {
    let plain: Plain<Text<'_>> = serde_json::from_str(std::str::from_utf8(json).unwrap()).unwrap();
    put_written(&plain, out).unwrap();
}

/// The elements of an answer and of a fault come in the order of the schema, so that they are put as they come.
fn put_shown(xml: &[u8], out: &mut Vec<u8>) -> Checked<()> {
    let mut xml = Document::new(xml)?;
    xml.expect("Envelope")?;
    xml.expect("Body")?;
    let start = xml.child()?.ok_or("the body is empty")?;
    match start.local_name().as_ref() {
        b"SubmitPaymentResponse" => {
            out.extend_from_slice(b"{\"Body\":{\"SubmitPaymentResponse\":{");
            put_response(&mut xml, out)?;
            out.extend_from_slice(b"}}}");
        }
        b"Fault" => {
            out.extend_from_slice(b"{\"Fault\":{");
            put_fault(&mut xml, out)?;
            out.extend_from_slice(b"}}");
        }
        _ => return Err("neither an answer nor a fault"),
    }
    xml.expect_end()?;
    xml.expect_end()
}

fn put_response(xml: &mut Document<'_>, out: &mut Vec<u8>) -> Checked<()> {
    put_field("\"reference\":", &xml.expect_text("reference")?, out);
    put_field(",\"status\":", &xml.expect_text("status")?, out);
    let mut next = xml.child()?;
    for (name, key) in [("reason", ",\"reason\":"), ("bookedAt", ",\"bookedAt\":")] {
        if let Some(start) = next.take_if(|it| it.local_name().as_ref() == name.as_bytes()) {
            put_field(key, &xml.text(&start)?, out);
            next = xml.child()?;
        }
    }
    let mut key = ",\"message\":[{\"text\":";
    let has_messages = next.is_some();
    while let Some(start) = next {
        require(start.local_name().as_ref() == b"message", "an element")?;
        put_field(key, &xml.expect_text("text")?, out);
        out.push(b'}');
        xml.expect_end()?;
        key = ",{\"text\":";
        next = xml.child()?;
    }
    if has_messages {
        out.push(b']');
    }
    Ok(())
}

fn put_fault(xml: &mut Document<'_>, out: &mut Vec<u8>) -> Checked<()> {
    let code = xml.expect_text("faultcode")?;
    put_field("\"faultcode\":", code.rsplit(':').next().unwrap_or(&code), out);
    put_field(",\"faultstring\":", &xml.expect_text("faultstring")?, out);
    xml.expect("detail")?;
    put_field(",\"detail\":{\"reason\":", &xml.expect_text("reason")?, out);
    put_field(",\"reference\":", &xml.expect_text("reference")?, out);
    out.push(b'}');
    xml.expect_end()?;
    xml.expect_end()
}

fn put_field(key: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(key.as_bytes());
    serde_json::to_writer(out, text).unwrap();
}

fn put_written(plain: &Plain<Text<'_>>, out: &mut Vec<u8>) -> Checked<()> {
    put(["<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope xmlns:soap=\"", NAMESPACE, "\"><soap:Body>"], out);
    match plain {
        Plain { body: Some(body), fault: None } => response(&body.response, out),
        Plain { body: None, fault: Some(it) } => {
            require(matches!(&*it.faultcode, "Client" | "Server" | "VersionMismatch" | "MustUnderstand"), "a code")?;
            fault(it, out);
        }
        _ => return Err("either an answer or a fault"),
    }
    put(["</soap:Body></soap:Envelope>\n"], out);
    Ok(())
}

fn response(response: &Response<Text<'_>>, out: &mut Vec<u8>) {
    put(["<SubmitPaymentResponse>"], out);
    put_element("reference", &response.reference, out);
    put_element("status", &response.status, out);
    if let Some(reason) = &response.reason {
        put_element("reason", reason, out);
    }
    if let Some(booked_at) = &response.booked_at {
        put_element("bookedAt", booked_at, out);
    }
    for message in &response.message {
        put(["<message>"], out);
        put_element("text", &message.text, out);
        put(["</message>"], out);
    }
    put(["</SubmitPaymentResponse>"], out);
}

fn fault(fault: &Fault<Text<'_>>, out: &mut Vec<u8>) {
    put(["<soap:Fault><faultcode>soap:", &fault.faultcode, "</faultcode>"], out);
    put_element("faultstring", &fault.faultstring, out);
    put(["<detail>"], out);
    put_element("reason", &fault.detail.reason, out);
    put_element("reference", &fault.detail.reference, out);
    put(["</detail></soap:Fault>"], out);
}
