//! The program: arguments to one command.

use clap::Parser;
use latimer::cmd::{Exit, Program};
use std::process::ExitCode;

fn main() -> ExitCode {
    let program = Program::parse();
    // What a panic says may have bytes of a message in it: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |it| format!(" at {}:{}", it.file(), it.line()));
        latimer::cmd::complain(&format!("defect: this program went wrong{place}; please report it"));
    }));
    let exit = std::panic::catch_unwind(|| program.run()).unwrap_or(Exit::Defect);
    ExitCode::from(exit.code())
}
