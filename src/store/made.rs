//! What was made from what: a small file beside each result says so, and that the result is whole. A result whose inputs, settings
//! and code are the same is left as it is.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::files::write_whole;

/// The folder within the output where this is kept.
pub const KEPT: &str = ".posekit";

/// How a result was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// Hash of all that the result depends on.
    key: String,
    /// Size of the file, bytes.
    size_bytes: u64,
    /// Its time of modification, nanoseconds since 1970.
    modified_ns: u128,
}

/// A hash of things that a result depends on. The order counts, and where one ends and the next begins.
#[must_use]
pub fn key_of(things: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for thing in things {
        hasher.update(&(thing.len() as u64).to_le_bytes());
        hasher.update(thing.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// A thing as text for [`key_of`]: what it serializes to, so that a key does not depend on how Rust prints it.
#[must_use]
pub fn in_key(thing: &impl Serialize) -> String {
    // Things in keys are plain structs. One that had no JSON would never be found again, which is safe.
    serde_json::to_string(thing).unwrap_or_else(|error| error.to_string())
}

/// Whether the file is there, untouched since it was made from what `key` stands for.
#[must_use]
pub fn is_current(file: &Path, key: &str) -> bool {
    let read = || -> Option<bool> {
        let record: Record = serde_json::from_slice(&fs::read(record_path(file)?).ok()?).ok()?;
        Some(record == self::record(file, key)?)
    };
    read().unwrap_or(false)
}

/// Notes that the file is made from what `key` stands for.
///
/// # Errors
/// The note cannot be written.
pub fn note(file: &Path, key: &str) -> Result<(), StoreError> {
    let (Some(path), Some(record)) = (record_path(file), record(file, key)) else { return Ok(()) };
    let text = serde_json::to_vec(&record).map_err(|error| StoreError::io("write", &path)(error.into()))?;
    write_whole(&path, &text)
}

fn record(file: &Path, key: &str) -> Option<Record> {
    let metadata = fs::metadata(file).ok()?;
    let modified = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Record { key: key.to_owned(), size_bytes: metadata.len(), modified_ns: modified.as_nanos() })
}

/// Where the note about a file lies.
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
