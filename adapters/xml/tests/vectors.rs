//! Real ISO 20022 schemas and messages, and mutants with verdicts of two other validators.

use super::{Bench, compile, read, vectors};
use latimer_engine::Codec;
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Codecs that were compiled already.
#[derive(Default)]
struct Codecs(HashMap<String, Arc<dyn Codec>>);

impl Codecs {
    fn get(&mut self, root: &Path, xsd: &str) -> Arc<dyn Codec> {
        let known = self.0.entry(xsd.to_owned());
        Arc::clone(known.or_insert_with(|| compile(&read(&root.join("iso20022/xsd").join(xsd)))))
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_schema_compiles() {
    let Some(root) = vectors() else { return };
    let mut paths = files(&root.join("iso20022/xsd"));
    paths.retain(|it| it.extension().is_some_and(|it| it == "xsd"));
    let count = paths.len();
    let (odd, even) = paths.split_at(count / 2);
    std::thread::scope(|scope| {
        for half in [odd, even] {
            scope.spawn(move || {
                for path in half {
                    let codec = compile(&read(path));
                    let roots = codec.schema().children(latimer_engine::Schema::ROOT);
                    assert_eq!(roots.len(), 1, "{}", path.display());
                }
            });
        }
    });
    assert_eq!(count, 479);
}

/// Runs files against their schemas; gives what differs from the verdict.
fn disagreements<'f>(root: &Path, cases: impl Iterator<Item = (String, String, bool, &'f [u8])>) -> (usize, Vec<String>) {
    let mut codecs = Codecs::default();
    let mut benches: BTreeMap<String, Bench> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, xsd, valid, bytes) in cases {
        let bench = benches.entry(xsd.clone()).or_insert_with(|| Bench::checking(&codecs.get(root, &xsd)));
        let verdict = bench.verdict(bytes);
        if verdict.is_ok() != valid {
            wrong.push(format!("{name} ({xsd}): {verdict:?}, not {valid}"));
        }
        count += 1;
    }
    (count, wrong)
}

#[test]
fn messages_of_others_have_their_verdict() {
    let Some(root) = vectors() else { return };
    let manifest = read(&root.join("iso20022/samples/MANIFEST.md"));
    let mut cases = Vec::new();
    for line in manifest.lines().filter(|it| it.starts_with("| ")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (file, kind, verdict) = (cells[1], cells[2], cells[5]);
        let path = root.join("iso20022/samples").join(verdict).join(file);
        if path.is_file() {
            cases.push((file.to_owned(), format!("{kind}.xsd"), verdict == "valid", std::fs::read(path).unwrap()));
        }
    }
    let known = |it: &&(String, String, bool, Vec<u8>)| root.join("iso20022/xsd").join(&it.1).is_file();
    let cases: Vec<_> = cases.iter().filter(known).collect();
    let (count, wrong) = disagreements(&root, cases.iter().map(|it| (it.0.clone(), it.1.clone(), it.2, it.3.as_slice())));
    assert!(count >= 233, "{count}");
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn mutants_have_their_verdict() {
    let Some(root) = vectors() else { return };
    let folder = root.join("iso20022/mutants");
    let mut archive =
        tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(folder.join("mutants.tar.gz")).unwrap()));
    let mut mutants: HashMap<String, Vec<u8>> = HashMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().file_name().map(|it| it.to_string_lossy().into_owned());
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        mutants.insert(name.unwrap_or_default(), bytes);
    }
    let verdicts = read(&folder.join("verdicts.tsv"));
    let cases = verdicts.lines().skip(1).map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        (cells[0].to_owned(), cells[1].to_owned(), cells[4] == "valid", mutants[cells[0]].as_slice())
    });
    let (count, wrong) = disagreements(&root, cases);
    assert_eq!(count, 5842);
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn well_formedness() {
    let Some(root) = vectors() else { return };
    let folder = root.join("iso20022/mutants/wellformedness");
    let verdicts = read(&folder.join("verdicts.tsv"));
    let files: Vec<_> = verdicts
        .lines()
        .filter_map(|it| it.split_once('\t'))
        // A document type declaration is refused here, whatever it says.
        .map(|(name, verdict)| (name, verdict.trim() == "valid" && name != "doctype.xml"))
        .map(|(name, valid)| (name.to_owned(), valid, std::fs::read(folder.join(name)).unwrap()))
        .collect();
    let xsd = files.iter().find_map(|(_, _, bytes)| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (_, rest) = text.split_once("urn:iso:std:iso:20022:tech:xsd:")?;
        Some(format!("{}.xsd", rest.split('"').next()?))
    });
    let xsd = xsd.unwrap();
    let (count, wrong) =
        disagreements(&root, files.iter().map(|(name, valid, bytes)| (name.clone(), xsd.clone(), *valid, bytes.as_slice())));
    assert_eq!(count, 32);
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}
