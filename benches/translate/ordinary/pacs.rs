//! A pacs.008 as it is written for an order.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename = "Document")]
pub(super) struct Pacs {
    #[serde(rename = "@xmlns")]
    pub(super) namespace: &'static str,
    #[serde(rename = "FIToFICstmrCdtTrf")]
    pub(super) transfer: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    pub(super) grp_hdr: Header,
    pub(super) cdt_trf_tx_inf: Vec<Credit>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Header {
    pub(super) msg_id: String,
    pub(super) cre_dt_tm: String,
    pub(super) nb_of_txs: String,
    pub(super) ttl_intr_bk_sttlm_amt: Money,
    pub(super) intr_bk_sttlm_dt: String,
    pub(super) sttlm_inf: Settlement,
    pub(super) instg_agt: Agent,
}

#[derive(Serialize)]
pub(super) struct Settlement {
    #[serde(rename = "SttlmMtd")]
    pub(super) method: &'static str,
}

#[derive(Serialize)]
pub(super) struct Money {
    #[serde(rename = "@Ccy")]
    pub(super) currency: String,
    #[serde(rename = "$text")]
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Agent {
    #[serde(rename = "FinInstnId")]
    pub(super) institution: Institution,
}

#[derive(Serialize)]
pub(super) struct Institution {
    #[serde(rename = "BICFI")]
    pub(super) bic: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Credit {
    pub(super) pmt_id: PaymentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pmt_tp_inf: Option<PaymentType>,
    pub(super) intr_bk_sttlm_amt: Money,
    pub(super) chrg_br: &'static str,
    pub(super) dbtr: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dbtr_acct: Option<Account>,
    pub(super) dbtr_agt: Agent,
    pub(super) cdtr_agt: Agent,
    pub(super) cdtr: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cdtr_acct: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purp: Option<Purpose>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rmt_inf: Option<RemittanceInformation>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PaymentId {
    pub(super) instr_id: String,
    pub(super) end_to_end_id: String,
    pub(super) tx_id: String,
    #[serde(rename = "UETR")]
    pub(super) uetr: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PaymentType {
    pub(super) svc_lvl: Code,
    pub(super) lcl_instrm: Code,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Code {
    pub(super) cd: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Party {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pstl_adr: Option<Postal>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Postal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pst_cd: Option<String>,
    pub(super) twn_nm: String,
    pub(super) ctry: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) adr_line: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Account {
    pub(super) id: AccountId,
}

#[derive(Serialize)]
pub(super) struct AccountId {
    #[serde(rename = "IBAN", skip_serializing_if = "Option::is_none")]
    pub(super) iban: Option<String>,
    #[serde(rename = "Othr", skip_serializing_if = "Option::is_none")]
    pub(super) other: Option<Other>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Other {
    pub(super) id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Purpose {
    pub(super) cd: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RemittanceInformation {
    pub(super) ustrd: Vec<String>,
}
