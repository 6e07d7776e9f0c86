//! Sampling a rotated square of a picture into a network's input tensor.
//!
//! The networks were trained with OpenCV's 8-bit `warpPerspective` with `INTER_LINEAR`. With a sampler that is only
//! similar, their landmarks move by several pixels. This module follows OpenCV's rule bit-exactly: output pixel *index*
//! (u, v) of S maps to source index `p1 + (p2-p1) u/S + (p0-p1) v/S` without half-pixel offset, source positions are
//! rounded to 1/32 pixel (half to even), weights are integers, and the result is rounded to 8 bits before it is scaled.
//! (MediaPipe `calculators/tensor/image_to_tensor_converter_opencv.cc`, OpenCV `imgwarp.cpp`.)

use crate::image::Picture;
pub use crate::image::mix::Border;
use crate::image::mix::{Line, RUN};

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

/// The mapping from 8-bit values to tensor values: `value * scale + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueRange {
    /// Tensor value of 0.
    pub low: f32,
    /// Tensor value of 255.
    pub high: f32,
}

/// Corners of the square as `cv::RotatedRect::points` computes them (f32): bottom left, top left, top right.
fn corners(square: Square) -> [[f64; 2]; 3] {
    // As in MediaPipe, the angle is converted to degrees and back, in f32.
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
    let [width, height] = image.size_px();
    if width == 0 || height == 0 {
        return tensor.fill(range.low);
    }
    let scale = (range.high - range.low) / 255.0;
    let [bottom_left, top_left, top_right] = corners(square);
    let step = 1.0 / side as f64;
    let across = [(top_right[0] - top_left[0]) * step, (top_right[1] - top_left[1]) * step];
    let down = [(bottom_left[0] - top_left[0]) * step, (bottom_left[1] - top_left[1]) * step];
    // Products with a power of two are exact, so the unit may be changed first.
    let in_32nds = |point: [f64; 2]| point.map(|px| px * 32.0);
    let mut mixed = [[0; 3]; RUN];
    for (v, row) in tensor.chunks_exact_mut(side * 3).enumerate() {
        let start = [top_left[0] + down[0] * v as f64, top_left[1] + down[1] * v as f64];
        for (run, texels) in row.chunks_mut(RUN * 3).enumerate() {
            let first = (run * RUN) as i32;
            let line = Line { start_32nds: in_32nds(start), step_32nds: in_32nds(across), first };
            image.mixed_along(&line, border, &mut mixed);
            for (value, &level) in texels.iter_mut().zip(mixed.as_flattened()) {
                *value = f32::from(level) * scale + range.low;
            }
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
        let square = Square { center_x_px: 1.0, center_y_px: 0.5, side_px: 1.0, rotation_rad: 0.0 };
        assert_eq!(crop(&image, square, 1, Border::Replicate), [128.0, 1.0, 2.0]);
    }

    /// The documented rule for one channel of one texel at a position in 1/32 pixel.
    fn by_the_rule(image: &RgbImage, x_32nds: i32, y_32nds: i32, border: Border, channel: usize) -> u8 {
        let (right, bottom) = (image.width() as i32 - 1, image.height() as i32 - 1);
        let mut sum = 512;
        for (tap_x, tap_y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let (x, y) = ((x_32nds >> 5) + tap_x, (y_32nds >> 5) + tap_y);
            let part = |fraction: i32, tap: i32| if tap == 1 { fraction & 31 } else { 32 - (fraction & 31) };
            let is_outside = x < 0 || y < 0 || x > right || y > bottom;
            let color = image.rgb(x.clamp(0, right) as usize, y.clamp(0, bottom) as usize)[channel];
            let value = if is_outside && border == Border::Zero { 0 } else { i32::from(color) };
            sum += part(x_32nds, tap_x) * part(y_32nds, tap_y) * value;
        }
        (sum >> 10) as u8
    }

    proptest! {
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

        #[test]
        fn every_texel_follows_the_rule(
            pixels in prop::collection::vec(any::<[u8; 3]>(), 35), x in -3f32..10.0, y in -3f32..8.0, side_px in 0f32..20.0,
            rotation_rad in -7f32..7.0, is_zero in any::<bool>(), side in 1usize..140,
        ) {
            let mut image = RgbImage::new(7, 5);
            pixels.iter().enumerate().for_each(|(index, &rgb)| image.set_rgb(index % 7, index / 7, rgb));
            let border = if is_zero { Border::Zero } else { Border::Replicate };
            let square = Square { center_x_px: x, center_y_px: y, side_px, rotation_rad };
            let tensor = crop(&image, square, side, border);
            let [bottom_left, top_left, top_right] = corners(square);
            let step = 1.0 / side as f64;
            for (index, &value) in tensor.iter().enumerate() {
                let (u, v, channel) = (index / 3 % side, index / 3 / side, index % 3);
                let position_32nds = |axis: usize| {
                    let across = (top_right[axis] - top_left[axis]) * step;
                    let down = (bottom_left[axis] - top_left[axis]) * step;
                    let position = (top_left[axis] + down * v as f64) + across * u as f64;
                    (position * 32.0).round_ties_even() as i32
                };
                let expected = by_the_rule(&image, position_32nds(0), position_32nds(1), border, channel);
                prop_assert_eq!(value, f32::from(expected));
            }
        }
    }
}
