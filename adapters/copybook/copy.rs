//! `COPY member REPLACING ..`: the words of other files, put where they are asked for.
//!
//! IBM Enterprise COBOL Language Reference, "COPY statement": text is compared word by word, in any case of letters;
//! `==:TAG:==` replaces a part of a word because the colon is a word of its own.

use crate::lex::{self, Token, TokenKind};
use latimer_engine::{Diagnostics, FileId, Sources, Span};

/// Members within members.
const DEPTH_MAX: usize = 32;
/// Words of a copybook with all its members: members that copy members could double without end.
const WORDS_MAX: usize = 1_000_000;

/// The words of a file with those of its members.
pub(crate) fn expand(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Vec<Token> {
    let mut expansion = Expansion { sources, diagnostics, open: vec![file], words: 0 };
    let mut tokens = expansion.file(file);
    join_words(&mut tokens);
    tokens
}

struct Expansion<'a> {
    sources: &'a Sources,
    diagnostics: &'a mut Diagnostics,
    /// The files being read, the innermost last.
    open: Vec<FileId>,
    words: usize,
}

/// One `operand BY operand`.
struct Replacing {
    what: What,
    from: Vec<Token>,
    by: Vec<Token>,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    Words,
    /// The beginning of a word.
    Leading,
    /// The end of a word.
    Trailing,
}

impl Expansion<'_> {
    fn file(&mut self, file: FileId) -> Vec<Token> {
        let tokens = lex::lex(self.sources.text(file), file);
        let mut out = Vec::new();
        let mut rest = Words { tokens: &tokens, at: 0 };
        while let Some(token) = rest.next() {
            if token.is("COPY") {
                self.copy(token.span, &mut rest, &mut out);
                continue;
            }
            self.words += 1;
            if self.words > WORDS_MAX {
                if self.words == WORDS_MAX + 1 {
                    let error = self.diagnostics.error("S305", token.span, "the copybook has too many words");
                    error.label(format!("more than {WORDS_MAX} with all its members"));
                }
                break;
            }
            out.push(token.clone());
        }
        out
    }

    fn copy(&mut self, copy: Span, rest: &mut Words<'_>, out: &mut Vec<Token>) {
        let Some(name) = rest.next().filter(|it| matches!(it.kind, TokenKind::Word | TokenKind::Literal { .. })) else {
            self.syntax(copy, "the name of a member is missing behind `COPY`");
            return;
        };
        if rest.take("OF") || rest.take("IN") {
            rest.next();
        }
        rest.take("SUPPRESS");
        let mut replacings = Vec::new();
        if rest.take("REPLACING") {
            while !rest.at_period() {
                if rest.take_kind(TokenKind::Comma) {
                    continue;
                }
                match rest.replacing() {
                    Some(it) => replacings.push(it),
                    None => {
                        let span = rest.span(copy);
                        let error = self.diagnostics.error("S301", span, "this `REPLACING` cannot be read");
                        error.help("write it as  REPLACING ==OLD== BY ==NEW==");
                        rest.skip_period();
                        return;
                    }
                }
            }
        }
        if !rest.take_period() {
            self.syntax(rest.span(copy), "a period is missing behind `COPY`");
        }
        let Some(file) = self.sources.linked(name.span.file, &name.text) else {
            let error = self.diagnostics.error("E002", name.span, format!("there is no copybook `{}`", name.text));
            error.label("not found").help(format!("put it beside this file as `{}.cpy`", name.text));
            return;
        };
        if self.open.contains(&file) || self.open.len() > DEPTH_MAX {
            let error = self.diagnostics.error("S305", name.span, format!("`{}` is copied within itself", name.text));
            error.label("here again");
            return;
        }
        self.open.push(file);
        let mut copied = self.file(file);
        self.open.pop();
        if !replacings.is_empty() {
            copied = replace(&copied, &replacings);
        }
        out.append(&mut copied);
    }

    fn syntax(&mut self, span: Span, message: &str) {
        self.diagnostics.error("S301", span, message).label("here");
    }
}

/// Words still to be read.
struct Words<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        let it = self.tokens.get(self.at)?;
        self.at += 1;
        Some(it)
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn span(&self, otherwise: Span) -> Span {
        self.peek().map_or(otherwise, |it| it.span)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|it| it.is(word));
        self.at += usize::from(found);
        found
    }

    fn take_kind(&mut self, kind: TokenKind) -> bool {
        let found = self.peek().is_some_and(|it| it.kind == kind);
        self.at += usize::from(found);
        found
    }

    fn at_period(&self) -> bool {
        self.peek().is_none_or(|it| it.kind == TokenKind::Dot)
    }

    fn take_period(&mut self) -> bool {
        self.take_kind(TokenKind::Dot)
    }

    fn skip_period(&mut self) {
        while self.next().is_some_and(|it| it.kind != TokenKind::Dot) {}
    }

    fn replacing(&mut self) -> Option<Replacing> {
        let what = if self.take("LEADING") {
            What::Leading
        } else if self.take("TRAILING") {
            What::Trailing
        } else {
            What::Words
        };
        let from = self.operand()?;
        let by = self.take("BY").then(|| self.operand()).flatten()?;
        let is_part = what == What::Words || (from.len() == 1 && by.len() <= 1);
        (is_part && !from.is_empty()).then_some(Replacing { what, from, by })
    }

    /// Pseudo-text, a literal, or a word with what is glued to it.
    fn operand(&mut self) -> Option<Vec<Token>> {
        let mut words = Vec::new();
        if self.take_kind(TokenKind::Pseudo) {
            loop {
                let it = self.next()?;
                if it.kind == TokenKind::Pseudo {
                    return Some(words);
                }
                words.push(it.clone());
            }
        }
        words.push(self.next()?.clone());
        while self.peek().is_some_and(|it| it.glued && !self.is_separator()) {
            words.push(self.next()?.clone());
        }
        Some(words)
    }

    /// A period or comma that nothing is glued to.
    fn is_separator(&self) -> bool {
        let is_mark = self.peek().is_some_and(|it| matches!(it.kind, TokenKind::Dot | TokenKind::Comma));
        is_mark && self.tokens.get(self.at + 1).is_none_or(|it| !it.glued)
    }
}

fn replace(tokens: &[Token], replacings: &[Replacing]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(rest) = tokens.get(at..)
        && let Some(first) = rest.first()
    {
        let Some((replacing, length)) = replacings.iter().find_map(|it| Some((it, it.matches(rest)?))) else {
            out.push(first.clone());
            at += 1;
            continue;
        };
        match replacing.what {
            What::Words => {
                for (number, by) in replacing.by.iter().enumerate() {
                    // Diagnostics point at the place that was replaced.
                    let glued = if number == 0 { first.glued } else { by.glued };
                    out.push(Token { span: first.span, glued, ..by.clone() });
                }
            }
            part => {
                let from = replacing.from.first().map_or(0, |it| it.text.len());
                let by = replacing.by.first().map_or("", |it| it.text.as_str());
                let text = match part {
                    What::Leading => [by, first.text.get(from..).unwrap_or_default()].concat(),
                    _ => [first.text.get(..first.text.len() - from).unwrap_or_default(), by].concat(),
                };
                out.push(Token { text, ..first.clone() });
            }
        }
        at += length.max(1);
    }
    out
}

impl Replacing {
    /// How many words it replaces here.
    fn matches(&self, tokens: &[Token]) -> Option<usize> {
        let first = tokens.first()?;
        let from = self.from.first()?;
        let part = |it: &str| it.eq_ignore_ascii_case(&from.text);
        let found = match self.what {
            What::Words => {
                let mut pairs = self.from.iter().zip(tokens);
                let same = |a: &Token, b: &Token| match a.kind {
                    TokenKind::Word => a.text.eq_ignore_ascii_case(&b.text),
                    _ => a.text == b.text,
                };
                tokens.len() >= self.from.len() && pairs.all(|(a, b)| a.kind == b.kind && same(a, b))
            }
            What::Leading => first.kind == TokenKind::Word && first.text.get(..from.text.len()).is_some_and(part),
            What::Trailing => {
                let start = first.text.len().checked_sub(from.text.len())?;
                first.kind == TokenKind::Word && first.text.get(start..).is_some_and(part)
            }
        };
        found.then_some(if self.what == What::Words { self.from.len() } else { 1 })
    }
}

/// What replacing has put side by side without a blank is one word.
fn join_words(tokens: &mut Vec<Token>) {
    tokens.dedup_by(|next, last| {
        let joins = next.glued && next.kind == TokenKind::Word && last.kind == TokenKind::Word;
        if joins {
            last.text.push_str(&next.text);
            if last.span.file == next.span.file && next.span.end > last.span.end {
                last.span.end = next.span.end;
            }
        }
        joins
    });
}
