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
