//! `latimer man`: manual pages, one for the program and one for each command.

use super::{Exit, Program, complain};
use clap::{Args, CommandFactory};
use std::path::PathBuf;

/// Writes manual pages: latimer.1, latimer-check.1 ..
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer man /usr/local/share/man/man1")]
pub struct Man {
    /// The folder for the pages; made if need be
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(&self) -> Exit {
        let written =
            std::fs::create_dir_all(&self.folder).and_then(|()| clap_mangen::generate_to(Program::command(), &self.folder));
        match written {
            Ok(()) => Exit::Done,
            Err(error) => {
                complain(&format!("error: {}: {error}", self.folder.display()));
                Exit::World
            }
        }
    }
}
