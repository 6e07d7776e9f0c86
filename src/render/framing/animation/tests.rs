use super::*;
use proptest::prelude::*;

fn picture(size_px: [usize; 2], color: impl Fn(usize, usize) -> [u8; 3]) -> RgbImage {
    let mut picture = RgbImage::new(size_px[0], size_px[1]);
    for (x, y) in (0..size_px[1]).flat_map(|y| (0..size_px[0]).map(move |x| (x, y))) {
        picture.set_rgb(x, y, color(x, y));
    }
    picture
}

/// Two squares of another color, one of which moves by 3 pixels per frame.
fn moving(index: usize) -> RgbImage {
    picture([40, 20], |x, y| match (x, y) {
        (2..6, 2..6) => [200, 40, 40],
        (_, 10..14) if (index * 3..index * 3 + 4).contains(&x) => [0, 250, 120],
        _ => [16, 24, 80],
    })
}

struct Decoded {
    delays_cs: Vec<u16>,
    /// Returns the displayed picture after each frame, RGBA.
    screens: Vec<Vec<u8>>,
    parts: Vec<[u16; 4]>,
    repeat: Repeat,
}

fn decoded(bytes: &[u8]) -> Decoded {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).unwrap();
    let width = usize::from(decoder.width());
    let mut screen = vec![0; width * usize::from(decoder.height()) * 4];
    let mut decoded = Decoded { delays_cs: vec![], screens: vec![], parts: vec![], repeat: Repeat::Finite(0) };
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        for (index, rgba) in frame.buffer.chunks(4).enumerate().filter(|(_, rgba)| rgba[3] > 0) {
            let [own, left, top] = [frame.width, frame.left, frame.top].map(usize::from);
            let at = ((top + index / own) * width + left + index % own) * 4;
            screen[at..at + 4].copy_from_slice(rgba);
        }
        decoded.delays_cs.push(frame.delay);
        decoded.screens.push(screen.clone());
        decoded.parts.push([frame.left, frame.top, frame.width, frame.height]);
    }
    decoded.repeat = decoder.repeat();
    decoded
}

fn written(pictures: &[RgbImage], durations_s: &[f64]) -> Decoded {
    let references: Vec<&RgbImage> = pictures.iter().collect();
    let size_px = [pictures[0].width(), pictures[0].height()];
    let mut writer = AnimationWriter::new(Vec::new(), size_px, Palette::learn(&references)).unwrap();
    for (picture, &duration_s) in pictures.iter().zip(durations_s) {
        writer.add(picture, duration_s).unwrap();
    }
    decoded(&writer.finish().unwrap())
}

/// Thirty frames per second last 3.33 hundredths each: 3, 4, 3. Few colors stay exact, and only the moving part is
/// written.
#[test]
fn frames_come_back() {
    let pictures: Vec<RgbImage> = (0..9).map(moving).collect();
    let decoded = written(&pictures, &[1.0 / 30.0; 9]);
    assert_eq!(decoded.delays_cs, [3, 4, 3, 3, 4, 3, 3, 4, 3]);
    assert_eq!(decoded.repeat, Repeat::Infinite);
    for (screen, picture) in decoded.screens.iter().zip(&pictures) {
        let expected: Vec<u8> = pixels(picture).flat_map(|[red, green, blue]| [red, green, blue, 255]).collect();
        assert!(*screen == expected);
    }
    assert_eq!((decoded.parts[0], decoded.parts[1]), ([0, 0, 40, 20], [0, 10, 7, 4]));
}

/// At 240 frames per second (0.42 hundredths each) frames are merged until they last two hundredths. The total stays
/// 0.25 s, except for a last frame of two hundredths.
#[test]
fn too_short_frames_give_their_time_away() {
    let pictures: Vec<RgbImage> = (0..60).map(|index| moving(index % 10)).collect();
    let decoded = written(&pictures, &[1.0 / 240.0; 60]);
    assert!(decoded.delays_cs.iter().all(|&delay| delay >= 2), "{:?}", decoded.delays_cs);
    assert!((12..=13).contains(&decoded.delays_cs.len()), "{:?}", decoded.delays_cs);
    assert!((25..=26).contains(&decoded.delays_cs.iter().sum::<u16>()), "{:?}", decoded.delays_cs);
    let still = written(&[moving(1), moving(1), moving(2)], &[0.5, 0.25, 1.0]);
    assert_eq!(still.delays_cs, [75, 100]);
}

#[test]
fn a_palette_comes_near_to_all_colors() {
    let noisy = picture([128, 128], |x, y| [(x * 2) as u8, (y * 2) as u8, ((x * y) % 251) as u8]);
    let palette = Palette::learn(&[&noisy]);
    assert_eq!(palette.colors.len(), 255);
    let mut writer = AnimationWriter::new(Vec::new(), [128, 128], palette).unwrap();
    writer.add(&noisy, 0.1).unwrap();
    let decoded = decoded(&writer.finish().unwrap());
    let errors = decoded.screens[0].chunks(4).zip(pixels(&noisy)).map(|(found, expected)| {
        found.iter().zip(expected).map(|(&found, expected)| f64::from(found.abs_diff(expected))).sum::<f64>() / 3.0
    });
    let mean = errors.sum::<f64>() / (128.0 * 128.0);
    assert!(mean < 12.0, "255 colors for a whole cube of them: {mean}");
}

#[test]
fn bad_input_is_told() {
    let palette = || Palette::learn(&[]);
    for size_px in [[0, 5], [5, 70_000]] {
        assert!(matches!(AnimationWriter::new(Vec::new(), size_px, palette()), Err(AnimationError::Size(_))));
    }
    let mut writer = AnimationWriter::new(Vec::new(), [40, 20], palette()).unwrap();
    let other = RgbImage::new(20, 40);
    assert!(matches!(writer.add(&other, 1.0), Err(AnimationError::FrameSize { .. })));
    assert!(matches!(writer.add(&moving(0), -1.0), Err(AnimationError::Duration(_))));
    assert!(matches!(writer.add(&moving(0), f64::NAN), Err(AnimationError::Duration(_))));
    assert!(decoded(&writer.finish().unwrap()).delays_cs.is_empty());
}

proptest! {
    /// For any durations the total is right to a hundredth (two more if the last frame is very short).
    #[test]
    fn durations_add_up(durations in prop::collection::vec(0f64..0.3, 1..30)) {
        let pictures: Vec<RgbImage> = (0..durations.len()).map(|index| moving(index % 10)).collect();
        let decoded = written(&pictures, &durations);
        let sum_cs: f64 = decoded.delays_cs.iter().map(|&delay| f64::from(delay)).sum();
        let expected_cs = 100.0 * durations.iter().sum::<f64>();
        prop_assert!((-0.51..=2.51).contains(&(sum_cs - expected_cs)), "{sum_cs} {expected_cs}");
        prop_assert!(decoded.delays_cs.iter().all(|&delay| delay >= 2));
    }

    /// For any changes from frame to frame, the displayed picture equals the frame.
    #[test]
    fn screens_are_the_frames(frames in prop::collection::vec(prop::collection::vec(0u8..5, 12), 1..6)) {
        let pictures: Vec<RgbImage> = frames.iter().map(|levels| picture([4, 3], |x, y| [levels[y * 4 + x] * 60; 3])).collect();
        let mut distinct = pictures.iter().map(|picture| pixels(picture).collect::<Vec<_>>()).collect::<Vec<_>>();
        distinct.dedup();
        let decoded = written(&pictures, &vec![0.1; pictures.len()]);
        prop_assert_eq!(decoded.screens.len(), distinct.len());
        for (screen, expected) in decoded.screens.iter().zip(distinct) {
            let expected: Vec<u8> = expected.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
            prop_assert_eq!(screen, &expected);
        }
    }
}
