//! The sender's mistakes.

use crate::FieldId;

/// Why a message, or a part of it, was refused: which rule, which field, which byte.
///
/// **Invariant:** a fault carries no text and never the value (it may be a card number). What a person reads is made
/// from the code, the schema and the mapping when it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub code: FaultCode,
    /// The rule of the mapping that found it.
    pub rule: Option<RuleId>,
    /// The field of the source (of the target, where an encoder found it).
    pub field: Option<FieldId>,
    /// What the code says it is: the index of an expected member, the number of a limit.
    pub detail: u16,
    /// The occurrences of the repeats on the field's path within the part, outermost first, from 1; 0 is unknown.
    pub rows: [u32; 2],
    /// The byte of the stream, from 0.
    pub offset: u64,
}

const _: () = assert!(size_of::<Fault>() == 32);

/// A rule of a mapping, in the order of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u16);

impl Fault {
    /// A fault at a byte of the stream.
    pub fn new(code: FaultCode, offset: u64) -> Fault {
        Fault { code, rule: None, field: None, detail: 0, rows: [0; 2], offset }
    }

    /// Blames a field.
    pub fn at(self, field: FieldId) -> Fault {
        Fault { field: Some(field), ..self }
    }

    /// Adds the occurrences.
    pub fn rows(self, rows: [u32; 2]) -> Fault {
        Fault { rows, ..self }
    }

    /// Adds what the code needs to be explained.
    pub fn detail(self, detail: u16) -> Fault {
        Fault { detail, ..self }
    }

    /// Names the rule.
    pub fn by(self, rule: RuleId) -> Fault {
        Fault { rule: Some(rule), ..self }
    }
}

macro_rules! fault_codes {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal $reason:literal $text:literal,)*) => {
        /// What can be wrong with a message. The list is only ever added to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum FaultCode { $(#[doc = $text] $(#[doc = $doc])* $variant,)* }

        impl FaultCode {
            /// Every code.
            pub const ALL: &[FaultCode] = &[$(FaultCode::$variant,)*];

            /// The stable name, `area/what-is-wrong`.
            pub const fn name(self) -> &'static str {
                match self { $(FaultCode::$variant => $name,)* }
            }

            /// The ISO 20022 external status reason, where neither the rule nor the field's type has a better one.
            pub const fn reason(self) -> &'static str {
                match self { $(FaultCode::$variant => $reason,)* }
            }

            /// In a few words, as a sentence about the field.
            pub const fn text(self) -> &'static str {
                match self { $(FaultCode::$variant => $text,)* }
            }
        }
    };
}

fault_codes! {
    // Cutting a stream into messages.
    FrameTruncated "frame/truncated" "FF01" "the input ends inside a message",
    FrameLength "frame/length" "FF01" "the record has a length that its layout does not have",
    FrameLimit "frame/limit" "FF01" "a part of the message is larger than the limit `part_bytes_max`",
    FrameTrailing "frame/trailing" "FF01" "there is something behind the message",
    // JSON: RFC 8259, and JSON Schema 2020-12.
    JsonSyntax "json/syntax" "FF01" "this is not JSON",
    JsonUtf8 "json/utf-8" "FF01" "this is not UTF-8",
    JsonDuplicate "json/duplicate" "FF01" "a member is named twice in one object",
    JsonDepth "json/depth" "FF01" "the nesting is deeper than the limit `depth_max`",
    JsonType "json/type" "FF01" "the value has another type than the schema says",
    JsonFacet "json/facet" "FF01" "the value is not allowed by the schema",
    JsonMissing "json/missing" "FF01" "a member that the schema requires is missing",
    JsonItems "json/items" "FF01" "the array has too few or too many items",
    JsonUnknown "json/unknown-field" "FF01" "the schema names no such member",
    JsonChoice "json/choice" "FF01" "the value is none of the alternatives of the schema, or more than one",
    // XML 1.0, Namespaces 1.0 and XML Schema 1.0.
    XmlSyntax "xml/syntax" "FF01" "this is not well-formed XML",
    XmlUtf8 "xml/utf-8" "FF01" "this is not UTF-8",
    XmlCharacter "xml/character" "FF01" "a character that XML does not allow",
    XmlDoctype "xml/doctype" "FF01" "a document type declaration is not allowed",
    XmlEntity "xml/entity" "FF01" "an entity that is not one of the five of XML",
    XmlNamespace "xml/namespace" "FF01" "a prefix without a namespace, or an element in the wrong namespace",
    XmlEncoding "xml/encoding" "FF01" "the encoding of the document is not supported",
    XmlDepth "xml/depth" "FF01" "the nesting is deeper than the limit `depth_max`",
    XmlMismatch "xml/mismatch" "FF01" "the end tag does not match the start tag",
    XmlRoot "xml/root" "FF01" "the document does not begin with an element of the schema",
    XmlUnexpected "xml/unexpected" "FF01" "an element that may not stand here",
    XmlMissing "xml/missing" "FF01" "an element that the schema requires is missing",
    XmlText "xml/text" "FF01" "text where only elements may stand",
    XmlAttribute "xml/attribute" "FF01" "an attribute that is not allowed, or one that is missing",
    XmlFacet "xml/facet" "FF01" "the value is not allowed by the schema",
    XmlNil "xml/nil" "FF01" "the schema does not allow nil here",
    XmlType "xml/type" "FF01" "xsi:type does not name the type of the element",
    // COBOL records.
    CopybookDigits "copybook/digits" "FF01" "the bytes are not a number of this picture",
    CopybookCharset "copybook/charset" "RR10" "the code page has no such character",
    CopybookCounter "copybook/counter" "FF01" "the counter of the table is outside its OCCURS clause",
    CopybookSelect "copybook/select" "FF01" "no `select` of the format chooses a record or view for these bytes",
    CopybookSize "copybook/size" "FF01" "the value does not fit into the item",
    // What the mapping found.
    MapRejected "map/rejected" "NARR" "rejected",
    MapVerify "map/verify" "NARR" "what must hold for the whole input does not hold",
    MapAbsent "map/absent" "FF01" "a value that the target requires is missing",
    MapLength "map/length" "FF01" "the text is too long",
    MapFacet "map/facet" "FF01" "the value is not allowed by the target",
    MapCode "map/code" "NARR" "the table has no row for the code",
    MapCharset "map/charset" "RR10" "a character that the target cannot hold",
    MapNumber "map/number" "AM12" "not a number, or one that does not fit",
    MapDigits "map/digits" "AM12" "digits would be lost",
    MapCurrency "map/currency" "AM03" "the currency is unknown",
    MapMixed "map/currencies" "AM03" "amounts of different currencies have no sum",
    MapDate "map/date" "DT01" "not a date or time that exists",
    MapIban "map/iban" "AC01" "not an IBAN",
    MapBic "map/bic" "RC01" "not a BIC",
    MapIdentifier "map/identifier" "FF01" "the check digits or the shape of the identifier are wrong",
    MapRepeat "map/repeat" "NARR" "more occurrences than the target holds",
    MapNothing "map/nothing" "NARR" "no `write` of the mapping applies to the message",
    MapKey "map/key" "NARR" "the key of the output file is missing",
    MapCount "map/count" "AM18" "a count or position that the target cannot hold",
    MapSequence "map/sequence" "NARR" "the sequence has no number left",
    MapDivision "map/division" "AM12" "a division by zero, or a quotient without end",
    // Limits that are not the framer's.
    LimitFiles "limit/files" "NARR" "the message has more outputs than the limit `files_max`",
    LimitName "limit/name" "NARR" "a name or key is longer than the limit `name_bytes_max`",
    LimitHeld "limit/held" "NARR" "more must be kept in memory than the limit `held_bytes_max`",
    // COBOL records, again.
    CopybookOrder "copybook/order" "FF01" "the records do not stand in the order of the copybook",
    CopybookView "copybook/view" "FF01" "more than one view of the same bytes has a value",
    MapBlank "map/blank" "NARR" "blank where the target needs a value",
    // Ours.
    Defect "latimer/defect" "NARR" "a defect of this program: the message was not translated",
    // SOAP 1.1 and SOAP 1.2 part 1.
    XmlInstruction "xml/instruction" "FF01" "a processing instruction, which SOAP does not allow",
    SoapMustUnderstand "soap/must-understand" "NARR" "a header that must be understood is not",
    SoapCode "soap/fault-code" "NARR" "a fault code that this version of SOAP cannot hold",
    // JSON, again.
    JsonOrder "json/order" "FF01" "in a message this long, the member must stand before the array that the schema puts behind it",
    // Memos, which people and other programs may write.
    MapMemo "map/memo" "NARR" "what was remembered is not what the memo declares",
    // XML, again.
    XmlNilGroup "xml/nil-group" "FF01" "the plain form cannot show that this is nil: it has attributes, or is one of many",
}

/// The faults of one part, and what is only worth a line in the report.
#[derive(Debug)]
pub struct Faults {
    list: Vec<Fault>,
    remarks: Vec<Fault>,
    most: usize,
}

impl Faults {
    /// Room for so many.
    pub fn new(faults_max: u64) -> Self {
        let most = usize::try_from(faults_max).unwrap_or(usize::MAX).max(1);
        Faults { list: Vec::new(), remarks: Vec::new(), most }
    }

    /// Notes a fault, if there is room for it.
    pub fn push(&mut self, fault: Fault) {
        if self.list.len() < self.most {
            self.list.push(fault);
        }
    }

    /// Notes what does not refuse the message: a member that the schema does not name.
    pub fn remark(&mut self, fault: Fault) {
        if self.remarks.len() < self.most {
            self.remarks.push(fault);
        }
    }

    /// Whether no more are kept.
    pub fn is_full(&self) -> bool {
        self.list.len() >= self.most
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The faults in the order found.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// What does not refuse the message.
    pub fn remarks(&self) -> &[Fault] {
        &self.remarks
    }

    /// The faults, to be put in order.
    pub fn list_mut(&mut self) -> &mut Vec<Fault> {
        &mut self.list
    }

    /// Forgets all and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.remarks.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_of_an_area() {
        let mut names: Vec<_> = FaultCode::ALL.iter().map(|it| it.name()).collect();
        assert!(names.iter().all(|it| it.split_once('/').is_some_and(|(area, what)| !area.is_empty() && !what.is_empty())));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FaultCode::ALL.len());
    }

    #[test]
    fn reasons_have_the_form_of_the_code_set() {
        assert!(FaultCode::ALL.iter().all(|it| it.reason().len() == 4 && it.reason().bytes().all(|b| b.is_ascii_alphanumeric())));
    }

    #[test]
    fn no_more_than_the_limit_is_kept() {
        let mut faults = Faults::new(2);
        for offset in 0..5 {
            faults.push(Fault::new(FaultCode::JsonSyntax, offset));
        }
        assert!(faults.is_full());
        assert_eq!(faults.list().iter().map(|it| it.offset).collect::<Vec<_>>(), [0, 1]);
    }
}
