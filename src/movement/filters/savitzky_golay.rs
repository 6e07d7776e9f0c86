//! Savitzky-Golay: a polynomial fitted to the window around each sample, with equal weights. On even times it equals
//! `SciPy`'s `savgol_filter` (`mode="interp"`).

use super::super::window::Windows;
use std::ops::Range;

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], window_s: f64, degree: u32) -> Vec<f64> {
    let windows = Windows::new(times_s, window_s);
    (0..values.len()).map(|index| fit(times_s, values, index, windows.within(index), degree)).collect()
}

/// Returns the value at sample `index` of the polynomial of `degree` that fits the samples of `window` best. If the
/// window has no more than `degree + 1` samples, the result is the sample's own value.
///
/// Forsythe 1957: polynomials orthogonal over the window, without the ill-conditioned normal equations.
fn fit(times_s: &[f64], values: &[f64], index: usize, window: Range<usize>, degree: u32) -> f64 {
    let (time_s, value) = (times_s[index], values[index]);
    if window.len() <= degree as usize + 1 {
        return value;
    }
    let scale_s = (times_s[window.end - 1] - time_s).max(time_s - times_s[window.start]);
    let mut samples: Vec<Sample> = window
        .map(|i| Sample { x: (times_s[i] - time_s) / scale_s, y: values[i] - value, basis: 1.0, previous_basis: 0.0 })
        .collect();
    let sum = |samples: &[Sample], term: fn(&Sample) -> f64| samples.iter().map(term).sum::<f64>();
    // The basis at x = 0, the position of the sample.
    let (mut here, mut previous_here, mut previous_norm) = (1.0, 0.0, 1.0);
    let mut correction = 0.0;
    for step in 0..=degree {
        let norm = sum(&samples, |s| s.basis * s.basis);
        correction += here * sum(&samples, |s| s.basis * s.y) / norm;
        let shift = sum(&samples, |s| s.x * s.basis * s.basis) / norm;
        let carry = if step == 0 { 0.0 } else { norm / previous_norm };
        for s in &mut samples {
            (s.basis, s.previous_basis) = ((s.x - shift) * s.basis - carry * s.previous_basis, s.basis);
        }
        (here, previous_here) = (-shift * here - carry * previous_here, here);
        previous_norm = norm;
    }
    value + correction
}

/// A sample of the window, and the orthogonal polynomials of the current and the previous degree there.
struct Sample {
    /// The time from the sample that is smoothed, as a part of the window's longer side.
    x: f64,
    /// The difference from the value of that sample.
    y: f64,
    basis: f64,
    previous_basis: f64,
}
