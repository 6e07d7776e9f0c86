//! Estimates how much a channel jitters, and how much of the jitter a filter leaves: the basis of the uncertainty of
//! every number.

use super::filters::Filter;
use super::outliers::{SIGMAS_PER_MAD, median};
use super::window::Windows;
use std::f64::consts::PI;

/// The smallest number of differences from which their spread can be estimated.
const MIN_DIFFERENCES: usize = 8;

/// Returns the standard deviation of the noise from frame to frame, in the channel's unit, from raw values at
/// strictly increasing times. None if fewer than eight stretches of four values without a gap exist.
///
/// Third differences (divided ones at uneven times) remove any movement that is a parabola over four frames. The
/// remaining white noise of standard deviation s has the standard deviation s once scaled to unit weight. Its spread
/// is measured by the median absolute value, so that single jumps and short fast movements do not count (Gasser,
/// Sroka, Jennen-Steinmetz 1986, with a robust spread). Only the part of the noise that is independent from frame to
/// frame is measured: a network's slow drift is not. In clips of few frames a second a movement is no longer a
/// parabola and counts as noise; the estimate is then too high.
#[must_use]
pub(crate) fn jitter(times_s: &[f64], values: &[f64]) -> Option<f64> {
    let mut differences: Vec<f64> = times_s
        .windows(4)
        .zip(values.windows(4))
        .filter(|(_, values)| values.iter().all(|value| value.is_finite()))
        .map(|(times_s, values)| third_difference(times_s, values).abs())
        .collect();
    (differences.len() >= MIN_DIFFERENCES).then(|| SIGMAS_PER_MAD * median(&mut differences))
}

/// Returns the divided difference of four samples, scaled so that white noise keeps its standard deviation.
fn third_difference(times_s: &[f64], values: &[f64]) -> f64 {
    // Only the ratio of the weights matters, so times may be in any unit.
    let unit_s = times_s[3] - times_s[0];
    let (mut sum, mut weights) = (0.0, 0.0);
    for i in 0..4 {
        let product: f64 = (0..4).filter(|&j| j != i).map(|j| (times_s[i] - times_s[j]) / unit_s).product();
        sum += (values[i] - values[0]) / product;
        weights += (1.0 / product).powi(2);
    }
    sum / weights.sqrt()
}

/// Half the length of the section in which an impulse is smoothed, seconds.
const HALF_SECTION_S: f64 = 10.0;
/// The height of the impulse. The filters that are tried are linear, so another height would change no more than the
/// last digits.
const IMPULSE: f64 = 1e-6;

impl Filter {
    /// Returns the factor by which the filter reduces the standard deviation of white noise in the middle of a long
    /// section of `rate_hz`: the root of the summed squares of its impulse response.
    ///
    /// For the median it is the value for normal noise to within 2 %, because the median has no impulse response
    /// (variance pi / (2 (k - 1) + pi) for k samples, which has the right limits for k = 1 and large k). None for a
    /// spline whose smoothness is found from the values, and for a rate that is not above 0.
    #[must_use]
    pub(crate) fn noise_gain(&self, rate_hz: f64) -> Option<f64> {
        if !(rate_hz > 0.0 && rate_hz.is_finite()) || matches!(self, Self::GcvSpline { smoothing: None }) {
            return None;
        }
        let half = ((HALF_SECTION_S * rate_hz).ceil() as usize).clamp(100, 10_000);
        let times_s: Vec<f64> = (0..=2 * half).map(|index| index as f64 / rate_hz).collect();
        if let Self::Median { window_s } = *self {
            let samples = Windows::new(&times_s, window_s).centered(half).len() as f64;
            return Some((PI / (2.0 * (samples - 1.0) + PI)).sqrt());
        }
        let mut impulse = vec![0.0; times_s.len()];
        impulse[half] = IMPULSE;
        let response = self.apply(&times_s, &impulse);
        Some(response.iter().map(|value| (value / IMPULSE).powi(2)).sum::<f64>().sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Normal noise of standard deviation 1 from a fixed sequence (xorshift, Box and Muller).
    fn normal_noise(count: usize) -> Vec<f64> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        (0..count).map(|_| (-2.0 * uniform().ln()).sqrt() * (2.0 * PI * uniform()).cos()).collect()
    }

    fn uneven_times(count: usize, rate_hz: f64) -> Vec<f64> {
        (0..count).map(|i| (i as f64 + 0.3 * (1.3 * i as f64).sin()) / rate_hz).collect()
    }

    fn even_times(count: usize, rate_hz: f64) -> Vec<f64> {
        (0..count).map(|i| i as f64 / rate_hz).collect()
    }

    fn deviation(values: &[f64]) -> f64 {
        (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt()
    }

    #[test]
    fn jitter_is_the_standard_deviation_of_the_noise_whatever_the_movement() {
        let noise = normal_noise(4000);
        for times_s in [even_times(4000, 30.0), uneven_times(4000, 30.0)] {
            let values: Vec<f64> = times_s
                .iter()
                .zip(&noise)
                .map(|(t, n)| 3.0 * n + 100.0 * (6.0 * t).sin() + if t % 5.0 < 0.04 { 200.0 } else { 0.0 })
                .collect();
            let jitter = jitter(&times_s, &values).unwrap();
            assert!((jitter - 3.0).abs() < 0.2, "{jitter}");
        }
    }

    /// Even times: (y3 - 3 y2 + 3 y1 - y0) / sqrt 20.
    #[test]
    fn third_difference_by_hand() {
        let difference = third_difference(&[0.0, 0.1, 0.2, 0.3], &[1.0, 2.0, 4.0, 9.0]);
        assert!((difference - (9.0 - 12.0 + 6.0 - 1.0) / 20f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn stretches_with_gaps_do_not_count() {
        let times_s = even_times(12, 30.0);
        let mut values = vec![1.0; 12];
        assert_eq!(jitter(&times_s, &values), Some(0.0));
        values[11] = f64::NAN;
        assert_eq!(jitter(&times_s, &values), Some(0.0));
        values[10] = f64::NAN;
        assert_eq!(jitter(&times_s, &values), None);
        assert_eq!(jitter(&[], &[]), None);
    }

    #[test]
    fn noise_gain_is_what_a_filter_leaves_of_noise() {
        let noise = normal_noise(20_000);
        for name in Filter::names().into_iter().filter(|&name| name != "gcv_spline") {
            let filter = Filter::with_defaults(name).unwrap();
            for rate_hz in [5.0, 30.0, 60.0] {
                let left = deviation(&filter.apply(&even_times(noise.len(), rate_hz), &noise)) / deviation(&noise);
                let gain = filter.noise_gain(rate_hz).unwrap();
                assert!((gain / left - 1.0).abs() < 0.03, "{name} at {rate_hz} Hz: {gain}, really {left}");
            }
        }
    }

    #[test]
    fn where_no_gain_can_be_given() {
        assert_eq!(Filter::GcvSpline { smoothing: None }.noise_gain(30.0), None);
        assert!(Filter::GcvSpline { smoothing: Some(1e-5) }.noise_gain(30.0).is_some_and(|gain| gain < 0.8));
        assert_eq!(Filter::None.noise_gain(0.0), None);
        assert_eq!(Filter::None.noise_gain(f64::NAN), None);
        assert_eq!(Filter::None.noise_gain(30.0), Some(1.0));
    }

    proptest! {
        #[test]
        fn a_parabola_has_no_jitter(a in -100f64..100.0, b in -100f64..100.0, c in -1000f64..1000.0) {
            let times_s = uneven_times(60, 30.0);
            let values: Vec<f64> = times_s.iter().map(|t| a * t * t + b * t + c).collect();
            prop_assert!(jitter(&times_s, &values).unwrap() < 1e-9);
        }

        #[test]
        fn jitter_has_the_unit_of_the_values(factor in 0.01f64..100.0) {
            let (times_s, values) = (uneven_times(100, 30.0), normal_noise(100));
            let scaled: Vec<f64> = values.iter().map(|v| v * factor).collect();
            let ratio = jitter(&times_s, &scaled).unwrap() / jitter(&times_s, &values).unwrap();
            prop_assert!((ratio / factor - 1.0).abs() < 1e-9);
        }
    }
}
