//! Exports poses of videos frame by frame: DeepLabCut's tables and pose JSON. Never holds a whole video in memory.

use std::path::PathBuf;

use super::{Export, ExportError, Person, WriteError, write_file};
use crate::export::formats::Keypoint;
use crate::export::formats::dlc::DlcWriter;
use crate::export::formats::pose_json::{PoseAngle, PoseJsonWriter, PoseMetadata, PosePerson};
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::store::select::{Rows, select};
use crate::store::{Catalog, StoreError};

pub(super) const POSES: &str = include_str!("../../sql/export/poses.sql");
const POSE_FILE: &str = include_str!("../../sql/export/pose_file.sql");
/// The queries of this module.
pub(super) const QUERIES: [&str; 2] = [POSES, POSE_FILE];

/// A person in a frame.
pub(super) struct FramePerson {
    pub(super) person_id: i64,
    pub(super) keypoints: [Keypoint; LANDMARK_COUNT],
    world_m: [[f64; 3]; LANDMARK_COUNT],
    angles: Vec<PoseAngle>,
}

/// A frame with all people in it.
pub(super) struct Frame {
    pub(super) number: u32,
    pub(super) time_s: f64,
    pub(super) people: Vec<FramePerson>,
}

/// Writes `<name>.dlc.csv` with the people of one video; `people` are those of all videos.
pub(super) fn write_dlc(
    catalog: &Catalog,
    wanted: &Export,
    video: &Person,
    people: &[Person],
) -> Result<PathBuf, ExportError> {
    write_file(wanted.output.join(format!("{}.dlc.csv", video.stem)), |out| {
        let of_video = people.iter().filter(|person| person.video_id == video.video_id);
        let person_ids = of_video.map(|person| i64::from(person.id)).collect();
        let mut dlc = DlcWriter::begin(out, &model(video), person_ids)?;
        frames(catalog, &video.video_id, POSES, |frame| {
            let people: Vec<_> = frame.people.iter().map(|person| (person.person_id, &person.keypoints)).collect();
            Ok::<(), WriteError>(dlc.frame(frame.number, &people)?)
        })
    })
}

/// Returns the name of the network that found the poses of a video, as files name it.
fn model(video: &Person) -> String {
    format!("blazepose_{}", video.network)
}

/// Returns the name of a video's pose file.
pub(super) fn file_name(video: &Person) -> String {
    format!("{}.pose.json", video.stem)
}

pub(super) fn write_json(catalog: &Catalog, wanted: &Export, video: &Person) -> Result<PathBuf, ExportError> {
    write_file(wanted.output.join(file_name(video)), |out| {
        let metadata = PoseMetadata {
            video: video.video.clone(),
            video_id: video.video_id.clone(),
            width_px: video.width_px,
            height_px: video.height_px,
            rate_hz: video.rate_hz,
            model: model(video),
        };
        let mut json = PoseJsonWriter::begin(out, &metadata)?;
        frames(catalog, &video.video_id, POSE_FILE, |frame| {
            let people: Vec<PosePerson> = frame
                .people
                .iter()
                .map(|person| PosePerson {
                    person_id: person.person_id,
                    keypoints: &person.keypoints,
                    world_m: Some(&person.world_m),
                    angles: &person.angles,
                })
                .collect();
            Ok::<(), WriteError>(json.frame(frame.number, frame.time_s, &people)?)
        })?;
        Ok::<(), WriteError>(json.finish().map(drop)?)
    })
}

/// Passes every frame of a video on, in order.
pub(super) fn frames<E: From<StoreError>>(
    catalog: &Catalog,
    video_id: &str,
    sql: &str,
    mut take: impl FnMut(&Frame) -> Result<(), E>,
) -> Result<(), E> {
    let mut current: Option<Frame> = None;
    select(catalog, &[("video_id", Some(video_id))], sql, |rows| collect(rows, &mut current, &mut take))?;
    current.iter().try_for_each(take)
}

fn collect<E: From<StoreError>>(
    rows: &Rows,
    current: &mut Option<Frame>,
    take: &mut impl FnMut(&Frame) -> Result<(), E>,
) -> Result<(), E> {
    let number = |name: &str| rows.numbers(name);
    let (frames, times, people, landmarks) =
        (number("frame_idx")?, number("time_s")?, number("person_id")?, number("landmark_id")?);
    let (x, y, visibility) = (number("x_px")?, number("y_px")?, number("visibility")?);
    let world = [number("world_x_m")?, number("world_y_m")?, number("world_z_m")?];
    let angles = Angles::of(rows)?;
    for row in 0..rows.len() {
        let number = frames[row] as u32;
        if current.as_ref().is_none_or(|frame| frame.number != number)
            && let Some(finished) = current.replace(Frame { number, time_s: times[row], people: Vec::new() })
        {
            take(&finished)?;
        }
        let Some(frame) = current.as_mut().filter(|_| people[row] >= 0.0) else { continue };
        let person_id = people[row] as i64;
        if frame.people.last().is_none_or(|person| person.person_id != person_id) {
            let missing = Keypoint { x_px: f64::NAN, y_px: f64::NAN, visibility: f64::NAN };
            frame.people.push(FramePerson {
                person_id,
                keypoints: [missing; LANDMARK_COUNT],
                world_m: [[f64::NAN; 3]; LANDMARK_COUNT],
                angles: Vec::new(),
            });
        }
        let landmark = landmarks[row] as usize;
        let Some(person) = frame.people.last_mut() else { continue };
        if landmark >= LANDMARK_COUNT {
            person.angles.extend(angles.as_ref().map(|angles| angles.at(row)));
        } else {
            person.keypoints[landmark] = Keypoint { x_px: x[row], y_px: y[row], visibility: visibility[row] };
            // Converts the axes of the tables to those of the file: y up, z toward the camera.
            person.world_m[landmark] = [world[0][row], -world[1][row], -world[2][row]];
        }
    }
    Ok(())
}

/// The columns of joint angles, for rows that have them.
struct Angles {
    joints: Vec<String>,
    sides: Vec<String>,
    in_picture: Vec<f64>,
    in_space: Vec<f64>,
}

impl Angles {
    fn of(rows: &Rows) -> Result<Option<Self>, StoreError> {
        if !rows.has("joint") {
            return Ok(None);
        }
        Ok(Some(Self {
            joints: rows.texts("joint")?,
            sides: rows.texts("side")?,
            in_picture: rows.numbers("angle_2d_deg")?,
            in_space: rows.numbers("angle_3d_deg")?,
        }))
    }

    fn at(&self, row: usize) -> PoseAngle {
        PoseAngle {
            name: format!("{}_{}", self.sides[row], self.joints[row]),
            in_picture_deg: self.in_picture[row],
            in_space_deg: self.in_space[row],
        }
    }
}
