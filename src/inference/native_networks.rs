//! The BlazePose networks in the native engine.

use super::error::InferenceError;
use super::native::{InstructionSet, NativeError, Network, Scratch};
use super::networks::NetworkFile;
use crate::pose::detector::{ANCHOR_COUNT, BOX_VALUES};
use crate::pose::landmarks::{CROP_VALUES, HEATMAP_SIDE, LandmarkTensors, POINT_COUNT, POINT_VALUES};
use crate::pose::opinion::Opinion;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};

/// The outputs of the landmark network that the pipeline uses, with their numbers of values.
const LANDMARK_OUTPUTS: [(&str, usize); 4] = [
    ("landmarks", POINT_COUNT * POINT_VALUES),
    ("heatmap", HEATMAP_SIDE * HEATMAP_SIDE * POINT_COUNT),
    ("world_landmarks", POINT_COUNT * 3),
    ("pose_flag", 1),
];
/// The outputs of the detector, with their numbers of values.
const DETECTOR_OUTPUTS: [(&str, usize); 2] = [("boxes", ANCHOR_COUNT * BOX_VALUES), ("scores", ANCHOR_COUNT)];

/// The environment variable that forces an instruction set, such as `scalar`. The rows do not depend on it.
pub(crate) const INSTRUCTIONS_VARIABLE: &str = "POSEKIT_INSTRUCTIONS";

/// Returns the instruction set for this process: the one that the user names, else the fastest of this processor.
///
/// # Errors
/// The name is unknown.
pub(crate) fn instruction_set() -> Result<InstructionSet, String> {
    match std::env::var(INSTRUCTIONS_VARIABLE) {
        Ok(name) if !name.is_empty() => name.parse(),
        _ => Ok(InstructionSet::best()),
    }
}

/// A network that is ready to run, and its name for messages. All workers share it.
#[derive(Clone)]
pub(super) struct NativeNetwork {
    file: NetworkFile,
    network: Network,
}

impl NativeNetwork {
    /// Reads the landmark network; with AMX if `has_amx`.
    ///
    /// # Errors
    /// The native engine rejects it, or this machine lacks AMX.
    pub(super) fn landmarks(file: NetworkFile, bytes: &[u8], has_amx: bool) -> Result<Self, InferenceError> {
        let set = if has_amx { InstructionSet::Amx } else { usual_set()? };
        Self::read(file, bytes, &LANDMARK_OUTPUTS, set)
    }

    /// Reads the detector of one person.
    ///
    /// # Errors
    /// The native engine rejects it.
    pub(super) fn detector(file: NetworkFile, bytes: &[u8]) -> Result<Self, InferenceError> {
        Self::read(file, bytes, &DETECTOR_OUTPUTS, usual_set()?)
    }

    fn read(
        file: NetworkFile,
        bytes: &[u8],
        outputs: &[(&'static str, usize)],
        set: InstructionSet,
    ) -> Result<Self, InferenceError> {
        let names: Vec<&str> = outputs.iter().map(|(name, _)| *name).collect();
        let network = Network::read(bytes, &names, set).map_err(failed(file))?;
        for (&(name, expected), found) in outputs.iter().zip(network.output_lens()) {
            if found != expected {
                return Err(InferenceError::Shape { name, found, expected });
            }
        }
        Ok(Self { file, network })
    }
}

/// [`instruction_set`], with the error of this module.
fn usual_set() -> Result<InstructionSet, InferenceError> {
    instruction_set().map_err(|reason| InferenceError::Instructions { reason })
}

fn failed(file: NetworkFile) -> impl Fn(NativeError) -> InferenceError {
    move |source| InferenceError::Native { file_name: file.file_name, source }
}

/// A network with the memory of one worker.
struct Ready {
    network: NativeNetwork,
    scratch: Scratch,
}

impl Ready {
    fn new(network: NativeNetwork, threads: usize) -> Self {
        Self { scratch: network.network.scratch(threads), network }
    }

    fn run(&mut self, input: &[f32], outputs: &mut [Vec<f32>]) -> Result<(), InferenceError> {
        self.network.network.run(&mut self.scratch, input, outputs).map_err(failed(self.network.file))
    }
}

/// The networks of one worker that the native engine runs.
pub(super) struct NativeNetworks {
    landmarks: Ready,
    second: Option<Ready>,
    detector: Option<Ready>,
    pose_flag: Vec<f32>,
}

impl NativeNetworks {
    /// Makes the memory of one worker, for so many threads.
    #[must_use]
    pub(super) fn new(
        landmarks: &NativeNetwork,
        second: Option<&NativeNetwork>,
        detector: Option<&NativeNetwork>,
        threads: usize,
    ) -> Self {
        let ready = |network: &NativeNetwork| Ready::new(network.clone(), threads);
        Self {
            landmarks: ready(landmarks),
            second: second.map(ready),
            detector: detector.map(ready),
            pose_flag: Vec::new(),
        }
    }
}

impl PoseNetworks for NativeNetworks {
    type Error = InferenceError;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), InferenceError> {
        let detector = self.detector.as_mut().ok_or(InferenceError::NotLoaded { network: "detector" })?;
        let mut outputs = [std::mem::take(&mut output.boxes), std::mem::take(&mut output.logits)];
        detector.run(input, &mut outputs)?;
        [output.boxes, output.logits] = outputs;
        Ok(())
    }

    fn landmarks(
        &mut self,
        opinion: Opinion,
        inputs: &[f32],
        outputs: &mut [LandmarkTensors],
    ) -> Result<(), InferenceError> {
        let network = match opinion {
            Opinion::First => &mut self.landmarks,
            Opinion::Second => self.second.as_mut().ok_or(InferenceError::NotLoaded { network: "second landmark" })?,
        };
        for (crop, output) in inputs.chunks_exact(CROP_VALUES).zip(outputs) {
            let LandmarkTensors { points, heatmap, world, .. } = output;
            let mut buffers = [points, heatmap, world, &mut self.pose_flag].map(std::mem::take);
            network.run(crop, &mut buffers)?;
            [output.points, output.heatmap, output.world, self.pose_flag] = buffers;
            output.pose_flag = self.pose_flag.first().copied().unwrap_or_default();
        }
        Ok(())
    }
}
