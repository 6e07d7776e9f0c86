//! The color of a signal of high dynamic range on a standard display. Pure.
//!
//! - Signal to light: PQ by SMPTE ST 2084; HLG by ITU-R BT.2100 on a display of 1000 cd/m2, whose system gamma is 1.2.
//! - Primaries: to BT.709 by the standards' chromaticities. What BT.709 cannot show is cut off at zero.
//! - Tones: the filmic curve of John Hable from 1000 cd/m2 to white, on the largest component, so that hues stay.
//!   FFmpeg's `tonemap=hable` has the same one.
//! - Light to signal: by ITU-R BT.1886, the display of BT.709 video, with black at zero.

use crate::image::yuv::YuvMatrix;

/// The transfer function of a signal of high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// Perceptual quantization, SMPTE ST 2084: absolute luminance.
    Pq,
    /// Hybrid log-gamma, ITU-R BT.2100 (ARIB STD-B67): relative to the display's peak.
    Hlg,
}

/// The colors of red, green and blue. The white of all is D65.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primaries {
    /// ITU-R BT.2020 and BT.2100.
    Bt2020,
    /// Display P3 (SMPTE EG 432-1).
    DisplayP3,
    /// ITU-R BT.709.
    Bt709,
}

/// The luminance that becomes white, in units of [`UNIT_CD_M2`]: the peak that HLG is defined for, and that PQ is
/// usually graded for.
const PEAK: f32 = 10.0;

/// The unit of luminance here, cd/m2: the white of a standard display, and 1 on the axis of the tone curve.
const UNIT_CD_M2: f64 = 100.0;

/// The exponent of ITU-R BT.1886.
const DISPLAY_GAMMA: f64 = 2.4;

/// The system gamma of HLG on a display of 1000 cd/m2.
const HLG_SYSTEM_GAMMA: f64 = 1.2;

impl Transfer {
    /// The light of one component of a signal from 0 to 1: on the display for PQ, of the scene from 0 to 1 for HLG.
    pub(super) fn light(self, signal: f64) -> f64 {
        match self {
            Self::Pq => pq_light(signal),
            Self::Hlg => hlg_scene_light(signal),
        }
    }

    /// The factor from [`Transfer::light`] to the light on the display, by the luminance of that light.
    pub(super) fn gain(self, luminance: f64) -> f64 {
        match self {
            Self::Pq => 1.0,
            Self::Hlg => f64::from(PEAK) * luminance.powf(HLG_SYSTEM_GAMMA - 1.0),
        }
    }
}

/// The light of a PQ signal (ST 2084, EOTF).
fn pq_light(signal: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let power = signal.powf(1.0 / M2);
    10_000.0 / UNIT_CD_M2 * ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1)
}

/// The light of the scene of an HLG signal (BT.2100, table 5, inverse OETF).
fn hlg_scene_light(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 1.0 - 4.0 * A;
    const C: f64 = 0.559_910_73;
    if signal <= 0.5 { signal * signal / 3.0 } else { (((signal - C) / A).exp() + B) / 12.0 }
}

/// The weights of red, green and blue in luma, and in luminance for primaries of the same standard.
pub(super) fn weights(matrix: YuvMatrix) -> [f32; 3] {
    let (red, blue) = matrix.luma_weights();
    [red, 1.0 - red - blue, blue]
}

/// The factor that brings light to the range from 0 to 1 of a standard display, by its largest component. The curve is
/// `(x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.5) + 0.06) - 0.02 / 0.3`, over its value at the peak; divided
/// by `x` it is the fraction below.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled twice, for two sets of instructions")]
pub(super) fn tone_factor(largest: f32) -> f32 {
    let fraction = |x: f32| (0.14 * x + 1.0 / 60.0) / (x * (0.15 * x + 0.5) + 0.06);
    let within = largest.clamp(0.0, PEAK);
    // Beyond the peak everything is white.
    fraction(within) / (fraction(PEAK) * largest.max(PEAK))
}

/// The signal for light from 0 to 1 on a standard display.
pub(super) fn display_signal(light: f64) -> f64 {
    light.powf(1.0 / DISPLAY_GAMMA)
}

impl Primaries {
    /// The matrix of linear light to BT.709.
    pub(super) fn to_bt709(self) -> [[f32; 3]; 3] {
        match self {
            // ITU-R BT.2407, equation 1, with more digits.
            Self::Bt2020 => [
                [1.660_491, -0.587_641, -0.072_850],
                [-0.124_550, 1.132_9, -0.008_349],
                [-0.018_151, -0.100_579, 1.118_73],
            ],
            Self::DisplayP3 => {
                [[1.224_94, -0.224_940, 0.0], [-0.042_057, 1.042_057, 0.0], [-0.019_638, -0.078_636, 1.098_274]]
            }
            Self::Bt709 => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The signal of a standard display for a signal of high dynamic range.
    pub(in crate::video::hdr) fn to_standard(signal: [f64; 3], transfer: Transfer, primaries: Primaries) -> [f64; 3] {
        let light = on_display(signal, transfer);
        let sum = |row: [f32; 3]| (0..3).map(|index| f64::from(row[index]) * light[index]).sum::<f64>();
        let light = primaries.to_bt709().map(sum);
        let factor = f64::from(tone_factor(light.into_iter().fold(0.0, f64::max) as f32));
        light.map(|value| display_signal((value * factor).clamp(0.0, 1.0)))
    }

    /// The light on the display, in units of 100 cd/m2.
    fn on_display(signal: [f64; 3], transfer: Transfer) -> [f64; 3] {
        let light = signal.map(|value| transfer.light(value.clamp(0.0, 1.0)));
        let weights = weights(YuvMatrix::Bt2020);
        let luminance = (0..3).map(|index| f64::from(weights[index]) * light[index]).sum::<f64>();
        light.map(|value| value * transfer.gain(luminance))
    }

    const TRANSFERS: [Transfer; 2] = [Transfer::Pq, Transfer::Hlg];
    const PRIMARIES: [Primaries; 3] = [Primaries::Bt2020, Primaries::DisplayP3, Primaries::Bt709];

    fn gray(signal: f64, transfer: Transfer) -> f64 {
        let [red, green, blue] = to_standard([signal; 3], transfer, Primaries::Bt2020);
        assert!((red - green).abs() < 1e-5 && (green - blue).abs() < 1e-5, "{red} {green} {blue}");
        green
    }

    // ITU-R BT.2408, table 1: the gray card (26 cd/m2), reference white (203 cd/m2) and the peak, with signals in whole
    // percent; and two levels of PQ that are often quoted with four digits.
    #[test]
    fn light_is_that_of_the_standards() {
        let of_pq = [(0.0, 0.0), (0.38, 26.0), (0.5081, 100.0), (0.58, 203.0), (0.7518, 1000.0), (1.0, 10_000.0)];
        let of_hlg = [(0.0, 0.0), (0.38, 26.0), (0.75, 203.0), (1.0, 1000.0)];
        for (transfer, levels) in [(Transfer::Pq, &of_pq[..]), (Transfer::Hlg, &of_hlg)] {
            for &(signal, light_cd_m2) in levels {
                let [found, ..] = on_display([signal; 3], transfer).map(|light| light * UNIT_CD_M2);
                assert!((found - light_cd_m2).abs() <= light_cd_m2 * 0.015, "{transfer:?} {signal}: {found} cd/m2");
            }
        }
    }

    #[test]
    fn black_is_black_and_the_peak_is_white() {
        for transfer in TRANSFERS {
            assert_eq!(to_standard([0.0; 3], transfer, Primaries::Bt2020), [0.0; 3]);
            assert!(gray(1.0, transfer) > 0.999_99);
        }
        assert!((gray(0.7518, Transfer::Pq) - 1.0).abs() < 1e-4, "1000 cd/m2 is white");
    }

    // Worked out by hand: 100 cd/m2 is 1 on the axis, and 0.204 / 0.71 - 0.0667 = 0.2207; the peak, 10, is
    // 15.504 / 20.06 - 0.0667 = 0.7062. (0.2207 / 0.7062)^(1 / 2.4) = 0.616.
    #[test]
    fn a_hundred_candelas_are_worked_out_by_hand() {
        let found = gray(0.508_078, Transfer::Pq);
        assert!((found - 0.616).abs() < 0.001, "{found}");
    }

    #[test]
    fn matrices_keep_white_and_are_those_of_the_chromaticities() {
        for primaries in PRIMARIES {
            for row in primaries.to_bt709() {
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 2e-6, "{primaries:?}");
            }
        }
        // The green of BT.709 in BT.2020 is (0.3293, 0.9195, 0.0880): ITU-R BT.2087, M2.
        let green = Primaries::Bt2020.to_bt709().map(|row| row[0] * 0.3293 + row[1] * 0.9195 + row[2] * 0.0880);
        assert!(green[0].abs() < 2e-4 && (green[1] - 1.0).abs() < 2e-4 && green[2].abs() < 2e-4, "{green:?}");
    }

    proptest! {
        #[test]
        fn brighter_stays_brighter_and_the_order_of_components_stays(
            signal in prop::array::uniform3(0.0..1.0_f64), more in 0.0..0.3_f64, which in 0usize..6,
        ) {
            let (transfer, primaries) = (TRANSFERS[which % 2], PRIMARIES[which / 2]);
            prop_assert!(gray(signal[0], transfer) <= gray((signal[0] + more).min(1.0), transfer) + 1e-6);
            let shown = to_standard(signal, transfer, primaries);
            prop_assert!(shown.iter().all(|value| (0.0..=1.0).contains(value)), "{shown:?}");
            if primaries == Primaries::Bt709 {
                for (a, b) in [(0, 1), (1, 2), (0, 2)] {
                    prop_assert!((signal[a] <= signal[b]) == (shown[a] <= shown[b]) || (shown[a] - shown[b]).abs() < 1e-6);
                }
            }
        }
    }
}
