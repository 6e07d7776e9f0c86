//! Second opinions: the first (fast) network reads each crop, and says itself how sure it is. Where it is not, the
//! second (accurate) network reads the same crop, and its answer counts.
//!
//! The sign of doubt is the heat near the landmarks: the network's heatmaps have a peak close to 1 where it sees a joint,
//! and are flat, or have several hills, where legs cross, a limb is blurred or hidden, or the body is in an unusual
//! posture. Both answers to the same crop also tell whether the doubt was founded. If the networks agree, the person is
//! only doubted again when the first network is even less sure; if not, the second network reads some frames in a row,
//! so that landmarks do not jump between two networks from frame to frame. Pure, and a function of the crops alone.

use super::landmarks::{LandmarkTensors, POINT_VALUES, peak_heat};
use super::skeleton::landmark::{
    LEFT_ANKLE, LEFT_ELBOW, LEFT_FOOT_INDEX, LEFT_HEEL, LEFT_HIP, LEFT_KNEE, LEFT_SHOULDER, LEFT_WRIST, RIGHT_ANKLE,
    RIGHT_ELBOW, RIGHT_FOOT_INDEX, RIGHT_HEEL, RIGHT_HIP, RIGHT_KNEE, RIGHT_SHOULDER, RIGHT_WRIST,
};

/// One of the two landmark networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// The network that reads every crop.
    First,
    /// The more accurate network, which reads the doubtful crops.
    Second,
}

/// The landmarks that movement is measured with. The face is left out (it is rarely in doubt), and the fingers (they
/// often are).
const BODY: [usize; 16] = [
    LEFT_SHOULDER,
    RIGHT_SHOULDER,
    LEFT_ELBOW,
    RIGHT_ELBOW,
    LEFT_WRIST,
    RIGHT_WRIST,
    LEFT_HIP,
    RIGHT_HIP,
    LEFT_KNEE,
    RIGHT_KNEE,
    LEFT_ANKLE,
    RIGHT_ANKLE,
    LEFT_HEEL,
    RIGHT_HEEL,
    LEFT_FOOT_INDEX,
    RIGHT_FOOT_INDEX,
];

/// Certainty below which a person is doubted. Of 4,667 crops of 26 clips, 28 % were below it, and with the other
/// constants a third is read by the second network, which has nine tenths of the crops with answers far apart.
const BAR: f32 = 0.58;
/// How much more certain the first network must be for the end of a stretch than for its beginning.
const HYSTERESIS: f32 = 0.05;
/// Crops that the second network reads alone after a founded doubt, before the first is asked again.
const STRETCH: u8 = 3;
/// Mean distance of the two answers from which on the doubt was founded, trunks. Below it are the differences that the
/// networks have also on easy frames.
const FOUNDED: f32 = 0.08;
/// The bar after an unfounded doubt is this far below the certainty that was doubted.
const MARGIN: f32 = 0.04;
/// Share of the way back to the usual bar, for each crop that is not doubted.
const RECOVERY: f32 = 0.05;
/// Shortest trunk for distances in trunks, pixels of a crop of 256: half the trunk of a person seen from the side. It
/// matters for trunks that point to the camera.
const LEAST_TRUNK_PX: f32 = 30.0;

/// The answers to one crop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// The first network alone.
    First,
    /// Both networks, because the first had this certainty. The distance of their answers, trunks; infinite if only one
    /// of them saw a person.
    Both { certainty: f32, distance: f32 },
    /// The second network alone.
    Second,
}

/// How much one person's first readings are trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trust {
    /// Certainty below which the second network is asked.
    bar: f32,
    /// Crops that the second network still reads alone.
    stretch_left: u8,
    /// Whether the second network's answer counted last.
    is_doubted: bool,
}

impl Default for Trust {
    fn default() -> Self {
        Self { bar: BAR, stretch_left: 0, is_doubted: false }
    }
}

impl Trust {
    /// The network to ask first for the next crop.
    pub(super) fn asks(self) -> Opinion {
        if self.stretch_left > 0 { Opinion::Second } else { Opinion::First }
    }

    /// Whether a first reading of this certainty needs a second one.
    pub(super) fn doubts(self, certainty: f32) -> bool {
        let bar = self.bar + if self.is_doubted { HYSTERESIS } else { 0.0 };
        certainty.is_nan() || certainty < bar
    }

    /// Takes the answers to the next crop.
    pub(super) fn note(&mut self, reading: Reading) {
        match reading {
            Reading::Second => self.stretch_left = self.stretch_left.saturating_sub(1),
            Reading::Both { distance, .. } if distance >= FOUNDED => {
                *self = Self { bar: BAR, stretch_left: STRETCH, is_doubted: true };
            }
            Reading::Both { certainty, .. } => {
                *self = Self { bar: (certainty - MARGIN).clamp(0.0, BAR), stretch_left: 0, is_doubted: false };
            }
            Reading::First => {
                let bar = self.bar + RECOVERY * (BAR - self.bar);
                *self = Self { bar, stretch_left: 0, is_doubted: false };
            }
        }
    }
}

/// How sure the network is of a crop's body, 0..=1: the mean of the heat near its landmarks.
pub(super) fn certainty(tensors: &LandmarkTensors) -> f32 {
    BODY.iter().map(|&index| peak_heat(tensors, index)).sum::<f32>() / BODY.len() as f32
}

/// The mean distance of the body's landmarks in two readings of a crop, trunks of the second reading.
pub(super) fn distance(first: &LandmarkTensors, second: &LandmarkTensors) -> f32 {
    let point = |tensors: &LandmarkTensors, index: usize| {
        let values = &tensors.points[index * POINT_VALUES..];
        [values[0], values[1]]
    };
    let middle = |[left, right]: [usize; 2]| {
        let (a, b) = (point(second, left), point(second, right));
        [a[0].midpoint(b[0]), a[1].midpoint(b[1])]
    };
    let apart = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let trunk_px = apart(middle([LEFT_SHOULDER, RIGHT_SHOULDER]), middle([LEFT_HIP, RIGHT_HIP])).max(LEAST_TRUNK_PX);
    let sum_px: f32 = BODY.iter().map(|&index| apart(point(first, index), point(second, index))).sum();
    sum_px / BODY.len() as f32 / trunk_px
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::landmarks::{HEATMAP_SIDE, POINT_COUNT};
    use proptest::prelude::*;

    /// A standing body in the middle of a crop, moved by `shift_px`, with so much heat at each landmark.
    fn body(shift_px: f32, heat: f32) -> LandmarkTensors {
        let mut tensors = LandmarkTensors {
            pose_flag: 1.0,
            points: vec![0.0; POINT_COUNT * POINT_VALUES],
            heatmap: vec![-20.0; HEATMAP_SIDE * HEATMAP_SIDE * POINT_COUNT],
            world: vec![0.0; POINT_COUNT * 3],
        };
        for index in 0..POINT_COUNT {
            let y_px = match index {
                LEFT_SHOULDER | RIGHT_SHOULDER => 78.0,
                LEFT_HIP | RIGHT_HIP => 128.0,
                _ => 160.0,
            };
            let x_px = 128.0 + shift_px;
            tensors.points[index * POINT_VALUES..index * POINT_VALUES + 2].copy_from_slice(&[x_px, y_px]);
            let (column, row) = ((x_px / 4.0) as usize, (y_px / 4.0) as usize);
            let heat = heat.clamp(1e-6, 1.0 - 1e-6);
            tensors.heatmap[(row * HEATMAP_SIDE + column) * POINT_COUNT + index] = (heat / (1.0 - heat)).ln();
        }
        tensors
    }

    #[test]
    fn certainty_is_the_heat_near_the_landmarks() {
        for heat in [0.1, 0.5, 0.9] {
            assert!((certainty(&body(0.0, heat)) - heat).abs() < 1e-4);
        }
        let mut elsewhere = body(0.0, 0.9);
        for index in BODY {
            // The landmarks lie where the heat is not.
            elsewhere.points[index * POINT_VALUES] = 20.0;
        }
        assert!(certainty(&elsewhere) < 0.01, "legs whose heat is on another body");
        elsewhere.points[LEFT_KNEE * POINT_VALUES] = f32::NAN;
        assert!(Trust::default().doubts(certainty(&elsewhere)));
    }

    #[test]
    fn distance_is_in_trunks() {
        assert!((distance(&body(25.0, 0.9), &body(0.0, 0.9)) - 0.5).abs() < 1e-5, "25 of 50 pixels");
        assert!(distance(&body(0.0, 0.2), &body(0.0, 0.9)).abs() < 1e-6);
    }

    /// Which network was asked for each of `n_crops` crops of this certainty: first, second alone, or both.
    fn asked(certainty: f32, distance: f32, n_crops: usize) -> [usize; 3] {
        let (mut trust, mut asked) = (Trust::default(), [0; 3]);
        for _ in 0..n_crops {
            let reading = match trust.asks() {
                Opinion::Second => Reading::Second,
                Opinion::First if trust.doubts(certainty) => Reading::Both { certainty, distance },
                Opinion::First => Reading::First,
            };
            trust.note(reading);
            asked[match reading {
                Reading::First => 0,
                Reading::Second => 1,
                Reading::Both { .. } => 2,
            }] += 1;
        }
        asked
    }

    #[test]
    fn a_sure_network_is_not_questioned() {
        assert_eq!(asked(BAR + HYSTERESIS, f32::INFINITY, 100), [100, 0, 0]);
    }

    #[test]
    fn a_founded_doubt_gives_the_word_to_the_second_network() {
        let stretch = usize::from(STRETCH);
        assert_eq!(asked(0.3, 0.5, 10 * (stretch + 1)), [0, 10 * stretch, 10]);
    }

    #[test]
    fn an_unfounded_doubt_is_raised_again_only_now_and_then() {
        let [first, second, both] = asked(BAR - 0.1, 0.02, 300);
        assert_eq!(second, 0);
        assert!((1..60).contains(&both), "{both} of {}", first + both);
    }

    #[test]
    fn doubt_needs_more_certainty_to_end_than_to_begin() {
        let mut trust = Trust::default();
        assert!(!trust.doubts(BAR));
        trust.note(Reading::Both { certainty: 0.3, distance: 0.5 });
        (0..STRETCH).for_each(|_| trust.note(Reading::Second));
        assert!(trust.asks() == Opinion::First && trust.doubts(BAR) && !trust.doubts(BAR + HYSTERESIS));
        trust.note(Reading::First);
        assert!(!trust.doubts(BAR));
    }

    proptest! {
        #[test]
        fn trust_stays_within_its_range(
            readings in prop::collection::vec((0u8..3, 0f32..1.0, 0f32..0.3), 0..200),
        ) {
            let mut trust = Trust::default();
            for (kind, certainty, distance) in readings {
                trust.note(match kind {
                    0 => Reading::First,
                    1 => Reading::Second,
                    _ => Reading::Both { certainty, distance },
                });
                prop_assert!((0.0..=BAR).contains(&trust.bar) && trust.stretch_left <= STRETCH);
                prop_assert!(!trust.doubts(1.0) && trust.doubts(f32::NAN));
            }
        }
    }
}
