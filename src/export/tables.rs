//! Exports the result tables as CSV and Parquet that any program reads.

use std::path::Path;

use super::{Export, ExportError, Exported};
use crate::store::{Catalog, StoreError, Table};

/// The options with which DuckDB writes CSV files.
pub(super) const CSV_OPTIONS: &str = "FORMAT csv, HEADER";
/// The results that are small enough to be read as text.
const CSV_TABLES: [Table; 6] =
    [Table::Metrics, Table::Events, Table::Phases, Table::Repetitions, Table::Scales, Table::Checks];

/// The tables that are written for a single video, with a title for each.
pub(super) const TABLES_OF_VIDEOS: [(Table, &str); 4] = [
    (Table::Metrics, "Metrics"),
    (Table::Events, "Events"),
    (Table::Repetitions, "Repetitions"),
    (Table::Checks, "Data quality"),
];

pub(super) fn write_csv(catalog: &Catalog, wanted: &Export, outcome: &mut Exported) -> Result<(), ExportError> {
    CSV_TABLES.into_iter().try_for_each(|table| write(catalog, wanted, table, "csv", CSV_OPTIONS, outcome))
}

pub(super) fn write_parquet(catalog: &Catalog, wanted: &Export, outcome: &mut Exported) -> Result<(), ExportError> {
    let options = "FORMAT parquet, COMPRESSION zstd";
    Table::RESULTS.into_iter().try_for_each(|table| write(catalog, wanted, table, "parquet", options, outcome))
}

fn write(
    catalog: &Catalog,
    wanted: &Export,
    table: Table,
    extension: &str,
    options: &str,
    outcome: &mut Exported,
) -> Result<(), ExportError> {
    let path = wanted.output.join(format!("{}.{extension}", table.name()));
    copy(catalog, table, &wanted.video_ids, &path, options)?;
    outcome.written.push(path);
    Ok(())
}

/// Writes the rows of a table for some or all videos. The file appears complete or not at all.
pub(super) fn copy(
    catalog: &Catalog,
    table: Table,
    video_ids: &[String],
    path: &Path,
    options: &str,
) -> Result<(), ExportError> {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{file_name}.tmp"));
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let chosen: Vec<String> = video_ids.iter().map(|id| quoted(id)).collect();
    let filter = if chosen.is_empty() { String::new() } else { format!(" WHERE video_id IN ({})", chosen.join(", ")) };
    let name = table.name();
    let sql = format!("COPY (FROM {name}{filter}) TO {} ({options})", quoted(&temporary.display().to_string()));
    let copied =
        catalog.execute(&sql).and_then(|()| std::fs::rename(&temporary, path).map_err(StoreError::io("write", path)));
    if copied.is_err() {
        // The incomplete file is useless. If it cannot be removed either, the error below says enough.
        drop(std::fs::remove_file(&temporary));
    }
    Ok(copied?)
}
