//! Computes the position and size of a ghost.

use super::track::Pose;
use crate::pose::skeleton::landmark;
use crate::scene::ScenePoint;

/// Thighs and shanks: landmarks of the left and of the right one.
const LEG_SEGMENTS: [[(usize, usize); 2]; 2] = [
    [(landmark::LEFT_HIP, landmark::LEFT_KNEE), (landmark::RIGHT_HIP, landmark::RIGHT_KNEE)],
    [(landmark::LEFT_KNEE, landmark::LEFT_ANKLE), (landmark::RIGHT_KNEE, landmark::RIGHT_ANKLE)],
];

/// The part of the ghost that stays on the athlete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Anchor {
    /// The hips: shows the differences of limbs and trunk.
    #[default]
    Hips,
    /// The feet: shows how much lower or farther forward the body is.
    Feet,
}

impl Anchor {
    fn landmarks(self) -> &'static [usize] {
        match self {
            Self::Hips => &landmark::HIPS,
            Self::Feet => &[
                landmark::LEFT_ANKLE,
                landmark::RIGHT_ANKLE,
                landmark::LEFT_HEEL,
                landmark::RIGHT_HEEL,
                landmark::LEFT_FOOT_INDEX,
                landmark::RIGHT_FOOT_INDEX,
            ],
        }
    }
}

/// Returns the lengths of trunk, thigh and shank; NaN if not visible. Thighs and shanks are the mean of the visible
/// sides.
fn segment_lengths(pose: &Pose) -> [f64; 3] {
    let length = |(from, to): (usize, usize)| Some(distance(position(pose, from)?, position(pose, to)?));
    let trunk = middle(pose, landmark::LEFT_SHOULDER, landmark::RIGHT_SHOULDER)
        .zip(middle(pose, landmark::LEFT_HIP, landmark::RIGHT_HIP))
        .map_or(f64::NAN, |(shoulders, hips)| distance(shoulders, hips));
    let [thigh, shank] = LEG_SEGMENTS.map(|sides| mean(sides.into_iter().filter_map(length)));
    [trunk, thigh, shank]
}

/// Returns the body sizes of two attempts in pixels, each on its own: the sum of the 90 % quantiles of trunk, thigh and
/// shank length. A high quantile is used because segments that point toward the camera look short, and the two attempts
/// may spend different times that way. `None` if they have no segment in common.
pub(super) fn body_sizes(a: &[Pose], b: &[Pose]) -> Option<[f64; 2]> {
    let lengths = |poses: &[Pose], segment: usize| -> Vec<f64> {
        poses.iter().map(|pose| segment_lengths(pose)[segment]).filter(|length| !length.is_nan()).collect()
    };
    sum_of_quantiles((0..3).map(|segment| [lengths(a, segment), lengths(b, segment)]), 0.9)
}

/// Returns the pixels of B per pixel of A, from medians of trunk, thigh and shank at the same moments of the movement,
/// when both look equally short. `None` if they have no segment in common.
pub(super) fn scale(a: &[Option<Pose>], b: &[Pose]) -> Option<f64> {
    let mut lengths: [[Vec<f64>; 2]; 3] = Default::default();
    for (a, b) in a.iter().zip(b).filter_map(|(a, b)| Some((a.as_ref()?, b))) {
        let both = segment_lengths(a).into_iter().zip(segment_lengths(b));
        for (lists, (a, b)) in lengths.iter_mut().zip(both).filter(|(_, (a, b))| !a.is_nan() && !b.is_nan()) {
            lists[0].push(a);
            lists[1].push(b);
        }
    }
    sum_of_quantiles(lengths.into_iter(), 0.5).map(|[of_a, of_b]| of_b / of_a)
}

/// Returns the sums of quantiles over the segments that both have.
fn sum_of_quantiles(segments: impl Iterator<Item = [Vec<f64>; 2]>, share: f64) -> Option<[f64; 2]> {
    let mut sizes = [0.0; 2];
    for [mut a, mut b] in segments {
        if let (Some(of_a), Some(of_b)) = (quantile(&mut a, share), quantile(&mut b, share)) {
            sizes = [sizes[0] + of_a, sizes[1] + of_b];
        }
    }
    (sizes[0] > 0.0 && sizes[1] > 0.0).then_some(sizes)
}

/// Returns a pose in the size and at the place of another. `None` if they have no landmark of the anchor in common.
pub(super) fn placed(pose: &Pose, onto: &Pose, scale: f64, anchor: Anchor) -> Option<Pose> {
    let common = || anchor.landmarks().iter().filter_map(|&id| Some((position(pose, id)?, position(onto, id)?)));
    let shift = [0, 1].map(|axis| mean(common().map(|(own, other)| other[axis] - scale * own[axis])));
    if shift[0].is_nan() {
        return None;
    }
    Some(pose.map(|point| {
        point.map(|point| ScenePoint {
            x_px: (scale * f64::from(point.x_px) + shift[0]) as f32,
            y_px: (scale * f64::from(point.y_px) + shift[1]) as f32,
            ..point
        })
    }))
}

/// Returns the middle of two landmarks, or the only known one.
pub(super) fn middle(pose: &Pose, left: usize, right: usize) -> Option<[f64; 2]> {
    let (left, right) = (position(pose, left), position(pose, right));
    match (left, right) {
        (Some(left), Some(right)) => Some([f64::midpoint(left[0], right[0]), f64::midpoint(left[1], right[1])]),
        _ => left.or(right),
    }
}

/// Returns the middle of the hips.
pub(super) fn body_center(pose: &Pose) -> Option<[f64; 2]> {
    middle(pose, landmark::LEFT_HIP, landmark::RIGHT_HIP)
}

pub(super) fn position(pose: &Pose, id: usize) -> Option<[f64; 2]> {
    pose[id].map(|point| [f64::from(point.x_px), f64::from(point.y_px)])
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Returns the mean; NaN without values.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let index = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(index, f64::total_cmp).1)
}
