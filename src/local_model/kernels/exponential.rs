//! The exponential function in a form that compilers vectorize; the library's function processes one value at a time.

/// Adding and subtracting this rounds to the nearest integer.
const ROUNDING: f32 = 12_582_912.0;
/// The logarithm of 2 in two parts, so that the remainder is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `e^x`, within 2 units in the last place; below -87 it is about 1e-38, above 88 about 1e38.
///
/// Source: Moshier, Cephes Mathematical Library, `expf`.
#[inline]
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let power = (x * std::f32::consts::LOG2_E + ROUNDING) - ROUNDING;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    let mut sum = 1.987_569_1e-4_f32;
    for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        sum = sum * rest + factor;
    }
    let sum = sum * rest * rest + rest + 1.0;
    sum * f32::from_bits(((power as i32 + 127) << 23) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_exponential() {
        let mut x = -86.9_f32;
        while x < 87.9 {
            let expected = f64::from(x).exp();
            assert!((f64::from(exp(x)) / expected - 1.0).abs() < 3e-7, "{x}");
            x += 0.003_7;
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NEG_INFINITY) < 1e-37 && exp(1000.0).is_finite());
    }
}
