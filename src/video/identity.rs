//! The identity of a video: a hash of its content. A renamed, moved or copied file is the same video.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use super::error::VideoError;
use super::info::FileStamp;
use super::sequence::Sequence;
use super::storage::{StorageFile, Watch, within_limit};

/// Reads the stamp of a file, or of all pictures of a sequence.
///
/// # Errors
/// The file's metadata cannot be read, it is not a file, or the storage does not answer.
pub fn stamp(path: &Path) -> Result<FileStamp, VideoError> {
    let of_reader = path.to_path_buf();
    let stamp = within_limit(path, &|| true, move |watch| stamp_now(&of_reader, watch))?;
    Ok(stamp.unwrap_or(NO_STAMP))
}

/// The stamp of nothing.
const NO_STAMP: FileStamp = FileStamp { size_bytes: 0, modified_ns: i64::MIN };

fn stamp_now(path: &Path, watch: &Watch) -> Result<FileStamp, VideoError> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(stamp_of(&metadata)),
        Ok(_) => Err(VideoError::NotAFile { path: path.to_path_buf() }),
        Err(source) => match Sequence::at(path)? {
            Some(sequence) => stamp_of_all(&sequence, watch),
            None => Err(VideoError::io(path, source)),
        },
    }
}

/// The sum of the sizes, and the newest time of modification.
fn stamp_of_all(sequence: &Sequence, watch: &Watch) -> Result<FileStamp, VideoError> {
    let mut all = NO_STAMP;
    for metadata in sequence.metadata() {
        if !watch.step() {
            break;
        }
        let one = stamp_of(&metadata?);
        all.size_bytes += one.size_bytes;
        all.modified_ns = all.modified_ns.max(one.modified_ns);
    }
    Ok(all)
}

/// A file that is held open to be asked for its stamp later. It answers even if its name is gone by then.
#[derive(Debug)]
pub struct OpenedFile(Mutex<StorageFile>);

impl OpenedFile {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened, or the storage does not answer.
    pub fn open(path: &Path) -> Result<Self, VideoError> {
        Ok(Self(Mutex::new(StorageFile::open(path)?)))
    }

    /// The file's stamp now.
    ///
    /// # Errors
    /// The storage does not answer.
    pub fn stamp(&self) -> Result<FileStamp, VideoError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stamp()
    }
}

/// The stamp in a file's metadata.
#[must_use]
pub fn stamp_of(metadata: &Metadata) -> FileStamp {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ns = modified.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default();
    FileStamp { size_bytes: metadata.len(), modified_ns }
}

/// Computes the digits of a video's `video_id`: the first 128 bits of BLAKE3 over the bytes of its file, in hexadecimal.
/// For a sequence of pictures, the bytes of each picture follow their number (64 bits, little-endian).
///
/// # Errors
/// The file cannot be read.
pub fn content_digits(path: &Path) -> Result<String, VideoError> {
    Ok(content_digits_while(path, &|| true)?.unwrap_or_default())
}

/// Like [`content_digits`], but stops as soon as `is_wanted` returns false; the result is `None` then.
///
/// # Errors
/// The file cannot be read, or reading makes no progress.
pub fn content_digits_while(path: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Option<String>, VideoError> {
    let of_reader = path.to_path_buf();
    let hashing = move |watch: &Watch| {
        let sequence = Sequence::at(&of_reader)?;
        let is_sequence = sequence.is_some();
        let files = sequence.map_or_else(|| vec![of_reader], |sequence| sequence.files().collect());
        hash(&files, is_sequence, watch)
    };
    Ok(within_limit(path, is_wanted, hashing)?.flatten())
}

/// `None` if the result is no longer wanted.
fn hash(files: &[PathBuf], is_sequence: bool, watch: &Watch) -> Result<Option<String>, VideoError> {
    const BUFFER_BYTES: usize = 1 << 20;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    for path in files {
        let failed = |source| VideoError::io(path, source);
        let mut file = File::open(path).map_err(failed)?;
        if is_sequence {
            hasher.update(&file.metadata().map_err(failed)?.len().to_le_bytes());
        }
        loop {
            if !watch.step() {
                return Ok(None);
            }
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(n_bytes) => drop(hasher.update(&buffer[..n_bytes])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    Ok(Some(hasher.finalize().to_hex()[..32].to_owned()))
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
        assert_eq!(content_digits(&first).unwrap(), content_digits(&copy).unwrap());
        assert_ne!(content_digits(&first).unwrap(), content_digits(&other).unwrap());
        assert_eq!(content_digits(&first).unwrap(), blake3::hash(b"the same bytes").to_hex()[..32]);
    }

    #[test]
    fn a_sequence_is_what_its_pictures_are_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &str| std::fs::write(folder.path().join(name), bytes).unwrap();
        let digits = |name: &str| content_digits(&folder.path().join(name)).unwrap();
        for (name, bytes) in
            [("a1.x", "12"), ("a2.x", "3"), ("b_07.x", "12"), ("b_08.x", "3"), ("c1.x", "1"), ("c2.x", "23")]
        {
            write(name, bytes);
        }
        assert_eq!(digits("a%d.x"), digits("b_%02d.x"));
        assert_ne!(digits("a%d.x"), digits("c%d.x"));
        let stamp_now = || stamp(&folder.path().join("a%d.x")).unwrap();
        let before = stamp_now();
        assert_eq!(before.size_bytes, 3);
        write("a3.x", "4");
        assert_eq!(stamp_now().size_bytes, 4);
        assert!(stamp_now().modified_ns >= before.modified_ns);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(stamp(folder.path()), Err(VideoError::NotAFile { .. })));
    }
}
