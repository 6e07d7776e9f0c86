//! Pictures filmed otherwise: what `posekit analyze --stability` does to each picture before the networks see it. Pure.
//!
//! A picture keeps its size, so that a video has the same properties in every variant. Places in it move by
//! [`Perturbation::moved_px`].

mod coarse;
mod resample;

use serde::{Deserialize, Serialize};

use self::coarse::quantized;
use self::resample::{Taps, resampled, shrunk};
use crate::image::{Colors, Picture, RgbImage};

/// How pictures are altered. The default alters nothing. The fields are applied in their order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Perturbation {
    /// Whether left and right are exchanged.
    pub is_mirrored: bool,
    /// The size of what is shown, as a share of its size before. What is left of the picture is black.
    pub magnification: f64,
    /// The distance by which the content moves to the right and down, as a share of the width and the height. What it
    /// uncovers is black.
    pub shift: [f64; 2],
    /// The number of pixels, along each axis, that have one color.
    pub block_px: u8,
    /// The factor of all levels.
    pub gain: f64,
    /// The standard deviation of the noise of each pixel, levels.
    pub noise: f64,
    /// The step to which the coefficients of 8 x 8 blocks are rounded, as codecs do it; 0 for none.
    pub step: f64,
}

impl Default for Perturbation {
    fn default() -> Self {
        Self { is_mirrored: false, magnification: 1.0, shift: [0.0; 2], block_px: 1, gain: 1.0, noise: 0.0, step: 0.0 }
    }
}

/// The single perturbations: those that say most come first.
const SINGLE: [fn(&mut Perturbation); 8] = [
    |it| it.is_mirrored = true,
    |it| it.block_px = 2,
    |it| it.step = 24.0,
    |it| it.gain = 0.6,
    |it| it.magnification = 0.75,
    |it| it.noise = 12.0,
    |it| it.shift = [0.05, 0.03],
    |it| it.gain = 1.3,
];

impl Perturbation {
    /// Returns all perturbations in a fixed order: the single ones, then pairs of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let with = |fields: &[usize]| {
            let mut it = Self::default();
            for &field in fields {
                SINGLE[field](&mut it);
            }
            it
        };
        let single: Vec<Self> = (0..SINGLE.len()).map(|field| with(&[field])).collect();
        let pairs = (0..SINGLE.len()).flat_map(|one| (one + 1..SINGLE.len()).map(move |other| [one, other]));
        let pairs: Vec<Self> = pairs
            .map(|pair| with(&pair))
            // A picture is darker or brighter, but not both.
            .filter(|pair| !single.contains(pair))
            .collect();
        [single, pairs].concat()
    }

    /// Returns the perturbation in words: `mirrored, darker`.
    #[must_use]
    pub fn words(&self) -> String {
        let words = [
            (self.is_mirrored, "mirrored"),
            (self.block_px > 1, "lower resolution"),
            (self.step > 0.0, "coarser compression"),
            (self.gain < 1.0, "darker"),
            (self.gain > 1.0, "brighter"),
            (self.magnification < 1.0, "smaller"),
            (self.noise > 0.0, "noise"),
            (self.shift != [0.0; 2], "shifted"),
        ];
        let words: Vec<&str> = words.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect();
        if words.is_empty() { "as filmed".to_owned() } else { words.join(", ") }
    }

    /// Returns the place to which a place of the original moves. Sizes and places in pixels.
    #[must_use]
    pub fn moved_px(&self, size_px: [f64; 2], at_px: [f64; 2]) -> [f64; 2] {
        let [x_px, y_px] = at_px;
        let x_px = if self.is_mirrored { size_px[0] - x_px } else { x_px };
        let moved = |axis: usize, at_px: f64| {
            let middle_px = size_px[axis] / 2.0;
            (at_px - middle_px) * self.magnification + middle_px + self.shift_px(axis, size_px[axis])
        };
        [moved(0, x_px), moved(1, y_px)]
    }

    /// Returns the place of the original that has moved to a place. Sizes and places in pixels.
    #[must_use]
    pub fn original_px(&self, size_px: [f64; 2], moved_px: [f64; 2]) -> [f64; 2] {
        let back = |axis: usize| {
            let middle_px = size_px[axis] / 2.0;
            (moved_px[axis] - middle_px - self.shift_px(axis, size_px[axis])) / self.magnification + middle_px
        };
        let [x_px, y_px] = [back(0), back(1)];
        [if self.is_mirrored { size_px[0] - x_px } else { x_px }, y_px]
    }

    /// Returns the shift along an axis, whole pixels.
    fn shift_px(&self, axis: usize, length_px: f64) -> f64 {
        (self.shift[axis] * length_px).round()
    }

    /// Returns the altered picture. The noise depends on the frame's number.
    #[must_use]
    pub fn apply(&self, picture: &impl Picture, frame_idx: u32) -> RgbImage {
        let mut image = pixels(picture, self.is_mirrored);
        if self.magnification != 1.0 || self.shift != [0.0; 2] {
            let taps = |axis: usize, length: usize| {
                let shift_px = self.shift_px(axis, length as f64);
                Taps::placed(length, self.magnification, shift_px)
            };
            image = resampled(&image, &taps(0, image.width()), &taps(1, image.height()));
        }
        if self.block_px > 1 {
            let block_px = usize::from(self.block_px);
            let [columns, rows] = [image.width(), image.height()].map(|length| Taps::enlarged(length, block_px));
            image = resampled(&shrunk(&image, block_px), &columns, &rows);
        }
        if self.gain != 1.0 || self.noise > 0.0 {
            self.relight(&mut image, frame_idx);
        }
        if self.step > 0.0 {
            quantized(&mut image, self.step as f32);
        }
        image
    }

    /// Applies the gain, and adds the noise.
    fn relight(&self, image: &mut RgbImage, frame_idx: u32) {
        let levels: [f32; 256] = std::array::from_fn(|level| (level as f64 * self.gain) as f32);
        let spread = (self.noise / SPREAD_OF_FOUR_BYTES) as f32;
        let mut random = Random(u64::from(frame_idx));
        let (width, stride) = (image.width(), image.stride());
        for row in image.bytes_mut().chunks_exact_mut(stride) {
            for pixel in row[..width * 3].chunks_exact_mut(3) {
                let noise = if spread > 0.0 { spread * random.centered() } else { 0.0 };
                for level in pixel {
                    *level = (levels[usize::from(*level)] + noise).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
}

/// The standard deviation of the sum of four random bytes.
const SPREAD_OF_FOUR_BYTES: f64 = 147.8;

/// A sequence of random numbers (`SplitMix64`): the same on every machine.
struct Random(u64);

impl Random {
    /// Returns the sum of four random bytes, minus its mean: nearly a normal distribution.
    fn centered(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [a, b, c, d, ..] = (bits ^ (bits >> 31)).to_le_bytes().map(f32::from);
        a + b + c + d - 510.0
    }
}

/// Returns all pixels of a picture, mirrored or not.
fn pixels(picture: &impl Picture, is_mirrored: bool) -> RgbImage {
    let [width, height] = picture.size_px();
    let mut image = RgbImage::new(width, height);
    let mut columns: Vec<u32> = (0..width as u32).collect();
    if is_mirrored {
        columns.reverse();
    }
    let [mut red, mut green, mut blue] = [(); 3].map(|()| vec![0; width]);
    let stride = image.stride();
    for (y, row) in image.bytes_mut().chunks_exact_mut(stride).enumerate().take(height) {
        let colors = Colors { red: &mut red, green: &mut green, blue: &mut blue };
        picture.colors_at(&columns, &vec![y as u32; width], colors);
        for (pixel, ((&red, &green), &blue)) in row.chunks_exact_mut(3).zip(red.iter().zip(&green).zip(&blue)) {
            pixel.copy_from_slice(&[red, green, blue]);
        }
    }
    image
}

#[cfg(test)]
mod tests;
