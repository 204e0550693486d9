//! What the decoder accepts, and what it says of the rest.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
mod plan;
use plan::{codec, decode, faults};
#[test]
fn probe() {
    let c = codec(&std::fs::read_to_string("/work/shared/examples/acme-transfer.schema.json").unwrap());
    let m = std::fs::read("/work/shared/examples/cases/jpy-instant.json").unwrap();
    let d = decode(&*c, &m);
    println!("{:?} {:?} {}\n{}", d.outcome, faults(c.schema(), &d.faults), d.remarks, d.values);
    let c = codec(&std::fs::read_to_string("/tmp/t.json").unwrap());
    for m in [
        r#"{"id":"1","kind":"card","card":"5","x":"ab\u00e9cd","flags":[true,false,true],"matrix":[[1,2.50],[1e2,2]],"pair":["a",5],"any":{"a": [1, 2 ]},"either":"x","opt":{"a":"2026-02-28"},"tree":{"v":"1","kids":[{"v":"2","kids":[]},{"kids":[{"v":"3"}]}]},"party":{"name":"n","iban":"X"},"zz":1}"#,
        r#"{"id":"1","kind":"iban","card":"5","x":"abcdefg","flags":[true,1],"matrix":[[1]],"pair":[],"n":1000,"opt":{"a":"2026-02-30"},"party":{"iban":"X"},"tree":{"kids":[{},{"kids":[{"v":3}]}]}}"#,
        r#"{"id":"1","kind":"iban","party":{"name":"n","iban":"X","acct":"1","bank":"b"}}"#,
        r#"{"id":"1","kind":"iban","party":{"name":"n","iban":"X","acct":"1"}}"#,
        r#"{"id":"1","kind":"nope","id":5}"#,
        r#"{"id":"1","kind":"iban","id":5}"#,
        r#"{"id":"1","kind":"card", "any":{"a":1,"b":2,"\u0061":3}, "card":"1"}"#,
    ] {
        let d = decode(&*c, m.as_bytes());
        println!("{:?} {:?} {}\n{}", d.outcome, faults(c.schema(), &d.faults), d.remarks, d.values);
    }
}
