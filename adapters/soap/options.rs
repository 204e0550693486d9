//! What a mapping or a command line says about the messages.

use crate::envelope::Version;
use latimer_engine::{Diagnostics, FormatOption, Options};

/// The options, read.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The versions that are read; the first is written.
    pub(crate) versions: Vec<Version>,
    /// The text elements in the detail of a fault.
    pub(crate) detail: Vec<String>,
}

/// Reads the options; what cannot be used is told.
pub(crate) fn read(options: &Options, diagnostics: &mut Diagnostics) -> Chosen {
    let versions = match options.get("version") {
        None => vec![Version::V11, Version::V12],
        Some(option) => match option.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["auto"] => vec![Version::V11, Version::V12],
            ["1.1"] => vec![Version::V11],
            ["1.2"] => vec![Version::V12],
            _ => {
                wrong(option, "auto, 1.1 or 1.2", diagnostics);
                vec![Version::V11]
            }
        },
    };
    if let Some(option) = options.get("operation").filter(|it| it.words.len() != 1) {
        wrong(option, "the name of one operation", diagnostics);
    }
    if let Some(option) = options.get("message") {
        diagnostics
            .error("E004", option.span, "`message` cannot be used with an XML Schema")
            .label("only a WSDL says which messages an operation has")
            .help("leave it out, and name the element of the body:  at ELEMENT");
    }
    let mut detail: Vec<String> = Vec::new();
    for option in options.list.iter().filter(|it| it.name == "detail") {
        for word in &option.words {
            let is_name = word.starts_with(|it: char| it.is_alphabetic() || it == '_')
                && word.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | '.'));
            if !is_name {
                wrong(option, "names of elements", diagnostics);
            } else if !detail.contains(word) {
                detail.push(word.clone());
            }
        }
    }
    Chosen { versions, detail }
}

fn wrong(option: &FormatOption, allowed: &str, diagnostics: &mut Diagnostics) {
    let words = option.words.join(" ");
    diagnostics
        .error("E003", option.span, format!("`{} {words}` is not an option of `soap`", option.name))
        .help(format!("`{}` takes {allowed}", option.name));
}
