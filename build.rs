//! Tells the program which commit it was built from.

use std::process::Command;

fn main() {
    let head = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    let commit = head.ok().filter(|it| it.status.success()).and_then(|it| String::from_utf8(it.stdout).ok());
    println!("cargo:rustc-env=LATIMER_COMMIT={}", commit.as_deref().map_or("unknown", str::trim));
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=build.rs");
}
