//! Cuts: a picture that shows another scene than the picture before it, or the same scene from another place. Pure.
//!
//! At a cut the picture changes far more than before, and parts of either picture are not found near their place in the
//! other. A flash, a light that is switched on or an exposure that adapts changes the brightness of the picture and not
//! its parts; a camera that pans moves them by a little. Sums are of whole numbers, so they are the same on every
//! machine.

use std::collections::VecDeque;

use crate::image::luma::Luma;

/// The mean change of the brightness (0 to 255) below which there is no cut.
const MIN_CHANGE: f64 = 2.0;
/// The change, relative to the usual one, below which there is no cut.
const MIN_RISE: f64 = 2.2;
/// The usual change is the median of this many pictures before.
const USUAL_PICTURES: usize = 8;
/// Without as many, no change is unusual.
const MIN_USUAL_PICTURES: usize = 2;
/// The usual change counts as this at least.
const MIN_USUAL: f64 = 0.3;
/// Share of the textured blocks of both pictures that are not found in the other at a cut. Cuts have 0.5 to 1; a jump
/// that fills the picture 0.4, other movement and flashes up to 0.3.
const MIN_UNLIKE: f64 = 0.45;
/// Textured blocks of both pictures at least; fewer say nothing.
const MIN_BLOCKS: usize = 24;
/// The side of a block, values at half the resolution.
const SIDE: usize = 8;
/// How far a block is searched for, values at half the resolution: 1/50 of the longer side of the picture.
const REACH: usize = 3;
/// The smallest variance of a textured block.
const MIN_VARIANCE: i64 = 25;
/// A block is found where its correlation is above this, squared.
const FOUND_SQUARED: f64 = 0.49;

/// Watches for cuts from picture to picture.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// The latest changes.
    changes: VecDeque<f64>,
}

impl Cuts {
    /// Whether there is a cut between a picture and the next one, of the same size. If the motion of the camera between
    /// them is known, there is none, however fast it turned.
    pub(super) fn is_between(&mut self, before: &Luma, after: &Luma, is_motion_known: bool) -> bool {
        let change = change(before, after);
        let is_sudden = change >= MIN_CHANGE && self.usual_change().is_some_and(|usual| change >= MIN_RISE * usual);
        self.changes.push_back(change);
        if self.changes.len() > USUAL_PICTURES {
            self.changes.pop_front();
        }
        is_sudden && !is_motion_known && is_another_scene(&before.halved(), &after.halved())
    }

    fn usual_change(&self) -> Option<f64> {
        let mut changes: Vec<f64> = self.changes.iter().copied().collect();
        changes.sort_by(f64::total_cmp);
        let median = changes.get(changes.len() / 2).filter(|_| changes.len() >= MIN_USUAL_PICTURES)?;
        Some(median.max(MIN_USUAL))
    }
}

/// The mean change of the brightness, 0 to 255.
fn change(before: &Luma, after: &Luma) -> f64 {
    let [width, height] = after.size();
    let of_row = |y: usize| -> u64 {
        let pairs = before.row(y).iter().zip(after.row(y));
        pairs.map(|(&a, &b)| u64::from(a.abs_diff(b))).sum()
    };
    (0..height).map(of_row).sum::<u64>() as f64 / (width * height).max(1) as f64
}

fn is_another_scene(before: &Luma, after: &Luma) -> bool {
    let (ahead, back) = (unlike(after, before), unlike(before, after));
    let (n_unlike, n_blocks) = (ahead.0 + back.0, ahead.1 + back.1);
    n_blocks >= MIN_BLOCKS && n_unlike as f64 >= MIN_UNLIKE * n_blocks as f64
}

/// The number of textured blocks of a picture that are not found near their place in the other one, and of all textured
/// blocks.
fn unlike(picture: &Luma, other: &Luma) -> (usize, usize) {
    let [width, height] = picture.size();
    let (mut n_unlike, mut n_blocks) = (0, 0);
    for top in (0..(height + 1).saturating_sub(SIDE)).step_by(SIDE) {
        for left in (0..(width + 1).saturating_sub(SIDE)).step_by(SIDE) {
            let block = Block::of(picture, [left, top]);
            if block.variance >= MIN_VARIANCE * AREA * AREA {
                n_blocks += 1;
                n_unlike += usize::from(!block.is_found(other, [left, top]));
            }
        }
    }
    (n_unlike, n_blocks)
}

const AREA: i64 = (SIDE * SIDE) as i64;

/// A block of a picture.
struct Block {
    values: [[i64; SIDE]; SIDE],
    sum: i64,
    /// The variance, times the square of the number of values.
    variance: i64,
}

impl Block {
    fn of(luma: &Luma, [left, top]: [usize; 2]) -> Self {
        let values: [[i64; SIDE]; SIDE] = std::array::from_fn(|row| luma.span::<SIDE>(left, top + row).map(i64::from));
        let sum: i64 = values.iter().flatten().sum();
        let squares: i64 = values.iter().flatten().map(|value| value * value).sum();
        Self { values, sum, variance: AREA * squares - sum * sum }
    }

    fn is_found(&self, other: &Luma, [left, top]: [usize; 2]) -> bool {
        let near = |start: usize, length: usize| start.saturating_sub(REACH)..=(start + REACH).min(length - SIDE);
        let [width, height] = other.size();
        near(top, height).any(|top| near(left, width).any(|left| self.is_like(&Self::of(other, [left, top]))))
    }

    fn is_like(&self, other: &Self) -> bool {
        let products = self.values.iter().flatten().zip(other.values.iter().flatten());
        let covariance = AREA * products.map(|(a, b)| a * b).sum::<i64>() - self.sum * other.sum;
        let limit = FOUND_SQUARED * self.variance as f64 * other.variance as f64;
        covariance > 0 && covariance as f64 * covariance as f64 >= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::RgbImage;

    const SIZE: [usize; 2] = [320, 180];

    /// A picture of soft bumps, different for each `scene`, moved to the right by `shift_px`, with this brightness.
    fn picture(scene: u32, shift_px: f64, brightness: f64) -> Luma {
        let mut image = RgbImage::new(SIZE[0], SIZE[1]);
        let waves = [[0.11, 0.07], [0.05, -0.13], [0.19, 0.02], [-0.03, 0.21]];
        for y in 0..SIZE[1] {
            for x in 0..SIZE[0] {
                let value = waves.iter().enumerate().fold(0.0, |sum, (index, [along, down])| {
                    let turned = f64::from(scene) * (1.3 + index as f64);
                    let [cos, sin] = [turned.cos(), turned.sin()];
                    let (along, down) = (along * cos - down * sin, along * sin + down * cos);
                    sum + (along * (x as f64 - shift_px) + down * y as f64 + turned).sin()
                });
                image.set_rgb(x, y, [(brightness * (100.0 + 24.0 * value)).clamp(0.0, 255.0) as u8; 3]);
            }
        }
        Luma::of(&image)
    }

    fn cuts(pictures: &[Luma]) -> Vec<usize> {
        let mut watch = Cuts::default();
        (1..pictures.len()).filter(|&index| watch.is_between(&pictures[index - 1], &pictures[index], false)).collect()
    }

    #[test]
    fn another_scene_is_a_cut_at_its_first_picture() {
        let scenes = [1, 1, 1, 2, 2, 3, 1, 1];
        let pictures: Vec<Luma> = scenes.iter().map(|&scene| picture(scene, 0.0, 1.0)).collect();
        assert_eq!(cuts(&pictures), [3, 5, 6]);
    }

    #[test]
    fn a_camera_that_pans_does_not_cut() {
        let pictures: Vec<Luma> = (0..20).map(|index| picture(1, 4.0 * f64::from(index), 1.0)).collect();
        assert_eq!(cuts(&pictures), [0; 0]);
    }

    #[test]
    fn flashes_and_lights_are_no_cuts() {
        let light = [1.0, 1.0, 1.6, 1.0, 1.0, 0.5, 0.5, 0.5];
        let pictures: Vec<Luma> = light.iter().map(|&brightness| picture(1, 0.0, brightness)).collect();
        assert_eq!(cuts(&pictures), [0; 0]);
    }

    #[test]
    fn a_black_picture_says_nothing_and_a_scene_after_it_is_another() {
        let black = Luma::of(&RgbImage::new(SIZE[0], SIZE[1]));
        let first = picture(1, 0.0, 1.0);
        let pictures = [first.clone(), first.clone(), first, black.clone(), black, picture(2, 0.0, 1.0)];
        assert_eq!(cuts(&pictures), [3, 5], "nothing of a scene is found in a black picture");
    }

    #[test]
    fn a_camera_that_turns_fast_does_not_cut_whether_its_motion_is_known_or_not() {
        let pictures: Vec<Luma> = (0..20).map(|index| picture(1, 40.0 * f64::from(index), 1.0)).collect();
        assert_eq!(cuts(&pictures), [0; 0], "each picture changes as much as the one before");
        let mut watch = Cuts::default();
        let way_px = [0.0, 0.0, 0.0, 0.0, 40.0, 80.0, 120.0];
        let pictures: Vec<Luma> = way_px.iter().map(|&x_px| picture(1, x_px, 1.0)).collect();
        let is_cut = |pair: &[Luma]| watch.is_between(&pair[0], &pair[1], true);
        assert!(!pictures.windows(2).any(is_cut));
    }
}
