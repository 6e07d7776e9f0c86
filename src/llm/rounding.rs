//! Numbers as text: as many digits as the uncertainty leaves meaningful. Pure, and fast enough to be called for each
//! number.
//!
//! Rules (in the spirit of JCGM 100:2008, 7.2.6):
//! - The half-width of the 95 % interval decides the digits: one significant digit of it if its first digit is 3 or
//!   more, else two. Value and ends share the decimals: 1.17 with an interval from 1.024 to 1.316 is `1.17`, `1.02`,
//!   `1.32`.
//! - Nothing is rounded coarser than whole numbers: 117 ± 32 is `117`, not `120`. Zeros left of the decimal point do
//!   not say whether they are measured, and a reader who looks the number up in the tables finds it.
//! - Nothing is rounded finer than six decimals.
//! - The value is rounded to the nearest, so it differs from the table by at most half a unit of its last digit. The
//!   ends are rounded outward, because an interval that shrinks by rounding no longer covers 95 %. So the shown
//!   interval covers the true one, is wider by less than one unit of the last digit at each end, and holds the shown
//!   value if the true interval holds the true value.
//! - Without an interval: whole values and plain numbers of unit `1` that are whole have no decimals, seconds have two,
//!   everything else has three significant digits.
//! - Never an exponent, never `-0`, and the minus is the ASCII one.

/// A number and its interval as text, without unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shown {
    /// The value; empty if it is not a finite number.
    pub(crate) value: String,
    /// Lower end of the interval, if there is one.
    pub(crate) low: Option<String>,
    /// Upper end of the interval, if there is one.
    pub(crate) high: Option<String>,
}

/// Maximum number of decimals in a text.
const MAX_DECIMALS: usize = 6;
/// Powers of ten from 10^-6 to 10^6, as literals: the same on every machine.
const POWERS: [f64; 13] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
/// Relative difference up to which a scaled end counts as a whole number: binary fractions cause such differences.
const BINARY_SLACK: f64 = 1e-12;
/// Size from which on floats have no fraction that could be rounded outward.
const WHOLE_FROM: f64 = 4_503_599_627_370_496.0;

/// Formats a number in `unit` (`deg`, `m/s`, `s`, `1`, ...) with the 95 % interval from `low` to `high`.
///
/// The module's documentation has the rules. An interval with `low > high` or an end that is not finite counts as
/// missing. If there is one end only, its distance from the value is the half-width.
#[must_use]
pub(crate) fn shown(value: f64, low: Option<f64>, high: Option<f64>, unit: &str) -> Shown {
    if !value.is_finite() {
        return Shown::default();
    }
    let low = low.filter(|low| low.is_finite());
    let high = high.filter(|high| high.is_finite());
    let (low, high) =
        if matches!((low, high), (Some(low), Some(high)) if low > high) { (None, None) } else { (low, high) };
    let half_width = match (low, high) {
        (Some(low), Some(high)) => high / 2.0 - low / 2.0,
        (Some(end), None) | (None, Some(end)) => (value - end).abs(),
        (None, None) => 0.0,
    };
    let decimals =
        if half_width > 0.0 { decimals_of_half_width(half_width) } else { decimals_without_interval(value, unit) };
    Shown {
        value: fixed(value, decimals),
        low: low.map(|low| outward(low, decimals, f64::floor)),
        high: high.map(|high| outward(high, decimals, f64::ceil)),
    }
}

/// Number of decimals that show one significant digit of the half-width if it begins with 3 or more, else two.
fn decimals_of_half_width(half_width: f64) -> usize {
    // (0.7 - 0.1) / 2 is slightly less than 0.3 in binary, but must count as 0.3.
    let half_width = half_width * (1.0 + 1e-9);
    let exponent = exponent(half_width);
    let first_digit_is_small = half_width < 3.0 * power(exponent);
    let finest = if first_digit_is_small { exponent - 1 } else { exponent };
    usize::try_from(-finest).unwrap_or(0).min(MAX_DECIMALS)
}

fn decimals_without_interval(value: f64, unit: &str) -> usize {
    if unit == "s" {
        return if value.fract() == 0.0 && value.abs() >= WHOLE_FROM { 0 } else { 2 };
    }
    if value.fract() == 0.0 {
        return 0;
    }
    let size = value.abs();
    let mut decimals = usize::try_from(2 - exponent(size)).unwrap_or(0).min(MAX_DECIMALS);
    // 9.996 has two decimals by its exponent, but becomes 10.0, which has three significant digits with one decimal.
    if decimals > 0 && size + 0.5 / POWERS[decimals + 6] >= 10.0 * power(exponent(size)) {
        decimals -= 1;
    }
    decimals
}

/// The largest `e` with `10^e <= size`, from -7 ("smaller than the table") to 6 ("a million or more").
fn exponent(size: f64) -> i32 {
    POWERS.iter().take_while(|power| **power <= size).count() as i32 - 7
}

/// `10^exponent` for results of [`exponent`].
fn power(exponent: i32) -> f64 {
    usize::try_from(exponent + 6).ok().and_then(|index| POWERS.get(index)).copied().unwrap_or(1e-7)
}

/// An end of an interval, rounded away from the value.
fn outward(end: f64, decimals: usize, round: fn(f64) -> f64) -> String {
    let scaled = end * POWERS[decimals + 6];
    if scaled.abs() >= WHOLE_FROM {
        return formatted(end, decimals);
    }
    let nearest = scaled.round();
    // 1.02 * 100 is slightly more than 102, or slightly less: such an end is already on the grid.
    let on_grid = (scaled - nearest).abs() <= BINARY_SLACK * scaled.abs().max(1.0);
    grid_text(if on_grid { nearest } else { round(scaled) } as i64, decimals)
}

/// Formats the nearest decimal, ties to even, without `-0`.
fn fixed(value: f64, decimals: usize) -> String {
    let scaled = value * POWERS[decimals + 6];
    let nearest = scaled.round();
    // Near a tie, exact decimal arithmetic is needed to find the nearer side. All other numbers use the fast method.
    let is_near_a_tie = ((scaled - nearest).abs() - 0.5).abs() < 1e-3;
    if is_near_a_tie || scaled.abs() >= 1e12 {
        return formatted(value, decimals);
    }
    grid_text(nearest as i64, decimals)
}

fn formatted(value: f64, decimals: usize) -> String {
    let mut text = format!("{value:.decimals$}");
    if text.starts_with('-') && !text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0') {
        text.remove(0);
    }
    text
}

/// Formats `units / 10^decimals`: three times as fast as formatting a float.
fn grid_text(units: i64, decimals: usize) -> String {
    let mut bytes = [0u8; 32];
    let mut start = bytes.len();
    let mut rest = units.unsigned_abs();
    let mut n_digits = 0;
    while rest > 0 || n_digits <= decimals {
        if n_digits == decimals && decimals > 0 {
            start -= 1;
            bytes[start] = b'.';
        }
        start -= 1;
        bytes[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        n_digits += 1;
    }
    if units < 0 {
        start -= 1;
        bytes[start] = b'-';
    }
    bytes[start..].iter().copied().map(char::from).collect()
}

/// The words for a unit of the tables: `deg` is "degrees", `1/min` is "per minute", `1` is empty; other units stay.
#[must_use]
pub(crate) fn unit_words(unit: &str) -> &str {
    match unit {
        "1" => "",
        "deg" => "degrees",
        "deg/s" => "degrees per second",
        "deg/s2" | "deg/s^2" => "degrees per second squared",
        "1/min" => "per minute",
        "1/s" => "per second",
        other => other,
    }
}

/// The words for a unit after a shown number: one degree, two degrees.
#[must_use]
pub(crate) fn words_after<'a>(shown: &str, unit: &'a str) -> &'a str {
    match unit {
        "deg" | "deg/s" | "deg/s2" | "deg/s^2" if !matches!(shown, "1" | "-1") => unit_words(unit),
        "deg" => "degree",
        "deg/s" => "degree per second",
        "deg/s2" | "deg/s^2" => "degree per second squared",
        other => unit_words(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_unit(shown: &str, unit: &str) -> String {
        format!("{shown} {}", words_after(shown, unit)).trim_end().to_owned()
    }

    fn text(value: f64, low: f64, high: f64, unit: &str) -> String {
        let shown = shown(value, Some(low), Some(high), unit);
        format!("{} {} {}", shown.value, shown.low.unwrap(), shown.high.unwrap())
    }

    #[test]
    fn half_width_decides_the_digits_of_value_and_ends() {
        // 0.146: two digits.
        assert_eq!(text(1.1694, 1.024, 1.316, "m/s"), "1.17 1.02 1.32");
        // 0.32: one digit.
        assert_eq!(text(1.1694, 0.85, 1.49, "m/s"), "1.2 0.8 1.5");
        // 4.1: one digit, which is whole.
        assert_eq!(text(117.46, 113.4, 121.6, "deg"), "117 113 122");
        // 2.1: two digits.
        assert_eq!(text(117.46, 115.36, 119.56, "deg"), "117.5 115.3 119.6");
        assert_eq!(text(-3.2, -6.4, 0.1, "deg"), "-3 -7 1");
    }

    #[test]
    fn wide_intervals_stop_at_whole_numbers() {
        assert_eq!(text(117.0, 85.0, 149.0, "deg"), "117 85 149");
        assert_eq!(text(1170.4, 850.2, 1490.6, "m"), "1170 850 1491");
    }

    #[test]
    fn ends_that_are_already_short_stay() {
        assert_eq!(text(1.17, 1.02, 1.32, "m/s"), "1.17 1.02 1.32");
        assert_eq!(text(0.4, 0.1, 0.7, "m"), "0.4 0.1 0.7");
        assert_eq!(text(-0.4, -0.7, -0.1, "m"), "-0.4 -0.7 -0.1");
        assert_eq!(text(0.57, 0.29, 0.85, "s"), "0.57 0.29 0.85");
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(text(-0.04, -0.5, 0.42, "m"), "0.0 -0.5 0.5");
        assert_eq!(text(-4.0, -8.0, -0.2, "deg"), "-4 -8 0");
        assert_eq!(shown(-0.0, None, None, "1").value, "0");
        assert_eq!(shown(-0.001, None, None, "s").value, "0.00");
    }

    #[test]
    fn without_an_interval_three_digits_whole_or_hundredths() {
        let plain = |value, unit| shown(value, None, None, unit).value;
        assert_eq!(plain(14.0, "1"), "14");
        assert_eq!(plain(12_345.0, "deg"), "12345");
        assert_eq!(plain(0.87341, "1"), "0.873");
        assert_eq!(plain(117.46, "deg"), "117");
        assert_eq!(plain(17.46, "deg"), "17.5");
        assert_eq!(plain(9.996, "m"), "10.0");
        assert_eq!(plain(0.099_96, "m"), "0.100");
        assert_eq!(plain(1234.5, "m"), "1234");
        assert_eq!(plain(3.0, "s"), "3.00");
        assert_eq!(plain(12.3456, "s"), "12.35");
        assert_eq!(plain(0.000_000_1, "m"), "0.000000");
        assert_eq!(plain(1e20, "m"), "100000000000000000000");
    }

    #[test]
    fn broken_numbers_and_intervals() {
        assert_eq!(shown(f64::NAN, Some(1.0), Some(2.0), "m"), Shown::default());
        assert_eq!(shown(f64::INFINITY, None, None, "m").value, "");
        let swapped = shown(1.5, Some(2.0), Some(1.0), "m");
        assert_eq!((swapped.value.as_str(), swapped.low, swapped.high), ("1.50", None, None));
        let one_end = shown(1.5, Some(1.1), None, "m");
        assert_eq!((one_end.value.as_str(), one_end.low.as_deref(), one_end.high), ("1.5", Some("1.1"), None));
        // An interval of zero width gives no information about digits.
        assert_eq!(text(14.0, 14.0, 14.0, "1"), "14 14 14");
        assert_eq!(text(0.5, -f64::MAX, f64::MAX, "1").split(' ').next(), Some("0"));
    }

    #[test]
    fn units_in_words() {
        assert_eq!(with_unit("117", "deg"), "117 degrees");
        assert_eq!(with_unit("-1", "deg"), "-1 degree");
        assert_eq!(with_unit("1", "deg/s"), "1 degree per second");
        assert_eq!(with_unit("168", "1/min"), "168 per minute");
        assert_eq!(with_unit("1.17", "m/s"), "1.17 m/s");
        assert_eq!(with_unit("12", "%"), "12 %");
        assert_eq!(with_unit("14", "1"), "14");
        assert_eq!(unit_words("1"), "");
    }

    #[test]
    #[ignore = "measures; run it alone in release"]
    fn speed() {
        // Processor time of this thread, independent of other work on the machine.
        let cpu_ns = || {
            let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
            text.split(' ').next().unwrap().parse::<f64>().unwrap()
        };
        let start_ns = cpu_ns();
        let mut bytes = 0;
        for index in 0..1_000_000 {
            let value = f64::from(index) * 0.001_37;
            bytes += shown(value, Some(value - 0.123), Some(value + 0.13), "deg").value.len();
        }
        println!("{bytes} bytes, {:.0} ns a number with interval", (cpu_ns() - start_ns) / 1e6);
    }

    fn numbers() -> impl Strategy<Value = f64> {
        prop_oneof![-400.0..400.0, -1e-3..1e-3, -1e7..1e7, (-4000i32..4000).prop_map(|n| f64::from(n) / 100.0)]
    }

    fn unit_of_last_digit(text: &str) -> f64 {
        10f64.powi(-(text.split_once('.').map_or(0, |(_, fraction)| fraction.len()) as i32))
    }

    fn is_plain(text: &str) -> bool {
        let body = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole) && digits(fraction) && (!text.starts_with('-') || text.parse::<f64>().unwrap() != 0.0)
    }

    proptest! {
        #[test]
        fn value_is_the_nearest_and_the_interval_is_covered(
            value in numbers(), below in 0.0..30.0f64, above in 0.0..30.0f64, shrink in 0..5i32
        ) {
            let (low, high) = (value - below * 0.1f64.powi(shrink), value + above * 0.1f64.powi(shrink));
            let shown = shown(value, Some(low), Some(high), "deg");
            let last = unit_of_last_digit(&shown.value);
            let [v, l, h] = [&shown.value, shown.low.as_ref().unwrap(), shown.high.as_ref().unwrap()].map(|text| {
                prop_assert!(is_plain(text), "{text}");
                prop_assert_eq!(unit_of_last_digit(text), last);
                Ok(text.parse::<f64>().unwrap())
            });
            let (v, l, h) = (v?, l?, h?);
            let slack = 1e-9 * value.abs().max(1.0);
            prop_assert!((v - value).abs() <= last / 2.0 + slack);
            prop_assert!(l <= low + slack && l > low - last - slack, "low {low} shown {l}");
            prop_assert!(h >= high - slack && h < high + last + slack, "high {high} shown {h}");
            prop_assert!(l <= v && v <= h, "{l} {v} {h}");
        }

        #[test]
        fn the_quick_way_gives_the_text_of_exact_arithmetic(value in numbers(), decimals in 0usize..=6) {
            prop_assert_eq!(fixed(value, decimals), formatted(value, decimals));
        }

        #[test]
        fn without_interval_the_value_is_near(value in numbers(), unit in "deg|s|1|m|%") {
            let shown = shown(value, None, None, &unit);
            prop_assert!(is_plain(&shown.value), "{}", shown.value);
            let error = (shown.value.parse::<f64>().unwrap() - value).abs();
            prop_assert!(error <= unit_of_last_digit(&shown.value) / 2.0 + 1e-9 * value.abs());
        }

        #[test]
        fn any_floats_give_plain_text(value: f64, low: Option<f64>, high: Option<f64>, unit in "[a-z1/%]{0,4}") {
            let shown = shown(value, low, high, &unit);
            prop_assert_eq!(shown.value.is_empty(), !value.is_finite());
            for text in [Some(shown.value), shown.low, shown.high].into_iter().flatten().filter(|text| !text.is_empty()) {
                prop_assert!(is_plain(&text), "{text}");
            }
        }
    }
}
