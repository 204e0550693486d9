//! A mapping file as a tree of names, nothing looked up yet.

use crate::Span;

/// A name as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Without backticks.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A text literal.
#[derive(Clone, Debug, PartialEq)]
pub struct TextLit {
    /// Unescaped.
    pub text: String,
    /// With its quotation marks.
    pub span: Span,
}

/// A whole file.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    /// `latimer 1`.
    pub edition: Option<u32>,
    /// In the order of the file.
    pub sections: Vec<Section>,
    /// Whether something could not be read: what seems to be missing may stand there.
    pub broken: bool,
}

/// One section.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// From its first word to its last.
    pub span: Span,
}

/// Which end of a mapping a side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `from`: only read.
    From,
    /// `to`: only written.
    To,
    /// `between`: the left one of a two-way mapping.
    Between,
    /// `and`: the right one.
    And,
}

/// `from ALIAS : FORMAT "schema" .. at ROOT`.
#[derive(Clone, Debug)]
pub struct SideClause {
    /// Which end.
    pub role: Role,
    /// The name that paths begin with.
    pub alias: Name,
    /// The format.
    pub format: Name,
    /// The schema file.
    pub schema: TextLit,
    /// All words between the schema and `at`, options and values alike: the format knows which is which.
    pub words: Vec<OptionWord>,
    /// `select NAME when COND, ..`.
    pub select: Vec<(Name, Expr)>,
    /// `at PATH`.
    pub at: Option<Path>,
}

impl SideClause {
    /// The file it stands in.
    pub fn span_file(&self) -> crate::FileId {
        self.alias.span.file
    }
}

/// A word of a format's options.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionWord {
    /// As written, without quotation marks.
    pub text: String,
    /// Whether it could be the name of an option.
    pub is_name: bool,
    /// Where.
    pub span: Span,
}

/// The arrow of a table or of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow {
    /// `->`
    Forth,
    /// `<-`
    Back,
    /// `<->`
    Both,
}

/// What a section is.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the line of grammar above each names its parts")]
pub enum SectionKind {
    /// `mapping NAME version "2.4.0" "purpose"`
    Mapping { name: Name, version: TextLit, purpose: Option<TextLit> },
    /// `from ..`, `to ..`, `between ..`, `and ..`
    Side(SideClause),
    /// `use "x.map" (a, b)`
    Use { file: TextLit, names: Vec<Name> },
    /// `policy { a = b .. }`
    Policy(Vec<PolicyItem>),
    /// `secret PATH, PATH`
    Secret(Vec<Path>),
    /// `let NAME = PATH`
    Let(LetClause),
    /// `table NAME (a -> b, c) { rows }`
    Table(TableClause),
    /// `lookup NAME (key) -> value from csv "file" key .. value ..`
    Lookup(LookupClause),
    /// `sequence NAME digits 6 keyed-by a, b`
    Sequence { name: Name, digits: Number, keyed_by: Vec<Expr> },
    /// `memo NAME key NAME : TYPE expires 5 days { .. }`
    Memo(MemoClause),
    /// `remember MEMO KEY = value { name = value .. }`
    Remember { memo: Name, key: Name, value: Expr, fields: Vec<(Name, Expr)> },
    /// `recall MEMO by PATH or PATH else park 15 minutes then reject ..`
    Recall { memo: Name, by: Path, or: Option<Path>, park: Option<(Number, Name)>, reject: Reject },
    /// `fragment NAME(a: TYPE, ..) -> TYPE { value }` or `fragment NAME(a: group PATH) { rules }`
    Fragment(FragmentClause),
    /// `verify COND else reject ..`
    Verify { each: Vec<Loop>, cond: Expr, reject: Reject },
    /// `file SIDE per VALUE as NAME`
    FilePer { side: Name, value: Expr, alias: Name },
    /// `write PATH once|each .. { rules }`
    Write(WriteClause),
    /// `initialize PATH because "..."`
    Initialize { path: Path, because: TextLit },
    /// `pair [each] PATH with PATH { rules }`
    Pair(PairClause),
    /// `only to SIDE { rules }`
    OnlyTo { side: Name, block: Vec<Rule> },
    /// `ignore PATH because "..."`
    Ignore { path: Path, because: TextLit },
    /// `on reject reply NAME { rules }`
    OnReject { name: Name, block: Vec<Rule> },
    /// `law round-trip SIDE except .. | on ..`
    Law(LawClause),
    /// `test "..." { .. }`
    Test(TestClause),
    /// `overlay NAME of "file" version "2.4"`
    Overlay { name: Name, base: TextLit, version: TextLit },
    /// `replace RULE because "..."`, `add RULE because "..."`
    Change { adds: bool, rule: Box<Rule>, because: Option<TextLit> },
    /// `remove PATH because "..."`
    Remove { path: Path, because: TextLit },
    /// `set policy NAME = ..`
    SetPolicy(PolicyItem),
}

/// `NAME = WORD "TEXT"`
#[derive(Clone, Debug)]
pub struct PolicyItem {
    /// The policy.
    pub name: Name,
    /// What is decided: `transliterate "epc217-08"`.
    pub words: Vec<OptionWord>,
}

/// `let NAME = PATH`
#[derive(Clone, Debug)]
pub struct LetClause {
    /// The short name.
    pub name: Name,
    /// What it stands for.
    pub path: Path,
}

/// A code table.
#[derive(Clone, Debug)]
pub struct TableClause {
    /// Its name.
    pub name: Name,
    /// The columns left of the arrow.
    pub left: Vec<Name>,
    /// The ways it may be read.
    pub arrow: Arrow,
    /// The columns right of it.
    pub right: Vec<Name>,
    /// In the order of the file: the first that matches.
    pub rows: Vec<Row>,
    /// Right before the closing brace, where a row can be added.
    pub end: Span,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The cells left of the arrow.
    pub left: Vec<Cell>,
    /// The ways this row serves.
    pub arrow: Arrow,
    /// Where the arrow stands.
    pub arrow_span: Span,
    /// The cells right of it.
    pub right: Vec<Cell>,
    /// The row without its remark.
    pub span: Span,
}

/// A cell and where it stands.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What it is.
    pub kind: CellKind,
    /// Where.
    pub span: Span,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum CellKind {
    /// A code.
    Text(String),
    /// Absent.
    None,
    /// Any value that is there.
    Other,
    /// Anything, also absent.
    Any,
    /// Refuses with this reason.
    Reject(String),
}

/// A table in a file or a keyed store.
#[derive(Clone, Debug)]
pub struct LookupClause {
    /// Its name.
    pub name: Name,
    /// What it is called with.
    pub takes: Vec<Name>,
    /// What it gives.
    pub gives: Vec<Name>,
    /// `csv` or `kv`.
    pub kind: Name,
    /// The file.
    pub file: TextLit,
    /// The columns that are compared, each with a value (else the argument of the same name).
    pub keys: Vec<(Name, Option<Expr>)>,
    /// The columns that are given, as `gives`.
    pub values: Vec<Name>,
}

/// What is stored between a request and its reply.
#[derive(Clone, Debug)]
pub struct MemoClause {
    /// Its name.
    pub name: Name,
    /// The name of the key.
    pub key: Name,
    /// Its type.
    pub key_type: TypeLit,
    /// How long.
    pub expires: (Number, Name),
    /// The fields, and whether each may be absent.
    pub fields: Vec<(Name, bool, TypeLit)>,
}

/// A type as an author writes it.
#[derive(Clone, Debug)]
pub struct TypeLit {
    /// What it is.
    pub kind: TypeLitKind,
    /// Where.
    pub span: Span,
}

/// A type as an author writes it.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeLitKind {
    /// `text(35)`
    Text(u32),
    /// `number(11, 2)`
    Number(u32, u32),
    /// `date`
    Date,
    /// `date-time`
    DateTime,
    /// `group PATH`
    Group(Path),
}

/// A piece of mapping with parameters.
#[derive(Clone, Debug)]
pub struct FragmentClause {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<(Name, TypeLit)>,
    /// What it is.
    pub body: FragmentBody,
}

/// A value or rules.
#[derive(Clone, Debug)]
pub enum FragmentBody {
    /// `-> TYPE { value }`
    Value(TypeLit, Expr),
    /// `{ rules }`
    Rules(Vec<Rule>),
}

/// How often a target is written.
#[derive(Clone, Debug)]
pub enum Often {
    /// Nothing was said: once a message.
    Plain,
    /// `once`: once an output file.
    Once,
    /// `each ..`
    Each(Vec<Loop>, LoopTail),
}

/// What may stand behind loops.
#[derive(Clone, Debug, Default)]
pub struct LoopTail {
    /// `group by a, b as g`
    pub group_by: Option<(Vec<Expr>, Name)>,
    /// `at most 500`
    pub at_most: Option<Number>,
}

/// `write PATH ..`
#[derive(Clone, Debug)]
pub struct WriteClause {
    /// The side, and the record within it.
    pub path: Path,
    /// Whether a SOAP fault is written.
    pub fault: bool,
    /// How often.
    pub often: Often,
    /// `where COND` or `when COND`.
    pub guard: Option<Expr>,
    /// `else reject ..`
    pub reject: Option<Reject>,
    /// The rules.
    pub block: Vec<Rule>,
}

/// `pair [each] A with B { .. }`
#[derive(Clone, Debug)]
pub struct PairClause {
    /// Whether it stands for every occurrence.
    pub each: bool,
    /// The group on the left side.
    pub left: Path,
    /// The group on the right side.
    pub right: Path,
    /// The rules.
    pub block: Vec<Rule>,
}

/// `law round-trip SIDE ..`
#[derive(Clone, Debug)]
pub struct LawClause {
    /// The side where the trip begins and ends.
    pub side: Name,
    /// What the law is not about; with a value, only when the field has it.
    pub except: Vec<(Path, Option<TextLit>)>,
    /// What it is about, if not everything.
    pub on: Vec<Path>,
}

/// `test "..." { .. }`
#[derive(Clone, Debug)]
pub struct TestClause {
    /// What is tested.
    pub title: TextLit,
    /// What is given and expected, in order.
    pub steps: Vec<TestStep>,
}

/// A line of a test.
#[derive(Clone, Debug)]
pub enum TestStep {
    /// `given now = "..."`
    Now(TextLit),
    /// `given SIDE "file"`
    GivenFile(Name, TextLit),
    /// `given SIDE { path = value .. }`
    Given(Name, Vec<(Path, Expr)>),
    /// `expect path = value`
    Expect(Path, Expr),
    /// `expect SIDE file "..."`
    ExpectFile(Name, TextLit),
    /// `expect reject "AM04"`
    ExpectReject(TextLit),
}

/// `PATH as NAME [or none | or skip because "..."]`
#[derive(Clone, Debug)]
pub struct Loop {
    /// The repeat.
    pub path: Path,
    /// What one occurrence is called.
    pub alias: Name,
    /// What happens when there is no occurrence.
    pub or: Option<LoopOr>,
}

/// What happens when an inner loop has no occurrence.
#[derive(Clone, Debug)]
pub enum LoopOr {
    /// It runs once, with nothing.
    None(Span),
    /// The outer occurrence is left out.
    Skip(TextLit),
}

/// `reject record "AC03" "text"`
#[derive(Clone, Debug)]
pub struct Reject {
    /// How much is refused; nothing said: what the place says.
    pub scope: Option<Scope>,
    /// The reason code.
    pub code: TextLit,
    /// For people.
    pub text: Option<TextLit>,
    /// Where.
    pub span: Span,
}

/// How much a reject refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One occurrence of a `write .. each` or of a target `each`.
    Record,
    /// All that this input message writes.
    Message,
    /// All of this input.
    File,
}

/// One rule with its remark.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it is.
    pub kind: RuleKind,
    /// The rule without the remark, its block included.
    pub span: Span,
    /// `## ..`
    pub remark: Option<String>,
}

/// What is written: a field, or several at once by a table with several columns.
#[derive(Clone, Debug)]
pub struct Target {
    /// One path, or those of a tuple.
    pub paths: Vec<Path>,
    /// Where.
    pub span: Span,
}

impl Target {
    /// The path, where it is one.
    pub fn only(&self) -> Option<&Path> {
        match self.paths.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// A rule.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the line of grammar above each names its parts")]
pub enum RuleKind {
    /// `PATH = VALUE when ..`
    Constant { path: Path, value: Expr, when: Option<Expr> },
    /// `TARGET <- VALUE when ..`
    Assign { target: Target, value: Expr, when: Option<Expr> },
    /// `header("name") <- VALUE when ..`
    Header { name: TextLit, value: Expr, when: Option<Expr> },
    /// `PATH <- each LOOPS where .. else reject .. { rules }`
    Each { path: Path, loops: Vec<Loop>, tail: LoopTail, guard: Option<Expr>, reject: Option<Reject>, block: Vec<Rule> },
    /// `PATH <- PATH copy except ..`
    Copy { path: Path, from: Path, except: Vec<Path> },
    /// `PATH when .. else reject .. { rules }`
    Group { path: Path, when: Option<Expr>, reject: Option<Reject>, block: Vec<Rule> },
    /// `choose on PATH { "A" { rules } .. other .. }`
    ChooseOn { path: Path, cases: Vec<(Vec<TextLit>, Vec<Rule>)>, other: Option<OtherCase> },
    /// `let NAME = PATH`
    Let(LetClause),
    /// `VALUE -> TARGET when ..`: writes the right side
    Right { value: Expr, target: Target, when: Option<Expr> },
    /// `LEFT <-> RIGHT | adapters else -> value else <- value when ..`
    Both(BothRule),
    /// `pair [each] A with B { .. }`
    Pair(PairClause),
}

/// `LEFT <-> RIGHT | adapters`
#[derive(Clone, Debug)]
pub struct BothRule {
    /// The left side.
    pub left: Target,
    /// The right side.
    pub right: Target,
    /// From left to right.
    pub adapters: Vec<Adapter>,
    /// `else -> value`: when the left has none.
    pub else_right: Option<Expr>,
    /// `else <- value`: when the right has none.
    pub else_left: Option<Expr>,
    /// The condition.
    pub when: Option<Expr>,
}

/// `other { rules }` or `other reject ..`
#[derive(Clone, Debug)]
pub enum OtherCase {
    /// Rules.
    Block(Vec<Rule>),
    /// A refusal.
    Reject(Reject),
}

/// An expression and where it stands.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// Digits as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// With `-` and point.
    pub digits: String,
    /// Where.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `"..."`
    Text(String),
    /// `12.50`
    Number(String),
    /// The format's emptiness.
    Blank,
    /// Absent, in a test or an argument.
    None,
    /// A field.
    Path(Path),
    /// `written PATH`
    Written(Path),
    /// `NAME(args)`
    Call(Name, Vec<Arg>),
    /// `(a, b)`
    Tuple(Vec<Expr>),
    /// `choose { value when cond .. value otherwise }`
    Choose(Vec<(Expr, Option<Expr>)>),
    /// `a + b`, `a - b`, `a * b`, `a & b`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `a = b` ..
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `a is present`; `true` for `is not`
    Is(Box<Expr>, Being, bool),
    /// `a and b`
    And(Box<Expr>, Box<Expr>),
    /// `a or b`
    Or(Box<Expr>, Box<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `value | adapter else value ..`, strictly left to right
    Chain(Box<Expr>, Vec<Link>, Option<Reject>),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Arg {
    /// `name:`
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// A step of a chain.
#[derive(Clone, Debug)]
pub enum Link {
    /// `| adapter`
    Adapter(Adapter),
    /// `else value`
    Else(Expr),
    /// `else reject ..`
    Reject(Reject),
    /// `else skip`
    Skip(Span),
}

/// `NAME`, `NAME/COLUMN`, `NAME(args)`, `NAME "text"`, `NAME mark "+"`
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Its name.
    pub name: Name,
    /// The column of a table.
    pub column: Option<Name>,
    /// Its arguments; `mark "+"` is the argument `mark`.
    pub args: Vec<Arg>,
    /// All of it.
    pub span: Span,
}

/// What joins two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `&`
    Join,
}

/// What compares two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `in`
    In,
    /// `matches`
    Matches,
    /// `contains`
    Contains,
    /// `starts-with`
    StartsWith,
}

/// What a value is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Being {
    /// There.
    Present,
    /// Not there.
    Absent,
    /// There, and of blanks.
    Blank,
}

/// `a/b[1]/@c`
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// At least one.
    pub segments: Vec<Segment>,
    /// Where.
    pub span: Span,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// A name (`@Ccy` with its sign), `.` or `**`.
    pub name: Name,
    /// Whether it stood in backticks, so that it is a field whatever its name.
    pub quoted: bool,
    /// `[..]`
    pub index: Option<Box<Index>>,
}

/// What stands in brackets behind a name.
#[derive(Clone, Debug)]
pub struct Index {
    /// What it is.
    pub kind: IndexKind,
    /// With the brackets.
    pub span: Span,
}

impl PartialEq for Index {
    fn eq(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (IndexKind::At(a), IndexKind::At(b)) => a == b,
            (IndexKind::Slice(a, b), IndexKind::Slice(c, d)) => (a, b) == (c, d),
            _ => false,
        }
    }
}

/// What stands in brackets behind a name.
#[derive(Clone, Debug)]
pub enum IndexKind {
    /// `[2]`: the second occurrence.
    At(u32),
    /// `[1..2]`: characters of a text.
    Slice(u32, u32),
    /// `[Ccy = "EUR"]`: the occurrence of which this holds.
    Cond(Expr),
}

impl Path {
    /// The first name.
    pub fn first(&self) -> &str {
        self.segments.first().map_or("", |it| &it.name.text)
    }
}
