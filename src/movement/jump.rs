//! Detects jumps: take-off and landing from the feet, height from the flight time and from the rise of the center of
//! mass.
//!
//! A flight is a period in which the lowest point of both feet is above the ground before it and after it. The ground
//! is the level of the feet just before and just after, so a person may jump onto an object or down from it. The
//! flight counts as a jump if the center of mass falls as in free fall, and if the evidence is good (`evidence.rs`): the
//! body stands on its feet before and after, the feet are seen, and it is no running step.

mod evidence;
mod flight;

use flight::{Body, Flight};

use super::peaks::vertex_time_s;
use super::series::{mean_and_spread, slope, value_at};

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
    /// The middle of the hips.
    pub(crate) hips_px: Vec<[f64; 2]>,
    /// The middle of the shoulders.
    pub(crate) shoulders_px: Vec<[f64; 2]>,
    /// The visibility of the feet, 0..=1; 0 outside the picture.
    pub(crate) foot_visibility: [Vec<f64>; 2],
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
    /// How sure the jump is, 0..=1: less if the feet are hardly seen or the body strays from free fall.
    pub(crate) confidence: f64,
}

/// The difference from which the ground before and after counts as uneven, leg lengths.
const OTHER_GROUND: f64 = 0.1;
/// Quiet standing: the center of mass is slower than this, leg lengths a second, for this long, within this time
/// before take-off.
const QUIET_SPEED: f64 = 0.15;
const QUIET_S: f64 = 0.2;
const STANDING_WITHIN_S: f64 = 2.0;
/// The longest contact time between consecutive jumps, seconds.
const MAX_CONTACT_S: f64 = 1.0;

/// The reason why feet that rise together with the body are no jump.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(crate) enum JumpProblem {
    /// The body falls too slowly.
    #[error("it falls with {:.0} % of gravity, as in slow motion; a jump has about 100 %", share * 100.0)]
    Slowed {
        /// The acceleration of the falling body as a share of gravity.
        share: f64,
    },
    /// The feet are off the ground for too short a time.
    #[error("both feet leave the ground for only {flight_s:.2} s; a jump takes {needed_s:.2} s")]
    TooShort {
        /// The time for which they are off the ground, seconds.
        flight_s: f64,
        /// The required value.
        needed_s: f64,
    },
    /// The feet are hidden or outside the picture.
    #[error("the feet are hardly seen: visibility {visibility:.2}")]
    FeetHardlySeen {
        /// The visibility of the less visible foot, 0..=1; 0 outside the picture.
        visibility: f64,
    },
    /// The body does not move as in free fall.
    #[error("it is off the path of free fall by {:.0} % of the height", share * 100.0)]
    NotFalling {
        /// The distance of most of its path from that of free fall, as a share of the height of the flight.
        share: f64,
    },
}

impl JumpProblem {
    /// Returns the remark for a person.
    #[must_use]
    pub(crate) fn remark(&self, person_id: u16) -> String {
        format!("person {person_id}: the body rises and falls here, but this is not taken for a jump ({self})")
    }
}

/// Returns every jump, sorted by time. Series of different lengths or without leg length yield none.
#[must_use]
pub(crate) fn find_jumps(signals: &JumpSignals) -> Vec<Jump> {
    let Some(body) = Body::new(signals) else { return Vec::new() };
    let mut jumps: Vec<Jump> = Vec::new();
    for apex in body.apexes() {
        let Ok(flight) = body.flight(apex) else { continue };
        // Feet may rise twice in one flight.
        if jumps.last().is_none_or(|last| flight.take_off.time_s >= last.landing.time_s) {
            jumps.push(body.jump(&flight, jumps.last()));
        }
    }
    jumps
}

/// Returns why the movement that looks most like a jump is none; `None` if nothing looks like one. For people without
/// jumps.
#[must_use]
pub(crate) fn jump_problem(signals: &JumpSignals) -> Option<JumpProblem> {
    let body = Body::new(signals)?;
    let mut problems: Vec<(usize, JumpProblem)> =
        body.apexes().into_iter().filter_map(|apex| Some((apex, body.flight(apex).err()??))).collect();
    problems.sort_by(|a, b| body.feet[b.0].total_cmp(&body.feet[a.0]));
    // Slow motion explains short flights, too.
    let slowed = problems.iter().find(|(_, problem)| matches!(problem, JumpProblem::Slowed { .. }));
    slowed.or(problems.first()).map(|&(_, problem)| problem)
}

impl Body<'_> {
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
            confidence: flight.confidence,
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

    /// Returns the highest point of the center of mass in a flight, between frames; that of the frames if a neighbor of
    /// the highest one is on the ground.
    fn highest(&self, flight: &Flight) -> f64 {
        let frames = flight.take_off.frame..=flight.landing.frame;
        let height = |index: usize| self.center_of_mass[index];
        let seen = frames.filter(|&index| height(index).is_finite());
        let Some(top) = seen.max_by(|&a, &b| height(a).total_cmp(&height(b))) else { return f64::NAN };
        let top_s = vertex_time_s(self.times_s, &self.center_of_mass, top);
        let is_in_air = |index: Option<usize>| {
            let time_s = index.and_then(|index| self.times_s.get(index));
            time_s.is_some_and(|time_s| (flight.take_off.time_s..=flight.landing.time_s).contains(time_s))
        };
        if top_s == self.times_s[top] || !is_in_air(top.checked_sub(1)) || !is_in_air(Some(top + 1)) {
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

#[cfg(test)]
mod tests;
