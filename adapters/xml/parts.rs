//! Parts of a long message: what a head leaves behind, and how items and tails begin with it.
//!
//! **Invariant:** the context has the open elements with how far their content models were read, and the namespaces in
//! scope. So where a framer cuts does not change what a message says, and a part that is not what the framer said is refused.

use crate::{
    decode::{Broken, Open, RESTORED, Run, name_of},
    layout::{NO_MEMBER, NONE, Transition},
};
use latimer_engine::FaultCode;

impl Run<'_> {
    /// Opens the element of a head or an item; `cut` is its number among the cuts, from 1.
    pub(crate) fn cut_item(&mut self, cut: usize, number: u64) -> Result<(), Broken> {
        self.misc()?;
        let transition = self.cut_transition(cut, number)?;
        self.set_count(&transition, number);
        (self.is_occurrence, self.is_first) = (true, true);
        self.cut_element(&transition)
    }

    /// Goes on behind the items of a cut.
    pub(crate) fn skip_items(&mut self, cut: usize, number: u64) -> Result<(), Broken> {
        let transition = self.cut_transition(cut, number)?;
        self.set_count(&transition, number);
        Ok(())
    }

    fn set_count(&mut self, transition: &Transition, number: u64) {
        if let Some(top) = self.scratch.stack.last_mut() {
            top.state = transition.next;
            top.count = u32::try_from(number).unwrap_or(u32::MAX - 1);
        }
    }

    /// The transition by which the occurrence of this number of a cut may come next.
    fn cut_transition(&mut self, cut: usize, number: u64) -> Result<Transition, Broken> {
        let cut = cut.checked_sub(1).and_then(|it| self.program.cuts.get(it)).copied();
        let top = self.scratch.stack.last().copied();
        let (Some(cut), Some(top)) = (cut, top) else { return Err(self.fail(FaultCode::XmlSyntax, self.at)) };
        let state = self.layout.states.get(top.state as usize).copied();
        let (Some(state), true) = (state, cut.parent == top.node) else {
            return Err(self.fail(FaultCode::XmlSyntax, self.at));
        };
        let found = self.layout.transitions(&state).iter().find(|it| it.member == cut.member).copied();
        let max = |it: &Transition| self.layout.states.get(it.next as usize).map_or(0, |it| it.max);
        match found {
            Some(it) if top.count < state.min && !it.again => Err(self.unexpected(&top, self.at)),
            Some(it) if max(&it) != u32::MAX && number > u64::from(max(&it)) => Err(self.unexpected(&top, self.at)),
            Some(it) => Ok(it),
            None => Err(self.unexpected(&top, self.at)),
        }
    }

    /// Leaves what is open for the parts below this head.
    pub(crate) fn save(&mut self) {
        let context = self.record.context_mut();
        for open in self.scratch.stack.iter().skip(self.base) {
            let name = name_of(open, self.bytes, &self.scratch.names);
            context.extend_from_slice(&open.node.to_le_bytes());
            context.extend_from_slice(&open.state.to_le_bytes());
            context.extend_from_slice(&open.count.to_le_bytes());
            context.extend_from_slice(&open.row.to_le_bytes());
            context.extend_from_slice(&open.gap.to_le_bytes());
            context.extend_from_slice(&open.bindings.to_le_bytes());
            context.extend_from_slice(&u32::from(open.member).to_le_bytes());
            context.extend_from_slice(&[open.flags, self.level]);
            push_bytes(context, name);
        }
        // All namespaces in scope, with how many elements they came after: few, and the last list holds.
        let all = &self.scratch.namespaces;
        context.extend_from_slice(&NONE.to_le_bytes());
        all.save(context);
    }

    /// Opens again what earlier heads left open. SOAP tells its versions apart by a list of no namespaces at the very
    /// start, which says nothing here.
    pub(crate) fn restore(&mut self) {
        if self.scratch.is_restored && self.scratch.restored == self.record.context() {
            self.scratch.stack.truncate(self.scratch.restored_depth);
            self.scratch.namespaces.rewind();
            self.base = self.scratch.restored_depth;
            if let Some(top) = self.scratch.stack.last_mut() {
                (top.state, top.count) = self.scratch.namespaces.kept_state;
            }
            return;
        }
        self.begin_message();
        let scratch = &mut *self.scratch;
        scratch.restored.clear();
        scratch.restored.extend_from_slice(self.record.context());
        let mut bytes = scratch.restored.as_slice();
        while let Some(first) = take_u32(&mut bytes) {
            if first == NONE {
                scratch.namespaces.restore(&mut bytes);
                continue;
            }
            let mut field = || take_u32(&mut bytes).unwrap_or(0);
            let (state, count, row, gap, bindings, member) = (field(), field(), field(), field(), field(), field());
            let [flags, level] = [take_u8(&mut bytes), take_u8(&mut bytes)];
            let text = take_bytes(&mut bytes);
            let name = u32::try_from(scratch.names.len()).unwrap_or(0);
            scratch.names.extend_from_slice(text);
            scratch.stack.push(Open {
                node: first,
                state,
                count,
                row,
                member: u16::try_from(member).unwrap_or(NO_MEMBER),
                level,
                flags: flags | RESTORED,
                at: 0,
                content: 0,
                name,
                name_length: u32::try_from(text.len()).unwrap_or(0),
                bindings,
                gap,
                spelled: NONE,
            });
        }
        scratch.namespaces.hold(self.layout);
        scratch.namespaces.kept_state = scratch.stack.last().map_or((0, 0), |it| (it.state, it.count));
        scratch.is_restored = true;
        scratch.restored_depth = scratch.stack.len();
        self.base = scratch.restored_depth;
    }
}

pub(crate) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(bytes);
}

pub(crate) fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (first, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*first))
}

pub(crate) fn take_u8(bytes: &mut &[u8]) -> u8 {
    let Some((first, rest)) = bytes.split_first() else { return 0 };
    *bytes = rest;
    *first
}

pub(crate) fn take_bytes<'b>(bytes: &mut &'b [u8]) -> &'b [u8] {
    let length = take_u32(bytes).unwrap_or(0) as usize;
    let (first, rest) = bytes.split_at_checked(length).unwrap_or((&[], &[]));
    *bytes = rest;
    first
}
