//! How far the joints of two attempts are apart.

use super::track::{GhostTrack, wrapped};

/// A joint of A less that of B.
#[derive(Debug, Clone, PartialEq)]
pub struct JointDifference {
    /// As in `knee`.
    pub joint: String,
    /// Side of B.
    pub side: String,
    /// One for each of B's frames, -180 to 180; NaN where there is none.
    pub values_deg: Vec<f64>,
    /// Mean; NaN of none.
    pub mean_deg: f64,
    /// Mean without sign; NaN of none.
    pub mean_absolute_deg: f64,
    /// Where it is largest without sign; of equal ones the first.
    pub largest: Option<LargestDifference>,
}

/// Where a joint differs most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargestDifference {
    /// With its sign.
    pub difference_deg: f64,
    /// B's frame, counted in its track.
    pub index: usize,
    /// B's time.
    pub time_s: f64,
}

/// The differences of all joints that both have, in B's order. `times_a` are the moments of A for B's frames.
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
    // 0 / 0 is NaN, which is meant.
    JointDifference { joint, side, values_deg, mean_deg: sum / count, mean_absolute_deg: absolute_sum / count, largest }
}
