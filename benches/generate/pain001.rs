//! Customer files: pain.001.001.09.

use crate::random::Random;
use crate::words;
use clap::Args;
use std::fmt::Write as _;
use std::io::{self, Write};

/// A customer file, pain.001.001.09.
///
/// Examples: latimer-generate pain001 --transactions 1000000 > large.xml; latimer-generate pain001 --variety --seed 7 > file.xml
#[derive(Debug, Args)]
pub(crate) struct Pain001 {
    /// How many transactions
    #[arg(long, default_value_t = 100)]
    transactions: u64,
    /// How many of them a PmtInf has
    #[arg(long, default_value_t = 1000)]
    group: u64,
    /// How many currencies, 1 to 5
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=5))]
    currencies: u64,
    /// What the content is made of
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cheques, equivalent amounts, accounts without IBAN, missing names, odd digits, totals that do not hold, all by the seed
    #[arg(long)]
    variety: bool,
}

const CURRENCIES: [&str; 5] = ["EUR", "USD", "GBP", "CHF", "JPY"];
const BICS: [&str; 6] = ["COBADEFFXXX", "AGRIFRPP", "NWBKGB2LXXX", "ABNANL2A", "UBSWCHZH80A", "B4NKDEFF"];

/// What a file has but once.
struct Totals {
    count: u64,
    /// In cents.
    sum: Option<u64>,
}

impl Pain001 {
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut random = Random::of(self.seed, 10, 0);
        let totals = self.totals(&mut random);
        let mut text = String::with_capacity(4096);
        self.head(&totals, &mut random, &mut text);
        let mut at = 0;
        let mut group = 0;
        while at < self.transactions {
            let mut of_group = Random::of(self.seed, 11, group);
            let count = if self.variety { 1 + of_group.below(self.group.min(40)) } else { self.group };
            let end = self.transactions.min(at + count.max(1));
            self.open_group(group, &mut of_group, &mut text);
            while at < end {
                self.transaction(at, &mut text);
                at += 1;
                if text.len() > 1 << 16 {
                    out.write_all(text.as_bytes())?;
                    text.clear();
                }
            }
            text.push_str("</PmtInf>\n");
            group += 1;
        }
        text.push_str("</CstmrCdtTrfInitn></Document>\n");
        out.write_all(text.as_bytes())
    }

    /// Amounts depend on the seed and their place alone, so the sum is known before the first is written.
    fn totals(&self, random: &mut Random) -> Totals {
        let mut sum: u64 = (0..self.transactions).filter_map(|at| self.cents(at)).sum();
        let mut count = self.transactions;
        if self.variety {
            match random.below(12) {
                0 => count += 1,
                1 => sum += 1,
                2..=4 => return Totals { count, sum: None },
                _ => {}
            }
            // Amounts that are more than cents make the sum a thing of the reader's own.
            if (0..self.transactions).any(|at| self.is_odd(at)) {
                return Totals { count, sum: None };
            }
        }
        Totals { count, sum: Some(sum) }
    }

    fn head(&self, totals: &Totals, random: &mut Random, text: &mut String) {
        let sender = if self.variety && random.one_in(3) {
            format!("Kündigung #{} €", random.digits(6))
        } else {
            format!("MSG-{}", random.digits(10))
        };
        text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\n");
        let _ = write!(
            text,
            "<GrpHdr><MsgId>{sender}</MsgId><CreDtTm>2026-03-02T08:00:00+01:00</CreDtTm><NbOfTxs>{}</NbOfTxs>",
            totals.count
        );
        if let Some(sum) = totals.sum {
            let _ = write!(text, "<CtrlSum>{}.{:02}</CtrlSum>", sum / 100, sum % 100);
        }
        text.push_str("<InitgPty><Nm>Kunde 77</Nm></InitgPty></GrpHdr>\n");
    }

    fn open_group(&self, group: u64, random: &mut Random, text: &mut String) {
        let odd = |random: &mut Random, often| self.variety && random.one_in(often);
        let method = if odd(random, 5) { random.pick(&["CHK", "TRA"], "CHK") } else { "TRF" };
        let _ = write!(text, "<PmtInf><PmtInfId>P{group}</PmtInfId><PmtMtd>{method}</PmtMtd><ReqdExctnDt>");
        match if self.variety { random.below(6) } else { 0 } {
            1 => text.push_str("<DtTm>2026-03-03T23:30:00Z</DtTm>"),
            2 => text.push_str("<DtTm>2026-07-03T22:15:00.5+00:00</DtTm>"),
            3 => text.push_str("<DtTm>2026-03-03T23:30:00</DtTm>"),
            4 => text.push_str("<Dt>2026-03-04+02:00</Dt>"),
            _ => {
                let _ = write!(text, "<Dt>2026-03-{:02}</Dt>", 3 + random.below(25));
            }
        }
        text.push_str("</ReqdExctnDt><Dbtr><Nm>");
        escaped(words::name(random), text);
        text.push_str("</Nm></Dbtr><DbtrAcct><Id>");
        if odd(random, 8) {
            text.push_str("<Othr><Id>0532013000</Id></Othr>");
        } else {
            let _ = write!(text, "<IBAN>{}</IBAN>", words::known_iban(random));
        }
        text.push_str("</Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>");
        if odd(random, 2) {
            let _ = write!(text, "<ChrgBr>{}</ChrgBr>", random.pick(&["SHAR", "DEBT", "CRED", "SLEV"], "SLEV"));
        }
        text.push('\n');
    }

    /// The amount of a transaction in cents, if it has one.
    fn cents(&self, at: u64) -> Option<u64> {
        let mut random = Random::of(self.seed, 12, at);
        let cents = 1 + random.below(10_000_000);
        if self.variety && random.one_in(12) {
            return None;
        }
        Some(if self.currency(at) == "JPY" { cents / 100 * 100 } else { cents })
    }

    /// Whether the amount of a transaction has more than two decimals or more than eleven digits before the point.
    fn is_odd(&self, at: u64) -> bool {
        self.variety && self.cents(at).is_some() && Random::of(self.seed, 13, at).one_in(30)
    }

    fn currency(&self, at: u64) -> &'static str {
        let count = usize::try_from(self.currencies).unwrap_or(1);
        Random::of(self.seed, 14, at).pick(CURRENCIES.get(..count).unwrap_or_default(), "EUR")
    }

    fn transaction(&self, at: u64, text: &mut String) {
        let mut drawn = Random::of(self.seed, 15, at);
        let random = &mut drawn;
        let odd = |random: &mut Random, often| self.variety && random.one_in(often);
        let _ = write!(text, "<CdtTrfTxInf><PmtId><InstrId>I-{at}</InstrId><EndToEndId>");
        if odd(random, 6) {
            escaped("Ende zu Ende: <é> & Ωmega, 35 Zeich", text)
        } else {
            let _ = write!(text, "E2E-{:012}-{}", at, random.digits(8));
        }
        text.push_str("</EndToEndId></PmtId><Amt>");
        self.amount(at, random, text);
        text.push_str("</Amt>");
        if odd(random, 3) {
            let _ = write!(text, "<ChrgBr>{}</ChrgBr>", random.pick(&["SHAR", "DEBT", "CRED", "SLEV"], "SLEV"));
        }
        if !odd(random, 4) {
            let bic = if odd(random, 9) { "BANKZZFF" } else { random.pick(&BICS, "AGRIFRPP") };
            let _ = write!(text, "<CdtrAgt><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></CdtrAgt>");
        }
        creditor(odd(random, 12), odd(random, 8), random, text);
        if !odd(random, 5) {
            text.push_str("<RmtInf>");
            for _ in 0..if self.variety { 1 + random.below(3) } else { 1 } {
                let length = if self.variety { 1 + random.below(140) } else { 90 + random.below(50) };
                let words = words::text(random, usize::try_from(length).unwrap_or(140));
                text.push_str("<Ustrd>");
                escaped(&words, text);
                text.push_str("</Ustrd>");
            }
            text.push_str("</RmtInf>");
        }
        text.push_str("</CdtTrfTxInf>\n");
    }

    fn amount(&self, at: u64, random: &mut Random, text: &mut String) {
        let currency = self.currency(at);
        let Some(cents) = self.cents(at) else {
            let _ = write!(
                text,
                "<EqvtAmt><Amt Ccy=\"EUR\">{}.00</Amt><CcyOfTrf>{currency}</CcyOfTrf></EqvtAmt>",
                1 + random.below(1000)
            );
            return;
        };
        let _ = write!(text, "<InstdAmt Ccy=\"{currency}\">");
        if self.is_odd(at) {
            text.push_str(
                random.pick(&["10.505", "10.50000", "123456789012.00", "99999999999.99", "0.001", "+5", ".5"], "10.505"),
            );
        } else {
            let _ = write!(text, "{}.{:02}", cents / 100, cents % 100);
        }
        text.push_str("</InstdAmt>");
    }
}

fn creditor(nameless: bool, no_iban: bool, random: &mut Random, text: &mut String) {
    text.push_str("<Cdtr>");
    if !nameless {
        text.push_str("<Nm>");
        escaped(words::name(random), text);
        if random.one_in(4) {
            text.push(' ');
            escaped(words::name(random), text);
        }
        text.push_str("</Nm>");
    }
    let (town, postcode, country) = words::town(random);
    let _ = write!(
        text,
        "<PstlAdr><StrtNm>Rue du Faubourg Saint-Honoré, bâtiment C</StrtNm><BldgNb>{}</BldgNb><PstCd>{postcode}</PstCd><TwnNm>{town}</TwnNm><Ctry>{country}</Ctry></PstlAdr></Cdtr><CdtrAcct><Id>",
        random.below(200)
    );
    if no_iban {
        let _ = write!(text, "<Othr><Id>{}</Id></Othr>", random.digits(10));
    } else {
        let _ = write!(text, "<IBAN>{}</IBAN>", words::any_iban(random));
    }
    text.push_str("</Id></CdtrAcct><UltmtCdtr><Nm>");
    escaped(words::name(random), text);
    text.push_str("</Nm></UltmtCdtr><Purp><Cd>SUPP</Cd></Purp>");
}

fn escaped(from: &str, text: &mut String) {
    for character in from.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            it => text.push(it),
        }
    }
}
