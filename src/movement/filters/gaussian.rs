//! Gaussian kernel. Lines instead of means are fitted under it (Fan 1992). Between evenly spaced samples both are the
//! same; at the ends and at changes of the rate a mean would be biased during movement.

use super::super::window::Windows;
use super::local_polynomial;

/// The distance at which the kernel is cut off, in standard deviations, as in `SciPy`.
const REACH_SIGMAS: f64 = 4.0;

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], sigma_s: f64) -> Vec<f64> {
    let windows = Windows::new(times_s, 2.0 * REACH_SIGMAS * sigma_s);
    let kernel = |offset_s: f64| (-0.5 * (offset_s / sigma_s).powi(2)).exp();
    (0..values.len())
        .map(|index| local_polynomial::fit(times_s, values, index, windows.centered(index), 1, kernel))
        .collect()
}
