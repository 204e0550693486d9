//! The codes of faults: one spelling for both versions, that of SOAP 1.1.
//!
//! | field       | SOAP 1.1        | SOAP 1.2          |
//! | ----------- | --------------- | ----------------- |
//! | `Client`    | `soap:Client`   | `soap:Sender`     |
//! | `Server`    | `soap:Server`   | `soap:Receiver`   |
//! | `Client.A`  | `soap:Client.A` | cannot be written |
//! | `p:A`       | of another namespace: as it stands, read only | |

use crate::envelope::Version;
use quick_xml::{NsReader, events::Event, name::QName, name::ResolveResult};

/// The codes of SOAP 1.2 (part 1, section 5.4.6) that have no other name in SOAP 1.1.
const SHARED: [&str; 3] = ["VersionMismatch", "MustUnderstand", "DataEncodingUnknown"];
/// Those that have: in SOAP 1.1, in SOAP 1.2.
const RENAMED: [(&str, &str); 2] = [("Client", "Sender"), ("Server", "Receiver")];

/// A code as it is written, or `None` where the version has none such.
pub(crate) fn written(version: Version, code: &str) -> Option<String> {
    let is_name = !code.is_empty() && !code.contains(|it: char| it == ':' || it.is_whitespace());
    let name = match version {
        Version::V11 => is_name.then_some(code),
        Version::V12 => {
            let renamed = RENAMED.iter().find(|(it, _)| *it == code).map(|(_, name)| *name);
            renamed.or_else(|| SHARED.into_iter().find(|it| *it == code))
        }
    };
    name.map(|it| format!("soap:{it}"))
}

/// The field of a code of the envelope's namespace, given by its local name.
pub(crate) fn read(version: Version, name: &[u8]) -> &[u8] {
    let renamed = RENAMED.iter().find(|(_, it)| version == Version::V12 && it.as_bytes() == name);
    renamed.map_or(name, |(code, _)| code.as_bytes())
}

/// Whether a prefix means the envelope's namespace at a place of a part that was found well-formed up to there.
pub(crate) fn is_of_envelope(version: Version, part: &[u8], at: usize, prefix: &[u8]) -> bool {
    is_of_root(part, prefix) || is_bound(version, part, at, prefix)
}

/// Whether a prefix is the root's, which is the envelope, and is declared nowhere else: so it means the same everywhere.
fn is_of_root(part: &[u8], prefix: &[u8]) -> bool {
    let mut rest = part.trim_ascii_start();
    if rest.starts_with(b"<?") {
        let behind = memchr::memmem::find(rest, b"?>").and_then(|it| rest.get(it + 2..));
        rest = behind.unwrap_or_default().trim_ascii_start();
    }
    let is_root = rest.strip_prefix(b"<").and_then(|it| it.strip_prefix(prefix)).is_some_and(|it| it.starts_with(b":"));
    let declares = |at: usize| part.get(at + 6..).is_some_and(|it| it.starts_with(prefix));
    is_root && memchr::memmem::find_iter(part, b"xmlns:").filter(|it| declares(*it)).count() == 1
}

/// The same, by reading the part up to the place.
fn is_bound(version: Version, part: &[u8], at: usize, prefix: &[u8]) -> bool {
    let mut reader = NsReader::from_reader(part);
    reader.config_mut().check_end_names = false;
    while reader.buffer_position() < at as u64 {
        if matches!(reader.read_event(), Err(_) | Ok(Event::Eof)) {
            return false;
        }
    }
    // Any name will do: the prefix is what is looked up.
    let name = [prefix, b":x"].concat();
    let (found, _) = reader.resolve(QName(&name), false);
    matches!(found, ResolveResult::Bound(it) if it.as_ref() == version.namespace().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_of_the_root_means_the_envelope_unless_it_is_declared_again() {
        let uri = Version::V11.namespace();
        let of = |before: &str, inner: &str| {
            let text =
                format!("{before}<soap:Envelope xmlns:soap=\"{uri}\"><soap:Body{inner}>soap:Client</soap:Body></soap:Envelope>");
            let at = text.find("soap:Client").unwrap();
            (is_of_root(text.as_bytes(), b"soap"), is_of_envelope(Version::V11, text.as_bytes(), at, b"soap"))
        };
        assert_eq!(of("", ""), (true, true));
        assert_eq!(of("<?xml version=\"1.0\"?>\n", " xmlns:other=\"urn:x\""), (true, true));
        assert_eq!(of("<!-- <soap: -->", ""), (false, true));
        assert_eq!(of("", " xmlns:soap=\"urn:x\""), (false, false));
        let text = format!("<e:Envelope xmlns:e=\"{uri}\"><e:Body xmlns:soap=\"urn:x\">soap:Client</e:Body></e:Envelope>");
        let at = text.find("soap:Client").unwrap();
        assert!(!is_of_envelope(Version::V11, text.as_bytes(), at, b"soap"));
    }
}
