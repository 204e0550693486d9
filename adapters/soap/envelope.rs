//! The versions of SOAP, and the schema of an envelope around a body.
//!
//! SOAP 1.1 (W3C Note, 8 May 2000) and SOAP 1.2 part 1 (second edition), as the WS-I Basic Profile 1.1 and 2.0 narrow
//! them: one element in the body, nothing behind it, no encoding.

use std::fmt::Write;

/// A version of SOAP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// SOAP 1.1.
    V11,
    /// SOAP 1.2.
    V12,
}

/// What the body may hold, in the terms of its own schema.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    /// The name by which the envelope's schema calls the schema's file.
    pub(crate) location: &'a str,
    /// Its target namespace; empty for none.
    pub(crate) namespace: &'a str,
    /// Its global elements.
    pub(crate) elements: &'a [String],
    /// The text elements in the detail of a fault; without them the detail is any XML.
    pub(crate) detail: &'a [String],
}

impl Version {
    /// The namespace of the envelope.
    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Version::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Version::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// Where the fields of a fault stand below `Fault`; `None` where the version has no such field.
    pub(crate) fn place(self, field: &str) -> Option<&'static str> {
        Some(match (self, field) {
            (Version::V11, "faultcode") => "faultcode",
            (Version::V11, "faultstring") => "faultstring",
            (Version::V11, "faultactor") => "faultactor",
            (Version::V11, "detail") => "detail",
            // SOAP 1.2 part 1, section 5.4.
            (Version::V12, "faultcode") => "Code/Value",
            (Version::V12, "subcode") => "Code/Subcode/Value",
            (Version::V12, "faultstring") => "Reason/Text",
            (Version::V12, "faultactor") => "Role",
            (Version::V12, "detail") => "Detail",
            _ => return None,
        })
    }

    /// The attribute that says whom a header is for.
    pub(crate) const fn actor(self) -> &'static [u8] {
        match self {
            Version::V11 => b"actor",
            Version::V12 => b"role",
        }
    }

    /// Whether a header for this actor is for us, who are the last to receive the message.
    pub(crate) fn is_ours(self, actor: &str) -> bool {
        match self {
            // SOAP 1.1, section 4.2.2; without the attribute it is for the last.
            Version::V11 => matches!(actor, "" | "http://schemas.xmlsoap.org/soap/actor/next"),
            // SOAP 1.2 part 1, section 2.2.
            Version::V12 => matches!(
                actor,
                "" | "http://www.w3.org/2003/05/soap-envelope/role/next"
                    | "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"
            ),
        }
    }

    /// The XML Schema of messages of this version.
    pub(crate) fn schema(self, body: &Body<'_>) -> String {
        let own = self.namespace();
        let mut text = format!(
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:e=\"{own}\" targetNamespace=\"{own}\" \
             elementFormDefault=\"qualified\""
        );
        let (namespace, location) = (escaped(body.namespace), escaped(body.location));
        let (prefix, import) = match body.namespace {
            "" => ("", String::new()),
            _ => ("b:", format!(" namespace=\"{namespace}\"")),
        };
        if !prefix.is_empty() {
            let _ = write!(text, " xmlns:b=\"{namespace}\"");
        }
        let _ = write!(text, "><xs:import{import} schemaLocation=\"{location}\"/>");
        text.push_str(AROUND);
        text.push_str("<xs:complexType name=\"Body\"><xs:choice>");
        for name in body.elements {
            let _ = write!(text, "<xs:element ref=\"{prefix}{name}\"/>");
        }
        text.push_str("<xs:element name=\"Fault\" type=\"e:Fault\"/></xs:choice>");
        text.push_str(ATTRIBUTES);
        text.push_str("</xs:complexType>");
        text.push_str(match self {
            Version::V11 => FAULT_1_1,
            Version::V12 => FAULT_1_2,
        });
        text.push_str("<xs:complexType name=\"Detail\"><xs:sequence>");
        for name in body.detail {
            let _ = write!(text, "<xs:element name=\"{name}\" type=\"xs:string\" form=\"unqualified\" minOccurs=\"0\"/>");
        }
        text.push_str("<xs:any processContents=\"lax\" minOccurs=\"0\" maxOccurs=\"unbounded\"/></xs:sequence>");
        text.push_str(ATTRIBUTES);
        text.push_str("</xs:complexType></xs:schema>");
        text
    }
}

/// `encodingStyle` is of the envelope's own namespace, so it is refused wherever only these may stand.
const ATTRIBUTES: &str = "<xs:anyAttribute namespace=\"##other\" processContents=\"lax\"/>";

/// The envelope and its header. What stood behind the body in SOAP 1.1 is refused (Basic Profile 1.1, R1011).
const AROUND: &str = "\
<xs:element name=\"Envelope\"><xs:complexType><xs:sequence>\
<xs:element name=\"Header\" minOccurs=\"0\"><xs:complexType><xs:sequence>\
<xs:any processContents=\"lax\" minOccurs=\"0\" maxOccurs=\"unbounded\"/></xs:sequence>\
<xs:anyAttribute namespace=\"##other\" processContents=\"lax\"/></xs:complexType></xs:element>\
<xs:element name=\"Body\" type=\"e:Body\"/></xs:sequence>\
<xs:anyAttribute namespace=\"##other\" processContents=\"lax\"/></xs:complexType></xs:element>\
<xs:simpleType name=\"Code\"><xs:restriction base=\"xs:token\">\
<xs:pattern value=\"([^:\\s]+:)?[^:\\s]+\"/></xs:restriction></xs:simpleType>\
<xs:complexType name=\"Text\"><xs:simpleContent><xs:extension base=\"xs:string\">\
<xs:attribute ref=\"xml:lang\"/></xs:extension></xs:simpleContent></xs:complexType>";

/// SOAP 1.1, section 4.4; the children have no namespace (Basic Profile 1.1, R1001).
const FAULT_1_1: &str = "\
<xs:complexType name=\"Fault\"><xs:sequence>\
<xs:element name=\"faultcode\" type=\"e:Code\" form=\"unqualified\"/>\
<xs:element name=\"faultstring\" type=\"e:Text\" form=\"unqualified\"/>\
<xs:element name=\"faultactor\" type=\"xs:anyURI\" form=\"unqualified\" minOccurs=\"0\"/>\
<xs:element name=\"detail\" type=\"e:Detail\" form=\"unqualified\" minOccurs=\"0\"/>\
</xs:sequence></xs:complexType>";

/// SOAP 1.2 part 1, section 5.4. Further texts of the reason are the same in other languages; further subcodes and the
/// node are not kept.
const FAULT_1_2: &str = "\
<xs:complexType name=\"Fault\"><xs:sequence>\
<xs:element name=\"Code\"><xs:complexType><xs:sequence>\
<xs:element name=\"Value\" type=\"e:Code\"/>\
<xs:element name=\"Subcode\" minOccurs=\"0\"><xs:complexType><xs:sequence>\
<xs:element name=\"Value\" type=\"e:Code\"/>\
<xs:any namespace=\"##targetNamespace\" processContents=\"lax\" minOccurs=\"0\"/>\
</xs:sequence></xs:complexType></xs:element>\
</xs:sequence></xs:complexType></xs:element>\
<xs:element name=\"Reason\"><xs:complexType><xs:sequence>\
<xs:element name=\"Text\" type=\"e:Text\"/>\
<xs:any namespace=\"##targetNamespace\" processContents=\"lax\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\
</xs:sequence></xs:complexType></xs:element>\
<xs:element name=\"Node\" type=\"xs:anyURI\" minOccurs=\"0\"/>\
<xs:element name=\"Role\" type=\"xs:anyURI\" minOccurs=\"0\"/>\
<xs:element name=\"Detail\" type=\"e:Detail\" minOccurs=\"0\"/>\
</xs:sequence></xs:complexType>";

/// A text as the value of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
