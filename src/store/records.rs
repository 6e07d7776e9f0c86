//! Rows of the catalog's own tables: videos, files, runs.

use serde::{Deserialize, Serialize};

use crate::video::info::{FileStamp, VideoInfo};

/// A video as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoRecord {
    /// Hash of its content.
    pub video_id: String,
    /// Where it was last seen, absolute.
    pub path: String,
    /// Its file name.
    pub name: String,
    /// When the file was last seen: its size and time of modification.
    pub stamp: FileStamp,
    /// Its properties; `None` where it could not be read.
    pub info: Option<VideoInfo>,
    /// Frames that decoded, where a run went through the whole video.
    pub n_decoded: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Every frame was analyzed.
    Ok,
    /// More than 5 % of the frames failed or are missing.
    Degraded,
    /// There are no tables of it.
    Failed,
}

impl RunStatus {
    /// The name in the tables.
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
    /// Its identity.
    pub run_id: String,
    /// The video.
    pub video_id: String,
    /// Hash of all that the rows depend on.
    pub fingerprint: String,
    /// The landmark network.
    pub network: String,
    /// SHA-256 of its file.
    pub network_sha256: String,
    /// Everything else that the rows depend on, JSON.
    pub settings: String,
    /// How it ended.
    pub status: RunStatus,
    /// Why it failed or is degraded.
    pub reason: Option<String>,
    /// Begin, seconds since 1970.
    pub started_at_s: f64,
    /// End, seconds since 1970.
    pub finished_at_s: f64,
    /// Frames in the tables.
    pub n_frames: u64,
    /// Frames in which somebody was found.
    pub n_found: u64,
    /// Frames with the status `failed`.
    pub n_failed: u64,
    /// Frames that the container promises and that did not decode.
    pub n_missing: u64,
    /// Largest resident memory of the process so far, bytes.
    pub peak_rss_bytes: u64,
    /// The least memory that there was for frames so far, bytes: less than at first means pressure.
    pub lowest_budget_bytes: u64,
}

impl RunRecord {
    /// Whether there are tables of it.
    #[must_use]
    pub fn has_tables(&self) -> bool {
        self.status != RunStatus::Failed
    }
}
