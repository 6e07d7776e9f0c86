//! Folders of the dataset: the Parquet files in them and their sizes.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns whether there is a Parquet file under a folder.
#[must_use]
pub(crate) fn has_parquet_files(folder: &Path) -> bool {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    entries.map(walkdir::DirEntry::into_path).any(|path| is_parquet(&path))
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "parquet")
}

/// Returns the Parquet files under a folder, in a fixed order. The result is empty if the folder is missing.
#[must_use]
pub fn parquet_files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = entries.map(walkdir::DirEntry::into_path);
    files.filter(|path| is_parquet(path)).collect()
}

/// Returns the first Parquet file of each folder under a folder, in a fixed order.
#[must_use]
pub(crate) fn first_parquet_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = parquet_files(folder);
    files.dedup_by(|later, earlier| later.parent() == earlier.parent());
    files
}

/// Returns the first and the last Parquet file under a folder, or fewer if there are fewer, without listing the files
/// of all other folders.
#[must_use]
pub(crate) fn outermost_parquet_files(folder: &Path) -> Vec<PathBuf> {
    let of = |is_first: bool| -> Option<PathBuf> {
        let entries = walkdir::WalkDir::new(folder).sort_by(move |a, b| {
            let order = a.file_name().cmp(b.file_name());
            if is_first { order } else { order.reverse() }
        });
        entries.into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path).find(|path| is_parquet(path))
    };
    let mut files: Vec<PathBuf> = [of(true), of(false)].into_iter().flatten().collect();
    files.dedup();
    files
}

/// Returns the total size of the files under a folder, bytes. Unreadable entries count as zero.
#[must_use]
pub(crate) fn folder_size_bytes(path: &Path) -> u64 {
    let entries = walkdir::WalkDir::new(path).into_iter().filter_map(Result::ok);
    entries.filter_map(|entry| entry.metadata().ok()).filter(fs::Metadata::is_file).map(|file| file.len()).sum()
}
