//! Copybooks that others wrote: which are accepted, and where their items lie.

#![expect(clippy::print_stderr, clippy::disallowed_methods, reason = "a test reads files and says what it found")]

use crate::{
    compile,
    layout::{Layout, NodeId, NodeKind, Part},
};
use latimer_engine::{Diagnostics, FormatOption, Options, Severity, Sources};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn vectors() -> Option<PathBuf> {
    let given = env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = given.into_iter().chain(above).find(|it| it.is_dir());
    if found.is_none() {
        eprintln!("no test vectors here (LATIMER_VECTORS): nothing was compared");
    }
    found.map(|it| it.join("mainframe"))
}

/// Reads a copybook with the members beside it.
fn read(path: &Path) -> (Option<Layout>, String) {
    let mut sources = Sources::default();
    let text = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let file = sources.add(path.file_name().unwrap().to_string_lossy(), text(path));
    for name in crate::lex::copied(sources.text(file)) {
        let member = path.with_file_name(format!("{name}.cbl"));
        if member.is_file() {
            let member = sources.add(name.clone(), text(&member));
            sources.link(file, name, member);
        }
    }
    let charset = FormatOption { name: "charset".to_owned(), words: vec!["cp037".to_owned()], span: sources.span(file) };
    let options = Options { list: vec![charset], ..Options::default() };
    let mut diagnostics = Diagnostics::default();
    let layout = compile(&sources, file, &options, &mut diagnostics).map(|it| it.0);
    let errors = diagnostics.iter().filter(|it| it.severity == Severity::Error);
    let said: Vec<_> =
        errors.map(|it| format!("{} {}: {} ({})", sources.position(it.span), it.code, it.message, it.label)).collect();
    (layout, said.join("; "))
}

#[test]
fn what_gnucobol_accepts_is_accepted() {
    let Some(vectors) = vectors() else { return };
    let table = fs::read_to_string(vectors.join("copybook_corpus.tsv")).unwrap();
    let (mut accepted, mut all, mut more) = (0, 0, 0);
    let mut refused = Vec::new();
    for row in table.lines().skip(1) {
        let mut cells = row.split('\t');
        let (path, valid) = (cells.next().unwrap(), cells.nth(1).unwrap() != "invalid");
        if !vectors.join(path).is_file() {
            continue;
        }
        let (layout, said) = read(&vectors.join(path));
        assert_eq!(layout.is_none(), !said.is_empty(), "{path}");
        match (valid, layout.is_some()) {
            (true, true) => accepted += 1,
            (true, false) => refused.push(format!("{path}: {said}")),
            (false, true) => more += 1,
            (false, false) => {}
        }
        all += usize::from(valid);
    }
    eprintln!("accepted {accepted} of {all} copybooks that GnuCOBOL accepts, and {more} more");
    assert!(all > 100, "only {all} copybooks were read");
    assert!(refused.is_empty(), "refused:\n{}", refused.join("\n"));
}

/// Named items with the byte they begin at, from 1, and their bytes, each table as long as it can be.
struct Longest<'a> {
    layout: &'a Layout,
    anchors: Vec<u64>,
    found: Vec<(String, u64, u64)>,
}

impl Longest<'_> {
    /// Notes an item and what is in it; gives the bytes of all its occurrences.
    fn node(&mut self, id: NodeId) -> u64 {
        let node = self.layout.node(id);
        let start = self.anchors[node.anchor] + u64::from(node.at);
        if let Some(table) = &node.table {
            self.anchors[table.row] = start;
        }
        let place = self.found.len();
        if node.is_named {
            self.found.push((node.name.clone(), start + 1, 0));
        }
        let size = match &node.kind {
            NodeKind::Leaf(_) => u64::from(node.size.unwrap()),
            NodeKind::Group(parts) => self.parts(parts, start),
            NodeKind::Rest => 0,
        };
        if node.is_named {
            self.found[place].2 = size;
        }
        let total = size * node.table.as_ref().map_or(1, |it| u64::from(it.max));
        if let Some(behind) = node.table.as_ref().and_then(|it| it.behind) {
            self.anchors[behind] = start + total;
        }
        total
    }

    fn parts(&mut self, parts: &[Part], start: u64) -> u64 {
        let mut end = start;
        for part in parts {
            end += match part {
                Part::Node(node) => self.node(*node),
                Part::Choice(views) => views.iter().map(|it| self.parts(&it.parts, end)).max().unwrap_or(0),
            };
        }
        end - start
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(from..)?.split('"').next()
}

/// Where cb2xml says otherwise, and why it is not followed.
const OTHERWISE: &[(&str, &str)] = &[
    // `s999P(4)` takes seven bytes there; `P` is not stored.
    ("cbl2xml_Test109.cbl", ""),
    // COMP-6 has no half-byte for a sign; there it is as long as COMP-3.
    ("cbl2xml_Test204.cbl", "f1-comp-6"),
    ("cbl2xml_Test204.cbl", "test-1"),
];

#[test]
fn items_lie_where_cb2xml_puts_them() {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join("cb2xml");
    let mut files = 0;
    let mut items = 0;
    let mut wrong = Vec::new();
    for expected in ["expected-layout-xml", "expected-layout-xml-plain"] {
        for entry in fs::read_dir(folder.join(expected)).unwrap() {
            let path = entry.unwrap().path();
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            let of_file = path.file_stem().unwrap().to_string_lossy().replace("xmlCpy", "cpy") + ".cbl";
            let name = attribute(&text, "filename").map_or(of_file, str::to_owned);
            if attribute(&text, "dialect").is_some_and(|it| it != "Mainframe") {
                continue;
            }
            let copybook = folder.join("cobolCopybook").join(&name);
            let Some(layout) = copybook.is_file().then(|| read(&copybook).0).flatten() else { continue };
            let mut ours = Longest { layout: &layout, anchors: vec![0; layout.anchors], found: Vec::new() };
            for record in &layout.records {
                ours.node(record.node);
            }
            let is_item = |tag: &&str| tag.starts_with("item ") && attribute(tag, "level") != Some("88");
            let theirs: Vec<_> = text.split('<').filter(is_item).collect();
            let named =
                |tag: &&&str| attribute(tag, "name").is_some_and(|it| !it.is_empty() && !it.eq_ignore_ascii_case("filler"));
            let theirs: Vec<_> = theirs.iter().filter(named).collect();
            files += 1;
            for tag in theirs {
                let get = |name| attribute(tag, name).unwrap().parse::<u64>().unwrap();
                let name_of = attribute(tag, "name").unwrap();
                let it = (name_of.to_owned(), get("position"), get("storage-length"));
                // The second of a name in its group has a number.
                let second = format!("{name_of}-2");
                let same = |ours: &&(String, u64, u64)| ours.0 == it.0 || ours.0 == second;
                let found: Vec<_> = ours.found.iter().filter(same).collect();
                let is_found = found.iter().any(|ours| (ours.1, ours.2) == (it.1, it.2));
                if !is_found && !OTHERWISE.iter().any(|it| it.0 == name && (it.1 == name_of || it.1.is_empty())) {
                    wrong.push(format!("{name}: {it:?} is {found:?}"));
                }
                items += 1;
            }
        }
    }
    eprintln!("{items} items of {files} layouts");
    assert!(items > 2000, "only {items} items were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
