//! JSON to a pacs.008: borrowed structs by serde_json, XML put by hand.

use super::text::{Text, put, put_element, put_end, put_start};
use super::{Checked, require};
use crate::shapes::pacs::{Account, Agent, Credit, Message, Party, Postal, Root};
use serde::Deserialize;
use serde_json::value::RawValue;

/// An amount; its number stays the text that it is.
#[derive(Deserialize)]
struct Amount<'a> {
    #[serde(rename = "@Ccy", borrow)]
    currency: Text<'a>,
    #[serde(rename = "$value", borrow)]
    value: &'a RawValue,
}

/// JSON to a pacs.008.
pub(crate) fn written(json: &[u8], out: &mut Vec<u8>) {
    let text = std::str::from_utf8(json).unwrap();
    let Root { document } = serde_json::from_str::<Root<Text<'_>, Amount<'_>>>(text).unwrap();
    message(&document.transfer, out).unwrap();
}

fn message(message: &Message<Text<'_>, Amount<'_>>, out: &mut Vec<u8>) -> Checked<()> {
    let header = &message.grp_hdr;
    put(
        ["<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\">\
         <FIToFICstmrCdtTrf><GrpHdr>"],
        out,
    );
    put_element("MsgId", &header.msg_id, out);
    put_element("CreDtTm", &header.cre_dt_tm, out);
    put_element("NbOfTxs", &header.nb_of_txs, out);
    amount("TtlIntrBkSttlmAmt", &header.ttl_intr_bk_sttlm_amt, out)?;
    put_element("IntrBkSttlmDt", &header.intr_bk_sttlm_dt, out);
    put(["<SttlmInf>"], out);
    put_element("SttlmMtd", &header.sttlm_inf.sttlm_mtd, out);
    put(["</SttlmInf>"], out);
    agent("InstgAgt", &header.instg_agt, out);
    put(["</GrpHdr>"], out);
    for one in &message.cdt_trf_tx_inf {
        credit(one, out)?;
    }
    put(["</FIToFICstmrCdtTrf></Document>\n"], out);
    Ok(())
}

fn credit(credit: &Credit<Text<'_>, Amount<'_>>, out: &mut Vec<u8>) -> Checked<()> {
    put(["<CdtTrfTxInf><PmtId>"], out);
    put_element("InstrId", &credit.pmt_id.instr_id, out);
    put_element("EndToEndId", &credit.pmt_id.end_to_end_id, out);
    put_element("TxId", &credit.pmt_id.tx_id, out);
    put_element("UETR", &credit.pmt_id.uetr, out);
    put(["</PmtId>"], out);
    if let Some(kind) = &credit.pmt_tp_inf {
        put(["<PmtTpInf>"], out);
        for level in &kind.svc_lvl {
            put(["<SvcLvl>"], out);
            put_element("Cd", &level.cd, out);
            put(["</SvcLvl>"], out);
        }
        put(["<LclInstrm>"], out);
        put_element("Cd", &kind.lcl_instrm.cd, out);
        put(["</LclInstrm></PmtTpInf>"], out);
    }
    amount("IntrBkSttlmAmt", &credit.intr_bk_sttlm_amt, out)?;
    put_element("ChrgBr", &credit.chrg_br, out);
    party("Dbtr", &credit.dbtr, out);
    account("DbtrAcct", credit.dbtr_acct.as_ref(), out);
    agent("DbtrAgt", &credit.dbtr_agt, out);
    agent("CdtrAgt", &credit.cdtr_agt, out);
    party("Cdtr", &credit.cdtr, out);
    account("CdtrAcct", credit.cdtr_acct.as_ref(), out);
    if let Some(purpose) = &credit.purp {
        put(["<Purp>"], out);
        put_element("Cd", &purpose.cd, out);
        put(["</Purp>"], out);
    }
    if let Some(lines) = &credit.rmt_inf {
        put(["<RmtInf>"], out);
        lines.ustrd.iter().for_each(|it| put_element("Ustrd", it, out));
        put(["</RmtInf>"], out);
    }
    put(["</CdtTrfTxInf>"], out);
    Ok(())
}

/// A number of JSON may have an exponent, an amount of XML may not.
fn amount(name: &str, amount: &Amount<'_>, out: &mut Vec<u8>) -> Checked<()> {
    let value = amount.value.get();
    require(value.bytes().all(|it| it.is_ascii_digit() || it == b'.'), "an amount")?;
    require(amount.currency.bytes().all(|it| it.is_ascii_uppercase()), "a currency")?;
    put(["<", name, " Ccy=\"", &amount.currency, "\">", value, "</", name, ">"], out);
    Ok(())
}

fn agent(name: &str, agent: &Agent<Text<'_>>, out: &mut Vec<u8>) {
    let from = put_start(name, out);
    put(["<FinInstnId>"], out);
    put_element("BICFI", &agent.fin_instn_id.bic, out);
    put(["</FinInstnId>"], out);
    put_end(name, from, out);
}

fn party(name: &str, party: &Party<Text<'_>>, out: &mut Vec<u8>) {
    let from = put_start(name, out);
    if let Some(text) = &party.nm {
        put_element("Nm", text, out);
    }
    if let Some(address) = &party.pstl_adr {
        postal(address, out);
    }
    put_end(name, from, out);
}

fn postal(address: &Postal<Text<'_>>, out: &mut Vec<u8>) {
    put(["<PstlAdr>"], out);
    if let Some(postcode) = &address.pst_cd {
        put_element("PstCd", postcode, out);
    }
    put_element("TwnNm", &address.twn_nm, out);
    put_element("Ctry", &address.ctry, out);
    address.adr_line.iter().for_each(|it| put_element("AdrLine", it, out));
    put(["</PstlAdr>"], out);
}

fn account(name: &str, account: Option<&Account<Text<'_>>>, out: &mut Vec<u8>) {
    let Some(Account { id }) = account else { return };
    let from = put_start(name, out);
    put(["<Id>"], out);
    if let Some(iban) = &id.iban {
        put_element("IBAN", iban, out);
    }
    if let Some(other) = &id.other {
        put(["<Othr>"], out);
        put_element("Id", &other.id, out);
        put(["</Othr>"], out);
    }
    put(["</Id>"], out);
    put_end(name, from, out);
}
