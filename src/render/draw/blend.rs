//! Blends the overlay onto the planes of a picture, with integer arithmetic.

use super::overlay::{Overlay, PIXEL_BYTES};
use crate::image::yuv::{YuvColors, YuvImage};

/// The fixed-point bits of the factors for luma, which covers one pixel: sums stay below 2^31.
const LUMA_BITS: u32 = 16;
/// The fixed-point bits of the factors for chroma, which covers four pixels.
const CHROMA_BITS: u32 = 20;
/// The summed alpha of four opaque pixels.
const FULL_BLOCK: i32 = 4 * 255;

/// Returns the luma of black, and the spans of luma and chroma.
pub(super) fn ranges(colors: YuvColors) -> (f32, f32, f32) {
    if colors.is_full_range { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) }
}

/// Fixed-point factors: of red, green, blue and alpha (all premultiplied by alpha), and of the level below times the
/// transparency.
#[derive(Debug, Clone, Copy)]
struct Factors {
    color: [i32; 4],
    below: i32,
}

/// The factors for mixing the three planes of a picture.
#[derive(Debug, Clone, Copy)]
struct Mixing {
    luma: Factors,
    cb: Factors,
    cr: Factors,
}

impl Mixing {
    fn new(colors: YuvColors) -> Self {
        let (red, blue) = colors.matrix.luma_weights();
        let green = 1.0 - red - blue;
        let (black, luma_span, chroma_span) = ranges(colors);
        let factors = |weights: [f32; 3], span: f32, zero: f32, bits: u32, full: i32| {
            let one = f64::from(1_u32 << bits) / f64::from(full);
            let [red, green, blue] = weights.map(|weight| f64::from(weight * span) * one);
            let color = [red, green, blue, f64::from(zero) * one].map(|factor| factor.round() as i32);
            Factors { color, below: one.round() as i32 }
        };
        let chroma = |weights: [f32; 3]| factors(weights, chroma_span, 128.0, CHROMA_BITS, FULL_BLOCK);
        let [for_cb, for_cr] = [2.0 * (1.0 - blue), 2.0 * (1.0 - red)];
        Self {
            luma: factors([red, green, blue], luma_span, black, LUMA_BITS, 255),
            cb: chroma([-red / for_cb, -green / for_cb, 0.5]),
            cr: chroma([0.5, -green / for_cr, -blue / for_cr]),
        }
    }
}

impl Factors {
    /// Returns the level of `below` under a color; alpha is relative to `full`.
    #[inline]
    fn mix<const BITS: u32>(self, [red, green, blue, alpha]: [i32; 4], below: u8, full: i32) -> u8 {
        let [of_red, of_green, of_blue, of_alpha] = self.color;
        let color = of_red * red + of_green * green + of_blue * blue + of_alpha * alpha;
        let kept = self.below * ((full - alpha) * i32::from(below));
        ((color + kept + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8
    }
}

/// Blends the touched tiles of the overlay onto the picture. Untouched parts of the picture stay exactly as they are.
/// Parts outside of either are left out.
pub(super) fn blend_onto(overlay: &Overlay, image: &mut YuvImage) {
    let mixing = Mixing::new(image.colors);
    let [sheet_width, _] = overlay.size_px();
    let (width, height) = (image.width(), image.height());
    let bytes = overlay.bytes();
    for [left, top, right, bottom] in overlay.touched_tiles() {
        let right = right.min(width) & !1;
        for y in (top..bottom.min(height) & !1).step_by(2) {
            if left >= right {
                continue;
            }
            let sheet = [y, y + 1].map(|row| {
                let start = row * sheet_width;
                &bytes[(start + left) * PIXEL_BYTES..(start + right) * PIXEL_BYTES]
            });
            let (upper, lower) = image.luma[y * width..(y + 2) * width].split_at_mut(width);
            let chroma = y / 2 * (width / 2) + left / 2..y / 2 * (width / 2) + right / 2;
            let rows = Rows {
                upper: &mut upper[left..right],
                lower: &mut lower[left..right],
                cb: &mut image.cb[chroma.clone()],
                cr: &mut image.cr[chroma],
            };
            blend_rows(&mixing, sheet, rows);
        }
    }
}

/// Two rows of luma and the row of chroma below them.
struct Rows<'a> {
    upper: &'a mut [u8],
    lower: &'a mut [u8],
    cb: &'a mut [u8],
    cr: &'a mut [u8],
}

fn blend_rows(mixing: &Mixing, [upper_sheet, lower_sheet]: [&[u8]; 2], rows: Rows<'_>) {
    let (upper_pairs, _) = upper_sheet.as_chunks::<{ 2 * PIXEL_BYTES }>();
    let (lower_pairs, _) = lower_sheet.as_chunks::<{ 2 * PIXEL_BYTES }>();
    let (upper_luma, _) = rows.upper.as_chunks_mut::<2>();
    let (lower_luma, _) = rows.lower.as_chunks_mut::<2>();
    let luma = upper_luma.iter_mut().zip(lower_luma);
    let chroma = rows.cb.iter_mut().zip(rows.cr);
    for (((upper, lower), (upper_luma, lower_luma)), (cb, cr)) in
        upper_pairs.iter().zip(lower_pairs).zip(luma).zip(chroma)
    {
        if u64::from_ne_bytes(*upper) | u64::from_ne_bytes(*lower) == 0 {
            continue;
        }
        let mut sum = [0; 4];
        for (pair, levels) in [(upper, upper_luma), (lower, lower_luma)] {
            let (pixels, _) = pair.as_chunks::<PIXEL_BYTES>();
            for (pixel, level) in pixels.iter().zip(levels) {
                let pixel = pixel.map(i32::from);
                *level = mixing.luma.mix::<LUMA_BITS>(pixel, *level, 255);
                for (total, part) in sum.iter_mut().zip(pixel) {
                    *total += part;
                }
            }
        }
        *cb = mixing.cb.mix::<CHROMA_BITS>(sum, *cb, FULL_BLOCK);
        *cr = mixing.cr.mix::<CHROMA_BITS>(sum, *cr, FULL_BLOCK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::yuv::YuvMatrix;
    use crate::render::draw::overlay::Bounds;
    use proptest::prelude::*;

    fn colors() -> impl Strategy<Value = YuvColors> {
        let matrix = prop::sample::select(vec![YuvMatrix::Bt601, YuvMatrix::Bt709, YuvMatrix::Bt2020]);
        (matrix, any::<bool>()).prop_map(|(matrix, is_full_range)| YuvColors { matrix, is_full_range })
    }

    /// Writes a color (not multiplied by alpha) onto the whole sheet.
    fn cover(overlay: &mut Overlay, rgb: [u8; 3], alpha: u8) {
        let premultiplied = rgb.map(|level| (f32::from(level) * f32::from(alpha) / 255.0).round() as u8);
        let (pixels, _) = overlay.bytes_mut().as_chunks_mut::<4>();
        pixels.fill([premultiplied[0], premultiplied[1], premultiplied[2], alpha]);
        let [right, bottom] = overlay.size_px().map(|length| length as f32);
        overlay.touch(Bounds { left: 0.0, top: 0.0, right, bottom });
    }

    proptest! {
        #[test]
        fn an_even_sheet_mixes_as_in_real_numbers(
            colors in colors(), rgb in any::<[u8; 3]>(), alpha in any::<u8>(), below in any::<[u8; 3]>(),
        ) {
            let mut image = YuvImage::new([36, 34], colors);
            image.luma.fill(below[0]);
            image.cb.fill(below[1]);
            image.cr.fill(below[2]);
            let mut overlay = Overlay::new([36, 34]).unwrap();
            cover(&mut overlay, rgb, alpha);
            blend_onto(&overlay, &mut image);
            let above = colors.from_rgb(rgb);
            let share = f32::from(alpha) / 255.0;
            for (plane, (above, below)) in [&image.luma, &image.cb, &image.cr].iter().zip(above.iter().zip(below)) {
                let expected = share * f32::from(*above) + (1.0 - share) * f32::from(below);
                for &level in *plane {
                    prop_assert!((f32::from(level) - expected).abs() <= 2.0, "{level}, expected {expected}");
                }
            }
        }

        #[test]
        fn a_blank_sheet_changes_nothing_even_where_touched(levels in prop::collection::vec(any::<u8>(), 64), colors in colors()) {
            let mut image = YuvImage::new([8, 8], colors);
            image.luma.copy_from_slice(&levels);
            image.cb.copy_from_slice(&levels[..16]);
            image.cr.copy_from_slice(&levels[16..32]);
            let before = image.clone();
            let mut overlay = Overlay::new([8, 8]).unwrap();
            cover(&mut overlay, [0; 3], 0);
            blend_onto(&overlay, &mut image);
            prop_assert_eq!(image, before);
        }
    }

    #[test]
    fn chroma_takes_the_mean_alpha_of_its_four_pixels() {
        let colors = YuvColors { matrix: YuvMatrix::Bt601, is_full_range: true };
        let mut image = YuvImage::new([2, 2], colors);
        let mut overlay = Overlay::new([2, 2]).unwrap();
        overlay.bytes_mut()[..4].copy_from_slice(&[255, 0, 0, 255]);
        overlay.touch(Bounds { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 });
        blend_onto(&overlay, &mut image);
        assert_eq!(image.luma, [76, 0, 0, 0]);
        // A quarter of the way from 128 to red's Cr of 255 and Cb of 85.
        assert_eq!((image.cb[0], image.cr[0]), (117, 160));
    }

    #[test]
    fn a_sheet_larger_than_the_picture_is_cut() {
        let mut image = YuvImage::new([34, 10], YuvColors::default());
        let mut overlay = Overlay::new([100, 80]).unwrap();
        cover(&mut overlay, [255; 3], 255);
        blend_onto(&overlay, &mut image);
        assert!(image.luma.iter().all(|&level| level == 235));
    }
}
