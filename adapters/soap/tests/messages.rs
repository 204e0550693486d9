//! Messages of both versions, and the codes of their faults.

use super::{BATCH, PLAIN, compile, envelope_1_1, envelope_1_2, mirror::Mirror};

const ANSWER: &str = "<Answer><reference>R1</reference><message><text>a</text></message></Answer>";

fn written_1_1(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <soap:Body>{body}</soap:Body></soap:Envelope>\n"
    )
}

fn written_1_2(body: &str) -> String {
    written_1_1(body).replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
}

#[test]
fn both_versions_are_read_and_one_is_written() {
    let (both, second) = (compile(PLAIN, ""), compile(PLAIN, "version 1.2"));
    let mut to_1_1 = Mirror::new(&both, &[]);
    let mut to_1_2 = Mirror::between(&both, &second, &[]);
    for message in [envelope_1_1(ANSWER), envelope_1_2(ANSWER), envelope_1_1(ANSWER)] {
        assert_eq!(to_1_1.stream(message.as_bytes()), Ok(written_1_1(ANSWER)));
        assert_eq!(to_1_2.stream(message.as_bytes()), Ok(written_1_2(ANSWER)));
    }
    let mixed = [envelope_1_2(ANSWER), envelope_1_1("<Ping>x</Ping>")].join("\n");
    assert_eq!(to_1_1.stream(mixed.as_bytes()), Ok(written_1_1(ANSWER) + &written_1_1("<Ping>x</Ping>")));
}

#[test]
fn a_body_has_its_own_namespace() {
    let codec = compile(BATCH, "");
    let mut mirror = Mirror::new(&codec, &[]);
    let body = "<p:Batch xmlns:p='urn:pay?a=1&amp;b'><p:Id>1</p:Id><p:Tx><p:Ref>a</p:Ref><p:Amt>+1.50</p:Amt></p:Tx><p:Sum>2</p:Sum></p:Batch>";
    let clean = "<Batch xmlns=\"urn:pay?a=1&amp;b\"><Id>1</Id><Tx><Ref>a</Ref><Amt>1.50</Amt></Tx><Sum>2</Sum></Batch>";
    assert_eq!(mirror.stream(envelope_1_1(body).as_bytes()), Ok(written_1_1(clean)));
    assert_eq!(mirror.stream(written_1_1(clean).as_bytes()), Ok(written_1_1(clean)));
}

#[test]
fn only_one_version_is_read_where_the_mapping_says_so() {
    let mut mirror = Mirror::new(&compile(PLAIN, "version 1.1"), &[]);
    assert!(mirror.stream(envelope_1_1(ANSWER).as_bytes()).is_ok());
    assert_eq!(mirror.fault(&envelope_1_2(ANSWER)), ("xml/root", String::new(), 0));
    let mut mirror = Mirror::new(&compile(PLAIN, "version 1.2"), &[]);
    assert_eq!(mirror.stream(envelope_1_2(ANSWER).as_bytes()), Ok(written_1_2(ANSWER)));
    assert_eq!(mirror.fault(&envelope_1_1(ANSWER)), ("xml/root", String::new(), 0));
}

#[test]
fn the_versions_do_not_mix() {
    let mut mirror = Mirror::new(&compile(PLAIN, ""), &[]);
    let mixed = "<a:Envelope xmlns:a='http://schemas.xmlsoap.org/soap/envelope/' xmlns:b='http://www.w3.org/2003/05/soap-envelope'><b:Body><Ping/></b:Body></a:Envelope>";
    assert_eq!(mirror.fault(mixed).0, "xml/namespace");
    let fault =
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>no</s:Text></s:Reason></s:Fault>";
    let at = envelope_1_1(fault).find("<s:Code>").unwrap();
    assert_eq!(mirror.fault(&envelope_1_1(fault)), ("xml/unexpected", "Fault".to_owned(), at));
    assert_eq!(mirror.fault("<Envelope><Body/></Envelope>"), ("xml/root", String::new(), 0));
}

#[test]
fn faults_are_read_and_written_in_both_versions() {
    let words = "detail reason reference";
    let (both, second) = (compile(PLAIN, words), compile(PLAIN, &format!("version 1.2 {words}")));
    let first = "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>core &amp; more</faultstring>\
                 <faultactor>urn:a</faultactor><detail><reason>MS03</reason><reference>E1</reference></detail></soap:Fault>";
    let next = "<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"en\">core &amp; more</soap:Text></soap:Reason>\
                <soap:Role>urn:a</soap:Role><soap:Detail><reason>MS03</reason><reference>E1</reference></soap:Detail></soap:Fault>";
    let (first, next) = (written_1_1(first), written_1_2(next));
    let mut to_1_1 = Mirror::new(&both, &[]);
    let mut to_1_2 = Mirror::between(&both, &second, &[]);
    for message in [&first, &next] {
        assert_eq!(to_1_1.stream(message.as_bytes()).as_ref(), Ok(&first));
        assert_eq!(to_1_2.stream(message.as_bytes()).as_ref(), Ok(&next));
    }
}

#[test]
fn codes_of_faults() {
    let (both, second) = (compile(PLAIN, ""), compile(PLAIN, "version 1.2"));
    let mut to_1_1 = Mirror::new(&both, &[]);
    let mut to_1_2 = Mirror::between(&both, &second, &[]);
    let fault = |code: &str| format!("<s:Fault xmlns:x='urn:x'><faultcode>{code}</faultcode><faultstring/></s:Fault>");
    for (code, one, two) in [
        ("s:Client", Ok("soap:Client"), Ok("soap:Sender")),
        (" \n s:Server ", Ok("soap:Server"), Ok("soap:Receiver")),
        ("s:MustUnderstand", Ok("soap:MustUnderstand"), Ok("soap:MustUnderstand")),
        ("s:Serv&#101;r", Ok("soap:Server"), Ok("soap:Receiver")),
        ("<!-- c --><![CDATA[s:Server]]>", Ok("soap:Server"), Ok("soap:Receiver")),
        // Without a prefix it is what most mean by it.
        ("Server", Ok("soap:Server"), Ok("soap:Receiver")),
        ("s:Client.Authentication", Ok("soap:Client.Authentication"), Err(())),
        // Of another namespace: the prefix would mean nothing.
        ("x:Server", Err(()), Err(())),
        ("unknown:Server", Err(()), Err(())),
    ] {
        let message = envelope_1_1(&fault(code));
        for (mirror, expected, value) in [(&mut to_1_1, one, "faultcode"), (&mut to_1_2, two, "soap:Value")] {
            match (mirror.stream(message.as_bytes()), expected) {
                (Ok(text), Ok(expected)) => {
                    assert!(text.contains(&format!("<{value}>{expected}</{value}>")), "{text}")
                }
                (Err(fault), Err(())) => assert_eq!(fault.code.name(), "soap/fault-code"),
                other => panic!("{code} {other:?}"),
            }
        }
    }
    let next = "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>Limit</e:Value><e:Subcode><e:Value>x</e:Value></e:Subcode></e:Subcode></e:Code>\
                <e:Reason><e:Text xml:lang='fi'>ei</e:Text><e:Text xml:lang='en'>no</e:Text></e:Reason><e:Node>urn:n</e:Node></e:Fault>";
    let next = envelope_1_2(next);
    let text = to_1_2.stream(next.as_bytes());
    assert!(text.is_ok(), "a subcode is not of the codec written by: {text:?}");
    let mut kept = Mirror::new(&second, &[]);
    let text = kept.stream(next.as_bytes()).unwrap();
    let code =
        "<soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode><soap:Value>Limit</soap:Value></soap:Subcode></soap:Code>";
    assert!(text.contains(code) && text.contains(">ei<"), "{text}");
    // SOAP 1.1 has no place for a subcode.
    let fault = to_1_1.stream(next.as_bytes()).unwrap_err();
    assert_eq!((fault.code.name(), fault.field), ("soap/fault-code", both.schema().find("Fault/subcode")));
}

#[test]
fn a_detail_without_names_is_any_xml() {
    let mut mirror = Mirror::new(&compile(PLAIN, ""), &[]);
    let fault = "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>x</faultstring>\
                 <detail><a>1</a><b xmlns=\"urn:b\" c=\"d\">2</b></detail></soap:Fault>";
    // Each piece of XML that is kept as it is declares its own namespaces.
    let written = written_1_1(&fault.replace("<a>", "<a xmlns=\"\">"));
    assert_eq!(mirror.stream(written_1_1(fault).as_bytes()).as_ref(), Ok(&written));
    assert_eq!(mirror.stream(written.as_bytes()).as_ref(), Ok(&written));
}

#[test]
fn headers_are_skipped_but_for_what_must_be_understood() {
    let mut mirror = Mirror::new(&compile(PLAIN, ""), &[]);
    let first = |header: &str| envelope_1_1(ANSWER).replace("<s:Body>", &format!("<s:Header>{header}</s:Header><s:Body>"));
    let next = |header: &str| envelope_1_2(ANSWER).replace("<e:Body>", &format!("<e:Header>{header}</e:Header><e:Body>"));
    let actor = "http://schemas.xmlsoap.org/soap/actor/next";
    let role = "http://www.w3.org/2003/05/soap-envelope/role";
    for skipped in [
        first(""),
        first("<a:To xmlns:a='urn:a'>mustUnderstand</a:To>"),
        first("<a:To xmlns:a='urn:a' s:mustUnderstand='0'/>"),
        first("<a:To xmlns:a='urn:a' a:mustUnderstand='1' mustUnderstand='1'/>"),
        first("<a:To xmlns:a='urn:a' s:mustUnderstand='1' s:actor='urn:other'/>"),
        first("<a:To xmlns:a='urn:a'><a:In s:mustUnderstand='1'/></a:To>"),
        next(&format!("<a:To xmlns:a='urn:a' e:mustUnderstand='true' e:role='{role}/none'/>")),
        next("<a:To xmlns:a='urn:a' e:mustUnderstand='false'/>"),
    ] {
        assert_eq!(mirror.stream(skipped.as_bytes()), Ok(written_1_1(ANSWER)), "{skipped}");
    }
    for refused in [
        first("<a:To xmlns:a='urn:a' s:mustUnderstand='1'/>"),
        first("<a:X xmlns:a='urn:a'/><a:To xmlns:a='urn:a' s:mustUnderstand=' 1 '>x</a:To>"),
        first(&format!("<a:To xmlns:a='urn:a' s:mustUnderstand='1' s:actor='{actor}'/>")),
        next("<a:To xmlns:a='urn:a' e:mustUnderstand='true'/>"),
        next(&format!("<a:To xmlns:a='urn:a' e:role='{role}/ultimateReceiver' e:mustUnderstand='1'/>")),
    ] {
        let at = refused.find("<a:To").unwrap();
        assert_eq!(mirror.fault(&refused), ("soap/must-understand", String::new(), at), "{refused}");
    }
}

#[test]
fn what_a_message_must_not_have() {
    let mut mirror = Mirror::new(&compile(PLAIN, ""), &[]);
    let good = envelope_1_1(ANSWER);
    let at = |text: &str, of: &str| text.find(of).unwrap();
    let check = |mirror: &mut Mirror, text: String, code: &str, path: &str, of: &str| {
        assert_eq!(mirror.fault(&text), (code_of(code), path.to_owned(), at(&text, of)), "{text}");
    };
    fn code_of(code: &str) -> &'static str {
        latimer_engine::FaultCode::ALL.iter().map(|it| it.name()).find(|it| *it == code).unwrap()
    }
    let two = envelope_1_1(&[ANSWER, "<Ping/>"].concat());
    check(&mut mirror, two, "xml/unexpected", "Body", "<Ping/>");
    check(&mut mirror, envelope_1_1(""), "xml/missing", "Body", "</s:Body>");
    check(&mut mirror, envelope_1_1("<Other/>"), "xml/unexpected", "Body", "<Other/>");
    let empty = good.replace(&format!("<s:Body>{ANSWER}</s:Body>"), "");
    check(&mut mirror, empty, "xml/missing", "", "</s:Env");
    let behind = good.replace("</s:Body>", "</s:Body><x/>");
    check(&mut mirror, behind, "xml/unexpected", "", "<x/>");
    let doctype = format!("<!DOCTYPE x>{good}");
    check(&mut mirror, doctype, "xml/doctype", "", "<!");
    for place in ["<s:Body>", "</s:Body>", "<reference>", "<s:Envelope", "</s:Envelope>"] {
        let text = good.replace(place, &format!("<?pi x?>{place}"));
        let (code, _, offset) = mirror.fault(&text);
        assert_eq!((code, offset), ("xml/instruction", at(&text, "<?pi")), "{text}");
    }
    let instruction = format!("{good}<?pi?>{good}");
    assert_eq!(mirror.fault(&instruction).0, "xml/instruction");
    for encoded in ["Envelope ", "Body"] {
        let text = good.replacen(
            &format!("<s:{encoded}"),
            &format!("<s:{} s:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/' ", encoded.trim()),
            1,
        );
        assert_eq!(mirror.fault(&text).0, "xml/attribute", "{text}");
    }
    let text = good.replace("<Answer>", "<Answer s:encodingStyle=''>");
    assert_eq!(mirror.fault(&text).0, "xml/attribute");
}

#[test]
fn other_attributes_and_comments_are_right() {
    let mut mirror = Mirror::new(&compile(PLAIN, ""), &[]);
    let text = envelope_1_1(ANSWER)
        .replace("<s:Body>", "<!-- b --><s:Body xmlns:u='urn:u' u:Id='b1'>\n")
        .replace("<s:Envelope", "<?xml version='1.0'?>\n<!-- a --><s:Envelope");
    assert_eq!(mirror.stream(text.as_bytes()), Ok(written_1_1(ANSWER)));
    let prefixless = "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body><Fault><faultcode xmlns=''>Client</faultcode>\
                      <faultstring xmlns='' xml:lang='en'>x</faultstring></Fault></Body></Envelope>";
    let fault = "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>x</faultstring></soap:Fault>";
    assert_eq!(mirror.stream(prefixless.as_bytes()), Ok(written_1_1(fault)));
}

#[test]
fn faults_of_messages_have_their_field() {
    let mut mirror = Mirror::new(&compile(PLAIN, ""), &[]);
    let long = envelope_1_1(&format!("<Answer><reference>{}</reference></Answer>", "x".repeat(36)));
    assert_eq!(mirror.fault(&long).1, "Body/Answer/reference");
    let wrong = envelope_1_2(&ANSWER.replace("<message>", "<amount>x</amount><message>"));
    assert_eq!(mirror.fault(&wrong).1, "Body/Answer/amount");
    let missing = envelope_1_1("<s:Fault><faultcode>s:Server</faultcode></s:Fault>");
    assert_eq!(mirror.fault(&missing).1, "Fault");
    let missing = envelope_1_2("<e:Fault><e:Code><e:Value>a b</e:Value></e:Code></e:Fault>");
    assert_eq!(mirror.fault(&missing).1, "Fault/faultcode");
}
