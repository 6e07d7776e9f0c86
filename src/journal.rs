//! Append-only files of JSON lines. An appended line is on the disk: it survives a kill and a power failure.
//!
//! Each append is one write and one flush to the disk. Appends of several threads that wait at the same time share one
//! write. A line that is a JSON object ends with a checksum of the text before it, so that damaged lines are
//! recognized.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Name of the journals' folder in a dataset's folder.
pub const FOLDER: &str = "journal";

/// A journal could not be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system reported an error.
    #[error("cannot {action} {}: {message}", path.display())]
    Io {
        /// The action that failed.
        action: &'static str,
        /// The path concerned.
        path: PathBuf,
        /// The system's message.
        message: String,
    },
    /// Another process has the journal open for writing.
    #[error("{} is in use by another posekit process", path.display())]
    Busy {
        /// The journal.
        path: PathBuf,
    },
    /// A line cannot be written as JSON.
    #[error("cannot write a line as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl JournalError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), message: source.to_string() }
    }
}

/// The destination of appended bytes. Tests use it to inject failures.
pub trait Sink: Send {
    /// Appends the bytes and returns when they are on the disk.
    ///
    /// # Errors
    /// The file system reports an error.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Sink for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }
}

/// Creates the sink for a file's appends.
pub type ToSink<'a> = &'a dyn Fn(File) -> Box<dyn Sink>;

/// Lines read from a journal.
#[derive(Debug)]
pub struct Lines<T> {
    /// The lines that can be parsed, in the order in which they were appended.
    pub lines: Vec<T>,
    /// Number of lines that cannot be parsed: torn by a kill, or foreign.
    pub n_skipped: usize,
}

/// Bytes waiting to be written to the disk.
struct Queue {
    pending: Vec<u8>,
    /// Length of the file after all pending bytes are written.
    end: u64,
    /// Length of the part of the file that is on the disk.
    durable: u64,
    is_writing: bool,
    failure: Option<String>,
}

/// A journal open for appending; no other process can open it meanwhile.
pub struct Journal {
    path: PathBuf,
    queue: Mutex<Queue>,
    changed: Condvar,
    sink: Mutex<Box<dyn Sink>>,
    reader: Mutex<File>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens `DATASET/journal/NAME.jsonl` and creates it if it does not exist.
    ///
    /// # Errors
    /// Another process has the journal open, or the file system reports an error.
    pub fn open(dataset: &Path, name: &str) -> Result<Self, JournalError> {
        Self::open_with(dataset, name, &|file| Box::new(file))
    }

    /// Like [`Journal::open`], with another sink for appended bytes.
    ///
    /// # Errors
    /// Another process has the journal open, or the file system reports an error.
    pub fn open_with(dataset: &Path, name: &str, to_sink: ToSink) -> Result<Self, JournalError> {
        let path = path(dataset, name);
        let mut file = open_or_create(dataset, &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Busy { path }),
            Err(TryLockError::Error(source)) => return Err(JournalError::io("lock", &path)(source)),
        }
        let (length, is_torn) = end_of(&mut file).map_err(JournalError::io("read", &path))?;
        let pending = if is_torn { b"\n".to_vec() } else { Vec::new() };
        let end = length + pending.len() as u64;
        let reader = File::open(&path).map_err(JournalError::io("read", &path))?;
        let queue = Queue { pending, end, durable: length, is_writing: false, failure: None };
        let mut sink = to_sink(file);
        // Bytes that a killed process left may not be on the disk yet, and the caller is about to rely on them.
        sink.append(&[]).map_err(JournalError::io("write", &path))?;
        let (sink, reader) = (Mutex::new(sink), Mutex::new(reader));
        Ok(Self { path, queue: Mutex::new(queue), changed: Condvar::new(), sink, reader })
    }

    /// Appends a line. When this returns, the line is on the disk. Returns the offset of the line.
    ///
    /// # Errors
    /// The line cannot be written. The journal accepts no more lines after that, because it is unknown what reached the
    /// disk.
    pub fn append<T: Serialize>(&self, line: &T) -> Result<u64, JournalError> {
        let begins = self.append_all(std::slice::from_ref(line))?;
        Ok(begins.first().copied().unwrap_or_default())
    }

    /// Appends lines with one write. When this returns, they are on the disk. Returns the offset of each line.
    ///
    /// # Errors
    /// The lines cannot be written. The journal accepts no more lines after that, because it is unknown what reached
    /// the disk.
    pub fn append_all<T: Serialize>(&self, lines: &[T]) -> Result<Vec<u64>, JournalError> {
        let (mut bytes, mut begins) = (Vec::new(), Vec::new());
        for line in lines {
            begins.push(bytes.len());
            bytes.extend(sealed(serde_json::to_vec(line)?));
            bytes.push(b'\n');
        }
        let mut queue = lock(&self.queue);
        let begins = begins.into_iter().map(|begin| queue.end + begin as u64).collect();
        queue.pending.extend_from_slice(&bytes);
        queue.end += bytes.len() as u64;
        let end = queue.end;
        loop {
            if let Some(message) = &queue.failure {
                return Err(JournalError::Io { action: "write", path: self.path.clone(), message: message.clone() });
            }
            if queue.durable >= end {
                return Ok(begins);
            }
            queue = if queue.is_writing {
                self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.write(queue)
            };
        }
    }

    /// Writes everything that is pending, for all waiting threads.
    fn write<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.is_writing = true;
        let bytes = std::mem::take(&mut queue.pending);
        let end = queue.end;
        drop(queue);
        let result = lock(&self.sink).append(&bytes);
        let mut queue = lock(&self.queue);
        queue.is_writing = false;
        match result {
            Ok(()) => queue.durable = end,
            Err(error) => queue.failure = Some(error.to_string()),
        }
        self.changed.notify_all();
        queue
    }

    /// Reads the line that begins at offset `begin`.
    ///
    /// # Errors
    /// The file cannot be read, or no valid line begins there.
    pub fn line_at<T: DeserializeOwned>(&self, begin: u64) -> Result<T, JournalError> {
        let mut file = lock(&self.reader);
        let mut bytes = Vec::new();
        let sought = file.seek(SeekFrom::Start(begin));
        let read = sought.and_then(|_| BufReader::new(&mut *file).read_until(b'\n', &mut bytes));
        read.map_err(JournalError::io("read", &self.path))?;
        Ok(serde_json::from_slice(opened(&bytes).unwrap_or_default())?)
    }
}

/// Appends one line to a journal that no process keeps open for long; waits while another process has it open.
///
/// # Errors
/// The journal stays open elsewhere, or the line cannot be written.
pub fn append<T: Serialize>(dataset: &Path, name: &str, line: &T) -> Result<(), JournalError> {
    const N_TRIES: u32 = 100;
    for _ in 1..N_TRIES {
        match Journal::open(dataset, name) {
            Err(JournalError::Busy { .. }) => std::thread::sleep(Duration::from_millis(20)),
            opened => return opened?.append(line).map(drop),
        }
    }
    Journal::open(dataset, name)?.append(line).map(drop)
}

/// The path of a journal.
#[must_use]
pub fn path(dataset: &Path, name: &str) -> PathBuf {
    dataset.join(FOLDER).join(format!("{name}.jsonl"))
}

/// Reads a journal, which may be open elsewhere. A journal that does not exist has no lines.
///
/// # Errors
/// The file system reports an error.
pub fn read<T: DeserializeOwned>(dataset: &Path, name: &str) -> Result<Lines<T>, JournalError> {
    let mut lines = Vec::new();
    let n_skipped = scan(dataset, name, &mut |_, line| lines.push(line))?;
    Ok(Lines { lines, n_skipped })
}

/// Calls `each` with the offset and content of every line of a journal that can be parsed. Returns the number of the
/// other lines.
///
/// # Errors
/// The file system reports an error.
pub fn scan<T: DeserializeOwned>(
    dataset: &Path,
    name: &str,
    each: &mut dyn FnMut(u64, T),
) -> Result<usize, JournalError> {
    let path = path(dataset, name);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(JournalError::io("read", &path)(error)),
    };
    let (mut reader, mut bytes, mut begin, mut n_skipped) = (BufReader::new(file), Vec::new(), 0_u64, 0);
    loop {
        bytes.clear();
        let n_read = reader.read_until(b'\n', &mut bytes).map_err(JournalError::io("read", &path))?;
        if n_read == 0 {
            return Ok(n_skipped);
        }
        match opened(&bytes).and_then(|line| serde_json::from_slice(line).ok()) {
            Some(line) => each(begin, line),
            None if bytes.trim_ascii().is_empty() => {}
            None => n_skipped += 1,
        }
        begin += n_read as u64;
    }
}

/// Splits the text of a journal into whole and damaged lines, each with its line break. Blank lines are whole.
#[must_use]
pub fn split_damaged(text: &[u8]) -> (Vec<&[u8]>, Vec<&[u8]>) {
    let is_whole = |line: &&[u8]| {
        line.trim_ascii().is_empty()
            || opened(line).is_some_and(|line| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok())
    };
    text.split_inclusive(|byte| *byte == b'\n').partition(is_whole)
}

/// The text before the checksum at the end of a line.
const SEAL: &[u8] = b",\"checksum\":\"";
/// Number of digits of a checksum.
const SEAL_DIGITS: usize = 16;

/// Adds a checksum of its content to a line; only JSON objects can hold one.
fn sealed(mut line: Vec<u8>) -> Vec<u8> {
    if line.len() < 3 || line.pop_if(|last| *last == b'}').is_none() {
        return line;
    }
    let digits = checksum(&line);
    line.extend_from_slice(SEAL);
    line.extend_from_slice(digits.as_bytes());
    line.extend_from_slice(b"\"}");
    line
}

/// Returns the line if it matches its checksum. Lines written by older versions have none.
fn opened(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let Some(begin) = line.len().checked_sub(SEAL.len() + SEAL_DIGITS + 2) else { return Some(line) };
    let Some(rest) = line[begin..].strip_prefix(SEAL) else { return Some(line) };
    (&rest[..SEAL_DIGITS] == checksum(&line[..begin]).as_bytes()).then_some(line)
}

fn checksum(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..SEAL_DIGITS].to_owned()
}

/// Opens or creates the file. A new file and its name are on the disk when this returns.
fn open_or_create(dataset: &Path, path: &Path) -> Result<File, JournalError> {
    let folder = dataset.join(FOLDER);
    if !folder.is_dir() {
        fs::create_dir_all(&folder).map_err(JournalError::io("create", &folder))?;
        sync_folder(dataset)?;
    }
    let is_new = !path.exists();
    let options = OpenOptions::new().read(true).append(true).create(true).open(path);
    let file = options.map_err(JournalError::io("open", path))?;
    if is_new {
        sync_folder(&folder)?;
    }
    Ok(file)
}

fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(JournalError::io("write", folder))
}

/// The file's length, and whether its last line is incomplete.
fn end_of(file: &mut File) -> io::Result<(u64, bool)> {
    let length = file.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Ok((0, false));
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((length, last != *b"\n"))
}

/// Takes a lock, even a poisoned one: if its holder panicked, the data are still whole, because they are plain numbers
/// and texts.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn values(dataset: &Path) -> (Vec<u64>, usize) {
        let read = read::<u64>(dataset, "test").unwrap();
        (read.lines, read.n_skipped)
    }

    #[test]
    fn lines_come_back_in_order_and_where_they_begin() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(values(folder.path()), (vec![], 0));
        let journal = Journal::open(folder.path(), "test").unwrap();
        let begins: Vec<u64> = [7, 88, 999].iter().map(|value| journal.append(value).unwrap()).collect();
        let two = journal.append_all(&[1, 2]).unwrap();
        assert_eq!(values(folder.path()), (vec![7, 88, 999, 1, 2], 0));
        assert_eq!(journal.line_at::<u64>(begins[1]).unwrap(), 88);
        assert_eq!(two.iter().map(|begin| journal.line_at::<u64>(*begin).unwrap()).collect::<Vec<_>>(), [1, 2]);
        assert!(journal.line_at::<u64>(10_000).is_err());
    }

    #[test]
    fn only_one_may_write() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), "test").unwrap();
        assert!(matches!(Journal::open(folder.path(), "test"), Err(JournalError::Busy { .. })));
        drop(journal);
        Journal::open(folder.path(), "test").unwrap();
    }

    #[test]
    fn a_torn_last_line_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        Journal::open(folder.path(), "test").unwrap().append(&1).unwrap();
        for torn in ["{\"a\":", "\u{fffd}", "{"] {
            let mut file = OpenOptions::new().append(true).open(path(folder.path(), "test")).unwrap();
            file.write_all(torn.as_bytes()).unwrap();
            let journal = Journal::open(folder.path(), "test").unwrap();
            let begin = journal.append(&2).unwrap();
            assert_eq!(journal.line_at::<u64>(begin).unwrap(), 2);
        }
        assert_eq!(values(folder.path()), (vec![1, 2, 2, 2], 3));
    }

    #[test]
    fn a_changed_line_counts_no_more_and_a_line_without_a_checksum_counts() {
        #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
        struct Line {
            value: f64,
        }
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), "test").unwrap();
        let begin = journal.append(&Line { value: 12.5 }).unwrap();
        journal.append(&Line { value: 7.0 }).unwrap();
        assert_eq!(journal.line_at::<Line>(begin).unwrap(), Line { value: 12.5 });
        let path = path(folder.path(), "test");
        let text = fs::read_to_string(&path).unwrap().replace("12.5", "13.5") + "{\"value\":3.0}\n";
        fs::write(&path, text).unwrap();
        let found = read::<Line>(folder.path(), "test").unwrap();
        assert_eq!((found.lines, found.n_skipped), (vec![Line { value: 7.0 }, Line { value: 3.0 }], 1));
        assert!(journal.line_at::<Line>(begin).is_err());
    }

    #[test]
    fn a_whole_last_line_without_its_end_counts() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(FOLDER)).unwrap();
        fs::write(path(folder.path(), "test"), "12\n34").unwrap();
        let journal = Journal::open(folder.path(), "test").unwrap();
        journal.append(&56).unwrap();
        assert_eq!(values(folder.path()), (vec![12, 34, 56], 0));
    }

    /// Counts flushes, which are slow here.
    struct Slow(File, Arc<AtomicUsize>);

    impl Sink for Slow {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.1.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(2));
            self.0.append(bytes)
        }
    }

    #[test]
    fn threads_share_flushes_and_find_their_own_lines() {
        let folder = tempfile::tempdir().unwrap();
        let n_flushes = Arc::new(AtomicUsize::new(0));
        let to_sink = |file| -> Box<dyn Sink> { Box::new(Slow(file, Arc::clone(&n_flushes))) };
        let journal = Journal::open_with(folder.path(), "test", &to_sink).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8_u64 {
                let journal = &journal;
                scope.spawn(move || {
                    for i in 0..50 {
                        let begin = journal.append(&(thread * 1000 + i)).unwrap();
                        assert_eq!(journal.line_at::<u64>(begin).unwrap(), thread * 1000 + i);
                    }
                });
            }
        });
        let (mut lines, n_skipped) = values(folder.path());
        lines.sort_unstable();
        let expected: Vec<u64> = (0..8).flat_map(|thread| (0..50).map(move |i| thread * 1000 + i)).collect();
        assert_eq!((lines, n_skipped), (expected, 0));
        assert!(n_flushes.load(Ordering::SeqCst) < 300, "{n_flushes:?} flushes for 400 lines");
    }

    struct Full;

    impl Sink for Full {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            if bytes.is_empty() { Ok(()) } else { Err(io::Error::other("no space left")) }
        }
    }

    #[test]
    fn a_journal_that_failed_once_takes_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_with(folder.path(), "test", &|_| Box::new(Full)).unwrap();
        assert!(journal.append(&1).unwrap_err().to_string().contains("no space left"));
        assert!(journal.append(&2).is_err());
        assert_eq!(values(folder.path()), (vec![], 0));
    }
}
