//! What nearly all of a message is, read as fast as it can be: tags without attributes, values without references.
//!
//! The element that followed the last time is tried first, by one compare of its name, whose end need not be looked for.
//! A value is read with its tags, and never opened.
//!
//! **Invariant:** whatever is not as simple as that is left for the general path, before anything of it was taken. So both
//! paths give the same, and this one need not know why.

use crate::{
    decode::{Open, Run, Scratch, allows},
    layout::{Layout, NONE, State, Transition},
    lexical::Clean,
    namespaces::Namespaces,
    reading::{Node, NodeShape, Program, Rows},
    scan::{self, BEYOND, byte},
};
use latimer_engine::{Record, Slot};

impl Run<'_> {
    /// Reads elements that are simple until no more than so many are open, or one is not.
    ///
    /// Few things are held at once here, so that they stay in registers: what is rarer is [`Run::careful`]'s.
    pub(crate) fn quick(&mut self, base: usize) {
        let (bytes, layout, program) = (self.bytes, self.layout, self.program);
        let mut at = self.at;
        'elements: while self.scratch.stack.len() > base {
            let Scratch { stack, learned, namespaces, made, .. } = &mut *self.scratch;
            let depth = stack.len();
            let Some(top) = stack.last_mut() else { break };
            let node = program.get(top.node);
            if node.shape != NodeShape::Group {
                break;
            }
            loop {
                let here = scan::word(bytes, at);
                let guess = learned.get(node.learned.wrapping_add(top.state) as usize).copied().unwrap_or(NONE);
                let Some(it) = layout.transitions.get(guess as usize).filter(|it| it.open.begins(here)) else {
                    break;
                };
                if !it.eager || it.namespace != namespaces.default {
                    break;
                }
                let child = program.get(program.child(node, it.member, it.kind));
                let from = at + 2 + usize::from(it.length);
                let row = if it.again { top.count.saturating_add(1) } else { 1 };
                if child.shape == NodeShape::Value {
                    let (end, met) = scan::text(bytes, from);
                    if met != 0 || !it.close.begins(scan::word(bytes, end)) {
                        break;
                    }
                    let value = scan::slice(bytes, from, end);
                    let Some(simple) = layout.simples.get(child.simple as usize) else { break };
                    // A character of ASCII is a byte.
                    let fits = value.len() >= simple.length.0 && value.len() <= simple.length.1;
                    if !(if simple.is_free { fits } else { simple.read(value, made) == Some(Clean::All) }) {
                        break;
                    }
                    (top.state, top.count) = (it.next, row);
                    let behind = end + 3 + usize::from(it.length);
                    if child.is_watched || child.rows != Rows::No {
                        open_row(self.record, child.rows);
                        watch(self.record, program, child, [at, from, end, behind]);
                    }
                    at = behind;
                } else if child.shape == NodeShape::Group && depth <= self.depth_max {
                    (top.state, top.count) = (it.next, row);
                    let id = program.child(node, it.member, it.kind);
                    let names = [at, from - 1, namespaces.len()];
                    let open = Open { spelled: guess, ..opened(id, child, row, it.member, names) };
                    if child.is_watched || child.rows != Rows::No {
                        open_row(self.record, child.rows);
                        for place in program.presences(child) {
                            self.record.set(*place, Slot::group(open.at, 0));
                        }
                    }
                    stack.push(open);
                    at = from;
                    continue 'elements;
                } else {
                    break;
                }
            }
            if let Some(it) = layout.transitions.get(top.spelled as usize)
                && it.close.begins(scan::word(bytes, at))
                && top.flags == 0
                && top.gap == NONE
                && namespaces.len() == top.bindings as usize
                && layout.states.get(top.state as usize).is_some_and(|it| it.last && top.count >= it.min)
            {
                at += 3 + usize::from(it.length);
                if node.is_watched {
                    for wanted in program.presences(node) {
                        self.record.set(*wanted, Slot::group(top.at, place(at) - top.at));
                    }
                }
                stack.pop();
                continue;
            }
            self.at = at;
            if !self.careful() {
                return;
            }
            at = self.at;
        }
        self.at = at;
    }

    /// Reads one element or end tag, if it is simple still: after white space, with a prefix, a long name, one attribute, a
    /// value that is not clean as it stands. Whether there was one.
    #[inline(never)]
    fn careful(&mut self) -> bool {
        let (bytes, layout, program) = (self.bytes, self.layout, self.program);
        let at = scan::skip_space(bytes, self.at);
        let Scratch { stack, learned, namespaces, made, .. } = &mut *self.scratch;
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
        let Some(guess) = learned.get_mut(node.learned.wrapping_add(top.state) as usize) else {
            return false;
        };
        let tag = TagHere { bytes, namespaces, layout, at };
        let found = layout.states.get(top.state as usize).and_then(|it| tag.find(it, top.count, guess));
        let Some((transition, name_end)) = found.filter(|(it, _)| it.direct) else { return false };
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
            let mut open = opened(id, child, row, transition.member, [at, name_end, namespaces.len()]);
            open.spelled = if spelled { *guess } else { NONE };
            for place in program.presences(child) {
                self.record.set(*place, Slot::group(open.at, 0));
            }
            stack.push(open);
            self.at = from;
            return true;
        }
        let (end, met) = scan::text(bytes, from);
        let Some(behind) = ends(bytes, at, name_end, end) else { return false };
        let value = scan::slice(bytes, from, end);
        if met & !BEYOND != 0 || (met != 0 && scan::bad_character(value).is_some()) {
            return false;
        }
        let clean = layout.simples.get(child.simple as usize).and_then(|it| it.read(value, made));
        let Some(clean) = clean else { return false };
        (top.state, top.count) = (transition.next, row);
        open_row(self.record, child.rows);
        if let Some(slot) = currency {
            for wanted in program.values(program.get(program.child(child, 0, NONE))) {
                self.record.set(*wanted, slot);
            }
        }
        if child.is_watched {
            watch(self.record, program, child, [at, from, end, behind]);
            let slot = kept(self.record, clean, (from, value), made);
            for wanted in program.values(child) {
                self.record.set(*wanted, slot);
            }
        }
        self.at = behind;
        true
    }
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
fn opened(node: u32, child: &Node, row: u32, member: u16, [at, name_end, bindings]: [usize; 3]) -> Open {
    Open {
        node,
        state: child.start,
        count: 0,
        row,
        member,
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
    /// Which transition of a state it is, and where its name ends, if it is spelled as nearly all are. What was found is
    /// guessed the next time.
    #[inline(never)]
    pub(crate) fn find(&self, state: &State, count: u32, guess: &mut u32) -> Option<(&'a Transition, usize)> {
        for (number, it) in (state.first..).zip(self.layout.transitions(state)) {
            if allows(it, state, count)
                && let Some(end) = self.is(it)
            {
                *guess = number;
                return Some((it, end));
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
