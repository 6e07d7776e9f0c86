//! The data of one moment of a video: people, angles, events, metrics. Plain data;
//! positions are in pixels of the displayed picture.

use crate::movement::provenance::Provenance;
use crate::pose::skeleton::LANDMARK_COUNT;

/// A landmark of a person at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScenePoint {
    /// The distance from the left.
    pub x_px: f32,
    /// The distance from the top.
    pub y_px: f32,
    /// The visibility, 0 to 1; 1 if unknown.
    pub visibility: f32,
    /// The origin of the position.
    pub provenance: Provenance,
}

/// An angle of a person at one moment, drawn between two bones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SceneAngle {
    /// Landmarks: end of the first bone, vertex, end of the second bone.
    pub landmarks: [usize; 3],
    /// The value to write, as measured; it can differ from the angle between the bones (a straight knee is 0).
    pub angle_deg: f32,
}

/// A person at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenePerson {
    /// The id within the video; 0 is the main athlete.
    pub person_id: u16,
    /// The landmarks in BlazePose's order.
    pub points: [Option<ScenePoint>; LANDMARK_COUNT],
    /// The angles to draw.
    pub angles: Vec<SceneAngle>,
    /// The center of mass, if known.
    pub center_of_mass_px: Option<[f32; 2]>,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SceneFrame {
    /// Number of the decoded frame.
    pub frame_idx: u32,
    /// Seconds from the first frame.
    pub time_s: f64,
    /// All people, by id.
    pub people: Vec<ScenePerson>,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneEvent {
    /// The id of the person.
    pub person_id: u16,
    /// `contact`, `toe_off`, `take_off`, `landing`, or a pack's own name.
    pub kind: String,
    /// `left`, `right`, `both`, `none`.
    pub side: String,
    /// The time, seconds from the first frame.
    pub time_s: f64,
}

/// A repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneRepetition {
    /// The id of the person.
    pub person_id: u16,
    /// Counted from 1.
    pub repetition: u32,
    /// `squat`, `lunge`, `raise` or `unnamed`.
    pub exercise: String,
    /// Beginning, turning point and end, seconds.
    pub times_s: [f64; 3],
}

/// A measured value for the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneMetric {
    /// The id of the person.
    pub person_id: u16,
    /// The label: `Cadence`, `Knee range of motion, left`.
    pub label: String,
    /// The value.
    pub value: f64,
    /// Half of the width of its interval, if known.
    pub half_width: Option<f64>,
    /// Its unit.
    pub unit: String,
}

/// A line of an angle over the whole video, for the panel's sparklines.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneCurve {
    /// The id of the person.
    pub person_id: u16,
    /// The label: `Knee left`.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// (seconds, value); gaps are NaN.
    pub samples: Vec<(f64, f32)>,
}

/// The data of the whole video.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SceneContext {
    /// Names that the user gave, by person.
    pub names: Vec<(u16, String)>,
    /// The events, in chronological order.
    pub events: Vec<SceneEvent>,
    /// The repetitions, in chronological order.
    pub repetitions: Vec<SceneRepetition>,
    /// The metrics, in the order of the panel.
    pub metrics: Vec<SceneMetric>,
    /// The curves, in the order of the panel.
    pub curves: Vec<SceneCurve>,
    /// Whether the panel is on the left, because people are mostly on the right.
    pub is_panel_left: bool,
}
