//! Rejects: JSON lines with the bytes for programs, a few lines on stderr for people.

use crate::engine::output::{Noted, Reject};
use crate::engine::plan::{Plan, ReplyValue, Scope};
use crate::engine::{Fault, FaultCode, FieldId, Kind, Position, Schema, Type};
use base64::Engine;
use serde_json::{Map, Value, json};
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What is said of a fault beside what it says itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// ISO's or the author's reason code.
    pub reason: String,
    /// In words.
    pub text: String,
    /// Our code.
    pub code: &'static str,
    /// The path of the source field, with indexes.
    pub source: String,
    /// The path of the target field.
    pub target: String,
    /// `FILE:LINE` of the rule.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// The byte in the stream.
    pub offset: u64,
    /// Whether the source field is what is missing.
    pub is_absent: bool,
}

/// Says what a fault means to people.
pub fn tell(plan: &Plan, source: &Schema, noted: &Noted) -> Told {
    let fault = &noted.fault;
    let rule = fault.rule.and_then(|it| plan.rule(it));
    let refusal = noted.refusal.and_then(|it| plan.refusals.get(usize::from(it)));
    let target = rule.and_then(|it| it.target);
    let text = refusal.and_then(|it| it.text.clone()).unwrap_or_else(|| words(source, fault));
    let path = fault.field.map(|field| {
        let mut numbers: Vec<u32> = noted.numbers.iter().copied().take_while(|it| *it > 0).collect();
        numbers.extend(fault.rows.iter().copied().take_while(|it| *it > 0));
        below(source, plan.source_root, field, &numbers)
    });
    let target_path = target.and_then(|(target, field)| {
        let it = plan.targets.get(target)?;
        Some(below(&it.schema, it.root_field, field, &[]))
    });
    Told {
        reason: refusal.map_or_else(|| reason(source, fault).to_owned(), |it| it.code.clone()),
        text,
        code: fault.code.name(),
        source: path.unwrap_or_default(),
        target: target_path.unwrap_or_default(),
        rule: rule.map(|it| it.place.clone()).unwrap_or_default(),
        name: rule.map(|it| it.name.clone()).unwrap_or_default(),
        offset: fault.offset,
        is_absent: noted.is_absent,
    }
}

/// A path as it is shown: from the field that a side's alias stands for.
pub fn below(schema: &Schema, root: FieldId, field: FieldId, numbers: &[u32]) -> String {
    let whole = schema.path_with(field, numbers);
    let above = schema.parent(root).filter(|_| schema.is_within(field, root)).map(|it| schema.line(it).len()).unwrap_or(0);
    whole.split('/').skip(above).collect::<Vec<_>>().join("/")
}

/// The reason of a fault without words of the author's: where the code is about a value, that of the value's type.
pub(super) fn reason(schema: &Schema, fault: &Fault) -> &'static str {
    let is_facet =
        matches!(fault.code, FaultCode::XmlFacet | FaultCode::JsonFacet | FaultCode::JsonType | FaultCode::CopybookDigits);
    let kind = fault.field.filter(|_| is_facet).map(|it| schema.type_of(it));
    let Some(def) = kind else { return fault.code.reason() };
    match &def.kind {
        Kind::Leaf(leaf) => match &**leaf {
            Type::Number(_) | Type::Amount(_) => "AM12",
            Type::Date | Type::Time | Type::DateTime | Type::Instant => "DT01",
            Type::Text(_) if def.name.ends_with("Identifier") && def.name.starts_with("IBAN") => "AC01",
            Type::Text(_) if def.name.ends_with("Identifier") && def.name.contains("BIC") => "RC01",
            Type::Text(_) if def.name.ends_with("CurrencyCode") => "AM03",
            _ => fault.code.reason(),
        },
        _ => fault.code.reason(),
    }
}

/// A fault in words, with what the schema says of the field.
pub fn words(schema: &Schema, fault: &Fault) -> String {
    let text = fault.code.text();
    let Some(field) = fault.field else { return text.to_owned() };
    match fault.code {
        FaultCode::XmlFacet | FaultCode::JsonFacet | FaultCode::JsonType | FaultCode::CopybookDigits => {
            match &schema.type_of(field).kind {
                Kind::Leaf(kind) => {
                    let name = &schema.type_of(field).name;
                    format!("{text}: it is {} ({name})", kind.describe())
                }
                _ => text.to_owned(),
            }
        }
        FaultCode::XmlUnexpected | FaultCode::XmlMissing => {
            let expected = usize::from(fault.detail).checked_sub(1);
            match expected.and_then(|it| schema.type_of(field).members.get(it)) {
                Some(member) => format!("{text}: `{}` is expected", member.name),
                None => text.to_owned(),
            }
        }
        FaultCode::FrameLength if fault.detail > 0 => format!("{text}: {} bytes are left over", fault.detail),
        _ => text.to_owned(),
    }
}

/// The rejects of a run.
pub struct Rejects {
    file: Option<BufWriter<std::fs::File>>,
    /// Records and messages that were refused.
    pub count: u64,
    shown: u64,
    quiet: bool,
    json_log: bool,
    /// Whether places in the source are lines and columns.
    is_text: bool,
}

/// The most rejects that stderr shows.
const SHOWN_MAX: u64 = 20;

/// A reject with what only the face knows of it.
pub struct Rejected<'a> {
    /// The reject.
    pub reject: &'a Reject,
    /// The input's name.
    pub input: &'a str,
    /// The place of each of its faults, of text.
    pub places: &'a [Position],
    /// The refused part as it came.
    pub bytes: Option<&'a [u8]>,
}

impl Rejects {
    /// Rejects to a file, and to stderr.
    pub fn new(path: Option<&Path>, quiet: bool, json_log: bool, is_text: bool) -> io::Result<Self> {
        let file = match path {
            Some(path) => {
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                Some(BufWriter::new(options.open(path)?))
            }
            None => None,
        };
        Ok(Rejects { file, count: 0, shown: 0, quiet, json_log, is_text })
    }

    /// Notes a reject.
    pub fn push(&mut self, plan: &Plan, source: &Schema, rejected: &Rejected<'_>) -> io::Result<()> {
        self.count += 1;
        let told: Vec<Told> = rejected.reject.faults.iter().map(|it| tell(plan, source, it)).collect();
        let mut line = self.line(plan, rejected, &told);
        if !self.quiet {
            self.shown += 1;
            if self.shown <= SHOWN_MAX {
                if self.json_log {
                    eprintln_line(&line.to_string());
                } else {
                    eprintln_line(&self.for_people(rejected, &told));
                }
            }
        }
        if let Some(file) = &mut self.file {
            if let (Some(bytes), Some(object)) = (rejected.bytes, line.as_object_mut()) {
                object.insert("bytes".to_owned(), Value::String(base64::prelude::BASE64_STANDARD.encode(bytes)));
            }
            serde_json::to_writer(&mut *file, &line)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    }

    fn line(&self, plan: &Plan, rejected: &Rejected<'_>, told: &[Told]) -> Value {
        let reject = rejected.reject;
        let mut object = Map::new();
        object.insert("input".to_owned(), json!(rejected.input));
        object.insert("message".to_owned(), json!(reject.message));
        object.insert("record".to_owned(), if reject.record > 0 { json!(reject.record) } else { Value::Null });
        object.insert("scope".to_owned(), json!(reject.scope.name()));
        if let Some(first) = told.first() {
            self.fault(&mut object, first, rejected.places.first());
        }
        let others: Vec<Value> = told
            .iter()
            .zip(rejected.places.iter().map(Some).chain(std::iter::repeat(None)))
            .skip(1)
            .map(|(told, place)| {
                let mut other = Map::new();
                self.fault(&mut other, told, place);
                Value::Object(other)
            })
            .collect();
        object.insert("faults".to_owned(), Value::Array(others));
        object.insert("mapping".to_owned(), json!(format!("{}@{}", plan.name, plan.version)));
        if !plan.reply.is_empty()
            && let Some(first) = told.first()
        {
            object.insert("reply".to_owned(), reply(plan, first));
        }
        Value::Object(object)
    }

    fn fault(&self, object: &mut Map<String, Value>, told: &Told, place: Option<&Position>) {
        let text = |it: &str| if it.is_empty() { Value::Null } else { json!(it) };
        object.insert("reason".to_owned(), json!(told.reason));
        object.insert("text".to_owned(), json!(told.text));
        object.insert("code".to_owned(), json!(told.code));
        object.insert("source".to_owned(), text(&told.source));
        object.insert("target".to_owned(), text(&told.target));
        object.insert("rule".to_owned(), text(&told.rule));
        if self.is_text
            && let Some(place) = place
        {
            object.insert("line".to_owned(), json!(place.line));
            object.insert("column".to_owned(), json!(place.column));
        }
        object.insert("offset".to_owned(), json!(told.offset));
    }

    /// As a person reads it.
    fn for_people(&self, rejected: &Rejected<'_>, told: &[Told]) -> String {
        let reject = rejected.reject;
        let what = match reject.scope {
            Scope::Record => format!("record {} of message {}", reject.record, reject.message),
            Scope::Message => format!("message {}", reject.message),
            Scope::File => "input".to_owned(),
        };
        let mut text = match told.first() {
            Some(first) => format!("rejected {what}: {} {}", first.reason, first.text),
            None => format!("rejected {what}"),
        };
        for (at, it) in told.iter().enumerate() {
            let place = match rejected.places.get(at).filter(|_| self.is_text) {
                Some(place) => format!("{}:{place}", rejected.input),
                None => format!("{} byte {}", rejected.input, it.offset),
            };
            if at > 0 {
                text.push_str(&format!("\n  and {} {}", it.reason, it.text));
            }
            let absent = if it.is_absent && !it.source.is_empty() { " is absent" } else { "" };
            text.push_str(&format!("\n  --> {place}  {}{absent}", it.source));
            let end = text.trim_end().len();
            text.truncate(end);
            if !it.rule.is_empty() {
                text.push_str(&format!("\n   = rule: {}  {}", it.rule, it.name));
            }
        }
        text
    }

    /// The last words, and the file's end.
    pub fn finish(mut self, kept: bool) -> io::Result<()> {
        if self.shown > SHOWN_MAX && !self.quiet {
            let more = self.shown - SHOWN_MAX;
            let how = if kept { "all are in the file of rejects" } else { "keep them all with --rejects FILE" };
            eprintln_line(&format!("and {more} more rejected; {how}"));
        }
        match &mut self.file {
            Some(file) => file.flush(),
            None => Ok(()),
        }
    }
}

/// The answer to the sender of a refused message, as the mapping words it.
fn reply(plan: &Plan, told: &Told) -> Value {
    let mut object = Map::new();
    for (name, value) in &plan.reply {
        let value = match value {
            ReplyValue::Code => json!(told.reason),
            ReplyValue::Text => json!(told.text),
            ReplyValue::SourcePath => json!(told.source),
            ReplyValue::TargetPath => json!(told.target),
            ReplyValue::RuleLine => json!(told.rule),
            ReplyValue::Literal(text) => json!(text),
        };
        object.insert(name.clone(), value);
    }
    Value::Object(object)
}

#[expect(clippy::print_stderr, reason = "rejects are told on stderr")]
fn eprintln_line(text: &str) {
    eprintln!("{text}");
}
