//! `latimer demo`: a first translation, with what to try next.

use super::translate::Translate;
use super::{Exit, Settings, complain, say};
use clap::{Args, FromArgMatches};
use std::io::Write;
use std::path::Path;

/// Translates two of a partner's payment orders, one of them wrong, and says what to try next.
///
/// Run it where the repository's `mappings` folder is. Example: latimer demo
#[derive(Debug, Args)]
pub struct Demo {}

const MAPPING: &str = "mappings/acme/order-to-pacs008.map";
const ORDERS: &str = "mappings/acme/cases/two-orders.json";

const NEXT: &str = "
The first order became a pacs.008 that its schema accepts; the second was refused, with the place in the order and the rule.
Try next:

  latimer explain mappings/acme/order-to-pacs008.map mappings/acme/cases/two-orders.json Cdtr/Nm
  latimer check mappings/acme --report
  latimer test mappings --coverage
  latimer translate mappings/core/pain001-to-corebatch.map mappings/core/cases/eur-usd.xml -o out/
  latimer decode --format json --schema acme-transfer.schema.json mappings/acme/cases/two-orders.json

(`latimer` is target/release/latimer; `latimer --help` lists the commands, mappings/README.md says how to write a mapping.)";

impl Demo {
    pub(super) fn run(&self, settings: &Settings) -> Exit {
        if !Path::new(MAPPING).is_file() || !Path::new(ORDERS).is_file() {
            complain(&format!("error: {MAPPING} is not here; run the demo in the folder of the repository"));
            return Exit::NoInput;
        }
        say(&format!("$ latimer translate {MAPPING} {ORDERS}"));
        let arguments = ["translate", MAPPING, ORDERS, "--now", "2026-03-02T09:15:00+01:00"];
        let command = Translate::augment_args(clap::Command::new("translate"));
        let translate = command.try_get_matches_from(arguments).and_then(|it| Translate::from_arg_matches(&it));
        let exit = match translate {
            Ok(translate) => translate.run(settings),
            Err(error) => {
                complain(&error.to_string());
                return Exit::Defect;
            }
        };
        let _ = std::io::stdout().lock().flush();
        complain(NEXT);
        // One of the two orders is refused on purpose.
        if exit == Exit::SomeRejected { Exit::Done } else { exit }
    }
}
