//! Computes the ghost of attempt A over attempt B: the pose of A's movement at each moment of B, in B's size and at B's
//! place, and the differences between the joints.

mod differences;
mod place;
mod time;
mod track;

use crate::movement::dtw::WarpingError;
pub(crate) use differences::JointDifference;
pub(crate) use place::Anchor;
use time::TimeMap;
pub(crate) use track::{GhostTrack, JointCurve, Pose};

/// The number of warping passes. Each pass uses the body sizes that the previous one found at the same moments.
const WARPINGS: usize = 3;

/// The way A's times are aligned with B's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TimeAlignment {
    /// By events of both, given as pairs of seconds (A, B): linearly between the events, at A's own speed before and
    /// after.
    Events(Vec<(f64, f64)>),
    /// By dynamic time warping of the poses: the whole of A on the whole of B. The value is the maximum distance of the
    /// path from the diagonal, as a share (0..=1) of the longer attempt.
    Whole(f64),
    /// By dynamic time warping of the poses: the whole of A on the most similar part of B, at a third to three times
    /// the speed.
    Within,
}

/// The settings of a ghost.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GhostSettings {
    /// The alignment in time.
    pub(crate) alignment: TimeAlignment,
    /// The alignment in space.
    pub(crate) anchor: Anchor,
    /// Whether to swap left and right of A, for attempts that face opposite ways.
    pub(crate) is_mirrored: bool,
}

/// The ghost of A over a frame of B.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GhostFrame {
    /// A's landmarks in B's pixels; landmarks that A lacks are missing.
    pub(crate) points: Pose,
    /// The time of A, seconds.
    pub(crate) time_a_s: f64,
}

/// The ghost of A over B.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ghost {
    /// One ghost for each of B's frames; `None` if A has no matching time, or if the two have no anchor landmark in
    /// common.
    pub(crate) frames: Vec<Option<GhostFrame>>,
    /// The angle of A minus that of B for each common joint. Sides are those of B; the order is B's.
    pub(crate) differences: Vec<JointDifference>,
    /// Pixels of B per pixel of A.
    pub(crate) scale: f64,
    /// The dissimilarity of the warped poses: the mean distance over all joints and pairs, in body sizes. NaN with
    /// events.
    pub(crate) mean_distance: f64,
}

/// The reason why no ghost could be made.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(crate) enum GhostError {
    /// Lists of different lengths.
    #[error("{what} of an attempt with {n_frames} frames has {found}")]
    Lengths {
        /// The list that differs.
        what: &'static str,
        /// Number of times.
        n_frames: usize,
        /// Length of the other list.
        found: usize,
    },
    /// Times that are not finite or not strictly ascending.
    #[error("the time of frame {0} does not follow the one before")]
    Times(usize),
    /// No pairs of events, or pairs that go back in time.
    #[error("the events of the two attempts are not in the same order")]
    Events,
    /// No landmarks to compare.
    #[error("the two attempts have no trunk or leg in common that is visible at the same moment")]
    NothingInCommon,
    /// The movements could not be warped.
    #[error(transparent)]
    Warping(#[from] WarpingError),
}

/// Computes the ghost of attempt `a` over attempt `b`.
///
/// # Errors
/// The lists of a track differ in length, its times are not ascending, the events are not in the same order, or the
/// tracks have too little in common.
pub(crate) fn ghost(a: &GhostTrack, b: &GhostTrack, settings: &GhostSettings) -> Result<Ghost, GhostError> {
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

/// A aligned with each of B's frames.
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
