//! Input and output of the detector for several people (MoveNet MultiPose): input tensor, decoding, and the region of
//! interest that each candidate gives the landmark network.
//!
//! The detector finds up to six people, each with the 17 COCO key points and a box. It also finds small people and
//! people that the BlazePose detector misses. Its points are coarse, so they only determine the regions for the
//! landmark network.

use super::region::Region;
use super::skeleton::{COCO_LANDMARKS, KEYPOINT_COUNT, keypoint};
use crate::image::{Colors, Picture};

/// Largest number of people per run.
pub const MAX_PEOPLE: usize = 6;
/// Values per person: 17 points of y, x and score; the box as top, left, bottom, right; the score.
pub const PERSON_VALUES: usize = 56;
/// The longer side of the picture in the network's input, pixels.
pub const LONG_SIDE: usize = 448;

/// The sides of the input are multiples of this.
const STEP: usize = 32;
/// Minimum score of a key point.
pub const MIN_POINT_SCORE: f32 = 0.2;
/// Radius of BlazePose's circle around a person, in lengths of the torso (middle of the shoulders to middle of the
/// hips). Measured after the landmark network had settled, over 26 people of the public clips: median 1.81, range 1.53
/// to 2.10.
const RADIUS_IN_TORSOS: f32 = 1.8;
/// The same radius in half diagonals of the box (median 0.96), for bent people whose torso looks short.
const RADIUS_IN_HALF_DIAGONALS: f32 = 0.9;

/// A part of a picture, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Left edge.
    pub left_px: f32,
    /// Top edge.
    pub top_px: f32,
    /// Width.
    pub width_px: f32,
    /// Height.
    pub height_px: f32,
}

impl Window {
    /// All of a picture of `size_px` (width, height).
    #[must_use]
    pub fn whole(size_px: [usize; 2]) -> Self {
        let [width_px, height_px] = size_px.map(|side| side as f32);
        Self { left_px: 0.0, top_px: 0.0, width_px, height_px }
    }

    /// Input pixels per picture pixel.
    fn scale(&self) -> f32 {
        LONG_SIDE as f32 / self.width_px.max(self.height_px).max(1.0)
    }

    /// The size of the window in the input, without padding.
    fn filled(&self) -> [usize; 2] {
        [self.width_px, self.height_px].map(|side| ((side * self.scale()).round() as usize).clamp(1, LONG_SIDE))
    }

    /// Width and height of the network's input for this window.
    #[must_use]
    pub fn input_size(&self) -> [usize; 2] {
        self.filled().map(|side| side.next_multiple_of(STEP))
    }
}

/// A person detected by the network, in picture pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Confidence, 0..=1.
    pub score: f32,
    /// Left, top, right, bottom.
    pub box_px: [f32; 4],
    /// The key points, in COCO's order.
    pub points_px: [[f32; 2]; KEYPOINT_COUNT],
    /// Confidences of the key points, 0..=1.
    pub point_scores: [f32; KEYPOINT_COUNT],
}

/// Fills the network's input (height x width x 3, values 0 to 255) with a window of the picture. Each input pixel is
/// the mean of the picture pixels that it covers; otherwise small people would fall between the sampled pixels.
pub fn fill<P: Picture + ?Sized>(image: &P, window: &Window, input: &mut Vec<i32>) {
    let [input_width, input_height] = window.input_size();
    let [width, height] = window.filled();
    input.clear();
    input.resize(input_width * input_height * 3, 0);
    let step_px = 1.0 / window.scale();
    let taps = (step_px.ceil() as usize).max(1);
    let size_px = image.size_px();
    let positions = |count: usize, start_px: f32, limit: usize| -> Vec<u32> {
        let position = |tap: usize| start_px + (tap as f32 + 0.5) / taps as f32 * step_px;
        (0..count * taps).map(|tap| (position(tap).max(0.0) as u32).min(limit.saturating_sub(1) as u32)).collect()
    };
    let columns = positions(width, window.left_px, size_px[0]);
    let rows = positions(height, window.top_px, size_px[1]);
    let mut colors = [vec![0_u8; columns.len()], vec![0; columns.len()], vec![0; columns.len()]];
    let mut sums = vec![0_u32; width * 3];
    for (y, rows) in rows.chunks_exact(taps).enumerate() {
        sums.fill(0);
        for &row in rows {
            let [red, green, blue] = &mut colors;
            image.colors_at(&columns, &vec![row; columns.len()], Colors { red, green, blue });
            for (channel, values) in colors.iter().enumerate() {
                for (x, values) in values.chunks_exact(taps).enumerate() {
                    sums[x * 3 + channel] += values.iter().map(|&value| u32::from(value)).sum::<u32>();
                }
            }
        }
        let covered = (taps * taps) as u32;
        let start = y * input_width * 3;
        for (value, sum) in input[start..start + width * 3].iter_mut().zip(&sums) {
            *value = ((sum + covered / 2) / covered) as i32;
        }
    }
}

/// Decodes the people with at least `min_score` from the network's output (`MAX_PEOPLE x PERSON_VALUES`, relative to
/// the input).
#[must_use]
pub fn decode(output: &[f32], window: &Window, min_score: f32) -> Vec<Candidate> {
    let [input_width, input_height] = window.input_size().map(|side| side as f32 / window.scale());
    let place = |x: f32, y: f32| [window.left_px + x * input_width, window.top_px + y * input_height];
    let person = |values: &[f32]| {
        let score = values[55];
        let is_finite = values.iter().all(|value| value.is_finite());
        // Also false for NaN.
        let is_somebody = score >= min_score;
        if !(is_finite && is_somebody) {
            return None;
        }
        let ([left, top], [right, bottom]) = (place(values[52], values[51]), place(values[54], values[53]));
        Some(Candidate {
            score,
            box_px: [left, top, right, bottom],
            points_px: std::array::from_fn(|point| place(values[point * 3 + 1], values[point * 3])),
            point_scores: std::array::from_fn(|point| values[point * 3 + 2]),
        })
    };
    output.chunks_exact(PERSON_VALUES).filter_map(person).collect()
}

impl Candidate {
    /// Middle of two points, and their mean score.
    fn middle(&self, a: usize, b: usize) -> ([f32; 2], f32) {
        let point = std::array::from_fn(|axis| self.points_px[a][axis].midpoint(self.points_px[b][axis]));
        (point, self.point_scores[a].midpoint(self.point_scores[b]))
    }

    /// Half the diagonal of the box, pixels.
    fn half_diagonal_px(&self) -> f32 {
        let [left, top, right, bottom] = self.box_px;
        (right - left).hypot(bottom - top) / 2.0
    }

    /// Height of the box, pixels.
    #[must_use]
    pub fn height_px(&self) -> f32 {
        self.box_px[3] - self.box_px[1]
    }

    /// The region for the landmark network: its center and its point of size and rotation, pixels.
    #[must_use]
    pub fn body_points_px(&self) -> [[f32; 2]; 2] {
        let ((shoulders, shoulder_score), (hips, hip_score)) = (
            self.middle(keypoint::LEFT_SHOULDER, keypoint::RIGHT_SHOULDER),
            self.middle(keypoint::LEFT_HIP, keypoint::RIGHT_HIP),
        );
        let up = [shoulders[0] - hips[0], shoulders[1] - hips[1]];
        let torso_px = up[0].hypot(up[1]);
        let half_diagonal_px = self.half_diagonal_px();
        if shoulder_score < MIN_POINT_SCORE || hip_score < MIN_POINT_SCORE || torso_px < 1.0 {
            let [left, top, right, bottom] = self.box_px;
            let center = [left.midpoint(right), top.midpoint(bottom)];
            return [center, [center[0], center[1] - half_diagonal_px]];
        }
        let radius_px = (RADIUS_IN_TORSOS * torso_px).max(RADIUS_IN_HALF_DIAGONALS * half_diagonal_px);
        [hips, std::array::from_fn(|axis| hips[axis] + up[axis] / torso_px * radius_px)]
    }

    /// The diameter of the circle around the person, as BlazePose measures sizes, pixels.
    #[must_use]
    pub fn size_px(&self) -> f32 {
        let [center, scale_point] = self.body_points_px();
        2.0 * (scale_point[0] - center[0]).hypot(scale_point[1] - center[1])
    }

    /// The region of interest in a picture of `size_px`.
    #[must_use]
    pub fn region(&self, size_px: [usize; 2]) -> Region {
        let [width_px, height_px] = size_px.map(|side| side as f32);
        let [center, scale_point] = self.body_points_px().map(|[x_px, y_px]| [x_px / width_px, y_px / height_px]);
        Region::from_points(center, scale_point, size_px)
    }

    /// Mean distance of the confident key points from a pose's landmarks (pixels), relative to the person's size;
    /// `None` if too few points are confident.
    #[must_use]
    pub fn distance(&self, landmarks_px: &[[f32; 2]]) -> Option<f32> {
        let (mut sum, mut count) = (0.0, 0);
        for (point, &landmark) in COCO_LANDMARKS.iter().enumerate() {
            if self.point_scores[point] >= MIN_POINT_SCORE {
                let [x_px, y_px] = landmarks_px[landmark];
                sum += (self.points_px[point][0] - x_px).hypot(self.points_px[point][1] - y_px);
                count += 1;
            }
        }
        (count >= 4).then(|| sum / count as f32 / self.size_px().max(1.0))
    }
}

/// Removes candidates whose body belongs to a better candidate: duplicates from overlapping windows, or from the
/// network itself.
#[must_use]
pub fn distinct(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    /// Share of the smaller box inside the other box.
    const MAX_CONTAINED: f32 = 0.75;
    /// Mean distance of key points relative to size.
    const SAME_BODY: f32 = 0.15;
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let is_same = |better: &Candidate| {
            contained(&candidate.box_px, &better.box_px) > MAX_CONTAINED
                && mean_distance(&candidate, better) < SAME_BODY * better.size_px()
        };
        if !kept.iter().any(is_same) {
            kept.push(candidate);
        }
    }
    kept
}

/// Mean distance of the points that are confident in both candidates; a large value if there are none.
fn mean_distance(a: &Candidate, b: &Candidate) -> f32 {
    let both = (0..KEYPOINT_COUNT).filter(|&point| a.point_scores[point].min(b.point_scores[point]) >= MIN_POINT_SCORE);
    let distances: Vec<f32> = both
        .map(|point| {
            (a.points_px[point][0] - b.points_px[point][0]).hypot(a.points_px[point][1] - b.points_px[point][1])
        })
        .collect();
    if distances.is_empty() { f32::INFINITY } else { distances.iter().sum::<f32>() / distances.len() as f32 }
}

/// Share of the smaller of two boxes (left, top, right, bottom) inside the other box, 0..=1.
pub(super) fn contained(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let width = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let height = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let area = |edges: &[f32; 4]| (edges[2] - edges[0]) * (edges[3] - edges[1]);
    let smaller = area(a).min(area(b));
    if smaller > 0.0 { width * height / smaller } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::RgbImage;
    use proptest::prelude::*;

    /// A standing person whose torso is 100 px long, hips at (x, 300).
    pub(in crate::pose) fn standing(x_px: f32, score: f32) -> Candidate {
        let offsets: [[f32; 2]; KEYPOINT_COUNT] = [
            [0.0, -150.0],
            [5.0, -155.0],
            [-5.0, -155.0],
            [10.0, -150.0],
            [-10.0, -150.0],
            [30.0, -100.0],
            [-30.0, -100.0],
            [40.0, -50.0],
            [-40.0, -50.0],
            [40.0, 0.0],
            [-40.0, 0.0],
            [20.0, 0.0],
            [-20.0, 0.0],
            [20.0, 80.0],
            [-20.0, 80.0],
            [20.0, 160.0],
            [-20.0, 160.0],
        ];
        Candidate {
            score,
            box_px: [x_px - 50.0, 130.0, x_px + 50.0, 470.0],
            points_px: offsets.map(|[dx, dy]| [x_px + dx, 300.0 + dy]),
            point_scores: [0.9; KEYPOINT_COUNT],
        }
    }

    #[test]
    fn inputs_keep_the_shape_of_the_picture() {
        assert_eq!(Window::whole([1768, 994]).input_size(), [448, 256]);
        assert_eq!(Window::whole([1088, 1920]).input_size(), [256, 448]);
        assert_eq!(Window::whole([1, 5000]).input_size(), [32, 448]);
    }

    #[test]
    fn input_pixels_are_means_of_what_they_cover_and_padding_is_black() {
        let mut image = RgbImage::new(896, 448);
        for y in 0..448 {
            for x in 0..896 {
                image.set_rgb(x, y, if x % 2 == 0 { [100, 0, 50] } else { [200, 20, 50] });
            }
        }
        let mut input = Vec::new();
        fill(&image, &Window { left_px: 0.0, top_px: 0.0, width_px: 896.0, height_px: 440.0 }, &mut input);
        assert_eq!(input.len(), 448 * 224 * 3);
        assert_eq!(&input[..3], &[150, 10, 50]);
        assert_eq!(&input[220 * 448 * 3..220 * 448 * 3 + 3], &[0, 0, 0]);
    }

    #[test]
    fn points_are_placed_in_the_picture() {
        let window = Window { left_px: 100.0, top_px: 50.0, width_px: 896.0, height_px: 500.0 };
        // The input is 448 x 256: 896 x 512 picture pixels with its padding.
        let mut output = vec![0.0; MAX_PEOPLE * PERSON_VALUES];
        output[..3].copy_from_slice(&[0.5, 0.25, 0.7]);
        output[51..56].copy_from_slice(&[0.25, 0.5, 0.75, 1.0, 0.6]);
        output[PERSON_VALUES + 55] = 0.1;
        let people = decode(&output, &window, 0.2);
        assert_eq!(people.len(), 1);
        assert_eq!((people[0].points_px[0], people[0].point_scores[0]), ([324.0, 306.0], 0.7));
        assert_eq!(people[0].box_px, [548.0, 178.0, 996.0, 434.0]);
        output[3] = f32::NAN;
        assert!(decode(&output, &window, 0.2).is_empty());
    }

    #[test]
    fn the_region_is_upright_around_the_hips_of_who_stands() {
        let square = standing(400.0, 0.9).region([800, 600]).square([800, 600]);
        assert!((square.center_x_px - 400.0).abs() < 1e-2 && (square.center_y_px - 300.0).abs() < 1e-2);
        assert!(square.rotation_rad.abs() < 1e-5);
        assert!((square.side_px - 2.5 * 180.0).abs() < 0.1, "{}", square.side_px);
    }

    #[test]
    fn who_hides_the_hips_is_looked_for_in_the_box() {
        let mut candidate = standing(400.0, 0.9);
        candidate.point_scores[keypoint::LEFT_HIP] = 0.0;
        candidate.point_scores[keypoint::RIGHT_HIP] = 0.0;
        assert_eq!(candidate.body_points_px()[0], [400.0, 300.0]);
    }

    #[test]
    fn a_body_seen_twice_is_one_and_neighbors_are_two() {
        let people = distinct(vec![standing(400.0, 0.5), standing(404.0, 0.9), standing(460.0, 0.4)]);
        assert_eq!(people.iter().map(|person| person.score).collect::<Vec<_>>(), [0.9, 0.4]);
    }

    proptest! {
        #[test]
        fn regions_of_any_candidate_are_finite(values in prop::collection::vec(0f32..1.0, PERSON_VALUES), width in 1usize..4000, height in 1usize..4000) {
            for candidate in decode(&values, &Window::whole([width, height]), 0.0) {
                let square = candidate.region([width, height]).square([width, height]);
                prop_assert!(square.center_x_px.is_finite() && square.side_px.is_finite() && square.rotation_rad.is_finite());
            }
        }
    }
}
