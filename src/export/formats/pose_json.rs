//! Poses of a video as one JSON file, in the style of OpenPose. Version 1 of the schema, as in `docs/POSE_JSON.md`:
//!
//! ```text
//! {"version": "1",
//!  "metadata": {"video": "squat.mp4", "video_id": "…", "width_px": 1920, "height_px": 1080, "rate_hz": 30.0,
//!               "model": "blazepose_full", "axes_2d": "…", "axes_3d": "…"},
//!  "skeleton": {"names": ["nose", "…"], "connections": [[0, 1], "…"]},
//!  "frames": [
//!   {"frame_idx": 0, "time_s": 0.0,
//!    "people": [{"person_id": 1, "pose_keypoints_2d": [x, y, c, …], "pose_keypoints_3d": [x, y, z, c, …],
//!                "angles_2d_deg": {"left_knee": 12.5, "…": 0.0}, "angles_3d_deg": {"left_knee": 11.9, "…": 0.0}}]}]}
//! ```
//!
//! `c` is the visibility, 0 to 1. A missing landmark is all zeros, as in OpenPose; a present one whose visibility is
//! not known has c = 1. `pose_keypoints_3d` is empty without 3D landmarks. A joint angle that is not known is left
//! out. Connections count from 0.

use crate::export::formats::{FormatError, Keypoint, check_rate, rounded, write_json};
use crate::pose::skeleton::{CONNECTIONS, LANDMARK_COUNT, LANDMARK_NAMES};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// The metadata of a pose file: the video and the network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PoseMetadata {
    /// The name of the video.
    pub(crate) video: String,
    /// The id of the video.
    pub(crate) video_id: String,
    /// The width of its pictures.
    pub(crate) width_px: u32,
    /// The height of its pictures.
    pub(crate) height_px: u32,
    /// The nominal frame rate.
    pub(crate) rate_hz: f64,
    /// The name of the network.
    pub(crate) model: String,
}

/// One person in one frame.
#[derive(Debug, Clone)]
pub(crate) struct PosePerson<'a> {
    /// The number of the person within the video.
    pub(crate) person_id: i64,
    /// All landmarks, in BlazePose's order.
    pub(crate) keypoints: &'a [Keypoint; LANDMARK_COUNT],
    /// The landmarks in meters: x to the right of the picture, y up, z toward the camera; NaN if missing.
    pub(crate) world_m: Option<&'a [[f64; 3]; LANDMARK_COUNT]>,
    /// Joint angles.
    pub(crate) angles: &'a [PoseAngle],
}

/// The angles of one joint, NaN if missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PoseAngle {
    /// Side and joint: `left_knee`.
    pub(crate) name: String,
    /// The angle in the picture plane, degrees.
    pub(crate) in_picture_deg: f64,
    /// The angle between the bones in space, degrees.
    pub(crate) in_space_deg: f64,
}

const VERSION: &str = "1";
/// Thousandths of a pixel.
const PIXEL_DIGITS: f64 = 1e3;
/// Hundredths of a millimeter.
const METER_DIGITS: f64 = 1e5;
const VISIBILITY_DIGITS: f64 = 1e4;
/// Hundredths of a degree.
const ANGLE_DIGITS: f64 = 1e2;
const MICROSECONDS: f64 = 1e6;

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(flatten)]
    given: &'a PoseMetadata,
    axes_2d: &'static str,
    axes_3d: &'static str,
}

#[derive(Serialize)]
struct Skeleton {
    names: &'static [&'static str],
    connections: &'static [(usize, usize)],
}

#[derive(Serialize)]
struct FrameObject {
    frame_idx: u32,
    time_s: f64,
    people: Vec<PersonObject>,
}

#[derive(Serialize)]
struct PersonObject {
    person_id: i64,
    pose_keypoints_2d: Vec<f64>,
    pose_keypoints_3d: Vec<f64>,
    angles_2d_deg: BTreeMap<String, f64>,
    angles_3d_deg: BTreeMap<String, f64>,
}

/// Writes a pose file frame by frame. Without [`finish`](Self::finish) the file is not valid JSON.
#[derive(Debug)]
pub(crate) struct PoseJsonWriter<W: Write> {
    out: W,
    is_empty: bool,
}

impl<W: Write> PoseJsonWriter<W> {
    /// Starts a file.
    ///
    /// # Errors
    ///
    /// If the destination fails or the frame rate is invalid.
    pub(crate) fn begin(mut out: W, metadata: &PoseMetadata) -> Result<Self, FormatError> {
        check_rate(metadata.rate_hz)?;
        write!(out, "{{\"version\":\"{VERSION}\",\n\"metadata\":")?;
        let metadata = Metadata {
            given: metadata,
            axes_2d: "pixels, x right, y down, origin at the top left",
            axes_3d: "meters from the middle of the hips, x right, y up, z toward the camera",
        };
        write_json(&mut out, &metadata)?;
        out.write_all(b",\n\"skeleton\":")?;
        write_json(&mut out, &Skeleton { names: &LANDMARK_NAMES, connections: &CONNECTIONS })?;
        out.write_all(b",\n\"frames\":[")?;
        Ok(Self { out, is_empty: true })
    }

    /// Writes one frame, with or without people.
    ///
    /// # Errors
    ///
    /// If the destination fails or the time is not finite.
    pub(crate) fn frame(&mut self, frame_idx: u32, time_s: f64, people: &[PosePerson<'_>]) -> Result<(), FormatError> {
        if !time_s.is_finite() {
            return Err(FormatError::TimesNotIncreasing { row: frame_idx as usize });
        }
        let people = people.iter().map(PersonObject::from).collect();
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        write_json(&mut self.out, &FrameObject { frame_idx, time_s: rounded(time_s, MICROSECONDS), people })
    }

    /// Ends the file and returns the destination.
    ///
    /// # Errors
    ///
    /// If the destination fails.
    pub(crate) fn finish(mut self) -> Result<W, FormatError> {
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl From<&PosePerson<'_>> for PersonObject {
    fn from(person: &PosePerson<'_>) -> Self {
        let pose_keypoints_2d = person.keypoints.iter().flat_map(|keypoint| {
            let Keypoint { x_px, y_px, visibility } = *keypoint;
            values([x_px, y_px], PIXEL_DIGITS, visibility)
        });
        let pose_keypoints_3d = person.world_m.into_iter().flat_map(|landmarks| {
            let visibility = person.keypoints.iter().map(|keypoint| keypoint.visibility);
            landmarks.iter().zip(visibility).flat_map(|(&xyz, visibility)| values(xyz, METER_DIGITS, visibility))
        });
        let angles = |value: fn(&PoseAngle) -> f64| {
            let known = person.angles.iter().filter(|angle| value(angle).is_finite());
            known.map(|angle| (angle.name.clone(), rounded(value(angle), ANGLE_DIGITS))).collect()
        };
        Self {
            person_id: person.person_id,
            pose_keypoints_2d: pose_keypoints_2d.collect(),
            pose_keypoints_3d: pose_keypoints_3d.collect(),
            angles_2d_deg: angles(|angle| angle.in_picture_deg),
            angles_3d_deg: angles(|angle| angle.in_space_deg),
        }
    }
}

/// The coordinates and the confidence.
fn values<const N: usize>(coordinates: [f64; N], digits: f64, visibility: f64) -> impl Iterator<Item = f64> {
    let is_present = coordinates.iter().all(|value| value.is_finite());
    let known_visibility = if visibility.is_finite() { visibility } else { 1.0 };
    let confidence = if is_present { rounded(known_visibility, VISIBILITY_DIGITS) } else { 0.0 };
    let coordinates = coordinates.map(|value| if is_present { rounded(value, digits) } else { 0.0 });
    coordinates.into_iter().chain([confidence])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn metadata() -> PoseMetadata {
        PoseMetadata {
            video: "squat.mp4".to_owned(),
            video_id: "abc".to_owned(),
            width_px: 640,
            height_px: 480,
            rate_hz: 29.97,
            model: "full".to_owned(),
        }
    }

    #[test]
    fn a_file_follows_its_schema() {
        let mut keypoints = [Keypoint { x_px: 1.5, y_px: 2.25, visibility: 0.75 }; LANDMARK_COUNT];
        keypoints[1].x_px = f64::NAN;
        keypoints[2].visibility = f64::NAN;
        let mut world_m = [[0.1, -0.2, 0.3]; LANDMARK_COUNT];
        world_m[0] = [f64::NAN; 3];
        let mut writer = PoseJsonWriter::begin(Vec::new(), &metadata()).unwrap();
        let angle = |name: &str, in_picture_deg, in_space_deg| PoseAngle {
            name: name.to_owned(),
            in_picture_deg,
            in_space_deg,
        };
        let angles = [angle("left_knee", 12.504, 0.0), angle("right_knee", f64::NAN, -3.25)];
        let person = PosePerson { person_id: 3, keypoints: &keypoints, world_m: Some(&world_m), angles: &angles };
        writer.frame(0, 0.0, &[person]).unwrap();
        let other = PosePerson { person_id: 4, keypoints: &keypoints, world_m: None, angles: &[] };
        writer.frame(1, 1.0 / 30.0, &[other]).unwrap();
        writer.frame(2, 0.1, &[]).unwrap();
        let file: Value = serde_json::from_slice(&writer.finish().unwrap()).unwrap();

        assert_eq!((&file["version"], &file["metadata"]["video"]), (&json!("1"), &json!("squat.mp4")));
        assert_eq!(file["skeleton"]["names"][32], json!("right_foot_index"));
        assert_eq!(file["skeleton"]["connections"][0], json!([0, 1]));
        let person = &file["frames"][0]["people"][0];
        let values =
            |key: &str| person[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
        assert_eq!(values("pose_keypoints_2d").len(), 99);
        assert_eq!(values("pose_keypoints_2d")[..9], [1.5, 2.25, 0.75, 0.0, 0.0, 0.0, 1.5, 2.25, 1.0]);
        assert_eq!(values("pose_keypoints_3d").len(), 132);
        assert_eq!(values("pose_keypoints_3d")[..8], [0.0, 0.0, 0.0, 0.0, 0.1, -0.2, 0.3, 0.75]);
        assert_eq!(person["angles_2d_deg"], json!({"left_knee": 12.5}));
        assert_eq!(person["angles_3d_deg"], json!({"left_knee": 0.0, "right_knee": -3.25}));
        assert_eq!(file["frames"][1]["people"][0]["pose_keypoints_3d"], json!([]));
        assert_eq!(file["frames"][2], json!({"frame_idx": 2, "time_s": 0.1, "people": []}));
    }

    #[test]
    fn a_file_without_frames_is_json() {
        let writer = PoseJsonWriter::begin(Vec::new(), &metadata()).unwrap();
        let file: Value = serde_json::from_slice(&writer.finish().unwrap()).unwrap();
        assert_eq!(file["frames"], json!([]));
    }

    #[test]
    fn numbers_that_json_does_not_have_are_refused() {
        let no_rate = PoseMetadata { rate_hz: f64::NAN, ..metadata() };
        assert!(matches!(PoseJsonWriter::begin(Vec::new(), &no_rate), Err(FormatError::InvalidRate { .. })));
        let mut writer = PoseJsonWriter::begin(Vec::new(), &metadata()).unwrap();
        assert!(writer.frame(0, f64::NAN, &[]).is_err());
    }
}
