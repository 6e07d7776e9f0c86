//! Helpers for a value over uneven times: gaps, slopes, quantiles.

/// Returns the `share` (0..=1) quantile of the finite values, linear between ranks; NaN if no value is finite.
#[must_use]
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let Some(last) = finite.len().checked_sub(1) else { return f64::NAN };
    let rank = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (finite[rank.floor() as usize], finite[rank.ceil() as usize]);
    below + (above - below) * rank.fract()
}

/// Returns the median of the finite values; NaN if no value is finite.
#[must_use]
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Returns the mean and standard deviation (over n) of the finite values, and their number. `None` if no value is
/// finite.
#[must_use]
pub(crate) fn mean_and_spread(values: &[f64]) -> Option<(f64, f64, usize)> {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if finite.is_empty() {
        return None;
    }
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let variance = finite.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    Some((mean, variance.sqrt(), finite.len()))
}

/// Returns the value at `time_s`, linear between the two samples around it; NaN outside the series or beside a
/// missing value.
#[must_use]
pub(crate) fn value_at(times_s: &[f64], values: &[f64], time_s: f64) -> f64 {
    let after = times_s.partition_point(|&time| time < time_s);
    if after >= times_s.len() {
        return f64::NAN;
    }
    if times_s[after] == time_s {
        return values[after];
    }
    let Some(before) = after.checked_sub(1) else { return f64::NAN };
    let share = (time_s - times_s[before]) / (times_s[after] - times_s[before]);
    values[before] + (values[after] - values[before]) * share
}

/// Returns the index of the sample nearest to `time_s`. The series must not be empty.
#[must_use]
pub(crate) fn nearest_index(times_s: &[f64], time_s: f64) -> usize {
    let after = times_s.partition_point(|&time| time < time_s);
    let before = after.saturating_sub(1);
    if after >= times_s.len() || time_s - times_s[before] <= times_s[after] - time_s { before } else { after }
}

/// Fills runs of missing values of up to `max_gap_s` (from one valid value to the next) linearly. Ends stay missing.
#[must_use]
pub(crate) fn fill_gaps(times_s: &[f64], values: &[f64], max_gap_s: f64) -> Vec<f64> {
    let mut filled = values.to_vec();
    let good: Vec<usize> = (0..values.len()).filter(|&index| values[index].is_finite()).collect();
    for pair in good.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let duration_s = times_s[to] - times_s[from];
        if to > from + 1 && duration_s <= max_gap_s + 1e-9 {
            for index in from + 1..to {
                let share = (times_s[index] - times_s[from]) / duration_s;
                filled[index] = values[from] + (values[to] - values[from]) * share;
            }
        }
    }
    filled
}

/// Returns the slope at each sample, per second: that of the parabola through the sample and its two neighbors; at
/// the ends that of the line to the one neighbor. Second-order also at uneven times.
#[must_use]
pub(crate) fn slope(times_s: &[f64], values: &[f64]) -> Vec<f64> {
    let last = values.len().saturating_sub(1);
    let secant = |from: usize, to: usize| (values[to] - values[from]) / (times_s[to] - times_s[from]);
    (0..values.len())
        .map(|index| {
            if last == 0 {
                return f64::NAN;
            }
            if index == 0 || index == last {
                return secant(index.saturating_sub(1).min(last - 1), (index + 1).min(last));
            }
            let before_s = times_s[index] - times_s[index - 1];
            let after_s = times_s[index + 1] - times_s[index];
            let (before, after) = (secant(index - 1, index), secant(index, index + 1));
            (before * after_s + after * before_s) / (before_s + after_s)
        })
        .collect()
}

/// Returns the time at which the line from (`time_a`, `value_a`) to (`time_b`, `value_b`) crosses `level`, kept
/// between the two times.
#[must_use]
pub(crate) fn crossing_s(time_a: f64, value_a: f64, time_b: f64, value_b: f64, level: f64) -> f64 {
    if value_a == value_b {
        return f64::midpoint(time_a, time_b);
    }
    time_a + (time_b - time_a) * ((level - value_a) / (value_b - value_a)).clamp(0.0, 1.0)
}

/// Returns the runs of true: the first and last index of each.
#[must_use]
pub(crate) fn runs(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (index, &flag) in flags.iter().enumerate() {
        match (flag, start) {
            (true, None) => start = Some(index),
            (false, Some(first)) => {
                found.push((first, index - 1));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(first) = start {
        found.push((first, flags.len() - 1));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_by_hand() {
        let values = [4.0, f64::NAN, 1.0, 2.0, 3.0];
        assert_eq!(median(&values), 2.5);
        assert_eq!(quantile(&values, 0.25), 1.75);
        assert!(median(&[f64::NAN]).is_nan());
        assert_eq!(mean_and_spread(&[2.0, f64::NAN, 4.0]), Some((3.0, 1.0, 2)));
        assert_eq!(mean_and_spread(&[]), None);
    }

    #[test]
    fn values_between_samples() {
        let (times, values) = ([0.0, 1.0, 3.0], [10.0, 20.0, 40.0]);
        assert_eq!(value_at(&times, &values, 2.0), 30.0);
        assert_eq!(value_at(&times, &values, 3.0), 40.0);
        assert!(value_at(&times, &values, 3.1).is_nan() && value_at(&times, &values, -0.1).is_nan());
        assert_eq!([-5.0, 0.4, 0.6, 2.1, 9.0].map(|time| nearest_index(&times, time)), [0, 0, 1, 2, 2]);
    }

    #[test]
    fn short_gaps_are_filled_and_long_ones_are_not() {
        let nan = f64::NAN;
        let times = [0.0, 1.0, 2.0, 4.0, 5.0, 9.0, 10.0];
        let filled = fill_gaps(&times, &[nan, 1.0, nan, 4.0, nan, nan, 0.0], 3.0);
        assert!(filled[0].is_nan());
        assert_eq!(filled[1..4], [1.0, 2.0, 4.0]);
        assert!(filled[4].is_nan() && filled[5].is_nan());
    }

    #[test]
    fn runs_by_hand() {
        assert_eq!(runs(&[true, true, false, true]), [(0, 1), (3, 3)]);
        assert_eq!(runs(&[false]), []);
    }

    proptest! {
        #[test]
        fn slopes_of_a_parabola_are_exact_inside(
            steps in prop::collection::vec(0.01f64..0.1, 3..20), a in -5f64..5.0, b in -5f64..5.0
        ) {
            let times: Vec<f64> = steps.iter().scan(0.0, |time, step| { *time += step; Some(*time) }).collect();
            let values: Vec<f64> = times.iter().map(|t| a * t * t + b * t).collect();
            let slopes = slope(&times, &values);
            for index in 1..times.len() - 1 {
                prop_assert!((slopes[index] - (2.0 * a * times[index] + b)).abs() < 1e-6);
            }
        }
    }
}
