//! A core's replies as SOAP responses and faults, and back, by the program itself.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    path::Path,
    process::{Command, Output},
};

const COPYBOOK: &str = "       01  REPLY.
           05  ID                    PIC X(04).
           05  STATUS                PIC X(02).
           05  TEXTS                 PIC X(06) OCCURS 2 TIMES.
";

const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
  <xs:element name='Answer'><xs:complexType><xs:sequence>
    <xs:element name='reference' type='xs:string'/>
    <xs:element name='message' type='xs:string' minOccurs='0' maxOccurs='9'/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>";

const FORTH: &str = r#"latimer 1
mapping forth version "1.0.0"
from core : copybook "reply.cpy" charset "ascii" at REPLY
to   ws   : soap "answer.xsd" operation Ask at Answer
write ws fault when core/STATUS = "96" {
  faultcode        =  "Server"
  faultstring      <- core/TEXTS[1] else "core system error"
  detail {
    reason    =  "MS03"
    reference <- core/ID
  }
}
write ws when core/STATUS <> "96" {
  reference <- core/ID else "?"
  message   <- core/TEXTS
}
"#;

const BACK: &str = r#"latimer 1
mapping back version "1.0.0"
from ws  : soap "answer.xsd" detail reason reference
to   out : json "out.schema.json" framing lines
ignore ws/Fault/subcode because "answers have none"
ignore ws/Fault/faultactor because "answers have none"
ignore ws/Fault/detail/`$xml` because "answers have none"
ignore ws/Fault/detail/reason because "always the same"
write out {
  id   <- ws/Body/Answer/reference else ws/Fault/detail/reference
  code <- ws/Fault/faultcode
  text <- ws/Fault/faultstring
  all  <- ws/Body/Answer/message
}
"#;

const OUT: &str = r#"{"type": "object", "properties": {"id": {"type": "string"}, "code": {"type": "string"},
  "text": {"type": "string"}, "all": {"type": "array", "items": {"type": "string"}}}}"#;

fn latimer(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_latimer")).current_dir(folder).args(arguments).output().unwrap()
}

/// What the program wrote, line by line; it must have ended well.
fn written(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output = latimer(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A folder with the files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let second = FORTH.replace("operation Ask", "operation Ask version 1.2");
    let records = "T1  00one   two   T2  96down        T3  96            T4  00x     <     ";
    let files = [
        ("reply.cpy", COPYBOOK),
        ("answer.xsd", SCHEMA),
        ("out.schema.json", OUT),
        ("forth.map", FORTH),
        ("second.map", &second),
        ("back.map", BACK),
        ("records", records),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn replies_become_responses_and_faults_of_both_versions_and_come_back() {
    let folder = folder();
    let first = written(folder.path(), &["translate", "forth.map", "records"]);
    let second = written(folder.path(), &["translate", "second.map", "records"]);
    let inner = |line: &str| {
        let (from, to) = (line.find("<soap:Body>").unwrap() + 11, line.find("</soap:Body>").unwrap());
        line[from..to].to_owned()
    };
    assert_eq!(
        first.iter().map(|it| inner(it)).collect::<Vec<_>>(),
        [
            "<Answer><reference>T1</reference><message>one</message><message>two</message></Answer>",
            "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>down</faultstring><detail><reason>MS03</reason><reference>T2</reference></detail></soap:Fault>",
            "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>core system error</faultstring><detail><reason>MS03</reason><reference>T3</reference></detail></soap:Fault>",
            "<Answer><reference>T4</reference><message>x</message><message>&lt;</message></Answer>",
        ]
    );
    assert_eq!(
        inner(&second[1]),
        "<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"en\">down</soap:Text></soap:Reason>\
         <soap:Detail><reason>MS03</reason><reference>T2</reference></soap:Detail></soap:Fault>"
    );
    std::fs::write(folder.path().join("both.xml"), [first, second].concat().join("\n")).unwrap();
    written(folder.path(), &["validate", "--format", "soap", "--schema", "answer.xsd", "both.xml"]);
    let back = written(folder.path(), &["translate", "back.map", "both.xml"]);
    let expected = [
        r#"{"id":"T1","all":["one","two"]}"#,
        r#"{"id":"T2","code":"Server","text":"down","all":[]}"#,
        r#"{"id":"T3","code":"Server","text":"core system error","all":[]}"#,
        r#"{"id":"T4","all":["x","<"]}"#,
    ];
    assert_eq!(back, [expected, expected].concat());
}

#[test]
fn a_fault_and_an_answer_exclude_each_other() {
    let folder = folder();
    let check = |from: &str, to: &str| {
        std::fs::write(folder.path().join("wrong.map"), FORTH.replace(from, to)).unwrap();
        let output = latimer(folder.path(), &["check", "wrong.map"]);
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert!(check("<> \"96\"", "<> \"95\"").contains("error[E402]: `Fault` and `Body` are branches of one choice"));
    assert!(check("  faultcode        =  \"Server\"\n", "").contains("error[E302]"));
    assert!(check("soap \"answer.xsd\" operation Ask", "xml \"answer.xsd\"").contains("error[E100]"));
    assert!(check("faultstring  ", "faultstrin  ").contains("did you mean `faultstring`?"));
}

#[test]
fn the_plain_form_comes_back_where_the_body_streams() {
    let folder = folder();
    let schema = SCHEMA.replace("maxOccurs='9'", "maxOccurs='unbounded'");
    std::fs::write(folder.path().join("answer.xsd"), schema).unwrap();
    let long = (0..20_000).map(|it| format!("\"message {it}\"")).collect::<Vec<_>>().join(",");
    let plain = [
        r#"{"Body":{"Answer":{"reference":"T1","message":["a","b"]}}}"#.to_owned(),
        r#"{"Fault":{"faultcode":"Server","faultstring":"x","detail":{"$xml":"<a xmlns=\"\">1</a>"}}}"#.to_owned(),
        format!(r#"{{"Body":{{"Answer":{{"reference":"T3","message":[{long}]}}}}}}"#),
        r#"{"Fault":{"faultcode":"Client","faultstring":""}}"#.to_owned(),
    ];
    std::fs::write(folder.path().join("plain"), plain.join("\n")).unwrap();
    for (version, code) in [("1.1", ">soap:Server<"), ("1.2", ">soap:Receiver<")] {
        let version = format!("version={version}");
        let of = ["--format", "soap", "--schema", "answer.xsd", "--option", &version];
        let envelopes = written(folder.path(), &[&["encode", "plain"], &of[..]].concat());
        assert!(envelopes[1].contains(code), "{}", envelopes[1]);
        std::fs::write(folder.path().join("envelopes"), envelopes.join("\n")).unwrap();
        assert!(written(folder.path(), &[&["decode", "envelopes"], &of[..4]].concat()) == plain);
    }
}
