//! Files that appear complete or not at all: they are written under a temporary name in the same folder, synced, and
//! renamed.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::ArtifactError;
use crate::failpoint;

/// A file that is being written. If it is dropped without [`PendingFile::commit`], it leaves nothing behind.
pub(crate) struct PendingFile {
    temporary: tempfile::NamedTempFile,
    path: PathBuf,
}

impl PendingFile {
    /// Begins the file `path`. Makes its folder if it is missing.
    ///
    /// # Errors
    /// The folder or the temporary file cannot be made.
    pub(crate) fn create(path: &Path) -> Result<Self, ArtifactError> {
        let folder = folder_of(path);
        fs::create_dir_all(folder).map_err(ArtifactError::io("create", folder))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".tmp")
            .permissions(permissions())
            .tempfile_in(folder)
            .map_err(ArtifactError::io("write in", folder))?;
        // The lock shows that the writer is alive. It is missing where the file system has no locks.
        drop(temporary.as_file().try_lock());
        Ok(Self { temporary, path: path.to_path_buf() })
    }

    /// Returns the open file, for writing.
    pub(crate) fn file(&mut self) -> &mut File {
        self.temporary.as_file_mut()
    }

    /// Returns the temporary path, for a writer that opens its file itself.
    pub(crate) fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Makes the file appear under its name, after its bytes are safely on disk.
    ///
    /// # Errors
    /// The bytes cannot be written, or the file cannot be renamed.
    pub(crate) fn commit(mut self) -> Result<(), ArtifactError> {
        let path = self.path;
        failpoint::pass("file-written");
        self.temporary.as_file_mut().flush().map_err(ArtifactError::io("write", &path))?;
        self.temporary.as_file().sync_all().map_err(ArtifactError::io("write", &path))?;
        failpoint::pass("file-synced");
        self.temporary.persist(&path).map_err(|error| ArtifactError::io("write", &path)(error.error))?;
        failpoint::pass("file-renamed");
        sync_folder(folder_of(&path))
    }
}

/// Makes renamed files of a folder stay renamed after a power cut.
fn sync_folder(folder: &Path) -> Result<(), ArtifactError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(ArtifactError::io("write in", folder))
}

/// Moves a complete file within its file system, after its bytes are safely on disk. Makes the folder if it is missing.
///
/// # Errors
/// The file cannot be read or moved.
pub(crate) fn move_whole(from: &Path, to: &Path) -> Result<(), ArtifactError> {
    let folder = folder_of(to);
    fs::create_dir_all(folder).map_err(ArtifactError::io("create", folder))?;
    File::open(from).and_then(|file| file.sync_all()).map_err(ArtifactError::io("read", from))?;
    fs::rename(from, to).map_err(ArtifactError::io("write", to))?;
    failpoint::pass("file-renamed");
    sync_folder(folder)
}

/// Writes a file of these bytes. The file appears complete or not at all.
///
/// # Errors
/// The folder or the file cannot be written.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ArtifactError> {
    let mut pending = PendingFile::create(path)?;
    pending.file().write_all(bytes).map_err(ArtifactError::io("write", path))?;
    pending.commit()
}

/// Returns the permissions that the user's umask gives. Temporary files are private by default.
fn permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The age from which on a temporary file without a lock counts as abandoned. A living writer locks it at once.
const ABANDONED_AFTER: Duration = Duration::from_secs(10);

/// Removes temporary files that killed processes left in a folder of results and in the folders in it. Several
/// processes may write there, so files whose writers are alive stay, and a file that cannot be examined or removed
/// stays, too.
pub(crate) fn remove_abandoned_files(folder: &Path) {
    let inner = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = inner.filter(|path| path.is_dir()).chain([folder.to_path_buf()]);
    for entry in folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
        let path = entry.path();
        if is_temporary(&path) && is_abandoned(&path) {
            drop(fs::remove_file(&path));
        }
    }
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(".tmp")
}

fn is_abandoned(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    let is_old = modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age >= ABANDONED_AFTER));
    is_old && file.try_lock().is_ok()
}

/// Removes temporary files that a dead process left in a folder. A missing folder is not an error.
///
/// # Errors
/// The folder cannot be read, or a file cannot be removed.
pub(crate) fn remove_temporary_files(folder: &Path) -> Result<(), ArtifactError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ArtifactError::io("read", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(ArtifactError::io("read", folder))?.path();
        if is_temporary(&path) {
            fs::remove_file(&path).map_err(ArtifactError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Removes a file. A missing file is not an error.
///
/// # Errors
/// The file cannot be removed.
pub(crate) fn remove_file(path: &Path) -> Result<(), ArtifactError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(ArtifactError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder with all its contents. A missing folder is not an error.
///
/// # Errors
/// An entry cannot be removed.
pub(crate) fn remove_folder(path: &Path) -> Result<(), ArtifactError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(ArtifactError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_on_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/part.parquet");
        let mut pending = PendingFile::create(&path).unwrap();
        pending.file().write_all(b"half").unwrap();
        assert!(!path.exists());
        pending.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"half");
    }

    #[test]
    fn an_abandoned_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        drop(PendingFile::create(&path).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_of_killed_processes_are_removed_and_those_in_work_stay() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::now() - Duration::from_hours(1);
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "half").unwrap();
            File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        };
        [".page.html.Ab12.tmp", "stills/.a.png.Cd34.tmp", ".notes", "page.tmp"].into_iter().for_each(write);
        fs::write(folder.path().join(".new.Ef56.tmp"), "just begun").unwrap();
        let mut pending = PendingFile::create(&folder.path().join("chart.svg")).unwrap();
        pending.file().set_modified(long_ago).unwrap();
        remove_abandoned_files(folder.path());
        let found = walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap);
        let found = found.filter(|entry| entry.file_type().is_file()).map(|entry| entry.file_name().to_os_string());
        let mut found: Vec<String> = found.map(|name| name.into_string().unwrap()).collect();
        found.retain(|name| !name.starts_with(".chart.svg."));
        found.sort();
        assert_eq!(found, [".new.Ef56.tmp", ".notes", "page.tmp"]);
        pending.commit().unwrap();
        remove_abandoned_files(&folder.path().join("missing"));
    }
}
