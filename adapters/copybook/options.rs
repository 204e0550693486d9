//! The words behind the format: code page, record form, spelling of numbers.

use latimer_engine::{Diagnostics, FormatOption, OptionAbout, Options, Span};
use latimer_wire::{
    ebcdic::{self, CodePage},
    zoned::Zones,
};

/// What the options say, each with its default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) page: &'static CodePage,
    /// Its blank.
    pub(crate) blank: u8,
    /// Whether bytes without the top bit are UTF-8 as they stand.
    pub(crate) is_ascii: bool,
    /// The length of all records, where it is said.
    pub(crate) fixed: Option<(u32, Span)>,
    /// Whether `COMP-1` and `COMP-2` are IBM's own floats.
    pub(crate) hexadecimal: bool,
    pub(crate) zones: Zones,
    pub(crate) little: bool,
    /// Whether the blanks at the end of a text are no part of it.
    pub(crate) trims: bool,
    pub(crate) bad_number: BadNumber,
}

/// What becomes of bytes that are not the number they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadNumber {
    Reject,
    Absent,
    Raw,
}

pub(crate) const OPTIONS: &[OptionAbout] = &[
    OptionAbout { name: "charset", summary: "the code page, which must be said: cp037, cp273, cp500, cp1047, cp1140, ascii" },
    OptionAbout {
        name: "record",
        summary: "[fixed] as long as the layout and its counters say, fixed N padded with blanks to N",
    },
    OptionAbout { name: "float", summary: "COMP-1 and COMP-2 are [ibm] hexadecimal or ieee" },
    OptionAbout { name: "sign", summary: "signs in a zone are [ebcdic] ({A..I, }J..R in ascii) or ascii (p..y)" },
    OptionAbout { name: "binary", summary: "the first byte of a binary number is the [big] or the little end" },
    OptionAbout { name: "trim", summary: "texts lose the blanks at their end [right] or keep them, none" },
    OptionAbout { name: "bad-number", summary: "bytes that are no number: [reject], absent, raw" },
    OptionAbout { name: "select", summary: "which record or view of a REDEFINES a value chooses: NAME when CONDITION, .." },
];

/// Reads the options; `None` after a diagnostic.
pub(crate) fn read(options: &Options, otherwise: Span, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let whole = options.span.unwrap_or(otherwise);
    let before = diagnostics.len();
    for option in &options.list {
        if !OPTIONS.iter().any(|it| it.name == option.name) {
            let error = diagnostics.error("E003", option.span, format!("`{}` is no option of copybook", option.name));
            let names: Vec<_> = OPTIONS.iter().map(|it| it.name).collect();
            error.label("unknown option").add_note(format!("its options: {}", names.join(", ")));
        }
    }
    let page = page(options, whole, diagnostics);
    let record = record(options, diagnostics);
    let word = |name: &str, words: &[&str], diagnostics: &mut Diagnostics| -> usize {
        let Some(option) = options.get(name) else { return 0 };
        let found = match option.words.as_slice() {
            [one] => words.iter().position(|it| it == one),
            _ => None,
        };
        found.unwrap_or_else(|| {
            bad_words(option, &words.join(" or "), diagnostics);
            0
        })
    };
    let hexadecimal = word("float", &["ibm", "ieee"], diagnostics) == 0;
    let ascii_signs = word("sign", &["ebcdic", "ascii"], diagnostics) == 1;
    let little = word("binary", &["big", "little"], diagnostics) == 1;
    let trims = word("trim", &["right", "none"], diagnostics) == 0;
    let bad_number = match word("bad-number", &["reject", "absent", "raw"], diagnostics) {
        0 => BadNumber::Reject,
        1 => BadNumber::Absent,
        _ => BadNumber::Raw,
    };
    let page = page?;
    let zones = match (page.family, ascii_signs) {
        ("EBCDIC", true) => {
            let span = options.get("sign").map_or(whole, |it| it.span);
            let error = diagnostics.error("S308", span, format!("there are no ascii signs in {}", page.name));
            error.label("digits of this code page have signs of their own").help("leave the option out");
            Zones::Ebcdic
        }
        ("EBCDIC", false) => Zones::Ebcdic,
        (_, true) => Zones::Ascii,
        (_, false) => Zones::Translated,
    };
    let is_good = diagnostics.len() == before;
    let (blank, is_ascii) = (ebcdic::byte(page, ' ').unwrap_or(b' '), page.family == "ASCII");
    is_good.then_some(Settings { page, blank, is_ascii, fixed: record, hexadecimal, zones, little, trims, bad_number })
}

fn page(options: &Options, whole: Span, diagnostics: &mut Diagnostics) -> Option<&'static CodePage> {
    let names: Vec<_> = ebcdic::PAGES.iter().map(|it| it.name).collect();
    let Some(option) = options.get("charset") else {
        let error = diagnostics.error("S307", whole, "the code page of the records is not said");
        error.label("`charset` is missing");
        error.add_note(
            "cp037 US, Canada; cp273 Germany, Austria; cp500 international; cp1047 z/OS Unix; cp1140 cp037 with the euro; ascii",
        );
        error.help("say it:  charset \"cp037\"   (`latimer inspect FILE` guesses)");
        return None;
    };
    let found = match option.words.as_slice() {
        [name] => ebcdic::page(name),
        _ => None,
    };
    if found.is_none() {
        let error = diagnostics.error("S307", option.span, format!("there is no code page `{}`", option.words.join(" ")));
        error.label("unknown").help(format!("one of {}", names.join(", ")));
    }
    found
}

fn record(options: &Options, diagnostics: &mut Diagnostics) -> Option<(u32, Span)> {
    let option = options.get("record")?;
    let words: Vec<&str> = option.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fixed"] => None,
        ["fixed", length] if length.parse::<u32>().is_ok_and(|it| it > 0) => length.parse().ok().map(|it| (it, option.span)),
        ["rdw" | "vb" | "text" | "length-field", ..] => {
            let error = diagnostics.error("E004", option.span, format!("`record {}` is not built yet", words.join(" ")));
            error.label("not built yet").help("strip the record headers and use  record fixed");
            None
        }
        _ => {
            bad_words(option, "fixed or fixed N", diagnostics);
            None
        }
    }
}

fn bad_words(option: &FormatOption, allowed: &str, diagnostics: &mut Diagnostics) {
    let message = format!("`{} {}` is not known", option.name, option.words.join(" "));
    diagnostics.error("S308", option.span, message).label("here").help(format!("write  {} {allowed}", option.name));
}
