//! The engine: schemas and mappings compiled into a plan, messages run through it.
//!
//! ```text
//! stream --Framer--> part --Decoder--> Record (spans) --Plan: steps--> values --Encoder--> lanes of bytes
//!                    `---------------------- Session::part, one function ----------------------'
//! ```
//!
//! **Invariant:** nothing here opens a file, reads a clock, spawns or waits. Texts come in through [`Sources`], messages
//! come in as slices, the time is an argument.

#![deny(clippy::disallowed_methods)]

pub mod call;
mod decimal;
mod diagnostic;
mod fast;
mod fault;
mod fold;
mod format;
mod identity;
pub mod language;
mod limits;
mod machine;
pub mod mapping;
pub mod moment;
pub mod output;
pub mod plan;
mod record;
pub mod rules;
mod schema;
mod source;
pub mod standards;
mod trace;
mod translation;

pub use decimal::{DIGITS_MAX, Decimal, Rounding};
pub use diagnostic::{Diagnostic, Diagnostics, Edit, Help, Severity};
pub use fault::{Fault, FaultCode, Faults, RuleId};
pub use format::{
    About, Codec, Cut, Decoder, Encoder, Format, FormatOption, Frame, Framer, Node, OptionAbout, Options, Outcome, Part,
    Presence, Reading, Recoder, Section, Select, SelectWhen, Shape, Want, Wanted,
};
pub use identity::{Identity, identity};
pub use limits::Limits;
pub use record::{ArenaShape, Place, Record, Slot, SlotKind, Values};
pub use schema::{FieldId, Kind, Member, Number, Occurs, Particle, Repertoire, Schema, Secrecy, Text, Type, TypeDef, TypeId};
pub use source::{FileId, Position, Sources, Span};
pub use trace::{Event, HIDDEN, What};
pub use translation::{Session, Translation, Verdict};
