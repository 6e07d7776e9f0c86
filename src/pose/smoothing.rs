//! MediaPipe's smoothing of a person's landmarks over time, with the video's true times.
//!
//! Parameters and units: MediaPipe `modules/pose_landmark/pose_landmark_filtering.pbtxt`. Image coordinates are
//! filtered in pixels with speed in object sizes per second; world coordinates in meters with speed in meters per
//! second.
//!
//! There are two deliberate deviations. First, presentation times are the video's own (MediaPipe's Python solution
//! assumes 30 frames per second), although an interval of more than a twentieth of a second counts as a thirtieth (see
//! [`super::filters::NOMINAL_INTERVAL_S`]). Second, *every* filter starts anew when the person is lost. MediaPipe keeps
//! the filters of world coordinates and visibility, so that a new person starts from the old one's values.

use super::filters::{LowPass, OneEuro, OneEuroParameters};
use super::skeleton::LANDMARK_COUNT;

const VISIBILITY_WEIGHT: f32 = 0.1;
const IMAGE: OneEuroParameters = OneEuroParameters { min_cutoff_hz: 0.05, beta: 80.0, derivative_cutoff_hz: 1.0 };
const WORLD: OneEuroParameters = OneEuroParameters { min_cutoff_hz: 0.1, beta: 40.0, derivative_cutoff_hz: 1.0 };
const AUXILIARY: OneEuroParameters = OneEuroParameters { min_cutoff_hz: 0.01, beta: 10.0, derivative_cutoff_hz: 1.0 };

/// Size up to which a person is not smoothed, pixels: speeds in object sizes would be meaningless.
const MIN_OBJECT_SCALE_PX: f32 = 1e-6;

/// One landmark in stored form: pixels of the displayed picture, and meters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BodyPoint {
    /// x, y, z in pixels.
    pub image_px: [f32; 3],
    /// x, y, z in meters from the middle of the hips.
    pub world_m: [f32; 3],
    /// Probability that the landmark is in view and not hidden.
    pub visibility: f32,
    /// Probability that the landmark is within the picture. Never smoothed.
    pub presence: f32,
}

/// Three one-euro filters, one per axis.
#[derive(Debug, Clone, Copy)]
struct PointFilter([OneEuro; 3]);

impl PointFilter {
    fn new(parameters: OneEuroParameters) -> Self {
        Self([OneEuro::new(parameters); 3])
    }

    fn apply(&mut self, time_s: f64, point: [f32; 3], per_object_size: f64) -> [f32; 3] {
        std::array::from_fn(|axis| self.0[axis].apply(time_s, f64::from(point[axis]), per_object_size))
    }
}

/// Smooths the 33 landmarks of one person. Call [`PoseSmoother::reset`] for a frame without the person.
#[derive(Debug, Clone)]
pub struct PoseSmoother {
    image: [PointFilter; LANDMARK_COUNT],
    world: [PointFilter; LANDMARK_COUNT],
    visibility: [LowPass; LANDMARK_COUNT],
}

impl Default for PoseSmoother {
    fn default() -> Self {
        Self {
            image: [PointFilter::new(IMAGE); LANDMARK_COUNT],
            world: [PointFilter::new(WORLD); LANDMARK_COUNT],
            visibility: [LowPass::default(); LANDMARK_COUNT],
        }
    }
}

impl PoseSmoother {
    /// Adds a frame's raw landmarks and returns the smoothed ones. `object_scale_px` is the person's size.
    pub fn apply(
        &mut self,
        time_s: f64,
        points: &[BodyPoint; LANDMARK_COUNT],
        object_scale_px: f32,
    ) -> [BodyPoint; LANDMARK_COUNT] {
        std::array::from_fn(|index| {
            let raw = points[index];
            let image_px = if object_scale_px < MIN_OBJECT_SCALE_PX {
                raw.image_px
            } else {
                self.image[index].apply(time_s, raw.image_px, 1.0 / f64::from(object_scale_px))
            };
            BodyPoint {
                image_px,
                world_m: self.world[index].apply(time_s, raw.world_m, 1.0),
                visibility: self.visibility[index].apply(raw.visibility, VISIBILITY_WEIGHT),
                presence: raw.presence,
            }
        })
    }

    /// Forgets the person.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Smooths the two auxiliary points that place the next region of interest. Pixels.
#[derive(Debug, Clone)]
pub struct AuxiliarySmoother([PointFilter; 2]);

impl Default for AuxiliarySmoother {
    fn default() -> Self {
        Self([PointFilter::new(AUXILIARY); 2])
    }
}

impl AuxiliarySmoother {
    /// Adds the two points of a frame and returns the smoothed ones. Pixels in, pixels out.
    pub fn apply(&mut self, time_s: f64, points_px: [[f32; 3]; 2], object_scale_px: f32) -> [[f32; 3]; 2] {
        if object_scale_px < MIN_OBJECT_SCALE_PX {
            return points_px;
        }
        let per_object_size = 1.0 / f64::from(object_scale_px);
        std::array::from_fn(|index| self.0[index].apply(time_s, points_px[index], per_object_size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing_at(x_px: f32) -> [BodyPoint; LANDMARK_COUNT] {
        [BodyPoint { image_px: [x_px, 0.0, 0.0], world_m: [x_px / 100.0, 0.0, 0.0], visibility: 1.0, presence: 0.25 };
            LANDMARK_COUNT]
    }

    #[test]
    fn small_jitter_is_damped_and_fast_movement_followed() {
        let mut smoother = PoseSmoother::default();
        smoother.apply(0.0, &standing_at(100.0), 400.0);
        let jitter = smoother.apply(1.0 / 30.0, &standing_at(100.5), 400.0)[0].image_px[0];
        assert!(jitter > 100.0 && jitter < 100.25, "{jitter}");
        let jump = smoother.apply(2.0 / 30.0, &standing_at(300.0), 400.0)[0].image_px[0];
        assert!(jump > 280.0 && jump < 300.0, "{jump}");
    }

    #[test]
    fn after_a_loss_nothing_of_the_old_person_remains() {
        let mut smoother = PoseSmoother::default();
        let mut faint = standing_at(100.0);
        for point in &mut faint {
            point.visibility = 0.0;
        }
        smoother.apply(0.0, &faint, 400.0);
        smoother.reset();
        assert_eq!(smoother.apply(0.1, &standing_at(300.0), 400.0), standing_at(300.0));
    }

    #[test]
    fn visibility_moves_by_a_tenth_and_presence_passes() {
        let mut smoother = PoseSmoother::default();
        let mut points = standing_at(1.0);
        points[3].visibility = 0.0;
        smoother.apply(0.0, &points, 1.0);
        let second = smoother.apply(0.1, &standing_at(1.0), 1.0);
        assert!((second[3].visibility - 0.1).abs() < 1e-7);
        assert_eq!(second[3].presence, 0.25);
    }

    #[test]
    fn a_person_without_size_passes_unsmoothed() {
        let mut smoother = PoseSmoother::default();
        smoother.apply(0.0, &standing_at(1.0), 0.0);
        assert_eq!(smoother.apply(0.1, &standing_at(50.0), 0.0)[0].image_px[0], 50.0);
    }
}
