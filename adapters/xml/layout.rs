//! A schema as flat tables, made once and shared by all workers: what a decoder follows and an encoder writes.
//!
//! Types have the numbers of the engine's [`Schema`], members too; states, transitions, elements and attributes are
//! numbered through all types.

use crate::{
    complex::Process,
    lexical::Simple,
    tree::{INSTANCE, XML},
};
use latimer_engine::{Schema, TypeId};
use std::{collections::HashMap, sync::Arc};

/// No type, member, simple type or wildcard.
pub(crate) const NONE: u32 = u32::MAX;
/// No member: what stands there is part of an opaque field.
pub(crate) const NO_MEMBER: u16 = u16::MAX;

/// Namespaces that have the same number in every schema.
pub(crate) const NO_NAMESPACE: u32 = 0;
pub(crate) const XML_NAMESPACE: u32 = 1;
pub(crate) const INSTANCE_NAMESPACE: u32 = 2;

/// All tables of a schema.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) schema: Arc<Schema>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) states: Vec<State>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) elements: Vec<Element>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) simples: Vec<Simple>,
    pub(crate) wildcards: Vec<Wild>,
    pub(crate) namespaces: Vec<Box<[u8]>>,
    /// The global elements.
    pub(crate) globals: Names,
    /// The global attributes: their simple types.
    pub(crate) global_attributes: Names,
    /// The types that `xsi:type` can name.
    pub(crate) named: Names,
    /// Of a schema that is an envelope around others.
    pub(crate) envelope: Option<Envelope>,
}

/// A namespace that is written with a prefix, which the root declares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) namespace: u32,
    pub(crate) prefix: &'static str,
}

/// Numbers by namespace and name.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<u32, HashMap<Box<[u8]>, u32>>);

impl Names {
    /// Gives a name its number.
    pub(crate) fn insert(&mut self, namespace: u32, name: &str, number: u32) {
        self.0.entry(namespace).or_default().insert(name.as_bytes().into(), number);
    }

    /// The number of a name.
    pub(crate) fn get(&self, namespace: u32, name: &[u8]) -> Option<u32> {
        self.0.get(&namespace)?.get(name).copied()
    }
}

/// A type.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) content: Content,
    /// The value, or `NONE`.
    pub(crate) simple: u32,
    /// The first attribute, and how many; their members come first.
    pub(crate) attributes: (u32, u16),
    /// The wildcard of attributes, or `NONE`.
    pub(crate) any_attribute: u32,
    pub(crate) mixed: bool,
    pub(crate) is_abstract: bool,
    pub(crate) blocks: bool,
    /// What it was derived from, or `NONE`.
    pub(crate) base: u32,
    /// The first state, and how many.
    pub(crate) states: (u32, u32),
    /// Whether the engine sees it as a value of which it knows nothing.
    pub(crate) opaque: bool,
    /// Whether its bytes are written as hexadecimal digits.
    pub(crate) hex: bool,
    /// Whether a value of the engine's type must be checked again before it is written.
    pub(crate) says_more: bool,
}

/// What stands between the tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A value.
    Value,
    /// Elements, as the states say; the first state.
    Elements(u32),
    /// Elements in any order: transitions from the first, how many; a bit for each that must be there; whether all may be
    /// missing together.
    All { first: u32, count: u16, required: u64, optional: bool },
    /// Whatever one likes.
    Anything,
}

/// How far a content model was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub(crate) first: u32,
    pub(crate) count: u16,
    /// How many gaps may follow.
    pub(crate) gaps: u16,
    pub(crate) first_gap: u32,
    /// How often what led here must stand, and may; the start has 0 and 0.
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// The member that led here.
    pub(crate) member: u16,
    /// Whether the element may end here.
    pub(crate) last: bool,
}

/// An element that may come next. The first sixteen bytes of its name, and of its tags without a prefix, are compared at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transition {
    pub(crate) word: u128,
    pub(crate) mask: u128,
    /// `<Name>` and `</Name>`; of tags that are longer a number that no text has.
    pub(crate) open: Tag,
    pub(crate) close: Tag,
    pub(crate) namespace: u32,
    pub(crate) element: u32,
    /// The element's type.
    pub(crate) kind: u32,
    pub(crate) next: u32,
    pub(crate) length: u16,
    pub(crate) member: u16,
    /// Whether it is the repetition of what led to the state.
    pub(crate) again: bool,
    /// Whether the element is neither abstract nor has a default or fixed value.
    pub(crate) direct: bool,
    /// Whether it may be taken however often what led to the state was there.
    pub(crate) free: bool,
    /// Both.
    pub(crate) eager: bool,
}

const _: () = assert!(size_of::<Transition>() == 128);

/// A tag as a number, and which of its bytes count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag {
    word: u128,
    mask: u128,
}

impl Tag {
    pub(crate) fn new(tag: &[u8]) -> Tag {
        if tag.len() > 16 {
            return Tag { word: u128::MAX, mask: u128::MAX };
        }
        let (word, mask) = name_word(tag);
        Tag { word, mask }
    }

    /// A name of so many bytes, given as a number, between two bytes.
    pub(crate) fn around(first: u8, (name, length): (u128, u16), last: u8) -> Tag {
        if length > 14 {
            return Tag { word: u128::MAX, mask: u128::MAX };
        }
        let word = u128::from(first) | name << 8 | u128::from(last) << (8 * (length + 1));
        Tag { word, mask: u128::MAX >> (8 * (14 - length)) }
    }

    /// Whether sixteen bytes begin with it.
    #[inline(always)]
    pub(crate) fn begins(&self, word: u128) -> bool {
        (word ^ self.word) & self.mask == 0
    }
}

/// A place where a wildcard may come next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) wildcard: u32,
    pub(crate) next: u32,
    pub(crate) member: u16,
    pub(crate) again: bool,
}

/// An element where it may stand.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: Box<[u8]>,
    pub(crate) namespace: u32,
    pub(crate) kind: u32,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) blocks: bool,
    /// What an empty element means.
    pub(crate) default: Option<Box<[u8]>>,
    /// The only value it may have.
    pub(crate) fixed: Option<Box<[u8]>>,
}

/// An attribute of a type.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: Box<[u8]>,
    pub(crate) namespace: u32,
    pub(crate) simple: u32,
    pub(crate) required: bool,
    pub(crate) default: Option<Box<[u8]>>,
    pub(crate) fixed: Option<Box<[u8]>>,
}

/// A wildcard with numbers for namespaces.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wild {
    pub(crate) namespaces: WildNamespaces,
    pub(crate) process: Process,
}

/// Which namespaces a wildcard takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WildNamespaces {
    Any,
    Other(u32),
    List(Vec<u32>),
}

impl Wild {
    /// Whether it takes a namespace; one that the schema does not know is `NONE`.
    pub(crate) fn takes(&self, namespace: u32) -> bool {
        match &self.namespaces {
            WildNamespaces::Any => true,
            WildNamespaces::Other(target) => namespace != *target && namespace != NO_NAMESPACE,
            WildNamespaces::List(list) => list.contains(&namespace),
        }
    }
}

impl Layout {
    /// The layout of a schema that declares nothing.
    pub(crate) fn nothing() -> Layout {
        Layout {
            schema: Arc::new(Schema::new("", Vec::new(), TypeId(0))),
            kinds: Vec::new(),
            states: Vec::new(),
            transitions: Vec::new(),
            gaps: Vec::new(),
            elements: Vec::new(),
            attributes: Vec::new(),
            simples: Vec::new(),
            wildcards: Vec::new(),
            namespaces: ["", XML, INSTANCE].map(|it| it.as_bytes().into()).into(),
            globals: Names::default(),
            global_attributes: Names::default(),
            named: Names::default(),
            envelope: None,
        }
    }

    /// The number of a namespace, or `NONE`.
    pub(crate) fn namespace(&self, uri: &[u8]) -> u32 {
        let found = self.namespaces.iter().position(|it| **it == *uri);
        found.and_then(|it| u32::try_from(it).ok()).unwrap_or(NONE)
    }

    /// The transitions of a state.
    #[inline]
    pub(crate) fn transitions(&self, state: &State) -> &[Transition] {
        let first = state.first as usize;
        self.transitions.get(first..first + usize::from(state.count)).unwrap_or_default()
    }

    /// The gaps of a state.
    pub(crate) fn gaps(&self, state: &State) -> &[Gap] {
        let first = state.first_gap as usize;
        self.gaps.get(first..first + usize::from(state.gaps)).unwrap_or_default()
    }

    /// The attributes of a type.
    pub(crate) fn attributes(&self, kind: &Kind) -> &[Attribute] {
        let first = kind.attributes.0 as usize;
        self.attributes.get(first..first + usize::from(kind.attributes.1)).unwrap_or_default()
    }

    /// Whether one type is another or derived from it.
    pub(crate) fn is_derived(&self, kind: u32, from: u32) -> bool {
        let mut at = kind;
        // A circle of derivations does not compile; the count only makes sure of it.
        for _ in 0..self.kinds.len() + 1 {
            if at == from {
                return true;
            }
            match self.kinds.get(at as usize) {
                Some(it) if it.base != NONE => at = it.base,
                _ => return false,
            }
        }
        false
    }
}

/// The first bytes of a name as a number, and which of its bytes count.
pub(crate) fn name_word(name: &[u8]) -> (u128, u128) {
    let length = name.len().min(16);
    let mask = if length == 16 { u128::MAX } else { (1 << (8 * length)) - 1 };
    (crate::scan::word(name, 0) & mask, mask)
}
