use crate::Span;

/// What the author of a schema or mapping has to know.
///
/// Diagnostics are about files and are found at load.
/// What is wrong with one message is a [`Fault`](crate::Fault).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable: `E201`, `W502`, `N702`, `S203`; each has a page, `latimer help E201`.
    pub code: &'static str,
    /// Whether the file can still be used.
    pub severity: Severity,
    /// One lower-case phrase without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What the caret says.
    pub label: String,
    /// Other places that explain the first one.
    pub others: Vec<(Span, String)>,
    /// What there is to know: types, siblings.
    pub notes: Vec<String>,
    /// What to do about it.
    pub helps: Vec<Help>,
    /// About a whole side: printed after all that have a line of their own.
    pub last: bool,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The sentence.
    pub text: String,
    /// The change that removes the diagnostic, for editors and for the test that applies every help.
    pub edit: Option<Edit>,
}

/// A change of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do: the author should know.
    Note,
    /// The file is used, and probably not as meant.
    Warning,
    /// The file is refused.
    Error,
}

impl Severity {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// The diagnostics found so far.
#[derive(Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Records an error and returns it, so that notes and helps can be added.
    pub fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(code, Severity::Error, span, message.into())
    }

    /// Records a warning and returns it.
    pub fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(code, Severity::Warning, span, message.into())
    }

    /// Records a note and returns it.
    pub fn note(&mut self, code: &'static str, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(code, Severity::Note, span, message.into())
    }

    /// Whether anything was refused.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|it| it.severity == Severity::Error)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all but the first so many: what was tried and given up.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// File by file in line order, each once; what is about a whole side comes last.
    pub fn sort(&mut self) {
        self.0.sort_by_key(|it| (it.span.file, it.last, it.span.start));
        self.0.dedup();
    }

    /// Takes all of another list.
    pub fn append(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// Takes what another list has and this one has not: both directions of a mapping find the same mistakes.
    pub fn append_new(&mut self, other: Diagnostics) {
        for diagnostic in other.0 {
            let known = self.0.iter().any(|it| (it.code, it.span) == (diagnostic.code, diagnostic.span));
            if !known {
                self.0.push(diagnostic);
            }
        }
    }

    fn push(&mut self, code: &'static str, severity: Severity, span: Span, message: String) -> &mut Diagnostic {
        let label = String::new();
        let (others, notes, helps) = (Vec::new(), Vec::new(), Vec::new());
        self.0.push(Diagnostic { code, severity, message, span, label, others, notes, helps, last: false });
        match self.0.last_mut() {
            Some(last) => last,
            None => unreachable!("just pushed"),
        }
    }
}

impl Diagnostic {
    /// What stands behind the caret.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Points at a second place.
    pub fn other(&mut self, span: Span, label: impl Into<String>) -> &mut Self {
        self.others.push((span, label.into()));
        self
    }

    /// Adds what there is to know.
    pub fn add_note(&mut self, note: impl Into<String>) -> &mut Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.helps.push(Help { text: text.into(), edit: None });
        self
    }

    /// Says what to do, with the change that does it.
    pub fn fix(&mut self, text: impl Into<String>, span: Span, by: impl Into<String>) -> &mut Self {
        self.helps.push(Help { text: text.into(), edit: Some(Edit { span, text: by.into() }) });
        self
    }

    /// Marks what is about a whole side.
    pub fn at_the_end(&mut self) -> &mut Self {
        self.last = true;
        self
    }
}
