//! The progress of a sequence of steps, as a bar or as JSON.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use serde_json::json;

use super::printer::{Printer, ProgressStyle};
use crate::machine;

/// The minimum time between two lines of JSON progress.
const REFRESH: Duration = Duration::from_millis(500);

/// Shows the progress of one step.
pub struct StepBar<'a> {
    printer: &'a Printer,
    bar: Option<ProgressBar>,
    what: String,
    n_expected: u64,
    json: Mutex<(u64, Instant)>,
}

impl<'a> StepBar<'a> {
    /// Begins a step of about `n_expected` frames.
    #[must_use]
    pub fn begin(printer: &'a Printer, what: &str, n_expected: u64) -> Self {
        let bar = (printer.progress() == ProgressStyle::Bar).then(|| {
            let template = "  {prefix:.bold} {wide_bar:.cyan/dim} {pos}/{len} frames {per_sec} {eta}";
            let style = BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar());
            printer.bars().add(ProgressBar::new(n_expected).with_style(style).with_prefix(what.to_owned()))
        });
        Self { printer, bar, what: what.to_owned(), n_expected, json: Mutex::new((0, Instant::now())) }
    }

    /// Counts one more frame.
    pub fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        if self.printer.progress() == ProgressStyle::Json {
            let mut state = self.json.lock().unwrap_or_else(PoisonError::into_inner);
            state.0 += 1;
            if state.1.elapsed() >= REFRESH {
                state.1 = Instant::now();
                let progress = json!({
                    "event": "progress", "step": self.what, "frames": state.0, "of": self.n_expected,
                    "rss_bytes": machine::resident_bytes(),
                });
                self.printer.line(&progress.to_string());
            }
        }
    }
}

impl Drop for StepBar<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
