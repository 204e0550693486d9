//! The code pages against tables that others made: glibc, ICU, Java and Python as rows of a file, and `iconv` as it runs here.

#![expect(clippy::print_stderr, reason = "a test says what it could not compare")]

use latimer_wire::ebcdic::{self, CodePage};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where an oracle is known to differ, and why it is not followed.
const DIFFERENCES: &[(&str, &str, u8)] = &[
    // Java reads both 15 and 25 as LF, so that a text cannot be written back.
    ("37", "java", 0x15),
    ("273", "java", 0x15),
    ("500", "java", 0x15),
    ("1047", "java", 0x15),
    ("1140", "java", 0x15),
    // z/OS Unix: Java's 1047 has LF at 15 and NEL at 25.
    ("1047", "java", 0x25),
    // Python's table has U+203E where the others have the macron U+00AF.
    ("273", "python", 0xBC),
];

fn vectors() -> Option<PathBuf> {
    let given = env::var_os("LATIMER_VECTORS").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|it| it.join("shared/vectors"));
    let found = given.into_iter().chain(above).find(|it| it.is_dir());
    if found.is_none() {
        eprintln!("no test vectors here (LATIMER_VECTORS): nothing was compared");
    }
    found
}

fn pages() -> impl Iterator<Item = &'static CodePage> {
    ebcdic::PAGES.iter().copied().filter(|it| it.family == "EBCDIC")
}

#[test]
fn all_bytes_agree_with_the_table_of_four_oracles() {
    let Some(vectors) = vectors() else { return };
    let table = fs::read_to_string(vectors.join("mainframe/codepages/single_byte.tsv")).unwrap();
    let mut rows = 0;
    let mut differences = Vec::new();
    for row in table.lines().skip(1) {
        let cells: Vec<_> = row.split('\t').collect();
        let [ccsid, oracle, _name, codes @ ..] = cells.as_slice() else { continue };
        let Some(page) = pages().find(|it| it.name.trim_start_matches("cp").trim_start_matches('0') == *ccsid) else {
            continue;
        };
        rows += 1;
        assert_eq!(codes.len(), 256);
        for (byte, code) in (0..=255).zip(codes) {
            let theirs = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            let ours = ebcdic::character(page, byte);
            if ours == theirs {
                assert_eq!(ebcdic::byte(page, ours.unwrap()), Some(byte));
            } else {
                differences.push((*ccsid, *oracle, byte));
            }
        }
    }
    assert!(rows >= 15, "only {rows} rows");
    for found in &differences {
        assert!(DIFFERENCES.contains(found), "{found:02X?} is not known");
    }
    for known in DIFFERENCES {
        assert!(differences.contains(known), "{known:02X?} is no difference any more");
    }
}

#[test]
fn all_bytes_agree_with_iconv() {
    for page in pages() {
        let name = format!("IBM{}", page.name.trim_start_matches("cp"));
        let started = Command::new("iconv")
            .args(["-f", &name, "-t", "UTF-8"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut iconv) = started else {
            eprintln!("there is no iconv here: nothing was compared");
            return;
        };
        let bytes: Vec<u8> = (0..=255).collect();
        iconv.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = iconv.wait_with_output().unwrap();
        if !output.status.success() {
            eprintln!("this iconv has no {name}: not compared");
            continue;
        }
        let mut ours = Vec::new();
        ebcdic::decode(page, &bytes, &mut ours).unwrap();
        assert_eq!(ours, output.stdout, "{name}");
    }
}
