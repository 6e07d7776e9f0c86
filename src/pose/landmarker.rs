//! The landmark network on one region of one picture: crop, run, decode. Shared by all trackers.

use super::crop::sample;
use super::landmarks::{self, LandmarkTensors, RawPose};
use super::region::{Region, normalize_angle, object_scale_px};
use super::smoothing::AuxiliarySmoother;
use super::tracker::{PoseNetworks, RegionSource, TrackedPose};
use crate::image::Picture;

/// Runs the landmark network. Buffers are kept from crop to crop.
#[derive(Debug)]
pub(super) struct Landmarker {
    min_presence: f32,
    input: Vec<f32>,
    output: LandmarkTensors,
}

impl Landmarker {
    /// Creates a landmarker. A region holds a person if the network's flag is above `min_presence`.
    pub(super) fn new(min_presence: f32) -> Self {
        Self {
            min_presence,
            input: vec![0.0; landmarks::INPUT_SIDE * landmarks::INPUT_SIDE * 3],
            output: LandmarkTensors::default(),
        }
    }

    /// Finds the person in `region`; `None` if the network detects nobody there.
    pub(super) fn find<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        region: Region,
        source: RegionSource,
    ) -> Result<Option<TrackedPose>, N::Error> {
        let size_px = image.size_px();
        let square = region.square(size_px);
        sample(image, square, landmarks::INPUT_SIDE, landmarks::INPUT_BORDER, landmarks::INPUT_RANGE, &mut self.input);
        networks.landmarks(&self.input, &mut self.output)?;
        let pose = landmarks::decode(&self.output, &region, self.min_presence);
        Ok(pose.map(|pose| TrackedPose { region, source, object_scale_px: scale_px(&pose, size_px), pose }))
    }

    /// Tries a region in the other three rotations and takes the pose with the highest score. (Trying rotations
    /// whenever the network is less confident than usual made the poses of a somersault worse: the flag tells that a
    /// person is there, not which side is up.)
    pub(super) fn find_turned<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        region: Region,
    ) -> Result<Option<TrackedPose>, N::Error> {
        use std::f32::consts::{FRAC_PI_2, PI};
        let mut best: Option<TrackedPose> = None;
        for turn_rad in [FRAC_PI_2, -FRAC_PI_2, PI] {
            let turned = Region { rotation_rad: normalize_angle(region.rotation_rad + turn_rad), ..region };
            let found = self.find(networks, image, turned, RegionSource::Turned)?;
            let is_better = |found: &TrackedPose| best.as_ref().is_none_or(|best| found.pose.score > best.pose.score);
            if let Some(found) = found.filter(is_better) {
                best = Some(found);
            }
        }
        Ok(best)
    }
}

fn scale_px(pose: &RawPose, size_px: [usize; 2]) -> f32 {
    let [center, scale_point] = pose.auxiliary.map(|point| [point.x, point.y]);
    object_scale_px(center, scale_point, size_px)
}

/// The next frame's region, from this frame's auxiliary points after smoothing in pixels.
pub(super) fn region_after(
    auxiliary: &mut AuxiliarySmoother,
    found: &TrackedPose,
    size_px: [usize; 2],
    time_s: f64,
) -> Region {
    let [width_px, height_px] = size_px.map(|side| side as f32);
    let points_px = found.pose.auxiliary.map(|point| [point.x * width_px, point.y * height_px, point.z * width_px]);
    let [center, scale_point] = auxiliary
        .apply(time_s, points_px, found.object_scale_px)
        .map(|[x_px, y_px, _]| [x_px / width_px, y_px / height_px]);
    Region::from_points(center, scale_point, size_px)
}
