//! The identity of a video: a hash of its content, so that a renamed, moved or copied file is the same video.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::error::VideoError;
use super::info::FileStamp;

/// The stamp of a file.
///
/// # Errors
/// The file cannot be looked at.
pub fn stamp(path: &Path) -> Result<FileStamp, VideoError> {
    path.metadata().map(|metadata| stamp_of(&metadata)).map_err(|source| VideoError::io(path, source))
}

/// The stamp that is in a file's metadata.
#[must_use]
pub fn stamp_of(metadata: &Metadata) -> FileStamp {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ns = modified.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default();
    FileStamp { size_bytes: metadata.len(), modified_ns }
}

/// What the `video_id` of a file is made of: the first 128 bits of BLAKE3 over its bytes, in hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub fn content_digits(path: &Path) -> Result<String, VideoError> {
    Ok(content_digits_while(path, &|| true)?.unwrap_or_default())
}

/// The same for as long as it is wanted; `None` if it was not up to the end.
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

/// What is read of a file before somebody is asked whether to go on.
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
