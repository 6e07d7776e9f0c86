//! The logistic function in fixed steps, so that every machine computes the same bits.
//!
//! The C library's exponential differs between libraries and processors.

/// Powers of e beyond this are no finite numbers of 32 bits, or zero.
const LIMIT: f32 = 87.0;
/// ln 2 in two parts; the first has few bits, so that its multiples are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// 1/k! for k = 6, 5, .. 0: the series of the exponential.
const SERIES: [f32; 7] = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];

/// e to the power of `x`, for |x| up to 87; beyond that, as for 87. NaN stays NaN.
fn exponential(x: f32) -> f32 {
    // Not `clamp`, whose way with NaN would hide in a library.
    let x = if x > LIMIT { LIMIT } else { x };
    let x = if x < -LIMIT { -LIMIT } else { x };
    let power = (x * std::f32::consts::LOG2_E).round_ties_even();
    let rest = power.mul_add(-LN_2[1], power.mul_add(-LN_2[0], x));
    let series = SERIES.into_iter().reduce(|sum, term| sum.mul_add(rest, term)).unwrap_or(1.0);
    // The power is within -126..=126, so this is a normal number. NaN as an integer is zero.
    series * f32::from_bits(((power as i32 + 127) as u32) << 23)
}

/// 1 / (1 + e^-x).
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exponential(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logistic_function() {
        for step in -4000..4000 {
            let x = step as f32 / 100.0;
            let exact = 1.0 / (1.0 + f64::from(-x).exp());
            assert!((f64::from(sigmoid(x)) - exact).abs() < 1.5e-7, "{x}: {} {exact}", sigmoid(x));
        }
    }

    #[test]
    fn the_ends_are_reached_and_nan_stays() {
        assert_eq!([sigmoid(0.0), sigmoid(200.0), sigmoid(f32::INFINITY)], [0.5, 1.0, 1.0]);
        assert!(sigmoid(f32::NEG_INFINITY) < 1e-37 && sigmoid(f32::NEG_INFINITY) >= 0.0);
        assert!(sigmoid(f32::NAN).is_nan());
    }
}
