//! Formats measured values, with only as many digits as the value's uncertainty justifies.

use crate::scene::SceneMetric;

/// The maximum number of digits after the decimal point.
const MOST_DECIMALS: i32 = 4;

/// Formats a metric: `171 ± 4 steps/min`, `92.3°`.
pub(super) fn metric_text(metric: &SceneMetric) -> String {
    let half_width = metric.half_width.filter(|half_width| half_width.is_finite() && *half_width > 0.0);
    // Without an interval: three significant digits.
    let step = half_width.unwrap_or(metric.value.abs() / 100.0);
    let decimals = decimals(step);
    let value = signed(metric.value, decimals);
    match half_width {
        Some(half_width) => format!("{value} ± {half_width:.decimals$}{}", unit_text(&metric.unit)),
        None => format!("{value}{}", unit_text(&metric.unit)),
    }
}

/// Formats a value with its unit; differences below `step` are not shown.
pub(super) fn value_text(value: f64, step: f64, unit: &str) -> String {
    format!("{}{}", signed(value, decimals(step)), unit_text(unit))
}

/// Returns the number of decimals that keeps the first digit of `step`, and its second digit if the first is 1.
fn decimals(step: f64) -> usize {
    if !step.is_finite() || step <= 0.0 {
        return 0;
    }
    let exponent = step.log10().floor();
    let first = step / 10.0_f64.powf(exponent);
    let digits = -exponent as i32 + i32::from(first < 2.0);
    digits.clamp(0, MOST_DECIMALS) as usize
}

/// Formats a number with a true minus sign, which is as wide as a plus.
fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let is_zero = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    if value < 0.0 && !is_zero { format!("−{text}") } else { text }
}

fn unit_text(unit: &str) -> String {
    match unit.trim() {
        "" | "1" => String::new(),
        "deg" | "°" => "°".to_owned(),
        "deg/s" | "°/s" => "°/s".to_owned(),
        "deg/s2" | "deg/s^2" => "°/s²".to_owned(),
        "m/s2" | "m/s^2" => " m/s²".to_owned(),
        "%" => " %".to_owned(),
        unit => format!(" {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: f64, half_width: Option<f64>, unit: &str) -> String {
        let unit = unit.to_owned();
        metric_text(&SceneMetric { person_id: 0, label: String::new(), value, half_width, unit })
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(text(171.318, Some(4.2), "steps/min"), "171 ± 4 steps/min");
        assert_eq!(text(92.318, Some(1.24), "deg"), "92.3 ± 1.2°");
        assert_eq!(text(-0.3495, Some(0.038), "m"), "−0.35 ± 0.04 m");
        assert_eq!(text(0.14562, None, "m/s"), "0.1456 m/s");
        assert_eq!(text(92.86, None, "deg"), "92.9°");
        assert_eq!(text(5.0, Some(0.0), "1"), "5.00");
        assert_eq!(text(0.0, None, "%"), "0 %");
        assert_eq!(text(-0.001, Some(1.0), "m"), "0.0 ± 1.0 m");
    }

    proptest! {
        #[test]
        fn every_number_can_be_written(value in any::<f64>(), half_width in any::<Option<f64>>()) {
            prop_assert!(!text(value, half_width, "m").is_empty());
        }

        #[test]
        fn what_is_written_is_within_the_interval(value in -1e4_f64..1e4, half_width in 0.001_f64..100.0) {
            let written = value_text(value, half_width, "").replace('−', "-").parse::<f64>().unwrap();
            prop_assert!((written - value).abs() <= half_width);
        }
    }
}
