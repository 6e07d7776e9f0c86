//! The data of an attempt, and its interpolation between frames.

use super::GhostError;
use crate::movement::provenance::Provenance;
use crate::pose::skeleton::{LANDMARK_COUNT, MIRROR};
use crate::scene::ScenePoint;

/// The maximum time between two frames for interpolation, seconds.
const MAX_GAP_S: f64 = 0.5;

/// The landmarks at one time.
pub(crate) type Pose = [Option<ScenePoint>; LANDMARK_COUNT];

/// A joint's angle over the frames of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JointCurve {
    /// The joint, such as `knee`.
    pub(crate) joint: String,
    /// `left` or `right`, or another text for joints without a side.
    pub(crate) side: String,
    /// One value per frame, degrees; gaps are NaN.
    pub(crate) values_deg: Vec<f64>,
}

/// An attempt: a person in a video, or in a part of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct GhostTrack {
    /// The times of the frames, seconds, ascending.
    pub(crate) times_s: Vec<f64>,
    /// One pose per frame.
    pub(crate) poses: Vec<Pose>,
    /// The joints to compare; may be none.
    pub(crate) angles: Vec<JointCurve>,
}

/// A time between two frames: the frame before, the frame after, and the share of the interval.
struct Between {
    before: usize,
    after: usize,
    share: f64,
}

impl GhostTrack {
    pub(super) fn check(&self) -> Result<(), GhostError> {
        let n_frames = self.times_s.len();
        let lengths = self.angles.iter().map(|curve| ("a joint's curve", curve.values_deg.len()));
        for (what, found) in lengths.chain([("the list of poses", self.poses.len())]) {
            if found != n_frames {
                return Err(GhostError::Lengths { what, n_frames, found });
            }
        }
        let mut before = f64::NEG_INFINITY;
        for (index, &time) in self.times_s.iter().enumerate() {
            if !time.is_finite() || time <= before {
                return Err(GhostError::Times(index));
            }
            before = time;
        }
        Ok(())
    }

    /// Returns the track with left and right swapped, as in a mirror at x = 0.
    pub(super) fn mirrored(&self) -> Self {
        let flipped = |point: ScenePoint| ScenePoint { x_px: -point.x_px, ..point };
        let poses = self.poses.iter().map(|pose| MIRROR.map(|id| pose[id].map(flipped))).collect();
        let mut angles = self.angles.clone();
        for curve in &mut angles {
            let other = match curve.side.as_str() {
                "left" => "right",
                "right" => "left",
                side => side,
            };
            curve.side = other.to_owned();
        }
        Self { times_s: self.times_s.clone(), poses, angles }
    }

    /// Returns the pose at a time; `None` outside of the frames and in long gaps between them. Landmarks that one of
    /// the two adjacent frames lacks are missing.
    pub(super) fn pose_at(&self, time_s: f64) -> Option<Pose> {
        let Between { before, after, share } = self.between(time_s)?;
        let (from, to) = (&self.poses[before], &self.poses[after]);
        Some(std::array::from_fn(|id| Some(mixed(&from[id]?, &to[id]?, share as f32))))
    }

    /// Returns a curve's value at a time, interpolated the short way around; NaN if missing.
    pub(super) fn angle_at(&self, curve: &JointCurve, time_s: f64) -> f64 {
        self.between(time_s).map_or(f64::NAN, |Between { before, after, share }| {
            let (from, to) = (curve.values_deg[before], curve.values_deg[after]);
            from + share * wrapped(to - from)
        })
    }

    /// Returns the adjacent frames of a time; `None` outside and in gaps. On a frame both are that frame.
    fn between(&self, time_s: f64) -> Option<Between> {
        const SAME_S: f64 = 1e-6;
        let after = self.times_s.partition_point(|&time| time < time_s - SAME_S);
        let next = *self.times_s.get(after)?;
        if next <= time_s + SAME_S {
            return Some(Between { before: after, after, share: 0.0 });
        }
        let before = after.checked_sub(1)?;
        let gap = next - self.times_s[before];
        (gap <= MAX_GAP_S).then(|| Between { before, after, share: (time_s - self.times_s[before]) / gap })
    }
}

fn mixed(from: &ScenePoint, to: &ScenePoint, share: f32) -> ScenePoint {
    let rank = |provenance| match provenance {
        Provenance::Measured => 0,
        Provenance::Corrected => 1,
        Provenance::Interpolated => 2,
        Provenance::Missing => 3,
    };
    ScenePoint {
        x_px: from.x_px + share * (to.x_px - from.x_px),
        y_px: from.y_px + share * (to.y_px - from.y_px),
        visibility: from.visibility.min(to.visibility),
        provenance: if rank(from.provenance) >= rank(to.provenance) { from.provenance } else { to.provenance },
    }
}

/// Wraps an angle to -180 (included) to 180 degrees.
pub(super) fn wrapped(angle_deg: f64) -> f64 {
    (angle_deg + 180.0).rem_euclid(360.0) - 180.0
}
