//! The copybook language: words to items, the tree that the level numbers make.
//!
//! IBM Enterprise COBOL Language Reference, "Data division: data description entry". What cannot be honoured is a
//! diagnostic that names it.

use crate::{
    lex::{Token, TokenKind},
    picture::{self, Picture},
};
use latimer_engine::{Diagnostic, Diagnostics, Span};
use latimer_wire::Number;

/// An item as it is described.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) level: u8,
    /// `None` for `FILLER` and for an item without a name.
    pub(crate) name: Option<String>,
    /// The name, or the level of an item without one.
    pub(crate) span: Span,
    pub(crate) parent: Option<usize>,
    pub(crate) children: Vec<usize>,
    pub(crate) picture: Option<(Picture, String, Span)>,
    /// Its own or its group's, with the author's word.
    pub(crate) usage: Option<(Usage, String)>,
    /// Its own or its group's.
    pub(crate) sign: Option<SignClause>,
    pub(crate) occurs: Option<Occurs>,
    pub(crate) redefines: Option<(String, Span)>,
    pub(crate) is_synchronized: bool,
    pub(crate) is_justified: bool,
    pub(crate) is_blank_when_zero: bool,
    /// The values of its level 88 items: from, to.
    pub(crate) conditions: Vec<(Value, Option<Value>)>,
    /// Part of it could not be read, which was said.
    pub(crate) is_broken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    Display,
    /// `COMP`; `true` for `COMP-5`.
    Binary(bool),
    Packed,
    /// Packed without a sign half-byte, `COMP-6`.
    PackedUnsigned,
    /// `COMP-1`; `true` for `COMP-2`.
    Float(bool),
    National,
    /// `DISPLAY-1`.
    Double,
    /// An address or an index: so many bytes that mean nothing outside of the program.
    Opaque(u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SignClause {
    /// Whether the item itself says it, so that it must have a sign.
    pub(crate) own: bool,
    pub(crate) leading: bool,
    pub(crate) separate: bool,
}

#[derive(Debug)]
pub(crate) struct Occurs {
    /// `None` where only the greatest number is written.
    pub(crate) min: Option<u32>,
    /// `None` for `UNBOUNDED`.
    pub(crate) max: Option<u32>,
    /// The counter and the groups it is in, the innermost first.
    pub(crate) depending: Option<(Vec<String>, Span)>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Hex(String),
    Number(String),
    /// One of `ZERO SPACE HIGH-VALUE LOW-VALUE QUOTE`, or the text of an `ALL`, as often as there is room.
    Fill(String),
    Low,
    High,
}

/// Reads the items of a copybook.
pub(crate) fn parse(tokens: &[Token], diagnostics: &mut Diagnostics) -> Vec<Item> {
    let mut parser = Parser { tokens, at: 0, diagnostics, items: Vec::new(), open: Vec::new() };
    while parser.peek().is_some() {
        if parser.entry().is_none() {
            parser.skip_entry();
        }
    }
    parser.items
}

/// Words that begin a clause, so that an item whose level they follow has no name.
const CLAUSES: &[&str] = &[
    "PIC",
    "PICTURE",
    "REDEFINES",
    "OCCURS",
    "USAGE",
    "JUST",
    "JUSTIFIED",
    "SYNC",
    "SYNCHRONIZED",
    "EXTERNAL",
    "GLOBAL",
    "VOLATILE",
];

const USAGES: &[(&str, Usage)] = &[
    ("DISPLAY", Usage::Display),
    ("COMP", Usage::Binary(false)),
    ("COMPUTATIONAL", Usage::Binary(false)),
    ("COMP-4", Usage::Binary(false)),
    ("COMPUTATIONAL-4", Usage::Binary(false)),
    ("BINARY", Usage::Binary(false)),
    ("COMP-5", Usage::Binary(true)),
    ("COMPUTATIONAL-5", Usage::Binary(true)),
    ("COMP-3", Usage::Packed),
    ("COMPUTATIONAL-3", Usage::Packed),
    ("PACKED-DECIMAL", Usage::Packed),
    ("COMP-6", Usage::PackedUnsigned),
    ("COMPUTATIONAL-6", Usage::PackedUnsigned),
    ("COMP-1", Usage::Float(false)),
    ("COMPUTATIONAL-1", Usage::Float(false)),
    ("COMP-2", Usage::Float(true)),
    ("COMPUTATIONAL-2", Usage::Float(true)),
    ("NATIONAL", Usage::National),
    ("DISPLAY-1", Usage::Double),
    // 31-bit addressing, as everywhere where nothing else is said.
    ("INDEX", Usage::Opaque(4)),
    ("POINTER", Usage::Opaque(4)),
    ("POINTER-32", Usage::Opaque(4)),
    ("POINTER-64", Usage::Opaque(8)),
    ("FUNCTION-POINTER", Usage::Opaque(4)),
    ("PROCEDURE-POINTER", Usage::Opaque(8)),
];

/// What is COBOL and not honoured: the word, and what to do.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("ANY", "give the item the length that its records have"),
    ("BASED", "take the clause out: it says where the item is in storage, not in a file"),
    ("BINARY-CHAR", "write  PIC S9(2) COMP-5  with the size that the file has"),
    ("BINARY-SHORT", "write  PIC S9(4) COMP-5"),
    ("BINARY-LONG", "write  PIC S9(9) COMP-5"),
    ("BINARY-DOUBLE", "write  PIC S9(18) COMP-5"),
    ("BYTE-LENGTH", "give the item the length that its records have"),
    ("COMP-9", "write  COMP  and say  binary little"),
    ("COMP-X", "write  COMP-5  where the item has 2, 4 or 8 bytes"),
    ("COMP-N", "write  COMP-5  where the item has 2, 4 or 8 bytes"),
    ("COMPUTATIONAL-X", "write  COMP-5  where the item has 2, 4 or 8 bytes"),
    ("CONSTANT", "write the number where it is used"),
    ("DYNAMIC", "give the item the length that its records have"),
    ("FLOAT-SHORT", "write  COMP-1  and say  float ieee"),
    ("FLOAT-LONG", "write  COMP-2  and say  float ieee"),
    ("LIKE", "repeat the description of the other item"),
    ("OBJECT", "an object has no form outside of the program"),
    ("PROPERTY", "an object has no form outside of the program"),
    ("RENAMES", "use the names of the items themselves"),
    ("SAME", "repeat the description of the other item"),
    ("TYPE", "repeat the description of the type"),
    ("TYPEDEF", "repeat the description where the type is used"),
    ("UTF-8", "describe the item as `PIC X`"),
];

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    diagnostics: &'a mut Diagnostics,
    items: Vec<Item>,
    /// The items that the next one may be within, the innermost last.
    open: Vec<usize>,
}

impl<'a> Parser<'a> {
    /// One entry with its period; `None` after a diagnostic.
    fn entry(&mut self) -> Option<()> {
        if self.listing_control() {
            return Some(());
        }
        let first = self.peek()?;
        if first.is("EXEC") {
            return self.embedded(first);
        }
        let level = (first.kind == TokenKind::Word && first.text.len() <= 2).then(|| first.text.parse::<u8>().ok());
        let Some(level) = level.flatten() else {
            return self.no_level(first);
        };
        self.at += 1;
        match level {
            1..=49 | 77 => self.item(level, first.span),
            88 => self.condition(first.span),
            66 => self.renames(first.span),
            _ => {
                let error = self.diagnostics.error("S306", first.span, format!("there is no level {}", first.text));
                error.label("not a level number").help("levels are 01 to 49, 66, 77 and 88");
                if let Some(above) = self.items.last_mut() {
                    above.is_broken = true;
                }
                None
            }
        }
    }

    fn no_level(&mut self, first: &Token) -> Option<()> {
        let words = [
            "IDENTIFICATION",
            "ID",
            "ENVIRONMENT",
            "DATA",
            "PROCEDURE",
            "WORKING-STORAGE",
            "LINKAGE",
            "FD",
            "SD",
            "REPLACE",
            "CBL",
            "PROCESS",
        ];
        if words.iter().any(|it| first.is(it)) {
            let message = format!("`{}` does not belong into a copybook", first.text);
            let error = self.diagnostics.error("S303", first.span, message);
            error.label("part of a program").help("keep only the data descriptions: the lines with level numbers");
            return None;
        }
        if first.kind == TokenKind::Colon {
            let error = self.diagnostics.error("S301", first.span, "a part that `COPY REPLACING` should have replaced");
            error.label("still here").help("compile the member that copies this one");
            return None;
        }
        let before = self.at.checked_sub(1).and_then(|it| self.tokens.get(it)).is_some_and(|it| it.kind != TokenKind::Dot);
        let error = self.diagnostics.error("S301", first.span, format!("a level number is missing before `{}`", first.text));
        error.label("not a level number");
        if before {
            error.help("or the entry before it lacks its period");
        }
        None
    }

    /// `EJECT`, `SKIP1`, `TITLE 'x'`: for the listing.
    fn listing_control(&mut self) -> bool {
        let Some(first) = self.peek() else { return false };
        if !["EJECT", "SKIP1", "SKIP2", "SKIP3", "TITLE"].iter().any(|it| first.is(it)) {
            return false;
        }
        self.at += if first.is("TITLE") { 2 } else { 1 };
        self.take_period();
        true
    }

    /// `EXEC SQL DECLARE .. END-EXEC`: what DB2 puts in front of a table's items says nothing of the record.
    fn embedded(&mut self, first: &Token) -> Option<()> {
        let verb = self.tokens.get(self.at + 2)?;
        let end = self.tokens.iter().skip(self.at).position(|it| it.is("END-EXEC"));
        if verb.is("INCLUDE") || end.is_none() {
            let error = self.diagnostics.error("S303", first.span, "`EXEC SQL INCLUDE` is not followed");
            error.label("not read").help("write  COPY member.");
            return None;
        }
        self.at += end.unwrap_or(0) + 1;
        self.take_period();
        Some(())
    }

    fn item(&mut self, level: u8, span: Span) -> Option<()> {
        let (name, span) = self.name(span);
        let mut item = Item {
            level,
            name,
            span,
            parent: None,
            children: Vec::new(),
            picture: None,
            usage: None,
            sign: None,
            occurs: None,
            redefines: None,
            is_synchronized: false,
            is_justified: false,
            is_blank_when_zero: false,
            conditions: Vec::new(),
            is_broken: false,
        };
        while !self.take_period() {
            if self.peek().is_none() {
                let what = item.name.as_deref().unwrap_or("FILLER");
                let end = self.end(span);
                let error = self.diagnostics.error("S301", end, format!("a period is missing behind `{what}`"));
                error.label("here").fix("end the entry with a period", end, ".");
                break;
            }
            if self.clause(&mut item).is_none() {
                // It keeps its place, so that no more is said of the group that it stands in.
                item.is_broken = true;
                break;
            }
        }
        let is_broken = item.is_broken;
        while let Some(above) = self.open.last().and_then(|it| self.items.get(*it))
            && (above.level >= level || level == 77 || above.level == 77)
        {
            self.open.pop();
        }
        let number = self.items.len();
        item.parent = self.open.last().copied();
        if let Some(parent) = item.parent.and_then(|it| self.items.get_mut(it)) {
            parent.children.push(number);
            if item.usage.is_none() {
                item.usage.clone_from(&parent.usage);
            }
            item.sign = item.sign.or(parent.sign.map(|it| SignClause { own: false, ..it }));
            item.is_synchronized |= parent.is_synchronized;
        }
        self.open.push(number);
        self.items.push(item);
        (!is_broken).then_some(())
    }

    /// The name of an item, if it has one.
    fn name(&mut self, level: Span) -> (Option<String>, Span) {
        let Some(token) = self.peek().filter(|it| it.kind == TokenKind::Word && !self.begins_clause()) else {
            return (None, level);
        };
        self.at += 1;
        if !token.text.chars().all(|it| it.is_alphanumeric() || "-_@#$".contains(it)) {
            let error = self.diagnostics.error("S301", token.span, format!("`{}` is no name", token.text));
            error.label("letters, digits, `-` and `_`");
        }
        let name = (!token.is("FILLER")).then(|| token.text.clone());
        (name, token.span)
    }

    /// Whether a clause begins here: some of its words may also be names.
    fn begins_clause(&self) -> bool {
        let Some(token) = self.peek() else { return false };
        let next = self.tokens.get(self.at + 1);
        let next_is = |words: &[&str]| next.is_some_and(|next| words.iter().any(|it| next.is(it)));
        if CLAUSES.iter().any(|it| token.is(it)) || usage(token).is_some() {
            // A picture makes a name of nearly any word: `05 INDEX PIC 9(4)`.
            return token.is("PIC") || token.is("PICTURE") || !(next_is(&["PIC", "PICTURE"]) && usage(token).is_some());
        }
        match token.text.to_ascii_uppercase().as_str() {
            "VALUE" | "VALUES" => next.is_some_and(|next| next.is("IS") || next.is("ALL") || is_value(next)),
            "SIGN" => next_is(&["IS", "LEADING", "TRAILING"]),
            "LEADING" | "TRAILING" => next_is(&["SEPARATE"]),
            "BLANK" => next_is(&["WHEN", "ZERO", "ZEROS", "ZEROES"]),
            "DATE" => next_is(&["FORMAT"]),
            "GROUP-USAGE" => true,
            _ => false,
        }
    }

    fn clause(&mut self, item: &mut Item) -> Option<()> {
        let token = self.next()?;
        if let Some(found) = usage(token) {
            item.usage = Some((found, token.text.to_ascii_uppercase()));
            return Some(());
        }
        match token.text.to_ascii_uppercase().as_str() {
            _ if token.kind == TokenKind::Comma => {}
            "PIC" | "PICTURE" => {
                self.take(&["IS"]);
                let (text, span) = self.glued()?;
                let text = text.to_ascii_uppercase();
                match picture::parse(&text) {
                    Ok(picture) => item.picture = Some((picture, text, span)),
                    Err(why) => {
                        let error = self.diagnostics.error("S302", span, format!("the picture `{text}` cannot be read"));
                        error.label(why);
                        // Any picture, so that no more is said of the item.
                        let any = Number { digits: 1, scale: 0, signed: true };
                        item.picture = Some((Picture::Number(any), text, span));
                    }
                }
            }
            "USAGE" => {
                self.take(&["IS"]);
                if self.peek().is_none_or(|it| usage(it).is_none()) {
                    return self.unexpected();
                }
            }
            "REDEFINES" => {
                let of = self.next().filter(|it| it.kind == TokenKind::Word)?;
                item.redefines = Some((of.text.clone(), of.span));
            }
            "OCCURS" => item.occurs = Some(self.occurs(token.span)?),
            "SIGN" | "LEADING" | "TRAILING" => {
                self.at -= usize::from(!token.is("SIGN"));
                self.take(&["IS"]);
                let leading = self.take(&["LEADING"]);
                if !leading && !self.take(&["TRAILING"]) {
                    return self.unexpected();
                }
                let separate = self.take(&["SEPARATE"]);
                self.take(&["CHARACTER"]);
                item.sign = Some(SignClause { own: true, leading, separate });
            }
            "SYNC" | "SYNCHRONIZED" => {
                let _ = self.take(&["LEFT"]) || self.take(&["RIGHT"]);
                item.is_synchronized = true;
            }
            "JUST" | "JUSTIFIED" => {
                self.take(&["RIGHT"]);
                item.is_justified = true;
            }
            "BLANK" => {
                self.take(&["WHEN"]);
                if !self.take(&["ZERO", "ZEROS", "ZEROES"]) {
                    return self.unexpected();
                }
                item.is_blank_when_zero = true;
            }
            "VALUE" | "VALUES" => {
                // What a program puts there at its start: nothing of the file.
                self.take(&["IS", "ARE"]);
                self.value()?;
            }
            "EXTERNAL" => {
                if self.take(&["AS"]) {
                    self.next()?;
                }
            }
            "GLOBAL" | "VOLATILE" | "IS" => {}
            "DATE" if self.take(&["FORMAT"]) => {
                self.take(&["IS"]);
                self.glued()?;
            }
            "GROUP-USAGE" => {
                self.take(&["IS"]);
                if !self.take(&["NATIONAL"]) {
                    return self.unexpected();
                }
            }
            _ => {
                self.at -= 1;
                return self.unexpected();
            }
        }
        Some(())
    }

    /// `OCCURS [m TO] n TIMES DEPENDING ON c KEY IS k INDEXED BY i`.
    fn occurs(&mut self, start: Span) -> Option<Occurs> {
        let mut span = start;
        let mut first = self.count(&mut span)?;
        let mut min = None;
        if self.take(&["TO"]) {
            min = Some(first.unwrap_or(0));
            first = self.count(&mut span)?;
        }
        self.take(&["TIMES"]);
        let mut it = Occurs { min, max: first, depending: None, span };
        loop {
            if self.take(&["DEPENDING"]) {
                self.take(&["ON"]);
                it.depending = Some(self.qualified()?);
            } else if self.take(&["ASCENDING", "DESCENDING"]) {
                self.take(&["KEY"]);
                self.take(&["IS"]);
                self.names()?;
            } else if self.take(&["INDEXED"]) {
                self.take(&["BY"]);
                self.names()?;
            } else {
                return Some(it);
            }
        }
    }

    /// A number of occurrences; the inner `None` for `UNBOUNDED`.
    fn count(&mut self, span: &mut Span) -> Option<Option<u32>> {
        let token = self.peek()?;
        *span = span.to(token.span);
        if self.take(&["UNBOUNDED"]) {
            return Some(None);
        }
        match token.text.parse() {
            Ok(count) => {
                self.at += 1;
                Some(Some(count))
            }
            Err(_) => {
                let error = self.diagnostics.error("S301", token.span, "a number of occurrences is missing");
                error.label("not a number");
                None
            }
        }
    }

    /// `name OF group OF group`.
    fn qualified(&mut self) -> Option<(Vec<String>, Span)> {
        let first = self.next().filter(|it| it.kind == TokenKind::Word)?;
        let (mut names, mut span) = (vec![first.text.clone()], first.span);
        while self.take(&["OF", "IN"]) {
            let next = self.next().filter(|it| it.kind == TokenKind::Word)?;
            names.push(next.text.clone());
            span = span.to(next.span);
        }
        Some((names, span))
    }

    /// Names up to the next clause: indexes and keys, which are not in the record.
    fn names(&mut self) -> Option<()> {
        let mut count = 0;
        while let Some(token) = self.peek() {
            let more = ["ASCENDING", "DESCENDING", "INDEXED", "DEPENDING"].iter().any(|it| token.is(it));
            let is_name = token.kind == TokenKind::Word && !more && (!self.begins_clause() || count == 0);
            if !is_name && token.kind != TokenKind::Comma {
                break;
            }
            self.at += 1;
            if is_name {
                self.at -= 1;
                self.qualified()?;
                count += 1;
            }
        }
        if count == 0 { self.unexpected() } else { Some(()) }
    }

    /// Level 88: the values of the item before it.
    fn condition(&mut self, level: Span) -> Option<()> {
        let (_, span) = self.name(level);
        if !self.take(&["VALUE", "VALUES"]) {
            return self.unexpected();
        }
        self.take(&["IS", "ARE"]);
        let mut values = Vec::new();
        while !self.take_period() {
            if self.peek().is_some_and(|it| it.kind == TokenKind::Comma) {
                self.at += 1;
                continue;
            }
            if self.take(&["WHEN"]) {
                // WHEN SET TO FALSE IS value: for programs.
                while self.take(&["SET", "TO", "FALSE", "IS"]) {}
                self.value()?;
                continue;
            }
            let from = self.value()?;
            let to = if self.take(&["THRU", "THROUGH"]) { Some(self.value()?) } else { None };
            values.push((from, to));
        }
        match self.items.last_mut() {
            Some(item) => item.conditions.append(&mut values),
            None => {
                let error = self.diagnostics.error("S306", span, "a level 88 belongs to the item before it");
                error.label("there is none");
            }
        }
        Some(())
    }

    /// Level 66: other names for items that are there already.
    fn renames(&mut self, level: Span) -> Option<()> {
        let (name, span) = self.name(level);
        let name = name.unwrap_or_default();
        let warning = self.diagnostics.warning("S303", span, format!("`{name}` is no field of its own"));
        warning.label("level 66 renames others").help("use the names of the items themselves");
        self.skip_entry();
        Some(())
    }

    fn value(&mut self) -> Option<Value> {
        let all = self.take(&["ALL"]);
        let token = self.peek()?;
        let value = match token.kind {
            TokenKind::Literal { hex: true } => Value::Hex(token.text.clone()),
            TokenKind::Literal { hex: false } if all => Value::Fill(token.text.clone()),
            TokenKind::Literal { hex: false } => Value::Text(token.text.clone()),
            TokenKind::Word => match token.text.to_ascii_uppercase().as_str() {
                "ZERO" | "ZEROS" | "ZEROES" => Value::Fill("0".to_owned()),
                "SPACE" | "SPACES" => Value::Fill(" ".to_owned()),
                "QUOTE" | "QUOTES" => Value::Fill("\"".to_owned()),
                "LOW-VALUE" | "LOW-VALUES" | "NULL" | "NULLS" => Value::Low,
                "HIGH-VALUE" | "HIGH-VALUES" => Value::High,
                _ if is_value(token) => return self.glued().map(|it| Value::Number(it.0)),
                _ => return self.no_value(token),
            },
            TokenKind::Dot if self.tokens.get(self.at + 1).is_some_and(|it| it.glued) => {
                return self.glued().map(|it| Value::Number(it.0));
            }
            _ => return self.no_value(token),
        };
        self.at += 1;
        Some(value)
    }

    fn no_value<T>(&mut self, token: &Token) -> Option<T> {
        let message = match token.kind {
            TokenKind::Unclosed => "this literal has no closing quote".to_owned(),
            _ => format!("`{}` is no value", token.text),
        };
        self.diagnostics.error("S301", token.span, message).label("a literal, a number or a figurative constant");
        None
    }

    /// A word with all that is glued to it, without the period that ends the entry.
    fn glued(&mut self) -> Option<(String, Span)> {
        let first = self.next()?;
        let (mut text, mut span) = (first.text.clone(), first.span);
        while let Some(token) = self.peek().filter(|it| it.glued) {
            let is_separator = matches!(token.kind, TokenKind::Dot | TokenKind::Comma)
                && self.tokens.get(self.at + 1).is_none_or(|it| !it.glued);
            if is_separator || matches!(token.kind, TokenKind::Literal { .. } | TokenKind::Unclosed) {
                break;
            }
            text.push_str(&token.text);
            span = span.to(token.span);
            self.at += 1;
        }
        Some((text, span))
    }

    /// Says what is wrong with the next word.
    fn unexpected<T>(&mut self) -> Option<T> {
        let token = self.peek().or(self.tokens.last())?;
        if token.kind == TokenKind::Unclosed {
            return self.no_value(token);
        }
        if let Some((word, help)) = UNSUPPORTED.iter().find(|(it, _)| token.is(it)) {
            let error = self.diagnostics.error("S303", token.span, format!("`{word}` is not supported"));
            error.label("cannot be honoured").help(*help);
            return None;
        }
        let error: &mut Diagnostic = self.diagnostics.error("S301", token.span, format!("`{}` may not stand here", token.text));
        error.label("not a clause of a data description");
        if token.text.parse::<u8>().is_ok() {
            error.help("end the entry before it with a period");
        }
        None
    }

    fn skip_entry(&mut self) {
        while self.peek().is_some() && !self.take_period() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        if token.is_none() {
            self.unexpected::<()>();
        }
        token
    }

    fn take(&mut self, words: &[&str]) -> bool {
        let found = self.peek().is_some_and(|token| words.iter().any(|it| token.is(it)));
        self.at += usize::from(found);
        found
    }

    fn take_period(&mut self) -> bool {
        let found = self.peek().is_some_and(|it| it.kind == TokenKind::Dot);
        self.at += usize::from(found);
        found
    }

    /// Right behind the last word read.
    fn end(&self, otherwise: Span) -> Span {
        self.at.checked_sub(1).and_then(|it| self.tokens.get(it)).map_or(otherwise, |it| it.span).after()
    }
}

fn usage(token: &Token) -> Option<Usage> {
    let found = USAGES.iter().find(|(it, _)| token.is(it));
    found.map(|(_, usage)| *usage)
}

/// Whether a value can begin with this word.
fn is_value(token: &Token) -> bool {
    const FIGURATIVE: [&str; 13] = [
        "ZERO",
        "ZEROS",
        "ZEROES",
        "SPACE",
        "SPACES",
        "QUOTE",
        "QUOTES",
        "LOW-VALUE",
        "LOW-VALUES",
        "HIGH-VALUE",
        "HIGH-VALUES",
        "NULL",
        "NULLS",
    ];
    match token.kind {
        TokenKind::Literal { .. } => true,
        TokenKind::Word => {
            let digits = token.text.trim_start_matches(['+', '-']);
            FIGURATIVE.iter().any(|it| token.is(it)) || digits.starts_with(|it: char| it.is_ascii_digit())
        }
        _ => false,
    }
}
