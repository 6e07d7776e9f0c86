//! Left and right exchanged by the network for a few frames: found over time and put right.
//!
//! A body moves on; exchanged limbs jump across and back. So every frame is in one of eight states (arms, legs, torso
//! with head: each as the network says or exchanged), and the cheapest way through all frames is taken: what each frame
//! costs is how far its landmarks lie from where the two frames before lead to, in body heights and weighted by
//! visibility; changing the state has a price. Limbs that cross in a side view, turns and somersaults move steadily
//! through each other and cost less without a change.
//!
//! Which of two stretches is the wrong one cannot be told from movement. The network is right most of the time, so a
//! short stretch between two changes is repaired. A long one, or one that reaches an end of the track, is only
//! suspected.

mod evidence;
mod path;

use crate::pose::skeleton::{LANDMARK_COUNT, MIRROR};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// One frame of a person's track.
#[derive(Debug, Clone, PartialEq)]
pub struct PoseFrame {
    /// Presentation time, seconds.
    pub time_s: f64,
    /// x and y of the landmarks, pixels; NaN where missing.
    pub points_px: [[f64; 2]; LANDMARK_COUNT],
    /// Probability of each landmark to be seen, 0..=1.
    pub visibility: [f64; LANDMARK_COUNT],
    /// About the height of the upright body at this place, pixels.
    pub body_height_px: f64,
}

/// What is exchanged as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyPart {
    /// Elbows, wrists and hands.
    Arms,
    /// Knees, ankles and feet.
    Legs,
    /// Shoulders, hips and face.
    Trunk,
}

impl BodyPart {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Arms, Self::Legs, Self::Trunk];

    /// The part that a landmark belongs to.
    #[must_use]
    pub fn of(landmark: usize) -> Self {
        match landmark {
            13..=22 => Self::Arms,
            25.. => Self::Legs,
            _ => Self::Trunk,
        }
    }
}

/// The parts of a body whose left and right are exchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swap {
    /// Elbows, wrists and hands.
    pub arms: bool,
    /// Knees, ankles and feet.
    pub legs: bool,
    /// Shoulders, hips and face.
    pub trunk: bool,
}

impl Swap {
    /// Whether a part is exchanged.
    #[must_use]
    pub fn has(self, part: BodyPart) -> bool {
        match part {
            BodyPart::Arms => self.arms,
            BodyPart::Legs => self.legs,
            BodyPart::Trunk => self.trunk,
        }
    }

    /// The landmark whose values belong to `landmark` once the swap is taken back.
    #[must_use]
    pub fn source(self, landmark: usize) -> usize {
        if self.has(BodyPart::of(landmark)) { MIRROR[landmark] } else { landmark }
    }

    /// Takes the swap back: for any value that each landmark has.
    #[must_use]
    pub fn repair<T: Copy>(self, landmarks: &[T; LANDMARK_COUNT]) -> [T; LANDMARK_COUNT] {
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
pub struct SwapSpan {
    /// What is exchanged.
    pub part: BodyPart,
    /// In which frames.
    pub frames: Range<usize>,
    /// From the first of them to the first good one after, seconds; to the last frame where there is none.
    pub duration_s: f64,
    /// It may as well be the rest that is exchanged: nothing is repaired.
    pub is_suspected: bool,
}

/// What is known about the swaps of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct Swaps {
    /// For every frame what is to be repaired.
    pub repairs: Vec<Swap>,
    /// All stretches, by part and time, also those that are only suspected.
    pub spans: Vec<SwapSpan>,
}

/// Finds the swaps of a track whose times strictly increase. What lasts longer than `max_swap_s` is only suspected.
#[must_use]
pub fn find(frames: &[PoseFrame], max_swap_s: f64) -> Swaps {
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

/// The stretches in which a part is exchanged.
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
