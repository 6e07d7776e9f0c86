//! Finds the passages in which a person may be walking: upright above both feet, in one direction, for long enough.
//!
//! The direction of a frame is the direction in which the sacrum travels within half a second before and after it. If
//! the sacrum does not travel (on a treadmill), it is the direction of the feet, from heel to toe.

use super::side_view::{MAX_GAP_S, SideView, TRAVEL_SPEED};
use super::{GaitProblem, GaitSignals, Side};
use crate::movement::series::{fill_gaps, median};

/// The shortest passage, seconds: four contacts at a runner's pace.
const MIN_PASSAGE_S: f64 = 1.0;
/// Half the window for the direction, seconds: about one step, so that its sway cancels.
const HALF_WINDOW_S: f64 = 0.5;
/// The smallest distance from heel to toe of feet seen from the side, leg lengths. A foot is about 0.3.
const FOOT_FROM_SIDE: f64 = 0.08;
/// The smallest height of the sacrum above the heels, leg lengths: less is a squat.
const MIN_SACRUM_HEIGHT: f64 = 0.5;
/// The smallest share of frames with all landmarks for a search for gait.
const MIN_SEEN_SHARE: f64 = 0.2;

/// Returns every passage of `signals`, sorted by time.
pub(super) fn find(signals: &GaitSignals) -> Result<Vec<SideView>, GaitProblem> {
    let n = signals.times_s.len();
    let frames = Frames::new(signals);
    let seen = frames.is_seen.iter().filter(|&&seen| seen).count();
    let share = |count: usize, of: usize| if of == 0 { 0.0 } else { count as f64 / of as f64 };
    if share(seen, n) < MIN_SEEN_SHARE {
        return Err(GaitProblem::FeetUnseen { share: share(seen, n) });
    }
    let directions: Vec<f64> = (0..n).map(|index| frames.direction(index)).collect();
    let spans = spans(&signals.times_s, &bridge(&signals.times_s, &directions, &frames.is_seen));
    let duration_s = |span: &(usize, usize, f64)| signals.times_s[span.1] - signals.times_s[span.0];
    let longest_s = spans.iter().map(duration_s).fold(0.0, f64::max);
    if longest_s >= MIN_PASSAGE_S {
        let long_enough = spans.iter().filter(|span| duration_s(span) >= MIN_PASSAGE_S);
        return Ok(long_enough
            .map(|&(first, last, direction)| SideView::new(signals, first, last, direction))
            .collect());
    }
    let upright = frames.is_upright.iter().filter(|&&upright| upright).count();
    let with_direction = directions.iter().filter(|&&direction| direction != 0.0).count();
    if share(upright, seen) < 0.5 {
        Err(GaitProblem::NotUpright { share: share(upright, seen) })
    } else if share(with_direction, upright) < 0.5 {
        Err(GaitProblem::NoDirection)
    } else {
        Err(GaitProblem::TooShort { longest_s, needed_s: MIN_PASSAGE_S })
    }
}

/// The measurements of every frame.
struct Frames<'a> {
    times_s: &'a [f64],
    /// The horizontal position of the sacrum, leg lengths.
    sacrum_x: Vec<f64>,
    /// The horizontal distance from heel to toe (positive to the right), leg lengths, the mean of both feet.
    foot_x: Vec<f64>,
    is_seen: Vec<bool>,
    /// Whether the person is seen with the body above the feet.
    is_upright: Vec<bool>,
}

impl<'a> Frames<'a> {
    fn new(signals: &'a GaitSignals) -> Self {
        let times_s = &signals.times_s;
        let filled = |points: &[[f64; 2]], axis: usize| -> Vec<f64> {
            let values: Vec<f64> = points.iter().map(|point| point[axis] / signals.leg_length_px).collect();
            fill_gaps(times_s, &values, MAX_GAP_S)
        };
        let pair = |points: &[Vec<[f64; 2]>; 2], axis| Side::BOTH.map(|side| filled(&points[side.index()], axis));
        let (heel_x, heel_y) = (pair(&signals.heel_px, 0), pair(&signals.heel_px, 1));
        let (toe_x, toe_y) = (pair(&signals.toe_px, 0), pair(&signals.toe_px, 1));
        let (sacrum_x, sacrum_y) = (filled(&signals.sacrum_px, 0), filled(&signals.sacrum_px, 1));
        let (shoulders_x, shoulders_y) = (filled(&signals.shoulders_px, 0), filled(&signals.shoulders_px, 1));
        let n = times_s.len();
        let mut frames = Self { times_s, sacrum_x, foot_x: Vec::new(), is_seen: Vec::new(), is_upright: Vec::new() };
        for index in 0..n {
            let foot = |side: Side| toe_x[side.index()][index] - heel_x[side.index()][index];
            frames.foot_x.push(f64::midpoint(foot(Side::Left), foot(Side::Right)));
            let lowest_y = heel_y[0][index].max(heel_y[1][index]);
            let height = lowest_y - sacrum_y[index];
            let is_seen = (foot(Side::Left) + foot(Side::Right) + height + toe_y[0][index] + toe_y[1][index])
                .is_finite()
                && frames.sacrum_x[index].is_finite();
            // Unseen shoulders do not count against an upright body.
            let lean_x = (shoulders_x[index] - frames.sacrum_x[index]).abs();
            let is_leaning = sacrum_y[index] - shoulders_y[index] < lean_x;
            frames.is_seen.push(is_seen);
            frames.is_upright.push(is_seen && height >= MIN_SACRUM_HEIGHT && !is_leaning);
        }
        frames
    }

    /// Returns 1 for walking to the right, -1 to the left, 0 if the person is not upright or the direction is
    /// unknown.
    fn direction(&self, index: usize) -> f64 {
        if !self.is_upright[index] {
            return 0.0;
        }
        let start = self.times_s.partition_point(|&time| time < self.times_s[index] - HALF_WINDOW_S);
        let end = self.times_s.partition_point(|&time| time <= self.times_s[index] + HALF_WINDOW_S);
        let seen: Vec<usize> = (start..end).filter(|&near| self.is_seen[near]).collect();
        let (Some(&first), Some(&last)) = (seen.first(), seen.last()) else { return 0.0 };
        let speed = (self.sacrum_x[last] - self.sacrum_x[first]) / (self.times_s[last] - self.times_s[first]);
        if speed.abs() >= TRAVEL_SPEED {
            return speed.signum();
        }
        let foot_x = median(&seen.iter().map(|&near| self.foot_x[near]).collect::<Vec<_>>());
        if foot_x.abs() >= FOOT_FROM_SIDE { foot_x.signum() } else { 0.0 }
    }
}

/// Gives short breaks between frames of one direction that direction, as long as the person is seen.
fn bridge(times_s: &[f64], directions: &[f64], is_seen: &[bool]) -> Vec<f64> {
    let mut bridged = directions.to_vec();
    let known: Vec<usize> = (0..directions.len()).filter(|&index| directions[index] != 0.0).collect();
    for pair in known.windows(2) {
        let between = pair[0] + 1..pair[1];
        let is_short = times_s[pair[1]] - times_s[pair[0]] <= MAX_GAP_S;
        if is_short && directions[pair[0]] == directions[pair[1]] && is_seen[between.clone()].iter().all(|&seen| seen) {
            bridged[between].fill(directions[pair[0]]);
        }
    }
    bridged
}

/// Returns the first and last frame of each run of one direction, and the direction.
fn spans(times_s: &[f64], directions: &[f64]) -> Vec<(usize, usize, f64)> {
    let mut spans: Vec<(usize, usize, f64)> = Vec::new();
    for (index, &direction) in directions.iter().enumerate().filter(|&(_, &direction)| direction != 0.0) {
        match spans.last_mut() {
            // A pause in the recording ends a passage as well.
            Some((_, last, same))
                if *last + 1 == index && *same == direction && times_s[index] - times_s[*last] <= MAX_GAP_S =>
            {
                *last = index;
            }
            _ => spans.push((index, index, direction)),
        }
    }
    spans
}
