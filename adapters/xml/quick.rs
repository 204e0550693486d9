//! What nearly all of a message is, read as fast as it can be: tags without attributes, values without references.
//!
//! The element that followed the last time is tried first, by one compare of its tag. A value is read with its tags, and never
//! opened.
//!
//! **Invariant:** whatever is not as simple as that is left for the general path, before anything of it was taken. So both
//! paths give the same, and this one need not know why.

use crate::{
    decode::{Open, Run, Scratch, allows, clean_bytes},
    layout::{Layout, NO_MEMBER, NONE, State, Tag, Transition},
    lexical::Clean,
    namespaces::Namespaces,
    reading::{Node, NodeShape, Program, Rows},
    scan::{self, AMPERSAND, BEYOND, byte},
};
use latimer_engine::{Place, Record, Slot};

/// An element that is expected where it was met last: all that is asked and done of it, in one place.
///
/// The words compared are those of its tags with nothing in them but the name. Of one with an attribute the start tag ends
/// with the blank; the end tag begins behind its `<`, which was found already.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Step {
    open: Tag,
    close: Tag,
    namespace: u32,
    transition: u32,
    /// The element's node, and the one its value is checked by.
    node: u32,
    simple: u32,
    /// The state behind it.
    next: u32,
    /// Where the value goes, if that is all that becomes of it.
    place: Place,
    /// The fewest and most bytes of a value of ASCII.
    length: (u32, u32),
    /// Bytes of the start tag; of one with an attribute, those before that.
    tag: u16,
    member: u16,
    shape: NodeShape,
    again: bool,
    /// Whether nothing is asked of the value but its length.
    is_free: bool,
    /// Whether a value is kept otherwise than in one place.
    is_watched: bool,
    is_kept: bool,
}

const _: () = assert!(size_of::<Step>() == 128);

impl Scratch {
    /// Expects an element again where it was met.
    #[inline]
    pub(crate) fn learn(&mut self, program: &Program, layout: &Layout, at: usize, element: [u32; 2]) {
        let known = self.learned.get(at).and_then(|it| self.steps.get(*it as usize));
        if known.is_none_or(|it| it.transition != element[1]) {
            self.learn_anew(program, layout, at, element);
        }
    }

    /// The same, if it is simple enough to be expected: the node it stands in, and its transition.
    #[inline(never)]
    fn learn_anew(&mut self, program: &Program, layout: &Layout, at: usize, [parent, number]: [u32; 2]) {
        let Some(it) = layout.transitions.get(number as usize).filter(|it| it.eager) else { return };
        let id = program.child(program.get(parent), it.member, it.kind);
        let node = program.get(id);
        let open = match node.shape {
            NodeShape::Value | NodeShape::Group => it.open,
            NodeShape::Amount => Tag::around(b'<', (it.word, it.length), b' '),
            NodeShape::Other => return,
        };
        let simple = layout.simples.get(node.simple as usize);
        let bytes = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let values = program.values(node);
        let is_kept = matches!((values, program.presences(node), node.rows), ([_], [], Rows::No));
        let step = Step {
            open,
            close: Tag::around(b'/', (it.word, it.length), b'>'),
            namespace: it.namespace,
            transition: number,
            node: id,
            simple: node.simple,
            next: it.next,
            place: values.first().copied().unwrap_or(Place { arena: 0, slot: 0 }),
            length: simple.map_or((0, 0), |it| (bytes(it.length.0), bytes(it.length.1))),
            tag: it.length.saturating_add(2),
            member: it.member,
            shape: node.shape,
            again: it.again,
            is_free: simple.is_some_and(|it| it.is_free),
            is_watched: !is_kept && node.is_wanted(),
            is_kept,
        };
        let Some(known) = self.learned.get_mut(at) else { return };
        match self.steps.get_mut(*known as usize) {
            Some(old) => *old = step,
            None => {
                *known = u32::try_from(self.steps.len()).unwrap_or(NONE);
                self.steps.push(step);
            }
        }
    }
}

impl Run<'_> {
    /// Reads elements that are simple until no more than so many are open, or one is not.
    ///
    /// Few things are held at once here, so that they stay in registers: what is rarer is [`Run::careful`]'s.
    pub(crate) fn quick(&mut self, base: usize) {
        let (bytes, layout, program) = (self.bytes, self.layout, self.program);
        let mut rest = bytes.get(self.at..).unwrap_or_default();
        'elements: while self.scratch.stack.len() > base {
            let Scratch { stack, learned, steps, namespaces, made, .. } = &mut *self.scratch;
            let depth = stack.len();
            let Some(top) = stack.last_mut() else { break };
            let node = program.get(top.node);
            if node.shape != NodeShape::Group {
                break;
            }
            while let Some(here) = scan::first_word(rest) {
                let learned = learned.get(node.learned.wrapping_add(top.state) as usize).copied().unwrap_or(NONE);
                let Some(step) = steps.get(learned as usize).filter(|it| it.open.begins(here)) else { break };
                let Some(mut content) = rest.get(usize::from(step.tag)..) else { break };
                if step.namespace != namespaces.default {
                    break;
                }
                let at = bytes.len() - rest.len();
                let row = if step.again { top.count.saturating_add(1) } else { 1 };
                if step.shape != NodeShape::Group {
                    let mut attribute = None;
                    if step.shape == NodeShape::Amount {
                        let name_end = at + usize::from(step.tag) - 1;
                        attribute = one_attribute(bytes, name_end, program.get(step.node), layout);
                        let Some((_, from)) = attribute else { break };
                        content = bytes.get(from..).unwrap_or_default();
                    }
                    let Some((value, behind, is_ascii)) = scan::plain_text(content) else { break };
                    let Some(behind) = ends_with(behind, step) else { break };
                    if !step.allows(value, is_ascii, layout, made) {
                        break;
                    }
                    (top.state, top.count) = (step.next, row);
                    let from = bytes.len() - content.len();
                    if step.is_kept {
                        self.record.set(step.place, Slot::part(place(from), place(value.len())));
                    } else if step.is_watched {
                        let child = program.get(step.node);
                        open_row(self.record, child.rows);
                        watch(self.record, program, child, [at, from, from + value.len(), bytes.len() - behind.len()]);
                    }
                    if let Some((slot, _)) = attribute {
                        keep_attribute(self.record, program, step.node, slot);
                    }
                    rest = behind;
                } else if depth <= self.depth_max {
                    (top.state, top.count) = (step.next, row);
                    let child = program.get(step.node);
                    let names = [at, at + usize::from(step.tag) - 1, namespaces.len()];
                    let open = Open { member: step.member, spelled: step.transition, ..opened(step.node, child, row, names) };
                    if child.is_wanted() {
                        open_row(self.record, child.rows);
                        for place in program.presences(child) {
                            self.record.set(*place, Slot::group(open.at, 0));
                        }
                    }
                    stack.push(open);
                    rest = content;
                    continue 'elements;
                } else {
                    break;
                }
            }
            if let Some(it) = layout.transitions.get(top.spelled as usize)
                && scan::first_word(rest).is_some_and(|here| it.close.begins(here))
                && top.flags == 0
                && top.gap == NONE
                && namespaces.len() == top.bindings as usize
                && layout.states.get(top.state as usize).is_some_and(|it| it.last && top.count >= it.min)
                && let Some(behind) = rest.get(3 + usize::from(it.length)..)
            {
                rest = behind;
                if node.is_watched {
                    let end = place(bytes.len() - rest.len());
                    for wanted in program.presences(node) {
                        self.record.set(*wanted, Slot::group(top.at, end - top.at));
                    }
                }
                stack.pop();
                continue;
            }
            if rest.first().is_some_and(|it| scan::is_space(*it)) {
                rest = rest.get(scan::skip_space(rest, 1)..).unwrap_or_default();
                continue;
            }
            self.at = bytes.len() - rest.len();
            if !self.careful() {
                return;
            }
            rest = bytes.get(self.at..).unwrap_or_default();
        }
        self.at = bytes.len() - rest.len();
    }

    /// Reads one element or end tag, if it is simple still: after white space, with a prefix, a long name, one attribute,
    /// references in its value, a value that is not clean as it stands. Whether there was one.
    #[inline(never)]
    fn careful(&mut self) -> bool {
        let (bytes, layout, program) = (self.bytes, self.layout, self.program);
        let at = scan::skip_space(bytes, self.at);
        let Scratch { stack, namespaces, text, made, .. } = &mut *self.scratch;
        let depth = stack.len();
        let Some(top) = stack.last_mut() else { return false };
        let node = program.get(top.node);
        if byte(bytes, at) != b'<' {
            return false;
        }
        if byte(bytes, at + 1) == b'/' {
            let Some(behind) = closes(bytes, at, top, layout) else { return false };
            if namespaces.len() != top.bindings as usize {
                return false;
            }
            for wanted in program.presences(node) {
                self.record.set(*wanted, Slot::group(top.at, place(behind) - top.at));
            }
            stack.pop();
            self.at = behind;
            return true;
        }
        let tag = TagHere { bytes, namespaces, layout, at };
        let found = layout.states.get(top.state as usize).and_then(|it| tag.find(it, top.count));
        let Some((number, transition, name_end)) = found.filter(|(_, it, _)| it.direct) else { return false };
        let (parent, learned) = (top.node, node.learned.wrapping_add(top.state) as usize);
        let id = program.child(node, transition.member, transition.kind);
        let child = program.get(id);
        let mut from = name_end + 1;
        let mut currency = None;
        if child.shape == NodeShape::Amount {
            let Some((slot, behind)) = one_attribute(bytes, name_end, child, layout) else { return false };
            (currency, from) = (Some(slot), behind);
        } else if child.shape == NodeShape::Other || byte(bytes, name_end) != b'>' {
            return false;
        }
        let row = if transition.again { top.count.saturating_add(1) } else { 1 };
        if child.shape == NodeShape::Group {
            if depth > self.depth_max {
                return false;
            }
            (top.state, top.count) = (transition.next, row);
            open_row(self.record, child.rows);
            // A name with a prefix is longer than what is compared.
            let spelled = name_end - at - 1 == usize::from(transition.length);
            let mut open = opened(id, child, row, [at, name_end, namespaces.len()]);
            open.member = transition.member;
            open.spelled = if spelled { number } else { NONE };
            for place in program.presences(child) {
                self.record.set(*place, Slot::group(open.at, 0));
            }
            stack.push(open);
            self.at = from;
            self.scratch.learn(program, layout, learned, [parent, number]);
            return true;
        }
        let (end, met) = scan::text(bytes, from);
        let Some(behind) = ends(bytes, at, name_end, end) else { return false };
        let value = scan::slice(bytes, from, end);
        if met & !(BEYOND | AMPERSAND) != 0 || (met & BEYOND != 0 && scan::bad_character(value).is_some()) {
            return false;
        }
        text.clear();
        if met & AMPERSAND != 0 && scan::append_text(value, text).is_err() {
            return false;
        }
        let meant = if met & AMPERSAND != 0 { text.as_slice() } else { value };
        let clean = layout.simples.get(child.simple as usize).and_then(|it| it.read(meant, made));
        let Some(clean) = clean else { return false };
        (top.state, top.count) = (transition.next, row);
        open_row(self.record, child.rows);
        if let Some(slot) = currency {
            keep_attribute(self.record, program, id, slot);
        }
        if child.is_watched {
            watch(self.record, program, child, [at, from, end, behind]);
            let slot = match clean {
                Clean::All | Clean::Part(..) if met & AMPERSAND != 0 => {
                    let clean = clean_bytes(clean, meant, made);
                    self.record.hold(place(from), place(value.len()), |out| out.extend_from_slice(clean))
                }
                _ => kept(self.record, clean, (from, value), made),
            };
            for wanted in program.values(child) {
                self.record.set(*wanted, slot);
            }
        }
        self.at = behind;
        self.scratch.learn(program, layout, learned, [parent, number]);
        true
    }
}

/// Notes the value of the only attribute of an element.
#[inline(never)]
fn keep_attribute(record: &mut Record, program: &Program, node: u32, slot: Slot) {
    let attribute = program.child(program.get(node), 0, NONE);
    for wanted in program.values(program.get(attribute)) {
        record.set(*wanted, slot);
    }
}

impl Step {
    /// Whether a value is allowed, and stands for itself.
    #[inline(always)]
    fn allows(&self, value: &[u8], is_ascii: bool, layout: &Layout, made: &mut Vec<u8>) -> bool {
        // A character of ASCII is a byte.
        let fits = value.len() >= self.length.0 as usize && value.len() <= self.length.1 as usize;
        if self.is_free && is_ascii { fits } else { self.asks(value, layout, made) }
    }

    #[inline(never)]
    fn asks(&self, value: &[u8], layout: &Layout, made: &mut Vec<u8>) -> bool {
        layout.simples.get(self.simple as usize).is_some_and(|it| it.read(value, made) == Some(Clean::All))
    }
}

/// What stands behind the end tag of an element that is expected, if what stands here is that from behind its `<`.
#[inline(always)]
fn ends_with<'b>(rest: &'b [u8], step: &Step) -> Option<&'b [u8]> {
    let here = scan::first_word(rest)?;
    if step.close.begins(here) { rest.get(usize::from(step.tag)..) } else { None }
}

/// Notes a value and that it is there: `[at, from, end, behind]` of the element and the value in it.
#[inline(never)]
fn watch(record: &mut Record, program: &Program, node: &Node, [at, from, end, behind]: [usize; 4]) {
    for wanted in program.values(node) {
        record.set(*wanted, Slot::part(place(from), place(end - from)));
    }
    for wanted in program.presences(node) {
        record.set(*wanted, Slot::group(place(at), place(behind - at)));
    }
}

/// A place of a part, which is far below 4 GiB: the framer's limit is.
#[expect(clippy::cast_possible_truncation, reason = "a part is at most `part_bytes_max`, far below 4 GiB")]
#[inline]
pub(crate) fn place(at: usize) -> u32 {
    at as u32
}

/// The slot of a value that is not all of what stands at a place of the part.
fn kept(record: &mut Record, clean: Clean, (at, value): (usize, &[u8]), made: &[u8]) -> Slot {
    match clean {
        Clean::All => Slot::part(place(at), place(value.len())),
        Clean::Part(from, to) => Slot::part(place(at + from), place(to - from)),
        Clean::Yes | Clean::No => Slot::yes_no(clean == Clean::Yes, place(at)),
        Clean::Made => record.hold(place(at), place(value.len()), |out| out.extend_from_slice(made)),
    }
}

#[inline]
fn open_row(record: &mut Record, rows: Rows) {
    match rows {
        Rows::No => {}
        Rows::Counted(arena, place) => record.push_row(arena, place),
        Rows::Opened(arena) => {
            record.open_row(arena);
        }
    }
}

/// The only attribute of a tag, if it is the one that the type has and its value is plain, and what follows the tag.
#[inline(never)]
fn one_attribute(bytes: &[u8], name_end: usize, node: &Node, layout: &Layout) -> Option<(Slot, usize)> {
    let [attribute] = layout.attributes(layout.kinds.get(node.kind as usize)?) else { return None };
    let equals = name_end + 1 + attribute.name.len();
    let named = byte(bytes, name_end) == b' ' && scan::slice(bytes, name_end + 1, equals) == &*attribute.name;
    if !named || byte(bytes, equals) != b'=' || byte(bytes, equals + 1) != b'"' {
        return None;
    }
    let from = equals + 2;
    let plain = |it: &&u8| matches!(**it, b' '..0x80) && !matches!(**it, b'"' | b'&' | b'<');
    let to = from + bytes.get(from..)?.iter().take_while(plain).count();
    if byte(bytes, to) != b'"' || byte(bytes, to + 1) != b'>' {
        return None;
    }
    let simple = layout.simples.get(attribute.simple as usize)?;
    let read = simple.read(scan::slice(bytes, from, to), &mut Vec::new());
    (read == Some(Clean::All)).then(|| (Slot::part(place(from), place(to - from)), to + 2))
}

/// A group whose tag is its name only; `[at, name_end, bindings]`.
#[inline]
fn opened(node: u32, child: &Node, row: u32, [at, name_end, bindings]: [usize; 3]) -> Open {
    Open {
        node,
        state: child.start,
        count: 0,
        row,
        member: NO_MEMBER,
        level: 0,
        flags: 0,
        at: place(at),
        content: place(name_end + 1),
        name: place(at + 1),
        name_length: place(name_end - at - 1),
        bindings: place(bindings),
        gap: NONE,
        spelled: NONE,
    }
}

/// Behind the end tag of the innermost open element, if it is spelled plainly and may come.
#[inline]
fn closes(bytes: &[u8], at: usize, top: &Open, layout: &Layout) -> Option<usize> {
    let length = top.name_length as usize;
    let end = at + 2 + length;
    let state = layout.states.get(top.state as usize)?;
    let fine = state.last && top.count >= state.min && top.flags == 0 && top.gap == NONE;
    let spelled = layout.transitions.get(top.spelled as usize);
    let same = spelled.is_some_and(|it| it.close.begins(scan::word(bytes, at))) || same_name(bytes, top, at + 2);
    (fine && same).then_some(end + 1)
}

#[inline(never)]
fn same_name(bytes: &[u8], top: &Open, at: usize) -> bool {
    let length = top.name_length as usize;
    top.flags == 0 && byte(bytes, at + length) == b'>' && scan::same(bytes, top.name as usize, at, length)
}

/// Behind the end tag, if what stands where a value ends is the plain one of its start tag.
#[inline(never)]
fn ends(bytes: &[u8], at: usize, name_end: usize, end: usize) -> Option<usize> {
    let length = name_end - at - 1;
    let tag_end = end + 2 + length;
    let plain = byte(bytes, end + 1) == b'/' && byte(bytes, tag_end) == b'>';
    (plain && scan::same(bytes, at + 1, end + 2, length)).then_some(tag_end + 1)
}

/// A start tag that is looked at.
pub(crate) struct TagHere<'t, 'a> {
    pub(crate) bytes: &'t [u8],
    pub(crate) namespaces: &'t Namespaces,
    pub(crate) layout: &'a Layout,
    pub(crate) at: usize,
}

impl<'a> TagHere<'_, 'a> {
    /// Which transition of a state it is, its number, and where its name ends, if it is spelled as nearly all are.
    #[inline(never)]
    pub(crate) fn find(&self, state: &State, count: u32) -> Option<(u32, &'a Transition, usize)> {
        for (number, it) in (state.first..).zip(self.layout.transitions(state)) {
            if allows(it, state, count)
                && let Some(end) = self.is(it)
            {
                return Some((number, it, end));
            }
        }
        None
    }

    /// Where the name of the tag ends, if it is that of a transition without a prefix, or with the usual one.
    fn is(&self, transition: &Transition) -> Option<usize> {
        let end = self.ends(transition)?;
        let behind = byte(self.bytes, end);
        (behind == b'>' || behind == b'/' || scan::is_space(behind)).then_some(end)
    }

    /// Where the name would end, if what stands there begins with it.
    fn ends(&self, transition: &Transition) -> Option<usize> {
        let from = self.at + 1;
        if transition.namespace != self.namespaces.default || transition.length > 16 {
            return self.ends_other(transition);
        }
        let same = (scan::word(self.bytes, from) ^ transition.word) & transition.mask == 0;
        same.then_some(from + usize::from(transition.length))
    }

    /// The same with the usual prefix, or for a long name.
    fn ends_other(&self, transition: &Transition) -> Option<usize> {
        let mut from = self.at + 1;
        if transition.namespace != self.namespaces.default {
            let prefix = self.namespaces.lead_prefix();
            if transition.namespace != self.namespaces.lead || scan::slice(self.bytes, from, from + prefix.len()) != prefix {
                return None;
            }
            from += prefix.len();
        }
        let end = from + usize::from(transition.length);
        let name = &self.layout.elements.get(transition.element as usize)?.name;
        (scan::slice(self.bytes, from, end) == &**name).then_some(end)
    }
}
