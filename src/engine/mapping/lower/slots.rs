//! Where source fields are kept: one slot for each that is read, in the arena of its innermost repeat.

use super::{Lowerer, Sort};
use crate::mapping::hir::SourcePath;
use crate::plan::Reach;
use crate::{ArenaShape, FieldId, Kind, Particle, Place, Schema, Want};

impl Lowerer<'_> {
    pub(super) fn new_arena(&mut self, level: u8) -> u16 {
        // What the framer cannot cut at lives and dies with the part it stands in.
        let cuts = u8::try_from(self.cuts).unwrap_or(u8::MAX);
        let level = if level == ArenaShape::FOR_EVER { level } else { level.min(cuts) };
        self.arenas.push(ArenaShape { stride: 0, level });
        u16::try_from(self.arenas.len() - 1).unwrap_or(u16::MAX)
    }

    /// A new slot of an arena.
    pub(super) fn new_slot(&mut self, arena: u16) -> Place {
        let Some(shape) = self.arenas.get_mut(usize::from(arena)) else { return Place { arena, slot: 0 } };
        shape.stride += 1;
        Place { arena, slot: shape.stride - 1 }
    }

    /// The slot of a text that is always the same.
    pub(super) fn literal(&mut self, text: &[u8]) -> Place {
        let arena = self.constants;
        if let Some(slot) = self.known_literals.get(text) {
            return Place { arena, slot: *slot };
        }
        let place = self.new_slot(arena);
        self.literals.push(text.to_vec());
        self.known_literals.insert(text.to_vec(), place.slot);
        place
    }

    /// The innermost repeat that a field stands in, itself included.
    fn repeat_of(&self, field: FieldId) -> Option<FieldId> {
        self.source.line(field).into_iter().rev().find(|it| self.source.repeats(*it))
    }

    /// The level at which a repeat is cut.
    pub(super) fn cut_level(&self, repeat: FieldId) -> Option<u8> {
        let at = self.cut.iter().position(|it| *it == repeat)?;
        u8::try_from(at + 1).ok()
    }

    /// The level whose parts a field stands in.
    pub(super) fn level_of(&self, field: FieldId) -> u8 {
        let line = self.source.line(field);
        let cuts = line.into_iter().filter(|it| self.cut.contains(it)).count();
        u8::try_from(cuts).unwrap_or(u8::MAX)
    }

    /// The arena with a row for each occurrence of a repeat.
    pub(super) fn arena_of_repeat(&mut self, repeat: FieldId) -> u16 {
        if let Some(level) = self.cut_level(repeat) {
            return u16::from(level);
        }
        if let Some(arena) = self.row_arenas.get(&repeat) {
            return *arena;
        }
        let level = self.level_of(repeat);
        let arena = self.new_arena(level);
        self.row_arenas.insert(repeat, arena);
        arena
    }

    /// The slot that counts the rows of a repeat.
    pub(super) fn rows_of(&mut self, repeat: FieldId) -> Place {
        if let Some(place) = self.slots.get(&(repeat, Sort::Rows)) {
            return *place;
        }
        let arena = self.arena_of_repeat(repeat);
        let around = self.source.parent(repeat).and_then(|it| self.repeat_of(it));
        let home = around.map_or(0, |it| self.arena_of_repeat(it));
        let place = self.new_slot(home);
        self.slots.insert((repeat, Sort::Rows), place);
        // The repeats around it must have their rows too.
        if let Some(around) = around {
            self.rows_of(around);
        }
        self.want(repeat, place, Want::Rows(arena));
        place
    }

    /// The slot of a field's value.
    pub(super) fn value_slot(&mut self, field: FieldId) -> Place {
        self.slot(field, Sort::Value, Want::Value)
    }

    /// The slot that says whether a group is there.
    pub(super) fn presence_slot(&mut self, field: FieldId) -> Place {
        self.slot(field, Sort::Presence, Want::Presence)
    }

    fn slot(&mut self, field: FieldId, sort: Sort, want: Want) -> Place {
        if let Some(place) = self.slots.get(&(field, sort)) {
            return *place;
        }
        let home = match self.repeat_of(field) {
            Some(repeat) => {
                self.rows_of(repeat);
                self.arena_of_repeat(repeat)
            }
            None => 0,
        };
        let place = self.new_slot(home);
        self.slots.insert((field, sort), place);
        self.want(field, place, want);
        place
    }

    /// The repeats on the way to a field whose row is not given by a loop around, each with the row that is picked. `bound`
    /// is the level whose current occurrence one is at, where no loop of the path says it.
    pub(super) fn reach(&mut self, path: &SourcePath, bound: u8) -> Vec<Reach> {
        let base = path.base.and_then(|it| self.resolved.hir.loops.get(usize::from(it.0))).map(|it| it.field);
        let line = self.source.line(path.field);
        let from = base.and_then(|base| line.iter().position(|it| *it == base)).map_or(0, |it| it + 1);
        let mut reaches = Vec::new();
        for (at, field) in line.iter().copied().enumerate() {
            if at < from || !self.source.repeats(field) {
                continue;
            }
            let pick = path.picks.iter().find(|(it, _)| *it == field).map(|(_, number)| *number);
            let is_bound = base.is_none() && pick.is_none() && self.cut_level(field).is_some_and(|it| it <= bound);
            if is_bound {
                continue;
            }
            let rows = self.rows_of(field);
            reaches.push(Reach { rows, arena: self.arena_of_repeat(field), pick });
        }
        reaches
    }

    /// The deepest level that a path goes down to beyond its base and a level one is at: 0 where all of it is at hand.
    pub(super) fn streams_to(&self, path: &SourcePath, bound: u8) -> u8 {
        let base = path.base.and_then(|it| self.resolved.hir.loops.get(usize::from(it.0))).map(|it| it.field);
        let line = self.source.line(path.field);
        let from = base.and_then(|base| line.iter().position(|it| *it == base)).map_or(0, |it| it + 1);
        let levels = line.iter().skip(from).filter_map(|it| self.cut_level(*it)).filter(|it| *it > bound);
        levels.max().unwrap_or(0)
    }

    /// Whether a field comes behind the items of its level, in the order of the schema.
    pub(super) fn comes_behind(&self, field: FieldId) -> bool {
        let level = usize::from(self.level_of(field));
        let Some(cut) = self.cut.get(level) else { return false };
        let (mine, theirs) = (self.source.line(field), self.source.line(*cut));
        let Some(at) = mine.iter().zip(&theirs).position(|(a, b)| a != b) else { return false };
        let parent = at.checked_sub(1).and_then(|it| mine.get(it)).copied().unwrap_or(Schema::ROOT);
        let (Some(a), Some(b)) = (mine.get(at), theirs.get(at)) else { return false };
        let (Some(a), Some(b)) = (self.source.member_index(*a), self.source.member_index(*b)) else {
            return false;
        };
        let def = self.source.type_of(parent);
        match (&def.kind, &def.content) {
            (Kind::Choice, _) => true,
            (_, Particle::All(_)) => false,
            _ => a > b,
        }
    }
}
