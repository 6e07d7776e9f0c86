use super::*;
use crate::movement::test_support::Noise;
use crate::pose::skeleton::LANDMARK_COUNT;

/// The speed of the body at its fastest, px/s: 100 px to and fro in a second.
const PEAK_PX_S: f64 = 200.0 * std::f64::consts::PI;

fn place(time_s: f64) -> f64 {
    100.0 * (2.0 * std::f64::consts::PI * time_s).sin()
}

/// A body that sways, in pictures taken at `picture_hz` and stored in frames at `frame_hz`.
fn film(frame_hz: f64, picture_hz: f64, n: u32) -> Stretch {
    let mut noise = Noise::new(3);
    let pictures: Vec<f64> = (0..n)
        .map(|frame| (f64::from(frame) / frame_hz * picture_hz + 1e-6).floor())
        .map(|picture| place(picture / picture_hz))
        .collect();
    let channel =
        |noise: &mut Noise| -> Vec<f64> { pictures.iter().map(|value| value + 0.01 * noise.normal()).collect() };
    Stretch {
        frames: (0..n).collect(),
        times_s: (0..n).map(|frame| f64::from(frame) / frame_hz).collect(),
        points: (0..LANDMARK_COUNT).map(|_| std::array::from_fn(|_| channel(&mut noise))).collect(),
        visibility: vec![vec![0.9; n as usize]; LANDMARK_COUNT],
        presence: vec![vec![0.8; n as usize]; LANDMARK_COUNT],
    }
}

/// The frames that show the picture of the frame before.
fn repeats(frame_hz: f64, picture_hz: f64, n: u32, period: u32) -> Repeats {
    let picture = |frame: u32| (f64::from(frame) / frame_hz * picture_hz + 1e-6).floor();
    Repeats { frames: (1..n).filter(|&frame| picture(frame) == picture(frame - 1)).collect(), period }
}

fn settings(filter: &str) -> (CleanSettings, Filter) {
    let settings = CleanSettings { filter: filter.to_owned(), repair_swaps: false, ..CleanSettings::default() };
    let filter = settings.filter().unwrap();
    (settings, filter)
}

/// The highest speed between the frames before and after a frame, px/s.
fn peak_px_s(clean: &CleanStretch) -> f64 {
    let (times_s, values) = (&clean.stretch.times_s, &clean.stretch.points[5][0]);
    let n = values.len();
    (10..n - 10)
        .map(|index| ((values[index + 1] - values[index - 1]) / (times_s[index + 1] - times_s[index - 1])).abs())
        .fold(0.0, f64::max)
}

#[test]
fn speeds_are_those_of_the_body() {
    for (frame_hz, picture_hz, period) in [(30.0, 25.0, 6), (60.0, 30.0, 2), (30.0, 24.0, 5)] {
        let raw = film(frame_hz, picture_hz, 150);
        let repeats = repeats(frame_hz, picture_hz, 150, period);
        for name in ["butterworth", "none"] {
            let (settings, filter) = settings(name);
            let clean = clean_apart(raw.clone(), &repeats, 300.0, &settings, &filter);
            let peak = peak_px_s(&clean);
            assert!((peak / PEAK_PX_S - 1.0).abs() < 0.05, "{name} {frame_hz} {picture_hz}: {peak} for {PEAK_PX_S}");
        }
    }
}

#[test]
fn repeated_frames_are_interpolated_and_others_measured() {
    let (settings, filter) = settings("butterworth");
    let repeats = repeats(30.0, 25.0, 122, 6);
    let clean = clean_apart(film(30.0, 25.0, 122), &repeats, 300.0, &settings, &filter);
    assert_eq!(clean.stretch.frames, (0..122).collect::<Vec<u32>>());
    for (index, &origin) in clean.provenance[7].iter().enumerate() {
        // The last frame has no picture after it, and nothing is extrapolated.
        let expected = match (index, repeats.frames.contains(&(index as u32))) {
            (121, _) => Provenance::Missing,
            (_, true) => Provenance::Interpolated,
            _ => Provenance::Measured,
        };
        assert_eq!(origin, expected, "{index}");
        assert_eq!(clean.stretch.at(7, 0, index).is_nan(), index == 121);
    }
    assert_eq!((clean.noise[7].n_frames, clean.noise[7].n_interpolated), (122, 20));
    assert_eq!((clean.stretch.visibility[7][7], clean.stretch.presence[7][7]), (0.9, 0.8), "the network saw it");
}

#[test]
fn without_repeats_nothing_changes() {
    let (settings, filter) = settings("butterworth");
    let raw = film(30.0, 30.0, 90);
    let usual = clean(raw.clone(), 300.0, &settings, &filter);
    assert_eq!(clean_apart(raw, &Repeats::default(), 300.0, &settings, &filter), usual);
}

#[test]
fn pictures_are_set_apart_evenly() {
    let times_s: Vec<f64> = (0..48).map(|frame| f64::from(frame) / 30.0).collect();
    let pictures: Vec<usize> = (0..48).filter(|index| index % 6 != 3).collect();
    let taken_s = taken_s(&times_s, &pictures, 6);
    assert!(taken_s.windows(2).all(|pair| (pair[1] - pair[0] - 1.0 / 25.0).abs() < 1e-9), "{taken_s:?}");
    let shift = taken_s.iter().zip(&pictures).map(|(taken_s, &index)| (taken_s - times_s[index]).abs());
    assert!(shift.fold(0.0, f64::max) < 0.5 / 30.0);
    // Every second frame: as they are.
    let pictures: Vec<usize> = (0..48).step_by(2).collect();
    let shown_s: Vec<f64> = pictures.iter().map(|&index| times_s[index]).collect();
    let taken_s = super::taken_s(&times_s, &pictures, 2);
    assert!(taken_s.iter().zip(&shown_s).all(|(a, b)| (a - b).abs() < 1e-9), "{taken_s:?}");
}

/// A camera that drops a picture shows the one before in its place; the others are where they belong.
#[test]
fn single_repeats_leave_the_times_of_the_others() {
    let (settings, filter) = settings("none");
    let mut raw = film(60.0, 60.0, 150);
    for series in &mut raw.points {
        for channel in series {
            channel[70] = channel[69];
        }
    }
    let repeats = Repeats { frames: [70].into(), period: 0 };
    let clean = clean_apart(raw.clone(), &repeats, 300.0, &settings, &filter);
    let values = &clean.stretch.points[5][0];
    assert!((0..150).filter(|&index| index != 70).all(|index| (values[index] - raw.points[5][0][index]).abs() < 1e-9));
    assert!((values[70] - place(70.0 / 60.0)).abs() < 0.2, "{} for {}", values[70], place(70.0 / 60.0));
    assert_eq!(clean.provenance[5][70], Provenance::Interpolated);
}
