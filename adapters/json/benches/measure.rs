//! Reading and writing a payment of 1.5 kB, beside serde_json into structs of the same fields.
//!
//! `cargo bench -p latimer-json` prints nanoseconds and MB/s, each the best of many interleaved rounds. For instructions:
//! `valgrind --tool=callgrind BINARY CASE ROUNDS`, the difference of two ROUNDS divided by the messages between them (256 a round).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    reason = "a bench is not the product"
)]

#[path = "../tests/plan/mod.rs"]
mod plan;

use latimer_engine::{Faults, Limits, Outcome, Section, Values};
use plan::{Plan, codec, whole};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt::Write, hint::black_box, time::Instant};

const MESSAGES: usize = 256;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let messages: Vec<Vec<u8>> = (0..MESSAGES).map(|it| payment(it as u64).into_bytes()).collect();
    let bytes: usize = messages.iter().map(Vec::len).sum();
    let mut cases = cases(&messages);
    if let [case, rounds] = arguments.as_slice() {
        let case = cases.iter_mut().find(|it| it.0 == case).unwrap();
        for _ in 0..rounds.parse::<usize>().unwrap() {
            (case.1)();
        }
        return;
    }
    let mut best = vec![f64::MAX; cases.len()];
    for _ in 0..200 {
        for (at, (_, run)) in cases.iter_mut().enumerate() {
            let start = Instant::now();
            run();
            best[at] = best[at].min(start.elapsed().as_secs_f64());
        }
    }
    println!("{:.0} bytes a message", bytes as f64 / MESSAGES as f64);
    for ((name, _), seconds) in cases.iter().zip(best) {
        let (each, rate) = (seconds / MESSAGES as f64 * 1e9, bytes as f64 / seconds / 1e6);
        println!("{name:24} {each:8.0} ns {rate:8.0} MB/s");
    }
}

type Case<'a> = (&'static str, Box<dyn FnMut() + 'a>);

fn cases(messages: &[Vec<u8>]) -> Vec<Case<'_>> {
    let codec = codec(include_str!("payment.schema.json"));
    let limits = Limits::default();
    let mut all = Plan::new(codec.schema(), 6);
    // What no mapping asks for: whether groups are there.
    let mut few = Plan::new(codec.schema(), 6);
    few.wanted.retain(|it| it.want != latimer_engine::Want::Presence);
    all.wanted.shrink_to_fit();
    let mut none = Plan::new(codec.schema(), 6);
    none.wanted.clear();
    let mut cases: Vec<Case<'_>> = Vec::new();
    for (name, plan) in [("decode", few), ("decode nothing", none)] {
        let mut decoder = codec.decoder(&plan.reading(&limits));
        let (mut record, mut faults) = (plan.record(), Faults::new(16));
        cases.push((
            name,
            Box::new(move || {
                for message in messages {
                    record.begin(0, 0);
                    faults.clear();
                    let frame = whole(message);
                    assert_eq!(decoder.decode(&frame, message, &mut record, &mut faults), Outcome::Clean);
                    black_box(&record);
                }
            }),
        ));
    }
    if let Some(mut encoder) = codec.encoder(&all.shape) {
        let mut decoder = codec.decoder(&all.reading(&limits));
        let mut records: Vec<_> = messages
            .iter()
            .map(|message| {
                let (mut record, mut faults) = (all.record(), Faults::new(16));
                record.begin(0, 0);
                assert_eq!(decoder.decode(&whole(message), message, &mut record, &mut faults), Outcome::Clean);
                record
            })
            .collect();
        let mut out = Vec::new();
        cases.push((
            "encode",
            Box::new(move || {
                for (message, record) in messages.iter().zip(&mut records) {
                    out.clear();
                    encoder.encode(Section::Whole(0), &mut Values { record, part: message }, &mut out).unwrap();
                    black_box(&out);
                }
            }),
        ));
    }
    cases.push((
        "serde owned",
        each(messages, |it| {
            black_box(serde_json::from_slice::<Payment<String>>(it).unwrap());
        }),
    ));
    cases.push((
        "serde borrowed",
        each(messages, |it| {
            black_box(serde_json::from_slice::<Payment<Cow<'_, str>>>(it).unwrap());
        }),
    ));
    cases.push((
        "serde borrowed, simdutf8",
        each(messages, |it| {
            black_box(serde_json::from_str::<Payment<Cow<'_, str>>>(simdutf8::basic::from_utf8(it).unwrap()).unwrap());
        }),
    ));
    cases.push((
        "serde ignored",
        each(messages, |it| {
            black_box(serde_json::from_slice::<serde::de::IgnoredAny>(it).unwrap());
        }),
    ));
    let parsed: Vec<Payment<Cow<'_, str>>> = messages.iter().map(|it| serde_json::from_slice(it).unwrap()).collect();
    let mut out = Vec::new();
    cases.push((
        "serde write",
        Box::new(move || {
            for payment in &parsed {
                out.clear();
                serde_json::to_writer(&mut out, payment).unwrap();
                black_box(&out);
            }
        }),
    ));
    cases
}

fn each<'a>(messages: &'a [Vec<u8>], mut read: impl FnMut(&'a [u8]) + 'a) -> Box<dyn FnMut() + 'a> {
    Box::new(move || messages.iter().for_each(|it| read(it)))
}

// The same fields as structs. Amounts are raw, since an f64 would lose digits.

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment<T> {
    payment_id: T,
    end_to_end_id: T,
    uetr: Option<T>,
    created_at: T,
    value_date: Option<T>,
    amount: Amount<T>,
    instructed: Option<Amount<T>>,
    exchange_rate: Option<serde_json::Number>,
    charge_bearer: Option<T>,
    priority: Option<T>,
    service_level: Option<T>,
    purpose: Option<Purpose<T>>,
    debtor: Party<T>,
    creditor: Party<T>,
    ultimate_debtor: Option<Name<T>>,
    remittance: Option<Remittance<T>>,
    charges: Option<Vec<Charge<T>>>,
}

#[derive(Serialize, Deserialize)]
struct Amount<T> {
    value: serde_json::Number,
    currency: T,
}

#[derive(Serialize, Deserialize)]
struct Purpose<T> {
    code: Option<T>,
    category: Option<T>,
}

#[derive(Serialize, Deserialize)]
struct Name<T> {
    name: Option<T>,
}

#[derive(Serialize, Deserialize)]
struct Party<T> {
    name: T,
    account: Option<Account<T>>,
    agent: Option<Agent<T>>,
    address: Option<Address<T>>,
    lei: Option<T>,
    contact: Option<Contact<T>>,
}

#[derive(Serialize, Deserialize)]
struct Account<T> {
    iban: T,
    r#type: Option<T>,
}

#[derive(Serialize, Deserialize)]
struct Agent<T> {
    bic: Option<T>,
}

#[derive(Serialize, Deserialize)]
struct Address<T> {
    street: Option<T>,
    building: Option<T>,
    postcode: Option<T>,
    city: Option<T>,
    country: Option<T>,
}

#[derive(Serialize, Deserialize)]
struct Contact<T> {
    email: Option<T>,
    phone: Option<T>,
}

#[derive(Serialize, Deserialize)]
struct Remittance<T> {
    lines: Option<Vec<T>>,
    structured: Option<Structured<T>>,
}

#[derive(Serialize, Deserialize)]
struct Structured<T> {
    reference: Option<T>,
    r#type: Option<T>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Charge<T> {
    amount: serde_json::Number,
    currency: T,
    agent_bic: Option<T>,
}

// Messages that differ in lengths, escapes and optional members.

struct Dice(u64);

impl Dice {
    fn next(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.next(list.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.next(10) as u8)).collect()
    }
}

fn party(dice: &mut Dice, out: &mut String) {
    let name = dice.of(&[
        "Müller & Söhne Maschinenbau GmbH",
        "Anna Schmidt",
        "Soci\\u00e9t\\u00e9 Générale",
        "Nordwind Logistik",
        "O'Brien \\\"Trading\\\" Ltd",
    ]);
    let country = dice.of(&["DE", "FR", "NL"]);
    let _ = write!(
        out,
        r#"{{"name":"{name}","account":{{"iban":"{country}{}","type":"CACC"}},"agent":{{"bic":"{}"}},"address":{{"street":"{}","building":"{}","postcode":"{}","city":"{}","country":"{country}"}},"lei":"{}","contact":{{"email":"{}@example.com","phone":"+49-{}"}}}}"#,
        dice.digits(20),
        dice.of(&["COBADEFFXXX", "DEUTDEFF", "INGBNL2A"]),
        dice.of(&["Hauptstraße", "Bahnhofstrasse", "Rue de la Paix"]),
        dice.next(240) + 1,
        dice.digits(5),
        dice.of(&["Berlin", "München", "Amsterdam"]),
        dice.digits(20),
        dice.of(&["payments", "anna.schmidt", "treasury"]),
        dice.digits(9),
    );
}

fn payment(seed: u64) -> String {
    let mut dice = Dice(seed + 1);
    let mut out = String::new();
    let currency = dice.of(&["EUR", "USD", "CHF"]);
    let mut amount = || {
        let whole = dice.next(6) + 2;
        format!("{}{}.{}", 1 + dice.next(9), dice.digits(whole), dice.digits(2))
    };
    let (value, instructed) = (amount(), amount());
    let _ = write!(
        out,
        r#"{{"paymentId":"PAY-2025-{}","endToEndId":"E2E{}","uetr":"{}-{}-4{}-a{}-{}","createdAt":"2026-03-{:02}T09:15:{:02}Z","valueDate":"2026-04-{:02}","amount":{{"value":{},"currency":"{currency}"}},"instructed":{{"value":{},"currency":"EUR"}},"exchangeRate":1.{},"chargeBearer":"{}","priority":"NORMAL","serviceLevel":"SEPA","purpose":{{"code":"SALA","category":"TAXS"}},"debtor":"#,
        dice.digits(9),
        dice.digits(18),
        dice.digits(8),
        dice.digits(4),
        dice.digits(3),
        dice.digits(3),
        dice.digits(12),
        dice.next(28) + 1,
        dice.next(60),
        dice.next(28) + 1,
        value,
        instructed,
        dice.digits(6),
        dice.of(&["SHARED", "OUR", "BEN", "SERVICE_LEVEL"]),
    );
    party(&mut dice, &mut out);
    out.push_str(",\"creditor\":");
    party(&mut dice, &mut out);
    if dice.next(3) == 0 {
        out.push_str(",\"ultimateDebtor\":{\"name\":\"Holding AG\"}");
    }
    out.push_str(",\"remittance\":{\"lines\":[");
    for line in 0..=dice.next(2) {
        let _ = write!(out, "{}\"Invoice {} of the delivery note\"", if line > 0 { "," } else { "" }, dice.digits(8));
    }
    let _ = write!(out, "],\"structured\":{{\"reference\":\"RF18{}\",\"type\":\"SCOR\"}}}},\"charges\":[", dice.digits(15));
    for charge in 0..dice.next(3) {
        let _ = write!(
            out,
            "{}{{\"amount\":{}.50,\"currency\":\"EUR\",\"agentBic\":\"COBADEFF\"}}",
            if charge > 0 { "," } else { "" },
            dice.next(90)
        );
    }
    let _ = write!(
        out,
        r#"],"metadata":{{"channel":"API","branch":{},"sequence":{},"retries":{},"correlationId":"{}","tags":["batch","sepa"],"client":{{"version":"3.1.1","sandbox":false,"score":0.5}}}}}}"#,
        dice.next(900),
        dice.next(100_000),
        dice.next(3),
        dice.digits(16)
    );
    out
}
