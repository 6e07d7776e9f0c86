//! Rows as the pipeline makes them, before they become columns.

use crate::pose::camera::CameraEstimate;
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::pose::smoothing::BodyPoint;
use crate::pose::tracker::RegionSource;
use crate::pose::tracklet::{APPEARANCE_BINS, Link};

/// The number of track ids per segment. A tracklet's id is this number times the number of its part, plus its number in
/// the part.
pub const TRACKS_PER_PART: u32 = 10_000;

/// Returns the track id of a tracklet of a part. The id is unique in the run.
#[must_use]
pub fn track_id(part: u32, tracklet: u16) -> u32 {
    part.saturating_mul(TRACKS_PER_PART).saturating_add(u32::from(tracklet))
}

/// The status of a decoded frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameStatus {
    /// A person was found.
    Ok,
    /// No person was found.
    NoPerson,
    /// The frame failed.
    Failed,
}

impl FrameStatus {
    /// Returns the name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoPerson => "no_person",
            Self::Failed => "failed",
        }
    }
}

/// One decoded frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameRow {
    /// The number of the decoded frame, from 0.
    pub frame_idx: u32,
    /// The presentation time, seconds from the first frame's.
    pub time_s: f64,
    /// The status of the frame.
    pub status: FrameStatus,
    /// The number of people found.
    pub n_people: u16,
}

/// The motion of the camera to a frame from the frame before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraRow {
    /// The frame.
    pub frame_idx: u32,
    /// The time of the frame, seconds.
    pub time_s: f64,
    /// What is known; `None` if there is no frame before it in its segment.
    pub seen: Option<CameraEstimate>,
}

/// The region in which the landmark network looked for a person in a frame. Pixels of the displayed picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionRow {
    /// The frame.
    pub frame_idx: u32,
    /// The time of the frame, seconds.
    pub time_s: f64,
    /// The tracklet.
    pub track_id: u32,
    /// The source of the region.
    pub source: RegionSource,
    /// The network's probability that the region holds a person.
    pub score: f32,
    /// The center of the square.
    pub center_px: [f32; 2],
    /// The side of the square.
    pub side_px: f32,
    /// The rotation, clockwise from upright, radians.
    pub rotation_rad: f32,
    /// The person's size, by which smoothing measures speed.
    pub object_scale_px: f32,
}

/// One person's landmarks in one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct PoseRow {
    /// The frame.
    pub frame_idx: u32,
    /// The time of the frame, seconds.
    pub time_s: f64,
    /// The owner of the landmarks: a `track_id` in `raw_landmarks`, a `person_id` in `landmarks`.
    pub owner: u32,
    /// The 33 landmarks by id.
    pub points: [BodyPoint; LANDMARK_COUNT],
}

/// A person followed within a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackletRow {
    /// The id of the tracklet, unique in the run.
    pub track_id: u32,
    /// The first and the last frame.
    pub frames: [u32; 2],
    /// The times of these frames, seconds.
    pub times_s: [f64; 2],
    /// The number of frames in which the person was found.
    pub n_frames: u32,
    /// The number of times that the person detector confirmed the tracklet.
    pub n_detections: u32,
    /// The mean of its regions' scores.
    pub score: f32,
    /// The colors of the upper and the lower body.
    pub appearance: Option<[f32; APPEARANCE_BINS]>,
}

/// The person of a tracklet, or of a piece of it if an edit has split it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackRow {
    /// The tracklet.
    pub track_id: u32,
    /// First and last frame of the piece.
    pub frames: [u32; 2],
    /// The person.
    pub person_id: u16,
    /// The person's name, if the user gave one.
    pub name: Option<String>,
    /// How the person was recognized.
    pub link: Link,
    /// The cost of the link: the distance from the expectation. A smaller cost means more certainty. `None` if there
    /// was nothing to compare.
    pub cost: Option<f32>,
}
