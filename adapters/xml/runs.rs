//! The patterns that identifiers have: characters of a class, so many, then of another class, so many.
//!
//! A DFA waits for each byte before it looks at the next; here all bytes of a run are looked at independently. What is not of
//! this simple shape stays a DFA.

/// A pattern of runs.
#[derive(Debug)]
pub(crate) struct Runs {
    /// By byte: a bit for each class that has it.
    classes: Box<[u8; 256]>,
    runs: Vec<Run>,
    /// From this run on the pattern may also end before it.
    optional: usize,
}

/// So many bytes of the class of a bit.
#[derive(Clone, Copy, Debug)]
struct Run {
    bit: u8,
    min: usize,
    max: usize,
}

impl Runs {
    /// Takes an expression in the syntax of the `regex` crate, if it is of this shape.
    pub(crate) fn new(pattern: &str) -> Option<Runs> {
        let mut runs = Runs { classes: Box::new([0; 256]), runs: Vec::new(), optional: usize::MAX };
        let mut seen: Vec<[bool; 128]> = Vec::new();
        let mut rest = pattern.as_bytes();
        while !rest.is_empty() {
            if let Some(group) = rest.strip_prefix(b"(?:") {
                if runs.optional != usize::MAX {
                    return None;
                }
                runs.optional = runs.runs.len();
                rest = group;
                continue;
            }
            if let Some(behind) = rest.strip_prefix(b")") {
                // Only a last group that may be missing.
                return (runs.optional != usize::MAX && matches!(behind, b"{0,1}" | b"?"))
                    .then_some(runs)
                    .filter(Runs::is_determined);
            }
            let class = class(&mut rest)?;
            let (min, max) = quantity(&mut rest)?;
            let index = seen.iter().position(|it| *it == class).unwrap_or(seen.len());
            if index == seen.len() {
                seen.push(class);
            }
            let bit = 1_u8.checked_shl(u32::try_from(index).ok()?).filter(|it| *it != 0)?;
            for (byte, _) in class.iter().enumerate().filter(|(_, is_in)| **is_in) {
                *runs.classes.get_mut(byte)? |= bit;
            }
            runs.runs.push(Run { bit, min, max });
        }
        (runs.optional == usize::MAX).then_some(runs).filter(Runs::is_determined)
    }

    /// Where each run ends is known if all but a last one have one length.
    fn is_determined(&self) -> bool {
        let fixed = |it: &Run| it.min == it.max;
        match self.runs.split_last() {
            Some((last, before)) => before.iter().all(fixed) && (self.optional == usize::MAX || fixed(last)),
            None => false,
        }
    }

    /// Whether the whole text matches.
    #[inline]
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let mut rest = text;
        for (index, run) in self.runs.iter().enumerate() {
            if rest.is_empty() && index == self.optional {
                return true;
            }
            let length = run.max.min(rest.len());
            let (stretch, behind) = rest.split_at_checked(length).unwrap_or((&[], rest));
            let of_class = |it: &u8| self.classes.get(usize::from(*it)).is_some_and(|it| it & run.bit != 0);
            if length < run.min || !stretch.iter().all(of_class) {
                return false;
            }
            rest = behind;
        }
        rest.is_empty()
    }
}

/// A class or a character, of ASCII only.
fn class(rest: &mut &[u8]) -> Option<[bool; 128]> {
    let mut class = [false; 128];
    let Some(inner) = rest.strip_prefix(b"[") else {
        *class.get_mut(usize::from(character(rest)?))? = true;
        return Some(class);
    };
    *rest = inner;
    loop {
        match rest {
            [b']', behind @ ..] => {
                *rest = behind;
                return Some(class);
            }
            // Unescaped, these mean something: not these, a class within, one class without another.
            [b'^' | b'[' | b'-' | b'&' | b'~', ..] => return None,
            _ => {}
        }
        let from = character(rest)?;
        let to = match rest {
            [b'-', b'-' | b'[', ..] => return None,
            [b'-', behind @ ..] => {
                *rest = behind;
                character(rest)?
            }
            _ => from,
        };
        class.get_mut(usize::from(from)..=usize::from(to))?.fill(true);
    }
}

/// A character, or one that is escaped; none that means something else.
fn character(rest: &mut &[u8]) -> Option<u8> {
    let (it, behind) = match rest {
        [b'\\', it, behind @ ..] if it.is_ascii_punctuation() => (*it, behind),
        [b'.' | b'*' | b'+' | b'?' | b'|' | b'(' | b')' | b'{' | b'}' | b'\\' | b'^' | b'$', ..] => {
            return None;
        }
        [it, behind @ ..] if it.is_ascii() => (*it, behind),
        _ => return None,
    };
    *rest = behind;
    Some(it)
}

fn quantity(rest: &mut &[u8]) -> Option<(usize, usize)> {
    let Some(inner) = rest.strip_prefix(b"{") else {
        return (!matches!(rest, [b'?' | b'*' | b'+' | b'|', ..])).then_some((1, 1));
    };
    let end = inner.iter().position(|it| *it == b'}')?;
    let (digits, behind) = inner.split_at_checked(end)?;
    *rest = behind.get(1..)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let (min, max) = digits.split_once(',').unwrap_or((digits, digits));
    Some((min.parse().ok()?, max.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pattern::translate, tests::Random};
    use latimer_engine::rules::Pattern;

    /// Patterns of ISO 20022 and of usage guidelines.
    const PATTERNS: [&str; 12] = [
        "[A-Z]{3,3}",
        "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}",
        "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}",
        "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",
        "[A-Z0-9]{18,18}[0-9]{2,2}",
        "[0-9]{1,15}",
        "[a-zA-Z0-9]{4}",
        "[0-9a-zA-Z/\\-\\?:\\(\\)\\.,'\\+ ]{1,35}",
        "[A-Z]{2,2}",
        "[0-9]",
        "EPC/[0-9]{3}",
        "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}",
    ];

    #[test]
    fn runs_match_what_the_pattern_does() {
        let mut random = Random(1);
        for pattern in PATTERNS {
            let translated = translate(pattern).unwrap();
            let runs = Runs::new(&translated).unwrap_or_else(|| panic!("{translated}"));
            let table = Pattern::new(&translated).unwrap();
            let mut good = 0;
            for round in 0..20_000 {
                // Texts that nearly match: the classes of the pattern at random, and sometimes something else.
                let length =
                    if round % 3 == 0 { random.below(40) } else { [2, 3, 4, 7, 8, 11, 15, 20, 22, 36][random.below(10)] };
                let mut text: Vec<u8> = (0..length)
                    .map(|at| match pattern {
                        _ if pattern.contains("4[a-f") => b"00000000-0000-4000-8000-000000000000aaaa"[at.min(39)],
                        _ if pattern.starts_with("EPC") => b"EPC/123x"[at.min(7)],
                        _ if at >= 18 || (2..4).contains(&at) && pattern.contains("1,30") => b"0123456789"[random.below(10)],
                        _ if pattern.starts_with("[0-9]") => b"0123456789"[random.below(10)],
                        _ => b"ABCDEFXYZ"[random.below(9)],
                    })
                    .collect();
                if !text.is_empty() && random.below(2) == 0 {
                    let at = random.below(text.len());
                    text[at] = b"aZ09-/ .\xC3"[random.below(9)];
                }
                if std::str::from_utf8(&text).is_err() {
                    assert!(!runs.matches(&text));
                    continue;
                }
                assert_eq!(runs.matches(&text), table.matches(&text), "{pattern} {:?}", String::from_utf8_lossy(&text));
                good += usize::from(runs.matches(&text));
            }
            assert!(good > 10, "{pattern}");
        }
    }

    #[test]
    fn other_patterns_are_not_runs() {
        for pattern in [
            "a|b",
            "[0-9]{1,2}[a-z]{1,2}",
            "[^a]",
            "\\d{3}",
            ".*Z",
            "(ab){0,1}c",
            "a+",
            "",
            "[a-z-[aeiou]]",
            "(a){2}",
            "é",
            "[0-9]{2,}",
        ] {
            assert!(Runs::new(&translate(pattern).unwrap()).is_none(), "{pattern}");
        }
    }
}
