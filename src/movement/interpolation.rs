//! Piecewise cubic interpolation through unevenly spaced samples.
//!
//! There is one kind of curve, a cubic Hermite polynomial per interval, with two choices of slopes: PCHIP, which
//! never overshoots, for gaps; and the cubic spline, which is smoother and depends linearly on the values, for
//! resampling.

/// A curve through samples with given slopes.
#[derive(Debug, Clone)]
pub(crate) struct CubicHermite<'a> {
    times_s: &'a [f64],
    values: &'a [f64],
    slopes: Vec<f64>,
}

impl<'a> CubicHermite<'a> {
    /// Creates the monotone curve through samples at strictly increasing times: between two samples it stays between
    /// their values.
    ///
    /// Slopes: Fritsch and Carlson 1980 in the form of Fritsch and Butland 1984 (weighted harmonic mean), as `SciPy`'s
    /// `PchipInterpolator`.
    #[must_use]
    pub(crate) fn pchip(times_s: &'a [f64], values: &'a [f64]) -> Self {
        Self { times_s, values, slopes: pchip_slopes(times_s, values) }
    }

    /// Creates the cubic spline (continuous second derivative) through samples at strictly increasing times. At both
    /// ends it has the slope of the parabola through the last three samples.
    #[must_use]
    pub(crate) fn spline(times_s: &'a [f64], values: &'a [f64]) -> Self {
        Self { times_s, values, slopes: spline_slopes(times_s, values) }
    }

    /// Returns the value at a time; beyond the ends the value of the nearest sample. NaN if there are no samples.
    #[must_use]
    pub(crate) fn at(&self, time_s: f64) -> f64 {
        let after = self.times_s.partition_point(|&t| t <= time_s);
        let Some(left) = after.checked_sub(1) else { return self.values.first().copied().unwrap_or(f64::NAN) };
        if after == self.times_s.len() {
            return self.values[left];
        }
        let interval_s = self.times_s[after] - self.times_s[left];
        let part = (time_s - self.times_s[left]) / interval_s;
        let (value, next) = (self.values[left], self.values[after]);
        let (rise, next_rise) = (self.slopes[left] * interval_s, self.slopes[after] * interval_s);
        // The value is computed as an offset from the left value: exact at the samples and for constants.
        let change = next - value;
        value
            + part * (rise + part * (3.0 * change - 2.0 * rise - next_rise + part * (rise + next_rise - 2.0 * change)))
    }
}

/// Returns the intervals between samples, and the slopes of the straight lines between them.
fn secants(times_s: &[f64], values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let intervals: Vec<f64> = times_s.windows(2).map(|t| t[1] - t[0]).collect();
    let slopes = values.windows(2).zip(&intervals).map(|(v, interval)| (v[1] - v[0]) / interval).collect();
    (intervals, slopes)
}

/// Returns the slope at the outer end of the first interval, of the parabola through three samples.
fn parabola_end_slope(intervals: [f64; 2], secants: [f64; 2]) -> f64 {
    ((2.0 * intervals[0] + intervals[1]) * secants[0] - intervals[0] * secants[1]) / (intervals[0] + intervals[1])
}

fn pchip_slopes(times_s: &[f64], values: &[f64]) -> Vec<f64> {
    let count = times_s.len();
    let (intervals, secants) = secants(times_s, values);
    if count < 3 {
        return vec![secants.first().copied().unwrap_or(0.0); count];
    }
    let end = |intervals: [f64; 2], secants: [f64; 2]| {
        let slope = parabola_end_slope(intervals, secants);
        if slope * secants[0] <= 0.0 {
            0.0
        } else if secants[0] * secants[1] < 0.0 && slope.abs() > 3.0 * secants[0].abs() {
            3.0 * secants[0]
        } else {
            slope
        }
    };
    let middle = |i: usize| {
        if secants[i - 1] * secants[i] <= 0.0 {
            return 0.0;
        }
        let before = intervals[i - 1] + 2.0 * intervals[i];
        let after = 2.0 * intervals[i - 1] + intervals[i];
        (before + after) / (before / secants[i - 1] + after / secants[i])
    };
    let last = count - 2;
    let mut slopes = vec![end([intervals[0], intervals[1]], [secants[0], secants[1]])];
    slopes.extend((1..=last).map(middle));
    slopes.push(end([intervals[last], intervals[last - 1]], [secants[last], secants[last - 1]]));
    slopes
}

/// Returns the slopes that make the second derivative continuous: a tridiagonal system, solved by elimination.
fn spline_slopes(times_s: &[f64], values: &[f64]) -> Vec<f64> {
    let count = times_s.len();
    let (intervals, secants) = secants(times_s, values);
    if count < 3 {
        return vec![secants.first().copied().unwrap_or(0.0); count];
    }
    let last = count - 2;
    let mut slopes = vec![0.0; count];
    slopes[0] = parabola_end_slope([intervals[0], intervals[1]], [secants[0], secants[1]]);
    slopes[count - 1] = parabola_end_slope([intervals[last], intervals[last - 1]], [secants[last], secants[last - 1]]);
    // Row i: after * m[i-1] + 2 (before + after) m[i] + before * m[i+1] = 3 (after * secant[i-1] + before *
    // secant[i]).
    let mut upper = vec![0.0; count];
    for i in 1..=last {
        let (before, after) = (intervals[i - 1], intervals[i]);
        let pivot = 2.0 * (before + after) - after * upper[i - 1];
        upper[i] = before / pivot;
        slopes[i] = (3.0 * (after * secants[i - 1] + before * secants[i]) - after * slopes[i - 1]) / pivot;
    }
    for i in (1..=last).rev() {
        slopes[i] -= upper[i] * slopes[i + 1];
    }
    slopes
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "numbers as printed by another program")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIMES_S: [f64; 6] = [0.0, 0.5, 1.2, 1.3, 2.0, 3.0];
    const VALUES: [f64; 6] = [1.0, 2.0, 1.5, 1.5, 4.0, 0.0];

    const PCHIP_OF_SCIPY: [(f64, f64); 7] = [
        (0.1, 1.3043809523809524),
        (0.4, 1.946095238095238),
        (0.9, 1.6967930029154519),
        (1.25, 1.5),
        (1.6, 2.4839650145772594),
        (2.2, 3.854521008403361),
        (2.9, 0.7967563025210089),
    ];
    const SPLINE_OF_SCIPY: [(f64, f64); 7] = [
        (0.1, 1.2964962650864955),
        (0.4, 1.9145564889174103),
        (0.9, 1.7811546076294336),
        (1.25, 1.484515940740405),
        (1.6, 2.3954165949824717),
        (2.2, 4.136301891109025),
        (2.9, 0.816569020836251),
    ];

    /// Numbers of `SciPy` 1.17 `PchipInterpolator`.
    #[test]
    fn pchip_is_that_of_scipy() {
        let curve = CubicHermite::pchip(&TIMES_S, &VALUES);
        for (time_s, expected) in PCHIP_OF_SCIPY {
            assert!((curve.at(time_s) - expected).abs() < 1e-12, "at {time_s}: {} not {expected}", curve.at(time_s));
        }
    }

    /// Numbers of `SciPy` 1.17 `CubicSpline` given the end slopes of the parabolas (`bc_type=((1, a), (1, b))`).
    #[test]
    fn spline_is_that_of_scipy() {
        let curve = CubicHermite::spline(&TIMES_S, &VALUES);
        for (time_s, expected) in SPLINE_OF_SCIPY {
            assert!((curve.at(time_s) - expected).abs() < 1e-12, "at {time_s}: {} not {expected}", curve.at(time_s));
        }
    }

    #[test]
    fn few_samples() {
        assert!(CubicHermite::pchip(&[], &[]).at(1.0).is_nan());
        assert_eq!(CubicHermite::spline(&[2.0], &[5.0]).at(1.0), 5.0);
        assert_eq!(CubicHermite::pchip(&[0.0, 2.0], &[0.0, 4.0]).at(0.5), 1.0);
        assert_eq!(CubicHermite::spline(&[0.0, 2.0], &[0.0, 4.0]).at(9.0), 4.0);
    }

    fn samples() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        prop::collection::vec((0.001f64..1.0, -100f64..100.0), 1..30).prop_map(|steps| {
            let times_s = steps.iter().scan(0.0, |time_s, (step, _)| {
                *time_s += step;
                Some(*time_s)
            });
            (times_s.collect(), steps.iter().map(|(_, value)| *value).collect())
        })
    }

    proptest! {
        #[test]
        fn pchip_never_overshoots((times_s, values) in samples(), part in 0.0f64..1.0) {
            let curve = CubicHermite::pchip(&times_s, &values);
            for i in 1..times_s.len() {
                let value = curve.at(times_s[i - 1] + part * (times_s[i] - times_s[i - 1]));
                let (low, high) = (values[i - 1].min(values[i]), values[i - 1].max(values[i]));
                prop_assert!(value >= low - 1e-9 && value <= high + 1e-9);
            }
        }

        #[test]
        fn both_go_through_the_samples((times_s, values) in samples()) {
            for curve in [CubicHermite::pchip(&times_s, &values), CubicHermite::spline(&times_s, &values)] {
                for (&time_s, &value) in times_s.iter().zip(&values) {
                    prop_assert!((curve.at(time_s) - value).abs() < 1e-9);
                }
            }
        }

        /// A parabola has the slopes that the ends are given, so the spline reproduces it.
        #[test]
        fn the_spline_reproduces_parabolas((times_s, _) in samples(), a in -2.0f64..2.0, b in -2.0f64..2.0, part in 0.0f64..1.0) {
            prop_assume!(times_s.len() >= 3);
            let parabola = |t: f64| a * t * t + b * t + 1.0;
            let values: Vec<f64> = times_s.iter().map(|&t| parabola(t)).collect();
            let curve = CubicHermite::spline(&times_s, &values);
            let time_s = times_s[0] + part * (times_s[times_s.len() - 1] - times_s[0]);
            prop_assert!((curve.at(time_s) - parabola(time_s)).abs() < 1e-6);
        }
    }
}
