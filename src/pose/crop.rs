//! Sampling a rotated square of a picture into a network's input tensor.
//!
//! The networks were trained behind OpenCV's 8-bit `warpPerspective` with `INTER_LINEAR`, and their landmarks move by
//! several pixels with a sampler that is merely similar. This follows OpenCV's rule to the bit: output pixel *index*
//! (u, v) of S maps to source index `p1 + (p2-p1) u/S + (p0-p1) v/S` without half-pixel offset, source positions are
//! rounded to 1/32 pixel (half to even), weights are integers, and the result is rounded to 8 bits before it is scaled.
//! (MediaPipe `calculators/tensor/image_to_tensor_converter_opencv.cc`, OpenCV `imgwarp.cpp`.)

use crate::image::{Colors, Picture};

/// What a tap outside the picture reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// The nearest pixel of the picture: what the landmark networks expect.
    Replicate,
    /// Black: what the detector expects.
    Zero,
}

/// A rotated square in picture pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    /// Column of the center, pixels.
    pub center_x_px: f32,
    /// Row of the center, pixels.
    pub center_y_px: f32,
    /// Side, pixels.
    pub side_px: f32,
    /// Clockwise on the screen, radians.
    pub rotation_rad: f32,
}

/// How 8-bit values become tensor values: `value * scale + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueRange {
    /// Tensor value of 0.
    pub low: f32,
    /// Tensor value of 255.
    pub high: f32,
}

/// Corners of the square as `cv::RotatedRect::points` computes them (f32): bottom left, top left, top right.
fn corners(square: Square) -> [[f64; 2]; 3] {
    // The angle makes a trip through degrees, kept as f32, as in MediaPipe.
    let degrees = (f64::from(square.rotation_rad * 180.0) / std::f64::consts::PI) as f32;
    let angle = f64::from(degrees) * std::f64::consts::PI / 180.0;
    let half_sin = (angle.sin() as f32) * 0.5;
    let half_cos = (angle.cos() as f32) * 0.5;
    let (x, y, side) = (square.center_x_px, square.center_y_px, square.side_px);
    let bottom_left = [x - half_sin * side - half_cos * side, y + half_cos * side - half_sin * side];
    let top_left = [x + half_sin * side - half_cos * side, y - half_cos * side - half_sin * side];
    let top_right = [2.0 * x - bottom_left[0], 2.0 * y - bottom_left[1]];
    [bottom_left, top_left, top_right].map(|corner| corner.map(f64::from))
}

/// Rounds half to even for magnitudes below 2^31. Adding 1.5 * 2^52 leaves the rounded integer in the low bits of the
/// mantissa; a call of the C library's `rint` for each of 131,072 positions a crop would cost as much as the sampling.
fn round_half_even(value: f64) -> i32 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (value.clamp(-1e9, 1e9) + SHIFT).to_bits() as i32
}

/// Fills `tensor` (`side * side * 3` values, rows from the top, R G B) with the square of `image`.
pub fn sample<P: Picture + ?Sized>(
    image: &P,
    square: Square,
    side: usize,
    border: Border,
    range: ValueRange,
    tensor: &mut [f32],
) {
    debug_assert_eq!(tensor.len(), side * side * 3);
    let scale = (range.high - range.low) / 255.0;
    let value_of: [f32; 256] = std::array::from_fn(|byte| byte as f32 * scale + range.low);
    let [bottom_left, top_left, top_right] = corners(square);
    let step = 1.0 / side as f64;
    let across = [(top_right[0] - top_left[0]) * step, (top_right[1] - top_left[1]) * step];
    let down = [(bottom_left[0] - top_left[0]) * step, (bottom_left[1] - top_left[1]) * step];
    for (v, row) in tensor.chunks_exact_mut(side * 3).enumerate() {
        let start = [top_left[0] + down[0] * v as f64, top_left[1] + down[1] * v as f64];
        for (u, texel) in row.chunks_exact_mut(3).enumerate() {
            let x_32nds = round_half_even((start[0] + across[0] * u as f64) * 32.0);
            let y_32nds = round_half_even((start[1] + across[1] * u as f64) * 32.0);
            let rgb = bilinear(image, x_32nds, y_32nds, border);
            for channel in 0..3 {
                texel[channel] = value_of[usize::from(rgb[channel])];
            }
        }
    }
}

/// The color at a position in 1/32 pixel.
#[inline]
fn bilinear<P: Picture + ?Sized>(image: &P, x_32nds: i32, y_32nds: i32, border: Border) -> [u8; 3] {
    let (x, y) = (x_32nds >> 5, y_32nds >> 5);
    let (fx, fy) = ((x_32nds & 31) as u32, (y_32nds & 31) as u32);
    let weights = [(32 - fx) * (32 - fy), fx * (32 - fy), (32 - fx) * fy, fx * fy];
    let taps = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)].map(|(x, y)| tap(image, x, y, border));
    std::array::from_fn(|channel| {
        let sum: u32 = weights.iter().zip(&taps).map(|(weight, rgb)| weight * u32::from(rgb[channel])).sum();
        ((sum + 512) >> 10) as u8
    })
}

fn tap<P: Picture + ?Sized>(image: &P, x: i32, y: i32, border: Border) -> [u8; 3] {
    let [width, height] = image.size_px();
    let (right, bottom) = (width as i32 - 1, height as i32 - 1);
    if right < 0 || bottom < 0 {
        return [0; 3];
    }
    match border {
        Border::Zero if x < 0 || y < 0 || x > right || y > bottom => [0; 3],
        _ => {
            let (mut red, mut green, mut blue) = ([0], [0], [0]);
            let colors = Colors { red: &mut red, green: &mut green, blue: &mut blue };
            image.colors_at(&[x.clamp(0, right) as u32], &[y.clamp(0, bottom) as u32], colors);
            [red[0], green[0], blue[0]]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::RgbImage;
    use proptest::prelude::*;

    const UNIT: ValueRange = ValueRange { low: 0.0, high: 255.0 };

    /// Red grows by one per column, green by one per row.
    fn ramp(width: usize, height: usize) -> RgbImage {
        let mut image = RgbImage::new(width, height);
        for y in 0..height {
            for x in 0..width {
                image.set_rgb(x, y, [x as u8, y as u8, 77]);
            }
        }
        image
    }

    fn crop(image: &RgbImage, square: Square, side: usize, border: Border) -> Vec<f32> {
        let mut tensor = vec![f32::NAN; side * side * 3];
        sample(image, square, side, border, UNIT, &mut tensor);
        tensor
    }

    #[test]
    fn an_upright_square_of_the_same_size_is_a_copy_by_index() {
        let image = ramp(16, 16);
        let square = Square { center_x_px: 8.0, center_y_px: 8.0, side_px: 8.0, rotation_rad: 0.0 };
        let tensor = crop(&image, square, 8, Border::Zero);
        // Index (0, 0) samples source index (4, 4): no half-pixel offset anywhere.
        assert_eq!(&tensor[..3], &[4.0, 4.0, 77.0]);
        assert_eq!(&tensor[(7 * 8 + 7) * 3..], &[11.0, 11.0, 77.0]);
    }

    #[test]
    fn a_quarter_turn_clockwise_reads_columns_upward() {
        let image = ramp(16, 16);
        let square =
            Square { center_x_px: 8.0, center_y_px: 8.0, side_px: 8.0, rotation_rad: std::f32::consts::FRAC_PI_2 };
        let tensor = crop(&image, square, 8, Border::Replicate);
        // The crop's top left is the square's top right on screen, and its rows run to the left.
        assert_eq!(&tensor[..2], &[12.0, 4.0]);
        assert_eq!(&tensor[3..5], &[12.0, 5.0]);
        assert_eq!(&tensor[8 * 3..8 * 3 + 2], &[11.0, 4.0]);
    }

    #[test]
    fn borders_are_black_for_the_detector_and_replicated_for_landmarks() {
        let image = ramp(4, 4);
        let square = Square { center_x_px: 0.0, center_y_px: 0.0, side_px: 4.0, rotation_rad: 0.0 };
        assert_eq!(&crop(&image, square, 4, Border::Zero)[..3], &[0.0, 0.0, 0.0]);
        assert_eq!(&crop(&image, square, 4, Border::Replicate)[..3], &[0.0, 0.0, 77.0]);
    }

    #[test]
    fn half_way_between_pixels_is_their_rounded_mean() {
        let mut image = RgbImage::new(2, 1);
        image.set_rgb(1, 0, [255, 1, 3]);
        assert_eq!(bilinear(&image, 16, 0, Border::Replicate), [128, 1, 2]);
    }

    proptest! {
        #[test]
        fn rounding_is_that_of_the_standard_library(value in -1e8f64..1e8) {
            prop_assert_eq!(round_half_even(value), value.round_ties_even() as i32);
        }

        #[test]
        fn ties_go_to_even(whole in -1_000_000i32..1_000_000) {
            prop_assert_eq!(round_half_even(f64::from(whole) + 0.5) % 2, 0);
        }

        #[test]
        fn any_square_of_any_picture_stays_within_the_values_of_the_picture(
            width in 1usize..9, height in 1usize..9, x in -1e3f32..1e3, y in -1e3f32..1e3,
            side_px in 0f32..1e4, rotation_rad in -7f32..7.0,
        ) {
            let image = ramp(width, height);
            let square = Square { center_x_px: x, center_y_px: y, side_px, rotation_rad };
            let tensor = crop(&image, square, 8, Border::Replicate);
            for texel in tensor.chunks_exact(3) {
                prop_assert!(texel[0] <= (width - 1) as f32 && texel[1] <= (height - 1) as f32 && texel[2] == 77.0);
            }
        }
    }
}
