//! Random numbers and moments that a type allows.

use super::random::Random;
use crate::engine::rules::allows_number;
use crate::engine::{DIGITS_MAX, Decimal, Number};

/// Digits of a number that is allowed; the bound itself where none was hit upon.
pub(super) fn number(number: &Number, random: &mut Random) -> String {
    for _ in 0..TRIES {
        let digits = candidate(number, random);
        if allows_number(number, digits.as_bytes()) {
            return digits;
        }
    }
    number.least.or(number.greatest).map_or("0".to_owned(), |(it, _)| it.to_string())
}

/// How often a value is tried before one is taken that may not be allowed.
pub(super) const TRIES: usize = 40;

fn candidate(number: &Number, random: &mut Random) -> String {
    let bounds = number.least.zip(number.greatest);
    if let Some(code) = random.pick(&number.codes) {
        return code.to_string();
    }
    if let Some(step) = number.multiple_of {
        let most = if random.one_in(2) { 20 } else { 100_000 };
        let times = i128::from(u32::try_from(random.below(most)).unwrap_or(0)) - if number.signed { most as i128 / 2 } else { 0 };
        return Decimal { coefficient: step.coefficient.saturating_mul(times), ..step }.to_string();
    }
    match (random.below(8), bounds) {
        (0, _) => return "0".to_owned(),
        (1, Some(((least, _), (greatest, _)))) => return if random.one_in(2) { least } else { greatest }.to_string(),
        (2..=5, Some(((least, _), (greatest, _)))) => {
            let scale = number.decimals_max.unwrap_or(2).min(4).max(least.scale.max(greatest.scale).into());
            let scale = u8::try_from(scale).unwrap_or(0);
            if let (Some(least), Some(greatest)) = (least.rescale(scale), greatest.rescale(scale)) {
                return Decimal { coefficient: random.wide(least.coefficient, greatest.coefficient), scale }.to_string();
            }
        }
        _ => {}
    }
    free(number, random)
}

/// Digits before and behind the point, as many as there may be, or fewer. Without a limit the fraction is one that a binary
/// number has exactly.
fn free(number: &Number, random: &mut Random) -> String {
    let all = number.digits_max.unwrap_or(DIGITS_MAX).min(DIGITS_MAX) as usize;
    let is_open = number.integer_max.is_none() && number.decimals_max.is_none() && number.digits_max.is_none();
    let most = number.integer_max.map_or(if is_open { 6 } else { 18 }, |it| it as usize).min(all);
    let whole = if random.one_in(6) { most } else { random.below(most.min(7) + 1) };
    let decimals = number.decimals_max.map_or(2, |it| it as usize).min(all - whole);
    let decimals = match random.below(4) {
        0 => 0,
        1 => decimals,
        _ => random.below(decimals.min(3) + 1),
    };
    let mut text = random.digits(whole).trim_start_matches('0').to_owned();
    if text.is_empty() {
        text.push('0');
    }
    if is_open {
        text.push_str(random.pick(&["", "", ".5", ".25", ".125"]).unwrap_or(&""));
    } else if decimals > 0 {
        text.push('.');
        text.push_str(&random.digits(decimals));
    }
    if number.signed && random.one_in(3) && text.bytes().any(|it| (b'1'..=b'9').contains(&it)) {
        text.insert(0, '-');
    }
    text
}

/// A calendar day, `2026-03-02`.
pub(super) fn date(random: &mut Random) -> String {
    if let Some(day) = random.pick(&ODD_DAYS).filter(|_| random.one_in(6)) {
        return (*day).to_owned();
    }
    format!("{:04}-{:02}-{:02}", random.between(1990, 2049), random.between(1, 12), random.between(1, 28))
}

/// Leap days, the ends of years, and the days on which clocks of the European Union change.
const ODD_DAYS: [&str; 6] = ["2024-02-29", "2000-02-29", "2025-12-31", "2026-01-01", "2026-03-29", "2026-10-25"];

/// A time of day, `09:15:00`, at times with a fraction.
pub(super) fn time(random: &mut Random) -> String {
    let fraction = match random.below(5) {
        0 => format!(".{}", random.digits(3)),
        1 => format!(".{}", random.digits(6)),
        _ => String::new(),
    };
    format!("{:02}:{:02}:{:02}{fraction}", random.below(24), random.below(60), random.below(60))
}

/// A zone: `Z` or a distance from UTC.
pub(super) fn zone(random: &mut Random) -> &'static str {
    random.pick(&["Z", "Z", "+01:00", "+02:00", "-05:00", "+05:30"]).copied().unwrap_or("Z")
}

/// A day and a time.
pub(super) fn moment(zoned: bool, random: &mut Random) -> String {
    let zone = if zoned { zone(random) } else { "" };
    format!("{}T{}{zone}", date(random), time(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_allowed() {
        let decimal = |text: &str| Decimal::parse(text.as_bytes()).unwrap();
        let picture = Number { integer_max: Some(5), decimals_max: Some(2), signed: true, ..Number::default() };
        let ranges = [
            picture.clone(),
            Number { digits_max: Some(3), ..picture.clone() },
            Number { least: Some((decimal("100"), true)), greatest: Some((decimal("999"), true)), ..Number::integer(9, false) },
            Number { least: Some((decimal("0"), false)), greatest: Some((decimal("0.05"), true)), ..picture.clone() },
            Number { multiple_of: Some(decimal("0.05")), ..picture.clone() },
            Number { codes: vec![decimal("1.50"), decimal("7")], ..picture },
            Number::default(),
        ];
        for kind in &ranges {
            let mut seen = std::collections::BTreeSet::new();
            for number in 0..200 {
                let digits = super::number(kind, &mut Random::of(5, number));
                assert!(allows_number(kind, digits.as_bytes()), "{digits} {kind:?}");
                seen.insert(digits);
            }
            assert!(seen.len() > 1, "{kind:?}");
        }
    }
}
