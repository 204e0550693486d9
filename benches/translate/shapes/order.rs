//! An order in JSON.

use serde::{Deserialize, Serialize};

/// An order; texts are owned or borrowed.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<S> {
    pub(crate) message_id: S,
    pub(crate) created_at: S,
    pub(crate) channel: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callback_url: Option<S>,
    pub(crate) transfers: Vec<Transfer<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transfer<S> {
    pub(crate) reference: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_to_end_id: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uetr: Option<S>,
    pub(crate) amount: Amount<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) execution_date: Option<S>,
    pub(crate) charges_paid_by: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<S>,
    pub(crate) debtor: Debtor<S>,
    pub(crate) creditor: Creditor<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remittance: Option<Remittance<S>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<Metadata<S>>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Amount<S> {
    pub(crate) value: S,
    pub(crate) currency: S,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Debtor<S> {
    pub(crate) name: S,
    pub(crate) iban: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bic: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Creditor<S> {
    pub(crate) name: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iban: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_number: Option<S>,
    pub(crate) bank_bic: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address<S>>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Address<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line1: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line2: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postcode: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<S>,
    pub(crate) country: S,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Remittance<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<S>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) screen_version: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ab_test: Option<S>,
}
