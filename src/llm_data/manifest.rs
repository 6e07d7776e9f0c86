//! `manifest.toml`: the sources of a folder, its content, and the overlap of its splits.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::LlmDataError;
use super::folder::{MANIFEST, io_error};
use crate::llm::leakage::LeakageReport;

/// Version of the folder's layout; increased with each change.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The program, and the hash of everything that the folder depends on.
    pub(crate) about: About,
    /// The options that change the output.
    pub(crate) settings: BTreeMap<String, String>,
    /// Overlap of the splits.
    pub(crate) leakage: LeakageReport,
    /// Number of SQL rows that became no example, by reason.
    pub(crate) left_out: BTreeMap<String, u64>,
    /// Number of examples by split, kind, sport, difficulty, language and origin.
    #[serde(default)]
    pub(crate) counts: Vec<Count>,
    /// Number of tokens by split, if counted.
    #[serde(default)]
    pub(crate) tokens: BTreeMap<String, u64>,
    /// The files.
    #[serde(default)]
    pub(crate) files: Vec<FileEntry>,
    /// The videos.
    #[serde(default)]
    pub(crate) lineage: Vec<Lineage>,
}

/// The program, and the hash of everything that the folder depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// `posekit`.
    pub(crate) made_by: String,
    /// Version of the program.
    pub(crate) version: String,
    /// Version of the folder's layout.
    pub(crate) format_version: u32,
    /// Hash of tables, settings, SQL, templates and wordings.
    pub(crate) key: String,
}

/// The number of examples with the same properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    /// Split.
    pub(crate) split: String,
    /// Kind.
    pub(crate) kind: String,
    /// Sport.
    pub(crate) sport: String,
    /// Difficulty.
    pub(crate) difficulty: String,
    /// Language.
    pub(crate) language: String,
    /// `template`, or the model that reworded the examples.
    pub(crate) origin: String,
    /// Number of examples.
    pub(crate) examples: u64,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    /// Its path below the folder.
    pub(crate) path: String,
    /// Number of rows.
    pub(crate) rows: u64,
    /// Size, bytes.
    pub(crate) bytes: u64,
    /// BLAKE3 of its content, hex.
    pub(crate) blake3: String,
}

/// A video that examples are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lineage {
    /// The video.
    pub(crate) video_id: String,
    /// The run whose tables were read.
    pub(crate) run_id: String,
    /// The landmark network.
    pub(crate) network: String,
    /// The sport.
    pub(crate) sport: String,
    /// Hash of the run's tracks and results.
    pub(crate) results: String,
}

impl Manifest {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// The manifest is missing or cannot be read.
    pub(crate) fn read(folder: &Path) -> Result<Self, LlmDataError> {
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
    pub(crate) fn is_current(folder: &Path, key: &str) -> bool {
        let has_size =
            |file: &FileEntry| std::fs::metadata(folder.join(&file.path)).is_ok_and(|found| found.len() == file.bytes);
        Self::read(folder).is_ok_and(|manifest| manifest.about.key == key && manifest.files.iter().all(has_size))
    }
}
