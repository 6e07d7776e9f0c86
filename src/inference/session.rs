//! Runs the pose networks with ONNX Runtime. The only file that uses it.
//!
//! The library is loaded at run time, so that a machine without it shows an error with a hint instead of a loader
//! message. A session can run one input at a time, so each worker has its own. Its number of threads is fixed when it
//! is built: one thread uses busy cores best; several threads make a frame faster if cores are idle
//! (`extract/elastic.rs` chooses frame by frame).

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::{Session, builder::GraphOptimizationLevel};
use ort::value::TensorRef;

pub(super) use ort::Error as OrtError;

use super::error::InferenceError;
use super::networks::NetworkFile;
use crate::pose::detector;
use crate::pose::landmarks::{self, LandmarkTensors};
use crate::pose::multipose;
use crate::pose::opinion::Opinion;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};

/// ONNX Runtime allows one environment per process; sessions of all workers share it.
static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

/// Switches the library's telemetry off. The builds of the package registry keep a database of events in the user's
/// cache folder. They send it to Microsoft as soon as the library starts, before telemetry can be switched off through
/// its interface. This environment variable is the only setting that they read before. Call this first, before any
/// thread is started.
pub fn disable_telemetry() {
    // SAFETY: the environment is changed before any other thread exists that could read it, as the contract requires.
    unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") }
}

/// Time that a network's additional threads wait actively for the next operation, microseconds. Most operations come
/// sooner, and waking a thread takes as long as a tenth of the smaller operations. Between two frames the threads
/// sleep.
const SPIN_US: &str = "30";

/// The loaded library.
#[derive(Clone)]
pub(crate) struct Runtime {
    environment: Environment,
    version: String,
}

impl Runtime {
    /// Loads the library at `path`. A second call returns the library already loaded.
    ///
    /// # Errors
    /// The library is missing, or of an unknown version.
    pub(crate) fn load(path: &Path) -> Result<Self, InferenceError> {
        let mut loaded = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return Ok(runtime.clone());
        }
        let library_error = |reason: String| InferenceError::Library { path: path.to_path_buf(), reason };
        let builder = ort::init_from(path).map_err(|error| library_error(error.to_string()))?;
        // Nothing leaves the machine; see also `disable_telemetry`.
        let environment = builder
            .with_name("posekit")
            .with_telemetry(false)
            .build()
            .map_err(|error| library_error(error.to_string()))?;
        let version = library_version(path).unwrap_or_else(|| "of unknown version".to_owned());
        Ok(loaded.insert(Self { environment, version }).clone())
    }

    /// The library's version, such as `1.32.0`.
    #[must_use]
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn session(&self, network: NetworkFile, bytes: &[u8], threads: usize) -> Result<Session, InferenceError> {
        let build = || -> Result<Session, ort::Error> {
            Session::builder(&self.environment)?
                .with_optimization_level(GraphOptimizationLevel::Level3)?
                .with_intra_threads(threads)?
                .with_inter_threads(1)?
                .with_intra_op_spinning(true)?
                .with_config_entry("session.intra_op.spin_duration_us", SPIN_US)?
                .with_inter_op_spinning(false)?
                .commit_from_memory(bytes)
        };
        build().map_err(|source| InferenceError::Load { file_name: network.file_name, source })
    }
}

/// The version that the already loaded library at `path` reports.
fn library_version(path: &Path) -> Option<String> {
    type GetApiBase = unsafe extern "system" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: the library is loaded, so opening it runs no code. The entry point has this signature in all versions and
    // returns a static table whose version text is static and NUL-terminated.
    unsafe {
        let library = libloading::Library::new(path).ok()?;
        let entry_point: libloading::Symbol<'_, GetApiBase> = library.get(b"OrtGetApiBase").ok()?;
        let base = entry_point().as_ref()?;
        Some(std::ffi::CStr::from_ptr((base.GetVersionString)()).to_string_lossy().into_owned())
    }
}

/// A network and the bytes of its (verified) file.
pub(crate) type LoadedFile<'a> = (NetworkFile, &'a [u8]);

/// The networks that ONNX Runtime runs in an extraction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NetworkSet<'a> {
    /// The landmark network.
    pub(crate) landmarks: Option<LoadedFile<'a>>,
    /// The landmark network for second opinions.
    pub(crate) second: Option<LoadedFile<'a>>,
    /// The detector for one person.
    pub(crate) detector: Option<LoadedFile<'a>>,
    /// The detector for several people.
    pub(crate) people_detector: Option<LoadedFile<'a>>,
}

/// The networks of one worker that ONNX Runtime runs.
pub(crate) struct OrtNetworks {
    landmarks: Option<Session>,
    second: Option<Session>,
    detector: Option<Session>,
    people_detector: Option<Session>,
}

impl OrtNetworks {
    /// Builds the sessions, each with `threads` threads. The results do not depend on the number of threads.
    ///
    /// # Errors
    /// ONNX Runtime rejects a network.
    pub(crate) fn new(runtime: &Runtime, networks: &NetworkSet<'_>, threads: usize) -> Result<Self, InferenceError> {
        // Built one after the other: in parallel it took no less time on two cores, and 35 MB more at the peak.
        let optional =
            |file: Option<LoadedFile<'_>>| file.map(|(file, bytes)| runtime.session(file, bytes, threads)).transpose();
        Ok(Self {
            landmarks: optional(networks.landmarks)?,
            second: optional(networks.second)?,
            detector: optional(networks.detector)?,
            people_detector: optional(networks.people_detector)?,
        })
    }
}

impl PoseNetworks for OrtNetworks {
    type Error = InferenceError;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), InferenceError> {
        const SIDE: usize = detector::INPUT_SIDE;
        let tensor = TensorRef::from_array_view(([1, SIDE, SIDE, 3], input))?;
        let detector = self.detector.as_mut().ok_or(InferenceError::NotLoaded { network: "detector" })?;
        let outputs = detector.run(ort::inputs!["image" => tensor])?;
        copy(&outputs, "boxes", detector::ANCHOR_COUNT * detector::BOX_VALUES, &mut output.boxes)?;
        copy(&outputs, "scores", detector::ANCHOR_COUNT, &mut output.logits)
    }

    /// The network takes one crop a run.
    fn landmarks(
        &mut self,
        opinion: Opinion,
        inputs: &[f32],
        outputs: &mut [LandmarkTensors],
    ) -> Result<(), InferenceError> {
        let crops = inputs.chunks_exact(landmarks::CROP_VALUES);
        crops.zip(outputs).try_for_each(|(crop, output)| self.landmarks_of(opinion, crop, output))
    }
}

impl OrtNetworks {
    fn landmarks_of(
        &mut self,
        opinion: Opinion,
        crop: &[f32],
        output: &mut LandmarkTensors,
    ) -> Result<(), InferenceError> {
        use landmarks::{HEATMAP_SIDE, POINT_COUNT, POINT_VALUES};
        const SIDE: usize = landmarks::INPUT_SIDE;
        let tensor = TensorRef::from_array_view(([1, SIDE, SIDE, 3], crop))?;
        let (network, name) = match opinion {
            Opinion::First => (&mut self.landmarks, "landmark"),
            Opinion::Second => (&mut self.second, "second landmark"),
        };
        let network = network.as_mut().ok_or(InferenceError::NotLoaded { network: name })?;
        let outputs = network.run(ort::inputs!["image" => tensor])?;
        let mut pose_flag = Vec::with_capacity(1);
        copy(&outputs, "pose_flag", 1, &mut pose_flag)?;
        output.pose_flag = pose_flag[0];
        copy(&outputs, "landmarks", POINT_COUNT * POINT_VALUES, &mut output.points)?;
        copy(&outputs, "heatmap", HEATMAP_SIDE * HEATMAP_SIDE * POINT_COUNT, &mut output.heatmap)?;
        copy(&outputs, "world_landmarks", POINT_COUNT * 3, &mut output.world)
    }
}

impl PeopleNetworks for OrtNetworks {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), InferenceError> {
        let detector = self.people_detector.as_mut().ok_or(InferenceError::NotLoaded { network: "people detector" })?;
        let tensor = TensorRef::from_array_view(([1, size[1], size[0], 3], input))?;
        let outputs = detector.run(ort::inputs!["input" => tensor])?;
        copy(&outputs, "output_0", multipose::MAX_PEOPLE * multipose::PERSON_VALUES, output)
    }
}

/// Copies an output's values into a buffer that is kept from frame to frame.
fn copy(
    outputs: &ort::session::SessionOutputs<'_>,
    name: &'static str,
    expected: usize,
    buffer: &mut Vec<f32>,
) -> Result<(), InferenceError> {
    let missing = || InferenceError::Shape { name, found: 0, expected };
    let (_, values) = outputs.get(name).ok_or_else(missing)?.try_extract_tensor::<f32>()?;
    if values.len() != expected {
        return Err(InferenceError::Shape { name, found: values.len(), expected });
    }
    buffer.clear();
    buffer.extend_from_slice(values);
    Ok(())
}
