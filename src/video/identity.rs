//! The identity of a video: a hash of its content. A renamed, moved or copied file is the same video.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::error::VideoError;
use super::info::FileStamp;

/// Reads the stamp of a file.
///
/// # Errors
/// The file's metadata cannot be read.
pub fn stamp(path: &Path) -> Result<FileStamp, VideoError> {
    path.metadata().map(|metadata| stamp_of(&metadata)).map_err(|source| VideoError::io(path, source))
}

/// The stamp in a file's metadata.
#[must_use]
pub fn stamp_of(metadata: &Metadata) -> FileStamp {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ns = modified.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default();
    FileStamp { size_bytes: metadata.len(), modified_ns }
}

/// Computes the digits of a file's `video_id`: the first 128 bits of BLAKE3 over its bytes, in hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub fn content_digits(path: &Path) -> Result<String, VideoError> {
    Ok(content_digits_while(path, &|| true)?.unwrap_or_default())
}

/// Like [`content_digits`], but stops as soon as `is_wanted` returns false; the result is `None` then.
///
/// # Errors
/// The file cannot be read.
pub fn content_digits_while(path: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Option<String>, VideoError> {
    let mut file = File::open(path).map_err(|source| VideoError::io(path, source))?;
    let mut hasher = blake3::Hasher::new();
    let mut n_before = None;
    while n_before != Some(hasher.count()) {
        if !is_wanted() {
            return Ok(None);
        }
        n_before = Some(hasher.count());
        hasher.update_reader((&mut file).take(PIECE_BYTES)).map_err(|source| VideoError::io(path, source))?;
    }
    Ok(Some(hasher.finalize().to_hex()[..32].to_owned()))
}

/// Bytes that are read of a file between two calls of `is_wanted`.
const PIECE_BYTES: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_follows_content_not_name() {
        let folder = tempfile::tempdir().unwrap();
        let [first, copy, other] = ["a.mp4", "b.mov", "c.mp4"].map(|name| folder.path().join(name));
        std::fs::write(&first, b"the same bytes").unwrap();
        std::fs::copy(&first, &copy).unwrap();
        std::fs::write(&other, b"the same bytes!").unwrap();
        assert_eq!(content_digits(&first).unwrap(), content_digits(&copy).unwrap());
        assert_ne!(content_digits(&first).unwrap(), content_digits(&other).unwrap());
        assert_eq!(content_digits(&first).unwrap().len(), 32);
    }
}
