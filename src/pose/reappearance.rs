//! Decides whether a person who comes into view was seen before: by pose, by motion, or by appearance.

use super::skeleton::{LANDMARK_COUNT, landmark};
use super::tracklet::APPEARANCE_BINS;

/// Number of frames at each end of a tracklet that describe its pose, position and motion.
pub const END_FRAMES: usize = 5;

/// Largest difference of frame numbers for which two tracklets count as adjacent.
pub(super) const ADJACENT_FRAMES: u32 = 3;
/// Largest mean distance of landmarks across such a gap, in sizes: noise of a fresh detection, and growth per second.
const ADJACENT_DISTANCE: [f64; 2] = [0.25, 2.0];
/// Minimum overlap of regions across such a gap.
const ADJACENT_MIN_OVERLAP: f64 = 0.2;

/// Largest mean distance of landmarks across a cut at which the pose goes on, in sizes, and largest ratio of sizes.
const CUT_DISTANCE: f64 = 0.1;
const CUT_SIZE_RATIO: f64 = 1.15;

/// Longest moment out of sight, seconds.
const SHORT_GAP_S: f64 = 2.0;
/// Largest distance from the predicted position at reappearance, in sizes: immediately, and growth per second.
const GAP_DISTANCE: [f64; 2] = [0.5, 2.5];
/// Duration for which a velocity lasts, and time constant of its decay afterwards, seconds.
const VELOCITY_LASTS_S: [f64; 2] = [0.5, 0.25];
/// Duration of observation at which a velocity gets half weight, seconds.
const VELOCITY_HALF_BELIEF_S: f64 = 0.03;
/// Largest speed of a person, sizes per second.
const MAX_SPEED: f64 = 6.0;
/// Largest ratio of the same person's sizes after a moment.
const GAP_SIZE_RATIO: f64 = 1.8;
/// Largest distance of the same person's appearances after a moment.
const GAP_APPEARANCE: f64 = 0.6;

/// Largest distance of the same person's appearances after a longer time.
pub(super) const LONG_APPEARANCE: f64 = 0.25;
/// Largest ratio of the same person's sizes after a longer time.
const LONG_SIZE_RATIO: f64 = 2.0;

/// A person in a frame. Pixels of the displayed picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackPoint {
    /// The frame.
    pub frame_idx: u32,
    /// Time of the frame, seconds.
    pub time_s: f64,
    /// The landmarks.
    pub points_px: [[f32; 2]; LANDMARK_COUNT],
    /// Visibility of the landmarks, 0..=1.
    pub visibility: [f32; LANDMARK_COUNT],
    /// Center of the region in which the person was found.
    pub center_px: [f32; 2],
    /// The person's size, used by smoothing to measure speed.
    pub size_px: f32,
}

impl TrackPoint {
    /// The middle of the hips.
    #[must_use]
    pub fn hips_px(&self) -> [f32; 2] {
        let [a, b] = landmark::HIPS.map(|hip| self.points_px[hip]);
        [a[0].midpoint(b[0]), a[1].midpoint(b[1])]
    }

    fn hips(&self) -> [f64; 2] {
        self.hips_px().map(f64::from)
    }
}

/// The part of a tracklet that identity needs.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackletEnds {
    /// Id of the tracklet.
    pub track_id: u32,
    /// Frames in which the person was found.
    pub n_frames: u32,
    /// The person's mean size, pixels.
    pub size_px: f32,
    /// The number of the shot, from 0: cuts divide a video into shots.
    pub shot: u32,
    /// Colors of the upper and the lower body.
    pub appearance: Option<[f32; APPEARANCE_BINS]>,
    /// The first frames of the tracklet, at most [`END_FRAMES`], in order; never empty.
    pub first: Vec<TrackPoint>,
    /// The last frames, likewise. They may be the same ones.
    pub last: Vec<TrackPoint>,
}

impl TrackletEnds {
    pub(super) fn begin(&self) -> Option<&TrackPoint> {
        self.first.first()
    }

    pub(super) fn end(&self) -> Option<&TrackPoint> {
        self.last.last()
    }

    pub(super) fn first_frame_idx(&self) -> u32 {
        self.begin().map_or(0, |point| point.frame_idx)
    }

    pub(super) fn last_frame_idx(&self) -> u32 {
        self.end().map_or(0, |point| point.frame_idx)
    }
}

/// The gap from the end of a person's last tracklet to the beginning of another tracklet.
pub(super) struct Gap<'a> {
    person: &'a TrackletEnds,
    tracklet: &'a TrackletEnds,
    end: &'a TrackPoint,
    begin: &'a TrackPoint,
    dt_s: f64,
}

impl<'a> Gap<'a> {
    pub(super) fn new(
        person: &'a TrackletEnds,
        end: &'a TrackPoint,
        tracklet: &'a TrackletEnds,
        begin: &'a TrackPoint,
    ) -> Self {
        Self { person, tracklet, end, begin, dt_s: (begin.time_s - end.time_s).max(0.0) }
    }

    fn size_px(&self) -> f64 {
        f64::from(self.end.size_px.max(self.begin.size_px)).max(1e-3)
    }

    fn size_ratio(&self) -> f64 {
        let (a, b) = (f64::from(self.person.size_px).max(1e-3), f64::from(self.tracklet.size_px).max(1e-3));
        (a / b).max(b / a)
    }

    /// Cost across the border of two segments: the same pose in the same place, 0..=1.
    pub(super) fn pose_cost(&self) -> Option<f64> {
        if self.begin.frame_idx - self.end.frame_idx > ADJACENT_FRAMES || self.size_ratio() > GAP_SIZE_RATIO {
            return None;
        }
        let moved = self.displacement(velocity(&self.person.last));
        let overlap = overlap(self.end, self.begin, moved);
        let distance = landmark_distance_px(self.end, self.begin, moved) / self.size_px();
        let allowed = ADJACENT_DISTANCE[0] + ADJACENT_DISTANCE[1] * self.dt_s;
        let is_near = overlap >= ADJACENT_MIN_OVERLAP && distance <= allowed;
        is_near.then_some(0.5 * (1.0 - overlap) + 0.5 * distance / allowed)
    }

    /// Cost across a cut: the same pose of the same size in the same place, as if there were no cut, 0..=1.
    pub(super) fn cut_cost(&self) -> Option<f64> {
        let [a, b] = [self.end, self.begin].map(|point| f64::from(point.size_px).max(1e-3));
        let distance = landmark_distance_px(self.end, self.begin, [0.0; 2]) / self.size_px();
        let is_same = (a / b).max(b / a) <= CUT_SIZE_RATIO && distance <= CUT_DISTANCE;
        self.pose_cost().filter(|_| is_same)
    }

    /// Cost after a moment out of sight: distance from the position that the motion predicts, 0..=1.
    pub(super) fn motion_cost(&self, looks: Option<f64>) -> Option<f64> {
        let ratio = self.size_ratio();
        if self.dt_s > SHORT_GAP_S || ratio > GAP_SIZE_RATIO || looks.is_some_and(|looks| looks > GAP_APPEARANCE) {
            return None;
        }
        // Predicted from both ends: a change of direction within the gap shows at one of them.
        let ahead = self.displacement(velocity(&self.person.last));
        let back = self.displacement(velocity(&self.tracklet.first));
        let (from, to) = (self.end.hips(), self.begin.hips());
        let miss = |moved: [f64; 2]| (to[0] - from[0] - moved[0]).hypot(to[1] - from[1] - moved[1]) / self.size_px();
        let miss = miss(ahead).midpoint(miss(back));
        let allowed = GAP_DISTANCE[0] + GAP_DISTANCE[1] * self.dt_s;
        // An unknown appearance counts as half.
        let looks = looks.map_or(0.5, |looks| looks / GAP_APPEARANCE);
        let size = ratio.ln() / GAP_SIZE_RATIO.ln();
        (miss <= allowed).then_some(0.5 * miss / allowed + 0.3 * looks + 0.2 * size)
    }

    /// Cost after a longer time: the distance of appearances if no other person looks similar, 0..=1.
    pub(super) fn looks_cost(&self, looks: Option<f64>, is_only_look_alike: bool) -> Option<f64> {
        let looks = looks.filter(|&looks| looks <= LONG_APPEARANCE && is_only_look_alike)?;
        let (from, to) = (self.end.hips(), self.begin.hips());
        let distance = (to[0] - from[0]).hypot(to[1] - from[1]) / self.size_px();
        let is_possible = self.size_ratio() <= LONG_SIZE_RATIO && distance <= 1.0 + MAX_SPEED * self.dt_s;
        is_possible.then_some(looks / LONG_APPEARANCE)
    }

    /// The distance covered within the gap at a velocity, pixels.
    fn displacement(&self, velocity_px_per_s: [f64; 2]) -> [f64; 2] {
        let [full_s, decay_s] = VELOCITY_LASTS_S;
        let rest_s = (self.dt_s - full_s).max(0.0);
        let effective_s = self.dt_s.min(full_s) + decay_s * (1.0 - (-rest_s / decay_s).exp());
        velocity_px_per_s.map(|speed| speed * effective_s)
    }
}

/// The velocity of the hips, pixels per second. A shorter observation gives it less weight.
fn velocity(points: &[TrackPoint]) -> [f64; 2] {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return [0.0; 2] };
    let dt_s = last.time_s - first.time_s;
    if dt_s <= 0.0 {
        return [0.0; 2];
    }
    let (from, to) = (first.hips(), last.hips());
    let raw = [(to[0] - from[0]) / dt_s, (to[1] - from[1]) / dt_s];
    let belief = dt_s / (dt_s + VELOCITY_HALF_BELIEF_S);
    let limit = MAX_SPEED * f64::from(last.size_px) / raw[0].hypot(raw[1]).max(1e-9);
    raw.map(|speed| speed * belief.min(limit))
}

/// Mean distance of the landmarks after moving by `moved`, pixels, weighted by visibility at both ends.
fn landmark_distance_px(end: &TrackPoint, begin: &TrackPoint, moved: [f64; 2]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for index in 0..LANDMARK_COUNT {
        let (from, to) = (end.points_px[index].map(f64::from), begin.points_px[index].map(f64::from));
        // Hidden landmarks are guesses, but still useful.
        let weight = f64::from(end.visibility[index].min(begin.visibility[index])) + 0.05;
        sum += weight * (to[0] - from[0] - moved[0]).hypot(to[1] - from[1] - moved[1]);
        weights += weight;
    }
    sum / weights
}

/// Intersection over union of the upright squares around two regions' centers, the first moved by `moved`.
fn overlap(end: &TrackPoint, begin: &TrackPoint, moved: [f64; 2]) -> f64 {
    let (a, b) = (f64::from(end.size_px), f64::from(begin.size_px));
    let shared = |axis: usize| {
        let (from, to) = (f64::from(end.center_px[axis]) + moved[axis], f64::from(begin.center_px[axis]));
        ((from + a / 2.0).min(to + b / 2.0) - (from - a / 2.0).max(to - b / 2.0)).max(0.0)
    };
    let intersection = shared(0) * shared(1);
    intersection / (a * a + b * b - intersection).max(1e-9)
}

/// Bhattacharyya distance (Hellinger's form) of two appearances, 0..=1.
pub(super) fn appearance_distance(
    a: Option<&[f32; APPEARANCE_BINS]>,
    b: Option<&[f32; APPEARANCE_BINS]>,
) -> Option<f64> {
    let (a, b) = (a?, b?);
    let sums = [a.iter().sum::<f32>(), b.iter().sum::<f32>()].map(f64::from);
    let likeness: f64 = a.iter().zip(b).map(|(&a, &b)| (f64::from(a.max(0.0)) * f64::from(b.max(0.0))).sqrt()).sum();
    let likeness = likeness / (sums[0] * sums[1]).sqrt().max(1e-9);
    Some((1.0 - likeness).max(0.0).sqrt())
}
