//! The same two jobs the ordinary way: owned structs by serde, serde_json and quick-xml, `rust_decimal`, `format!`, maps.
//! What the mappings check is checked, and a refusal is an error with a text; what the schemas say of fields that no rule
//! reads is not looked at, nor are places kept.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use regex::Regex;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use unicode_normalization::UnicodeNormalization;

type Checked<T> = Result<T, String>;

/// What is made once.
pub struct Program {
    now: Timestamp,
    zone: TimeZone,
    epc: HashMap<char, String>,
    ibans: HashMap<String, (usize, Option<(usize, usize)>)>,
    countries: Vec<String>,
    currencies: HashMap<String, u32>,
    directory: HashMap<(String, String), String>,
    uuid: Regex,
    uetr: Regex,
    bic: Regex,
    value: Regex,
    page: HashMap<char, u8>,
}

// ---- what is read ----------------------------------------------------------------------------------------------------

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    message_id: String,
    created_at: String,
    channel: Channel,
    #[expect(dead_code)]
    callback_url: Option<String>,
    transfers: Vec<Transfer>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Channel {
    Batch,
    Instant,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transfer {
    reference: String,
    end_to_end_id: Option<String>,
    uetr: Option<String>,
    amount: Amount,
    execution_date: Option<String>,
    charges_paid_by: Charges,
    purpose: Option<String>,
    debtor: Debtor,
    creditor: Creditor,
    remittance: Option<Remittance>,
}

#[derive(Deserialize)]
struct Amount {
    value: String,
    currency: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Charges {
    Shared,
    Payer,
    Payee,
}

#[derive(Deserialize)]
struct Debtor {
    name: String,
    iban: String,
    bic: Option<String>,
    address: Option<Address>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Creditor {
    name: String,
    iban: Option<String>,
    account_number: Option<String>,
    bank_bic: String,
    address: Option<Address>,
}

#[derive(Deserialize)]
struct Address {
    line1: Option<String>,
    line2: Option<String>,
    postcode: Option<String>,
    city: Option<String>,
    country: String,
}

#[derive(Deserialize)]
struct Remittance {
    text: Option<String>,
}

// ---- what is written: pacs.008 ---------------------------------------------------------------------------------------

#[derive(Serialize)]
#[serde(rename = "Document")]
struct Pacs {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    #[serde(rename = "FIToFICstmrCdtTrf")]
    transfer: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    grp_hdr: Header,
    cdt_trf_tx_inf: Vec<Credit>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    msg_id: String,
    cre_dt_tm: String,
    nb_of_txs: String,
    ttl_intr_bk_sttlm_amt: Money,
    intr_bk_sttlm_dt: String,
    sttlm_inf: Settlement,
    instg_agt: Agent,
}

#[derive(Serialize)]
struct Settlement {
    #[serde(rename = "SttlmMtd")]
    method: &'static str,
}

#[derive(Serialize)]
struct Money {
    #[serde(rename = "@Ccy")]
    currency: String,
    #[serde(rename = "$text")]
    value: String,
}

#[derive(Serialize)]
struct Agent {
    #[serde(rename = "FinInstnId")]
    institution: Institution,
}

#[derive(Serialize)]
struct Institution {
    #[serde(rename = "BICFI")]
    bic: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credit {
    pmt_id: PaymentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pmt_tp_inf: Option<PaymentType>,
    intr_bk_sttlm_amt: Money,
    chrg_br: &'static str,
    dbtr: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    dbtr_acct: Option<Account>,
    dbtr_agt: Agent,
    cdtr_agt: Agent,
    cdtr: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    cdtr_acct: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purp: Option<Purpose>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rmt_inf: Option<RemittanceInformation>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PaymentId {
    instr_id: String,
    end_to_end_id: String,
    tx_id: String,
    #[serde(rename = "UETR")]
    uetr: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PaymentType {
    svc_lvl: Code,
    lcl_instrm: Code,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Code {
    cd: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Party {
    #[serde(skip_serializing_if = "Option::is_none")]
    nm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pstl_adr: Option<Postal>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Postal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pst_cd: Option<String>,
    twn_nm: String,
    ctry: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    adr_line: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: AccountId,
}

#[derive(Serialize)]
struct AccountId {
    #[serde(rename = "IBAN", skip_serializing_if = "Option::is_none")]
    iban: Option<String>,
    #[serde(rename = "Othr", skip_serializing_if = "Option::is_none")]
    other: Option<Other>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Other {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Purpose {
    cd: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RemittanceInformation {
    ustrd: Vec<String>,
}

// ---- what is read: pain.001 ------------------------------------------------------------------------------------------

#[derive(Deserialize)]
struct Pain {
    #[serde(rename = "CstmrCdtTrfInitn")]
    initiation: Initiation,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Initiation {
    grp_hdr: GroupHeader,
    pmt_inf: Vec<Payment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupHeader {
    msg_id: String,
    nb_of_txs: String,
    ctrl_sum: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Payment {
    pmt_mtd: String,
    reqd_exctn_dt: Requested,
    dbtr_acct: AccountIn,
    chrg_br: Option<String>,
    cdt_trf_tx_inf: Vec<Transaction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Requested {
    dt: Option<String>,
    dt_tm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountIn {
    id: AccountIdIn,
}

#[derive(Deserialize)]
struct AccountIdIn {
    #[serde(rename = "IBAN")]
    iban: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Transaction {
    pmt_id: TransactionId,
    amt: Amounts,
    chrg_br: Option<String>,
    cdtr_agt: Option<AgentIn>,
    cdtr: Option<PartyIn>,
    cdtr_acct: Option<AccountIn>,
    rmt_inf: Option<RemittanceIn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TransactionId {
    end_to_end_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Amounts {
    instd_amt: Option<MoneyIn>,
}

#[derive(Deserialize)]
struct MoneyIn {
    #[serde(rename = "@Ccy")]
    currency: String,
    #[serde(rename = "$text")]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AgentIn {
    fin_instn_id: InstitutionIn,
}

#[derive(Deserialize)]
struct InstitutionIn {
    #[serde(rename = "BICFI")]
    bic: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PartyIn {
    nm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RemittanceIn {
    #[serde(default)]
    ustrd: Vec<String>,
}

/// What a batch file is made of before it is bytes.
#[derive(Default)]
struct Lane {
    records: Vec<String>,
    amounts: Vec<Decimal>,
    hash: u64,
}

// ---- the jobs --------------------------------------------------------------------------------------------------------

fn table(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).map(|it| it.split('\t').collect())
}

impl Program {
    pub fn new(now: &str, directory: &Path) -> Self {
        let directory = std::fs::read_to_string(directory).unwrap();
        let mut program = Self::new_batch(now);
        program.directory = directory
            .lines()
            .skip(1)
            .map(|it| it.split(',').collect::<Vec<_>>())
            .map(|it| ((it[0].to_owned(), it[1].to_owned()), it[2].to_owned()))
            .collect();
        program
    }

    pub fn new_batch(now: &str) -> Self {
        let page = latimer_wire::ebcdic::page("cp273").unwrap();
        let range = |it: &str| it.split_once('-').map(|(a, b)| (a.parse::<usize>().unwrap() - 1, b.parse().unwrap()));
        Program {
            now: now.parse().unwrap(),
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            epc: epc_table(),
            ibans: table(include_str!("../../src/engine/standards/iban.tsv"))
                .map(|row| (row[0].to_owned(), (row[1].parse().unwrap(), row.get(3).copied().and_then(range))))
                .collect(),
            countries: table(include_str!("../../src/engine/standards/countries.tsv")).map(|row| row[0].to_owned()).collect(),
            currencies: table(include_str!("../../src/engine/standards/currencies.tsv"))
                .map(|row| (row[0].to_owned(), row[1..].iter().find_map(|it| it.parse().ok().filter(|it| *it < 5)).unwrap_or(0)))
                .collect(),
            directory: HashMap::new(),
            uuid: Regex::new("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$").unwrap(),
            uetr: Regex::new("^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$").unwrap(),
            bic: Regex::new("^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$").unwrap(),
            value: Regex::new("^[0-9]{1,12}([.][0-9]{1,3})?$").unwrap(),
            page: latimer_wire::ebcdic::characters(page)
                .filter_map(|it| latimer_wire::ebcdic::byte(page, it).map(|byte| (it, byte)))
                .collect(),
        }
    }

    /// An order to a pacs.008.
    pub fn order(&mut self, message: &[u8]) -> String {
        let order: Order = serde_json::from_slice(message).unwrap();
        let pacs = self.pacs(&order).unwrap();
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        quick_xml::se::to_writer(&mut text, &pacs).unwrap();
        text.push('\n');
        text
    }

    fn pacs(&self, order: &Order) -> Checked<Pacs> {
        require(self.uuid.is_match(&order.message_id), "messageId")?;
        order.created_at.parse::<Timestamp>().map_err(|_| "createdAt")?;
        require(!order.transfers.is_empty() && order.transfers.len() <= 500, "transfers")?;
        let currency = &order.transfers[0].amount.currency;
        require(order.transfers.iter().all(|it| it.amount.currency == *currency), "AM03 one message, one currency")?;
        let mut credits = Vec::new();
        let mut total = Decimal::ZERO;
        let today = self.now.to_zoned(self.zone.clone()).date();
        for transfer in &order.transfers {
            let (credit, amount) = self.credit(order, transfer, today)?;
            total += amount;
            credits.push(credit);
        }
        Ok(Pacs {
            namespace: "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08",
            transfer: Message {
                grp_hdr: Header {
                    msg_id: order.message_id.replace('-', "").to_lowercase(),
                    cre_dt_tm: order.created_at.clone(),
                    nb_of_txs: credits.len().to_string(),
                    ttl_intr_bk_sttlm_amt: Money { currency: currency.clone(), value: total.to_string() },
                    intr_bk_sttlm_dt: business_day(today).to_string(),
                    sttlm_inf: Settlement { method: "CLRG" },
                    instg_agt: agent("BANKDEFFXXX"),
                },
                cdt_trf_tx_inf: credits,
            },
        })
    }

    fn credit(&self, order: &Order, transfer: &Transfer, today: Date) -> Checked<(Credit, Decimal)> {
        if let Some(date) = &transfer.execution_date {
            let date: Date = date.parse().map_err(|_| "executionDate")?;
            require(date <= today, "DT01 not due yet")?;
        }
        require((1..=35).contains(&transfer.reference.chars().count()), "reference")?;
        let reference = self.fitting(&transfer.reference, 35)?;
        let end_to_end = transfer.end_to_end_id.as_deref().map(|it| limited(it, 50)).transpose()?.and_then(present);
        let uetr = match &transfer.uetr {
            Some(uetr) => {
                require(self.uetr.is_match(uetr), "uetr")?;
                uetr.clone()
            }
            None => uetr_from(&[&order.message_id, &transfer.reference]),
        };
        require(self.value.is_match(&transfer.amount.value), "amount")?;
        let decimals = *self.currencies.get(&transfer.amount.currency).ok_or("AM03 currency")?;
        let amount: Decimal = transfer.amount.value.parse().map_err(|_| "AM12 amount")?;
        let kept = if amount.scale() > decimals { amount.round_dp(decimals) } else { amount };
        require(kept == amount, "AM12 amount")?;
        let debtor = &transfer.debtor;
        let debtor_iban = present(&debtor.iban).map(|it| self.iban(it)).transpose()?;
        let bic = match (&debtor.bic, &debtor_iban) {
            (Some(bic), _) => {
                require(self.bic.is_match(bic), "RC01")?;
                bic.clone()
            }
            (None, Some(iban)) => {
                let (from, to) = self.ibans[&iban[..2]].1.ok_or("RC01")?;
                let key = (iban[..2].to_owned(), iban[from..to].to_owned());
                self.directory.get(&key).cloned().ok_or("RC01 no BIC known for the debtor IBAN")?
            }
            _ => return Err("RC01 no BIC known for the debtor IBAN".to_owned()),
        };
        let creditor = &transfer.creditor;
        require(self.bic.is_match(&creditor.bank_bic), "RC01")?;
        let account = match (creditor.iban.as_deref().and_then(present), creditor.account_number.as_deref().and_then(present)) {
            (Some(iban), _) => Some(AccountId { iban: Some(self.iban(iban)?), other: None }),
            (None, Some(number)) => Some(AccountId { iban: None, other: Some(Other { id: self.fitting(number, 34)? }) }),
            _ => None,
        };
        let text = transfer.remittance.as_ref().and_then(|it| it.text.as_deref()).map(|it| limited(it, 210)).transpose()?;
        let ustrd = text.and_then(present).map(|it| wrap(&self.epc(it), 140)).unwrap_or_default();
        let credit = Credit {
            pmt_id: PaymentId {
                instr_id: reference.clone(),
                end_to_end_id: end_to_end.map_or("NOTPROVIDED".to_owned(), |it| self.epc(it).chars().take(35).collect()),
                tx_id: reference,
                uetr,
            },
            pmt_tp_inf: (order.channel == Channel::Instant)
                .then_some(PaymentType { svc_lvl: Code { cd: "SEPA" }, lcl_instrm: Code { cd: "INST" } }),
            intr_bk_sttlm_amt: Money { currency: transfer.amount.currency.clone(), value: kept.to_string() },
            chrg_br: match transfer.charges_paid_by {
                Charges::Shared => "SHAR",
                Charges::Payer => "DEBT",
                Charges::Payee => "CRED",
            },
            dbtr: Party {
                nm: present(&debtor.name).map(|it| self.fitting(it, 140)).transpose()?,
                pstl_adr: self.postal(debtor.address.as_ref(), "BE07 town missing")?,
            },
            dbtr_acct: debtor_iban.map(|it| Account { id: AccountId { iban: Some(it), other: None } }),
            dbtr_agt: agent(&bic),
            cdtr_agt: agent(&creditor.bank_bic),
            cdtr: Party {
                nm: present(&creditor.name).map(|it| Ok::<_, String>(marked(&self.epc(limited(it, 200)?), 140))).transpose()?,
                pstl_adr: self.postal(creditor.address.as_ref(), "BE04 town missing")?,
            },
            cdtr_acct: account.map(|id| Account { id }),
            purp: transfer.purpose.as_ref().map(|it| Purpose { cd: it.clone() }),
            rmt_inf: (!ustrd.is_empty()).then_some(RemittanceInformation { ustrd }),
        };
        Ok((credit, kept))
    }

    fn postal(&self, address: Option<&Address>, missing: &str) -> Checked<Option<Postal>> {
        let Some(address) = address else { return Ok(None) };
        let lines = [&address.line1, &address.line2].into_iter().flatten().filter_map(|it| present(it));
        Ok(Some(Postal {
            pst_cd: address.postcode.as_deref().and_then(present).map(|it| self.fitting(it, 16)).transpose()?,
            twn_nm: self.fitting(address.city.as_deref().and_then(present).ok_or(missing)?, 35)?,
            ctry: address.country.clone(),
            adr_line: lines.map(|it| self.fitting(it, 70)).collect::<Checked<_>>()?,
        }))
    }

    /// A customer file to the batch files, one behind the other.
    pub fn batch(&mut self, message: &[u8]) -> Vec<u8> {
        let pain: Pain = quick_xml::de::from_str(std::str::from_utf8(message).unwrap()).unwrap();
        self.lanes(&pain).unwrap()
    }

    fn lanes(&self, pain: &Pain) -> Checked<Vec<u8>> {
        let initiation = &pain.initiation;
        let mut lanes: BTreeMap<String, Lane> = BTreeMap::new();
        let mut order = Vec::new();
        let (mut count, mut sum) = (0_u64, Decimal::ZERO);
        for payment in &initiation.pmt_inf {
            for transaction in &payment.cdt_trf_tx_inf {
                count += 1;
                let amount = transaction.amt.instd_amt.as_ref().ok_or("AM12 equivalent amounts are not supported")?;
                let value: Decimal = amount.value.parse().map_err(|_| "AM12")?;
                sum += value;
                if !lanes.contains_key(&amount.currency) {
                    order.push(amount.currency.clone());
                }
                let lane = lanes.entry(amount.currency.clone()).or_default();
                let record = self.detail(payment, transaction, value, lane)?;
                lane.records.push(record);
            }
        }
        require(initiation.grp_hdr.nb_of_txs.parse() == Ok(count), "AM18 number of transactions does not match")?;
        if let Some(claimed) = &initiation.grp_hdr.ctrl_sum {
            require(claimed.parse() == Ok(sum), "AM10 control sum does not match")?;
        }
        let now = self.now.to_zoned(self.zone.clone());
        let mut out = Vec::new();
        for currency in order {
            let lane = &lanes[&currency];
            let sender = self.fitting(&initiation.grp_hdr.msg_id, 35)?;
            let head = format!("00{:<8}{}{:06}{currency}{sender:<35}{:232}", "PAYHUB", now.strftime("%Y%m%d%H%M%S"), 1, "");
            self.put(&head, &mut out)?;
            for (record, amount) in lane.records.iter().zip(&lane.amounts) {
                let (before, behind) = record.split_at(record.find('\u{1}').unwrap());
                self.put(before, &mut out)?;
                packed(*amount, 13, &mut out)?;
                self.put(&behind[1..], &mut out)?;
            }
            self.put(&format!("99{:07}", lane.records.len()), &mut out)?;
            packed(lane.amounts.iter().sum(), 15, &mut out)?;
            self.put(&format!("{:012}{:271}", lane.hash % 1_000_000_000_000, ""), &mut out)?;
        }
        Ok(out)
    }

    /// A detail as text, its packed amount marked by U+0001.
    fn detail(&self, payment: &Payment, transaction: &Transaction, value: Decimal, lane: &mut Lane) -> Checked<String> {
        require(payment.pmt_mtd == "TRF", "NARR only credit transfers")?;
        let debit = payment.dbtr_acct.id.iban.as_deref().ok_or("AC02 debtor account is not an IBAN")?;
        let credit =
            transaction.cdtr_acct.as_ref().and_then(|it| it.id.iban.as_deref()).ok_or("AC03 creditor account is not an IBAN")?;
        let bic = match transaction.cdtr_agt.as_ref().and_then(|it| it.fin_instn_id.bic.as_deref()) {
            Some(bic) => {
                require(self.bic.is_match(bic) && self.countries.iter().any(|it| *it == bic[4..6]), "RC01")?;
                if bic.len() == 8 { format!("{bic}XXX") } else { bic.to_owned() }
            }
            None => String::new(),
        };
        let kept = value.round_dp(2);
        require(kept == value && kept < Decimal::from(100_000_000_000_u64), "AM12")?;
        let date = match (&payment.reqd_exctn_dt.dt, &payment.reqd_exctn_dt.dt_tm) {
            (Some(date), _) => date[..10].parse::<Date>().map_err(|_| "DT01")?,
            (None, Some(moment)) => moment.parse::<Timestamp>().map_err(|_| "DT01")?.to_zoned(self.zone.clone()).date(),
            _ => return Err("DT01".to_owned()),
        };
        let name = transaction.cdtr.as_ref().and_then(|it| it.nm.as_deref()).ok_or("BE22 creditor name missing")?;
        let texts = transaction.rmt_inf.as_ref().map(|it| it.ustrd.iter().map(|it| self.epc(it)).collect::<Vec<_>>().join(" "));
        let mut lines = texts.map(|it| wrap(&it, 27)).unwrap_or_default();
        if lines.len() > 4 {
            lines.truncate(4);
            let last = &mut lines[3];
            last.truncate(26);
            last.push('+');
        }
        let count = lines.len();
        lines.resize(4, String::new());
        let lines: String = lines.iter().map(|it| format!("{it:<27}")).collect();
        let charges = match transaction.chrg_br.as_deref().or(payment.chrg_br.as_deref()).unwrap_or("SLEV") {
            "DEBT" => "P",
            "CRED" => "B",
            _ => "S",
        };
        let last: String = credit.chars().skip(credit.chars().count().saturating_sub(10)).collect();
        lane.hash +=
            last.chars().map(|it| if it.is_ascii_digit() { it } else { '0' }).collect::<String>().parse::<u64>().unwrap();
        lane.amounts.push(kept);
        let name = marked(&self.epc(name), 35);
        let reference = self.fitting(&transaction.pmt_id.end_to_end_id, 35)?;
        Ok(format!(
            "10{:07}{debit:<34}{credit:<34}{bic:<11}\u{1}{}{name:<35}{reference:<35}{count}{lines}{charges}{:17}",
            lane.records.len() + 1,
            date.strftime("%Y%m%d"),
            "",
        ))
    }

    // ---- pieces ------------------------------------------------------------------------------------------------------

    fn put(&self, text: &str, out: &mut Vec<u8>) -> Checked<()> {
        for character in text.chars() {
            out.push(*self.page.get(&character).ok_or("RR10")?);
        }
        Ok(())
    }

    fn epc(&self, text: &str) -> String {
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

    fn fitting(&self, text: &str, length: usize) -> Checked<String> {
        let text = self.epc(text);
        require(text.chars().count() <= length, "FF01 the text is too long")?;
        Ok(text)
    }

    fn iban(&self, text: &str) -> Checked<String> {
        let text = text.replace(' ', "").to_uppercase();
        let length = text.get(..2).and_then(|it| self.ibans.get(it)).map(|it| it.0);
        require(length == Some(text.len()) && text.chars().all(|it| it.is_ascii_alphanumeric()), "AC01")?;
        let moved = format!("{}{}", &text[4..], &text[..4]);
        let remainder = moved.chars().fold(0_u32, |remainder, it| {
            let digit = it.to_digit(36).unwrap_or(0);
            (if digit > 9 { remainder * 100 } else { remainder * 10 } + digit) % 97
        });
        require(remainder == 1, "AC01")?;
        Ok(text)
    }
}

/// What the Payments Council replaces characters with.
pub fn epc_table() -> HashMap<char, String> {
    table(include_str!("../../src/engine/standards/epc217-08.tsv"))
        .map(|row| (u32::from_str_radix(&row[0][2..], 16).ok().and_then(char::from_u32).unwrap(), row[1].to_owned()))
        .collect()
}

fn require(holds: bool, what: &str) -> Checked<()> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn present(text: &str) -> Option<&str> {
    (!text.trim_matches(' ').is_empty()).then_some(text)
}

fn limited(text: &str, length: usize) -> Checked<&str> {
    require(text.chars().count() <= length, "FF01 the text is too long")?;
    Ok(text)
}

fn agent(bic: &str) -> Agent {
    Agent { institution: Institution { bic: bic.to_owned() } }
}

fn marked(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(length - 1).collect();
    cut.push('+');
    cut
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim_matches(' ');
    while !rest.is_empty() {
        if rest.chars().count() <= width {
            lines.push(rest.to_owned());
            break;
        }
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let inclusive = rest[end..].chars().next().map_or(end, |it| end + it.len_utf8());
        let at = rest[..inclusive].rfind(' ').filter(|at| *at > 0).unwrap_or(end);
        lines.push(rest[..at].trim_end_matches(' ').to_owned());
        rest = rest[at..].trim_start_matches(' ');
    }
    lines
}

fn packed(value: Decimal, digits: usize, out: &mut Vec<u8>) -> Checked<()> {
    let mut value = value;
    value.rescale(2);
    let text = format!("{:0digits$}C", value.mantissa());
    require(text.len() == digits + 1, "AM12")?;
    let nibble = |it: u8| char::from(it).to_digit(16).unwrap_or(0) as u8;
    out.extend(text.as_bytes().chunks(2).map(|it| nibble(it[0]) << 4 | nibble(it[1])));
    Ok(())
}

fn uetr_from(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let mut bytes = digest.finalize();
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes[..16].iter().map(|it| format!("{it:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn business_day(mut day: Date) -> Date {
    // The holidays of TARGET are left out: the measured day is not one.
    while day.weekday().to_monday_one_offset() > 5 {
        day = day.tomorrow().unwrap();
    }
    day
}
