use super::*;
use crate::image::yuv::YuvColors;
use crate::movement::provenance::Provenance;
use crate::pose::skeleton::landmark;
use crate::scene::{SceneAngle, SceneCurve, SceneEvent, SceneMetric, ScenePoint, SceneRepetition};
use proptest::prelude::*;

const SIZE: [usize; 2] = [320, 240];
const LEFT_KNEE: [usize; 3] = [landmark::LEFT_HIP, landmark::LEFT_KNEE, landmark::LEFT_ANKLE];

fn person(person_id: u16, points: &[(usize, [f32; 2])]) -> ScenePerson {
    let mut person = ScenePerson { person_id, points: [None; 33], angles: Vec::new(), center_of_mass_px: None };
    for &(landmark, [x_px, y_px]) in points {
        person.points[landmark] = Some(ScenePoint { x_px, y_px, visibility: 1.0, provenance: Provenance::Measured });
    }
    person
}

fn frame(time_s: f64, people: Vec<ScenePerson>) -> SceneFrame {
    SceneFrame { frame_idx: 7, time_s, people }
}

fn drawn(painter: &mut Painter, frame: &SceneFrame) -> YuvImage {
    let mut image = YuvImage::new(SIZE, YuvColors::default());
    image.fill([128; 3]);
    painter.draw(frame, &mut image);
    image
}

fn painter(elements: &[Element], context: SceneContext) -> Painter {
    Painter::new(SIZE, Theme::default(), elements, context).unwrap()
}

fn context() -> SceneContext {
    SceneContext {
        names: vec![(0, "Anna".to_owned()), (1, "\u{1f600}".to_owned())],
        events: vec![SceneEvent { person_id: 0, kind: "landing".into(), side: "both".into(), time_s: 1.0 }],
        repetitions: vec![SceneRepetition {
            person_id: 0,
            repetition: 1,
            exercise: "squat".into(),
            times_s: [0.5, 1.0, 2.0],
        }],
        metrics: vec![SceneMetric {
            person_id: 0,
            label: "Cadence".into(),
            value: 171.0,
            half_width: Some(2.0),
            unit: "Hz".into(),
        }],
        curves: vec![SceneCurve {
            person_id: 0,
            label: "Knee left".into(),
            unit: "deg".into(),
            samples: vec![(0.0, 1.0), (1.0, f32::NAN), (2.0, 5.0)],
        }],
        is_panel_left: false,
        rate_hz: Some(25.0),
    }
}

/// A left thigh, upright, that ends at these rows.
fn thigh() -> ScenePerson {
    person(0, &[(landmark::LEFT_HIP, [160.0, 80.0]), (landmark::LEFT_KNEE, [160.0, 160.0])])
}

#[test]
fn a_picture_without_anything_to_draw_stays_as_it_is() {
    let blank = drawn(&mut painter(&[], context()), &frame(1.0, vec![thigh()]));
    let mut expected = YuvImage::new(SIZE, YuvColors::default());
    expected.fill([128; 3]);
    assert_eq!(blank, expected);
    let empty = drawn(
        &mut painter(&[Element::Skeleton, Element::Ids, Element::Panel], SceneContext::default()),
        &frame(1.0, vec![]),
    );
    assert_eq!(empty, expected);
}

#[test]
fn a_left_bone_has_the_left_color_where_it_lies() {
    let theme = Theme::from_toml("[opacities]\nskeleton = 1.0\n[sizes]\nbone = 0.03").unwrap();
    let left = theme.colors.left;
    let mut painter = Painter::new(SIZE, theme, &[Element::Skeleton], SceneContext::default()).unwrap();
    let expected = YuvColors::default().from_rgb([left.red, left.green, left.blue]);
    let at = |image: &YuvImage, x: usize, y: usize| {
        let chroma = y / 2 * (SIZE[0] / 2) + x / 2;
        [image.luma[y * SIZE[0] + x], image.cb[chroma], image.cr[chroma]]
    };
    let image = drawn(&mut painter, &frame(0.0, vec![thigh()]));
    let gray = at(&image, 20, 20);
    for (level, expected) in at(&image, 160, 120).into_iter().zip(expected) {
        assert!(level.abs_diff(expected) <= 2);
    }
    painter.set_placement(Placement { scale: 0.5, offset_px: [-20.0, 0.0] });
    let image = drawn(&mut painter, &frame(0.1, vec![thigh()]));
    assert!(at(&image, 60, 60)[0].abs_diff(expected[0]) <= 2);
    assert_eq!(at(&image, 160, 120), gray);
}

#[test]
fn people_can_be_switched_off() {
    let mut painter = painter(&[Element::Skeleton, Element::Ids, Element::Panel, Element::Events], context());
    let blank = drawn(&mut self::painter(&[], context()), &frame(1.1, vec![]));
    painter.set_people(Some(vec![5]));
    assert_eq!(drawn(&mut painter, &frame(1.1, vec![thigh()])), blank);
    painter.set_people(None);
    assert_ne!(drawn(&mut painter, &frame(1.1, vec![thigh()])), blank);
}

#[test]
fn trails_depend_on_the_frames_before_and_end_with_a_step_back() {
    let mut painter = painter(&[Element::Trails], SceneContext::default());
    let at = |time_s: f64, x: f32| frame(time_s, vec![person(0, &[(landmark::LEFT_WRIST, [x, 100.0])])]);
    let first = drawn(&mut painter, &at(1.0, 50.0));
    let second = drawn(&mut painter, &at(1.1, 150.0));
    assert_ne!(first, second);
    assert_eq!(drawn(&mut painter, &at(0.5, 50.0)), first);
}

#[test]
fn events_are_labelled_for_their_time_only() {
    let mut painter = painter(&[Element::Events], SceneContext { repetitions: Vec::new(), ..context() });
    let blank = drawn(&mut self::painter(&[], context()), &frame(0.0, vec![]));
    for (time_s, is_drawn) in [(0.99, false), (1.0, true), (1.3, true), (1.45, false)] {
        assert_eq!(drawn(&mut painter, &frame(time_s, vec![thigh()])) != blank, is_drawn, "{time_s}");
    }
}

#[test]
fn a_picture_without_pixels_is_refused() {
    let made = Painter::new([0, 240], Theme::default(), &Element::DEFAULT, SceneContext::default());
    assert!(matches!(made, Err(DrawError::Size { width: 0, height: 240 })));
}

fn any_point() -> impl Strategy<Value = Option<ScenePoint>> {
    let position = prop_oneof![8 => -500.0_f32..900.0, 1 => any::<f32>()];
    let provenance = prop::sample::select(vec![Provenance::Measured, Provenance::Interpolated, Provenance::Corrected]);
    let point = (position.clone(), position, 0.0_f32..=1.0, provenance)
        .prop_map(|(x_px, y_px, visibility, provenance)| ScenePoint { x_px, y_px, visibility, provenance });
    prop::option::weighted(0.8, point)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_scene_is_drawn_the_same_each_time_and_without_panic(
        points in prop::collection::vec(any_point(), 66), angles in prop::array::uniform2(any::<f32>()),
        time_s in -10.0_f64..1e6, scale in 0.01_f32..30.0, size in prop::sample::select(vec![[320, 240], [96, 190], [33, 7], [2, 2]]),
    ) {
        let people: Vec<ScenePerson> = points.chunks(33).zip([0, 1]).map(|(points, person_id)| ScenePerson {
            person_id,
            points: points.to_vec().try_into().unwrap(),
            angles: vec![
                SceneAngle { landmarks: LEFT_KNEE, angle_deg: angles[0] },
                SceneAngle { landmarks: [landmark::RIGHT_HIP, 99, landmark::RIGHT_ANKLE], angle_deg: angles[1] },
            ],
            center_of_mass_px: Some([scale * 10.0, f32::NAN]),
        }).collect();
        let images = [0, 1].map(|_| {
            let mut painter = Painter::new(size, Theme::default(), &Element::ALL, context()).unwrap();
            painter.set_placement(Placement { scale, offset_px: [0.0, 3.0] });
            let mut image = YuvImage::new(size, YuvColors::default());
            painter.draw(&frame(time_s - 0.1, people.clone()), &mut image);
            painter.draw(&frame(time_s, people.clone()), &mut image);
            image
        });
        prop_assert_eq!(&images[0], &images[1]);
    }
}
