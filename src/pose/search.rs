//! Searches for people: with the detector for several people, in the whole picture and in tiles of it if needed; and for
//! the best seen person, with the detector for one.

use super::crop::sample;
use super::detector::{self, Detection, DetectorThresholds, Letterbox};
use super::multipose::{self, Candidate, Window};
use super::people::PeopleNetworks;
use super::tiles::Tiling;
use super::tracker::{DetectorTensors, PoseNetworks};
use crate::image::Picture;

/// Minimum score of a detection that confirms a followed person.
const CONFIRMING_SCORE: f32 = 0.1;
/// People below this height count as small, in pixels of the detector's input.
const SMALL_PX: f32 = 72.0;

/// Runs the detector for several people. Buffers are kept from run to run.
#[derive(Debug)]
pub(super) struct Search {
    tiling: Tiling,
    min_detection: f32,
    input: Vec<i32>,
    output: Vec<f32>,
}

impl Search {
    /// Creates a search. A person counts as seen from the score `min_detection` on.
    pub(super) fn new(tiling: Tiling, min_detection: f32) -> Self {
        Self { tiling, min_detection, input: Vec::new(), output: Vec::new() }
    }

    /// All people that the detector finds, including uncertain ones: they may be followed already.
    pub(super) fn everybody<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
    ) -> Result<Vec<Candidate>, N::Error> {
        let size_px = image.size_px();
        let mut candidates = self.look_in(networks, image, Window::whole(size_px))?;
        let to_input = multipose::LONG_SIDE as f32 / size_px[0].max(size_px[1]).max(1) as f32;
        let seen = candidates.iter().filter(|candidate| candidate.score >= self.min_detection);
        // Finding nobody is as good a reason to look closer as finding a small person.
        let smallest_px = seen.map(|candidate| candidate.height_px() * to_input).fold(f32::INFINITY, f32::min);
        let are_small = smallest_px < SMALL_PX || smallest_px == f32::INFINITY;
        for window in self.tiling.windows(size_px, are_small) {
            candidates.extend(self.look_in(networks, image, window)?);
        }
        Ok(multipose::distinct(candidates))
    }

    fn look_in<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        window: Window,
    ) -> Result<Vec<Candidate>, N::Error> {
        multipose::fill(image, &window, &mut self.input);
        networks.find_people(&self.input, window.input_size(), &mut self.output)?;
        Ok(multipose::decode(&self.output, &window, CONFIRMING_SCORE))
    }
}

/// Runs the detector for one person. Buffers are made by the first run and kept.
#[derive(Debug)]
pub(super) struct SearchForOne {
    thresholds: DetectorThresholds,
    anchors: Vec<[f32; 2]>,
    input: Vec<f32>,
    output: DetectorTensors,
}

impl SearchForOne {
    /// Creates a search.
    pub(super) fn new(thresholds: DetectorThresholds) -> Self {
        Self { thresholds, anchors: Vec::new(), input: Vec::new(), output: DetectorTensors::default() }
    }

    /// The person whom the detector sees best; `None` if it sees nobody.
    pub(super) fn best<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
    ) -> Result<Option<Detection>, N::Error> {
        let size_px = image.size_px();
        if self.anchors.is_empty() {
            self.anchors = detector::anchors();
            self.input = vec![0.0; detector::INPUT_SIDE * detector::INPUT_SIDE * 3];
        }
        sample(
            image,
            Letterbox::square(size_px),
            detector::INPUT_SIDE,
            detector::INPUT_BORDER,
            detector::INPUT_RANGE,
            &mut self.input,
        );
        networks.detect(&self.input, &mut self.output)?;
        let DetectorTensors { boxes, logits } = &self.output;
        Ok(detector::detections(boxes, logits, &self.anchors, self.thresholds, size_px).first().copied())
    }
}
