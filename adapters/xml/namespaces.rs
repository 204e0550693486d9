//! The namespaces in scope (Namespaces in XML 1.0, third edition).

use crate::{
    layout::{INSTANCE_NAMESPACE, Layout, NO_NAMESPACE, NONE, XML_NAMESPACE},
    parts::{push_bytes, take_bytes, take_u32},
    scan,
    tree::XML,
};
use latimer_engine::FaultCode;

/// Declarations in scope at one place. Real messages have under ten; more than this would make every look-up long.
const BINDINGS_MAX: usize = 256;
const XMLNS: &[u8] = b"http://www.w3.org/2000/xmlns/";

/// The declarations in scope, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    bindings: Vec<Binding>,
    bytes: Vec<u8>,
    /// The namespace of element names without a prefix.
    pub(crate) default: u32,
    /// A namespace of the schema that has a prefix, and that prefix with its colon.
    pub(crate) lead: u32,
    lead_prefix: (u32, u32),
    /// What an earlier part declared.
    held: usize,
    held_bytes: usize,
    held_fast: (u32, u32, (u32, u32)),
    /// The state and count of the innermost element of an earlier part.
    pub(crate) kept_state: (u32, u32),
}

#[derive(Clone, Copy, Debug)]
struct Binding {
    /// With its colon; empty for the default namespace.
    prefix: (u32, u32),
    uri: (u32, u32),
    /// The number the schema has for it, or `NONE`.
    id: u32,
}

impl Namespaces {
    pub(crate) fn clear(&mut self) {
        self.bindings.clear();
        self.bytes.clear();
        (self.default, self.lead, self.held) = (NO_NAMESPACE, NONE, 0);
    }

    /// Takes what others have, and keeps its memory.
    pub(crate) fn copy_from(&mut self, other: &Namespaces) {
        self.bindings.clone_from(&other.bindings);
        self.bytes.clone_from(&other.bytes);
        (self.default, self.lead, self.lead_prefix) = (other.default, other.lead, other.lead_prefix);
    }

    pub(crate) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// The prefix of `lead`, with its colon.
    #[inline]
    pub(crate) fn lead_prefix(&self) -> &[u8] {
        self.get(self.lead_prefix)
    }

    fn get(&self, range: (u32, u32)) -> &[u8] {
        scan::slice(&self.bytes, range.0 as usize, range.1 as usize)
    }

    fn append(&mut self, bytes: &[u8]) -> (u32, u32) {
        let place = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let from = place(self.bytes.len());
        self.bytes.extend_from_slice(bytes);
        (from, place(self.bytes.len()))
    }

    /// Takes a declaration; the prefix is without its colon, empty for the default namespace.
    pub(crate) fn declare(&mut self, prefix: &[u8], uri: &[u8], layout: &Layout) -> Result<(), FaultCode> {
        // Section 3: `xml` and `xmlns` have their namespaces and no others have; a prefix cannot be undeclared.
        let xml = uri == XML.as_bytes();
        let wrong = prefix == b"xmlns"
            || uri == XMLNS
            || (prefix == b"xml") != xml
            || (!prefix.is_empty() && uri.is_empty())
            || self.bindings.len() >= BINDINGS_MAX;
        if wrong {
            return Err(FaultCode::XmlNamespace);
        }
        let (from, _) = self.append(prefix);
        let to = if prefix.is_empty() { from } else { self.append(b":").1 };
        let uri = self.append(uri);
        let id = layout.namespace(self.get(uri));
        self.bindings.push(Binding { prefix: (from, to), uri, id });
        self.find_fast();
        Ok(())
    }

    /// Forgets all but the first so many.
    pub(crate) fn truncate(&mut self, count: usize) {
        if let Some(first) = self.bindings.get(count) {
            self.bytes.truncate(first.prefix.0 as usize);
            self.bindings.truncate(count);
            self.find_fast();
        }
    }

    /// What the usual names use: no prefix, or one prefix all over.
    fn find_fast(&mut self) {
        let default = self.bindings.iter().rfind(|it| it.prefix.0 == it.prefix.1);
        self.default = default.map_or(NO_NAMESPACE, |it| it.id);
        self.lead = NONE;
        let known = |it: &&Binding| it.prefix.0 != it.prefix.1 && it.id != NONE && it.id > INSTANCE_NAMESPACE;
        if let Some(lead) = self.bindings.iter().rfind(known).copied() {
            // Its prefix must not mean something else by now.
            let prefix = self.get(lead.prefix);
            let last = self.bindings.iter().rfind(|it| self.get(it.prefix) == prefix);
            if last.is_some_and(|it| it.id == lead.id) {
                (self.lead, self.lead_prefix) = (lead.id, lead.prefix);
            }
        }
    }

    /// The namespace of a prefix (without its colon): its number and its name. The empty prefix is the default namespace.
    pub(crate) fn find(&self, prefix: &[u8]) -> Option<(u32, &[u8])> {
        if prefix == b"xml" {
            return Some((XML_NAMESPACE, XML.as_bytes()));
        }
        let matches = |it: &&Binding| match self.get(it.prefix).split_last() {
            Some((_, name)) => name == prefix,
            None => prefix.is_empty(),
        };
        match self.bindings.iter().rfind(matches) {
            Some(it) => Some((it.id, self.get(it.uri))),
            None => prefix.is_empty().then_some((NO_NAMESPACE, &[])),
        }
    }

    /// Leaves what is in scope for later parts.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&u32::try_from(self.bindings.len()).unwrap_or(0).to_le_bytes());
        for binding in &self.bindings {
            let prefix = self.get(binding.prefix);
            push_bytes(out, prefix.strip_suffix(b":").unwrap_or(prefix));
            push_bytes(out, self.get(binding.uri));
        }
    }

    /// Takes what an earlier part left, instead of what is here.
    pub(crate) fn restore(&mut self, bytes: &mut &[u8]) {
        self.clear();
        for _ in 0..take_u32(bytes).unwrap_or(0) {
            let (prefix, uri) = (take_bytes(bytes), take_bytes(bytes));
            let (from, _) = self.append(prefix);
            let to = if prefix.is_empty() { from } else { self.append(b":").1 };
            let uri = self.append(uri);
            self.bindings.push(Binding { prefix: (from, to), uri, id: NONE });
        }
    }

    /// Makes what was restored the state that `rewind` comes back to.
    pub(crate) fn hold(&mut self, layout: &Layout) {
        for at in 0..self.bindings.len() {
            let id = self.bindings.get(at).map(|it| layout.namespace(self.get(it.uri)));
            if let (Some(it), Some(id)) = (self.bindings.get_mut(at), id) {
                it.id = id;
            }
        }
        self.find_fast();
        (self.held, self.held_bytes) = (self.bindings.len(), self.bytes.len());
        self.held_fast = (self.default, self.lead, self.lead_prefix);
    }

    /// Goes back to what was held.
    pub(crate) fn rewind(&mut self) {
        self.bindings.truncate(self.held);
        self.bytes.truncate(self.held_bytes);
        (self.default, self.lead, self.lead_prefix) = self.held_fast;
    }
}
