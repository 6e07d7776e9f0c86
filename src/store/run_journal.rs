//! What of runs no Parquet file holds: which run the user wants to stand for a video, and runs that failed. `DATASET/journal/runs.jsonl`
//!
//! The catalog has all of it too; with this journal it can be made again.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::layout::Layout;
use super::records::{RunRecord, VideoRecord};
use crate::journal;

/// Name of the journal.
const NAME: &str = "runs";

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    /// From now on a run stands for its video.
    Use {
        /// The video.
        video_id: String,
        /// The run.
        run_id: String,
        /// When that was said, seconds since 1970.
        said_at_s: f64,
    },
    /// A run that has no tables.
    Failed {
        /// Its video.
        video: Box<VideoRecord>,
        /// The run.
        run: Box<RunRecord>,
    },
    /// Failed runs before this line are of no interest any more.
    FailedForgotten,
}

/// Appends a line.
///
/// # Errors
/// The journal cannot be written.
pub(super) fn note(layout: &Layout, line: &Line) -> Result<(), StoreError> {
    Ok(journal::append(layout.root(), NAME, line)?)
}

/// What the journal says in the end.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Video, run, and when that was said; later ones count.
    pub(super) used: Vec<(String, String, f64)>,
    /// Failed runs.
    pub(super) failed: Vec<(VideoRecord, RunRecord)>,
}

/// Reads the journal.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(layout: &Layout) -> Result<Said, StoreError> {
    let mut said = Said::default();
    journal::scan(layout.root(), NAME, &mut |_, line: Line| match line {
        Line::Use { video_id, run_id, said_at_s } => said.used.push((video_id, run_id, said_at_s)),
        Line::Failed { video, run } => said.failed.push((*video, *run)),
        Line::FailedForgotten => said.failed.clear(),
    })?;
    Ok(said)
}
