//! Detects jumps: take-off and landing from the feet, height from the flight time and from the rise of the center of
//! mass.
//!
//! A flight is a period in which the lowest point of both feet is above the ground before it and after it. The ground
//! is the level of the feet just before and just after, so a person may jump onto an object or down from it. The
//! flight counts as a jump if the center of mass falls as in free fall: walking has no such period, and running steps
//! are too short.

use super::peaks::{PeakRule, find_peaks, vertex_time_s};
use super::series::{fill_gaps, mean_and_spread, median, nearest_index, slope, value_at};

/// Standard gravity, m/s^2.
pub(crate) const GRAVITY_M_S2: f64 = 9.806_65;

/// The cleaned series of one person, one entry per frame. Coordinates are pixels with y down; pairs are left, right;
/// NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JumpSignals {
    /// The times of the frames, seconds, strictly increasing.
    pub(crate) times_s: Vec<f64>,
    /// The row of the center of mass.
    pub(crate) center_of_mass_y_px: Vec<f64>,
    /// The rows of the heels.
    pub(crate) heel_y_px: [Vec<f64>; 2],
    /// The rows of the tips of the feet.
    pub(crate) toe_y_px: [Vec<f64>; 2],
    /// The length of the stretched leg from hip to ankle, pixels: the unit of thresholds.
    pub(crate) leg_length_px: f64,
    /// The scale of the picture at the person.
    pub(crate) meters_per_px: Option<f64>,
}

/// A moment between frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    /// The nearest frame.
    pub(crate) frame: usize,
    /// The time, seconds.
    pub(crate) time_s: f64,
}

/// A height with its range for half a frame of error at take-off and at landing. Errors of the landmarks add to this:
/// the toe's landmark rises with the heel, which made flights of a real clip about 1.5 frames too long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HeightRange {
    /// The best value, meters.
    pub(crate) value_m: f64,
    /// The height for a flight one frame shorter, meters.
    pub(crate) low_m: f64,
    /// The height for a flight one frame longer, meters.
    pub(crate) high_m: f64,
}

/// A jump.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Jump {
    /// The feet leave the ground.
    pub(crate) take_off: Moment,
    /// A foot meets the ground.
    pub(crate) landing: Moment,
    /// Landing - take-off, seconds.
    pub(crate) flight_time_s: f64,
    /// How far the ground at landing is below the ground at take-off, pixels.
    pub(crate) drop_px: f64,
    /// The height by flight time: g t^2 / 8 if the ground is even; otherwise by the full projectile formula, which
    /// needs a scale.
    pub(crate) height_by_flight: Option<HeightRange>,
    /// The rise of the center of mass from take-off to its highest point, meters.
    pub(crate) rise_from_take_off_m: Option<f64>,
    /// The rise of the center of mass from quiet standing before the jump to its highest point, meters.
    pub(crate) rise_from_standing_m: Option<f64>,
    /// Height by flight time - rise from take-off, meters. Legs that are drawn in at landing lengthen a flight.
    pub(crate) difference_m: Option<f64>,
    /// How far the center of mass went down from quiet standing before take-off, meters.
    pub(crate) counter_movement_m: Option<f64>,
    /// The time on the ground since the previous jump's landing, seconds, if it is less than a second.
    pub(crate) contact_time_s: Option<f64>,
    /// The height by flight time divided by the contact time, m/s.
    pub(crate) reactive_strength_index: Option<f64>,
}

/// The smallest rise of the feet, leg lengths.
const MIN_FOOT_RISE: f64 = 0.08;
/// The height above the ground up to which feet are on it, leg lengths.
const ON_GROUND: f64 = 0.03;
/// The height above the ground up to which feet have surely not left it, leg lengths.
const SURELY_DOWN: f64 = 0.002;
/// The distance between the frames from which the ballistic path is computed, seconds, if frames are that dense.
const THROW_S: f64 = 0.015;
/// The largest number of frames in which a foot passes from surely down to surely in the air: 50 ms at 1000 frames a
/// second.
const MAX_STEPS: isize = 50;
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
/// The difference from which the ground before and after counts as uneven, leg lengths.
const OTHER_GROUND: f64 = 0.1;
/// Quiet standing: the center of mass is slower than this, leg lengths a second, for this long, within this time
/// before take-off.
const QUIET_SPEED: f64 = 0.15;
const QUIET_S: f64 = 0.2;
const STANDING_WITHIN_S: f64 = 2.0;
/// The longest contact time between consecutive jumps, seconds.
const MAX_CONTACT_S: f64 = 1.0;
/// Flights shorter than this must have both feet at about the same height, to within this many leg lengths. Otherwise
/// it is a running step, or the network misplaced one leg.
const LOW_JUMP_S: f64 = 0.3;
const FEET_TOGETHER: f64 = 0.3;
const MAX_GAP_S: f64 = 0.2;

/// Returns every jump, sorted by time. Series of different lengths or without leg length yield none.
#[must_use]
pub(crate) fn find_jumps(signals: &JumpSignals) -> Vec<Jump> {
    let n = signals.times_s.len();
    let feet = signals.heel_y_px.iter().chain(&signals.toe_y_px);
    let is_whole = feet.chain([&signals.center_of_mass_y_px]).all(|series| series.len() == n);
    if !(is_whole && signals.leg_length_px.is_finite() && signals.leg_length_px > 0.0) {
        return Vec::new();
    }
    let body = Body::new(signals);
    let rule = PeakRule { min_prominence: MIN_FOOT_RISE, min_distance_s: MIN_FLIGHT_S, min_height: None };
    let mut jumps: Vec<Jump> = Vec::new();
    for apex in find_peaks(&signals.times_s, &body.feet, &rule) {
        let Some(flight) = body.flight(apex.index) else { continue };
        // Feet may rise twice in one flight.
        if jumps.last().is_none_or(|last| flight.take_off.time_s >= last.landing.time_s) {
            jumps.push(body.jump(&flight, jumps.last()));
        }
    }
    jumps
}

/// The heights of a body, upward, in leg lengths.
struct Body<'a> {
    times_s: &'a [f64],
    /// The lowest point of both feet.
    feet: Vec<f64>,
    /// The height of one foot above the other.
    feet_apart: Vec<f64>,
    center_of_mass: Vec<f64>,
    leg_length_px: f64,
    meters_per_leg: Option<f64>,
}

struct Flight {
    take_off: Moment,
    landing: Moment,
    /// The level of the ground before and after, leg lengths.
    ground: [f64; 2],
}

impl<'a> Body<'a> {
    fn new(signals: &'a JumpSignals) -> Self {
        let times_s = &signals.times_s;
        let up = |series: &[f64]| -> Vec<f64> {
            let heights: Vec<f64> = series.iter().map(|y_px| -y_px / signals.leg_length_px).collect();
            fill_gaps(times_s, &heights, MAX_GAP_S)
        };
        // `min` ignores missing values: if the heel is hidden, the toe counts.
        let lower = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a.min(*b)).collect() };
        let [left, right] = [0, 1].map(|side| lower(&up(&signals.heel_y_px[side]), &up(&signals.toe_y_px[side])));
        Self {
            times_s,
            feet: lower(&left, &right),
            feet_apart: left.iter().zip(&right).map(|(left, right)| (left - right).abs()).collect(),
            center_of_mass: up(&signals.center_of_mass_y_px),
            leg_length_px: signals.leg_length_px,
            meters_per_leg: signals.meters_per_px.map(|meters_per_px| meters_per_px * signals.leg_length_px),
        }
    }

    /// Returns the flight around the feet's highest point.
    fn flight(&self, apex: usize) -> Option<Flight> {
        let apex_s = self.times_s[apex];
        let before: Vec<usize> =
            (0..apex).rev().take_while(|&index| apex_s - self.times_s[index] <= HALF_FLIGHT_S).collect();
        let after: Vec<usize> =
            (apex + 1..self.times_s.len()).take_while(|&index| self.times_s[index] - apex_s <= HALF_FLIGHT_S).collect();
        let (before, after) = (self.ground(apex, &before)?, self.ground(apex, &after)?);
        let rise = |ground: &Ground| self.feet[apex] - ground.level;
        if rise(&before).min(rise(&after)) < MIN_FOOT_RISE {
            return None;
        }
        let fall = self.fall(before.frame, after.frame).filter(|fall| FALL.contains(fall))?;
        let (take_off, landing) = (self.leaves(&before, fall), self.leaves(&after, fall));
        let flight_s = landing.time_s - take_off.time_s;
        let is_jump =
            flight_s >= LOW_JUMP_S || flight_s >= MIN_FLIGHT_S && self.most_apart(&before, &after) <= FEET_TOGETHER;
        is_jump.then_some(Flight { take_off, landing, ground: [before.level, after.level] })
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
        let deepest = stance.iter().map(height).fold(f64::INFINITY, f64::min);
        let resting: Vec<f64> =
            stance.iter().map(height).filter(|&height| height <= deepest + 2.0 * ON_GROUND).collect();
        let level = median(&resting);
        let frame = stance.iter().copied().find(|index| height(index) <= level + ON_GROUND)?;
        // One step back toward the apex is in the air.
        let step_to_apex: isize = if frame < apex { 1 } else { -1 };
        Some(Ground { level, frame, step_to_apex })
    }

    /// Returns when the feet leave (or meet) the ground. The ballistic path through two frames that are surely in the
    /// air, with the fall of the center of mass, is followed back to the ground's level, but not past the last frame
    /// at that level.
    fn leaves(&self, ground: &Ground, fall: f64) -> Moment {
        let frame =
            |steps: isize| ground.frame.saturating_add_signed(steps * ground.step_to_apex).min(self.feet.len() - 1);
        let in_air = frame(1);
        let distance_s = |index: usize| (self.times_s[index] - self.times_s[in_air]).abs();
        let higher = (2..MAX_STEPS).map(frame).find(|&index| distance_s(index) >= THROW_S).unwrap_or(frame(2));
        let height = (self.feet[in_air] - ground.level).max(0.0);
        // The speed in the frame in the air, away from the ground.
        let speed = (self.feet[higher] - self.feet[in_air]) / distance_s(higher) + 0.5 * fall * distance_s(higher);
        let back_s =
            if speed > 0.0 { ((speed * speed + 2.0 * fall * height).sqrt() - speed) / fall } else { f64::INFINITY };
        let is_down = |&index: &usize| self.feet[index] <= ground.level + SURELY_DOWN;
        let last_down = (0..MAX_STEPS).map(|steps| frame(-steps)).find(is_down).unwrap_or(ground.frame);
        let back_s = back_s.min(distance_s(last_down));
        let time_s = self.times_s[in_air] - f64::from(ground.step_to_apex as i32) * back_s;
        Moment { frame: nearest_index(self.times_s, time_s), time_s }
    }

    fn most_apart(&self, before: &Ground, after: &Ground) -> f64 {
        self.feet_apart[before.frame..=after.frame].iter().copied().fold(0.0, f64::max)
    }

    /// Returns the acceleration of the falling center of mass between two frames, leg lengths / s^2, by the parabola
    /// that fits best.
    fn fall(&self, first: usize, last: usize) -> Option<f64> {
        let seen = (first..=last).filter(|&index| self.center_of_mass[index].is_finite());
        let points: Vec<(f64, f64)> = seen.map(|index| (self.times_s[index], self.center_of_mass[index])).collect();
        second_derivative(&points).map(|acceleration| -acceleration)
    }

    fn jump(&self, flight: &Flight, last: Option<&Jump>) -> Jump {
        let (take_off_s, landing_s) = (flight.take_off.time_s, flight.landing.time_s);
        let flight_time_s = landing_s - take_off_s;
        let height_by_flight = self.height_by_flight(flight);
        let meters = |legs: f64| self.meters_per_leg.map(|scale| legs * scale).filter(|meters| meters.is_finite());
        let rise_from_take_off_m =
            meters(self.highest(flight) - value_at(self.times_s, &self.center_of_mass, take_off_s));
        let standing = self.standing(last.map_or(f64::NEG_INFINITY, |last| last.landing.time_s), take_off_s);
        let contact_time_s =
            last.map(|last| take_off_s - last.landing.time_s).filter(|&contact_s| contact_s < MAX_CONTACT_S);
        Jump {
            take_off: flight.take_off,
            landing: flight.landing,
            flight_time_s,
            drop_px: (flight.ground[0] - flight.ground[1]) * self.leg_length_px,
            height_by_flight,
            rise_from_take_off_m,
            rise_from_standing_m: standing.and_then(|(_, level)| meters(self.highest(flight) - level)),
            difference_m: height_by_flight.zip(rise_from_take_off_m).map(|(height, rise)| height.value_m - rise),
            counter_movement_m: standing
                .and_then(|(frame, level)| meters(level - self.lowest(frame, flight.take_off.frame))),
            contact_time_s,
            reactive_strength_index: height_by_flight
                .zip(contact_time_s)
                .map(|(height, contact_s)| height.value_m / contact_s),
        }
    }

    /// Returns the height of a ballistic body that falls `drop` below its start after `t`: v = g t / 2 - drop / t,
    /// and it rises v^2 / 2 g. On even ground the drop is taken as 0: the flexion of the knees at landing is not
    /// known to the frame.
    fn height_by_flight(&self, flight: &Flight) -> Option<HeightRange> {
        let drop = flight.ground[0] - flight.ground[1];
        let drop_m = if drop.abs() <= OTHER_GROUND { 0.0 } else { drop * self.meters_per_leg? };
        let flight_time_s = flight.landing.time_s - flight.take_off.time_s;
        let height_m = |time_s: f64| {
            let speed_m_s = (0.5 * GRAVITY_M_S2 * time_s - drop_m / time_s).max(0.0);
            speed_m_s.powi(2) / (2.0 * GRAVITY_M_S2)
        };
        let interval_s = |frame: usize| {
            let (before, after) = (frame.saturating_sub(1), (frame + 1).min(self.times_s.len() - 1));
            (self.times_s[after] - self.times_s[before]) / (after - before) as f64
        };
        let error_s = 0.5 * (interval_s(flight.take_off.frame) + interval_s(flight.landing.frame));
        let shortest_s = (flight_time_s - error_s).max(f64::EPSILON);
        Some(HeightRange {
            value_m: height_m(flight_time_s),
            low_m: height_m(shortest_s),
            high_m: height_m(flight_time_s + error_s),
        })
    }

    /// Returns the highest point of the center of mass in a flight, between frames.
    fn highest(&self, flight: &Flight) -> f64 {
        let frames = flight.take_off.frame..=flight.landing.frame;
        let height = |index: usize| self.center_of_mass[index];
        let seen = frames.filter(|&index| height(index).is_finite());
        let Some(top) = seen.max_by(|&a, &b| height(a).total_cmp(&height(b))) else { return f64::NAN };
        let top_s = vertex_time_s(self.times_s, &self.center_of_mass, top);
        if top_s == self.times_s[top] {
            return height(top);
        }
        // The top of the parabola is above the frame by half the slope times the time to the top.
        height(top) + 0.5 * (top_s - self.times_s[top]) * slope(self.times_s, &self.center_of_mass)[top]
    }

    fn lowest(&self, first: usize, last: usize) -> f64 {
        self.center_of_mass[first..=last.max(first)].iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Returns the frame and level of the highest quiet standing between the last landing and `take_off_s`. The
    /// lowest point of a counter-movement may be quiet as well.
    fn standing(&self, landing_s: f64, take_off_s: f64) -> Option<(usize, f64)> {
        let earliest_s = landing_s.max(take_off_s - STANDING_WITHIN_S);
        let start = self.times_s.partition_point(|&time_s| time_s < earliest_s);
        let end = self.times_s.partition_point(|&time_s| time_s < take_off_s);
        let levels = (start..end).rev().filter_map(|last| {
            let first = self.times_s.partition_point(|&time_s| time_s < self.times_s[last] - QUIET_S).max(start);
            let is_long = self.times_s[last] - self.times_s[first] >= 0.8 * QUIET_S && last > first + 1;
            let window = &self.center_of_mass[first..=last];
            let (mean, spread, n) = mean_and_spread(window)?;
            let way = (window[window.len() - 1] - window[0]).abs();
            let is_quiet = n == window.len() && way.max(2.0 * spread) < QUIET_SPEED * QUIET_S;
            (is_long && is_quiet).then_some((last, mean))
        });
        levels.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The ground as met from the air.
struct Ground {
    /// The height of the ground, leg lengths.
    level: f64,
    /// The frame on the ground next to the flight.
    frame: usize,
    /// The direction to the flight: 1 or -1.
    step_to_apex: isize,
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

#[cfg(test)]
mod tests;
