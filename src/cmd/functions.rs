//! `latimer functions`: the functions of the mapping language, from the code itself.

use super::{Exit, Settings, complain, say};
use crate::engine::mapping::{FUNCTIONS, Function};
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
                explain(function);
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

fn explain(function: &Function) {
    say(&format!("{}   {}   {}", function.name, function.way.sign(), function.family));
    say(&format!("\n  {}\n", function.usage));
    say(function.summary);
    if !function.examples.is_empty() {
        say("");
    }
    for example in function.examples {
        say(&format!("  {}  gives  {}", example.call, example.gives));
    }
}
