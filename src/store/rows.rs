//! Rows as the pipeline makes them, before they become columns.

use crate::pose::skeleton::LANDMARK_COUNT;
use crate::pose::smoothing::BodyPoint;
use crate::pose::tracker::RegionSource;
use crate::pose::tracklet::{APPEARANCE_BINS, Link};

/// Track ids of a segment: a tracklet's is this times the number of its part, plus its number in it.
pub const TRACKS_PER_PART: u32 = 10_000;

/// The track id of a tracklet of a part: unique in the run.
#[must_use]
pub fn track_id(part: u32, tracklet: u16) -> u32 {
    part.saturating_mul(TRACKS_PER_PART).saturating_add(u32::from(tracklet))
}

/// What became of a decoded frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameStatus {
    /// Somebody was found.
    Ok,
    /// Nobody was found.
    NoPerson,
    /// The frame could not be analyzed.
    Failed,
}

impl FrameStatus {
    /// The name in the tables.
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
    /// Number of the decoded frame, from 0.
    pub frame_idx: u32,
    /// Presentation time, seconds from the first frame's.
    pub time_s: f64,
    /// What became of it.
    pub status: FrameStatus,
    /// People found.
    pub n_people: u16,
}

/// Where the landmark network looked for a person in a frame. Pixels of the displayed picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionRow {
    /// The frame.
    pub frame_idx: u32,
    /// Its time, seconds.
    pub time_s: f64,
    /// The tracklet.
    pub track_id: u32,
    /// Where the region comes from.
    pub source: RegionSource,
    /// The network's probability that the region holds a person.
    pub score: f32,
    /// Center of the square.
    pub center_px: [f32; 2],
    /// Side of the square.
    pub side_px: f32,
    /// Clockwise from upright, radians.
    pub rotation_rad: f32,
    /// The person's size by which smoothing measures speed.
    pub object_scale_px: f32,
}

/// One person's landmarks in one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct PoseRow {
    /// The frame.
    pub frame_idx: u32,
    /// Its time, seconds.
    pub time_s: f64,
    /// Whose they are: a `track_id` in `raw_landmarks`, a `person_id` in `landmarks`.
    pub owner: u32,
    /// The 33 landmarks by id.
    pub points: [BodyPoint; LANDMARK_COUNT],
}

/// A person followed within a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackletRow {
    /// Its id, unique in the run.
    pub track_id: u32,
    /// Its first and its last frame.
    pub frames: [u32; 2],
    /// Their times, seconds.
    pub times_s: [f64; 2],
    /// Frames in which the person was found.
    pub n_frames: u32,
    /// How often the person detector confirmed it.
    pub n_detections: u32,
    /// Mean of its regions' scores.
    pub score: f32,
    /// Colors of the upper and the lower body.
    pub appearance: Option<[f32; APPEARANCE_BINS]>,
}

/// Which person a tracklet is, or, where an edit has split it, a piece of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackRow {
    /// The tracklet.
    pub track_id: u32,
    /// First and last frame of the piece.
    pub frames: [u32; 2],
    /// The person.
    pub person_id: u16,
    /// The person's name, where the user gave one.
    pub name: Option<String>,
    /// How it was recognized.
    pub link: Link,
    /// How far it was from what was expected; the less the surer. `None` where there was nothing to compare.
    pub cost: Option<f32>,
}
