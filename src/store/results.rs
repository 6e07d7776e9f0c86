//! Results of an analysis: made aside, then put in place whole.
//!
//! A result of a run is a folder of parts. Their footers carry the key of what they were made from, so that what is up to
//! date is told without reading rows. Results can always be made again, so a kill between taking away the old folder and
//! putting the new one in its place loses nothing.

use std::fs;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use super::error::StoreError;
use super::files::{parquet_files, remove_folder};
use super::layout::{Layout, Table};
use super::made::key_of;
use super::part::{PartLabel, write_part};
use super::read::read_fingerprint;
use super::records::{RunRecord, VideoRecord};
use super::result_schema::{conformed, result_schema};

/// Rows of a part at most.
const PART_ROWS: usize = 1 << 20;

/// The run that results belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultOwner {
    /// The video.
    pub video_id: String,
    /// The run.
    pub run_id: String,
    /// The run's first and last frame.
    pub frames: [u32; 2],
}

/// Takes a result's rows and puts them in place when they are all there.
pub struct ResultWriter<'a> {
    layout: &'a Layout,
    owner: &'a ResultOwner,
    table: Table,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    n_parts: u32,
    n_rows: u64,
}

impl<'a> ResultWriter<'a> {
    /// Begins a result.
    ///
    /// # Errors
    /// What an earlier attempt left cannot be removed.
    pub fn new(layout: &'a Layout, owner: &'a ResultOwner, table: Table) -> Result<Self, StoreError> {
        let writer = Self { layout, owner, table, waiting: Vec::new(), waiting_rows: 0, n_parts: 0, n_rows: 0 };
        remove_folder(writer.staging().root())?;
        Ok(writer)
    }

    /// A dataset within the dataset, for this result alone.
    fn staging(&self) -> Layout {
        Layout::new(self.layout.staging().join(format!("{}-{}", self.table.name(), self.owner.run_id)))
    }

    /// Takes rows, in the order of the table.
    ///
    /// # Errors
    /// They have other columns than the table, or a part cannot be written.
    pub fn push(&mut self, rows: &RecordBatch) -> Result<(), StoreError> {
        let rows = conformed(self.table, rows).map_err(|problem| self.wrong_columns(problem))?;
        self.waiting_rows += rows.num_rows();
        self.waiting.push(rows);
        // The last part carries the result's key, so it waits until the key is known.
        if self.waiting_rows >= PART_ROWS { self.write_waiting("") } else { Ok(()) }
    }

    fn wrong_columns(&self, problem: String) -> StoreError {
        let path = self.layout.run(self.table, &self.owner.video_id, &self.owner.run_id);
        StoreError::WrongColumns { path, table: self.table.name(), problem }
    }

    fn write_waiting(&mut self, key: &str) -> Result<(), StoreError> {
        let rows = concat_batches(&result_schema(self.table), &self.waiting)
            .map_err(|source| StoreError::Columns { table: self.table.name(), source })?;
        self.waiting.clear();
        self.waiting_rows = 0;
        let ResultOwner { video_id, run_id, frames } = self.owner.clone();
        let path = self.staging().part(self.table, &video_id, &run_id, self.n_parts);
        let fingerprint = key.to_owned();
        let label = PartLabel { video_id, run_id, fingerprint, part: self.n_parts, frames, is_as_indexed: true };
        write_part(&path, self.table, &label, &rows)?;
        self.n_parts += 1;
        self.n_rows += rows.num_rows() as u64;
        Ok(())
    }

    /// Puts the rows in place of what was there before, and says how many they are; `key` is a hash of all that they are made from.
    ///
    /// # Errors
    /// A part cannot be written, or the folder not be put in place.
    pub fn finish(mut self, key: &str) -> Result<u64, StoreError> {
        self.write_waiting(key)?;
        let staging = self.staging();
        let new = staging.run(self.table, &self.owner.video_id, &self.owner.run_id);
        let place = self.layout.run(self.table, &self.owner.video_id, &self.owner.run_id);
        remove_folder(&place)?;
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(StoreError::io("create", parent))?;
        }
        fs::rename(&new, &place).map_err(StoreError::io("write", &place))?;
        remove_folder(staging.root())?;
        Ok(self.n_rows)
    }
}

/// The key of a result that is in place; `None` where there is none, or none that can be read.
#[must_use]
pub fn result_key(layout: &Layout, table: Table, owner: &ResultOwner) -> Option<String> {
    let last = parquet_files(&layout.run(table, &owner.video_id, &owner.run_id)).pop()?;
    read_fingerprint(&last, table)
}

/// Removes results whose parts cannot be read, so that they are made again.
///
/// # Errors
/// They cannot be removed.
pub fn remove_unreadable(layout: &Layout, owner: &ResultOwner) -> Result<(), StoreError> {
    for table in Table::RESULTS {
        let folder = layout.run(table, &owner.video_id, &owner.run_id);
        if parquet_files(&folder).iter().any(|part| read_fingerprint(part, table).is_none()) {
            remove_folder(&folder)?;
        }
    }
    Ok(())
}

/// Removes what interrupted analyses left half made. The caller holds the dataset's lock.
///
/// # Errors
/// It cannot be removed.
pub fn remove_unfinished(layout: &Layout) -> Result<(), StoreError> {
    remove_folder(&layout.staging())
}

/// A hash of all that is known of a run: who is who, every result; and of what else counts.
///
/// # Errors
/// The tracks cannot be read.
pub fn run_key(layout: &Layout, video: &VideoRecord, run: &RunRecord, more: &[&str]) -> Result<String, StoreError> {
    let last = u32::try_from(run.n_frames).unwrap_or(u32::MAX).saturating_sub(1);
    let owner = ResultOwner { video_id: video.video_id.clone(), run_id: run.run_id.clone(), frames: [0, last] };
    let mut things = vec![video.name.clone(), input_key(layout, &owner.video_id, &owner.run_id)?];
    things.extend(Table::RESULTS.into_iter().map(|table| result_key(layout, table, &owner).unwrap_or_default()));
    Ok(key_of(&things.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>()))
}

/// Hash of who is who in a run, and of the run: all that an analysis reads.
///
/// # Errors
/// The tracks cannot be read.
pub fn input_key(layout: &Layout, video_id: &str, run_id: &str) -> Result<String, StoreError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(run_id.as_bytes());
    hash_file(&layout.part(Table::Tracks, video_id, run_id, 0), &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn hash_file(path: &Path, hasher: &mut blake3::Hasher) -> Result<(), StoreError> {
    hasher.update(&fs::read(path).map_err(StoreError::io("read", path))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
    use std::sync::Arc;

    fn owner() -> ResultOwner {
        ResultOwner { video_id: "v".to_owned(), run_id: "r".to_owned(), frames: [0, 9] }
    }

    fn events(n: i64) -> RecordBatch {
        let texts = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; n as usize])) };
        let values = || -> ArrayRef { Arc::new(Float64Array::from(vec![0.5; n as usize])) };
        let columns = vec![
            ("person_id", Arc::new(Int64Array::from_iter_values(0..n)) as ArrayRef),
            ("kind", texts("contact")),
            ("side", texts("left")),
            ("frame_idx", Arc::new(Int64Array::from_iter_values(0..n))),
            ("time_s", values()),
            ("method", texts("zeni")),
            ("confidence", values()),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn a_result_replaces_the_one_before_and_carries_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, owner) = (Layout::new(folder.path()), owner());
        for (key, n_rows) in [("first", 3), ("second", 0)] {
            let mut writer = ResultWriter::new(&layout, &owner, Table::Events).unwrap();
            writer.push(&events(n_rows)).unwrap();
            assert_eq!(writer.finish(key).unwrap(), n_rows as u64);
            assert_eq!(result_key(&layout, Table::Events, &owner).as_deref(), Some(key));
        }
        assert!(!layout.staging().join("events-r").exists());
    }

    #[test]
    fn a_result_that_was_not_finished_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, owner) = (Layout::new(folder.path()), owner());
        let mut writer = ResultWriter::new(&layout, &owner, Table::Events).unwrap();
        writer.push(&events(2)).unwrap();
        writer.write_waiting("key").unwrap();
        drop(writer);
        assert_eq!(result_key(&layout, Table::Events, &owner), None);
        remove_unfinished(&layout).unwrap();
        assert!(!layout.staging().exists());
    }
}
