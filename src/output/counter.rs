//! The progress of work that has a single count, such as examples or requests.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};

use super::json_progress::{JsonProgress, REFRESH};
use super::printer::{Printer, ProgressStyle};

/// Shows a count through a printer.
pub(crate) struct Counter<'a> {
    printer: &'a Printer,
    noun: &'static str,
    of: Option<u64>,
    count: AtomicU64,
    bar: Option<ProgressBar>,
    json: JsonProgress,
}

impl<'a> Counter<'a> {
    /// Creates a counter at 0 for a command. `noun` is the plural of the counted thing, `of` the final count if it is known.
    #[must_use]
    pub(crate) fn new(printer: &'a Printer, command: &str, noun: &'static str, of: Option<u64>) -> Self {
        let bar = (printer.progress() == ProgressStyle::Bar).then(|| {
            let template = match of {
                Some(_) => "{spinner} {human_pos} of {human_len} {msg}  {per_sec}  {elapsed}",
                None => "{spinner} {human_pos} {msg}  {per_sec}  {elapsed}",
            };
            let style = BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_spinner());
            let bar = ProgressBar::new_spinner().with_style(style);
            bar.set_length(of.unwrap_or_default());
            let bar = printer.bars().add(bar.with_message(noun));
            bar.enable_steady_tick(REFRESH);
            bar
        });
        Self { printer, noun, of, count: AtomicU64::new(0), bar, json: JsonProgress::new(command, noun) }
    }

    /// Shows a count.
    pub(crate) fn set(&self, count: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(count);
        }
        self.json.tell(self.printer, count, self.of);
    }

    /// Counts one more.
    pub(crate) fn advance(&self) {
        self.set(self.count.fetch_add(1, Ordering::Relaxed) + 1);
    }

    /// Shows a count followed by a remark.
    pub(crate) fn set_with(&self, count: u64, remark: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} {remark}", self.noun));
        }
        self.set(count);
    }

    /// Removes the count from the screen.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
