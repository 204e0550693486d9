//! Objects and arrays: which members and items there are, and whether they may be.

use crate::{
    bind::{Act, BoundObject, NOWHERE},
    decode::{JsonDecoder, Open, Run, Stop, index},
    layout::{Layout, Object},
    scan,
};
use latimer_engine::{FaultCode, Occurs, Part, Particle, Slot};

/// What [`JsonDecoder::members`] gives for a name that no table has, when its value was read already.
const NO_ENTRY: usize = usize::MAX;

impl JsonDecoder {
    /// Reads an object; `at` is its bracket.
    #[inline]
    pub(crate) fn object(&mut self, run: &mut Run<'_>, object: u32, at: usize) -> Option<usize> {
        self.enter(at)?;
        let mut open = self.open(object);
        let first = scan::blanks(run.text, at + 1);
        let closing = match scan::byte(run.text, first) {
            b'}' => Some(first),
            b'"' => self.members(run, object, &mut open, first),
            _ => self.end_of_text(run, first),
        };
        let Some(closing) = closing else {
            self.leave_open(run, object, &open, at);
            return None;
        };
        self.close(run, object, &open, closing)?;
        self.leave();
        let presence = self.bound.objects.get(object as usize)?.presence;
        if presence != NOWHERE {
            run.record.set(presence, Slot::group(index(at), index(closing + 1 - at)));
        }
        Some(closing + 1)
    }

    /// The state of an object of which nothing was read.
    #[inline]
    pub(crate) fn open(&mut self, object: u32) -> Open {
        let bound = self.bound.objects.get(object as usize);
        let wide = self.wide.len();
        if let Some(bound) = bound.filter(|it| it.is_wide) {
            self.wide.resize(wide + bound.known.div_ceil(64), 0);
        }
        let next = bound.map_or(0, |it| it.first);
        Open { seen: 0, last: u32::MAX, next, names: self.names.mark(), wide }
    }

    /// Reads members from the quote of a name on, and gives the place of the closing bracket.
    pub(crate) fn members(
        &mut self,
        run: &mut Run<'_>,
        object: u32,
        open: &mut Open,
        mut at: usize,
    ) -> Option<usize> {
        loop {
            let bound = self.bound.objects.get(object as usize)?;
            at = match bound.leaves(&self.layout, run, open, at) {
                Leaves::Closed(at) => return Some(at),
                Leaves::Behind(at) => at,
                Leaves::Before(at) => self.member(run, object, open, at)?,
            };
            at = scan::blanks(run.text, at);
            match scan::byte(run.text, at) {
                b',' => at = scan::blanks(run.text, at + 1),
                b'}' => return Some(at),
                _ => return self.end_of_text(run, at),
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

    /// Reads the member whose name begins here, whatever it is, and gives what follows its value.
    fn member(&mut self, run: &mut Run<'_>, object: u32, open: &mut Open, name: usize) -> Option<usize> {
        let bound = self.bound.objects.get(object as usize)?;
        let (number, value) = match bound.predicted(run.text, name, open.next) {
            Some((number, value)) => (number, scan::blanks(run.text, value)),
            None => self.look_up(run, object, open, name)?,
        };
        if number == NO_ENTRY {
            return Some(value);
        }
        let bound = self.bound.objects.get(object as usize)?;
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
                return self.unknown(run, object, name, value);
            }
        }
        if action.act == Act::Never {
            return self.forbidden(run, name, value);
        }
        self.value(run, action, value)
    }

    /// Marks a member of an object that has many; whether it was there before.
    fn see_wide(&mut self, open: &Open, number: usize) -> bool {
        let Some(word) = self.wide.get_mut(open.wide + number / 64) else { return false };
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
    fn forbidden(&mut self, run: &mut Run<'_>, name: usize, value: usize) -> Option<usize> {
        let end = self.skip(run, value)?;
        self.note(run, FaultCode::JsonUnknown, name, b"")?;
        Some(end)
    }

    /// A member that the schema does not name.
    fn unknown(&mut self, run: &mut Run<'_>, object: u32, name: usize, value: usize) -> Option<usize> {
        let bound = self.bound.objects.get(object as usize)?;
        let action = bound.additional;
        if action.act == Act::Never {
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
    fn look_up(
        &mut self,
        run: &mut Run<'_>,
        object: u32,
        open: &mut Open,
        at: usize,
    ) -> Option<(usize, usize)> {
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

    /// Checks what can be checked only when all members were read.
    #[inline]
    pub(crate) fn close(
        &mut self,
        run: &mut Run<'_>,
        object: u32,
        open: &Open,
        closing: usize,
    ) -> Option<()> {
        let bound = self.bound.objects.get(object as usize)?;
        let is_complete = bound.required & !open.seen == 0;
        if is_complete && !bound.is_wide && !bound.is_special && self.names.count(open.names) < 2 {
            self.names.truncate(open.names);
            return Some(());
        }
        self.close_slowly(run, object, open, closing)
    }

    fn close_slowly(&mut self, run: &mut Run<'_>, object: u32, open: &Open, closing: usize) -> Option<()> {
        let unnamed = self.names.count(open.names);
        if let Some(at) = self.names.close(open.names, run.text) {
            self.note(run, FaultCode::JsonDuplicate, at, b"")?;
        }
        let wide = std::mem::take(&mut self.wide);
        let bound = self.bound.objects.get(object as usize)?;
        let words = if bound.is_wide { wide.get(open.wide..).unwrap_or_default() } else { &[] };
        let seen = Seen { word: if bound.is_wide { 0 } else { open.seen }, words };
        let layout = self.layout.objects.get(bound.layout as usize)?;
        let count = seen.count() + unnamed;
        let is_fine = layout.is_satisfied(&seen, count);
        let result = if is_fine { Some(()) } else { self.note_members(run, object, &seen, (closing, count)) };
        self.wide = wide;
        self.wide.truncate(open.wide);
        result
    }

    #[cold]
    fn note_members(
        &mut self,
        run: &mut Run<'_>,
        object: u32,
        seen: &Seen<'_>,
        (closing, count): (usize, usize),
    ) -> Option<()> {
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
        match layout.content.as_ref().map_or(Content::Fine, |it| check(it, layout, seen)) {
            Content::Fine => Some(()),
            Content::Missing(number) => self.note(run, FaultCode::JsonMissing, closing, name(number)),
            Content::Other => self.note(run, FaultCode::JsonChoice, closing, b""),
        }
    }

    /// Reads an array; `at` is its bracket.
    #[inline]
    pub(crate) fn array(&mut self, run: &mut Run<'_>, array: u32, at: usize) -> Option<usize> {
        self.enter(at)?;
        let bound = self.bound.arrays.get(array as usize)?;
        let (layout, item, rows, list) = (bound.layout, bound.item, bound.rows, bound.list);
        let (level, presence, positions) = (bound.level, bound.presence, bound.first.len());
        let mut next = scan::blanks(run.text, at + 1);
        if level > 0 && run.frame.part == Part::Head(level - 1) && !self.in_trial() {
            return self.head_ends(run, presence, at, next);
        }
        let mut count = 0;
        if scan::byte(run.text, next) != b']' {
            loop {
                let action = if count < positions {
                    self.bound
                        .arrays
                        .get(array as usize)
                        .and_then(|it| it.first.get(count))
                        .copied()
                        .unwrap_or(item)
                } else {
                    if let Some((arena, of)) = rows {
                        if of == NOWHERE {
                            run.record.open_row(arena);
                        } else {
                            run.record.push_row(arena, of);
                        }
                    }
                    item
                };
                next = self.value(run, action, next)?;
                count += 1;
                if list != NOWHERE {
                    let value = run.record.get(list);
                    run.record.set(list, Slot::ABSENT);
                    run.record.push_item(value);
                }
                next = scan::blanks(run.text, next);
                match scan::byte(run.text, next) {
                    b',' => next = scan::blanks(run.text, next + 1),
                    b']' => break,
                    _ => return self.broken(next),
                }
            }
        }
        self.leave();
        if list != NOWHERE {
            let values = run.record.list_of_last(count);
            run.record.set(list, values);
        }
        self.check_count(run, layout, count, next)?;
        if presence != NOWHERE {
            run.record.set(presence, Slot::group(index(at), index(next + 1 - at)));
        }
        Some(next + 1)
    }

    pub(crate) fn check_count(
        &mut self,
        run: &mut Run<'_>,
        layout: u32,
        count: usize,
        at: usize,
    ) -> Option<()> {
        let array = self.layout.arrays.get(layout as usize)?;
        if count < array.fewest as usize || array.most.is_some_and(|most| count > most as usize) {
            self.note(run, FaultCode::JsonItems, at, b"")?;
        }
        Some(())
    }
}

/// Where [`BoundObject::leaves`] came to.
enum Leaves {
    /// The closing bracket.
    Closed(usize),
    /// What follows a value.
    Behind(usize),
    /// The name of a member that is not as simple.
    Before(usize),
}

impl BoundObject {
    /// Reads members that come as expected and are texts or numbers as they should be: most members of most messages.
    ///
    /// A member is left to [`JsonDecoder::member`], from its name on, wherever something is not as simple as that.
    #[inline]
    fn leaves(&self, layout: &Layout, run: &mut Run<'_>, open: &mut Open, mut at: usize) -> Leaves {
        let text = run.text;
        if self.is_wide {
            return Leaves::Before(at);
        }
        loop {
            let Some((number, value)) = self.predicted(text, at, open.next) else {
                return Leaves::Before(at);
            };
            let Some(entry) = self.entries.get(number) else { return Leaves::Before(at) };
            let bit = 1u64.wrapping_shl(index(number));
            let value = scan::blanks(text, value);
            let end = match entry.action.act {
                Act::Text(rule) if open.seen & bit == 0 && scan::byte(text, value) == b'"' => {
                    let end = scan::plain_until(text, value + 1);
                    let rule = layout.texts.get(rule as usize);
                    let is_plain = scan::byte(text, end) == b'"'
                        && rule.is_some_and(|it| it.allows(scan::slice(text, value + 1, end)));
                    if !is_plain {
                        return Leaves::Before(at);
                    }
                    run.record.set(entry.action.slot, Slot::part(index(value + 1), index(end - value - 1)));
                    end + 1
                }
                Act::Number(rule) if open.seen & bit == 0 => {
                    let rule = layout.numbers.get(rule as usize);
                    match (scan::number(text, value), rule) {
                        (Ok(it), Some(rule))
                            if !it.has_exponent
                                && rule.allows(scan::slice(text, value, it.end), it.whole) =>
                        {
                            run.record
                                .set(entry.action.slot, Slot::part(index(value), index(it.end - value)));
                            it.end
                        }
                        _ => return Leaves::Before(at),
                    }
                }
                _ => return Leaves::Before(at),
            };
            open.seen |= bit;
            open.last = index(number);
            open.next = entry.next;
            match scan::byte(text, end) {
                b',' => at = scan::blanks(text, end + 1),
                b'}' => return Leaves::Closed(end),
                _ => return Leaves::Behind(end),
            }
        }
    }
}

/// The members of an object that were there.
pub(crate) struct Seen<'a> {
    word: u64,
    words: &'a [u64],
}

impl Seen<'_> {
    fn has(&self, number: usize) -> bool {
        (number < 64 && self.word >> number & 1 != 0)
            || self.words.get(number / 64).is_some_and(|it| it >> (number % 64) & 1 != 0)
    }

    fn count(&self) -> usize {
        let count = self.word.count_ones() + self.words.iter().map(|it| it.count_ones()).sum::<u32>();
        count as usize
    }
}

impl Object {
    fn is_satisfied(&self, seen: &Seen<'_>, count: usize) -> bool {
        (0..self.members.len()).all(|it| !self.lacks(it, seen))
            && !self.has_wrong_count(count)
            && self.content.as_ref().is_none_or(|it| check(it, self, seen) == Content::Fine)
    }

    /// Whether a member is missing that is required, or that another one needs.
    fn lacks(&self, number: usize, seen: &Seen<'_>) -> bool {
        let is_required = self.members.get(number).is_some_and(|it| it.required);
        let is_needed = || {
            let dependents = self.dependents.iter().filter(|(it, _)| seen.has(*it as usize));
            dependents.into_iter().any(|(_, needs)| needs.iter().any(|it| *it as usize == number))
        };
        !seen.has(number) && (is_required || is_needed())
    }

    fn has_wrong_count(&self, count: usize) -> bool {
        count < self.fewest as usize || self.most.is_some_and(|most| count > most as usize)
    }
}

/// Whether members satisfy a content model, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Fine,
    /// A member is missing.
    Missing(usize),
    /// Members stand together that may not.
    Other,
}

/// Of a part of a content model that has members in the object, whether they are all it needs; of one that has none,
/// whether it may be left out.
fn check(content: &Particle, layout: &Object, seen: &Seen<'_>) -> Content {
    let is_there = is_there(content, seen);
    match content {
        Particle::Member(at) => {
            let is_optional = layout.members.get(*at as usize).is_none_or(|it| it.is_optional);
            if is_there || is_optional { Content::Fine } else { Content::Missing(*at as usize) }
        }
        Particle::Sequence(_, Occurs { min: 0, .. }) | Particle::Choice(_, Occurs { min: 0, .. })
            if !is_there =>
        {
            Content::Fine
        }
        Particle::Sequence(parts, _) | Particle::All(parts) => parts
            .iter()
            .map(|it| check(it, layout, seen))
            .find(|it| *it != Content::Fine)
            .unwrap_or(Content::Fine),
        Particle::Choice(parts, _) if !is_there => {
            let can_be_empty =
                parts.is_empty() || parts.iter().any(|it| check(it, layout, seen) == Content::Fine);
            if can_be_empty { Content::Fine } else { Content::Other }
        }
        Particle::Choice(parts, occurs) => {
            let mut found = parts.iter().filter(|it| self::is_there(it, seen));
            if occurs.max == Some(1) && found.clone().count() > 1 {
                return Content::Other;
            }
            found.map(|it| check(it, layout, seen)).find(|it| *it != Content::Fine).unwrap_or(Content::Fine)
        }
    }
}

fn is_there(content: &Particle, seen: &Seen<'_>) -> bool {
    match content {
        Particle::Member(at) => seen.has(*at as usize),
        Particle::Sequence(parts, _) | Particle::Choice(parts, _) | Particle::All(parts) => {
            parts.iter().any(|it| is_there(it, seen))
        }
    }
}
