//! Headers: skipped, but for one that must be understood.

use crate::envelope::Version;
use memchr::memmem::Finder;
use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use std::sync::LazyLock;

/// Where in a part that was found well-formed the first header begins that is for us and must be understood.
///
/// Latimer understands none: what a service does with headers (addresses, security) is done before a message comes here.
pub(crate) fn not_understood(version: Version, part: &[u8]) -> Option<usize> {
    // Names of attributes cannot be escaped.
    static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"mustUnderstand"));
    NAME.find(part)?;
    let mut reader = NsReader::from_reader(part);
    let (mut depth, mut in_header) = (0, false);
    loop {
        let at = usize::try_from(reader.buffer_position()).ok()?;
        let (start, opens) = match reader.read_event().ok()? {
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Eof => return None,
            _ => continue,
        };
        match depth {
            1 if start.local_name().as_ref() == b"Body" => return None,
            1 => in_header = true,
            2 if in_header && must_be_understood(version, &reader, &start) => return Some(at),
            _ => {}
        }
        depth += i32::from(opens);
    }
}

fn must_be_understood(version: Version, reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> bool {
    let (mut must, mut ours) = (false, true);
    for attribute in start.attributes().flatten() {
        let (namespace, name) = reader.resolve_attribute(attribute.key);
        let Ok(value) = attribute.unescape_value() else { continue };
        if !matches!(namespace, ResolveResult::Bound(it) if it.as_ref() == version.namespace().as_bytes()) {
            continue;
        }
        match name.as_ref() {
            b"mustUnderstand" => must = matches!(value.trim(), "1" | "true"),
            it if it == version.actor() => ours = version.is_ours(value.trim()),
            _ => {}
        }
    }
    must && ours
}
