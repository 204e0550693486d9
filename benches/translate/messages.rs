//! The messages that are measured, and where they and what reads them are found.

use crate::ordinary::reply;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders of the mappings, of the schemas for decoding and encoding, of the XSDs that mappings name.
pub(crate) struct Places {
    pub(crate) mappings: PathBuf,
    pub(crate) schemas: PathBuf,
    pub(crate) xsd: PathBuf,
}

impl Places {
    /// From the environment, else where `data.sh` looks.
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let vectors = named("LATIMER_VECTORS").unwrap_or_else(|| root.join("../shared/vectors"));
        Places {
            mappings: named("LATIMER_EXAMPLES").unwrap_or_else(|| root.join("../shared/examples")),
            schemas: named("LATIMER_SCHEMAS").unwrap_or_else(|| root.join("schemas")),
            xsd: named("LATIMER_XSD").unwrap_or_else(|| vectors.join("iso20022/xsd")),
        }
    }
}

/// Where `data.sh` puts the messages.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/data")
}

/// Messages, each alone and one behind the other.
pub(crate) struct Messages {
    pub(crate) each: Vec<Vec<u8>>,
    pub(crate) stream: Vec<u8>,
}

impl Messages {
    pub(crate) fn new(each: Vec<Vec<u8>>) -> Self {
        Messages { stream: each.join(&b'\n'), each }
    }

    /// One a line.
    pub(crate) fn lines(path: &Path) -> Self {
        Messages::new(read(path).split(|it| *it == b'\n').filter(|it| !it.is_empty()).map(<[u8]>::to_vec).collect())
    }

    /// One a file, in the order of their names.
    pub(crate) fn files(folder: &Path) -> Self {
        let names: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        Messages::new(names.iter().map(|it| read(it)).collect())
    }

    /// Records, which nothing stands between.
    pub(crate) fn records(path: &Path) -> Self {
        let stream = read(path);
        let mut each = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (record, behind) = rest.split_at(reply::length(rest));
            each.push(record.to_vec());
            rest = behind;
        }
        Messages { each, stream }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.each.iter().map(Vec::len).sum()
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}; `sh benches/translate/data.sh` makes it", path.display()))
}
