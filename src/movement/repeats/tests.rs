use super::*;
use crate::movement::test_support::Noise;
use crate::pose::skeleton::LANDMARK_COUNT;
use proptest::prelude::*;

/// A body of 33 points, 300 px high, at a time.
type Body<'a> = &'a dyn Fn(f64) -> PerLandmark<[f64; 2]>;

/// Walks at 60 px/s; arms and legs swing once a second.
fn walker(time_s: f64) -> PerLandmark<[f64; 2]> {
    std::array::from_fn(|landmark| {
        let phase = 2.0 * std::f64::consts::PI * (time_s + landmark as f64 / LANDMARK_COUNT as f64);
        [60.0 * time_s + 30.0 * phase.sin(), 10.0 * landmark as f64 + 4.0 * (2.0 * phase).cos()]
    })
}

fn standing(_: f64) -> PerLandmark<[f64; 2]> {
    std::array::from_fn(|landmark| [20.0 * (landmark % 3) as f64, 10.0 * landmark as f64])
}

/// Bends the knees and stretches them, twice a second: all points go up and down.
fn bouncer(time_s: f64) -> PerLandmark<[f64; 2]> {
    let sink = 40.0 * (4.0 * std::f64::consts::PI * time_s).cos();
    standing(0.0).map(|[x, y]| [x, y + sink])
}

/// The poses of a body whose pictures are taken at `picture_hz` and stored in `frames` at `frame_hz`. The network's
/// landmarks tremble by `noise_px`, a fifth of it anew in a repeated picture.
fn film(
    body: Body,
    frame_hz: f64,
    picture_hz: f64,
    n_frames: u32,
    noise_px: f64,
) -> BTreeMap<u32, PerLandmark<[f64; 2]>> {
    let mut noise = Noise::new(7);
    let mut last = (i64::MIN, standing(0.0));
    (0..n_frames)
        .map(|frame| {
            let picture = (f64::from(frame) / frame_hz * picture_hz + 1e-6).floor() as i64;
            if picture != last.0 {
                let points = body(picture as f64 / picture_hz);
                last = (picture, points.map(|point| point.map(|value| value + noise_px * noise.normal())));
            }
            (frame, last.1.map(|point| point.map(|value| value + 0.2 * noise_px * noise.normal())))
        })
        .collect()
}

fn found(people: &[BTreeMap<u32, PerLandmark<[f64; 2]>>]) -> Repeats {
    let mut search = RepeatSearch::default();
    for person in people {
        search.add(person.iter().map(|(&frame, &points)| (frame, points)));
    }
    search.find()
}

/// The frames whose picture is that of the frame before.
fn truth(frame_hz: f64, picture_hz: f64, n_frames: u32) -> BTreeSet<u32> {
    let picture = |frame: u32| (f64::from(frame) / frame_hz * picture_hz + 1e-6).floor();
    (1..n_frames).filter(|&frame| picture(frame) == picture(frame - 1)).collect()
}

#[test]
fn pictures_stored_at_a_higher_rate_are_found() {
    for (frame_hz, picture_hz, period) in
        [(30.0, 25.0, 6), (60.0, 30.0, 2), (60.0, 24.0, 5), (30.0, 24.0, 5), (60.0, 20.0, 3)]
    {
        let found = found(&[film(&walker, frame_hz, picture_hz, 150, 0.5)]);
        assert_eq!(found.period, period, "{frame_hz} {picture_hz}");
        let truth = truth(frame_hz, picture_hz, 150);
        let wrong: Vec<&u32> = found.frames.difference(&truth).filter(|&&frame| frame < 150).collect();
        assert!(wrong.is_empty(), "{frame_hz} {picture_hz}: {wrong:?}");
        let missed = truth.difference(&found.frames).count();
        assert!(missed <= 2, "{frame_hz} {picture_hz}: {missed} of {}", truth.len());
    }
}

#[test]
fn a_person_who_moves_tells_of_all() {
    let people = [film(&standing, 30.0, 25.0, 150, 0.5), film(&walker, 30.0, 25.0, 150, 0.5)];
    assert!(found(&people).frames.len() >= 23);
}

#[test]
fn there_are_none_in_a_video_without() {
    for body in [&walker as Body, &standing, &bouncer] {
        for rate_hz in [5.0, 10.0, 15.0, 25.0, 30.0, 60.0] {
            for noise_px in [0.0, 0.5, 2.0] {
                let found = found(&[film(body, rate_hz, rate_hz, 200, noise_px)]);
                assert_eq!(found, Repeats::default(), "{rate_hz} Hz, {noise_px} px");
            }
        }
    }
    assert_eq!(found(&[]), Repeats::default());
    assert_eq!(found(&[film(&standing, 30.0, 25.0, 200, 0.5)]), Repeats::default(), "who stands still says nothing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// The size in the picture and the side do not matter.
    #[test]
    fn scaled_and_mirrored_videos_have_the_same(scale in 0.1f64..8.0, noise_px in 0f64..1.0) {
        let person = film(&walker, 30.0, 25.0, 120, noise_px);
        let other = person.iter().map(|(&frame, points)| (frame, points.map(|[x, y]| [-scale * x, scale * y]))).collect();
        prop_assert_eq!(found(&[person]), found(&[other]));
    }
}

/// Times of frames at 60 a second.
fn times_s(n: u32) -> BTreeMap<u32, f64> {
    (0..n).map(|frame| (frame, f64::from(frame) / 60.0)).collect()
}

fn marked(n: u32, frames: impl IntoIterator<Item = u32>) -> Repeats {
    let mut search = RepeatSearch::default();
    search.add_pictures(&times_s(n), &frames.into_iter().collect());
    search.find()
}

#[test]
fn marks_tell_the_period_also_where_nobody_moves() {
    for (picture_hz, period) in [(50.0, 6), (30.0, 2), (24.0, 5), (20.0, 3), (15.0, 4)] {
        let truth = truth(60.0, picture_hz, 150);
        let found = marked(150, truth.iter().copied());
        assert_eq!(found.period, period, "{picture_hz}");
        assert!(
            truth.is_subset(&found.frames) && found.frames.iter().filter(|&&frame| frame < 150).count() <= truth.len()
        );
        // A codec may hide some of them.
        let known = truth.iter().copied().filter(|frame| frame % 20 != 3);
        assert!(truth.is_subset(&marked(150, known).frames), "{picture_hz}");
    }
}

#[test]
fn single_marks_count_without_a_period() {
    assert_eq!(marked(150, [20, 71, 72, 110]), Repeats { frames: [20, 71, 72, 110].into(), period: 0 });
}

/// A second in which nothing moves, and single marks around it.
#[test]
fn nothing_is_missing_while_the_picture_stands_still() {
    let found = marked(150, (40..100).chain([20, 120]));
    assert_eq!(found, Repeats { frames: [20, 120].into(), period: 0 });
    assert_eq!(marked(150, 40..52).frames.len(), 12, "0.2 s");
    assert_eq!(marked(150, 40..53).frames.len(), 0);
}

#[test]
fn marks_and_landmarks_speak_together() {
    let mut search = RepeatSearch::default();
    let film = film(&walker, 30.0, 25.0, 150, 0.5);
    search.add(film.iter().map(|(&frame, &points)| (frame, points)));
    let truth = truth(30.0, 25.0, 150);
    search.add_pictures(&times_s(150), &truth.iter().copied().filter(|frame| frame % 4 != 0).collect());
    let found = search.find();
    assert_eq!(found.period, 6);
    assert!(truth.is_subset(&found.frames));
    assert!(found.frames.iter().filter(|&&frame| frame < 150).count() <= truth.len() + 1);
}
