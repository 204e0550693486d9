//! Arrays: repeats, lists, positions.

use crate::{
    bind::NOWHERE,
    decode::{JsonDecoder, Run, index},
    scan,
};
use latimer_engine::{FaultCode, Part, Slot};

impl JsonDecoder {
    /// Reads an array; `at` is its bracket.
    #[inline]
    pub(crate) fn array(&mut self, run: &mut Run<'_>, array: u32, at: usize) -> Option<usize> {
        self.enter(at)?;
        let bound = self.bound.arrays.get(array as usize)?;
        let (layout, item, rows, list) = (bound.layout, bound.item, bound.rows, bound.list);
        let (level, presence, positions) = (bound.level, bound.presence, bound.first.len());
        let mut next = run.blanks(at + 1);
        if level > 0 && run.frame.part == Part::Head(level - 1) && !self.in_trial() {
            return self.head_ends(run, presence, at, next);
        }
        let mut count = 0;
        if scan::byte(run.text, next) != b']' {
            loop {
                let action = if count < positions {
                    self.bound.arrays.get(array as usize).and_then(|it| it.first.get(count)).copied().unwrap_or(item)
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
                next = run.blanks(next);
                match scan::byte(run.text, next) {
                    b',' => next = run.blanks(next + 1),
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

    pub(crate) fn check_count(&mut self, run: &mut Run<'_>, layout: u32, count: usize, at: usize) -> Option<()> {
        let array = self.layout.arrays.get(layout as usize)?;
        if count < array.fewest as usize || array.most.is_some_and(|most| count > most as usize) {
            self.note(run, FaultCode::JsonItems, at, b"")?;
        }
        Some(())
    }
}
