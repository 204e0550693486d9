//! Names, towns, accounts and texts to make messages of.

use crate::random::Random;

const NAMES: [&str; 16] = [
    "Acme Europe GmbH",
    "Müller & Söhne KG",
    "Zoë Ångström",
    "Spółka Łódź",
    "Société Générale de Traitement",
    "Ελληνικά Πλοία",
    "Smith \"Steel\" Ltd",
    "O'Neill <Export>",
    "Иванов и Петров",
    "Bäckerei Groß",
    "Companhia São José",
    "Ivan Čapek; Žižkov",
    "Straße 100% e.V.",
    "Firma #1 @ Köln",
    "Jean-François L'Écuyer",
    "Ole Øst ÆØÅ A/S",
];
const TOWNS: [(&str, &str, &str); 6] = [
    ("Köln", "50667", "DE"),
    ("Paris", "75002", "FR"),
    ("Łódź", "90-001", "PL"),
    ("Zürich", "8001", "CH"),
    ("London", "EC1A 1BB", "GB"),
    ("Aix-en-Provence", "13090", "FR"),
];
const WORDS: [&str; 20] = [
    "invoice",
    "4711",
    "of",
    "February",
    "thank",
    "you",
    "for",
    "your",
    "order",
    "and",
    "the",
    "long",
    "good",
    "cooperation",
    "Rechnung",
    "Müller",
    "n°",
    "réf.",
    "08/15",
    "& Co",
];
const BANKS: [(&str, &str); 3] = [("DE", "37040044"), ("DE", "50010517"), ("FR", "30006")];

/// A name.
pub(crate) fn name(random: &mut Random) -> &'static str {
    random.pick(&NAMES, "Acme")
}

/// A town with its postcode and country.
pub(crate) fn town(random: &mut Random) -> (&'static str, &'static str, &'static str) {
    random.pick(&TOWNS, ("Bonn", "53111", "DE"))
}

/// Words with blanks between, of about so many characters.
pub(crate) fn text(random: &mut Random, length: usize) -> String {
    let mut text = String::new();
    while text.chars().count() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(random.pick(&WORDS, "word"));
    }
    text.chars().take(length).collect()
}

/// An account at one of the banks that look-up tables know.
pub(crate) fn known_iban(random: &mut Random) -> String {
    let (country, bank) = random.pick(&BANKS, ("DE", "37040044"));
    let rest = if country == "DE" { random.digits(10) } else { random.digits(18) };
    iban(country, &format!("{bank}{rest}"))
}

/// An account anywhere.
pub(crate) fn any_iban(random: &mut Random) -> String {
    match random.below(5) {
        0 => known_iban(random),
        1 => iban("GB", &format!("NWBK{}", random.digits(14))),
        2 => iban("NL", &format!("ABNA{}", random.digits(10))),
        3 => iban("MT", &format!("MALT{}MTLCAST{}S", random.digits(5), random.digits(10))),
        _ => iban("DE", &random.digits(18)),
    }
}

/// ISO 13616 with ISO 7064 mod 97-10: the check digits make the remainder 1.
pub(crate) fn iban(country: &str, bban: &str) -> String {
    let number = format!("{bban}{country}00");
    let remainder = number.bytes().fold(0_u32, |remainder, byte| {
        let value = char::from(byte).to_digit(36).unwrap_or(0);
        if value > 9 { (remainder * 100 + value) % 97 } else { (remainder * 10 + value) % 97 }
    });
    format!("{country}{:02}{bban}", 98 - remainder)
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_example_of_the_registry() {
        assert_eq!(super::iban("DE", "370400440532013000"), "DE89370400440532013000");
        assert_eq!(super::iban("MT", "MALT011000012345MTLCAST001S"), "MT84MALT011000012345MTLCAST001S");
    }
}
