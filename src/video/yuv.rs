//! Converts colors of 8-bit YUV by libswscale's integer rule for x86 (`libswscale/x86/yuv_2_rgb.asm`), bit-exactly.
//! Pure.

use crate::image::Colors;

/// The factors that convert luma and chroma to red, green and blue, in 65536ths of an eighth of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct YuvMatrix {
    /// Luma of black, in eighths.
    pub(super) black: i16,
    pub(super) luma: i16,
    pub(super) red_by_cr: i16,
    pub(super) green_by_cb: i16,
    pub(super) green_by_cr: i16,
    pub(super) blue_by_cb: i16,
}

/// Chroma of gray, in eighths.
pub(super) const GRAY: i16 = 128 << 3;

impl YuvMatrix {
    /// Builds the factors from libswscale's table of a matrix: the weights, in 65536ths and for limited range, of Cr in
    /// red, of Cb in blue, and the weights of Cb and Cr subtracted from green (`ff_yuv2rgb_c_init_tables` in
    /// `libswscale/yuv2rgb.c`).
    pub(super) fn new([red_by_cr, blue_by_cb, green_by_cb, green_by_cr]: [i32; 4], is_full_range: bool) -> Self {
        let one = 1_i64 << 16;
        let luma = if is_full_range { one } else { one * 255 / 219 };
        let black = if is_full_range { 0 } else { 16 * one };
        let chroma = |weight: i32| {
            let weight = i64::from(weight);
            rounded((if is_full_range { weight * 224 / 255 } else { weight }) << 13)
        };
        Self {
            black: rounded(black << 3),
            luma: rounded(luma << 13),
            red_by_cr: chroma(red_by_cr),
            green_by_cb: chroma(-green_by_cb),
            green_by_cr: chroma(-green_by_cr),
            blue_by_cb: chroma(blue_by_cb),
        }
    }

    /// Converts values. All slices have the same length.
    pub(super) fn convert(&self, luma: &[u8], cb: &[u8], cr: &[u8], colors: Colors<'_>) {
        let Colors { red, green, blue } = colors;
        // One common length lets the compiler remove bounds checks and use vectors.
        let count = luma.len().min(cb.len()).min(cr.len()).min(red.len()).min(green.len()).min(blue.len());
        let (luma, cb, cr) = (&luma[..count], &cb[..count], &cr[..count]);
        let (red, green, blue) = (&mut red[..count], &mut green[..count], &mut blue[..count]);
        for index in 0..count {
            let luma = high_product((i16::from(luma[index]) << 3) - self.black, self.luma);
            let (cb, cr) = ((i16::from(cb[index]) << 3) - GRAY, (i16::from(cr[index]) << 3) - GRAY);
            red[index] = level(luma + high_product(cr, self.red_by_cr));
            green[index] = level(luma + high_product(cb, self.green_by_cb) + high_product(cr, self.green_by_cr));
            blue[index] = level(luma + high_product(cb, self.blue_by_cb));
        }
    }
}

/// Rounds from 65536ths to a whole number that fits.
fn rounded(value: i64) -> i16 {
    let whole = (value + (1 << 15)) >> 16;
    i16::try_from(whole).unwrap_or(if whole < 0 { i16::MIN } else { i16::MAX })
}

/// The upper half of the product, as computed by the instruction `pmulhw`.
fn high_product(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b)) >> 16) as i16
}

fn level(value: i16) -> u8 {
    value.clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// libswscale's table of BT.601.
    const BT601: [i32; 4] = [104_597, 132_201, 25_675, 53_279];

    fn rgb(matrix: YuvMatrix, [luma, cb, cr]: [u8; 3]) -> [u8; 3] {
        let (mut red, mut green, mut blue) = ([0], [0], [0]);
        matrix.convert(&[luma], &[cb], &[cr], Colors { red: &mut red, green: &mut green, blue: &mut blue });
        [red[0], green[0], blue[0]]
    }

    #[test]
    fn black_white_and_beyond() {
        let limited = YuvMatrix::new(BT601, false);
        assert_eq!([rgb(limited, [16, 128, 128]), rgb(limited, [0, 128, 128])], [[0; 3]; 2]);
        // 8 * 219 * 9539 / 65536 = 255.01.
        assert_eq!([rgb(limited, [235, 128, 128]), rgb(limited, [255, 128, 128])], [[255; 3]; 2]);
        let full = YuvMatrix::new(BT601, true);
        assert_eq!([rgb(full, [0, 128, 128]), rgb(full, [255, 128, 128])], [[0; 3], [255; 3]]);
    }

    #[test]
    fn red_of_bt601_is_red() {
        let [red, green, blue] = rgb(YuvMatrix::new(BT601, false), [81, 90, 240]);
        assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
    }
}
