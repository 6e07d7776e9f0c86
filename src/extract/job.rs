//! A video to be extracted, and its outcome.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::decoding::Ahead;
use super::settings::PoseSettings;
use crate::inference::InferenceError;
use crate::store::StoreError;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::segments::RunLabel;
use crate::video::footage::Footage;
use crate::video::info::FileStamp;

/// A video to be extracted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The video's number in this extraction, from 0.
    pub(crate) number: usize,
    /// The file.
    pub(crate) path: PathBuf,
    /// The file's name.
    pub(crate) name: String,
    /// The file's stamp when it was identified.
    pub(crate) stamp: FileStamp,
    /// The run to be made.
    pub(crate) label: RunLabel,
    /// How the video was filmed.
    #[serde(default)]
    pub(crate) footage: Footage,
}

impl Job {
    /// Returns the settings of the job. `common` holds those of all jobs.
    #[must_use]
    pub(crate) fn pose(&self, common: PoseSettings) -> PoseSettings {
        PoseSettings { footage: self.footage, ..common }
    }
}

/// The options of all jobs.
#[derive(Debug, Clone)]
pub(crate) struct JobOptions {
    /// The settings that the rows depend on, except for those of a single video.
    pub(crate) pose: PoseSettings,
    /// The limits of decoding ahead, and its memory.
    pub(crate) ahead: Ahead,
}

/// A finished job, with or without tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobOutcome {
    /// The job's number.
    pub(crate) number: usize,
    /// The video.
    pub(crate) video: VideoRecord,
    /// The run.
    pub(crate) run: RunRecord,
    /// What the user can do about a failure.
    pub(crate) hint: Option<String>,
}

/// The error that ends a job and the whole extraction. A bad video is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// The tables cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The networks cannot be loaded.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The system cannot start a thread.
    #[error("cannot start a worker thread: {source}")]
    Thread {
        /// The cause.
        source: std::io::Error,
    },
    /// Other machines cannot do any unit of work.
    #[error("{message}")]
    Elsewhere {
        /// The reason.
        message: String,
        /// What the user can do.
        hint: Option<String>,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}
