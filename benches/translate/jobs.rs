//! The jobs: each is the same work done by several programs, the engine first.

use crate::allocations;
use crate::engine::{Engine, NOW, Shape};
use crate::messages::{Messages, Places};
use crate::tuned::record::Tables;
use crate::{ordinary, tuned};
use latimer::plain::Way;
use std::hint::black_box;
use std::path::Path;
use std::rc::Rc;

/// Puts the output of a message behind what is there.
type Program = Box<dyn FnMut(&[u8], &mut Vec<u8>)>;

/// The same work done by several programs.
pub struct Job {
    pub name: &'static str,
    messages: Rc<Messages>,
    engine: Engine,
    others: Vec<(&'static str, Program)>,
    is_json: bool,
    out: Vec<u8>,
}

const ORDER: Shape = Shape { format: "json", schema: "json/acme-transfer.schema.json", options: &[] };
const PACS: Shape = Shape { format: "iso20022", schema: "iso20022/pacs.008.001.08.xsd", options: &[] };
const REPLY: Shape = Shape { format: "copybook", schema: "copybook/corereply.cpy", options: &["charset=cp1047"] };
const SOAP: Shape = Shape { format: "soap", schema: "soap/PaymentService.xsd", options: &["detail=reason reference"] };

/// All jobs over the messages of a folder, as `data.sh` makes them.
pub fn jobs(folder: &Path) -> Vec<Job> {
    let places = Places::new();
    let mapping = |name: &str| Engine::mapping(&places, name);
    let plain = |shape: &Shape, way| Engine::plain(&places, shape, way);
    let orders = Rc::new(Messages::lines(&folder.join("orders.jsonl")));
    let files = Rc::new(Messages::files(&folder.join("pain001")));
    let replies = Rc::new(Messages::records(&folder.join("replies.dat")));
    let (mut to_pacs, mut to_answer) = (mapping("acme-to-pacs008.map"), mapping("core-reply-soap.map"));
    let mut shown = [ORDER, PACS, REPLY, SOAP].map(|it| plain(&it, Way::Decode));
    // What one makes the next reads.
    let made = |engine: &mut Engine, messages: &Messages| Rc::new(Messages::new(engine.outputs(messages)));
    let (pacs, answers) = (made(&mut to_pacs, &orders), made(&mut to_answer, &replies));
    let inputs = [&orders, &pacs, &replies, &answers];
    let [_, shown_pacs, shown_replies, shown_answers] = std::array::from_fn(|it| made(&mut shown[it], inputs[it]));
    let [order_shown, pacs_shown, reply_shown, answer_shown] = shown;
    let directory = places.mappings.join("tables/bic-directory.csv");
    let rules = || ordinary::rules::Rules::new(NOW, &directory);
    let core = || ordinary::reply::Replies::new(NOW, replies.each.len());
    let core_tuned = || tuned::reply::Replies::new(NOW);
    vec![
        Job::new("order to pacs.008", &orders, to_pacs)
            .beside("ordinary", owned(rules(), |it, message| it.order(message).into_bytes()))
            .beside("tuned", with(tuned::order::Orders::new(NOW, &directory), tuned::order::Orders::pacs)),
        Job::new("pain.001 to batch", &files, mapping("pain001-to-corebatch.map"))
            .beside("ordinary", owned(rules(), |it, message| it.batch(message)))
            .beside("tuned", with(tuned::batch::Batches::new(NOW), tuned::batch::Batches::lanes)),
        Job::new("reply to pacs.002", &replies, mapping("core-reply-pacs002.map"))
            .beside("ordinary", owned(core(), |it, record| it.report(record)))
            .beside("tuned", with(core_tuned(), tuned::reply::Replies::report)),
        Job::new("reply to SOAP", &replies, to_answer)
            .beside("ordinary", owned(core(), |it, record| it.answer(record)))
            .beside("tuned", with(core_tuned(), tuned::reply::Replies::answer)),
        Job::new("decode order", &orders, order_shown)
            .beside("ordinary", ordinary::plain::order)
            .beside("tuned", tuned::plain::order)
            .in_json(),
        Job::new("decode pacs.008", &pacs, pacs_shown)
            .beside("ordinary", ordinary::plain::pacs_shown)
            .beside("tuned", tuned::plain::pacs_shown)
            .in_json(),
        Job::new("encode pacs.008", &shown_pacs, plain(&PACS, Way::Encode))
            .beside("ordinary", ordinary::plain::pacs_written)
            .beside("tuned", tuned::pacs::written),
        Job::new("decode SOAP", &answers, answer_shown)
            .beside("ordinary", ordinary::plain::soap_shown)
            .beside("tuned", tuned::soap::shown)
            .in_json(),
        Job::new("encode SOAP", &shown_answers, plain(&SOAP, Way::Encode))
            .beside("ordinary", ordinary::plain::soap_written)
            .beside("tuned", tuned::soap::written),
        Job::new("decode record", &replies, reply_shown)
            .beside("ordinary", owned(core(), |it, record| it.decode(record)))
            .beside("tuned", with(Tables::new(), |it, record, out| it.shown(record, out)))
            .in_json(),
        Job::new("encode record", &shown_replies, plain(&REPLY, Way::Encode))
            .beside("ordinary", owned(core(), |it, json| it.encode(json)))
            .beside("tuned", with(Tables::new(), |it, json, out| it.written(json, out))),
    ]
}

/// A program with what it keeps, which gives an output of its own.
fn owned<T>(mut kept: T, program: fn(&mut T, &[u8]) -> Vec<u8>) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |message, out| out.extend_from_slice(&program(&mut kept, message))
}

/// A program with what it keeps.
fn with<T>(mut kept: T, program: fn(&mut T, &[u8], &mut Vec<u8>)) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |message, out| program(&mut kept, message, out)
}

impl Job {
    fn new(name: &'static str, messages: &Rc<Messages>, engine: Engine) -> Self {
        Job { name, messages: Rc::clone(messages), engine, others: Vec::new(), is_json: false, out: Vec::new() }
    }

    fn beside(mut self, name: &'static str, program: impl FnMut(&[u8], &mut Vec<u8>) + 'static) -> Self {
        self.others.push((name, Box::new(program)));
        self
    }

    /// Outputs are compared as JSON: a text may be escaped or not.
    fn in_json(self) -> Self {
        Job { is_json: true, ..self }
    }

    /// The names of its programs.
    pub fn names(&self) -> Vec<&'static str> {
        std::iter::once("engine").chain(self.others.iter().map(|it| it.0)).collect()
    }

    /// How many messages a round has, and their bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.messages.each.len(), self.messages.bytes())
    }

    /// All messages once through the program at a place of `names`; gives its allocations, those of the engine behind the first
    /// message.
    pub fn round(&mut self, at: usize) -> u64 {
        let Some((_, program)) = at.checked_sub(1).and_then(|it| self.others.get_mut(it)) else {
            return self.engine.round(&self.messages);
        };
        let before = allocations::count();
        for message in &self.messages.each {
            self.out.clear();
            program(message, &mut self.out);
            black_box(&self.out);
        }
        allocations::count() - before
    }

    /// Whether every program gives the same for every message; else it says where the first does not.
    pub fn agrees(&mut self) -> bool {
        let outputs = self.engine.outputs(&self.messages);
        for (message, one) in self.messages.each.iter().zip(&outputs) {
            for (name, program) in &mut self.others {
                self.out.clear();
                program(message, &mut self.out);
                let value = |it: &[u8]| serde_json::from_slice::<serde_json::Value>(it).ok();
                if *one == self.out || self.is_json && value(one) == value(&self.out) {
                    continue;
                }
                let at = one.iter().zip(&self.out).position(|(a, b)| a != b).unwrap_or(one.len().min(self.out.len()));
                let around = |it: &[u8]| String::from_utf8_lossy(&it[at.saturating_sub(80)..it.len().min(at + 80)]).into_owned();
                let (ours, theirs) = (around(one), around(&self.out));
                eprintln!("{}, {name}: at byte {at}\n{ours}\n{theirs}\nof {}", self.name, String::from_utf8_lossy(message));
                return false;
            }
        }
        true
    }
}
