//! Whittaker-Henderson smoothing: finds values that are near the samples and have small second differences (Eilers
//! 2003).
//!
//! On even times it minimizes sum (y - z)^2 + lambda sum (second difference of z)^2 with lambda = (rate / (2 pi
//! cut-off))^4, which halves a movement at the cut-off. For uneven times both sums become integrals: each sample is
//! weighted by the time that it represents, and second derivatives are divided differences. So the cut-off does not
//! depend on the density of frames.

use super::super::window::mean_interval_s;
use super::banded::Pentadiagonal;
use std::f64::consts::TAU;

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], cutoff_hz: f64) -> Vec<f64> {
    let count = values.len();
    if count < 3 {
        return values.to_vec();
    }
    // Times are in mean intervals, so that all numbers are near 1 at any rate.
    let interval_s = mean_interval_s(times_s);
    let steps: Vec<f64> = times_s.windows(2).map(|pair| (pair[1] - pair[0]) / interval_s).collect();
    let lambda = (TAU * cutoff_hz * interval_s).powi(-4);
    let mut system = Pentadiagonal::zero(count);
    let mut roughness = vec![0.0; count];
    for start in 0..count - 2 {
        let (before, after) = (steps[start], steps[start + 1]);
        let span = f64::midpoint(before, after);
        let row = [1.0 / (before * span), -1.0 / (before * span) - 1.0 / (after * span), 1.0 / (after * span)];
        system.add_outer(start, row, lambda * span);
        let slopes = [values[start + 1] - values[start], values[start + 2] - values[start + 1]];
        let second_derivative = (slopes[1] / after - slopes[0] / before) / span;
        for (offset, factor) in row.into_iter().enumerate() {
            roughness[start + offset] += lambda * span * factor * second_derivative;
        }
    }
    for index in 0..count {
        let before = index.checked_sub(1).map_or(steps[0], |before| steps[before]);
        let after = steps.get(index).copied().unwrap_or(before);
        system.diagonal[index] += f64::midpoint(before, after);
    }
    // The system is solved for the removed part, so that straight lines stay unchanged to the last digits.
    let removed = system.factor().solve(roughness);
    values.iter().zip(removed).map(|(value, removed)| value - removed).collect()
}
