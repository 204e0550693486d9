//! A customer file to the batch files of the core: a loop over events, records put byte by byte.

use super::moment::is_day;
use super::rules::{Amount, Rules, is_bic};
use super::text::{Epc, put_number, wrap};
use super::xml::{Document, set};
use super::{Checked, require};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use quick_xml::events::BytesStart;
use std::borrow::Cow;

/// What is made once, and what every file uses again.
pub(crate) struct Batches {
    writer: Writer,
    zone: TimeZone,
    /// The first `used` are of this file, in the order in which its currencies came.
    lanes: Vec<Lane>,
    used: usize,
    sender: Vec<u8>,
    texts: Vec<u8>,
}

/// The batch file of a currency.
#[derive(Default)]
struct Lane {
    currency: [u8; 3],
    records: Vec<u8>,
    count: u64,
    cents: u64,
    hash: u64,
}

/// What a `PmtInf` says of its transactions.
#[derive(Default)]
struct Payment<'a> {
    method: Option<Cow<'a, str>>,
    day: Option<[u8; 8]>,
    debit: Option<Cow<'a, str>>,
    charges: Option<Cow<'a, str>>,
}

#[derive(Default)]
struct Transaction<'a> {
    reference: Option<Cow<'a, str>>,
    currency: Option<[u8; 3]>,
    cents: Option<u64>,
    charges: Option<Cow<'a, str>>,
    bic: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    credit: Option<Cow<'a, str>>,
}

/// What the customer says of the whole file.
#[derive(Default)]
struct Claimed {
    count: Option<u64>,
    cents: Option<u64>,
}

impl Batches {
    pub(crate) fn new(now: &str) -> Self {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = now.parse::<Timestamp>().unwrap().to_zoned(zone.clone()).strftime("%Y%m%d%H%M%S").to_string();
        let (lanes, texts) = (Vec::new(), Vec::new());
        Batches { writer: Writer::new(now), zone, lanes, used: 0, sender: Vec::new(), texts }
    }

    /// A customer file to the batch files, one behind the other.
    pub(crate) fn lanes(&mut self, xml: &[u8], out: &mut Vec<u8>) {
        self.used = 0;
        self.document(xml).unwrap();
        for lane in &self.lanes[..self.used] {
            out.extend_from_slice(&lane.records);
            self.writer.trailer(lane, out).unwrap();
        }
    }

    fn document(&mut self, xml: &[u8]) -> Checked<()> {
        let mut xml = Document::new(xml)?;
        xml.expect("Document")?;
        xml.expect("CstmrCdtTrfInitn")?;
        let mut claimed = None;
        while let Some(start) = xml.child()? {
            match start.local_name().as_ref() {
                b"GrpHdr" => set(&mut claimed, self.header(&mut xml)?)?,
                b"PmtInf" => self.payment(&mut xml)?,
                _ => xml.skip(&start)?,
            }
        }
        let claimed = claimed.ok_or("GrpHdr is missing")?;
        let lanes = &self.lanes[..self.used];
        let (count, cents) = lanes.iter().fold((0, 0), |(count, cents), it| (count + it.count, cents + it.cents));
        require(claimed.count == Some(count), "AM18 number of transactions does not match")?;
        require(claimed.cents.is_none_or(|it| it == cents), "AM10 control sum does not match")
    }

    fn header(&mut self, xml: &mut Document<'_>) -> Checked<Claimed> {
        let mut claimed = Claimed::default();
        self.sender.clear();
        while let Some(start) = xml.child()? {
            match start.local_name().as_ref() {
                b"MsgId" => {
                    require(self.sender.is_empty(), "an element twice")?;
                    let length = self.writer.epc.put(&xml.text(&start)?, &mut self.sender);
                    require((1..=35).contains(&length), "FF01 the text is too long")?;
                }
                b"NbOfTxs" => set(&mut claimed.count, xml.text(&start)?.parse().map_err(|_| "AM18")?)?,
                b"CtrlSum" => set(&mut claimed.cents, Amount::cents(&xml.text(&start)?)?)?,
                _ => xml.skip(&start)?,
            }
        }
        Ok(claimed)
    }

    fn payment(&mut self, xml: &mut Document<'_>) -> Checked<()> {
        let mut payment = Payment::default();
        while let Some(start) = xml.child()? {
            match start.local_name().as_ref() {
                b"PmtMtd" => set(&mut payment.method, xml.text(&start)?)?,
                b"ReqdExctnDt" => set(&mut payment.day, self.day(xml)?)?,
                b"DbtrAcct" => payment.debit = within(xml, &start, &[b"Id", b"IBAN"])?,
                b"ChrgBr" => set(&mut payment.charges, xml.text(&start)?)?,
                // All that it needs of the payment stands before it.
                b"CdtTrfTxInf" => self.transaction(xml, &payment)?,
                _ => xml.skip(&start)?,
            }
        }
        Ok(())
    }

    fn day(&self, xml: &mut Document<'_>) -> Checked<[u8; 8]> {
        let mut found = None;
        while let Some(start) = xml.child()? {
            let text = xml.text(&start)?;
            let day = match start.local_name().as_ref() {
                b"Dt" => text,
                b"DtTm" => {
                    let moment: Timestamp = text.parse().map_err(|_| "DT01")?;
                    Cow::Owned(moment.to_zoned(self.zone.clone()).date().to_string())
                }
                _ => return Err("DT01"),
            };
            let day = day.as_bytes().get(..10).filter(|it| is_day(it)).ok_or("DT01")?;
            set(&mut found, [day[0], day[1], day[2], day[3], day[5], day[6], day[8], day[9]])?;
        }
        found.ok_or("DT01")
    }

    fn transaction(&mut self, xml: &mut Document<'_>, payment: &Payment<'_>) -> Checked<()> {
        let mut transaction = Transaction::default();
        self.texts.clear();
        while let Some(start) = xml.child()? {
            match start.local_name().as_ref() {
                b"PmtId" => transaction.reference = within(xml, &start, &[b"EndToEndId"])?,
                b"Amt" => self.amount(xml, &mut transaction)?,
                b"ChrgBr" => set(&mut transaction.charges, xml.text(&start)?)?,
                b"CdtrAgt" => transaction.bic = within(xml, &start, &[b"FinInstnId", b"BICFI"])?,
                b"Cdtr" => transaction.name = within(xml, &start, &[b"Nm"])?,
                b"CdtrAcct" => transaction.credit = within(xml, &start, &[b"Id", b"IBAN"])?,
                b"RmtInf" => self.remittance(xml)?,
                _ => xml.skip(&start)?,
            }
        }
        let currency = transaction.currency.ok_or("AM12 equivalent amounts are not supported")?;
        let at = self.lane(currency)?;
        self.writer.detail(payment, &transaction, &self.texts, &mut self.lanes[at])
    }

    fn amount(&self, xml: &mut Document<'_>, transaction: &mut Transaction<'_>) -> Checked<()> {
        while let Some(start) = xml.child()? {
            if start.local_name().as_ref() != b"InstdAmt" {
                return Err("AM12 equivalent amounts are not supported");
            }
            let currency = start.attributes().flatten().find(|it| it.key.as_ref() == b"Ccy").ok_or("Ccy is missing")?;
            set(&mut transaction.currency, currency.value.as_ref().try_into().map_err(|_| "Ccy")?)?;
            transaction.cents = Some(Amount::cents(&xml.text(&start)?)?);
        }
        Ok(())
    }

    /// All texts with a blank between, as the core may have them.
    fn remittance(&mut self, xml: &mut Document<'_>) -> Checked<()> {
        while let Some(start) = xml.child()? {
            if start.local_name().as_ref() != b"Ustrd" {
                xml.skip(&start)?;
                continue;
            }
            if !self.texts.is_empty() {
                self.texts.push(b' ');
            }
            self.writer.epc.put(&xml.text(&start)?, &mut self.texts);
        }
        Ok(())
    }

    /// The place of the batch file of a currency; a new one has its header.
    fn lane(&mut self, currency: [u8; 3]) -> Checked<usize> {
        if let Some(at) = self.lanes[..self.used].iter().position(|it| it.currency == currency) {
            return Ok(at);
        }
        require(!self.sender.is_empty(), "MsgId is missing")?;
        if self.used == self.lanes.len() {
            self.lanes.push(Lane::default());
        }
        let lane = &mut self.lanes[self.used];
        lane.records.clear();
        *lane = Lane { currency, records: std::mem::take(&mut lane.records), ..Lane::default() };
        self.writer.header(&self.sender, lane)?;
        self.used += 1;
        Ok(self.used - 1)
    }
}

/// The text of the one descendant at a path below the element that began.
fn within<'a>(xml: &mut Document<'a>, parent: &BytesStart<'_>, path: &[&[u8]]) -> Checked<Option<Cow<'a, str>>> {
    let Some((name, rest)) = path.split_first() else { return xml.text(parent).map(Some) };
    let mut found = None;
    while let Some(start) = xml.child()? {
        if start.local_name().as_ref() != *name {
            xml.skip(&start)?;
        } else if let Some(text) = within(xml, &start, rest)? {
            set(&mut found, text)?;
        }
    }
    Ok(found)
}

/// Puts records in the code page of the core.
struct Writer {
    rules: Rules,
    epc: Epc,
    page: [u8; 128],
    now: String,
}

const BLANK: u8 = 0x40;
const ZERO: u8 = 0xF0;

impl Writer {
    fn new(now: String) -> Self {
        let page = latimer_wire::ebcdic::page("cp273").unwrap();
        let page = std::array::from_fn(|it| latimer_wire::ebcdic::byte(page, it as u8 as char).unwrap());
        Writer { rules: Rules::new(), epc: Epc::new(), page, now }
    }

    /// A text and blanks to a width.
    fn text(&self, text: &[u8], width: usize, out: &mut Vec<u8>) -> Checked<()> {
        require(text.len() <= width && text.is_ascii(), "RR10")?;
        let end = out.len() + width;
        out.extend(text.iter().map(|it| self.page[usize::from(it & 0x7F)]));
        out.resize(end, BLANK);
        Ok(())
    }

    fn header(&self, sender: &[u8], lane: &mut Lane) -> Checked<()> {
        let out = &mut lane.records;
        self.text(b"00PAYHUB", 10, out)?;
        self.text(self.now.as_bytes(), 14, out)?;
        self.text(b"000001", 6, out)?;
        self.text(&lane.currency, 3, out)?;
        self.text(sender, 35, out)?;
        self.text(b"", 232, out)
    }

    fn detail(&self, payment: &Payment<'_>, transaction: &Transaction<'_>, texts: &[u8], lane: &mut Lane) -> Checked<()> {
        require(payment.method.as_deref() == Some("TRF"), "NARR only credit transfers")?;
        let debit = payment.debit.as_deref().ok_or("AC02 debtor account is not an IBAN")?;
        let credit = transaction.credit.as_deref().ok_or("AC03 creditor account is not an IBAN")?;
        let bic = transaction.bic.as_deref().unwrap_or_default();
        require(bic.is_empty() || is_bic(bic) && self.rules.is_of_country(bic), "RC01")?;
        let cents = transaction.cents.ok_or("AM12 equivalent amounts are not supported")?;
        let name = transaction.name.as_deref().ok_or("BE22 creditor name missing")?;
        let reference = transaction.reference.as_deref().ok_or("EndToEndId is missing")?;
        lane.count += 1;
        lane.cents += cents;
        lane.hash += last_digits(credit);
        let out = &mut lane.records;
        self.text(b"10", 2, out)?;
        put_digits(lane.count, 7, out)?;
        self.text(debit.as_bytes(), 34, out)?;
        self.text(credit.as_bytes(), 34, out)?;
        let is_short = bic.len() == 8;
        self.text(bic.as_bytes(), if is_short { 8 } else { 11 }, out)?;
        if is_short {
            self.text(b"XXX", 3, out)?;
        }
        put_packed(cents, 13, out)?;
        self.text(&payment.day.ok_or("DT01")?, 8, out)?;
        self.replaced(name, 35, true, out)?;
        self.replaced(reference, 35, false, out)?;
        self.lines(texts, out)?;
        let charges = match transaction.charges.as_deref().or(payment.charges.as_deref()).unwrap_or("SLEV") {
            "DEBT" => b"P",
            "CRED" => b"B",
            _ => b"S",
        };
        self.text(charges, 18, out)
    }

    /// A text with its characters replaced; one that is too long is cut and marked, or refused.
    fn replaced(&self, text: &str, width: usize, is_cut: bool, out: &mut Vec<u8>) -> Checked<()> {
        let from = out.len();
        let length = self.epc.put(text, out);
        require(length <= width || is_cut, "FF01 the text is too long")?;
        if length > width {
            out.truncate(from + width - 1);
            out.push(b'+');
        }
        out[from..].iter_mut().for_each(|it| *it = self.page[usize::from(*it & 0x7F)]);
        out.resize(from + width, BLANK);
        Ok(())
    }

    /// The number of lines and four of them; the last has a mark if there were more.
    fn lines(&self, texts: &[u8], out: &mut Vec<u8>) -> Checked<()> {
        let count_at = out.len();
        out.push(ZERO);
        let (mut count, mut written) = (0_u8, Ok(()));
        wrap(texts, 27, |line| {
            count += 1;
            match count {
                1..=4 => written = written.and(self.text(line, 27, out)),
                5 => {
                    // Behind the last character, or in its place if the line is full.
                    let line = out.len() - 27;
                    let length = 27 - out[line..].iter().rev().take_while(|it| **it == BLANK).count();
                    out[line + length.min(26)] = self.page[usize::from(b'+')];
                }
                _ => count = 5,
            }
        });
        let count = count.min(4);
        out[count_at] += count;
        out.resize(count_at + 1 + 4 * 27, BLANK);
        written
    }

    fn trailer(&self, lane: &Lane, out: &mut Vec<u8>) -> Checked<()> {
        self.text(b"99", 2, out)?;
        put_digits(lane.count, 7, out)?;
        put_packed(lane.cents, 15, out)?;
        put_digits(lane.hash % 10_u64.pow(12), 12, out)?;
        self.text(b"", 271, out)
    }
}

/// The last ten characters as a number; what is not a digit is a zero.
fn last_digits(iban: &str) -> u64 {
    let bytes = iban.as_bytes();
    let last = &bytes[bytes.len().saturating_sub(10)..];
    last.iter().fold(0, |number, it| number * 10 + if it.is_ascii_digit() { u64::from(it - b'0') } else { 0 })
}

/// Puts so many digits; a digit is 0xF0 and its value in every code page.
fn put_digits(value: u64, digits: usize, out: &mut Vec<u8>) -> Checked<()> {
    let from = out.len();
    put_number(value, digits, out);
    require(out.len() - from == digits, "the number is too long")?;
    out[from..].iter_mut().for_each(|it| *it |= ZERO);
    Ok(())
}

/// Puts an odd number of digits, two a byte, and the sign.
fn put_packed(value: u64, digits: u32, out: &mut Vec<u8>) -> Checked<()> {
    require(value < 10_u64.pow(digits), "AM12")?;
    let mut rest = value;
    let from = out.len();
    out.resize(from + digits.div_ceil(2) as usize, 0);
    let mut low = 0xC;
    for byte in out[from..].iter_mut().rev() {
        *byte = (rest % 10) as u8 * 16 + low;
        low = (rest / 10 % 10) as u8;
        rest /= 100;
    }
    Ok(())
}
