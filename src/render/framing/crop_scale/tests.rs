use super::*;
use crate::image::yuv::YuvColors;
use proptest::prelude::*;

fn noise(size_px: [usize; 2], seed: u32) -> YuvImage {
    let mut image = YuvImage::new(size_px, YuvColors::default());
    let mut state = seed | 1;
    let YuvImage { luma, cb, cr, .. } = &mut image;
    for sample in luma.iter_mut().chain(cb).chain(cr) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = (state >> 24) as u8;
    }
    image
}

fn drawn(source: &YuvImage, part: Rectangle, size_px: [usize; 2], border: Border) -> YuvImage {
    let mut into = YuvImage::new(size_px, YuvColors::default());
    CropScaler::new(border).draw(source, part, &mut into).unwrap();
    into
}

/// Luma and chroma that increase by `slope` levels per pixel of their plane in x and y.
fn gradient(size_px: [usize; 2], slope: [f64; 2]) -> YuvImage {
    let mut image = YuvImage::new(size_px, YuvColors::default());
    let width = image.width();
    let level = |index: usize, width: usize| {
        (100.0 + slope[0] * (index % width) as f64 + slope[1] * (index / width) as f64).round() as u8
    };
    image.luma.iter_mut().enumerate().for_each(|(index, sample)| *sample = level(index, width));
    image.cb.iter_mut().enumerate().for_each(|(index, sample)| *sample = level(index, width / 2));
    image.cr.iter_mut().enumerate().for_each(|(index, sample)| *sample = level(index, width / 2));
    image
}

/// A row of 0, 0, 80, 240 at half the size: the pairs' means. At a third of 6: weights 1/4, 1/2, 1/4 by the kernel's
/// shape.
#[test]
fn shrinking_by_hand() {
    let mut source = YuvImage::new([4, 2], YuvColors::default());
    source.luma.copy_from_slice(&[0, 0, 80, 240, 0, 0, 80, 240]);
    let halved = drawn(&source, Rectangle::whole([4, 4]), [2, 2], Border::Edge);
    assert_eq!(halved.luma[..2], [0, 160]);
    let mut source = YuvImage::new([6, 2], YuvColors::default());
    source.luma.copy_from_slice(&[0, 0, 80, 240, 0, 0, 0, 0, 80, 240, 0, 0]);
    let third = drawn(&source, Rectangle::whole([6, 2]), [2, 2], Border::Edge);
    assert_eq!(third.luma[..2], [20, 60]);
}

/// 0 and 200 at double the width: values at a quarter and three quarters between the middles, the edge value beyond
/// them.
#[test]
fn enlarging_by_hand() {
    let mut source = YuvImage::new([2, 2], YuvColors::default());
    source.luma.copy_from_slice(&[0, 200, 0, 200]);
    assert_eq!(drawn(&source, Rectangle::whole([2, 2]), [4, 2], Border::Edge).luma[..4], [0, 50, 150, 200]);
    // Black is 16 in this picture: the left pixel is 3/4 of 0 and 1/4 of black.
    assert_eq!(drawn(&source, Rectangle::whole([2, 2]), [4, 2], Border::Black).luma[..4], [4, 50, 150, 154]);
}

#[test]
fn beyond_the_border_is_what_was_asked_for() {
    let mut source = YuvImage::new([8, 8], YuvColors::default());
    source.fill([255; 3]);
    let away = Rectangle { x_px: -1e30, y_px: 4.0, width_px: 8.0, height_px: 1e-3 };
    assert!(drawn(&source, away, [6, 6], Border::Black).luma.iter().all(|&luma| luma == 16));
    assert!(drawn(&source, away, [6, 6], Border::Edge).luma.iter().all(|&luma| luma == 235));
    let half_out = Rectangle { x_px: -8.0, y_px: 0.0, width_px: 16.0, height_px: 8.0 };
    let image = drawn(&source, half_out, [16, 8], Border::Black);
    assert_eq!(image.luma[..16], [[16; 8], [235; 8]].concat());
}

/// Three pixels become one with a box from -0.5 to 1.5: the black before pixel 0 has the share 1/16.
#[test]
fn the_border_has_its_share() {
    let mut source = YuvImage::new([8, 2], YuvColors::default());
    source.fill([255; 3]);
    let part = Rectangle { x_px: -0.5, y_px: 0.0, width_px: 6.0, height_px: 2.0 };
    assert_eq!(drawn(&source, part, [2, 2], Border::Black).luma[..2], [221, 235]);
}

/// One black pixel of a thousand, at the edge like anywhere else.
#[test]
fn many_pixels_weigh_alike() {
    for black_at in [0, 500, 999] {
        let mut source = YuvImage::new([2000, 2], YuvColors::default());
        source.fill([255; 3]);
        source.luma[black_at] = 0;
        source.luma[2000 + black_at] = 0;
        assert_eq!(drawn(&source, Rectangle::whole([2000, 2]), [2, 2], Border::Edge).luma[..2], [235; 2]);
    }
}

#[test]
fn nothing_to_show_is_an_error() {
    let source = YuvImage::new([8, 8], YuvColors::default());
    let mut into = YuvImage::new([8, 8], YuvColors::default());
    let mut scaler = CropScaler::new(Border::Edge);
    for [x_px, width_px] in [[0.0, 0.0], [0.0, -3.0], [f32::NAN, 4.0], [0.0, f32::INFINITY]] {
        let part = Rectangle { x_px, y_px: 0.0, width_px, height_px: 4.0 };
        assert!(matches!(scaler.draw(&source, part, &mut into), Err(CropError::NothingCovered(_))));
    }
    let part = Rectangle::whole([8, 8]);
    assert_eq!(scaler.draw(&YuvImage::default(), part, &mut into), Err(CropError::EmptyPicture));
    assert_eq!(scaler.draw(&source, part, &mut YuvImage::default()), Err(CropError::EmptyPicture));
}

#[test]
fn sizes_keep_the_shape() {
    assert_eq!(size_at_most([1920, 1080], 480), [480, 270]);
    assert_eq!(size_at_most([1080, 1920], 481), [480, 854]);
    assert_eq!(size_at_most([321, 241], 480), [322, 242]);
    assert_eq!(size_at_most([4000, 2], 100), [100, 2]);
}

fn border() -> impl Strategy<Value = Border> {
    prop_oneof![Just(Border::Black), Just(Border::Edge)]
}

fn rectangle() -> impl Strategy<Value = Rectangle> {
    (-60f32..60.0, -60f32..60.0, 0.1f32..120.0, 0.1f32..120.0).prop_map(|(x_px, y_px, width_px, height_px)| Rectangle {
        x_px,
        y_px,
        width_px,
        height_px,
    })
}

proptest! {
    #[test]
    fn a_crop_at_whole_pixels_is_exact(
        size in [2usize..12, 2..12], origin in [0usize..6, 0..6], seed: u32, border in border(),
    ) {
        let [x, y] = origin.map(|start| start * 2);
        let [width, height] = size.map(|length| length * 2);
        let source = noise([width + x + 4, height + y + 6], seed);
        let part = Rectangle { x_px: x as f32, y_px: y as f32, width_px: width as f32, height_px: height as f32 };
        let image = drawn(&source, part, [width, height], border);
        for row in 0..height {
            prop_assert_eq!(&image.luma[row * width..][..width], &source.luma[(y + row) * source.width() + x..][..width]);
        }
        for row in 0..height / 2 {
            let from = (y / 2 + row) * source.width() / 2 + x / 2;
            prop_assert_eq!(&image.cb[row * width / 2..][..width / 2], &source.cb[from..][..width / 2]);
            prop_assert_eq!(&image.cr[row * width / 2..][..width / 2], &source.cr[from..][..width / 2]);
        }
    }

    /// With the edge as border the picture stays flat anywhere; with a black border only a black picture does.
    #[test]
    fn a_flat_picture_stays_flat(part in rectangle(), to in [1usize..40, 1..40], rgb: [u8; 3]) {
        let mut source = YuvImage::new([40, 30], YuvColors::default());
        for (rgb, border) in [(rgb, Border::Edge), ([0; 3], Border::Black)] {
            source.fill(rgb);
            let [luma, cb, cr] = source.colors.from_rgb(rgb);
            let image = drawn(&source, part, to, border);
            prop_assert!(image.luma.iter().all(|&level| level == luma));
            prop_assert!(image.cb.iter().all(|&level| level == cb));
            prop_assert!(image.cr.iter().all(|&level| level == cr));
        }
    }

    /// At any scale a sample is the value of the line at its place, within the rounding of source and result.
    #[test]
    fn a_linear_picture_stays_linear(
        slope in [-0.7f64..0.7, -0.7f64..0.7], zoom in [0.05f32..1.0, 0.05f32..1.0], at in [0f32..1.0, 0f32..1.0],
        to in [1usize..40, 1..40],
    ) {
        let source = gradient([80, 60], slope);
        let part = Rectangle {
            x_px: 80.0 * (1.0 - zoom[0]) * at[0],
            y_px: 60.0 * (1.0 - zoom[1]) * at[1],
            width_px: 80.0 * zoom[0],
            height_px: 60.0 * zoom[1],
        };
        let image = drawn(&source, part, to, Border::Edge);
        let planes = [(&image.luma, 1.0, [80.0, 60.0]), (&image.cb, 2.0, [40.0, 30.0]), (&image.cr, 2.0, [40.0, 30.0])];
        for (plane, shrink, from) in planes {
            let width = (f64::from(image.width() as u32) / shrink) as usize;
            let height = plane.len() / width;
            for (index, &level) in plane.iter().enumerate() {
                let place = |extent: f32, origin: f32, index: usize, count: usize| {
                    let step = f64::from(extent) / shrink / count as f64;
                    (f64::from(origin) / shrink + (index as f64 + 0.5) * step - 0.5, step)
                };
                let (x, step_x) = place(part.width_px, part.x_px, index % width, width);
                let (y, step_y) = place(part.height_px, part.y_px, index / width, height);
                let reach = |step: f64| (step - 1.0).max(0.0) / 2.0 + 1.0;
                // Beyond the border the edge value continues.
                let is_inside = |at: f64, step: f64, length: f64| at - reach(step) >= -1.0 && at + reach(step) <= length;
                if is_inside(x, step_x, from[0]) && is_inside(y, step_y, from[1]) {
                    let expected = 100.0 + slope[0] * x + slope[1] * y;
                    prop_assert!((f64::from(level) - expected).abs() < 1.3, "{level} {expected}");
                }
            }
        }
    }

    /// Left and right are treated the same, at both borders.
    #[test]
    fn the_mirror_image_is_the_image_of_the_mirror(part in rectangle(), width in 1usize..20, seed: u32, border in border()) {
        let source = noise([40, 30], seed);
        let mut turned = source.clone();
        turned.luma.chunks_mut(40).for_each(<[u8]>::reverse);
        let other = Rectangle { x_px: 40.0 - part.x_px - part.width_px, ..part };
        let image = drawn(&source, part, [width, 10], border);
        let mut mirrored = drawn(&turned, other, [width, 10], border);
        mirrored.luma.chunks_mut(image.width()).for_each(<[u8]>::reverse);
        for (one, other) in image.luma.iter().zip(&mirrored.luma) {
            prop_assert!(one.abs_diff(*other) <= 1, "{one} {other}");
        }
    }

    /// Buffers carry nothing over, and no input panics.
    #[test]
    fn used_again_it_draws_the_same(parts in prop::collection::vec((rectangle(), [1usize..40, 1..40]), 1..5), seed: u32, border in border()) {
        let source = noise([40, 30], seed);
        let mut scaler = CropScaler::new(border);
        for (part, to) in parts {
            let mut into = YuvImage::new(to, YuvColors::default());
            scaler.draw(&source, part, &mut into).unwrap();
            prop_assert_eq!(into, drawn(&source, part, to, border));
        }
    }
}
