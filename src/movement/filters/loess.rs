//! LOESS: straight lines with tricube weights (Cleveland 1979). At the ends the window keeps its width and becomes
//! one-sided.

use super::super::window::Windows;
use super::local_polynomial;

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], window_s: f64) -> Vec<f64> {
    let windows = Windows::new(times_s, window_s);
    let last = times_s.len() - 1;
    (0..values.len())
        .map(|index| {
            let center_s = times_s[index];
            let to_end_s = (center_s - times_s[0]).min(times_s[last] - center_s);
            let reach_s = (window_s / 2.0).max(window_s - to_end_s);
            let tricube = |offset_s: f64| (1.0 - (offset_s.abs() / reach_s).powi(3)).max(0.0).powi(3);
            local_polynomial::fit(times_s, values, index, windows.within(index), 1, tricube)
        })
        .collect()
}
