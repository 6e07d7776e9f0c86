//! Ranges and ticks of axes: steps of 1, 2 or 5 times a power of ten, and no more decimals than those need.

/// The largest value of an axis: the difference of two such values is still finite.
const LARGEST: f64 = 8e307;
/// The smallest range as a share of its values, so that steps stay greater than rounding errors.
const SMALLEST_SHARE: f64 = 1e-9;
/// The margin beyond the outermost values, as a share of the range.
const MARGIN: f64 = 0.04;

/// An axis: its ends and its ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    /// The value and the label of each tick, ascending.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Creates an axis that ends a little beyond the finite values.
    pub(super) fn around(values: impl IntoIterator<Item = f64>, most_ticks: usize) -> Self {
        let [low, high] = range(values);
        let margin = ((high - low) * MARGIN).min(LARGEST / 10.0);
        // An axis of positive values does not begin below zero.
        let floor = if low >= 0.0 { 0.0 } else { -LARGEST };
        let ceiling = if high <= 0.0 { 0.0 } else { LARGEST };
        let (low, high) = ((low - margin).max(floor), (high + margin).min(ceiling));
        Self::with_step(low, high, step(low, high, most_ticks))
    }

    /// Creates an axis that ends at the outermost values.
    pub(super) fn within(values: impl IntoIterator<Item = f64>, most_ticks: usize) -> Self {
        let [low, high] = range(values);
        Self::with_step(low, high, step(low, high, most_ticks))
    }

    fn with_step(low: f64, high: f64, step: f64) -> Self {
        // A tick at the very end must not be lost to rounding.
        let tolerance = step * 1e-6;
        let first = ((low - tolerance) / step).ceil();
        let count = (((high + tolerance) / step).floor() - first).clamp(0.0, 100.0) as u32;
        let values: Vec<f64> = (0..=count).map(|index| (first + f64::from(index)) * step).collect();
        let largest = low.abs().max(high.abs());
        let ticks = values.into_iter().map(|value| (value, label(value, step, largest))).collect();
        Self { low, high, ticks }
    }

    /// Returns the position of a value along the axis, 0 to 1; NaN for a missing value.
    pub(super) fn share(&self, value: f64) -> f64 {
        if value.is_finite() { ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0) } else { f64::NAN }
    }
}

/// Returns the smallest and the largest finite value, kept apart from each other.
fn range(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let [low, high] = values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)]);
    if low > high {
        return [0.0, 1.0];
    }
    let [low, high] = [low, high].map(|value| value.clamp(-LARGEST, LARGEST));
    if high - low > low.abs().max(high.abs()) * SMALLEST_SHARE {
        return [low, high];
    }
    let margin = if low == 0.0 { 1.0 } else { (low.abs() * 0.1).max(f64::MIN_POSITIVE * 1e6) };
    [(low - margin).max(-LARGEST), (high + margin).min(LARGEST)]
}

/// Returns the smallest step of 1, 2 or 5 times a power of ten that gives at most `most_ticks` ticks.
fn step(low: f64, high: f64, most_ticks: usize) -> f64 {
    let raw = (high - low) / most_ticks.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= raw * (1.0 - 1e-9)).unwrap_or(10.0);
    factor * power
}

/// Formats a value with the decimals that its step needs; very large and very small values with a power of ten.
fn label(value: f64, step: f64, largest: f64) -> String {
    let exponent = |value: f64| (value.log10() + 1e-9).floor() as i32;
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    let text = if value == 0.0 {
        "0".to_owned()
    } else if largest >= 1e6 || step < 1e-4 {
        let digits = (exponent(value.abs()) - exponent(step)).clamp(0, 9) as usize;
        format!("{value:.digits$e}")
    } else {
        let decimals = (-exponent(step)).clamp(0, 9) as usize;
        format!("{value:.decimals$}")
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(labels(&Axis::around([3.0, 97.0], 6)), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(&Axis::within([0.0, 1.65], 4)), ["0", "0.5", "1.0", "1.5"]);
        assert_eq!(labels(&Axis::around([-2.5e9, 2.5e9], 4)), ["−2e9", "0", "2e9"]);
    }

    #[test]
    fn a_constant_lies_inside_of_its_axis() {
        let axis = Axis::around([90.0, 90.0], 5);
        assert!(axis.low < 90.0 && axis.high > 90.0);
        let axis = Axis::around([0.0], 5);
        assert!(axis.low < axis.high);
    }

    #[test]
    fn nothing_makes_an_axis_from_0_to_1() {
        let axis = Axis::within([f64::NAN, f64::INFINITY], 5);
        assert_eq!([axis.low, axis.high], [0.0, 1.0]);
        assert!(axis.share(f64::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn ticks_ascend_within_the_axis(
            values in prop::collection::vec(prop_oneof![-1e3..1e3, prop::num::f64::NORMAL | prop::num::f64::ZERO], 1..20),
            most_ticks in 2_usize..15,
        ) {
            for axis in [Axis::around(values.clone(), most_ticks), Axis::within(values.clone(), most_ticks)] {
                prop_assert!(axis.low < axis.high, "{axis:?}");
                prop_assert!(axis.ticks.len() <= most_ticks + 3, "{axis:?}");
                prop_assert!(axis.ticks.is_sorted_by(|a, b| a.0 < b.0));
                for value in &values {
                    prop_assert!((0.0..=1.0).contains(&axis.share(*value)));
                }
            }
        }
    }
}
