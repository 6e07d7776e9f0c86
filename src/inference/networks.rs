//! The network files: which files exist, where they are, and checks of their content.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A network that posekit runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkFile {
    /// Name of the file in the models folder.
    pub file_name: &'static str,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: &'static str,
}

impl NetworkFile {
    /// Returns the network's name: its file name without the extension.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.file_name.trim_end_matches(".onnx")
    }
}

/// The BlazePose person detector.
pub const DETECTOR: NetworkFile = NetworkFile {
    file_name: "pose_detection.onnx",
    sha256: "1cfcf82e1a19aa8a656ffa64abb9125329fb72d876cb8336930ba2bad68ca29b",
};

/// The detector for several people (MoveNet MultiPose).
pub const PEOPLE_DETECTOR: NetworkFile = NetworkFile {
    file_name: "movenet_multipose.onnx",
    sha256: "168c8778f16b43c535e1cccf22468f57c6ee6b11617cde41bd604bae8322a81d",
};

/// The files of the BlazePose landmark networks, from fast to accurate.
pub const LANDMARK_FILES: [NetworkFile; 3] = [LITE, FULL, HEAVY];

const LITE: NetworkFile = NetworkFile {
    file_name: "pose_landmark_lite.onnx",
    sha256: "1e9554a29884f644e02e1ad5b19939fc0e30d55d3d7a3b9e202d084985572fbb",
};
const FULL: NetworkFile = NetworkFile {
    file_name: "pose_landmark_full.onnx",
    sha256: "e2ad4d877358c8ca21e5c7f2a66a7b65659f3fcd3b28b304fc9f94806aa1fb8a",
};
const HEAVY: NetworkFile = NetworkFile {
    file_name: "pose_landmark_heavy.onnx",
    sha256: "e197c9cd2bda3ecfaffe847e38b664f74c8cc8c833c5df1dda9c839aa7c7acc2",
};

/// The choices of BlazePose landmark networks, from fast to accurate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandmarkNetwork {
    /// Fastest, least accurate.
    Lite,
    /// MediaPipe's default.
    #[default]
    Full,
    /// Full, and heavy where full is not sure ([`crate::pose::opinion`]).
    Auto,
    /// Most accurate, about five times slower than full.
    Heavy,
}

impl LandmarkNetwork {
    /// The names of all networks on the command line.
    pub const NAMES: [&str; 4] = ["lite", "full", "auto", "heavy"];

    /// The file of the network that reads every crop.
    #[must_use]
    pub fn first(self) -> NetworkFile {
        match self {
            Self::Lite => LITE,
            Self::Full | Self::Auto => FULL,
            Self::Heavy => HEAVY,
        }
    }

    /// The file of the network that is asked where the first is not sure.
    #[must_use]
    pub fn second(self) -> Option<NetworkFile> {
        match self {
            Self::Auto => Some(HEAVY),
            Self::Lite | Self::Full | Self::Heavy => None,
        }
    }

    /// The SHA-256 of the file, or of both files with a comma between them.
    #[must_use]
    pub fn sha256(self) -> String {
        let second = self.second().map(|file| file.sha256);
        [self.first().sha256].into_iter().chain(second).collect::<Vec<_>>().join(",")
    }
}

impl fmt::Display for LandmarkNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Self::NAMES[*self as usize])
    }
}

impl FromStr for LandmarkNetwork {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "lite" => Ok(Self::Lite),
            "full" => Ok(Self::Full),
            "auto" => Ok(Self::Auto),
            "heavy" => Ok(Self::Heavy),
            _ => Err(format!("unknown network {name:?} (expected one of {})", Self::NAMES.join(", "))),
        }
    }
}

/// A network file is missing or wrong: the installation is incomplete.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The file is in none of the folders.
    #[error("network file {file_name} not found in {}", list(folders))]
    Missing {
        /// Name of the file.
        file_name: &'static str,
        /// The folders that were searched.
        folders: Vec<PathBuf>,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is another file, or damaged.
    #[error("{} is not the expected network: its sha256 is {found}, expected {expected}", path.display())]
    WrongContent {
        /// The file.
        path: PathBuf,
        /// SHA-256 of the file.
        found: String,
        /// Expected SHA-256.
        expected: &'static str,
    },
}

impl NetworkError {
    /// What the user can do about the error.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { file_name, .. } if *file_name == HEAVY.file_name => {
                "pass the folder of the networks with --models, run `make install` again, install the second wheel, \
                 posekit-heavy, or choose --network full"
            }
            Self::Missing { .. } => "pass the folder of the networks with --models, or install posekit again",
            Self::Io { .. } => "check that you have permission to read the file",
            Self::WrongContent { .. } => {
                "restore the file (`git checkout -- models`), or remove it to use the installed one"
            }
        }
    }
}

fn list(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Returns the path of the network's file in the first of `folders` that contains it.
///
/// # Errors
/// No folder contains the file.
pub fn locate(network: NetworkFile, folders: &[PathBuf]) -> Result<PathBuf, NetworkError> {
    let candidates = folders.iter().map(|folder| folder.join(network.file_name));
    candidates
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| NetworkError::Missing { file_name: network.file_name, folders: folders.to_vec() })
}

/// Reads a network's file and checks its hash.
///
/// # Errors
/// The file cannot be read, or its hash differs.
pub fn read_verified(network: NetworkFile, path: &Path) -> Result<Vec<u8>, NetworkError> {
    let bytes = std::fs::read(path).map_err(|source| NetworkError::Io { path: path.to_path_buf(), source })?;
    let found = Sha256::digest(&bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    if found == network.sha256 {
        Ok(bytes)
    } else {
        Err(NetworkError::WrongContent { path: path.to_path_buf(), found, expected: network.sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for name in LandmarkNetwork::NAMES {
            assert_eq!(name.parse::<LandmarkNetwork>().unwrap().to_string(), name);
        }
        assert!("huge".parse::<LandmarkNetwork>().unwrap_err().contains("lite, full, auto, heavy"));
    }

    #[test]
    fn the_first_folder_that_has_the_file_wins() {
        let [empty, full] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        std::fs::write(full.path().join(DETECTOR.file_name), "x").unwrap();
        let folders = [empty.path().to_path_buf(), full.path().to_path_buf()];
        assert_eq!(locate(DETECTOR, &folders).unwrap(), full.path().join(DETECTOR.file_name));
        assert!(matches!(locate(DETECTOR, &folders[..1]), Err(NetworkError::Missing { .. })));
    }

    #[test]
    fn another_content_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DETECTOR.file_name);
        std::fs::write(&path, "not a network").unwrap();
        assert!(matches!(read_verified(DETECTOR, &path), Err(NetworkError::WrongContent { .. })));
    }
}
