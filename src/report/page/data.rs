//! The data of the pages, as plain structs. Other modules load it.
//!
//! Times are seconds from the first frame of the video. Missing numbers are `None`; pages show them as a dash, curves
//! as a gap. Paths are relative to the report's folder, with `/` between parts and not encoded; pages encode them.

use serde::{Deserialize, Serialize};

use crate::sports::Norm;

use super::decimate::decimate;

/// The maximum number of points of one curve: more than any screen has columns.
pub(crate) const MAX_CURVE_POINTS: usize = 4_000;

/// The dataset at a glance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Overview {
    /// Heading of the report.
    pub(crate) title: String,
    /// The time when the report was made, as shown.
    pub(crate) made_at: String,
    /// Version of posekit that made it.
    pub(crate) posekit_version: String,
    /// One entry per video, in the order of the table.
    pub(crate) videos: Vec<VideoCard>,
    /// Facts about the method that apply to all videos.
    pub(crate) method: Vec<Fact>,
}

/// A video in the overview.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct VideoCard {
    /// Name of its page, from [`super::slug::slugs`].
    pub(crate) slug: String,
    /// File name.
    pub(crate) name: String,
    /// Path of a picture.
    pub(crate) poster: Option<String>,
    /// Length, seconds of the athlete.
    pub(crate) duration_s: Option<f64>,
    /// Seconds of the file for a second of the athlete.
    pub(crate) slow_motion: f64,
    /// Width of the displayed picture, pixels.
    pub(crate) width_px: u32,
    /// Height of the displayed picture, pixels.
    pub(crate) height_px: u32,
    /// Frames per second.
    pub(crate) fps: Option<f64>,
    /// Number of frames.
    pub(crate) n_frames: u64,
    /// Number of people.
    pub(crate) n_people: u32,
    /// Title of the sport.
    pub(crate) sport: String,
    /// Findings about the quality of the data, by kind.
    pub(crate) checks: Vec<CheckKind>,
    /// The few most important metrics.
    pub(crate) headlines: Vec<Metric>,
}

/// Findings of one kind about one person, or about the video as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CheckKind {
    /// Name of the check.
    pub(crate) check_name: String,
    /// `error` (do not use the data), `warning` (use with care) or `info`.
    pub(crate) severity: String,
    /// The id of the person concerned, if any.
    pub(crate) person_id: Option<i32>,
    /// The number of findings.
    pub(crate) n: u64,
    /// The time of the first finding, seconds.
    pub(crate) first_time_s: Option<f64>,
    /// The time of the last finding, seconds.
    pub(crate) last_time_s: Option<f64>,
    /// One of the findings in words.
    pub(crate) example: String,
}

/// A video with all its measurements.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct VideoPage {
    /// The video as in the overview.
    pub(crate) card: VideoCard,
    /// Path of the video to show, usually the annotated one. Without it the charts use their own clock.
    pub(crate) media: Option<String>,
    /// The texts of the sport pack.
    pub(crate) sport: Sport,
    /// All people in the video.
    pub(crate) people: Vec<Person>,
    /// Angles over time.
    pub(crate) curves: CurveSet,
    /// The detected events.
    pub(crate) events: Vec<Event>,
    /// The detected repetitions.
    pub(crate) repetitions: Vec<Repetition>,
    /// Phases of the movement, as the sport pack defines them.
    pub(crate) phases: Vec<Phase>,
    /// All metrics.
    pub(crate) metrics: Vec<Metric>,
    /// Differences between left and right.
    pub(crate) sides: Vec<SideDifference>,
    /// Findings about the quality of the data.
    pub(crate) checks: Vec<Check>,
    /// Mean curves over cycles.
    pub(crate) cycles: Vec<Cycle>,
    /// How this video was measured: network, checksum, settings, versions.
    pub(crate) method: Vec<Fact>,
    /// Tables and charts to download.
    pub(crate) files: Vec<FileLink>,
}

/// The texts of the sport pack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sport {
    /// Its title.
    pub(crate) title: String,
    /// The report's text about the movement.
    pub(crate) words: String,
    /// Instructions for filming.
    pub(crate) description: String,
    /// The joints and segments that are shown initially.
    pub(crate) angles: Vec<String>,
    /// The most important metrics.
    pub(crate) metrics: Vec<String>,
    /// The published ranges.
    pub(crate) norms: Vec<Norm>,
}

/// A person in the video.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// Stable number; 0 is the main athlete.
    pub(crate) person_id: i32,
    /// The name that the user gave.
    pub(crate) name: Option<String>,
    /// First seen, seconds.
    pub(crate) first_time_s: f64,
    /// Last seen, seconds.
    pub(crate) last_time_s: f64,
    /// Share of the video's frames with this person, 0..1.
    pub(crate) coverage: Option<f64>,
    /// The sides toward the camera, in chronological order.
    pub(crate) facings: Vec<Facing>,
    /// The limbs that are away from the camera and hidden.
    pub(crate) far_sides: Vec<FarSide>,
    /// The conversion of pixels into meters.
    pub(crate) scale: Option<Scale>,
}

/// A limb that is away from the camera and seen worse than that toward it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FarSide {
    /// `arm` or `leg`.
    pub(crate) limb: String,
    /// `left` or `right`.
    pub(crate) far_side: String,
}

/// A stretch of time in which a person keeps a side toward the camera.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facing {
    /// `front`, `right`, `back` or `left`.
    pub(crate) facing: String,
    /// The rotation about the vertical axis, degrees.
    pub(crate) yaw_deg: Option<f64>,
    /// The start, seconds.
    pub(crate) first_time_s: f64,
    /// The end, seconds.
    pub(crate) last_time_s: f64,
}

/// The conversion of a person's pixels into meters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scale {
    /// `height`, `world` or `none`.
    pub(crate) method: String,
    /// Meters per pixel.
    pub(crate) meters_per_px: Option<f64>,
    /// Lower end of the 95 % interval.
    pub(crate) meters_per_px_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub(crate) meters_per_px_high: Option<f64>,
    /// Height of the person, meters.
    pub(crate) height_m: Option<f64>,
}

/// An event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// The kind, such as `contact`.
    pub(crate) kind: String,
    /// `left`, `right`, `both` or `none`.
    pub(crate) side: String,
    /// The time, seconds.
    pub(crate) time_s: f64,
    /// The method of detection.
    pub(crate) method: String,
    /// The confidence, 0..1.
    pub(crate) confidence: Option<f64>,
}

/// One repetition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Repetition {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// Counts from 1.
    pub(crate) repetition: u32,
    /// The exercise, such as `squat`; `unnamed` if unknown.
    pub(crate) exercise: String,
    /// Start, seconds.
    pub(crate) first_time_s: f64,
    /// Turning point, seconds.
    pub(crate) turn_time_s: f64,
    /// End, seconds.
    pub(crate) last_time_s: f64,
}

/// A phase of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Phase {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// Counts from 1.
    pub(crate) attempt: u32,
    /// Its name.
    pub(crate) phase: String,
    /// Start, seconds.
    pub(crate) first_time_s: f64,
    /// End, seconds.
    pub(crate) last_time_s: f64,
}

/// A measured number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metric {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// Its name, such as `knee_peak_flexion_3d`.
    pub(crate) metric: String,
    /// `left`, `right`, `both` or `none`.
    pub(crate) side: String,
    /// The value, in `unit`.
    pub(crate) value: Option<f64>,
    /// Lower end of the 95 % interval, in `unit`.
    pub(crate) low: Option<f64>,
    /// Upper end of the 95 % interval, in `unit`.
    pub(crate) high: Option<f64>,
    /// Unit as in the table: `deg`, `m/s`, `1`, ...
    pub(crate) unit: String,
    /// The number of frames, steps or repetitions that the value comes from.
    pub(crate) n: Option<u64>,
    /// The time, seconds, if the value belongs to one moment.
    pub(crate) time_s: Option<f64>,
    /// The scale that gave meters: `height` or `world`.
    pub(crate) scale: Option<String>,
    /// A caveat.
    pub(crate) note: Option<String>,
    /// The number of variants with altered pictures in which it was measured again.
    pub(crate) n_variants: Option<u64>,
    /// The number of these variants in which it has a value.
    pub(crate) n_found: Option<u64>,
    /// The lowest of these values, in `unit`.
    pub(crate) lowest: Option<f64>,
    /// The highest of these values, in `unit`.
    pub(crate) highest: Option<f64>,
}

/// The difference between left and right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SideDifference {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// Name of the metric.
    pub(crate) metric: String,
    /// The value of the left side, in `unit`.
    pub(crate) value_left: f64,
    /// The value of the right side, in `unit`.
    pub(crate) value_right: f64,
    /// Right minus left, in `unit`.
    pub(crate) difference: f64,
    /// Unit of all three.
    pub(crate) unit: String,
    /// `differs`, `within_uncertainty`, or `far_side` if one side is an estimate.
    pub(crate) verdict: String,
}

/// A finding about the quality of the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Check {
    /// Name of the check.
    pub(crate) check_name: String,
    /// `error`, `warning` or `info`.
    pub(crate) severity: String,
    /// The id of the person concerned, if any.
    pub(crate) person_id: Option<i32>,
    /// The time, seconds.
    pub(crate) time_s: Option<f64>,
    /// The problem in words.
    pub(crate) problem: String,
}

/// The mean of a joint's angle over cycles, at 0, 1, ... 100 % of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cycle {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// `stride` or `repetition`.
    pub(crate) kind: String,
    /// The side of the strides: `left`, `right`; `both` for repetitions.
    pub(crate) side: String,
    /// The joint.
    pub(crate) joint: String,
    /// Side of the joint.
    pub(crate) joint_side: String,
    /// The number of cycles.
    pub(crate) n_cycles: u32,
    /// Means in the picture, degrees; 101 values.
    pub(crate) mean_2d_deg: Vec<Option<f64>>,
    /// Standard deviations in the picture, degrees.
    pub(crate) spread_2d_deg: Vec<Option<f64>>,
    /// Means in space, degrees.
    pub(crate) mean_3d_deg: Vec<Option<f64>>,
    /// Standard deviations in space, degrees.
    pub(crate) spread_3d_deg: Vec<Option<f64>>,
}

/// A name and its value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fact {
    /// The name, such as "Network".
    pub(crate) name: String,
    /// The value, such as "full".
    pub(crate) value: String,
}

/// A file to download.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileLink {
    /// The label of the file.
    pub(crate) label: String,
    /// The path of the file.
    pub(crate) path: String,
}

/// Angles over time. Curves with the same frames share their times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CurveSet {
    /// The times of frames, seconds, ascending; one list for all curves with the same frames.
    pub(crate) times_s: Vec<Vec<f64>>,
    /// The curves.
    pub(crate) curves: Vec<Curve>,
}

/// One angle of one side of a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Curve {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// Joint or segment.
    pub(crate) joint: String,
    /// `left`, `right` or `center`.
    pub(crate) side: String,
    /// `2d` (in the picture) or `3d` (in space).
    pub(crate) dimension: String,
    /// The index into [`CurveSet::times_s`].
    pub(crate) times: usize,
    /// Angles, degrees; as many as there are times.
    pub(crate) angle_deg: Vec<Option<f64>>,
}

impl CurveSet {
    /// Adds a curve. It is shortened to at most [`MAX_CURVE_POINTS`] points, keeping its extremes, and rounded to a
    /// thousandth of a degree. `times_s` and `angle_deg` have the same length; the longer one is cut.
    pub(crate) fn push(&mut self, named: CurveName<'_>, times_s: &[f64], angle_deg: &[Option<f64>]) {
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

/// The identity of a curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurveName<'a> {
    /// The id of the person.
    pub(crate) person_id: i32,
    /// Joint or segment.
    pub(crate) joint: &'a str,
    /// `left`, `right` or `center`.
    pub(crate) side: &'a str,
    /// `2d` or `3d`.
    pub(crate) dimension: &'a str,
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
