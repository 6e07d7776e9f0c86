//! Changes of several parts at once: the parts are made in a staging folder, then put in place by renames. A kill or a
//! full disk before the commit changes nothing. After the commit, the next process finishes the renames.
//!
//! Parts are made in `DATASET/.staging/NAME`. Renaming that folder to `DATASET/.pending/NAME` commits the change. The
//! list in it says which folders of runs are replaced, and by which files. If the parts follow an edit of the tracks,
//! the edit lies beside them and enters the journal with them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::edits;
use super::error::StoreError;
use super::folders::parquet_files;
use super::layout::Layout;
use crate::artifacts::files::{remove_file, remove_folder, write_whole};
use crate::failpoint;

/// The name of the file in the change's own folder that lists the files of each folder, by paths below the dataset.
const LIST: &str = "folders.json";

/// Files by folder.
type Folders = BTreeMap<String, Vec<String>>;

/// Parts that are being made. If a `Change` is dropped without [`Change::commit`], the tables stay as they are.
#[derive(Debug)]
pub(crate) struct Change {
    layout: Layout,
    staged: Layout,
    name: String,
}

impl Change {
    /// Begins a change. Changes with different names may be in progress at the same time. The caller holds the
    /// dataset's lock.
    ///
    /// # Errors
    /// The remains of an earlier attempt cannot be removed.
    pub(crate) fn begin(layout: &Layout, name: &str) -> Result<Self, StoreError> {
        let staged = Layout::new(layout.staging().join(name));
        remove_folder(staged.root())?;
        Ok(Self { layout: layout.clone(), staged, name: name.to_owned() })
    }

    /// Returns the layout in which the parts are made: a separate dataset, in which each folder is complete.
    #[must_use]
    pub(crate) fn staged(&self) -> &Layout {
        &self.staged
    }

    /// Replaces the parts in place by the new ones. Each folder then has the files that were made, and no others.
    ///
    /// # Errors
    /// The file system reports an error. If the list was written, the next process that takes the dataset's lock
    /// continues.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        let root = self.staged.root();
        let folders = folders(root);
        if folders.is_empty() {
            return Ok(());
        }
        // Names of folders and files always have a JSON form.
        write_whole(&root.join(LIST), &serde_json::to_vec(&folders).unwrap_or_default())?;
        failpoint::pass("change-staged");
        let pending = self.layout.pending();
        fs::create_dir_all(&pending).map_err(StoreError::io("create", &pending))?;
        let place = pending.join(&self.name);
        fs::rename(root, &place).map_err(StoreError::io("write", &place))?;
        sync(&pending)?;
        failpoint::pass("change-committed");
        finish_one(&self.layout, &place)
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        // After a commit the folder is gone. Otherwise, the next attempt removes what cannot be removed now.
        let _ = remove_folder(self.staged.root());
    }
}

/// Returns whether a committed change has parts that are not yet in place.
#[must_use]
pub(crate) fn is_pending(layout: &Layout) -> bool {
    fs::read_dir(layout.pending()).is_ok_and(|mut entries| entries.next().is_some())
}

/// Puts the parts of all committed changes in place. The caller holds the dataset's lock.
///
/// # Errors
/// The file system reports an error.
pub(crate) fn finish(layout: &Layout) -> Result<(), StoreError> {
    let pending = layout.pending();
    let Ok(entries) = fs::read_dir(&pending) else { return Ok(()) };
    for entry in entries {
        finish_one(layout, &entry.map_err(StoreError::io("read", &pending))?.path())?;
    }
    Ok(())
}

fn finish_one(layout: &Layout, change: &Path) -> Result<(), StoreError> {
    let list = change.join(LIST);
    let text = match fs::read(&list) {
        Ok(text) => text,
        // The change is finished: a process died while it removed the change's folder.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(remove_folder(change)?),
        Err(error) => return Err(StoreError::io("read", &list)(error)),
    };
    let folders: Folders =
        serde_json::from_slice(&text).map_err(|error| StoreError::io("read", &list)(std::io::Error::other(error)))?;
    // The journal may not fit on a full disk. Renames always fit, so they come after it.
    edits::note_beside(layout, change)?;
    for (folder, files) in &folders {
        let (from, to) = (change.join(folder), layout.root().join(folder));
        fs::create_dir_all(&to).map_err(StoreError::io("create", &to))?;
        for file in files {
            // A missing file is already in place.
            if from.join(file).exists() {
                fs::rename(from.join(file), to.join(file)).map_err(StoreError::io("write", &to.join(file)))?;
                failpoint::pass("change-part-renamed");
            }
        }
        let is_listed = |path: &PathBuf| files.iter().any(|file| to.join(file) == *path);
        parquet_files(&to).iter().filter(|path| !is_listed(path)).try_for_each(|path| remove_file(path))?;
        sync(&to)?;
    }
    Ok(remove_folder(change)?)
}

/// Returns the folders of parts below a folder, with their files.
fn folders(root: &Path) -> Folders {
    let mut folders = Folders::new();
    for path in parquet_files(root) {
        let folder = path.parent().and_then(|folder| folder.strip_prefix(root).ok());
        let (Some(folder), Some(file)) = (folder, path.file_name()) else { continue };
        let files = folders.entry(folder.display().to_string()).or_default();
        files.push(file.to_string_lossy().into_owned());
    }
    folders
}

fn sync(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io("write in", folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Table;

    fn put(layout: &Layout, table: Table, part: u32, text: &str) {
        let path = layout.part(table, "v", "r", part);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn texts(layout: &Layout) -> Vec<String> {
        let of = |table| parquet_files(&layout.table(table));
        let files = [Table::Tracks, Table::Landmarks].into_iter().flat_map(of);
        files.map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// Makes a dataset with two parts of landmarks. The change replaces them by one.
    fn dataset(root: &Path) -> Layout {
        let layout = Layout::new(root);
        put(&layout, Table::Tracks, 0, "old");
        put(&layout, Table::Landmarks, 0, "old");
        put(&layout, Table::Landmarks, 1, "old");
        layout
    }

    fn staged(layout: &Layout) -> Change {
        let change = Change::begin(layout, "c").unwrap();
        put(change.staged(), Table::Tracks, 0, "new");
        put(change.staged(), Table::Landmarks, 0, "new");
        change
    }

    #[test]
    fn a_change_replaces_whole_folders_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let layout = dataset(folder.path());
        drop(staged(&layout));
        assert_eq!(texts(&layout), ["old", "old", "old"]);
        staged(&layout).commit().unwrap();
        assert_eq!(texts(&layout), ["new", "new"]);
        assert!(!is_pending(&layout));
        Change::begin(&layout, "nothing").unwrap().commit().unwrap();
        assert_eq!(texts(&layout), ["new", "new"]);
    }

    #[test]
    fn a_finished_change_whose_folder_was_half_removed_harms_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let layout = dataset(folder.path());
        staged(&layout).commit().unwrap();
        fs::create_dir_all(layout.pending().join("c/tracks/video_id=v/run_id=r")).unwrap();
        assert!(is_pending(&layout));
        finish(&layout).unwrap();
        assert!(!is_pending(&layout));
        assert_eq!(texts(&layout), ["new", "new"]);
    }

    #[test]
    fn a_change_that_was_cut_short_after_any_rename_is_finished() {
        for n_renamed in 0..=2 {
            let folder = tempfile::tempdir().unwrap();
            let layout = dataset(folder.path());
            let change = staged(&layout);
            let root = change.staged().root().to_path_buf();
            write_whole(&root.join(LIST), &serde_json::to_vec(&folders(&root)).unwrap()).unwrap();
            fs::create_dir_all(layout.pending()).unwrap();
            fs::rename(&root, layout.pending().join("c")).unwrap();
            let pending = Layout::new(layout.pending().join("c"));
            for table in [Table::Tracks, Table::Landmarks].into_iter().take(n_renamed) {
                fs::rename(pending.part(table, "v", "r", 0), layout.part(table, "v", "r", 0)).unwrap();
            }
            assert!(is_pending(&layout));
            finish(&layout).unwrap();
            assert_eq!(texts(&layout), ["new", "new"], "after {n_renamed}");
            assert!(!is_pending(&layout));
        }
    }
}
