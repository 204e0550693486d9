//! Nodes to the schema that all formats share.

use crate::{
    copybook::{Item, Value},
    layout::{Layout, Node, NodeId, NodeKind, Part, Record, members, node},
    options::Settings,
    place::{Placed, name_fillers},
    select,
    spelling::Spelling,
};
use latimer_engine::{
    Decimal, Diagnostics, FieldId, Kind, Member, Number, Occurs, Options, Particle, Repertoire, Schema, Span, Text, Type,
    TypeDef, TypeId,
};
use latimer_wire::{binary, ebcdic};
use std::sync::Arc;

/// What the author of the copybook said besides it.
pub(crate) struct Source<'a> {
    pub(crate) items: &'a [Item],
    /// The file, as messages show it.
    pub(crate) name: &'a str,
    pub(crate) span: Span,
    pub(crate) options: &'a Options,
    pub(crate) settings: &'a Settings,
}

/// Makes the schema and finishes the layout.
pub(crate) fn describe(source: &Source<'_>, placed: Placed, diagnostics: &mut Diagnostics) -> Layout {
    let Placed { mut nodes, mut records, anchors } = placed;
    let others = choose_record(source, &nodes, &mut records, diagnostics);
    pad(source, &mut nodes, &mut records, diagnostics);
    check_tables(source, &nodes, &records, diagnostics);
    let repertoire = Arc::new(Repertoire::new(source.settings.page.family, ebcdic::characters(source.settings.page)));
    let mut types = Types { source, nodes: &nodes, repertoire, list: Vec::new() };
    let root = types.root(&records);
    let schema = Arc::new(Schema::new(source.name, types.list, root));
    for (member, record) in (0..).zip(&records) {
        name_fields(&schema, &mut nodes, record.node, schema.nth(Schema::ROOT, member));
    }
    let fields: Vec<FieldId> = nodes.iter().map(|it| it.field).collect();
    for node in &mut nodes {
        if let Some(counter) = node.table.as_mut().and_then(|it| it.counter.as_mut()) {
            counter.field = fields.get(counter.node).copied().unwrap_or(Schema::ROOT);
        }
    }
    select::resolve(source, &mut nodes, &mut records, &others, diagnostics);
    Layout { schema, nodes, records, anchors }
}

/// With a record's name behind `#`, each record of the file is that one. Gives the names of the others.
fn choose_record(source: &Source<'_>, nodes: &[Node], records: &mut Vec<Record>, diagnostics: &mut Diagnostics) -> Vec<String> {
    let wanted = source.options.fragment.trim_start_matches('/');
    let names: Vec<_> = records.iter().map(|it| node(nodes, it.node).name.clone()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    if !names.iter().any(|it| it.eq_ignore_ascii_case(wanted)) {
        let error = diagnostics.error("E101", source.span, format!("there is no record `{wanted}`"));
        error.label("not a level 01").add_note(format!("the records: {}", names.join(", ")));
        return Vec::new();
    }
    records.retain(|it| node(nodes, it.node).name.eq_ignore_ascii_case(wanted));
    names.into_iter().filter(|it| !it.eq_ignore_ascii_case(wanted)).collect()
}

/// Fills records up: to one length where that is said, level 01 items that redefine each other to the longest of them.
fn pad(source: &Source<'_>, nodes: &mut Vec<Node>, records: &mut [Record], diagnostics: &mut Diagnostics) {
    if let Some((fixed, span)) = source.settings.fixed {
        for record in records.iter_mut() {
            let name = node(nodes, record.node).name.clone();
            match record.length {
                Some(length) if length > fixed => {
                    let message = format!("`{name}` has {length} bytes, more than the {fixed} of a record");
                    diagnostics.error("S310", span, message).label("too short");
                }
                _ => fill_up(nodes, record, fixed),
            }
        }
        return;
    }
    for first in 0..records.len() {
        // A record starts a family; those behind it that redefine one of the family join it.
        let family: Vec<usize> =
            (first..records.len()).take_while(|it| *it == first || redefines(source.items, nodes, records.get(*it))).collect();
        if family.len() < 2 || redefines(source.items, nodes, records.get(first)) {
            continue;
        }
        let longest = family.iter().filter_map(|it| records.get(*it)?.length).max().unwrap_or(0);
        for number in family {
            if let Some(record) = records.get_mut(number).filter(|it| it.length.is_some()) {
                fill_up(nodes, record, longest);
            }
        }
    }
    let lengths: Vec<u32> = records.iter().filter_map(|it| it.padded.or(it.length)).collect();
    if lengths.len() == records.len() && lengths.iter().any(|it| Some(it) != lengths.first()) {
        let warning = diagnostics.warning("S313", source.span, "the records have different lengths");
        let each: Vec<_> =
            records.iter().map(|it| format!("{} {}", node(nodes, it.node).name, it.padded.or(it.length).unwrap_or(0))).collect();
        warning.label("each is as long as its level 01").add_note(format!("their bytes: {}", each.join(", ")));
        let longest = lengths.iter().max().copied().unwrap_or(0);
        warning.help(format!("if all have one length, say it:  record fixed {longest}"));
    }
}

/// The records of a file repeat already.
fn check_tables(source: &Source<'_>, nodes: &[Node], records: &[Record], diagnostics: &mut Diagnostics) {
    let tables = records.iter().map(|it| node(nodes, it.node)).filter(|it| it.table.is_some() && records.len() > 1);
    for node in tables {
        let span = node.item.and_then(|it| source.items.get(it)).map_or(source.span, |it| it.span);
        let error = diagnostics.error("S305", span, format!("`{}` has an `OCCURS` at level 01", node.name));
        error.label("beside other records").help("put the table into a group of its own below level 01");
    }
}

fn redefines(items: &[Item], nodes: &[Node], record: Option<&Record>) -> bool {
    let item = record.and_then(|it| node(nodes, it.node).item);
    item.and_then(|it| items.get(it)).is_some_and(|it| it.redefines.is_some())
}

/// Gives a record a filler behind all else, so that it is as long as the others. A level 01 item that is no group has no
/// place for it: there it must be blanks.
fn fill_up(nodes: &mut Vec<Node>, record: &mut Record, length: u32) {
    record.padded = Some(length);
    let left = record.length.map(|it| length - it);
    if left == Some(0) {
        return;
    }
    let at = record.length.unwrap_or(0);
    let id = nodes.len();
    let Some(Node { kind: NodeKind::Group(parts), table: None, size, .. }) = nodes.get_mut(record.node) else {
        record.is_filled = false;
        return;
    };
    *size = size.and(Some(length));
    parts.push(Part::Node(id));
    let all = std::mem::take(parts);
    let kind = if left.is_some() { NodeKind::Leaf(Spelling::Text { at_right: false }) } else { NodeKind::Rest };
    let (is_named, is_filler, is_counter) = (false, true, false);
    let (name, item, table, field) = (String::new(), None, None, FieldId(0));
    nodes.push(Node { name, field, item, anchor: 0, at, size: left, kind, table, is_named, is_filler, is_counter });
    name_fillers(nodes, &all);
    if let Some(it) = nodes.get_mut(record.node) {
        it.kind = NodeKind::Group(all);
    }
}

fn name_fields(schema: &Schema, nodes: &mut [Node], id: NodeId, field: FieldId) {
    let Some(it) = nodes.get_mut(id) else { return };
    it.field = field;
    let within = match &it.kind {
        NodeKind::Group(parts) => members(parts),
        _ => Vec::new(),
    };
    for (member, child) in (0..).zip(within) {
        name_fields(schema, nodes, child, schema.nth(field, member));
    }
}

struct Types<'a> {
    source: &'a Source<'a>,
    nodes: &'a [Node],
    repertoire: Arc<Repertoire>,
    list: Vec<TypeDef>,
}

impl Types<'_> {
    fn root(&mut self, records: &[Record]) -> TypeId {
        let is_file = records.len() > 1;
        let mut list = Vec::new();
        for record in records {
            let mut member = self.member(record.node);
            if is_file {
                (member.occurs, member.repeats) = (Occurs { min: 0, max: None }, true);
            }
            list.push(member);
        }
        self.push(TypeDef::sequence(self.source.name, list))
    }

    fn push(&mut self, kind: TypeDef) -> TypeId {
        self.list.push(kind);
        TypeId(u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX))
    }

    fn member(&mut self, id: NodeId) -> Member {
        let node = node(self.nodes, id);
        let name = self.type_name(node);
        let kind = match &node.kind {
            NodeKind::Group(parts) => {
                let list = members(parts).into_iter().map(|it| self.member(it)).collect();
                let content = Particle::Sequence(particles(parts, &mut 0), Occurs::ONCE);
                TypeDef { name, kind: Kind::Group, members: list, content }
            }
            NodeKind::Leaf(spelling) => TypeDef::leaf(name, self.leaf(node, *spelling, node.size)),
            NodeKind::Rest => TypeDef::leaf(name, self.leaf(node, Spelling::Text { at_right: false }, None)),
        };
        let is_number = matches!(&kind.kind, Kind::Leaf(it) if matches!(**it, Type::Number(_)));
        let member = Member::once(node.name.clone(), self.push(kind));
        let (occurs, repeats) = match &node.table {
            Some(table) => {
                let max = (table.max != u32::MAX).then_some(table.max);
                (Occurs { min: table.min, max }, true)
            }
            None => (Occurs::ONCE, false),
        };
        Member {
            occurs,
            repeats,
            kept_by_engine: node.is_counter,
            filler: node.is_filler,
            // Bad digits read as absent: there may be no value.
            nullable: is_number && self.source.settings.bad_number == crate::options::BadNumber::Absent,
            ..member
        }
    }

    /// `PIC S9(11)V99 COMP-3`; of a group its name.
    fn type_name(&self, node: &Node) -> String {
        let Some(item) = node.item.and_then(|it| self.source.items.get(it)) else {
            return if node.is_filler { "filler".to_owned() } else { node.name.clone() };
        };
        let usage = item.usage.as_ref().map_or("", |it| it.1.as_str());
        match (&item.picture, usage) {
            (Some((_, text, _)), "" | "DISPLAY") => format!("PIC {text}"),
            (Some((_, text, _)), usage) => format!("PIC {text} {usage}"),
            (None, usage) if !usage.is_empty() && matches!(node.kind, NodeKind::Leaf(_)) => usage.to_owned(),
            _ => node.name.clone(),
        }
    }

    fn leaf(&self, node: &Node, spelling: Spelling, length: Option<u32>) -> Type {
        let item = node.item.and_then(|it| self.source.items.get(it));
        let values = item.map_or(&[][..], |it| &it.conditions);
        match spelling {
            Spelling::Text { .. } => Type::Text(Text {
                max: length,
                codes: self.text_codes(values, length.unwrap_or(0)),
                repertoire: Some(Arc::clone(&self.repertoire)),
                ..Text::default()
            }),
            Spelling::Bytes { .. } => Type::Bytes(length.unwrap_or(0), length),
            Spelling::Float(_) => Type::Number(Number { signed: true, ..Number::default() }),
            number => {
                let mut it = number.number().map(number_type).unwrap_or_default();
                if let Spelling::Binary(binary) = spelling
                    && binary.full
                {
                    let bound = |negative| {
                        let most = binary::limit(length.unwrap_or(0) as usize, binary.number.signed, negative);
                        let most = i128::try_from(most).ok()?;
                        scaled(if negative { -most } else { most }, binary.number.scale).map(|it| (it, true))
                    };
                    (it.least, it.greatest) = (bound(true), bound(false));
                }
                it.codes = number_codes(values, &it);
                Type::Number(it)
            }
        }
    }

    /// The values of level 88, as they are read; none where they cannot be listed.
    fn text_codes(&self, values: &[(Value, Option<Value>)], length: u32) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for (from, to) in values {
            let Some(code) = self.text_code(from, length as usize).filter(|_| to.is_none()) else {
                return Vec::new();
            };
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    fn text_code(&self, value: &Value, length: usize) -> Option<String> {
        let page = self.source.settings.page;
        let text: String = match value {
            Value::Text(text) | Value::Number(text) => text.clone(),
            Value::Fill(text) => text.chars().cycle().take(length).collect(),
            // Low-values are blank.
            Value::Low => String::new(),
            Value::High => std::iter::repeat_n(ebcdic::character(page, 0xFF)?, length).collect(),
            Value::Hex(digits) => {
                let pairs = digits.as_bytes().chunks(2).map(|it| str::from_utf8(it).ok());
                let bytes: Option<Vec<u8>> = pairs.map(|it| u8::from_str_radix(it?, 16).ok()).collect();
                let mut text = Vec::new();
                let bytes = bytes?;
                if !bytes.iter().all(|it| *it == 0) {
                    ebcdic::decode(page, &bytes, &mut text).ok()?;
                }
                String::from_utf8(text).ok()?
            }
        };
        let text = if self.source.settings.trims { text.trim_end_matches(' ') } else { &text };
        (text.chars().count() <= length).then(|| text.to_owned())
    }
}

/// The particles of a group; `next` counts its members.
fn particles(parts: &[Part], next: &mut u32) -> Vec<Particle> {
    let mut list = Vec::new();
    for part in parts {
        match part {
            Part::Node(_) => {
                list.push(Particle::Member(*next));
                *next += 1;
            }
            Part::Choice(views) => {
                let mut choice = Vec::new();
                for view in views {
                    let sequence = particles(&view.parts, next);
                    choice.push(match <[Particle; 1]>::try_from(sequence) {
                        Ok([one]) => one,
                        Err(sequence) => Particle::Sequence(sequence, Occurs::ONCE),
                    });
                }
                list.push(Particle::Choice(choice, Occurs::ONCE));
            }
        }
    }
    list
}

/// What a picture's digits allow.
fn number_type(number: latimer_wire::Number) -> Number {
    let (digits, scale) = (i32::from(number.digits), i32::from(number.scale));
    let size = |it: i32| u32::try_from(it).ok().or(Some(0));
    let it = Number { integer_max: size(digits - scale), decimals_max: size(scale), signed: number.signed, ..Number::default() };
    if scale < 0 {
        // `9(3)P(3)` counts thousands.
        return Number { multiple_of: scaled(1, number.scale), ..it };
    }
    if scale > digits {
        // `VP(2)9(3)` is less than a hundredth.
        let most = 10i128.checked_pow(digits.unsigned_abs()).and_then(|it| scaled(it - 1, number.scale));
        let least = if number.signed { most.map(|it| Decimal { coefficient: -it.coefficient, ..it }) } else { None };
        return Number { greatest: most.map(|it| (it, true)), least: least.map(|it| (it, true)), ..it };
    }
    it
}

/// `coefficient / 10^scale`.
fn scaled(coefficient: i128, scale: i8) -> Option<Decimal> {
    match u8::try_from(scale) {
        Ok(scale) => Some(Decimal { coefficient, scale }),
        Err(_) => {
            let factor = 10i128.checked_pow(u32::from(scale.unsigned_abs()))?;
            Some(Decimal::integer(coefficient.checked_mul(factor)?))
        }
    }
}

/// The most values of a range that are listed.
const RANGE_MAX: i128 = 1000;

fn number_codes(values: &[(Value, Option<Value>)], number: &Number) -> Vec<Decimal> {
    let decimal = |value: &Value| match value {
        Value::Number(text) | Value::Text(text) => Decimal::parse(text.trim().as_bytes()),
        Value::Fill(text) if text == "0" => Some(Decimal::ZERO),
        _ => None,
    };
    let mut codes = Vec::new();
    for (from, to) in values {
        match (decimal(from), to.as_ref().map(decimal)) {
            (Some(from), None) => codes.push(from),
            (Some(from), Some(Some(to))) if number.decimals_max == Some(0) => {
                let (Some(from), Some(to)) = (from.rescale(0), to.rescale(0)) else { return Vec::new() };
                if to.coefficient.saturating_sub(from.coefficient) > RANGE_MAX {
                    return Vec::new();
                }
                codes.extend((from.coefficient..=to.coefficient).map(Decimal::integer));
            }
            _ => return Vec::new(),
        }
    }
    codes.dedup();
    codes
}
