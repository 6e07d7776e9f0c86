//! Shared helpers of the tests: stored landmarks, a low-pass without delay, repeatable noise.

use super::gait::GaitSignals;
use std::collections::HashMap;

/// A table of `tests/data`: comment lines, a line of names, numbers.
pub(super) struct Table {
    columns: HashMap<String, Vec<f64>>,
    pub(crate) leg_length_px: f64,
}

impl Table {
    pub(super) fn parse(text: &str) -> Self {
        let leg = text.split("(hip to ankle): ").nth(1).and_then(|rest| rest.split(' ').next());
        let leg_length_px = leg.map_or(f64::NAN, |leg| leg.parse().unwrap());
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let mut columns: HashMap<String, Vec<f64>> = HashMap::new();
        for line in lines {
            for (name, value) in names.iter().zip(line.split(',')) {
                columns.entry((*name).to_owned()).or_default().push(value.parse().unwrap());
            }
        }
        Self { columns, leg_length_px }
    }

    pub(super) fn column(&self, name: &str) -> Vec<f64> {
        self.columns[name].clone()
    }

    /// Returns the gait signals of the table, low-passed.
    pub(super) fn gait_signals(&self, cutoff_hz: f64) -> GaitSignals {
        let times_s = self.column("time_s");
        let axis = |name: String| low_pass(&times_s, &self.column(&name), cutoff_hz);
        let points = |name: &str| -> Vec<[f64; 2]> {
            axis(format!("{name}_x_px")).into_iter().zip(axis(format!("{name}_y_px"))).map(|(x, y)| [x, y]).collect()
        };
        let pair = |name: &str| ["left", "right"].map(|side| points(&format!("{side}_{name}")));
        GaitSignals {
            sacrum_px: points("sacrum"),
            shoulders_px: points("shoulders"),
            heel_px: pair("heel"),
            toe_px: pair("toe"),
            ankle_px: pair("ankle"),
            raw_toe_px: ["left", "right"].map(|side| {
                let [x, y] = ["x", "y"].map(|axis| self.column(&format!("{side}_toe_{axis}_px")));
                x.into_iter().zip(y).map(|(x, y)| [x, y]).collect()
            }),
            leg_length_px: self.leg_length_px,
            times_s,
        }
    }
}

/// A low-pass without delay for uneven times: lines fitted under Gaussian weights, -3 dB at `cutoff_hz`.
pub(super) fn low_pass(times_s: &[f64], values: &[f64], cutoff_hz: f64) -> Vec<f64> {
    let sigma_s = 2f64.ln().sqrt() / (2.0 * std::f64::consts::PI * cutoff_hz);
    let smoothed = |time_s: f64| {
        let mut sums = [0.0; 5];
        for (&other_s, &value) in
            times_s.iter().zip(values).filter(|(other_s, _)| (*other_s - time_s).abs() < 4.0 * sigma_s)
        {
            let offset = (other_s - time_s) / sigma_s;
            let weight = (-0.5 * offset * offset).exp();
            for (sum, term) in sums.iter_mut().zip([1.0, offset, offset * offset, value, offset * value]) {
                *sum += weight * term;
            }
        }
        let [w, wt, wtt, wv, wtv] = sums;
        let spread = w * wtt - wt * wt;
        if spread.abs() < 1e-12 { wv / w } else { (wtt * wv - wt * wtv) / spread }
    };
    times_s.iter().map(|&time_s| smoothed(time_s)).collect()
}

/// Repeatable noise (a linear congruential generator).
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Evenly from 0 to 1.
    pub(super) fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Nearly normal, of mean 0 and standard deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.even()).sum::<f64>() - 6.0
    }
}
