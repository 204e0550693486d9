//! That the tuned programs check what the ordinary ones check: of unusual messages they refuse the same, and make the same of the
//! others.

use crate::engine::NOW;
use crate::messages::{Messages, Places, folder};
use crate::{ordinary, tuned};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a program makes of a message; a program that refuses one panics.
fn made(program: impl FnOnce(&mut Vec<u8>)) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    catch_unwind(AssertUnwindSafe(|| program(&mut out))).ok().map(|()| out)
}

fn compare(messages: &[Vec<u8>], mut ordinary: impl FnMut(&[u8]) -> Vec<u8>, mut tuned: impl FnMut(&[u8], &mut Vec<u8>)) {
    let mut accepted = 0;
    for message in messages {
        let expected = made(|out| *out = ordinary(message));
        let found = made(|out| tuned(message, out));
        let text = |it: &Option<Vec<u8>>| it.as_ref().map(|it| String::from_utf8_lossy(it).into_owned());
        assert!(found == expected, "{}\n{:?}\n{:?}", String::from_utf8_lossy(message), text(&expected), text(&found));
        accepted += usize::from(expected.is_some());
    }
    println!("{} messages, of which {accepted} are accepted", messages.len());
    assert!(accepted > 0 && accepted < messages.len(), "some are refused, some are not");
}

#[test]
fn orders_and_files() {
    let folder = folder().join("unusual");
    if !folder.exists() {
        return println!("no unusual messages: `sh benches/translate/data.sh` makes them");
    }
    let directory = Places::new().mappings.join("tables/bic-directory.csv");
    let rules = ordinary::rules::Rules::new(NOW, &directory);
    let mut orders = tuned::order::Orders::new(NOW, &directory);
    let messages = Messages::lines(&folder.join("orders.jsonl"));
    compare(&messages.each, |it| rules.order(it).into_bytes(), |it, out| orders.pacs(it, out));
    let mut batches = tuned::batch::Batches::new(NOW);
    let messages = Messages::files(&folder.join("pain001"));
    compare(&messages.each, |it| rules.batch(it), |it, out| batches.lanes(it, out));
}

/// Days around changes of clocks and days that are none, every hour of them, in every form that a time has.
#[test]
fn replies() {
    const DAYS: [&str; 9] = [
        "2026-03-28",
        "2026-03-29",
        "2026-03-30",
        "2026-10-24",
        "2026-10-25",
        "2026-10-26",
        "2024-02-29",
        "2026-02-29",
        "2026-13-01",
    ];
    const TIMES: [&str; 8] =
        ["00.00.000000", "00.00.500000", "30.00.000001", "59.59.999999", "60.00.000000", "00.00", "00.00.5", "00.00."];
    const REPLIES: [(&str, &[&str]); 4] = [("96", &["a&b <\"> é§"]), ("00", &[]), ("14", &["x", "", " y z"]), ("96", &[])];
    let page = latimer_wire::ebcdic::page("cp1047").unwrap();
    let mut records = Vec::new();
    for (day, hour) in DAYS.into_iter().flat_map(|day| (0..25).map(move |hour| (day, hour))) {
        for (time, (status, texts)) in TIMES.into_iter().flat_map(|time| REPLIES.map(|it| (time, it))) {
            let booked = format!("{day}-{hour:02}.{time}");
            let fixed = format!("{:<16}{status}{booked:<26}{}", "T000000000000000", texts.len());
            let text = texts.iter().fold(fixed, |text, it| text + &format!("{it:<60}"));
            records.push(text.chars().map(|it| latimer_wire::ebcdic::byte(page, it).unwrap()).collect());
        }
    }
    let core = ordinary::reply::Replies::new(NOW, 1);
    let mut fast = tuned::reply::Replies::new(NOW);
    compare(&records, |it| core.report(it), |it, out| fast.report(it, out));
    compare(&records, |it| core.answer(it), |it, out| fast.answer(it, out));
}
