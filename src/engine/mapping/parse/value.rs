//! Values, conditions and paths.

use super::{Failed, Parsed, Parser};
use crate::Span;
use crate::mapping::ast::{
    Adapter, Arg, Being, Comparison, Expr, ExprKind, Index, IndexKind, Link, Name, Operator, Path, Reject, Scope, Segment,
};
use crate::mapping::lex::Tok;

impl Parser<'_> {
    /// `cond ( "|" adapter | "else" .. )* ["on" "fail" reject]`, strictly left to right.
    pub(super) fn value(&mut self) -> Parsed<Expr> {
        let first = self.cond()?;
        let start = first.span;
        let mut links = Vec::new();
        loop {
            if self.is_sign("|") {
                let bar = self.bump().span;
                links.push(Link::Adapter(self.adapter(bar)?));
            } else if self.is_word("else") && !self.is_else_arrow() {
                self.bump();
                links.push(self.else_link()?);
            } else {
                break;
            }
        }
        let mut on_fail = None;
        if self.is_word("on") && self.raw(1).kind == Tok::Word("fail".to_owned()) {
            self.bump();
            self.bump();
            on_fail = Some(self.reject()?);
        }
        if links.is_empty() && on_fail.is_none() {
            return Ok(first);
        }
        Ok(Expr { kind: ExprKind::Chain(Box::new(first), links, on_fail), span: self.since(start) })
    }

    /// `else ->` and `else <-` belong to a two-way rule.
    fn is_else_arrow(&self) -> bool {
        self.next_is("->") || self.next_is("<-")
    }

    fn else_link(&mut self) -> Parsed<Link> {
        match self.peek() {
            Tok::Word(word) if word == "skip" => Ok(Link::Skip(self.bump().span)),
            Tok::Word(word) if word == "reject" => Ok(Link::Reject(self.reject()?)),
            _ => Ok(Link::Else(self.cond()?)),
        }
    }

    /// `"reject" [scope] TEXT [TEXT]`
    pub(super) fn reject(&mut self) -> Parsed<Reject> {
        let start = self.expect_word("reject")?;
        let scope = match self.peek() {
            Tok::Word(word) if word == "record" => Some(Scope::Record),
            Tok::Word(word) if word == "message" => Some(Scope::Message),
            Tok::Word(word) if word == "file" => Some(Scope::File),
            _ => None,
        };
        if scope.is_some() {
            self.bump();
        }
        let code = self.text("the reason code")?;
        let text = if matches!(self.peek(), Tok::Text(_)) { Some(self.text("a text")?) } else { None };
        Ok(Reject { scope, code, text, span: self.since(start) })
    }

    /// What follows a `|`.
    pub(super) fn adapter(&mut self, bar: Span) -> Parsed<Adapter> {
        if !matches!(self.peek(), Tok::Word(_)) {
            self.diagnostics
                .error("E001", bar, "an adapter is missing after `|`")
                .help("write its name, for example `| cut`; `latimer functions` lists them all");
            return Err(Failed);
        }
        let name = self.name("an adapter")?;
        let mut adapter = Adapter { span: name.span, name, column: None, args: Vec::new() };
        if self.eat_sign("/") {
            adapter.column = Some(self.name("the name of a column")?);
        }
        let same_line = !self.raw(0).first;
        if same_line && self.is_sign("(") {
            adapter.args = self.arguments()?;
        } else if same_line && matches!(self.peek(), Tok::Text(_)) {
            adapter.args = vec![Arg { name: None, value: self.prim()? }];
        }
        if self.is_word("mark") && matches!(self.raw(1).kind, Tok::Text(_)) {
            let word = self.bump();
            let name = Name { text: "mark".to_owned(), span: word.span };
            adapter.args.push(Arg { name: Some(name), value: self.prim()? });
        }
        adapter.span = self.since(adapter.span);
        Ok(adapter)
    }

    /// `"(" [NAME ":"] value, .. ")"`
    fn arguments(&mut self) -> Parsed<Vec<Arg>> {
        self.expect_sign("(")?;
        let mut args = Vec::new();
        while !self.is_sign(")") {
            let mut name = None;
            if matches!(self.peek(), Tok::Word(_)) && self.next_is(":") {
                name = Some(self.name("the name of an argument")?);
                self.bump();
            }
            args.push(Arg { name, value: self.value()? });
            if !self.eat_sign(",") {
                break;
            }
        }
        self.expect_sign(")")?;
        Ok(args)
    }

    /// `and ("or" and)*`
    pub(super) fn cond(&mut self) -> Parsed<Expr> {
        let mut left = self.and()?;
        while self.eat_word("or") {
            let right = self.and()?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Or(Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.not()?;
        while self.is_word("and") && !self.is_side_clause() {
            self.bump();
            let right = self.not()?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::And(Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    /// `and sts : iso20022 ..` begins a section.
    fn is_side_clause(&self) -> bool {
        matches!(self.raw(1).kind, Tok::Word(_)) && matches!(self.raw(2).kind, Tok::Sign(":"))
    }

    fn not(&mut self) -> Parsed<Expr> {
        if !self.is_word("not") {
            return self.comparison();
        }
        let start = self.bump().span;
        let inner = self.not()?;
        Ok(Expr { span: start.to(inner.span), kind: ExprKind::Not(Box::new(inner)) })
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.sum()?;
        if self.eat_word("is") {
            let negated = self.eat_word("not");
            let being = match self.peek() {
                Tok::Word(word) if word == "present" => Being::Present,
                Tok::Word(word) if word == "absent" => Being::Absent,
                Tok::Word(word) if word == "blank" => Being::Blank,
                _ => return self.missing("`present`, `absent` or `blank`"),
            };
            self.bump();
            let span = self.since(left.span);
            return Ok(Expr { kind: ExprKind::Is(Box::new(left), being, negated), span });
        }
        let comparison = match self.peek() {
            Tok::Sign("=") => Comparison::Equal,
            Tok::Sign("<>") => Comparison::Unequal,
            Tok::Sign("<") => Comparison::Less,
            Tok::Sign("<=") => Comparison::AtMost,
            Tok::Sign(">") => Comparison::Greater,
            Tok::Sign(">=") => Comparison::AtLeast,
            Tok::Word(word) if word == "in" => Comparison::In,
            Tok::Word(word) if word == "matches" => Comparison::Matches,
            Tok::Word(word) if word == "contains" => Comparison::Contains,
            Tok::Word(word) if word == "starts-with" => Comparison::StartsWith,
            _ => return Ok(left),
        };
        self.bump();
        let right = self.sum()?;
        let span = left.span.to(right.span);
        Ok(Expr { kind: ExprKind::Compare(comparison, Box::new(left), Box::new(right)), span })
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.term()?;
        loop {
            let operator = match self.peek() {
                Tok::Sign("+") => Operator::Plus,
                Tok::Sign("-") => Operator::Minus,
                Tok::Sign("&") => Operator::Join,
                _ => return Ok(left),
            };
            self.bump();
            let right = self.term()?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), span };
        }
    }

    fn term(&mut self) -> Parsed<Expr> {
        let mut left = self.prim()?;
        while self.eat_sign("*") {
            let right = self.prim()?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(Operator::Times, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn prim(&mut self) -> Parsed<Expr> {
        let token = self.raw(0);
        let span = token.span;
        let kind = match self.peek() {
            Tok::Text(text) => ExprKind::Text(text.clone()),
            Tok::Number(digits) => ExprKind::Number(digits.clone()),
            Tok::Sign("(") => return self.tuple(),
            Tok::Sign("/") => {
                self.diagnostics
                    .error("E001", span, "a path does not begin with `/`")
                    .help("begin with the name of a side or of a loop");
                return Err(Failed);
            }
            Tok::Word(word) => match word.as_str() {
                "blank" => ExprKind::Blank,
                "none" => ExprKind::None,
                "written" if matches!(self.raw(1).kind, Tok::Word(_) | Tok::Quoted(_)) => {
                    self.bump();
                    let path = self.path()?;
                    return Ok(Expr { span: span.to(path.span), kind: ExprKind::Written(path) });
                }
                "choose" if self.next_is("{") => return self.choose(),
                _ if self.next_is("(") && !self.raw(1).first => {
                    let name = self.name("a function")?;
                    let args = self.arguments()?;
                    return Ok(Expr { kind: ExprKind::Call(name, args), span: self.since(span) });
                }
                _ => return self.path_expr(),
            },
            Tok::Quoted(_) | Tok::Attribute(_) | Tok::Sign(".") => return self.path_expr(),
            _ => return self.missing("a value"),
        };
        self.bump();
        Ok(Expr { kind, span })
    }

    fn path_expr(&mut self) -> Parsed<Expr> {
        let path = self.path()?;
        Ok(Expr { span: path.span, kind: ExprKind::Path(path) })
    }

    /// `( value )` groups, `( a, b )` is a tuple.
    fn tuple(&mut self) -> Parsed<Expr> {
        let start = self.expect_sign("(")?;
        let mut values = vec![self.value()?];
        while self.eat_sign(",") {
            values.push(self.value()?);
        }
        self.expect_sign(")")?;
        let span = self.since(start);
        match values.pop() {
            Some(only) if values.is_empty() => Ok(Expr { span, ..only }),
            Some(last) => {
                values.push(last);
                Ok(Expr { kind: ExprKind::Tuple(values), span })
            }
            None => Err(Failed),
        }
    }

    /// `choose { value when cond .. value otherwise }`
    fn choose(&mut self) -> Parsed<Expr> {
        let start = self.expect_word("choose")?;
        self.expect_sign("{")?;
        // Its braces are the rule's own: lines do not end it.
        self.own = self.own.map(|it| it + 1);
        let mut branches = Vec::new();
        while !self.is_sign("}") {
            let value = self.value()?;
            if self.eat_word("otherwise") {
                branches.push((value, None));
            } else {
                self.expect_word("when")?;
                let cond = self.cond()?;
                branches.push((value, Some(cond)));
            }
        }
        self.expect_sign("}")?;
        self.own = self.own.map(|it| it.saturating_sub(1));
        Ok(Expr { kind: ExprKind::Choose(branches), span: self.since(start) })
    }

    /// `seg ("/" seg)*`
    pub(super) fn path(&mut self) -> Parsed<Path> {
        let start = self.raw(0).span;
        let mut segments = vec![self.segment()?];
        while self.is_sign("/") {
            self.bump();
            segments.push(self.segment()?);
        }
        Ok(Path { segments, span: self.since(start) })
    }

    pub(super) fn paths(&mut self) -> Parsed<Vec<Path>> {
        let mut paths = vec![self.path()?];
        while self.eat_sign(",") {
            paths.push(self.path()?);
        }
        Ok(paths)
    }

    fn segment(&mut self) -> Parsed<Segment> {
        let (text, quoted) = match self.peek() {
            Tok::Word(text) | Tok::Attribute(text) => (text.clone(), false),
            Tok::Quoted(text) => (text.clone(), true),
            Tok::Sign(sign @ ("." | "**")) => ((*sign).to_owned(), false),
            _ => return self.missing("the name of a field"),
        };
        let name = Name { text, span: self.bump().span };
        let mut index = None;
        if self.is_sign("[") && !self.raw(0).first {
            index = Some(Box::new(self.index()?));
        }
        Ok(Segment { name, quoted, index })
    }

    fn index(&mut self) -> Parsed<Index> {
        let start = self.expect_sign("[")?;
        let kind = match self.peek() {
            Tok::Number(digits) if digits.bytes().all(|it| it.is_ascii_digit()) => {
                let after = self.raw(1).kind.clone();
                match after {
                    Tok::Sign("]") => IndexKind::At(self.small("a number")?),
                    Tok::Sign("..") => {
                        let from = self.small("a number")?;
                        self.bump();
                        IndexKind::Slice(from, self.small("the last character")?)
                    }
                    _ => IndexKind::Cond(self.cond()?),
                }
            }
            _ => IndexKind::Cond(self.cond()?),
        };
        self.expect_sign("]")?;
        let span = self.since(start);
        match kind {
            IndexKind::At(0) | IndexKind::Slice(0, _) => {
                self.diagnostics.error("E001", span, "positions count from 1");
                Err(Failed)
            }
            IndexKind::Slice(from, to) if to < from => {
                self.diagnostics.error("E001", span, "the last character comes before the first");
                Err(Failed)
            }
            kind => Ok(Index { kind, span }),
        }
    }
}
