//! What is known of a moment of a video: the people, their angles, what happened, what was measured. Plain data;
//! positions are in pixels of the displayed picture.

use crate::pose::skeleton::LANDMARK_COUNT;

/// Where a landmark's position comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Provenance {
    /// The network saw it.
    #[default]
    Measured,
    /// Made up between two that were seen.
    Interpolated,
    /// The network's, set right: sides exchanged, an outlier replaced.
    Corrected,
}

/// A landmark of somebody at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScenePoint {
    /// From the left.
    pub x_px: f32,
    /// From the top.
    pub y_px: f32,
    /// How likely it is to be seen, 0 to 1; 1 where not known.
    pub visibility: f32,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// An angle of somebody at a moment, drawn between two bones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SceneAngle {
    /// Landmarks: end of the first bone, vertex, end of the second bone.
    pub landmarks: [usize; 3],
    /// What is written; as measured, which need not be the angle between the bones (a straight knee is 0).
    pub angle_deg: f32,
}

/// Somebody at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenePerson {
    /// Number within the video; 0 is the main athlete.
    pub person_id: u16,
    /// The landmarks in BlazePose's order.
    pub points: [Option<ScenePoint>; LANDMARK_COUNT],
    /// Angles to be drawn.
    pub angles: Vec<SceneAngle>,
    /// Middle of mass, where it is known.
    pub center_of_mass_px: Option<[f32; 2]>,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SceneFrame {
    /// Number of the decoded frame.
    pub frame_idx: u32,
    /// Seconds from the first frame.
    pub time_s: f64,
    /// Everybody, by id.
    pub people: Vec<ScenePerson>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneEvent {
    /// Who.
    pub person_id: u16,
    /// `contact`, `toe_off`, `take_off`, `landing`, or a pack's own name.
    pub kind: String,
    /// `left`, `right`, `both`, `none`.
    pub side: String,
    /// When, seconds from the first frame.
    pub time_s: f64,
}

/// A repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneRepetition {
    /// Who.
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
    /// Who.
    pub person_id: u16,
    /// As in words: `Cadence`, `Knee range of motion, left`.
    pub label: String,
    /// The value.
    pub value: f64,
    /// Half of its interval's width, where known.
    pub half_width: Option<f64>,
    /// Its unit.
    pub unit: String,
}

/// A line of an angle over the whole video, for the panel's sparklines.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneCurve {
    /// Who.
    pub person_id: u16,
    /// As in words: `Knee left`.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// (seconds, value); gaps are NaN.
    pub samples: Vec<(f64, f32)>,
}

/// What holds for the whole video.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SceneContext {
    /// Names that the user gave, by person.
    pub names: Vec<(u16, String)>,
    /// In the order of time.
    pub events: Vec<SceneEvent>,
    /// In the order of time.
    pub repetitions: Vec<SceneRepetition>,
    /// In the order of the panel.
    pub metrics: Vec<SceneMetric>,
    /// In the order of the panel.
    pub curves: Vec<SceneCurve>,
    /// Whether the panel is on the left, where people are more on the right.
    pub is_panel_left: bool,
}
