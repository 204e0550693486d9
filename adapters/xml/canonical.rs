//! XML that the schema does not look into, in exclusive canonical form without comments (W3C Exclusive XML
//! Canonicalization 1.0): it means the same wherever it is put.
//!
//! One thing is added: an outermost element always says its default namespace, `xmlns=""` too, so that the text may stand
//! under an element with another one.

use crate::{
    namespaces::Namespaces,
    scan::{self, append_attribute, append_text},
};

/// Buffers for writing one stretch.
#[derive(Debug, Default)]
pub(crate) struct Canonical {
    /// Open elements: how many declarations were in scope and how many were written before each.
    open: Vec<(usize, usize)>,
    /// Declarations in scope, and those that were written: stretches of `names`.
    scope: Vec<Declared>,
    written: Vec<Declared>,
    names: Vec<u8>,
    attributes: Vec<Attribute>,
    /// Prefixes the element uses, each once.
    used: Vec<(usize, usize)>,
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    prefix: (usize, usize),
    uri: (usize, usize),
}

#[derive(Clone, Copy, Debug)]
struct Attribute {
    name: (usize, usize),
    local: usize,
    value: (usize, usize),
}

impl Canonical {
    /// Appends a stretch of well-formed content in canonical form.
    pub(crate) fn write(&mut self, bytes: &[u8], outer: &Namespaces, out: &mut Vec<u8>) {
        self.open.clear();
        self.scope.clear();
        self.written.clear();
        self.names.clear();
        let mut at = 0;
        while at < bytes.len() {
            let (end, _) = scan::text(bytes, at);
            self.push_text(scan::slice(bytes, at, end), out);
            at = end;
            let rest = bytes.get(at..).unwrap_or_default();
            let behind = |needle: &[u8]| memchr::memmem::find(rest, needle).map_or(bytes.len(), |it| at + it + needle.len());
            at = if rest.is_empty() {
                at
            } else if rest.starts_with(b"<!--") {
                behind(b"-->")
            } else if rest.starts_with(b"<![CDATA[") {
                let end = behind(b"]]>");
                push_escaped(scan::slice(bytes, at + 9, end.saturating_sub(3)), false, out);
                end
            } else if rest.starts_with(b"<?") {
                let end = behind(b"?>");
                out.extend_from_slice(scan::slice(bytes, at, end));
                end
            } else if rest.starts_with(b"</") {
                let end = behind(b">");
                let name = scan::slice(bytes, at + 2, end.saturating_sub(1));
                self.end(scan::trim(name), out);
                end
            } else {
                self.start(bytes, at, outer, out)
            };
        }
    }

    fn push_text(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        self.text.clear();
        // The stretch was read before, so its references are right.
        let _ = append_text(raw, &mut self.text);
        push_escaped(&self.text, false, out);
    }

    fn end(&mut self, name: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"</");
        out.extend_from_slice(name);
        out.push(b'>');
        if let Some((scope, written)) = self.open.pop() {
            self.scope.truncate(scope);
            self.written.truncate(written);
        }
    }

    fn hold(&mut self, bytes: &[u8]) -> (usize, usize) {
        let from = self.names.len();
        self.names.extend_from_slice(bytes);
        (from, self.names.len())
    }

    /// Writes a start tag; gives where it ends.
    fn start(&mut self, bytes: &[u8], at: usize, outer: &Namespaces, out: &mut Vec<u8>) -> usize {
        self.open.push((self.scope.len(), self.written.len()));
        let name_end = scan::raw_name(bytes, at + 1);
        let name = scan::slice(bytes, at + 1, name_end);
        let end = self.read_attributes(bytes, name_end);
        out.push(b'<');
        out.extend_from_slice(name);
        self.write_declarations(bytes, prefix_of(name), outer, out);
        self.write_attributes(bytes, outer, out);
        out.push(b'>');
        let empty = scan::byte(bytes, end.saturating_sub(2)) == b'/';
        if empty {
            self.end(name, out);
        }
        end
    }

    fn read_attributes(&mut self, bytes: &[u8], mut at: usize) -> usize {
        self.attributes.clear();
        loop {
            at = scan::skip_space(bytes, at);
            match scan::byte(bytes, at) {
                b'>' => return at + 1,
                b'/' => return at + 2,
                0 => return bytes.len(),
                _ => {}
            }
            let end = scan::raw_name(bytes, at);
            let name = scan::slice(bytes, at, end);
            let quote_at = scan::skip_space(bytes, scan::skip_space(bytes, end) + 1);
            let quote = scan::byte(bytes, quote_at);
            let rest = bytes.get(quote_at + 1..).unwrap_or_default();
            let length = memchr::memchr(quote, rest).unwrap_or(rest.len());
            let value = (quote_at + 1, quote_at + 1 + length);
            let declared = name.strip_prefix(b"xmlns:").or_else(|| (name == b"xmlns").then_some(b""));
            if let Some(prefix) = declared {
                self.text.clear();
                let _ = append_attribute(scan::slice(bytes, value.0, value.1), &mut self.text);
                let uri = std::mem::take(&mut self.text);
                let declared = Declared { prefix: self.hold(prefix), uri: self.hold(&uri) };
                self.text = uri;
                self.scope.push(declared);
            } else {
                let colon = name.iter().position(|it| *it == b':');
                self.attributes.push(Attribute { name: (at, end), local: colon.map_or(at, |colon| at + colon + 1), value });
            }
            // A value of no bytes at the end of broken input must not hold the loop.
            at = (value.1 + 1).max(end + 1);
        }
    }

    fn uri<'s>(&'s self, prefix: &[u8], outer: &'s Namespaces) -> &'s [u8] {
        let get = |range: (usize, usize)| scan::slice(&self.names, range.0, range.1);
        match self.scope.iter().rfind(|it| get(it.prefix) == prefix) {
            Some(it) => get(it.uri),
            None => outer.find(prefix).map_or(&[], |it| it.1),
        }
    }

    /// Declares the prefixes that are used here and not declared alike by an element already written.
    fn write_declarations(&mut self, bytes: &[u8], element: &[u8], outer: &Namespaces, out: &mut Vec<u8>) {
        self.used.clear();
        let mark = self.names.len();
        let own = self.hold(element);
        self.used.push(own);
        for index in 0..self.attributes.len() {
            let Some(it) = self.attributes.get(index).copied() else { break };
            let prefix = prefix_of(scan::slice(bytes, it.name.0, it.name.1));
            if !prefix.is_empty() && prefix != b"xml" {
                let held = self.hold(prefix);
                self.used.push(held);
            }
        }
        let names = &self.names;
        self.used.sort_unstable_by(|a, b| scan::slice(names, a.0, a.1).cmp(scan::slice(names, b.0, b.1)));
        self.used.dedup_by(|a, b| scan::slice(names, a.0, a.1) == scan::slice(names, b.0, b.1));
        let mut declares = false;
        for index in 0..self.used.len() {
            let Some(used) = self.used.get(index).copied() else { break };
            let get = |range: (usize, usize)| scan::slice(&self.names, range.0, range.1);
            let prefix = get(used);
            if prefix == b"xml" {
                continue;
            }
            let uri = self.uri(prefix, outer);
            let known = self.written.iter().rfind(|it| get(it.prefix) == prefix);
            if known.is_some_and(|it| get(it.uri) == uri) {
                continue;
            }
            out.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            out.extend_from_slice(prefix);
            out.extend_from_slice(b"=\"");
            push_escaped(uri, true, out);
            out.push(b'"');
            let uri = uri.to_vec();
            let uri = self.hold(&uri);
            self.written.push(Declared { prefix: used, uri });
            declares = true;
        }
        if !declares && self.scope.is_empty() {
            self.names.truncate(mark);
        }
    }

    fn write_attributes(&mut self, bytes: &[u8], outer: &Namespaces, out: &mut Vec<u8>) {
        let mut attributes = std::mem::take(&mut self.attributes);
        let key = |it: &Attribute| {
            let prefix = prefix_of(scan::slice(bytes, it.name.0, it.name.1));
            let uri = if prefix.is_empty() { &[][..] } else { self.uri(prefix, outer) };
            (uri, scan::slice(bytes, it.local, it.name.1))
        };
        attributes.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        for it in &attributes {
            out.push(b' ');
            out.extend_from_slice(scan::slice(bytes, it.name.0, it.name.1));
            out.extend_from_slice(b"=\"");
            self.text.clear();
            let _ = append_attribute(scan::slice(bytes, it.value.0, it.value.1), &mut self.text);
            push_escaped(&self.text, true, out);
            out.push(b'"');
        }
        self.attributes = attributes;
    }
}

fn prefix_of(name: &[u8]) -> &[u8] {
    name.iter().position(|it| *it == b':').and_then(|colon| name.get(..colon)).unwrap_or_default()
}

/// Appends a text or an attribute's value as Canonical XML 1.0 writes it, section 2.3.
fn push_escaped(text: &[u8], attribute: bool, out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' if !attribute => out.extend_from_slice(b"&gt;"),
            b'"' if attribute => out.extend_from_slice(b"&quot;"),
            b'\t' if attribute => out.extend_from_slice(b"&#x9;"),
            b'\n' if attribute => out.extend_from_slice(b"&#xA;"),
            b'\r' => out.extend_from_slice(b"&#xD;"),
            byte => out.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusive_canonical_form() {
        for (text, canonical) in [
            ("a &amp; b<!-- c --> <![CDATA[<x>]]>", "a &amp; b &lt;x&gt;"),
            ("<a/>", "<a xmlns=\"\"></a>"),
            ("<a xmlns='u' b='1' a='2'><b/></a >", "<a xmlns=\"u\" a=\"2\" b=\"1\"><b></b></a>"),
            (
                "<p:a xmlns:p='u' xmlns:q='v' q:z='1' y=\"&lt;'\" ><p:b q:c='' /></p:a>",
                "<p:a xmlns:p=\"u\" xmlns:q=\"v\" y=\"&lt;'\" q:z=\"1\"><p:b q:c=\"\"></p:b></p:a>",
            ),
            ("<a xmlns='u'><p:b xmlns:p='u' xmlns:unused='w'/></a>", "<a xmlns=\"u\"><p:b xmlns:p=\"u\"></p:b></a>"),
            ("<a xmlns='u'><b xmlns=''/><c/></a>", "<a xmlns=\"u\"><b xmlns=\"\"></b><c></c></a>"),
            ("<a xml:lang='en' x='&#10;&#x9;a&#13;'/>", "<a xmlns=\"\" x=\"&#xA;&#x9;a&#xD;\" xml:lang=\"en\"></a>"),
            ("<?pi  x?>\r\n", "<?pi  x?>\n"),
        ] {
            let mut out = Vec::new();
            Canonical::default().write(text.as_bytes(), &Namespaces::default(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), canonical, "{text}");
        }
    }
}
