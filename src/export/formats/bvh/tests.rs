use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A BVH file as a reader sees it, with nothing from the writer.
struct File {
    /// Name, parent, offset, number of channels. End sites are called after their joint.
    nodes: Vec<(String, Option<usize>, Vector, usize)>,
    frame_time_s: f64,
    frames: Vec<Vec<f64>>,
}

fn vector(words: &[&str]) -> Vector {
    std::array::from_fn(|axis| words[axis].parse().unwrap())
}

fn parsed(text: &str) -> File {
    let (hierarchy, motion) = text.split_once("MOTION\n").unwrap();
    let mut nodes: Vec<(String, Option<usize>, Vector, usize)> = vec![];
    let mut open = vec![];
    for line in hierarchy.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "ROOT" | "JOINT" => nodes.push((words[1].to_owned(), open.last().copied(), [0.0; 3], 0)),
            "End" => {
                let parent = *open.last().unwrap();
                nodes.push((format!("{} end", nodes[parent].0), Some(parent), [0.0; 3], 0));
            }
            "{" => open.push(nodes.len() - 1),
            "}" => drop(open.pop()),
            "OFFSET" => nodes.last_mut().unwrap().2 = vector(&words[1..]),
            "CHANNELS" => nodes.last_mut().unwrap().3 = words[1].parse().unwrap(),
            other => panic!("{other}"),
        }
    }
    assert!(open.is_empty());
    let mut lines = motion.lines();
    let count: usize = lines.next().unwrap().strip_prefix("Frames: ").unwrap().parse().unwrap();
    let frame_time_s = lines.next().unwrap().strip_prefix("Frame Time: ").unwrap().parse().unwrap();
    let frames: Vec<Vec<f64>> =
        lines.map(|line| line.split(' ').map(|value| value.parse().unwrap()).collect()).collect();
    assert_eq!(frames.len(), count);
    File { nodes, frame_time_s, frames }
}

/// Rotation of `angle_deg` about an axis, applied to a vector: the textbook formulas.
fn turned(axis: usize, angle_deg: f64, vector: Vector) -> Vector {
    let (sine, cosine) = angle_deg.to_radians().sin_cos();
    let (next, last) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut result = vector;
    result[next] = cosine * vector[next] - sine * vector[last];
    result[last] = sine * vector[next] + cosine * vector[last];
    result
}

impl File {
    /// Position of every node in one frame, by forward kinematics.
    fn positions(&self, frame: usize) -> BTreeMap<&str, Vector> {
        let mut values = self.frames[frame].iter().copied();
        let mut angles: Vec<Vector> = vec![];
        let mut positions: Vec<Vector> = vec![];
        for (_, parent, offset, channels) in &self.nodes {
            let mut position = *offset;
            if *channels == 6 {
                position = std::array::from_fn(|_| values.next().unwrap());
            }
            angles.push(if *channels == 0 { [0.0; 3] } else { std::array::from_fn(|_| values.next().unwrap()) });
            let mut ancestor = *parent;
            while let Some(index) = ancestor {
                let [z, x, y] = angles[index];
                position = turned(2, z, turned(0, x, turned(1, y, position)));
                ancestor = self.nodes[index].1;
            }
            let start = parent.map_or([0.0; 3], |parent| positions[parent]);
            positions.push(std::array::from_fn(|axis| start[axis] + position[axis]));
        }
        assert_eq!(values.next(), None, "as many values as channels");
        self.nodes.iter().map(|node| node.0.as_str()).zip(positions).collect()
    }
}

/// Landmark positions of one frame, by name.
type Landmarks = BTreeMap<&'static str, Option<Vector>>;

const NAMES: [&str; 17] = [
    "nose",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_index",
    "right_index",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
];
const TOES: [&str; 2] = ["left_foot_index", "right_foot_index"];

type Bone = (&'static str, &'static str, [&'static str; 2], [&'static str; 2]);

/// Bones as pairs of nodes of the file, and the landmarks they go between.
const BONES: [Bone; 17] = [
    ("Hips", "LeftUpLeg", ["left_hip", "right_hip"], ["left_hip", "left_hip"]),
    ("Hips", "RightUpLeg", ["left_hip", "right_hip"], ["right_hip", "right_hip"]),
    ("Spine", "Neck", ["left_hip", "right_hip"], ["left_shoulder", "right_shoulder"]),
    ("Neck", "Head", ["left_shoulder", "right_shoulder"], ["left_ear", "right_ear"]),
    ("Head", "Head end", ["left_ear", "right_ear"], ["nose", "nose"]),
    ("LeftShoulder", "LeftArm", ["left_shoulder", "right_shoulder"], ["left_shoulder", "left_shoulder"]),
    ("LeftArm", "LeftForeArm", ["left_shoulder", "left_shoulder"], ["left_elbow", "left_elbow"]),
    ("LeftForeArm", "LeftHand", ["left_elbow", "left_elbow"], ["left_wrist", "left_wrist"]),
    ("LeftHand", "LeftHand end", ["left_wrist", "left_wrist"], ["left_index", "left_index"]),
    ("RightArm", "RightForeArm", ["right_shoulder", "right_shoulder"], ["right_elbow", "right_elbow"]),
    ("RightForeArm", "RightHand", ["right_elbow", "right_elbow"], ["right_wrist", "right_wrist"]),
    ("LeftUpLeg", "LeftLeg", ["left_hip", "left_hip"], ["left_knee", "left_knee"]),
    ("LeftLeg", "LeftFoot", ["left_knee", "left_knee"], ["left_ankle", "left_ankle"]),
    ("LeftFoot", "LeftFoot end", ["left_ankle", "left_ankle"], ["left_foot_index", "left_foot_index"]),
    ("RightUpLeg", "RightLeg", ["right_hip", "right_hip"], ["right_knee", "right_knee"]),
    ("RightLeg", "RightFoot", ["right_knee", "right_knee"], ["right_ankle", "right_ankle"]),
    ("RightFoot", "RightFoot end", ["right_ankle", "right_ankle"], ["right_foot_index", "right_foot_index"]),
];

fn motion(frames: &[Landmarks]) -> Motion {
    let markers = NAMES
        .iter()
        .chain(&TOES)
        .map(|&name| Marker { name: name.to_owned(), positions: frames.iter().map(|frame| frame[name]).collect() })
        .collect();
    let times_s = (0..frames.len()).map(|frame| frame as f64 / 50.0).collect();
    Motion { name: "run".to_owned(), rate_hz: 50.0, first_frame: 0, times_s, markers, events: vec![] }
}

fn written(frames: &[Landmarks]) -> File {
    let mut out = Vec::new();
    write_bvh(&mut out, &motion(frames)).unwrap();
    parsed(&String::from_utf8(out).unwrap())
}

/// A person who stands in the rest pose.
fn rest_pose() -> Landmarks {
    let sides = [("left", 1.0), ("right", -1.0)];
    let mut landmarks: Landmarks = [("nose", Some([0.0, 0.7, 0.12]))].into();
    for (name, x, y, z) in [
        ("ear", 0.07, 0.7, 0.0),
        ("shoulder", 0.18, 0.5, 0.0),
        ("elbow", 0.46, 0.5, 0.0),
        ("wrist", 0.7, 0.5, 0.0),
        ("index", 0.8, 0.5, 0.0),
        ("hip", 0.1, 0.0, 0.0),
        ("knee", 0.1, -0.4, 0.0),
        ("ankle", 0.1, -0.8, 0.0),
        ("foot_index", 0.1, -0.8, 0.15),
    ] {
        for (side, sign) in sides {
            let full = format!("{side}_{name}");
            let name = NAMES.iter().chain(&TOES).find(|known| **known == full).unwrap();
            landmarks.insert(name, Some([sign * x, y, z]));
        }
    }
    landmarks
}

/// Returns the angle between a bone of the file and the same bone of the landmarks; `None` if one has no direction.
fn error_deg(file: &File, frame: usize, landmarks: &Landmarks, bone: &Bone) -> Option<f64> {
    let (from, to, [start_left, start_right], [end_left, end_right]) = *bone;
    let start = midpoint(landmarks[start_left]?, landmarks[start_right]?);
    let end = midpoint(landmarks[end_left]?, landmarks[end_right]?);
    let positions = file.positions(frame);
    let written = unit(difference(positions[to], positions[from]))?;
    let expected = unit(difference(end, start))?;
    let cosine: f64 = written.iter().zip(expected).map(|(a, b)| a * b).sum();
    Some(cosine.clamp(-1.0, 1.0).acos().to_degrees())
}

#[test]
fn the_rest_pose_has_no_rotation() {
    let file = written(&[rest_pose()]);
    assert_eq!(file.frames[0].len(), 6 + 17 * 3);
    assert!(file.frames[0].iter().all(|value| value.abs() < 1e-9), "{:?}", file.frames[0]);
    assert!((file.frame_time_s - 0.02).abs() < 1e-9);
    let positions = file.positions(0);
    assert_eq!(positions["LeftLeg"], [10.0, -40.0, 0.0]);
    assert_eq!(positions["RightHand end"], [-80.0, 50.0, 0.0]);
    assert_eq!(positions["RightFoot end"], [-10.0, -80.0, 15.0]);
    assert_eq!(positions["Head end"], [0.0, 70.0, 12.0]);
}

#[test]
fn raising_the_forearm_turns_the_elbow_only() {
    let mut raised = rest_pose();
    raised.insert("left_wrist", Some([0.46, 0.74, 0.0]));
    raised.insert("left_index", Some([0.46, 0.84, 0.0]));
    let file = written(&[raised]);
    let turned: Vec<(usize, f64)> =
        file.frames[0].iter().copied().enumerate().filter(|(_, value)| value.abs() > 1e-6).collect();
    let elbow = JOINTS.iter().position(|joint| joint.name == "LeftForeArm").unwrap();
    assert_eq!(turned, [(3 + 3 * elbow, 90.0)]);
}

#[test]
fn bones_have_their_median_length() {
    let mut frames = [rest_pose(), rest_pose(), rest_pose()];
    frames[0].insert("left_knee", Some([0.1, -0.3, 0.0]));
    frames[2].insert("left_knee", Some([0.1, -0.9, 0.0]));
    let offset = |file: &File, name: &str| file.nodes.iter().find(|node| node.0 == name).unwrap().2;
    assert_eq!(offset(&written(&frames), "LeftLeg"), [0.0, -40.0, 0.0]);
    for frame in &mut frames {
        frame.insert("left_knee", None);
    }
    assert_eq!(offset(&written(&frames), "LeftLeg"), [0.0, -41.0, 0.0], "never seen: the default");
}

#[test]
fn missing_frames_hold_the_last_pose() {
    let mut bent = rest_pose();
    bent.insert("left_wrist", Some([0.46, 0.3, 0.1]));
    let mut turned = rest_pose();
    turned.insert("left_wrist", Some([0.5, 0.7, 0.0]));
    let missing: Landmarks = rest_pose().into_keys().map(|name| (name, None)).collect();
    let frames = [missing.clone(), bent, missing.clone(), missing, turned];
    let file = written(&frames);
    assert_eq!(file.frames[0], file.frames[1], "the first pose before it");
    assert_eq!((&file.frames[2], &file.frames[3]), (&file.frames[1], &file.frames[1]));
    assert_ne!(file.frames[4], file.frames[1]);
}

#[test]
fn a_file_is_written_as_readers_want_it() {
    let mut out = Vec::new();
    let motion = Motion { rate_hz: 60.0, times_s: vec![0.0], ..motion(&[rest_pose()]) };
    write_bvh(&mut out, &motion).unwrap();
    let text = String::from_utf8(out).unwrap();
    let (hierarchy, frames) = text.split_once("MOTION\n").unwrap();
    assert!(!text.contains(['\t', '\r']), "bvhsdk takes no tabs");
    assert!(text.ends_with('\n'), "bvh loses the last value of a line without its end");
    assert!(hierarchy.lines().all(|line| !line.contains(['{', '}']) || line.trim().len() == 1), "braces stand alone");
    assert!(!frames.contains("  "), "single blanks");
    assert!(!frames.lines().skip(2).any(|line| line.contains('e')), "no exponents");
    // Blender computes the frame rate from it: 60 and not 59.99988.
    let frame_time = frames.lines().nth(1).unwrap().strip_prefix("Frame Time: ").unwrap();
    assert!((1.0 / frame_time.parse::<f64>().unwrap() - 60.0).abs() < 1e-9, "{frame_time}");
}

#[test]
fn a_missing_landmark_is_named() {
    let mut motion = motion(&[rest_pose()]);
    motion.markers.retain(|marker| marker.name != "left_index");
    let result = write_bvh(&mut Vec::new(), &motion);
    assert!(matches!(result, Err(FormatError::MissingMarker { marker: "left_index" })));
    motion.times_s.clear();
    motion.markers.clear();
    assert!(matches!(write_bvh(&mut Vec::new(), &motion), Err(FormatError::NoFrames { .. })));
}

fn landmark() -> impl Strategy<Value = Option<Vector>> {
    prop::option::weighted(0.9, prop::array::uniform3(-1.0..1.0_f64))
}

proptest! {
    /// Forward kinematics of the file point every known bone where the landmarks do, whatever else is missing.
    #[test]
    fn bones_point_where_the_landmarks_do(
        frames in prop::collection::vec(prop::collection::vec(landmark(), NAMES.len() + TOES.len()), 1..4),
    ) {
        let frames: Vec<Landmarks> =
            frames.iter().map(|values| NAMES.into_iter().chain(TOES).zip(values.iter().copied()).collect()).collect();
        let file = written(&frames);
        for (frame, landmarks) in frames.iter().enumerate() {
            // The hips are turned by hips and shoulders together.
            let is_root_known = ["left_hip", "right_hip", "left_shoulder", "right_shoulder"]
                .iter()
                .all(|name| landmarks[name].is_some());
            for bone in BONES.iter().filter(|bone| is_root_known || bone.0 != "Hips") {
                if let Some(error_deg) = error_deg(&file, frame, landmarks, bone) {
                    prop_assert!(error_deg < 0.5, "{bone:?}: {error_deg} degrees");
                }
            }
        }
    }
}
