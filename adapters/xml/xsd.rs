//! The files of a schema and what they declare: XML Schema part 1 (second edition), section 3.15 and 4.2.
//!
//! **Invariant:** an element of XML Schema that changes which messages are valid is either honoured or refused by name.

use crate::tree::{Node, SCHEMA, Tree, XML};
use latimer_engine::{Diagnostic, Diagnostics, FileId, Sources, Span};
use std::collections::HashMap;

/// The files that one schema is made of.
pub(crate) struct Xsd<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) diagnostics: &'a mut Diagnostics,
    documents: Vec<Document>,
    globals: HashMap<(Global, String, String), Place>,
    /// The elements that may stand for another: its name, and their places.
    substitutes: HashMap<(String, String), Vec<Place>>,
    pub(crate) simples: HashMap<TypeKey, Option<crate::simple::SimpleType>>,
    pub(crate) contents: HashMap<Place, Option<std::rc::Rc<crate::complex::Content>>>,
    /// What is being resolved just now, to find circles.
    pub(crate) open: Vec<Place>,
    /// Notes that are given once a schema.
    pub(crate) said: Vec<&'static str>,
}

/// One file within one target namespace.
struct Document {
    tree: Tree,
    file: FileId,
    target: String,
}

/// The kinds of declarations that have names of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Global {
    Element,
    Type,
    Group,
    Attribute,
    AttributeGroup,
}

impl Global {
    fn of(name: &str) -> Option<Global> {
        Some(match name {
            "element" => Global::Element,
            "complexType" | "simpleType" => Global::Type,
            "group" => Global::Group,
            "attribute" => Global::Attribute,
            "attributeGroup" => Global::AttributeGroup,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Global::Element => "element",
            Global::Type => "type",
            Global::Group => "group",
            Global::Attribute => "attribute",
            Global::AttributeGroup => "attribute group",
        }
    }
}

/// A node of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) document: usize,
    pub(crate) node: usize,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TypeKey {
    /// Whatever one likes.
    Any,
    /// `xs:` and a name.
    BuiltIn(&'static str),
    /// Declared by this node.
    At(Place),
}

/// A namespace and a name; no namespace is empty.
pub(crate) type Name = (String, String);

impl<'a> Xsd<'a> {
    /// Reads a file and all that it includes and imports.
    pub(crate) fn read(sources: &'a Sources, file: FileId, diagnostics: &'a mut Diagnostics) -> Option<Self> {
        let mut xsd = Xsd {
            sources,
            diagnostics,
            documents: Vec::new(),
            globals: HashMap::new(),
            substitutes: HashMap::new(),
            simples: HashMap::new(),
            contents: HashMap::new(),
            open: Vec::new(),
            said: Vec::new(),
        };
        xsd.load(file, None)?;
        for document in 0..xsd.documents.len() {
            xsd.collect(document);
        }
        xsd.collect_substitutes();
        Some(xsd)
    }

    /// Loads a file; `target` is that of the file that includes it.
    fn load(&mut self, file: FileId, target: Option<&str>) -> Option<()> {
        let tree = Tree::read(self.sources, file, self.diagnostics)?;
        let root = tree.nodes.first()?;
        if root.name != "schema" {
            self.diagnostics
                .error("S200", root.span, "the root element is not `schema`")
                .label("not an XML Schema")
                .help(format!("the namespace of an XML Schema is `{SCHEMA}`"));
            return None;
        }
        let own = root.get("targetNamespace");
        if let (Some(own), Some(target)) = (own, target)
            && own != target
        {
            let message = format!("a schema of `{own}` cannot be included into one of `{target}`");
            self.diagnostics.error("S201", root.span_of("targetNamespace"), message).label("another namespace");
            return None;
        }
        // A schema without a namespace takes that of the one that includes it.
        let target = own.or(target).unwrap_or_default().to_owned();
        if self.documents.iter().any(|it| it.file == file && it.target == target) {
            return Some(());
        }
        self.documents.push(Document { tree, file, target });
        let document = self.documents.len() - 1;
        for child in self.children(Place { document, node: 0 }) {
            self.load_named(child);
        }
        Some(())
    }

    fn load_named(&mut self, place: Place) {
        let Some((name, span)) = self.node(place).map(|it| (it.name.clone(), it.span)) else { return };
        match name.as_str() {
            "include" | "import" => {}
            "redefine" | "notation" => {
                self.unsupported(place, "declare the types anew under names of their own");
                return;
            }
            _ => return,
        }
        let (target, file) =
            self.documents.get(place.document).map_or((String::new(), None), |it| (it.target.clone(), Some(it.file)));
        let node = self.node(place);
        let namespace = node.and_then(|it| it.get("namespace")).unwrap_or_default().to_owned();
        let location = node.and_then(|it| it.get("schemaLocation")).map(str::to_owned);
        // The few attributes of this namespace are known here.
        if name == "import" && namespace == XML {
            return;
        }
        let Some(location) = location else {
            if name == "include" {
                self.diagnostics.error("S201", span, "an `include` without `schemaLocation`").label("includes nothing");
            }
            return;
        };
        let span = node.map_or(span, |it| it.span_of("schemaLocation"));
        match file.and_then(|file| self.sources.linked(file, &location)) {
            None => {
                self.diagnostics
                    .error("S201", span, format!("there is no file `{location}`"))
                    .label("not found")
                    .help("put the file beside the schema that names it");
            }
            Some(linked) => {
                self.load(linked, (name == "include").then_some(target.as_str()));
            }
        }
    }

    fn collect(&mut self, document: usize) {
        let root = Place { document, node: 0 };
        let target = self.target(root).to_owned();
        for child in self.children(root) {
            let Some(node) = self.node(child) else { continue };
            let (span, kind) = (node.span_of("name"), Global::of(&node.name));
            let Some(kind) = kind else { continue };
            let Some(name) = node.get("name").map(str::to_owned) else {
                self.diagnostics.error("S205", span, "a global declaration without a name").label("cannot be referred to");
                continue;
            };
            let key = (kind, target.clone(), name);
            if let Some(first) = self.globals.get(&key) {
                let first = self.node(*first).map_or(span, |it| it.span_of("name"));
                let message = format!("{} `{}` is declared twice", kind.word(), key.2);
                self.diagnostics.error("S204", span, message).label("second time here").other(first, "first time here");
                continue;
            }
            self.globals.insert(key, child);
        }
    }

    fn collect_substitutes(&mut self) {
        let mut heads: Vec<_> = Vec::new();
        for ((kind, ..), place) in &self.globals {
            if *kind == Global::Element
                && let Some(head) = self.node(*place).and_then(|it| it.get("substitutionGroup"))
            {
                heads.push((*place, head.to_owned()));
            }
        }
        // The order of a map must not show.
        heads.sort_unstable();
        for (place, head) in heads {
            let name = self.resolve(place, &head);
            self.substitutes.entry(name).or_default().push(place);
        }
    }

    /// The elements that may stand for one, those that stand for them included.
    pub(crate) fn substitutes(&self, name: &Name) -> Vec<Place> {
        let mut found: Vec<Place> = Vec::new();
        let mut open = vec![name.clone()];
        while let Some(name) = open.pop() {
            for place in self.substitutes.get(&name).into_iter().flatten() {
                if !found.contains(place) {
                    found.push(*place);
                    open.push((self.target(*place).to_owned(), self.attribute(*place, "name").unwrap_or_default()));
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// The node at a place.
    pub(crate) fn node(&self, place: Place) -> Option<&Node> {
        self.documents.get(place.document)?.tree.nodes.get(place.node)
    }

    /// The name of the XML Schema element at a place.
    pub(crate) fn kind(&self, place: Place) -> &str {
        self.node(place).map_or("", |it| &it.name)
    }

    /// An attribute's value, white space at its ends left out.
    pub(crate) fn attribute(&self, place: Place, name: &str) -> Option<String> {
        self.node(place)?.get(name).map(|it| it.trim_matches([' ', '\t', '\n', '\r']).to_owned())
    }

    /// Where a node stands.
    pub(crate) fn span(&self, place: Place) -> Span {
        self.node(place).map_or_else(|| self.whole(), |it| it.span)
    }

    /// Where an attribute's value stands, or else the node.
    pub(crate) fn span_of(&self, place: Place, name: &str) -> Span {
        self.node(place).map_or_else(|| self.whole(), |it| it.span_of(name))
    }

    /// The file that was asked for.
    pub(crate) fn whole(&self) -> Span {
        let file = self.documents.first().map(|it| it.file);
        file.or_else(|| self.sources.files().next())
            .map_or_else(|| unreachable!("a schema is read from a file"), |file| self.sources.span(file))
    }

    /// The children that belong to XML Schema, annotations left out.
    pub(crate) fn children(&self, place: Place) -> Vec<Place> {
        let nodes = self.node(place).map_or(&[][..], |it| &it.children);
        let places = nodes.iter().map(|node| Place { node: *node, ..place });
        places.filter(|it| !matches!(self.kind(*it), "" | "annotation")).collect()
    }

    /// The target namespace where a node stands.
    pub(crate) fn target(&self, place: Place) -> &str {
        self.documents.get(place.document).map_or("", |it| &it.target)
    }

    /// An attribute of the document's `schema` element.
    pub(crate) fn default(&self, place: Place, name: &str) -> Option<&str> {
        self.documents.get(place.document)?.tree.nodes.first()?.get(name)
    }

    /// The places of the global declarations of a kind, in the order of the files.
    pub(crate) fn all(&self, kind: Global) -> Vec<Place> {
        let mut places: Vec<_> = self.globals.iter().filter(|((it, ..), _)| *it == kind).map(|(_, place)| *place).collect();
        places.sort_unstable();
        places
    }

    /// A name with a prefix, as it is meant at a place.
    pub(crate) fn resolve(&self, place: Place, name: &str) -> Name {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let document = self.documents.get(place.document);
        let namespace = document.zip(self.node(place)).and_then(|(it, node)| it.tree.namespace(node, prefix));
        // Without a default namespace the name has none, or that of the schema which includes this one.
        let own_is_none = self.default(place, "targetNamespace").is_none();
        let namespace = match namespace {
            Some(namespace) if !namespace.is_empty() => namespace,
            _ if prefix.is_empty() && own_is_none => self.target(place),
            Some(_) => "",
            None if prefix.is_empty() => "",
            None => "?",
        };
        (namespace.to_owned(), local.to_owned())
    }

    /// The declaration that an attribute of a node refers to; says so if there is none.
    pub(crate) fn refer(&mut self, kind: Global, place: Place, attribute: &str) -> Option<Place> {
        let text = self.attribute(place, attribute)?;
        let (namespace, name) = self.resolve(place, &text);
        if let Some(found) = self.globals.get(&(kind, namespace.clone(), name.clone())) {
            return Some(*found);
        }
        let near = self.near(kind, &namespace, &name);
        let message = format!("there is no {} `{text}`", kind.word());
        let span = self.span_of(place, attribute);
        let it = self.diagnostics.error("S202", span, message).label("not declared");
        match near {
            Some(near) => it.help(format!("did you mean `{near}`?")),
            None if namespace == "?" => it.add_note(format!("the prefix of `{text}` is not declared")),
            None => it.add_note(format!("looked for it in the namespace `{namespace}`")),
        };
        None
    }

    /// A declared name that differs in letter case only, or in its namespace.
    fn near(&self, kind: Global, namespace: &str, name: &str) -> Option<String> {
        let mut names: Vec<_> = self.globals.keys().filter(|(it, ..)| *it == kind).collect();
        names.sort_unstable_by_key(|(_, space, name)| (space, name));
        let close = names.iter().find(|(_, space, it)| space == namespace && it.eq_ignore_ascii_case(name));
        close.or_else(|| names.iter().find(|(_, _, it)| it == name)).map(|(_, _, it)| it.clone())
    }

    /// A global declaration by its name.
    pub(crate) fn global(&self, kind: Global, name: &Name) -> Option<Place> {
        self.globals.get(&(kind, name.0.clone(), name.1.clone())).copied()
    }

    /// Names a construct that is not honoured.
    pub(crate) fn unsupported(&mut self, place: Place, help: &str) {
        let message = format!("`{}` is not supported", self.kind(place));
        let span = self.span(place);
        self.diagnostics.error("S203", span, message).label("would change which messages are valid").help(help);
    }

    /// Names an attribute that is not honoured.
    pub(crate) fn unsupported_attribute(&mut self, place: Place, name: &str) -> &mut Diagnostic {
        let message = format!("`{name}` is not supported here");
        let span = self.span_of(place, name);
        self.diagnostics.error("S203", span, message).label("would change which messages are valid")
    }

    /// Says what a number or word in an attribute should have been.
    pub(crate) fn bad_value(&mut self, place: Place, name: &str, expected: &str) {
        let text = self.attribute(place, name).unwrap_or_default();
        let span = self.span_of(place, name);
        self.diagnostics.error("S205", span, format!("`{text}` is not {expected}")).label("cannot be used");
    }
}
