//! Whether somebody who comes into view is somebody who was seen before: by pose, by motion, or by looks.

use super::skeleton::LANDMARK_COUNT;
use super::tracklet::APPEARANCE_BINS;

/// Frames of each end of a tracklet that tell its pose, position and motion.
pub const END_FRAMES: usize = 5;

/// Landmarks whose middle is a person's position.
const HIPS: [usize; 2] = [23, 24];

/// Frames from one tracklet to the next that count as none between.
pub(super) const ADJACENT_FRAMES: u32 = 3;
/// Mean distance of landmarks across such a gap at most, in sizes: noise of a fresh detection, and growth a second.
const ADJACENT_DISTANCE: [f64; 2] = [0.25, 2.0];
/// Overlap of regions across such a gap at least.
const ADJACENT_MIN_OVERLAP: f64 = 0.2;

/// A moment out of sight, seconds.
const SHORT_GAP_S: f64 = 2.0;
/// How far from the predicted position a person may reappear, in sizes: at once, and growth a second.
const GAP_DISTANCE: [f64; 2] = [0.5, 2.5];
/// A velocity lasts so long, seconds; then it dies away as fast as the second says.
const VELOCITY_LASTS_S: [f64; 2] = [0.5, 0.25];
/// A velocity from so short a time is half believed, seconds.
const VELOCITY_HALF_BELIEF_S: f64 = 0.03;
/// Nobody is faster, sizes a second.
const MAX_SPEED: f64 = 6.0;
/// Sizes of the same person differ at most by this factor after a moment.
const GAP_SIZE_RATIO: f64 = 1.8;
/// Looks of the same person differ at most so much after a moment.
const GAP_APPEARANCE: f64 = 0.6;

/// Looks of the same person differ at most so much after a longer time.
pub(super) const LONG_APPEARANCE: f64 = 0.25;
/// Sizes of the same person differ at most by this factor after a longer time.
const LONG_SIZE_RATIO: f64 = 2.0;

/// A person in a frame. Pixels of the displayed picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackPoint {
    /// The frame.
    pub frame_idx: u32,
    /// Its time, seconds.
    pub time_s: f64,
    /// The landmarks.
    pub points_px: [[f32; 2]; LANDMARK_COUNT],
    /// Their visibility, 0..=1.
    pub visibility: [f32; LANDMARK_COUNT],
    /// Center of the region in which the person was found.
    pub center_px: [f32; 2],
    /// The person's size by which smoothing measures speed.
    pub size_px: f32,
}

impl TrackPoint {
    /// The middle of the hips.
    #[must_use]
    pub fn hips_px(&self) -> [f32; 2] {
        let [a, b] = HIPS.map(|hip| self.points_px[hip]);
        [a[0].midpoint(b[0]), a[1].midpoint(b[1])]
    }

    fn hips(&self) -> [f64; 2] {
        self.hips_px().map(f64::from)
    }
}

/// A tracklet as far as identity needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackletEnds {
    /// Its id.
    pub track_id: u32,
    /// Frames in which the person was found.
    pub n_frames: u32,
    /// The person's mean size, pixels.
    pub size_px: f32,
    /// Colors of the upper and the lower body.
    pub appearance: Option<[f32; APPEARANCE_BINS]>,
    /// Its first frames, at most [`END_FRAMES`], in order; never empty.
    pub first: Vec<TrackPoint>,
    /// Its last frames, likewise. They may be the same ones.
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

/// From where a person was seen last to where a tracklet begins.
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

    /// Across the border of two segments: the same pose in the same place, 0..=1.
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

    /// After a moment out of sight: where the motion leads, 0..=1.
    pub(super) fn motion_cost(&self, looks: Option<f64>) -> Option<f64> {
        let ratio = self.size_ratio();
        if self.dt_s > SHORT_GAP_S || ratio > GAP_SIZE_RATIO || looks.is_some_and(|looks| looks > GAP_APPEARANCE) {
            return None;
        }
        // Seen from both ends: a turn in between shows at one of them.
        let ahead = self.displacement(velocity(&self.person.last));
        let back = self.displacement(velocity(&self.tracklet.first));
        let (from, to) = (self.end.hips(), self.begin.hips());
        let miss = |moved: [f64; 2]| (to[0] - from[0] - moved[0]).hypot(to[1] - from[1] - moved[1]) / self.size_px();
        let miss = miss(ahead).midpoint(miss(back));
        let allowed = GAP_DISTANCE[0] + GAP_DISTANCE[1] * self.dt_s;
        // What is not known counts as half way.
        let looks = looks.map_or(0.5, |looks| looks / GAP_APPEARANCE);
        let size = ratio.ln() / GAP_SIZE_RATIO.ln();
        (miss <= allowed).then_some(0.5 * miss / allowed + 0.3 * looks + 0.2 * size)
    }

    /// After a longer time: the looks, where nobody else has them, 0..=1.
    pub(super) fn looks_cost(&self, looks: Option<f64>, is_only_look_alike: bool) -> Option<f64> {
        let looks = looks.filter(|&looks| looks <= LONG_APPEARANCE && is_only_look_alike)?;
        let (from, to) = (self.end.hips(), self.begin.hips());
        let distance = (to[0] - from[0]).hypot(to[1] - from[1]) / self.size_px();
        let is_possible = self.size_ratio() <= LONG_SIZE_RATIO && distance <= 1.0 + MAX_SPEED * self.dt_s;
        is_possible.then_some(looks / LONG_APPEARANCE)
    }

    /// How far a velocity leads within the gap, pixels.
    fn displacement(&self, velocity_px_per_s: [f64; 2]) -> [f64; 2] {
        let [full_s, decay_s] = VELOCITY_LASTS_S;
        let rest_s = (self.dt_s - full_s).max(0.0);
        let effective_s = self.dt_s.min(full_s) + decay_s * (1.0 - (-rest_s / decay_s).exp());
        velocity_px_per_s.map(|speed| speed * effective_s)
    }
}

/// The velocity of the hips, pixels a second; the less believed the shorter it was seen.
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

/// Mean distance of the landmarks after `moved`, pixels, weighted by visibility at both ends.
fn landmark_distance_px(end: &TrackPoint, begin: &TrackPoint, moved: [f64; 2]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for index in 0..LANDMARK_COUNT {
        let (from, to) = (end.points_px[index].map(f64::from), begin.points_px[index].map(f64::from));
        // Hidden landmarks are guesses, but not worthless.
        let weight = f64::from(end.visibility[index].min(begin.visibility[index])) + 0.05;
        sum += weight * (to[0] - from[0] - moved[0]).hypot(to[1] - from[1] - moved[1]);
        weights += weight;
    }
    sum / weights
}

/// Intersection over union of the upright squares around two regions' centers, the first after `moved`.
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
