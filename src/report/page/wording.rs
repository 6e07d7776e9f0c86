//! Formats numbers, units and names for people.

/// Returns the number of decimals that a value shares with its interval: about three digits, at most three decimals.
fn decimals(values: &[Option<f64>]) -> usize {
    let largest = values.iter().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    match largest {
        size if size >= 200.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    }
}

/// Formats a number with a fixed count of decimals and a true minus sign; a missing number is a dash.
fn fixed(value: Option<f64>, decimals: usize) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return "\u{2013}".to_owned();
    };
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|byte| !(b'1'..=b'9').contains(&byte));
    match text.strip_prefix('-') {
        Some(digits) if is_zero => digits.to_owned(),
        Some(digits) => format!("\u{2212}{digits}"),
        None => text,
    }
}

/// Formats a value and its interval with the same decimals. Whole numbers without an interval stay whole.
pub(super) fn value_and_interval(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> (String, String) {
    let is_whole = [value, low, high].iter().flatten().all(|value| value.fract() == 0.0);
    let decimals = if is_whole { 0 } else { decimals(&[value, low, high]) };
    let interval = match (low, high) {
        (Some(low), Some(high)) => format!("{} \u{2026} {}", fixed(Some(low), decimals), fixed(Some(high), decimals)),
        _ => "\u{2013}".to_owned(),
    };
    (fixed(value, decimals), interval)
}

/// Formats a range with the decimals that a value and its interval would have.
pub(super) fn between(value: Option<f64>, lowest: f64, highest: f64) -> String {
    let all = [value, Some(lowest), Some(highest)];
    let decimals = if all.iter().flatten().all(|value| value.fract() == 0.0) { 0 } else { decimals(&all) };
    format!("{} to {}", fixed(Some(lowest), decimals), fixed(Some(highest), decimals))
}

/// Formats a number with three digits.
pub(super) fn number(value: Option<f64>) -> String {
    value_and_interval(value, None, None).0
}

/// Formats seconds with two decimals.
pub(super) fn seconds(time_s: Option<f64>) -> String {
    fixed(time_s, 2)
}

/// Returns a unit of the tables as it is printed; empty for a plain number.
pub(super) fn unit(unit: &str) -> String {
    match unit {
        "1" => String::new(),
        "deg" => "\u{b0}".to_owned(),
        _ => unit.replace("deg/", "\u{b0}/").replace("1/", "/").replace("s2", "s\u{b2}"),
    }
}

/// Formats a name: `knee_peak_flexion_3d` becomes "Knee peak flexion, 3D".
pub(super) fn words(name: &str) -> String {
    let (name, suffix) = match name.rsplit_once('_') {
        Some((rest, "2d")) => (rest, ", 2D"),
        Some((rest, "3d")) => (rest, ", 3D"),
        _ => (name, ""),
    };
    let text = name.replace('_', " ");
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}{suffix}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_share_decimals() {
        assert_eq!(
            value_and_interval(Some(97.434), Some(93.926), Some(100.94)),
            ("97.4".into(), "93.9 \u{2026} 100.9".into())
        );
        assert_eq!(
            value_and_interval(Some(-0.8174), Some(-4.6), Some(2.966)),
            ("\u{2212}0.82".into(), "\u{2212}4.60 \u{2026} 2.97".into())
        );
        assert_eq!(value_and_interval(Some(5.0), Some(5.0), Some(5.0)), ("5".into(), "5 \u{2026} 5".into()));
        assert_eq!(value_and_interval(None, None, Some(1.0)), ("\u{2013}".into(), "\u{2013}".into()));
        assert_eq!(number(Some(0.0)), "0");
        assert_eq!(number(Some(-0.000_01)), "0.000");
        assert_eq!(number(Some(f64::NAN)), "\u{2013}");
    }

    #[test]
    fn units_and_names() {
        assert_eq!(
            ["deg", "deg/s", "1", "1/min", "m/s2", "%"].map(unit),
            ["\u{b0}", "\u{b0}/s", "", "/min", "m/s\u{b2}", "%"]
        );
        assert_eq!(words("knee_peak_flexion_3d"), "Knee peak flexion, 3D");
        assert_eq!(words("cadence"), "Cadence");
        assert_eq!(words(""), "");
    }
}
