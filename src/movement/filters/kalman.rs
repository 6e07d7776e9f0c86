//! Kalman filter with a constant-acceleration model and the Rauch-Tung-Striebel smoother (1965).
//!
//! The acceleration is driven by continuous white noise (Bar-Shalom, Li, Kirubarajan 2001, "continuous Wiener process
//! acceleration"), so intervals of any length are correct. Only the ratio of this process noise to the measurement
//! noise matters, so the latter is 1.

use super::super::window::mean_interval_s;

/// The rate for which the trust ratio is defined, Hz.
const NOMINAL_RATE_HZ: f64 = 30.0;
/// The variance of the first state beyond the first sample's noise, in the model's own units: large enough to have no
/// influence (a pull of 1e-7), small enough to lose no significant digits.
const UNKNOWN: f64 = 1e7;

type Vector = [f64; 3];
type Matrix = [[f64; 3]; 3];

/// Position, velocity and acceleration, and their covariance.
#[derive(Clone, Copy)]
struct State {
    mean: Vector,
    covariance: Matrix,
}

/// Smooths a section of at least two samples.
pub(super) fn smooth(times_s: &[f64], values: &[f64], trust_ratio: f64) -> Vec<f64> {
    // Times are in mean intervals, so that position, velocity and acceleration have similar magnitudes at any rate.
    let interval_s = mean_interval_s(times_s);
    let wandering = trust_ratio * trust_ratio * NOMINAL_RATE_HZ * interval_s.powi(5);
    let origin = values[0];
    let mut predicted =
        State { mean: [0.0; 3], covariance: [[UNKNOWN, 0.0, 0.0], [0.0, UNKNOWN, 0.0], [0.0, 0.0, UNKNOWN]] };
    let mut predictions = Vec::with_capacity(values.len());
    let mut filtered = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            let step = (times_s[index] - times_s[index - 1]) / interval_s;
            predicted = predict(&filtered[index - 1], step, wandering);
        }
        predictions.push(predicted);
        filtered.push(update(&predicted, value - origin));
    }
    let mut smoothed = filtered[values.len() - 1].mean;
    let mut positions = vec![smoothed[0]; values.len()];
    for index in (0..values.len() - 1).rev() {
        let step = (times_s[index + 1] - times_s[index]) / interval_s;
        smoothed = smooth_back(&filtered[index], &predictions[index + 1], step, smoothed);
        positions[index] = smoothed[0];
    }
    positions.iter().map(|position| origin + position).collect()
}

fn transition(step: f64) -> Matrix {
    [[1.0, step, step * step / 2.0], [0.0, 1.0, step], [0.0, 0.0, 1.0]]
}

fn predict(state: &State, step: f64, wandering: f64) -> State {
    let f = transition(step);
    let mut covariance = multiply(&multiply(&f, &state.covariance), &transpose(&f));
    let (s1, s2) = (step * wandering, step * step * wandering);
    let (s3, s4, s5) = (s2 * step, s2 * step * step, s2 * step.powi(3));
    let noise = [[s5 / 20.0, s4 / 8.0, s3 / 6.0], [s4 / 8.0, s3 / 3.0, s2 / 2.0], [s3 / 6.0, s2 / 2.0, s1]];
    for (row, noise_row) in covariance.iter_mut().zip(noise) {
        for (entry, noise_entry) in row.iter_mut().zip(noise_row) {
            *entry += noise_entry;
        }
    }
    State { mean: apply(&f, state.mean), covariance }
}

/// Updates the state with a position measured with variance 1. Joseph's form keeps the covariance positive.
fn update(predicted: &State, position: f64) -> State {
    let variance = predicted.covariance[0][0] + 1.0;
    let gain = predicted.covariance.map(|row| row[0] / variance);
    let surprise = position - predicted.mean[0];
    let keep = [[1.0 - gain[0], 0.0, 0.0], [-gain[1], 1.0, 0.0], [-gain[2], 0.0, 1.0]];
    let mut covariance = multiply(&multiply(&keep, &predicted.covariance), &transpose(&keep));
    for i in 0..3 {
        for j in 0..3 {
            covariance[i][j] += gain[i] * gain[j];
        }
    }
    State { mean: std::array::from_fn(|i| predicted.mean[i] + gain[i] * surprise), covariance }
}

/// Returns the smoothed mean of a sample, from that of the next one: m + P F^T P'^-1 (smoothed next - predicted
/// next).
fn smooth_back(filtered: &State, predicted_next: &State, step: f64, smoothed_next: Vector) -> Vector {
    let difference = std::array::from_fn(|i| smoothed_next[i] - predicted_next.mean[i]);
    let solved = solve(&predicted_next.covariance, difference);
    let pulled = apply(&filtered.covariance, apply(&transpose(&transition(step)), solved));
    std::array::from_fn(|i| filtered.mean[i] + pulled[i])
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

fn transpose(a: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| a[j][i]))
}

fn apply(a: &Matrix, v: Vector) -> Vector {
    std::array::from_fn(|i| (0..3).map(|k| a[i][k] * v[k]).sum())
}

/// Returns the solution of A x = b for a symmetric positive definite A, by Cholesky decomposition.
fn solve(a: &Matrix, b: Vector) -> Vector {
    let l00 = a[0][0].sqrt();
    let (l10, l20) = (a[1][0] / l00, a[2][0] / l00);
    let l11 = (a[1][1] - l10 * l10).sqrt();
    let l21 = (a[2][1] - l20 * l10) / l11;
    let l22 = (a[2][2] - l20 * l20 - l21 * l21).sqrt();
    let y0 = b[0] / l00;
    let y1 = (b[1] - l10 * y0) / l11;
    let y2 = (b[2] - l20 * y0 - l21 * y1) / l22;
    let x2 = y2 / l22;
    let x1 = (y1 - l21 * x2) / l11;
    [(y0 - l10 * x1 - l20 * x2) / l00, x1, x2]
}
