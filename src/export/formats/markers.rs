//! Marker names of OpenSim models and Sports2D (`HALPE_26`) for the BlazePose landmarks.
//!
//! Sports2D looks up its markers by these names. It derives `Neck` and `Hip` as midpoints if they are missing; they
//! are written here so that every reader has them. BlazePose has no landmark at the top of the head, so there is no
//! `Head` marker, and Sports2D skips its head angle.

use crate::export::formats::{Marker, Motion};

/// Pairs of BlazePose landmark and marker name. Landmarks that are not listed keep their own name.
const NAMES: [(&str, &str); 27] = [
    ("nose", "Nose"),
    ("left_eye", "LEye"),
    ("right_eye", "REye"),
    ("left_ear", "LEar"),
    ("right_ear", "REar"),
    ("left_shoulder", "LShoulder"),
    ("right_shoulder", "RShoulder"),
    ("left_elbow", "LElbow"),
    ("right_elbow", "RElbow"),
    ("left_wrist", "LWrist"),
    ("right_wrist", "RWrist"),
    ("left_pinky", "LPinky"),
    ("right_pinky", "RPinky"),
    ("left_index", "LIndex"),
    ("right_index", "RIndex"),
    ("left_thumb", "LThumb"),
    ("right_thumb", "RThumb"),
    ("left_hip", "LHip"),
    ("right_hip", "RHip"),
    ("left_knee", "LKnee"),
    ("right_knee", "RKnee"),
    ("left_ankle", "LAnkle"),
    ("right_ankle", "RAnkle"),
    ("left_heel", "LHeel"),
    ("right_heel", "RHeel"),
    ("left_foot_index", "LBigToe"),
    ("right_foot_index", "RBigToe"),
];

/// The markers halfway between two landmarks.
const MIDPOINTS: [(&str, [&str; 2]); 2] =
    [("Hip", ["left_hip", "right_hip"]), ("Neck", ["left_shoulder", "right_shoulder"])];

/// Returns the marker name of a BlazePose landmark: `right_foot_index` is `RBigToe`.
#[must_use]
pub(crate) fn marker_name(landmark: &str) -> &str {
    NAMES.iter().find(|(name, _)| *name == landmark).map_or(landmark, |(_, marker)| marker)
}

/// Returns the motion with marker names instead of landmark names, and with `Hip` and `Neck` if both sides are known.
#[must_use]
pub(crate) fn with_marker_names(motion: &Motion) -> Motion {
    let find = |name: &str| motion.markers.iter().find(|marker| marker.name == name);
    let midpoints = MIDPOINTS.iter().filter_map(|(name, [left, right])| {
        let (left, right) = (find(left)?, find(right)?);
        Some(Marker { name: (*name).to_owned(), positions: midpoints(left, right) })
    });
    let renamed = motion
        .markers
        .iter()
        .map(|marker| Marker { name: marker_name(&marker.name).to_owned(), positions: marker.positions.clone() });
    Motion {
        name: motion.name.clone(),
        rate_hz: motion.rate_hz,
        first_frame: motion.first_frame,
        times_s: motion.times_s.clone(),
        markers: renamed.chain(midpoints).collect(),
        events: motion.events.clone(),
    }
}

fn midpoints(left: &Marker, right: &Marker) -> Vec<Option<[f64; 3]>> {
    (0..left.positions.len()).map(|frame| Some(midpoint(left.position(frame)?, right.position(frame)?))).collect()
}

/// Returns the point halfway between two points.
pub(super) fn midpoint(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| f64::midpoint(a[axis], b[axis]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::skeleton::LANDMARK_NAMES;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_belongs_to_a_landmark_and_no_two_get_the_same() {
        assert!(NAMES.iter().all(|(landmark, _)| LANDMARK_NAMES.contains(landmark)));
        let names: BTreeSet<_> = LANDMARK_NAMES.iter().map(|landmark| marker_name(landmark)).collect();
        assert_eq!(names.len(), LANDMARK_NAMES.len());
        assert_eq!(marker_name("right_foot_index"), "RBigToe");
        assert_eq!(marker_name("mouth_left"), "mouth_left");
    }

    #[test]
    fn midpoints_need_both_sides() {
        let marker = |name: &str, positions| Marker { name: name.to_owned(), positions };
        let motion = Motion {
            name: "run".to_owned(),
            rate_hz: 30.0,
            first_frame: 0,
            times_s: vec![0.0, 0.1],
            markers: vec![
                marker("left_hip", vec![Some([0.0, 1.0, 2.0]), Some([0.0; 3])]),
                marker("right_hip", vec![Some([1.0, 1.0, 4.0]), None]),
                marker("left_shoulder", vec![None, None]),
            ],
            events: vec![],
        };
        let named = with_marker_names(&motion);
        let names: Vec<&str> = named.markers.iter().map(|marker| marker.name.as_str()).collect();
        assert_eq!(names, ["LHip", "RHip", "LShoulder", "Hip"]);
        assert_eq!(named.markers[3].positions, [Some([0.5, 1.0, 3.0]), None]);
    }
}
