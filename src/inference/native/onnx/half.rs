//! Numbers of 16 bits (IEEE 754 binary16), the storage of most weights.

/// Converts a half-precision number. Every one has an exact single-precision value.
pub(crate) fn widen(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10 & 0x1f);
    let fraction = u32::from(bits & 0x3ff);
    match (exponent, fraction) {
        // Subnormal: the fraction counts steps of 2^-24.
        (0, _) => {
            let magnitude = fraction as f32 * f32::from_bits(103 << 23);
            f32::from_bits(magnitude.to_bits() | sign)
        }
        (0x1f, _) => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x3555, 0.333_251_95),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(widen(bits), value, "{bits:#x}");
        }
        assert!(widen(0x8000).is_sign_negative() && widen(0x8000) == 0.0);
        assert!(widen(0x7e00).is_nan());
    }

    #[test]
    fn values_rise_with_their_bits() {
        assert!((0..0x7bff).all(|bits| widen(bits) < widen(bits + 1)));
    }
}
