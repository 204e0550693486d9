//! What a record costs: `cargo run --release -p latimer-copybook --example measure -- detail decode 100000`.
//!
//! Prints nanoseconds a record; for instructions run it under `valgrind --tool=callgrind` with two counts and take the
//! difference. `loop-decode` and `loop-encode` do the same work a byte at a time, as one writes it by hand.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    reason = "a measurement, not a part of the product"
)]

#[path = "../tests/plain/mod.rs"]
mod plain;

use latimer_engine::{Kind, Node, Outcome, Place, Record, Schema, Type};
use plain::Plain;
use std::{env, hint::black_box, time::Instant};

/// `TXN-DTL`, 300 bytes: text, one packed amount, a table of four lines.
const DETAIL: &str = "
       01  TXN-DTL.
           05  DTL-REC-TYPE          PIC X(02).
           05  DTL-SEQ-NO            PIC 9(07).
           05  DTL-DEBIT-IBAN        PIC X(34).
           05  DTL-CREDIT-IBAN       PIC X(34).
           05  DTL-CREDIT-BIC        PIC X(11).
           05  DTL-AMOUNT            PIC S9(11)V99 COMP-3.
           05  DTL-VALUE-DATE        PIC 9(08).
           05  DTL-CREDIT-NAME       PIC X(35).
           05  DTL-E2E-ID            PIC X(35).
           05  DTL-RMT-COUNT         PIC 9(01).
           05  DTL-RMT-LINE          PIC X(27) OCCURS 4 TIMES.
           05  DTL-CHARGES           PIC X(01).
           05  FILLER                PIC X(017).
";

/// A deposit account, 320 bytes: 26 fields, texts, dates and zoned balances.
const DISPLAY: &str = "
       01  DEPOSIT.
           05  ACCOUNT    PIC 9(12).
           05  BRANCH     PIC X(4).
           05  NAME       PIC X(35).
           05  ADDRESS-1  PIC X(35).
           05  CITY       PIC X(20).
           05  PRODUCT    PIC X(6).
           05  CURRENCY   PIC X(3).
           05  STATUS     PIC X(1).
           05  OPENED     PIC 9(8).
           05  CHANGED    PIC 9(8).
           05  BALANCE-1  PIC S9(13)V99.
           05  BALANCE-2  PIC S9(13)V99.
           05  BALANCE-3  PIC S9(13)V99.
           05  BALANCE-4  PIC S9(13)V99.
           05  BALANCE-5  PIC S9(13)V99.
           05  BALANCE-6  PIC S9(13)V99.
           05  BALANCE-7  PIC S9(13)V99.
           05  BALANCE-8  PIC S9(13)V99.
           05  RATE       PIC S9(3)V9(6).
           05  COUNT-1    PIC 9(5).
           05  COUNT-2    PIC 9(5).
           05  OFFICER    PIC X(10).
           05  CLASS-1    PIC X(4).
           05  CLASS-2    PIC X(4).
           05  NOTE-1     PIC X(20).
           05  LAST-DATE  PIC 9(8).
           05  FILLER     PIC X(3).
";

/// A loan, 261 bytes: 14 packed and 3 binary numbers, 12 occurrences of three packed.
const PACKED: &str = "
       01  LOAN.
           05  ACCOUNT    PIC X(18).
           05  PRODUCT    PIC X(15).
           05  AMOUNT     PIC S9(9)V99 COMP-3 OCCURS 14.
           05  NUMBER-OF  PIC S9(9) COMP OCCURS 3.
           05  INSTALMENT OCCURS 12.
               10  DUE    PIC S9(7) COMP-3.
               10  PAID   PIC S9(5)V99 COMP-3.
               10  DAYS   PIC S9(5) COMP-3.
";

fn main() {
    let mut words = env::args().skip(1);
    let kind = words.next().unwrap_or_else(|| "detail".to_owned());
    let work = words.next().unwrap_or_else(|| "decode".to_owned());
    let count: u32 = words.next().map_or(100_000, |it| it.parse().unwrap());
    let copybook = match kind.as_str() {
        "detail" => DETAIL,
        "display" => DISPLAY,
        "packed" => PACKED,
        _ => panic!("detail, display or packed"),
    };
    let mut plain = Plain::with(plain::compile(copybook, &["charset=cp037"], Vec::new()).unwrap(), false);
    let bytes = sample(&mut plain);
    let mut record = plain.record();
    let mut fields = Vec::new();
    layout(&plain, Schema::ROOT, &mut 0, &mut fields);
    assert_eq!(plain.read(&bytes, &mut record).0, Outcome::Clean);
    assert_eq!(plain.write(&bytes, &mut record).unwrap(), bytes);
    let mut values = Vec::new();
    let mut text = Vec::new();
    decode_by_hand(&bytes, &fields, &mut text, &mut values);
    let mut out = Vec::with_capacity(1024);
    encode_by_hand(&fields, &text, &values, &mut out);
    assert_eq!(out, bytes);
    let mut faults = latimer_engine::Faults::new(16);
    let mut decoder = plain.decoder();
    let mut encoder = plain.encoder();
    let started = Instant::now();
    for _ in 0..count {
        match work.as_str() {
            "decode" => {
                record.begin(0, 0);
                plain::decode_into(&mut *decoder, black_box(&bytes), &mut record, &mut faults);
            }
            "encode" => {
                out.clear();
                plain::encode_into(&mut *encoder, black_box(&bytes), &mut record, &mut out);
            }
            "loop-decode" => {
                text.clear();
                values.clear();
                decode_by_hand(black_box(&bytes), &fields, &mut text, &mut values);
            }
            "loop-encode" => {
                out.clear();
                encode_by_hand(black_box(&fields), &text, &values, &mut out);
            }
            _ => panic!("decode, encode, loop-decode or loop-encode"),
        }
        black_box((&text, &out));
    }
    let nanoseconds = started.elapsed().as_nanos() / u128::from(count.max(1));
    println!("{kind} {work}: {} bytes, {} fields, {nanoseconds} ns", bytes.len(), fields.len());
}

/// A field for the loops by hand: offset, length, what it is, decimals.
#[derive(Clone, Copy)]
struct Field {
    at: usize,
    length: usize,
    kind: u8,
    decimals: usize,
}

/// The leaves in the order of the record, all occurrences.
fn layout(plain: &Plain, group: latimer_engine::FieldId, at: &mut usize, fields: &mut Vec<Field>) {
    let schema = plain.codec.schema();
    for field in schema.children(group) {
        let count = schema.member(field).unwrap().occurs.max.unwrap();
        for _ in 0..count {
            let kind = schema.type_of(field);
            let Kind::Leaf(leaf) = &kind.kind else {
                layout(plain, field, at, fields);
                continue;
            };
            let (length, kind, decimals) = match &**leaf {
                Type::Text(text) => (text.max.unwrap() as usize, b'x', 0),
                Type::Number(number) => {
                    let decimals = number.decimals_max.unwrap() as usize;
                    let digits = number.integer_max.unwrap() as usize + decimals;
                    if kind.name.ends_with("COMP-3") {
                        (digits / 2 + 1, b'p', decimals)
                    } else if kind.name.ends_with("COMP") {
                        (4, b'b', decimals)
                    } else {
                        (digits, if number.signed { b's' } else { b'9' }, decimals)
                    }
                }
                _ => panic!(),
            };
            fields.push(Field { at: *at, length, kind, decimals });
            *at += length;
        }
    }
}

fn sample(plain: &mut Plain) -> Vec<u8> {
    let mut record = plain.record();
    record.begin(0, 0);
    let nodes = plain.shape.nodes.clone();
    let mut seed = 7;
    fill(plain, &nodes, &mut record, &mut seed);
    plain.write(&[], &mut record).unwrap()
}

fn fill(plain: &Plain, nodes: &[Node], record: &mut Record, seed: &mut u64) {
    let schema = plain.codec.schema();
    for node in nodes {
        let mut leaf = |field, place: Place, record: &mut Record| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let kind = schema.type_of(field);
            let Kind::Leaf(leaf) = &kind.kind else { return };
            let text = match &**leaf {
                // Texts are filled by six tenths, which is more than names and references are.
                Type::Text(text) => {
                    let words = "MUELLER MASCHINENBAU GMBH + CO KG INVOICE 2026-0417";
                    words.chars().take((text.max.unwrap() as usize * 6).div_ceil(10)).collect::<String>().trim().to_owned()
                }
                Type::Number(number) => {
                    let decimals = number.decimals_max.unwrap();
                    let digits = (number.integer_max.unwrap() + decimals).min(9);
                    let value = (*seed >> 20) % 10u64.pow(digits);
                    let value = latimer_engine::Decimal { coefficient: i128::from(value), scale: decimals as u8 };
                    if number.signed && *seed >> 63 == 1 { format!("-{value}") } else { value.to_string() }
                }
                _ => String::new(),
            };
            let slot = record.hold(0, 0, |out| out.extend_from_slice(text.as_bytes()));
            record.set(place, slot);
        };
        match node {
            Node::Leaf(field, place) => leaf(*field, *place, record),
            Node::Group(_, _, nodes) => fill(plain, nodes, record, seed),
            Node::Rows(field, place, arena, nodes) => {
                for _ in 0..schema.member(*field).unwrap().occurs.max.unwrap() {
                    record.push_row(*arena, *place);
                    fill(plain, nodes, record, seed);
                }
            }
            _ => {}
        }
    }
}

fn ascii(byte: u8) -> u8 {
    const TABLE: &[u8; 256] = &table();
    TABLE[usize::from(byte)]
}

fn ebcdic(byte: u8) -> u8 {
    const TABLE: &[u8; 256] = &turned(table());
    TABLE[usize::from(byte)]
}

/// Code page 037 as far as the sample needs it.
const fn table() -> [u8; 256] {
    let mut table = [b'?'; 256];
    let mut at = 0;
    while at < 9 {
        table[0xC1 + at] = b'A' + at as u8;
        table[0xD1 + at] = b'J' + at as u8;
        if at < 8 {
            table[0xE2 + at] = b'S' + at as u8;
        }
        at += 1;
    }
    at = 0;
    while at < 10 {
        table[0xF0 + at] = b'0' + at as u8;
        at += 1;
    }
    table[0x40] = b' ';
    table[0x4E] = b'+';
    table[0x60] = b'-';
    table
}

const fn turned(table: [u8; 256]) -> [u8; 256] {
    let mut turned = [0x6F; 256];
    let mut at = 0;
    while at < 256 {
        if table[at] != b'?' {
            turned[table[at] as usize] = at as u8;
        }
        at += 1;
    }
    turned
}

/// Each field's text, one behind the other, and where each ends: a byte, a branch and a push at a time.
fn decode_by_hand(bytes: &[u8], fields: &[Field], text: &mut Vec<u8>, values: &mut Vec<(usize, usize)>) {
    for field in fields {
        let start = text.len();
        let bytes = &bytes[field.at..field.at + field.length];
        match field.kind {
            b'x' => {
                for byte in bytes {
                    text.push(ascii(*byte));
                }
                while text.len() > start && text[text.len() - 1] == b' ' {
                    text.pop();
                }
            }
            b'b' => {
                let mut number = 0i64;
                for byte in bytes {
                    number = number << 8 | i64::from(*byte);
                }
                let number = number << 32 >> 32;
                text.extend_from_slice(number.to_string().as_bytes());
            }
            kind => {
                let mut digits = [0; 40];
                let mut count = 0;
                let mut negative = false;
                for (at, byte) in bytes.iter().enumerate() {
                    let last = at + 1 == bytes.len();
                    if kind == b'p' {
                        digits[count] = byte >> 4;
                        count += 1;
                        if last {
                            negative = byte & 15 == 0xD;
                        } else {
                            digits[count] = byte & 15;
                            count += 1;
                        }
                    } else {
                        digits[count] = byte & 15;
                        count += 1;
                        if last && kind == b's' {
                            negative = byte >> 4 == 0xD;
                        } else if byte >> 4 != 0xF {
                            panic!();
                        }
                    }
                }
                let whole = count - field.decimals;
                let mut first = 0;
                while first + 1 < whole && digits[first] == 0 {
                    first += 1;
                }
                if negative {
                    text.push(b'-');
                }
                for (at, digit) in digits.iter().enumerate().take(count).skip(first) {
                    if at == whole {
                        text.push(b'.');
                    }
                    if *digit > 9 {
                        panic!();
                    }
                    text.push(b'0' + digit);
                }
            }
        }
        values.push((start, text.len()));
    }
}

fn encode_by_hand(fields: &[Field], text: &[u8], values: &[(usize, usize)], out: &mut Vec<u8>) {
    for (field, (from, to)) in fields.iter().zip(values) {
        let text = &text[*from..*to];
        match field.kind {
            b'x' => {
                for byte in text {
                    out.push(ebcdic(*byte));
                }
                for _ in text.len()..field.length {
                    out.push(0x40);
                }
            }
            b'b' => {
                let number: i32 = str::from_utf8(text).unwrap().parse().unwrap();
                out.extend_from_slice(&number.to_be_bytes());
            }
            kind => {
                let negative = text.first() == Some(&b'-');
                let mut digits = Vec::with_capacity(40);
                let mut decimals = 0;
                let mut point = false;
                for byte in text {
                    match byte {
                        b'-' => {}
                        b'.' => point = true,
                        _ => {
                            digits.push(byte & 15);
                            decimals += usize::from(point);
                        }
                    }
                }
                digits.resize(digits.len() + field.decimals - decimals, 0);
                let room = if kind == b'p' { field.length * 2 - 1 } else { field.length };
                let at = |place: usize| {
                    let missing = room - digits.len();
                    if place < missing { 0 } else { digits[place - missing] }
                };
                let sign = match (kind, negative) {
                    (b'9', _) => 0xF,
                    (_, true) => 0xD,
                    _ => 0xC,
                };
                for number in 0..field.length {
                    let last = number + 1 == field.length;
                    out.push(match (kind, last) {
                        (b'p', false) => at(number * 2) << 4 | at(number * 2 + 1),
                        (b'p', true) => at(number * 2) << 4 | sign,
                        (_, false) => 0xF0 | at(number),
                        (_, true) => sign << 4 | at(number),
                    });
                }
            }
        }
    }
    out.resize(fields.iter().map(|it| it.length).sum(), 0x40);
}
