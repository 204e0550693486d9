//! enc
#![expect(clippy::unwrap_used, reason = "a test may panic")]
mod plan;
use plan::*;
#[test]
fn probe() {
    let c = codec(&std::fs::read_to_string("/tmp/t.json").unwrap());
    let p = Plan::new(c.schema(), 6);
    let mut e = c.encoder(&p.shape).unwrap();
    for m in [
        r#"{"id":"1","kind":"card","flags":[true,false,true],"matrix":[[1,2.50],[100,2]],"pair":["a",5],"any":{"a":[1,2]},"either":"x","opt":{"a":"2026-02-28"},"tree":{"v":"1","kids":[{"v":"2"},{"kids":[{"v":"3"}]}]},"party":{"name":"n","iban":"X"},"card":"5","x":"ab\nd"}"#,
        r#"{"id":"","kind":"iban","pair":["a"],"amount":-0.00,"matrix":[[1,2]],"opt":{},"iban":"é\"\\\u0001\/"}"#,
    ] {
        println!("{m}\n{}", String::from_utf8(encode(&*c, &p, &mut *e, m.as_bytes()).unwrap()).unwrap());
    }
}
