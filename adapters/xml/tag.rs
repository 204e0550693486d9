//! Start tags: attributes and namespace declarations, in full.

use crate::{
    decode::{Broken, Run, clean_bytes},
    layout::{Attribute, INSTANCE_NAMESPACE, Kind, NONE, XML_NAMESPACE},
    lexical::Clean,
    scan,
};
use latimer_engine::FaultCode;

/// An attribute as it stands in the part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// The name, where its colon is (or its start), and its end.
    name: u32,
    local: u32,
    name_end: u32,
    value: u32,
    value_end: u32,
    /// Whether the value has references or white space other than blanks.
    unclean: bool,
    namespace: u32,
}

/// A start tag that was read to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag {
    /// The byte behind the tag.
    pub(crate) end: usize,
    pub(crate) empty: bool,
    /// Namespaces in scope before it.
    pub(crate) bindings: usize,
    pub(crate) has_attributes: bool,
    /// Whether it declares namespaces.
    pub(crate) declares: bool,
}

/// What the attributes of the schema-instance namespace said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Instance {
    /// `xsi:nil`, if it is there.
    pub(crate) nil: Option<bool>,
    /// The attribute `xsi:type`.
    pub(crate) kind: Option<usize>,
}

impl Found {
    fn local<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        scan::slice(bytes, self.local as usize, self.name_end as usize)
    }

    fn prefix<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        scan::slice(bytes, self.name as usize, (self.local as usize).saturating_sub(1))
    }

    fn raw<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        scan::slice(bytes, self.value as usize, self.value_end as usize)
    }
}

impl Run<'_> {
    /// Reads from behind the name of a start tag to behind its `>`.
    pub(crate) fn tag(&mut self, name_end: usize) -> Result<Tag, Broken> {
        let bindings = self.scratch.namespaces.len();
        self.scratch.attributes.clear();
        let mut at = name_end;
        let mut declares = false;
        loop {
            let behind = scan::skip_space(self.bytes, at);
            match self.byte(behind) {
                b'>' => {
                    at = behind + 1;
                    break;
                }
                b'/' if self.byte(behind + 1) == b'>' => {
                    at = behind + 2;
                    break;
                }
                _ if behind == at => return Err(self.bad_tag(behind)),
                _ => {}
            }
            let found = self.attribute(behind)?;
            at = found.value_end as usize + 1;
            let bytes = self.bytes;
            let name = scan::slice(bytes, found.name as usize, found.name_end as usize);
            if name == b"xmlns" || name.starts_with(b"xmlns:") {
                declares = true;
                self.declare(&found)?;
            }
            self.scratch.attributes.push(found);
        }
        let empty = self.byte(at.wrapping_sub(2)) == b'/' && at >= 2;
        if !self.scratch.attributes.is_empty() {
            self.resolve_attributes()?;
        }
        Ok(Tag { end: at, empty, bindings, has_attributes: !self.scratch.attributes.is_empty(), declares })
    }

    fn bad_tag(&mut self, at: usize) -> Broken {
        let code = if at >= self.bytes.len() { FaultCode::FrameTruncated } else { FaultCode::XmlSyntax };
        self.fail(code, at)
    }

    fn attribute(&mut self, from: usize) -> Result<Found, Broken> {
        let mut local = from;
        let mut end = scan::name(self.bytes, from);
        if self.byte(end) == b':' && end > from {
            local = end + 1;
            end = scan::name(self.bytes, local);
        }
        if end == local {
            return Err(self.bad_tag(end));
        }
        let equals = scan::skip_space(self.bytes, end);
        if self.byte(equals) != b'=' {
            return Err(self.bad_tag(equals));
        }
        let quote_at = scan::skip_space(self.bytes, equals + 1);
        let quote = self.byte(quote_at);
        if quote != b'"' && quote != b'\'' {
            return Err(self.bad_tag(quote_at));
        }
        let value = quote_at + 1;
        let (value_end, unclean) = self.attribute_value(value, quote)?;
        let place = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Ok(Found {
            name: place(from),
            local: place(local),
            name_end: place(end),
            value: place(value),
            value_end: place(value_end),
            unclean,
            namespace: 0,
        })
    }

    /// Where the value ends, and whether it has to be normalized.
    fn attribute_value(&mut self, from: usize, quote: u8) -> Result<(usize, bool), Broken> {
        let mut at = from;
        let mut unclean = false;
        loop {
            match self.byte(at) {
                byte if byte == quote => return Ok((at, unclean)),
                b'&' => {
                    if let Err(code) = scan::reference(self.bytes, at) {
                        return Err(self.fail(code, at));
                    }
                    unclean = true;
                }
                b'<' => return Err(self.fail(FaultCode::XmlSyntax, at)),
                b'\t' | b'\n' | b'\r' => unclean = true,
                0..b' ' if at >= self.bytes.len() => return Err(self.bad_tag(at)),
                0..b' ' | 0xEF => {
                    let character = scan::slice(self.bytes, at, at + 3);
                    let character = if character.is_empty() { &[0] } else { character };
                    if scan::bad_character(character) == Some(0) {
                        return Err(self.fail(FaultCode::XmlCharacter, at));
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn declare(&mut self, found: &Found) -> Result<(), Broken> {
        let bytes = self.bytes;
        let prefix = if found.local == found.name { &[][..] } else { found.local(bytes) };
        self.scratch.text.clear();
        let normalized = scan::append_attribute(found.raw(bytes), &mut self.scratch.text);
        let declared = normalized
            .map_err(|(code, _)| code)
            .and_then(|()| self.scratch.namespaces.declare(prefix, &self.scratch.text, self.layout));
        declared.map_err(|code| self.fail(code, found.name as usize))
    }

    /// Finds the namespaces of the attributes, and whether two are the same.
    fn resolve_attributes(&mut self) -> Result<(), Broken> {
        let bytes = self.bytes;
        let mut prefixed = 0;
        for index in 0..self.scratch.attributes.len() {
            let Some(found) = self.scratch.attributes.get(index).copied() else { break };
            if found.local == found.name {
                continue;
            }
            prefixed += 1;
            let prefix = found.prefix(bytes);
            let namespace = match prefix {
                b"xmlns" => NONE,
                prefix => match self.scratch.namespaces.find(prefix) {
                    Some((id, _)) => id,
                    None => return Err(self.fail(FaultCode::XmlNamespace, found.name as usize)),
                },
            };
            if let Some(it) = self.scratch.attributes.get_mut(index) {
                it.namespace = namespace;
            }
        }
        if self.scratch.attributes.len() > 1
            && let Some(at) = self.duplicate(prefixed > 1)
        {
            return Err(self.fail(FaultCode::XmlSyntax, at));
        }
        Ok(())
    }

    /// An attribute whose name, as written or with its namespace, is that of another.
    fn duplicate(&mut self, by_namespace: bool) -> Option<usize> {
        let scratch = &mut *self.scratch;
        let (bytes, attributes, namespaces) = (self.bytes, &scratch.attributes, &scratch.namespaces);
        scratch.order.clear();
        scratch.order.extend(0..u32::try_from(attributes.len()).unwrap_or(0));
        let get = |index: &u32| attributes.get(*index as usize);
        let name = |index: &u32| get(index).map(|it| scan::slice(bytes, it.name as usize, it.name_end as usize));
        let at = |pair: &[u32]| pair.iter().filter_map(get).map(|it| it.name as usize).max();
        scratch.order.sort_unstable_by(|a, b| name(a).cmp(&name(b)));
        let same = scratch.order.windows(2).find(|pair| pair.first().map(name) == pair.last().map(name));
        if let Some(same) = same {
            return at(same);
        }
        if !by_namespace {
            return None;
        }
        // Two prefixes may mean one namespace. Declarations have one each.
        let expanded = |index: &u32| {
            let it = get(index)?;
            let prefix = if it.local == it.name { &[][..] } else { it.prefix(bytes) };
            let uri = match prefix {
                b"" => &[][..],
                b"xmlns" => b"xmlns",
                prefix => namespaces.find(prefix)?.1,
            };
            Some((it.local(bytes), uri))
        };
        scratch.order.sort_unstable_by(|a, b| expanded(a).cmp(&expanded(b)));
        let same = scratch.order.windows(2).find(|pair| pair.first().map(expanded) == pair.last().map(expanded));
        same.and_then(at)
    }

    /// Reads the attributes of the schema-instance namespace of the tag that was read last.
    pub(crate) fn instance(&mut self) -> Instance {
        let mut instance = Instance::default();
        for index in 0..self.scratch.attributes.len() {
            let Some(found) = self.scratch.attributes.get(index).copied() else { break };
            if found.namespace != INSTANCE_NAMESPACE || found.local == found.name {
                continue;
            }
            match found.local(self.bytes) {
                b"type" => instance.kind = Some(index),
                b"nil" => {
                    let nil = scan::trim(found.raw(self.bytes));
                    instance.nil = match nil {
                        b"true" | b"1" => Some(true),
                        b"false" | b"0" => Some(false),
                        _ => {
                            let fault = self.fault(FaultCode::XmlNil, found.value as usize);
                            self.faults.push(fault);
                            None
                        }
                    };
                }
                b"schemaLocation" | b"noNamespaceSchemaLocation" => {}
                _ => {
                    let fault = self.fault(FaultCode::XmlAttribute, found.name as usize);
                    self.faults.push(fault);
                }
            }
        }
        instance
    }

    /// Whether the tag that was read last has attributes that are neither namespaces nor of the schema-instance namespace.
    pub(crate) fn has_own_attributes(&self) -> bool {
        self.scratch.attributes.iter().any(|it| {
            let name = scan::slice(self.bytes, it.name as usize, it.name_end as usize);
            let is_namespace = name == b"xmlns" || name.starts_with(b"xmlns:");
            !is_namespace && (it.namespace != INSTANCE_NAMESPACE || it.local == it.name)
        })
    }

    /// The type that `xsi:type` names, or `NONE`, and where it stands.
    pub(crate) fn instance_type(&mut self, index: usize) -> (u32, usize) {
        let Some(found) = self.scratch.attributes.get(index).copied() else { return (NONE, self.at) };
        self.scratch.text.clear();
        let _ = scan::append_attribute(found.raw(self.bytes), &mut self.scratch.text);
        let name = scan::trim(&self.scratch.text);
        let colon = name.iter().position(|it| *it == b':');
        let (prefix, local) = match colon.and_then(|colon| name.split_at_checked(colon)) {
            Some((prefix, local)) => (prefix, local.get(1..).unwrap_or_default()),
            None => (&[][..], name),
        };
        let namespace = self.scratch.namespaces.find(prefix).map_or(NONE, |it| it.0);
        let kind = self.layout.named.get(namespace, local);
        (kind.unwrap_or(NONE), found.value as usize)
    }

    /// Checks the attributes of the tag that was read last against a type, and keeps those that are wanted.
    pub(crate) fn check_attributes(&mut self, node: u32, kind: &Kind, tag_at: usize) {
        let layout = self.layout;
        let declared = layout.attributes(kind);
        let mut seen: u128 = 0;
        for index in 0..self.scratch.attributes.len() {
            let Some(found) = self.scratch.attributes.get(index).copied() else { break };
            let bytes = self.bytes;
            let name = scan::slice(bytes, found.name as usize, found.name_end as usize);
            if name == b"xmlns" || found.namespace == NONE && name.starts_with(b"xmlns:") {
                continue;
            }
            if found.namespace == INSTANCE_NAMESPACE && found.local != found.name {
                continue;
            }
            let local = found.local(bytes);
            let namespace = if found.local == found.name { 0 } else { found.namespace };
            let position = declared.iter().position(|it| it.namespace == namespace && *it.name == *local);
            match position.and_then(|it| Some((it, declared.get(it)?))) {
                Some((position, attribute)) => {
                    seen |= 1 << position;
                    self.attribute_read(node, position, attribute, &found);
                }
                None => self.undeclared_attribute(kind, namespace, local, &found),
            }
        }
        for (position, attribute) in declared.iter().enumerate() {
            if seen >> position & 1 == 0 && (attribute.required || attribute.default.is_some()) {
                self.attribute_missing(node, position, attribute, tag_at);
            }
        }
    }

    fn attribute_read(&mut self, node: u32, position: usize, attribute: &Attribute, found: &Found) {
        let (at, length) = (found.value as usize, (found.value_end - found.value) as usize);
        let mut made = std::mem::take(&mut self.scratch.made);
        let clean = self.attribute_clean(attribute.simple, found, &mut made);
        self.scratch.made = made;
        let raw = found.raw(self.bytes);
        let read = if found.unclean { self.scratch.text.as_slice() } else { raw };
        let fixed = attribute.fixed.as_deref();
        let member = u16::try_from(position).unwrap_or(crate::layout::NO_MEMBER);
        match clean {
            Some(clean) if fixed.is_none_or(|fixed| fixed == clean_bytes(clean, read, &self.scratch.made)) => {
                let child = self.attribute_node(node, member);
                if let Some(child) = child {
                    self.keep(child, clean, at, length, found.unclean);
                }
            }
            _ => {
                let fault = self.fault_of(FaultCode::XmlFacet, at, member, 0);
                self.faults.push(fault);
            }
        }
    }

    fn attribute_clean(&mut self, simple: u32, found: &Found, made: &mut Vec<u8>) -> Option<Clean> {
        let simple = self.layout.simples.get(simple as usize)?;
        if !found.unclean {
            return simple.read(found.raw(self.bytes), made);
        }
        self.scratch.text.clear();
        scan::append_attribute(found.raw(self.bytes), &mut self.scratch.text).ok()?;
        simple.read(&self.scratch.text, made)
    }

    /// The node of an attribute, if something of it may be wanted.
    fn attribute_node(&self, node: u32, member: u16) -> Option<u32> {
        let child = self.program.child(self.program.get(node), member, NONE);
        (child != NONE).then_some(child)
    }

    fn attribute_missing(&mut self, node: u32, position: usize, attribute: &Attribute, tag_at: usize) {
        let member = u16::try_from(position).unwrap_or(crate::layout::NO_MEMBER);
        if let Some(default) = attribute.default.as_deref().or(attribute.fixed.as_deref()).filter(|_| !attribute.required) {
            if let Some(child) = self.attribute_node(node, member) {
                self.scratch.text.clear();
                self.scratch.text.extend_from_slice(default);
                let clean = yes_no(default, self.layout, attribute.simple).unwrap_or(Clean::All);
                self.keep(child, clean, tag_at, 0, true);
            }
            return;
        }
        let fault = self.fault_of(FaultCode::XmlAttribute, tag_at, member, 0);
        self.faults.push(fault);
    }

    fn undeclared_attribute(&mut self, kind: &Kind, namespace: u32, local: &[u8], found: &Found) {
        let wildcard = self.layout.wildcards.get(kind.any_attribute as usize);
        let allowed = wildcard.is_some_and(|it| it.takes(namespace)) && {
            let process = wildcard.map(|it| it.process);
            let known = self.layout.global_attributes.get(namespace, local);
            match (process, known) {
                (Some(crate::complex::Process::Skip), _) => true,
                (Some(crate::complex::Process::Lax), None) => true,
                (_, None) => namespace == XML_NAMESPACE && matches!(local, b"lang" | b"space" | b"base" | b"id"),
                (_, Some(simple)) => {
                    let mut made = std::mem::take(&mut self.scratch.made);
                    let clean = self.attribute_clean(simple, found, &mut made);
                    self.scratch.made = made;
                    clean.is_some()
                }
            }
        };
        if !allowed {
            let fault = self.fault(FaultCode::XmlAttribute, found.name as usize);
            self.faults.push(fault);
        }
    }
}

/// What a default of a boolean means.
pub(crate) fn yes_no(default: &[u8], layout: &crate::layout::Layout, simple: u32) -> Option<Clean> {
    let it = layout.simples.get(simple as usize)?;
    let boolean = matches!(it.shape, crate::lexical::Shape::Atom(crate::lexical::Atom::Boolean));
    boolean.then_some(if default == b"true" { Clean::Yes } else { Clean::No })
}
