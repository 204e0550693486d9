//! Orders of a partner, as `acme-transfer.schema.json` says.

use crate::random::Random;
use crate::tree::Tree;
use crate::twists::{self, TWISTS};
use crate::words;
use clap::Args;
use std::io::{self, Write};

/// Orders of a partner in JSON.
///
/// Examples: latimer-generate order --transfers 500000 > large.json; latimer-generate order --variety --orders 400 > orders.jsonl
#[derive(Debug, Args)]
pub(crate) struct Order {
    /// How many orders, one a line
    #[arg(long, default_value_t = 1)]
    orders: u64,
    /// How many transfers an order has; with --variety at most so many
    #[arg(long, default_value_t = 5)]
    transfers: u64,
    /// What the content is made of
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Unusual orders: first one for each rule, branch and refusal of the mapping `acme-to-pacs008.map`, then several at once
    #[arg(long)]
    variety: bool,
    /// The day of the orders, for what is due today or tomorrow
    #[arg(long, default_value = "2026-03-02")]
    today: String,
}

const CURRENCIES: [&str; 4] = ["EUR", "EUR", "USD", "GBP"];
/// More than the schema allows.
const MANY: u64 = 501;

impl Order {
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let today = day_of(&self.today)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` is not a date", self.today)))?;
        for number in 0..self.orders {
            if self.variety {
                self.unusual(number, today, out)?
            } else {
                self.usual(number, out)?
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// One transfer after the other, so that an order may have any number.
    fn usual(&self, number: u64, out: &mut dyn Write) -> io::Result<()> {
        let mut random = Random::of(self.seed, 1, number);
        let currency = random.pick(&CURRENCIES, "EUR");
        let mut head = Vec::new();
        head_of(&mut random).write(&mut head)?;
        head.pop();
        out.write_all(&head)?;
        out.write_all(b",\"transfers\":[")?;
        for at in 0..self.transfers {
            let mut random = Random::of(self.seed.wrapping_add(number), 2, at);
            if at > 0 {
                out.write_all(b",")?;
            }
            transfer(&mut random, at, currency).write(out)?;
        }
        out.write_all(b"]}")
    }

    fn unusual(&self, number: u64, today: i64, out: &mut dyn Write) -> io::Result<()> {
        let mut random = Random::of(self.seed, 1, number);
        let chosen = usize::try_from(number).ok().and_then(|it| TWISTS.get(it));
        let twists: Vec<_> = match chosen {
            Some(one) => vec![*one],
            None => (0..1 + random.below(3)).map(|_| random.pick(TWISTS, &[])).collect(),
        };
        let asked = |path: &str| twists.iter().find_map(|it| twists::asks(it, path));
        let currency = asked("^ccy").unwrap_or_else(|| random.pick(&CURRENCIES, "EUR"));
        let count = if asked("^") == Some("many") { MANY } else { 1 + random.below(self.transfers) };
        let mut order = head_of(&mut random);
        let transfers = (0..count).map(|at| transfer(&mut random, at, currency)).collect();
        order.push("transfers", Tree::Array(transfers));
        for twist in &twists {
            let at = usize::try_from(random.below(count)).unwrap_or(0);
            twists::apply(twist, &mut order, at, &|days| date_of(today + days), &mut random);
        }
        if asked("^") == Some("reverse") {
            order.reverse();
        }
        order.write(out)
    }
}

fn head_of(random: &mut Random) -> Tree {
    let channel = random.pick(&["BATCH", "INSTANT"], "BATCH");
    let minute = random.below(60);
    Tree::object([
        ("messageId", Tree::text(&random.uuid())),
        ("createdAt", Tree::text(&format!("2026-03-02T09:{minute:02}:00+01:00"))),
        ("channel", Tree::text(channel)),
        ("callbackUrl", Tree::text("https://acme.example/payments/callback")),
    ])
}

fn transfer(random: &mut Random, number: u64, currency: &str) -> Tree {
    let amount = if currency == "JPY" { random.below(10_000_000).to_string() } else { cents(random.below(100_000_000)) };
    let mut debtor = Tree::object([
        ("name", Tree::text(words::name(random))),
        ("iban", Tree::text(&words::known_iban(random))),
        ("bic", Tree::text(random.pick(&["COBADEFFXXX", "INGDDEFFXXX"], "COBADEFFXXX"))),
    ]);
    debtor.push("address", address(random));
    if random.one_in(3) {
        debtor.remove("bic");
    }
    let mut creditor = Tree::object([
        ("name", Tree::text(words::name(random))),
        ("iban", Tree::text(&words::any_iban(random))),
        ("bankBic", Tree::text(random.pick(&["AGRIFRPPXXX", "ABNANL2AXXX", "NWBKGB2LXXX"], "AGRIFRPPXXX"))),
    ]);
    creditor.push("address", address(random));
    let length = 40 + usize::try_from(random.below(160)).unwrap_or(0);
    let mut transfer = Tree::object([
        ("reference", Tree::text(&format!("ACME-{number:09}"))),
        ("endToEndId", Tree::text(&format!("E2E-{}", random.digits(12)))),
        ("uetr", Tree::text(&random.uuid())),
        ("amount", Tree::object([("value", Tree::text(&amount)), ("currency", Tree::text(currency))])),
        ("executionDate", Tree::text("2026-03-02")),
        ("chargesPaidBy", Tree::text(random.pick(&["SHARED", "PAYER", "PAYEE"], "SHARED"))),
        ("purpose", Tree::text(random.pick(&["SALA", "SUPP", "TRAD"], "SUPP"))),
        ("debtor", debtor),
        ("creditor", creditor),
        ("remittance", Tree::object([("text", Tree::text(&words::text(random, length)))])),
        ("metadata", Tree::object([("screenVersion", Tree::text("7.1")), ("abTest", Tree::text("b"))])),
    ]);
    for (optional, often) in [("endToEndId", 8), ("uetr", 2), ("executionDate", 2), ("purpose", 4), ("metadata", 2)] {
        if random.one_in(often) {
            transfer.remove(optional);
        }
    }
    transfer
}

fn address(random: &mut Random) -> Tree {
    let (town, postcode, country) = words::town(random);
    Tree::object([
        ("line1", Tree::text(&format!("Straße des 17. Juni {}", random.below(200)))),
        ("postcode", Tree::text(postcode)),
        ("city", Tree::text(town)),
        ("country", Tree::text(country)),
    ])
}

fn cents(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The number of a day of the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn day_of(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year)
}

fn date_of(day: i64) -> String {
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_there_and_back() {
        for date in ["2026-03-02", "2024-02-29", "2000-12-31", "1999-01-01"] {
            assert_eq!(super::date_of(super::day_of(date).unwrap()), date);
        }
        assert_eq!(super::date_of(super::day_of("2026-12-31").unwrap() + 1), "2027-01-01");
    }
}
