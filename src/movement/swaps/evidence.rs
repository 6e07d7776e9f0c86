//! The evidence for and against a change of state, frame by frame.

use super::{BodyPart, PoseFrame};
use crate::pose::skeleton::{MIRROR, landmark};

/// The longest interval over which positions can be predicted, seconds.
const MAX_INTERVAL_S: f64 = 0.3;

/// The left landmarks by which each part is judged. Landmarks of hands, feet and face that only repeat their
/// neighbors are omitted.
const ARMS: [usize; 3] = [landmark::LEFT_ELBOW, landmark::LEFT_WRIST, landmark::LEFT_INDEX];
const LEGS: [usize; 4] = [landmark::LEFT_KNEE, landmark::LEFT_ANKLE, landmark::LEFT_HEEL, landmark::LEFT_FOOT_INDEX];
const TRUNK: [usize; 3] = [landmark::LEFT_EAR, landmark::LEFT_SHOULDER, landmark::LEFT_HIP];

/// The costs of a frame for one part: the mean distance of its landmarks from the positions that the two previous
/// frames predict, in body heights. The second index is whether the part is exchanged relative to the previous frame,
/// the first index whether it is exchanged relative to the frame before that.
pub(super) type PartCosts = [[f64; 2]; 2];

/// The costs of a frame, by part in the order of [`BodyPart::ALL`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    pub(super) time_s: f64,
    pub(super) costs: [PartCosts; 3],
}

/// Returns the evidence of every frame.
pub(super) fn collect(frames: &[PoseFrame]) -> Vec<Evidence> {
    // The latest two frames with the person.
    let mut before: [Option<&PoseFrame>; 2] = [None, None];
    frames
        .iter()
        .map(|frame| {
            let costs = BodyPart::ALL.map(|part| part_costs(part, frame, before));
            if frame.points_px.iter().flatten().any(|coordinate| coordinate.is_finite()) {
                before = [before[1], Some(frame)];
            }
            Evidence { time_s: frame.time_s, costs }
        })
        .collect()
}

fn landmarks(part: BodyPart) -> &'static [usize] {
    match part {
        BodyPart::Arms => &ARMS,
        BodyPart::Legs => &LEGS,
        BodyPart::Trunk => &TRUNK,
    }
}

fn part_costs(part: BodyPart, frame: &PoseFrame, before: [Option<&PoseFrame>; 2]) -> PartCosts {
    let mut costs = PartCosts::default();
    let [earlier, Some(last)] = before else { return costs };
    let interval_s = frame.time_s - last.time_s;
    if interval_s > MAX_INTERVAL_S {
        return costs;
    }
    let earlier = earlier.filter(|earlier| last.time_s - earlier.time_s <= MAX_INTERVAL_S);
    let landmarks = landmarks(part);
    for (earlier_swapped, costs) in costs.iter_mut().enumerate() {
        for (last_swapped, cost) in costs.iter_mut().enumerate() {
            let sum: f64 = landmarks
                .iter()
                .map(|&left| pair_cost(left, frame, (last, last_swapped == 1), earlier, earlier_swapped == 1))
                .sum();
            *cost = sum / (landmarks.len() as f64 * frame.body_height_px);
        }
    }
    costs
}

/// Returns the mean distance of a left landmark and its mirror image from their expected positions, pixels, times
/// their visibility. The same visibility counts for all states; otherwise the state with the fainter landmarks would
/// be cheaper. Missing landmarks cost nothing.
fn pair_cost(
    left: usize,
    frame: &PoseFrame,
    (last, is_last_swapped): (&PoseFrame, bool),
    earlier: Option<&PoseFrame>,
    is_earlier_swapped: bool,
) -> f64 {
    let pair = [left, MIRROR[left]];
    let source = |landmark: usize, is_swapped: bool| if is_swapped { MIRROR[landmark] } else { landmark };
    let distance = |landmark: usize| {
        let here = frame.points_px[landmark];
        let there = last.points_px[source(landmark, is_last_swapped)];
        let velocity = earlier.map_or([0.0; 2], |earlier| {
            let from = earlier.points_px[source(landmark, is_earlier_swapped)];
            let interval_s = last.time_s - earlier.time_s;
            [(there[0] - from[0]) / interval_s, (there[1] - from[1]) / interval_s]
        });
        let interval_s = frame.time_s - last.time_s;
        let expected = [there[0] + velocity[0] * interval_s, there[1] + velocity[1] * interval_s];
        (here[0] - expected[0]).hypot(here[1] - expected[1])
    };
    let visibility = [Some(frame), Some(last), earlier]
        .into_iter()
        .flatten()
        .map(|frame| f64::midpoint(frame.visibility[pair[0]], frame.visibility[pair[1]]))
        .fold(1.0, f64::min);
    let cost = visibility * f64::midpoint(distance(pair[0]), distance(pair[1]));
    if cost.is_finite() { cost } else { 0.0 }
}
