//! A simple model of a walking or running person, with known contacts and toe-offs.
//!
//! In stance the toe stands still and the heel lifts over it in the last part. In swing a foot leaves and lands with
//! half the walking speed over ground (heels at contact were measured at 0.4 to 0.9 m/s), and rises as heels and toes
//! do.

use super::super::test_support::{Noise, low_pass};
use super::{EventKind, GaitSignals, GaitStyle, Side};

pub(in super::super) struct Walk {
    pub(crate) style: GaitStyle,
    pub(crate) frame_rate_hz: f64,
    pub(crate) duration_s: f64,
    /// 1 to the right, -1 to the left.
    pub(crate) direction_x: f64,
    pub(crate) on_treadmill: bool,
    /// Standard deviation of landmarks, leg lengths.
    pub(crate) noise: f64,
    /// Standard deviation of frame times, frames.
    pub(crate) jitter: f64,
    pub(crate) seed: u64,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            style: GaitStyle::Walking,
            frame_rate_hz: 60.0,
            duration_s: 5.0,
            direction_x: 1.0,
            on_treadmill: false,
            noise: 0.0,
            jitter: 0.0,
            seed: 1,
        }
    }
}

pub(in super::super) const LEG_LENGTH_PX: f64 = 200.0;
const FLOOR_Y_PX: f64 = 900.0;
const FOOT_LENGTH: f64 = 0.25;

#[derive(Clone, Copy)]
struct Pace {
    stride_s: f64,
    stance_share: f64,
    /// Leg lengths a second.
    speed: f64,
}

#[derive(Clone, Copy)]
struct Foot {
    heel: [f64; 2],
    toe: [f64; 2],
}

impl Walk {
    fn pace(&self) -> Pace {
        match self.style {
            GaitStyle::Walking => Pace { stride_s: 1.1, stance_share: 0.62, speed: 1.45 },
            GaitStyle::Running => Pace { stride_s: 0.72, stance_share: 0.34, speed: 3.2 },
        }
    }

    pub(in super::super) fn speed_px_s(&self) -> f64 {
        self.pace().speed * LEG_LENGTH_PX
    }

    fn first_contact_s(&self, side: Side) -> f64 {
        let pace = self.pace();
        -pace.stride_s + if side == Side::Right { 0.13 } else { 0.13 + 0.5 * pace.stride_s }
    }

    /// Every contact and toe-off within the clip and a tenth of a second around it.
    pub(in super::super) fn truth(&self) -> Vec<(EventKind, Side, f64)> {
        let pace = self.pace();
        let mut truth = Vec::new();
        for side in Side::BOTH {
            for stride in 0..1000 {
                let contact_s = self.first_contact_s(side) + f64::from(stride) * pace.stride_s;
                truth.push((EventKind::Contact, side, contact_s));
                truth.push((EventKind::ToeOff, side, contact_s + pace.stance_share * pace.stride_s));
            }
        }
        truth.retain(|event| (-0.1..=self.duration_s + 0.1).contains(&event.2));
        truth.sort_by(|a, b| a.2.total_cmp(&b.2));
        truth
    }

    /// Forward and up in leg lengths, in a frame of the ground.
    fn foot(&self, side: Side, time_s: f64) -> Foot {
        let pace = self.pace();
        let since_first_s = time_s - self.first_contact_s(side);
        let stride = (since_first_s / pace.stride_s).floor();
        let phase_s = since_first_s - stride * pace.stride_s;
        let (stance_s, swing_s) = (pace.stance_share * pace.stride_s, (1.0 - pace.stance_share) * pace.stride_s);
        let stride_length = pace.speed * pace.stride_s;
        let contact_s = self.first_contact_s(side) + stride * pace.stride_s;
        // The heel lands half the stance's way (and a bit less) ahead of the body.
        let planted = pace.speed * (contact_s + 0.5 * stance_s) - 0.05;
        let heel_lift = |share: f64| 0.2 * share * share;
        if phase_s < stance_s {
            let lift = ((phase_s / stance_s - 0.55) / 0.45).max(0.0);
            let toe_up = 0.08 * (1.0 - phase_s / 0.08).max(0.0);
            let (height, toe) = (heel_lift(lift), planted + FOOT_LENGTH);
            return Foot { heel: [toe - (FOOT_LENGTH.powi(2) - height * height).sqrt(), height], toe: [toe, toe_up] };
        }
        let share = (phase_s - stance_s) / swing_s;
        let (leave, land) = (0.5 * pace.speed * swing_s, 0.5 * pace.speed * swing_s);
        let hermite = |length: f64| {
            let (s2, s3) = (share * share, share.powi(3));
            (s3 - 2.0 * s2 + share) * leave + (3.0 * s2 - 2.0 * s3) * length + (s3 - s2) * land
        };
        let heel_start = planted + FOOT_LENGTH - (FOOT_LENGTH.powi(2) - 0.04f64).sqrt();
        let heel_way = planted + stride_length - heel_start;
        let heel_up = (1.0 - share) * (0.2 + 0.9 * share);
        let toe_up = 0.06 * (std::f64::consts::PI * share).sin() + 0.08 * share.powi(3);
        Foot {
            heel: [heel_start + hermite(heel_way), heel_up],
            toe: [planted + FOOT_LENGTH + hermite(stride_length), toe_up],
        }
    }

    pub(in super::super) fn times_s(&self) -> Vec<f64> {
        let mut noise = Noise::new(self.seed + 99);
        let n = (self.duration_s * self.frame_rate_hz) as usize;
        (0..=n)
            .map(|index| (index as f64 + self.jitter * noise.normal().clamp(-2.0, 2.0)) / self.frame_rate_hz)
            .collect()
    }

    /// Returns the signals: unfiltered if there is no noise, otherwise with noise and low-passed at 8 Hz, as in
    /// cleaning.
    pub(in super::super) fn signals(&self) -> GaitSignals {
        let times_s = self.times_s();
        let pace = self.pace();
        let mut noise = Noise::new(self.seed);
        let mut points = |at: &dyn Fn(f64) -> [f64; 2]| -> [Vec<[f64; 2]>; 2] {
            let axes = [0, 1].map(|axis| {
                let exact = times_s.iter().map(|&time_s| {
                    let [forward, up] = at(time_s);
                    let forward = if self.on_treadmill { forward - pace.speed * time_s } else { forward };
                    let x = if self.direction_x > 0.0 { 300.0 } else { 2000.0 }
                        + self.direction_x * forward * LEG_LENGTH_PX;
                    [x, FLOOR_Y_PX - up * LEG_LENGTH_PX + 0.01 * x][axis]
                });
                let values: Vec<f64> = exact.map(|value| value + self.noise * LEG_LENGTH_PX * noise.normal()).collect();
                let filtered = if self.noise == 0.0 { values.clone() } else { low_pass(&times_s, &values, 8.0) };
                [values, filtered]
            });
            let joined = |kind: usize| axes[0][kind].iter().zip(&axes[1][kind]).map(|(&x, &y)| [x, y]).collect();
            [joined(0), joined(1)]
        };
        let bob = |time_s: f64| 0.02 * (4.0 * std::f64::consts::PI * time_s / pace.stride_s).cos();
        let mut filtered = |at: &dyn Fn(f64) -> [f64; 2]| points(at)[1].clone();
        let sacrum_px = filtered(&|time_s| [pace.speed * time_s, 0.95 + bob(time_s)]);
        let shoulders_px = filtered(&|time_s| [pace.speed * time_s + 0.05, 1.5 + bob(time_s)]);
        let heel_px = Side::BOTH.map(|side| filtered(&|time_s| self.foot(side, time_s).heel));
        let toes_px = Side::BOTH.map(|side| points(&|time_s| self.foot(side, time_s).toe));
        let ankle_px = Side::BOTH.map(|side| {
            points(&|time_s| {
                let [forward, up] = self.foot(side, time_s).heel;
                [forward + 0.05, up + 0.1]
            })[1]
                .clone()
        });
        let [raw_toe_px, toe_px] = [0, 1].map(|kind| toes_px.clone().map(|of_side| of_side[kind].clone()));
        GaitSignals {
            sacrum_px,
            shoulders_px,
            heel_px,
            toe_px,
            ankle_px,
            raw_toe_px,
            leg_length_px: LEG_LENGTH_PX,
            times_s: times_s.clone(),
        }
    }
}
