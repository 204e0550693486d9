//! What several tests need: codecs, and a mirror that reads all of a message and writes it again.

mod laws;
mod messages;
mod mirror;
mod schemas;
mod vectors;

use crate::Soap;
use latimer_engine::{Codec, Diagnostics, FileId, Format, FormatOption, Options, Sources};
use std::sync::Arc;

/// A body without a namespace, as in the manual's example.
pub(super) const PLAIN: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\
  <xs:element name='Answer'><xs:complexType><xs:sequence>\
    <xs:element name='reference'><xs:simpleType><xs:restriction base='xs:string'><xs:maxLength value='35'/></xs:restriction></xs:simpleType></xs:element>\
    <xs:element name='amount' type='xs:decimal' minOccurs='0'/>\
    <xs:element name='message' minOccurs='0' maxOccurs='10'><xs:complexType><xs:sequence><xs:element name='text' type='xs:string'/></xs:sequence></xs:complexType></xs:element>\
  </xs:sequence></xs:complexType></xs:element>\
  <xs:element name='Ping' type='xs:string'/>\
</xs:schema>";

/// A body with a namespace, whose items can be cut at.
pub(super) const BATCH: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:pay?a=1&amp;b' targetNamespace='urn:pay?a=1&amp;b' elementFormDefault='qualified'>\
  <xs:element name='Batch'><xs:complexType><xs:sequence>\
    <xs:element name='Id' type='xs:string'/>\
    <xs:element name='Tx' minOccurs='0' maxOccurs='unbounded'><xs:complexType><xs:sequence>\
      <xs:element name='Ref' type='xs:string'/><xs:element name='Amt' type='xs:decimal'/>\
    </xs:sequence></xs:complexType></xs:element>\
    <xs:element name='Sum' type='xs:decimal'/>\
  </xs:sequence></xs:complexType></xs:element>\
</xs:schema>";

/// Options as a mapping writes them: `version 1.2 detail reason`.
pub(super) fn options(sources: &mut Sources, words: &str) -> Options {
    let file = sources.add("test.map", words);
    let span = sources.span(file);
    let mut options = Options::default();
    for word in words.split_whitespace() {
        match ["operation", "message", "version", "detail"].contains(&word) {
            true => options.list.push(FormatOption { name: word.to_owned(), words: Vec::new(), span }),
            false => options.list.last_mut().unwrap().words.push(word.to_owned()),
        }
    }
    options
}

/// Compiles; gives the codec and the diagnostics as codes and messages.
pub(super) fn attempt(schema: &str, words: &str) -> (Option<Arc<dyn Codec>>, Vec<String>) {
    let mut sources = Sources::default();
    let options = options(&mut sources, words);
    let file: FileId = sources.add("test.xsd", schema);
    let mut diagnostics = Diagnostics::default();
    let codec = Soap.compile(&sources, file, &options, &mut diagnostics);
    (codec, diagnostics.iter().map(|it| format!("{} {}", it.code, it.message)).collect())
}

/// Compiles what is right.
pub(super) fn compile(schema: &str, words: &str) -> Arc<dyn Codec> {
    let (codec, diagnostics) = attempt(schema, words);
    codec.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// An envelope of SOAP 1.1 as many write it.
pub(super) fn envelope_1_1(body: &str) -> String {
    format!("<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>")
}

/// An envelope of SOAP 1.2.
pub(super) fn envelope_1_2(body: &str) -> String {
    format!("<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body>{body}</e:Body></e:Envelope>")
}
