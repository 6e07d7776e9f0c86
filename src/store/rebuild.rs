//! Rebuilds the catalog from the Parquet files and the journals.

use super::catalog::Catalog;
use super::error::StoreError;
use super::folders::parquet_files;
use super::ids::{lettered_run, lettered_video};
use super::layout::{Layout, Table};
use super::read::read_run;
use super::records::{RunRecord, VideoRecord};
use super::{benchmarks, run_journal};
use crate::artifacts::files::remove_file;

/// The result of a rebuild.
#[derive(Debug, Default)]
pub(crate) struct Rebuilt {
    /// The number of runs in the new catalog.
    pub(crate) n_runs: usize,
    /// Errors of records that could not be read.
    pub(crate) damaged: Vec<StoreError>,
}

/// Verifies that there are records to make a catalog from.
///
/// # Errors
/// The dataset has no records of runs.
pub(crate) fn require_records(layout: &Layout) -> Result<(), StoreError> {
    if layout.has_records() { Ok(()) } else { Err(StoreError::NoCatalog { dataset: layout.root().to_path_buf() }) }
}

/// Replaces the catalog by one made from the records of all complete runs and from the journals. The current run of
/// each video is its newest, unless the user has chosen another run since. The old catalog stays in place until the new
/// one is complete.
///
/// # Errors
/// The folder cannot be read, or the new catalog cannot be written.
pub(crate) fn rebuild(layout: &Layout) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::default();
    let mut records: Vec<(VideoRecord, RunRecord)> = Vec::new();
    for path in parquet_files(&layout.table(Table::Runs)) {
        match read_run(&path) {
            Ok(record) => records.push(record),
            Err(error) => rebuilt.damaged.push(error),
        }
    }
    rebuilt.n_runs = records.len();
    let said = run_journal::read(layout)?;
    records.extend(said.failed);
    records.sort_by(|(_, a), (_, b)| a.finished_at_s.total_cmp(&b.finished_at_s));
    let old = layout.catalog();
    let new = old.with_extension("rebuilt");
    remove_file(&new)?;
    let mut catalog = Catalog::create(layout, &new)?;
    let root = catalog.absolute_root()?;
    for (video, run) in &records {
        catalog.index_run(video, run, &root)?;
    }
    benchmarks::index(&catalog)?;
    for (video_id, run_id, said_at_s) in &said.used {
        let is_of_video = |run: &&RunRecord| lettered_video(&run.video_id) == *video_id && run.has_tables();
        let of_video = || records.iter().map(|(_, run)| run).filter(is_of_video);
        let used = of_video().find(|run| lettered_run(&run.run_id) == *run_id);
        // A run that was made later has replaced the chosen one.
        if let Some(run) = used.filter(|_| of_video().all(|run| run.finished_at_s <= *said_at_s)) {
            catalog.index_use(&run.video_id, &run.run_id)?;
        }
    }
    catalog.close()?;
    // A write-ahead log belongs to the catalog that is being replaced.
    remove_file(&old.with_extension("duckdb.wal"))?;
    std::fs::rename(&new, &old).map_err(StoreError::io("write", &old))?;
    Ok(rebuilt)
}
