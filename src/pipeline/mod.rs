//! Streams: cut, translated, delivered.
//!
//! ```text
//! Stream (file, stdin; recoded to UTF-8) --Framer--> part --Session--> lanes --Delivery--> files, stdout
//!                                                          `--> rejects, report
//! ```

mod block;
mod deliver;
mod feed;
mod outbox;
mod progress;
mod rejects;
mod report;
mod run;
mod stream;
mod whole;

pub use deliver::{Delivery, Destination};
pub use outbox::{Outbox, Summary};
pub use rejects::{Rejects, Told, below, tell, words};
pub use report::Report;
pub use run::{Job, Stopped, run};
pub use stream::{Broken, Input, Stream, advanced, largest_chain};
pub use whole::{Output, Whole, whole};
