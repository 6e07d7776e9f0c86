//! One-euro filter run forward and then backward, so that it has no lag.
//!
//! Casiez, Roussel, Vogel, "1 euro filter", CHI 2012. Run over the whole section twice, it is no longer the causal
//! filter of that paper: the second pass removes the lag of the first one.

use std::f64::consts::TAU;

/// Smooths a section of at least two samples.
pub(super) fn smooth(
    times_s: &[f64],
    values: &[f64],
    min_cutoff_hz: f64,
    beta: f64,
    derivative_cutoff_hz: f64,
) -> Vec<f64> {
    let intervals_s: Vec<f64> = times_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let pass = |intervals_s: &mut dyn Iterator<Item = &f64>, values: &mut [f64]| {
        let (mut last_raw, mut last, mut speed) = (values[0], values[0], 0.0);
        for (&interval_s, value) in intervals_s.zip(&mut values[1..]) {
            let raw = *value;
            speed += weight(interval_s, derivative_cutoff_hz) * ((raw - last_raw) / interval_s - speed);
            last_raw = raw;
            last += weight(interval_s, min_cutoff_hz + beta * speed.abs()) * (raw - last);
            *value = last;
        }
    };
    let mut smoothed = values.to_vec();
    pass(&mut intervals_s.iter(), &mut smoothed);
    smoothed.reverse();
    pass(&mut intervals_s.iter().rev(), &mut smoothed);
    smoothed.reverse();
    smoothed
}

/// Returns the weight of a new sample in a first-order low-pass.
fn weight(interval_s: f64, cutoff_hz: f64) -> f64 {
    let ratio = TAU * cutoff_hz * interval_s;
    ratio / (1.0 + ratio)
}
