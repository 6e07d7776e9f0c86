//! The data of one moment of a video: people, angles, events, metrics. Plain data;
//! positions are in pixels of the displayed picture.

use crate::movement::provenance::Provenance;
use crate::pose::skeleton::LANDMARK_COUNT;

/// A landmark of a person at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ScenePoint {
    /// The distance from the left.
    pub(crate) x_px: f32,
    /// The distance from the top.
    pub(crate) y_px: f32,
    /// The visibility, 0 to 1; 1 if unknown.
    pub(crate) visibility: f32,
    /// The origin of the position.
    pub(crate) provenance: Provenance,
}

/// An angle of a person at one moment, drawn between two bones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SceneAngle {
    /// Landmarks: end of the first bone, vertex, end of the second bone.
    pub(crate) landmarks: [usize; 3],
    /// The value to write, as measured; it can differ from the angle between the bones (a straight knee is 0).
    pub(crate) angle_deg: f32,
}

/// A person at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScenePerson {
    /// The id within the video; 0 is the main athlete.
    pub(crate) person_id: u16,
    /// The landmarks in BlazePose's order.
    pub(crate) points: [Option<ScenePoint>; LANDMARK_COUNT],
    /// The angles to draw.
    pub(crate) angles: Vec<SceneAngle>,
    /// The center of mass, if known.
    pub(crate) center_of_mass_px: Option<[f32; 2]>,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SceneFrame {
    /// Number of the decoded frame.
    pub(crate) frame_idx: u32,
    /// Seconds from the first frame.
    pub(crate) time_s: f64,
    /// All people, by id.
    pub(crate) people: Vec<ScenePerson>,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SceneEvent {
    /// The id of the person.
    pub(crate) person_id: u16,
    /// `contact`, `toe_off`, `take_off`, `landing`, or a pack's own name.
    pub(crate) kind: String,
    /// `left`, `right`, `both`, `none`.
    pub(crate) side: String,
    /// The time, seconds from the first frame.
    pub(crate) time_s: f64,
}

/// A repetition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SceneRepetition {
    /// The id of the person.
    pub(crate) person_id: u16,
    /// Counted from 1.
    pub(crate) repetition: u32,
    /// `squat`, `lunge`, `raise` or `unnamed`.
    pub(crate) exercise: String,
    /// Beginning, turning point and end, seconds.
    pub(crate) times_s: [f64; 3],
}

/// A measured value for the panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SceneMetric {
    /// The id of the person.
    pub(crate) person_id: u16,
    /// The label: `Cadence`, `Knee range of motion, left`.
    pub(crate) label: String,
    /// The value.
    pub(crate) value: f64,
    /// Half of the width of its interval, if known.
    pub(crate) half_width: Option<f64>,
    /// Its unit.
    pub(crate) unit: String,
}

/// A line of an angle over the whole video, for the panel's sparklines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SceneCurve {
    /// The id of the person.
    pub(crate) person_id: u16,
    /// The label: `Knee left`.
    pub(crate) label: String,
    /// Its unit.
    pub(crate) unit: String,
    /// (seconds, value); gaps are NaN.
    pub(crate) samples: Vec<(f64, f32)>,
}

/// The data of the whole video.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SceneContext {
    /// Names that the user gave, by person.
    pub(crate) names: Vec<(u16, String)>,
    /// The events, in chronological order.
    pub(crate) events: Vec<SceneEvent>,
    /// The repetitions, in chronological order.
    pub(crate) repetitions: Vec<SceneRepetition>,
    /// The metrics, in the order of the panel.
    pub(crate) metrics: Vec<SceneMetric>,
    /// The curves, in the order of the panel.
    pub(crate) curves: Vec<SceneCurve>,
    /// Whether the panel is on the left, because people are mostly on the right.
    pub(crate) is_panel_left: bool,
    /// The approximate rate of the frames in the athlete's time, Hz, if known.
    pub(crate) rate_hz: Option<f64>,
}
