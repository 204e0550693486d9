//! The commands, one file each.

mod check;
mod completions;
mod demo;
mod explain;
mod formats;
mod functions;
mod help;
mod job;
mod man;
mod plain;
mod test;
mod translate;
mod validate;

use crate::catalog::{SchemaArguments, Search};
use crate::engine::Limits;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::io::IsTerminal;
use std::path::PathBuf;

/// How a command ended; the first that applies of 70, 74, 4, 66, 65, 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The author's mistakes, or a failed test.
    Author,
    /// The command line is wrong.
    Usage,
    /// Done, but some of the data was rejected.
    SomeRejected,
    /// Data was refused and nothing was released.
    Refused,
    /// No such input.
    NoInput,
    /// Our own defect.
    Defect,
    /// The world (disk, network) failed.
    World,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Author => 1,
            Exit::Usage => 2,
            Exit::SomeRejected => 3,
            Exit::Refused => 65,
            Exit::NoInput => 66,
            Exit::Defect => 70,
            Exit::World => 74,
            Exit::Interrupted => 130,
        }
    }
}

/// Translates between partner JSON, ISO 20022 XML and mainframe records, by mapping files that are checked against both schemas.
#[derive(Debug, Parser)]
#[command(name = "latimer", version = version(), max_term_width = 120)]
pub struct Program {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

impl Program {
    /// Runs what the command line asks for.
    pub fn run(&self) -> Exit {
        self.command.run(&self.common)
    }
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// A folder where schemas and other named files are looked for (repeatable)
    #[arg(long = "schemas", value_name = "DIR", global = true)]
    schemas: Vec<PathBuf>,
    /// A limit on what one message may cost, for example part_bytes_max=1048576 (repeatable)
    #[arg(long = "limit", value_name = "NAME=VALUE", global = true)]
    limits: Vec<String>,
    /// Say nothing on stderr but what went wrong
    #[arg(long, global = true)]
    quiet: bool,
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
    /// The form of what is said on stderr
    #[arg(long = "log-format", value_enum, default_value_t = LogFormat::Human, global = true)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Human,
    Json,
}

/// A schema on the command line.
#[derive(Debug, Args)]
pub struct SchemaFlags {
    /// The format: json, iso20022, xml, copybook
    #[arg(long, value_name = "FORMAT")]
    format: String,
    /// The schema: a path, or a name that is looked for
    #[arg(long, value_name = "SCHEMA")]
    schema: String,
    /// An option of the format, for example "record=fixed 300" (repeatable)
    #[arg(long = "option", value_name = "NAME=WORDS")]
    options: Vec<String>,
}

impl SchemaFlags {
    fn arguments(&self) -> SchemaArguments {
        SchemaArguments { format: self.format.clone(), schema: self.schema.clone(), options: self.options.clone() }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum Command {
    /// Compiles mappings and their schemas and prints what is wrong with them
    Check(check::Check),
    /// Translates messages
    Translate(translate::Translate),
    /// Says whether messages are what their schema allows
    Validate(validate::Validate),
    /// Shows messages as JSON, one object a line
    Decode(plain::Decode),
    /// Makes messages of JSON, the form that `decode` prints
    Encode(plain::Encode),
    /// Says where every field of an output comes from
    Explain(explain::Explain),
    /// Runs the tests of mappings
    Test(test::Test),
    /// A first translation, with what to try next
    Demo(demo::Demo),
    /// Lists the formats with their options
    Formats(formats::Formats),
    /// Lists the functions of the mapping language, or explains one
    Functions(functions::Functions),
    /// Explains a code: E201, map/charset
    Help(help::Help),
    /// Writes what a shell needs to complete the command line
    Completions(completions::Completions),
    /// Writes manual pages
    Man(man::Man),
}

impl Command {
    fn run(&self, common: &Common) -> Exit {
        let settings = match Settings::of(common) {
            Ok(settings) => settings,
            Err(why) => {
                complain(&format!("error: {why}"));
                return Exit::Usage;
            }
        };
        match self {
            Command::Check(it) => it.run(&settings),
            Command::Translate(it) => it.run(&settings),
            Command::Validate(it) => it.run(&settings),
            Command::Decode(it) => it.run(&settings),
            Command::Encode(it) => it.run(&settings),
            Command::Explain(it) => it.run(&settings),
            Command::Test(it) => it.run(&settings),
            Command::Demo(it) => it.run(&settings),
            Command::Formats(it) => it.run(&settings),
            Command::Functions(it) => it.run(&settings),
            Command::Help(it) => it.run(&settings),
            Command::Completions(it) => it.run(),
            Command::Man(it) => it.run(),
        }
    }
}

/// What the common flags say.
pub(crate) struct Settings {
    pub(crate) search: Search,
    pub(crate) limits: Limits,
    pub(crate) quiet: bool,
    pub(crate) json_log: bool,
    color: Color,
}

impl Settings {
    fn of(common: &Common) -> Result<Settings, String> {
        let mut limits = Limits::default();
        for it in &common.limits {
            let (name, value) = it.split_once('=').ok_or_else(|| format!("`--limit {it}` is not NAME=VALUE"))?;
            let limit = limits.named(name).ok_or_else(|| {
                let known = Limits::NAMES.join(", ");
                format!("there is no limit `{name}`; there are: {known}")
            })?;
            *limit = value.parse().map_err(|_| format!("`{value}` is not a whole number"))?;
        }
        let here = std::env::current_dir().unwrap_or_default();
        let search = Search { folders: common.schemas.clone(), here };
        Ok(Settings { search, limits, quiet: common.quiet, json_log: common.log_format == LogFormat::Json, color: common.color })
    }

    /// Whether standard output is coloured.
    pub(crate) fn colors_stdout(&self) -> bool {
        self.colors(std::io::stdout().is_terminal())
    }

    /// Whether standard error is coloured.
    pub(crate) fn colors_stderr(&self) -> bool {
        self.colors(std::io::stderr().is_terminal())
    }

    fn colors(&self, is_terminal: bool) -> bool {
        match self.color {
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none(),
            Color::Always => true,
            Color::Never => false,
        }
    }
}

/// The version with what it was made of.
pub fn version() -> &'static str {
    concat!(
        env!("CARGO_PKG_VERSION"),
        " (commit ",
        env!("LATIMER_COMMIT"),
        "; ISO 4217 of 2026-01-01; IBAN structures of 2026-10; time zones of jiff)"
    )
}

/// Writes a line to standard output; a closed pipe is no mistake of ours.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes a line to standard error.
pub fn complain(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
