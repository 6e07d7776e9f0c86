use super::*;
use proptest::prelude::*;

const PICTURE: [usize; 2] = [1920, 1080];

fn around(x: f64, y: f64) -> Rectangle {
    Rectangle { x_px: x as f32 - 40.0, y_px: y as f32 - 100.0, width_px: 80.0, height_px: 200.0 }
}

fn settings() -> FollowSettings {
    FollowSettings::with_aspect(0.75)
}

fn even_times(count: usize, rate_hz: f64) -> Vec<f64> {
    (0..count).map(|index| index as f64 / rate_hz).collect()
}

fn center(crop: &Rectangle) -> [f32; 2] {
    [crop.x_px + crop.width_px / 2.0, crop.y_px + crop.height_px / 2.0]
}

fn centers(crops: &[Rectangle]) -> Vec<[f32; 2]> {
    crops.iter().map(center).collect()
}

/// A box of 80 x 200 with a margin of a fifth on each side: the crop is 280 high and 210 wide, around the box's middle.
#[test]
fn a_still_athlete_has_a_still_crop() {
    let times = even_times(300, 30.0);
    let crops = follow(&times, &vec![Some(around(500.0, 600.0)); 300], PICTURE, &settings()).unwrap();
    let expected = Rectangle { x_px: 395.0, y_px: 460.0, width_px: 210.0, height_px: 280.0 };
    assert!(crops.iter().all(|crop| *crop == expected), "{:?}", crops[0]);
}

/// Swaying by less than the dead zone (8 % of 210 and 280 pixels) moves the crop less than sways of the ends do.
#[test]
fn swaying_in_the_dead_zone_moves_nothing() {
    let times = even_times(300, 30.0);
    let boxes: Vec<_> = times
        .iter()
        .map(|time| Some(around(500.0 + 8.0 * (3.0 * time).sin(), 600.0 + 11.0 * (5.0 * time).cos())))
        .collect();
    let centers = centers(&follow(&times, &boxes, PICTURE, &settings()).unwrap());
    assert!(centers.iter().all(|center| *center == centers[0]), "{centers:?}");
}

/// From standing to walking, slowly or fast, and back: a calm start, no lag in the middle.
#[test]
fn it_starts_gently_and_does_not_lag() {
    for speed in [40.0, 200.0] {
        let times = even_times(600, 60.0);
        let x = |time: f64| 300.0 + speed * (time - 2.0).clamp(0.0, 6.0);
        let boxes: Vec<_> = times.iter().map(|&time| Some(around(x(time), 600.0))).collect();
        let centers = centers(&follow(&times, &boxes, PICTURE, &settings()).unwrap());
        // Half of the crop without its edges, minus half of the box.
        let inside_px = 0.94 * 105.0 - 40.0;
        for (&time, center) in times.iter().zip(&centers) {
            let off = f64::from(center[0]) - x(time);
            assert!(off.abs() < inside_px, "{time}: {off}");
            if (4.0..6.0).contains(&time) {
                assert!(off.abs() < 0.5, "{time}: {off}");
            }
        }
        let steps: Vec<f32> = centers.windows(2).map(|pair| pair[1][0] - pair[0][0]).collect();
        assert!(steps.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.3), "{steps:?}");
    }
}

/// Repeatedly for a sixth of a second, the box of another person or a box that is much too large.
#[test]
fn a_flickering_box_moves_nothing() {
    let times = even_times(300, 30.0);
    let boxes: Vec<_> = (0..300)
        .map(|index| match index % 50 {
            20..=24 => Some(around(1500.0, 300.0)),
            40 => Some(Rectangle::whole(PICTURE)),
            30..=33 => None,
            _ => Some(around(500.0, 600.0)),
        })
        .collect();
    let quantile = FollowSettings { size_quantile: 0.9, ..settings() };
    let crops = follow(&times, &boxes, PICTURE, &quantile).unwrap();
    assert!(crops.iter().all(|crop| center(crop) == [500.0, 600.0] && crop.height_px == 280.0));
}

/// The athlete is away for two seconds, back at another place, then away until the end.
#[test]
fn it_waits_for_an_athlete_who_left() {
    let times = even_times(300, 30.0);
    let boxes: Vec<_> = times
        .iter()
        .map(|&time| match time {
            ..3.0 => Some(around(400.0, 600.0)),
            5.0..7.0 => Some(around(1200.0, 600.0)),
            _ => None,
        })
        .collect();
    let centers = centers(&follow(&times, &boxes, PICTURE, &settings()).unwrap());
    let at = |time: f64| centers[(time * 30.0) as usize][0];
    assert!((at(1.0) - 400.0).abs() < 20.0 && (at(6.5) - 1200.0).abs() < 20.0 && at(9.9) == at(8.0));
    assert!((at(4.0) - 800.0).abs() < 40.0, "{}", at(4.0));
    assert!(centers.windows(2).all(|pair| pair[1][0] - pair[0][0] > -0.01), "it never turns back");
    assert!(centers.windows(2).all(|pair| pair[1][0] - pair[0][0] < 20.0), "it never jumps");
}

/// Arms raised for a second and a half make the box higher; the crop follows until they are in it.
#[test]
fn raised_arms_stay_in_the_crop() {
    let times = even_times(600, 50.0);
    let top = |time: f64| 500.0 - if (3.0..4.5).contains(&(time % 6.0)) { 120.0 } else { 0.0 };
    let boxes: Vec<_> = times
        .iter()
        .map(|&time| {
            Some(Rectangle {
                x_px: 460.0,
                y_px: top(time) as f32,
                width_px: 80.0,
                height_px: (700.0 - top(time)) as f32,
            })
        })
        .collect();
    let tight = FollowSettings { margin: 0.06, ..settings() };
    let crops = follow(&times, &boxes, PICTURE, &tight).unwrap();
    for (time, crop) in times.iter().zip(&crops) {
        assert!(f64::from(crop.y_px) < top(*time) && crop.y_px + crop.height_px > 700.0, "{time}: {crop:?}");
    }
}

#[test]
fn without_anybody_it_is_the_middle() {
    let crops = follow(&even_times(9, 30.0), &[None; 9], PICTURE, &settings()).unwrap();
    assert!(crops.iter().all(|&crop| crop == Rectangle { x_px: 555.0, y_px: 0.0, width_px: 810.0, height_px: 1080.0 }));
    assert_eq!(follow(&[], &[], PICTURE, &settings()), Ok(Vec::new()));
}

#[test]
fn bad_input_is_told() {
    let nobody = [None; 2];
    assert_eq!(follow(&[0.0], &nobody, PICTURE, &settings()), Err(FollowError::Lengths { n_times: 1, n_boxes: 2 }));
    assert_eq!(follow(&[1.0, 0.5], &nobody, PICTURE, &settings()), Err(FollowError::Times(1)));
    assert_eq!(follow(&[0.0, f64::NAN], &nobody, PICTURE, &settings()), Err(FollowError::Times(1)));
    let flat = FollowSettings::with_aspect(0.0);
    assert_eq!(follow(&[0.0, 1.0], &nobody, PICTURE, &flat), Err(FollowError::Aspect(0.0)));
}

proptest! {
    /// At any frame rate, even a varying one, an athlete of constant speed stays in the middle within the dead zone.
    #[test]
    fn constant_speed_stays_centered(
        steps in prop::collection::vec(0.001f64..0.3, 20..200), speed in -200f64..200.0, rate in 0.2f64..5.0,
    ) {
        let times: Vec<f64> = steps.iter().scan(0.0, |time, step| { *time += step * rate; Some(*time) }).collect();
        let end = times[times.len() - 1];
        let speed = speed / end;
        let boxes: Vec<_> = times.iter().map(|time| Some(around(960.0 + 4.0 * speed * time, 540.0))).collect();
        let centers = centers(&follow(&times, &boxes, PICTURE, &settings()).unwrap());
        for (time, center) in times.iter().zip(&centers) {
            let off = f64::from(center[0]) - (960.0 + 4.0 * speed * time);
            // The crop moves ahead of a fast athlete, but the athlete stays in it. The medians of the bins are also off
            // by half a bin.
            let inside_px = 0.94 * 105.0 - 40.0;
            let ahead_px = (0.5 * 4.0 * speed.abs() - inside_px).min(inside_px);
            prop_assert!(off.abs() < ahead_px.max(0.08 * 210.0) + 4.0 * speed.abs() * 0.1 + 0.1, "{off}");
            prop_assert_eq!(center[1], 540.0);
        }
    }

    /// For any input all crops have the same size and lie within the picture.
    #[test]
    fn crops_lie_in_the_picture(
        frames in prop::collection::vec((0f64..2.0, prop::option::of([-500f32..3000.0, -500f32..2000.0, 0f32..2000.0, 0f32..2000.0])), 1..80),
        aspect in 0.3f32..3.0,
    ) {
        let times: Vec<f64> = frames.iter().scan(0.0, |time, frame| { *time += frame.0; Some(*time) }).collect();
        let boxes: Vec<_> = frames
            .iter()
            .map(|frame| frame.1.map(|[x_px, y_px, width_px, height_px]| Rectangle { x_px, y_px, width_px, height_px }))
            .collect();
        let crops = follow(&times, &boxes, PICTURE, &FollowSettings::with_aspect(aspect)).unwrap();
        prop_assert_eq!(crops.len(), frames.len());
        for crop in &crops {
            prop_assert_eq!((crop.width_px, crop.height_px), (crops[0].width_px, crops[0].height_px));
            prop_assert!(crop.covers_something() && (crop.width_px / crop.height_px / aspect - 1.0).abs() < 1e-4);
            prop_assert!(crop.x_px > -1e-2 && crop.x_px + crop.width_px < 1920.01, "{crop:?}");
            prop_assert!(crop.y_px > -1e-2 && crop.y_px + crop.height_px < 1080.01, "{crop:?}");
        }
    }
}
