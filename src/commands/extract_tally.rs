//! Counts the outcomes of an extraction for its summary.

use std::path::Path;

use super::{Outcome, Step, dataset_option};
use crate::extract::job::JobOutcome;
use crate::machine;
use crate::output::units;

/// The counts for the summary.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) known: usize,
    pub(super) videos: u64,
    pub(super) failed: u64,
    pub(super) degraded: u64,
    pub(super) frames: u64,
    pub(super) found: u64,
    pub(super) failed_frames: u64,
}

impl Tally {
    pub(super) fn add(&mut self, outcome: &JobOutcome) {
        let run = &outcome.run;
        self.failed += u64::from(!run.has_tables());
        self.videos += u64::from(run.has_tables());
        self.degraded += u64::from(run.has_tables() && run.reason.is_some());
        self.frames += run.n_frames;
        self.found += run.n_found;
        self.failed_frames += run.n_failed;
    }

    pub(super) fn step(&self, dataset: &Path, seconds: f64) -> Step {
        let mut summary = Vec::new();
        if self.known > 0 {
            let n_known = units::counted(self.known as u64, "video");
            summary.push(format!(
                "{n_known} already extracted with these settings: nothing to do (--force extracts again)"
            ));
        }
        if self.videos > 0 {
            summary.push(format!(
                "{} in {}: {}, people found in {}, {} failed; {:.1} frames/s, peak memory {}",
                units::counted(self.videos, "video"),
                units::duration(seconds),
                units::counted(self.frames, "frame"),
                units::count(self.found),
                units::count(self.failed_frames),
                self.frames as f64 / seconds.max(1e-9),
                units::bytes(machine::peak_resident_bytes()),
            ));
        }
        if self.degraded > 0 {
            summary.push(format!("{} degraded: see `posekit status`", units::counted(self.degraded, "video")));
        }
        if self.failed > 0 {
            summary.push(format!("{} failed", units::counted(self.failed, "video")));
        }
        let next = (self.videos > 0).then(|| {
            let option = dataset_option(dataset);
            format!(
                "tables: {}\ntry: posekit query{option} \"SELECT video, landmark, round(avg(visibility), 2) AS visibility FROM landmarks GROUP BY ALL ORDER BY ALL\"",
                dataset.display()
            )
        });
        Step { outcome: if self.failed == 0 { Outcome::Done } else { Outcome::SomeFailed }, summary, next }
    }
}
