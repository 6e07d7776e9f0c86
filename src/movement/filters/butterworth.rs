//! Butterworth low-pass, run forward and backward so that it has no lag.
//!
//! On even times this is `SciPy`'s `filtfilt(*butter(order / 2, cutoff), x)` with its default padding, computed in
//! second-order sections (Oppenheim and Schafer, "Discrete-Time Signal Processing"). Uneven times are resampled to an
//! even grid with a cubic spline. Unlike PCHIP, it preserves peaks between samples and keeps the filter linear.

use super::super::interpolation::CubicHermite;
use super::super::window::mean_interval_s;
use std::f64::consts::PI;

/// The share of the Nyquist frequency from which a cut-off leaves values unchanged.
///
/// A section of `rate_hz` contains nothing above `rate_hz / 2`, so a low-pass that keeps everything up to there has
/// no effect: that is the limit of the filter as its cut-off rises to the Nyquist frequency. The limit is set a tenth
/// below. There the filter would remove no more than a twentieth of white noise, but its poles come so near to the
/// unit circle that the ends of short sections ring for longer than the padding.
const LARGEST_SHARE_OF_NYQUIST: f64 = 0.9;

/// The largest deviation from an even grid, as a part of an interval, at which times count as even: timestamps
/// rounded to milliseconds at up to 40 Hz.
const EVENNESS: f64 = 0.02;

/// The largest number of grid points per sample, so that one odd pair of timestamps cannot demand any amount of
/// memory.
const MAX_GRID_POINTS_PER_SAMPLE: usize = 8;

/// Returns the cut-off with which a section of `rate_hz` is filtered. None if the rate is too low for the cut-off:
/// values stay unchanged, as with 6 Hz in a clip of 5 Hz.
#[must_use]
pub fn effective_cutoff_hz(cutoff_hz: f64, rate_hz: f64) -> Option<f64> {
    (cutoff_hz < LARGEST_SHARE_OF_NYQUIST * rate_hz / 2.0).then_some(cutoff_hz)
}

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], order: u32, cutoff_hz: f64) -> Vec<f64> {
    if is_even(times_s) {
        return smooth_even(values, order, cutoff_hz, 1.0 / mean_interval_s(times_s));
    }
    let grid_s = even_grid(times_s);
    let curve = CubicHermite::spline(times_s, values);
    let resampled: Vec<f64> = grid_s.iter().map(|&time_s| curve.at(time_s)).collect();
    let smoothed = smooth_even(&resampled, order, cutoff_hz, 1.0 / mean_interval_s(&grid_s));
    // The removed part is smooth and is resampled back to the samples' own times.
    let removed: Vec<f64> = resampled.iter().zip(&smoothed).map(|(before, after)| before - after).collect();
    let removed = CubicHermite::spline(&grid_s, &removed);
    times_s.iter().zip(values).map(|(&time_s, value)| value - removed.at(time_s)).collect()
}

fn smooth_even(values: &[f64], order: u32, cutoff_hz: f64, rate_hz: f64) -> Vec<f64> {
    let Some(cutoff_hz) = effective_cutoff_hz(cutoff_hz, rate_hz) else { return values.to_vec() };
    let order_per_pass = (order / 2).max(1);
    let sections = sections(order_per_pass, cutoff_hz, rate_hz);
    let padding = 3 * (order_per_pass as usize + 1);
    let count = values.len();
    let mut padded: Vec<f64> =
        (0..count + 2 * padding).map(|index| odd_extension(values, index as isize - padding as isize)).collect();
    for _ in 0..2 {
        for section in &sections {
            section.run(&mut padded);
        }
        padded.reverse();
    }
    padded[padding..padding + count].to_vec()
}

/// Returns the value at any index of the section, which is continued by point reflection at its ends, as often as
/// necessary.
fn odd_extension(values: &[f64], index: isize) -> f64 {
    let last = values.len() as isize - 1;
    let (mut index, mut offset, mut sign) = (index, 0.0, 1.0);
    while index < 0 || index > last {
        let end = if index < 0 { 0 } else { last };
        offset += sign * 2.0 * values[end as usize];
        sign = -sign;
        index = 2 * end - index;
    }
    offset + sign * values[index as usize]
}

/// A second-order section with gain 1 at rest: y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''.
struct Section {
    b: [f64; 3],
    a: [f64; 2],
}

impl Section {
    /// Filters in place, as if all values before the first one were equal to it.
    fn run(&self, values: &mut [f64]) {
        let Some(&first) = values.first() else { return };
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        // Direct form II, transposed.
        let mut second = (b2 - a2) * first;
        let mut state = (b1 - a1) * first + second;
        for value in values {
            let input = *value;
            let output = b0 * input + state;
            state = b1 * input - a1 * output + second;
            second = b2 * input - a2 * output;
            *value = output;
        }
    }
}

/// Returns the low-pass of one pass by the bilinear transform: pairs of poles, and for odd orders the real one.
fn sections(order: u32, cutoff_hz: f64, rate_hz: f64) -> Vec<Section> {
    let k = (PI * cutoff_hz / rate_hz).tan();
    let pairs = (0..order / 2).map(|pair| {
        let damping = 2.0 * (PI * f64::from(2 * pair + 1) / f64::from(2 * order)).sin();
        let norm = 1.0 + damping * k + k * k;
        let b = k * k / norm;
        Section { b: [b, 2.0 * b, b], a: [2.0 * (k * k - 1.0) / norm, (1.0 - damping * k + k * k) / norm] }
    });
    let real = (order % 2 == 1).then(|| {
        let b = k / (1.0 + k);
        Section { b: [b, b, 0.0], a: [(k - 1.0) / (1.0 + k), 0.0] }
    });
    pairs.chain(real).collect()
}

fn is_even(times_s: &[f64]) -> bool {
    let interval_s = mean_interval_s(times_s);
    let Some(&first_s) = times_s.first() else { return true };
    times_s
        .iter()
        .enumerate()
        .all(|(index, time_s)| (time_s - (first_s + index as f64 * interval_s)).abs() <= EVENNESS * interval_s)
}

/// Returns an even grid from the first to the last time, as fine as the finer quarter of the intervals.
fn even_grid(times_s: &[f64]) -> Vec<f64> {
    let mut intervals_s: Vec<f64> = times_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals_s.sort_by(f64::total_cmp);
    let wanted_s = intervals_s[intervals_s.len() / 4];
    let (first_s, span_s) = (times_s[0], times_s[times_s.len() - 1] - times_s[0]);
    let steps = (span_s / wanted_s).round() as usize;
    let steps = steps.clamp(times_s.len() - 1, MAX_GRID_POINTS_PER_SAMPLE * times_s.len());
    (0..=steps).map(|step| first_s + span_s * step as f64 / steps as f64).collect()
}
