//! Determines which side of a person is toward the camera. Pure.
//!
//! The facing is a yaw about the trunk's own axis: a person who lies or stands on the hands faces right if the front of
//! the body is to the right once the picture is turned so that the head is up. It is found for each stretch of time,
//! not frame by frame: a flickering side would mirror angles back and forth. [`evidence`] collects what each frame
//! says, and [`path`] finds the cheapest sequence of sides.
//!
//! How far the body is turned from the camera comes from the world landmarks of shoulders and hips, averaged over a
//! second. Whether it is turned to the right or to the left is decided by the picture, because networks see it more
//! reliably than depth: by feet, head and the path of the hips, and by knees, elbows and hips, which bend to one side
//! only.

mod evidence;
mod path;

use super::track::Stretch;
use evidence::Evidence;

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
    /// All sides.
    const ALL: [Self; 4] = [Self::Front, Self::Right, Self::Back, Self::Left];

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

    /// Returns how far a yaw is beyond the side's range, degrees; negative within it.
    fn beyond_deg(self, yaw_deg: f64) -> f64 {
        turn_deg(yaw_deg, self.center_deg()).abs() - self.half_width_deg()
    }

    fn of(yaw_deg: f64) -> Self {
        let nearest = Self::ALL.into_iter().min_by(|a, b| a.beyond_deg(yaw_deg).total_cmp(&b.beyond_deg(yaw_deg)));
        nearest.unwrap_or(Self::Front)
    }
}

/// A stretch of time with one side toward the camera.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FacingSpan {
    /// The indices of the first and the last frame.
    pub(crate) range: [usize; 2],
    /// The side.
    pub(crate) facing: Facing,
    /// The median yaw (angle of the body about the axis of the trunk), degrees: 0 front, 90 right.
    pub(crate) yaw_deg: f64,
}

/// Half of the time over which the yaw is averaged, seconds.
const HALF_WINDOW_S: f64 = 0.5;
/// How much the depth of the world landmarks says about right or left, compared with the picture.
const DEPTH_WEIGHT: f64 = 0.25;
/// How clearly a body seen from the side looks to one side, when half of what could show it does.
const CLEAR_LOOK: f64 = 0.5;

/// Returns the sides that a person turns toward the camera, in order, without gaps. Empty for an empty stretch.
#[must_use]
pub(crate) fn facings(stretch: &Stretch) -> Vec<FacingSpan> {
    let seen = evidence::collect(stretch);
    let yaws_deg = smooth_yaw(&stretch.times_s, &seen);
    let look = |(seen, yaw_deg): (&Evidence, &f64)| {
        let depth = yaw_deg.to_radians().sin();
        ((DEPTH_WEIGHT * depth + (1.0 - DEPTH_WEIGHT) * seen.look) / CLEAR_LOOK).clamp(-1.0, 1.0)
    };
    let looks: Vec<f64> = seen.iter().zip(&yaws_deg).map(look).collect();
    let sides = path::cheapest(&stretch.times_s, &yaws_deg, &looks);
    let mut first = 0;
    let spans = sides.chunk_by(|a, b| a == b).map(|run| {
        let range = [first, first + run.len() - 1];
        first += run.len();
        described(run[0], range, &yaws_deg, &looks)
    });
    joined(spans.collect())
}

/// Describes a span: its median yaw decides between front, back and sides, because the span was entered at the border
/// of a side; all of its frames decide between right and left.
fn described(entered: Facing, range: [usize; 2], yaws_deg: &[f64], looks: &[f64]) -> FacingSpan {
    let within = range[0]..=range[1];
    let side = if looks[within.clone()].iter().sum::<f64>() > 0.0 { Facing::Right } else { Facing::Left };
    // In a side view, the depth may have either sign; only the angle from the camera counts.
    let from_front_deg = match entered {
        Facing::Right | Facing::Left => {
            let turns_deg: Vec<f64> = yaws_deg[within].iter().map(|yaw_deg| yaw_deg.abs()).collect();
            middle_yaw(&turns_deg, Facing::Right)
        }
        Facing::Front | Facing::Back => middle_yaw(&yaws_deg[within], entered),
    };
    match Facing::of(from_front_deg) {
        Facing::Right | Facing::Left => {
            FacingSpan { range, facing: side, yaw_deg: from_front_deg.abs() * side.center_deg().signum() }
        }
        facing => FacingSpan { range, facing, yaw_deg: middle_yaw(&yaws_deg[range[0]..=range[1]], facing) },
    }
}

/// Returns the shorter angle from one direction to another, degrees.
fn turn_deg(to_deg: f64, from_deg: f64) -> f64 {
    (to_deg - from_deg + 180.0).rem_euclid(360.0) - 180.0
}

/// Returns the smoothed yaw in each frame: front 0, right 90, from the direction from the right to the left side of
/// the body.
fn smooth_yaw(times_s: &[f64], seen: &[Evidence]) -> Vec<f64> {
    let (mut first, mut end) = (0, 0);
    let mut last_deg = 0.0;
    times_s
        .iter()
        .map(|&time_s| {
            while times_s[first] < time_s - HALF_WINDOW_S {
                first += 1;
            }
            while end < times_s.len() && times_s[end] <= time_s + HALF_WINDOW_S {
                end += 1;
            }
            let [along, away] = seen[first..end]
                .iter()
                .fold([0.0, 0.0], |sum, part| [sum[0] + part.across_m[0], sum[1] + part.across_m[1]]);
            if [along, away] != [0.0, 0.0] {
                last_deg = away.atan2(along).to_degrees();
            }
            last_deg
        })
        .collect()
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
    let ranked = |rank: usize| turns.get(rank).copied().unwrap_or_default();
    // The mean of both middle values: a mirror image has the same median.
    let median_deg = f64::midpoint(ranked(turns.len().saturating_sub(1) / 2), ranked(turns.len() / 2));
    turn_deg(center_deg + median_deg, 0.0)
}

#[cfg(test)]
mod tests;
