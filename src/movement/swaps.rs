//! Finds and repairs swaps: left and right exchanged by the network for a few frames.
//!
//! A body moves continuously; exchanged limbs jump across and back. Every frame is in one of eight states (arms,
//! legs, torso with head: each as in the network's output or exchanged), and the cheapest path through all frames is
//! taken. The cost of a frame is the distance of its landmarks from the positions that the two previous frames
//! predict, in body heights and weighted by visibility. A change of state has a price. Limbs that cross in a side
//! view, turns and somersaults move steadily through each other and cost less without a change.
//!
//! Movement alone does not tell which of two stretches is wrong. The network is right most of the time, so a short
//! stretch between two changes is repaired. A long stretch, or one that reaches an end of the track, is only
//! suspected.

mod evidence;
mod path;

use crate::pose::skeleton::{LANDMARK_COUNT, MIRROR, landmark};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// One frame of a person's track.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PoseFrame {
    /// The presentation time, seconds.
    pub(crate) time_s: f64,
    /// x and y of the landmarks, pixels; NaN if missing.
    pub(crate) points_px: [[f64; 2]; LANDMARK_COUNT],
    /// The probability that each landmark is visible, 0..=1.
    pub(crate) visibility: [f64; LANDMARK_COUNT],
    /// The approximate height of the upright body at this place, pixels.
    pub(crate) body_height_px: f64,
}

/// A part of the body that is exchanged as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyPart {
    /// Elbows, wrists and hands.
    Arms,
    /// Knees, ankles and feet.
    Legs,
    /// Shoulders, hips and face.
    Trunk,
}

impl BodyPart {
    /// All parts.
    pub(crate) const ALL: [Self; 3] = [Self::Arms, Self::Legs, Self::Trunk];

    /// Returns the part that a landmark belongs to.
    #[must_use]
    pub(crate) fn of(landmark: usize) -> Self {
        match landmark {
            landmark::LEFT_ELBOW..=landmark::RIGHT_THUMB => Self::Arms,
            landmark::LEFT_KNEE.. => Self::Legs,
            _ => Self::Trunk,
        }
    }
}

/// The parts of a body whose left and right are exchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Swap {
    /// Elbows, wrists and hands.
    pub(crate) arms: bool,
    /// Knees, ankles and feet.
    pub(crate) legs: bool,
    /// Shoulders, hips and face.
    pub(crate) trunk: bool,
}

impl Swap {
    /// Returns whether a part is exchanged.
    #[must_use]
    pub(crate) fn has(self, part: BodyPart) -> bool {
        match part {
            BodyPart::Arms => self.arms,
            BodyPart::Legs => self.legs,
            BodyPart::Trunk => self.trunk,
        }
    }

    /// Returns the landmark whose values belong to `landmark` once the swap is reverted.
    #[must_use]
    pub(crate) fn source(self, landmark: usize) -> usize {
        if self.has(BodyPart::of(landmark)) { MIRROR[landmark] } else { landmark }
    }

    /// Reverts the swap, for any value that each landmark has.
    #[must_use]
    pub(crate) fn repair<T: Copy>(self, landmarks: &[T; LANDMARK_COUNT]) -> [T; LANDMARK_COUNT] {
        std::array::from_fn(|landmark| landmarks[self.source(landmark)])
    }

    fn set(&mut self, part: BodyPart) {
        match part {
            BodyPart::Arms => self.arms = true,
            BodyPart::Legs => self.legs = true,
            BodyPart::Trunk => self.trunk = true,
        }
    }
}

/// A stretch of frames in which a part is exchanged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SwapSpan {
    /// The part that is exchanged.
    pub(crate) part: BodyPart,
    /// The frames of the stretch.
    pub(crate) frames: Range<usize>,
    /// The time from the first of the frames to the first good frame after them, seconds; to the last frame if there
    /// is no good frame after.
    pub(crate) duration_s: f64,
    /// Whether the swap is only suspected: the rest may be exchanged instead, so nothing is repaired.
    pub(crate) is_suspected: bool,
}

/// The swaps of a track.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Swaps {
    /// The parts to be repaired, for every frame.
    pub(crate) repairs: Vec<Swap>,
    /// All stretches, by part and time, including suspected ones.
    pub(crate) spans: Vec<SwapSpan>,
}

/// Finds the swaps of a track whose times strictly increase. Swaps longer than `max_swap_s` are only suspected.
#[must_use]
pub(crate) fn find(frames: &[PoseFrame], max_swap_s: f64) -> Swaps {
    let states = path::cheapest(&evidence::collect(frames));
    let mut swaps = Swaps { repairs: vec![Swap::default(); frames.len()], spans: Vec::new() };
    for part in BodyPart::ALL {
        for frames_of_span in runs(&states, part) {
            let span = describe(frames, part, frames_of_span, max_swap_s);
            if !span.is_suspected {
                for repair in &mut swaps.repairs[span.frames.clone()] {
                    repair.set(part);
                }
            }
            swaps.spans.push(span);
        }
    }
    swaps
}

fn describe(frames: &[PoseFrame], part: BodyPart, span: Range<usize>, max_swap_s: f64) -> SwapSpan {
    let is_within = span.start > 0 && span.end < frames.len();
    let after = span.end.min(frames.len() - 1);
    let duration_s = frames[after].time_s - frames[span.start].time_s;
    SwapSpan { part, frames: span, duration_s, is_suspected: !is_within || duration_s > max_swap_s }
}

/// Returns the stretches in which a part is exchanged.
fn runs(states: &[Swap], part: BodyPart) -> Vec<Range<usize>> {
    let mut start = 0;
    states
        .chunk_by(|a, b| a.has(part) == b.has(part))
        .map(|run| {
            start += run.len();
            (run[0].has(part), start - run.len()..start)
        })
        .filter_map(|(is_swapped, run)| is_swapped.then_some(run))
        .collect()
}
