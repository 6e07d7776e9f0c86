//! The dataset's lock: one process at a time writes a dataset. The lock file names its holder, and is free as soon as
//! the holder has ended.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::error::StoreError;
use super::layout::Layout;
use super::{change, older_edits};

/// The largest number of bytes that is read from a lock file.
const MAX_HOLDER_BYTES: u64 = 200;

/// The held lock of a dataset that is being written. The lock is freed when it is dropped, and when the process dies.
#[derive(Debug)]
pub struct DatasetLock {
    _file: File,
}

impl DatasetLock {
    /// Takes the lock of a dataset, and puts parts in place that an earlier process had committed and not moved.
    /// `purpose` tells other processes what the holder does.
    ///
    /// # Errors
    /// Another process holds the lock, the file cannot be made, or a change cannot be finished.
    pub fn acquire(layout: &Layout, purpose: &str) -> Result<Self, StoreError> {
        let path = layout.lock();
        std::fs::create_dir_all(layout.root()).map_err(StoreError::io("create", layout.root()))?;
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(StoreError::io("write", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy { dataset: layout.root().to_path_buf(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", &path)(source)),
        }
        note_holder(&mut file, &path, purpose)?;
        change::finish(layout)?;
        older_edits::import(layout)?;
        Ok(Self { _file: file })
    }
}

fn note_holder(file: &mut File, path: &Path, purpose: &str) -> Result<(), StoreError> {
    let text = format!("process {} ({purpose})\n", std::process::id());
    let written =
        file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).and_then(|_| file.write_all(text.as_bytes()));
    written.map_err(StoreError::io("write", path))
}

fn holder(file: &mut File) -> String {
    let mut bytes = Vec::new();
    // The holder's name is helpful but not required. A message is one plain line, whatever the file contains.
    drop(file.take(MAX_HOLDER_BYTES).read_to_end(&mut bytes));
    let text: String = String::from_utf8_lossy(&bytes).chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    if text.is_empty() { "another process".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_with_the_name_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let first = DatasetLock::acquire(&layout, "posekit extract").unwrap();
        let error = DatasetLock::acquire(&layout, "posekit status").unwrap_err().to_string();
        assert!(error.contains(&format!("process {} (posekit extract)", std::process::id())), "{error}");
        drop(first);
        DatasetLock::acquire(&layout, "posekit status").unwrap();
    }
}
