//! `latimer help CODE`: a page for every code.

use super::{Exit, Program, Settings, complain, say};
use crate::engine::FaultCode;
use clap::{Args, CommandFactory};

/// Explains a code: E201, map/charset. Without one: the commands.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer help E201")]
pub struct Help {
    /// A code of `check` (E201, S203), of a fault (xml/facet), or the name of a command
    code: Option<String>,
}

/// The pages, one `## CODE title` each.
const PAGES: &str = include_str!("codes.md");

impl Help {
    pub(super) fn run(&self, _settings: &Settings) -> Exit {
        let Some(code) = &self.code else {
            say(&Program::command().render_help().to_string());
            return Exit::Done;
        };
        if let Some(page) = page(code) {
            say(&page);
            return Exit::Done;
        }
        let mut program = Program::command();
        if let Some(command) = program.find_subcommand_mut(code) {
            say(&command.render_long_help().to_string());
            return Exit::Done;
        }
        complain(&format!("error: there is no code or command `{code}`"));
        Exit::Usage
    }
}

/// The page of a code.
pub(super) fn page(code: &str) -> Option<String> {
    if let Some(fault) = FaultCode::ALL.iter().find(|it| it.name() == code) {
        return Some(format!("{}: {}\n\nreason, where nothing else is said: {}", fault.name(), fault.text(), fault.reason()));
    }
    let mut lines = PAGES.lines().skip_while(|it| it.strip_prefix("## ").is_none_or(|it| it.split(' ').next() != Some(code)));
    let title = lines.next()?.strip_prefix("## ")?;
    let body: Vec<&str> = lines.take_while(|it| !it.starts_with("## ")).collect();
    Some(format!("{title}\n{}", body.join("\n").trim_end()))
}
