//! Works out expressions of the mapping language, one a line: the expression, then, after tabs, the type of the field it goes
//! to and `back`. Prints what each gives, or `error` and why.
//!
//! With a number behind its name it works every one out so many times; with `examples`, those of the manual.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use latimer_engine::call::Context;
use latimer_engine::mapping::{FUNCTIONS, evaluate_often};
use std::io::BufRead;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let times = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(1);
    let now = "2026-01-02T12:00:00Z".parse()?;
    let context = Context { now, file_name: "orders.json".into(), message: 1 };
    let work_out =
        |expression: &str, into: Option<&str>, back: bool| match evaluate_often(expression, into, back, &context, times) {
            Ok(given) => println!("{given}"),
            Err(why) => println!("error {}", why.lines().next().unwrap_or("")),
        };
    if arguments.iter().any(|it| it == "examples") {
        for example in FUNCTIONS.iter().flat_map(|it| it.examples) {
            work_out(example.call, example.into, example.back);
        }
        return Ok(());
    }
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut columns = line.split('\t');
        let expression = columns.next().unwrap_or("");
        let into = columns.next().filter(|it| !it.is_empty());
        work_out(expression, into, columns.next() == Some("back"));
    }
    Ok(())
}
