//! A SOAP answer, in XML and in JSON.

use serde::{Deserialize, Serialize};

/// An answer in JSON: the body or, instead, the fault. Texts are owned or borrowed.
#[derive(Deserialize, Serialize)]
pub(crate) struct Plain<S> {
    #[serde(rename = "Body", skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Body<S>>,
    #[serde(rename = "Fault", skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault<S>>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Body<S> {
    #[serde(rename = "SubmitPaymentResponse")]
    pub(crate) response: Response<S>,
}

/// An answer in XML.
#[derive(Deserialize, Serialize)]
#[serde(rename = "soap:Envelope")]
pub(crate) struct Envelope<S> {
    #[serde(rename = "@xmlns:soap", skip_deserializing)]
    pub(crate) namespace: &'static str,
    #[serde(rename(serialize = "soap:Body", deserialize = "Body"))]
    pub(crate) body: Content<S>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Content<S> {
    #[serde(rename = "SubmitPaymentResponse", skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Response<S>>,
    #[serde(rename(serialize = "soap:Fault", deserialize = "Fault"), skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault<S>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response<S> {
    pub(crate) reference: S,
    pub(crate) status: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) booked_at: Option<S>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub(crate) message: Vec<Message<S>>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Message<S> {
    pub(crate) text: S,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Fault<S> {
    pub(crate) faultcode: S,
    pub(crate) faultstring: S,
    pub(crate) detail: Detail<S>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Detail<S> {
    pub(crate) reason: S,
    pub(crate) reference: S,
}

pub(crate) const NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

impl<S> Envelope<S> {
    pub(crate) fn new(body: Content<S>) -> Self {
        Envelope { namespace: NAMESPACE, body }
    }
}
