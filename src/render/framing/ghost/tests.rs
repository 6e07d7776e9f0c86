use super::*;
use crate::movement::provenance::Provenance;
use crate::pose::skeleton::landmark;
use crate::scene::ScenePoint;
use proptest::prelude::*;
use std::f64::consts::PI;

/// The parameters of a squat in the sagittal plane, facing right.
#[derive(Clone, Copy)]
struct Body {
    scale: f64,
    at: [f64; 2],
    /// The additional knee flexion at the lowest point, degrees.
    deeper_deg: f64,
}

const USUAL: Body = Body { scale: 1.0, at: [0.0, 0.0], deeper_deg: 0.0 };

/// Knee flexion, hip flexion and arm elevation at a share (0..=1) of the way down.
fn angles_at(body: Body, down: f64) -> [f64; 3] {
    [(100.0 + body.deeper_deg) * down, 95.0 * down, 80.0 * down]
}

/// Shank 40, thigh 40, trunk 50, upper arm 30, forearm 25; feet stay.
fn pose(body: Body, down: f64) -> Pose {
    let [knee_deg, hip_deg, arm_deg] = angles_at(body, down);
    // Directions from below upwards, from the vertical, forward positive.
    let shank_deg = 0.35 * knee_deg;
    let thigh_deg = shank_deg - knee_deg;
    let trunk_deg = thigh_deg + hip_deg;
    let toward = |[x, y]: [f64; 2], deg: f64, length: f64| {
        [x + length * deg.to_radians().sin(), y - length * deg.to_radians().cos()]
    };
    let mut points = [None; 33];
    let mut set = |id: usize, [x, y]: [f64; 2]| {
        let [x_px, y_px] = [0, 1].map(|axis| (body.at[axis] + body.scale * [x, y][axis]) as f32);
        points[id] = Some(ScenePoint { x_px, y_px, visibility: 1.0, provenance: Provenance::Measured });
    };
    for side in 0..2 {
        // The far side is a little up and ahead.
        let ankle = [4.0 * side as f64, -2.0 * side as f64];
        let knee = toward(ankle, shank_deg, 40.0);
        let hip = toward(knee, thigh_deg, 40.0);
        let shoulder = toward(hip, trunk_deg, 50.0);
        let elbow = toward(shoulder, trunk_deg + 180.0 - arm_deg, 30.0);
        let wrist = toward(elbow, trunk_deg + 180.0 - arm_deg, 25.0);
        let heel = [ankle[0] - 6.0, ankle[1] + 5.0];
        let toe = [ankle[0] + 16.0, ankle[1] + 6.0];
        for (id, point) in [
            (landmark::LEFT_ANKLE, ankle),
            (landmark::LEFT_KNEE, knee),
            (landmark::LEFT_HIP, hip),
            (landmark::LEFT_SHOULDER, shoulder),
            (landmark::LEFT_ELBOW, elbow),
            (landmark::LEFT_WRIST, wrist),
            (landmark::LEFT_HEEL, heel),
            (landmark::LEFT_FOOT_INDEX, toe),
            (landmark::LEFT_EAR, toward(shoulder, trunk_deg, 20.0)),
        ] {
            set(id + side, point);
        }
    }
    set(landmark::NOSE, toward([8.0, -150.0], 0.0, 0.0));
    points
}

/// A squat at `rate_hz` with a given depth over time.
fn squat(body: Body, rate_hz: f64, length_s: f64, down: impl Fn(f64) -> f64) -> GhostTrack {
    let times_s: Vec<f64> = (0..=(length_s * rate_hz).round() as usize).map(|index| index as f64 / rate_hz).collect();
    let poses = times_s.iter().map(|&time| pose(body, down(time))).collect();
    let curve = |joint: &str, side: &str, angle: usize| JointCurve {
        joint: joint.into(),
        side: side.into(),
        values_deg: times_s.iter().map(|&time| angles_at(body, down(time))[angle]).collect(),
    };
    let angles = vec![curve("knee", "left", 0), curve("knee", "right", 0), curve("hip", "left", 1)];
    GhostTrack { times_s, poses, angles }
}

fn down_and_up(share: f64) -> f64 {
    (1.0 - (2.0 * PI * share.clamp(0.0, 1.0)).cos()) / 2.0
}

fn settings(alignment: TimeAlignment) -> GhostSettings {
    GhostSettings { alignment, anchor: Anchor::Hips, is_mirrored: false }
}

/// Largest distance of a ghost from the athlete, in pixels of B.
fn largest_error(ghost: &Ghost, b: &GhostTrack) -> f64 {
    let frames = ghost.frames.iter().zip(&b.poses).filter_map(|(frame, pose)| Some((&frame.as_ref()?.points, pose)));
    let pairs = frames.flat_map(|(points, pose)| points.iter().zip(pose).filter_map(|(a, b)| Some(((*a)?, (*b)?))));
    pairs.map(|(a, b)| f64::from((a.x_px - b.x_px).hypot(a.y_px - b.y_px))).fold(0.0, f64::max)
}

fn largest_difference(ghost: &Ghost) -> f64 {
    ghost
        .differences
        .iter()
        .filter_map(|joint| joint.largest)
        .map(|largest| largest.difference_deg.abs())
        .fold(0.0, f64::max)
}

/// B is A at another place, 1.7 times as large, with a slow movement down and a fast one up. Events at beginning,
/// turning point and end make both coincide (except for the straight lines between frames).
#[test]
fn by_events_the_same_movement_coincides() {
    let a = squat(USUAL, 60.0, 2.0, |time| down_and_up(time / 2.0));
    let b_share = |time: f64| if time < 3.0 { time / 6.0 } else { 0.5 + (time - 3.0) / 2.0 };
    let b =
        squat(Body { scale: 1.7, at: [600.0, 400.0], deeper_deg: 0.0 }, 25.0, 4.0, |time| down_and_up(b_share(time)));
    let events = vec![(0.0, 0.0), (1.0, 3.0), (2.0, 4.0)];
    let ghost = ghost(&a, &b, &settings(TimeAlignment::Events(events))).unwrap();
    assert!((ghost.scale - 1.7).abs() < 0.002, "{}", ghost.scale);
    assert!(ghost.frames.iter().all(Option::is_some) && ghost.mean_distance.is_nan());
    assert!(largest_error(&ghost, &b) < 0.5, "{}", largest_error(&ghost, &b));
    assert!(largest_difference(&ghost) < 0.1, "{}", largest_difference(&ghost));
    assert_eq!(ghost.differences.len(), 3);
    assert!((ghost.frames[75].as_ref().unwrap().time_a_s - 1.0).abs() < 1e-9);
}

/// The same without events, at 25 frames per second: both coincide within pixels of a body of 290 pixels, and within a
/// few degrees if angles change at 150 degrees per second.
#[test]
fn by_warping_the_same_movement_coincides() {
    let a = squat(USUAL, 60.0, 2.0, |time| down_and_up(time / 2.0));
    let share = |time: f64| if time < 2.4 { time / 4.8 } else { 0.5 + (time - 2.4) / 3.2 };
    let b = squat(Body { scale: 1.7, at: [600.0, 400.0], deeper_deg: 0.0 }, 25.0, 4.0, |time| down_and_up(share(time)));
    for alignment in [TimeAlignment::Whole(0.3), TimeAlignment::Within] {
        let ghost = ghost(&a, &b, &settings(alignment)).unwrap();
        assert!((ghost.scale - 1.7).abs() < 0.01, "{}", ghost.scale);
        assert!(ghost.mean_distance < 0.02, "{}", ghost.mean_distance);
        assert!(largest_error(&ghost, &b) < 6.0, "{}", largest_error(&ghost, &b));
        assert!(largest_difference(&ghost) < 3.0, "{}", largest_difference(&ghost));
        assert!(
            ghost.differences.iter().all(|joint| joint.mean_absolute_deg < 0.7),
            "{:?}",
            ghost.differences[0].mean_absolute_deg
        );
    }
}

/// A squat of 2 s within 10 s of B, which begins with half a squat: the squat is found at half the speed, and there is
/// no ghost elsewhere.
#[test]
fn a_repetition_is_found_within() {
    let a = squat(USUAL, 30.0, 2.0, |time| down_and_up(time / 2.0));
    let b_down = |time: f64| 0.4 * down_and_up((time - 0.5) / 1.5) + down_and_up((time - 4.0) / 4.0);
    let b = squat(Body { scale: 0.6, at: [100.0, 200.0], deeper_deg: 0.0 }, 30.0, 10.0, b_down);
    let ghost = ghost(&a, &b, &settings(TimeAlignment::Within)).unwrap();
    let shown: Vec<f64> =
        b.times_s.iter().zip(&ghost.frames).filter(|pair| pair.1.is_some()).map(|pair| *pair.0).collect();
    let (first, last) = (shown[0], shown[shown.len() - 1]);
    // Standing looks alike for a while, so the ends are not sharp.
    assert!((3.0..4.7).contains(&first) && (7.3..9.0).contains(&last), "{first} {last}");
    assert!(largest_error(&ghost, &b) < 3.0, "{}", largest_error(&ghost, &b));
    assert!((ghost.frames[180].as_ref().unwrap().time_a_s - 1.0).abs() < 0.04);
}

/// From the front, thighs of a squat look short. A is the lower half of B's own squat, so its usual lengths differ from
/// B's. Still A is found in its true size and at the exact moments.
#[test]
fn foreshortening_does_not_mislead() {
    let mut b = squat(USUAL, 30.0, 6.0, |time| down_and_up((time - 2.0) / 3.0));
    for point in b.poses.iter_mut().flatten().flatten() {
        point.x_px *= 0.15;
    }
    let part = 75..=135;
    let a = GhostTrack {
        times_s: b.times_s[part.clone()].to_vec(),
        poses: b.poses[part.clone()].to_vec(),
        angles: Vec::new(),
    };
    let ghost = ghost(&a, &b, &settings(TimeAlignment::Within)).unwrap();
    assert!((ghost.scale - 1.0).abs() < 1e-3, "{}", ghost.scale);
    for (time, frame) in b.times_s.iter().zip(&ghost.frames).skip(80).take(50) {
        let off = frame.as_ref().unwrap().time_a_s - time;
        assert!(off.abs() < 0.05, "{off}");
    }
}

/// A bends the knees by 12 degrees more at the lowest point, in the middle of the movement.
#[test]
fn a_known_difference_is_reported() {
    let a = squat(Body { deeper_deg: 12.0, ..USUAL }, 50.0, 2.0, |time| down_and_up(time / 2.0));
    let b = squat(Body { scale: 2.0, ..USUAL }, 50.0, 2.0, |time| down_and_up(time / 2.0));
    let found = ghost(&a, &b, &settings(TimeAlignment::Events(vec![(0.5, 0.5)]))).unwrap();
    let [left, _, hip] = &found.differences[..] else { panic!("{:?}", found.differences) };
    let largest = left.largest.unwrap();
    assert_eq!((left.joint.as_str(), left.side.as_str()), ("knee", "left"));
    assert!(
        (largest.difference_deg - 12.0).abs() < 1e-6 && largest.index == 50 && largest.time_s == 1.0,
        "{largest:?}"
    );
    // The mean of (1 - cos) / 2 over 101 samples of a period, both ends included, is 50 / 101.
    assert!((left.mean_deg - 12.0 * 50.0 / 101.0).abs() < 1e-6 && left.mean_deg == left.mean_absolute_deg, "{left:?}");
    assert!(hip.mean_absolute_deg < 1e-9);
    let warped = ghost(&a, &b, &settings(TimeAlignment::Whole(0.2))).unwrap();
    let largest = warped.differences[0].largest.unwrap();
    assert!((largest.difference_deg - 12.0).abs() < 1.5 && (largest.time_s - 1.0).abs() < 0.2, "{largest:?}");
}

#[test]
fn the_anchor_stays_on_the_athlete() {
    let a = squat(Body { deeper_deg: 30.0, ..USUAL }, 50.0, 2.0, |time| down_and_up(time / 2.0));
    let b = squat(Body { at: [50.0, 80.0], ..USUAL }, 50.0, 2.0, |time| down_and_up(time / 2.0));
    let off = |anchor: Anchor, ids: [usize; 2]| {
        let settings = GhostSettings { anchor, ..settings(TimeAlignment::Events(vec![(0.0, 0.0)])) };
        let ghost = ghost(&a, &b, &settings).unwrap();
        let points = ghost.frames[50].as_ref().unwrap().points;
        ids.map(|id| points[id].unwrap().y_px - b.poses[50][id].unwrap().y_px)
    };
    assert!(off(Anchor::Hips, landmark::HIPS).iter().all(|off| off.abs() < 1e-3));
    assert!(
        off(Anchor::Feet, [landmark::LEFT_FOOT_INDEX, landmark::RIGHT_FOOT_INDEX]).iter().all(|off| off.abs() < 1e-3)
    );
    assert!(off(Anchor::Feet, landmark::HIPS).iter().all(|&off| off > 5.0), "the hips are lower");
}

/// An athlete who faces left shows the other side to the camera. The knee that bends more is then the other one.
#[test]
fn a_mirrored_attempt_coincides() {
    let mut b = squat(USUAL, 30.0, 2.0, |time| down_and_up(time / 2.0));
    b.angles[0].values_deg.iter_mut().for_each(|value| *value += 9.0);
    let a = b.mirrored();
    assert_eq!(
        (a.angles[0].side.as_str(), a.poses[3][landmark::RIGHT_HIP].unwrap().x_px),
        ("right", -b.poses[3][landmark::LEFT_HIP].unwrap().x_px)
    );
    let same = settings(TimeAlignment::Events(vec![(0.0, 0.0)]));
    let plain = ghost(&a, &b, &same).unwrap();
    assert!(largest_error(&plain, &b) > 30.0);
    assert_eq!(plain.differences[0].mean_deg.round(), -9.0);
    let turned = ghost(&a, &b, &GhostSettings { is_mirrored: true, ..same }).unwrap();
    assert!(largest_error(&turned, &b) < 1e-3 && largest_difference(&turned) == 0.0);
}

#[test]
fn missing_stays_missing() {
    let mut a = squat(USUAL, 10.0, 2.0, |time| down_and_up(time / 2.0));
    let mut b = squat(USUAL, 30.0, 3.0, |time| down_and_up(time / 2.0));
    a.poses[10][landmark::LEFT_WRIST] = None;
    a.poses[5][landmark::LEFT_HIP] = None;
    b.poses[40][landmark::LEFT_HIP] = None;
    b.poses[40][landmark::RIGHT_HIP] = None;
    b.poses[41][landmark::LEFT_HIP] = None;
    a.angles[0].values_deg[10] = f64::NAN;
    b.angles[0].values_deg[0] = f64::NAN;
    let found = ghost(&a, &b, &settings(TimeAlignment::Events(vec![(0.0, 0.0)]))).unwrap();
    let has = |frame: usize, id: usize| found.frames[frame].as_ref().map(|frame| frame.points[id].is_some());
    // Wrists between 0.9 s and 1.1 s; nobody's hips at frame 40; A is over after 2 s.
    assert_eq!(
        [27, 28, 30, 32, 33].map(|frame| has(frame, landmark::LEFT_WRIST)),
        [true, false, false, false, true].map(Some)
    );
    assert_eq!([40, 41, 60, 61].map(|frame| has(frame, landmark::RIGHT_HIP)), [None, Some(true), Some(true), None]);
    assert_eq!(has(15, landmark::LEFT_HIP), Some(false));
    assert_eq!(has(30, landmark::LEFT_THUMB), Some(false), "thumbs were never there");
    let knee = &found.differences[0];
    assert_eq!(
        [0, 1, 28, 30, 33, 61].map(|frame| knee.values_deg[frame].is_nan()),
        [true, false, true, true, false, true]
    );
    assert!(knee.mean_absolute_deg < 1.0 && found.differences[1].largest.is_some());
    // Gaps of up to half a second are bridged.
    a.times_s.iter_mut().skip(10).for_each(|time| *time += 0.6);
    let cut = ghost(&a, &b, &settings(TimeAlignment::Events(vec![(0.0, 0.0)]))).unwrap();
    assert!(
        cut.frames[27].is_some() && cut.frames[28].is_none() && cut.frames[47].is_none() && cut.frames[48].is_some()
    );
}

#[test]
fn angles_differ_by_the_short_way_around() {
    let mut a = squat(USUAL, 10.0, 2.0, |_| 0.0);
    let mut b = a.clone();
    a.angles[0].values_deg.fill(175.0);
    a.angles[0].values_deg[11] = -175.0;
    b.angles[0].values_deg.fill(-176.0);
    b.times_s.iter_mut().for_each(|time| *time += 0.05);
    let ghost = ghost(&a, &b, &settings(TimeAlignment::Events(vec![(0.0, 0.0)]))).unwrap();
    let values = &ghost.differences[0].values_deg;
    assert!((values[9] + 9.0).abs() < 1e-9 && (values[10] + 4.0).abs() < 1e-9, "{values:?}");
}

#[test]
fn bad_input_is_told() {
    let good = squat(USUAL, 10.0, 2.0, |time| down_and_up(time / 2.0));
    let events =
        |pairs: &[(f64, f64)]| ghost(&good, &good, &settings(TimeAlignment::Events(pairs.to_vec()))).map(|_| ());
    assert_eq!(events(&[]), Err(GhostError::Events));
    assert_eq!(events(&[(0.0, 0.0), (1.0, 0.0)]), Err(GhostError::Events));
    assert_eq!(events(&[(1.0, 0.0), (0.5, 1.0)]), Err(GhostError::Events));
    assert_eq!(events(&[(f64::NAN, 0.0)]), Err(GhostError::Events));
    assert_eq!(events(&[(50.0, 0.0)]), Err(GhostError::NothingInCommon), "no moment in common");
    let within = |a: &GhostTrack, b: &GhostTrack| ghost(a, b, &settings(TimeAlignment::Within)).map(|_| ());
    let short = squat(USUAL, 10.0, 0.5, |_| 0.0);
    assert!(matches!(within(&good, &short), Err(GhostError::Warping(WarpingError::TooShort { .. }))));
    let mut unseen = good.clone();
    unseen.poses.fill([None; 33]);
    assert_eq!(within(&unseen, &good), Err(GhostError::NothingInCommon));
    assert_eq!(within(&good, &GhostTrack::default()), Err(GhostError::NothingInCommon));
    let mut uneven = good.clone();
    uneven.poses.pop();
    assert_eq!(within(&good, &uneven), Err(GhostError::Lengths { what: "the list of poses", n_frames: 21, found: 20 }));
    let mut back = good.clone();
    back.times_s[3] = 0.1;
    assert_eq!(within(&back, &good), Err(GhostError::Times(3)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The position and size of A do not change its ghost.
    #[test]
    fn the_ghost_does_not_depend_on_the_place_of_a(scale in 0.3f64..3.0, x in -500f64..500.0, y in -500f64..500.0, feet: bool) {
        let down = |time: f64| down_and_up(time / 2.0);
        let b = squat(Body { scale: 1.3, at: [300.0, 300.0], deeper_deg: -10.0 }, 20.0, 2.0, down);
        let settings = GhostSettings {
            anchor: if feet { Anchor::Feet } else { Anchor::Hips },
            ..settings(TimeAlignment::Events(vec![(0.2, 0.1), (1.0, 1.2)]))
        };
        let here = ghost(&squat(USUAL, 30.0, 2.0, down), &b, &settings).unwrap();
        let there = ghost(&squat(Body { scale, at: [x, y], deeper_deg: 0.0 }, 30.0, 2.0, down), &b, &settings).unwrap();
        prop_assert!((here.scale / there.scale / scale - 1.0).abs() < 1e-4);
        for (here, there) in here.frames.iter().zip(&there.frames) {
            prop_assert_eq!(here.is_some(), there.is_some());
            let (Some(here), Some(there)) = (here, there) else { continue };
            prop_assert_eq!(here.time_a_s, there.time_a_s);
            for (here, there) in here.points.iter().zip(&there.points) {
                let off = here.zip(*there).map_or(0.0, |(a, b)| (a.x_px - b.x_px).hypot(a.y_px - b.y_px));
                prop_assert!(off < 0.05, "{off}");
            }
        }
    }

    /// A's time never runs backward, for any two movements.
    #[test]
    fn time_never_runs_backward(a in prop::collection::vec(0f64..1.0, 4..20), b in prop::collection::vec(0f64..1.0, 12..30), is_within: bool) {
        let track = |depths: &[f64]| squat(USUAL, 10.0, (depths.len() - 1) as f64 / 10.0, |time| depths[(time * 10.0).round() as usize]);
        let alignment = if is_within { TimeAlignment::Within } else { TimeAlignment::Whole(0.5) };
        let found = ghost(&track(&a), &track(&b), &settings(alignment)).unwrap();
        let times: Vec<f64> = found.frames.iter().flatten().map(|frame| frame.time_a_s).collect();
        prop_assert!(!times.is_empty() && times.windows(2).all(|pair| pair[1] >= pair[0] - 1e-9));
        prop_assert!(times[0] >= 0.0 && times[times.len() - 1] <= (a.len() - 1) as f64 / 10.0 + 1e-9);
    }
}
