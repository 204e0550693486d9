//! Rules and blocks.

use super::{Failed, Parsed, Parser};
use crate::mapping::ast::{BothRule, LetClause, Loop, LoopOr, LoopTail, OtherCase, PairClause, Rule, RuleKind, Target};
use crate::mapping::lex::Tok;

impl Parser<'_> {
    /// `"{" rule* "}"`
    pub(super) fn block(&mut self) -> Parsed<Vec<Rule>> {
        self.expect_sign("{")?;
        let own = self.own.take();
        let braces = self.braces;
        let mut rules: Vec<Rule> = Vec::new();
        loop {
            let before = self.at;
            match &self.raw(0).kind {
                Tok::Sign("}") => break,
                Tok::End => {
                    self.own = own;
                    return self.missing("`}`");
                }
                _ => {}
            }
            if let Some(last) = rules.last()
                && !self.raw(0).first
                && matches!(self.raw(0).kind, Tok::Word(_) | Tok::Quoted(_) | Tok::Sign("("))
            {
                let span = self.raw(0).span;
                self.diagnostics
                    .error("E001", span, "two rules share a line")
                    .other(last.span, "the first")
                    .help("begin a new line");
                self.skip_rule(before, braces);
                continue;
            }
            match self.rule() {
                Ok(rule) => rules.push(rule),
                Err(Failed) => self.skip_rule(before, braces),
            }
        }
        self.expect_sign("}")?;
        self.own = own;
        Ok(rules)
    }

    /// One rule; the line it stands on ends it.
    pub(super) fn rule(&mut self) -> Parsed<Rule> {
        let own = self.own.replace(0);
        let start = self.raw(0).span;
        let first = self.at;
        let outer = std::mem::replace(&mut self.rule, first);
        let parsed = self.rule_kind();
        self.rule = first;
        let over = self.rule_is_over() || matches!(self.raw(0).kind, Tok::Sign("}") | Tok::End);
        self.rule = outer;
        let kind = match parsed {
            // A line that the grammar cannot go on with: the rule is over, but the line is not.
            Ok(kind) if !over && !self.raw(0).first && !matches!(self.raw(0).kind, Tok::Word(_)) => {
                self.own = own;
                drop(kind);
                return self.unexpected();
            }
            Ok(kind) => kind,
            Err(failed) => {
                self.own = own;
                return Err(failed);
            }
        };
        self.own = own;
        let remark = self.tokens.get(first..self.at).and_then(|it| remark_of(it, &kind));
        Ok(Rule { kind, span: self.since(start), remark })
    }

    fn rule_kind(&mut self) -> Parsed<RuleKind> {
        match self.peek() {
            Tok::Word(word) if word == "choose" && self.raw(1).kind == Tok::Word("on".to_owned()) => {
                return self.choose_on();
            }
            Tok::Word(word) if word == "let" && matches!(self.raw(1).kind, Tok::Word(_) | Tok::Quoted(_)) => {
                self.bump();
                return Ok(RuleKind::Let(self.let_clause()?));
            }
            Tok::Word(word) if word == "pair" && matches!(self.raw(1).kind, Tok::Word(_) | Tok::Quoted(_)) => {
                self.bump();
                return Ok(RuleKind::Pair(self.pair_clause()?));
            }
            Tok::Word(word) if word == "header" && self.next_is("(") => return self.header(),
            _ => {}
        }
        let (at, own, known) = (self.at, self.own, self.diagnostics.len());
        if let Ok(target) = self.target() {
            match self.peek() {
                Tok::Sign("=") => return self.constant(target),
                Tok::Sign("<-") => return self.assign(target),
                Tok::Sign("<->") => return self.both(target),
                Tok::Sign("{") => return self.group(target),
                Tok::Word(word) if word == "when" || word == "else" => return self.group(target),
                _ => {}
            }
        }
        // Not a side: the value of a line that writes the right side.
        self.diagnostics.truncate(known);
        (self.at, self.own) = (at, own);
        let value = self.value()?;
        if !self.is_sign("->") {
            return self.missing("an arrow (`<-`, `->`, `<->`), `=` or a block");
        }
        self.bump();
        let target = self.target()?;
        let when = self.when()?;
        Ok(RuleKind::Right { value, target, when })
    }

    /// `path | "(" path,+ ")"`
    fn target(&mut self) -> Parsed<Target> {
        let start = self.raw(0).span;
        if !self.is_sign("(") {
            let path = self.path()?;
            return Ok(Target { span: path.span, paths: vec![path] });
        }
        self.bump();
        let paths = self.paths()?;
        self.expect_sign(")")?;
        Ok(Target { paths, span: self.since(start) })
    }

    fn one_path(&mut self, target: Target) -> Parsed<crate::mapping::ast::Path> {
        let mut paths = target.paths;
        match (paths.pop(), paths.is_empty()) {
            (Some(path), true) => Ok(path),
            _ => {
                self.diagnostics.error("E001", target.span, "several fields at once are written with `<-` or `<->` only");
                Err(Failed)
            }
        }
    }

    fn when(&mut self) -> Parsed<Option<crate::mapping::ast::Expr>> {
        if self.eat_word("when") { Ok(Some(self.cond()?)) } else { Ok(None) }
    }

    fn constant(&mut self, target: Target) -> Parsed<RuleKind> {
        self.bump();
        let path = self.one_path(target)?;
        let value = self.cond()?;
        let when = self.when()?;
        Ok(RuleKind::Constant { path, value, when })
    }

    fn assign(&mut self, target: Target) -> Parsed<RuleKind> {
        self.bump();
        if self.is_word("each") && matches!(self.raw(1).kind, Tok::Word(_) | Tok::Quoted(_) | Tok::Sign(".")) {
            return self.each(target);
        }
        let value = self.value()?;
        if self.is_word("copy")
            && let crate::mapping::ast::ExprKind::Path(from) = value.kind
        {
            self.bump();
            let path = self.one_path(target)?;
            let except = if self.eat_word("except") { self.paths()? } else { Vec::new() };
            return Ok(RuleKind::Copy { path, from, except });
        }
        let when = self.when()?;
        Ok(RuleKind::Assign { target, value, when })
    }

    fn each(&mut self, target: Target) -> Parsed<RuleKind> {
        self.bump();
        let path = self.one_path(target)?;
        let (loops, tail) = self.loops()?;
        let mut guard = None;
        let mut reject = None;
        if self.eat_word("where") {
            guard = Some(self.cond()?);
            if self.eat_word("else") {
                reject = Some(self.reject()?);
            }
        }
        let block = self.block()?;
        Ok(RuleKind::Each { path, loops, tail, guard, reject, block })
    }

    fn both(&mut self, left: Target) -> Parsed<RuleKind> {
        self.bump();
        let right = self.target()?;
        let mut rule = BothRule { left, right, adapters: Vec::new(), else_right: None, else_left: None, when: None };
        loop {
            if self.is_sign("|") {
                let bar = self.bump().span;
                rule.adapters.push(self.adapter(bar)?);
            } else if self.is_word("else") {
                self.bump();
                if self.eat_sign("->") {
                    rule.else_right = Some(self.cond()?);
                } else {
                    self.expect_sign("<-")?;
                    rule.else_left = Some(self.cond()?);
                }
            } else {
                break;
            }
        }
        rule.when = self.when()?;
        Ok(RuleKind::Both(rule))
    }

    fn group(&mut self, target: Target) -> Parsed<RuleKind> {
        let path = self.one_path(target)?;
        let when = self.when()?;
        let reject = if self.eat_word("else") { Some(self.reject()?) } else { None };
        let block = self.block()?;
        Ok(RuleKind::Group { path, when, reject, block })
    }

    fn header(&mut self) -> Parsed<RuleKind> {
        self.bump();
        self.expect_sign("(")?;
        let name = self.text("the name of the header")?;
        self.expect_sign(")")?;
        self.expect_sign("<-")?;
        let value = self.value()?;
        let when = self.when()?;
        Ok(RuleKind::Header { name, value, when })
    }

    fn choose_on(&mut self) -> Parsed<RuleKind> {
        self.bump();
        self.bump();
        let path = self.path()?;
        self.expect_sign("{")?;
        self.own = self.own.map(|it| it + 1);
        let mut cases = Vec::new();
        let mut other = None;
        while !self.is_sign("}") {
            if self.eat_word("other") {
                let case =
                    if self.is_word("reject") { OtherCase::Reject(self.reject()?) } else { OtherCase::Block(self.block()?) };
                other = Some(case);
                continue;
            }
            let mut codes = vec![self.text("a code")?];
            while self.eat_sign(",") {
                codes.push(self.text("a code")?);
            }
            cases.push((codes, self.block()?));
        }
        self.expect_sign("}")?;
        self.own = self.own.map(|it| it.saturating_sub(1));
        Ok(RuleKind::ChooseOn { path, cases, other })
    }

    /// `NAME "=" path`
    pub(super) fn let_clause(&mut self) -> Parsed<LetClause> {
        let name = self.name("a name")?;
        self.expect_sign("=")?;
        Ok(LetClause { name, path: self.path()? })
    }

    /// `["each"] path "with" path block`
    pub(super) fn pair_clause(&mut self) -> Parsed<PairClause> {
        let each = self.is_word("each") && matches!(self.raw(1).kind, Tok::Word(_) | Tok::Quoted(_) | Tok::Sign("."));
        if each {
            self.bump();
        }
        let left = self.path()?;
        self.expect_word("with")?;
        let right = self.path()?;
        Ok(PairClause { each, left, right, block: self.block()? })
    }

    /// `(path "as" NAME [..]),+ ["group" "by" value,+ "as" NAME] ["at" "most" INT]`
    pub(super) fn loops(&mut self) -> Parsed<(Vec<Loop>, LoopTail)> {
        let mut loops = Vec::new();
        loop {
            let path = self.path()?;
            self.expect_word("as")?;
            let alias = self.name("a name for one occurrence")?;
            let or = if self.is_word("or") { Some(self.loop_or()?) } else { None };
            loops.push(Loop { path, alias, or });
            if !self.eat_sign(",") {
                break;
            }
        }
        let mut tail = LoopTail::default();
        if self.is_word("group") && self.raw(1).kind == Tok::Word("by".to_owned()) {
            self.bump();
            self.bump();
            let mut values = vec![self.value()?];
            while self.eat_sign(",") {
                values.push(self.value()?);
            }
            self.expect_word("as")?;
            tail.group_by = Some((values, self.name("a name for the group")?));
        }
        if self.is_word("at") && self.raw(1).kind == Tok::Word("most".to_owned()) {
            self.bump();
            self.bump();
            tail.at_most = Some(self.integer("a number")?);
        }
        Ok((loops, tail))
    }

    fn loop_or(&mut self) -> Parsed<LoopOr> {
        self.bump();
        if self.is_word("none") {
            return Ok(LoopOr::None(self.bump().span));
        }
        self.expect_word("skip")?;
        self.expect_word("because")?;
        Ok(LoopOr::Skip(self.text("the reason")?))
    }
}

/// The remark of the line a rule begins on: of a block, that of its header.
fn remark_of(tokens: &[crate::mapping::lex::Token], kind: &RuleKind) -> Option<String> {
    let has_block =
        matches!(kind, RuleKind::Each { .. } | RuleKind::Group { .. } | RuleKind::Pair(_) | RuleKind::ChooseOn { .. });
    let end = if has_block {
        tokens.iter().position(|it| it.kind == Tok::Sign("{")).map_or(tokens.len(), |it| it + 1)
    } else {
        tokens.len()
    };
    let remarks: Vec<_> = tokens.iter().take(end).filter_map(|it| it.remark.as_deref()).collect();
    (!remarks.is_empty()).then(|| remarks.join(" "))
}
