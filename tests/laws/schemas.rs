//! Random schemas: one tree of fields, written down as an XSD, as a JSON Schema and as a copybook.

use latimer::laws::Random;
use std::fmt::Write;

/// A field of a random schema.
pub struct Field {
    name: String,
    least: u32,
    most: Option<u32>,
    node: Node,
}

enum Node {
    Group(Vec<Field>),
    Choice(Vec<Field>),
    Text(u32, u32),
    Codes(&'static [&'static str]),
    Pattern(&'static str, u32),
    /// Digits before the point and behind it; whether it may be negative.
    Number(u32, u32, bool),
    /// A number with a currency.
    Amount,
    Date,
    Moment,
    YesNo,
    Bytes(u32),
}

/// The fields of a message; numbers count them, so that no name stands twice.
pub fn message(random: &mut Random) -> Vec<Field> {
    fields(random, 3, &mut 0)
}

fn fields(random: &mut Random, depth: usize, count: &mut u32) -> Vec<Field> {
    (0..random.between(1, 5)).map(|_| field(random, depth, count)).collect()
}

fn field(random: &mut Random, depth: usize, count: &mut u32) -> Field {
    *count += 1;
    let name = format!("{}{count}", random.pick(&["Id", "Name", "Amt", "PmtInf", "X", "CdtTrfTxInf"]).unwrap());
    let (least, most) = *random.pick(&[(1, Some(1)), (1, Some(1)), (0, Some(1)), (0, None), (1, Some(3)), (0, Some(4))]).unwrap();
    let node = match random.below(if depth == 0 { 9 } else { 13 }) {
        0 | 1 => Node::Text(1, 35),
        2 => Node::Text(0, 1 + small(random.below(80))),
        3 => Node::Codes(&["EUR", "USD", "JPY"]),
        4 if random.one_in(2) => Node::Pattern("[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}", 34),
        4 => Node::Pattern("[0-9]{1,15}", 15),
        5 => Node::Number(small(random.between(1, 13)), small(random.below(5)), random.one_in(2)),
        6 => Node::Amount,
        7 if random.one_in(2) => Node::Date,
        7 => Node::Moment,
        8 if random.one_in(2) => Node::YesNo,
        8 => Node::Bytes(8),
        9 => Node::Choice(fields(random, depth - 1, count)),
        _ => Node::Group(fields(random, depth - 1, count)),
    };
    Field { name, least, most, node }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

// XSD -----------------------------------------------------------------------------------------------------------------

/// An XSD whose root element is `Document`.
pub fn xsd(fields: &[Field]) -> String {
    let mut out = String::from(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:random\" elementFormDefault=\"qualified\">\n\
         <xs:element name=\"Document\">",
    );
    xsd_group(fields, "sequence", &mut out);
    out + "</xs:element>\n</xs:schema>\n"
}

fn xsd_group(fields: &[Field], kind: &str, out: &mut String) {
    write!(out, "<xs:complexType><xs:{kind}>").unwrap();
    for it in fields {
        let most = it.most.map_or("unbounded".to_owned(), |it| it.to_string());
        writeln!(out, "<xs:element name=\"{}\" minOccurs=\"{}\" maxOccurs=\"{most}\">", it.name, it.least).unwrap();
        match &it.node {
            Node::Group(fields) => xsd_group(fields, "sequence", out),
            Node::Choice(fields) => xsd_group(fields, "choice", out),
            Node::Amount => out.push_str(
                "<xs:complexType><xs:simpleContent><xs:extension base=\"xs:decimal\">\
                 <xs:attribute name=\"Ccy\" use=\"required\" type=\"xs:string\"/></xs:extension></xs:simpleContent></xs:complexType>",
            ),
            leaf => {
                let (base, facets) = xsd_leaf(leaf);
                write!(out, "<xs:simpleType><xs:restriction base=\"xs:{base}\">{facets}</xs:restriction></xs:simpleType>").unwrap();
            }
        }
        out.push_str("</xs:element>");
    }
    write!(out, "</xs:{kind}></xs:complexType>").unwrap();
}

fn xsd_leaf(leaf: &Node) -> (&'static str, String) {
    match leaf {
        Node::Text(min, max) => ("string", format!("<xs:minLength value=\"{min}\"/><xs:maxLength value=\"{max}\"/>")),
        Node::Codes(codes) => ("string", codes.iter().map(|it| format!("<xs:enumeration value=\"{it}\"/>")).collect()),
        Node::Pattern(pattern, _) => ("token", format!("<xs:pattern value=\"{pattern}\"/>")),
        Node::Number(whole, decimals, signed) => {
            let least = if *signed { "" } else { "<xs:minInclusive value=\"0\"/>" };
            let digits = format!("<xs:totalDigits value=\"{}\"/><xs:fractionDigits value=\"{decimals}\"/>", whole + decimals);
            ("decimal", format!("{digits}{least}"))
        }
        Node::Date => ("date", String::new()),
        Node::Moment => ("dateTime", String::new()),
        Node::YesNo => ("boolean", String::new()),
        Node::Bytes(most) => ("base64Binary", format!("<xs:maxLength value=\"{most}\"/>")),
        Node::Amount | Node::Group(_) | Node::Choice(_) => ("string", String::new()),
    }
}

// JSON Schema -----------------------------------------------------------------------------------------------------------

/// A JSON Schema.
pub fn json(fields: &[Field]) -> String {
    json_group(fields)
}

fn json_group(fields: &[Field]) -> String {
    let properties: Vec<_> = fields.iter().map(|it| format!("\"{}\":{}", it.name, json_field(it))).collect();
    let required: Vec<_> = fields.iter().filter(|it| it.least > 0).map(|it| format!("\"{}\"", it.name)).collect();
    format!("{{\"type\":\"object\",\"required\":[{}],\"properties\":{{{}}}}}", required.join(","), properties.join(","))
}

fn json_field(field: &Field) -> String {
    let node = json_node(&field.node);
    if field.most == Some(1) {
        return node;
    }
    let most = field.most.map_or(String::new(), |it| format!(",\"maxItems\":{it}"));
    format!("{{\"type\":\"array\",\"minItems\":{}{most},\"items\":{node}}}", field.least)
}

fn json_node(node: &Node) -> String {
    match node {
        Node::Group(fields) => json_group(fields),
        Node::Choice(fields) => {
            let properties: Vec<_> = fields.iter().map(|it| format!("\"{}\":{}", it.name, json_field(it))).collect();
            let branches: Vec<_> = fields.iter().map(|it| format!("{{\"required\":[\"{}\"]}}", it.name)).collect();
            format!("{{\"type\":\"object\",\"properties\":{{{}}},\"oneOf\":[{}]}}", properties.join(","), branches.join(","))
        }
        Node::Text(min, max) => format!("{{\"type\":\"string\",\"minLength\":{min},\"maxLength\":{max}}}"),
        Node::Codes(codes) => format!("{{\"enum\":[\"{}\"]}}", codes.join("\",\"")),
        Node::Pattern(pattern, max) => format!("{{\"type\":\"string\",\"pattern\":\"^{pattern}$\",\"maxLength\":{max}}}"),
        Node::Number(whole, decimals, signed) => {
            let most = "9".repeat(*whole as usize);
            let step = if *decimals == 0 { "1".to_owned() } else { format!("0.{}1", "0".repeat(*decimals as usize - 1)) };
            let least = if *signed { format!("-{most}") } else { "0".to_owned() };
            format!("{{\"type\":\"number\",\"minimum\":{least},\"maximum\":{most},\"multipleOf\":{step}}}")
        }
        Node::Amount => "{\"type\":\"object\",\"required\":[\"value\"],\"properties\":{\"value\":{\"type\":\"string\",\
                         \"x-decimal\":[15,3]},\"currency\":{\"type\":\"string\"}}}"
            .to_owned(),
        Node::Date => "{\"type\":\"string\",\"format\":\"date\"}".to_owned(),
        Node::Moment => "{\"type\":\"string\",\"format\":\"date-time\"}".to_owned(),
        Node::YesNo => "{\"type\":[\"boolean\",\"null\"]}".to_owned(),
        Node::Bytes(_) => "true".to_owned(),
    }
}

// Copybook --------------------------------------------------------------------------------------------------------------

/// A copybook of one record. What may be absent is blank; a repeat without an end ends at four, some of them as a counter says.
pub fn copybook(fields: &[Field], random: &mut Random) -> String {
    let mut out = String::from("       01  REC.\n");
    for it in fields {
        item(it, 5, random, &mut out);
    }
    out
}

fn item(field: &Field, level: u32, random: &mut Random, out: &mut String) {
    let name = field.name.to_uppercase();
    let most = field.most.unwrap_or(4);
    let mut occurs = String::new();
    if most > 1 && level == 5 && random.one_in(2) {
        writeln!(out, "           {level:02}  {name}-N PIC 9(2).").unwrap();
        occurs = format!(" OCCURS {} TO {most} TIMES\n               DEPENDING ON {name}-N", field.least);
    } else if most > 1 {
        occurs = format!(" OCCURS {most} TIMES");
    }
    write!(out, "           {level:02}  {name}\n              ").unwrap();
    match &field.node {
        Node::Group(fields) | Node::Choice(fields) => {
            writeln!(out, "{occurs}.").unwrap();
            fields.iter().for_each(|it| item(it, level + 5, random, out));
        }
        Node::Codes(codes) => {
            writeln!(out, " PIC X(3){occurs}.").unwrap();
            for code in *codes {
                writeln!(out, "               88  {name}-{code} VALUE '{code}'.").unwrap();
            }
        }
        leaf => writeln!(out, " {}{occurs}.", picture(leaf, random)).unwrap(),
    }
}

fn picture(leaf: &Node, random: &mut Random) -> String {
    let usage = random.pick(&["", " COMP-3", " COMP", " SIGN TRAILING SEPARATE"]).unwrap();
    match leaf {
        Node::Text(_, max) | Node::Pattern(_, max) => format!("PIC X({max})"),
        Node::Number(whole, decimals, signed) => {
            let whole = (*whole).min(18 - decimals);
            let fraction = if *decimals == 0 { String::new() } else { format!("V9({decimals})") };
            let usage = if usage.contains("SIGN") && !signed { "" } else { usage };
            format!("PIC {}9({whole}){fraction}{usage}", if *signed { "S" } else { "" })
        }
        Node::Amount => "PIC S9(13)V99 COMP-3".to_owned(),
        Node::Date => "PIC X(10)".to_owned(),
        Node::Moment => "PIC X(26)".to_owned(),
        Node::YesNo => "PIC X".to_owned(),
        Node::Bytes(most) => format!("PIC X({most})"),
        Node::Codes(_) | Node::Group(_) | Node::Choice(_) => "PIC X".to_owned(),
    }
}
