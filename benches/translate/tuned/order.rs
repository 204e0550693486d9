//! An order to a pacs.008: borrowed structs by serde_json, XML put by hand.

use super::moment::{business_day, check_moment, is_due};
use super::rules::{Amount, Directory, Iban, Rules, is_bic, is_uetr, is_value, put_compact, put_uetr};
use super::text::{Epc, Text, is_within, present, put, put_element, put_end, put_number, put_start, wrap};
use super::{Checked, require};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::path::Path;

/// What is made once, and what every order uses again.
pub(crate) struct Orders {
    rules: Rules,
    directory: Directory,
    epc: Epc,
    today: String,
    settled: String,
    amounts: Vec<Amount>,
    line: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    #[serde(borrow)]
    message_id: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    channel: Channel,
    #[serde(borrow)]
    transfers: Vec<Transfer<'a>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Channel {
    Batch,
    Instant,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transfer<'a> {
    #[serde(borrow)]
    reference: Text<'a>,
    #[serde(borrow)]
    end_to_end_id: Option<Text<'a>>,
    #[serde(borrow)]
    uetr: Option<Text<'a>>,
    #[serde(borrow)]
    amount: Value<'a>,
    #[serde(borrow)]
    execution_date: Option<Text<'a>>,
    charges_paid_by: Charges,
    #[serde(borrow)]
    purpose: Option<Text<'a>>,
    #[serde(borrow)]
    debtor: Debtor<'a>,
    #[serde(borrow)]
    creditor: Creditor<'a>,
    #[serde(borrow)]
    remittance: Option<Remittance<'a>>,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow)]
    value: Text<'a>,
    #[serde(borrow)]
    currency: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Charges {
    Shared,
    Payer,
    Payee,
}

#[derive(Deserialize)]
struct Debtor<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    iban: Text<'a>,
    #[serde(borrow)]
    bic: Option<Text<'a>>,
    #[serde(borrow)]
    address: Option<Address<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Creditor<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    iban: Option<Text<'a>>,
    #[serde(borrow)]
    account_number: Option<Text<'a>>,
    #[serde(borrow)]
    bank_bic: Text<'a>,
    #[serde(borrow)]
    address: Option<Address<'a>>,
}

#[derive(Deserialize)]
struct Address<'a> {
    #[serde(borrow)]
    line1: Option<Text<'a>>,
    #[serde(borrow)]
    line2: Option<Text<'a>>,
    #[serde(borrow)]
    postcode: Option<Text<'a>>,
    #[serde(borrow)]
    city: Option<Text<'a>>,
    #[serde(borrow)]
    country: Text<'a>,
}

#[derive(Deserialize)]
struct Remittance<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

impl Orders {
    pub(crate) fn new(now: &str, directory: &Path) -> Self {
        let now: Timestamp = now.parse().unwrap();
        let today = now.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).date();
        Orders {
            rules: Rules::new(),
            directory: Directory::new(directory),
            epc: Epc::new(),
            today: today.to_string(),
            settled: business_day(today).to_string(),
            amounts: Vec::new(),
            line: Vec::new(),
        }
    }

    /// An order to a pacs.008.
    pub(crate) fn pacs(&mut self, json: &[u8], out: &mut Vec<u8>) {
        let order: Order<'_> = serde_json::from_str(std::str::from_utf8(json).unwrap()).unwrap();
        out.reserve(2 * json.len() + 1024);
        self.document(&order, out).unwrap();
    }

    fn document(&mut self, order: &Order<'_>, out: &mut Vec<u8>) -> Checked<()> {
        check_moment(&order.created_at)?;
        require((1..=500).contains(&order.transfers.len()), "transfers")?;
        let currency = &*order.transfers[0].amount.currency;
        let total = self.total(order, currency)?;
        put(
            [
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\">",
                "<FIToFICstmrCdtTrf><GrpHdr><MsgId>",
            ],
            out,
        );
        put_compact(&order.message_id, out)?;
        put(["</MsgId><CreDtTm>", &order.created_at, "</CreDtTm><NbOfTxs>"], out);
        put_number(order.transfers.len() as u64, 1, out);
        put(["</NbOfTxs><TtlIntrBkSttlmAmt Ccy=\"", currency, "\">"], out);
        total.put(out);
        put(["</TtlIntrBkSttlmAmt><IntrBkSttlmDt>", &self.settled, "</IntrBkSttlmDt><SttlmInf><SttlmMtd>CLRG</SttlmMtd>"], out);
        put(["</SttlmInf><InstgAgt><FinInstnId><BICFI>BANKDEFFXXX</BICFI></FinInstnId></InstgAgt></GrpHdr>"], out);
        for (at, transfer) in order.transfers.iter().enumerate() {
            self.credit(order, transfer, self.amounts[at], out)?;
        }
        put(["</FIToFICstmrCdtTrf></Document>\n"], out);
        Ok(())
    }

    /// The sum of the amounts, which stands before them.
    fn total(&mut self, order: &Order<'_>, currency: &str) -> Checked<Amount> {
        let decimals = self.rules.decimals(currency)?;
        let mut total = Amount { units: 0, scale: 0 };
        self.amounts.clear();
        for transfer in &order.transfers {
            require(*transfer.amount.currency == *currency, "AM03 one message, one currency")?;
            require(is_value(&transfer.amount.value), "amount")?;
            let amount = Amount::new(&transfer.amount.value, decimals)?;
            self.amounts.push(amount);
            total = total.plus(amount);
        }
        Ok(total)
    }

    fn credit(&mut self, order: &Order<'_>, transfer: &Transfer<'_>, amount: Amount, out: &mut Vec<u8>) -> Checked<()> {
        if let Some(date) = &transfer.execution_date {
            require(is_due(date, &self.today)?, "DT01 not due yet")?;
        }
        put(["<CdtTrfTxInf>"], out);
        self.identifiers(order, transfer, out)?;
        if order.channel == Channel::Instant {
            put(["<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>"], out);
        }
        put(["<IntrBkSttlmAmt Ccy=\"", &transfer.amount.currency, "\">"], out);
        amount.put(out);
        let charges = match transfer.charges_paid_by {
            Charges::Shared => "SHAR",
            Charges::Payer => "DEBT",
            Charges::Payee => "CRED",
        };
        put(["</IntrBkSttlmAmt><ChrgBr>", charges, "</ChrgBr>"], out);
        self.debtor(&transfer.debtor, out)?;
        self.creditor(&transfer.creditor, out)?;
        if let Some(purpose) = &transfer.purpose {
            put(["<Purp>"], out);
            put_element("Cd", purpose, out);
            put(["</Purp>"], out);
        }
        if let Some(text) = transfer.remittance.as_ref().and_then(|it| it.text.as_ref()) {
            self.remittance(text, out)?;
        }
        put(["</CdtTrfTxInf>"], out);
        Ok(())
    }

    fn identifiers(&self, order: &Order<'_>, transfer: &Transfer<'_>, out: &mut Vec<u8>) -> Checked<()> {
        put(["<PmtId><InstrId>"], out);
        require(!transfer.reference.is_empty() && is_within(&transfer.reference, 35), "reference")?;
        let from = out.len();
        self.fitting(&transfer.reference, 35, out)?;
        let reference = from..out.len();
        put(["</InstrId><EndToEndId>"], out);
        if let Some(text) = &transfer.end_to_end_id {
            require(is_within(text, 50), "FF01 the text is too long")?;
        }
        match transfer.end_to_end_id.as_deref().and_then(present) {
            Some(text) => {
                let length = self.epc.put(text, out);
                out.truncate(out.len() - length.saturating_sub(35));
            }
            None => put(["NOTPROVIDED"], out),
        }
        put(["</EndToEndId><TxId>"], out);
        out.extend_from_within(reference);
        put(["</TxId><UETR>"], out);
        match &transfer.uetr {
            Some(uetr) => {
                require(is_uetr(uetr), "uetr")?;
                put([uetr], out);
            }
            None => put_uetr([&order.message_id, &transfer.reference], out),
        }
        put(["</UETR></PmtId>"], out);
        Ok(())
    }

    fn debtor(&self, debtor: &Debtor<'_>, out: &mut Vec<u8>) -> Checked<()> {
        let from = put_start("Dbtr", out);
        if let Some(name) = present(&debtor.name) {
            put(["<Nm>"], out);
            self.fitting(name, 140, out)?;
            put(["</Nm>"], out);
        }
        self.postal(debtor.address.as_ref(), "BE07 town missing", out)?;
        put_end("Dbtr", from, out);
        let iban = present(&debtor.iban).map(|it| self.rules.iban(it)).transpose()?;
        if let Some(iban) = &iban {
            put_account("DbtrAcct", iban, out);
        }
        let known = || self.directory.bic(iban.as_ref()?);
        let bic = debtor.bic.as_deref().or_else(known).ok_or("RC01 no BIC known for the debtor IBAN")?;
        require(is_bic(bic), "RC01")?;
        put(["<DbtrAgt><FinInstnId><BICFI>", bic, "</BICFI></FinInstnId></DbtrAgt>"], out);
        Ok(())
    }

    fn creditor(&self, creditor: &Creditor<'_>, out: &mut Vec<u8>) -> Checked<()> {
        require(is_bic(&creditor.bank_bic), "RC01")?;
        put(["<CdtrAgt><FinInstnId><BICFI>", &creditor.bank_bic, "</BICFI></FinInstnId></CdtrAgt>"], out);
        let from = put_start("Cdtr", out);
        if let Some(name) = present(&creditor.name) {
            put(["<Nm>"], out);
            require(is_within(name, 200), "FF01 the text is too long")?;
            let length = self.epc.put(name, out);
            if length > 140 {
                out.truncate(out.len() - (length - 139));
                out.push(b'+');
            }
            put(["</Nm>"], out);
        }
        self.postal(creditor.address.as_ref(), "BE04 town missing", out)?;
        put_end("Cdtr", from, out);
        if let Some(iban) = creditor.iban.as_deref().and_then(present) {
            put_account("CdtrAcct", &self.rules.iban(iban)?, out);
        } else if let Some(number) = creditor.account_number.as_deref().and_then(present) {
            put(["<CdtrAcct><Id><Othr><Id>"], out);
            self.fitting(number, 34, out)?;
            put(["</Id></Othr></Id></CdtrAcct>"], out);
        }
        Ok(())
    }

    fn postal(&self, address: Option<&Address<'_>>, missing: &'static str, out: &mut Vec<u8>) -> Checked<()> {
        let Some(address) = address else { return Ok(()) };
        put(["<PstlAdr>"], out);
        if let Some(postcode) = address.postcode.as_deref().and_then(present) {
            put(["<PstCd>"], out);
            self.fitting(postcode, 16, out)?;
            put(["</PstCd>"], out);
        }
        put(["<TwnNm>"], out);
        self.fitting(address.city.as_deref().and_then(present).ok_or(missing)?, 35, out)?;
        put(["</TwnNm>"], out);
        put_element("Ctry", &address.country, out);
        for line in [&address.line1, &address.line2].into_iter().flatten().filter_map(|it| present(it)) {
            put(["<AdrLine>"], out);
            self.fitting(line, 70, out)?;
            put(["</AdrLine>"], out);
        }
        put(["</PstlAdr>"], out);
        Ok(())
    }

    fn remittance(&mut self, text: &str, out: &mut Vec<u8>) -> Checked<()> {
        require(is_within(text, 210), "FF01 the text is too long")?;
        self.line.clear();
        self.epc.put(text, &mut self.line);
        if self.line.trim_ascii().is_empty() {
            return Ok(());
        }
        put(["<RmtInf>"], out);
        wrap(&self.line, 140, |line| {
            put(["<Ustrd>"], out);
            out.extend_from_slice(line);
            put(["</Ustrd>"], out);
        });
        put(["</RmtInf>"], out);
        Ok(())
    }

    fn fitting(&self, text: &str, length: usize, out: &mut Vec<u8>) -> Checked<()> {
        require(self.epc.put(text, out) <= length, "FF01 the text is too long")
    }
}

fn put_account(name: &str, iban: &Iban, out: &mut Vec<u8>) {
    put(["<", name, "><Id><IBAN>"], out);
    out.extend_from_slice(iban.bytes());
    put(["</IBAN></Id></", name, ">"], out);
}
