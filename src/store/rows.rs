//! Rows as the pipeline makes them, before they become columns.

use crate::pose::skeleton::LANDMARK_COUNT;
use crate::pose::smoothing::BodyPoint;
use crate::pose::tracker::RegionSource;

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
    /// The person.
    pub person_id: u16,
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
    /// The person.
    pub person_id: u16,
    /// The 33 landmarks by id.
    pub points: [BodyPoint; LANDMARK_COUNT],
}
