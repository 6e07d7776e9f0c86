//! Running the pose networks with ONNX Runtime: the only file that touches it.
//!
//! The library is loaded at run time, so that a machine without it gets an error with a hint instead of a loader message.
//! A session is exclusive while it runs, so each worker owns its own. Its number of threads is fixed when it is built: one uses
//! busy cores best, several make a frame faster if cores are idle (`extract/elastic.rs` chooses frame by frame).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::{Session, builder::GraphOptimizationLevel};
use ort::value::TensorRef;

use super::detector;
use super::landmarks::{self, LandmarkTensors};
use super::multipose;
use super::networks::NetworkFile;
use super::people::PeopleNetworks;
use super::tracker::{DetectorTensors, PoseNetworks};

/// ONNX Runtime allows one environment in a process; sessions of all workers share it.
static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

/// ONNX Runtime could not be loaded, or a network not run.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The library is missing, or is no ONNX Runtime of a known version.
    #[error("cannot load ONNX Runtime: {reason}")]
    Library {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The library does not accept a network.
    #[error("ONNX Runtime cannot load {file_name}: {source}")]
    Load {
        /// The network's file name.
        file_name: &'static str,
        /// ONNX Runtime's reason.
        source: ort::Error,
    },
    /// A network failed on a frame.
    #[error("a pose network failed: {0}")]
    Run(#[from] ort::Error),
    /// A network is asked for that was not loaded: a fault of posekit.
    #[error("the {network} network is not loaded")]
    NotLoaded {
        /// Which.
        network: &'static str,
    },
    /// A network gave an output of another shape than it should.
    #[error("the network's output {name} has {found} values, expected {expected}")]
    Shape {
        /// The output.
        name: &'static str,
        /// Its number of values.
        found: usize,
        /// What it should be.
        expected: usize,
    },
}

/// Switches the library's telemetry off. The builds of the package registry keep a database of events in the user's cache
/// folder and send it to Microsoft from the moment that the library starts, before its interface can be told not to; this
/// variable is the only thing that it looks at before. Call this first of all, before any thread is started.
pub fn disable_telemetry() {
    // SAFETY: the environment is changed before there is another thread that could read it, as the contract says.
    unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") }
}

/// How long a network's further threads stay awake for the next operation, microseconds. Most come sooner, and waking a thread takes
/// as long as a tenth of the smaller ones; between two frames they sleep.
const SPIN_US: &str = "30";

/// The library in memory.
#[derive(Clone)]
pub struct Runtime {
    environment: Environment,
    version: String,
}

impl Runtime {
    /// Loads the library at `path`; a second call returns the library that is loaded already.
    ///
    /// # Errors
    /// There is none, or of an unknown version.
    pub fn load(path: &Path) -> Result<Self, SessionError> {
        let mut loaded = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return Ok(runtime.clone());
        }
        let library_error = |reason: String| SessionError::Library { path: path.to_path_buf(), reason };
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
    pub fn version(&self) -> &str {
        &self.version
    }

    fn session(&self, network: NetworkFile, bytes: &[u8], threads: usize) -> Result<Session, SessionError> {
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
        build().map_err(|source| SessionError::Load { file_name: network.file_name, source })
    }
}

/// What the library at `path`, which is loaded already, says its version is.
fn library_version(path: &Path) -> Option<String> {
    type GetApiBase = unsafe extern "system" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: the library is loaded, so opening it runs no code; the entry point has this signature in all versions, and
    // gives a static table whose version text is static and NUL-terminated.
    unsafe {
        let library = libloading::Library::new(path).ok()?;
        let entry_point: libloading::Symbol<'_, GetApiBase> = library.get(b"OrtGetApiBase").ok()?;
        let base = entry_point().as_ref()?;
        Some(std::ffi::CStr::from_ptr((base.GetVersionString)()).to_string_lossy().into_owned())
    }
}

/// A network and the bytes of its (verified) file.
pub type LoadedFile<'a> = (NetworkFile, &'a [u8]);

/// The networks that an extraction takes: one of the two detectors is enough.
#[derive(Debug, Clone, Copy)]
pub struct NetworkSet<'a> {
    /// The landmark network.
    pub landmarks: LoadedFile<'a>,
    /// The detector of one person.
    pub detector: Option<LoadedFile<'a>>,
    /// The detector of several people.
    pub people_detector: Option<LoadedFile<'a>>,
}

/// The networks of one worker.
pub struct OrtNetworks {
    landmarks: Session,
    detector: Option<Session>,
    people_detector: Option<Session>,
}

impl OrtNetworks {
    /// Builds the sessions, each with so many threads. What they compute does not depend on it.
    ///
    /// # Errors
    /// ONNX Runtime does not accept a network.
    pub fn new(runtime: &Runtime, networks: &NetworkSet<'_>, threads: usize) -> Result<Self, SessionError> {
        // One after the other: side by side took no less time on two cores, and 35 MB more at the peak.
        let optional =
            |file: Option<LoadedFile<'_>>| file.map(|(file, bytes)| runtime.session(file, bytes, threads)).transpose();
        Ok(Self {
            landmarks: runtime.session(networks.landmarks.0, networks.landmarks.1, threads)?,
            detector: optional(networks.detector)?,
            people_detector: optional(networks.people_detector)?,
        })
    }
}

impl PoseNetworks for OrtNetworks {
    type Error = SessionError;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), SessionError> {
        const SIDE: usize = detector::INPUT_SIDE;
        let tensor = TensorRef::from_array_view(([1, SIDE, SIDE, 3], input))?;
        let detector = self.detector.as_mut().ok_or(SessionError::NotLoaded { network: "detector" })?;
        let outputs = detector.run(ort::inputs!["image" => tensor])?;
        copy(&outputs, "boxes", detector::ANCHOR_COUNT * detector::BOX_VALUES, &mut output.boxes)?;
        copy(&outputs, "scores", detector::ANCHOR_COUNT, &mut output.logits)
    }

    fn landmarks(&mut self, input: &[f32], output: &mut LandmarkTensors) -> Result<(), SessionError> {
        use landmarks::{HEATMAP_SIDE, POINT_COUNT, POINT_VALUES};
        const SIDE: usize = landmarks::INPUT_SIDE;
        let tensor = TensorRef::from_array_view(([1, SIDE, SIDE, 3], input))?;
        let outputs = self.landmarks.run(ort::inputs!["image" => tensor])?;
        let mut pose_flag = Vec::with_capacity(1);
        copy(&outputs, "pose_flag", 1, &mut pose_flag)?;
        output.pose_flag = pose_flag[0];
        copy(&outputs, "landmarks", POINT_COUNT * POINT_VALUES, &mut output.points)?;
        copy(&outputs, "heatmap", HEATMAP_SIDE * HEATMAP_SIDE * POINT_COUNT, &mut output.heatmap)?;
        copy(&outputs, "world_landmarks", POINT_COUNT * 3, &mut output.world)
    }
}

impl PeopleNetworks for OrtNetworks {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), SessionError> {
        let detector = self.people_detector.as_mut().ok_or(SessionError::NotLoaded { network: "people detector" })?;
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
) -> Result<(), SessionError> {
    let missing = || SessionError::Shape { name, found: 0, expected };
    let (_, values) = outputs.get(name).ok_or_else(missing)?.try_extract_tensor::<f32>()?;
    if values.len() != expected {
        return Err(SessionError::Shape { name, found: values.len(), expected });
    }
    buffer.clear();
    buffer.extend_from_slice(values);
    Ok(())
}
