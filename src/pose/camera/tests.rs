//! The camera's motion over textured pictures whose motion is known.

use super::*;
use crate::image::Colors;
use proptest::prelude::*;

const SIZE_PX: [usize; 2] = [640, 360];

/// A gray picture.
struct Gray {
    size_px: [usize; 2],
    values: Vec<u8>,
}

impl Picture for Gray {
    fn size_px(&self) -> [usize; 2] {
        self.size_px
    }

    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>) {
        for (index, (&x, &y)) in columns.iter().zip(rows).enumerate() {
            let value = self.values[y as usize * self.size_px[0] + x as usize];
            (colors.red[index], colors.green[index], colors.blue[index]) = (value, value, value);
        }
    }
}

/// A number between 0 and 1 for a place of a grid.
fn random(x: i64, y: i64, seed: u64) -> f64 {
    let mut bits =
        (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ seed;
    for _ in 0..2 {
        bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (bits >> 40) as f64 / (1_u64 << 24) as f64
}

/// A smooth texture without end: clouds of two sizes.
fn texture([x, y]: [f64; 2], seed: u64) -> f64 {
    let clouds = |size: f64| {
        let at = [x / size, y / size];
        let [left, top] = at.map(f64::floor);
        let [u, v] = [at[0] - left, at[1] - top].map(|part| part * part * (3.0 - 2.0 * part));
        let corner = |dx: i64, dy: i64| random(left as i64 + dx, top as i64 + dy, seed ^ size as u64);
        let upper = corner(0, 0) * (1.0 - u) + corner(1, 0) * u;
        upper * (1.0 - v) + (corner(0, 1) * (1.0 - u) + corner(1, 1) * u) * v
    };
    0.6 * clouds(40.0) + 0.4 * clouds(11.0)
}

/// A picture of the scene by a camera that has moved by `motion`; `people` are boxes with another texture, moved by
/// their own shift. `noise` gray levels are added.
fn picture(motion: &CameraMotion, people: &[([f32; 4], [f64; 2])], noise: f64, seed: u64) -> Gray {
    let center = SIZE_PX.map(|side| side as f64 / 2.0);
    let (sin, cos) = motion.roll_rad.sin_cos();
    let value = |x: usize, y: usize| {
        let seen = [x as f64 + 0.5 - center[0] - motion.shift_px[0], y as f64 + 0.5 - center[1] - motion.shift_px[1]];
        let place = [cos * seen[0] + sin * seen[1], cos * seen[1] - sin * seen[0]].map(|along| along / motion.zoom);
        let of_person = people.iter().find_map(|([left, top, right, bottom], shift)| {
            let [x, y] = [x as f64 - shift[0], y as f64 - shift[1]];
            let is_inside = (f64::from(*left)..f64::from(*right)).contains(&x)
                && (f64::from(*top)..f64::from(*bottom)).contains(&y);
            is_inside.then(|| texture([x, y], 77))
        });
        let level = 40.0 + 170.0 * of_person.unwrap_or_else(|| texture(place, 5));
        (level + noise * (random(x as i64, y as i64, seed) * 2.0 - 1.0)).round().clamp(0.0, 255.0) as u8
    };
    let values = (0..SIZE_PX[1]).flat_map(|y| (0..SIZE_PX[0]).map(move |x| (x, y))).map(|(x, y)| value(x, y));
    Gray { size_px: SIZE_PX, values: values.collect() }
}

fn seen(before: &Gray, after: &Gray, people_px: &[[f32; 4]]) -> CameraEstimate {
    estimate(&Luma::of(before), &Luma::of(after), people_px)
}

/// How far the motion puts the middle and the corners of the picture from where they are, pixels.
fn worst_miss_px(found: &CameraMotion, truth: &CameraMotion) -> f64 {
    let [x, y] = SIZE_PX.map(|side| side as f64 / 2.0);
    let places = [[0.0, 0.0], [x, y], [-x, y], [x, -y], [-x, -y]];
    places.into_iter().map(|place| distance(found.of_center(place), truth.of_center(place))).fold(0.0, f64::max)
}

#[test]
fn shifts_zooms_and_rolls_are_found_to_a_part_of_a_pixel() {
    let before = picture(&CameraMotion::STILL, &[], 2.0, 1);
    for (shift_px, zoom, roll_rad, largest_px) in [
        ([3.0, 0.0], 1.0, 0.0, 0.1),
        ([0.7, -1.3], 1.0, 0.0, 0.1),
        ([-41.0, 9.5], 1.0, 0.0, 0.1),
        ([90.0, -30.0], 1.0, 0.0, 0.15),
        ([0.0, 0.0], 1.02, 0.0, 0.25),
        ([5.0, 2.0], 0.98, 0.0, 0.25),
        ([0.0, 0.0], 1.0, 0.02, 0.25),
        ([-12.0, 4.0], 1.01, -0.015, 0.25),
    ] {
        let truth = CameraMotion { shift_px, zoom, roll_rad };
        let found = seen(&before, &picture(&truth, &[], 2.0, 2), &[]);
        let motion = found.motion.unwrap_or_else(|| panic!("{truth:?}: {found:?}"));
        assert!(worst_miss_px(&motion, &truth) < largest_px, "{motion:?}, expected {truth:?}");
        assert!(found.share > 0.7 && found.n_patches == 48, "{found:?}");
    }
}

#[test]
fn a_still_camera_stands_still_in_noise_and_changing_light() {
    let before = picture(&CameraMotion::STILL, &[], 4.0, 1);
    let mut after = picture(&CameraMotion::STILL, &[], 4.0, 2);
    assert_eq!(seen(&before, &after, &[]).motion, Some(CameraMotion::STILL));
    after.values.iter_mut().for_each(|value| *value = value.saturating_add(6));
    assert_eq!(seen(&before, &after, &[]).motion, Some(CameraMotion::STILL));
}

#[test]
fn people_are_no_background() {
    let person_px = [230.0, 20.0, 410.0, 350.0];
    let walks = |shift| picture(&CameraMotion::STILL, &[(person_px, shift)], 2.0, 1);
    let found = seen(&walks([0.0, 0.0]), &walks([9.0, 1.0]), &[person_px]);
    assert_eq!(found.motion, Some(CameraMotion::STILL));
    assert!(found.share > 0.9, "{found:?}");
    // A camera that follows a person, whether the person is known or not.
    let pan = CameraMotion { shift_px: [-8.0, 0.0], zoom: 1.0, roll_rad: 0.0 };
    let (before, after) = (walks([0.0, 0.0]), picture(&pan, &[(person_px, [0.0, 0.0])], 2.0, 2));
    for known in [&[person_px][..], &[]] {
        let motion = seen(&before, &after, known).motion.unwrap();
        assert!(worst_miss_px(&motion, &pan) < 0.25, "{motion:?}");
    }
}

#[test]
fn what_cannot_be_seen_is_not_known() {
    let flat = Gray { size_px: SIZE_PX, values: vec![128; SIZE_PX[0] * SIZE_PX[1]] };
    assert_eq!(seen(&flat, &flat, &[]), CameraEstimate { motion: None, n_patches: 0, share: 0.0, is_cut: false });
    let [one, other] =
        [0.0, 5000.0].map(|x| picture(&CameraMotion { shift_px: [x, 0.0], zoom: 1.0, roll_rad: 0.0 }, &[], 2.0, 1));
    assert_eq!(seen(&one, &other, &[]).motion, None, "another scene");
    let whole = [[0.0, 0.0, 640.0, 360.0]];
    assert_eq!(seen(&one, &one, &whole).motion, None, "a person before all of it");
    let small = Gray { size_px: [24, 20], values: vec![9; 480] };
    assert_eq!(seen(&small, &small, &[]).motion, None);
    assert_eq!(seen(&one, &small, &[]).motion, None);
}

#[test]
fn a_watch_has_no_motion_for_its_first_picture_nor_after_a_reset() {
    let one = picture(&CameraMotion::STILL, &[], 2.0, 1);
    let mut watch = CameraWatch::default();
    assert_eq!(watch.next(&one), None);
    assert_eq!(watch.next(&one).and_then(|seen| seen.motion), Some(CameraMotion::STILL));
    watch.reset();
    assert_eq!(watch.next(&one), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_pictures_give_a_finite_motion(seed in any::<u64>(), (width, height) in (1_usize..400, 1_usize..400), shift in 0_usize..40) {
        let noise = |shift: usize| Gray {
            size_px: [width, height],
            values: (0..width * height).map(|index| (random((index + shift) as i64 / 3, 0, seed) * 255.0) as u8).collect(),
        };
        let found = seen(&noise(0), &noise(shift), &[[10.0, f32::NAN, 1e9, -5.0]]);
        if let Some(motion) = found.motion {
            let numbers = [motion.shift_px[0], motion.shift_px[1], motion.zoom, motion.roll_rad];
            prop_assert!(numbers.iter().all(|number| number.is_finite()) && motion.zoom > 0.0, "{motion:?}");
        }
    }
}
