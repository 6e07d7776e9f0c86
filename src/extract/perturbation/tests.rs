use proptest::prelude::*;

use super::*;

/// A gray picture with a bright square of five pixels around a place.
fn spot(width: usize, height: usize, [x, y]: [usize; 2]) -> RgbImage {
    let mut image = RgbImage::new(width, height);
    for row in 0..height {
        for column in 0..width {
            let is_near = column.abs_diff(x) <= 2 && row.abs_diff(y) <= 2;
            image.set_rgb(column, row, if is_near { [250; 3] } else { [40; 3] });
        }
    }
    image
}

/// The middle of what is bright, pixels.
fn bright_px(image: &RgbImage) -> [f64; 2] {
    let mut sums = [0.0; 3];
    for y in 0..image.height() {
        for x in 0..image.width() {
            let weight = (f64::from(image.rgb(x, y)[1]) - 90.0).max(0.0);
            sums[0] += weight * (x as f64 + 0.5);
            sums[1] += weight * (y as f64 + 0.5);
            sums[2] += weight;
        }
    }
    [sums[0] / sums[2], sums[1] / sums[2]]
}

fn bytes(image: &RgbImage) -> Vec<[u8; 3]> {
    (0..image.height()).flat_map(|y| (0..image.width()).map(move |x| (x, y))).map(|(x, y)| image.rgb(x, y)).collect()
}

#[test]
fn all_perturbations_differ_and_the_single_ones_come_first() {
    let all = Perturbation::all();
    let words: Vec<String> = all.iter().map(Perturbation::words).collect();
    assert_eq!(
        words[..8],
        ["mirrored", "lower resolution", "coarser compression", "darker", "smaller", "noise", "shifted", "brighter"]
    );
    assert_eq!((words[8].as_str(), all.len()), ("mirrored, lower resolution", 35));
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one) && *one != Perturbation::default(), "{}", words[index]);
    }
    assert_eq!(Perturbation::default().words(), "as filmed");
}

#[test]
fn what_each_one_does() {
    let image = spot(64, 48, [20, 30]);
    let of = |number: usize| Perturbation::all()[number].apply(&image, 3);
    assert_eq!(bytes(&Perturbation::default().apply(&image, 0)), bytes(&image));
    assert_eq!((of(0).rgb(43, 30), of(0).rgb(20, 30)), ([250; 3], [40; 3]), "mirrored");
    assert!(of(1).rgb(17, 30)[0] > 40, "a lower resolution blurs");
    assert!(of(2).rgb(20, 30)[0].abs_diff(250) < 60 && bytes(&of(2)) != bytes(&image), "coarse");
    assert_eq!((of(3).rgb(0, 0), of(3).rgb(20, 30)), ([24; 3], [150; 3]), "darker");
    assert_eq!((of(4).rgb(3, 20), of(4).rgb(12, 20)), ([0; 3], [40; 3]), "smaller, with a black border");
    assert_eq!((of(6).rgb(2, 30), of(6).rgb(23, 31)), ([0; 3], [250; 3]), "shifted");
    assert_eq!((of(7).rgb(0, 0), of(7).rgb(20, 30)), ([52; 3], [255; 3]), "brighter");
}

#[test]
fn noise_is_as_strong_as_it_says_and_the_same_again() {
    let mut gray = RgbImage::new(200, 100);
    gray.bytes_mut().fill(128);
    let noise = Perturbation { noise: 12.0, ..Perturbation::default() };
    let noisy = bytes(&noise.apply(&gray, 7));
    let differences: Vec<f64> = noisy.iter().map(|[red, ..]| f64::from(*red) - 128.0).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let spread = (differences.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!(mean.abs() < 0.5 && (spread - 12.0).abs() < 0.5, "{mean} {spread}");
    assert_eq!(noisy, bytes(&noise.apply(&gray, 7)));
    assert_ne!(noisy, bytes(&noise.apply(&gray, 8)));
}

#[test]
fn flat_areas_survive_compression_at_any_size() {
    for (width, height) in [(1, 1), (16, 16), (17, 9), (40, 33)] {
        let mut flat = RgbImage::new(width, height);
        flat.bytes_mut().fill(96);
        let coarse = Perturbation { step: 24.0, ..Perturbation::default() }.apply(&flat, 0);
        assert!(bytes(&coarse).iter().flatten().all(|level| level.abs_diff(96) <= 2), "{width}x{height}");
    }
}

proptest! {
    #[test]
    fn places_come_back(
        number in 0..35_usize, x in -50.0..2000.0_f64, y in -50.0..1200.0_f64,
        width in 1.0..1920.0_f64, height in 1.0..1080.0_f64,
    ) {
        let it = Perturbation::all()[number];
        let size_px = [width.round(), height.round()];
        let back = it.original_px(size_px, it.moved_px(size_px, [x, y]));
        prop_assert!((back[0] - x).abs() < 1e-6 && (back[1] - y).abs() < 1e-6, "{} {back:?}", it.words());
    }

    /// Pixels move as places do.
    #[test]
    fn a_bright_spot_is_found_where_it_was(
        number in 0..35_usize, x in 30..90_usize, y in 30..70_usize, width in 120..150_usize, height in 100..120_usize,
    ) {
        let it = Perturbation::all()[number];
        let altered = it.apply(&spot(width, height, [x, y]), 5);
        prop_assert_eq!((altered.width(), altered.height()), (width, height));
        let found = it.original_px([width as f64, height as f64], bright_px(&altered));
        let distance = (found[0] - x as f64 - 0.5).hypot(found[1] - y as f64 - 0.5);
        prop_assert!(distance < 1.5, "{}: {found:?}", it.words());
    }
}
