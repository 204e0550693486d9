//! Works out expressions of the mapping language, one a line: the expression, then, after tabs, the type of the field it goes
//! to and `back`. Prints what each gives, or `error` and why.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use latimer_engine::call::Context;
use latimer_engine::mapping::evaluate;
use std::io::BufRead;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-01-02T12:00:00Z".parse()?;
    let context = Context { now, file_name: "orders.json".into(), message: 1 };
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut columns = line.split('\t');
        let expression = columns.next().unwrap_or("");
        let into = columns.next().filter(|it| !it.is_empty());
        let back = columns.next() == Some("back");
        match evaluate(expression, into, back, &context) {
            Ok(given) => println!("{given}"),
            Err(why) => println!("error {}", why.lines().next().unwrap_or("")),
        }
    }
    Ok(())
}
