//! Regular expressions of JSON Schema (ECMA-262, with the flag `u`) in the syntax of the `regex` crate.
//!
//! JSON Schema finds a pattern anywhere in a text; the engine's patterns are about the whole of it. `^` and `$` at the ends
//! of an alternative are dropped, and where one is missing, anything may stand.
//!
//! What a linear-time automaton cannot do (look-around, back-references) is refused. Beyond the strict grammar, a few
//! things are read as browsers read them (annex B): `{` and `]` as themselves, and a backslash before a sign that needs none.

use std::fmt::Write;

/// An expression that the whole text must match; in words what cannot be translated.
pub(crate) fn translate(pattern: &str) -> Result<String, String> {
    let mut reader = Reader { rest: pattern.chars().collect(), at: 0, depth: 0 };
    let alternatives = reader.disjunction()?;
    if reader.peek().is_some() {
        return Err("a `)` without its `(`".to_owned());
    }
    if alternatives.iter().map(|it| it.size).sum::<u64>() > SIZE_MAX {
        return Err("the repetitions within each other are too many".to_owned());
    }
    Ok(alternatives.iter().map(Alternative::whole).collect::<Vec<_>>().join("|"))
}

/// Characters and classes of an expression when its repetitions are written out.
const SIZE_MAX: u64 = 20_000;
const DEPTH_MAX: u32 = 64;
const ANYTHING: &str = "(?s:.)*";
/// `.`: all but the line terminators of ECMA-262, 12.3.
const DOT: &str = r"[^\n\r\x{2028}\x{2029}]";
const DIGIT: &str = "0-9";
const WORD: &str = "0-9A-Z_a-z";
/// White space and line terminators of ECMA-262, 12.2 and 12.3.
const SPACE: &str = r"\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// One of the alternatives between `|`.
#[derive(Default)]
struct Alternative {
    text: String,
    /// Begins with `^`, ends with `$`; these are not in the text.
    from_start: bool,
    to_end: bool,
    size: u64,
}

impl Alternative {
    /// So that it matches the whole text.
    fn whole(&self) -> String {
        let before = if self.from_start { "" } else { ANYTHING };
        let behind = if self.to_end || (self.text.is_empty() && !self.from_start) { "" } else { ANYTHING };
        format!("{before}{}{behind}", self.text)
    }

    /// Within a group, where the ends are not known.
    fn part(&self) -> String {
        let before = if self.from_start { r"\A" } else { "" };
        let behind = if self.to_end { r"\z" } else { "" };
        format!("{before}{}{behind}", self.text)
    }
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    depth: u32,
}

/// What stands in a class or follows a backslash.
enum Atom {
    One(char),
    /// Of a class, between brackets.
    Set(String),
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(at, it)| self.rest.get(self.at + at) == Some(&it));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn disjunction(&mut self) -> Result<Vec<Alternative>, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("the groups are nested too deeply".to_owned());
        }
        let mut alternatives = vec![self.alternative()?];
        while self.eat("|") {
            alternatives.push(self.alternative()?);
        }
        self.depth -= 1;
        Ok(alternatives)
    }

    fn alternative(&mut self) -> Result<Alternative, String> {
        let mut made = Alternative { from_start: self.eat("^"), ..Alternative::default() };
        loop {
            match self.peek() {
                None | Some('|' | ')') => return Ok(made),
                Some('$') if matches!(self.rest.get(self.at + 1), None | Some('|' | ')')) => {
                    self.at += 1;
                    made.to_end = true;
                    return Ok(made);
                }
                Some(_) => self.term(&mut made)?,
            }
        }
    }

    fn term(&mut self, made: &mut Alternative) -> Result<(), String> {
        if self.eat("^") {
            made.text.push_str(r"\A");
            return Ok(());
        }
        if self.eat("$") {
            made.text.push_str(r"\z");
            return Ok(());
        }
        if self.eat(r"\b") || self.eat(r"\B") {
            let is_boundary = self.rest.get(self.at - 1) == Some(&'b');
            made.text.push_str(if is_boundary { r"(?-u:\b)" } else { r"(?-u:\B)" });
            return Ok(());
        }
        let (atom, size) = self.atom()?;
        made.text.push_str(&atom);
        made.size = made.size.saturating_add(self.quantifier(size, &mut made.text)?);
        Ok(())
    }

    fn atom(&mut self) -> Result<(String, u64), String> {
        if self.eat("(") {
            return self.group();
        }
        if self.eat("[") {
            return Ok((self.class()?, 1));
        }
        let text = match self.next() {
            Some('.') => DOT.to_owned(),
            Some(it @ ('*' | '+' | '?')) => return Err(format!("`{it}` has nothing to repeat")),
            Some('\\') => match self.escape(false)? {
                Atom::One(it) => literal(it),
                Atom::Set(set) => format!("[{set}]"),
            },
            Some(it) => literal(it),
            None => return Err("it ends too early".to_owned()),
        };
        Ok((text, 1))
    }

    fn group(&mut self) -> Result<(String, u64), String> {
        if self.eat("?=") || self.eat("?!") || self.eat("?<=") || self.eat("?<!") {
            return Err("look-around has no linear-time form".to_owned());
        }
        if self.eat("?<") {
            while self.next().ok_or("a group's name is not closed")? != '>' {}
        } else if self.peek() == Some('?') && !self.eat("?:") {
            return Err("a group of a kind that JSON Schema does not have".to_owned());
        }
        let alternatives = self.disjunction()?;
        if !self.eat(")") {
            return Err("a `(` without its `)`".to_owned());
        }
        let size = alternatives.iter().map(|it| it.size).sum::<u64>().max(1);
        let parts: Vec<_> = alternatives.iter().map(Alternative::part).collect();
        Ok((format!("(?:{})", parts.join("|")), size))
    }

    /// Appends the quantifier that stands here, if one does, and gives the size that the atom then has.
    fn quantifier(&mut self, size: u64, out: &mut String) -> Result<u64, String> {
        let repeated = match self.peek() {
            Some(it @ ('*' | '+' | '?')) => {
                self.at += 1;
                out.push(it);
                size
            }
            Some('{') => match self.counts()? {
                Some((least, most)) => {
                    let _ = match most {
                        Some(most) if most == least => write!(out, "{{{least}}}"),
                        Some(most) => write!(out, "{{{least},{most}}}"),
                        None => write!(out, "{{{least},}}"),
                    };
                    size.saturating_mul(u64::from(most.unwrap_or(least).max(1)))
                }
                None => return Ok(size),
            },
            _ => return Ok(size),
        };
        // Whether the shortest or the longest match is wanted changes nothing about whether there is one.
        self.eat("?");
        Ok(repeated)
    }

    /// `{2}`, `{2,}`, `{2,3}`; nothing where the bracket stands for itself.
    fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        let start = self.at;
        self.at += 1;
        let least = self.count();
        let most = if self.eat(",") { self.count() } else { least };
        let Some(least) = least.filter(|_| self.eat("}")) else {
            self.at = start;
            return Ok(None);
        };
        if most.is_some_and(|most| most < least) {
            return Err("a repetition ends before it begins".to_owned());
        }
        Ok(Some((least, most)))
    }

    fn count(&mut self) -> Option<u32> {
        let start = self.at;
        let mut value: u32 = 0;
        while let Some(digit) = self.peek().and_then(|it| it.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        (self.at > start).then_some(value)
    }

    /// Behind `[`.
    fn class(&mut self) -> Result<String, String> {
        let mut out = String::from(if self.eat("^") { "[^" } else { "[" });
        let start = out.len();
        loop {
            let first = self.class_atom()?;
            let Some(first) = first else { break };
            let is_range = self.peek() == Some('-') && !matches!(self.rest.get(self.at + 1), None | Some(']'));
            match first {
                Atom::One(from) if is_range => {
                    self.at += 1;
                    match self.class_atom()? {
                        Some(Atom::One(to)) if from <= to => {
                            let _ = write!(out, "{}-{}", literal(from), literal(to));
                        }
                        Some(Atom::One(_)) => return Err("a range ends before it begins".to_owned()),
                        Some(Atom::Set(set)) => out.push_str(&format!("{}{}{set}", literal(from), literal('-'))),
                        None => return Err("a `[` without its `]`".to_owned()),
                    }
                }
                Atom::One(it) => out.push_str(&literal(it)),
                Atom::Set(set) => out.push_str(&set),
            }
        }
        let is_empty = out.len() == start;
        Ok(match (is_empty, start) {
            (false, _) => out + "]",
            // `[]` is nothing, `[^]` anything.
            (true, 1) => r"[^\x{0}-\x{10FFFF}]".to_owned(),
            (true, _) => "(?s:.)".to_owned(),
        })
    }

    /// `None` at the end of the class.
    fn class_atom(&mut self) -> Result<Option<Atom>, String> {
        match self.next() {
            None => Err("a `[` without its `]`".to_owned()),
            Some(']') => Ok(None),
            Some('\\') => self.escape(true).map(Some),
            Some(it) => Ok(Some(Atom::One(it))),
        }
    }

    /// Behind a backslash.
    fn escape(&mut self, in_class: bool) -> Result<Atom, String> {
        let Some(letter) = self.next() else { return Err("it ends with a backslash".to_owned()) };
        let one = |it: char| Ok(Atom::One(it));
        let set = |it: &str| Ok(Atom::Set(it.to_owned()));
        match letter {
            'd' => set(DIGIT),
            'D' => set(&format!("[^{DIGIT}]")),
            'w' => set(WORD),
            'W' => set(&format!("[^{WORD}]")),
            's' => set(SPACE),
            'S' => set(&format!("[^{SPACE}]")),
            'b' if in_class => one('\u{8}'),
            't' => one('\t'),
            'n' => one('\n'),
            'v' => one('\u{B}'),
            'f' => one('\u{C}'),
            'r' => one('\r'),
            '0' if !self.peek().is_some_and(|it| it.is_ascii_digit()) => one('\0'),
            'c' => match self.next().filter(char::is_ascii_alphabetic) {
                Some(it) => one(char::from(it as u8 & 0x1F)),
                None => Err(r"`\c` without a letter".to_owned()),
            },
            'x' => self.code_point(2).and_then(character).map(Atom::One),
            'u' => self.unicode().map(Atom::One),
            'p' | 'P' => self.property(letter).map(Atom::Set),
            '0'..='9' | 'k' => Err("a back-reference has no linear-time form".to_owned()),
            it if it.is_ascii_alphanumeric() => Err(format!(r"`\{it}` is not defined")),
            it => one(it),
        }
    }

    fn code_point(&mut self, digits: usize) -> Result<u32, String> {
        let mut value = 0;
        for _ in 0..digits {
            let digit = self.next().and_then(|it| it.to_digit(16));
            value = value << 4 | digit.ok_or("an escape has too few hexadecimal digits")?;
        }
        Ok(value)
    }

    /// `\u0041`, `\u{1F600}`, `\uD83D\uDE00`.
    fn unicode(&mut self) -> Result<char, String> {
        if self.eat("{") {
            let mut value: u32 = 0;
            while !self.eat("}") {
                let digit = self.next().and_then(|it| it.to_digit(16));
                value = value.saturating_mul(16).saturating_add(digit.ok_or("a `{` without its `}`")?);
            }
            return character(value);
        }
        let first = self.code_point(4)?;
        if (0xD800..0xDC00).contains(&first) && self.eat(r"\u") {
            let second = self.code_point(4)?.checked_sub(0xDC00).filter(|it| *it < 0x400);
            let low = second.ok_or("half a surrogate pair")?;
            return character(0x10000 + ((first - 0xD800) << 10) + low);
        }
        character(first)
    }

    /// `\p{L}`, `\P{Script=Greek}`: the names are those of Unicode, and whether there is such a one is found when the expression is built.
    fn property(&mut self, letter: char) -> Result<String, String> {
        if !self.eat("{") {
            return Err(format!(r"`\{letter}` without a property in `{{}}`"));
        }
        let mut name = String::new();
        loop {
            match self.next() {
                Some('}') => return Ok(format!(r"\{letter}{{{name}}}")),
                Some(it) if it.is_ascii_alphanumeric() || it == '_' || it == '=' => name.push(it),
                _ => return Err("the name of a Unicode property is not closed".to_owned()),
            }
        }
    }
}

fn character(code: u32) -> Result<char, String> {
    char::from_u32(code).ok_or_else(|| "half a surrogate pair, or no character".to_owned())
}

/// A character that stands for itself, within a class and outside.
fn literal(it: char) -> String {
    match it {
        '<' | '>' | ' ' => it.to_string(),
        _ if it.is_ascii_punctuation() => format!("\\{it}"),
        _ if it.is_control() || it.is_whitespace() => format!("\\x{{{:X}}}", u32::from(it)),
        _ => it.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latimer_engine::rules::Pattern;

    #[test]
    fn anchors_become_the_whole_text() {
        for (pattern, expected) in [
            ("^[A-Z]{3}$", "[A-Z]{3}"),
            ("^a", "a(?s:.)*"),
            ("a$", "(?s:.)*a"),
            ("", "(?s:.)*"),
            ("^$", ""),
            ("^", "(?s:.)*"),
            ("^a|b$", "a(?s:.)*|(?s:.)*b"),
            ("(^a|b$)", r"(?s:.)*(?:\Aa|b\z)(?s:.)*"),
            (r"^\d+([.,]\d{1,3})?$", r"[0-9]+(?:[\.\,][0-9]{1,3})?"),
        ] {
            assert_eq!(translate(pattern).as_deref(), Ok(expected), "{pattern}");
        }
    }

    #[test]
    fn they_match_what_ecma_says() {
        for (pattern, good, bad) in [
            (r"^[^\W_]+$", "aZ09", "a_"),
            (r"^\w$", "_", "ä"),
            (r"^\d$", "7", "٧"),
            (r"^\s$", "\u{FEFF}", "\u{85}"),
            ("^.$", "😀", "\u{2028}"),
            (r"^\u{1F600}$", "😀", "x"),
            (r"^[\uD83D\uDE00-\uD83D\uDE02]$", "😁", "x"),
            (r"^\p{Lu}\p{Script=Greek}$", "Äα", "äα"),
            (r"^[\w-.]+$", "a-.", "a+"),
            ("^[a-z&&[b]$", "&", "é"),
            ("^a{,2}$", "a{,2}", "a"),
            ("^{x}$", "{x}", "x"),
            ("^(?<year>[0-9]{4})-$", "2026-", "2026"),
            (r"^\cJ\x41\/\-$", "\nA/-", "JA/-"),
            ("[]|^x$", "x", "y"),
            ("^[^]$", "\n", ""),
            (r"\bcat\b", "a cat.", "concat"),
            ("^(?:a|b)*?$", "abab", "c"),
            ("^[\\]]$", "]", "\\"),
            ("^]$", "]", "["),
            ("b", "abc", "ac"),
            ("^a^", "", "a"),
        ] {
            let found = Pattern::new(&translate(pattern).unwrap()).unwrap();
            assert!(good.is_empty() || found.matches(good.as_bytes()), "{pattern} {good}");
            assert!(!found.matches(bad.as_bytes()), "{pattern} {bad}");
        }
    }

    #[test]
    fn what_cannot_be_translated() {
        for pattern in [
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<!a)",
            r"(a)\1",
            r"\k<a>",
            "(?i:a)",
            "(",
            ")",
            "[a",
            "*",
            "a**",
            r"\",
            r"\a",
            r"\u12",
            r"\uD83D",
            r"\p",
            r"\p{L",
            "[b-a]",
            "a{3,2}",
            r"\x4",
            r"\c1",
            "((a{100}){100}){100}",
        ] {
            assert!(translate(pattern).is_err(), "{pattern}: {:?}", translate(pattern));
        }
        assert!(Pattern::new(&translate(r"\p{Nonsense}").unwrap()).is_err());
        assert!(translate(&"(".repeat(100_000)).is_err());
    }
}
