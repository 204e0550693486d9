//! Objects: which members there are, and whether they may be.

use crate::{
    bind::{Act, BoundObject, NOWHERE},
    content::{self, Content, Seen},
    decode::{JsonDecoder, Open, Run, Stop, index},
    layout::Layout,
    scan,
};
use latimer_engine::{FaultCode, Part, Slot};

/// What [`JsonDecoder::look_up`] gives for a name that no table has, when its value was read already.
const NO_ENTRY: usize = usize::MAX;

impl JsonDecoder {
    /// Reads an object; `at` is its bracket.
    pub(crate) fn object(&mut self, run: &mut Run<'_>, object: u32, at: usize) -> Option<usize> {
        let base = self.nest.len();
        let mut open = self.open(object, at);
        let found = self.enter(at).and_then(|()| {
            let (at, is_name) = self.first(run, at)?;
            self.objects(run, &mut open, base, (at, is_name))
        });
        if found.is_none() {
            self.leave_open(run, open, base);
        }
        found
    }

    /// The state of an object of which nothing was read.
    #[inline(always)]
    pub(crate) fn open(&mut self, object: u32, start: usize) -> Open {
        let bound = self.bound.objects.get(object as usize);
        let wide = self.wide.len();
        if let Some(bound) = bound.filter(|it| it.is_wide) {
            self.wide.resize(wide + bound.known.div_ceil(64), 0);
        }
        let next = bound.map_or(0, |it| it.first);
        let (start, wide) = (index(start), index(wide));
        Open { object, start, seen: 0, last: u32::MAX, next, names: self.names.mark(), wide, floor: 0 }
    }

    /// What stands behind the bracket of an object, and whether it is a name; otherwise it is the closing bracket.
    #[inline(always)]
    fn first(&mut self, run: &mut Run<'_>, start: usize) -> Option<(usize, bool)> {
        let at = run.blanks(start + 1);
        match scan::byte(run.text, at) {
            b'"' => Some((at, true)),
            b'}' => Some((at, false)),
            _ => self.end_of_text(run, at).map(|at| (at, false)),
        }
    }

    /// Reads an object and those within it, from a name or from its closing bracket on, and gives what follows it.
    ///
    /// Objects in objects are kept on a stack of our own; only arrays, alternatives and what [`JsonDecoder::quickly`] does not
    /// know take one of the processor's.
    pub(crate) fn objects(
        &mut self,
        run: &mut Run<'_>,
        open: &mut Open,
        base: usize,
        (mut at, mut is_name): (usize, bool),
    ) -> Option<usize> {
        loop {
            if is_name {
                let found = match self.quickly(run, open, base, at) {
                    Found::Again(at) => self.bound.objects.get(open.object as usize)?.expected(run, open, at),
                    found => found,
                };
                at = match found {
                    Found::Behind(at) => at,
                    Found::Member { name, number, value } => self.member(run, open, number, (name, value))?,
                    Found::Again(name) | Found::Name(name) => match self.look_up(run, open, name)? {
                        (NO_ENTRY, behind) => behind,
                        (number, value) => self.member(run, open, number, (name, value))?,
                    },
                };
            }
            is_name = true;
            loop {
                at = run.blanks(at);
                match scan::byte(run.text, at) {
                    b',' => {
                        at = run.blanks(at + 1);
                        break;
                    }
                    b'}' => {
                        self.close(run, open, at)?;
                        at += 1;
                        if self.nest.len() == base {
                            return Some(at);
                        }
                        *open = self.nest.pop()?;
                    }
                    _ => return self.end_of_text(run, at),
                }
            }
        }
    }

    /// The head of a level without its array ends before the bracket of its object. Nothing else ends where no bracket is.
    #[cold]
    fn end_of_text(&mut self, run: &Run<'_>, at: usize) -> Option<usize> {
        if let Part::Head(level) = run.frame.part
            && at == run.text.len()
            && self.depth_of(usize::from(level)) + 1 == self.depth()
            && !self.in_trial()
        {
            self.stop = Stop::Head { in_array: false };
            return None;
        }
        self.broken(at)
    }

    /// Reads a member, whatever it is, and gives what follows its value.
    fn member(&mut self, run: &mut Run<'_>, open: &mut Open, number: usize, (name, value): (usize, usize)) -> Option<usize> {
        let bound = self.bound.objects.get(open.object as usize)?;
        let entry = bound.entries.get(number)?;
        let action = entry.action;
        open.last = index(number);
        open.next = entry.next;
        if bound.is_wide {
            if self.see_wide(open, number) {
                return self.duplicate(run, name, value);
            }
        } else {
            let bit = 1 << number;
            if open.seen & bit != 0 {
                return self.duplicate(run, name, value);
            }
            open.seen |= bit;
            if number >= bound.known {
                return self.unknown(run, open.object, name, value);
            }
        }
        if index(number) < open.floor {
            return self.late(run, name, value);
        }
        if action.act == Act::Never && !action.nullable {
            return self.forbidden(run, name, value);
        }
        self.value(run, action, value)
    }

    /// Marks a member of an object that has many; whether it was there before.
    fn see_wide(&mut self, open: &Open, number: usize) -> bool {
        let Some(word) = self.wide.get_mut(open.wide as usize + number / 64) else { return false };
        let bit = 1 << (number % 64);
        let was_there = *word & bit != 0;
        *word |= bit;
        was_there
    }

    #[cold]
    fn duplicate(&mut self, run: &mut Run<'_>, name: usize, value: usize) -> Option<usize> {
        let end = self.skip(run, value)?;
        self.note(run, FaultCode::JsonDuplicate, name, b"")?;
        Some(end)
    }

    #[cold]
    fn late(&mut self, run: &mut Run<'_>, name: usize, value: usize) -> Option<usize> {
        let end = self.skip(run, value)?;
        self.note(run, FaultCode::JsonOrder, name, b"")?;
        Some(end)
    }

    #[cold]
    fn forbidden(&mut self, run: &mut Run<'_>, name: usize, value: usize) -> Option<usize> {
        let end = self.skip(run, value)?;
        self.note(run, FaultCode::JsonUnknown, name, b"")?;
        Some(end)
    }

    /// A member that the schema does not name.
    fn unknown(&mut self, run: &mut Run<'_>, object: u32, name: usize, value: usize) -> Option<usize> {
        let bound = self.bound.objects.get(object as usize)?;
        let action = bound.additional;
        if action.act == Act::Never && !action.nullable {
            return self.forbidden(run, name, value);
        }
        let layout = self.layout.objects.get(bound.layout as usize)?;
        if layout.is_reported {
            self.remark(run, name);
        }
        self.value(run, action, value)
    }

    /// Finds the entry of a name that was not expected, and learns what came behind what. Gives the place of the value.
    #[cold]
    fn look_up(&mut self, run: &mut Run<'_>, open: &mut Open, at: usize) -> Option<(usize, usize)> {
        let object = open.object;
        if scan::byte(run.text, at) != b'"' {
            return self.broken(at);
        }
        let (end, has_escapes) = self.string(run, at + 1)?;
        let value = self.colon(run, end + 1)?;
        let mut name = scan::slice(run.text, at + 1, end);
        if has_escapes {
            self.spelled.clear();
            scan::unescape(name, &mut self.spelled);
            name = &self.spelled;
        }
        let bound = self.bound.objects.get_mut(object as usize)?;
        let found = bound.find(name);
        // A name that is spelled otherwise is found by look-up, whenever it comes: there is nothing to learn from it.
        let Some(number) = found.or_else(|| if has_escapes { None } else { bound.learn(name) }) else {
            self.push_name(run.text, at + 1, end, has_escapes);
            return Some((NO_ENTRY, self.unknown(run, object, at, value)?));
        };
        if !has_escapes {
            bound.expect(open.last, number);
        }
        Some((number, value))
    }

    /// Checks what can be checked only when all members were read, and leaves the object.
    #[inline(always)]
    fn close(&mut self, run: &mut Run<'_>, open: &Open, closing: usize) -> Option<()> {
        let bound = self.bound.objects.get(open.object as usize)?;
        if bound.presence != NOWHERE {
            let start = open.start as usize;
            run.record.set(bound.presence, Slot::group(index(start), index(closing + 1 - start)));
        }
        let is_fine = bound.is_surely_satisfied(open.seen) && self.names.is_at(open.names);
        if !is_fine {
            self.close_slowly(run, open, closing)?;
        }
        self.leave();
        Some(())
    }

    #[inline(never)]
    fn close_slowly(&mut self, run: &mut Run<'_>, open: &Open, closing: usize) -> Option<()> {
        let unnamed = self.names.count(open.names);
        if let Some(at) = self.names.close(open.names, run.text) {
            self.note(run, FaultCode::JsonDuplicate, at, b"")?;
        }
        let mut wide = std::mem::take(&mut self.wide);
        let bound = self.bound.objects.get(open.object as usize)?;
        let words = if bound.is_wide { wide.get(open.wide as usize..).unwrap_or_default() } else { &[] };
        let seen = Seen { word: if bound.is_wide { 0 } else { open.seen }, words };
        let layout = self.layout.objects.get(bound.layout as usize)?;
        let count = seen.count() + unnamed;
        let is_fine = layout.is_satisfied(&seen, count);
        let result = if is_fine { Some(()) } else { self.note_members(run, open.object, &seen, (closing, count)) };
        wide.truncate(open.wide as usize);
        self.wide = wide;
        result
    }

    #[cold]
    fn note_members(&mut self, run: &mut Run<'_>, object: u32, seen: &Seen<'_>, (closing, count): (usize, usize)) -> Option<()> {
        let at = self.bound.objects.get(object as usize)?.layout as usize;
        let tables = std::sync::Arc::clone(&self.layout);
        let layout = tables.objects.get(at)?;
        let name = |number: usize| layout.members.get(number).map_or(&b""[..], |it| it.name.as_bytes());
        for number in (0..layout.members.len()).filter(|it| layout.lacks(*it, seen)) {
            self.note(run, FaultCode::JsonMissing, closing, name(number))?;
        }
        if layout.has_wrong_count(count) {
            self.note(run, FaultCode::JsonItems, closing, b"")?;
        }
        match layout.content.as_ref().map_or(Content::Fine, |it| content::check(it, layout, seen)) {
            Content::Fine => Some(()),
            Content::Missing(number) => self.note(run, FaultCode::JsonMissing, closing, name(number)),
            Content::Other => self.note(run, FaultCode::JsonChoice, closing, b""),
        }
    }
}

/// Where [`JsonDecoder::quickly`] came to.
enum Found {
    /// What follows a value, or the bracket of an object in which there is nothing.
    Behind(usize),
    /// A member that is not as simple: where its name and its value begin.
    Member { name: usize, number: usize, value: usize },
    /// The expected member, or one of those behind it, with something that is not as it should be.
    Again(usize),
    /// A name that was not expected.
    Name(usize),
}

impl BoundObject {
    /// The next member, if it is the expected one.
    #[inline(never)]
    fn expected(&self, run: &mut Run<'_>, open: &Open, at: usize) -> Found {
        match self.predicted(run.text, at, open.next) {
            Some((number, entry)) => {
                Found::Member { name: at, number: number as usize, value: run.blanks(at + entry.length as usize) }
            }
            None => Found::Name(at),
        }
    }

    /// Whether members are noted in a word, and none is too late.
    #[inline(always)]
    fn is_quick(&self, open: &Open) -> bool {
        !self.is_wide && open.floor == 0
    }
}

impl JsonDecoder {
    /// Reads members that come as expected and are texts, numbers or objects of such as they should be: most members of most
    /// messages. `at` is a name; the objects that begin and end here are those above `base`.
    ///
    /// Wherever something is not as simple as that, it is left to the caller, who says what is wrong.
    fn quickly(&mut self, run: &mut Run<'_>, open: &mut Open, base: usize, mut at: usize) -> Found {
        loop {
            let bound = self.bound.objects.get(open.object as usize).filter(|it| it.is_quick(open));
            let Some(bound) = bound else { return Found::Again(at) };
            match bound.leaves(&self.layout, run, open, at) {
                Leaves::Object { object, name, value } => match self.descend(run, open, object, value) {
                    Some(first) => at = first,
                    None => return Found::Again(name),
                },
                Leaves::Behind(mut end) => {
                    while scan::byte(run.text, end) == b'}' && self.ascend(run, open, base, end) {
                        end += 1;
                    }
                    if scan::byte(run.text, end) != b',' {
                        return Found::Behind(end);
                    }
                    at = run.blanks(end + 1);
                }
                Leaves::Other(found) => return found,
            }
        }
    }

    /// Goes into an object, if it has a name in it, and gives the place of that.
    #[inline]
    fn descend(&mut self, run: &mut Run<'_>, open: &mut Open, object: u32, bracket: usize) -> Option<usize> {
        let inner = self.bound.objects.get(object as usize).filter(|it| !it.is_wide && self.depth < self.depth_max)?;
        let at = run.blanks(bracket + 1);
        if scan::byte(run.text, at) != b'"' {
            return None;
        }
        let entry = self.bound.objects.get(open.object as usize).and_then(|it| it.entries.get(open.next as usize))?;
        open.seen |= 1u64.wrapping_shl(open.next);
        (open.last, open.next) = (open.next, entry.next);
        self.nest.push(*open);
        self.depth += 1;
        let (names, wide) = (self.names.mark(), index(self.wide.len()));
        *open = Open { object, start: index(bracket), seen: 0, last: u32::MAX, next: inner.first, names, wide, floor: 0 };
        Some(at)
    }

    /// Leaves an object within another one, if it has all it needs; `at` is its bracket.
    #[inline]
    fn ascend(&mut self, run: &mut Run<'_>, open: &mut Open, base: usize, at: usize) -> bool {
        let Some(bound) = self.bound.objects.get(open.object as usize) else { return false };
        let is_fine = bound.is_surely_satisfied(open.seen) && self.names.is_at(open.names);
        if !is_fine || self.nest.len() <= base {
            return false;
        }
        let Some(outer) = self.nest.pop() else { return false };
        if bound.presence != NOWHERE {
            let start = open.start as usize;
            run.record.set(bound.presence, Slot::group(open.start, index(at + 1 - start)));
        }
        self.depth -= 1;
        *open = outer;
        true
    }
}

/// Where [`BoundObject::leaves`] came to.
enum Leaves {
    /// What follows a value.
    Behind(usize),
    /// The name and the bracket of an object, which is the expected member.
    Object {
        object: u32,
        name: usize,
        value: usize,
    },
    Other(Found),
}

impl BoundObject {
    /// Reads members that come as expected and are texts or numbers as they should be.
    #[inline(always)]
    fn leaves(&self, layout: &Layout, run: &mut Run<'_>, open: &mut Open, mut at: usize) -> Leaves {
        let text = run.text;
        // What is only here lives in registers.
        let (mut seen, mut last, mut next) = (open.seen, open.last, open.next);
        let found = loop {
            let Some((number, entry)) = self.predicted(text, at, next) else { break Leaves::Other(Found::Name(at)) };
            let bit = 1u64.wrapping_shl(number);
            if seen & bit != 0 {
                break Leaves::Other(Found::Again(at));
            }
            let mut value = at + entry.length as usize;
            let mut first = scan::byte(text, value);
            if first <= b' ' {
                value = run.more_blanks(value);
                first = scan::byte(text, value);
            }
            let slot = entry.action.slot;
            let end = match entry.action.act {
                Act::Text(rule) if first == b'"' => {
                    let end = scan::plain_until(text, value + 1);
                    let length = index(end - value - 1);
                    let is_sure = length >= entry.sure.0 && length <= entry.sure.1;
                    if scan::byte(text, end) != b'"' || !(is_sure || layout.allows(rule, scan::slice(text, value + 1, end))) {
                        break Leaves::Other(Found::Again(at));
                    }
                    if slot != NOWHERE {
                        run.record.set(slot, Slot::part(index(value + 1), length));
                    }
                    end + 1
                }
                Act::Object(object) if first == b'{' => {
                    next = number;
                    break Leaves::Object { object, name: at, value };
                }
                Act::Number(rule) => match layout.number_here(text, value, rule) {
                    Some(end) => {
                        run.record.set(slot, Slot::part(index(value), index(end - value)));
                        end
                    }
                    None => break Leaves::Other(Found::Again(at)),
                },
                _ => break Leaves::Other(Found::Member { name: at, number: number as usize, value }),
            };
            seen |= bit;
            (last, next) = (number, entry.next);
            if scan::byte(text, end) != b',' {
                break Leaves::Behind(end);
            }
            at = end + 1;
            if scan::byte(text, at) <= b' ' {
                at = run.more_blanks(at);
            }
        };
        (open.seen, open.last, open.next) = (seen, last, next);
        found
    }
}
