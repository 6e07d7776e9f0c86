//! Local polynomials: weighted least squares over a window, evaluated at one sample. Shared by Savitzky-Golay, LOESS
//! and the Gaussian kernel, which differ in window, degree and weights.

use std::ops::Range;

/// Returns the value at sample `index` of the polynomial of `degree` that fits the samples of `window` best. `weight`
/// receives each sample's time from `index`, seconds. If no more than `degree + 1` samples have weight, the result is
/// the sample's own value.
///
/// Forsythe 1957: polynomials orthogonal over the window, without the ill-conditioned normal equations.
pub(super) fn fit(
    times_s: &[f64],
    values: &[f64],
    index: usize,
    window: Range<usize>,
    degree: u32,
    weight: impl Fn(f64) -> f64,
) -> f64 {
    let (time_s, value) = (times_s[index], values[index]);
    let scale_s = (times_s[window.end - 1] - time_s).max(time_s - times_s[window.start]);
    let mut samples: Vec<Sample> = window
        .map(|i| (i, weight(times_s[i] - time_s)))
        .filter(|&(_, weight)| weight > 0.0)
        .map(|(i, weight)| Sample {
            x: (times_s[i] - time_s) / scale_s,
            y: values[i] - value,
            weight,
            basis: 1.0,
            previous_basis: 0.0,
        })
        .collect();
    if samples.len() <= degree as usize + 1 {
        return value;
    }
    let sum = |samples: &[Sample], term: fn(&Sample) -> f64| samples.iter().map(|s| s.weight * term(s)).sum::<f64>();
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

struct Sample {
    x: f64,
    y: f64,
    weight: f64,
    basis: f64,
    previous_basis: f64,
}
