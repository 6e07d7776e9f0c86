//! Removal of the parts of runs that were begun and never finished.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::error::StoreError;
use super::layout::{Layout, Table};
use crate::artifacts::files::remove_folder;

/// Removes the parts of every run that has no sealed record and is not among the `known` run ids. Returns the number of
/// removed runs. The caller holds the dataset's lock, so no process is working on such a run.
///
/// # Errors
/// A folder cannot be removed.
pub(crate) fn remove_abandoned(layout: &Layout, known: &[String]) -> Result<usize, StoreError> {
    let mut abandoned = BTreeSet::new();
    for table in Table::ALL {
        for (video_id, run_id) in runs_in(&layout.table(table)) {
            let is_complete = layout.part(Table::Runs, &video_id, &run_id, 0).exists();
            if !is_complete && !known.contains(&run_id) {
                abandoned.insert((video_id, run_id));
            }
        }
    }
    for (video_id, run_id) in &abandoned {
        for table in Table::of_runs() {
            let folder = layout.run(table, video_id, run_id);
            remove_folder(&folder)?;
            // The video's folder is removed too if it has no other run. A folder that is not empty stays.
            drop(folder.parent().map(fs::remove_dir));
        }
    }
    Ok(abandoned.len())
}

/// Returns the videos and runs that have a folder in a table.
fn runs_in(table: &Path) -> Vec<(String, String)> {
    let videos = folders(table, "video_id=");
    let runs = videos.into_iter().flat_map(|video_id| {
        let runs = folders(&table.join(format!("video_id={video_id}")), "run_id=");
        runs.into_iter().map(move |run_id| (video_id.clone(), run_id))
    });
    runs.collect()
}

/// Returns the rest of each entry's name after `prefix`, for the entries of a folder.
fn folders(folder: &Path, prefix: &str) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.strip_prefix(prefix).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_runs_that_nobody_knows_go() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let put = |table, run_id: &str| {
            let path = layout.part(table, "v", run_id, 0);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "rows").unwrap();
        };
        for run_id in ["known", "complete", "unfinished"] {
            put(Table::Frames, run_id);
        }
        put(Table::Runs, "complete");
        // The run was killed before its first segment was complete.
        put(Table::RawLandmarks, "hardly begun");
        assert_eq!(remove_abandoned(&layout, &["known".to_owned()]).unwrap(), 2);
        let mut left = runs_in(&layout.table(Table::Frames));
        left.sort();
        assert_eq!(left, [("v".to_owned(), "complete".to_owned()), ("v".to_owned(), "known".to_owned())]);
        assert!(!layout.table(Table::RawLandmarks).join("video_id=v").exists());
        assert_eq!(remove_abandoned(&layout, &["known".to_owned()]).unwrap(), 0);
    }
}
