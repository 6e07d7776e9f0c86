//! Files on storage that may stall: a network drive that is gone may never answer.
//!
//! A read that never ends cannot be ended either: neither a signal nor FFmpeg's interrupt callback reaches a thread that
//! waits for a drive. So such reads run on a thread of their own, which is left behind after a time limit. Disks of
//! this machine are read directly.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::error::VideoError;
use super::identity::stamp_of;
use super::info::FileStamp;
use crate::failpoint;

/// After this time without a byte, a video is given up and the others go on.
const STALL_LIMIT: Duration = Duration::from_mins(1);
/// The same once the user has asked to stop.
const HURRIED_LIMIT: Duration = Duration::from_secs(5);
/// Who waits looks up after this time.
const STEP: Duration = Duration::from_millis(100);

static IS_HURRIED: AtomicBool = AtomicBool::new(false);

/// Shortens the time for which stalled storage is waited for: the user asks to stop.
pub fn hurry() {
    IS_HURRIED.store(true, Ordering::Relaxed);
}

fn stall_limit() -> Duration {
    let usual = failpoint::stall_limit().unwrap_or(STALL_LIMIT);
    if IS_HURRIED.load(Ordering::Relaxed) { usual.min(HURRIED_LIMIT) } else { usual }
}

/// Storage gave nothing for a long time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer for {limit_s} s")]
pub(super) struct Stall {
    /// The time without an answer, seconds.
    pub(super) limit_s: u64,
}

impl Stall {
    fn after(limit: Duration) -> Self {
        Self { limit_s: limit.as_secs() }
    }

    /// The stall that an error of [`StorageFile`] stands for.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref()).copied()
    }
}

impl From<Stall> for io::Error {
    fn from(stall: Stall) -> Self {
        Self::new(ErrorKind::TimedOut, stall)
    }
}

/// What a reading thread and the thread that waits for it tell each other.
#[derive(Debug, Default)]
pub(super) struct Watch {
    n_steps: AtomicU64,
    is_abandoned: AtomicBool,
}

impl Watch {
    /// Notes a step of progress. Returns whether the result is still wanted.
    pub(super) fn step(&self) -> bool {
        self.n_steps.fetch_add(1, Ordering::Relaxed);
        !self.is_abandoned.load(Ordering::Relaxed)
    }
}

/// What came of reading.
#[derive(Debug, PartialEq, Eq)]
enum Watched<T> {
    Done(T),
    Unwanted,
    Stalled(Stall),
}

/// Reads on a thread of its own, and gives up if that makes no progress. The result is `None` as soon as `is_wanted`
/// returns false.
///
/// # Errors
/// Those of `read`, or [`VideoError::Stalled`].
pub(super) fn within_limit<T: Send + 'static>(
    path: &Path,
    is_wanted: &dyn Fn() -> bool,
    read: impl FnOnce(&Watch) -> Result<T, VideoError> + Send + 'static,
) -> Result<Option<T>, VideoError> {
    match watched(read, is_wanted, stall_limit) {
        Ok(Watched::Done(outcome)) => outcome.map(Some),
        Ok(Watched::Unwanted) => Ok(None),
        Ok(Watched::Stalled(stall)) => Err(VideoError::stalled(path, stall)),
        Err(source) => Err(VideoError::io(path, source)),
    }
}

fn watched<T: Send + 'static>(
    read: impl FnOnce(&Watch) -> T + Send + 'static,
    is_wanted: &dyn Fn() -> bool,
    limit: impl Fn() -> Duration,
) -> io::Result<Watched<T>> {
    if !is_wanted() {
        return Ok(Watched::Unwanted);
    }
    let watch = Arc::new(Watch::default());
    let (done, outcome) = channel();
    let of_reader = Arc::clone(&watch);
    // Nobody may be waiting any more.
    let reader = move || drop(done.send(read(&of_reader)));
    std::thread::Builder::new().name("storage".to_owned()).spawn(reader)?;
    let (mut n_steps, mut since) = (0, Instant::now());
    loop {
        match outcome.recv_timeout(STEP.min(limit())) {
            Ok(outcome) => return Ok(Watched::Done(outcome)),
            Err(RecvTimeoutError::Disconnected) => return Err(thread_ended()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = watch.n_steps.load(Ordering::Relaxed);
        if now != n_steps {
            (n_steps, since) = (now, Instant::now());
        }
        let limit = limit();
        let is_stalled = since.elapsed() >= limit;
        if is_stalled || !is_wanted() {
            watch.is_abandoned.store(true, Ordering::Relaxed);
            return Ok(if is_stalled { Watched::Stalled(Stall::after(limit)) } else { Watched::Unwanted });
        }
    }
}

fn thread_ended() -> io::Error {
    io::Error::other("the reading thread ended")
}

/// What a thread does with the file that it holds.
type Errand = Box<dyn FnOnce(&File) + Send>;

/// How a file is read.
#[derive(Debug)]
enum Access {
    /// By the caller: the storage is a disk of this machine.
    Direct(File),
    /// By a thread that holds the file. It also closes the file, because closing may wait for the storage, too.
    ByThread(Sender<Errand>),
    /// No more: an errand was given up.
    Stalled(Stall),
}

/// An open file. Whatever is asked of it fails with a [`Stall`] if the storage does not answer in time, and at once from
/// then on.
#[derive(Debug)]
pub(super) struct StorageFile {
    path: PathBuf,
    access: Access,
    size_bytes: u64,
    position: u64,
    /// Travels to the thread and back with the bytes.
    buffer: Vec<u8>,
}

/// The most bytes that a thread reads at once.
const MAX_READ_BYTES: usize = 1 << 20;

impl StorageFile {
    /// Opens a file.
    ///
    /// # Errors
    /// It is not there, not a file, may not be read, or the storage does not answer.
    pub(super) fn open(path: &Path) -> Result<Self, VideoError> {
        let of_thread = path.to_path_buf();
        let opening = move |_: &Watch| {
            failpoint::stall(&of_thread);
            let failed = |source| VideoError::io(&of_thread, source);
            // Opening a pipe would wait for somebody who writes into it.
            if !of_thread.metadata().map_err(failed)?.is_file() {
                return Err(VideoError::NotAFile { path: of_thread.clone() });
            }
            let file = File::open(&of_thread).map_err(failed)?;
            let size_bytes = file.metadata().map_err(failed)?.len();
            let is_direct = is_on_local_disk(&file) && !failpoint::is_slow(&of_thread);
            let access = if is_direct { Access::Direct(file) } else { by_thread(file, &of_thread).map_err(failed)? };
            Ok((access, size_bytes))
        };
        // It is wanted in any case.
        let opened = within_limit(path, &|| true, opening)?;
        let (access, size_bytes) = opened.ok_or_else(|| VideoError::io(path, thread_ended()))?;
        Ok(Self { path: path.to_path_buf(), access, size_bytes, position: 0, buffer: Vec::new() })
    }

    /// Whether the file is on a disk of this machine, so that reading it cannot stall.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self.access, Access::Direct(_))
    }

    /// The size when the file was opened, bytes.
    pub(super) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Checks that the storage still answers.
    ///
    /// # Errors
    /// [`VideoError::Stalled`].
    pub(super) fn check(&self) -> Result<(), VideoError> {
        match self.access {
            Access::Stalled(stall) => Err(VideoError::stalled(&self.path, stall)),
            Access::Direct(_) | Access::ByThread(_) => Ok(()),
        }
    }

    /// The file's stamp now.
    pub(super) fn stamp(&mut self) -> Result<FileStamp, VideoError> {
        let metadata = self.ask(File::metadata).flatten();
        metadata.map(|metadata| stamp_of(&metadata)).map_err(|source| VideoError::io(&self.path, source))
    }

    /// Reads at a position: as many bytes as fit into `target`, except at the end of the file.
    pub(super) fn read_at(&mut self, target: &mut [u8], position: u64) -> io::Result<usize> {
        let mut n_read = 0;
        while n_read < target.len() {
            match self.read_some(&mut target[n_read..], position.saturating_add(n_read as u64)) {
                Ok(0) => break,
                Ok(n_more) => n_read += n_more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(n_read)
    }

    /// Fills `target` with the bytes at a position.
    pub(super) fn read_exact_at(&mut self, target: &mut [u8], position: u64) -> io::Result<()> {
        if self.read_at(target, position)? < target.len() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn read_some(&mut self, target: &mut [u8], position: u64) -> io::Result<usize> {
        if let Access::Direct(file) = &self.access {
            return file.read_at(target, position);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(target.len().min(MAX_READ_BYTES), 0);
        let (buffer, outcome) = self.ask(move |file| {
            let outcome = file.read_at(&mut buffer, position);
            (buffer, outcome)
        })?;
        self.buffer = buffer;
        let n_read = outcome?;
        target[..n_read].copy_from_slice(&self.buffer[..n_read]);
        Ok(n_read)
    }

    /// Does something with the file, and waits for the outcome until the limit.
    fn ask<T: Send + 'static>(&mut self, errand: impl FnOnce(&File) -> T + Send + 'static) -> io::Result<T> {
        let errands = match &self.access {
            Access::Direct(file) => return Ok(errand(file)),
            Access::Stalled(stall) => return Err((*stall).into()),
            Access::ByThread(errands) => errands,
        };
        let (answer, answers) = channel();
        // Nobody may be waiting any more.
        let errand: Errand = Box::new(move |file| drop(answer.send(errand(file))));
        errands.send(errand).map_err(|_| thread_ended())?;
        let outcome = answered(&answers);
        if let Some(stall) = outcome.as_ref().err().and_then(Stall::of) {
            self.access = Access::Stalled(stall);
        }
        outcome
    }
}

fn answered<T>(answers: &Receiver<T>) -> io::Result<T> {
    let since = Instant::now();
    loop {
        let limit = stall_limit();
        match answers.recv_timeout(STEP.min(limit)) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Disconnected) => return Err(thread_ended()),
            Err(RecvTimeoutError::Timeout) if since.elapsed() >= limit => return Err(Stall::after(limit).into()),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn by_thread(file: File, path: &Path) -> io::Result<Access> {
    let (errands, received) = channel::<Errand>();
    let path = path.to_path_buf();
    let serve = move || {
        for errand in received {
            failpoint::stall(&path);
            errand(&file);
        }
    };
    std::thread::Builder::new().name("storage".to_owned()).spawn(serve)?;
    Ok(Access::ByThread(errands))
}

impl Read for StorageFile {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let n_read = self.read_at(target, self.position)?;
        self.position += n_read as u64;
        Ok(n_read)
    }
}

impl Seek for StorageFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size_bytes.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// Whether a file is on a disk of this machine, by the name of its file system. File systems of drives that are taken
/// along (FAT, NTFS) and unknown ones do not count.
fn is_on_local_disk(file: &File) -> bool {
    // ext2 to ext4, XFS, Btrfs, F2FS, ZFS, bcachefs; tmpfs, ramfs, overlay (containers).
    const LOCAL: [u64; 9] = [
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0x2fc1_2fc1,
        0xca45_1a4e,
        0x0102_1994,
        0x8584_58f6,
        0x794c_7630,
    ];
    rustix::fs::fstatfs(file).is_ok_and(|system| LOCAL.contains(&(system.f_type as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_that_makes_no_progress_is_given_up() {
        let limit = || Duration::from_millis(50);
        // A connection on which nobody writes, as from a drive that is gone.
        let (_writer, mut silent) = std::os::unix::net::UnixStream::pair().unwrap();
        let waiting = move |_: &Watch| silent.read(&mut [0; 1]).is_ok();
        assert_eq!(watched(waiting, &|| true, limit).unwrap(), Watched::Stalled(Stall { limit_s: 0 }));
        let slow = |watch: &Watch| {
            for _ in 0..20 {
                std::thread::sleep(Duration::from_millis(10));
                watch.step();
            }
        };
        assert_eq!(watched(slow, &|| true, limit).unwrap(), Watched::Done(()));
        let endless = |watch: &Watch| {
            while watch.step() {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        assert_eq!(watched(endless, &|| false, || Duration::from_secs(9)).unwrap(), Watched::Unwanted);
    }

    /// A file of numbers, and its bytes.
    fn numbers() -> (tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn a_thread_reads_the_same_bytes() {
        let (named, bytes) = numbers();
        let mut direct = StorageFile::open(named.path()).unwrap();
        let access = by_thread(File::open(named.path()).unwrap(), named.path()).unwrap();
        let size_bytes = direct.size_bytes();
        let mut threaded =
            StorageFile { path: named.path().to_path_buf(), access, size_bytes, position: 0, buffer: Vec::new() };
        for file in [&mut direct, &mut threaded] {
            assert_eq!(file.size_bytes(), bytes.len() as u64);
            for (position, length) in [(0, 10), (1_000_000, 1_500_000), (2_999_990, 10), (7, 1)] {
                let mut read = vec![0; length];
                file.read_exact_at(&mut read, position as u64).unwrap();
                assert!(read == bytes[position..position + length], "{length} bytes at {position}");
            }
            let mut rest = Vec::new();
            file.seek(SeekFrom::End(-5)).unwrap();
            file.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, bytes[bytes.len() - 5..]);
            assert_eq!(file.read_at(&mut [0; 8], 5_000_000).unwrap(), 0, "beyond the end");
            let beyond = file.read_exact_at(&mut [0; 8], bytes.len() as u64 - 3).unwrap_err();
            assert_eq!(beyond.kind(), ErrorKind::UnexpectedEof);
            assert_eq!(file.stamp().unwrap().size_bytes, bytes.len() as u64);
        }
        assert!(!threaded.is_direct());
    }

    #[test]
    fn folders_and_pipes_are_no_files() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(StorageFile::open(folder.path()), Err(VideoError::NotAFile { .. })));
    }
}
