//! The core's reply to a status report and to a SOAP answer: a loop over the bytes of the record, XML put by hand.

use super::moment::{Offsets, is_day, is_time};
use super::text::{Epc, Short, escaped, put_end, put_start};
use super::{Checked, require};
use crate::ordinary::reply::{MEMO, length};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

/// What is made once. A byte of the code page is a character of Latin-1, so that whatever becomes of it is one look-up.
/// The request of a reply comes from a store that has the same for each, as the engine's has here.
pub(crate) struct Replies {
    /// As it is, of characters that a code or a time may have.
    plain: [u8; 256],
    /// As it stands in XML.
    escaped: [Short; 256],
    /// As the Payments Council replaces it.
    replaced: [Short; 256],
    offsets: Offsets,
    /// The time as the first ten characters of an identifier, and as text.
    time: Vec<u8>,
    created: String,
    memo: Memo,
}

/// What the request side remembered.
struct Memo {
    message: &'static [u8],
    end_to_end: &'static [u8],
    uetr: &'static [u8],
}

/// A record, cut into its fields; blanks behind a text are not part of it.
struct Record<'a> {
    transaction: &'a [u8],
    status: [u8; 2],
    /// `2026-03-02T09:15:00`, and the decimals behind it with their point, if there are any but zeros.
    booked: [u8; 19],
    fraction: [u8; 7],
    fraction_length: usize,
    texts: &'a [u8],
}

const BLANK: u8 = 0x40;
const TEXT: usize = 60;
const FIXED: usize = 45;
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Replies {
    pub(crate) fn new(now: &str) -> Self {
        let page = latimer_wire::ebcdic::page("cp1047").unwrap();
        let mut characters = ['\0'; 256];
        for it in latimer_wire::ebcdic::characters(page) {
            characters[usize::from(latimer_wire::ebcdic::byte(page, it).unwrap())] = it;
        }
        let (epc, now, zone) = (Epc::new(), now.parse::<Timestamp>().unwrap(), TimeZone::get("Europe/Berlin").unwrap());
        let place = |it: u64| DIGITS[(now.as_millisecond() as u64 >> (5 * it) & 31) as usize];
        Replies {
            plain: characters.map(|it| if it.is_ascii() { it as u8 } else { 0 }),
            escaped: characters.map(escaped),
            replaced: characters.map(|it| epc.of(it)),
            time: (0..10).rev().map(place).collect(),
            created: now.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            offsets: Offsets::new(zone),
            memo: Memo { message: MEMO[0].unwrap(), end_to_end: MEMO[2].unwrap(), uetr: MEMO[3].unwrap() },
        }
    }

    /// A record to a pacs.002.
    pub(crate) fn report(&mut self, record: &[u8], out: &mut Vec<u8>) {
        self.put_report(record, out).unwrap();
    }

    /// A record to a SOAP response or fault.
    pub(crate) fn answer(&mut self, record: &[u8], out: &mut Vec<u8>) {
        self.put_answer(record, out).unwrap();
    }

    fn put_report(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Checked<()> {
        let record = self.read(bytes)?;
        let (status, reason) = status(record.status);
        out.extend_from_slice(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10\">\
              <FIToFIPmtStsRpt><GrpHdr><MsgId>",
        );
        out.extend_from_slice(&self.time);
        put_rest_of_id(bytes, out);
        out.extend_from_slice(b"</MsgId><CreDtTm>");
        out.extend_from_slice(self.created.as_bytes());
        out.extend_from_slice(b"</CreDtTm></GrpHdr><TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>");
        out.extend_from_slice(self.memo.message);
        out.extend_from_slice(b"</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId></OrgnlGrpInf><OrgnlEndToEndId>");
        out.extend_from_slice(self.memo.end_to_end);
        out.extend_from_slice(b"</OrgnlEndToEndId><OrgnlTxId>");
        put(record.transaction, &self.escaped, out);
        out.extend_from_slice(b"</OrgnlTxId><OrgnlUETR>");
        out.extend_from_slice(self.memo.uetr);
        out.extend_from_slice(b"</OrgnlUETR><TxSts>");
        out.extend_from_slice(status);
        out.extend_from_slice(b"</TxSts>");
        if reason.is_some() || !record.texts.is_empty() {
            out.extend_from_slice(b"<StsRsnInf>");
            if let Some(reason) = reason {
                out.extend_from_slice(b"<Rsn><Cd>");
                out.extend_from_slice(reason);
                out.extend_from_slice(b"</Cd></Rsn>");
            }
            for text in record.texts.chunks_exact(TEXT) {
                put_element("AddtlInf", trimmed(text), &self.replaced, out);
            }
            out.extend_from_slice(b"</StsRsnInf>");
        }
        out.extend_from_slice(b"<AccptncDtTm>");
        record.put_booked(out);
        out.extend_from_slice(&self.offsets.of(&record.booked)?);
        out.extend_from_slice(b"</AccptncDtTm></TxInfAndSts></FIToFIPmtStsRpt></Document>\n");
        Ok(())
    }

    fn put_answer(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Checked<()> {
        let record = self.read(bytes)?;
        out.extend_from_slice(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
              <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>",
        );
        if record.status == *b"96" {
            out.extend_from_slice(b"<soap:Fault><faultcode>soap:Server</faultcode>");
            match record.texts.get(..TEXT) {
                Some(text) => put_element("faultstring", trimmed(text), &self.escaped, out),
                None => out.extend_from_slice(b"<faultstring>core system error</faultstring>"),
            }
            out.extend_from_slice(b"<detail><reason>MS03</reason><reference>");
            out.extend_from_slice(self.memo.end_to_end);
            out.extend_from_slice(b"</reference></detail></soap:Fault>");
        } else {
            let (status, reason) = status(record.status);
            out.extend_from_slice(b"<SubmitPaymentResponse><reference>");
            out.extend_from_slice(self.memo.end_to_end);
            out.extend_from_slice(b"</reference><status>");
            out.extend_from_slice(status);
            out.extend_from_slice(b"</status>");
            if let Some(reason) = reason {
                out.extend_from_slice(b"<reason>");
                out.extend_from_slice(reason);
                out.extend_from_slice(b"</reason>");
            }
            // The mapping names no zone for it: the core's time as it is.
            out.extend_from_slice(b"<bookedAt>");
            record.put_booked(out);
            out.extend_from_slice(b"</bookedAt>");
            for text in record.texts.chunks_exact(TEXT) {
                out.extend_from_slice(b"<message>");
                put_element("text", trimmed(text), &self.escaped, out);
                out.extend_from_slice(b"</message>");
            }
            out.extend_from_slice(b"</SubmitPaymentResponse>");
        }
        out.extend_from_slice(b"</soap:Body></soap:Envelope>\n");
        Ok(())
    }

    fn read<'a>(&self, record: &'a [u8]) -> Checked<Record<'a>> {
        require(record.len() >= FIXED && record[FIXED - 1] & 0xF0 == 0xF0 && record.len() == length(record), "the length")?;
        let mut moment: [u8; 26] = std::array::from_fn(|it| self.plain[usize::from(record[18 + it])]);
        require(is_day(&moment[..10]) && moment[10] == b'-' && is_time(&moment[11..19], b'.'), "the time")?;
        let length = trimmed(&record[18..44]).len();
        let decimals = &moment[19..length.max(19)];
        let has_form =
            decimals.is_empty() || decimals.len() > 1 && decimals[0] == b'.' && decimals[1..].iter().all(u8::is_ascii_digit);
        require(has_form, "the time")?;
        let zeros = decimals.iter().rev().take_while(|it| **it == b'0').count();
        let fraction_length = match decimals.len() - zeros {
            1 => 0,
            length => length,
        };
        (moment[10], moment[13], moment[16]) = (b'T', b':', b':');
        let (booked, fraction) = (std::array::from_fn(|it| moment[it]), std::array::from_fn(|it| moment[19 + it]));
        let status = [self.plain[usize::from(record[16])], self.plain[usize::from(record[17])]];
        let (transaction, texts) = (trimmed(&record[..16]), &record[FIXED..]);
        Ok(Record { transaction, status, booked, fraction, fraction_length, texts })
    }
}

impl Record<'_> {
    fn put_booked(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.booked);
        out.extend_from_slice(&self.fraction[..self.fraction_length]);
    }
}

fn put(text: &[u8], table: &[Short; 256], out: &mut Vec<u8>) {
    out.reserve(8 * text.len());
    text.iter().for_each(|it| table[usize::from(*it)].put(out));
}

fn put_element(name: &str, text: &[u8], table: &[Short; 256], out: &mut Vec<u8>) {
    let from = put_start(name, out);
    put(text, table, out);
    put_end(name, from, out);
}

fn trimmed(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|it| *it != BLANK).map_or(0, |it| it + 1)]
}

fn status(status: [u8; 2]) -> (&'static [u8], Option<&'static [u8]>) {
    match &status {
        b"00" => (b"ACSC", None),
        b"10" | b"11" => (b"ACSP", None),
        b"14" => (b"RJCT", Some(b"AC01")),
        b"45" => (b"RJCT", Some(b"AC04")),
        b"51" => (b"RJCT", Some(b"AM04")),
        b"62" => (b"RJCT", Some(b"AC06")),
        b"96" => (b"RJCT", Some(b"MS03")),
        _ => (b"RJCT", Some(b"NARR")),
    }
}

/// Puts the characters of an identifier that are of the message: 25, of five bits each.
fn put_rest_of_id(record: &[u8], out: &mut Vec<u8>) {
    let mut seed = Sha256::new();
    seed.update(record);
    seed.update(1_u64.to_be_bytes());
    let seed = seed.finalize();
    let bits = seed[..16].iter().fold(0_u128, |bits, it| bits << 8 | u128::from(*it));
    out.extend((1..=25).map(|it| DIGITS[(bits >> (128 - 5 * it) & 31) as usize]));
}
