//! A customer file to the batch files of the core: owned structs by serde, records by `format!`.

use super::rules::{Checked, Rules, marked, require, wrap};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

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
impl Rules {
    /// A customer file to the batch files, one behind the other.
    pub(crate) fn batch(&self, message: &[u8]) -> Vec<u8> {
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
