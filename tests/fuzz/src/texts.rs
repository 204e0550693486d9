//! What fuzzing begins with: small texts that use much of each language.

pub(crate) const JSON_SCHEMAS: [&str; 3] = [
    r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["id", "lines"], "additionalProperties": false,
  "properties": {
    "id": { "type": "string", "minLength": 1, "maxLength": 20 }, "uid": { "type": "string", "format": "uuid" },
    "day": { "type": "string", "format": "date" }, "at": { "type": "string", "format": "date-time" },
    "kind": { "enum": ["NEW", "OLD"] }, "n": { "type": "number", "minimum": -5, "maximum": 99999.999, "x-decimal": [8, 3] },
    "many": { "type": ["integer", "null"], "multipleOf": 3 }, "ok": { "type": "boolean" },
    "code": { "type": "string", "pattern": "^[A-Z]{2}[0-9]{1,3}$" },
    "lines": { "type": "array", "minItems": 1, "maxItems": 5, "items": { "$ref": "#/$defs/line" } },
    "way": { "oneOf": [ { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } }, "additionalProperties": false },
                        { "type": "object", "required": ["b"], "properties": { "b": { "type": "integer" } }, "additionalProperties": false } ] } },
  "$defs": { "line": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "maxLength": 8 },
    "tags": { "type": "array", "items": { "type": "string" } }, "any": {}, "line": { "$ref": "#/$defs/line" } } } } }"##,
    r#"{ "type": "object", "properties": { "id": { "type": "string", "minLength": 1, "maxLength": 5 }, "n": { "type": "number", "minimum": 0, "maximum": 999.99, "x-decimal": [5, 2] },
    "day": { "type": "string", "format": "date" }, "lines": { "type": "array", "maxItems": 5, "items": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "minLength": 1, "maxLength": 20 } } } } } }"#,
    r##"openapi: 3.0.3
components:
  schemas:
    Order: { type: object, properties: { a: { type: string, nullable: true }, b: { allOf: [ { $ref: '#/components/schemas/B' } ] } } }
    B: { type: object, if: { properties: { k: { const: x } } }, then: { required: [v] }, properties: { k: { type: string }, v: { type: number } } }
"##,
];

pub(crate) const JSON_SCHEMA_WORDS: [&str; 40] = [
    "\"type\":",
    "\"object\"",
    "\"array\"",
    "\"string\"",
    "\"null\"",
    "\"properties\":",
    "\"items\":",
    "\"required\":",
    "\"oneOf\":",
    "\"anyOf\":",
    "\"allOf\":",
    "\"not\":",
    "\"if\":",
    "\"then\":",
    "\"else\":",
    "\"$ref\": \"#\"",
    "\"$ref\": \"#/$defs/line\"",
    "\"$defs\":",
    "\"enum\":",
    "\"const\":",
    "\"pattern\": \"^(a|b)*c{2,}$\"",
    "\"format\":",
    "\"minLength\": 3",
    "\"maxLength\": 2",
    "\"minimum\":",
    "\"multipleOf\": 0.7",
    "\"x-decimal\": [5, 2]",
    "\"additionalProperties\":",
    "\"dependentRequired\":",
    "\"prefixItems\":",
    "\"nullable\": true",
    "{}",
    "[]",
    ":",
    ",",
    "true",
    "false",
    "\"\\u0000\"",
    "\"\\ud83d\"",
    "{ \"type\": ",
];

pub(crate) const JSON_MESSAGES: [&str; 3] = [
    r#"{"id":"A1","uid":"2c8f9a52-0b1c-4f6e-8f0a-3a7e5d9c1b20","day":"2026-03-02","at":"2026-03-02T09:15:00+01:00","kind":"NEW","n":-1.250,"many":6,"ok":true,"code":"AB12","lines":[{"text":"a","tags":["x","y"],"any":{"k":[1,null]}},{"text":"b\u00fc\n","line":{"text":"c"}}],"way":{"b":12}}"#,
    "{\"lines\":[{\"text\":\"\\ud83d\\ude00\"}],\"id\":\"Z\"}\n{\"id\":\"Y\",\"lines\":[{\"text\":\"\"}],\"many\":null}\n",
    " [1e5, \"x\"] {} ",
];

pub(crate) const JSON_WORDS: [&str; 30] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\u0000",
    "\\ud800",
    "\\\"",
    "null",
    "true",
    "false",
    "-0",
    "1e400",
    "0.1",
    "\"id\":",
    "\"lines\":[",
    "\"text\":",
    "\"@k\":",
    "\"$value\":",
    "\"$xml\":\"<x/>\"",
    "\"$hex\":\"00\"",
    "\u{feff}",
    " \n",
    "\"FILLER\":",
    "{}",
    "[]",
    "\"a\":{}",
    "99999999999999999999999999999999999999999",
];

pub(crate) const XSDS: [&str; 2] = [
    r###"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a" xmlns="urn:a" elementFormDefault="qualified">
  <xs:element name="all"><xs:complexType><xs:sequence>
    <xs:element name="id" type="Id"/>
    <xs:element name="n" type="Number" minOccurs="0" maxOccurs="3" nillable="true"/>
    <xs:element name="amt" type="Amount" minOccurs="0"/>
    <xs:choice><xs:element name="a" type="xs:dateTime"/><xs:sequence><xs:element name="b" type="xs:date"/><xs:element name="c" type="xs:boolean" minOccurs="0"/></xs:sequence></xs:choice>
    <xs:element name="row" type="Row" minOccurs="0" maxOccurs="unbounded"/>
    <xs:any namespace="##other" processContents="lax" minOccurs="0"/>
  </xs:sequence><xs:attribute name="k" type="xs:token" use="required"/><xs:attribute name="d" type="xs:int" default="7"/></xs:complexType></xs:element>
  <xs:complexType name="Row"><xs:all><xs:element name="x" type="xs:hexBinary"/><xs:element name="y" type="xs:base64Binary" minOccurs="0"/><xs:element name="row" type="Row" minOccurs="0"/></xs:all></xs:complexType>
  <xs:complexType name="Amount"><xs:simpleContent><xs:extension base="Number"><xs:attribute name="Ccy" type="Code" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="More"><xs:complexContent><xs:extension base="Row"/></xs:complexContent></xs:complexType>
  <xs:simpleType name="Number"><xs:restriction base="xs:decimal"><xs:totalDigits value="8"/><xs:fractionDigits value="3"/><xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{3,3}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Id"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="12"/></xs:restriction></xs:simpleType>
</xs:schema>"###,
    r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema"><types><xs:schema targetNamespace="urn:b"><xs:element name="q" type="xs:string"/></xs:schema></types></definitions>"#,
];

pub(crate) const XSD_WORDS: [&str; 36] = [
    "<xs:element name=\"z\" type=\"xs:string\"/>",
    "<xs:sequence>",
    "</xs:sequence>",
    "<xs:choice>",
    "</xs:choice>",
    "<xs:all>",
    "</xs:all>",
    "<xs:any/>",
    "<xs:group ref=\"g\"/>",
    "<xs:group name=\"g\">",
    "minOccurs=\"0\"",
    "maxOccurs=\"unbounded\"",
    "maxOccurs=\"99999\"",
    "type=\"Row\"",
    "type=\"xs:anyType\"",
    "base=\"Row\"",
    "<xs:attribute name=\"q\"/>",
    "abstract=\"true\"",
    "substitutionGroup=\"all\"",
    "mixed=\"true\"",
    "nillable=\"true\"",
    "fixed=\"1\"",
    "<xs:pattern value=\"(a|b)*[c-d]{1,9999}\"/>",
    "<xs:enumeration value=\"1\"/>",
    "<xs:union memberTypes=\"Id Code\"/>",
    "<xs:list itemType=\"xs:int\"/>",
    "<xs:include schemaLocation=\"b.xsd\"/>",
    "<xs:import namespace=\"urn:b\"/>",
    "<xs:restriction base=\"xs:decimal\">",
    "<xs:extension base=\"More\">",
    "&#x0;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "xs:ID",
];

pub(crate) const XML_MESSAGES: [&str; 3] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<all xmlns=\"urn:a\" k=\"v\"><id>A &amp; B</id><n>1.50</n><n>+2</n><amt Ccy=\"EUR\">3</amt><b>2026-03-02</b><c>true</c><row><x>0aFF</x><y>AQI=</y></row><row><row><x></x></row><x>00</x></row><o:o xmlns:o=\"urn:o\" z=\"1\"><o:p/>text</o:o></all>",
    "<p:all xmlns:p=\"urn:a\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" k=' a  b ' d=\"9\"><!-- c --><p:id><![CDATA[<x>]]></p:id><p:n xsi:nil=\"true\"/><p:a>2026-03-02T09:15:00.5Z</p:a><p:row xsi:type=\"p:More\"><p:x>AA</p:x></p:row></p:all>",
    "<all xmlns=\"urn:a\" k=\"\"><id>\u{e9}&#x1F600;&#13;</id><a>2026-03-02T09:15:00</a></all><all xmlns=\"urn:a\" k=\"2\"><id>2</id><b>2026-03-02Z</b></all>",
];

pub(crate) const XML_WORDS: [&str; 34] = [
    "<",
    ">",
    "/>",
    "</",
    "&amp;",
    "&lt;",
    "&#0;",
    "&#x10FFFF;",
    "&x;",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?pi x?>",
    "<!DOCTYPE a>",
    " xmlns=\"\"",
    " xmlns:p=\"urn:a\"",
    " xsi:nil=\"true\"",
    " xsi:type=\"Row\"",
    " k=\"v\"",
    "<id>",
    "</id>",
    "<row><x/></row>",
    "\u{feff}",
    "\u{fffe}",
    "\r",
    "\t",
    "<?xml version=\"1.0\"?>",
    " encoding=\"UTF-16\"",
    "'",
    "\"",
    "<s:Fault>",
    "s:mustUnderstand=\"1\"",
];

pub(crate) const SOAP_MESSAGES: [&str; 3] = [
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><t:h xmlns:t=\"urn:t\">x</t:h></s:Header><s:Body><all xmlns=\"urn:a\" k=\"v\"><id>A</id><b>2026-03-02</b></all></s:Body></s:Envelope>",
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">no</s:Text></s:Reason><s:Detail><why>x</why></s:Detail></s:Fault></s:Body></s:Envelope>",
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring><detail/></s:Fault></s:Body></s:Envelope>",
];

pub(crate) const PLAIN_XML: [&str; 3] = [
    r#"{"all":{"@k":"v","@d":7,"id":"A","n":[1.50,2],"amt":{"@Ccy":"EUR","$value":3},"b":"2026-03-02","c":true,"row":[{"x":"0AFF","y":"0102"},{"row":{"x":""},"x":"00"}]}}"#,
    r#"{"all":{"@k":"a b","id":"<x>","n":[null,1],"a":"2026-03-02T09:15:00.5Z"}}"#,
    r#"{"all":{"@k":"","id":"\u00e9\u0009","a":"2026-03-02T09:15:00","$xml":"<o xmlns=\"urn:o\"/>"}}"#,
];

pub(crate) const COPYBOOKS: [&str; 2] = [
    "       01  REC.\n           05  KIND      PIC X(2).\n           05  N-ZONED   PIC S9(5)V99.\n           05  N-LEAD    PIC S9(3) SIGN LEADING SEPARATE.\n           05  N-PACKED  PIC S9(7)V99 COMP-3.\n           05  N-BIN     PIC S9(4) COMP.\n           05  N-BIG     PIC 9(15) COMP-5.\n           05  N-FLOAT   COMP-2.\n           05  N-SCALED  PIC 9(3)P(2).\n           05  TEXT-1    PIC X(8).\n           05  DAY-1     REDEFINES TEXT-1 PIC 9(8).\n           05  FILLER    PIC X(3).\n           05  COUNT-1   PIC 9(2).\n               88  NONE  VALUE 0.\n           05  ROWS      OCCURS 0 TO 5 DEPENDING ON COUNT-1.\n               10  R-TEXT  PIC X(3) JUSTIFIED RIGHT.\n               10  R-NUM   PIC 9(2) OCCURS 2.\n",
    "       01 A SYNC. 02 B COMP-1. 02 C PIC ZZ9.99-. 02 D OCCURS 3. 03 E PIC X OCCURS 2. 02 F PIC G(2) DISPLAY-1. 66 G RENAMES B THRU C. 77 H POINTER. 88 I VALUES 1 THRU 5, 'A'.\n       01 Z REDEFINES A. COPY OTHER REPLACING ==A== BY ==B==.\n",
];

pub(crate) const COPYBOOK_WORDS: [&str; 36] = [
    "PIC ",
    "PICTURE IS ",
    "X(10)",
    "S9(18)V9(2)",
    "9(38)",
    "9(3)P(4)",
    "VP(3)9",
    "ZZ9.99",
    " COMP-3",
    " COMP",
    " COMP-5",
    " COMP-1",
    " COMP-2",
    " USAGE DISPLAY",
    " OCCURS 3",
    " OCCURS 0 TO 5 DEPENDING ON COUNT-1",
    " OCCURS 99999999",
    " REDEFINES KIND",
    " SIGN LEADING SEPARATE",
    " SYNC",
    " JUSTIFIED RIGHT",
    " BLANK WHEN ZERO",
    " VALUE 'X'",
    " VALUE ZEROS",
    ".",
    "\n       01  ",
    "\n           05  ",
    "\n               88  ",
    " FILLER",
    "COPY OTHER.",
    "EXEC SQL",
    "-",
    "*",
    "==",
    " UNBOUNDED",
    "'",
];

pub(crate) const PLAIN_RECORDS: [&str; 3] = [
    r#"{"REC":{"KIND":"AB","N-ZONED":-12.50,"N-LEAD":7,"N-PACKED":-1234567.89,"N-BIN":-5,"N-BIG":123456789012345,"N-FLOAT":1.5,"N-SCALED":12300,"TEXT-1":"TEXT","COUNT-1":2,"ROWS":[{"R-TEXT":"A","R-NUM":[1,2]},{"R-TEXT":"","R-NUM":[3,4]}]}}"#,
    r#"{"REC":{"KIND":"","N-FLOAT":-0.1,"ROWS":[]}}"#,
    r#"{"REC":{"KIND":{"$hex":"0000"},"N-PACKED":{"$hex":"000000000A"},"FILLER":"x"}}"#,
];

pub(crate) const LIBRARY: &str = "latimer 1\ntable kinds (a -> b) { \"NEW\" -> \"N\"  other -> \"O\" }\nmemo seen key id : text(20) expires 5 days { n? : text(20) }\n";

pub(crate) const MAPPINGS: [&str; 3] = [
    "latimer 1\nmapping one version \"1.0.0\" \"fuzz\"\nfrom a : json \"in.json\"\nto   b : json \"out.json\"\npolicy { bad-chars = transliterate \"epc217-08\"  time-zone = \"Europe/Berlin\" }\nuse \"lib.map\" (kinds, seen)\nlookup town (id) -> name from csv \"towns.csv\" key id = id value name\nsequence number digits 3 keyed-by a/id\nlet short = a/id | cut(3)\nverify count(a/lines) > 0 else reject message \"X-NONE\" \"none\"\nremember seen id = a/id { n = a/code }\nwrite b {\n  id <- choose { \"A\" when a/kind = \"NEW\"  short otherwise } | cut\n  n  <- sum(a/n) | round(half-even) else 0\n  day <- a/day else today()\n  lines <- each a/lines as l where l/text <> \"\" else reject record \"AM01\" \"no\" { text <- l/text | upper }\n}\nignore a/** because \"fuzz\"\ntest \"one\" { given a { id = \"1\" } expect b/id = \"A\" }\n",
    "latimer 1\nmapping two version \"1\"\nbetween a : copybook \"rec.cpy\" charset \"cp037\" at REC\nand b : json \"out.json\"\npolicy { bad-chars = reject }\ntable k (x <-> y) { \"A\" <-> \"B\"  \"C\" -> \"B\"  reject \"X-K\" <- other }\npair a with b {\n  KIND <-> id | k\n  N-ZONED -> n\n}\nonly to a { TEXT-1 = \"T\" }\nignore a/** because \"x\"\nlaw round-trip a except KIND = \"C\"\n",
    "latimer 1\nmapping three version \"1\"\nfrom a : json \"in.json\"\nto b : copybook \"rec.cpy\" charset \"cp1047\" record fixed 120 at REC\npolicy { bad-chars = reject }\nfile b per a/lines/text as key\nwrite b each a/lines as l { KIND <- l/text | cut else blank  COUNT-1 <- count(l/tags) | exact }\ninitialize b/** because \"x\"\non reject reply problem { code <- error/code }\n",
];

pub(crate) const MAPPING_WORDS: [&str; 52] = [
    " | ",
    " <- ",
    " -> ",
    " <-> ",
    " = ",
    "{",
    "}",
    "(",
    ")",
    ",",
    "\"",
    "##",
    "#",
    "`",
    "@k",
    "else ",
    "when ",
    "where ",
    "otherwise",
    "choose { ",
    "each a/lines as l ",
    "reject \"X-1\" \"no\"",
    "skip",
    "blank",
    "other",
    "any",
    "none",
    "a/id",
    "a/lines/text",
    "a/n",
    "b/lines",
    "[1]",
    "[1..3]",
    "/**",
    "count(",
    "sum(written lines/text)",
    "join(a/lines/text, \" \")",
    "money(a/n, \"EUR\")",
    "| decimal | exact",
    "| cut mark \"+\"",
    "| must-fit",
    "| date(\"YYYYMMDD\")",
    "| iban",
    "| kinds",
    "now()",
    "next(number)",
    "99999999999999999999999999999999999999999999",
    "-1",
    "is absent",
    " matches \"[a-z]+\"",
    " in (\"A\", \"B\")",
    "\n",
];
