//! The facts about runs that no Parquet file holds: the user's choice of a video's current run, and failed runs.
//! `DATASET/journal/runs.jsonl`
//!
//! The catalog contains these facts too, and can be rebuilt from this journal.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::layout::Layout;
use super::records::{RunRecord, VideoRecord};
use crate::journal;

/// The name of the journal.
const NAME: &str = "runs";

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    /// A run is the current run of its video from now on.
    Use {
        /// The video.
        video_id: String,
        /// The run.
        run_id: String,
        /// The time of that choice, seconds since 1970.
        said_at_s: f64,
    },
    /// A run that has no tables.
    Failed {
        /// The video of the run.
        video: Box<VideoRecord>,
        /// The run.
        run: Box<RunRecord>,
    },
    /// Failed runs before this line no longer count.
    FailedForgotten,
}

/// Appends a line.
///
/// # Errors
/// The journal cannot be written.
pub(super) fn note(layout: &Layout, line: &Line) -> Result<(), StoreError> {
    Ok(journal::append(layout.root(), NAME, line)?)
}

/// The facts that follow from all lines of the journal.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Video, run, and time of the choice. Later entries override earlier ones.
    pub(super) used: Vec<(String, String, f64)>,
    /// Failed runs.
    pub(super) failed: Vec<(VideoRecord, RunRecord)>,
}

/// Reads the journal.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn read(layout: &Layout) -> Result<Said, StoreError> {
    let mut said = Said::default();
    journal::scan(layout.root(), NAME, &mut |_, line: Line| match line {
        Line::Use { video_id, run_id, said_at_s } => said.used.push((video_id, run_id, said_at_s)),
        Line::Failed { video, run } => said.failed.push((*video, *run)),
        Line::FailedForgotten => said.failed.clear(),
    })?;
    Ok(said)
}
