//! The rows of the catalog's own tables: videos, files, runs.

use serde::{Deserialize, Serialize};

use crate::video::info::{FileStamp, VideoInfo};

/// A video as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoRecord {
    /// A hash of the video's content.
    pub video_id: String,
    /// The absolute path at which it was last seen.
    pub path: String,
    /// The file name.
    pub name: String,
    /// The size and the time of modification of the file when it was last seen.
    pub stamp: FileStamp,
    /// The video's properties; `None` if it could not be read.
    pub info: Option<VideoInfo>,
    /// The number of decoded frames, if a run covered the whole video.
    pub n_decoded: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// All frames were processed, or at most 5 % failed or are missing.
    Ok,
    /// More than 5 % of the frames failed or are missing.
    Degraded,
    /// The run has no tables.
    Failed,
}

impl RunStatus {
    /// Returns the name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

/// One extraction of one video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The id of the run.
    pub run_id: String,
    /// The video.
    pub video_id: String,
    /// A hash of everything that the rows depend on.
    pub fingerprint: String,
    /// The landmark network.
    pub network: String,
    /// The SHA-256 of the network's file.
    pub network_sha256: String,
    /// All other settings that the rows depend on, JSON.
    pub settings: String,
    /// How the run ended.
    pub status: RunStatus,
    /// The reason why the run failed or is degraded.
    pub reason: Option<String>,
    /// The start time, seconds since 1970.
    pub started_at_s: f64,
    /// The end time, seconds since 1970.
    pub finished_at_s: f64,
    /// The number of frames in the tables.
    pub n_frames: u64,
    /// The number of frames in which a person was found.
    pub n_found: u64,
    /// The number of frames with the status `failed`.
    pub n_failed: u64,
    /// The number of frames that the container announces and that did not decode.
    pub n_missing: u64,
    /// The largest resident memory of the process so far, bytes.
    pub peak_rss_bytes: u64,
    /// The smallest budget of memory for frames so far, bytes. A value below the first budget means pressure.
    pub lowest_budget_bytes: u64,
}

impl RunRecord {
    /// Returns whether the run has tables.
    #[must_use]
    pub fn has_tables(&self) -> bool {
        self.status != RunStatus::Failed
    }
}

/// Returns the largest number of people that the tracker of a run followed, from the settings
/// in its record.
///
/// # Errors
/// The settings are invalid. Every version of posekit wrote that number.
pub fn people_of(settings: &str) -> Result<u32, String> {
    #[derive(serde::Deserialize)]
    struct Stored {
        people: u32,
    }
    let stored: Result<Stored, _> = serde_json::from_str(settings);
    stored.map(|stored| stored.people).map_err(|error| format!("invalid settings: {error}"))
}
