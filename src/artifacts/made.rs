//! Records of how results were made. A small file beside each result records its key, and that the result is complete.
//! A result is left unchanged if its inputs, settings and code are the same.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ArtifactError;
use super::files::write_whole;

/// The folder within the output that holds the records.
pub(crate) const KEPT: &str = ".posekit";

/// The record of how a result was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// A hash of everything that the result depends on.
    key: String,
    /// The size of the file, bytes.
    size_bytes: u64,
    /// The file's time of modification, nanoseconds since 1970.
    modified_ns: u128,
}

/// Returns a hash of the things that a result depends on. The order matters, and so do the boundaries between the
/// things.
#[must_use]
pub(crate) fn key_of(things: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for thing in things {
        hasher.update(&(thing.len() as u64).to_le_bytes());
        hasher.update(thing.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Returns a thing as text for [`key_of`]: its serialized form, so that a key does not depend on how Rust prints it.
#[must_use]
pub(crate) fn in_key(thing: &impl Serialize) -> String {
    // Things in keys are plain structs. A key with a thing that has no JSON form would never match again, which is
    // safe.
    serde_json::to_string(thing).unwrap_or_else(|error| error.to_string())
}

/// Returns whether the file is there, unchanged since it was made from the things of `key`.
#[must_use]
pub(crate) fn is_current(file: &Path, key: &str) -> bool {
    let read = || -> Option<bool> {
        let record: Record = serde_json::from_slice(&fs::read(record_path(file)?).ok()?).ok()?;
        Some(record == self::record(file, key)?)
    };
    read().unwrap_or(false)
}

/// Records that the file was made from the things of `key`.
///
/// # Errors
/// The record cannot be written.
pub(crate) fn note(file: &Path, key: &str) -> Result<(), ArtifactError> {
    let (Some(path), Some(record)) = (record_path(file), record(file, key)) else { return Ok(()) };
    let text = serde_json::to_vec(&record).map_err(|error| ArtifactError::io("write", &path)(error.into()))?;
    write_whole(&path, &text)
}

fn record(file: &Path, key: &str) -> Option<Record> {
    let metadata = fs::metadata(file).ok()?;
    let modified = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Record { key: key.to_owned(), size_bytes: metadata.len(), modified_ns: modified.as_nanos() })
}

/// Returns the path of the record of a file.
fn record_path(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    Some(file.parent()?.join(KEPT).join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_current_until_it_or_its_inputs_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.mp4");
        assert!(!is_current(&file, "one"));
        fs::write(&file, "video").unwrap();
        assert!(!is_current(&file, "one"), "nobody said what it was made from");
        note(&file, "one").unwrap();
        assert!(is_current(&file, "one"));
        assert!(!is_current(&file, "two"));
        fs::write(&file, "another").unwrap();
        assert!(!is_current(&file, "one"), "somebody wrote into it");
    }

    #[test]
    fn keys_know_where_things_end() {
        assert_eq!(key_of(&["a", "b"]), key_of(&["a", "b"]));
        assert_ne!(key_of(&["ab"]), key_of(&["a", "b"]));
        assert_ne!(key_of(&["a", "b"]), key_of(&["b", "a"]));
    }
}
