//! The functions and adapters of the language: each says what it takes, what type it gives, and gives the closure that runs.
//!
//! To add one: its [`Function`] in the file of its family, and its name in [`ALL`]. Its examples are its tests and its page
//! in the manual.

mod account;
mod aggregate;
mod amount;
mod arithmetic;
mod charset;
mod checks;
mod clock;
mod codes;
mod cut;
mod date;
mod days;
mod digits;
mod identifier;
mod list;
mod number;
mod order;
mod parts;
mod seal;
mod site;
mod spelled;
pub(crate) mod text;
mod uetr;
mod zone;

pub(crate) use charset::replacing;
pub(crate) use clock::now_in;
pub(crate) use number::{clean_digits, digits_run};
pub(crate) use site::{Site, ZeroDates, word_of};

use super::hir::Value;
use super::typed::Class;
use crate::FaultCode;

/// A function or adapter.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The family, as the manual orders them.
    pub family: &'static str,
    /// Which ways it goes.
    pub way: Way,
    /// How it is written.
    pub usage: &'static str,
    /// What it does, precisely.
    pub summary: &'static str,
    /// What a value that is bad is refused with.
    pub faults: &'static [FaultCode],
    /// How much of the value it keeps, at the least.
    pub(crate) class: Class,
    /// What it gives for what: tests and manual at once.
    pub examples: &'static [Example],
    /// Whether it takes a list as a whole; others work on each element.
    pub(crate) takes_list: bool,
    /// Checks a use of it and gives the value.
    pub(crate) check: fn(&mut Site<'_, '_>) -> Option<Value>,
}

impl Function {
    /// Its page in the manual: how it is written, what it does, what a bad value is refused with, how much it keeps, examples.
    pub fn page(&self) -> String {
        let mut page = format!("{}   {}   {}\n\n", self.name, self.way.sign(), self.family);
        for usage in self.usage.split("   ") {
            page += &format!("  {usage}\n");
        }
        page += &format!("\n{}\n\n", self.summary);
        let mut faults: Vec<_> = self.faults.iter().map(|it| format!("{} ({})", it.reason(), it.text())).collect();
        faults.dedup();
        if !faults.is_empty() {
            page += &format!("bad      {}\n", faults.join("; "));
        }
        page += &format!("keeps    {}\n", self.class());
        if self.way == Way::Both {
            page += "inverse  in a two-way line it goes both ways; `back` below is the way from right to left\n";
        }
        page += "\n";
        let width = self.examples.iter().map(|it| it.call.chars().count()).max().unwrap_or(0).min(72);
        for example in self.examples {
            let way = if example.back { "  (back)" } else { "" };
            let into = example.into.map_or(String::new(), |it| format!("  into {it}"));
            page += &format!("  {:<width$}  gives  {}{into}{way}\n", example.call, example.gives);
        }
        page
    }

    /// How much of the value it keeps, at the least: `exact`, `canonical`, `guarded`, `reduced`, `generated`.
    pub fn class(&self) -> &'static str {
        self.class.name()
    }
}

/// Which ways a function goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An adapter with an inverse.
    Both,
    /// An adapter without one.
    Forth,
    /// A function with arguments.
    Function,
    /// What is known of the message.
    Context,
}

impl Way {
    /// As the manual prints it.
    pub fn sign(self) -> &'static str {
        match self {
            Way::Both => "<->",
            Way::Forth => "->",
            Way::Function => "f",
            Way::Context => "c",
        }
    }
}

/// An expression and what it gives, in zone UTC, at 2026-01-02T12:00:00Z.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The expression.
    pub call: &'static str,
    /// Its value as text, bytes in hexadecimal, a list in square brackets; `absent`; `bad AC01`.
    pub gives: &'static str,
    /// The type of the field it goes to, where that matters: `text(35)`, `number(11, 2)`.
    pub into: Option<&'static str>,
    /// Whether the adapters are read from right to left: the way back of a two-way line.
    pub back: bool,
}

const fn example(call: &'static str, gives: &'static str) -> Example {
    Example { call, gives, into: None, back: false }
}

impl Example {
    /// The same, into a field of a type.
    const fn to(self, kind: &'static str) -> Example {
        Example { into: Some(kind), ..self }
    }

    /// The same, read from right to left.
    const fn back(self) -> Example {
        Example { back: true, ..self }
    }
}

/// Every function and adapter, in the order of the manual.
pub static ALL: &[&Function] = &[
    &cut::CUT,
    &cut::MUST_FIT,
    &cut::WRAP,
    &list::UNWRAP,
    &list::JOIN,
    &text::TRIM,
    &parts::SQUEEZE,
    &text::UPPER,
    &text::LOWER,
    &parts::CHARS,
    &parts::SPLIT,
    &parts::PART,
    &parts::REPLACE,
    &charset::KEEP,
    &charset::DROP,
    &parts::PAD_LEFT,
    &parts::PAD_RIGHT,
    &list::LIST,
    &charset::TRANSLITERATE,
    &charset::CHARSET_CHECK,
    &charset::HEX,
    &charset::BASE64,
    &number::DECIMAL,
    &digits::INTEGER,
    &number::EXACT,
    &number::ROUND,
    &digits::IMPLIED,
    &digits::MINOR_UNITS,
    &amount::AMOUNT,
    &amount::CURRENCY,
    &amount::MONEY,
    &codes::CURRENCY_NUMERIC,
    &codes::CURRENCY_ALPHA,
    &arithmetic::CREDIT_DEBIT,
    &digits::SIGN_TRAILING,
    &digits::SIGN_SEPARATE,
    &digits::OVERPUNCH,
    &arithmetic::NEGATE,
    &arithmetic::ABSOLUTE,
    &arithmetic::DIVIDE,
    &arithmetic::PERCENT,
    &arithmetic::FROM_PERCENT,
    &arithmetic::BASIS_POINTS,
    &arithmetic::FROM_BASIS_POINTS,
    &arithmetic::CONVERT,
    &spelled::DATE,
    &spelled::TIME,
    &spelled::DATE_TIME,
    &date::DIGITS,
    &date::DATE_PART,
    &date::TIME_PART,
    &zone::AT_ZONE,
    &zone::UTC,
    &zone::OFFSET,
    &zone::PRECISION,
    &spelled::JULIAN,
    &spelled::CYYMMDD,
    &days::MMDDHHMMSS,
    &days::MMDD,
    &days::YYMM,
    &spelled::DB2_TIMESTAMP,
    &zone::STCK,
    &zone::EPOCH_MILLIS,
    &days::LILIAN,
    &days::ADD_DAYS,
    &days::ADD_MONTHS,
    &date::BUSINESS_DAY,
    &days::ADD_BUSINESS_DAYS,
    &zone::CUT_OFF,
    &clock::NOW,
    &clock::TODAY,
    &identifier::IBAN,
    &identifier::IBAN_COUNTRY,
    &identifier::IBAN_BANK,
    &identifier::IBAN_BRANCH,
    &identifier::IBAN_ACCOUNT,
    &identifier::BBAN,
    &identifier::BIC,
    &identifier::BIC8,
    &identifier::BIC11,
    &account::IBAN_FROM,
    &checks::LEI,
    &checks::CREDITOR_REFERENCE,
    &checks::CREDITOR_ID,
    &checks::ABA,
    &checks::SORT_CODE,
    &checks::NATIONAL_ID,
    &checks::LUHN,
    &checks::MOD97,
    &checks::MOD11,
    &checks::PAN,
    &checks::MASK,
    &uetr::UUID_COMPACT,
    &uetr::UUID_DASHED,
    &uetr::UETR,
    &uetr::UETR_FROM,
    &uetr::NEW_ID,
    &codes::EXTERNAL_CODE,
    &codes::COUNTRY,
    &codes::LANGUAGE,
    &codes::YES_NO,
    &codes::MTI,
    &aggregate::COUNT,
    &aggregate::SUM,
    &aggregate::MIN,
    &aggregate::MAX,
    &aggregate::HASH_TOTAL,
    &order::FIRST,
    &order::LAST,
    &order::DISTINCT,
    &order::SORT,
    &aggregate::SAME,
    &seal::DIGEST,
    &seal::CRC32,
    &aggregate::POSITION,
    &aggregate::NEXT,
];

/// The function of a name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|it| it.name == name).copied()
}
