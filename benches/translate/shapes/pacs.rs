//! A pacs.008, in XML and in JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A pacs.008 in JSON; texts are owned or borrowed, amounts as a number or as a text.
#[derive(Deserialize, Serialize)]
pub(crate) struct Root<S, M> {
    #[serde(rename = "Document")]
    pub(crate) document: Document<S, M>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename = "Document")]
pub(crate) struct Document<S, M> {
    #[serde(rename = "@xmlns", default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<&'static str>,
    #[serde(rename = "FIToFICstmrCdtTrf")]
    pub(crate) transfer: Message<S, M>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Message<S, M> {
    pub(crate) grp_hdr: Header<S, M>,
    pub(crate) cdt_trf_tx_inf: Vec<Credit<S, M>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Header<S, M> {
    pub(crate) msg_id: S,
    pub(crate) cre_dt_tm: S,
    pub(crate) nb_of_txs: S,
    pub(crate) ttl_intr_bk_sttlm_amt: M,
    pub(crate) intr_bk_sttlm_dt: S,
    pub(crate) sttlm_inf: Settlement<S>,
    pub(crate) instg_agt: Agent<S>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Settlement<S> {
    pub(crate) sttlm_mtd: S,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Agent<S> {
    pub(crate) fin_instn_id: Institution<S>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Institution<S> {
    #[serde(rename = "BICFI")]
    pub(crate) bic: S,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credit<S, M> {
    pub(crate) pmt_id: Identifiers<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pmt_tp_inf: Option<Kind<S>>,
    pub(crate) intr_bk_sttlm_amt: M,
    pub(crate) chrg_br: S,
    pub(crate) dbtr: Party<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dbtr_acct: Option<Account<S>>,
    pub(crate) dbtr_agt: Agent<S>,
    pub(crate) cdtr_agt: Agent<S>,
    pub(crate) cdtr: Party<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cdtr_acct: Option<Account<S>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purp: Option<Code<S>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rmt_inf: Option<Lines<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Identifiers<S> {
    pub(crate) instr_id: S,
    pub(crate) end_to_end_id: S,
    pub(crate) tx_id: S,
    #[serde(rename = "UETR")]
    pub(crate) uetr: S,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Kind<S> {
    pub(crate) svc_lvl: Vec<Code<S>>,
    pub(crate) lcl_instrm: Code<S>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Code<S> {
    pub(crate) cd: S,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Party<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nm: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pstl_adr: Option<Postal<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Postal<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pst_cd: Option<S>,
    pub(crate) twn_nm: S,
    pub(crate) ctry: S,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub(crate) adr_line: Vec<S>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Account<S> {
    pub(crate) id: AccountId<S>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct AccountId<S> {
    #[serde(rename = "IBAN", skip_serializing_if = "Option::is_none")]
    pub(crate) iban: Option<S>,
    #[serde(rename = "Othr", skip_serializing_if = "Option::is_none")]
    pub(crate) other: Option<Other<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Other<S> {
    pub(crate) id: S,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Lines<S> {
    pub(crate) ustrd: Vec<S>,
}
/// An amount as it is read from XML and shown in JSON.
#[derive(Deserialize, Serialize)]
pub(crate) struct Shown {
    #[serde(rename = "@Ccy")]
    pub(crate) currency: String,
    #[serde(rename(deserialize = "$text", serialize = "$value"), serialize_with = "as_number")]
    pub(crate) value: String,
}

/// An amount as it is read from JSON and written to XML.
#[derive(Deserialize, Serialize)]
pub(crate) struct Written {
    #[serde(rename = "@Ccy")]
    pub(crate) currency: String,
    #[serde(rename(deserialize = "$value", serialize = "$text"), deserialize_with = "of_number")]
    pub(crate) value: String,
}

fn as_number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    text.parse::<serde_json::Number>().unwrap().serialize(to)
}

fn of_number<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    serde_json::Number::deserialize(from).map(|it| it.to_string())
}
