//! framing
/// How messages follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// One value or several, blanks between.
    Document,
    /// A value ends with its line.
    Lines,
    /// The elements of a top-level array.
    Array,
}

impl Framing {
    /// The framing of a name.
    pub(crate) fn named(name: &str) -> Option<Framing> {
        Some(match name {
            "document" => Framing::Document,
            "lines" => Framing::Lines,
            "array" => Framing::Array,
            _ => return None,
        })
    }
}
