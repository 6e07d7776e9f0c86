//! The progress of work that has a single count, such as examples or requests.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use serde_json::json;

use super::printer::{Printer, ProgressStyle};

/// The minimum time between two lines of JSON progress.
const REFRESH: Duration = Duration::from_millis(500);

/// Shows a count through a printer.
pub struct Counter<'a> {
    printer: &'a Printer,
    noun: &'static str,
    bar: Option<ProgressBar>,
    last: Mutex<Instant>,
}

impl<'a> Counter<'a> {
    /// Creates a counter at 0. `noun` is the plural of the counted thing.
    #[must_use]
    pub fn new(printer: &'a Printer, noun: &'static str) -> Self {
        let bar = (printer.progress() == ProgressStyle::Bar).then(|| {
            let style = BarStyle::with_template("{spinner} {human_pos} {msg}  {per_sec}  {elapsed}");
            let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| BarStyle::default_spinner()));
            let bar = printer.bars().add(bar.with_message(noun));
            bar.enable_steady_tick(REFRESH);
            bar
        });
        Self { printer, noun, bar, last: Mutex::new(Instant::now()) }
    }

    /// Shows a count.
    pub fn set(&self, count: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(count);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if self.printer.progress() == ProgressStyle::Json && last.elapsed() >= REFRESH {
            *last = Instant::now();
            self.printer.line(&json!({"event": "progress", "unit": self.noun, "done": count}).to_string());
        }
    }

    /// Shows a count followed by a remark.
    pub fn set_with(&self, count: u64, remark: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} {remark}", self.noun));
        }
        self.set(count);
    }

    /// Removes the count from the screen.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
