//! The copybook language: what is read, what it becomes, and what is said about the rest.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod plain;

use latimer_copybook::Copybook;
use latimer_engine::{Codec, Diagnostics, FieldId, Format, Kind, Options, Schema, Select, SelectWhen, Severity, Sources};
use plain::{Plain, compile, options, vectors};
use std::sync::Arc;

/// Compiles the first of these files, each linked to the others by its name without ending.
fn read(files: &[(&str, &str)]) -> (Option<Arc<dyn Codec>>, Vec<String>) {
    let mut sources = Sources::default();
    let ids: Vec<_> = files.iter().map(|(name, text)| sources.add(*name, *text)).collect();
    for from in &ids {
        for (to, (name, _)) in ids.iter().zip(files) {
            sources.link(*from, name.trim_end_matches(".cpy"), *to);
        }
    }
    let options = options(&sources, &["charset=cp037"], Vec::new());
    let mut diagnostics = Diagnostics::default();
    let codec = Copybook.compile(&sources, ids[0], &options, &mut diagnostics);
    let line = |it: &latimer_engine::Diagnostic| {
        let severity = if it.severity == Severity::Error { "" } else { "warning " };
        format!("{severity}{} {}:{} {}", it.code, sources.name(it.span.file), sources.position(it.span), it.message)
    };
    (codec, diagnostics.iter().map(line).collect())
}

/// Each leaf with its type, as `PATH TYPE: WORDS`, repeats with their numbers.
fn fields(codec: &dyn Codec) -> Vec<String> {
    let schema = codec.schema();
    let mut list = Vec::new();
    visit(schema, Schema::ROOT, &mut list);
    list
}

fn visit(schema: &Schema, group: FieldId, list: &mut Vec<String>) {
    for field in schema.children(group) {
        let member = schema.member(field).unwrap();
        let kind = schema.type_of(field);
        let occurs = match (member.repeats, member.occurs.max) {
            (false, _) => String::new(),
            (true, Some(max)) => format!(" {}..{max}", member.occurs.min),
            (true, None) => format!(" {}..", member.occurs.min),
        };
        let marks = [(member.filler, " filler"), (member.kept_by_engine, " kept")];
        let marks: String = marks.iter().filter(|it| it.0).map(|it| it.1).collect();
        match &kind.kind {
            Kind::Leaf(leaf) => {
                list.push(format!("{}{occurs}{marks} ({}): {}", schema.path(field), kind.name, leaf.describe()));
            }
            _ => {
                if !occurs.is_empty() {
                    list.push(format!("{}{occurs}{marks}", schema.path(field)));
                }
                visit(schema, field, list);
            }
        }
    }
}

fn fields_of(text: &str) -> Vec<String> {
    let (codec, said) = read(&[("TEST.cpy", text)]);
    assert!(codec.is_some(), "{said:?}");
    fields(&*codec.unwrap())
}

#[test]
fn types_as_messages_show_them() {
    let found = fields_of(
        "
       01  REC.
           05  A PIC X(35).
           05  B PIC S9(11)V99 COMP-3.
           05  C pic 9(08).
           05  D PIC S9(4) USAGE IS COMPUTATIONAL.
           05  E COMP-2.
           05  F PIC ZZ9.99-.
           05  G PIC S9(3)PP.
           05  H PIC X.
               88 H-YES VALUE 'Y' 'y'.
               88 H-NO VALUE 'N'.
           05  I PIC 9(2).
               88 I-LOW VALUES ARE 1 THRU 3.
               88 I-HIGH VALUE 99.
           05  J PIC X(2).
               88 J-ANY VALUE 'AA' THRU 'ZZ'.
           05  K PIC X(3).
               88 K-NONE VALUE SPACES.
               88 K-ZERO VALUE ZEROS.
               88 K-HEX VALUE X'C1C2'.
               88 K-ALL VALUE ALL '*'.
           05  L POINTER.
           05  M PIC N(2).
           05  N PIC 9.
           05  FILLER PIC X(5).
           05  O PIC X(3) OCCURS 2.
           05  P OCCURS 1 TO 4 TIMES DEPENDING ON N.
               10  Q PIC X.
               10  FILLER PIC X.
               10  FILLER PIC X.
",
    );
    assert_eq!(
        found,
        [
            "REC/A (PIC X(35)): text, up to 35 characters",
            "REC/B (PIC S9(11)V99 COMP-3): number, up to 11 digits before the point, 2 decimals",
            "REC/C (PIC 9(08)): number, up to 8 digits",
            "REC/D (PIC S9(4) COMPUTATIONAL): number, up to 4 digits",
            "REC/E (COMP-2): number of any size",
            "REC/F (PIC ZZ9.99-): text, up to 7 characters",
            "REC/G (PIC S9(3)PP): number, up to 5 digits",
            "REC/H (PIC X): one of Y, y, N",
            "REC/I (PIC 9(2)): number, up to 2 digits",
            "REC/J (PIC X(2)): text, up to 2 characters",
            "REC/K (PIC X(3)): one of , 000, AB, ***",
            "REC/L (POINTER): bytes",
            "REC/M (PIC N(2)): bytes",
            "REC/N kept (PIC 9): number, up to 1 digits",
            "REC/FILLER filler (PIC X(5)): text, up to 5 characters",
            "REC/O 2..2 (PIC X(3)): text, up to 3 characters",
            "REC/P 1..4",
            "REC/P/Q (PIC X): text, up to 1 characters",
            "REC/P/FILLER filler (PIC X): text, up to 1 characters",
            "REC/P/FILLER-2 filler (PIC X): text, up to 1 characters",
        ]
    );
}

#[test]
fn fixed_and_free_format() {
    let fixed = "\
000100* A COMMENT.                                                      JUNK0001
000200 01  REC.                                                         JUNK0002
000300/    A NEW PAGE.                                                  JUNK0003
000400     05  A-LONG-                                                  JUNK0004
000500-    NAME  PIC X(5) VALUE 'AB''CD                                 JUNK0005
000600-    'EF'.                                                        JUNK0006
000700D    05  DEBUG-ONLY PIC X.                                        JUNK0007
000800     05  B PIC  S9(3)                                             JUNK0008
000900             COMP-3.                                              JUNK0009
001000     EJECT
001100     05  C PIC X. *> A COMMENT.
";
    let free = "
*> A comment.
01 REC.
05 A-LONG-NAME PIC X(5) VALUE \"AB'CDEF\".
   05 B
\tPIC S9(3) COMP-3. 05 C PIC X.                                                                             *> Far right.
";
    let tabs = "\t01  REC.\n\t    05  A-LONG-NAME\tPIC X(5).\n\t    05  B PIC S9(3) COMP-3.\n\t    05 C PIC X.\n";
    let directive = "      >>SOURCE FORMAT IS FREE\n01 REC. 05 A-LONG-NAME PIC X(5). 05 B PIC S9(3) COMP-3. 05 C PIC X.\n";
    let nbsp = "       01\u{a0}REC.\r\n           05  A-LONG-NAME\u{a0}PIC X(5).\r\n           05 B PIC S9(3) COMP-3.\r\n           05 C PIC X.\r\n\u{1a}";
    let expected = [
        "REC/A-LONG-NAME (PIC X(5)): text, up to 5 characters",
        "REC/B (PIC S9(3) COMP-3): number, up to 3 digits",
        "REC/C (PIC X): text, up to 1 characters",
    ];
    for text in [fixed, free, tabs, directive, nbsp] {
        assert_eq!(fields_of(text), expected, "{text}");
    }
}

#[test]
fn groups_without_a_name() {
    // The items of a group without a name are named without it, unless a name would then stand twice.
    let text = "
       01  REC.
           05  DATE-X PIC X(8).
           05  FILLER REDEFINES DATE-X.
               10  YYYY PIC 9(4).
               10  MM PIC 9(2).
               10  FILLER PIC X(2).
           05  FILLER.
               10  CODE-1 PIC X.
               10  FILLER PIC X.
           05.
               10  CODE-1 PIC X.
           05  OCCURS 3.
               10  X PIC X.
           05  FILLER PIC X OCCURS 4.
";
    let found: Vec<_> = fields_of(text).into_iter().map(|it| it.split(" (").next().unwrap().to_owned()).collect();
    assert_eq!(
        found,
        [
            "REC/DATE-X",
            "REC/YYYY",
            "REC/MM",
            "REC/FILLER filler",
            "REC/FILLER-2/CODE-1",
            "REC/FILLER-2/FILLER filler",
            "REC/FILLER-3/CODE-1",
            "REC/FILLER-4 3..3",
            "REC/FILLER-4/X",
            "REC/FILLER-5 filler",
        ]
    );
}

#[test]
fn records() {
    for (text, expected) in [
        // None: the file gives the name.
        ("05 A PIC X.\n05 B PIC X.", vec!["TEST/A", "TEST/B"]),
        // One group at the top is the record.
        ("03 REC.\n  05 A PIC X.\n  05 B PIC X.", vec!["REC/A", "REC/B"]),
        ("01 REC PIC X(5).", vec!["REC"]),
        ("01 A. 05 X PIC X. 01 B. 05 Y PIC X.", vec!["A 0..", "A/X", "B 0..", "B/Y"]),
        ("77 N PIC 9. 01 A. 05 X PIC X.", vec!["A/X"]),
    ] {
        let found: Vec<_> = fields_of(text).into_iter().map(|it| it.split(" (").next().unwrap().to_owned()).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn members_that_are_copied() {
    let main = "
       01  REC.
           COPY PARTY REPLACING ==:TAG:== BY ==DEBTOR==
               ==05== BY ==10==.
           COPY 'PARTY' REPLACING ==:TAG:== BY CREDITOR,
                LEADING ==OLD== BY ==NEW==
                TRAILING ==-X== BY ==-Y== X(35) BY X(70).
           COPY LAST-ONE.
";
    let party = "
           05  :TAG:-NAME PIC X(35).
           05  OLD-:TAG: PIC X.
           05  OLD-CODE-X PIC X.
           05  OTHER-X PIC X.
";
    let last = "           05  END-OF-IT PIC X(3) VALUE 'COPY'.\n";
    let (codec, said) = read(&[("MAIN.cpy", main), ("PARTY.cpy", party), ("LAST-ONE.cpy", last)]);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(
        fields(&*codec.unwrap()),
        [
            "REC/DEBTOR-NAME (PIC X(35)): text, up to 35 characters",
            "REC/OLD-DEBTOR (PIC X): text, up to 1 characters",
            "REC/OLD-CODE-X (PIC X): text, up to 1 characters",
            "REC/OTHER-X (PIC X): text, up to 1 characters",
            "REC/CREDITOR-NAME (PIC X(70)): text, up to 70 characters",
            "REC/NEW-CREDITOR (PIC X): text, up to 1 characters",
            // A word is replaced once.
            "REC/NEW-CODE-X (PIC X): text, up to 1 characters",
            "REC/OTHER-Y (PIC X): text, up to 1 characters",
            "REC/END-OF-IT (PIC X(3)): text, up to 3 characters",
        ]
    );
    assert_eq!(Copybook.wants(main), ["PARTY", "LAST-ONE"]);
    assert_eq!(Copybook.wants("      * COPY NOT-THIS.\n       01 A PIC X(4) VALUE 'COPY X'."), Vec::<String>::new());
    let (_, said) = read(&[
        ("MAIN.cpy", "       COPY MISSING.\n       01 A PIC X.\n       COPY OTHER.\n"),
        ("OTHER.cpy", "       COPY MAIN.\n"),
    ]);
    assert_eq!(said, ["E002 MAIN.cpy:1:13 there is no copybook `MISSING`", "S305 OTHER.cpy:1:13 `MAIN` is copied within itself"]);
}

/// Where an author can go wrong, and what is said.
#[test]
fn diagnostics() {
    for (text, expected) in [
        ("", "S301 TEST.cpy:1:1 the copybook describes nothing"),
        ("01 A PIC Q.", "S302 TEST.cpy:1:10 the picture `Q` cannot be read"),
        ("01 A PIC X(5) COMP-3.", "S303 TEST.cpy:1:10 `A` is no number, which `COMP-3` needs"),
        ("01 A PIC 9(19) COMP.", "S303 TEST.cpy:1:10 `A` has 19 digits, and `COMP` at most 18"),
        ("01 A.", "S301 TEST.cpy:1:4 `A` has neither a picture nor items in it"),
        ("01 A PIC X. 05 B PIC X.", "S301 TEST.cpy:1:10 the group `A` has a picture"),
        ("01 A COMP-1 PIC 9.", "S301 TEST.cpy:1:17 `A` has a picture, and `COMP-1` has none"),
        ("01 A PIC X", "S301 TEST.cpy:1:11 a period is missing behind `A`"),
        ("01 A. 05 B PIC X 05 C PIC X.", "S301 TEST.cpy:1:18 `05` may not stand here"),
        ("01 A PIC X VALUE 'abc.", "S301 TEST.cpy:1:18 this literal has no closing quote"),
        ("01 A PIC X TYPEDEF.", "S303 TEST.cpy:1:12 `TYPEDEF` is not supported"),
        ("01 A PIC X(4) COMP-X.", "S303 TEST.cpy:1:15 `COMP-X` is not supported"),
        ("55 A PIC X.", "S306 TEST.cpy:1:1 there is no level 55"),
        ("05 Z PIC X. 01 A PIC X.", "S306 TEST.cpy:1:4 `Z` is in no record"),
        ("PROCEDURE DIVISION.", "S303 TEST.cpy:1:1 `PROCEDURE` does not belong into a copybook"),
        ("FD FILE-1. 01 A PIC X.", "S303 TEST.cpy:1:1 `FD` does not belong into a copybook"),
        ("01 :TAG:-A PIC X.", "S301 TEST.cpy:1:4 `:` may not stand here"),
        ("01 A. 05 B PIC X. 05 C REDEFINES X PIC X.", "S304 TEST.cpy:1:34 `X` does not stand right before what redefines it"),
        (
            "01 A. 05 B PIC X. 05 X PIC X. 05 C REDEFINES B PIC X.",
            "S304 TEST.cpy:1:46 `B` does not stand right before what redefines it",
        ),
        ("01 A. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.", "S304 TEST.cpy:1:45 there is no `N`"),
        (
            "01 A. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N. 05 N PIC 9.",
            "S304 TEST.cpy:1:45 `N` does not stand before the table, at a fixed place",
        ),
        (
            "01 A. 05 N PIC X. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.",
            "S304 TEST.cpy:1:57 `N` cannot count: it is no whole number",
        ),
        ("01 Z PIC 9. 01 A. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON Z.", "S304 TEST.cpy:1:57 `Z` is not in this record"),
        (
            "01 A. 05 G. 10 N PIC 9. 05 H. 10 N PIC 9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.",
            "S304 TEST.cpy:1:81 there are several items `N`",
        ),
        (
            "01 A. 05 G OCCURS 2. 10 N PIC 9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.",
            "S304 TEST.cpy:1:72 `N` does not stand before the table, at a fixed place",
        ),
        ("01 A. 05 T PIC X OCCURS 5 TO 1.", "S301 TEST.cpy:1:18 5 is more than 1"),
        ("01 A. 05 T PIC X OCCURS UNBOUNDED.", "S301 TEST.cpy:1:18 `UNBOUNDED` needs `DEPENDING ON`"),
        ("01 A. 05 T PIC X OCCURS TIMES.", "S301 TEST.cpy:1:25 a number of occurrences is missing"),
        (
            "01 A. 05 N PIC 9. 05 B PIC X(9). 05 C REDEFINES B. 10 T PIC X OCCURS 1 TO 9 DEPENDING ON N.",
            "S305 TEST.cpy:1:37 a view of a `REDEFINES` has no fixed length",
        ),
        (
            "01 A. 05 N PIC 9. 05 T PIC X OCCURS 1 TO 9 DEPENDING ON N. 05 B PIC 9(4) COMP SYNC.",
            "S305 TEST.cpy:1:63 `SYNC` behind a table with `DEPENDING ON`",
        ),
        (
            "01 A. 05 T OCCURS 99999. 10 U OCCURS 99999. 15 V PIC X(99999).",
            "S305 TEST.cpy:1:29 the record is longer than 134217727 bytes",
        ),
        ("01 A PIC 9(4) SIGN LEADING.", "S301 TEST.cpy:1:10 `A` has a `SIGN` clause, which needs `S` in a `DISPLAY` picture"),
        ("01 A PIC 9(4) JUSTIFIED.", "S301 TEST.cpy:1:10 `A` is a number, and `JUSTIFIED` is for text"),
        ("01 A PIC X(4) BLANK WHEN ZERO.", "S301 TEST.cpy:1:10 `A` is no `DISPLAY` number, which `BLANK WHEN ZERO` needs"),
        ("88 A VALUE 'X'.", "S306 TEST.cpy:1:4 a level 88 belongs to the item before it"),
        ("01 A. 05 B PIC X. 66 C RENAMES B.", "warning S303 TEST.cpy:1:22 `C` is no field of its own"),
        ("77 N PIC 9. 01 A PIC X.", "warning S306 TEST.cpy:1:4 `N` is in no record"),
        ("01 A. 05 B PIC X. 05 b PIC X.", "warning S312 TEST.cpy:1:22 `b` stands in its group before"),
        ("01 A PIC N(4).", "warning S311 TEST.cpy:1:10 `A` is not read as text"),
        ("01 A PIC X. 01 B PIC X(2).", "warning S313 TEST.cpy:1:1 the records have different lengths"),
        ("01 A PIC X. 01 B PIC X OCCURS 2.", "S305 TEST.cpy:1:16 `B` has an `OCCURS` at level 01"),
        ("REPLACE ==A== BY ==B==. 01 A PIC X.", "S303 TEST.cpy:1:1 `REPLACE` does not belong into a copybook"),
        ("01 A. EXEC SQL INCLUDE X END-EXEC.", "S303 TEST.cpy:1:7 `EXEC SQL INCLUDE` is not followed"),
    ] {
        let (codec, mut said) = read(&[("TEST.cpy", text)]);
        // Errors first: a warning may stand beside one.
        said.sort_by_key(|it| it.starts_with("warning"));
        assert_eq!(said.first().map(String::as_str), Some(expected), "{text}: {said:?}");
        assert_eq!(codec.is_none(), !expected.starts_with("warning"), "{text}");
    }
}

#[test]
fn every_mistake_is_said() {
    let (_, said) =
        read(&[("TEST.cpy", "01 A.\n  05 B PIC Q.\n  05 C PIC X TYPEDEF.\n  05 D PIC 9(4) JUST.\n  05 E PIC X REDEFINES Z.")]);
    let lines: Vec<_> = said.iter().map(|it| it.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines, ["S302 TEST.cpy:2:12", "S303 TEST.cpy:3:14", "S304 TEST.cpy:5:24", "S301 TEST.cpy:4:12"]);
}

#[test]
fn options_that_are_wrong() {
    for (list, expected) in [
        (&[][..], "S307 1:1 the code page of the records is not said"),
        (&["charset=cp999"], "S307 1:1 there is no code page `cp999`"),
        (&["charset=cp037", "colour=red"], "E003 1:1 `colour` is no option of copybook"),
        (&["charset=cp037", "record=rdw"], "E004 1:1 `record rdw` is not built yet"),
        (&["charset=cp037", "record=vb"], "E004 1:1 `record vb` is not built yet"),
        (&["charset=cp037", "record=fixed x"], "S308 1:1 `record fixed x` is not known"),
        (&["charset=cp037", "record=fixed 0"], "S308 1:1 `record fixed 0` is not known"),
        (&["charset=cp037", "float=vax"], "S308 1:1 `float vax` is not known"),
        (&["charset=cp037", "sign=ascii"], "S308 1:1 there are no ascii signs in cp037"),
        (&["charset=cp037", "bad-number=guess"], "S308 1:1 `bad-number guess` is not known"),
    ] {
        assert_eq!(compile("01 A PIC X.", list, Vec::new()).err().unwrap(), [expected], "{list:?}");
    }
}

#[test]
fn one_record_of_several() {
    let mut sources = Sources::default();
    let file = sources.add("TEST.cpy", "01 A. 05 X PIC X. 01 B. 05 Y PIC X(2).");
    let chosen = |fragment: &str| {
        let options = Options { fragment: fragment.to_owned(), ..options(&sources, &["charset=cp037"], Vec::new()) };
        let mut diagnostics = Diagnostics::default();
        Copybook.compile(&sources, file, &options, &mut diagnostics).ok_or(diagnostics)
    };
    let mut plain = Plain::new(chosen("/B").unwrap());
    assert_eq!(plain.frames(b"\xC1\xC2\xC3\xC4").len(), 2);
    assert_eq!(plain.decode(b"\xC1\xC2").unwrap(), serde_json::json!({"B":{"Y":"AB"}}));
    assert!(chosen("C").is_err());
    // Conditions of the others say nothing; its own must hold.
    let is = |name: &str, field: &str, value: &str| Select {
        name: name.to_owned(),
        when: SelectWhen::Is(field.to_owned(), vec![value.to_owned()], true),
        span: sources.span(file),
    };
    let select = vec![is("A", "X", "Q"), is("B", "Y", "AB")];
    let options = options(&sources, &["charset=cp037"], select);
    let options = Options { fragment: "B".to_owned(), ..options };
    let codec = Copybook.compile(&sources, file, &options, &mut Diagnostics::default());
    let mut plain = Plain::new(codec.unwrap());
    assert!(plain.decode(b"\xC1\xC2").is_ok());
    assert_eq!(plain.decode(b"\xC1\xC3"), Err(vec!["copybook/select  0".to_owned()]));
}

/// IBM Enterprise COBOL Language Reference, "SYNCHRONIZED clause", the examples of slack bytes: where the items lie is seen
/// in where their bytes come from.
#[test]
fn slack_bytes() {
    let mut within = Plain::of(
        "
       01  FIELD-A.
           05  FIELD-B PIC X(5).
           05  FIELD-C.
               10  FIELD-D PIC XX.
               10  FIELD-E COMP PIC S9(6) SYNC.
",
        &["charset=cp037"],
    );
    let record = b"\xC1\xC1\xC1\xC1\xC1\xC2\xC2\x00\x00\x00\x00\x07";
    let object = serde_json::json!({"FIELD-A":{"FIELD-B":"AAAAA","FIELD-C":{"FIELD-D":"BB","FIELD-E":7}}});
    assert_eq!(within.decode(record).unwrap(), object);
    let mut before = Plain::of(
        "
       01  FIELD-L.
           05  FIELD-N PIC X(5).
           05  FIELD-O.
               10  FIELD-P COMP PIC S9(6) SYNC.
",
        &["charset=cp037"],
    );
    // The slack bytes belong to the group around, since they stand before FIELD-O.
    let record = b"\xC1\xC1\xC1\xC1\xC1\x00\x01\x00\x00\x00\x00\x07";
    let object = serde_json::json!({"FIELD-L":{"FIELD-N":"AAAAA","FILLER":{"$hex":"000100"},"FIELD-O":{"FIELD-P":7}}});
    assert_eq!(before.decode(record).unwrap(), object);
    assert_eq!(before.round_trip(record), Ok(record.to_vec()));
    let mut between = Plain::of(
        "
       01  WORK-RECORD.
           05  WORK-CODE PIC X.
           05  COMP-TABLE OCCURS 2 TIMES.
               10  COMP-TYPE PIC X.
               10  COMP-PAY PIC S9(4)V99 COMP SYNC.
               10  COMP-HRS PIC S9(3) COMP SYNC.
               10  COMP-NAME PIC X(5).
",
        &["charset=cp037"],
    );
    // 1 + 2 * (1 + 2 slack + 4 + 2 + 5 + 2 slack).
    let frames = between.frames(&[0; 33]);
    assert_eq!(frames.len(), 1);
    let rows = serde_json::json!([{"COMP-NAME":"A"},{"COMP-NAME":"B"}]);
    let written = between.encode(&serde_json::json!({"WORK-RECORD":{"COMP-TABLE":rows}})).unwrap();
    assert_eq!((written[10], written[26]), (0xC1, 0xC2));
}

/// No text makes the parser panic or run away: copybooks with parts taken out, doubled and exchanged.
#[test]
fn any_text_is_read_or_refused() {
    let mut texts = vec![
        "       01  REC.\n           05  A PIC S9(5)V99 COMP-3 OCCURS 3 TIMES INDEXED BY I.\n           05  B REDEFINES A PIC X(5) VALUE 'AB''C'.\n               88 C VALUES 'A' THRU 'B' WHEN SET TO FALSE IS 'C'.\n           05  N PIC 9. 05 T OCCURS 1 TO 3 DEPENDING ON N OF REC. 10 U PIC -ZZ9.99. 66 X RENAMES A THRU B.\n       COPY M REPLACING ==:A:== BY ==B== LEADING ==C== BY ==D==.\n"
            .to_owned(),
    ];
    if let Some(vectors) = vectors() {
        for name in ["cpyBitOfEverything.cbl", "cpyValueContinuation1.cbl", "cpyOccursDependingOn29.cbl"] {
            texts.push(plain::text(&vectors.join("cb2xml/cobolCopybook").join(name)));
        }
    }
    let mut seed = 5u64;
    let mut random = move |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % limit.max(1)
    };
    let words =
        [".", "(", ")", "PIC", "OCCURS", "REDEFINES", "'", "\"", "==", "COPY", "88", "01", "VALUE", "\n", "\u{e4}", "9(", "SYNC"];
    for text in &texts {
        let characters: Vec<char> = text.chars().collect();
        for _ in 0..300 {
            let mut changed = characters.clone();
            for _ in 0..=random(4) {
                let at = random(changed.len());
                let to = (at + random(30)).min(changed.len());
                let part: Vec<char> = changed[at..to].to_vec();
                match random(3) {
                    0 => drop(changed.drain(at..to)),
                    1 => drop(changed.splice(at..at, part)),
                    _ => drop(changed.splice(at..to, words[random(words.len())].chars())),
                }
            }
            let text: String = changed.into_iter().collect();
            let _ = Copybook.wants(&text);
            let (codec, said) = read(&[("MAIN.cpy", &text), ("M.cpy", "           05 :A:-C PIC X.\n")]);
            assert!(codec.is_some() || !said.is_empty(), "{text}");
            if let Some(codec) = codec {
                let mut plain = Plain::new(codec);
                let _ = plain.decode(&[0xF1; 300]);
            }
        }
    }
}
