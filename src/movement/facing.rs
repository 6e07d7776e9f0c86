//! Determines which side of a person is toward the camera. Pure.
//!
//! The facing is found for each stretch of time, not frame by frame: a flickering side would mirror angles back and
//! forth. The yaw (the body's angle about the vertical) comes from the world landmarks of shoulders and hips,
//! averaged over a second. The side changes only when the yaw is clearly within another side, and a stretch of less
//! than half a second is not a turn. In side views the direction of the feet in the picture decides, because networks
//! see it more reliably than depth.

use super::track::Stretch;
use crate::pose::skeleton::landmark;

/// The side of a person that the camera sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facing {
    /// The face is toward the camera.
    Front,
    /// The right side is: the person looks to the right of the picture.
    Right,
    /// The back is.
    Back,
    /// The left side is.
    Left,
}

impl Facing {
    /// Returns the name in the tables.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Right => "right",
            Self::Back => "back",
            Self::Left => "left",
        }
    }

    /// Returns the yaw in the middle of the side's range, degrees.
    fn center_deg(self) -> f64 {
        match self {
            Self::Front => 0.0,
            Self::Right => 90.0,
            Self::Back => 180.0,
            Self::Left => -90.0,
        }
    }

    /// Returns how far the yaw may be from that middle, degrees. The sides reach farther than front and back, because
    /// the plane of movement is seen well enough in oblique views.
    fn half_width_deg(self) -> f64 {
        match self {
            Self::Front | Self::Back => 30.0,
            Self::Right | Self::Left => 60.0,
        }
    }

    fn of(yaw_deg: f64) -> Self {
        let beyond = |facing: &Self| turn_deg(yaw_deg, facing.center_deg()).abs() - facing.half_width_deg();
        let all = [Self::Front, Self::Right, Self::Back, Self::Left];
        all.into_iter().min_by(|a, b| beyond(a).total_cmp(&beyond(b))).unwrap_or(Self::Front)
    }
}

/// A stretch of time with one side toward the camera.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FacingSpan {
    /// The indices of the first and the last frame.
    pub(crate) range: [usize; 2],
    /// The side.
    pub(crate) facing: Facing,
    /// The median yaw (angle of the body about the vertical), degrees: 0 front, 90 right.
    pub(crate) yaw_deg: f64,
}

/// Half of the time over which the yaw is averaged, seconds.
const HALF_WINDOW_S: f64 = 0.5;
/// How far beyond the border of its side the body must turn for the side to change, degrees.
const HYSTERESIS_DEG: f64 = 15.0;
/// The shortest stretch that counts as a turn, seconds.
const SHORTEST_S: f64 = 0.5;
/// Landmarks: left and right shoulder, left and right hip.
const PAIRS: [[usize; 2]; 2] = [landmark::SHOULDERS, landmark::HIPS];
/// Heel and tip of each foot.
const FEET: [[usize; 2]; 2] =
    [[landmark::LEFT_HEEL, landmark::LEFT_FOOT_INDEX], [landmark::RIGHT_HEEL, landmark::RIGHT_FOOT_INDEX]];

/// Returns the sides that a person turns toward the camera, in order, without gaps. Empty for an empty stretch.
#[must_use]
pub(crate) fn facings(stretch: &Stretch) -> Vec<FacingSpan> {
    let yaws_deg = smooth_yaw(stretch);
    let mut spans: Vec<FacingSpan> = Vec::new();
    for (index, &yaw_deg) in yaws_deg.iter().enumerate() {
        match spans.last_mut() {
            Some(span) if is_still(span.facing, yaw_deg) => {
                span.range[1] = index;
            }
            _ => spans.push(FacingSpan { range: [index, index], facing: Facing::of(yaw_deg), yaw_deg }),
        }
    }
    let mut spans = without_short(spans, &stretch.times_s);
    for span in &mut spans {
        let within = &yaws_deg[span.range[0]..=span.range[1]];
        span.yaw_deg = middle_yaw(within, span.facing);
        // The stretch was entered at the border of a side; its median yaw decides.
        span.facing = Facing::of(span.yaw_deg);
        if let (Facing::Left | Facing::Right, Some(facing)) = (span.facing, feet_facing(stretch, span.range)) {
            if facing != span.facing {
                span.yaw_deg = -span.yaw_deg;
            }
            span.facing = facing;
        }
    }
    joined(spans)
}

/// Returns whether a person with the given facing still has it at a yaw, with hysteresis.
fn is_still(facing: Facing, yaw_deg: f64) -> bool {
    turn_deg(yaw_deg, facing.center_deg()).abs() <= facing.half_width_deg() + HYSTERESIS_DEG
}

/// Returns the shorter angle from one direction to another, degrees.
fn turn_deg(to_deg: f64, from_deg: f64) -> f64 {
    (to_deg - from_deg + 180.0).rem_euclid(360.0) - 180.0
}

/// Returns the smoothed yaw in each frame: front 0, right 90, from the direction from the right to the left side in
/// world landmarks (x to the right of the picture, z away from the camera).
fn smooth_yaw(stretch: &Stretch) -> Vec<f64> {
    let across: Vec<[f64; 2]> = (0..stretch.len())
        .map(|index| {
            PAIRS.iter().fold([0.0, 0.0], |sum, &[left, right]| {
                let part = |channel| stretch.at(left, channel, index) - stretch.at(right, channel, index);
                let (x, z) = (part(3), part(5));
                if x.is_finite() && z.is_finite() { [sum[0] + x, sum[1] + z] } else { sum }
            })
        })
        .collect();
    let (mut first, mut end) = (0, 0);
    let mut last_deg = 0.0;
    stretch
        .times_s
        .iter()
        .map(|&time_s| {
            while stretch.times_s[first] < time_s - HALF_WINDOW_S {
                first += 1;
            }
            while end < stretch.len() && stretch.times_s[end] <= time_s + HALF_WINDOW_S {
                end += 1;
            }
            let sum = across[first..end].iter().fold([0.0, 0.0], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
            if sum != [0.0, 0.0] {
                last_deg = sum[1].atan2(sum[0]).to_degrees();
            }
            last_deg
        })
        .collect()
}

/// Merges spans that are too short into the span before, or, at the beginning, into the span after.
fn without_short(spans: Vec<FacingSpan>, times_s: &[f64]) -> Vec<FacingSpan> {
    let mut kept: Vec<FacingSpan> = Vec::new();
    let mut pending_start = None;
    for mut span in spans {
        let is_short = times_s[span.range[1]] - times_s[span.range[0]] < SHORTEST_S;
        match kept.last_mut() {
            Some(last) if is_short => last.range[1] = span.range[1],
            None if is_short => {
                pending_start.get_or_insert(span);
            }
            _ => {
                if let Some(start) = pending_start.take() {
                    span.range[0] = start.range[0];
                }
                kept.push(span);
            }
        }
    }
    // No span is long enough: all of it is one span.
    if let Some(mut only) = pending_start {
        only.range = [0, times_s.len() - 1];
        kept.push(only);
    }
    joined(kept)
}

/// Joins neighboring spans with the same side.
fn joined(spans: Vec<FacingSpan>) -> Vec<FacingSpan> {
    let mut kept: Vec<FacingSpan> = Vec::new();
    for span in spans {
        match kept.last_mut() {
            Some(last) if last.facing == span.facing => last.range[1] = span.range[1],
            _ => kept.push(span),
        }
    }
    kept
}

fn middle_yaw(yaws_deg: &[f64], facing: Facing) -> f64 {
    let center_deg = facing.center_deg();
    let mut turns: Vec<f64> = yaws_deg.iter().map(|&yaw_deg| turn_deg(yaw_deg, center_deg)).collect();
    turns.sort_by(f64::total_cmp);
    turn_deg(center_deg + turns.get(turns.len() / 2).copied().unwrap_or_default(), 0.0)
}

/// Returns the side by the direction of the feet in the picture; `None` if they point neither way most of the time.
fn feet_facing(stretch: &Stretch, range: [usize; 2]) -> Option<Facing> {
    /// The share of the frames that have to agree beyond chance: 0 is half of them, 1 all.
    const LEAST_AGREEMENT: f64 = 0.3;
    let directions = (range[0]..=range[1]).flat_map(|index| {
        FEET.map(|[heel, toe]| {
            let along = stretch.at(toe, 0, index) - stretch.at(heel, 0, index);
            let up = stretch.at(toe, 1, index) - stretch.at(heel, 1, index);
            // A foot that points down or toward the camera gives no direction.
            if along.abs() > 0.5 * up.abs() { along.signum() } else { 0.0 }
        })
    });
    let (sum, count) = directions.fold((0.0, 0.0), |(sum, count), direction| (sum + direction, count + 1.0));
    let agreement = sum / f64::max(count, 1.0);
    (agreement.abs() >= LEAST_AGREEMENT).then_some(if agreement > 0.0 { Facing::Right } else { Facing::Left })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::skeleton::LANDMARK_COUNT;
    use proptest::prelude::*;

    /// A body whose left side is at `yaw_deg` in each frame, at 30 frames a second, its feet along the picture where
    /// it shows its side.
    fn turning(yaws_deg: &[f64]) -> Stretch {
        let n = yaws_deg.len();
        let mut stretch = Stretch {
            frames: (0..n as u32).collect(),
            times_s: (0..n).map(|index| index as f64 / 30.0).collect(),
            points: vec![std::array::from_fn(|_| vec![0.0; n]); LANDMARK_COUNT],
            visibility: vec![vec![1.0; n]; LANDMARK_COUNT],
            presence: vec![vec![1.0; n]; LANDMARK_COUNT],
        };
        for (index, yaw_deg) in yaws_deg.iter().enumerate() {
            let (sin, cos) = yaw_deg.to_radians().sin_cos();
            for [left, right] in PAIRS {
                for (landmark, sign) in [(left, 0.2), (right, -0.2)] {
                    stretch.points[landmark][3][index] = sign * cos;
                    stretch.points[landmark][5][index] = sign * sin;
                }
            }
            for [_, toe] in FEET {
                stretch.points[toe][0][index] = 30.0 * sin;
                stretch.points[toe][1][index] = 10.0;
            }
        }
        stretch
    }

    fn names(yaws_deg: &[f64]) -> Vec<&'static str> {
        facings(&turning(yaws_deg)).iter().map(|span| span.facing.name()).collect()
    }

    #[test]
    fn each_quarter_has_its_name() {
        for (yaw_deg, name) in [(10.0, "front"), (80.0, "right"), (-100.0, "left"), (170.0, "back"), (-170.0, "back")] {
            assert_eq!(names(&[yaw_deg; 60]), [name]);
        }
    }

    #[test]
    fn a_glance_aside_is_no_turn_and_a_turn_is_one() {
        let glance = [[90.0; 60].as_slice(), &[20.0; 8], &[90.0; 60]].concat();
        assert_eq!(names(&glance), ["right"]);
        let turn = [[90.0; 90].as_slice(), &[-90.0; 90]].concat();
        let spans = facings(&turning(&turn));
        assert_eq!(spans.iter().map(|span| span.facing).collect::<Vec<_>>(), [Facing::Right, Facing::Left]);
        assert!(spans[0].range[1].abs_diff(90) < 8, "{spans:?}");
    }

    #[test]
    fn the_feet_overrule_the_depth_in_side_views() {
        let mut stretch = turning(&[90.0; 60]);
        for [_, toe] in FEET {
            stretch.points[toe][0] = vec![-30.0; 60];
        }
        assert_eq!(facings(&stretch)[0].facing, Facing::Left);
    }

    proptest! {
        #[test]
        fn the_whole_stretch_has_a_side_and_none_changes_at_the_borders(
            yaws in prop::collection::vec(-180.0..180.0f64, 1..200)
        ) {
            let spans = facings(&turning(&yaws));
            prop_assert_eq!(spans[0].range[0], 0);
            prop_assert_eq!(spans[spans.len() - 1].range[1], yaws.len() - 1);
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].range[1] + 1, pair[1].range[0]);
                prop_assert!(pair[0].facing != pair[1].facing);
            }
        }
    }
}
