//! Pose datasets of Ultralytics' YOLO: a text file of labels for each picture, lists of the pictures for training and
//! for validation, and a description of the whole (`data.yaml`).
//!
//! The requirements of the reader, from Ultralytics' `check_det_dataset`, `get_img_files` and `verify_image_label`:
//! - a picture `images/NAME.jpg` has its labels in `labels/NAME.txt`; an empty file is a picture without people;
//! - a line for each person: class, middle and size of the box, then x, y, v of each keypoint, all but class and v as
//!   shares of the picture between 0 and 1; a picture with a line of another length or a value outside is dropped;
//! - both lists name at least one picture each, relative to the list by a leading `./`;
//! - `data.yaml` without `path` is found wherever its folder is moved to.
//!
//! The lists, not the folders, say what belongs to the dataset, so pictures of an earlier export are no part of it.

use std::io::Write;

use crate::export::formats::FormatError;
use crate::export::formats::labels::Label;
use crate::pose::skeleton::{COCO_LANDMARKS, KEYPOINT_COUNT, LANDMARK_NAMES, MIRROR};

/// The file names of the two lists.
pub(crate) const TRAIN_LIST: &str = "train.txt";
/// See [`TRAIN_LIST`].
pub(crate) const VALIDATION_LIST: &str = "val.txt";

/// The part of pictures that is for validation: one in this many.
const VALIDATION_PART: usize = 5;

/// Writes the labels of one picture of `size_px` (width, height). The labels have COCO's keypoints.
///
/// # Errors
/// If the destination fails.
pub(crate) fn write_labels(out: &mut impl Write, people: &[Label], size_px: [u32; 2]) -> Result<(), FormatError> {
    let [width, height] = size_px.map(f64::from);
    // Rounding must not lead out of the picture.
    let share = |value: f64, size: f64| (value / size).clamp(0.0, 1.0);
    for person in people {
        let [left, top, box_width, box_height] = person.box_px;
        let middle = [share(left + box_width / 2.0, width), share(top + box_height / 2.0, height)];
        write!(out, "0 {:.6} {:.6}", middle[0], middle[1])?;
        write!(out, " {:.6} {:.6}", share(box_width, width), share(box_height, height))?;
        for keypoint in &person.keypoints {
            let (x_px, y_px, v) = keypoint.numbers();
            write!(out, " {:.6} {:.6} {v}", share(x_px, width), share(y_px, height))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes `data.yaml`: where the pictures are, what the keypoints mean, and which of them change places in a mirror.
///
/// # Errors
/// If the destination fails.
pub(crate) fn write_description(out: &mut impl Write) -> Result<(), FormatError> {
    let mirrored = |&landmark: &usize| COCO_LANDMARKS.iter().position(|&other| other == MIRROR[landmark]);
    let flipped: Vec<String> =
        COCO_LANDMARKS.iter().filter_map(mirrored).map(|keypoint| keypoint.to_string()).collect();
    writeln!(out, "train: {TRAIN_LIST}\nval: {VALIDATION_LIST}\n")?;
    writeln!(out, "kpt_shape: [{KEYPOINT_COUNT}, 3]\nflip_idx: [{}]\n", flipped.join(", "))?;
    writeln!(out, "names:\n  0: person\n\nkpt_names:\n  0:")?;
    for landmark in COCO_LANDMARKS {
        writeln!(out, "    - {}", LANDMARK_NAMES[landmark])?;
    }
    Ok(())
}

/// Writes a list of pictures by their names below `images/`.
///
/// # Errors
/// If the destination fails.
pub(crate) fn write_list(out: &mut impl Write, names: &[String]) -> Result<(), FormatError> {
    for name in names {
        writeln!(out, "./images/{name}")?;
    }
    Ok(())
}

/// Splits the pictures of videos into those for training and those for validation. Every fifth video is for
/// validation, of fewer than five the last: neighboring frames are nearly the same, so a video is not divided. Only a
/// single video is: its last fifth is for validation. A single picture is in both parts.
pub(crate) fn split(mut videos: Vec<Vec<String>>) -> [Vec<String>; 2] {
    videos.retain(|pictures| !pictures.is_empty());
    if let [pictures] = videos.as_mut_slice() {
        let n_validation = (pictures.len() / VALIDATION_PART).max(1);
        let validation = pictures.split_off(pictures.len() - n_validation);
        let training = if pictures.is_empty() { validation.clone() } else { std::mem::take(pictures) };
        return [training, validation];
    }
    let n_videos = videos.len();
    let is_validation = |video: usize| {
        (video + 1).is_multiple_of(VALIDATION_PART) || n_videos < VALIDATION_PART && video + 1 == n_videos
    };
    let mut parts = [Vec::new(), Vec::new()];
    for (video, pictures) in videos.into_iter().enumerate() {
        parts[usize::from(is_validation(video))].extend(pictures);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::formats::Keypoint;
    use proptest::prelude::*;

    const SIZE_PX: [u32; 2] = [640, 480];

    fn written(people: &[Label]) -> String {
        let mut out = Vec::new();
        write_labels(&mut out, people, SIZE_PX).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn at(x_px: f64, y_px: f64) -> Keypoint {
        Keypoint { x_px, y_px, visibility: 0.9 }
    }

    #[test]
    fn a_label_to_the_letter() {
        let hidden = Keypoint { visibility: 0.2, ..at(320.0, 240.0) };
        let landmarks = [at(160.0, 120.0), hidden, at(-10.0, 360.0)];
        let label = Label::of(&landmarks, &[0, 1, 2], SIZE_PX).unwrap();
        let person =
            "0 0.250000 0.500000 0.500000 0.500000 0.250000 0.250000 2 0.500000 0.500000 1 0.000000 0.000000 0\n";
        assert_eq!(written(&[label.clone(), label]), [person; 2].concat());
        assert_eq!(written(&[]), "", "a picture without people");
    }

    #[test]
    fn the_description_to_the_letter() {
        let mut out = Vec::new();
        write_description(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let beginning = "train: train.txt\nval: val.txt\n\nkpt_shape: [17, 3]\n\
            flip_idx: [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]\n\n\
            names:\n  0: person\n\nkpt_names:\n  0:\n    - nose\n    - left_eye\n";
        assert!(text.starts_with(beginning), "{text}");
        assert!(text.ends_with("    - right_ankle\n"), "{text}");
    }

    fn pictures(videos: &[usize]) -> Vec<Vec<String>> {
        let of_video =
            |(video, &n_frames): (usize, &usize)| (0..n_frames).map(|k| format!("{video}/{k}.jpg")).collect();
        videos.iter().enumerate().map(of_video).collect()
    }

    #[test]
    fn whole_videos_are_for_validation_and_the_end_of_a_single_one() {
        let validation = |videos: &[usize]| split(pictures(videos))[1].clone();
        assert_eq!(validation(&[10]), ["0/8.jpg", "0/9.jpg"]);
        assert_eq!(validation(&[0, 3]), ["1/2.jpg"], "a video without frames does not count");
        assert_eq!(validation(&[5, 1]), ["1/0.jpg"]);
        assert_eq!(validation(&[1; 7]), ["4/0.jpg"]);
        assert_eq!(split(pictures(&[1])), [["0/0.jpg"], ["0/0.jpg"]], "a single picture is for both");
        let mut out = Vec::new();
        write_list(&mut out, &validation(&[1; 11])).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "./images/4/0.jpg\n./images/9/0.jpg\n");
    }

    proptest! {
        #[test]
        fn every_value_is_between_0_and_1(
            places in prop::collection::vec((-2000.0..2000.0_f64, -2000.0..2000.0_f64), 1..34),
        ) {
            let landmarks: Vec<Keypoint> = places.iter().map(|&(x, y)| at(x, y)).collect();
            let numbers: Vec<usize> = (0..landmarks.len()).collect();
            let people: Vec<Label> = Label::of(&landmarks, &numbers, SIZE_PX).into_iter().collect();
            for line in written(&people).lines() {
                let values: Vec<f64> = line.split(' ').map(|value| value.parse().unwrap()).collect();
                prop_assert_eq!(values.len(), 5 + 3 * landmarks.len());
                let is_v = |column: usize| column >= 5 && (column - 5) % 3 == 2;
                let is_share = |(column, value): (usize, &f64)| is_v(column) || (0.0..=1.0).contains(value);
                prop_assert!(values.iter().enumerate().all(is_share));
                prop_assert!(values[3] > 0.0 && values[4] > 0.0);
            }
        }

        #[test]
        fn every_picture_is_in_one_part_and_neither_part_is_empty(videos in prop::collection::vec(1_usize..9, 1..14)) {
            prop_assume!(videos != [1]);
            let [training, validation] = split(pictures(&videos));
            prop_assert!(!training.is_empty() && !validation.is_empty());
            let mut both: Vec<String> = training.into_iter().chain(validation).collect();
            let mut all = pictures(&videos).concat();
            both.sort();
            all.sort();
            prop_assert_eq!(both, all);
        }
    }
}
