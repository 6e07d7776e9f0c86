//! A dataset folder that appears completely or not at all: it is written next to its final place, synced, and renamed.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::LlmDataError;

/// The file that identifies a posekit folder. No loader takes it for data.
pub(crate) const MANIFEST: &str = "manifest.toml";
/// Number of lines from which the richest is chosen as a file's first line: loaders infer the types of columns from the
/// first lines.
const LINES_TO_CHOOSE_FROM: usize = 2048;
const BUFFER_BYTES: usize = 1 << 18;

pub(super) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> LlmDataError {
    let path = path.to_path_buf();
    move |source| LlmDataError::Io { action, path, source }
}

/// A file of a finished folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenFile {
    /// Its path below the folder, with slashes.
    pub(crate) path: String,
    /// Number of rows; 0 for files without data.
    pub(crate) n_rows: u64,
    /// Its size, bytes.
    pub(crate) n_bytes: u64,
    /// BLAKE3 of its content, hex.
    pub(crate) blake3: String,
}

/// A folder that is being written. If it is dropped without [`PendingFolder::commit`], it leaves nothing behind.
pub(crate) struct PendingFolder {
    place: PathBuf,
    temporary: PathBuf,
    old: PathBuf,
    is_committed: bool,
}

impl PendingFolder {
    /// Begins the folder `place`.
    ///
    /// # Errors
    /// `place` contains files that posekit did not write, or its parent folder is not writable.
    pub(crate) fn create(place: &Path) -> Result<Self, LlmDataError> {
        let beside = |suffix: &str| {
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            place.with_file_name(format!(".{name}.{suffix}"))
        };
        let (temporary, old) = (beside("new"), beside("old"));
        // A kill between the two renames of `commit` leaves the old folder under its temporary name.
        if old.exists() && !place.exists() {
            fs::rename(&old, place).map_err(io_error("restore", place))?;
        }
        let is_foreign =
            fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_some()) && !place.join(MANIFEST).is_file();
        if is_foreign {
            return Err(LlmDataError::ForeignFolder { folder: place.to_path_buf() });
        }
        for leftover in [&temporary, &old] {
            remove(leftover)?;
        }
        fs::create_dir_all(&temporary).map_err(io_error("create", &temporary))?;
        Ok(Self { place: place.to_path_buf(), temporary, old, is_committed: false })
    }

    /// The path at which the folder is written.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }

    /// Writes a file with the given content.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<WrittenFile, LlmDataError> {
        let full = self.temporary.join(path);
        make_parent(&full)?;
        fs::write(&full, bytes).map_err(io_error("write", &full))?;
        sync(&full)?;
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        Ok(WrittenFile { path: path.to_owned(), n_rows: 0, n_bytes: bytes.len() as u64, blake3 })
    }

    /// Moves the folder to its final place.
    ///
    /// # Errors
    /// The folder cannot be renamed.
    pub(crate) fn commit(mut self) -> Result<(), LlmDataError> {
        if self.place.exists() {
            fs::rename(&self.place, &self.old).map_err(io_error("replace", &self.place))?;
        }
        fs::rename(&self.temporary, &self.place).map_err(io_error("write", &self.place))?;
        self.is_committed = true;
        if let Some(parent) = self.place.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync(parent)?;
        }
        remove(&self.old)
    }
}

impl Drop for PendingFolder {
    fn drop(&mut self) {
        if !self.is_committed {
            // The next attempt removes anything that cannot be removed now.
            drop(fs::remove_dir_all(&self.temporary));
        }
    }
}

fn remove(folder: &Path) -> Result<(), LlmDataError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error("remove", folder)(error)),
        _ => Ok(()),
    }
}

fn make_parent(path: &Path) -> Result<(), LlmDataError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(io_error("create", parent))
}

fn sync(path: &Path) -> Result<(), LlmDataError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(io_error("write", path))
}

/// The file of one config and split, in JSON lines. It is created with the first line.
pub(crate) struct LineFile {
    folder: PathBuf,
    /// Its path below the folder.
    path: String,
    /// The first lines, until the line that goes first is chosen.
    first: Option<Vec<(usize, Vec<u8>)>>,
    open: Option<OpenFile>,
}

struct OpenFile {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    n_rows: u64,
    n_bytes: u64,
}

impl LineFile {
    /// Creates a file without lines.
    #[must_use]
    pub(crate) fn new(folder: &PendingFolder, path: String) -> Self {
        Self { folder: folder.path().to_path_buf(), path, first: Some(Vec::new()), open: None }
    }

    /// Adds a line including its line end. `weight` is the amount of content of the row: files that get the same rows
    /// with the same weights have the same order.
    ///
    /// # Errors
    /// The line cannot be written.
    pub(crate) fn push(&mut self, line: &[u8], weight: usize) -> Result<(), LlmDataError> {
        match &mut self.first {
            Some(first) => {
                first.push((weight, line.to_vec()));
                if first.len() == LINES_TO_CHOOSE_FROM { self.write_first() } else { Ok(()) }
            }
            None => self.write_line(line),
        }
    }

    fn write_first(&mut self) -> Result<(), LlmDataError> {
        let mut lines = self.first.take().unwrap_or_default();
        // The first of the heaviest lines, so that the same rows always have the same order.
        let weights = lines.iter().map(|(weight, _)| *weight).enumerate();
        let richest = weights.max_by_key(|&(index, weight)| (weight, usize::MAX - index)).map_or(0, |(index, _)| index);
        if !lines.is_empty() {
            let (_, line) = lines.remove(richest);
            self.write_line(&line)?;
        }
        lines.iter().try_for_each(|(_, line)| self.write_line(line))
    }

    fn write_line(&mut self, line: &[u8]) -> Result<(), LlmDataError> {
        let path = self.folder.join(&self.path);
        if self.open.is_none() {
            make_parent(&path)?;
            let file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&path).map_err(io_error("write", &path))?);
            self.open = Some(OpenFile { file, hasher: blake3::Hasher::new(), n_rows: 0, n_bytes: 0 });
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.hasher.update(line);
        open.n_rows += 1;
        open.n_bytes += line.len() as u64;
        open.file.write_all(line).map_err(io_error("write", &path))
    }

    /// Writes everything to disk. `None` if there was no line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn finish(mut self) -> Result<Option<WrittenFile>, LlmDataError> {
        if self.first.is_some() {
            self.write_first()?;
        }
        let path = self.folder.join(&self.path);
        let Some(OpenFile { file, hasher, n_rows, n_bytes }) = self.open else { return Ok(None) };
        let file = file.into_inner().map_err(|error| io_error("write", &path)(error.into_error()))?;
        file.sync_all().map_err(io_error("write", &path))?;
        let blake3 = hasher.finalize().to_hex().to_string();
        Ok(Some(WrittenFile { path: self.path, n_rows, n_bytes, blake3 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_whole_and_takes_the_place_of_the_one_before() {
        let beside = tempfile::tempdir().unwrap();
        let place = beside.path().join("data");
        for text in ["one", "two"] {
            let folder = PendingFolder::create(&place).unwrap();
            folder.write(MANIFEST, text.as_bytes()).unwrap();
            folder.commit().unwrap();
            assert_eq!(fs::read_to_string(place.join(MANIFEST)).unwrap(), text);
        }
        let folder = PendingFolder::create(&place).unwrap();
        folder.write(MANIFEST, b"three").unwrap();
        drop(folder);
        assert_eq!(fs::read_to_string(place.join(MANIFEST)).unwrap(), "two");
        assert_eq!(fs::read_dir(beside.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_kill_between_the_renames_loses_nothing() {
        let beside = tempfile::tempdir().unwrap();
        let place = beside.path().join("data");
        fs::create_dir(beside.path().join(".data.old")).unwrap();
        fs::write(beside.path().join(".data.old").join(MANIFEST), "old").unwrap();
        drop(PendingFolder::create(&place).unwrap());
        assert_eq!(fs::read_to_string(place.join(MANIFEST)).unwrap(), "old");
    }

    #[test]
    fn what_others_wrote_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("thesis.txt"), "years").unwrap();
        assert!(matches!(PendingFolder::create(place.path()), Err(LlmDataError::ForeignFolder { .. })));
        assert!(place.path().join("thesis.txt").exists());
    }

    #[test]
    fn the_richest_line_goes_first() {
        let beside = tempfile::tempdir().unwrap();
        let folder = PendingFolder::create(&beside.path().join("data")).unwrap();
        let mut file = LineFile::new(&folder, "data/messages/train.jsonl".to_owned());
        for line in ["{}\n", "{\"a\":1}\n", "{\"b\":2}\n", "{}\n"] {
            file.push(line.as_bytes(), line.len()).unwrap();
        }
        let written = file.finish().unwrap().unwrap();
        assert_eq!((written.path.as_str(), written.n_rows), ("data/messages/train.jsonl", 4));
        let text = fs::read_to_string(folder.path().join(&written.path)).unwrap();
        assert_eq!(text, "{\"a\":1}\n{}\n{\"b\":2}\n{}\n");
        assert_eq!(written.blake3, blake3::hash(text.as_bytes()).to_hex().to_string());
    }
}
