//! Messages to measure and to try, on standard output: the same arguments give the same bytes.

mod order;
mod pain001;
mod random;
mod replies;
mod tree;
mod twists;
mod words;

use clap::{Parser, Subcommand};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// Makes messages of the formats that the mappings read; constant memory, any size.
#[derive(Debug, Parser)]
#[command(name = "latimer-generate", version, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Partner orders in JSON, as `acme-transfer.schema.json` says
    Order(order::Order),
    /// A customer file, pain.001.001.09
    Pain001(pain001::Pain001),
    /// Replies of the core in EBCDIC, as `corereply.cpy` says
    Replies(replies::Replies),
}

fn main() -> ExitCode {
    let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
    let written = match Arguments::parse().what {
        What::Order(order) => order.write(&mut out),
        What::Pain001(pain001) => pain001.write(&mut out),
        What::Replies(replies) => replies.write(&mut out),
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has enough: `latimer-generate .. | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(74)
        }
    }
}
