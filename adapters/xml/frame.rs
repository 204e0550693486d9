//! Streams to parts: where documents end, and where items within a long one do.
//!
//! A document that ends within its first 256 KiB is one part. A longer one is cut at the repeats the plan chose:
//!
//! ```text
//! <?xml ..?><Document><Cstmr><GrpHdr>..</GrpHdr>|<PmtInf>..|<Tx>..</Tx>|<Tx>..</Tx>|..</PmtInf>|..</Cstmr></Document>
//!  Head(0)                                      |Head(1)   |Item       |Item       |Tail(1)    |Tail(0)
//! ```
//!
//! **Invariant:** which parts a stream has does not depend on how it was delivered: nothing is decided on bytes that could
//! still change what they mean. A framer knows comments, CDATA sections, processing instructions and quotes, but checks
//! little: the decoder checks every byte of every part, and that each part is what the framer said.

use crate::scan::{self, is_space, raw_name};
use latimer_engine::{Cut, Fault, FaultCode, Frame, Framer, Part};
use memchr::memmem;
use std::ops::Range;

/// Within so many bytes a message is one part.
pub(crate) const WHOLE_MAX: usize = 256 << 10;

/// Cuts a stream of documents.
#[derive(Debug)]
pub(crate) struct XmlFramer {
    /// By level, from 1: the names from the element of the level above (from the root at the first) to the one cut at.
    paths: Vec<Vec<Box<[u8]>>>,
    /// The first byte of the buffer in the stream.
    position: u64,
    /// Whether no document has begun yet: the XML declaration must be the first thing then.
    is_start: bool,
    /// Whether processing instructions may stand between documents.
    instructions: bool,
    mode: Mode,
    search: Search,
    /// For the end tag that is looked for.
    finder: memmem::Finder<'static>,
    /// Items or occurrences so far, by level from 1.
    numbers: Vec<u64>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// A document, or the end.
    Between,
    /// An occurrence of this level, or the tail of the level above. The innermost level has items.
    Occurrences(usize),
    /// The head of an occurrence of this level.
    Head(usize),
    /// The tail of this level.
    Tail(usize),
    /// The tail of a level whose element was an empty tag: nothing.
    NoTail(usize),
}

/// How far the end of an element was looked for, so that no byte is looked at twice.
#[derive(Clone, Debug, Default)]
struct Search {
    /// Behind the last markup that was understood.
    at: usize,
    /// Elements open there, that one included.
    depth: usize,
    /// Where the quick search for its end tag goes on.
    quick: usize,
    /// Whether markup must be understood piece by piece.
    slow: bool,
    begun: bool,
    /// How many names of the path to the next cut lead here.
    matched: usize,
}

/// Markup that was understood.
enum Markup {
    Start { name: Range<usize>, empty: bool },
    End,
    Other,
}

type Wrong = (FaultCode, usize);

impl XmlFramer {
    pub(crate) fn new(paths: Vec<Vec<Box<[u8]>>>, instructions: bool) -> Self {
        XmlFramer {
            paths,
            position: 0,
            is_start: true,
            instructions,
            mode: Mode::Between,
            search: Search::default(),
            finder: memmem::Finder::new(b"</").into_owned(),
            numbers: Vec::new(),
        }
    }

    /// A part that ends here; the next one begins behind it.
    fn frame(&mut self, part: Part, bytes: Range<usize>, number: u64) -> Cut {
        let frame = Frame { part, consumed: bytes.end, at: self.position + bytes.start as u64, bytes, number };
        self.position += frame.consumed as u64;
        self.search = Search::default();
        Cut::Frame(frame)
    }

    fn between(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Wrong> {
        let Some(start) = self.skip_misc(buffer, end)? else {
            return Ok(Cut::Incomplete);
        };
        if start >= buffer.len() {
            if !end {
                return Ok(Cut::Incomplete);
            }
            self.position += start as u64;
            return Ok(Cut::End);
        }
        let body = buffer.get(start..).unwrap_or_default();
        let found = self.document_end(body, end).map_err(|(code, at)| (code, start + at))?;
        match found {
            Some(length) => {
                self.is_start = false;
                Ok(self.frame(Part::Whole, start..start + length, 1))
            }
            None if !self.paths.is_empty() && body.len() > WHOLE_MAX => {
                // From here on the search counts from the start of the buffer.
                self.search = Search { at: start, ..Search::default() };
                self.mode = Mode::Head(0);
                self.head(buffer, end, 0)
            }
            None if end => Err((FaultCode::FrameTruncated, buffer.len())),
            None => Ok(Cut::Incomplete),
        }
    }

    /// Skips what may stand between documents; `None` if more bytes are needed to tell.
    fn skip_misc(&self, buffer: &[u8], end: bool) -> Result<Option<usize>, Wrong> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let may_grow = |rest: &[u8], into: &[u8]| !end && rest.len() < into.len() && into.starts_with(rest);
        let mut at = if buffer.starts_with(MARK) { MARK.len() } else { 0 };
        let first = at;
        loop {
            at = scan::skip_space(buffer, at);
            let rest = buffer.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(end.then_some(at));
            }
            if may_grow(rest, b"<!--") || may_grow(rest, MARK) {
                return Ok(None);
            }
            // Files with the mark of UTF-8 may have been put behind each other.
            if rest.starts_with(MARK) && !self.is_start {
                at += MARK.len();
                continue;
            }
            let found = if rest.starts_with(b"<!--") {
                scan::comment(buffer, at)?
            } else if rest.starts_with(b"<?") {
                // Whether it is an XML declaration is known one byte behind its name.
                if rest.len() < 6 && !end {
                    return Ok(None);
                }
                if rest.starts_with(b"<?xml") && is_space(scan::byte(rest, 5)) {
                    // The declaration is the first thing in a document (XML 1.0, production 22).
                    return if self.is_start && at > first { Err((FaultCode::XmlSyntax, at)) } else { Ok(Some(at)) };
                }
                if !self.instructions {
                    return Err((FaultCode::XmlInstruction, at));
                }
                scan::instruction(buffer, at)?
            } else if rest.starts_with(b"<") {
                return Ok(Some(at));
            } else {
                return Err((FaultCode::FrameTrailing, at));
            };
            match found {
                Some(behind) => {
                    let skipped = scan::slice(buffer, at, behind);
                    if simdutf8::basic::from_utf8(skipped).is_err() {
                        return Err((FaultCode::XmlUtf8, at));
                    }
                    at = behind;
                }
                None if end => return Err((FaultCode::FrameTruncated, buffer.len())),
                None => return Ok(None),
            }
        }
    }

    /// Where the document that begins the bytes ends, if that is within the limit for a whole one (or there is no cut).
    fn document_end(&mut self, body: &[u8], end: bool) -> Result<Option<usize>, Wrong> {
        let limit = if self.paths.is_empty() { usize::MAX } else { WHOLE_MAX };
        let view = body.get(..limit.min(body.len())).unwrap_or(body);
        let end = end && view.len() == body.len();
        if !self.search.begun {
            // Up to the root's start tag, markup by markup.
            loop {
                let Some(at) = memchr::memchr(b'<', view.get(self.search.at..).unwrap_or_default()) else {
                    return Ok(None);
                };
                let at = self.search.at + at;
                let Some((markup, behind)) = markup(view, at, end)? else { return Ok(None) };
                self.search.at = behind;
                match markup {
                    Markup::Other => {}
                    Markup::End => return Err((FaultCode::XmlSyntax, at)),
                    Markup::Start { empty: true, .. } => return Ok(Some(behind)),
                    Markup::Start { name, .. } => {
                        self.look_for(view.get(name).unwrap_or_default());
                        self.search.begun = true;
                        self.search.depth = 1;
                        self.search.quick = behind;
                        break;
                    }
                }
            }
        }
        self.element_end(view, end)
    }

    /// Looks for the end tag of this name from now on.
    fn look_for(&mut self, name: &[u8]) {
        if self.finder.needle().get(2..) != Some(name) {
            self.finder = memmem::Finder::new(&[b"</", name].concat()).into_owned();
        }
    }

    /// Where the element ends whose content the search is in.
    ///
    /// Without comments, CDATA sections and processing instructions, and without an element of the same name within, its
    /// end tag is the next that has its name: `<` stands in tags only. Otherwise markup is understood piece by piece.
    fn element_end(&mut self, view: &[u8], end: bool) -> Result<Option<usize>, Wrong> {
        let (search, finder) = (&mut self.search, &self.finder);
        while !search.slow {
            let Some(found) = finder.find(view.get(search.quick..).unwrap_or_default()) else {
                // The end tag may begin with the last bytes.
                search.quick = view.len().saturating_sub(finder.needle().len()).max(search.quick);
                return Ok(None);
            };
            let tag = search.quick + found;
            let name_end = tag + finder.needle().len();
            let behind = scan::skip_space(view, name_end);
            if behind >= view.len() {
                search.quick = tag;
                return Ok(None);
            }
            if scan::byte(view, behind) != b'>' {
                // A longer name, or no end tag at all.
                search.quick = name_end;
                continue;
            }
            if is_simple(scan::slice(view, search.at, tag), finder.needle()) {
                return Ok(Some(behind + 1));
            }
            search.slow = true;
        }
        while let Some(less) = memchr::memchr(b'<', view.get(search.at..).unwrap_or_default()) {
            let at = search.at + less;
            let Some((markup, behind)) = markup(view, at, end)? else {
                search.at = at;
                return Ok(None);
            };
            search.at = behind;
            match markup {
                Markup::Start { empty: false, .. } => search.depth += 1,
                Markup::End if search.depth <= 1 => return Ok(Some(behind)),
                Markup::End => search.depth -= 1,
                _ => {}
            }
        }
        search.at = view.len();
        Ok(None)
    }

    /// The head of a level: up to the first element of the next cut, or to the end tag of the level's own element if there
    /// is none. The search is at the start of the part.
    fn head(&mut self, buffer: &[u8], end: bool, level: usize) -> Result<Cut, Wrong> {
        let start = if self.search.begun { self.search.quick } else { self.search.at };
        if !self.search.begun {
            self.search = Search { at: start, quick: start, begun: true, ..Search::default() };
        }
        // The path to level 1 begins with the root, those to deeper levels behind the level's element.
        let skip = usize::from(level > 0);
        loop {
            let rest = buffer.get(self.search.at..).unwrap_or_default();
            let Some(less) = memchr::memchr(b'<', rest) else {
                self.search.at = buffer.len();
                break;
            };
            let at = self.search.at + less;
            let Some((markup, behind)) = markup(buffer, at, end)? else {
                self.search.at = at;
                break;
            };
            match markup {
                Markup::Other => {}
                Markup::Start { name, empty } => {
                    let name = buffer.get(name).unwrap_or_default();
                    let depth = self.search.depth;
                    let path = self.paths.get(level).map_or(&[][..], Vec::as_slice);
                    let next = (depth >= skip).then(|| path.get(depth - skip)).flatten();
                    let is_next = self.search.matched + skip == depth && next.is_some_and(|it| **it == *local(name));
                    if is_next && self.search.matched + 1 == path.len() {
                        return Ok(self.head_ends(level, start, at));
                    }
                    if !empty {
                        self.search.matched += usize::from(is_next);
                        self.search.depth += 1;
                    } else if depth == 0 {
                        // An occurrence without content, or a document that is one tag.
                        return Ok(self.head_is_empty(level, start, behind));
                    }
                }
                Markup::End => {
                    if self.search.depth <= 1 {
                        return Ok(self.head_ends(level, start, at));
                    }
                    self.search.depth -= 1;
                    self.search.matched = self.search.matched.min(self.search.depth.saturating_sub(skip));
                }
            }
            self.search.at = behind;
        }
        self.search.quick = start;
        if end { Err((FaultCode::FrameTruncated, buffer.len())) } else { Ok(Cut::Incomplete) }
    }

    fn head_ends(&mut self, level: usize, start: usize, at: usize) -> Cut {
        self.is_start = false;
        self.numbers.truncate(level);
        self.numbers.push(0);
        self.mode = Mode::Occurrences(level + 1);
        let number = self.number_of(level);
        self.frame(Part::Head(level_number(level)), start..at, number)
    }

    /// An occurrence `<A/>` has no place to cut: it is a head, and a tail of no bytes.
    fn head_is_empty(&mut self, level: usize, start: usize, behind: usize) -> Cut {
        self.is_start = false;
        self.numbers.truncate(level);
        self.numbers.push(0);
        self.mode = Mode::NoTail(level);
        let number = self.number_of(level);
        self.frame(Part::Head(level_number(level)), start..behind, number)
    }

    /// Which occurrence of its level this is; there is one message.
    fn number_of(&self, level: usize) -> u64 {
        level.checked_sub(1).and_then(|it| self.numbers.get(it)).copied().unwrap_or(1)
    }

    /// An occurrence of a level that is cut at, or what follows the last.
    fn occurrence(&mut self, buffer: &[u8], end: bool, level: usize) -> Result<Cut, Wrong> {
        if !self.search.begun {
            let Some(at) = skip_blank(buffer, end)? else {
                return if end { Err((FaultCode::FrameTruncated, buffer.len())) } else { Ok(Cut::Incomplete) };
            };
            let name_end = raw_name(buffer, at + 1);
            let wanted = self.paths.get(level - 1).and_then(|it| it.last());
            if name_end >= buffer.len() && !end {
                return Ok(Cut::Incomplete);
            }
            let name = scan::slice(buffer, at + 1, name_end);
            if scan::byte(buffer, at) != b'<' || wanted.is_none_or(|it| **it != *local(name)) {
                self.mode = Mode::Tail(level - 1);
                self.search = Search::default();
                return self.tail(buffer, end, level - 1);
            }
            if level < self.paths.len() {
                self.count(level);
                self.mode = Mode::Head(level);
                self.search = Search::default();
                return self.head(buffer, end, level);
            }
            let Some((Markup::Start { name, empty }, behind)) = markup(buffer, at, end)? else {
                return if end { Err((FaultCode::FrameTruncated, buffer.len())) } else { Ok(Cut::Incomplete) };
            };
            if empty {
                self.count(level);
                let number = self.number_of(level);
                return Ok(self.frame(Part::Item, 0..behind, number));
            }
            let name = buffer.get(name).unwrap_or_default();
            self.look_for(name);
            self.search = Search { at: behind, depth: 1, quick: behind, begun: true, ..Search::default() };
        }
        match self.element_end(buffer, end)? {
            Some(behind) => {
                self.count(level);
                let number = self.number_of(level);
                Ok(self.frame(Part::Item, 0..behind, number))
            }
            None if end => Err((FaultCode::FrameTruncated, buffer.len())),
            None => Ok(Cut::Incomplete),
        }
    }

    fn count(&mut self, level: usize) {
        if let Some(number) = self.numbers.get_mut(level - 1) {
            *number += 1;
        }
    }

    /// From behind the items of a level to the end of the level's element.
    fn tail(&mut self, buffer: &[u8], end: bool, level: usize) -> Result<Cut, Wrong> {
        let number = self.numbers.get(level).copied().unwrap_or(0);
        if !self.search.begun {
            self.search = Search { begun: true, slow: true, ..Search::default() };
            // Within the level's element are those of the path to its items.
            let path = self.paths.get(level).map_or(0, Vec::len);
            self.search.depth = if level == 0 { path.saturating_sub(1) } else { path };
            if number == 0 {
                self.search.depth = 1;
            }
        }
        match self.element_end(buffer, end)? {
            Some(behind) => Ok(self.tail_ends(level, behind, number)),
            None if end => Err((FaultCode::FrameTruncated, buffer.len())),
            None => Ok(Cut::Incomplete),
        }
    }
}

impl XmlFramer {
    fn tail_ends(&mut self, level: usize, behind: usize, number: u64) -> Cut {
        self.mode = if level == 0 { Mode::Between } else { Mode::Occurrences(level) };
        self.numbers.truncate(level);
        self.frame(Part::Tail(level_number(level)), 0..behind, number)
    }
}

impl Framer for XmlFramer {
    fn next(&mut self, buffer: &[u8], end: bool) -> Result<Cut, Fault> {
        let cut = match self.mode {
            Mode::Between => self.between(buffer, end),
            Mode::Head(level) => self.head(buffer, end, level),
            Mode::Occurrences(level) => self.occurrence(buffer, end, level),
            Mode::Tail(level) => self.tail(buffer, end, level),
            Mode::NoTail(level) => Ok(self.tail_ends(level, 0, 0)),
        };
        cut.map_err(|(code, at)| Fault::new(code, self.position + at as u64))
    }

    fn recover(&mut self, _: &[u8], _: bool) -> Option<usize> {
        // Where the next document begins cannot be told from what is no document.
        None
    }

    fn mark(&self, into: &mut Vec<u8>) {
        // A head that has only begun is looked for again, and counted then.
        let (mode, level) = match self.mode {
            Mode::Between | Mode::Head(0) => (0, 0),
            Mode::Occurrences(level) => (1, level),
            Mode::Head(level) => (2, level),
            Mode::Tail(level) => (3, level),
            Mode::NoTail(level) => (4, level),
        };
        into.extend_from_slice(&[mode, u8::from(self.is_start), level_number(level)]);
        into.extend_from_slice(&self.position.to_le_bytes());
        for number in &self.numbers {
            into.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn resume(&mut self, mark: &[u8]) {
        *self = XmlFramer::new(std::mem::take(&mut self.paths), self.instructions);
        let Some(([mode, is_start, level], rest)) = mark.split_first_chunk::<3>() else { return };
        let level = usize::from(*level);
        self.mode = match mode {
            1 => Mode::Occurrences(level),
            2 => Mode::Head(level),
            3 => Mode::Tail(level),
            4 => Mode::NoTail(level),
            _ => Mode::Between,
        };
        self.is_start = *is_start == 1;
        let mut numbers = rest.chunks_exact(8).filter_map(|it| Some(u64::from_le_bytes(it.try_into().ok()?)));
        self.position = numbers.next().unwrap_or(0);
        self.numbers = numbers.collect();
    }
}

fn level_number(level: usize) -> u8 {
    u8::try_from(level).unwrap_or(u8::MAX)
}

/// A name without its prefix.
fn local(name: &[u8]) -> &[u8] {
    name.iter().position(|it| *it == b':').and_then(|colon| name.get(colon + 1..)).unwrap_or(name)
}

/// Whether a stretch has neither `<!` nor `<?` nor a start tag of the name (`needle` is `</` and the name).
fn is_simple(stretch: &[u8], needle: &[u8]) -> bool {
    let odd = memchr::memchr2_iter(b'!', b'?', stretch).any(|at| at > 0 && scan::byte(stretch, at - 1) == b'<');
    if odd {
        return false;
    }
    let name = needle.get(2..).unwrap_or_default();
    !memmem::find_iter(stretch, name).any(|at| {
        let behind = scan::byte(stretch, at + name.len());
        at > 0 && scan::byte(stretch, at - 1) == b'<' && (is_space(behind) || matches!(behind, b'>' | b'/'))
    })
}

/// Behind the white space, comments and instructions at the start; `None` if more bytes are needed.
fn skip_blank(buffer: &[u8], end: bool) -> Result<Option<usize>, Wrong> {
    let mut at = 0;
    loop {
        at = scan::skip_space(buffer, at);
        let rest = buffer.get(at..).unwrap_or_default();
        if rest.is_empty() || (!end && rest.len() < 4) {
            return Ok(None);
        }
        if !rest.starts_with(b"<!--") && !rest.starts_with(b"<?") {
            return Ok(Some(at));
        }
        match markup(buffer, at, end)? {
            Some((_, behind)) => at = behind,
            None => return Ok(None),
        }
    }
}

/// Understands the markup that begins with `<` here: what it is, and where it ends; `None` if it does not end.
fn markup(bytes: &[u8], at: usize, end: bool) -> Result<Option<(Markup, usize)>, Wrong> {
    let rest = bytes.get(at..).unwrap_or_default();
    let other = |needle: &[u8], from: usize| {
        let found = memmem::find(rest.get(from..).unwrap_or_default(), needle);
        Ok(found.map(|it| (Markup::Other, at + from + it + needle.len())))
    };
    match (scan::byte(rest, 1), rest.len()) {
        (_, 1) => Ok(None),
        (b'?', _) => other(b"?>", 2),
        (b'!', _) if rest.starts_with(b"<!--") => other(b"-->", 4),
        (b'!', _) if rest.starts_with(b"<![CDATA[") => other(b"]]>", 9),
        (b'!', _) if !end && (b"<!--".starts_with(rest) || b"<![CDATA[".starts_with(rest) || b"<!DOCTYPE".starts_with(rest)) => {
            Ok(None)
        }
        (b'!', _) if rest.starts_with(b"<!DOCTYPE") => Err((FaultCode::XmlDoctype, at)),
        (b'!', _) => Err((FaultCode::XmlSyntax, at)),
        (b'/', _) => Ok(memchr::memchr(b'>', rest).map(|it| (Markup::End, at + it + 1))),
        _ => {
            let name_end = raw_name(bytes, at + 1);
            let mut from = name_end - at;
            // A `>` within quotes does not end the tag.
            loop {
                let behind = rest.get(from..).unwrap_or_default();
                let Some(found) = memchr::memchr3(b'>', b'"', b'\'', behind) else { return Ok(None) };
                let found = from + found;
                match scan::byte(rest, found) {
                    b'>' => {
                        let empty = scan::byte(rest, found.saturating_sub(1)) == b'/';
                        return Ok(Some((Markup::Start { name: at + 1..name_end, empty }, at + found + 1)));
                    }
                    quote => match memchr::memchr(quote, rest.get(found + 1..).unwrap_or_default()) {
                        Some(close) => from = found + 1 + close + 1,
                        None => return Ok(None),
                    },
                }
            }
        }
    }
}
