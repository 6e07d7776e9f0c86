//! What each frame says about the side of a person toward the camera, whichever way the body lies in the picture.
//!
//! Directions are taken relative to the body's own axes: "to the right" is to the right of the trunk with the head up.
//! A joint bends to one side only, so bent knees and elbows, and feet that point away from their shanks, show where the
//! front of the body is.

use crate::movement::track::Stretch;
use crate::pose::skeleton::landmark;

/// A direction or place in the picture, pixels.
type Vector = [f64; 2];

/// What one frame says.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Evidence {
    /// The direction from the right to the left side of the body in world landmarks, meters: along the picture, to the
    /// right of the trunk, and away from the camera. Zero if it is not known.
    pub(super) across_m: [f64; 2],
    /// How clearly the body in the picture looks to the right of its trunk (1) or to the left (-1). Zero if it does
    /// not show.
    pub(super) look: f64,
}

/// A leg: hip, knee, ankle, heel, tip of the foot.
const LEGS: [[usize; 5]; 2] = [
    [landmark::LEFT_HIP, landmark::LEFT_KNEE, landmark::LEFT_ANKLE, landmark::LEFT_HEEL, landmark::LEFT_FOOT_INDEX],
    [
        landmark::RIGHT_HIP,
        landmark::RIGHT_KNEE,
        landmark::RIGHT_ANKLE,
        landmark::RIGHT_HEEL,
        landmark::RIGHT_FOOT_INDEX,
    ],
];
/// An arm: shoulder, elbow, wrist.
const ARMS: [[usize; 3]; 2] = [
    [landmark::LEFT_SHOULDER, landmark::LEFT_ELBOW, landmark::LEFT_WRIST],
    [landmark::RIGHT_SHOULDER, landmark::RIGHT_ELBOW, landmark::RIGHT_WRIST],
];

/// How much each sign counts. Elbows count less, because an arm that is raised sideways bends either way in the
/// picture; the path of the hips counts least, because people walk backward and cameras follow.
const WEIGHTS: Weights = Weights { foot: 1.0, knee: 1.0, elbow: 0.3, hip: 0.5, head: 1.0, path: 0.5 };

struct Weights {
    foot: f64,
    knee: f64,
    elbow: f64,
    hip: f64,
    head: f64,
    path: f64,
}

/// Lengths that a body seen from the side has, as shares of its size (trunk, thigh and shank): half of what a foot, a
/// nose in front of the ears, and the product of two bones at a right angle measure.
const FOOT: f64 = 0.1;
const NOSE: f64 = 0.05;
const LEG_BEND: f64 = 0.045;
const ARM_BEND: f64 = 0.02;
/// The speed of the hips that leaves no doubt, sizes per second: half that of walking.
const PATH_PER_S: f64 = 0.4;
/// Half of the time over which the speed of the hips is taken, seconds.
const HALF_PATH_S: f64 = 0.25;

/// Returns what each frame of a stretch says.
#[must_use]
pub(super) fn collect(stretch: &Stretch) -> Vec<Evidence> {
    (0..stretch.len())
        .map(|index| Evidence {
            across_m: across(stretch, index).unwrap_or_default(),
            look: look(stretch, index).unwrap_or_default(),
        })
        .collect()
}

/// Returns the direction from the right to the left side in the frame of the trunk: shoulders and hips added up.
fn across(stretch: &Stretch, index: usize) -> Option<[f64; 2]> {
    let world = |landmark: usize| [3, 4, 5].map(|channel| stretch.at(landmark, channel, index));
    let finite = |point: [f64; 3]| point.iter().all(|value| value.is_finite()).then_some(point);
    let [left, right] = landmark::SHOULDERS.map(world);
    let across_shoulders = finite(subtract(left, right))?;
    let [left_hip, right_hip] = landmark::HIPS.map(world);
    let across_hips = finite(subtract(left_hip, right_hip)).unwrap_or_default();
    // The middle of the hips is the origin of world landmarks.
    let hips = finite(middle(left_hip, right_hip)).unwrap_or_default();
    let [ux, uy, uz] = unit(subtract(middle(left, right), hips))?;
    let [ax, ay, az] = std::array::from_fn(|axis| across_shoulders[axis] + across_hips[axis]);
    // A trunk that points at the camera has no right in the picture: the closer to that, the less the frame counts.
    let in_picture = ux.hypot(uy);
    let along = ay * ux - ax * uy;
    let away = az * (1.0 - uz * uz) - uz * (ax * ux + ay * uy);
    Some([along, away]).filter(|_| in_picture > 0.1)
}

/// Returns how clearly the body looks to the right (1) or to the left (-1) of its trunk, by what its joints allow.
fn look(stretch: &Stretch, index: usize) -> Option<f64> {
    let at = |landmark: usize| [0, 1].map(|channel| stretch.at(landmark, channel, index));
    let bone = |from: usize, to: usize| subtract(at(to), at(from));
    let [left_shoulder, right_shoulder] = landmark::SHOULDERS.map(at);
    let [left_hip, right_hip] = landmark::HIPS.map(at);
    let trunk = subtract(middle(left_shoulder, right_shoulder), middle(left_hip, right_hip));
    let leg = LEGS.map(|[hip, knee, ankle, ..]| length(bone(hip, knee)) + length(bone(knee, ankle)));
    let size = length(trunk) + leg.into_iter().filter(|length| length.is_finite()).fold(0.0, f64::max);
    let up = unit(trunk).filter(|_| size > 0.0)?;
    let mut sum = Sum::default();
    for [hip, knee, ankle, heel, toe] in LEGS {
        let (thigh, shank) = (bone(hip, knee), bone(knee, ankle));
        sum.add(WEIGHTS.knee, cross(thigh, shank) / (LEG_BEND * size * size));
        sum.add(WEIGHTS.hip, beyond_stride(up, thigh, size));
        // The foot is compared with its own shank: a trunk that hangs down has its feet behind it.
        let toes_ahead = unit(shank).map_or(f64::NAN, |down| cross(bone(heel, toe), down));
        sum.add(WEIGHTS.foot, toes_ahead / (FOOT * size));
    }
    for [shoulder, elbow, wrist] in ARMS {
        sum.add(WEIGHTS.elbow, cross(bone(elbow, wrist), bone(shoulder, elbow)) / (ARM_BEND * size * size));
    }
    let ears = middle(at(landmark::LEFT_EAR), at(landmark::RIGHT_EAR));
    sum.add(WEIGHTS.head, cross(up, subtract(at(landmark::NOSE), ears)) / (NOSE * size));
    sum.add(WEIGHTS.path, cross(up, hip_speed(stretch, index)) / (PATH_PER_S * size));
    Some(sum.value)
}

/// Returns how far a thigh is bent forward (to the right: positive), beyond what a stride reaches in both directions.
fn beyond_stride(up: Vector, thigh: Vector, size: f64) -> f64 {
    let (forward, down) = (cross(up, thigh), -dot(up, thigh));
    // Forty-five degrees to either side.
    if forward.abs() > down { forward / (0.15 * size) } else { 0.0 }
}

/// Returns the speed of the middle of the hips, pixels per second.
fn hip_speed(stretch: &Stretch, index: usize) -> Vector {
    let time_s = stretch.times_s[index];
    let first = stretch.times_s.partition_point(|&time| time < time_s - HALF_PATH_S);
    let last = stretch.times_s.partition_point(|&time| time <= time_s + HALF_PATH_S) - 1;
    let duration_s = stretch.times_s[last] - stretch.times_s[first];
    if duration_s <= 0.0 {
        return [0.0, 0.0];
    }
    let hips = |index: usize| {
        let [left, right] = landmark::HIPS.map(|hip| [0, 1].map(|channel| stretch.at(hip, channel, index)));
        middle(left, right)
    };
    subtract(hips(last), hips(first)).map(|step| step / duration_s)
}

/// The weighted mean of signs between -1 and 1. One that is missing counts as undecided.
#[derive(Default)]
struct Sum {
    value: f64,
}

impl Sum {
    fn add(&mut self, weight: f64, sign: f64) {
        let total = 2.0 * (WEIGHTS.foot + WEIGHTS.knee + WEIGHTS.elbow + WEIGHTS.hip) + WEIGHTS.head + WEIGHTS.path;
        if sign.is_finite() {
            self.value += weight / total * sign.clamp(-1.0, 1.0);
        }
    }
}

/// Returns the area between two directions: positive if the second is clockwise from the first in a picture (y down).
fn cross(a: Vector, b: Vector) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

fn subtract<const N: usize>(a: [f64; N], b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

fn middle<const N: usize>(a: [f64; N], b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|axis| f64::midpoint(a[axis], b[axis]))
}

fn length<const N: usize>(a: [f64; N]) -> f64 {
    a.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Returns the direction with length 1; `None` if it has none.
fn unit<const N: usize>(a: [f64; N]) -> Option<[f64; N]> {
    let length = length(a);
    (length > 0.0 && length.is_finite()).then(|| a.map(|value| value / length))
}
