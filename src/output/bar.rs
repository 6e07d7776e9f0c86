//! The progress of a sequence of steps, as a bar or as JSON.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};

use super::json_progress::JsonProgress;
use super::printer::{Printer, ProgressStyle};

/// Shows the progress of one step.
pub(crate) struct StepBar<'a> {
    printer: &'a Printer,
    bar: Option<ProgressBar>,
    n_expected: u64,
    n_done: AtomicU64,
    json: JsonProgress,
}

impl<'a> StepBar<'a> {
    /// Begins a step of about `n_expected` frames.
    #[must_use]
    pub(crate) fn begin(printer: &'a Printer, what: &str, n_expected: u64) -> Self {
        let bar = (printer.progress() == ProgressStyle::Bar).then(|| {
            let template = "  {prefix:.bold} {wide_bar:.cyan/dim} {pos}/{len} frames {per_sec} {eta}";
            let style = BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar());
            printer.bars().add(ProgressBar::new(n_expected).with_style(style).with_prefix(what.to_owned()))
        });
        Self { printer, bar, n_expected, n_done: AtomicU64::new(0), json: JsonProgress::new(what, "frames") }
    }

    /// Counts one more frame.
    pub(crate) fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        let n_done = self.n_done.fetch_add(1, Ordering::Relaxed) + 1;
        self.json.tell(self.printer, n_done, Some(self.n_expected));
    }
}

impl Drop for StepBar<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
