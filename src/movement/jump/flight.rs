//! Finds flights: periods in which both feet are off the ground and the body falls freely.

use super::evidence::standing;
use super::{GRAVITY_M_S2, JumpProblem, JumpSignals, Moment};
use crate::movement::peaks::{PeakRule, find_peaks};
use crate::movement::series::{crossing_s, fill_gaps, nearest_index};

/// The smallest rise of the feet, leg lengths.
const MIN_FOOT_RISE: f64 = 0.08;
/// The height above the ground up to which feet are on it, leg lengths.
const ON_GROUND: f64 = 0.03;
/// The heights between which the speed of feet that leave the ground is measured, as shares of their rise.
const LEAVING: [f64; 2] = [0.3, 0.8];
/// The part of the rise that counts for this, leg lengths: farther up the legs bend.
const MAX_RISE: f64 = 0.3;
/// The share of their rise down to which a dip of the feet counts as the ground. A dip in mid-air does not go that
/// low.
const GROUND_SHARE: f64 = 0.35;
/// The longest time from the feet's highest point to the ground, seconds: a fall of 7 m.
const HALF_FLIGHT_S: f64 = 1.2;
/// The period over which the level of the ground is measured, seconds.
const LEVEL_S: f64 = 0.3;
/// The shortest flight, seconds; running steps have up to 0.15 s.
const MIN_FLIGHT_S: f64 = 0.16;
/// The valid acceleration of the falling center of mass, leg lengths / s^2: 9.8 m/s^2 are 10 to 11 for adults and up
/// to 25 for small children.
const FALL: std::ops::RangeInclusive<f64> = 5.0..=30.0;
/// The acceleration from which a fall may be a slowed one: a tenth of the usual speed.
const LEAST_FALL: f64 = 0.1;
/// The length of a leg of an adult, meters, where no scale is known.
const USUAL_LEG_M: f64 = 0.85;
/// The rise of the center of mass, as a share of the rise of the feet, from which a body is carried up and not only
/// its legs.
const CARRIED_SHARE: f64 = 0.5;
/// Flights shorter than this must have both feet at about the same height, to within this many leg lengths. Otherwise
/// it is a running step, or the network misplaced one leg.
const LOW_JUMP_S: f64 = 0.3;
const FEET_TOGETHER: f64 = 0.3;
const MAX_GAP_S: f64 = 0.2;

/// The heights of a body, upward, in leg lengths.
pub(super) struct Body<'a> {
    pub(super) times_s: &'a [f64],
    /// The lowest point of both feet.
    pub(super) feet: Vec<f64>,
    /// The height of the left foot above the right one.
    pub(super) left_above_right: Vec<f64>,
    /// Whether the body is upright above its feet.
    pub(super) is_standing: Vec<bool>,
    /// The visibility of the feet: left, right.
    pub(super) foot_visibility: &'a [Vec<f64>; 2],
    pub(super) center_of_mass: Vec<f64>,
    pub(super) leg_length_px: f64,
    pub(super) meters_per_leg: Option<f64>,
}

pub(super) struct Flight {
    pub(super) take_off: Moment,
    pub(super) landing: Moment,
    /// The level of the ground before and after, leg lengths.
    pub(super) ground: [f64; 2],
    /// How sure the flight is, 0..=1.
    pub(super) confidence: f64,
}

impl<'a> Body<'a> {
    pub(super) fn new(signals: &'a JumpSignals) -> Option<Self> {
        let times_s = &signals.times_s;
        let series = signals.heel_y_px.iter().chain(&signals.toe_y_px).chain(&signals.foot_visibility);
        let is_whole = series.chain([&signals.center_of_mass_y_px]).all(|series| series.len() == times_s.len())
            && [&signals.hips_px, &signals.shoulders_px].iter().all(|points| points.len() == times_s.len());
        if !(is_whole && signals.leg_length_px.is_finite() && signals.leg_length_px > 0.0) {
            return None;
        }
        let up = |series: &[f64]| -> Vec<f64> {
            let heights: Vec<f64> = series.iter().map(|y_px| -y_px / signals.leg_length_px).collect();
            fill_gaps(times_s, &heights, MAX_GAP_S)
        };
        // `min` ignores missing values: if the heel is hidden, the toe counts.
        let lower = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a.min(*b)).collect() };
        let [left, right] = [0, 1].map(|side| lower(&up(&signals.heel_y_px[side]), &up(&signals.toe_y_px[side])));
        Some(Self {
            times_s,
            feet: lower(&left, &right),
            left_above_right: left.iter().zip(&right).map(|(left, right)| left - right).collect(),
            is_standing: standing(signals),
            foot_visibility: &signals.foot_visibility,
            center_of_mass: up(&signals.center_of_mass_y_px),
            leg_length_px: signals.leg_length_px,
            meters_per_leg: signals.meters_per_px.map(|meters_per_px| meters_per_px * signals.leg_length_px),
        })
    }

    /// Returns the frames in which the feet are highest.
    pub(super) fn apexes(&self) -> Vec<usize> {
        let rule = PeakRule { min_prominence: MIN_FOOT_RISE, min_distance_s: MIN_FLIGHT_S, min_height: None };
        find_peaks(self.times_s, &self.feet, &rule).iter().map(|peak| peak.index).collect()
    }

    /// Returns the flight around the feet's highest point.
    ///
    /// # Errors
    /// If it is none; with the reason if it looks like one.
    pub(super) fn flight(&self, apex: usize) -> Result<Flight, Option<JumpProblem>> {
        let apex_s = self.times_s[apex];
        let before: Vec<usize> =
            (0..apex).rev().take_while(|&index| apex_s - self.times_s[index] <= HALF_FLIGHT_S).collect();
        let after: Vec<usize> =
            (apex + 1..self.times_s.len()).take_while(|&index| self.times_s[index] - apex_s <= HALF_FLIGHT_S).collect();
        let before = self.ground(apex, &before).ok_or(None)?;
        let after = self.ground(apex, &after).ok_or(None)?;
        let rise = |ground: &Ground| self.feet[apex] - ground.level;
        if rise(&before).min(rise(&after)) < MIN_FOOT_RISE {
            return Err(None);
        }
        if !self.stands(self.times_s[before.frame], self.times_s[after.frame]) {
            return Err(None);
        }
        let are_together = self.most_apart(&before, &after) <= FEET_TOGETHER;
        let fall = self.fall(before.frame, after.frame).ok_or(None)?;
        if !FALL.contains(&fall) {
            let is_slowed = (LEAST_FALL..*FALL.start()).contains(&fall)
                && self.is_hop(&before, &after)
                && self.falls_slowly(self.times_s[before.frame], self.times_s[after.frame], fall);
            let share = fall * self.meters_per_leg.unwrap_or(USUAL_LEG_M) / GRAVITY_M_S2;
            return Err(is_slowed.then_some(JumpProblem::Slowed { share }));
        }
        // With a scale the fall is known, and does not depend on which frames are counted.
        let known = self.meters_per_leg.map(|meters| GRAVITY_M_S2 / meters).filter(|known| FALL.contains(known));
        let fall = known.unwrap_or(fall);
        let (take_off, landing) = (self.leaves(apex, &before, fall), self.leaves(apex, &after, fall));
        let flight_s = landing.time_s - take_off.time_s;
        if flight_s >= LOW_JUMP_S || flight_s >= MIN_FLIGHT_S && are_together {
            let flight = Flight { take_off, landing, ground: [before.level, after.level], confidence: 0.0 };
            if self.is_step(&flight) {
                return Err(None);
            }
            let confidence = self.confidence(&flight, fall).map_err(Some)?;
            return Ok(Flight { confidence, ..flight });
        }
        let is_hop = self.is_hop(&before, &after);
        Err(is_hop.then_some(JumpProblem::TooShort { flight_s, needed_s: MIN_FLIGHT_S }))
    }

    /// Returns whether a movement that is no jump looks like one: both feet together, the body carried with them.
    fn is_hop(&self, before: &Ground, after: &Ground) -> bool {
        self.most_apart(before, after) <= FEET_TOGETHER && self.is_carried(before, after)
    }

    /// Returns whether the center of mass rises and falls with the feet: legs that are lifted hardly move it.
    fn is_carried(&self, before: &Ground, after: &Ground) -> bool {
        let range = |series: &[f64]| {
            let top = series[before.frame..=after.frame].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            top - series[before.frame].max(series[after.frame])
        };
        range(&self.center_of_mass) >= CARRIED_SHARE * range(&self.feet)
    }

    /// Returns the ground that is met from the apex along `indices`.
    fn ground(&self, apex: usize, indices: &[usize]) -> Option<Ground> {
        let height = |index: &usize| self.feet[*index];
        let lowest = indices.iter().map(height).fold(f64::INFINITY, f64::min);
        let limit = lowest + GROUND_SHARE * (self.feet[apex] - lowest);
        let start = indices.iter().position(|index| height(index) <= limit)?;
        let first_s = self.times_s[indices[start]];
        let is_near = |index: &&usize| height(index) <= limit && (self.times_s[**index] - first_s).abs() <= LEVEL_S;
        let stance: Vec<usize> = indices[start..].iter().take_while(is_near).copied().collect();
        let level = self.level(&stance, limit);
        let frame = stance.iter().copied().find(|index| height(index) <= level + ON_GROUND)?;
        Some(Ground { level, frame })
    }

    /// Returns the level of the ground: the mean height of feet that rest on it. Weights fall to zero where feet no
    /// longer count, so a frame that barely counts does not move the level.
    fn level(&self, stance: &[usize], limit: f64) -> f64 {
        let deepest = stance.iter().map(|&index| self.feet[index]).fold(f64::INFINITY, f64::min);
        let reach = (2.0 * ON_GROUND).min(limit - deepest).max(f64::EPSILON);
        let (mut sum, mut weights) = (0.0, 0.0);
        for &index in stance {
            let above = self.feet[index] - deepest;
            let from_air_s = (self.times_s[index] - self.times_s[stance[0]]).abs();
            let weight = (1.0 - (above / reach).powi(2)).max(0.0) * (1.0 - (from_air_s / (1.1 * LEVEL_S)).powi(2));
            sum += weight * above;
            weights += weight;
        }
        deepest + sum / weights
    }

    /// Returns when the feet leave (or meet) the ground. The moments at which their path passes two heights give the
    /// speed there, and the ballistic path is followed from the lower one back to the ground's level, but not past
    /// the moment at which the feet pass that level. All of these lie between frames and move with the data: no
    /// frame is taken to be on the ground or in the air.
    fn leaves(&self, apex: usize, ground: &Ground, fall: f64) -> Moment {
        let rise = (self.feet[apex] - ground.level).min(MAX_RISE);
        let [low, high] = LEAVING.map(|share| share * rise);
        let passes_s = |height: f64| self.passes_s(apex, ground, height);
        let (low_s, high_s) = (passes_s(low), passes_s(high));
        let between_s = (high_s - low_s).abs().max(f64::EPSILON);
        // The speed at the lower height, away from the ground.
        let speed = (high - low) / between_s + 0.5 * fall * between_s;
        let back_s = ((speed * speed + 2.0 * fall * low).sqrt() - speed) / fall;
        let back_s = back_s.min((passes_s(0.0) - low_s).abs());
        let time_s = if ground.frame < apex { low_s - back_s } else { low_s + back_s };
        Moment { frame: nearest_index(self.times_s, time_s), time_s }
    }

    /// Returns when the feet pass a height above the ground, next to the apex; the ground's end of the path if they
    /// never are that low.
    fn passes_s(&self, apex: usize, ground: &Ground, height: f64) -> f64 {
        let limit = ground.level + height;
        let is_before = ground.frame < apex;
        let step = |index: usize| if is_before { index.checked_sub(1) } else { Some(index + 1) };
        let mut index = apex;
        while let Some(next) = step(index).filter(|&next| next < self.feet.len()) {
            if !self.feet[next].is_finite() || (self.times_s[next] - self.times_s[apex]).abs() > HALF_FLIGHT_S {
                break;
            }
            if self.feet[next] <= limit {
                let (times_s, feet) = (self.times_s, &self.feet);
                return crossing_s(times_s[index], feet[index], times_s[next], feet[next], limit);
            }
            index = next;
        }
        self.times_s[index]
    }

    fn most_apart(&self, before: &Ground, after: &Ground) -> f64 {
        let apart = self.left_above_right[before.frame..=after.frame].iter().map(|apart| apart.abs());
        apart.fold(0.0, f64::max)
    }

    /// Returns the acceleration of the falling center of mass between two frames, leg lengths / s^2, by the parabola
    /// that fits best.
    fn fall(&self, first: usize, last: usize) -> Option<f64> {
        let seen = (first..=last).filter(|&index| self.center_of_mass[index].is_finite());
        let points: Vec<(f64, f64)> = seen.map(|index| (self.times_s[index], self.center_of_mass[index])).collect();
        second_derivative(&points).map(|acceleration| -acceleration)
    }
}

/// The ground as met from the air.
struct Ground {
    /// The height of the ground, leg lengths.
    level: f64,
    /// The frame on the ground next to the flight.
    frame: usize,
}

/// Returns the second derivative of the least-squares parabola through (time, value) points; `None` for fewer than
/// four.
fn second_derivative(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < 4 {
        return None;
    }
    let n = points.len() as f64;
    let middle_s = points.iter().map(|point| point.0).sum::<f64>() / n;
    let sum =
        |term: &dyn Fn(f64, f64) -> f64| points.iter().map(|&(time, value)| term(time - middle_s, value)).sum::<f64>();
    // t and t^2 made orthogonal to 1 and to each other.
    let (s2, s3) = (sum(&|t, _| t * t), sum(&|t, _| t.powi(3)));
    let bend = |t: f64| t * t - s2 / n - s3 / s2 * t;
    let norm = sum(&|t, _| bend(t).powi(2));
    Some(2.0 * sum(&|t, value| bend(t) * value) / norm)
}
