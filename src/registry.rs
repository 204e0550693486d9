//! The one list of adapters: a new one adds a line.

use latimer_copybook::Copybook;
use latimer_engine::{Codec, Format};
use latimer_json::Json;
use latimer_soap::Soap;
use latimer_xml::Xml;
use std::sync::Arc;

/// Every format, in the order of the manual.
pub const FORMATS: &[&dyn Format] = &[&Json, &Xml::ISO20022, &Xml::PLAIN, &Soap, &Copybook];

/// The format of a name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|it| it.name() == name).copied()
}

/// The plain JSON form of a codec's messages; JSON is its own.
pub fn plain(format: &dyn Format, codec: &Arc<dyn Codec>) -> Arc<dyn Codec> {
    if format.name() == Json.name() {
        return Arc::clone(codec);
    }
    let schema = Arc::clone(codec.schema());
    if format.about().records { Json::plain_record(schema) } else { Json::plain(schema) }
}
