//! What can be unusual about an order: one row a case, so that every rule of a mapping, each of its branches and each refusal
//! has an order that reaches it.

use crate::random::Random;
use crate::tree::Tree;
use crate::words;

/// Paths and values. A path is within one of the transfers, behind `^` within the order. A value is JSON as it stands in the
/// text; `-` takes the member away; `*140 ä` is a text of 140 times that; `#200` is words of 200 characters; `!` is today, `!1`
/// tomorrow.
type Twist = &'static [(&'static str, &'static str)];

pub(crate) const TWISTS: &[Twist] = &[
    &[],
    // The header.
    &[("^messageId", r#""3F8E0E1C-5A52-4A52-9A2E-8C2C1DDC9F02""#)],
    &[("^messageId", r#""3f8e0e1c-5a52-4a52-9a2e-8c2c1ddc9f0""#)],
    &[("^messageId", r#""3f8e0e1c5a52-4a52-9a2e-8c2c1ddc9f02-""#)],
    &[("^messageId", "-")],
    &[("^messageId", "17")],
    &[("^createdAt", r#""2026-03-02T09:15:00Z""#)],
    &[("^createdAt", r#""2026-03-02T09:15:00.123456-03:30""#)],
    &[("^createdAt", r#""2024-02-29T23:59:59+14:00""#)],
    &[("^createdAt", r#""2026-02-29T09:15:00Z""#)],
    &[("^createdAt", r#""2026-03-02T09:15:00""#)],
    &[("^createdAt", r#""2026-03-02T24:00:00Z""#)],
    &[("^channel", r#""INSTANT""#)],
    &[("^channel", r#""INSTNT""#)],
    &[("^channel", "null")],
    &[("^callbackUrl", "-")],
    &[("^callbackUrl", "*201 x")],
    &[("^unknownMember", r#"{"a":[1,2,{"b":null}],"c":"é"}"#)],
    &[("^transfers", "[]")],
    &[("^transfers", "{}")],
    &[("^transfers", "-")],
    // References.
    &[("reference", r#""A-1/2 (b).,'+?:""#)],
    &[("reference", r#""Réf#1 ß €""#)],
    &[("reference", r#""   ""#)],
    &[("reference", r#""""#)],
    &[("reference", "*35 Я")],
    &[("reference", "*35 9")],
    &[("reference", "*36 9")],
    &[("endToEndId", "-")],
    &[("endToEndId", r#""""#)],
    &[("endToEndId", r#""    ""#)],
    &[("endToEndId", "*35 e")],
    &[("endToEndId", "*36 e")],
    &[("endToEndId", "*50 é")],
    &[("endToEndId", "*30 Щ")],
    &[("endToEndId", "*51 e")],
    &[("endToEndId", r#""e\u0301\u00e9 \ud83d\ude00 \"q\" \\ \/ <&>""#)],
    &[("uetr", r#""eb6305c9-1f7f-49de-aed0-16487c27b42d""#)],
    &[("uetr", "-")],
    &[("uetr", r#""EB6305C9-1F7F-49DE-AED0-16487C27B42D""#)],
    &[("uetr", r#""eb6305c9-1f7f-11de-aed0-16487c27b42d""#)],
    &[("uetr", r#""eb6305c9-1f7f-49de-aed0-16487c27b42""#)],
    &[("uetr", r#""""#)],
    // Amounts.
    &[("amount/value", r#""10""#)],
    &[("amount/value", r#""10.5""#)],
    &[("amount/value", r#""010.50""#)],
    &[("amount/value", r#""000000000000""#)],
    &[("amount/value", r#""10.500""#)],
    &[("amount/value", r#""10.505""#)],
    &[("amount/value", r#""999999999999.99""#)],
    &[("amount/value", r#""0.01""#)],
    &[("amount/value", r#""0.00""#)],
    &[("amount/value", r#""1000000000000""#)],
    &[("amount/value", r#""1.2345""#)],
    &[("amount/value", r#""-1""#)],
    &[("amount/value", r#""1e3""#)],
    &[("amount/value", r#""""#)],
    &[("amount/value", "12.5")],
    &[("^ccy", "JPY"), ("amount/value", r#""125000.00""#)],
    &[("^ccy", "JPY"), ("amount/value", r#""125000""#)],
    &[("^ccy", "JPY"), ("amount/value", r#""1.5""#)],
    &[("^ccy", "KWD"), ("amount/value", r#""1.234""#)],
    &[("^ccy", "KWD"), ("amount/value", r#""1.2""#)],
    &[("^ccy", "CHF")],
    &[("^ccy", "ZZZ")],
    &[("amount/currency", r#""USD""#)],
    &[("amount/currency", r#""ZZZ""#)],
    &[("amount/currency", r#""eur""#)],
    &[("amount/currency", r#""EURO""#)],
    &[("amount", "-")],
    &[("amount", r#""10 EUR""#)],
    // Dates.
    &[("executionDate", "!")],
    &[("executionDate", "!-1")],
    &[("executionDate", "!1")],
    &[("executionDate", r#""2026-02-30""#)],
    &[("executionDate", r#""2026-1-3""#)],
    // Codes.
    &[("chargesPaidBy", r#""SHARED""#)],
    &[("chargesPaidBy", r#""PAYER""#)],
    &[("chargesPaidBy", r#""PAYEE""#)],
    &[("chargesPaidBy", r#""OTHER""#)],
    &[("chargesPaidBy", "-")],
    &[("purpose", r#""SALA""#)],
    &[("purpose", "-")],
    &[("purpose", r#""sala""#)],
    // The debtor.
    &[("debtor/name", r#""Müller & Söhne <KG> \"x\"""#)],
    &[("debtor/name", "*140 x")],
    &[("debtor/name", "*140 ä")],
    &[("debtor/name", "*140 Ж")],
    &[("debtor/name", "*141 x")],
    &[("debtor/name", r#""  ""#)],
    &[("debtor/name", "-")],
    &[("debtor/name", r#""A","name":"B""#)],
    &[("debtor/iban", r#""de89 3704 0044 0532 0130 00""#)],
    &[("debtor/iban", r#""DE89370400440532013000""#), ("debtor/bic", "-")],
    &[("debtor/iban", r#""DE12500105170648489890""#), ("debtor/bic", "-")],
    &[("debtor/iban", r#""de12 5001 0517 0648 4898 90""#), ("debtor/bic", "-")],
    &[("debtor/iban", r#""FR7630006000011234567890189""#), ("debtor/bic", "-")],
    &[("debtor/iban", r#""GB29NWBK60161331926819""#), ("debtor/bic", "-")],
    &[("debtor/iban", r#""DE88370400440532013000""#)],
    &[("debtor/iban", r#""DE88370400440532013000""#), ("debtor/bic", "-")],
    &[("debtor/iban", r#""XX89370400440532013000""#)],
    &[("debtor/iban", r#""DE8937040044053201300""#)],
    &[("debtor/iban", r#""DE89-3704-0044-0532-0130-00""#)],
    &[("debtor/iban", r#""MT84MALT011000012345mtlcast001s""#)],
    &[("debtor/iban", r#""""#)],
    &[("debtor/iban", r#""""#), ("debtor/bic", "-")],
    &[("debtor/iban", "-")],
    &[("debtor/bic", r#""COBADEFFXXX""#)],
    &[("debtor/bic", r#""11111111111""#)],
    &[("debtor/bic", r#""COBADEFF""#)],
    &[("debtor/bic", r#""NOTPROVIDED""#)],
    &[("debtor", "-")],
    &[("debtor/address", "-")],
    &[("debtor/address", r#"{"country":"DE"}"#)],
    &[("debtor/address", r#"{"country":"DE","city":"Köln"}"#)],
    &[("debtor/address", r#"{"country":"DE","city":"  ","line1":"Domplatz 1"}"#)],
    &[("debtor/address", r#"{"country":"DE","city":"Köln","line2":"Hinterhaus"}"#)],
    &[("debtor/address", r#"{"country":"DE","city":"Köln","line1":"","line2":" "}"#)],
    &[("debtor/address", r#"{"country":"DE","city":"Köln","postcode":""}"#)],
    &[("debtor/address", r#"{"city":"Köln"}"#)],
    &[("debtor/address", r#"{"country":"de","city":"Köln"}"#)],
    &[("debtor/address/line1", "*70 Щ")],
    &[("debtor/address/line1", "*70 é")],
    &[("debtor/address/line1", "*71 e")],
    &[("debtor/address/postcode", "*16 Щ")],
    &[("debtor/address/city", "*35 Щ")],
    // The creditor.
    &[("creditor/name", "*140 x")],
    &[("creditor/name", "*141 x")],
    &[("creditor/name", "*200 ö")],
    &[("creditor/name", "*130 Щ")],
    &[("creditor/name", "*201 x")],
    &[("creditor/name", r#""""#)],
    &[("creditor/iban", r#""fr76 3000 6000 0112 3456 7890 189""#)],
    &[("creditor/iban", r#""FR7630006000011234567890188""#)],
    &[("creditor/iban", "-"), ("creditor/accountNumber", r#""12345/äß""#)],
    &[("creditor/iban", "-"), ("creditor/accountNumber", "-")],
    &[("creditor/iban", r#"" ""#), ("creditor/accountNumber", r#""77-88""#)],
    &[("creditor/iban", "-"), ("creditor/accountNumber", r#""  ""#)],
    &[("creditor/iban", "-"), ("creditor/accountNumber", "*34 Щ")],
    &[("creditor/accountNumber", r#""123""#)],
    &[("creditor/bankBic", r#""AGRIFRPPXXX""#)],
    &[("creditor/bankBic", r#""AGR1FRPPXXX""#)],
    &[("creditor/bankBic", r#""AGRI11PPXXX""#)],
    &[("creditor/bankBic", r#""agrifrppxxx""#)],
    &[("creditor/bankBic", "-")],
    &[("creditor", "-")],
    &[("creditor/address", "-")],
    &[("creditor/address", r#"{"country":"FR"}"#)],
    &[("creditor/address", r#"{"country":"FR","city":"Paris","postcode":"75002","line1":"2, rue X","line2":"BP 1"}"#)],
    &[("creditor/address/city", "*35 é")],
    &[("creditor/address/city", "*35 Щ")],
    &[("creditor/address/line1", "*70 Щ")],
    &[("creditor/address/postcode", "*16 Щ")],
    &[("creditor/address", r#"{"country":"FR"}"#), ("debtor/address", r#"{"country":"DE"}"#), ("debtor/iban", r#""X""#)],
    // What it is for.
    &[("remittance", "-")],
    &[("remittance", "{}")],
    &[("remittance/text", r#""""#)],
    &[("remittance/text", r#""    ""#)],
    &[("remittance/text", "#140")],
    &[("remittance/text", "#141")],
    &[("remittance/text", "#210")],
    &[("remittance/text", "*210 x")],
    &[("remittance/text", "*105 x ")],
    &[("remittance/text", "*70 Щ ")],
    &[("remittance/text", r#""a   b\n\nc\t d""#)],
    &[("remittance/text", "*211 x")],
    &[("metadata", "-")],
    &[("metadata", r#"{"screenVersion":"1","abTest":"b","more":"unknown"}"#)],
    &[("metadata", r#""no object""#)],
    &[("note", r#""the schema names no such member""#)],
    // The same in another order.
    &[("^", "reverse")],
    &[("^", "reverse"), ("^channel", r#""INSTANT""#), ("debtor/bic", "-"), ("amount/value", r#""1.5""#)],
    &[("^", "many")],
];

/// Applies a twist to one of the transfers.
pub(crate) fn apply(twist: Twist, order: &mut Tree, transfer: usize, today: &dyn Fn(i64) -> String, random: &mut Random) {
    for (path, value) in twist {
        let whole = match path.strip_prefix('^') {
            Some(of_order) => of_order.to_owned(),
            None => format!("transfers/{transfer}/{path}"),
        };
        match (*path, *value) {
            // These are about the order as it is made.
            ("^" | "^ccy", _) => {}
            (_, "-") => order.remove(&whole),
            (_, value) => order.set(&whole, tree(value, today, random)),
        }
    }
}

/// Whether a twist asks for something of the order as it is made.
pub(crate) fn asks(twist: Twist, path: &str) -> Option<&'static str> {
    twist.iter().find(|(it, _)| *it == path).map(|(_, value)| *value)
}

fn tree(value: &str, today: &dyn Fn(i64) -> String, random: &mut Random) -> Tree {
    if let Some((count, unit)) = value.strip_prefix('*').and_then(|it| it.split_once(' ')) {
        return Tree::text(&unit.repeat(count.parse().unwrap_or(1)));
    }
    if let Some(count) = value.strip_prefix('#') {
        return Tree::text(&words::text(random, count.parse().unwrap_or(1)));
    }
    if let Some(days) = value.strip_prefix('!') {
        return Tree::text(&today(days.parse().unwrap_or(0)));
    }
    Tree::Raw(value.to_owned())
}
