//! Which characters a network takes, and what becomes of the others.

use std::sync::OnceLock;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::FaultCode;

/// A profile: the characters that stay and the entries for others.
#[derive(Debug)]
pub struct Profile {
    /// Its name in mappings.
    pub name: &'static str,
    /// By byte: whether it is a character that goes. Bytes of longer characters do, since those have to be looked at.
    goes: [bool; 256],
    /// Whether a character that neither stays nor has an entry stays after all.
    lenient: bool,
    /// Sorted by character.
    entries: Vec<(char, &'static str)>,
    /// Those of the letters that names are written with, by their code points.
    low: Vec<Option<&'static str>>,
}

/// Basic Latin to the last character before the combining marks.
const LOW: u32 = 0x300;

/// The names of all profiles.
pub const PROFILES: [&str; 4] = ["epc217-08", "de-umlaut", "swift-x", "ascii"];

/// The profile of a name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    static ALL: OnceLock<Vec<Profile>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let network = |it: u8| it.is_ascii_alphanumeric() || b"/-?:().,'+ ".contains(&it);
        let printable = |it: u8| (0x20..0x7F).contains(&it);
        let letters = |it: &(char, &'static str)| !it.0.is_ascii();
        let latin = || epc().into_iter().filter(letters).collect();
        vec![
            Profile::new("epc217-08", table(network), false, epc()),
            Profile::new("de-umlaut", table(|_| true), true, umlauts()),
            Profile::new("swift-x", table(network), false, latin()),
            Profile::new("ascii", table(printable), false, latin()),
        ]
    });
    all.iter().find(|it| it.name == name)
}

fn table(keeps: impl Fn(u8) -> bool) -> [bool; 256] {
    std::array::from_fn(|it| !u8::try_from(it).is_ok_and(|it| it.is_ascii() && keeps(it)))
}

/// EPC217-08: the SEPA conversion table, to the basic character set.
fn epc() -> Vec<(char, &'static str)> {
    let rows = super::rows(include_str!("epc217-08.tsv"));
    let mut entries: Vec<_> = rows
        .filter_map(|row| match row.as_slice() {
            [code, entry] => {
                let point = u32::from_str_radix(code.strip_prefix("U+")?, 16).ok()?;
                Some((char::from_u32(point)?, *entry))
            }
            _ => None,
        })
        .collect();
    entries.sort_unstable();
    entries
}

/// DIN 5007-2: how German names are sorted and spelled without umlauts.
fn umlauts() -> Vec<(char, &'static str)> {
    vec![('Ä', "Ae"), ('Ö', "Oe"), ('Ü', "Ue"), ('ß', "ss"), ('ä', "ae"), ('ö', "oe"), ('ü', "ue"), ('ẞ', "SS")]
}

impl Profile {
    /// `entries` is sorted by character.
    fn new(name: &'static str, goes: [bool; 256], lenient: bool, entries: Vec<(char, &'static str)>) -> Self {
        let entry = |code: u32| entries.iter().find(|(it, _)| u32::from(*it) == code).map(|(_, entry)| *entry);
        let low = (0..LOW).map(entry).collect();
        Profile { name, goes, lenient, entries, low }
    }

    /// Whether a character stays as it is.
    pub fn keeps(&self, character: char) -> bool {
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => !self.goes(byte),
            _ => self.lenient && self.entry(character).is_none(),
        }
    }

    #[inline]
    fn goes(&self, byte: u8) -> bool {
        self.goes.get(usize::from(byte)).copied().unwrap_or(true)
    }

    fn entry(&self, character: char) -> Option<&'static str> {
        if let Some(entry) = self.low.get(character as usize) {
            return *entry;
        }
        let at = self.entries.binary_search_by_key(&character, |(it, _)| *it).ok()?;
        self.entries.get(at).map(|(_, entry)| *entry)
    }

    /// Whether every character stays.
    #[inline]
    pub fn is_clean(&self, text: &[u8]) -> bool {
        // Eight at a time, without a branch for each.
        let (blocks, rest) = text.as_chunks::<8>();
        let any = |bytes: &[u8]| bytes.iter().fold(false, |any, it| any | self.goes(*it));
        blocks.iter().all(|it| !any(it)) && !any(rest)
    }

    /// Appends the text with every other character replaced: by its entry, or by a full stop. NFC comes first. Gives the
    /// number of characters replaced.
    pub fn write(&self, text: &[u8], out: &mut Vec<u8>) -> Result<usize, FaultCode> {
        // Below U+0300, where the combining marks begin, every character is NFC as it stands; U+0300 begins with 0xCC.
        if text.iter().fold(false, |any, it| any | (*it >= 0xCC)) {
            return self.write_any(text, out);
        }
        let mut replaced = 0;
        let mut rest = text;
        // What stays is copied in stretches.
        loop {
            let kept = rest.iter().position(|it| self.goes(*it)).unwrap_or(rest.len());
            let (stays, behind) = rest.split_at_checked(kept).unwrap_or((rest, &[]));
            out.extend_from_slice(stays);
            let (character, written) = match behind {
                [] => return Ok(replaced),
                [one, written @ ..] if one.is_ascii() => (u32::from(*one), written),
                [one, two, written @ ..] => (u32::from(one & 0x1F) << 6 | u32::from(two & 0x3F), written),
                _ => return Err(FaultCode::MapCharset),
            };
            match self.low.get(character as usize).copied().flatten().map(str::as_bytes) {
                None if self.lenient => out.extend_from_slice(behind.get(..behind.len() - written.len()).unwrap_or_default()),
                entry => {
                    replaced += 1;
                    match entry {
                        None => out.push(b'.'),
                        Some([one]) => out.push(*one),
                        Some(entry) => out.extend_from_slice(entry),
                    }
                }
            }
            rest = written;
        }
    }

    /// The same for a text of any characters.
    fn write_any(&self, text: &[u8], out: &mut Vec<u8>) -> Result<usize, FaultCode> {
        let text = std::str::from_utf8(text).map_err(|_| FaultCode::MapCharset)?;
        let mut replaced = 0;
        let mut put = |character: char| {
            if self.keeps(character) {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                replaced += 1;
                out.extend_from_slice(self.entry(character).unwrap_or(".").as_bytes());
            }
        };
        if is_nfc_quick(text.chars()) == IsNormalized::Yes {
            text.chars().for_each(&mut put);
        } else {
            text.nfc().for_each(&mut put);
        }
        Ok(replaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(profile: &str, text: &str) -> (String, usize) {
        let mut out = Vec::new();
        let replaced = super::profile(profile).unwrap().write(text.as_bytes(), &mut out).unwrap();
        (String::from_utf8(out).unwrap(), replaced)
    }

    #[test]
    fn the_table_of_the_payments_council() {
        assert_eq!(written("epc217-08", "Müller & Söhne"), ("Muller + Sohne".to_owned(), 3));
        assert_eq!(written("epc217-08", "Spółka Łódź"), ("Spolka Lodz".to_owned(), 5));
        assert_eq!(written("epc217-08", "a\u{308}"), ("a".to_owned(), 1));
        assert_eq!(written("epc217-08", "100 € = 漢"), ("100 E . .".to_owned(), 3));
        assert_eq!(written("epc217-08", "O'Neil (x): 1/2-3, 4.5+6?"), ("O'Neil (x): 1/2-3, 4.5+6?".to_owned(), 0));
    }

    #[test]
    fn other_profiles() {
        assert_eq!(written("de-umlaut", "Größe é"), ("Groesse é".to_owned(), 2));
        assert_eq!(written("swift-x", "a&b_é"), ("a.b.e".to_owned(), 3));
        assert_eq!(written("ascii", "a&b_é"), ("a&b_e".to_owned(), 1));
    }

    #[test]
    fn what_stays_is_clean() {
        for name in PROFILES {
            let profile = profile(name).unwrap();
            for byte in 0..128_u8 {
                assert_eq!(profile.is_clean(&[byte]), profile.keeps(char::from(byte)), "{name} {byte}");
            }
            assert!(!profile.is_clean("ä".as_bytes()));
        }
    }
}
