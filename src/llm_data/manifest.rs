//! `manifest.toml`: the sources of a folder, its content, and the overlap of its splits.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::LlmDataError;
use super::folder::{MANIFEST, io_error};
use crate::llm::leakage::LeakageReport;

/// Version of the folder's layout; increased with each change.
pub const FORMAT_VERSION: u32 = 1;

/// The manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The program, and the hash of everything that the folder depends on.
    pub about: About,
    /// The options that change the output.
    pub settings: BTreeMap<String, String>,
    /// Overlap of the splits.
    pub leakage: LeakageReport,
    /// Number of SQL rows that became no example, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Number of examples by split, kind, sport, difficulty, language and origin.
    #[serde(default)]
    pub counts: Vec<Count>,
    /// Number of tokens by split, if counted.
    #[serde(default)]
    pub tokens: BTreeMap<String, u64>,
    /// The files.
    #[serde(default)]
    pub files: Vec<FileEntry>,
    /// The videos.
    #[serde(default)]
    pub lineage: Vec<Lineage>,
}

/// The program, and the hash of everything that the folder depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// `posekit`.
    pub made_by: String,
    /// Version of the program.
    pub version: String,
    /// Version of the folder's layout.
    pub format_version: u32,
    /// Hash of tables, settings, SQL, templates and wordings.
    pub key: String,
}

/// The number of examples with the same properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Split.
    pub split: String,
    /// Kind.
    pub kind: String,
    /// Sport.
    pub sport: String,
    /// Difficulty.
    pub difficulty: String,
    /// Language.
    pub language: String,
    /// `template`, or the model that reworded the examples.
    pub origin: String,
    /// Number of examples.
    pub examples: u64,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path below the folder.
    pub path: String,
    /// Number of rows.
    pub rows: u64,
    /// Size, bytes.
    pub bytes: u64,
    /// BLAKE3 of its content, hex.
    pub blake3: String,
}

/// A video that examples are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The video.
    pub video_id: String,
    /// The run whose tables were read.
    pub run_id: String,
    /// The landmark network.
    pub network: String,
    /// The sport.
    pub sport: String,
    /// Hash of the run's tracks and results.
    pub results: String,
}

impl Manifest {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// The manifest is missing or cannot be read.
    pub fn read(folder: &Path) -> Result<Self, LlmDataError> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(LlmDataError::NoManifest { folder: folder.to_path_buf() });
            }
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        toml::from_str(&text).map_err(|error| io_error("read", &path)(std::io::Error::other(error.to_string())))
    }

    /// Whether a folder has the key `key`, and all its files exist in full length.
    #[must_use]
    pub fn is_current(folder: &Path, key: &str) -> bool {
        let has_size =
            |file: &FileEntry| std::fs::metadata(folder.join(&file.path)).is_ok_and(|found| found.len() == file.bytes);
        Self::read(folder).is_ok_and(|manifest| manifest.about.key == key && manifest.files.iter().all(has_size))
    }
}
