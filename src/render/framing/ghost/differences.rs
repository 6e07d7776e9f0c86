//! Computes the differences between the joints of two attempts.

use super::track::{GhostTrack, wrapped};

/// The angle of a joint of A minus that of B.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JointDifference {
    /// The joint, such as `knee`.
    pub(crate) joint: String,
    /// The side of B.
    pub(crate) side: String,
    /// One difference for each of B's frames, -180 to 180 degrees; NaN if missing.
    pub(crate) values_deg: Vec<f64>,
    /// The mean, degrees; NaN without values.
    pub(crate) mean_deg: f64,
    /// The mean absolute difference, degrees; NaN without values.
    pub(crate) mean_absolute_deg: f64,
    /// The largest absolute difference; the first of equal ones.
    pub(crate) largest: Option<LargestDifference>,
}

/// The largest difference of a joint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LargestDifference {
    /// The signed difference, degrees.
    pub(crate) difference_deg: f64,
    /// The index of B's frame in its track.
    pub(crate) index: usize,
    /// B's time, seconds.
    pub(crate) time_s: f64,
}

/// Returns the differences of all common joints, in B's order. `times_a` are the times of A for B's frames.
pub(super) fn of(a: &GhostTrack, b: &GhostTrack, times_a: &[Option<f64>]) -> Vec<JointDifference> {
    b.angles
        .iter()
        .filter_map(|own| {
            let other = a.angles.iter().find(|curve| curve.joint == own.joint && curve.side == own.side)?;
            let of_frame = |(time_a, own): (&Option<f64>, &f64)| {
                time_a.map_or(f64::NAN, |time_a| wrapped(a.angle_at(other, time_a) - own))
            };
            let values_deg: Vec<f64> = times_a.iter().zip(&own.values_deg).map(of_frame).collect();
            Some(summarized(own.joint.clone(), own.side.clone(), values_deg, &b.times_s))
        })
        .collect()
}

fn summarized(joint: String, side: String, values_deg: Vec<f64>, times_s: &[f64]) -> JointDifference {
    let (mut sum, mut absolute_sum, mut count) = (0.0, 0.0, 0.0);
    let mut largest: Option<LargestDifference> = None;
    for (index, (&value, &time_s)) in values_deg.iter().zip(times_s).enumerate() {
        if value.is_nan() {
            continue;
        }
        sum += value;
        absolute_sum += value.abs();
        count += 1.0;
        if largest.is_none_or(|largest| value.abs() > largest.difference_deg.abs()) {
            largest = Some(LargestDifference { difference_deg: value, index, time_s });
        }
    }
    // 0 / 0 is NaN, as intended.
    JointDifference { joint, side, values_deg, mean_deg: sum / count, mean_absolute_deg: absolute_sum / count, largest }
}
