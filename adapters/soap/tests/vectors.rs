//! Schemas of services and envelopes that others made.

use super::mirror::Mirror;
use crate::Soap;
use latimer_engine::{Diagnostics, FileId, Format, Options, Severity, Sources};
use latimer_xml::Xml;
use std::path::{Path, PathBuf};

/// The folder of data that is not ours, if it is here.
fn vectors() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "only tests look for data")]
    let given = std::env::var("LATIMER_VECTORS").ok().map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = given.into_iter().chain(above).find(|it| it.is_dir());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a test says that it has nothing to test")]
        {
            eprintln!("no folder `shared/vectors`: nothing tested");
        }
    }
    found.map(|it| it.join("soap"))
}

#[expect(clippy::disallowed_methods, reason = "only tests read files")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = open.pop() {
        #[expect(clippy::disallowed_methods, reason = "a test reads files")]
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn load(sources: &mut Sources, path: &Path, known: &mut Vec<(PathBuf, FileId)>) -> Option<FileId> {
    let path = std::fs::canonicalize(path).ok()?;
    if let Some((_, file)) = known.iter().find(|(it, _)| *it == path) {
        return Some(*file);
    }
    let text = read(&path);
    let wants = Soap.wants(&text);
    let file = sources.add(path.display().to_string(), text);
    known.push((path.clone(), file));
    for want in wants {
        if let Some(other) = load(sources, &path.parent().unwrap().join(&want), known) {
            sources.link(file, want, other);
        }
    }
    Some(file)
}

#[test]
fn an_envelope_goes_around_every_schema_that_is_one() {
    let Some(root) = vectors() else { return };
    let (mut fine, mut refused) = (0, Vec::new());
    for path in files(&root, "xsd") {
        let mut sources = Sources::default();
        let Some(file) = load(&mut sources, &path, &mut Vec::new()) else { continue };
        let (mut plain, mut ours) = (Diagnostics::default(), Diagnostics::default());
        let body = Xml::PLAIN.compile(&sources, file, &Options::default(), &mut plain);
        let codec = Soap.compile(&sources, file, &Options::default(), &mut ours);
        let errors = |it: &Diagnostics| it.iter().filter(|it| it.severity == Severity::Error).count();
        assert_eq!(codec.is_some(), errors(&ours) == 0, "{}", path.display());
        match (body, codec) {
            (Some(_), Some(codec)) => {
                // All that a message may hold can be read and written.
                Mirror::new(&codec, &[]);
                fine += 1;
            }
            (Some(_), None) => refused.push(path.file_name().unwrap().to_string_lossy().into_owned()),
            (None, Some(_)) => panic!("{}", path.display()),
            (None, None) => {}
        }
    }
    // Those that are SOAP themselves.
    assert!(refused.iter().all(|it| it.contains("envelope")), "{refused:?}");
    assert!(fine >= 30 && refused.len() < 5, "{fine} {refused:?}");
}

#[test]
fn envelopes_of_another_server() {
    let Some(root) = vectors() else { return };
    let root = root.join("soap-server-rs/crossref");
    let wsdl = read(&root.join("snapshots/wsdl_rewrite_single.xml"));
    let (from, to) = (wsdl.find("<xs:schema ").unwrap(), wsdl.find("</xs:schema>").unwrap());
    let declare = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:tns='http://crossref.example/controlled' ";
    let schema = format!("{declare}{}</xs:schema>", &wsdl[from + 11..to]);
    let codec = super::compile(&schema, "");
    let mut mirror = Mirror::new(&codec, &[]);
    let mut valid = 0;
    for path in files(&root, "xml") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("wsdl_") {
            continue;
        }
        let text = read(&path);
        // The requests that lack what the schema demands; that server answers them with faults.
        let lacks = match name.as_str() {
            "doc_literal_named_missing.request.xml" => Some("Body/EchoNamed"),
            "op_echo_missing_required.request.xml" | "soap11_fault.request.xml" => Some("Body/Echo"),
            _ => None,
        };
        match lacks {
            Some(path) => {
                let (code, field, _) = mirror.fault(&text);
                assert_eq!((code, field.as_str()), ("xml/missing", path), "{name}");
            }
            None => {
                // Subcodes have no place in SOAP 1.1: each goes out in the version it came in.
                let second = text.contains("http://www.w3.org/2003/05/soap-envelope");
                let target = super::compile(&schema, if second { "version 1.2" } else { "version 1.1" });
                let mut same = Mirror::between(&codec, &target, &[]);
                let once = same.stream(text.as_bytes()).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
                assert_eq!(same.stream(once.as_bytes()), Ok(once.clone()), "{name}");
                valid += 1;
            }
        }
    }
    assert!(valid >= 35, "{valid}");
}
