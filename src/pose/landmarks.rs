//! Input and output of the BlazePose landmark network: input tensor, presence gate, decoding, heatmap refinement,
//! projection.
//!
//! (MediaPipe `modules/pose_landmark/pose_landmark_by_roi_cpu.pbtxt` and the calculators it names.)

use super::crop::{Border, ValueRange};
use super::detector::sigmoid;
use super::region::Region;
use super::skeleton::LANDMARK_COUNT;

/// Side of the network's input in pixels; also the unit of its coordinates.
pub const INPUT_SIDE: usize = 256;
/// Input values of a black and of a white pixel.
pub const INPUT_RANGE: ValueRange = ValueRange { low: 0.0, high: 1.0 };
/// Outside the picture the landmark networks expect the continued edge.
pub const INPUT_BORDER: Border = Border::Replicate;
/// Points of the network: 33 of the body, 2 that place the next region, 4 unused.
pub const POINT_COUNT: usize = 39;
/// Values of a point: x, y, z, visibility logit, presence logit.
pub const POINT_VALUES: usize = 5;
/// Side of the heatmaps in cells.
pub const HEATMAP_SIDE: usize = 64;

/// Cells on each side of a landmark's own cell that are used for refinement: a kernel of 7.
const REFINE_RADIUS: usize = 3;
/// Minimum probability of at least one cell for refinement.
const REFINE_MIN_CONFIDENCE: f32 = 0.5;

/// Number of values of one crop: 256 x 256 x 3.
pub const CROP_VALUES: usize = INPUT_SIDE * INPUT_SIDE * 3;

/// The network's outputs for one crop; buffers are reused from frame to frame.
#[derive(Debug, Clone, Default)]
pub struct LandmarkTensors {
    /// Probability that the crop holds a person.
    pub pose_flag: f32,
    /// `POINT_COUNT x POINT_VALUES`, crop pixels and logits.
    pub points: Vec<f32>,
    /// `HEATMAP_SIDE x HEATMAP_SIDE x POINT_COUNT` logits.
    pub heatmap: Vec<f32>,
    /// `POINT_COUNT x 3`, meters, turned with the crop.
    pub world: Vec<f32>,
}

/// A landmark in the picture. Coordinates are relative: x and z to its width, y to its height.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Landmark {
    /// To the right, relative to the picture's width.
    pub x: f32,
    /// Downward, relative to the picture's height.
    pub y: f32,
    /// Away from the camera, from the middle of the hips, relative to the picture's width.
    pub z: f32,
    /// Probability that the landmark is in view and not hidden, 0..=1.
    pub visibility: f32,
    /// Probability that the landmark is within the picture, 0..=1.
    pub presence: f32,
}

/// One person in one frame, before any smoothing.
#[derive(Debug, Clone, PartialEq)]
pub struct RawPose {
    /// Probability that the region holds a person.
    pub score: f32,
    /// The body.
    pub landmarks: [Landmark; LANDMARK_COUNT],
    /// The center of the next region, and its point of size and rotation.
    pub auxiliary: [Landmark; 2],
    /// Meters from the middle of the hips: x to the right, y down, z away from the camera.
    pub world_m: [[f32; 3]; LANDMARK_COUNT],
}

/// Decodes the pose in the region of interest; `None` if the network detects nobody (its flag is not above
/// `min_presence`).
#[must_use]
pub fn decode(tensors: &LandmarkTensors, region: &Region, min_presence: f32) -> Option<RawPose> {
    // Also false for NaN.
    let is_present = tensors.pose_flag > min_presence;
    if !is_present {
        return None;
    }
    let in_picture = |index: usize| project(&refined_point(tensors, index), region);
    Some(RawPose {
        score: tensors.pose_flag,
        landmarks: std::array::from_fn(in_picture),
        auxiliary: std::array::from_fn(|index| in_picture(LANDMARK_COUNT + index)),
        world_m: std::array::from_fn(|index| {
            let point = &tensors.world[index * 3..index * 3 + 3];
            turn([point[0], point[1], point[2]], region.rotation_rad)
        }),
    })
}

/// Landmark `index` relative to the crop.
fn refined_point(tensors: &LandmarkTensors, index: usize) -> Landmark {
    let values = &tensors.points[index * POINT_VALUES..(index + 1) * POINT_VALUES];
    let side = INPUT_SIDE as f32;
    let (x, y) = (values[0] / side, values[1] / side);
    let (x, y) = refine(&tensors.heatmap, index, x, y).unwrap_or((x, y));
    Landmark { x, y, z: values[2] / side, visibility: sigmoid(values[3]), presence: sigmoid(values[4]) }
}

/// The confidence-weighted mean cell of the heatmap around (x, y); `None` if the heatmap's confidence is too low or the
/// point is outside. (MediaPipe `refine_landmarks_from_heatmap_calculator.cc`; cell indices have no half-cell offset.)
fn refine(heatmap: &[f32], index: usize, x: f32, y: f32) -> Option<(f32, f32)> {
    let (column, row) = (cell(x)?, cell(y)?);
    let (mut sum, mut sum_x, mut sum_y, mut max) = (0f32, 0f32, 0f32, 0f32);
    for row in span(row) {
        for column in span(column) {
            let confidence = sigmoid(heatmap[(row * HEATMAP_SIDE + column) * POINT_COUNT + index]);
            sum += confidence;
            max = max.max(confidence);
            sum_x += column as f32 * confidence;
            sum_y += row as f32 * confidence;
        }
    }
    let side = HEATMAP_SIDE as f32;
    (max >= REFINE_MIN_CONFIDENCE && sum > 0.0).then(|| (sum_x / side / sum, sum_y / side / sum))
}

/// The largest probability of the cells around landmark `index`, those that refine it; 0 outside the heatmap.
pub(super) fn peak_heat(tensors: &LandmarkTensors, index: usize) -> f32 {
    let values = &tensors.points[index * POINT_VALUES..];
    let side = INPUT_SIDE as f32;
    let (Some(column), Some(row)) = (cell(values[0] / side), cell(values[1] / side)) else { return 0.0 };
    let heat = |row: usize, column: usize| tensors.heatmap[(row * HEATMAP_SIDE + column) * POINT_COUNT + index];
    let cells = span(row).flat_map(|row| span(column).map(move |column| (row, column)));
    sigmoid(cells.map(|(row, column)| heat(row, column)).fold(f32::NEG_INFINITY, f32::max))
}

/// The cells around a cell that refine a landmark, clipped at the border.
fn span(center: usize) -> std::ops::Range<usize> {
    center.saturating_sub(REFINE_RADIUS)..(center + REFINE_RADIUS + 1).min(HEATMAP_SIDE)
}

/// The heatmap cell of a coordinate relative to the crop. The C cast truncates toward zero: (-1/64, 0) is cell 0.
fn cell(relative: f32) -> Option<usize> {
    let index = (relative * HEATMAP_SIDE as f32).trunc();
    (index >= 0.0 && index < HEATMAP_SIDE as f32).then_some(index as usize)
}

/// Converts coordinates relative to the crop to coordinates relative to the picture. (MediaPipe
/// `landmark_projection_calculator.cc`.)
fn project(point: &Landmark, region: &Region) -> Landmark {
    let (sin, cos) = region.rotation_rad.sin_cos();
    let (x, y) = (point.x - 0.5, point.y - 0.5);
    Landmark {
        x: (cos * x - sin * y) * region.width + region.center_x,
        y: (sin * x + cos * y) * region.height + region.center_y,
        z: point.z * region.width,
        ..*point
    }
}

/// Rotates a world point with the region. (MediaPipe `world_landmark_projection_calculator.cc`.)
fn turn([x, y, z]: [f32; 3], rotation_rad: f32) -> [f32; 3] {
    let (sin, cos) = rotation_rad.sin_cos();
    [cos * x - sin * y, sin * x + cos * y, z]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UPRIGHT: Region = Region { center_x: 0.5, center_y: 0.5, width: 0.5, height: 1.0, rotation_rad: 0.0 };

    fn tensors() -> LandmarkTensors {
        LandmarkTensors {
            pose_flag: 1.0,
            points: vec![0.0; POINT_COUNT * POINT_VALUES],
            heatmap: vec![-100.0; HEATMAP_SIDE * HEATMAP_SIDE * POINT_COUNT],
            world: vec![0.0; POINT_COUNT * 3],
        }
    }

    fn set_heat(tensors: &mut LandmarkTensors, index: usize, column: usize, row: usize, logit: f32) {
        tensors.heatmap[(row * HEATMAP_SIDE + column) * POINT_COUNT + index] = logit;
    }

    #[test]
    fn the_gate_is_strict_and_closed_for_nan() {
        let mut tensors = tensors();
        for (flag, is_open) in [(0.5, false), (0.500_001, true), (f32::NAN, false)] {
            tensors.pose_flag = flag;
            assert_eq!(decode(&tensors, &UPRIGHT, 0.5).is_some(), is_open, "{flag}");
        }
    }

    #[test]
    fn points_are_crop_pixels_projected_into_the_picture() {
        let mut tensors = tensors();
        tensors.points[..5].copy_from_slice(&[192.0, 64.0, 25.6, 0.0, 100.0]);
        let pose = decode(&tensors, &UPRIGHT, 0.5).expect("the flag is 1");
        let nose = pose.landmarks[0];
        // x: (192/256 - 1/2) * 0.5 + 0.5; y: (64/256 - 1/2) * 1 + 0.5; z: 25.6/256 * 0.5
        assert!((nose.x - 0.625).abs() < 1e-6 && (nose.y - 0.25).abs() < 1e-6 && (nose.z - 0.05).abs() < 1e-6);
        assert_eq!((nose.visibility, nose.presence), (0.5, 1.0));
    }

    #[test]
    fn refinement_is_the_weighted_mean_of_seven_by_seven_cells() {
        let mut tensors = tensors();
        // The point is in cell (32, 32); cells 3 away count, cells 4 away do not.
        set_heat(&mut tensors, 7, 35, 32, 100.0);
        set_heat(&mut tensors, 7, 32, 35, 100.0);
        set_heat(&mut tensors, 7, 36, 32, 100.0);
        let (x, y) = refine(&tensors.heatmap, 7, 0.505, 0.505).expect("two certain cells");
        assert!((x - 33.5 / 64.0).abs() < 1e-6 && (y - 33.5 / 64.0).abs() < 1e-6, "{x} {y}");
    }

    #[test]
    fn an_unsure_map_or_a_point_outside_it_refines_nothing() {
        let mut tensors = tensors();
        set_heat(&mut tensors, 0, 10, 10, -0.01);
        assert_eq!(refine(&tensors.heatmap, 0, 10.5 / 64.0, 10.5 / 64.0), None);
        set_heat(&mut tensors, 0, 10, 10, 0.0);
        assert!(refine(&tensors.heatmap, 0, 10.5 / 64.0, 10.5 / 64.0).is_some());
        assert_eq!(refine(&tensors.heatmap, 0, 1.0, 0.5), None);
        assert_eq!(refine(&tensors.heatmap, 0, 0.5, -1.01 / 64.0), None);
        assert_eq!(refine(&tensors.heatmap, 0, f32::NAN, 0.5), None);
    }

    #[test]
    fn a_point_a_little_left_of_the_map_is_in_its_first_column() {
        assert_eq!(cell(-0.9 / 64.0), Some(0));
        assert_eq!(cell(63.99 / 64.0), Some(63));
    }

    #[test]
    fn windows_are_clipped_at_the_border() {
        let mut tensors = tensors();
        set_heat(&mut tensors, 0, 0, 0, 100.0);
        set_heat(&mut tensors, 0, 63, 63, 100.0);
        assert_eq!(refine(&tensors.heatmap, 0, 0.0, 0.0), Some((0.0, 0.0)));
        let (x, y) = refine(&tensors.heatmap, 0, 0.999, 0.999).expect("a certain cell");
        assert!((x - 63.0 / 64.0).abs() < 1e-6 && (y - 63.0 / 64.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn projection_keeps_the_center_and_distances_in_pixels(
            rotation_rad in -3.15f32..3.15, x in -1f32..2.0, y in -1f32..2.0, side_px in 10f32..2000.0,
        ) {
            let (width_px, height_px) = (1280.0, 720.0);
            let region = Region {
                center_x: 0.3, center_y: 0.6, width: side_px / width_px, height: side_px / height_px, rotation_rad,
            };
            let projected = project(&Landmark { x, y, ..Landmark::default() }, &region);
            let from_center = ((projected.x - 0.3) * width_px).hypot((projected.y - 0.6) * height_px);
            prop_assert!((from_center - side_px * (x - 0.5).hypot(y - 0.5)).abs() < 1e-3 * side_px);
        }

        #[test]
        fn world_points_keep_their_length(x in -2f32..2.0, y in -2f32..2.0, rotation_rad in -3.15f32..3.15) {
            let [turned_x, turned_y, z] = turn([x, y, 0.7], rotation_rad);
            prop_assert!((turned_x.hypot(turned_y) - x.hypot(y)).abs() < 1e-5);
            prop_assert_eq!(z, 0.7);
        }
    }
}
