//! Orders and pacs.008 to JSON.

use super::text::Text;
use crate::shapes::order::Order;
use quick_xml::events::Event;

/// An order to itself by borrowed texts, its UTF-8 checked at once.
pub(crate) fn order(json: &[u8], out: &mut Vec<u8>) {
    let order: Order<Text<'_>> = serde_json::from_str(std::str::from_utf8(json).unwrap()).unwrap();
    serde_json::to_writer(out, &order).unwrap();
}
/// A pacs.008 to JSON in one pass over its events: which elements repeat is all that is known of it.
pub(crate) fn pacs_shown(xml: &[u8], out: &mut Vec<u8>) {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(xml).unwrap());
    let repeats = |name: &[u8]| matches!(name, b"CdtTrfTxInf" | b"SvcLvl" | b"AdrLine" | b"Ustrd");
    // By depth: the last child's name, if it repeats; whether anything stands in the object.
    let mut levels: Vec<(Vec<u8>, bool)> = vec![(Vec::new(), false)];
    let (mut is_amount, mut is_leaf) = (false, false);
    out.push(b'{');
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                if is_leaf {
                    out.push(b'{');
                }
                let name = start.name().into_inner();
                let (last, is_filled) = levels.last_mut().unwrap();
                if last.as_slice() == name {
                    out.push(b',');
                } else {
                    if !last.is_empty() {
                        out.push(b']');
                        last.clear();
                    }
                    if *is_filled {
                        out.push(b',');
                    }
                    out.push(b'"');
                    out.extend_from_slice(name);
                    out.extend_from_slice(b"\":");
                    if repeats(name) {
                        out.push(b'[');
                        last.extend_from_slice(name);
                    }
                }
                *is_filled = true;
                is_amount = false;
                for attribute in start.attributes().map(Result::unwrap).filter(|it| it.key.0 == b"Ccy") {
                    out.extend_from_slice(b"{\"@Ccy\":");
                    serde_json::to_writer(&mut *out, std::str::from_utf8(&attribute.value).unwrap()).unwrap();
                    out.extend_from_slice(b",\"$value\":");
                    is_amount = true;
                }
                levels.push((Vec::new(), false));
                is_leaf = true;
            }
            Event::Text(text) => {
                let text = text.decode().unwrap();
                if is_amount {
                    out.extend_from_slice(text.as_bytes());
                    out.push(b'}');
                } else if is_leaf {
                    serde_json::to_writer(&mut *out, &text).unwrap();
                }
            }
            Event::End(_) => {
                let (last, _) = levels.pop().unwrap();
                if !is_leaf {
                    if !last.is_empty() {
                        out.push(b']');
                    }
                    out.push(b'}');
                }
                is_leaf = false;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    out.push(b'}');
}
