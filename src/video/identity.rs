//! The identity of a video: a hash of its content. A renamed, moved or copied file is the same video.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::error::VideoError;
use super::info::FileStamp;
use super::sequence::Sequence;

/// Reads the stamp of a file, or of all pictures of a sequence.
///
/// # Errors
/// The file's metadata cannot be read, or it is not a file.
pub fn stamp(path: &Path) -> Result<FileStamp, VideoError> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(stamp_of(&metadata)),
        Ok(_) => Err(VideoError::NotAFile { path: path.to_path_buf() }),
        Err(source) => match Sequence::at(path)? {
            Some(sequence) => stamp_of_all(&sequence),
            None => Err(VideoError::io(path, source)),
        },
    }
}

/// The sum of the sizes, and the newest time of modification.
fn stamp_of_all(sequence: &Sequence) -> Result<FileStamp, VideoError> {
    let mut all = FileStamp { size_bytes: 0, modified_ns: i64::MIN };
    for metadata in sequence.metadata() {
        let one = stamp_of(&metadata?);
        all.size_bytes += one.size_bytes;
        all.modified_ns = all.modified_ns.max(one.modified_ns);
    }
    Ok(all)
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
    let sequence = Sequence::at(path)?;
    let is_sequence = sequence.is_some();
    let files = sequence.map_or_else(|| vec![path.to_path_buf()], |sequence| sequence.files().collect());
    let hashing = move |watch: &Watch| hash(&files, is_sequence, watch);
    match watched(hashing, is_wanted, STALL_LIMIT) {
        Ok(Watched::Done(digits)) => digits,
        Ok(Watched::Unwanted) => Ok(None),
        Ok(Watched::Stalled) => Err(VideoError::Stalled { path: path.to_path_buf(), limit_s: STALL_LIMIT.as_secs() }),
        Err(source) => Err(VideoError::io(path, source)),
    }
}

/// A network drive that is gone may never answer. After this time without a byte, other videos go on.
const STALL_LIMIT: Duration = Duration::from_mins(1);

/// What a reading thread and the thread that waits for it tell each other.
#[derive(Debug, Default)]
struct Watch {
    /// Steps of progress so far.
    n_steps: AtomicU64,
    /// Whether the result is no longer wanted.
    is_abandoned: AtomicBool,
}

/// What came of reading.
#[derive(Debug, PartialEq, Eq)]
enum Watched<T> {
    Done(T),
    Unwanted,
    Stalled,
}

/// Reads on a thread of its own. A read that never ends cannot be ended either: its thread is left behind.
fn watched<T: Send + 'static>(
    read: impl FnOnce(&Watch) -> T + Send + 'static,
    is_wanted: &dyn Fn() -> bool,
    limit: Duration,
) -> io::Result<Watched<T>> {
    const STEP: Duration = Duration::from_millis(100);
    if !is_wanted() {
        return Ok(Watched::Unwanted);
    }
    let watch = Arc::new(Watch::default());
    let (done, outcome) = channel();
    let of_reader = Arc::clone(&watch);
    // Nobody may be waiting any more.
    let reader = move || drop(done.send(read(&of_reader)));
    std::thread::Builder::new().name("identity".to_owned()).spawn(reader)?;
    let (mut n_steps, mut since) = (0, Instant::now());
    loop {
        match outcome.recv_timeout(STEP.min(limit)) {
            Ok(outcome) => return Ok(Watched::Done(outcome)),
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the reading thread ended")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = watch.n_steps.load(Ordering::Relaxed);
        if now != n_steps {
            (n_steps, since) = (now, Instant::now());
        }
        let is_stalled = since.elapsed() >= limit;
        if is_stalled || !is_wanted() {
            watch.is_abandoned.store(true, Ordering::Relaxed);
            return Ok(if is_stalled { Watched::Stalled } else { Watched::Unwanted });
        }
    }
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
            watch.n_steps.fetch_add(1, Ordering::Relaxed);
            if watch.is_abandoned.load(Ordering::Relaxed) {
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

    #[test]
    #[cfg(unix)]
    fn reading_that_makes_no_progress_is_given_up() {
        let limit = Duration::from_millis(50);
        // A connection on which nobody writes, as from a drive that is gone.
        let (_writer, mut silent) = std::os::unix::net::UnixStream::pair().unwrap();
        let waiting = move |_: &Watch| silent.read(&mut [0; 1]).is_ok();
        assert_eq!(watched(waiting, &|| true, limit).unwrap(), Watched::Stalled);
        let slow = |watch: &Watch| {
            for _ in 0..20 {
                std::thread::sleep(Duration::from_millis(10));
                watch.n_steps.fetch_add(1, Ordering::Relaxed);
            }
        };
        assert_eq!(watched(slow, &|| true, limit).unwrap(), Watched::Done(()));
        let endless = |watch: &Watch| {
            while !watch.is_abandoned.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        assert_eq!(watched(endless, &|| false, Duration::from_secs(9)).unwrap(), Watched::Unwanted);
    }
}
