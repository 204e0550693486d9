//! Latimer: a format translation engine for banks, as a library for its own program, tests and benches, and for embedders.
//!
//! ```text
//! catalog  reads mapping files and schemas, compiles them          (may act: files)
//! engine   what messages mean                                      (never acts)
//! pipeline streams: frame -> translate -> deliver                  (may act: files, threads)
//! cases    tests of mappings, beside them                          (may act: files)
//! explain  why an output is what it is
//! laws     what must hold for random records                       (never acts)
//! cmd      the commands                                            (faces)
//! ```

pub mod cases;
pub mod catalog;
pub mod cmd;
pub mod explain;
pub mod laws;
pub mod pipeline;
pub mod plain;
pub mod registry;
pub mod render;
pub mod state;

pub use latimer_engine as engine;
