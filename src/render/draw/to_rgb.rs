//! Converts planes back to RGB, and writes PNG files of stills.

use super::blend::ranges;
use crate::image::yuv::{YuvColors, YuvImage};

/// The fixed-point bits of the factors.
const BITS: u32 = 16;

/// Fixed-point factors.
#[derive(Debug, Clone, Copy)]
struct Factors {
    black: i32,
    luma: i32,
    red_of_cr: i32,
    green_of_cb: i32,
    green_of_cr: i32,
    blue_of_cb: i32,
}

impl Factors {
    fn new(colors: YuvColors) -> Self {
        let (red, blue) = colors.matrix.luma_weights();
        let green = 1.0 - red - blue;
        let (black, luma_span, chroma_span) = ranges(colors);
        let fixed = |factor: f32| (factor * 255.0 * (1 << BITS) as f32).round() as i32;
        let [for_cb, for_cr] = [2.0 * (1.0 - blue), 2.0 * (1.0 - red)];
        Self {
            black: black as i32,
            luma: fixed(1.0 / luma_span),
            red_of_cr: fixed(for_cr / chroma_span),
            green_of_cb: fixed(-for_cb * blue / green / chroma_span),
            green_of_cr: fixed(-for_cr * red / green / chroma_span),
            blue_of_cb: fixed(for_cb / chroma_span),
        }
    }

    /// Returns the RGB color; `cb` and `cr` are in sixteenths.
    #[inline]
    fn rgb(self, luma: u8, cb: i32, cr: i32) -> [u8; 3] {
        let bright = (i32::from(luma) - self.black) * self.luma;
        let (cb, cr) = (cb - 128 * 16, cr - 128 * 16);
        let level = |chroma: i32| ((bright + (chroma >> 4) + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8;
        let green = self.green_of_cb * cb + self.green_of_cr * cr;
        [level(self.red_of_cr * cr), level(green), level(self.blue_of_cb * cb)]
    }
}

/// Returns the picture's pixels, row by row without padding, 3 bytes (R, G, B) each. Chroma is interpolated between the
/// middles of its blocks.
#[must_use]
pub(crate) fn rgb_bytes(image: &YuvImage) -> Vec<u8> {
    let factors = Factors::new(image.colors);
    let (width, height) = (image.width(), image.height());
    let mut bytes = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        let rows = neighbors(y, height / 2);
        let row = |plane: &[u8]| -> Vec<i32> {
            let at = |row: usize| &plane[row * width / 2..(row + 1) * width / 2];
            at(rows[0]).iter().zip(at(rows[1])).map(|(near, far)| 3 * i32::from(*near) + i32::from(*far)).collect()
        };
        let (cb, cr) = (row(&image.cb), row(&image.cr));
        for x in 0..width {
            let [near, far] = neighbors(x, width / 2);
            let mixed = |row: &[i32]| 3 * row[near] + row[far];
            bytes.extend(factors.rgb(image.luma[y * width + x], mixed(&cb), mixed(&cr)));
        }
    }
    bytes
}

/// Returns the index of the nearest block along an axis, and that of the next one on the other side of the pixel.
fn neighbors(position: usize, blocks: usize) -> [usize; 2] {
    let near = position / 2;
    let far =
        if position.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(blocks.saturating_sub(1)) };
    [near, far]
}

/// Returns the picture as the bytes of a PNG file.
///
/// # Errors
/// On a picture without pixels.
pub(crate) fn png_bytes(image: &YuvImage) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width() as u32, image.height() as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb_bytes(image))?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::yuv::YuvMatrix;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rgb_comes_back(rgb in any::<[u8; 3]>(), matrix in 0_usize..3, is_full_range in any::<bool>()) {
            let matrix = [YuvMatrix::Bt601, YuvMatrix::Bt709, YuvMatrix::Bt2020][matrix];
            let mut image = YuvImage::new([6, 4], YuvColors { matrix, is_full_range });
            image.fill(rgb);
            let bytes = rgb_bytes(&image);
            prop_assert_eq!(bytes.len(), 6 * 4 * 3);
            for (index, (&level, expected)) in bytes.iter().zip(rgb.iter().cycle()).enumerate() {
                // Rounding to 8-bit planes loses up to two levels.
                prop_assert!(level.abs_diff(*expected) <= 2, "{index}: {level}, expected {expected}");
            }
        }
    }

    #[test]
    fn chroma_is_mixed_between_blocks() {
        let mut image = YuvImage::new([4, 2], YuvColors { matrix: YuvMatrix::Bt601, is_full_range: true });
        image.luma.fill(100);
        image.cr = vec![128, 168];
        let reds: Vec<u8> = rgb_bytes(&image).chunks_exact(3).take(4).map(|pixel| pixel[0]).collect();
        // 1.402 times 0, 10, 30, 40.
        assert_eq!(reds, [100, 114, 142, 156]);
    }

    #[test]
    fn a_png_says_its_size() {
        let bytes = png_bytes(&YuvImage::new([322, 240], YuvColors::default())).unwrap();
        let info = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap().info().size();
        assert_eq!(info, (322, 240));
        assert!(png_bytes(&YuvImage::default()).is_err());
    }
}
