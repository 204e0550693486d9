//! Tells the program which commit it was built from, and compiles the schemas of `schemas/` into it.

use std::process::Command;
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    println!("cargo:rustc-env=LATIMER_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
    // A branch that moves writes here; HEAD itself changes with the branch only. A path that is not there would build the
    // program anew each time.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|it| Path::new(it).exists());
    if let Some(log) = log {
        println!("cargo:rerun-if-changed={log}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=schemas");
    let variable = |name| env::var_os(name).ok_or_else(|| io::Error::other(name));
    let listing = schemas(&Path::new(&variable("CARGO_MANIFEST_DIR")?).join("schemas"))?;
    fs::write(Path::new(&variable("OUT_DIR")?).join("schemas.rs"), listing)
}

/// What git says, where there is git and a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let said = Command::new("git").args(arguments).output().ok().filter(|it| it.status.success())?;
    Some(String::from_utf8(said.stdout).ok()?.trim().to_owned())
}

/// `schemas/FORMAT/NAME`, each file as `("FORMAT", "NAME", include_str!("PATH"))`, in the order of names.
fn schemas(folder: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    for format in fs::read_dir(folder)? {
        let format = format?;
        if !format.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(format.path())? {
            let (name, path) = file.map(|it| (it.file_name(), it.path()))?;
            // What a file manager or an editor leaves behind.
            if !name.to_string_lossy().starts_with('.') {
                lines.push(format!("({:?}, {name:?}, include_str!({path:?})),\n", format.file_name()));
            }
        }
    }
    lines.sort();
    Ok(format!("&[\n{}]", lines.concat()))
}
