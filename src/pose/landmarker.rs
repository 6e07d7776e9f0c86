//! The landmark network on some regions of one picture: crop, run, decode. Shared by all trackers.

use super::crop::sample;
use super::landmarks::{self, LandmarkTensors, RawPose};
use super::region::{Region, normalize_angle, object_scale_px};
use super::smoothing::AuxiliarySmoother;
use super::tracker::{PoseNetworks, RegionSource, TrackedPose};
use crate::image::Picture;

/// Most crops in one call of [`PoseNetworks::landmarks`]. Each takes 1.4 MB in each worker. ONNX Runtime still runs them
/// one after the other, because the networks have room for one.
const MAX_CROPS: usize = 4;

/// Runs the landmark network. Buffers are kept from frame to frame.
#[derive(Debug)]
pub(super) struct Landmarker {
    min_presence: f32,
    inputs: Vec<f32>,
    outputs: Vec<LandmarkTensors>,
}

/// A region to look at, and its origin.
pub(super) type Look = (Region, RegionSource);

impl Landmarker {
    /// Creates a landmarker. A region holds a person if the network's flag is above `min_presence`.
    pub(super) fn new(min_presence: f32) -> Self {
        Self { min_presence, inputs: Vec::new(), outputs: Vec::new() }
    }

    /// Finds the person in `region`; `None` if the network detects nobody there.
    pub(super) fn find<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        region: Region,
        source: RegionSource,
    ) -> Result<Option<TrackedPose>, N::Error> {
        Ok(self.find_all(networks, image, &[(region, source)])?.pop().flatten())
    }

    /// Finds the person in each of some regions; `None` if the network detects nobody there.
    pub(super) fn find_all<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        looks: &[Look],
    ) -> Result<Vec<Option<TrackedPose>>, N::Error> {
        use landmarks::{CROP_VALUES, INPUT_BORDER, INPUT_RANGE, INPUT_SIDE};
        let size_px = image.size_px();
        let mut found = Vec::with_capacity(looks.len());
        for looks in looks.chunks(MAX_CROPS) {
            let n_values = looks.len() * CROP_VALUES;
            if self.outputs.len() < looks.len() {
                self.inputs.resize(n_values, 0.0);
                self.outputs.resize_with(looks.len(), LandmarkTensors::default);
            }
            for ((region, _), crop) in looks.iter().zip(self.inputs.chunks_exact_mut(CROP_VALUES)) {
                sample(image, region.square(size_px), INPUT_SIDE, INPUT_BORDER, INPUT_RANGE, crop);
            }
            networks.landmarks(&self.inputs[..n_values], &mut self.outputs[..looks.len()])?;
            for (&(region, source), output) in looks.iter().zip(&self.outputs) {
                let pose = landmarks::decode(output, &region, self.min_presence);
                found.push(pose.map(|pose| TrackedPose {
                    region,
                    source,
                    object_scale_px: scale_px(&pose, size_px),
                    pose,
                }));
            }
        }
        Ok(found)
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
        let turned = [FRAC_PI_2, -FRAC_PI_2, PI].map(|turn_rad| {
            let rotation_rad = normalize_angle(region.rotation_rad + turn_rad);
            (Region { rotation_rad, ..region }, RegionSource::Turned)
        });
        let found = self.find_all(networks, image, &turned)?.into_iter().flatten();
        // Of equal ones the first.
        Ok(found.reduce(|best, found| if found.pose.score > best.pose.score { found } else { best }))
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
