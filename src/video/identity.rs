//! The identity of a video: a hash of its content, so that a renamed, moved or copied file is the same video.

use std::fs::File;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::error::VideoError;

/// What tells without reading it that a file is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of modification, nanoseconds since 1970.
    pub modified_ns: i64,
}

impl FileStamp {
    /// The stamp of a file.
    ///
    /// # Errors
    /// The file cannot be looked at, or is empty.
    pub fn of(path: &Path) -> Result<Self, VideoError> {
        let metadata = path.metadata().map_err(|source| VideoError::io(path, source))?;
        if metadata.len() == 0 {
            return Err(VideoError::Empty { path: path.to_path_buf() });
        }
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified_ns = modified.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default();
        Ok(Self { size_bytes: metadata.len(), modified_ns })
    }
}

/// The `video_id` of a file: the first 128 bits of BLAKE3 over its bytes, in hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub fn content_id(path: &Path) -> Result<String, VideoError> {
    let file = File::open(path).map_err(|source| VideoError::io(path, source))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(|source| VideoError::io(path, source))?;
    Ok(hasher.finalize().to_hex()[..32].to_owned())
}

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
        assert_eq!(content_id(&first).unwrap(), content_id(&copy).unwrap());
        assert_ne!(content_id(&first).unwrap(), content_id(&other).unwrap());
        assert_eq!(content_id(&first).unwrap().len(), 32);
    }

    #[test]
    fn an_empty_file_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zero.mp4");
        std::fs::write(&path, b"").unwrap();
        assert!(matches!(FileStamp::of(&path), Err(VideoError::Empty { .. })));
    }
}
