//! The analysis of many runs, several at once.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::error::AnalyzeError;
use super::run::{Analysis, Analyzed};
use crate::interrupt::Interrupt;
use crate::store::records::{RunRecord, VideoRecord};

/// A run and its video.
pub type StoredVideo = (VideoRecord, RunRecord);

/// Analyzes runs, `workers` at once, and reports each as it ends. A run that fails does not stop the others. Returns whether
/// the user interrupted.
///
/// # Errors
/// No threads could be started.
pub fn analyze_all(
    analysis: &Analysis,
    runs: &[StoredVideo],
    workers: usize,
    interrupt: &Interrupt,
    report: &(impl Fn(&StoredVideo, Result<Analyzed, AnalyzeError>) + Sync),
) -> Result<bool, AnalyzeError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers.max(1))
        .thread_name(|index| format!("analysis-{index}"))
        .build()
        .map_err(|error| AnalyzeError::Frames { what: "threads", problem: error.to_string() })?;
    let is_interrupted = AtomicBool::new(false);
    pool.install(|| {
        runs.par_iter().for_each(|stored| {
            if interrupt.is_requested() {
                is_interrupted.store(true, Ordering::Relaxed);
                return;
            }
            let (video, run) = stored;
            report(stored, analysis.run(video, run));
        });
    });
    Ok(is_interrupted.into_inner())
}
