//! Random texts that a type allows: codes, patterns, lengths, characters.

use super::digits::{self, TRIES};
use super::random::Random;
use crate::engine::rules::{TextCheck, allows_number, characters};
use crate::engine::standards::iban;
use crate::engine::{Number, Text};
use regex_syntax::hir::{Class, Hir, HirKind};

/// A type of texts, ready to be drawn from.
#[derive(Debug)]
pub(super) struct Texts {
    rule: Text,
    check: Option<TextCheck>,
    patterns: Vec<Hir>,
    /// The number that the text spells.
    spelled: Option<Number>,
}

impl Texts {
    pub(super) fn new(rule: &Text) -> Self {
        let patterns = rule.patterns.iter().filter_map(|it| regex_syntax::parse(it).ok()).collect();
        let spelled = rule.decimal.map(|(total, decimals)| Number {
            integer_max: Some(total.saturating_sub(decimals)),
            decimals_max: Some(decimals),
            ..Number::default()
        });
        Texts { rule: rule.clone(), check: TextCheck::new(rule).ok(), patterns, spelled }
    }

    /// A text that is allowed, if one was hit upon; `words` are texts that mean something to somebody.
    pub(super) fn draw(&self, words: &[String], random: &mut Random) -> String {
        let mut text = String::new();
        for _ in 0..TRIES {
            text = self.candidate(words, random);
            if self.allows(&text) {
                break;
            }
        }
        text
    }

    pub(super) fn allows(&self, text: &str) -> bool {
        let spells = |number| allows_number(number, text.as_bytes()) && text.bytes().any(|it| it.is_ascii_digit());
        self.check.as_ref().is_none_or(|it| it.allows(text.as_bytes()))
            && self.rule.repertoire.as_ref().is_none_or(|it| text.chars().all(|character| it.has(character)))
            && self.spelled.as_ref().is_none_or(spells)
    }

    fn candidate(&self, words: &[String], random: &mut Random) -> String {
        if let Some(code) = random.pick(&self.rule.codes) {
            return code.clone();
        }
        if let Some(number) = self.spelled.as_ref().filter(|_| random.one_in(2)) {
            return digits::number(number, random);
        }
        let knows = !self.patterns.is_empty();
        if random.one_in(if knows { 2 } else { 4 }) {
            return word(words, random);
        }
        match self.patterns.first() {
            Some(pattern) => {
                let mut text = String::new();
                spell(pattern, self.rule.max.map_or(usize::MAX, |it| it as usize), random, &mut text);
                text
            }
            None => self.free(random),
        }
    }

    /// Characters that are allowed, as many as are.
    fn free(&self, random: &mut Random) -> String {
        let (least, most) = (self.rule.min as usize, self.rule.max.map_or(usize::MAX, |it| it as usize));
        let count = match random.below(8) {
            0 => least,
            1 if most <= LONG => most,
            _ => random.between(least, most.min(least.saturating_add(20))),
        };
        let alphabets: [&[char]; 3] = [&LETTERS, &MARKS, &FOREIGN];
        let wildness = random.below(5).saturating_sub(1);
        let mut text = String::new();
        while characters(text.as_bytes()) < count {
            let alphabet = if wildness > 0 && random.one_in(5) { alphabets.get(random.below(wildness.min(2) + 1)) } else { None };
            let character = random.pick(alphabet.unwrap_or(&alphabets[0])).copied().unwrap_or('x');
            if self.rule.repertoire.as_ref().is_none_or(|it| it.has(character)) {
                text.push(character);
            } else {
                text.push('x');
            }
        }
        text
    }
}

/// The longest text that is made for its length's sake, in characters.
const LONG: usize = 400;

const LETTERS: [char; 26] = [
    'A', 'B', 'C', 'D', 'E', 'M', 'N', 'S', 'X', 'Z', 'a', 'b', 'e', 'i', 'o', 'r', 's', 't', 'z', '0', '1', '2', '5', '7', '9',
    ' ',
];
/// What formats must escape, what charsets of payment schemes allow, and what they do not.
const MARKS: [char; 24] =
    ['-', '/', '.', ',', '(', ')', '\'', '+', ':', '?', '&', '<', '>', '"', '\\', '#', '_', '@', ';', '%', ' ', ']', '{', '}'];
const FOREIGN: [char; 10] = ['ä', 'Ö', 'ß', 'é', 'ø', '€', 'Ł', '漢', '𝄞', '\u{a0}'];

/// A text that means something: of the list, such a one with other digits, or one of a standard.
fn word(words: &[String], random: &mut Random) -> String {
    let known = random.pick(words).cloned();
    match (random.below(14), known) {
        (0..=3, Some(word)) => word,
        (4..=6, Some(word)) => {
            word.chars().map(|it| if it.is_ascii_digit() { random.character(b"0123456789") } else { it }).collect()
        }
        (7, _) => account(random),
        (8, _) => bank(random),
        (9, _) => uuid(random),
        (10, _) => random.pick(&["EUR", "USD", "JPY", "CHF", "KWD", "GBP"]).map_or(String::new(), |it| (*it).to_owned()),
        (11, _) => random.pick(&["DE", "FR", "US", "CH", "JP", "GB"]).map_or(String::new(), |it| (*it).to_owned()),
        (12, _) => stamp(random),
        _ => {
            let count = random.between(1, 16);
            random.digits(count)
        }
    }
}

/// An account number whose check digits are right.
fn account(random: &mut Random) -> String {
    let country = *random.pick(&["DE", "FR", "NL", "AT", "ES", "BE", "IT", "PL", "NO"]).unwrap_or(&"DE");
    let Some(structure) = iban::structure(country.as_bytes()) else { return String::new() };
    let character = |kind: &u8, random: &mut Random| match kind {
        b'n' => random.character(b"0123456789"),
        b'a' => random.character(b"ABCDEFGHKLMNPQRSTUVWXYZ"),
        _ => random.character(b"0123456789ABCDEFG"),
    };
    let bban: String = structure.bban.iter().map(|it| character(it, random)).collect();
    let check = iban::check_digits(country.as_bytes(), bban.as_bytes()).unwrap_or(*b"00");
    format!("{country}{}{bban}", String::from_utf8_lossy(&check))
}

fn bank(random: &mut Random) -> String {
    let letters = |count: usize, random: &mut Random| -> String {
        (0..count).map(|_| random.character(b"ABCDEFGHIKLMNOPQRSTUVW")).collect()
    };
    let country = random.pick(&["DE", "FR", "NL", "US", "CH", "JP"]).copied().unwrap_or("DE");
    let branch = if random.one_in(2) { "XXX" } else { "" };
    format!("{}{country}{}{branch}", letters(4, random), letters(2, random))
}

/// A UUID of version 4 (RFC 9562, section 5.4) in small letters.
fn uuid(random: &mut Random) -> String {
    let mut hex = |count: usize| -> String { (0..count).map(|_| random.character(b"0123456789abcdef")).collect() };
    let (first, second, third, fourth, fifth) = (hex(8), hex(4), hex(3), hex(3), hex(12));
    format!("{first}-{second}-4{third}-{}{fourth}-{fifth}", random.character(b"89ab"))
}

/// A day or a time in the spellings of records.
fn stamp(random: &mut Random) -> String {
    let (date, time) = (digits::date(random), digits::time(random));
    let second = time.get(..8).unwrap_or_default();
    match random.below(6) {
        0 => date,
        1 => date.replace('-', ""),
        2 => second.replace(':', ""),
        3 => format!("{}{}", date.replace('-', ""), second.replace(':', "")),
        4 => format!("{date}-{}.{}", second.replace(':', "."), random.digits(6)),
        _ => format!("{date}T{second}{}", digits::zone(random)),
    }
}

/// A text that an expression matches; repetitions without an end stop soon, or where `room` is used up.
fn spell(pattern: &Hir, room: usize, random: &mut Random, text: &mut String) {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(it) => text.push_str(&String::from_utf8_lossy(&it.0)),
        HirKind::Class(class) => text.push(member(class, random)),
        HirKind::Capture(it) => spell(&it.sub, room, random, text),
        HirKind::Concat(parts) => parts.iter().for_each(|it| spell(it, room, random, text)),
        HirKind::Alternation(parts) => {
            if let Some(part) = random.pick(parts) {
                spell(part, room, random, text);
            }
        }
        HirKind::Repetition(it) => {
            let least = it.min as usize;
            let most = it.max.map_or(least + 6, |it| it as usize);
            let most = if random.one_in(4) { most.min(LONG) } else { most.min(least + 6) };
            for _ in 0..random.between(least, most.max(least)) {
                if text.len() >= room {
                    break;
                }
                spell(&it.sub, room, random, text);
            }
        }
    }
}

/// A character of a class; one of printable ASCII where it has such, most of the time.
fn member(class: &Class, random: &mut Random) -> char {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(it) => it.iter().map(|it| (u32::from(it.start()), u32::from(it.end()))).collect(),
        Class::Bytes(it) => it.iter().map(|it| (u32::from(it.start()), u32::from(it.end().min(0x7F)))).collect(),
    };
    let plain = ranges.iter().filter(|(from, to)| *from <= 0x7E && *to >= 0x20);
    let plain: Vec<(u32, u32)> = plain.map(|(from, to)| (*from.max(&0x20), *to.min(&0x7E))).collect();
    let of = if plain.is_empty() || random.one_in(20) { &ranges } else { &plain };
    let Some((from, to)) = random.pick(of).copied() else { return 'x' };
    // Wide classes begin with letters that most fonts have.
    let to = if random.one_in(2) { to } else { to.min(from + 0x200) };
    let drawn = from + u32::try_from(random.below((to - from) as usize + 1)).unwrap_or(0);
    char::from_u32(drawn).unwrap_or('x')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_allowed(rule: &Text) -> std::collections::BTreeSet<String> {
        let texts = Texts::new(rule);
        let words = vec!["T017".to_owned()];
        let drawn: Vec<String> = (0..200).map(|it| texts.draw(&words, &mut Random::of(3, it))).collect();
        for text in &drawn {
            assert!(texts.allows(text), "{text:?} {rule:?}");
        }
        drawn.into_iter().collect()
    }

    #[test]
    fn patterns_lengths_and_codes_are_kept() {
        for pattern in [
            "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}",
            "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}",
            r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",
            r"\+[0-9]{1,3}-[0-9()+\-]{1,30}",
            "(?:a|b)*c?",
            "[^ ]{3}",
        ] {
            let rule = Text { patterns: vec![pattern.to_owned()], ..Text::default() };
            assert!(all_allowed(&rule).len() > 20, "{pattern}");
        }
        let sized = all_allowed(&Text { min: 3, max: Some(35), ..Text::default() });
        let long = sized.iter().map(|it| it.chars().count()).max();
        assert_eq!(long, Some(35));
        assert_eq!(all_allowed(&Text { codes: vec!["A".to_owned(), "B".to_owned()], ..Text::default() }).len(), 2);
        let spelled =
            Text { decimal: Some((15, 3)), patterns: vec!["[0-9]{1,12}([.][0-9]{1,3})?".to_owned()], ..Text::default() };
        assert!(all_allowed(&spelled).len() > 50);
    }

    #[test]
    fn accounts_and_banks_are_right() {
        for number in 0..200 {
            let random = &mut Random::of(1, number);
            assert!(iban::check(account(random).as_bytes()).is_some());
            assert!(crate::engine::standards::bic::is_bic(bank(random).as_bytes()));
        }
    }
}
