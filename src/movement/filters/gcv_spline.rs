//! Cubic smoothing spline whose smoothness is chosen by generalized cross-validation.
//!
//! Minimizes sum (y - g)^2 + smoothing * integral g''^2 over natural cubic splines g in O(n) (Reinsch 1967, in the
//! form of Green and Silverman 1994), with the trace of the smoother from the bands of the inverse (Hutchinson and de
//! Hoog 1985). The criterion is that of Craven and Wahba 1979. It assumes noise that is independent from frame to
//! frame; a network's noise is not quite independent, so the spline tends to smooth too little.

use super::super::window::mean_interval_s;
use super::banded::Pentadiagonal;
use std::f64::consts::TAU;

/// The smallest number of samples for cross-validation; with fewer, values stay unchanged.
const MIN_SAMPLES_FOR_CHOICE: usize = 5;
/// The lowest frequency, Hz, that cross-validation may halve: slower than any measured movement.
const LOWEST_CUTOFF_HZ: f64 = 0.1;
/// The number of points over its range at which cross-validation is tried; the best one is then refined.
const CHOICES: u32 = 24;
/// The number of steps of the refinement; each narrows the range to 0.62 of it.
const REFINEMENTS: u32 = 12;

/// Smooths a section of at least two samples. `smoothing` in s^3; None: by cross-validation.
pub(super) fn smooth(times_s: &[f64], values: &[f64], smoothing: Option<f64>) -> Vec<f64> {
    if values.len() < 3 || smoothing.is_none() && values.len() < MIN_SAMPLES_FOR_CHOICE {
        return values.to_vec();
    }
    let problem = Problem::new(times_s, values);
    let weight = match smoothing {
        Some(smoothing) => smoothing / problem.interval_s.powi(3),
        None => problem.best_weight(),
    };
    let removed = problem.removed(weight);
    values.iter().zip(removed).map(|(value, removed)| value - removed).collect()
}

/// The terms that do not depend on the smoothness. Times are in mean intervals, so that all numbers are near 1 at any
/// rate.
struct Problem {
    interval_s: f64,
    /// The rows of Q^T: second divided differences.
    rows: Vec<[f64; 3]>,
    /// Q^T y.
    second_differences: Vec<f64>,
    /// R: integrals of the products of second derivatives' hat functions.
    hats: Pentadiagonal,
    /// Q^T Q.
    differences: Pentadiagonal,
}

impl Problem {
    fn new(times_s: &[f64], values: &[f64]) -> Self {
        let interval_s = mean_interval_s(times_s);
        let steps: Vec<f64> = times_s.windows(2).map(|pair| (pair[1] - pair[0]) / interval_s).collect();
        let inner = values.len() - 2;
        let rows: Vec<[f64; 3]> =
            steps.windows(2).map(|s| [1.0 / s[0], -1.0 / s[0] - 1.0 / s[1], 1.0 / s[1]]).collect();
        let second_differences =
            steps.windows(2).zip(values.windows(3)).map(|(s, v)| (v[2] - v[1]) / s[1] - (v[1] - v[0]) / s[0]).collect();
        let mut hats = Pentadiagonal::zero(inner);
        let mut differences = Pentadiagonal::zero(inner);
        for i in 0..inner {
            hats.diagonal[i] = (steps[i] + steps[i + 1]) / 3.0;
            differences.diagonal[i] = rows[i].iter().map(|entry| entry * entry).sum();
            if i + 1 < inner {
                hats.first[i] = steps[i + 1] / 6.0;
                differences.first[i] = rows[i][1] * rows[i + 1][0] + rows[i][2] * rows[i + 1][1];
            }
            if i + 2 < inner {
                differences.second[i] = rows[i][2] * rows[i + 2][0];
            }
        }
        Self { interval_s, rows, second_differences, hats, differences }
    }

    /// Returns R + weight Q^T Q.
    fn system(&self, weight: f64) -> Pentadiagonal {
        let sum = |hats: &[f64], differences: &[f64]| -> Vec<f64> {
            hats.iter().zip(differences).map(|(hat, difference)| hat + weight * difference).collect()
        };
        Pentadiagonal {
            diagonal: sum(&self.hats.diagonal, &self.differences.diagonal),
            first: sum(&self.hats.first, &self.differences.first),
            second: sum(&self.hats.second, &self.differences.second),
        }
    }

    /// Returns y - g = weight Q gamma; gamma are the second derivatives of the spline.
    fn removed(&self, weight: f64) -> Vec<f64> {
        self.removed_by(weight, &self.system(weight).factor().solve(self.second_differences.clone()))
    }

    fn removed_by(&self, weight: f64, second_derivatives: &[f64]) -> Vec<f64> {
        let mut removed = vec![0.0; self.rows.len() + 2];
        for (start, (row, second_derivative)) in self.rows.iter().zip(second_derivatives).enumerate() {
            for (offset, entry) in row.iter().enumerate() {
                removed[start + offset] += weight * entry * second_derivative;
            }
        }
        removed
    }

    /// Returns the criterion: (|y - g|^2 / n) / (trace(I - A) / n)^2; A is the smoother.
    fn cross_validation(&self, weight: f64) -> f64 {
        let factor = self.system(weight).factor();
        let removed = self.removed_by(weight, &factor.solve(self.second_differences.clone()));
        let inverse = factor.inverse_bands();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let trace = weight
            * (product(&inverse.diagonal, &self.differences.diagonal)
                + 2.0 * product(&inverse.first, &self.differences.first)
                + 2.0 * product(&inverse.second, &self.differences.second));
        let count = removed.len() as f64;
        removed.iter().map(|r| r * r).sum::<f64>() * count / (trace * trace)
    }

    /// Returns the weight with the smallest criterion, between the weight of the lowest cut-off and that of the frame
    /// rate.
    fn best_weight(&self) -> f64 {
        let weight = |log: f64| log.exp();
        let log_of_cutoff = |cutoff_hz: f64| -4.0 * (TAU * cutoff_hz * self.interval_s).ln();
        let lowest = log_of_cutoff(1.0 / self.interval_s);
        let step = (log_of_cutoff(LOWEST_CUTOFF_HZ) - lowest).max(0.0) / f64::from(CHOICES);
        let mut best = (f64::INFINITY, lowest);
        for choice in 0..=CHOICES {
            let log = lowest + step * f64::from(choice);
            let criterion = self.cross_validation(weight(log));
            if criterion < best.0 {
                best = (criterion, log);
            }
        }
        let golden = (5f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (best.1 - step, best.1 + step);
        for _ in 0..REFINEMENTS {
            let width = golden * (high - low);
            if self.cross_validation(weight(high - width)) <= self.cross_validation(weight(low + width)) {
                high = low + width;
            } else {
                low = high - width;
            }
        }
        weight(f64::midpoint(low, high))
    }
}
