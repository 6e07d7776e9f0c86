//! Savitzky-Golay: a polynomial fitted to the window around each sample, with equal weights. On even times it equals
//! `SciPy`'s `savgol_filter` (`mode="interp"`).

use super::super::window::Windows;
use super::local_polynomial;

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], window_s: f64, degree: u32) -> Vec<f64> {
    let windows = Windows::new(times_s, window_s);
    (0..values.len())
        .map(|index| local_polynomial::fit(times_s, values, index, windows.within(index), degree, |_| 1.0))
        .collect()
}
