//! What a dataset holds, in a few numbers.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::catalog::Catalog;
use super::error::StoreError;
use super::files::folder_size_bytes;
use super::layout::Table;
use super::query;

const VIDEOS: &str = include_str!("../../sql/status/videos.sql");
const TOTALS: &str = include_str!("../../sql/status/totals.sql");

/// A small result that fits in memory.
pub struct SmallAnswer {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

/// Every video with its current run (`sql/status/videos.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub fn videos(catalog: &Catalog) -> Result<SmallAnswer, StoreError> {
    collect(catalog, VIDEOS)
}

/// How much there is in all (`sql/status/totals.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub fn totals(catalog: &Catalog) -> Result<SmallAnswer, StoreError> {
    collect(catalog, TOTALS)
}

/// Size on disk of the catalog and of each table's parts, bytes.
#[must_use]
pub fn sizes_bytes(catalog: &Catalog) -> Vec<(&'static str, u64)> {
    let layout = catalog.layout();
    let of_catalog = layout.catalog().metadata().map_or(0, |metadata| metadata.len());
    let of_tables = Table::ALL.map(|table| (table.name(), folder_size_bytes(&layout.table(table))));
    let of_edits = (Table::Edits.name(), folder_size_bytes(&layout.table(Table::Edits)));
    [("catalog", of_catalog)].into_iter().chain(of_tables).chain([of_edits]).collect()
}

pub(super) fn collect(catalog: &Catalog, sql: &str) -> Result<SmallAnswer, StoreError> {
    // The SQL is ours: where it fails, the catalog or a part is damaged.
    answer(catalog, sql).map_err(|error| match error {
        StoreError::Sql { message } => StoreError::Catalog { path: catalog.layout().catalog(), message },
        other => other,
    })
}

fn answer(catalog: &Catalog, sql: &str) -> Result<SmallAnswer, StoreError> {
    let mut answer = query::run(catalog.connection(), sql)?;
    let mut batches = Vec::new();
    while let Some(batch) = answer.next_batch()? {
        batches.push(batch);
    }
    Ok(SmallAnswer { schema: answer.schema(), batches })
}
