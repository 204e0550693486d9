//! `encode(decode(x)) = x`, byte for byte, for all that decodes; and framing that does not depend on how the stream is cut.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test may panic, and knows its numbers"
)]

mod plain;

use latimer_engine::{Cut, FieldId, Frame, Limits, Outcome, Part, Schema};
use plain::{Plain, compile};

/// Every kind of item, in every kind of place.
const EVERYTHING: &str = "
       01  REC.
           05  TEXTS.
               10  T1 PIC X(7).
               10  T2 PIC X(5) JUSTIFIED RIGHT.
               10  T3 PIC A(3).
               10  T4 PIC -ZZ9.99.
               10  T5 PIC N(2).
               10  T6 PIC G(2).
               10  FILLER PIC X(3).
           05  NUMBERS.
               10  Z1 PIC S9(3)V99.
               10  Z2 PIC S9(3) SIGN LEADING.
               10  Z3 PIC S9(2) SIGN TRAILING SEPARATE.
               10  Z4 PIC S9(2) SIGN LEADING SEPARATE.
               10  Z5 PIC 9(4).
               10  Z6 PIC 9(3) BLANK WHEN ZERO.
               10  Z7 PIC S9(20).
               10  P1 PIC S9(5)V99 COMP-3.
               10  P2 PIC 9(4) COMP-3.
               10  P3 PIC S9(17)V99 COMP-3.
               10  P4 PIC 9(3) COMP-6.
               10  P5 PIC S9(3)P(3) COMP-3.
               10  P6 PIC SVPP9(3) COMP-3.
               10  B1 PIC S9(4) COMP.
               10  B2 PIC 9(9) COMP.
               10  B3 PIC S9(18) COMP SYNC.
               10  B4 PIC S9(4)V9 COMP-5.
               10  B5 PIC 9(9) COMP-5.
               10  F1 COMP-1.
               10  F2 COMP-2.
               10  FILLER PIC S9(3) COMP-3.
               10  I1 INDEX.
               10  FILLER PIC 9(2) OCCURS 2.
           05  KIND PIC X.
           05  FIRST-VIEW PIC X(4).
           05  SECOND-VIEW REDEFINES FIRST-VIEW.
               10  V1 PIC 9(2).
               10  V2 PIC X.
           05  REDEFINES FIRST-VIEW.
               10  V3 PIC S9(9) COMP-3.
           05  N1 PIC 9.
           05  TABLE-1 OCCURS 2.
               10  E1 PIC S9(3) COMP-3.
               10  E2 PIC X(2) OCCURS 2.
           05  TABLE-2 OCCURS 0 TO 9 DEPENDING ON N1.
               10  N2 PIC 9 COMP-3.
               10  E3 PIC X OCCURS 0 TO 3 DEPENDING ON N2.
               10  E4 PIC 9 OCCURS 0 TO 9 DEPENDING ON N1.
           05  LAST-ONE PIC X(3).
";

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // xorshift64*, Vigna 2016.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Bytes as they stand in records, more or less: blanks, low-values, digits, signs, and any.
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let run = usize::try_from(self.below(6)).unwrap() + 1;
            let kind = self.below(8);
            for _ in 0..run {
                bytes.push(match kind {
                    0 => 0x40,
                    1 => 0x00,
                    2 => 0xF0 + self.below(10) as u8,
                    3 => (self.below(10) << 4) as u8 | [0xA, 0xB, 0xC, 0xD, 0xE, 0xF][self.below(6) as usize],
                    4 => (self.below(10) << 4) as u8 | self.below(10) as u8,
                    5 => 0xC1 + self.below(9) as u8,
                    6 => [0xC0, 0xD0, 0x4E, 0x60][self.below(4) as usize],
                    _ => self.below(256) as u8,
                });
            }
        }
        bytes.truncate(length);
        bytes
    }
}

/// A record that decodes, to change a little.
fn sample(plain: &mut Plain) -> Vec<u8> {
    let rows = serde_json::json!([{"E3":["A","B"],"E4":[1,2]},{"E3":[],"E4":[3]}]);
    let object = serde_json::json!({"REC":{"TEXTS":{"T1":"ABC"},"NUMBERS":{"Z1":1},"TABLE-2":rows}});
    plain.encode(&object).unwrap()
}

fn law(charset: &str, options: &[&str], seed: u64, times: usize) {
    let list: Vec<&str> = [charset].into_iter().chain(options.iter().copied()).collect();
    let mut plain = Plain::new(compile(EVERYTHING, &list, Vec::new()).unwrap());
    let sample = sample(&mut plain);
    let mut random = Random(seed);
    let mut record = plain.record();
    let (mut clean, mut other) = (0, 0);
    for _ in 0..times {
        // Some bytes of a good record, or all, become others; the tables may need more or fewer of them.
        let mut bytes = sample.clone();
        bytes.extend(random.bytes(60));
        for _ in 0..random.below(6) {
            let length = usize::try_from(random.below(12)).unwrap() + 1;
            let at = usize::try_from(random.below(bytes.len() as u64 - 12)).unwrap();
            let change = random.bytes(length);
            bytes[at..at + length].copy_from_slice(&change);
        }
        // The framer knows how long the record is now.
        let mut framer = plain.codec.framer(&[], &[], &Limits::default());
        let Ok(Cut::Frame(frame)) = framer.next(&bytes, true) else {
            other += 1;
            continue;
        };
        let bytes = &bytes[frame.bytes];
        let (outcome, faults) = plain.read(bytes, &mut record);
        if outcome != Outcome::Clean {
            assert!(!faults.is_empty());
            other += 1;
            continue;
        }
        assert!(faults.is_empty());
        let back = plain.write(bytes, &mut record).unwrap();
        assert_eq!(back, bytes);
        clean += 1;
    }
    assert!(clean > times / 10, "only {clean} of {times} were read, {other} not");
}

#[test]
fn what_is_read_is_written_back() {
    law("charset=cp037", &[], 1, 20_000);
    law("charset=cp1140", &["bad-number=raw"], 2, 20_000);
    law("charset=cp273", &["bad-number=raw", "trim=none", "float=ieee", "binary=little"], 3, 20_000);
    law("charset=ascii", &["bad-number=raw", "sign=ascii", "float=ieee"], 4, 20_000);
    law("charset=cp500", &["bad-number=raw", "record=fixed 400"], 5, 20_000);
}

/// Every prefix of a record, and every byte changed: a fault or a record, never a panic.
#[test]
fn broken_records_are_faults() {
    let mut plain = Plain::of(EVERYTHING, &["charset=cp037"]);
    let sample = sample(&mut plain);
    let mut record = plain.record();
    for length in 0..sample.len() {
        let (outcome, faults) = plain.read(&sample[..length], &mut record);
        assert_ne!(outcome, Outcome::Clean);
        assert!(!faults.is_empty());
    }
    for at in 0..sample.len() {
        for byte in 0..=255 {
            let mut bytes = sample.clone();
            bytes[at] = byte;
            let (outcome, faults) = plain.read(&bytes, &mut record);
            assert_eq!(outcome == Outcome::Clean, faults.is_empty());
        }
    }
}

/// Reading fewer fields gives the same values.
#[test]
fn fewer_fields_have_the_same_values() {
    let mut all = Plain::of(EVERYTHING, &["charset=cp037"]);
    let bytes = sample(&mut all);
    let expected = all.decode(&bytes).unwrap();
    let schema = std::sync::Arc::clone(all.codec.schema());
    for path in ["REC/TEXTS/T1", "REC/NUMBERS/Z1", "REC/NUMBERS/P6", "REC/NUMBERS/F2", "REC/LAST-ONE"] {
        let field = schema.find(path).unwrap();
        let place = latimer_engine::Place { arena: 0, slot: 0 };
        let wanted = [latimer_engine::Wanted { field, place, want: latimer_engine::Want::Value }];
        let limits = Limits::default();
        let reading = latimer_engine::Reading { wanted: &wanted, cut: &[], limits: &limits, plain: true };
        let mut decoder = all.codec.decoder(&reading);
        let shapes = [latimer_engine::ArenaShape { stride: 1, level: 0 }];
        let mut record = latimer_engine::Record::new(&shapes, &[]);
        let mut faults = latimer_engine::Faults::new(16);
        record.begin(0, 0);
        let frame = Frame { part: Part::Whole, bytes: 0..bytes.len(), consumed: bytes.len(), at: 0, number: 1 };
        decoder.decode(&frame, &bytes, &mut record, &mut faults);
        let found = String::from_utf8(record.bytes(record.get(place), &bytes).to_vec()).unwrap();
        let mut value = &expected;
        for name in path.split('/') {
            value = &value[name];
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(found, value, "{path}");
    }
}

const FILE: &str = "
       01  HDR.
           05  TYPE-H PIC X.
           05  FILLER PIC X(9).
       01  DTL.
           05  TYPE-D PIC X.
           05  N PIC 9(3).
           05  T PIC X OCCURS 0 TO 999 DEPENDING ON N.
       01  TRL.
           05  TYPE-T PIC X.
           05  FILLER PIC X(19).
";

/// Gives the stream to a framer in pieces of this size; the parts, as kind, first byte and length.
fn frames(plain: &Plain, cut: &[FieldId], stream: &[u8], piece: usize) -> Vec<(Part, u64, usize, u64)> {
    let mut framer = plain.codec.framer(cut, &[], &Limits::default());
    let (mut from, mut to) = (0, 0);
    let mut found = Vec::new();
    let mut marks = 0;
    loop {
        match framer.next(&stream[from..to], to == stream.len()).unwrap() {
            Cut::Frame(frame) => {
                assert_eq!(frame.at as usize, from + frame.bytes.start);
                found.push((frame.part, frame.at, frame.bytes.len(), frame.number));
                from += frame.consumed;
                // A restart goes on at the next part.
                marks += 1;
                if marks % 7 == 0 {
                    let mut mark = Vec::new();
                    framer.mark(&mut mark);
                    framer = plain.codec.framer(cut, &[], &Limits::default());
                    framer.resume(&mark);
                }
            }
            Cut::Incomplete => {
                assert!(to < stream.len(), "all was given");
                to = (to + piece).min(stream.len());
            }
            Cut::End => return found,
            cut => panic!("{cut:?}"),
        }
    }
}

#[test]
fn framing_does_not_depend_on_the_pieces() {
    let when = |field: &str, value: &str| latimer_engine::SelectWhen::Is(field.to_owned(), vec![value.to_owned()], true);
    let mut sources = latimer_engine::Sources::default();
    let file = sources.add("", "");
    let span = sources.span(file);
    let select = [("HDR", "TYPE-H", "H"), ("DTL", "TYPE-D", "D"), ("TRL", "TYPE-T", "T")]
        .map(|(name, field, value)| latimer_engine::Select { name: name.to_owned(), when: when(field, value), span });
    let plain = Plain::new(compile(FILE, &["charset=cp037"], select.to_vec()).unwrap());
    let cut = plain.codec.schema().child(Schema::ROOT, "DTL").unwrap();
    assert!(plain.codec.cuts_at(cut) && !plain.codec.cuts_at(plain.codec.schema().find("DTL/T").unwrap()));
    let mut random = Random(9);
    let mut large = b"\xC8\x40\x40\x40\x40\x40\x40\x40\x40\x40".repeat(3);
    let mut lengths = Vec::new();
    while large.len() < 400_000 {
        let count = usize::try_from(random.below(1000)).unwrap();
        large.push(0xC4);
        large.extend(format!("{count:03}").bytes().map(|it| it | 0xF0));
        large.resize(large.len() + count, 0xC1);
        lengths.push(4 + count);
    }
    large.extend_from_slice(&[[0xE3].as_slice(), &[0x40; 19]].concat());
    let whole = frames(&plain, &[cut], &large, large.len());
    assert_eq!(whole.first(), Some(&(Part::Head(0), 0, 30, 1)));
    let items: Vec<usize> = whole.iter().filter(|it| it.0 == Part::Item).map(|it| it.2).collect();
    assert_eq!(items, lengths);
    assert_eq!(whole.last().map(|it| (it.0, it.2, it.3)), Some((Part::Tail(0), 20, lengths.len() as u64)));
    for piece in [1000, 4096, 100_000, 262_144] {
        assert_eq!(frames(&plain, &[cut], &large, piece), whole, "pieces of {piece}");
    }
    // Below 256 KiB a file is one part; without a cut also above.
    let small = &large[..30 + lengths[0] + lengths[1]];
    assert_eq!(frames(&plain, &[cut], small, 100), [(Part::Whole, 0, small.len(), 1)]);
    assert_eq!(frames(&plain, &[], &large, 100_000), [(Part::Whole, 0, large.len(), 1)]);
    assert_eq!(frames(&plain, &[cut], b"", 100), []);
    // No item, and no tail.
    let heads = b"\xC8\x40\x40\x40\x40\x40\x40\x40\x40\x40".repeat(30_000);
    let found = frames(&plain, &[cut], &heads, 50_000);
    assert_eq!(found, [(Part::Head(0), 0, 300_000, 1), (Part::Tail(0), 300_000, 0, 0)]);
}

#[test]
fn records_of_a_stream() {
    let plain = Plain::of("01 R. 05 A PIC X(3). 05 N PIC 9. 05 T PIC X OCCURS 0 TO 9 DEPENDING ON N.", &["charset=cp037"]);
    let stream = b"\xC1\xC1\xC1\xF0\xC2\xC2\xC2\xF3\xE7\xE7\xE7\xC3\xC3\xC3\xF1\xE7";
    for piece in 1..stream.len() {
        let found: Vec<usize> = frames(&plain, &[], stream, piece).iter().map(|it| it.2).collect();
        assert_eq!(found, [4, 7, 5]);
    }
    let mut framer = plain.codec.framer(&[], &[], &Limits::default());
    assert_eq!(framer.next(&stream[..14], true).map(|_| ()), Ok(()));
    let fault = framer.next(b"\xC1\xC1\xC1\x40", false).unwrap_err();
    assert_eq!((fault.code.name(), fault.offset), ("copybook/digits", 7));
    assert_eq!(framer.recover(b"\xC1\xC1\xC1\x40", false), None);
    let fixed = Plain::of("01 R PIC X(300).", &["charset=cp037"]);
    let mut framer = fixed.codec.framer(&[], &[], &Limits::default());
    let mut stream = vec![0x40; 723];
    for _ in 0..2 {
        assert!(matches!(framer.next(&stream, true), Ok(Cut::Frame(frame)) if frame.consumed == 300));
        stream.drain(..300);
    }
    let fault = framer.next(&stream, true).unwrap_err();
    assert_eq!((fault.code.name(), fault.offset, fault.detail), ("frame/length", 600, 123));
    assert_eq!(framer.recover(&stream, true), Some(123));
    assert_eq!(framer.next(&[], true), Ok(Cut::End));
}

/// The parts of a large file give the values of the whole.
#[test]
fn parts_give_what_the_whole_gives() {
    let copybook = "01 H. 05 K PIC X. 05 A PIC 9(3). 01 D. 05 K2 PIC X. 05 B PIC 9(3).";
    let plain = Plain::of(copybook, &["charset=cp037"]);
    let schema = plain.codec.schema();
    let (item, value) = (schema.find("D").unwrap(), schema.find("D/B").unwrap());
    let place = latimer_engine::Place { arena: 1, slot: 0 };
    let wanted = [latimer_engine::Wanted { field: value, place, want: latimer_engine::Want::Value }];
    let limits = Limits::default();
    let reading = latimer_engine::Reading { wanted: &wanted, cut: &[item], limits: &limits, plain: false };
    let mut decoder = plain.codec.decoder(&reading);
    let shapes = [0, 1].map(|level| latimer_engine::ArenaShape { stride: 1, level });
    let mut record = latimer_engine::Record::new(&shapes, &[]);
    let mut faults = latimer_engine::Faults::new(16);
    record.begin(0, 0);
    record.begin(1, 1000);
    let bytes = b"\xC4\xF0\xF1\xF2";
    let frame = Frame { part: Part::Item, bytes: 0..4, consumed: 4, at: 1000, number: 77 };
    assert_eq!(decoder.decode(&frame, bytes, &mut record, &mut faults), Outcome::Clean);
    assert_eq!(record.bytes(record.get(place), bytes), b"12");
    assert_eq!(record.origin(record.get(place)), Some((1001, 3)));
    record.begin(1, 1004);
    let bad = b"\xC4\xF0\xF1\x40";
    let frame = Frame { at: 1004, ..frame };
    assert_eq!(decoder.decode(&frame, bad, &mut record, &mut faults), Outcome::Faulty);
    let fault = faults.list()[0];
    assert_eq!((fault.field, fault.rows, fault.offset), (Some(value), [77, 0], 1005));
}
