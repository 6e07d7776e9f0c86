//! The results themselves, as CSV and Parquet that any program reads.

use super::{Export, ExportError, Outcome};
use crate::store::{Catalog, StoreError, Table};

/// Results that are small enough to be looked at as text.
const CSV_TABLES: [Table; 6] =
    [Table::Metrics, Table::Events, Table::Phases, Table::Repetitions, Table::Scales, Table::Checks];

pub(super) fn write_csv(catalog: &Catalog, wanted: &Export, outcome: &mut Outcome) -> Result<(), ExportError> {
    CSV_TABLES.into_iter().try_for_each(|table| write(catalog, wanted, table, "csv", "FORMAT csv, HEADER", outcome))
}

pub(super) fn write_parquet(catalog: &Catalog, wanted: &Export, outcome: &mut Outcome) -> Result<(), ExportError> {
    let options = "FORMAT parquet, COMPRESSION zstd";
    Table::RESULTS.into_iter().try_for_each(|table| write(catalog, wanted, table, "parquet", options, outcome))
}

fn write(
    catalog: &Catalog,
    wanted: &Export,
    table: Table,
    extension: &str,
    options: &str,
    outcome: &mut Outcome,
) -> Result<(), ExportError> {
    let name = table.name();
    let path = wanted.output.join(format!("{name}.{extension}"));
    let temporary = wanted.output.join(format!(".{name}.{extension}.tmp"));
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let chosen: Vec<String> = wanted.video_ids.iter().map(|id| quoted(id)).collect();
    let filter = if chosen.is_empty() { String::new() } else { format!(" WHERE video_id IN ({})", chosen.join(", ")) };
    let sql = format!("COPY (FROM {name}{filter}) TO {} ({options})", quoted(&temporary.display().to_string()));
    let copied = catalog.copy(&sql).and_then(|()| {
        std::fs::rename(&temporary, &path).map_err(|source| StoreError::Io {
            action: "write",
            path: path.clone(),
            source,
        })
    });
    if copied.is_err() {
        // What was begun is of no use; where it cannot even be removed, the error below says enough.
        drop(std::fs::remove_file(&temporary));
    }
    copied?;
    outcome.written.push(path);
    Ok(())
}
