//! People as the labels of a picture, for COCO and YOLO: the box of a person, and its keypoints inside the picture.

use crate::export::formats::{Keypoint, rounded};

/// The visibility below which a landmark counts as hidden.
const VISIBLE: f64 = 0.5;
/// The precision of coordinates: a thousandth of a pixel.
const PIXEL_DIGITS: f64 = 1e3;

/// Returns the file name of the picture of a frame, below the folder of all pictures.
pub(crate) fn picture_name(folder: &str, frame_index: u32) -> String {
    format!("{folder}/{frame_index:06}.jpg")
}

/// The label of one keypoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Labeled {
    /// The landmark is missing or outside the picture.
    No,
    /// The landmark is hidden, by its position in pixels.
    Hidden([f64; 2]),
    /// The landmark is visible, by its position in pixels.
    Visible([f64; 2]),
}

impl Labeled {
    /// Labels a landmark in a picture of `size_px` (width, height). A landmark that the network did not see (it was
    /// interpolated) is hidden.
    fn of(keypoint: &Keypoint, size_px: [u32; 2]) -> Self {
        let position = [keypoint.x_px, keypoint.y_px].map(|value| rounded(value, PIXEL_DIGITS));
        let is_inside = position.iter().zip(size_px).all(|(value, size)| (0.0..f64::from(size)).contains(value));
        match (is_inside, keypoint.visibility >= VISIBLE) {
            (false, _) => Self::No,
            (true, false) => Self::Hidden(position),
            (true, true) => Self::Visible(position),
        }
    }

    /// Returns x, y and COCO's v: 0, 0, 0 if not labeled, v = 1 if hidden, 2 if visible.
    pub(crate) fn numbers(self) -> (f64, f64, u8) {
        match self {
            Self::No => (0.0, 0.0, 0),
            Self::Hidden([x, y]) => (x, y, 1),
            Self::Visible([x, y]) => (x, y, 2),
        }
    }
}

/// The label of one person in one picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    /// Left, top, width and height of the box, inside the picture; both lengths are positive.
    pub(crate) box_px: [f64; 4],
    /// The keypoints.
    pub(crate) keypoints: Vec<Labeled>,
}

impl Label {
    /// Labels a person in a picture of `size_px` (width, height). The box goes around all landmarks, as far as it is
    /// inside the picture; the keypoints are the landmarks of these numbers. Returns `None` for a person whose box has
    /// no area inside the picture.
    pub(crate) fn of(landmarks: &[Keypoint], numbers: &[usize], size_px: [u32; 2]) -> Option<Self> {
        let known = || landmarks.iter().filter(|landmark| !landmark.is_missing());
        let [left, right] = span(known().map(|landmark| landmark.x_px), size_px[0])?;
        let [top, bottom] = span(known().map(|landmark| landmark.y_px), size_px[1])?;
        Some(Self {
            box_px: [left, top, rounded(right - left, PIXEL_DIGITS), rounded(bottom - top, PIXEL_DIGITS)],
            keypoints: numbers.iter().map(|&number| Labeled::of(&landmarks[number], size_px)).collect(),
        })
    }
}

/// Returns the lowest and highest value between 0 and `size`; `None` if nothing lies between them.
fn span(values: impl Iterator<Item = f64> + Clone, size: u32) -> Option<[f64; 2]> {
    let low = values.clone().min_by(f64::total_cmp)?;
    let high = values.max_by(f64::total_cmp)?;
    let [low, high] = [low, high].map(|value| rounded(value.clamp(0.0, f64::from(size)), PIXEL_DIGITS));
    (low < high).then_some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE_PX: [u32; 2] = [640, 480];
    const MISSING: Keypoint = Keypoint { x_px: f64::NAN, y_px: f64::NAN, visibility: f64::NAN };

    fn at(x_px: f64, y_px: f64) -> Keypoint {
        Keypoint { x_px, y_px, visibility: 0.9 }
    }

    #[test]
    fn a_keypoint_outside_the_picture_is_not_labeled() {
        let label = |keypoint| Labeled::of(&keypoint, SIZE_PX);
        assert_eq!(label(at(0.0, 479.999)), Labeled::Visible([0.0, 479.999]));
        for (x_px, y_px) in [(-0.001, 5.0), (640.0, 5.0), (639.9996, 5.0), (5.0, 480.0), (5.0, -7.0)] {
            assert_eq!(label(at(x_px, y_px)), Labeled::No, "{x_px}, {y_px}");
        }
        assert_eq!(label(MISSING), Labeled::No);
        assert_eq!(label(Keypoint { visibility: 0.49, ..at(1.0, 2.0) }), Labeled::Hidden([1.0, 2.0]));
        assert_eq!(label(Keypoint { visibility: f64::NAN, ..at(1.0, 2.0) }), Labeled::Hidden([1.0, 2.0]));
        assert_eq!(Labeled::No.numbers(), (0.0, 0.0, 0));
    }

    #[test]
    fn a_box_ends_at_the_edge_of_the_picture() {
        // Half of the person has left the picture on the right, the feet at the bottom.
        let landmarks = [at(600.0, 300.0), at(700.0, 350.0), at(610.0, 500.0), MISSING];
        let label = Label::of(&landmarks, &[0, 1, 3], SIZE_PX).unwrap();
        assert_eq!(label.box_px, [600.0, 300.0, 40.0, 180.0]);
        assert_eq!(label.keypoints, [Labeled::Visible([600.0, 300.0]), Labeled::No, Labeled::No]);
    }

    #[test]
    fn a_person_without_a_box_inside_the_picture_is_left_out() {
        let outside = [at(-30.0, 100.0), at(-1.0, 300.0)];
        let in_one_point = [at(30.0, 100.0), MISSING];
        let in_a_line = [at(30.0, 100.0), at(60.0, 100.0)];
        for landmarks in [&outside, &in_one_point, &in_a_line, &[MISSING; 2]] {
            assert_eq!(Label::of(landmarks, &[0, 1], SIZE_PX), None, "{landmarks:?}");
        }
        // All landmarks are outside, but the person is not: the picture shows what is between them.
        let around = Label::of(&[at(-5.0, -5.0), at(700.0, 500.0)], &[0, 1], SIZE_PX).unwrap();
        assert_eq!((around.box_px, around.keypoints), ([0.0, 0.0, 640.0, 480.0], vec![Labeled::No; 2]));
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_picture_and_what_is_inside_stays(
            places in prop::collection::vec((-900.0..900.0_f64, -900.0..900.0_f64), 1..40),
        ) {
            let landmarks: Vec<Keypoint> = places.iter().map(|&(x, y)| at(x, y)).collect();
            let numbers: Vec<usize> = (0..landmarks.len()).collect();
            let Some(label) = Label::of(&landmarks, &numbers, SIZE_PX) else { return Ok(()) };
            let [left, top, width, height] = label.box_px;
            prop_assert!(left >= 0.0 && top >= 0.0 && width > 0.0 && height > 0.0);
            prop_assert!(left + width <= 640.0005 && top + height <= 480.0005);
            for (&(x, y), labeled) in places.iter().zip(&label.keypoints) {
                let is_inside = (0.0..639.999).contains(&x) && (0.0..479.999).contains(&y);
                let (found_x, found_y, v) = labeled.numbers();
                if is_inside {
                    prop_assert_eq!(v, 2);
                    prop_assert!((found_x - x).abs() <= 5.1e-4 && (found_y - y).abs() <= 5.1e-4);
                    prop_assert!(found_x >= left - 1e-9 && found_x <= left + width + 1e-9);
                }
                prop_assert!(v > 0 || (found_x, found_y) == (0.0, 0.0));
            }
        }
    }
}
