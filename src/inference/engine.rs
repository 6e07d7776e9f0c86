//! The engine that runs the pose networks: the files that the settings need, verified, and what runs them. It makes the
//! networks of each worker. The other rooms know an engine, not what is behind it.

use std::path::{Path, PathBuf};

use super::error::InferenceError;
use super::kind::EngineKind;
use super::native_networks::{NativeNetwork, NativeNetworks, instruction_set};
use super::networks::{DETECTOR, NetworkError, NetworkFile, locate, read_verified};
use super::session::{NetworkSet, OrtNetworks, Runtime};
use crate::pose::landmarks::LandmarkTensors;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};

/// A verified file in memory.
type Loaded = (NetworkFile, Vec<u8>);

/// The networks of an extraction, ready to be made for each worker.
pub(crate) struct Engine {
    native: Option<Native>,
    ort: Option<Ort>,
}

/// The networks that the native engine runs. All workers share their weights.
struct Native {
    landmarks: NativeNetwork,
    detector: Option<NativeNetwork>,
}

/// ONNX Runtime, and the files of the networks that it runs.
struct Ort {
    runtime: Runtime,
    landmarks: Option<Loaded>,
    detector: Option<Loaded>,
    people_detector: Option<Loaded>,
}

impl Engine {
    /// Reads a landmark network and a detector (for one person, or for several) from the first of `folders` that has
    /// them. Loads ONNX Runtime at `library` only if it runs one of them.
    ///
    /// # Errors
    /// A file or the library is missing or not the expected one, or the engine rejects a network.
    pub(crate) fn open<E: From<NetworkError> + From<InferenceError>>(
        kind: EngineKind,
        [landmarks, detector]: [NetworkFile; 2],
        folders: &[PathBuf],
        library: &Path,
    ) -> Result<Self, E> {
        let read =
            |network| -> Result<Loaded, E> { Ok((network, read_verified(network, &locate(network, folders)?)?)) };
        let (landmarks, detector) = (read(landmarks)?, read(detector)?);
        let is_of_one = detector.0 == DETECTOR;
        let native = match kind {
            EngineKind::Ort => None,
            EngineKind::Native => Some(Native {
                landmarks: NativeNetwork::landmarks(landmarks.0, &landmarks.1)?,
                detector: is_of_one.then(|| NativeNetwork::detector(detector.0, &detector.1)).transpose()?,
            }),
        };
        let ort = if native.is_some() && is_of_one {
            None
        } else {
            let [detector, people_detector] = if is_of_one { [Some(detector), None] } else { [None, Some(detector)] };
            let landmarks = native.is_none().then_some(landmarks);
            Some(Ort { runtime: Runtime::load(library)?, landmarks, detector, people_detector })
        };
        Ok(Self { native, ort })
    }

    /// Returns the names of what runs the networks, with versions.
    pub(crate) fn name(&self) -> String {
        let native = self.native.as_ref().and_then(|_| instruction_set().ok()).map(|set| format!("native ({set})"));
        let ort = self.ort.as_ref().map(|ort| format!("ONNX Runtime {}", ort.runtime.version()));
        native.into_iter().chain(ort).collect::<Vec<_>>().join(", ")
    }

    /// Makes all networks, each with `threads` threads. The results do not depend on the number of threads.
    ///
    /// # Errors
    /// ONNX Runtime rejects a network.
    pub(crate) fn networks(&self, threads: usize) -> Result<EngineNetworks, InferenceError> {
        self.make(threads, true)
    }

    /// Makes the networks that run often. The detector of one person runs only while nobody is tracked.
    ///
    /// # Errors
    /// ONNX Runtime rejects a network.
    pub(crate) fn frequent_networks(&self, threads: usize) -> Result<EngineNetworks, InferenceError> {
        self.make(threads, false)
    }

    fn make(&self, threads: usize, has_detector: bool) -> Result<EngineNetworks, InferenceError> {
        let native = self.native.as_ref().map(|Native { landmarks, detector }| {
            NativeNetworks::new(landmarks, detector.as_ref().filter(|_| has_detector), threads)
        });
        let ort = self.ort.as_ref().map(|ort| OrtNetworks::new(&ort.runtime, &ort.set(has_detector), threads));
        Ok(EngineNetworks { native, ort: ort.transpose()? })
    }
}

impl Ort {
    fn set(&self, has_detector: bool) -> NetworkSet<'_> {
        fn borrowed(loaded: Option<&Loaded>) -> Option<(NetworkFile, &[u8])> {
            loaded.map(|(file, bytes)| (*file, &**bytes))
        }
        NetworkSet {
            landmarks: borrowed(self.landmarks.as_ref()),
            detector: borrowed(self.detector.as_ref().filter(|_| has_detector)),
            people_detector: borrowed(self.people_detector.as_ref()),
        }
    }
}

/// The networks of one worker.
pub(crate) struct EngineNetworks {
    native: Option<NativeNetworks>,
    ort: Option<OrtNetworks>,
}

impl EngineNetworks {
    fn ort(&mut self, network: &'static str) -> Result<&mut OrtNetworks, InferenceError> {
        self.ort.as_mut().ok_or(InferenceError::NotLoaded { network })
    }
}

impl PoseNetworks for EngineNetworks {
    type Error = InferenceError;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), InferenceError> {
        match &mut self.native {
            Some(native) => native.detect(input, output),
            None => self.ort("detector")?.detect(input, output),
        }
    }

    fn landmarks(&mut self, inputs: &[f32], outputs: &mut [LandmarkTensors]) -> Result<(), InferenceError> {
        match &mut self.native {
            Some(native) => native.landmarks(inputs, outputs),
            None => self.ort("landmark")?.landmarks(inputs, outputs),
        }
    }
}

impl PeopleNetworks for EngineNetworks {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), InferenceError> {
        self.ort("people detector")?.find_people(input, size, output)
    }
}

/// Loads ONNX Runtime and returns its version, such as `1.32.0`.
///
/// # Errors
/// The library is missing, or of an unknown version.
pub(crate) fn library_version(library: &Path) -> Result<String, InferenceError> {
    Ok(Runtime::load(library)?.version().to_owned())
}
