//! Which field a byte of a part belongs to: asked when something is wrong, so that nothing must be kept where all is right.

use crate::scan;
use latimer_engine::{FieldId, Kind, Schema};

/// Where a part begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From<'a> {
    /// With a value of this field.
    Value(FieldId),
    /// Behind the last item of a cut array of this field, within these open objects, the outermost first.
    Tail(FieldId, &'a [FieldId]),
}

/// A place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) field: FieldId,
    /// The occurrences of the repeats within the part, outermost first, from 1.
    pub(crate) rows: [u32; 2],
    /// The index of the member that is meant.
    pub(crate) member: u16,
}

/// Nesting that is walked into; deeper places belong to the field there.
const DEPTH_MAX: u32 = 1024;

/// The field at a byte; `member` names a member that is missing in the object there.
pub(crate) fn locate(schema: &Schema, text: &[u8], from: From<'_>, offset: usize, member: &[u8]) -> Place {
    let mut walk = Walk { schema, text, offset, rows: Vec::new(), field: Schema::ROOT };
    let start = scan::blanks(text, 0);
    match from {
        From::Value(field) => {
            walk.value(field, start, 0);
        }
        From::Tail(field, open) => {
            let mut at = start + usize::from(scan::byte(text, start) == b']');
            walk.field = field;
            for field in open.iter().rev() {
                at = scan::blanks(text, at);
                let is_more = scan::byte(text, at) == b',';
                match walk.members(*field, scan::blanks(text, at + usize::from(is_more)), 0) {
                    Some(end) => at = end,
                    None => break,
                }
            }
        }
    }
    let mut place = Place { field: walk.field, rows: [0; 2], member: 0 };
    for (to, row) in place.rows.iter_mut().zip(&walk.rows) {
        *to = *row;
    }
    let named = std::str::from_utf8(member).ok().filter(|it| !it.is_empty());
    if let Some(child) = named.and_then(|it| schema.child(place.field, it)) {
        place.member = schema.member_index(child).and_then(|it| u16::try_from(it).ok()).unwrap_or(u16::MAX);
        place.field = child;
    }
    place
}

struct Walk<'a> {
    schema: &'a Schema,
    text: &'a [u8],
    offset: usize,
    rows: Vec<u32>,
    field: FieldId,
}

impl Walk<'_> {
    /// Follows the value of a field. `None` when the place was found, the end of the value otherwise.
    fn value(&mut self, field: FieldId, at: usize, depth: u32) -> Option<usize> {
        let is_outside = scan::skip(self.text, at, DEPTH_MAX).filter(|end| *end <= self.offset);
        if let Some(end) = is_outside {
            return Some(end);
        }
        self.field = field;
        if depth < DEPTH_MAX {
            match scan::byte(self.text, at) {
                b'{' => {
                    self.members(field, scan::blanks(self.text, at + 1), depth + 1);
                }
                b'[' => self.items(field, at, depth + 1),
                _ => {}
            }
        }
        None
    }

    /// From the quote of a name, or the closing bracket, on. `None` when the place was found, else what follows the object.
    fn members(&mut self, object: FieldId, mut at: usize, depth: u32) -> Option<usize> {
        loop {
            self.field = object;
            if scan::byte(self.text, at) == b'}' {
                return (at < self.offset).then_some(at + 1);
            }
            if scan::byte(self.text, at) != b'"' || at > self.offset {
                return None;
            }
            let Ok((end, has_escapes)) = scan::string(self.text, at + 1) else { return None };
            let mut name = scan::slice(self.text, at + 1, end).to_vec();
            if has_escapes {
                name.clear();
                scan::unescape(scan::slice(self.text, at + 1, end), &mut name);
            }
            let child = self.child(object, &name);
            let value = scan::blanks(self.text, scan::blanks(self.text, end + 1) + 1);
            if value > self.offset {
                self.field = child.unwrap_or(object);
                return None;
            }
            // Within a member that the schema does not name, the object is all that can be said.
            let next = match child {
                Some(child) if self.schema.repeats(child) && scan::byte(self.text, value) == b'[' => {
                    self.repeat(child, value, depth)?
                }
                Some(child) => self.value(child, value, depth)?,
                None => scan::skip(self.text, value, DEPTH_MAX).filter(|end| *end <= self.offset)?,
            };
            at = scan::blanks(self.text, next);
            if scan::byte(self.text, at) == b',' {
                if at >= self.offset {
                    self.field = object;
                    return None;
                }
                at = scan::blanks(self.text, at + 1);
            }
        }
    }

    fn child(&self, object: FieldId, name: &[u8]) -> Option<FieldId> {
        // The value beside attributes is the field itself.
        if name == b"$value" && matches!(self.schema.type_of(object).kind, Kind::Leaf(_)) {
            return Some(object);
        }
        self.schema.child(object, std::str::from_utf8(name).ok()?)
    }

    /// The items of a repeat.
    fn repeat(&mut self, field: FieldId, at: usize, depth: u32) -> Option<usize> {
        let is_outside = scan::skip(self.text, at, DEPTH_MAX).filter(|end| *end <= self.offset);
        if let Some(end) = is_outside {
            return Some(end);
        }
        self.field = field;
        let mut at = scan::blanks(self.text, at + 1);
        for row in 1.. {
            if at > self.offset || depth >= DEPTH_MAX || matches!(scan::byte(self.text, at), b']' | 0) {
                break;
            }
            self.rows.push(row);
            let end = self.value(field, at, depth + 1)?;
            self.rows.pop();
            self.field = field;
            at = scan::blanks(self.text, end);
            if scan::byte(self.text, at) != b',' {
                break;
            }
            at = scan::blanks(self.text, at + 1);
        }
        None
    }

    /// The items of an array that is a group: positions, or the repeat `[]`.
    fn items(&mut self, group: FieldId, at: usize, depth: u32) {
        let mut at = scan::blanks(self.text, at + 1);
        let mut rest = 0;
        for position in 1u32.. {
            if at > self.offset || depth >= DEPTH_MAX || matches!(scan::byte(self.text, at), b']' | 0) {
                break;
            }
            let positioned = self.schema.child(group, &format!("[{position}]"));
            let field = positioned.or_else(|| self.schema.child(group, "[]")).unwrap_or(group);
            let is_row = positioned.is_none() && field != group;
            if is_row {
                rest += 1;
                self.rows.push(rest);
            }
            let Some(end) = self.value(field, at, depth + 1) else { return };
            if is_row {
                self.rows.pop();
            }
            self.field = group;
            at = scan::blanks(self.text, end);
            if scan::byte(self.text, at) != b',' {
                break;
            }
            at = scan::blanks(self.text, at + 1);
        }
    }
}
