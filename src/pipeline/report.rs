//! The report of losses: a JSON line for each as it happens, and a summary.

use crate::engine::Schema;
use crate::engine::output::{Counts, Loss};
use crate::engine::plan::Plan;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The report of a run.
pub struct Report {
    file: BufWriter<File>,
    lost: u64,
}

impl Report {
    /// A report in a file.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Report { file: BufWriter::new(File::create(path)?), lost: 0 })
    }

    /// Notes a loss; `unknown` names the field that the schema does not.
    pub fn push(&mut self, plan: &Plan, loss: &Loss, unknown: Option<&str>) -> io::Result<()> {
        self.lost += 1;
        let rule = loss.rule.and_then(|it| plan.rule(it));
        let target = rule.and_then(|it| it.target).and_then(|(target, field)| {
            let it = plan.targets.get(target)?;
            Some(short(&it.schema, it.root_field, field))
        });
        let record = if loss.record > 0 { json!(loss.record) } else { Value::Null };
        let mut line = json!({
            "message": loss.message,
            "record": record,
            "rule": rule.map(|it| it.place.clone()),
            "target": target,
            "kind": loss.kind.name(),
            "lost": loss.lost,
        });
        if let (Some(name), Some(object)) = (unknown, line.as_object_mut()) {
            object.insert("field".to_owned(), json!(name));
        }
        serde_json::to_writer(&mut self.file, &line)?;
        self.file.write_all(b"\n")
    }

    /// The last line.
    pub fn finish(mut self, counts: Counts, messages: [u64; 3]) -> io::Result<()> {
        let [read, written, rejected] = messages;
        let line = json!({ "summary": {
            "read": counts.read,
            "written": counts.written,
            "rejected": counts.rejected,
            "filtered": counts.filtered,
            "lost": self.lost,
            "messages": { "read": read, "written": written, "rejected": rejected },
        }});
        serde_json::to_writer(&mut self.file, &line)?;
        self.file.write_all(b"\n")?;
        self.file.flush()
    }
}

fn short(schema: &Schema, root: crate::engine::FieldId, field: crate::engine::FieldId) -> String {
    let above = schema.parent(root).filter(|_| schema.is_within(field, root)).map_or(0, |it| schema.line(it).len());
    schema.path(field).split('/').skip(above).collect::<Vec<_>>().join("/")
}
