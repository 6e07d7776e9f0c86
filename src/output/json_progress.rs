//! Progress as JSON. All commands write the same kind of line (docs/PROGRESS.md).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::printer::{Printer, ProgressStyle};
use crate::machine;

/// The minimum time between two lines.
pub(crate) const REFRESH: Duration = Duration::from_millis(500);

/// Writes the progress of a step at intervals.
#[derive(Debug)]
pub(crate) struct JsonProgress {
    step: String,
    unit: &'static str,
    last: Mutex<Instant>,
}

impl JsonProgress {
    /// Creates the progress of a step: a command, or the video that a command works on. `unit` is the plural of the
    /// counted things.
    #[must_use]
    pub(crate) fn new(step: &str, unit: &'static str) -> Self {
        Self { step: step.to_owned(), unit, last: Mutex::new(Instant::now()) }
    }

    /// Writes the number of finished units, and the total if it is known. Nothing is written if the user did not ask
    /// for JSON, or if a line was written less than `REFRESH` ago.
    pub(crate) fn tell(&self, printer: &Printer, done: u64, of: Option<u64>) {
        if printer.progress() != ProgressStyle::Json {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < REFRESH {
            return;
        }
        *last = Instant::now();
        let line = json!({
            "event": "progress", "step": self.step, "unit": self.unit, "done": done, "of": of,
            "rss_bytes": machine::resident_bytes(),
        });
        printer.line(&line.to_string());
    }
}
