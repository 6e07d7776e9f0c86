//! Median of a window with as many samples before as after. A ramp passes unchanged, also at the ends and at uneven
//! times.

use super::super::window::Windows;

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], window_s: f64) -> Vec<f64> {
    let windows = Windows::new(times_s, window_s);
    let mut sorted = Vec::new();
    (0..values.len())
        .map(|index| {
            let window = windows.centered(index);
            let reach = (index - window.start).min(window.end - 1 - index);
            sorted.clear();
            sorted.extend_from_slice(&values[index - reach..=index + reach]);
            sorted.sort_by(f64::total_cmp);
            sorted[reach]
        })
        .collect()
}
