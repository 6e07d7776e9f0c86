//! The engines side by side, on crops of the benchmark's video: time, and how far their landmarks differ.

use std::fmt::Write as _;
use std::time::Instant;

use super::extract::engine;
use crate::error::Error;
use crate::extract::settings::PoseSettings;
use crate::inference::kind::EngineKind;
use crate::pose::follow::People;
use crate::pose::landmarks::{CROP_VALUES, LandmarkTensors, POINT_VALUES};
use crate::pose::opinion::Opinion;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};

/// The number of crops with which engines are compared.
const N_COMPARED: usize = 15;
/// Crops from one kept crop to the next.
const STEP: usize = 4;

/// Networks that keep some of the crops that they are given.
pub(super) struct Keeping<'a, N> {
    networks: &'a mut N,
    n_seen: usize,
    crops: Vec<f32>,
}

impl<'a, N> Keeping<'a, N> {
    pub(super) fn new(networks: &'a mut N) -> Self {
        Self { networks, n_seen: 0, crops: Vec::new() }
    }

    /// Returns the kept crops, one after the other.
    pub(super) fn crops(self) -> Vec<f32> {
        self.crops
    }
}

impl<N: PoseNetworks> PoseNetworks for Keeping<'_, N> {
    type Error = N::Error;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), N::Error> {
        self.networks.detect(input, output)
    }

    fn landmarks(&mut self, opinion: Opinion, inputs: &[f32], outputs: &mut [LandmarkTensors]) -> Result<(), N::Error> {
        for crop in inputs.chunks_exact(CROP_VALUES) {
            if self.n_seen.is_multiple_of(STEP) && self.crops.len() < N_COMPARED * CROP_VALUES {
                self.crops.extend_from_slice(crop);
            }
            self.n_seen += 1;
        }
        self.networks.landmarks(opinion, inputs, outputs)
    }
}

impl<N: PeopleNetworks> PeopleNetworks for Keeping<'_, N> {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), N::Error> {
        self.networks.find_people(input, size, output)
    }
}

/// Returns the time of the landmark network in each engine that this machine can run, in one thread, in turns (medians),
/// and how far the landmarks of the others are from those of the first.
///
/// # Errors
/// An engine cannot be loaded or fails.
pub(super) fn side_by_side(models: &std::path::Path, pose: PoseSettings, crops: &[f32]) -> Result<String, Error> {
    let mut names = Vec::new();
    let mut networks = Vec::new();
    for inference in EngineKind::ALL.into_iter().filter(|engine| engine.is_available()) {
        let engine = engine(models, &PoseSettings { inference, people: People::One, ..pose })?;
        names.push(engine.name());
        networks.push(engine.networks(1)?);
    }
    let mut times_ms = vec![Vec::new(); names.len()];
    let mut distances_px = vec![Vec::new(); names.len()];
    for crop in crops.chunks_exact(CROP_VALUES) {
        let mut first = LandmarkTensors::default();
        for (index, networks) in networks.iter_mut().enumerate() {
            let mut output = [LandmarkTensors::default()];
            let begin = Instant::now();
            networks.landmarks(Opinion::First, crop, &mut output)?;
            times_ms[index].push(1e3 * begin.elapsed().as_secs_f64());
            let [output] = output;
            if index == 0 {
                first = output;
                continue;
            }
            let points = first.points.chunks_exact(POINT_VALUES).zip(output.points.chunks_exact(POINT_VALUES));
            distances_px[index].extend(points.map(|(one, other)| (one[0] - other[0]).hypot(one[1] - other[1])));
        }
    }
    let mut text =
        format!("landmark network, {} crops of this video in one thread, in turns (medians):\n", times_ms[0].len());
    for ((name, times_ms), distances_px) in names.iter().zip(&mut times_ms).zip(&mut distances_px) {
        times_ms.sort_by(f64::total_cmp);
        let median_ms = times_ms.get(times_ms.len() / 2).copied().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, "  {name:<24} {median_ms:>8.2} ms");
        distances_px.sort_by(f32::total_cmp);
        if let (Some(median_px), Some(most_px)) = (distances_px.get(distances_px.len() / 2), distances_px.last()) {
            let _ = write!(
                text,
                "; landmarks {median_px:.5} px off the first engine's at the median, {most_px:.4} at most, of 256"
            );
        }
        text.push('\n');
    }
    Ok(text)
}
