//! A video to be extracted, and what becomes of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::decoding::Ahead;
use super::segment::RunLabel;
use super::settings::PoseSettings;
use crate::inference::session::SessionError;
use crate::store::StoreError;
use crate::store::records::{RunRecord, VideoRecord};
use crate::video::info::FileStamp;

/// A video to be extracted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its number in this extraction, from 0.
    pub number: usize,
    /// The file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its stamp when it was identified.
    pub stamp: FileStamp,
    /// The run to be made.
    pub label: RunLabel,
}

/// How jobs are done.
#[derive(Debug, Clone)]
pub struct JobOptions {
    /// What the rows depend on.
    pub pose: PoseSettings,
    /// How far decoding may go ahead, and with what memory.
    pub ahead: Ahead,
}

/// A job that came to an end, with tables or without.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobOutcome {
    /// The job's number.
    pub number: usize,
    /// The video.
    pub video: VideoRecord,
    /// The run.
    pub run: RunRecord,
    /// What the user can do if it failed.
    pub hint: Option<String>,
}

/// Why a job, and with it the whole extraction, cannot go on. A bad video is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The tables cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The networks cannot be loaded.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The system gives no thread.
    #[error("no worker thread could be started: {source}")]
    Thread {
        /// Why.
        source: std::io::Error,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}
