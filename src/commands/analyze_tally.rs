//! The tally of an analysis: what was made, what failed.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::analyze::AnalyzeError;
use crate::analyze::all::StoredVideo;
use crate::analyze::run::Analyzed;
use crate::output::printer::Printer;
use crate::output::units;

/// The counts over all runs.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) failed: AtomicUsize,
    pub(super) made: AtomicUsize,
    pub(super) up_to_date: AtomicUsize,
    pub(super) changed_videos: AtomicUsize,
}

impl Counts {
    /// Reports the outcome of a run.
    pub(super) fn report(
        &self,
        (video, _): &StoredVideo,
        outcome: Result<Analyzed, AnalyzeError>,
        is_verbose: bool,
        printer: &Printer,
    ) {
        let name = &video.name;
        let analyzed = match outcome {
            Ok(analyzed) => analyzed,
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                printer.complain(&format!("{name}: {error}"), error.hint());
                return;
            }
        };
        self.made.fetch_add(analyzed.made.len(), Ordering::Relaxed);
        self.up_to_date.fetch_add(analyzed.n_up_to_date, Ordering::Relaxed);
        if !analyzed.made.is_empty() {
            self.changed_videos.fetch_add(1, Ordering::Relaxed);
            printer.say(&format!("{name}: {}", made_in_words(&analyzed)));
        }
        if is_verbose {
            for made in &analyzed.made {
                printer.say(&format!("  {}: {}, {:.2} s", made.what, made.reason.words(), made.seconds));
            }
        }
        for error in &analyzed.failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
            printer.complain(&format!("{name}: {error}"), error.hint());
        }
        for remark in &analyzed.remarks {
            printer.say(&format!("  {remark}"));
        }
    }

    /// Returns the counts in words.
    pub(super) fn summary(&self, n_videos: usize, seconds: f64) -> String {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed) as u64;
        let videos = units::counted(n_videos as u64, "video");
        match (count(&self.made), count(&self.failed)) {
            (0, 0) => format!("{videos}: everything is up to date"),
            (made, failed) => format!(
                "{videos} in {seconds:.1} s: {} made in {}, {failed} failed",
                units::counted(made, "result"),
                units::counted(count(&self.changed_videos), "video"),
            ),
        }
    }
}

/// Formats the new results: `14 results made (new)`, or by name: `made metrics/cadence (its definition changed)`.
fn made_in_words(analyzed: &Analyzed) -> String {
    const MAX_NAMED: usize = 3;
    let mut reasons: Vec<&str> = analyzed.made.iter().map(|made| made.reason.words()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    if analyzed.made.len() > MAX_NAMED {
        return format!("{} made ({})", units::counted(analyzed.made.len() as u64, "result"), reasons.join("; "));
    }
    let named = analyzed.made.iter().map(|made| format!("{} ({})", made.what, made.reason.words()));
    format!("made {}", named.collect::<Vec<_>>().join(", "))
}
