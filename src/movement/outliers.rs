//! Detects samples that jump out of a channel and back: the Hampel identifier over time windows, with a rule that
//! protects true peaks.
//!
//! Hampel 1974: a sample is suspicious if it is further from the median of its surroundings than a number of robust
//! standard deviations. The slope of the surroundings is removed first (Theil 1950, Sen 1968: the median of the
//! slopes of all pairs): otherwise a fast limb hides jumps of many times its noise. By itself this rule cuts the top
//! off short true movements (a kick at 30 Hz rises and falls within a handful of frames). Errors of the network jump
//! there and back within a frame, while a body passes through the positions between. So a run of suspicious samples
//! counts only if it starts and ends with a jump of nearly its whole height.
//!
//! A movement that rises and falls within about four frame intervals (0.13 s at 30 Hz) cannot be told from a jump.

use super::window::Windows;
use std::ops::Range;

/// The standard deviation of normal noise, in median absolute deviations.
pub(super) const SIGMAS_PER_MAD: f64 = 1.4826;

/// The share of a run's largest deviation that its first and last step must have for the run to be a jump. A half
/// sine over three frames (0.71, 1, 0.71) stays a movement; a single wrong frame has steps of nearly 1.
const JUMP_SHARE: f64 = 0.8;

/// The smallest number of samples in a window: fewer have no majority.
const MIN_SAMPLES: usize = 5;

/// The settings of the Hampel identifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hampel {
    /// The width of the window, seconds.
    pub(crate) window_s: f64,
    /// The deviation from which a sample is suspicious, in robust standard deviations.
    pub(crate) threshold_sigmas: f64,
    /// The largest deviation that is never suspicious, in the channel's unit: without movement the robust deviation
    /// is 0 and rounding would stand out.
    pub(crate) min_deviation: f64,
}

/// A sample that is not part of the movement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outlier {
    /// The index of the sample.
    pub(crate) index: usize,
    /// The median of its surroundings, on their slope.
    pub(crate) replacement: f64,
}

impl Hampel {
    /// Returns the outliers of a channel at strictly increasing times, in order. Missing values (NaN) are neither
    /// outliers nor surroundings. At the ends a run is judged by its one side.
    #[must_use]
    pub(crate) fn outliers(&self, times_s: &[f64], values: &[f64]) -> Vec<Outlier> {
        let known: Vec<usize> = (0..values.len()).filter(|&index| !values[index].is_nan()).collect();
        if known.len() < MIN_SAMPLES {
            return Vec::new();
        }
        let known_times_s: Vec<f64> = known.iter().map(|&index| times_s[index]).collect();
        let known_values: Vec<f64> = known.iter().map(|&index| values[index]).collect();
        let surroundings = self.surroundings(&known_times_s, &known_values);
        // The deviation of a handful of samples is often too small by chance; the median over all windows is not.
        let usual_sigma = median(&mut surroundings.iter().map(|s| s.sigma).collect::<Vec<f64>>());
        let suspicious: Vec<usize> = (0..known.len())
            .filter(|&index| {
                let deviation = (known_values[index] - surroundings[index].expected).abs();
                let sigma = surroundings[index].sigma.max(usual_sigma);
                deviation > self.threshold_sigmas * sigma && deviation > self.min_deviation
            })
            .collect();
        suspicious
            .chunk_by(|&a, &b| b == a + 1)
            .map(|run| run[0]..run[run.len() - 1] + 1)
            .filter(|run| is_jump(run, &known_times_s, &known_values, &surroundings))
            .flatten()
            .map(|index| Outlier { index: known[index], replacement: surroundings[index].expected })
            .collect()
    }

    fn surroundings(&self, times_s: &[f64], values: &[f64]) -> Vec<Surroundings> {
        let windows = Windows::new(times_s, self.window_s);
        // Buffers are shared by all windows: an hour of video has millions of windows.
        let (mut slopes, mut level) = (Vec::new(), Vec::new());
        (0..values.len())
            .map(|index| {
                let window = widen(windows.centered(index), index, times_s);
                let slope = median_slope(&times_s[window.clone()], &values[window.clone()], &mut slopes);
                level.clear();
                level.extend(window.map(|i| values[i] - slope * (times_s[i] - times_s[index])));
                let expected = median(&mut level);
                for value in &mut level {
                    *value = (*value - expected).abs();
                }
                Surroundings { expected, slope, sigma: SIGMAS_PER_MAD * median(&mut level) }
            })
            .collect()
    }
}

/// The statistics of the samples around a sample.
struct Surroundings {
    expected: f64,
    /// The slope, unit of the channel per second.
    slope: f64,
    /// The robust standard deviation.
    sigma: f64,
}

/// Returns the median of the slopes of all pairs; `slopes` is a buffer for them.
fn median_slope(times_s: &[f64], values: &[f64], slopes: &mut Vec<f64>) -> f64 {
    slopes.clear();
    for later in 1..values.len() {
        for earlier in 0..later {
            slopes.push((values[later] - values[earlier]) / (times_s[later] - times_s[earlier]));
        }
    }
    median(slopes)
}

/// Adds the nearest samples until there are enough.
fn widen(mut window: Range<usize>, index: usize, times_s: &[f64]) -> Range<usize> {
    while window.len() < MIN_SAMPLES {
        let before_s = window.start.checked_sub(1).map(|before| times_s[index] - times_s[before]);
        let after_s = times_s.get(window.end).map(|after_s| after_s - times_s[index]);
        match (before_s, after_s) {
            (Some(before_s), Some(after_s)) if after_s < before_s => window.end += 1,
            (Some(_), _) => window.start -= 1,
            (None, Some(_)) => window.end += 1,
            (None, None) => break,
        }
    }
    window
}

/// Returns whether a run starts and ends with steps, relative to the slope, of nearly its largest deviation.
fn is_jump(run: &Range<usize>, times_s: &[f64], values: &[f64], surroundings: &[Surroundings]) -> bool {
    let height = run.clone().map(|index| (values[index] - surroundings[index].expected).abs()).fold(0.0, f64::max);
    let is_large = |inside: usize, outside: usize| {
        let drift = surroundings[inside].slope * (times_s[inside] - times_s[outside]);
        (values[inside] - values[outside] - drift).abs() >= JUMP_SHARE * height
    };
    (run.start == 0 || is_large(run.start, run.start - 1))
        && (run.end == values.len() || is_large(run.end - 1, run.end))
}

/// Returns the median; sorts the values. NaN for no values.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match (values.get(values.len() / 2), values.len() % 2) {
        (None, _) => f64::NAN,
        (Some(&upper), 1) => upper,
        (Some(&upper), _) => f64::midpoint(values[values.len() / 2 - 1], upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::PI;

    fn even_times(count: usize, rate_hz: f64) -> Vec<f64> {
        (0..count).map(|i| i as f64 / rate_hz).collect()
    }

    /// Deterministic noise of a standard deviation of about 1 px.
    fn noise(index: usize) -> f64 {
        ((index * 7919 % 101) as f64 / 101.0 - 0.5) * 3.4
    }

    fn indices(outliers: &[Outlier]) -> Vec<usize> {
        outliers.iter().map(|outlier| outlier.index).collect()
    }

    /// A window of 0.23 s (7 frames at 30 Hz) and 4 robust standard deviations, as the settings have them.
    fn usual(min_deviation: f64) -> Hampel {
        Hampel { window_s: 0.23, threshold_sigmas: 4.0, min_deviation }
    }

    /// A foot that rises by 400 px and comes down again within `duration_s`, before and after it at rest.
    fn kick(times_s: &[f64], start_s: f64, duration_s: f64) -> Vec<f64> {
        let phase = |t: f64| ((t - start_s) / duration_s).clamp(0.0, 1.0);
        times_s.iter().enumerate().map(|(i, &t)| 200.0 * (1.0 - (2.0 * PI * phase(t)).cos()) + noise(i)).collect()
    }

    #[test]
    fn one_and_two_frames_that_jump_are_found() {
        let times_s = even_times(60, 30.0);
        for jumping in [vec![20], vec![20, 21], vec![0], vec![59], vec![5, 30, 31]] {
            let mut values: Vec<f64> =
                times_s.iter().enumerate().map(|(i, t)| 100.0 * (3.0 * t).sin() + noise(i)).collect();
            for &index in &jumping {
                values[index] += 150.0;
            }
            let outliers = usual(1.0).outliers(&times_s, &values);
            assert_eq!(indices(&outliers), jumping);
            for outlier in outliers {
                let truth = 100.0 * (3.0 * times_s[outlier.index]).sin();
                assert!((outlier.replacement - truth).abs() < 30.0, "{outlier:?} for {truth}");
            }
        }
    }

    /// With Hampel's rule alone, as in `Sports2D` (2 sigmas), the peaks of the fastest kicks are flattened.
    #[test]
    fn the_peak_of_a_kick_stays() {
        for rate_hz in [25.0, 30.0, 60.0, 120.0] {
            let times_s = even_times((2.0 * rate_hz) as usize, rate_hz);
            for duration_s in [0.2, 0.25, 0.3, 0.5] {
                for start_s in [0.5, 0.507, 0.514, 0.521] {
                    let values = kick(&times_s, start_s, duration_s);
                    let outliers = usual(1.0).outliers(&times_s, &values);
                    let largest = outliers.iter().map(|o| (values[o.index] - o.replacement).abs()).fold(0.0, f64::max);
                    assert!(largest < 10.0, "{rate_hz} Hz, {duration_s} s: {outliers:?}");
                }
            }
        }
    }

    #[test]
    fn rounding_where_nothing_moves_is_no_outlier() {
        let times_s = even_times(30, 30.0);
        let mut values = vec![512.0; 30];
        values[10] += 0.004;
        assert!(usual(0.01).outliers(&times_s, &values).is_empty());
        values[10] += 5.0;
        assert_eq!(usual(0.01).outliers(&times_s, &values), [Outlier { index: 10, replacement: 512.0 }]);
    }

    #[test]
    fn missing_values_are_passed_over() {
        let times_s = even_times(30, 30.0);
        let mut values: Vec<f64> = (0..30).map(|i| 3.0 * f64::from(i)).collect();
        values[9] = f64::NAN;
        values[11] = f64::NAN;
        values[10] = 300.0;
        assert_eq!(indices(&usual(1.0).outliers(&times_s, &values)), [10]);
        assert!(usual(1.0).outliers(&times_s, &[f64::NAN; 30]).is_empty());
        assert!(usual(1.0).outliers(&[], &[]).is_empty());
    }

    #[test]
    fn a_slow_clip_has_windows_of_five_samples() {
        let times_s = even_times(40, 5.0);
        let mut values: Vec<f64> = (0..40).map(noise).collect();
        values[17] = 80.0;
        assert_eq!(indices(&usual(1.0).outliers(&times_s, &values)), [17]);
    }

    proptest! {
        #[test]
        fn ramps_and_steps_have_none(speed in -2000f64..2000.0, step in -500f64..500.0, at in 4usize..36, seed in 0usize..50) {
            let times_s: Vec<f64> = (0..40).map(|i| (f64::from(i) + 0.3 * f64::from(i + seed as i32).sin()) / 30.0).collect();
            let ramp: Vec<f64> = times_s.iter().map(|t| speed * t).collect();
            prop_assert!(usual(1.0).outliers(&times_s, &ramp).is_empty());
            let jump: Vec<f64> = (0..40).map(|i| if i < at { 0.0 } else { step }).collect();
            prop_assert!(usual(1.0).outliers(&times_s, &jump).is_empty());
        }
    }
}
