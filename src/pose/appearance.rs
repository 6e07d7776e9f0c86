//! The appearance of a person: color histograms of the upper and the lower body. They re-identify people who were
//! hidden or out of view.

use super::skeleton::landmark;
use super::tracklet::APPEARANCE_BINS;
use crate::image::{Colors, Picture};

/// Bins of one half: hues of colorful pixels, then brightness of gray pixels.
const HALF: usize = APPEARANCE_BINS / 2;
const HUE_BINS: usize = 16;
const GRAY_BINS: usize = HALF - HUE_BINS;
/// Number of positions along and across a part of the body at which colors are looked up.
const ALONG: usize = 12;
const ACROSS: usize = 8;
/// Landmarks at the corners of the two parts: shoulders and hips, hips and knees; top left, top right, bottom left,
/// bottom right.
const PARTS: [[usize; 4]; 2] = [
    [landmark::LEFT_SHOULDER, landmark::RIGHT_SHOULDER, landmark::LEFT_HIP, landmark::RIGHT_HIP],
    [landmark::LEFT_HIP, landmark::RIGHT_HIP, landmark::LEFT_KNEE, landmark::RIGHT_KNEE],
];

/// The mean appearance over the frames in which a person was clearly visible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appearance {
    sum: [f32; APPEARANCE_BINS],
    count: u32,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { sum: [0.0; APPEARANCE_BINS], count: 0 }
    }
}

impl Appearance {
    /// Adds a frame. `landmarks_px` are the person's 33 landmarks. A person partly outside of the picture is left out.
    pub(super) fn add<P: Picture + ?Sized>(&mut self, image: &P, landmarks_px: &[[f32; 2]]) {
        if let Some(histogram) = histogram(image, landmarks_px) {
            self.sum.iter_mut().zip(histogram).for_each(|(sum, value)| *sum += value);
            self.count += 1;
        }
    }

    /// The mean appearance; `None` if no frame was added.
    pub(super) fn mean(&self) -> Option<[f32; APPEARANCE_BINS]> {
        (self.count > 0).then(|| self.sum.map(|sum| sum / self.count as f32))
    }
}

/// Computes both halves of an appearance, each summing to 1; `None` if a corner of either part is outside of the
/// picture.
fn histogram<P: Picture + ?Sized>(image: &P, landmarks_px: &[[f32; 2]]) -> Option<[f32; APPEARANCE_BINS]> {
    let size_px = image.size_px();
    let is_inside = |&index: &usize| {
        let [x_px, y_px] = landmarks_px[index];
        x_px >= 0.0 && y_px >= 0.0 && x_px < size_px[0] as f32 && y_px < size_px[1] as f32
    };
    if !PARTS.iter().flatten().all(is_inside) {
        return None;
    }
    let mut bins = [0.0; APPEARANCE_BINS];
    for (part, bins) in PARTS.iter().zip(bins.chunks_exact_mut(HALF)) {
        let corners = part.map(|index| landmarks_px[index]);
        let (columns, rows) = positions(corners);
        let mut colors = [[0_u8; ALONG * ACROSS]; 3];
        let [red, green, blue] = &mut colors;
        image.colors_at(&columns, &rows, Colors { red, green, blue });
        for index in 0..ALONG * ACROSS {
            vote(colors.map(|channel| channel[index]), bins);
        }
        for bin in bins {
            *bin /= (ALONG * ACROSS) as f32;
        }
    }
    Some(bins)
}

/// A grid of positions slightly inside four corners.
fn positions([left_top, right_top, left_bottom, right_bottom]: [[f32; 2]; 4]) -> (Vec<u32>, Vec<u32>) {
    let inner = |index: usize, count: usize| 0.1 + 0.8 * (index as f32 + 0.5) / count as f32;
    let point = |index: usize| -> [f32; 2] {
        let (down, across) = (inner(index / ACROSS, ALONG), inner(index % ACROSS, ACROSS));
        std::array::from_fn(|axis| {
            let top = left_top[axis] + (right_top[axis] - left_top[axis]) * across;
            let bottom = left_bottom[axis] + (right_bottom[axis] - left_bottom[axis]) * across;
            top + (bottom - top) * down
        })
    };
    (0..ALONG * ACROSS).map(point).map(|[x, y]| (x as u32, y as u32)).unzip()
}

/// Adds a pixel to the bins: to its hue in proportion to its colorfulness, to its brightness for the rest.
fn vote([red, green, blue]: [u8; 3], bins: &mut [f32]) {
    let [red, green, blue] = [red, green, blue].map(|value| f32::from(value) / 255.0);
    let (high, low) = (red.max(green).max(blue), red.min(green).min(blue));
    let chroma = high - low;
    // The hue of dark pixels is unreliable.
    let colorfulness = if high > 0.1 { (2.0 * chroma / high.max(0.25)).min(1.0) } else { 0.0 };
    let sector = if chroma <= 0.0 {
        0.0
    } else if high == red {
        ((green - blue) / chroma).rem_euclid(6.0)
    } else if high == green {
        (blue - red) / chroma + 2.0
    } else {
        (red - green) / chroma + 4.0
    };
    let hue = ((sector / 6.0 * HUE_BINS as f32) as usize).min(HUE_BINS - 1);
    let gray = ((high * GRAY_BINS as f32) as usize).min(GRAY_BINS - 1);
    bins[hue] += colorfulness;
    bins[HUE_BINS + gray] += 1.0 - colorfulness;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::RgbImage;

    fn landmarks() -> Vec<[f32; 2]> {
        let mut points = vec![[0.0, 0.0]; 33];
        for (index, point) in [
            (landmark::LEFT_SHOULDER, [60.0, 20.0]),
            (landmark::RIGHT_SHOULDER, [20.0, 20.0]),
            (landmark::LEFT_HIP, [55.0, 60.0]),
            (landmark::RIGHT_HIP, [25.0, 60.0]),
            (landmark::LEFT_KNEE, [55.0, 90.0]),
            (landmark::RIGHT_KNEE, [25.0, 90.0]),
        ] {
            points[index] = point;
        }
        points
    }

    fn dressed(upper: [u8; 3], lower: [u8; 3]) -> RgbImage {
        let mut image = RgbImage::new(100, 100);
        for y in 0..100 {
            for x in 0..100 {
                image.set_rgb(x, y, if y < 60 { upper } else { lower });
            }
        }
        image
    }

    #[test]
    fn a_red_shirt_over_black_trousers() {
        let mut appearance = Appearance::default();
        appearance.add(&dressed([220, 20, 20], [10, 10, 10]), &landmarks());
        let mean = appearance.mean().unwrap();
        assert!((mean[0] - 1.0).abs() < 1e-5, "{mean:?}");
        assert!((mean[HALF + HUE_BINS] - 1.0).abs() < 1e-5, "{mean:?}");
        assert!((mean[..HALF].iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }

    #[test]
    fn who_is_partly_outside_is_not_looked_at() {
        let mut appearance = Appearance::default();
        let mut points = landmarks();
        points[landmark::LEFT_KNEE] = [50.0, 120.0];
        appearance.add(&dressed([1, 2, 3], [4, 5, 6]), &points);
        assert!(appearance.mean().is_none());
    }
}
