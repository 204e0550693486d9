//! `latimer completions`: what a shell needs to complete the command line.

use super::{Exit, Program, complain};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;

/// Writes what a shell needs to complete the command line.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer completions bash > /etc/bash_completion.d/latimer")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Program::command(), "latimer", &mut script);
        match std::io::stdout().lock().write_all(&script) {
            Ok(()) => Exit::Done,
            Err(error) => {
                complain(&format!("error: {error}"));
                Exit::World
            }
        }
    }
}
