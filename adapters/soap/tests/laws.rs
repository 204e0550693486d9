//! What holds for all streams: cuts, prefixes, mutations.

use super::{
    BATCH, PLAIN, compile, envelope_1_1, envelope_1_2,
    mirror::{Mirror, frames},
};
use latimer_engine::{Cut, Frame, Limits, Outcome, Part};

/// A batch beyond the size of one part.
fn large(version: fn(&str) -> String, prefix: &str) -> String {
    let p = prefix;
    let declare = if p.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", p.trim_end_matches(':')) };
    let mut body = format!("<{p}Batch {declare}='urn:pay?a=1&amp;b'><{p}Id>é</{p}Id>");
    for number in 0..4000 {
        body += &format!(
            "<{p}Tx><{p}Ref>{number} &lt; a reference that makes it longer</{p}Ref><{p}Amt>{number}.50</{p}Amt></{p}Tx>\n"
        );
    }
    version(&(body + &format!("<{p}Sum>1</{p}Sum></{p}Batch>"))).replace("Envelope xmlns", "Envelope xmlns:h='urn:h' xmlns")
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }
}

#[test]
fn a_message_in_parts_says_the_same() {
    let codec = compile(BATCH, "");
    let cut = [codec.schema().find("Body/Batch/Tx").unwrap()];
    assert!(codec.cuts_at(cut[0]));
    for text in [large(envelope_1_1, ""), large(envelope_1_2, "p:"), large(envelope_1_1, "s2:")] {
        assert!(text.len() > 300_000);
        let mut whole = Mirror::new(&codec, &[]);
        let mut parts = Mirror::new(&codec, &cut);
        let (found, _) = frames(&mut *parts.framer(), text.as_bytes(), 10_000);
        assert_eq!(found.len(), 4002);
        let (whole, parts) = (whole.stream(text.as_bytes()).unwrap(), parts.stream(text.as_bytes()).unwrap());
        assert!(whole == parts);
    }
}

#[test]
fn versions_take_turns_in_a_stream_of_parts() {
    let codec = compile(BATCH, "");
    let cut = [codec.schema().find("Body/Batch/Tx").unwrap()];
    let one = large(envelope_1_1, "");
    let stream = [large(envelope_1_2, "p:"), one.clone(), large(envelope_1_2, ""), one.clone()].join("\n");
    let mut mirror = Mirror::new(&codec, &cut);
    let single = mirror.stream(one.as_bytes()).unwrap();
    assert!(mirror.stream(stream.as_bytes()).unwrap() == single.repeat(4));
    // Another worker, whose last message was of the other version, takes the items and the tail.
    let long = large(envelope_1_2, "p:");
    let mut other = Mirror::new(&codec, &cut);
    assert!(other.stream(one.as_bytes()).is_ok());
    let (found, _) = frames(&mut *mirror.framer(), long.as_bytes(), 50_000);
    let mut out = Vec::new();
    for (part, at, number, bytes) in &found {
        let frame = Frame { part: *part, bytes: 0..bytes.len(), consumed: bytes.len(), at: *at, number: *number };
        let worker = if *part == Part::Head(0) { &mut mirror } else { &mut other };
        assert_eq!(worker.part(&frame, bytes, &mut out), Ok(Outcome::Clean));
        if *part == Part::Head(0) {
            other.record.copy_from(&mirror.record);
        }
    }
    assert!(out == single.as_bytes());
}

#[test]
fn parts_do_not_depend_on_delivery() {
    let codec = compile(BATCH, "");
    let cut = [codec.schema().find("Body/Batch/Tx").unwrap()];
    let small = envelope_1_1("<Batch xmlns='urn:pay?a=1&amp;b'><Id/><Sum>1</Sum></Batch>");
    let streams = [large(envelope_1_1, ""), format!("{small}\n<!-- x -->{small}"), format!("{small}<?pi?>{small}"), small];
    for stream in &streams {
        for cut in [&cut[..], &[]] {
            let make = || codec.framer(cut, &[], &Limits::default());
            let whole = frames(&mut *make(), stream.as_bytes(), stream.len());
            for piece in [1, 7, 4096, 100_000] {
                let piece = if stream.len() > 200_000 { piece.max(1021) } else { piece };
                assert_eq!(frames(&mut *make(), stream.as_bytes(), piece), whole, "{piece}");
            }
        }
    }
}

#[test]
fn every_prefix_is_a_fault() {
    let codec = compile(PLAIN, "");
    let mut mirror = Mirror::new(&codec, &[]);
    let fault =
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang='en'>no</e:Text></e:Reason></e:Fault>";
    for text in [
        envelope_1_1("<Answer><reference>&lt;é</reference><message><text>a</text></message></Answer>")
            .replace("<s:Body>", "<s:Header><x xmlns='' s:mustUnderstand='0'/></s:Header><s:Body>"),
        envelope_1_1("<s:Fault><faultcode>s:Server</faultcode><faultstring/><detail><a/></detail></s:Fault>"),
        envelope_1_2(fault)
            .replace("<e:Code><e:Value>e:Sender</e:Value></e:Code>", "<e:Code><e:Value>e:Receiver</e:Value></e:Code>"),
    ] {
        assert!(mirror.stream(text.as_bytes()).is_ok(), "{text}");
        for length in 0..text.len() {
            assert!(mirror.stream(&text.as_bytes()[..length]).is_err(), "{length} {text}");
        }
    }
    let batch = compile(BATCH, "");
    let cut = [batch.schema().find("Body/Batch/Tx").unwrap()];
    let mut mirror = Mirror::new(&batch, &cut);
    let text = large(envelope_1_2, "");
    let mut random = Random(3);
    for _ in 0..20 {
        let length = random.below(text.len());
        assert!(mirror.stream(&text.as_bytes()[..length]).is_err(), "{length}");
    }
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let mut random = Random(9);
    let pick = |random: &mut Random, list: &[&str]| list[random.below(list.len())].to_owned();
    let texts = ["", "a", " a  b ", "é &lt; &amp;", "]]&gt;", "&#13;x", "<![CDATA[<y>]]>"];
    for words in ["version 1.1", "version 1.2", "", "detail reason"] {
        let codec = compile(PLAIN, words);
        let mut mirror = Mirror::new(&codec, &[]);
        for _ in 0..300 {
            let message = |random: &mut Random| format!("<message><text>{}</text></message>", pick(random, &texts));
            let body = if random.below(3) == 0 {
                format!("<Ping>{}</Ping>", pick(&mut random, &texts))
            } else {
                let messages: String = (0..random.below(4)).map(|_| message(&mut random)).collect();
                format!("<Answer><reference>{}</reference>{messages}</Answer>", pick(&mut random, &texts))
            };
            let text = if words == "version 1.2" { envelope_1_2(&body) } else { envelope_1_1(&body) };
            let once = mirror.stream(text.as_bytes()).unwrap();
            assert_eq!(mirror.stream(once.as_bytes()), Ok(once.clone()));
        }
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let (plain, batch) = (compile(PLAIN, "detail reason"), compile(BATCH, ""));
    let cut = [batch.schema().find("Body/Batch/Tx").unwrap()];
    let mut mirrors = [Mirror::new(&plain, &[]), Mirror::new(&batch, &cut)];
    let fault =
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring><detail><reason>a</reason><x/></detail></s:Fault>";
    let header = "<s:Header><x xmlns='' s:mustUnderstand='0' s:actor='a'/></s:Header><s:Body>";
    let small = [envelope_1_1(fault).replace("<s:Body>", header), large(envelope_1_2, "p:")];
    let mut random = Random(11);
    let (mut clean, mut broken) = (0, 0);
    for round in 0..8000 {
        let which = usize::from(round % 400 == 0);
        let mut bytes = small[which].clone().into_bytes();
        for _ in 0..=random.below(3) {
            let (at, other) = (random.below(bytes.len()), random.below(bytes.len()));
            match random.below(4) {
                0 => bytes[at] = b"<>&;:/'\"=! x\xC3\x00"[random.below(14)],
                1 => bytes[at] = bytes[other],
                2 => bytes.truncate(at.max(1)),
                _ => drop(bytes.drain(at..(at + random.below(20)).min(bytes.len()))),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let mirror = &mut mirrors[which];
        let mut framer = mirror.framer();
        let (mut at, mut out) = (0, Vec::new());
        while let Ok(Cut::Frame(frame)) = framer.next(&bytes[at..], true) {
            match mirror.part(&frame, &bytes[at..], &mut out) {
                Ok(Outcome::Clean) => clean += 1,
                Ok(Outcome::Broken) => {
                    broken += 1;
                    break;
                }
                _ => {}
            }
            at += frame.consumed;
        }
    }
    assert!(clean > 100 && broken > 1000, "{clean} {broken}");
}
