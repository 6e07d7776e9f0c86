//! Reads the scene of each frame from the tables, in stretches of frames: never a whole video at once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::movement::provenance::Provenance;
use crate::pose::skeleton::{LANDMARK_COUNT, LANDMARK_NAMES};
use crate::scene::{SceneAngle, SceneFrame, ScenePerson, ScenePoint};
use crate::store::StoreError;
use crate::store::select::{Rows, select};
use crate::store::workspace::Workspace;

const LANDMARKS: &str = include_str!("../../sql/render/landmarks.sql");
const ANGLES: &str = include_str!("../../sql/render/angles.sql");
const CENTERS: &str = include_str!("../../sql/render/centers.sql");

/// The number of frames that are read at once.
const STRETCH_FRAMES: u32 = 600;

/// The scenes of a video, requested in ascending order.
pub(crate) struct Scenes<'a> {
    workspace: &'a Workspace,
    joints: Vec<String>,
    stretch: Option<RangeInclusive<u32>>,
    frames: BTreeMap<u32, Vec<ScenePerson>>,
}

impl<'a> Scenes<'a> {
    /// Creates the scenes of the run of a workspace, with the angles of these joints.
    #[must_use]
    pub(crate) fn new(workspace: &'a Workspace, joints: &[String]) -> Self {
        Self { workspace, joints: joints.to_vec(), stretch: None, frames: BTreeMap::new() }
    }

    /// Returns the scene of a frame; without people if the tables have none.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub(crate) fn at(&mut self, frame_idx: u32, time_s: f64) -> Result<SceneFrame, StoreError> {
        if !self.stretch.as_ref().is_some_and(|stretch| stretch.contains(&frame_idx)) {
            self.load(frame_idx)?;
        }
        // Each frame is requested once.
        let people = self.frames.remove(&frame_idx).unwrap_or_default();
        Ok(SceneFrame { frame_idx, time_s, people })
    }

    fn load(&mut self, first: u32) -> Result<(), StoreError> {
        let last = first.saturating_add(STRETCH_FRAMES - 1);
        let (first_text, last_text) = (first.to_string(), last.to_string());
        let variables = [("first_frame", Some(first_text.as_str())), ("last_frame", Some(last_text.as_str()))];
        self.frames.clear();
        self.stretch = Some(first..=last);
        let Self { workspace, joints, frames, .. } = self;
        select(*workspace, &variables, LANDMARKS, |rows| add_landmarks(rows, frames))?;
        if !joints.is_empty() {
            select(*workspace, &variables, ANGLES, |rows| add_angles(rows, joints, frames))?;
        }
        select(*workspace, &variables, CENTERS, |rows| add_centers(rows, frames))
    }
}

fn add_landmarks(rows: &Rows<'_>, frames: &mut BTreeMap<u32, Vec<ScenePerson>>) -> Result<(), StoreError> {
    let [frame, person, landmark, x, y, visibility] =
        numbers(rows, ["frame_idx", "person_id", "landmark_id", "x_px", "y_px", "visibility"])?;
    let provenances = rows.texts("provenance")?;
    for row in 0..rows.len() {
        let people = frames.entry(frame[row] as u32).or_default();
        let person_id = person[row] as u16;
        if people.last().is_none_or(|last| last.person_id != person_id) {
            people.push(ScenePerson {
                person_id,
                points: [None; LANDMARK_COUNT],
                angles: Vec::new(),
                center_of_mass_px: None,
            });
        }
        let Some(found) = people.last_mut().and_then(|last| last.points.get_mut(landmark[row] as usize)) else {
            continue;
        };
        *found = Some(ScenePoint {
            x_px: x[row] as f32,
            y_px: y[row] as f32,
            visibility: if visibility[row].is_nan() { 1.0 } else { visibility[row] as f32 },
            provenance: Provenance::of_name(&provenances[row]).unwrap_or(Provenance::Measured),
        });
    }
    Ok(())
}

fn add_angles(
    rows: &Rows<'_>,
    joints: &[String],
    frames: &mut BTreeMap<u32, Vec<ScenePerson>>,
) -> Result<(), StoreError> {
    let [frame, person, angle] = numbers(rows, ["frame_idx", "person_id", "angle_2d_deg"])?;
    let (names, sides) = (rows.texts("joint")?, rows.texts("side")?);
    for row in 0..rows.len() {
        let Some(landmarks) = joint_landmarks(&names[row], &sides[row]).filter(|_| joints.contains(&names[row])) else {
            continue;
        };
        if let Some(person) = find(frames, frame[row], person[row]) {
            person.angles.push(SceneAngle { landmarks, angle_deg: angle[row] as f32 });
        }
    }
    Ok(())
}

fn add_centers(rows: &Rows<'_>, frames: &mut BTreeMap<u32, Vec<ScenePerson>>) -> Result<(), StoreError> {
    let [frame, person, x, y] = numbers(rows, ["frame_idx", "person_id", "x_px", "y_px"])?;
    for row in 0..rows.len() {
        if let Some(person) = find(frames, frame[row], person[row]) {
            person.center_of_mass_px = Some([x[row] as f32, y[row] as f32]);
        }
    }
    Ok(())
}

fn find(frames: &mut BTreeMap<u32, Vec<ScenePerson>>, frame_idx: f64, person_id: f64) -> Option<&mut ScenePerson> {
    let people = frames.get_mut(&(frame_idx as u32))?;
    people.iter_mut().find(|person| person.person_id == person_id as u16)
}

fn numbers<const N: usize>(rows: &Rows<'_>, names: [&str; N]) -> Result<[Vec<f64>; N], StoreError> {
    let mut columns = [const { Vec::new() }; N];
    for (column, name) in columns.iter_mut().zip(names) {
        *column = rows.numbers(name)?;
    }
    Ok(columns)
}

/// Returns the landmarks of a joint's angle: end of the first bone, vertex, end of the second bone.
pub(super) fn joint_landmarks(joint: &str, side: &str) -> Option<[usize; 3]> {
    let parts = match joint {
        "ankle" => ["knee", "ankle", "foot_index"],
        "knee" => ["hip", "knee", "ankle"],
        "hip" => ["shoulder", "hip", "knee"],
        "shoulder" => ["hip", "shoulder", "elbow"],
        "elbow" => ["shoulder", "elbow", "wrist"],
        "wrist" => ["elbow", "wrist", "index"],
        _ => return None,
    };
    let ids =
        parts.map(|part| LANDMARK_NAMES.iter().position(|&name| name.strip_prefix(side) == Some(&format!("_{part}"))));
    match ids {
        [Some(first), Some(vertex), Some(second)] => Some([first, vertex, second]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::skeleton::landmark;

    #[test]
    fn angles_are_drawn_at_their_joints() {
        assert_eq!(
            joint_landmarks("knee", "left"),
            Some([landmark::LEFT_HIP, landmark::LEFT_KNEE, landmark::LEFT_ANKLE])
        );
        assert_eq!(
            joint_landmarks("wrist", "right"),
            Some([landmark::RIGHT_ELBOW, landmark::RIGHT_WRIST, landmark::RIGHT_INDEX])
        );
        assert_eq!(joint_landmarks("neck", "none"), None);
    }
}
