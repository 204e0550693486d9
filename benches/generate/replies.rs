//! Replies of the core: records of `corereply.cpy`, each as long as its counter says.

use crate::random::Random;
use crate::words;
use clap::Args;
use latimer_wire::ebcdic;
use std::io::{self, Write};

/// Replies of the core in EBCDIC.
///
/// Example: latimer-generate replies --replies 1000 --charset cp1047 > replies.dat
#[derive(Debug, Args)]
pub(crate) struct Replies {
    /// How many
    #[arg(long, default_value_t = 100)]
    replies: u64,
    /// What the content is made of
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The code page: cp037, cp273, cp500, cp1047, cp1140
    #[arg(long, default_value = "cp273")]
    charset: String,
}

/// The level 88 values of RPL-STATUS.
const STATUSES: [&str; 8] = ["00", "10", "11", "14", "45", "51", "62", "96"];
const MESSAGES_MAX: u64 = 3;

impl Replies {
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let page = ebcdic::page(&self.charset)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, format!("there is no code page `{}`", self.charset)))?;
        for number in 0..self.replies {
            let mut random = Random::of(self.seed, 3, number);
            let mut record = Vec::new();
            let mut put = |text: &str, width: usize| {
                let from = record.len();
                record.resize(from + width, 0x40);
                let text: String = text.chars().take(width).collect();
                let field = record.get_mut(from..).unwrap_or_default();
                let written = ebcdic::encode(page, text.as_bytes(), field)
                    .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, format!("{why:?} in `{text}`")))?;
                field.get_mut(written..).unwrap_or_default().fill(0x40);
                Ok::<_, io::Error>(())
            };
            put(&format!("T{number:015}"), 16)?;
            // Every status comes before chance decides.
            let status = usize::try_from(number).ok().and_then(|it| STATUSES.get(it).copied());
            put(status.unwrap_or_else(|| random.pick(&STATUSES, "00")), 2)?;
            let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
            let day = random.below(28) + 1;
            put(&format!("2026-03-{day:02}-{hour:02}.{minute:02}.{second:02}.{}", random.digits(6)), 26)?;
            let messages = random.below(MESSAGES_MAX + 1);
            put(&messages.to_string(), 1)?;
            for _ in 0..messages {
                let length = 8 + usize::try_from(random.below(50)).unwrap_or(0);
                put(&words::text(&mut random, length), 60)?;
            }
            out.write_all(&record)?;
        }
        Ok(())
    }
}
