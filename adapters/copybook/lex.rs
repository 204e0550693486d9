//! Copybook text to words, in fixed and in free reference format.
//!
//! Fixed (IBM Enterprise COBOL Language Reference, "Reference format"): columns 1 to 6 are a sequence number, column 7 an
//! indicator (`*` and `/` comment, `-` continuation, `D` debugging line), 8 to 72 the text, what follows is not read.
//! Free: no columns, `*>` begins a comment. Which it is, the text shows; `>>SOURCE FORMAT` decides.

use latimer_engine::{FileId, Span};

/// A word of a copybook. A picture or a number with a point is several that are glued.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// As written; of a literal, its characters.
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Whether nothing stands between it and the word before.
    pub(crate) glued: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Word,
    /// In quotes; hexadecimal digits where the prefix says so (`X'F1'`).
    Literal {
        hex: bool,
    },
    /// A literal without its closing quote.
    Unclosed,
    Dot,
    Comma,
    Open,
    Close,
    Colon,
    /// `==`, around pseudo-text.
    Pseudo,
}

impl Token {
    /// Whether it is this word, in any case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }
}

/// The words of a file; spans are of `file`.
pub(crate) fn lex(text: &str, file: FileId) -> Vec<Token> {
    raw(text)
        .into_iter()
        .map(|it| {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { file, start: place(it.start), end: place(it.end) };
            Token { kind: it.kind, text: it.text, span, glued: it.glued }
        })
        .collect()
}

/// The members that `COPY` names, for the catalog.
pub(crate) fn copied(text: &str) -> Vec<String> {
    let words = raw(text);
    let mut names = Vec::new();
    for pair in words.windows(2) {
        if let [copy, name] = pair
            && copy.kind == TokenKind::Word
            && copy.text.eq_ignore_ascii_case("COPY")
            && matches!(name.kind, TokenKind::Word | TokenKind::Literal { .. })
            && !names.contains(&name.text)
        {
            names.push(name.text.clone());
        }
    }
    names
}

struct Raw {
    kind: TokenKind,
    text: String,
    start: usize,
    end: usize,
    glued: bool,
}

/// The text of a line, between bytes of the file.
struct Line<'a> {
    text: &'a str,
    start: usize,
    /// It goes on where the line before stopped.
    continues: bool,
    /// Blanks up to column 72, which belong to a literal that goes on.
    blanks: usize,
}

fn raw(text: &str) -> Vec<Raw> {
    let mut tokens: Vec<Raw> = Vec::new();
    let fixed = is_fixed(text);
    // The quote of a literal that the line before did not close.
    let mut open: Option<char> = None;
    let lines: Vec<Line<'_>> = lines(text, fixed);
    for (number, line) in lines.iter().enumerate() {
        let mut rest = Scanner { text: line.text, at: 0, start: line.start };
        let mut glue = false;
        if line.continues {
            rest.skip_blanks();
            glue = true;
            if let (Some(quote), Some(last)) = (open, tokens.last_mut()) {
                rest.take_if(|it| it == quote);
                open = rest.literal(quote, last);
                glue = false;
            }
        } else {
            open = None;
        }
        while let Some(character) = rest.peek() {
            if is_blank(character) {
                rest.skip_blanks();
                glue = false;
                continue;
            }
            if rest.text.get(rest.at..).is_some_and(|it| it.starts_with("*>")) {
                break;
            }
            open = rest.token(&mut tokens, glue);
            glue = true;
        }
        let goes_on = lines.get(number + 1).is_some_and(|it| it.continues);
        if let (Some(_), Some(last)) = (open, tokens.last_mut()) {
            if goes_on {
                last.text.extend(std::iter::repeat_n(' ', line.blanks));
            } else {
                last.kind = TokenKind::Unclosed;
            }
        }
    }
    // A word that a continuation line goes on with is one word.
    tokens.dedup_by(|next, last| {
        let joins = next.glued && next.kind == TokenKind::Word && last.kind == TokenKind::Word;
        if joins {
            last.text.push_str(&next.text);
            last.end = next.end;
        }
        joins
    });
    tokens
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    start: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn take_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let it = self.peek().filter(|it| wanted(*it))?;
        self.at += it.len_utf8();
        Some(it)
    }

    fn skip_blanks(&mut self) {
        while self.take_if(is_blank).is_some() {}
    }

    /// Reads one token; gives the quote of a literal that the line does not close.
    fn token(&mut self, tokens: &mut Vec<Raw>, glued: bool) -> Option<char> {
        let start = self.at;
        let mut open = None;
        let first = self.take_if(|_| true).unwrap_or(' ');
        let mut token = Raw { kind: TokenKind::Word, text: first.to_string(), start: self.start + start, end: 0, glued };
        match first {
            '.' => token.kind = TokenKind::Dot,
            ',' | ';' => token.kind = TokenKind::Comma,
            '(' => token.kind = TokenKind::Open,
            ')' => token.kind = TokenKind::Close,
            ':' => token.kind = TokenKind::Colon,
            '=' if self.take_if(|it| it == '=').is_some() => {
                token.kind = TokenKind::Pseudo;
                token.text.push('=');
            }
            '\'' | '"' => {
                token.kind = TokenKind::Literal { hex: false };
                token.text.clear();
                open = self.literal(first, &mut token);
            }
            _ => {
                while let Some(it) = self.take_if(|it| !ends_word(it)) {
                    token.text.push(it);
                }
                let prefix = token.text.to_ascii_uppercase();
                if matches!(prefix.as_str(), "X" | "N" | "NX" | "G" | "Z" | "U" | "UX" | "H")
                    && let Some(quote) = self.take_if(|it| it == '\'' || it == '"')
                {
                    token.kind = TokenKind::Literal { hex: prefix.ends_with('X') || prefix == "H" };
                    token.text.clear();
                    open = self.literal(quote, &mut token);
                }
            }
        }
        token.end = self.start + self.at;
        tokens.push(token);
        open
    }

    /// Reads a literal behind its quote; gives the quote if the line ends first.
    fn literal(&mut self, quote: char, token: &mut Raw) -> Option<char> {
        while let Some(it) = self.take_if(|_| true) {
            if it != quote {
                token.text.push(it);
            } else if self.take_if(|it| it == quote).is_some() {
                token.text.push(quote);
            } else {
                token.end = self.start + self.at;
                return None;
            }
        }
        token.end = self.start + self.at;
        Some(quote)
    }
}

fn ends_word(it: char) -> bool {
    is_blank(it) || matches!(it, '.' | ',' | ';' | '(' | ')' | ':' | '\'' | '"' | '=')
}

/// Blanks as editors and transfers leave them: a no-break space, the end mark of CP/M, a byte order mark.
fn is_blank(it: char) -> bool {
    it.is_whitespace() || matches!(it, '\u{1A}' | '\u{FEFF}' | '\0')
}

fn lines(text: &str, fixed: bool) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut fixed = fixed;
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let at = start;
        start += whole.len();
        let content = whole.trim_end_matches(['\n', '\r', '\u{1A}']);
        let words = content.trim_start_matches(is_blank);
        if let Some(directive) = directive(words) {
            if let Some(is_fixed) = directive {
                fixed = is_fixed;
            }
            continue;
        }
        // No sentence begins with `*`: a comment that is not in its column.
        if words.is_empty() || words.starts_with('*') {
            continue;
        }
        if !fixed {
            lines.push(Line { text: content, start: at, continues: false, blanks: 0 });
            continue;
        }
        let columns = Columns::of(content);
        if matches!(columns.indicator, '*' | '/' | 'D' | 'd' | '$') {
            continue;
        }
        let text = content.get(columns.text.clone()).unwrap_or_default();
        let line = Line { text, start: at + columns.text.start, continues: columns.indicator == '-', blanks: columns.blanks };
        lines.push(line);
    }
    lines
}

/// `Some` for a line that is for the compiler: whether it sets the format.
fn directive(words: &str) -> Option<Option<bool>> {
    let upper = words.to_ascii_uppercase();
    let is_directive = upper.starts_with(">>") || upper.starts_with("$SET");
    let format = upper.contains("SOURCE").then(|| !upper.contains("FREE"));
    is_directive.then_some(format)
}

/// A fixed-format line by its columns; a tabulator goes to the next multiple of eight.
struct Columns {
    sequence: String,
    indicator: char,
    text: std::ops::Range<usize>,
    blanks: usize,
    /// Whether something stands behind column 72.
    beyond: bool,
}

impl Columns {
    fn of(content: &str) -> Columns {
        let mut it = Columns { sequence: String::new(), indicator: ' ', text: 0..content.len(), blanks: 0, beyond: false };
        let (mut column, mut begun, mut end) = (1, false, None);
        for (at, character) in content.char_indices() {
            match column {
                1..=6 => it.sequence.push(character),
                7 if character != '\t' => it.indicator = character,
                _ => {}
            }
            if column >= 8 && !begun {
                it.text.start = at;
                begun = true;
            }
            if column > 72 {
                end.get_or_insert(at);
                it.beyond |= !is_blank(character);
            }
            column = if character == '\t' { (column - 1) / 8 * 8 + 9 } else { column + 1 };
        }
        it.text.end = end.unwrap_or(content.len());
        it.blanks = 73usize.saturating_sub(column);
        if !begun {
            it.text.start = it.text.end;
        }
        it
    }
}

/// Whether the lines look like fixed reference format: each one that can only be one of the two is a vote.
fn is_fixed(text: &str) -> bool {
    let (mut fixed, mut free) = (0, 0);
    for content in text.lines() {
        let words = content.trim_matches(is_blank);
        if let Some(Some(format)) = directive(words) {
            return format;
        }
        if words.is_empty() || words.starts_with("*>") {
            continue;
        }
        let columns = Columns::of(content);
        let level = columns.sequence.trim_start_matches(is_blank);
        let (digits, name) = level.split_at(level.find(|it: char| !it.is_ascii_digit()).unwrap_or(level.len()));
        let statement =
            (1..=2).contains(&digits.len()) && name.starts_with(is_blank) && name.contains(|it: char| it.is_alphabetic());
        if statement || !matches!(columns.indicator, ' ' | '*' | '/' | '-' | 'D' | 'd' | '$') {
            free += 1;
        } else if matches!(columns.indicator, '*' | '/' | '-')
            || columns.sequence.bytes().filter(u8::is_ascii_digit).count() == 6
            || columns.beyond
        {
            fixed += 1;
        }
    }
    fixed >= free
}
