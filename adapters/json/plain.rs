//! The plain JSON form of another format: its schema as a layout.
//!
//! Members of a message are members of an object, in any order; a repeat is always an array; a leaf with attributes is an object
//! `{"@Ccy":"EUR","$value":100.00}`; bytes are upper-case hex; a value that would not come back byte for byte is
//! `{"$hex":"0012"}`; what the schema leaves open is `{"$xml":"<..>"}` or a text.

use crate::{
    bind::{Act, Action, NOWHERE},
    calendar::Form,
    decode::{JsonDecoder, Run, index},
    layout::{Array, ArrayStyle, BracketShape, Brackets, Field, Layout, Member, Object, Value, What},
    rule::{self, TextRule},
    scan,
};
use latimer_engine::{FaultCode, Kind, Number, Occurs, Particle, Schema, Slot, Text, Type, TypeDef, TypeId};

/// The layout of a schema's plain form; `is_record` where a member that is missing is blank.
pub(crate) fn layout(schema: &Schema, is_record: bool) -> Layout {
    let mut made = Layout { plain: true, ..Layout::default() };
    // Types come first, one object each, so that a type within itself has a number before it has members.
    for _ in schema.types() {
        made.objects.push(Object::default());
    }
    for (at, def) in schema.types().iter().enumerate() {
        let styles = def.members.iter().map(|_| ArrayStyle { writes_empty: is_record, null_items: false }).collect();
        made.brackets.push(Brackets { shape: BracketShape::Object, arrays: styles });
        let object = object(schema, def, is_record, &mut made);
        if let Some(it) = made.objects.get_mut(at) {
            *it = object;
        }
    }
    made.root = value(schema, schema.root_type(), is_record, &mut made);
    made
}

fn object(schema: &Schema, def: &TypeDef, is_record: bool, made: &mut Layout) -> Object {
    let is_simple = is_simple(&def.content, true);
    let mut object = Object { additional: Value { what: What::Never, nullable: false }, ..Object::default() };
    for (at, member) in (0..).zip(&def.members) {
        let is_optional = is_record || member.filler || member.kept_by_engine || member.occurs.min == 0;
        let mut value = value(schema, member.kind, is_record, made);
        value.nullable = member.nullable && can_be_null(schema, member.kind, member.repeats);
        if member.repeats {
            let fewest = if is_record { 0 } else { member.occurs.min };
            let item = value;
            made.arrays.push(Array { item, fewest, most: member.occurs.max, ..Array::default() });
            value = Value { what: What::Array(index(made.arrays.len() - 1)), nullable: false };
        }
        let required = !is_optional && (is_simple || member.is_attribute());
        let (name, field) = (member.name.clone(), Field::Member(at));
        object.members.push(Member { name, value, field, required, is_optional });
    }
    if let Kind::Leaf(leaf) = &def.kind {
        let value = Value { what: leaf_value(leaf, is_record, made), nullable: !is_record };
        let (name, field) = ("$value".to_owned(), Field::Own);
        object.members.push(Member { name, value, field, required: !is_record, is_optional: is_record });
    }
    if !is_simple && !is_record {
        object.content = Some(def.content.clone());
    }
    object
}

/// Whether `null` can stand for a nil of a type. Of a leaf with attributes, which a nil one has too, it is `$value` that is
/// null; what an attribute must stand in is no null, and occurrences of groups are objects.
fn can_be_null(schema: &Schema, kind: TypeId, repeats: bool) -> bool {
    let def = schema.type_def(kind);
    match def.kind {
        Kind::Leaf(_) | Kind::Any => def.members.is_empty(),
        Kind::Group | Kind::Choice => !repeats && !def.members.iter().any(|it| it.is_attribute() && it.occurs.min > 0),
    }
}

/// Whether a content model says no more than that each member stands as often as it says itself.
fn is_simple(content: &Particle, is_outermost: bool) -> bool {
    match content {
        Particle::Member(_) => true,
        Particle::Sequence(parts, Occurs::ONCE) | Particle::All(parts) if is_outermost => {
            parts.iter().all(|it| is_simple(it, false))
        }
        _ => false,
    }
}

fn value(schema: &Schema, kind: TypeId, is_record: bool, made: &mut Layout) -> Value {
    let def = schema.type_def(kind);
    let what = match &def.kind {
        Kind::Any => What::Xml,
        Kind::Leaf(leaf) if def.members.is_empty() => leaf_value(leaf, is_record, made),
        Kind::Leaf(_) | Kind::Group | Kind::Choice => What::Object(kind.0),
    };
    Value { what, nullable: false }
}

fn leaf_value(leaf: &Type, is_record: bool, made: &mut Layout) -> What {
    // Conditions of level 88 name values; they are not all there are.
    match leaf {
        Type::Text(rule) if is_record && !rule.codes.is_empty() => {
            return text(made, &Text { codes: Vec::new(), ..rule.clone() }, Vec::new());
        }
        Type::Number(rule) if is_record && !rule.codes.is_empty() => {
            return made.number(Number { codes: Vec::new(), ..rule.clone() });
        }
        _ => {}
    }
    let form = |made: &mut Layout, form: Form| text(made, &Text::default(), vec![form]);
    match leaf {
        Type::Text(rule) => text(made, rule, Vec::new()),
        Type::Number(number) | Type::Amount(number) => made.number(Number::clone(number)),
        Type::Bytes(least, most) => {
            made.bytes.push((*least, most.unwrap_or(u32::MAX)));
            What::Bytes(index(made.bytes.len() - 1))
        }
        Type::YesNo => What::YesNo(true, true),
        Type::Date => form(made, Form::XmlDate),
        Type::Time => form(made, Form::XmlTime),
        Type::DateTime => form(made, Form::XmlDateTime(false)),
        Type::Instant => form(made, Form::XmlDateTime(true)),
    }
}

fn text(made: &mut Layout, rule: &Text, forms: Vec<Form>) -> What {
    match TextRule::new(rule, forms.clone()) {
        Ok(rule) => made.text(rule),
        // The other format compiled its patterns when it compiled its schema.
        Err(_) => What::Never,
    }
}

impl JsonDecoder {
    /// Notes a value, or a group, that is null.
    pub(crate) fn nil(&mut self, run: &mut Run<'_>, action: Action) {
        let presence = match action.act {
            Act::Object(object) => self.bound.objects.get(object as usize).map_or(NOWHERE, |it| it.presence),
            _ => action.slot,
        };
        if presence != NOWHERE {
            run.record.set(presence, Slot::NIL);
        }
    }

    /// What only the plain form allows.
    pub(crate) fn plain(&mut self, run: &mut Run<'_>, action: Action, at: usize) -> Option<usize> {
        match (action.act, scan::byte(run.text, at)) {
            (Act::Number(rule), b'"') => self.number_in_text(run, rule, action, at + 1),
            (Act::Bytes(limits), b'"') => {
                let (least, most) = self.layout.bytes.get(limits as usize).copied()?;
                let (end, _) = self.string(run, at + 1)?;
                let count = (end - at - 1) as u64 / 2;
                let fits = count >= u64::from(least) && count <= u64::from(most);
                self.hex(run, action, at + 1..end, (fits, false))?;
                Some(end + 1)
            }
            (Act::Xml, b'"') => self.open_content(run, action, at),
            (Act::Xml, b'{') => {
                let (value, end) = self.only_member(run, at, b"$xml")?;
                match value.filter(|it| scan::byte(run.text, *it) == b'"') {
                    Some(value) => {
                        self.open_content(run, action, value)?;
                        Some(end)
                    }
                    None => self.mismatch(run, at),
                }
            }
            (Act::Text(_) | Act::Number(_) | Act::YesNo(..) | Act::Bytes(_), b'{') => {
                let (value, end) = self.only_member(run, at, b"$hex")?;
                match value.filter(|it| scan::byte(run.text, *it) == b'"') {
                    Some(value) => {
                        let (closing, _) = self.string(run, value + 1)?;
                        self.hex(run, action, value + 1..closing, (true, true))?;
                        Some(end)
                    }
                    None => self.mismatch(run, at),
                }
            }
            _ => self.mismatch(run, at),
        }
    }

    /// A number that is given as a text: digits with a sign and a point, no exponent.
    fn number_in_text(&mut self, run: &mut Run<'_>, rule: u32, action: Action, from: usize) -> Option<usize> {
        let (end, _) = self.string(run, from)?;
        let text = scan::slice(run.text, from, end);
        self.spelled.clear();
        let is_number = clean(text, &mut self.spelled);
        let rule = self.layout.numbers.get(rule as usize);
        if !is_number || !rule.is_some_and(|it| it.allows(&self.spelled, rule::whole(&self.spelled))) {
            self.note(run, FaultCode::JsonFacet, from - 1, b"")?;
        } else if action.slot != NOWHERE {
            let digits = &self.spelled;
            let held = run.record.hold(index(from), index(end - from), |out| out.extend_from_slice(digits));
            run.record.set(action.slot, held);
        }
        Some(end + 1)
    }

    fn hex(
        &mut self,
        run: &mut Run<'_>,
        action: Action,
        digits: std::ops::Range<usize>,
        (fits, is_raw): (bool, bool),
    ) -> Option<()> {
        let text = scan::slice(run.text, digits.start, digits.end);
        self.spelled.clear();
        for pair in text.chunks(2) {
            if let [high, low] = pair
                && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
            {
                self.spelled.extend(u8::try_from(high << 4 | low));
            }
        }
        if !fits || self.spelled.len() * 2 != text.len() {
            return self.note(run, FaultCode::JsonFacet, digits.start - 1, b"");
        }
        if action.slot != NOWHERE {
            let (bytes, length) = (&self.spelled, index(digits.len()));
            let held = run.record.hold(index(digits.start), length, |out| out.extend_from_slice(bytes));
            run.record.set(action.slot, if is_raw { held.as_raw() } else { held });
        }
        Some(())
    }

    /// The text at a quote, kept as it is meant.
    fn open_content(&mut self, run: &mut Run<'_>, action: Action, at: usize) -> Option<usize> {
        let (end, _) = self.string(run, at + 1)?;
        if action.slot != NOWHERE {
            let text = scan::slice(run.text, at + 1, end);
            let held = run.record.hold(index(at + 1), index(text.len()), |out| scan::unescape(text, out));
            run.record.set(action.slot, held);
        }
        Some(end + 1)
    }

    /// The value of the only member that an object may have, and the end of the object; no value if it has another.
    fn only_member(&mut self, run: &mut Run<'_>, at: usize, name: &[u8]) -> Option<(Option<usize>, usize)> {
        let end = self.skip(run, at)?;
        let quote = scan::blanks(run.text, at + 1);
        let (Ok((closing, false)), b'"') = (scan::string(run.text, quote + 1), scan::byte(run.text, quote)) else {
            return Some((None, end));
        };
        let value = scan::blanks(run.text, scan::blanks(run.text, closing + 1) + 1);
        let behind = scan::skip(run.text, value, 1).map(|it| scan::blanks(run.text, it));
        let is_only = behind == Some(end - 1) && scan::slice(run.text, quote + 1, closing) == name;
        Some((is_only.then_some(value), end))
    }
}

/// Appends the digits of a number as a record has them: no `+`, no leading zeros, a digit on both sides of a point.
fn clean(text: &[u8], out: &mut Vec<u8>) -> bool {
    let (sign, digits) = match text.split_first() {
        Some((b'-', rest)) => (&b"-"[..], rest),
        Some((b'+', rest)) => (&b""[..], rest),
        _ => (&b""[..], text),
    };
    let point = digits.iter().position(|it| *it == b'.').unwrap_or(digits.len());
    let (whole, fraction) = (scan::slice(digits, 0, point), digits.get(point + 1..).unwrap_or_default());
    if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return false;
    }
    out.extend_from_slice(sign);
    let zeros = whole.iter().take_while(|it| **it == b'0').count();
    let significant = whole.get(zeros..).unwrap_or_default();
    out.extend_from_slice(if significant.is_empty() { b"0" } else { significant });
    if !fraction.is_empty() {
        out.push(b'.');
        out.extend_from_slice(fraction);
    }
    true
}
