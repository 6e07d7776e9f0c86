//! Mixing the four pixels around a position, by the rule of OpenCV's 8-bit `warpPerspective` with `INTER_LINEAR`:
//! weights are integers, and the sum is rounded to 8 bits.

use super::{Colors, Picture};

/// Number of positions mixed together; arrays for their taps stay in the first-level cache and are never allocated.
pub const RUN: usize = 64;

/// The value of a tap outside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// The nearest pixel of the picture: the border that the landmark networks expect.
    Replicate,
    /// Black: the border that the detector expects.
    Zero,
}

/// Some positions on a line across a picture: `start + step * u` for `u` from `first` on, by column and by row, in
/// 32nds of a pixel. The middle of the first pixel is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The position of `u = 0`.
    pub start_32nds: [f64; 2],
    /// From one position to the next.
    pub step_32nds: [f64; 2],
    /// The first `u`.
    pub first: i32,
}

impl Line {
    /// Positions along one axis, rounded.
    fn along(&self, axis: usize) -> [i32; RUN] {
        let (start, step) = (self.start_32nds[axis], self.step_32nds[axis]);
        let mut positions = [0; RUN];
        for (u, position) in (self.first..).zip(&mut positions) {
            *position = round_half_even(start + step * f64::from(u));
        }
        positions
    }
}

/// The furthest position that counts, in either direction, in 32nds of a pixel.
pub(crate) const FURTHEST: f64 = 1e9;

/// 1.5 * 2^52. Adding it to a number below 2^31 rounds half to even, and leaves the integer in the low bits of the
/// mantissa.
pub(crate) const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// Rounds a position. A call of the C library's `rint` for each of 131,072 positions of a crop would cost as much as
/// the sampling.
fn round_half_even(position: f64) -> i32 {
    (position.clamp(-FURTHEST, FURTHEST) + ROUNDING).to_bits() as i32
}

/// The mixed colors of positions: red, green, blue.
pub type Mixed = [[u8; 3]; RUN];

/// Mixes colors that the picture looks up pixel by pixel.
pub fn mix_single<P: Picture + ?Sized>(image: &P, line: &Line, border: Border, mixed: &mut Mixed) {
    let [width, height] = image.size_px();
    let mut taps = Taps::default();
    taps.x.place(&line.along(0), width, border);
    taps.y.place(&line.along(1), height, border);
    taps.look_up(image);
    for channel in 0..3 {
        for (color, value) in mixed.iter_mut().zip(taps.blend(channel)) {
            color[channel] = value;
        }
    }
}

/// The places of positions along one axis of the picture: the two neighboring pixels of each, and their weights.
struct Axis {
    /// Positions of the first and the second pixel, inside the picture.
    pixels: [[u32; RUN]; 2],
    /// Weights in 32nds; 0 if the pixel is outside and the border is black.
    weights: [[u16; RUN]; 2],
}

impl Axis {
    /// Places positions along an axis of `length` pixels.
    fn place(&mut self, positions_32nds: &[i32; RUN], length: usize, border: Border) {
        let last = length as i32 - 1;
        let is_zero = border == Border::Zero;
        for (index, position_32nds) in positions_32nds.iter().enumerate() {
            let (pixel, fraction) = (position_32nds >> 5, (position_32nds & 31) as u16);
            for (tap, weight) in [32 - fraction, fraction].into_iter().enumerate() {
                let pixel = pixel + tap as i32;
                let inside = pixel.clamp(0, last);
                self.pixels[tap][index] = inside as u32;
                self.weights[tap][index] = if is_zero && inside != pixel { 0 } else { weight };
            }
        }
    }
}

/// The four pixels around each position of a run: upper left, upper right, lower left, lower right.
struct Taps {
    x: Axis,
    y: Axis,
    /// By channel, then by tap.
    colors: [[[u8; RUN]; 4]; 3],
}

impl Default for Taps {
    fn default() -> Self {
        let axis = || Axis { pixels: [[0; RUN]; 2], weights: [[0; RUN]; 2] };
        Self { x: axis(), y: axis(), colors: [[[0; RUN]; 4]; 3] }
    }
}

impl Taps {
    fn look_up<P: Picture + ?Sized>(&mut self, image: &P) {
        let [red, green, blue] = &mut self.colors;
        for tap in 0..4 {
            let (columns, rows) = (&self.x.pixels[tap % 2], &self.y.pixels[tap / 2]);
            let colors = Colors { red: &mut red[tap], green: &mut green[tap], blue: &mut blue[tap] };
            image.colors_at(columns, rows, colors);
        }
    }

    /// Mixes the taps of a channel by their weights. Mixing horizontally first and then vertically gives the same sum
    /// of products, because all values are integers.
    fn blend(&self, channel: usize) -> [u8; RUN] {
        let taps = &self.colors[channel];
        let [left, right] = &self.x.weights;
        let [top, bottom] = &self.y.weights;
        let mut values = [0; RUN];
        for (index, value) in values.iter_mut().enumerate() {
            let upper = left[index] * u16::from(taps[0][index]) + right[index] * u16::from(taps[1][index]);
            let lower = left[index] * u16::from(taps[2][index]) + right[index] * u16::from(taps[3][index]);
            let sum = u32::from(top[index]) * u32::from(upper) + u32::from(bottom[index]) * u32::from(lower);
            *value = ((sum + 512) >> 10) as u8;
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_is_that_of_the_standard_library(value in -1e8f64..1e8) {
            prop_assert_eq!(round_half_even(value), value.round_ties_even() as i32);
        }

        #[test]
        fn ties_go_to_even(whole in -1_000_000i32..1_000_000) {
            prop_assert_eq!(round_half_even(f64::from(whole) + 0.5) % 2, 0);
        }
    }
}
