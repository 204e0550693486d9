//! `latimer functions`: the functions of the mapping language, from the code itself.

use super::{Exit, Settings, complain, say};
use crate::engine::mapping::FUNCTIONS;
use clap::Args;

/// Lists the functions and adapters of the mapping language, or explains one.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer functions minor-units")]
pub struct Functions {
    /// The function
    name: Option<String>,
}

impl Functions {
    pub(super) fn run(&self, _settings: &Settings) -> Exit {
        let Some(name) = &self.name else {
            list();
            return Exit::Done;
        };
        match FUNCTIONS.iter().find(|it| it.name == name) {
            Some(function) => {
                say(function.page().trim_end());
                Exit::Done
            }
            None => {
                complain(&format!("error: there is no function `{name}`; `latimer functions` lists them all"));
                Exit::Usage
            }
        }
    }
}

fn list() {
    let mut family = "";
    for function in FUNCTIONS {
        if function.family != family {
            family = function.family;
            say(&format!("\n{family}"));
        }
        say(&format!("  {:<4} {:<24} {}", function.way.sign(), function.name, function.summary));
    }
    say("\n<-> two-way adapter   -> one-way adapter   f function   c known of the message");
}
