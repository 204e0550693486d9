//! Helps of diagnostics, pasted: after each, its diagnostic is gone and nothing new is wrong.

use latimer::catalog::{self, Loaded, Search};
use latimer::engine::{Diagnostic, Limits, Severity};
use std::fs;
use std::path::Path;

/// Pastes each help that can be pasted, one after the other, into the files of a folder; what did not help, a line each.
/// Gives the number of helps tried, too.
pub(crate) fn paste_all(folder: &Path, mapping: &str, folders: &[&Path]) -> (usize, Vec<String>) {
    let search = Search { here: folder.to_path_buf(), folders: folders.iter().map(|it| it.to_path_buf()).collect() };
    let load = || catalog::load(&folder.join(mapping), &search, &Limits::default()).unwrap();
    let before = load();
    let (mut tried, mut failures) = (0, Vec::new());
    for diagnostic in before.diagnostics.iter() {
        for help in &diagnostic.helps {
            let Some(edit) = &help.edit else { continue };
            let path = folder.join(before.sources.path(edit.span.file));
            let Ok(text) = fs::read_to_string(&path) else {
                failures.push(format!("{} `{}`: edits {}", diagnostic.code, help.text, path.display()));
                continue;
            };
            let (start, end) = (edit.span.start as usize, edit.span.end as usize);
            fs::write(&path, format!("{}{}{}", &text[..start], edit.text, &text[end..])).unwrap();
            let after = load();
            fs::write(&path, &text).unwrap();
            tried += 1;
            if let Some(why) = remains(&before, diagnostic, &after) {
                failures.push(format!(
                    "{} {}: `{}` pasted as `{}`: {why}",
                    diagnostic.code, diagnostic.message, help.text, edit.text
                ));
            }
        }
    }
    (tried, failures)
}

/// What is still wrong, or wrong for the first time.
fn remains(before: &Loaded, diagnostic: &Diagnostic, after: &Loaded) -> Option<String> {
    let count = |loaded: &Loaded| {
        loaded.diagnostics.iter().filter(|it| (it.code, &it.message) == (diagnostic.code, &diagnostic.message)).count()
    };
    if count(after) >= count(before) {
        return Some("it is still said".to_owned());
    }
    // What was said of the same words before may be said in other numbers now.
    let words = |loaded: &Loaded, it: &Diagnostic| (it.code, loaded.sources.slice(it.span).to_owned());
    let same = |old: &Diagnostic, new: &Diagnostic| {
        words(before, old) == words(after, new) || (old.code, &old.message) == (new.code, &new.message)
    };
    let known = |it: &&Diagnostic| before.diagnostics.iter().any(|old| same(old, it));
    let new = after.diagnostics.iter().find(|it| it.severity == Severity::Error && !known(it))?;
    Some(format!("now {} {}", new.code, new.message))
}
