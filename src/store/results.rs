//! Results of an analysis.
//!
//! A result of a run is a folder of parts. Their footers carry the key of the result, so that a check of whether it is
//! up to date reads no rows. All results of a run come into place together ([`super::change`]).

use std::fs;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use super::error::StoreError;
use super::folders::parquet_files;
use super::layout::{Layout, Table};
use super::part::{PartLabel, write_part};
use super::read::{read_fingerprint, read_label};
use super::records::{RunRecord, VideoRecord};
use super::result_schema::{conformed, result_schema};
use crate::artifacts::files::remove_folder;
use crate::artifacts::made::key_of;

/// The largest number of rows of a part.
const PART_ROWS: usize = 1 << 20;

/// The run that results belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResultOwner {
    /// The video.
    pub(crate) video_id: String,
    /// The run.
    pub(crate) run_id: String,
    /// The run's first and last frame.
    pub(crate) frames: [u32; 2],
}

/// Writes a result's rows into parts.
pub(crate) struct ResultWriter<'a> {
    into: &'a Layout,
    owner: &'a ResultOwner,
    table: Table,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    n_parts: u32,
    n_rows: u64,
}

impl<'a> ResultWriter<'a> {
    /// Begins a result below `into`, which must not contain it yet.
    #[must_use]
    pub(crate) fn new(into: &'a Layout, owner: &'a ResultOwner, table: Table) -> Self {
        Self { into, owner, table, waiting: Vec::new(), waiting_rows: 0, n_parts: 0, n_rows: 0 }
    }

    /// Adds rows, in the order of the table.
    ///
    /// # Errors
    /// The columns of the rows differ from the table's, or a part cannot be written.
    pub(crate) fn push(&mut self, rows: &RecordBatch) -> Result<(), StoreError> {
        let rows = conformed(self.table, rows).map_err(|problem| self.wrong_columns(problem))?;
        self.waiting_rows += rows.num_rows();
        self.waiting.push(rows);
        // The last part carries the result's key, so it is written once the key is known.
        if self.waiting_rows >= PART_ROWS { self.write_waiting("") } else { Ok(()) }
    }

    fn wrong_columns(&self, problem: String) -> StoreError {
        let path = self.into.run(self.table, &self.owner.video_id, &self.owner.run_id);
        StoreError::WrongColumns { path, table: self.table.name(), problem }
    }

    fn write_waiting(&mut self, key: &str) -> Result<(), StoreError> {
        let rows = concat_batches(&result_schema(self.table), &self.waiting)
            .map_err(|source| StoreError::Columns { table: self.table.name(), source })?;
        self.waiting.clear();
        self.waiting_rows = 0;
        let ResultOwner { video_id, run_id, frames } = self.owner.clone();
        let path = self.into.part(self.table, &video_id, &run_id, self.n_parts);
        let fingerprint = key.to_owned();
        let label = PartLabel { video_id, run_id, fingerprint, part: self.n_parts, frames, is_as_indexed: true };
        write_part(&path, self.table, &label, &rows)?;
        self.n_parts += 1;
        self.n_rows += rows.num_rows() as u64;
        Ok(())
    }

    /// Writes the last part, and returns the number of rows of the result. `key` is a hash of everything that the rows
    /// are made from.
    ///
    /// # Errors
    /// The part cannot be written.
    pub(crate) fn finish(mut self, key: &str) -> Result<u64, StoreError> {
        self.write_waiting(key)?;
        Ok(self.n_rows)
    }
}

/// Returns the key of a result that is in place; `None` if the result or one of its parts is missing, or if its last
/// part cannot be read.
#[must_use]
pub(crate) fn result_key(layout: &Layout, table: Table, owner: &ResultOwner) -> Option<String> {
    let files = parquet_files(&layout.run(table, &owner.video_id, &owner.run_id));
    let last = files.last()?;
    let names = (0..files.len() as u32).map(|part| layout.part(table, &owner.video_id, &owner.run_id, part));
    if !names.eq(files.iter().cloned()) {
        return None;
    }
    read_fingerprint(last, table).filter(|key| !key.is_empty())
}

/// Returns the results of a run that have a damaged part. Every byte is read.
#[must_use]
pub(crate) fn damaged_results(layout: &Layout, owner: &ResultOwner) -> Vec<Table> {
    let is_damaged = |table: &Table| {
        let files = parquet_files(&layout.run(*table, &owner.video_id, &owner.run_id));
        files.iter().any(|path| read_label(path, *table).is_err())
    };
    Table::RESULTS.into_iter().chain(Table::ON_REQUEST).filter(is_damaged).collect()
}

/// Removes unfinished results of interrupted analyses. The caller holds the dataset's lock.
///
/// # Errors
/// The results cannot be removed.
pub(crate) fn remove_unfinished(layout: &Layout) -> Result<(), StoreError> {
    Ok(remove_folder(&layout.staging())?)
}

/// Returns a hash of everything that is known about a run (its tracks and all its results), and of `more`.
///
/// # Errors
/// The tracks cannot be read.
pub(crate) fn run_key(
    layout: &Layout,
    video: &VideoRecord,
    run: &RunRecord,
    more: &[&str],
) -> Result<String, StoreError> {
    let last = u32::try_from(run.n_frames).unwrap_or(u32::MAX).saturating_sub(1);
    let owner = ResultOwner { video_id: video.video_id.clone(), run_id: run.run_id.clone(), frames: [0, last] };
    let mut things = vec![video.name.clone(), input_key(layout, &owner.video_id, &owner.run_id)?];
    things.extend(Table::RESULTS.into_iter().map(|table| result_key(layout, table, &owner).unwrap_or_default()));
    things.extend(Table::ON_REQUEST.into_iter().filter_map(|table| result_key(layout, table, &owner)));
    Ok(key_of(&things.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>()))
}

/// Returns a hash of a run and its tracks: everything that an analysis reads.
///
/// # Errors
/// The tracks cannot be read.
pub(crate) fn input_key(layout: &Layout, video_id: &str, run_id: &str) -> Result<String, StoreError> {
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
    fn a_result_carries_its_key_if_all_its_parts_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, owner) = (Layout::new(folder.path()), owner());
        let mut writer = ResultWriter::new(&layout, &owner, Table::Events);
        writer.push(&events(3)).unwrap();
        writer.write_waiting("").unwrap();
        let key = || result_key(&layout, Table::Events, &owner);
        assert_eq!(key(), None, "the last part is not there yet");
        writer.push(&events(2)).unwrap();
        assert_eq!(writer.finish("made from").unwrap(), 5);
        assert_eq!(key().as_deref(), Some("made from"));
        let first = layout.part(Table::Events, "v", "r", 0);
        let whole = fs::read(&first).unwrap();
        assert_eq!(damaged_results(&layout, &owner), []);
        fs::write(&first, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(damaged_results(&layout, &owner), [Table::Events]);
        fs::remove_file(&first).unwrap();
        assert_eq!(key(), None, "a part is missing");
    }
}
