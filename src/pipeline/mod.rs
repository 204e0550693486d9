//! Streams: cut, translated, delivered.
//!
//! ```text
//! Stream (file, stdin; recoded to UTF-8) --Framer--> part --Session--> lanes --Delivery--> files, stdout
//!                                                          `--> rejects, report
//! ```

mod deliver;
mod rejects;
mod report;
mod run;
mod stream;

pub use deliver::{Delivery, Destination};
pub use rejects::{Rejects, Told, words};
pub use report::Report;
pub use run::{Job, Run, Summary};
pub use stream::{Broken, Input, Stream, largest_chain};
