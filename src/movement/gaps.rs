//! Handles gaps in a channel: short gaps are filled, long gaps stay missing, and nothing is extrapolated beyond the
//! ends.

use super::interpolation::CubicHermite;
use std::ops::Range;

/// The tolerance by which a gap may be longer than a limit, seconds: containers round timestamps, some of them to
/// milliseconds.
const ROUNDING_S: f64 = 1e-3;

/// The longest gaps that are filled. The length of a gap is the time from the last value before it to the first value
/// after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GapLimits {
    /// The longest gap that is filled along the movement on both sides (PCHIP), seconds.
    pub(crate) pchip_max_s: f64,
    /// The longest gap that is filled by a straight line, seconds.
    pub(crate) linear_max_s: f64,
}

/// A channel with its short gaps filled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filled {
    /// The values; NaN in gaps that are too long.
    pub(crate) values: Vec<f64>,
    /// For every sample, whether it was missing and is filled.
    pub(crate) is_filled: Vec<bool>,
}

/// Fills the gaps (runs of NaN) of a channel at strictly increasing times. Missing values at the start and the end
/// stay missing.
#[must_use]
pub(crate) fn fill(times_s: &[f64], values: &[f64], limits: GapLimits) -> Filled {
    let mut filled = Filled { values: values.to_vec(), is_filled: vec![false; values.len()] };
    let known: Vec<usize> = (0..values.len()).filter(|&index| !values[index].is_nan()).collect();
    let longest_s = limits.pchip_max_s.max(limits.linear_max_s) + ROUNDING_S;
    // The values beyond a long gap carry no information about the movement on this side of it.
    for stretch in known.chunk_by(|&a, &b| b == a + 1 || times_s[b] - times_s[a] <= longest_s) {
        let known_times_s: Vec<f64> = stretch.iter().map(|&index| times_s[index]).collect();
        let known_values: Vec<f64> = stretch.iter().map(|&index| values[index]).collect();
        let curve = CubicHermite::pchip(&known_times_s, &known_values);
        for pair in stretch.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let gap_s = times_s[after] - times_s[before];
            for index in before + 1..after {
                filled.values[index] = if gap_s <= limits.pchip_max_s + ROUNDING_S {
                    curve.at(times_s[index])
                } else {
                    let part = (times_s[index] - times_s[before]) / gap_s;
                    values[before] + part * (values[after] - values[before])
                };
                filled.is_filled[index] = true;
            }
        }
    }
    filled
}

/// Returns the runs of samples that are not missing, in order. Filters are applied to each run separately.
#[must_use]
pub(crate) fn sections(values: &[f64]) -> Vec<Range<usize>> {
    let mut sections: Vec<Range<usize>> = Vec::new();
    for index in (0..values.len()).filter(|&index| !values[index].is_nan()) {
        match sections.last_mut() {
            Some(section) if section.end == index => section.end += 1,
            _ => sections.push(index..index + 1),
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const N: f64 = f64::NAN;
    const LIMITS: GapLimits = GapLimits { pchip_max_s: 0.3, linear_max_s: 0.5 };

    fn tenths(count: usize) -> Vec<f64> {
        (0..count).map(|i| i as f64 / 10.0).collect()
    }

    fn same(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9 || a.is_nan() && b.is_nan())
    }

    #[test]
    fn the_ends_stay_missing_and_zero_is_a_value() {
        let values = [N, N, 0.0, N, 0.0, N];
        let filled = fill(&tenths(6), &values, LIMITS);
        assert!(same(&filled.values, &[N, N, 0.0, 0.0, 0.0, N]));
        assert_eq!(filled.is_filled, [false, false, false, true, false, false]);
    }

    /// Between a rise and a rest PCHIP bends: slopes 0 and 0 around a gap from 0 to 1 give the smooth step 3 u^2 - 2
    /// u^3.
    #[test]
    fn a_short_gap_is_bent_a_longer_one_straight_and_a_long_one_left() {
        let values = [0.0, 0.0, N, N, 1.0, 1.0];
        let filled = fill(&tenths(6), &values, LIMITS);
        assert!(same(&filled.values, &[0.0, 0.0, 7.0 / 27.0, 20.0 / 27.0, 1.0, 1.0]), "{:?}", filled.values);
        let values = [0.0, 0.0, N, N, N, 1.0, 1.0];
        assert!(same(&fill(&tenths(7), &values, LIMITS).values, &[0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0]));
        let values = [0.0, N, N, N, N, N, 1.0];
        let filled = fill(&tenths(7), &values, LIMITS);
        assert!(same(&filled.values, &values));
        assert_eq!(filled.is_filled, [false; 7]);
    }

    #[test]
    fn the_length_of_a_gap_is_measured_in_time() {
        let values = [0.0, N, 2.0, N, 3.0];
        let filled = fill(&[0.0, 0.1, 0.2, 1.0, 1.1], &values, LIMITS);
        assert!(same(&filled.values, &[0.0, 1.0, 2.0, N, 3.0]), "{:?}", filled.values);
    }

    #[test]
    fn sections_are_the_runs_of_values() {
        assert_eq!(sections(&[N, 0.0, 1.0, N, N, 2.0]), [1..3, 5..6]);
        assert!(sections(&[]).is_empty());
        assert!(sections(&[N, N]).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_known_stays_and_what_is_filled_lies_between_its_neighbors(
            values in prop::collection::vec(prop::option::weighted(0.6, -50f64..50.0), 0..60)
        ) {
            let values: Vec<f64> = values.into_iter().map(|value| value.unwrap_or(N)).collect();
            let times_s = tenths(values.len());
            let filled = fill(&times_s, &values, LIMITS);
            for index in 0..values.len() {
                let is_new = values[index].is_nan() && !filled.values[index].is_nan();
                prop_assert_eq!(filled.is_filled[index], is_new);
                if !values[index].is_nan() {
                    prop_assert_eq!(filled.values[index], values[index]);
                }
                if is_new {
                    let before = values[..index].iter().rev().find(|value| !value.is_nan()).unwrap();
                    let after = values[index..].iter().find(|value| !value.is_nan()).unwrap();
                    prop_assert!(filled.values[index] >= before.min(*after) - 1e-9);
                    prop_assert!(filled.values[index] <= before.max(*after) + 1e-9);
                }
            }
            for section in sections(&filled.values) {
                prop_assert!(filled.values[section].iter().all(|value| !value.is_nan()));
            }
        }
    }
}
