//! Input and output of the BlazePose person detector: input tensor, anchors, decoding, weighted suppression.
//!
//! (MediaPipe `modules/pose_detection/pose_detection_cpu.pbtxt` and the calculators it names.)

use super::crop::{Border, Square, ValueRange};
use super::region::Region;

/// Side of the network's input in pixels; also the unit of its boxes.
pub const INPUT_SIDE: usize = 224;
/// Candidate boxes of one run.
pub const ANCHOR_COUNT: usize = 2254;
/// Values of a candidate: center, size, four key points.
pub const BOX_VALUES: usize = 12;
/// Input values of a black and of a white pixel.
pub const INPUT_RANGE: ValueRange = ValueRange { low: -1.0, high: 1.0 };
/// Outside the picture the detector sees black.
pub const INPUT_BORDER: Border = Border::Zero;

/// Thresholds of detection. The defaults are MediaPipe's (legacy graph).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DetectorThresholds {
    /// Minimum score of a candidate, 0..=1.
    pub min_score: f32,
    /// Candidates that overlap by more than this (intersection over union) are one person.
    pub max_overlap: f32,
}

impl Default for DetectorThresholds {
    fn default() -> Self {
        Self { min_score: 0.5, max_overlap: 0.3 }
    }
}

/// One detected person. Coordinates are relative: to the padded square until [`Letterbox::remove`], then to the
/// picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Confidence, 0..=1.
    pub score: f32,
    /// Box of the face: left, top, right, bottom.
    pub face: [f32; 4],
    /// Key points: middle of the hips, the point of size and rotation of the whole body, middle of the shoulders, the
    /// same point for the upper body.
    pub key_points: [[f32; 2]; 4],
}

impl Detection {
    /// The two points that place the region of interest of the whole body.
    #[must_use]
    pub fn body_points(&self) -> ([f32; 2], [f32; 2]) {
        (self.key_points[0], self.key_points[1])
    }

    /// The region of interest in a picture of `size_px`. It turns with the person.
    #[must_use]
    pub fn region(&self, size_px: [usize; 2]) -> Region {
        let (center, scale_point) = self.body_points();
        Region::from_points(center, scale_point, size_px)
    }
}

/// The padding that makes a picture square, relative to that square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letterbox {
    pad_x: f32,
    pad_y: f32,
}

impl Letterbox {
    /// The padding of a picture of `size_px` (width, height).
    #[must_use]
    pub fn of(size_px: [usize; 2]) -> Self {
        let [width, height] = size_px.map(|side| side as f32);
        let long_side = width.max(height);
        Self { pad_x: (1.0 - width / long_side) / 2.0, pad_y: (1.0 - height / long_side) / 2.0 }
    }

    /// The square of picture pixels that the detector sees.
    #[must_use]
    pub fn square(size_px: [usize; 2]) -> Square {
        let [width, height] = size_px.map(|side| side as f32);
        Square { center_x_px: width / 2.0, center_y_px: height / 2.0, side_px: width.max(height), rotation_rad: 0.0 }
    }

    /// Converts coordinates relative to the padded square to coordinates relative to the picture. Results may leave [0,
    /// 1].
    #[must_use]
    pub fn remove(self, point: [f32; 2]) -> [f32; 2] {
        [(point[0] - self.pad_x) / (1.0 - 2.0 * self.pad_x), (point[1] - self.pad_y) / (1.0 - 2.0 * self.pad_y)]
    }

    fn remove_from(self, detection: &Detection) -> Detection {
        let [left, top, right, bottom] = detection.face;
        let ([left, top], [right, bottom]) = (self.remove([left, top]), self.remove([right, bottom]));
        Detection {
            score: detection.score,
            face: [left, top, right, bottom],
            key_points: detection.key_points.map(|point| self.remove(point)),
        }
    }
}

/// Centers of the anchors in the network's order: strides 8, 16, 32, 32, 32, where equal strides are merged; rows,
/// columns, then the anchors of a cell. (MediaPipe `ssd_anchors_calculator.cc` with the pose options.)
#[must_use]
pub fn anchors() -> Vec<[f32; 2]> {
    let grids = [(28, 2), (14, 2), (7, 6)];
    let mut centers = Vec::with_capacity(ANCHOR_COUNT);
    for (cells, per_cell) in grids {
        for y in 0..cells {
            for x in 0..cells {
                let center = [x, y].map(|index| (index as f32 + 0.5) / cells as f32);
                centers.extend(std::iter::repeat_n(center, per_cell));
            }
        }
    }
    centers
}

/// Decodes the people in a picture of `size_px`, best first, from the network's outputs (`ANCHOR_COUNT x BOX_VALUES`
/// boxes and `ANCHOR_COUNT` logits).
#[must_use]
pub fn detections(
    boxes: &[f32],
    logits: &[f32],
    anchors: &[[f32; 2]],
    thresholds: DetectorThresholds,
    size_px: [usize; 2],
) -> Vec<Detection> {
    let letterbox = Letterbox::of(size_px);
    let candidates = decode(boxes, logits, anchors, thresholds.min_score);
    suppress(candidates, thresholds.max_overlap).iter().map(|found| letterbox.remove_from(found)).collect()
}

fn decode(boxes: &[f32], logits: &[f32], anchors: &[[f32; 2]], min_score: f32) -> Vec<Detection> {
    let unit = 1.0 / INPUT_SIDE as f32;
    let candidates = boxes.chunks_exact(BOX_VALUES).zip(logits).zip(anchors);
    candidates
        .filter_map(|((values, &logit), anchor)| {
            let score = sigmoid(logit.clamp(-100.0, 100.0));
            let center = [values[0] * unit + anchor[0], values[1] * unit + anchor[1]];
            let (width, height) = (values[2] * unit, values[3] * unit);
            // Written so that NaN fails each test.
            let is_kept = score >= min_score && width >= 0.0 && height >= 0.0;
            is_kept.then(|| Detection {
                score,
                face: [
                    center[0] - width / 2.0,
                    center[1] - height / 2.0,
                    center[0] + width / 2.0,
                    center[1] + height / 2.0,
                ],
                key_points: std::array::from_fn(|point| {
                    std::array::from_fn(|axis| values[4 + 2 * point + axis] * unit + anchor[axis])
                }),
            })
        })
        .collect()
}

/// Weighted non-maximum suppression: replaces each group of overlapping candidates by its best candidate with the
/// score-weighted mean of their boxes and key points. (MediaPipe `non_max_suppression_calculator.cc`.)
fn suppress(mut candidates: Vec<Detection>, max_overlap: f32) -> Vec<Detection> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut people = Vec::new();
    while let Some(best) = candidates.first().copied() {
        let (same, rest): (Vec<_>, Vec<_>) =
            candidates.iter().partition(|other| overlap(&best.face, &other.face) > max_overlap);
        people.push(if same.is_empty() { best } else { weighted_mean(best.score, &same) });
        // A box without area overlaps nothing, not even itself, so the list would never shrink.
        if same.is_empty() {
            break;
        }
        candidates = rest;
    }
    people
}

fn weighted_mean(score: f32, group: &[Detection]) -> Detection {
    let total: f32 = group.iter().map(|member| member.score).sum();
    let mean = |value: &dyn Fn(&Detection) -> f32| {
        group.iter().map(|member| member.score * value(member)).sum::<f32>() / total
    };
    Detection {
        score,
        face: std::array::from_fn(|edge| mean(&|member| member.face[edge])),
        key_points: std::array::from_fn(|point| {
            std::array::from_fn(|axis| mean(&|member| member.key_points[point][axis]))
        }),
    }
}

/// Intersection over union of two boxes (left, top, right, bottom); 0 if they do not touch.
fn overlap(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let width = a[2].min(b[2]) - a[0].max(b[0]);
    let height = a[3].min(b[3]) - a[1].max(b[1]);
    if width <= 0.0 || height <= 0.0 {
        return 0.0;
    }
    let area = |edges: &[f32; 4]| (edges[2] - edges[0]) * (edges[3] - edges[1]);
    let intersection = width * height;
    let union = area(a) + area(b) - intersection;
    if union > 0.0 { intersection / union } else { 0.0 }
}

/// The logistic function.
pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(score: f32, face: [f32; 4]) -> Detection {
        Detection { score, face, key_points: [[face[0], face[1]]; 4] }
    }

    #[test]
    fn anchors_are_those_of_mediapipe() {
        let centers = anchors();
        assert_eq!(centers.len(), ANCHOR_COUNT);
        assert_eq!(centers[0], [0.5 / 28.0, 0.5 / 28.0]);
        assert_eq!(centers[1], centers[0]);
        assert_eq!(centers[2], [1.5 / 28.0, 0.5 / 28.0]);
        assert_eq!(centers[1568], [0.5 / 14.0, 0.5 / 14.0]);
        assert_eq!(centers[2253], [6.5 / 7.0, 6.5 / 7.0]);
    }

    #[test]
    fn boxes_and_key_points_are_offsets_from_the_anchor_in_input_pixels() {
        let mut boxes = vec![0.0; BOX_VALUES * 2];
        boxes[BOX_VALUES..].copy_from_slice(&[22.4, -22.4, 44.8, 89.6, 112.0, 0.0, 0.0, 112.0, 0.0, 0.0, 0.0, 0.0]);
        let found = decode(&boxes, &[-3.0, 3.0], &[[0.0, 0.0], [0.5, 0.5]], 0.5);
        assert_eq!(found.len(), 1);
        assert!((found[0].score - 0.952_574_1).abs() < 1e-6);
        for (edge, expected) in found[0].face.iter().zip([0.5, 0.2, 0.7, 0.6]) {
            assert!((edge - expected).abs() < 1e-6);
        }
        assert!((found[0].key_points[0][0] - 1.0).abs() < 1e-6 && (found[0].key_points[1][1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn negative_sizes_and_nan_are_no_people() {
        let mut boxes = vec![0.0; BOX_VALUES * 2];
        boxes[2] = -1.0;
        boxes[BOX_VALUES + 3] = f32::NAN;
        assert!(decode(&boxes, &[5.0, 5.0], &[[0.5; 2]; 2], 0.5).is_empty());
        assert!(decode(&[0.0; BOX_VALUES], &[f32::NAN], &[[0.5; 2]], 0.5).is_empty());
    }

    /// The network's outputs for pose.jpg (1000x667) above the threshold, and MediaPipe's published detection of it:
    /// `mediapipe/tasks/testdata/vision/pose_expected_detection.pbtxt`.
    #[test]
    fn the_candidates_of_a_published_picture_give_its_published_detection() {
        const CANDIDATES: [(usize, f32, [f32; BOX_VALUES]); 6] = [
            (699, 3.361, [3.232, 4.210, 44.749, 44.749, 2.231, 41.827, 0.154, -14.555, 3.292, 10.272, 2.498, -38.403]),
            (
                701,
                3.610,
                [-4.598, 4.155, 44.725, 44.725, -5.705, 42.291, -7.948, -13.252, -4.350, 9.795, -5.973, -39.569],
            ),
            (755, 4.138, [3.111, -4.110, 44.713, 44.712, 2.150, 33.696, 0.710, -24.265, 3.152, 1.865, 2.598, -47.426]),
            (
                757,
                3.740,
                [-4.776, -3.845, 44.722, 44.722, -5.319, 34.214, -7.244, -22.942, -4.531, 1.486, -5.910, -48.167],
            ),
            (1748, 3.942, [7.406, 0.502, 44.856, 44.825, 5.856, 38.116, 4.769, -18.790, 7.347, 6.106, 6.480, -42.062]),
            (
                1750,
                3.761,
                [-8.473, -0.026, 44.860, 44.830, -9.834, 38.275, -11.038, -17.256, -8.634, 5.520, -10.184, -42.562],
            ),
        ];
        let mut boxes = vec![0.0; ANCHOR_COUNT * BOX_VALUES];
        let mut logits = vec![-20.0; ANCHOR_COUNT];
        for (anchor, logit, values) in CANDIDATES {
            boxes[anchor * BOX_VALUES..(anchor + 1) * BOX_VALUES].copy_from_slice(&values);
            logits[anchor] = logit;
        }
        let people = detections(&boxes, &logits, &anchors(), DetectorThresholds::default(), [1000, 667]);
        assert_eq!(people.len(), 1);
        let (left, top, width, height) = (0.397_094_5, 0.297_614_93, 0.199_871_9, 0.299_589_34);
        let expected = [
            [left, top],
            [left + width, top + height],
            [0.491_922_97, 0.701_334_5],
            [0.484_532_12, 0.322_655_95],
            [0.497_235_03, 0.485_487_37],
            [0.492_285_1, 0.159_787_98],
        ];
        let face = people[0].face;
        let found = [[face[0], face[1]], [face[2], face[3]]].into_iter().chain(people[0].key_points);
        for (found, expected) in found.zip(expected) {
            // Our decoder's colors differ from MediaPipe's by a level or two; 2e-3 of the picture is 2 px.
            assert!(
                (found[0] - expected[0]).abs() < 2e-3 && (found[1] - expected[1]).abs() < 2e-3,
                "{found:?} {expected:?}"
            );
        }
        assert!((people[0].score - 0.984_308_9).abs() < 1e-3);
    }

    #[test]
    fn overlapping_candidates_become_their_weighted_mean_with_the_best_score() {
        let people = suppress(vec![candidate(0.6, [0.1, 0.0, 1.1, 1.0]), candidate(0.9, [0.0, 0.0, 1.0, 1.0])], 0.3);
        assert_eq!(people.len(), 1);
        assert!((people[0].score - 0.9).abs() < 1e-7);
        assert!((people[0].face[0] - 0.04).abs() < 1e-6, "(0.9 * 0 + 0.6 * 0.1) / 1.5");
        assert!((people[0].key_points[0][0] - 0.04).abs() < 1e-6);
    }

    #[test]
    fn boxes_apart_on_both_axes_do_not_overlap() {
        // The product of two negative sides is positive: a fault of many implementations.
        assert_eq!(overlap(&[0.0, 0.0, 1.0, 1.0], &[2.0, 2.0, 3.0, 3.0]), 0.0);
        let apart = vec![candidate(0.9, [0.0, 0.0, 1.0, 1.0]), candidate(0.8, [2.0, 2.0, 3.0, 3.0])];
        assert_eq!(suppress(apart.clone(), 0.3), apart);
    }

    #[test]
    fn a_box_without_area_ends_the_search_instead_of_looping() {
        let people = suppress(vec![candidate(0.9, [0.5; 4]), candidate(0.8, [0.0, 0.0, 1.0, 1.0])], 0.3);
        assert_eq!(people.len(), 1);
    }

    proptest! {
        #[test]
        fn removing_the_letterbox_undoes_padding(
            width in 1usize..5000, height in 1usize..5000, x in -0.5f32..1.5, y in -0.5f32..1.5,
        ) {
            let long_side = width.max(height) as f32;
            let padded = [
                (x * width as f32 + (long_side - width as f32) / 2.0) / long_side,
                (y * height as f32 + (long_side - height as f32) / 2.0) / long_side,
            ];
            let [back_x, back_y] = Letterbox::of([width, height]).remove(padded);
            // For a picture a thousand times wider than high, the short side has that many fewer digits.
            let tolerance_px = 1e-3 * long_side.max(1.0);
            prop_assert!((back_x - x).abs() * width as f32 <= tolerance_px);
            prop_assert!((back_y - y).abs() * height as f32 <= tolerance_px);
        }

        #[test]
        fn overlap_is_symmetric_and_bounded(
            a in prop::array::uniform4(-1f32..1.0), b in prop::array::uniform4(-1f32..1.0),
        ) {
            let ordered = |e: [f32; 4]| [e[0].min(e[2]), e[1].min(e[3]), e[0].max(e[2]), e[1].max(e[3])];
            let (a, b) = (ordered(a), ordered(b));
            let shared = overlap(&a, &b);
            prop_assert!((0.0..=1.0 + 1e-5).contains(&shared));
            prop_assert!((shared - overlap(&b, &a)).abs() < 1e-5);
        }

        #[test]
        fn suppression_never_invents_people_and_keeps_score_order(
            scores in prop::collection::vec(0.5f32..1.0, 0..20), edges in prop::collection::vec(0f32..1.0, 20),
        ) {
            let candidates: Vec<_> = scores.iter().zip(&edges)
                .map(|(&score, &left)| candidate(score, [left, left, left + 0.2, left + 0.2])).collect();
            let people = suppress(candidates.clone(), 0.3);
            prop_assert!(people.len() <= candidates.len());
            prop_assert_eq!(people.is_empty(), candidates.is_empty());
            prop_assert!(people.windows(2).all(|pair| pair[0].score >= pair[1].score));
        }
    }
}
