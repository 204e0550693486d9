//! Four jobs, and messages to JSON and back, at hand and in memory, one worker: the engine's public interface beside programs
//! that do the same the way such programs are written (`ordinary`), and beside some that were written for speed (`tuned`).
//! What is measured is the same for the table by turns (`main.rs`) and for criterion (`criterion.rs`).

mod allocations;
mod engine;
mod jobs;
mod messages;
mod ordinary;
#[cfg(test)]
mod refusals;
mod shapes;
mod tuned;

pub use jobs::{Job, jobs};
pub use messages::folder;
