//! Named things and decisions: policy, tables, look-ups, sequences, memos, what is ignored.

use super::table::{LookupData, TableData};
use super::value::Want;
use super::{BadChars, Binding, Resolver};
use crate::call::{Run, time_zone};
use crate::mapping::ast::{self, Expr, ExprKind, FragmentBody, Name, Path, PolicyItem, Role, Section, SectionKind, TypeLitKind};
use crate::mapping::functions;
use crate::mapping::hir::{CallValue, CheckEach, FileKey, Lasting, NodeId, Value, ValueKind, Verify};
use crate::mapping::nearest;
use crate::mapping::typed::{Presence, Typed};
use crate::mapping::visit;
use crate::plan::ReplyValue;
use crate::standards::characters;
use crate::{Decimal, FieldId, Number, RuleId, Slot, Span, Text, Type};
use std::sync::Arc;

/// A sequence as declared.
#[derive(Clone, Debug)]
pub(crate) struct SequenceData {
    pub(crate) digits: u32,
    pub(crate) keyed_by: Vec<Expr>,
}

/// A memo as declared.
#[derive(Clone, Debug)]
pub(crate) struct MemoData {
    pub(crate) name: String,
    pub(crate) key: (String, Type),
    /// Name, whether it may be absent, type.
    pub(crate) fields: Vec<(String, bool, Type)>,
    /// Seconds until a record is forgotten.
    pub(crate) expires: i64,
    /// The fields that are never printed.
    pub(crate) secret: Vec<String>,
}

/// The policies there are.
const POLICIES: [&str; 5] = ["bad-chars", "time-zone", "unknown-fields", "zero", "zero-date"];

impl Resolver<'_> {
    /// Takes everything that has a name or is decided once, of the mapping and of what it uses.
    pub(crate) fn declare(&mut self) {
        let unit = self.unit;
        for section in &unit.ast.sections {
            self.declare_section(section);
        }
        for (place, section) in unit.ast.sections.iter().enumerate() {
            if let SectionKind::Use { file, names } = &section.kind {
                let Some((_, library)) =
                    self.sources.linked(unit.file, &file.text).and_then(|id| unit.libraries.iter().find(|(it, _)| *it == id))
                else {
                    continue;
                };
                self.take_from(library, names, place);
            }
        }
        // Last, since a memo may stand in a library.
        for section in &unit.ast.sections {
            if let SectionKind::Secret(paths) = &section.kind {
                paths.iter().for_each(|it| self.secret(it));
            }
        }
    }

    fn take_from(&mut self, library: &ast::Ast, names: &[Name], _place: usize) {
        for name in names {
            let named = library.sections.iter().find(|it| name_of(&it.kind) == Some(&name.text));
            match named {
                Some(section) => {
                    self.declare_section(section);
                    self.used.insert(name.text.clone());
                }
                None => {
                    let known: Vec<_> = library.sections.iter().filter_map(|it| name_of(&it.kind)).map(String::as_str).collect();
                    let near = nearest(&name.text, known.iter().copied());
                    let diagnostic = self.diagnostics.error("E100", name.span, format!("the library has no `{}`", name.text));
                    match near {
                        Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), name.span, near),
                        None => diagnostic.help(format!("it has: {}", known.join(", "))),
                    };
                }
            }
        }
    }

    fn declare_section(&mut self, section: &Section) {
        match &section.kind {
            SectionKind::Policy(items) => items.iter().for_each(|it| self.policy(it)),
            SectionKind::Let(clause) => self.names.push((clause.name.text.clone(), Binding::Let(clause.path.clone()))),
            SectionKind::Table(clause) => {
                let table = TableData::of(clause, self.sources, self.diagnostics);
                self.unique(&clause.name);
                self.tables.insert(clause.name.text.clone(), Arc::new(table));
            }
            SectionKind::Lookup(clause) => {
                self.unique(&clause.name);
                if clause.kind.text == "kv" {
                    self.not_built(clause.kind.span, "keyed stores");
                    return;
                }
                if clause.kind.text != "csv" {
                    self.diagnostics
                        .error("E003", clause.kind.span, format!("there is no kind of look-up `{}`", clause.kind.text))
                        .fix("it is read from:  csv", clause.kind.span, "csv");
                    return;
                }
                // That the file is missing was said when it was looked for.
                let rows_max = self.lookup_rows_max;
                let file = self.sources.linked(section.span.file, &clause.file.text);
                let read = file.and_then(|it| LookupData::of(clause, self.sources.text(it), rows_max, self.diagnostics));
                match read {
                    Some(data) => drop(self.lookups.insert(clause.name.text.clone(), data)),
                    None => self.unread.push(clause.name.text.clone()),
                }
            }
            SectionKind::Sequence { name, digits, keyed_by } => {
                self.unique(name);
                let digits = digits.digits.parse().ok().filter(|it| (1..=18).contains(it)).unwrap_or_else(|| {
                    self.diagnostics.error("E103", digits.span, "a sequence has 1 to 18 digits");
                    18
                });
                self.sequences.insert(name.text.clone(), SequenceData { digits, keyed_by: keyed_by.clone() });
            }
            SectionKind::Memo(clause) => {
                self.unique(&clause.name);
                let fields = clause
                    .fields
                    .iter()
                    .map(|(name, optional, kind)| (name.text.clone(), *optional, self.type_of_lit(kind)))
                    .collect();
                let key = (clause.key.text.clone(), self.type_of_lit(&clause.key_type));
                let (count, unit) = &clause.expires;
                let seconds = match unit.text.as_str() {
                    "minutes" => 60,
                    "hours" => 3_600,
                    _ => 86_400,
                };
                let expires = count.digits.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(seconds);
                self.memos.push(MemoData { name: clause.name.text.clone(), key, fields, expires, secret: Vec::new() });
            }
            SectionKind::Fragment(clause) => {
                self.unique(&clause.name);
                self.fragments.insert(clause.name.text.clone(), clause.clone());
            }
            SectionKind::Overlay { name, .. } => self.not_built(name.span, "overlays"),
            SectionKind::Change { .. } | SectionKind::Remove { .. } | SectionKind::SetPolicy(_) => {
                self.not_built(section.span, "changes of an overlay")
            }
            _ => {}
        }
    }

    /// E100: two things of one name.
    fn unique(&mut self, name: &Name) {
        let known = self.tables.contains_key(&name.text)
            || self.lookups.contains_key(&name.text)
            || self.sequences.contains_key(&name.text)
            || self.fragments.contains_key(&name.text)
            || self.memos.iter().any(|it| it.name == name.text);
        let is_function = crate::mapping::functions::find(&name.text).is_some();
        let is_side = self.sides.iter().any(|it| it.alias == name.text);
        if known || is_function || is_side {
            let what = match (is_function, is_side) {
                (true, _) => "is a function already",
                (_, true) => "is the name of a side already",
                _ => "is declared twice",
            };
            self.diagnostics.error("E100", name.span, format!("`{}` {what}", name.text)).help("give it another name");
        }
    }

    pub(crate) fn type_of_lit(&mut self, lit: &ast::TypeLit) -> Type {
        match &lit.kind {
            TypeLitKind::Text(max) => Type::Text(Text { min: 0, max: Some(*max), ..Text::default() }),
            TypeLitKind::Number(whole, decimals) => Type::Number(Number {
                integer_max: Some(*whole),
                decimals_max: Some(*decimals),
                signed: true,
                ..Number::default()
            }),
            TypeLitKind::Date => Type::Date,
            TypeLitKind::DateTime => Type::DateTime,
            TypeLitKind::Group(_) => {
                self.not_built(lit.span, "groups as types");
                Type::Text(Text::default())
            }
        }
    }

    // ---- policy ----------------------------------------------------------------------------------------------------

    fn policy(&mut self, item: &PolicyItem) {
        let words: Vec<&str> = item.words.iter().map(|it| it.text.as_str()).collect();
        let span = item.words.iter().map(|it| it.span).reduce(Span::to).unwrap_or(item.name.span);
        match (item.name.text.as_str(), words.as_slice()) {
            ("bad-chars", ["reject"]) => self.policy.bad_chars = BadChars::Reject,
            ("bad-chars", ["transliterate", profile]) if characters::profile(profile).is_some() => {
                self.policy.bad_chars = BadChars::Transliterate((*profile).to_owned());
            }
            ("bad-chars", ["transliterate", profile]) => {
                let at = item.words.get(1).map_or(span, |it| it.span);
                let near = nearest(profile, characters::PROFILES);
                let diagnostic = self.diagnostics.error("E003", at, format!("there is no profile \"{profile}\""));
                match near {
                    Some(near) => diagnostic.fix(format!("did you mean \"{near}\"?"), at, format!("\"{near}\"")),
                    None => diagnostic.help(format!("there are: {}", characters::PROFILES.join(", "))),
                };
            }
            ("bad-chars", _) => self.policy_value(span, "`transliterate \"epc217-08\"` or `reject`"),
            ("time-zone", [name]) => match time_zone(name) {
                Some(zone) => self.policy.time_zone = Some(((*name).to_owned(), zone)),
                None => self.policy_value(span, "the name of a zone, for example \"Europe/Berlin\""),
            },
            ("unknown-fields", ["reject"]) => self.policy.reject_unknown_fields = true,
            ("unknown-fields", ["report"]) => self.policy.reject_unknown_fields = false,
            ("unknown-fields", _) => self.policy_value(span, "`report` or `reject`"),
            ("zero", ["absent"]) => self.policy.zero_is_absent = true,
            ("zero", _) => self.policy_value(span, "`absent`"),
            ("zero-date", ["absent", listed @ ..]) => {
                let standard = ["00000000", "0001-01-01"];
                let listed: Vec<&str> = if listed.is_empty() { standard.to_vec() } else { listed.to_vec() };
                self.policy.zero_dates = listed.into_iter().map(str::to_owned).collect();
            }
            ("zero-date", _) => self.policy_value(span, "`absent`, perhaps followed by what stands for no date"),
            (other, _) => {
                let near = nearest(other, POLICIES);
                let diagnostic = self.diagnostics.error("E003", item.name.span, format!("there is no policy `{other}`"));
                match near {
                    Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), item.name.span, near),
                    None => diagnostic.help(format!("there are: {}", POLICIES.join(", "))),
                };
            }
        }
    }

    fn policy_value(&mut self, span: Span, wanted: &str) {
        self.diagnostics.error("E003", span, "this policy does not say that").help(format!("it says {wanted}"));
    }

    /// Where a policy can be written, and the text to write there.
    pub(crate) fn policy_edit(&self, words: &str) -> (Span, String) {
        let file = self.unit.file;
        let policy = self.unit.ast.sections.iter().find(|it| matches!(it.kind, SectionKind::Policy(_)));
        if let Some(section) = policy {
            let at = Span { start: section.span.end.saturating_sub(1), end: section.span.end.saturating_sub(1), file };
            return (at, format!("  {words}\n"));
        }
        let after = self.unit.ast.sections.iter().rfind(|it| matches!(it.kind, SectionKind::Side(_)));
        let at = after.map_or(Span { file, start: 0, end: 0 }, |it| it.span.after());
        (at, format!("\n\npolicy {{ {words} }}\n"))
    }

    fn secret(&mut self, path: &Path) {
        if let Some(memo) = self.memos.iter().position(|it| it.name == path.first()) {
            return self.secret_of_memo(memo, path);
        }
        let Some(side) = self.sides.iter().position(|it| it.alias == path.first()) else {
            let known: Vec<_> = self.sides.iter().map(|it| it.alias.clone()).collect();
            self.diagnostics
                .error("E100", path.span, format!("there is no side `{}`", path.first()))
                .help(format!("a path begins with one of: {}", known.join(", ")));
            return;
        };
        let Some(field) = self.plain_field(side, path) else { return };
        if side == self.source_side() {
            self.secrets.push(field);
        } else {
            self.written_secrets.push((side, field));
        }
    }

    fn secret_of_memo(&mut self, memo: usize, path: &Path) {
        let Some(data) = self.memos.get_mut(memo) else { return };
        match path.segments.get(1).map(|it| &it.name) {
            Some(name) if data.fields.iter().any(|(it, ..)| *it == name.text) => data.secret.push(name.text.clone()),
            name => {
                let known: Vec<_> = data.fields.iter().map(|it| it.0.clone()).collect();
                let span = name.map_or(path.span, |it| it.span);
                self.diagnostics
                    .error("E101", span, format!("memo `{}` has no such field", path.first()))
                    .add_note(format!("it has: {}", known.join(", ")))
                    .help("name one of its fields");
            }
        }
    }

    /// A field of a side by its path, without indexes; says what is wrong.
    pub(crate) fn plain_field(&mut self, side: usize, path: &Path) -> Option<FieldId> {
        let schema = self.schema(side);
        let mut field = self.root(side);
        for segment in path.segments.iter().skip(1) {
            if segment.name.text == "**" && !segment.quoted {
                return Some(field);
            }
            match schema.child(field, &segment.name.text) {
                Some(child) => field = child,
                None => {
                    self.unknown_field(side, field, segment);
                    return None;
                }
            }
        }
        Some(field)
    }

    // ---- keys, checks, memos ---------------------------------------------------------------------------------------

    /// `file SIDE per VALUE as NAME`: its name is known in every rule for the side.
    pub(crate) fn file_key(&mut self, tree: usize, value: &Expr, alias: &Name, span: Span) {
        self.scope = ast::Scope::Record;
        let rule = self.new_rule(span, format!("file per {}", alias.text), None);
        let resolved = self.value(value, Want::PLAIN);
        let source = self.first_read;
        if let Some(info) = self.rule_info(rule) {
            info.source = source;
        }
        let Some(resolved) = resolved else { return };
        if resolved.typed.secret {
            self.diagnostics
                .error("E801", value.span, "a secret value would reach the name of a file")
                .help("choose a key that is not secret");
        }
        let at = u16::try_from(self.hir.file_keys.len()).unwrap_or(u16::MAX);
        self.hir.file_keys.push(FileKey { rule, tree, values: Vec::new() });
        self.key_exprs.push((value.clone(), resolved.typed));
        self.names.push((alias.text.clone(), Binding::FileKey(at)));
    }

    /// The key as it is worked out for one repeat that is written: paths through its loops mean the current occurrences.
    pub(crate) fn key_of_repeat(&mut self, tree: usize, node: NodeId, loops: &[crate::mapping::hir::LoopId]) {
        let Some(at) = self.hir.file_keys.iter().position(|it| it.tree == tree) else { return };
        let Some((expr, _)) = self.key_exprs.get(at).cloned() else { return };
        let rule = self.rule;
        self.current = loops.to_vec();
        let value = self.value(&expr, Want::PLAIN);
        self.current.clear();
        self.rule = rule;
        let Some(value) = value else { return };
        if value.typed.many.is_some() || value.typed.as_text().is_none() {
            self.diagnostics
                .error("E210", expr.span, "the key of a file is one text for each record")
                .label(value.typed.describe())
                .help("name a field of the occurrences that `write .. each` goes over");
            return;
        }
        if let Some(key) = self.hir.file_keys.get_mut(at) {
            key.values.push((node, value));
        }
    }

    /// The key is always there: a record without it is rejected.
    pub(crate) fn file_key_typed(&self, key: u16) -> Typed {
        let typed = self.key_exprs.get(usize::from(key)).map(|(_, typed)| typed.clone());
        let typed = typed.unwrap_or_else(|| Typed::text(0, None));
        Typed { presence: Presence::Always, many: None, ..typed }
    }

    /// Whether a condition of a two-way mapping is about the side that is written in this direction, and only about it.
    pub(crate) fn is_of_other_direction(&self, cond: &Expr) -> bool {
        let source = self.source_side();
        let (mut written, mut read) = (false, false);
        visit::walk(cond, &mut |it| {
            let ExprKind::Path(path) = &it.kind else { return };
            let first = &path.first().to_owned();
            for (number, side) in self.sides.iter().enumerate().filter(|(_, it)| it.alias == *first) {
                read |= number == source;
                written |= number != source && matches!(side.role, Role::Between | Role::And);
            }
        });
        written && !read
    }

    /// `verify COND else reject ..`
    pub(crate) fn verify(&mut self, each: &[ast::Loop], cond: &Expr, reject: &ast::Reject, span: Span) {
        self.scope = ast::Scope::Message;
        let rule = self.new_rule(span, "verify".to_owned(), None);
        if !each.is_empty() {
            return self.verify_each(rule, each, cond, reject);
        }
        if let ExprKind::Call(name, args) = &cond.kind
            && name.text == "same"
            && let [arg] = args.as_slice()
            && let ExprKind::Path(path) = &arg.value.kind
            && let Some(Value { kind: ValueKind::Field(path), .. }) = self.source_path(path)
        {
            self.same.insert(path.field);
        }
        let value = self.cond(cond);
        let source = self.first_read;
        let reject = self.reject(reject);
        if let Some(info) = self.rule_info(rule) {
            info.source = source;
        }
        if let Some(cond) = value {
            self.hir.verifies.push(Verify { rule, cond, reject });
        }
    }

    /// `verify each LOOPS: COND else reject ..`
    fn verify_each(&mut self, rule: RuleId, each: &[ast::Loop], cond: &Expr, reject: &ast::Reject) {
        let known = self.names.len();
        let loops = self.loops(each);
        let cond = loops.is_some().then(|| self.cond(cond)).flatten();
        self.names.truncate(known);
        let source = self.first_read;
        let reject = self.reject(reject);
        if let Some(info) = self.rule_info(rule) {
            info.source = source;
        }
        if let (Some(loops), Some(cond)) = (loops, cond) {
            self.hir.checks.push(CheckEach { rule, loops, cond, reject });
        }
    }

    /// A sequence by its name.
    pub(crate) fn sequence(&mut self, name: &str) -> Option<SequenceData> {
        self.used.insert(name.to_owned());
        self.sequences.get(name).cloned()
    }

    /// What is known of every message: `received-at`, `file-name` ..
    pub(crate) fn context_value(&mut self, path: &Path) -> Option<Value> {
        let names: Vec<_> = path.segments.iter().map(|it| it.name.text.as_str()).collect();
        let (typed, run) = match names.as_slice() {
            ["received-at"] => {
                let zone = self.policy.time_zone.as_ref().map_or(jiff::tz::TimeZone::UTC, |(_, zone)| zone.clone());
                (Typed::new(Type::Instant), functions::now_in(zone))
            }
            ["file-name"] => {
                let run = Run::new(|call| {
                    let name = call.context.file_name.as_bytes();
                    Ok(call.record.hold_from(Slot::ABSENT, |held| held.extend_from_slice(name)))
                });
                (Typed { raw: true, ..Typed::text(1, Some(255)) }, run)
            }
            ["record-number"] => {
                let run = Run::new(|call| call.give_number(Decimal::integer(i128::from(call.context.message))));
                (Typed { elastic: true, ..Typed::new(Type::Number(Number::integer(18, false))) }, run)
            }
            ["mapping", "version"] => {
                let version = self.version.clone();
                let typed = Typed::literal(&version);
                return Some(Value { kind: ValueKind::Text(version), typed, span: path.span });
            }
            ["error", ..] => {
                self.diagnostics.error("E100", path.span, "what went wrong is known in `on reject reply` only");
                return None;
            }
            _ => {
                self.not_built(path.span, "facts about the partner and the call");
                return None;
            }
        };
        let label = self.sources.slice(path.span).to_owned();
        let call = CallValue { lasts: Lasting::Message, ..CallValue::new(run, Vec::new(), label) };
        Some(Value { kind: ValueKind::Call(Box::new(call)), typed, span: path.span })
    }

    // ---- replies ---------------------------------------------------------------------------------------------------

    /// `on reject reply problem { .. }`: an object of exactly the members written.
    pub(crate) fn on_reject(&mut self, name: &Name, block: &[ast::Rule]) {
        if name.text != "problem" {
            if !self.sides.iter().any(|it| it.alias == name.text) {
                self.diagnostics.error("E100", name.span, format!("`{}` is neither `problem` nor a side", name.text)).fix(
                    "the built-in one:  problem",
                    name.span,
                    "problem",
                );
                return;
            }
            self.not_built(name.span, "replies in the format of a side");
            return;
        }
        for rule in block {
            let (path, value) = match &rule.kind {
                ast::RuleKind::Assign { target, value, when: None } => (target.paths.first(), value),
                ast::RuleKind::Constant { path, value, when: None } => (Some(path), value),
                _ => {
                    self.not_built(rule.span, "blocks and conditions in a reply");
                    continue;
                }
            };
            let Some([segment]) = path.map(|it| it.segments.as_slice()) else {
                self.not_built(rule.span, "groups in a reply");
                continue;
            };
            let Some(value) = self.reply_value(value) else { continue };
            if self.reply.iter().any(|(name, _)| *name == segment.name.text) {
                self.diagnostics
                    .error("E401", segment.name.span, format!("`{}` is written twice", segment.name.text))
                    .help("remove one line");
            }
            self.reply.push((segment.name.text.clone(), value));
        }
    }

    /// Whether an expression is a value that is never printed; says nothing of what is wrong with it.
    fn is_secret_value(&mut self, value: &Expr) -> bool {
        let known = self.diagnostics.len();
        let found = self.value(value, Want::PLAIN);
        self.diagnostics.truncate(known);
        found.is_some_and(|it| it.typed.secret)
    }

    fn reply_value(&mut self, value: &Expr) -> Option<ReplyValue> {
        let names: Vec<&str> = match &value.kind {
            ExprKind::Text(text) => return Some(ReplyValue::Literal(text.clone())),
            ExprKind::Path(path) => path.segments.iter().map(|it| it.name.text.as_str()).collect(),
            _ => Vec::new(),
        };
        Some(match names.as_slice() {
            ["error", "code"] => ReplyValue::Code,
            ["error", "text"] => ReplyValue::Text,
            ["error", "source-path"] => ReplyValue::SourcePath,
            ["error", "target-path"] => ReplyValue::TargetPath,
            ["error", "rule-line"] => ReplyValue::RuleLine,
            ["mapping", "version"] => ReplyValue::Literal(self.version.clone()),
            _ if self.is_secret_value(value) => {
                self.diagnostics
                    .error("E801", value.span, "a secret value would reach the reply to the sender")
                    .help("a reply says what went wrong:  error/code, error/text, error/source-path, error/target-path");
                return None;
            }
            _ => {
                self.diagnostics.error("E100", value.span, "a reply says what went wrong, and what is always the same").help(
                    "there are: error/code, error/text, error/source-path, error/target-path, error/rule-line, mapping/version, texts",
                );
                return None;
            }
        })
    }

    // ---- fragments -------------------------------------------------------------------------------------------------

    /// A fragment that gives a value: inlined, its parameters bound to the arguments.
    pub(crate) fn fragment_value(&mut self, name: &Name, args: &[ast::Arg], span: Span, want: Want<'_>) -> Option<Value> {
        let clause = self.fragments.get(&name.text)?.clone();
        self.used.insert(name.text.clone());
        let FragmentBody::Value(_, body) = &clause.body else {
            self.not_built(span, "fragments of rules");
            return None;
        };
        if args.len() != clause.parameters.len() {
            self.diagnostics.error("E103", span, format!("fragment `{}` takes {} values", name.text, clause.parameters.len()));
            return None;
        }
        if self.depth > 16 {
            self.diagnostics.error("E103", span, "a fragment cannot use itself");
            return None;
        }
        self.depth += 1;
        let bound = clause.parameters.iter().zip(args).map(|((name, _), arg)| (name.text.clone(), arg.value.clone())).collect();
        let value = self.with_arguments(bound, |it| it.value(body, want));
        self.depth -= 1;
        value.map(|it| Value { span, ..it })
    }
}

fn name_of(kind: &SectionKind) -> Option<&String> {
    match kind {
        SectionKind::Let(it) => Some(&it.name.text),
        SectionKind::Table(it) => Some(&it.name.text),
        SectionKind::Lookup(it) => Some(&it.name.text),
        SectionKind::Sequence { name, .. } => Some(&name.text),
        SectionKind::Memo(it) => Some(&it.name.text),
        SectionKind::Fragment(it) => Some(&it.name.text),
        _ => None,
    }
}
