//! What is wrong, with the deepest field that is known and the byte.

use crate::{
    decode::{Broken, FOREIGN, Open, RESTORED, Run, WILD, seen},
    layout::{Content, NO_MEMBER, State},
    scan,
};
use latimer_engine::{Fault, FaultCode, FieldId, Schema};

impl Run<'_> {
    /// Notes what the part cannot be read behind of.
    #[cold]
    pub(crate) fn fail(&mut self, code: FaultCode, at: usize) -> Broken {
        let fault = self.fault(code, at);
        self.faults.push(fault);
        Broken
    }

    /// A fault of the innermost open element.
    #[cold]
    pub(crate) fn fault(&self, code: FaultCode, at: usize) -> Fault {
        let fault = Fault::new(code, self.start + at as u64);
        let (field, rows) = self.field();
        if field == Schema::ROOT { fault } else { fault.at(field) }.rows(rows)
    }

    /// A fault of a member of the innermost open element.
    #[cold]
    pub(crate) fn fault_of(&self, code: FaultCode, at: usize, member: u16, row: u32) -> Fault {
        let fault = self.fault(code, at);
        let foreign = self.scratch.stack.iter().any(|it| it.flags & (FOREIGN | WILD) != 0);
        if member == NO_MEMBER || foreign {
            return fault;
        }
        let parent = fault.field.unwrap_or(Schema::ROOT);
        let schema = &self.layout.schema;
        let field = schema.nth(parent, u32::from(member));
        let mut rows = fault.rows;
        let own = self.is_occurrence && self.scratch.stack.len() == self.base;
        if !own
            && schema.repeats(field)
            && let Some(free) = rows.iter_mut().find(|it| **it == 0)
        {
            *free = row;
        }
        fault.at(field).rows(rows)
    }

    /// The deepest field that is open, and the occurrences on its path within the part.
    fn field(&self) -> (FieldId, [u32; 2]) {
        let schema = &self.layout.schema;
        let (mut field, mut rows, mut count) = (Schema::ROOT, [0; 2], 0);
        for (depth, open) in self.scratch.stack.iter().enumerate().skip(1) {
            if open.member == NO_MEMBER {
                break;
            }
            field = schema.nth(field, u32::from(open.member));
            let own = open.flags & RESTORED != 0 || (self.is_occurrence && depth == self.base);
            if schema.repeats(field) && !own {
                if let Some(row) = rows.get_mut(count) {
                    *row = open.row;
                }
                count += 1;
            }
            if open.flags & (FOREIGN | WILD) != 0 {
                break;
            }
        }
        (field, rows)
    }

    pub(crate) fn bad_end(&mut self, tag: usize) -> Broken {
        let from = tag + 2;
        let end = scan::name(self.bytes, from);
        let end = if self.byte(end) == b':' { scan::name(self.bytes, end + 1) } else { end };
        let behind = scan::skip_space(self.bytes, end);
        let code = if behind >= self.bytes.len() {
            FaultCode::FrameTruncated
        } else if end == from || self.byte(behind) != b'>' {
            FaultCode::XmlSyntax
        } else {
            FaultCode::XmlMismatch
        };
        self.fail(code, tag)
    }

    /// Notes what an element lacks.
    #[inline(never)]
    pub(crate) fn check_complete(&mut self, open: &Open, tag: usize) {
        let kind = self.layout.kinds.get(self.program.get(open.node).kind as usize);
        let missing = match kind.map(|it| it.content) {
            Some(Content::Elements(_)) => {
                let Some(state) = self.layout.states.get(open.state as usize) else { return };
                if open.count >= state.min && state.last {
                    return;
                }
                self.expected(open, state)
            }
            Some(Content::All { first, required, optional, .. }) => {
                let seen = seen(open);
                let lacks = required & !seen;
                if lacks == 0 || (optional && seen == 0) {
                    return;
                }
                let member = self.layout.transitions.get(first as usize + lacks.trailing_zeros() as usize);
                member.map_or(NO_MEMBER, |it| it.member)
            }
            _ => return,
        };
        let fault = self.fault(FaultCode::XmlMissing, tag);
        self.faults.push(fault.detail(missing.wrapping_add(1)));
    }

    /// The member that a content model waits for; `NO_MEMBER` if for none in particular.
    pub(crate) fn expected(&self, open: &Open, state: &State) -> u16 {
        if open.count < state.min {
            return state.member;
        }
        // What must come next stands behind what may.
        let last = self.layout.transitions(state).iter().rfind(|it| !it.again);
        last.filter(|_| !state.last).map_or(NO_MEMBER, |it| it.member)
    }

    pub(crate) fn unexpected(&mut self, top: &Open, at: usize) -> Broken {
        let kind = self.layout.kinds.get(self.program.get(top.node).kind as usize);
        let member = match (kind.map(|it| it.content), self.layout.states.get(top.state as usize)) {
            (Some(Content::Elements(_)), Some(state)) => self.expected(top, state),
            _ => NO_MEMBER,
        };
        let code = if self.scratch.stack.len() <= 1 { FaultCode::XmlRoot } else { FaultCode::XmlUnexpected };
        let fault = self.fault(code, at);
        self.faults.push(fault.detail(member.wrapping_add(1)));
        Broken
    }
}
