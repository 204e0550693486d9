//! Text to tokens.
//!
//! Hyphens belong to names, as in COBOL; a minus needs blanks around it. Where a line begins matters (a rule ends with its
//! line), so each token knows whether it is the first of its line.

use crate::{Diagnostics, FileId, Sources, Span};

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Tok,
    pub(super) span: Span,
    /// The first of its line.
    pub(super) first: bool,
    /// Nothing stands before it, not even a blank.
    pub(super) flush: bool,
    /// A remark `## ..` stands behind it on its line.
    pub(super) remark: Option<String>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tok {
    /// A name or a keyword.
    Word(String),
    /// A name in backticks: never a keyword.
    Quoted(String),
    /// A name that begins with `@`.
    Attribute(String),
    /// `"..."`, unescaped.
    Text(String),
    /// Digits, as written; `-` before and a point inside are part of it.
    Number(String),
    /// Anything else: `<-`, `{`, `|`.
    Sign(&'static str),
    /// The end of the file.
    End,
}

/// Longest first.
const SIGNS: [&str; 27] = [
    "<->", "<-", "->", "<=", ">=", "<>", "..", "**", "{", "}", "(", ")", "[", "]", ",", ":", "/", "|", "&", "*", "+", "-", "=",
    "<", ">", "?", ".",
];

/// All tokens of a file, the last one [`Tok::End`].
pub(super) fn lex(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Vec<Token> {
    let text = sources.text(file);
    let mut lexer = Lexer { text, file, at: 0, tokens: Vec::new(), first: true };
    lexer.run(diagnostics);
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    tokens: Vec<Token>,
    first: bool,
}

impl Lexer<'_> {
    fn run(&mut self, diagnostics: &mut Diagnostics) {
        while let Some(character) = self.rest().chars().next() {
            match character {
                '\n' => {
                    self.first = true;
                    self.at += 1;
                }
                it if it.is_whitespace() || it == '\u{feff}' => self.at += it.len_utf8(),
                '#' => self.comment(),
                '"' => self.text(diagnostics),
                '`' => self.quoted(diagnostics),
                '@' => self.attribute(diagnostics),
                it if it.is_alphabetic() => {
                    let length = name_length(self.rest());
                    let word = self.rest().get(..length).unwrap_or("").to_owned();
                    self.push(Tok::Word(word), length);
                }
                '0'..='9' => self.digits(),
                '-' if self.value_begins() && self.rest().as_bytes().get(1).copied().is_some_and(|it| it.is_ascii_digit()) => {
                    let length = number_length(self.rest());
                    let number = self.rest().get(..length).unwrap_or("").to_owned();
                    self.push(Tok::Number(number), length);
                }
                other => self.sign(other, diagnostics),
            }
        }
        self.push(Tok::End, 0);
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn span(&self, length: usize) -> Span {
        let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Span { file: self.file, start: at(self.at), end: at(self.at + length) }
    }

    fn push(&mut self, kind: Tok, length: usize) {
        let flush = self.first && self.text.get(..self.at).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        self.tokens.push(Token { kind, span: self.span(length), first: self.first, flush, remark: None });
        self.first = false;
        self.at += length;
    }

    fn comment(&mut self) {
        let line = self.rest().lines().next().unwrap_or("");
        let length = line.len();
        let remark = line.strip_prefix("##").map(|it| it.trim().to_owned());
        if let (Some(remark), false, Some(last)) = (remark, self.first, self.tokens.last_mut()) {
            last.remark = Some(remark);
        }
        self.at += length;
    }

    fn text(&mut self, diagnostics: &mut Diagnostics) {
        let mut value = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return self.push(Tok::Text(value), at + 1),
                '\\' => match characters.next() {
                    Some((_, it @ ('"' | '\\'))) => value.push(it),
                    Some((_, it)) if it != '\n' => {
                        let span = self.span(at + 1 + it.len_utf8());
                        let span = Span { start: span.end - 1 - u32::try_from(it.len_utf8()).unwrap_or(1), ..span };
                        diagnostics
                            .error("E001", span, format!("there is no escape `\\{it}`"))
                            .help("write `\\\"` for a quotation mark and `\\\\` for a backslash");
                        value.push(it);
                    }
                    _ => break,
                },
                '\n' => break,
                it => value.push(it),
            }
        }
        let length = self.rest().lines().next().map_or(1, |it| it.trim_end().len());
        diagnostics
            .error("E001", self.span(length), "this text has no end")
            .label("a text ends on its line")
            .help("end it with `\"`");
        self.push(Tok::Text(value), length);
    }

    fn quoted(&mut self, diagnostics: &mut Diagnostics) {
        let line = self.rest().lines().next().unwrap_or("");
        match line.get(1..).and_then(|it| it.find('`')) {
            Some(length) if length > 0 => {
                let name = line.get(1..=length).unwrap_or("").to_owned();
                self.push(Tok::Quoted(name), length + 2);
            }
            _ => {
                diagnostics.error("E001", self.span(1), "this name has no end").help("write the name between two backticks");
                self.at += 1;
            }
        }
    }

    fn attribute(&mut self, diagnostics: &mut Diagnostics) {
        let length = name_length(self.rest().get(1..).unwrap_or(""));
        if length == 0 {
            diagnostics.error("E001", self.span(1), "a name is missing after `@`");
            self.at += 1;
            return;
        }
        let name = self.rest().get(..=length).unwrap_or("").to_owned();
        self.push(Tok::Attribute(name), length + 1);
    }

    /// A number; after `/`, where a path goes on, a name that begins with a digit.
    fn digits(&mut self) {
        let in_path = matches!(self.tokens.last(), Some(Token { kind: Tok::Sign("/"), .. }));
        let name = name_length(self.rest());
        let number = number_length(self.rest());
        if in_path && name > 0 {
            let word = self.rest().get(..name).unwrap_or("").to_owned();
            return self.push(Tok::Word(word), name);
        }
        let digits = self.rest().get(..number).unwrap_or("").to_owned();
        self.push(Tok::Number(digits), number);
    }

    fn sign(&mut self, other: char, diagnostics: &mut Diagnostics) {
        let found = SIGNS.iter().find(|it| self.rest().starts_with(**it)).copied();
        match found {
            Some(sign) => self.push(Tok::Sign(sign), sign.len()),
            None => {
                let span = self.span(other.len_utf8());
                diagnostics.error("E001", span, format!("`{other}` has no meaning here")).fix("leave it out", span, "");
                self.at += other.len_utf8();
            }
        }
    }

    /// Whether a `-` that comes now is the sign of a number: nothing before it that it could subtract from.
    fn value_begins(&self) -> bool {
        match self.tokens.last() {
            None => true,
            Some(token) => match &token.kind {
                Tok::Sign(sign) => !matches!(*sign, ")" | "]" | "}" | "**" | "."),
                Tok::Word(word) => BEFORE_A_VALUE.contains(&word.as_str()),
                _ => false,
            },
        }
    }
}

/// Words that a value follows.
const BEFORE_A_VALUE: [&str; 10] = ["else", "and", "or", "not", "in", "when", "where", "contains", "matches", "starts-with"];

/// The length of a name: letters, digits, `-`, `_`. A hyphen at its end is not part of it.
fn name_length(text: &str) -> usize {
    let belongs = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
    let length = text.find(|it| !belongs(it)).unwrap_or(text.len());
    // `a->b` is an arrow behind `a`.
    text.get(..length).unwrap_or("").trim_end_matches('-').len()
}

/// The length of a number: `-`, digits, and a point with digits. `1..2` is a range: the point is not part of it.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with('-'));
    let whole = sign + digits(sign);
    let has_fraction = text.as_bytes().get(whole) == Some(&b'.') && digits(whole + 1) > 0;
    if has_fraction { whole + 1 + digits(whole + 1) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("m.map", text);
        let mut diagnostics = Diagnostics::default();
        let tokens = lex(&sources, file, &mut diagnostics);
        let errors = diagnostics.iter().map(|it| format!("! {}", it.message));
        let print = |it: &Token| match &it.kind {
            Tok::Word(it) => it.clone(),
            Tok::Quoted(it) => format!("`{it}`"),
            Tok::Attribute(it) => it.clone(),
            Tok::Text(it) => format!("\"{it}\""),
            Tok::Number(it) => format!("#{it}"),
            Tok::Sign(it) => (*it).to_owned(),
            Tok::End => "end".to_owned(),
        };
        tokens.iter().map(print).chain(errors).collect()
    }

    #[test]
    fn hyphens_belong_to_names() {
        assert_eq!(tokens("DTL-SEQ-NO a - b a->b"), ["DTL-SEQ-NO", "a", "-", "b", "a", "->", "b", "end"]);
        assert_eq!(tokens("x = -1.50 or x - 1"), ["x", "=", "#-1.50", "or", "x", "-", "#1", "end"]);
    }

    #[test]
    fn paths_ranges_and_indexes() {
        assert_eq!(tokens("mt/23E[1..2]/@Ccy"), ["mt", "/", "23E", "[", "#1", "..", "#2", "]", "/", "@Ccy", "end"]);
        assert_eq!(tokens("sts/** `and`"), ["sts", "/", "**", "`and`", "end"]);
    }

    #[test]
    fn texts_and_what_is_wrong_with_them() {
        assert_eq!(tokens(r#""a\"b\\""#), [r#""a"b\""#, "end"]);
        assert_eq!(tokens("\"abc\n"), ["\"abc\"", "end", "! this text has no end"]);
        assert_eq!(tokens("a ; b"), ["a", "b", "end", "! `;` has no meaning here"]);
    }

    #[test]
    fn remarks_belong_to_the_token_before_them() {
        let mut sources = Sources::default();
        let file = sources.add("m.map", "A <- b   ## why\n## not this\n# nor this\nC");
        let tokens = lex(&sources, file, &mut Diagnostics::default());
        let remarks: Vec<_> = tokens.iter().filter_map(|it| it.remark.as_deref()).collect();
        assert_eq!(remarks, ["why"]);
        assert_eq!(tokens.iter().filter(|it| it.first).count(), 2);
    }
}
