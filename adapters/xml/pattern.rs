//! Regular expressions of XML Schema (part 2, appendix F) in the syntax of the `regex` crate.
//!
//! The dialects differ: there `^` and `$` are ordinary characters, `.` leaves out CR too, `\i` and `\c` are name characters,
//! `\s` has four characters, `\w` is defined by what it is not, classes are subtracted with `-[..]`, and blocks have names.

use regex_automata::dfa::{Automaton, dense};
use std::collections::HashSet;

/// Name characters without the colon, XML 1.0 fifth edition, productions 4 and 4a.
pub(crate) const NAME_START: &str = r"A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}";
/// What may also follow.
pub(crate) const NAME_MORE: &str = r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}";

/// Blocks that schemas were seen to name; each is a range of characters.
const BLOCKS: [(&str, &str); 12] = [
    ("BasicLatin", r"\x{0}-\x{7F}"),
    ("Latin-1Supplement", r"\x{80}-\x{FF}"),
    ("LatinExtended-A", r"\x{100}-\x{17F}"),
    ("LatinExtended-B", r"\x{180}-\x{24F}"),
    ("LatinExtendedAdditional", r"\x{1E00}-\x{1EFF}"),
    ("IPAExtensions", r"\x{250}-\x{2AF}"),
    ("CombiningDiacriticalMarks", r"\x{300}-\x{36F}"),
    ("Greek", r"\x{370}-\x{3FF}"),
    ("GreekExtended", r"\x{1F00}-\x{1FFF}"),
    ("Cyrillic", r"\x{400}-\x{4FF}"),
    ("GeneralPunctuation", r"\x{2000}-\x{206F}"),
    ("CurrencySymbols", r"\x{20A0}-\x{20CF}"),
];

/// Translates an expression; what cannot be is an error in words.
pub(crate) fn translate(expression: &str) -> Result<String, String> {
    let characters: Vec<char> = expression.chars().collect();
    let mut reader = Reader { characters: &characters, at: 0, out: String::new() };
    reader.branches()?;
    Ok(reader.out)
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    out: String,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let it = self.peek();
        self.at += usize::from(it.is_some());
        it
    }

    fn branches(&mut self) -> Result<(), String> {
        while let Some(it) = self.next() {
            match it {
                '[' => self.class()?,
                '.' => self.out.push_str(r"[^\n\r]"),
                '\\' => {
                    let class = self.escape()?;
                    self.out.push_str(&class.alone());
                }
                // A group of this dialect captures nothing that matters, and has no flags.
                '(' => {
                    if self.peek() == Some('?') {
                        return Err("a `?` that follows nothing".to_owned());
                    }
                    self.out.push_str("(?:");
                }
                '{' => self.quantity()?,
                ')' | '|' | '?' | '*' | '+' => self.out.push(it),
                ']' | '}' => return Err(format!("a `{it}` that closes nothing")),
                it => push_literal(&mut self.out, it),
            }
            // `a+?` and `a++` are not lazy or possessive here, but mistakes.
            if matches!(it, '?' | '*' | '+' | '{') && matches!(self.peek(), Some('?' | '*' | '+' | '{')) {
                return Err("a quantifier of a quantifier".to_owned());
            }
        }
        Ok(())
    }

    fn quantity(&mut self) -> Result<(), String> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some('}') => break,
                Some(it) if it.is_ascii_digit() || it == ',' => text.push(it),
                _ => return Err("a quantity that is not `{n}`, `{n,}` or `{n,m}`".to_owned()),
            }
        }
        self.out.push('{');
        self.out.push_str(&text);
        self.out.push('}');
        Ok(())
    }

    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.peek() == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let it = self.next().ok_or("a `[` without its `]`")?;
            match it {
                ']' if !first => break,
                '-' if self.peek() == Some('[') => {
                    self.at += 1;
                    self.out.push_str("--");
                    self.class()?;
                    if self.next() != Some(']') {
                        return Err("something behind a class that is subtracted".to_owned());
                    }
                    break;
                }
                '[' => return Err("a `[` within a class".to_owned()),
                _ => self.class_item(it)?,
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }

    fn class_item(&mut self, it: char) -> Result<(), String> {
        let from = if it == '\\' { self.escape()? } else { Class::One(it) };
        let Class::One(from) = from else {
            self.out.push_str(&from.within());
            return Ok(());
        };
        // A `-` is a range only between two characters; before `]` or `-[` it is itself.
        let range = self.peek() == Some('-') && !matches!(self.characters.get(self.at + 1), None | Some(']' | '['));
        push_literal(&mut self.out, from);
        if !range {
            return Ok(());
        }
        self.at += 1;
        let to = match self.next() {
            Some('\\') => self.escape()?,
            Some(it) => Class::One(it),
            None => return Err("a range without its end".to_owned()),
        };
        let Class::One(to) = to else { return Err("a range to a class".to_owned()) };
        self.out.push('-');
        push_literal(&mut self.out, to);
        Ok(())
    }

    fn escape(&mut self) -> Result<Class, String> {
        let it = self.next().ok_or("a `\\` at the end")?;
        Ok(match it {
            'n' => Class::One('\n'),
            'r' => Class::One('\r'),
            't' => Class::One('\t'),
            '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^' => Class::One(it),
            // Not escapes of the standard, but common: they can only mean themselves.
            '/' | '\'' | '"' | ':' | ',' | '$' | '@' | '#' | '&' | '%' | '!' | '=' | '~' | ';' | '<' | '>' | ' ' => {
                Class::One(it)
            }
            's' => Class::Set(false, r" \t\n\r".to_owned()),
            'S' => Class::Set(true, r" \t\n\r".to_owned()),
            'd' => Class::Set(false, r"\p{Nd}".to_owned()),
            'D' => Class::Set(true, r"\p{Nd}".to_owned()),
            'w' => Class::Set(true, r"\p{P}\p{Z}\p{C}".to_owned()),
            'W' => Class::Set(false, r"\p{P}\p{Z}\p{C}".to_owned()),
            'i' => Class::Set(false, format!("{NAME_START}:")),
            'I' => Class::Set(true, format!("{NAME_START}:")),
            'c' => Class::Set(false, format!("{NAME_START}{NAME_MORE}:")),
            'C' => Class::Set(true, format!("{NAME_START}{NAME_MORE}:")),
            'p' | 'P' => Class::Set(it == 'P', self.property()?),
            it => return Err(format!("the escape `\\{it}`")),
        })
    }

    fn property(&mut self) -> Result<String, String> {
        let mut name = String::new();
        if self.next() != Some('{') {
            return Err("a property without `{`".to_owned());
        }
        loop {
            match self.next() {
                Some('}') => break,
                Some(it) => name.push(it),
                None => return Err("a property without `}`".to_owned()),
            }
        }
        match name.strip_prefix("Is") {
            None => Ok(format!(r"\p{{{name}}}")),
            Some(block) => {
                let known = BLOCKS.iter().find(|(it, _)| *it == block);
                known.map(|(_, range)| (*range).to_owned()).ok_or_else(|| format!("the block `{name}`"))
            }
        }
    }
}

/// What an escape stands for: a character, or the characters (not) in a set.
enum Class {
    One(char),
    Set(bool, String),
}

impl Class {
    fn alone(&self) -> String {
        match self {
            Class::One(it) => {
                let mut out = String::new();
                push_literal(&mut out, *it);
                out
            }
            Class::Set(not, set) => format!("[{}{set}]", if *not { "^" } else { "" }),
        }
    }

    fn within(&self) -> String {
        match self {
            Class::Set(false, set) => set.clone(),
            other => other.alone(),
        }
    }
}

fn push_literal(out: &mut String, it: char) {
    match it {
        '\n' => out.push_str(r"\n"),
        '\r' => out.push_str(r"\r"),
        '\t' => out.push_str(r"\t"),
        '<' | '>' => out.push(it),
        it if it.is_ascii_punctuation() => {
            out.push('\\');
            out.push(it);
        }
        it => out.push(it),
    }
}

/// Whether no date-time without a zone matches the (translated) pattern, so that every value is a point in time.
pub(crate) fn forces_zone(pattern: &str) -> bool {
    let without_zone = "-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?";
    are_disjoint(pattern, without_zone).unwrap_or(false)
}

/// Whether no text matches both; `None` where a table would be too large to tell.
fn are_disjoint(left: &str, right: &str) -> Option<bool> {
    const STATES_MAX: usize = 100_000;
    let build = |pattern: &str| {
        let size = Some(1 << 20);
        let config = dense::Config::new().dfa_size_limit(size).determinize_size_limit(size);
        dense::Builder::new().configure(config.minimize(false)).build(&format!("^(?:{pattern})$")).ok()
    };
    let (left, right) = (build(left)?, build(right)?);
    let start = regex_automata::util::start::Config::new().anchored(regex_automata::Anchored::Yes);
    let first = (left.start_state(&start).ok()?, right.start_state(&start).ok()?);
    let mut seen = HashSet::from([first]);
    let mut open = vec![first];
    while let Some((a, b)) = open.pop() {
        if left.is_match_state(left.next_eoi_state(a)) && right.is_match_state(right.next_eoi_state(b)) {
            return Some(false);
        }
        for byte in 0..=u8::MAX {
            let next = (left.next_state(a, byte), right.next_state(b, byte));
            if !left.is_dead_state(next.0) && !right.is_dead_state(next.1) && seen.insert(next) {
                open.push(next);
            }
        }
        if seen.len() > STATES_MAX {
            return None;
        }
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use latimer_engine::rules::Pattern;

    #[test]
    fn the_dialects_differ() {
        for (expression, good, bad) in [
            ("^a$", &["^a$"][..], &["a"][..]),
            ("a.c", &["abc", "a\u{85}c"], &["a\nc", "a\rc"]),
            (r"\d+", &["12", "٣"], &["a", ""]),
            (r"\s", &[" ", "\t"], &["\u{A0}"]),
            (r"\w+", &["aé1", "+"], &["a b", "a-b"]),
            (r"\i\c*", &["_a-1", "a:b"], &["1a"]),
            ("[a-z-[aeiou]]+", &["xyz"], &["abc"]),
            ("[a-c-]+", &["a-c"], &["d"]),
            (r"[+\-.]", &["+", "-", "."], &[","]),
            (r"[^\s]", &["a"], &[" "]),
            (r"\p{IsBasicLatin}*", &["abc"], &["é"]),
            (r"\p{Lu}{2,3}", &["ÄÖ"], &["ä"]),
            ("a|b", &["a", "b"], &["ab"]),
            ("[0-9a-zA-Z/\\-\\?:\\(\\)\\.,'\\+ ]{1,5}", &["a b/?"], &["a_b", ""]),
            ("[&&~~]", &["&", "~"], &["a"]),
            (r"a{2}", &["aa"], &["a"]),
            ("#x y", &["#x y"], &["#xy"]),
        ] {
            let translated = translate(expression).unwrap();
            let pattern = Pattern::new(&translated).unwrap_or_else(|error| panic!("{translated}: {error}"));
            for text in good {
                assert!(pattern.matches(text.as_bytes()), "{expression} -> {translated}: {text}");
            }
            for text in bad {
                assert!(!pattern.matches(text.as_bytes()), "{expression} -> {translated}: {text}");
            }
        }
    }

    #[test]
    fn mistakes_have_words() {
        for expression in ["[a", "a++", r"\q", r"\p{IsKlingon}", "(?i)a", "a{1;2}", "]"] {
            assert!(translate(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn zones_that_must_be_there() {
        for (expression, forced) in [
            (".*Z", true),
            (r".*(\+|-)((0[0-9])|(1[0-4])):[0-5][0-9]", true),
            (".*(Z)?", false),
            (".*", false),
            (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[\S]*", false),
        ] {
            assert_eq!(forces_zone(&translate(expression).unwrap()), forced, "{expression}");
        }
    }
}
