use super::*;
use crate::pose::skeleton::landmark;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MISSING: Keypoint = Keypoint { x_px: f64::NAN, y_px: f64::NAN, visibility: f64::NAN };

fn video(name: &str) -> CocoVideo {
    CocoVideo { video_id: format!("id-{name}"), folder: name.to_owned(), size_px: [640, 480] }
}

/// Nose visible, left hip hidden, the rest missing.
fn two_keypoints() -> [Keypoint; LANDMARK_COUNT] {
    let mut keypoints = [MISSING; LANDMARK_COUNT];
    keypoints[landmark::NOSE] = Keypoint { x_px: 10.123_456, y_px: 20.0, visibility: 0.5 };
    keypoints[landmark::LEFT_HIP] = Keypoint { x_px: 4.0, y_px: 50.0, visibility: 0.499 };
    keypoints
}

fn parsed(writer: CocoWriter<Vec<u8>>) -> Value {
    serde_json::from_slice(&writer.finish().unwrap()).unwrap()
}

#[test]
fn an_annotation_has_box_and_keypoints() {
    let mut writer = CocoWriter::begin(Vec::new(), CocoKeypoints::Coco17).unwrap();
    writer.video(video("squat"));
    writer.frame(123, 4_100_000).unwrap();
    let keypoints = two_keypoints();
    assert!(writer.person(&CocoPerson { person_id: 7, landmarks: &keypoints }).unwrap());
    let file = parsed(writer);
    let annotation = &file["annotations"][0];
    let mut expected = vec![json!(10.123), json!(20.0), json!(2)];
    expected.extend(std::iter::repeat_n([json!(0.0), json!(0.0), json!(0)], 10).flatten());
    expected.extend([json!(4.0), json!(50.0), json!(1)]);
    expected.extend(std::iter::repeat_n([json!(0.0), json!(0.0), json!(0)], 5).flatten());
    assert_eq!(annotation["keypoints"], Value::Array(expected));
    assert_eq!(annotation["bbox"], json!([4.0, 20.0, 6.123, 30.0]));
    assert_eq!((&annotation["area"], &annotation["num_keypoints"]), (&json!(183.69), &json!(2)));
    assert_eq!((&annotation["track_id"], &annotation["pts_us"]), (&json!(8), &json!(4_100_000)));
    let image = json!({
        "id": 1, "file_name": "squat/000123.jpg", "width": 640, "height": 480, "video_id": "id-squat",
        "frame_index": 123
    });
    assert_eq!(file["images"], json!([image]));
}

#[test]
fn categories_name_their_keypoints_and_bones() {
    for (kind, keypoints, bones) in [(CocoKeypoints::Coco17, 17, 19), (CocoKeypoints::BlazePose33, 33, 35)] {
        let file = parsed(CocoWriter::begin(Vec::new(), kind).unwrap());
        let category = &file["categories"][0];
        assert_eq!(category["keypoints"].as_array().unwrap().len(), keypoints);
        let numbers: BTreeSet<u64> = category["skeleton"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|bone| [bone[0].as_u64().unwrap(), bone[1].as_u64().unwrap()])
            .collect();
        assert_eq!(category["skeleton"].as_array().unwrap().len(), bones);
        assert_eq!((numbers.first(), numbers.last()), (Some(&1), Some(&(keypoints as u64))));
    }
    let names = COCO_LANDMARKS.map(|landmark| LANDMARK_NAMES[landmark]);
    assert_eq!((names[0], names[3], names[16]), ("nose", "left_ear", "right_ankle"));
    assert_eq!(CocoKeypoints::Coco17.skeleton()[0].map(|number| names[number - 1]), ["left_ankle", "left_knee"]);
}

#[test]
fn ids_are_unique_over_videos_and_every_annotation_has_its_image() {
    let mut writer = CocoWriter::begin(Vec::new(), CocoKeypoints::BlazePose33).unwrap();
    let keypoints = two_keypoints();
    for name in ["a", "b"] {
        writer.video(video(name));
        for frame in [0, 5] {
            writer.frame(frame, i64::from(frame)).unwrap();
            for person_id in 0..=i64::from(frame) {
                writer.person(&CocoPerson { person_id, landmarks: &keypoints }).unwrap();
            }
        }
        writer.frame(6, 6).unwrap();
    }
    let file = parsed(writer);
    let (images, annotations) = (file["images"].as_array().unwrap(), file["annotations"].as_array().unwrap());
    let ids = |objects: &[Value]| objects.iter().map(|object| object["id"].as_u64().unwrap()).collect::<BTreeSet<_>>();
    assert_eq!((ids(images).len(), ids(annotations).len()), (6, 14));
    assert_eq!((ids(images).first(), ids(annotations).first()), (Some(&1), Some(&1)), "readers take 0 for none");
    assert_eq!(annotations[0]["track_id"], json!(1));
    for annotation in annotations {
        let image = images.iter().find(|image| image["id"] == annotation["image_id"]).unwrap();
        assert_eq!(image["video_id"], annotation["video_id"]);
        assert_eq!(image["frame_index"], annotation["frame_index"]);
    }
}

#[test]
fn nothing_is_ever_nan_or_outside_and_a_person_without_a_box_is_left_out() {
    let mut writer = CocoWriter::begin(Vec::new(), CocoKeypoints::Coco17).unwrap();
    writer.video(video("a"));
    writer.frame(0, 0).unwrap();
    assert!(!writer.person(&CocoPerson { person_id: 0, landmarks: &[MISSING; LANDMARK_COUNT] }).unwrap());
    let mut leaving = two_keypoints();
    leaving[landmark::LEFT_HIP] = Keypoint { x_px: -4.0, y_px: 500.0, visibility: 0.9 };
    assert!(writer.person(&CocoPerson { person_id: 1, landmarks: &leaving }).unwrap());
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(!text.contains("NaN") && !text.contains("null"), "{text}");
    let file: Value = serde_json::from_str(&text).unwrap();
    let annotation = &file["annotations"][0];
    assert_eq!(file["annotations"].as_array().unwrap().len(), 1);
    assert_eq!(annotation["bbox"], json!([0.0, 20.0, 10.123, 460.0]));
    assert_eq!((&annotation["area"], &annotation["num_keypoints"]), (&json!(4656.58), &json!(1)));
    assert_eq!(annotation["keypoints"].as_array().unwrap()[33..36], [json!(0.0), json!(0.0), json!(0)]);
}

#[test]
fn calls_in_the_wrong_order_are_refused() {
    let mut writer = CocoWriter::begin(Vec::new(), CocoKeypoints::Coco17).unwrap();
    assert!(matches!(writer.frame(0, 0), Err(FormatError::Order(_))));
    writer.video(video("a"));
    let keypoints = two_keypoints();
    let person = CocoPerson { person_id: 0, landmarks: &keypoints };
    assert!(matches!(writer.person(&person), Err(FormatError::Order(_))));
    writer.frame(3, 0).unwrap();
    assert!(matches!(writer.frame(3, 0), Err(FormatError::Order(_))));
    writer.video(video("b"));
    assert!(matches!(writer.person(&person), Err(FormatError::Order(_))), "no frame of this video yet");
    writer.frame(0, 0).unwrap();
}
