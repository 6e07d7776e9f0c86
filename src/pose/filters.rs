//! Causal filters of one value over time: exponential smoothing and the one-euro filter.
//!
//! One-euro: Casiez, Roussel, Vogel, "1 euro filter", CHI 2012, in MediaPipe's form
//! (`util/filtering/one_euro_filter.cc`): the derivative is taken from the previous *raw* value, and measured in units
//! of the object's size.

/// Intervals up to this length are used unchanged, seconds: all usual video from 20 Hz on.
pub const LONGEST_TRUE_INTERVAL_S: f64 = 1.0 / 20.0;
/// The length used for longer intervals, seconds: the 30 Hz that MediaPipe's parameters are tuned for. The filter
/// assumes that noise shrinks with the interval, but a network's noise is the same in every frame. With the true
/// interval, the 200 ms of a 5 Hz clip let all of the noise through. Against Google's published landmarks of such a
/// clip the 99th percentile was 26 px; now it is 12 px.
pub const NOMINAL_INTERVAL_S: f64 = 1.0 / 30.0;

/// Exponential smoothing: the first value passes unchanged, then `weight * new + (1 - weight) * last`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LowPass {
    last: Option<f32>,
}

impl LowPass {
    /// Adds a value and returns the smoothed one. `weight` is the weight of the new value, 0..=1.
    pub fn apply(&mut self, value: f32, weight: f32) -> f32 {
        let smoothed = self.last.map_or(value, |last| weight * value + (1.0 - weight) * last);
        self.last = Some(smoothed);
        smoothed
    }
}

/// Parameters of a one-euro filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneEuroParameters {
    /// Cut-off at rest, Hz.
    pub min_cutoff_hz: f64,
    /// Growth of the cut-off with speed, Hz per (object size / s).
    pub beta: f64,
    /// Cut-off of the speed's own smoothing, Hz.
    pub derivative_cutoff_hz: f64,
}

/// A one-euro filter of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneEuro {
    parameters: OneEuroParameters,
    last: Option<Sample>,
    value: LowPass,
    derivative: LowPass,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    time_s: f64,
    raw: f64,
}

impl OneEuro {
    /// Creates a filter without any value.
    #[must_use]
    pub fn new(parameters: OneEuroParameters) -> Self {
        Self { parameters, last: None, value: LowPass::default(), derivative: LowPass::default() }
    }

    /// Adds the value at `time_s` and returns the smoothed one. `per_object_size` is 1 / the object's size in the
    /// value's unit. If `time_s` is not after the last time, the value is returned unchanged and the filter keeps its
    /// state.
    pub fn apply(&mut self, time_s: f64, raw: f64, per_object_size: f64) -> f32 {
        let Some(last) = self.last else {
            self.last = Some(Sample { time_s, raw });
            self.derivative.apply(0.0, 1.0);
            return self.value.apply(raw as f32, 1.0);
        };
        if time_s <= last.time_s {
            return raw as f32;
        }
        let interval_s = time_s - last.time_s;
        let frequency_hz = 1.0 / if interval_s > LONGEST_TRUE_INTERVAL_S { NOMINAL_INTERVAL_S } else { interval_s };
        self.last = Some(Sample { time_s, raw });
        let speed = (raw - last.raw) * per_object_size * frequency_hz;
        let speed = self.derivative.apply(speed as f32, weight(frequency_hz, self.parameters.derivative_cutoff_hz));
        let cutoff_hz = self.parameters.min_cutoff_hz + self.parameters.beta * f64::from(speed.abs());
        self.value.apply(raw as f32, weight(frequency_hz, cutoff_hz))
    }
}

/// The weight of a new sample for a first-order low-pass of `cutoff_hz`, sampled at `frequency_hz`.
fn weight(frequency_hz: f64, cutoff_hz: f64) -> f32 {
    (1.0 / (1.0 + frequency_hz / (2.0 * std::f64::consts::PI * cutoff_hz))) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::PI;

    const PARAMETERS: OneEuroParameters =
        OneEuroParameters { min_cutoff_hz: 1.0, beta: 0.5, derivative_cutoff_hz: 1.0 };

    #[test]
    fn low_pass_by_hand() {
        let mut filter = LowPass::default();
        let smoothed = [10.0, 20.0, 20.0].map(|value| filter.apply(value, 0.1));
        assert_eq!(smoothed, [10.0, 11.0, 11.9]);
    }

    /// Sampled at 20 pi Hz a cut-off of 10 Hz gives the weight 1 / (1 + 1) = 1/2, so the series can be worked out by
    /// hand.
    #[test]
    fn one_euro_by_hand() {
        let parameters = OneEuroParameters { min_cutoff_hz: 10.0, beta: 0.5, derivative_cutoff_hz: 10.0 };
        let period_s = 1.0 / (20.0 * PI);
        let mut filter = OneEuro::new(parameters);
        assert_eq!(filter.apply(0.0, 4.0, 1.0), 4.0);
        // speed = (8 - 4) * 20 pi = 80 pi, smoothed to 40 pi; cut-off = 10 + 20 pi; weight = 1 / (1 + 10 / cut-off).
        let weight = 1.0 / (1.0 + 10.0 / (10.0 + 20.0 * PI));
        let expected = 4.0 + weight * 4.0;
        assert!((f64::from(filter.apply(period_s, 8.0, 1.0)) - expected).abs() < 1e-5);
        // speed 0, smoothed to 20 pi; cut-off = 10 + 10 pi.
        let weight = 1.0 / (1.0 + 10.0 / (10.0 + 10.0 * PI));
        let expected = expected + weight * (8.0 - expected);
        assert!((f64::from(filter.apply(2.0 * period_s, 8.0, 1.0)) - expected).abs() < 1e-5);
    }

    #[test]
    fn the_same_time_again_returns_the_value_and_leaves_no_trace() {
        let mut filter = OneEuro::new(PARAMETERS);
        filter.apply(0.0, 1.0, 1.0);
        let before = filter;
        assert_eq!(filter.apply(0.0, 99.0, 1.0), 99.0);
        assert_eq!(filter, before);
    }

    #[test]
    fn uneven_times_count_as_they_are() {
        let run = |step_s: f64| {
            let mut filter = OneEuro::new(PARAMETERS);
            filter.apply(0.0, 0.0, 1e-9);
            filter.apply(step_s, 1.0, 1e-9)
        };
        // At (nearly) constant cut-off, a longer step lets more of the new value through: 1 / (1 + 1 / (2 pi step)).
        let expected = |step_s: f64| 1.0 / (1.0 + 1.0 / (2.0 * PI * step_s));
        for step_s in [1.0 / 240.0, 1.0 / 60.0, 1.0 / 30.0, 1.0 / 25.0, 1.0 / 24.0] {
            assert!((f64::from(run(step_s)) - expected(step_s)).abs() < 1e-6);
        }
        assert!((f64::from(run(0.2)) - expected(NOMINAL_INTERVAL_S)).abs() < 1e-6, "of a slow clip");
    }

    proptest! {
        #[test]
        fn a_constant_passes_unchanged(value in -1e4f64..1e4, steps in prop::collection::vec(1e-3f64..1.0, 1..30)) {
            let mut filter = OneEuro::new(PARAMETERS);
            let mut time_s = 0.0;
            for step in steps {
                time_s += step;
                prop_assert!((f64::from(filter.apply(time_s, value, 0.01)) - value).abs() <= 1e-6 * value.abs().max(1.0) * 10.0);
            }
        }

        #[test]
        fn output_stays_between_the_extremes_of_the_input(values in prop::collection::vec(-100f64..100.0, 1..50)) {
            let mut filter = OneEuro::new(PARAMETERS);
            let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
            for (index, &value) in values.iter().enumerate() {
                let out = f64::from(filter.apply(index as f64 / 30.0, value, 0.01));
                prop_assert!(out >= low - 1e-3 && out <= high + 1e-3);
            }
        }
    }
}
