//! Evidence that a flight is a jump: a body that stands up on feet that are seen, leaves the ground with both of them
//! or comes back to it with both, and falls freely in between.

use super::flight::{Body, Flight};
use super::{JumpProblem, JumpSignals};
use crate::movement::series::{mean_and_spread, quantile};

/// The heights of the hips above the lowest foot at which a body stands on its feet, leg lengths. Stretched legs carry
/// the hips 1.1 to 1.25 above the soles. A body that is taller is another person, or was filmed from nearer.
const STANDING: std::ops::RangeInclusive<f64> = 0.5..=1.5;
/// The time before take-off and after landing in which the body stands once, seconds: a somersault leans forward at
/// take-off, and a deep landing bends.
const STANDING_WITHIN_S: f64 = 0.3;
/// The time around take-off and landing that counts for them, seconds.
const AROUND_S: f64 = 0.1;
/// The smallest visibility of each foot around take-off and landing.
const MIN_VISIBILITY: f64 = 0.4;
/// The longest flight of a running step, seconds. The flights of runners last up to 0.2 s and read up to 0.27 s.
const MAX_STEP_S: f64 = 0.4;
/// A step takes off with one foot up and lands with the other one up, by this much together and each, leg lengths.
const STEP_RISES: [f64; 2] = [0.2, 0.04];
/// The share of the path that must be near free fall: the network loses a body that turns over for some frames.
const MOST: f64 = 0.6;
/// The largest distance of most of the path from free fall, as a share of g t^2 / 8: jumps of real clips have up to
/// 0.05, and errors of the network from 0.07 on.
const MAX_STRAY: f64 = 0.06;
/// The same in leg lengths, for people who are a few pixels high.
const MAX_STRAY_LEGS: f64 = 0.012;
/// The same share for a slowed fall, which is followed from ground to ground.
const MAX_SLOW_STRAY: f64 = 0.15;
/// The number of times that the line is fitted anew, with less weight for what is far from it.
const N_FITS: usize = 20;

/// Returns for each frame whether the body is seen upright above its feet. Unseen shoulders do not count against it.
pub(super) fn standing(signals: &JumpSignals) -> Vec<bool> {
    let feet = signals.heel_y_px.iter().chain(&signals.toe_y_px);
    let lowest_y_px = |index: usize| feet.clone().map(|series| series[index]).fold(f64::NAN, f64::max);
    let is_standing = |index: usize| {
        let ([hip_x, hip_y], [shoulder_x, shoulder_y]) = (signals.hips_px[index], signals.shoulders_px[index]);
        let is_leaning = hip_y - shoulder_y < (hip_x - shoulder_x).abs();
        STANDING.contains(&((lowest_y_px(index) - hip_y) / signals.leg_length_px)) && !is_leaning
    };
    (0..signals.times_s.len()).map(is_standing).collect()
}

impl Body<'_> {
    /// Returns whether the body stands before it leaves the ground at `from_s` and after it is back at `to_s`.
    pub(super) fn stands(&self, from_s: f64, to_s: f64) -> bool {
        let stands_in = |first_s: f64, last_s: f64| self.frames(first_s, last_s).any(|index| self.is_standing[index]);
        stands_in(from_s - STANDING_WITHIN_S, from_s + AROUND_S) && stands_in(to_s - AROUND_S, to_s + STANDING_WITHIN_S)
    }

    /// Returns whether a flight goes from one foot to the other, as steps of running do.
    pub(super) fn is_step(&self, flight: &Flight) -> bool {
        let (take_off_s, landing_s) = (flight.take_off.time_s, flight.landing.time_s);
        let middle_s = f64::midpoint(take_off_s, landing_s);
        let range = |first_s: f64, last_s: f64| {
            let lead = self.frames(first_s, last_s).map(|index| self.left_above_right[index]);
            let lead: Vec<f64> = lead.filter(|lead| lead.is_finite()).collect();
            let most = lead.iter().copied().fold(0.0, f64::max);
            (lead.iter().copied().fold(0.0, f64::min), most)
        };
        let before = range(take_off_s - AROUND_S, (take_off_s + AROUND_S).min(middle_s));
        let after = range((landing_s - AROUND_S).max(middle_s), landing_s + AROUND_S);
        let [together, each] = STEP_RISES;
        let changes = |first: f64, second: f64| first.min(second) >= each && first + second >= together;
        landing_s - take_off_s < MAX_STEP_S && (changes(before.1, -after.0) || changes(-before.0, after.1))
    }

    /// Returns how sure a flight is, 0..=1: the visibility of the less visible foot where it leaves and meets the
    /// ground, less the share of the flight's height by which the body strays from free fall.
    ///
    /// # Errors
    /// If the feet are hardly seen or the body does not fall freely.
    pub(super) fn confidence(&self, flight: &Flight, fall: f64) -> Result<f64, JumpProblem> {
        let visibility = self.visibility(flight);
        if visibility < MIN_VISIBILITY {
            return Err(JumpProblem::FeetHardlySeen { visibility });
        }
        let stray = self.stray(flight.take_off.time_s, flight.landing.time_s, fall);
        if stray.usual > MAX_STRAY.max(MAX_STRAY_LEGS / stray.height) {
            return Err(JumpProblem::NotFalling { share: stray.usual });
        }
        Ok((visibility * (1.0 - stray.whole)).clamp(0.0, 1.0))
    }

    /// Returns whether the body follows the parabola of a slowed fall from one time on the ground to the next.
    pub(super) fn falls_slowly(&self, from_s: f64, to_s: f64, fall: f64) -> bool {
        self.stray(from_s, to_s, fall).usual <= MAX_SLOW_STRAY
    }

    /// Returns the mean visibility of the less visible foot around take-off or landing, whichever is smaller. Filled
    /// gaps have none.
    fn visibility(&self, flight: &Flight) -> f64 {
        let around =
            [flight.take_off.time_s, flight.landing.time_s].map(|time_s| (time_s - AROUND_S, time_s + AROUND_S));
        let means = around.into_iter().flat_map(|(first_s, last_s)| {
            let frames = self.frames(first_s, last_s);
            let mean = move |visibility: &Vec<f64>| mean_and_spread(&visibility[frames.clone()]).map_or(0.0, |it| it.0);
            self.foot_visibility.iter().map(mean)
        });
        means.fold(1.0, f64::min)
    }

    /// Returns how far the center of mass is from its path in free fall. What is left of its height without the fall
    /// lies on a line; some frames may be far from it.
    fn stray(&self, from_s: f64, to_s: f64, fall: f64) -> Stray {
        let seen = self.frames(from_s, to_s).filter(|&index| self.center_of_mass[index].is_finite());
        let path = |index: usize| {
            let since_s = self.times_s[index] - from_s;
            (since_s, self.center_of_mass[index] + 0.5 * fall * since_s * since_s)
        };
        let strays = far_from_line(&seen.map(path).collect::<Vec<_>>());
        let height = (fall * (to_s - from_s).powi(2) / 8.0).max(f64::EPSILON);
        let whole = strays.iter().map(|stray| stray * stray).sum::<f64>() / strays.len().max(1) as f64;
        let usual = quantile(&strays, MOST);
        Stray { usual: if usual.is_finite() { usual / height } else { 0.0 }, whole: whole.sqrt() / height, height }
    }

    /// Returns the frames from one time to another.
    fn frames(&self, first_s: f64, last_s: f64) -> std::ops::Range<usize> {
        let start = self.times_s.partition_point(|&time_s| time_s < first_s - 1e-9);
        start..self.times_s.partition_point(|&time_s| time_s <= last_s + 1e-9).max(start)
    }
}

/// The distance of a path from that of free fall.
struct Stray {
    /// The distance within which most of the path is, as a share of the height.
    usual: f64,
    /// The root mean square of all frames, as a share of the height.
    whole: f64,
    /// The height of a flight of this duration on even ground, leg lengths.
    height: f64,
}

/// Returns the distances of points (time, value) from the line that most of them lie on.
fn far_from_line(points: &[(f64, f64)]) -> Vec<f64> {
    let mut distances = vec![1.0; points.len()];
    for _ in 0..N_FITS {
        let weights: Vec<f64> = distances.iter().map(|distance: &f64| 1.0 / distance.max(1e-4)).collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| {
            let sum: f64 = points.iter().zip(&weights).map(|(point, weight)| weight * of(point)).sum();
            sum / weights.iter().sum::<f64>()
        };
        let (middle_s, middle) = (mean(&|point| point.0), mean(&|point| point.1));
        let spread = mean(&|point| (point.0 - middle_s).powi(2)).max(f64::EPSILON);
        let slope = mean(&|point| (point.0 - middle_s) * (point.1 - middle)) / spread;
        distances = points.iter().map(|(time_s, value)| (value - middle - slope * (time_s - middle_s)).abs()).collect();
    }
    distances
}
