//! The engine that runs the pose networks: the files that the settings need, verified, and the library that runs them.
//! It makes the networks of each worker. The other rooms know an engine, not the library behind it.

use std::path::{Path, PathBuf};

use super::networks::{DETECTOR, NetworkError, NetworkFile, locate, read_verified};
use super::session::{NetworkSet, OrtNetworks, Runtime, SessionError};

/// The networks of one worker.
pub(crate) type EngineNetworks = OrtNetworks;

/// A verified file in memory.
type Loaded = (NetworkFile, Vec<u8>);

/// A loaded library, and the files of a landmark network and of a detector.
pub(crate) struct Engine {
    runtime: Runtime,
    landmarks: Loaded,
    detector: Loaded,
}

impl Engine {
    /// Reads a landmark network and a detector (for one person, or for several) from the first of `folders` that has
    /// them, and loads the library at `library`.
    ///
    /// # Errors
    /// A file or the library is missing or not the expected one.
    pub(crate) fn open<E: From<NetworkError> + From<SessionError>>(
        [landmarks, detector]: [NetworkFile; 2],
        folders: &[PathBuf],
        library: &Path,
    ) -> Result<Self, E> {
        let read =
            |network| -> Result<Loaded, E> { Ok((network, read_verified(network, &locate(network, folders)?)?)) };
        let (landmarks, detector) = (read(landmarks)?, read(detector)?);
        Ok(Self { runtime: Runtime::load(library)?, landmarks, detector })
    }

    /// Returns the name and the version of the library.
    pub(crate) fn name(&self) -> String {
        format!("ONNX Runtime {}", self.runtime.version())
    }

    /// Makes all networks, each with `threads` threads. The results do not depend on the number of threads.
    ///
    /// # Errors
    /// The library rejects a network.
    pub(crate) fn networks(&self, threads: usize) -> Result<EngineNetworks, SessionError> {
        OrtNetworks::new(&self.runtime, &self.set(), threads)
    }

    /// Makes the networks that run often. The detector of one person runs only while nobody is tracked.
    ///
    /// # Errors
    /// The library rejects a network.
    pub(crate) fn frequent_networks(&self, threads: usize) -> Result<EngineNetworks, SessionError> {
        OrtNetworks::new(&self.runtime, &NetworkSet { detector: None, ..self.set() }, threads)
    }

    fn set(&self) -> NetworkSet<'_> {
        let detector = (self.detector.0, &*self.detector.1);
        let is_of_one = self.detector.0 == DETECTOR;
        NetworkSet {
            landmarks: (self.landmarks.0, &self.landmarks.1),
            detector: is_of_one.then_some(detector),
            people_detector: (!is_of_one).then_some(detector),
        }
    }
}

/// Loads the library and returns its version, such as `1.32.0`.
///
/// # Errors
/// The library is missing, or of an unknown version.
pub(crate) fn library_version(library: &Path) -> Result<String, SessionError> {
    Ok(Runtime::load(library)?.version().to_owned())
}
