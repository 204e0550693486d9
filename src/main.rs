//! The program: arguments to one command.

use clap::Parser;
use latimer::cmd::{Command, Common};
use std::process::ExitCode;

/// Translates between partner JSON, ISO 20022 XML and mainframe records, by mapping files that are checked against both schemas.
#[derive(Debug, Parser)]
#[command(name = "latimer", version = latimer::cmd::version(), max_term_width = 120)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    ExitCode::from(arguments.command.run(&arguments.common).code())
}
