//! What the pages need: plain data, loaded by someone else.
//!
//! Times are seconds from the first frame of the video. Missing numbers are `None`, which pages show as a dash and
//! curves as a gap. Paths are relative to the report's folder, with `/` between parts and nothing encoded: pages do
//! that.

use serde::{Deserialize, Serialize};

use super::decimate::decimate;

/// The most points of one curve. More than any screen has columns.
pub const MAX_CURVE_POINTS: usize = 4_000;

/// The dataset at a glance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Heading of the report.
    pub title: String,
    /// When it was made, as it is to be shown.
    pub made_at: String,
    /// Version of posekit that made it.
    pub posekit_version: String,
    /// One entry a video, in the order of the table.
    pub videos: Vec<VideoCard>,
    /// How everything was measured, for all videos alike.
    pub method: Vec<Fact>,
}

/// A video in the overview.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VideoCard {
    /// Name of its page, from [`super::slug::slugs`].
    pub slug: String,
    /// File name.
    pub name: String,
    /// Path of a picture.
    pub poster: Option<String>,
    /// Length, seconds.
    pub duration_s: Option<f64>,
    /// Width of the displayed picture, pixels.
    pub width_px: u32,
    /// Height of the displayed picture, pixels.
    pub height_px: u32,
    /// Frames a second.
    pub fps: Option<f64>,
    /// Number of frames.
    pub n_frames: u64,
    /// Number of people.
    pub n_people: u32,
    /// Title of the sport.
    pub sport: String,
    /// Findings about the quality of the data, by kind.
    pub checks: Vec<CheckKind>,
    /// The few metrics that say most.
    pub headlines: Vec<Metric>,
}

/// Findings of one kind about one person, or about the video as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckKind {
    /// Name of the check.
    pub check_name: String,
    /// `error` (not to be used), `warning` (to be used with care) or `info`.
    pub severity: String,
    /// About whom.
    pub person_id: Option<i32>,
    /// How many there are.
    pub n: u64,
    /// When the first is, seconds.
    pub first_time_s: Option<f64>,
    /// When the last is, seconds.
    pub last_time_s: Option<f64>,
    /// One of them in words.
    pub example: String,
}

/// A video with all that was measured in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VideoPage {
    /// The video as in the overview.
    pub card: VideoCard,
    /// Path of the video to show, usually the annotated one. Without it the charts have a clock of their own.
    pub media: Option<String>,
    /// Words of the sport pack.
    pub sport: Sport,
    /// Everybody in the video.
    pub people: Vec<Person>,
    /// Angles over time.
    pub curves: CurveSet,
    /// Moments that were found.
    pub events: Vec<Event>,
    /// Repetitions of whatever repeats.
    pub repetitions: Vec<Repetition>,
    /// Phases of the movement, as the sport pack defines them.
    pub phases: Vec<Phase>,
    /// All metrics.
    pub metrics: Vec<Metric>,
    /// Left against right.
    pub sides: Vec<SideDifference>,
    /// Findings about the quality of the data.
    pub checks: Vec<Check>,
    /// Mean curves over cycles.
    pub cycles: Vec<Cycle>,
    /// How this video was measured: network, checksum, settings, versions.
    pub method: Vec<Fact>,
    /// Tables and charts to take along.
    pub files: Vec<FileLink>,
}

/// What the sport pack says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sport {
    /// Its title.
    pub title: String,
    /// What the report says about the movement.
    pub words: String,
    /// How to film for it.
    pub description: String,
    /// Joints and segments that are shown at first.
    pub angles: Vec<String>,
    /// Metrics that say most.
    pub metrics: Vec<String>,
    /// What is usual.
    pub norms: Vec<Norm>,
}

/// A published range of a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// The metric.
    pub metric: String,
    /// From, in `unit`.
    pub low: f64,
    /// To, in `unit`.
    pub high: f64,
    /// Unit of both. A metric with another unit is not compared.
    pub unit: String,
    /// Of whom, and where that is published.
    pub source: String,
}

/// Somebody in the video.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Stable number; 0 is the main athlete.
    pub person_id: i32,
    /// The name that the user gave.
    pub name: Option<String>,
    /// First seen, seconds.
    pub first_time_s: f64,
    /// Last seen, seconds.
    pub last_time_s: f64,
    /// Share of the video's frames with this person, 0..1.
    pub coverage: Option<f64>,
    /// Which side is toward the camera, in order of time.
    pub facings: Vec<Facing>,
    /// `left` or `right`: the side away from the camera, of somebody whom it sees from the side most of the time; both
    /// of who turns round.
    pub far_sides: Vec<String>,
    /// How pixels became meters.
    pub scale: Option<Scale>,
}

/// A stretch of time in which a person keeps a side toward the camera.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facing {
    /// `front`, `right`, `back` or `left`.
    pub facing: String,
    /// Turn about the vertical, degrees.
    pub yaw_deg: Option<f64>,
    /// From, seconds.
    pub first_time_s: f64,
    /// To, seconds.
    pub last_time_s: f64,
}

/// How pixels of a person became meters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// `height`, `world` or `none`.
    pub method: String,
    /// Meters a pixel.
    pub meters_per_px: Option<f64>,
    /// Lower end of the 95 % interval.
    pub meters_per_px_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub meters_per_px_high: Option<f64>,
    /// Height of the person, meters.
    pub height_m: Option<f64>,
}

/// A moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Whose.
    pub person_id: i32,
    /// What, such as `contact`.
    pub kind: String,
    /// `left`, `right`, `both` or `none`.
    pub side: String,
    /// When, seconds.
    pub time_s: f64,
    /// How it was found.
    pub method: String,
    /// How sure, 0..1.
    pub confidence: Option<f64>,
}

/// One repetition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Repetition {
    /// Whose.
    pub person_id: i32,
    /// Counts from 1.
    pub repetition: u32,
    /// What, such as `squat`; `unnamed` where it is not known.
    pub exercise: String,
    /// Start, seconds.
    pub first_time_s: f64,
    /// Turning point, seconds.
    pub turn_time_s: f64,
    /// End, seconds.
    pub last_time_s: f64,
}

/// A phase of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Whose.
    pub person_id: i32,
    /// Counts from 1.
    pub attempt: u32,
    /// Its name.
    pub phase: String,
    /// Start, seconds.
    pub first_time_s: f64,
    /// End, seconds.
    pub last_time_s: f64,
}

/// A measured number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Whose.
    pub person_id: i32,
    /// Its name, such as `knee_peak_flexion_3d`.
    pub metric: String,
    /// `left`, `right`, `both` or `none`.
    pub side: String,
    /// The value, in `unit`.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval, in `unit`.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval, in `unit`.
    pub high: Option<f64>,
    /// Unit as in the table: `deg`, `m/s`, `1`, ...
    pub unit: String,
    /// From how many frames, steps or repetitions.
    pub n: Option<u64>,
    /// When, seconds, where it is of one moment.
    pub time_s: Option<f64>,
    /// Which scale gave meters: `height` or `world`.
    pub scale: Option<String>,
    /// What to keep in mind.
    pub note: Option<String>,
}

/// Left against right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SideDifference {
    /// Whose.
    pub person_id: i32,
    /// Name of the metric.
    pub metric: String,
    /// Of the left side, in `unit`.
    pub value_left: f64,
    /// Of the right side, in `unit`.
    pub value_right: f64,
    /// Right minus left, in `unit`.
    pub difference: f64,
    /// Unit of all three.
    pub unit: String,
    /// `differs` or `within_uncertainty`.
    pub verdict: String,
}

/// A finding about the quality of the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Name of the check.
    pub check_name: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// About whom.
    pub person_id: Option<i32>,
    /// When, seconds.
    pub time_s: Option<f64>,
    /// In words.
    pub problem: String,
}

/// The mean of a joint's angle over cycles, at 0, 1, ... 100 % of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cycle {
    /// Whose.
    pub person_id: i32,
    /// `stride` or `repetition`.
    pub kind: String,
    /// Whose strides: `left`, `right`; `both` for repetitions.
    pub side: String,
    /// The joint.
    pub joint: String,
    /// Side of the joint.
    pub joint_side: String,
    /// From how many cycles.
    pub n_cycles: u32,
    /// Means in the picture, degrees; 101 of them.
    pub mean_2d_deg: Vec<Option<f64>>,
    /// Standard deviations in the picture, degrees.
    pub spread_2d_deg: Vec<Option<f64>>,
    /// Means in space, degrees.
    pub mean_3d_deg: Vec<Option<f64>>,
    /// Standard deviations in space, degrees.
    pub spread_3d_deg: Vec<Option<f64>>,
}

/// A name and what it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Such as "Network".
    pub name: String,
    /// Such as "full".
    pub value: String,
}

/// A file to take along.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FileLink {
    /// What it is.
    pub label: String,
    /// Where it is.
    pub path: String,
}

/// Angles over time. Curves with the same frames share their times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CurveSet {
    /// Times of frames, seconds, rising; one list for all curves that have the same frames.
    pub times_s: Vec<Vec<f64>>,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// One angle of one side of a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Whose.
    pub person_id: i32,
    /// Joint or segment.
    pub joint: String,
    /// `left`, `right` or `center`.
    pub side: String,
    /// `2d` (in the picture) or `3d` (in space).
    pub dimension: String,
    /// Which of [`CurveSet::times_s`].
    pub times: usize,
    /// Angles, degrees; as many as there are times.
    pub angle_deg: Vec<Option<f64>>,
}

impl CurveSet {
    /// Takes a curve in, with its extremes at [`MAX_CURVE_POINTS`] points at most, to a thousandth of a degree.
    /// `times_s` and `angle_deg` are equally long; what is longer is cut.
    pub fn push(&mut self, named: CurveName<'_>, times_s: &[f64], angle_deg: &[Option<f64>]) {
        let (times_s, angle_deg) = decimate(times_s, angle_deg, MAX_CURVE_POINTS);
        let times_s: Vec<f64> = times_s.iter().map(|time_s| rounded(*time_s, 1e5)).collect();
        let known = self.times_s.iter().rposition(|known| *known == times_s);
        let times = known.unwrap_or(self.times_s.len());
        if known.is_none() {
            self.times_s.push(times_s);
        }
        self.curves.push(Curve {
            person_id: named.person_id,
            joint: named.joint.to_owned(),
            side: named.side.to_owned(),
            dimension: named.dimension.to_owned(),
            times,
            angle_deg: angle_deg.iter().map(|angle| angle.map(|angle| rounded(angle, 1e3))).collect(),
        });
    }
}

/// Which curve.
#[derive(Debug, Clone, Copy)]
pub struct CurveName<'a> {
    /// Whose.
    pub person_id: i32,
    /// Joint or segment.
    pub joint: &'a str,
    /// `left`, `right` or `center`.
    pub side: &'a str,
    /// `2d` or `3d`.
    pub dimension: &'a str,
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_with_the_same_frames_share_their_times() {
        let mut set = CurveSet::default();
        let named = |joint| CurveName { person_id: 0, joint, side: "left", dimension: "2d" };
        set.push(named("knee"), &[0.0, 0.1, 0.2], &[Some(1.000_04), None, Some(3.0)]);
        set.push(named("hip"), &[0.0, 0.1, 0.2], &[Some(4.0), Some(5.0), Some(6.0)]);
        set.push(named("elbow"), &[0.0, 0.3], &[Some(7.0), Some(8.0)]);
        assert_eq!(set.times_s, [vec![0.0, 0.1, 0.2], vec![0.0, 0.3]]);
        assert_eq!(set.curves.iter().map(|curve| curve.times).collect::<Vec<_>>(), [0, 0, 1]);
        assert_eq!(set.curves[0].angle_deg, [Some(1.0), None, Some(3.0)]);
    }

    #[test]
    fn long_curves_are_shortened() {
        let times_s: Vec<f64> = (0..100_000).map(|frame| f64::from(frame) / 240.0).collect();
        let angle_deg: Vec<Option<f64>> = (0..100_000).map(|frame| Some(f64::from(frame % 977))).collect();
        let mut set = CurveSet::default();
        set.push(CurveName { person_id: 0, joint: "knee", side: "left", dimension: "3d" }, &times_s, &angle_deg);
        assert!(set.curves[0].angle_deg.len() <= MAX_CURVE_POINTS);
        assert_eq!(set.curves[0].angle_deg.len(), set.times_s[0].len());
    }
}
