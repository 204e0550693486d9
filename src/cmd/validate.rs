//! `latimer validate`: whether messages are what their schema allows.

use super::{Exit, SchemaFlags, Settings, complain, say};
use crate::catalog;
use crate::engine::{Codec, Cut, Decoder, Fault, FaultCode, Faults, Frame, Part, Reading, Record, Schema};
use crate::pipeline::{Broken, Input, Stream, largest_chain, words};
use crate::render;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

/// Says whether messages are what their schema allows.
#[derive(Debug, Args)]
#[command(after_help = "Example: latimer validate --format iso20022 --schema pacs.008.001.08 payment.xml")]
pub struct Validate {
    #[command(flatten)]
    schema: SchemaFlags,
    /// Files of messages; - is standard input
    #[arg(required = true)]
    inputs: Vec<String>,
    /// The form of what is printed
    #[arg(long, value_enum, default_value_t = Output::Human)]
    output: Output,
    /// Business rules beyond the schema
    #[arg(long, value_name = "NAME")]
    rules: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Human,
    Json,
}

/// A fault where it is.
struct Place {
    message: u64,
    position: String,
    line: u32,
    column: u32,
    fault: Fault,
    numbers: [u32; 3],
}

impl Validate {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        if self.rules.is_some() {
            complain("error: rules beyond the schema are not built yet");
            return Exit::Usage;
        }
        let (codec, format) = match catalog::codec(&self.schema.arguments(), &settings.search, &settings.limits) {
            Ok(found) => found,
            Err((sources, diagnostics)) => {
                complain(render::diagnostics(&sources, &diagnostics, settings.colors_stderr()).trim_end());
                return Exit::Author;
            }
        };
        let about = format.about();
        // A file of lines may have none.
        let needs_document = !about.records && !self.schema.options.iter().any(|it| it == "framing=lines");
        let mut worst = Exit::Done;
        for name in &self.inputs {
            let input = Input::of(name);
            if input.path().is_some_and(|it| !it.is_file()) {
                complain(&format!("error: {name}: no such file"));
                worst = worse(worst, Exit::NoInput);
                continue;
            }
            let mut reading = Validation::new(codec.as_ref(), settings, about.text);
            match reading.read(&input) {
                Ok(()) => {}
                Err(Broken::Sender(fault)) => reading.note(1, fault, [0; 3], None),
                Err(Broken::World(error)) => {
                    complain(&format!("error: {name}: {error}"));
                    return Exit::World;
                }
            }
            // An empty input holds no message: a format whose files are documents needs one.
            if reading.messages == 0 && reading.places.is_empty() && needs_document {
                reading.note(1, Fault::new(FaultCode::FrameTruncated, 0), [0; 3], None);
            }
            if !reading.places.is_empty() {
                worst = worse(worst, Exit::Refused);
            }
            self.print(name, codec.schema(), about.text, &reading);
        }
        worst
    }

    fn print(&self, name: &str, schema: &Schema, is_text: bool, reading: &Validation<'_>) {
        let valid = reading.places.is_empty();
        let several = reading.messages > 1;
        if self.output == Output::Human {
            say(&format!("{name}: {}", if valid { "valid" } else { "invalid" }));
            for it in &reading.places {
                let message = if several { format!("message {} ", it.message) } else { String::new() };
                let path = path_of(schema, it);
                say(&format!("  {message}{} {path} {} {}", it.position, it.fault.code.name(), words(schema, &it.fault)));
            }
            return;
        }
        let count = reading.messages.max(1);
        for message in 1..=count {
            let faults: Vec<Value> =
                reading.places.iter().filter(|it| it.message == message).map(|it| fault_json(schema, is_text, it)).collect();
            let line = json!({ "input": name, "message": message, "valid": faults.is_empty(), "faults": faults });
            say(&line.to_string());
        }
    }
}

fn path_of(schema: &Schema, it: &Place) -> String {
    let mut numbers: Vec<u32> = it.numbers.iter().copied().take_while(|it| *it > 0).collect();
    numbers.extend(it.fault.rows.iter().copied().take_while(|it| *it > 0));
    match it.fault.field {
        Some(field) if field != Schema::ROOT => schema.path_with(field, &numbers),
        _ => "-".to_owned(),
    }
}

fn fault_json(schema: &Schema, is_text: bool, it: &Place) -> Value {
    let mut object = json!({
        "path": path_of(schema, it),
        "code": it.fault.code.name(),
        "text": words(schema, &it.fault),
        "offset": it.fault.offset,
    });
    if let (true, Some(object)) = (is_text, object.as_object_mut()) {
        object.insert("line".to_owned(), json!(it.line));
        object.insert("column".to_owned(), json!(it.column));
    }
    object
}

/// The worse of two ends.
fn worse(a: Exit, b: Exit) -> Exit {
    let order = [Exit::Defect, Exit::World, Exit::NoInput, Exit::Refused, Exit::SomeRejected];
    order.into_iter().find(|it| *it == a || *it == b).unwrap_or(Exit::Done)
}

/// Reads an input part by part and looks at nothing but what is wrong.
struct Validation<'a> {
    codec: &'a dyn Codec,
    settings: &'a Settings,
    is_text: bool,
    record: Record,
    decoder: Box<dyn Decoder>,
    cut: Vec<crate::engine::FieldId>,
    faults: Faults,
    messages: u64,
    in_message: bool,
    numbers: [u32; 3],
    places: Vec<Place>,
}

impl<'a> Validation<'a> {
    fn new(codec: &'a dyn Codec, settings: &'a Settings, is_text: bool) -> Self {
        let cut = largest_chain(codec.schema());
        let shapes: Vec<_> = (0..=cut.len())
            .map(|level| crate::engine::ArenaShape { stride: 1, level: u8::try_from(level).unwrap_or(u8::MAX) })
            .collect();
        let reading = Reading { wanted: &[], cut: &cut, limits: &settings.limits, plain: false };
        let decoder = codec.decoder(&reading);
        let faults = Faults::new(settings.limits.faults_max);
        let record = Record::new(&shapes, &[]);
        let (messages, in_message, numbers, places) = (0, false, [0; 3], Vec::new());
        Validation { codec, settings, is_text, record, decoder, cut, faults, messages, in_message, numbers, places }
    }

    fn read(&mut self, input: &Input) -> Result<(), Broken> {
        let mut stream = Stream::open(input, self.is_text)?;
        stream.recode(self.codec)?;
        let mut framer = self.codec.framer(&self.cut, &[], &self.settings.limits);
        loop {
            match framer.next(stream.window(), stream.has_ended()) {
                Ok(Cut::Frame(frame)) => {
                    self.part(&frame, &stream);
                    stream.consume(frame.consumed);
                }
                Ok(Cut::Incomplete) => {
                    if stream.window().len() as u64 > self.settings.limits.part_bytes_max {
                        self.note(
                            self.messages.max(1),
                            Fault::new(FaultCode::FrameLimit, stream.at()),
                            self.numbers,
                            Some(&stream),
                        );
                        return Ok(());
                    }
                    stream.fill()?;
                }
                Ok(Cut::Keep | Cut::Rewind(_)) => {}
                Ok(Cut::End) => return Ok(()),
                Err(fault) => {
                    if !self.in_message {
                        self.messages += 1;
                    }
                    self.in_message = false;
                    self.note(self.messages, fault, self.numbers, Some(&stream));
                    if !recover(&mut stream, framer.as_mut())? {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn part(&mut self, frame: &Frame, stream: &Stream) {
        if !self.in_message {
            self.messages += 1;
            self.numbers = [0; 3];
        }
        self.in_message = !matches!(frame.part, Part::Whole | Part::Tail(0));
        let depth = u8::try_from(self.cut.len()).unwrap_or(u8::MAX);
        let level = match frame.part {
            Part::Whole => 0,
            Part::Head(level) | Part::Tail(level) => level,
            Part::Item => depth,
        };
        if !matches!(frame.part, Part::Tail(_))
            && let Some(number) = usize::from(level).checked_sub(1).and_then(|it| self.numbers.get_mut(it))
        {
            *number = u32::try_from(frame.number).unwrap_or(u32::MAX);
        }
        self.numbers.iter_mut().skip(usize::from(level)).for_each(|it| *it = 0);
        match frame.part {
            Part::Tail(level) => self.record.resume(level, frame.at),
            _ => self.record.begin(level, frame.at),
        }
        self.faults.clear();
        let _ = self.decoder.decode(frame, stream.window(), &mut self.record, &mut self.faults);
        if let Part::Head(level) = frame.part {
            self.record.keep(level, stream.window().get(frame.bytes.clone()).unwrap_or_default());
        }
        for fault in self.faults.list().to_vec() {
            self.note(self.messages, fault, self.numbers, Some(stream));
        }
    }

    fn note(&mut self, message: u64, fault: Fault, numbers: [u32; 3], stream: Option<&Stream>) {
        let most = usize::try_from(self.settings.limits.faults_max).unwrap_or(usize::MAX);
        if self.places.iter().filter(|it| it.message == message).count() >= most {
            return;
        }
        let place = stream.filter(|_| self.is_text).map(|it| it.position(fault.offset));
        let (line, column) = place.map_or((1, 1), |it| (it.line, it.column));
        let position = if self.is_text { format!("{line}:{column}") } else { format!("byte {}", fault.offset) };
        self.places.push(Place { message, position, line, column, fault, numbers });
    }
}

fn recover(stream: &mut Stream, framer: &mut dyn crate::engine::Framer) -> Result<bool, Broken> {
    loop {
        match framer.recover(stream.window(), stream.has_ended()) {
            Some(0) if !stream.has_ended() => stream.fill()?,
            Some(count) => {
                stream.consume(count);
                return Ok(true);
            }
            None => return Ok(false),
        }
    }
}
