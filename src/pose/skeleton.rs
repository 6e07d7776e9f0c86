//! The BlazePose skeleton: ids, names, connections and mirror pairs of its 33 landmarks, in one place; and the ids of
//! COCO's 17 keypoints, with the landmark of each.
//!
//! Source: MediaPipe `python/solutions/pose.py` (`PoseLandmark`) and `pose_connections.py` (`POSE_CONNECTIONS`). Left
//! and right are from the athlete's point of view.

/// Number of body landmarks.
pub const LANDMARK_COUNT: usize = 33;

/// The ids of the landmarks.
pub mod landmark {
    /// The nose.
    pub const NOSE: usize = 0;
    /// The inner corner of the left eye.
    pub const LEFT_EYE_INNER: usize = 1;
    /// The left eye.
    pub const LEFT_EYE: usize = 2;
    /// The outer corner of the left eye.
    pub const LEFT_EYE_OUTER: usize = 3;
    /// The inner corner of the right eye.
    pub const RIGHT_EYE_INNER: usize = 4;
    /// The right eye.
    pub const RIGHT_EYE: usize = 5;
    /// The outer corner of the right eye.
    pub const RIGHT_EYE_OUTER: usize = 6;
    /// The left ear.
    pub const LEFT_EAR: usize = 7;
    /// The right ear.
    pub const RIGHT_EAR: usize = 8;
    /// The left corner of the mouth.
    pub const MOUTH_LEFT: usize = 9;
    /// The right corner of the mouth.
    pub const MOUTH_RIGHT: usize = 10;
    /// The left shoulder.
    pub const LEFT_SHOULDER: usize = 11;
    /// The right shoulder.
    pub const RIGHT_SHOULDER: usize = 12;
    /// The left elbow.
    pub const LEFT_ELBOW: usize = 13;
    /// The right elbow.
    pub const RIGHT_ELBOW: usize = 14;
    /// The left wrist.
    pub const LEFT_WRIST: usize = 15;
    /// The right wrist.
    pub const RIGHT_WRIST: usize = 16;
    /// The left little finger's knuckle.
    pub const LEFT_PINKY: usize = 17;
    /// The right little finger's knuckle.
    pub const RIGHT_PINKY: usize = 18;
    /// The left index finger's knuckle.
    pub const LEFT_INDEX: usize = 19;
    /// The right index finger's knuckle.
    pub const RIGHT_INDEX: usize = 20;
    /// The left thumb's knuckle.
    pub const LEFT_THUMB: usize = 21;
    /// The right thumb's knuckle.
    pub const RIGHT_THUMB: usize = 22;
    /// The left hip.
    pub const LEFT_HIP: usize = 23;
    /// The right hip.
    pub const RIGHT_HIP: usize = 24;
    /// The left knee.
    pub const LEFT_KNEE: usize = 25;
    /// The right knee.
    pub const RIGHT_KNEE: usize = 26;
    /// The left ankle.
    pub const LEFT_ANKLE: usize = 27;
    /// The right ankle.
    pub const RIGHT_ANKLE: usize = 28;
    /// The left heel.
    pub const LEFT_HEEL: usize = 29;
    /// The right heel.
    pub const RIGHT_HEEL: usize = 30;
    /// The tip of the left foot.
    pub const LEFT_FOOT_INDEX: usize = 31;
    /// The tip of the right foot.
    pub const RIGHT_FOOT_INDEX: usize = 32;

    /// Both shoulders: left, right.
    pub const SHOULDERS: [usize; 2] = [LEFT_SHOULDER, RIGHT_SHOULDER];
    /// Both hips: left, right.
    pub const HIPS: [usize; 2] = [LEFT_HIP, RIGHT_HIP];
    /// The joints of arms and legs: shoulders, elbows, wrists, hips, knees, ankles.
    pub const JOINTS: [usize; 12] = [
        LEFT_SHOULDER,
        RIGHT_SHOULDER,
        LEFT_ELBOW,
        RIGHT_ELBOW,
        LEFT_WRIST,
        RIGHT_WRIST,
        LEFT_HIP,
        RIGHT_HIP,
        LEFT_KNEE,
        RIGHT_KNEE,
        LEFT_ANKLE,
        RIGHT_ANKLE,
    ];
    /// All landmarks of the face.
    pub const FACE: std::ops::RangeInclusive<usize> = NOSE..=MOUTH_RIGHT;
}

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
    (landmark::NOSE, landmark::LEFT_EYE_INNER),
    (landmark::LEFT_EYE_INNER, landmark::LEFT_EYE),
    (landmark::LEFT_EYE, landmark::LEFT_EYE_OUTER),
    (landmark::LEFT_EYE_OUTER, landmark::LEFT_EAR),
    (landmark::NOSE, landmark::RIGHT_EYE_INNER),
    (landmark::RIGHT_EYE_INNER, landmark::RIGHT_EYE),
    (landmark::RIGHT_EYE, landmark::RIGHT_EYE_OUTER),
    (landmark::RIGHT_EYE_OUTER, landmark::RIGHT_EAR),
    (landmark::MOUTH_LEFT, landmark::MOUTH_RIGHT),
    (landmark::LEFT_SHOULDER, landmark::RIGHT_SHOULDER),
    (landmark::LEFT_SHOULDER, landmark::LEFT_HIP),
    (landmark::RIGHT_SHOULDER, landmark::RIGHT_HIP),
    (landmark::LEFT_HIP, landmark::RIGHT_HIP),
    (landmark::LEFT_SHOULDER, landmark::LEFT_ELBOW),
    (landmark::LEFT_ELBOW, landmark::LEFT_WRIST),
    (landmark::LEFT_WRIST, landmark::LEFT_PINKY),
    (landmark::LEFT_WRIST, landmark::LEFT_INDEX),
    (landmark::LEFT_WRIST, landmark::LEFT_THUMB),
    (landmark::LEFT_PINKY, landmark::LEFT_INDEX),
    (landmark::RIGHT_SHOULDER, landmark::RIGHT_ELBOW),
    (landmark::RIGHT_ELBOW, landmark::RIGHT_WRIST),
    (landmark::RIGHT_WRIST, landmark::RIGHT_PINKY),
    (landmark::RIGHT_WRIST, landmark::RIGHT_INDEX),
    (landmark::RIGHT_WRIST, landmark::RIGHT_THUMB),
    (landmark::RIGHT_PINKY, landmark::RIGHT_INDEX),
    (landmark::LEFT_HIP, landmark::LEFT_KNEE),
    (landmark::LEFT_KNEE, landmark::LEFT_ANKLE),
    (landmark::LEFT_ANKLE, landmark::LEFT_HEEL),
    (landmark::LEFT_HEEL, landmark::LEFT_FOOT_INDEX),
    (landmark::LEFT_ANKLE, landmark::LEFT_FOOT_INDEX),
    (landmark::RIGHT_HIP, landmark::RIGHT_KNEE),
    (landmark::RIGHT_KNEE, landmark::RIGHT_ANKLE),
    (landmark::RIGHT_ANKLE, landmark::RIGHT_HEEL),
    (landmark::RIGHT_HEEL, landmark::RIGHT_FOOT_INDEX),
    (landmark::RIGHT_ANKLE, landmark::RIGHT_FOOT_INDEX),
];

/// The mirrored counterpart of every landmark; the nose is its own counterpart.
pub const MIRROR: [usize; LANDMARK_COUNT] = [
    0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23, 26, 25, 28, 27, 30, 29,
    32, 31,
];

/// Number of COCO's keypoints.
pub const KEYPOINT_COUNT: usize = 17;

/// The landmark of each of COCO's keypoints, by the keypoint's id.
pub const COCO_LANDMARKS: [usize; KEYPOINT_COUNT] = [
    landmark::NOSE,
    landmark::LEFT_EYE,
    landmark::RIGHT_EYE,
    landmark::LEFT_EAR,
    landmark::RIGHT_EAR,
    landmark::LEFT_SHOULDER,
    landmark::RIGHT_SHOULDER,
    landmark::LEFT_ELBOW,
    landmark::RIGHT_ELBOW,
    landmark::LEFT_WRIST,
    landmark::RIGHT_WRIST,
    landmark::LEFT_HIP,
    landmark::RIGHT_HIP,
    landmark::LEFT_KNEE,
    landmark::RIGHT_KNEE,
    landmark::LEFT_ANKLE,
    landmark::RIGHT_ANKLE,
];

/// The ids of COCO's keypoints, counted from 0.
pub mod keypoint {
    /// The nose.
    pub const NOSE: usize = 0;
    /// The left eye.
    pub const LEFT_EYE: usize = 1;
    /// The right eye.
    pub const RIGHT_EYE: usize = 2;
    /// The left ear.
    pub const LEFT_EAR: usize = 3;
    /// The right ear.
    pub const RIGHT_EAR: usize = 4;
    /// The left shoulder.
    pub const LEFT_SHOULDER: usize = 5;
    /// The right shoulder.
    pub const RIGHT_SHOULDER: usize = 6;
    /// The left elbow.
    pub const LEFT_ELBOW: usize = 7;
    /// The right elbow.
    pub const RIGHT_ELBOW: usize = 8;
    /// The left wrist.
    pub const LEFT_WRIST: usize = 9;
    /// The right wrist.
    pub const RIGHT_WRIST: usize = 10;
    /// The left hip.
    pub const LEFT_HIP: usize = 11;
    /// The right hip.
    pub const RIGHT_HIP: usize = 12;
    /// The left knee.
    pub const LEFT_KNEE: usize = 13;
    /// The right knee.
    pub const RIGHT_KNEE: usize = 14;
    /// The left ankle.
    pub const LEFT_ANKLE: usize = 15;
    /// The right ankle.
    pub const RIGHT_ANKLE: usize = 16;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Constants of a module with their names.
    macro_rules! named {
        ($module:ident: $($id:ident)*) => {
            [$((stringify!($id).to_lowercase(), $module::$id)),*]
        };
    }

    #[test]
    fn ids_count_the_names() {
        let ids = named!(landmark:
            NOSE LEFT_EYE_INNER LEFT_EYE LEFT_EYE_OUTER RIGHT_EYE_INNER RIGHT_EYE RIGHT_EYE_OUTER LEFT_EAR
            RIGHT_EAR MOUTH_LEFT MOUTH_RIGHT LEFT_SHOULDER RIGHT_SHOULDER LEFT_ELBOW RIGHT_ELBOW LEFT_WRIST
            RIGHT_WRIST LEFT_PINKY RIGHT_PINKY LEFT_INDEX RIGHT_INDEX LEFT_THUMB RIGHT_THUMB LEFT_HIP
            RIGHT_HIP LEFT_KNEE RIGHT_KNEE LEFT_ANKLE RIGHT_ANKLE LEFT_HEEL RIGHT_HEEL LEFT_FOOT_INDEX
            RIGHT_FOOT_INDEX
        );
        assert_eq!(ids.len(), LANDMARK_COUNT);
        for (index, (name, id)) in ids.into_iter().enumerate() {
            assert_eq!((id, LANDMARK_NAMES[id]), (index, name.as_str()));
        }
    }

    #[test]
    fn keypoints_have_the_names_of_their_landmarks() {
        let ids = named!(keypoint:
            NOSE LEFT_EYE RIGHT_EYE LEFT_EAR RIGHT_EAR LEFT_SHOULDER RIGHT_SHOULDER LEFT_ELBOW RIGHT_ELBOW
            LEFT_WRIST RIGHT_WRIST LEFT_HIP RIGHT_HIP LEFT_KNEE RIGHT_KNEE LEFT_ANKLE RIGHT_ANKLE
        );
        assert_eq!(ids.len(), KEYPOINT_COUNT);
        for (index, (name, id)) in ids.into_iter().enumerate() {
            assert_eq!((id, LANDMARK_NAMES[COCO_LANDMARKS[id]]), (index, name.as_str()));
        }
    }

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
