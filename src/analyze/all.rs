//! Analyzes many runs, several at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::error::AnalyzeError;
use super::run::Analyzed;
use crate::interrupt::Interrupt;
use crate::store::records::{RunRecord, VideoRecord};

/// A run and its video.
pub(crate) type StoredVideo = (VideoRecord, RunRecord);

/// Analyzes runs by `one`, `workers` at once, and reports each run when it ends. A failed run does not stop the others.
/// Returns whether the user interrupted.
///
/// Uses its own threads, not Rayon's. Polars works in a Rayon pool. A thread of another Rayon pool that waits for
/// Polars would start the next run meanwhile, and so on until memory is full.
///
/// # Errors
/// If no threads can be started.
pub(crate) fn analyze_all(
    one: &(impl Fn(&StoredVideo) -> Result<Analyzed, AnalyzeError> + Sync),
    interrupt: &Interrupt,
    runs: &[StoredVideo],
    workers: usize,
    report: &(impl Fn(&StoredVideo, Result<Analyzed, AnalyzeError>) + Sync),
) -> Result<bool, AnalyzeError> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(stored) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupt.is_requested() {
                return;
            }
            report(stored, one(stored));
        }
    };
    thread::scope(|scope| {
        for index in 0..workers.max(1) {
            let thread = thread::Builder::new().name(format!("analysis-{index}"));
            thread
                .spawn_scoped(scope, work)
                .map_err(|error| AnalyzeError::Frames { what: "threads", problem: error.to_string() })?;
        }
        Ok::<(), AnalyzeError>(())
    })?;
    Ok(interrupt.is_requested())
}
