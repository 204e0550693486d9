//! Messages to JSON and back, beside programs written for one message each: the ordinary way, by owned structs, and by hand for
//! speed, with borrowed structs, an event loop, a loop over bytes.

use quick_xml::events::Event;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

// ---- an order --------------------------------------------------------------------------------------------------------

/// An order; texts are owned or borrowed.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<S> {
    message_id: S,
    created_at: S,
    channel: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<S>,
    transfers: Vec<Transfer<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Transfer<S> {
    reference: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uetr: Option<S>,
    amount: Amount<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_date: Option<S>,
    charges_paid_by: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<S>,
    debtor: Debtor<S>,
    creditor: Creditor<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remittance: Option<Remittance<S>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<S>>,
}

#[derive(Deserialize, Serialize)]
struct Amount<S> {
    value: S,
    currency: S,
}

#[derive(Deserialize, Serialize)]
struct Debtor<S> {
    name: S,
    iban: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    bic: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Creditor<S> {
    name: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    iban: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_number: Option<S>,
    bank_bic: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address<S>>,
}

#[derive(Deserialize, Serialize)]
struct Address<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line1: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line2: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postcode: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<S>,
    country: S,
}

#[derive(Deserialize, Serialize)]
struct Remittance<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<S>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    screen_version: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ab_test: Option<S>,
}

/// A text that is borrowed where it has no escapes.
#[derive(Deserialize, Serialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An order to itself, by owned texts.
pub fn order(json: &[u8], out: &mut Vec<u8>) {
    let order: Order<String> = serde_json::from_slice(json).unwrap();
    serde_json::to_writer(out, &order).unwrap();
}

/// The same by borrowed ones, its UTF-8 checked at once.
pub fn order_tuned(json: &[u8], out: &mut Vec<u8>) {
    let order: Order<Text<'_>> = serde_json::from_str(std::str::from_utf8(json).unwrap()).unwrap();
    serde_json::to_writer(out, &order).unwrap();
}

// ---- a pacs.008 ------------------------------------------------------------------------------------------------------

#[derive(Deserialize, Serialize)]
struct Root<M> {
    #[serde(rename = "Document")]
    document: Document<M>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename = "Document")]
struct Document<M> {
    #[serde(rename = "@xmlns", default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    namespace: Option<&'static str>,
    #[serde(rename = "FIToFICstmrCdtTrf")]
    transfer: Message<M>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<M> {
    grp_hdr: Header<M>,
    cdt_trf_tx_inf: Vec<Credit<M>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Header<M> {
    msg_id: String,
    cre_dt_tm: String,
    nb_of_txs: String,
    ttl_intr_bk_sttlm_amt: M,
    intr_bk_sttlm_dt: String,
    sttlm_inf: Settlement,
    instg_agt: Agent,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Settlement {
    sttlm_mtd: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Agent {
    fin_instn_id: Institution,
}

#[derive(Deserialize, Serialize)]
struct Institution {
    #[serde(rename = "BICFI")]
    bic: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credit<M> {
    pmt_id: Identifiers,
    #[serde(skip_serializing_if = "Option::is_none")]
    pmt_tp_inf: Option<Kind>,
    intr_bk_sttlm_amt: M,
    chrg_br: String,
    dbtr: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    dbtr_acct: Option<Account>,
    dbtr_agt: Agent,
    cdtr_agt: Agent,
    cdtr: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    cdtr_acct: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purp: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rmt_inf: Option<Lines>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Identifiers {
    instr_id: String,
    end_to_end_id: String,
    tx_id: String,
    #[serde(rename = "UETR")]
    uetr: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kind {
    svc_lvl: Vec<Code>,
    lcl_instrm: Code,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Code {
    cd: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Party {
    #[serde(skip_serializing_if = "Option::is_none")]
    nm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pstl_adr: Option<Postal>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Postal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pst_cd: Option<String>,
    twn_nm: String,
    ctry: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    adr_line: Vec<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: AccountId,
}

#[derive(Deserialize, Serialize)]
struct AccountId {
    #[serde(rename = "IBAN", skip_serializing_if = "Option::is_none")]
    iban: Option<String>,
    #[serde(rename = "Othr", skip_serializing_if = "Option::is_none")]
    other: Option<Other>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Other {
    id: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Lines {
    ustrd: Vec<String>,
}

/// An amount as it is read from XML and shown in JSON.
#[derive(Deserialize, Serialize)]
struct Shown {
    #[serde(rename = "@Ccy")]
    currency: String,
    #[serde(rename(deserialize = "$text", serialize = "$value"), serialize_with = "as_number")]
    value: String,
}

/// An amount as it is read from JSON and written to XML.
#[derive(Deserialize, Serialize)]
struct Written {
    #[serde(rename = "@Ccy")]
    currency: String,
    #[serde(rename(deserialize = "$value", serialize = "$text"), deserialize_with = "of_number")]
    value: String,
}

fn as_number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    text.parse::<serde_json::Number>().unwrap().serialize(to)
}

fn of_number<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    serde_json::Number::deserialize(from).map(|it| it.to_string())
}

/// A pacs.008 to JSON.
pub fn pacs_shown(xml: &[u8], out: &mut Vec<u8>) {
    let document: Document<Shown> = quick_xml::de::from_str(std::str::from_utf8(xml).unwrap()).unwrap();
    serde_json::to_writer(out, &Root { document }).unwrap();
}

/// JSON to a pacs.008.
pub fn pacs_written(json: &[u8], out: &mut Vec<u8>) {
    let Root { mut document } = serde_json::from_slice::<Root<Written>>(json).unwrap();
    document.namespace = Some("urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08");
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    quick_xml::se::to_writer(&mut text, &document).unwrap();
    text.push('\n');
    out.extend_from_slice(text.as_bytes());
}

/// A pacs.008 to JSON in one pass over its events: which elements repeat is all that is known of it.
pub fn pacs_shown_tuned(xml: &[u8], out: &mut Vec<u8>) {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(xml).unwrap());
    let repeats = |name: &[u8]| matches!(name, b"CdtTrfTxInf" | b"SvcLvl" | b"AdrLine" | b"Ustrd");
    // By depth: the last child's name, if it repeats; whether anything stands in the object.
    let mut levels: Vec<(Vec<u8>, bool)> = vec![(Vec::new(), false)];
    let (mut is_amount, mut is_leaf) = (false, false);
    out.push(b'{');
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                if is_leaf {
                    out.push(b'{');
                }
                let name = start.name().into_inner();
                let (last, is_filled) = levels.last_mut().unwrap();
                if last.as_slice() == name {
                    out.push(b',');
                } else {
                    if !last.is_empty() {
                        out.push(b']');
                        last.clear();
                    }
                    if *is_filled {
                        out.push(b',');
                    }
                    out.push(b'"');
                    out.extend_from_slice(name);
                    out.extend_from_slice(b"\":");
                    if repeats(name) {
                        out.push(b'[');
                        last.extend_from_slice(name);
                    }
                }
                *is_filled = true;
                is_amount = false;
                for attribute in start.attributes().map(Result::unwrap).filter(|it| it.key.0 == b"Ccy") {
                    out.extend_from_slice(b"{\"@Ccy\":");
                    serde_json::to_writer(&mut *out, std::str::from_utf8(&attribute.value).unwrap()).unwrap();
                    out.extend_from_slice(b",\"$value\":");
                    is_amount = true;
                }
                levels.push((Vec::new(), false));
                is_leaf = true;
            }
            Event::Text(text) => {
                let text = text.decode().unwrap();
                if is_amount {
                    out.extend_from_slice(text.as_bytes());
                    out.push(b'}');
                } else if is_leaf {
                    serde_json::to_writer(&mut *out, &text).unwrap();
                }
            }
            Event::End(_) => {
                let (last, _) = levels.pop().unwrap();
                if !is_leaf {
                    if !last.is_empty() {
                        out.push(b']');
                    }
                    out.push(b'}');
                }
                is_leaf = false;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    out.push(b'}');
}

// ---- a record --------------------------------------------------------------------------------------------------------

/// The code page, as the loops want it.
pub struct Tables {
    characters: [char; 256],
    bytes: [u8; 256],
}

const NAMES: [(&str, usize, usize); 3] = [("RPL-TXN-ID", 0, 16), ("RPL-STATUS", 16, 18), ("RPL-BOOK-TIMESTAMP", 18, 44)];

impl Tables {
    pub fn new() -> Self {
        let page = latimer_wire::ebcdic::page("cp1047").unwrap();
        let mut tables = Tables { characters: [' '; 256], bytes: [0x6F; 256] };
        for it in latimer_wire::ebcdic::characters(page) {
            if let Some(byte) = latimer_wire::ebcdic::byte(page, it) {
                tables.characters[usize::from(byte)] = it;
                if (it as usize) < 256 {
                    tables.bytes[it as usize] = byte;
                }
            }
        }
        tables
    }

    /// A record to JSON, byte by byte.
    pub fn shown(&self, record: &[u8], out: &mut Vec<u8>) {
        let text = |field: &[u8], out: &mut Vec<u8>| {
            let blanks = field.iter().rev().take_while(|it| **it == 0x40).count();
            out.push(b'"');
            for byte in &field[..field.len() - blanks] {
                match self.characters[usize::from(*byte)] {
                    it @ ('"' | '\\') => out.extend_from_slice(&[b'\\', it as u8]),
                    it @ '\0'..=' ' if it != ' ' => out.extend_from_slice(format!("\\u{:04x}", it as u32).as_bytes()),
                    it if it.is_ascii() => out.push(it as u8),
                    it => out.extend_from_slice(it.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            out.push(b'"');
        };
        out.extend_from_slice(b"{\"CORE-REPLY\":{");
        for (name, from, to) in NAMES {
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            text(&record[from..to], out);
            out.push(b',');
        }
        out.extend_from_slice(b"\"RPL-MSG-COUNT\":");
        out.push(self.characters[usize::from(record[44])] as u8);
        out.extend_from_slice(b",\"RPL-MSG\":[");
        for (at, line) in record[45..].chunks(60).enumerate() {
            if at > 0 {
                out.push(b',');
            }
            text(line, out);
        }
        out.extend_from_slice(b"]}}\n");
    }

    /// JSON to a record: borrowed texts, each character by a table.
    pub fn written(&self, json: &[u8], out: &mut Vec<u8>) {
        #[derive(Deserialize)]
        struct Root<'a> {
            #[serde(rename = "CORE-REPLY", borrow)]
            reply: Reply<'a>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
        struct Reply<'a> {
            #[serde(borrow)]
            rpl_txn_id: Text<'a>,
            #[serde(borrow)]
            rpl_status: Text<'a>,
            #[serde(borrow)]
            rpl_book_timestamp: Text<'a>,
            #[serde(borrow)]
            rpl_msg: Vec<Text<'a>>,
        }
        let Root { reply } = serde_json::from_str(std::str::from_utf8(json).unwrap()).unwrap();
        let mut put = |text: &str, width: usize| {
            let end = out.len() + width;
            out.extend(text.chars().map(|it| self.bytes[it as usize & 0xFF]));
            assert!(out.len() <= end, "the text fits");
            out.resize(end, 0x40);
        };
        put(&reply.rpl_txn_id.0, 16);
        put(&reply.rpl_status.0, 2);
        put(&reply.rpl_book_timestamp.0, 26);
        put(&reply.rpl_msg.len().to_string(), 1);
        for line in &reply.rpl_msg {
            put(&line.0, 60);
        }
    }
}
