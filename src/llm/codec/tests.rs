use proptest::prelude::*;

use super::*;

fn settings(rate_hz: f64, grid: u32, coding: Coding) -> CodecSettings {
    CodecSettings::new(rate_hz, grid, coding).unwrap()
}

fn walk() -> PoseSequence {
    let frame = |time_s, ankle, wrist| PoseFrame { time_s, points: vec![ankle, wrist] };
    PoseSequence {
        landmarks: vec!["left_ankle".to_owned(), "left_wrist".to_owned()],
        frames: vec![
            frame(0.0, Some([0.124, -1.6]), Some([-0.3, 0.25])),
            frame(0.04, Some([9.0, 9.0]), None),
            frame(0.11, Some([0.204, -1.55]), None),
            frame(0.19, Some([0.31, -1.5]), Some([-0.25, 0.005])),
            frame(0.5, None, Some([f64::NAN, 0.0])),
        ],
    }
}

#[test]
fn a_sequence_as_text() {
    assert_eq!(
        encode(&walk(), &CodecSettings::default()),
        "pose1 rate=10 grid=100 coding=absolute a=left_ankle b=left_wrist\n\
         0 a+12-160 b-30+25\n\
         1 a+20-155 b.\n\
         2 a+31-150 b-25+1\n\
         5 a. b.\n"
    );
    assert_eq!(
        encode(&walk(), &settings(10.0, 100, Coding::Delta)),
        "pose1 rate=10 grid=100 coding=delta a=left_ankle b=left_wrist\n\
         0 a+12-160 b-30+25\n\
         1 a+8+5 b.\n\
         2 a+11+5 b+5-24\n\
         5 a. b.\n"
    );
}

#[test]
fn what_is_read_is_within_half_a_grid_unit() {
    let read = decode(&encode(&walk(), &CodecSettings::default())).unwrap().dequantize();
    assert_eq!(read.frames[1].time_s, 0.1);
    assert_eq!(read.frames[1].points, [Some([0.2, -1.55]), None]);
}

#[test]
fn pictures_become_relative() {
    assert_eq!(relative([110.0, 250.0], [100.0, 200.0], 50.0), Some([0.2, -1.0]));
    assert_eq!(relative([110.0, 250.0], [100.0, 200.0], 0.0), None);
    assert_eq!(relative([f64::NAN, 250.0], [100.0, 200.0], 50.0), None);
}

/// Checks the example of the documentation.
#[test]
fn the_documented_example_is_read() {
    let page = include_str!("../../../docs/POSE_TEXT.md");
    let example = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let read = decode(example).unwrap();
    assert_eq!((read.rate_hz, read.grid, read.landmarks.len(), read.frames.len()), (10.0, 100, 3, 4));
    assert_eq!(read.landmarks[2], "left_ankle");
    assert_eq!(read.frames[1].points[2], Some([38, -163]));
    assert_eq!(read.frames[2].points[2], None);
    assert_eq!(read.frames[3].index, 4);
    assert_eq!(read.to_text(Coding::Absolute), example);
    let delta = page.split("```text\n").nth(2).unwrap().split("```").next().unwrap();
    assert_eq!(read.to_text(Coding::Delta), delta);
    assert_eq!(decode(delta), Ok(read));
}

#[test]
fn invalid_texts_say_where() {
    let header = "pose1 rate=10 grid=100 coding=absolute a=nose";
    let message = |text: &str| decode(text).unwrap_err().to_string();
    let with = |frame: &str| message(&format!("{header}\n{frame}"));
    assert_eq!(message(""), "line 1: `pose1 rate=... grid=... coding=...` not found");
    assert_eq!(message("pose1 rate=010 grid=100 coding=absolute"), "line 1: field `010` is invalid");
    assert_eq!(
        message("pose1 rate=NaN grid=1 coding=delta"),
        "the rate must be above 0 and at most 1000 frames a second, not NaN"
    );
    assert_eq!(message("pose1 rate=10 grid=100 coding=absolute b=nose"), "line 1: field `b=nose` is invalid");
    assert_eq!(with("x a+1+1"), "line 2: expected a whole number above the previous frame's, not `x`");
    assert!(with("3 a+1+1\n3 a+1+1").starts_with("line 3: expected a whole number"));
    assert_eq!(with("0 a+1"), "line 2: landmark `a` must be `a.` or `a` and two signed numbers, not `a+1`");
    for landmark in ["b+1+1", "a1+1", "a+1+01", "a-0+1", "a+1+1000000", "a+1+1+1", "a+1é", "aé+1", ""] {
        assert!(with(&format!("0 {landmark}")).starts_with("line 2: landmark `a`"), "{landmark}");
    }
    assert_eq!(with("0 a. b."), "line 2: `b.` is beyond the header's landmarks");
    assert!(with("0 a.\n\n1 a.").starts_with("line 3"));
    assert!(decode(&format!("{header}\r\n0 a.\r\n")).is_ok());
    assert_eq!(decode(header).map(|read| read.frames.len()), Ok(0));
    for (rate_hz, grid) in [(0.0, 1), (-1.0, 1), (f64::NAN, 1), (1001.0, 1), (10.0, 0), (10.0, 10_001)] {
        assert!(CodecSettings::new(rate_hz, grid, Coding::Delta).is_err());
    }
}

fn any_settings() -> impl Strategy<Value = CodecSettings> {
    let rate = prop_oneof![Just(10.0), 0.01..1000.0f64, Just(29.97), Just(1e-300)];
    (rate, 1u32..=10_000, prop_oneof![Just(Coding::Absolute), Just(Coding::Delta)])
        .prop_map(|(rate, grid, coding)| settings(rate, grid, coding))
}

fn any_sequence() -> impl Strategy<Value = PoseSequence> {
    let number = prop_oneof![-3.0..3.0f64, any::<f64>()];
    let point = proptest::option::of([number.clone(), number].prop_map(|xy| xy));
    let time_s = prop_oneof![0.0..30.0f64, any::<f64>()];
    let frame =
        (time_s, proptest::collection::vec(point, 0..9)).prop_map(|(time_s, points)| PoseFrame { time_s, points });
    let name = prop_oneof!["[a-z_]{1,12}", any::<String>()];
    (proptest::collection::vec(name, 0..7), proptest::collection::vec(frame, 0..30))
        .prop_map(|(landmarks, frames)| PoseSequence { landmarks, frames })
}

proptest! {
    #[test]
    fn decoding_gives_what_was_quantized(sequence in any_sequence(), settings in any_settings()) {
        let text = encode(&sequence, &settings);
        let read = decode(&text);
        prop_assert_eq!(&read, &Ok(quantize(&sequence, &settings)));
        prop_assert_eq!(read.unwrap().to_text(settings.coding), text);
    }

    #[test]
    fn quantizing_again_changes_nothing(sequence in any_sequence(), rate_hz in 0.5..200.0f64, grid in 1u32..=10_000) {
        let settings = settings(rate_hz, grid, Coding::Absolute);
        let once = quantize(&sequence, &settings);
        prop_assert_eq!(quantize(&once.dequantize(), &settings), once);
    }

    #[test]
    fn any_text_is_read_or_refused(text: String, line in "[-+0-9abAB. \r\n%=]{0,60}") {
        let _ = decode(&text);
        let _ = decode(&format!("pose1 rate=10 grid=100 coding=delta a=x b=y\n{line}"));
        let _ = decode(&format!("pose1 rate={line} grid=100 coding=delta {text}"));
    }

    #[test]
    fn a_changed_text_is_refused_or_another_sequence(sequence in any_sequence(), place: prop::sample::Index, byte in "[-+0-9ab. \n]") {
        let text = encode(&sequence, &CodecSettings::default());
        let mut places = text.char_indices();
        let (at, old) = places.nth(place.index(text.chars().count())).unwrap();
        let changed = format!("{}{byte}{}", &text[..at], &text[at + old.len_utf8()..]);
        // The last newline may be missing.
        if changed.trim_end_matches('\n') != text.trim_end_matches('\n') {
            prop_assert_ne!(decode(&changed).ok(), decode(&text).ok());
        }
    }
}

#[test]
fn many_landmarks_have_different_codes() {
    let landmarks: Vec<String> = (0..3000).map(|n| format!("point {n}")).collect();
    let frames = vec![PoseFrame { time_s: 0.0, points: (0..3000).map(|n| Some([f64::from(n), 0.0])).collect() }];
    let sequence = PoseSequence { landmarks, frames };
    let text = encode(&sequence, &CodecSettings::default());
    assert!(text.contains(" z=point%2025 A=point%2026 ") && text.contains(" Z=point%2051 aa=point%2052 ab="));
    assert_eq!(decode(&text), Ok(quantize(&sequence, &CodecSettings::default())));
}
