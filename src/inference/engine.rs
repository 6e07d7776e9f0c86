//! The engine that runs the pose networks: the files that the settings need, verified, and what runs them. It makes the
//! networks of each worker. The other rooms know an engine, not what is behind it.

use std::path::{Path, PathBuf};

use super::error::InferenceError;
use super::kind::EngineKind;
use super::native_networks::{NativeNetwork, NativeNetworks, instruction_set};
use super::networks::{NetworkError, NetworkFile, locate, read_verified};
use super::session::{NetworkSet, OrtNetworks, Runtime};
use crate::pose::landmarks::LandmarkTensors;
use crate::pose::opinion::Opinion;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};

/// A verified file in memory.
type Loaded = (NetworkFile, Vec<u8>);

/// The networks of an extraction, ready to be made for each worker.
pub(crate) struct Engine {
    native: Option<Native>,
    ort: Option<Ort>,
}

/// The files of the networks of an extraction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedNetworks {
    /// The landmark network that reads every crop.
    pub(crate) landmarks: NetworkFile,
    /// The landmark network for second opinions.
    pub(crate) second: Option<NetworkFile>,
    /// The detector for one person.
    pub(crate) detector: NetworkFile,
    /// The detector for several people.
    pub(crate) people_detector: Option<NetworkFile>,
}

impl WantedNetworks {
    /// Returns the files.
    #[must_use]
    pub(crate) fn files(self) -> Vec<NetworkFile> {
        [Some(self.landmarks), self.second, Some(self.detector), self.people_detector].into_iter().flatten().collect()
    }
}

/// The networks that the native engine runs. All workers share their weights.
struct Native {
    /// Whether landmark networks use AMX.
    has_amx: bool,
    landmarks: NativeNetwork,
    second: Option<NativeNetwork>,
    detector: NativeNetwork,
}

/// ONNX Runtime, and the files of the networks that it runs.
struct Ort {
    runtime: Runtime,
    landmarks: Option<Loaded>,
    second: Option<Loaded>,
    detector: Option<Loaded>,
    people_detector: Option<Loaded>,
}

impl Engine {
    /// Reads the networks from the first of `folders` that has them. Loads ONNX Runtime at `library` only if it runs one
    /// of them.
    ///
    /// # Errors
    /// A file or the library is missing or not the expected one, or the engine rejects a network.
    pub(crate) fn open<E: From<NetworkError> + From<InferenceError>>(
        kind: EngineKind,
        wanted: WantedNetworks,
        folders: &[PathBuf],
        library: &Path,
    ) -> Result<Self, E> {
        let read =
            |network| -> Result<Loaded, E> { Ok((network, read_verified(network, &locate(network, folders)?)?)) };
        let (landmarks, detector) = (read(wanted.landmarks)?, read(wanted.detector)?);
        let (second, people_detector) =
            (wanted.second.map(read).transpose()?, wanted.people_detector.map(read).transpose()?);
        let native = match kind {
            EngineKind::Ort => None,
            EngineKind::Native | EngineKind::Amx => {
                let has_amx = kind == EngineKind::Amx;
                let second = second.as_ref().map(|(file, bytes)| NativeNetwork::landmarks(*file, bytes, has_amx));
                Some(Native {
                    has_amx,
                    landmarks: NativeNetwork::landmarks(landmarks.0, &landmarks.1, has_amx)?,
                    second: second.transpose()?,
                    detector: NativeNetwork::detector(detector.0, &detector.1)?,
                })
            }
        };
        let ort = if native.is_some() && people_detector.is_none() {
            None
        } else {
            let (landmarks, second, detector) =
                if native.is_none() { (Some(landmarks), second, Some(detector)) } else { (None, None, None) };
            Some(Ort { runtime: Runtime::load(library)?, landmarks, second, detector, people_detector })
        };
        Ok(Self { native, ort })
    }

    /// Returns the names of what runs the networks, with versions.
    pub(crate) fn name(&self) -> String {
        let native = self.native.as_ref().and_then(|native| {
            let set = instruction_set().ok()?;
            Some(if native.has_amx { format!("amx ({set})") } else { format!("native ({set})") })
        });
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

    /// Makes the networks that run often. The detector of one person runs only while nobody is seen otherwise.
    ///
    /// # Errors
    /// ONNX Runtime rejects a network.
    pub(crate) fn frequent_networks(&self, threads: usize) -> Result<EngineNetworks, InferenceError> {
        self.make(threads, false)
    }

    fn make(&self, threads: usize, has_detector: bool) -> Result<EngineNetworks, InferenceError> {
        let native = self.native.as_ref().map(|Native { landmarks, second, detector, .. }| {
            NativeNetworks::new(landmarks, second.as_ref(), has_detector.then_some(detector), threads)
        });
        let ort = self.ort.as_ref().map(|ort| OrtNetworks::new(&ort.runtime, &ort.set(has_detector), threads));
        Ok(EngineNetworks { native, ort: ort.transpose()?, n_read: [0; 2] })
    }
}

impl Ort {
    fn set(&self, has_detector: bool) -> NetworkSet<'_> {
        fn borrowed(loaded: Option<&Loaded>) -> Option<(NetworkFile, &[u8])> {
            loaded.map(|(file, bytes)| (*file, &**bytes))
        }
        NetworkSet {
            landmarks: borrowed(self.landmarks.as_ref()),
            second: borrowed(self.second.as_ref()),
            detector: borrowed(self.detector.as_ref().filter(|_| has_detector)),
            people_detector: borrowed(self.people_detector.as_ref()),
        }
    }
}

/// The networks of one worker.
pub(crate) struct EngineNetworks {
    native: Option<NativeNetworks>,
    ort: Option<OrtNetworks>,
    /// Crops read by the first and by the second landmark network.
    n_read: [u64; 2],
}

impl Drop for EngineNetworks {
    fn drop(&mut self) {
        let [first, second] = self.n_read;
        if second > 0 {
            tracing::debug!("crops read: {first} by the first landmark network, {second} by the second");
        }
    }
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

    fn landmarks(
        &mut self,
        opinion: Opinion,
        inputs: &[f32],
        outputs: &mut [LandmarkTensors],
    ) -> Result<(), InferenceError> {
        self.n_read[opinion as usize] += outputs.len() as u64;
        match &mut self.native {
            Some(native) => native.landmarks(opinion, inputs, outputs),
            None => self.ort("landmark")?.landmarks(opinion, inputs, outputs),
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
