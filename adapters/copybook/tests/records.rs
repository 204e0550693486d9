//! Records both ways: every kind of item, tables, views, padding, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod plain;

use latimer_engine::{FaultCode, Limits, Select, SelectWhen, Sources};
use plain::{Plain, compile};
use serde_json::{Value, json};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|it| u8::from_str_radix(str::from_utf8(it).unwrap(), 16).unwrap()).collect()
}

/// Both ways: the bytes are this object, and the object these bytes.
fn same(plain: &mut Plain, hex: &str, object: &Value) {
    let bytes = bytes(hex);
    assert_eq!(plain.decode(&bytes).as_ref(), Ok(object));
    assert_eq!(plain.encode(object), Ok(bytes));
}

const EBCDIC: &[&str] = &["charset=cp037"];

#[test]
fn every_kind_of_number() {
    let copybook = "
       01  REC.
           05  A PIC S9(3)V99.
           05  B PIC S9(3) SIGN LEADING.
           05  C PIC S9(3) SIGN TRAILING SEPARATE CHARACTER.
           05  D PIC S9(3) LEADING SEPARATE.
           05  E PIC 9(3).
           05  F PIC S9(5)V99 COMP-3.
           05  G PIC 9(4) PACKED-DECIMAL.
           05  H PIC S9(4) COMP.
           05  I PIC 9(9) BINARY.
           05  J PIC S9(18) COMP-4.
           05  K PIC 9(4) COMP-5.
           05  L COMP-1.
           05  M COMP-2.
           05  N PIC S9(3)P(3) COMP-3.
           05  O PIC SVP(2)9(3).
           05  Q PIC 9(5) COMP-6.
           05  R PIC 9(3) BLANK WHEN ZERO.
";
    let mut plain = Plain::of(copybook, EBCDIC);
    same(
        &mut plain,
        "F1F2F3F4D5 D1F2F3 F1F2F360 4EF1F2F3 F1F2F3 1234567C 01234F FFFE 3B9AC9FF FFFFFFFFFFFFFFFF FFFF
         43142EFC C13C000000000000 369C F1F2D3 012345 404040",
        &serde_json::from_str(
            r#"{"REC":{"A":-123.45,"B":-123,"C":-123,"D":123,"E":123,"F":12345.67,"G":1234,"H":-2,"I":999999999,"J":-1,
            "K":65535,"L":322.9365,"M":-3.75,"N":369000,"O":-0.00123,"Q":12345,"R":0}}"#,
        )
        .unwrap(),
    );
    let empty = plain.encode(&json!({"REC":{}})).unwrap();
    let zeros = "F0F0F0F0C0 C0F0F0 F0F0F04E 4EF0F0F0 F0F0F0 0000000C 00000F 0000 00000000 0000000000000000 0000
         00000000 0000000000000000 000C F0F0C0 000000 404040";
    assert_eq!(empty, bytes(zeros));
}

#[test]
fn numbers_in_ascii() {
    let copybook = "
       01  REC.
           05  A PIC S9(3)V99.
           05  B PIC S9(3) SIGN LEADING.
           05  C PIC S9(3) SIGN TRAILING SEPARATE.
           05  H PIC S9(4) COMP.
           05  X PIC X(4).
";
    let object: Value = serde_json::from_str(r#"{"REC":{"A":-123.45,"B":123,"C":-123,"H":258,"X":"Zoë"}}"#).unwrap();
    let mut translated = Plain::of(copybook, &["charset=ascii"]);
    same(&mut translated, "313233344E 413233 3132332D 0102 5A6FEB20", &object);
    let mut own = Plain::of(copybook, &["charset=ascii", "sign=ascii", "binary=little"]);
    same(&mut own, "3132333475 313233 3132332D 0201 5A6FEB20", &object);
}

#[test]
fn texts() {
    let copybook = "
       01  REC.
           05  A PIC X(5).
           05  B PIC X(5) JUSTIFIED RIGHT.
           05  C PIC A(3).
           05  D PIC ZZ9.99-.
           05  FILLER PIC X(2).
           05  E PIC X(2).
           05  PIC 9(2).
";
    let mut plain = Plain::of(copybook, &["charset=cp273"]);
    same(
        &mut plain,
        "C1C0404040 404040C2C3 404040 4040F14BF2F360 4040 40C1 F0F0",
        &json!({"REC":{"A":"Aä","B":"BC","C":"","D":"  1.23-","E":" A"}}),
    );
    same(
        &mut plain,
        "0000000000 C2C3404040 C1C240 4040F14BF2F360 C1C2 C100 F1C2",
        &json!({"REC":{"A":{"$hex":"0000000000"},"B":"BC   ","C":"AB","D":"  1.23-","FILLER":"AB","E":{"$hex":"C100"},"FILLER-2":{"$hex":"F1C2"}}}),
    );
    // What is not plain: low-values that fill a text up are blanks.
    let mut values = Plain::with(compile(copybook, &["charset=cp273"], Vec::new()).unwrap(), false);
    let read = values.decode(&bytes("0000400000 C2C3404040 C1C240 4040F14BF2F360 C1C2 C100 F1C2")).unwrap();
    assert_eq!(read, json!({"REC":{"A":"","B":"BC   ","C":"AB","D":"  1.23-","E":"A"}}));
    assert_eq!(values.encode(&json!({"REC":{"A":"123456"}})), Err("map/length REC/A".to_owned()));
    assert_eq!(values.encode(&json!({"REC":{"A":"1€"}})), Err("map/charset REC/A".to_owned()));
}

#[test]
fn what_a_number_cannot_hold() {
    let mut plain = Plain::of("01 R. 05 A PIC S9(3)V99 COMP-3. 05 B PIC 9(2). 05 F COMP-1.", EBCDIC);
    let mut encode = |name: &str, value: &str| {
        let object: Value = serde_json::from_str(&format!(r#"{{"R":{{"{name}":{value}}}}}"#)).unwrap();
        plain.encode(&object).map(|it| it.len())
    };
    assert_eq!(encode("A", "999.99"), Ok(9));
    assert_eq!(encode("A", "1000"), Err("map/number R/A".to_owned()));
    assert_eq!(encode("A", "1.999"), Err("map/digits R/A".to_owned()));
    assert_eq!(encode("A", "1.9900"), Ok(9));
    assert_eq!(encode("A", "\"x\""), Err("map/number R/A".to_owned()));
    assert_eq!(encode("B", "-1"), Err("map/number R/B".to_owned()));
    assert_eq!(encode("B", "\"07\""), Ok(9));
    assert_eq!(encode("F", "123456789"), Err("map/digits R/F".to_owned()));
    assert_eq!(encode("B", r#"{"$hex":"F1"}"#), Err("copybook/size R/B".to_owned()));
}

#[test]
fn bad_numbers() {
    let copybook = "01 R. 05 A PIC S9(3) COMP-3. 05 T OCCURS 2. 10 B PIC 9(2).";
    let bad = bytes("4040 F1F2 C1C2");
    let mut reject = Plain::of(copybook, EBCDIC);
    let faults = ["copybook/digits R/A 0", "copybook/digits R/T[2]/B 4"].map(str::to_owned).to_vec();
    assert_eq!(reject.decode(&bad), Err(faults));
    let mut raw = Plain::of(copybook, &["charset=cp037", "bad-number=raw"]);
    same(&mut raw, "4040F1F2C1C2", &json!({"R":{"A":{"$hex":"4040"},"T":[{"B":12},{"B":{"$hex":"C1C2"}}]}}));
    let absent = compile(copybook, &["charset=cp037", "bad-number=absent"], Vec::new()).unwrap();
    let mut absent = Plain::with(absent, false);
    assert_eq!(absent.decode(&bad), Ok(json!({"R":{"T":[{"B":12},{}]}})));
    // Signs that are not those that are written come back as they were.
    same(&mut raw, "123A F1F2F0F1", &json!({"R":{"A":{"$hex":"123A"},"T":[{"B":12},{"B":1}]}}));
    same(&mut raw, "000D F1F2F0F1", &json!({"R":{"A":{"$hex":"000D"},"T":[{"B":12},{"B":1}]}}));
    let mut values = Plain::with(compile(copybook, EBCDIC, Vec::new()).unwrap(), false);
    for (sign, value) in [("A", 123), ("B", -123), ("C", 123), ("D", -123), ("E", 123), ("F", 123)] {
        let read = values.decode(&bytes(&format!("123{sign}F0F0F0F0"))).unwrap();
        assert_eq!(read["R"]["A"], json!(value));
    }
    assert_eq!(values.decode(&bytes("000DF0F0F0F0")).unwrap()["R"]["A"], json!(0));
}

#[test]
fn a_table_of_fixed_length() {
    let copybook = "
       01  R.
           05  N PIC 9.
           05  L PIC X(3) OCCURS 3 TIMES INDEXED BY IX.
           05  G OCCURS 2.
               10  A PIC 9.
               10  B PIC 9 COMP-3 OCCURS 2.
           05  Z PIC X.
";
    let mut plain = Plain::of(copybook, EBCDIC);
    same(
        &mut plain,
        "F2 C1C2C3 404040 C4C5C6 F1 2F3F F4 5F6F E9",
        &json!({"R":{"N":2,"L":["ABC","","DEF"],"G":[{"A":1,"B":[2,3]},{"A":4,"B":[5,6]}],"Z":"Z"}}),
    );
    // Fewer than there is room for: the others are blank or zero.
    let short = plain.encode(&json!({"R":{"L":["A"],"G":[{"B":[7]}]}})).unwrap();
    assert_eq!(short, bytes("F0 C14040 404040 404040 F0 7F0F F0 0F0F 40"));
    let many = json!({"R":{"L":["A","B","C","D"]}});
    assert_eq!(plain.encode(&many), Err("map/repeat R/L".to_owned()));
}

#[test]
fn tables_with_counters() {
    let copybook = "
       01  R.
           05  N PIC 9.
           05  M PIC 9 COMP-3.
           05  A PIC X OCCURS 0 TO 3 TIMES DEPENDING ON N.
           05  B PIC X.
           05  G OCCURS 1 TO 3 DEPENDING ON M OF R.
               10  K PIC 9.
               10  C PIC 99 OCCURS 0 TO 2 DEPENDING ON K.
               10  D PIC X OCCURS 0 TO 3 DEPENDING ON N.
           05  E PIC X.
";
    let mut plain = Plain::of(copybook, EBCDIC);
    let object = json!({"R":{"N":2,"M":2,"A":["A","B"],"B":"C",
        "G":[{"K":1,"C":[12],"D":["X","Y"]},{"K":0,"C":[],"D":["Z",""]}],"E":"E"}});
    same(&mut plain, "F2 2F C1C2 C3 F1 F1F2 E7E8 F0 E940 C5", &object);
    // What the counters say is worked out: also over rows, where the longest list counts.
    let given = json!({"R":{"A":["A"],"B":"C","G":[{"D":[]},{"C":[7],"D":["P","Q","R"]}],"E":"E"}});
    let written = plain.encode(&given).unwrap();
    assert_eq!(written, bytes("F3 2F C14040 C3 F0 404040 F1 F0F7 D7D8D9 C5"));
    // At least one occurrence there must be.
    assert_eq!(plain.encode(&json!({"R":{}})).unwrap(), bytes("F0 1F 40 F0 40"));
    let many = json!({"R":{"A":["A","B","C","D"]}});
    assert!(plain.encode(&many).unwrap_err().starts_with("map/repeat R/"));
    for (bad, fault) in [
        ("F4 1F", "copybook/counter R/N 0"),
        ("F0 0F 40", "copybook/counter R/M 1"),
        ("F0 4F 40", "copybook/counter R/M 1"),
        ("F0 40 40", "copybook/digits R/M 1"),
        ("F0 1F 40 F3", "copybook/counter R/G[1]/K 3"),
        ("F0 1F 40 F0", "frame/truncated R/E 4"),
        ("F0 1F 40 F0 40 40", "frame/length  5"),
    ] {
        assert_eq!(plain.decode(&bytes(bad)).unwrap_err(), [fault.to_owned()], "{bad}");
    }
}

/// Rows of no bytes, and rows that are not there: a counter alone must cost neither time nor memory.
#[test]
fn a_counter_that_lies() {
    let copybook = "
       01  R.
           05  M PIC 9.
           05  N PIC 9(9).
           05  G OCCURS 0 TO UNBOUNDED DEPENDING ON N.
               10  T PIC X OCCURS 0 TO 9 DEPENDING ON M.
           05  H PIC X(100) OCCURS 0 TO UNBOUNDED DEPENDING ON N.
";
    let mut plain = Plain::of(copybook, EBCDIC);
    for record in ["F0 F9F9F9F9F9F9F9F9F9", "F1 F9F9F9F9F9F9F9F9F9 C1"] {
        let faults = plain.decode(&bytes(record)).unwrap_err();
        assert!(faults[0].starts_with("frame/truncated"), "{faults:?}");
        let mut framer = plain.codec.framer(&[], &[], &Limits::default());
        assert_eq!(framer.next(&bytes(record), true).unwrap_err().code, FaultCode::FrameTruncated);
    }
    same(&mut plain, "F0 F0F0F0F0F0F0F0F0F0", &json!({"R":{"M":0,"N":0,"G":[],"H":[]}}));
}

#[test]
fn views() {
    let copybook = "
       01  R.
           05  K PIC X.
           05  V PIC X(6).
           05  W REDEFINES V.
               10  W1 PIC 9(3).
               10  W2 PIC S9(3) COMP-3.
           05  REDEFINES V.
               10  DAY-OF PIC 99.
               10  MONTH-OF PIC 99.
               10  YEAR-OF PIC 9(4).
           05  Z PIC X.
";
    // The first, where nothing chooses.
    let mut plain = Plain::of(copybook, EBCDIC);
    same(&mut plain, "C1 C1C2C3C4C5C6 4040 E9", &json!({"R":{"K":"A","V":"ABCDEF","Z":"Z"}}));
    same(&mut plain, "C1 C1C2C3C4C5C6 0040 E9", &json!({"R":{"K":"A","V":"ABCDEF","FILLER":{"$hex":"0040"},"Z":"Z"}}));
    assert_eq!(plain.encode(&json!({"R":{"DAY-OF":1,"MONTH-OF":2,"YEAR-OF":2026}})).unwrap(), bytes("40 F0F1F0F2F2F0F2F6 40"));
    let two = json!({"R":{"V":"A","W":{"W1":1}}});
    assert_eq!(plain.encode(&two), Err("copybook/view R/V".to_owned()));
    // A plan may look at the same bytes in several ways.
    let mut values = Plain::with(compile(copybook, EBCDIC, Vec::new()).unwrap(), false);
    let read = values.decode(&bytes("C1 F1F2F3123C40 F1F2 E9")).unwrap_err();
    assert!(read[0].starts_with("copybook/digits R/MONTH-OF"), "{read:?}");
}

fn is(path: &str, values: &[&str]) -> SelectWhen {
    SelectWhen::Is(path.to_owned(), values.iter().map(|it| (*it).to_owned()).collect(), true)
}

fn select(list: &[(&str, SelectWhen)]) -> Vec<Select> {
    let mut sources = Sources::default();
    let file = sources.add("", "");
    let span = sources.span(file);
    list.iter().map(|(name, when)| Select { name: (*name).to_owned(), when: when.clone(), span }).collect()
}

#[test]
fn views_that_a_value_chooses() {
    let copybook = "
       01  R.
           05  K PIC X(2).
           05  A PIC X(4).
           05  B REDEFINES A.
               10  B1 PIC 9(3).
               10  REST PIC X.
           05  C REDEFINES A PIC S9(7) COMP-3.
           05  T OCCURS 2.
               10  L PIC 9.
               10  P PIC X(2).
               10  Q REDEFINES P PIC 99.
";
    let not_z = SelectWhen::Is("K".to_owned(), vec!["Z".to_owned()], false);
    let list = [
        ("B", SelectWhen::All(vec![is("R/K", &["B", "BB"]), not_z])),
        ("C", SelectWhen::Any(vec![is("K", &["C"]), is("K", &["CC"])])),
        ("Q", is("L", &["1"])),
    ];
    let mut plain = Plain::new(compile(copybook, EBCDIC, select(&list)).unwrap());
    let rows = "F1 F1F2 F0 C1C2";
    let objects = json!([{"L":1,"Q":12},{"L":0,"P":"AB"}]);
    same(&mut plain, &format!("C240 F1F2F3 E7 {rows}"), &json!({"R":{"K":"B","B":{"B1":123,"REST":"X"},"T":objects}}));
    same(&mut plain, &format!("C3C3 1234567C {rows}"), &json!({"R":{"K":"CC","C":1234567,"T":objects}}));
    same(&mut plain, &format!("E940 1234567C {rows}"), &json!({"R":{"K":"Z","A":"\u{12}\u{94}\u{ee}@","T":objects}}));
    // The view that is chosen is checked, the others are not.
    let bad = plain.decode(&bytes(&format!("C340 40404040 {rows}")));
    assert_eq!(bad, Err(vec!["copybook/digits R/C 2".to_owned()]));
    let all = select(&[("A", is("K", &["A"])), ("B", is("K", &["B"])), ("C", is("K", &["C"]))]);
    let mut closed = Plain::new(compile(copybook, EBCDIC, all).unwrap());
    let none = closed.decode(&bytes(&format!("E940 40404040 {rows}")));
    assert_eq!(none, Err(vec!["copybook/select R/A 2".to_owned()]));
}

#[test]
fn what_cannot_be_selected() {
    let copybook = "01 R. 05 K PIC 9. 05 T OCCURS 2. 10 L PIC X. 05 A PIC X. 05 B REDEFINES A PIC 9.";
    for (list, said) in [
        (("X", is("K", &["1"])), "S309 1:1 `X` is no record and no view of a `REDEFINES`"),
        (("K", is("K", &["1"])), "S309 1:1 `K` is no record and no view of a `REDEFINES`"),
        (("B", is("X", &["1"])), "S309 1:1 there is no field `X`"),
        (("B", is("L", &["1"])), "S309 1:1 `L` has no fixed place here"),
        (("B", is("K", &["12"])), "S309 1:1 \"12\" can never stand in `K`"),
        (("B", is("K", &["A"])), "S309 1:1 \"A\" can never stand in `K`"),
    ] {
        let found = compile(copybook, EBCDIC, select(&[list])).err();
        assert_eq!(found, Some(vec![said.to_owned()]));
    }
}

#[test]
fn records_of_one_length() {
    let copybook = "01 R. 05 A PIC X(3). 05 N PIC 9. 05 T PIC X OCCURS 0 TO 9 DEPENDING ON N.";
    let mut padded = Plain::of(copybook, &["charset=cp037", "record=fixed 8"]);
    same(&mut padded, "C14040 F1 C2 404040", &json!({"R":{"A":"A","N":1,"T":["B"]}}));
    same(&mut padded, "C14040 F1 C2 40C340", &json!({"R":{"A":"A","N":1,"T":["B"],"FILLER":" C"}}));
    same(&mut padded, "C14040 F4 C2C2C2C2", &json!({"R":{"A":"A","N":4,"T":["B","B","B","B"]}}));
    same(&mut padded, "C14040 F0 00404000", &json!({"R":{"A":"A","N":0,"T":[],"FILLER":{"$hex":"00404000"}}}));
    assert_eq!(padded.decode(&bytes("C14040 F5 C2C2C2C2")), Err(vec!["frame/truncated R/T 8".to_owned()]));
    assert_eq!(padded.encode(&json!({"R":{"T":["","","","",""]}})), Err("frame/length ".to_owned()));
    assert_eq!(padded.frames(&[0xF0; 24]).len(), 3);
    let mut fixed = Plain::of("01 R. 05 A PIC X(3).", &["charset=cp037", "record=fixed 5"]);
    same(&mut fixed, "C14040 4040", &json!({"R":{"A":"A"}}));
    same(&mut fixed, "C14040 40C1", &json!({"R":{"A":"A","FILLER":" A"}}));
    let mut single = Plain::of("01 R PIC X(3).", &["charset=cp037", "record=fixed 5"]);
    same(&mut single, "C14040 4040", &json!({"R":"A"}));
    assert_eq!(single.decode(&bytes("C14040 40C1")), Err(vec!["frame/length  3".to_owned()]));
    let short = compile("01 R PIC X(3).", &["charset=cp037", "record=fixed 2"], Vec::new()).err();
    assert_eq!(short.unwrap(), ["S310 1:1 `R` has 3 bytes, more than the 2 of a record"]);
}

#[test]
fn a_counter_that_does_not_look_as_it_is_written() {
    let copybook = "01 R. 05 N PIC 9 COMP-3. 05 T PIC X OCCURS 0 TO 5 DEPENDING ON N.";
    let mut plain = Plain::of(copybook, EBCDIC);
    same(&mut plain, "2C C1C2", &json!({"R":{"N":{"$hex":"2C"},"T":["A","B"]}}));
    let wrong = json!({"R":{"N":{"$hex":"3C"},"T":["A","B"]}});
    assert_eq!(plain.encode(&wrong), Err("copybook/counter R/N".to_owned()));
    // A number that a rule gives is the engine's to keep.
    assert_eq!(plain.encode(&json!({"R":{"N":5,"T":["A","B"]}})), Ok(bytes("2F C1C2")));
}

const BATCH: &str = "
       01  HDR.
           05  HDR-TYPE PIC X.
           05  HDR-TEXT PIC X(3).
       01  DTL.
           05  DTL-TYPE PIC X.
           05  DTL-COUNT PIC 9.
           05  DTL-LINE PIC X OCCURS 0 TO 9 DEPENDING ON DTL-COUNT.
       01  TRL.
           05  TRL-TYPE PIC X.
           05  TRL-SUM PIC 9(3).
";

fn batch() -> Plain {
    let list = [("HDR", is("HDR-TYPE", &["H"])), ("DTL", is("DTL-TYPE", &["D"])), ("TRL", is("TRL-TYPE", &["T"]))];
    Plain::new(compile(BATCH, EBCDIC, select(&list)).unwrap())
}

#[test]
fn a_file_of_several_records() {
    let mut plain = batch();
    let object = json!({"HDR":[{"HDR-TYPE":"H","HDR-TEXT":"ABC"}],
        "DTL":[{"DTL-TYPE":"D","DTL-COUNT":1,"DTL-LINE":["X"]},{"DTL-TYPE":"D","DTL-COUNT":0,"DTL-LINE":[]}],
        "TRL":[{"TRL-TYPE":"T","TRL-SUM":2}]});
    same(&mut plain, "C8C1C2C3 C4F1E7 C4F0 E3F0F0F2", &object);
    for (file, fault) in [
        ("C8C1C2C3 D7F1", "copybook/select  4"),
        ("C4F0 C8C1C2C3", "copybook/order  2"),
        ("C8C1C2C3 C4F0 C4F1", "frame/truncated DTL[2]/DTL-LINE 8"),
        ("C4F0 E3F0F0C1", "copybook/digits TRL[1]/TRL-SUM 3"),
        ("C4F0 C4A0", "copybook/digits DTL[2]/DTL-COUNT 3"),
    ] {
        assert_eq!(plain.decode(&bytes(file)).unwrap_err(), [fault.to_owned()], "{file}");
    }
    // Nothing tells the records apart.
    let mut blind = Plain::new(compile(BATCH, EBCDIC, Vec::new()).unwrap());
    assert_eq!(blind.decode(&bytes("C8C1C2C3")), Err(vec!["copybook/select  0".to_owned()]));
}
