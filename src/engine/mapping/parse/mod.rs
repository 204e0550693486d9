//! Text to tree, by the grammar of the language; section by section, rule by rule.
//!
//! A mistake costs the rule or section it is in: the parser reports it, skips to the next line that can begin a rule, and
//! goes on. There is always a tree.

mod rule;
mod section;
mod value;

use super::ast::{Ast, Name, Number, Path, TextLit};
use super::lex::{Tok, Token, lex};
use crate::{Diagnostics, FileId, Sources, Span};

/// What was reported stands in the diagnostics.
#[derive(Clone, Copy, Debug)]
struct Failed;

type Parsed<T> = Result<T, Failed>;

/// Parses a mapping file or a library.
pub fn parse(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Ast {
    let known = diagnostics.len();
    let tokens = lex(sources, file, diagnostics);
    let mut ast = Parser::new(&tokens, diagnostics).file();
    ast.broken = diagnostics.len() > known;
    ast
}

/// Parses `NAME when CONDITION, ..`, the `select` of a command line.
pub fn parse_select(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Vec<(Name, super::ast::Expr)> {
    let tokens = lex(sources, file, diagnostics);
    Parser::new(&tokens, diagnostics).select().unwrap_or_default()
}

/// Parses a value that stands alone: an example, the key of a pipeline.
pub fn parse_value(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<super::ast::Expr> {
    let tokens = lex(sources, file, diagnostics);
    let mut parser = Parser::new(&tokens, diagnostics);
    let value = parser.value().ok()?;
    parser.expect_end().ok()?;
    Some(value)
}

/// Parses a type that stands alone: `text(35)`.
pub(super) fn parse_type(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<super::ast::TypeLit> {
    let tokens = lex(sources, file, diagnostics);
    let mut parser = Parser::new(&tokens, diagnostics);
    let lit = parser.type_lit().ok()?;
    parser.expect_end().ok()?;
    Some(lit)
}

/// Parses a path that stands alone, as a command line gives it.
pub fn parse_path(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<Path> {
    let tokens = lex(sources, file, diagnostics);
    let mut parser = Parser::new(&tokens, diagnostics);
    let path = parser.path().ok()?;
    parser.expect_end().ok()?;
    Some(path)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    diagnostics: &'a mut Diagnostics,
    /// Within a rule: how many brackets it has opened itself. A rule ends with its line when none is open.
    own: Option<u32>,
    /// The first token of the current rule.
    rule: usize,
    /// How many braces of blocks and sections are open.
    braces: u32,
}

/// A line that begins with one of these goes on with the rule above it.
const CONTINUES: [&str; 6] = ["else", "when", "where", "and", "or", "on"];

static END: Token =
    Token { kind: Tok::End, span: Span { file: FileId::NONE, start: 0, end: 0 }, first: true, flush: false, remark: None };

impl<'a> Parser<'a> {
    fn new(tokens: &'a [Token], diagnostics: &'a mut Diagnostics) -> Self {
        Parser { tokens, at: 0, diagnostics, own: None, rule: 0, braces: 0 }
    }

    fn file(&mut self) -> Ast {
        let mut ast = Ast::default();
        if let Ok(edition) = self.edition() {
            ast.edition = Some(edition);
        }
        while self.raw(0).kind != Tok::End {
            let before = self.at;
            match self.section() {
                Ok(section) => ast.sections.push(section),
                Err(Failed) => self.skip_to_section(before),
            }
        }
        ast
    }

    fn edition(&mut self) -> Parsed<u32> {
        let word = self.raw(0).clone();
        if word.kind != Tok::Word("latimer".to_owned()) {
            self.diagnostics
                .error(
                    "E001",
                    Span { end: word.span.start, ..word.span },
                    "the file does not say which edition of the language it is written in",
                )
                .fix("begin it with:  latimer 1", Span { start: 0, end: 0, ..word.span }, "latimer 1\n\n");
            return Err(Failed);
        }
        self.at += 1;
        let number = self.integer("the number of the edition")?;
        let edition: u32 = number.digits.parse().unwrap_or(0);
        if edition != 1 {
            self.diagnostics.error("E004", number.span, format!("edition {edition} of the language is not known")).fix(
                "this program reads:  latimer 1",
                number.span,
                "1",
            );
        }
        Ok(edition)
    }

    // ---- tokens ----------------------------------------------------------------------------------------------------

    /// The token so many ahead, whatever line it is on.
    fn raw(&self, ahead: usize) -> &'a Token {
        self.tokens.get(self.at + ahead).or(self.tokens.last()).unwrap_or(&END)
    }

    /// The next token; where the rule has ended with its line, the end.
    fn peek(&self) -> &'a Tok {
        if self.rule_is_over() { &Tok::End } else { &self.raw(0).kind }
    }

    fn rule_is_over(&self) -> bool {
        let token = self.raw(0);
        self.own == Some(0)
            && token.first
            && self.at != self.rule
            && match &token.kind {
                Tok::Sign(sign) => *sign != "|",
                Tok::Word(word) if word == "on" => self.raw(1).kind != Tok::Word("fail".to_owned()),
                Tok::Word(word) => !CONTINUES.contains(&word.as_str()),
                _ => true,
            }
    }

    /// Whether the token after the next one is this sign.
    fn next_is(&self, sign: &str) -> bool {
        matches!(&self.raw(1).kind, Tok::Sign(it) if *it == sign)
    }

    fn bump(&mut self) -> &'a Token {
        let token = self.raw(0);
        if token.kind != Tok::End {
            self.at += 1;
        }
        match token.kind {
            Tok::Sign("(" | "[") => self.own = self.own.map(|it| it + 1),
            Tok::Sign(")" | "]") => self.own = self.own.map(|it| it.saturating_sub(1)),
            Tok::Sign("{") => self.braces += 1,
            Tok::Sign("}") => self.braces = self.braces.saturating_sub(1),
            _ => {}
        }
        token
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Tok::Word(it) if it == word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Tok::Sign(it) if *it == sign)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.bump();
        }
        found
    }

    fn eat_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.bump();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Parsed<Span> {
        if self.is_word(word) { Ok(self.bump().span) } else { self.missing(&format!("`{word}`")) }
    }

    fn expect_sign(&mut self, sign: &str) -> Parsed<Span> {
        if self.is_sign(sign) { Ok(self.bump().span) } else { self.missing(&format!("`{sign}`")) }
    }

    fn expect_end(&mut self) -> Parsed<()> {
        if *self.peek() == Tok::End { Ok(()) } else { self.unexpected() }
    }

    fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.peek() {
            Tok::Word(text) | Tok::Quoted(text) => Ok(Name { text: text.clone(), span: self.bump().span }),
            _ => self.missing(what),
        }
    }

    fn names(&mut self, what: &str) -> Parsed<Vec<Name>> {
        let mut names = vec![self.name(what)?];
        while self.eat_sign(",") {
            names.push(self.name(what)?);
        }
        Ok(names)
    }

    fn text(&mut self, what: &str) -> Parsed<TextLit> {
        match self.peek() {
            Tok::Text(text) => Ok(TextLit { text: text.clone(), span: self.bump().span }),
            _ => self.missing(what),
        }
    }

    fn integer(&mut self, what: &str) -> Parsed<Number> {
        match self.peek() {
            Tok::Number(digits) if digits.bytes().all(|it| it.is_ascii_digit()) => {
                Ok(Number { digits: digits.clone(), span: self.bump().span })
            }
            _ => self.missing(what),
        }
    }

    fn small(&mut self, what: &str) -> Parsed<u32> {
        let number = self.integer(what)?;
        number.digits.parse().map_err(|_| {
            self.diagnostics.error("E001", number.span, "this number is too large");
            Failed
        })
    }

    /// The span from a start to the token before the next one.
    fn since(&self, start: Span) -> Span {
        let last = self.at.checked_sub(1).and_then(|it| self.tokens.get(it)).map_or(start, |it| it.span);
        start.to(last)
    }

    // ---- mistakes --------------------------------------------------------------------------------------------------

    /// Something is missing before the next token, or at the end of the line.
    fn missing<T>(&mut self, what: &str) -> Parsed<T> {
        let next = self.raw(0);
        let over = *self.peek() == Tok::End;
        let span = match self.at.checked_sub(1).and_then(|it| self.tokens.get(it)) {
            Some(last) if over || next.first => last.span,
            _ => next.span,
        };
        if over || next.first {
            self.diagnostics.error("E001", span, format!("{what} is missing")).label("behind this");
        } else {
            self.diagnostics.error("E001", span, format!("{what} is missing")).label("before this");
        }
        Err(Failed)
    }

    fn unexpected<T>(&mut self) -> Parsed<T> {
        let token = self.raw(0);
        self.diagnostics
            .error("E001", token.span, "this does not belong here")
            .label("the rule is complete before this")
            .help("begin a new line for a new rule; put a text in quotation marks and a field named like a keyword in backticks");
        Err(Failed)
    }

    /// After a mistake in a rule: on to the next line at the same depth, or to the brace that closes the block.
    fn skip_rule(&mut self, before: usize, braces: u32) {
        self.own = None;
        if self.at == before && !matches!(self.raw(0).kind, Tok::Sign("}")) {
            self.bump();
        }
        loop {
            let token = self.raw(0);
            let at_depth = self.braces <= braces;
            match &token.kind {
                Tok::End => return,
                Tok::Sign("}") if at_depth => return,
                _ if token.first && at_depth && !self.line_continues() => return,
                _ => {
                    self.bump();
                }
            }
        }
    }

    fn line_continues(&self) -> bool {
        match &self.raw(0).kind {
            Tok::Sign(sign) => *sign == "|",
            Tok::Word(word) => CONTINUES.contains(&word.as_str()),
            _ => false,
        }
    }

    /// After a mistake in a section: on to the next line that begins with a section word outside of all braces.
    fn skip_to_section(&mut self, before: usize) {
        self.own = None;
        if self.at == before {
            self.bump();
        }
        while self.raw(0).kind != Tok::End {
            let token = self.raw(0);
            if token.first && self.braces == 0 && section::begins(&token.kind) {
                return;
            }
            if self.braces == 0 && token.kind == Tok::Sign("}") {
                self.at += 1;
                continue;
            }
            self.bump();
        }
        self.braces = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::ast::SectionKind;

    fn parsed(text: &str) -> (Ast, Vec<String>) {
        let mut sources = Sources::default();
        let file = sources.add("m.map", text);
        let mut diagnostics = Diagnostics::default();
        let ast = parse(&sources, file, &mut diagnostics);
        let found = diagnostics.iter().map(|it| format!("{} {} {}", sources.position(it.span), it.code, it.message));
        (ast, found.collect())
    }

    /// Every production of the grammar, once.
    const EVERYTHING: &str = r#"latimer 1
mapping m version "1.0" "purpose"
from a : json "a.json" framing lines at x
to b : copybook "b.cpy" charset "cp273" record fixed 300 select R when TYPE = "1" and N > 0, S when TYPE in ("2", "3") at R
use "lib.map" (t, f)
policy { bad-chars = transliterate "epc217-08" time-zone = "UTC" }
secret a/x, a/y
let z = a/x/y
table t (p, q <-> r) {
  "1", none <-> "2"     ## remark
  other, any -> reject "X-1"
  reject "X-2" <- any
}
lookup l (k, m) -> v from csv "l.csv" key c = k | upper, m value w
sequence s digits 6 keyed-by a/x, "c"
memo mm key id : text(16) expires 5 days { f : text(35) g? : number(11, 2) h : date }
remember mm id = a/id { f = a/f else "x" }
recall mm by a/id or b/id else park 15 minutes then reject "X-3" "late"
fragment ff(v: text(3)) -> text(6) { v & v }
fragment gg(v: group a/x) { N <- v/n }
verify each a/x as i, i/y as j: i/n = 1 else reject file "AM18" "text"
file b per a/c as ccy
write b/R once { A = "1" when a/x is not absent }
write b/S each a/x as i or none, i/y as j or skip because "none" group by i/a, i/b as g at most 500
  where i/n > 0
    and not i/m is blank
  else reject record "NARR" "no"
{
  A <- i/n
     | cut mark "+"
     else "x"
     on fail reject "FF01"
  (B, C) <- i/m | t when i/q = "x"
  D <- i/d copy except e, f/g
  header("h") <- "v"
  E when i/e is present else reject "X-4" { F <- choose {
      "1" when i/e = "2" or i/e = "3"
      i/e & "x" otherwise
    }
    G <- (1 + 2 * 3) - 4 }
  choose on i/k { "A", "B" { H <- i/h } other reject "X-5" }
  let w = i/w
  J <- each i/j as k where k is present { L[2] <- k[1..2] }
  M <- i/list[1] | digits "YYYY"
  N <- sum(written b/S/M | amount, last: -1)
}
initialize b/Q because "blank"
pair each a/p with b/q {
  X <-> Y | implied(2) else -> "1" else <- "2" when X <> "3"
  (P, Q) <-> R | t
  "c" -> Z
  x | upper -> Z
  Z <- `written`
  pair PP with QQ { A <-> B }
}
only to b { A <- now() }
ignore a/** because "no"
on reject reply problem { code <- error/code }
law round-trip a except A = "1", B
law round-trip b on C/D, E
test "t" { given now = "2026-01-01T00:00:00Z" given a "f.json" given mm { f = "1" g = 2 } expect b/R[x = "1"]/A = money(1, "EUR") expect b file "g" expect reject "AM04" }
"#;

    #[test]
    fn every_production() {
        let (ast, found) = parsed(EVERYTHING);
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(ast.sections.len(), 27);
        let overlay = "latimer 1\noverlay o of \"b.map\" version \"1\"\nreplace A <- b because \"x\"\nadd B = \"1\"\nremove C because \"y\"\nset policy bad-chars = reject\n";
        let (ast, found) = parsed(overlay);
        assert_eq!((ast.sections.len(), found), (5, Vec::new()));
    }

    #[test]
    fn a_mistake_costs_its_rule_only() {
        let text = "latimer 1\nwrite b {\n  A <- x |\n  B <- y\n  C <-\n  D { E <- \n F <- z }\n  G <- (1, 2\n}\nwrit c { }\nverify a = 1\n  else reject \"X-1\"\n";
        let (ast, found) = parsed(text);
        assert_eq!(
            found,
            [
                "3:10 E001 an adapter is missing after `|`",
                "5:5 E001 a value is missing",
                "6:9 E001 a value is missing",
                "8:12 E001 `)` is missing",
                "10:1 E003 there is no section `writ`",
            ]
        );
        assert!(ast.broken);
        assert!(matches!(ast.sections.last().map(|it| &it.kind), Some(SectionKind::Verify { .. })));
    }

    #[test]
    fn two_rules_do_not_share_a_line() {
        let (_, found) = parsed("latimer 1\nwrite b {\n  A <- x B <- y\n  C = \"1\" D = \"2\"\n}\n");
        assert_eq!(found, ["3:10 E001 two rules share a line", "4:11 E001 two rules share a line"]);
    }

    #[test]
    fn no_input_is_too_strange() {
        for text in [
            "",
            "latimer",
            "latimer 2",
            "latimer 1\n}}}}",
            "latimer 1\nwrite {{{{",
            "\u{0}",
            "latimer 1\nverify ((((((",
            "latimer 1\ntable t (a -> b) { \"",
            "latimer 1\nwrite b { A <- x [ }",
        ] {
            parsed(text);
        }
        for cut in 0..EVERYTHING.len() {
            parsed(&EVERYTHING[..cut]);
            parsed(&EVERYTHING[cut..]);
        }
    }
}
