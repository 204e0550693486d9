//! A record to JSON and back: loops over bytes and a table.

use super::text::Text;
use serde::Deserialize;

/// The code page, as the loops want it.
pub(crate) struct Tables {
    characters: [char; 256],
    bytes: [u8; 256],
}

const NAMES: [(&str, usize, usize); 3] = [("RPL-TXN-ID", 0, 16), ("RPL-STATUS", 16, 18), ("RPL-BOOK-TIMESTAMP", 18, 44)];

impl Tables {
    pub(crate) fn new() -> Self {
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
    pub(crate) fn shown(&self, record: &[u8], out: &mut Vec<u8>) {
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
    pub(crate) fn written(&self, json: &[u8], out: &mut Vec<u8>) {
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
