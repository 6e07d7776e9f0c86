//! The region of interest: the rotated square around a person that the landmark network receives.
//!
//! Everything is f32 and in MediaPipe's order of operations: a region that differs by 1e-4 px can move sampling
//! positions by 1/32 px and, through the closed loop of tracking, whole sequences. (MediaPipe
//! `alignment_points_to_rects_calculator.cc`, `rect_transformation_calculator.cc`.)

use super::crop::Square;

/// Ratio of the crop's side to the circle through its two defining points.
const EXPANSION: f32 = 1.25;

/// A rotated rectangle, square in pixels, with center and size relative to the picture's width and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Center / picture width.
    pub center_x: f32,
    /// Center / picture height.
    pub center_y: f32,
    /// Side / picture width.
    pub width: f32,
    /// Side / picture height.
    pub height: f32,
    /// Clockwise on the screen, radians in [-pi, pi); 0 when the person is upright.
    pub rotation_rad: f32,
}

impl Region {
    /// The region around `center`, enlarged for the landmark network. `scale_point` gives the size and the direction
    /// "up". Both points are relative to a picture of `size_px` (width, height).
    #[must_use]
    pub fn from_points(center: [f32; 2], scale_point: [f32; 2], size_px: [usize; 2]) -> Self {
        let circle = Self::circle(center, scale_point, size_px);
        let [width_px, height_px] = size_px.map(|side| side as f32);
        // "square_long" of the rectangle transformation: it changes nothing except for rounding, which the crop
        // inherits.
        let long_side_px = (circle.width * width_px).max(circle.height * height_px);
        Self { width: long_side_px / width_px * EXPANSION, height: long_side_px / height_px * EXPANSION, ..circle }
    }

    /// The square around the circle through `scale_point`, without enlargement.
    fn circle(center: [f32; 2], scale_point: [f32; 2], size_px: [usize; 2]) -> Self {
        let [width_px, height_px] = size_px.map(|side| side as f32);
        let (x0, y0) = (center[0] * width_px, center[1] * height_px);
        let (x1, y1) = (scale_point[0] * width_px, scale_point[1] * height_px);
        let side_px = ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)).sqrt() * 2.0;
        Self {
            center_x: x0 / width_px,
            center_y: y0 / height_px,
            width: side_px / width_px,
            height: side_px / height_px,
            rotation_rad: normalize_angle(std::f32::consts::FRAC_PI_2 - (-(y1 - y0)).atan2(x1 - x0)),
        }
    }

    /// The square in pixels that the crop samples.
    #[must_use]
    pub fn square(&self, size_px: [usize; 2]) -> Square {
        let [width_px, height_px] = size_px.map(|side| side as f32);
        let (width, height) = (self.width * width_px, self.height * height_px);
        Square {
            center_x_px: self.center_x * width_px,
            center_y_px: self.center_y * height_px,
            side_px: if height / width < 1.0 { width } else { height },
            rotation_rad: self.rotation_rad,
        }
    }
}

/// The object size that smoothing uses to measure speed: the side in pixels of the unexpanded square of two points
/// (relative).
#[must_use]
pub fn object_scale_px(center: [f32; 2], scale_point: [f32; 2], size_px: [usize; 2]) -> f32 {
    let circle = Region::circle(center, scale_point, size_px);
    (circle.width * size_px[0] as f32).midpoint(circle.height * size_px[1] as f32)
}

/// Normalizes an angle to [-pi, pi).
pub(super) fn normalize_angle(angle_rad: f32) -> f32 {
    use std::f32::consts::PI;
    angle_rad - 2.0 * PI * ((angle_rad + PI) / (2.0 * PI)).floor()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f32::consts::PI;

    /// MediaPipe `testdata/vision/pose_expected_detection.pbtxt` and `pose_expected_expanded_rect.pbtxt` (pose.jpg,
    /// 1000x667).
    #[test]
    fn published_key_points_give_the_published_region() {
        let region = Region::from_points([0.491_922_97, 0.701_334_5], [0.484_532_12, 0.322_655_95], [1000, 667]);
        assert!((region.center_x - 0.491_922_97).abs() < 1e-6);
        assert!((region.center_y - 0.701_334_5).abs() < 1e-6);
        assert!((region.width - 0.631_716_7).abs() < 1e-6);
        assert!((region.height - 0.947_101_6).abs() < 1e-6);
        assert!((region.rotation_rad - -0.029_253_244).abs() < 1e-6);
    }

    #[test]
    fn rotation_counts_clockwise_from_upright() {
        let rotation = |scale_point| Region::from_points([0.5, 0.5], scale_point, [100, 100]).rotation_rad;
        assert!(rotation([0.5, 0.2]).abs() < 1e-6);
        assert!((rotation([0.8, 0.5]) - PI / 2.0).abs() < 1e-6);
        assert!((rotation([0.2, 0.5]) + PI / 2.0).abs() < 1e-6);
    }

    #[test]
    fn upside_down_on_either_side_of_half_a_turn_stays_in_range() {
        for dx in [-1e-3f32, -1e-6, 0.0, 1e-6, 1e-3] {
            let rotation = Region::from_points([0.5, 0.5], [0.5 + dx, 0.8], [640, 480]).rotation_rad;
            assert!((-PI..PI).contains(&rotation), "{rotation}");
            assert!(rotation.abs() > PI - 0.01);
            assert!(dx == 0.0 || rotation.is_sign_positive() == (dx > 0.0) || dx.abs() < 1e-5);
        }
    }

    proptest! {
        #[test]
        fn regions_are_square_in_pixels_and_two_and_a_half_times_the_distance(
            x0 in 0f32..1.0, y0 in 0f32..1.0, x1 in 0f32..1.0, y1 in 0f32..1.0, width in 16usize..4000, height in 16usize..4000,
        ) {
            let square = Region::from_points([x0, y0], [x1, y1], [width, height]).square([width, height]);
            let distance = ((x1 - x0) * width as f32).hypot((y1 - y0) * height as f32);
            prop_assert!((square.side_px - 2.5 * distance).abs() <= 1e-3 * (1.0 + distance));
            prop_assert!((-PI..PI).contains(&square.rotation_rad));
        }
    }
}
