//! The one list of adapters: a new one adds a line.

use latimer_copybook::Copybook;
use latimer_engine::Format;
use latimer_json::Json;
use latimer_soap::Soap;
use latimer_xml::Xml;

/// Every format, in the order of the manual.
pub const FORMATS: &[&dyn Format] = &[&Json, &Xml::ISO20022, &Xml::PLAIN, &Soap, &Copybook];

/// The format of a name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|it| it.name() == name).copied()
}
