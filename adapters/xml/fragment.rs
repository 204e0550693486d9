//! XML that is to be written as it stands, checked first.

use crate::{
    decode::{FOREIGN, Open, Run, SKIPPED, Scratch, WILD},
    layout::{Layout, NONE},
    reading::Program,
};
use latimer_engine::{Faults, Limits, Reading, Record};

/// Checks XML that is to be written as it stands.
#[derive(Debug, Default)]
pub(crate) struct Fragment {
    tools: Option<Box<Tools>>,
}

#[derive(Debug)]
struct Tools {
    layout: Layout,
    program: Program,
    scratch: Scratch,
    record: Record,
    faults: Faults,
    depth_max: usize,
}

impl Fragment {
    /// Whether the bytes are the content of an element: text and whole elements, with their namespaces.
    pub(crate) fn is_well_formed(&mut self, bytes: &[u8]) -> bool {
        let limits = Limits::default();
        let tools = self.tools.get_or_insert_with(|| {
            let layout = Layout::nothing();
            let reading = Reading { wanted: &[], cut: &[], limits: &limits, plain: false };
            Box::new(Tools {
                program: Program::new(&layout, &reading),
                layout,
                scratch: Scratch::default(),
                record: Record::new(&[], &[]),
                faults: Faults::new(1),
                depth_max: usize::try_from(limits.depth_max).unwrap_or(usize::MAX),
            })
        });
        tools.faults.clear();
        let mut run = Run {
            layout: &tools.layout,
            program: &tools.program,
            bytes,
            at: 0,
            scratch: &mut tools.scratch,
            record: &mut tools.record,
            faults: &mut tools.faults,
            depth_max: tools.depth_max,
            plain: false,
            level: 0,
            is_head: true,
            start: 0,
            base: 1,
            is_occurrence: false,
            is_first: false,
        };
        run.begin_message();
        let around = Open { flags: WILD | SKIPPED | FOREIGN, node: NONE, ..run.root() };
        run.scratch.stack.push(around);
        let read = simdutf8::basic::from_utf8(bytes).is_ok() && run.content(1).is_ok();
        read && run.at == bytes.len() && run.scratch.stack.len() == 2 && tools.faults.is_empty()
    }
}
