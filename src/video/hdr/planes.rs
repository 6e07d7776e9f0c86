//! Planes of high dynamic range to planes of a standard display. Pure.
//!
//! All but the curves is arithmetic on runs of pixels, in loops without branches that the compiler makes vectors of. The
//! curves are tables. Results are within a level of [`super::tone`] in double precision.

#![allow(clippy::inline_always, reason = "all of it is compiled twice, for two sets of instructions")]

use super::tone::{Primaries, Transfer, display_signal, tone_factor, weights};
use crate::image::yuv::{YuvColors, YuvMatrix};

/// The meaning of the values of a frame of high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HdrColors {
    pub(super) transfer: Transfer,
    pub(super) primaries: Primaries,
    pub(super) yuv: YuvColors,
}

/// Luma, Cb and Cr of 4:2:0, 10 bits in the low bits of each value. Strides are in values.
pub(super) struct Planes10<'a> {
    pub(super) planes: [&'a [u16]; 3],
    pub(super) strides: [usize; 3],
}

/// Luma, Cb and Cr of 4:2:0, 8 bits, to be written.
pub(super) struct Planes8<'a> {
    pub(super) planes: [&'a mut [u8]; 3],
    pub(super) strides: [usize; 3],
}

/// The meaning of the values of a converted frame.
pub(super) const STANDARD: YuvColors = YuvColors { matrix: YuvMatrix::Bt709, is_full_range: false };

/// The number of pixels of a row that are converted together; even. Their arrays stay in the first-level cache.
const RUN: usize = 64;

/// Values of red, green and blue of a run.
type Run = [[f32; RUN]; 3];

/// Converts frames of one meaning.
pub(super) struct ToneMap {
    /// Luma and chroma to a signal of red, green and blue.
    from_yuv: FromYuv,
    transfer: Transfer,
    /// Light by the signal; the last is that of 1.
    light: Box<[f32; LIGHTS]>,
    /// Factor from light to the light on the display, by the luminance.
    gain: ByOctave,
    to_bt709: [[f32; 3]; 3],
    /// The signal of a standard display by light.
    display_signal: ByOctave,
}

/// Values in the table of light: four for each value of 10 bits.
const LIGHTS: usize = 4096;
const LAST_LIGHT: f32 = (LIGHTS - 1) as f32;

impl ToneMap {
    /// Computes the tables.
    pub(super) fn new(colors: HdrColors) -> Self {
        let HdrColors { transfer, primaries, yuv } = colors;
        let light = |index| transfer.light(index as f64 / f64::from(LAST_LIGHT)) as f32;
        Self {
            from_yuv: FromYuv::new(yuv),
            transfer,
            light: Box::new(std::array::from_fn(light)),
            gain: ByOctave::new(|luminance| transfer.gain(luminance)),
            to_bt709: primaries.to_bt709(),
            display_signal: ByOctave::new(display_signal),
        }
    }

    /// Converts a picture of `size_px` (width, height). The planes hold that many pixels.
    pub(super) fn convert(&self, from: &Planes10<'_>, to: &mut Planes8<'_>, size_px: [usize; 2]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { self.convert_with_avx2(from, to, size_px) };
            return;
        }
        self.convert_blocks(from, to, size_px);
    }

    /// Does the same by the same operations, compiled to instructions on longer vectors.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn convert_with_avx2(&self, from: &Planes10<'_>, to: &mut Planes8<'_>, size_px: [usize; 2]) {
        self.convert_blocks(from, to, size_px);
    }

    #[inline(always)]
    fn convert_blocks(&self, from: &Planes10<'_>, to: &mut Planes8<'_>, [width, height]: [usize; 2]) {
        for y in (0..height).step_by(2) {
            for x in (0..width).step_by(RUN) {
                self.convert_block(from, to, [x, y], [RUN.min(width - x), 2.min(height - y)]);
            }
        }
    }

    /// Converts up to two rows of a run from `x`, `y` on.
    #[inline(always)]
    fn convert_block(
        &self,
        from: &Planes10<'_>,
        to: &mut Planes8<'_>,
        [x, y]: [usize; 2],
        [width, height]: [usize; 2],
    ) {
        let n_chroma = width.div_ceil(2);
        let chroma_at = |plane: usize| y / 2 * from.strides[plane] + x / 2;
        let [cb, cr] = [1, 2].map(|plane| &from.planes[plane][chroma_at(plane)..][..n_chroma]);
        let of_chroma = self.from_yuv.chroma(cb, cr);
        let mut sums = [[0.0; RUN]; 3];
        for row in y..y + height {
            let luma = &from.planes[0][row * from.strides[0] + x..][..width];
            let mut run = self.from_yuv.add_luma(&of_chroma, luma);
            self.to_standard(&mut run);
            let levels = &mut to.planes[0][row * to.strides[0] + x..][..width];
            write_luma(&run, levels);
            for (sums, values) in sums.iter_mut().zip(&run) {
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
        if width % 2 == 1 {
            // The last column of an odd width is its own neighbor.
            for sums in &mut sums {
                sums[width] = sums[width - 1];
            }
        }
        let [_, to_cb, to_cr] = &mut to.planes;
        let to_cb = &mut to_cb[y / 2 * to.strides[1] + x / 2..][..n_chroma];
        let to_cr = &mut to_cr[y / 2 * to.strides[2] + x / 2..][..n_chroma];
        write_chroma(&sums, 0.5 / height as f32, to_cb, to_cr);
    }

    /// Converts the signals of a run, from 0 to 1, to signals of a standard display.
    #[inline(always)]
    fn to_standard(&self, run: &mut Run) {
        for value in run.iter_mut().flatten() {
            *value = self.light[rounded(*value * LAST_LIGHT) as usize % LIGHTS];
        }
        if self.transfer == Transfer::Hlg {
            self.apply_gain(run);
        }
        let [red, green, blue] = run;
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            let light =
                self.to_bt709.map(|[of_red, of_green, of_blue]| of_red * *red + of_green * *green + of_blue * *blue);
            let factor = tone_factor(light[0].max(light[1]).max(light[2]));
            [*red, *green, *blue] = light.map(|value| (value * factor).clamp(0.0, 1.0));
        }
        run.iter_mut().flatten().for_each(|value| *value = self.display_signal.of(*value));
    }

    #[inline(always)]
    fn apply_gain(&self, run: &mut Run) {
        let [of_red, of_green, of_blue] = weights(YuvMatrix::Bt2020);
        let mut luminance = [0.0; RUN];
        for (index, luminance) in luminance.iter_mut().enumerate() {
            *luminance = of_red * run[0][index] + of_green * run[1][index] + of_blue * run[2][index];
        }
        for value in &mut luminance {
            *value = self.gain.of(*value);
        }
        for values in run {
            values.iter_mut().zip(&luminance).for_each(|(value, gain)| *value *= gain);
        }
    }
}

/// Rounds a number from 0 to 2^22. Unlike a cast, the compiler can do it to vectors on every processor.
#[inline(always)]
fn rounded(number: f32) -> u32 {
    /// 2^23. The bits of a sum of at least that are whole numbers.
    const WHOLE: f32 = 8_388_608.0;
    (number + WHOLE).to_bits() - WHOLE.to_bits()
}

/// A function of numbers from 0 to 1, as a table with as many steps in each octave.
struct ByOctave(Box<[f32; OCTAVES << STEP_BITS]>);

/// Octaves in a table: the smallest number that has its own value is 2^-24.
const OCTAVES: usize = 24;
/// 256 steps in an octave.
const STEP_BITS: u32 = 8;

impl ByOctave {
    /// Bits of the mantissa that are left out of the index.
    const LEFT_OUT: u32 = f32::MANTISSA_DIGITS - 1 - STEP_BITS;
    const LEAST: f32 = 1.0 / (1 << OCTAVES) as f32;
    const MOST: f32 = 1.0 - f32::EPSILON / 2.0;

    fn new(function: impl Fn(f64) -> f64) -> Self {
        let middle = |index: usize| {
            let first = Self::LEAST.to_bits() + ((index as u32) << Self::LEFT_OUT);
            f32::from_bits(first + (1 << (Self::LEFT_OUT - 1)))
        };
        let mut values = Box::new(std::array::from_fn(|index| function(f64::from(middle(index))) as f32));
        // The first step reaches down to 0, and the last one up to 1.
        values[0] = function(0.0) as f32;
        values[(OCTAVES << STEP_BITS) - 1] = function(1.0) as f32;
        Self(values)
    }

    #[inline(always)]
    fn of(&self, number: f32) -> f32 {
        let within = number.clamp(Self::LEAST, Self::MOST);
        let index = (within.to_bits() - Self::LEAST.to_bits()) >> Self::LEFT_OUT;
        self.0[(index as usize).min((OCTAVES << STEP_BITS) - 1)]
    }
}

/// Factors from luma and chroma of 10 bits to a signal of red, green and blue.
struct FromYuv {
    black: f32,
    luma: f32,
    red_by_cr: f32,
    green_by_cb: f32,
    green_by_cr: f32,
    blue_by_cb: f32,
}

impl FromYuv {
    fn new(colors: YuvColors) -> Self {
        let (black, luma_span, chroma_span) =
            if colors.is_full_range { (0.0, 1023.0, 1023.0) } else { (64.0, 876.0, 896.0) };
        let [red, green, blue] = weights(colors.matrix);
        let (red_by_cr, blue_by_cb) = (2.0 * (1.0 - red) / chroma_span, 2.0 * (1.0 - blue) / chroma_span);
        Self {
            black,
            luma: 1.0 / luma_span,
            red_by_cr,
            green_by_cb: -blue_by_cb * blue / green,
            green_by_cr: -red_by_cr * red / green,
            blue_by_cb,
        }
    }

    /// The parts of the signal that chroma gives, for each pixel of a run.
    #[inline(always)]
    fn chroma(&self, cb: &[u16], cr: &[u16]) -> Run {
        const GRAY: f32 = 512.0;
        let mut parts = [[0.0; RUN]; 3];
        for (index, (&cb, &cr)) in cb.iter().zip(cr).enumerate() {
            let (cb, cr) = (f32::from(cb) - GRAY, f32::from(cr) - GRAY);
            let of_sample = [self.red_by_cr * cr, self.green_by_cb * cb + self.green_by_cr * cr, self.blue_by_cb * cb];
            for (parts, part) in parts.iter_mut().zip(of_sample) {
                parts[index * 2] = part;
                parts[index * 2 + 1] = part;
            }
        }
        parts
    }

    /// The signal, from 0 to 1.
    #[inline(always)]
    fn add_luma(&self, parts: &Run, luma: &[u16]) -> Run {
        let mut lumas = [0.0; RUN];
        for (target, &value) in lumas.iter_mut().zip(luma) {
            *target = (f32::from(value) - self.black) * self.luma;
        }
        let mut run = [[0.0; RUN]; 3];
        for (values, parts) in run.iter_mut().zip(parts) {
            for ((value, luma), part) in values.iter_mut().zip(&lumas).zip(parts) {
                *value = (luma + part).clamp(0.0, 1.0);
            }
        }
        run
    }
}

/// Writes the luma of signals.
#[inline(always)]
fn write_luma(run: &Run, levels: &mut [u8]) {
    let [of_red, of_green, of_blue] = weights(STANDARD.matrix).map(|weight| weight * 219.0);
    let [red, green, blue] = run;
    for (((level, red), green), blue) in levels.iter_mut().zip(red).zip(green).zip(blue) {
        *level = rounded(16.0 + of_red * red + of_green * green + of_blue * blue) as u8;
    }
}

/// Writes the chroma of pairs of signals, which are sums; `share` times the sum of a pair is its mean.
#[inline(always)]
fn write_chroma(sums: &Run, share: f32, to_cb: &mut [u8], to_cr: &mut [u8]) {
    let [of_red, of_green, of_blue] = weights(STANDARD.matrix);
    let (of_cb, of_cr) = (224.0 / (2.0 * (1.0 - of_blue)), 224.0 / (2.0 * (1.0 - of_red)));
    for (index, (cb, cr)) in to_cb.iter_mut().zip(to_cr).enumerate() {
        let [red, green, blue] = [0, 1, 2].map(|color| share * (sums[color][index * 2] + sums[color][index * 2 + 1]));
        let luma = of_red * red + of_green * green + of_blue * blue;
        *cb = rounded(128.0 + of_cb * (blue - luma)) as u8;
        *cr = rounded(128.0 + of_cr * (red - luma)) as u8;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::video::hdr::tone::tests::to_standard;

    const LIMITED: YuvColors = YuvColors { matrix: YuvMatrix::Bt2020, is_full_range: false };

    fn colors() -> impl Strategy<Value = HdrColors> {
        let matrices = vec![YuvMatrix::Bt601, YuvMatrix::Bt709, YuvMatrix::Bt2020];
        let primaries = vec![Primaries::Bt2020, Primaries::DisplayP3, Primaries::Bt709];
        let yuv = (prop::sample::select(matrices), any::<bool>());
        (prop::sample::select(vec![Transfer::Pq, Transfer::Hlg]), prop::sample::select(primaries), yuv).prop_map(
            |(transfer, primaries, (matrix, is_full_range))| HdrColors {
                transfer,
                primaries,
                yuv: YuvColors { matrix, is_full_range },
            },
        )
    }

    /// Luma, Cb and Cr of a standard display for one color, in double precision.
    fn exact_levels(values: [u16; 3], HdrColors { transfer, primaries, yuv }: HdrColors) -> [f64; 3] {
        let (black, luma_span, chroma_span) =
            if yuv.is_full_range { (0.0, 1023.0, 1023.0) } else { (64.0, 876.0, 896.0) };
        let [luma, cb, cr] = values.map(f64::from);
        let (luma, cb, cr) = ((luma - black) / luma_span, (cb - 512.0) / chroma_span, (cr - 512.0) / chroma_span);
        let [of_red, of_green, of_blue] = weights(yuv.matrix).map(f64::from);
        let (red, blue) = (luma + 2.0 * (1.0 - of_red) * cr, luma + 2.0 * (1.0 - of_blue) * cb);
        let green = (luma - of_red * red - of_blue * blue) / of_green;
        let [red, green, blue] = to_standard([red, green, blue], transfer, primaries);
        let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        [16.0 + 219.0 * luma, 128.0 + 224.0 * (blue - luma) / 1.8556, 128.0 + 224.0 * (red - luma) / 1.5748]
    }

    /// Converts planes without padding.
    fn converted(tone_map: &ToneMap, planes: &[Vec<u16>; 3], [width, height]: [usize; 2]) -> [Vec<u8>; 3] {
        let strides = [width, width.div_ceil(2), width.div_ceil(2)];
        let mut target = planes.each_ref().map(|plane| vec![0; plane.len()]);
        let from = Planes10 { planes: planes.each_ref().map(Vec::as_slice), strides };
        let mut to = Planes8 { planes: target.each_mut().map(Vec::as_mut_slice), strides };
        tone_map.convert(&from, &mut to, [width, height]);
        target
    }

    fn flat(values: [u16; 3], [width, height]: [usize; 2]) -> [Vec<u16>; 3] {
        let n_chroma = width.div_ceil(2) * height.div_ceil(2);
        [vec![values[0]; width * height], vec![values[1]; n_chroma], vec![values[2]; n_chroma]]
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn longer_vectors_change_nothing() {
        let size = [200, 4];
        let planes = [(800, 7919), (200, 104_729), (200, 1_299_709)]
            .map(|(length, step)| (0..length).map(|index| (index * step % 1024) as u16).collect::<Vec<u16>>());
        for transfer in [Transfer::Pq, Transfer::Hlg] {
            let colors = HdrColors { transfer, primaries: Primaries::Bt2020, yuv: LIMITED };
            let tone_map = ToneMap::new(colors);
            let detected = converted(&tone_map, &planes, size);
            let mut plain = planes.each_ref().map(|plane| vec![0; plane.len()]);
            let strides = [200, 100, 100];
            let from = Planes10 { planes: planes.each_ref().map(Vec::as_slice), strides };
            let mut to = Planes8 { planes: plain.each_mut().map(Vec::as_mut_slice), strides };
            tone_map.convert_blocks(&from, &mut to, size);
            assert!(plain == detected, "{transfer:?}");
        }
    }

    #[test]
    fn black_and_white_have_their_levels() {
        let hlg = HdrColors { transfer: Transfer::Hlg, primaries: Primaries::Bt2020, yuv: LIMITED };
        let pq = HdrColors { transfer: Transfer::Pq, ..hlg };
        let full = HdrColors { yuv: YuvColors { is_full_range: true, ..LIMITED }, ..hlg };
        // The signal of 1000 cd/m2 in PQ is 0.7518: 64 + 876 * 0.7518 = 723.
        for (colors, black, white) in [(hlg, 64, 940), (pq, 64, 723), (pq, 0, 1023), (full, 0, 1023)] {
            let tone_map = ToneMap::new(colors);
            let levels = |luma| converted(&tone_map, &flat([luma, 512, 512], [2, 2]), [2, 2]).map(|plane| plane[0]);
            assert_eq!([levels(black), levels(white)], [[16, 128, 128], [235, 128, 128]], "{colors:?}");
        }
    }

    #[test]
    fn grays_stay_grays_and_never_get_darker() {
        for transfer in [Transfer::Pq, Transfer::Hlg] {
            let colors = HdrColors { transfer, primaries: Primaries::Bt2020, yuv: LIMITED };
            let lumas: Vec<u16> = (0..1024).collect();
            let gray = vec![512; 512];
            let [luma, cb, cr] = converted(&ToneMap::new(colors), &[lumas, gray.clone(), gray], [1024, 1]);
            assert!(luma.is_sorted(), "{transfer:?}");
            assert!(cb.iter().chain(&cr).all(|&level| level == 128), "{transfer:?}");
        }
    }

    proptest! {
        #[test]
        fn one_color_is_that_of_double_precision(
            colors in colors(), rgb in prop::array::uniform3(0.0..=1.0_f64),
            size in (1usize..150, 1usize..4),
        ) {
            // A color that exists: others leave the range of signals.
            let [of_red, of_green, of_blue] = weights(colors.yuv.matrix).map(f64::from);
            let luma = of_red * rgb[0] + of_green * rgb[1] + of_blue * rgb[2];
            let (cb, cr) = ((rgb[2] - luma) / (2.0 * (1.0 - of_blue)), (rgb[0] - luma) / (2.0 * (1.0 - of_red)));
            let (black, luma_span, span) =
                if colors.yuv.is_full_range { (0.0, 1023.0, 1023.0) } else { (64.0, 876.0, 896.0) };
            let values =
                [black + luma_span * luma, 512.0 + span * cb, 512.0 + span * cr].map(|value| value.round().min(1023.0) as u16);
            let size = [size.0, size.1];
            let exact = exact_levels(values, colors);
            for (plane, exact) in converted(&ToneMap::new(colors), &flat(values, size), size).iter().zip(exact) {
                for &level in plane {
                    prop_assert!((f64::from(level) - exact).abs() <= 1.25, "{level}, exactly {exact}: {values:?}");
                }
            }
        }

        #[test]
        fn pixels_are_those_of_their_own_block(
            colors in colors(), (width, height) in (1usize..140, 1usize..6), seed in any::<u32>(),
        ) {
            let mut state = seed | 1;
            let mut noise = |length: usize| -> Vec<u16> {
                let mut next = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 22) as u16
                };
                (0..length).map(|_| next()).collect()
            };
            let (chroma_width, n_chroma) = (width.div_ceil(2), width.div_ceil(2) * height.div_ceil(2));
            let planes = [noise(width * height), noise(n_chroma), noise(n_chroma)];
            let tone_map = ToneMap::new(colors);
            let found = converted(&tone_map, &planes, [width, height]);
            for at in 0..n_chroma {
                let (x, y) = (at % chroma_width * 2, at / chroma_width * 2);
                let size = [2.min(width - x), 2.min(height - y)];
                let of = |row: usize| &planes[0][(y + row) * width + x..][..size[0]];
                let luma: Vec<u16> = (0..size[1]).flat_map(of).copied().collect();
                let [luma, cb, cr] = converted(&tone_map, &[luma, vec![planes[1][at]], vec![planes[2][at]]], size);
                let of = |row: usize| &found[0][(y + row) * width + x..][..size[0]];
                let found_luma: Vec<u8> = (0..size[1]).flat_map(of).copied().collect();
                prop_assert_eq!((&found_luma, found[1][at], found[2][at]), (&luma, cb[0], cr[0]));
            }
        }

        #[test]
        fn padding_is_neither_read_nor_written(padding in 1usize..9, seed in any::<u16>()) {
            let (size, strides) = ([5, 3], [5 + padding, 3 + padding, 3 + padding]);
            let colors = HdrColors { transfer: Transfer::Hlg, primaries: Primaries::Bt2020, yuv: LIMITED };
            let tone_map = ToneMap::new(colors);
            let plain = converted(&tone_map, &flat([700, 480, 530], size), size);
            let rows = [3, 2, 2];
            let mut planes = [0, 1, 2].map(|index| vec![seed; strides[index] * rows[index]]);
            for (index, (value, width)) in [(700, 5), (480, 3), (530, 3)].into_iter().enumerate() {
                planes[index].chunks_mut(strides[index]).for_each(|row| row[..width].fill(value));
            }
            let mut target = planes.each_ref().map(|plane| vec![77; plane.len()]);
            let from = Planes10 { planes: planes.each_ref().map(Vec::as_slice), strides };
            let mut to = Planes8 { planes: target.each_mut().map(Vec::as_mut_slice), strides };
            tone_map.convert(&from, &mut to, size);
            for (index, width) in [5, 3, 3].into_iter().enumerate() {
                for (row, plain) in target[index].chunks(strides[index]).zip(plain[index].chunks(width)) {
                    prop_assert_eq!(&row[..width], plain);
                    prop_assert!(row[width..].iter().all(|&level| level == 77));
                }
            }
        }
    }
}
