//! Units of work as plain data, for this process or another one. Pure.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::job::Job;
use super::settings::PoseSettings;
use crate::store::segments::RunLabel;
use crate::video::index::SegmentIndex;
use crate::video::{Reading, VideoInfo};

/// Consecutive segments of one video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SegmentsSpec {
    /// The file.
    pub(crate) path: PathBuf,
    /// The run that the rows belong to.
    pub(crate) label: RunLabel,
    /// The settings that the rows depend on.
    pub(crate) pose: PoseSettings,
    /// How the file is read.
    #[serde(default)]
    pub(crate) reading: Reading,
    /// The first segment. A segment has `pose.segment_frames` frames. The last one of a video has the rest.
    pub(crate) first_segment: u32,
    /// The last segment. If it is `None`, the unit continues to the end of the video, wherever that is.
    pub(crate) last_segment: Option<u32>,
    /// The places at which segments can be entered. If it is `None`, decoding begins at the start of the video.
    pub(crate) index: Option<SegmentIndex>,
}

impl SegmentsSpec {
    /// Returns the largest number of frames that the segment of `frame_idx` has from that frame on.
    #[must_use]
    pub(crate) fn frames_left(&self, frame_idx: u32) -> u32 {
        let segment_frames = self.pose.segment_frames;
        let of_segment = segment_frames - frame_idx % segment_frames;
        let of_video = self.index.as_ref().map_or(u32::MAX, |index| index.n_frames().saturating_sub(frame_idx));
        of_segment.min(of_video)
    }
}

/// The result of a unit of segments, besides the sealed parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitRecord {
    /// The number of packets and stretches of the file that gave no picture.
    pub(crate) n_damaged: u64,
    /// Whether the video has a frame at or after the unit's first segment, regardless of the requested range of time.
    pub(crate) has_frames: bool,
}

impl UnitRecord {
    /// Adds the result of another unit of the same video.
    pub(crate) fn add(&mut self, other: Self) {
        self.n_damaged += other.n_damaged;
        self.has_frames |= other.has_frames;
    }
}

/// The end of a run: all its segments are sealed, or its video cannot be read. Identity, smoothing and the run's record
/// remain to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CompletionSpec {
    /// The video and its run.
    pub(crate) job: Job,
    /// The settings that the rows depend on.
    pub(crate) pose: PoseSettings,
    /// The facts about the video; `None` if it could not be opened.
    pub(crate) facts: Option<VideoFacts>,
    /// The sum of the results of all units of segments.
    pub(crate) record: UnitRecord,
    /// The reason why the video cannot be read.
    pub(crate) failure: Option<Failure>,
    /// The time when the work on the run began, seconds since 1970.
    pub(crate) started_at_s: f64,
}

/// The facts about a video that are known before its frames are decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VideoFacts {
    /// The columns of `videos`.
    pub(crate) info: VideoInfo,
    /// Whether its segments could be entered.
    pub(crate) is_indexed: bool,
    /// Whether each packet gives a picture.
    pub(crate) has_a_picture_per_packet: bool,
}

/// The reason why a video cannot be read, for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The message.
    pub(crate) reason: String,
    /// What the user can do.
    pub(crate) hint: Option<String>,
    /// Whether the storage has stalled. Then nothing else is asked of it about this video.
    #[serde(default)]
    pub(crate) is_stalled: bool,
}
