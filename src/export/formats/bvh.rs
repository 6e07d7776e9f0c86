//! BVH (Biovision hierarchy): a skeleton and its joint angles, for animation programs.
//!
//! The rest pose is a T-pose that faces the camera: Y up, the athlete's left at +X, face and feet toward +Z. Lengths
//! are in centimeters, as is the custom, and every bone has its median length. The hips are rotated so that their X
//! axis is the line through both hips and their Y axis is nearest to the spine; every other joint has the smallest
//! rotation that points its bone in the right direction, so bones have no twist. A joint whose landmarks are missing
//! keeps its last rotation relative to its parent, or takes its first one before that.
//!
//! The requirements of readers: single blanks and no tabs between values (bvhsdk), every brace on a line of its own and
//! a line break after the last value (bvh), and a `Frame Time` with all digits: Blender takes 0.0166667 for 59.99988
//! frames a second.

use crate::export::formats::markers::midpoint;
use crate::export::formats::rotation::{Rotation, Vector, difference, length, unit};
use crate::export::formats::{FormatError, Marker, Motion};
use std::io::Write;

const CENTIMETERS_PER_METER: f64 = 100.0;

/// The start or end of a bone: one landmark, or the point halfway between two.
#[derive(Clone, Copy)]
enum Point {
    At(&'static str),
    Between(&'static str, &'static str),
}

/// A joint and the bone that it rotates.
struct Joint {
    name: &'static str,
    /// The index of the parent; `None` for the root.
    parent: Option<usize>,
    /// The position of the joint on the parent's bone: 1 at its end, 0 at its start, -1 opposite to its end.
    at_parent: f64,
    start: Point,
    end: Point,
    /// The direction of the bone in the rest pose.
    rest: Vector,
    /// The length of the bone if its landmarks are never seen: that of an adult of average height.
    default_cm: f64,
}

const UP: Vector = [0.0, 1.0, 0.0];
const DOWN: Vector = [0.0, -1.0, 0.0];
const LEFT: Vector = [1.0, 0.0, 0.0];
const RIGHT: Vector = [-1.0, 0.0, 0.0];
const FORWARD: Vector = [0.0, 0.0, 1.0];

const HIPS: Point = Point::Between("left_hip", "right_hip");
const SHOULDERS: Point = Point::Between("left_shoulder", "right_shoulder");
const EARS: Point = Point::Between("left_ear", "right_ear");

const fn joint(name: &'static str, parent: usize, start: Point, end: Point, rest: Vector, default_cm: f64) -> Joint {
    Joint { name, parent: Some(parent), at_parent: 1.0, start, end, rest, default_cm }
}

const ROOT: usize = 0;
const SPINE: usize = 1;

/// The skeleton in the order of BVH's channels: depth first. A bone without a child joint ends in an `End Site`.
const JOINTS: [Joint; 18] = {
    use Point::At;
    [
        // The root's bone is the line from the middle of the hips to the left hip.
        Joint {
            name: "Hips",
            parent: None,
            at_parent: 0.0,
            start: HIPS,
            end: At("left_hip"),
            rest: LEFT,
            default_cm: 10.0,
        },
        Joint {
            name: "Spine",
            parent: Some(ROOT),
            at_parent: 0.0,
            start: HIPS,
            end: SHOULDERS,
            rest: UP,
            default_cm: 50.0,
        },
        joint("Neck", SPINE, SHOULDERS, EARS, UP, 20.0),
        joint("Head", 2, EARS, At("nose"), FORWARD, 12.0),
        joint("LeftShoulder", SPINE, SHOULDERS, At("left_shoulder"), LEFT, 18.0),
        joint("LeftArm", 4, At("left_shoulder"), At("left_elbow"), LEFT, 28.0),
        joint("LeftForeArm", 5, At("left_elbow"), At("left_wrist"), LEFT, 25.0),
        joint("LeftHand", 6, At("left_wrist"), At("left_index"), LEFT, 9.0),
        joint("RightShoulder", SPINE, SHOULDERS, At("right_shoulder"), RIGHT, 18.0),
        joint("RightArm", 8, At("right_shoulder"), At("right_elbow"), RIGHT, 28.0),
        joint("RightForeArm", 9, At("right_elbow"), At("right_wrist"), RIGHT, 25.0),
        joint("RightHand", 10, At("right_wrist"), At("right_index"), RIGHT, 9.0),
        joint("LeftUpLeg", ROOT, At("left_hip"), At("left_knee"), DOWN, 41.0),
        joint("LeftLeg", 12, At("left_knee"), At("left_ankle"), DOWN, 41.0),
        joint("LeftFoot", 13, At("left_ankle"), At("left_foot_index"), FORWARD, 16.0),
        Joint {
            name: "RightUpLeg",
            parent: Some(ROOT),
            at_parent: -1.0,
            start: At("right_hip"),
            end: At("right_knee"),
            rest: DOWN,
            default_cm: 41.0,
        },
        joint("RightLeg", 15, At("right_knee"), At("right_ankle"), DOWN, 41.0),
        joint("RightFoot", 16, At("right_ankle"), At("right_foot_index"), FORWARD, 16.0),
    ]
};

/// Writes world landmarks in meters, with BlazePose's names, as BVH. The motion must be evenly sampled, see
/// [`crate::export::formats::resampled`].
///
/// # Errors
///
/// If the destination fails, the motion has no frames, the times are not even, or a landmark of the skeleton is
/// missing from the markers.
pub(crate) fn write_bvh(out: &mut impl Write, motion: &Motion) -> Result<(), FormatError> {
    motion.check_even("BVH")?;
    let tracks = Track::all(motion)?;
    let frames = motion.times_s.len();
    let lengths_cm: Vec<f64> = tracks.iter().map(|track| track.median_cm(frames)).collect();

    writeln!(out, "HIERARCHY")?;
    write_joint(out, ROOT, 0, &lengths_cm)?;
    writeln!(out, "MOTION\nFrames: {frames}\nFrame Time: {}", 1.0 / motion.rate_hz)?;
    let mut pose = first_pose(&tracks, frames);
    let mut angles_deg = [[0.0; 3]; JOINTS.len()];
    for frame in 0..frames {
        pose.update(&tracks, frame);
        let [x, y, z] = pose.root_cm;
        write!(out, "{x:.4} {y:.4} {z:.4}")?;
        for (angles_deg, rotation) in angles_deg.iter_mut().zip(&pose.rotations) {
            *angles_deg = rotation.zxy_degrees(*angles_deg);
            let [z, x, y] = *angles_deg;
            write!(out, " {z:.4} {x:.4} {y:.4}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The markers of a bone's two ends.
struct Track<'a> {
    start: End<'a>,
    end: End<'a>,
    default_cm: f64,
}

#[derive(Clone, Copy)]
enum End<'a> {
    At(&'a Marker),
    Between(&'a Marker, &'a Marker),
}

impl<'a> Track<'a> {
    /// Returns one track for every joint.
    fn all(motion: &'a Motion) -> Result<Vec<Self>, FormatError> {
        let find = |name: &'static str| {
            let found = motion.markers.iter().find(|marker| marker.name == name);
            found.ok_or(FormatError::MissingMarker { marker: name })
        };
        let end = |point: Point| {
            Ok::<_, FormatError>(match point {
                Point::At(name) => End::At(find(name)?),
                Point::Between(left, right) => End::Between(find(left)?, find(right)?),
            })
        };
        JOINTS
            .iter()
            .map(|joint| Ok(Self { start: end(joint.start)?, end: end(joint.end)?, default_cm: joint.default_cm }))
            .collect()
    }

    fn vector_m(&self, frame: usize) -> Option<Vector> {
        Some(difference(self.end.position(frame)?, self.start.position(frame)?))
    }

    fn median_cm(&self, frames: usize) -> f64 {
        let mut lengths_m: Vec<f64> = (0..frames).filter_map(|frame| self.vector_m(frame)).map(length).collect();
        lengths_m.sort_by(f64::total_cmp);
        lengths_m.get(lengths_m.len() / 2).map_or(self.default_cm, |length_m| length_m * CENTIMETERS_PER_METER)
    }
}

impl End<'_> {
    fn position(&self, frame: usize) -> Option<Vector> {
        match self {
            Self::At(marker) => marker.position(frame),
            Self::Between(left, right) => Some(midpoint(left.position(frame)?, right.position(frame)?)),
        }
    }
}

/// The skeleton in one frame.
#[derive(Debug, Clone)]
struct Pose {
    root_cm: Vector,
    /// The rotation of every joint relative to its parent.
    rotations: [Rotation; JOINTS.len()],
}

impl Pose {
    /// Updates the joints that are known in a frame and keeps the others. Returns which joints are known, the root's
    /// position first.
    fn update(&mut self, tracks: &[Track<'_>], frame: usize) -> [bool; JOINTS.len() + 1] {
        let mut is_known = [false; JOINTS.len() + 1];
        if let Some(root_m) = tracks[ROOT].start.position(frame) {
            self.root_cm = root_m.map(|value| value * CENTIMETERS_PER_METER);
            is_known[0] = true;
        }
        let mut in_space = [Rotation::IDENTITY; JOINTS.len()];
        for (index, joint) in JOINTS.iter().enumerate() {
            let parent = joint.parent.map_or(Rotation::IDENTITY, |parent| in_space[parent]);
            let vector_m = tracks[index].vector_m(frame);
            let rotation = match (joint.parent, vector_m) {
                (None, Some(hip_line)) => {
                    tracks[SPINE].vector_m(frame).and_then(|spine| Rotation::from_axes(hip_line, spine))
                }
                (Some(_), Some(vector_m)) => {
                    unit(vector_m).map(|direction| Rotation::between(joint.rest, parent.transposed().apply(direction)))
                }
                (_, None) => None,
            };
            if let Some(rotation) = rotation {
                self.rotations[index] = rotation;
                is_known[index + 1] = true;
            }
            in_space[index] = parent.after(&self.rotations[index]);
        }
        is_known
    }
}

/// Returns every joint as it is when first known, or at rest if it is never known.
fn first_pose(tracks: &[Track<'_>], frames: usize) -> Pose {
    let rest = Pose { root_cm: [0.0; 3], rotations: [Rotation::IDENTITY; JOINTS.len()] };
    let (mut first, mut current) = (rest.clone(), rest);
    let mut was_known = [false; JOINTS.len() + 1];
    for frame in 0..frames {
        let is_known = current.update(tracks, frame);
        if is_known[0] && !was_known[0] {
            first.root_cm = current.root_cm;
        }
        for index in 0..JOINTS.len() {
            if is_known[index + 1] && !was_known[index + 1] {
                first.rotations[index] = current.rotations[index];
            }
        }
        was_known = std::array::from_fn(|part| was_known[part] || is_known[part]);
        if was_known.iter().all(|known| *known) {
            break;
        }
    }
    first
}

/// Writes a joint and everything below it.
fn write_joint(out: &mut impl Write, index: usize, depth: usize, lengths_cm: &[f64]) -> Result<(), FormatError> {
    let joint = &JOINTS[index];
    let (outer, inner) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    let (kind, channels) = match joint.parent {
        None => ("ROOT", "6 Xposition Yposition Zposition"),
        Some(_) => ("JOINT", "3"),
    };
    writeln!(out, "{outer}{kind} {}\n{outer}{{", joint.name)?;
    let offset_cm = joint.parent.map_or([0.0; 3], |parent| bone_cm(parent, joint.at_parent, lengths_cm));
    write_offset(out, &inner, offset_cm)?;
    writeln!(out, "{inner}CHANNELS {channels} Zrotation Xrotation Yrotation")?;
    let mut children = (0..JOINTS.len()).filter(|&child| JOINTS[child].parent == Some(index)).peekable();
    if children.peek().is_none() {
        writeln!(out, "{inner}End Site\n{inner}{{")?;
        write_offset(out, &"  ".repeat(depth + 2), bone_cm(index, 1.0, lengths_cm))?;
        writeln!(out, "{inner}}}")?;
    }
    for child in children {
        write_joint(out, child, depth + 1, lengths_cm)?;
    }
    writeln!(out, "{outer}}}")?;
    Ok(())
}

/// Returns the bone of a joint in the rest pose, scaled.
fn bone_cm(index: usize, scale: f64, lengths_cm: &[f64]) -> Vector {
    // Adding zero turns a negative zero into a positive one.
    JOINTS[index].rest.map(|value| value * scale * lengths_cm[index] + 0.0)
}

fn write_offset(out: &mut impl Write, indent: &str, [x, y, z]: Vector) -> Result<(), FormatError> {
    writeln!(out, "{indent}OFFSET {x:.4} {y:.4} {z:.4}")?;
    Ok(())
}

#[cfg(test)]
mod tests;
