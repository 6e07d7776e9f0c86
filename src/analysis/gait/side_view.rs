//! One passage as seen along the walking direction: forward and up, in leg lengths.

use super::{GaitSignals, Side};
use crate::analysis::series::{fill_gaps, median, quantile, slope};

/// Gaps up to this are bridged, seconds.
pub(super) const MAX_GAP_S: f64 = 0.2;
/// Who travels at least this fast does not walk on a treadmill, leg lengths a second.
pub(super) const TRAVEL_SPEED: f64 = 0.25;
/// A foot is on the ground in more than this share of the frames, in walking and in running.
const SLOWEST_SHARE: f64 = 0.2;

/// A landmark of a foot, leg lengths.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FootPoint {
    /// Forward of the sacrum.
    pub from_sacrum: Vec<f64>,
    /// Forward in the picture.
    pub forward: Vec<f64>,
    /// Up in the picture.
    pub up: Vec<f64>,
    /// Forward in the picture, a second.
    pub forward_speed: Vec<f64>,
    /// Speed relative to the ground, a second.
    pub ground_speed: Vec<f64>,
}

/// A passage seen along its direction. Pairs are left, right.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SideView {
    pub first_frame: usize,
    pub times_s: Vec<f64>,
    pub direction_x: f64,
    pub leg_length_px: f64,
    pub heel: [FootPoint; 2],
    pub toe: [FootPoint; 2],
    /// Forward speed of the ground in the picture, leg lengths a second: 0, or negative on a treadmill.
    pub ground_speed: f64,
}

impl SideView {
    /// The frames `first..=last` of `signals`, walked towards `direction_x`.
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
        Self { first_frame: first, times_s, direction_x, leg_length_px, heel, toe, ground_speed }
    }

    pub(super) fn duration_s(&self) -> f64 {
        self.times_s.last().zip(self.times_s.first()).map_or(0.0, |(last, first)| last - first)
    }
}

/// Forward speed of the belt under somebody who does not travel: that of the feet that go back with it.
fn belt_speed(heel: &[FootPoint; 2], toe: &[FootPoint; 2]) -> f64 {
    let speeds: Vec<f64> = heel.iter().chain(toe).flat_map(|point| point.forward_speed.iter().copied()).collect();
    quantile(&speeds, SLOWEST_SHARE).min(0.0)
}
