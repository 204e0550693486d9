//! Sections.

use super::{Failed, Parsed, Parser};
use crate::Span;
use crate::mapping::ast::{
    Arrow, Cell, CellKind, FragmentBody, FragmentClause, LawClause, LookupClause, MemoClause, Often, OptionWord, PolicyItem,
    Role, Row, Section, SectionKind, SideClause, TableClause, TestClause, TestStep, TextLit, TypeLit, TypeLitKind, WriteClause,
};
use crate::mapping::lex::Tok;

/// The words that sections begin with; `replace`, `add`, `remove` and `set` only in overlays.
const SECTIONS: [&str; 29] = [
    "mapping",
    "from",
    "to",
    "between",
    "and",
    "use",
    "policy",
    "secret",
    "let",
    "table",
    "lookup",
    "sequence",
    "memo",
    "remember",
    "recall",
    "fragment",
    "verify",
    "file",
    "write",
    "initialize",
    "pair",
    "only",
    "ignore",
    "on",
    "law",
    "test",
    "overlay",
    "replace",
    "add",
];

/// Whether a token can begin a section.
pub(super) fn begins(token: &Tok) -> bool {
    matches!(token, Tok::Word(word) if SECTIONS.contains(&word.as_str()) || matches!(word.as_str(), "remove" | "set"))
}

impl Parser<'_> {
    pub(super) fn section(&mut self) -> Parsed<Section> {
        let token = self.raw(0);
        let start = token.span;
        let Tok::Word(word) = &token.kind else { return self.unknown_section() };
        if !begins(&token.kind) {
            return self.unknown_section();
        }
        self.bump();
        let kind = match word.as_str() {
            "mapping" => {
                let name = self.name("the name of the mapping")?;
                self.expect_word("version")?;
                let version = self.text("the version")?;
                let purpose = if matches!(self.peek(), Tok::Text(_)) { Some(self.text("the purpose")?) } else { None };
                SectionKind::Mapping { name, version, purpose }
            }
            "from" => self.side(Role::From)?,
            "to" => self.side(Role::To)?,
            "between" => self.side(Role::Between)?,
            "and" => self.side(Role::And)?,
            "use" => {
                let file = self.text("the file")?;
                self.expect_sign("(")?;
                let names = self.names("what is used of the file")?;
                self.expect_sign(")")?;
                SectionKind::Use { file, names }
            }
            "policy" => self.policy()?,
            "secret" => SectionKind::Secret(self.paths()?),
            "let" => SectionKind::Let(self.let_clause()?),
            "table" => SectionKind::Table(self.table()?),
            "lookup" => SectionKind::Lookup(self.lookup()?),
            "sequence" => self.sequence()?,
            "memo" => SectionKind::Memo(self.memo()?),
            "remember" => self.remember()?,
            "recall" => self.recall()?,
            "fragment" => SectionKind::Fragment(self.fragment()?),
            "verify" => self.verify()?,
            "file" => {
                let side = self.name("a side")?;
                self.expect_word("per")?;
                let value = self.value()?;
                self.expect_word("as")?;
                SectionKind::FilePer { side, value, alias: self.name("a name for the value")? }
            }
            "write" => SectionKind::Write(self.write()?),
            "initialize" => {
                let path = self.path()?;
                SectionKind::Initialize { path, because: self.because()? }
            }
            "pair" => SectionKind::Pair(self.pair_clause()?),
            "only" => {
                self.expect_word("to")?;
                let side = self.name("a side")?;
                SectionKind::OnlyTo { side, block: self.block()? }
            }
            "ignore" => {
                let path = self.path()?;
                SectionKind::Ignore { path, because: self.because()? }
            }
            "on" => {
                self.expect_word("reject")?;
                self.expect_word("reply")?;
                let name = self.name("`problem` or a side")?;
                SectionKind::OnReject { name, block: self.block()? }
            }
            "law" => SectionKind::Law(self.law()?),
            "test" => SectionKind::Test(self.test()?),
            "overlay" => {
                let name = self.name("the name of the overlay")?;
                self.expect_word("of")?;
                let base = self.text("the mapping that it changes")?;
                self.expect_word("version")?;
                SectionKind::Overlay { name, base, version: self.text("the version of that mapping")? }
            }
            "replace" | "add" => {
                let rule = Box::new(self.rule()?);
                let because = if self.is_word("because") { Some(self.because()?) } else { None };
                SectionKind::Change { adds: word == "add", rule, because }
            }
            "remove" => {
                let path = self.path()?;
                SectionKind::Remove { path, because: self.because()? }
            }
            _ => {
                self.expect_word("policy")?;
                SectionKind::SetPolicy(self.policy_item()?)
            }
        };
        Ok(Section { kind, span: self.since(start) })
    }

    fn unknown_section<T>(&mut self) -> Parsed<T> {
        let token = self.raw(0);
        match &token.kind {
            Tok::Word(word) => {
                let diagnostic = self.diagnostics.error("E003", token.span, format!("there is no section `{word}`"));
                match crate::mapping::nearest(word, SECTIONS) {
                    Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), token.span, near),
                    None => diagnostic.help("a rule stands in the braces of a `write` or `pair`"),
                };
            }
            _ => {
                self.diagnostics
                    .error("E001", token.span, "a section is expected here")
                    .help("a section begins with a word, for example `write`");
            }
        }
        Err(Failed)
    }

    fn because(&mut self) -> Parsed<TextLit> {
        self.expect_word("because")?;
        self.text("the reason")
    }

    // ---- sides and policy ------------------------------------------------------------------------------------------

    fn side(&mut self, role: Role) -> Parsed<SectionKind> {
        let alias = self.name("a name for the side")?;
        self.expect_sign(":")?;
        let format = self.name("a format")?;
        let schema = self.text("the schema")?;
        let mut clause = SideClause { role, alias, format, schema, words: Vec::new(), select: Vec::new(), at: None };
        loop {
            if self.is_word("at") {
                self.bump();
                clause.at = Some(self.path()?);
                break;
            }
            if self.is_word("select") {
                self.bump();
                clause.select = self.select()?;
                continue;
            }
            match self.peek() {
                word if self.raw(0).first && begins(word) => break,
                // Options that go on in the next line are indented: a word at its very beginning is a section, perhaps misspelt.
                Tok::Word(_) if self.raw(0).flush => break,
                Tok::Word(_) | Tok::Text(_) | Tok::Number(_) if !self.is_side_section() => {
                    let word = self.option_word();
                    clause.words.push(word);
                }
                _ => break,
            }
        }
        Ok(SectionKind::Side(clause))
    }

    /// A section word that is followed by what only a section has, though it is not the first of its line.
    fn is_side_section(&self) -> bool {
        begins(self.peek()) && (self.next_is(":") || matches!(self.raw(2).kind, Tok::Sign(":")))
    }

    fn option_word(&mut self) -> OptionWord {
        let token = self.bump();
        let (text, is_name) = match &token.kind {
            Tok::Word(text) => (text.clone(), true),
            Tok::Text(text) | Tok::Number(text) => (text.clone(), false),
            _ => (String::new(), false),
        };
        OptionWord { text, is_name, span: token.span }
    }

    pub(super) fn select(&mut self) -> Parsed<Vec<(crate::mapping::ast::Name, crate::mapping::ast::Expr)>> {
        let mut chosen = Vec::new();
        loop {
            let name = self.name("a record or a view")?;
            self.expect_word("when")?;
            chosen.push((name, self.cond()?));
            if !self.eat_sign(",") {
                return Ok(chosen);
            }
        }
    }

    fn policy(&mut self) -> Parsed<SectionKind> {
        self.expect_sign("{")?;
        let mut items = Vec::new();
        while !self.is_sign("}") {
            items.push(self.policy_item()?);
        }
        self.expect_sign("}")?;
        Ok(SectionKind::Policy(items))
    }

    fn policy_item(&mut self) -> Parsed<PolicyItem> {
        let name = self.name("a policy")?;
        self.expect_sign("=")?;
        let mut words = Vec::new();
        while matches!(self.peek(), Tok::Word(_) | Tok::Text(_) | Tok::Number(_)) && !self.next_is("=") {
            if !words.is_empty() && self.raw(0).first && begins(self.peek()) {
                break;
            }
            words.push(self.option_word());
        }
        if words.is_empty() {
            return self.missing("what the policy says");
        }
        Ok(PolicyItem { name, words })
    }

    // ---- tables, look-ups, state -------------------------------------------------------------------------------------

    fn arrow(&mut self) -> Parsed<(Arrow, Span)> {
        let arrow = match self.peek() {
            Tok::Sign("->") => Arrow::Forth,
            Tok::Sign("<-") => Arrow::Back,
            Tok::Sign("<->") => Arrow::Both,
            _ => return self.missing("an arrow (`->`, `<-`, `<->`)"),
        };
        Ok((arrow, self.bump().span))
    }

    fn table(&mut self) -> Parsed<TableClause> {
        let name = self.name("the name of the table")?;
        self.expect_sign("(")?;
        let left = self.names("a column")?;
        let (arrow, _) = self.arrow()?;
        let right = self.names("a column")?;
        self.expect_sign(")")?;
        self.expect_sign("{")?;
        let mut rows = Vec::new();
        while !self.is_sign("}") {
            let start = self.raw(0).span;
            let cells = self.cells()?;
            let (arrow, arrow_span) = self.arrow()?;
            let right = self.cells()?;
            rows.push(Row { left: cells, arrow, arrow_span, right, span: self.since(start) });
        }
        let end = self.expect_sign("}")?;
        Ok(TableClause { name, left, arrow, right, rows, end: Span { end: end.start, ..end } })
    }

    fn cells(&mut self) -> Parsed<Vec<Cell>> {
        let mut cells = vec![self.cell()?];
        while self.eat_sign(",") {
            cells.push(self.cell()?);
        }
        Ok(cells)
    }

    fn cell(&mut self) -> Parsed<Cell> {
        let start = self.raw(0).span;
        let kind = match self.peek() {
            Tok::Text(text) => CellKind::Text(text.clone()),
            Tok::Word(word) if word == "none" => CellKind::None,
            Tok::Word(word) if word == "other" => CellKind::Other,
            Tok::Word(word) if word == "any" => CellKind::Any,
            Tok::Word(word) if word == "reject" => {
                self.bump();
                let code = self.text("the reason code")?;
                if let Tok::Text(_) = self.peek() {
                    let span = self.raw(0).span;
                    if !self.raw(0).first {
                        self.diagnostics
                            .error("E001", span, "a `reject` in a table has a reason code and no words")
                            .label("not here")
                            .fix("leave the words out", span, "");
                        self.bump();
                    }
                }
                return Ok(Cell { kind: CellKind::Reject(code.text), span: start.to(code.span) });
            }
            _ => {
                return self.missing("a cell: a code in quotation marks, `none`, `other`, `any` or `reject \"..\"`");
            }
        };
        self.bump();
        Ok(Cell { kind, span: start })
    }

    fn lookup(&mut self) -> Parsed<LookupClause> {
        let name = self.name("the name of the look-up")?;
        self.expect_sign("(")?;
        let takes = self.names("what it is called with")?;
        self.expect_sign(")")?;
        self.expect_sign("->")?;
        let gives = self.names("what it gives")?;
        self.expect_word("from")?;
        let kind = self.name("`csv` or `kv`")?;
        let file = self.text("the file")?;
        self.expect_word("key")?;
        let mut keys = Vec::new();
        loop {
            let column = self.name("a column")?;
            let value = if self.eat_sign("=") { Some(self.value()?) } else { None };
            keys.push((column, value));
            if !self.eat_sign(",") {
                break;
            }
        }
        self.expect_word("value")?;
        let values = self.names("a column")?;
        Ok(LookupClause { name, takes, gives, kind, file, keys, values })
    }

    fn sequence(&mut self) -> Parsed<SectionKind> {
        let name = self.name("the name of the sequence")?;
        self.expect_word("digits")?;
        let digits = self.integer("the number of digits")?;
        let mut keyed_by = Vec::new();
        if self.eat_word("keyed-by") {
            keyed_by.push(self.value()?);
            while self.eat_sign(",") {
                keyed_by.push(self.value()?);
            }
        }
        Ok(SectionKind::Sequence { name, digits, keyed_by })
    }

    fn memo(&mut self) -> Parsed<MemoClause> {
        let name = self.name("the name of the memo")?;
        self.expect_word("key")?;
        let key = self.name("the name of the key")?;
        self.expect_sign(":")?;
        let key_type = self.type_lit()?;
        self.expect_word("expires")?;
        let expires = (self.integer("a number")?, self.unit()?);
        self.expect_sign("{")?;
        let mut fields = Vec::new();
        while !self.is_sign("}") {
            let field = self.name("a field")?;
            let optional = self.eat_sign("?");
            self.expect_sign(":")?;
            fields.push((field, optional, self.type_lit()?));
        }
        self.expect_sign("}")?;
        Ok(MemoClause { name, key, key_type, expires, fields })
    }

    fn unit(&mut self) -> Parsed<crate::mapping::ast::Name> {
        match self.peek() {
            Tok::Word(word) if matches!(word.as_str(), "minutes" | "hours" | "days") => self.name("a unit"),
            _ => self.missing("`minutes`, `hours` or `days`"),
        }
    }

    fn remember(&mut self) -> Parsed<SectionKind> {
        let memo = self.name("a memo")?;
        let key = self.name("the name of its key")?;
        self.expect_sign("=")?;
        let value = self.value()?;
        self.expect_sign("{")?;
        let mut fields = Vec::new();
        while !self.is_sign("}") {
            let field = self.name("a field of the memo")?;
            self.expect_sign("=")?;
            fields.push((field, self.value()?));
        }
        self.expect_sign("}")?;
        Ok(SectionKind::Remember { memo, key, value, fields })
    }

    fn recall(&mut self) -> Parsed<SectionKind> {
        let memo = self.name("a memo")?;
        self.expect_word("by")?;
        let by = self.path()?;
        let or = if self.eat_word("or") { Some(self.path()?) } else { None };
        self.expect_word("else")?;
        let mut park = None;
        if self.eat_word("park") {
            park = Some((self.integer("a number")?, self.unit()?));
            self.expect_word("then")?;
        }
        Ok(SectionKind::Recall { memo, by, or, park, reject: self.reject()? })
    }

    pub(super) fn type_lit(&mut self) -> Parsed<TypeLit> {
        let name = self.name("a type")?;
        let kind = match name.text.as_str() {
            "text" => {
                self.expect_sign("(")?;
                let length = self.small("a length")?;
                self.expect_sign(")")?;
                TypeLitKind::Text(length)
            }
            "number" => {
                self.expect_sign("(")?;
                let whole = self.small("the digits before the point")?;
                self.expect_sign(",")?;
                let decimals = self.small("the decimals")?;
                self.expect_sign(")")?;
                TypeLitKind::Number(whole, decimals)
            }
            "date" => TypeLitKind::Date,
            "date-time" => TypeLitKind::DateTime,
            "group" => TypeLitKind::Group(self.path()?),
            _ => {
                self.diagnostics
                    .error("E001", name.span, format!("there is no type `{}`", name.text))
                    .help("a type is `text(35)`, `number(11, 2)`, `date`, `date-time` or `group PATH`");
                return Err(Failed);
            }
        };
        Ok(TypeLit { kind, span: self.since(name.span) })
    }

    fn fragment(&mut self) -> Parsed<FragmentClause> {
        let name = self.name("the name of the fragment")?;
        self.expect_sign("(")?;
        let mut parameters = Vec::new();
        loop {
            let parameter = self.name("a parameter")?;
            self.expect_sign(":")?;
            parameters.push((parameter, self.type_lit()?));
            if !self.eat_sign(",") {
                break;
            }
        }
        self.expect_sign(")")?;
        let body = if self.eat_sign("->") {
            let gives = self.type_lit()?;
            self.expect_sign("{")?;
            let value = self.value()?;
            self.expect_sign("}")?;
            FragmentBody::Value(gives, value)
        } else {
            FragmentBody::Rules(self.block()?)
        };
        Ok(FragmentClause { name, parameters, body })
    }

    // ---- what is written ---------------------------------------------------------------------------------------------

    fn verify(&mut self) -> Parsed<SectionKind> {
        let mut each = Vec::new();
        if self.is_word("each") && matches!(self.raw(1).kind, Tok::Word(_) | Tok::Quoted(_)) {
            self.bump();
            each = self.loops()?.0;
            self.expect_sign(":")?;
        }
        let cond = self.cond()?;
        self.expect_word("else")?;
        Ok(SectionKind::Verify { each, cond, reject: self.reject()? })
    }

    fn write(&mut self) -> Parsed<WriteClause> {
        let path = self.path()?;
        let fault = self.eat_word("fault");
        let often = if self.eat_word("once") {
            Often::Once
        } else if self.eat_word("each") {
            let (loops, tail) = self.loops()?;
            Often::Each(loops, tail)
        } else {
            Often::Plain
        };
        let mut clause = WriteClause { path, fault, often, guard: None, reject: None, block: Vec::new() };
        if self.is_word("where") || self.is_word("when") {
            self.bump();
            clause.guard = Some(self.cond()?);
            if self.eat_word("else") {
                clause.reject = Some(self.reject()?);
            }
        }
        clause.block = self.block()?;
        Ok(clause)
    }

    fn law(&mut self) -> Parsed<LawClause> {
        self.expect_word("round-trip")?;
        let side = self.name("a side")?;
        let mut law = LawClause { side, except: Vec::new(), on: Vec::new() };
        if self.eat_word("except") {
            loop {
                let path = self.path()?;
                let value = if self.eat_sign("=") { Some(self.text("a value")?) } else { None };
                law.except.push((path, value));
                if !self.eat_sign(",") {
                    break;
                }
            }
        } else if self.is_word("on") && self.raw(1).kind != Tok::Word("reject".to_owned()) {
            self.bump();
            law.on = self.paths()?;
        }
        Ok(law)
    }

    fn test(&mut self) -> Parsed<TestClause> {
        let title = self.text("what is tested")?;
        self.expect_sign("{")?;
        let mut steps = Vec::new();
        while !self.is_sign("}") {
            if self.eat_word("given") {
                steps.push(self.given()?);
            } else if self.eat_word("expect") {
                steps.push(self.expectation()?);
            } else {
                return self.missing("`given`, `expect` or `}`");
            }
        }
        self.expect_sign("}")?;
        Ok(TestClause { title, steps })
    }

    fn given(&mut self) -> Parsed<TestStep> {
        let name = self.name("a side, a memo or `now`")?;
        if name.text == "now" && self.eat_sign("=") {
            return Ok(TestStep::Now(self.text("a time")?));
        }
        if matches!(self.peek(), Tok::Text(_)) {
            return Ok(TestStep::GivenFile(name, self.text("a file")?));
        }
        self.expect_sign("{")?;
        let mut fields = Vec::new();
        while !self.is_sign("}") {
            let path = self.path()?;
            self.expect_sign("=")?;
            fields.push((path, self.value()?));
        }
        self.expect_sign("}")?;
        Ok(TestStep::Given(name, fields))
    }

    fn expectation(&mut self) -> Parsed<TestStep> {
        if self.is_word("reject") && matches!(self.raw(1).kind, Tok::Text(_)) {
            self.bump();
            return Ok(TestStep::ExpectReject(self.text("the reason code")?));
        }
        let path = self.path()?;
        if let [segment] = path.segments.as_slice()
            && self.is_word("file")
        {
            let name = segment.name.clone();
            self.bump();
            return Ok(TestStep::ExpectFile(name, self.text("a file")?));
        }
        self.expect_sign("=")?;
        Ok(TestStep::Expect(path, self.value()?))
    }
}
