//! Finds frames that repeat the picture before them, from the landmarks and from marks of extraction.
//!
//! Editors and screen recorders store 25 frames a second as 30, or every frame twice. Compression and the following of
//! people make the landmarks of a repeated picture a little different, so equality does not show them. What shows them
//! is a body that moves, hardly moves for one frame, and goes on in the same direction, again and again at the same
//! distance. A turning point is no repeat, since the body goes back after it; a person who stands still says nothing.
//!
//! Extraction compares pictures and marks those that it is sure of. The marks count as they are, and they say most about
//! the period. In a long run of them nothing moves, or the recording paused: then nothing is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::outliers::median;
use super::track::PerLandmark;

/// The steps before and after a frame among which the largest one tells how fast the body moves.
const AROUND: u32 = 3;
/// The step, as a share of the larger steps on both sides, below which the picture may be a repeated one.
const LOW_SHARE: f64 = 0.4;
/// The step from which a body moves clearly, as a share of its extent in the picture.
const MIN_STEP: f64 = 0.004;
/// The periods of repetition that are looked for, frames.
const PERIODS: std::ops::RangeInclusive<u32> = 2..=12;
/// The number of periods before and after a frame that speak for or against it.
const PARTNERS: u32 = 6;
/// The smallest number of repeated pictures at the same distance, and their smallest share.
const MIN_LOW: usize = 4;
const MIN_LOW_SHARE: f64 = 0.7;
/// The longest time from a picture to the last of its repetitions at which these count as missing, seconds.
const MAX_MARKED_S: f64 = 0.2;
/// Times are rounded.
const ROUNDING_S: f64 = 1e-4;
/// The weight of a marked frame, and that of any other: it counts only where nobody moves.
const MARKED: f64 = 1.0;
const UNMARKED: f64 = 1e-6;

/// The repeated frames of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// The numbers of the frames.
    pub(crate) frames: BTreeSet<u32>,
    /// The number of frames after which the pattern of repeats comes again; 0 without a pattern.
    pub(crate) period: u32,
}

/// What people tell about a frame. Each one counts as much as the body moves around it: a slip of the network is large
/// next to a slow movement.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    /// The movement of people who pause.
    pausing: f64,
    /// The movement of people who move on.
    moving: f64,
}

impl Votes {
    fn is_pause(self) -> bool {
        self.pausing > self.moving
    }

    fn is_empty(self) -> bool {
        self.pausing + self.moving == 0.0
    }
}

/// Gathers what each person tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct RepeatSearch {
    votes: BTreeMap<u32, Votes>,
    /// The marked frames that count as missing.
    marked: BTreeSet<u32>,
}

/// The movement of a body from the frame before.
struct Step {
    vectors: PerLandmark<[f64; 2]>,
    /// The median length, as a share of the body's extent.
    length: f64,
}

impl RepeatSearch {
    /// Adds a person: the landmarks in the picture by frame, raw, in the order of frames.
    pub(crate) fn add(&mut self, poses: impl Iterator<Item = (u32, PerLandmark<[f64; 2]>)>) {
        // Only the steps around a frame are held, since poses of hours of video are large.
        let mut steps: BTreeMap<u32, Step> = BTreeMap::new();
        let mut last: Option<(u32, PerLandmark<[f64; 2]>)> = None;
        let mut next = 0;
        for (frame, points) in poses {
            let before = last.filter(|(before, _)| before + 1 == frame);
            if let Some(step) = before.and_then(|(_, before)| step(&before, &points)) {
                steps.insert(frame, step);
            }
            last = Some((frame, points));
            let end = (frame + 1).saturating_sub(AROUND).max(next);
            self.vote(&steps, next..end);
            next = end;
            steps = steps.split_off(&next.saturating_sub(AROUND));
        }
        self.vote(&steps, next..u32::MAX);
    }

    /// Adds what extraction found: the times of all frames, seconds, and those whose pictures are repeated.
    pub(crate) fn add_pictures(&mut self, times_s: &BTreeMap<u32, f64>, repeated: &BTreeSet<u32>) {
        self.marked = short_runs(times_s, repeated);
        if self.marked.is_empty() {
            return;
        }
        for frame in times_s.keys() {
            if self.marked.contains(frame) {
                self.votes.entry(*frame).or_default().pausing += MARKED;
            } else if !repeated.contains(frame) {
                self.votes.entry(*frame).or_default().moving += UNMARKED;
            }
        }
    }

    /// Adds what a person tells about frames.
    fn vote(&mut self, steps: &BTreeMap<u32, Step>, frames: Range<u32>) {
        for (&frame, step) in steps.range(frames) {
            let back = (1..=AROUND).map_while(|back| frame.checked_sub(back)).map_while(|near| steps.get(&near));
            let ahead = (1..=AROUND).map_while(|ahead| steps.get(&(frame + ahead)));
            let (before, after): (Vec<&Step>, Vec<&Step>) = (back.collect(), ahead.collect());
            let largest = |near: &[&Step]| near.iter().map(|step| step.length).fold(0.0, f64::max);
            let usual = largest(&before).min(largest(&after));
            if usual < MIN_STEP {
                continue;
            }
            let is_low = |step: &Step| step.length < LOW_SHARE * usual;
            let going: Vec<&Step> = before.into_iter().chain(after).filter(|step| !is_low(step)).collect();
            let votes = self.votes.entry(frame).or_default();
            if !is_low(step) {
                votes.moving += usual;
            } else if going.iter().all(|step| goes_on(going[0], step)) {
                votes.pausing += usual;
            }
        }
    }

    /// Returns the repeated frames: those of the period that explains most pauses, and the marked ones.
    #[must_use]
    pub(crate) fn find(&self) -> Repeats {
        let mut best = Repeats::default();
        let mut most = 0;
        for period in PERIODS {
            let frames = self.repeated(period);
            let n_pauses =
                frames.iter().filter(|frame| self.votes.get(frame).is_some_and(|votes| votes.is_pause())).count();
            // Multiples of a period explain no more than the period itself.
            if n_pauses > most + most / 10 {
                most = n_pauses;
                best = Repeats { frames, period };
            }
        }
        best.frames.extend(&self.marked);
        best
    }

    /// Returns the frames around which most frames at distances of a period are pauses. Those in which the body stands
    /// still or the network slips belong to them.
    fn repeated(&self, period: u32) -> BTreeSet<u32> {
        let (Some((&first, _)), Some((&last, _))) = (self.votes.first_key_value(), self.votes.last_key_value()) else {
            return BTreeSet::new();
        };
        let is_repeated = |&frame: &u32| {
            let back = (1..=PARTNERS).filter_map(|n| frame.checked_sub(n * period));
            let partners = (0..=PARTNERS).map(|n| frame + n * period).chain(back);
            let votes: Vec<&Votes> =
                partners.filter_map(|partner| self.votes.get(&partner)).filter(|votes| !votes.is_empty()).collect();
            let n_pauses = votes.iter().filter(|votes| votes.is_pause()).count();
            n_pauses >= MIN_LOW && n_pauses as f64 >= MIN_LOW_SHARE * votes.len() as f64
        };
        (first.saturating_sub(period)..=last + period).filter(is_repeated).collect()
    }
}

/// Returns the marked frames that follow a picture closely.
fn short_runs(times_s: &BTreeMap<u32, f64>, marked: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut short = BTreeSet::new();
    let (mut run, mut picture_s) = (Vec::new(), f64::NAN);
    let mut end = |run: &mut Vec<(u32, f64)>, picture_s: f64| {
        let is_short = run.last().is_some_and(|(_, last_s)| last_s - picture_s <= MAX_MARKED_S + ROUNDING_S);
        short.extend(run.drain(..).filter(|_| is_short).map(|(frame, _)| frame));
    };
    for (&frame, &time_s) in times_s {
        if marked.contains(&frame) {
            run.push((frame, time_s));
        } else {
            end(&mut run, picture_s);
            picture_s = time_s;
        }
    }
    end(&mut run, picture_s);
    short
}

fn step(before: &PerLandmark<[f64; 2]>, here: &PerLandmark<[f64; 2]>) -> Option<Step> {
    let vectors: PerLandmark<[f64; 2]> =
        std::array::from_fn(|landmark| [0, 1].map(|axis| here[landmark][axis] - before[landmark][axis]));
    let range = |axis: usize| {
        let values = here.iter().map(|point| point[axis]);
        values.clone().fold(f64::NEG_INFINITY, f64::max) - values.fold(f64::INFINITY, f64::min)
    };
    let length = median(&mut vectors.map(|[x, y]| x.hypot(y))) / range(0).hypot(range(1));
    length.is_finite().then_some(Step { vectors, length })
}

/// Returns whether the body moves on in about the same direction.
fn goes_on(before: &Step, after: &Step) -> bool {
    before.vectors.iter().zip(&after.vectors).map(|(a, b)| a[0] * b[0] + a[1] * b[1]).sum::<f64>() > 0.0
}

#[cfg(test)]
mod tests;
