//! The ghost of one attempt over another: where the athlete of attempt A would be, if A's movement were done by the
//! athlete of B, in B's time and at B's place; and how far the joints are apart.

mod differences;
mod place;
mod time;
mod track;

use crate::analysis::dtw::WarpingError;
pub use differences::{JointDifference, LargestDifference};
pub use place::Anchor;
use time::TimeMap;
pub use track::{GhostTrack, JointCurve, Pose};

/// Times that the poses are warped, each with the sizes of the bodies that the one before showed at the same moments.
const WARPINGS: usize = 3;

/// How A's times are brought on B's.
#[derive(Debug, Clone, PartialEq)]
pub enum TimeAlignment {
    /// By what happens in both, pairs of seconds (A, B): in straight lines between them, at A's own speed before and
    /// after.
    Events(Vec<(f64, f64)>),
    /// By dynamic time warping of the poses: the whole of A on the whole of B. The share (0..=1) of the longer one by
    /// which the path may leave the diagonal.
    Whole(f64),
    /// By dynamic time warping of the poses: the whole of A on that part of B which is most alike, at between a third
    /// and three times the speed.
    Within,
}

/// How one attempt is laid over another.
#[derive(Debug, Clone, PartialEq)]
pub struct GhostSettings {
    /// In time.
    pub alignment: TimeAlignment,
    /// In space.
    pub anchor: Anchor,
    /// Whether left and right of A are exchanged, for attempts that face opposite ways.
    pub is_mirrored: bool,
}

/// A over a frame of B.
#[derive(Debug, Clone, PartialEq)]
pub struct GhostFrame {
    /// A's landmarks in B's pixels; those stay missing that A does not have.
    pub points: Pose,
    /// The moment of A.
    pub time_a_s: f64,
}

/// A over B.
#[derive(Debug, Clone, PartialEq)]
pub struct Ghost {
    /// For each of B's frames; none where A has no such moment, or where the two have no landmark to be anchored at.
    pub frames: Vec<Option<GhostFrame>>,
    /// Of each joint that both have, A's less B's, sides being those of B; in B's order.
    pub differences: Vec<JointDifference>,
    /// Pixels of B for a pixel of A.
    pub scale: f64,
    /// How alike the poses are where they were warped: distance in body sizes over all joints and pairs, mean. NaN with
    /// events.
    pub mean_distance: f64,
}

/// Why there is no ghost.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum GhostError {
    /// Lists of different lengths.
    #[error("{what} of an attempt with {n_frames} frames has {found}")]
    Lengths {
        /// What differs.
        what: &'static str,
        /// Number of times.
        n_frames: usize,
        /// Length of the other list.
        found: usize,
    },
    /// Times that are not finite or do not rise.
    #[error("the time of frame {0} does not follow the one before")]
    Times(usize),
    /// Pairs of events that go back in time, or none.
    #[error("the events of the two attempts do not follow each other in the same order")]
    Events,
    /// No landmarks to compare.
    #[error("the two attempts have no trunk or leg in common that is seen at the same moment")]
    NothingInCommon,
    /// The movements could not be warped.
    #[error(transparent)]
    Warping(#[from] WarpingError),
}

/// Lays attempt `a` over attempt `b`.
///
/// # Errors
/// Lists of a track differ in length, its times do not rise, the events do not follow each other, or the tracks have
/// too little in common.
pub fn ghost(a: &GhostTrack, b: &GhostTrack, settings: &GhostSettings) -> Result<Ghost, GhostError> {
    a.check()?;
    b.check()?;
    let mirrored;
    let a = if settings.is_mirrored {
        mirrored = a.mirrored();
        &mirrored
    } else {
        a
    };
    let Aligned { times_a, poses, scale, mean_distance } = align(a, b, &settings.alignment)?;
    let frames = poses
        .iter()
        .zip(&times_a)
        .zip(&b.poses)
        .map(|((pose, time), onto)| {
            let points = place::placed(pose.as_ref()?, onto, scale, settings.anchor)?;
            Some(GhostFrame { points, time_a_s: (*time)? })
        })
        .collect();
    Ok(Ghost { frames, differences: differences::of(a, b, &times_a), scale, mean_distance })
}

/// What of A belongs to each of B's frames.
struct Aligned {
    times_a: Vec<Option<f64>>,
    poses: Vec<Option<Pose>>,
    scale: f64,
    mean_distance: f64,
}

impl Aligned {
    fn new(a: &GhostTrack, b: &GhostTrack, map: &TimeMap, mean_distance: f64) -> Result<Self, GhostError> {
        let times_a: Vec<Option<f64>> = b.times_s.iter().map(|&time| map.time_a(time)).collect();
        let poses: Vec<Option<Pose>> = times_a.iter().map(|time| a.pose_at((*time)?)).collect();
        let scale = place::scale(&poses, &b.poses).ok_or(GhostError::NothingInCommon)?;
        Ok(Self { times_a, poses, scale, mean_distance })
    }
}

fn align(a: &GhostTrack, b: &GhostTrack, alignment: &TimeAlignment) -> Result<Aligned, GhostError> {
    let band = match alignment {
        TimeAlignment::Events(pairs) => return Aligned::new(a, b, &TimeMap::of_events(pairs)?, f64::NAN),
        TimeAlignment::Whole(band) => Some(*band),
        TimeAlignment::Within => None,
    };
    let mut sizes_px = place::body_sizes(&a.poses, &b.poses).ok_or(GhostError::NothingInCommon)?;
    let mut best: Option<Aligned> = None;
    for _ in 0..WARPINGS {
        let (map, mean_distance) = time::warped(a, b, band, sizes_px)?;
        let aligned = Aligned::new(a, b, &map, mean_distance)?;
        sizes_px[0] = sizes_px[1] / aligned.scale;
        if best.as_ref().is_none_or(|best| aligned.mean_distance < best.mean_distance) {
            best = Some(aligned);
        }
    }
    best.ok_or(GhostError::NothingInCommon)
}

#[cfg(test)]
mod tests;
