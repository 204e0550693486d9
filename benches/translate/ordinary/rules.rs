//! What the ordinary programs check and replace with: tables in maps, patterns, decimals, owned texts.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use regex::Regex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use unicode_normalization::UnicodeNormalization;

pub(crate) type Checked<T> = Result<T, String>;

pub(crate) const IBANS: &str = include_str!("../../../src/engine/standards/iban.tsv");
pub(crate) const COUNTRIES: &str = include_str!("../../../src/engine/standards/countries.tsv");
pub(crate) const CURRENCIES: &str = include_str!("../../../src/engine/standards/currencies.tsv");

/// What is made once.
pub(crate) struct Rules {
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) epc: HashMap<char, String>,
    pub(super) ibans: HashMap<String, (usize, Option<(usize, usize)>)>,
    pub(super) countries: Vec<String>,
    pub(super) currencies: HashMap<String, u32>,
    pub(super) directory: HashMap<(String, String), String>,
    pub(super) uuid: Regex,
    pub(super) uetr: Regex,
    pub(super) bic: Regex,
    pub(super) value: Regex,
    pub(super) page: HashMap<char, u8>,
}

impl Rules {
    pub(crate) fn new(now: &str, directory: &Path) -> Self {
        let page = latimer_wire::ebcdic::page("cp273").unwrap();
        let range = |it: &str| it.split_once('-').map(|(a, b)| (a.parse::<usize>().unwrap() - 1, b.parse().unwrap()));
        Rules {
            now: now.parse().unwrap(),
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            epc: epc_table(),
            ibans: table(IBANS)
                .map(|row| (row[0].to_owned(), (row[1].parse().unwrap(), row.get(3).copied().and_then(range))))
                .collect(),
            countries: table(COUNTRIES).map(|row| row[0].to_owned()).collect(),
            currencies: table(CURRENCIES)
                .map(|row| (row[0].to_owned(), row[1..].iter().find_map(|it| it.parse().ok().filter(|it| *it < 5)).unwrap_or(0)))
                .collect(),
            directory: std::fs::read_to_string(directory)
                .unwrap()
                .lines()
                .skip(1)
                .map(|it| it.split(',').collect::<Vec<_>>())
                .map(|it| ((it[0].to_owned(), it[1].to_owned()), it[2].to_owned()))
                .collect(),
            uuid: Regex::new("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$").unwrap(),
            uetr: Regex::new("^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$").unwrap(),
            bic: Regex::new("^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$").unwrap(),
            value: Regex::new("^[0-9]{1,12}([.][0-9]{1,3})?$").unwrap(),
            page: latimer_wire::ebcdic::characters(page)
                .filter_map(|it| latimer_wire::ebcdic::byte(page, it).map(|byte| (it, byte)))
                .collect(),
        }
    }

    pub(super) fn put(&self, text: &str, out: &mut Vec<u8>) -> Checked<()> {
        for character in text.chars() {
            out.push(*self.page.get(&character).ok_or("RR10")?);
        }
        Ok(())
    }

    pub(super) fn epc(&self, text: &str) -> String {
        let mut out = String::new();
        for character in text.nfc() {
            if character.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(character) {
                out.push(character);
            } else {
                out.push_str(self.epc.get(&character).map_or(".", |it| it.as_str()));
            }
        }
        out
    }

    pub(super) fn fitting(&self, text: &str, length: usize) -> Checked<String> {
        let text = self.epc(text);
        require(text.chars().count() <= length, "FF01 the text is too long")?;
        Ok(text)
    }

    pub(super) fn iban(&self, text: &str) -> Checked<String> {
        let text = text.replace(' ', "").to_uppercase();
        let length = text.get(..2).and_then(|it| self.ibans.get(it)).map(|it| it.0);
        require(length == Some(text.len()) && text.chars().all(|it| it.is_ascii_alphanumeric()), "AC01")?;
        let moved = format!("{}{}", &text[4..], &text[..4]);
        let remainder = moved.chars().fold(0_u32, |remainder, it| {
            let digit = it.to_digit(36).unwrap_or(0);
            (if digit > 9 { remainder * 100 } else { remainder * 10 } + digit) % 97
        });
        require(remainder == 1, "AC01")?;
        Ok(text)
    }
}

/// What the Payments Council replaces characters with.
pub(crate) fn epc_table() -> HashMap<char, String> {
    table(include_str!("../../../src/engine/standards/epc217-08.tsv"))
        .map(|row| (u32::from_str_radix(&row[0][2..], 16).ok().and_then(char::from_u32).unwrap(), row[1].to_owned()))
        .collect()
}

/// The rows of a table of a standard.
pub(crate) fn table(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).map(|it| it.split('\t').collect())
}
pub(super) fn require(holds: bool, what: &str) -> Checked<()> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

pub(super) fn present(text: &str) -> Option<&str> {
    (!text.trim_matches(' ').is_empty()).then_some(text)
}

pub(super) fn limited(text: &str, length: usize) -> Checked<&str> {
    require(text.chars().count() <= length, "FF01 the text is too long")?;
    Ok(text)
}

pub(super) fn marked(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(length - 1).collect();
    cut.push('+');
    cut
}

pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim_matches(' ');
    while !rest.is_empty() {
        if rest.chars().count() <= width {
            lines.push(rest.to_owned());
            break;
        }
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let inclusive = rest[end..].chars().next().map_or(end, |it| end + it.len_utf8());
        let at = rest[..inclusive].rfind(' ').filter(|at| *at > 0).unwrap_or(end);
        lines.push(rest[..at].trim_end_matches(' ').to_owned());
        rest = rest[at..].trim_start_matches(' ');
    }
    lines
}

pub(super) fn uetr_from(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let mut bytes = digest.finalize();
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes[..16].iter().map(|it| format!("{it:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

pub(super) fn business_day(mut day: Date) -> Date {
    // The holidays of TARGET are left out: the measured day is not one.
    while day.weekday().to_monday_one_offset() > 5 {
        day = day.tomorrow().unwrap();
    }
    day
}
