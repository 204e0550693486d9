//! The core's reply the ordinary way: the record to an owned struct, the status report and the SOAP answer by serde.

use super::rules::epc_table;
use crate::shapes::soap::{Content, Detail, Envelope, Fault, Message, Response};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// What is made once.
pub(crate) struct Replies {
    now: Timestamp,
    zone: TimeZone,
    epc: HashMap<char, String>,
    page: HashMap<u8, char>,
    bytes: HashMap<char, u8>,
    memos: HashMap<String, Memo>,
}

/// What the request side remembered.
#[derive(Clone)]
struct Memo {
    message: String,
    end_to_end: String,
    uetr: String,
}

/// A record of the core, as it is shown in JSON.
#[derive(Deserialize, Serialize)]
pub(crate) struct Shown {
    #[serde(rename = "CORE-REPLY")]
    reply: Reply,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
struct Reply {
    rpl_txn_id: String,
    rpl_status: String,
    rpl_book_timestamp: String,
    rpl_msg_count: u8,
    rpl_msg: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename = "Document")]
struct Document {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    #[serde(rename = "FIToFIPmtStsRpt")]
    report: Report,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    grp_hdr: Header,
    tx_inf_and_sts: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    msg_id: String,
    cre_dt_tm: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    orgnl_grp_inf: Original,
    orgnl_end_to_end_id: String,
    orgnl_tx_id: String,
    #[serde(rename = "OrgnlUETR")]
    orgnl_uetr: String,
    tx_sts: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sts_rsn_inf: Option<Reason>,
    accptnc_dt_tm: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Original {
    orgnl_msg_id: String,
    orgnl_msg_nm_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reason {
    #[serde(skip_serializing_if = "Option::is_none")]
    rsn: Option<Code>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    addtl_inf: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Code {
    cd: &'static str,
}

const TEXT: usize = 60;
const FIXED: usize = 45;

/// The bytes of the first record of a stream.
pub(crate) fn length(stream: &[u8]) -> usize {
    FIXED + TEXT * usize::from(stream[FIXED - 1] & 0x0F)
}

/// What every request is remembered with.
pub(crate) const MEMO: [Option<&[u8]>; 4] =
    [Some(b"BANKB-20260302-0017"), None, Some(b"INV-2026-0042"), Some(b"7a562c67-ca16-48ba-b074-65581be6f001")];

impl Replies {
    pub(crate) fn new(now: &str, count: usize) -> Self {
        let text = |at: usize| String::from_utf8(MEMO[at].unwrap().to_vec()).unwrap();
        let memo = Memo { message: text(0), end_to_end: text(2), uetr: text(3) };
        let page = latimer_wire::ebcdic::page("cp1047").unwrap();
        let bytes: HashMap<char, u8> = latimer_wire::ebcdic::characters(page)
            .filter_map(|it| latimer_wire::ebcdic::byte(page, it).map(|byte| (it, byte)))
            .collect();
        Replies {
            now: now.parse().unwrap(),
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            epc: epc_table(),
            page: bytes.iter().map(|(character, byte)| (*byte, *character)).collect(),
            bytes,
            memos: (0..count).map(|it| (format!("T{it:015}"), memo.clone())).collect(),
        }
    }

    fn read(&self, record: &[u8]) -> Reply {
        let text = |from: usize, to: usize| -> String {
            let text: String = record[from..to].iter().map(|it| self.page[it]).collect();
            text.trim_end_matches(' ').to_owned()
        };
        let count = text(44, 45).parse().unwrap();
        let texts = (0..usize::from(count)).map(|it| text(FIXED + it * TEXT, FIXED + (it + 1) * TEXT)).collect();
        Reply {
            rpl_txn_id: text(0, 16),
            rpl_status: text(16, 18),
            rpl_book_timestamp: text(18, 44),
            rpl_msg_count: count,
            rpl_msg: texts,
        }
    }

    /// A record to JSON.
    pub(crate) fn decode(&self, record: &[u8]) -> Vec<u8> {
        let mut line = serde_json::to_vec(&Shown { reply: self.read(record) }).unwrap();
        line.push(b'\n');
        line
    }

    /// JSON to a record.
    pub(crate) fn encode(&self, json: &[u8]) -> Vec<u8> {
        let Shown { reply } = serde_json::from_slice(json).unwrap();
        let mut text =
            format!("{:<16}{:<2}{:<26}{}", reply.rpl_txn_id, reply.rpl_status, reply.rpl_book_timestamp, reply.rpl_msg.len());
        for line in &reply.rpl_msg {
            text.push_str(&format!("{line:<60}"));
        }
        text.chars().map(|it| self.bytes[&it]).collect()
    }

    /// A record to a pacs.002.
    pub(crate) fn report(&self, record: &[u8]) -> Vec<u8> {
        let reply = self.read(record);
        let memo = &self.memos[&reply.rpl_txn_id];
        let (status, reason) = status(&reply.rpl_status);
        let addtl_inf: Vec<String> = reply.rpl_msg.iter().map(|it| self.transliterated(it)).collect();
        let has_reason = reason.is_some() || !addtl_inf.is_empty();
        let document = Document {
            namespace: "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10",
            report: Report {
                grp_hdr: Header {
                    msg_id: new_id(self.now, record, 35),
                    cre_dt_tm: self.now.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
                },
                tx_inf_and_sts: Status {
                    orgnl_grp_inf: Original { orgnl_msg_id: memo.message.clone(), orgnl_msg_nm_id: "pacs.008.001.08" },
                    orgnl_end_to_end_id: memo.end_to_end.clone(),
                    orgnl_tx_id: reply.rpl_txn_id.clone(),
                    orgnl_uetr: memo.uetr.clone(),
                    tx_sts: status,
                    sts_rsn_inf: has_reason.then(|| Reason { rsn: reason.map(|cd| Code { cd }), addtl_inf }),
                    accptnc_dt_tm: self.moment(&reply.rpl_book_timestamp),
                },
            },
        };
        let mut text = written(&document);
        text.push(b'\n');
        text
    }

    /// A record to a SOAP response or fault.
    pub(crate) fn answer(&self, record: &[u8]) -> Vec<u8> {
        let reply = self.read(record);
        let memo = &self.memos[&reply.rpl_txn_id];
        // The mapping names no zone for it: the core's time as it is.
        let local = DateTime::strptime("%Y-%m-%d-%H.%M.%S%.f", &reply.rpl_book_timestamp).unwrap();
        let booked_at = local.strftime("%Y-%m-%dT%H:%M:%S%.f").to_string();
        let fixed = Cow::Borrowed::<'static, str>;
        let reference = Cow::Owned(memo.end_to_end.clone());
        let body = if reply.rpl_status == "96" {
            let faultstring = reply.rpl_msg.into_iter().next().map_or(fixed("core system error"), Cow::Owned);
            let detail = Detail { reason: fixed("MS03"), reference };
            Content { response: None, fault: Some(Fault { faultcode: fixed("soap:Server"), faultstring, detail }) }
        } else {
            let (status, reason) = status(&reply.rpl_status);
            let message = reply.rpl_msg.into_iter().map(|text| Message { text: Cow::Owned(text) }).collect();
            let (status, reason, booked_at) = (fixed(status), reason.map(fixed), Some(Cow::Owned(booked_at)));
            Content { response: Some(Response { reference, status, reason, booked_at, message }), fault: None }
        };
        let mut text = written(&Envelope::new(body));
        text.push(b'\n');
        text
    }

    fn transliterated(&self, text: &str) -> String {
        let mut out = String::new();
        for character in text.nfc() {
            if character.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(character) {
                out.push(character);
            } else {
                out.push_str(self.epc.get(&character).map_or(".", |it| it.as_str()));
            }
        }
        out
    }

    /// `2026-03-02-09.15.00.500000`, local, with its offset: a time that there is twice or never has none.
    fn moment(&self, text: &str) -> String {
        let local = DateTime::strptime("%Y-%m-%d-%H.%M.%S%.f", text).unwrap();
        let zoned = self.zone.to_ambiguous_zoned(local).unambiguous().unwrap();
        zoned.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
    }
}

fn written(document: &impl Serialize) -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    quick_xml::se::to_writer(&mut text, document).unwrap();
    text.into_bytes()
}

fn status(status: &str) -> (&'static str, Option<&'static str>) {
    match status {
        "00" => ("ACSC", None),
        "10" | "11" => ("ACSP", None),
        "14" => ("RJCT", Some("AC01")),
        "45" => ("RJCT", Some("AC04")),
        "51" => ("RJCT", Some("AM04")),
        "62" => ("RJCT", Some("AC06")),
        "96" => ("RJCT", Some("MS03")),
        _ => ("RJCT", Some("NARR")),
    }
}

/// Ten characters of the time, the others of the message, as the engine's `new-id` makes them.
fn new_id(now: Timestamp, record: &[u8], length: usize) -> String {
    let mut seed = Sha256::new();
    seed.update(record);
    seed.update(1_u64.to_be_bytes());
    let seed = seed.finalize();
    let digit = |value: u64| char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(value % 32) as usize]);
    let mut id: String = (0..10).rev().map(|place| digit(now.as_millisecond() as u64 >> (5 * place))).collect();
    for place in 0..length - 10 {
        let bit = |it: usize| u64::from(seed[it / 8] >> (7 - it % 8) & 1);
        id.push(digit((5 * place..5 * place + 5).fold(0, |bits, it| bits << 1 | bit(it))));
    }
    id
}
