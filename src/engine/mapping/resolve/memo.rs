//! What is remembered of a request, and recalled for its reply.

use super::Resolver;
use super::value::Want;
use crate::mapping::ast::{self, Expr, Name, Path};
use crate::mapping::hir::{Recall, Remember, Value, ValueKind};
use crate::mapping::nearest;
use crate::mapping::typed::{Class, Presence, Typed};
use crate::{Span, Type};

impl Resolver<'_> {
    /// `remember MEMO KEY = value { .. }`
    pub(crate) fn remember(&mut self, memo: &Name, key: &Name, value: &Expr, fields: &[(Name, Expr)], span: Span) {
        self.scope = ast::Scope::Message;
        let Some(at) = self.memos.iter().position(|it| it.name == memo.text) else {
            return self.no_memo(memo);
        };
        let Some(data) = self.memos.get(at).cloned() else { return };
        self.used.insert(memo.text.clone());
        let rule = self.new_rule(span, format!("remember {}", memo.text), None);
        if key.text != data.key.0 {
            self.diagnostics.error("E101", key.span, format!("the key of memo `{}` is not `{}`", memo.text, key.text)).fix(
                format!("did you mean `{}`?", data.key.0),
                key.span,
                data.key.0.clone(),
            );
        }
        let key = self.memo_value(value, &data.key.1, &memo.text);
        let mut values: Vec<Option<Value>> = data.fields.iter().map(|_| None).collect();
        let mut named = vec![false; data.fields.len()];
        for (name, expr) in fields {
            match data.fields.iter().position(|(it, ..)| *it == name.text) {
                Some(place) => {
                    let kind = data.fields.get(place).map_or(Type::YesNo, |it| it.2.clone());
                    let value = self.memo_value(expr, &kind, &name.text);
                    if let Some(value) = &value
                        && value.typed.presence == Presence::Maybe
                        && data.fields.get(place).is_some_and(|it| !it.1)
                    {
                        self.diagnostics
                            .error("E301", expr.span, format!("`{}` is mandatory, but its value can be missing", name.text))
                            .label("may be absent")
                            .help(format!("mark the field of the memo as optional:  {}? : ..", name.text))
                            .fix(
                                "or refuse the message:   else reject \"NARR\" \"why\"",
                                expr.span.after(),
                                " else reject \"NARR\" \"why\"",
                            );
                    }
                    if let (Some(it), Some(slot)) = (named.get_mut(place), values.get_mut(place)) {
                        *it = true;
                        *slot = value;
                    }
                }
                None => {
                    let known: Vec<_> = data.fields.iter().map(|it| it.0.clone()).collect();
                    self.diagnostics
                        .error("E101", name.span, format!("memo `{}` has no field `{}`", memo.text, name.text))
                        .help(format!("it has: {}", known.join(", ")));
                }
            }
        }
        let missing: Vec<_> = data
            .fields
            .iter()
            .zip(&named)
            .filter(|((_, optional, _), named)| !optional && !**named)
            .map(|(it, _)| it.0.clone())
            .collect();
        if !missing.is_empty() {
            self.diagnostics
                .error("E302", memo.span, format!("{} of memo `{}` has no value", missing.join(", "), memo.text))
                .help("give each mandatory field a value");
        }
        if let Some(key) = key {
            let memo = u16::try_from(at).unwrap_or(u16::MAX);
            self.hir.remembers.push(Remember { rule, memo, key, fields: values });
        }
    }

    /// A value for a memo sees the original; its size must fit.
    fn memo_value(&mut self, expr: &Expr, kind: &Type, name: &str) -> Option<Value> {
        let target = super::TargetType { typed: Typed::new(kind.clone()), occurs: None, name: name.to_owned(), in_record: false };
        let value = self.value(expr, Want { target: Some(&target), ..Want::PLAIN })?;
        self.assign(&value, &target)?;
        Some(value)
    }

    fn no_memo(&mut self, memo: &Name) {
        let known: Vec<_> = self.memos.iter().map(|it| it.name.clone()).collect();
        let near = nearest(&memo.text, known.iter().map(String::as_str)).map(str::to_owned);
        let diagnostic = self.diagnostics.error("E100", memo.span, format!("there is no memo `{}`", memo.text));
        match near {
            Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), memo.span, near),
            None => diagnostic.help("declare it with `memo`, or take it from a library with `use`"),
        };
    }

    /// `recall MEMO by PATH or PATH else ..`, in the direction whose source the path is of.
    pub(crate) fn recall(&mut self, memo: &Name, by: &Path, or: Option<&Path>, reject: &ast::Reject, span: Span) {
        self.scope = ast::Scope::Message;
        let Some(at) = self.memos.iter().position(|it| it.name == memo.text) else {
            return self.no_memo(memo);
        };
        self.used.insert(memo.text.clone());
        let source = self.source_side();
        let alias = self.sides.get(source).map_or(String::new(), |it| it.alias.clone());
        let Some(path) = [Some(by), or].into_iter().flatten().find(|it| it.first() == alias) else { return };
        let rule = self.new_rule(span, format!("recall {}", memo.text), None);
        self.pairs.push((crate::mapping::hir::SourcePath { field: self.root(source), base: None, picks: Vec::new() }, true));
        let key = self.source_path(path);
        self.pairs.pop();
        let reject = self.reject(reject);
        let info_source = self.first_read;
        if let Some(info) = self.rule_info(rule) {
            info.source = info_source;
        }
        if let Some(key) = key {
            let memo = u16::try_from(at).unwrap_or(u16::MAX);
            self.hir.recalls.push(Recall { rule, memo, key, reject });
        }
    }

    /// A field of a memo that was recalled.
    pub(crate) fn memo_field(&mut self, memo: usize, rest: &[ast::Segment], span: Span) -> Option<Value> {
        let data = self.memos.get(memo)?.clone();
        self.used.insert(data.name.clone());
        let [segment] = rest else {
            self.diagnostics.error("E101", span, format!("`{}` is a memo: name one of its fields", data.name));
            return None;
        };
        let Some(at) = data.fields.iter().position(|(it, ..)| *it == segment.name.text) else {
            let known: Vec<_> = data.fields.iter().map(|it| it.0.clone()).collect();
            let near = nearest(&segment.name.text, known.iter().map(String::as_str)).map(str::to_owned);
            let diagnostic =
                self.diagnostics.error("E101", segment.name.span, format!("there is no `{}` here", segment.name.text));
            diagnostic.label("not in the memo").add_note(format!("{} has: {}", data.name, known.join(", ")));
            match near {
                Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), segment.name.span, near),
                None => diagnostic.help("name one of the fields above"),
            };
            return None;
        };
        let (_, optional, kind) = data.fields.get(at)?;
        let recalled = self.hir.recalls.iter().any(|it| usize::from(it.memo) == memo);
        if !recalled {
            self.diagnostics
                .error("E100", span, format!("memo `{}` is never recalled here", data.name))
                .help(format!("say by what:  recall {} by .. else reject \"..\"", data.name));
        }
        let raw = matches!(kind, Type::Text(_));
        // A mandatory field of a memo is there, if only as it was stored.
        let presence = if *optional { Presence::Maybe } else { Presence::Always };
        let secret = data.secret.contains(&segment.name.text);
        let typed = Typed { presence, raw, secret, class: Class::Exact, ..Typed::new(kind.clone()) };
        let number = |it: usize| u16::try_from(it).unwrap_or(u16::MAX);
        Some(Value { kind: ValueKind::Memo(number(memo), number(at)), typed, span })
    }
}
