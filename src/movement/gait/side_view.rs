//! A passage in coordinates of the walking direction: forward and up, in leg lengths.

use super::{GaitSignals, Side};
use crate::movement::series::{fill_gaps, median, quantile, slope};

/// The longest gap that is bridged, seconds.
pub(super) const MAX_GAP_S: f64 = 0.2;
/// The speed from which a person does not walk on a treadmill, leg lengths a second.
pub(super) const TRAVEL_SPEED: f64 = 0.25;
/// The smallest share of frames in which a foot is on the ground, in walking and in running.
const SLOWEST_SHARE: f64 = 0.2;

/// A landmark of a foot; lengths are in leg lengths.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FootPoint {
    /// The position forward of the sacrum.
    pub(crate) from_sacrum: Vec<f64>,
    /// The forward position in the picture.
    pub(crate) forward: Vec<f64>,
    /// The upward position in the picture.
    pub(crate) up: Vec<f64>,
    /// The forward speed in the picture, per second.
    pub(crate) forward_speed: Vec<f64>,
    /// The speed relative to the ground, per second.
    pub(crate) ground_speed: Vec<f64>,
}

/// A passage in coordinates of its direction. Pairs are left, right.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SideView {
    pub(crate) first_frame: usize,
    pub(crate) times_s: Vec<f64>,
    pub(crate) direction_x: f64,
    pub(crate) leg_length_px: f64,
    pub(crate) heel: [FootPoint; 2],
    pub(crate) toe: [FootPoint; 2],
    /// The unfiltered tips of the feet, forward and up in the picture; their sides may be exchanged.
    pub(crate) raw_toe: [Vec<[f64; 2]>; 2],
    /// The forward position of the sacrum in the picture.
    pub(crate) sacrum: Vec<f64>,
    /// The forward speed of the ground in the picture, leg lengths a second: 0, or negative on a treadmill.
    pub(crate) ground_speed: f64,
}

impl SideView {
    /// Creates the view of the frames `first..=last` of `signals`, walked toward `direction_x`.
    pub(super) fn new(signals: &GaitSignals, first: usize, last: usize, direction_x: f64) -> Self {
        let times_s = signals.times_s[first..=last].to_vec();
        let leg_length_px = signals.leg_length_px;
        let scale = direction_x / leg_length_px;
        let axis = |points: &[[f64; 2]], axis: usize, scale: f64| -> Vec<f64> {
            let values: Vec<f64> = points[first..=last].iter().map(|point| point[axis] * scale).collect();
            fill_gaps(&times_s, &values, MAX_GAP_S)
        };
        let sacrum = axis(&signals.sacrum_px, 0, scale);
        let point = |points: &[[f64; 2]]| {
            let forward = axis(points, 0, scale);
            let from_sacrum = forward.iter().zip(&sacrum).map(|(foot, sacrum)| foot - sacrum).collect();
            let forward_speed = slope(&times_s, &forward);
            FootPoint {
                from_sacrum,
                forward,
                up: axis(points, 1, -1.0 / leg_length_px),
                forward_speed,
                ground_speed: Vec::new(),
            }
        };
        let mut heel = Side::BOTH.map(|side| point(&signals.heel_px[side.index()]));
        let mut toe = Side::BOTH.map(|side| point(&signals.toe_px[side.index()]));
        let travel_speed = median(&slope(&times_s, &sacrum));
        let ground_speed = if travel_speed >= TRAVEL_SPEED { 0.0 } else { belt_speed(&heel, &toe) };
        for point in heel.iter_mut().chain(&mut toe) {
            let up_speed = slope(&times_s, &point.up);
            point.ground_speed = point
                .forward_speed
                .iter()
                .zip(&up_speed)
                .map(|(forward, up)| (forward - ground_speed).hypot(*up))
                .collect();
        }
        let raw_toe = Side::BOTH.map(|side| {
            let points = &signals.raw_toe_px[side.index()][first..=last];
            points.iter().map(|point| [point[0] * scale, -point[1] / leg_length_px]).collect()
        });
        Self { first_frame: first, times_s, direction_x, leg_length_px, heel, toe, raw_toe, sacrum, ground_speed }
    }

    pub(super) fn duration_s(&self) -> f64 {
        self.times_s.last().zip(self.times_s.first()).map_or(0.0, |(last, first)| last - first)
    }
}

/// Returns the forward speed of the belt under a person who does not travel: the speed of the feet that move back
/// with it.
fn belt_speed(heel: &[FootPoint; 2], toe: &[FootPoint; 2]) -> f64 {
    let speeds: Vec<f64> = heel.iter().chain(toe).flat_map(|point| point.forward_speed.iter().copied()).collect();
    quantile(&speeds, SLOWEST_SHARE).min(0.0)
}
