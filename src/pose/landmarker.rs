//! The landmark networks on some regions of one picture: crop, run, decode. Shared by all trackers.

use super::crop::sample;
use super::landmarks::{self, LandmarkTensors, RawPose};
use super::opinion::{self, Opinion, Reading, Trust};
use super::region::{Region, normalize_angle, object_scale_px};
use super::smoothing::AuxiliarySmoother;
use super::tracker::{PoseNetworks, RegionSource, TrackedPose};
use crate::image::Picture;

/// Most crops in one call of [`PoseNetworks::landmarks`]. Each takes 1.4 MB in each worker. ONNX Runtime still runs them
/// one after the other, because the networks have room for one.
const MAX_CROPS: usize = 4;

/// Runs the landmark networks. Buffers are kept from frame to frame.
#[derive(Debug)]
pub(super) struct Landmarker {
    min_presence: f32,
    has_second_opinion: bool,
    inputs: Vec<f32>,
    outputs: Vec<LandmarkTensors>,
    /// The second network's output for one crop.
    second: LandmarkTensors,
}

/// A region to look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) region: Region,
    /// The region's origin.
    pub(super) source: RegionSource,
    /// How much first readings of the person who is expected there are trusted.
    pub(super) trust: Trust,
    /// Whether the second network is asked if the first sees nobody.
    pub(super) asks_twice: bool,
}

/// A person who was found, and by which networks.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) tracked: TrackedPose,
    pub(super) reading: Reading,
}

impl Landmarker {
    /// Creates a landmarker. A region holds a person if the network's flag is above `min_presence`.
    pub(super) fn new(min_presence: f32, has_second_opinion: bool) -> Self {
        let (inputs, outputs, second) = (Vec::new(), Vec::new(), LandmarkTensors::default());
        Self { min_presence, has_second_opinion, inputs, outputs, second }
    }

    /// Finds the person in a region; `None` if the network detects nobody there.
    pub(super) fn find<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        look: Look,
    ) -> Result<Option<Found>, N::Error> {
        Ok(self.find_all(networks, image, &[look])?.pop().flatten())
    }

    /// Finds the person in each of some regions; `None` if the network detects nobody there.
    pub(super) fn find_all<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        looks: &[Look],
    ) -> Result<Vec<Option<Found>>, N::Error> {
        use landmarks::{CROP_VALUES, INPUT_BORDER, INPUT_RANGE, INPUT_SIDE};
        let size_px = image.size_px();
        let mut found = Vec::with_capacity(looks.len());
        for looks in looks.chunks(MAX_CROPS) {
            let n_values = looks.len() * CROP_VALUES;
            if self.outputs.len() < looks.len() {
                self.inputs.resize(n_values, 0.0);
                self.outputs.resize_with(looks.len(), LandmarkTensors::default);
            }
            for (look, crop) in looks.iter().zip(self.inputs.chunks_exact_mut(CROP_VALUES)) {
                sample(image, look.region.square(size_px), INPUT_SIDE, INPUT_BORDER, INPUT_RANGE, crop);
            }
            let readings = self.read(networks, looks)?;
            for ((look, output), reading) in looks.iter().zip(&self.outputs).zip(readings) {
                let pose = landmarks::decode(output, &look.region, self.min_presence);
                let tracked = |pose| TrackedPose {
                    region: look.region,
                    source: look.source,
                    object_scale_px: scale_px(&pose, size_px),
                    pose,
                };
                found.push(pose.map(|pose| Found { tracked: tracked(pose), reading }));
            }
        }
        Ok(found)
    }

    /// Reads the crops in `inputs`. The answer that counts is in `outputs` afterwards.
    fn read<N: PoseNetworks>(&mut self, networks: &mut N, looks: &[Look]) -> Result<Vec<Reading>, N::Error> {
        let n_values = looks.len() * landmarks::CROP_VALUES;
        if !self.has_second_opinion {
            networks.landmarks(Opinion::First, &self.inputs[..n_values], &mut self.outputs[..looks.len()])?;
            return Ok(vec![Reading::First; looks.len()]);
        }
        (0..looks.len()).map(|index| self.read_critically(networks, looks[index], index)).collect()
    }

    /// Reads the crop at `index` with the network that is trusted, or with both.
    fn read_critically<N: PoseNetworks>(
        &mut self,
        networks: &mut N,
        look: Look,
        index: usize,
    ) -> Result<Reading, N::Error> {
        let crop = &self.inputs[index * landmarks::CROP_VALUES..(index + 1) * landmarks::CROP_VALUES];
        let output = &mut self.outputs[index];
        if look.trust.asks() == Opinion::Second {
            networks.landmarks(Opinion::Second, crop, std::slice::from_mut(output))?;
            return Ok(Reading::Second);
        }
        networks.landmarks(Opinion::First, crop, std::slice::from_mut(output))?;
        let sees_somebody = |output: &LandmarkTensors| output.pose_flag > self.min_presence;
        let is_somebody = sees_somebody(output);
        let certainty = opinion::certainty(output);
        let is_in_doubt = if is_somebody { look.trust.doubts(certainty) } else { look.asks_twice };
        if !is_in_doubt {
            return Ok(Reading::First);
        }
        networks.landmarks(Opinion::Second, crop, std::slice::from_mut(&mut self.second))?;
        let is_same = is_somebody == sees_somebody(&self.second);
        let distance = if is_same { opinion::distance(output, &self.second) } else { f32::INFINITY };
        std::mem::swap(output, &mut self.second);
        Ok(Reading::Both { certainty, distance })
    }

    /// Tries a region in the other three rotations and takes the pose with the highest score. (Trying rotations
    /// whenever the network is less confident than usual made the poses of a somersault worse: the flag tells that a
    /// person is there, not which side is up.)
    pub(super) fn find_turned<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        region: Region,
    ) -> Result<Option<Found>, N::Error> {
        use std::f32::consts::{FRAC_PI_2, PI};
        let turned = [FRAC_PI_2, -FRAC_PI_2, PI].map(|turn_rad| {
            let rotation_rad = normalize_angle(region.rotation_rad + turn_rad);
            let region = Region { rotation_rad, ..region };
            Look { region, source: RegionSource::Turned, trust: Trust::default(), asks_twice: false }
        });
        let found = self.find_all(networks, image, &turned)?.into_iter().flatten();
        // Of equal ones the first.
        let score = |found: &Found| found.tracked.pose.score;
        Ok(found.reduce(|best, found| if score(&found) > score(&best) { found } else { best }))
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
