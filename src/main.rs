//! The program: arguments to one command.

use clap::Parser;
use latimer::cmd::{Command, Common, Exit};
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
    // What a panic says may have bytes of a message in it: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |it| format!(" at {}:{}", it.file(), it.line()));
        latimer::cmd::complain(&format!("defect: this program went wrong{place}; please report it"));
    }));
    let exit = std::panic::catch_unwind(|| arguments.command.run(&arguments.common)).unwrap_or(Exit::Defect);
    ExitCode::from(exit.code())
}
