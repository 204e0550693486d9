//! Which names an object had that its table does not know, so that none comes twice.
//!
//! **Invariant:** an object of n such names costs n log n comparisons, whatever they are: a sender chooses them. Small objects
//! compare each with each, which is faster.

use crate::{decode::index, scan};

/// The names of the objects that are open, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Names {
    list: Vec<Name>,
    /// Names that had escapes, and those of the part before.
    spelled: Vec<u8>,
}

/// A name without its escapes.
#[derive(Clone, Copy, Debug)]
struct Name {
    /// The first eight bytes, NULs behind the end.
    head: u64,
    at: u32,
    length: u32,
    is_spelled: bool,
    /// Where it stands in the part.
    offset: u32,
}

/// Where the names of an object begin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    list: u32,
    spelled: u32,
}

impl Names {
    /// Where the names of the next object begin.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark { list: index(self.list.len()), spelled: index(self.spelled.len()) }
    }

    /// Forgets all names from there.
    #[inline]
    pub(crate) fn truncate(&mut self, mark: Mark) {
        self.list.truncate(mark.list as usize);
        self.spelled.truncate(mark.spelled as usize);
    }

    /// Whether there is no name from there.
    #[inline(always)]
    pub(crate) fn is_at(&self, mark: Mark) -> bool {
        self.list.len() == mark.list as usize
    }

    /// How many names there are from there.
    #[inline]
    pub(crate) fn count(&self, mark: Mark) -> usize {
        self.list.len().saturating_sub(mark.list as usize)
    }

    /// A name as it stands in the text between its quotes. Gives a bit that is the same for the same name.
    #[inline(always)]
    pub(crate) fn push(&mut self, text: &[u8], from: usize, to: usize) -> u64 {
        let (at, length) = (index(from), index(to - from));
        let head = match scan::chunk(text, from) {
            Some([a, b, c, d, e, f, g, h, ..]) if to - from < 8 => {
                u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) & !(u64::MAX << (8 * (to - from)))
            }
            _ => head(scan::slice(text, from, to)),
        };
        self.list.push(Name { head, at, length, is_spelled: false, offset: at });
        fingerprint(head, length)
    }

    /// A name that is not in the text as it is meant.
    pub(crate) fn push_spelled(&mut self, name: &[u8], offset: usize) -> u64 {
        let (at, length) = (index(self.spelled.len()), index(name.len()));
        self.spelled.extend_from_slice(name);
        let head = head(name);
        self.list.push(Name { head, at, length, is_spelled: true, offset: index(offset) });
        fingerprint(head, length)
    }

    /// Each name from there.
    pub(crate) fn each<'a>(&'a self, mark: Mark, text: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.list.iter().skip(mark.list as usize).map(|it| it.bytes(text, &self.spelled))
    }

    /// Where a name stands for the second time, if one does among those from there, which are forgotten.
    #[inline]
    pub(crate) fn close(&mut self, mark: Mark, text: &[u8]) -> Option<usize> {
        let found = match self.list.get_mut(mark.list as usize..) {
            None | Some([] | [_]) => None,
            Some(names @ [_, _, ..]) if names.len() <= 16 => small(names, text, &self.spelled),
            Some(names) => large(names, text, &self.spelled),
        };
        self.truncate(mark);
        found
    }
}

impl Name {
    fn bytes<'a>(&self, text: &'a [u8], spelled: &'a [u8]) -> &'a [u8] {
        let (from, to) = (self.at as usize, self.at as usize + self.length as usize);
        scan::slice(if self.is_spelled { spelled } else { text }, from, to)
    }
}

fn head(name: &[u8]) -> u64 {
    match name.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => name.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// One of 64 bits.
#[inline(always)]
fn fingerprint(head: u64, length: u32) -> u64 {
    1 << ((head ^ u64::from(length)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
}

fn small(names: &[Name], text: &[u8], spelled: &[u8]) -> Option<usize> {
    let mut rest = names;
    while let [first, others @ ..] = rest {
        for other in others {
            if first.head == other.head
                && first.length == other.length
                && first.bytes(text, spelled) == other.bytes(text, spelled)
            {
                return Some(first.offset.max(other.offset) as usize);
            }
        }
        rest = others;
    }
    None
}

#[cold]
fn large(names: &mut [Name], text: &[u8], spelled: &[u8]) -> Option<usize> {
    names.sort_unstable_by(|a, b| {
        (a.head, a.length)
            .cmp(&(b.head, b.length))
            .then_with(|| a.bytes(text, spelled).cmp(b.bytes(text, spelled)))
            .then(a.offset.cmp(&b.offset))
    });
    let twice = names.windows(2).filter_map(|pair| match pair {
        [a, b] if a.head == b.head && a.length == b.length => {
            (a.bytes(text, spelled) == b.bytes(text, spelled)).then_some(b.offset as usize)
        }
        _ => None,
    });
    twice.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(names: &[&str]) -> Option<usize> {
        let mut all = Names::default();
        let text = names.join(" ");
        let mut at = 0;
        let mark = all.mark();
        for (number, name) in names.iter().enumerate() {
            if number % 3 == 2 {
                all.push_spelled(name.as_bytes(), at);
            } else {
                all.push(text.as_bytes(), at, at + name.len());
            }
            at += name.len() + 1;
        }
        assert_eq!(all.count(mark), names.len());
        let found = all.close(mark, text.as_bytes());
        assert_eq!(all.count(mark), 0);
        found
    }

    #[test]
    fn a_name_that_comes_twice_is_found() {
        assert_eq!(twice(&[]), None);
        assert_eq!(twice(&["a", "b", "ab", "ba", ""]), None);
        assert_eq!(twice(&["a", "b", "a"]), Some(4));
        assert_eq!(twice(&["abcdefgh1", "abcdefgh2", "abcdefgh1"]), Some(20));
        let mut many: Vec<String> = (0..1000).map(|it| format!("abcdefgh{it}")).collect();
        let names = |many: &[String]| twice(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(names(&many), None);
        many.push("abcdefgh17".to_owned());
        let at = many[..1000].iter().map(|it| it.len() + 1).sum();
        assert_eq!(names(&many), Some(at));
    }
}
