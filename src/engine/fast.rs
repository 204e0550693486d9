//! Fast paths: what most values go through unchanged is asked in one look, and the steps behind it are left out.
//!
//! ```text
//! Unblank a -> b   Call clean b -> c   Call cut c -> d   Call fits d -> e      done one by one, as a rule
//! Fast    a -> b c d e                                                         where `a` passes all that they ask
//! ```
//!
//! **Invariant:** a fast path leaves every slot as its steps would have left it. It is a shorter way to the same place, so
//! it never knows what a fault is: a value that does not pass goes the long way.

use crate::call::{Known, Run};
use crate::plan::Step;
use crate::standards::characters::Profile;
use crate::{Place, Slot};

/// A run of steps that most values go through as they are.
#[derive(Debug)]
pub(crate) struct FastPath {
    /// The step that stood here; taken where the value does not pass.
    pub(crate) first: Step,
    pub(crate) from: Place,
    pub(crate) checks: Checks,
    /// What becomes of a value that passes.
    pub(crate) kept: Way,
    /// What becomes of no value, if that passes as well.
    pub(crate) absent: Option<Way>,
}

/// The slots that get the value, in runs of neighbours, and the step to go on with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    pub(crate) to: Vec<(Place, u16)>,
    pub(crate) next: u32,
}

impl Way {
    pub(crate) fn push(&mut self, place: Place) {
        match self.to.last_mut() {
            Some((first, count)) if first.arena == place.arena && first.slot.checked_add(*count) == Some(place.slot) => {
                *count += 1
            }
            _ => self.to.push((place, 1)),
        }
    }
}

/// What several functions ask of a text that they keep, made one.
#[derive(Debug)]
pub(crate) struct Checks {
    /// Bytes.
    least: usize,
    most: usize,
    /// Whether a text that begins with a blank is for others to look at.
    begins: bool,
    profile: Option<&'static Profile>,
    others: Vec<Known>,
}

impl Default for Checks {
    fn default() -> Self {
        Checks { least: 1, most: usize::MAX, begins: false, profile: None, others: Vec::new() }
    }
}

impl Checks {
    /// The text must not begin with a blank, so that it is not blank.
    pub(crate) fn add_begins(&mut self) {
        self.begins = true;
    }

    /// What a function asks; `false` where nothing is known of it.
    pub(crate) fn add(&mut self, run: &Run) -> bool {
        match run.known() {
            Known::Nothing | Known::Presence(_) | Known::Spelled(..) => return false,
            Known::Short(bytes) => self.most = self.most.min(*bytes),
            Known::Clean(profile) if self.profile.is_none_or(|it| std::ptr::eq(it, *profile)) => self.profile = Some(*profile),
            other => self.others.push(other.clone()),
        }
        true
    }

    /// Of texts of one byte a character, a length is one of bytes.
    pub(crate) fn finish(&mut self) {
        if self.profile.is_none() {
            return;
        }
        let (least, most) = (&mut self.least, &mut self.most);
        self.others.retain(|it| {
            let Known::Allowed(check) = it else { return true };
            let (min, max) = check.lengths();
            (*least, *most) = ((*least).max(min), (*most).min(max));
            !check.is_length()
        });
    }

    /// Whether a slot is a text that passes.
    #[inline]
    pub(crate) fn pass(&self, slot: Slot, text: &[u8]) -> bool {
        slot.is_text()
            && text.len() >= self.least
            && text.len() <= self.most
            && !(self.begins && text.first() == Some(&b' '))
            && self.profile.is_none_or(|it| it.is_clean(text))
            && self.others.iter().all(|it| it.keeps(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use crate::rules::TextCheck;
    use std::sync::Arc;

    fn checks(knowns: impl IntoIterator<Item = Known>) -> Checks {
        let mut checks = Checks::default();
        for it in knowns {
            assert!(checks.add(&Run::new(|call| Ok(call.arg(0))).knowing(it)));
        }
        checks.finish();
        checks
    }

    fn allowed(text: Text) -> Known {
        Known::Allowed(Arc::new(TextCheck::new(&text).unwrap()))
    }

    #[test]
    fn lengths_become_bytes_only_where_every_character_is_one() {
        let of = || allowed(Text { min: 2, max: Some(3), ..Text::default() });
        let profile = crate::standards::characters::profile("epc217-08").unwrap();
        let (clean, any) = (checks([Known::Clean(profile), of()]), checks([of()]));
        assert!(clean.others.is_empty() && any.others.len() == 1);
        for (text, is_clean, is_any) in
            [("a", false, false), ("abc", true, true), ("abcd", false, false), ("äöü", false, true), ("", false, false)]
        {
            let slot = Slot::part(0, u32::try_from(text.len()).unwrap());
            assert_eq!(clean.pass(slot, text.as_bytes()), is_clean, "{text}");
            assert_eq!(any.pass(slot, text.as_bytes()), is_any, "{text}");
        }
    }

    #[test]
    fn what_may_be_blank_goes_the_long_way() {
        let mut checks = checks([Known::Short(5)]);
        checks.add_begins();
        for (text, passes) in [("a b", true), (" ab", false), ("   ", false), ("abcdef", false)] {
            assert_eq!(checks.pass(Slot::part(0, 3), text.as_bytes()), passes, "{text}");
        }
        assert!(!checks.pass(Slot::yes_no(true, 0), b"true"));
    }

    #[test]
    fn neighbours_are_filled_at_once() {
        let mut way = Way::default();
        for (arena, slot) in [(1, 4), (1, 5), (1, 6), (1, 8), (2, 9)] {
            way.push(Place { arena, slot });
        }
        let place = |arena, slot| Place { arena, slot };
        assert_eq!(way.to, [(place(1, 4), 3), (place(1, 8), 1), (place(2, 9), 1)]);
    }
}
