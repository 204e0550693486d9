//! The events of an XML document as children, texts and what is skipped.

use super::Checked;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// A document that is read from its first byte to its last.
pub(super) struct Document<'a>(Reader<&'a [u8]>);

impl<'a> Document<'a> {
    pub(super) fn new(xml: &'a [u8]) -> Checked<Self> {
        let mut reader = Reader::from_str(std::str::from_utf8(xml).map_err(|_| "UTF-8")?);
        reader.config_mut().expand_empty_elements = true;
        Ok(Document(reader))
    }

    /// The next child of the element that is open, or none at its end. Nothing but blanks stands between children.
    pub(super) fn child(&mut self) -> Checked<Option<BytesStart<'a>>> {
        loop {
            match self.0.read_event().map_err(|_| "XML")? {
                Event::Start(start) => return Ok(Some(start)),
                Event::End(_) | Event::Eof => return Ok(None),
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                _ => return Err("text between elements"),
            }
        }
    }

    /// The child that must come now.
    pub(super) fn expect(&mut self, name: &str) -> Checked<BytesStart<'a>> {
        match self.child()? {
            Some(start) if start.local_name().as_ref() == name.as_bytes() => Ok(start),
            _ => Err("an element is missing"),
        }
    }

    /// The text of the child that must come now.
    pub(super) fn expect_text(&mut self, name: &str) -> Checked<Cow<'a, str>> {
        let start = self.expect(name)?;
        self.text(&start)
    }

    /// The element that is open has no further child.
    pub(super) fn expect_end(&mut self) -> Checked<()> {
        self.child()?.map_or(Ok(()), |_| Err("an element too many"))
    }

    /// The text of the element that began.
    pub(super) fn text(&mut self, start: &BytesStart<'_>) -> Checked<Cow<'a, str>> {
        let raw = self.0.read_text(start.name()).map_err(|_| "XML")?;
        match raw {
            Cow::Borrowed(raw) if !raw.contains('<') => unescape(raw).map_err(|_| "an entity"),
            _ => Err("elements in a text"),
        }
    }

    /// What the element that began holds is of no interest.
    pub(super) fn skip(&mut self, start: &BytesStart<'_>) -> Checked<()> {
        self.0.read_to_end(start.name()).map(|_| ()).map_err(|_| "XML")
    }
}

/// Sets what may be said once.
pub(super) fn set<T>(place: &mut Option<T>, value: T) -> Checked<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err("an element twice"),
    }
}
