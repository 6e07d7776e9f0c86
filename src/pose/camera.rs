//! The motion of the camera between two pictures, from the background: patches of the earlier picture, outside people,
//! are found again in the later one. What most of them share is the camera's motion. Pure.

mod cut;
pub mod motion;
mod patch;
pub mod path;
mod similarity;

use self::cut::Cuts;
use self::motion::CameraMotion;
use self::patch::{Patch, SIDE};
use self::similarity::{Shift, Similarity, distance, shared};
use super::tracklet::PersonPose;
use crate::image::Picture;
use crate::image::luma::Luma;

/// Patches at most; more make nothing better.
const MAX_PATCHES: usize = 48;
/// Patches that must share a motion at least.
const MIN_SHARING: usize = 6;
/// Share of the patches that must share a motion.
const MIN_SHARE: f64 = 0.4;
/// The camera stands still if half of the patches move by less than this, values of the reduced picture.
const STILL: f64 = 0.1;
/// Patches share a motion if they are at most this far from it, values.
const TOLERANCE: f64 = 0.35;
/// The same at half the resolution, where patches are found for the first time.
const COARSE_TOLERANCE: f64 = 0.75;

/// What is known about the motion between two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CameraEstimate {
    /// The motion; `None` if too little background is seen, or if it shares no motion.
    pub motion: Option<CameraMotion>,
    /// The number of patches of the background.
    pub n_patches: u16,
    /// The share of the patches that moved with the camera, 0..=1.
    pub share: f32,
    /// Whether the picture shows another scene than the one before. Then the motion is not known.
    pub is_cut: bool,
}

/// Estimates the camera's motion from picture to picture.
#[derive(Debug, Default)]
pub struct CameraWatch {
    before: Option<Luma>,
    cuts: Cuts,
    /// The boxes of the people in the picture before, pixels: left, top, right, bottom.
    people_px: Vec<[f32; 4]>,
}

impl CameraWatch {
    /// Forgets the picture before, as at the end of a segment.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes the next picture. Returns `None` if there was no picture before.
    pub fn next<P: Picture + ?Sized>(&mut self, picture: &P) -> Option<CameraEstimate> {
        let luma = Luma::of(picture);
        let estimate = self.before.as_ref().map(|before| {
            let seen = estimate(before, &luma, &self.people_px);
            let is_comparable = before.size() == luma.size();
            let is_cut = is_comparable && self.cuts.is_between(before, &luma, seen.motion.is_some());
            CameraEstimate { is_cut, ..seen }
        });
        self.before = Some(luma);
        estimate
    }

    /// Notes the people in the picture, whose size is `size_px`: they do not belong to the background.
    pub fn note_people(&mut self, people: &[PersonPose], size_px: [usize; 2]) {
        let [width_px, height_px] = size_px.map(|side| side as f32);
        let box_px = |person: &PersonPose| {
            let landmarks = &person.tracked.pose.landmarks;
            landmarks.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[left, top, right, bottom], point| {
                let [x, y] = [point.x * width_px, point.y * height_px];
                [left.min(x), top.min(y), right.max(x), bottom.max(y)]
            })
        };
        self.people_px = people.iter().map(box_px).collect();
    }
}

/// Estimates the motion of the background from one picture to another. `people_px` are the boxes of people in the
/// earlier one, which do not belong to the background.
#[must_use]
pub fn estimate(before: &Luma, after: &Luma, people_px: &[[f32; 4]]) -> CameraEstimate {
    if before.size() != after.size() || before.step_px() != after.step_px() {
        return CameraEstimate::default();
    }
    let patches = textured(before, people_px);
    let of = |motion: Option<CameraMotion>, n_sharing: usize| CameraEstimate {
        motion,
        n_patches: patches.len() as u16,
        share: n_sharing as f32 / patches.len().max(1) as f32,
        is_cut: false,
    };
    if patches.len() < MIN_SHARING {
        return of(None, 0);
    }
    let stays = |patch: &&Patch| patch.find(after, [0.0; 2], 1).is_some_and(|step| distance(step, [0.0; 2]) < STILL);
    let n_still = patches.iter().filter(stays).count();
    if 2 * n_still >= patches.len() {
        return of(Some(CameraMotion::STILL), n_still);
    }
    let found = moved(before, after, people_px, &patches);
    let is_shared = |n: usize| n >= MIN_SHARING && n as f64 >= MIN_SHARE * patches.len() as f64;
    match found {
        Some((movement, n_sharing)) if is_shared(n_sharing) => of(Some(in_pixels(&movement, before)), n_sharing),
        Some((_, n_sharing)) => of(None, n_sharing),
        None => of(None, 0),
    }
}

fn in_pixels(movement: &Similarity, luma: &Luma) -> CameraMotion {
    let [a, b] = [movement.turn[0] + 1.0, movement.turn[1]];
    CameraMotion {
        shift_px: movement.shift.map(|along| along * luma.step_px() as f64),
        zoom: (a * a + b * b).sqrt(),
        roll_rad: b.atan2(a),
    }
}

/// The patches with the most texture, spread over the picture, outside people.
fn textured(luma: &Luma, people_px: &[[f32; 4]]) -> Vec<Patch> {
    let mut patches: Vec<Patch> =
        places(luma, people_px).into_iter().filter_map(|place| Patch::of(luma, place)).collect();
    if patches.len() > MAX_PATCHES {
        patches.sort_by(|a, b| b.texture.total_cmp(&a.texture));
        patches.truncate(MAX_PATCHES);
    }
    patches
}

/// The places of patches: a grid, without those that people cover.
fn places(luma: &Luma, people_px: &[[f32; 4]]) -> Vec<[usize; 2]> {
    /// Distance from one patch to the next, values.
    const PITCH: usize = 20;
    /// Hands, feet and hair reach beyond the landmarks by this share of a person's longer side.
    const BEYOND: f32 = 0.1;
    let step_px = luma.step_px() as f32;
    let boxes = people_px.iter().map(|&[left, top, right, bottom]| {
        let beyond = BEYOND * (right - left).max(bottom - top);
        [left - beyond, top - beyond, right + beyond, bottom + beyond].map(|edge| edge / step_px)
    });
    let boxes: Vec<[f32; 4]> = boxes.collect();
    let side = SIDE as f32;
    let is_covered = |[x, y]: [f32; 2]| {
        boxes.iter().any(|[left, top, right, bottom]| x < *right && x + side > *left && y < *bottom && y + side > *top)
    };
    let along = |length: usize| {
        let count = length.saturating_sub(SIDE + 2) / PITCH + usize::from(length >= SIDE + 2);
        let first = (length - ((count.max(1) - 1) * PITCH + SIDE).min(length)) / 2;
        (0..count).map(move |number| first + number * PITCH)
    };
    let [width, height] = luma.size();
    along(height)
        .flat_map(|y| along(width).map(move |x| [x, y]))
        .filter(|&[x, y]| !is_covered([x as f32, y as f32]))
        .collect()
}

/// Finds the motion of a camera that moves: first the shift of the whole picture at low resolutions, then of patches at
/// half the resolution, then of the patches.
fn moved(before: &Luma, after: &Luma, people_px: &[[f32; 4]], patches: &[Patch]) -> Option<(Similarity, usize)> {
    let halves = [before.halved(), after.halved()];
    let quarters = [halves[0].halved(), halves[1].halved()];
    let eighths = [quarters[0].halved(), quarters[1].halved()];
    let rough = best_shift(&eighths, people_px, [0, 0], [8, 4]);
    let rough = best_shift(&quarters, people_px, rough.map(|along| along * 2), [1, 1]);
    let start = Similarity { shift: rough.map(|along| f64::from(along) * 2.0), turn: [0.0; 2] };
    let coarse = follow(&halves[1], &textured(&halves[0], people_px), &start, 5);
    let coarse = shared(&coarse, COARSE_TOLERANCE, reach(&halves[0]), 2.0 * STILL);
    let start = coarse.map_or(start, |(movement, _)| movement);
    let start = Similarity { shift: start.shift.map(|along| along * 2.0), ..start };
    shared(&follow(after, patches, &start, 4), TOLERANCE, reach(before), STILL)
}

/// Finds patches near where a movement takes them.
fn follow(luma: &Luma, patches: &[Patch], start: &Similarity, n_steps: usize) -> Vec<Shift> {
    /// A patch that is found farther away than this, values, was mistaken.
    const MAX_STEP: f64 = 4.0;
    let middle = luma.size().map(|side| (side as f64 - 1.0) / 2.0);
    let found = patches.iter().filter_map(|patch| {
        let center = patch.center();
        let place = [center[0] - middle[0], center[1] - middle[1]];
        let expected = start.at(place);
        let shift = patch.find(luma, expected, n_steps)?;
        (distance(shift, expected) <= MAX_STEP).then_some(Shift { place, shift })
    });
    found.collect()
}

/// Half of the longer side, values.
fn reach(luma: &Luma) -> f64 {
    luma.size()[0].max(luma.size()[1]) as f64 / 2.0
}

/// The shift by whole values, around `around`, at which two pictures differ least outside people.
fn best_shift(pair: &[Luma; 2], people_px: &[[f32; 4]], around: [i32; 2], range: [i32; 2]) -> [i32; 2] {
    let cells = background(&pair[0], people_px);
    let shifts =
        (-range[1]..=range[1]).flat_map(|y| (-range[0]..=range[0]).map(move |x| [around[0] + x, around[1] + y]));
    // Smaller shifts come first among equals.
    let mut ranked: Vec<[i32; 2]> = shifts.collect();
    ranked.sort_by_key(|[x, y]| (x * x + y * y, *y, *x));
    let differences = ranked.into_iter().filter_map(|shift| Some((difference(pair, &cells, shift)?, shift)));
    let least = differences.reduce(|least, one| if one.0 < least.0 { one } else { least });
    least.map_or(around, |(_, shift)| shift)
}

/// The spans of background in each row: row, first column, column after the last.
fn background(luma: &Luma, people_px: &[[f32; 4]]) -> Vec<[usize; 3]> {
    let [width, height] = luma.size();
    let step_px = luma.step_px() as f32;
    let mut spans = Vec::new();
    for y in 0..height {
        let mut is_covered = vec![false; width];
        for [left, top, right, bottom] in people_px.iter().map(|sides| sides.map(|edge| edge / step_px)) {
            if (top..bottom).contains(&(y as f32 + 0.5)) {
                let [left, right] = [left, right].map(|edge| (edge.max(0.0) as usize).min(width));
                is_covered[left..right.max(left)].fill(true);
            }
        }
        let mut start = None;
        for (x, is_covered) in is_covered.into_iter().chain([true]).enumerate() {
            match start {
                None if !is_covered => start = Some(x),
                Some(first) if is_covered => {
                    spans.push([y, first, x]);
                    start = None;
                }
                _ => {}
            }
        }
    }
    spans
}

/// The mean difference of two pictures if the second is shifted, where both are seen; `None` if that is less than a third.
fn difference(pair: &[Luma; 2], spans: &[[usize; 3]], [dx, dy]: [i32; 2]) -> Option<f64> {
    let [width, height] = pair[0].size().map(|side| side as i32);
    let (mut sum, mut count, mut all) = (0_u32, 0_usize, 0);
    for &[y, first, end] in spans {
        all += end - first;
        let there = y as i32 + dy;
        let (first, end) = ((first as i32).max(-dx), (end as i32).min(width - dx));
        if !(0..height).contains(&there) || first >= end {
            continue;
        }
        let here = &pair[0].row(y)[first as usize..end as usize];
        let there = &pair[1].row(there as usize)[(first + dx) as usize..(end + dx) as usize];
        sum += here.iter().zip(there).map(|(&here, &there)| u32::from(here.abs_diff(there))).sum::<u32>();
        count += here.len();
    }
    (3 * count >= all && count > 0).then(|| f64::from(sum) / count as f64)
}

#[cfg(test)]
mod tests;
