//! `PICTURE` strings: what an item holds and how many bytes it takes.
//!
//! IBM Enterprise COBOL Language Reference, "PICTURE clause".

use latimer_wire::{DIGITS_MAX, Number};

/// A picture, by the category that its symbols make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// `X`, `A`, or both with `9`.
    Text(u32),
    /// `9 S V P`.
    Number(Number),
    /// Symbols that edit (`Z * + - , . $ B 0 / CR DB`), and external floating point: its characters.
    Edited(u32),
    /// `N`: so many UTF-16 units.
    National(u32),
    /// `G`: so many double-byte characters.
    Double(u32),
}

/// The most characters of an item: as many as IBM Enterprise COBOL allows.
const CHARACTERS_MAX: u32 = 134_217_727;

/// Reads a picture; what is wrong with it in words.
pub(crate) fn parse(text: &str) -> Result<Picture, String> {
    let symbols = symbols(text)?;
    let count = |wanted: &str| -> u32 {
        symbols.iter().filter(|it| wanted.contains(it.character)).fold(0, |all, it| all.saturating_add(it.count))
    };
    let only = |allowed: &str| symbols.iter().all(|it| allowed.contains(it.character));
    let length = symbols.iter().fold(0u32, |all, it| all.saturating_add(it.count));
    if length > CHARACTERS_MAX {
        return Err(format!("more than {CHARACTERS_MAX} characters"));
    }
    if only("XA9") && count("XA") > 0 {
        return Ok(Picture::Text(length));
    }
    if only("9SVP") && count("9") > 0 {
        return number(&symbols).map(Picture::Number);
    }
    if only("NB0/") && count("N") > 0 {
        return Ok(Picture::National(length));
    }
    if only("GB") && count("G") > 0 {
        return Ok(Picture::Double(length));
    }
    if let Some(bad) = symbols.iter().find(|it| !"XA9SVPZ*+-,.$B0/CDE".contains(it.character)) {
        return Err(format!("`{}` is no picture symbol", bad.character));
    }
    if count("S") > 0 {
        return Err("`S` does not go with symbols that edit".to_owned());
    }
    if count("XA9Z*") == 0 && count("+") < 2 && count("-") < 2 && count("$") < 2 {
        return Err("no symbol stands for a character or digit".to_owned());
    }
    if count("V.") > 1 {
        return Err("the point stands in it twice".to_owned());
    }
    // `V` and `P` stand for nothing that is stored; `C` and `D` are CR and DB, two characters.
    let stored = length - count("VP") + count("CD");
    Ok(Picture::Edited(stored))
}

struct Symbol {
    character: char,
    count: u32,
}

/// The symbols with their counts: `S9(5)V99` is `S`, five `9`, `V`, `9`, `9`. `CR` is `C`, `DB` is `D`.
fn symbols(text: &str) -> Result<Vec<Symbol>, String> {
    let mut symbols: Vec<Symbol> = Vec::new();
    let upper = text.to_ascii_uppercase();
    let mut rest = upper.chars().peekable();
    while let Some(character) = rest.next() {
        let character = match (character, rest.peek()) {
            ('C', Some('R')) | ('D', Some('B')) => {
                rest.next();
                character
            }
            ('C' | 'D', _) => return Err(format!("`{character}` is no picture symbol")),
            _ => character,
        };
        let mut count = 1;
        if rest.peek() == Some(&'(') {
            rest.next();
            let digits: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_digit)).collect();
            if rest.next() != Some(')') {
                return Err("a `)` is missing".to_owned());
            }
            count = digits.parse().map_err(|_| format!("`({digits})` is no count"))?;
            if count == 0 {
                return Err("a count of zero".to_owned());
            }
        }
        symbols.push(Symbol { character, count });
    }
    if symbols.is_empty() { Err("it is empty".to_owned()) } else { Ok(symbols) }
}

fn number(symbols: &[Symbol]) -> Result<Number, String> {
    let mut signed = false;
    // Places before and behind the point, and those of them that are not stored.
    let (mut digits, mut decimals, mut front, mut back) = (0u32, 0u32, 0u32, 0u32);
    let mut point = false;
    for (at, symbol) in symbols.iter().enumerate() {
        match symbol.character {
            'S' if at == 0 && symbol.count == 1 => signed = true,
            'S' => return Err("`S` stands first and once".to_owned()),
            'V' if point || symbol.count > 1 => return Err("the point stands in it twice".to_owned()),
            'V' if front > 0 && digits == 0 => return Err("the point stands behind `P`".to_owned()),
            'V' => point = true,
            '9' if back > 0 => return Err("`P` stands between digits".to_owned()),
            '9' => {
                digits = digits.saturating_add(symbol.count);
                decimals = decimals.saturating_add(if point { symbol.count } else { 0 });
            }
            _ if digits > 0 && point => return Err("`P` stands behind the point".to_owned()),
            _ if digits == 0 => front = front.saturating_add(symbol.count),
            _ => back = back.saturating_add(symbol.count),
        }
    }
    if front > 0 && back > 0 {
        return Err("`P` stands on both sides of the digits".to_owned());
    }
    if front > 0 && decimals < digits && point {
        return Err("the point stands behind `P`".to_owned());
    }
    let places = digits.saturating_add(front).saturating_add(back);
    if places as usize > DIGITS_MAX {
        return Err(format!("more than {DIGITS_MAX} digits"));
    }
    let narrow = |it: u32| i8::try_from(it).unwrap_or(i8::MAX);
    let scale = if back > 0 {
        -narrow(back)
    } else if front > 0 {
        narrow(digits + front)
    } else {
        narrow(decimals)
    };
    Ok(Number { digits: u8::try_from(digits).unwrap_or(u8::MAX), scale, signed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: u8, scale: i8, signed: bool) -> Picture {
        Picture::Number(Number { digits, scale, signed })
    }

    #[test]
    fn every_category() {
        for (text, picture) in [
            ("X", Picture::Text(1)),
            ("x(35)", Picture::Text(35)),
            ("XX(3)x", Picture::Text(5)),
            ("A(5)9(3)", Picture::Text(8)),
            ("9(5)", number(5, 0, false)),
            ("S9(11)V99", number(13, 2, true)),
            ("s9(5)v9(2)", number(7, 2, true)),
            ("SV9(5)", number(5, 5, true)),
            ("99V", number(2, 0, false)),
            ("S999P(4)", number(3, -4, true)),
            ("S999PPV", number(3, -2, true)),
            ("SVPPP999", number(3, 6, true)),
            ("PP9", number(1, 3, false)),
            ("9(38)", number(38, 0, false)),
            ("ZZ,ZZ9.99-", Picture::Edited(10)),
            ("9(3).99", Picture::Edited(6)),
            ("+9(5)V99", Picture::Edited(8)),
            ("-,--9.99", Picture::Edited(8)),
            ("$**,**9.99CR", Picture::Edited(12)),
            ("9(4)DB", Picture::Edited(6)),
            ("99/99/9999", Picture::Edited(10)),
            ("X(3)BX(3)", Picture::Edited(7)),
            ("+9.9(5)E+99", Picture::Edited(12)),
            ("N(3)", Picture::National(3)),
            ("g(4)", Picture::Double(4)),
        ] {
            assert_eq!(parse(text), Ok(picture), "{text}");
        }
    }

    #[test]
    fn what_is_no_picture() {
        for text in [
            "",
            "Q",
            "X(",
            "X()",
            "X(0)",
            "9(3",
            "9S",
            "SS9",
            "9V9V9",
            "9(39)",
            "P",
            "P9P",
            "9P9",
            "S9.9",
            "C9",
            "V",
            "9(3)P(40)",
            "X(999999999999)",
            "9P(2)V9",
            "P9V9",
            "SPVP9",
            "9PVP",
            "9VP",
            "...",
            "9.9.9",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
