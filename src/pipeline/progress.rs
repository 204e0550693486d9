//! A line on a terminal that says how far a long run is.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How far a run is.
pub(crate) struct Progress {
    /// Bytes read so far.
    pub(crate) read: Arc<AtomicU64>,
    /// Bytes there are, if that is known.
    total: Option<u64>,
    done: Mutex<bool>,
    wake: Condvar,
    was_shown: AtomicBool,
}

/// The first line comes when a run has lasted so long.
const PATIENCE: Duration = Duration::from_secs(2);
/// A new line comes so often.
const PERIOD: Duration = Duration::from_millis(500);

impl Progress {
    /// Of inputs with so many bytes.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let (done, wake) = (Mutex::new(false), Condvar::new());
        Progress { read: Arc::default(), total, done, wake, was_shown: AtomicBool::new(false) }
    }

    /// Shows it until the run has ended.
    pub(crate) fn show(&self) {
        let start = Instant::now();
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = PATIENCE;
        while !*done {
            done = self.wake.wait_timeout(done, wait).unwrap_or_else(PoisonError::into_inner).0;
            if !*done {
                self.line(start.elapsed());
            }
            wait = PERIOD;
        }
        if self.was_shown.load(Ordering::Relaxed) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    /// The run has ended when this is dropped.
    pub(crate) fn until_dropped(&self) -> Ending<'_> {
        Ending(self)
    }

    fn line(&self, elapsed: Duration) {
        self.was_shown.store(true, Ordering::Relaxed);
        let read = self.read.load(Ordering::Relaxed);
        let speed = read / u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1) / 1000;
        let of = match self.total.filter(|it| *it > 0) {
            Some(total) => format!(" of {} ({} %)", megabytes(total), (read * 100 / total).min(100)),
            None => String::new(),
        };
        let _ = write!(std::io::stderr(), "\r\x1b[K{}{of}, {speed} MB/s", megabytes(read));
    }
}

/// Ends the line with the run.
pub(crate) struct Ending<'a>(&'a Progress);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *self.0.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.wake.notify_all();
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
