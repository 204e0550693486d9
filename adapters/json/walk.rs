//! The way from a level's start to the array it is cut at, by member names alone, however the bytes arrive.

use crate::{
    extent::{Extent, Wrong},
    scan,
};
use latimer_engine::FaultCode;

/// What is cut at a level.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    /// The members that lead to the array.
    pub(crate) names: Vec<Vec<u8>>,
    /// Members that heads and items need: the number of the object among those on the way, and the name.
    pub(crate) early: Vec<(usize, Vec<u8>)>,
}

/// A walk. Places count from the first byte of the buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    at: usize,
    expects: Expects,
    /// Objects that are open on the way.
    open: usize,
    extent: Extent,
    /// Which early members came.
    seen: Vec<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expects {
    /// A value that the way leads to.
    #[default]
    Value,
    /// A name, or the end of the object.
    FirstName,
    Name,
    /// The end of the name that begins there.
    NameEnd(usize),
    /// A colon; the member leads on or not.
    Colon(bool),
    /// A value that is passed by.
    Skipped,
    SkippedEnd,
    /// A comma, or the end of the object.
    Comma,
}

/// Where a walk came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// More bytes are needed.
    Incomplete,
    /// The first byte behind the bracket of the array that is no blank.
    Array(usize),
    /// The level ends here without its array.
    End(usize),
}

impl Walk {
    /// Begins with the value at a place.
    pub(crate) fn begin(&mut self, way: &Way, at: usize) {
        (self.at, self.expects, self.open) = (at, Expects::Value, 0);
        self.seen.clear();
        self.seen.resize(way.early.len(), false);
    }

    /// Whether something that was needed before the array has not come, so that it may stand behind it.
    pub(crate) fn lacks_early(&self) -> bool {
        self.seen.iter().any(|it| !it)
    }

    /// Goes on.
    pub(crate) fn go(&mut self, way: &Way, buffer: &[u8], is_all: bool, depth_max: u32) -> Result<Step, Wrong> {
        loop {
            if self.open == 0 && self.expects == Expects::Comma {
                return Ok(Step::End(self.at));
            }
            if matches!(self.expects, Expects::NameEnd(_) | Expects::SkippedEnd) {
                if !self.inside(way, buffer, is_all, depth_max)? {
                    return Ok(Step::Incomplete);
                }
            } else {
                self.at = scan::blanks(buffer, self.at);
                let Some(byte) = buffer.get(self.at).copied() else { return Ok(Step::Incomplete) };
                if let Some(step) = self.token(way, buffer, byte)? {
                    return Ok(step);
                }
            }
        }
    }

    /// A token of one byte, or the start of a longer one.
    fn token(&mut self, way: &Way, buffer: &[u8], byte: u8) -> Result<Option<Step>, Wrong> {
        let wrong = Err((FaultCode::JsonSyntax, self.at));
        self.expects = match (self.expects, byte) {
            (Expects::Value, b'[') if self.open == way.names.len() => {
                // The array's first byte must be there, since it is where the head ends.
                let first = scan::blanks(buffer, self.at + 1);
                let step = if first < buffer.len() { Step::Array(first) } else { Step::Incomplete };
                return Ok(Some(step));
            }
            (Expects::Value, b'{') if self.open < way.names.len() => {
                self.open += 1;
                self.at += 1;
                Expects::FirstName
            }
            // The member that leads on is something else: the decoder says so.
            (Expects::Value | Expects::Skipped, _) => {
                self.extent.begin(buffer, self.at, true);
                Expects::SkippedEnd
            }
            (Expects::FirstName | Expects::Comma, b'}') => {
                self.open -= 1;
                self.at += 1;
                Expects::Comma
            }
            (Expects::FirstName | Expects::Name, b'"') => {
                self.extent.begin(buffer, self.at, true);
                Expects::NameEnd(self.at + 1)
            }
            (Expects::Colon(leads_on), b':') => {
                self.at += 1;
                if leads_on { Expects::Value } else { Expects::Skipped }
            }
            (Expects::Comma, b',') => {
                self.at += 1;
                Expects::Name
            }
            _ => return wrong,
        };
        Ok(None)
    }

    /// Within a name or a value that is passed by; whether it ended.
    fn inside(&mut self, way: &Way, buffer: &[u8], is_all: bool, depth_max: u32) -> Result<bool, Wrong> {
        let Some(end) = self.extent.end(buffer, is_all, depth_max)? else { return Ok(false) };
        self.at = end;
        self.expects = match self.expects {
            Expects::NameEnd(from) => {
                let name = scan::slice(buffer, from, end - 1);
                let object = self.open - 1;
                for ((of, early), seen) in way.early.iter().zip(&mut self.seen) {
                    *seen |= *of == object && is_name(name, early);
                }
                Expects::Colon(way.names.get(object).is_some_and(|it| is_name(name, it)))
            }
            _ => Expects::Comma,
        };
        Ok(true)
    }
}

/// Whether a name between its quotes means this one.
fn is_name(spelled: &[u8], name: &[u8]) -> bool {
    if memchr::memchr(b'\\', spelled).is_none() {
        return spelled == name;
    }
    // Rare, and bounded: an escape takes at most six bytes for one.
    let mut plain = Vec::new();
    if spelled.len() <= name.len() * 6 {
        scan::unescape(spelled, &mut plain);
    }
    plain == name
}
