//! Whole messages with the bytes they stand in: what a worker takes from the feed at once.

use super::stream::{Input, advanced};
use crate::engine::{Frame, Position};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where messages come from.
#[derive(Debug)]
pub struct Origin {
    /// The file, or standard input.
    pub input: Input,
    /// As people read it.
    pub name: String,
    /// As mappings read it: without its folder.
    pub file_name: Arc<str>,
    is_refused: AtomicBool,
}

impl Origin {
    /// An input with its names.
    pub fn new(input: Input) -> Self {
        let file_name = input.path().and_then(|it| it.file_name()).map(|it| it.to_string_lossy().into_owned());
        Origin {
            name: input.name(),
            file_name: Arc::from(file_name.as_deref().unwrap_or("-")),
            is_refused: AtomicBool::new(false),
            input,
        }
    }

    /// Nothing of the input leaves: the rest of it need not be read.
    pub fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    /// Whether nothing of it leaves.
    pub fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }
}

/// What happens in the order of the stream.
#[derive(Debug)]
pub(super) enum Event {
    /// An input begins.
    Begin(Arc<Origin>),
    /// A message, all of it: its bytes are in the block.
    Message {
        /// Its place in the block's bytes.
        frame: Frame,
        /// Its number in its input, from 1.
        number: u64,
        /// Where it comes from.
        origin: Arc<Origin>,
    },
    /// The input ended.
    End,
}

/// Whole messages.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Their bytes.
    pub bytes: Vec<u8>,
    /// What happens, in order.
    pub events: Vec<Event>,
    stretches: Vec<Stretch>,
}

/// Bytes that stood next to each other in a stream.
#[derive(Debug)]
struct Stretch {
    /// The place in the block, and in the stream.
    from: usize,
    at: u64,
    position: Position,
}

impl Block {
    /// Forgets the messages and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.events.clear();
        self.stretches.clear();
    }

    /// What is added from here on stands in a stream at this place.
    pub(super) fn stretch(&mut self, at: u64, position: Position) {
        self.stretches.push(Stretch { from: self.bytes.len(), at, position });
    }

    /// Whether anything happens.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The line and column of a byte of the stream that the bytes at `within` come from.
    pub(super) fn position(&self, within: usize, offset: u64) -> Position {
        let nowhere = Position { line: 1, column: 1 };
        let Some(stretch) = self.stretches.iter().rev().find(|it| it.from <= within) else { return nowhere };
        let to = usize::try_from(offset.saturating_sub(stretch.at)).unwrap_or(usize::MAX).saturating_add(stretch.from);
        let before = self.bytes.get(stretch.from..to.min(self.bytes.len())).unwrap_or_default();
        advanced(stretch.position, before)
    }

    /// A stretch of the stream that the bytes at `within` come from.
    pub(super) fn slice(&self, within: usize, at: u64, length: u32) -> Option<&[u8]> {
        let stretch = self.stretches.iter().rev().find(|it| it.from <= within)?;
        let from = usize::try_from(at.checked_sub(stretch.at)?).ok()?.checked_add(stretch.from)?;
        self.bytes.get(from..from.checked_add(length as usize)?)
    }
}
