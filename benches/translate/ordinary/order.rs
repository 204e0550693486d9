//! An order to a pacs.008: owned structs by serde on both sides.

use super::pacs::*;
use super::rules::{Checked, Rules, business_day, limited, marked, present, require, uetr_from, wrap};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::Deserialize;

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

impl Rules {
    /// An order to a pacs.008.
    pub(crate) fn order(&self, message: &[u8]) -> String {
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
            // A zero loses its decimals in a sum.
            let scale = total.scale().max(amount.scale());
            total += amount;
            total.rescale(scale);
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
}

fn agent(bic: &str) -> Agent {
    Agent { institution: Institution { bic: bic.to_owned() } }
}
