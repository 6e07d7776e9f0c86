//! The BlazePose skeleton: names, connections and mirror pairs of its 33 landmarks, in one place.
//!
//! Source: MediaPipe `python/solutions/pose.py` (`PoseLandmark`) and `pose_connections.py` (`POSE_CONNECTIONS`). Left
//! and right are from the athlete's point of view.

/// Number of body landmarks.
pub const LANDMARK_COUNT: usize = 33;

/// Landmark names by id: MediaPipe's, in lower case.
pub const LANDMARK_NAMES: [&str; LANDMARK_COUNT] = [
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
];

/// The 35 bones, as pairs of landmark ids.
pub const CONNECTIONS: [(usize, usize); 35] = [
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 7),
    (0, 4),
    (4, 5),
    (5, 6),
    (6, 8),
    (9, 10),
    (11, 12),
    (11, 23),
    (12, 24),
    (23, 24),
    (11, 13),
    (13, 15),
    (15, 17),
    (15, 19),
    (15, 21),
    (17, 19),
    (12, 14),
    (14, 16),
    (16, 18),
    (16, 20),
    (16, 22),
    (18, 20),
    (23, 25),
    (25, 27),
    (27, 29),
    (29, 31),
    (27, 31),
    (24, 26),
    (26, 28),
    (28, 30),
    (30, 32),
    (28, 32),
];

/// The mirrored counterpart of every landmark; the nose is its own counterpart.
pub const MIRROR: [usize; LANDMARK_COUNT] = [
    0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23, 26, 25, 28, 27, 30, 29,
    32, 31,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn mirror_is_an_involution_that_exchanges_left_and_right() {
        for (id, &mirrored) in MIRROR.iter().enumerate() {
            assert_eq!(MIRROR[mirrored], id);
            let exchanged = if LANDMARK_NAMES[id].contains("left") {
                LANDMARK_NAMES[id].replace("left", "right")
            } else {
                LANDMARK_NAMES[id].replace("right", "left")
            };
            assert_eq!(LANDMARK_NAMES[mirrored], exchanged);
        }
    }

    #[test]
    fn the_mirror_of_a_bone_is_a_bone() {
        let unordered = |(a, b): (usize, usize)| (a.min(b), a.max(b));
        let bones: BTreeSet<_> = CONNECTIONS.iter().copied().map(unordered).collect();
        assert_eq!(bones.len(), 35, "a bone is listed twice");
        for &(a, b) in &CONNECTIONS {
            assert!(bones.contains(&unordered((MIRROR[a], MIRROR[b]))), "{a}-{b} has no mirror");
        }
    }

    #[test]
    fn names_are_unique() {
        assert_eq!(LANDMARK_NAMES.iter().collect::<BTreeSet<_>>().len(), LANDMARK_COUNT);
    }
}
