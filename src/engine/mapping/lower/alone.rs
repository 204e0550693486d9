//! A value without sides: steps that work it out, and where it will be.

use super::emit::Code;
use super::{Lowerer, Naming};
use crate::call::Run;
use crate::mapping::hir::Value;
use crate::mapping::resolve::Resolved;
use crate::plan::{Plan, Program};
use crate::{Diagnostics, Limits, Place};

/// A plan that has nothing but the steps of one value.
pub(crate) fn lower_value(
    (resolved, value, finish): (Resolved, Value, Option<Run>),
    naming: &Naming<'_>,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> (Plan, Program, Place) {
    let mut lowerer = Lowerer::new(resolved, &[], naming.sources, diagnostics);
    lowerer.choose_cut();
    lowerer.number_loops();
    let arena = lowerer.new_arena(0);
    let mut code = Code::new(arena, 0, 0, None);
    let mut place = lowerer.value(&mut code, value);
    if let Some(run) = finish {
        place = lowerer.own_call(&mut code, run, vec![place], "");
    }
    let program = lowerer.program(code.steps);
    (lowerer.plan(naming, limits), program, place)
}
