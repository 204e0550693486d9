//! What schemas may say beyond the ISO 20022 subset, and what is refused by name.

use super::{Bench, compile, diagnose, schema};
use crate::Xml;
use latimer_engine::{Codec, Diagnostics, Format, Options, Severity, Sources, Type};
use std::sync::Arc;

/// Documents of a schema, without their namespace declaration, and whether they are valid.
fn check(declarations: &str, cases: &[(&str, bool)]) {
    check_codec(&compile(&schema(declarations)), cases);
}

fn check_codec(codec: &Arc<dyn Codec>, cases: &[(&str, bool)]) {
    let mut bench = Bench::checking(codec);
    for (text, valid) in cases {
        let declare = " xmlns=\"urn:t\" xmlns:t=\"urn:t\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        let name = text.find([' ', '/', '>']).unwrap();
        let text = format!("{}{declare}{}", &text[..name], &text[name..]);
        let verdict = bench.verdict(text.as_bytes());
        assert_eq!(verdict.is_ok(), *valid, "{text}: {verdict:?}");
    }
}

#[test]
fn sequences_and_choices_within_each_other() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence maxOccurs='2'>\
           <xs:element name='a' type='xs:string'/>\
           <xs:choice minOccurs='0' maxOccurs='unbounded'><xs:element name='b' type='xs:string' maxOccurs='2'/>\
             <xs:sequence><xs:element name='c' type='xs:string'/><xs:element name='d' type='xs:string' minOccurs='0'/></xs:sequence></xs:choice>\
         </xs:sequence></xs:complexType></xs:element>",
        &[
            ("<A><a/></A>", true),
            ("<A/>", false),
            ("<A><a/><b/><b/><b/><c/><d/><c/><a/><c/></A>", true),
            ("<A><a/><d/></A>", false),
            ("<A><a/><c/><d/><d/></A>", false),
            ("<A><a/><a/><a/></A>", false),
            ("<A><b/></A>", false),
        ],
    );
}

#[test]
fn all_in_any_order() {
    check(
        "<xs:element name='A'><xs:complexType><xs:all><xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int' minOccurs='0'/>\
         <xs:element name='c' type='xs:int'/></xs:all></xs:complexType></xs:element>",
        &[
            ("<A><c>1</c><a>1</a></A>", true),
            ("<A><b>1</b><c>1</c><a>1</a></A>", true),
            ("<A><a>1</a><b>1</b></A>", false),
            ("<A><a>1</a><c>1</c><a>1</a></A>", false),
            ("<A><a>1</a><c>1</c><d/></A>", false),
            ("<A><a>1</a><c>x</c></A>", false),
        ],
    );
}

#[test]
fn groups_references_and_anonymous_types() {
    check(
        "<xs:element name='A' type='A'/><xs:element name='r' type='xs:date'/>\
         <xs:group name='g'><xs:sequence><xs:element name='x' type='xs:string'/><xs:element ref='r' minOccurs='0'/></xs:sequence></xs:group>\
         <xs:attribute name='global' type='xs:int'/>\
         <xs:attributeGroup name='ag'><xs:attribute name='p' type='xs:NMTOKEN' use='required'/><xs:attribute ref='xml:lang'/></xs:attributeGroup>\
         <xs:attributeGroup name='bg'><xs:attributeGroup ref='ag'/><xs:attribute ref='global'/></xs:attributeGroup>\
         <xs:complexType name='A'><xs:sequence><xs:group ref='g' maxOccurs='2'/>\
           <xs:element name='n' minOccurs='0'><xs:simpleType><xs:restriction base='xs:string'><xs:maxLength value='2'/></xs:restriction></xs:simpleType></xs:element>\
         </xs:sequence><xs:attributeGroup ref='bg'/></xs:complexType>",
        &[
            ("<A p='a'><x/><r>2026-01-01</r><x/><n>ab</n></A>", true),
            ("<A p='a' xml:lang='de' t:global=' 5 '><x/></A>", true),
            ("<A p='a' global='5'><x/></A>", false),
            ("<A p='a' t:global='five'><x/></A>", false),
            ("<A><x/></A>", false),
            ("<A p='a b'><x/></A>", false),
            ("<A p='a'><x/><n>abc</n></A>", false),
            ("<A p='a'><x/><x/><x/></A>", false),
            ("<A p='a' other='1'><x/></A>", false),
            ("<A p='a' xml:space='preserve'><x/></A>", false),
        ],
    );
}

#[test]
fn types_derived_from_others() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='b' type='Base' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>\
         <xs:complexType name='Base'><xs:sequence><xs:element name='x' type='xs:string'/></xs:sequence><xs:attribute name='k'/></xs:complexType>\
         <xs:complexType name='More'><xs:complexContent><xs:extension base='Base'><xs:sequence><xs:element name='y' type='xs:int'/></xs:sequence><xs:attribute name='l' use='required'/></xs:extension></xs:complexContent></xs:complexType>\
         <xs:complexType name='Less'><xs:complexContent><xs:restriction base='Base'><xs:sequence><xs:element name='x' type='xs:token'/></xs:sequence><xs:attribute name='k' use='prohibited'/></xs:restriction></xs:complexContent></xs:complexType>\
         <xs:complexType name='Else'><xs:sequence/></xs:complexType>",
        &[
            ("<A><b k='1'><x/></b></A>", true),
            ("<A><b xsi:type='More' l=''><x/><y>1</y></b><b xsi:type='t:Less'><x/></b><b xsi:type='Base'><x/></b></A>", true),
            ("<A><b xsi:type='More'><x/><y>1</y></b></A>", false),
            ("<A><b xsi:type='More' l=''><x/><y>one</y></b></A>", false),
            ("<A><b xsi:type='More' l=''><x/></b></A>", false),
            ("<A><b><x/><y>1</y></b></A>", false),
            ("<A><b xsi:type='Less' k='1'><x/></b></A>", false),
            ("<A><b xsi:type='Else'/></A>", false),
            ("<A><b xsi:type='Nobody'><x/></b></A>", false),
            ("<A><b xsi:type='q:More'><x/></b></A>", false),
        ],
    );
}

#[test]
fn abstract_types_blocks_and_simple_types_in_their_place() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='a' type='Abstract' minOccurs='0'/><xs:element name='n' type='xs:decimal' minOccurs='0'/>\
           <xs:element name='z' type='Closed' minOccurs='0'/><xs:element name='any' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>\
         <xs:complexType name='Abstract' abstract='true'/>\
         <xs:complexType name='Real'><xs:complexContent><xs:extension base='Abstract'><xs:sequence><xs:element name='x' type='xs:string'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>\
         <xs:complexType name='Closed' block='#all'/>\
         <xs:complexType name='Opened'><xs:complexContent><xs:extension base='Closed'/></xs:complexContent></xs:complexType>\
         <xs:simpleType name='Money'><xs:restriction base='xs:decimal'><xs:fractionDigits value='2'/></xs:restriction></xs:simpleType>",
        &[
            ("<A/>", true),
            ("<A><a/></A>", false),
            ("<A><a xsi:type='Real'><x/></a></A>", true),
            ("<A><n>1.234</n></A>", true),
            ("<A><n xsi:type='Money'>1.23</n></A>", true),
            ("<A><n xsi:type='Money'>1.234</n></A>", false),
            ("<A><z/></A>", true),
            ("<A><z xsi:type='Opened'/></A>", false),
            ("<A><any q='1'>text <b><c/></b></any></A>", true),
            ("<A><any xsi:type='Money'>1.23</any></A>", true),
            ("<A><any xsi:type='Money'>x</any></A>", false),
        ],
    );
}

#[test]
fn lists_unions_and_white_space() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence>\
           <xs:element name='l' minOccurs='0'><xs:simpleType><xs:restriction><xs:simpleType><xs:list itemType='xs:int'/></xs:simpleType><xs:maxLength value='3'/></xs:restriction></xs:simpleType></xs:element>\
           <xs:element name='u' minOccurs='0'><xs:simpleType><xs:union memberTypes='xs:int'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration value='all of it'/></xs:restriction></xs:simpleType></xs:union></xs:simpleType></xs:element>\
           <xs:element name='w' minOccurs='0'><xs:simpleType><xs:restriction base='xs:string'><xs:whiteSpace value='collapse'/><xs:enumeration value='a b'/></xs:restriction></xs:simpleType></xs:element>\
           <xs:element name='e' minOccurs='0'><xs:simpleType><xs:restriction base='xs:decimal'><xs:minExclusive value='0'/><xs:maxExclusive value='10'/></xs:restriction></xs:simpleType></xs:element>\
         </xs:sequence></xs:complexType></xs:element>",
        &[
            ("<A><l> 1 \n 2 3 </l></A>", true),
            ("<A><l/></A>", true),
            ("<A><l>1 2 3 4</l></A>", false),
            ("<A><l>1 x</l></A>", false),
            ("<A><u>5</u></A>", true),
            ("<A><u>all of it</u></A>", true),
            ("<A><u>all of  it</u></A>", false),
            ("<A><w>\ta  b </w></A>", true),
            ("<A><e>0.001</e></A>", true),
            ("<A><e>0</e></A>", false),
            ("<A><e>10.0</e></A>", false),
        ],
    );
}

#[test]
fn nil_default_and_fixed() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence>\
           <xs:element name='n' type='xs:int' nillable='true' minOccurs='0'/>\
           <xs:element name='o' type='xs:int' minOccurs='0'/>\
           <xs:element name='d' type='xs:int' default='7' minOccurs='0'/>\
           <xs:element name='f' type='xs:decimal' fixed='1.0' minOccurs='0'/>\
           <xs:element name='g' nillable='true' minOccurs='0'><xs:complexType><xs:sequence><xs:element name='x'/></xs:sequence><xs:attribute name='v' fixed='1'/></xs:complexType></xs:element>\
         </xs:sequence></xs:complexType></xs:element>",
        &[
            ("<A><n xsi:nil='true'/></A>", true),
            ("<A><n xsi:nil=' 1 '><!-- c --></n></A>", true),
            ("<A><n xsi:nil='true'>1</n></A>", false),
            ("<A><n xsi:nil='false'>1</n></A>", true),
            ("<A><n xsi:nil='no'>1</n></A>", false),
            ("<A><n/></A>", false),
            ("<A><o xsi:nil='false'>1</o></A>", false),
            ("<A><d/></A>", true),
            ("<A><d>x</d></A>", false),
            ("<A><f/></A>", true),
            ("<A><f>1.0</f></A>", true),
            ("<A><f>1.1</f></A>", false),
            ("<A><g xsi:nil='true'/></A>", true),
            ("<A><g xsi:nil='true' v='1'></g></A>", true),
            ("<A><g v='2'><x/></g></A>", false),
            ("<A><g xsi:nil='true'> </g></A>", false),
            ("<A><g/></A>", false),
        ],
    );
}

#[test]
fn wildcards() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' minOccurs='0'/>\
           <xs:any namespace='##other' processContents='lax' minOccurs='0' maxOccurs='2'/><xs:element name='b' type='B' minOccurs='0'/></xs:sequence>\
           <xs:anyAttribute namespace='##other' processContents='skip'/></xs:complexType></xs:element>\
         <xs:complexType name='B'><xs:sequence><xs:any namespace='##targetNamespace' minOccurs='0'/><xs:any namespace='urn:s ##local' processContents='skip' minOccurs='0' maxOccurs='unbounded'/></xs:sequence></xs:complexType>\
         <xs:element name='int' type='xs:int'/>",
        &[
            ("<A><x xmlns='urn:o'><t:int>1</t:int></x></A>", true),
            ("<A><x xmlns='urn:o'><t:int>one</t:int></x></A>", false),
            ("<A><x xmlns='urn:o'/><x xmlns='urn:o'/><x xmlns='urn:o'/></A>", false),
            ("<A><x xmlns=''/></A>", false),
            ("<A><int>1</int></A>", false),
            ("<A xmlns:o='urn:o' o:x='1'/>", true),
            ("<A x='1'/>", false),
            ("<A><b><int>1</int></b></A>", true),
            ("<A><b><int>x</int></b></A>", false),
            ("<A><b><nobody/></b></A>", false),
            ("<A><b><x xmlns=''><t:int>x</t:int></x><y xmlns='urn:s'/></b></A>", true),
            ("<A><b><y xmlns='urn:q'/></b></A>", false),
        ],
    );
}

#[test]
fn mixed_content_and_substitutes() {
    check(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='m' minOccurs='0'><xs:complexType mixed='true'><xs:sequence><xs:element name='x' type='xs:int' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>\
           <xs:element ref='head' minOccurs='0' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>\
         <xs:element name='head' type='xs:decimal' abstract='true'/><xs:element name='one' substitutionGroup='head'/>\
         <xs:element name='two' type='xs:int' substitutionGroup='one'/>",
        &[
            ("<A><m>a<x>1</x>b</m></A>", true),
            ("<A><m>a<x>b</x></m></A>", false),
            ("<A><m>a<x>1</x><x>1</x></m></A>", false),
            ("<A><one>1.5</one><two>2</two><one>1</one></A>", true),
            ("<A><two>1.5</two></A>", false),
            ("<A><head>1</head></A>", false),
        ],
    );
}

#[test]
fn names_without_a_namespace() {
    let codec = compile(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='A'><xs:complexType><xs:sequence><xs:element name='x' type='T'/></xs:sequence></xs:complexType></xs:element>\
         <xs:simpleType name='T'><xs:restriction base='xs:string'><xs:length value='1'/></xs:restriction></xs:simpleType></xs:schema>",
    );
    let mut bench = Bench::checking(&codec);
    for (text, valid) in [
        ("<A><x>a</x></A>", true),
        ("<A><x>ab</x></A>", false),
        ("<A xmlns='urn:t'><x>a</x></A>", false),
        ("<p:A xmlns:p='urn:t'><x>a</x></p:A>", false),
        ("<A xmlns:p='urn:t'><x p:q='1'>a</x></A>", false),
    ] {
        assert_eq!(bench.verdict(text.as_bytes()).is_ok(), valid, "{text}");
    }
    // Local elements are unqualified where the schema does not say otherwise.
    let codec = compile(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:t' xmlns='urn:t'><xs:element name='A'><xs:complexType><xs:sequence><xs:element name='x' type='xs:string'/><xs:element name='y' type='xs:string' form='qualified' minOccurs='0'/></xs:sequence></xs:complexType></xs:element></xs:schema>",
    );
    let mut bench = Bench::checking(&codec);
    for (text, valid) in [
        ("<p:A xmlns:p='urn:t'><x/></p:A>", true),
        ("<p:A xmlns:p='urn:t'><x/><p:y/></p:A>", true),
        ("<A xmlns='urn:t'><x/></A>", false),
        ("<A xmlns='urn:t'><x xmlns=''/><y/></A>", true),
        ("<p:A xmlns:p='urn:t'><p:x/></p:A>", false),
        ("<p:A xmlns:p='urn:t'><x/><y/></p:A>", false),
    ] {
        assert_eq!(bench.verdict(text.as_bytes()).is_ok(), valid, "{text}");
    }
}

#[test]
fn files_that_import_and_include() {
    let mut sources = Sources::default();
    let head = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' ";
    let main = format!(
        "{head} xmlns='urn:m' xmlns:o='urn:o' targetNamespace='urn:m' elementFormDefault='qualified'><xs:include schemaLocation='types.xsd'/>\
         <xs:import namespace='urn:o' schemaLocation='../o.xsd'/><xs:import namespace='http://www.w3.org/XML/1998/namespace' schemaLocation='xml.xsd'/>\
         <xs:element name='A'><xs:complexType><xs:sequence><xs:element name='s' type='Short'/><xs:element ref='o:B'/></xs:sequence><xs:attribute ref='xml:lang'/></xs:complexType></xs:element></xs:schema>"
    );
    // A schema without a namespace takes that of the one that includes it; a circle of imports is no harm.
    let types = format!(
        "{head}><xs:simpleType name='Short'><xs:restriction base='Text'><xs:maxLength value='2'/></xs:restriction></xs:simpleType><xs:simpleType name='Text'><xs:restriction base='xs:string'/></xs:simpleType></xs:schema>"
    );
    let other = format!(
        "{head} xmlns:m='urn:m' targetNamespace='urn:o' elementFormDefault='qualified'><xs:import namespace='urn:m' schemaLocation='main.xsd'/><xs:element name='B' type='m:Short'/></xs:schema>"
    );
    assert_eq!(Xml::PLAIN.wants(&main), ["types.xsd", "../o.xsd"]);
    let main = sources.add("m/main.xsd", main);
    let types = sources.add("m/types.xsd", types);
    let other = sources.add("o.xsd", other);
    let compile = |sources: &Sources| {
        let mut diagnostics = Diagnostics::default();
        let codec = Xml::PLAIN.compile(sources, main, &Options::default(), &mut diagnostics);
        (codec, diagnostics.iter().map(|it| it.message.clone()).collect::<Vec<_>>())
    };
    assert_eq!(compile(&sources).1, ["there is no file `types.xsd`", "there is no file `../o.xsd`"]);
    sources.link(main, "types.xsd", types);
    sources.link(main, "../o.xsd", other);
    sources.link(other, "main.xsd", main);
    let (codec, messages) = compile(&sources);
    let codec = codec.unwrap_or_else(|| panic!("{messages:?}"));
    let mut bench = Bench::checking(&codec);
    for (text, valid) in [
        ("<A xmlns='urn:m' xml:lang='en'><s>ab</s><B xmlns='urn:o'>cd</B></A>", true),
        ("<A xmlns='urn:m' xmlns:o='urn:o'><s>ab</s><o:B>cd</o:B></A>", true),
        ("<A xmlns='urn:m'><s>abc</s><B xmlns='urn:o'>cd</B></A>", false),
        ("<A xmlns='urn:m'><s>ab</s><B>cd</B></A>", false),
    ] {
        assert_eq!(bench.verdict(text.as_bytes()).is_ok(), valid, "{text}");
    }
}

#[test]
fn types_as_the_engine_knows_them() {
    let codec = compile(&schema(
        "<xs:element name='A'><xs:complexType><xs:sequence>\
           <xs:element name='amt' type='Amount'/><xs:element name='t' type='Max3'/><xs:element name='z' type='Zoned'/><xs:element name='dt' type='xs:dateTime'/>\
           <xs:element name='y' type='xs:gYear'/><xs:element name='n' type='Digits'/><xs:element name='b' type='xs:hexBinary'/><xs:element name='f'><xs:complexType><xs:choice><xs:element name='g' type='xs:boolean'/><xs:element name='h' type='xs:date'/></xs:choice></xs:complexType></xs:element>\
         </xs:sequence></xs:complexType></xs:element>\
         <xs:simpleType name='Max3'><xs:restriction base='xs:string'><xs:minLength value='1'/><xs:maxLength value='3'/></xs:restriction></xs:simpleType>\
         <xs:simpleType name='Zoned'><xs:restriction base='xs:dateTime'><xs:pattern value='.*(\\+|-)((0[0-9])|(1[0-4])):[0-5][0-9]'/></xs:restriction></xs:simpleType>\
         <xs:simpleType name='Digits'><xs:restriction base='xs:string'><xs:pattern value='[0-9]{1,15}'/></xs:restriction></xs:simpleType>\
         <xs:simpleType name='D'><xs:restriction base='xs:decimal'><xs:fractionDigits value='5'/><xs:totalDigits value='18'/><xs:minInclusive value='0'/></xs:restriction></xs:simpleType>\
         <xs:complexType name='Amount'><xs:simpleContent><xs:extension base='D'><xs:attribute name='Ccy' type='Max3' use='required'/></xs:extension></xs:simpleContent></xs:complexType>",
    ));
    let schema = codec.schema();
    let shown: Vec<_> = schema
        .children(schema.find("A").unwrap())
        .into_iter()
        .map(|it| {
            let def = schema.type_of(it);
            let kind = if let latimer_engine::Kind::Leaf(it) = &def.kind { it.describe() } else { format!("{:?}", def.kind) };
            format!("{} {}: {kind}", schema.name_of(it), def.name)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "amt Amount: amount with currency, up to 18 digits before the point, 5 decimals",
            "t Max3: text, up to 3 characters",
            "z Zoned: point in time",
            "dt dateTime: date-time",
            "y gYear: text of any length",
            "n Digits: text of any length",
            "b hexBinary: bytes",
            "f f: Choice",
        ]
    );
    let Some(latimer_engine::Kind::Leaf(amount)) = schema.find("A/amt").map(|it| schema.type_of(it).kind.clone()) else {
        panic!()
    };
    let Type::Amount(number) = *amount else { panic!() };
    assert_eq!((number.digits_max, number.signed), (Some(18), false));
    assert_eq!(schema.find("A/amt/@Ccy").map(|it| schema.path(it)).as_deref(), Some("A/amt/@Ccy"));
}

#[test]
fn what_repeats() {
    let codec = compile(&schema(
        "<xs:element name='A'><xs:complexType><xs:sequence>\
           <xs:sequence maxOccurs='2'><xs:element name='a'/></xs:sequence><xs:element name='b'/><xs:element name='c'/><xs:element name='b'/>\
           <xs:choice><xs:sequence><xs:element name='d'/><xs:element name='e'/></xs:sequence><xs:sequence><xs:element name='e'/><xs:element name='d'/></xs:sequence></xs:choice>\
           <xs:element name='f' maxOccurs='unbounded'/><xs:element ref='head' maxOccurs='3'/>\
         </xs:sequence></xs:complexType></xs:element><xs:element name='head' type='xs:int'/><xs:element name='other' substitutionGroup='head'/>",
    ));
    let schema = codec.schema();
    let fields = schema.children(schema.find("A").unwrap()).into_iter();
    let repeats: Vec<_> = fields.filter(|it| schema.repeats(*it)).map(|it| schema.name_of(it)).collect();
    assert_eq!(repeats, ["a", "b", "f", "head", "other"]);
}

#[test]
fn what_is_not_honoured_is_named() {
    let element = |inner: &str| schema(&format!("<xs:element name='A'><xs:complexType>{inner}</xs:complexType></xs:element>"));
    for (text, expected) in [
        (schema("<xs:element name='A' type='Nobody'/>"), "S202 there is no type `Nobody`"),
        (schema("<xs:element name='A' type='xs:strin'/>"), "S202 there is no type `xs:strin`"),
        (
            schema("<xs:element name='A'><xs:key name='k'><xs:selector xpath='a'/></xs:key></xs:element>"),
            "S203 `key` is not supported",
        ),
        (schema("<xs:redefine schemaLocation='a.xsd'/>"), "S203 `redefine` is not supported"),
        (schema("<xs:notation name='n' public='p'/>"), "S203 `notation` is not supported"),
        (schema("<xs:element name='A' type='xs:ENTITY'/>"), "S203 `type` is not supported here"),
        (
            schema("<xs:element name='A' type='xs:string'/><xs:element name='A' type='xs:int'/>"),
            "S204 element `A` is declared twice",
        ),
        (
            schema(
                "<xs:element name='A' type='T'/><xs:simpleType name='T'><xs:restriction base='xs:string'><xs:maxLength value='x'/></xs:restriction></xs:simpleType>",
            ),
            "S205 `x` is not a number of characters or digits",
        ),
        (
            schema(
                "<xs:element name='A' type='T'/><xs:simpleType name='T'><xs:restriction base='xs:date'><xs:minInclusive value='2020-01-01'/></xs:restriction></xs:simpleType>",
            ),
            "S203 `minInclusive` is not supported for a type like `date`",
        ),
        (
            schema(
                "<xs:element name='A' type='T'/><xs:simpleType name='T'><xs:restriction base='xs:string'><xs:pattern value='[a'/></xs:restriction></xs:simpleType>",
            ),
            "S206 the pattern cannot be used: a `[` without its `]`",
        ),
        (
            element(
                "<xs:sequence><xs:element name='a' type='xs:int' minOccurs='0'/><xs:element name='a' type='xs:int'/></xs:sequence>",
            ),
            "S207 the content model is ambiguous: `a` may be either of two",
        ),
        (
            element(
                "<xs:sequence><xs:element name='a' type='xs:int'/><xs:element name='b'/><xs:element name='a' type='xs:date'/></xs:sequence>",
            ),
            "S208 two elements `a` of different types in one content model",
        ),
        (
            schema(
                "<xs:element name='A' type='T'/><xs:complexType name='T'><xs:complexContent><xs:extension base='T'/></xs:complexContent></xs:complexType>",
            ),
            "S209 this is defined by itself",
        ),
        (
            element(
                "<xs:sequence maxOccurs='5000'><xs:element name='a' maxOccurs='3'/><xs:sequence minOccurs='0' maxOccurs='9000'><xs:element name='b'/></xs:sequence></xs:sequence>",
            ),
            "S210 the content model is too large",
        ),
        (
            schema("<xs:simpleType name='T'><xs:restriction base='xs:string'/></xs:simpleType>"),
            "S211 the schema declares no element that a message could begin with",
        ),
        (
            element("<xs:sequence><xs:all><xs:element name='a'/></xs:all><xs:element name='b'/></xs:sequence>"),
            "S203 `all` within or beside another group is not supported",
        ),
        ("<a/>".to_owned(), "S200 the root element is not `schema`"),
        ("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>".to_owned(), "S200 the file ends before its elements do"),
    ] {
        let found = diagnose(&text);
        assert!(found.iter().any(|it| it == expected), "{text}: {found:?}");
    }
}

#[test]
fn what_is_accepted_with_a_word() {
    let ids = diagnose(&schema("<xs:element name='A' type='xs:ID'/>"));
    assert_eq!(ids, ["S212 that each `ID` is unique, and each `IDREF` has one, is not checked"]);
    let text = schema(
        "<xs:element name='A'><xs:complexType><xs:sequence><xs:element name='a' type='xs:int' minOccurs='0'/><xs:any processContents='lax' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>",
    );
    assert_eq!(diagnose(&text), ["S207 `any` takes elements that are also named beside it: the named ones are preferred"]);
    check_codec(&compile(&text), &[("<A><a>x</a></A>", false), ("<A><a>1</a><a>1</a></A>", true), ("<A><q/></A>", true)]);
}

#[test]
fn options_that_are_not_built() {
    let mut sources = Sources::default();
    let file = sources.add("a.xsd", schema("<xs:element name='A' type='xs:string'/>"));
    let span = sources.span(file);
    let run = |format: &Xml, name: &str, word: &str| {
        let option = latimer_engine::FormatOption { name: name.to_owned(), words: vec![word.to_owned()], span };
        let options = Options { list: vec![option], ..Options::default() };
        let mut diagnostics = Diagnostics::default();
        let codec = format.compile(&sources, file, &options, &mut diagnostics);
        let codes: Vec<_> = diagnostics.iter().filter(|it| it.severity == Severity::Error).map(|it| it.code).collect();
        (codec.is_some(), codes)
    };
    assert_eq!(run(&Xml::ISO20022, "rules", "none"), (true, vec![]));
    assert_eq!(run(&Xml::ISO20022, "rules", "bank"), (false, vec!["E004"]));
    assert_eq!(run(&Xml::ISO20022, "envelope", "head.001"), (false, vec!["E004"]));
    assert_eq!(run(&Xml::PLAIN, "rules", "bank"), (true, vec![]));
}

/// Reads a schema file with all it names.
fn load(
    sources: &mut Sources,
    path: &std::path::Path,
    known: &mut Vec<(std::path::PathBuf, latimer_engine::FileId)>,
) -> Option<latimer_engine::FileId> {
    let path = std::fs::canonicalize(path).ok()?;
    if let Some((_, file)) = known.iter().find(|(it, _)| *it == path) {
        return Some(*file);
    }
    let text = super::read(&path);
    let wants = Xml::PLAIN.wants(&text);
    let file = sources.add(path.display().to_string(), text);
    known.push((path.clone(), file));
    for want in wants {
        if let Some(other) = load(sources, &path.parent().unwrap().join(&want), known) {
            sources.link(file, want, other);
        }
    }
    Some(file)
}

#[test]
fn schemas_of_others_compile_or_say_why_not() {
    let Some(root) = super::vectors() else { return };
    let mut open = vec![root.join("soap"), root.join("iso20022/external-code-sets")];
    let mut found = std::collections::BTreeMap::new();
    let mut fine = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.extension().is_none_or(|it| it != "xsd") {
                continue;
            }
            let mut sources = Sources::default();
            let Some(file) = load(&mut sources, &path, &mut Vec::new()) else { continue };
            let mut diagnostics = Diagnostics::default();
            let codec = Xml::PLAIN.compile(&sources, file, &Options::default(), &mut diagnostics);
            let errors: Vec<_> = diagnostics
                .iter()
                .filter(|it| it.severity == Severity::Error)
                .map(|it| format!("{} {}", it.code, it.message))
                .collect();
            assert_eq!(codec.is_some(), errors.is_empty());
            fine += usize::from(codec.is_some());
            if let Some(first) = errors.first() {
                found.insert(path.strip_prefix(&root).unwrap().display().to_string(), first.clone());
            }
        }
    }
    let known = |name: &str| match name.rsplit('/').next().unwrap() {
        "soap-enc.xsd" => "S203 `base` is not supported here",
        "wsdl11.xsd" => "S203 `key` is not supported",
        "onvif.xsd" => "S201 there is no file `https://www.w3.org/2005/05/xmlmime`",
        // Files of types that others import.
        _ => "S211 the schema declares no element that a message could begin with",
    };
    for (name, message) in &found {
        assert_eq!(message, known(name), "{name}");
    }
    assert!(fine >= 35 && found.len() <= 10, "{fine} {found:#?}");
}
