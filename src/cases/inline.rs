//! The `test` sections of a mapping.

use super::{Case, Expected, Given, Literal, Step, usual_time};
use crate::catalog::Loaded;
use crate::engine::call::Context;
use crate::engine::mapping::ast::{Comparison, Expr, ExprKind, IndexKind, Role, SectionKind, TestStep};
use crate::engine::mapping::evaluate;
use std::fs;
use std::path::Path;

/// The tests that stand in a mapping.
pub(crate) fn cases(mapping: &Path, loaded: &Loaded) -> Result<Vec<Case>, String> {
    let reader = Reader { mapping, loaded };
    let tests = loaded.unit.ast.sections.iter().filter_map(|it| match &it.kind {
        SectionKind::Test(test) => Some((it.span, test)),
        _ => None,
    });
    tests
        .map(|(span, test)| {
            let place = loaded.sources.position(span);
            let wrong = |why: String| format!("{}:{}: test \"{}\": {why}", mapping.display(), place.line, test.title.text);
            let mut case = Case {
                title: test.title.text.clone(),
                file: mapping.to_path_buf(),
                line: place.line as usize,
                reverse: false,
                now: usual_time(),
                given: None,
                recalled: Vec::new(),
                memos: Vec::new(),
                expected: Vec::new(),
                files: Vec::new(),
            };
            for step in &test.steps {
                reader.step(step, &mut case).map_err(wrong)?;
            }
            Ok(case)
        })
        .collect()
}

struct Reader<'a> {
    mapping: &'a Path,
    loaded: &'a Loaded,
}

impl Reader<'_> {
    fn step(&self, step: &TestStep, case: &mut Case) -> Result<(), String> {
        let beside = |name: &str| self.mapping.with_file_name("").join(name);
        match step {
            TestStep::Now(time) => {
                case.now = time.text.parse().map_err(|_| format!("`{}` is not a time with a zone", time.text))?;
            }
            TestStep::GivenFile(side, file) => {
                case.reverse = self.is_right(&side.text)?;
                let path = beside(&file.text);
                let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                case.given = Some(Given::Bytes(bytes));
            }
            TestStep::Given(name, fields) if self.is_side(&name.text) => {
                case.reverse = self.is_right(&name.text)?;
                let fields = fields.iter().map(|(path, value)| Ok((self.path(path)?, self.literal(value)?)));
                let fields = fields.collect::<Result<_, String>>()?;
                case.given = Some(Given::Fields(name.text.clone(), fields));
            }
            TestStep::Given(memo, fields) => {
                let fields = fields.iter().map(|(path, value)| {
                    let text = self.literal(value)?.text.unwrap_or_default();
                    Ok((path.first().to_owned(), text))
                });
                case.recalled.push((memo.text.clone(), fields.collect::<Result<_, String>>()?));
            }
            TestStep::Expect(path, value) => {
                let steps = self.path(path)?;
                let side = steps.first().map(|it| it.name.clone()).unwrap_or_default();
                if !self.is_side(&side) {
                    return Err(format!("`{side}` is no side of the mapping"));
                }
                case.expected.push(Expected::Field(side, steps, self.literal(value)?));
            }
            TestStep::ExpectFile(side, file) => {
                case.expected.push(Expected::File(side.text.clone(), beside(&file.text)));
            }
            TestStep::ExpectReject(code) => case.expected.push(Expected::Reject(code.text.clone())),
        }
        Ok(())
    }

    fn is_side(&self, name: &str) -> bool {
        self.loaded.sides.iter().any(|it| it.alias == name)
    }

    /// Whether a side is the right one of a two-way mapping.
    fn is_right(&self, name: &str) -> Result<bool, String> {
        let side = self.loaded.sides.iter().find(|it| it.alias == name);
        match side.map(|it| it.role) {
            Some(Role::And) => Ok(true),
            Some(Role::From | Role::Between) => Ok(false),
            Some(Role::To) => Err(format!("`{name}` is what the mapping writes: it cannot be given")),
            None => Err(format!("`{name}` is no side of the mapping")),
        }
    }

    fn path(&self, path: &crate::engine::mapping::ast::Path) -> Result<Vec<Step>, String> {
        let step = |it: &crate::engine::mapping::ast::Segment| {
            let (mut number, mut has) = (None, None);
            match it.index.as_ref().map(|it| &it.kind) {
                Some(IndexKind::At(at)) => number = Some(*at as usize),
                Some(IndexKind::Cond(cond)) => has = Some(self.equality(cond)?),
                Some(IndexKind::Slice(..)) => return Err("a part of a text is not compared".to_owned()),
                None => {}
            }
            Ok(Step { name: it.name.text.clone(), number, has })
        };
        path.segments.iter().map(step).collect()
    }

    /// `NAME = VALUE`
    fn equality(&self, cond: &Expr) -> Result<(String, Literal), String> {
        let ExprKind::Compare(Comparison::Equal, left, right) = &cond.kind else {
            return Err("a condition in a path of a test is `[NAME = VALUE]`".to_owned());
        };
        let ExprKind::Path(path) = &left.kind else {
            return Err("a condition in a path of a test is `[NAME = VALUE]`".to_owned());
        };
        let names: Vec<_> = path.segments.iter().map(|it| it.name.text.as_str()).collect();
        Ok((names.join("/"), self.literal(right)?))
    }

    fn literal(&self, value: &Expr) -> Result<Literal, String> {
        let text = |it: &str| Some(it.to_owned());
        Ok(match &value.kind {
            ExprKind::Text(it) => Literal { text: text(it), is_number: false },
            ExprKind::Number(it) => Literal { text: text(it), is_number: true },
            ExprKind::None => Literal { text: None, is_number: false },
            ExprKind::Blank => Literal { text: text(""), is_number: false },
            _ => {
                let words = self.loaded.sources.slice(value.span);
                let given = evaluate(words, None, false, &Context { now: usual_time(), ..Context::default() })?;
                let is_number = given.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b'-'));
                Literal { text: Some(given).filter(|it| it != "absent"), is_number }
            }
        })
    }
}
