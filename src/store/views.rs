//! The catalog's views over the Parquet parts, from `sql/views/`.
//!
//! The files there read the parts relative to the dataset folder, so that they run in any DuckDB client started in it. In
//! the catalog the folder's absolute path takes that place, so that the views work from any working directory; a table
//! without parts reads an empty relation of the same columns instead, since DuckDB refuses a pattern without files.

use std::path::Path;

use arrow::datatypes::DataType;
use duckdb::Connection;

use super::files::has_parquet_files;
use super::layout::{Layout, Table};
use super::schema::schema;

/// The views in order of their dependencies, with the table whose parts they read.
const VIEWS: [(Option<Table>, &str); 5] = [
    (Some(Table::Frames), include_str!("../../sql/views/frames.sql")),
    (Some(Table::Regions), include_str!("../../sql/views/regions.sql")),
    (Some(Table::RawLandmarks), include_str!("../../sql/views/raw_landmarks.sql")),
    (Some(Table::Landmarks), include_str!("../../sql/views/landmarks.sql")),
    (None, include_str!("../../sql/views/poses.sql")),
];

/// Creates all views anew. `root` is the dataset folder's absolute path.
pub(super) fn refresh(connection: &Connection, layout: &Layout, root: &Path) -> Result<(), duckdb::Error> {
    VIEWS.iter().try_for_each(|(table, sql)| connection.execute_batch(&with_parts(*table, sql, layout, root)))
}

/// Whether a view still reads an empty relation although its table has parts by now. Views are made anew only then: DuckDB looks
/// at every file of a table when it makes one.
pub(super) fn are_outdated(connection: &Connection, layout: &Layout) -> Result<bool, duckdb::Error> {
    let mut statement = connection.prepare("SELECT sql FROM duckdb_views() WHERE NOT internal")?;
    let views: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let is_read = |table: Table| views.iter().any(|sql| sql.contains(&format!("/{}/*", table.name())));
    let mut tables = VIEWS.iter().filter_map(|(table, _)| *table);
    Ok(tables.any(|table| !is_read(table) && has_parts(layout, table)))
}

/// Covers all views by temporary ones of this connection, which need not write.
pub(super) fn shadow(connection: &Connection, layout: &Layout, root: &Path) -> Result<(), duckdb::Error> {
    VIEWS.iter().try_for_each(|(table, sql)| {
        let sql = with_parts(*table, sql, layout, root);
        connection.execute_batch(&sql.replace("CREATE OR REPLACE VIEW", "CREATE OR REPLACE TEMP VIEW"))
    })
}

fn with_parts(table: Option<Table>, sql: &str, layout: &Layout, root: &Path) -> String {
    table.map_or_else(
        || sql.to_owned(),
        |table| sql.replace(&relative_parts(table), &parts(table, has_parts(layout, table), root)),
    )
}

/// How the files in `sql/views/` read a table's parts.
fn relative_parts(table: Table) -> String {
    format!("read_parquet('{}/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)", table.name())
}

/// How the catalog reads them.
fn parts(table: Table, has_parts: bool, root: &Path) -> String {
    if has_parts {
        let folder = escaped(&root.display().to_string());
        relative_parts(table).replacen("read_parquet('", &format!("read_parquet('{folder}/"), 1)
    } else {
        let columns = schema(table);
        let columns = columns.fields().iter().map(|field| (field.name().as_str(), sql_type(field.data_type())));
        let columns = columns.chain([("video_id", "VARCHAR"), ("run_id", "VARCHAR")]);
        let columns = columns.map(|(name, sql_type)| format!("NULL::{sql_type} AS {name}")).collect::<Vec<_>>();
        format!("(SELECT {} WHERE false)", columns.join(", "))
    }
}

/// A folder's name as a piece of a pattern in SQL: quotes doubled, what patterns take for special taken as it is.
fn escaped(folder: &str) -> String {
    folder.chars().fold(String::with_capacity(folder.len()), |mut text, c| {
        match c {
            '\'' => text.push_str("''"),
            '*' | '?' | '[' => text.extend(['[', c, ']']),
            _ => text.push(c),
        }
        text
    })
}

fn sql_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int16 => "SMALLINT",
        DataType::Int32 => "INTEGER",
        DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        _ => "VARCHAR",
    }
}

fn has_parts(layout: &Layout, table: Table) -> bool {
    has_parquet_files(&layout.table(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_view_reads_the_parts_of_its_table() {
        for (table, sql) in VIEWS {
            if let Some(table) = table {
                assert!(sql.contains(&relative_parts(table)), "{}", table.name());
                assert!(sql.contains(&format!("-- view:   {}\n", table.name())));
            }
        }
    }

    #[test]
    fn quotes_and_patterns_in_the_folder_name_are_escaped() {
        let sql = parts(Table::Frames, true, Path::new("/data/coach's [1]*"));
        assert!(sql.starts_with("read_parquet('/data/coach''s [[]1][*]/frames/*/*/*.parquet'"), "{sql}");
    }
}
