use super::*;
use crate::export::formats::{Marker, MotionEvent};
use std::collections::BTreeMap;

/// A motion of `frames` frames at 60 Hz whose marker `m` is at `[frame, m, -frame]` meters, missing in frame 1.
fn motion(frames: usize, first_frame: u32, markers: usize) -> Motion {
    let position = |marker: usize, frame: usize| [frame as f64, marker as f64, -(frame as f64)];
    let markers = (0..markers)
        .map(|marker| Marker {
            name: format!("marker_{marker}"),
            positions: (0..frames).map(|frame| (frame != 1).then(|| position(marker, frame))).collect(),
        })
        .collect();
    Motion {
        name: "run".to_owned(),
        rate_hz: 60.0,
        first_frame,
        times_s: (0..frames).map(|frame| (first_frame as usize + frame) as f64 / 60.0).collect(),
        markers,
        events: vec![],
    }
}

fn written(motion: &Motion) -> Vec<u8> {
    let mut out = Vec::new();
    write_c3d(&mut out, motion).unwrap();
    out
}

fn word(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn float(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Type, dimensions and data of every parameter, by `GROUP:NAME`.
fn parameters(file: &[u8]) -> BTreeMap<String, (i8, Vec<u8>, Vec<u8>)> {
    let section = &file[512..512 + 512 * usize::from(file[514])];
    let (mut groups, mut found) = (BTreeMap::new(), BTreeMap::new());
    let mut at = 4;
    while section[at] != 0 {
        let (length, id) = (usize::from(section[at]), section[at + 1].cast_signed());
        let name = String::from_utf8(section[at + 2..at + 2 + length].to_vec()).unwrap();
        let start = at + 2 + length;
        if id < 0 {
            groups.insert(-id, name);
        } else {
            let dimensions = section[start + 4..start + 4 + usize::from(section[start + 3])].to_vec();
            let data = section[start + 4 + dimensions.len()..start + word(section, start) - 1].to_vec();
            let group: &String = &groups[&id];
            found.insert(format!("{group}:{name}"), (section[start + 2].cast_signed(), dimensions, data));
        }
        at = start + word(section, start);
    }
    found
}

#[test]
fn the_header_has_the_counts_where_the_guide_says() {
    let file = written(&motion(3, 10, 2));
    assert_eq!(&file[..2], [2, 0x50]);
    assert_eq!((word(&file, 2), word(&file, 4)), (2, 0), "markers, analog channels");
    assert_eq!((word(&file, 6), word(&file, 8)), (11, 13), "first and last frame, from 1");
    assert_eq!((float(&file, 12), float(&file, 20)), (-1.0, 60.0), "scale and rate");
    assert_eq!(word(&file, 16), 2 + usize::from(file[514]), "the data follow the parameters");
    assert_eq!((file[513], file[515]), (0x50, 84));
    assert_eq!(file.len() % 512, 0);
}

#[test]
fn a_missing_position_has_residual_minus_one() {
    let file = written(&motion(3, 0, 2));
    let data = &file[512 * (word(&file, 16) - 1)..];
    let values: Vec<f32> = (0..24).map(|index| float(data, 4 * index)).collect();
    assert_eq!(values[..8], [0.0, 0.0, 0.0, 0.0, 0.0, 1000.0, 0.0, 0.0]);
    assert_eq!(values[8..16], [0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0]);
    assert_eq!(values[16..], [2000.0, 0.0, -2000.0, 0.0, 2000.0, 1000.0, -2000.0, 0.0]);
}

#[test]
fn parameters_agree_with_the_header() {
    let file = written(&motion(3, 0, 2));
    let parameters = parameters(&file);
    let integer = |name: &str| word(&parameters[name].2, 0);
    assert_eq!((integer("POINT:USED"), integer("POINT:FRAMES"), integer("ANALOG:USED")), (2, 3, 0));
    assert_eq!(integer("POINT:DATA_START"), word(&file, 16));
    // Kinetics Toolkit knows `m`, `cm` and `mm` only, in lower case, and fails without units.
    assert_eq!(parameters["POINT:UNITS"].2, b"mm");
    assert_eq!(parameters["POINT:LABELS"], (-1, vec![8, 2], b"marker_0marker_1".to_vec()));
    assert!(!parameters.contains_key("EVENT:USED"));
}

#[test]
fn a_rate_is_the_nearest_32_bit_number() {
    let motion = Motion { rate_hz: 60_000.0 / 1001.0, times_s: vec![0.0], ..motion(1, 0, 1) };
    let file = written(&motion);
    let rate_hz = float(&parameters(&file)["POINT:RATE"].2, 0);
    assert_eq!((rate_hz, float(&file, 20)), (59.940_06, 59.940_06));
}

#[test]
fn events_are_sorted_by_time() {
    let mut motion = motion(3, 0, 1);
    let event = |time_s, label: &str, side| MotionEvent { time_s, label: label.to_owned(), side };
    motion.events = vec![event(70.5, "Foot Off", EventSide::Right), event(0.25, "Foot Strike", EventSide::Left)];
    let parameters = parameters(&written(&motion));
    assert_eq!(parameters["EVENT:CONTEXTS"], (-1, vec![5, 2], b"Left Right".to_vec()));
    assert_eq!(parameters["EVENT:LABELS"], (-1, vec![11, 2], b"Foot StrikeFoot Off   ".to_vec()));
    let (_, dimensions, times) = &parameters["EVENT:TIMES"];
    let times: Vec<f32> = (0..4).map(|index| float(times, 4 * index)).collect();
    assert_eq!((dimensions.as_slice(), times), ([2, 2].as_slice(), vec![0.0, 0.25, 0.0, 70.5]));
}

#[test]
fn long_lists_continue_under_the_next_name() {
    let parameters = parameters(&written(&motion(1, 0, 300)));
    assert_eq!(parameters["POINT:LABELS"].1, [10, 255]);
    assert_eq!(parameters["POINT:LABELS2"].1, [10, 45]);
    assert!(parameters["POINT:LABELS2"].2.starts_with(b"marker_255"));
}

#[test]
fn frame_numbers_that_do_not_fit_begin_at_one_and_take_the_events_along() {
    let with_event = |first_frame| {
        let mut motion = motion(60, first_frame, 1);
        let (time_s, label) = (motion.times_s[30], "Foot Off".to_owned());
        motion.events.push(MotionEvent { time_s, label, side: EventSide::Left });
        let file = written(&motion);
        let time_s = float(&parameters(&file)["EVENT:TIMES"].2, 4);
        (word(&file, 6), word(&file, 8), time_s)
    };
    assert_eq!(with_event(65_474), (65_475, 65_534, 65_504.0 / 60.0));
    assert_eq!(with_event(65_475), (1, 60, 0.5));
}

#[test]
fn what_does_not_fit_is_refused() {
    assert_eq!(word(&parameters(&written(&motion(65_534, 0, 1)))["POINT:FRAMES"].2, 0), 65_534);
    let result = write_c3d(&mut Vec::new(), &motion(65_535, 0, 1));
    assert!(matches!(result, Err(FormatError::TooManyFrames { frames: 65_535, .. })));
    let result = write_c3d(&mut Vec::new(), &motion(1, 0, 10_000));
    assert!(matches!(result, Err(FormatError::HeaderTooLarge { .. })));
    let mut uneven = motion(3, 0, 1);
    uneven.times_s[2] = 1.0;
    let result = write_c3d(&mut Vec::new(), &uneven);
    assert!(matches!(result, Err(FormatError::UnevenTimes { .. })));
}
