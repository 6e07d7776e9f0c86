//! A summary of a dataset's contents.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::catalog::Catalog;
use super::error::StoreError;
use super::folders::folder_size_bytes;
use super::layout::Table;
use super::query::{self, Author};
use crate::journal;

const VIDEOS: &str = include_str!("../../sql/status/videos.sql");
const RUNS: &str = include_str!("../../sql/status/runs.sql");
const CHECK_SUMMARY: &str = include_str!("../../sql/status/checks.sql");
const TOTALS: &str = include_str!("../../sql/status/totals.sql");

/// A small result that fits in memory.
pub(crate) struct SmallAnswer {
    /// The columns.
    pub(crate) schema: SchemaRef,
    /// The rows.
    pub(crate) batches: Vec<RecordBatch>,
}

/// Returns every video with its current run (`sql/status/videos.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub(crate) fn videos(catalog: &Catalog) -> Result<SmallAnswer, StoreError> {
    collect(catalog, VIDEOS)
}

/// Returns the totals (`sql/status/totals.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub(crate) fn totals(catalog: &Catalog) -> Result<SmallAnswer, StoreError> {
    collect(catalog, TOTALS)
}

/// Returns the findings of the data-quality checks, by video and check (`sql/status/checks.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub(crate) fn check_summary(catalog: &Catalog) -> Result<SmallAnswer, StoreError> {
    collect(catalog, CHECK_SUMMARY)
}

/// Returns the number of errors among the findings of the data-quality checks.
///
/// # Errors
/// The catalog or its parts cannot be read.
pub(crate) fn check_errors(catalog: &Catalog) -> Result<u64, StoreError> {
    let count =
        catalog.connection().query_row("SELECT count(*) FROM checks WHERE severity = 'error'", [], |row| row.get(0));
    count.map_err(|error| catalog.failed(&error))
}

/// Returns every run that has tables, by video, and whether it is the current run (`sql/status/runs.sql`).
///
/// # Errors
/// The catalog cannot be read.
pub(crate) fn runs(catalog: &Catalog) -> Result<SmallAnswer, StoreError> {
    collect(catalog, RUNS)
}

/// Returns the size on disk of the catalog and of each table's parts, bytes.
#[must_use]
pub(crate) fn sizes_bytes(catalog: &Catalog) -> Vec<(&'static str, u64)> {
    let layout = catalog.layout();
    let of_catalog = layout.catalog().metadata().map_or(0, |metadata| metadata.len());
    let of_table = |table: Table| (table.name(), folder_size_bytes(&layout.table(table)));
    let journal = (journal::FOLDER, folder_size_bytes(&layout.root().join(journal::FOLDER)));
    let extracted = Table::ALL.into_iter().map(of_table).chain([journal]);
    let results =
        Table::RESULTS.into_iter().chain(Table::ON_REQUEST).map(of_table).filter(|(_, size_bytes)| *size_bytes > 0);
    [("catalog", of_catalog)].into_iter().chain(extracted).chain(results).collect()
}

pub(super) fn collect(catalog: &Catalog, sql: &str) -> Result<SmallAnswer, StoreError> {
    let mut answer = query::run(catalog.connection(), sql, Author::Posekit)?;
    let mut batches = Vec::new();
    while let Some(batch) = answer.next_batch()? {
        batches.push(batch);
    }
    Ok(SmallAnswer { schema: answer.schema(), batches })
}
