//! Complex types of a schema (XML Schema part 1, section 3.4): what may stand in an element, inheritance and groups
//! followed, names resolved.

use crate::{
    simple::SimpleType,
    tree::XML,
    xsd::{Global, Name, Place, TypeKey, Xsd},
};
use latimer_engine::Occurs;
use std::rc::Rc;

/// What may stand in an element of a type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    /// The value, where there are no elements.
    pub(crate) simple: Option<SimpleType>,
    pub(crate) particle: Option<Part>,
    pub(crate) mixed: bool,
    pub(crate) attributes: Vec<AttributeUse>,
    pub(crate) any_attribute: Option<Wildcard>,
    /// Only types derived from it may be used.
    pub(crate) is_abstract: bool,
    /// Whether derived types are forbidden in its place.
    pub(crate) blocks: bool,
    pub(crate) base: Option<TypeKey>,
}

/// A part of a content model.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Element(Box<ElementUse>, Occurs),
    Any(Wildcard, Occurs),
    Group(Order, Vec<Part>, Occurs),
}

/// How the parts of a group follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Sequence,
    Choice,
    All,
}

/// An element where it may stand.
#[derive(Clone, Debug)]
pub(crate) struct ElementUse {
    pub(crate) name: Name,
    pub(crate) kind: TypeKey,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) blocks: bool,
    pub(crate) default: Option<String>,
    pub(crate) fixed: Option<String>,
    pub(crate) place: Place,
}

/// An attribute where it may stand.
#[derive(Clone, Debug)]
pub(crate) struct AttributeUse {
    pub(crate) name: Name,
    pub(crate) key: TypeKey,
    pub(crate) required: bool,
    pub(crate) prohibited: bool,
    pub(crate) default: Option<String>,
    pub(crate) fixed: Option<String>,
}

/// Elements or attributes that the schema does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    pub(crate) namespaces: Namespaces,
    pub(crate) process: Process,
}

/// Which namespaces; no namespace is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Namespaces {
    Any,
    /// Neither this one nor none.
    Other(String),
    List(Vec<String>),
}

/// Whether what is found must be declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    Strict,
    Lax,
    Skip,
}

/// The wildcard of `anyType`.
pub(crate) const ANYTHING: Wildcard = Wildcard { namespaces: Namespaces::Any, process: Process::Lax };

impl Xsd<'_> {
    /// What a complex type contains.
    pub(crate) fn content(&mut self, place: Place) -> Option<Rc<Content>> {
        if let Some(known) = self.contents.get(&place) {
            return known.clone();
        }
        self.enter(place)?;
        let made = self.read_complex(place).map(Rc::new);
        self.open.pop();
        self.contents.insert(place, made.clone());
        made
    }

    fn read_complex(&mut self, place: Place) -> Option<Content> {
        let mut content = Content {
            mixed: self.flag(place, "mixed"),
            is_abstract: self.flag(place, "abstract"),
            blocks: self.blocks(place),
            ..Content::default()
        };
        let children = self.children(place);
        let derived = children.first().copied().filter(|it| matches!(self.kind(*it), "simpleContent" | "complexContent"));
        let Some(derived) = derived else {
            self.read_body(place, &mut content)?;
            return Some(content);
        };
        content.mixed |= self.flag(derived, "mixed");
        let body = self.children(derived).into_iter().next();
        let body = body.filter(|it| matches!(self.kind(*it), "extension" | "restriction"));
        let Some(body) = body else {
            let span = self.span(derived);
            self.diagnostics.error("S205", span, "neither an `extension` nor a `restriction`").label("of what?");
            return None;
        };
        let key = self.named_type(body, "base")?;
        let extends = self.kind(body) == "extension";
        content.base = Some(key.clone());
        if self.kind(derived) == "simpleContent" {
            self.derive_simple(&key, body, extends, &mut content)?;
        } else {
            self.derive_complex(&key, body, extends, &mut content)?;
        }
        Some(content)
    }

    fn derive_simple(&mut self, key: &TypeKey, body: Place, extends: bool, content: &mut Content) -> Option<()> {
        let base = match key {
            TypeKey::At(base) if self.kind(*base) == "complexType" => Some(self.content(*base)?),
            _ => None,
        };
        let inherited = match &base {
            Some(base) => base.simple.clone(),
            None => self.simple(key, body),
        };
        let Some(mut simple) = inherited else {
            let span = self.span_of(body, "base");
            self.diagnostics.error("S202", span, "the base has no simple content").label("has elements");
            return None;
        };
        if let Some(base) = &base {
            content.attributes.clone_from(&base.attributes);
            content.any_attribute = base.any_attribute.clone().filter(|_| extends);
        }
        if !extends {
            let inner = self.children(body).into_iter().find(|it| self.kind(*it) == "simpleType");
            if let Some(inner) = inner {
                simple = self.simple(&TypeKey::At(inner), body)?;
            }
            simple = self.restrict(body, simple)?;
        }
        content.simple = Some(simple);
        let facets = |kind: &str| !matches!(kind, "attribute" | "attributeGroup" | "anyAttribute");
        let children: Vec<_> = self.children(body).into_iter().filter(|it| !facets(self.kind(*it))).collect();
        self.read_attributes(&children, content)
    }

    fn derive_complex(&mut self, key: &TypeKey, body: Place, extends: bool, content: &mut Content) -> Option<()> {
        let base = match key {
            TypeKey::Any => Rc::new(Content { particle: Some(anything()), mixed: true, ..Content::default() }),
            TypeKey::At(base) if self.kind(*base) == "complexType" => self.content(*base)?,
            _ => {
                let span = self.span_of(body, "base");
                self.diagnostics.error("S202", span, "the base is a simple type").label("has no complex content");
                return None;
            }
        };
        if *key != TypeKey::Any {
            content.attributes.clone_from(&base.attributes);
        }
        if !extends {
            self.read_body(body, content)?;
            return Some(());
        }
        if *key == TypeKey::Any {
            content.any_attribute = Some(ANYTHING);
        } else {
            content.any_attribute.clone_from(&base.any_attribute);
        }
        content.simple.clone_from(&base.simple);
        self.read_body(body, content)?;
        content.mixed |= base.mixed;
        content.particle = match (base.particle.clone(), content.particle.take()) {
            (Some(first), Some(then)) => Some(Part::Group(Order::Sequence, vec![first, then], Occurs::ONCE)),
            (first, then) => first.or(then),
        };
        Some(())
    }

    /// The content model and the attributes directly within a node.
    fn read_body(&mut self, place: Place, content: &mut Content) -> Option<()> {
        let mut children = self.children(place);
        if let Some(first) = children.first().copied()
            && matches!(self.kind(first), "sequence" | "choice" | "all" | "group")
        {
            children.remove(0);
            content.particle = Some(self.part(first)?);
        }
        self.read_attributes(&children, content)
    }

    fn read_attributes(&mut self, children: &[Place], content: &mut Content) -> Option<()> {
        for child in children {
            match self.kind(*child) {
                "attribute" => {
                    let it = self.attribute_use(*child)?;
                    content.attributes.retain(|old| old.name != it.name);
                    if !it.prohibited {
                        content.attributes.push(it);
                    }
                }
                "attributeGroup" => {
                    let group = self.refer(Global::AttributeGroup, *child, "ref")?;
                    self.enter(group)?;
                    let children = self.children(group);
                    let read = self.read_attributes(&children, content);
                    self.open.pop();
                    read?;
                }
                "anyAttribute" => content.any_attribute = Some(self.wildcard(*child)?),
                _ => {
                    self.unsupported(*child, "a type may have one group of elements, and then attributes");
                    return None;
                }
            }
        }
        Some(())
    }

    fn attribute_use(&mut self, place: Place) -> Option<AttributeUse> {
        let usage = self.attribute(place, "use").unwrap_or_default();
        let (required, prohibited) = (usage == "required", usage == "prohibited");
        let default = self.attribute(place, "default");
        let fixed = self.attribute(place, "fixed");
        if let Some(text) = self.attribute(place, "ref") {
            let name = self.resolve(place, &text);
            if name.0 == XML {
                let key = TypeKey::BuiltIn("string");
                return Some(AttributeUse { name, key, required, prohibited, default, fixed });
            }
            let target = self.refer(Global::Attribute, place, "ref")?;
            let declared = self.attribute_use(target)?;
            let default = default.or(declared.default);
            let fixed = fixed.or(declared.fixed);
            return Some(AttributeUse { required, prohibited, default, fixed, name, ..declared });
        }
        let Some(name) = self.attribute(place, "name") else {
            let span = self.span(place);
            self.diagnostics.error("S205", span, "an attribute without a name").label("cannot be used");
            return None;
        };
        let global = self.is_global(place);
        let qualified = global || self.is_qualified(place, "attributeFormDefault");
        let namespace = if qualified { self.target(place).to_owned() } else { String::new() };
        let key = self.type_of(place)?.unwrap_or(TypeKey::BuiltIn("anySimpleType"));
        self.simple(&key, place)?;
        Some(AttributeUse { name: (namespace, name), key, required, prohibited, default, fixed })
    }

    /// A global attribute.
    pub(crate) fn global_attribute(&mut self, place: Place) -> Option<AttributeUse> {
        self.attribute_use(place)
    }

    /// The type that a node names or holds, if it does.
    fn type_of(&mut self, place: Place) -> Option<Option<TypeKey>> {
        if self.attribute(place, "type").is_some() {
            return self.named_type(place, "type").map(Some);
        }
        let inner = self.children(place).into_iter().find(|it| matches!(self.kind(*it), "simpleType" | "complexType"));
        Some(inner.map(TypeKey::At))
    }

    fn is_global(&self, place: Place) -> bool {
        self.node(Place { node: 0, ..place }).is_some_and(|root| root.children.contains(&place.node))
    }

    fn is_qualified(&self, place: Place, default: &str) -> bool {
        let form = self.attribute(place, "form");
        form.as_deref().or_else(|| self.default(place, default)) == Some("qualified")
    }

    fn flag(&self, place: Place, name: &str) -> bool {
        matches!(self.attribute(place, name).as_deref(), Some("true" | "1"))
    }

    /// Whether derived types must not be used in place of the declared one.
    fn blocks(&mut self, place: Place) -> bool {
        let default = self.default(place, "blockDefault").map(str::to_owned);
        let Some(block) = self.attribute(place, "block").or(default) else { return false };
        let has = |word: &str| block.split_ascii_whitespace().any(|it| it == word || it == "#all");
        if has("extension") != has("restriction") {
            self.unsupported_attribute(place, "block").help("block both, `extension restriction`, or neither");
        }
        has("extension")
    }

    /// A part of a content model.
    fn part(&mut self, place: Place) -> Option<Part> {
        let occurs = self.occurs(place)?;
        let order = match self.kind(place) {
            "element" => return self.element_part(place, occurs),
            "any" => return Some(Part::Any(self.wildcard(place)?, occurs)),
            "group" => {
                let group = self.refer(Global::Group, place, "ref")?;
                self.enter(group)?;
                let body = self.children(group).into_iter().next();
                let part = body.and_then(|it| self.part(it));
                self.open.pop();
                return Some(match part? {
                    Part::Group(order, parts, Occurs::ONCE) => Part::Group(order, parts, occurs),
                    other => Part::Group(Order::Sequence, vec![other], occurs),
                });
            }
            "sequence" => Order::Sequence,
            "choice" => Order::Choice,
            "all" => Order::All,
            _ => {
                self.unsupported(place, "a group has elements, `any`, groups, sequences and choices");
                return None;
            }
        };
        // All mistakes of a group are told, not only the first.
        let children = self.children(place);
        let parts: Vec<_> = children.iter().map(|it| self.part(*it)).collect();
        Some(Part::Group(order, parts.into_iter().collect::<Option<_>>()?, occurs))
    }

    fn occurs(&mut self, place: Place) -> Option<Occurs> {
        let read = |text: Option<String>| text.map_or(Some(1), |it| it.parse::<u32>().ok());
        let min = read(self.attribute(place, "minOccurs"));
        let max = self.attribute(place, "maxOccurs");
        let max = if max.as_deref() == Some("unbounded") { Some(None) } else { read(max).map(Some) };
        let (Some(min), Some(max)) = (min, max) else {
            let name = if min.is_none() { "minOccurs" } else { "maxOccurs" };
            self.bad_value(place, name, "a number of occurrences");
            return None;
        };
        if max.is_some_and(|max| max < min) {
            self.bad_value(place, "maxOccurs", "at least `minOccurs`");
            return None;
        }
        Some(Occurs { min, max })
    }

    fn element_part(&mut self, place: Place, occurs: Occurs) -> Option<Part> {
        let Some(text) = self.attribute(place, "ref") else {
            return Some(Part::Element(Box::new(self.element(place)?), occurs));
        };
        let target = self.refer(Global::Element, place, "ref")?;
        let head = self.element(target)?;
        let name = self.resolve(place, &text);
        let substitutes = if self.blocks_substitution(target) { Vec::new() } else { self.substitutes(&name) };
        if substitutes.is_empty() {
            return Some(Part::Element(Box::new(head), occurs));
        }
        let mut parts = Vec::new();
        for element in std::iter::once(target).chain(substitutes) {
            let mut it = self.element(element)?;
            // A member without a type has that of its head.
            if self.type_of(element)?.is_none() {
                it.kind = head.kind.clone();
            }
            if !it.is_abstract {
                parts.push(Part::Element(Box::new(it), Occurs::ONCE));
            }
        }
        Some(Part::Group(Order::Choice, parts, occurs))
    }

    fn blocks_substitution(&self, place: Place) -> bool {
        let block = self.attribute(place, "block").unwrap_or_default();
        block.split_ascii_whitespace().any(|it| it == "substitution" || it == "#all")
    }

    /// An element as it is declared here.
    pub(crate) fn element(&mut self, place: Place) -> Option<ElementUse> {
        for child in self.children(place) {
            if !matches!(self.kind(child), "simpleType" | "complexType") {
                self.unsupported(child, "say it as a rule of the mapping");
            }
        }
        let Some(name) = self.attribute(place, "name") else {
            let span = self.span(place);
            self.diagnostics.error("S205", span, "an element with neither `name` nor `ref`").label("cannot be used");
            return None;
        };
        let qualified = self.is_global(place) || self.is_qualified(place, "elementFormDefault");
        let namespace = if qualified { self.target(place).to_owned() } else { String::new() };
        let mut kind = self.type_of(place)?;
        if kind.is_none() && self.attribute(place, "substitutionGroup").is_some() {
            let head = self.refer(Global::Element, place, "substitutionGroup")?;
            self.enter(place)?;
            kind = self.element(head).map(|it| it.kind);
            self.open.pop();
        }
        Some(ElementUse {
            name: (namespace, name),
            kind: kind.unwrap_or(TypeKey::Any),
            nillable: self.flag(place, "nillable"),
            is_abstract: self.flag(place, "abstract"),
            blocks: self.attribute(place, "block").is_some() && self.blocks(place),
            default: self.node(place).and_then(|it| it.get("default")).map(str::to_owned),
            fixed: self.node(place).and_then(|it| it.get("fixed")).map(str::to_owned),
            place,
        })
    }

    fn wildcard(&mut self, place: Place) -> Option<Wildcard> {
        let process = match self.attribute(place, "processContents").as_deref() {
            None | Some("strict") => Process::Strict,
            Some("lax") => Process::Lax,
            Some("skip") => Process::Skip,
            Some(_) => {
                self.bad_value(place, "processContents", "`strict`, `lax` or `skip`");
                return None;
            }
        };
        let target = self.target(place).to_owned();
        let namespaces = match self.attribute(place, "namespace").as_deref() {
            None | Some("##any") => Namespaces::Any,
            Some("##other") => Namespaces::Other(target),
            Some(list) => Namespaces::List(
                list.split_ascii_whitespace()
                    .map(|it| match it {
                        "##targetNamespace" => target.clone(),
                        "##local" => String::new(),
                        uri => uri.to_owned(),
                    })
                    .collect(),
            ),
        };
        Some(Wildcard { namespaces, process })
    }
}

/// The content model of `anyType`.
pub(crate) fn anything() -> Part {
    Part::Any(ANYTHING, Occurs { min: 0, max: None })
}
