//! The files of `schemas/`: each compiles without a word, is found when nothing else has its name, and says of ISO 20022
//! messages what the official files say, wherever these are at hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use latimer::catalog::{self, Loaded, Search};
use latimer::engine::{
    Codec, Diagnostics, FileId, FormatOption, Kind, Limits, Member, Options, Schema, Sources, Type, TypeDef, TypeId,
};
use latimer::{registry, render};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const MESSAGES: [&str; 4] = ["head.001.001.02", "pacs.002.001.10", "pacs.008.001.08", "pain.001.001.09"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|it| it.to_str()).unwrap()
}

/// ISO 20022 data that is not ours: official schemas, samples and mutants with their verdicts.
fn vectors() -> Option<PathBuf> {
    let given = std::env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = given.into_iter().chain(above).map(|it| it.join("iso20022")).find(|it| it.is_dir());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a test says that it has nothing to test")]
        {
            eprintln!("no folder `shared/vectors/iso20022`: nothing is compared with the official schemas");
        }
    }
    found
}

/// Adds a schema and, beside it, what it names.
fn add(sources: &mut Sources, path: &Path, format: &str) -> FileId {
    let shown = path.to_string_lossy();
    if let Some(known) = sources.files().find(|it| sources.path(*it) == shown) {
        return known;
    }
    let file = sources.add(shown.clone(), std::fs::read_to_string(path).unwrap());
    for name in registry::format(format).unwrap().wants(sources.text(file)) {
        let named = add(sources, &path.with_file_name(&name), format);
        sources.link(file, &name, named);
    }
    file
}

/// Compiles a schema; everything that is said about it is a failure.
fn compile(sources: &Sources, file: FileId, format: &str, options: &[(&str, &str)]) -> Arc<dyn Codec> {
    let span = sources.span(file);
    let option = |(name, word): &(&str, &str)| FormatOption { name: (*name).into(), words: vec![(*word).into()], span };
    let options = Options { list: options.iter().map(option).collect(), ..Options::default() };
    let mut diagnostics = Diagnostics::default();
    let codec = registry::format(format).unwrap().compile(sources, file, &options, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", render::diagnostics(sources, &diagnostics, false));
    codec.unwrap()
}

fn message(path: &Path) -> Arc<dyn Codec> {
    let mut sources = Sources::default();
    let file = add(&mut sources, path, "iso20022");
    compile(&sources, file, "iso20022", &[])
}

// ---- the files themselves ------------------------------------------------------------------------------------------

#[test]
fn every_file_compiles_without_a_word() {
    let mut parts = BTreeSet::new();
    for folder in files(&folder()).iter().filter(|it| it.is_dir()) {
        for path in files(folder) {
            let (format, options): (_, &[_]) = match name(folder) {
                "copybook" => ("copybook", &[("charset", "cp1047")]),
                "soap" => ("xml", &[]),
                format => (format, &[]),
            };
            let mut sources = Sources::default();
            let file = add(&mut sources, &path, format);
            if format == "iso20022" && !sources.text(file).contains("targetNamespace") {
                parts.insert(name(&path).to_owned());
                let file = every_type(&mut sources, &path, file);
                compile(&sources, file, format, options);
            } else {
                compile(&sources, file, format, options);
            }
        }
    }
    // A part that no message includes is no use.
    for it in MESSAGES {
        let text = std::fs::read_to_string(folder().join(format!("iso20022/{it}.xsd"))).unwrap();
        parts.retain(|part| !text.contains(&format!("schemaLocation=\"{part}\"")));
    }
    assert!(parts.is_empty(), "{parts:?}");
}

/// A schema with an element of each type that a part declares: so each part names all that it needs.
fn every_type(sources: &mut Sources, path: &Path, part: FileId) -> FileId {
    let mut text = format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"urn:t\" targetNamespace=\"urn:t\">\
         <xs:include schemaLocation=\"{}\"/>",
        name(path)
    );
    for line in sources.text(part).lines().filter(|it| it.contains("Type name=\"")) {
        let name = line.split('"').nth(1).unwrap();
        text.push_str(&format!("<xs:element name=\"{name}\" type=\"{name}\"/>"));
    }
    let file = sources.add("every-type.xsd", text + "</xs:schema>");
    sources.link(file, name(path), part);
    file
}

// ---- where they are found ------------------------------------------------------------------------------------------

fn load(here: &Path, sides: &str) -> (Loaded, BTreeMap<String, String>) {
    let mapping = here.join("m.map");
    std::fs::write(&mapping, format!("latimer 1\n\nmapping m version \"1.0.0\"\n  \"m\"\n\n{sides}\n")).unwrap();
    let search = Search { folders: Vec::new(), here: here.to_owned() };
    let loaded = catalog::load(&mapping, &search, &Limits::default()).unwrap();
    let found = loaded.found.iter().cloned().collect();
    (loaded, found)
}

#[test]
fn what_is_built_in_is_found_last() {
    let here = tempfile::tempdir().unwrap();
    let sides = "from a : json \"acme-transfer.schema.json\"\nto b : iso20022 \"pacs.008.001.08\"\n\
                 to c : copybook \"corereply.cpy\" charset \"cp1047\"";
    let (loaded, found) = load(here.path(), sides);
    assert_eq!(loaded.sides.len(), 3, "{}", render::diagnostics(&loaded.sources, &loaded.diagnostics, false));
    for (format, name) in [("json", "acme-transfer.schema.json"), ("iso20022", "parties.xsd"), ("copybook", "corereply.cpy")] {
        assert_eq!(found[name], format!("built-in:schemas/{format}/{name}"));
    }

    // A file of the mapping's folder comes before; but a part of what is built in is not replaced by chance.
    std::fs::write(here.path().join("parties.xsd"), "not a schema").unwrap();
    std::fs::create_dir_all(here.path().join("schemas/copybook")).unwrap();
    std::fs::write(here.path().join("schemas/copybook/corereply.cpy"), "       01  A PIC X.\n").unwrap();
    let (loaded, found) = load(here.path(), sides);
    assert_eq!(loaded.sides.len(), 3);
    assert_eq!(found["corereply.cpy"], "schemas/copybook/corereply.cpy");
    assert_eq!(found["parties.xsd"], "built-in:schemas/iso20022/parties.xsd");

    std::fs::copy(folder().join("soap/PaymentService.xsd"), here.path().join("pacs.008.001.08.xsd")).unwrap();
    let (_, found) = load(here.path(), sides);
    assert_eq!(found["pacs.008.001.08.xsd"], "pacs.008.001.08.xsd");
    assert!(!found.contains_key("parties.xsd"));
}

/// The program itself, in a folder.
fn latimer(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latimer"));
    command.current_dir(folder);
    command
}

#[test]
fn the_program_needs_no_folder_of_schemas() {
    let here = tempfile::tempdir().unwrap();
    let message = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"><FIToFICstmrCdtTrf/></Document>";
    std::fs::write(here.path().join("m.xml"), message).unwrap();
    let run = |schema: &str| {
        let mut command = latimer(here.path());
        let output = command.args(["validate", "--format", "iso20022", "--schema", schema, "m.xml"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    for schema in
        ["pacs.008.001.08", "pacs.008.001.08.xsd", "iso20022/pacs.008.001.08.xsd", "schemas/iso20022/pacs.008.001.08.xsd"]
    {
        let (code, said) = run(schema);
        assert_eq!(code, Some(65), "{schema}: {said}");
        assert!(said.contains("GrpHdr"), "{schema}: {said}");
    }
    let (code, said) = run("pacs.008.001.99");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`pacs.008.001.99.xsd` is not found"), "{said}");

    // A file on disk comes before: this one has no such message.
    std::fs::create_dir_all(here.path().join("schemas/iso20022")).unwrap();
    let other = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:other\">\
                 <xs:element name=\"Other\" type=\"xs:string\"/></xs:schema>";
    std::fs::write(here.path().join("schemas/iso20022/pacs.008.001.08.xsd"), other).unwrap();
    let (code, said) = run("pacs.008.001.08");
    assert_eq!(code, Some(65), "{said}");
    assert!(!said.contains("GrpHdr"), "{said}");
}

// ---- beside the official ones --------------------------------------------------------------------------------------

#[test]
fn the_official_schemas_say_the_same() {
    let Some(vectors) = vectors() else { return };
    for it in MESSAGES {
        let ours = message(&folder().join(format!("iso20022/{it}.xsd")));
        let theirs = message(&vectors.join(format!("xsd/{it}.xsd")));
        let types = compare(ours.schema(), theirs.schema());
        // What all of them share is more than this already.
        assert!(types > 50, "{it}: {types} types");
    }
}

/// Compares all types that messages reach, beginning with what a message may begin with; gives their number.
fn compare(ours: &Schema, theirs: &Schema) -> usize {
    let mut open = vec![(ours.root_type(), theirs.root_type())];
    let mut done: HashSet<(TypeId, TypeId)> = HashSet::new();
    while let Some(pair) = open.pop() {
        if !done.insert(pair) {
            continue;
        }
        let (a, b) = (ours.type_def(pair.0), theirs.type_def(pair.1));
        // The type of the root is called as its file is.
        assert!(a.name == b.name || pair.0 == ours.root_type(), "{} {}", a.name, b.name);
        assert_eq!(value(a), value(b), "{}", a.name);
        assert_eq!(a.content, b.content, "{}", a.name);
        let each = |it: &Member| (it.name.clone(), it.occurs, it.repeats, it.nullable, it.secrecy);
        assert_eq!(a.members.iter().map(each).collect::<Vec<_>>(), b.members.iter().map(each).collect::<Vec<_>>(), "{}", a.name);
        open.extend(a.members.iter().zip(&b.members).map(|(a, b)| (a.kind, b.kind)));
    }
    done.len()
}

/// What a type holds; the order of codes says nothing.
fn value(of: &TypeDef) -> Result<Type, &'static str> {
    match &of.kind {
        Kind::Group => Err("group"),
        Kind::Choice => Err("choice"),
        Kind::Any => Err("any"),
        Kind::Leaf(it) => Ok(match it.as_ref() {
            Type::Text(text) => {
                let mut text = text.clone();
                text.codes.sort();
                Type::Text(text)
            }
            other => other.clone(),
        }),
    }
}

/// A message, and whether it is valid if somebody else said so.
type Case = (PathBuf, Option<bool>);

#[test]
fn the_official_schemas_give_the_same_verdicts() {
    let Some(vectors) = vectors() else { return };
    let [empty, scratch] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let truth = mutants(&vectors, scratch.path());
    let mut counts = [0; 3];
    for it in MESSAGES {
        let samples = samples(&vectors, it);
        let mutants = truth[it].clone();
        let mutations = mutations(&samples, it, scratch.path());
        for (count, cases) in counts.iter_mut().zip([&samples, &mutants, &mutations]) {
            *count += cases.len();
        }
        let cases: Vec<Case> = [samples, mutants, mutations].concat();
        let ours = validate(empty.path(), it, &cases);
        let official = vectors.join(format!("xsd/{it}.xsd"));
        let theirs = validate(empty.path(), official.to_str().unwrap(), &cases);
        // The words of each fault, with the names of types in them, are compared as well.
        for (ours, theirs) in ours.lines().zip(theirs.lines()) {
            assert_eq!(codes_sorted(ours), codes_sorted(theirs), "{it}");
        }
        assert_eq!(ours.lines().count(), theirs.lines().count(), "{it}");
        let valid: BTreeSet<&str> = ours.lines().filter_map(|it| it.strip_suffix(": valid")).collect();
        for (path, verdict) in cases.iter().filter_map(|(path, verdict)| Some((path.to_str()?, (*verdict)?))) {
            assert_eq!(valid.contains(path), verdict, "{path}");
        }
        let made = cases.iter().filter(|(_, verdict)| verdict.is_none()).filter_map(|(path, _)| path.to_str());
        let made_valid = made.filter(|it| valid.contains(it)).count();
        assert!((20..280).contains(&made_valid), "{it}: {made_valid} of 300 mutations are valid");
    }
    assert_eq!(counts, [28, 2600, 1200]);
}

/// A line about a fault with the codes it names in alphabetical order: their order in a schema says nothing.
fn codes_sorted(line: &str) -> String {
    let parts = line.split_once("it is one of ").and_then(|(head, rest)| Some((head, rest.rsplit_once(" (")?)));
    let Some((head, (codes, of))) = parts else { return line.to_owned() };
    let mut codes: Vec<_> = codes.split(", ").collect();
    codes.sort_unstable();
    format!("{head}it is one of {} ({of}", codes.join(", "))
}

/// The messages of others that stand alone, without an envelope: the rows `| file | type | ..` below the headings
/// `## valid` and `## invalid`.
fn samples(vectors: &Path, message: &str) -> Vec<Case> {
    let folder = vectors.join("samples");
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.md")).unwrap();
    let mut cases = Vec::new();
    for section in manifest.split("\n## ") {
        let valid = section.starts_with("valid ");
        if !valid && !section.starts_with("invalid ") {
            continue;
        }
        let rows = section.lines().map(|it| it.split('|').map(str::trim).collect::<Vec<_>>());
        let named = rows.filter(|it| it.len() > 2 && it[2] == message);
        cases.extend(named.map(|it| (folder.join(if valid { "valid" } else { "invalid" }).join(it[1]), Some(valid))));
    }
    cases
}

/// The mutants of each message, unpacked; rows of the verdicts are `file schema .. truth`.
fn mutants(vectors: &Path, scratch: &Path) -> BTreeMap<&'static str, Vec<Case>> {
    let verdicts = std::fs::read_to_string(vectors.join("mutants/verdicts.tsv")).unwrap();
    let mut cases: BTreeMap<_, Vec<Case>> = BTreeMap::new();
    for row in verdicts.lines().map(|it| it.split('\t').collect::<Vec<_>>()) {
        if let Some(message) = MESSAGES.into_iter().find(|it| row[1] == format!("{it}.xsd")) {
            cases.entry(message).or_default().push((scratch.join(row[0]), Some(row[4] == "valid")));
        }
    }
    let named: HashSet<&PathBuf> = cases.values().flatten().map(|(path, _)| path).collect();
    let archive = std::fs::File::open(vectors.join("mutants/mutants.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let mut unpacked = 0;
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().file_name().map(|it| scratch.join(it));
        if let Some(path) = path.filter(|it| named.contains(it)) {
            entry.unpack(path).unwrap();
            unpacked += 1;
        }
    }
    assert_eq!(unpacked, named.len());
    cases
}

/// What `latimer validate` says in an empty folder, with what is built in for a name without a path.
fn validate(empty: &Path, schema: &str, cases: &[Case]) -> String {
    let mut command = latimer(empty);
    command.args(["validate", "--format", "iso20022", "--schema", schema]);
    let output = command.args(cases.iter().map(|(path, _)| path)).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

// ---- mutations of our own ------------------------------------------------------------------------------------------

/// Values that schemas differ about.
const VALUES: [&str; 24] = [
    "",
    " ",
    "X",
    "-1",
    "+1.",
    "0.00000",
    "1.123456",
    "1234567890123456.12",
    "1e3",
    "NaN",
    "true",
    "0",
    "EUR",
    "eur",
    "DEBT",
    "SLEV",
    "2026-02-30",
    "2026-03-02Z",
    "2026-03-02T24:00:00",
    "09:15:00+14:01",
    "DEUTDEFF",
    "DEUTDEFFXX",
    "+49-(0)69/1",
    "DE89370400440532013000",
];

/// 300 messages, each one change away from one that is valid.
fn mutations(samples: &[Case], message: &str, scratch: &Path) -> Vec<Case> {
    let valid = samples.iter().filter(|(_, verdict)| *verdict == Some(true));
    let valid: Vec<String> = valid.map(|(path, _)| std::fs::read_to_string(path).unwrap()).collect();
    let mut random = Random(0x1A71_3E52_2002_2001);
    let mut cases = Vec::new();
    for number in 0..300 {
        let text = &valid[random.below(valid.len())];
        let path = scratch.join(format!("{message}-{number}.xml"));
        std::fs::write(&path, mutate(text, &mut random)).unwrap();
        cases.push((path, None));
    }
    cases
}

fn mutate(text: &str, random: &mut Random) -> String {
    let leaves = leaves(text);
    let [at, other] = [random.below(leaves.len()), random.below(leaves.len())].map(|it| leaves[it].clone());
    let whole = &text[at.0..at.3];
    let value = &text[at.1..at.2];
    let put = |from: usize, to: usize, new: &str| format!("{}{new}{}", &text[..from], &text[to..]);
    match random.below(10) {
        0 => put(at.0, at.3, ""),
        1 => put(at.0, at.0, whole),
        2 => put(at.0, at.3, &text[other.0..other.3]),
        3 => put(at.0, at.0, &text[other.0..other.3]),
        4 => put(at.0, at.0, "<Unknwn/>"),
        5 => put(at.1, at.2, &text[other.1..other.2]),
        6 => put(at.1, at.2, &value.repeat(1 + random.below(40))),
        7 => put(at.1, at.2, &format!(" {value}\n")),
        _ => put(at.1, at.2, VALUES[random.below(VALUES.len())]),
    }
}

/// The elements that hold nothing but text: where each begins, its text begins and ends, and it ends.
fn leaves(text: &str) -> Vec<(usize, usize, usize, usize)> {
    let mut leaves = Vec::new();
    for (at, _) in text.match_indices('<') {
        let Some(from) = text[at..].find('>').map(|it| at + it + 1) else { continue };
        let is_start = text[at + 1..].starts_with(|it: char| it.is_ascii_alphabetic()) && !text[..from].ends_with("/>");
        let Some(to) = text[from..].find('<').map(|it| from + it) else { continue };
        if is_start && text[to..].starts_with("</") {
            leaves.push((at, from, to, to + text[to..].find('>').unwrap() + 1));
        }
    }
    leaves
}

/// Xorshift64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap() % count
    }
}
