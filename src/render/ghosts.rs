//! Draws another attempt over a video, from the tables of both.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::error::RenderError;
use super::scenes::{Scenes, joint_landmarks};
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::render::draw::theme::{Element, Theme};
use crate::render::draw::{DrawError, Painter};
use crate::render::framing::ghost::{
    Anchor, Ghost, GhostSettings, GhostTrack, JointCurve, JointDifference, TimeAlignment, ghost,
};
use crate::scene::{SceneAngle, SceneContext, SceneFrame, ScenePerson};
use crate::store::StoreError;
use crate::store::select::select;
use crate::store::workspace::Workspace;

const FRAMES: &str = include_str!("../../sql/render/frames.sql");
const REPETITIONS: &str = include_str!("../../sql/render/repetitions.sql");
const CURVES: &str = include_str!("../../sql/render/angle_curves.sql");

/// The maximum distance of the warping path from the diagonal if two whole videos are compared, as a share.
const WHOLE_BAND: f64 = 0.25;
/// The opacity of a ghost, which is drawn below the athlete.
const GHOST_OPACITY: f32 = 0.6;

/// An attempt of a person: a whole video, or one repetition in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Attempt {
    /// The file name of the video, its id, or the beginning of either.
    pub(crate) video: String,
    /// The person.
    pub(crate) person_id: u16,
    /// The repetition; default: the whole video.
    pub(crate) repetition: Option<u32>,
}

impl std::str::FromStr for Attempt {
    type Err = String;

    /// Parses `VIDEO`, `VIDEO@2` for the second repetition, `VIDEO#1` for person 1, or `VIDEO#1@2`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (rest, repetition) = match text.rsplit_once('@') {
            Some((rest, number)) => match number.parse::<u32>() {
                Ok(number) => (rest, Some(number)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        let (video, person_id) = match rest.rsplit_once('#') {
            Some((video, number)) => match number.parse::<u16>() {
                Ok(number) => (video, number),
                Err(_) => (rest, 0),
            },
            None => (rest, 0),
        };
        if video.is_empty() {
            return Err("expected VIDEO, VIDEO@REPETITION or VIDEO#PERSON@REPETITION".to_owned());
        }
        Ok(Self { video: video.to_owned(), person_id, repetition })
    }
}

/// An attempt with its data from the tables.
pub(crate) struct AttemptTrack {
    person_id: u16,
    frames: Vec<u32>,
    track: GhostTrack,
    /// Beginning, turning point and end of the repetition, seconds.
    repetition_s: Option<[f64; 3]>,
}

impl AttemptTrack {
    /// Reads an attempt; `joints` are those to compare.
    ///
    /// # Errors
    /// The tables cannot be read, or the person or repetition does not exist.
    pub(crate) fn read(workspace: &Workspace, attempt: &Attempt, joints: &[String]) -> Result<Self, RenderError> {
        let repetition = attempt.repetition.map(|number| find_repetition(workspace, attempt, number)).transpose()?;
        let mut track = GhostTrack::default();
        let mut frames = Vec::new();
        let mut times: Vec<(u32, f64)> = Vec::new();
        select::<StoreError>(workspace, &[], FRAMES, |rows| {
            let (frames, seconds) = (rows.numbers("frame_idx")?, rows.numbers("time_s")?);
            times.extend(frames.into_iter().map(|frame| frame as u32).zip(seconds));
            Ok(())
        })?;
        let mut scenes = Scenes::new(workspace, &[]);
        for (frame_idx, time_s) in times {
            let is_within = repetition.as_ref().is_none_or(|(span, _)| span.contains(&frame_idx));
            // Of two frames with the same time only the first counts.
            if !is_within || track.times_s.last().is_some_and(|&last| time_s <= last) {
                continue;
            }
            let scene = scenes.at(frame_idx, time_s)?;
            let person = scene.people.into_iter().find(|person| person.person_id == attempt.person_id);
            frames.push(frame_idx);
            track.times_s.push(time_s);
            track.poses.push(person.map_or([None; LANDMARK_COUNT], |person| person.points));
        }
        if track.poses.iter().all(|pose| pose.iter().all(Option::is_none)) {
            let what = format!("{} has no person {} there", attempt.video, attempt.person_id);
            return Err(RenderError::Nothing { what });
        }
        track.angles = curves(workspace, attempt.person_id, &frames, joints)?;
        let person_id = attempt.person_id;
        Ok(Self { person_id, frames, track, repetition_s: repetition.map(|(_, times)| times) })
    }

    /// Returns the start and the end (exclusive) of the attempt, seconds.
    #[must_use]
    pub(crate) fn span_s(&self) -> Option<[f64; 2]> {
        let times = &self.track.times_s;
        let (first, last) = (*times.first()?, *times.last()?);
        let step = (last - first) / (times.len().max(2) - 1) as f64;
        self.repetition_s.map(|_| [first, last + step / 2.0])
    }
}

/// The frames of a repetition, and its beginning, turning point and end in seconds.
type Repetition = (RangeInclusive<u32>, [f64; 3]);

fn find_repetition(workspace: &Workspace, attempt: &Attempt, number: u32) -> Result<Repetition, RenderError> {
    let mut found: Option<Repetition> = None;
    select::<StoreError>(workspace, &[], REPETITIONS, |rows| {
        let (people, numbers) = (rows.numbers("person_id")?, rows.numbers("repetition")?);
        let frames = [rows.numbers("first_frame_idx")?, rows.numbers("last_frame_idx")?];
        let times = [rows.numbers("first_time_s")?, rows.numbers("turn_time_s")?, rows.numbers("last_time_s")?];
        for row in 0..rows.len() {
            if people[row] as u16 == attempt.person_id && numbers[row] as u32 == number {
                let span = frames[0][row] as u32..=frames[1][row] as u32;
                found = Some((span, [times[0][row], times[1][row], times[2][row]]));
            }
        }
        Ok(())
    })?;
    found.ok_or_else(|| RenderError::Nothing {
        what: format!(
            "{}: person {} has no repetition {number}; `posekit query \"FROM repetitions\"` lists them",
            attempt.video, attempt.person_id
        ),
    })
}

fn curves(
    workspace: &Workspace,
    person_id: u16,
    frames: &[u32],
    joints: &[String],
) -> Result<Vec<JointCurve>, RenderError> {
    let place: BTreeMap<u32, usize> = frames.iter().enumerate().map(|(place, &frame)| (frame, place)).collect();
    let (Some(first), Some(last)) = (frames.first(), frames.last()) else { return Ok(Vec::new()) };
    let (person, first, last) = (person_id.to_string(), first.to_string(), last.to_string());
    let variables = [("person", Some(&*person)), ("first_frame", Some(&*first)), ("last_frame", Some(&*last))];
    let mut curves: Vec<JointCurve> = Vec::new();
    select::<StoreError>(workspace, &variables, CURVES, |rows| {
        let (frame, angle) = (rows.numbers("frame_idx")?, rows.numbers("angle_2d_deg")?);
        let (names, sides) = (rows.texts("joint")?, rows.texts("side")?);
        for row in 0..rows.len() {
            if !joints.contains(&names[row]) {
                continue;
            }
            if curves.last().is_none_or(|curve| curve.joint != names[row] || curve.side != sides[row]) {
                let values_deg = vec![f64::NAN; frames.len()];
                curves.push(JointCurve { joint: names[row].clone(), side: sides[row].clone(), values_deg });
            }
            if let (Some(curve), Some(&place)) = (curves.last_mut(), place.get(&(frame[row] as u32))) {
                curve.values_deg[place] = angle[row];
            }
        }
        Ok(())
    })?;
    Ok(curves)
}

/// A ghost, ready to be drawn.
pub(crate) struct GhostLayer {
    frames: BTreeMap<u32, SceneFrame>,
    /// The person that the ghost is drawn over.
    person_id: u16,
    /// The differences between the joints, to be reported in words.
    pub(crate) differences: Vec<JointDifference>,
}

impl GhostLayer {
    /// Aligns one attempt with another.
    ///
    /// # Errors
    /// The attempts have too little in common.
    pub(crate) fn new(
        ghost_of: &AttemptTrack,
        onto: &AttemptTrack,
        anchor: Anchor,
        is_mirrored: bool,
    ) -> Result<Self, RenderError> {
        let alignment = match (ghost_of.repetition_s, onto.repetition_s) {
            (Some(a), Some(b)) => TimeAlignment::Events(a.into_iter().zip(b).collect()),
            (Some(_), None) => TimeAlignment::Within,
            (None, _) => TimeAlignment::Whole(WHOLE_BAND),
        };
        let settings = GhostSettings { alignment, anchor, is_mirrored };
        let Ghost { frames, differences, .. } = ghost(&ghost_of.track, &onto.track, &settings)?;
        let moments = onto.frames.iter().zip(&onto.track.times_s).zip(frames).enumerate();
        let frames = moments.filter_map(|(index, ((&frame_idx, &time_s), found))| {
            let person = ScenePerson {
                person_id: 0,
                points: found?.points,
                angles: differences.iter().filter_map(|joint| angle(joint, index)).collect(),
                center_of_mass_px: None,
            };
            Some((frame_idx, SceneFrame { frame_idx, time_s, people: vec![person] }))
        });
        Ok(Self { frames: frames.collect(), person_id: onto.person_id, differences: differences.clone() })
    }

    /// Returns the ghost of a frame.
    pub(super) fn at(&self, scene: &SceneFrame) -> Option<&SceneFrame> {
        self.frames.get(&scene.frame_idx)
    }

    /// Returns the frame with the differences in place of the athlete's angles.
    pub(super) fn compared(&self, scene: &SceneFrame, ghost: &SceneFrame) -> SceneFrame {
        let mut compared = scene.clone();
        for person in compared.people.iter_mut().filter(|person| person.person_id == self.person_id) {
            person.angles = ghost.people.iter().flat_map(|ghost| ghost.angles.clone()).collect();
        }
        compared
    }

    /// Returns the painter of ghosts: one color, below the athlete.
    pub(super) fn painter(size_px: [usize; 2], theme: &Theme) -> Result<Painter, DrawError> {
        let mut theme = theme.clone();
        theme.colors.left = theme.colors.accent;
        theme.colors.right = theme.colors.accent;
        theme.colors.middle = theme.colors.accent;
        theme.opacities.skeleton *= GHOST_OPACITY;
        Painter::new(size_px, theme, &[Element::Skeleton], SceneContext::default())
    }
}

/// Returns the difference between a joint of the ghost and the athlete's, to be written beside the joint.
fn angle(joint: &JointDifference, index: usize) -> Option<SceneAngle> {
    let difference = *joint.values_deg.get(index).filter(|value| value.is_finite())?;
    Some(SceneAngle { landmarks: joint_landmarks(&joint.joint, &joint.side)?, angle_deg: difference as f32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_named_in_short() {
        let attempt = |video: &str, person_id, repetition| Attempt { video: video.to_owned(), person_id, repetition };
        assert_eq!("a.mp4".parse(), Ok(attempt("a.mp4", 0, None)));
        assert_eq!("a.mp4@2".parse(), Ok(attempt("a.mp4", 0, Some(2))));
        assert_eq!("a#1@2".parse(), Ok(attempt("a", 1, Some(2))));
        assert_eq!("take #3 @home.mp4".parse(), Ok(attempt("take #3 @home.mp4", 0, None)));
        assert!("@2".parse::<Attempt>().is_err());
    }
}
