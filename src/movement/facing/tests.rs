use super::*;
use crate::pose::skeleton::{LANDMARK_COUNT, MIRROR, landmark};
use proptest::prelude::*;
use std::ops::Range;

const RATE_HZ: f64 = 30.0;

/// A place of the body: to its right side, up, forward; meters.
type Place = [f64; 3];

/// A body with bent knees and elbows that stands upright, in meters.
fn body() -> [Place; LANDMARK_COUNT] {
    let mut places = [[0.0; 3]; LANDMARK_COUNT];
    let mut set = |right: usize, [aside, up, forward]: Place| {
        places[right] = [aside, up, forward];
        places[MIRROR[right]] = [-aside, up, forward];
    };
    set(landmark::RIGHT_EAR, [0.08, 0.65, 0.0]);
    set(landmark::RIGHT_SHOULDER, [0.2, 0.5, 0.0]);
    set(landmark::RIGHT_ELBOW, [0.2, 0.2, -0.05]);
    set(landmark::RIGHT_WRIST, [0.2, 0.1, 0.15]);
    set(landmark::RIGHT_HIP, [0.15, 0.0, 0.0]);
    set(landmark::RIGHT_KNEE, [0.15, -0.4, 0.1]);
    set(landmark::RIGHT_ANKLE, [0.15, -0.8, 0.0]);
    set(landmark::RIGHT_HEEL, [0.15, -0.85, -0.05]);
    set(landmark::RIGHT_FOOT_INDEX, [0.15, -0.85, 0.2]);
    places[landmark::NOSE] = [0.0, 0.65, 0.12];
    places
}

/// A view of the body in one frame.
#[derive(Debug, Clone, Copy, Default)]
struct View {
    /// The yaw about the axis of the trunk, degrees.
    yaw_deg: f64,
    /// How far the body is turned clockwise in the picture, degrees.
    roll_deg: f64,
    /// The place of the hips, pixels.
    x_px: f64,
}

/// The stretch in which a camera sees a body, at 30 frames a second and 200 pixels a meter.
fn filmed(places: &[Place; LANDMARK_COUNT], views: &[View]) -> Stretch {
    let n = views.len();
    let mut stretch = Stretch {
        frames: (0..n as u32).collect(),
        times_s: (0..n).map(|index| index as f64 / RATE_HZ).collect(),
        points: vec![std::array::from_fn(|_| vec![0.0; n]); LANDMARK_COUNT],
        visibility: vec![vec![1.0; n]; LANDMARK_COUNT],
        presence: vec![vec![1.0; n]; LANDMARK_COUNT],
    };
    for (index, view) in views.iter().enumerate() {
        let (sin, cos) = view.yaw_deg.to_radians().sin_cos();
        for (landmark, [aside, up, forward]) in places.iter().enumerate() {
            // From the front, the right side of the body is at the left of the picture, and its front is near.
            let upright = [forward * sin - aside * cos, -up, -aside * sin - forward * cos];
            let [x, y] = turned([upright[0], upright[1]], view.roll_deg);
            let values = [view.x_px + 200.0 * x, 200.0 * y, 200.0 * upright[2], x, y, upright[2]];
            for (channel, value) in values.into_iter().enumerate() {
                stretch.points[landmark][channel][index] = value;
            }
        }
    }
    stretch
}

/// Turns a direction in the picture clockwise.
fn turned([x, y]: [f64; 2], angle_deg: f64) -> [f64; 2] {
    let (sin, cos) = angle_deg.to_radians().sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

fn turning(yaws_deg: &[f64]) -> Stretch {
    filmed(&body(), &yaws_deg.iter().map(|&yaw_deg| View { yaw_deg, ..View::default() }).collect::<Vec<_>>())
}

fn sides(stretch: &Stretch) -> Vec<Facing> {
    facings(stretch).iter().map(|span| span.facing).collect()
}

fn names(yaws_deg: &[f64]) -> Vec<&'static str> {
    sides(&turning(yaws_deg)).into_iter().map(Facing::name).collect()
}

/// Changes the values of some channels in all frames.
fn changed(mut stretch: Stretch, channels: Range<usize>, change: impl Fn(f64) -> f64) -> Stretch {
    for series in &mut stretch.points {
        for value in series[channels.clone()].iter_mut().flatten() {
            *value = change(*value);
        }
    }
    stretch
}

/// Turns the picture, and the world with it.
fn with_camera_turned(mut stretch: Stretch, angle_deg: f64) -> Stretch {
    for series in &mut stretch.points {
        for x in [0, 3] {
            let (first, second) = series.split_at_mut(x + 1);
            for (along, down) in first[x].iter_mut().zip(&mut second[0]) {
                [*along, *down] = turned([*along, *down], angle_deg);
            }
        }
    }
    stretch
}

/// The stretch as a mirror shows it: left is right.
fn mirrored(stretch: Stretch) -> Stretch {
    let mut mirrored = changed(changed(stretch, 0..1, |x_px| -x_px), 3..4, |x_m| -x_m);
    mirrored.points = MIRROR.iter().map(|&other| mirrored.points[other].clone()).collect();
    mirrored
}

#[test]
fn each_quarter_has_its_name() {
    for (yaw_deg, name) in [(10.0, "front"), (80.0, "right"), (-100.0, "left"), (170.0, "back"), (-170.0, "back")] {
        assert_eq!(names(&[yaw_deg; 60]), [name]);
        let span = &facings(&turning(&[yaw_deg; 60]))[0];
        assert!((span.yaw_deg - yaw_deg).abs() < 1e-6, "{span:?}");
    }
}

#[test]
fn a_glance_aside_is_no_turn_and_a_turn_is_one() {
    let glance = [[90.0; 60].as_slice(), &[20.0; 8], &[90.0; 60]].concat();
    assert_eq!(names(&glance), ["right"]);
    let turn = [[90.0; 90].as_slice(), &[-90.0; 90]].concat();
    let spans = facings(&turning(&turn));
    assert_eq!(spans.iter().map(|span| span.facing).collect::<Vec<_>>(), [Facing::Right, Facing::Left]);
    assert!(spans[0].range[1].abs_diff(90) < 3, "{spans:?}");
}

#[test]
fn who_walks_to_the_left_turns_and_walks_to_the_right_has_two_facings() {
    for frames_of_turn in [1, 10, 20, 30] {
        let yaw_deg = |frame: usize| {
            -90.0 + 180.0 * (frame as f64 - 90.0).clamp(0.0, frames_of_turn as f64) / frames_of_turn as f64
        };
        let mut x_px = 0.0;
        let views: Vec<View> = (0..180 + frames_of_turn)
            .map(|frame| {
                x_px += 8.0 * yaw_deg(frame).to_radians().sin();
                View { yaw_deg: yaw_deg(frame), roll_deg: 0.0, x_px }
            })
            .collect();
        let spans = facings(&filmed(&body(), &views));
        assert_eq!(spans.iter().map(|span| span.facing).collect::<Vec<_>>(), [Facing::Left, Facing::Right]);
        assert!(spans[1].range[0].abs_diff(90 + frames_of_turn / 2) <= 10, "{frames_of_turn}: {spans:?}");
        assert!(spans[0].yaw_deg < -75.0 && spans[1].yaw_deg > 75.0, "{spans:?}");
    }
}

#[test]
fn the_picture_overrules_the_depth_in_side_views() {
    let wrong_depth = changed(turning(&[80.0; 60]), 5..6, |z_m| -z_m);
    let spans = facings(&wrong_depth);
    assert_eq!(spans[0].facing, Facing::Right);
    assert!((spans[0].yaw_deg - 80.0).abs() < 1e-6, "{spans:?}");
}

/// A toe touch: the trunk hangs down, so its front is to the left of the picture, with the feet to the right.
#[test]
fn a_trunk_that_hangs_down_does_not_turn_the_person() {
    let mut places = body();
    for (landmark, place) in places.iter_mut().enumerate().filter(|(landmark, _)| *landmark < landmark::LEFT_HIP) {
        let [up, forward] = turned([place[1], place[2]], 135.0);
        *place = [place[0], up, forward];
        assert!(landmark > landmark::RIGHT_SHOULDER || place[1] <= 0.0);
    }
    assert_eq!(sides(&filmed(&places, &[View { yaw_deg: 90.0, ..View::default() }; 60])), [Facing::Right]);
}

#[test]
fn a_somersault_does_not_turn_the_person() {
    let views: Vec<View> =
        (0..60).map(|frame| View { yaw_deg: 90.0, roll_deg: 6.0 * f64::from(frame), x_px: 0.0 }).collect();
    assert_eq!(sides(&filmed(&body(), &views)), [Facing::Right]);
}

#[test]
fn missing_landmarks_are_no_evidence() {
    let all_missing = changed(turning(&[90.0; 60]), 0..6, |_| f64::NAN);
    assert_eq!(facings(&all_missing).len(), 1);
    let mut no_legs = turning(&[90.0; 60]);
    for series in &mut no_legs.points[landmark::LEFT_KNEE..] {
        series.iter_mut().flatten().for_each(|value| *value = f64::NAN);
    }
    assert_eq!(sides(&no_legs), [Facing::Right]);
    assert!(facings(&Stretch { points: no_legs.points, ..Stretch::default() }).is_empty());
}

/// Yaws that turn now and then, and tremble.
fn yaws() -> impl Strategy<Value = Vec<f64>> {
    let side = (prop::sample::select(&[0.0, 90.0, 180.0, -90.0]), prop::collection::vec(-20.0..20.0f64, 40..80));
    prop::collection::vec(side, 1..5).prop_map(|sides| {
        sides.into_iter().flat_map(|(yaw_deg, noise)| noise.into_iter().map(move |noise| yaw_deg + noise)).collect()
    })
}

proptest! {
    #[test]
    fn the_whole_stretch_has_a_side_and_none_changes_at_the_borders(
        yaws_deg in prop::collection::vec(-180.0..180.0f64, 1..200)
    ) {
        let spans = facings(&turning(&yaws_deg));
        prop_assert_eq!(spans[0].range[0], 0);
        prop_assert_eq!(spans[spans.len() - 1].range[1], yaws_deg.len() - 1);
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].range[1] + 1, pair[1].range[0]);
            prop_assert!(pair[0].facing != pair[1].facing);
        }
    }

    #[test]
    fn a_turned_camera_sees_the_same_side(yaws_deg in yaws(), angle_deg in -180.0..180.0f64) {
        let stretch = turning(&yaws_deg);
        let (straight, turned) = (facings(&stretch), facings(&with_camera_turned(stretch, angle_deg)));
        prop_assert_eq!(straight.len(), turned.len());
        for (a, b) in straight.iter().zip(&turned) {
            prop_assert_eq!((a.range, a.facing), (b.range, b.facing));
            prop_assert!(turn_deg(a.yaw_deg, b.yaw_deg).abs() < 1e-6);
        }
    }

    #[test]
    fn a_mirror_exchanges_right_and_left_and_nothing_else(yaws_deg in yaws(), roll_deg in -180.0..180.0f64) {
        let views: Vec<View> = yaws_deg.iter().map(|&yaw_deg| View { yaw_deg, roll_deg, x_px: 0.0 }).collect();
        let stretch = filmed(&body(), &views);
        let (straight, mirrored) = (facings(&stretch), facings(&mirrored(stretch)));
        prop_assert_eq!(straight.len(), mirrored.len());
        for (a, b) in straight.iter().zip(&mirrored) {
            let exchanged = match a.facing {
                Facing::Right => Facing::Left,
                Facing::Left => Facing::Right,
                same => same,
            };
            prop_assert_eq!((a.range, exchanged), (b.range, b.facing));
            prop_assert!(turn_deg(-a.yaw_deg, b.yaw_deg).abs() < 1e-6);
        }
    }

    #[test]
    fn scale_and_place_do_not_matter(yaws_deg in yaws(), scale in 0.1..10.0f64, shift_px in -5000.0..5000.0f64) {
        let stretch = turning(&yaws_deg);
        let elsewhere = changed(stretch.clone(), 0..2, |value| scale * value + shift_px);
        prop_assert_eq!(facings(&stretch), facings(&elsewhere));
    }
}
